//! The command line as scripts depend on it: exit codes, choices, formats, and the same bytes whatever the machine.

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::Repository;
use walkdir::WalkDir;

/// An error (a database without a version in production), a warning and, as it only may be production, a note.
const THREE: &[(&str, &str)] = &[
    (
        "compose.prod.yaml",
        "services:\n  db:\n    image: postgres\n    restart: always\n    healthcheck: {test: pg_isready}\n  cache:\n    image: redis:latest\n    restart: always\n    environment:\n      DJANGO_SETTINGS_MODULE: x\n",
    ),
    ("Dockerfile", "FROM python:latest\nUSER 1000\n"),
];

/// What [`THREE`] gets: severity, rule and path, sorted by path.
const FOUND: [(&str, &str, &str); 3] = [
    ("warning", "dockerfile/image-latest", "Dockerfile"),
    ("error", "compose/database-image-unpinned", "compose.prod.yaml"),
    ("warning", "compose/image-latest", "compose.prod.yaml"),
];

/// A copy of the test project `name`.
fn project(name: &str) -> Repository {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/projects").join(name);
    let files = WalkDir::new(&folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let repository = Repository::new::<&str, &str>([]);
    for entry in files.filter(|entry| entry.file_name() != "expected.txt") {
        let path = entry.path().strip_prefix(&folder).unwrap().to_str().unwrap();
        repository.write(path, "");
        // With its mode.
        fs::copy(entry.path(), repository.path(path)).unwrap();
    }
    repository
}

/// [`THREE`], and of all rules those of [`FOUND`], so that a new rule changes nothing here.
fn three() -> Repository {
    let repository = Repository::new(THREE.iter().copied());
    repository.write("shipworthy.toml", format!("select = {:?}\n", FOUND.map(|(_, rule, _)| rule)));
    repository
}

/// The findings of a check in JSON, as in [`FOUND`].
fn found(repository: &Repository, arguments: &[&str]) -> Vec<(String, String, String)> {
    let run = repository.run(["check", "--format", "json"].iter().chain(arguments));
    assert!(run.code < 2, "{}", run.stderr);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let diagnostics = run.json()["diagnostics"].as_array().unwrap().clone();
    diagnostics.iter().map(|it| (text(&it["severity"]), text(&it["rule"]), text(&it["path"]))).collect()
}

/// The rules of [`FOUND`] that report; others come and go.
fn rules(repository: &Repository, arguments: &[&str]) -> Vec<String> {
    let ours = |rule: &String| FOUND.iter().any(|(_, known, _)| known == rule);
    found(repository, arguments).into_iter().map(|(_, rule, _)| rule).filter(ours).collect()
}

fn git(repository: &Repository, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(repository.root()).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

mod exit_codes {
    use super::*;

    #[test]
    fn tell_whether_something_is_at_or_above_the_severity_that_fails() {
        let repository = three();
        let expected = FOUND.map(|(severity, rule, path)| (severity.into(), rule.into(), path.into()));
        assert_eq!(found(&repository, &[]), expected);
        for (arguments, code) in [
            (&[][..], 1),
            (&["--exit-zero"], 0),
            (&["--fail-on", "never"], 0),
            (&["--fail-on", "error"], 1),
            (&["--fail-on", "note"], 1),
            (&["--ignore", "compose/database-image-unpinned"], 1),
            (&["--ignore", "compose/database-image-unpinned", "--fail-on", "error"], 0),
            (&["--ignore", "all"], 0),
            (&["--select", "settings"], 0),
        ] {
            for format in ["full", "concise", "json", "sarif", "github"] {
                let run = repository.run(["check", "--format", format].iter().chain(arguments));
                assert_eq!(run.code, code, "{arguments:?} in {format}");
                assert_eq!(run.stderr, "", "{arguments:?} in {format}");
            }
        }
    }

    #[test]
    fn heed_the_configuration_unless_the_command_line_says_otherwise() {
        let repository = three();
        let select = FOUND.map(|(_, rule, _)| rule);
        repository
            .write("shipworthy.toml", format!("fail-on = 'never'\nmin-severity = 'error'\nselect = {select:?}\n"));
        let code = |arguments: &[&str]| repository.run(["check"].iter().chain(arguments)).code;
        assert_eq!((code(&[]), code(&["--fail-on", "error"]), code(&["--isolated"])), (0, 1, 1));
        assert_eq!(found(&repository, &[]).len(), 1);
        assert_eq!(found(&repository, &["--min-severity", "warning"]).len(), 3);
        repository.write("other.toml", "ignore = ['compose']\n");
        assert_eq!(rules(&repository, &["--config", "other.toml"]), ["dockerfile/image-latest"]);
    }

    #[test]
    fn are_two_for_wrong_usage_and_nought_for_help() {
        let repository = three();
        for arguments in
            [&[][..], &["chek"], &["check", "--nope"], &["check", "--jobs", "0"], &["explain"], &["rules", "x"]]
        {
            let run = repository.run(arguments);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
            assert!(!run.stderr.is_empty());
        }
        for arguments in [&["--help"][..], &["--version"], &["check", "--help"], &["help", "check"], &["rules"]] {
            let run = repository.run(arguments);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
            assert!(!run.stdout.is_empty());
        }
    }
}

mod choices {
    use super::*;

    #[test]
    fn the_least_severity_hides_what_is_below() {
        let repository = three();
        assert_eq!(rules(&repository, &["--min-severity", "error"]), ["compose/database-image-unpinned"]);
        let run = repository.run(["check", "--min-severity", "error", "--format", "json"]);
        assert_eq!(run.json()["summary"]["warning"], 0);
        let run = repository.run(["check", "--min-severity", "error", "--ignore", "compose/database-image-unpinned"]);
        assert_eq!(run.code, 0, "what is not shown does not fail");
    }

    #[test]
    fn rules_are_chosen_by_id_family_and_the_ids_of_others() {
        let repository = three();
        for (arguments, expected) in [
            (
                &[
                    "--select",
                    "dockerfile",
                    "--ignore",
                    "dockerfile/healthcheck-missing,dockerfile/image-digest-unpinned",
                ][..],
                &["dockerfile/image-latest"][..],
            ),
            (&["--select", "hadolint:DL3007"], &["dockerfile/image-latest"]),
            (&["--select", "HADOLINT:dl3007"], &["dockerfile/image-latest"]),
            (&["--select", "settings", "--extend-select", "hadolint:DL3007"], &["dockerfile/image-latest"]),
            (&["--select", "settings,compose/image-latest"], &["compose/image-latest"]),
            (&["--select", "settings", "--select", "compose/image-latest"], &["compose/image-latest"]),
            (&["--ignore", "compose"], &["dockerfile/image-latest"]),
            (&["--ignore", "hadolint:DL3007, compose/image-latest"], &["compose/database-image-unpinned"]),
            (&["--select", "all", "--ignore", "all"], &[]),
        ] {
            assert_eq!(rules(&repository, arguments), expected, "{arguments:?}");
        }
        let all = rules(&repository, &["--select", "all"]);
        assert!(all.len() >= FOUND.len());
    }

    #[test]
    fn an_environment_narrows_what_is_reported() {
        let repository = project("school");
        let of = |name: &str| found(&repository, &["--env", name]);
        let (production, staging, testing) = (of("production"), of("staging"), of("testing"));
        assert!(production.iter().any(|(_, _, path)| path == "compose.prod.yaml"));
        assert!(!staging.is_empty() && staging.iter().all(|(_, _, path)| path != "compose.prod.yaml"), "{staging:?}");
        assert!(!testing.iter().any(|(severity, ..)| severity == "error"), "{testing:?}");
        let run = repository.run(["check", "--env", "staging", "--format", "json"]);
        for diagnostic in run.json()["diagnostics"].as_array().unwrap() {
            let environments = diagnostic["environments"].as_array().unwrap();
            assert!(environments.is_empty() || environments == &["staging"], "{diagnostic}");
        }
    }

    #[test]
    fn paths_choose_what_is_reported_and_not_what_is_modelled() {
        let repository = project("school");
        git(&repository, &["init", "-q"]);
        git(&repository, &["add", "."]);
        let all = found(&repository, &[]);
        let under = |folder: &str| {
            let below: Vec<_> = all.iter().filter(|(_, _, path)| path.starts_with(folder)).cloned().collect();
            assert!(!below.is_empty(), "{folder}");
            below
        };
        // What is found there rests on other files: the settings, the compose file that loads it.
        assert_eq!(found(&repository, &[".env.prod"]), under(".env.prod"));
        let below = under("docker/");
        assert_eq!(found(&repository, &["docker"]), below);
        assert_eq!(found(&repository, &["docker", "docker/web/Dockerfile"]), below);
        assert_eq!(found(&repository, &["docker", "."]), all);
        // The same from within.
        let mut inside = repository.command(["check", "--format", "json", "."]);
        let run = support::finish(inside.current_dir(repository.path("docker")));
        assert_eq!(run.json()["diagnostics"].as_array().unwrap().len(), below.len());
    }
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let repository = three();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = repository.run(["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        assert!(run.stdout.contains("shipworthy") && run.stdout.contains("fail-on"), "{shell}");
    }
    for (arguments, title) in [(&["man"][..], ".TH shipworthy 1"), (&["man", "check"], ".TH shipworthy-check 1")] {
        let run = repository.run(arguments);
        assert!(run.code == 0 && run.stdout.contains(title), "{arguments:?}: {}", run.stdout);
    }
    assert_eq!((repository.run(["man", "chek"]).code, repository.run(["completions", "sh"]).code), (2, 2));
}

mod outputs {
    use super::*;

    #[test]
    fn every_format_reports_the_same() {
        let repository = three();
        let out = |format: &str| repository.run(["check", "--format", format]).stdout;
        for (_, rule, _) in FOUND {
            for format in ["full", "concise", "json", "sarif", "github"] {
                assert!(out(format).contains(rule), "{rule} in {format}");
            }
        }
        assert_eq!(out("concise").lines().count(), FOUND.len());
        assert!(out("concise").starts_with("Dockerfile:1:6: warning[dockerfile/image-latest] "));
        assert_eq!(out("github").lines().filter(|line| line.starts_with("::error ")).count(), 1);
        let json: Value = serde_json::from_str(&out("json")).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["files_checked"], 2);
        assert_eq!(keys(&json["summary"]), ["baselined", "error", "note", "suppressed", "waived", "warning"]);
        let diagnostic = &json["diagnostics"][0];
        let expected = [
            "column",
            "end_column",
            "end_line",
            "environments",
            "fingerprint",
            "fix",
            "help",
            "line",
            "message",
            "path",
            "related",
            "rule",
            "severity",
        ];
        assert_eq!(keys(diagnostic), expected);
        let sarif: Value = serde_json::from_str(&out("sarif")).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
        assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), FOUND.len());
    }

    #[test]
    fn reports_are_written_to_files_besides() {
        let repository = three();
        let run =
            repository.run(["check", "--format", "concise", "--output", "sarif=a.sarif", "--output", "json=b.json"]);
        assert_eq!((run.code, run.stdout.lines().count()), (1, 3));
        let read = |name: &str| fs::read_to_string(repository.path(name)).unwrap();
        assert_eq!(read("b.json"), repository.run(["check", "--format", "json"]).stdout);
        assert_eq!(read("a.sarif"), repository.run(["check", "--format", "sarif"]).stdout);
        // In the file there is no colour, whatever the terminal has.
        let run = repository.run(["check", "--color", "always", "--output", "full=c.txt"]);
        assert!(run.stdout.contains("\x1b[") && !read("c.txt").contains('\x1b'));
    }

    #[test]
    fn the_environment_may_say_the_format() {
        let repository = three();
        let with = |format: &str, arguments: &[&str]| {
            support::finish(repository.command(["check"].iter().chain(arguments)).env("SHIPWORTHY_FORMAT", format))
        };
        assert!(with("json", &[]).stdout.starts_with('{'));
        assert!(with("json", &["--format", "concise"]).stdout.starts_with("Dockerfile:"));
        assert_eq!(with("jsn", &[]).code, 2);
    }

    #[test]
    fn colour_is_for_those_who_want_it() {
        let repository = three();
        let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
            let mut command = repository.command(["check", "--format", "concise"].iter().chain(arguments));
            support::finish(command.envs(variables.iter().copied())).stdout.contains("\x1b[")
        };
        assert!(!coloured(&[], &[]), "this is no terminal");
        assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
        assert!(coloured(&[], &[("FORCE_COLOR", "1")]) && coloured(&[], &[("CLICOLOR_FORCE", "1")]));
        assert!(!coloured(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
        assert!(!coloured(&["--color", "never"], &[("FORCE_COLOR", "1")]));
        assert!(coloured(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "")]), "NO_COLOR means something when not empty");
    }

    #[test]
    fn quiet_says_nothing_but_findings() {
        let run = Repository::new([("README.md", "")]).run(["check", "-q"]);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
        let run = three().run(["check", "-q", "--format", "concise"]);
        assert_eq!((run.code, run.stdout.lines().count()), (1, 3));
        let run = Repository::new([("README.md", "")]).run(["check", "-q", "--format", "json"]);
        assert_eq!(run.json()["diagnostics"], Value::Array(Vec::new()));
    }

    #[test]
    fn statistics_count_by_rule() {
        let run = three().run(["check", "--format", "concise", "--statistics"]);
        let last = run.stdout.split("\n\n").last().unwrap();
        assert_eq!(last.lines().count(), 3, "{last}");
        assert!(last.contains("compose/image-latest"));
    }

    #[test]
    fn comments_suppress_and_are_counted() {
        let repository = three();
        repository.write(
            "Dockerfile",
            "# shipworthy: ignore[dockerfile/image-latest] built weekly\nFROM python:latest\nUSER 1000\n",
        );
        let json = repository.run(["check", "--format", "json"]).json();
        assert_eq!((json["summary"]["suppressed"].clone(), json["summary"]["warning"].clone()), (1.into(), 1.into()));
        assert_eq!(found(&repository, &["--no-suppressions"]).len(), 3);
        let shown = repository.run(["check"]).stdout;
        assert!(shown.contains("1 suppressed"), "{shown}");
        let json = repository.run(["check", "--format", "json", "compose.prod.yaml"]).json();
        assert_eq!(json["summary"]["suppressed"], 0, "what is suppressed elsewhere was not asked for");
    }

    #[test]
    fn what_is_in_a_file_does_not_reach_the_terminal_as_it_is() {
        let repository = three();
        repository.write(
            "compose.prod.yaml",
            "services:\n  \"a\\e[31m\u{202e}\":\n    image: \"x\\e]8;;:latest\"\n  b: # \x1b[2J\u{9b}0m\n    image: y\x07:latest\n",
        );
        repository.write("Dockerfile", "FROM a\x1b[31mb:latest\n::error::\r\nRUN \x1b]0;x\x07\n");
        for format in ["full", "concise", "json", "sarif", "github"] {
            let run = repository.run(["check", "--select", "all", "--format", format]);
            assert_eq!(controls(&run.stdout), "", "{format}: {}", run.stdout);
            assert_eq!(controls(&run.stderr), "", "{format}");
        }
        for arguments in [&["inspect"][..], &["inspect", "--format", "json"], &["inspect", "--unknown"]] {
            assert_eq!(controls(&repository.run(arguments).stdout), "", "{arguments:?}");
        }
    }

    fn controls(text: &str) -> String {
        let unsafe_ = |c: &char| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202a}'..='\u{202e}');
        text.chars().filter(unsafe_).collect()
    }
}

