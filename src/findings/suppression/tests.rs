use super::*;
use crate::findings::{Finding, Findings, Scope};
use crate::rules::Page;
use crate::rules::testing::page;
use crate::source::{Place, RepoPath, Source};

fn source(path: &str, text: &str) -> Source {
    Source::new(RepoPath::new(path).unwrap(), text)
}

fn one(path: &str, text: &str) -> Suppression {
    let scanned = scan(&source(path, text));
    assert_eq!(scanned.malformed, [], "{text}");
    let [one] = &scanned.suppressions[..] else { panic!("one comment in {text:?}, not {scanned:?}") };
    one.clone()
}

fn rules(suppression: &Suppression) -> Vec<&str> {
    suppression.rules.iter().map(|rule| rule.as_str()).collect()
}

#[test]
fn every_comment_syntax_is_read() {
    for text in [
        "# shipworthy: ignore[a/b] why",
        "#shipworthy:ignore[a/b] why",
        "  #  Shipworthy :  Ignore [ a/b ]  -- why",
        "## shipworthy: ignore[a/b]: why",
        "\u{feff}# shipworthy: ignore[a/b] why",
        "// shipworthy: ignore[a/b] why",
        "-- shipworthy: ignore[a/b] why",
        "; shipworthy: ignore[a/b] why",
        "/* shipworthy: ignore[a/b] why */",
        "/** shipworthy: ignore[a/b] why */",
        " * shipworthy: ignore[a/b] why",
        "<!-- shipworthy: ignore[a/b] why -->",
        "{# shipworthy: ignore[a/b] why #}",
        "# shipworthy: ignore[a/b] # why # noqa: E501",
    ] {
        let found = one("x", text);
        assert_eq!((rules(&found), found.reach), (vec!["a/b"], Reach::Below), "{text}");
        assert_eq!(found.reason.as_deref(), Some("why"), "{text}");
    }
}

#[test]
fn lists_and_places_are_read() {
    let text = "x: 1\ny: 2 # shipworthy: ignore[a/b, hadolint:DL3007,c/d ,] as agreed in #12\n";
    let found = one("compose.yml", text);
    assert_eq!((found.line, found.reach), (2, Reach::Line));
    assert_eq!(rules(&found), ["a/b", "hadolint:DL3007", "c/d"]);
    assert_eq!(found.reason.as_deref(), Some("as agreed in #12"));
    assert!(found.rules.iter().all(|rule| text[rule.span.range()] == rule.value));
    assert_eq!(&text[found.span.range()], "shipworthy: ignore[a/b, hadolint:DL3007,c/d ,]");
}

#[test]
fn a_comment_beside_anything_holds_for_its_line() {
    assert_eq!(one("x", "USER root # shipworthy: ignore[a/b]").reach, Reach::Line);
    assert_eq!(one("x", "/* shipworthy: ignore[a/b] */ code();").reach, Reach::Line);
    assert_eq!(one("x", "x = 1  # noqa # shipworthy: ignore[a/b]").reach, Reach::Line);
    assert_eq!(one("x", "x = 1  # shipworthy: ignore-file[a/b]").reach, Reach::File);
    assert_eq!(one("x", "# shipworthy: ignore_file[a/b]").reach, Reach::File);
}

#[test]
fn what_is_no_comment_of_ours_is_left_alone() {
    for text in [
        "# shipworthy is a linter",
        "# shipworthy: see docs/shipworthy.md",
        "# shipworthy.toml: ignore[a/b]",
        "# shipworthy ignores what git ignores",
        "print(\"# shipworthy: ignore[a/b]\")",
        "run: shipworthy: ignore[a/b]",
        "x;shipworthy: ignore[a/b]",
        "Worthy ships, shipworthy",
        "hipworthy",
    ] {
        assert_eq!(scan(&source("x", text)), Scanned::default(), "{text}");
    }
    let guide = "```yaml\n# shipworthy: ignore[a/b]\n```\nOr `<!-- shipworthy: ignore[a/b] -->`.\n";
    assert_eq!(scan(&source("docs/guide.md", guide)), Scanned::default());
    assert_eq!(one("docs/guide.md", "<!-- shipworthy: ignore[a/b] -->").reach, Reach::Below);
}

