//! What would run: deployments, their services, and the Django processes in them.

use super::compose;
use super::environment::{Environment, Variables};
use super::evidence::{Evidence, named_in};
use super::image::reference::ImageReference;
use super::image::{CopiedPath, Image};
use super::process::Process;
use super::role::Role;
use super::settings::{PyValue, Reading, Settings};
use super::value::{Act, Step, Traced};
use crate::findings::Scope;
use crate::parse::dockerfile::Dockerfile;
use crate::parse::platform;
use crate::source::{Place, RepoPath};
use crate::tree::{Snapshot, classify};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One stack in one environment.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// How reports call it: the files of the stack joined by ` + `.
    pub name: String,
    /// The environment that it serves.
    pub environment: Environment,
    /// What says so, the best first.
    pub evidence: Vec<Evidence>,
    /// The compose files in the order in which they are merged; empty where there is no compose.
    pub files: Vec<RepoPath>,
    /// The merged compose project, where there is one.
    pub stack: Option<Arc<compose::Stack>>,
    /// What runs.
    pub services: Vec<Service>,
}

impl Deployment {
    /// Whether nothing but an assumption says which environment it serves.
    pub fn is_assumed(&self) -> bool {
        use super::evidence::EvidenceKind;
        self.evidence.iter().all(|evidence| evidence.kind == EvidenceKind::Assumed)
    }

    /// Whether it is production or a rehearsal of it, be it by assumption.
    pub fn serves_real_users(&self) -> bool {
        self.environment.serves_real_users()
    }

    /// Whether a service of its stack builds the last stage of a Dockerfile, be that of a profile which is not active.
    pub fn may_build(&self, dockerfile: &RepoPath) -> bool {
        let services = self.stack.iter().flat_map(|stack| stack.services.values());
        let mut builds =
            services.filter_map(|service| service.build.as_ref()).filter(|build| build.value.target.is_none());
        builds.any(|build| build.value.dockerfile().likely().and_then(compose::Location::inside) == Some(dockerfile))
    }

    /// The scope of findings about it.
    pub fn scope(&self) -> Scope {
        Scope::of(self.environment.clone(), self.is_assumed())
    }

    /// Whether a command hands it to a swarm.
    pub fn is_stack_deployed(&self) -> bool {
        use super::evidence::EvidenceKind;
        let started = |kind: &EvidenceKind| matches!(kind, EvidenceKind::StartedBy(by) if by.contains("stack deploy"));
        self.evidence.iter().any(|evidence| started(&evidence.kind))
    }

    /// Whether a swarm runs it (`docker stack deploy`), which ignores `depends_on`, `restart` and `container_name`: by
    /// the command that starts it, or by what only a swarm has.
    pub fn is_swarm(&self) -> bool {
        let Some(stack) = &self.stack else { return false };
        let placed = |service: &compose::Service| {
            service.deploy.as_ref().is_some_and(|deploy| !deploy.value.constraints.is_empty())
        };
        let external = |resource: &compose::Resource| {
            resource.external.as_ref().is_some_and(|external| external.value.value.likely() == Some(&true))
        };
        let named =
            |path: &RepoPath| path.file_name().split(['-', '_', '.']).any(|part| matches!(part, "stack" | "swarm"));
        self.is_stack_deployed()
            || self.files.iter().any(named)
            || stack.services.values().any(placed)
            || stack.secrets.values().chain(stack.configs.values()).any(external)
    }

    /// The services in the order in which they are written.
    pub fn services_by_place(&self) -> Vec<&Service> {
        let mut services: Vec<&Service> = self.services.iter().collect();
        services.sort_by_key(|service| &service.place);
        services
    }

    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// The service whose container `docker exec` calls `name`: its `container_name`, or what Compose makes of the
    /// project's name, the service's and a number.
    pub fn service_of_container(&self, name: &str) -> Option<&Service> {
        let given = |service: &&Service| {
            let merged = service.compose.as_ref();
            let given = merged.and_then(|merged| merged.container_name.as_ref()?.value.likely());
            given.is_some_and(|given| given == name)
        };
        let made = |service: &&Service| {
            let (rest, number) = name.rsplit_once(['-', '_']).unwrap_or_default();
            let counted = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let before = rest.strip_suffix(service.name.as_str());
            counted && before.is_some_and(|project| project.len() > 1 && project.ends_with(['-', '_']))
        };
        self.services.iter().find(given).or_else(|| self.services.iter().find(made))
    }
}

