//! What we make of a package, held against what Django makes of it.

use super::asked::Asked;
use super::judge::{Answer, Package};
use serde_json::Value as Json;
use shipworthy::check_model;
use shipworthy::config::Config;
use shipworthy::project::Model;
use shipworthy::project::settings::{Entries, Item, Items, PyValue, Settings};
use shipworthy::project::value::Value;
use shipworthy::rules::catalogue::PAGES;
use shipworthy::rules::{CliChoice, Page};
use shipworthy::source::RepoPath;
use shipworthy::tree::{MemoryFile, MemoryTree, Snapshot};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// A point on which we and Django differ.
#[derive(Debug)]
pub struct Disagreement {
    /// What it is about: a setting, an id, `raises`. The same in a smaller package.
    pub about: String,
    /// Both sides.
    pub text: String,
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub packages: usize,
    pub settings: usize,
    pub unknown: usize,
    pub ids: usize,
    pub stopped: usize,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.packages += other.packages;
        self.settings += other.settings;
        self.unknown += other.unknown;
        self.ids += other.ids;
        self.stopped += other.stopped;
    }
}

/// What we say of a package.
struct Ours {
    settings: Arc<Settings>,
    rules: BTreeSet<String>,
}

/// Holds the one against the other.
pub fn compare(package: &Package, answer: &Answer, tally: &mut Tally) -> Vec<Disagreement> {
    let Some(ours) = ours(package) else {
        return vec![disagreement("deployment", "no process loads the settings")];
    };
    tally.packages += 1;
    let settings = &ours.settings;
    if let Some(problem) = &answer.error {
        tally.stopped += 1;
        return match &settings.raises {
            Some(crash) if !problem.classes.contains(&crash.exception) => {
                vec![disagreement("raises", format!("ours {}, Python {}", crash.exception, problem.text))]
            }
            Some(_) => Vec::new(),
            None if settings.unresolved.is_empty() => {
                vec![disagreement("raises", format!("ours nothing, Python {}", problem.text))]
            }
            None => Vec::new(),
        };
    }
    let mut found = Vec::new();
    if let Some(crash) = &settings.raises {
        found.push(disagreement("raises", format!("ours {}, Python nothing", crash.exception)));
    }
    for (name, theirs) in &answer.values {
        let own = settings.effective(name).value;
        match &own {
            Value::Absent if settings.values.contains_key(name) => {
                found.push(disagreement(name, format!("ours absent, Python {theirs}")));
            }
            // Django's default is a structure that no rule asks for.
            Value::Absent => {}
            Value::Unknown(_) => tally.unknown += 1,
            own => {
                tally.settings += 1;
                if !value_agrees(own, theirs) {
                    found.push(disagreement(name, format!("ours {}, Python {theirs}", shown(own))));
                }
            }
        }
    }
    for (name, setting) in &settings.values {
        if !answer.values.contains_key(name) && !setting.may_be_absent && !setting.value.value.is_absent() {
            found.push(disagreement(name, format!("ours {}, Python has none", shown(&setting.value.value))));
        }
    }
    if let Some(checks) = &answer.checks {
        found.extend(ids(&ours, checks, tally));
    }
    found
}

fn disagreement(about: &str, text: impl Into<String>) -> Disagreement {
    Disagreement { about: about.to_owned(), text: text.into() }
}

