//! What git tracks, read from its index without running git.

use crate::source::RepoPath;
use std::path::{Path, PathBuf};

/// What git knows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GitStatus {
    /// In the index, so it comes along with a clone (whatever the ignore files say).
    Tracked,
    /// Not in the index, and not ignored either.
    Untracked,
    /// Not in the index, and matched by a `.gitignore` of the repository. It exists on this machine only.
    Ignored,
    /// There is no repository, or its index cannot be read, and no `.gitignore` matches.
    Unknown,
}

/// The top folder of the git work tree that holds `start` (a file or a folder); `None` where there is none.
///
/// A work tree made by `git worktree` and one of a submodule are work trees of their own.
pub fn git_root(start: &Path) -> Option<PathBuf> {
    let start = start.canonicalize().ok()?;
    start.ancestors().find(|folder| git_dir(folder).is_some()).map(Path::to_path_buf)
}

/// A checkout found at a folder that has `.git`.
#[derive(Debug)]
pub(super) struct GitDir {
    /// Where the index lies.
    pub(super) path: PathBuf,
    /// Whether this is a further work tree of a repository that has its main one elsewhere (`git worktree add`).
    pub(super) linked: bool,
}

/// The private git folder of the work tree whose top is `work_tree`.
pub(super) fn git_dir(work_tree: &Path) -> Option<GitDir> {
    use gix_discover::repository::Kind;
    let dot_git = work_tree.join(".git");
    let metadata = dot_git.metadata().ok()?;
    let private =
        if metadata.is_file() { gix_discover::path::from_gitdir_file(&dot_git).ok()? } else { dot_git.clone() };
    // Opening a FIFO blocks for ever, and a repository may come out of any archive.
    if ["HEAD", "commondir", "gitdir", "index"].iter().any(|name| blocks(&private.join(name))) {
        return None;
    }
    match gix_discover::is_git(&dot_git).ok()? {
        Kind::WorkTree { linked_git_dir: Some(path) } => Some(GitDir { path, linked: true }),
        Kind::WorkTree { linked_git_dir: None } => Some(GitDir { path: private, linked: false }),
        Kind::Submodule { git_dir } => Some(GitDir { path: git_dir, linked: false }),
        _ => None,
    }
}

fn blocks(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file())
}

/// The paths that an index holds, sorted.
#[derive(Debug, Default)]
pub(super) struct Index {
    files: Vec<(String, Mode)>,
}

/// What an index says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A file or a symbolic link.
    Plain,
    /// An executable file.
    Executable,
    /// Another repository: a submodule.
    Submodule,
}

impl Index {
    /// Reads the index in `git_dir`. `None` where it is missing or broken, or hashes by SHA-256.
    ///
    /// A repository without a commit and without an index tracks nothing, which is an empty index.
    pub(super) fn read(git_dir: &Path) -> Option<Self> {
        let path = git_dir.join("index");
        match path.metadata() {
            Ok(metadata) if metadata.is_file() => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_unborn(git_dir) => {
                return Some(Self::default());
            }
            _ => return None,
        }
        let shared = std::fs::read_dir(git_dir).ok()?.flatten();
        if shared.filter(|e| e.file_name().to_string_lossy().starts_with("sharedindex.")).any(|e| blocks(&e.path())) {
            return None;
        }
        // One thread: the file is small, and this often runs inside a pool. The checksum is compared.
        let options = gix_index::decode::Options {
            thread_limit: Some(1),
            alloc_limit_bytes: Some(512 << 20),
            ..Default::default()
        };
        let index = gix_index::File::at(path, gix_index::hash::Kind::Sha1, false, options).ok()?;
        let mut files: Vec<(String, Mode)> = index
            .entries()
            .iter()
            .filter_map(|entry| {
                let path = std::str::from_utf8(entry.path(&index)).ok()?;
                let mode = match entry.mode {
                    gix_index::entry::Mode::COMMIT => Mode::Submodule,
                    gix_index::entry::Mode::FILE_EXECUTABLE => Mode::Executable,
                    _ => Mode::Plain,
                };
                Some((path.to_owned(), mode))
            })
            .collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        // While a merge is under way, a path stands there once for each side.
        files.dedup_by(|a, b| a.0 == b.0);
        Some(Self { files })
    }

    /// What the index says about `path`, relative to the top of the work tree.
    pub(super) fn mode(&self, path: &str) -> Option<Mode> {
        let at = self.files.binary_search_by(|(known, _)| known.as_str().cmp(path)).ok()?;
        Some(self.files[at].1)
    }

    /// Whether the index holds anything below the folder `path`.
    pub(super) fn has_under(&self, path: &str) -> bool {
        if path.is_empty() {
            return !self.files.is_empty();
        }
        let prefix = format!("{path}/");
        let at = self.files.partition_point(|(known, _)| *known < prefix);
        self.files.get(at).is_some_and(|(known, _)| known.starts_with(&prefix))
    }
}

/// Whether HEAD is a branch without a commit: the state after `git init`. A loose look: packed references count too.
fn is_unborn(git_dir: &Path) -> bool {
    let empty = |path: PathBuf| std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    empty(git_dir.join("refs/heads")) && !git_dir.join("packed-refs").exists()
}

/// Where a set of rules (an ignore file, an index) has its own root, as seen from the root of the tree.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// The folders between that root and the root of the tree, where that root lies above; with a slash at the end.
    pub(super) above: String,
    /// The folder in the tree, where it lies below.
    pub(super) folder: RepoPath,
}

impl Base {
    /// A root in the tree itself.
    pub(super) fn at(folder: RepoPath) -> Self {
        Self { above: String::new(), folder }
    }

    /// `path` as seen from this root. `path` must lie below it.
    pub(super) fn relative(&self, path: &RepoPath) -> String {
        let below = if *path == self.folder { "" } else { path.relative_to(&self.folder).unwrap_or(path.as_str()) };
        let mut relative = format!("{}{below}", self.above);
        if relative.ends_with('/') {
            relative.pop();
        }
        relative
    }
}

/// One repository's index, and where its work tree has its top.
#[derive(Debug)]
pub(super) struct Repository {
    /// The top of the work tree.
    pub(super) base: Base,
    /// `None` where there is no repository or its index cannot be read.
    pub(super) index: Option<Index>,
}

impl Repository {
    /// What the index says about `path`.
    pub(super) fn mode(&self, path: &RepoPath) -> Option<Mode> {
        self.index.as_ref()?.mode(&self.base.relative(path))
    }

    /// Whether the index holds anything below the folder `path`.
    pub(super) fn tracks_under(&self, path: &RepoPath) -> bool {
        self.index.as_ref().is_some_and(|index| index.has_under(&self.base.relative(path)))
    }

    /// The status of a file, given whether an ignore file matches it.
    pub(super) fn status(&self, path: &RepoPath, ignored: bool) -> GitStatus {
        match (&self.index, ignored) {
            (Some(_), _) if self.mode(path).is_some() => GitStatus::Tracked,
            (_, true) => GitStatus::Ignored,
            (Some(_), false) => GitStatus::Untracked,
            (None, false) => GitStatus::Unknown,
        }
    }
}
