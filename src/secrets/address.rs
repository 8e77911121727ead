//! Addresses with a password: `scheme://user:password@host`.

use std::ops::Range;

/// More is no login.
const LONGEST: usize = 256;

/// An address with a password in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'t> {
    /// `postgres`, in lower case or not.
    pub scheme: &'t str,
    /// Before the colon; may be empty.
    pub user: &'t str,
    /// As written, percent signs included.
    pub password: &'t str,
    /// The host's name without the port.
    pub host: &'t str,
    /// The byte range of the password.
    pub span: Range<usize>,
}

/// The address around the `://` that begins at `at`.
pub fn at(text: &str, at: usize) -> Option<Address<'_>> {
    let bytes = text.as_bytes();
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let start = at - bytes[..at].iter().rev().take(24).take_while(|byte| is_scheme(byte)).count();
    let scheme = text.get(start..at).filter(|scheme| !scheme.is_empty())?;
    let first = at + 3;
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'?' | b'#' | b'\\' | b',' | b')' | b']')
    };
    let rest = &bytes[first.min(bytes.len())..bytes.len().min(first + LONGEST)];
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let authority = text.get(first..first + length)?;
    let (login, host) = authority.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    let host = host.split(':').next().unwrap_or(host);
    if password.is_empty() || host.is_empty() {
        return None;
    }
    let begin = first + user.len() + 1;
    Some(Address { scheme, user, password, host, span: begin..begin + password.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let text = "DATABASE_URL=postgres://school:Tr4um:x@db:5432/school?sslmode=require";
        let found = at(text, text.find("://").unwrap()).unwrap();
        assert_eq!((found.scheme, found.user, found.password, found.host), ("postgres", "school", "Tr4um:x", "db"));
        assert_eq!(&text[found.span], "Tr4um:x");
    }

    #[test]
    fn what_has_no_password_is_none() {
        for text in [
            "https://example.org/a@b:c",
            "https://user@host",
            "://a:b@c",
            "redis://:@h",
            "git@host:a",
            "https://",
            "ü://a:b",
        ] {
            assert_eq!(text.find("://").and_then(|found| at(text, found)), None, "{text}");
        }
    }
}
