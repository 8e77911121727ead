//! The dialect of python-dotenv (its parser of version 1.2).

use super::cursor::Cursor;
use super::{Dialect, Entry, EnvFile, EnvValue, Quote, control};
use crate::parse::substitution::{Operation, Part, Variable};
use crate::source::{Fragment, Problem, Span, Spanned};

const BREAKS: [char; 2] = ['\n', '\r'];

/// Blanks within a line.
fn is_blank(character: char) -> bool {
    is_space(character) && !BREAKS.contains(&character)
}

/// Python's `\s`.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    file: EnvFile,
    /// Whether a double-quoted value, a single-quoted value or a quoted key was found not to end; then none after it
    /// ends either, and the rest of the file is not searched again.
    open_quote: [bool; 3],
}

pub(super) fn parse(cursor: Cursor<'_>) -> (EnvFile, Vec<Problem>) {
    let mut reader = Reader { cursor, file: EnvFile::new(Dialect::PythonDotenv), open_quote: [false; 3] };
    let mut problems = Vec::new();
    loop {
        reader.cursor.take_while(is_space);
        if reader.cursor.at_end() {
            break;
        }
        let start = reader.cursor.at;
        let comments = reader.file.comments.len();
        match reader.binding() {
            Ok(entry) => reader.file.entries.extend(entry),
            Err(message) => {
                // The reader stays where it failed, which may be the end of the line.
                reader.file.comments.truncate(comments);
                reader.cursor.at = reader.cursor.line_end(&BREAKS);
                let end = start + reader.cursor.slice(Span::new(start, reader.cursor.at)).trim_end().len();
                problems.push(Problem::new(Span::new(start, end), message));
            }
        }
    }
    (reader.file, problems)
}

impl Reader<'_> {
    /// One entry or comment line, with the end of its line.
    fn binding(&mut self) -> Result<Option<Entry>, &'static str> {
        let start = self.cursor.at;
        let export = self.export();
        let key = match self.cursor.peek() {
            Some('#') => None,
            Some('\'') => Some(self.quoted_key()?),
            _ => {
                let start = self.cursor.at;
                let key = self.cursor.take_while(|c| c != '=' && c != '#' && !is_space(c));
                if key.is_empty() {
                    return Err("no name before `=`");
                }
                Some(self.cursor.spanned(start, start + key.len()))
            }
        };
        self.cursor.take_while(is_blank);
        let after_equals = self.cursor.at + 1;
        let value = if self.cursor.take('=') {
            let blanks = self.cursor.take_while(is_blank);
            let comment = !blanks.is_empty() && self.cursor.peek() == Some('#');
            Some(if comment { self.unquoted(after_equals, after_equals) } else { self.value(after_equals)? })
        } else {
            None
        };
        self.comment();
        self.cursor.take_while(is_blank);
        if !self.cursor.at_end() && !self.cursor.rest().starts_with(BREAKS) {
            return Err("more text after the value");
        }
        Ok(key.map(|key| {
            let end = value.as_ref().map_or(key.span.end, |value| value.span.end);
            Entry { span: Span { start: start as u32, end: end.max(key.span.end) }, key, value, export }
        }))
    }

    fn export(&mut self) -> bool {
        let Some(after) = self.cursor.rest().strip_prefix("export").filter(|rest| rest.starts_with(is_blank)) else {
            return false;
        };
        self.cursor.at += "export".len() + (after.len() - after.trim_start_matches(is_blank).len());
        true
    }

    fn quoted_key(&mut self) -> Result<Spanned<String>, &'static str> {
        self.cursor.at += 1;
        let start = self.cursor.at;
        let length = if self.open_quote[2] { None } else { memchr::memchr(b'\'', self.cursor.rest().as_bytes()) };
        match length {
            Some(length) if length > 0 => {
                self.cursor.at += length + 1;
                Ok(self.cursor.spanned(start, start + length))
            }
            _ => {
                self.open_quote[2] |= length.is_none();
                self.cursor.at = start - 1;
                Err("a quote that is not closed")
            }
        }
    }

    fn comment(&mut self) {
        let before = self.cursor.at;
        self.cursor.take_while(is_blank);
        if self.cursor.peek() != Some('#') {
            self.cursor.at = before;
            return;
        }
        let start = self.cursor.at;
        self.cursor.at = self.cursor.line_end(&BREAKS);
        let end = start + self.cursor.slice(Span::new(start, self.cursor.at)).trim_end().len();
        self.file.comments.push(self.cursor.spanned(start, end));
    }

    fn value(&mut self, empty_at: usize) -> Result<EnvValue, &'static str> {
        let start = self.cursor.at;
        let (index, mark, quote) = match self.cursor.peek() {
            Some('\'') => (1, '\'', Quote::Single),
            Some('"') => (0, '"', Quote::Double),
            _ => {
                let line = self.cursor.slice(Span::new(start, self.cursor.line_end(&BREAKS)));
                let end = start + written(line).trim_end_matches(is_space).len();
                let (start, end) = if end > start { (start, end) } else { (empty_at, empty_at) };
                return Ok(self.unquoted(start, end));
            }
        };
        self.cursor.at += 1;
        let closing = if self.open_quote[index] { None } else { self.cursor.closing(mark) };
        let Some(end) = closing else {
            self.open_quote[index] = true;
            self.cursor.at = start;
            return Err("a quote that is not closed");
        };
        let raw = self.cursor.spanned(start + 1, end);
        self.cursor.at = end + 1;
        let parts = substitutions(&unescape(&raw, quote), true);
        Ok(EnvValue { raw, quote, parts, span: Span::new(start, end + 1) })
    }

    fn unquoted(&mut self, start: usize, end: usize) -> EnvValue {
        self.cursor.at = self.cursor.at.max(end);
        let raw = self.cursor.spanned(start, end);
        let parts = substitutions(&Fragment::verbatim(raw.value.clone(), start), false);
        EnvValue { span: raw.span, raw, quote: Quote::None, parts }
    }
}

