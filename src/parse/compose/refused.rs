//! What Docker Compose refuses of one file: values that do not fit the specification's schema, keys that are no text, and
//! `${` without its end.

use crate::parse::yaml::{NodeId, Style, Yaml};
use crate::source::Span;
use serde_json::Value as Json;
use std::sync::LazyLock;

/// The schema of the compose specification (Apache License 2.0), its descriptions left out.
static SCHEMA: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(include_str!("specification.json")).unwrap_or_default());

/// So many values are looked at: aliases can make a small file look endless.
const MAX_NODES: usize = 200_000;
const MAX_DEPTH: usize = 64;
/// So many refusals are told; Compose itself tells one.
const MAX_REFUSALS: usize = 20;

/// Lists of which Compose itself takes what stands twice, and those that are looked at when they are merged.
const MADE_UNIQUE: &[&str] = &[
    "aliases",
    "annotations",
    "args",
    "additional_contexts",
    "cap_add",
    "cap_drop",
    "configs",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "environment",
    "env_file",
    "expose",
    "group_add",
    "labels",
    "link_local_ips",
    "links",
    "ports",
    "profiles",
    "secrets",
    "security_opt",
    "sysctls",
    "tags",
    "tmpfs",
    "volumes",
    "volumes_from",
];

/// Something for which Compose refuses a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub span: Span,
    /// What, in lower case and without a full stop.
    pub message: String,
    /// The service that it belongs to.
    pub service: Option<String>,
    /// Whether a file before this one may make it right: something is missing or empty.
    pub partial: bool,
    /// Whether it is a key that a newer Compose may know.
    pub unknown_key: bool,
    /// Whether the whole file is refused wherever it is read; else only where this part of it is used.
    pub syntax: bool,
}

/// What Compose refuses of the document under `root`.
pub(super) fn refusals(yaml: &Yaml, root: NodeId) -> Vec<Refusal> {
    let mut checker = Checker { yaml, left: MAX_NODES, found: Vec::new() };
    let mut at = Path { parts: Vec::new() };
    checker.syntax(root, &mut at);
    // Nothing is validated in a file that cannot be read that far.
    if checker.found.is_empty() {
        checker.check(root, &SCHEMA, &mut at);
    }
    checker.found.truncate(MAX_REFUSALS);
    checker.found
}

struct Checker<'a> {
    yaml: &'a Yaml,
    left: usize,
    found: Vec<Refusal>,
}

struct Path {
    parts: Vec<String>,
}

impl Path {
    fn text(&self) -> String {
        if self.parts.is_empty() { "the file".to_owned() } else { format!("`{}`", self.parts.join(".")) }
    }

    fn service(&self) -> Option<String> {
        if self.parts.first().is_some_and(|first| first == "services") { self.parts.get(1).cloned() } else { None }
    }
}

/// What a value is to the schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Integer,
    Number,
    Text,
    /// A text with variables, of which Compose makes what the key wants.
    Filled,
    Date,
    List,
    Mapping,
}

impl Kind {
    fn is(self, name: &str) -> bool {
        match name {
            "null" => self == Kind::Null,
            "boolean" => matches!(self, Kind::Bool | Kind::Filled),
            "integer" => matches!(self, Kind::Integer | Kind::Filled),
            "number" => matches!(self, Kind::Integer | Kind::Number | Kind::Filled),
            "string" => matches!(self, Kind::Text | Kind::Filled),
            "array" => self == Kind::List,
            "object" => self == Kind::Mapping,
            _ => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Null => "empty",
            Kind::Bool => "a boolean",
            Kind::Integer | Kind::Number => "a number",
            Kind::Text | Kind::Filled => "text",
            Kind::Date => "a date",
            Kind::List => "a list",
            Kind::Mapping => "a mapping",
        }
    }
}

impl<'a> Checker<'a> {
    fn refuse(&mut self, node: NodeId, at: &Path, message: String, partial: bool) {
        let span = self.yaml.span(node);
        self.found.push(Refusal { span, message, service: at.service(), partial, unknown_key: false, syntax: false });
    }

    fn refuse_file(&mut self, span: Span, at: &Path, message: String) {
        self.found.push(Refusal {
            span,
            message,
            service: at.service(),
            partial: false,
            unknown_key: false,
            syntax: true,
        });
    }

    fn kind(&self, node: NodeId) -> Kind {
        let yaml = self.yaml;
        if yaml.is_null(node) {
            Kind::Null
        } else if yaml.is_mapping(node) {
            Kind::Mapping
        } else if yaml.items(node).is_some() {
            Kind::List
        } else if yaml.as_bool(node).is_some() {
            Kind::Bool
        } else if let Some(number) = yaml.as_float(node) {
            if number.fract() == 0.0 { Kind::Integer } else { Kind::Number }
        } else {
            let text = yaml.text(node).unwrap_or_default();
            let plain = yaml.style(node) == Some(Style::Plain) && yaml.tag(node).is_none();
            match text {
                text if text.contains('$') => Kind::Filled,
                text if plain && is_date(text) => Kind::Date,
                _ => Kind::Text,
            }
        }
    }

