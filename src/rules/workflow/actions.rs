use crate::findings::Findings;
use crate::project::pipeline::{Action, Pin, PipelineUse};
use crate::rules::Cx;
use crate::source::{Place, Span, Spanned};
use std::collections::BTreeSet;

/// `workflow/action-on-branch`
pub fn action_on_branch(pipeline: &PipelineUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (action, span) in third_party(pipeline, cx, Pin::Branch) {
        findings
            .report(
                Place::new(pipeline.path.clone(), span),
                format!(
                    "`{}` is taken from the branch `{}`: whatever is pushed there runs here",
                    action.name, action.reference
                ),
            )
            .help("name the commit of a release, with the release in a comment")
            .anchor(format!("action {}", action.name));
    }
}

/// `workflow/action-by-tag`
pub fn action_by_tag(pipeline: &PipelineUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (action, span) in third_party(pipeline, cx, Pin::Tag) {
        findings
            .report(
                Place::new(pipeline.path.clone(), span),
                format!("`{}` is taken by the tag `{}`, which its owner can move", action.name, action.reference),
            )
            .help("name the tag's commit, with the tag in a comment: `@<40 digits> # v3.1.0`")
            .anchor(format!("action {}", action.name));
    }
}

/// The actions of others that are chosen this way, each where it is first named in the repository.
fn third_party(pipeline: &PipelineUse, cx: &Cx<'_>, pin: Pin) -> Vec<(Action, Span)> {
    let before = cx.model.pipelines.iter().take_while(|other| other.path != pipeline.path);
    let mut known: BTreeSet<&str> = before.flat_map(uses).map(|uses| uses.value.as_str()).collect();
    let chosen = |action: &Action| !action.is_githubs_own() && action.pin() == pin;
    let first = uses(pipeline).filter(|uses| known.insert(&uses.value));
    first.filter_map(|uses| Some((Action::read(uses).filter(chosen)?, uses.span))).collect()
}

fn uses(pipeline: &PipelineUse) -> impl Iterator<Item = &Spanned<String>> {
    let jobs = pipeline.workflow.iter().flat_map(|workflow| &workflow.jobs);
    jobs.flat_map(|job| &job.steps).filter_map(|step| step.uses.as_ref())
}
