//! `shipworthy explain`: a rule's page on a terminal.

use crate::rules::catalogue;
use crate::rules::{Page, SeverityTable};
use std::fmt::Write;

/// The page of the rule that `query` names: by id, former id, name alone, or another tool's id (`hadolint:DL3007`).
/// Where several rules answer to it, their pages follow one another. The error says what may have been meant.
pub fn explain(query: &str) -> Result<String, String> {
    let pages = match catalogue::page(query) {
        Some(page) => vec![page],
        None if query.contains(':') => catalogue::by_equivalent(query),
        None => catalogue::by_name(query),
    };
    if pages.is_empty() {
        let hint = match catalogue::suggest(query) {
            Some(id) => format!("did you mean `{id}`?"),
            None => "`shipworthy rules` lists all rules".into(),
        };
        return Err(format!("no rule `{query}`; {hint}"));
    }
    Ok(pages.into_iter().map(render).collect::<Vec<_>>().join("\n\n"))
}

/// The page as Markdown: the id, the summary, the facts of the front matter, then the rest as it is written.
fn render(page: &Page) -> String {
    let mut text = format!("# {}\n\n{}\n\n", page.id, page.summary);
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "    {name:9}  {value}");
        }
    };
    fact("severity", severities(&page.severity));
    fact("default", if page.default { String::new() } else { "off, select it to run it".into() });
    fact("controls", page.controls.join(", "));
    fact("cwe", page.cwe.iter().map(|number| format!("CWE-{number}")).collect::<Vec<_>>().join(", "));
    fact("same as", page.equivalents.join(", "));
    fact("once", page.aliases.join(", "));
    fact("fix", if page.fix.name() == "none" { String::new() } else { page.fix.name().into() });
    let cases = page.markdown.find("\n## Bad").map_or("", |start| &page.markdown[start..]);
    let _ = write!(text, "\n{}\n{}", page.explanation, cases.trim_end());
    text.push('\n');
    text
}

/// `error in production and staging, note in development`.
fn severities(table: &SeverityTable) -> String {
    let rows = match table {
        SeverityTable::Everywhere(severity) => return format!("{severity} in every environment"),
        SeverityTable::ByEnvironment(rows) => rows,
    };
    let groups = rows.chunk_by(|(_, one), (_, next)| one == next).map(|group| {
        let names: Vec<&str> = group.iter().map(|(name, _)| *name).collect();
        format!("{} in {}", group[0].1, names.join(" and "))
    });
    groups.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_with_its_facts() {
        let text = explain("settings/debug-enabled").unwrap();
        let page = catalogue::page("settings/debug-enabled").unwrap();
        assert!(text.starts_with(&format!("# settings/debug-enabled\n\n{}\n", page.summary)), "{text}");
        assert!(text.contains("    severity   error in production and staging\n"), "{text}");
        assert!(text.contains("    same as    django:security.W018\n"), "{text}");
        assert!(text.contains("\n## Bad\n\n### "), "{text}");
        assert_eq!(text.matches(page.summary).count(), 1, "the summary stands once");
    }

    #[test]
    fn facts_that_a_page_does_not_state_are_not_shown() {
        let text = explain("settings/debug-enabled").unwrap();
        let header = &text[..text.find("\n## ").unwrap()];
        assert!(!header.contains("    fix ") && !header.contains("    once "), "{header}");
    }

    #[test]
    fn the_name_alone_is_enough() {
        assert_eq!(explain("debug-enabled"), explain("settings/debug-enabled"));
        let both = explain("image-latest").unwrap();
        assert!(both.contains("# compose/image-latest\n") && both.contains("# dockerfile/image-latest\n"));
    }

    #[test]
    fn another_tools_id_finds_the_page() {
        assert_eq!(explain("hadolint:DL3007"), explain("dockerfile/image-latest"));
    }

    #[test]
    fn an_unknown_rule_gets_a_suggestion() {
        let error = explain("settings/debug-enable").unwrap_err();
        assert_eq!(error, "no rule `settings/debug-enable`; did you mean `settings/debug-enabled`?");
        let error = explain("frobnicate").unwrap_err();
        assert_eq!(error, "no rule `frobnicate`; `shipworthy rules` lists all rules");
    }
}
