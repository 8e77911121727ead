//! What a team says about its repository: `shipworthy.toml`, `.shipworthy.toml`, or `[tool.shipworthy]` in
//! `pyproject.toml`. Every key is documented in `docs/configuration.md`.

mod discover;
mod error;
mod globs;
mod parse;
mod read;
pub mod suggest;

pub use discover::{ConfigFile, Section, discover};
pub use error::{ConfigError, Document};
pub use globs::{BadGlob, PathGlobs};
pub use parse::parse;

use crate::findings::Severity;
use crate::project::environment::Environment;
use crate::source::{RepoPath, Span, Spanned};
use std::sync::Arc;

/// A whole configuration. The default is what an empty file says.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it came from; `None` where there is none.
    pub document: Option<Arc<Document>>,
    /// `select`, `extend-select`, `ignore` and `severity` at the top.
    pub rules: RuleChoice,
    /// `exclude`: files that are neither modelled nor reported.
    pub exclude: PathGlobs,
    /// `include-vendored`: whether third-party code in the repository is looked at.
    pub include_vendored: bool,
    /// `fail-on`, where it is said.
    pub fail_on: Option<FailOn>,
    /// `min-severity`, where it is said.
    pub min_severity: Option<Severity>,
    /// `honour-peer-comments`: whether other tools' suppression comments hold for the rules that are equivalent.
    pub honour_peer_comments: bool,
    /// `provided`: names of environment variables that the platform sets, without the repository showing it.
    pub provided: Vec<Spanned<String>>,
    /// `allowed-registries`: where images may come from; empty where the team says nothing about that.
    pub allowed_registries: Vec<Spanned<String>>,
    /// `[labels.schema]`: the labels that images have, each with what its value is.
    pub labels: Vec<LabelEntry>,
    /// `[labels] strict`: whether images have no other labels.
    pub strict_labels: bool,
    /// `[migrations] since`: for apps by label, the last migration that is deployed everywhere.
    pub migrations_since: Vec<LastApplied>,
    /// `[[environments]]`, in the order of the file.
    pub environments: Vec<ExtraEnvironment>,
    /// `[[deployments]]`, in the order of the file.
    pub deployments: Vec<DeploymentEntry>,
    /// `[[overrides]]`, in the order of the file; a later one has more to say than an earlier one.
    pub overrides: Vec<Override>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            document: None,
            rules: RuleChoice::default(),
            exclude: PathGlobs::default(),
            include_vendored: false,
            fail_on: None,
            min_severity: None,
            honour_peer_comments: true,
            provided: Vec::new(),
            allowed_registries: Vec::new(),
            labels: Vec::new(),
            strict_labels: false,
            migrations_since: Vec::new(),
            environments: Vec::new(),
            deployments: Vec::new(),
            overrides: Vec::new(),
        }
    }
}

/// Which rules run and how much they matter. Words are rule ids, aliases, families, `all`, and ids of other tools
/// (`hadolint:DL3007`); whether they exist is told by [`Selection`](crate::rules::Selection).
#[derive(Clone, Debug, Default)]
pub struct RuleChoice {
    /// `select`: what runs, in place of the defaults. `None` where it is not said.
    pub select: Option<Vec<Spanned<String>>>,
    /// `extend-select`: what runs besides.
    pub extend_select: Vec<Spanned<String>>,
    /// `ignore`: what does not run.
    pub ignore: Vec<Spanned<String>>,
    /// `severity`, in the order of the file.
    pub severity: Vec<SeverityChoice>,
}

/// One entry of `severity`.
#[derive(Clone, Debug)]
pub struct SeverityChoice {
    /// The rules.
    pub word: Spanned<String>,
    /// How much they matter.
    pub level: SeverityLevel,
}

/// How much a rule matters by the word of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeverityLevel {
    /// The same everywhere.
    Everywhere(Severity),
    /// In these environments; in the others the rule's page goes on to decide.
    ByEnvironment(Vec<(Environment, Severity)>),
}

/// The least that fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// A finding of this severity or above.
    At(Severity),
    /// Nothing.
    Never,
}

impl FailOn {
    /// The words for it, the strictest last.
    pub const WORDS: [&str; 4] = ["error", "warning", "note", "never"];

    /// What `word` says.
    pub fn named(word: &str) -> Option<Self> {
        if word == "never" { Some(FailOn::Never) } else { Severity::named(word).map(FailOn::At) }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        FailOn::At(Severity::Warning)
    }
}

