//! The last step before a report: equal findings folded into one, the order, the least severity, and what fails.

use super::{Finding, Label, Severity};
use crate::config::FailOn;
use std::collections::HashMap;

/// Sorts findings and folds those of equal identity (the same trouble seen in several services or environments) into
/// the first of them: environments united, the highest severity with the words that go with it, related places
/// united in order. A further place of the same trouble becomes a related one.
pub fn fold(mut findings: Vec<Finding>) -> Vec<Finding> {
    sort(&mut findings);
    let mut folded: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut known: HashMap<(String, Option<u32>), usize> = HashMap::with_capacity(findings.len());
    for finding in findings {
        // What has neither anchor nor evidence is told apart by its place alone.
        let nameless = finding.anchor.is_empty() && finding.evidence.is_empty();
        let key = (finding.fingerprint(), nameless.then_some(finding.place.span.start));
        match known.get(&key) {
            Some(&at) => merge(&mut folded[at], finding),
            None => {
                known.insert(key, folded.len());
                folded.push(finding);
            }
        }
    }
    // Folding may have changed a message, by which findings at one place are ordered.
    sort(&mut folded);
    folded
}

/// Orders findings by path, start, rule and message, then by what else tells them apart, so that the order does not
/// depend on who found them first.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |it: &Finding| (it.place.span.start, it.rule.clone());
        a.place
            .path
            .cmp(&b.place.path)
            .then_with(|| key(a).cmp(&key(b)))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.place.span.cmp(&b.place.span))
            .then_with(|| a.environments.cmp(&b.environments))
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| a.related.iter().map(|it| &it.place).cmp(b.related.iter().map(|it| &it.place)))
    });
}

/// What is said at a further place of the same trouble.
const AGAIN: &str = "the same again";

fn merge(first: &mut Finding, mut other: Finding) {
    if other.severity > first.severity {
        // Of several files the one that matters most stands first.
        if first.across_files {
            std::mem::swap(&mut first.place, &mut other.place);
            std::mem::swap(&mut first.related, &mut other.related);
        }
        first.severity = other.severity;
        first.message = other.message;
        first.help = other.help.or(first.help.take());
    }
    first.environments.extend(other.environments);
    let elsewhere = (other.place != first.place)
        .then(|| Label { place: other.place, message: AGAIN.to_owned() })
        .filter(|label| !first.related.iter().any(|known| known.place == label.place));
    for label in elsewhere.into_iter().chain(other.related) {
        // The same story in another service is not told again.
        let told = first.related.iter().any(|known| known.message == label.message && known.message != AGAIN);
        if label.place != first.place && !told {
            first.related.push(label);
        }
    }
    if first.fix.is_none() {
        first.fix = other.fix;
    }
}

/// Leaves out what is below the severity `least`; tells also how many that were.
pub fn at_least(mut findings: Vec<Finding>, least: Severity) -> (Vec<Finding>, usize) {
    let all = findings.len();
    findings.retain(|finding| finding.severity >= least);
    let below = all - findings.len();
    (findings, below)
}

