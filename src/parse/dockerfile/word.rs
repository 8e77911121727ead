//! Words of a Dockerfile: quotes, escapes and variables.

use crate::parse::substitution::{self, Operation, Part, Variable};
use crate::source::{Fragment, Span, Spanned};

/// How deep `${a:-${b:-…}}` is followed.
const MAX_DEPTH: usize = 16;

/// A word of an instruction, with all that is needed to substitute variables in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word as written, quotes and escapes included, without continuations.
    pub text: Fragment,
    /// Its pieces, quotes and escapes removed.
    pub parts: Vec<Part>,
    /// What is wrong with it: an open quote, a substitution that Docker refuses. The place, and what.
    pub fault: Option<Spanned<&'static str>>,
}

impl Word {
    /// Takes a word apart, by the rules of the Dockerfile reference ("environment replacement").
    pub fn parse(text: Fragment, escape: char) -> Self {
        let mut scanner = Scanner { fragment: &text, text: text.text(), at: 0, escape, depth: 0, fault: None };
        let parts = scanner.parts(None, false);
        let fault = scanner.fault;
        Self { text, parts, fault }
    }

    /// Where the word stands, its quotes included.
    pub fn span(&self) -> Span {
        self.text.span()
    }

    /// What the word says where no variable is in it.
    pub fn literal(&self) -> Option<String> {
        substitution::literal(&self.parts)
    }

    /// Its variables, in order of place.
    pub fn variables(&self) -> Vec<&Variable> {
        substitution::variables(&self.parts)
    }

    /// Substitutes variables and removes quotes. `None` where Docker would stop: a required variable is not set, the
    /// form is not one, or the result grows beyond [`substitution::EXPANSION_LIMIT`].
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        if self.fault.is_some() {
            return None;
        }
        substitution::expand(&self.parts, &mut |variable| lookup(&variable.name)).ok()
    }
}

struct Scanner<'a> {
    fragment: &'a Fragment,
    text: &'a str,
    /// Byte offset in `text`.
    at: usize,
    escape: char,
    depth: usize,
    fault: Option<Spanned<&'static str>>,
}

