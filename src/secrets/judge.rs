//! What is a secret: by the name of a variable, and by its value. In doubt a value is hidden (`may_name_secret`); reported
//! is only what surely is one.

use super::words::{MARKS, WEAK};

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// What a person chose: `EMAIL_HOST_PASSWORD`.
    Password,
    /// What a machine drew: `STRIPE_API_KEY`, `CLIENT_SECRET`.
    Key,
}

/// Whether a variable's name says that its value is surely a password or a key.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    const ENDINGS: [&str; 8] = ["PASSWORD", "PASSWD", "SECRET", "SECRET_KEY", "_KEY", "TOKEN", "_PASS", "_PWD"];
    ENDINGS.iter().any(|ending| name.ends_with(ending)) && !name.contains("PUBLIC") && !name.contains("PUBLISHABLE")
}

/// Whether a value is an address with a password in it: `scheme://user:password@host`.
pub fn has_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let Some((login, _)) = rest.split_once('@') else { return false };
    login.split_once(':').is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
}

/// Whether a value only says that something is to be filled in, or is encrypted.
pub fn is_placeholder(value: &str) -> bool {
    let text = value.trim().to_ascii_lowercase();
    let marks = [
        "<",
        "{{",
        "encrypted:",
        "enc[",
        "your-",
        "your_",
        "change-me",
        "changeme",
        "change_me",
        "overridden",
        "overwritten",
        "change-this",
        "change_this",
        "changethis",
        "replace",
        "xxx",
        "...",
    ];
    text.is_empty()
        || matches!(text.as_str(), "true" | "false" | "none" | "null" | "todo")
        || marks.iter().any(|mark| text.starts_with(mark))
}

/// Whether a key was surely drawn by a service elsewhere, for which it makes no difference whose machine holds it: named
/// after the service, long and random.
pub fn is_issued(name: &str, value: &str) -> bool {
    const ENDINGS: [&[&str]; 7] = [
        &["api", "key"],
        &["api", "secret"],
        &["api", "token"],
        &["access", "token"],
        &["auth", "token"],
        &["client", "secret"],
        &["access", "key"],
    ];
    const OWN: [&str; 14] = [
        "app", "auth", "backend", "celery", "dev", "django", "flower", "internal", "jwt", "local", "minio", "my",
        "test", "web",
    ];
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let service = ENDINGS.iter().find_map(|ending| words.strip_suffix(*ending));
    let named = service.is_some_and(|service| !service.is_empty() && !service.iter().any(|word| OWN.contains(word)));
    let random = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=.".contains(&byte))
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && entropy(value.as_bytes()) >= 3.2;
    named && value.len() >= 32 && random
}

/// The words in a variable's name that make its value a secret.
const SECRET_WORDS: [&str; 9] = ["SECRET", "PASSWORD", "PASSWD", "PASS", "TOKEN", "KEY", "CREDENTIAL", "DSN", "URL"];

/// Whether a value of that name is to be hidden: in doubt it is. URLs carry passwords.
pub fn may_name_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_WORDS.iter().any(|word| name.contains(word)) && !name.ends_with("_FILE") && !name.ends_with("PUBLIC_KEY")
}

/// Words before `key` that make it a secret: a primary key, a sort key or a cache key is none.
const KEYS: [&str; 18] = [
    "access",
    "account",
    "admin",
    "aes",
    "api",
    "app",
    "auth",
    "cipher",
    "crypto",
    "encryption",
    "fernet",
    "hmac",
    "jwt",
    "master",
    "private",
    "secret",
    "service",
    "signing",
];
/// Words that make a name speak of something that everybody may see, or of a stand-in.
const HARMLESS: [&str; 30] = [
    "anon",
    "cache",
    "checksum",
    "csrf",
    "cursor",
    "digest",
    "dummy",
    "example",
    "fake",
    "fingerprint",
    "format",
    "hash",
    "hashed",
    "md5",
    "mock",
    "next",
    "page",
    "pagination",
    "pattern",
    "placeholder",
    "public",
    "publishable",
    "regex",
    "regexp",
    "sample",
    "search",
    "sha",
    "test",
    "tests",
    "xsrf",
];
/// Words that may follow the one that matters: `API_KEY_PROD`, `PASSWORD_2`.
const FOLLOWING: [&str; 6] = ["live", "prd", "prod", "production", "stage", "staging"];

