use crate::findings::Findings;
use crate::project::deployment::Service;
use crate::project::secrecy::credentials::Written;
use crate::rules::Cx;

/// `compose/database-password-literal`
pub fn database_password_literal(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    report(service, Written::Literal, "stands in the compose file", findings);
}

/// `compose/database-password-fallback`
pub fn database_password_fallback(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    report(service, Written::Fallback, "falls back to one that stands in the compose file", findings);
}

fn report(service: &Service, how: Written, says: &str, findings: &mut Findings<'_>) {
    let mut passwords =
        service.written_passwords().filter(|(_, written)| *written == how).map(|(variable, _)| variable);
    let Some(first) = passwords.next() else { return };
    let name = &first.value.name;
    let finding = findings
        .report(first.entry(), format!("`{name}` of `{}` {says}", service.name))
        .help(format!("take it from the environment and refuse to start without: `${{{name}:?}}`"))
        .anchor(format!("service {}", service.name));
    for other in passwords {
        finding.related(other.entry(), format!("and `{}`", other.value.name));
    }
}

/// `compose/database-password-missing`
pub fn database_password_missing(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Some(variable), Some(image)) = (service.lacks_first_password(), &service.image) else { return };
    findings
        .report(
            image.place.clone(),
            format!("the database `{}` does not start on an empty volume: `{variable}` is not set", service.name),
        )
        .help(format!("add `environment: {{{variable}: ${{{variable}:?}}}}`"))
        .anchor(format!("service {}", service.name));
}

/// `compose/database-without-password`
pub fn database_without_password(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for variable in service.openings() {
        let name = &variable.value.name;
        findings
            .report(variable.entry(), format!("by `{name}`, `{}` lets everybody in without a password", service.name))
            .help("take it away and set a password")
            .anchor(format!("service {}", service.name));
    }
    if let Some(line) = service.trusting_line(&cx.model.snapshot) {
        findings
            .report(line, format!("by this line, `{}` lets others in without a password", service.name))
            .help("write `scram-sha-256` for `trust`")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/dollar-in-secret`
pub fn dollar_in_secret(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for cut in service.cut_passwords() {
        findings
            .report(
                cut.place,
                format!(
                    "Compose takes a part of `{}` that begins with `$` for a variable, and leaves it out",
                    cut.name
                ),
            )
            .help(format!("write the dollar of `{}` twice, or take the value from a file that git ignores", cut.name))
            .anchor(format!("variable {}", cut.name))
            .related(cut.part, "is left out");
    }
}
