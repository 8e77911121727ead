//! Whatever a repository holds, a run ends by itself, with an exit code of the contract and a report that parses.

mod support;

use serde_json::Value;
use shipworthy::CheckOptions;
use shipworthy::config::Config;
use shipworthy::rules::catalogue::PAGES;
use shipworthy::rules::{CliChoice, Page, Selection};
use shipworthy::source::RepoPath;
use shipworthy::tree::{Entry, MemoryFile, MemoryTree, ReadError, Snapshot, Tree};
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use support::Repository;

/// A small project that is fit to ship: what is checked of it points at files of every kind.
const SOUND: &[(&str, &str)] = &[
    ("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n"),
    ("config/__init__.py", ""),
    ("config/settings.py", "import os\nfrom .extra import *\nDEBUG = False\nSECRET_KEY = os.environ['SECRET_KEY']\n"),
    ("config/extra.py", "ALLOWED_HOSTS = ['example.org']\n"),
    ("config/wsgi.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n"),
    ("config/urls.py", "urlpatterns = []\n"),
    ("shop/models.py", "from django.db import models\n"),
    ("shop/migrations/0001_initial.py", "class Migration: pass\n"),
    (
        "Dockerfile",
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nUSER app\nENTRYPOINT [\"/app/entrypoint.sh\"]\nCMD gunicorn config.wsgi\n",
    ),
    ("entrypoint.sh", "#!/bin/sh\n. ./lib.sh\nexec \"$@\"\n"),
    ("lib.sh", "wait_for() { true; }\n"),
    (
        "compose.prod.yaml",
        "include: [more.compose.yaml]\nservices:\n  web:\n    build: .\n    env_file: [.env.web]\n    environment:\n      A: ${B:-c}\n    extends: {file: base.compose.yaml, service: base}\n",
    ),
    ("base.compose.yaml", "services:\n  base:\n    image: app:1\n"),
    ("more.compose.yaml", "services:\n  cache:\n    image: redis:7.4.1\n"),
    (".env", "B=1\n"),
    (".env.web", "DEBUG=0\n"),
    (".env.example", "DEBUG=\n"),
    (".dockerignore", ".git\n.env*\n"),
    (".gitignore", "*.pyc\n"),
    (".shipworthyignore", "*.bak\n"),
    ("Makefile", "deploy:\n\tdocker compose up -d\n"),
    ("justfile", "deploy:\n  docker compose up -d\n"),
    ("Procfile", "web: gunicorn config.wsgi\n"),
    (".github/workflows/ci.yml", "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n      - run: make deploy\n"),
    (".github/actions/a/action.yml", "runs:\n  using: composite\n  steps: []\n"),
    (".gitlab-ci.yml", "deploy:\n  script:\n    - docker compose up -d\n"),
    (".circleci/config.yml", "version: 2.1\n"),
    ("requirements.txt", "django==5.2\n"),
    ("pyproject.toml", "[project]\nname = 'x'\n"),
    ("Pipfile", "[packages]\n"),
    ("poetry.lock", ""),
    ("nginx.conf", "events {}\nhttp { server { listen 80; } }\n"),
    ("Caddyfile", "example.org\n"),
    ("traefik.yml", "entryPoints: {}\n"),
    ("supervisord.conf", "[program:x]\n"),
    ("gunicorn.conf.py", "workers = 3\n"),
    ("web.service", "[Service]\nExecStart=/bin/x\n"),
    ("crontab", "* * * * * x\n"),
    ("Jenkinsfile", "pipeline {}\n"),
    ("render.yaml", "services: []\n"),
    ("heroku.yml", "run: {}\n"),
    ("fly.toml", "app = 'x'\n"),
    ("railway.json", "{}\n"),
    ("app.json", "{\"env\": {}}\n"),
    ("README.md", "# x\n"),
];

/// What a run reported.
struct Report {
    code: i32,
    stderr: String,
    /// The rules that found something, each with the path.
    found: BTreeSet<(String, String)>,
}

impl Report {
    fn has(&self, rule: &str, path: &str) -> bool {
        self.found.contains(&(rule.to_owned(), path.to_owned()))
    }
}

/// Checks a repository, and has it inspected.
fn check(repository: &Repository) -> Report {
    let inspected = repository.run(["inspect", "--unknown", "--format", "json"]);
    assert!(inspected.code == 0 || inspected.code == 2, "{}: {}", inspected.code, inspected.stderr);
    if inspected.code == 0 {
        inspected.json();
    }
    report(repository, CHECK)
}

fn report(repository: &Repository, arguments: &[&str]) -> Report {
    let run = repository.run(arguments);
    // Before there is a model there is no report, but a word on what is wrong.
    if run.stdout.is_empty() {
        assert!(run.code == 2 && !run.stderr.is_empty(), "{}: {}", run.code, run.stderr);
        return Report { code: run.code, stderr: run.stderr, found: BTreeSet::new() };
    }
    let json = run.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found =
        json["diagnostics"].as_array().unwrap().iter().map(|it| (text(&it["rule"]), text(&it["path"]))).collect();
    Report { code: run.code, stderr: run.stderr, found }
}

const CHECK: &[&str] = &["check", "--format", "json"];

/// The sound project.
fn sound() -> Repository {
    Repository::new(SOUND.iter().copied())
}

/// The sound project with another file in place of one of its own, or besides.
fn with(path: &str, bytes: impl AsRef<[u8]>) -> Repository {
    let repository = sound();
    repository.write(path, bytes);
    repository
}

/// Checks the sound project with `bytes` in place of each of its files, and once in place of all.
fn check_everywhere(bytes: &[u8]) {
    let repository = Repository::new(SOUND.iter().map(|(path, _)| (path, bytes)));
    check(&repository);
    // Then with files around that lead to them.
    for led_to in [
        "config/settings.py",
        "config/extra.py",
        "config/wsgi.py",
        "Dockerfile",
        "entrypoint.sh",
        "lib.sh",
        "base.compose.yaml",
        "more.compose.yaml",
        ".env",
        ".env.web",
        ".dockerignore",
        ".gitignore",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        "Makefile",
        "Procfile",
        "pyproject.toml",
    ] {
        report(&with(led_to, bytes), CHECK);
    }
}

fn check_with(path: &str, bytes: impl AsRef<[u8]>) -> Report {
    check(&with(path, bytes))
}

#[test]
fn the_sound_project_is_sound() {
    let report = check(&sound());
    assert_eq!((report.code, report.found, report.stderr.as_str()), (0, BTreeSet::new(), ""));
}

mod whole_repositories {
    use super::*;

    #[test]
    fn an_empty_one_is_said_to_be_empty() {
        let report = check(&Repository::new::<&str, &str>([]));
        assert_eq!(report.code, 0);
        assert_eq!(report.stderr, "shipworthy: nothing of a deployment was recognised here\n");
    }

    #[test]
    fn a_path_that_does_not_exist() {
        for arguments in [&["check", "gone"][..], &["check", ".", "gone/x.py"], &["check", "--config", "gone.toml"]] {
            let run = sound().run(arguments);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
            assert!(
                run.stderr.starts_with("shipworthy: gone") && run.stderr.contains(": no such file"),
                "{}",
                run.stderr
            );
        }
    }

    #[test]
    fn a_path_outside_of_the_repository() {
        let other = Repository::new([("x.py", "")]);
        let repository = sound();
        for outside in [other.path("x.py"), other.root().to_owned(), repository.path("..")] {
            let run = repository.run(["check".as_ref(), ".".as_ref(), outside.as_os_str()]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{outside:?}");
            assert!(run.stderr.contains("outside"), "{}", run.stderr);
        }
    }
}

mod bytes {
    use super::*;

    #[test]
    fn nothing() {
        check_everywhere(b"");
    }

    #[test]
    fn no_text() {
        check_everywhere(
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0\xff\xfe\xfd\x80\x81\n\n\x00\x01\x02",
        );
        check_everywhere(&(0..=255u8).cycle().take(5_000).collect::<Vec<_>>());
    }

    #[test]
    fn nul() {
        check_everywhere(b"\0");
        check_everywhere(b"FROM a\0b\nservices:\n  a\0: \"\0\"\nA=\0\n\0 = '\0'\n");
    }

    #[test]
    fn sixteen_bits_a_character() {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let text = "\u{feff}FROM python:3.13\nservices:\n  web: {image: x}\nA=1\n";
            check_everywhere(&text.encode_utf16().flat_map(order).collect::<Vec<u8>>());
        }
        // Half a character at the end.
        check_everywhere(b"\xff\xfea\0\n");
        check_everywhere(b"\xff\xfe\x00\xd8");
    }

    #[test]
    fn invalid_utf_8() {
        let report = check_with("compose.prod.yaml", b"services:\n  web:\n    image: caf\xe9:latest\n");
        assert!(
            report.has("file/wrong-encoding", "compose.prod.yaml")
                && report.has("compose/image-latest", "compose.prod.yaml")
        );
        check_everywhere(b"FROM \xc3\x28\nA=\xff\nb: [\xf0\x9f\n'\xed\xa0\x80'\n");
    }

    #[test]
    fn a_byte_order_mark() {
        let report = check_with("compose.prod.yaml", "\u{feff}services:\n  web:\n    image: nginx:latest\n");
        assert!(report.has("compose/image-latest", "compose.prod.yaml"));
        let report = check_with("Dockerfile", "\u{feff}FROM nginx:latest\n");
        assert!(report.has("dockerfile/image-latest", "Dockerfile"));
        check_everywhere("\u{feff}".as_bytes());
    }

    #[test]
    fn ends_of_lines_of_every_kind() {
        for end in ["\r\n", "\r", "\n\r"] {
            let lines = |text: &str| text.replace('\n', end);
            let project = SOUND.iter().map(|(path, text)| (path, lines(text)));
            check(&Repository::new(project));
            check_everywhere(lines("\n\nA=1\nFROM x AS \\\n\nb: |\n  c\n\n").as_bytes());
        }
        let report = check_with("Dockerfile", "FROM nginx:latest\r\nRUN a \\\r\n  b\r\n");
        assert!(report.has("dockerfile/image-latest", "Dockerfile"));
    }

    #[test]
    fn characters_that_are_no_letters() {
        check_everywhere(
            "\u{202e}\u{200b}a\u{301}\u{2028}=\u{85}\u{1f468}\u{200d}\u{1f469}:\u{a0}\u{b}\u{c}\x1b[31m\n".as_bytes(),
        );
    }
}

mod sizes {
    use super::*;

    #[test]
    fn a_hundred_megabytes_in_each_file() {
        let repository = sound();
        for (path, _) in SOUND {
            let file = fs::File::create(repository.path(path)).unwrap();
            file.set_len(100 << 20).unwrap();
        }
        let report = check(&repository);
        assert!(report.has("file/unreadable", "Dockerfile") && report.has("file/unreadable", ".env"));
        assert_eq!(report.code, 1);
        let asked = repository.run(["check", "Dockerfile"]);
        assert_eq!(asked.code, 2, "it was asked for and not read");
    }

    /// One line just below and far above the length up to which files are read.
    #[test]
    fn one_line_of_megabytes() {
        for length in [7 << 20, 10 << 20] {
            let long = "a".repeat(length);
            for (path, text) in [
                ("Dockerfile", format!("FROM x\nRUN {long}\n")),
                ("compose.prod.yaml", format!("services:\n  web:\n    image: {long}\n")),
                (".env", format!("A={long}\n")),
                ("config/settings.py", format!("A = '{long}'\n")),
                ("entrypoint.sh", format!("#!/bin/sh\necho {long}\n")),
            ] {
                let report = super::report(&with(path, text), CHECK);
                assert_eq!(report.has("file/unreadable", path), length > 8 << 20, "{path}");
            }
        }
    }

    #[test]
    fn one_line_of_many_words() {
        for (path, begin, word) in [
            ("Dockerfile", "FROM x\nRUN ", "ab "),
            ("Dockerfile", "FROM x\nENV ", "A=b "),
            ("Dockerfile", "FROM x\nRUN ", "a && "),
            ("compose.prod.yaml", "services: [", "a, "),
            ("compose.prod.yaml", "services: {web: {command: \"", "a "),
            ("compose.prod.yaml", "services: {web: {image: \"", "${A}"),
            (".env", "A=", "${A}"),
            (".env", "A=", "b # "),
            ("config/settings.py", "A = [", "1, "),
            ("config/settings.py", "A = ", "'a' "),
            ("config/settings.py", "", "a; "),
            ("entrypoint.sh", "", "a; "),
            ("entrypoint.sh", "", "$A"),
            ("entrypoint.sh", "", "\"'a'\" "),
            ("Makefile", "A = ", "$(A) "),
            ("Procfile", "web: ", "a "),
        ] {
            report(&with(path, begin.to_owned() + &word.repeat(200_000 / word.len()) + "\n"), CHECK);
        }
    }

    /// What grows with the square of the lines, or doubles with each, would not end. `%` is the line's number.
    #[test]
    fn many_lines() {
        const CASES: &[(&str, &str, &str)] = &[
            ("Dockerfile", "FROM x\n", "RUN a%\n"),
            ("Dockerfile", "", "FROM x AS a%\n"),
            ("Dockerfile", "FROM x AS a\n", "FROM a AS a\n"),
            ("Dockerfile", "FROM x AS a0\n", "FROM x AS b%\nCOPY --from=b%0 / /\n"),
            ("Dockerfile", "FROM x AS a\n", "ONBUILD RUN a\nFROM a AS a\n"),
            ("Dockerfile", "FROM x\nENV A=b\n", "ENV A=$A$A\n"),
            ("Dockerfile", "FROM x\n", "RUN a \\\n"),
            ("Dockerfile", "FROM x\n", "RUN <<A\n"),
            (".env.web", "", "A%=${A%}\n"),
            (".env.web", "", "A='\n"),
            (".env", "A0=1234567890\n", "A%1=${A%}${A%}\n"),
            (".env", "A=1\n", "A=${A}${A}\n"),
            ("compose.prod.yaml", "services:\n  web:\n    environment:\n", "      A%: ${A%:-${B%}}\n"),
            ("compose.prod.yaml", "services:\n", "  a%: {image: b, depends_on: [a%0, a%1]}\n"),
            ("compose.prod.yaml", "services:\n  a0: {image: b}\n", "  a%1: {extends: {service: a%}}\n"),
            ("compose.prod.yaml", "services: {}\ninclude:\n", "  - compose.prod.yaml\n"),
            ("compose.prod.yaml", "", "---\n"),
            ("config/settings.py", "", "A% = 1\n"),
            ("config/settings.py", "A = []\n", "A += [A]\n"),
            ("config/settings.py", "A = 'a'\n", "A = A + A\n"),
            ("config/settings.py", "A = {}\n", "A = {'a': A, 'b': A}\n"),
            ("config/settings.py", "A = ''\n", "A = f'{A}{A}a'\n"),
            ("config/settings.py", "A = 9\n", "A = A ** A\n"),
            ("config/settings.py", "", "try:\n    import a%\nexcept ImportError:\n    A% = 1\n"),
            ("config/settings.py", "import os\n", "if os.environ.get('A%'):\n    A% = 1\n"),
            ("config/settings.py", "def f0(a): return a\n", "def f%1(a): return f%(f%(a))\nA = f%1(1)\n"),
            ("entrypoint.sh", "", "if [ \"$A%\" = 1 ]; then A%=2; fi\n"),
            ("entrypoint.sh", "", "A=$A${A}a\n"),
            ("entrypoint.sh", "", "export A%=1\n"),
            ("entrypoint.sh", "", "f%() { f%0; f%1; }\nf%\n"),
            ("entrypoint.sh", "", ". ./lib.sh\n./entrypoint.sh\n"),
            ("entrypoint.sh", "", "cat <<A\n"),
            ("Makefile", "", "A% := $(A%0)$(A%1)\nt%: t%1\n\t$(A%)\n"),
            (".gitlab-ci.yml", "", "a%: {extends: a%1, script: [a]}\n"),
            (".dockerignore", "", "**/a%*/**\n"),
            (".gitignore", "", "**/a%*/**\n"),
        ];
        for (path, begin, line) in CASES {
            let lines = (0..30_000 / line.len()).map(|number| line.replace('%', &number.to_string()));
            report(&with(path, begin.to_string() + &lines.collect::<String>()), CHECK);
        }
    }
}

mod nesting {
    use super::*;

    #[test]
    fn a_hundred_thousand_brackets() {
        for (path, begin, bracket, end) in [
            ("compose.prod.yaml", "services: ", "[", ""),
            ("compose.prod.yaml", "services: ", "{a: ", ""),
            ("compose.prod.yaml", "", "- ", "a"),
            ("compose.prod.yaml", "", "? ", "a"),
            ("compose.prod.yaml", "a: ", "!!a ", "a"),
            ("compose.prod.yaml", "services: {web: {image: \"", "${A:-", "\"}}"),
            (".github/workflows/ci.yml", "on: ", "[", ""),
            (".gitlab-ci.yml", "a: ", "[", ""),
            ("config/settings.py", "A = ", "(", ""),
            ("config/settings.py", "A = ", "[", ""),
            ("config/settings.py", "A = ", "{1: ", ""),
            ("config/settings.py", "A = ", "f(", ""),
            ("config/settings.py", "A = a", "[0]", ""),
            ("config/settings.py", "A = a", ".b", ""),
            ("config/settings.py", "A = a", "()", ""),
            ("config/settings.py", "A = a", " + 1", ""),
            ("config/settings.py", "A = a", " or 1", ""),
            ("config/settings.py", "A = ", "not ", "a"),
            ("config/settings.py", "A = ", "-", "1"),
            ("config/settings.py", "A = ", "lambda: ", "1"),
            ("config/settings.py", "A = ", "1 if a else ", "1"),
            ("config/settings.py", "A = ", "f\"{", ""),
            ("config/settings.py", "", "A = ", "1"),
            ("config/settings.py", "", "if a:\n  pass\nel", ""),
            ("entrypoint.sh", "", "(", ""),
            ("entrypoint.sh", "", "{ ", ""),
            ("entrypoint.sh", "", "$(", ""),
            ("entrypoint.sh", "", "\"$(", ""),
            ("entrypoint.sh", "", "`", ""),
            ("entrypoint.sh", "A=", "${A:-", ""),
            ("entrypoint.sh", "", "if a; then ", ""),
            ("entrypoint.sh", "", "while ", ""),
            ("entrypoint.sh", "", "case a in a) ", ""),
            ("entrypoint.sh", "", "! ", "a"),
            ("entrypoint.sh", "", "a | ", "a"),
            ("entrypoint.sh", "", "a && ", "a"),
            ("entrypoint.sh", "", "sh -c \"", ""),
            ("entrypoint.sh", "", "sudo ", "a"),
            ("entrypoint.sh", "[ ", "! ", "a ]"),
            ("entrypoint.sh", "[[ ", "( ", "a ]]"),
            ("entrypoint.sh", "echo $((", "(", "1"),
            ("Dockerfile", "FROM x\nCMD ", "[", ""),
            ("Dockerfile", "FROM x\nCMD ", "[\"a\",", ""),
            ("Dockerfile", "FROM x\nRUN ", "(", ""),
            ("Dockerfile", "FROM x\nENV A=", "${A:-", ""),
            ("Dockerfile", "FROM x\n", "ONBUILD ", "RUN a"),
            ("Dockerfile", "FROM x\nRUN ", "--mount=", "a"),
            (".env", "A=", "${A:-", ""),
            (".env", "A=\"", "\\", ""),
            ("Makefile", "A := ", "$(A", ""),
            ("Makefile", "", "ifdef A\n", ""),
            ("Makefile", "", "define A\n", ""),
            ("pyproject.toml", "[tool.shipworthy]\nselect = ", "[", ""),
            ("pyproject.toml", "[tool.shipworthy", ".a", "]"),
            ("app.json", "", "[", ""),
            ("nginx.conf", "", "http { ", ""),
            (".dockerignore", "", "**/", "a"),
            (".gitignore", "", "**/", "a"),
        ] {
            report(&with(path, begin.to_owned() + &bracket.repeat(100_000) + end + "\n"), CHECK);
        }
    }

    /// Each line stands deeper than the one before; the file's length bounds how deep.
    #[test]
    fn deeper_with_every_line() {
        for (path, begin, line) in [
            ("compose.prod.yaml", "", "a:"),
            ("compose.prod.yaml", "", "- a:"),
            ("config/settings.py", "", "if a:"),
            ("config/settings.py", "", "def f():"),
            ("config/settings.py", "", "try:"),
            ("config/settings.py", "", "for a in b:"),
            ("entrypoint.sh", "", "if a; then"),
            (".gitlab-ci.yml", "", "a:"),
            ("Makefile", "", "ifdef A"),
        ] {
            let lines = (0..1_500).map(|depth| format!("{}{line}\n", " ".repeat(depth)));
            report(&with(path, begin.to_owned() + &lines.collect::<String>()), CHECK);
        }
    }

    #[test]
    fn both_ways_of_every_branch() {
        let import = |depth: usize| format!("{}try:\n{0} import a{depth}\n", " ".repeat(depth));
        let handler = |depth: usize| format!("{}except ImportError:\n{0} A = {depth}\n", " ".repeat(depth));
        let tries: String = (0..40).map(import).chain((0..40).rev().map(handler)).collect();
        let ifs = (0..40).map(|depth| format!("{}if a{depth}:\n{0} A = {depth}\n", " ".repeat(depth)));
        for text in [tries, ifs.collect(), "A = a() or b() and c() if d() else e()\n".repeat(500)] {
            report(&with("config/settings.py", text), CHECK);
        }
    }
}

mod meanings {
    use super::*;

    #[test]
    fn aliases_that_multiply() {
        let bomb: String =
            (1..40).map(|n| format!("x-{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(10))).collect();
        let merges: String =
            (1..40).map(|n| format!("x-{n}: &a{n} {{<<: [*a{0}, *a{0}], k{n}: *a{0}}}\n", n - 1)).collect();
        for begin in ["x-0: &a0 [a]\n", "x-0: &a0 {a: b}\n"] {
            for body in [&bomb, &merges] {
                for end in ["services: *a39\n", "services:\n  web: *a39\n", "services:\n  web:\n    <<: *a39\n"] {
                    for path in ["compose.prod.yaml", ".gitlab-ci.yml", ".github/workflows/ci.yml"] {
                        report(&with(path, format!("{begin}{body}{end}")), CHECK);
                    }
                }
            }
        }
        for text in ["a: &a [*a]\n", "services: &a\n  web: *a\n", "services: &a\n  <<: *a\n", "a: *a\n", "&a *a\n"] {
            report(&with("compose.prod.yaml", text), CHECK);
        }
    }

    #[test]
    fn heredocs_without_an_end() {
        for text in ["FROM x\nRUN <<EOF\na\n", "FROM x\nCOPY <<A <<B /\na\nA\n", "FROM x\nRUN <<-'", "FROM x\nRUN <<"] {
            report(&with("Dockerfile", text), CHECK);
        }
        for text in ["cat <<EOF\na\n", "cat <<A <<B\nA\n", "cat <<'", "cat <<", "cat <<$(cat <<A", "a <<A; b <<A\n"] {
            report(&with("entrypoint.sh", text), CHECK);
        }
    }

    #[test]
    fn circles() {
        let circles: &[&[(&str, &str)]] = &[
            &[("config/settings.py", "from config.extra import *\n"), ("config/extra.py", "from .settings import *\n")],
            &[("config/settings.py", "from config.settings import *\nfrom . import *\nimport config.settings\n")],
            &[("config/settings.py", "def f(): return f()\nA = f()\nclass B(B): pass\nC = [C]\n")],
            &[("config/settings.py", "A = []\nA.append(A)\nB = {}\nB['b'] = B\nC = str(A) + repr(B)\nD = A == A\n")],
            &[
                ("compose.prod.yaml", "include: [compose.prod.yaml, more.compose.yaml]\n"),
                ("more.compose.yaml", "include: [compose.prod.yaml]\n"),
            ],
            &[(
                "compose.prod.yaml",
                "services:\n  a: {extends: {service: b}}\n  b: {extends: {service: a}}\n  c: {extends: c}\n",
            )],
            &[(
                "compose.prod.yaml",
                "services:\n  a: {image: a, depends_on: [b]}\n  b: {image: a, depends_on: [a], network_mode: 'service:a'}\n",
            )],
            &[("entrypoint.sh", "#!/bin/sh\n. ./lib.sh\n./entrypoint.sh\n"), ("lib.sh", ". ./entrypoint.sh\n")],
            &[("entrypoint.sh", "f() { g; }\ng() { f; }\nf\n")],
            &[("Dockerfile", "FROM b AS a\nFROM a AS b\nFROM c AS c\nCOPY --from=c . .\nCOPY --from=2 . .\n")],
            &[("Dockerfile", "ARG A=$B\nARG B=$A\nFROM $A$B\nENV C=$D D=$C\n")],
            &[(".env", "A=${B}\nB=${A}\nC=${C}\n")],
            &[("Makefile", "A = $(B)\nB = $(A)\na: b\n\t$(A) $(MAKE) a\nb: a\n\tmake b\ninclude Makefile\n")],
            &[("requirements.txt", "-r requirements.txt\n-c requirements.txt\n")],
            &[(
                ".gitlab-ci.yml",
                "include: .gitlab-ci.yml\na: {extends: b}\nb: {extends: [a, b]}\nc: !reference [c]\n",
            )],
            &[(".github/workflows/ci.yml", "jobs:\n  a:\n    uses: ./.github/workflows/ci.yml\n    needs: [a]\n")],
        ];
        for circle in circles {
            let repository = sound();
            circle.iter().for_each(|(path, text)| repository.write(path, text));
            report(&repository, CHECK);
        }
    }

    #[test]
    fn settings_that_never_end() {
        for text in [
            "while True: pass\n",
            "A = 1\nwhile True:\n    A = A + 1\n",
            "A = []\nwhile A is not None:\n    A.append(A)\n",
            "for a in range(10**12):\n    for b in range(10**12): pass\n",
            "A = [a for a in range(10**9) for b in range(10**9)]\n",
            "A = 'a' * 10**12\nB = [0] * 10**12\nC = 10**10**10\nD = 1 << 10**10\nE = '%1000000000d' % 1\n",
            "import itertools\nfor a in itertools.count(): pass\n",
            "a = iter(lambda: 1, 2)\nfor b in a: c = list(a)\n",
        ] {
            report(&with("config/settings.py", text), CHECK);
        }
    }

    #[test]
    fn keys_twice_and_tabs() {
        let report = super::report(
            &with("compose.prod.yaml", "services:\n  web:\n    image: a:1\n    image: b:latest\n"),
            CHECK,
        );
        assert!(report.has("file/broken-syntax", "compose.prod.yaml"), "{:?}", report.found);
        let report = super::report(&with("compose.prod.yaml", "services:\n  web:\n\timage: a:latest\n"), CHECK);
        assert!(report.has("file/broken-syntax", "compose.prod.yaml"), "{:?}", report.found);
        let report = super::report(&with(".env.web", "A=1\nA=2\n\tB\t=\t3\n=4\nexport\n"), CHECK);
        assert!(report.code < 2);
    }
}

/// What only a disk can hold.
#[cfg(unix)]
mod disks {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    /// Files that are looked for by their names as well as by walking.
    const NAMES: [&str; 9] = [
        "Dockerfile",
        "compose.prod.yaml",
        ".env",
        ".env.web",
        "config/settings.py",
        "entrypoint.sh",
        ".gitignore",
        ".dockerignore",
        "pyproject.toml",
    ];

    /// The sound project with something else in place of each of the names, one at a time and all at once.
    fn in_place_of_each(put: impl Fn(&Repository, &str)) {
        let all = sound();
        for name in NAMES {
            let one = sound();
            for repository in [&one, &all] {
                fs::remove_file(repository.path(name)).unwrap();
                put(repository, name);
            }
            report(&one, CHECK);
        }
        check(&all);
    }

    #[test]
    fn folders() {
        in_place_of_each(|repository, name| fs::create_dir(repository.path(name)).unwrap());
        in_place_of_each(|repository, name| repository.write(&format!("{name}/{name}"), "A=1"));
        let repository = sound();
        fs::create_dir(repository.path("Dockerfile.prod")).unwrap();
        assert_eq!(report(&repository, CHECK).code, 0, "a folder is not looked at as a file");
    }

    #[test]
    fn links_that_lead_nowhere_round_or_out() {
        in_place_of_each(|repository, name| symlink("gone", repository.path(name)).unwrap());
        in_place_of_each(|repository, name| {
            symlink(repository.path(name).file_name().unwrap(), repository.path(name)).unwrap();
        });
        in_place_of_each(|repository, name| symlink("/etc/passwd", repository.path(name)).unwrap());
        in_place_of_each(|repository, name| symlink("/dev/zero", repository.path(name)).unwrap());
        let repository = sound();
        symlink("..", repository.path("config/up")).unwrap();
        symlink(".", repository.path("config/here")).unwrap();
        symlink("/", repository.path("everything")).unwrap();
        assert_eq!(check(&repository).code, 0);
    }

    #[test]
    fn pipes() {
        in_place_of_each(mkfifo);
        let repository = sound();
        mkfifo(&repository, "Dockerfile.prod");
        let asked = report(&repository, &["check", "--format", "json", "Dockerfile.prod"]);
        assert_eq!(asked.code, 2);
        assert_eq!(asked.stderr, "shipworthy: Dockerfile.prod: not a regular file\n");
    }

    fn mkfifo(repository: &Repository, name: &str) {
        assert!(Command::new("mkfifo").arg(repository.path(name)).status().unwrap().success());
    }

    #[test]
    fn files_and_folders_that_may_not_be_read() {
        let close = |repository: &Repository, name: &str| {
            fs::set_permissions(repository.path(name), fs::Permissions::from_mode(0o000)).unwrap();
        };
        let repository = sound();
        close(&repository, "Dockerfile");
        if fs::read(repository.path("Dockerfile")).is_ok() {
            return; // The superuser may read everything.
        }
        let found = check(&repository);
        assert!(found.has("file/unreadable", "Dockerfile") && found.code == 1, "{:?}", found.found);
        let asked = report(&repository, &["check", "--format", "json", "Dockerfile"]);
        assert_eq!((asked.code, asked.stderr.as_str()), (2, "shipworthy: Dockerfile: permission denied\n"));

        let repository = sound();
        close(&repository, "shop");
        let found = report(&repository, CHECK);
        fs::set_permissions(repository.path("shop"), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(found.stderr.contains("shop: permission denied"), "{}", found.stderr);
    }

    #[test]
    fn names_that_are_no_names() {
        use std::os::unix::ffi::OsStrExt;
        let repository = sound();
        for name in ["new\nline.env", "\x1b[31m.env", " .env", "a\tDockerfile", "::error::.env", "%0a.env", "{}.env"] {
            repository.write(name, "DEBUG=1\nSECRET_KEY=abc\n");
            repository.write(&format!("in {name}/Dockerfile"), "FROM x:latest\n");
        }
        let no_text = std::ffi::OsStr::from_bytes(b"\xff\xfe.env");
        // Some file systems refuse it.
        let _ = fs::write(repository.root().join(no_text), "A=1\n");
        check(&repository);
        for format in ["full", "concise", "github", "sarif"] {
            let run = repository.run(["check", "--format", format]);
            assert!(!run.stdout.contains('\x1b'), "{}", run.stdout);
        }
    }

    /// Whoever reads may stop: `shipworthy check | head -1`.
    #[test]
    fn a_reader_that_goes_away() {
        let repository = sound();
        let services = (0..2_000).map(|n| format!("  a{n}: {{image: 'nginx:latest'}}\n"));
        repository.write("compose.prod.yaml", "services:\n".to_owned() + &services.collect::<String>());
        for format in ["full", "concise", "json", "sarif", "github"] {
            let mut command = repository.command(["check", "--format", format]);
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let run = support::finish_into(&mut command, writer.into());
            assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{format}");
        }
        for arguments in
            [&["rules"][..], &["explain", "image-latest"], &["inspect"], &["--help"], &["check", "--show-files"]]
        {
            let mut command = repository.command(arguments);
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let run = support::finish_into(&mut command, writer.into());
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
        }
    }
}

/// A file that is listed, and then is not there, or not as it was.
#[test]
fn files_that_vanish_between_the_walk_and_the_reading() {
    let path = |path: &str| RepoPath::new(path).unwrap();
    for answer in [ReadError::NotFound, ReadError::NotAFile, ReadError::OutsideRoot, ReadError::Io("gone".into())] {
        for gone in SOUND.iter().map(|(name, _)| Some(path(name))).chain([None]) {
            let files = SOUND.iter().map(|(name, text)| MemoryFile::new(path(name), *text));
            let tree = Vanishing { tree: MemoryTree::new(files), gone, answer: answer.clone() };
            let config = Config::default();
            let pages: Vec<&Page> = PAGES.iter().collect();
            let selection = Selection::new(&config, &CliChoice::default(), &pages).unwrap();
            let options = CheckOptions {
                config: &config,
                selection: &selection,
                environment: None,
                paths: &[],
                suppressions: true,
                complete: true,
            };
            shipworthy::check(&Arc::new(Snapshot::new(tree)), &options);
        }
    }
}

/// A tree that lists a file, or all, and cannot read them.
struct Vanishing {
    tree: MemoryTree,
    /// `None`: all.
    gone: Option<RepoPath>,
    answer: ReadError,
}

impl Tree for Vanishing {
    fn entries(&self) -> &[Entry] {
        self.tree.entries()
    }

    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
        if self.gone.as_ref().is_none_or(|gone| gone == path) { Err(self.answer.clone()) } else { self.tree.read(path) }
    }
}

mod configurations {
    use super::*;

    /// Runs a check with a configuration that is refused, and tells what is said.
    fn refused(name: &str, text: impl AsRef<[u8]>) -> String {
        let run = with(name, text).run(["check"]);
        assert!(run.code == 2 && run.stdout.is_empty(), "{}: {}", run.code, run.stdout);
        run.stderr
    }

    #[test]
    fn what_is_unknown_is_refused_at_its_place_and_with_what_may_be_meant() {
        for (text, expected) in [
            ("selct = ['all']\n", "shipworthy.toml:1:1: unknown key `selct`; did you mean `select`?"),
            (
                "\nignore = ['compose/image-latst']\n",
                "shipworthy.toml:2:11: unknown rule `compose/image-latst`; did you mean `compose/image-latest`?",
            ),
            (
                "select = ['hadolint:DL307']\n",
                "shipworthy.toml:1:11: unknown rule `hadolint:DL307`; did you mean `hadolint:DL3007`?",
            ),
            ("[severity]\n'compose' = 'eror'\n", "did you mean `error`?"),
            ("[severity]\n'compse/image-latest' = 'error'\n", "did you mean `compose/image-latest`?"),
            ("fail-on = 'warnings'\n", "did you mean `warning`?"),
            (
                "[[deployments]]\nenvironment = 'prodution'\ncompose = ['compose.prod.yaml']\n",
                "did you mean `production`?",
            ),
            ("[[overrides]]\npath = ['a']\n", "shipworthy.toml:2:1: unknown key `path`; did you mean `paths`?"),
            ("select = 1\n", "shipworthy.toml:1:10: "),
            ("exclude = ['a[']\n", "shipworthy.toml:1:12: "),
            ("select = \n", "shipworthy.toml:1:"),
            ("a = 1\na = 2\n", "shipworthy.toml:"),
        ] {
            let said = refused("shipworthy.toml", text);
            assert!(said.starts_with("shipworthy: shipworthy.toml:") && said.contains(expected), "{text}{said}");
        }
        let said = refused("pyproject.toml", "[project]\nname = 'x'\n\n[tool.shipworthy]\nselct = []\n");
        assert!(said.starts_with("shipworthy: pyproject.toml:5:1: unknown key `selct`"), "{said}");
    }

    #[test]
    fn what_is_no_toml_and_no_text_is_refused() {
        for bytes in [&b"\0"[..], b"\xff\xfea\0", b"a = \xff\n", b"[[[[", b"\xef\xbb\xbf= 1"] {
            let said = refused("shipworthy.toml", bytes);
            assert!(said.starts_with("shipworthy: ") && said.contains("shipworthy.toml"), "{said}");
        }
        refused("shipworthy.toml", "a=".to_owned() + &"[".repeat(100_000));
        refused("shipworthy.toml", "[".to_owned() + &"a.".repeat(100_000) + "a]");
    }

    #[test]
    fn the_command_line_is_as_strict() {
        for (arguments, expected) in [
            (&["--env", "prod"][..], "did you mean `production`?"),
            (
                &["--env", "nowhere"],
                "unknown environment `nowhere`; there are production, staging, testing, development",
            ),
            (&["--select", "compose/image-latst"], "did you mean `compose/image-latest`?"),
            (&["--ignore", "hadolint:DL307"], "did you mean `hadolint:DL3007`?"),
            (&["--extend-select", "nothing"], "unknown rule `nothing`"),
            (&["--format", "jsn"], "json"),
            (&["--fail-on", "eror"], "error"),
            (&["--output", "jsn=x"], "`jsn` is no format"),
            (&["--output", "json=gone/x"], "gone/x: "),
            (&["--config", "."], "shipworthy: "),
            (&["--jobs", "many"], "many"),
        ] {
            let run = sound().run(["check"].iter().chain(arguments));
            assert_eq!(run.code, 2, "{arguments:?}");
            assert!(run.stdout.is_empty() && run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
        }
        let run = sound().run(["explain", "compose/image-latst"]);
        assert!(run.code == 2 && run.stderr.contains("did you mean `compose/image-latest`?"), "{}", run.stderr);
    }
}