/// What the name of a variable promises, where it is surely a secret that nobody else may see. The last word decides.
pub fn promise(name: &str) -> Option<Named> {
    let words = words(name);
    if words.iter().any(|word| HARMLESS.contains(&word.as_str())) {
        return None;
    }
    let follows = |word: &&String| word.bytes().all(|byte| byte.is_ascii_digit()) || FOLLOWING.contains(&word.as_str());
    let mut back = words.iter().rev().skip_while(follows);
    let last = back.next()?.trim_end_matches(|c: char| c.is_ascii_digit());
    match (last, back.next().map(String::as_str)) {
        ("passphrase" | "pwd", _) | ("pass" | "pw", Some(_)) => Some(Named::Password),
        // `PGPASSWORD`, `clientsecret`.
        (last, _) if last.ends_with("password") || last.ends_with("passwd") => Some(Named::Password),
        (last, _) if last.ends_with("secret") => Some(Named::Key),
        ("token" | "apikey" | "secretkey" | "accesskey" | "authkey" | "privatekey", _) => Some(Named::Key),
        ("key", Some(before)) if KEYS.contains(&before) => Some(Named::Key),
        _ => None,
    }
}

/// The words of a name or value in lower case: `dbPassword_2` → `db`, `password`, `2`.
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
        if c.is_alphanumeric() {
            let begins = !before.is_alphanumeric() || c.is_uppercase() && before.is_lowercase();
            match words.last_mut().filter(|_| !begins) {
                Some(word) => word.extend(c.to_lowercase()),
                None => words.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    words
}

/// Whether a password is one that everybody tries first, the name of a program, or words that say what is to be put there.
pub fn is_weak(value: &str) -> bool {
    let plain = |text: &str| {
        words(text).iter().all(|word| {
            let word = word.trim_matches(|c: char| c.is_ascii_digit());
            word.is_empty() || WEAK.binary_search(&word).is_ok()
        })
    };
    // `P@ssw0rd`, `s3cr3t`.
    let leet = |c: char| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    let distinct = value.chars().collect::<std::collections::BTreeSet<_>>().len();
    let read: String = value.chars().map(leet).collect();
    distinct < 4
        || plain(value)
        || plain(&read)
        || plain(&value.trim_end_matches(|c: char| !c.is_alphabetic()).chars().map(leet).collect::<String>())
}

/// Whether a value is taken from elsewhere, filled in later, encrypted or hashed.
fn is_indirect(value: &str) -> bool {
    const INSIDE: [&str; 19] = [
        "${", "{{", "$(", "{%", "%(", "...", "***", "://", "sha256:", "sha1:", "md5:", "]{", "\\d", "pbkdf2", "argon2",
        "bcrypt", "environ", "getenv", "secrets.",
    ];
    const BEGINNINGS: [&str; 10] =
        ["arn:", "enc:", "enc[", "encrypted:", "op:", "ref+", "ssm:", "vault:", "sha1$", "projects/"];
    let lower = value.to_ascii_lowercase();
    lower.starts_with(|c: char| "$<{%@&*!|>([/.~`^".contains(c))
        || lower.ends_with(|c: char| "({[".contains(c))
        || INSIDE.iter().any(|mark| lower.contains(mark))
        || BEGINNINGS.iter().any(|mark| lower.starts_with(mark))
        || is_rate(value)
        || is_for_tests(value)
        || is_placeholder(value)
}

/// Whether a value is a limit of requests: `5/m`, `20/10m/ip,3/h/key`.
fn is_rate(value: &str) -> bool {
    value.split([',', ' ', ';']).filter(|part| !part.is_empty()).all(|part| {
        let mut pieces = part.split('/');
        let count = pieces.next().is_some_and(|count| count.parse::<u32>().is_ok());
        let unit = pieces.next().map(|period| period.trim_start_matches(|c: char| c.is_ascii_digit()));
        let timed = unit.is_some_and(|unit| unit.starts_with(['s', 'm', 'h', 'd', 'w']) && is_word(unit));
        count && timed && pieces.all(is_word)
    })
}

/// Whether a text is letters only.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether a value is of the test mode of its maker, or made for laptops by `startproject`.
fn is_for_tests(value: &str) -> bool {
    const BEGINNINGS: [&str; 8] = [
        "django-insecure",
        "sk_test_",
        "rk_test_",
        "rzp_test_",
        "FLWSECK_TEST-",
        "access_token$sandbox$",
        "pypi-AgENdGVzdC5weXBpLm9yZw",
        "sandbox-",
    ];
    BEGINNINGS.iter().any(|beginning| value.starts_with(beginning))
}

/// Whether the parts between punctuation are words, with a number behind at most: an identifier, a dotted path.
fn is_wordy(value: &str) -> bool {
    value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).all(|part| {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let hump = words(stem).len() > 1 && words(stem).iter().all(|word| word.len() > 2);
        let even = stem.chars().all(char::is_lowercase) || stem.chars().all(char::is_uppercase);
        let capital = stem.chars().skip(1).all(char::is_lowercase);
        stem.chars().all(char::is_alphabetic)
            && stem.len() <= 20
            && part.len() - stem.len() <= 4
            && (even || capital || hump)
    })
}

