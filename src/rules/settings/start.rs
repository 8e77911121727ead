use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::environment::Lookup;
use crate::project::settings::{Crash, PyValue};
use crate::rules::Cx;

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
