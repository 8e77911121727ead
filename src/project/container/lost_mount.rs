//! Files that are mounted into a container, and that nobody has: Docker makes a folder there.

use super::lost_dockerfile::is_there_from_above;
use crate::project::Model;
use crate::project::compose::{Mount, MountSource, Placed};
use crate::project::deployment::Service;
use crate::project::env_files::texts::Texts;
use crate::project::value::Value;
use crate::source::{RepoPath, Source};
use crate::tree::{Entry, FileKind, GitStatus};

/// Endings of configuration, which a team writes and commits. Keys, databases and the like are made on the server.
const ENDINGS: [&str; 20] = [
    "acl",
    "cfg",
    "cnf",
    "conf",
    "ini",
    "js",
    "json",
    "lua",
    "properties",
    "py",
    "rules",
    "sh",
    "sql",
    "template",
    "tmpl",
    "toml",
    "vcl",
    "xml",
    "yaml",
    "yml",
];

/// Parts of the names of files that belong on the server alone.
const SERVERS_OWN: [&str; 10] =
    ["acme", "account", "auth", "cert", "credential", "key", "local", "secret", "token", "users"];

/// A mount of a file that is not there.
#[derive(Clone, Debug)]
pub struct LostMount<'s> {
    /// The mount.
    pub mount: &'s Placed<Mount>,
    /// The file that is mounted.
    pub file: RepoPath,
    /// The path in the container.
    pub target: &'s str,
    /// A file of that name elsewhere in the repository.
    pub elsewhere: Option<RepoPath>,
}

impl Service {
    /// The files of configuration that it mounts from the repository, and that surely are not there: git has them not and
    /// ignores them not, and nothing speaks of making them.
    pub fn lost_mounts(&self, model: &Model) -> Vec<LostMount<'_>> {
        let Some(merged) = self.compose.as_ref().filter(|_| model.complete) else { return Vec::new() };
        let lost = merged.volumes.iter().filter_map(|mount| {
            let Value::Known(MountSource::Bind(location)) = &mount.value.source else { return None };
            let (file, target) = (location.inside()?, mount.value.target.as_ref()?.likely()?);
            (is_configuration(target) && is_lost(file, mount, model)).then(|| {
                let same = |entry: &&Entry| entry.path.file_name() == file.file_name();
                let elsewhere = model.snapshot.tree().entries().iter().find(same).map(|entry| entry.path.clone());
                LostMount { mount, file: file.clone(), target, elsewhere }
            })
        });
        lost.collect()
    }
}

fn is_configuration(target: &str) -> bool {
    let name = target.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending);
    name == "caddyfile" || ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

fn is_lost(file: &RepoPath, mount: &Placed<Mount>, model: &Model) -> bool {
    let name = file.file_name().to_ascii_lowercase();
    let folder = mount.place.path.parent().unwrap_or_else(RepoPath::root);
    let hidden = name.starts_with(".env") || name.ends_with(".env");
    if hidden
        || SERVERS_OWN.iter().any(|part| name.contains(part))
        || model.file(file).is_some()
        || model.has_folder(file)
        || model.ignores(file)
        || is_there_from_above(&model.snapshot, file, &folder)
    {
        return false;
    }
    // `nginx.conf.example`, `nginx.template.conf`: whoever sets the server up copies it.
    let stem = file.file_stem().to_ascii_lowercase();
    let is_model = |entry: &Entry| {
        let other = entry.path.file_name().to_ascii_lowercase();
        let words = ["example", "sample", "template", "tmpl", "tpl", "dist", ".j2", "default"];
        other != name && other.contains(&stem) && (other.contains(&name) || words.iter().any(|it| other.contains(it)))
    };
    !model.snapshot.tree().entries().iter().any(is_model) && !is_made(file, model)
}

/// Whether a program, a recipe or a job speaks of the file, or a page tells people to make it; or what is checked out into
/// its folder is not seen.
fn is_made(file: &RepoPath, model: &Model) -> bool {
    let silent = [FileKind::Compose, FileKind::Dockerfile, FileKind::Nginx, FileKind::Caddy, FileKind::Dockerignore];
    let texts = Texts::of(model, |entry| {
        !silent.contains(&entry.kind) && entry.kind != FileKind::Binary && entry.git != GitStatus::Ignored
    });
    let first = file.as_str().split('/').next().unwrap_or_default();
    texts.any(|source| {
        let text = &source.text;
        match source.path.file_name() {
            ".gitmodules" => text.contains(first),
            _ if is_prose(source) => text.lines().any(|line| line.contains(file.file_name()) && tells_to_make(line)),
            _ => text.contains(file.file_name()),
        }
    })
}

fn is_prose(source: &Source) -> bool {
    matches!(source.path.extension(), Some("md" | "rst" | "txt" | "adoc"))
}

fn tells_to_make(line: &str) -> bool {
    const WORDS: [&str; 20] = [
        "add", "cat", "copy", "cp", "create", "curl", "download", "edit", "generate", "ln", "make", "mv", "nano",
        "place", "put", "rename", "scp", "tee", "touch", "write",
    ];
    let line = line.to_ascii_lowercase();
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
    line.contains("> ") || words.any(|word| WORDS.contains(&word) || matches!(word, "vi" | "vim" | "wget" | "rsync"))
}
