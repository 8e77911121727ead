//! Which compose files are started together, and which environment each such stack serves.

use super::dot_env::{DotEnv, given, split_files, split_profiles};
use crate::config::Config;
use crate::parse::compose::{self, ComposeFile};
use crate::parse::shell::Word;
use crate::project::command;
use crate::project::compose::references::DEFAULT_NAMES;
use crate::project::environment::Environment;
use crate::project::evidence::{Evidence, EvidenceKind, named_by_path, named_by_text, named_in, named_in_stage};
use crate::project::image::reference::ImageReference;
use crate::project::role::Role;
use crate::project::usage::CommandUse;
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, PathRole, Snapshot, role};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An ordered list of compose files that are merged, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackFiles {
    /// In merge order: the first is the base.
    pub files: Vec<RepoPath>,
    /// The name that the configuration gives.
    pub name: Option<String>,
    /// The files that interpolation reads; empty for the `.env` beside the first file.
    pub env_files: Vec<RepoPath>,
    /// The profiles that are switched on.
    pub profiles: Vec<String>,
    /// The environment that it serves.
    pub environment: Environment,
    /// What says so, the best first.
    pub evidence: Vec<Evidence>,
}

impl StackFiles {
    fn new(files: Vec<RepoPath>, environment: Environment, kind: EvidenceKind, place: Place) -> Self {
        let evidence = vec![Evidence { kind, place }];
        Self { files, name: None, env_files: Vec::new(), profiles: Vec::new(), environment, evidence }
    }

    /// Whether nothing but an assumption says which environment it serves.
    fn is_assumed(&self) -> bool {
        self.evidence.iter().all(|evidence| evidence.kind == EvidenceKind::Assumed)
    }
}

/// A compose file and its syntax.
type File = (RepoPath, Arc<ComposeFile>);

/// Finds the stacks of a repository: those that the configuration lists, those that commands start with `-f`, and those
/// that files' names tell of. An environment that the configuration speaks of gets nothing else. `platform` is what a
/// platform runs in production; `overridden` tells of a stack whose commands are for developers.
pub fn find(
    snapshot: &Snapshot,
    config: &Config,
    commands: &[CommandUse],
    platform: Option<&str>,
    overridden: &dyn Fn(&StackFiles) -> Option<Evidence>,
) -> Vec<StackFiles> {
    let files: Vec<File> = snapshot
        .files_of(FileKind::Compose)
        .filter(|entry| role(&entry.path) == PathRole::Product)
        .filter_map(|entry| Some((entry.path.clone(), snapshot.compose(&entry.path).ok()?.0.clone())))
        .filter(|(_, file)| !file.services().is_empty() || !file.includes().is_empty())
        .collect();
    let mut stacks = configured(config);
    let spoken_for: BTreeSet<&Environment> = config.deployments.iter().map(|entry| &entry.environment.value).collect();
    let listed: BTreeSet<RepoPath> = stacks.iter().flat_map(|stack| stack.files.clone()).collect();
    let mut found = started(snapshot, &files, commands);
    let mut folders: BTreeMap<RepoPath, Vec<&File>> = BTreeMap::new();
    for file in &files {
        folders.entry(file.0.parent().unwrap_or_else(RepoPath::root)).or_default().push(file);
    }
    for (folder, in_folder) in &folders {
        let mut stacks = Folder::new(in_folder).stacks();
        chosen_by_env(snapshot, folder, &files, &mut stacks, &mut found);
        for stack in stacks {
            // What somebody starts was found already, with better evidence.
            let known = found.iter().any(|other| {
                other.files == stack.files
                    || (other.environment == stack.environment
                        && other.evidence.iter().any(|evidence| matches!(evidence.kind, EvidenceKind::StartedBy(_)))
                        && stack.files.iter().all(|file| other.files.contains(file)))
            });
            if !known {
                found.push(stack);
            }
        }
    }
    for stack in &mut found {
        // What one service's env file is called tells less than a server that starts them all.
        let told = stack.evidence.iter().all(|it| matches!(it.kind, EvidenceKind::Assumed | EvidenceKind::EnvFile(_)));
        if told && let Some((environment, evidence)) = started_on_server(stack, &files, commands) {
            stack.environment = environment;
            stack.evidence = vec![evidence];
        }
    }
    // Where something is surely the developers', or a server is told to start a stack, what is left is not theirs.
    let told = found.iter().any(|stack| stack.environment == Environment::Development)
        || commands.iter().any(|command| is_remote(command) && files_started(command, commands).is_some());
    for stack in found.iter_mut().filter(|stack| !told && stack.is_assumed()) {
        if let Some(evidence) = overridden(stack) {
            stack.environment = Environment::Development;
            stack.evidence = vec![evidence];
        }
    }
    for stack in found.iter_mut().filter(|stack| stack.profiles.is_empty()) {
        if let Some(folder) = stack.files.first().and_then(RepoPath::parent) {
            stack.profiles = DotEnv::of(snapshot, &folder).profiles();
        }
    }
    for index in 0..found.len() {
        if !found[index].is_assumed() {
            continue;
        }
        let configured = spoken_for.contains(&Environment::Production).then_some(config.document.as_ref());
        let configured = configured.flatten().map(|document| document.path.clone());
        let other = configured.or_else(|| platform.map(str::to_owned));
        if let Some(name) = other.or_else(|| production_around(&found, index)).or_else(|| above(&found, index)) {
            found[index].environment = Environment::Development;
            found[index].evidence[0].kind = EvidenceKind::Remaining(name);
        }
    }
    let free = |stack: &StackFiles| {
        let told = stack.evidence.iter().any(|evidence| !matches!(evidence.kind, EvidenceKind::Remaining(_)));
        !spoken_for.contains(&stack.environment) && (told || !stack.files.iter().all(|file| listed.contains(file)))
    };
    stacks.extend(found.into_iter().filter(free));
    stacks
}

