//! What of a build context an image takes along: files that should stay behind, and files that do.

use super::{CopiedPath, CopySource};
use crate::parse::dockerignore::{Dockerignore, clean};
use crate::project::compose::Location;
use crate::project::deployment::{Deployment, Service};
use crate::project::evidence::named_by_path;
use crate::project::model::Model;
use crate::project::role::Role;
use crate::project::settings::REPOSITORY;
use crate::project::usage::DockerfileUse;
use crate::project::value::Value;
use crate::source::{Place, RepoPath, Spanned};
use crate::tree::{GitStatus, PathRole, role};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A file that an image takes along and that nobody but its owner should have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// What it is. The worst kinds come first.
    pub kind: LeakKind,
    /// Relative to the context.
    pub path: String,
    /// The instruction that copies it.
    pub copy: Place,
}

/// What kind of file is taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeakKind {
    /// An env file with secrets.
    EnvFile,
    /// The folder of the server that a database keeps its files or its dumps in.
    Database,
    /// The folder of the server that uploads are written to.
    Uploads,
    /// `.git`: the whole history.
    History,
}

/// A path that is copied by name although the build context does not have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The path as written in the instruction.
    pub path: String,
    /// The instruction.
    pub copy: Place,
    /// The pattern that leaves it out.
    pub pattern: Spanned<String>,
    /// The file that the pattern stands in.
    pub ignore_file: RepoPath,
}

/// The private files that the image of `dockerfile` takes along, sorted. Nothing is said of what a build without any
/// `.dockerignore` takes as a part of everything.
pub fn leaks(model: &Model, dockerfile: &DockerfileUse) -> BTreeSet<Leak> {
    let (_, ignore) = ignore_file(model, dockerfile);
    let mut candidates: Vec<(LeakKind, String)> = env_files(model, dockerfile);
    candidates.extend(databases(model, dockerfile).into_iter().map(|path| (LeakKind::Database, path)));
    candidates.extend(uploads(model, dockerfile).into_iter().map(|path| (LeakKind::Uploads, path)));
    // The clone that a build starts from has its history at its top.
    if dockerfile.context.is_root() {
        candidates.push((LeakKind::History, ".git".to_owned()));
    }
    let Some(last) = dockerfile.stages.last() else { return BTreeSet::new() };
    let copies = || last.image.copies.iter().filter(|copy| copy.from == CopySource::Context);
    let taken = |(kind, path): (LeakKind, String)| {
        if ignore.as_ref().is_some_and(|ignore| ignore.excludes(&path)) {
            return None;
        }
        let copy = copies().find(|copy| takes(copy, &path, ignore.is_some()))?;
        Some(Leak { kind, path, copy: copy.place.clone() })
    };
    candidates.into_iter().filter_map(taken).collect()
}

/// The paths that `dockerfile` copies by name and its `.dockerignore` leaves out.
pub fn left_out(model: &Model, dockerfile: &DockerfileUse) -> Vec<LeftOut> {
    let (Some(ignore_file), Some(ignore)) = ignore_file(model, dockerfile) else { return Vec::new() };
    let there = |path: &str| {
        let path = dockerfile.context.join(path);
        path.is_some_and(|path| model.snapshot.shares(&path) || model.snapshot.tree().is_dir(&path))
    };
    let mut found: Vec<LeftOut> = Vec::new();
    for copy in dockerfile.stages.iter().flat_map(|stage| &stage.image.copies) {
        if copy.from != CopySource::Context || found.iter().any(|known| known.copy == copy.place) {
            continue;
        }
        for source in copy.sources.iter().filter_map(|source| source.value.known()) {
            let path = clean(&format!("/{source}"));
            let path = path.trim_start_matches('/');
            if path.is_empty() || source.contains(['*', '?', '[', ':']) || !there(path) || taken_back(&ignore, path) {
                continue;
            }
            if let Some(pattern) = ignore.deciding(path).filter(|pattern| !pattern.negated) {
                let (path, copy) = (source.clone(), copy.place.clone());
                found.push(LeftOut { path, copy, pattern: pattern.text.clone(), ignore_file: ignore_file.clone() });
                break;
            }
        }
    }
    found
}

fn ignore_file(model: &Model, dockerfile: &DockerfileUse) -> (Option<RepoPath>, Option<Arc<Dockerignore>>) {
    let path = dockerfile.ignore_file(&model.snapshot);
    let ignore = path.as_ref().and_then(|path| model.snapshot.dockerignore(path).ok()).map(|parsed| parsed.0.clone());
    (path, ignore)
}

/// Whether a `!` pattern may take something below `folder` back: then the folder is there, with that in it.
fn taken_back(ignore: &Dockerignore, folder: &str) -> bool {
    let below = |pattern: &str| pattern.starts_with(&format!("{folder}/")) || pattern.contains(['*', '?', '[']);
    ignore.patterns.iter().any(|pattern| pattern.negated && below(&pattern.cleaned))
}

fn relative(path: &RepoPath, context: &RepoPath) -> Option<String> {
    path.relative_to(context).map(str::to_owned)
}

/// Whether `copy` brings along the file at `path`, relative to the context. `whole`: whether copies of everything count.
fn takes(copy: &CopiedPath, path: &str, whole: bool) -> bool {
    let excluded = || {
        !copy.exclude.is_empty() && {
            let (exclude, _) = crate::parse::dockerignore::parse(&copy.exclude.join("\n"));
            exclude.excludes(path)
        }
    };
    let reaches = |source: &String| {
        let source = clean(&format!("/{source}"));
        match source.trim_start_matches('/') {
            "" => whole,
            folder => path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        }
    };
    copy.sources.iter().filter_map(|source| source.value.likely()).any(reaches) && !excluded()
}

