//! Deployments that platforms run: what Procfiles and the manifests of Render, Fly.io, Heroku, Dokku and Railway say.

use super::Linker;
use super::configured::Target;
use super::settings::Has;
use super::start::{role_of_process, runs_django};
use crate::parse::platform::{Context, Health, Kind, Manifest, Program, Start, StoreKind, Variable};
use crate::parse::{platform, procfile};
use crate::project::container::variables;
use crate::project::deployment::{Build, Deployment, NamedImage, Platform, Service, Vendor};
use crate::project::environment::{Environment, Variables};
use crate::project::evidence::{Evidence, EvidenceKind, named_by_path, named_in};
use crate::project::image::reference::ImageReference;
use crate::project::process::{self, Container, Process};
use crate::project::role::Role;
use crate::project::uses;
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Fragment, Place, RepoPath};
use crate::tree::{Entry, FileKind, PathRole, role};
use std::collections::{BTreeMap, BTreeSet};

/// The manifests of services, and what they are called in evidence. `app.json` only says more of what others declare.
const MANIFESTS: [(FileKind, Vendor, &str); 5] = [
    (FileKind::Procfile, Vendor::Procfile, "a Procfile"),
    (FileKind::Render, Vendor::Render, "a blueprint of Render"),
    (FileKind::Fly, Vendor::Fly, "a configuration of Fly.io"),
    (FileKind::HerokuYml, Vendor::Heroku, "a manifest of Heroku"),
    (FileKind::Railway, Vendor::Railway, "a configuration of Railway"),
];

/// What settings ask for of the variables that platforms set for every process, with the value where that is always the
/// same.
fn built_in(vendor: Vendor) -> &'static [(&'static str, Option<&'static str>)] {
    match vendor {
        Vendor::Render => &[
            ("RENDER", Some("true")),
            ("RENDER_EXTERNAL_HOSTNAME", None),
            ("RENDER_EXTERNAL_URL", None),
            ("PORT", None),
        ],
        Vendor::Fly => &[("FLY_APP_NAME", None)],
        Vendor::Heroku => &[("DYNO", None), ("PORT", None)],
        Vendor::Railway => &[("RAILWAY_ENVIRONMENT_NAME", None), ("PORT", None)],
        Vendor::Procfile => &[],
    }
}

/// What a Procfile says, in the words of the other manifests.
fn of_procfile(file: &procfile::Procfile) -> Manifest {
    let services = file.processes.iter().map(|line| platform::Service {
        name: line.name.clone(),
        kind: match line.name.as_str() {
            "web" => Kind::Web,
            "release" => Kind::Release,
            _ => Kind::Worker,
        },
        program: Program::Source { folder: None },
        start: Some(Start { command: platform::Command::Shell(line.command.clone()), keeps_entrypoint: true }),
        ..platform::Service::default()
    });
    Manifest { services: services.collect(), ..Manifest::default() }
}

/// A manifest with what is needed to make deployments of it.
struct Declared<'a> {
    path: &'a RepoPath,
    vendor: Vendor,
    manifest: Manifest,
    /// The `app.json` beside it.
    app: Option<(RepoPath, Manifest)>,
}

impl Declared<'_> {
    /// The folder that its paths start from.
    fn base(&self) -> RepoPath {
        match self.vendor {
            Vendor::Render => RepoPath::root(),
            _ => self.path.parent().unwrap_or_else(RepoPath::root),
        }
    }

    /// A path of the manifest; some platforms start from the repository's root.
    fn resolve(&self, path: &str, exists: impl Fn(&RepoPath) -> bool) -> Option<RepoPath> {
        let path = path.trim_start_matches('/');
        let found = self.base().join(path)?;
        if exists(&found) { Some(found) } else { RepoPath::root().join(path).filter(exists) }
    }

    /// What `app.json` says of the service `name`.
    fn more(&self, name: &str) -> Option<(&RepoPath, &platform::Service)> {
        let (path, app) = self.app.as_ref()?;
        Some((path, app.services.iter().find(|service| service.name.as_str() == name)?))
    }
}

