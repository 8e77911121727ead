//! The passwords that database servers and brokers are set up with.

use crate::project::compose::{Operator, Placed, Variable};
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::role::Role;
use crate::project::settings::Reading;
use crate::project::value::Act;

/// The variables by which official images and their kin take a first password.
const PASSWORDS: [&str; 14] = [
    "POSTGRES_PASSWORD",
    "POSTGRESQL_PASSWORD",
    "MYSQL_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "MARIADB_PASSWORD",
    "MARIADB_ROOT_PASSWORD",
    "MONGO_INITDB_ROOT_PASSWORD",
    "MONGODB_ROOT_PASSWORD",
    "RABBITMQ_DEFAULT_PASS",
    "RABBITMQ_PASSWORD",
    "REDIS_PASSWORD",
    "MINIO_ROOT_PASSWORD",
    "MINIO_SECRET_KEY",
    "CLICKHOUSE_PASSWORD",
];

/// Tells by a variable's value.
type Test = fn(&str) -> bool;

/// The variables that open a server to everybody, and whether the value does.
const OPENINGS: [(&str, Test); 4] = [
    ("POSTGRES_HOST_AUTH_METHOD", |value| value == "trust"),
    ("MYSQL_ALLOW_EMPTY_PASSWORD", |value| !value.is_empty()),
    ("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", |value| !value.is_empty()),
    ("ALLOW_EMPTY_PASSWORD", |value| value == "yes"),
];

/// How a password comes into a compose file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It stands there.
    Literal,
    /// It stands there as what a variable falls back to.
    Fallback,
}

/// The settings of libraries that hold the key by which they sign tokens.
const TOKEN_KEYS: [(&str, &str); 3] =
    [("SIMPLE_JWT", "SIGNING_KEY"), ("GRAPHQL_JWT", "JWT_SECRET_KEY"), ("JWT_AUTH", "JWT_SECRET_KEY")];

impl DjangoProcess {
    /// The keys for tokens that are written into the settings, each with its setting. What comes by way of a variable, or
    /// is `SECRET_KEY` again, is not among them.
    pub fn written_token_keys(&self) -> impl Iterator<Item = (&'static str, Reading)> {
        TOKEN_KEYS.into_iter().map(|(setting, key)| (setting, self.settings.read(&[setting, key]))).filter(
            |(_, reading)| {
                let reads = |act: &Act| matches!(act, Act::Reads(_) | Act::FallsBack(_) | Act::Sets(_));
                reading.text().is_some_and(|text| !text.is_empty())
                    && !reading.value.trail.iter().any(|step| reads(&step.act))
                    && reading.value.value != self.settings.effective("SECRET_KEY").value
            },
        )
    }
}

impl Service {
    /// The passwords of a server that are written in the compose file, and how.
    pub fn written_passwords(&self) -> impl Iterator<Item = (&Placed<Variable>, Written)> {
        self.server_variables().filter(|variable| PASSWORDS.contains(&variable.value.name.as_str())).filter_map(
            |variable| {
                let value = &variable.value.value;
                if value.likely().is_none_or(|text| text.is_empty()) || variable.value.passed_on {
                    return None;
                }
                let uses = &value.variables;
                match () {
                    () if uses.is_empty() => Some((variable, Written::Literal)),
                    // What a file of the repository sets is that file's trouble.
                    () if value.known().is_none() && uses.iter().all(|it| it.operator == Operator::Default) => {
                        Some((variable, Written::Fallback))
                    }
                    () => None,
                }
            },
        )
    }

    /// The variables by which a server lets everybody in.
    pub fn openings(&self) -> impl Iterator<Item = &Placed<Variable>> {
        self.server_variables().filter(|variable| {
            let opens = OPENINGS.iter().find(|(name, _)| *name == variable.value.name).map(|(_, opens)| opens);
            opens.is_some_and(|opens| variable.value.value.likely().is_some_and(opens))
        })
    }

    /// The variables of `environment`, where the service is a server that holds data or tasks.
    fn server_variables(&self) -> impl Iterator<Item = &Placed<Variable>> {
        let is_server = matches!(self.role, Role::Database | Role::Cache | Role::Broker | Role::ObjectStore);
        let merged = self.compose.as_ref().filter(|_| is_server);
        merged.into_iter().flat_map(|merged| &merged.environment)
    }
}
