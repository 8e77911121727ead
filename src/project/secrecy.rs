//! What is a secret: by the name of a variable, and by its value. What may be one is hidden from reports; what surely is
//! one is reported.

use crate::parse::dockerfile::InstructionKind;
use crate::source::{Fragment, RepoPath, Span};
use crate::tree::{FileKind, Snapshot};

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
        "replace",
        "xxx",
        "...",
    ];
    text.is_empty()
        || matches!(text.as_str(), "true" | "false" | "none" | "null" | "todo")
        || marks.iter().any(|mark| text.starts_with(mark))
}

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
/// stand-in, a path, a switch or a reference.
pub fn is_written_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let lower = value.to_ascii_lowercase();
    let harmless = is_placeholder(value)
        || value.starts_with(['$', '/', '.', '~'])
        || lower == "secret"
        || value.bytes().all(|byte| byte.is_ascii_digit())
        || STAND_INS.iter().any(|word| lower.contains(word));
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
        .any(|word| name.split(['.', '-', '_']).any(|part| part == *word));
    let env = name == ".env" || name.starts_with(".env.") || name.starts_with(".env-") || name.starts_with(".env_");
    let known =
        ["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", ".netrc", ".pypirc", ".pgpass", ".htpasswd", ".git-credentials"];
    let key = (name.ends_with(".pem") || name.ends_with(".key"))
        && (name.contains("priv") || name.contains("key"))
        && !name.contains("pub");
    (env && !is_example) || known.contains(&name.as_str()) || key || matches!(name.as_str(), ".ssh" | ".aws")
}

/// The words in a variable's name that make its value a secret.
const SECRET_WORDS: [&str; 9] = ["SECRET", "PASSWORD", "PASSWD", "PASS", "TOKEN", "KEY", "CREDENTIAL", "DSN", "URL"];

/// Whether a value of that name is to be hidden: in doubt it is. URLs carry passwords.
pub fn may_name_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_WORDS.iter().any(|word| name.contains(word)) && !name.ends_with("_FILE") && !name.ends_with("PUBLIC_KEY")
}

/// The byte ranges of values that are secrets by their name, so that no report quotes them.
pub fn spans(snapshot: &Snapshot, path: &RepoPath) -> Vec<Span> {
    let kind = snapshot.tree().find(path).map(|entry| entry.kind);
    match kind {
        Some(kind) if kind.is_env() => {
            let Ok(parsed) = snapshot.env_file(path) else { return Vec::new() };
            let secret = parsed.0.entries.iter().filter(|entry| may_name_secret(&entry.key));
            secret.filter_map(|entry| Some(entry.value.as_ref()?.span)).collect()
        }
        Some(FileKind::Compose) => {
            let Ok(parsed) = snapshot.compose(path) else { return Vec::new() };
            let services = parsed.0.documents().flat_map(|document| document.services().iter());
            let pairs = services.filter_map(|service| service.environment.as_ref()?.value.as_ref()).flatten();
            let values = pairs.filter(|pair| may_name_secret(&pair.name)).filter_map(|pair| pair.value.as_ref());
            values.filter(|value| !value.text().trim_start().starts_with('$')).map(Fragment::span).collect()
        }
        Some(FileKind::Dockerfile) => {
            let Ok(parsed) = snapshot.dockerfile(path) else { return Vec::new() };
            let instructions = parsed.0.instructions.iter();
            instructions
                .filter_map(|instruction| match &instruction.kind {
                    InstructionKind::Env(pairs) | InstructionKind::Arg(pairs) => Some(pairs),
                    _ => None,
                })
                .flatten()
                .filter(|pair| may_name_secret(&pair.name))
                .filter_map(|pair| Some(pair.value.as_ref()?.span()))
                .collect()
        }
        Some(kind) if kind.is_python() => python_secrets(snapshot, path),
        _ => Vec::new(),
    }
}

/// String literals in assignments to names that speak of secrets, and in dictionaries under such keys.
fn python_secrets(snapshot: &Snapshot, path: &RepoPath) -> Vec<Span> {
    use crate::parse::python::{DictEntry, Expr, ExprKind, StmtKind};
    fn literals(expression: &Expr, spans: &mut Vec<Span>) {
        match &expression.kind {
            ExprKind::Str { .. } => spans.push(expression.span),
            ExprKind::Call(call) => {
                // The first argument of a lookup is the variable's name; what follows is its fallback.
                call.arguments.iter().skip(1).for_each(|argument| literals(argument, spans));
                call.keywords.iter().for_each(|keyword| literals(&keyword.value, spans));
            }
            ExprKind::BoolOp { operands, .. } => operands.iter().for_each(|operand| literals(operand, spans)),
            ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().for_each(|item| literals(item, spans)),
            ExprKind::Conditional { body, otherwise, .. } => {
                literals(body, spans);
                literals(otherwise, spans);
            }
            _ => {}
        }
    }
    fn in_containers(expression: &Expr, spans: &mut Vec<Span>) {
        if let ExprKind::Dict(entries) = &expression.kind {
            for entry in entries {
                let DictEntry::Pair(key, value) = entry else { continue };
                if key.as_str().is_some_and(may_name_secret) {
                    literals(value, spans);
                }
                in_containers(value, spans);
            }
        }
    }
    let Ok(parsed) = snapshot.python(path) else { return Vec::new() };
    let mut spans = Vec::new();
    for statement in &parsed.0.body {
        let StmtKind::Assign { targets, value, .. } = &statement.kind else { continue };
        if targets.iter().any(|target| target.as_name().is_some_and(may_name_secret)) {
            literals(value, &mut spans);
        }
        in_containers(value, &mut spans);
    }
    spans
}