/// One service of a deployment: a container, or a process of a platform.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name in the stack.
    pub name: String,
    /// Where it is declared: the key in compose, the line of a Procfile.
    pub place: Place,
    /// What it is there for.
    pub role: Role,
    /// Its merged declaration, where compose declares it.
    pub compose: Option<Arc<compose::Service>>,
    /// The image that it names.
    pub image: Option<NamedImage>,
    /// The image that is built for it, where the repository tells how.
    pub build: Option<Build>,
    /// The variables that its first process starts with.
    pub variables: Variables,
    /// What it runs, entrypoint and scripts followed.
    pub process: Process,
    /// The Django settings that it loads, where it runs Django.
    pub django: Option<DjangoProcess>,
    /// What else the manifest of a platform says of it, where one declares it.
    pub platform: Option<Platform>,
}

/// What the manifest of a platform says of a service beside its program.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Whose manifest it is.
    pub vendor: Vendor,
    /// The manifest's own word for what the service is there for.
    pub kind: platform::Kind,
    /// Where a health check is declared, where there is one.
    pub health: Option<Place>,
    /// The path that the health check asks for.
    pub health_path: Option<String>,
    /// How many of it run.
    pub instances: Option<u32>,
    /// Whether the image's entrypoint is started.
    pub starts_entrypoint: bool,
    /// Whether the image's command is started.
    pub starts_cmd: bool,
    /// Where plain HTTP is sent to HTTPS before it reaches the service: what makes the platform do so.
    pub redirects_to_https: Option<Place>,
}

/// Whose manifest declares a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// A Procfile, which many platforms read.
    Procfile,
    /// Render.
    Render,
    /// Fly.io.
    Fly,
    /// Heroku.
    Heroku,
    /// Railway.
    Railway,
}

impl Vendor {
    /// Whether processes never run as root, whatever the image says.
    pub fn never_root(self) -> bool {
        self == Vendor::Heroku
    }

    /// Whether each process of a service is told to stop, so that no shell keeps the signal from the program.
    pub fn signals_all(self) -> bool {
        matches!(self, Vendor::Heroku | Vendor::Procfile)
    }
}

/// How a service's image is built.
#[derive(Clone, Debug)]
pub struct Build {
    /// The Dockerfile. One that is written into a compose file goes by that file and the service: `compose.yml#web`.
    pub dockerfile: RepoPath,
    /// The Dockerfile that is written into a compose file.
    pub inline: Option<InlineDockerfile>,
    /// The folder that is sent to the builder.
    pub context: RepoPath,
    /// The resolved final stage.
    pub image: Arc<Image>,
    /// What builds it, where the service only names the image.
    pub by: Option<Step>,
}

/// A Dockerfile that is written into a compose file: `dockerfile_inline`.
#[derive(Clone, Debug)]
pub struct InlineDockerfile {
    /// The compose file, which all of its places are in.
    pub path: RepoPath,
    /// What it says.
    pub file: Arc<Dockerfile>,
}

/// One of the images that a build puts on one another.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// The Dockerfile.
    pub dockerfile: &'a RepoPath,
    /// The folder that is sent to the builder.
    pub context: &'a RepoPath,
    /// What it builds.
    pub image: &'a Image,
}

