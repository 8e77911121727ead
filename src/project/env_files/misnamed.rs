//! Variables that are set under a name that nothing reads, while a name much like it is read and set nowhere.

use super::texts::{Texts, has_word, is_for_an_image};
use crate::project::model::Model;
use crate::project::settings::PyValue;
use crate::project::usage::is_a_letter_away;
use crate::source::{Place, Source};
use crate::tree::{Entry, FileKind, GitStatus};
use std::collections::BTreeMap;

/// A variable under a name that nothing reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misnamed {
    /// The name that is set.
    pub name: String,
    /// Where it is set.
    pub place: Place,
    /// The name that is read.
    pub read: String,
    /// Where it is read.
    pub read_at: Place,
}

/// Words that stand before a name in some projects and not in others.
const PREFIXES: [&str; 4] = ["DJANGO", "APP", "WEB", "DJ"];

/// The names that env files, their templates and the services that run Django give, and that were meant for others.
pub(in crate::project) fn misnamed(model: &Model) -> Vec<Misnamed> {
    let mut read: BTreeMap<&str, &Place> = BTreeMap::new();
    for django in processes(model) {
        for variable in &django.settings.variables_read {
            read.entry(&variable.name).or_insert(&variable.place);
        }
    }
    let set = set_in_files(model);
    let open: Vec<(&str, &Place)> =
        read.iter().map(|(name, place)| (*name, *place)).filter(|(name, _)| !set.contains_key(*name)).collect();
    let alike = |name: &str| open.iter().find(|(other, _)| are_alike(name, other)).copied();
    let suspects: Vec<_> = set
        .iter()
        .filter(|(name, _)| !read.contains_key(name.as_str()) && !is_for_an_image(name))
        .filter_map(|(name, place)| Some((name, place, alike(name)?)))
        .collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let readers = Readers::of(model);
    let found = suspects.into_iter().filter(|(name, _, (other, _))| !readers.reads(name) && !readers.sets(other));
    found
        .map(|(name, place, (read, read_at))| Misnamed {
            name: name.clone(),
            place: place.clone(),
            read: read.to_owned(),
            read_at: read_at.clone(),
        })
        .collect()
}

impl Model {
    /// The name under which a variable is given that settings read in vain.
    pub fn misnamed_for(&self, variable: &str) -> Option<&Misnamed> {
        self.misnamed.iter().find(|misnamed| misnamed.read == variable)
    }
}

impl Misnamed {
    /// Whether, for real users, a setting falls back to what must not be for want of it: the rules about that setting tell
    /// it with what comes of it.
    pub fn opens_a_setting(&self, model: &Model) -> bool {
        let real = model.deployments.iter().filter(|deployment| deployment.serves_real_users());
        let mut settings = real.flat_map(|it| &it.services).filter_map(|service| service.django.as_ref());
        settings.any(|django| {
            let falls = |setting: &str| django.fallback(setting).filter(|open| open.variable == self.read);
            let key = falls("SECRET_KEY");
            key.is_some_and(|open| {
                open.value.value.likely().and_then(PyValue::as_str).is_some_and(|key| !key.is_empty())
            }) || falls("DEBUG").is_some_and(|open| open.is_true())
        })
    }
}

fn processes(model: &Model) -> impl Iterator<Item = &crate::project::deployment::DjangoProcess> {
    model.deployments.iter().flat_map(|deployment| &deployment.services).filter_map(|service| service.django.as_ref())
}

/// Every name that is given, and where first.
fn set_in_files(model: &Model) -> BTreeMap<String, Place> {
    let mut set = BTreeMap::new();
    let committed = model.env_files.iter().filter(|file| file.git == GitStatus::Tracked);
    let files = committed.map(|file| (&file.path, &file.file));
    for (path, file) in files.chain(model.env_templates.iter().map(|template| (&template.path, &template.file))) {
        for entry in &file.entries {
            set.entry(entry.key.value.clone()).or_insert_with(|| entry.key.place(path));
        }
    }
    for service in model.deployments.iter().flat_map(|deployment| &deployment.services) {
        let Some(compose) = service.compose.as_ref().filter(|_| service.django.is_some()) else { continue };
        for variable in &compose.environment {
            set.entry(variable.value.name.clone()).or_insert_with(|| variable.key_place());
        }
    }
    set
}

