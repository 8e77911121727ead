//! From physical lines to instructions: directives, comments, continuations, heredoc bodies.

use super::{Comment, Directive};
use crate::source::{Fragment, Problem, Span, Spanned};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Reads a file line by line. Docker ends lines at `\n` only and drops `\r` before it.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// Offset of the next line.
    at: usize,
    pub(super) escape: char,
    pub(super) directives: Vec<Directive>,
    pub(super) comments: Vec<Comment>,
    pub(super) problems: Vec<Problem>,
    /// Whether directives may still come.
    directives_open: bool,
    terminators: Option<Terminators>,
}

/// One physical line.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    /// Without its line break.
    content: &'a str,
    /// Where the next line begins.
    next: usize,
}

impl Line<'_> {
    fn end(&self) -> usize {
        self.start + self.content.len()
    }
}

fn line_at(text: &str, start: usize) -> Option<Line<'_>> {
    if start >= text.len() {
        return None;
    }
    let next = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |length| start + length + 1);
    Some(Line { start, content: text[start..next].trim_end_matches(['\n', '\r']), next })
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
            escape: '\\',
            directives: Vec::new(),
            comments: Vec::new(),
            problems: Vec::new(),
            directives_open: true,
            terminators: None,
        }
    }

    fn line(&mut self) -> Option<Line<'a>> {
        let line = line_at(self.text, self.at)?;
        self.at = line.next;
        Some(line)
    }

    /// The next instruction, its continuations joined, without blanks around it.
    pub(super) fn logical_line(&mut self) -> Option<Fragment> {
        loop {
            let first = self.line()?;
            if self.directive(first) || self.comment(first) {
                continue;
            }
            let mut joined = Fragment::builder();
            let (mut content, mut continues) = self.continuation(first.content);
            joined.push(content, first.start);
            while continues {
                let Some(line) = self.line() else { break };
                if self.comment(line) || line.content.trim().is_empty() {
                    continue;
                }
                (content, continues) = self.continuation(line.content);
                joined.push(content, line.start);
            }
            let joined = joined.finish();
            let text = joined.text();
            let start = text.len() - text.trim_start().len();
            let end = text.trim_end().len();
            if start < end {
                return Some(joined.slice(Span::new(start, end)));
            }
        }
    }

    /// The content without the escape character that continues it, and whether it does. A doubled one does not.
    fn continuation(&self, content: &'a str) -> (&'a str, bool) {
        let trimmed = content.trim_end_matches([' ', '\t']);
        match trimmed.strip_suffix(self.escape) {
            Some(before) if !before.ends_with(self.escape) => (before, true),
            _ => (content, false),
        }
    }

    fn comment(&mut self, line: Line<'a>) -> bool {
        let blank = line.content.len() - line.content.trim_start().len();
        let Some(text) = line.content[blank..].strip_prefix('#') else { return false };
        let span = Span::new(line.start + blank, line.end());
        self.comments.push(Comment { span, text: text.trim().to_owned() });
        true
    }

    /// `# name=value` at the top of the file. Anything else, even an empty line, ends the directives.
    fn directive(&mut self, line: Line<'a>) -> bool {
        if !self.directives_open {
            return false;
        }
        let directive = read_directive(line);
        self.directives_open = directive.is_some();
        let Some(directive) = directive else { return false };
        if self.directives.iter().any(|known| known.name.value == directive.name.value) {
            let message = format!("a second `{}` directive", directive.name.value);
            self.problems.push(Problem::new(directive.name.span, message));
            return true;
        }
        if directive.name.value == "escape" {
            match directive.value.as_str() {
                "\\" => self.escape = '\\',
                "`" => self.escape = '`',
                _ => self
                    .problems
                    .push(Problem::new(directive.value.span, "the escape character is neither `\\` nor a backtick")),
            }
        }
        self.directives.push(directive);
        true
    }

    /// The body of a heredoc that ends with the line `name`, and the span with that line. One that does not end takes
    /// the lines up to the next that looks like an instruction, so that those are not lost.
    pub(super) fn heredoc(&mut self, name: &str, strip_tabs: bool, marker: Span) -> (Fragment, Span) {
        let text = self.text;
        let start = self.at;
        let terminator =
            self.terminators.get_or_insert_with(|| Terminators::new(text)).find(text, name, strip_tabs, start);
        if terminator.is_none() {
            let shown: String = name.chars().take(30).collect();
            self.problems.push(Problem::new(marker, format!("the heredoc `{shown}` does not end")));
        }
        let mut body = Fragment::builder();
        body.cover(Span::at(start));
        let mut end = start;
        while let Some(line) = line_at(text, self.at) {
            if terminator == Some(line.start) {
                self.at = line.next;
                end = line.end();
                break;
            }
            if terminator.is_none() && begins_an_instruction(line.content) {
                break;
            }
            let whole = &text[line.start..line.next];
            let kept = if strip_tabs { whole.trim_start_matches('\t') } else { whole };
            body.push(kept, line.next - kept.len());
            self.at = line.next;
            end = line.end();
        }
        (body.finish(), Span::new(start, end.max(start)))
    }
}

fn read_directive(line: Line<'_>) -> Option<Directive> {
    let content = line.content.trim_start();
    let content = content.strip_prefix('#')?.trim_start();
    let (name, value) = content.split_once('=')?;
    let (name, value) = (name.trim_end(), value.trim());
    let known = ["syntax", "escape", "check"].iter().any(|known| name.eq_ignore_ascii_case(known));
    if !known || value.is_empty() {
        return None;
    }
    let place = |part: &str| {
        let start = line.start + (part.as_ptr() as usize - line.content.as_ptr() as usize);
        Span::new(start, start + part.len())
    };
    Some(Directive {
        name: Spanned::new(name.to_ascii_lowercase(), place(name)),
        value: Spanned::new(value.to_owned(), place(value)),
    })
}

/// Whether a line begins with an upper-case keyword at its very start, as instructions are commonly written.
fn begins_an_instruction(content: &str) -> bool {
    let keyword = content.split([' ', '\t']).next().unwrap_or("");
    super::instruction::KEYWORDS.contains(&keyword) && keyword.len() < content.len()
}

/// Where each line stands, by its hash: a file of heredocs that never end must not be searched through for each.
struct Terminators {
    /// Sorted by hash of the line, then offset.
    whole: Vec<(u64, u32)>,
    /// The same with tabs at the start of lines removed.
    without_tabs: Vec<(u64, u32)>,
}

impl Terminators {
    fn new(text: &str) -> Self {
        let mut terminators = Self { whole: Vec::new(), without_tabs: Vec::new() };
        let mut at = 0;
        while let Some(line) = line_at(text, at) {
            at = line.next;
            if !line.content.is_empty() {
                terminators.whole.push((hash(line.content), line.start as u32));
                terminators.without_tabs.push((hash(line.content.trim_start_matches('\t')), line.start as u32));
            }
        }
        terminators.whole.sort_unstable();
        terminators.without_tabs.sort_unstable();
        terminators
    }

    fn find(&self, text: &str, name: &str, strip_tabs: bool, from: usize) -> Option<usize> {
        let lines = if strip_tabs { &self.without_tabs } else { &self.whole };
        let wanted = hash(name);
        let first = lines.partition_point(|&known| known < (wanted, from as u32));
        let same = lines[first..].iter().take_while(|(hash, _)| *hash == wanted);
        same.map(|&(_, start)| start as usize).find(|&start| {
            let content = line_at(text, start).map_or("", |line| line.content);
            name == if strip_tabs { content.trim_start_matches('\t') } else { content }
        })
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
