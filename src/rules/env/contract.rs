use crate::findings::Findings;
use crate::project::Model;
use crate::project::deployment::{Deployment, Service};
use crate::project::env_files::not_passed::not_passed;
use crate::project::env_files::taken_for_yes::{TakenForYes, taken_for_yes};
use crate::project::env_files::unread::{self, Unread};
use crate::rules::Cx;

/// `env/variable-misnamed`
pub fn variable_misnamed(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for misnamed in model.misnamed.iter().filter(|misnamed| !misnamed.opens_a_setting(model)) {
        findings
            .report(
                misnamed.place.clone(),
                format!("nothing reads `{}`; settings read `{}`, which nothing sets", misnamed.name, misnamed.read),
            )
            .help("give both the same name")
            .related(misnamed.read_at.clone(), format!("reads `{}`", misnamed.read))
            .anchor(format!("variable {}", misnamed.name));
    }
}

/// `env/variable-not-passed`
pub fn variable_not_passed(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let all = not_passed(cx.model, deployment);
    // One `env_file` is missing, as a rule from several services.
    let Some(first) = all.first() else { return };
    let Some((name, place)) = first.variables.first() else { return };
    let more = match first.variables.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let finding = findings.report(
        first.service.place.clone(),
        format!("`{}` does not get `{name}`{more} of `{}`, and its settings fall back", first.service.name, first.file),
    );
    finding
        .help(format!("add `env_file: {}`, or name the variables under `environment`", first.file.file_name()))
        .related(place.clone(), "is only there for Compose itself")
        .anchor("environment");
    for other in &all[1..] {
        finding.related(other.service.place.clone(), format!("neither does `{}`", other.service.name));
    }
}

/// `env/quotes-kept`
pub fn quotes_kept(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // Shells take the quotes off again.
    let for_a_shell = |name: &str| ["_OPTS", "_OPTIONS", "_ARGS", "_FLAGS"].iter().any(|end| name.ends_with(end));
    // What a list is cut out of is told there, with what comes of it.
    let fragments = service.django.as_ref().map(|django| django.settings.fragments()).unwrap_or_default();
    let is_cut = |name: &str| fragments.iter().any(|list| list.variable.as_deref() == Some(name));
    let variables = service.compose.iter().flat_map(|compose| &compose.environment);
    let mut kept =
        variables.filter(|it| it.value.quotes_kept && !for_a_shell(&it.value.name) && !is_cut(&it.value.name));
    let Some(first) = kept.next() else { return };
    let name = &first.value.name;
    let finding = findings.report(first.place.clone(), format!("the quotes become a part of `{name}`"));
    finding
        .help(format!("write `- {name}=…` without quotes, or put them around the whole entry: `- \"{name}=…\"`"))
        .anchor(format!("variable {name}"));
    for other in kept {
        finding.related(other.place.clone(), format!("so they do for `{}`", other.value.name));
    }
}

/// `env/off-taken-for-on`
pub fn off_taken_for_on(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(django) = &service.django else { return };
    for taken in taken_for_yes(&cx.model.snapshot, service, django) {
        let TakenForYes { variable, text, tested, trail } = taken;
        findings
            .report(tested, format!("`{variable}` is the text `{text}`, and counts as yes here"))
            .help(format!("compare the text: `os.environ.get(\"{variable}\") == \"1\"`; or leave the variable out"))
            .trail(&trail)
            .anchor(format!("variable {variable}"));
    }
}

/// `env/variable-unread`
pub fn variable_unread(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for variable in unread::of_service(cx.model, cx.deployment, service) {
        nothing_reads(variable, findings);
    }
}

/// `env/template-key-unread`
pub fn template_key_unread(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for variable in unread::of_templates(model) {
        nothing_reads(variable, findings);
    }
}

fn nothing_reads(variable: Unread, findings: &mut Findings<'_>) {
    findings
        .report(variable.place, format!("nothing in the repository reads `{}`", variable.name))
        .help("take it out, or correct the name")
        .anchor(format!("variable {}", variable.name));
}
