use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::PyValue;
use crate::project::value::{Act, Value};
use crate::rules::Cx;
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
    if cx.model.kind(&place.path) == Some(FileKind::EnvFile) {
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
pub fn secret_key_fallback(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(open) = django.fallback("SECRET_KEY") else { return };
    if open.value.value.likely().and_then(PyValue::as_str).is_none_or(str::is_empty) {
        return;
    }
    let unset = django.settings.effective("SECRET_KEY") == open.value && matches!(open.value.value, Value::Known(_));
    let variable = &open.variable;
    let message = match unset {
        true => format!("SECRET_KEY is a text of the repository, as nothing sets `{variable}`"),
        false => format!("SECRET_KEY is a text of the repository whenever `{variable}` is not set"),
    };
    let finding = findings.report(open.place, message);
    finding
        .help("leave the fallback out, so that the start fails with a message that names the variable")
        .trail(&open.value.trail)
        .anchor("setting SECRET_KEY");
    if !unset {
        finding.at_most(Severity::Warning);
    }
}
