//! Every format over one set of findings, against the files in `testdata/formats`; `UPDATE=1` rewrites those.

use serde_json::Value;
use shipworthy::findings::{Edit, Finding, Fix, Label, Safety, Severity};
use shipworthy::project::environment::Environment;
use shipworthy::report::{self, Format, Report, Sources, Style, Summary};
use shipworthy::rules::{FixKind, Page, SeverityTable};
use shipworthy::source::{Place, RepoPath, Source, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const TOKEN: &str = "tok_live_9f8a7b6c5d4e3f2a1b0c";
const PASSWORD: &str = "correct-horse-battery";

/// Files in memory.
#[derive(Default)]
struct Files {
    sources: BTreeMap<RepoPath, Arc<Source>>,
    secrets: BTreeMap<RepoPath, Vec<Span>>,
}

impl Sources for Files {
    fn source(&self, path: &RepoPath) -> Option<Arc<Source>> {
        self.sources.get(path).cloned()
    }

    fn secrets(&self, path: &RepoPath) -> Vec<Span> {
        self.secrets.get(path).cloned().unwrap_or_default()
    }
}

impl Files {
    fn add(&mut self, path: &str, text: &str) {
        let path = RepoPath::new(path).unwrap();
        self.sources.insert(path.clone(), Arc::new(Source::new(path, text)));
    }

    /// The first occurrence of `text` in the file.
    fn place(&self, path: &str, text: &str) -> Place {
        let path = RepoPath::new(path).unwrap();
        let at = self.sources[&path].text.find(text).unwrap_or_else(|| panic!("{text:?} is not in {path}"));
        Place::new(path, Span::new(at, at + text.len()))
    }
}

fn finding(rule: &str, severity: Severity, place: Place, message: &str) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        place,
        message: message.into(),
        help: None,
        environments: BTreeSet::new(),
        related: Vec::new(),
        fix: None,
        anchor: String::new(),
        evidence: String::new(),
        across_files: false,
    }
}

static PRIVILEGED: Page = Page {
    id: "compose/privileged-service",
    aliases: &[],
    summary: "A service runs with all privileges of the host.",
    markdown: "# privileged-service\nA service runs with all privileges of the host.\n\nWhoever breaks in owns the host.\n\n## Bad\n### a service asks for all privileges\n```yaml file=compose.yaml\nservices:\n  web:\n    # error\n    privileged: true\n```\n",
    explanation: "Whoever breaks in owns the host.",
    severity: SeverityTable::ByEnvironment(&[("production", Severity::Error), ("development", Severity::Note)]),
    default: true,
    absence: false,
    controls: &["CMP-3"],
    cwe: &[250],
    equivalents: &["kics:privileged_containers_enabled"],
    fix: FixKind::Unsafe,
    references: &[],
    cases: &[],
};

static EXPOSED_DEBUG: Page = Page {
    id: "settings/debug-enabled",
    aliases: &[],
    summary: "`DEBUG` is on where users are.",
    markdown: "# debug-enabled\n`DEBUG` is on where users are.\n",
    explanation: "`DEBUG` is on where users are.\n\nEach error shows settings and code to whoever causes it.",
    severity: SeverityTable::Everywhere(Severity::Error),
    default: true,
    absence: false,
    controls: &[],
    cwe: &[],
    equivalents: &[],
    fix: FixKind::None,
    references: &[],
    cases: &[],
};

fn page(id: &str) -> Option<&'static Page> {
    [&PRIVILEGED, &EXPOSED_DEBUG].into_iter().find(|page| page.id == id)
}