#[test]
fn what_is_meant_to_suppress_and_cannot_be_read_is_told() {
    for (text, word) in [
        ("# shipworthy: ignore", "needs a list"),
        ("# shipworthy: ignore a/b", "needs a list"),
        ("# shipworthy: ignore=a/b", "needs a list"),
        ("# shipworthy: ignore-file(a/b)", "`ignore-file[family/rule]`"),
        ("# shipworthy: ignore[]", "empty"),
        ("# shipworthy: ignore[ , ]", "empty"),
        ("# shipworthy: ignore[a/b", "not closed"),
        ("# shipworthy ignore[a/b]", "colon"),
        ("# shipworthy: ignroe[a/b]", "`ignroe` is not understood"),
        ("# shipworthy: disable[a/b]", "`disable` is not understood"),
        ("# shipworthy: noqa", "`noqa` is not understood"),
        ("# shipworthy: [a/b]", "is not understood"),
    ] {
        let scanned = scan(&source("x", text));
        assert_eq!(scanned.suppressions, [], "{text}");
        assert!(scanned.malformed.len() == 1 && scanned.malformed[0].message.contains(word), "{text}: {scanned:?}");
        assert_eq!(&text[scanned.malformed[0].span.range()], &text[2..]);
    }
}

#[test]
fn hostile_files_do_no_harm() {
    let texts = [
        "# shipworthy: ignore[a/b]\nx \\\n".repeat(10_000),
        "#shipworthy:ignore[a/b]\n".repeat(10_000),
        "# shipworthy: ignore[".to_owned() + &"a,".repeat(400_000) + "]",
        "# shipworthy: ignore[a/b]\nx <<A <<B <<C\\\n".repeat(10_000),
        "# shipworthy: ignore[a/b]\nx".to_owned() + &" <<A".repeat(200_000) + &"\n".repeat(200_000),
        "# shipworthy: ignore[🎉]\u{0}é\r# shipworthy:".to_owned(),
        "shipworthy: ignore[a/b]".to_owned(),
    ];
    let (rule, unused) = (page("a/b"), page(UNUSED));
    for text in texts {
        let source = source("x", &text);
        let findings = vec![found(&rule, &source, source.lines().count())];
        let context = Context { pages: &[&rule, &unused], ran: &|_, _| true, peers: true, block_at: &|_, _| None };
        apply(findings, &[&source], &context);
    }
}

fn found(page: &Page, source: &Source, line: usize) -> Finding {
    let span = source.lines().line_span(line);
    let mut found = Vec::new();
    Findings::new(page, &Scope::default(), &mut found).report(Place::new(source.path.clone(), span), "m");
    found.remove(0)
}

/// Applies the comments of `text` to findings of the rules `a/b` and `a/c` on the lines given, where `a/off` does not
/// run. Tells the lines of what is kept, the number of what is suppressed, and rule and line of the problems.
fn applied(text: &str, b: &[usize], c: &[usize]) -> (Vec<usize>, usize, Vec<String>) {
    let pages = [
        Page { aliases: &["a/old"], equivalents: &["hadolint:DL1"], ..page("a/b") },
        page("a/c"),
        page("a/off"),
        page(UNUSED),
        page(UNKNOWN_RULE),
        page(MALFORMED),
    ];
    let source = source("x", text);
    let mut findings: Vec<_> = b.iter().map(|&line| found(&pages[0], &source, line)).collect();
    findings.extend(c.iter().map(|&line| found(&pages[1], &source, line)));
    let ran = |page: &Page, _: &RepoPath| page.id != "a/off";
    let context = Context { pages: &pages.each_ref(), ran: &ran, peers: true, block_at: &|_, _| None };
    let applied = apply(findings, &[&source], &context);
    let line = |finding: &Finding| source.lines().line(finding.place.span.start as usize);
    let problems =
        applied.problems.iter().map(|it| format!("{} {}", it.rule.trim_start_matches("file/suppression-"), line(it)));
    (applied.kept.iter().map(line).collect(), applied.suppressed.len(), problems.collect())
}

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn a_finding_is_suppressed_on_its_line_and_in_the_block_below() {
    assert_eq!(applied("x: 1 # shipworthy: ignore[a/b]\ny: 2\n", &[1, 2], &[]), (vec![2], 1, none()));
    let text = "# shipworthy: ignore[a/b] both\n# shipworthy: ignore[a/c]\nweb:\n  x: 1\ndb:\n  x: 1\n";
    assert_eq!(applied(text, &[3, 4, 6], &[4]), (vec![6], 3, none()));
    assert_eq!(applied("x\n# shipworthy: ignore-file[a/b]\ny\n", &[1, 3], &[3]), (vec![3], 2, none()));
}

