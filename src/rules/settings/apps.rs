//! What Django's checks say of installed apps and their templates.

use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::django::apps::hidden_tags;
use crate::project::django::labels;
use crate::project::django::packages;
use crate::project::settings::{PyValue, Reading, Settings};
use crate::rules::Cx;
use crate::source::Place;

/// `settings/key-type-left-open`
pub fn key_type_left_open(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (settings, model) = (&django.settings, cx.model);
    let versions = model.django_versions(django);
    let asked = versions.since((3, 2)) == Some(true) && versions.since((6, 0)) == Some(false);
    if !asked || settings.values.contains_key("DEFAULT_AUTO_FIELD") || settings.more.is_some() {
        return;
    }
    if django.silences("models.W042") {
        return;
    }
    let installed = model.apps.iter().filter(|app| app.is_installed(&model.snapshot, django));
    let open: Vec<&(String, Place)> = installed.filter_map(|app| app.open_key.as_ref()).collect();
    let Some((name, place)) = open.first() else { return };
    let Some(module) = django.setting_place("DEFAULT_AUTO_FIELD") else { return };
    let others = if open.len() > 1 { " and models of other apps" } else { "" };
    let message =
        format!("DEFAULT_AUTO_FIELD is not set: with Django 6.0 the key of `{name}`{others} is of another type");
    findings
        .report(module, message)
        .help("write down what the tables have: `DEFAULT_AUTO_FIELD = \"django.db.models.AutoField\"`")
        .related(place.clone(), "leaves the type of its key to the settings")
        .anchor("setting DEFAULT_AUTO_FIELD");
}

/// `settings/template-library-hidden`
pub fn template_library_hidden(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if django.silences("templates.W003") || django.silences("templates.E003") {
        return;
    }
    let apps = django.settings.read(&["INSTALLED_APPS"]);
    for tags in hidden_tags(&cx.model.snapshot, django) {
        let (name, found) = (&tags.name, &tags.found);
        let hides = match &tags.hidden {
            Some(other) => format!("`{{% load {name} %}}` finds `{found}`, which hides `{other}`"),
            None => format!("`{{% load {name} %}}` finds `{found}`, which hides Django's own"),
        };
        tell(findings, django, &apps, "INSTALLED_APPS", hides)
            .help("rename one of the files: template libraries share one set of names")
            .related(Place::start_of(found.clone()), "is found")
            .evidence(name.clone());
    }
}

/// `settings/template-marker-not-text`
pub fn template_marker_not_text(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for engine in django_engines(&django.settings) {
        let marker = engine.read(&["OPTIONS", "string_if_invalid"]);
        let Some(wrong) = marker.value.value.known().filter(|value| value.as_str().is_none()) else { continue };
        let kind = wrong.type_name();
        let message = format!("`string_if_invalid` is a {kind} and has to be a text: `migrate` stops with an error");
        tell(findings, django, &marker, "TEMPLATES", message).help("leave it out: the default is the empty text");
    }
}

/// `settings/admin-sidebar-unsure`
pub fn admin_sidebar_unsure(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const NEED: &str = "django.template.context_processors.request";
    let settings = &django.settings;
    if !settings.has_app("django.contrib.admin") || !settings.assigns("TEMPLATES") || django.silences("admin.W411") {
        return;
    }
    let Some(engine) = django_engines(settings).into_iter().next() else { return };
    let processors = engine.read(&["OPTIONS", "context_processors"]);
    let lacks = match processors.value.value.known().and_then(PyValue::as_sequence) {
        Some(items) => {
            let clear = !items.more && items.texts().count() == items.items.len();
            clear && !items.texts().any(|(text, _)| text == NEED || text.ends_with(".request"))
        }
        None => processors.value.value.is_absent(),
    };
    if lacks {
        let message = "the admin's sidebar needs the context processor `request`, which TEMPLATES lacks";
        tell(findings, django, &processors, "TEMPLATES", message.to_owned()).help(format!("add `\"{NEED}\"`"));
    }
}

/// `settings/app-label-twice`
pub fn app_label_twice(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    // Before Django 3.2 an app that is installed by its name did not look for its configuration.
    if cx.model.django_versions(django).since((3, 2)) == Some(false) {
        return;
    }
    let Some(apps) = django.settings.list("INSTALLED_APPS") else { return };
    let place = django.settings.assigned("INSTALLED_APPS");
    let mut known: Vec<(&str, Option<String>)> = Vec::new();
    for (entry, item) in apps.texts() {
        let label = labels::label(&cx.model.snapshot, &django.project, entry);
        let same = |other: &&(&str, Option<String>)| other.0 == entry || (label.is_some() && other.1 == label);
        if let Some((other, _)) = known.iter().find(same) {
            let message = if *other == entry {
                format!("`{entry}` is installed twice, and Django does not start")
            } else {
                let label = label.as_deref().unwrap_or_default();
                format!("`{entry}` and `{other}` have the same label `{label}`, and Django does not start")
            };
            tell(findings, django, &item.reading(place), "INSTALLED_APPS", message)
                .help("take one of them out; another app of that name takes a `label` in its AppConfig");
            return;
        }
        known.push((entry, label));
    }
}

