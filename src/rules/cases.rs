//! What a page's cases prove about its rule: each case is run three ways, and what was reported is compared with what
//! the page says. Running is the caller's; so the pages of this crate and users' own pages are judged by the same code.

use super::{Case, Page};
use std::collections::BTreeSet;
use std::fmt;

/// Which rules a run over a case applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection<'a> {
    /// The rule with this id alone, whether or not it is on by default.
    Only(&'a str),
    /// All that are on by default, less those about something that is missing (`absence` in the front matter): an
    /// example shows what matters to it and leaves out the rest. In a case that is not complete, those that need a whole
    /// project are left out as well.
    Defaults,
}

/// One finding of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reported {
    /// The file's path in the case's project.
    pub path: String,
    /// 1-based line on which the primary place begins.
    pub line: usize,
    /// The rule's id.
    pub rule: String,
    /// What it says.
    pub message: String,
}

/// What is wrong with a case, or with the rule that it is a case of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rule whose page it is.
    pub rule: &'static str,
    /// The case's title.
    pub case: &'static str,
    /// What was expected, and what was found.
    pub trouble: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rules/{}.md, case \"{}\": {}", self.rule, self.case, self.trouble)
    }
}

/// Runs every case of `pages` and tells all that failed. `run` answers with what the selected rules report on a case.
pub fn check<'a>(
    pages: impl IntoIterator<Item = &'a Page>,
    run: impl Fn(&Case, Selection<'_>) -> Vec<Reported>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for page in pages {
        for case in page.cases {
            let mut troubles = compare(page.id, case, &run(case, Selection::Only(page.id)));
            if !case.bad {
                troubles.extend(advice_taken_back(page.id, &run(case, Selection::Defaults)));
            }
            failures.extend(troubles.into_iter().map(|trouble| Failure { rule: page.id, case: case.title, trouble }));
        }
    }
    failures
}

/// Compares what the rule reports with the marked lines: all of them, and no other. A line may get several findings.
fn compare(rule: &str, case: &Case, reported: &[Reported]) -> Vec<String> {
    let marked = |lines: fn(&super::CaseFile) -> &'static [usize]| -> BTreeSet<(&str, usize)> {
        case.files.iter().flat_map(|file| lines(file).iter().map(|line| (file.path, *line))).collect()
    };
    let (errors, misses) = (marked(|file| file.errors), marked(|file| file.misses));
    let found: BTreeSet<(&str, usize)> =
        reported.iter().filter(|it| it.rule == rule).map(|it| (it.path.as_str(), it.line)).collect();
    let mut troubles = Vec::new();
    for (path, line) in errors.difference(&found) {
        let hint = if found.is_empty() && !case.complete {
            " (a rule that needs a whole project runs only in cases marked `{complete}`)"
        } else {
            ""
        };
        troubles.push(format!("nothing reported on {}{hint}", show(case, path, *line)));
    }
    for it in reported.iter().filter(|it| it.rule == rule) {
        let place = (it.path.as_str(), it.line);
        if misses.contains(&place) {
            troubles
                .push(format!("a known miss is found by now, make its `todo-error` an `error`: {}", tell(case, it)));
        } else if !errors.contains(&place) {
            troubles.push(format!("reported where nothing is marked: {}", tell(case, it)));
        }
    }
    troubles
}

/// What other rules say against code that this page calls good. (What the rule itself says is told by [`compare`].)
fn advice_taken_back(rule: &str, reported: &[Reported]) -> Vec<String> {
    let others = reported.iter().filter(|it| it.rule != rule);
    others.map(|it| format!("not good to {}: {}:{}: {}", it.rule, it.path, it.line, it.message)).collect()
}

fn tell(case: &Case, it: &Reported) -> String {
    format!("{}: {}", show(case, &it.path, it.line), it.message)
}

/// A line of a case's file, with its text.
fn show(case: &Case, path: &str, line: usize) -> String {
    let file = case.files.iter().find(|file| file.path == path);
    match file.and_then(|file| file.text.lines().nth(line.checked_sub(1)?)) {
        Some(text) => format!("{path}:{line} `{}`", text.trim()),
        None => format!("{path}:{line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::CaseFile;

    const RULE: &str = "compose/privileged-service";

    static BAD: Case = Case {
        title: "asks for all",
        bad: true,
        complete: false,
        files: &[CaseFile {
            language: "yaml",
            path: "compose.yaml",
            text: "web:\n  # error\n  privileged: true\nworker:\n  # todo-error\n  cap_add: [ALL]\n",
            errors: &[3],
            misses: &[6],
            mode: 0o644,
            ignored: false,
            utf16: false,
            crlf: false,
            unreadable: false,
        }],
    };
    static GOOD: Case = Case { title: "asks for nothing", bad: false, complete: false, files: &[] };

    fn page(cases: &'static [Case]) -> Page {
        Page { cases, ..crate::rules::testing::page(RULE) }
    }

    fn reported(rule: &str, line: usize) -> Reported {
        Reported { path: "compose.yaml".into(), line, rule: rule.into(), message: "what it says".into() }
    }

    fn troubles(case: Case, found: &[Reported]) -> Vec<String> {
        let page = page(Box::leak(Box::new([case])));
        let run = |_: &Case, selection: Selection| match selection {
            Selection::Only(id) => found.iter().filter(|it| it.rule == id).cloned().collect(),
            Selection::Defaults => found.to_vec(),
        };
        check([&page], run).into_iter().map(|failure| failure.trouble).collect()
    }

    fn bad() -> Case {
        Case { files: BAD.files, ..BAD }
    }

    fn good() -> Case {
        Case { files: GOOD.files, ..GOOD }
    }

    #[test]
    fn exactly_the_marked_lines_satisfy() {
        assert_eq!(troubles(bad(), &[reported(RULE, 3)]), [""; 0]);
        assert_eq!(troubles(bad(), &[reported(RULE, 3), reported(RULE, 3)]), [""; 0], "several findings on one line");
        assert_eq!(troubles(good(), &[]), [""; 0]);
    }

    #[test]
    fn a_marked_line_without_a_finding_fails() {
        let found = troubles(bad(), &[]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("nothing reported on compose.yaml:3 `privileged: true` (a rule that"),
            "{found:?}"
        );
    }

    #[test]
    fn a_finding_elsewhere_fails() {
        let found = troubles(bad(), &[reported(RULE, 3), reported(RULE, 4), reported("compose/other", 4)]);
        assert_eq!(found, ["reported where nothing is marked: compose.yaml:4 `worker:`: what it says"]);
    }

    #[test]
    fn a_known_miss_that_is_found_must_be_marked_so() {
        let found = troubles(bad(), &[reported(RULE, 3), reported(RULE, 6)]);
        assert!(found[0].starts_with("a known miss is found by now"), "{found:?}");
    }

    #[test]
    fn a_good_case_is_good_to_all_rules() {
        let found = troubles(good(), &[reported(RULE, 1), reported("compose/other", 2)]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], "reported where nothing is marked: compose.yaml:1: what it says");
        assert_eq!(found[1], "not good to compose/other: compose.yaml:2: what it says");
    }

    #[test]
    fn a_failure_names_page_and_case() {
        let failure = Failure { rule: RULE, case: "asks for all", trouble: "…".into() };
        assert_eq!(failure.to_string(), "rules/compose/privileged-service.md, case \"asks for all\": …");
    }
}
