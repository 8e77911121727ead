//! Caddyfiles: lines of words, with blocks. Placeholders (`{$NAME}`, `{http.request.host}`) stay as they are written.
//!
//! Nothing in it is a problem: what Caddy's many plugins accept is not known here.

use crate::source::{Span, Spanned};

/// Blocks within blocks are followed so deep.
const MAX_DEPTH: usize = 32;

/// One file.
#[derive(Clone, Debug, Default)]
pub struct Caddyfile {
    /// The lines at the top, each with its block: the global options, snippets, sites.
    pub lines: Vec<Line>,
}

/// A line and its block.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Its words, quotes taken off; none before the block of global options.
    pub words: Vec<Spanned<String>>,
    /// What stands between the braces, where it has any.
    pub block: Option<Vec<Line>>,
}

impl Line {
    /// The word at `index`.
    pub fn word(&self, index: usize) -> Option<&str> {
        self.words.get(index).map(|word| word.value.as_str())
    }

    /// The lines in its braces.
    pub fn body(&self) -> &[Line] {
        self.block.as_deref().unwrap_or_default()
    }

    /// From its first word to its last.
    pub fn span(&self) -> Span {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::at(0),
        }
    }
}

/// Reads a Caddyfile.
pub fn parse(text: &str) -> Caddyfile {
    let mut open: Vec<(Line, Vec<Line>)> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut beyond = 0usize;
    let mut at = 0;
    while at < text.len() {
        let (words, next) = line(text, at);
        at = next;
        let lone = |brace: &str| words.len() == 1 && words[0].value == brace && words[0].span.len() == 1;
        if lone("}") {
            if beyond > 0 {
                beyond -= 1;
            } else if let Some((line, before)) = open.pop() {
                let block = std::mem::replace(&mut lines, before);
                lines.push(Line { block: Some(block), ..line });
            }
            continue;
        }
        let opens = words.last().is_some_and(|last| last.value == "{" && last.span.len() == 1);
        if beyond > 0 || (opens && open.len() >= MAX_DEPTH) {
            beyond += usize::from(opens);
            continue;
        }
        let mut words = words;
        if opens {
            words.pop();
            open.push((Line { words, block: None }, std::mem::take(&mut lines)));
        } else if !words.is_empty() {
            lines.push(Line { words, block: None });
        }
    }
    while let Some((line, before)) = open.pop() {
        let block = std::mem::replace(&mut lines, before);
        lines.push(Line { block: Some(block), ..line });
    }
    Caddyfile { lines }
}

/// The words of the line at `at`, and where the next one begins. A text between quotes may go over lines, a backslash at
/// the end goes on.
fn line(text: &str, mut at: usize) -> (Vec<Spanned<String>>, usize) {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => return (words, at + 1),
            b' ' | b'\t' | b'\r' => at += 1,
            b'\\' if matches!(bytes.get(at + 1), Some(b'\n')) => at += 2,
            b'#' => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length),
            b'"' | b'`' => {
                let start = at;
                at += 1;
                while let Some(&inner) = bytes.get(at).filter(|inner| **inner != byte) {
                    at += if inner == b'\\' && byte == b'"' && bytes.get(at + 1) == Some(&b'"') { 2 } else { 1 };
                }
                let value = text.get(start + 1..at).unwrap_or("").to_owned();
                at = (at + 1).min(bytes.len());
                words.push(Spanned::new(value, Span::new(start, at)));
            }
            _ => {
                let length = bytes[at..].iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
                let end = length.map_or(bytes.len(), |length| at + length);
                words.push(Spanned::new(text.get(at..end).unwrap_or("").to_owned(), Span::new(at, end)));
                at = end;
            }
        }
    }
    (words, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_blocks_and_placeholders() {
        let file = parse(
            "{\n  email a@example.org\n}\n{$DOMAIN}, www.example.org {\n  # comment\n  respond \"a b\" 200\n  handle /x/* {\n    file_server\n  }\n}\n",
        );
        assert_eq!(file.lines.len(), 2);
        assert!(file.lines[0].words.is_empty());
        assert_eq!(file.lines[1].word(0), Some("{$DOMAIN},"));
        let body = file.lines[1].body();
        assert_eq!((body[0].word(1), body[1].word(1)), (Some("a b"), Some("/x/*")));
        assert_eq!(body[1].body()[0].word(0), Some("file_server"));
    }

    #[test]
    fn hostile_input_is_bounded() {
        assert_eq!(parse(&"a {\n".repeat(100_000)).lines.len(), 1);
        for text in ["\"é", "}", "`\\", "\\", "é{", "a {"] {
            parse(text);
        }
    }
}
