//! What is written into images as a secret: by a variable's name and value, by a file's name.

use super::judge::{has_password, is_placeholder, names_secret};
use super::token_in;

/// Words of values that only stand in for a secret, as those do that a build needs to import the settings.
const STAND_INS: [&str; 20] = [
    "build",
    "dummy",
    "fake",
    "temp",
    "tmp",
    "placeholder",
    "insecure",
    "unsafe",
    "not-",
    "not_",
    "nothing",
    "unused",
    "unset",
    "example",
    "collectstatic",
    "none",
    "test",
    "foo",
    "sample",
    "default",
];

/// Whether a value that is written for a variable is a secret: by the name or by a password in an address, and not a
/// stand-in, a path, a switch or a reference. Tokens of a known format have rules of their own.
pub fn is_written_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let lower = value.to_ascii_lowercase();
    let harmless = is_placeholder(value)
        || value.starts_with(['$', '/', '.', '~'])
        || lower == "secret"
        || value.bytes().all(|byte| byte.is_ascii_digit())
        || STAND_INS.iter().any(|word| lower.contains(word))
        || token_in(value).is_some();
    let public = ["GPG", "PGP", "FINGERPRINT", "CACHE_KEY", "UWSGI_PASS", "PROXY_PASS", "FASTCGI_PASS"]
        .iter()
        .any(|word| name.contains(word));
    has_password(value) && !harmless || (names_secret(&name) && !public && !harmless && !value.contains("://"))
}

/// Whether a file's name says that it holds passwords or private keys: env files but for examples, keys of SSH, files of
/// logins.
pub fn is_secret_file(path: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_example = ["example", "sample", "template", "dist", "default", "test", "ci", "build", "schema", "*"]
        .iter()
        .any(|word| name.split(['.', '-', '_', ' ']).any(|part| part == *word));
    let env = name == ".env" || name.starts_with(".env.") || name.starts_with(".env-") || name.starts_with(".env_");
    let known =
        ["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", ".netrc", ".pypirc", ".pgpass", ".htpasswd", ".git-credentials"];
    let key = (name.ends_with(".pem") || name.ends_with(".key"))
        && (name.contains("priv") || name.contains("key"))
        && !name.contains("pub");
    // What the tools of clouds keep for the one who is logged in.
    let login = [".aws/credentials", ".docker/config.json", ".kube/config"].iter().any(|file| {
        let path = path.trim_end_matches('/');
        path == *file || path.ends_with(&format!("/{file}"))
    });
    (env && !is_example) || login || known.contains(&name.as_str()) || key || matches!(name.as_str(), ".ssh" | ".aws")
}
