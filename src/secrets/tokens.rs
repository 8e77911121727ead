//! Tokens by the formats of the pages.

use super::checksum::{self, Assurance};
use super::judge::{entropy, is_sample};
use super::scan::{Found, scan};
use crate::rules::Token;
use crate::rules::catalogue::TOKENS;
use regex::bytes::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// A format with its regular expression, which is compiled when a keyword first asks for it.
pub struct Detector {
    pub token: &'static Token,
    regex: OnceLock<Option<Regex>>,
}

/// All formats, in the order of [`TOKENS`].
pub fn detectors() -> &'static [Detector] {
    static DETECTORS: LazyLock<Vec<Detector>> =
        LazyLock::new(|| TOKENS.iter().map(|token| Detector { token, regex: OnceLock::new() }).collect());
    &DETECTORS
}

/// Whether a maker's documentation shows the value.
pub fn is_documented(value: &str) -> bool {
    TOKENS.iter().any(|token| token.samples.contains(&value))
}

/// The regular expression of a format: over bytes, classes are ASCII, `.` ends at a line.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(pattern).unicode(false).size_limit(1 << 20).build()
}

impl Detector {
    /// Whether its keywords are meant in upper and lower case alike.
    pub fn ignores_case(&self) -> bool {
        self.token.pattern.starts_with("(?i)")
    }

    /// The token that has the keyword at `hit` in it, looked for in `window`, with what its checksum says.
    pub fn find(&self, text: &[u8], window: Range<usize>, hit: Range<usize>) -> Option<(Range<usize>, Assurance)> {
        let regex = self.regex.get_or_init(|| compile(self.token.pattern).ok()).as_ref()?;
        for found in regex.captures_iter(&text[window.clone()]) {
            let whole = found.get(0)?.range();
            if window.start + whole.start > hit.start {
                return None;
            }
            if window.start + whole.end < hit.end {
                continue;
            }
            let secret = found.name("secret").map_or(whole.clone(), |group| group.range());
            let secret = window.start + secret.start..window.start + secret.end;
            if let Some(assurance) = self.judge(text, window.start + whole.start, secret.clone()) {
                return Some((secret, assurance));
            }
        }
        None
    }

    /// What is to be thought of the bytes at `secret`, in a match that begins at `start`; `None` where they are no token.
    fn judge(&self, text: &[u8], start: usize, secret: Range<usize>) -> Option<Assurance> {
        let token = &text[secret.clone()];
        // No format has small letters alone; names in code have.
        let name = !token.iter().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        let sample = self.token.samples.iter().any(|sample| sample.as_bytes() == token);
        if name
            || sample
            || !stands_alone(text, start, &secret)
            || entropy(token) < self.token.entropy
            || is_sample(token)
        {
            return None;
        }
        Some(self.token.checksum.map_or(Assurance::Plausible, |way| checksum::check(way, token)))
    }
}

/// Whether neither letters nor digits touch the token, or the match that begins at `start`: then it would be a piece of
/// something longer.
fn stands_alone(text: &[u8], start: usize, secret: &Range<usize>) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let begins = |at: usize| {
        let before = &text[..at];
        // `\n` before it is a line break in a quoted text.
        let escape = matches!(before, [.., b'\\', b'n' | b'r' | b't']);
        escape || !before.last().is_some_and(word)
    };
    (begins(secret.start) || begins(start)) && !text.get(secret.end).is_some_and(word)
}

/// The format of the token that stands in `text`, the first of several. Whoever reports values by their names leaves
/// those to the format's own rule.
pub fn token_in(text: &str) -> Option<&'static Token> {
    scan(text, None).iter().find_map(Found::token)
}

/// `text` with stars in place of every token, private key and password in an address, for what is said about files.
pub fn redact(text: &str) -> Cow<'_, str> {
    let found = scan(text, None);
    let mut redacted = Cow::Borrowed(text);
    for found in found.iter().rev() {
        redacted.to_mut().replace_range(found.span.range(), "***");
    }
    redacted
}
