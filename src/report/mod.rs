//! From findings to bytes: one file a format. Nothing else in the crate serialises or colours, and nothing here changes
//! a finding or the exit code.
//!
//! Two promises hold for every format: the same findings give the same bytes, and no control character of a linted
//! file comes out as one (see [`sanitize`]); what is known to be a secret is masked wherever source text is quoted.

mod concise;
mod full;
mod github;
mod json;
mod position;
pub(crate) mod sanitize;
mod sarif;
mod secrets;
mod statistics;

use crate::findings::{Finding, Severity};
use crate::rules::Page;
use crate::source::{RepoPath, Source, Span};
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people: source windows, the story across files, help.
    Full,
    /// One line a finding, as editors and `grep` like it.
    Concise,
    /// For scripts; a versioned contract.
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 5] = [Format::Full, Format::Concise, Format::Json, Format::Sarif, Format::Github];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Full => "full",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
        }
    }

    /// What it is for, in a few words.
    pub fn description(self) -> &'static str {
        match self {
            Format::Full => "with the lines concerned, and what to do",
            Format::Concise => "one line a finding",
            Format::Json => "one JSON document",
            Format::Sarif => "SARIF 2.1.0, for code scanning and editors",
            Format::Github => "annotations of GitHub Actions",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
            format!("`{name}` is no format; there are {}", names.join(", "))
        })
    }
}

/// What the terminal, or whatever reads the report, can show. Only [`Format::Full`] and [`Format::Concise`] care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour with ANSI sequences.
    pub color: bool,
    /// Whether to link rules to their page with OSC 8 sequences.
    pub links: bool,
    /// The terminal's width in columns; `None` where it is no terminal, so that nothing is wrapped.
    pub width: Option<usize>,
    /// Whether to draw with Unicode characters rather than ASCII.
    pub unicode: bool,
}

impl Style {
    /// For files and pipes: no sequences, no wrapping.
    pub const PLAIN: Style = Style { color: false, links: false, width: None, unicode: true };
}

/// The texts that findings point into.
pub trait Sources {
    /// The text of `path`; `None` where it cannot be read, or is a folder.
    fn source(&self, path: &RepoPath) -> Option<Arc<Source>>;

    /// The spans of `path` that hold a secret's value, in any order. They are masked wherever a report quotes the
    /// file. The places of `secret/…` findings are masked without being named here.
    fn secrets(&self, _path: &RepoPath) -> Vec<Span> {
        Vec::new()
    }
}

/// How many findings there are, and how many are not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Errors that are shown.
    pub error: usize,
    /// Warnings that are shown.
    pub warning: usize,
    /// Notes that are shown.
    pub note: usize,
    /// Findings that a comment suppresses.
    pub suppressed: usize,
    /// Findings that the configuration accepts.
    pub waived: usize,
    /// Findings that the baseline knows.
    pub baselined: usize,
}

impl Summary {
    /// Counts `findings` by severity; what is not shown is for the caller to add.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            error: count(Severity::Error),
            warning: count(Severity::Warning),
            note: count(Severity::Note),
            ..Self::default()
        }
    }
}

/// Everything that a report says.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// What to show, sorted by path, position and rule. Suppressed findings are not among them.
    pub findings: &'a [Finding],
    /// The texts that they point into.
    pub sources: &'a dyn Sources,
    /// The page of a rule by its id.
    pub pages: &'a dyn Fn(&str) -> Option<&'static Page>,
    /// How many files were read.
    pub files_checked: usize,
    /// The counts.
    pub summary: Summary,
    /// Whether to end with the number of findings of each rule (full and concise only).
    pub statistics: bool,
    /// What went wrong with the run itself, a sentence each: files that were asked for and could not be read, say.
    pub failures: &'a [String],
}

/// Writes `report` to `out` in one of the formats.
pub fn write(format: Format, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Full => full::write(report, style, out),
        Format::Concise => concise::write(report, style, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
    }
}

/// The findings, worst first: where an assumption has made warnings of errors, what would be one comes before what
/// would not. Within that they stay as they were.
fn worst_first<'r>(report: &Report<'r>) -> Vec<&'r Finding> {
    let at_worst = |finding: &Finding| (report.pages)(&finding.rule).map(|page| page.severity.highest());
    let mut sorted: Vec<&Finding> = report.findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse((finding.severity, at_worst(finding))));
    sorted
}

/// The environments of a finding by name: `production, staging`; empty where it is about none in particular.
fn environments(finding: &Finding) -> String {
    let names: Vec<&str> = finding.environments.iter().map(|environment| environment.name()).collect();
    sanitize::line(&names.join(", ")).into_owned()
}

/// The path as people read it; the root is `.`.
fn path(path: &RepoPath) -> String {
    if path.is_root() { ".".into() } else { sanitize::line(path.as_str()).into_owned() }
}

/// The address of a rule's page on the web, where the package says where it lives.
fn rule_url(page: &Page) -> Option<String> {
    let home = env!("CARGO_PKG_REPOSITORY");
    (!home.is_empty()).then(|| format!("{}/blob/v{}/rules/{}.md", home, env!("CARGO_PKG_VERSION"), page.id))
}
