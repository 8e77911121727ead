//! Stacks, images, processes and settings put together into deployments.

mod built;
mod configured;
mod dot_env;
mod elsewhere;
#[cfg(test)]
mod inline_tests;
mod loose;
mod overridden;
mod platforms;
mod selectors;
mod settings;
mod stacks;
mod start;
pub mod stores;
mod tests_in_ci;

pub use tests_in_ci::{engines, test_runs};

use super::built_images::{BuiltImage, OwnBases};
use super::compose::{self, IncludedProject, Inputs, Location};
use super::container::lacks::Lacks;
use super::container::variables::{self, Surroundings};
use super::deployment::{Build, Deployment, InlineDockerfile, NamedImage, Service};
use super::django::DjangoProject;
use super::environment::{Environment, Variables};
use super::evidence::{named_in, named_in_stage};
use super::image;
use super::image::reference::ImageReference;
use super::process::{self, Container};
use super::role::Role;
use super::usage::CommandUse;
use super::value::Traced;
use crate::config::Config;
use crate::parse::dockerfile::{Stage, parse_embedded};
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, Snapshot};
use configured::Target;
use rayon::prelude::*;
use settings::Has;
use stacks::StackFiles;
use start::{role_of_process, role_of_program};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Finds every deployment, sorted by environment and name.
pub fn deployments(
    snapshot: &Snapshot,
    config: &Config,
    projects: &[DjangoProject],
    commands: &[CommandUse],
    built: &[BuiltImage],
    bases: &OwnBases<'_>,
) -> Vec<Deployment> {
    let linker = Linker { snapshot, config, projects, built, bases, evaluated: settings::Evaluated::default() };
    let platforms = linker.platforms();
    let production = platforms.iter().find(|deployment| deployment.environment == Environment::Production);
    let production = production.map(|deployment| deployment.name.as_str());
    let stacks = stacks::find(snapshot, config, commands, production, &|stack| linker.overridden(stack));
    let mut deployments: Vec<Deployment> = stacks.par_iter().map(|stack| linker.stack(stack)).collect();
    linker.build_elsewhere(&mut deployments);
    deployments.extend(linker.configured());
    deployments.extend(platforms);
    deployments.extend(linker.images(&deployments));
    deployments.extend(linker.loose_scripts(&deployments));
    deployments.extend(linker.bare(&deployments));
    deployments.sort_by(|a, b| (&a.environment, &a.name).cmp(&(&b.environment, &b.name)));
    deployments
}

struct Linker<'a> {
    snapshot: &'a Snapshot,
    config: &'a Config,
    projects: &'a [DjangoProject],
    /// The images that pipelines, scripts and recipes build.
    built: &'a [BuiltImage],
    /// What of that others are built on.
    bases: &'a OwnBases<'a>,
    /// Settings by what they depend on; workers and web mostly share theirs.
    evaluated: settings::Evaluated,
}

