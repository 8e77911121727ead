//! What services of a stack refer to by name, and what the repository's compose files declare.

use super::refused::shared_with;
use super::{MountSource, Stack};
use crate::source::{Place, Span};
use crate::tree::{FileKind, Snapshot};
use std::collections::BTreeSet;

/// A kind of thing that services refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Referred {
    /// `volumes`
    Volume,
    /// `networks`
    Network,
    /// `secrets`
    Secret,
    /// `configs`
    Config,
    /// `services`
    Service,
}

impl Referred {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Referred::Volume => "volume",
            Referred::Network => "network",
            Referred::Secret => "secret",
            Referred::Config => "config",
            Referred::Service => "service",
        }
    }
}

/// A reference from a service to something by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The service that refers.
    pub service: String,
    /// To what.
    pub kind: Referred,
    /// By which name.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// The references of a stack to what it does not declare. None where the stack may have more than is known.
pub fn undeclared(stack: &Stack) -> Vec<Reference> {
    let mut found = Vec::new();
    if stack.maybe_more.is_some() {
        return found;
    }
    for service in stack.services.values().filter(|service| service.maybe_more.is_none()) {
        let mut refer = |kind: Referred, name: &str, declared: bool, place: Place| {
            // A placeholder such as `<path>` is to be filled in first.
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
            if !declared && !name.is_empty() && is_name {
                found.push(Reference { service: service.name.clone(), kind, name: name.to_owned(), place });
            }
        };
        for mount in &service.volumes {
            if let Some(MountSource::Named(name)) = mount.value.source.known() {
                refer(Referred::Volume, name, stack.volumes.contains_key(name), mount.place.clone());
            }
        }
        for network in &service.networks {
            let name = &network.value.name;
            let declared = name == "default" || stack.networks.contains_key(name);
            refer(Referred::Network, name, declared, network.place.clone());
        }
        for (list, kind, declared) in
            [(&service.secrets, Referred::Secret, &stack.secrets), (&service.configs, Referred::Config, &stack.configs)]
        {
            for file in list {
                let Some(name) = file.value.source.as_ref().and_then(|source| source.known()) else { continue };
                refer(kind, name, declared.contains_key(name), file.place.clone());
            }
        }
        for dependency in &service.depends_on {
            let optional = dependency.value.required.as_ref().is_some_and(|it| it.value.known() != Some(&true));
            let name = &dependency.value.service;
            let place = Place::new(dependency.place.path.clone(), dependency.key);
            refer(Referred::Service, name, optional || stack.services.contains_key(name), place);
        }
        for (name, place) in shared_with(service) {
            refer(Referred::Service, name, stack.services.contains_key(name), place);
        }
    }
    found
}

/// The names that any compose file of the repository declares: a file that seems to stand alone may be an overlay.
pub fn declared_anywhere(snapshot: &Snapshot) -> BTreeSet<(Referred, String)> {
    let mut names = BTreeSet::new();
    for entry in snapshot.files_of(FileKind::Compose) {
        let Ok(parsed) = snapshot.compose(&entry.path) else { continue };
        for file in parsed.0.documents() {
            names.extend(file.services().iter().map(|service| (Referred::Service, service.name.value.clone())));
            let sections = [
                (Referred::Volume, &file.volumes),
                (Referred::Network, &file.networks),
                (Referred::Secret, &file.secrets),
                (Referred::Config, &file.configs),
            ];
            for (kind, section) in sections {
                let resources = section.as_ref().and_then(|field| field.value.as_deref()).unwrap_or_default();
                names.extend(resources.iter().map(|resource| (kind, resource.name.value.clone())));
            }
        }
    }
    names
}

/// The names under which Compose finds a file by itself, the best first.
pub const DEFAULT_NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// The files that Compose would take by themselves if it did not find another one in their folder first, each with that
/// other one.
pub fn stale_twins(snapshot: &Snapshot) -> Vec<(Place, Place)> {
    let mut found = Vec::new();
    let rank = |name: &str| DEFAULT_NAMES.iter().position(|known| *known == name);
    for entry in snapshot.files_of(FileKind::Compose).filter(|entry| snapshot.shares(&entry.path)) {
        let (Some(own), Some(folder)) = (rank(entry.path.file_name()), entry.path.parent()) else { continue };
        let better = DEFAULT_NAMES[..own].iter().filter_map(|name| folder.join(name));
        if let Some(better) = better.into_iter().find(|path| snapshot.shares(path)) {
            let start = |path| Place::new(path, Span::at(0));
            found.push((start(entry.path.clone()), start(better)));
        }
    }
    found
}