    /// What is refused before any key has its meaning.
    fn syntax(&mut self, node: NodeId, at: &mut Path) {
        if self.left == 0 || at.parts.len() > MAX_DEPTH || self.found.len() >= MAX_REFUSALS {
            return;
        }
        self.left -= 1;
        let yaml = self.yaml;
        // What an alias stands for is looked at where it stands.
        if yaml.resolve(node) != node {
            return;
        }
        if let Some(pairs) = yaml.pairs(node) {
            for &(key, value) in pairs {
                let name = yaml.text(key).unwrap_or_default();
                if yaml.text(key).is_some() && yaml.as_str(key).is_none() && !yaml.is_merge_key(key) {
                    let message = format!("{} has a key that is not text: put `{name}` into quotes", at.text());
                    self.refuse_file(yaml.span(key), at, message);
                    return;
                }
                at.parts.push(name.to_owned());
                self.syntax(value, at);
                at.parts.pop();
            }
        } else if let Some(items) = yaml.items(node) {
            for (number, &item) in items.iter().enumerate() {
                at.parts.push(number.to_string());
                self.syntax(item, at);
                at.parts.pop();
            }
        } else if let Some(text) = yaml.as_str(node)
            && let Some(broken) = malformed(text)
        {
            let fragment = yaml.fragment(node);
            let span = fragment.to_file(Span::new(broken, (broken + 2).min(text.len())));
            let message = format!("{} has a `${{` that is no variable: for a plain `$` write `$$`", at.text());
            self.refuse_file(span, at, message);
        }
    }

    fn check(&mut self, node: NodeId, schema: &'static Json, at: &mut Path) {
        if self.left == 0 || at.parts.len() > MAX_DEPTH || self.found.len() >= MAX_REFUSALS {
            return;
        }
        self.left -= 1;
        if self.yaml.tag(node) == Some("!reset") {
            return;
        }
        let schema = resolved(schema);
        let kind = self.kind(node);
        if let Some(branches) = schema.get("oneOf").and_then(Json::as_array) {
            self.one_of(node, branches, kind, at);
            return;
        }
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| kind.is(name)) {
            self.wrong_type(node, &types, kind, at);
            return;
        }
        match kind {
            Kind::Mapping => self.mapping(node, schema, at),
            Kind::List => self.list(node, schema, at),
            Kind::Text => self.text(node, schema, at),
            _ => {}
        }
    }

    fn one_of(&mut self, node: NodeId, branches: &'static [Json], kind: Kind, at: &mut Path) {
        let mut best = None;
        let mut wanted = Vec::new();
        for branch in branches {
            let before = self.found.len();
            self.check(node, branch, at);
            if self.found.len() == before {
                return;
            }
            let names = types(resolved(branch));
            if best.is_none() && names.iter().any(|name| kind.is(name)) {
                best = Some(self.found.split_off(before));
            }
            self.found.truncate(before);
            wanted.extend(names);
        }
        match best {
            Some(found) => self.found.extend(found),
            None => self.wrong_type(node, &wanted, kind, at),
        }
    }

    fn wrong_type(&mut self, node: NodeId, wanted: &[&str], kind: Kind, at: &Path) {
        let name = |name: &&str| match *name {
            "string" => "text",
            "object" => "a mapping",
            "array" => "a list",
            "boolean" => "a boolean",
            "integer" | "number" => "a number",
            _ => "nothing",
        };
        let mut names: Vec<&str> = wanted.iter().map(name).collect();
        names.dedup();
        let quotes = match kind {
            Kind::Bool | Kind::Integer | Kind::Number | Kind::Date if names.contains(&"text") => ": put it into quotes",
            _ => "",
        };
        let (path, names) = (at.text(), names.join(" or "));
        let message = format!("{path} is {}, where Compose wants {names}{quotes}", kind.name());
        self.refuse(node, at, message, kind == Kind::Null);
    }

    fn mapping(&mut self, node: NodeId, schema: &'static Json, at: &mut Path) {
        let (entries, visited) = self.yaml.entries_and_cost(node);
        self.left = self.left.saturating_sub(visited);
        let properties = schema.get("properties");
        let patterns = schema.get("patternProperties").and_then(Json::as_object);
        let others = schema.get("additionalProperties");
        for entry in &entries {
            let Some(name) = self.yaml.text(entry.key) else { continue };
            let own = properties.and_then(|known| known.get(name));
            let pattern = || patterns?.iter().find(|(pattern, _)| fits_name(pattern, name)).map(|(_, schema)| schema);
            let below = match own.or_else(pattern) {
                Some(schema) => schema,
                None => match others {
                    Some(Json::Bool(false)) if self.yaml.tag(entry.value) != Some("!reset") => {
                        let message = format!("Compose knows no key `{name}` in {}", at.text());
                        self.refuse(entry.key, at, message, false);
                        self.found.iter_mut().last().into_iter().for_each(|refusal| refusal.unknown_key = true);
                        continue;
                    }
                    Some(schema @ Json::Object(_)) => schema,
                    _ => continue,
                },
            };
            at.parts.push(name.to_owned());
            self.check(entry.value, below, at);
            at.parts.pop();
        }
        for name in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            if !entries.iter().any(|entry| self.yaml.text(entry.key) == Some(name)) {
                let message = format!("{} lacks `{name}`", at.text());
                self.refuse(node, at, message, true);
            }
        }
    }

    fn list(&mut self, node: NodeId, schema: &'static Json, at: &mut Path) {
        let yaml = self.yaml;
        let items = yaml.items(node).unwrap_or_default();
        if let Some(below) = schema.get("items") {
            for (number, &item) in items.iter().enumerate() {
                at.parts.push(number.to_string());
                self.check(item, below, at);
                at.parts.pop();
            }
        }
        let last = at.parts.last().map_or("", String::as_str);
        if schema.get("uniqueItems") == Some(&Json::Bool(true)) && !MADE_UNIQUE.contains(&last) {
            let texts: Vec<_> = items.iter().map(|&item| (item, yaml.as_str(item))).collect();
            let twice = texts.iter().enumerate().find(|(number, (_, text))| {
                text.is_some_and(|text| !text.contains('$')) && texts[..*number].iter().any(|(_, known)| known == text)
            });
            if let Some((_, (item, _))) = twice {
                let message = format!("{} has the same item twice", at.text());
                self.refuse(*item, at, message, false);
            }
        }
    }

    fn text(&mut self, node: NodeId, schema: &Json, at: &Path) {
        let text = self.yaml.text(node).unwrap_or_default();
        let shown = |texts: &[Json]| {
            texts.iter().filter_map(Json::as_str).map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
        };
        if let Some(known) = schema.get("enum").and_then(Json::as_array)
            && !known.iter().any(|known| known.as_str() == Some(text))
        {
            self.refuse(node, at, format!("{} must be one of {}", at.text(), shown(known)), false);
        }
        // The name of a container has a rule of its own.
        let is_policy = at.parts.last().is_some_and(|last| last == "pull_policy");
        if is_policy && !is_pull_policy(text) {
            self.refuse(node, at, format!("{} is none that Compose knows", at.text()), false);
        }
    }
}

