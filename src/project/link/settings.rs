//! The settings that a process loads: which module, by which choice, and what Django would see in it.

use super::Linker;
use super::configured::Target;
use super::start::{Start, is_plain_python, role_of_process, starts_django};
use crate::parse::python::Module;
use crate::project::container::lacks::Lacks;
use crate::project::deployment::{Build, DjangoProcess};
use crate::project::django::{CONFIGURATION, DefaultModule, DjangoProject};
use crate::project::environment::{Environment, Lookup, Opening, Variables};
use crate::project::evidence::named_in;
use crate::project::image::CopySource;
use crate::project::process::Process;
use crate::project::role::Role;
use crate::project::settings::{self, PyValue, Settings};
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Settings by what they depend on, as far as they have been evaluated.
pub(super) type Evaluated = Mutex<Vec<(Evaluation, Arc<Settings>)>>;

/// All that an evaluation of settings depends on.
#[derive(Clone)]
pub(super) struct Evaluation {
    module: String,
    roots: Vec<RepoPath>,
    pub variables: Variables,
    development: bool,
    has: Has,
}

/// What a process has of the repository.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Has {
    /// The folder that its image is built from.
    pub context: Option<RepoPath>,
    /// The folder of a project that is mounted.
    pub mounted: Option<RepoPath>,
    /// What of these does not come along.
    pub lacks: Option<Arc<Lacks>>,
}

impl Has {
    /// What is built from a folder, and no more is told.
    pub fn context(folder: &RepoPath) -> Self {
        Has { context: Some(folder.clone()), ..Has::default() }
    }

    fn folders(&self) -> impl Iterator<Item = &RepoPath> {
        self.context.iter().chain(&self.mounted)
    }
}

impl Evaluation {
    pub fn new(environment: &Environment, root: &RepoPath, module: String, variables: &Variables, has: &Has) -> Self {
        let mut roots = vec![root.clone()];
        roots.extend(has.folders().cloned());
        roots.extend(std::iter::successors(root.parent(), RepoPath::parent));
        let mut seen = Vec::new();
        roots.retain(|folder| {
            let new = !seen.contains(folder);
            seen.push(folder.clone());
            new
        });
        let development = *environment == Environment::Development;
        Evaluation { module, roots, variables: variables.clone(), development, has: has.clone() }
    }

    /// Whether it comes to the same as an evaluation that came to `settings`: what that one asked for is the same here.
    fn gives_the_same(&self, known: &Evaluation, settings: &Settings) -> bool {
        let (own, theirs) = (&self.variables, &known.variables);
        let mut asked = settings.variables_asked.iter();
        self.development == known.development
            && self.module == known.module
            && self.roots == known.roots
            && self.has == known.has
            && asked.all(|name| match (own.set.get(name), theirs.set.get(name)) {
                (None, None) => own.open == theirs.open,
                (own, theirs) => own == theirs,
            })
    }
}

