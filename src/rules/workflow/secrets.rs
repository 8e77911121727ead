use crate::findings::Findings;
use crate::parse::shell;
use crate::parse::workflow::Step;
use crate::project::command::{docker, script_invocations};
use crate::project::pipeline::{Expression, PipelineUse, expressions};
use crate::project::secrecy::names_secret;
use crate::rules::Cx;
use crate::source::{Fragment, Place};

/// `workflow/secret-in-build-argument`
pub fn secret_in_build_argument(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(workflow) = &pipeline.workflow else { return };
    for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
        let secret = |expression: &Expression| {
            expression.secrets().into_iter().find(|name| names_secret(name)).map(str::to_owned)
        };
        let found = build_arguments(step).into_iter().find_map(|expression| Some((secret(&expression)?, expression)));
        let Some((name, expression)) = found else { continue };
        findings
            .report(
                Place::new(pipeline.path.clone(), expression.span),
                format!("the secret `{name}` goes into the build as an argument, which the image's history shows"),
            )
            .help("hand it over with `--secret` and `RUN --mount=type=secret`, or at run time if the build does not need it")
            .anchor(format!("secret {name}"));
    }
}

/// The expressions in build arguments: those of Docker's own action, and of `docker build`.
fn build_arguments(step: &Step) -> Vec<Expression> {
    let by_action = step.uses.as_ref().is_some_and(|uses| uses.value.starts_with("docker/build-push-action@"));
    let inputs = step.with.iter().filter(|pair| by_action && pair.name.value == "build-args");
    let mut found: Vec<Expression> = inputs.flat_map(|pair| expressions(&pair.value)).collect();
    if let Some(run) = &step.run {
        for build in script_invocations(&shell::parse(run).0).iter().filter_map(|it| docker(it)?.build()) {
            for argument in &build.arguments {
                let text = Fragment::opaque(argument.text(), argument.span);
                found.extend(expressions(&text));
            }
        }
    }
    found
}
