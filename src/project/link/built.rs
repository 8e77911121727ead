//! Services that only name an image which something in the repository builds under that name.

use super::Linker;
use crate::project::built_images::{self, BuiltImage, ImageName, Known, Likeness, Tags, Template};
use crate::project::compose;
use crate::project::deployment::{Build, Deployment};
use crate::project::environment::Environment;
use crate::project::evidence::named_by_path;
use crate::project::image::reference::ImageReference;
use crate::project::role::Role;
use crate::project::value::{Act, Step};
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, PathRole, role};
use std::collections::{BTreeMap, BTreeSet};

/// So many names are compared with those of the builds.
const MAX_NAMES: usize = 300;

/// Something that builds an image, and under which names.
struct Candidate {
    names: Vec<ImageName>,
    source: Source,
    place: Place,
    pushed: bool,
    environment: Option<Environment>,
}

enum Source {
    /// A command or an action; `None` where what it builds cannot be told.
    Recipe(Option<built_images::Recipe>),
    /// A service of a compose file.
    Compose(Option<Build>),
}

/// The builds of a repository, and the names that its stacks have for images.
pub(super) struct Builds {
    candidates: Vec<Candidate>,
    /// The names that are used, by how they are written, with what they are like: the candidates and how like they are.
    likenesses: BTreeMap<String, Vec<(usize, Likeness, Tags)>>,
}

impl Linker<'_> {
    /// What the repository builds, held against the images that `deployments` name.
    pub(super) fn builds(&self, deployments: &[Deployment]) -> Builds {
        let mut candidates: Vec<Candidate> = self.built.iter().cloned().map(Candidate::of_command).collect();
        for deployment in deployments {
            let stack = deployment.stack.iter().flat_map(|stack| stack.services.values());
            candidates.extend(stack.filter_map(|service| self.by_compose(service, &deployment.environment)));
        }
        let in_stacks: BTreeSet<&RepoPath> = deployments.iter().flat_map(|deployment| &deployment.files).collect();
        for entry in self.snapshot.files_of(FileKind::Compose) {
            if in_stacks.contains(&entry.path) || role(&entry.path) != PathRole::Product {
                continue;
            }
            let told = named_by_path(&entry.path).map_or(Environment::Development, |(environment, _)| environment);
            let stack = self.merged(&self.around(&told), std::slice::from_ref(&entry.path), &[]);
            candidates.extend(stack.services.values().filter_map(|service| self.by_compose(service, &told)));
        }
        let mut builds = Builds { candidates, likenesses: BTreeMap::new() };
        if builds.candidates.is_empty() {
            return builds;
        }
        for service in deployments.iter().flat_map(|deployment| &deployment.services) {
            let Some(merged) = service.compose.as_ref().filter(|merged| merged.build.is_none()) else { continue };
            let Some((key, used)) = self.name_of(merged) else { continue };
            if builds.likenesses.len() < MAX_NAMES && !builds.likenesses.contains_key(&key) {
                let like = builds.candidates.iter().enumerate().filter_map(|(at, candidate)| {
                    let like = candidate.names.iter().filter_map(|name| {
                        let likeness = name.likeness(&used)?;
                        Some((likeness, name.tags(&used)?))
                    });
                    let (likeness, tags) = like.max()?;
                    // What is called as a server that everybody runs is that, unless all of the name says otherwise.
                    let server =
                        Role::of_image(&ImageReference::parse(&used.repository().unwrap_or_default())).is_some();
                    let own = !server || (likeness == Likeness::Same && used.has_namespace());
                    own.then_some((at, likeness, tags))
                });
                builds.likenesses.insert(key, like.collect());
            }
        }
        builds.drop_ambiguous();
        builds
    }

    /// The image of a service, as it is written and as it is compared.
    fn name_of(&self, service: &compose::Service) -> Option<(String, ImageName)> {
        let image = service.image.as_ref()?;
        // Variables that have a fallback, or a value in `.env`, may have another elsewhere.
        let source = self.snapshot.source(&image.place.path).ok()?;
        let written = source.text.get(image.place.span.range()).unwrap_or_default().trim_matches(['"', '\'', ' ']);
        let filled = image.value.text.text();
        let known = Known::new();
        let name = ImageName::written(&Template::of_text(filled, &known), &Template::of_text(written, &known));
        Some((format!("{written}\n{filled}"), name))
    }

    /// The build of a service that also names what it builds.
    fn by_compose(&self, service: &compose::Service, environment: &Environment) -> Option<Candidate> {
        let build = service.build.as_ref()?;
        let named = self.name_of(service).map(|(_, name)| name);
        let known = Known::new();
        let tags = build.value.tags.iter().map(|tag| ImageName::new(&Template::of_text(tag.value.text.text(), &known)));
        let names: Vec<ImageName> = named.into_iter().chain(tags).collect();
        Some(Candidate {
            source: Source::Compose(self.build(&build.value)),
            place: build.place.clone(),
            pushed: false,
            environment: Some(environment.clone()),
            names,
        })
        .filter(|candidate| !candidate.names.is_empty())
    }

    /// The build of the image that a service names, if one build is meant and no other.
    pub(super) fn build_of(
        &self,
        builds: &Builds,
        service: &compose::Service,
        environment: &Environment,
    ) -> Option<Build> {
        let (key, _) = self.name_of(service)?;
        let found = builds.likenesses.get(&key)?;
        let best = found.iter().map(|(_, likeness, _)| *likeness).max()?;
        let mut found: Vec<(&Candidate, Tags)> = found
            .iter()
            .filter(|(_, likeness, _)| *likeness == best)
            .map(|(at, _, tags)| (&builds.candidates[*at], *tags))
            .collect();
        let narrow = |found: &mut Vec<(&Candidate, Tags)>, wanted: &dyn Fn(&(&Candidate, Tags)) -> bool| {
            let several = found.windows(2).any(|pair| !pair[0].0.is_same_as(pair[1].0));
            if several && found.iter().any(wanted) {
                found.retain(wanted);
            }
        };
        narrow(&mut found, &|(_, tags)| *tags == Tags::Same);
        narrow(&mut found, &|(candidate, _)| candidate.pushed);
        narrow(&mut found, &|(candidate, _)| candidate.environment.as_ref() == Some(environment));
        narrow(&mut found, &|(candidate, _)| matches!(candidate.source, Source::Recipe(_)));
        let (first, _) = *found.first()?;
        if found.iter().any(|(candidate, _)| !candidate.is_same_as(first)) {
            return None;
        }
        let mut build = match &first.source {
            Source::Compose(build) => {
                // Developers build for themselves under the same name.
                let for_others = first.environment.as_ref().is_some_and(|told| !told.serves_real_users());
                let build = build.as_ref()?;
                if for_others { self.built_for(build, environment)? } else { build.clone() }
            }
            Source::Recipe(recipe) => {
                let recipe = recipe.as_ref()?;
                let recipes: Vec<_> = found
                    .iter()
                    .filter_map(|(candidate, _)| match &candidate.source {
                        Source::Recipe(recipe) => recipe.as_ref(),
                        Source::Compose(_) => None,
                    })
                    .collect();
                let arguments = built_images::common_arguments(&recipes);
                self.image(&recipe.dockerfile, &recipe.context, recipe.target.as_deref(), &arguments)?
            }
        };
        let image = service.image.as_ref().map(|image| image.value.text.text().to_owned()).unwrap_or_default();
        build.by = Some(Step::new(first.place.clone(), Act::Builds(image)));
        Some(build)
    }
}

