//! Builds from a Dockerfile that is not there.

use crate::project::compose::Location;
use crate::project::deployment::Service;
use crate::project::image::existing_dockerfile;
use crate::project::value::Value;
use crate::source::{Place, RepoPath};
use crate::tree::{Entry, Snapshot};

/// A Dockerfile that a build names, and that is surely not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostDockerfile {
    /// Where it was looked for.
    pub path: RepoPath,
    /// What names it: the key of the Dockerfile or of the context.
    pub place: Place,
    /// A file of the same name but for capitals.
    pub other_writing: Option<RepoPath>,
}

impl Service {
    /// The Dockerfile that its `build` names in vain.
    pub fn lost_dockerfile(&self, snapshot: &Snapshot) -> Option<LostDockerfile> {
        let build = self.compose.as_ref()?.build.as_ref()?;
        let Value::Known(Location::Inside(path)) = build.value.dockerfile() else { return None };
        let Value::Known(Location::Inside(context)) = build.value.context() else { return None };
        // An overlay that adds arguments says neither; the file below it does, which may not be seen.
        let is_overlay = build.value.context.is_none() && build.value.dockerfile.is_none();
        let folder = build.place.path.parent().unwrap_or_else(RepoPath::root);
        let tree = snapshot.tree();
        // What is checked out into an empty folder is not seen; nor is what git ignores.
        let unseen = || snapshot.exists(&path) || tree.ignores(&path) || tree.under(&context).is_empty();
        if is_overlay
            || existing_dockerfile(snapshot, path.clone()).is_some()
            || is_there_from_above(snapshot, &path, &folder)
            || unseen()
        {
            return None;
        }
        let place = match &build.value.dockerfile {
            Some(dockerfile) => dockerfile.entry(),
            None => build.value.context.as_ref().map_or_else(|| build.entry(), |context| context.entry()),
        };
        let is_written_otherwise = |entry: &&Entry| {
            entry.path.parent() == path.parent() && entry.path.file_name().eq_ignore_ascii_case(path.file_name())
        };
        let other_writing = tree.under(&context).iter().find(is_written_otherwise).map(|entry| entry.path.clone());
        Some(LostDockerfile { path, place, other_writing })
    }
}

/// Whether the file is there where `folder` is started together with a file of a folder above: paths are relative to that.
pub(super) fn is_there_from_above(snapshot: &Snapshot, path: &RepoPath, folder: &RepoPath) -> bool {
    let Some(below) = path.relative_to(folder) else { return false };
    let mut above = folder.parent();
    while let Some(folder) = above {
        if folder.join(below).is_some_and(|path| snapshot.exists(&path)) {
            return true;
        }
        above = folder.parent();
    }
    false
}
