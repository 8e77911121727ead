//! `shipworthy inspect`: the effective deployment, with where each thing comes from.

use super::args::{InspectArgs, ListFormat, Part};
use super::{Failure, repository};
use crate::project::Model;
use crate::project::deployment::{Deployment, Service};
use crate::project::secrecy::may_name_secret;
use crate::project::settings::{Item, PyValue};
use crate::project::value::{Step, Traced, Value};
use crate::report::sanitize;
use crate::secrets::redact;
use crate::source::Place;
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::process::ExitCode;

/// Prints what was worked out.
pub fn run(args: &InspectArgs) -> Result<ExitCode, Failure> {
    let (path, part) = args.target()?;
    let repository = repository::open(&[path.to_owned()], &args.config)?;
    let wanted = repository.environment(args.env.as_deref())?;
    let model = Model::build(repository.snapshot, &repository.config, true);
    let shown = |deployment: &&Deployment| wanted.as_ref().is_none_or(|wanted| deployment.environment == *wanted);
    let deployments: Vec<&Deployment> = model.deployments.iter().filter(shown).collect();
    let view = View { model: &model, only_settings: part == Some(Part::Settings) };
    let text = match (args.unknown, args.format) {
        (true, ListFormat::Text) => view.unknowns_as_text(args.env.as_deref()),
        (true, ListFormat::Json) => pretty(&view.unknowns_as_json(args.env.as_deref())),
        (false, ListFormat::Text) => deployments.iter().map(|deployment| view.as_text(deployment)).collect(),
        (false, ListFormat::Json) => {
            let deployments: Vec<Json> = deployments.iter().map(|deployment| view.as_json(deployment)).collect();
            pretty(&json!({ "version": 1, "deployments": deployments }))
        }
    };
    let text = redact(&text);
    super::print(if text.is_empty() { "nothing of a deployment was recognised here\n" } else { &text })
}

fn pretty(value: &Json) -> String {
    sanitize::json(format!("{value:#}\n"))
}

struct View<'a> {
    model: &'a Model,
    only_settings: bool,
}

