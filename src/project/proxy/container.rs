//! The files of a proxy's container that the repository gives: by path in the container.

use crate::project::compose::{self, MountSource};
use crate::project::deployment::Service;
use crate::project::image::CopySource;
use crate::source::RepoPath;
use crate::tree::Snapshot;
use std::collections::BTreeMap;

/// The most files that one container is looked through for.
const MAX_FILES: usize = 2_000;

/// Where files of a container come from.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The repository's files by absolute path in the container.
    pub at: BTreeMap<String, RepoPath>,
    /// The folders that are mounted from the repository, by absolute path in the container.
    pub mounted: Vec<(String, RepoPath)>,
}

/// Folders that exist in images of proxies, so that a file that is copied "to" one lands inside of it.
const FOLDERS: &[&str] =
    &["/etc/nginx", "conf.d", "http.d", "templates", "snippets", "sites-enabled", "sites-available", "/etc/caddy", "/"];

impl Files {
    /// The files of `service`: what its image copies, then what is mounted over it.
    pub fn of(snapshot: &Snapshot, service: &Service, stack: Option<&compose::Stack>) -> Self {
        let mut files = Self::default();
        files.add_copies(snapshot, service);
        let Some(merged) = &service.compose else { return files };
        for mount in &merged.volumes {
            let Some(target) = mount.value.target.as_ref().and_then(|target| target.likely()) else { continue };
            let target = target.trim_end_matches('/');
            let bind = matches!(mount.value.source.likely(), Some(MountSource::Bind(_)));
            if bind {
                let below = format!("{target}/");
                files.at.retain(|path, _| path != target && !path.starts_with(&below));
            }
            if let Some(source) = mount.value.inside() {
                files.add(snapshot, source, target);
                files.mounted.push((target.to_owned(), source.clone()));
            }
        }
        for config in &merged.configs {
            let Some(name) = config.value.source.as_ref().and_then(|source| source.likely()) else { continue };
            let declared = stack.and_then(|stack| stack.configs.get(name));
            let file = declared.and_then(|it| it.file.as_ref()).and_then(|file| file.value.location.likely()?.inside());
            let target = config.value.target.as_ref().and_then(|target| target.likely());
            if let Some(file) = file {
                files.add(snapshot, file, &target.map_or_else(|| format!("/{name}"), str::to_owned));
            }
        }
        files
    }

    fn add_copies(&mut self, snapshot: &Snapshot, service: &Service) {
        let Some(build) = &service.build else { return };
        // What is copied later lies over what was there.
        let copies: Vec<_> = build.copies().filter(|(_, copy)| copy.from == CopySource::Context).collect();
        for (context, copy) in copies.into_iter().rev() {
            let Some(destination) = copy.destination.value.likely() else { continue };
            let named_folder = destination.ends_with('/') || copy.sources.len() > 1;
            let destination = destination.trim_end_matches('/');
            for source in copy.sources.iter().filter_map(|source| source.value.likely()) {
                let source = source.trim_start_matches('/');
                if let Some((folder, pattern)) = split_pattern(source) {
                    let Some(folder) = context.join(folder) else { continue };
                    for entry in snapshot.tree().under(&folder) {
                        let name = entry.path.file_name();
                        if entry.path.parent().as_ref() == Some(&folder) && matches(pattern, name) {
                            self.insert(format!("{destination}/{name}"), entry.path.clone());
                        }
                    }
                    continue;
                }
                let Some(path) = context.join(source) else { continue };
                let inside = named_folder
                    || destination.is_empty()
                    || FOLDERS
                        .iter()
                        .any(|folder| *folder == destination || destination.ends_with(&format!("/{folder}")));
                if snapshot.shares(&path) && inside {
                    self.insert(format!("{destination}/{}", path.file_name()), path);
                } else {
                    self.add(snapshot, &path, destination);
                }
            }
        }
    }

    /// Adds a file, or all files of a folder.
    fn add(&mut self, snapshot: &Snapshot, source: &RepoPath, target: &str) {
        if snapshot.shares(source) {
            self.insert(target.to_owned(), source.clone());
            return;
        }
        // A whole project under `/etc` is no configuration; only so many are looked at.
        for entry in snapshot.tree().under(source).iter().take(MAX_FILES) {
            if let Some(rest) = entry.path.relative_to(source).filter(|_| snapshot.shares(&entry.path)) {
                self.insert(format!("{target}/{rest}"), entry.path.clone());
            }
        }
    }

    fn insert(&mut self, at: String, path: RepoPath) {
        if self.at.len() < MAX_FILES {
            self.at.insert(at, path);
        }
    }

    /// The folder of the repository that is mounted at `path` of the container, or above it.
    pub fn mounted_at(&self, path: &str) -> Option<RepoPath> {
        let path = path.trim_end_matches('/');
        let covers = self.mounted.iter().filter_map(|(target, source)| {
            let rest = path.strip_prefix(target.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some((target.len(), source, rest.trim_start_matches('/')))
        });
        let (_, source, rest) = covers.max_by_key(|(length, ..)| *length)?;
        if rest.is_empty() { Some(source.clone()) } else { source.join(rest) }
    }
}

/// A path with a wildcard in its last part: the folder and that part.
pub fn split_pattern(path: &str) -> Option<(&str, &str)> {
    let (folder, last) = path.rsplit_once('/').unwrap_or(("", path));
    (last.contains(['*', '?']) && !folder.contains(['*', '?'])).then_some((folder, last))
}

/// Whether a name fits a pattern with `*` and `?`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name, mut star) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(char) if *char == '?' || *char == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((back, from)) = star else { return false };
                star = Some((back, from + 1));
                (at, in_name) = (back + 1, from + 1);
            }
        }
    }
    pattern[at..].iter().all(|char| *char == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards() {
        assert!(matches("*.conf", "site.conf") && matches("*", "a") && matches("s?te.*", "site.conf"));
        assert!(!matches("*.conf", "site.conf.bak") && !matches("*.conf", "conf") && !matches("a*b*c", "abb"));
    }
}
