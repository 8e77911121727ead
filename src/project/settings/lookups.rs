//! Attributes and items: `value.name`, `value[index]`, `value[a:b]`.

use super::equality::equal;
use super::evaluator::{Eval, Evaluator, Exit};
use super::heap::{Id, Object};
use super::libraries::paths;
use super::object::{Kind, Origin, Val};
use super::value::REPOSITORY;
use crate::project::value::Reason;
use std::rc::Rc;

impl Evaluator<'_> {
    /// `value.name`.
    pub fn attribute(&mut self, value: &Val, name: &str, origin: Origin) -> Eval {
        self.step(1)?;
        match &value.kind {
            Kind::Module(id) => match (self.name_in(*id, name), self.more_of(*id)) {
                (Some(found), _) if !found.is_missing() => Ok(found),
                // `globals()` is a namespace too, and has a dict's methods.
                _ if matches!(name, "update" | "get" | "items" | "keys" | "values" | "setdefault" | "pop") => {
                    Ok(Val::new(Kind::Method(Rc::new((value.clone(), name.to_owned())))))
                }
                (_, Some(reason)) => Ok(Val::unknown(reason)),
                _ => self.raise("AttributeError", origin, &[], false),
            },
            Kind::Library(library) => {
                let dotted = format!("{library}.{name}");
                Ok(self.library_attribute(&dotted))
            }
            Kind::Class(class) => {
                let class = class.clone();
                self.class_attribute(&class, name, origin)
            }
            Kind::Instance(instance) => {
                let instance = instance.clone();
                self.instance_attribute(value, &instance, name, origin)
            }
            Kind::Super(view) => {
                let view = view.clone();
                self.super_attribute(&view.0, view.1, name, origin)
            }
            Kind::Object(object) => {
                let object = object.clone();
                match self.object_attribute(&object, name)? {
                    Some(found) => Ok(found),
                    None => Ok(Val::new(Kind::Method(Rc::new((value.clone(), name.to_owned()))))),
                }
            }
            Kind::Path(text) => match paths::attribute(text, name) {
                Some(kind) => Ok(Val::derived(kind, [value])),
                None => Ok(Val::new(Kind::Method(Rc::new((value.clone(), name.to_owned()))))),
            },
            Kind::OneOf(values) => {
                let values = values.clone();
                if values.iter().any(|value| matches!(value.kind, Kind::List(_) | Kind::Dict(_) | Kind::Set(_))) {
                    // A method would change one of them: the call forgets them all.
                    return Ok(Val::new(Kind::Method(Rc::new((value.clone(), name.to_owned())))));
                }
                self.each_choice(value, &values, |evaluator, value| evaluator.attribute(value, name, origin))
            }
            Kind::Unknown(_) | Kind::Random => Ok(Val::unknown_like(value)),
            // `os.environ.get("X").split()`: without the variable the program does not start.
            Kind::None => match value.trail.variable().filter(|_| value.raw.is_some()).map(str::to_owned) {
                Some(variable) if !value.certain => {
                    Ok(Val::unknown(Reason::OutsideVariable(variable)).with_trail(value.trail.clone()))
                }
                variable => {
                    let mut raised = self.raise("AttributeError", origin, &[value], variable.is_some());
                    if let Err(Exit::Raise(raised)) = &mut raised {
                        raised.variable = variable;
                    }
                    raised
                }
            },
            Kind::Builtin(class) if name == "__name__" => Ok(Val::derived(Kind::Str(Rc::from(*class)), [value])),
            // A member of an enumeration stands for its value here.
            Kind::Str(_) | Kind::Int(_) if name == "value" => Ok(value.clone()),
            Kind::Function(_) | Kind::Bound(_) | Kind::Method(_) => {
                Ok(Val::unsupported(format!("the attribute `{name}` of a function")))
            }
            _ => Ok(Val::new(Kind::Method(Rc::new((value.clone(), name.to_owned()))))),
        }
    }

    /// `value[index]`.
    pub fn subscript(&mut self, value: &Val, index: &Val, origin: Origin) -> Eval {
        self.step(1)?;
        match &value.kind {
            Kind::OneOf(values) => {
                let values = values.clone();
                self.each_choice(value, &values, |evaluator, value| evaluator.subscript(value, index, origin))
            }
            Kind::Instance(instance) => match self.class_member(&instance.class.clone(), "__getitem__") {
                Ok(member) if matches!(member.kind, Kind::Function(_)) => {
                    self.call_with(&member, vec![value.clone(), index.clone()], origin)
                }
                _ => Ok(Val::unsupported("an item of this")),
            },
            Kind::Library(name) if &**name == "os.environ" => self.environ_item(index, origin),
            // What a server is started with is not what tests are started with.
            Kind::Library(name) if &**name == "sys.argv" => Ok(match index.kind {
                Kind::Slice(_) => value.clone(),
                _ => Val::str("").weakened(),
            }),
            Kind::Library(name) if &**name == "sys.modules" => {
                let module = index.as_str().and_then(|name| self.modules.get(name));
                Ok(module.map_or_else(|| Val::unsupported("sys.modules"), |id| Val::new(Kind::Module(*id))))
            }
            // `list[str]`, `Optional[int]`: as good as without.
            Kind::Library(_) | Kind::Builtin(_) | Kind::Class(_) => Ok(value.clone()),
            // The names of `globals()`.
            Kind::Module(_) => match index.as_str() {
                Some(name) => self.attribute(value, name, origin),
                None => Ok(Val::unknown_like(index)),
            },
            Kind::Object(object) => {
                let object = object.clone();
                match self.object_item(value, &object, index, origin)? {
                    Some(found) => Ok(found),
                    None => Ok(Val::unsupported(format!("an item of {}()", object.function))),
                }
            }
            Kind::Dict(id) => {
                let id = *id;
                match self.dict_get(id, index) {
                    Found::Value(mut found) => {
                        found.certain &= value.certain && index.certain;
                        if !index.trail.is_empty() || !value.certain {
                            found.trail = found.trail.join(&index.trail).join(&value.trail);
                        }
                        Ok(found)
                    }
                    Found::Absent => self.raise("KeyError", origin, &[value, index], false),
                    Found::Unclear(reason) => Ok(Val::derived(Kind::Unknown(reason), [value, index])),
                }
            }
            Kind::Str(text) => self.text_item(text.clone(), value, index, origin),
            Kind::List(_) | Kind::Tuple(..) => self.sequence_item(value, index, origin),
            _ => Ok(Val::unknown_like(if value.unknown_reason().is_some() { value } else { index })),
        }
    }

    fn text_item(&mut self, text: Rc<str>, value: &Val, index: &Val, origin: Origin) -> Eval {
        if text.contains(REPOSITORY) {
            return Ok(Val::unsupported("a part of the path of the repository"));
        }
        let letters: Vec<char> = text.chars().collect();
        if let Kind::Slice(parts) = &index.kind {
            let Some(picked) = slice_positions(parts, letters.len()) else { return Ok(Val::unknown_like(index)) };
            let kind = self.text(picked.into_iter().map(|at| letters[at]).collect::<String>())?;
            return Ok(Val::derived(kind, [value]));
        }
        match index.as_int() {
            Some(at) => match position(at, letters.len()) {
                Some(at) => Ok(Val::derived(Kind::Str(Rc::from(letters[at].to_string())), [value, index])),
                None => self.raise("IndexError", origin, &[value, index], false),
            },
            None => Ok(Val::unknown_like(index)),
        }
    }

    fn sequence_item(&mut self, value: &Val, index: &Val, origin: Origin) -> Eval {
        let Some((items, more)) = self.iterate(value) else { return Ok(Val::unknown_like(value)) };
        if let Kind::Slice(parts) = &index.kind {
            let picked = if more { None } else { slice_positions(parts, items.len()) };
            let (picked, more) = match picked {
                Some(picked) => (picked.into_iter().map(|at| items[at].clone()).collect(), false),
                None => (Vec::new(), true),
            };
            let mut result = match value.kind {
                Kind::Tuple(..) => Val::new(Kind::Tuple(Rc::new(picked), more)),
                _ => self.list(picked, more)?,
            };
            result.rests_on(value);
            return Ok(result);
        }
        let unclear = || Ok(Val::unsupported("an item of a list that is known in part"));
        match index.as_int() {
            _ if more => unclear(),
            Some(at) => match position(at, items.len()) {
                Some(at) => {
                    let mut item = items[at].clone();
                    item.certain &= value.certain && index.certain;
                    item.trail = item.trail.join(&index.trail);
                    if !value.certain || item.trail.is_empty() {
                        item.trail = item.trail.join(&value.trail);
                    }
                    Ok(item)
                }
                None if value.certain => self.raise("IndexError", origin, &[value, index], false),
                None => unclear(),
            },
            None => Ok(Val::unknown_like(index)),
        }
    }

    /// The entry of a dict.
    pub fn dict_get(&self, dict: Id, key: &Val) -> Found {
        let Object::Entries { entries, more } = self.heap.get(dict) else {
            return Found::Unclear(Reason::Unsupported("this mapping".into()));
        };
        let mut unclear = None;
        if let Some(reason) = key.unknown_reason() {
            return Found::Unclear(reason);
        }
        for (known, value) in entries {
            match equal(&self.heap, known, key) {
                Some(true) if value.is_missing() => return Found::Absent,
                Some(true) => return Found::Value(value.clone()),
                Some(false) => {}
                None => unclear = Some(known.unknown_reason()),
            }
        }
        match unclear {
            None if !more => Found::Absent,
            reason => {
                let partly = || Reason::Unsupported("a dict that is known in part".into());
                Found::Unclear(reason.flatten().unwrap_or_else(partly))
            }
        }
    }
}