impl View<'_> {
    fn as_text(&self, deployment: &Deployment) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{}: {}", deployment.environment, deployment.name);
        for evidence in &deployment.evidence {
            let _ = writeln!(text, "  because {} ({})", evidence.kind, self.place(&evidence.place));
        }
        for service in &deployment.services {
            self.service_as_text(&mut text, service);
        }
        text.push('\n');
        text
    }

    fn service_as_text(&self, text: &mut String, service: &Service) {
        if self.only_settings && service.django.is_none() {
            return;
        }
        let _ = writeln!(text, "\n  {} [{}]  {}", service.name, service.role.name(), self.place(&service.place));
        if !self.only_settings {
            if service.is_kept_by_platform() {
                text.push_str("    kept by the platform\n");
            }
            if let Some(image) = &service.image {
                let _ = writeln!(text, "    image     {}  {}", image.text, self.place(&image.place));
            }
            if let Some(build) = &service.build {
                let _ =
                    writeln!(text, "    build     {} in {}", build.dockerfile, shown_folder(build.context.as_str()));
            }
            for run in service.process.runs.iter().filter(|run| run.does_something()) {
                let happens = match run.happens.likely() {
                    Some(true) => "",
                    Some(false) => "  (not in this environment)",
                    None => "  (perhaps)",
                };
                let line = run.invocation.text().split_whitespace().collect::<Vec<_>>().join(" ");
                let _ =
                    writeln!(text, "    runs      {}{happens}  {}", shorten(&redact(&line)), self.place(&run.place()));
            }
            if let Some(reason) = &service.process.maybe_more {
                let _ = writeln!(text, "    runs      unknown: {reason}");
            }
            for (name, traced) in &service.variables.set {
                let _ = writeln!(text, "    variable  {name} = {}{}", shown_text(name, traced), self.origin(traced));
            }
            if let Some(opening) = &service.variables.open {
                let at = opening.step.as_ref().map_or(String::new(), |step| format!("  {}", self.place(&step.place)));
                let _ = writeln!(text, "    variable  perhaps more: {}{at}", opening.reason);
            }
        }
        let Some(django) = &service.django else { return };
        let _ = writeln!(text, "    settings  {}{}", django.settings.module, self.origin(&django.module));
        if let Some(crash) = &django.settings.raises {
            let _ = writeln!(text, "    settings  stop with {}  {}", crash.exception, self.place(&crash.place));
        }
        if let Some(reason) = &django.settings.more {
            let _ = writeln!(text, "    settings  perhaps more: {reason}");
        }
        for (name, setting) in &django.settings.values {
            if !self.only_settings && !ALWAYS_SHOWN.contains(&name.as_str()) {
                continue;
            }
            let _ = writeln!(text, "      {name} = {}", shown_value(name, &setting.value));
            for step in &setting.value.trail {
                let _ = writeln!(text, "        {} {}", self.place(&step.place), step.act);
            }
        }
    }

    fn as_json(&self, deployment: &Deployment) -> Json {
        let evidence: Vec<Json> = deployment
            .evidence
            .iter()
            .map(|evidence| json!({ "what": evidence.kind.to_string(), "place": self.place(&evidence.place) }))
            .collect();
        let services: Vec<Json> = deployment.services.iter().map(|service| self.service_as_json(service)).collect();
        json!({
            "name": deployment.name,
            "environment": deployment.environment.name(),
            "assumed": deployment.is_assumed(),
            "evidence": evidence,
            "files": deployment.files.iter().map(|path| path.as_str()).collect::<Vec<_>>(),
            "services": services,
        })
    }

    fn service_as_json(&self, service: &Service) -> Json {
        let runs: Vec<Json> = service
            .process
            .runs
            .iter()
            .filter(|run| run.does_something())
            .map(|run| json!({ "command": run.invocation.text(), "place": self.place(&run.place()), "happens": run.happens.likely() }))
            .collect();
        let variables: serde_json::Map<String, Json> = service
            .variables
            .set
            .iter()
            .map(|(name, traced)| {
                let value = json!({ "value": shown_text(name, traced), "trail": self.trail(&traced.trail) });
                (name.clone(), value)
            })
            .collect();
        let settings = service.django.as_ref().map(|django| {
            let values: serde_json::Map<String, Json> = django
                .settings
                .values
                .iter()
                .map(|(name, setting)| {
                    let value = json!({
                        "value": shown_value(name, &setting.value),
                        "certainty": certainty(&setting.value.value),
                        "trail": self.trail(&setting.value.trail),
                    });
                    (name.clone(), value)
                })
                .collect();
            json!({
                "module": django.settings.module,
                "chosen": self.trail(&django.module.trail),
                "values": values,
            })
        });
        json!({
            "name": service.name,
            "role": service.role.name(),
            "place": self.place(&service.place),
            "image": service.image.as_ref().map(|image| image.text.clone()),
            "dockerfile": service.build.as_ref().map(|build| build.dockerfile.to_string()),
            "built_by": service.build.as_ref().and_then(|build| build.by.as_ref()).map(|step| self.place(&step.place)),
            "runs": runs,
            "variables": variables,
            "may_have_more_variables": service.variables.open.as_ref().map(|opening| opening.reason.to_string()),
            "settings": settings,
        })
    }

    fn unknowns_as_text(&self, environment: Option<&str>) -> String {
        let mut text = String::new();
        for it in self.model.unknowns().iter().filter(|it| environment.is_none_or(|name| it.environment == name)) {
            let _ = writeln!(
                text,
                "{} ({}), {}: {} is not known: {}",
                it.deployment, it.environment, it.service, it.what, it.why
            );
        }
        if text.is_empty() { "nothing is unknown\n".to_owned() } else { text }
    }

    fn unknowns_as_json(&self, environment: Option<&str>) -> Json {
        let unknowns: Vec<Json> = self
            .model
            .unknowns()
            .iter()
            .filter(|it| environment.is_none_or(|name| it.environment == name))
            .map(|it| {
                json!({
                    "deployment": it.deployment, "environment": it.environment, "service": it.service,
                    "what": it.what, "why": it.why,
                })
            })
            .collect();
        json!({ "version": 1, "unknown": unknowns })
    }

    fn place(&self, place: &Place) -> String {
        match self.model.snapshot.source(&place.path) {
            Ok(source) => format!("{}:{}", place.path, source.lines().line(place.span.start as usize)),
            Err(_) => place.path.to_string(),
        }
    }

    fn trail(&self, steps: &[Step]) -> Vec<Json> {
        steps.iter().map(|step| json!({ "place": self.place(&step.place), "what": step.act.to_string() })).collect()
    }

    /// Where a value is decided, in brackets.
    fn origin<T>(&self, traced: &Traced<T>) -> String {
        let places: Vec<String> = traced.trail.iter().map(|step| self.place(&step.place)).collect();
        if places.is_empty() { String::new() } else { format!("  ({})", places.join(" → ")) }
    }
}

