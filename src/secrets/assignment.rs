//! Values that stand beside a name, read by line in the forms of each language.

use super::Language;
use std::ops::Range;

/// More is no name.
const LONGEST_NAME: usize = 80;
/// More is no secret that anybody typed.
const LONGEST_VALUE: usize = 400;

/// A name and the value that it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The byte range of the name.
    pub name: Range<usize>,
    /// The byte range of the value, without its quotes.
    pub value: Range<usize>,
}

/// What the name around the byte at `at` gets on its line.
pub fn at(text: &str, at: usize, language: Language) -> Option<Assignment> {
    let bytes = text.as_bytes();
    let joins = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte == b'_'
            || !matches!(language, Language::Python | Language::Shell) && matches!(byte, b'-' | b'.')
    };
    let start = at - bytes[..at].iter().rev().take(LONGEST_NAME).take_while(|byte| joins(**byte)).count();
    let end = at + bytes[at..].iter().take(LONGEST_NAME).take_while(|byte| joins(**byte)).count();
    let name = start..end;
    if name.len() >= LONGEST_NAME || text.get(name.clone()).is_none() {
        return None;
    }
    let quote = start.checked_sub(1).map(|at| bytes[at]).filter(|byte| matches!(byte, b'"' | b'\''));
    let mut cursor = Cursor { bytes, at: end };
    let quoted = quote.is_some_and(|quote| cursor.skip(quote));
    let value = match language {
        Language::Python => python(&mut cursor, quoted)?,
        Language::Json => {
            let is_key = quoted && cursor.skip_after_spaces(b':');
            if is_key { cursor.quoted_after_spaces()? } else { return None }
        }
        Language::Toml => {
            cursor.spaces();
            if cursor.skip(b'=') || quoted && cursor.skip(b':') { cursor.quoted_after_spaces()? } else { return None }
        }
        Language::Yaml => yaml(&mut cursor)?,
        Language::Env | Language::Shell => {
            // An env file has nothing before the name; in prose and code a `=` may mean anything.
            let alone = || {
                text[..start]
                    .rsplit(['\n', '\r'])
                    .next()
                    .is_some_and(|before| matches!(before.trim(), "" | "export" | "#"))
            };
            if quoted || !cursor.skip(b'=') || language == Language::Env && !alone() {
                return None;
            }
            match cursor.quoted() {
                Some(value) => value,
                None if language == Language::Env => cursor.rest_of_line()?,
                None => cursor.plain(|byte| {
                    byte.is_ascii_whitespace() || matches!(byte, b';' | b'&' | b'|' | b')' | b'`' | b'"' | b'\'')
                })?,
            }
        }
        Language::Ini => {
            cursor.spaces();
            if !cursor.skip(b'=') && !cursor.skip(b':') {
                return None;
            }
            cursor.spaces();
            match cursor.quoted() {
                Some(value) => value,
                None => cursor.rest_of_line()?,
            }
        }
    };
    let fits = !value.is_empty() && value.len() <= LONGEST_VALUE && text.get(value.clone()).is_some();
    fits.then_some(Assignment { name, value })
}

/// `= "…"`, `: str = "…"`, `"…": "…"`, `["…"] = "…"`, `get("…", "…")`, `get("…", default="…")`.
fn python(cursor: &mut Cursor<'_>, quoted: bool) -> Option<Range<usize>> {
    let subscript = quoted && cursor.skip(b']');
    cursor.spaces();
    if quoted && !subscript {
        if cursor.skip(b',') {
            cursor.spaces();
            if cursor.skip_word(b"default") {
                cursor.spaces();
                cursor.skip(b'=');
            }
        } else if !cursor.skip(b':') {
            return None;
        }
        return cursor.quoted_after_spaces();
    }
    if cursor.skip(b':') {
        // A type; dictionaries have their keys in quotes.
        let annotation =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'[' | b']' | b'|' | b'.');
        cursor.at += cursor.rest().iter().take_while(annotation).count();
    }
    if !cursor.skip(b'=') || cursor.rest().first() == Some(&b'=') {
        return None;
    }
    cursor.quoted_after_spaces()
}

/// `: value`, and `=value` in a list of variables.
fn yaml(cursor: &mut Cursor<'_>) -> Option<Range<usize>> {
    if cursor.skip(b'=') {
        return match cursor.quoted() {
            Some(value) => Some(value),
            None => cursor.plain(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',')),
        };
    }
    if !cursor.skip_after_spaces(b':') || !matches!(cursor.rest().first(), Some(b' ' | b'\t')) {
        return None;
    }
    cursor.spaces();
    if matches!(cursor.rest().first(), Some(b'|' | b'>' | b'&' | b'*' | b'!' | b'{' | b'[')) {
        return None;
    }
    match cursor.quoted() {
        Some(value) => Some(value),
        None => cursor.rest_of_line(),
    }
}

