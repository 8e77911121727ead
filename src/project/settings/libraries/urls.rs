//! URLs as `urllib.parse` takes them apart: <https://docs.python.org/3/library/urllib.parse.html>.

use super::super::object::{Kind, Val};
use std::rc::Rc;

/// The parts of a URL.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Url {
    pub scheme: String,
    pub netloc: String,
    pub path: String,
    pub query: String,
    pub fragment: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub hostname: Option<String>,
    pub port: Option<u16>,
}

/// Splits a URL; the parts stay quoted as they are.
pub(super) fn split(url: &str) -> Url {
    let mut parts = Url::default();
    // What stands before is dropped; line ends and tabs wherever they are.
    let plain = url.trim_start_matches(|letter| letter <= ' ').replace(['\t', '\r', '\n'], "");
    let mut rest = plain.as_str();
    if let Some((scheme, after)) = rest.split_once(':')
        && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    {
        parts.scheme = scheme.to_ascii_lowercase();
        rest = after;
    }
    if let Some(after) = rest.strip_prefix("//") {
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        parts.netloc = after[..end].to_owned();
        rest = &after[end..];
    }
    if let Some((before, fragment)) = rest.split_once('#') {
        parts.fragment = fragment.to_owned();
        rest = before;
    }
    if let Some((before, query)) = rest.split_once('?') {
        parts.query = query.to_owned();
        rest = before;
    }
    parts.path = rest.to_owned();
    let (user, host) = match parts.netloc.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, parts.netloc.as_str()),
    };
    if let Some(user) = user {
        let (name, password) = match user.split_once(':') {
            Some((name, password)) => (name, Some(password.to_owned())),
            None => (user, None),
        };
        parts.username = Some(name.to_owned());
        parts.password = password;
    }
    let (host, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => match host.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (host, None),
        },
    };
    parts.hostname = (!host.is_empty()).then(|| host.to_lowercase());
    parts.port = port.and_then(|port| port.parse().ok());
    parts
}

/// Text without its `%` escapes.
pub(super) fn unquote(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hexadecimal = || text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], hexadecimal()) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The first value of each name in a query, in order, as `parse_qs` has it: blank ones are left out.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in text.split('&') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let (name, value) = (unquote(&name.replace('+', " ")), unquote(&value.replace('+', " ")));
        if !value.is_empty() && !pairs.iter().any(|(known, _)| *known == name) {
            pairs.push((name, value));
        }
    }
    pairs
}

/// An attribute of what `urlparse(url)` gives.
pub(super) fn attribute(url: &Val, name: &str) -> Option<Val> {
    let Kind::Str(text) = &url.kind else {
        return url.unknown_reason().map(|_| Val::unknown_like(url));
    };
    let parts = split(text);
    let text = |text: String| Kind::Str(Rc::from(text));
    let optional = |part: Option<String>| part.map_or(Kind::None, text);
    let kind = match name {
        "scheme" => text(parts.scheme),
        "netloc" => text(parts.netloc),
        "path" => text(parts.path),
        "query" => text(parts.query),
        "fragment" => text(parts.fragment),
        "params" => text(String::new()),
        "username" => optional(parts.username),
        "password" => optional(parts.password),
        "hostname" => optional(parts.hostname),
        "port" => parts.port.map_or(Kind::None, |port| Kind::Int(i64::from(port))),
        _ => return None,
    };
    Some(Val::derived(kind, [url]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_url_has_its_parts() {
        let url = split("postgres://us%40er:p:w@[::1]:5432/name?sslmode=require#x");
        assert_eq!(url.scheme, "postgres");
        assert_eq!(url.username.as_deref().map(unquote).as_deref(), Some("us@er"));
        assert_eq!(url.password.as_deref(), Some("p:w"));
        assert_eq!((url.hostname.as_deref(), url.port), (Some("::1"), Some(5432)));
        assert_eq!((url.path.as_str(), url.query.as_str()), ("/name", "sslmode=require"));
        assert_eq!(split("sqlite:///db.sqlite3").path, "/db.sqlite3");
        assert_eq!(split("example.com/a").path, "example.com/a");
    }
}