/// What is under a key.
pub(super) enum Found {
    Value(Val),
    Absent,
    Unclear(Reason),
}

/// Where `index`, perhaps from the end, points into `length` items.
fn position(index: i64, length: usize) -> Option<usize> {
    let at = if index < 0 { index + length as i64 } else { index };
    usize::try_from(at).ok().filter(|at| *at < length)
}

/// The positions that a slice picks; `None` where its parts are not known.
pub(super) fn slice_positions(parts: &[Option<Val>; 3], length: usize) -> Option<Vec<usize>> {
    let part = |part: &Option<Val>| match part.as_ref().map(|value| &value.kind) {
        None | Some(Kind::None) => Some(None),
        Some(_) => part.as_ref().and_then(Val::as_int).map(Some),
    };
    let [start, stop, step] = parts;
    let step = part(step)?.unwrap_or(1);
    if step == 0 {
        return None;
    }
    let length = length as i64;
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let bound = |given: Option<i64>, otherwise: i64| match given {
        None => otherwise,
        Some(at) => (if at < 0 { at.saturating_add(length) } else { at }).clamp(lowest, highest),
    };
    let start = bound(part(start)?, if step > 0 { 0 } else { length - 1 });
    let stop = bound(part(stop)?, if step > 0 { length } else { -1 });
    let mut picked = Vec::new();
    let mut at = start;
    while if step > 0 { at < stop } else { at > stop } {
        picked.push(usize::try_from(at).ok()?);
        at = at.checked_add(step)?;
    }
    Some(picked)
}

/// Where a slice without a step starts and stops.
pub(super) fn slice_bounds(parts: &[Option<Val>; 3], length: usize) -> Option<(usize, usize)> {
    if parts[2].is_some() {
        return None;
    }
    let bound = |part: &Option<Val>, otherwise: usize| match part.as_ref().map(|value| &value.kind) {
        None | Some(Kind::None) => Some(otherwise),
        Some(_) => {
            let at = part.as_ref()?.as_int()?;
            let at = if at < 0 { at.saturating_add(length as i64) } else { at };
            Some(at.clamp(0, length as i64) as usize)
        }
    };
    let (start, stop) = (bound(&parts[0], 0)?, bound(&parts[1], length)?);
    Some((start, stop.max(start)))
}
