//! The whole model of a repository.

use super::deployment::{Deployment, Service};
use super::django::{self, DjangoProject};
use super::leaks::{self, Leak};
use super::role::Role;
use super::settings::PyValue;
use super::usage::{CommandUse, DockerfileUse, EnvFileUse, FileUse};
use super::value::Value;
use super::{link, secrecy, uses};
use crate::config::Config;
use crate::source::{RepoPath, Source, Span};
use crate::tree::{FileKind, GitStatus, Snapshot};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a repository would deploy, linked and evaluated. A pure function of a snapshot and a configuration.
pub struct Model {
    /// The files that it was made from.
    pub snapshot: Arc<Snapshot>,
    /// Whether it is a whole repository, so that what is missing is really missing; an example of a page is a part.
    pub complete: bool,
    /// The Django projects.
    pub projects: Vec<DjangoProject>,
    /// The deployments, sorted by environment and name.
    pub deployments: Vec<Deployment>,
    /// The Dockerfiles, sorted by path.
    pub dockerfiles: Vec<DockerfileUse>,
    /// The env files, sorted by path.
    pub env_files: Vec<EnvFileUse>,
    /// The commands that are written anywhere, sorted by place.
    pub commands: Vec<CommandUse>,
    /// The files that were recognised, with what reading them brought up, sorted by path.
    pub files: Vec<FileUse>,
    /// The secrets that are written into files, sorted by place.
    pub leaks: Vec<Leak>,
}

impl Model {
    /// Links and evaluates a snapshot.
    pub fn build(snapshot: Arc<Snapshot>, config: &Config, complete: bool) -> Self {
        let projects = django::find(&snapshot);
        let commands = uses::commands(&snapshot);
        let deployments = link::deployments(&snapshot, config, &projects, &commands);
        let dockerfiles = uses::dockerfiles(&snapshot, &projects, &deployments);
        let env_files = uses::env_files(&snapshot, &deployments);
        let files = uses::files(&snapshot);
        let leaks = leaks::find(&snapshot, &env_files);
        Self { snapshot, complete, projects, deployments, dockerfiles, env_files, commands, files, leaks }
    }

    /// Whether nothing of a deployment was recognised.
    pub fn is_empty(&self) -> bool {
        self.deployments.is_empty() && self.dockerfiles.is_empty() && self.projects.is_empty()
    }

    /// How many files were recognised and read. Those that git ignores are not counted: each machine has others.
    pub fn files_checked(&self) -> usize {
        let tree = self.snapshot.tree();
        let shared = |path: &RepoPath| tree.entry(path).is_some_and(|entry| entry.git != GitStatus::Ignored);
        self.files.iter().filter(|file| file.unreadable.is_none() && shared(&file.path)).count()
    }

    /// The texts of the recognised files and of those with secrets in them, sorted by path: where comments may suppress
    /// findings.
    pub fn sources_of_text(&self) -> Vec<Arc<Source>> {
        let leaks = self.leaks.iter().map(|leak| &leak.place.path);
        let paths: BTreeSet<&RepoPath> = self.files.iter().map(|file| &file.path).chain(leaks).collect();
        paths.into_par_iter().filter_map(|path| self.snapshot.source(path).ok()).collect()
    }

    /// The byte ranges of values in a file that look like secrets, so that no report quotes them: every value of an env
    /// file, a compose file's or Dockerfile's variable, or a settings module's string whose name speaks of one.
    pub fn secrets(&self, path: &RepoPath) -> Vec<Span> {
        secrecy::spans(&self.snapshot, path)
    }

    /// The file at `path` as it was recognised.
    pub fn kind(&self, path: &RepoPath) -> Option<FileKind> {
        self.snapshot.tree().entry(path).map(|entry| entry.kind)
    }

    /// Whether `folder` of the repository holds the program that `service` runs, as opposed to data or configuration.
    pub fn is_code(&self, folder: &RepoPath, service: &Service) -> bool {
        let tree = self.snapshot.tree();
        if tree.entry(folder).is_some() || !tree.is_dir(folder) {
            return false;
        }
        let context = service.build.as_ref().map(|build| &build.context);
        let files = tree.under(folder);
        let here = |kind: FileKind| {
            files.iter().any(|entry| entry.kind == kind && entry.path.parent().as_ref() == Some(folder))
        };
        let has_file = |name: &str| folder.join(name).is_some_and(|path| tree.entry(&path).is_some());
        context == Some(folder)
            || self.projects.iter().any(|project| project.root.is_under(folder))
            || here(FileKind::Dockerfile)
            // An app of a project, as opposed to its configuration.
            || (self.projects.iter().any(|project| folder.is_under(&project.root)) && has_file("__init__.py"))
    }

    /// What could not be told, and why: place-less reasons are left out.
    pub fn unknowns(&self) -> Vec<Unknown> {
        let mut unknowns = Vec::new();
        for deployment in &self.deployments {
            for service in &deployment.services {
                if let Some(reason) = &service.process.maybe_more {
                    unknowns.push(Unknown::new(deployment, &service.name, "what it runs", reason.to_string()));
                }
                if let Some(opening) = &service.variables.open {
                    unknowns.push(Unknown::new(deployment, &service.name, "its variables", opening.reason.to_string()));
                }
                let Some(django) = &service.django else {
                    if matches!(service.role, Role::Web | Role::Worker | Role::Scheduler | Role::Job) {
                        let why = "no settings module of the repository could be told for it".to_owned();
                        unknowns.push(Unknown::new(deployment, &service.name, "its settings", why));
                    }
                    continue;
                };
                if let Some(crash) = &django.settings.raises {
                    let why = format!("loading them seems to stop with {}", crash.exception);
                    unknowns.push(Unknown::new(deployment, &service.name, "the settings after that", why));
                }
                for setting in django.settings.values.values() {
                    let what = format!("the setting {}", setting.name);
                    let why = match &setting.value.value {
                        Value::Unknown(reason) => reason.to_string(),
                        Value::Known(PyValue::Object(made)) | Value::Default(PyValue::Object(made)) => {
                            format!("{}() is not evaluated", made.function)
                        }
                        _ => continue,
                    };
                    unknowns.push(Unknown::new(deployment, &service.name, &what, why));
                }
            }
        }
        unknowns
    }
}

/// Something that could not be told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The deployment.
    pub deployment: String,
    /// Its environment.
    pub environment: String,
    /// The service.
    pub service: String,
    /// What is not known of it.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Unknown {
    fn new(deployment: &Deployment, service: &str, what: &str, why: String) -> Self {
        Self {
            deployment: deployment.name.clone(),
            environment: deployment.environment.name().to_owned(),
            service: service.to_owned(),
            what: what.to_owned(),
            why,
        }
    }
}
