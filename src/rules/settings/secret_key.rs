use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::PyValue;
use crate::project::value::{Act, Value};
use crate::rules::Cx;
use crate::secrets::judge::is_placeholder;
use crate::tree::FileKind;

/// `settings/secret-key-literal`
pub fn secret_key_literal(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let key = django.settings.effective("SECRET_KEY");
    let Some(PyValue::Str(text)) = key.value.known() else { return };
    // Without a key Django does not start; a fallback and an env file have rules of their own.
    let falls_back = key.trail.iter().any(|step| matches!(step.act, Act::FallsBack(_)));
    let Some(place) = django.decides("SECRET_KEY", &key).filter(|_| !text.is_empty() && !falls_back) else {
        return;
    };
    // Of what an image carries, `dockerfile/secret-in-env` speaks, unless it is too plain to be told by itself.
    let mut dockerfiles = cx.model.dockerfiles.iter().filter(|dockerfile| dockerfile.path == place.path);
    if cx.model.kind(&place.path) == Some(FileKind::EnvFile) || dockerfiles.any(|it| it.writes_secret_at(place.span)) {
        return;
    }
    findings
        .report(place.clone(), format!("SECRET_KEY is written into `{}`", place.path))
        .help("take it from the environment without a fallback, `os.environ[\"SECRET_KEY\"]`, and change it: it stays in the history")
        .trail(&key.trail)
        .trail(&django.module.trail)
        .anchor("setting SECRET_KEY");
}

/// `settings/secret-key-fallback`
pub fn secret_key_fallback(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(open) = django.fallback("SECRET_KEY") else { return };
    if open.value.value.likely().and_then(PyValue::as_str).is_none_or(str::is_empty) {
        return;
    }
    let unset = django.settings.effective("SECRET_KEY") == open.value && matches!(open.value.value, Value::Known(_));
    let variable = &open.variable;
    let misnamed = cx.model.misnamed_for(variable);
    let message = match (&misnamed, unset) {
        (Some(given), _) => {
            let name = &given.name;
            format!("SECRET_KEY is a text of the repository: `{name}` is given, and `{variable}` is read")
        }
        (_, true) => format!("SECRET_KEY is a text of the repository, as nothing sets `{variable}`"),
        (_, false) => format!("SECRET_KEY is a text of the repository whenever `{variable}` is not set"),
    };
    let finding = findings.report(open.place, message);
    if let Some(given) = misnamed {
        finding.related(given.place.clone(), "given under a name that nothing reads");
    }
    finding
        .help("leave the fallback out, so that the start fails with a message that names the variable")
        .trail(&open.value.trail)
        .anchor("setting SECRET_KEY");
    if !unset {
        finding.at_most(Severity::Warning);
    }
}

/// `settings/secret-key-missing`
pub fn secret_key_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let key = django.settings.read(&["SECRET_KEY"]);
    let empty = matches!(&key.value.value, Value::Known(PyValue::Str(text)) if text.is_empty());
    if (empty || key.is_none()) && django.settings.raises.is_none() {
        tell(findings, django, &key, "SECRET_KEY", "SECRET_KEY is empty, and Django does not start".to_owned())
            .help("read it from a variable that this environment sets: `SECRET_KEY = os.environ[\"SECRET_KEY\"]`");
    }
}

/// `settings/secret-key-weak`
pub fn secret_key_weak(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let key = django.settings.read(&["SECRET_KEY"]);
    let Some(why) = key.text().filter(|key| !key.is_empty()).and_then(weakness) else { return };
    let place = django.place(&key);
    // A key in code is not fit for use at any length, and told so.
    if cx.model.kind(&place.path).is_some_and(FileKind::is_env) {
        tell(findings, django, &key, "SECRET_KEY", format!("SECRET_KEY {why}"))
            .help("make one of 50 random characters: `python -c \"import secrets; print(secrets.token_urlsafe(50))\"`");
    }
}

/// `settings/secret-key-fallbacks-weak`
pub fn secret_key_fallbacks_weak(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (at, item) in django.settings.list("SECRET_KEY_FALLBACKS").unwrap_or_default().items.iter().enumerate() {
        let reading = item.reading(django.settings.assigned("SECRET_KEY_FALLBACKS"));
        if let Some(why) = reading.text().and_then(weakness) {
            tell(
                findings,
                django,
                &reading,
                "SECRET_KEY_FALLBACKS",
                format!("an old key {why}, and is still good for signing in"),
            )
            .help("take it out, and let people sign in again")
            .evidence(at.to_string());
        }
    }
}

/// What makes a key weak, by Django's own measure.
fn weakness(key: &str) -> Option<&'static str> {
    let different: std::collections::BTreeSet<char> = key.chars().collect();
    if key.starts_with("django-insecure-") {
        Some("begins with `django-insecure-`, as the one that `startproject` writes")
    } else if is_placeholder(key) {
        Some("is still the placeholder of a template")
    } else if key.chars().count() < 50 {
        Some("is shorter than 50 characters")
    } else if different.len() < 5 {
        Some("has fewer than 5 different characters")
    } else {
        None
    }
}

/// `settings/secret-key-random`
pub fn secret_key_random(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let key = django.settings.read(&["SECRET_KEY"]);
    let today = key.value.value.known() == Some(&PyValue::Random);
    let fallback = django.fallback("SECRET_KEY").filter(|open| open.value.value.likely() == Some(&PyValue::Random));
    let why = "each process signs with a key of its own, and nobody stays signed in";
    let message = match &fallback {
        Some(open) if !today => format!("SECRET_KEY is made anew whenever `{}` is not set: {why}", open.variable),
        _ if today => format!("SECRET_KEY is made anew at every start: {why}"),
        _ => return,
    };
    let finding = tell(findings, django, &key, "SECRET_KEY", message);
    finding.help("make one key once, and read it from the environment: `SECRET_KEY = os.environ[\"SECRET_KEY\"]`");
    if !today {
        finding.at_most(Severity::Note);
    }
}
