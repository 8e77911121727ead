//! Methods of Python's built-in types: <https://docs.python.org/3/library/stdtypes.html>.

use super::calls::Arguments;
use super::evaluator::{Eval, Evaluator};
use super::expressions::Found;
use super::heap::{Id, Object};
use super::object::{Kind, Val};
use super::operators::equal;
use crate::project::value::Reason;
use std::rc::Rc;

/// Dicts with more entries than this are data; what comes after is "maybe more".
pub(super) const MAX_ENTRIES: usize = 2_000;

impl Evaluator<'_> {
    pub fn call_method(&mut self, receiver: &Val, name: &str, arguments: Arguments) -> Eval {
        self.step(1)?;
        match &receiver.kind {
            Kind::Str(text) => {
                let text = text.clone();
                self.text_method(receiver, &text, name, &arguments)
            }
            Kind::Bytes(text) if name == "decode" => Ok(Val::derived(Kind::Str(text.clone()), [receiver])),
            Kind::List(id) => {
                let id = *id;
                self.list_method(receiver, id, name, &arguments)
            }
            Kind::Set(id) => {
                let id = *id;
                self.set_method(receiver, id, name, &arguments)
            }
            Kind::Dict(id) => {
                let id = *id;
                self.dict_method(receiver, id, name, &arguments)
            }
            Kind::Tuple(..) => self.tuple_method(receiver, name, &arguments),
            Kind::Module(_) => self.namespace_method(receiver, name, &arguments),
            Kind::Path(text) => {
                let text = text.clone();
                self.path_method(receiver, &text, name, &arguments)
            }
            Kind::Object(object) => {
                let object = object.clone();
                self.object_method(receiver, &object, name, arguments)
            }
            Kind::OneOf(values) => {
                // One of them changes, if the method changes any.
                let values = values.clone();
                values.iter().for_each(|value| self.forget(value));
                Ok(Val::unknown_like(receiver))
            }
            _ => {
                let what = super::builtins::type_of(receiver).unwrap_or("object");
                Ok(self.unsupported(arguments.origin, format!("{what}.{name}()")))
            }
        }
    }

    fn text_method(&mut self, receiver: &Val, text: &str, name: &str, arguments: &Arguments) -> Eval {
        let inputs: Vec<&Val> = arguments.all().collect();
        if let Some(unknown) = inputs.iter().find(|value| value.unknown_reason().is_some())
            && !matches!(name, "format" | "join")
        {
            let mut result = Val::unknown_like(unknown);
            result.rests_on(receiver);
            return Ok(result);
        }
        self.step(text.len() / 256)?;
        let first = arguments.positional.first().and_then(Val::as_str);
        let second = arguments.positional.get(1).and_then(Val::as_str);
        let derived = |kind| Ok(Val::derived(kind, [receiver].into_iter().chain(inputs.iter().copied())));
        let trimmed = |start: bool, end: bool| {
            let strips = |letter: char| match first {
                Some(letters) => letters.contains(letter),
                None => letter.is_whitespace(),
            };
            let text = if start { text.trim_start_matches(strips) } else { text };
            if end { text.trim_end_matches(strips) } else { text }.to_owned()
        };
        let made = match (name, first) {
            ("lower" | "casefold", _) => text.to_lowercase(),
            ("upper", _) => text.to_uppercase(),
            ("title", _) => title(text),
            ("capitalize", _) => {
                let mut letters = text.chars();
                letters.next().map_or(String::new(), |first| {
                    first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase()
                })
            }
            ("strip", _) => trimmed(true, true),
            ("lstrip", _) => trimmed(true, false),
            ("rstrip", _) => trimmed(false, true),
            ("removeprefix", Some(prefix)) => text.strip_prefix(prefix).unwrap_or(text).to_owned(),
            ("removesuffix", Some(suffix)) => text.strip_suffix(suffix).unwrap_or(text).to_owned(),
            ("replace", Some(old)) if second.is_some() => {
                let new = second.unwrap_or("");
                let times = arguments.positional.get(2).and_then(Val::as_int).and_then(|n| usize::try_from(n).ok());
                let most = text.len().saturating_add((text.len() + 1).saturating_mul(new.len()));
                if !self.text_fits(most)
                    && !self.text_fits(text.replace(old, "").len() + text.matches(old).count() * new.len())
                {
                    return derived(Kind::Unknown(Reason::Limit("text length".into())));
                }
                match times {
                    Some(times) => text.replacen(old, new, times),
                    None => text.replace(old, new),
                }
            }
            ("zfill", _) if arguments.positional.len() == 1 => {
                let width = arguments.positional[0].as_int().unwrap_or(0).clamp(0, 1_000) as usize;
                format!("{text:0>width$}")
            }
            ("encode", _) => return derived(Kind::Bytes(Rc::from(text))),
            ("format", _) => return self.format_method(receiver, text, arguments),
            ("join", _) => return self.join(receiver, text, arguments),
            ("split" | "rsplit" | "splitlines", _) => {
                let parts = self.split(text, name, arguments);
                let items = parts.into_iter().map(|part| Val::derived(Kind::Str(Rc::from(part)), [receiver])).collect();
                let mut list = self.list(items, false)?;
                list.rests_on(receiver);
                return Ok(list);
            }
            ("partition" | "rpartition", Some(separator)) if !separator.is_empty() => {
                let parts = match (name, text.split_once(separator), text.rsplit_once(separator)) {
                    ("partition", Some((before, after)), _) => [before, separator, after],
                    ("partition", None, _) => [text, "", ""],
                    (_, _, Some((before, after))) => [before, separator, after],
                    _ => ["", "", text],
                };
                return derived(Kind::Tuple(Rc::new(parts.map(Val::str).to_vec()), false));
            }
            ("startswith" | "endswith", _) => {
                let tests = match arguments.positional.first() {
                    Some(value) => match &value.kind {
                        Kind::Str(text) => vec![text.clone()],
                        Kind::Tuple(..) => match self.known_texts(value) {
                            Some(texts) => texts,
                            None => return Ok(Val::unknown_like(value)),
                        },
                        _ => return Ok(Val::unknown_like(value)),
                    },
                    None => return Ok(Val::unknown_like(receiver)),
                };
                let starts = name == "startswith";
                let test = |part: &Rc<str>| if starts { text.starts_with(&**part) } else { text.ends_with(&**part) };
                return derived(Kind::Bool(tests.iter().any(test)));
            }
            ("isdigit" | "isnumeric" | "isdecimal", _) => {
                return derived(Kind::Bool(!text.is_empty() && text.chars().all(|letter| letter.is_numeric())));
            }
            ("isalpha", _) => {
                return derived(Kind::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)));
            }
            ("isupper", _) => {
                let cased = text.chars().any(|letter| letter.is_uppercase());
                return derived(Kind::Bool(cased && !text.chars().any(char::is_lowercase)));
            }
            ("count", Some(part)) if !part.is_empty() => {
                return derived(Kind::Int(text.matches(part).count() as i64));
            }
            ("find" | "index", Some(part)) => match text.find(part) {
                Some(at) => return derived(Kind::Int(text[..at].chars().count() as i64)),
                None if name == "find" => return derived(Kind::Int(-1)),
                None => return self.raise("ValueError", arguments.origin, &[receiver], false),
            },
            _ => return Ok(self.unsupported(arguments.origin, format!("str.{name}()"))),
        };
        let kind = self.text(made)?;
        derived(kind)
    }

    fn split(&self, text: &str, name: &str, arguments: &Arguments) -> Vec<String> {
        if name == "splitlines" {
            return text.lines().map(str::to_owned).collect();
        }
        let times = arguments.get(1, "maxsplit").and_then(Val::as_int).and_then(|times| usize::try_from(times).ok());
        let separator = arguments.get(0, "sep").and_then(Val::as_str);
        match (separator.filter(|separator| !separator.is_empty()), times) {
            (Some(separator), None) => text.split(separator).map(str::to_owned).collect(),
            (Some(separator), Some(times)) if name == "split" => {
                text.splitn(times + 1, separator).map(str::to_owned).collect()
            }
            (Some(separator), Some(times)) => {
                let mut parts: Vec<String> = text.rsplitn(times + 1, separator).map(str::to_owned).collect();
                parts.reverse();
                parts
            }
            (None, Some(times)) => {
                let mut parts = Vec::new();
                let mut rest = text.trim_start();
                while parts.len() < times && !rest.is_empty() {
                    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                    parts.push(rest[..end].to_owned());
                    rest = rest[end..].trim_start();
                }
                if !rest.is_empty() {
                    parts.push(rest.trim_end().to_owned());
                }
                parts
            }
            (None, None) => text.split_whitespace().map(str::to_owned).collect(),
        }
    }

    fn join(&mut self, receiver: &Val, separator: &str, arguments: &Arguments) -> Eval {
        let Some(list) = arguments.positional.first() else { return Ok(Val::unknown_like(receiver)) };
        let (items, more) = self.iterate(list).unwrap_or((Vec::new(), true));
        let mut text = String::new();
        let mut unknown = None;
        let mut random = false;
        for (at, item) in items.iter().enumerate() {
            match &item.kind {
                Kind::Str(part) => {
                    if at > 0 {
                        text.push_str(separator);
                    }
                    text.push_str(part);
                }
                Kind::Random => random = true,
                _ => unknown = Some(item),
            }
            if !self.text_fits(text.len()) {
                return Ok(Val::derived(Kind::Unknown(Reason::Limit("text length".into())), [list]));
            }
        }
        let mut result = match (unknown, more) {
            (Some(unknown), _) => Val::unknown_like(unknown),
            (None, _) if random => Val::new(Kind::Random),
            (None, true) => Val::unknown_like(list),
            (None, false) => Val::new(self.text(text)?),
        };
        result.rests_on(list);
        items.iter().for_each(|item| result.rests_on(item));
        Ok(result)
    }

    fn list_method(&mut self, receiver: &Val, id: Id, name: &str, arguments: &Arguments) -> Eval {
        let first = arguments.positional.first();
        match (name, first) {
            ("append", Some(item)) => {
                let item = self.under_controls(item.clone());
                self.push_item(id, item)?;
                Ok(Val::none())
            }
            ("extend", Some(other)) => {
                self.extend(id, other)?;
                Ok(Val::none())
            }
            ("insert", Some(at)) => {
                let Some(item) = arguments.positional.get(1) else { return Ok(Val::none()) };
                let item = self.under_controls(item.clone());
                let at = at.as_int();
                self.allocate(size_of::<Val>())?;
                if let Object::Items { items, more } = self.heap.write(id) {
                    let length = items.len() as i64;
                    match at {
                        Some(at) if !*more || at == 0 => {
                            let at = if at < 0 { (at + length).max(0) } else { at.min(length) };
                            items.insert(at as usize, item);
                        }
                        // It is among them, but where is not known.
                        _ => {
                            items.push(item);
                            *more = true;
                        }
                    }
                }
                Ok(Val::none())
            }
            ("remove", Some(item)) => {
                let item = item.clone();
                let found = self.item_position(receiver, &item);
                if let Object::Items { items, more } = self.heap.write(id) {
                    match found {
                        Some(Some(at)) => _ = items.remove(at),
                        Some(None) if *more => {}
                        Some(None) => return self.raise("ValueError", arguments.origin, &[receiver], false),
                        None => {
                            items.clear();
                            *more = true;
                        }
                    }
                }
                Ok(Val::none())
            }
            ("pop", _) => {
                let at = first.cloned().unwrap_or_else(|| Val::int(-1));
                let item = self.subscript(receiver, &at, arguments.origin)?;
                self.remove_at(receiver, &at);
                Ok(item)
            }
            ("index", Some(item)) => match self.item_position(receiver, item) {
                Some(Some(at)) if !self.has_more(id) => Ok(Val::derived(Kind::Int(at as i64), [receiver])),
                Some(None) if !self.has_more(id) => {
                    self.raise("ValueError", arguments.origin, &[receiver, item], false)
                }
                _ => Ok(Val::unsupported("the position in a list that is known in part")),
            },
            ("copy", _) => {
                let (items, more) = self.iterate(receiver).unwrap_or_default();
                let mut copy = self.list(items, more)?;
                copy.rests_on(receiver);
                Ok(copy)
            }
            ("clear", _) => {
                if let Object::Items { items, more } = self.heap.write(id) {
                    items.clear();
                    *more = false;
                }
                Ok(Val::none())
            }
            ("reverse", _) => {
                if let Object::Items { items, .. } = self.heap.write(id) {
                    items.reverse();
                }
                Ok(Val::none())
            }
            ("sort", _) => {
                if let Object::Items { items, .. } = self.heap.write(id) {
                    items.sort_by(|a, b| super::operators::order(a, b).unwrap_or(std::cmp::Ordering::Equal));
                }
                Ok(Val::none())
            }
            ("count", Some(item)) => match self.contains(receiver, item) {
                Some(false) => Ok(Val::derived(Kind::Int(0), [receiver])),
                _ => Ok(Val::unsupported("list.count()")),
            },
            _ => {
                self.forget(receiver);
                Ok(self.unsupported(arguments.origin, format!("list.{name}()")))
            }
        }
    }

    fn has_more(&self, id: Id) -> bool {
        matches!(self.heap.get(id), Object::Items { more: true, .. })
    }

    /// Where an item is; `None` where that cannot be told.
    fn item_position(&self, list: &Val, item: &Val) -> Option<Option<usize>> {
        let (items, _) = super::operators::sequence(&self.heap, list)?;
        for (at, known) in items.iter().enumerate() {
            match equal(&self.heap, known, item) {
                Some(true) => return Some(Some(at)),
                Some(false) => {}
                None if known.is_unknown() && item.as_str().is_some() => {}
                None => return None,
            }
        }
        Some(None)
    }

    /// Takes an item out of a list.
    pub fn remove_at(&mut self, list: &Val, at: &Val) {
        let Kind::List(id) = list.kind else { return };
        let at = at.as_int();
        if let Object::Items { items, more } = self.heap.write(id) {
            let length = items.len() as i64;
            let at = at.map(|at| if at < 0 { at + length } else { at });
            match at.filter(|at| (0..length).contains(at) && !*more) {
                Some(at) => _ = items.remove(at as usize),
                None => {
                    items.clear();
                    *more = true;
                }
            }
        }
    }

    /// `list.extend(other)` and `list += other`.
    pub fn extend(&mut self, id: Id, other: &Val) -> Eval<()> {
        let (items, other_more) = self.iterate(other).unwrap_or((Vec::new(), true));
        for mut item in items {
            if !other.certain {
                item.rests_on(other);
            }
            let item = self.under_controls(item);
            self.push_item(id, item)?;
        }
        if other_more && let Object::Items { more, .. } = self.heap.write(id) {
            *more = true;
        }
        Ok(())
    }

    /// `set |= other`.
    pub fn extend_set(&mut self, id: Id, other: &Val) -> Eval<()> {
        let (items, other_more) = self.iterate(other).unwrap_or((Vec::new(), true));
        for item in items {
            if self.contains(&Val::new(Kind::Set(id)), &item) != Some(true) {
                let item = self.under_controls(item);
                self.push_item(id, item)?;
            }
        }
        if other_more && let Object::Items { more, .. } = self.heap.write(id) {
            *more = true;
        }
        Ok(())
    }

    fn set_method(&mut self, receiver: &Val, id: Id, name: &str, arguments: &Arguments) -> Eval {
        match (name, arguments.positional.first()) {
            ("add", Some(item)) => {
                if self.contains(receiver, item) != Some(true) {
                    let item = self.under_controls(item.clone());
                    self.push_item(id, item)?;
                }
                Ok(Val::none())
            }
            ("update", Some(other)) => {
                self.extend_set(id, other)?;
                Ok(Val::none())
            }
            ("discard" | "remove", Some(item)) => {
                match self.item_position(receiver, item) {
                    Some(Some(at)) => {
                        if let Object::Items { items, .. } = self.heap.write(id) {
                            items.remove(at);
                        }
                    }
                    Some(None) => {}
                    None => self.forget(receiver),
                }
                Ok(Val::none())
            }
            ("union" | "copy", other) => {
                let (items, more) = self.iterate(receiver).unwrap_or_default();
                let copy = self.items(items, more)?;
                if let Some(other) = other {
                    self.extend_set(copy, other)?;
                }
                Ok(Val::derived(Kind::Set(copy), [receiver]))
            }
            _ => {
                self.forget(receiver);
                Ok(self.unsupported(arguments.origin, format!("set.{name}()")))
            }
        }
    }

    fn tuple_method(&mut self, receiver: &Val, name: &str, arguments: &Arguments) -> Eval {
        match (name, arguments.positional.first()) {
            ("index", Some(item)) => match self.item_position(receiver, item) {
                Some(Some(at)) => Ok(Val::derived(Kind::Int(at as i64), [receiver])),
                _ => Ok(Val::unsupported("tuple.index()")),
            },
            _ => Ok(self.unsupported(arguments.origin, format!("tuple.{name}()"))),
        }
    }

    fn dict_method(&mut self, receiver: &Val, id: Id, name: &str, arguments: &Arguments) -> Eval {
        let origin = arguments.origin;
        let first = arguments.positional.first();
        let default = arguments.positional.get(1).cloned();
        match (name, first) {
            ("get", Some(key)) => Ok(match self.dict_get(id, key) {
                Found::Value(mut value) => {
                    value.certain &= receiver.certain && key.certain;
                    value.trail = value.trail.join(&key.trail);
                    value
                }
                Found::Absent => {
                    let mut value = default.unwrap_or_else(Val::none);
                    value.rests_on(key);
                    value
                }
                Found::Unclear(reason) => Val::derived(Kind::Unknown(reason), [receiver, key]),
            }),
            ("pop", Some(key)) => {
                let found = self.dict_get(id, key);
                let key = key.clone();
                self.delete_item(receiver, &key);
                match (found, default) {
                    (Found::Value(value), _) => Ok(value),
                    (Found::Absent, Some(default)) => Ok(default),
                    (Found::Absent, None) => self.raise("KeyError", origin, &[receiver, &key], false),
                    (Found::Unclear(reason), _) => Ok(Val::unknown(reason)),
                }
            }
            ("setdefault", Some(key)) => match self.dict_get(id, key) {
                Found::Value(value) => Ok(value),
                Found::Absent => {
                    let value = self.under_controls(default.unwrap_or_else(Val::none));
                    self.set_item(receiver, &key.clone(), value.clone(), origin)?;
                    Ok(value)
                }
                Found::Unclear(reason) => Ok(Val::unknown(reason)),
            },
            ("update", _) => {
                if let Some(other) = first {
                    self.update_dict(receiver, other, origin)?;
                }
                for (name, value) in &arguments.keywords {
                    let value = self.under_controls(value.clone());
                    self.set_item(receiver, &Val::new(Kind::Str(name.clone())), value, origin)?;
                }
                Ok(Val::none())
            }
            ("keys" | "values" | "items", _) => {
                let (entries, more) = match self.heap.get(id) {
                    Object::Entries { entries, more } => (entries.clone(), *more),
                    _ => (Vec::new(), true),
                };
                let items = entries.into_iter().map(|(key, value)| match name {
                    "keys" => key,
                    "values" => value,
                    _ => Val::tuple(vec![key, value]),
                });
                let mut list = self.list(items.collect(), more)?;
                list.rests_on(receiver);
                Ok(list)
            }
            ("copy", _) => self.copy_dict(receiver),
            ("clear", _) => {
                if let Object::Entries { entries, more } = self.heap.write(id) {
                    entries.clear();
                    *more = false;
                }
                Ok(Val::none())
            }
            _ => {
                self.forget(receiver);
                Ok(self.unsupported(origin, format!("dict.{name}()")))
            }
        }
    }

    /// `globals().update(…)`, `locals().get(…)`.
    fn namespace_method(&mut self, receiver: &Val, name: &str, arguments: &Arguments) -> Eval {
        let Kind::Module(id) = receiver.kind else { return Ok(Val::unknown_like(receiver)) };
        let first = arguments.positional.first();
        match (name, first) {
            ("get", Some(key)) => {
                let default = arguments.positional.get(1).cloned().unwrap_or_else(Val::none);
                let Some(name) = key.as_str() else { return Ok(Val::unknown_like(key)) };
                Ok(match (self.name_in(id, name), self.more_of(id)) {
                    (Some(found), _) if !found.is_missing() => found,
                    (_, Some(reason)) => Val::unknown(reason),
                    _ => default,
                })
            }
            ("update", other) => {
                let pairs = match other.map(|other| &other.kind) {
                    None => Some(Vec::new()),
                    Some(Kind::Dict(other)) => match self.heap.get(*other) {
                        Object::Entries { entries, more: false } => Some(entries.clone()),
                        _ => None,
                    },
                    Some(Kind::Module(other)) => match self.heap.get(*other) {
                        Object::Names { names, more: None } => Some(
                            names
                                .iter()
                                .map(|(name, value)| (Val::new(Kind::Str(name.clone())), value.clone()))
                                .collect(),
                        ),
                        _ => None,
                    },
                    Some(_) => None,
                };
                let Some(pairs) = pairs else {
                    self.forget_arguments(&Arguments {
                        positional: vec![receiver.clone()],
                        keywords: Vec::new(),
                        more: false,
                        origin: arguments.origin,
                    });
                    return Ok(Val::none());
                };
                self.step(pairs.len())?;
                for (key, value) in pairs {
                    if key.as_str().is_some_and(|name| name.starts_with("__")) {
                        continue;
                    }
                    let value = self.under_controls(value);
                    self.set_item(receiver, &key, value, arguments.origin)?;
                }
                for (name, value) in &arguments.keywords {
                    let value = self.under_controls(value.clone());
                    self.set_item(receiver, &Val::new(Kind::Str(name.clone())), value, arguments.origin)?;
                }
                Ok(Val::none())
            }
            _ => match self.name_in(id, name) {
                Some(function) if !function.is_missing() => Ok(Val::unknown_like(&function)),
                _ => Ok(self.unsupported(arguments.origin, format!("globals().{name}()"))),
            },
        }
    }
}

/// `str.title()`.
fn title(text: &str) -> String {
    let mut inside = false;
    let mut titled = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_alphabetic() {
            titled.push(letter);
        } else if inside {
            titled.extend(letter.to_lowercase());
        } else {
            titled.extend(letter.to_uppercase());
        }
        inside = letter.is_alphabetic();
    }
    titled
}
