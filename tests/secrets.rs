//! No secret is ever printed, and one cause makes one finding, in whole repositories and by the real binary.

#[path = "support/asked.rs"]
mod asked;
mod support;

use asked::Asked;
use shipworthy::config::Config;
use shipworthy::rules::CliChoice;
use shipworthy::source::RepoPath;
use shipworthy::tree::{MemoryFile, MemoryTree, Snapshot};
use std::sync::Arc;
use support::Repository;

/// Made-up secrets, put together here so that no file holds one in one piece.
fn secrets() -> Vec<(&'static str, String)> {
    let random = "Zk4tw1q9xB2n8vLmPqR7sYd3HcJf5GaUe6TiNoWb";
    vec![
        ("STRIPE", ["sk_li", "ve_", &random[..32]].concat()),
        ("SLACK", ["xo", "xb-", "246813579246-5793164820573-", &random[..24]].concat()),
        ("SENDGRID", ["S", "G.", &random[..22], ".", random, &random[..3]].concat()),
        ("AWS", ["AK", "IA", "Q7ZMX2LDV5NRWTYB"].concat()),
        ("EMAIL_HOST_PASSWORD", "Gr1nsen-Wolk3n-F7ad".to_owned()),
        ("KEY", ["MIIEvQ", &random.repeat(6)].concat()),
    ]
}

fn secret(name: &str) -> String {
    secrets().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// A project that has its secrets wherever one can put them.
fn careless() -> Repository {
    let (stripe, slack, sendgrid) = (secret("STRIPE"), secret("SLACK"), secret("SENDGRID"));
    let (aws, password, key) = (secret("AWS"), secret("EMAIL_HOST_PASSWORD"), secret("KEY"));
    let settings = format!(
        "DEBUG = True\nEMAIL_HOST_PASSWORD = '{password}'\nANYMAIL = {{'X': '{sendgrid}'}}\nALLOWED_HOSTS = ['*', '{aws}']\n"
    );
    let compose = format!(
        "services:\n  web:\n    build: .\n    privileged: true\n    image: app:latest\n    command: python manage.py runserver {stripe}\n    \
         env_file: .env\n    environment:\n      DJANGO_SETTINGS_MODULE: school.settings\n      PLAIN: {slack}\n      \
         DATABASE_URL: postgres://school:{password}@db/school\n"
    );
    Repository::new([
        ("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'school.settings')\n".to_owned()),
        ("school/settings.py", settings),
        ("compose.prod.yml", compose),
        (
            "Dockerfile",
            format!(
                "FROM python:latest\nENV A={stripe} B={slack}\nRUN curl -u x:{sendgrid} https://a.b/{aws}\nCOPY . .\n"
            ),
        ),
        (
            ".env",
            format!(
                "STRIPE={stripe}\nSMTP_PASSWORD={password}\nK=\"-----BEGIN PRIVATE KEY-----\\n{key}\\n-----END PRIVATE KEY-----\"\n"
            ),
        ),
        (
            "scripts/deploy.sh",
            format!("#!/bin/sh\ndocker compose -f compose.prod.yml down -v --x {stripe}\ndocker volume rm {slack}\n"),
        ),
        ("deploy/key.pem", format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n")),
        ("notes.txt", format!("a {stripe} and {slack}\n")),
    ])
}

#[test]
fn no_format_prints_a_secret() {
    let repository = careless();
    let runs: &[&[&str]] = &[
        &["check", "--format", "full"],
        &["check", "--format", "concise"],
        &["check", "--format", "json"],
        &["check", "--format", "sarif"],
        &["check", "--format", "github"],
        &["check", "--select", "all", "--format", "full"],
        &["check", "--select", "all", "--format", "json"],
        &["check", "--select", "all", "--format", "sarif"],
        &["inspect"],
    ];
    for arguments in runs {
        let run = repository.run(*arguments);
        assert!(run.stdout.len() > 100, "{arguments:?} says nothing: {}", run.stderr);
        for (name, secret) in secrets() {
            // Half of one would be too much as well.
            for part in [&secret[secret.len() / 2..], &secret[..secret.len() / 2 + 4]] {
                let at = run.stdout.find(part).or_else(|| run.stderr.find(part));
                assert!(
                    at.is_none(),
                    "{arguments:?} prints {name}: {:.200}",
                    &run.stdout[at.unwrap().saturating_sub(100)..]
                );
            }
        }
    }
}

fn found(repository: &Repository) -> Vec<(String, String, String, usize)> {
    let json = repository.run(["check", "--select", "secret", "--format", "json"]).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<_> = json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let related = it["related"].as_array().map_or(0, Vec::len);
            (text(&it["rule"]), text(&it["path"]), text(&it["severity"]), related)
        })
        .collect();
    found.sort();
    found
}

