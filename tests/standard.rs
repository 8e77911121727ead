//! docs/standard.md names the rules that hold each control, as their pages have it; and what the standard tells apart
//! is told apart.

mod support;

use shipworthy::rules::catalogue::PAGES;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use support::Repository;

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

/// What the standard forbids, every line of it.
const BAD: [(&str, &str); 2] = [
    (
        "Dockerfile",
        "FROM python:latest\nCOPY . /app\nRUN python manage.py migrate\n\
         CMD [\"python\", \"manage.py\", \"runserver\", \"0.0.0.0:8000\"]\n",
    ),
    (
        "compose.yaml",
        "services:\n  web:\n    volumes:\n      - ./:/app            # hides the entrypoint that the image carries\n    \
         depends_on:\n      - db                 # order only, not readiness\n",
    ),
];

/// The same concerns as the standard wants them.
const GOOD: [(&str, &str); 2] = [
    (
        "Dockerfile",
        "FROM python:3.13-slim\nCOPY docker/web/entrypoint.sh /app/entrypoint.sh\nRUN chmod +x /app/entrypoint.sh\n\
         USER app\nENTRYPOINT [\"/app/entrypoint.sh\"]\nCMD [\"gunicorn\", \"config.wsgi:application\", \"--bind\", \
         \"0.0.0.0:8000\", \"--workers\", \"3\", \"--timeout\", \"120\"]\n",
    ),
    (
        "compose.yaml",
        "services:\n  db:\n    image: postgres:17.2\n    healthcheck:\n      test: [\"CMD-SHELL\", \"pg_isready -U app\"]\n    \
         volumes: [postgres_data:/var/lib/postgresql/data]\n  web:\n    depends_on:\n      db:\n        \
         condition: service_healthy\n    environment:\n      MIGRATE_ON_START: \"true\"\n  worker:\n    \
         command: celery -A config worker -l info\n    environment:\n      MIGRATE_ON_START: \"false\"\nvolumes:\n  \
         postgres_data:\n",
    ),
];

/// Path, line and rule of what a check finds.
fn found(files: [(&str, &str); 2]) -> BTreeSet<(String, u64, String)> {
    let run = Repository::new(files).run(["check", "--format", "json", "--exit-zero"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let diagnostics = run.json()["diagnostics"].as_array().unwrap().clone();
    diagnostics.iter().map(|it| (text(&it["path"]), it["line"].as_u64().unwrap(), text(&it["rule"]))).collect()
}

#[test]
fn what_the_standard_forbids_and_what_it_wants_are_told_apart() {
    let (bad, good) = (found(BAD), found(GOOD));
    let lines = [("Dockerfile", &[1, 2, 3, 4][..]), ("compose.yaml", &[4, 6])];
    for (path, line) in lines.iter().flat_map(|(path, lines)| lines.iter().map(move |line| (*path, *line))) {
        let concerns: Vec<_> = bad.iter().filter(|(at, on, _)| at == path && *on == line).collect();
        assert!(!concerns.is_empty(), "{path}:{line} is not reported: {bad:?}");
        for (.., rule) in concerns {
            assert!(good.iter().all(|(.., other)| other != rule), "{rule}: {good:?}");
        }
    }
}
