//! docs/standard.md names the rules that hold each control, as their pages have it.

use shipworthy::rules::catalogue::PAGES;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What stands in place of rules where there are none.
const WITHOUT_RULES: [&str; 2] = ["none yet", "no file shows it"];

/// The rules that hold `control`, as the document lists them.
fn rules(control: &str) -> Option<String> {
    let holding = PAGES.iter().filter(|page| page.controls.contains(&control));
    let names: Vec<String> = holding.map(|page| format!("[`{0}`](../rules/{0}.md)", page.id)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// A row of a table: control, what it asks, rules.
fn row(line: &str) -> Option<(&str, &str, &str)> {
    let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
    let row = (cells.next()?, cells.next()?, cells.next()?);
    row.0.contains('-').then_some(row).filter(|row| !row.0.starts_with("---"))
}

/// `UPDATE=1 cargo test --test standard` writes the last column anew.
#[test]
fn every_control_is_listed_with_the_rules_that_hold_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/standard.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut listed = BTreeSet::new();
    let mut wanted = String::new();
    for line in text.lines() {
        match row(line) {
            Some((control, asks, now)) => {
                assert!(listed.insert(control), "{control} is listed twice");
                let none = if WITHOUT_RULES.contains(&now) { now } else { WITHOUT_RULES[0] };
                let held = rules(control).unwrap_or_else(|| none.to_owned());
                wanted += &format!("| {control} | {asks} | {held} |\n");
            }
            None => wanted += &format!("{line}\n"),
        }
    }
    for page in PAGES {
        for control in page.controls {
            assert!(listed.contains(control), "{}: docs/standard.md has no {control}", page.id);
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, wanted).unwrap();
        return;
    }
    assert_eq!(text, wanted, "UPDATE=1 cargo test --test standard");
}
