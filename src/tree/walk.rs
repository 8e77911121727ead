//! The walk through a folder on disk.

use super::classify::{HEAD, classify_reading, holds_env_files, may_be_env};
use super::git::{GitStatus, Mode};
use super::ignores::{Marks, OWN, Scope};
use super::work::WalkProblem;
use super::{Entry, describe, vendored};
use crate::source::RepoPath;
use ignore::Match;
use ignore::gitignore::Gitignore;
use std::collections::HashSet;
use std::fs::{self, DirEntry, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What went wrong on the way; filled from several threads.
#[derive(Debug, Default)]
pub(super) struct Problems(Mutex<Vec<WalkProblem>>);

impl Problems {
    pub(super) fn add(&self, path: String, message: String) {
        lock(&self.0).push(WalkProblem { path, message, named: false });
    }

    /// All problems, sorted.
    pub(super) fn take(&self) -> Vec<WalkProblem> {
        let mut problems = std::mem::take(&mut *lock(&self.0));
        problems.sort();
        problems.dedup();
        problems
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file found, not yet classified.
pub(super) struct Found {
    pub(super) path: RepoPath,
    pub(super) size: u64,
    pub(super) executable: bool,
    pub(super) git: GitStatus,
    /// Of interest only if it turns out to be an env file.
    pub(super) only_env: bool,
}

/// A folder to look into.
pub(super) struct Folder {
    pub(super) path: RepoPath,
    /// What holds in the folder that this one lies in; in the root, what holds there.
    pub(super) scope: Arc<Scope>,
    /// Whether git ignores it, and so all that is in it.
    pub(super) ignored: bool,
    /// Whether it was asked for by name, so that it counts although it is ignored or vendored.
    pub(super) named: bool,
}

/// One walk.
pub(super) struct Walk<'a> {
    pub(super) root: &'a Path,
    pub(super) exclude: &'a Gitignore,
    pub(super) include_vendored: bool,
    pub(super) problems: &'a Problems,
    found: Mutex<Vec<Found>>,
    visited: Mutex<HashSet<RepoPath>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Path, exclude: &'a Gitignore, include_vendored: bool, problems: &'a Problems) -> Self {
        Self { root, exclude, include_vendored, problems, found: Mutex::default(), visited: Mutex::default() }
    }

    /// Walks `folder` and all below it, on all threads of the pool. No recursion: a deep tree costs no stack.
    pub(super) fn run(&self, folder: Folder) {
        rayon::scope(|scope| scope.spawn(move |scope| self.visit(scope, folder)));
    }

    /// Whether the walk has been in `folder`.
    pub(super) fn has_visited(&self, folder: &RepoPath) -> bool {
        lock(&self.visited).contains(folder)
    }

    /// The files found, in no order.
    pub(super) fn into_found(self) -> Vec<Found> {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn visit<'s>(&'s self, threads: &rayon::Scope<'s>, folder: Folder) {
        let on_disk = self.root.join(folder.path.as_str());
        let children = match fs::read_dir(&on_disk) {
            Ok(children) => children,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    self.problems.add(shown(&folder.path), describe(&error));
                }
                return;
            }
        };
        let mut named = Vec::new();
        for child in children {
            match child.map(|child| (child.file_name().into_string(), child)) {
                Ok((Ok(name), child)) => named.push((name, child)),
                Ok((Err(name), _)) => {
                    let path = if folder.path.is_root() { String::new() } else { format!("{}/", folder.path) };
                    self.problems.add(format!("{path}{}", name.to_string_lossy()), "the name is not UTF-8".into());
                }
                Err(error) => self.problems.add(shown(&folder.path), describe(&error)),
            }
        }
        let names = named.iter().map(|(name, _)| name.as_str());
        let must_count = folder.named || folder.path.is_root() || self.include_vendored;
        if !must_count && vendored::by_children(folder.path.file_name(), names.clone()) {
            return;
        }
        let mut marks = Marks::default();
        for name in names {
            match name {
                ".git" => marks.git = true,
                ".gitignore" => marks.gitignore = true,
                OWN => marks.own = true,
                _ => {}
            }
        }
        let scope = if folder.path.is_root() {
            folder.scope.clone()
        } else {
            match folder.scope.enter(&folder.path, &on_disk, marks, self.problems) {
                Some(scope) => scope,
                None => return,
            }
        };
        lock(&self.visited).insert(folder.path.clone());
        let mut files = Vec::new();
        for (name, child) in named {
            // Names come without slashes, and `.` and `..` do not come at all.
            let Some(path) = folder.path.join(&name).filter(|_| name != ".git") else { continue };
            let Ok(file_type) = child.file_type() else { continue };
            if file_type.is_dir() {
                if let Some(child) = self.folder(&folder, &scope, path, &name) {
                    threads.spawn(move |threads| self.visit(threads, child));
                }
            } else if file_type.is_file() || file_type.is_symlink() {
                files.extend(self.file(&folder, &scope, path, &child));
            }
        }
        lock(&self.found).extend(files);
    }

    /// Whether the folder `path` is worth a visit.
    fn folder(&self, parent: &Folder, scope: &Arc<Scope>, path: RepoPath, name: &str) -> Option<Folder> {
        if !self.include_vendored && vendored::by_name(name) || self.leaves_out(scope, &path, true) {
            return None;
        }
        let matched = scope.git_ignores(&path, true);
        let ignored = parent.ignored || matched;
        // In an ignored folder there may be tracked files, and env files.
        let counts = !ignored
            || parent.named && !matched
            || scope.repository.tracks_under(&path)
            || scope.repository.mode(&path) == Some(Mode::Submodule)
            || holds_env_files(name)
            || parent.ignored && path.parts().any(holds_env_files);
        counts.then(|| Folder { path, scope: scope.clone(), ignored, named: parent.named && !matched })
    }

    fn file(&self, parent: &Folder, scope: &Scope, path: RepoPath, child: &DirEntry) -> Option<Found> {
        if self.leaves_out(scope, &path, false) {
            return None;
        }
        let matched = scope.git_ignores(&path, false);
        let git = scope.repository.status(&path, parent.ignored || matched);
        let only_env = git == GitStatus::Ignored && (matched || !parent.named);
        if only_env && !may_be_env(&path) {
            return None;
        }
        let metadata = match child.metadata() {
            Ok(metadata) if metadata.is_symlink() => self.inside(&child.path())?,
            Ok(metadata) => metadata,
            // It has gone since.
            Err(_) => return None,
        };
        Some(Found {
            size: metadata.len(),
            executable: is_executable(&metadata, scope.repository.mode(&path)),
            path,
            git,
            only_env,
        })
    }

    /// Whether the configuration or our own ignore files leave `path` out.
    fn leaves_out(&self, scope: &Scope, path: &RepoPath, is_dir: bool) -> bool {
        match self.exclude.matched(path.as_str(), is_dir) {
            Match::Ignore(_) => true,
            Match::Whitelist(_) => false,
            Match::None => scope.own_ignores(path, is_dir),
        }
    }

    /// The file that a symbolic link leads to, if it is a file in the root.
    fn inside(&self, link: &Path) -> Option<Metadata> {
        let target = link.canonicalize().ok()?;
        repo_path(self.root, &target).filter(|path| !is_in_git(path))?;
        target.metadata().ok().filter(Metadata::is_file)
    }
}

