//! Which environment a file, a stack or a module is for, and what says so.

use super::environment::Environment;
use crate::source::{Place, RepoPath};
use std::fmt;

/// Something that tells the environment of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What kind of thing it is.
    pub kind: EvidenceKind,
    /// Where it stands; a file's start where its name tells.
    pub place: Place,
}

/// The kinds of evidence, the best first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// The configuration says so.
    Configured,
    /// A script, Makefile or workflow starts the stack by these files.
    StartedBy(String),
    /// The file's name has this word in it.
    FileName(String),
    /// The settings module that a service names has this word in it.
    SettingsModule(String),
    /// The Dockerfile or build target that a service names has this word in it.
    BuildTarget(String),
    /// It is a file of this kind of platform.
    Platform(String),
    /// The env file that a service loads has this name.
    EnvFile(String),
    /// It runs this image, a tool of developers.
    Tool(String),
    /// It replaces the production server of an image by this command over mounted code.
    Overrides(String),
    /// A sibling stack serves the other environment, so that this one is left over for this.
    Remaining(String),
    /// Nothing tells; production is assumed.
    Assumed,
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvidenceKind::Configured => f.write_str("the configuration says so"),
            EvidenceKind::StartedBy(command) => write!(f, "started by `{command}`"),
            EvidenceKind::FileName(word) => write!(f, "the file's name says `{word}`"),
            EvidenceKind::SettingsModule(module) => write!(f, "it names the settings module `{module}`"),
            EvidenceKind::BuildTarget(target) => write!(f, "it builds `{target}`"),
            EvidenceKind::Platform(what) => write!(f, "it is {what}"),
            EvidenceKind::EnvFile(path) => write!(f, "it loads `{path}`"),
            EvidenceKind::Tool(image) => write!(f, "it runs `{image}`, a developer's tool"),
            EvidenceKind::Overrides(command) => {
                write!(f, "over mounted code it runs `{command}` in place of the image's own server")
            }
            EvidenceKind::Remaining(other) => write!(f, "`{other}` serves the other environments"),
            EvidenceKind::Assumed => f.write_str("nothing says otherwise"),
        }
    }
}

/// Words in names, and the environment that each stands for.
const WORDS: &[(&str, Environment)] = &[
    ("production", Environment::Production),
    ("prod", Environment::Production),
    ("prd", Environment::Production),
    ("live", Environment::Production),
    ("deploy", Environment::Production),
    ("staging", Environment::Staging),
    ("stage", Environment::Staging),
    ("stg", Environment::Staging),
    ("preprod", Environment::Staging),
    ("uat", Environment::Staging),
    ("test", Environment::Testing),
    ("tests", Environment::Testing),
    ("testing", Environment::Testing),
    ("ci", Environment::Testing),
    ("e2e", Environment::Testing),
    ("development", Environment::Development),
    ("develop", Environment::Development),
    ("dev", Environment::Development),
    ("local", Environment::Development),
    ("localhost", Environment::Development),
    ("devcontainer", Environment::Development),
    ("debug", Environment::Development),
    ("override", Environment::Development),
];

/// The words that stand for an environment, the plainest first.
pub fn words_of(environment: &Environment) -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(move |(_, told)| told == environment).map(|(word, _)| *word)
}

/// The environment that a name speaks of, and the word that says so. `docker-compose.prod.yml`, `Dockerfile_dev`,
/// `config.settings.production`, `.env.staging`. The last telling word decides: `test.prod` is production's.
pub fn named_in(name: &str) -> Option<(Environment, &'static str)> {
    telling_words(name).next_back()
}

/// The same for the name of a build stage. There `stage` is what Docker calls it, as in `python-run-stage`, unless it is
/// all of the name.
pub fn named_in_stage(name: &str) -> Option<(Environment, &'static str)> {
    telling_words(name).rfind(|(_, word)| *word != "stage" || name.eq_ignore_ascii_case(word))
}

fn telling_words(name: &str) -> impl DoubleEndedIterator<Item = (Environment, &'static str)> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|part| {
        let told = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(part));
        told.map(|(word, environment)| (environment.clone(), *word))
    })
}

/// The environment that a path speaks of: its file name first, else the nearest folder that tells.
pub fn named_by_path(path: &RepoPath) -> Option<(Environment, &'static str)> {
    named_by_text(path.as_str())
}

/// The same for a path as it is written, which may begin outside of the repository or with a variable.
pub fn named_by_text(path: &str) -> Option<(Environment, &'static str)> {
    let parts: Vec<&str> = path.split('/').collect();
    let (name, folders) = parts.split_last()?;
    // `.envs/.test` can only hold the variables of an environment.
    let of_variables = |at: usize| at > 0 && matches!(folders[at - 1], ".envs" | "envs");
    let told = |at: usize| if of_variables(at) { named_in(folders[at]) } else { named_in_folder(folders[at]) };
    named_in(name).or_else(|| (0..folders.len()).rev().find_map(told))
}

/// Folders named `deploy` or `live` hold things for every environment.
fn named_in_folder(folder: &str) -> Option<(Environment, &'static str)> {
    named_in(folder).filter(|(_, word)| !matches!(*word, "deploy" | "live" | "tests" | "test" | "debug"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<Environment> {
        named_by_path(&RepoPath::new(name).unwrap()).map(|(environment, _)| environment)
    }

    #[test]
    fn names_tell_their_environment() {
        assert_eq!(environment("docker-compose.prod.yml"), Some(Environment::Production));
        assert_eq!(environment("docker-compose-dev.yml"), Some(Environment::Development));
        assert_eq!(environment("compose.override.yaml"), Some(Environment::Development));
        assert_eq!(environment(".envs/.production/.django"), Some(Environment::Production));
        assert_eq!(environment("compose/local/django/Dockerfile"), Some(Environment::Development));
        assert_eq!(environment(".envs/.test/.django"), Some(Environment::Testing));
        assert_eq!(environment("tests/compose.yaml"), None);
        assert_eq!(environment("Dockerfile.staging"), Some(Environment::Staging));
        assert_eq!(environment("docker-compose.yml"), None);
        assert_eq!(environment("products/Dockerfile"), None);
        assert_eq!(environment("deploy/docker-compose.yml"), None);
        assert_eq!(environment("docker-compose-deploy.yml"), Some(Environment::Production));
    }

    #[test]
    fn the_last_word_decides() {
        assert_eq!(named_in("config.settings.test_production").unwrap().0, Environment::Production);
    }

    #[test]
    fn a_stage_is_no_staging() {
        let told = |name| named_in_stage(name).map(|(environment, _)| environment);
        assert_eq!(told("python-run-stage"), None);
        assert_eq!(told("production-stage"), Some(Environment::Production));
        assert_eq!(told("stage"), Some(Environment::Staging));
        assert_eq!(told("web-staging"), Some(Environment::Staging));
    }
}
