//! Manifests of platforms that run containers or processes for their users: Render's blueprint, Fly.io's configuration,
//! Heroku's `heroku.yml` and `app.json` (which Dokku reads as well), Railway's configuration. Each says what runs, how it
//! is built and with which variables; all are read into one model.

mod fly;
mod heroku;
mod railway;
mod render;
#[cfg(test)]
mod tests;
mod tree;

pub use fly::parse as parse_fly;
pub use heroku::{parse_app_json, parse_heroku_yml};
pub use railway::{parse_json as parse_railway_json, parse_toml as parse_railway_toml};
pub use render::parse as parse_render;

use crate::source::{Fragment, Span, Spanned};

/// What a manifest says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// What runs, in the order of the file.
    pub services: Vec<Service>,
    /// The databases and caches that the platform keeps beside them.
    pub stores: Vec<Store>,
    /// The variables of every service.
    pub variables: Vec<Variable>,
    /// What is run beside the services where the app is set up: `scripts` of `app.json`.
    pub scripts: Vec<Fragment>,
    /// What the app is called on the platform.
    pub app: Option<Spanned<String>>,
}

/// Something that a platform runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// What it is called; the file's own words where it has no name.
    pub name: Spanned<String>,
    /// What it is there for.
    pub kind: Kind,
    /// The environment of the platform that it belongs to, where the manifest has several.
    pub environment: Option<Spanned<String>>,
    /// Where its program comes from.
    pub program: Program,
    /// What is run instead of the image's own command.
    pub start: Option<Start>,
    /// What is run while it is built.
    pub build_commands: Vec<Fragment>,
    /// Its own variables.
    pub variables: Vec<Variable>,
    /// What the platform asks to learn whether it is well; `None` where nothing is said.
    pub health: Option<Health>,
    /// How many of it run.
    pub instances: Option<Fragment>,
    /// What tells the platform to send plain HTTP to HTTPS, where it has to be told.
    pub forces_https: Option<Span>,
}

impl Service {
    /// The same program with another command, run before a release is put into service.
    fn before_release(&self, name: String, line: Fragment) -> Self {
        Self {
            name: Spanned::new(name, line.span()),
            kind: Kind::Release,
            start: Some(Start { command: Command::Shell(line), keeps_entrypoint: false }),
            build_commands: Vec::new(),
            health: None,
            instances: None,
            ..self.clone()
        }
    }
}

/// A database, cache or broker that a platform keeps for its users.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// What it is called.
    pub name: Spanned<String>,
    /// What it is.
    pub kind: StoreKind,
    /// The environment of the platform that it belongs to, where the manifest has several.
    pub environment: Option<Spanned<String>>,
    /// What lets everybody in, where something does: the entry for all addresses, or the name where no entry says anything.
    pub open: Option<Span>,
}

/// What a platform keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// PostgreSQL and its kind.
    Database,
    /// Redis and its kind.
    Cache,
    /// RabbitMQ and its kind.
    Broker,
}

/// What a service is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// It answers requests from outside.
    #[default]
    Web,
    /// It answers other services only.
    Private,
    /// It answers nobody.
    Worker,
    /// It is started by the clock, and ends.
    Cron,
    /// It runs once before a release is put into service.
    Release,
    /// The platform keeps it: a database, a cache, a broker.
    Kept,
}

/// Where a service's program comes from.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Program {
    /// The platform builds it by its own means from this folder; that of the manifest where there is none.
    Source {
        /// The folder.
        folder: Option<Fragment>,
    },
    /// A Dockerfile.
    Dockerfile {
        /// Its path, as the platform resolves it; `Dockerfile` where there is none.
        path: Option<Fragment>,
        /// The folder that is sent to the builder.
        context: Context,
        /// The stage.
        target: Option<Fragment>,
        /// Build arguments.
        arguments: Vec<Variable>,
    },
    /// An image that is there already.
    Image(Fragment),
    /// It cannot be told.
    #[default]
    Unknown,
}

/// The folder that is sent to the builder of an image.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Context {
    /// The folder of the manifest.
    #[default]
    Manifest,
    /// The folder of the Dockerfile.
    Dockerfile,
    /// This one.
    Folder(Fragment),
}

/// How a service is started.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// What is run.
    pub command: Command,
    /// Whether the image's entrypoint runs it, as opposed to being replaced by it.
    pub keeps_entrypoint: bool,
}

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A shell runs it.
    Shell(Fragment),
    /// It is split into words as a shell would, but no shell runs it.
    Line(Fragment),
    /// The words.
    Words(Vec<Fragment>),
}

/// A health check.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// What says so.
    pub span: Span,
    /// The path that is asked for; `None` where only the port is tried, or a script is run.
    pub path: Option<Fragment>,
}

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: Spanned<String>,
    /// Its value; `None` where the platform or somebody in front of it gives one.
    pub value: Option<Fragment>,
    /// Whether the value may be changed without changing the manifest, as the platform means it: it is only asked for
    /// when the app is made.
    pub initial: bool,
}

impl Service {
    /// Whether something of the repository runs, as opposed to an image from elsewhere.
    pub fn is_own(&self) -> bool {
        matches!(self.program, Program::Source { .. } | Program::Dockerfile { .. })
    }
}

impl Manifest {
    /// Every variable of the file.
    pub fn all_variables(&self) -> impl Iterator<Item = &Variable> {
        let of_services = self.services.iter().flat_map(|service| {
            let arguments = match &service.program {
                Program::Dockerfile { arguments, .. } => arguments.as_slice(),
                _ => &[],
            };
            service.variables.iter().chain(arguments)
        });
        self.variables.iter().chain(of_services)
    }

    /// The commands that no service starts with: those of builds and scripts.
    pub fn other_commands(&self) -> impl Iterator<Item = &Fragment> {
        self.services.iter().flat_map(|service| &service.build_commands).chain(&self.scripts)
    }
}

/// The variables of a table `NAME = value`.
fn variables(table: Option<&tree::Table>, initial: bool) -> Vec<Variable> {
    let entries = table.into_iter().flat_map(|table| &table.entries);
    let variable = |(name, node): &(Spanned<String>, tree::Node)| {
        Some(Variable { name: name.clone(), value: Some(node.text()?.clone()), initial })
    };
    entries.filter_map(variable).collect()
}
