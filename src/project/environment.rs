//! Environments by name, and the variables that a process starts with.

use super::value::{Reason, Step, Traced, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Where a deployment runs. Ordered from the one that matters most.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// Real users, real data.
    Production,
    /// The rehearsal for production.
    Staging,
    /// Automated tests.
    Testing,
    /// A developer's machine.
    Development,
    /// One that the configuration names.
    Other(Arc<str>),
}

impl Environment {
    /// The environments that every configuration knows.
    pub const STANDARD: [Environment; 4] =
        [Environment::Production, Environment::Staging, Environment::Testing, Environment::Development];

    /// The environment called `name`, by its full name.
    pub fn named(name: &str) -> Self {
        match name {
            "production" => Environment::Production,
            "staging" => Environment::Staging,
            "testing" => Environment::Testing,
            "development" => Environment::Development,
            other => Environment::Other(other.into()),
        }
    }

    /// Whether real users are served, or the rehearsal for that: neither a developer's machine nor automated tests.
    pub fn serves_real_users(&self) -> bool {
        !matches!(self, Environment::Development | Environment::Testing)
    }

    /// The name in reports and configuration.
    pub fn name(&self) -> &str {
        match self {
            Environment::Production => "production",
            Environment::Staging => "staging",
            Environment::Testing => "testing",
            Environment::Development => "development",
            Environment::Other(name) => name,
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The environment variables of one process, as its container or platform gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// What is set, by name. A value may be [`Value::Unknown`]: set, but not in the repository.
    pub set: BTreeMap<String, Traced<String>>,
    /// Where variables that the repository does not show may come from: an `env_file` that git ignores, a platform,
    /// the shell. `None` where everything is shown, so that a name not in `set` is surely not set.
    pub open: Option<Opening>,
}

/// Why variables may be set that the repository does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// In words for `inspect`.
    pub reason: Reason,
    /// The place that lets them in (the `env_file` entry, say), where there is one.
    pub step: Option<Step>,
}

/// What a process finds when it reads a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// It is set; its value may be unknown all the same.
    Set(&'a Traced<String>),
    /// It is surely not set: a fallback holds for certain.
    Unset,
    /// It may be set from outside: a fallback holds by default only.
    Perhaps(&'a Opening),
}

impl Variables {
    /// What a process finds under `name`.
    pub fn lookup(&self, name: &str) -> Lookup<'_> {
        match (self.set.get(name), &self.open) {
            (Some(Traced { value: Value::Absent, .. }), _) => Lookup::Unset,
            (Some(traced), _) => Lookup::Set(traced),
            (None, Some(opening)) => Lookup::Perhaps(opening),
            (None, None) => Lookup::Unset,
        }
    }
}
