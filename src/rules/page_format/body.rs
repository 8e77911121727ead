//! The body of a page: title, prose, sections, headings, links.

use super::fence::Fence;
use super::{CaseText, Reader};

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
pub(super) struct Body {
    pub prose: Vec<(usize, String)>,
    pub cases: Vec<(usize, CaseText)>,
    pub references: Vec<String>,
}

impl Reader {
    /// Reads what follows the front matter; `first` is the 1-based line on which it begins.
    pub(super) fn body(&mut self, name: &str, body: &str, first: usize) -> Body {
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

    /// The summary on one line, and the rest. `above` is the line to complain of where there is no prose.
    pub(super) fn prose(&mut self, prose: &[(usize, String)], above: usize) -> (String, String) {
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

    pub(super) fn check_cases(&mut self, cases: &[(usize, CaseText)], body_line: usize) {
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
