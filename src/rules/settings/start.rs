use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::env_files::taken_for_yes::says_no;
use crate::project::environment::Lookup;
use crate::project::settings::{Crash, PyValue, Settings, is_switch};
use crate::project::value::{Act, Step};
use crate::rules::Cx;
use crate::source::Place;

/// `settings/required-variable-missing`
pub fn required_variable_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((crash, Some(variable))) = crash(django, cx) else { return };
    findings
        .report(
            crash.place.clone(),
            format!("`{}` does not start: nothing sets `{variable}`, which its settings require", django.service),
        )
        .help(format!("set `{variable}` under `environment` of the service, or in its env file"))
        .trail(&django.module.trail)
        .anchor(format!("variable {variable}"));
}

/// `settings/settings-that-fail`
pub fn settings_that_fail(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((crash, None)) = crash(django, cx) else { return };
    let about = crash.variable.as_ref().map_or(String::new(), |variable| format!(" over the value of `{variable}`"));
    findings
        .report(
            crash.place.clone(),
            format!("the settings of `{}` raise {}{about}, so that it does not start", django.service, crash.exception),
        )
        .help("see which test leads here, and mend what it finds")
        .trail(&django.module.trail)
        .anchor(format!("settings {}", django.settings.module));
}

/// What stops the settings, and the variable that is not set, where that is why.
fn crash<'d>(django: &'d DjangoProcess, cx: &Cx<'_>) -> Option<(&'d Crash, Option<&'d str>)> {
    let crash = django.settings.raises.as_ref()?;
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let set =
        |name: &str| service.is_some_and(|service| matches!(service.process.variables.lookup(name), Lookup::Set(_)));
    Some((crash, crash.variable.as_deref().filter(|name| !set(name))))
}

/// `settings/list-setting-of-wrong-type`
pub fn list_setting_of_wrong_type(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for name in ["ALLOWED_HOSTS", "INSTALLED_APPS", "LOCALE_PATHS", "SECRET_KEY_FALLBACKS"] {
        let list = django.settings.read(&[name]);
        let plain = |value: &&PyValue| {
            matches!(
                value,
                PyValue::None
                    | PyValue::Bool(_)
                    | PyValue::Int(_)
                    | PyValue::Str(_)
                    | PyValue::Set(_)
                    | PyValue::Dict(_)
                    | PyValue::Path(_)
            )
        };
        if let Some(wrong) = list.value.value.known().filter(plain) {
            tell(
                findings,
                django,
                &list,
                name,
                format!(
                    "{name} is a {}, and Django does not start with anything but a list or tuple",
                    wrong.type_name()
                ),
            )
            .help(format!(
                "write a list: `{name} = [\"…\"]`; `env.list(\"{name}\")` or `.split(\",\")` make one of a variable"
            ));
        }
    }
}

/// `settings/address-without-slash`
pub fn address_without_slash(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for name in ["STATIC_URL", "MEDIA_URL"] {
        let address = django.settings.read(&[name]);
        if address.text().is_some_and(|text| !text.is_empty() && !text.ends_with('/')) {
            tell(
                findings,
                django,
                &address,
                name,
                format!("{name} does not end with a slash, and `migrate` stops with an error"),
            )
            .help("put `/` at its end");
        }
    }
}

/// `settings/default-cache-missing`
pub fn default_cache_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let default = django.settings.read(&["CACHES", "default"]);
    if django.settings.assigns("CACHES") && default.value.value.is_absent() {
        tell(
            findings,
            django,
            &default,
            "CACHES",
            "CACHES has no `default`, and `migrate` stops with an error".to_owned(),
        )
        .help("name one of the caches `default`");
    }
}

