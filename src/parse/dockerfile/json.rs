//! The JSON arrays of Dockerfiles, with a way back to the file.

use crate::source::{Fragment, FragmentBuilder, Span};

/// What a text is, seen as a JSON array.
pub(super) enum Array {
    /// An array of strings.
    Strings(Vec<Fragment>),
    /// Valid JSON, but not all of it strings, which Docker refuses.
    Mixed,
    /// Not a JSON array, so Docker reads it another way.
    Other,
}

/// Reads the whole of `fragment` as a JSON array of strings.
pub(super) fn array(fragment: &Fragment) -> Array {
    let text = fragment.text();
    if !text.starts_with('[') {
        return Array::Other;
    }
    match (Json { fragment, text, at: 1 }).strings() {
        Some(strings) => Array::Strings(strings),
        None if serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok() => Array::Mixed,
        None => Array::Other,
    }
}

struct Json<'a> {
    fragment: &'a Fragment,
    text: &'a str,
    /// Byte offset in `text`.
    at: usize,
}

impl Json<'_> {
    fn blanks(&mut self) {
        self.at = self.text.len() - self.text[self.at..].trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn take(&mut self, character: u8) -> bool {
        let there = self.text.as_bytes().get(self.at) == Some(&character);
        self.at += usize::from(there);
        there
    }

    /// After the opening bracket.
    fn strings(&mut self) -> Option<Vec<Fragment>> {
        let mut strings = Vec::new();
        self.blanks();
        if !self.take(b']') {
            loop {
                self.blanks();
                strings.push(self.string()?);
                self.blanks();
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return None;
                }
            }
        }
        self.blanks();
        (self.at == self.text.len()).then_some(strings)
    }

    fn string(&mut self) -> Option<Fragment> {
        let start = self.at;
        if !self.take(b'"') {
            return None;
        }
        let mut builder = Fragment::builder();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let plain = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\')?;
            builder.push_slice(self.fragment, Span::new(self.at, self.at + plain));
            self.at += plain;
            match self.text.as_bytes()[self.at] {
                b'"' => break,
                b'\\' => self.escape(&mut builder)?,
                _ => return None,
            }
        }
        self.at += 1;
        builder.cover(self.fragment.to_file(Span::new(start, self.at)));
        Some(builder.finish())
    }

    fn escape(&mut self, builder: &mut FragmentBuilder) -> Option<()> {
        let start = self.at;
        self.at += 2;
        let character = match self.text.as_bytes().get(start + 1)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return None,
        };
        let span = self.fragment.to_file(Span::new(start, self.at));
        builder.push_replacement(character.encode_utf8(&mut [0; 4]), span);
        Some(())
    }

    /// After `\u`; half of a surrogate pair becomes the replacement character, as Go has it.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.hex()?;
            if (0xDC00..0xE000).contains(&second) {
                return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            }
            self.at = back;
        }
        Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}