/// The stack that `COMPOSE_FILE` in the `.env` of a folder makes the one that is started there. Where no name in it tells
/// what it is for, it takes the place of the file that Compose would take by itself.
fn chosen_by_env(
    snapshot: &Snapshot,
    folder: &RepoPath,
    files: &[File],
    stacks: &mut [StackFiles],
    found: &mut Vec<StackFiles>,
) {
    let dot_env = DotEnv::of(snapshot, folder);
    let Some((named, text, place)) = dot_env.files(folder) else { return };
    let is_known = |path: &RepoPath| files.iter().any(|(known, _)| known == path);
    if named.is_empty() || !named.iter().all(is_known) || found.iter().any(|stack| stack.files == named) {
        return;
    }
    let told = named.iter().rev().find_map(|path| named_by_path(path).map(|(told, word)| (told, word, path)));
    if let Some((environment, word, by_name)) = told {
        let by = EvidenceKind::StartedBy(format!("COMPOSE_FILE={text}"));
        let mut stack = StackFiles::new(named.clone(), environment, by, place.clone());
        let kind = EvidenceKind::FileName(word.to_owned());
        stack.evidence.push(Evidence { kind, place: Place::start_of(by_name.clone()) });
        found.push(stack);
    } else if let Some(base) = stacks.iter_mut().find(|stack| stack.files.len() == 1 && named.contains(&stack.files[0]))
    {
        base.files = named;
    }
}

/// A stack about which nothing is known either, and which lies nearer to the root: what lies deeper is a part of it.
fn above(stacks: &[StackFiles], index: usize) -> Option<String> {
    let depth = |stack: &StackFiles| stack.files.first().map_or(0, |path| path.parts().count());
    let higher = |stack: &&StackFiles| {
        stack.environment == Environment::Production && stack.is_assumed() && depth(stack) < depth(&stacks[index])
    };
    stacks.iter().find(higher).and_then(|stack| stack.files.last()).map(ToString::to_string)
}

