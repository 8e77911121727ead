//! The format of a rule's page: front matter, documentation and cases, read into owned text.
//!
//! `build.rs` includes this module to compile the pages under `rules/`, and the same code reads users' own pages at run
//! time; so it needs nothing but the standard library, serde and toml. `docs/writing-rules.md` explains the format.

mod body;
mod fence;
mod token;

pub use token::TokenText;

use serde::Deserialize;
use std::fmt;
use std::ops::Range;
use toml::Spanned;

/// What a rule can be about: the first part of its id.
pub const FAMILIES: [&str; 12] = [
    "dockerfile",
    "compose",
    "settings",
    "migration",
    "secret",
    "env",
    "script",
    "workflow",
    "proxy",
    "project",
    "file",
    "change",
];

/// Environments that a page can tell apart, from the one that matters most.
pub const ENVIRONMENTS: [&str; 4] = ["production", "staging", "testing", "development"];

/// Beginnings of names that would read wrongly after "allow": a rule is named after the thing found.
const VERDICTS: [&str; 3] = ["no-", "require-", "ban-"];

/// A page as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct PageText {
    /// `family/name`.
    pub id: String,
    /// Former ids.
    pub aliases: Vec<String>,
    /// The first paragraph, on one line.
    pub summary: String,
    /// The whole page after its front matter.
    pub markdown: String,
    /// The prose between the summary and the cases.
    pub explanation: String,
    /// How much it matters.
    pub severity: SeverityText,
    /// Whether it runs unless it is ignored.
    pub default: bool,
    /// Whether it is about something that is missing.
    pub absence: bool,
    /// Controls of the deployment standard: `CMP-3`.
    pub controls: Vec<String>,
    /// CWE numbers.
    pub cwe: Vec<u32>,
    /// The same check in other tools: `tool:rule`.
    pub equivalents: Vec<String>,
    /// Whether it proposes a change.
    pub fix: FixText,
    /// The format of a token, where the rule finds one.
    pub token: Option<TokenText>,
    /// Links under "References".
    pub references: Vec<String>,
    /// The cases, in their order.
    pub cases: Vec<CaseText>,
}

/// How much a finding matters; named as the severities of findings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Likely to bite.
    Warning,
    /// Not fit to ship.
    Error,
}

/// Severities as a page gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeverityText {
    /// One for all environments.
    Everywhere(Level),
    /// By environment name, in the order of [`ENVIRONMENTS`].
    ByEnvironment(Vec<(String, Level)>),
}

/// What kind of change a rule proposes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FixText {
    /// None.
    #[default]
    None,
    /// One that cannot change what works.
    Safe,
    /// One that needs a look.
    Unsafe,
}

/// One example of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseText {
    /// The `###` title, without `{complete}`.
    pub title: String,
    /// Whether it stands under "Bad".
    pub bad: bool,
    /// Whether it is a whole project.
    pub complete: bool,
    /// Its files.
    pub files: Vec<FileText>,
}

/// One file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileText {
    /// The language of the fence: `yaml`.
    pub language: String,
    /// Path in the case's project.
    pub path: String,
    /// The text, marker comments included.
    pub text: String,
    /// 1-based lines on which the rule must report.
    pub errors: Vec<usize>,
    /// 1-based lines on which it should report and is known not to.
    pub misses: Vec<usize>,
    /// Unix permission bits.
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

/// Something wrong with a page, with what is expected instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// 1-based line in the page's file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

/// Reads the page of the rule called `id` (`family/name`, from its path). All that is wrong is told at once, in the
/// order of lines.
pub fn parse(id: &str, text: &str) -> Result<PageText, Vec<Complaint>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut reader = Reader::default();
    reader.check_id(id, 1);
    let page = reader.page(id, &text);
    reader.complaints.sort_by_key(|complaint| complaint.line);
    match page {
        Some(page) if reader.complaints.is_empty() => Ok(page),
        _ => Err(reader.complaints),
    }
}

/// The front matter as TOML has it. What must be checked keeps its place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    severity: Spanned<toml::Value>,
    #[serde(default = "on")]
    default: bool,
    #[serde(default)]
    absence: bool,
    #[serde(default)]
    controls: Vec<Spanned<String>>,
    #[serde(default)]
    cwe: Vec<u32>,
    #[serde(default)]
    equivalents: Vec<Spanned<String>>,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    #[serde(default)]
    fix: FixText,
    token: Option<Spanned<token::TokenTable>>,
}

fn on() -> bool {
    true
}

/// Gathers what is wrong while it reads.
#[derive(Default)]
struct Reader {
    complaints: Vec<Complaint>,
}

impl Reader {
    fn complain(&mut self, line: usize, message: impl Into<String>) {
        self.complaints.push(Complaint { line, message: message.into() });
    }

    fn check_id(&mut self, id: &str, line: usize) {
        let Some((family, name)) = id.split_once('/') else {
            return self.complain(line, format!("`{id}` is no rule id: expected `family/name`"));
        };
        if !FAMILIES.contains(&family) {
            self.complain(line, format!("unknown family `{family}`: expected one of {}", FAMILIES.join(", ")));
        }
        if !is_kebab(name) {
            self.complain(line, format!("`{name}` is no rule name: expected lower-case words with `-` between them"));
        }
        if let Some(verdict) = VERDICTS.iter().find(|verdict| name.starts_with(**verdict)) {
            let message =
                format!("`{name}` begins with `{verdict}`: name the thing found, as it reads after \"allow\"");
            self.complain(line, message);
        }
    }

