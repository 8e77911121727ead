use super::Interpolated;
use crate::project::value::Value;
use crate::source::RepoPath;

/// Where a path of a compose file leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// Into the repository.
    Inside(RepoPath),
    /// An absolute path of the host, of Unix or Windows.
    Absolute(String),
    /// Below somebody's home directory: `~/…`.
    Home(String),
    /// Relative, but out of the repository.
    Above(String),
    /// Not a path: a Git repository, a URL, an image, another service.
    Remote(String),
}

/// A path as written and where it leads.
#[derive(Clone, Debug, PartialEq)]
pub struct FilePath {
    /// The path as written.
    pub text: Interpolated,
    /// Where it leads, as certain as the text.
    pub location: Value<Location>,
}

impl Location {
    /// Where `path` leads as seen from the folder `base`; a base of `None` lies outside the repository.
    pub fn of_path(path: &str, base: Option<&RepoPath>) -> Self {
        if path.starts_with('~') {
            return Location::Home(path.to_owned());
        }
        if path.starts_with(['/', '\\']) || has_drive(path) {
            return Location::Absolute(path.to_owned());
        }
        match base.and_then(|base| base.join(path)) {
            Some(path) => Location::Inside(path),
            None => Location::Above(path.to_owned()),
        }
    }

    /// Where a build context leads: like a path, but Git repositories, URLs, images and services are allowed.
    pub fn of_context(text: &str, base: Option<&RepoPath>) -> Self {
        let remote = ["git@", "github.com/", "service:"].iter().any(|prefix| text.starts_with(prefix));
        if remote || text.contains("://") { Location::Remote(text.to_owned()) } else { Self::of_path(text, base) }
    }

    /// The path in the repository.
    pub fn inside(&self) -> Option<&RepoPath> {
        match self {
            Location::Inside(path) => Some(path),
            _ => None,
        }
    }

    /// Where `path` leads as seen from this folder.
    pub fn join(&self, path: &str) -> Self {
        let below = |folder: &str| format!("{}/{path}", folder.trim_end_matches('/'));
        match self {
            Location::Inside(folder) => Self::of_path(path, Some(folder)),
            _ if path.starts_with(['/', '~', '\\']) || has_drive(path) => Self::of_path(path, None),
            Location::Absolute(folder) => Location::Absolute(below(folder)),
            Location::Home(folder) => Location::Home(below(folder)),
            Location::Above(folder) => Location::Above(below(folder)),
            Location::Remote(folder) => Location::Remote(folder.clone()),
        }
    }
}

/// Whether the source of a short mount is a path of the host and not the name of a volume.
pub(super) fn is_host_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~', '\\']) || has_drive(source)
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic())
}