/// A stack that surely serves production, in a folder above or below that of the stack at `index`.
fn production_around(stacks: &[StackFiles], index: usize) -> Option<String> {
    let folder = |stack: &StackFiles| stack.files.first().and_then(RepoPath::parent).unwrap_or_else(RepoPath::root);
    let here = folder(&stacks[index]);
    let related = |stack: &&StackFiles| {
        let there = folder(stack);
        stack.environment == Environment::Production
            && !stack.is_assumed()
            && (there.is_under(&here) || here.is_under(&there))
    };
    stacks.iter().find(related).and_then(|stack| stack.files.last()).map(ToString::to_string)
}

/// The stacks that the configuration lists.
fn configured(config: &Config) -> Vec<StackFiles> {
    let Some(document) = &config.document else { return Vec::new() };
    let path = RepoPath::new(&document.path).unwrap_or_else(RepoPath::root);
    let entries = config.deployments.iter().filter(|entry| !entry.compose.is_empty());
    entries
        .map(|entry| StackFiles {
            files: entry.compose.iter().map(|file| file.value.clone()).collect(),
            name: entry.name.as_ref().map(|name| name.value.clone()),
            env_files: entry.env_file.iter().map(|file| file.value.clone()).collect(),
            profiles: entry.profiles.iter().map(|profile| profile.value.clone()).collect(),
            environment: entry.environment.value.clone(),
            evidence: vec![Evidence { kind: EvidenceKind::Configured, place: Place::new(path.clone(), entry.span) }],
        })
        .collect()
}

/// Stacks that a command starts by naming their files.
fn started(snapshot: &Snapshot, files: &[File], commands: &[CommandUse]) -> Vec<StackFiles> {
    let mut found: Vec<StackFiles> = Vec::new();
    let brings_up = |command: &&CommandUse| {
        command::compose(&command.invocation).is_some_and(|compose| compose.is("up")) || deploys(command)
    };
    let (up, others): (Vec<_>, Vec<_>) = commands.iter().partition(brings_up);
    for command in up.into_iter().chain(others) {
        let Some(Started { files: files_named, profiles, env_files }) = files_started(command, commands) else {
            continue;
        };
        let folder = command.path.parent().unwrap_or_else(RepoPath::root);
        let locate = |name: &str| {
            // Scripts in a folder of their own are mostly started from the root.
            let candidates = [RepoPath::root(), folder.clone()].into_iter().filter_map(|from| from.join(name));
            candidates.into_iter().find(|path| files.iter().any(|(known, _)| known == path))
        };
        let named: Option<Vec<RepoPath>> = files_named.iter().map(|file| locate(file)).collect();
        let Some(named) = named.filter(|named| !named.is_empty()) else { continue };
        if found.iter().any(|stack| stack.files == named) {
            continue;
        }
        let told = |path: &RepoPath| named_by_path(path).map(|told| (told, path.clone()));
        let by = EvidenceKind::StartedBy(command.invocation.text());
        let mut stack = match named.iter().rev().find_map(told).or_else(|| told(&command.path)) {
            Some(((environment, word), by_name)) => {
                let mut stack = StackFiles::new(named, environment, by, command.place());
                let kind = EvidenceKind::FileName(word.to_owned());
                stack.evidence.push(Evidence { kind, place: Place::start_of(by_name) });
                stack
            }
            // Nobody keeps a swarm to develop in.
            None if deploys(command) => {
                let told = command.scope.environments.iter().next().cloned();
                StackFiles::new(named, told.unwrap_or(Environment::Production), by, command.place())
            }
            None => continue,
        };
        stack.profiles = profiles;
        let env_file = |name: &String| {
            let mut candidates = [RepoPath::root(), folder.clone()].into_iter().filter_map(|from| from.join(name));
            let first = candidates.next();
            let there = first.iter().cloned().chain(candidates).find(|path| snapshot.exists(path));
            there.or(first)
        };
        stack.env_files = env_files.iter().map(env_file).collect::<Option<_>>().unwrap_or_default();
        found.push(stack);
    }
    found
}