/// A line without the comment that begins with a blank and `#`.
fn written(line: &str) -> &str {
    let mut blank = false;
    for (at, character) in line.char_indices() {
        if character == '#' && blank {
            return &line[..at];
        }
        blank = is_space(character);
    }
    line
}

fn unescape(raw: &Spanned<String>, quote: Quote) -> Fragment {
    let text = raw.as_str();
    let offset = raw.span.start as usize;
    let mut builder = Fragment::builder();
    builder.cover(raw.span);
    let mut at = 0;
    while let Some(length) = text[at..].find('\\') {
        builder.push(&text[at..at + length], offset + at);
        at += length;
        let Some(next) = text[at + 1..].chars().next() else { break };
        let end = at + 1 + next.len_utf8();
        let decoded = match next {
            '\\' => Some("\\"),
            '\'' => Some("'"),
            _ if quote == Quote::Single => None,
            '"' => Some("\""),
            _ => control(next),
        };
        match decoded {
            Some(decoded) => builder.push_replacement(decoded, Span::new(offset + at, offset + end)),
            None => builder.push(&text[at..end], offset + at),
        }
        at = end;
    }
    builder.push(&text[at..], offset + at);
    builder.finish()
}

/// `${NAME}` and `${NAME:-default}`, in values of every kind of quotes; a default is plain text.
fn substitutions(fragment: &Fragment, quoted: bool) -> Vec<Part> {
    let text = fragment.text();
    let span = |start: usize, end: usize| fragment.to_file(Span::new(start, end));
    let literal = |start: usize, end: usize| {
        let part = Part::Literal { text: Spanned::new(text[start..end].to_owned(), span(start, end)), quoted };
        (start < end).then_some(part)
    };
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    // Without a closing brace there is none further on either.
    while let Some(start) = text[at..].find("${").map(|length| at + length) {
        let name_start = start + 2;
        let Some(stop) = text[name_start..].find([':', '}']).map(|length| name_start + length) else { break };
        let default_start = stop + 2;
        let (end, operation) = if text[stop..].starts_with('}') {
            (stop + 1, None)
        } else if text[stop..].starts_with(":-") {
            let Some(end) = text[default_start..].find('}').map(|length| default_start + length) else { break };
            let word = literal(default_start, end).into_iter().collect();
            (end + 1, Some(Operation::Fallback { empty_counts: false, word }))
        } else {
            // Whatever begins before this colon ends at it, too.
            at = stop;
            continue;
        };
        parts.extend(literal(from, start));
        let name = Spanned::new(text[name_start..stop].to_owned(), span(name_start, stop));
        parts.push(Part::Variable(Variable { name, operation, span: span(start, end) }));
        (from, at) = (end, end);
    }
    parts.extend(literal(from, text.len()));
    parts
}
