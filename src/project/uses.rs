//! Collects the subjects that stand in files rather than in deployments: commands, Dockerfiles, env files, problems.

use super::built_images::{BuiltImage, OwnBases};
use super::command::{Invocation, compose, from_fragments, invocations, script_invocations};
use super::compose::Location;
use super::container::account::Account;
use super::deployment::{Build, Deployment, InlineDockerfile, NamedImage, Service};
use super::django::DjangoProject;
use super::environment::{Environment, Variables};
use super::evidence::{named_by_path, named_in};
use super::image::labels::LabelFaults;
use super::image::stages::{self, Untold};
use super::image::{self, Image};
use super::process::{self, Container, Process};
use super::role::Role;
use super::script;
use super::script::shells::Standing;
use super::usage::{CommandUse, DockerfileUse, EnvFileUse, FileUse, Origin, StageUse};
use crate::findings::Scope;
use crate::parse::dockerfile::{CommandForm, Dockerfile, InstructionKind, Stage, plain_words};
use crate::parse::makefile::Makefile;
use crate::parse::shell::{self, Word};
use crate::parse::workflow::Pair;
use crate::source::{Encoding, Fragment, Place, RepoPath};
use crate::tree::{Entry, FileKind, PathRole, Snapshot, role};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Every command that is written anywhere but in a container's start, sorted by place.
pub fn commands(snapshot: &Snapshot) -> Vec<CommandUse> {
    // Most files of a repository are of kinds that hold none, and cheaper to tell by it than by their role.
    let may_hold = |entry: &&Entry| {
        !matches!(entry.kind, FileKind::Text | FileKind::Binary)
            && !entry.kind.is_python()
            && role(&entry.path) == PathRole::Product
    };
    let entries: Vec<&Entry> = snapshot.tree().entries().iter().filter(may_hold).collect();
    let found: Vec<Vec<CommandUse>> = entries.par_iter().map(|entry| commands_of(snapshot, entry)).collect();
    found.into_iter().flatten().collect()
}

fn commands_of(snapshot: &Snapshot, entry: &Entry) -> Vec<CommandUse> {
    let path = &entry.path;
    let mut found = Vec::new();
    let mut part = 0;
    let mut add_all = |invocations: Vec<Invocation>, origin: &Origin, scope: &Scope| {
        found.extend(invocations.into_iter().map(|invocation| CommandUse {
            path: path.clone(),
            invocation,
            origin: origin.clone(),
            scope: scope.clone(),
            stack: None,
            part,
            standing: Standing::default(),
        }));
        part += 1;
    };
    match entry.kind {
        FileKind::Script => {
            if let Ok(parsed) = snapshot.script(path)
                && parsed.0.interpreter().is_none_or(|interpreter| interpreter.ends_with("sh"))
            {
                let scope = scope_of_name(path.as_str());
                add_all(script_invocations(&parsed.0), &Origin::Script, &scope);
            }
        }
        FileKind::Makefile | FileKind::Justfile => {
            if let Ok(parsed) = snapshot.makefile(path, entry.kind) {
                let scopes = scopes_of_targets(&parsed.0);
                for target in &parsed.0.targets {
                    let scope = scopes.get(target.name.value.as_str()).cloned().unwrap_or_default();
                    let origin = Origin::Recipe { target: target.name.value.clone() };
                    target.recipes.iter().for_each(|recipe| add_all(of_text(&recipe.script), &origin, &scope));
                }
            }
        }
        FileKind::Workflow => {
            if let Ok(parsed) = snapshot.workflow(path) {
                for job in &parsed.0.jobs {
                    let scope = scope_of_name(&job.id.value);
                    let origin = Origin::Workflow { job: job.id.value.clone() };
                    for step in &job.steps {
                        let run = step.run.as_ref().map(|run| {
                            let mut invocations = of_text(run);
                            let given = [&parsed.0.env, &job.env, &step.env].into_iter().flatten();
                            given_by_pipeline(&mut invocations, &given.collect::<Vec<_>>());
                            invocations
                        });
                        let invocations = run.or_else(|| script::sent_by_action(step));
                        add_all(invocations.unwrap_or_default(), &origin, &scope);
                    }
                }
            }
        }
        FileKind::GitlabCi => {
            if let Ok(parsed) = snapshot.gitlab_ci(path) {
                for job in &parsed.0.jobs {
                    let scope = scope_of_name(&job.name.value);
                    let origin = Origin::Workflow { job: job.name.value.clone() };
                    let parts = [&job.before_script, &job.script, &job.after_script].into_iter().flatten();
                    parts.flat_map(|script| &script.lines).for_each(|line| add_all(of_text(line), &origin, &scope));
                }
            }
        }
        kind if kind.is_manifest() => {
            if let Ok(parsed) = snapshot.manifest(path, kind) {
                let lines = parsed.0.other_commands();
                lines.for_each(|line| add_all(of_text(line), &Origin::Platform, &Scope::default()));
            }
        }
        FileKind::Dockerfile => {
            if let Ok(parsed) = snapshot.dockerfile(path) {
                for (stage, invocations) in of_build(&parsed.0) {
                    add_all(invocations, &Origin::Build { stage }, &Scope::default());
                }
            }
        }
        _ => {}
    }
    found
}