impl Build {
    /// The image and those of other Dockerfiles that it stands on, the nearest first.
    pub fn layers(&self) -> impl Iterator<Item = Layer<'_>> {
        let own = Layer { dockerfile: &self.dockerfile, context: &self.context, image: &self.image };
        let below = self.image.layers_below().map(|below| Layer {
            dockerfile: &below.dockerfile,
            context: &below.context,
            image: &below.image,
        });
        std::iter::once(own).chain(below)
    }

    /// What all of them copy, each with the context of its build.
    pub fn copies(&self) -> impl Iterator<Item = (&RepoPath, &CopiedPath)> {
        self.layers().flat_map(|layer| layer.image.copies.iter().rev().map(move |copy| (layer.context, copy)))
    }

    /// Whether it runs what stands in a stage of a Dockerfile, which lies in the file at `path`.
    pub fn has_stage(&self, path: &RepoPath, stage: usize) -> bool {
        let inline = |layer: &Layer<'_>| {
            self.inline.as_ref().is_some_and(|inline| inline.path == *path && *layer.dockerfile == self.dockerfile)
        };
        self.layers().any(|layer| (layer.dockerfile == path || inline(&layer)) && layer.image.stages.contains(&stage))
    }

    /// What the Dockerfile says, and the file that it stands in.
    pub fn dockerfile_in<'b>(&'b self, snapshot: &Snapshot) -> Option<(Arc<Dockerfile>, &'b RepoPath)> {
        match &self.inline {
            Some(inline) => Some((inline.file.clone(), &inline.path)),
            None => Some((snapshot.dockerfile(&self.dockerfile).ok()?.0.clone(), &self.dockerfile)),
        }
    }

    /// The file that its Dockerfile stands in.
    pub fn written_in(&self) -> &RepoPath {
        self.inline.as_ref().map_or(&self.dockerfile, |inline| &inline.path)
    }
}

/// A process that loads Django settings.
#[derive(Clone, Debug)]
pub struct DjangoProcess {
    /// The service that runs it.
    pub service: String,
    /// The deployment's environment.
    pub environment: Environment,
    /// The folder of the Django project's `manage.py`, or of its import root.
    pub project: RepoPath,
    /// The settings module's dotted name, and what chooses it.
    pub module: Traced<String>,
    /// What Django would see.
    pub settings: Arc<Settings>,
    /// The variables that they are evaluated with.
    pub variables: Variables,
    /// What `DEBUG` and `SECRET_KEY` would be if the variables that they read were not set.
    pub without_variables: BTreeMap<String, Traced<PyValue>>,
    /// The variable by which the settings package selects the environment's module, where it does.
    pub selector: Option<Selector>,
    /// Whether the process answers web requests, as far as is known.
    pub serves: bool,
}

/// The variable by which a package of settings selects a module.
#[derive(Clone, Debug)]
pub struct Selector {
    /// Its name.
    pub variable: String,
    /// Where the package reads it.
    pub read: Place,
    /// What Django would see if it were not set.
    pub unset: Arc<Settings>,
}

/// An image as a service names it.
#[derive(Clone, Debug)]
pub struct NamedImage {
    /// The name, variables filled in.
    pub text: String,
    /// Its parts.
    pub reference: ImageReference,
    /// Where it is named.
    pub place: Place,
}

impl NamedImage {
    /// Whether it is a database server.
    pub fn is_database(&self) -> bool {
        Role::of_image(&self.reference) == Some(Role::Database)
    }
}

/// What lies over a path of a container's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The mount: an index in the service's volumes.
    pub mount: usize,
    /// The path of the repository that is seen instead, be there a file or not.
    pub file: RepoPath,
}