/// Env files in the context: those with secrets that the repository has, and those that the server has on which a stack
/// with this Dockerfile is built.
fn env_files(model: &Model, dockerfile: &DockerfileUse) -> Vec<(LeakKind, String)> {
    let context = &dockerfile.context;
    // Those that production loads are told where they are committed.
    let untold = model.env_files.iter().filter(|file| file.git != GitStatus::Ignored && file.loaded_by.is_empty());
    let committed = untold.filter(|file| file.own_secrets().next().is_some());
    let of_developers = |path: &RepoPath| {
        let named = named_by_path(path).map(|(environment, _)| environment);
        named.is_some_and(|environment| !environment.serves_real_users())
    };
    let committed =
        committed.map(|file| file.path.clone()).filter(|path| role(path) == PathRole::Product && !of_developers(path));
    let builds = |deployment: &&Deployment| {
        let this = |service: &crate::project::deployment::Service| {
            service.build.as_ref().is_some_and(|build| build.dockerfile == dockerfile.name)
        };
        deployment.serves_real_users() && deployment.services.iter().any(this)
    };
    let on_server = model.deployments.iter().filter(builds).flat_map(|deployment| expected(model, deployment));
    let all: BTreeSet<RepoPath> = committed.chain(on_server).collect();
    all.iter().filter_map(|path| Some((LeakKind::EnvFile, relative(path, context)?))).collect()
}

/// The folders of the server that a stack which is built there writes uploads to, where they lie in the context.
fn uploads(model: &Model, dockerfile: &DockerfileUse) -> BTreeSet<String> {
    let deployments = model.deployments.iter().filter(|deployment| deployment.serves_real_users());
    let services = deployments.flat_map(|deployment| &deployment.services);
    let built = services.filter(|it| it.build.as_ref().is_some_and(|build| build.dockerfile == dockerfile.name));
    let folders = built.flat_map(|service| {
        let root = service.django.as_ref().map(|django| django.settings.read(&["MEDIA_ROOT"]));
        let root = root.as_ref().and_then(|root| root.value.value.known()?.as_path());
        let root = root.map(|path| path.trim_end_matches('/').to_owned());
        let mounts = service.compose.iter().flat_map(|merged| &merged.volumes);
        mounts.filter_map(move |mount| {
            let (root, folder) = (root.as_ref()?, mount.value.inside()?);
            let target = mount.value.target.as_ref()?.likely()?.trim_end_matches('/');
            // Settings know the folder by its place in the repository or in the container.
            let holds = format!("{REPOSITORY}/{folder}") == *root || target == root;
            holds.then_some(folder)
        })
    });
    folders.filter_map(|folder| relative(folder, &dockerfile.context)).filter(|path| !path.is_empty()).collect()
}

/// The folders of the server in which a database that runs beside what is built there keeps its files or dumps, where they
/// lie in the context. The repository has nothing in them.
fn databases(model: &Model, dockerfile: &DockerfileUse) -> BTreeSet<String> {
    let tree = model.snapshot.tree();
    let builds = |deployment: &&Deployment| {
        let this = |service: &Service| service.build.as_ref().is_some_and(|build| build.dockerfile == dockerfile.name);
        deployment.serves_real_users() && deployment.services.iter().any(this)
    };
    let deployments = model.deployments.iter().filter(builds);
    let databases = deployments.flat_map(|it| &it.services).filter(|service| service.role == Role::Database);
    let folders = databases.flat_map(|service| {
        let mounts = service.compose.iter().flat_map(|merged| &merged.volumes);
        mounts.filter_map(|mount| {
            let (folder, target) = (mount.value.inside()?, mount.value.target.as_ref()?.likely()?);
            let of_data = ["/var/lib/", "/data", "/bitnami/"].iter().any(|start| target.starts_with(start));
            let of_dumps = ["backup", "dump"].iter().any(|word| target.contains(word));
            let kept = |name: &str| name.starts_with('.') || name.to_ascii_lowercase().starts_with("readme");
            let only_there = tree.entry(folder).is_none()
                && tree.under(folder).iter().all(|it| it.git == GitStatus::Ignored || kept(it.path.file_name()));
            ((of_data || of_dumps) && only_there).then_some(folder)
        })
    });
    folders.filter_map(|folder| relative(folder, &dockerfile.context)).filter(|path| !path.is_empty()).collect()
}

/// The env files that a deployment loads and that its server has, since git ignores them: what `env_file` names, and
/// `.env` beside compose files that have variables to fill in.
fn expected(model: &Model, deployment: &Deployment) -> Vec<RepoPath> {
    let services = deployment.services.iter().filter_map(|service| service.compose.as_ref());
    let named =
        services.flat_map(|service| &service.env_files).filter(|entry| entry.value.required == Value::Known(true));
    let named = named.filter_map(|entry| entry.value.path.location.known().and_then(Location::inside).cloned());
    let fills_in = |file: &RepoPath| model.snapshot.source(file).is_ok_and(|source| source.text.contains("${"));
    let beside = deployment.files.first().filter(|_| deployment.files.iter().any(fills_in));
    let beside = beside.and_then(|file| file.parent()?.join(".env"));
    let on_server = |path: &RepoPath| model.gitignores.deciding(path).is_some();
    named.chain(beside).filter(on_server).collect()
}
