//! Actions by name.

use super::CheckKind;
use crate::source::Spanned;

/// An action as a step names it: `owner/name/folder@ref`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// `owner/name`, lower case.
    pub name: String,
    /// What follows the `@`.
    pub reference: String,
}

/// How an action's version is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// By a commit: nobody can change it.
    Commit,
    /// By a tag, which its owner can move.
    Tag,
    /// By a branch, which moves with every push.
    Branch,
}

impl Action {
    /// Reads `uses` of a step; `None` where it is a file of this repository or an image.
    pub fn read(uses: &Spanned<String>) -> Option<Self> {
        let text = uses.value.trim();
        if text.starts_with('.') || text.contains("://") || text.contains("${{") {
            return None;
        }
        let (path, reference) = text.split_once('@')?;
        let mut parts = path.split('/');
        let name = format!("{}/{}", parts.next()?, parts.next()?).to_ascii_lowercase();
        Some(Self { name, reference: reference.to_owned() })
    }

    /// Whether GitHub itself makes it.
    pub fn is_githubs_own(&self) -> bool {
        self.name.starts_with("actions/") || self.name.starts_with("github/")
    }

    /// How its version is chosen.
    pub fn pin(&self) -> Pin {
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if self.reference.len() >= 40 && hex(&self.reference) {
            return Pin::Commit;
        }
        match self.reference.as_str() {
            "main" | "master" | "develop" | "dev" | "trunk" | "HEAD" => Pin::Branch,
            _ => Pin::Tag,
        }
    }

    /// What it checks.
    pub(super) fn check(&self) -> Option<CheckKind> {
        match self.name.as_str() {
            "aquasecurity/trivy-action"
            | "snyk/actions"
            | "pypa/gh-action-pip-audit"
            | "returntocorp/semgrep-action" => Some(CheckKind::Security),
            "astral-sh/ruff-action"
            | "chartboost/ruff-action"
            | "psf/black"
            | "pre-commit/action"
            | "hadolint/hadolint-action" => Some(CheckKind::Lint),
            _ => None,
        }
    }

    /// Whether it brings a new version to where users are.
    pub(super) fn deploys(&self) -> bool {
        const DEPLOY: [&str; 12] = [
            "appleboy/ssh-action",
            "akhileshns/heroku-deploy",
            "aws-actions/amazon-ecs-deploy-task-definition",
            "azure/webapps-deploy",
            "caprover/deploy-from-github",
            "digitalocean/app_action",
            "dokku/github-action",
            "einaregilsson/beanstalk-deploy",
            "fifsky/ssh-action",
            "google-github-actions/deploy-appengine",
            "google-github-actions/deploy-cloudrun",
            "johnbeynon/render-deploy-action",
        ];
        DEPLOY.contains(&self.name.as_str())
    }
}
