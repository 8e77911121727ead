//! The passwords that database servers and brokers are set up with.

use crate::project::compose::{Operator, Placed, Variable};
use crate::project::deployment::Service;
use crate::project::environment::Lookup;
use crate::project::role::Role;

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

/// What official images take for a first password, the usual way first.
const FIRST_PASSWORDS: [(&str, &[&str]); 4] = [
    ("postgres", &["POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD"]),
    ("postgis/postgis", &["POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD"]),
    ("mysql", &["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"]),
    (
        "mariadb",
        &[
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_ROOT_PASSWORD_HASH",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MARIADB_RANDOM_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
        ],
    ),
];

/// How a password comes into a compose file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It stands there.
    Literal,
    /// It stands there as what a variable falls back to.
    Fallback,
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

    /// The variable by which the official image of a database wants its first password, where surely nothing gives it one:
    /// the server then refuses to make its data.
    pub fn lacks_first_password(&self) -> Option<&'static str> {
        let merged =
            self.compose.as_ref().filter(|merged| merged.maybe_more.is_none() && merged.entrypoint.is_none())?;
        let reference = &self.image.as_ref().filter(|_| merged.build.is_none())?.reference;
        let repository = reference.repository.strip_prefix("docker.io/").unwrap_or(&reference.repository);
        let (_, ways) = FIRST_PASSWORDS.iter().find(|(name, _)| {
            *name == repository || repository.strip_prefix("library/").is_some_and(|official| official == *name)
        })?;
        // Images of PostgreSQL from before 2020 began without one.
        let major = reference.tag.as_deref().and_then(|tag| tag.split(['.', '-']).next()?.parse::<u32>().ok());
        if reference.digest.is_some() || (ways[0] == "POSTGRES_PASSWORD" && major.is_some_and(|major| major < 13)) {
            return None;
        }
        let unset = |name: &str| self.variables.lookup(name) == Lookup::Unset;
        ways.iter().all(|name| unset(name) && unset(&format!("{name}_FILE"))).then(|| ways[0])
    }

    /// The variables of `environment`, where the service is a server that holds data or tasks.
    fn server_variables(&self) -> impl Iterator<Item = &Placed<Variable>> {
        let is_server = matches!(self.role, Role::Database | Role::Cache | Role::Broker | Role::ObjectStore);
        let merged = self.compose.as_ref().filter(|_| is_server);
        merged.into_iter().flat_map(|merged| &merged.environment)
    }
}
