//! What follows from loading the settings of developers is told where they are chosen, and not by itself.

mod support;

use support::Repository;

const COMPOSE: &str = "services:\n  web:\n    image: registry.example.org/school:1.4.2\n    \
                       command: gunicorn config.wsgi:application --bind 0.0.0.0:8000\n    environment:\n";

/// A project whose production loads `config.settings.local`, with `debug` in it.
fn school(debug: &str) -> Repository {
    let local = format!(
        "from .base import *\nDEBUG = {debug}\nALLOWED_HOSTS = [\"*\"]\n\
         EMAIL_BACKEND = \"django.core.mail.backends.console.EmailBackend\"\n"
    );
    let wsgi = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.production')\n";
    Repository::new([
        ("manage.py", wsgi),
        ("config/__init__.py", ""),
        ("config/wsgi.py", wsgi),
        ("config/settings/__init__.py", ""),
        ("config/settings/base.py", "SECRET_KEY = open('/run/secrets/key').read()\n"),
        ("config/settings/local.py", &local),
        ("config/settings/production.py", "from .base import *\nALLOWED_HOSTS = [\"school.example.org\"]\n"),
        ("compose.prod.yml", &format!("{COMPOSE}      DJANGO_SETTINGS_MODULE: config.settings.local\n")),
    ])
}

/// The settings findings and the root causes: rule, and the messages of the related places.
fn findings(repository: &Repository) -> Vec<(String, String)> {
    let run = repository.run(["check", "--format", "json"]);
    let found = run.json()["diagnostics"].as_array().unwrap().clone();
    let rows = found.iter().map(|it| (it["rule"].as_str().unwrap().to_owned(), it["related"].to_string()));
    rows.filter(|(rule, _)| rule.starts_with("settings/") || rule == "project/development-settings").collect()
}

#[test]
fn what_follows_is_told_at_the_choice() {
    let found = findings(&school("False"));
    let told = |name: &str| found.iter().any(|(rule, _)| rule == name);
    assert!(told("project/development-settings") && !told("settings/mail-not-sent"), "{found:?}");
    assert!(told("settings/allowed-hosts-wildcard"), "an error stays what it is: {found:?}");
    assert!(found.iter().any(|(_, related)| related.contains("follows from it: mail is")), "{found:?}");
}

#[test]
fn so_it_is_where_debug_is_on() {
    let found = findings(&school("True"));
    let rules: Vec<&str> = found.iter().map(|(rule, _)| rule.as_str()).collect();
    assert!(rules.contains(&"settings/debug-enabled") && !rules.contains(&"settings/mail-not-sent"), "{found:?}");
}

#[test]
fn without_the_cause_the_rest_is_told() {
    let repository = school("False");
    repository.write("shipworthy.toml", "ignore = [\"project/development-settings\"]\n");
    let found = findings(&repository);
    assert!(found.iter().any(|(rule, _)| rule == "settings/mail-not-sent"), "{found:?}");
}

#[test]
fn debug_in_a_stack_that_is_only_assumed_to_be_productions_is_told_alone() {
    let settings = "DEBUG = True\nSECRET_KEY = open('/run/secrets/key').read()\nALLOWED_HOSTS = []\n\
                    INSTALLED_APPS = ['django.contrib.sessions']\n\
                    MIDDLEWARE = ['django.contrib.sessions.middleware.SessionMiddleware']\n";
    let told = |stack: &str| -> Vec<String> {
        let compose = format!("{COMPOSE}      DJANGO_SETTINGS_MODULE: school.settings\n");
        let repository = Repository::new([("school/settings.py", settings), (stack, compose.as_str())]);
        findings(&repository).into_iter().map(|(rule, _)| rule).collect()
    };
    let (assumed, certain) = (told("compose.yml"), told("compose.prod.yml"));
    for rule in ["settings/allowed-hosts-empty", "settings/session-cookie-insecure"] {
        assert!(certain.iter().any(|it| it == rule), "{certain:?}");
        assert!(!assumed.iter().any(|it| it == rule), "{assumed:?}");
    }
    assert!(assumed.iter().any(|it| it == "settings/debug-enabled"), "{assumed:?}");
}
