//! `shipworthy rules`: the rules in a list.

use crate::rules::Page;
use serde::Serialize;
use std::fmt::Write;

/// One line a rule for people: id, highest severity, summary. The columns are as wide as their widest entry.
pub fn list_text<'a>(pages: impl IntoIterator<Item = &'a Page>) -> String {
    let pages: Vec<&Page> = pages.into_iter().collect();
    let width = pages.iter().map(|page| page.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for page in pages {
        let severity = page.severity.highest().name();
        let opt_in = if page.default { "" } else { " (opt-in)" };
        let _ = writeln!(text, "{:width$}  {severity:7}  {}{opt_in}", page.id, page.summary);
    }
    text
}

/// The same for programs: a JSON array. Keys are only ever added.
pub fn list_json<'a>(pages: impl IntoIterator<Item = &'a Page>) -> String {
    let rows: Vec<Row> = pages.into_iter().map(Row::of).collect();
    let mut text = serde_json::to_string_pretty(&rows).expect("strings, numbers and lists of them are always JSON");
    text.push('\n');
    text
}

/// A rule as `--format json` shows it.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    family: &'a str,
    severity: &'a str,
    default: bool,
    environments: Vec<&'a str>,
    summary: &'a str,
    controls: &'a [&'a str],
    cwe: &'a [u32],
    equivalents: &'a [&'a str],
    fix: &'a str,
}

impl<'a> Row<'a> {
    fn of(page: &'a Page) -> Self {
        Row {
            id: page.id,
            family: page.family(),
            severity: page.severity.highest().name(),
            default: page.default,
            environments: page.severity.environments(),
            summary: page.summary,
            controls: page.controls,
            cwe: page.cwe,
            equivalents: page.equivalents,
            fix: page.fix.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::catalogue::{PAGES, page};

    #[test]
    fn each_rule_has_a_line() {
        let text = list_text(PAGES);
        assert_eq!(text.lines().count(), PAGES.len());
        let line = text.lines().find(|line| line.starts_with("settings/debug-enabled ")).unwrap();
        assert!(line.ends_with(page("settings/debug-enabled").unwrap().summary), "{line}");
        assert!(line.contains(" error "), "the highest severity: {line}");
        assert_eq!(list_text([]), "");
    }

    #[test]
    fn the_json_has_the_keys_that_scripts_depend_on() {
        let rows: serde_json::Value = serde_json::from_str(&list_json(PAGES)).unwrap();
        let row = rows.as_array().unwrap().iter().find(|row| row["id"] == "settings/debug-enabled").unwrap();
        let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let expected =
            ["controls", "cwe", "default", "environments", "equivalents", "family", "fix", "id", "severity", "summary"];
        assert_eq!(keys, expected);
        assert_eq!(row["family"], "settings");
        assert_eq!(row["environments"], serde_json::json!(["production", "staging"]));
        assert_eq!(row["fix"], "none");
    }
}
