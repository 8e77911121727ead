use super::ignores::{self, Marks, Scope};
use super::walk::{self, Folder, Found, Problems, Walk};
use super::{Entry, GitStatus, Memo, ReadError, Tree};
use crate::source::RepoPath;
use rayon::prelude::*;
use std::collections::HashMap;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The length in bytes up to which files are read unless [`WalkOptions`] says otherwise.
pub const MAX_FILE_SIZE: u64 = 8 << 20;

/// What of a folder counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkOptions {
    /// Globs of files and folders to leave out, in the syntax of `.gitignore`, relative to the root.
    pub exclude: Vec<String>,
    /// Whether `node_modules`, virtual environments and the like count too.
    pub include_vendored: bool,
    /// Files and folders that were asked for by name, absolute or relative to the root. They count
    /// although git, an ignore file, `exclude` or their being vendored would leave them out.
    pub named: Vec<PathBuf>,
    /// The length in bytes of the biggest file to be read.
    pub max_file_size: u64,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self { exclude: Vec::new(), include_vendored: false, named: Vec::new(), max_file_size: MAX_FILE_SIZE }
    }
}

/// Something on disk that could not be walked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WalkProblem {
    /// Where, relative to the root; a path that was asked for as it was given.
    pub path: String,
    /// Why, in lower case and without a full stop.
    pub message: String,
    /// Whether the path was asked for by name, so that the run itself went wrong.
    pub named: bool,
}

impl fmt::Display for WalkProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Why a folder could not be opened as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The root is not there, no folder, or not to be read.
    Root(ReadError),
    /// A glob to be excluded is not one.
    Glob {
        /// The glob.
        glob: String,
        /// What is wrong with it.
        message: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(ReadError::NotAFile) => f.write_str("not a folder"),
            Self::Root(error) => error.fmt(f),
            Self::Glob { glob, message } => write!(f, "cannot exclude `{glob}`: {message}"),
        }
    }
}

impl std::error::Error for OpenError {}

/// A folder on disk.
///
/// Its list is made once; bytes are read when asked for. Listed are the regular files, and symbolic links to regular
/// files in the root, except
/// * what git ignores (by `.gitignore` files alone: see below) and does not track, unless it is an env file;
/// * vendored folders, and what `exclude` and `.shipworthyignore` files match;
/// * `.git`, and further work trees of a repository.
///
/// The list is the same on every machine with the same files: ignore files of the user or of the clone do not count.
/// Symbolic links to folders are not followed, though [`Tree::read`] goes through those that stay in the root.
#[derive(Debug)]
pub struct WorkTree {
    root: PathBuf,
    entries: Vec<Entry>,
    problems: Vec<WalkProblem>,
    max_file_size: u64,
    scope: Arc<Scope>,
    /// What holds in folders that the walk left out, and whether git ignores them.
    scopes: Mutex<HashMap<RepoPath, (Arc<Scope>, bool)>>,
    /// What is at paths that are not listed. Each evaluation of settings asks for the same imports, most of them
    /// libraries that are not here.
    unlisted: Memo<Option<Entry>>,
    /// Which paths without listed files below them are folders that count.
    bare_folders: Memo<bool>,
}

impl WorkTree {
    /// Lists the folder `root`.
    pub fn open(root: &Path, options: &WalkOptions) -> Result<Self, OpenError> {
        let root = root.canonicalize().map_err(|error| OpenError::Root(error.into()))?;
        if !root.is_dir() {
            return Err(OpenError::Root(ReadError::NotAFile));
        }
        let exclude = ignores::globs(&options.exclude).map_err(|(glob, message)| OpenError::Glob { glob, message })?;
        let problems = Problems::default();
        let scope = Scope::of_root(&root, &problems);
        let mut tree = Self {
            root: root.clone(),
            entries: Vec::new(),
            problems: Vec::new(),
            max_file_size: options.max_file_size,
            scope: scope.clone(),
            scopes: Mutex::default(),
            unlisted: Memo::new(),
            bare_folders: Memo::new(),
        };
        let walk = Walk::new(&root, &exclude, options.include_vendored, &problems);
        walk.run(Folder { path: RepoPath::root(), scope, ignored: false, named: false });
        let mut named_files = Vec::new();
        let mut failed = Vec::new();
        for named in &options.named {
            match tree.named(named, &walk) {
                Ok(file) => named_files.extend(file),
                Err(error) => failed.push(WalkProblem {
                    path: named.display().to_string(),
                    message: error.to_string(),
                    named: true,
                }),
            }
        }
        let mut found = walk.into_found();
        // A file found twice stays once, without reservation if it was asked for by name.
        found.extend(named_files);
        found.sort_by(|a, b| (&a.path, a.only_env).cmp(&(&b.path, b.only_env)));
        found.dedup_by(|a, b| a.path == b.path);
        tree.entries = found.into_par_iter().filter_map(|found| walk::entry(&root, found)).collect();
        tree.problems = problems.take();
        tree.problems.extend(failed);
        tree.problems.sort();
        tree.problems.dedup();
        Ok(tree)
    }

    /// The root, absolute and without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What could not be walked, sorted by path: folders without permission, names that are not UTF-8, ignore files
    /// that do not count, and named files that are not there.
    pub fn problems(&self) -> &[WalkProblem] {
        &self.problems
    }