impl Linker<'_> {
    /// The settings that a process loads: those that its variables name, else those that its entry point falls back to.
    pub(super) fn django(
        &self,
        service: &str,
        target: Target<'_>,
        process: &Process,
        build: Option<&Build>,
        has: &Has,
    ) -> Option<DjangoProcess> {
        let context = has.context.as_ref();
        let below = |project: &&DjangoProject| {
            context.is_none_or(|context| project.root.is_under(context) || context.is_under(&project.root))
                || has.mounted.as_ref().is_some_and(|mounted| project.root.is_under(mounted))
        };
        let projects: Vec<&DjangoProject> = self
            .projects
            .iter()
            .filter(below)
            .filter(|project| target.project().is_none_or(|root| project.root == *root))
            .collect();
        let starts = starts_django(self.snapshot, process, &projects);
        if starts.is_none() && is_plain_python(self.snapshot, process) {
            return None;
        }
        let takes_one = |build: &Build| projects.iter().any(|project| takes(build, project));
        let pinned = self.configured_settings(target).filter(|_| starts.is_some() || build.is_some_and(takes_one));
        // A flag sets the variable anew.
        let by_flag = starts.as_ref().and_then(|start| start.named.clone());
        let module = match process.variables.lookup(VARIABLE) {
            _ if let Some(module) = by_flag => module,
            Lookup::Set(traced) if traced.value.known().is_some() => traced.clone(),
            _ if let Some(module) = pinned => module,
            Lookup::Set(traced) if traced.value.likely().is_some() => traced.clone(),
            lookup => match &starts {
                Some(start) => {
                    let default = start.default?;
                    match lookup {
                        Lookup::Perhaps(_) | Lookup::Set(_) => {
                            let variables = &process.variables;
                            self.module_if_unset(start.project, default, target.environment, variables, has)?
                        }
                        Lookup::Unset => Traced::new(Value::Known(default.module.value.clone()), vec![default.step()]),
                    }
                }
                None => self.by_context(process, target.environment, build?, &projects, has)?,
            },
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
        // That the service runs this code at all is told by what builds its image.
        let mut module = module;
        module.trail.extend(build.and_then(|build| build.by.clone()));
        let configured = starts.as_ref().and_then(|start| with_configuration(process, start));
        let process = configured.as_ref().unwrap_or(process);
        let entry = starts.as_ref().and_then(|start| start.default);
        let opened = entry.and_then(|entry| with_env_file(process, entry));
        let process = opened.as_ref().unwrap_or(process);
        self.evaluate(service, target.environment, root, module, process, has)
    }

    /// A service that is built from a Django project's folder and whose command is not known serves it.
    fn by_context(
        &self,
        process: &Process,
        environment: &Environment,
        build: &Build,
        projects: &[&DjangoProject],
        has: &Has,
    ) -> Option<Traced<String>> {
        let [project] = projects else { return None };
        if !takes(build, project) {
            return None;
        }
        let known = process.maybe_more.is_none() && !process.runs.is_empty();
        let default = project.serving_default().filter(|_| !known)?;
        self.module_if_unset(project, default, environment, &process.variables, has)
    }

    /// The settings module of a process whose variables are not all known. They may well name one; a module that is
    /// named for the environment is what they will name, rather than another one that an entry point falls back to.
    /// `None` where the fallback is made for another environment, and nothing tells what they name instead.
    fn module_if_unset(
        &self,
        project: &DjangoProject,
        default: &DefaultModule,
        environment: &Environment,
        variables: &Variables,
        has: &Has,
    ) -> Option<Traced<String>> {
        let by_default = || Traced::new(Value::Default(default.module.value.clone()), vec![default.step()]);
        let for_environment = |name: &str| named_in(name).is_some_and(|(told, _)| told == *environment);
        let mut named = project.modules.iter().filter(|(name, _)| for_environment(name));
        if !for_environment(&default.module)
            && let (Some((name, path)), None) = (named.next(), named.next())
        {
            // The package may load it by itself.
            if self.selector_above(project, default, name, environment, variables, has).is_some() {
                return Some(by_default());
            }
            let step = Step::new(Place::start_of(path.clone()), Act::Chooses(name.clone()));
            return Some(Traced::new(Value::Default(name.clone()), vec![step]));
        }
        let for_another = named_in(&default.module).is_some_and(|(told, _)| told != *environment);
        (!for_another).then(by_default)
    }

    /// The folder that a settings module is imported from where no project claims it.
    pub(super) fn root_of(&self, module: &str, context: Option<&RepoPath>) -> Option<RepoPath> {
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

    pub(super) fn evaluate(
        &self,
        service: &str,
        environment: &Environment,
        root: RepoPath,
        module: Traced<String>,
        process: &Process,
        has: &Has,
    ) -> Option<DjangoProcess> {
        let role = role_of_process(process);
        let name = module.value.likely()?.clone();
        let mut key = Evaluation::new(environment, &root, name, &process.variables, has);
        let selection = self.selection(&key, environment);
        let selector = selection.map(|selection| {
            key = selection.evaluation;
            selection.selector
        });
        let settings = self.settings(key.clone());
        let serves = !matches!(role, Some(Role::Worker | Role::Scheduler | Role::Job));
        let selects = selector.as_ref().map(|selector| selector.variable.as_str());
        let without_variables = self.without_variables(&key, &settings, selects);
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
            variables: key.variables,
            without_variables,
            selector,
            serves,
            settings,
        })
    }

    /// What the settings that must fail closed would be if the variables that they read were not set.
    /// The variable that selects a module is told apart.
    fn without_variables(
        &self,
        key: &Evaluation,
        settings: &Settings,
        selects: Option<&str>,
    ) -> BTreeMap<String, Traced<PyValue>> {
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
            // What a platform gives to every process is never missing.
            let provided = |name: &&String| {
                let set = key.variables.set.get(*name);
                set.is_some_and(|traced| traced.trail.iter().any(|step| matches!(step.act, Act::Provides(_))))
            };
            let counts = |name: &&String| !provided(name) && selects != Some(name.as_str());
            let reads: Vec<&String> = reads.into_iter().filter(counts).collect();
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
    pub(super) fn settings(&self, key: Evaluation) -> Arc<Settings> {
        let known = |evaluated: &[(Evaluation, Arc<Settings>)]| {
            let same = |(known, settings): &&(Evaluation, Arc<Settings>)| key.gives_the_same(known, settings);
            evaluated.iter().find(same).map(|(_, settings)| settings.clone())
        };
        if let Some(settings) = known(&self.evaluated.lock().unwrap_or_else(PoisonError::into_inner)) {
            return settings;
        }
        let files = RepositoryFiles { has: Some(&key.has), ..RepositoryFiles::new(self.snapshot, key.development) };
        let mut settings = settings::evaluate(&files, &key.module, &key.roots, &key.variables, key.development);
        let project = self.projects.iter().find(|project| key.roots.first() == Some(&project.root));
        settings.versions = project.map(|project| project.versions).unwrap_or_default();
        let settings = Arc::new(settings);
        self.evaluated.lock().unwrap_or_else(PoisonError::into_inner).push((key, settings.clone()));
        settings
    }
}

