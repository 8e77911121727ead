//! What happens to a script before the grammar sees it: a copy of the same length in which everything is masked that
//! is no shell, or that the grammar gets wrong.
//!
//! * `${{ … }}`, `{{ … }}` and `{% … %}` (workflow and template expressions) become one plain word, or blanks.
//! * A here-document's `<<END` becomes `<  END` and its body blanks: the grammar then sees an ordinary redirect, with
//!   pipes and lists after it in their proper place. The bodies are kept aside.
//! * `;&` and `;;&` between the branches of a `case` become `;;`.

use super::{MAX_NESTING, MAX_PIPES};
use std::ops::Range;

/// A script, masked.
pub(super) struct Prepared {
    /// The text for the grammar; as long as the original, with characters at the same offsets.
    pub masked: String,
    /// The here-documents, by the offset of their operator.
    pub documents: Vec<HereDocument>,
    /// What makes the script one that is not read: the grammar takes quadratic time and memory for it.
    pub refused: Option<&'static str>,
}

/// A here-document. All offsets are bytes in the script's text.
pub(super) struct HereDocument {
    /// Where `<<` begins.
    pub operator: usize,
    /// The body, without the line of the delimiter.
    pub body: Range<usize>,
    /// Whether the delimiter is quoted, so that nothing is expanded in the body.
    pub quoted: bool,
    /// Whether tabs at the start of lines are dropped (`<<-`).
    pub strip_tabs: bool,
}

/// What an open bracket or quote is closed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `( … )` or `$( … )`, with commands in it.
    Parenthesis,
    /// `(( … ))`, where `<<` shifts.
    Arithmetic,
    /// `"…"`.
    Quote,
    /// `${ … }`.
    Brace,
    /// `` `…` ``.
    Backtick,
}

struct Pending {
    operator: usize,
    delimiter: String,
    quoted: bool,
    strip_tabs: bool,
}

/// Masks `text`.
pub(super) fn prepare(text: &str) -> Prepared {
    let mut masked = text.as_bytes().to_vec();
    mask_templates(text, &mut masked);
    let mut scanner = Scanner { masked, at: 0, open: Vec::new(), pending: Vec::new(), documents: Vec::new(), pipes: 0 };
    let refused = scanner.run(text);
    // Whole characters are replaced by ASCII only, so the masked text is valid; else nothing is masked.
    let masked = String::from_utf8(scanner.masked).unwrap_or_else(|_| text.to_owned());
    Prepared { masked, documents: scanner.documents, refused }
}

/// How long a template expression may be.
const MAX_EXPRESSION: usize = 1_000;

/// The end of the template expression that begins at `at`: after `}}` or `%}`.
pub(super) fn expression_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.as_bytes();
    let (opening, close): (usize, &[u8]) = if rest.starts_with(b"${{") {
        (3, b"}}")
    } else if rest.starts_with(b"{{") {
        (2, b"}}")
    } else if rest.starts_with(b"{%") {
        (2, b"%}")
    } else {
        return None;
    };
    let window = &rest[opening..rest.len().min(opening + MAX_EXPRESSION)];
    let found = memchr::memmem::find(window, close)?;
    // GitHub's may span lines; a template's would more often be two unrelated braces.
    let one_line = memchr::memchr(b'\n', &window[..found]).is_none();
    (one_line || opening == 3).then_some(at + opening + found + 2)
}

fn mask_templates(text: &str, masked: &mut [u8]) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'{', &bytes[at..]) {
        let brace = at + found;
        let start = if brace > at && bytes[brace - 1] == b'$' { brace - 1 } else { brace };
        match expression_end(text, start) {
            Some(end) => {
                let filler = if bytes.get(brace + 1) == Some(&b'%') { b' ' } else { b'_' };
                masked[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = filler);
                at = end;
            }
            None => at = brace + 1,
        }
    }
    if text.starts_with('\u{feff}') {
        masked[..3].fill(b' ');
    }
    // The C parser reads a zero byte as the end of the text.
    masked.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
}

struct Scanner {
    masked: Vec<u8>,
    at: usize,
    open: Vec<Open>,
    pending: Vec<Pending>,
    documents: Vec<HereDocument>,
    /// Pipes since the last statement began.
    pipes: usize,
}

