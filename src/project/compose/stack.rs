use super::layers::{Collector, Project, ResourceLayers};
use super::refused::{refused, repeated};
use super::{Interpolated, Location, Placed, Resource, Service, Text};
use crate::parse::compose::ComposeFile;
use crate::project::environment::Variables;
use crate::project::value::{Reason, Value};
use crate::source::{Fragment, Place, RepoPath};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a stack is made from.
pub struct Inputs<'a> {
    /// The files in the order of `-f`.
    pub files: &'a [(RepoPath, Arc<ComposeFile>)],
    /// `--project-directory`, which relative paths start from; without it the folder of the first file.
    pub project_directory: Option<&'a RepoPath>,
    /// What interpolation finds: the shell and `.env`.
    pub variables: &'a Variables,
    /// Gives a file that is extended or included; `None` where it is not in the repository.
    pub load: &'a dyn Fn(&RepoPath) -> Option<Arc<ComposeFile>>,
    /// What interpolation finds in an included project; `None` where that is what the including one finds.
    pub included_variables: &'a dyn Fn(&IncludedProject) -> Option<Variables>,
}

/// A project that another one includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncludedProject {
    /// The folder that its relative paths start from; `None` outside the repository.
    pub directory: Option<RepoPath>,
    /// The files that give its variables; none means `.env` in its folder.
    pub env_files: Vec<Value<Location>>,
}

/// Compose files put together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    /// Every file that takes part, extended and included ones too, in the order in which they were met.
    pub files: Vec<RepoPath>,
    /// The folder that relative paths start from; `None` where there is no file.
    pub project_directory: Option<RepoPath>,
    /// `name` of the project.
    pub name: Text,
    /// The services by name, those of profiles that are not active too.
    pub services: BTreeMap<String, Service>,
    /// `volumes` at the top.
    pub volumes: BTreeMap<String, Resource>,
    /// `networks` at the top.
    pub networks: BTreeMap<String, Resource>,
    /// `secrets` at the top.
    pub secrets: BTreeMap<String, Resource>,
    /// `configs` at the top.
    pub configs: BTreeMap<String, Resource>,
    /// Why there may be more services and resources than these: an included file is not there.
    pub maybe_more: Option<Reason>,
    /// What Compose would refuse.
    pub problems: Vec<StackProblem>,
}

/// Something that keeps files from being put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackProblem {
    /// Where.
    pub place: Place,
    /// What, in lower case and without a full stop.
    pub message: String,
    /// The services that have to be active for it; none where Compose looks no further, whatever is active.
    pub services: Vec<String>,
    /// Whether a file that is merged before these may make it right.
    pub partial: bool,
    /// Whether it is a key that a newer Compose may know.
    pub unknown_key: bool,
    /// The file that is not there, where that is the problem and it should lie in the repository.
    pub missing: Option<RepoPath>,
}

impl StackProblem {
    pub(super) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), services: Vec::new(), partial: false, unknown_key: false, missing: None }
    }
}

/// Puts files together as Docker Compose does. Total and bounded; what cannot be followed is told by
/// [`Stack::maybe_more`] and [`Service::maybe_more`].
pub fn merge(inputs: &Inputs<'_>) -> Stack {
    let first_folder = || inputs.files.first().and_then(|(path, _)| path.parent());
    let base = inputs.project_directory.cloned().or_else(first_folder);
    let mut collector = Collector::new(inputs);
    let variables = Arc::new(inputs.variables.clone());
    let project = Project { files: inputs.files, base: base.clone(), variables: Arc::clone(&variables) };
    let layers = collector.collect(&project, &mut Vec::new());
    let mut stack = Stack {
        files: collector.files,
        project_directory: base,
        maybe_more: collector.maybe_more,
        problems: collector.problems,
        volumes: resources(&layers.volumes),
        networks: resources(&layers.networks),
        secrets: resources(&layers.secrets),
        configs: resources(&layers.configs),
        ..Stack::default()
    };
    for document in &layers.documents {
        document.cx.set_text(&mut stack.name, &document.syntax().name);
    }
    // What says so goes before `name`.
    if let Some(Value::Known(name)) = variables.set.get("COMPOSE_PROJECT_NAME").map(|name| &name.value)
        && let Some(step) = variables.set["COMPOSE_PROJECT_NAME"].trail.first()
        && !name.is_empty()
    {
        let (place, text) = (step.place.clone(), Fragment::opaque(name.clone(), step.place.span));
        let overridden = stack.name.take().map(|before| before.place).into_iter().collect();
        let key = place.span;
        stack.name = Some(Placed { value: Interpolated::literal(text), place, key, overridden });
    }
    for (name, definitions) in layers.services {
        let mut service = Service {
            name: name.clone(),
            maybe_more: definitions.maybe_more,
            project_variables: Arc::clone(&variables),
            ..Service::default()
        };
        for layer in &definitions.layers {
            layer.document.cx.merge_service(&mut service, layer.syntax());
        }
        let layers = definitions.layers.iter().map(|layer| (&layer.document.cx, layer.syntax()));
        stack.problems.extend(repeated(&name, layers));
        stack.services.insert(name, service);
    }
    let found = refused(&stack);
    stack.problems.extend(found);
    stack
}

fn resources(layers: &ResourceLayers) -> BTreeMap<String, Resource> {
    let merged = layers.iter().map(|(name, layers)| {
        let mut resource = Resource::default();
        for layer in layers {
            layer.document.cx.merge_resource(&mut resource, layer.syntax());
        }
        (name.clone(), resource)
    });
    merged.collect()
}

impl Stack {
    /// What Compose refuses where only these services are active.
    pub fn refusals<'s>(&'s self, is_active: impl Fn(&str) -> bool + 's) -> impl Iterator<Item = &'s StackProblem> {
        self.problems.iter().filter(move |problem| problem.services.iter().all(|name| is_active(name)))
    }

    /// The services that run where `profiles` are active; `*` stands for all. A profile that is not known counts as not
    /// active.
    pub fn active<'s>(&'s self, profiles: &'s [&str]) -> impl Iterator<Item = &'s Service> {
        self.services.values().filter(move |service| service.is_active(profiles))
    }
}

impl Service {
    /// Whether the service runs where `profiles` are active; `*` stands for all.
    pub fn is_active(&self, profiles: &[&str]) -> bool {
        let named = |profile: &str| profiles.contains(&"*") || profiles.contains(&profile);
        self.profiles.is_empty() || self.profiles.iter().any(|profile| profile.value.likely().is_some_and(named))
    }
}
