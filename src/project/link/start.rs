//! What the commands of a process say about it: its role, and how it comes to Django.

use crate::parse::shell::Word;
use crate::project::command::{AppServer, CeleryRole, Invocation, ServerKind, app_server, celery, django};
use crate::project::django::{DefaultModule, DjangoProject};
use crate::project::process::{Process, Run};
use crate::project::role::Role;
use crate::project::value::{Act, Step, Traced};
use crate::source::RepoPath;
use crate::tree::Snapshot;

/// How a process comes to Django.
pub(super) struct Start<'p> {
    /// The project that it belongs to.
    pub project: &'p DjangoProject,
    /// What its entry point falls back to.
    pub default: Option<&'p DefaultModule>,
    /// What a flag says: `--settings`.
    pub named: Option<Traced<String>>,
    /// The class of django-configurations that a flag names.
    pub configuration: Option<Traced<String>>,
}

/// Looks for the last command that loads Django: what an entrypoint script starts at its end is what stays.
pub(super) fn starts_django<'p>(
    snapshot: &Snapshot,
    process: &Process,
    projects: &[&'p DjangoProject],
) -> Option<Start<'p>> {
    for run in process.runs.iter().rev().filter(|run| run.happens.likely() != Some(&false)) {
        let found = if let Some(command) = django(&run.invocation) {
            let chosen = |word: Option<&Word>| {
                let text = word?.literal()?;
                Some(Traced::known(text.clone(), Step::new(run.place(), Act::Chooses(text))))
            };
            let named = chosen(command.settings.as_ref());
            projects.iter().find(|project| project.manage.is_some()).or(projects.first()).map(|project| Start {
                project,
                default: project.manage_default(),
                named,
                configuration: chosen(command.configuration.as_ref()),
            })
        } else if let Some(server) = app_server(&run.invocation) {
            let in_file = || run.uwsgi.as_ref()?.value(&["module", "wsgi"]).map(str::to_owned);
            let module = server
                .application
                .as_ref()
                .and_then(|word| word.literal())
                .or_else(in_file)
                .map(|text| text.split(':').next().unwrap_or("").to_owned());
            let named = settings_of_server(&server, run);
            by_module(snapshot, projects, module.as_deref(), |project| project.serving_default())
                .map(|start| Start { named, ..start })
        } else if let Some(worker) = celery(&run.invocation) {
            let module = worker
                .app
                .as_ref()
                .and_then(|word| word.literal())
                .map(|text| text.split(':').next().unwrap_or("").to_owned());
            let inner = module.as_ref().map(|module| format!("{module}.celery"));
            by_module(snapshot, projects, inner.as_deref(), |_| None)
                .filter(|start| start.default.is_some())
                .or_else(|| by_module(snapshot, projects, module.as_deref(), |project| project.serving_default()))
        } else {
            None
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether all that a process runs are Python files of the repository that do not speak of Django: it loads no settings,
/// whatever its variables name.
pub(super) fn is_plain_python(snapshot: &Snapshot, process: &Process) -> bool {
    let plain = |run: &Run| {
        let source = run.python_file.as_ref().and_then(|path| snapshot.source(path).ok());
        source.is_some_and(|source| !source.text.to_ascii_lowercase().contains("django"))
    };
    let mut runs = process.runs.iter().filter(|run| run.does_something()).peekable();
    process.maybe_more.is_none() && runs.peek().is_some() && runs.all(plain)
}

/// The settings module that gunicorn is told to put into its environment: `--env DJANGO_SETTINGS_MODULE=…`.
fn settings_of_server(server: &AppServer, run: &Run) -> Option<Traced<String>> {
    if let Some((module, place)) = run.uwsgi.as_ref().and_then(|uwsgi| uwsgi.settings_module()) {
        let step = Step::new(place.clone(), Act::Chooses(module.to_owned()));
        return Some(Traced::known(module.to_owned(), step));
    }
    let flags = server.flags.flags.iter().rev();
    let mut set =
        flags.filter(|flag| server.kind == ServerKind::Gunicorn && matches!(flag.name.as_str(), "-e" | "--env"));
    let module = set.find_map(|flag| flag.value.as_ref()?.strip_prefix("DJANGO_SETTINGS_MODULE=")?.literal())?;
    let step = Step::new(run.place(), Act::Chooses(module.clone()));
    Some(Traced::known(module, step))
}

/// The project that has the entry point `module`, else the first that the module can be imported in.
fn by_module<'p>(
    snapshot: &Snapshot,
    projects: &[&'p DjangoProject],
    module: Option<&str>,
    otherwise: impl Fn(&'p DjangoProject) -> Option<&'p DefaultModule>,
) -> Option<Start<'p>> {
    let owner = projects.iter().copied().find_map(|project| {
        let default = project.default_of(module?)?;
        Some(Start { project, default: Some(default), named: None, configuration: None })
    });
    owner.or_else(|| {
        let project =
            projects.iter().copied().find(|project| module.is_none_or(|it| can_import(snapshot, project, it)))?;
        Some(Start { project, default: otherwise(project), named: None, configuration: None })
    })
}

/// Whether the first part of a module's name is found beside a project's own or above; other programs of the repository,
/// such as a small service in a folder of its own, have modules too.
fn can_import(snapshot: &Snapshot, project: &DjangoProject, module: &str) -> bool {
    let first = module.split('.').next().unwrap_or(module);
    let found = |folder: RepoPath| {
        let here =
            |name: &str| folder.join(name).is_some_and(|path| snapshot.exists(&path) || snapshot.tree().is_dir(&path));
        here(first) || here(&format!("{first}.py"))
    };
    std::iter::successors(Some(project.root.clone()), RepoPath::parent).any(found)
}

/// Whether a process runs Django, or a server that may serve it.
pub(super) fn runs_django(process: &Process) -> bool {
    process.runs.iter().any(|run| django(&run.invocation).is_some() || app_server(&run.invocation).is_some())
}

/// What the last command that says anything makes of a process; of servers of which nobody knows whether they run, all
/// have to agree.
pub(super) fn role_of_process(process: &Process) -> Option<Role> {
    // A supervisor starts all that it has side by side; the server is what others ask for.
    let may_serve = |run: &Run| run.happens.likely() != Some(&false) && app_server(&run.invocation).is_some();
    if !process.supervised.is_empty() && process.runs.iter().any(may_serve) {
        return Some(Role::Web);
    }
    let roles = |runs: Option<bool>| {
        let wanted = process.runs.iter().rev().filter(move |run| run.happens.likely().copied() == runs);
        wanted.filter_map(role_of_run)
    };
    let certain = roles(Some(true)).next();
    let mut perhaps = roles(None).filter(|role| *role != Role::Job);
    match (certain, perhaps.next()) {
        (None | Some(Role::Job), Some(first)) if perhaps.all(|role| role == first) => Some(first),
        _ => certain,
    }
}

fn role_of_run(run: &Run) -> Option<Role> {
    let other = || celery(&run.invocation).is_some() || (run.main && django(&run.invocation).is_some());
    run.invocation.lasting_role().or_else(|| other().then_some(Role::Job))
}

impl Invocation {
    /// The part that the program plays which this starts, where it is one that stays: a server, a worker, a scheduler.
    pub fn lasting_role(&self) -> Option<Role> {
        if app_server(self).is_some() {
            return Some(Role::Web);
        }
        match celery(self).map(|celery| celery.role) {
            Some(CeleryRole::Worker) => Some(Role::Worker),
            Some(CeleryRole::Beat) => Some(Role::Scheduler),
            Some(CeleryRole::Flower) => Some(Role::AdminTool),
            Some(CeleryRole::Other(_)) => None,
            None => queue(self),
        }
    }
}

/// The role of a worker or a scheduler of another task queue than Celery, or of cron.
fn queue(invocation: &Invocation) -> Option<Role> {
    if let Some(command) = django(invocation) {
        let first = command.arguments().first();
        return match command.name.as_str() {
            "rqworker" | "rqworker-pool" | "qcluster" | "run_huey" | "djangohuey" | "rundramatiq" | "process_tasks"
            | "db_worker" | "runworker" => Some(Role::Worker),
            "procrastinate" if first.is_some_and(|word| word.is("worker")) => Some(Role::Worker),
            "rqscheduler" | "rqcron" | "runapscheduler" => Some(Role::Scheduler),
            _ => None,
        };
    }
    let first = invocation.arguments().iter().find(|word| !word.text().starts_with('-'));
    let is_first = |name: &str| first.is_some_and(|word| word.is(name));
    match invocation.program.trim_end_matches(".py") {
        "rqworker" | "dramatiq" | "arq" | "huey_consumer" => Some(Role::Worker),
        "rq" if is_first("worker") || is_first("worker-pool") => Some(Role::Worker),
        "taskiq" | "procrastinate" if is_first("worker") => Some(Role::Worker),
        "taskiq" if is_first("scheduler") => Some(Role::Scheduler),
        "rqscheduler" | "supercronic" => Some(Role::Scheduler),
        // In the background it is mostly one program of several.
        "crond" | "cron" if invocation.arguments().iter().any(|word| word.is("-f")) => Some(Role::Scheduler),
        _ => None,
    }
}

/// What the container's own program makes of a service that nothing else tells of.
pub(super) fn role_of_program(process: &Process) -> Option<Role> {
    let own = process.runs.iter().rev().find(|run| run.main && run.happens.likely() != Some(&false))?;
    match own.invocation.program.as_str() {
        "postgres" | "mysqld" | "mariadbd" | "mongod" => Some(Role::Database),
        "redis-server" | "valkey-server" | "keydb-server" | "memcached" => Some(Role::Cache),
        "rabbitmq-server" | "nats-server" => Some(Role::Broker),
        "nginx" | "caddy" | "traefik" | "haproxy" | "httpd" | "apache2ctl" | "apache2-foreground" => Some(Role::Proxy),
        "minio" => Some(Role::ObjectStore),
        _ => None,
    }
}

#[cfg(test)]
#[path = "start_tests.rs"]
mod tests;
