use crate::findings::{Findings, Severity};
use crate::project::deployment::{DjangoProcess, Fallback};
use crate::project::env_files::taken_for_yes::says_no;
use crate::project::settings::PyValue;
use crate::project::value::{Act, Traced, Value};
use crate::rules::Cx;

/// `settings/debug-enabled`
pub fn debug_enabled(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let debug = django.settings.effective("DEBUG");
    if debug.truth().likely() != Some(&true) || (debug.truth() != Value::Known(true) && falls_back(&debug)) {
        return;
    }
    let text = debug.value.likely().and_then(PyValue::as_str);
    // A text that says no is not to blame; the settings that do not read it are.
    let misread = text.is_some_and(says_no);
    let place = if misread { django.assigned("DEBUG") } else { django.decides("DEBUG", &debug) };
    let Some(place) = place else { return };
    let environment = &django.environment;
    // `bool(os.environ.get("DEBUG"))` is on for `0`, too.
    let tested = debug.trail.iter().any(|step| matches!(step.act, Act::TestsText(_)));
    let message = match text {
        Some(text) if misread => {
            format!("DEBUG is on in {environment}: it is the text `{text}`, and any text but the empty one is true")
        }
        Some(text) => format!("DEBUG is on in {environment}: it is the text `{text}`"),
        None if tested => format!("DEBUG is on in {environment}: any text but the empty one is true"),
        None => format!("DEBUG is on in {environment}"),
    };
    let help = match text {
        _ if tested => "compare the text: `DEBUG = os.environ.get(\"DEBUG\") == \"1\"`",
        Some(_) => "compare the text: `DEBUG = os.environ.get(\"DEBUG\") == \"1\"`",
        None => "set `DEBUG = False` in the settings module of production, or leave the variable unset there",
    };
    let finding = findings.report(place, message);
    finding.help(help).trail(&debug.trail).trail(&django.module.trail).anchor("setting DEBUG");
    if debug.truth() != Value::Known(true) {
        finding.at_most(Severity::Warning);
    }
}

/// `settings/debug-fails-open`
pub fn debug_fails_open(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let debug = django.settings.effective("DEBUG");
    let on = debug.truth() == Value::Known(true) || (debug.truth() == Value::Default(true) && !falls_back(&debug));
    let told = |open: &Fallback| !on && open.is_true();
    let by_module = || django.unselected("DEBUG").filter(told).map(|open| (open, true));
    let by_value = django.fallback("DEBUG").filter(told).map(|open| (open, false));
    let Some((open, by_module)) = by_value.or_else(by_module) else { return };
    let variable = &open.variable;
    let (message, help) = if by_module {
        let help = format!(
            "let the settings of production be what runs without it, and set `{variable}` where developers work"
        );
        (format!("DEBUG is on whenever `{variable}` is not set"), help)
    } else if tests_text(&debug) {
        (
            format!("DEBUG is on whenever `{variable}` is not set, and when it is set to `False`: any text is true"),
            format!("compare the text, with false for a fallback: `os.environ.get(\"{variable}\") == \"1\"`"),
        )
    } else {
        let help = "make the fallback false, and set the variable where developers work";
        (format!("DEBUG is on whenever `{variable}` is not set"), help.to_owned())
    };
    let misnamed = cx.model.misnamed_for(variable);
    let message = match &misnamed {
        Some(given) => format!("{message}; `{}` is given instead, which nothing reads", given.name),
        None => message,
    };
    let finding = findings.report(open.place, message);
    finding.help(help).trail(&open.value.trail).trail(&django.module.trail).anchor("setting DEBUG");
    if let Some(given) = misnamed {
        finding.related(given.place.clone(), "given under a name that nothing reads");
    }
}

/// `settings/debug-from-text`
pub fn debug_from_text(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let debug = django.settings.effective("DEBUG");
    let from_text = tests_text(&debug);
    // Where it is on, or on by its fallback, the other rules speak of the same line.
    let told = debug.truth().likely() == Some(&true) || django.fallback("DEBUG").is_some_and(|open| open.is_true());
    if !from_text || told {
        return;
    }
    let Some(place) = django.assigned("DEBUG") else { return };
    findings
        .report(place, "DEBUG is the text of a variable, and any text but the empty one is true")
        .help("compare the text: `DEBUG = os.environ.get(\"DEBUG\") == \"1\"`, or let a library parse it")
        .trail(&debug.trail)
        .anchor("setting DEBUG");
}

/// Whether the text of a variable is taken for true, whatever it says.
fn tests_text(value: &Traced<PyValue>) -> bool {
    value.trail.iter().any(|step| matches!(step.act, Act::TestsText(_)))
}

/// Whether a fallback decides, as opposed to something that is written for this environment.
fn falls_back(value: &Traced<PyValue>) -> bool {
    let gives = |act: &Act| matches!(act, Act::Sets(_) | Act::Assigns(_) | Act::FallsBack(_));
    value.trail.iter().find(|step| gives(&step.act)).is_none_or(|step| matches!(step.act, Act::FallsBack(_)))
}
