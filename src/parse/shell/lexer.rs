//! From text to words: quotes, escapes and expansions.

use super::prepare::{expression_end, matching};
use super::word::{Operator, Parameter, Word, WordPart};
use super::{MAX_SCRIPT_DEPTH, parse_nested};
use crate::source::{Fragment, Span};
use std::cell::Cell;
use std::ops::Range;

/// How deeply quotes and `${ … }` are read inside each other in one word.
const MAX_WORD_DEPTH: usize = 20;

/// Reads words of one script.
pub(super) struct Lexer<'a> {
    /// The script.
    pub fragment: &'a Fragment,
    /// Its text, masked: where brackets close is told by this one.
    pub masked: &'a str,
    /// How many scripts this one is nested in.
    pub depth: usize,
    /// How many blocks and lists the words that are read now are nested in, those of outer scripts included.
    pub syntax_depth: Cell<usize>,
}

/// What ends a run of parts, besides the end of the range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Quote,
    Blank,
    /// Blanks, and the operators of `[[ ]]`.
    Operator,
}

impl<'a> Lexer<'a> {
    /// The word at `range` (bytes of the script).
    pub fn word(&self, range: Range<usize>) -> Word {
        let mut scanner = Scanner::new(self, range.clone());
        let mut parts = scanner.parts(Until::End, false);
        if parts.is_empty() {
            parts.push(WordPart::Literal(String::new()));
        }
        self.finish(parts, range)
    }

    fn finish(&self, parts: Vec<WordPart>, range: Range<usize>) -> Word {
        let local = Span::from(range.clone());
        let span = self.fragment.to_file(local);
        let plain = matches!(parts.as_slice(), [WordPart::Literal(text)] if *text == self.fragment.text()[range]);
        let source = (!plain || span.len() != local.len()).then(|| Box::new(self.fragment.slice(local)));
        Word { parts, span, source, unquoted_source: false }
    }

    /// The value of an assignment at `range`: a word, or an array.
    pub fn value(&self, range: Range<usize>) -> Word {
        let text = &self.fragment.text()[range.clone()];
        if text.len() > 1 && text.starts_with('(') && text.ends_with(')') && self.depth < MAX_SCRIPT_DEPTH {
            let items = self.split(range.start + 1..range.end - 1, false);
            return self.finish(vec![WordPart::Array(items)], range);
        }
        self.word(range)
    }

    /// The words in `range`, split at blanks; with `operators`, at those of `[[ ]]` too, which become words.
    pub fn split(&self, range: Range<usize>, operators: bool) -> Vec<Word> {
        let bytes = self.fragment.text().as_bytes();
        let mut words = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let byte = bytes[at];
            if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                at += 1;
                continue;
            }
            if byte == b'\\' && bytes.get(at + 1) == Some(&b'\n') {
                at += 2;
                continue;
            }
            let after_match = words.last().is_some_and(|word: &Word| word.is("=~"));
            let length = if operators && !after_match { operator_length(&bytes[at..range.end]) } else { 0 };
            let start = at;
            if length > 0 {
                at += length;
                words.push(self.finish(vec![WordPart::Literal(self.fragment.text()[start..at].to_owned())], start..at));
                continue;
            }
            // A regular expression has brackets and bars of its own.
            let until = if operators && !after_match { Until::Operator } else { Until::Blank };
            let mut scanner = Scanner::new(self, at..range.end);
            let mut parts = scanner.parts(until, false);
            at = scanner.at.max(start + 1);
            if parts.is_empty() {
                parts.push(WordPart::Literal(String::new()));
            }
            words.push(self.finish(parts, start..at));
        }
        words
    }
}

fn operator_length(rest: &[u8]) -> usize {
    match rest {
        [b'&', b'&', ..] | [b'|', b'|', ..] => 2,
        [b'(' | b')', ..] => 1,
        [b'<' | b'>', b' ' | b'\t', ..] => 1,
        _ => 0,
    }
}

