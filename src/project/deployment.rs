//! What would run: deployments, their services, and the Django processes in them.

use super::compose;
use super::environment::{Environment, Variables};
use super::evidence::Evidence;
use super::image::Image;
use super::process::Process;
use super::role::Role;
use super::settings::Settings;
use super::value::Traced;
use crate::findings::Scope;
use crate::source::{Place, RepoPath};
use std::sync::Arc;

/// One stack in one environment.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// How reports call it: the files of the stack joined by ` + `.
    pub name: String,
    /// The environment that it serves.
    pub environment: Environment,
    /// What says so, the best first.
    pub evidence: Vec<Evidence>,
    /// The compose files in the order in which they are merged; empty where there is no compose.
    pub files: Vec<RepoPath>,
    /// The merged compose project, where there is one.
    pub stack: Option<Arc<compose::Stack>>,
    /// What runs.
    pub services: Vec<Service>,
}

impl Deployment {
    /// Whether nothing but an assumption says which environment it serves.
    pub fn is_assumed(&self) -> bool {
        use super::evidence::EvidenceKind;
        self.evidence.iter().all(|evidence| evidence.kind == EvidenceKind::Assumed)
    }

    /// The scope of findings about it.
    pub fn scope(&self) -> Scope {
        Scope::of(self.environment.clone(), self.is_assumed())
    }

    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }
}

/// One service of a deployment: a container, or a process of a platform.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name in the stack.
    pub name: String,
    /// Where it is declared: the key in compose, the line of a Procfile.
    pub place: Place,
    /// What it is there for.
    pub role: Role,
    /// Its merged declaration, where compose declares it.
    pub compose: Option<Arc<compose::Service>>,
    /// The image that is built for it, where the repository tells how.
    pub build: Option<Build>,
    /// The variables that its first process starts with.
    pub variables: Variables,
    /// What it runs, entrypoint and scripts followed.
    pub process: Process,
    /// The Django settings that it loads, where it runs Django.
    pub django: Option<DjangoProcess>,
}

/// How a service's image is built.
#[derive(Clone, Debug)]
pub struct Build {
    /// The Dockerfile.
    pub dockerfile: RepoPath,
    /// The folder that is sent to the builder.
    pub context: RepoPath,
    /// The resolved final stage.
    pub image: Arc<Image>,
}

/// A process that loads Django settings.
#[derive(Clone, Debug)]
pub struct DjangoProcess {
    /// The service that runs it.
    pub service: String,
    /// The deployment's environment.
    pub environment: Environment,
    /// The folder of the Django project's `manage.py`, or of its import root.
    pub project: RepoPath,
    /// The settings module's dotted name, and what chooses it.
    pub module: Traced<String>,
    /// What Django would see.
    pub settings: Arc<Settings>,
}