/// What starts a stack of one default file by a plain `docker compose up` on a server that has the repository: the same
/// file of a script or workflow fetches it there.
fn started_on_server(stack: &StackFiles, files: &[File], commands: &[CommandUse]) -> Option<(Environment, Evidence)> {
    let is_default = |path: &RepoPath| DEFAULT_NAMES.contains(&path.file_name());
    let [path] = stack.files.as_slice() else { return None };
    let (_, file) = files.iter().find(|(known, _)| known == path && is_default(path))?;
    let others: Vec<RepoPath> = files
        .iter()
        .filter(|(other, _)| other != path && is_default(other))
        .map(|(other, _)| other.parent().unwrap_or_else(RepoPath::root))
        .collect();
    // Of several, the one at the root is meant where nothing goes to a folder by the name of another's.
    if !others.is_empty() && path.parent().is_some_and(|folder| folder != RepoPath::root()) {
        return None;
    }
    let goes_elsewhere = |command: &CommandUse| {
        let to = command.invocation.arguments().first().map(Word::text).unwrap_or_default();
        let to = to.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        command.invocation.program == "cd" && others.iter().any(|folder| folder.file_name() == to)
    };
    let fetches = |command: &CommandUse| {
        let verb = command.invocation.arguments().iter().find(|word| !word.text().starts_with('-'));
        command.invocation.program == "git"
            && is_remote(command)
            && verb.is_some_and(|verb| matches!(verb.text(), "pull" | "fetch" | "clone" | "reset" | "checkout"))
    };
    let starts = |command: &&CommandUse| {
        is_remote(command)
            && command::compose(&command.invocation).is_some_and(|compose| {
                compose.is("up")
                    && compose.files.is_empty()
                    && compose.directory.is_none()
                    && compose.arguments.iter().all(|name| file.service(name.text()).is_some())
            })
            && commands.iter().any(|other| other.path == command.path && fetches(other))
            && !commands
                .iter()
                .any(|other| (&other.path, other.part) == (&command.path, command.part) && goes_elsewhere(other))
    };
    let command = commands.iter().find(starts)?;
    let told = command.scope.environments.iter().next().cloned();
    let environment = told
        .or_else(|| named_by_path(&command.path).map(|(environment, _)| environment))
        .unwrap_or(Environment::Production);
    let kind = EvidenceKind::StartedBy(command.invocation.text());
    Some((environment, Evidence { kind, place: command.place() }))
}

/// Whether a command runs over ssh, or in a script that is named for the servers that it is run on.
fn is_remote(command: &CommandUse) -> bool {
    let named = || named_by_path(&command.path).map(|(environment, _)| environment);
    command.invocation.host().is_some()
        || named().is_some_and(|named| matches!(named, Environment::Production | Environment::Staging))
}

/// Whether a command hands a stack to a swarm.
fn deploys(command: &CommandUse) -> bool {
    command::docker(&command.invocation).is_some_and(|docker| docker.name == "stack deploy")
}

/// What a command says of the stack that it starts.
struct Started {
    files: Vec<String>,
    profiles: Vec<String>,
    /// What interpolation reads in place of `.env`; empty where nothing else is named.
    env_files: Vec<String>,
}

/// The stack that a command starts: by Compose, whose flags go before the variables that the command is given, or in a
/// swarm.
fn files_started(command: &CommandUse, commands: &[CommandUse]) -> Option<Started> {
    let literal = |words: Vec<Word>| words.iter().map(|word| word.literal()).collect::<Option<Vec<_>>>();
    if let Some(docker) = command::docker(&command.invocation).filter(|_| deploys(command)) {
        let files = literal(docker.flags.values(&["-c", "--compose-file"]))?;
        return Some(Started { files, profiles: Vec::new(), env_files: Vec::new() });
    }
    let compose = command::compose(&command.invocation).filter(starts)?;
    let variable = |name: &str| given(command, commands, name);
    let files = match compose.files.is_empty() {
        false => literal(compose.files)?,
        true => {
            let (text, separator) = (variable("COMPOSE_FILE").ok()??, variable("COMPOSE_PATH_SEPARATOR").ok()?);
            split_files(&text, separator.as_deref()).into_iter().map(str::to_owned).collect()
        }
    };
    let profiles: Vec<String> = compose.profiles.iter().filter_map(|profile| profile.literal()).collect();
    let by_variable = || variable("COMPOSE_PROFILES").ok().flatten().map(|text| split_profiles(&text));
    let env_files = match compose.env_files.is_empty() {
        false => literal(compose.env_files).unwrap_or_default(),
        true => variable("COMPOSE_ENV_FILES").ok().flatten().map(|text| split_profiles(&text)).unwrap_or_default(),
    };
    let profiles = if profiles.is_empty() { by_variable().unwrap_or_default() } else { profiles };
    Some(Started { files, profiles, env_files })
}

