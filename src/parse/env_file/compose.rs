//! Compose's dialect.

use super::cursor::Cursor;
use super::{Dialect, Entry, EnvFile, EnvValue, Quote, control};
use crate::parse::substitution::{Operation, Part, Variable};
use crate::source::{Fragment, Problem, Span, Spanned};

/// How deep `${A:-${B:-…}}` is followed.
const MAX_DEPTH: usize = 16;

/// Blanks within a line.
fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    file: EnvFile,
    problems: Vec<Problem>,
    /// The next quote of each kind that may close a value is searched for once only: where one does not end, none
    /// after it does either.
    open_quote: [bool; 2],
}

pub(super) fn parse(cursor: Cursor<'_>) -> (EnvFile, Vec<Problem>) {
    let mut reader =
        Reader { cursor, file: EnvFile::new(Dialect::Compose), problems: Vec::new(), open_quote: [false; 2] };
    loop {
        reader.cursor.take_while(char::is_whitespace);
        match reader.cursor.peek() {
            None => break,
            Some('#') => reader.comment(),
            Some(_) => reader.statement(),
        }
    }
    (reader.file, reader.problems)
}

impl Reader<'_> {
    fn comment(&mut self) {
        let start = self.cursor.at;
        self.cursor.at = self.cursor.line_end(&['\n']);
        let end = start + self.cursor.slice(Span::new(start, self.cursor.at)).trim_end().len();
        self.file.comments.push(self.cursor.spanned(start, end));
    }

    fn skip_line(&mut self, start: usize, message: &str) {
        self.cursor.at = self.cursor.line_end(&['\n']).max(start);
        let end = start + self.cursor.slice(Span::new(start, self.cursor.at)).trim_end().len();
        self.problems.push(Problem::new(Span::new(start, end), message));
    }

    fn statement(&mut self) {
        let start = self.cursor.at;
        let export = self.export();
        let key_start = self.cursor.at;
        self.cursor.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']') || is_blank(c));
        let key_end = key_start + self.cursor.slice(Span::new(key_start, self.cursor.at)).trim_end().len();
        let key = self.cursor.spanned(key_start, key_end);
        let stop = self.cursor.peek();
        if !matches!(stop, None | Some('=' | ':' | '\n')) {
            return self.skip_line(start, "a name of letters, digits and `_` is expected before `=`");
        }
        if key.is_empty() {
            return self.skip_line(start, "no name before `=`");
        }
        if key.contains(is_blank) {
            return self.skip_line(start, "a blank in a name");
        }
        let value = if matches!(stop, Some('=' | ':')) {
            self.cursor.at += 1;
            self.cursor.take_while(is_blank);
            Some(self.value(key_end + 1))
        } else {
            None
        };
        let end = value.as_ref().map_or(key_end, |value| value.span.end as usize);
        self.file.entries.push(Entry { key, value, export, span: Span::new(start, end) });
    }

    fn export(&mut self) -> bool {
        let after = self.cursor.rest().strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace));
        let Some(after) = after else { return false };
        self.cursor.at = self.cursor.at + "export".len() + (after.len() - after.trim_start_matches(is_blank).len());
        true
    }

    fn value(&mut self, empty_at: usize) -> EnvValue {
        let start = self.cursor.at;
        for (index, (mark, quote)) in [('"', Quote::Double), ('\'', Quote::Single)].into_iter().enumerate() {
            if self.cursor.peek() != Some(mark) {
                continue;
            }
            self.cursor.at += 1;
            let closing = if self.open_quote[index] { None } else { self.cursor.closing(mark) };
            if let Some(end) = closing {
                return self.quoted(start, end, quote);
            }
            self.open_quote[index] = true;
            self.cursor.at = start;
            let line_end = self.cursor.line_end(&['\n']);
            self.problems.push(Problem::new(Span::new(start, line_end), "a quote that is not closed"));
            break;
        }
        self.unquoted(start, empty_at)
    }

    fn unquoted(&mut self, start: usize, empty_at: usize) -> EnvValue {
        self.cursor.at = self.cursor.line_end(&['\n']);
        let line = self.cursor.slice(Span::new(start, self.cursor.at));
        let written = line.find(" #").map_or(line, |at| &line[..at]);
        if written.len() < line.len() {
            let comment = start + written.len() + 1;
            self.file.comments.push(self.cursor.spanned(comment, start + line.trim_end().len()));
        }
        let written = written.trim_end();
        // The place of an empty value is right after the `=`, not after the blanks and the line break.
        let start = if written.is_empty() { empty_at } else { start };
        let raw = Spanned::new(written.to_owned(), Span::new(start, start + written.len()));
        let parts = self.substitutions(&Fragment::verbatim(written, start));
        EnvValue { span: raw.span, raw, quote: Quote::None, parts }
    }

    fn quoted(&mut self, start: usize, end: usize, quote: Quote) -> EnvValue {
        let raw = self.cursor.spanned(start + 1, end);
        self.cursor.at = end + 1;
        let decoded = unescape(&raw, quote);
        let parts = match quote {
            Quote::Double => self.substitutions(&decoded),
            _ => literal(decoded.text(), raw.span, true).into_iter().collect(),
        };
        EnvValue { raw, quote, parts, span: Span::new(start, end + 1) }
    }

    fn substitutions(&mut self, text: &Fragment) -> Vec<Part> {
        let mut template = Template { text: text.text(), fragment: text, at: 0, depth: 0, fault: None };
        let parts = template.parts(false);
        self.problems.extend(template.fault);
        parts
    }
}

