use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::{CSRF_MIDDLEWARE, SECURITY_MIDDLEWARE, SESSION_MIDDLEWARE};
use crate::project::env_files::taken_for_yes::says_no;
use crate::project::settings::{PyValue, is_switch};
use crate::project::value::{Act, Step};
use crate::rules::Cx;
use crate::source::Place;

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

/// `settings/switch-is-number`
pub fn switch_is_number(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const CHECKED: [(&str, &str); 7] = [
        ("SECURE_SSL_REDIRECT", "security.W008"),
        ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "security.W005"),
        ("SECURE_HSTS_PRELOAD", "security.W021"),
        ("SECURE_CONTENT_TYPE_NOSNIFF", "security.W006"),
        ("SESSION_COOKIE_SECURE", "security.W012"),
        ("SESSION_COOKIE_HTTPONLY", "security.W015"),
        ("CSRF_COOKIE_SECURE", "security.W016"),
    ];
    for (name, check) in CHECKED {
        let switch = django.settings.read(&[name]);
        let value = match (switch.int(), switch.text()) {
            (Some(number), _) if number != 0 => format!("number {number}"),
            (_, Some(text)) if !text.is_empty() => format!("text `{text}`"),
            _ => continue,
        };
        if checks(django, check) {
            let message = format!("{name} is the {value}, which Django's check {check} takes for off");
            tell(findings, django, &switch, name, message).help(format!("`{name} = True`, or a value made into one"));
        }
    }
}

/// Whether Django gets as far as asking for the setting of one of its checks for switches.
fn checks(django: &DjangoProcess, check: &str) -> bool {
    let lists = |setting: &str, dotted: &str| django.lists(setting, dotted) == Some(true);
    let secured = || lists("MIDDLEWARE", SECURITY_MIDDLEWARE);
    let asks = match check {
        "security.W005" | "security.W021" => secured() && django.is_on("SECURE_HSTS_SECONDS"),
        "security.W006" | "security.W008" => secured(),
        "security.W012" | "security.W015" => {
            lists("INSTALLED_APPS", "django.contrib.sessions") && lists("MIDDLEWARE", SESSION_MIDDLEWARE)
        }
        _ => lists("MIDDLEWARE", CSRF_MIDDLEWARE) && !django.is_on("CSRF_USE_SESSIONS"),
    };
    asks && !django.silences(check)
}
