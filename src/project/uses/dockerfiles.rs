//! The Dockerfiles, whom they serve and what becomes of their stages.

use super::commands::of_build;
use crate::findings::Scope;
use crate::parse::dockerfile::{Dockerfile, InstructionKind, Stage};
use crate::project::built_images::{BuiltImage, OwnBases};
use crate::project::command::Invocation;
use crate::project::container::account::Account;
use crate::project::deployment::{Build, Deployment, InlineDockerfile, NamedImage, Service};
use crate::project::django::DjangoProject;
use crate::project::environment::{Environment, Variables};
use crate::project::evidence::{named_by_path, named_in};
use crate::project::image::labels::LabelFaults;
use crate::project::image::stages::{self, Untold};
use crate::project::image::{self, Image};
use crate::project::process::{self, Container, Process};
use crate::project::role::Role;
use crate::project::usage::{CommandUse, DockerfileUse, Origin, StageUse};
use crate::source::RepoPath;
use crate::tree::{Entry, FileKind, PathRole, Snapshot, role};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The Dockerfiles with the environments that they serve.
pub fn dockerfiles(
    snapshot: &Snapshot,
    projects: &[DjangoProject],
    deployments: &[Deployment],
    commands: &[CommandUse],
    built: &[BuiltImage],
    bases: &OwnBases<'_>,
) -> Vec<DockerfileUse> {
    let product = |entry: &&Entry| role(&entry.path) == PathRole::Product;
    let entries = snapshot.files_of(FileKind::Dockerfile).filter(product);
    let around = Around { snapshot, projects, deployments, commands, built, bases };
    let inline = inline_dockerfiles(deployments).into_iter();
    let inline = inline.map(|(build, inline)| of_file(&around, &build.dockerfile, &inline.path, inline.file.clone()));
    entries.filter_map(|entry| dockerfile(&around, &entry.path)).chain(inline).collect()
}

/// The builds whose Dockerfile is written into a compose file, each Dockerfile once.
pub(super) fn inline_dockerfiles(deployments: &[Deployment]) -> Vec<(&Build, &InlineDockerfile)> {
    let mut known = BTreeSet::new();
    // What real users get counts where variables make two of one.
    let by_rank = [true, false]
        .into_iter()
        .flat_map(|real| deployments.iter().filter(move |deployment| deployment.serves_real_users() == real));
    by_rank
        .flat_map(|deployment| &deployment.services)
        .filter_map(|service| service.build.as_ref())
        .filter_map(|build| Some((build, build.inline.as_ref()?)))
        .filter(|(build, _)| known.insert(&build.dockerfile))
        .collect()
}

/// What is known besides a Dockerfile.
struct Around<'a> {
    snapshot: &'a Snapshot,
    projects: &'a [DjangoProject],
    deployments: &'a [Deployment],
    commands: &'a [CommandUse],
    built: &'a [BuiltImage],
    bases: &'a OwnBases<'a>,
}

/// Builders whose files are not read: any Dockerfile may be theirs.
const OTHER_BUILDERS: [&str; 14] = [
    ".drone.yml",
    "Jenkinsfile",
    "Tiltfile",
    "Earthfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "buildspec.yml",
    "captain-definition",
    "cloudbuild.yaml",
    "cloudbuild.yml",
    "docker-bake.hcl",
    "skaffold.yaml",
    "skaffold.yml",
    ".circleci/config.yml",
];

impl Around<'_> {
    /// What a Dockerfile is taken to serve where neither a deployment nor its name tells.
    fn untold(&self, path: &RepoPath, context: &RepoPath) -> Untold {
        let is_leftover = self.is_leftover(path, context);
        let environment = if is_leftover { Environment::Development } else { untold_environment(self.snapshot, path) };
        Untold { environment, is_leftover }
    }

    /// Whether a Dockerfile is nobody's: production is known, is built from others, and nothing that is read builds it
    /// for real users.
    fn is_leftover(&self, path: &RepoPath, context: &RepoPath) -> bool {
        let builds =
            |service: &Service| service.build.iter().any(|build| build.layers().any(|it| it.dockerfile == path));
        let mut real = self.deployments.iter().filter(|deployment| deployment.serves_real_users());
        let known = || {
            let known = |it: &&Deployment| it.environment == Environment::Production && !it.is_assumed();
            self.deployments.iter().filter(known).flat_map(|deployment| &deployment.services)
        };
        // The image of a service that only names one may be made of it.
        let may_be_of_it = |service: &Service| {
            let own = matches!(service.role, Role::Web | Role::Worker | Role::Scheduler | Role::Job);
            let folder = path.parent().unwrap_or_else(RepoPath::root);
            let alike = |image: &NamedImage| !folder.is_root() && image.reference.name().contains(folder.file_name());
            service.build.is_none() && service.image.as_ref().is_some_and(|image| own || alike(image))
        };
        // A project that is not among what is known to be deployed has a production of its own.
        let is_deployed = |project: &DjangoProject| {
            known().any(|service| service.django.as_ref().is_some_and(|django| django.project == project.root))
        };
        let mut here = self.projects.iter().filter(|project| project.root.is_under(context));
        let by_command = |built: &BuiltImage| built.recipe.as_ref().is_none_or(|recipe| recipe.dockerfile == *path);
        known().any(|service| service.build.is_some())
            && !known().any(may_be_of_it)
            && !real.any(|deployment| deployment.may_build(path) || deployment.services.iter().any(builds))
            && here.all(is_deployed)
            && !self.bases.is_built_upon(path)
            && !self.built.iter().any(by_command)
            && !OTHER_BUILDERS.iter().filter_map(|name| RepoPath::new(name)).any(|name| self.snapshot.shares(&name))
    }
}

