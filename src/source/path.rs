use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// A path relative to the root of the model, with `/` between its parts on every platform and
/// without `.` or `..`. The root itself is the empty path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Arc<str>);

impl RepoPath {
    /// Normalises `path`: backslashes stay as they are, `.` and empty parts vanish, `..` goes up.
    /// `None` where `..` would leave the root, or where the path is absolute.
    pub fn new(path: &str) -> Option<Self> {
        Self::root().join(path)
    }

    /// The root.
    pub fn root() -> Self {
        Self(Arc::from(""))
    }

    /// `path` as seen from this folder; `None` where it leaves the root or is absolute.
    pub fn join(&self, path: &str) -> Option<Self> {
        if path.starts_with('/') {
            return None;
        }
        let mut joined = String::with_capacity(self.0.len() + 1 + path.len());
        joined.push_str(&self.0);
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." if joined.is_empty() => return None,
                ".." => joined.truncate(joined.rfind('/').unwrap_or(0)),
                part => {
                    if !joined.is_empty() {
                        joined.push('/');
                    }
                    joined.push_str(part);
                }
            }
        }
        Some(Self(joined.into()))
    }

    /// The parts between the slashes.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The text of the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// What follows the last dot of the file name, unless the dot begins it.
    pub fn extension(&self) -> Option<&str> {
        match self.file_name().rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => Some(extension),
            _ => None,
        }
    }

    /// The file name without its extension.
    pub fn file_stem(&self) -> &str {
        match self.file_name().rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => self.file_name(),
        }
    }

    /// The folder that holds this path; the root's parent is `None`.
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(Self(Arc::from(self.0.rsplit_once('/').map_or("", |(folder, _)| folder))))
    }

    /// Whether this path is `folder` or lies anywhere below it.
    pub fn is_under(&self, folder: &RepoPath) -> bool {
        folder.0.is_empty()
            || self.0.strip_prefix(&*folder.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// This path as seen from `folder`; `None` where it does not lie below it.
    pub fn relative_to(&self, folder: &RepoPath) -> Option<&str> {
        if folder.0.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(&*folder.0)?.strip_prefix('/')
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for RepoPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_stays_in_the_root() {
        let folder = RepoPath::new("deploy/web").unwrap();
        assert_eq!(folder.join("../../manage.py").unwrap().as_str(), "manage.py");
        assert_eq!(folder.join("./a//b").unwrap().as_str(), "deploy/web/a/b");
        assert_eq!(folder.join("../../../etc/passwd"), None);
        assert_eq!(folder.join("/etc/passwd"), None);
    }

    #[test]
    fn a_folder_is_not_a_prefix_of_its_namesake() {
        let folder = RepoPath::new("app").unwrap();
        assert!(RepoPath::new("app/models.py").unwrap().is_under(&folder));
        assert!(!RepoPath::new("apps/models.py").unwrap().is_under(&folder));
        assert_eq!(RepoPath::new("app/models.py").unwrap().relative_to(&folder), Some("models.py"));
    }

    #[test]
    fn names_of_dotfiles_have_no_extension() {
        let path = RepoPath::new("a/.env").unwrap();
        assert_eq!((path.file_name(), path.extension(), path.file_stem()), (".env", None, ".env"));
        assert_eq!(RepoPath::new(".env.prod").unwrap().extension(), Some("prod"));
    }
}