fn literal(text: &str, span: Span, quoted: bool) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Literal { text: Spanned::new(text.to_owned(), span), quoted })
}

/// Removes the escapes of a quoted value: of its own quote always, the shell's between double quotes. `\$` becomes
/// `$$`, which the substitution then reads as a dollar.
fn unescape(raw: &Spanned<String>, quote: Quote) -> Fragment {
    let text = raw.as_str();
    let offset = raw.span.start as usize;
    let mark = if quote == Quote::Single { '\'' } else { '"' };
    let mut builder = Fragment::builder();
    builder.cover(raw.span);
    let mut at = 0;
    while let Some(length) = text[at..].find('\\') {
        builder.push(&text[at..at + length], offset + at);
        at += length;
        let Some(next) = text[at + 1..].chars().next() else { break };
        let mut end = at + 1 + next.len_utf8();
        let decoded = match next {
            next if next == mark => Some(mark.to_string()),
            _ if quote == Quote::Single => None,
            '\\' => Some("\\".into()),
            '$' => Some("$$".into()),
            '0' => octal(&text[end..]).map(|character| {
                end += 3;
                character.to_string()
            }),
            _ => control(next).map(str::to_owned),
        };
        match decoded {
            Some(decoded) => builder.push_replacement(&decoded, Span::new(offset + at, offset + end)),
            None => builder.push(&text[at..end], offset + at),
        }
        at = end;
    }
    builder.push(&text[at..], offset + at);
    builder.finish()
}

/// The character of the three octal digits of `\0123`.
fn octal(digits: &str) -> Option<char> {
    let digits = digits.get(..3).filter(|digits| digits.bytes().all(|digit| (b'0'..b'8').contains(&digit)))?;
    Some(char::from(u8::from_str_radix(digits, 8).ok()?))
}

/// `$X`, `${X}`, `${X:-…}` and so on; `$$` is a dollar. Other dollars stand for themselves.
struct Template<'a> {
    text: &'a str,
    fragment: &'a Fragment,
    at: usize,
    depth: usize,
    fault: Option<Problem>,
}

impl Template<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        self.fragment.to_file(Span::new(start, end))
    }

    fn parts(&mut self, in_braces: bool) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut gathered = String::new();
        let mut start = self.at;
        // Braces in the word of `${X:-…}` pair up.
        let mut open_braces = 0_usize;
        while let Some(character) = self.text[self.at..].chars().next() {
            let here = self.at;
            self.at += character.len_utf8();
            match character {
                '}' if in_braces && open_braces == 0 => {
                    parts.extend(literal(&gathered, self.span(start, here), false));
                    return parts;
                }
                '}' => open_braces = open_braces.saturating_sub(1),
                '{' => open_braces += 1,
                '$' if self.text[self.at..].starts_with('$') => self.at += 1,
                '$' => {
                    if let Some(variable) = self.variable(here) {
                        parts.extend(literal(&gathered, self.span(start, here), false));
                        gathered.clear();
                        start = self.at;
                        parts.push(Part::Variable(variable));
                        continue;
                    }
                    gathered.push_str(&self.text[here..self.at]);
                    continue;
                }
                _ => {}
            }
            gathered.push(character);
        }
        parts.extend(literal(&gathered, self.span(start, self.at), false));
        if in_braces {
            self.fail(start, "a `${` that is not closed");
        }
        parts
    }

    fn fail(&mut self, start: usize, message: &str) {
        if self.fault.is_none() {
            self.fault = Some(Problem::new(self.span(start, self.at), message));
        }
    }

    /// After the `$` at `start`; `None` where it stands for itself.
    fn variable(&mut self, start: usize) -> Option<Variable> {
        let braced = self.text[self.at..].starts_with('{');
        self.at += usize::from(braced);
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let length = if rest.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { length };
        let name = Spanned::new(rest[..length].to_owned(), self.span(self.at, self.at + length));
        self.at += length;
        if !braced {
            return (length > 0).then(|| Variable { name, operation: None, span: self.span(start, self.at) });
        }
        if length == 0 || self.depth == MAX_DEPTH {
            self.fail(start, "a substitution that Compose does not know");
            return None;
        }
        self.depth += 1;
        let operation = self.operation(start);
        self.depth -= 1;
        Some(Variable { name, operation: operation?, span: self.span(start, self.at) })
    }

    fn operation(&mut self, start: usize) -> Option<Option<Operation>> {
        let rest = &self.text[self.at..];
        if rest.starts_with('}') {
            self.at += 1;
            return Some(None);
        }
        let empty_counts = rest.starts_with(':');
        let operator = rest[usize::from(empty_counts)..].chars().next();
        if !matches!(operator, Some('-' | '+' | '?')) {
            self.fail(start, "a substitution that Compose does not know");
            return None;
        }
        self.at += usize::from(empty_counts) + 1;
        let word = self.parts(true);
        Some(Some(match operator {
            Some('-') => Operation::Fallback { empty_counts, word },
            Some('+') => Operation::Alternative { empty_counts, word },
            _ => Operation::Require { empty_counts, message: word },
        }))
    }
}
