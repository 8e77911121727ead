//! One line a finding: `path:line:column: severity[rule] message [environments]`, as compilers write it and editors
//! read it. No line but findings, unless statistics are asked for.

use super::position::{Locator, Unit};
use super::{Report, Style, environments, path, sanitize, statistics};
use crate::findings::Severity;
use std::io::{self, Write};

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.sources, Unit::Characters);
    for finding in report.findings {
        let at = locator.region(&finding.place).start;
        let (on, off) = if style.color { (paint(finding.severity), "\x1b[0m") } else { ("", "") };
        write!(
            out,
            "{}:{}:{}: {on}{}[{}]{off} {}",
            path(&finding.place.path),
            at.line,
            at.column,
            finding.severity,
            sanitize::line(&finding.rule),
            sanitize::line(&finding.message)
        )?;
        if !finding.environments.is_empty() {
            write!(out, " [{}]", environments(finding))?;
        }
        writeln!(out)?;
    }
    if report.statistics && !report.findings.is_empty() {
        writeln!(out)?;
        statistics::write(report, out)?;
    }
    Ok(())
}

/// The ANSI sequence that a severity is written in.
pub(super) fn paint(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "\x1b[1;31m",
        Severity::Warning => "\x1b[1;33m",
        Severity::Note => "\x1b[1;36m",
    }
}
