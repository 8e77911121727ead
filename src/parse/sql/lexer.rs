//! SQL into statements, and each into a text that the parser can be trusted with.
//!
//! The parser recurses, and overflows a small stack on 8 KiB of brackets. So it never sees a text as it is written: strings,
//! comments and quoted names are blanked out here at the same length, and what is left is weighed token by token.

use std::ops::Range;

/// Open brackets at one place.
const MAX_BRACKETS: usize = 100;
/// Tokens that can hang on each other: those since the last comma of each open bracket.
const MAX_WEIGHT: usize = 1500;
/// Bytes of what is put in at run time: an expression in an f-string, at the longest.
const MAX_HOLE: usize = 200;
/// Words at the start of a statement that tell what it is.
const HEAD: usize = 8;

/// A statement, before it is parsed.
pub(super) struct Piece {
    /// From its first token to its last, in the text.
    pub range: Range<usize>,
    /// Its text, as long as the range: comments are blanks, and inside of quotes stands `x`.
    pub masked: String,
    /// Its first words in upper case.
    pub head: Vec<String>,
    /// Whether the parser may see it.
    pub light: bool,
}

/// The statements of a text.
pub(super) struct Pieces {
    /// In order.
    pub pieces: Vec<Piece>,
    /// Whether the end was not understood.
    pub unfinished: bool,
    /// Whether names are quoted with backticks.
    pub backticks: bool,
}

/// Cuts `text` into its statements.
pub(super) fn split(text: &str) -> Pieces {
    let mut lexer =
        Lexer { text, bytes: text.as_bytes(), at: 0, masked: Vec::new(), open: Open::default(), found: Vec::new() };
    let mut backticks = false;
    let mut unfinished = false;
    while lexer.at < lexer.bytes.len() {
        backticks |= lexer.bytes[lexer.at] == b'`';
        if !lexer.token() {
            unfinished = true;
            break;
        }
    }
    // What a quote swallowed is no statement.
    if !unfinished {
        lexer.end_statement();
    }
    Pieces { pieces: lexer.found, unfinished, backticks }
}

/// The statement that is being read.
#[derive(Default)]
struct Open {
    first: Option<usize>,
    last: usize,
    head: Vec<String>,
    /// The weight of each open bracket, the statement itself first.
    weights: Vec<usize>,
    heavy: bool,
    /// `BEGIN` and `CASE` without their `END`, in a function's body that is no string.
    blocks: usize,
    atomic: bool,
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// As long as `at`.
    masked: Vec<u8>,
    open: Open,
    found: Vec<Piece>,
}

