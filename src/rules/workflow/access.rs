use crate::findings::Findings;
use crate::project::pipeline::PipelineUse;
use crate::rules::Cx;
use crate::source::{Place, Span};

/// `workflow/permissions-write-all`
pub fn permissions_write_all(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(workflow) = &pipeline.workflow else { return };
    let of_jobs = workflow.jobs.iter().map(|job| job.permissions.as_ref());
    for all in
        of_jobs.chain([workflow.permissions.as_ref()]).flatten().filter_map(|permissions| permissions.all.as_ref())
    {
        if all.value == "write-all" {
            findings
                .report(all.place(&pipeline.path), "every step may change all of the repository")
                .help("give the scopes that are needed: `permissions: {contents: read}`, and more in the job that needs it")
                .anchor("permissions");
        }
    }
}

/// `workflow/permissions-unset`
pub fn permissions_unset(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(workflow) = pipeline.workflow.as_ref().filter(|workflow| workflow.permissions.is_none()) else { return };
    let Some(job) = workflow.jobs.iter().find(|job| job.permissions.is_none()) else { return };
    findings
        .report(job.id.place(&pipeline.path), format!("nothing says what the token of job `{}` may do", job.id.value))
        .help("begin the workflow with `permissions: {contents: read}`")
        .anchor("permissions");
}

/// `workflow/host-key-unchecked`
pub fn host_key_unchecked(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(workflow) = &pipeline.workflow else { return };
    for job in &workflow.jobs {
        let found = job.steps.iter().filter_map(|step| step.run.as_ref()).find_map(|run| {
            let at = unchecked(run.text())?;
            Some(run.to_file(at))
        });
        let Some(span) = found else { continue };
        findings
            .report(
                Place::new(pipeline.path.clone(), span),
                format!("job `{}` logs in to whatever machine answers: the host key is not checked", job.id.value),
            )
            .help("keep the server's public key as a secret and write it to `~/.ssh/known_hosts`")
            .anchor(format!("job {}", job.id.value));
    }
}

/// Where a script switches the check off, outside of comments.
fn unchecked(script: &str) -> Option<Span> {
    const OFF: [&str; 3] = ["StrictHostKeyChecking=no", "StrictHostKeyChecking no", "StrictHostKeyChecking=off"];
    let mut at = 0;
    for line in script.split_inclusive('\n') {
        let found =
            OFF.iter().find_map(|off| line.find(off).map(|start| Span::new(at + start, at + start + off.len())));
        if found.is_some() && !line.trim_start().starts_with('#') {
            return found;
        }
        at += line.len();
    }
    None
}
