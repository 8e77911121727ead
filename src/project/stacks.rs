//! Which compose files are started together, and which environment each such stack serves.

use super::Sources;
use super::command::compose_command;
use super::environment::Environment;
use super::evidence::{Evidence, EvidenceKind, named_by_path, named_in};
use super::usage::CommandUse;
use crate::parse::compose::ComposeFile;
use crate::source::{Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An ordered list of compose files that are merged, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackFiles {
    /// In merge order: the first is the base.
    pub files: Vec<RepoPath>,
    /// The environment that it serves.
    pub environment: Environment,
    /// What says so, the best first.
    pub evidence: Vec<Evidence>,
}

/// The names under which Docker Compose finds a project's file by itself, in its order of preference.
const DEFAULT_NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// Finds the stacks of a repository. Started stacks (`-f` flags) come first, then those that files' names tell of.
pub fn find(compose_files: &[(RepoPath, Arc<ComposeFile>)], commands: &[CommandUse], sources: &Sources<'_>) -> Vec<StackFiles> {
    let mut stacks = started(compose_files, commands);
    let mut folders: BTreeMap<RepoPath, Vec<&(RepoPath, Arc<ComposeFile>)>> = BTreeMap::new();
    for file in compose_files {
        folders.entry(file.0.parent().unwrap_or_else(RepoPath::root)).or_default().push(file);
    }
    for files in folders.values() {
        for stack in Folder::new(files, sources).stacks() {
            // A list of files that somebody starts was found already, with better evidence.
            let known = stacks.iter().any(|other| {
                other.files == stack.files
                    || (stack.files.len() == 1 && other.environment == stack.environment && other.files.contains(&stack.files[0]))
            });
            if !known {
                stacks.push(stack);
            }
        }
    }
    stacks
}

/// Stacks that a command starts by naming their files.
fn started(compose_files: &[(RepoPath, Arc<ComposeFile>)], commands: &[CommandUse]) -> Vec<StackFiles> {
    let mut found: Vec<StackFiles> = Vec::new();
    for command in commands {
        let Some(compose) = compose_command(&command.invocation) else { continue };
        let folder = command.path.parent().unwrap_or_else(RepoPath::root);
        let files: Option<Vec<RepoPath>> = compose
            .files
            .iter()
            .map(|file| {
                let name = file.literal()?;
                // Scripts in a folder of their own are mostly started from the root.
                [RepoPath::root(), folder.clone()]
                    .into_iter()
                    .filter_map(|from| from.join(&name))
                    .find(|path| compose_files.iter().any(|(known, _)| known == path))
            })
            .collect();
        let Some(files) = files.filter(|files| !files.is_empty()) else { continue };
        if found.iter().any(|stack| stack.files == files) {
            continue;
        }
        let place = Place::new(command.path.clone(), command.invocation.span);
        let told = files.iter().rev().find_map(named_by_path).or_else(|| named_by_path(&command.path));
        let Some((environment, word)) = told else { continue };
        let by = EvidenceKind::StartedBy(command.invocation.summary());
        found.push(StackFiles {
            evidence: vec![
                Evidence { kind: by, place: place.clone() },
                Evidence { kind: EvidenceKind::FileName(word.to_owned()), place: Place::start_of(files[files.len() - 1].clone()) },
            ],
            files,
            environment,
        });
    }
    found
}

/// The compose files of one folder.
struct Folder<'a> {
    files: &'a [&'a (RepoPath, Arc<ComposeFile>)],
    /// The file that Compose takes by itself, else the only one whose name tells no environment.
    base: Option<&'a (RepoPath, Arc<ComposeFile>)>,
    sources: &'a Sources<'a>,
}

impl<'a> Folder<'a> {
    fn new(files: &'a [&'a (RepoPath, Arc<ComposeFile>)], sources: &'a Sources<'a>) -> Self {
        let by_default = DEFAULT_NAMES.iter().find_map(|name| files.iter().find(|(path, _)| path.file_name() == *name));
        let untold: Vec<_> = files.iter().filter(|(path, _)| named_in(path.file_name()).is_none()).collect();
        let base = by_default.or(if untold.len() == 1 { Some(untold[0]) } else { None });
        Self { files, base: base.copied(), sources }
    }

    fn stacks(&self) -> Vec<StackFiles> {
        let mut stacks = Vec::new();
        for (path, file) in self.files.iter().filter(|file| self.base.is_none_or(|base| base.0 != file.0)) {
            let told = named_in(path.file_name()).map(|(environment, word)| (environment, EvidenceKind::FileName(word.to_owned())));
            let overlays = self.base.filter(|base| is_overlay(path, file, &base.1));
            let told = told.or_else(|| {
                let (environment, word) = named_by_path(path)?;
                Some((environment, EvidenceKind::FileName(word.to_owned())))
            });
            let told = told.or_else(|| self.told_by_services(file));
            // A further file that tells nothing is a collection of services, not an environment.
            let Some((environment, kind)) = told else { continue };
            let files = overlays.map(|base| base.0.clone()).into_iter().chain([path.clone()]).collect();
            stacks.push(StackFiles { files, environment, evidence: vec![Evidence { kind, place: Place::start_of(path.clone()) }] });
        }
        if let Some((path, file)) = self.base {
            let (environment, kind) = self.environment_of_base(path, file, &stacks);
            let evidence = vec![Evidence { kind, place: Place::start_of(path.clone()) }];
            stacks.push(StackFiles { files: vec![path.clone()], environment, evidence });
        }
        stacks
    }

    /// The base alone serves whatever its siblings leave over.
    fn environment_of_base(&self, path: &RepoPath, file: &ComposeFile, siblings: &[StackFiles]) -> (Environment, EvidenceKind) {
        if let Some((environment, word)) = named_by_path(path) {
            return (environment, EvidenceKind::FileName(word.to_owned()));
        }
        let production = siblings.iter().find(|stack| stack.environment == Environment::Production);
        if let Some(stack) = production {
            let name = stack.files[stack.files.len() - 1].file_name().to_owned();
            return (Environment::Development, EvidenceKind::Remaining(name));
        }
        if let Some(told) = self.told_by_services(file) {
            return told;
        }
        (Environment::Production, EvidenceKind::Assumed)
    }

    /// What the settings modules and build targets of a file's services say, where they agree.
    fn told_by_services(&self, file: &ComposeFile) -> Option<(Environment, EvidenceKind)> {
        let mut told: BTreeMap<Environment, EvidenceKind> = BTreeMap::new();
        for service in &file.services {
            for (environment, kind) in self.sources.environment_hints(service) {
                told.entry(environment).or_insert(kind);
            }
        }
        (told.len() == 1).then(|| told.into_iter().next()).flatten()
    }
}

/// Whether `file` cannot stand without `base`: one of its services has neither image nor build, and the base has it.
fn is_overlay(path: &RepoPath, file: &ComposeFile, base: &ComposeFile) -> bool {
    let known: BTreeSet<&str> = base.services.iter().map(|service| service.name.value.as_str()).collect();
    let named_override = path.file_name().contains("override");
    file.services.iter().any(|service| {
        known.contains(service.name.value.as_str())
            && (named_override || (service.image.is_none() && service.build.is_none() && service.extends.is_none()))
    })
}