impl Service {
    /// Whether the image may hold something at, above or below `path`: something is copied there, or works there. What
    /// is not known of it may; a stock image (`node:22`) holds none of the project's files.
    pub fn image_may_hold(&self, path: &str) -> bool {
        let near = |other: &str| {
            let (path, other) = (path.trim_end_matches('/'), other.trim_end_matches('/'));
            let below = |inner: &str, outer: &str| {
                inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            !other.is_empty() && (below(path, other) || below(other, path))
        };
        let Some(build) = &self.build else {
            return self.image.as_ref().is_none_or(|image| image.reference.repository.contains('/'));
        };
        let image = &build.image;
        let copied = build.copies().any(|(_, copy)| copy.destination.value.likely().is_none_or(|to| near(to)));
        copied || image.workdir.as_ref().is_none_or(|folder| folder.value.likely().is_none_or(|folder| near(folder)))
    }

    /// The bind mount of a folder of the repository that lies over `path` of the image.
    pub fn mount_over(&self, path: &str) -> Option<Cover> {
        let volumes = &self.compose.as_ref()?.volumes;
        let covers = volumes.iter().enumerate().filter_map(|(mount, placed)| {
            let target = placed.value.target.as_ref()?.likely()?.trim_end_matches('/');
            let rest = path.strip_prefix(target)?;
            // A longer target lies nearer, be it a volume or a bind mount.
            (rest.is_empty() || rest.starts_with('/')).then_some((target.len(), mount, rest.trim_start_matches('/')))
        });
        let (_, mount, rest) = covers.max_by_key(|(length, ..)| *length)?;
        let folder = volumes[mount].value.inside()?;
        Some(Cover { mount, file: if rest.is_empty() { folder.clone() } else { folder.join(rest)? } })
    }
}

impl Service {
    /// How many containers of it are started, where that is written.
    pub fn replicas(&self) -> Option<u32> {
        if let Some(platform) = &self.platform {
            return platform.instances;
        }
        let compose = self.compose.as_ref()?;
        let of_deploy = compose.deploy.as_ref().and_then(|deploy| deploy.value.replicas.as_ref());
        of_deploy.or(compose.scale.as_ref())?.value.likely()?.parse().ok()
    }

    /// Whether a platform keeps it, as opposed to a container or a process of one's own.
    pub fn is_kept_by_platform(&self) -> bool {
        self.is_of_kind(platform::Kind::Kept)
    }

    /// Whether a platform's manifest says that it is there for this.
    fn is_of_kind(&self, kind: platform::Kind) -> bool {
        self.platform.as_ref().is_some_and(|platform| platform.kind == kind)
    }

    /// Whether the other runs the same project, as far as can be told: by its settings, its build or its image.
    pub fn shares_code_with(&self, other: &Service) -> bool {
        if let (Some(own), Some(others)) = (&self.django, &other.django) {
            return own.project == others.project && own.module.value == others.module.value;
        }
        let built = |service: &Service| service.build.as_ref().map(|build| build.dockerfile.clone());
        let named = |service: &Service| service.image.as_ref().map(|image| image.text.clone());
        (built(self).is_some() && built(self) == built(other)) || (named(self).is_some() && named(self) == named(other))
    }

    /// The services that are surely ready or done before it starts: `service_healthy`,
    /// `service_completed_successfully`.
    pub fn starts_after(&self) -> impl Iterator<Item = &str> {
        let dependencies = self.compose.iter().flat_map(|compose| &compose.depends_on);
        dependencies.filter_map(|placed| {
            let condition = placed.value.condition.as_ref()?.known()?;
            matches!(condition, "service_healthy" | "service_completed_successfully")
                .then_some(placed.value.service.as_str())
        })
    }
}

impl Deployment {
    /// What a platform runs to its end before a release is put into service.
    pub fn releases(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(|service| service.is_of_kind(platform::Kind::Release))
    }

    /// Whether `later` only starts after `earlier` is ready or done, be it by way of others.
    pub fn is_ordered(&self, earlier: &str, later: &str) -> bool {
        // What the clock starts meets no start of another but by chance.
        let apart =
            |service: &Service| service.is_of_kind(platform::Kind::Release) || service.is_of_kind(platform::Kind::Cron);
        if self.service(earlier).is_some_and(apart) && earlier != later {
            return true;
        }
        let mut open = vec![later];
        let mut known = BTreeSet::new();
        while let Some(name) = open.pop() {
            if name == earlier {
                return true;
            }
            if known.insert(name) {
                open.extend(self.service(name).into_iter().flat_map(Service::starts_after));
            }
        }
        false
    }
}

/// What a setting falls back to.
#[derive(Clone, Debug)]
pub struct Fallback {
    /// The variable that is not set.
    pub variable: String,
    /// The value that holds then.
    pub value: Traced<PyValue>,
    /// Where it would be mended: the assignment in the settings, or the fallback in a compose file.
    pub place: Place,
}

impl Fallback {
    /// Whether the fallback is on, as far as a switch goes.
    pub fn is_true(&self) -> bool {
        self.value.truth().likely() == Some(&true)
    }
}

fn is_for_developers(name: &str) -> bool {
    named_in(name).is_some_and(|(environment, _)| environment == Environment::Development)
}

impl DjangoProcess {
    /// Where a value is decided, else where the setting was assigned last.
    pub fn decides(&self, name: &str, value: &Traced<PyValue>) -> Option<Place> {
        value.decided_at().cloned().or_else(|| self.assigned(name))
    }

