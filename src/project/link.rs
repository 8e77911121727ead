//! Stacks, images, processes and settings put together into deployments.

use super::compose::{self, Inputs, Location};
use super::container::{self, Surroundings};
use super::deployment::{Build, Deployment, DjangoProcess, NamedImage, Service};
use super::django::DjangoProject;
use super::environment::{Environment, Lookup, Variables};
use super::evidence::{Evidence, EvidenceKind, named_by_path, named_in};
use super::image;
use super::image_reference::ImageReference;
use super::process::{self, Container, Process};
use super::role::Role;
use super::settings::{PyValue, Settings};
use super::stacks::{self, StackFiles};
use super::usage::CommandUse;
use super::value::{Act, Step, Traced, Value};
use super::{django as projects_of, settings, uses};
use crate::config::Config;
use crate::parse::python::Module;
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, Snapshot};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Finds every deployment, sorted by environment and name.
pub fn deployments(
    snapshot: &Snapshot,
    config: &Config,
    projects: &[DjangoProject],
    commands: &[CommandUse],
) -> Vec<Deployment> {
    let linker = Linker { snapshot, config, projects, evaluated: Mutex::default() };
    let stacks = stacks::find(snapshot, config, commands);
    let mut deployments: Vec<Deployment> = stacks.par_iter().map(|stack| linker.stack(stack)).collect();
    linker.build_elsewhere(&mut deployments);
    deployments.extend(linker.platforms());
    deployments.extend(linker.images(&deployments));
    deployments.extend(linker.bare(&deployments));
    deployments.sort_by(|a, b| (&a.environment, &a.name).cmp(&(&b.environment, &b.name)));
    deployments
}

struct Linker<'a> {
    snapshot: &'a Snapshot,
    config: &'a Config,
    projects: &'a [DjangoProject],
    /// Settings by what they depend on; workers and web mostly share theirs.
    evaluated: Mutex<Vec<(Evaluation, Arc<Settings>)>>,
}

/// All that an evaluation of settings depends on.
#[derive(Clone, PartialEq)]
struct Evaluation {
    module: String,
    roots: Vec<RepoPath>,
    variables: Variables,
    development: bool,
}

