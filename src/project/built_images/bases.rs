//! Dockerfiles that are built on what another Dockerfile of the repository builds.

use super::{BuiltImage, ImageName, Known, Likeness, Recipe, Tags, Template, Told, common_arguments, environment_of};
use crate::parse::compose::{self, Setting};
use crate::parse::dockerfile::Dockerfile;
use crate::project::evidence::named_by_path;
use crate::project::image::known::runs_as_root;
use crate::project::image::reference::ImageReference;
use crate::project::image::{self, Below, Image};
use crate::project::role::Role;
use crate::project::value::{Traced, Value};
use crate::source::{Fragment, Place, RepoPath};
use crate::tree::{Entry, FileKind, PathRole, Snapshot, role};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// So many images may stand on one another.
const MAX_DEPTH: usize = 6;

/// What a `FROM` may name besides what registries have: the images that the repository builds.
pub struct OwnBases<'a> {
    snapshot: &'a Snapshot,
    images: Vec<BuiltImage>,
    /// The contexts that a Dockerfile's build is given by name and which are what another service builds; `None` where
    /// that cannot be told.
    contexts: BTreeMap<(RepoPath, String), Option<Recipe>>,
    /// The Dockerfiles that others for real users are built on.
    based_upon: BTreeSet<RepoPath>,
}

impl<'a> OwnBases<'a> {
    /// Finds what may be built on. `built` is what commands and actions build.
    pub fn find(snapshot: &'a Snapshot, built: &[BuiltImage]) -> Self {
        let mut bases =
            Self { snapshot, images: built.to_vec(), contexts: BTreeMap::new(), based_upon: BTreeSet::new() };
        let product = |entry: &&Entry| role(&entry.path) == PathRole::Product;
        for entry in snapshot.files_of(FileKind::Compose).filter(product) {
            bases.add_compose(&entry.path);
        }
        if bases.images.is_empty() && bases.contexts.is_empty() {
            return bases;
        }
        for entry in snapshot.files_of(FileKind::Dockerfile).filter(product) {
            let told = named_by_path(&entry.path);
            if told.is_some_and(|(environment, _)| !environment.serves_real_users()) {
                continue;
            }
            let Ok(parsed) = snapshot.dockerfile(&entry.path) else { continue };
            for stage in &parsed.0.stages {
                let image = bases.image(&entry.path, Some(&stage.index.to_string()), &BTreeMap::new());
                let below = image.iter().flat_map(Image::layers_below).map(|below| below.dockerfile.clone());
                let below: Vec<RepoPath> = below.filter(|path| *path != entry.path).collect();
                bases.based_upon.extend(below);
            }
        }
        bases
    }

    /// What a Dockerfile builds, with all that it takes from other Dockerfiles of the repository.
    pub fn image(
        &self,
        dockerfile: &RepoPath,
        target: Option<&str>,
        arguments: &BTreeMap<String, Traced<String>>,
    ) -> Option<Image> {
        self.image_above(&[dockerfile], target, arguments)
    }

    /// The same of a Dockerfile that is written into another file. `path` is that file, `name` what it goes by.
    pub fn inline_image(
        &self,
        (name, path, file): (&RepoPath, &RepoPath, &Dockerfile),
        target: Option<&str>,
        arguments: &BTreeMap<String, Traced<String>>,
    ) -> Option<Image> {
        image::resolve(file, path, target, arguments, &|base| self.below(&[name], base))
    }

    /// Whether others for real users are built on what a Dockerfile builds.
    pub fn is_built_upon(&self, dockerfile: &RepoPath) -> bool {
        self.based_upon.contains(dockerfile)
    }

    /// `above` are the Dockerfiles from the first to that which is resolved.
    fn image_above(
        &self,
        above: &[&RepoPath],
        target: Option<&str>,
        arguments: &BTreeMap<String, Traced<String>>,
    ) -> Option<Image> {
        let dockerfile = *above.last()?;
        let parsed = self.snapshot.dockerfile(dockerfile).ok()?;
        image::resolve(&parsed.0, dockerfile, target, arguments, &|name| self.below(above, name))
    }

