//! Whatever a repository holds, a run ends by itself, with an exit code of the contract and a report that parses.

#[path = "../support/asked.rs"]
mod asked;
mod bytes;
mod configurations;
#[cfg(unix)]
mod disks;
mod meanings;
mod nesting;
mod sizes;
#[path = "../support/mod.rs"]
mod support;
mod whole_repositories;

use asked::Asked;
use serde_json::Value;
use shipworthy::config::Config;
use shipworthy::rules::CliChoice;
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
    ("config/extra.py", "ALLOWED_HOSTS = ['example.org']\nLOGGING = {'version': 1, 'root': {'level': 'INFO'}}\n"),
    ("config/wsgi.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n"),
    ("config/urls.py", "urlpatterns = []\n"),
    ("shop/models.py", "from django.db import models\n"),
    ("shop/migrations/0001_initial.py", "class Migration: pass\n"),
    (
        "Dockerfile",
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nUSER app\nENTRYPOINT [\"sh\", \"/app/entrypoint.sh\"]\nCMD [\"gunicorn\", \"config.wsgi\"]\n",
    ),
    ("entrypoint.sh", "#!/bin/sh\n. ./lib.sh\nexec \"$@\"\n"),
    ("lib.sh", "wait_for() { true; }\n"),
    (
        "compose.prod.yaml",
        "include: [more.compose.yaml]\nservices:\n  web:\n    build: .\n    env_file: [.env.web]\n    environment:\n      A: ${B:-c}\n      SECRET_KEY: ${SECRET_KEY:?}\n    extends: {file: base.compose.yaml, service: base}\n",
    ),
    ("base.compose.yaml", "services:\n  base:\n    image: app:1\n    restart: always\n"),
    ("more.compose.yaml", "services:\n  cache:\n    image: redis:7.4.1\n    restart: always\n"),
    (".env", "B=1\n"),
    (".env.web", "DEBUG=0\n"),
    (".env.example", "DEBUG=\n# SECRET_KEY\n"),
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

/// A file that is listed, and then is not there, or not as it was.
#[test]
fn files_that_vanish_between_the_walk_and_the_reading() {
    let path = |path: &str| RepoPath::new(path).unwrap();
    let asked = Asked::new(Config::default(), &CliChoice::default());
    for answer in [ReadError::NotFound, ReadError::NotAFile, ReadError::OutsideRoot, ReadError::Io("gone".into())] {
        for gone in SOUND.iter().map(|(name, _)| Some(path(name))).chain([None]) {
            let files = SOUND.iter().map(|(name, text)| MemoryFile::new(path(name), *text));
            let tree = Vanishing { tree: MemoryTree::new(files), gone, answer: answer.clone() };
            shipworthy::check(&Arc::new(Snapshot::new(tree)), &asked.options(true));
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