/// One entry of `[labels.schema]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelEntry {
    /// The name of the label.
    pub name: Spanned<String>,
    /// What its value is.
    pub kind: LabelKind,
}

/// What the value of a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// Any text but none.
    Text,
    /// An address with its scheme.
    Url,
    /// A date and time.
    Rfc3339,
    /// A licence, or an expression of several.
    Spdx,
    /// The hash of a commit.
    Hash,
    /// A semantic version.
    Semver,
    /// An e-mail address.
    Email,
}

impl LabelKind {
    /// The words for them.
    pub const WORDS: [&str; 7] = ["text", "url", "rfc3339", "spdx", "hash", "semver", "email"];

    /// What `word` says.
    pub fn named(word: &str) -> Option<Self> {
        let kinds = [Self::Text, Self::Url, Self::Rfc3339, Self::Spdx, Self::Hash, Self::Semver, Self::Email];
        Self::WORDS.iter().zip(kinds).find(|(known, _)| **known == word).map(|(_, kind)| kind)
    }
}

/// One entry of `[migrations] since`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastApplied {
    /// The label of the app.
    pub app: Spanned<String>,
    /// The name of the migration, or the beginning of it; `zero` is before the first.
    pub migration: Spanned<String>,
}

/// One of `[[environments]]`: a name besides production, staging, testing and development.
#[derive(Clone, Debug)]
pub struct ExtraEnvironment {
    /// Its name.
    pub name: Spanned<String>,
    /// The environment that it is judged as; production unless `like` says otherwise.
    pub like: Environment,
}

/// One of `[[deployments]]`: what really is deployed somewhere. Paths are relative to the root.
#[derive(Clone, Debug)]
pub struct DeploymentEntry {
    /// Where it is written: the header of the table.
    pub span: Span,
    /// `name`, where it is said.
    pub name: Option<Spanned<String>>,
    /// `environment`.
    pub environment: Spanned<Environment>,
    /// `compose`: the compose files in the order in which they are merged.
    pub compose: Vec<Spanned<RepoPath>>,
    /// `env-file`: the files that interpolation reads, in place of the `.env` beside the first compose file.
    pub env_file: Vec<Spanned<RepoPath>>,
    /// `profiles`: the compose profiles that are active.
    pub profiles: Vec<Spanned<String>>,
    /// `dockerfile`, where no compose file names it.
    pub dockerfile: Option<Spanned<RepoPath>>,
    /// `target`: the build stage.
    pub target: Option<Spanned<String>>,
    /// `settings`: the dotted name of the settings module.
    pub settings: Option<Spanned<String>>,
    /// `project`: the folder of the Django project (where `manage.py` stands), in a repository of several.
    pub project: Option<Spanned<RepoPath>>,
}

impl DeploymentEntry {
    /// The name in reports: its own, else that of the environment.
    pub fn label(&self) -> &str {
        self.name.as_ref().map_or(self.environment.name(), |name| name.as_str())
    }
}

/// One of `[[overrides]]`: another choice of rules for some paths.
#[derive(Clone, Debug)]
pub struct Override {
    /// Where it is written: the header of the table.
    pub span: Span,
    /// `paths`.
    pub paths: PathGlobs,
    /// `select`, `extend-select`, `ignore` and `severity` for them.
    pub rules: RuleChoice,
}

impl Config {
    /// The environment called `name`, if it is one of the four standard ones or one of `[[environments]]`.
    pub fn environment(&self, name: &str) -> Option<Environment> {
        self.environment_names().iter().any(|known| known == name).then(|| Environment::named(name))
    }

    /// The names of all environments, the standard ones first.
    pub fn environment_names(&self) -> Vec<String> {
        let standard = Environment::STANDARD.into_iter().map(|environment| environment.name().to_owned());
        standard.chain(self.environments.iter().map(|extra| extra.name.value.clone())).collect()
    }

    /// The standard environment that `environment` is judged as: itself, or what its `like` says.
    pub fn like(&self, environment: &Environment) -> Environment {
        match environment {
            Environment::Other(name) => self
                .environments
                .iter()
                .find(|extra| *extra.name.value == **name)
                .map_or(Environment::Production, |extra| extra.like.clone()),
            standard => standard.clone(),
        }
    }

    /// An error at a byte range of the configuration's file; `None` where it came from no file.
    pub fn error_at(&self, span: Span, message: impl Into<String>, suggestion: Option<String>) -> Option<ConfigError> {
        self.document.as_ref().map(|document| ConfigError::new(document, span, message, suggestion))
    }
}

#[cfg(test)]
mod tests;