/// The deployment of a package: an image with nothing else in it, a compose file, half of the variables in a file.
fn ours(package: &Package) -> Option<Ours> {
    let mut files: Vec<(String, String)> =
        package.files.iter().map(|(path, text)| (path.clone(), text.clone())).collect();
    let root = package.module.split('.').next().unwrap_or_default();
    let mut compose = "services:\n  web:\n    build: .\n    env_file: web.env\n    environment:\n".to_owned();
    let mut env_file = String::new();
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:,@".contains(c));
    for (number, (name, text)) in package.env.iter().enumerate() {
        if number % 2 == 0 && plain(text) {
            let _ = writeln!(env_file, "{name}={text}");
        } else {
            let _ = writeln!(compose, "      {name}: {}", Json::from(text.replace('$', "$$")));
        }
    }
    let _ = writeln!(compose, "      DJANGO_SETTINGS_MODULE: {}", package.module);
    let manage = format!("import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '{}')\n", package.module);
    let image = format!(
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD [\"gunicorn\", \"{root}.wsgi\", \"--bind\", \"0.0.0.0:8000\"]\n"
    );
    files.extend([
        ("compose.prod.yml".to_owned(), compose),
        ("web.env".to_owned(), env_file),
        ("manage.py".to_owned(), manage.clone()),
        (format!("{root}/wsgi.py"), manage),
        ("Dockerfile".to_owned(), image),
        ("requirements.txt".to_owned(), format!("django=={}.{}.1\n", package.release.0, package.release.1)),
    ]);
    let files = files.into_iter().map(|(path, text)| MemoryFile::new(RepoPath::new(&path).expect("a path"), text));
    let snapshot = Arc::new(Snapshot::new(MemoryTree::new(files)));
    // Also those that are off by default.
    let compared = PAGES.iter().filter(|page| {
        page.equivalents.iter().any(|it| it.starts_with("django:")) || page.id == "settings/secret-key-fallback"
    });
    let choice = CliChoice { select: compared.map(|page| page.id.to_string()).collect(), ..CliChoice::default() };
    let asked = Asked::new(Config::default(), &choice);
    let options = asked.options(true);
    let model = Model::build(snapshot, options.config, options.complete);
    let deployment = model.deployments.iter().find(|it| it.serves_real_users())?;
    let settings = deployment.services.iter().find_map(|service| service.django.as_ref())?.settings.clone();
    let rules = check_model(&model, &options).findings.into_iter().map(|finding| finding.rule.to_string()).collect();
    Some(Ours { settings, rules })
}

/// Where rules and ids differ.
fn ids(ours: &Ours, theirs: &[String], tally: &mut Tally) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let id_of = |equivalent: &str| equivalent.strip_prefix("django:").map(str::to_owned);
    let stands_for = |page: &Page| -> Vec<String> { page.equivalents.iter().filter_map(|it| id_of(it)).collect() };
    for page in PAGES.iter() {
        let ids = stands_for(page);
        if ids.is_empty() || !ours.rules.contains(page.id) || says_more(page.id) {
            continue;
        }
        tally.ids += 1;
        if !ids.iter().any(|id| theirs.contains(id)) {
            found.push(disagreement(page.id, format!("ours {}, Django none of {}", page.id, ids.join(", "))));
        }
    }
    for id in theirs {
        let pages: Vec<&Page> = PAGES.iter().filter(|page| stands_for(page).contains(id)).collect();
        let said = pages.iter().any(|page| ours.rules.contains(page.id));
        if !pages.is_empty() && !said && !is_said_otherwise(id, ours) {
            found.push(disagreement(id, format!("ours nothing, Django {id}")));
        }
    }
    found
}

/// Rules that report more than the check that they take in: a key that stands in the repository, however strong; a list
/// of one empty host; uploads without a storage; a cookie that browsers refuse, whatever sends it.
fn says_more(rule: &str) -> bool {
    matches!(
        rule,
        "settings/secret-key-literal"
            | "settings/secret-key-fallback"
            | "settings/cookie-refused-by-browsers"
            | "settings/csrf-origin-without-effect"
            | "settings/storages-incomplete"
            | "settings/allowed-hosts-empty"
    )
}

/// The setting that an id is about, and whether Django wants `True` itself, where what acts on it is content with less.
fn subject(id: &str) -> (&'static str, bool) {
    match id {
        "security.W004" => ("SECURE_HSTS_SECONDS", false),
        "security.W005" => ("SECURE_HSTS_INCLUDE_SUBDOMAINS", true),
        "security.W006" => ("SECURE_CONTENT_TYPE_NOSNIFF", true),
        "security.W008" => ("SECURE_SSL_REDIRECT", true),
        "security.W009" => ("SECRET_KEY", false),
        "security.W010" | "security.W011" | "security.W012" => ("SESSION_COOKIE_SECURE", true),
        "security.W013" | "security.W014" | "security.W015" => ("SESSION_COOKIE_HTTPONLY", true),
        "security.W016" => ("CSRF_COOKIE_SECURE", true),
        "security.W018" => ("DEBUG", false),
        "security.W020" => ("ALLOWED_HOSTS", false),
        "security.W021" => ("SECURE_HSTS_PRELOAD", true),
        "security.W025" => ("SECRET_KEY_FALLBACKS", false),
        "urls.E006" => ("STATIC_URL", false),
        _ => ("MIDDLEWARE", false),
    }
}

/// Whether silence on an id is meant: another finding says it, what acts on the setting does what it should, or it
/// cannot be told.
fn is_said_otherwise(id: &str, ours: &Ours) -> bool {
    let (setting, wants_true) = subject(id);
    let effective = |name: &str| ours.settings.effective(name);
    let unclear = |name: &str| effective(name).value.known().is_none() || effective(name).truth().is_unknown();
    let on = |name: &str| effective(name).truth() != Value::Known(false);
    let lists = |name: &str, entry: &str| ours.settings.lists(name, entry) == Value::Known(true);
    [setting, "MIDDLEWARE", "INSTALLED_APPS", "SILENCED_SYSTEM_CHECKS"].into_iter().any(unclear)
        || (wants_true && on(setting))
        // Nothing to protect: nobody signs in, and there is no admin to be framed.
        || (id == "security.W003" && !lists("MIDDLEWARE", "django.contrib.sessions.middleware.SessionMiddleware"))
        || (id == "security.W002" && !lists("INSTALLED_APPS", "django.contrib.admin"))
}