    /// Where what was read is decided; the start of the settings module where nothing in it is.
    pub fn place(&self, reading: &Reading) -> Place {
        let module = || Place::start_of(self.settings.path.clone().unwrap_or_else(|| self.project.clone()));
        reading.place.clone().unwrap_or_else(module)
    }

    /// Whether a process that serves others loads the settings module of developers for certain.
    pub fn loads_developers_module(&self) -> bool {
        let Some(module) = self.module.value.known() else { return false };
        // Of `local.settings.production` the last word tells.
        let last = module.rsplit('.').next().unwrap_or(module);
        self.environment != Environment::Development && is_for_developers(last)
    }

    /// The files of developers among the settings that a process loads which serves others.
    pub fn files_of_developers(&self) -> impl Iterator<Item = &RepoPath> {
        let elsewhere = self.environment != Environment::Development;
        self.settings.modules_read.iter().filter(move |path| {
            let folder = path.parent().filter(|_| path.file_name() == "__init__.py");
            let name = folder.as_ref().map_or(path.file_stem(), |folder| folder.file_name());
            elsewhere && is_for_developers(name)
        })
    }

    /// Where a setting was assigned last.
    pub fn assigned(&self, name: &str) -> Option<Place> {
        self.settings.assigned(name).cloned()
    }

    /// What a setting would be, and why, if the variable that selects the module of the environment were not set.
    pub fn unselected(&self, name: &str) -> Option<Fallback> {
        let selector = self.selector.as_ref()?;
        let value = selector.unset.effective(name);
        let falls = |step: &&Step| matches!(&step.act, Act::FallsBack(variable) if *variable == selector.variable);
        let place = value.trail.iter().find(falls).map_or(&selector.read, |step| &step.place).clone();
        Some(Fallback { variable: selector.variable.clone(), value, place })
    }

    /// How a setting comes about when the variables that it reads are not set: today, where that is so, else if it were
    /// so. `None` where it reads none, or where nothing is written to fall back to.
    pub fn fallback(&self, name: &str) -> Option<Fallback> {
        let today = self.settings.effective(name);
        let falls_back = today.trail.iter().any(|step| matches!(step.act, Act::FallsBack(_)));
        let assigned = self.assigned(name);
        let candidates = [falls_back.then_some(&today), self.without_variables.get(name)];
        candidates.into_iter().flatten().find_map(|value| {
            // What stands in the assignment is it, else what comes last: steps before it decided which way the modules went.
            // A fallback by logic (`… or "x"`, `!= "production"`) is told by the read alone.
            let last = |wanted: fn(&Act) -> bool| {
                let inside = |step: &&Step| assigned.as_ref().is_some_and(|all| all.encloses(&step.place));
                let mut steps = value.trail.iter().filter(|step| wanted(&step.act));
                steps.clone().rfind(inside).or_else(|| steps.next_back())
            };
            let step =
                last(|act| matches!(act, Act::FallsBack(_))).or_else(|| last(|act| matches!(act, Act::Reads(_))))?;
            let (Act::FallsBack(variable) | Act::Reads(variable)) = &step.act else { return None };
            // An env file that the settings load is no fallback of the code, and is told of by its own rules.
            let sets = |step: &Step| matches!(&step.act, Act::Sets(name) if name == variable);
            if value.trail.iter().any(|step| sets(step) && classify(&step.place.path, b"").is_env()) {
                return None;
            }
            // In Python, the assignment says more than the argument of a helper.
            let in_python = step.place.path.extension() == Some("py");
            let place = assigned.clone().filter(|_| in_python).unwrap_or_else(|| step.place.clone());
            Some(Fallback { variable: variable.clone(), value: value.clone(), place })
        })
    }
}
