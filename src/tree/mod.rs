//! Where files come from.
//!
//! Everything the tool knows about a repository comes through a [`Tree`]: a sorted list of files, and their bytes.
//! [`WorkTree`] is a folder on disk, [`MemoryTree`] a handful of files in memory (the examples of a rule page).
//! [`Snapshot`] reads, decodes and parses on demand and remembers the result.
//!
//! # Other trees
//!
//! A further tree implements [`Tree::entries`] and [`Tree::read`], and [`Tree::find`] where it can serve files that
//! it does not list:
//!
//! * *the git index* (`--staged`): entries are the index's, all [`GitStatus::Tracked`], executable by their mode;
//!   `read` finds the blob by the entry's object id;
//! * *a revision* (`--since`): the same from the tree of a commit;
//! * *an overlay* (an editor's unsaved text on any of these): holds the tree below and a map from path to bytes.
//!   `entries` merges both lists, classifying the overlaid text anew; `read` looks in the map first; `find` likewise.
//!
//! Nothing else in the crate changes: paths are [`RepoPath`]s, and what a file is ([`FileKind`]) comes from
//! [`classify()`], which is a function of path and first bytes alone.

mod classify;
mod git;
mod gitignore;
mod ignores;
mod memory;
mod snapshot;
mod vendored;
mod walk;
mod work;

pub use classify::{FileKind, HEAD, PathRole, classify, classify_reading, role};
pub use git::{GitStatus, git_root};
pub use gitignore::{Gitignores, IgnoreLine};
pub use memory::{MemoryFile, MemoryTree};
pub use snapshot::{Memo, Snapshot};
pub use work::{MAX_FILE_SIZE, OpenError, WalkOptions, WalkProblem, WorkTree};

use crate::source::RepoPath;
use std::fmt;

/// A file of a [`Tree`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies.
    pub path: RepoPath,
    /// What it is.
    pub kind: FileKind,
    /// Whether it may be executed.
    pub executable: bool,
    /// What git knows of it.
    pub git: GitStatus,
    /// Its length in bytes when it was listed.
    pub size: u64,
}

/// The files of a repository in one state.
pub trait Tree: Send + Sync {
    /// The files to look at, sorted by path. Vendored files are left out, and those that git ignores unless they are
    /// env files: see [`Tree::find`] for these.
    fn entries(&self) -> &[Entry];

    /// The bytes of a file. Serves files that [`Tree::entries`] leaves out as well, but none outside the root.
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError>;

    /// The listed file at `path`.
    fn entry(&self, path: &RepoPath) -> Option<&Entry> {
        let entries = self.entries();
        entries.binary_search_by(|entry| entry.path.cmp(path)).ok().map(|at| &entries[at])
    }

    /// The file at `path`, listed or left out. Whoever asks for a file that may be left out looks at
    /// [`Entry::git`]: what git ignores exists on one machine only, and must not decide what others see.
    fn find(&self, path: &RepoPath) -> Option<Entry> {
        self.entry(path).cloned()
    }

    /// Whether git ignores the file at `path`, be it there or not: where it is not, another machine may have it.
    fn ignores(&self, path: &RepoPath) -> bool {
        self.find(path).is_some_and(|entry| entry.git == GitStatus::Ignored)
    }

    /// Whether git tracks a file although its patterns say to ignore it: what was committed once is a stand-in for what
    /// each machine has of its own.
    fn stands_in(&self, _path: &RepoPath) -> bool {
        false
    }

    /// The listed files below `folder`, at any depth.
    fn under(&self, folder: &RepoPath) -> &[Entry] {
        let entries = self.entries();
        if folder.is_root() {
            return entries;
        }
        let prefix = format!("{folder}/");
        let start = entries.partition_point(|entry| entry.path.as_str() < prefix.as_str());
        let length = entries[start..].partition_point(|entry| entry.path.as_str().starts_with(&prefix));
        &entries[start..start + length]
    }

    /// Whether `path` is a folder that holds listed files, at any depth, or the root. A tree may know of others.
    fn is_dir(&self, path: &RepoPath) -> bool {
        path.is_root() || !self.under(path).is_empty()
    }
}

/// Why a file could not be read. The texts name no absolute path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is no such file (any more).
    NotFound,
    /// The system does not let us.
    Denied(String),
    /// A folder, a named pipe, a socket or a device.
    NotAFile,
    /// Bigger than a file that is worth reading.
    TooLarge {
        /// Its length in bytes.
        size: u64,
    },
    /// A symbolic link on the way leads out of the root.
    OutsideRoot,
    /// Anything else that the system says.
    Io(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Denied(message) | Self::Io(message) => f.write_str(message),
            Self::NotAFile => f.write_str("not a regular file"),
            Self::TooLarge { size } => write!(f, "too large to read ({size} bytes)"),
            Self::OutsideRoot => f.write_str("leads out of the root"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            // The latter three: a file where a folder should be, a name that cannot exist, a NUL in it.
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename | ErrorKind::InvalidInput => {
                Self::NotFound
            }
            ErrorKind::PermissionDenied => Self::Denied(describe(&error)),
            ErrorKind::IsADirectory => Self::NotAFile,
            _ => Self::Io(describe(&error)),
        }
    }
}

/// An error of the system in our style, without its number: `permission denied`.
fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
