//! Which line of a `.gitignore` decides on a path, be there a file or not, be it tracked or not.

use super::ignores::as_git_reads;
use super::{FileKind, Snapshot};
use crate::source::{Place, RepoPath, Source, Span};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::sync::Arc;

/// The `.gitignore` files of a repository.
pub struct Gitignores {
    /// Sorted by folder, so that outer ones come first.
    files: Vec<IgnoreFile>,
}

struct IgnoreFile {
    folder: RepoPath,
    patterns: Gitignore,
    source: Arc<Source>,
}

/// A line of a `.gitignore`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreLine {
    /// The pattern as written, without blanks around it.
    pub pattern: String,
    /// Where it stands.
    pub place: Place,
}

impl Gitignores {
    /// Reads the ignore files of `snapshot` that git shares.
    pub fn of(snapshot: &Snapshot) -> Self {
        let read = |path: &RepoPath| {
            let source = snapshot.source(path).ok()?;
            let mut builder = GitignoreBuilder::new("");
            for line in source.text.lines() {
                // Git skips a pattern that it cannot read.
                let _ = builder.add_line(None, &as_git_reads(line));
            }
            let folder = path.parent().unwrap_or_else(RepoPath::root);
            Some(IgnoreFile { folder, patterns: builder.build().ok()?, source })
        };
        let shared = snapshot.files_of(FileKind::Gitignore).filter(|entry| snapshot.shares(&entry.path));
        let mut files: Vec<IgnoreFile> = shared.filter_map(|entry| read(&entry.path)).collect();
        files.sort_by(|a, b| a.folder.cmp(&b.folder));
        Self { files }
    }

    /// The line by which git ignores the file at `path`; `None` where it does not. A folder that is ignored takes all
    /// that is in it along, whatever is said of that.
    pub fn deciding(&self, path: &RepoPath) -> Option<IgnoreLine> {
        let mut folders: Vec<RepoPath> = std::iter::successors(path.parent(), RepoPath::parent).collect();
        folders.reverse();
        let folder = folders.iter().skip(1).find_map(|folder| self.matched(folder, true));
        folder.or_else(|| self.matched(path, false))
    }

    /// The line that ignores `path` itself: the innermost file that says anything decides, in it the last line.
    fn matched(&self, path: &RepoPath, is_dir: bool) -> Option<IgnoreLine> {
        let above = |file: &&IgnoreFile| *path != file.folder && path.is_under(&file.folder);
        let mut files: Vec<&IgnoreFile> = self.files.iter().filter(above).collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.folder.as_str().len()));
        for file in files {
            let relative = path.relative_to(&file.folder)?;
            match file.patterns.matched(relative, is_dir) {
                Match::Ignore(glob) => return Some(file.line(glob.original())),
                Match::Whitelist(_) => return None,
                Match::None => {}
            }
        }
        None
    }
}

impl IgnoreFile {
    /// The last line that is this pattern, as the matcher was given it.
    fn line(&self, given: &str) -> IgnoreLine {
        let mut at = 0;
        let mut found = (Span::at(0), given);
        for line in self.source.text.split_inclusive('\n') {
            let pattern = line.trim();
            if as_git_reads(line.trim_end_matches(['\n', '\r'])).trim_end() == given.trim_end() {
                let start = at + (line.len() - line.trim_start().len());
                found = (Span::new(start, start + pattern.len()), pattern);
            }
            at += line.len();
        }
        let place = Place::new(self.source.path.clone(), found.0);
        IgnoreLine { pattern: found.1.to_owned(), place }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MemoryFile, MemoryTree};
    use super::*;

    fn line(files: &[(&str, &str)], path: &str) -> Option<String> {
        let file = |(path, text): &(&str, &str)| MemoryFile::new(RepoPath::new(path).unwrap(), *text);
        let snapshot = Snapshot::new(MemoryTree::new(files.iter().map(file)));
        let found = Gitignores::of(&snapshot).deciding(&RepoPath::new(path).unwrap())?;
        let source = snapshot.source(&found.place.path).unwrap();
        assert_eq!(source.slice(found.place.span), found.pattern);
        Some(format!("{}: {}", found.place.path, found.pattern))
    }

    #[test]
    fn the_line_that_decides_is_told() {
        let root = &[(".gitignore", "# all\n*.pyc\n  \n.env*\n!.env.example\n**/migrations/*\n")];
        assert_eq!(line(root, ".env").unwrap(), ".gitignore: .env*");
        assert_eq!(line(root, "a/.env.prod").unwrap(), ".gitignore: .env*");
        assert_eq!(line(root, ".env.example"), None);
        assert_eq!(line(root, "shop/migrations/0001_initial.py").unwrap(), ".gitignore: **/migrations/*");
        assert_eq!(line(root, "shop/models.py"), None);
    }

    #[test]
    fn an_ignored_folder_takes_its_content_along() {
        let files = &[(".gitignore", "data/\n!data/keep\n"), ("shop/.gitignore", "!*.log\n"), ("x/.gitignore", "/y\n")];
        assert_eq!(line(files, "data/keep").unwrap(), ".gitignore: data/");
        assert_eq!(line(files, "x/y/z").unwrap(), "x/.gitignore: /y");
        assert_eq!(line(files, "y/z"), None);
    }

    #[test]
    fn the_innermost_file_decides() {
        let files = &[(".gitignore", "*.log\n"), ("shop/.gitignore", "!a.log\n")];
        assert_eq!(line(files, "shop/a.log"), None);
        assert_eq!(line(files, "shop/b.log").unwrap(), ".gitignore: *.log");
    }
}
