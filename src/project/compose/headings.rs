//! The keys at the top of a compose file.

use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;

/// Where the file says `version`.
pub fn version(snapshot: &Snapshot, path: &RepoPath) -> Option<Place> {
    let parsed = snapshot.compose(path).ok()?;
    Some(Place::new(path.clone(), parsed.0.version.as_ref()?.key))
}

/// Where its services begin; its start, where it has none.
pub fn services(snapshot: &Snapshot, path: &RepoPath) -> Place {
    let key = snapshot.compose(path).ok().and_then(|parsed| Some(parsed.0.services.as_ref()?.key));
    key.map_or_else(|| Place::start_of(path.clone()), |key| Place::new(path.clone(), key))
}
