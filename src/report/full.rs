//! The format for people: what was found, the places that make it so in the order of the story, what to do now.
//! Drawn by miette; what it draws (excerpts, paths, positions) is made here, so that a big file costs no more than a
//! small one and nothing of a linted file reaches the terminal raw.

mod excerpt;

use super::concise::paint;
use super::position::{Locator, Unit};
use super::secrets::Secrets;
use super::{Report, Style, environments, rule_url, sanitize, statistics, worst_first};
use crate::findings::{Finding, Severity};
use excerpt::{Excerptor, Excerpts};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeStyles};
use std::fmt;
use std::io::{self, Write};

/// Terminals narrower than this are drawn on as if they were this wide.
const NARROWEST: usize = 40;
/// Lines of source are cut to this many columns where there is no terminal.
const UNBOUNDED: usize = 160;
/// Columns that the line number and the frame may take.
const MARGIN: usize = 12;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let handler = handler(style);
    let locator = Locator::new(report.sources, Unit::Characters);
    let secrets = Secrets::new(report);
    let width = style.width.map_or(UNBOUNDED, |width| width.max(NARROWEST)) - MARGIN;
    let excerptor = Excerptor { locator: &locator, secrets: &secrets, width, unicode: style.unicode };
    let worst_first = worst_first(report);
    for finding in &worst_first {
        write_header(report, finding, style, out)?;
        let shown = Shown {
            finding,
            message: sanitize::line(&finding.message).into_owned(),
            help: finding.help.as_deref().map(sanitize::lines),
            excerpts: excerptor.excerpts(finding),
        };
        let mut drawn = String::new();
        handler.render_report(&mut drawn, &shown).map_err(io::Error::other)?;
        writeln!(out, "{}", drawn.trim_end())?;
        writeln!(out)?;
    }
    if report.statistics && !worst_first.is_empty() {
        statistics::write(report, out)?;
        writeln!(out)?;
    }
    writeln!(out, "{}", counts(report))?;
    if let Some(worst) = worst_first.first() {
        writeln!(out, "To read more about a rule: shipworthy explain {}", sanitize::line(&worst.rule))?;
    }
    Ok(())
}

/// `error[compose/privileged-service] in production`
fn write_header(report: &Report, finding: &Finding, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (on, off) = if style.color { (paint(finding.severity), "\x1b[0m") } else { ("", "") };
    let rule = sanitize::line(&finding.rule);
    let url = (report.pages)(&finding.rule).and_then(rule_url).filter(|_| style.links);
    match url {
        Some(url) => write!(out, "{on}{}[\x1b]8;;{url}\x1b\\{rule}\x1b]8;;\x1b\\]{off}", finding.severity)?,
        None => write!(out, "{on}{}[{rule}]{off}", finding.severity)?,
    }
    if !finding.environments.is_empty() {
        write!(out, " in {}", environments(finding))?;
    }
    writeln!(out)
}

fn handler(style: Style) -> GraphicalReportHandler {
    let mut theme = if style.unicode { GraphicalTheme::unicode() } else { GraphicalTheme::ascii() };
    if !style.color {
        theme.styles = ThemeStyles::none();
    }
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .without_syntax_highlighting()
        // Excerpts bring their context and their position along.
        .with_context_lines(0)
        .without_primary_span_start()
        // Paths, URLs and options such as `--no-cache-dir` stay whole, to be copied.
        .with_break_words(false)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation);
    match style.width {
        Some(width) => handler.with_width(width.max(NARROWEST)),
        None => handler.with_wrap_lines(false),
    }
}

/// The closing line: `3 errors, 2 warnings in 12 files (1 suppressed)`.
pub(super) fn counts(report: &Report) -> String {
    let summary = report.summary;
    let found: Vec<String> = [(summary.error, "error"), (summary.warning, "warning"), (summary.note, "note")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| plural(count, word))
        .collect();
    let hidden: Vec<String> =
        [(summary.suppressed, "suppressed"), (summary.waived, "waived"), (summary.baselined, "in the baseline")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
    let found = if found.is_empty() { "no findings".to_string() } else { found.join(", ") };
    let hidden = if hidden.is_empty() { String::new() } else { format!(" ({})", hidden.join(", ")) };
    format!("{found} in {}{hidden}", plural(report.files_checked, "file"))
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// A finding as miette draws it.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    message: String,
    help: Option<String>,
    excerpts: Excerpts,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpts)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpts.labels()))
    }
}