    fn page(&mut self, id: &str, text: &str) -> Option<PageText> {
        let Some((front, body, body_line)) = split(text) else {
            self.complain(1, "no front matter: expected TOML between two lines `+++` at the top");
            return None;
        };
        let front = match toml::from_str::<FrontMatter>(front) {
            Ok(read) => Some((front, read)),
            Err(error) => {
                let line = line_at(front, error.span());
                self.complain(line, format!("front matter: {}", error.message()));
                None
            }
        };
        let name = id.rsplit('/').next().unwrap_or(id);
        let gathered = self.body(name, body, body_line);
        let (summary, explanation) = self.prose(&gathered.prose, body_line);
        self.check_cases(&gathered.cases, body_line);
        let (front_text, front) = front?;
        let token = front.token.map(|table| self.token(id, front_text, table));
        Some(PageText {
            id: id.into(),
            aliases: self.words(front_text, front.aliases, "alias", |reader, alias, line| reader.check_id(alias, line)),
            summary,
            markdown: body.trim_start_matches('\n').into(),
            explanation,
            severity: self.severity(front_text, front.severity)?,
            default: front.default,
            absence: front.absence,
            controls: self.words(front_text, front.controls, "control", Self::check_control),
            cwe: front.cwe,
            equivalents: self.words(front_text, front.equivalents, "equivalent", Self::check_equivalent),
            fix: front.fix,
            token,
            references: gathered.references,
            cases: gathered.cases.into_iter().map(|(_, case)| case).collect(),
        })
    }

    fn severity(&mut self, front: &str, severity: Spanned<toml::Value>) -> Option<SeverityText> {
        let line = line_at(front, Some(severity.span()));
        match severity.into_inner() {
            toml::Value::String(name) => self.level(&name, line).map(SeverityText::Everywhere),
            toml::Value::Table(table) if !table.is_empty() => {
                let mut levels = Vec::new();
                for (environment, value) in &table {
                    let Some(position) = ENVIRONMENTS.iter().position(|known| known == environment) else {
                        let known = ENVIRONMENTS.join(", ");
                        self.complain(line, format!("unknown environment `{environment}`: expected one of {known}"));
                        continue;
                    };
                    if let Some(level) = self.level(value.as_str().unwrap_or(&value.to_string()), line) {
                        levels.push((position, environment.clone(), level));
                    }
                }
                levels.sort_by_key(|(position, ..)| *position);
                let levels = levels.into_iter().map(|(_, environment, level)| (environment, level)).collect();
                Some(SeverityText::ByEnvironment(levels))
            }
            _ => {
                let example = r#"{ production = "error", staging = "warning" }"#;
                self.complain(line, format!("expected a severity or severities by environment: {example}"));
                None
            }
        }
    }

    fn level(&mut self, name: &str, line: usize) -> Option<Level> {
        match name {
            "note" => Some(Level::Note),
            "warning" => Some(Level::Warning),
            "error" => Some(Level::Error),
            other => {
                self.complain(line, format!("unknown severity `{other}`: expected error, warning or note"));
                None
            }
        }
    }

    /// Checks each word of a list of the front matter, and that none stands twice.
    fn words(
        &mut self,
        front: &str,
        words: Vec<Spanned<String>>,
        what: &str,
        check: impl Fn(&mut Self, &str, usize),
    ) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for word in words {
            let line = line_at(front, Some(word.span()));
            let word = word.into_inner();
            check(self, &word, line);
            if seen.contains(&word) {
                self.complain(line, format!("{what} `{word}` stands twice"));
            }
            seen.push(word);
        }
        seen
    }

    fn check_control(&mut self, control: &str, line: usize) {
        let fits = control.split_once('-').is_some_and(|(group, number)| {
            !group.is_empty()
                && group.bytes().all(|byte| byte.is_ascii_uppercase())
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        if !fits {
            self.complain(line, format!("`{control}` is no control: expected one such as CMP-3"));
        }
    }

    fn check_equivalent(&mut self, equivalent: &str, line: usize) {
        let fits = equivalent.split_once(':').is_some_and(|(tool, rule)| {
            is_kebab(tool) && !rule.is_empty() && !rule.contains(|c: char| c.is_whitespace() || c == ',')
        });
        if !fits {
            self.complain(line, format!("`{equivalent}` is no equivalent: expected `tool:rule`"));
        }
    }
}

/// Front matter, body, and the 1-based line on which the body begins.
fn split(text: &str) -> Option<(&str, &str, usize)> {
    let rest = text.strip_prefix("+++\n")?;
    let mut offset = 0;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == "+++" {
            return Some((&rest[..offset], &rest[offset + line.len()..], index + 3));
        }
        offset += line.len();
    }
    None
}

/// The 1-based line in the page of a place in the front matter, which begins on line 2.
fn line_at(front: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start.min(front.len()));
    2 + front.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count()
}

/// Lower-case words and digits with single hyphens between them.
fn is_kebab(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
