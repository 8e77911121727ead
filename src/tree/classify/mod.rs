//! What a file is, told by its name and, only where the name leaves it open, by its first bytes.

mod content;
mod environment;
mod name;
mod role;

pub use role::{PathRole, role};

use crate::source::RepoPath;
use std::fmt;

/// How many bytes of a file [`classify`] wants to see at most, where it wants to see any.
///
/// Four kibibytes, since a compose file may begin with a page of comments and anchors; it costs no more than one.
pub const HEAD: usize = 4096;

/// What a file is, and so which parser reads it and which rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A Dockerfile or Containerfile.
    Dockerfile,
    /// What a build context leaves out: `.dockerignore`, `Dockerfile.dockerignore`.
    Dockerignore,
    /// `.gitignore`.
    Gitignore,
    /// A compose file or a stack file of Docker Swarm, or one that overlays them.
    Compose,
    /// Variables of an environment, as compose, systemd and dotenv libraries read them.
    EnvFile,
    /// A template of an env file, with no real values: `.env.example`.
    EnvTemplate,
    /// A Django settings module, or a module in a settings package.
    Settings,
    /// A Django migration.
    Migration,
    /// Where a Django process begins: `manage.py`, `wsgi.py`, `asgi.py`, `celery.py`.
    DjangoEntry,
    /// Gunicorn's configuration, a Python module.
    GunicornConf,
    /// A Django URL configuration.
    Urls,
    /// Django models.
    Models,
    /// Any other Python module or script.
    Python,
    /// A shell script.
    Script,
    /// A makefile.
    Makefile,
    /// A justfile.
    Justfile,
    /// A workflow of GitHub Actions (or of Gitea and Forgejo, which read the same language).
    Workflow,
    /// A GitHub action: `action.yml`.
    GithubAction,
    /// A GitLab pipeline, or a part of one.
    GitlabCi,
    /// A CircleCI configuration.
    CircleCi,
    /// A Jenkins pipeline.
    Jenkinsfile,
    /// A configuration of nginx, whole or a part, or a template of one.
    Nginx,
    /// A Caddyfile.
    Caddy,
    /// A configuration of Traefik, static or dynamic.
    Traefik,
    /// A configuration of supervisord.
    Supervisor,
    /// A crontab.
    Crontab,
    /// A systemd unit.
    Systemd,
    /// Render's blueprint.
    Render,
    /// A Procfile.
    Procfile,
    /// Fly.io's configuration.
    Fly,
    /// Heroku's `app.json`.
    AppJson,
    /// Heroku's `heroku.yml`.
    HerokuYml,
    /// Railway's configuration.
    Railway,
    /// A list of Python requirements or constraints, as pip reads it.
    Requirements,
    /// Resolved Python requirements: `poetry.lock`, `uv.lock`, `Pipfile.lock`, `pdm.lock`, `pylock.toml`.
    LockFile,
    /// A Pipfile.
    Pipfile,
    /// `pyproject.toml`.
    Pyproject,
    /// Other text.
    Text,
    /// No text.
    Binary,
}

impl FileKind {
    /// The stable name, in lower case with hyphens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
            Self::Dockerignore => "dockerignore",
            Self::Gitignore => "gitignore",
            Self::Compose => "compose",
            Self::EnvFile => "env-file",
            Self::EnvTemplate => "env-template",
            Self::Settings => "settings",
            Self::Migration => "migration",
            Self::DjangoEntry => "django-entry",
            Self::GunicornConf => "gunicorn-conf",
            Self::Urls => "urls",
            Self::Models => "models",
            Self::Python => "python",
            Self::Script => "script",
            Self::Makefile => "makefile",
            Self::Justfile => "justfile",
            Self::Workflow => "workflow",
            Self::GithubAction => "github-action",
            Self::GitlabCi => "gitlab-ci",
            Self::CircleCi => "circle-ci",
            Self::Jenkinsfile => "jenkinsfile",
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Supervisor => "supervisor",
            Self::Crontab => "crontab",
            Self::Systemd => "systemd",
            Self::Render => "render",
            Self::Procfile => "procfile",
            Self::Fly => "fly",
            Self::AppJson => "app-json",
            Self::HerokuYml => "heroku-yml",
            Self::Railway => "railway",
            Self::Requirements => "requirements",
            Self::LockFile => "lock-file",
            Self::Pipfile => "pipfile",
            Self::Pyproject => "pyproject",
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }

    /// Whether the file tells a platform what to run: the manifests that `parse::platform` reads.
    pub fn is_manifest(self) -> bool {
        matches!(self, Self::Render | Self::Fly | Self::HerokuYml | Self::AppJson | Self::Railway)
    }

    /// Whether the file is Python, in whatever role.
    pub fn is_python(self) -> bool {
        matches!(
            self,
            Self::Settings
                | Self::Migration
                | Self::DjangoEntry
                | Self::GunicornConf
                | Self::Urls
                | Self::Models
                | Self::Python
        )
    }

    /// Whether the file holds variables of an environment, real or as a template.
    pub fn is_env(self) -> bool {
        matches!(self, Self::EnvFile | Self::EnvTemplate)
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a name says about a file.
enum Named {
    /// All there is to know.
    Kind(FileKind),
    /// The content must be asked, this way.
    Ask(fn(&RepoPath, &[u8]) -> FileKind),
}

/// What the file at `path` is. `head` is its beginning: [`HEAD`] bytes, or all of a shorter file.
pub fn classify(path: &RepoPath, head: &[u8]) -> FileKind {
    classify_reading(path, || head)
}

/// The same, with the file's beginning read only where its name does not decide.
pub fn classify_reading<H: AsRef<[u8]>>(path: &RepoPath, head: impl FnOnce() -> H) -> FileKind {
    let ask = match name::named(path) {
        Named::Kind(kind) => return kind,
        Named::Ask(ask) => ask,
    };
    let head = head();
    let head = head.as_ref();
    if content::is_binary(head) { FileKind::Binary } else { ask(path, head) }
}

/// Whether a file of this name may be an env file or a template of one, so that it is of interest even where git
/// ignores it. [`classify`] has the last word.
pub fn may_be_env(path: &RepoPath) -> bool {
    environment::env_name(path) != environment::EnvName::No
}

/// Whether a folder of this name usually holds env files, so that it is looked into even where git ignores it.
pub fn holds_env_files(folder: &str) -> bool {
    environment::is_env_folder(folder)
}

#[cfg(test)]
mod tests;