/// Whether what is reported fails the run. What is left out of the report cannot: nobody would see why.
pub fn fails(reported: &[Finding], on: FailOn) -> bool {
    match on {
        FailOn::Never => false,
        FailOn::At(severity) => reported.iter().any(|finding| finding.severity >= severity),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Findings, Scope};
    use crate::project::environment::Environment;
    use crate::rules::testing::page;
    use crate::source::{Place, RepoPath, Span};

    fn place(path: &str, at: usize) -> Place {
        Place::new(RepoPath::new(path).unwrap(), Span::new(at, at + 1))
    }

    fn finding(rule: &'static str, place: Place, anchor: &str, environment: &str) -> Finding {
        let page = page(rule);
        let scope = Scope::of(Environment::named(environment), false);
        let mut found = Vec::new();
        Findings::new(&page, &scope, &mut found).report(place, format!("seen in {environment}")).anchor(anchor);
        found.remove(0)
    }

    #[test]
    fn equal_findings_fold_into_one() {
        let mut staging = finding("a/b", place("x", 5), "service web", "staging");
        staging.severity = Severity::Warning;
        staging.related(place("e", 1), "sets `A`");
        let mut production = finding("a/b", place("x", 5), "service web", "production");
        production.related(place("e", 1), "sets `A`").related(place("f", 2), "sets `B`");
        let folded = fold(vec![staging, production]);
        assert_eq!(folded.len(), 1);
        assert_eq!((folded[0].severity, folded[0].message.as_str()), (Severity::Error, "seen in production"));
        let environments: Vec<_> = folded[0].environments.iter().map(Environment::name).collect();
        assert_eq!(environments, ["production", "staging"]);
        assert_eq!(folded[0].related.iter().map(|it| it.place.path.as_str()).collect::<Vec<_>>(), ["e", "f"]);
    }

    #[test]
    fn the_words_of_the_most_severe_are_kept() {
        let mut first = finding("a/b", place("x", 5), "service web", "development");
        first.severity = Severity::Note;
        let folded = fold(vec![first, finding("a/b", place("x", 9), "service web", "production")]);
        assert_eq!((folded[0].message.as_str(), folded[0].place.span.start), ("seen in production", 5));
        assert_eq!(folded[0].related[0].place.span.start, 9);
    }

    #[test]
    fn one_decision_in_several_files_is_told_where_it_matters_most() {
        let mut development = finding("a/b", place("Dockerfile", 5), "base", "development");
        development.severity = Severity::Note;
        let production = finding("a/b", place("Dockerfile.prod", 9), "base", "production");
        let all = [development, production].map(|mut it| it.across_files().clone());
        let folded = fold(all.to_vec());
        assert_eq!((folded.len(), folded[0].place.path.as_str()), (1, "Dockerfile.prod"));
        assert_eq!(folded[0].related[0].place.path.as_str(), "Dockerfile");
        assert_eq!(folded[0].fingerprint(), all[0].fingerprint());
    }

    #[test]
    fn findings_without_a_name_fold_only_at_one_place() {
        let at = |offset| finding("a/b", place("x", offset), "", "production");
        assert_eq!(fold(vec![at(1), at(2), at(2)]).len(), 2);
    }

    #[test]
    fn different_rules_files_and_anchors_stay_apart() {
        let findings = vec![
            finding("a/c", place("x", 1), "service web", "production"),
            finding("a/b", place("y", 1), "service web", "production"),
            finding("a/b", place("x", 1), "service db", "production"),
            finding("a/b", place("x", 1), "service web", "production"),
        ];
        assert_eq!(fold(findings).len(), 4);
    }

    #[test]
    fn the_order_does_not_depend_on_who_came_first() {
        let all = || {
            [("b", 1, "a/b"), ("a", 9, "a/b"), ("a", 2, "a/c"), ("a", 2, "a/b")]
                .map(|(path, at, rule)| finding(rule, place(path, at), "service web", "production"))
        };
        let order = |findings: Vec<Finding>| -> Vec<_> {
            fold(findings).iter().map(|it| format!("{} {} {}", it.place.path, it.place.span.start, it.rule)).collect()
        };
        let forward = order(all().into());
        assert_eq!(forward, ["a 2 a/b", "a 2 a/c", "b 1 a/b"]);
        assert_eq!(forward, order(all().into_iter().rev().collect()));
    }

    #[test]
    fn what_is_reported_can_fail_and_nothing_else() {
        let mut findings = vec![finding("a/b", place("x", 1), "s", "production")];
        findings[0].severity = Severity::Warning;
        assert!(fails(&findings, FailOn::default()) && fails(&findings, FailOn::At(Severity::Note)));
        assert!(!fails(&findings, FailOn::At(Severity::Error)) && !fails(&findings, FailOn::Never));
        let (kept, below) = at_least(findings, Severity::Error);
        assert_eq!((kept.len(), below), (0, 1));
        assert!(!fails(&kept, FailOn::At(Severity::Note)));
    }
}