/// `settings/admin-requirement-missing`
pub fn admin_requirement_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let Some(apps) =
        settings.likely_list("INSTALLED_APPS").filter(|apps| !apps.more && apps.texts().count() == apps.items.len())
    else {
        return;
    };
    let Some(admin) = settings.installed("django.contrib.admin") else { return };
    let needs = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.messages"];
    let app = needs.into_iter().find(|need| {
        !apps.texts().any(|(text, _)| text.starts_with(need) || text.ends_with(&need["django.contrib".len()..]))
    });
    let classes = ["AuthenticationMiddleware", "MessageMiddleware", "SessionMiddleware"];
    let middleware = classes.into_iter().find(|class| settings.lacks_middleware(class));
    let missing = match (app, middleware) {
        (Some(app), _) => format!("`{app}` in INSTALLED_APPS"),
        (None, Some(class)) => format!("`{class}` in MIDDLEWARE"),
        (None, None) => match template_need(settings) {
            Some(need) => format!("{need} in TEMPLATES"),
            None => return,
        },
    };
    let reading = admin.reading(settings.assigned("INSTALLED_APPS"));
    tell(
        findings,
        django,
        &reading,
        "INSTALLED_APPS",
        format!("the admin needs {missing}, and `migrate` stops with an error"),
    )
    .help("add what `startproject` writes");
}

/// What the admin's own checks ask of TEMPLATES, and it lacks.
fn template_need(settings: &Settings) -> Option<String> {
    const BACKEND: &str = "django.template.backends.django.DjangoTemplates";
    let engines = settings.list("TEMPLATES").filter(|list| !list.more && settings.assigns("TEMPLATES"))?;
    let place = settings.assigned("TEMPLATES");
    let engines: Vec<_> = engines.items.iter().map(|item| item.reading(place)).collect();
    let names: Option<Vec<_>> =
        engines.iter().map(|engine| engine.read(&["BACKEND"]).text().map(str::to_owned)).collect();
    let Some(at) = names?.iter().position(|name| name == BACKEND) else {
        // An engine of the project's own may be derived from Django's.
        let own =
            engines.iter().all(|engine| engine.read(&["BACKEND"]).text().is_some_and(|it| it.starts_with("django.")));
        return own.then(|| format!("the engine `{BACKEND}`"));
    };
    let processors = engines[at].read(&["OPTIONS", "context_processors"]);
    let known = match processors.value.value.known().and_then(PyValue::as_sequence) {
        Some(items) if !items.more && items.texts().count() == items.items.len() => items.clone(),
        None if processors.value.value.is_absent() => Default::default(),
        _ => return None,
    };
    let needs = ["django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages"];
    // Without Django's own backend its checks do not ask for the first.
    let backends = settings.values.contains_key("AUTHENTICATION_BACKENDS");
    let by_model = !backends
        || settings.lists("AUTHENTICATION_BACKENDS", "django.contrib.auth.backends.ModelBackend").known()
            == Some(&true);
    let missing = needs.into_iter().skip(usize::from(!by_model)).find(|need| {
        let last = &need["django.contrib".len()..];
        !known.texts().any(|(text, _)| text.ends_with(last))
    });
    missing.map(|need| format!("the context processor `{need}`"))
}

/// `settings/switch-from-text`
pub fn switch_from_text(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let tests = |act: &Act| matches!(act, Act::TestsText(_));
    // One text that several settings rest on is one trouble; that of DEBUG has rules of its own.
    let debug = django.settings.effective("DEBUG").trail;
    let mut told: Vec<Step> = debug.into_iter().filter(|step| tests(&step.act)).collect();
    for (name, setting) in django.settings.values.iter().filter(|(name, _)| is_switch(name)) {
        let Some(place) = django.assigned(name) else { continue };
        // A text that only decides whether the setting is assigned is another thing.
        let inside = |at: &Place| at.path == place.path && at.span.to(place.span) == place.span;
        let step = setting.value.trail.iter().find(|step| tests(&step.act) && inside(&step.place));
        let Some(step) = step.filter(|step| !told.contains(step)) else { continue };
        told.push(step.clone());
        let text = setting.value.value.known().and_then(PyValue::as_str);
        let message = match text.filter(|text| says_no(text)) {
            Some(text) => format!("{name} is on: it is the text `{text}`, and any text but the empty one is true"),
            None => format!("{name} is the text of a variable, and any text but the empty one is true"),
        };
        let finding = findings.report(place, message);
        finding.trail(&setting.value.trail).anchor(format!("setting {name}"));
        finding.help(format!(
            "compare the text: `{name} = os.environ.get(\"{name}\") == \"1\"`, or let a library parse it"
        ));
        if !text.is_some_and(says_no) {
            finding.at_most(Severity::Warning);
        }
    }
}
