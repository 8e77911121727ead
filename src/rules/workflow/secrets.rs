use crate::findings::Findings;
use crate::parse::shell::{self, Command, Word, WordPart};
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

/// `workflow/secret-printed`
pub fn secret_printed(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let jobs = pipeline.workflow.iter().flat_map(|workflow| &workflow.jobs);
    for run in jobs.flat_map(|job| &job.steps).filter_map(|step| step.run.as_ref()) {
        for command in shell::parse(run).0.commands.iter().filter(|command| prints(command)) {
            let Some(name) = command.words.iter().find_map(secret_in) else { continue };
            findings
                .report(
                    Place::new(pipeline.path.clone(), command.span),
                    format!("the secret `{name}` is printed to the log of the run"),
                )
                .help("take the line out; to see whether a secret is set, test for empty text: `test -n \"$TOKEN\"`")
                .anchor(format!("secret {name}"));
        }
    }
}

/// Whether what a command prints ends in the log: nothing takes it further.
fn prints(command: &Command) -> bool {
    let redirected = !command.redirects.is_empty() || !command.group_redirects.is_empty();
    let piped = command.pipeline.is_some_and(|position| position.is_piped());
    matches!(command.name().as_deref(), Some("echo" | "printf")) && !redirected && !piped
}

/// The secret that a word puts in by an expression of its own.
fn secret_in(word: &Word) -> Option<String> {
    word.parts.iter().find_map(|part| match part {
        WordPart::Expression(text) if !text.contains(['=', '!', '(']) => {
            text.strip_prefix("secrets.").filter(|name| names_secret(name)).map(str::to_owned)
        }
        _ => None,
    })
}
