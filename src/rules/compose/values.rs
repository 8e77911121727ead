use crate::findings::Findings;
use crate::project::compose::{Command, Interpolated, Operator};
use crate::project::deployment::{Deployment, Service};
use crate::project::value::Value;
use crate::rules::Cx;
use crate::source::Place;
use std::collections::BTreeSet;

/// `compose/value-read-as-number`
pub fn value_read_as_number(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(stack) = &deployment.stack else { return };
    let mut told = BTreeSet::new();
    for service in deployment.services_by_place() {
        let Some(merged) = &service.compose else { continue };
        for misread in stack.misread(merged, &cx.model.snapshot) {
            // An anchor is written once, however many services take it.
            if told.insert(misread.place.clone()) {
                let (name, written) = (&misread.name, &misread.written);
                findings
                    .report(
                        misread.place,
                        format!("YAML reads the `{written}` of `{name}` as a number, which is printed otherwise"),
                    )
                    .help(format!("put it into quotes: `\"{written}\"`"))
                    .anchor(format!("variable {name}"));
            }
        }
    }
}

/// `compose/container-variable-interpolated`
pub fn container_variable_interpolated(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Some(merged), Some(deployment)) = (&service.compose, cx.deployment) else { return };
    let test = merged.healthcheck.as_ref().and_then(|check| check.value.test.as_ref());
    let commands = [test, merged.command.as_ref(), merged.entrypoint.as_ref()];
    for command in commands.into_iter().flatten() {
        let texts: Vec<&Interpolated> = match &command.value {
            Command::Line(text) => vec![text],
            Command::Words(words) => words.iter().collect(),
        };
        let uses = texts.iter().flat_map(|text| text.variables.iter().map(move |used| (*text, used)));
        let eaten = uses.into_iter().find(|(text, used)| {
            used.operator == Operator::Plain
                && matches!(text.traced.value, Value::Unknown(_) | Value::Default(_))
                && is_own(service, &used.name)
                && !is_given(deployment, cx, &used.name)
        });
        let Some((_, used)) = eaten else { continue };
        let name = &used.name;
        findings
            .report(
                Place::new(command.place.path.clone(), used.span),
                format!("Compose fills in `{name}` here, and only the container of `{}` has it", service.name),
            )
            .help(format!("write `$${name}`, so that the shell in the container fills it in"))
            .anchor(format!("variable {name}"));
    }
}

/// Whether the container surely gets the variable by the compose file or its image.
fn is_own(service: &Service, name: &str) -> bool {
    let by_file = service.compose.as_ref().and_then(|merged| merged.variable(name)).is_some_and(|variable| {
        let value = &variable.value;
        !value.passed_on && value.value.variables.is_empty() && value.value.known().is_some()
    });
    let by_image = service.build.as_ref().is_some_and(|build| build.image.environment.contains_key(name));
    by_file || by_image
}

/// Whether somebody means to give the variable to Compose itself: it is filled in elsewhere in the stack, or an example of
/// an env file lists it.
fn is_given(deployment: &Deployment, cx: &Cx<'_>, name: &str) -> bool {
    let templates =
        || cx.model.env_templates.iter().any(|it| it.file.entries.iter().any(|entry| entry.key.value == name));
    let elsewhere = || {
        let services = deployment.services.iter().filter_map(|service| service.compose.as_ref());
        services.flat_map(|merged| &merged.environment).any(|variable| {
            let value = &variable.value;
            (value.passed_on && value.name == name) || value.value.variables.iter().any(|used| used.name == name)
        })
    };
    templates() || elsewhere()
}
