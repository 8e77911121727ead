//! Lists of Python requirements: pip's files, and single requirements as `pyproject.toml` quotes them.
//!
//! Source: pip's "Requirements File Format" and the packaging specification "Dependency specifiers".

use crate::source::{Span, Spanned};

/// A file of requirements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The requirements, in order.
    pub entries: Vec<Requirement>,
    /// The paths after `-r` and `--requirement`, relative to this file.
    pub includes: Vec<Spanned<String>>,
    /// The paths after `-c` and `--constraint`, relative to this file.
    pub constraints: Vec<Spanned<String>>,
}

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The project's name as written.
    pub name: Spanned<String>,
    /// The conditions on its version.
    pub conditions: Vec<Condition>,
    /// Whether it is fetched from an address, so that no version is asked for.
    pub direct: bool,
    /// Name, extras and conditions.
    pub span: Span,
}

/// A condition on a version: `>=4.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `==`, `===`, `~=`, `>=`, `<=`, `>`, `<`, `!=`; Poetry's `^` and `~` too.
    pub operator: String,
    /// The version: `4.2`, `4.2.*`.
    pub version: String,
}

const OPERATORS: [&str; 8] = ["===", "==", "~=", ">=", "<=", "!=", ">", "<"];

impl Requirement {
    /// The name as package indexes compare it: lower case, with `-` for runs of `-`, `_` and `.`.
    pub fn normalised(&self) -> String {
        let parts = self.name.value.split(['-', '_', '.']).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
    }
}

/// Reads a requirements file. Lines that are neither requirements nor known options are left out.
pub fn parse(text: &str) -> Requirements {
    let mut file = Requirements::default();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut continued = false;
    for line in text[at..].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end();
        // What follows a backslash is hashes and options, never the name.
        let is_rest = std::mem::replace(&mut continued, content.ends_with('\\'));
        if is_rest {
            continue;
        }
        let content = without_comment(content.trim_end_matches('\\'));
        let indent = content.len() - content.trim_start().len();
        let (content, start) = (content.trim(), start + indent);
        match option(content, start) {
            Some((true, path)) => file.includes.push(path),
            Some((false, path)) => file.constraints.push(path),
            None if content.starts_with('-') => {}
            None => file.entries.extend(requirement(content, start)),
        }
    }
    file
}

/// `-r path` (true) or `-c path` (false).
fn option(line: &str, start: usize) -> Option<(bool, Spanned<String>)> {
    for (flag, include) in [("--requirement", true), ("-r", true), ("--constraint", false), ("-c", false)] {
        let Some(rest) = line.strip_prefix(flag) else { continue };
        let path = rest.trim_start_matches(['=', ' ', '\t']);
        let at = start + line.len() - path.len();
        return Some((include, Spanned::new(path.to_owned(), Span::new(at, at + path.len()))));
    }
    None
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    let comment = line.match_indices('#').find(|(at, _)| line[..*at].ends_with([' ', '\t']));
    comment.map_or(line, |(at, _)| &line[..at])
}

/// Reads one requirement (`Django[argon2]>=4.2,<5 ; python_version > "3"`) whose text begins at `offset` of its file.
pub fn requirement(text: &str, offset: usize) -> Option<Requirement> {
    let name_len =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(text.len());
    let name = &text[..name_len];
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut rest = text[name_len..].trim_start();
    if rest.starts_with('[') {
        rest = rest.split_once(']')?.1.trim_start();
    }
    let direct = rest.starts_with('@');
    // A path or an address, not a name.
    if !direct && rest.starts_with([':', '/', '\\', '+']) {
        return None;
    }
    let specifiers = rest.split([';', '#']).next().unwrap_or("").split(" --").next().unwrap_or("").trim_end();
    let specifiers = if direct { "" } else { specifiers };
    let end = text.len() - rest.len() + specifiers.len();
    let written = text[..end].trim_end().len();
    let conditions = conditions(specifiers.trim_start_matches('(').trim_end_matches(')'));
    let name = Spanned::new(name.to_owned(), Span::new(offset, offset + name_len));
    Some(Requirement { name, conditions, direct, span: Span::new(offset, offset + written.max(name_len)) })
}