/// A repository with a bit of everything that makes rendering hard, and findings in it, sorted as the pipeline does.
fn example() -> (Files, Vec<Finding>) {
    let mut files = Files::default();
    files.add(
        "compose.prod.yml",
        "services:\n  web:\n    image: app:1.4.2\n    env_file: .env.prod\n    privileged: true\n\n  db:\n    image: postgres:17\n",
    );
    files.add(
        ".env.prod",
        &format!("# 🚢 Produktion 日本\nDB_PASSWORD={PASSWORD}\nDEBUG=on # 🎉🎉 ja\nTOKEN={TOKEN}\n"),
    );
    files
        .add("settings/base.py", "import environ\n\nenv = environ.Env()\nDEBUG = env.bool(\"DEBUG\", default=False)\n");
    files.add(
        "run.sh",
        "#!/bin/sh\r\n# \x1b[31mred\x1b]0;owned\x07 \u{9b}2J \u{202e}txt\r\n\tcurl 日本 | sh\r\nexit\r\n",
    );
    files.add("min.json", &format!("{{\"a\":[{}],\"debug\":true,\"b\":[{}]}}", "1,".repeat(3000), "2,".repeat(3000)));
    files.add("docker/entry point#1.sh", "#!/bin/sh\nexec \"$@\"\n");
    let password = files.place(".env.prod", PASSWORD);
    files.secrets.insert(password.path, vec![password.span]);

    let mut debug = finding(
        "settings/debug-enabled",
        Severity::Error,
        files.place(".env.prod", "on #"),
        "`DEBUG` is on, set to `on`",
    );
    debug.place.span.end -= 2;
    debug.environments.extend([Environment::Production, Environment::Staging]);
    debug
        .related(files.place("compose.prod.yml", ".env.prod"), "service [web] loads this file")
        .related(files.place("settings/base.py", "env.bool(\"DEBUG\", default=False)"), "the setting reads it")
        .help("set `DEBUG=off` in .env.prod, or leave it out, for the fallback is `False`; a developer's machine has its own file")
        .anchor("setting DEBUG");

    let mut token = finding(
        "secret/payment-token",
        Severity::Error,
        files.place(".env.prod", TOKEN),
        "a live payment token is in the repository",
    );
    token.help("revoke it, then:\n\n1. remove it from the file\n2. rewrite the history").anchor("TOKEN");

    let mut privileged = finding(
        "compose/privileged-service",
        Severity::Error,
        files.place("compose.prod.yml", "privileged: true"),
        "service `web` runs privileged",
    );
    privileged.environments.insert(Environment::Production);
    let line = files.place("compose.prod.yml", "    privileged: true\n");
    privileged.help("drop `privileged`; grant single capabilities with `cap_add`").anchor("service web").fix(Fix {
        title: "Remove `privileged`".into(),
        safety: Safety::Unsafe,
        edits: vec![
            Edit { place: line, text: String::new() },
            Edit {
                place: files.place("compose.prod.yml", "    image: app"),
                text: "    cap_add: [NET_ADMIN]\n    image: app".into(),
            },
        ],
    });

    let not_executable = finding(
        "script/not-executable",
        Severity::Warning,
        Place::start_of(RepoPath::new("docker/entry point#1.sh").unwrap()),
        "the entrypoint is not executable",
    );

    let mut gone = finding(
        "file/unreadable",
        Severity::Warning,
        Place::new(RepoPath::new("gone.yml").unwrap(), Span::new(3, 7)),
        "cannot be read: permission denied",
    );
    gone.related(files.place("compose.prod.yml", "db"), "is extended by this")
        .related(Place::start_of(RepoPath::root()), "of this repository");

    let mut long = finding("settings/debug-enabled", Severity::Note, files.place("min.json", "true"), "`debug` is on");
    long.related(files.place("min.json", "{"), "in this object");

    let mut hostile = finding(
        "script/piped-download",
        Severity::Warning,
        files.place("run.sh", "日本 | sh"),
        "`\x1b[2J` is run\r\nwithout a look",
    );
    hostile
        .related(files.place("run.sh", "\x1b[31mred"), "after \x1b[1m this")
        .related(files.place("run.sh", "curl 日本 | sh"), "the whole command");

    let mut findings = vec![debug, token, privileged, not_executable, gone, long, hostile];
    findings.sort_by(|a, b| (&a.place, &a.rule).cmp(&(&b.place, &b.rule)));
    (files, findings)
}

