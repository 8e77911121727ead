//! The passwords that database servers and brokers are set up with.

use crate::project::compose::{Interpolated, Operator, Placed, Variable, VariableUse};
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::environment::Lookup;
use crate::project::role::Role;
use crate::project::settings::Reading;
use crate::project::value::Act;
use crate::secrets::judge::names_secret;
use crate::source::Place;

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

/// A password that Compose shortens.
#[derive(Clone, Debug)]
pub struct CutPassword {
    /// The variable or label with the password.
    pub name: String,
    /// Its entry.
    pub place: Place,
    /// What is taken for a variable.
    pub part: Place,
}

/// Whether a reference is no reference but a part of a password, or the mark of a hash that `htpasswd` makes.
fn is_cut(used: &VariableUse, value: &Interpolated) -> bool {
    let conventional = !used.name.bytes().any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let set = value.traced.trail.iter().any(|step| matches!(&step.act, Act::Sets(name) if *name == used.name));
    used.operator == Operator::Plain && !conventional && (used.in_word || used.name == "apr1") && !set
}

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

    /// The variables of `environment` and the labels with a password of which Compose takes a part for a variable: a bare
    /// `$name` in its middle, where nothing sets `name` and it is not written as variables are.
    pub fn cut_passwords(&self) -> Vec<CutPassword> {
        let Some(merged) = &self.compose else { return Vec::new() };
        let variables = merged.environment.iter().map(|it| (&it.value.name, Some(&it.value.value), it.entry()));
        let labels = merged.labels.iter().map(|it| (&it.value.name, it.value.value.as_ref(), it.entry()));
        let found = variables.chain(labels).filter_map(|(name, value, place)| {
            let value = value?;
            let secret = names_secret(name)
                || name.to_ascii_lowercase().contains("basicauth")
                || value.text.text().contains("://") && value.text.text().contains('@');
            let cut = value.variables.iter().find(|used| secret && is_cut(used, value))?;
            let part = Place::new(place.path.clone(), cut.span);
            Some(CutPassword { name: name.clone(), place, part })
        });
        found.collect()
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
