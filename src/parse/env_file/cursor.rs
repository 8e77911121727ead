//! A place in a text, and the few moves that both dialects need.

use crate::source::{Span, Spanned};

/// Reads a text from front to back.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Byte offset.
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 } }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes past the characters that `skip` accepts, and returns them.
    pub(super) fn take_while(&mut self, skip: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|character| !skip(character)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Goes past `character` where it stands here.
    pub(super) fn take(&mut self, character: char) -> bool {
        let there = self.peek() == Some(character);
        if there {
            self.at += character.len_utf8();
        }
        there
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }

    pub(super) fn spanned(&self, start: usize, end: usize) -> Spanned<String> {
        Spanned::new(self.text[start..end].to_owned(), Span::new(start, end))
    }

    /// The end of the line here, before a `\n` or what `breaks` says.
    pub(super) fn line_end(&self, breaks: &[char]) -> usize {
        self.rest().find(breaks).map_or(self.text.len(), |length| self.at + length)
    }

    /// The offset of the quote that closes a value whose text begins here; a backslash takes the meaning of the next
    /// character.
    pub(super) fn closing(&self, quote: char) -> Option<usize> {
        let mut characters = self.rest().char_indices();
        while let Some((length, character)) = characters.next() {
            if character == '\\' {
                characters.next();
            } else if character == quote {
                return Some(self.at + length);
            }
        }
        None
    }
}
