use crate::findings::{Findings, Severity};
use crate::project::Model;
use crate::project::pipeline::{JobUse, PipelineUse};
use crate::rules::Cx;
use crate::source::Place;

/// `workflow/deploy-without-tests`
pub fn deploy_without_tests(pipeline: &PipelineUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    deploy_after_failed_tests(pipeline, cx.model, findings);
    if !pipeline.runs_on_push() {
        return;
    }
    for (index, job, deploy) in deploys(pipeline) {
        let before = pipeline.before(index);
        if before.iter().any(|index| may_test(cx.model, pipeline, *index)) {
            continue;
        }
        let beside = pipeline.jobs.iter().find(|job| job.tests());
        let elsewhere =
            cx.model.pipelines.iter().find(|other| {
                other.path != pipeline.path && other.runs_on_push() && other.jobs.iter().any(JobUse::tests)
            });
        let (tests, message) = match (beside, elsewhere) {
            (Some(tests), _) => {
                (tests, format!("job `{}` deploys without waiting for the tests of job `{}`", job.id, tests.id))
            }
            (None, Some(other)) => {
                let Some(tests) = other.jobs.iter().find(|job| job.tests()) else { continue };
                let name = other.path.file_name();
                (tests, format!("job `{}` deploys each push, while `{name}` still tests it", job.id))
            }
            (None, None) => continue,
        };
        let finding = findings.report(deploy.clone(), message);
        let help = match beside {
            Some(tests) => format!("give it `needs: {}`", tests.id),
            None => {
                "put both in one workflow, with `needs`, or start it by `workflow_run` and ask for success".to_owned()
            }
        };
        finding.help(help).anchor(format!("job {}", job.id));
        if let Some(check) = tests.checks.first() {
            finding.related(check.place.clone(), "tests");
        }
        // Whether pull requests are tested before they may be merged, no file says.
        if elsewhere.is_some_and(|other| beside.is_none() && other.runs_on("pull_request")) {
            finding.at_most(Severity::Note);
        }
    }
}

/// A workflow that the end of another starts is started by its failure, too.
fn deploy_after_failed_tests(pipeline: &PipelineUse, model: &Model, findings: &mut Findings<'_>) {
    let Some(workflow) = pipeline.workflow.as_ref().filter(|_| !pipeline.asks_for_conclusion()) else { return };
    let [name] = workflow.after.as_slice() else { return };
    let is_meant = |other: &&PipelineUse| {
        let called = other.workflow.as_ref().and_then(|workflow| workflow.name.as_ref());
        called.is_some_and(|called| called.value == name.value)
    };
    let tests = model.pipelines.iter().find(is_meant).and_then(|other| other.jobs.iter().find(|job| job.tests()));
    let Some(check) = tests.and_then(|job| job.checks.first()) else { return };
    for (index, job, deploy) in deploys(pipeline) {
        if !pipeline.before(index).iter().any(|index| may_test(model, pipeline, *index)) {
            findings
                .report(
                    deploy.clone(),
                    format!("job `{}` deploys when `{}` is over, be it with failed tests", job.id, name.value),
                )
                .help("ask how it ended: `if: github.event.workflow_run.conclusion == 'success'`")
                .anchor(format!("job {}", job.id))
                .related(check.place.clone(), "tests");
        }
    }
}

/// `workflow/deploy-without-concurrency`
pub fn deploy_without_concurrency(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(workflow) = pipeline.workflow.as_ref().filter(|workflow| !workflow.concurrency) else { return };
    if !pipeline.runs_on_push() {
        return;
    }
    let apart = |index: usize| workflow.jobs.get(index).is_some_and(|job| job.concurrency);
    // One line on the workflow mends all of its jobs.
    let Some((_, job, deploy)) = deploys(pipeline).find(|(index, ..)| !apart(*index)) else { return };
    findings
        .report(deploy.clone(), format!("two pushes run job `{}` at once, and both deploy", job.id))
        .help("add `concurrency: {group: deploy, cancel-in-progress: false}`")
        .anchor(format!("job {}", job.id));
}

/// The jobs that deploy on a push. Those with a condition may not: on tags alone, by hand.
fn deploys(pipeline: &PipelineUse) -> impl Iterator<Item = (usize, &JobUse, &Place)> {
    let by_hand = |index: usize| {
        let condition = pipeline.workflow.as_ref().and_then(|workflow| workflow.jobs.get(index)?.condition.as_ref());
        condition.is_some_and(|condition| {
            ["refs/tags", "workflow_dispatch", "release", "ref_type", "inputs."]
                .iter()
                .any(|word| condition.value.contains(word))
        })
    };
    let jobs = pipeline.jobs.iter().enumerate().filter(move |(index, _)| !by_hand(*index));
    jobs.filter_map(|(index, job)| Some((index, job, job.deploys.as_ref()?)))
}

/// Whether a job tests, or may: of a workflow of this repository that it calls, the same is asked.
fn may_test(model: &Model, pipeline: &PipelineUse, index: usize) -> bool {
    let Some(job) = pipeline.jobs.get(index) else { return true };
    let called = pipeline.workflow.as_ref().and_then(|workflow| workflow.jobs.get(index)?.uses.as_ref());
    let local = called.and_then(|uses| uses.value.strip_prefix("./"));
    match local.and_then(|path| model.pipelines.iter().find(|other| other.path.as_str() == path)) {
        Some(other) => other.jobs.iter().any(|job| job.tests() || job.opaque),
        None => job.tests() || job.opaque,
    }
}