/// Whether a password is one that somebody chose in earnest: none of the usual words, no template, no identifier.
pub fn is_earnest_password(value: &str) -> bool {
    if is_app_password(value) {
        return true;
    }
    let letters = |c: char| c.is_alphabetic();
    let fits = (8..=128).contains(&value.len()) && !value.contains(|c: char| c.is_whitespace() || c.is_control());
    if !fits || is_indirect(value) || is_weak(value) || is_sample(value.as_bytes()) || is_uuid(value) {
        return false;
    }
    let symbol = value.contains(|c: char| c.is_ascii_punctuation() && !"-_./:".contains(c));
    let digit = value.contains(|c: char| c.is_ascii_digit());
    let both = value.contains(char::is_uppercase) && value.contains(char::is_lowercase);
    // A digit between letters is no counter at the end of a word.
    let inside = value
        .trim_end_matches(|c: char| !letters(c))
        .trim_start_matches(|c: char| !letters(c))
        .contains(|c: char| c.is_ascii_digit());
    let random = inside && (both || symbol || entropy(value.as_bytes()) >= 3.0) && !is_wordy(value);
    digit && both && symbol || random
}

/// Whether a value is what Google makes for a program that reads mail: four groups of four letters.
fn is_app_password(value: &str) -> bool {
    let groups: Vec<&str> = value.split(' ').collect();
    groups.len() == 4
        && groups.iter().all(|group| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_lowercase()))
        && groups.iter().all(|group| WEAK.binary_search(group).is_err())
        && !is_sample(value.replace(' ', "").as_bytes())
        && entropy(value.as_bytes()) >= 3.0
}

/// Whether a key is random: long, of one piece, letters and digits mixed, no identifier, no path, no sample.
pub fn is_random_key(value: &str) -> bool {
    let one_piece = value.bytes().all(|byte| byte.is_ascii_graphic());
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (16..=300).contains(&value.len())
        && one_piece
        && digits > 1
        && value.contains(|c: char| c.is_ascii_alphabetic())
        && !value.contains(['(', '"', '\'', '`'])
        && !is_indirect(value)
        && !is_sample(value.as_bytes())
        && !is_uuid(value)
        && !is_weak(value)
        && !is_wordy(value)
        && entropy(value.as_bytes()) >= 3.0
}

/// Whether it is a UUID, which names things far more often than it guards them.
fn is_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    groups.len() == 5
        && groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a token is made up: it has a word in it that says so, or it counts, or repeats itself.
pub fn is_sample(token: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(token).to_ascii_lowercase();
    MARKS.iter().any(|mark| lower.contains(mark))
        || longest_run(lower.as_bytes(), 0) >= 5
        || longest_run(lower.as_bytes(), 1) >= 6
}