/// Whether a command of Compose brings a stack up, or works on one that is.
fn starts(compose: &command::ComposeCommand) -> bool {
    compose.subcommand.as_ref().is_none_or(|name| {
        matches!(name.as_str(), "up" | "run" | "start" | "restart" | "exec" | "pull" | "create" | "build" | "down")
    })
}

/// The compose files of one folder.
struct Folder<'a> {
    files: &'a [&'a File],
    /// The file that Compose takes by itself, else the only one whose name tells no environment.
    base: Option<&'a File>,
}

impl<'a> Folder<'a> {
    fn new(files: &'a [&'a File]) -> Self {
        let by_default = DEFAULT_NAMES.iter().find_map(|name| files.iter().find(|(path, _)| path.file_name() == *name));
        let untold = |(path, file): &&&File| named_in(path.file_name()).is_none() && stands_alone(file);
        let untold: Vec<_> = files.iter().filter(untold).collect();
        let base = by_default.or(if untold.len() == 1 { Some(untold[0]) } else { None });
        Self { files, base: base.copied() }
    }

    fn stacks(&self) -> Vec<StackFiles> {
        let mut stacks = Vec::new();
        for (path, file) in self.files.iter().filter(|file| self.base.is_none_or(|base| base.0 != file.0)) {
            let by_name =
                |(environment, word): (Environment, &str)| (environment, EvidenceKind::FileName(word.to_owned()));
            let told = named_in(path.file_name()).or_else(|| named_by_path(path)).map(by_name);
            // A further file that tells nothing is a collection of services, not an environment.
            let Some((environment, kind)) = told.or_else(|| told_by_services(file)) else { continue };
            let below = self.base.filter(|base| is_overlay(path, file, &base.1)).map(|base| base.0.clone());
            let files = below.into_iter().chain([path.clone()]).collect();
            stacks.push(StackFiles::new(files, environment, kind, Place::start_of(path.clone())));
        }
        if let Some((path, file)) = self.base {
            let (environment, kind) = environment_of_base(path, file, &stacks);
            stacks.push(StackFiles::new(vec![path.clone()], environment, kind, Place::start_of(path.clone())));
        }
        stacks
    }
}

/// Whether each service says what it runs. What does not is laid over another file.
fn stands_alone(file: &ComposeFile) -> bool {
    file.services()
        .iter()
        .all(|service| service.image.is_some() || service.build.is_some() || service.extends.is_some())
}

/// The base alone serves whatever its siblings leave over.
fn environment_of_base(path: &RepoPath, file: &ComposeFile, siblings: &[StackFiles]) -> (Environment, EvidenceKind) {
    if let Some((environment, word)) = named_by_path(path) {
        return (environment, EvidenceKind::FileName(word.to_owned()));
    }
    if let Some(stack) = siblings.iter().find(|stack| stack.environment == Environment::Production) {
        let name = stack.files[stack.files.len() - 1].file_name().to_owned();
        return (Environment::Development, EvidenceKind::Remaining(name));
    }
    told_by_services(file).unwrap_or((Environment::Production, EvidenceKind::Assumed))
}

