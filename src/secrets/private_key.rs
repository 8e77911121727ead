//! Private keys in text: PEM, OpenSSH, PGP and PuTTY, also on one line with `\n` for its breaks.

use crate::secrets::judge::entropy;
use std::ops::Range;

/// Longer than any key that is in use (RSA of 16384 bits), wrapped and quoted.
const LONGEST: usize = 20_000;
/// Base64 digits of the shortest private key (Ed25519 in PKCS #8), less what a last line may lack.
const SHORTEST: usize = 60;
/// The beginning of an OpenSSH key that no passphrase protects: `openssh-key-v1`, and the cipher `none`.
const OPENSSH_PLAIN: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";

/// A private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    /// `RSA`, `EC`, `OPENSSH`, `PGP`, `PuTTY`; empty where the key's kind stands in its body only.
    pub kind: &'static str,
    /// Whether a passphrase protects it.
    pub encrypted: bool,
}

/// The kinds of keys that a header names.
const KINDS: [&str; 5] = ["RSA", "EC", "DSA", "OPENSSH", "PGP"];

/// The key whose `-----BEGIN ` begins at `at`, with its byte range. A header alone, a text with dots in place of a body
/// and a body that is no key are none.
pub fn pem(text: &str, at: usize) -> Option<(PrivateKey, Range<usize>)> {
    let rest = &text[at..floor(text, at + LONGEST)];
    let (label, after) = rest.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    if label.len() > 40 || !(label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK")) {
        return None;
    }
    let close = format!("-----END {label}-----");
    let length = after.find(&close)?;
    let (digits, mut encrypted) = body(&after[..length])?;
    encrypted |= label.starts_with("ENCRYPTED");
    let kind = KINDS.into_iter().find(|kind| label.split(' ').next() == Some(kind)).unwrap_or_default();
    let right = match kind {
        "PGP" => true,
        "OPENSSH" => digits.starts_with("b3BlbnNzaC1rZXktdjE"),
        // A DER sequence; of a PEM that is encrypted as a whole nothing is known.
        _ => encrypted || digits.starts_with('M'),
    };
    if digits.len() < SHORTEST || !right || entropy(digits.as_bytes()) < 4.0 {
        return None;
    }
    encrypted |= kind == "OPENSSH" && !digits.starts_with(OPENSSH_PLAIN);
    let end = at + (rest.len() - after.len()) + length + close.len();
    Some((PrivateKey { kind, encrypted }, at..end))
}

/// The base64 of a key's body, and whether a header in it says that it is encrypted. `None` where anything else stands
/// in it.
fn body(text: &str) -> Option<(String, bool)> {
    let (mut digits, mut encrypted) = (String::new(), false);
    let text = text.replace("\\r", "").replace("\\n", "\n");
    for line in text.lines() {
        let line = line.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '#' | '\\' | '(' | ')' | '>' | ';')
        });
        let line = line.strip_suffix(['"', '\'']).unwrap_or(line);
        if line.contains(':') {
            encrypted |= line.contains("ENCRYPTED");
        } else if line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')) {
            digits.push_str(line);
        } else if !line.is_empty() {
            // One line with spaces for its breaks is what a form makes of a key.
            let words = line.split_whitespace();
            let whole = words.clone().all(|word| word.len() >= 16 || word.ends_with('='));
            let plain = |word: &str| {
                word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
            };
            if !whole || !words.clone().all(plain) {
                return None;
            }
            digits.extend(words);
        }
    }
    Some((digits, encrypted))
}

