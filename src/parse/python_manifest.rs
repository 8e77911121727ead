//! What the files of Python's package managers say of one package: `pyproject.toml`, `Pipfile`, and lock files.

use super::requirements::{self, Condition, Requirement};
use crate::source::{Span, Spanned};
use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

/// Longer texts are not read, in bytes: TOML is parsed whole.
const MAX_LENGTH: usize = 1 << 20;

/// The requirement of `package` (its normalised name) in a `pyproject.toml`: of `[project]`, else of Poetry.
pub fn in_pyproject(text: &str, package: &str) -> Option<Requirement> {
    let document = document(text)?;
    let document = document.get_ref();
    let standard = || {
        let list = document.get("project")?.get_ref().get("dependencies")?.get_ref().as_array()?;
        list.iter().find_map(|item| {
            let quoted = item.get_ref().as_str()?;
            let at = item.span().start + 1;
            let mut found = requirements::requirement(quoted, at)?;
            // Escapes and triple quotes shift what is inside: then the whole text is its place.
            if text.get(at..).is_none_or(|rest| !rest.starts_with(quoted)) {
                let whole = Span::new(item.span().start, item.span().end);
                (found.span, found.name.span) = (whole, whole);
            }
            (found.normalised() == package).then_some(found)
        })
    };
    let poetry = || table_entry(document.get("tool")?.get_ref().get("poetry")?.get_ref().get("dependencies")?, package);
    standard().or_else(poetry)
}

/// The requirement of `package` in a `Pipfile`.
pub fn in_pipfile(text: &str, package: &str) -> Option<Requirement> {
    table_entry(document(text)?.get_ref().get("packages")?, package)
}

/// The version of `package` that a lock file holds: of Poetry, uv, PDM, the standard's, or Pipenv's.
pub fn in_lock_file(text: &str, package: &str) -> Option<Spanned<String>> {
    let named = format!("\"{package}\"");
    let mut at = 0;
    // How many lines after the name its version may stand.
    let mut near = 0_usize;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim();
        let lower = content.to_ascii_lowercase();
        let json =
            lower.strip_prefix(&named).is_some_and(|rest| rest.trim_start().starts_with(':') && rest.ends_with('{'));
        let toml = lower.strip_prefix("name = ").is_some_and(|rest| rest == named);
        if json || toml {
            near = if json { 400 } else { 3 };
            continue;
        }
        if near == 0 {
            continue;
        }
        near -= 1;
        let value = lower.strip_prefix("\"version\": \"").or_else(|| lower.strip_prefix("version = \""));
        if let Some(value) = value.and_then(|value| value.split('"').next()) {
            let version = value.trim_start_matches('=');
            let from = start + line.find(version)?;
            return Some(Spanned::new(version.to_owned(), Span::new(from, from + version.len())));
        }
        if content.starts_with("[[") || content.starts_with('}') {
            near = 0;
        }
    }
    None
}

fn document(text: &str) -> Option<TomlSpanned<DeTable<'_>>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    Some(DeTable::parse_recoverable(text).0)
}

/// `Django = "^4.2"`, `django = {version = "^4.2", extras = […]}`.
fn table_entry(table: &TomlSpanned<DeValue<'_>>, package: &str) -> Option<Requirement> {
    let table = table.get_ref().as_table()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref().eq_ignore_ascii_case(package))?;
    let version = match value.get_ref().as_table() {
        Some(inner) => inner.get("version"),
        None => Some(value),
    };
    let text = version.and_then(|version| version.get_ref().as_str());
    let conditions: Vec<Condition> = text.map(requirements::conditions).unwrap_or_default();
    let span = Span::new(key.span().start, value.span().end.max(key.span().end));
    let name = Spanned::new(key.get_ref().to_string(), Span::new(key.span().start, key.span().end));
    Some(Requirement { name, conditions, direct: text.is_none(), span })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(found: Option<Requirement>, text: &str) -> String {
        let found = found.unwrap();
        let conditions = found.conditions.iter().map(|it| format!("{}{}", it.operator, it.version)).collect::<Vec<_>>();
        format!("{} {}", &text[found.span.range()], conditions.join(","))
    }

    #[test]
    fn manifests_name_the_requirement() {
        let text = "[project]\ndependencies = [\n  \"redis\",\n  \"Django>=4.2,<5\",\n]\n";
        assert_eq!(shown(in_pyproject(text, "django"), text), "Django>=4.2,<5 >=4.2,<5");
        let text = "[tool.poetry.dependencies]\npython = \"^3.12\"\ndjango = \"^5.0\"\n";
        assert_eq!(shown(in_pyproject(text, "django"), text), "django = \"^5.0\" ^5.0");
        let text = "[packages]\nDjango = {version = \"*\", extras = [\"argon2\"]}\n";
        assert!(shown(in_pipfile(text, "django"), text).ends_with("} "));
        assert!(in_pyproject("[project]\nname = 'x'", "django").is_none());
        assert!(in_pyproject("[[[", "django").is_none());
    }

    #[test]
    fn lock_files_hold_one_version() {
        for text in [
            "[[package]]\nname = \"redis\"\nversion = \"5.0\"\n\n[[package]]\nname = \"Django\"\nversion = \"4.2.11\"\n",
            "{\"default\": {\n  \"django\": {\n    \"hashes\": [\n      \"sha256:aa\"\n    ],\n    \"version\": \"==4.2.11\"\n  }}}",
        ] {
            let version = in_lock_file(text, "django").unwrap();
            assert_eq!((version.value.as_str(), &text[version.span.range()]), ("4.2.11", "4.2.11"));
        }
        assert!(in_lock_file("[[package]]\nname = \"django-redis\"\nversion = \"5.4\"\n", "django").is_none());
    }

    #[test]
    fn hostile_text_is_read_without_harm() {
        let nested = format!("[project]\ndependencies = {}", "[".repeat(100_000));
        let dotted = format!("{}b = 1", "a.".repeat(100_000));
        let tables = format!("[tool.poetry.dependencies]\ndjango = {}", "{a = ".repeat(100_000));
        for text in [
            nested,
            dotted,
            tables,
            "\"django\": {\n".repeat(50_000),
            "name = \"django\"\n".repeat(50_000),
            "é\"".into(),
        ] {
            let _ = (in_pyproject(&text, "django"), in_pipfile(&text, "django"), in_lock_file(&text, "django"));
        }
        let escaped = "[project]\ndependencies = [\"\\u0064jango[é]>=4\"]\n";
        let span = in_pyproject(escaped, "django").unwrap().span;
        assert!(escaped.get(span.range()).is_some());
    }
}