fn resolved(schema: &'static Json) -> &'static Json {
    let Some(reference) = schema.get("$ref").and_then(Json::as_str) else { return schema };
    reference.strip_prefix("#/$defs/").and_then(|name| SCHEMA.get("$defs")?.get(name)).unwrap_or(schema)
}

fn types(schema: &'static Json) -> Vec<&'static str> {
    match schema.get("type") {
        Some(Json::String(name)) => vec![name.as_str()],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a name fits one of the schema's patterns for names.
fn fits_name(pattern: &str, name: &str) -> bool {
    match pattern {
        "^x-" => name.starts_with("x-"),
        "^[a-zA-Z0-9._-]+$" => {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        }
        "^[a-z]+$" => !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()),
        _ => true,
    }
}

/// Compose looks for one of these words anywhere in the text.
fn is_pull_policy(text: &str) -> bool {
    let words = ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly", "every_"];
    words.iter().any(|word| text.contains(word))
}

/// `2024-01-31`, with or without a time: YAML 1.1 has dates.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut digits = |range: std::ops::RangeInclusive<usize>| {
        parts.next().is_some_and(|part| range.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let start = digits(4..=4) && digits(1..=2);
    let Some(day) = parts.next().filter(|_| start) else { return false };
    let end = day.find(|c: char| !c.is_ascii_digit()).unwrap_or(day.len());
    matches!(end, 1 | 2) && (day.len() == end || day[end..].starts_with(['T', 't', ' ']) && day.contains(':'))
}

/// Where a `${` stands that is not followed by a name and its end on the same line.
fn malformed(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|found| at + found) {
        let rest = &text[dollar + 1..];
        if rest.starts_with('$') {
            at = dollar + 2;
            continue;
        }
        let Some(inner) = rest.strip_prefix('{') else {
            at = dollar + 1;
            continue;
        };
        let name = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        if name == 0 || inner.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(dollar);
        }
        let body = &inner[name..];
        let operator = body.strip_prefix(':').unwrap_or(body);
        let line = operator.split('\n').next().unwrap_or_default();
        let closes = body.starts_with('}') || operator.starts_with(['-', '+', '?']) && line.contains('}');
        if !closes {
            return Some(dollar);
        }
        // The braces of what stands within belong together.
        let mut depth = 1;
        let end = inner.char_indices().find(|(_, c)| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            depth == 0
        });
        at = dollar + 2 + end.map_or(name, |(end, _)| end + 1);
    }
    None
}
