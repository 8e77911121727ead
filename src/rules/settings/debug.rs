use crate::findings::{Finding, Findings};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::PyValue;
use crate::project::value::{Act, Value};
use crate::rules::Cx;

/// `settings/debug-enabled`
pub fn debug_enabled(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let debug = django.settings.effective("DEBUG");
    if debug.truth() != Value::Known(true) {
        return;
    }
    let text = debug.value.known().and_then(PyValue::as_str);
    // A text that says no is not to blame; the settings that do not read it are.
    let (place, message) = match text {
        Some(text) if says_no(text) => (
            django.assigned("DEBUG"),
            format!(
                "DEBUG is on in {}: it is the text `{text}`, and any text but the empty one is true",
                django.environment
            ),
        ),
        Some(text) => {
            (django.decides("DEBUG", &debug), format!("DEBUG is on in {}: it is the text `{text}`", django.environment))
        }
        None => (django.decides("DEBUG", &debug), format!("DEBUG is on in {}", django.environment)),
    };
    let Some(place) = place else { return };
    let help = match text {
        Some(_) => "compare the text: `DEBUG = os.environ.get(\"DEBUG\") == \"1\"`",
        None => "set `DEBUG = False` in the settings module of production, or leave the variable unset there",
    };
    tell(django, findings.report(place, message)).help(help).trail(&debug.trail).trail(&django.module.trail);
}

/// `settings/debug-fails-open`
pub fn debug_fails_open(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let debug = django.settings.effective("DEBUG");
    if debug.truth() == Value::Known(true) {
        // `settings/debug-enabled` speaks.
        return;
    }
    let Some(open) = django.fallback("DEBUG").filter(|open| open.value.truth().likely() == Some(&true)) else { return };
    let message = format!("DEBUG is on in {} whenever `{}` is not set", django.environment, open.variable);
    tell(django, findings.report(open.place, message))
        .help("make the fallback false, and set the variable where developers work")
        .trail(&open.value.trail)
        .trail(&django.module.trail);
}

/// `settings/debug-from-text`
pub fn debug_from_text(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let debug = django.settings.effective("DEBUG");
    if debug.truth() == Value::Known(true) || !debug.trail.iter().any(|step| matches!(step.act, Act::TestsText(_))) {
        return;
    }
    let Some(place) = django.assigned("DEBUG") else { return };
    tell(django, findings.report(place, "DEBUG is the text of a variable, and any text but the empty one is true"))
        .help("compare the text: `DEBUG = os.environ.get(\"DEBUG\") == \"1\"`, or let a library parse it")
        .trail(&debug.trail);
}

fn tell<'f>(django: &DjangoProcess, finding: &'f mut Finding) -> &'f mut Finding {
    finding.anchor(format!("setting DEBUG of {}", django.settings.module))
}

/// Words that a person writes to turn something off.
fn says_no(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off" | "n" | "f" | "none" | "null")
}
