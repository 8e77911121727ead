use super::address;
use super::assignment;
use super::checksum::Assurance;
use super::judge::{self, Named};
use super::private_key::{self, PrivateKey};
use super::tokens::{self, detectors};
use super::{Language, assignment::Assignment};
use crate::rules::Token;
use crate::source::Span;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::ops::Range;
use std::sync::LazyLock;

/// How far a token may begin before its keyword, and end behind it, in bytes of its line.
const WINDOW: (usize, usize) = (64, 512);
/// How often one word is looked at in a file: beyond that the file is made to be slow.
const MAX_HITS: u32 = 20_000;
/// What begins with a NUL within so many bytes is no text.
const BINARY_HEAD: usize = 8192;

/// A secret in a text.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// All of it, and nothing else: what has to be hidden.
    pub span: Span,
    /// What its checksum says.
    pub assurance: Assurance,
}

impl Found {
    /// The format, where it is a token.
    pub fn token(&self) -> Option<&'static Token> {
        match self.kind {
            Kind::Token(token) => Some(token),
            _ => None,
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A token of this format.
    Token(&'static Token),
    /// A private key.
    PrivateKey(PrivateKey),
    /// A value that stands beside a name.
    Assignment {
        /// The name.
        name: String,
        /// What the name promises.
        promise: Named,
    },
    /// The password in an address.
    Address {
        /// The scheme, as written.
        scheme: String,
        /// The host.
        host: String,
    },
}

impl Kind {
    /// Whether nothing but a name or an address says that it is a secret.
    pub fn is_plain(&self) -> bool {
        matches!(self, Kind::Assignment { .. } | Kind::Address { .. })
    }
}

/// Who asks for a closer look.
#[derive(Clone, Copy)]
enum Trigger {
    /// The format at this index.
    Token(usize),
    Pem,
    Putty,
    Address,
    Name,
}

/// Parts of the names that [`judge::promise`] knows.
const NAMES: [&str; 12] = [
    "passw",
    "passphrase",
    "_pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "_key",
    "-key",
    "accesskey",
    "authkey",
    "privatekey",
];

/// The words that ask for a closer look.
struct Words {
    /// Finds all of them in one pass, in upper and lower case alike.
    automaton: AhoCorasick,
    /// By pattern of the automaton: who asks, and the word itself where upper and lower case matter.
    triggers: Vec<(Trigger, Option<&'static str>)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words: Vec<&'static str> = Vec::new();
    let mut triggers = Vec::new();
    let mut add = |word: &'static str, trigger, exact: bool| {
        words.push(word);
        triggers.push((trigger, exact.then_some(word)));
    };
    for (index, detector) in detectors().iter().enumerate() {
        for keyword in detector.token.keywords {
            add(keyword, Trigger::Token(index), !detector.ignores_case());
        }
    }
    add("-----BEGIN ", Trigger::Pem, true);
    add("PuTTY-User-Key-File-", Trigger::Putty, true);
    add("://", Trigger::Address, true);
    NAMES.iter().for_each(|name| add(name, Trigger::Name, false));
    let automaton = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(&words);
    Words { automaton: automaton.expect("the words of the pages are few and short"), triggers }
});

/// Every secret in `text`, sorted, none inside another. Without a language, values beside names are not looked for.
pub fn scan(text: &str, language: Option<Language>) -> Vec<Found> {
    let bytes = text.as_bytes();
    if memchr::memchr(0, &bytes[..bytes.len().min(BINARY_HEAD)]).is_some() {
        return Vec::new();
    }
    let Words { automaton, triggers } = &*WORDS;
    let mut hits = vec![0u32; triggers.len()];
    let mut scan = Scan { text, language, found: Vec::new(), done: 0 };
    for hit in automaton.find_overlapping_iter(bytes) {
        let index = hit.pattern().as_usize();
        let (trigger, exact) = triggers[index];
        if exact.is_some_and(|word| &bytes[hit.range()] != word.as_bytes()) {
            continue;
        }
        hits[index] += 1;
        if hits[index] <= MAX_HITS {
            scan.look(trigger, hit.range());
        }
    }
    disjoint(scan.found)
}

/// One run over a text.
struct Scan<'t> {
    text: &'t str,
    language: Option<Language>,
    found: Vec<Found>,
    /// Up to where names have been looked at: `api_key` asks twice.
    done: usize,
}