/// Reads along one line.
struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t [u8] {
        &self.bytes[self.at..]
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.rest().first() == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn skip_word(&mut self, word: &[u8]) -> bool {
        let there = self.rest().starts_with(word);
        self.at += if there { word.len() } else { 0 };
        there
    }

    fn spaces(&mut self) {
        self.at += self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    }

    fn skip_after_spaces(&mut self, byte: u8) -> bool {
        self.spaces();
        self.skip(byte)
    }

    fn quoted_after_spaces(&mut self) -> Option<Range<usize>> {
        self.spaces();
        self.quoted()
    }

    /// What stands between quotes that open here and close on this line; not in three of them.
    fn quoted(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        // Prefixes of Python other than `f`.
        let prefix =
            rest.iter().take(2).take_while(|byte| matches!(byte, b'b' | b'B' | b'r' | b'R' | b'u' | b'U')).count();
        let quote = *rest.get(prefix).filter(|byte| matches!(byte, b'"' | b'\''))?;
        let inner = rest.get(prefix + 1..)?;
        if inner.starts_with(&[quote, quote]) {
            return None;
        }
        let mut length = 0;
        loop {
            match inner.get(length) {
                Some(b'\\') => length += 2,
                Some(byte) if *byte == quote => break,
                Some(b'\n' | b'\r') | None => return None,
                Some(_) if length > LONGEST_VALUE => return None,
                Some(_) => length += 1,
            }
        }
        let start = self.at + prefix + 1;
        Some(start..start + length)
    }

    /// What stands here up to a byte that ends it.
    fn plain(&mut self, ends: impl Fn(&u8) -> bool) -> Option<Range<usize>> {
        let rest = self.rest();
        let length = rest.iter().take(LONGEST_VALUE + 1).position(ends).unwrap_or(rest.len().min(LONGEST_VALUE + 1));
        Some(self.at..self.at + length)
    }

    /// What stands here up to the end of the line or a comment.
    fn rest_of_line(&mut self) -> Option<Range<usize>> {
        let line = self.plain(|byte| matches!(byte, b'\n' | b'\r'))?;
        let text = &self.bytes[line.clone()];
        let length = text.windows(2).position(|pair| pair == b" #" || pair == b"\t#").unwrap_or(text.len());
        Some(line.start..line.start + text[..length].trim_ascii_end().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, language: Language) -> Option<(&str, &str)> {
        let lower = text.to_ascii_lowercase();
        let found = at(text, lower.find("password").unwrap(), language)?;
        Some((&text[found.name], &text[found.value]))
    }

    #[test]
    fn each_language_has_its_forms() {
        use Language::*;
        for (language, text, name, value) in [
            (Python, "EMAIL_PASSWORD = 'a b'  # c", "EMAIL_PASSWORD", "a b"),
            (Python, "password: str = \"x\"", "password", "x"),
            (Python, "  'PASSWORD': b'x',", "PASSWORD", "x"),
            (Python, "os.environ['PASSWORD'] = 'x'", "PASSWORD", "x"),
            (Python, "env('DB_PASSWORD', default='x')", "DB_PASSWORD", "x"),
            (Python, "os.getenv(\"PASSWORD\", \"x\")", "PASSWORD", "x"),
            (Python, "connect(password='x\\'y')", "password", "x\\'y"),
            (Yaml, "  db-password: x y # z\n", "db-password", "x y"),
            (Yaml, "- POSTGRES_PASSWORD=x\n", "POSTGRES_PASSWORD", "x"),
            (Yaml, "\"password\": \"x\"", "password", "x"),
            (Json, "{\"password\" : \"x\"}", "password", "x"),
            (Toml, "password = \"x\"", "password", "x"),
            (Ini, "password: x ; y", "password", "x ; y"),
            (Ini, "db.password=x", "db.password", "x"),
            (Env, "PASSWORD=x#y # z", "PASSWORD", "x#y"),
            (Env, "export PASSWORD='x'", "PASSWORD", "x"),
            (Shell, "PGPASSWORD=x psql", "PGPASSWORD", "x"),
            (Shell, "PASSWORD=\"x y\"; run", "PASSWORD", "x y"),
        ] {
            assert_eq!(read(text, language), Some((name, value)), "{text}");
        }
    }

    #[test]
    fn what_is_no_literal_is_none() {
        use Language::*;
        for (language, text) in [
            (Python, "if password == 'x':"),
            (Python, "password = get('x')"),
            (Python, "password = f'{x}'"),
            (Python, "password = '''x'''"),
            (Python, "password = 'x"),
            (Python, "def f(password, y='z')"),
            (Python, "password"),
            (Yaml, "password:\n  x: y"),
            (Yaml, "password: |\n  x"),
            (Yaml, "password: *x"),
            (Yaml, "http://password:x@y"),
            (Json, "{\"password\": 1}"),
            (Toml, "password = true"),
            (Env, "password"),
            (Env, "PASSWORD="),
            (Env, "with password=x"),
            (Shell, "PASSWORD = x"),
            (Shell, "read password"),
        ] {
            assert_eq!(read(text, language), None, "{text}");
        }
    }

    #[test]
    fn spans_lie_on_characters() {
        for text in ["password: ü", "pässword=ü", "password='ü\\", "password=\"\\", "password: 'ü' "] {
            for language in
                [Language::Python, Language::Yaml, Language::Env, Language::Ini, Language::Shell, Language::Toml]
            {
                let _ = read(&text.replace("pässword", "ä_password"), language);
            }
        }
    }
}