/// Whether an image takes a project in; one that does not, such as the proxy's, serves something else.
fn takes(build: &Build, project: &DjangoProject) -> bool {
    let holds = |(context, source): (&RepoPath, &String)| {
        context.join(source.trim_start_matches('/')).is_some_and(|path| project.root.is_under(&path))
    };
    let copies = build.copies().filter(|(_, copy)| copy.from == CopySource::Context);
    let sources = copies.flat_map(|(context, copy)| copy.sources.iter().map(move |source| (context, source)));
    sources.filter_map(|(context, source)| Some((context, source.value.likely()?))).any(holds)
}

/// The process with the class of django-configurations that a flag names, else, where it has none of its own, the one that
/// its entry point falls back to.
fn with_configuration(process: &Process, start: &Start<'_>) -> Option<Process> {
    if let Some(named) = &start.configuration {
        let mut process = process.clone();
        process.variables.set.insert(CONFIGURATION.to_owned(), named.clone());
        return Some(process);
    }
    let default = start.default?;
    let class = default.configuration.as_ref()?;
    let value = match process.variables.lookup(CONFIGURATION) {
        Lookup::Set(_) => return None,
        Lookup::Perhaps(_) => Value::Default(class.value.clone()),
        Lookup::Unset => Value::Known(class.value.clone()),
    };
    let place = Place::new(default.path.clone(), class.span);
    let step = Step::new(place, Act::Sets(CONFIGURATION.to_owned()));
    let mut process = process.clone();
    process.variables.set.insert(CONFIGURATION.to_owned(), Traced::new(value, vec![step]));
    Some(process)
}

/// The process whose entry point reads an env file before Django does anything: that may set whatever is not set.
fn with_env_file(process: &Process, entry: &DefaultModule) -> Option<Process> {
    let place = Place::new(entry.path.clone(), entry.env_file?);
    if process.variables.open.is_some() {
        return None;
    }
    let mut process = process.clone();
    process.variables.open = Some(Opening {
        reason: Reason::MissingFile(".env".to_owned()),
        step: Some(Step::new(place, Act::Loads(".env".to_owned()))),
    });
    Some(process)
}

pub(super) const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";

/// The files that settings can import and open. What git ignores is there for development only.
pub(super) struct RepositoryFiles<'a> {
    snapshot: &'a Snapshot,
    development: bool,
    /// What of the repository the process has; `None` for all of it.
    has: Option<&'a Has>,
}

impl<'a> RepositoryFiles<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, development: bool) -> Self {
        Self { snapshot, development, has: None }
    }

    fn visible(&self, path: &RepoPath) -> bool {
        // Beside the folder that an image is built from, an env file is for Compose alone.
        let mut folders = self.has.iter().flat_map(|has| has.folders()).peekable();
        let inside = folders.peek().is_none() || folders.any(|folder| path.is_under(folder));
        if !inside && self.snapshot.tree().find(path).is_some_and(|entry| entry.kind.is_env()) {
            return false;
        }
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

    fn files_in(&self, folder: &RepoPath) -> Vec<RepoPath> {
        let entries = self.snapshot.tree().entries().iter().map(|entry| &entry.path);
        let here = entries.filter(|path| path.parent().as_ref() == Some(folder) && self.visible(path));
        here.cloned().collect()
    }

    fn ignored_by_git(&self, path: &RepoPath) -> bool {
        self.snapshot.tree().ignores(path)
    }

    fn left_out(&self, path: &RepoPath) -> bool {
        let lacks = self.has.and_then(|has| has.lacks.as_ref());
        !self.development && lacks.is_some_and(|lacks| lacks.lacks(self.snapshot, path))
    }
}