mod same_bytes {
    use super::*;

    #[test]
    fn with_one_thread_and_with_four() {
        let repository = project("school");
        for format in ["full", "json", "sarif"] {
            let with =
                |jobs: &str| repository.run(["check", "--select", "all", "--format", format, "--jobs", jobs]).stdout;
            let one = with("1");
            assert!(!one.is_empty());
            (0..3).for_each(|_| assert_eq!(with("4"), one, "{format}"));
        }
    }

    #[test]
    fn from_another_folder_and_by_another_path() {
        let (here, there) = (project("school"), project("school"));
        for format in ["full", "concise", "json", "sarif", "github"] {
            let expected = here.run(["check", "--format", format]).stdout;
            assert_eq!(there.run(["check", "--format", format]).stdout, expected, "{format}");
            // From elsewhere, by the absolute path.
            let elsewhere = Repository::new::<&str, &str>([]);
            let run = elsewhere.run(["check".as_ref(), "--format".as_ref(), format.as_ref(), here.root().as_os_str()]);
            assert_eq!(run.stdout, expected, "{format}");
            assert!(!expected.contains(here.root().to_str().unwrap()), "{format}");
        }
    }

    /// A laptop has files that git ignores; what is reported for other environments must not know of them.
    #[test]
    fn with_and_without_a_file_that_git_ignores() {
        let repository = project("school");
        git(&repository, &["init", "-q"]);
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "-qm", "all"]);
        let all = || {
            ["production", "staging", "testing"].map(|name| repository.run(["check", "--env", name]).stdout).concat()
        };
        let before = all();
        assert!(!before.is_empty());
        repository.write(
            ".env",
            "DJANGO_DEBUG=True\nDJANGO_SECRET_KEY=abc\nSTAGING_SECRET_KEY=abc\nDJANGO_ALLOWED_HOSTS=*\n",
        );
        repository.write("config/__pycache__/settings.py", "DEBUG = True\n");
        repository.write("media/Dockerfile", "FROM python:latest\n");
        repository.write("staticfiles/compose.prod.yaml", "services: {db: {image: postgres}}\n");
        assert_eq!(all(), before);
        // Nor when it is broken.
        repository.write(".env", "# shipworthy: ignore[nothing]\n=\n\0\n'\n");
        assert_eq!(all(), before);
        let local = found(&repository, &["--env", "development"]);
        assert!(local.iter().any(|(_, rule, path)| rule == "file/broken-syntax" && path == ".env"), "{local:?}");
    }

    #[test]
    fn before_and_after_the_first_commit() {
        let repository = project("school");
        let check = || repository.run(["check", "--select", "all", "--ignore", "env"]).stdout;
        let before = check();
        git(&repository, &["init", "-q"]);
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "-qm", "all"]);
        assert_eq!(check(), before);
    }
}

