use crate::source::{Span, Spanned};
use memchr::memmem;

/// A piece of a configuration.
pub enum Token {
    /// A word, quotes and escapes taken off; the span covers the quotes.
    Word(Spanned<String>),
    /// `;`
    End(Span),
    /// `{`
    Open(Span),
    /// `}`
    Close(Span),
    /// What nginx would refuse.
    Fault(Span, &'static str),
}

/// Reads as `ngx_conf_read_token` does: a brace or a hash means something only where a word may begin, `${` never does.
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// Whether the file has parts that another program makes.
    pub templated: bool,
}

/// Marks of template languages, and what ends each.
const TEMPLATES: &[(&str, &str)] = &[("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<%", "%>")];

/// Words that make a Go template's `{{ … }}` control what follows.
const CONTROL: &[&str] = &["if", "else", "end", "range", "with", "define", "block", "template", "break", "continue"];

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, templated: false }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The next token; `first` where no word of a directive has been read.
    pub fn next_token(&mut self, first: bool) -> Option<Token> {
        loop {
            let byte = self.byte(self.at)?;
            let here = Span::new(self.at, self.at + 1);
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.at = self.end_of_line(),
                b';' | b'{' | b'}' if self.template_at(self.at).is_none() => {
                    self.at += 1;
                    return Some(match byte {
                        b';' => Token::End(here),
                        b'{' => Token::Open(here),
                        _ => Token::Close(here),
                    });
                }
                b'"' | b'\'' => return Some(self.quoted(byte)),
                _ => match self.template_at(self.at) {
                    Some(end) if self.stands_alone(end, first) => self.at = self.template(end),
                    _ => return Some(self.word()),
                },
            }
        }
    }

    fn end_of_line(&self) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[self.at..]).map_or(self.text.len(), |length| self.at + length)
    }

    /// Where the part of a template that begins at `at` ends; `None` where none does. It may go over lines, but is short.
    fn template_at(&self, at: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[at..];
        let (open, close) = TEMPLATES.iter().find(|(open, _)| rest.starts_with(open.as_bytes()))?;
        let window = &rest[open.len()..rest.len().min(open.len() + 2_000)];
        let length = memmem::find(window, close.as_bytes())?;
        // A comment after a brace looks like Jinja's: `server {# the site`.
        if *open == "{#" && memchr::memchr(b'\n', &window[..length]).is_some() {
            return None;
        }
        Some(at + open.len() + length + close.len())
    }

    /// Whether the part of a template from here to `end` is no value: a condition, a loop, a comment, or an expression
    /// that makes whole directives.
    fn stands_alone(&self, end: usize, first: bool) -> bool {
        let text = &self.text[self.at..end];
        if text.starts_with("{%") || text.starts_with("{#") || (text.starts_with("<%") && !text.starts_with("<%=")) {
            return true;
        }
        let inner = text.trim_start_matches(['{', '-', '<', '%', '=']).trim_start();
        let word = inner.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        let rest = self.text[end..].split('\n').next().unwrap_or("").trim();
        (text.starts_with("{{") && CONTROL.contains(&word)) || (first && rest.is_empty())
    }

    fn template(&mut self, end: usize) -> usize {
        self.templated = true;
        end
    }

    /// A word between quotes.
    fn quoted(&mut self, quote: u8) -> Token {
        let start = self.at;
        let mut at = start + 1;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' => at += 1 + self.width(at + 1),
                byte if byte == quote => break,
                _ => at += 1,
            }
        }
        let end = at.min(self.text.len());
        let value = unescape(self.text.get(start + 1..end).unwrap_or(""));
        if self.byte(at).is_none() {
            self.at = self.text.len();
            return Token::Fault(Span::new(start, start + 1), "this quote is not closed");
        }
        self.at = at + 1;
        let span = Span::new(start, at + 1);
        match self.byte(self.at) {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') => Token::Word(Spanned::new(value, span)),
            Some(_) if self.template_at(self.at).is_some() => Token::Word(Spanned::new(value, span)),
            Some(_) => Token::Fault(span, "a space is missing after the quoted text"),
        }
    }

    /// The width of the character at `at`, in bytes; 0 at the end.
    fn width(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    /// A word without quotes: up to a space, `;` or `{`.
    fn word(&mut self) -> Token {
        let start = self.at;
        let mut at = start;
        let mut after_dollar = false;
        while let Some(byte) = self.byte(at) {
            if let Some(end) = self.template_at(at)
                && !after_dollar
            {
                self.templated = true;
                at = end;
                continue;
            }
            match byte {
                b'{' if after_dollar => {}
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' => break,
                b'\\' => {
                    at += 1 + self.width(at + 1);
                    after_dollar = false;
                    continue;
                }
                _ => {}
            }
            after_dollar = byte == b'$';
            at += 1;
        }
        self.at = at;
        let span = Span::new(start, at);
        Token::Word(Spanned::new(unescape(self.text.get(start..at).unwrap_or("")), span))
    }

    /// Passes over a block of Lua, whose brace is read already, to behind its closing brace. Braces in Lua's texts and
    /// comments do not count.
    pub fn skip_lua(&mut self) {
        let bytes = self.text.as_bytes();
        let mut depth = 1usize;
        while let Some(&byte) = bytes.get(self.at) {
            let rest = &bytes[self.at..];
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                b'"' | b'\'' => {
                    self.at += 1;
                    while let Some(&inner) = bytes.get(self.at).filter(|inner| **inner != byte && **inner != b'\n') {
                        self.at += if inner == b'\\' { 1 + self.width(self.at + 1).max(1) } else { 1 };
                    }
                }
                _ if rest.starts_with(b"--[[") || rest.starts_with(b"[[") => {
                    let end = memmem::find(rest, b"]]").map_or(rest.len(), |length| length + 1);
                    self.at += end;
                }
                _ if rest.starts_with(b"--") => {
                    self.at = self.end_of_line();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = bytes.len();
    }
}

/// Takes the backslashes off that nginx takes off.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            plain.push(char);
            continue;
        }
        match chars.next() {
            Some(quote @ ('"' | '\'' | '\\')) => plain.push(quote),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('n') => plain.push('\n'),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain
}