    fn below(&self, above: &[&RepoPath], name: &Value<String>) -> Option<Arc<Below>> {
        let name = name.known().or_else(|| name.likely())?;
        if above.len() >= MAX_DEPTH {
            return None;
        }
        let context = self.contexts.get(&((*above.last()?).clone(), name.to_lowercase()));
        let recipe = match context {
            Some(recipe) => recipe.clone()?,
            None => self.recipe_of(name)?,
        };
        // An image cannot stand on itself: the name is another's.
        if above.contains(&&recipe.dockerfile) {
            return None;
        }
        let chain: Vec<&RepoPath> = above.iter().copied().chain([&recipe.dockerfile]).collect();
        let image = self.image_above(&chain, recipe.target.as_deref(), &recipe.arguments)?;
        Some(Arc::new(Below { dockerfile: recipe.dockerfile, context: recipe.context, image: Arc::new(image) }))
    }

    /// How the image of this name is built, if one build is meant and no other.
    fn recipe_of(&self, name: &str) -> Option<Recipe> {
        let used = ImageName::new(&Template::of_text(name, &Known::new()));
        let reference = ImageReference::parse(name);
        // What everybody has from the registry needs more than a name to be the repository's own.
        let public = Role::of_image(&reference).is_some() || runs_as_root(&reference);
        if public && !used.has_namespace() {
            return None;
        }
        let found = self.images.iter().filter_map(|built| {
            let like = built.names.iter().filter_map(|own| Some((own.likeness(&used)?, own.tags(&used)?)));
            let (likeness, tags) = like.max()?;
            let enough = likeness == Likeness::Same || (likeness == Likeness::Name && !public);
            enough.then_some((built, likeness, tags))
        });
        let mut found: Vec<(&BuiltImage, Likeness, Tags)> = found.collect();
        let best = found.iter().map(|(_, likeness, _)| *likeness).max()?;
        found.retain(|(_, likeness, _)| *likeness == best);
        if found.iter().any(|(.., tags)| *tags == Tags::Same) {
            found.retain(|(.., tags)| *tags == Tags::Same);
        }
        let recipes: Vec<&Recipe> = found.iter().map(|(built, ..)| built.recipe.as_ref()).collect::<Option<_>>()?;
        let first = *recipes.first()?;
        let same = |other: &&Recipe| {
            other.dockerfile == first.dockerfile && other.context == first.context && other.target == first.target
        };
        let arguments = common_arguments(&recipes);
        recipes.iter().all(same).then(|| Recipe { arguments, ..first.clone() })
    }

    /// What the services of a compose file build, and which contexts they are given.
    fn add_compose(&mut self, path: &RepoPath) {
        let Ok(parsed) = self.snapshot.compose(path) else { return };
        let file = &parsed.0;
        let folder = path.parent().unwrap_or_else(RepoPath::root);
        for service in file.services() {
            let Some(build) = value(&service.build) else { continue };
            let place = Place::new(path.clone(), service.name.span);
            let told = told(service, build);
            let environment = environment_of(path, "");
            let built = told.build(self.snapshot, std::slice::from_ref(&folder), place, environment);
            for pair in value(&build.additional_contexts).into_iter().flatten() {
                let (Some(recipe), Some(text)) = (&built.recipe, &pair.value) else { continue };
                let other = || {
                    let service = file.service(text.text().strip_prefix("service:")?)?;
                    let told = self::told(service, value(&service.build)?);
                    told.recipe(self.snapshot, &folder, &Place::new(path.clone(), service.name.span))
                };
                let image = text.text().strip_prefix("docker-image://");
                let given = other().or_else(|| self.recipe_of(image?));
                let key = (recipe.dockerfile.clone(), pair.name.value.to_lowercase());
                // Where builds of one Dockerfile are given different things, nothing is known.
                match self.contexts.get(&key) {
                    Some(known) if *known != given => drop(self.contexts.insert(key, None)),
                    _ => drop(self.contexts.insert(key, given)),
                }
            }
            if !built.names.is_empty() {
                self.images.push(built);
            }
        }
    }
}

fn value<T>(setting: &Setting<T>) -> Option<&T> {
    setting.as_ref().and_then(|field| field.value.as_ref())
}