struct Scanner<'a> {
    lexer: &'a Lexer<'a>,
    text: &'a str,
    at: usize,
    end: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    fn new(lexer: &'a Lexer<'a>, range: Range<usize>) -> Self {
        Self { lexer, text: lexer.fragment.text(), at: range.start, end: range.end, depth: 0 }
    }

    fn byte(&self, ahead: usize) -> u8 {
        if self.at + ahead < self.end { self.text.as_bytes()[self.at + ahead] } else { 0 }
    }

    fn parts(&mut self, until: Until, quoted: bool) -> Vec<WordPart> {
        let mut parts = Vec::new();
        self.depth += 1;
        if self.depth > MAX_WORD_DEPTH {
            push_text(&mut parts, &self.text[self.at..self.end]);
            self.at = self.end;
        }
        while self.at < self.end {
            let byte = self.byte(0);
            let ends = match until {
                Until::End => false,
                Until::Quote => byte == b'"',
                Until::Blank => byte.is_ascii_whitespace(),
                Until::Operator => byte.is_ascii_whitespace() || operator_length(self.rest()) > 0,
            };
            if ends {
                break;
            }
            self.part(byte, quoted, &mut parts);
        }
        self.depth -= 1;
        parts
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..self.end]
    }

    fn part(&mut self, byte: u8, quoted: bool, parts: &mut Vec<WordPart>) {
        match byte {
            b'\\' => self.escape(quoted, parts),
            b'\'' if !quoted => {
                let rest = &self.text[self.at + 1..self.end];
                let length = memchr::memchr(b'\'', rest.as_bytes()).unwrap_or(rest.len());
                push_text(parts, &rest[..length]);
                self.at = (self.at + length + 2).min(self.end);
            }
            b'"' => {
                self.at += 1;
                let inner = self.parts(Until::Quote, true);
                self.at = (self.at + 1).min(self.end);
                if inner.is_empty() {
                    push_text(parts, "");
                }
                inner.into_iter().for_each(|part| push(parts, part));
            }
            b'$' => self.dollar(quoted, parts),
            b'`' => {
                let close = matching(self.lexer.masked, self.at, self.end);
                let inner = self.at + 1..close.saturating_sub(1).max(self.at + 1);
                parts.push(self.substitution(inner));
                self.at = close;
            }
            b'<' | b'>' if !quoted && self.byte(1) == b'(' => {
                self.at += 1;
                self.command_substitution(parts);
            }
            b'{' if !quoted && self.expression(parts) => {}
            b'*' | b'?' if !quoted => {
                parts.push(WordPart::Glob(char::from(byte).to_string()));
                self.at += 1;
            }
            b'[' if !quoted => self.bracket(parts),
            _ => {
                // Text up to the next byte that may mean something.
                let rest = self.rest();
                let plain = |byte: &u8| !byte.is_ascii_whitespace() && !b"\\'\"$`<>{*?[&|()".contains(byte);
                let length = rest.iter().skip(1).position(|byte| !plain(byte)).map_or(rest.len(), |found| found + 1);
                push_text(parts, &self.text[self.at..self.at + length]);
                self.at += length;
            }
        }
    }

    fn escape(&mut self, quoted: bool, parts: &mut Vec<WordPart>) {
        let next = self.text[self.at + 1..self.end].chars().next();
        self.at += 1 + next.map_or(0, char::len_utf8);
        match next {
            None => push_text(parts, "\\"),
            Some('\n') => {}
            Some('\r') if self.byte(0) == b'\n' => self.at += 1,
            Some(next) => {
                if quoted && !matches!(next, '$' | '`' | '"' | '\\') {
                    push_text(parts, "\\");
                }
                push_text(parts, next.encode_utf8(&mut [0; 4]));
            }
        }
    }

    /// `[ab]`; a lone bracket is text.
    fn bracket(&mut self, parts: &mut Vec<WordPart>) {
        let rest = &self.rest()[..self.rest().len().min(80)];
        // A `]` that comes first belongs to the set.
        let first = if matches!(rest.get(1), Some(b'!' | b'^')) { 3 } else { 2 };
        let close = rest.iter().skip(first).position(|byte| *byte == b']').map(|found| found + first);
        let blank = rest.iter().position(|byte| byte.is_ascii_whitespace() || b"\"'$".contains(byte));
        match close {
            Some(close) if blank.is_none_or(|blank| blank > close) => {
                parts.push(WordPart::Glob(self.text[self.at..=self.at + close].to_owned()));
                self.at += close + 1;
            }
            _ => {
                push_text(parts, "[");
                self.at += 1;
            }
        }
    }

    /// `${{ … }}` or `{{ … }}`.
    fn expression(&mut self, parts: &mut Vec<WordPart>) -> bool {
        match expression_end(self.text, self.at) {
            Some(close) if close <= self.end => {
                let inner = self.text[self.at..close].trim_start_matches('$').trim_matches(['{', '}', '%']);
                parts.push(WordPart::Expression(inner.trim().to_owned()));
                self.at = close;
                true
            }
            _ => false,
        }
    }

    fn dollar(&mut self, quoted: bool, parts: &mut Vec<WordPart>) {
        match self.byte(1) {
            b'{' if self.byte(2) == b'{' && self.expression(parts) => {}
            b'{' => {
                let close = matching(self.lexer.masked, self.at + 1, self.end);
                let closed = close > self.at + 2 && self.text.as_bytes()[close - 1] == b'}';
                let inner = self.at + 2..if closed { close - 1 } else { close };
                self.parameter(inner, quoted, parts);
                self.at = close;
            }
            b'(' => {
                self.at += 1;
                self.command_substitution(parts);
            }
            b'\'' if !quoted => self.ansi_c(parts),
            b'"' if !quoted => self.at += 1,
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let name = self.rest()[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
                let length = name.count();
                let name = self.text[self.at + 1..self.at + 1 + length].to_owned();
                parts.push(WordPart::Parameter(Parameter { name, operator: None, operand: None, quoted }));
                self.at += 1 + length;
            }
            byte if byte.is_ascii_digit() || b"@*#?$!-".contains(&byte) => {
                let name = char::from(byte).to_string();
                parts.push(WordPart::Parameter(Parameter { name, operator: None, operand: None, quoted }));
                self.at += 2;
            }
            _ => {
                push_text(parts, "$");
                self.at += 1;
            }
        }
    }

    /// At the bracket of `$(`, `$((`, `<(` or `>(`.
    fn command_substitution(&mut self, parts: &mut Vec<WordPart>) {
        let close = matching(self.lexer.masked, self.at, self.end);
        let text = &self.text[self.at..close];
        let arithmetic = text.strip_prefix("((").and_then(|inner| inner.strip_suffix("))"));
        let part = match arithmetic {
            Some(inner) => WordPart::Arithmetic(inner.to_owned()),
            None => {
                let closed = close > self.at + 1 && text.ends_with(')');
                self.substitution(self.at + 1..if closed { close - 1 } else { close })
            }
        };
        parts.push(part);
        self.at = close;
    }

    fn substitution(&self, inner: Range<usize>) -> WordPart {
        let inner = inner.start..inner.end.max(inner.start);
        let script =
            parse_nested(&self.lexer.fragment.slice(inner.into()), self.lexer.depth + 1, self.lexer.syntax_depth.get())
                .0;
        WordPart::Substitution(Box::new(script))
    }

    /// The inside of `${ … }`.
    fn parameter(&mut self, inner: Range<usize>, quoted: bool, parts: &mut Vec<WordPart>) {
        let text = &self.text[inner.clone()];
        let (prefix, rest) = match text.as_bytes() {
            [b'#', next, ..] if is_name(*next) || b"@*".contains(next) => (Some(Operator::Length), &text[1..]),
            [b'!', next, ..] if is_name(*next) => (Some(Operator::Other("!".to_owned())), &text[1..]),
            _ => (None, text),
        };
        let length = match rest.bytes().next() {
            Some(byte) if byte.is_ascii_digit() => rest.bytes().take_while(u8::is_ascii_digit).count(),
            Some(byte) if is_name(byte) => rest.bytes().take_while(|byte| is_name(*byte)).count(),
            Some(byte) if b"@*#?$!-".contains(&byte) => 1,
            _ => {
                // No parameter: the shell would say "bad substitution".
                push_text(parts, &self.text[inner.start - 2..(inner.end + 1).min(self.end)]);
                return;
            }
        };
        let name = rest[..length].to_owned();
        let after = &rest[length..];
        let (colon, sign) = match after.as_bytes() {
            [b':', sign @ (b'-' | b'=' | b'?' | b'+'), ..] => (true, *sign),
            [sign @ (b'-' | b'=' | b'?' | b'+'), ..] => (false, *sign),
            _ => (false, 0),
        };
        let operator = match sign {
            b'-' => Some(Operator::Default { colon }),
            b'=' => Some(Operator::Assign { colon }),
            b'?' => Some(Operator::Require { colon }),
            b'+' => Some(Operator::Alternative { colon }),
            _ if prefix.is_some() => prefix,
            _ if after.is_empty() => None,
            _ => Some(Operator::Other(after.to_owned())),
        };
        let operand = (sign != 0).then(|| {
            let start = inner.end - after.len() + if colon { 2 } else { 1 };
            let mut scanner = Scanner { at: start, end: inner.end, ..*self };
            let mut operand = scanner.parts(Until::End, quoted);
            if operand.is_empty() {
                operand.push(WordPart::Literal(String::new()));
            }
            Box::new(self.lexer.finish(operand, start..inner.end))
        });
        parts.push(WordPart::Parameter(Parameter { name, operator, operand, quoted }));
    }

    /// `$'…'`, with the escapes of C.
    fn ansi_c(&mut self, parts: &mut Vec<WordPart>) {
        self.at += 2;
        let mut text = String::new();
        let mut characters = self.text[self.at..self.end].chars();
        while let Some(c) = characters.next() {
            self.at += c.len_utf8();
            match c {
                '\'' => break,
                '\\' => {
                    let Some(next) = characters.next() else { break };
                    self.at += next.len_utf8();
                    match next {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        '\\' | '\'' | '"' => text.push(next),
                        _ => text.extend(['\\', next]),
                    }
                }
                c => text.push(c),
            }
        }
        push_text(parts, &text);
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn push(parts: &mut Vec<WordPart>, part: WordPart) {
    match part {
        WordPart::Literal(text) => push_text(parts, &text),
        part => parts.push(part),
    }
}

fn push_text(parts: &mut Vec<WordPart>, text: &str) {
    match parts.last_mut() {
        Some(WordPart::Literal(before)) => before.push_str(text),
        _ => parts.push(WordPart::Literal(text.to_owned())),
    }
}