/// `.` for the root.
fn shown(folder: &RepoPath) -> String {
    if folder.is_root() { ".".to_owned() } else { folder.to_string() }
}

/// An absolute path without symbolic links, as seen from `root`; `None` where it lies outside or is not UTF-8.
pub(super) fn repo_path(root: &Path, path: &Path) -> Option<RepoPath> {
    let parts: Option<Vec<&str>> = path.strip_prefix(root).ok()?.iter().map(|part| part.to_str()).collect();
    RepoPath::new(&parts?.join("/"))
}

/// Whether `path` lies in git's own folder, which is nothing of the repository's content.
pub(super) fn is_in_git(path: &RepoPath) -> bool {
    path.parts().any(|part| part.eq_ignore_ascii_case(".git"))
}

/// Whether a file may be executed: as the file system says, or the index where file systems know no such thing.
pub(super) fn is_executable(metadata: &Metadata, in_index: Option<Mode>) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = in_index;
        metadata.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        in_index == Some(Mode::Executable)
    }
}

/// Says what a found file is, reading its beginning if need be. `None` for one of no interest.
pub(super) fn entry(root: &Path, found: Found) -> Option<Entry> {
    let kind = classify_reading(&found.path, || head(&root.join(found.path.as_str())));
    if found.only_env && !kind.is_env() {
        return None;
    }
    Some(Entry { path: found.path, kind, executable: found.executable, git: found.git, size: found.size })
}

/// The first bytes of a regular file; none where it cannot be read.
fn head(path: &PathBuf) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEAD);
    if path.metadata().is_ok_and(|metadata| metadata.is_file())
        && let Ok(file) = File::open(path)
    {
        // What was read before an error still serves.
        let _ = file.take(HEAD as u64).read_to_end(&mut head);
    }
    head
}