/// What the settings modules and build targets of a file's services say.
fn told_by_services(file: &ComposeFile) -> Option<(Environment, EvidenceKind)> {
    let mut told: BTreeMap<Environment, EvidenceKind> = BTreeMap::new();
    for service in file.services() {
        for (environment, kind) in hints(service) {
            if !matches!(&kind, EvidenceKind::EnvFile(path) if is_local_of_frontend(path, file)) {
                told.entry(environment).or_insert(kind);
            }
        }
    }
    // Mails that nobody gets are for developers. A file that says what it is for has them by mistake.
    if told.is_empty() {
        let images = file.services().iter().filter_map(|service| service.image.as_ref()?.value.as_ref());
        let catcher = images
            .map(|image| image.text())
            .find(|image| Role::of_image(&ImageReference::parse(image)) == Some(Role::MailCatcher));
        return catcher.map(|image| (Environment::Development, EvidenceKind::Tool(image.to_owned())));
    }
    // A file that also builds the developers' stage is the developers'.
    if let Some(kind) = told.remove(&Environment::Development) {
        return Some((Environment::Development, kind));
    }
    (told.len() == 1).then(|| told.into_iter().next()).flatten()
}

/// Whether an env file is the `.env.local` that JavaScript frameworks read on every machine, servers too: a service has it
/// in a folder of its own, and others load files of another folder that tell nothing.
fn is_local_of_frontend(path: &str, file: &ComposeFile) -> bool {
    let split = |path: &str| path.rsplit_once('/').map(|(folder, name)| (folder.to_owned(), name.to_owned()));
    let Some((folder, _)) = split(path).filter(|(_, name)| name == ".env.local") else { return false };
    let loaded = file.services().iter().filter_map(|service| service.env_files.as_ref()?.value.as_ref()).flatten();
    loaded
        .map(|entry| entry.path.text())
        .any(|other| named_by_text(other).is_none() && split(other).is_none_or(|(its, _)| its != folder))
}

/// The environments that a service's settings module, env files, build target and Dockerfile speak of.
fn hints(service: &compose::Service) -> Vec<(Environment, EvidenceKind)> {
    fn value<T>(setting: &compose::Setting<T>) -> Option<&T> {
        setting.as_ref().and_then(|field| field.value.as_ref())
    }
    let modules = value(&service.environment).into_iter().flatten().filter_map(|pair| {
        let module = pair.value.as_ref()?.text();
        let named = pair.name.value == "DJANGO_SETTINGS_MODULE" || pair.name.value == "DJANGO_CONFIGURATION";
        let (environment, _) = named.then(|| named_in(module)).flatten()?;
        Some((environment, EvidenceKind::SettingsModule(module.to_owned())))
    });
    let builds = || value(&service.build).into_iter();
    let targets = builds().filter_map(|build| value(&build.target)).map(|text| (named_in_stage(text.text()), text));
    let dockerfiles =
        builds().filter_map(|build| value(&build.dockerfile)).map(|text| (named_by_text(text.text()), text));
    let targets = targets.chain(dockerfiles).filter_map(|(told, text)| {
        let (environment, _) = told?;
        Some((environment, EvidenceKind::BuildTarget(text.text().to_owned())))
    });
    let env_files = value(&service.env_files).into_iter().flatten().filter_map(|file| {
        let (environment, _) = named_by_text(file.path.text())?;
        Some((environment, EvidenceKind::EnvFile(file.path.text().to_owned())))
    });
    let image = value(&service.image).into_iter().filter_map(|text| {
        // The words of a published image speak of the image, those of one's own of the environment.
        let (environment, _) = named_in(text.text()).filter(|_| service.build.is_some())?;
        Some((environment, EvidenceKind::BuildTarget(text.text().to_owned())))
    });
    modules.chain(targets).chain(env_files).chain(image).collect()
}

/// Whether `file` cannot stand without `base`: one of its services has neither image nor build, and the base has it.
fn is_overlay(path: &RepoPath, file: &ComposeFile, base: &ComposeFile) -> bool {
    let named_override = path.file_name().contains("override");
    file.services().iter().any(|service| {
        base.service(&service.name.value).is_some()
            && (named_override || (service.image.is_none() && service.build.is_none() && service.extends.is_none()))
    })
}

#[cfg(test)]
mod tests;