impl Linker<'_> {
    /// What platforms run, which set variables as they like.
    pub(super) fn platforms(&self) -> Vec<Deployment> {
        let mut found = Vec::new();
        for (kind, vendor, what) in MANIFESTS {
            let product = |entry: &&Entry| role(&entry.path) == PathRole::Product;
            let entries: Vec<&Entry> = self.snapshot.files_of(kind).filter(product).collect();
            let of_images = match vendor {
                Vendor::Procfile if !entries.is_empty() => self.started_by_images(),
                _ => BTreeSet::new(),
            };
            for entry in entries.into_iter().filter(|entry| !of_images.contains(&entry.path)) {
                found.extend(self.platform(entry, vendor, what));
            }
        }
        found
    }

    /// The Procfiles whose processes run in one container, since an image starts them by a program that does so (honcho,
    /// foreman), or takes them by name for one. No platform reads those, unless an `app.json` beside them is for one.
    fn started_by_images(&self) -> BTreeSet<RepoPath> {
        let for_others = |path: &RepoPath| named_by_path(path).is_some_and(|(told, _)| !told.serves_real_users());
        let dockerfiles = self.snapshot.files_of(FileKind::Dockerfile).map(|entry| &entry.path);
        let started =
            dockerfiles.filter(|path| role(path) == PathRole::Product && !for_others(path)).flat_map(|path| {
                // From the folder that has what is copied, or from the root as a workflow would.
                let contexts = [uses::context_of(self.snapshot, path, self.projects), RepoPath::root()];
                contexts.into_iter().filter_map(|context| self.image(path, &context, None, &BTreeMap::new())).flat_map(
                    |build| {
                        let process =
                            process::follow(&self.container(Some(&build), &[], None), None, Variables::default());
                        let sources =
                            build.copies().flat_map(|(context, copy)| copy.sources.iter().map(move |it| (context, it)));
                        let named =
                            sources.filter_map(|(context, source)| context.join(source.value.likely()?.as_str()));
                        let procfiles = named.filter(|path| path.file_name().starts_with("Procfile"));
                        process.supervised.into_iter().chain(procfiles.collect::<Vec<_>>())
                    },
                )
            });
        let is_platforms = |path: &RepoPath| {
            path.parent().and_then(|folder| folder.join("app.json")).is_some_and(|app| self.snapshot.shares(&app))
        };
        started.filter(|path| !is_platforms(path)).collect()
    }

    fn platform(&self, entry: &Entry, vendor: Vendor, what: &str) -> Vec<Deployment> {
        let path = &entry.path;
        let manifest = match entry.kind {
            FileKind::Procfile => self.snapshot.procfile(path).map(|parsed| of_procfile(&parsed.0)),
            kind => self.snapshot.manifest(path, kind).map(|parsed| (*parsed.0).clone()),
        };
        let Ok(manifest) = manifest else { return Vec::new() };
        let beside = path.parent().and_then(|folder| folder.join("app.json"));
        let read_by_heroku = matches!(vendor, Vendor::Procfile | Vendor::Heroku);
        let app = beside.filter(|path| read_by_heroku && self.snapshot.shares(path)).and_then(|path| {
            let parsed = self.snapshot.manifest(&path, FileKind::AppJson).ok()?;
            Some((path, (*parsed.0).clone()))
        });
        let declared = Declared { path, vendor, manifest, app };
        let names: BTreeSet<Option<&str>> = declared
            .manifest
            .services
            .iter()
            .map(|service| service.environment.as_ref().map(|name| name.value.as_str()))
            .collect();
        names.into_iter().filter_map(|name| self.in_environment(&declared, name, what)).collect()
    }

    /// The deployment of the services that belong to an environment of the platform.
    fn in_environment(&self, declared: &Declared<'_>, name: Option<&str>, what: &str) -> Option<Deployment> {
        let path = declared.path;
        let app = declared.manifest.app.as_ref();
        let told = name
            .and_then(named_in)
            .or_else(|| app.and_then(|app| named_in(app)))
            .filter(|(environment, _)| *environment != Environment::Production);
        let (environment, kind) = match (told, named_by_path(path)) {
            (Some((environment, word)), _) => {
                (environment, EvidenceKind::Platform(format!("{what}, which names `{word}`")))
            }
            (None, Some((environment, word))) => (environment, EvidenceKind::FileName(word.to_owned())),
            (None, None) => (Environment::Production, EvidenceKind::Platform(what.to_owned())),
        };
        if self.is_configured(&environment) {
            return None;
        }
        let belongs = |service: &&platform::Service| service.environment.as_ref().map(|it| it.as_str()) == name;
        let own = declared.manifest.services.iter().filter(belongs);
        let mut services: Vec<Service> =
            own.map(|service| self.platform_service(declared, path, service, &environment)).collect();
        if let Some((app, more)) = &declared.app {
            let clock = more.services.iter().filter(|service| service.kind == Kind::Cron);
            services.extend(clock.map(|service| self.platform_service(declared, app, service, &environment)));
        }
        // The manifest of another kind of project is not our business.
        let ours = services.iter().any(|service| service.django.is_some() || runs_django(&service.process));
        let of_app = declared.app.iter().flat_map(|(app, more)| more.stores.iter().map(move |store| (app, store)));
        let stores = declared.manifest.stores.iter().map(|store| (path, store)).chain(of_app);
        let here = stores.filter(|(_, store)| store.environment.as_ref().map(|it| it.as_str()) == name);
        services.extend(here.map(|(path, store)| kept(declared.vendor, path, store)));
        ours.then(|| Deployment {
            name: name.map_or_else(|| path.as_str().to_owned(), |name| format!("{path} ({name})")),
            environment,
            evidence: vec![Evidence { kind, place: Place::start_of(path.clone()) }],
            files: Vec::new(),
            stack: None,
            services,
        })
    }

    /// `path` is the file that declares the service.
    fn platform_service(
        &self,
        declared: &Declared<'_>,
        path: &RepoPath,
        service: &platform::Service,
        environment: &Environment,
    ) -> Service {
        let build = self.platform_build(declared, service);
        let variables = self.platform_variables(declared, service, environment, build.as_ref());
        let folder = match &service.program {
            Program::Source { folder: Some(folder) } => {
                declared.resolve(folder.text(), |path| self.snapshot.tree().is_dir(path))
            }
            _ => None,
        };
        let folder = folder.unwrap_or_else(|| declared.base());
        let of_image = build.as_ref().and_then(|build| build.image.workdir.as_ref()?.value.likely().cloned());
        let container = Container {
            snapshot: self.snapshot,
            image: build.as_ref().map(|build| &*build.image),
            context: Some(build.as_ref().map_or(&folder, |build| &build.context)),
            mounts: &[],
            workdir: of_image.unwrap_or_else(|| "/".to_owned()),
        };
        let process = process::follow_platform(&container, path, service.start.as_ref(), variables.clone());
        let context = build.as_ref().map_or(&folder, |build| &build.context);
        let target = Target::inferred(environment);
        let django = self.django(&service.name, target, &process, build.as_ref(), &Has::context(context));
        let role = match service.kind {
            Kind::Release | Kind::Cron => Role::Job,
            Kind::Web if build.is_some() => role_of_process(&process).unwrap_or(Role::Web),
            _ => role_of_process(&process).unwrap_or(Role::Other),
        };
        let image = match &service.program {
            Program::Image(text) => Some(NamedImage {
                reference: ImageReference::parse(text.text()),
                text: text.text().to_owned(),
                place: Place::new(path.clone(), text.span()),
            }),
            _ => None,
        };
        let more = declared.more(&service.name);
        let health = service.health.as_ref().map(|health| (path, health));
        let health: Option<(&RepoPath, &Health)> =
            health.or_else(|| more.and_then(|(app, more)| Some((app, more.health.as_ref()?))));
        let instances = service.instances.as_ref().or_else(|| more.and_then(|(_, more)| more.instances.as_ref()));
        let redirects = match declared.vendor {
            Vendor::Render | Vendor::Railway => Some(service.name.place(path)),
            Vendor::Fly => service.forces_https.map(|span| Place::new(path.clone(), span)),
            Vendor::Heroku | Vendor::Procfile => None,
        };
        let start = service.start.as_ref();
        let platform = Platform {
            vendor: declared.vendor,
            kind: service.kind,
            starts_entrypoint: start.is_none_or(|start| start.keeps_entrypoint),
            starts_cmd: start.is_none(),
            redirects_to_https: redirects.filter(|_| service.kind == Kind::Web),
            health: health.map(|(path, health)| Place::new(path.clone(), health.span)),
            health_path: health.and_then(|(_, health)| Some(health.path.as_ref()?.text().to_owned())),
            instances: instances.and_then(|number| number.text().trim().parse().ok()),
        };
        Service {
            name: service.name.value.clone(),
            place: service.name.place(path),
            role,
            image,
            compose: None,
            build,
            variables,
            process,
            django,
            platform: Some(platform),
        }
    }

    /// The image that a platform builds for a service. `None` where it builds by its own means.
    fn platform_build(&self, declared: &Declared<'_>, service: &platform::Service) -> Option<Build> {
        let Program::Dockerfile { path, context, target, arguments } = &service.program else { return None };
        let is_file = |path: &RepoPath| self.snapshot.shares(path);
        let is_folder = |path: &RepoPath| path.is_root() || self.snapshot.tree().is_dir(path);
        let context_folder = |folder: &Fragment| declared.resolve(folder.text(), is_folder);
        let folder = match context {
            Context::Folder(folder) => context_folder(folder)?,
            Context::Manifest | Context::Dockerfile => declared.base(),
        };
        let named = path.as_ref().map_or("Dockerfile", Fragment::text);
        // A path that is not said lies in the context; one that is said may start there, too.
        let dockerfile = match path {
            Some(_) => declared.resolve(named, is_file).or_else(|| folder.join(named).filter(is_file)),
            None => folder.join(named).filter(is_file),
        }?;
        let folder = match context {
            Context::Dockerfile => dockerfile.parent().unwrap_or_else(RepoPath::root),
            // `fly deploy -c` sends the folder that it is called in.
            Context::Manifest if declared.vendor == Vendor::Fly && !folder.is_root() => {
                uses::context_of(self.snapshot, &dockerfile, self.projects)
            }
            _ => folder,
        };
        let arguments: BTreeMap<String, Traced<String>> = arguments
            .iter()
            .filter_map(|argument| {
                let step = Step::new(argument.name.place(declared.path), Act::Sets(argument.name.value.clone()));
                Some((argument.name.value.clone(), Traced::known(argument.value.as_ref()?.text().to_owned(), step)))
            })
            .collect();
        self.image(&dockerfile, &folder, target.as_ref().map(Fragment::text), &arguments)
    }

    fn platform_variables(
        &self,
        declared: &Declared<'_>,
        service: &platform::Service,
        environment: &Environment,
        build: Option<&Build>,
    ) -> Variables {
        let mut variables = variables::of_platform(&self.around(environment), build.map(|build| &*build.image));
        let start = Place::start_of(declared.path.clone());
        for (name, value) in built_in(declared.vendor) {
            let value = match value {
                Some(value) => Value::Known((*value).to_owned()),
                None => Value::Unknown(Reason::OutsideVariable((*name).to_owned())),
            };
            let step = Step::new(start.clone(), Act::Provides((*name).to_owned()));
            variables.set.entry((*name).to_owned()).or_insert_with(|| Traced::new(value, vec![step]));
        }
        let of_app = declared.app.iter().flat_map(|(path, app)| app.variables.iter().map(move |it| (path, it)));
        let own = declared.manifest.variables.iter().chain(&service.variables).map(|it| (declared.path, it));
        for (path, Variable { name, value, initial }) in of_app.chain(own) {
            let span = value.as_ref().map_or(name.span, Fragment::span);
            let value = match value {
                Some(value) if *initial => Value::Default(value.text().to_owned()),
                Some(value) => Value::Known(value.text().to_owned()),
                None => Value::Unknown(Reason::OutsideVariable(name.value.clone())),
            };
            let step = Step::new(Place::new(path.clone(), span), Act::Sets(name.value.clone()));
            variables.set.insert(name.value.clone(), Traced::new(value, vec![step]));
        }
        variables
    }
}

/// What a platform keeps is a service with a role, of which nothing else is known.
fn kept(vendor: Vendor, path: &RepoPath, store: &platform::Store) -> Service {
    Service {
        name: store.name.value.clone(),
        place: store.name.place(path),
        role: match store.kind {
            StoreKind::Database => Role::Database,
            StoreKind::Cache => Role::Cache,
            StoreKind::Broker => Role::Broker,
        },
        image: None,
        compose: None,
        build: None,
        variables: Variables::default(),
        process: Process::default(),
        django: None,
        platform: Some(Platform {
            vendor,
            kind: Kind::Kept,
            health: None,
            health_path: None,
            instances: None,
            starts_entrypoint: false,
            starts_cmd: false,
            redirects_to_https: None,
        }),
    }
}

#[cfg(test)]
mod tests;
