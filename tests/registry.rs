//! What must hold across all rules, and between the rules and what is written about them.

use regex::Regex;
use shipworthy::rules::catalogue::{PAGES, page};
use shipworthy::rules::page_format::FAMILIES;
use shipworthy::rules::{Names, Page};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The tools whose ids pages may name, each in one spelling.
const TOOLS: [&str; 24] = [
    "actionlint",
    "bandit",
    "betterleaks",
    "checkov",
    "datadog-iac",
    "dclint",
    "detect-secrets",
    "django",
    "django-migration-linter",
    "django-safe-migrations",
    "dotenv-linter",
    "gitleaks",
    "gixy",
    "hadolint",
    "kics",
    "kingfisher",
    "postgres-truth",
    "ruff",
    "semgrep-ops",
    "semgrep-rules",
    "shellcheck",
    "squawk",
    "trivy-checks",
    "zizmor",
];

/// The groups of the deployment standard, and how many controls each has.
const CONTROLS: [(&str, u32); 10] = [
    ("CFG", 4),
    ("CMP", 5),
    ("DB", 7),
    ("DEP", 9),
    ("DR", 4),
    ("ENV", 5),
    ("GOV", 1),
    ("IMG", 8),
    ("MIG", 6),
    ("WEB", 17),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn ids_are_sorted_and_unique() {
    assert!(PAGES.windows(2).all(|pair| pair[0].id < pair[1].id));
}

#[test]
fn aliases_collide_with_nothing() {
    let mut taken: BTreeSet<&str> = PAGES.iter().map(|page| page.id).collect();
    for page in PAGES {
        for alias in page.aliases {
            assert!(taken.insert(alias), "{}: the alias {alias} is taken", page.id);
        }
    }
}

#[test]
fn summaries_are_sentences_that_fit_on_two_lines() {
    for page in PAGES {
        let summary = page.summary;
        assert!(summary.len() <= 160, "{}: {} bytes", page.id, summary.len());
        let first = summary.chars().next().unwrap();
        assert!(first.is_uppercase() || first == '`', "{}: {summary}", page.id);
        assert!(!summary.contains('!') && !summary.contains("lease "), "{}: {summary}", page.id);
    }
}

#[test]
fn two_rules_do_not_say_the_same() {
    let mut seen = BTreeSet::new();
    for page in PAGES {
        assert!(seen.insert(page.summary), "{}: {}", page.id, page.summary);
    }
}

#[test]
fn each_page_says_when_to_suppress_it() {
    for page in PAGES {
        let last = page.explanation.rsplit("\n\n").next().unwrap();
        assert!(last.contains("uppress"), "{}: the last paragraph before the cases says it: {last}", page.id);
    }
}

#[test]
fn equivalents_name_tools_that_are_known() {
    for page in PAGES {
        for equivalent in page.equivalents {
            let tool = equivalent.split(':').next().unwrap();
            assert!(TOOLS.contains(&tool), "{}: unknown tool in {equivalent}", page.id);
        }
    }
}

#[test]
fn each_equivalent_names_its_rule() {
    let pages: Vec<&Page> = PAGES.iter().collect();
    let names = Names::new(&pages);
    for page in PAGES {
        for equivalent in page.equivalents {
            let named = names.resolve(equivalent);
            assert!(named.is_some_and(|named| named.covers(page)), "{}: {equivalent} does not name it", page.id);
        }
    }
}

#[test]
fn controls_are_those_of_the_standard() {
    for page in PAGES {
        for control in page.controls {
            let (group, number) = control.split_once('-').unwrap();
            let number: u32 = number.parse().unwrap();
            let known = CONTROLS.iter().any(|(name, count)| *name == group && (1..=*count).contains(&number));
            assert!(known, "{}: no control {control}", page.id);
        }
    }
}

/// Words in backticks that look like a rule's id are one.
#[test]
fn rules_that_pages_and_documents_speak_of_exist() {
    let quoted = Regex::new(&format!("`((?:{})/[a-z0-9-]+)`", FAMILIES.join("|"))).unwrap();
    let pages = PAGES.iter().map(|page| (page.id.to_string(), page.explanation.to_string()));
    let documents = documents().into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (path.display().to_string(), without_examples(&text))
    });
    for (place, text) in pages.chain(documents) {
        for found in quoted.captures_iter(&text) {
            assert!(page(&found[1]).is_some(), "{place}: no rule {}", &found[1]);
        }
    }
}

/// A document that names a path of this repository names one that is there.
#[test]
fn paths_that_documents_name_exist() {
    let named = Regex::new(r"(?:^|[\s`(\[])((?:src|rules|testdata|tests|docs|benches)/[\w./-]*)").unwrap();
    for document in documents() {
        let text = without_examples(&fs::read_to_string(&document).unwrap());
        for found in named.captures_iter(&text) {
            let path = found[1].trim_end_matches('.');
            assert!(root().join(path).exists(), "{}: there is no {path}", document.display());
        }
    }
}

/// The Markdown of the repository, without rule pages.
fn documents() -> Vec<PathBuf> {
    let top = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let docs = WalkDir::new(root().join("docs")).into_iter().map(|entry| entry.unwrap().into_path());
    top.chain(docs).filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// A document without its code blocks, whose paths are of other projects.
fn without_examples(text: &str) -> String {
    let mut open: Option<&str> = None;
    let mut kept = String::new();
    for line in text.lines() {
        let mark = line.trim_start();
        let fence = &mark[..mark.len() - mark.trim_start_matches(['`', '~']).len()];
        match open {
            None if fence.len() >= 3 => open = Some(fence),
            None => kept.extend([line, "\n"]),
            Some(opening) if fence == opening && mark.trim_end() == opening => open = None,
            Some(_) => {}
        }
    }
    kept
}

/// Every page has one check, and every check one page. What is wrong with suppressions is found by the filter itself.
#[test]
fn pages_and_checks_are_one_to_one() {
    let mut checks: Vec<&str> = shipworthy::rules::rules().iter().map(|rule| rule.page.id).collect();
    checks.extend(PAGES.iter().map(|page| page.id).filter(|id| id.starts_with("file/suppression-")));
    checks.sort_unstable();
    let pages: Vec<&str> = PAGES.iter().map(|page| page.id).collect();
    assert_eq!(checks, pages);
}