impl Scan<'_> {
    fn look(&mut self, trigger: Trigger, hit: Range<usize>) {
        match trigger {
            Trigger::Token(index) => {
                let detector = &detectors()[index];
                let bytes = self.text.as_bytes();
                let Some((span, assurance)) = detector.find(bytes, window(bytes, &hit), hit) else { return };
                // Formats are ASCII, but a broad class of bytes might cut a character in two.
                if self.text.get(span.clone()).is_some() {
                    self.found.push(Found { kind: Kind::Token(detector.token), span: span.into(), assurance });
                }
            }
            Trigger::Pem => self.key(private_key::pem(self.text, hit.start)),
            Trigger::Putty => self.key(private_key::putty(self.text, hit.start)),
            Trigger::Address => self.address(hit.start),
            Trigger::Name => self.name(hit.start),
        }
    }

    fn key(&mut self, key: Option<(PrivateKey, Range<usize>)>) {
        let Some((key, span)) = key else { return };
        self.add(Kind::PrivateKey(key), span);
    }

    fn add(&mut self, kind: Kind, span: Range<usize>) {
        self.found.push(Found { kind, span: span.into(), assurance: Assurance::Plausible });
    }

    fn address(&mut self, at: usize) {
        let Some(address) = address::at(self.text, at) else { return };
        let samples = ["example.com", "example.org", "example.net", "example"];
        let told = address.host.to_ascii_lowercase();
        let sample = samples.iter().any(|host| told == *host || told.ends_with(&format!(".{host}")));
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if sample || !address.host.chars().all(plain) || address.user.contains(['{', '$', '%', '<', '(']) {
            return;
        }
        if address.password != address.user && judge::is_earnest_password(address.password) {
            let kind = Kind::Address { scheme: address.scheme.to_owned(), host: address.host.to_owned() };
            self.add(kind, address.span);
        }
    }

    fn name(&mut self, at: usize) {
        let Some(language) = self.language.filter(|_| at >= self.done) else { return };
        let Some(Assignment { name, value }) = assignment::at(self.text, at, language) else { return };
        self.done = name.end;
        let name = &self.text[name];
        let Some(promise) = judge::promise(name) else { return };
        let text = &self.text[value.clone()];
        let secret = match promise {
            Named::Password => judge::is_earnest_password(text),
            Named::Key => judge::is_random_key(text),
        };
        if secret && !text.eq_ignore_ascii_case(name) && !tokens::is_documented(text) {
            self.add(Kind::Assignment { name: name.to_owned(), promise }, value);
        }
    }
}

/// The part of the line around `hit` in which a token may stand.
fn window(bytes: &[u8], hit: &Range<usize>) -> Range<usize> {
    let before = &bytes[hit.start.saturating_sub(WINDOW.0)..hit.start];
    let start = hit.start - memchr::memrchr2(b'\n', b'\r', before).map_or(before.len(), |at| before.len() - at - 1);
    let behind = &bytes[hit.end..bytes.len().min(hit.end + WINDOW.1)];
    start..hit.end + memchr::memchr2(b'\n', b'\r', behind).unwrap_or(behind.len())
}

/// Sorted, the more telling of two that overlap kept: a format before an address before a name.
fn disjoint(mut found: Vec<Found>) -> Vec<Found> {
    let rank = |found: &Found| match found.kind {
        Kind::PrivateKey(_) => 0,
        Kind::Token(_) => 1,
        Kind::Address { .. } => 2,
        Kind::Assignment { .. } => 3,
    };
    found.sort_by(|a, b| {
        rank(a)
            .cmp(&rank(b))
            .then(b.assurance.cmp(&a.assurance))
            .then(b.span.len().cmp(&a.span.len()))
            .then(a.span.cmp(&b.span))
    });
    // Most files have none or one; where there are many, each is looked up among those before it.
    let mut kept: std::collections::BTreeMap<u32, Found> = std::collections::BTreeMap::new();
    for found in found {
        let below = kept.range(..found.span.end).next_back();
        if below.is_none_or(|(_, other)| other.span.end <= found.span.start) {
            kept.insert(found.span.start, found);
        }
    }
    kept.into_values().collect()
}