/// The key whose `PuTTY-User-Key-File-` begins at `at`, with its byte range.
pub fn putty(text: &str, at: usize) -> Option<(PrivateKey, Range<usize>)> {
    let rest = &text[at..floor(text, at + LONGEST)];
    let encryption = rest.split_once("Encryption:")?.1.lines().next()?.trim();
    let lines = rest.find("Private-Lines:")?;
    let mac = rest.find("Private-MAC:").or_else(|| rest.find("Private-Hash:"))?;
    let body: String = rest.get(lines..mac)?.lines().skip(1).map(str::trim).collect();
    let end = at + mac + rest[mac..].find(['\n', '\r']).unwrap_or(rest.len() - mac);
    let enough = body.len() >= 40 && entropy(body.as_bytes()) >= 4.0;
    enough.then(|| (PrivateKey { kind: "PuTTY", encrypted: encryption != "none" }, at..end))
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digits that no key has.
    const DIGITS: &str = "Zk4tw1q9xB2n8vLmPqR7sYd3HcJf5GaUe6TiNoWb0rK+CzMhQ/DpXjAyVgFlSEuO";

    fn framed(label: &str, body: &str) -> String {
        format!("x\n-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    fn read(text: &str) -> Option<(PrivateKey, &str)> {
        pem(text, text.find("-----BEGIN ")?).map(|(key, range)| (key, &text[range]))
    }

    #[test]
    fn headers_and_bodies_tell_what_it_is() {
        for (label, body, kind, encrypted) in [
            ("PRIVATE KEY", format!("MII{DIGITS}"), "", false),
            ("ENCRYPTED PRIVATE KEY", format!("MII{DIGITS}"), "", true),
            ("RSA PRIVATE KEY", format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{DIGITS}"), "RSA", true),
            ("OPENSSH PRIVATE KEY", format!("{OPENSSH_PLAIN}{DIGITS}"), "OPENSSH", false),
            ("OPENSSH PRIVATE KEY", format!("b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI{DIGITS}"), "OPENSSH", true),
            ("PGP PRIVATE KEY BLOCK", format!("Version: 1\n\n{DIGITS}\n=aBcD"), "PGP", false),
            ("PRIVATE KEY", format!("  MII{DIGITS}  \n  {DIGITS}  "), "", false),
            ("PRIVATE KEY", format!("MII{DIGITS}\\n{DIGITS}\\n"), "", false),
            ("PRIVATE KEY", format!("MII{DIGITS} {DIGITS}"), "", false),
            ("PRIVATE KEY", format!("\"MII{DIGITS}\\n\"\n  \"{DIGITS}\""), "", false),
        ] {
            let text = framed(label, &body);
            let (key, all) = read(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(key, PrivateKey { kind, encrypted }, "{text}");
            assert_eq!(all, text[2..].trim_end(), "all of it is hidden");
        }
    }

    #[test]
    fn what_only_looks_like_a_key_is_none() {
        for text in [
            framed("PUBLIC KEY", &format!("MII{DIGITS}")),
            framed("CERTIFICATE", &format!("MII{DIGITS}")),
            framed("PRIVATE KEY", "..."),
            framed("PRIVATE KEY", "MIIEvQ"),
            framed("PRIVATE KEY", &"M".repeat(200)),
            framed("PRIVATE KEY", &format!("Z{DIGITS}")),
            framed("PRIVATE KEY", &format!("MII<{DIGITS}>")),
            framed("OPENSSH PRIVATE KEY", &format!("MII{DIGITS}")),
            format!("-----BEGIN PRIVATE KEY-----\nMII{DIGITS}\n"),
            "-----BEGIN ".to_owned(),
        ] {
            assert_eq!(read(&text), None, "{text}");
        }
    }

    #[test]
    fn putty_has_a_format_of_its_own() {
        let key = |encryption: &str, body: &str| {
            format!(
                "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {encryption}\nComment: x\nPublic-Lines: 1\n{DIGITS}\nPrivate-Lines: 1\n{body}\nPrivate-MAC: 00\nrest"
            )
        };
        let plain = key("none", DIGITS);
        let (found, range) = putty(&plain, 0).unwrap();
        assert_eq!(
            (found, &plain[range]),
            (PrivateKey { kind: "PuTTY", encrypted: false }, plain.trim_end_matches("\nrest"))
        );
        assert!(putty(&key("aes256-cbc", DIGITS), 0).unwrap().0.encrypted);
        assert_eq!(putty(&key("none", "x"), 0), None);
        assert_eq!(putty("PuTTY-User-Key-File-3", 0), None);
    }
}
