//! Variables of the `.env` that only Compose reads, which the containers were meant to get.

use crate::parse::env_file::EnvFile;
use crate::project::deployment::{Deployment, DjangoProcess, Service};
use crate::project::environment::Lookup;
use crate::project::model::Model;
use crate::project::settings::PyValue;
use crate::project::value::Act;
use crate::source::{Place, RepoPath};
use crate::tree::GitStatus;
use std::sync::Arc;

/// The variables that a service does not get.
#[derive(Clone, Debug)]
pub struct NotPassed<'m> {
    /// The service.
    pub service: &'m Service,
    /// The file that sets them: `.env`.
    pub file: RepoPath,
    /// The names, in the order of the file, with the places that set them; there is at least one.
    pub variables: Vec<(String, Place)>,
}

/// The services of a stack whose settings fall back on what is set in the `.env` beside the compose file: Compose reads that
/// file to fill in its own text, and passes nothing on by itself.
pub fn not_passed<'m>(model: &Model, deployment: &'m Deployment) -> Vec<NotPassed<'m>> {
    let Some((file, listed_in, entries)) = beside(model, deployment) else { return Vec::new() };
    // What one service gets and another does not was told apart by somebody.
    let given = |name: &str| {
        let services = deployment.services.iter().filter_map(|service| service.compose.as_ref());
        services.flat_map(|compose| &compose.environment).any(|variable| variable.value.name == name)
    };
    let mut found = Vec::new();
    for service in deployment.services_by_place() {
        let (Some(django), Some(_)) = (&service.django, &service.compose) else { continue };
        let lacks = |name: &str, value: &str| {
            matches!(service.process.variables.lookup(name), Lookup::Unset) && falls_back(django, name, value)
        };
        let variables: Vec<(String, Place)> = entries
            .entries
            .iter()
            .filter(|entry| {
                let value = entry.value.as_ref().map_or("", |value| value.raw.value.trim());
                !value.is_empty() && !given(&entry.key.value) && lacks(&entry.key.value, value)
            })
            .map(|entry| (entry.key.value.clone(), entry.key.place(&listed_in)))
            .collect();
        if !variables.is_empty() {
            found.push(NotPassed { service, file: file.clone(), variables });
        }
    }
    found
}

/// The `.env` of a stack, the file that shows what is in it, and its entries.
fn beside(model: &Model, deployment: &Deployment) -> Option<(RepoPath, RepoPath, Arc<EnvFile>)> {
    let folder = deployment.files.first()?.parent().unwrap_or_else(RepoPath::root);
    let file = folder.join(".env")?;
    let committed = model.env_files.iter().find(|it| it.path == file && it.git == GitStatus::Tracked);
    if let Some(committed) = committed {
        return Some((file, committed.path.clone(), committed.file.clone()));
    }
    let template = model.env_templates.iter().find(|template| template.target == file)?;
    Some((file, template.path.clone(), template.file.clone()))
}

/// Whether some setting surely is what it is because the variable is not there, and would be something else with it.
fn falls_back(django: &DjangoProcess, name: &str, value: &str) -> bool {
    let mut reads = django.settings.variables_read.iter().filter(|read| read.name == name);
    let another = reads.all(|read| !read.required && read.fallback.as_ref().is_none_or(|it| is_another(it, value)));
    let of_it = |act: &Act| matches!(act, Act::FallsBack(variable) | Act::Reads(variable) if variable == name);
    another
        && django.settings.values.values().any(|setting| {
            setting.value.value.known().is_some() && setting.value.trail.iter().any(|step| of_it(&step.act))
        })
}

fn is_another(fallback: &PyValue, value: &str) -> bool {
    match fallback {
        PyValue::Str(text) => text.trim() != value,
        PyValue::Bool(on) => {
            let yes = matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on" | "y" | "t");
            yes != *on
        }
        PyValue::Int(number) => value.parse() != Ok(*number),
        PyValue::None => true,
        _ => false,
    }
}
