//! Images that stand on one which another Dockerfile of the repository builds.

use super::Image;
use crate::project::value::Value;
use crate::source::RepoPath;
use std::sync::Arc;

/// Tells of what a `FROM` names whether the repository builds it, and what that is.
pub type Bases<'a> = dyn Fn(&Value<String>) -> Option<Arc<Below>> + Sync + 'a;

/// An image that another is built on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Below {
    /// The Dockerfile.
    pub dockerfile: RepoPath,
    /// The folder that is sent to the builder.
    pub context: RepoPath,
    /// What it builds.
    pub image: Arc<Image>,
}

impl Image {
    /// The images of other Dockerfiles that this one stands on, the nearest first.
    pub fn layers_below(&self) -> impl Iterator<Item = &Below> {
        std::iter::successors(self.below.as_deref(), |below| below.image.below.as_deref())
    }
}