/// Whether one name was meant for the other: a letter away, the words in another order, with a prefix or without.
fn are_alike(name: &str, other: &str) -> bool {
    let upper = |text: &str| text.to_ascii_uppercase();
    let bare = |text: &str| upper(text).replace('_', "");
    let words = |text: &str| {
        let mut words: Vec<String> = upper(text).split('_').map(str::to_owned).collect();
        words.sort();
        words
    };
    let prefixed = |long: &str, short: &str| {
        let rest = long.strip_suffix(short).and_then(|rest| rest.strip_suffix('_'));
        short.len() >= 5 && rest.is_some_and(|prefix| PREFIXES.contains(&prefix))
    };
    // `DB_HOST1` and `DB_HOST2` are two things.
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let long = name.len() >= 8 && other.len() >= 8;
    digits(name) == digits(other)
        && (bare(name) == bare(other)
            || (name.contains('_') && words(name) == words(other))
            || prefixed(name, other)
            || prefixed(other, name)
            || (long && is_a_letter_away(name, other)))
}

/// The texts that may read or set a variable.
struct Readers {
    /// Programs, configurations, scripts: whatever is neither prose nor a list of variables.
    programs: Texts,
    /// Compose files.
    stacks: Texts,
    /// Prose.
    prose: Texts,
    /// Whether a program makes names at run time, so that reads are not seen.
    makes_names: bool,
}

impl Readers {
    fn of(model: &Model) -> Self {
        const MAKERS: [&str; 6] =
            ["BaseSettings", "env_prefix", "prefixed(", "dynaconf", "environ_prefix", "from_prefix"];
        let is_copy = |entry: &Entry| matches!(entry.path.extension(), Some("bak" | "orig" | "old"));
        let counts = |entry: &Entry| !entry.kind.is_env() && entry.git != GitStatus::Ignored && !is_copy(entry);
        let is_stack = |entry: &Entry| entry.kind == FileKind::Compose;
        let is_prose = |entry: &Entry| matches!(entry.path.extension(), Some("md" | "rst" | "txt"));
        let programs = Texts::of(model, |entry| counts(entry) && !is_stack(entry) && !is_prose(entry));
        let makes_names = programs.any(|source| {
            source.path.extension() == Some("py") && MAKERS.iter().any(|word| source.text.contains(word))
        });
        Self {
            programs,
            stacks: Texts::of(model, |entry| counts(entry) && is_stack(entry)),
            prose: Texts::of(model, |entry| counts(entry) && is_prose(entry) && !is_stack(entry)),
            makes_names,
        }
    }

    /// Whether anything may read the variable.
    fn reads(&self, name: &str) -> bool {
        // `NAME: ${NAME}` hands it on under its name, and reads nothing.
        let hands_on = |line: &str| {
            let line = line.trim_start().trim_start_matches(['-', ' ', '"', '\'']);
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', ':']))
        };
        let filled_in = |text: &str| {
            let fills = |line: &str| line.contains(&format!("${{{name}")) || line.contains(&format!("${name}"));
            text.lines().any(|line| fills(line) && !hands_on(line))
        };
        // `f"DJANGO_{key}"`
        let prefix = name.split_once('_').map(|(prefix, _)| format!("{prefix}_"));
        let made = |text: &str| {
            let prefix = prefix.as_deref().unwrap_or("\0");
            ["\"", "'", "{"].iter().any(|end| text.contains(&format!("{prefix}{end}")))
        };
        self.makes_names
            || self.programs.name(name)
            || self.programs.any(|source| made(&source.text))
            || self.stacks.any(|source| filled_in(&source.text))
    }

    /// Whether anything beside the settings speaks of the variable: a script that exports it, a page that tells of it.
    fn sets(&self, name: &str) -> bool {
        let speaks = |source: &Source| source.path.extension() != Some("py") && has_word(&source.text, name);
        [&self.programs, &self.stacks, &self.prose].iter().any(|texts| texts.any(speaks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_alike() {
        for (name, other) in [
            ("DJANGO_DEBUG", "DEBUG"),
            ("SECRET_KEY", "DJANGO_SECRET_KEY"),
            ("ALLOWED_HOST", "ALLOWED_HOSTS"),
            ("SECRETKEY", "SECRET_KEY"),
            ("DB_POSTGRES", "POSTGRES_DB"),
            ("debug", "DEBUG"),
        ] {
            assert!(are_alike(name, other), "{name} {other}");
        }
        for (name, other) in [
            ("NODE_DEBUG", "DEBUG"),
            ("DB_HOST1", "DB_HOST2"),
            ("DB_HOST", "DB_PORT"),
            ("REDIS_URL", "REDIS_HOST"),
            ("AWS_SECRET_KEY", "SECRET_KEY"),
        ] {
            assert!(!are_alike(name, other), "{name} {other}");
        }
    }
}
