//! The images that the repository's own pipelines, scripts and recipes build: how they are called, and from what.
//!
//! A stack that only names an image runs what one of these builds. What cannot be told of a build (the Dockerfile, the
//! stage) makes all of it unknown.

mod actions;
mod bases;
mod name;
mod shell;
#[cfg(test)]
mod tests;

pub use bases::OwnBases;
pub use name::{ImageName, Known, Likeness, Tags, Template};

use super::environment::Environment;
use super::evidence::{named_by_path, named_in};
use super::image;
use super::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Place, RepoPath};
use crate::tree::{Entry, FileKind, PathRole, Snapshot, role};
use std::collections::{BTreeMap, BTreeSet};

/// So many builds are told apart in one repository.
const MAX_BUILDS: usize = 100;
/// So many names of one build.
const MAX_NAMES: usize = 8;

/// An image that a command or an action builds.
#[derive(Clone, Debug)]
pub struct BuiltImage {
    /// Its names.
    pub names: Vec<ImageName>,
    /// How it is built; `None` where that cannot be told.
    pub recipe: Option<Recipe>,
    /// The command or action.
    pub place: Place,
    /// Whether it goes to a registry.
    pub pushed: bool,
    /// Whether the build gives it labels.
    pub labelled: bool,
    /// The environment that the job, the target or the file is named for.
    pub environment: Option<Environment>,
}

/// What an image is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The Dockerfile.
    pub dockerfile: RepoPath,
    /// The folder that is sent to the builder.
    pub context: RepoPath,
    /// The stage; `None`: the last.
    pub target: Option<String>,
    /// The build arguments.
    pub arguments: BTreeMap<String, Traced<String>>,
}

/// What a build is told, before files are looked for.
#[derive(Clone, Debug, Default)]
struct Told {
    /// The Dockerfile; `None`: `Dockerfile` in the context.
    file: Option<Template>,
    context: Option<Template>,
    target: Option<Template>,
    /// `NAME=value`, or a name alone.
    arguments: Vec<Template>,
    tags: Vec<Template>,
    labelled: bool,
}

/// Finds the images that are built, in order of place.
pub fn find(snapshot: &Snapshot) -> Vec<BuiltImage> {
    let mut found = Vec::new();
    let product = |entry: &&Entry| role(&entry.path) == PathRole::Product;
    for entry in snapshot.tree().entries().iter().filter(product) {
        match entry.kind {
            FileKind::Workflow => actions::workflow(snapshot, &entry.path, &mut found),
            FileKind::GitlabCi => shell::gitlab(snapshot, &entry.path, &mut found),
            FileKind::Makefile | FileKind::Justfile => {
                shell::recipes(snapshot, &entry.path, entry.kind, &mut found);
            }
            FileKind::Script => shell::script(snapshot, &entry.path, &mut found),
            _ => {}
        }
        if found.len() >= MAX_BUILDS {
            found.truncate(MAX_BUILDS);
            break;
        }
    }
    found
}

/// The environment that a job or target called `name` in the file `path` speaks of.
fn environment_of(path: &RepoPath, name: &str) -> Option<Environment> {
    named_in(name).or_else(|| named_by_path(path)).map(|(environment, _)| environment)
}

/// The variables by which a path names the checkout.
const CHECKOUT: [&str; 4] = ["github.workspace", "CI_PROJECT_DIR", "PWD", "runner.workspace"];

impl Told {
    /// The build that this is, from one of `folders`; those are where the command may run, all as likely as each other.
    fn build(
        &self,
        snapshot: &Snapshot,
        folders: &[RepoPath],
        place: Place,
        environment: Option<Environment>,
    ) -> BuiltImage {
        let mut recipes: Vec<Recipe> = Vec::new();
        for folder in folders {
            let recipe = self.recipe(snapshot, folder, &place);
            recipes.extend(recipe.filter(|recipe| !recipes.contains(recipe)));
        }
        let recipe = if recipes.len() == 1 { recipes.pop() } else { None };
        let names = self.tags.iter().take(MAX_NAMES).map(ImageName::new).collect();
        BuiltImage { names, recipe, place, pushed: false, labelled: self.labelled, environment }
    }

    fn recipe(&self, snapshot: &Snapshot, folder: &RepoPath, place: &Place) -> Option<Recipe> {
        let context = match &self.context {
            Some(context) => path_from(folder, context)?,
            None => RepoPath::root(),
        };
        let dockerfile = match &self.file {
            Some(file) => path_from(folder, file)?,
            None => context.join("Dockerfile")?,
        };
        let dockerfile = image::existing_dockerfile(snapshot, dockerfile)?;
        let target = match &self.target {
            Some(target) => Some(target.literal()?).filter(|target| !target.is_empty()),
            None => None,
        };
        let arguments = self.arguments.iter().filter_map(|argument| argument_of(argument, place)).collect();
        Some(Recipe { dockerfile, context, target, arguments })
    }
}

fn path_from(folder: &RepoPath, template: &Template) -> Option<RepoPath> {
    if let Some(rest) = template.after_variable(&CHECKOUT) {
        return RepoPath::new(rest.trim_start_matches('/'));
    }
    let text = template.literal()?;
    if text.contains("://") || text == "-" {
        return None;
    }
    folder.join(&text)
}

/// The build arguments that several builds of one image are given; where they differ, nothing is known.
pub fn common_arguments(recipes: &[&Recipe]) -> BTreeMap<String, Traced<String>> {
    let names: BTreeSet<&String> = recipes.iter().flat_map(|recipe| recipe.arguments.keys()).collect();
    let value = |name: &String| {
        let first = recipes.iter().find_map(|recipe| recipe.arguments.get(name))?;
        let agree = |recipe: &Recipe| recipe.arguments.get(name).is_some_and(|argument| argument.value == first.value);
        let unknown = || Traced::new(Value::Unknown(Reason::OutsideVariable(name.clone())), first.trail.clone());
        Some((name.clone(), if recipes.iter().copied().all(agree) { first.clone() } else { unknown() }))
    };
    names.into_iter().filter_map(value).collect()
}

/// A build argument with its value, as far as that is known.
fn argument_of(template: &Template, place: &Place) -> Option<(String, Traced<String>)> {
    let (name, value) = template.split_assignment()?;
    let value = match value.and_then(|value| value.certain()) {
        Some(text) => Value::Known(text),
        None => Value::Unknown(Reason::OutsideVariable(name.clone())),
    };
    Some((name.clone(), Traced::new(value, vec![Step::new(place.clone(), Act::Sets(name))])))
}
