use super::{Entry, GitStatus, HEAD, ReadError, Tree, classify};
use crate::source::RepoPath;
use std::collections::BTreeMap;

/// A file that exists in memory only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryFile {
    /// Where it lies.
    pub path: RepoPath,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it may be executed.
    pub executable: bool,
    /// What git is supposed to know of it.
    pub git: GitStatus,
    /// Whether reading it is refused.
    pub denied: bool,
}

impl MemoryFile {
    /// A file that git tracks and that may not be executed.
    pub fn new(path: RepoPath, content: impl Into<Vec<u8>>) -> Self {
        Self { path, bytes: content.into(), executable: false, git: GitStatus::Tracked, denied: false }
    }

    /// The same file, which may be executed.
    pub fn executable(self) -> Self {
        Self { executable: true, ..self }
    }

    /// The same file, which nobody may read.
    pub fn denied(self) -> Self {
        Self { denied: true, ..self }
    }

    /// The same file with another status.
    pub fn with_git(self, git: GitStatus) -> Self {
        Self { git, ..self }
    }
}

/// A few files in memory: an example of a rule page, a test.
///
/// All files are listed, vendored and ignored ones too. Of two files at one path the later one counts.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    entries: Vec<Entry>,
    /// In the order of `entries`; `None` where reading is refused.
    contents: Vec<Option<Vec<u8>>>,
}

impl MemoryTree {
    /// A tree of these files.
    pub fn new(files: impl IntoIterator<Item = MemoryFile>) -> Self {
        let files: BTreeMap<RepoPath, MemoryFile> =
            files.into_iter().filter(|file| !file.path.is_root()).map(|file| (file.path.clone(), file)).collect();
        let (entries, contents) = files
            .into_values()
            .map(|MemoryFile { path, bytes, executable, git, denied }| {
                let kind = classify(&path, &bytes[..bytes.len().min(HEAD)]);
                (Entry { path, kind, executable, git, size: bytes.len() as u64 }, (!denied).then_some(bytes))
            })
            .unzip();
        Self { entries, contents }
    }
}

impl Tree for MemoryTree {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        match self.entries.binary_search_by(|entry| entry.path.cmp(path)) {
            Ok(at) => self.contents[at].clone().ok_or_else(|| ReadError::Denied("permission denied".to_owned())),
            Err(_) if self.is_dir(path) => Err(ReadError::NotAFile),
            Err(_) => Err(ReadError::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::FileKind;
    use super::*;

    fn path(path: &str) -> RepoPath {
        RepoPath::new(path).unwrap()
    }

    #[test]
    fn files_come_sorted_classified_and_the_later_of_two_counts() {
        let tree = MemoryTree::new([
            MemoryFile::new(path("web/Dockerfile"), "FROM scratch"),
            MemoryFile::new(path("run"), "#!/bin/sh\n").executable(),
            MemoryFile::new(path(".env"), "A=1").with_git(GitStatus::Ignored),
            MemoryFile::new(path("web/Dockerfile"), "FROM busybox"),
        ]);
        let kinds: Vec<_> = tree.entries().iter().map(|entry| (entry.path.as_str(), entry.kind)).collect();
        assert_eq!(
            kinds,
            [(".env", FileKind::EnvFile), ("run", FileKind::Script), ("web/Dockerfile", FileKind::Dockerfile)]
        );
        assert_eq!(tree.read(&path("web/Dockerfile")).unwrap(), b"FROM busybox");
        assert!(tree.entry(&path("run")).unwrap().executable);
        assert_eq!(tree.find(&path(".env")).unwrap().git, GitStatus::Ignored);
    }

    #[test]
    fn a_folder_is_no_file_and_its_namesake_no_part_of_it() {
        let tree =
            MemoryTree::new(["app/models.py", "app-old/x.py", "apps/y.py"].map(|p| MemoryFile::new(path(p), "")));
        assert_eq!(tree.read(&path("app")), Err(ReadError::NotAFile));
        assert_eq!(tree.read(&path("ap")), Err(ReadError::NotFound));
        assert!(tree.is_dir(&path("app")) && tree.is_dir(&RepoPath::root()) && !tree.is_dir(&path("ap")));
        assert_eq!(tree.under(&path("app")).len(), 1);
        assert_eq!(tree.under(&RepoPath::root()).len(), 3);
    }
}
