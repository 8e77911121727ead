//! What variables say to Compose itself, those of the `.env` of a project's folder and those that a command is given:
//! which files and profiles are its stack.

use crate::project::usage::CommandUse;
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;
use std::collections::BTreeMap;

/// The variables of a `.env` that everybody shares.
pub(super) struct DotEnv {
    values: BTreeMap<String, (String, Place)>,
}

impl DotEnv {
    /// That of a folder.
    pub fn of(snapshot: &Snapshot, folder: &RepoPath) -> Self {
        let path = folder.join(".env").filter(|path| snapshot.shares(path));
        let parsed = path.and_then(|path| Some((snapshot.env_file(&path).ok()?, path)));
        let values = parsed.map(|(parsed, path)| {
            let values = parsed.0.resolve(&|_| None).into_iter().filter_map(|(name, resolved)| {
                let place = Place::new(path.clone(), parsed.0.entries[resolved.entry].span);
                Some((name, (resolved.value.filter(|value| !value.is_empty())?, place)))
            });
            values.filter(|(name, _)| name.starts_with("COMPOSE_")).collect()
        });
        Self { values: values.unwrap_or_default() }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(value, _)| value.as_str())
    }

    /// `COMPOSE_FILE`: the files, where that is said, and the whole text.
    pub fn files(&self, folder: &RepoPath) -> Option<(Vec<RepoPath>, &str, &Place)> {
        let (text, place) = self.values.get("COMPOSE_FILE")?;
        let separator = self.text("COMPOSE_PATH_SEPARATOR");
        let files: Option<Vec<RepoPath>> =
            split_files(text, separator).into_iter().map(|file| folder.join(file)).collect();
        Some((files?, text, place))
    }

    /// `COMPOSE_PROFILES`: the profiles that are on where no command names one.
    pub fn profiles(&self) -> Vec<String> {
        split_profiles(self.text("COMPOSE_PROFILES").unwrap_or_default())
    }
}

/// The value of a variable for a command: as it is written before it, else as an `export` above it in the same script
/// says. An error where it is set to what cannot be told.
pub(super) fn given(command: &CommandUse, commands: &[CommandUse], name: &str) -> Result<Option<String>, ()> {
    if let Some((_, word)) = command.invocation.environment.iter().rev().find(|(known, _)| known.value == name) {
        return word.literal().map(Some).ok_or(());
    }
    // On another machine, in a container or in a function, another shell may be the one that exports.
    let same_shell = |other: &&CommandUse| {
        let (own, others) = (&command.invocation, &other.invocation);
        other.path == command.path
            && other.part == command.part
            && others.program == "export"
            && others.span.end <= own.span.start
            && others.function == own.function
            && others.host().map(|host| host.text()) == own.host().map(|host| host.text())
    };
    let above = commands.iter().rev().filter(same_shell);
    for export in above {
        let mut set = export.invocation.environment.iter().rev();
        if let Some((_, word)) = set.find(|(known, _)| known.value == name) {
            // What only some runs export is not known.
            let literal = word.literal().filter(|_| export.invocation.guards == command.invocation.guards);
            return literal.map(Some).ok_or(());
        }
    }
    Ok(None)
}

/// The paths of a `COMPOSE_FILE`. Windows, whose separator is a semicolon, is not where the server runs; a list that is
/// written so says what it is.
pub(super) fn split_files<'t>(text: &'t str, separator: Option<&str>) -> Vec<&'t str> {
    let separator = separator.unwrap_or(if text.contains(';') { ";" } else { ":" });
    text.split(separator).map(str::trim).filter(|file| !file.is_empty()).collect()
}

/// The profiles of a `COMPOSE_PROFILES`.
pub(super) fn split_profiles(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|profile| !profile.is_empty()).map(str::to_owned).collect()
}