/// The settings that a deployment's summary shows; `inspect settings` shows all.
const ALWAYS_SHOWN: [&str; 3] = ["ALLOWED_HOSTS", "DEBUG", "SECRET_KEY"];

/// Values are cut after so many characters.
const WIDTH: usize = 100;

fn shorten(text: &str) -> String {
    if text.chars().count() <= WIDTH { text.to_owned() } else { text.chars().take(WIDTH).chain(['…']).collect() }
}

fn shown_folder(folder: &str) -> &str {
    if folder.is_empty() { "." } else { folder }
}

fn certainty<T>(value: &Value<T>) -> &'static str {
    match value {
        Value::Known(_) => "known",
        Value::Default(_) => "default",
        Value::OneOf(_) => "one of several",
        Value::Absent => "absent",
        Value::Unknown(_) => "unknown",
    }
}

fn shown_text(name: &str, traced: &Traced<String>) -> String {
    describe(&traced.value, |text| {
        if may_name_secret(name) && !text.is_empty() { "***".to_owned() } else { format!("{text:?}") }
    })
}

fn shown_value(name: &str, traced: &Traced<PyValue>) -> String {
    describe(&traced.value, |value| python(name, value, 0))
}

fn describe<T>(value: &Value<T>, show: impl Fn(&T) -> String) -> String {
    match value {
        Value::Known(value) => show(value),
        Value::Default(value) => format!("{} unless it is set elsewhere", show(value)),
        Value::OneOf(values) => format!("one of {}", values.iter().map(show).collect::<Vec<_>>().join(" | ")),
        Value::Absent => "not set".to_owned(),
        Value::Unknown(reason) => format!("unknown: {reason}"),
    }
}

/// The same for what stands inside another value, in a word.
fn inside<T>(value: &Value<T>, show: impl Fn(&T) -> String) -> String {
    match value {
        Value::Default(value) => format!("default {}", show(value)),
        other => describe(other, show),
    }
}

/// A value as Python writes it, secrets by their names hidden.
fn python(name: &str, value: &PyValue, depth: usize) -> String {
    if depth > 6 {
        return "…".to_owned();
    }
    let item = |item: &Item| inside(&item.value.value, |value| python(name, value, depth + 1));
    let list = |items: &crate::project::settings::Items| {
        let mut parts: Vec<String> = items.items.iter().map(item).collect();
        parts.extend(items.more.then(|| "…".to_owned()));
        parts.join(", ")
    };
    let secret = may_name_secret(name);
    let text = match value {
        PyValue::None => "None".to_owned(),
        PyValue::Bool(true) => "True".to_owned(),
        PyValue::Bool(false) => "False".to_owned(),
        PyValue::Int(number) => number.to_string(),
        PyValue::Float(number) => number.to_string(),
        PyValue::Str(text) if secret && !text.is_empty() => format!("'***' ({} characters)", text.chars().count()),
        PyValue::Str(text) => format!("{text:?}"),
        PyValue::Bytes(_) => "b'…'".to_owned(),
        PyValue::List(items) => format!("[{}]", list(items)),
        PyValue::Tuple(items) => format!("({})", list(items)),
        PyValue::Set(items) => format!("{{{}}}", list(items)),
        PyValue::Dict(entries) => {
            let mut parts: Vec<String> = entries
                .entries
                .iter()
                .map(|(key, value)| {
                    let name = key.as_str().unwrap_or(name);
                    let shown = inside(&value.value.value, |value| python(name, value, depth + 1));
                    format!("{}: {shown}", python("", key, depth + 1))
                })
                .collect();
            parts.extend(entries.more.then(|| "…".to_owned()));
            format!("{{{}}}", parts.join(", "))
        }
        PyValue::Path(path) => format!("Path({path:?})"),
        PyValue::Random => "a random text".to_owned(),
        PyValue::Function(name) | PyValue::Class(name) | PyValue::Module(name) | PyValue::Library(name) => name.clone(),
        PyValue::Object(object) => format!("{}(…)", object.function),
        PyValue::Unknown(reason) => format!("unknown: {reason}"),
    };
    if depth == 0 { shorten(&redact(&text)) } else { text }
}
