use crate::findings::{Findings, Severity};
use crate::parse::workflow::{Job, Step};
use crate::project::pipeline::{PipelineUse, Trust, expressions};
use crate::rules::Cx;
use crate::source::{Fragment, Place};

/// Events that anybody can cause and whose runs may use the repository's secrets.
const PRIVILEGED: [&str; 6] =
    ["pull_request_target", "issues", "issue_comment", "discussion", "discussion_comment", "workflow_run"];

/// `workflow/script-injection`
pub fn script_injection(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(workflow) = &pipeline.workflow else { return };
    let privileged = PRIVILEGED.iter().any(|event| pipeline.runs_on(event));
    for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
        for expression in scripts(step).flat_map(expressions).filter(|expression| expression.trust() == Trust::Anybody)
        {
            let finding = findings.report(
                Place::new(pipeline.path.clone(), expression.span),
                format!("`{}` is pasted into a script: what is written there runs as commands", expression.text),
            );
            finding
                .help("put it into `env` of the step and use the variable in quotes: `\"$TITLE\"`")
                .anchor(expression.text.clone());
            // Who only opens a pull request could change the script as well; a quote in a title still breaks it.
            if !privileged {
                finding.at_most(Severity::Warning);
            }
        }
    }
}

/// What a step runs with expressions put in: its script, and that of `actions/github-script`.
fn scripts(step: &Step) -> impl Iterator<Item = &Fragment> {
    let script_action = step.uses.as_ref().is_some_and(|uses| uses.value.starts_with("actions/github-script@"));
    let of_action = step.with.iter().filter(move |pair| script_action && pair.name.value == "script");
    step.run.iter().chain(of_action.map(|pair| &pair.value))
}

/// `workflow/untrusted-checkout`
pub fn untrusted_checkout(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !pipeline.runs_on("pull_request_target") && !pipeline.runs_on("workflow_run") {
        return;
    }
    let jobs = pipeline.workflow.iter().flat_map(|workflow| &workflow.jobs);
    for job in jobs.filter(|job| !only_own_branches(job)) {
        for (at, step) in job.steps.iter().enumerate() {
            let Some(head) = checked_out_head(step) else { continue };
            // What is only looked at, as by an upload or a comparison, runs nothing.
            if !job.steps[at + 1..].iter().any(|later| {
                later.run.is_some() || later.uses.as_ref().is_some_and(|uses| uses.value.starts_with("./"))
            }) {
                continue;
            }
            findings
                .report(
                    Place::new(pipeline.path.clone(), head.span()),
                    format!("job `{}` runs the code of a pull request with this repository's secrets", job.id.value),
                )
                .help("run it on `pull_request`, which has no secrets, and leave to this workflow what needs them")
                .anchor(format!("job {}", job.id.value));
        }
    }
}

/// The `ref` by which a checkout takes the head of a pull request.
fn checked_out_head(step: &Step) -> Option<&Fragment> {
    step.uses.as_ref().filter(|uses| uses.value.starts_with("actions/checkout@"))?;
    let reference = step.with.iter().find(|pair| pair.name.value == "ref")?;
    const HEADS: [&str; 5] = [
        "github.event.pull_request.head.",
        "github.head_ref",
        "refs/pull/",
        "github.event.workflow_run.head_sha",
        "github.event.workflow_run.head_branch",
    ];
    HEADS.iter().any(|head| reference.value.text().contains(head)).then_some(&reference.value)
}

/// Whether a condition leaves forks out.
fn only_own_branches(job: &Job) -> bool {
    job.condition.as_ref().is_some_and(|condition| {
        [
            "head.repo.full_name",
            "head_repository",
            "head.repo.fork",
            "github.actor",
            "event == 'push'",
            "event == 'schedule'",
        ]
        .iter()
        .any(|word| condition.value.contains(word))
    })
}