/// What the build of a service is told.
fn told(service: &compose::Service, build: &compose::Build) -> Told {
    let known = Known::new();
    let template = |text: &Fragment| Template::of_text(text.text(), &known);
    let arguments = value(&build.args).into_iter().flatten().map(|pair| {
        let name = Template::of_text(&pair.name.value, &known);
        match &pair.value {
            Some(value) => Template::of_text(&format!("{}={}", pair.name.value, value.text()), &known),
            None => name,
        }
    });
    let tags = value(&build.tags).into_iter().flatten().chain(value(&service.image));
    Told {
        // A Dockerfile that is written in place has no file.
        file: match value(&build.dockerfile_inline) {
            Some(_) => Some(Template::unnamed()),
            None => value(&build.dockerfile).map(|file| match value(&build.context) {
                Some(context) => template(context).joined(&template(file)),
                None => template(file),
            }),
        },
        context: value(&build.context).map(template),
        target: value(&build.target).map(template),
        arguments: arguments.collect(),
        tags: tags.map(template).collect(),
        labelled: value(&build.labels).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::project::Model;
    use crate::project::container::account::Account;
    use crate::project::deployment::Service;
    use crate::project::value::Value;
    use crate::source::RepoPath;
    use crate::tree::{MemoryFile, MemoryTree, Snapshot};
    use std::sync::Arc;

    const BASE: &str = "FROM python:3.13-slim\nENV PYTHONUNBUFFERED=1 ROLE=base\nRUN apt-get update && apt-get install -y bash curl\n\
        SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nWORKDIR /srv\nCOPY start.sh /start.sh\nEXPOSE 8000\n\
        HEALTHCHECK CMD curl -f http://localhost:8000/\nENTRYPOINT [\"/start.sh\"]\nONBUILD ENV GIVEN=yes\nONBUILD COPY . /srv\nUSER 1000\n";
    const WEB: &str =
        "FROM school/base:1.4\nRUN curl -s https://example.org/x | sha256sum -c\nCMD [\"gunicorn\", \"school.wsgi\"]\n";
    const STACK: &str = "services:\n  web:\n    build: ./web\n";

    fn model(files: &[(&str, &str)]) -> Model {
        let file = |(path, text): &(&str, &str)| MemoryFile::new(RepoPath::new(path).unwrap(), *text);
        let tree = MemoryTree::new(files.iter().map(file));
        Model::build(Arc::new(Snapshot::new(tree)), &Config::default(), true)
    }

    fn web(model: &Model) -> &Service {
        model.deployments.iter().find_map(|deployment| deployment.service("web")).expect("a web service")
    }

    /// The repository with something that builds the base, and the name that the other is built on.
    fn built_by(path: &str, text: &str, from: &str) -> Model {
        let above = WEB.replace("school/base:1.4", from);
        model(&[
            ("base/Dockerfile", BASE),
            ("base/start.sh", "#!/bin/sh\nexec \"$@\"\n"),
            ("web/Dockerfile", &above),
            ("compose.prod.yml", STACK),
            (path, text),
        ])
    }

    fn is_known(model: &Model) -> bool {
        web(model).build.as_ref().unwrap().image.below.is_some()
    }

    #[test]
    fn all_of_an_image_flows_into_one_that_is_built_on_it() {
        let model = built_by("Makefile", "base:\n\tdocker build -t school/base:1.4 base\n", "school/base:1.4");
        let service = web(&model);
        let build = service.build.as_ref().unwrap();
        let image = &build.image;
        assert_eq!(image.base.value, Value::Known("python:3.13-slim".to_owned()));
        assert_eq!(image.named_base.value, Value::Known("school/base:1.4".to_owned()));
        assert_eq!(image.environment["ROLE"].value, Value::Known("base".to_owned()));
        assert_eq!(image.environment["GIVEN"].value, Value::Known("yes".to_owned()));
        assert_eq!(image.workdir.as_ref().unwrap().value, Value::Known("/srv".to_owned()));
        assert_eq!((image.exposed.len(), image.healthcheck.is_some()), (1, true));
        assert_eq!(Account::of_image(image), Account::Other);
        assert_eq!(service.process.entrypoint.as_ref().unwrap().source.as_ref().unwrap().as_str(), "base/start.sh");
        assert!(service.process.runs.iter().any(|run| run.invocation.program == "gunicorn"));
        // What `ONBUILD COPY` takes is in the context of the image that is built.
        let taken: Vec<_> =
            build.copies().map(|(context, copy)| (context.as_str(), copy.place.path.as_str())).collect();
        assert_eq!(taken, [("web", "base/Dockerfile"), ("base", "base/Dockerfile")]);
        let steps = model.steps_of(build).unwrap();
        assert_eq!(steps.len(), 2);
        let above = model.dockerfiles.iter().find(|dockerfile| dockerfile.path.as_str() == "web/Dockerfile").unwrap();
        assert!(above.stages[0].steps[0].pipefail && above.stages[0].steps[0].has_variable("PYTHONUNBUFFERED"));
    }

    #[test]
    fn what_builds_it_may_be_a_pipeline_a_script_or_compose() {
        let action = "on: push\njobs:\n  base:\n    runs-on: x\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: base\n          tags: ghcr.io/school/base:latest\n";
        assert!(is_known(&built_by(".github/workflows/base.yml", action, "ghcr.io/school/base:latest")));
        assert!(is_known(&built_by("build.sh", "docker build -t school/base base\n", "school/base")));
        let stack = "services:\n  base:\n    image: school/base:1.4\n    build: ./base\n";
        assert!(is_known(&built_by("compose.base.yml", stack, "school/base:1.4")));
        let context = "services:\n  base:\n    build: ./base\n  web:\n    build:\n      context: ./web\n      additional_contexts:\n        below: service:base\n";
        assert!(is_known(&built_by("compose.yml", context, "below")));
    }

    #[test]
    fn what_nothing_here_builds_stays_unknown() {
        let make = "base:\n\tdocker build -t school/base:1.4 base\n";
        for from in ["school/other:1.4", "example.org/school/base:1.4", "base", "python:3.13-slim"] {
            assert!(!is_known(&built_by("Makefile", make, from)), "{from}");
        }
        // A mirror of a public image, and two builds of one name.
        assert!(!is_known(&built_by("Makefile", "x:\n\tdocker build -t python base\n", "python:3.13")));
        let two = "a:\n\tdocker build -t school/base base\nb:\n\tdocker build -t school/base web\n";
        assert!(!is_known(&built_by("Makefile", two, "school/base")));
        assert!(!is_known(&built_by("Makefile", "a:\n\tdocker build -t school/web web\n", "school/web")));
    }

    #[test]
    fn a_base_is_judged_with_what_is_built_on_it() {
        let make = "base:\n\tdocker build -t school/base:1.4 base\n";
        let model = built_by("Makefile", make, "school/base:1.4");
        let stage = |path: &str| {
            let file = model.dockerfiles.iter().find(|dockerfile| dockerfile.path.as_str() == path).unwrap();
            (file.stages[0].is_target, file.stages[0].is_kept, file.stages[0].scope.serves_real_users())
        };
        assert_eq!(stage("base/Dockerfile"), (false, true, true));
        assert_eq!(stage("web/Dockerfile"), (true, true, true));
    }

    #[test]
    fn onbuild_shell_reads_what_stands_above() {
        let base = "FROM alpine:3.22\nONBUILD SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\nONBUILD RUN a | b\n";
        let model = model(&[
            ("base/Dockerfile", base),
            ("web/Dockerfile", "FROM school/base\nRUN a | b\nCMD [\"gunicorn\"]\n"),
            (
                "compose.prod.yml",
                "services:\n  base:\n    image: school/base\n    build: base\n  web:\n    build: web\n",
            ),
        ]);
        let pipefail = |path: &str| {
            let file = model.dockerfiles.iter().find(|dockerfile| dockerfile.path.as_str() == path).unwrap();
            file.stages[0].steps.iter().map(|step| step.pipefail).collect::<Vec<_>>()
        };
        assert_eq!(pipefail("base/Dockerfile"), [false, true]);
        assert_eq!(pipefail("web/Dockerfile"), [true]);
    }
}