fn dockerfile(around: &Around<'_>, path: &RepoPath) -> Option<DockerfileUse> {
    Some(of_file(around, path, path, around.snapshot.dockerfile(path).ok()?.0.clone()))
}

/// A Dockerfile that goes by `name` and stands in the file at `written_in`.
fn of_file(around: &Around<'_>, name: &RepoPath, written_in: &RepoPath, file: Arc<Dockerfile>) -> DockerfileUse {
    let &Around { snapshot, projects, deployments, .. } = around;
    let path = name;
    let services = deployments.iter().flat_map(|deployment| &deployment.services);
    let mut builds = services.filter_map(|service| service.build.as_ref()).filter(|build| build.dockerfile == *path);
    let context = builds.next().map_or_else(|| context_of(snapshot, path, projects), |build| build.context.clone());
    let untold = around.untold(path, &context);
    let scope = scope_of_dockerfile(path, deployments, &untold);
    let stages = stages_of(around, (path, written_in), &file, &scope, &context, &untold);
    DockerfileUse {
        path: written_in.clone(),
        name: name.clone(),
        file,
        context,
        named_contexts: named_contexts(path, deployments),
        scope,
        stages,
    }
}

fn stages_of(
    around: &Around<'_>,
    (name, path): (&RepoPath, &RepoPath),
    file: &Dockerfile,
    scope: &Scope,
    context: &RepoPath,
    untold: &Untold,
) -> Vec<StageUse> {
    let &Around { snapshot, deployments, commands, built, bases, .. } = around;
    let based_upon: Vec<usize> = file
        .stages
        .iter()
        .filter_map(|stage| file.stage_named(&stage.base.value, stage.index).map(|below| below.index))
        .collect();
    let is_inline = name != path;
    let image = |stage: &Stage| {
        let (target, none) = (stage.index.to_string(), BTreeMap::new());
        match is_inline {
            true => bases.inline_image((name, path, file), Some(&target), &none),
            false => bases.image(path, Some(&target), &none),
        }
    };
    let images: Vec<Option<Image>> = file.stages.iter().map(image).collect();
    let fates = stages::fates(name, file, untold, &images, deployments, bases.is_built_upon(name), &|image| {
        process_of(snapshot, image, context)
    });
    let own = if is_inline { of_build(file) } else { Vec::new() };
    let own = own.iter().flat_map(|(stage, invocations)| invocations.iter().map(|invocation| (*stage, invocation)));
    let run: Vec<(usize, &Invocation)> = commands
        .iter()
        .filter(|command| command.path == *path)
        .filter_map(|command| match command.origin {
            Origin::Build { stage } => Some((stage, &command.invocation)),
            _ => None,
        })
        .chain(own)
        .collect();
    let mut steps = image::steps(file, path, &images, &run).into_iter();
    let stages = file.stages.iter().zip(images).zip(fates).filter_map(|((stage, image), fate)| {
        let steps = steps.next().unwrap_or_default();
        let image = Arc::new(image?);
        let base_is_built_here = image.below.is_some()
            || image.named_base.value.likely().is_some_and(|base| stages::is_built_here(base, deployments, built));
        Some(StageUse {
            index: stage.index,
            name: stage.name.as_ref().map_or_else(|| stage.index.to_string(), |name| name.value.clone()),
            starts_from_stage: image.stages.len() > 1 || image.below.is_some(),
            base: image.named_base.clone(),
            base_place: stage.base.place(path),
            image,
            is_final: !based_upon.contains(&stage.index),
            scope: if fate.scope.is_empty() { scope.clone() } else { fate.scope },
            is_target: fate.is_target,
            is_kept: fate.is_kept,
            starts_entrypoint: fate.starts_entrypoint,
            starts_cmd: fate.starts_cmd,
            account: fate.account.unwrap_or(Account::Unknown),
            labels: LabelFaults::default(),
            steps,
            base_is_built_here,
        })
    });
    stages.collect()
}

