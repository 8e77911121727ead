//! What the first bytes of a file say about it. All of these look at a beginning that may break off anywhere.

use memchr::memchr;

/// Whether `head` is the beginning of something that is no text: a NUL, unless the text is UTF-16.
pub(super) fn is_binary(head: &[u8]) -> bool {
    let utf16 = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    !utf16 && memchr(0, head).is_some()
}

/// The lines of `head` as far as they are ASCII or UTF-8, without their ends and without a byte order mark.
fn lines(head: &[u8]) -> impl Iterator<Item = &str> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    head.split(|&byte| byte == b'\n').map(|line| std::str::from_utf8(line).unwrap_or("").trim_end())
}

/// The program that a shebang names, without its folder and version: `#!/usr/bin/env -S python3.12 -u` → `python`.
pub(super) fn interpreter(head: &[u8]) -> Option<&str> {
    let command = lines(head).next()?.strip_prefix("#!")?;
    let mut words = command.split_whitespace();
    let program = words.next()?;
    let program = if program.rsplit('/').next() == Some("env") {
        words.find(|word| !word.starts_with('-') && !word.contains('='))?
    } else {
        program
    };
    let program = program.rsplit('/').next()?;
    // `uv run --script` is how a Python script names its own requirements.
    if program == "uv" {
        return Some("python");
    }
    Some(program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
}

/// Whether the program that a shebang names is a shell of the Bourne family.
pub(super) fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh")
}

/// Whether YAML is a compose file: `services:` at the margin, and a mapping below it (Render's blueprint has a list)
/// in which a service has a key that only compose services have.
pub(super) fn is_compose(head: &[u8]) -> bool {
    let mut in_services = false;
    let mut service_indent = None;
    for line in lines(head) {
        let text = line.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let indent = line.len() - text.len();
        if indent == 0 {
            in_services = key(text) == Some("services");
            service_indent = None;
            continue;
        }
        if !in_services {
            continue;
        }
        if text.starts_with("- ") && service_indent.is_none() {
            return false;
        }
        let service_indent = *service_indent.get_or_insert(indent);
        // A short service may stand on one line: `web: {image: app}`, `web: *base`.
        let inner = if indent > service_indent { key(text) } else { text.split_once('{').and_then(|(_, t)| key(t)) };
        if inner.is_some_and(|key| SERVICE_KEYS.contains(&key)) {
            return true;
        }
    }
    false
}

/// Keys that tell a service of compose from other YAML with `services:`.
const SERVICE_KEYS: &[&str] = &[
    "image",
    "build",
    "extends",
    "container_name",
    "env_file",
    "depends_on",
    "restart",
    "deploy",
    "healthcheck",
    "entrypoint",
    "command",
    "ports",
    "expose",
    "volumes",
    "environment",
    "<<",
];

fn key(text: &str) -> Option<&str> {
    let (key, rest) = text.split_once(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| key.trim().trim_matches(['"', '\'']))
}

/// Whether text is a configuration of nginx: a block `server`, `location`, `upstream` or `http`.
pub(super) fn is_nginx(head: &[u8]) -> bool {
    lines(head).map(str::trim_start).any(|line| {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or("");
        match first.trim_end_matches('{') {
            "server" | "http" => first.ends_with('{') || words.next().is_none_or(|word| word.starts_with('{')),
            "upstream" | "location" => line.contains('{'),
            _ => false,
        }
    })
}

/// Whether text is a configuration of supervisord.
pub(super) fn is_supervisor(head: &[u8]) -> bool {
    const SECTIONS: &[&str] = &["[program:", "[supervisord]", "[supervisorctl]", "[group:", "[unix_http_server]"];
    lines(head).any(|line| SECTIONS.iter().any(|section| line.starts_with(section)))
}

/// Whether text is an INI file: its first line that is no comment opens a section.
pub(super) fn has_sections(head: &[u8]) -> bool {
    let first = lines(head).map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    first.is_some_and(|line| line.starts_with('[') && line.ends_with(']'))
}

/// Whether text is a list of variables. Values may go over several lines, so half of the lines must do.
pub(super) fn is_env(head: &[u8]) -> bool {
    let (mut assignments, mut others) = (0, 0);
    for line in lines(head).map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let name = line.split_once('=').map_or("", |(name, _)| name.trim_end());
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
        match is_name {
            true => assignments += 1,
            false if assignments == 0 => return false,
            false => others += 1,
        }
    }
    assignments > others
}

/// Whether YAML is a GitHub action: `runs:` at the margin, or the keys that stand before it.
pub(super) fn is_github_action(head: &[u8]) -> bool {
    let has = |wanted: &str| lines(head).any(|line| key(line) == Some(wanted));
    has("runs") || has("name") && (has("inputs") || has("description") || has("outputs") || has("branding"))
}

/// Whether a Python module assigns what only settings assign, or takes over another module's names.
pub(super) fn is_settings(head: &[u8]) -> bool {
    const NAMES: &[&str] =
        &["SECRET_KEY", "INSTALLED_APPS", "DATABASES", "DEBUG", "ROOT_URLCONF", "MIDDLEWARE", "PASSWORD_HASHERS"];
    lines(head).any(|line| {
        let assigned = line.split(['=', ':', '+', '[']).next().unwrap_or("").trim();
        NAMES.contains(&assigned) && line.contains('=')
            || line.starts_with("from ") && line.ends_with("import *")
            || line.starts_with("from ") && line.contains("import * ")
    })
}
