//! PyYAML's `safe_load`: YAML 1.1, where `yes` and `off` are booleans. What YAML 1.2 reads otherwise is not told.

use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Origin, Val};
use crate::parse::yaml::{NodeId, Style, Yaml, parse};
use crate::project::value::Reason;

/// YAML within YAML is read this deep.
const MAX_DEPTH: usize = 40;

impl Evaluator<'_> {
    /// `yaml.safe_load(text)`, or of an open file.
    pub(super) fn yaml(&mut self, value: &Val, origin: Origin) -> Eval {
        let text = match &value.kind {
            Kind::Object(object) if &*object.function == "open" => {
                let object = object.clone();
                self.read_file(&object, "read", origin)?
            }
            _ => value.clone(),
        };
        let (Kind::Str(source) | Kind::Bytes(source)) = &text.kind else { return Ok(Val::unknown_like(&text)) };
        self.step(source.len() / 16)?;
        let (parsed, problems) = parse(source);
        match parsed.documents.first().copied() {
            Some(root) if problems.is_empty() && parsed.documents.len() == 1 => {
                self.of_yaml(&parsed, root, &text, origin, 0)
            }
            _ => Ok(self.unsupported(origin, "yaml.safe_load()")),
        }
    }

    fn of_yaml(&mut self, yaml: &Yaml, id: NodeId, about: &Val, origin: Origin, depth: usize) -> Eval {
        self.step(1)?;
        if depth > MAX_DEPTH {
            return Ok(Val::unknown(Reason::Limit("nesting".into())));
        }
        if yaml.tag(id).is_some_and(|tag| tag != "!!str") {
            return Ok(Val::unsupported("a tag of YAML"));
        }
        let mut made = if let Some(items) = yaml.items(id) {
            let mut values = Vec::with_capacity(items.len());
            for item in items {
                values.push(self.of_yaml(yaml, *item, about, origin, depth + 1)?);
            }
            self.list(values, false)?
        } else if yaml.is_mapping(id) {
            let dict = self.dict(Vec::new(), false)?;
            let (entries, cost) = yaml.entries_and_cost(id);
            self.step(cost)?;
            for entry in entries {
                let key = self.of_yaml(yaml, entry.key, about, origin, depth + 1)?;
                let value = self.of_yaml(yaml, entry.value, about, origin, depth + 1)?;
                self.set_item(&dict, &key, value, origin)?;
            }
            dict
        } else {
            let kind = match yaml.text(id) {
                Some(text) if yaml.style(id) == Some(Style::Plain) && yaml.tag(id).is_none() => {
                    match plain(yaml, id, text) {
                        Some(kind) => kind,
                        None => Kind::Unknown(Reason::Unsupported(format!("YAML's `{text}`"))),
                    }
                }
                Some(text) => self.text(text)?,
                None => Kind::None,
            };
            Val::new(kind)
        };
        made.rests_on(about);
        Ok(made)
    }
}

/// A scalar without quotes; `None` where the versions of YAML differ about it.
fn plain(yaml: &Yaml, id: NodeId, text: &str) -> Option<Kind> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Some(Kind::Bool(true)),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Some(Kind::Bool(false)),
        _ => {}
    }
    if yaml.is_null(id) {
        return Some(Kind::None);
    }
    if let Some(truth) = yaml.as_bool(id) {
        return Some(Kind::Bool(truth));
    }
    let digits = text.trim_start_matches(['-', '+']);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return Some(Kind::Str(text.into()));
    }
    match (yaml.as_int(id), yaml.as_float(id)) {
        (Some(number), _) if digits == "0" || !digits.starts_with('0') => Some(Kind::Int(number)),
        (None, Some(number)) if digits.contains('.') && !digits.contains(['e', 'E']) => Some(Kind::Float(number)),
        // Dates, minutes and seconds, underscores in numbers.
        (None, None) if !text.bytes().all(|b| b.is_ascii_digit() || b"-+:_.eExXoTtzZ ".contains(&b)) => {
            Some(Kind::Str(text.into()))
        }
        // An address: more points than a number has.
        (None, None) if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.matches('.').count() > 1 => {
            Some(Kind::Str(text.into()))
        }
        _ => None,
    }
}
