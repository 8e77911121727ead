//! Workflow commands, which GitHub Actions shows as annotations:
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>.
//!
//! Of each level it keeps ten a step and drops the rest without a word; so the worst come first, and a last line
//! says how many there are.

use super::full::counts;
use super::position::{Locator, Unit};
use super::{Report, environments, path, sanitize, worst_first};
use crate::findings::{Finding, Severity};
use std::io::{self, Write};

/// The number of annotations of one level that a step may have.
const CAP: usize = 10;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.sources, Unit::Characters);
    // Before the notes, which could use up its level.
    let capped = [Severity::Error, Severity::Warning, Severity::Note]
        .map(|level| report.findings.iter().filter(|finding| finding.severity == level).count())
        .into_iter()
        .any(|count| count > CAP);
    if capped {
        let text = format!("{}; GitHub shows {CAP} annotations of each level, the log has all", counts(report));
        writeln!(out, "::notice title=shipworthy::{}", data(&text))?;
    }
    for finding in worst_first(report) {
        write_finding(finding, &locator, out)?;
    }
    Ok(())
}

fn write_finding(finding: &Finding, locator: &Locator, out: &mut dyn Write) -> io::Result<()> {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let region = locator.region(&finding.place);
    let (start, end) = (region.start, region.end);
    write!(out, "::{level} file={},line={},endLine={}", property(&path(&finding.place.path)), start.line, end.line)?;
    // Columns are taken within one line only.
    if start.line == end.line {
        write!(out, ",col={},endColumn={}", start.column, end.column)?;
    }
    let mut text = sanitize::line(&finding.message).into_owned();
    if !finding.environments.is_empty() {
        text.push_str(&format!(" [{}]", environments(finding)));
    }
    for label in &finding.related {
        let at = locator.region(&label.place).start;
        let message = sanitize::line(&label.message);
        text.push_str(&format!("\n{}:{}:{}: {message}", path(&label.place.path), at.line, at.column));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {}", sanitize::lines(help)));
    }
    writeln!(out, ",title={}::{}", property(&sanitize::line(&finding.rule)), data(&text))
}

/// Escapes what a command's text may not hold.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what a command's property may not hold.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_end_its_property_or_its_line() {
        assert_eq!(property("a,b:c%\r\n"), "a%2Cb%3Ac%25%0D%0A");
        assert_eq!(data("100%\nline: a,b"), "100%25%0Aline: a,b");
    }
}