fn names(found: &[(String, String, String, usize)]) -> Vec<(&str, &str, &str, usize)> {
    found.iter().map(|(rule, path, severity, related)| (&**rule, &**path, &**severity, *related)).collect()
}

#[test]
fn one_secret_in_many_files_is_one_finding() {
    let stripe = secret("STRIPE");
    let repository = Repository::new([
        ("b.py", format!("KEY = '{stripe}'\n")),
        ("c.txt", format!("{stripe}\n{stripe}\n")),
        ("tests/test_a.py", format!("KEY = '{stripe}'\n")),
    ]);
    assert_eq!(names(&found(&repository)), [("secret/stripe-live-key", "b.py", "error", 3)]);
}

#[test]
fn the_role_of_a_file_decides() {
    let stripe = secret("STRIPE");
    let (line, password) = (format!("KEY={stripe}\n"), "SMTP_PASSWORD=Gr1nsen-Wolk3n-F7ad\n");
    for (path, expected) in [
        ("deploy/web.env", "error"),
        (".env.example", "warning"),
        ("tests/data.env", ""),
        ("tests/conftest.py", "note"),
        ("docs/install.md", ""),
        ("README.md", ""),
    ] {
        let repository = Repository::new([(path, line.as_str())]);
        let found = found(&repository);
        let severity = found.first().map_or("", |(_, _, severity, _)| severity);
        assert_eq!((severity, found.len()), (expected, usize::from(!expected.is_empty())), "{path}");
    }
    for (path, count) in [("deploy/mail.env", 1), (".env.example", 0), (".env.local", 0), ("tests/mail.env", 0)] {
        assert_eq!(found(&Repository::new([(path, password)])).len(), count, "{path}");
    }
}

/// The rules that speak of secrets, of a whole check of files that git tracks.
fn rules_on(files: &[(&str, String)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| MemoryFile::new(RepoPath::new(path).unwrap(), text.as_str()));
    let snapshot = Arc::new(Snapshot::new(MemoryTree::new(files)));
    let asked = Asked::new(Config::default(), &CliChoice::default());
    let findings = shipworthy::check(&snapshot, &asked.options(false)).findings;
    let rules = findings.into_iter().map(|finding| finding.rule.to_string());
    rules.filter(|rule| rule.starts_with("secret/") || rule.starts_with("env/")).collect()
}

#[test]
fn one_cause_makes_one_finding() {
    let stripe = secret("STRIPE");
    let compose = "services:\n  web:\n    image: registry.example.org/school/web:2.7.1\n    env_file: deploy/web.env\n";
    let production = |text: String| [("compose.prod.yml", compose.to_owned()), ("deploy/web.env", text)];
    // The whole file is the trouble.
    let plain = "SMTP_PASSWORD=Gr1nsen-Wolk3n-F7ad\nDATABASE_URL=postgres://school:Gr1nsen-Wolk3n-F7ad@db/school\n";
    assert_eq!(rules_on(&production(plain.to_owned())), ["env/committed-production-file"]);
    // A token has to be revoked besides.
    let token = production(format!("STRIPE_SECRET={stripe}\n"));
    assert_eq!(rules_on(&token), ["env/committed-production-file", "secret/stripe-live-key"]);
    // A name beside a token says nothing new, and neither does the address that it stands in.
    let settings = format!("API_SECRET = '{stripe}'\nURL = 'https://x:{stripe}@school.internal/'\n");
    assert_eq!(rules_on(&[("school/client.py", settings)]), ["secret/stripe-live-key"]);
    // Both halves of a key are one key.
    let aws = format!(
        "AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY=Zk4tw1q9xB2n8vLmPqR7sYd3HcJf5GaUe6TiNoWb\n",
        secret("AWS")
    );
    assert_eq!(rules_on(&[("deploy/web.env", aws)]), ["secret/aws-secret-key"]);
    // What a Dockerfile sets is told by the rules of Dockerfiles, if at all.
    let dockerfile = "FROM python:3.13-slim\nENV DATABASE_URL=postgres://school:Gr1nsen-Wolk3n-F7ad@db/school\n";
    assert!(rules_on(&[("Dockerfile", dockerfile.to_owned())]).iter().all(|rule| !rule.starts_with("secret/")));
}

#[test]
fn what_git_ignores_is_nobodys_leak() {
    let repository =
        Repository::new([(".gitignore", ".env\n".to_owned()), (".env", format!("KEY={}\n", secret("STRIPE")))]);
    assert_eq!(found(&repository), []);
}

#[test]
fn a_comment_accepts_a_secret_in_any_file() {
    let stripe = secret("STRIPE");
    let accepted = format!("KEY = '{stripe}'  # shipworthy: ignore[secret/stripe-live-key] revoked in May\n");
    for path in ["school/client.py", "notes.txt", "tests/test_client.py"] {
        let repository = Repository::new([(path, accepted.as_str())]);
        assert_eq!(found(&repository), [], "{path}");
    }
}