/// `settings/template-engine-name-twice`
pub fn template_engine_name_twice(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let engines = django.settings.list("TEMPLATES").unwrap_or_default().items;
    let place = django.settings.assigned("TEMPLATES");
    let mut known: Vec<String> = Vec::new();
    for engine in engines.iter().map(|item| item.reading(place)) {
        let (name, backend) = (engine.read(&["NAME"]), engine.read(&["BACKEND"]));
        let name = match (name.text(), backend.text()) {
            (Some(name), _) => name.to_owned(),
            // That of the module, as Django has it.
            (None, Some(backend)) if name.value.value.is_absent() => match backend.rsplit('.').nth(1) {
                Some(module) => module.to_owned(),
                None => continue,
            },
            _ => continue,
        };
        if known.contains(&name) {
            let message =
                format!("two template engines are named `{name}`, and `migrate` and each page stop with an error");
            tell(findings, django, &engine, "TEMPLATES", message).help("give each of them a `NAME` of its own");
            return;
        }
        known.push(name);
    }
}

/// The engines that are certainly Django's own.
fn django_engines(settings: &Settings) -> Vec<Reading> {
    let place = settings.assigned("TEMPLATES");
    let engines = settings.list("TEMPLATES").unwrap_or_default().items;
    let engines = engines.iter().map(|item| item.reading(place));
    let is_own =
        |engine: &Reading| engine.read(&["BACKEND"]).text() == Some("django.template.backends.django.DjangoTemplates");
    engines.filter(is_own).collect()
}

/// What django-csp read before its release 4.
const OLD_POLICY: [&str; 14] = [
    "CSP_DEFAULT_SRC",
    "CSP_SCRIPT_SRC",
    "CSP_STYLE_SRC",
    "CSP_IMG_SRC",
    "CSP_CONNECT_SRC",
    "CSP_FONT_SRC",
    "CSP_FRAME_SRC",
    "CSP_OBJECT_SRC",
    "CSP_MEDIA_SRC",
    "CSP_WORKER_SRC",
    "CSP_BASE_URI",
    "CSP_FORM_ACTION",
    "CSP_FRAME_ANCESTORS",
    "CSP_REPORT_ONLY",
];

const POLICIES: [&str; 2] = ["CONTENT_SECURITY_POLICY", "CONTENT_SECURITY_POLICY_REPORT_ONLY"];

/// `settings/content-policy-not-read`
pub fn content_policy_not_read(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let Some(old) = OLD_POLICY.into_iter().find(|name| settings.assigns(name)) else { return };
    let used = settings.has_middleware("csp.middleware.CSPMiddleware") || settings.has_app("csp");
    if !used || !packages::is_since(&cx.model.snapshot, &django.project, "django-csp", (4, 0)) {
        return;
    }
    let sent = POLICIES.iter().any(|name| settings.values.contains_key(*name)) || settings.more.is_some();
    let (app, reading) = (settings.has_app("csp"), settings.read(&[old]));
    let message = match (app, sent) {
        (true, _) => format!("django-csp 4 does not read {old}, and `migrate` stops with an error"),
        (false, false) => format!("django-csp 4 does not read {old}: no Content-Security-Policy is sent"),
        (false, true) => return,
    };
    let finding = tell(findings, django, &reading, old, message);
    finding.help("move the sources to `CONTENT_SECURITY_POLICY = {\"DIRECTIVES\": {…}}`");
    if !app {
        finding.at_most(Severity::Warning);
    }
}

/// `settings/content-policy-excludes-all`
pub fn content_policy_excludes_all(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    for name in POLICIES.into_iter().filter(|_| settings.has_middleware("csp.middleware.CSPMiddleware")) {
        let prefixes = settings.read(&[name, "EXCLUDE_URL_PREFIXES"]);
        if prefixes.text().is_some_and(|text| text.contains('/')) {
            let message =
                format!("{name} is sent for no page: EXCLUDE_URL_PREFIXES is a text, whose `/` begins every path");
            tell(findings, django, &prefixes, name, message).help("write a list, or a comma behind the only prefix");
        }
    }
}
