//! The format of a rule's page: front matter, documentation and cases, read into owned text.
//!
//! `build.rs` includes this file to compile the pages under `rules/`, and the same code reads users' own pages at run
//! time; so it needs nothing but the standard library, serde and toml. `docs/writing-rules.md` explains the format.

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Controls of the deployment standard: `CMP-3`.
    pub controls: Vec<String>,
    /// CWE numbers.
    pub cwe: Vec<u32>,
    /// The same check in other tools: `tool:rule`.
    pub equivalents: Vec<String>,
    /// Whether it proposes a change.
    pub fix: FixText,
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
    controls: Vec<Spanned<String>>,
    #[serde(default)]
    cwe: Vec<u32>,
    #[serde(default)]
    equivalents: Vec<Spanned<String>>,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    #[serde(default)]
    fix: FixText,
}

fn on() -> bool {
    true
}

/// The parts of a page's body, in the order in which they must come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Section {
    Title,
    Prose,
    Bad,
    Good,
    References,
}

/// What is gathered from a page's body.
#[derive(Default)]
struct Body {
    prose: Vec<(usize, String)>,
    cases: Vec<(usize, CaseText)>,
    references: Vec<String>,
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
        Some(PageText {
            id: id.into(),
            aliases: self.words(front_text, front.aliases, "alias", |reader, alias, line| reader.check_id(alias, line)),
            summary,
            markdown: body.trim_start_matches('\n').into(),
            explanation,
            severity: self.severity(front_text, front.severity)?,
            default: front.default,
            controls: self.words(front_text, front.controls, "control", Self::check_control),
            cwe: front.cwe,
            equivalents: self.words(front_text, front.equivalents, "equivalent", Self::check_equivalent),
            fix: front.fix,
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

    /// Reads what follows the front matter; `first` is the 1-based line on which it begins.
    fn body(&mut self, name: &str, body: &str, first: usize) -> Body {
        let mut gathered = Body::default();
        let mut section = Section::Title;
        let mut lines = body.lines().enumerate().map(|(index, line)| (first + index, line));
        while let Some((number, line)) = lines.next() {
            if let Some(fence) = Fence::opening(line) {
                let mut text = String::new();
                let mut raw = vec![line.to_string()];
                let closed = lines.by_ref().any(|(_, line)| {
                    raw.push(line.into());
                    let closes = fence.closed_by(line);
                    if !closes {
                        text.push_str(line);
                        text.push('\n');
                    }
                    closes
                });
                if !closed {
                    self.complain(number, "this code block has no end");
                }
                match section {
                    Section::Prose => gathered.prose.extend(raw.into_iter().map(|line| (number, line))),
                    Section::Bad | Section::Good => self.file(&mut gathered, &fence, text, number),
                    Section::Title => self.complain(number, format!("expected `# {name}` first")),
                    Section::References => self.complain(number, "expected a list of links under `## References`"),
                }
            } else if let Some((depth, title)) = heading(line) {
                section = self.heading(&mut gathered, section, name, depth, title, number);
            } else {
                self.text(&mut gathered, section, line, number);
            }
        }
        if section != Section::References {
            let last = first + body.lines().count().saturating_sub(1);
            self.complain(last, "expected the sections `## Bad`, `## Good` and `## References`, in this order");
        } else if gathered.references.is_empty() {
            let last = first + body.lines().count().saturating_sub(1);
            self.complain(last, "expected at least one link under `## References`");
        }
        gathered
    }

    /// Takes a heading in, and says in which section what follows it stands.
    fn heading(
        &mut self,
        gathered: &mut Body,
        section: Section,
        name: &str,
        depth: usize,
        title: &str,
        number: usize,
    ) -> Section {
        match (depth, section) {
            (1, Section::Title) => {
                if title != name {
                    self.complain(number, format!("the title is `{title}`: expected `{name}`, as the file is called"));
                }
                Section::Prose
            }
            (2, Section::Prose) if title == "Bad" => Section::Bad,
            (2, Section::Bad) if title == "Good" => Section::Good,
            (2, Section::Good) if title == "References" => Section::References,
            (3, Section::Bad | Section::Good) => {
                let (title, complete) = match title.strip_suffix("{complete}") {
                    Some(title) => (title.trim_end(), true),
                    None => (title, false),
                };
                if title.is_empty() {
                    self.complain(number, "this case has no title");
                } else if gathered.cases.iter().any(|(_, case)| case.title == title) {
                    self.complain(number, format!("another case is called \"{title}\""));
                }
                let bad = section == Section::Bad;
                gathered.cases.push((number, CaseText { title: title.into(), bad, complete, files: Vec::new() }));
                section
            }
            _ => {
                let marks = "#".repeat(depth);
                let expected = match section {
                    Section::Title => format!("`# {name}`"),
                    Section::Prose => "`## Bad`".into(),
                    Section::Bad => "a case `### …` or `## Good`".into(),
                    Section::Good => "a case `### …` or `## References`".into(),
                    Section::References => "nothing after the links".into(),
                };
                self.complain(number, format!("`{marks} {title}` has no place here: expected {expected}"));
                section
            }
        }
    }

    fn text(&mut self, gathered: &mut Body, section: Section, line: &str, number: usize) {
        let blank = line.trim().is_empty();
        match section {
            Section::Prose => gathered.prose.push((number, line.into())),
            _ if blank => {}
            Section::Title => self.complain(number, "expected the title, `# ` and the rule's name, before any text"),
            Section::Bad | Section::Good => {
                // Words about a case may stand in it, before or after its files.
                let bad = section == Section::Bad;
                if gathered.cases.last().is_none_or(|(_, case)| case.bad != bad) {
                    self.complain(number, "expected a case, `### ` and its title, before any text");
                }
            }
            Section::References => match link(line) {
                Ok(url) => gathered.references.push(url.into()),
                Err(message) => self.complain(number, message),
            },
        }
    }

    /// Takes a code block of a case in as one of its files.
    fn file(&mut self, gathered: &mut Body, fence: &Fence, text: String, number: usize) {
        let Some(mut file) = self.fence_words(fence.info, number) else { return };
        let count = text.lines().count();
        if let Some(line) = file.errors.iter().find(|line| **line == 0 || **line > count) {
            self.complain(number, format!("`error={line}`: the file has the lines 1 to {count}"));
        }
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(mark) = Mark::on(line) else { continue };
            let below = lines.get(index + 1).filter(|below| !below.trim().is_empty() && Mark::on(below).is_none());
            if below.is_none() {
                self.complain(number + 1 + index, "a marker marks the line below it: expected code there");
                continue;
            }
            match mark {
                Mark::Error => file.errors.push(index + 2),
                Mark::KnownMiss => file.misses.push(index + 2),
            }
        }
        file.errors.sort_unstable();
        file.text = text;
        match gathered.cases.last_mut() {
            Some((_, case)) if case.files.iter().any(|other| other.path == file.path) => {
                let message = format!("this case has two files `{}`", file.path);
                self.complain(number, message);
            }
            Some((_, case)) => case.files.push(file),
            None => self.complain(number, "expected a case, `### ` and its title, before its files"),
        }
    }

    /// Reads the words after the backticks: `yaml file=compose.yaml mode=755 ignored error=3,7`.
    fn fence_words(&mut self, info: &str, number: usize) -> Option<FileText> {
        let mut words = info.split_whitespace();
        let language = words.next().filter(|word| !word.contains('='));
        let mut file = FileText {
            language: language.unwrap_or_default().into(),
            path: String::new(),
            text: String::new(),
            errors: Vec::new(),
            misses: Vec::new(),
            mode: 0o644,
            ignored: false,
        };
        if language.is_none() {
            self.complain(number, "expected a language and a file: ```yaml file=compose.yaml");
            return None;
        }
        for word in words {
            match word.split_once('=') {
                Some(("file", path)) => file.path = path.into(),
                Some(("mode", mode)) => match u32::from_str_radix(mode, 8) {
                    Ok(mode) if mode <= 0o777 => file.mode = mode,
                    _ => self.complain(number, format!("`{word}`: expected Unix permissions such as `mode=755`")),
                },
                Some(("error", lines)) => match lines.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>() {
                    Ok(lines) => file.errors = lines,
                    Err(_) => self.complain(number, format!("`{word}`: expected line numbers such as `error=3,7`")),
                },
                None if word == "ignored" => file.ignored = true,
                _ => {
                    let known = "`file=`, `mode=`, `ignored` and `error=`";
                    self.complain(number, format!("unknown word `{word}`: a code block of a case knows {known}"));
                }
            }
        }
        let parts = file.path.split('/');
        if file.path.is_empty() {
            self.complain(number, "expected `file=` with the file's path in the case's project");
            return None;
        } else if parts.clone().any(|part| part.is_empty() || part == "." || part == "..") || file.path.contains('\\') {
            self.complain(number, format!("`file={}`: expected a path below the project, with `/`", file.path));
        }
        Some(file)
    }

    /// The summary on one line, and the rest. `above` is the line to complain of where there is no prose.
    fn prose(&mut self, prose: &[(usize, String)], above: usize) -> (String, String) {
        let mut rest = prose.iter().skip_while(|(_, line)| line.trim().is_empty()).peekable();
        let line = rest.peek().map_or(above, |(line, _)| *line);
        let first: Vec<&str> = rest.by_ref().map(|(_, line)| line.trim()).take_while(|line| !line.is_empty()).collect();
        let summary = first.join(" ");
        let explanation = rest.map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n").trim().to_string();
        if !summary.ends_with('.') {
            self.complain(line, "expected a summary in one sentence with a full stop below the title");
        } else if ["! ", "? ", ". "].iter().any(|end| summary.contains(end)) {
            self.complain(line, "the summary, which is the first paragraph, has more than one sentence");
        }
        if explanation.is_empty() {
            self.complain(
                line,
                "expected an explanation after the summary: why it hurts, what to do, when to suppress",
            );
        }
        (summary, explanation)
    }

    fn check_cases(&mut self, cases: &[(usize, CaseText)], body_line: usize) {
        let bad = cases.iter().filter(|(_, case)| case.bad).count();
        let good = cases.len() - bad;
        let last = cases.last().map_or(body_line, |(line, _)| *line);
        if bad == 0 {
            self.complain(last, "expected at least one case under `## Bad`");
        }
        if good < 2 {
            self.complain(last, "expected at least two cases under `## Good`");
        } else if good <= bad {
            self.complain(last, format!("{bad} bad cases and {good} good ones: expected more good ones than bad ones"));
        }
        for (line, case) in cases {
            let marked = case.files.iter().any(|file| !file.errors.is_empty() || !file.misses.is_empty());
            if case.files.is_empty() {
                self.complain(
                    *line,
                    format!("case \"{}\" has no file: expected a code block with `file=`", case.title),
                );
            } else if case.bad && !marked {
                self.complain(
                    *line,
                    format!("bad case \"{}\" marks no line: expected `# error` above one", case.title),
                );
            } else if !case.bad && marked {
                self.complain(*line, format!("good case \"{}\" marks a line: expected no `# error`", case.title));
            }
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

/// Depth and title of a heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let depth = line.len() - title.len();
    (depth > 0 && (title.is_empty() || title.starts_with(' '))).then(|| (depth, title.trim()))
}

/// The one https link of a list item.
fn link(line: &str) -> Result<&str, String> {
    let item = line.strip_prefix("* ").or_else(|| line.strip_prefix("- "));
    let item = item.ok_or("expected a list of links under `## References`: `* [words](https://…)`")?;
    if item.contains("http://") {
        return Err("this link is not encrypted: expected https://".into());
    }
    let start = item.find("https://").ok_or("expected an https:// link in this item")?;
    let url = &item[start..];
    let end = match item[..start].chars().next_back() {
        // An address may hold brackets of its own.
        Some('(') => url.rfind(')'),
        Some('<') => url.find('>'),
        _ => url.find(char::is_whitespace),
    };
    let url = &url[..end.unwrap_or(url.len())];
    if url.contains(char::is_whitespace) {
        return Err("expected one link an item".into());
    }
    Ok(url)
}

/// The beginning of a code block.
struct Fence<'a> {
    mark: char,
    length: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn opening(line: &'a str) -> Option<Self> {
        let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let length = line.len() - info.len();
        (length >= 3).then(|| Self { mark, length, info: info.trim() })
    }

    fn closed_by(&self, line: &str) -> bool {
        let line = line.trim_end();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }
}

/// What a marker comment says of the line below it.
enum Mark {
    Error,
    KnownMiss,
}

impl Mark {
    /// The marker that is all there is on `line`, in the comment of any language that has one of these forms.
    fn on(line: &str) -> Option<Self> {
        let line = line.trim();
        [("#", ""), ("//", ""), ("<!--", "-->"), ("--", ""), (";", "")].iter().find_map(|(open, close)| {
            match line.strip_prefix(open)?.strip_suffix(close)?.trim() {
                "error" => Some(Mark::Error),
                "todo-error" => Some(Mark::KnownMiss),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests;