impl Linker<'_> {
    fn around<'s>(&'s self, environment: &'s Environment) -> Surroundings<'s> {
        Surroundings { snapshot: self.snapshot, config: self.config, environment }
    }

    /// A stack of compose files.
    fn stack(&self, files: &StackFiles) -> Deployment {
        let around = self.around(&files.environment);
        let stack = Arc::new(self.merged(&around, &files.files, &files.env_files));
        let profiles: Vec<&str> = files.profiles.iter().map(String::as_str).collect();
        let target = Target { environment: &files.environment, entry: self.entry(&files.evidence) };
        let services = stack.active(&profiles).map(|service| self.service(&around, target, service, None)).collect();
        Deployment {
            name: files.name.clone().unwrap_or_else(|| joined(&files.files)),
            environment: files.environment.clone(),
            evidence: files.evidence.clone(),
            files: files.files.clone(),
            stack: Some(stack),
            services,
        }
    }

    /// Compose files put together. `env_files` are what interpolation reads; where there is none, the `.env` beside the
    /// first file.
    fn merged(&self, around: &Surroundings<'_>, files: &[RepoPath], env_files: &[RepoPath]) -> compose::Stack {
        let loaded: Vec<_> =
            files.iter().filter_map(|path| Some((path.clone(), self.snapshot.compose(path).ok()?.0.clone()))).collect();
        let folder = files.first().and_then(RepoPath::parent).unwrap_or_else(RepoPath::root);
        let variables = match env_files {
            [] => variables::interpolation(around, &folder.join(".env").into_iter().collect::<Vec<_>>()),
            files => variables::interpolation(around, files),
        };
        let load = |path: &RepoPath| {
            let shared = self.snapshot.shares(path);
            shared.then(|| self.snapshot.compose(path).ok().map(|parsed| parsed.0.clone())).flatten()
        };
        compose::merge(&Inputs {
            files: &loaded,
            project_directory: None,
            variables: &variables,
            load: &load,
            included_variables: &|included| self.included_variables(around, &variables, included),
        })
    }

    /// What interpolation finds in an included project: its own env files, under what the including project has.
    /// (Compose specification, "include": the local environment goes before the included project's.)
    fn included_variables(
        &self,
        around: &Surroundings<'_>,
        outer: &Variables,
        included: &IncludedProject,
    ) -> Option<Variables> {
        let named: Vec<_> = included.env_files.iter().filter_map(|file| file.likely()?.inside().cloned()).collect();
        let files =
            if included.env_files.is_empty() { vec![included.directory.as_ref()?.join(".env")?] } else { named };
        let mut variables = variables::interpolation(around, &files);
        variables.set.extend(outer.set.clone());
        Some(variables)
    }

    /// A service of compose. `build` is how its image is built, where another stack says so.
    fn service(
        &self,
        around: &Surroundings<'_>,
        target: Target<'_>,
        merged: &compose::Service,
        build: Option<Build>,
    ) -> Service {
        let build = build.or_else(|| merged.build.as_ref().and_then(|placed| self.build(&placed.value)));
        let image_name = merged.image.as_ref().and_then(|placed| placed.value.likely().map(ImageReference::parse));
        let named_role = image_name.as_ref().and_then(Role::of_image);
        let build = build.or_else(|| named_role.is_none().then(|| self.configured_image(target)).flatten());
        let image = build.as_ref().map(|build| &*build.image);
        let variables = variables::of_service(around, merged, image);
        let mounts: Vec<(String, RepoPath)> = merged
            .volumes
            .iter()
            .filter_map(|mount| {
                Some((mount.value.target.as_ref()?.likely()?.to_owned(), mount.value.inside()?.clone()))
            })
            .collect();
        let workdir = merged.working_dir.as_ref().and_then(|placed| placed.value.likely().map(str::to_owned));
        let container = self.container(build.as_ref(), &mounts, workdir);
        let mut process = process::follow(&container, Some(merged), variables.clone());
        let place = merged.place().cloned().unwrap_or_else(|| Place::start_of(RepoPath::root()));
        // What is not written in the stack runs because something builds it into the image.
        let built_by = build.as_ref().and_then(|build| build.by.as_ref());
        for run in process.runs.iter_mut().filter(|run| run.place().path != place.path) {
            run.trail.extend(built_by.cloned());
        }
        let context = build.as_ref().map(|build| &build.context);
        // What is built upon a server's image is that server.
        let base = || build.as_ref()?.image.base.value.likely().map(|base| ImageReference::parse(base));
        let known_role = named_role.or_else(|| base().as_ref().and_then(Role::of_image));
        // Of what is mounted, only a project's own folder is one that modules are imported from.
        let holds_project = |source: &&RepoPath| self.projects.iter().any(|project| project.root.is_under(source));
        let mounted = mounts.iter().map(|(_, source)| source).find(holds_project);
        let django = match known_role {
            Some(role) if role != Role::AdminTool => None,
            _ => {
                let lacks = |build| Lacks::of_service(self.snapshot, merged, build, &process, &container.workdir);
                let lacks = build.as_ref().and_then(lacks).map(Arc::new);
                let has = Has { context: context.cloned(), mounted: mounted.cloned(), lacks };
                self.django(&merged.name, target, &process, build.as_ref(), &has)
            }
        };
        Service {
            name: merged.name.clone(),
            place,
            role: role_of_process(&process).or(known_role).or_else(|| role_of_program(&process)).unwrap_or(Role::Other),
            image: merged.image.as_ref().and_then(named_image),
            compose: Some(Arc::new(merged.clone())),
            build,
            variables,
            process,
            django,
            platform: None,
        }
    }

    fn container<'c>(
        &'c self,
        build: Option<&'c Build>,
        mounts: &'c [(String, RepoPath)],
        workdir: Option<String>,
    ) -> Container<'c> {
        let of_image = build.and_then(|build| build.image.workdir.as_ref()?.value.likely().cloned());
        Container {
            snapshot: self.snapshot,
            image: build.map(|build| &*build.image),
            context: build.map(|build| &build.context),
            mounts,
            workdir: workdir.or(of_image).unwrap_or_else(|| "/".to_owned()),
        }
    }

    /// The image of a compose `build`.
    fn build(&self, build: &compose::Build) -> Option<Build> {
        let context = build.context().likely().and_then(Location::inside)?.clone();
        let arguments: BTreeMap<String, Traced<String>> = build
            .args
            .iter()
            .map(|argument| (argument.value.name.clone(), argument.value.value.traced.clone()))
            .collect();
        let target = build.target.as_ref().and_then(|target| target.value.likely());
        if let Some(placed) = &build.dockerfile_inline {
            return self.inline_image(placed, &context, target, &arguments);
        }
        let dockerfile = build.dockerfile().likely().and_then(Location::inside)?.clone();
        let dockerfile = image::existing_dockerfile(self.snapshot, dockerfile)?;
        self.image(&dockerfile, &context, target, &arguments)
    }

    fn image(
        &self,
        dockerfile: &RepoPath,
        context: &RepoPath,
        target: Option<&str>,
        arguments: &BTreeMap<String, Traced<String>>,
    ) -> Option<Build> {
        if !self.snapshot.shares(dockerfile) {
            return None;
        }
        let image = self.bases.image(dockerfile, target, arguments)?;
        Some(Build {
            dockerfile: dockerfile.clone(),
            inline: None,
            context: context.clone(),
            image: Arc::new(image),
            by: None,
        })
    }

    /// The image of a `dockerfile_inline`. With a variable in it that nothing is known of, nothing is known of all.
    fn inline_image(
        &self,
        placed: &compose::Placed<compose::Interpolated>,
        context: &RepoPath,
        target: Option<&str>,
        arguments: &BTreeMap<String, Traced<String>>,
    ) -> Option<Build> {
        let path = &placed.place.path;
        placed.value.likely()?;
        let written = self.snapshot.compose(path).ok()?.0.clone();
        // A service may extend one of another name, or of another file.
        let mut services = written.services().iter();
        let service = services.find(|service| service.span.contains(placed.key.start as usize));
        // An anchor outside of the services may hold it, too.
        let name = service.map_or_else(|| placed.key.start.to_string(), |service| service.name.value.clone());
        let name = RepoPath::new(&format!("{path}#{name}"))?;
        let (file, _) = parse_embedded(&placed.value.text);
        let image = self.bases.inline_image((&name, path, &file), target, arguments)?;
        Some(Build {
            dockerfile: name,
            inline: Some(InlineDockerfile { path: path.clone(), file: Arc::new(file) }),
            context: context.clone(),
            image: Arc::new(image),
            by: None,
        })
    }

    /// A service that only names an image runs what the repository builds under that name. Where nothing is built so, its
    /// namesake of another stack in the same folder mostly builds it.
    fn build_elsewhere(&self, deployments: &mut [Deployment]) {
        let built: Vec<(RepoPath, String, Build)> = deployments
            .iter()
            .flat_map(|deployment| {
                let folder = folder_of(deployment);
                deployment
                    .services
                    .iter()
                    .filter_map(move |service| Some((folder.clone()?, service.name.clone(), service.build.clone()?)))
            })
            .collect();
        let builds = self.builds(deployments);
        for deployment in deployments.iter_mut() {
            let Some(folder) = folder_of(deployment) else { continue };
            let environment = deployment.environment.clone();
            let target = Target { environment: &environment, entry: self.entry(&deployment.evidence) };
            for service in &mut deployment.services {
                let Some(merged) = service.compose.clone().filter(|merged| merged.build.is_none()) else { continue };
                if let Some(build) = self.build_of(&builds, &merged, &environment) {
                    *service = self.service(&self.around(&environment), target, &merged, Some(build));
                    continue;
                }
                let named = merged.image.as_ref().and_then(|image| image.value.likely().map(ImageReference::parse));
                if merged.image.is_none() || named.as_ref().and_then(Role::of_image).is_some() {
                    continue;
                }
                let mut candidates = built.iter().filter(|(at, name, _)| *at == folder && *name == service.name);
                let Some((.., found)) = candidates.next() else { continue };
                let Some(build) = self.built_for(found, &environment) else { continue };
                *service = self.service(&self.around(&environment), target, &merged, Some(build));
            }
        }
    }

    /// How a sibling's image is built for an environment: the sibling may be the developers'. By a Dockerfile for the
    /// environment beside theirs, else by a stage that is not for others; `None` where there is neither.
    fn built_for(&self, build: &Build, environment: &Environment) -> Option<Build> {
        if let Some(build) = self.sibling_dockerfile(build, environment) {
            return Some(build);
        }
        let (file, _) = build.dockerfile_in(self.snapshot)?;
        let for_others = |stage: &Stage| {
            let told = stage.name.as_ref().and_then(|name| named_in_stage(name));
            environment.serves_real_users() && told.is_some_and(|(told, _)| !told.serves_real_users())
        };
        let target = build.image.stages.last().and_then(|index| file.stages.get(*index))?;
        if build.inline.is_some() || !for_others(target) {
            return Some(build.clone());
        }
        let last = file.stages.last().filter(|last| !for_others(last))?;
        self.image(&build.dockerfile, &build.context, Some(&last.index.to_string()), &BTreeMap::new())
    }

    /// `Dockerfile.prod` beside `Dockerfile`, for production.
    fn sibling_dockerfile(&self, build: &Build, environment: &Environment) -> Option<Build> {
        let folder = build.dockerfile.parent().filter(|_| build.inline.is_none())?;
        let sibling = self.snapshot.files_of(FileKind::Dockerfile).map(|entry| &entry.path).find(|path| {
            path.parent().as_ref() == Some(&folder)
                && named_in(path.file_name()).is_some_and(|(told, _)| told == *environment)
        })?;
        self.image(sibling, &build.context, None, &BTreeMap::new())
    }
}

fn named_image(placed: &compose::Placed<compose::Interpolated>) -> Option<NamedImage> {
    let text = placed.value.likely()?.to_owned();
    Some(NamedImage { reference: ImageReference::parse(&text), text, place: placed.place.clone() })
}

fn joined(files: &[RepoPath]) -> String {
    files.iter().map(RepoPath::as_str).collect::<Vec<_>>().join(" + ")
}

fn folder_of(deployment: &Deployment) -> Option<RepoPath> {
    deployment.files.first().and_then(RepoPath::parent)
}
