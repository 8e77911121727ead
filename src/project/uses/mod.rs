//! Collects the subjects that stand in files rather than in deployments: commands, Dockerfiles, env files, problems.

mod commands;
mod dockerfiles;

pub use commands::{commands, inline_commands};
pub use dockerfiles::{context_of, dockerfiles, untold_environment};

use crate::findings::Scope;
use crate::project::compose::Location;
use crate::project::deployment::Deployment;
use crate::project::usage::{EnvFileUse, FileUse};
use crate::source::{Encoding, Place, RepoPath};
use crate::tree::{Entry, FileKind, PathRole, Snapshot, role};
use rayon::prelude::*;

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
