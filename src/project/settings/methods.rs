//! Methods of Python's built-in types: <https://docs.python.org/3/library/stdtypes.html>.

use super::calls::Arguments;
use super::equality::equal;
use super::evaluator::{Eval, Evaluator};
use super::heap::{Id, Object};
use super::lookups::Found;
use super::object::{Kind, Val};

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
            Kind::Builtin(class) => self.class_method(class, name, arguments),
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

    /// `dict.fromkeys(…)`, and `str.strip(text)` for `text.strip()`.
    fn class_method(&mut self, class: &str, name: &str, mut arguments: Arguments) -> Eval {
        match (class, name, arguments.positional.first().cloned()) {
            ("dict", "fromkeys", Some(keys)) => {
                let (keys, more) = self.iterate(&keys).unwrap_or((Vec::new(), true));
                let value = arguments.positional.get(1).cloned().unwrap_or_else(Val::none);
                let dict = self.dict(Vec::new(), more)?;
                for key in keys {
                    self.set_item(&dict, &key, value.clone(), arguments.origin)?;
                }
                Ok(dict)
            }
            (_, _, Some(receiver)) if super::builtins::type_of(&receiver) == Some(class) => {
                arguments.positional.remove(0);
                self.call_method(&receiver, name, arguments)
            }
            _ => Ok(self.unsupported(arguments.origin, format!("{class}.{name}()"))),
        }
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
                        // What may be more stands mostly behind what is written out.
                        Some(at) if !*more || (0..length).contains(&at) => {
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
                let sorted = match self.iterate(receiver) {
                    Some((items, false)) => self.in_order(items, arguments)?,
                    _ => None,
                };
                if let Object::Items { items, more } = self.heap.write(id) {
                    match sorted {
                        Some(sorted) => *items = sorted,
                        None => (*items, *more) = (Vec::new(), true),
                    }
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
                Found::Unclear(reason) => {
                    if let Object::Entries { more, .. } = self.heap.write(id) {
                        *more = true;
                    }
                    Ok(Val::unknown(reason))
                }
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
            ("setdefault", Some(key)) => {
                let default = arguments.positional.get(1).cloned().unwrap_or_else(Val::none);
                let Some(name) = key.as_str() else { return Ok(Val::unknown_like(key)) };
                match (self.name_in(id, name), self.more_of(id)) {
                    (Some(found), _) if !found.choices().iter().any(Val::is_missing) => Ok(found),
                    (None, None) => {
                        let value = self.under_controls(default);
                        self.set_item(receiver, key, value.clone(), arguments.origin)?;
                        Ok(value)
                    }
                    _ => {
                        let value = Val::unsupported("a name that may be there");
                        self.set_item(receiver, key, value.clone(), arguments.origin)?;
                        Ok(value)
                    }
                }
            }
            ("pop", Some(key)) => {
                let Some(name) = key.as_str() else { return Ok(Val::unknown_like(key)) };
                match (self.name_in(id, name), arguments.positional.get(1)) {
                    (Some(found), default) if !found.is_missing() => {
                        let gone = if found.choices().iter().any(Val::is_missing) {
                            default.map_or_else(|| Val::unknown_like(&found), |_| Val::unsupported("globals().pop()"))
                        } else {
                            found
                        };
                        self.set_name(id, name, Val::new(Kind::Missing));
                        Ok(gone)
                    }
                    (_, Some(default)) if self.more_of(id).is_none() => Ok(default.clone()),
                    _ => Ok(self.unsupported(arguments.origin, "globals().pop()")),
                }
            }
            ("items" | "keys" | "values", None) => {
                let Object::Names { names, more } = self.heap.get(id) else { return Ok(Val::unknown_like(receiver)) };
                let perhaps = names.values().any(|value| value.choices().iter().any(Val::is_missing));
                let more = more.is_some() || perhaps;
                let there = names.iter().filter(|(_, value)| !value.choices().iter().any(Val::is_missing));
                let item = |(key, value): (&std::rc::Rc<str>, &Val)| match name {
                    "keys" => Val::new(Kind::Str(key.clone())),
                    "values" => value.clone(),
                    _ => Val::tuple(vec![Val::new(Kind::Str(key.clone())), value.clone()]),
                };
                let items = there.map(item).collect();
                self.list(items, more)
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
