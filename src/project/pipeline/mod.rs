//! Pipelines: what the jobs of CI check, and which of them deploy.

mod actions;
mod expressions;
mod purpose;

pub use actions::{Action, Pin};
pub use expressions::{Expression, Trust, expressions};
pub use purpose::CheckKind;

use super::command::script_invocations;
use super::value::Traced;
use crate::parse::gitlab_ci::{self, Pipeline};
use crate::parse::shell;
use crate::parse::workflow::{Job, Step, Switch, Workflow};
use crate::source::{Fragment, Place, RepoPath};
use crate::tree::{FileKind, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A file that tells CI what to do.
#[derive(Clone, Debug)]
pub struct PipelineUse {
    /// The file.
    pub path: RepoPath,
    /// Its syntax, where it is a workflow of GitHub Actions.
    pub workflow: Option<Arc<Workflow>>,
    /// Its jobs, in order; of a workflow at the same indices as in its syntax.
    pub jobs: Vec<JobUse>,
}

/// A job of CI.
#[derive(Clone, Debug)]
pub struct JobUse {
    /// Its id.
    pub id: String,
    /// What it checks, in order.
    pub checks: Vec<Check>,
    /// The command or action by which it deploys.
    pub deploys: Option<Place>,
    /// Whether it may check more than can be told: it runs scripts, recipes or workflows that are not read here.
    pub opaque: bool,
}

/// A command or action that is there to fail.
#[derive(Clone, Debug)]
pub struct Check {
    /// What it looks for.
    pub kind: CheckKind,
    /// The command or action, as written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// What takes its failure away, where something does.
    pub ignored: Option<Ignored>,
}

/// Why a failed check stops nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// In words: `continue-on-error`, `|| …`, `allow_failure`.
    pub by: &'static str,
    /// Where that stands.
    pub place: Place,
}

/// A run of Django's tests whose settings can be told.
#[derive(Clone, Debug)]
pub struct TestRun {
    /// The file of the pipeline.
    pub pipeline: RepoPath,
    /// The job's id.
    pub job: String,
    /// The command.
    pub place: Place,
    /// The settings module that it loads, dotted.
    pub module: String,
    /// The engine of its default database.
    pub engine: Traced<String>,
}

impl JobUse {
    /// Whether it runs tests.
    pub fn tests(&self) -> bool {
        self.checks.iter().any(|check| check.kind == CheckKind::Tests)
    }
}

impl PipelineUse {
    /// The jobs that job `index` waits for, at any distance, itself included.
    pub fn before(&self, index: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([index]);
        let Some(workflow) = &self.workflow else { return found };
        let mut pending = vec![index];
        while let Some(job) = pending.pop().and_then(|index| workflow.jobs.get(index)) {
            for need in &job.needs {
                let needed = workflow.jobs.iter().position(|job| job.id.value == need.value);
                pending.extend(needed.filter(|needed| found.insert(*needed)));
            }
        }
        found
    }

    /// Whether pushes to a branch start it.
    pub fn runs_on_push(&self) -> bool {
        self.workflow.as_ref().is_some_and(|workflow| has_trigger(workflow, "push") && !workflow.tags_only)
    }

    /// Whether something in it asks how the workflow ended that starts it: a condition, a script, an input.
    pub fn asks_for_conclusion(&self) -> bool {
        self.workflow.iter().flat_map(|workflow| &workflow.jobs).any(|job| {
            let conditions = job.steps.iter().map(|step| &step.condition).chain([&job.condition]).flatten();
            let scripts = job.steps.iter().filter_map(|step| step.run.as_ref());
            let given =
                job.steps.iter().flat_map(|step| step.with.iter().chain(&step.env)).chain(&job.with).chain(&job.env);
            let asks = |text: &str| text.contains("conclusion") || text.contains("toJSON(github");
            conditions.map(|condition| condition.value.as_str()).any(asks)
                || scripts.chain(given.map(|pair| &pair.value)).any(|text| asks(text.text()))
        })
    }

    /// Whether `event` starts it.
    pub fn runs_on(&self, event: &str) -> bool {
        self.workflow.as_ref().is_some_and(|workflow| has_trigger(workflow, event))
    }
}

fn has_trigger(workflow: &Workflow, event: &str) -> bool {
    workflow.triggers.iter().any(|trigger| trigger.value == event)
}