#[test]
fn what_is_about_the_whole_file_is_suppressed_at_its_first_line() {
    assert_eq!(applied("# shipworthy: ignore[a/b]\nFROM x\n", &[1], &[]), (vec![], 1, none()));
}

#[test]
fn aliases_and_other_tools_ids_suppress() {
    assert_eq!(applied("x # shipworthy: ignore[a/old]\ny # shipworthy: ignore[hadolint:dl1]\n", &[1, 2], &[]).1, 2);
}

#[test]
fn a_comment_does_not_reach_over_a_blank_line() {
    let (kept, suppressed, problems) = applied("# shipworthy: ignore[a/b]\n\nx: 1\n", &[3], &[]);
    assert_eq!((kept, suppressed, problems), (vec![3], 0, vec!["unused 1".to_owned()]));
}

#[test]
fn a_comment_without_effect_is_reported() {
    let problems = |text: &str| applied(text, &[], &[]).2;
    assert_eq!(problems("x # shipworthy: ignore[a/b, a/c]"), ["unused 1", "unused 1"]);
    assert_eq!(problems("x # shipworthy: ignore[a/bb]"), ["unknown-rule 1"]);
    assert_eq!(
        problems("x # shipworthy: ignore[a]\n# shipworthy: ignore-file[all]"),
        ["unknown-rule 1", "unknown-rule 2"]
    );
    assert_eq!(problems("x # shipworthy: ignore"), ["malformed 1"]);
    assert_eq!(applied("x # shipworthy: ignore[a/b, a/c]", &[1], &[]).2, ["unused 1"]);
}

#[test]
fn a_comment_for_a_rule_that_did_not_run_is_not_unused() {
    assert_eq!(applied("x # shipworthy: ignore[a/off]", &[], &[]).2, none());
}

#[test]
fn problems_of_comments_can_be_suppressed_in_turn() {
    let unused = "# shipworthy: ignore-file[file/suppression-unused]\nx # shipworthy: ignore[a/b]\n";
    assert_eq!(applied(unused, &[], &[]), (vec![], 1, none()));
    assert_eq!(applied("# shipworthy: ignore-file[file/suppression-unused]\n", &[], &[]).2, ["unused 1"]);
    let malformed = "# shipworthy: ignore-file[file/suppression-malformed]\nx # shipworthy: ignore\n";
    assert_eq!(applied(malformed, &[], &[]), (vec![], 1, none()));
}

#[test]
fn a_syntax_model_knows_better_than_the_layout() {
    let rule = page("a/b");
    let source = source("q.sql", "-- shipworthy: ignore[a/b]\nCREATE\nINDEX\n");
    let context =
        Context { pages: &[&rule], ran: &|_, _| true, peers: true, block_at: &|_, line| Some(line..=line + 1) };
    let applied = apply(vec![found(&rule, &source, 3)], &[&source], &context);
    assert_eq!((applied.kept.len(), applied.suppressed.len()), (0, 1));
}

#[test]
fn two_unused_comments_are_two_findings() {
    let (rule, unused) = (page("a/b"), page(UNUSED));
    let source = source("x", "x # shipworthy: ignore[a/b]\ny # shipworthy: ignore[a/b]\n");
    let context = Context { pages: &[&rule, &unused], ran: &|_, _| true, peers: true, block_at: &|_, _| None };
    let problems = apply(Vec::new(), &[&source], &context).problems;
    assert_ne!(problems[0].fingerprint(), problems[1].fingerprint());
}

/// What of a file's findings is kept, by line, where pages name these equivalents; each rule is found on every line.
fn past_peers(path: &str, text: &str, equivalents: &'static [&'static str], peers: bool) -> Vec<usize> {
    let rule = Page { equivalents, ..page("a/b") };
    let source = source(path, text);
    let findings = (1..=source.lines().count()).map(|line| found(&rule, &source, line)).collect();
    let context = Context { pages: &[&rule], ran: &|_, _| true, peers, block_at: &|_, _| None };
    let applied = apply(findings, &[&source], &context);
    assert!(applied.problems.is_empty(), "what other tools make of their comments is their business");
    applied.kept.iter().map(|finding| source.lines().line(finding.place.span.start as usize)).collect()
}

