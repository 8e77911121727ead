//! What the `.env` of a project's folder says to Compose itself: which files and profiles are its stack.

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