fn of_text(text: &Fragment) -> Vec<Invocation> {
    script_invocations(&shell::parse(text).0)
}

/// Gives the commands of Compose what the environment of their pipeline, job and step says to it. What runs on another
/// machine does not get it, nor what the script itself exports.
fn given_by_pipeline(invocations: &mut [Invocation], given: &[&Pair]) {
    let to_compose = |pair: &&&Pair| pair.name.value.starts_with("COMPOSE_") && !pair.value.text().contains("${{");
    let given: Vec<_> = given.iter().filter(to_compose).collect();
    let exported = |invocations: &[Invocation], name: &str| {
        let exports = invocations.iter().filter(|invocation| invocation.program == "export");
        exports.flat_map(|export| &export.environment).any(|(known, _)| known.value == name)
    };
    for pair in given.into_iter().rev() {
        if exported(invocations, &pair.name.value) {
            continue;
        }
        for invocation in invocations.iter_mut().filter(|it| it.host().is_none() && it.container().is_none()) {
            if compose(invocation).is_some() {
                invocation.environment.insert(0, (pair.name.clone(), Word::of_fragment(pair.value.clone())));
            }
        }
    }
}

/// What the `RUN` instructions of a Dockerfile run, text by text, each with the stage that it stands in.
fn of_build(file: &Dockerfile) -> Vec<(usize, Vec<Invocation>)> {
    let bourne = file.read_by_bourne();
    let mut found = Vec::new();
    for stage in &file.stages {
        for (at, instruction) in file.body(stage) {
            // What `ONBUILD` holds back runs in images that are built on this one.
            let instruction = instruction.effective();
            let InstructionKind::Run(form) = &instruction.kind else { continue };
            let mut add = |invocations| found.push((stage.index, invocations));
            match form {
                CommandForm::Shell(text) if !bourne[at] => {
                    add(invocations(&from_fragments(&plain_words(text).unwrap_or_default())));
                }
                CommandForm::Heredoc { .. } if !bourne[at] => {}
                CommandForm::Shell(text) => add(of_text(text)),
                CommandForm::Exec(words) => add(invocations(&from_fragments(words))),
                CommandForm::Heredoc { command, script, interpreter } => {
                    add(of_text(command));
                    let shell = interpreter.as_ref().is_none_or(|name| name.ends_with("sh"));
                    let body = script.filter(|_| shell).and_then(|at| instruction.heredocs.get(at));
                    body.into_iter().for_each(|it| add(of_text(&it.body)));
                }
            }
        }
    }
    found
}

/// The scope that a name speaks of: `deploy-prod`, `scripts/dev.sh`. None in particular where it does not.
fn scope_of_name(name: &str) -> Scope {
    let told = RepoPath::new(name).and_then(|path| named_by_path(&path)).or_else(|| named_in(name));
    told.map_or_else(Scope::default, |(environment, _)| Scope::of(environment, false))
}