impl Scanner {
    fn byte(&self, ahead: usize) -> u8 {
        self.masked.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, open: Open, length: usize) {
        self.open.push(open);
        self.at += length;
    }

    /// Walks the whole text; returns what is too much about it.
    fn run(&mut self, text: &str) -> Option<&'static str> {
        while self.at < self.masked.len() {
            if self.open.len() > MAX_NESTING {
                return Some("the script is nested too deeply and is not read");
            }
            if self.pipes > MAX_PIPES {
                return Some("the script has too long a pipeline and is not read");
            }
            match self.open.last().copied() {
                Some(Open::Quote) => self.in_quotes(),
                Some(Open::Brace) => self.in_braces(),
                Some(Open::Arithmetic) => self.in_arithmetic(),
                top => self.in_code(text, top),
            }
        }
        None
    }

    /// What opens inside quotes too; `false` where nothing does.
    fn expansion(&mut self) -> bool {
        match (self.byte(0), self.byte(1), self.byte(2)) {
            (b'$', b'(', b'(') => self.push(Open::Arithmetic, 2),
            (b'$', b'(', _) => self.push(Open::Parenthesis, 2),
            (b'$', b'{', _) => self.push(Open::Brace, 2),
            (b'`', _, _) if self.open.last() == Some(&Open::Backtick) => {
                self.open.pop();
                self.at += 1;
            }
            (b'`', _, _) => self.push(Open::Backtick, 1),
            (b'\\', _, _) => self.at += 2,
            _ => return false,
        }
        true
    }

    fn close_on(&mut self, close: u8) {
        if self.byte(0) == close {
            self.open.pop();
        }
        self.at += 1;
    }

    fn in_quotes(&mut self) {
        if !self.expansion() {
            self.close_on(b'"');
        }
    }

    fn in_braces(&mut self) {
        // An apostrophe quotes nothing in "${x:-it's}".
        let quoted = self.open.contains(&Open::Quote);
        match self.byte(0) {
            b'\'' if !quoted => self.skip_apostrophes(),
            b'"' if !quoted => self.push(Open::Quote, 1),
            _ if self.expansion() => {}
            _ => self.close_on(b'}'),
        }
    }

    fn in_arithmetic(&mut self) {
        match self.byte(0) {
            b'(' => self.push(Open::Arithmetic, 1),
            _ if self.expansion() => {}
            _ => self.close_on(b')'),
        }
    }

    fn in_code(&mut self, text: &str, top: Option<Open>) {
        match (self.byte(0), self.byte(1)) {
            _ if self.expansion() => {}
            (b'$', b'\'') => self.skip_ansi_c(),
            (b'\'', _) => self.skip_apostrophes(),
            (b'"', _) => self.push(Open::Quote, 1),
            (b'(', b'(') => self.push(Open::Arithmetic, 1),
            (b'(', _) => self.push(Open::Parenthesis, 1),
            (b')', _) if top == Some(Open::Parenthesis) => self.close_on(b')'),
            (b'#', _) if self.word_may_begin() => {
                let rest = &self.masked[self.at..];
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            }
            (b'<', b'<') if self.byte(2) == b'<' => self.at += 3,
            (b'<', b'<') => self.operator(text),
            (b';', b';') if self.byte(2) == b'&' => {
                self.masked[self.at + 2] = b' ';
                self.at += 3;
            }
            (b';', b'&') => {
                self.masked[self.at + 1] = b';';
                self.at += 2;
            }
            (b'|', _) => {
                self.pipes += 1;
                self.at += 1;
            }
            (b';', _) => {
                self.pipes = 0;
                self.at += 1;
            }
            (b'\n', _) => {
                let before =
                    self.masked[..self.at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
                if before != Some(&b'|') {
                    self.pipes = 0;
                }
                self.at += 1;
                self.bodies(text);
            }
            _ => self.at += 1,
        }
    }

    fn word_may_begin(&self) -> bool {
        self.at == 0 || matches!(self.masked[self.at - 1], b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'(')
    }

    fn skip_apostrophes(&mut self) {
        let rest = &self.masked[self.at + 1..];
        self.at += 1 + memchr::memchr(b'\'', rest).map_or(rest.len(), |found| found + 1);
    }

    /// `$'it\'s'`: the only apostrophes that a backslash escapes.
    fn skip_ansi_c(&mut self) {
        self.at += 2;
        while self.at < self.masked.len() && self.byte(0) != b'\'' {
            self.at += if self.byte(0) == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    /// `<<END`, `<<-END`, `<< 'END'`.
    fn operator(&mut self, text: &str) {
        let operator = self.at;
        let strip_tabs = self.byte(2) == b'-';
        self.at += if strip_tabs { 3 } else { 2 };
        while matches!(self.byte(0), b' ' | b'\t') {
            self.at += 1;
        }
        let start = self.at;
        let mut delimiter = Vec::new();
        let mut quote = None;
        let mut quoted = false;
        while self.at < self.masked.len() {
            let byte = self.byte(0);
            match (quote, byte) {
                (_, b'\n') => break,
                (None, b' ' | b'\t' | b'\r' | b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')') => break,
                (None, b'\'' | b'"') => {
                    quote = Some(byte);
                    quoted = true;
                }
                (Some(open), _) if open == byte => quote = None,
                (None, b'\\') => quoted = true,
                _ => delimiter.push(byte),
            }
            self.at += 1;
        }
        if self.at == start {
            return;
        }
        let end = if strip_tabs { operator + 3 } else { operator + 2 };
        self.masked[operator + 1..end].fill(b' ');
        let delimiter = match text.get(start..self.at) {
            Some(written) if !quoted => written.to_owned(),
            _ => String::from_utf8_lossy(&delimiter).into_owned(),
        };
        self.pending.push(Pending { operator, delimiter, quoted, strip_tabs });
    }

    /// Takes the bodies of the here-documents of the line that just ended.
    fn bodies(&mut self, text: &str) {
        for Pending { operator, delimiter, quoted, strip_tabs } in std::mem::take(&mut self.pending) {
            let start = self.at;
            let mut end = text.len();
            while self.at < text.len() {
                let line_start = self.at;
                let line_end = memchr::memchr(b'\n', &text.as_bytes()[line_start..])
                    .map_or(text.len(), |found| line_start + found);
                self.at = (line_end + 1).min(text.len());
                let line = text.get(line_start..line_end).unwrap_or("");
                let line = line.strip_suffix('\r').unwrap_or(line);
                let line = if strip_tabs { line.trim_start_matches('\t') } else { line };
                if line == delimiter {
                    end = line_start;
                    break;
                }
            }
            self.masked[start..self.at].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            self.documents.push(HereDocument { operator, body: start..end, quoted, strip_tabs });
        }
    }
}

/// The offset after the bracket or backtick that closes the one at `at`, in masked text; the end of the text where
/// none does.
pub(super) fn matching(masked: &str, at: usize, end: usize) -> usize {
    let bytes = &masked.as_bytes()[..end];
    let mut open: Vec<u8> = Vec::new();
    let mut at = at;
    while at < end {
        let byte = bytes[at];
        let top = open.last().copied();
        match byte {
            b'\\' => at += 1,
            b'\'' if top != Some(b'"') && !(top == Some(b'}') && open.contains(&b'"')) => {
                at += 1 + memchr::memchr(b'\'', &bytes[at + 1..]).unwrap_or(end);
            }
            _ if top == Some(byte) => {
                open.pop();
                if open.is_empty() {
                    return at + 1;
                }
            }
            b'"' => open.push(b'"'),
            b'`' => open.push(b'`'),
            b'$' if matches!(bytes.get(at + 1), Some(b'(' | b'{')) => {
                open.push(if bytes[at + 1] == b'(' { b')' } else { b'}' });
                at += 1;
            }
            b'(' if top != Some(b'"') && top != Some(b'}') => open.push(b')'),
            b'{' if open.is_empty() => open.push(b'}'),
            b'#' if top == Some(b')') && at > 0 && matches!(bytes[at - 1], b' ' | b'\t' | b'\n') => {
                at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(end);
            }
            _ => {}
        }
        at += 1;
    }
    end
}
