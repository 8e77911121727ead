//! Variables that are set, and that nothing in the repository reads.

use super::texts::{Texts, is_for_an_image};
use crate::project::deployment::{Deployment, Service};
use crate::project::django::CONFIGURATION;
use crate::project::model::Model;
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, GitStatus};

/// A variable that nothing reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its name.
    pub name: String,
    /// Where it is set.
    pub place: Place,
}

/// Those of the templates of env files.
pub fn of_templates(model: &Model) -> Vec<Unread> {
    let keys = model.env_templates.iter().flat_map(|template| {
        let entries = template.file.entries.iter();
        entries.map(|entry| Unread { name: entry.key.value.clone(), place: entry.key.place(&template.path) })
    });
    // What one image reads another stack may set, so that compose files count as well.
    unread(model, keys.collect(), true)
}

/// Those that a service which runs Django is given, by its stack and by the committed env files that no other loads.
pub fn of_service(model: &Model, deployment: Option<&Deployment>, service: &Service) -> Vec<Unread> {
    let (Some(compose), Some(django)) = (&service.compose, &service.django) else { return Vec::new() };
    let given = compose.environment.iter();
    let given = given.map(|variable| Unread { name: variable.value.name.clone(), place: variable.key_place() });
    let asked = |name: &String| {
        name == "DJANGO_SETTINGS_MODULE" || name == CONFIGURATION || django.settings.variables_asked.contains(name)
    };
    let all = given.chain(own_files(model, deployment, service));
    unread(model, all.filter(|variable| !asked(&variable.name)).collect(), false)
}

/// Those that stand as words in no text beside env files, nor in `stacks`, where those count.
fn unread(model: &Model, mut variables: Vec<Unread>, stacks: bool) -> Vec<Unread> {
    variables.retain(|variable| !is_for_an_image(&variable.name));
    if !variables.is_empty() {
        let texts = Texts::of(model, |entry| !entry.kind.is_env() && (stacks || entry.kind != FileKind::Compose));
        variables.retain(|variable| !texts.name(&variable.name));
    }
    variables
}

/// What the committed env files give that only services which run Django load.
fn own_files(model: &Model, deployment: Option<&Deployment>, service: &Service) -> Vec<Unread> {
    let loads = |service: &Service, path: &RepoPath| {
        let files = service.compose.iter().flat_map(|compose| &compose.env_files);
        files.filter_map(|file| file.value.path.location.known()?.inside()).any(|file| file == path)
    };
    let others = || deployment.iter().flat_map(|it| &it.services).filter(|other| other.django.is_none());
    let files = model.env_files.iter().filter(|file| {
        file.git == GitStatus::Tracked && loads(service, &file.path) && !others().any(|other| loads(other, &file.path))
    });
    let entries = files.flat_map(|file| file.file.entries.iter().map(move |entry| (file, entry)));
    entries.map(|(file, entry)| Unread { name: entry.key.value.clone(), place: entry.key.place(&file.path) }).collect()
}