impl Lexer<'_> {
    /// Reads one token; false where it never ends.
    fn token(&mut self) -> bool {
        let (byte, next) = (self.bytes[self.at], self.bytes.get(self.at + 1).copied());
        match (byte, next) {
            (b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0, _) => self.blank(1),
            (b'-', Some(b'-')) => self.blank(self.line_length()),
            // A command to psql; in SQL no backslash stands outside of quotes.
            (b'\\', _) => self.blank(self.line_length()),
            (b'/', Some(b'*')) => match self.comment_length() {
                Some(length) => self.blank(length),
                None => return false,
            },
            // A directive or comment of a template.
            (b'{', Some(b'%' | b'#')) => match self.text[self.at..].find('}') {
                Some(length) => self.blank(length + 1),
                None => return false,
            },
            (b'{', _) => match self.hole_length() {
                Some(length) => self.name(length),
                None => self.symbol(),
            },
            (b'%', Some(b's' | b'(')) => match self.parameter_length() {
                Some(length) => self.name(length),
                None => self.symbol(),
            },
            (b'%', Some(b'%')) => {
                self.symbol();
                self.blank(1);
            }
            (b'\'', _) => return self.quoted(b'\'', b'\''),
            (b'"', _) => return self.quoted(b'"', b'"'),
            (b'`', _) => return self.quoted(b'`', b'"'),
            (b'$', _) => match self.dollar_tag() {
                Some(tag) => return self.dollar_quoted(tag),
                None => self.symbol(),
            },
            (b';', _) => self.semicolon(),
            (b'(' | b'[', _) => {
                self.symbol();
                self.open.heavy |= self.open.weights.len() > MAX_BRACKETS;
                if !self.open.heavy {
                    self.open.weights.push(0);
                }
            }
            (b')' | b']', _) => {
                if self.open.weights.len() > 1 {
                    self.open.weights.pop();
                }
                self.symbol();
            }
            (b',', _) => {
                self.symbol();
                if let Some(weight) = self.open.weights.last_mut() {
                    *weight = 0;
                }
            }
            (byte, _) if is_word(byte) => return self.word(),
            _ => self.symbol(),
        }
        true
    }

    fn line_length(&self) -> usize {
        memchr::memchr2(b'\n', b'\r', &self.bytes[self.at..]).unwrap_or(self.bytes.len() - self.at)
    }

    /// Comments nest.
    fn comment_length(&self) -> Option<usize> {
        let mut depth = 0usize;
        let mut at = self.at;
        while at + 1 < self.bytes.len() {
            match &self.bytes[at..at + 2] {
                b"/*" => depth += 1,
                b"*/" => depth -= 1,
                _ => {
                    at += 1;
                    continue;
                }
            }
            at += 2;
            if depth == 0 {
                return Some(at - self.at);
            }
        }
        None
    }

    /// `{table}`, `{0}`, `{{ table }}`, on one line.
    fn hole_length(&self) -> Option<usize> {
        let rest = &self.bytes[self.at..self.bytes.len().min(self.at + MAX_HOLE)];
        let opening = rest.iter().take_while(|&&byte| byte == b'{').count();
        let inside = rest[opening..].iter().position(|byte| matches!(byte, b'{' | b'}' | b'\n' | b';'))?;
        let closing = rest[opening + inside..].iter().take_while(|&&byte| byte == b'}').count();
        (closing > 0).then_some(opening + inside + closing)
    }

    /// `%s`, `%(name)s`.
    fn parameter_length(&self) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        if rest[1] == b's' {
            return (!rest.get(2).is_some_and(|byte| is_word(*byte))).then_some(2);
        }
        let name = rest[2..].iter().take_while(|byte| is_word(**byte)).count();
        rest[2 + name..].starts_with(b")s").then_some(2 + name + 2)
    }

    /// The length of the `$tag$` here.
    fn dollar_tag(&self) -> Option<usize> {
        let rest = &self.bytes[self.at + 1..];
        let tag = rest.iter().take_while(|&&byte| is_word(byte) && byte != b'$').count();
        let starts_like_a_name = rest.first().is_some_and(|byte| !byte.is_ascii_digit());
        (starts_like_a_name && rest.get(tag) == Some(&b'$')).then_some(tag + 2)
    }

    /// A string between two tags becomes one between quotes.
    fn dollar_quoted(&mut self, tag: usize) -> bool {
        let body = self.at + tag;
        let Some(length) = memchr::memmem::find(&self.bytes[body..], &self.bytes[self.at..body]) else { return false };
        self.filled(2 * tag + length, b'\'');
        true
    }

    fn quoted(&mut self, quote: u8, mask: u8) -> bool {
        let escapes = quote == b'\'' && self.follows_e();
        let mut at = self.at + 1;
        loop {
            match self.bytes.get(at) {
                None => return false,
                Some(b'\\') if escapes => at += 2,
                Some(byte) if *byte == quote => {
                    if self.bytes.get(at + 1) != Some(&quote) {
                        break;
                    }
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
        self.filled(at + 1 - self.at, mask);
        true
    }

    /// Whether an `E` stands right before, which makes a string one with escapes.
    fn follows_e(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map(|at| self.bytes[at]);
        matches!(before(1), Some(b'e' | b'E')) && !before(2).is_some_and(is_word)
    }

    /// A word: a keyword, a name, a number. False for what changes the language itself.
    fn word(&mut self) -> bool {
        let length = self.bytes[self.at..].iter().take_while(|byte| is_word(**byte)).count();
        let word = self.text[self.at..self.at + length].to_ascii_uppercase();
        if word == "DELIMITER" && self.open.first.is_none() {
            return false;
        }
        if self.open.atomic {
            match word.as_str() {
                "CASE" => self.open.blocks += 1,
                "END" => self.open.blocks = self.open.blocks.saturating_sub(1),
                _ => {}
            }
        }
        // `BEGIN ATOMIC` begins a body whose semicolons end no statement.
        if word == "ATOMIC" && self.open.head.first().is_some_and(|first| first == "CREATE") {
            (self.open.atomic, self.open.blocks) = (true, 1);
        }
        if self.open.head.len() < HEAD {
            self.open.head.push(word);
        }
        self.begin(length);
        self.masked.extend_from_slice(&self.bytes[self.at..self.at + length]);
        self.at += length;
        true
    }

    /// What stands for a name that is put in later.
    fn name(&mut self, length: usize) {
        if self.open.head.len() < HEAD {
            self.open.head.push(String::new());
        }
        self.begin(length);
        self.masked.resize(self.masked.len() + length, b'x');
        self.at += length;
    }

    fn filled(&mut self, length: usize, quote: u8) {
        if self.open.head.len() < HEAD {
            self.open.head.push(String::new());
        }
        self.begin(length);
        self.masked.push(quote);
        self.masked.resize(self.masked.len() + length - 2, b'x');
        self.masked.push(quote);
        self.at += length;
    }

    fn symbol(&mut self) {
        self.begin(1);
        self.masked.push(self.bytes[self.at]);
        self.at += 1;
    }

    fn blank(&mut self, length: usize) {
        self.masked.resize(self.masked.len() + length, b' ');
        self.at += length;
    }

    /// Counts a token of `length` bytes.
    fn begin(&mut self, length: usize) {
        let open = &mut self.open;
        open.first.get_or_insert(self.at);
        open.last = self.at + length;
        if open.weights.is_empty() {
            open.weights.push(0);
        }
        if let Some(weight) = open.weights.last_mut() {
            *weight += 1;
        }
        open.heavy = open.heavy || open.weights.iter().sum::<usize>() > MAX_WEIGHT;
    }

    fn semicolon(&mut self) {
        // The actions of a rule stand in brackets, with semicolons between them.
        let inside = self.open.weights.len() > 1 && self.open.head.iter().take(4).any(|word| word == "RULE");
        if inside || (self.open.atomic && self.open.blocks > 0) {
            self.symbol();
        } else {
            let copies = self.open.head.first().is_some_and(|first| first == "COPY");
            self.end_statement();
            let data = if copies { self.data_length() } else { 0 };
            self.blank(1 + data);
        }
    }

    /// The rows that follow `COPY … FROM stdin;` in a dump, up to a line `\\.`.
    fn data_length(&self) -> usize {
        let from_stdin = self.found.last().is_some_and(|piece| {
            let tail = piece.masked.rsplit(|c: char| c.is_whitespace()).next();
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case("stdin"))
        });
        let rest = &self.bytes[self.at + 1..];
        if !from_stdin { 0 } else { memchr::memmem::find(rest, b"\n\\.").unwrap_or(rest.len()) }
    }

    fn end_statement(&mut self) {
        let open = std::mem::take(&mut self.open);
        let Some(first) = open.first else { return };
        let range = first..open.last;
        // Only whole characters were copied, and ASCII was put in for the rest.
        let masked = String::from_utf8_lossy(&self.masked[range.clone()]).into_owned();
        let light = !open.heavy && masked.len() == range.len();
        self.found.push(Piece { range, masked, head: open.head, light });
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