/// The contexts that deployments give the build of a Dockerfile by name.
fn named_contexts(path: &RepoPath, deployments: &[Deployment]) -> Vec<String> {
    let services = deployments.iter().flat_map(|deployment| &deployment.services);
    let builds = services.filter(|service| service.build.as_ref().is_some_and(|build| build.dockerfile == *path));
    let merged = builds.filter_map(|service| service.compose.as_ref()?.build.as_ref());
    merged.flat_map(|build| &build.value.additional_contexts).map(|context| context.value.name.clone()).collect()
}

/// What a container of an image runs where no stack says otherwise.
fn process_of(snapshot: &Snapshot, image: &Image, context: &RepoPath) -> Process {
    let workdir = image.workdir.as_ref().and_then(|folder| folder.value.likely().cloned());
    let workdir = workdir.unwrap_or_else(|| "/".to_owned());
    let container = Container { snapshot, image: Some(image), context: Some(context), mounts: &[], workdir };
    process::follow(&container, None, Variables::default())
}

/// The folder that a Dockerfile is built from where nothing says so: the one that has what is copied, its own before the
/// root. Where that does not tell, its own unless the project lies elsewhere: `docker/production.Dockerfile`.
pub fn context_of(snapshot: &Snapshot, path: &RepoPath, projects: &[DjangoProject]) -> RepoPath {
    let folder = path.parent().unwrap_or_else(RepoPath::root);
    let sources = sources_of(snapshot, path);
    let has_all = |context: &RepoPath| {
        sources.iter().all(|source| {
            context
                .join(source.trim_start_matches('/'))
                .is_some_and(|path| snapshot.shares(&path) || snapshot.tree().is_dir(&path))
        })
    };
    let holds_project = |folder: &RepoPath| projects.iter().any(|project| project.root.is_under(folder));
    match (has_all(&folder), has_all(&RepoPath::root())) {
        (true, false) => folder,
        (false, true) => RepoPath::root(),
        _ if holds_project(&folder) || !holds_project(&RepoPath::root()) => folder,
        _ => RepoPath::root(),
    }
}

/// The literal paths that a Dockerfile copies out of its context.
fn sources_of(snapshot: &Snapshot, path: &RepoPath) -> Vec<String> {
    let Ok(parsed) = snapshot.dockerfile(path) else { return Vec::new() };
    let transfers = parsed.0.instructions.iter().filter(|instruction| instruction.flag("from").is_none());
    transfers
        .filter_map(|instruction| match &instruction.kind {
            InstructionKind::Copy(transfer) => Some(transfer),
            _ => None,
        })
        .flat_map(|transfer| transfer.sources.iter().filter_map(|source| source.literal()))
        .filter(|source| !source.contains(['*', '?', '[']) && !matches!(source.as_str(), "." | "./"))
        .collect()
}

/// What a Dockerfile is taken to serve that nothing builds and whose name tells nothing: production, unless a
/// `Dockerfile.prod` stands beside it.
pub fn untold_environment(snapshot: &Snapshot, path: &RepoPath) -> Environment {
    let has_twin = path.file_name() == "Dockerfile"
        && snapshot.files_of(FileKind::Dockerfile).any(|entry| {
            let named = named_in(entry.path.file_name());
            entry.path.parent() == path.parent() && named.is_some_and(|it| it.0 == Environment::Production)
        });
    if has_twin { Environment::Development } else { Environment::Production }
}

fn scope_of_dockerfile(path: &RepoPath, deployments: &[Deployment], untold: &Untold) -> Scope {
    let mut scope = Scope::default();
    for deployment in deployments {
        let builds = |service: &Service| service.build.as_ref().is_some_and(|build| build.dockerfile == *path);
        if deployment.services.iter().any(builds) || deployment.may_build(path) {
            scope.add(deployment.environment.clone(), deployment.is_assumed());
        }
    }
    if scope.is_empty() {
        match named_by_path(path) {
            Some((environment, _)) => scope.add(environment, untold.is_leftover),
            None => scope.add(untold.environment.clone(), true),
        }
    }
    scope
}