impl Linker<'_> {
    fn around<'s>(&'s self, environment: &'s Environment) -> Surroundings<'s> {
        Surroundings { snapshot: self.snapshot, config: self.config, environment }
    }

    /// A stack of compose files.
    fn stack(&self, files: &StackFiles) -> Deployment {
        let around = self.around(&files.environment);
        let loaded: Vec<_> = files
            .files
            .iter()
            .filter_map(|path| Some((path.clone(), self.snapshot.compose(path).ok()?.0.clone())))
            .collect();
        let folder = files.files.first().and_then(RepoPath::parent).unwrap_or_else(RepoPath::root);
        let env_files = if files.env_files.is_empty() {
            folder.join(".env").into_iter().collect()
        } else {
            files.env_files.clone()
        };
        let variables = container::interpolation(&around, &env_files);
        let load = |path: &RepoPath| {
            let shared = self.snapshot.shares(path);
            shared.then(|| self.snapshot.compose(path).ok().map(|parsed| parsed.0.clone())).flatten()
        };
        let stack = Arc::new(compose::merge(&Inputs {
            files: &loaded,
            project_directory: None,
            variables: &variables,
            load: &load,
            included_variables: &|_| None,
        }));
        let profiles: Vec<&str> = files.profiles.iter().map(String::as_str).collect();
        let services =
            stack.active(&profiles).map(|service| self.service(&around, &files.environment, service, None)).collect();
        Deployment {
            name: files.name.clone().unwrap_or_else(|| joined(&files.files)),
            environment: files.environment.clone(),
            evidence: files.evidence.clone(),
            files: files.files.clone(),
            stack: Some(stack),
            services,
        }
    }

    /// A service of compose. `build` is how its image is built, where another stack says so.
    fn service(
        &self,
        around: &Surroundings<'_>,
        environment: &Environment,
        merged: &compose::Service,
        build: Option<Build>,
    ) -> Service {
        let build = build.or_else(|| merged.build.as_ref().and_then(|placed| self.build(&placed.value)));
        let image = build.as_ref().map(|build| &*build.image);
        let variables = container::of_service(around, merged, image);
        let mounts: Vec<(String, RepoPath)> = merged
            .volumes
            .iter()
            .filter_map(|mount| {
                Some((mount.value.target.as_ref()?.likely()?.to_owned(), mount.value.inside()?.clone()))
            })
            .collect();
        let workdir = merged.working_dir.as_ref().and_then(|placed| placed.value.likely().map(str::to_owned));
        let container = self.container(build.as_ref(), &mounts, workdir);
        let process = process::follow(&container, Some(merged), variables.clone());
        let context = build.as_ref().map(|build| &build.context);
        let place = merged.place().cloned().unwrap_or_else(|| Place::start_of(RepoPath::root()));
        let image_name = merged.image.as_ref().and_then(|placed| placed.value.likely().map(ImageReference::parse));
        let known_role = image_name.as_ref().and_then(Role::of_image);
        let django = match known_role {
            Some(role) if role != Role::AdminTool => None,
            _ => self.django(&merged.name, environment, &process, context, mounts.first().map(|(_, source)| source)),
        };
        Service {
            name: merged.name.clone(),
            place,
            role: role_of_process(&process).or(known_role).unwrap_or(Role::Other),
            image: merged.image.as_ref().and_then(named_image),
            compose: Some(Arc::new(merged.clone())),
            build,
            variables,
            process,
            django,
        }
    }

    fn container<'c>(
        &'c self,
        build: Option<&'c Build>,
        mounts: &'c [(String, RepoPath)],
        workdir: Option<String>,
    ) -> Container<'c> {
        let of_image = build.and_then(|build| build.image.workdir.as_ref()?.value.likely().cloned());
        Container {
            snapshot: self.snapshot,
            image: build.map(|build| &*build.image),
            context: build.map(|build| &build.context),
            mounts,
            workdir: workdir.or(of_image).unwrap_or_else(|| "/".to_owned()),
        }
    }

    /// The image of a compose `build`.
    fn build(&self, build: &compose::Build) -> Option<Build> {
        let context = build.context().likely().and_then(Location::inside)?.clone();
        let mut dockerfile = build.dockerfile().likely().and_then(Location::inside)?.clone();
        // BuildKit takes the name in lower case, too, where none is given.
        if build.dockerfile.is_none()
            && !self.snapshot.shares(&dockerfile)
            && let Some(lower) = context.join("dockerfile").filter(|path| self.snapshot.shares(path))
        {
            dockerfile = lower;
        }
        let arguments: BTreeMap<String, Traced<String>> = build
            .args
            .iter()
            .map(|argument| (argument.value.name.clone(), argument.value.value.traced.clone()))
            .collect();
        let target = build.target.as_ref().and_then(|target| target.value.likely());
        self.image(&dockerfile, &context, target, &arguments)
    }

    fn image(
        &self,
        dockerfile: &RepoPath,
        context: &RepoPath,
        target: Option<&str>,
        arguments: &BTreeMap<String, Traced<String>>,
    ) -> Option<Build> {
        if !self.snapshot.shares(dockerfile) {
            return None;
        }
        let parsed = self.snapshot.dockerfile(dockerfile).ok()?;
        let image = image::resolve(&parsed.0, dockerfile, target, arguments)?;
        Some(Build { dockerfile: dockerfile.clone(), context: context.clone(), image: Arc::new(image) })
    }

    /// A service that only names an image is mostly built by its namesake of another stack in the same folder, or
    /// there is one image of a Django project and no other.
    fn build_elsewhere(&self, deployments: &mut [Deployment]) {
        let built: Vec<(RepoPath, String, Build)> = deployments
            .iter()
            .flat_map(|deployment| {
                let folder = folder_of(deployment);
                deployment
                    .services
                    .iter()
                    .filter_map(move |service| Some((folder.clone()?, service.name.clone(), service.build.clone()?)))
            })
            .collect();
        for deployment in deployments.iter_mut() {
            let Some(folder) = folder_of(deployment) else { continue };
            let environment = deployment.environment.clone();
            for service in &mut deployment.services {
                let Some(merged) = service.compose.clone().filter(|merged| merged.build.is_none()) else { continue };
                let named = merged.image.as_ref().and_then(|image| image.value.likely().map(ImageReference::parse));
                if merged.image.is_none() || named.as_ref().and_then(Role::of_image).is_some() {
                    continue;
                }
                let mut candidates = built.iter().filter(|(at, name, _)| *at == folder && *name == service.name);
                let Some((.., found)) = candidates.next() else { continue };
                // The sibling's Dockerfile may be the developers'; beside it there may be one for this environment.
                let build = self.sibling_dockerfile(found, &environment).unwrap_or_else(|| found.clone());
                *service = self.service(&self.around(&environment), &environment, &merged, Some(build));
            }
        }
    }

    /// `Dockerfile.prod` beside `Dockerfile`, for production.
    fn sibling_dockerfile(&self, build: &Build, environment: &Environment) -> Option<Build> {
        let folder = build.dockerfile.parent()?;
        let sibling = self.snapshot.files_of(FileKind::Dockerfile).map(|entry| &entry.path).find(|path| {
            path.parent().as_ref() == Some(&folder)
                && named_in(path.file_name()).is_some_and(|(told, _)| told == *environment)
        })?;
        self.image(sibling, &build.context, None, &BTreeMap::new())
    }

    /// What a Procfile says: each line a process, on a platform that sets variables as it likes.
    fn platforms(&self) -> Vec<Deployment> {
        let procfiles = self.snapshot.files_of(FileKind::Procfile).map(|entry| entry.path.clone());
        procfiles
            .filter_map(|path| {
                let parsed = self.snapshot.procfile(&path).ok()?;
                let (environment, kind) = match named_by_path(&path) {
                    Some((environment, word)) => (environment, EvidenceKind::FileName(word.to_owned())),
                    None => (Environment::Production, EvidenceKind::Platform("a Procfile".to_owned())),
                };
                let around = self.around(&environment);
                let services: Vec<Service> = parsed
                    .0
                    .processes
                    .iter()
                    .map(|line| {
                        let variables = container::of_platform(&around, None);
                        let container = Container {
                            snapshot: self.snapshot,
                            image: None,
                            context: None,
                            mounts: &[],
                            workdir: "/".to_owned(),
                        };
                        let process = process::follow_line(&container, &path, &line.command, variables.clone());
                        let folder = path.parent();
                        let django = self.django(&line.name, &environment, &process, folder.as_ref(), None);
                        let role = if line.name.value == "release" {
                            Role::Job
                        } else {
                            role_of_process(&process).unwrap_or(Role::Other)
                        };
                        Service {
                            name: line.name.value.clone(),
                            place: line.name.place(&path),
                            role,
                            image: None,
                            compose: None,
                            build: None,
                            variables,
                            process,
                            django,
                        }
                    })
                    .collect();
                // A Procfile of another kind of project is not our business.
                services.iter().any(|service| service.django.is_some() || runs_django(&service.process)).then(|| {
                    Deployment {
                        name: path.as_str().to_owned(),
                        environment: environment.clone(),
                        evidence: vec![Evidence { kind, place: Place::start_of(path.clone()) }],
                        files: Vec::new(),
                        stack: None,
                        services,
                    }
                })
            })
            .collect()
    }

    /// Dockerfiles of Django projects that no stack builds: images that something outside the repository runs.
    fn images(&self, known: &[Deployment]) -> Vec<Deployment> {
        let used = |path: &RepoPath| {
            known
                .iter()
                .flat_map(|deployment| &deployment.services)
                .any(|service| service.build.as_ref().is_some_and(|build| build.dockerfile == *path))
        };
        let mut found = Vec::new();
        for path in self.snapshot.files_of(FileKind::Dockerfile).map(|entry| &entry.path).filter(|path| !used(path)) {
            let told = named_by_path(path);
            let environment = told.as_ref().map_or(Environment::Production, |(environment, _)| environment.clone());
            // Where a stack serves the environment, this Dockerfile is not what serves it.
            if known.iter().any(|deployment| deployment.environment == environment && !deployment.is_assumed()) {
                continue;
            }
            let around = self.around(&environment);
            let context = uses::context_of(path, self.projects);
            let Some(build) = self.image(path, &context, None, &BTreeMap::new()) else { continue };
            let variables = container::of_platform(&around, Some(&build.image));
            let container = self.container(Some(&build), &[], None);
            let process = process::follow(&container, None, variables.clone());
            let django = self.django("image", &environment, &process, Some(&build.context), None);
            if django.is_none() && !runs_django(&process) {
                continue;
            }
            let kind = told.map_or(EvidenceKind::Assumed, |(_, word)| EvidenceKind::FileName(word.to_owned()));
            found.push(Deployment {
                name: path.as_str().to_owned(),
                environment,
                evidence: vec![Evidence { kind, place: Place::start_of(path.clone()) }],
                files: Vec::new(),
                stack: None,
                services: vec![Service {
                    name: "image".to_owned(),
                    place: Place::start_of(path.clone()),
                    role: role_of_process(&process).unwrap_or(Role::Web),
                    image: None,
                    compose: None,
                    build: Some(build),
                    variables,
                    process,
                    django,
                }],
            });
        }
        found
    }

    /// Settings modules of environments for which nothing else is known: production's by name, else by assumption.
    fn bare(&self, known: &[Deployment]) -> Vec<Deployment> {
        let mut found = Vec::new();
        for project in self.projects {
            let served = |environment: &Environment| {
                known.iter().any(|deployment| {
                    deployment.environment == *environment
                        && deployment
                            .services
                            .iter()
                            .any(|service| service.django.as_ref().is_some_and(|django| django.project == project.root))
                })
            };
            let mut modules: BTreeMap<Environment, (Traced<String>, EvidenceKind, Place)> = BTreeMap::new();
            for (name, path) in &project.modules {
                let Some((environment, word)) = named_in(name).or_else(|| named_in(path.file_stem())) else { continue };
                if matches!(environment, Environment::Production | Environment::Staging)
                    && !path.file_name().starts_with("__")
                {
                    let place = Place::start_of(path.clone());
                    let chosen = Traced::new(Value::Known(name.clone()), Vec::new());
                    modules.entry(environment).or_insert((chosen, EvidenceKind::FileName(word.to_owned()), place));
                }
            }
            if !modules.contains_key(&Environment::Production)
                && let Some(default) = project.serving_default()
                && named_in(&default.module).is_none_or(|(environment, _)| environment == Environment::Production)
            {
                let place = Place::new(default.path.clone(), default.module.span);
                let chosen = Traced::new(Value::Known(default.module.value.clone()), vec![default.step()]);
                modules.insert(Environment::Production, (chosen, EvidenceKind::Assumed, place));
            }
            for (environment, (module, kind, place)) in modules {
                if served(&environment) {
                    continue;
                }
                let variables = container::of_platform(&self.around(&environment), None);
                let process = Process { variables: variables.clone(), ..Process::default() };
                let Some(django) = self.evaluate("settings", &environment, project.root.clone(), module, &process, &[])
                else {
                    continue;
                };
                found.push(Deployment {
                    name: django.settings.module.clone(),
                    environment,
                    evidence: vec![Evidence { kind, place: place.clone() }],
                    files: Vec::new(),
                    stack: None,
                    services: vec![Service {
                        name: "settings".to_owned(),
                        place,
                        role: Role::Web,
                        image: None,
                        compose: None,
                        build: None,
                        variables,
                        process,
                        django: Some(django),
                    }],
                });
            }
        }
        found
    }

    /// The settings that a process loads: those that its variables name, else those that its entry point falls back to.
    fn django(
        &self,
        service: &str,
        environment: &Environment,
        process: &Process,
        context: Option<&RepoPath>,
        mounted: Option<&RepoPath>,
    ) -> Option<DjangoProcess> {
        let below = |project: &&DjangoProject| {
            context.is_none_or(|context| project.root.is_under(context) || context.is_under(&project.root))
                || mounted.is_some_and(|mounted| project.root.is_under(mounted))
        };
        let projects: Vec<&DjangoProject> = self.projects.iter().filter(below).collect();
        let starts = starts_django(process, &projects);
        let module = match process.variables.lookup(VARIABLE) {
            Lookup::Set(traced) => traced.clone(),
            lookup => {
                let named = starts.as_ref().and_then(|start| start.named.clone());
                match (named, &starts) {
                    (Some(named), _) => named,
                    (None, Some(start)) => {
                        let default = start.default?;
                        match lookup {
                            Lookup::Perhaps(_) => module_if_unset(start.project, default, environment),
                            _ => Traced::new(Value::Known(default.module.value.clone()), vec![default.step()]),
                        }
                    }
                    (None, None) => self.by_context(process, environment, context, &projects)?,
                }
            }
        };
        let name = module.value.likely()?.clone();
        let project = starts
            .as_ref()
            .map(|start| start.project)
            .filter(|project| project.has_module(&name))
            .or_else(|| projects.iter().copied().find(|project| project.has_module(&name)))
            .or_else(|| starts.as_ref().map(|start| start.project));
        let root = match project {
            Some(project) => project.root.clone(),
            None => self.root_of(&name, context)?,
        };
        let extra: Vec<RepoPath> = context.into_iter().chain(mounted).cloned().collect();
        self.evaluate(service, environment, root, module, process, &extra)
    }

    /// A service that is built from a Django project's folder and whose command is not known serves it.
    fn by_context(
        &self,
        process: &Process,
        environment: &Environment,
        context: Option<&RepoPath>,
        projects: &[&DjangoProject],
    ) -> Option<Traced<String>> {
        context?;
        let [project] = projects else { return None };
        let known = process.maybe_more.is_none() && !process.runs.is_empty();
        let default = project.serving_default().filter(|_| !known)?;
        Some(module_if_unset(project, default, environment))
    }

    /// The folder that a settings module is imported from where no project claims it.
    fn root_of(&self, module: &str, context: Option<&RepoPath>) -> Option<RepoPath> {
        let file = module.replace('.', "/");
        let names = [format!("{file}.py"), format!("{file}/__init__.py")];
        let folders = self.snapshot.tree().entries().iter().filter_map(|entry| {
            names.iter().find_map(|name| {
                let rest = entry.path.as_str().strip_suffix(name.as_str())?;
                if rest.is_empty() || rest.ends_with('/') { RepoPath::new(rest) } else { None }
            })
        });
        folders
            .filter(|folder| context.is_none_or(|context| folder.is_under(context) || context.is_under(folder)))
            .min_by_key(|folder| folder.as_str().len())
    }

    fn evaluate(
        &self,
        service: &str,
        environment: &Environment,
        root: RepoPath,
        module: Traced<String>,
        process: &Process,
        extra: &[RepoPath],
    ) -> Option<DjangoProcess> {
        let (variables, role) = (&process.variables, role_of_process(process));
        let name = module.value.likely()?.clone();
        let mut roots = vec![root.clone()];
        roots.extend(extra.iter().cloned());
        roots.extend(std::iter::successors(root.parent(), RepoPath::parent));
        let mut seen = Vec::new();
        roots.retain(|folder| {
            let new = !seen.contains(folder);
            seen.push(folder.clone());
            new
        });
        let development = *environment == Environment::Development;
        let key = Evaluation { module: name, roots, variables: variables.clone(), development };
        let settings = self.settings(key.clone());
        let serves = !matches!(role, Some(Role::Worker | Role::Scheduler | Role::Job));
        let without_variables = self.without_variables(&key, &settings);
        settings.path.as_ref()?;
        // A package that assigns nothing is a slip in an entry point that something else makes good.
        if settings.values.is_empty() && settings.more.is_none() {
            return None;
        }
        Some(DjangoProcess {
            service: service.to_owned(),
            environment: environment.clone(),
            project: root,
            module,
            without_variables,
            serves,
            settings,
        })
    }

    /// What the settings that must fail closed would be if the variables that they read were not set.
    fn without_variables(&self, key: &Evaluation, settings: &Settings) -> BTreeMap<String, Traced<PyValue>> {
        let mut found = BTreeMap::new();
        for name in ["DEBUG", "SECRET_KEY"] {
            let value = settings.effective(name);
            let reads: Vec<&String> = value
                .trail
                .iter()
                .filter_map(|step| match &step.act {
                    Act::Reads(variable) | Act::FallsBack(variable) => Some(variable),
                    _ => None,
                })
                .collect();
            if reads.is_empty() {
                continue;
            }
            let mut key = key.clone();
            for variable in reads {
                key.variables.set.insert(variable.clone(), Traced::absent());
            }
            found.insert(name.to_owned(), self.settings(key).effective(name));
        }
        found
    }

    /// Evaluates settings, or remembers.
    fn settings(&self, key: Evaluation) -> Arc<Settings> {
        let known = |evaluated: &[(Evaluation, Arc<Settings>)]| {
            evaluated.iter().find(|(known, _)| *known == key).map(|(_, settings)| settings.clone())
        };
        if let Some(settings) = known(&self.evaluated.lock().unwrap_or_else(PoisonError::into_inner)) {
            return settings;
        }
        let files = RepositoryFiles { snapshot: self.snapshot, development: key.development };
        let settings = Arc::new(settings::evaluate(&files, &key.module, &key.roots, &key.variables, key.development));
        self.evaluated.lock().unwrap_or_else(PoisonError::into_inner).push((key, settings.clone()));
        settings
    }
}