/// `>=4.2,<5`; of Poetry `^4.2`, `~4.2`, `4.2.*`. What cannot be read is left out.
pub fn conditions(text: &str) -> Vec<Condition> {
    let one = |part: &str| {
        let part = part.trim();
        let operator = OPERATORS.into_iter().chain(["^", "~"]).find(|operator| part.starts_with(operator));
        let (operator, version) = match operator {
            Some(operator) => (operator, part[operator.len()..].trim()),
            None => ("==", part),
        };
        let digit = version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
        digit.then(|| Condition { operator: operator.to_owned(), version: version.trim_start_matches('v').to_owned() })
    };
    text.split(',').filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |entry: &Requirement| {
            let conditions = entry.conditions.iter().map(|it| format!("{}{}", it.operator, it.version));
            assert_eq!(&text[entry.name.span.range()], entry.name.value);
            let conditions = conditions.collect::<Vec<_>>().join(",");
            format!("{} {conditions} {}", entry.normalised(), &text[entry.span.range()])
        };
        parse(text).entries.iter().map(show).collect()
    }

    #[test]
    fn requirements_are_read_with_their_conditions() {
        assert_eq!(shown("Django==4.2.11\n"), ["django ==4.2.11 Django==4.2.11"]);
        assert_eq!(
            shown("django [argon2] >= 4.2, < 5 ; python_version > '3.8'"),
            ["django >=4.2,<5 django [argon2] >= 4.2, < 5"]
        );
        assert_eq!(
            shown("django\ndjango_rest.framework~=3.15 # why"),
            ["django  django", "django-rest-framework ~=3.15 django_rest.framework~=3.15"]
        );
        assert_eq!(
            shown("django==5.2.8 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nredis"),
            ["django ==5.2.8 django==5.2.8", "redis  redis"]
        );
        assert_eq!(shown("a==1 --hash=sha256:aa"), ["a ==1 a==1"]);
        assert_eq!(
            shown(
                "# django\n-e .\n./local\nhttps://example.org/a.whl\ngit+https://example.org/a.git@main\n--index-url https://example.org"
            ),
            [""; 0]
        );
        assert!(parse("django @ https://example.org/django.zip").entries[0].direct);
    }

    #[test]
    fn files_name_others() {
        let text = "-r base.txt\n--requirement=more.txt\n -c constraints.txt\n";
        let file = parse(text);
        let paths = |list: &[Spanned<String>]| list.iter().map(|path| path.value.clone()).collect::<Vec<_>>();
        assert_eq!(
            (paths(&file.includes), paths(&file.constraints)),
            (vec!["base.txt".into(), "more.txt".into()], vec!["constraints.txt".to_owned()])
        );
        assert_eq!(&text[file.constraints[0].span.range()], "constraints.txt");
    }

    #[test]
    fn poetrys_conditions_are_read() {
        let one = |text: &str| {
            conditions(text).iter().map(|it| format!("{}{}", it.operator, it.version)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(one("^4.2"), "^4.2");
        assert_eq!(one("4.2.*"), "==4.2.*");
        assert_eq!(one("*"), "");
        assert_eq!(one(">=3.2,<4"), ">=3.2 <4");
    }

    #[test]
    fn hostile_text_is_read_quickly() {
        for text in [
            "[".repeat(100_000),
            "a[".repeat(50_000),
            "é".repeat(10_000),
            "a\\\n".repeat(50_000),
            "-r".into(),
            "a ;#".into(),
        ] {
            for entry in parse(&text).entries {
                assert!(text.get(entry.span.range()).is_some());
            }
        }
    }
}
