//! Names of env files.

use super::name::{CODE, ENVIRONMENTS};
use crate::source::RepoPath;

/// What a path says about being an env file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EnvName {
    /// It is one.
    File,
    /// It is a template of one.
    Template,
    /// It is one if it looks like one.
    Perhaps,
    /// It is none.
    No,
}

/// Words that make an env file a template.
const TEMPLATE: &[&str] = &["example", "examples", "sample", "template", "dist", "tpl", "tmpl", "default", "skeleton"];

/// Extensions that make `.env.*` or `env.*` something else: code, prose, or a sealed file.
const SEALED: &[&str] =
    &["enc", "encrypted", "gpg", "asc", "age", "sops", "vault", "sealed", "crypt", "j2", "jinja", "jinja2", "erb"];

/// Whether a folder of this name (`.envs`, `env`) usually holds env files.
pub(super) fn is_env_folder(name: &str) -> bool {
    matches!(name, ".env" | "env" | ".envs" | "envs" | "env_files" | "env-files" | "envfiles" | ".env.d" | "env.d")
        || name.starts_with(".envs.")
        || name.starts_with(".envs-")
}

/// Whether `path` names an env file.
pub(super) fn env_name(path: &RepoPath) -> EnvName {
    let name = path.file_name().to_lowercase();
    let name = name.trim_end_matches('~');
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    // `.env.py` is a module, `.env.md` prose, `.envrc` a script of direnv.
    if CODE.contains(&extension) || matches!(name, ".envrc" | ".gitkeep" | ".gitignore" | ".keep") {
        return EnvName::No;
    }
    // `templates/_env.tpl` holds definitions of a Helm chart.
    if extension == "tpl" && (name.starts_with('_') || path.parts().rev().nth(1) == Some("templates")) {
        return EnvName::No;
    }
    let words: Vec<&str> = name.split(['.', '-', '_', ' ']).filter(|word| !word.is_empty()).collect();
    let is_env = |word: &&str| matches!(*word, "env" | "dotenv");
    let template = words.iter().any(|word| TEMPLATE.contains(word));
    if name.starts_with(".env") && words.first().is_some_and(is_env)
        || name.starts_with(".dotenv")
        || extension == "env"
    {
        return match extension {
            sealed if SEALED.contains(&sealed) => EnvName::No,
            _ if template => EnvName::Template,
            _ => EnvName::File,
        };
    }
    if SEALED.contains(&extension) {
        return EnvName::No;
    }
    // A part of a Helm chart, which defines the variables of a container.
    if name.starts_with('_') && extension == "tpl" {
        return EnvName::No;
    }
    // `env.example`, `prod.env.example`; `env.prod`; `env`.
    if words.iter().any(is_env) && template && words.len() > 1 {
        return EnvName::Template;
    }
    if words.first().is_some_and(is_env) && words[1..].iter().all(|word| ENVIRONMENTS.contains(word)) {
        return EnvName::Perhaps;
    }
    let folders: Vec<&str> = path.parts().rev().skip(1).collect();
    if folders.iter().any(|folder| folder.starts_with(".envs")) {
        let template = template || folders.iter().any(|f| f.split(['.', '-', '_']).any(|w| TEMPLATE.contains(&w)));
        return if template { EnvName::Template } else { EnvName::File };
    }
    let plain = extension.is_empty() || name.starts_with('.');
    if plain && folders.iter().take(2).any(|folder| is_env_folder(folder)) {
        return EnvName::Perhaps;
    }
    EnvName::No
}