/// The pipelines of a repository, sorted by path.
pub fn find(snapshot: &Snapshot) -> Vec<PipelineUse> {
    let mut found: Vec<PipelineUse> = Vec::new();
    for entry in snapshot.files_of(FileKind::Workflow) {
        let Ok(parsed) = snapshot.workflow(&entry.path) else { continue };
        let jobs = parsed.0.jobs.iter().map(|job| of_job(&entry.path, job)).collect();
        found.push(PipelineUse { path: entry.path.clone(), workflow: Some(parsed.0.clone()), jobs });
    }
    for entry in snapshot.files_of(FileKind::GitlabCi) {
        let Ok(parsed) = snapshot.gitlab_ci(&entry.path) else { continue };
        let jobs = parsed.0.jobs.iter().filter(|job| !job.is_template());
        let jobs = jobs.map(|job| of_gitlab_job(&entry.path, &parsed.0, job)).collect();
        found.push(PipelineUse { path: entry.path.clone(), workflow: None, jobs });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn of_job(path: &RepoPath, job: &Job) -> JobUse {
    let mut found = JobUse { id: job.id.value.clone(), checks: Vec::new(), deploys: None, opaque: job.uses.is_some() };
    let place = |span| Place::new(path.clone(), span);
    let on = |switch: &Option<crate::source::Spanned<Switch>>| {
        let switch = switch.as_ref().filter(|switch| switch.value == Switch::On)?;
        Some(Ignored { by: "continue-on-error", place: place(switch.span) })
    };
    let own_machine = job.runs_on.iter().any(|label| label.value == "self-hosted");
    for step in &job.steps {
        let by_step =
            on(&step.continue_on_error).filter(|_| !outcome_is_asked(job, step)).or_else(|| on(&job.continue_on_error));
        if let Some(run) = &step.run {
            read_script(path, run, by_step.as_ref(), own_machine, &mut found);
        }
        let Some(uses) = &step.uses else { continue };
        let action = Action::read(uses);
        if let Some(kind) = action.as_ref().and_then(Action::check) {
            let text = action.as_ref().map(|action| action.name.clone()).unwrap_or_default();
            found.checks.push(Check { kind, text, place: place(uses.span), ignored: by_step });
        }
        if action.as_ref().is_some_and(Action::deploys) {
            found.deploys.get_or_insert(place(uses.span));
        }
        found.opaque |= uses.value.starts_with("./") || uses.value.starts_with("docker://");
    }
    found
}

/// Whether a later step looks at how `step` ended, and may fail then.
fn outcome_is_asked(job: &Job, step: &Step) -> bool {
    let Some(id) = &step.id else { return false };
    let wanted = format!("steps.{}.", id.value);
    job.steps.iter().any(|other| {
        let asks = |text: &str| text.contains(&wanted);
        other.condition.as_ref().is_some_and(|it| asks(it)) || other.run.as_ref().is_some_and(|it| asks(it.text()))
    })
}

fn of_gitlab_job(path: &RepoPath, pipeline: &Pipeline, job: &gitlab_ci::Job) -> JobUse {
    let mut found = JobUse { id: job.name.value.clone(), checks: Vec::new(), deploys: None, opaque: false };
    let manual = pipeline.inherited(job, |job| job.when.as_ref()).is_some_and(|when| when.value == "manual");
    let allowed =
        pipeline.inherited(job, |job| job.allow_failure.as_ref()).filter(|it| it.value == Switch::On && !manual);
    let ignored = allowed.map(|it| Ignored { by: "allow_failure", place: Place::new(path.clone(), it.span) });
    let script = pipeline.inherited(job, |job| job.script.as_ref());
    for line in script.into_iter().flat_map(|script| &script.lines) {
        read_script(path, line, ignored.as_ref(), false, &mut found);
    }
    found
}

/// What a script checks and deploys.
fn read_script(path: &RepoPath, script: &Fragment, ignored: Option<&Ignored>, own_machine: bool, job: &mut JobUse) {
    for invocation in script_invocations(&shell::parse(script).0) {
        let place = Place::new(path.clone(), invocation.words_span());
        if let Some(kind) = purpose::check(&invocation) {
            let by_shell = invocation.failure_ignored.then(|| Ignored { by: "|| …", place: place.clone() });
            let ignored = by_shell.or_else(|| ignored.cloned());
            job.checks.push(Check { kind, text: invocation.text(), place: place.clone(), ignored });
        }
        if purpose::deploys(&invocation, own_machine) {
            job.deploys.get_or_insert(place);
        }
        job.opaque |= purpose::is_opaque(&invocation);
    }
}
