//! The settings that tests load in CI: by the job's variables, which its file shows.

use super::settings::RepositoryFiles;
use crate::parse::shell;
use crate::parse::workflow::{Job, Pair, Step, Workflow};
use crate::project::command::{Invocation, Syntax, django, script_invocations};
use crate::project::deployment::Deployment;
use crate::project::django::DjangoProject;
use crate::project::environment::Variables;
use crate::project::pipeline::TestRun;
use crate::project::settings::{self, PyValue};
use crate::project::value::{Act, Reason, Step as TrailStep, Traced, Value};
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, Snapshot};
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The most jobs whose settings are evaluated.
const MAX_RUNS: usize = 16;

/// The runs of Django's tests in workflows whose settings can be told, sorted by place.
pub fn test_runs(snapshot: &Snapshot, projects: &[DjangoProject]) -> Vec<TestRun> {
    // Which of several projects a job tests, its folder would tell; that is not followed.
    let [project] = projects else { return Vec::new() };
    let mut found = Vec::new();
    for entry in snapshot.files_of(FileKind::Workflow) {
        let Ok(parsed) = snapshot.workflow(&entry.path) else { continue };
        for job in parsed.0.jobs.iter().filter(|job| !writes_variables(job)) {
            let run = job.steps.iter().find_map(|step| of_step(snapshot, project, &entry.path, &parsed.0, job, step));
            found.extend(run);
            if found.len() == MAX_RUNS {
                return found;
            }
        }
    }
    found
}

/// Whether a job sets variables by other means than its file's `env`: env files, `GITHUB_ENV`, actions of its own.
fn writes_variables(job: &Job) -> bool {
    let hidden = |text: &str| text.contains(".env") || text.contains("GITHUB_ENV") || text.contains("export ");
    job.container.is_some()
        || job.steps.iter().any(|step| {
            step.run.as_ref().is_some_and(|run| hidden(run.text()))
                || step.uses.as_ref().is_some_and(|uses| uses.value.starts_with('.') || uses.value.contains("env"))
        })
}

fn of_step(
    snapshot: &Snapshot,
    project: &DjangoProject,
    path: &RepoPath,
    workflow: &Workflow,
    job: &Job,
    step: &Step,
) -> Option<TestRun> {
    let run = step.run.as_ref()?;
    let tests = script_invocations(&shell::parse(run).0).into_iter().find(is_test)?;
    let mut variables = Variables::default();
    let mut set = |name: &str, value: Value<String>, span| {
        let step = TrailStep::new(Place::new(path.clone(), span), Act::Sets(name.to_owned()));
        variables.set.insert(name.to_owned(), Traced::new(value, vec![step]));
    };
    for name in ["CI", "GITHUB_ACTIONS"] {
        set(name, Value::Known("true".to_owned()), job.id.span);
    }
    for Pair { name, value, span } in workflow.env.iter().chain(&job.env).chain(&step.env) {
        let text = value.text().to_owned();
        let outside = || Value::Unknown(Reason::OutsideVariable(name.value.clone()));
        set(name, if text.contains("${{") { outside() } else { Value::Known(text) }, *span);
    }
    for (name, word) in &tests.environment {
        set(
            name,
            word.literal().map_or(Value::Unknown(Reason::Unsupported("a word".to_owned())), Value::Known),
            name.span,
        );
    }
    let module = module(snapshot, project, &tests, &variables)?;
    let mut roots = vec![project.root.clone()];
    roots.extend(std::iter::successors(project.root.parent(), RepoPath::parent));
    let files = RepositoryFiles::new(snapshot, false);
    let settings = settings::evaluate(&files, &module, &roots, &variables, false);
    settings.path.as_ref()?;
    Some(TestRun {
        pipeline: path.clone(),
        job: job.id.value.clone(),
        place: Place::new(path.clone(), tests.words_span()),
        engine: engine(&settings)?,
        module,
    })
}

/// Whether a command runs Django's tests here, not in a container.
fn is_test(invocation: &Invocation) -> bool {
    let runs = django(invocation).is_some_and(|command| command.name.value == "test")
        || matches!(invocation.program.as_str(), "pytest" | "py.test");
    runs && invocation.container().is_none() && invocation.host().is_none()
}

/// The settings module: by a flag, by the variable, by pytest's configuration, by `manage.py`.
fn module(snapshot: &Snapshot, project: &DjangoProject, tests: &Invocation, variables: &Variables) -> Option<String> {
    let flags = tests.flags(&Syntax::valued(&["--settings", "--ds"]));
    if let Some(word) = flags.value(&["--settings", "--ds"]) {
        return word.literal();
    }
    if let Some(traced) = variables.set.get("DJANGO_SETTINGS_MODULE") {
        return traced.value.known().cloned();
    }
    if tests.program.starts_with("py") {
        return in_configuration(snapshot, &project.root).or_else(|| in_configuration(snapshot, &RepoPath::root()));
    }
    project.manage_default().map(|default| default.module.value.clone())
}

/// `DJANGO_SETTINGS_MODULE` in pytest's configuration.
fn in_configuration(snapshot: &Snapshot, folder: &RepoPath) -> Option<String> {
    static SETS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?m)^\s*DJANGO_SETTINGS_MODULE\s*=\s*["']?([\w.]+)"#).expect("the pattern is right")
    });
    ["pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini"].iter().find_map(|name| {
        let source = snapshot.source(&folder.join(name)?).ok()?;
        Some(SETS.captures(&source.text)?[1].to_owned())
    })
}

/// The engines of the default databases of real deployments.
pub fn engines(deployments: &[Deployment]) -> BTreeSet<String> {
    let real = deployments.iter().filter(|deployment| deployment.serves_real_users());
    let settings = real.flat_map(|it| &it.services).filter_map(|service| service.django.as_ref());
    let told = settings.filter_map(|django| engine(&django.settings));
    // SQLite as a fallback is what production does not have.
    let stands = |engine: &Traced<String>| {
        engine.value.known().is_some() || engine.value.likely().is_some_and(|it| !it.contains("lite"))
    };
    told.filter(stands).filter_map(|engine| engine.value.likely().cloned()).collect()
}

/// The engine of the default database, as far as it can be told.
fn engine(settings: &settings::Settings) -> Option<Traced<String>> {
    let databases = settings.effective("DATABASES");
    let entries = databases.value.likely()?.as_dict()?;
    let default = entries.get("default").ok()??;
    let engine = default.value.value.likely()?.as_dict()?.get("ENGINE").ok()??;
    let text = |value: &PyValue| value.as_str().map(str::to_owned);
    let value = match &engine.value.value {
        Value::Known(value) => Value::Known(text(value)?),
        Value::Default(value) => Value::Default(text(value)?),
        _ => return None,
    };
    let mut trail = engine.value.trail.clone();
    trail.extend(engine.place.iter().map(|place| TrailStep::new(place.clone(), Act::Assigns("ENGINE".to_owned()))));
    Some(Traced::new(value, trail))
}