impl Candidate {
    fn of_command(built: BuiltImage) -> Self {
        let BuiltImage { names, recipe, place, pushed, environment, .. } = built;
        Self { names, source: Source::Recipe(recipe), place, pushed, environment }
    }

    /// Whether both build the same, build arguments aside.
    fn is_same_as(&self, other: &Self) -> bool {
        match (&self.source, &other.source) {
            (Source::Recipe(Some(own)), Source::Recipe(Some(theirs))) => {
                own.dockerfile == theirs.dockerfile && own.context == theirs.context && own.target == theirs.target
            }
            (Source::Compose(Some(own)), Source::Compose(Some(theirs))) => {
                own.dockerfile == theirs.dockerfile
                    && own.context == theirs.context
                    && own.image.stages == theirs.image.stages
            }
            _ => std::ptr::eq(self, other),
        }
    }
}

impl Builds {
    /// A build whose name is not known in full can be only one of the images that stacks name.
    fn drop_ambiguous(&mut self) {
        for at in 0..self.candidates.len() {
            for likeness in [Likeness::Project, Likeness::Name] {
                let meant = |like: &(usize, Likeness, Tags)| like.0 == at && like.1 == likeness;
                let users: BTreeSet<&str> = self
                    .likenesses
                    .iter()
                    .filter(|(_, like)| like.iter().any(meant))
                    .map(|(key, _)| repository_of(key))
                    .collect();
                if users.len() > 1 {
                    self.likenesses.values_mut().for_each(|like| like.retain(|it| !meant(it)));
                }
            }
        }
    }
}

/// The repository of a key of [`Builds::likenesses`]: that of the filled-in name.
fn repository_of(key: &str) -> &str {
    let filled = key.split_once('\n').map_or(key, |(_, filled)| filled);
    let last = filled.rfind('/').map_or(0, |slash| slash + 1);
    let name = filled.split('@').next().unwrap_or(filled);
    match name.get(last..).and_then(|part| part.rfind(':')) {
        Some(colon) => &name[..last + colon],
        None => name,
    }
}
