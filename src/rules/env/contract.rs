use super::documented::is_for_an_image;
use crate::findings::Findings;
use crate::project::Model;
use crate::project::deployment::{Deployment, Service};
use crate::project::django::CONFIGURATION;
use crate::project::env_files::misnamed::misnamed;
use crate::project::env_files::not_passed::not_passed;
use crate::project::env_files::taken_for_yes::{TakenForYes, taken_for_yes};
use crate::project::env_files::templates::has_word;
use crate::rules::Cx;
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, GitStatus};

/// `env/variable-misnamed`
pub fn variable_misnamed(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for misnamed in misnamed(model).into_iter().filter(|it| !is_for_an_image(&it.name)) {
        findings
            .report(
                misnamed.place,
                format!("nothing reads `{}`; settings read `{}`, which nothing sets", misnamed.name, misnamed.read),
            )
            .help("give both the same name")
            .related(misnamed.read_at, format!("reads `{}`", misnamed.read))
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
pub fn quotes_kept(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let quoted = |place: &Place| -> bool {
        let Ok(source) = cx.model.snapshot.source(&place.path) else { return false };
        let text = source.slice(place.span);
        // Of the mapping form YAML has taken the quotes off.
        let item = source.text.get(..place.span.range().start).is_some_and(|before| before.ends_with('='));
        item && text.len() > 2 && ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote))
    };
    // Shells take the quotes off again.
    let for_a_shell = |name: &str| ["_OPTS", "_OPTIONS", "_ARGS", "_FLAGS"].iter().any(|end| name.ends_with(end));
    let variables = service.compose.iter().flat_map(|compose| &compose.environment);
    let mut kept = variables.filter(|it| !for_a_shell(&it.value.name) && quoted(&it.place));
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
    let (Some(compose), Some(django)) = (&service.compose, &service.django) else { return };
    let given = compose.environment.iter().map(|variable| (variable.value.name.clone(), variable.key_place()));
    let suspects: Vec<(String, Place)> = given
        .chain(own_files(service, cx))
        .filter(|(name, _)| {
            let settings = &django.settings;
            let chooses = name == "DJANGO_SETTINGS_MODULE" || name == CONFIGURATION;
            !is_for_an_image(name) && !chooses && !settings.variables_asked.contains(name)
        })
        .collect();
    if suspects.is_empty() {
        return;
    }
    let entries = cx.model.snapshot.tree().entries().iter();
    let readers = entries.filter(|entry| !entry.kind.is_env() && entry.kind != FileKind::Compose);
    let sources: Vec<_> = readers.filter_map(|entry| cx.model.snapshot.source(&entry.path).ok()).collect();
    for (name, place) in suspects {
        if !sources.iter().any(|source| has_word(&source.text, &name)) {
            findings
                .report(place, format!("nothing in the repository reads `{name}`"))
                .help("take it out, or correct the name")
                .anchor(format!("variable {name}"));
        }
    }
}

/// What the committed env files give that only services which run Django load.
fn own_files(service: &Service, cx: &Cx<'_>) -> Vec<(String, Place)> {
    let loads = |service: &Service, path: &RepoPath| {
        let files = service.compose.iter().flat_map(|compose| &compose.env_files);
        files.filter_map(|file| file.value.path.location.known()?.inside()).any(|file| file == path)
    };
    let others = || cx.deployment.iter().flat_map(|it| &it.services).filter(|other| other.django.is_none());
    let files = cx.model.env_files.iter().filter(|file| {
        file.git == GitStatus::Tracked && loads(service, &file.path) && !others().any(|other| loads(other, &file.path))
    });
    let entries = files.flat_map(|file| file.file.entries.iter().map(move |entry| (file, entry)));
    entries.map(|(file, entry)| (entry.key.value.clone(), entry.key.place(&file.path))).collect()
}
