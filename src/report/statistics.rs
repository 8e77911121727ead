use super::Report;
use crate::findings::Severity;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes how many findings each rule has, the most first, each with its highest severity.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, (usize, Severity)> = BTreeMap::new();
    for finding in report.findings {
        let (count, severity) = counts.entry(&finding.rule).or_insert((0, finding.severity));
        *count += 1;
        *severity = finding.severity.max(*severity);
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (rule, (count, severity)) in rows {
        writeln!(out, "{count:>6}  {:<7}  {}", severity.name(), super::sanitize::line(rule))?;
    }
    Ok(())
}