#[test]
fn files_are_listed_with_what_they_are_taken_for() {
    let repository = project("school");
    let expected = "\
dockerignore   .dockerignore
env-template   .env.example
env-file       .env.prod
workflow       .github/workflows/ci.yml
gitignore      .gitignore
text           README.md
compose        compose.prod.yaml
compose        compose.staging.yaml
compose        compose.yaml
python         config/__init__.py
django-entry   config/celery.py
settings       config/settings/__init__.py
settings       config/settings/base.py
settings       config/settings/development.py
settings       config/settings/production.py
settings       config/settings/staging.py
urls           config/urls.py
django-entry   config/wsgi.py
nginx          docker/nginx/default.conf
dockerfile     docker/web/Dockerfile
script         docker/web/entrypoint.sh
django-entry   manage.py
python         marks/__init__.py
migration      marks/migrations/0001_initial.py
migration      marks/migrations/0002_mark_term.py
python         marks/migrations/__init__.py
models         marks/models.py
python         pupils/__init__.py
migration      pupils/migrations/0001_initial.py
python         pupils/migrations/__init__.py
models         pupils/models.py
requirements   requirements.txt
script         scripts/backup.sh
script         scripts/deploy.sh
text           shipworthy.toml
";
    let run = repository.run(["check", "--show-files"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, expected));
    // A local env file is listed although git ignores it, other files that it ignores are not.
    git(&repository, &["init", "-q"]);
    repository.write(".env", "A=1\n");
    repository.write("media/Dockerfile", "FROM x\n");
    let run = repository.run(["check", "--show-files"]);
    assert_eq!(run.stdout, expected.replacen("env-template", "env-file       .env\nenv-template", 1));
    assert_eq!(repository.run(["check", "--show-files", "scripts"]).stdout.lines().count(), 2);
}

#[test]
fn the_rules_are_listed_for_programs() {
    let run = Repository::new::<&str, &str>([]).run(["rules", "--format", "json"]);
    let json = run.json();
    let rules = json.as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "settings/debug-enabled"));
    let expected =
        ["controls", "cwe", "default", "environments", "equivalents", "family", "fix", "id", "severity", "summary"];
    rules.iter().for_each(|rule| assert_eq!(keys(rule), expected));
}

#[test]
fn a_page_is_explained_by_its_own_id_and_by_that_of_others() {
    let repository = Repository::new::<&str, &str>([]);
    let explained = |rule: &str| repository.run(["explain", rule]).stdout;
    assert!(explained("hadolint:DL3007").starts_with("# dockerfile/image-latest\n"));
    assert_eq!(explained("hadolint:dl3007"), explained("dockerfile/image-latest"));
}

/// The keys of a JSON object, sorted.
fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
