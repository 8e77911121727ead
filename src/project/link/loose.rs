//! Start scripts of containers whose images nobody shows: named for an environment, and started by nothing that is known.

use super::Linker;
use super::start::{role_of_process, runs_django};
use crate::project::container::variables;
use crate::project::deployment::{Deployment, Service};
use crate::project::environment::Environment;
use crate::project::evidence::{Evidence, EvidenceKind, named_by_path};
use crate::project::process::{self, Container};
use crate::project::role::Role;
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, PathRole, role};

impl Linker<'_> {
    /// A deployment for each such script, of the environment that its name speaks of.
    pub(super) fn loose_scripts(&self, known: &[Deployment]) -> Vec<Deployment> {
        let services = || known.iter().flat_map(|deployment| &deployment.services);
        let followed = |path: &RepoPath| services().any(|service| service.process.scripts.contains(path));
        let scripts = self.snapshot.files_of(FileKind::Script).map(|entry| &entry.path);
        let loose = scripts.filter(|path| {
            role(path) == PathRole::Product
                && is_start(path.file_name())
                && self.snapshot.shares(path)
                && !followed(path)
        });
        loose.filter_map(|path| self.loose_script(path)).collect()
    }

    fn loose_script(&self, path: &RepoPath) -> Option<Deployment> {
        let (environment, word) = named_by_path(path)?;
        if !matches!(environment, Environment::Production | Environment::Staging) {
            return None;
        }
        let variables = variables::of_platform(&self.around(&environment), None);
        let container =
            Container { snapshot: self.snapshot, image: None, context: None, mounts: &[], workdir: "/".to_owned() };
        let process = process::follow_script(&container, path, variables.clone());
        if !runs_django(&process) {
            return None;
        }
        let place = Place::start_of(path.clone());
        Some(Deployment {
            name: path.as_str().to_owned(),
            environment,
            evidence: vec![Evidence { kind: EvidenceKind::FileName(word.to_owned()), place: place.clone() }],
            files: Vec::new(),
            stack: None,
            services: vec![Service {
                name: path.file_stem().to_owned(),
                place,
                role: role_of_process(&process).unwrap_or(Role::Other),
                image: None,
                compose: None,
                build: None,
                variables,
                process,
                django: None,
                platform: None,
            }],
        })
    }
}

/// Whether a file's name says that a container starts with it: `entrypoint.prod.sh`, `start-prod.sh`.
fn is_start(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| matches!(word, "entrypoint" | "start" | "run" | "boot"))
}
