//! Deployments without compose: lone images, bare settings modules.

use super::Linker;
use super::configured::Target;
use super::settings::Has;
use super::start::{role_of_process, runs_django};
use crate::parse::dockerfile::Stage;
use crate::project::container::variables;
use crate::project::deployment::{Build, Deployment, Service};
use crate::project::django::DefaultModule;
use crate::project::environment::{Environment, Variables};
use crate::project::evidence::{Evidence, EvidenceKind, named_by_path, named_in, named_in_stage};
use crate::project::process::{self, Process};
use crate::project::role::Role;
use crate::project::uses;
use crate::project::value::{Traced, Value};
use crate::source::{Place, RepoPath, Spanned};
use crate::tree::FileKind;
use std::collections::{BTreeMap, BTreeSet};

impl Linker<'_> {
    /// Dockerfiles of Django projects that no stack builds: images that something outside the repository runs.
    pub(super) fn images(&self, known: &[Deployment]) -> Vec<Deployment> {
        // What developers put in place of an image's own server says that others get that server.
        let overrides = |deployment: &Deployment| {
            deployment.evidence.iter().any(|evidence| matches!(evidence.kind, EvidenceKind::Overrides(_)))
        };
        let used = |path: &RepoPath| {
            known
                .iter()
                .filter(|deployment| !overrides(deployment))
                .flat_map(|deployment| &deployment.services)
                .any(|service| service.build.as_ref().is_some_and(|build| build.dockerfile == *path))
        };
        // What others are built on does not run itself.
        let run = |path: &&RepoPath| !self.bases.is_built_upon(path);
        let mut found = Vec::new();
        let paths = self.snapshot.files_of(FileKind::Dockerfile).map(|entry| &entry.path);
        let images = paths.filter(run).flat_map(|path| {
            let stage = self.real_stage(path, known);
            // A file that a stack builds from may hold a stage for real users beside the developers'.
            if used(path) { stage.map(|stage| (path, Some(stage))) } else { Some((path, stage)) }
        });
        for (path, stage) in images {
            let target = stage.as_ref().map(|stage| stage.value.as_str());
            let told = target.and_then(named_in_stage).or_else(|| named_by_path(path));
            let environment = match &told {
                Some((environment, _)) => environment.clone(),
                None => uses::untold_environment(self.snapshot, path),
            };
            // Where a stack serves the environment, this Dockerfile is not what serves it.
            let stack = |deployment: &Deployment| deployment.environment == environment && !deployment.is_assumed();
            if self.is_configured(&environment) || known.iter().any(stack) {
                continue;
            }
            let context = uses::context_of(self.snapshot, path, self.projects);
            let Some(build) = self.image(path, &context, target, &BTreeMap::new()) else { continue };
            let kind = told.map_or(EvidenceKind::Assumed, |(_, word)| EvidenceKind::FileName(word.to_owned()));
            let place = stage.as_ref().map_or_else(|| Place::start_of(path.clone()), |stage| stage.place(path));
            let name = target.map_or_else(|| path.as_str().to_owned(), |target| format!("{path} ({target})"));
            let evidence = Evidence { kind, place: place.clone() };
            let deployment = self.image_deployment(Target::inferred(&environment), name, place, build, evidence);
            if deployment.services.iter().any(|service| service.django.is_some() || runs_django(&service.process)) {
                found.push(deployment);
            }
        }
        found
    }

    /// The deployment of an image that something outside the repository runs.
    pub(super) fn image_deployment(
        &self,
        target: Target<'_>,
        name: String,
        place: Place,
        build: Build,
        evidence: Evidence,
    ) -> Deployment {
        let variables = variables::of_platform(&self.around(target.environment), Some(&build.image));
        let container = self.container(Some(&build), &[], None);
        let process = process::follow(&container, None, variables.clone());
        // It has no name but its file's.
        let called = build.dockerfile.as_str().to_owned();
        let django = self.django(&called, target, &process, Some(&build), &Has::context(&build.context));
        let service = Service {
            name: called.clone(),
            place,
            role: role_of_process(&process).unwrap_or(Role::Web),
            image: None,
            compose: None,
            build: Some(build),
            variables,
            process,
            django,
            platform: None,
        };
        alone(name, target.environment, evidence, service)
    }

    /// The stage of a Dockerfile that is named for an environment of real users, that no other stage uses, in a
    /// file that no known deployment of such builds; the last of several.
    fn real_stage(&self, path: &RepoPath, known: &[Deployment]) -> Option<Spanned<String>> {
        let parsed = self.snapshot.dockerfile(path).ok()?;
        let file = &parsed.0;
        // What a stack builds for real users is what they get.
        let builds_it = |service: &Service| service.build.as_ref().is_some_and(|build| build.dockerfile == *path);
        let mut real = known.iter().filter(|deployment| deployment.serves_real_users());
        if real.any(|deployment| deployment.services.iter().any(builds_it)) {
            return None;
        }
        let is_used = |index: usize| {
            file.stages.iter().any(|above: &Stage| {
                let body = || file.body(above).map(|(_, instruction)| instruction);
                let copied = body().filter_map(|it| Some(it.flag("from")?.value.clone()?.value));
                let mounted = body().flat_map(|it| it.mounts()).filter_map(|mount| mount.from);
                let names: Vec<String> = copied.chain(mounted).chain([above.base.value.clone()]).collect();
                names.iter().any(|name| file.stage_named(name, above.index).is_some_and(|below| below.index == index))
            })
        };
        let stages = file.stages.iter().rev().filter(|stage| !is_used(stage.index));
        stages
            .filter_map(|stage| stage.name.clone())
            .find(|name| named_in_stage(name).is_some_and(|(environment, _)| environment.serves_real_users()))
    }

    /// Settings modules of environments for which nothing else is known: production's by name, else by assumption.
    pub(super) fn bare(&self, known: &[Deployment]) -> Vec<Deployment> {
        let mut found = Vec::new();
        for project in self.projects {
            let served = |environment: &Environment| {
                known.iter().any(|deployment| {
                    deployment.environment == *environment
                        && deployment
                            .services
                            .iter()
                            .any(|service| service.django.as_ref().is_some_and(|django| django.project == project.root))
                })
            };
            let mut modules: BTreeMap<Environment, (Traced<String>, EvidenceKind, Place)> = BTreeMap::new();
            let mut several = BTreeSet::new();
            for (name, path) in &project.modules {
                let Some((environment, word)) = named_in(name).or_else(|| named_in(path.file_stem())) else { continue };
                if matches!(environment, Environment::Production | Environment::Staging)
                    && !path.file_name().starts_with("__")
                {
                    let place = Place::start_of(path.clone());
                    let chosen = Traced::new(Value::Known(name.clone()), Vec::new());
                    if modules.contains_key(&environment) {
                        several.insert(environment.clone());
                    }
                    modules.entry(environment).or_insert((chosen, EvidenceKind::FileName(word.to_owned()), place));
                }
            }
            if !modules.contains_key(&Environment::Production)
                && let Some(default) = project.serving_default()
                && named_in(&default.module).is_none_or(|(environment, _)| environment == Environment::Production)
            {
                let place = Place::new(default.path.clone(), default.module.span);
                let chosen = Traced::new(Value::Known(default.module.value.clone()), vec![default.step()]);
                modules.insert(Environment::Production, (chosen, EvidenceKind::Assumed, place));
            }
            for (environment, (module, kind, place)) in modules {
                // Which of several is meant, no name tells.
                let kind = if several.contains(&environment) { EvidenceKind::Assumed } else { kind };
                if served(&environment) || self.is_configured(&environment) {
                    continue;
                }
                if kind == EvidenceKind::Assumed && self.is_left_over(&project.root, &environment, known) {
                    continue;
                }
                let variables = variables::of_platform(&self.around(&environment), None);
                let name = module.value.likely().map_or("", String::as_str);
                // Started as its entry point says, it loads the package, and that selects.
                let above = |it: &DefaultModule| {
                    self.selector_above(project, it, name, &environment, &variables, &Has::default())
                };
                let selector = project.serving_default().and_then(above);
                let evidence = Evidence { kind, place };
                let root = project.root.clone();
                let mut deployment = self.settings_deployment(&environment, root, module, variables, evidence);
                let services = deployment.iter_mut().flat_map(|deployment| &mut deployment.services);
                for django in services.flat_map(|service| &mut service.django) {
                    django.selector = django.selector.take().or_else(|| selector.clone());
                }
                found.extend(deployment);
            }
        }
        found
    }

    /// Whether a project lies within another that is deployed: a package of it, as a second `startproject` leaves one
    /// behind, or a folder of what is surely deployed.
    fn is_left_over(&self, root: &RepoPath, environment: &Environment, known: &[Deployment]) -> bool {
        let is_package = root.join("__init__.py").is_some_and(|file| self.snapshot.shares(&file));
        let mut real = known.iter().filter(|deployment| deployment.environment == *environment);
        real.any(|deployment| {
            let outer = deployment.services.iter().filter_map(|service| service.django.as_ref());
            (is_package || !deployment.is_assumed())
                && outer.map(|django| &django.project).any(|outer| outer != root && root.is_under(outer))
        })
    }

    /// The deployment of a settings module of which nothing else is known.
    pub(super) fn settings_deployment(
        &self,
        environment: &Environment,
        root: RepoPath,
        module: Traced<String>,
        variables: Variables,
        evidence: Evidence,
    ) -> Option<Deployment> {
        let process = Process { variables: variables.clone(), ..Process::default() };
        let django = self.evaluate("settings", environment, root, module, &process, &Has::default())?;
        let name = django.settings.module.clone();
        let service = Service {
            name: "settings".to_owned(),
            place: evidence.place.clone(),
            role: Role::Web,
            image: None,
            compose: None,
            build: None,
            variables,
            process,
            django: Some(django),
            platform: None,
        };
        Some(alone(name, environment, evidence, service))
    }
}

/// A deployment of one service without compose.
fn alone(name: String, environment: &Environment, evidence: Evidence, service: Service) -> Deployment {
    Deployment {
        name,
        environment: environment.clone(),
        evidence: vec![evidence],
        files: Vec::new(),
        stack: None,
        services: vec![service],
    }
}
