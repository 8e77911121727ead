use crate::source::{RepoPath, Spanned};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Paths by patterns as `.gitignore` writes them, relative to the root: `legacy/**`, `*.sql`, `/docs`, `!docs/deploy`.
/// The last pattern that matches decides; a pattern that names a folder holds for all that lies in it.
#[derive(Clone, Debug)]
pub struct PathGlobs {
    /// The patterns as written, with their places in the configuration.
    pub patterns: Vec<Spanned<String>>,
    matcher: Gitignore,
}

/// A pattern that cannot be used.
#[derive(Clone, Debug)]
pub struct BadGlob {
    /// Which of the patterns, from 0.
    pub index: usize,
    /// Why, in words.
    pub reason: String,
}

impl PathGlobs {
    /// Compiles the patterns.
    pub fn new(patterns: Vec<Spanned<String>>) -> Result<Self, BadGlob> {
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        for (index, pattern) in patterns.iter().enumerate() {
            if pattern.trim().is_empty() {
                return Err(BadGlob { index, reason: "it is empty".into() });
            }
            // `./docs` is how people write a path; to git it is a name that no file has.
            let written = pattern.trim();
            let rooted = written.strip_prefix("./").map(|rest| format!("/{rest}"));
            let line = rooted.as_deref().unwrap_or(written);
            builder.add_line(None, line).map_err(|error| BadGlob { index, reason: reason(&error) })?;
        }
        let last = patterns.len().saturating_sub(1);
        let matcher = builder.build().map_err(|error| BadGlob { index: last, reason: reason(&error) })?;
        Ok(Self { patterns, matcher })
    }

    /// Whether the file at `path` is matched, by itself or through a folder above it.
    pub fn matches(&self, path: &RepoPath) -> bool {
        !path.is_root() && self.matcher.matched_path_or_any_parents(path.as_str(), false).is_ignore()
    }

    /// Whether the folder at `path` is matched, so that nothing in it needs to be looked at.
    pub fn matches_folder(&self, path: &RepoPath) -> bool {
        !path.is_root() && self.matcher.matched_path_or_any_parents(path.as_str(), true).is_ignore()
    }

    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

impl Default for PathGlobs {
    fn default() -> Self {
        Self { patterns: Vec::new(), matcher: Gitignore::empty() }
    }
}

fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithLineNumber { err, .. }
        | ignore::Error::WithDepth { err, .. } => reason(err),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn globs(patterns: &[&str]) -> PathGlobs {
        PathGlobs::new(patterns.iter().map(|it| Spanned::new((*it).to_owned(), Span::default())).collect()).unwrap()
    }

    fn path(path: &str) -> RepoPath {
        RepoPath::new(path).unwrap()
    }

    #[test]
    fn patterns_match_as_in_a_gitignore() {
        let globs = globs(&["legacy/**", "*.sql", "/docs", "!docs/deploy.sql", "vendor/"]);
        assert!(globs.matches(&path("legacy/app/settings.py")));
        assert!(globs.matches(&path("any/where/dump.sql")));
        assert!(globs.matches(&path("docs/index.md")));
        assert!(!globs.matches(&path("app/docs/index.md")));
        assert!(!globs.matches(&path("docs/deploy.sql")));
        assert!(globs.matches(&path("a/vendor/x.py")));
        assert!(globs.matches_folder(&path("a/vendor")));
        assert!(!globs.matches(&RepoPath::root()));
    }

    #[test]
    fn a_path_with_a_leading_dot_begins_at_the_root() {
        let globs = globs(&["./legacy"]);
        assert!(globs.matches(&path("legacy/x.py")));
        assert!(!globs.matches(&path("app/legacy/x.py")));
    }

    #[test]
    fn a_broken_pattern_is_told_by_its_number() {
        let patterns = ["fine", "a[b"].map(|it| Spanned::new(it.to_owned(), Span::default()));
        assert_eq!(PathGlobs::new(patterns.to_vec()).unwrap_err().index, 1);
    }
}
