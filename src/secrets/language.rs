//! How a file writes assignments.

use crate::source::RepoPath;
use crate::tree::FileKind;

/// The forms in which a language gives values to names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `name = "value"`, `"name": "value"`, `name="value"` in a call, `get("NAME", "value")`.
    Python,
    /// `name: value`, `- NAME=value`.
    Yaml,
    /// `"name": "value"`.
    Json,
    /// `name = "value"`, the value always in quotes: TOML, HCL.
    Toml,
    /// `name = value` or `name: value` up to the end of the line: ini, properties, systemd.
    Ini,
    /// `NAME=value` up to the end of the line.
    Env,
    /// `NAME=value` up to a space: shell, make.
    Shell,
}

impl Language {
    /// The language of a file, where it is one in which assignments are read.
    pub fn of(path: &RepoPath, kind: FileKind) -> Option<Self> {
        match kind {
            FileKind::LockFile | FileKind::Dockerfile | FileKind::Dockerignore | FileKind::Gitignore => return None,
            FileKind::Migration | FileKind::Binary | FileKind::Requirements => return None,
            FileKind::Script | FileKind::Makefile | FileKind::Justfile | FileKind::Procfile => {
                return Some(Self::Shell);
            }
            FileKind::Systemd | FileKind::Supervisor => return Some(Self::Ini),
            kind if kind.is_env() => return Some(Self::Env),
            kind if kind.is_python() => return Some(Self::Python),
            _ => {}
        }
        match path.file_name() {
            "package-lock.json" | "composer.lock" | "npm-shrinkwrap.json" | "pnpm-lock.yaml" => return None,
            ".npmrc" | ".pypirc" | ".my.cnf" | ".envrc" => return Some(Self::Ini),
            _ => {}
        }
        match path.extension()? {
            "yml" | "yaml" => Some(Self::Yaml),
            "json" | "json5" | "jsonc" => Some(Self::Json),
            "toml" | "tf" | "tfvars" | "hcl" => Some(Self::Toml),
            "ini" | "cfg" | "conf" | "cnf" | "properties" => Some(Self::Ini),
            "sh" | "bash" | "zsh" => Some(Self::Shell),
            // Where people keep what they paste into the form of a host.
            "txt" => Some(Self::Env),
            _ => None,
        }
    }
}
