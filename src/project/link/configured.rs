//! What the configuration says of deployments (`[[deployments]]`): it goes before what would be inferred.

use super::Linker;
use crate::config::DeploymentEntry;
use crate::project::container::variables;
use crate::project::deployment::{Build, Deployment};
use crate::project::environment::Environment;
use crate::project::evidence::{Evidence, EvidenceKind};
use crate::project::uses;
use crate::project::value::{Act, Step, Traced};
use crate::source::{Place, RepoPath};
use std::collections::BTreeMap;

/// What a process is linked for.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The environment that it serves.
    pub environment: &'a Environment,
    /// What the configuration says of its deployment.
    pub entry: Option<&'a DeploymentEntry>,
}

impl<'a> Target<'a> {
    /// One that the configuration does not speak of.
    pub fn inferred(environment: &'a Environment) -> Self {
        Self { environment, entry: None }
    }

    /// The folder of the Django project.
    pub fn project(&self) -> Option<&'a RepoPath> {
        self.entry?.project.as_ref().map(|project| &project.value)
    }
}

impl Linker<'_> {
    /// Whether the configuration lists what serves `environment`, so that nothing is inferred for it.
    pub(super) fn is_configured(&self, environment: &Environment) -> bool {
        self.config.deployments.iter().any(|entry| entry.environment.value == *environment)
    }

    /// The entry that `evidence` points at.
    pub(super) fn entry(&self, evidence: &[Evidence]) -> Option<&DeploymentEntry> {
        let configured = evidence.iter().find(|evidence| evidence.kind == EvidenceKind::Configured)?;
        self.config.deployments.iter().find(|entry| entry.span == configured.place.span)
    }

    /// The settings module that the configuration names for `target`.
    pub(super) fn configured_settings(&self, target: Target<'_>) -> Option<Traced<String>> {
        let module = target.entry?.settings.as_ref()?;
        let place = Place::new(self.config_path()?, module.span);
        Some(Traced::known(module.value.clone(), Step::new(place, Act::Chooses(module.value.clone()))))
    }

    /// The image of the Dockerfile that the configuration names for `target`.
    pub(super) fn configured_image(&self, target: Target<'_>) -> Option<Build> {
        let entry = target.entry?;
        let path = &entry.dockerfile.as_ref()?.value;
        let context = uses::context_of(self.snapshot, path, self.projects);
        let stage = entry.target.as_ref().map(|stage| stage.as_str());
        self.image(path, &context, stage, &BTreeMap::new())
    }

    /// The deployments that the configuration lists without compose files: an image, or a settings module alone.
    pub(super) fn configured(&self) -> Vec<Deployment> {
        let Some(path) = self.config_path() else { return Vec::new() };
        let entries = self.config.deployments.iter().filter(|entry| entry.compose.is_empty());
        entries
            .filter_map(|entry| {
                let target = Target { environment: &entry.environment.value, entry: Some(entry) };
                let evidence = Evidence { kind: EvidenceKind::Configured, place: Place::new(path.clone(), entry.span) };
                let name = entry.name.as_ref().map(|name| name.value.clone());
                let found = match (&entry.dockerfile, &entry.settings) {
                    (Some(dockerfile), _) => {
                        let (path, place) = (&dockerfile.value, Place::start_of(dockerfile.value.clone()));
                        let build = self.configured_image(target)?;
                        self.image_deployment(target, path.as_str().to_owned(), place, build, evidence)
                    }
                    (None, Some(module)) => {
                        let root = target.project().cloned().or_else(|| {
                            let holds = self.projects.iter().find(|project| project.has_module(module));
                            holds.map(|project| project.root.clone()).or_else(|| self.root_of(module, None))
                        })?;
                        let variables = variables::of_platform(&self.around(target.environment), None);
                        let module = self.configured_settings(target)?;
                        self.settings_deployment(target.environment, root, module, variables, evidence)?
                    }
                    (None, None) => return None,
                };
                Some(Deployment { name: name.unwrap_or(found.name), ..found })
            })
            .collect()
    }

    fn config_path(&self) -> Option<RepoPath> {
        RepoPath::new(&self.config.document.as_ref()?.path)
    }
}
