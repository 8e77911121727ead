//! A rule's page, as `build.rs` compiles it from `rules/<family>/<name>.md`. Nothing is parsed at start-up.

use super::page_format;
use crate::findings::Severity;
use crate::project::environment::Environment;

/// All that is said about a rule, in one place: metadata, documentation and cases.
#[derive(Debug)]
pub struct Page {
    /// `family/name`; also the path of the page below `rules/`, the SARIF rule id and the word in suppressions.
    pub id: &'static str,
    /// Former ids, which go on working.
    pub aliases: &'static [&'static str],
    /// The first sentence: what is found. Ends with a full stop.
    pub summary: &'static str,
    /// The whole page after its front matter, as Markdown.
    pub markdown: &'static str,
    /// The prose between the summary and the cases: why it hurts, what to do instead, when to suppress it.
    pub explanation: &'static str,
    /// How much it matters, by environment.
    pub severity: SeverityTable,
    /// Whether it runs unless it is ignored; otherwise it must be selected.
    pub default: bool,
    /// Whether it is about something that is missing, which an example of another page need not have.
    pub absence: bool,
    /// Controls of the deployment standard that it holds: `CMP-3`.
    pub controls: &'static [&'static str],
    /// CWE numbers.
    pub cwe: &'static [u32],
    /// The same check in other tools: `tool:rule`.
    pub equivalents: &'static [&'static str],
    /// Whether it proposes a change.
    pub fix: FixKind,
    /// Links under "References".
    pub references: &'static [&'static str],
    /// The examples, which are tests.
    pub cases: &'static [Case],
}

/// The format of a token, from the table `[token]` of a page.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// The id of the page's rule.
    pub rule: &'static str,
    /// What people call it, with its article: `a GitHub token`.
    pub name: &'static str,
    /// Texts of which one stands in each match, in this very case unless the pattern begins with `(?i)`.
    pub keywords: &'static [&'static str],
    /// A regular expression over bytes; the token is its group `secret`, or all of it.
    pub pattern: &'static str,
    /// The least entropy, in bits a character.
    pub entropy: f64,
    /// How it can be checked without asking its maker.
    pub checksum: Option<&'static str>,
    /// Values that documentation shows, which are nobody's.
    pub samples: &'static [&'static str],
    /// The rule that speaks for both where its token stands in the same file: of the two halves of one key.
    pub unless: Option<&'static str>,
    /// Whether its makers hand it to browsers as well, so that it is no secret in what browsers load.
    pub browser: bool,
    /// What to do with one that was found.
    pub revoke: &'static str,
}

/// What kind of change a rule proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// None.
    None,
    /// One that cannot change what works.
    Safe,
    /// One that needs a look.
    Unsafe,
}

impl FixKind {
    /// The name in pages and reports.
    pub fn name(self) -> &'static str {
        match self {
            FixKind::None => "none",
            FixKind::Safe => "safe",
            FixKind::Unsafe => "unsafe",
        }
    }
}

/// Severities by environment. An environment that is not listed is not concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeverityTable {
    /// The same everywhere, also for what serves no environment in particular.
    Everywhere(Severity),
    /// By environment name.
    ByEnvironment(&'static [(&'static str, Severity)]),
}

impl SeverityTable {
    /// The severity in `environment`; `None` where the rule does not apply there. An environment that only the
    /// configuration knows is judged as production.
    pub fn within(&self, environment: &Environment) -> Option<Severity> {
        match self {
            SeverityTable::Everywhere(severity) => Some(*severity),
            SeverityTable::ByEnvironment(table) => {
                let find = |name: &str| table.iter().find(|(known, _)| *known == name).map(|(_, severity)| *severity);
                match environment {
                    Environment::Other(name) => find(name).or_else(|| find("production")),
                    known => find(known.name()),
                }
            }
        }
    }

    /// The severity for what serves no environment in particular: the highest there is, at most a warning where
    /// the page tells environments apart.
    pub fn anywhere(&self) -> Option<Severity> {
        match self {
            SeverityTable::Everywhere(severity) => Some(*severity),
            SeverityTable::ByEnvironment(table) => {
                table.iter().map(|(_, severity)| *severity).max().map(|severity| severity.min(Severity::Warning))
            }
        }
    }

    /// The highest severity of all.
    pub fn highest(&self) -> Severity {
        match self {
            SeverityTable::Everywhere(severity) => *severity,
            SeverityTable::ByEnvironment(table) => {
                table.iter().map(|(_, severity)| *severity).max().unwrap_or(Severity::Note)
            }
        }
    }

    /// The names of the environments that are concerned, from the one that matters most.
    pub fn environments(&self) -> Vec<&'static str> {
        match self {
            SeverityTable::Everywhere(_) => page_format::ENVIRONMENTS.to_vec(),
            SeverityTable::ByEnvironment(table) => table.iter().map(|(name, _)| *name).collect(),
        }
    }

    /// Whether it does not tell environments apart.
    pub fn is_uniform(&self) -> bool {
        matches!(self, SeverityTable::Everywhere(_))
    }
}

impl Page {
    /// The part of the id before the slash.
    pub fn family(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }

    /// The part of the id after the slash.
    pub fn name(&self) -> &'static str {
        self.id.rsplit('/').next().unwrap_or(self.id)
    }
}

/// One example of a page: a small project, and what the rule says of it.
#[derive(Debug)]
pub struct Case {
    /// The `###` title.
    pub title: &'static str,
    /// Whether it stands under "Bad": the rule reports exactly the marked lines. Otherwise it is silent.
    pub bad: bool,
    /// Whether the case is a whole project, so that what is missing from it is really missing.
    pub complete: bool,
    /// Its files.
    pub files: &'static [CaseFile],
}

/// One file of a case.
#[derive(Debug)]
pub struct CaseFile {
    /// The language of the code block, for those who show it: `yaml`.
    pub language: &'static str,
    /// Path in the case's project.
    pub path: &'static str,
    /// The text, marker comments included (they are comments in their language).
    pub text: &'static str,
    /// 1-based lines on which the rule must report, from `# error` comments above them and from `error=…`.
    pub errors: &'static [usize],
    /// 1-based lines on which it should report and is known not to: `# todo-error`.
    pub misses: &'static [usize],
    /// Unix permission bits, such as 0o755.
    pub mode: u32,
    /// Whether git ignores the file.
    pub ignored: bool,
    /// Whether the text is written as UTF-16, as Windows PowerShell does.
    pub utf16: bool,
    /// Whether lines end as Windows writes them.
    pub crlf: bool,
    /// Whether the system refuses to read the file.
    pub unreadable: bool,
}