const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";

/// The settings module of a process whose variables are not all known. They may well name one; a module that is named
/// for the environment is what they will name, rather than another one that an entry point falls back to.
fn module_if_unset(
    project: &DjangoProject,
    default: &projects_of::DefaultModule,
    environment: &Environment,
) -> Traced<String> {
    let for_environment = |name: &str| named_in(name).is_some_and(|(told, _)| told == *environment);
    let mut named = project.modules.iter().filter(|(name, _)| for_environment(name));
    if !for_environment(&default.module)
        && let (Some((name, path)), None) = (named.next(), named.next())
    {
        let step = Step::new(Place::start_of(path.clone()), Act::Chooses(name.clone()));
        return Traced::new(Value::Default(name.clone()), vec![step]);
    }
    Traced::new(Value::Default(default.module.value.clone()), vec![default.step()])
}

/// How a process comes to Django.
struct Start<'p> {
    project: &'p DjangoProject,
    /// What its entry point falls back to.
    default: Option<&'p projects_of::DefaultModule>,
    /// What a flag says: `--settings`.
    named: Option<Traced<String>>,
}

/// Looks for the last command that loads Django: what an entrypoint script starts at its end is what stays.
fn starts_django<'p>(process: &Process, projects: &[&'p DjangoProject]) -> Option<Start<'p>> {
    use super::command::{app_server, celery, django};
    for run in process.runs.iter().rev().filter(|run| run.happens.likely() != Some(&false)) {
        let found = if let Some(command) = django(&run.invocation) {
            let named = command.settings.as_ref().and_then(|word| {
                let step = Step::new(run.place(), Act::Chooses(word.literal()?));
                Some(Traced::known(word.literal()?, step))
            });
            projects.iter().find(|project| project.manage.is_some()).or(projects.first()).map(|project| Start {
                project,
                default: project.manage_default(),
                named,
            })
        } else if let Some(server) = app_server(&run.invocation) {
            let module = server
                .application
                .as_ref()
                .and_then(|word| word.literal())
                .map(|text| text.split(':').next().unwrap_or("").to_owned());
            by_module(projects, module.as_deref(), |project| project.serving_default())
        } else if let Some(worker) = celery(&run.invocation) {
            let module = worker
                .app
                .as_ref()
                .and_then(|word| word.literal())
                .map(|text| text.split(':').next().unwrap_or("").to_owned());
            let inner = module.as_ref().map(|module| format!("{module}.celery"));
            by_module(projects, inner.as_deref(), |_| None)
                .filter(|start| start.default.is_some())
                .or_else(|| by_module(projects, module.as_deref(), |project| project.serving_default()))
        } else {
            None
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The project that has the entry point `module`, else the first that has any.
fn by_module<'p>(
    projects: &[&'p DjangoProject],
    module: Option<&str>,
    otherwise: impl Fn(&'p DjangoProject) -> Option<&'p projects_of::DefaultModule>,
) -> Option<Start<'p>> {
    let owner = projects.iter().copied().find_map(|project| {
        let default = project.default_of(module?)?;
        Some(Start { project, default: Some(default), named: None })
    });
    owner.or_else(|| {
        let project = projects.first().copied()?;
        Some(Start { project, default: otherwise(project), named: None })
    })
}

/// Whether a process runs Django, or a server that may serve it.
fn runs_django(process: &Process) -> bool {
    use super::command::{app_server, django};
    process.runs.iter().any(|run| django(&run.invocation).is_some() || app_server(&run.invocation).is_some())
}

/// What the last command that says anything makes of a process.
fn role_of_process(process: &Process) -> Option<Role> {
    use super::command::{CeleryRole, app_server, celery, django};
    process.runs.iter().rev().find_map(|run| {
        if app_server(&run.invocation).is_some() {
            return Some(Role::Web);
        }
        if let Some(celery) = celery(&run.invocation) {
            return Some(match celery.role {
                CeleryRole::Worker => Role::Worker,
                CeleryRole::Beat => Role::Scheduler,
                CeleryRole::Flower => Role::AdminTool,
                CeleryRole::Other(_) => Role::Job,
            });
        }
        (run.main && django(&run.invocation).is_some()).then_some(Role::Job)
    })
}

fn named_image(placed: &compose::Placed<compose::Interpolated>) -> Option<NamedImage> {
    let text = placed.value.likely()?.to_owned();
    Some(NamedImage { reference: ImageReference::parse(&text), text, place: placed.place.clone() })
}

fn joined(files: &[RepoPath]) -> String {
    files.iter().map(RepoPath::as_str).collect::<Vec<_>>().join(" + ")
}

fn folder_of(deployment: &Deployment) -> Option<RepoPath> {
    deployment.files.first().and_then(RepoPath::parent)
}

/// The files that settings can import and open. What git ignores is there for development only.
struct RepositoryFiles<'a> {
    snapshot: &'a Snapshot,
    development: bool,
}

impl RepositoryFiles<'_> {
    fn visible(&self, path: &RepoPath) -> bool {
        if self.development { self.snapshot.exists(path) } else { self.snapshot.shares(path) }
    }
}

impl settings::Files for RepositoryFiles<'_> {
    fn python(&self, path: &RepoPath) -> Option<Arc<Module>> {
        self.visible(path).then(|| self.snapshot.python(path).ok().map(|parsed| parsed.0.clone())).flatten()
    }

    fn text(&self, path: &RepoPath) -> Option<String> {
        self.visible(path).then(|| self.snapshot.source(path).ok().map(|source| source.text.clone())).flatten()
    }

    fn is_file(&self, path: &RepoPath) -> bool {
        self.visible(path)
    }

    fn is_dir(&self, path: &RepoPath) -> bool {
        self.snapshot.tree().is_dir(path)
    }

    fn ignored_by_git(&self, path: &RepoPath) -> bool {
        self.snapshot.tree().ignores(path)
    }
}
