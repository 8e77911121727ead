//! Settings of real repositories: what we say of each service, held against what Python makes of the same module.
//!
//! The module is imported several times: once with the variables that we know, then with those set that may be set
//! from outside. What differs between the runs has to be unknown to us; what is the same in all should not be.

use super::compare::{agrees, shown, value_agrees};
use super::seeds::say;
use serde_json::{Value as Json, json};
use shipworthy::config::Config;
use shipworthy::project::Model;
use shipworthy::project::deployment::{DjangoProcess, Service};
use shipworthy::project::settings::{Item, Items, PyValue, Settings};
use shipworthy::project::value::{Traced, Value};
use shipworthy::tree::{Snapshot, WalkOptions, WorkTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// The settings that decide whether a site can be judged at all.
const FIVE: [&str; 5] = ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASES", "MIDDLEWARE"];

#[derive(Default)]
struct Tally {
    modules: usize,
    unjudged: usize,
    settings: usize,
    wrong: usize,
    claims: usize,
    lost: usize,
    five: BTreeMap<&'static str, [usize; 3]>,
}

impl Tally {
    /// What was found so far: a long run may be cut off.
    fn line(&self) -> String {
        let Self { modules, unjudged, settings, wrong, claims, lost, five } = self;
        let mut line = format!(
            "total\t{modules} modules judged, {unjudged} not; {settings} settings: {wrong} wrong, {claims} claimed, {lost} lost"
        );
        for (name, [known, right, lost]) in five {
            let _ = write!(line, "\t{name}: {known} known, {right} rightly unknown, {lost} lost");
        }
        line
    }
}

/// Judges checkouts, prints what differs, a line each, and tells how much was wrong.
pub fn judge(mut python: Command, folders: &[PathBuf]) -> usize {
    let mut process = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
    let mut requests = process.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(process.stdout.take().expect("a pipe"));
    let mut ask = |request: &Json| -> Json {
        writeln!(requests, "{request}").expect("the judge listens");
        let mut line = String::new();
        answers.read_line(&mut line).expect("the judge answers");
        serde_json::from_str(&line).unwrap_or_else(|_| json!({ "failure": line }))
    };
    let mut tally = Tally::default();
    for folder in folders {
        let Ok(folder) = folder.canonicalize() else { continue };
        let Ok(tree) = WorkTree::open(&folder, &WalkOptions::default()) else { continue };
        let model = Model::build(Arc::new(Snapshot::new(tree)), &Config::default(), true);
        let mut seen = BTreeSet::new();
        for deployment in &model.deployments {
            for service in &deployment.services {
                let Some(django) = &service.django else { continue };
                let request = request(&folder, service, django);
                if !seen.insert(request.to_string()) {
                    continue;
                }
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                let title = format!("{name} {} {} {}", deployment.environment, service.name, django.settings.module);
                compare(&title, &django.settings, &ask(&request), &mut tally);
            }
        }
        if !seen.is_empty() {
            say(&tally.line());
        }
    }
    say(&tally.line());
    drop(requests);
    let _ = process.wait();
    tally.wrong + tally.claims
}

fn request(folder: &Path, service: &Service, django: &DjangoProcess) -> Json {
    let (mut known, mut unsure) = (BTreeMap::new(), BTreeSet::new());
    for (name, traced) in &django.variables.set {
        match &traced.value {
            Value::Known(text) => drop(known.insert(name, text.as_str())),
            Value::Default(text) => {
                known.insert(name, text);
                unsure.insert(name);
            }
            Value::OneOf(texts) => {
                known.extend(texts.first().map(|text| (name, text.as_str())));
                unsure.insert(name);
            }
            Value::Unknown(_) => drop(unsure.insert(name)),
            Value::Absent => {}
        }
    }
    let context = service.build.as_ref().map(|build| build.context.as_str());
    json!({
        "folder": folder,
        "roots": [Some(django.project.as_str()), context],
        "module": django.settings.module,
        "known": known,
        "unsure": unsure,
        "open": django.variables.open.is_some(),
        "asked": django.settings.variables_asked,
    })
}

fn compare(title: &str, settings: &Settings, answer: &Json, tally: &mut Tally) {
    let failed = [answer.clone()];
    let runs = answer["runs"].as_array().map_or(&failed[..], |runs| runs);
    let values = |run: &Json| run.get("values").and_then(Json::as_object).cloned();
    let whole: Vec<_> = runs.iter().filter_map(values).collect();
    let base = runs.first().and_then(values);
    let stubs = &answer["stubs"];
    if let (Some(_), Some(crash)) = (&base, &settings.raises) {
        tally.wrong += 1;
        say(&format!("wrong\t{title}\traises\tours {}, Python nothing", crash.exception));
    }
    if whole.is_empty() {
        tally.unjudged += 1;
        let ours = settings.raises.as_ref().map_or("nothing", |crash| crash.exception.as_str());
        let (first, last) = (&runs[0]["error"], &runs[runs.len() - 1]["error"]);
        say(&format!("unjudged\t{title}\tours {ours}\t{first} | {last} {stubs}"));
        return;
    }
    tally.modules += 1;
    let mut names: BTreeSet<&str> = whole.iter().flat_map(|run| run.keys().map(String::as_str)).collect();
    names.extend(settings.values.keys().map(String::as_str));
    let mut of_five = String::new();
    for name in names {
        tally.settings += 1;
        let mut own = settings.get(name);
        // A class of django-configurations has Django's defaults among its own.
        if own.value.is_absent() && settings.values.contains_key("CONFIGURATION") {
            own = settings.effective(name);
        }
        let theirs: Vec<Option<&Json>> = whole.iter().map(|run| run.get(name)).collect();
        let first = base.as_ref().map(|run| run.get(name));
        let everywhere: Option<Vec<&Json>> = theirs.iter().copied().collect();
        let mut lost = Vec::new();
        let verdict = if first.is_some_and(|first| !fits(&own.value, first)) {
            "wrong"
        } else if theirs.iter().any(|theirs| !fits(&loose(&own.value), *theirs)) {
            "claim"
        } else {
            // One run tells nothing of what differs.
            let told = whole.len() > 1 || !answer["varied"].as_bool().unwrap_or(false);
            if let Some(everywhere) = everywhere.as_ref().filter(|_| told) {
                losses(&own, everywhere, String::new(), &mut lost);
            }
            if lost.is_empty() { "" } else { "lost" }
        };
        match verdict {
            "wrong" => tally.wrong += 1,
            "claim" => tally.claims += 1,
            "lost" => tally.lost += 1,
            _ => {}
        }
        let python = || {
            let mut told: Vec<String> =
                theirs.iter().map(|it| it.map_or("none".to_owned(), |it| it.to_string())).collect();
            told.dedup();
            told.iter().map(|text| text.chars().take(700).collect()).collect::<Vec<String>>().join(" | ")
        };
        match verdict {
            "" => {}
            "lost" => say(&format!("lost\t{title}\t{name}\t{}\t{}", lost.join("; "), python())),
            verdict => say(&format!(
                "{verdict}\t{title}\t{name}\tours {}, Python {}\t{stubs}",
                shown(&own.value).chars().take(700).collect::<String>(),
                python()
            )),
        }
        if let Some(five) = FIVE.iter().find(|five| **five == name) {
            let partly = matches!(own.value, Value::Unknown(_)) || has_unknown(&own.value);
            let column = if !lost.is_empty() { 2 } else { usize::from(partly) };
            tally.five.entry(five).or_default()[column] += 1;
            let _ = write!(of_five, "\t{name} {}", ["known", "unknown", "lost"][column]);
        }
    }
    say(&format!("module\t{title}{of_five}"));
}

/// Whether a run may have this.
fn fits(own: &Value<PyValue>, theirs: Option<&Json>) -> bool {
    match (own, theirs) {
        (Value::Absent, None) | (Value::Unknown(_), _) => true,
        (Value::Absent, Some(_)) | (_, None) => false,
        (own, Some(theirs)) => value_agrees(own, theirs),
    }
}

/// The value where variables are set that we only know the fallbacks for.
fn loose(value: &Value<PyValue>) -> Value<PyValue> {
    let unknown = || Value::Unknown(shipworthy::project::value::Reason::Random);
    match value {
        Value::Default(_) | Value::Absent => unknown(),
        Value::Known(value) => Value::Known(loose_inside(value)),
        Value::OneOf(values) => Value::OneOf(values.iter().map(loose_inside).collect()),
        Value::Unknown(_) => value.clone(),
    }
}

fn loose_inside(value: &PyValue) -> PyValue {
    let loosen = |item: &mut Item| item.value.value = loose(&item.value.value);
    let mut value = value.clone();
    match &mut value {
        PyValue::List(items) | PyValue::Tuple(items) | PyValue::Set(items) => {
            // It may be the item itself that is there by default: added under a test.
            let before = items.items.len();
            items.items.retain(|item| !matches!(item.value.value, Value::Default(_)));
            items.more |= items.items.len() < before;
            items.items.iter_mut().for_each(loosen);
        }
        PyValue::Dict(entries) => {
            let before = entries.entries.len();
            entries.entries.retain(|(_, item)| !matches!(item.value.value, Value::Default(_)));
            entries.more |= entries.entries.len() < before;
            entries.entries.iter_mut().for_each(|(_, item)| loosen(item));
        }
        _ => {}
    }
    value
}

fn has_unknown(value: &Value<PyValue>) -> bool {
    let inside = |value: &PyValue| match value {
        PyValue::Unknown(_) => true,
        PyValue::List(items) | PyValue::Tuple(items) | PyValue::Set(items) => {
            items.more || items.items.iter().any(|item| has_unknown(&item.value.value))
        }
        PyValue::Dict(entries) => {
            entries.more || entries.entries.iter().any(|(_, item)| has_unknown(&item.value.value))
        }
        _ => false,
    };
    value.possible().is_none_or(|values| values.iter().any(inside))
}

/// What is unknown to us although all runs agree: the path in the setting, and why.
fn losses(own: &Traced<PyValue>, theirs: &[&Json], path: String, lost: &mut Vec<String>) {
    let agree = theirs.windows(2).all(|pair| pair[0] == pair[1]);
    let stub = theirs.iter().any(|theirs| theirs.get("stub").is_some() || theirs.get("opaque").is_some());
    let place = || own.trail.last().map_or(String::new(), |step| format!("{} {}", step.place.path, step.act));
    let reason = match &own.value {
        Value::Unknown(reason) => Some(reason.to_string()),
        Value::OneOf(_) => Some("one of several".to_owned()),
        Value::Known(PyValue::Unknown(reason)) | Value::Default(PyValue::Unknown(reason)) => Some(reason.to_string()),
        _ => None,
    };
    if let Some(reason) = reason {
        if agree && !stub {
            lost.push(format!("{path} {reason} ({})", place()));
        }
        return;
    }
    let Some(value) = own.value.likely() else { return };
    let parts = |tag: &str| -> Option<Vec<&Vec<Json>>> { theirs.iter().map(|it| it.get(tag)?.as_array()).collect() };
    let mut sequence = |items: &Items, tag: &str| {
        if items.more {
            lost.extend(agree.then(|| format!("{path} perhaps more ({})", place())));
            return;
        }
        let Some(theirs) = parts(tag) else { return };
        for (at, item) in items.items.iter().enumerate() {
            let inner: Option<Vec<&Json>> = theirs.iter().map(|theirs| theirs.get(at)).collect();
            if let Some(inner) = inner {
                losses(&item.value, &inner, format!("{path}[{at}]"), lost);
            }
        }
    };
    match value {
        PyValue::List(items) => sequence(items, "list"),
        PyValue::Tuple(items) => sequence(items, "tuple"),
        PyValue::Dict(entries) => {
            if entries.more && agree {
                lost.push(format!("{path} perhaps more ({})", place()));
            }
            let Some(theirs) = parts("dict") else { return };
            for (key, item) in &entries.entries {
                let find = |pairs: &&Vec<Json>| pairs.iter().position(|pair| agrees(key, &pair[0]));
                let inner: Option<Vec<&Json>> =
                    theirs.iter().map(|pairs| find(pairs).map(|at| &pairs[at][1])).collect();
                if let Some(inner) = inner {
                    losses(&item.value, &inner, format!("{path}[{}]", key.as_str().unwrap_or("?")), lost);
                }
            }
        }
        _ => {}
    }
}