    /// `path` (absolute, or relative to the root) as seen from the root. `None` where it lies outside or its name is
    /// not UTF-8. A symbolic link as its last part is not followed.
    pub fn relative(&self, path: &Path) -> Option<RepoPath> {
        let path = self.root.join(path);
        // Folders above are resolved, as the root is; what does not exist stays as it is written.
        let by_parent = match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => folder.canonicalize().ok().map(|folder| folder.join(name)),
            _ => None,
        };
        let inside = |path: &Path| walk::repo_path(&self.root, path);
        by_parent.as_deref().and_then(inside).or_else(|| inside(&path.canonicalize().unwrap_or(path)))
    }

    /// Adds a file or folder that was asked for by name. A folder is walked if the walk has not been there.
    fn named(&self, path: &Path, walk: &Walk<'_>) -> Result<Option<Found>, ReadError> {
        let path = self.relative(path).ok_or(ReadError::OutsideRoot)?;
        let (target, metadata) = self.locate(&path)?;
        if !metadata.is_dir() {
            return self.found(&path, &target, &metadata).map(Some);
        }
        // A folder by another name (through a symbolic link) is listed by its own.
        let folder = walk::repo_path(&self.root, &target).ok_or(ReadError::OutsideRoot)?;
        if !walk.has_visited(&folder) {
            let parent = folder.parent().unwrap_or_else(RepoPath::root);
            let (scope, ignored) = self.scope_of(&parent);
            let ignored = ignored || scope.git_ignores(&folder, true);
            walk.run(Folder { path: folder, scope, ignored, named: true });
        }
        Ok(None)
    }

    /// Where `path` really lies, which is in the root and not in git's own folder, and what is there.
    fn locate(&self, path: &RepoPath) -> Result<(PathBuf, Metadata), ReadError> {
        let target = self.root.join(path.as_str()).canonicalize()?;
        let real = walk::repo_path(&self.root, &target).ok_or(ReadError::OutsideRoot)?;
        if walk::is_in_git(&real) {
            return Err(ReadError::NotFound);
        }
        let metadata = target.metadata()?;
        Ok((target, metadata))
    }

    fn found(&self, path: &RepoPath, target: &Path, metadata: &Metadata) -> Result<Found, ReadError> {
        if !metadata.is_file() {
            return Err(ReadError::NotAFile);
        }
        // Git knows the file by its real name, if a folder on the way is a link.
        let real = walk::repo_path(&self.root, target).ok_or(ReadError::OutsideRoot)?;
        let (scope, ignored) = self.scope_of(&real.parent().unwrap_or_else(RepoPath::root));
        let git = scope.repository.status(&real, ignored || scope.git_ignores(&real, false));
        let executable = walk::is_executable(metadata, scope.repository.mode(&real));
        Ok(Found { path: path.clone(), size: metadata.len(), executable, git, only_env: false })
    }

    /// Whether git would ignore the file at `path` if it did not track it.
    fn matches_patterns(&self, path: &RepoPath) -> bool {
        let (scope, ignored) = self.scope_of(&path.parent().unwrap_or_else(RepoPath::root));
        ignored || scope.git_ignores(path, false)
    }

    /// What holds in `folder`, and whether git ignores it.
    fn scope_of(&self, folder: &RepoPath) -> (Arc<Scope>, bool) {
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut here = RepoPath::root();
        let (mut scope, mut ignored) = (self.scope.clone(), false);
        // What is wrong with an ignore file was said by the walk, unless it lies where the walk does not look.
        let unheard = Problems::default();
        for part in folder.parts() {
            let Some(next) = here.join(part) else { break };
            here = next;
            if let Some(known) = scopes.get(&here) {
                (scope, ignored) = known.clone();
                continue;
            }
            ignored |= scope.git_ignores(&here, true);
            let on_disk = self.root.join(here.as_str());
            if let Some(inner) = scope.enter(&here, &on_disk, Marks::of(&on_disk), &unheard) {
                scope = inner;
            }
            scopes.insert(here.clone(), (scope.clone(), ignored));
        }
        (scope, ignored)
    }
}

impl Tree for WorkTree {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        let (target, metadata) = self.locate(path)?;
        // Asked before opening, as opening a FIFO blocks.
        if !metadata.is_file() {
            return Err(ReadError::NotAFile);
        }
        let limit = self.max_file_size;
        if metadata.len() > limit {
            return Err(ReadError::TooLarge { size: metadata.len() });
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        File::open(target)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        // It may have grown, and files of `/proc` say that they are empty.
        if bytes.len() as u64 > limit {
            return Err(ReadError::TooLarge { size: bytes.len() as u64 });
        }
        Ok(bytes)
    }

    /// The disk is asked once for each path: one state of the repository is looked at.
    fn find(&self, path: &RepoPath) -> Option<Entry> {
        if let Some(entry) = self.entry(path) {
            return Some(entry.clone());
        }
        let look = || {
            let (target, metadata) = self.locate(path).ok()?;
            walk::entry(&self.root, self.found(path, &target, &metadata).ok()?)
        };
        (*self.unlisted.get_or(path, look)).clone()
    }

    fn ignores(&self, path: &RepoPath) -> bool {
        if let Some(entry) = self.entry(path) {
            return entry.git == GitStatus::Ignored;
        }
        self.matches_patterns(path)
    }

    fn stands_in(&self, path: &RepoPath) -> bool {
        self.entry(path).is_some_and(|entry| entry.git == GitStatus::Tracked) && self.matches_patterns(path)
    }

    /// A folder on disk counts although nothing in it is listed, unless git ignores it: it would exist here only.
    fn is_dir(&self, path: &RepoPath) -> bool {
        if path.is_root() || !self.under(path).is_empty() {
            return true;
        }
        let look = || {
            let Ok((target, metadata)) = self.locate(path) else { return false };
            let Some(real) = walk::repo_path(&self.root, &target).filter(|_| metadata.is_dir()) else { return false };
            let (scope, ignored) = self.scope_of(&real);
            !ignored || scope.repository.tracks_under(&real)
        };
        *self.bare_folders.get_or(path, look)
    }
}

#[cfg(test)]
mod tests;