/// The longest run of bytes of which each is the one before plus `step`.
fn longest_run(bytes: &[u8], step: u8) -> usize {
    let (mut longest, mut run) = (1, 1);
    for pair in bytes.windows(2) {
        run = if pair[1] == pair[0].wrapping_add(step) { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    longest
}

/// Shannon's entropy in bits a byte.
pub fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let length = bytes.len() as f64;
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_service_drew_are_told_from_those_of_a_laptop() {
        let drawn = "hq6mwnacgvbnjx5svg8x6ka5fsgem9k3989wuc8d";
        assert!(is_issued("STREAM_API_SECRET", drawn) && is_issued("mapsApiKey", drawn));
        for (name, value) in [
            ("API_SECRET", drawn),
            ("DJANGO_API_KEY", drawn),
            ("CELERY_FLOWER_PASSWORD", drawn),
            ("STREAM_API_SECRET", "short-3"),
            ("STREAM_API_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1"),
            ("STREAM_API_SECRET", "the words of somebody who writes 1 text"),
        ] {
            assert!(!is_issued(name, value), "{name} {value}");
        }
    }

    #[test]
    fn the_last_word_of_a_name_decides() {
        for name in ["EMAIL_HOST_PASSWORD", "dbPassword", "password2", "DB_PASS", "db-pwd", "PASSWORD"] {
            assert_eq!(promise(name), Some(Named::Password), "{name}");
        }
        for name in
            ["API_KEY", "apiKey", "STRIPE_SECRET_KEY_LIVE", "client_secret", "JWT_SIGNING_KEY", "token", "AUTH_TOKEN"]
        {
            assert_eq!(promise(name), Some(Named::Key), "{name}");
        }
        for name in [
            "PASSWORD_RESET_TIMEOUT",
            "AUTH_PASSWORD_VALIDATORS",
            "sort_key",
            "CACHE_KEY",
            "csrf_token",
            "PASSWORD_FILE",
            "token_url",
            "STRIPE_PUBLIC_KEY",
            "AWS_ACCESS_KEY_ID",
            "TEST_TOKEN",
            "password_hash",
            "pass",
            "key",
            "bypass",
            "RECAPTCHA_SITE_KEY",
            "tokens",
            "",
        ] {
            assert_eq!(promise(name), None, "{name}");
        }
    }

    #[test]
    fn passwords_in_earnest_are_told_from_stand_ins() {
        for value in
            ["Tr4um-Haft3r-K4hn", "x8Kd!2mQ", "hG7#kslP02", "q8v2mwz0x7k1tbn5", "wqmz rkvp xbtd hcln", "Sommer+2019!"]
        {
            assert!(is_earnest_password(value), "{value}");
        }
        for value in [
            "password",
            "postgres",
            "Password123!",
            "P@ssw0rd",
            "s3cr3t",
            "changeme123",
            "change-me-please",
            "ThisIsMyPassword1",
            "super_secret_password",
            "school2023",
            "correct-horse-battery",
            "${DB_PASSWORD}",
            "{{ password }}",
            "<password>",
            "your-password-here",
            "$2b$12$KIXQ4S0xS",
            "pbkdf2_sha256$600000$x8Kd2mQ",
            "abcd efgh ijkl mnop",
            "your pass word here",
            "django.contrib.auth",
            "users:password_reset",
            "short1!",
            "aaaaaaaa1!",
            "12345678",
            "vault:secret/data/x8Kd",
            "3f0c7e1a-9b2d-4c5e-8f6a-7b8c9d0e1f2a",
            "admin@123",
            "Admin@1234",
            "/run/secrets/db_pass1A!",
        ] {
            assert!(!is_earnest_password(value), "{value}");
        }
    }

    #[test]
    fn random_keys_are_told_from_identifiers() {
        for value in ["9f2c7e1ab04d5c6e8f3a7b9d", "w0x7k1t-bn54hd9r3y6ce-sjup", "Zk4t7w1q9xB2n/8v+LmPq=="] {
            assert!(is_random_key(value), "{value}");
        }
        for value in [
            "oauth2_provider_access_token_v2",
            "api.v3.Test.count",
            "rest_framework.authtoken",
            "access-token-2024-production",
            "getAccessTokenFromResponse2",
            "your_api_key_1234567890",
            "django-insecure-7h$w2k9!x0q_v4m1z&t8b5n",
            "short1a2b",
            "xxxxxxxxxxxxxxxxxxxx12",
            "3f0c7e1a-9b2d-4c5e-8f6a-7b8c9d0e1f2a",
            "https://example.org/a1b2c3d4",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ] {
            assert!(!is_random_key(value), "{value}");
        }
    }

    #[test]
    fn the_words_are_sorted() {
        assert!(WEAK.is_sorted());
    }
}