/// Literal text that is being gathered.
#[derive(Default)]
struct Gathered {
    text: String,
    start: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        self.fragment.to_file(Span::new(start, end))
    }

    fn fail(&mut self, start: usize, what: &'static str) {
        if self.fault.is_none() {
            self.fault = Some(Spanned::new(what, self.span(start, self.at)));
        }
    }

    fn flush(&self, gathered: &mut Gathered, quoted: bool, parts: &mut Vec<Part>) {
        if !gathered.text.is_empty() {
            let text = Spanned::new(std::mem::take(&mut gathered.text), self.span(gathered.start, self.at));
            parts.push(Part::Literal { text, quoted });
        }
        gathered.start = self.at;
    }

    /// Parts up to `stop`, which is consumed, or to the end. `raw`: escapes stay, as patterns need them.
    fn parts(&mut self, stop: Option<char>, raw: bool) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut plain = Gathered { text: String::new(), start: self.at };
        let opened = self.at;
        while let Some(character) = self.peek() {
            if Some(character) == stop {
                self.flush(&mut plain, false, &mut parts);
                self.next();
                return parts;
            }
            match character {
                '\'' => {
                    self.flush(&mut plain, false, &mut parts);
                    self.single_quoted(&mut parts);
                    plain.start = self.at;
                }
                '"' => {
                    self.flush(&mut plain, false, &mut parts);
                    self.double_quoted(&mut parts);
                    plain.start = self.at;
                }
                '$' => {
                    self.flush(&mut plain, false, &mut parts);
                    self.dollar(false, &mut parts);
                    plain.start = self.at;
                }
                character if character == self.escape => {
                    self.next();
                    if raw {
                        plain.text.push(character);
                    }
                    plain.text.extend(self.next());
                }
                character => {
                    self.next();
                    plain.text.push(character);
                }
            }
        }
        self.flush(&mut plain, false, &mut parts);
        if stop.is_some() {
            self.fail(opened.saturating_sub(1), "a `${` that is not closed");
        }
        parts
    }

    fn single_quoted(&mut self, parts: &mut Vec<Part>) {
        let opened = self.at;
        self.next();
        let start = self.at;
        let end = memchr::memchr(b'\'', &self.text.as_bytes()[start..]).map(|length| start + length);
        self.at = end.unwrap_or(self.text.len());
        let text = Spanned::new(self.text[start..self.at].to_owned(), self.span(start, self.at));
        parts.push(Part::Literal { text, quoted: true });
        if end.is_none() {
            self.fail(opened, "a quote that is not closed");
        }
        self.next();
    }

    fn double_quoted(&mut self, parts: &mut Vec<Part>) {
        let opened = self.at;
        self.next();
        let before = parts.len();
        let mut inside = Gathered { text: String::new(), start: self.at };
        loop {
            match self.peek() {
                None => {
                    self.flush(&mut inside, true, parts);
                    self.fail(opened, "a quote that is not closed");
                    return;
                }
                Some('"') => {
                    self.flush(&mut inside, true, parts);
                    if parts.len() == before {
                        // `""` says that the value is empty, which is not the same as saying nothing.
                        let empty = Spanned::new(String::new(), self.span(self.at, self.at));
                        parts.push(Part::Literal { text: empty, quoted: true });
                    }
                    self.next();
                    return;
                }
                Some('$') => {
                    self.flush(&mut inside, true, parts);
                    self.dollar(true, parts);
                    inside.start = self.at;
                }
                Some(character) => {
                    self.next();
                    let escaped = self.peek().filter(|&next| matches!(next, '"' | '$') || next == self.escape);
                    match escaped {
                        Some(next) if character == self.escape => {
                            self.next();
                            inside.text.push(next);
                        }
                        _ => inside.text.push(character),
                    }
                }
            }
        }
    }

    fn dollar(&mut self, quoted: bool, parts: &mut Vec<Part>) {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                let text = Spanned::new("$".to_owned(), self.span(start, self.at));
                parts.push(Part::Literal { text, quoted });
            } else {
                parts.push(Part::Variable(Variable { span: self.span(start, self.at), name, operation: None }));
            }
            return;
        }
        self.next();
        match self.braced(start) {
            Some(variable) => parts.push(Part::Variable(variable)),
            None => {
                let text = Spanned::new(self.text[start..self.at].to_owned(), self.span(start, self.at));
                parts.push(Part::Literal { text, quoted });
            }
        }
    }

    /// What follows `${`; `None` (with a fault) where Docker would refuse it, having read as far as it was understood.
    fn braced(&mut self, start: usize) -> Option<Variable> {
        if self.depth == MAX_DEPTH {
            self.at = self.text.len();
            self.fail(start, "a substitution nested too deep");
            return None;
        }
        let name = self.name();
        if name.is_empty() {
            self.fail(start, "a substitution without a name");
            return None;
        }
        self.depth += 1;
        let operation = self.operation(start);
        self.depth -= 1;
        Some(Variable { name, operation: operation?, span: self.span(start, self.at) })
    }

    /// The rest of `${name…}`. The outer `None` is a form that does not exist.
    fn operation(&mut self, start: usize) -> Option<Option<Operation>> {
        let mut operator = self.peek();
        if operator == Some('}') {
            self.next();
            return Some(None);
        }
        let empty_counts = operator == Some(':');
        if empty_counts {
            self.next();
            operator = self.peek();
        }
        if !matches!(operator, Some('-' | '+' | '?' | '#' | '%' | '/')) || (empty_counts && operator == Some('/')) {
            self.fail(start, "a substitution that Docker does not know");
            return None;
        }
        self.next();
        Some(Some(match operator {
            Some('-') => Operation::Fallback { empty_counts, word: self.parts(Some('}'), false) },
            Some('+') => Operation::Alternative { empty_counts, word: self.parts(Some('}'), false) },
            Some('?') => Operation::Require { empty_counts, message: self.parts(Some('}'), false) },
            Some('#') => {
                let longest = self.doubled('#');
                Operation::TrimPrefix { longest, pattern: self.parts(Some('}'), true) }
            }
            Some('%') => {
                let longest = self.doubled('%');
                Operation::TrimSuffix { longest, pattern: self.parts(Some('}'), true) }
            }
            _ => {
                let all = self.doubled('/');
                let pattern = self.parts(Some('/'), true);
                Operation::Replace { all, pattern, replacement: self.parts(Some('}'), true) }
            }
        }))
    }

    fn doubled(&mut self, character: char) -> bool {
        let doubled = self.peek() == Some(character);
        if doubled {
            self.next();
        }
        doubled
    }

    /// A name: letters, digits and `_`; digits alone; or one of the shell's special parameters.
    fn name(&mut self) -> Spanned<String> {
        let start = self.at;
        match self.peek() {
            Some(first) if first.is_numeric() => {
                while self.peek().is_some_and(char::is_numeric) && self.next().is_some() {}
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.next();
            }
            _ => while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') && self.next().is_some() {},
        }
        Spanned::new(self.text[start..self.at].to_owned(), self.span(start, self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Word {
        Word::parse(Fragment::verbatim(text, 0), '\\')
    }

    fn expand(text: &str) -> Option<String> {
        word(text).expand(&|name| match name {
            "x" => Some("value".into()),
            "empty" => Some(String::new()),
            "path" => Some("/a/b/file.tar.gz".into()),
            _ => None,
        })
    }

    #[test]
    fn every_form_of_the_reference_expands() {
        for (text, expected) in [
            ("$x", "value"),
            ("${x}_y", "value_y"),
            ("$x_y", ""),
            ("\\$x", "$x"),
            ("\\${x}", "${x}"),
            ("'$x'", "$x"),
            ("\"$x\"", "value"),
            ("\"\\$x\"", "$x"),
            ("\"a\\b\"", "a\\b"),
            ("a\\ b", "a b"),
            ("${x:-d}", "value"),
            ("${none:-d}", "d"),
            ("${empty:-d}", "d"),
            ("${empty-d}", ""),
            ("${none-d}", "d"),
            ("${x:+alt}", "alt"),
            ("${empty:+alt}", ""),
            ("${empty+alt}", "alt"),
            ("${none:-${x}}", "value"),
            ("${none:-\"}\"}", "}"),
            ("${path#*/}", "a/b/file.tar.gz"),
            ("${path##*/}", "file.tar.gz"),
            ("${path%.*}", "/a/b/file.tar"),
            ("${path%%.*}", "/a/b/file"),
            ("${path/a/c}", "/c/b/file.tar.gz"),
            ("${path//\\//-}", "-a-b-file.tar.gz"),
            ("$", "$"),
            ("5$", "5$"),
            ("$ x", "$ x"),
            ("it\\'s", "it's"),
        ] {
            assert_eq!(expand(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_docker_refuses_does_not_expand() {
        for text in ["${none:?}", "${}", "${{ x }}", "${x^^}", "${x", "'open", "\"open", "${x:-open"] {
            assert_eq!(expand(text), None, "{text}");
        }
    }

    #[test]
    fn parts_know_their_places() {
        let text = "a'b c'${x:-d}";
        let parsed = word(text);
        let spans: Vec<&str> = parsed
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal { text: literal, .. } => &text[literal.span.range()],
                Part::Variable(variable) => &text[variable.span.range()],
            })
            .collect();
        assert_eq!(spans, ["a", "b c", "${x:-d}"]);
        assert_eq!(&text[parsed.variables()[0].name.span.range()], "x");
    }

    #[test]
    fn nesting_without_end_is_refused_and_not_followed() {
        let deep = "${a:-".repeat(100_000);
        assert!(word(&deep).fault.is_some());
        let growing = word(&"$x".repeat(1_000_000));
        assert_eq!(growing.expand(&|_| Some("y".repeat(1000))), None);
    }
}
