//! Secrets in env files: which are real, which everybody knows, and which Compose cuts.

use crate::parse::env_file::{Entry, EnvValue, Quote};
use crate::parse::substitution::Variable;
use crate::project::environment::Environment;
use crate::project::evidence::named_by_path;
use crate::project::model::Model;
use crate::project::secrecy::{has_password, names_secret};
use crate::project::usage::EnvFileUse;
use crate::source::{Place, RepoPath};
use crate::tree::GitStatus;

/// Passwords that come with images, tutorials and habit.
const KNOWN: [&str; 26] = [
    "postgres",
    "password",
    "passwd",
    "pass",
    "admin",
    "root",
    "secret",
    "changeme",
    "change-me",
    "change_me",
    "123456",
    "12345678",
    "123456789",
    "1234",
    "12345",
    "qwerty",
    "test",
    "guest",
    "minio",
    "minioadmin",
    "minio123",
    "django",
    "example",
    "default",
    "rabbitmq",
    "redis",
];

impl EnvFileUse {
    /// The secrets that are nobody else's: those that everybody knows are left out.
    pub fn own_secrets(&self) -> impl Iterator<Item = &Entry> {
        self.secrets().filter(|entry| !self.is_known(entry))
    }

    /// Whether a password is the name of its own user, rather than a word that everybody knows.
    pub fn is_name_of_user(&self, entry: &Entry) -> bool {
        entry.value.as_ref().and_then(EnvValue::literal).is_some_and(|value| !is_common(&value))
            && names_secret(&entry.key)
    }

    /// The passwords that everybody tries first. A `SECRET_KEY` is judged with the settings that read it.
    pub fn default_passwords(&self) -> impl Iterator<Item = &Entry> {
        let password = |entry: &&Entry| !entry.key.value.ends_with("SECRET_KEY");
        self.file.entries.iter().filter(password).filter(|entry| self.is_known(entry) && self.decides(entry))
    }

    /// Whether a password is one that everybody knows, or the name of its own user.
    fn is_known(&self, entry: &Entry) -> bool {
        let Some(value) = entry.value.as_ref().and_then(EnvValue::literal) else { return false };
        if names_secret(&entry.key) {
            let user = user_of(&entry.key).and_then(|key| self.file.get(&key)?.value.as_ref()?.literal());
            return is_common(&value) || !value.is_empty() && user.is_some_and(|user| user == value);
        }
        has_password(&value) && login(&value).is_some_and(|(user, password)| is_common(password) || user == password)
    }

    fn decides(&self, entry: &Entry) -> bool {
        self.file.get(&entry.key).is_some_and(|last| last.span == entry.span)
    }

    /// Whether its name says that it is for development or tests: then it is committed on purpose.
    pub fn is_for_developers(&self) -> bool {
        named(&self.path).is_some_and(|environment| !environment.serves_real_users())
    }

    /// Whether it serves real users, and `other` developers or tests alone.
    pub fn serves_apart_from(&self, other: &EnvFileUse) -> bool {
        let of = |file: &EnvFileUse| {
            let mut all: Vec<Environment> = file.scope.environments.iter().cloned().collect();
            all.extend(named(&file.path).filter(|_| file.loaded_by.is_empty()));
            all
        };
        let (own, others) = (of(self), of(other));
        own.iter().any(Environment::serves_real_users)
            && !others.is_empty()
            && !others.iter().any(Environment::serves_real_users)
    }

    /// A secret that it shares with a committed file of developers or tests: its entry here and the other file's.
    pub fn shared_secret<'a>(&'a self, model: &'a Model) -> Option<(&'a Entry, Place)> {
        let others =
            model.env_files.iter().filter(|other| other.git == GitStatus::Tracked && self.serves_apart_from(other));
        others.into_iter().find_map(|other| {
            self.own_secrets().find_map(|entry| {
                let twin = other.own_secrets().find(|twin| twin.key.value == entry.key.value)?;
                let raw = |entry: &Entry| entry.value.as_ref().map(|value| value.raw.value.clone());
                (raw(twin) == raw(entry)).then(|| (entry, twin.key.place(&other.path)))
            })
        })
    }

    /// The secrets that Compose shortens, each with the variable that it takes a part for: a bare `$name` in the middle
    /// of a password, where no file sets `name` and it is not written as variables are.
    pub fn cut_secrets(&self, model: &Model) -> Vec<(&Entry, &Variable)> {
        if !self.is_filled_in(model) {
            return Vec::new();
        }
        let cut = |entry: &'_ Entry| -> bool {
            entry.value.as_ref().is_some_and(|value| {
                value.quote != Quote::Single
                    && (names_secret(&entry.key) || value.raw.value.contains("://") && value.raw.value.contains('@'))
            })
        };
        let entries = self.file.entries.iter().filter(|entry| cut(entry));
        let first = entries.filter_map(|entry| {
            let value = entry.value.as_ref()?;
            let whole = value.raw.span;
            let mut variables = value.variables().into_iter();
            let variable = variables.find(|variable| {
                let bare = variable.operation.is_none() && variable.span.len() == variable.name.value.len() + 1;
                let conventional =
                    !variable.name.value.bytes().any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
                let set = self.file.get(&variable.name).is_some();
                bare && !conventional && !set && variable.span != whole
            })?;
            Some((entry, variable))
        });
        first.collect()
    }

    /// Whether Compose fills in variables in it: some service loads it, and not as raw text, or it is the stack's own.
    fn is_filled_in(&self, model: &Model) -> bool {
        let services = model.deployments.iter().flat_map(|deployment| &deployment.services);
        let entries = services.filter_map(|service| service.compose.as_ref()).flat_map(|service| &service.env_files);
        let raw = entries.filter(|entry| self.loaded_by.contains(&entry.place)).any(|entry| entry.value.raw);
        !self.loaded_by.is_empty() && !raw
    }
}

fn named(path: &RepoPath) -> Option<Environment> {
    named_by_path(path).map(|(environment, _)| environment)
}

fn is_common(password: &str) -> bool {
    KNOWN.contains(&password.to_ascii_lowercase().as_str())
}

/// The variable that names the user of a password: `POSTGRES_USER` of `POSTGRES_PASSWORD`.
fn user_of(key: &str) -> Option<String> {
    ["PASSWORD", "PASSWD", "PASS", "PWD"].iter().find_map(|end| Some(format!("{}USER", key.strip_suffix(end)?)))
}

/// User and password of an address.
fn login(address: &str) -> Option<(&str, &str)> {
    address.split_once("://")?.1.split_once('@')?.0.split_once(':')
}