/// The scopes of a Makefile's targets: as their names say, else those of the targets that have them made before.
fn scopes_of_targets(file: &Makefile) -> HashMap<&str, Scope> {
    let mut made_before: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut scopes: HashMap<&str, Scope> = HashMap::new();
    for target in &file.targets {
        let name = target.name.value.as_str();
        made_before.entry(name).or_default().extend(target.prerequisites.iter().map(|it| it.value.as_str()));
        scopes.insert(name, scope_of_name(name));
    }
    let silent: HashSet<&str> = scopes.iter().filter(|(_, scope)| scope.is_empty()).map(|(name, _)| *name).collect();
    let told: BTreeSet<Environment> = scopes.values().flat_map(|scope| &scope.environments).cloned().collect();
    for environment in told {
        let own = scopes.iter().filter(|(_, scope)| scope.environments.contains(&environment));
        let mut open: Vec<&str> = own.map(|(name, _)| *name).collect();
        let mut left = silent.clone();
        while let Some(target) = open.pop() {
            for before in made_before.get(target).into_iter().flatten().copied() {
                if left.remove(before) {
                    scopes.entry(before).or_default().add(environment.clone(), false);
                    open.push(before);
                }
            }
        }
    }
    scopes
}

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
fn inline_dockerfiles(deployments: &[Deployment]) -> Vec<(&Build, &InlineDockerfile)> {
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

/// The commands of the builds whose Dockerfile is written into a compose file.
pub fn inline_commands(deployments: &[Deployment]) -> Vec<CommandUse> {
    let mut found = Vec::new();
    for (part, (_, inline)) in inline_dockerfiles(deployments).into_iter().enumerate() {
        for (at, (stage, invocations)) in of_build(&inline.file).into_iter().enumerate() {
            found.extend(invocations.into_iter().map(|invocation| CommandUse {
                path: inline.path.clone(),
                invocation,
                origin: Origin::Build { stage },
                scope: Scope::default(),
                // Apart from those of the other Dockerfiles of the file.
                part: part * MAX_PARTS + at,
                standing: Standing::default(),
                stack: None,
            }));
        }
    }
    found
}

/// More texts of one Dockerfile are not told apart from those of the next in the file.
const MAX_PARTS: usize = 1 << 16;

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

/// The env files with the deployments that load them.
pub fn env_files(snapshot: &Snapshot, deployments: &[Deployment]) -> Vec<EnvFileUse> {
    snapshot
        .files_of(FileKind::EnvFile)
        .filter_map(|entry| {
            let file = snapshot.env_file(&entry.path).ok()?.0.clone();
            let (mut scope, mut loaded_by) = (Scope::default(), Vec::new());
            for deployment in deployments {
                for place in loads(deployment, &entry.path) {
                    scope.add(deployment.environment.clone(), deployment.is_assumed());
                    if !loaded_by.contains(&place) {
                        loaded_by.push(place);
                    }
                }
            }
            loaded_by.sort();
            Some(EnvFileUse { path: entry.path.clone(), file, git: entry.git, scope, loaded_by })
        })
        .collect()
}

/// The places of a deployment that load an env file: `env_file` entries, `.env` beside the compose files.
fn loads(deployment: &Deployment, path: &RepoPath) -> Vec<Place> {
    let mut places = Vec::new();
    for service in deployment.services.iter().filter_map(|service| service.compose.as_ref()) {
        for entry in &service.env_files {
            if entry.value.path.location.likely().and_then(Location::inside) == Some(path) {
                places.push(entry.place.clone());
            }
        }
    }
    let folder = deployment.files.first().and_then(RepoPath::parent);
    if path.file_name() == ".env" && folder.is_some() && path.parent() == folder {
        places.extend(deployment.files.first().cloned().map(Place::start_of));
    }
    places
}

/// The recognised files with what reading and parsing them brought up.
pub fn files(snapshot: &Snapshot) -> Vec<FileUse> {
    let recognised = |entry: &&Entry| {
        !matches!(entry.kind, FileKind::Text | FileKind::Binary | FileKind::Python | FileKind::Models | FileKind::Urls)
            && role(&entry.path) == PathRole::Product
    };
    let entries: Vec<&Entry> = snapshot.tree().entries().iter().filter(recognised).collect();
    entries.par_iter().map(|entry| file(snapshot, entry)).collect()
}

fn file(snapshot: &Snapshot, entry: &Entry) -> FileUse {
    let path = &entry.path;
    let (encoding, unreadable) = match snapshot.source(path) {
        Ok(source) => (source.encoding, None),
        Err(error) => (Encoding::Utf8, Some(error.to_string())),
    };
    let problems = match entry.kind {
        FileKind::Compose => snapshot.compose(path).map(|parsed| parsed.1.clone()),
        FileKind::Dockerfile => snapshot.dockerfile(path).map(|parsed| parsed.1.clone()),
        FileKind::Dockerignore => snapshot.dockerignore(path).map(|parsed| parsed.1.clone()),
        FileKind::EnvFile => snapshot.env_file(path).map(|parsed| parsed.1.clone()),
        FileKind::Settings | FileKind::DjangoEntry => snapshot.python(path).map(|parsed| parsed.1.clone()),
        FileKind::Nginx => snapshot.nginx(path).map(|parsed| parsed.1.clone()),
        FileKind::Workflow => snapshot.workflow(path).map(|parsed| parsed.1.clone()),
        kind if kind.is_manifest() => snapshot.manifest(path, kind).map(|parsed| parsed.1.clone()),
        _ => Ok(Vec::new()),
    };
    FileUse { path: path.clone(), kind: entry.kind, encoding, problems: problems.unwrap_or_default(), unreadable }
}