#[test]
fn comments_of_other_tools_hold_for_equivalent_rules() {
    for (equivalents, path, text, kept) in [
        (&["hadolint:DL3008"][..], "Dockerfile", "a\n# hadolint ignore=DL3008,DL3009 # why\nb\nc", &[1, 4][..]),
        (&["hadolint:DL3008"], "Dockerfile", "# hadolint global ignore=DL3006, DL3008\nb\nc", &[]),
        (&["shellcheck:SC2086"], "Dockerfile", "# hadolint ignore=SC2086\nb\nc", &[3]),
        (&["shellcheck:SC2086"], "x.sh", "# shellcheck disable=SC1091,SC2086\nb\nc", &[3]),
        (&["trivy-checks:DS-0002"], "Dockerfile", "# trivy:ignore:AVD-DS-0002\nb\nc", &[3]),
        (&["trivy-checks:DS-0002"], "Dockerfile", "# trivy:ignore:DS-0002:exp:2027-01-01\nb\nc", &[3]),
        (&["checkov:CKV_DOCKER_3"], "Dockerfile", "a\n# checkov:skip=CKV_DOCKER_3:runs as root on purpose\nc", &[]),
        (&["checkov:CKV_GHA_1"], "x.yml", "a: 1 # checkov:skip=CKV_GHA_1\nb: 1", &[2]),
        (&["kics:privileged"], "x.yml", "# kics-scan ignore-line\nb: 1\nc: 1", &[3]),
        (&["kics:privileged"], "x.yml", "# kics-scan ignore\nb: 1\nc: 1", &[]),
        (
            &["semgrep-rules:privileged-service"],
            "x.yml",
            "a: 1 # nosemgrep: yaml.security.privileged-service\nb: 1",
            &[2],
        ),
        (&["semgrep-ops:x"], "x.yml", "a: 1 # nosemgrep\nb: 1", &[2]),
        (&["gitleaks:generic-api-key"], "x.py", "a = 1  # not secret, gitleaks:allow\nb = 1", &[2]),
        (&["gitleaks:generic-api-key"], "x.py", "a = 1  # pragma: allowlist secret\nb = 1", &[2]),
        (&["gitleaks:generic-api-key"], "x.py", "a = 1  # pragma: allowlist-secret\nb = 1", &[2]),
        (&["gitleaks:generic-api-key"], "x.py", "# pragma: allowlist nextline secret\na = 1\nb = 1", &[3]),
        (&["gitleaks:generic-api-key"], "x.py", "a = 1  # pragma: allowlist-secret\nb = 1", &[2]),
        (
            &["bandit:B105"],
            "x.py",
            "a = 1  # nosec\nb = 1  # nosec B105, B106\nc = 1  # nosec: B101\nd = 1  # nosection",
            &[3, 4],
        ),
        (&["ruff:S105"], "x.py", "a = 1  # noqa\nb = 1  # noqa: E501, S105\nc = 1  # noqa: E501", &[3]),
        (&["zizmor:unpinned-uses"], "x.yml", "a: 1 # zizmor: ignore[unpinned-uses] ours\nb: 1", &[2]),
        (&["squawk:ban-drop-column"], "x.sql", "-- squawk-ignore ban-drop-column\nb\nc", &[3]),
        (&["squawk:ban-drop-column"], "x.sql", "-- squawk-ignore-file\nb", &[]),
        (&["dclint:no-version-field"], "x.yml", "a: 1 # dclint disable-line no-version-field\nb: 1", &[2]),
        (&["dclint:no-version-field"], "x.yml", "# dclint disable\nb: 1", &[]),
        (&["dotenv-linter:DuplicatedKey"], "x.env", "# dotenv-linter:off DuplicatedKey\nb", &[]),
        (&["django-migration-linter:ADD_COLUMN"], "x.py", "a\n    IgnoreMigration(),", &[]),
    ] {
        assert_eq!(past_peers(path, text, equivalents, true), kept, "{text}");
        assert_eq!(past_peers(path, text, equivalents, false).len(), text.lines().count(), "{text}");
    }
}

#[test]
fn comments_of_other_tools_hold_for_nothing_else() {
    for text in [
        "# hadolint ignore=DL3008\nb",
        "RUN x # hadolint ignore=DL3006\nb",
        "a = 'nosec'\nb",
        "x: \"# noqa\"\nb",
        "# see the docs of hadolint ignore=DL3006\nb",
        "a # nosecurity\nb",
        "# kics-scan disable=8a9a\nb",
    ] {
        let equivalents = &["hadolint:DL3006", "ruff:S105", "bandit:B105", "kics:x"];
        assert_eq!(past_peers("Dockerfile", text, equivalents, true), [1, 2], "{text}");
    }
}
