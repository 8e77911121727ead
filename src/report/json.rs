//! The format for scripts: a contract, of which keys are only ever added. Messages are fit to be printed, as in the
//! other formats; paths and edits are exact.

use super::position::{Locator, Unit};
use super::{Report, sanitize};
use crate::findings::{Finding, Fix, Label, Safety};
use crate::source::Place;
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, Write};

/// The version of the contract. It changes when a key changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    files_checked: usize,
    diagnostics: Vec<Diagnostic<'a>>,
    summary: Counts,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    rule: &'a str,
    severity: &'static str,
    #[serde(flatten)]
    at: At<'a>,
    message: Cow<'a, str>,
    help: Option<String>,
    environments: Vec<&'a str>,
    related: Vec<Related<'a>>,
    fix: Option<Change<'a>>,
    fingerprint: String,
}

/// Lines and columns count from 1, columns in characters; `end_column` is exclusive.
#[derive(Serialize)]
struct At<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    at: At<'a>,
    message: Cow<'a, str>,
}

#[derive(Serialize)]
struct Change<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
struct Replacement<'a> {
    #[serde(flatten)]
    at: At<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Counts {
    error: usize,
    warning: usize,
    note: usize,
    suppressed: usize,
    waived: usize,
    baselined: usize,
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.sources, Unit::Characters);
    let summary = report.summary;
    let document = Document {
        version: VERSION,
        files_checked: report.files_checked,
        diagnostics: report.findings.iter().map(|finding| diagnostic(finding, &locator)).collect(),
        summary: Counts {
            error: summary.error,
            warning: summary.warning,
            note: summary.note,
            suppressed: summary.suppressed,
            waived: summary.waived,
            baselined: summary.baselined,
        },
    };
    writeln!(out, "{}", sanitize::json(serde_json::to_string_pretty(&document)?))
}

fn diagnostic<'a>(finding: &'a Finding, locator: &Locator) -> Diagnostic<'a> {
    Diagnostic {
        rule: &finding.rule,
        severity: finding.severity.name(),
        at: at(&finding.place, locator),
        message: sanitize::line(&finding.message),
        help: finding.help.as_deref().map(sanitize::lines),
        environments: finding.environments.iter().map(|environment| environment.name()).collect(),
        related: finding.related.iter().map(|label| related(label, locator)).collect(),
        fix: finding.fix.as_ref().map(|fix| change(fix, locator)),
        fingerprint: finding.fingerprint(),
    }
}

fn at<'a>(place: &'a Place, locator: &Locator) -> At<'a> {
    let region = locator.region(place);
    At {
        path: if place.path.is_root() { "." } else { place.path.as_str() },
        line: region.start.line,
        column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
    }
}

fn related<'a>(label: &'a Label, locator: &Locator) -> Related<'a> {
    Related { at: at(&label.place, locator), message: sanitize::line(&label.message) }
}

fn change<'a>(fix: &'a Fix, locator: &Locator) -> Change<'a> {
    Change {
        title: &fix.title,
        safety: match fix.safety {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        },
        edits: fix.edits.iter().map(|edit| Replacement { at: at(&edit.place, locator), text: &edit.text }).collect(),
    }
}
