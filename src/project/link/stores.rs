//! Databases and caches that platforms keep beside what they run.

use crate::project::deployment::Deployment;
use crate::project::evidence::named_in;
use crate::project::model::Model;
use crate::source::{Place, RepoPath};
use crate::tree::FileKind;

/// A database or cache that anybody on the internet can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStore {
    /// What it is called.
    pub name: String,
    /// What lets everybody in: an entry for all addresses, or the name where no entry says anything.
    pub place: Place,
    /// Whether nothing is said.
    pub unsaid: bool,
}

impl Model {
    /// The stores of real users in the manifests that deploy something of this repository, which anybody can reach.
    pub fn open_stores(&self) -> Vec<OpenStore> {
        let declares = |path: &RepoPath| {
            let by = |deployment: &Deployment| deployment.evidence.iter().any(|evidence| evidence.place.path == *path);
            self.deployments.iter().any(by)
        };
        let mut found = Vec::new();
        for entry in self.snapshot.files_of(FileKind::Render).filter(|entry| declares(&entry.path)) {
            let Ok(parsed) = self.snapshot.manifest(&entry.path, FileKind::Render) else { continue };
            for store in &parsed.0.stores {
                let named = store.environment.as_ref().and_then(|name| named_in(name));
                let is_real = named.is_none_or(|(environment, _)| environment.serves_real_users());
                if let Some(span) = store.open.filter(|_| is_real) {
                    found.push(OpenStore {
                        name: store.name.value.clone(),
                        place: Place::new(entry.path.clone(), span),
                        unsaid: span == store.name.span,
                    });
                }
            }
        }
        found
    }
}