pub fn value_agrees(own: &Value<PyValue>, theirs: &Json) -> bool {
    match own.possible() {
        Some(values) => values.iter().any(|value| agrees(value, theirs)),
        None => true,
    }
}

/// Whether a value may be the one that Python has.
pub fn agrees(own: &PyValue, theirs: &Json) -> bool {
    let tagged = |tag: &str| theirs.get(tag);
    // It stands for a library that is not installed.
    if tagged("stub").is_some() {
        return true;
    }
    match own {
        PyValue::Unknown(_)
        | PyValue::Function(_)
        | PyValue::Class(_)
        | PyValue::Module(_)
        | PyValue::Library(_)
        | PyValue::Object(_) => true,
        PyValue::None => theirs.is_null(),
        PyValue::Bool(value) => theirs == value,
        PyValue::Int(value) => theirs == value || tagged("opaque") == Some(&Json::from("int")),
        PyValue::Float(value) => {
            tagged("float").and_then(Json::as_str).and_then(|text| text.parse::<f64>().ok()) == Some(*value)
        }
        PyValue::Str(text) => theirs.as_str() == Some(text),
        PyValue::Bytes(text) => tagged("bytes").and_then(Json::as_str) == Some(text),
        PyValue::Path(text) => tagged("path").and_then(Json::as_str) == Some(text),
        PyValue::Random => theirs.is_string(),
        PyValue::List(items) => tagged("list").is_some_and(|theirs| sequence(items, theirs)),
        PyValue::Tuple(items) => tagged("tuple").is_some_and(|theirs| sequence(items, theirs)),
        PyValue::Set(items) => tagged("set").is_some_and(|theirs| set(items, theirs)),
        PyValue::Dict(entries) => tagged("dict").is_some_and(|theirs| dict(entries, theirs)),
    }
}

fn item_agrees(item: &Item, theirs: &Json) -> bool {
    value_agrees(&item.value.value, theirs)
}

/// The known items in their order; others between them only where there may be more.
fn sequence(own: &Items, theirs: &Json) -> bool {
    let theirs: &[Json] = theirs.as_array().map_or(&[], |items| items);
    if !own.more {
        return own.items.len() == theirs.len()
            && own.items.iter().zip(theirs).all(|(item, theirs)| item_agrees(item, theirs));
    }
    let mut rest = theirs.iter();
    let told = |item: &&Item| item.value.value.likely().is_some_and(|value| !matches!(value, PyValue::Unknown(_)));
    own.items.iter().filter(told).all(|item| rest.any(|theirs| item_agrees(item, theirs)))
}

fn set(own: &Items, theirs: &Json) -> bool {
    let theirs: &[Json] = theirs.as_array().map_or(&[], |items| items);
    let there = own.items.iter().all(|item| theirs.iter().any(|theirs| item_agrees(item, theirs)));
    there && (own.more || own.items.len() == theirs.len())
}

fn dict(own: &Entries, theirs: &Json) -> bool {
    let theirs: &[Json] = theirs.as_array().map_or(&[], |items| items);
    let there = own.entries.iter().all(|(key, item)| {
        item.value.value.is_absent() || theirs.iter().any(|pair| agrees(key, &pair[0]) && item_agrees(item, &pair[1]))
    });
    there && (own.more || own.entries.len() == theirs.len())
}

pub fn shown(value: &Value<PyValue>) -> String {
    match value.possible() {
        Some(values) => values.iter().map(plain).collect::<Vec<_>>().join(" | "),
        None => format!("{value:?}"),
    }
}

/// A value in short, for the report.
fn plain(value: &PyValue) -> String {
    let list = |items: &Items| {
        let mut parts: Vec<String> = items.items.iter().map(|item| shown(&item.value.value)).collect();
        parts.extend(items.more.then(|| "…".to_owned()));
        parts.join(", ")
    };
    match value {
        PyValue::List(items) => format!("[{}]", list(items)),
        PyValue::Tuple(items) => format!("({})", list(items)),
        PyValue::Set(items) => format!("{{{}}}", list(items)),
        PyValue::Dict(entries) => {
            let pair = |(key, item): &(PyValue, Item)| format!("{}: {}", plain(key), shown(&item.value.value));
            let mut parts: Vec<String> = entries.entries.iter().map(pair).collect();
            parts.extend(entries.more.then(|| "…".to_owned()));
            format!("{{{}}}", parts.join(", "))
        }
        other => format!("{other:?}"),
    }
}
