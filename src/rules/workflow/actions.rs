use crate::findings::Findings;
use crate::project::pipeline::{Action, Pin, PipelineUse};
use crate::rules::Cx;
use crate::source::{Place, Span};
use std::collections::BTreeMap;

/// `workflow/action-on-branch`
pub fn action_on_branch(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (action, span) in third_party(pipeline, Pin::Branch) {
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
pub fn action_by_tag(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (action, span) in third_party(pipeline, Pin::Tag) {
        findings
            .report(
                Place::new(pipeline.path.clone(), span),
                format!("`{}` is taken by the tag `{}`, which its owner can move", action.name, action.reference),
            )
            .help("name the tag's commit, with the tag in a comment: `@<40 digits> # v3.1.0`")
            .anchor(format!("action {}", action.name));
    }
}

/// The actions of others that are chosen this way, each where it is first named.
fn third_party(pipeline: &PipelineUse, pin: Pin) -> Vec<(Action, Span)> {
    let mut found: BTreeMap<String, (Action, Span)> = BTreeMap::new();
    let steps = pipeline.workflow.iter().flat_map(|workflow| &workflow.jobs).flat_map(|job| &job.steps);
    for uses in steps.filter_map(|step| step.uses.as_ref()) {
        let Some(action) = Action::read(uses).filter(|action| !action.is_githubs_own() && action.pin() == pin) else {
            continue;
        };
        found.entry(uses.value.clone()).or_insert((action, uses.span));
    }
    found.into_values().collect()
}