fn render_with(files: &Files, findings: &[Finding], format: Format, style: Style) -> String {
    let summary = Summary { suppressed: 1, baselined: 2, ..Summary::of(findings) };
    let report =
        Report { findings, sources: files, pages: &page, files_checked: 12, summary, statistics: false, failures: &[] };
    let mut out = Vec::new();
    report::write(format, &report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn render(format: Format, style: Style) -> String {
    let (files, findings) = example();
    render_with(&files, &findings, format, style)
}

/// Compares with a file of `testdata/formats`, or writes it.
fn expect(name: &str, actual: &str) {
    let path = format!("{}/testdata/formats/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(expected == actual, "{name} differs; UPDATE=1 rewrites it. Now:\n{actual}");
}

#[test]
fn full_is_as_it_was() {
    expect("full.txt", &render(Format::Full, Style { width: Some(100), ..Style::PLAIN }));
}

#[test]
fn full_in_ascii_is_as_it_was() {
    expect("full-ascii.txt", &render(Format::Full, Style { unicode: false, width: Some(60), ..Style::PLAIN }));
}

#[test]
fn concise_is_as_it_was() {
    expect("concise.txt", &render(Format::Concise, Style::PLAIN));
}

#[test]
fn json_is_as_it_was() {
    expect("report.json", &render(Format::Json, Style::PLAIN));
}

#[test]
fn sarif_is_as_it_was() {
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let text = render(Format::Sarif, Style::PLAIN).replace(&version, "\"0.0.0\"");
    expect("report.sarif", &text.replace(&format!("shipworthy {}", env!("CARGO_PKG_VERSION")), "shipworthy 0.0.0"));
}

#[test]
fn github_is_as_it_was() {
    expect("github.txt", &render(Format::Github, Style::PLAIN));
}

#[test]
fn no_control_character_of_a_linted_file_comes_out() {
    for format in Format::ALL {
        let plain = render(format, Style::PLAIN);
        let raw = plain.chars().find(|&c| c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}')));
        assert_eq!(raw, None, "in {format}");
        let coloured = render(format, Style { color: true, links: true, width: Some(80), unicode: true });
        for sequence in ["\x1b]0;", "\x1b[2J", "\x1b[31mred", "\u{9b}", "\u{202e}", "\x07"] {
            assert!(!coloured.contains(sequence), "{sequence:?} in {format}");
        }
        let colours = matches!(format, Format::Full | Format::Concise);
        assert_eq!(coloured.contains('\x1b'), colours, "{format}");
    }
}

#[test]
fn no_secret_is_quoted() {
    for format in Format::ALL {
        let text = render(format, Style::PLAIN);
        assert!(!text.contains(TOKEN) && !text.contains(PASSWORD), "in {format}");
    }
}

#[test]
fn concise_is_one_line_a_finding() {
    let (_, findings) = example();
    assert_eq!(render(Format::Concise, Style::PLAIN).lines().count(), findings.len());
}

#[test]
fn a_clean_run_says_so() {
    let files = Files::default();
    let full = render_with(&files, &[], Format::Full, Style::PLAIN);
    assert_eq!(full, "no findings in 12 files (1 suppressed, 2 in the baseline)\n");
    assert_eq!(render_with(&files, &[], Format::Concise, Style::PLAIN), "");
    assert_eq!(render_with(&files, &[], Format::Github, Style::PLAIN), "");
    let sarif: Value = serde_json::from_str(&render_with(&files, &[], Format::Sarif, Style::PLAIN)).unwrap();
    assert_eq!(sarif["runs"][0]["results"], Value::Array(Vec::new()));
    valid_sarif(&sarif);
}

#[test]
fn statistics_count_by_rule_the_most_first() {
    let (files, findings) = example();
    let report = Report {
        findings: &findings,
        sources: &files,
        pages: &page,
        files_checked: 12,
        summary: Summary::of(&findings),
        statistics: true,
        failures: &[],
    };
    let mut out = Vec::new();
    report::write(Format::Concise, &report, Style::PLAIN, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let statistics = text.split_once("\n\n").unwrap().1;
    assert!(
        statistics.starts_with("     2  error    settings/debug-enabled\n     1  error    compose/"),
        "{statistics}"
    );
}

#[test]
fn the_keys_of_json_are_the_contract() {
    let text = render(Format::Json, Style::PLAIN);
    let keys: Vec<&str> =
        text.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":").map(|(key, _)| key)).collect();
    let diagnostic =
        ["rule", "severity", "path", "line", "column", "end_line", "end_column", "message", "help", "environments"];
    assert_eq!(keys[..13], [&["version", "files_checked", "diagnostics"][..], &diagnostic].concat());
    let document: Value = serde_json::from_str(&text).unwrap();
    let debug = &document["diagnostics"][0];
    // After two emoji in the file, none of them on this line before the place.
    assert_eq!(
        (debug["line"].as_u64(), debug["column"].as_u64(), debug["end_column"].as_u64()),
        (Some(3), Some(7), Some(9))
    );
    assert_eq!(document["summary"]["baselined"], 2);
    let fix = document["diagnostics"].as_array().unwrap().iter().find_map(|it| it["fix"].as_object()).unwrap();
    assert_eq!(fix["safety"], "unsafe");
    assert_eq!(fix["edits"][0]["end_line"], 6);
}

#[test]
fn columns_are_characters_and_in_sarif_utf16_units() {
    let mut files = Files::default();
    files.add(".env", "\u{feff}A=1\nB=🎉🎉x\n");
    let found = [finding("env/x", Severity::Note, files.place(".env", "x"), "an x")];
    let json: Value = serde_json::from_str(&render_with(&files, &found, Format::Json, Style::PLAIN)).unwrap();
    assert_eq!(json["diagnostics"][0]["column"], 5);
    let sarif: Value = serde_json::from_str(&render_with(&files, &found, Format::Sarif, Style::PLAIN)).unwrap();
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startColumn"].as_u64(), region["endColumn"].as_u64()), (Some(7), Some(8)));
}

#[test]
fn annotations_come_worst_first_and_their_cap_is_told() {
    let mut files = Files::default();
    files.add("a", "x\n");
    let mut found: Vec<Finding> = (0..11)
        .map(|_| finding("file/a", Severity::Note, files.place("a", "x"), "100% of a,b:c"))
        .chain([finding("file/b", Severity::Error, files.place("a", "x"), "worst")])
        .collect();
    found[0].help("one\ntwo");
    let text = render_with(&files, &found, Format::Github, Style::PLAIN);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("::notice title=shipworthy::1 error, 11 notes in 12 files"), "{}", lines[0]);
    assert_eq!(lines[1], "::error file=a,line=1,endLine=1,col=1,endColumn=2,title=file/b::worst");
    assert!(lines[2].ends_with("::100%25 of a,b:c%0Ahelp: one%0Atwo"), "{}", lines[2]);
    assert_eq!(lines.len(), 13);
}

#[test]
fn any_place_can_be_shown() {
    let mut files = Files::default();
    let text = "\u{feff}é\r\n\n\ta🎉\rb\u{301}\x1b\u{200d}\n";
    files.add("x", text);
    let path = RepoPath::new("x").unwrap();
    for start in 0..text.len() + 2 {
        for end in start..text.len() + 2 {
            let mut one = finding("file/x", Severity::Note, Place::new(path.clone(), Span::new(start, end)), "m");
            for at in [0, 3, 8, end] {
                one.related.push(Label { place: Place::new(path.clone(), Span::new(at, at + 2)), message: "r".into() });
            }
            for format in Format::ALL {
                let shown = render_with(&files, &[one.clone()], format, Style { width: Some(1), ..Style::PLAIN });
                assert!(!shown.contains("Failed to read"), "{shown}");
            }
        }
    }
}

#[test]
fn a_file_that_is_one_long_line_is_shown_in_part() {
    let mut files = Files::default();
    let text = format!("{}\"secret\"{}", "日,".repeat(1_000_000), "\u{301}".repeat(2_000_000));
    files.add("big.json", &text);
    let place = files.place("big.json", "\"secret\"");
    let found: Vec<Finding> = (0..2000)
        .map(|at| {
            let span = Span::new(place.span.start as usize + 2 * at, place.span.start as usize + 2 * at + 8);
            finding("file/x", Severity::Note, Place::new(place.path.clone(), span), "m")
        })
        .collect();
    for format in Format::ALL {
        let shown = render_with(&files, &found, format, Style { width: Some(80), ..Style::PLAIN });
        assert!(shown.len() < 2000 * 1500, "{format}: {}", shown.len());
    }
    let one = render_with(&files, &found[..1], Format::Full, Style { width: Some(80), ..Style::PLAIN });
    assert!(one.contains("[big.json:1:2000001]") && one.contains(",\"secret\""), "{one}");
}

#[test]
fn nothing_drawn_is_wider_than_a_narrow_terminal() {
    let (files, mut findings) = example();
    for finding in &mut findings {
        finding.related.clear();
    }
    let shown = render_with(&files, &findings, Format::Full, Style { width: Some(50), ..Style::PLAIN });
    let source_or_prose = shown.lines().filter(|line| line.contains('│') || line.starts_with("  "));
    for line in source_or_prose {
        assert!(line.chars().count() <= 50, "{line}");
    }
}

#[test]
fn sarif_is_valid() {
    valid_sarif(&serde_json::from_str(&render(Format::Sarif, Style::PLAIN)).unwrap());
}

#[test]
fn sarif_of_a_failed_run_is_valid_and_says_so() {
    let (files, findings) = example();
    let failures = ["compose.yml: permission denied".to_string()];
    let report = Report {
        findings: &findings,
        sources: &files,
        pages: &page,
        files_checked: 1,
        summary: Summary::of(&findings),
        statistics: false,
        failures: &failures,
    };
    let mut out = Vec::new();
    report::write(Format::Sarif, &report, Style::PLAIN, &mut out).unwrap();
    let log: Value = serde_json::from_slice(&out).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolExecutionNotifications"][0]["message"]["text"], failures[0]);
    valid_sarif(&log);
}

/// Holds a log against the OASIS schema, and against what GitHub code scanning wants beyond it.
fn valid_sarif(log: &Value) {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/formats/sarif-schema-2.1.0.json"));
    let mut schema: Value = serde_json::from_str(&text.unwrap()).unwrap();
    // A stray bracket makes these two no regular expressions.
    for definition in ["run", "toolComponent"] {
        schema["definitions"][definition]["properties"]["language"]["pattern"] = "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$".into();
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());

    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let tags = rule["properties"]["tags"].as_array().unwrap();
        assert!(tags.len() <= 10);
        let security = tags.contains(&"security".into());
        assert_eq!(rule["properties"].get("security-severity").is_some(), security);
    }
    for result in run["results"].as_array().unwrap() {
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        let text = result["message"]["text"].as_str().unwrap();
        for location in result["relatedLocations"].as_array().into_iter().flatten() {
            assert!(text.contains(&format!("]({})", location["id"])), "{text}");
        }
        for location in result["locations"].as_array().unwrap() {
            let region = &location["physicalLocation"]["region"];
            for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(region[key].as_u64().unwrap() >= 1, "{key}");
            }
        }
    }
}
