//! Python's built-in functions: <https://docs.python.org/3/library/functions.html>.

use super::calls::Arguments;
use super::evaluator::{Eval, Evaluator, Exit};
use super::heap::Object;
use super::object::{Kind, Origin, Val};
use crate::parse::python::BinaryOperator;
use crate::project::value::{Act, Reason};
use std::collections::BTreeSet;
use std::rc::Rc;

/// `range` is followed up to this many numbers.
const MAX_RANGE: i64 = 10_000;

impl Evaluator<'_> {
    pub fn call_builtin(&mut self, name: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let first = arguments.positional.first().cloned();
        if arguments.more {
            return Ok(Val::unsupported(format!("{name}() of arguments that are not known")));
        }
        match (name, &first) {
            ("bool", None) => Ok(Val::bool(false)),
            ("bool", Some(value)) => Ok(self.bool_of(value, origin)),
            ("str", None) => Ok(Val::str("")),
            ("str" | "repr", Some(value)) => self.text_of(value, name == "repr"),
            ("int", None) => Ok(Val::int(0)),
            ("int", Some(value)) => self.int_of(value, arguments.get(1, "base"), origin),
            ("float", Some(value)) => self.float_of(value, origin),
            ("list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter", _) => {
                self.sequence_of(name, first, &arguments)
            }
            ("dict", _) => self.dict_of(arguments),
            ("len", Some(value)) => Ok(self.length(value)),
            ("any" | "all", Some(value)) => Ok(self.any_or_all(name == "all", value)),
            ("min" | "max", Some(_)) => self.extreme(name == "max", &arguments),
            ("sum", Some(value)) => {
                let start = arguments.get(1, "start").cloned().unwrap_or_else(|| Val::int(0));
                self.sum(value, start, origin)
            }
            ("abs", Some(value)) => Ok(match value.as_int().and_then(i64::checked_abs) {
                Some(number) => Val::derived(Kind::Int(number), [value]),
                None => Val::unknown_like(value),
            }),
            ("round", Some(value)) => Ok(match (&value.kind, arguments.positional.len()) {
                (Kind::Float(number), 1) if number.abs() < 1e15 => {
                    Val::derived(Kind::Int(number.round_ties_even() as i64), [value])
                }
                (Kind::Int(_), 1) => value.clone(),
                _ => Val::unknown_like(value),
            }),
            ("range", Some(_)) => self.range(&arguments.positional),
            ("enumerate" | "zip", Some(_)) => self.zip(name == "enumerate", &arguments),
            ("map" | "filter", Some(function)) => self.map_or_filter(name == "map", function, &arguments),
            ("getattr", Some(value)) => self.get_attribute(value, &arguments),
            ("dir", Some(value)) => self.names_of(value),
            ("hasattr", Some(value)) => self.has_attribute(value, &arguments),
            ("setattr", Some(value)) => {
                if let (Kind::Module(id), [_, name, new]) = (&value.kind, arguments.positional.as_slice()) {
                    let new = self.under_controls(new.clone());
                    match name.as_str() {
                        Some(name) => self.set_name(*id, name, new),
                        None => self.forget_arguments(&arguments),
                    }
                }
                Ok(Val::none())
            }
            ("isinstance", Some(value)) => Ok(self.is_instance(value, arguments.positional.get(1))),
            ("callable", Some(value)) => Ok(match &value.kind {
                Kind::Function(_) | Kind::Bound(_) | Kind::Builtin(_) | Kind::Class(_) => Val::bool(true),
                Kind::Unknown(_) | Kind::Library(_) | Kind::Object(_) | Kind::Instance(_) | Kind::OneOf(_) => {
                    Val::unknown_like(value)
                }
                _ => Val::bool(false),
            }),
            ("type", Some(_)) if arguments.positional.len() > 1 => Ok(self.unsupported(origin, "type()")),
            ("object", None) => Ok(self.unique("object")),
            ("type", Some(value)) => Ok(type_of(value)
                .map_or_else(|| Val::unsupported("type()"), |name| Val::derived(Kind::Builtin(name), [value]))),
            ("next", Some(value)) => match (self.iterate(value), arguments.positional.get(1)) {
                (Some((items, false)), default) => match (items.into_iter().next(), default) {
                    (Some(mut item), _) => {
                        item.rests_on(value);
                        // What is iterated stands as a list of what is still to come.
                        self.remove_at(value, &Val::int(0));
                        Ok(item)
                    }
                    (None, Some(default)) => Ok(default.clone()),
                    (None, None) => self.raise("StopIteration", origin, &[value], false),
                },
                _ => {
                    self.forget(value);
                    Ok(Val::unknown_like(value))
                }
            },
            ("chr" | "ord" | "hex" | "oct" | "bin" | "divmod", Some(value)) => {
                self.number_function(name, value, arguments.positional.get(1), origin)
            }
            ("open", Some(_)) => self.open(arguments),
            ("print", _) => Ok(Val::none()),
            ("exit" | "quit", _) => self.raise("SystemExit", origin, &[], true),
            ("__import__", Some(value)) => self.import_by_name(value, origin),
            _ if name.ends_with("Error") || name.ends_with("Exception") || name == "SystemExit" => {
                Ok(Val::new(Kind::Exception(Rc::new(vec![name.to_owned()]))))
            }
            _ => Ok(self.unsupported(origin, format!("{name}()"))),
        }
    }

    /// `bool(value)`. Text straight from a variable is true whatever it says: that is worth a step.
    pub fn bool_of(&mut self, value: &Val, origin: Origin) -> Val {
        let truth = self.truth_value(value);
        match &value.raw {
            Some(raw) => truth.pushed(self.step_at(origin, Act::TestsText(raw.name.clone()))),
            None => truth,
        }
    }

    /// `str(value)`, or `repr(value)`.
    pub fn text_of(&mut self, value: &Val, repr: bool) -> Eval {
        if let Kind::OneOf(values) = &value.kind {
            let values = values.clone();
            return self.each_choice(value, &values, |evaluator, value| evaluator.text_of(value, repr));
        }
        if let Some(text) = self.environ_path_text(value).filter(|_| !repr) {
            return Ok(text);
        }
        let text = match &value.kind {
            Kind::Str(text) if !repr => {
                let mut same = value.clone();
                same.kind = Kind::Str(text.clone());
                same.raw = None;
                return Ok(same);
            }
            Kind::Str(text) => quoted(text),
            Kind::Path(text) if !repr => text.to_string(),
            Kind::Path(text) => format!("PosixPath('{text}')"),
            Kind::None => "None".to_owned(),
            Kind::Bool(true) => "True".to_owned(),
            Kind::Bool(false) => "False".to_owned(),
            Kind::Int(value) => value.to_string(),
            Kind::Float(value) if value.fract() == 0.0 && value.abs() < 1e16 => format!("{value:.1}"),
            Kind::Float(value) => value.to_string(),
            Kind::Random if !repr => return Ok(value.clone()),
            _ => return Ok(Val::unknown_like(value)),
        };
        let kind = self.text(text)?;
        Ok(Val::derived(kind, [value]))
    }

    /// `int(value)`.
    pub fn int_of(&mut self, value: &Val, base: Option<&Val>, origin: Origin) -> Eval {
        let kind = match &value.kind {
            Kind::OneOf(values) => {
                let values = values.clone();
                return self.each_choice(value, &values, |evaluator, value| evaluator.int_of(value, base, origin));
            }
            Kind::Int(value) => Some(Kind::Int(*value)),
            Kind::Bool(value) => Some(Kind::Int(*value as i64)),
            Kind::Float(value) if value.abs() < 9e15 => Some(Kind::Int(value.trunc() as i64)),
            Kind::Str(text) => {
                let radix = base.and_then(Val::as_int).unwrap_or(10);
                parse_int(text, radix).map(Kind::Int)
            }
            Kind::None => return self.none_of_variable(value, origin),
            _ => return Ok(Val::unknown_like(value)),
        };
        match kind {
            Some(kind) => Ok(Val::derived(kind, [value])),
            None => self.raise("ValueError", origin, &[value], true),
        }
    }

    /// `int(os.environ.get("X"))`: without the variable the program does not start.
    pub fn none_of_variable(&mut self, value: &Val, origin: Origin) -> Eval {
        match value.trail.variable() {
            Some(variable) if value.raw.is_some() && !value.certain && !self.catches("TypeError") => {
                Ok(Val::unknown(Reason::OutsideVariable(variable.to_owned())).with_trail(value.trail.clone()))
            }
            _ => self.raise("TypeError", origin, &[value], value.raw.is_some()),
        }
    }

    /// `float(value)`.
    pub fn float_of(&mut self, value: &Val, origin: Origin) -> Eval {
        let number = match &value.kind {
            Kind::Float(value) => Some(*value),
            Kind::Str(text) => text.trim().replace('_', "").parse().ok(),
            Kind::Int(_) | Kind::Bool(_) => value.as_int().map(|value| value as f64),
            Kind::None => return self.none_of_variable(value, origin),
            _ => return Ok(Val::unknown_like(value)),
        };
        match number {
            Some(number) => Ok(Val::derived(Kind::Float(number), [value])),
            None => self.raise("ValueError", origin, &[value], true),
        }
    }

    fn sequence_of(&mut self, name: &str, value: Option<Val>, arguments: &Arguments) -> Eval {
        let value = value.unwrap_or_else(|| Val::tuple(Vec::new()));
        let (mut items, mut more) = match self.iterate(&value) {
            Some(known) => known,
            None if matches!(value.kind, Kind::None | Kind::Int(_) | Kind::Bool(_)) => {
                return self.raise("TypeError", arguments.origin, &[&value], false);
            }
            // A list of something that is not known is a list all the same.
            None => (Vec::new(), true),
        };
        self.step(items.len())?;
        match name {
            "sorted" => match self.in_order(items, arguments)? {
                Some(sorted) => items = sorted,
                None => (items, more) = (Vec::new(), true),
            },
            "reversed" => items.reverse(),
            _ => {}
        }
        let mut result = match name {
            "tuple" => Val::new(Kind::Tuple(Rc::new(items), more)),
            "set" | "frozenset" => self.set_of(items, more)?,
            _ => self.list(items, more)?,
        };
        result.rests_on(&value);
        Ok(result)
    }

    fn dict_of(&mut self, arguments: Arguments) -> Eval {
        let dict = self.dict(Vec::new(), false)?;
        if let Some(first) = arguments.positional.first() {
            self.update_dict(&dict, first, arguments.origin)?;
        }
        for (name, value) in arguments.keywords {
            self.set_item(&dict, &Val::new(Kind::Str(name)), value, arguments.origin)?;
        }
        Ok(dict)
    }

    fn length(&self, value: &Val) -> Val {
        if let Kind::OneOf(_) = value.kind {
            let mut lengths = value.choices().iter().map(|value| self.length(value));
            let first = lengths.next().unwrap_or_else(Val::none);
            let mut joined = lengths.fold(first, |a, b| Val::either(&a, &b));
            joined.rests_on(value);
            return joined;
        }
        let length = match &value.kind {
            Kind::Str(text) if text.contains(super::value::REPOSITORY) => None,
            Kind::Str(text) => Some(text.chars().count()),
            Kind::Bytes(text) => Some(text.chars().count()),
            _ => self.iterate(value).filter(|(_, more)| !more).map(|(items, _)| items.len()),
        };
        match length {
            Some(length) => Val::derived(Kind::Int(length as i64), [value]),
            None => Val::unknown_like(value),
        }
    }

    fn any_or_all(&self, all: bool, value: &Val) -> Val {
        let Some((items, more)) = self.iterate(value) else { return Val::unknown_like(value) };
        let mut unclear = more;
        let mut result = Val::derived(Kind::Bool(all), [value]);
        for item in &items {
            match self.truth(item) {
                Some(truth) if truth != all => {
                    let mut decided = Val::derived(Kind::Bool(!all), [item]);
                    decided.rests_on(value);
                    return decided;
                }
                Some(_) => result.rests_on(item),
                None => unclear = true,
            }
        }
        if unclear { Val::unknown_like(value) } else { result }
    }

    fn sum(&mut self, value: &Val, start: Val, origin: Origin) -> Eval {
        let Some((items, false)) = self.iterate(value) else { return Ok(Val::unknown_like(value)) };
        let mut total = start;
        for item in items {
            total = self.binary(BinaryOperator::Add, &total, &item, origin)?;
        }
        Ok(total)
    }

    fn number_function(&mut self, name: &str, value: &Val, other: Option<&Val>, origin: Origin) -> Eval {
        if let ("divmod", Some(other)) = (name, other) {
            let quotient = self.binary(BinaryOperator::FloorDiv, value, other, origin)?;
            let remainder = self.binary(BinaryOperator::Mod, value, other, origin)?;
            return Ok(Val::tuple(vec![quotient, remainder]));
        }
        let sign = |number: i64| if number < 0 { "-" } else { "" };
        let kind = match (name, value.as_int(), value.as_str()) {
            ("ord", None, Some(text)) if text.chars().count() == 1 => {
                text.chars().next().map(|it| Kind::Int(u32::from(it).into()))
            }
            ("chr", Some(number), _) => match u32::try_from(number).ok().and_then(char::from_u32) {
                Some(character) => Some(self.text(character.to_string())?),
                None => None,
            },
            ("hex", Some(it), _) => Some(self.text(format!("{}{:#x}", sign(it), it.unsigned_abs()))?),
            ("oct", Some(it), _) => Some(self.text(format!("{}{:#o}", sign(it), it.unsigned_abs()))?),
            ("bin", Some(it), _) => Some(self.text(format!("{}{:#b}", sign(it), it.unsigned_abs()))?),
            _ => None,
        };
        Ok(kind.map_or_else(|| Val::unknown_like(value), |kind| Val::derived(kind, [value])))
    }

    fn range(&mut self, arguments: &[Val]) -> Eval {
        let numbers: Option<Vec<i64>> = arguments.iter().map(Val::as_int).collect();
        let (start, stop, step) = match numbers.as_deref() {
            Some([stop]) => (0, *stop, 1),
            Some([start, stop]) => (*start, *stop, 1),
            Some([start, stop, step]) if *step != 0 => (*start, *stop, *step),
            _ => return Ok(Val::unsupported("range()")),
        };
        let mut items = Vec::new();
        let mut at = start;
        while if step > 0 { at < stop } else { at > stop } {
            if items.len() as i64 >= MAX_RANGE {
                return self.list(items, true);
            }
            items.push(Val::int(at));
            at = at.saturating_add(step);
        }
        self.list(items, false)
    }

    fn zip(&mut self, enumerate: bool, arguments: &Arguments) -> Eval {
        let mut columns = Vec::new();
        let mut more = false;
        let count = if enumerate { 1 } else { arguments.positional.len() };
        for value in arguments.positional.iter().take(count) {
            let Some((items, items_more)) = self.iterate(value) else { return Ok(Val::unknown_like(value)) };
            more |= items_more;
            columns.push(items);
        }
        if more && !enumerate {
            // Which stands beside which is not known.
            return self.list(Vec::new(), true);
        }
        let length = columns.iter().map(Vec::len).min().unwrap_or(0);
        self.step(length)?;
        let start = arguments.get(1, "start").and_then(Val::as_int).unwrap_or(0);
        let mut rows = Vec::new();
        for at in 0..length {
            let row = columns.iter().map(|column| column[at].clone());
            let number = enumerate.then(|| match more {
                true => Val::unsupported("the position in a list that is known in part"),
                false => Val::int(start.saturating_add(at as i64)),
            });
            rows.push(Val::tuple(number.into_iter().chain(row).collect()));
        }
        self.list(rows, more)
    }

    fn map_or_filter(&mut self, map: bool, function: &Val, arguments: &Arguments) -> Eval {
        let [_, iterable] = arguments.positional.as_slice() else { return Ok(Val::unsupported("map()")) };
        let Some((items, mut more)) = self.iterate(iterable) else { return self.list(Vec::new(), true) };
        let mut made = Vec::new();
        for item in items {
            let result = match function.kind {
                Kind::None => item.clone(),
                _ => self.call_with(function, vec![item.clone()], arguments.origin)?,
            };
            if map {
                made.push(result);
                continue;
            }
            match self.truth(&result) {
                Some(true) => made.push(item),
                Some(false) => {}
                None => more = true,
            }
        }
        let mut list = self.list(made, more)?;
        list.rests_on(iterable);
        Ok(list)
    }

    /// `getattr(value, name, default)`.
    fn get_attribute(&mut self, value: &Val, arguments: &Arguments) -> Eval {
        let Some(name) = arguments.positional.get(1).and_then(Val::as_str).map(str::to_owned) else {
            return Ok(Val::unsupported("getattr() of a name that is not known"));
        };
        let default = arguments.positional.get(2).cloned();
        if let (Kind::Module(id), Some(default)) = (&value.kind, &default) {
            return Ok(match (self.name_in(*id, &name), self.more_of(*id)) {
                (Some(found), _) if !found.is_missing() => found,
                (_, Some(reason)) => Val::unknown(reason),
                _ => default.clone(),
            });
        }
        match self.attribute(value, &name, arguments.origin) {
            Err(Exit::Raise(raised)) => match default {
                Some(default) => Ok(default),
                None => Err(Exit::Raise(raised)),
            },
            result => result,
        }
    }

    /// `dir(value)`, but for the names with two underscores.
    fn names_of(&mut self, value: &Val) -> Eval {
        let (spaces, mut more) = match &value.kind {
            Kind::Module(id) => (vec![*id], self.more_of(*id).is_some()),
            Kind::Class(class) => {
                let (classes, outside) = Self::ancestry(class);
                (classes.iter().map(|class| class.namespace).collect(), outside.is_some())
            }
            Kind::Instance(instance) => {
                let (classes, outside) = Self::ancestry(&instance.class);
                let classes = classes.iter().map(|class| class.namespace);
                (classes.chain([instance.attributes]).collect(), outside.is_some())
            }
            _ => return Ok(Val::unsupported("dir()")),
        };
        let mut names = BTreeSet::new();
        for space in spaces {
            if let Object::Names { names: here, .. } = self.heap.get(space) {
                more |= here.values().any(|value| value.choices().iter().any(Val::is_missing));
                names.extend(here.keys().filter(|name| !name.starts_with("__")).cloned());
            }
        }
        self.list(names.into_iter().map(|name| Val::new(Kind::Str(name))).collect(), more)
    }

    fn has_attribute(&mut self, value: &Val, arguments: &Arguments) -> Eval {
        let name = arguments.positional.get(1).and_then(Val::as_str).map(str::to_owned);
        match (name, &value.kind) {
            (Some(name), Kind::Module(id)) => Ok(match (self.name_in(*id, &name), self.more_of(*id)) {
                (Some(found), _) => Val::bool(!found.is_missing()),
                (None, Some(reason)) => Val::unknown(reason),
                (None, None) => Val::bool(false),
            }),
            _ => Ok(Val::unsupported("hasattr()")),
        }
    }

    fn is_instance(&self, value: &Val, class: Option<&Val>) -> Val {
        let Some(class) = class else { return Val::unsupported("isinstance()") };
        let classes = match &class.kind {
            Kind::Tuple(classes, false) => classes.to_vec(),
            _ => vec![class.clone()],
        };
        let mut unclear = false;
        for class in &classes {
            match self.is_instance_of(value, class) {
                Some(true) => return Val::derived(Kind::Bool(true), [value]),
                Some(false) => {}
                None => unclear = true,
            }
        }
        if unclear { Val::unknown_like(value) } else { Val::derived(Kind::Bool(false), [value]) }
    }

    fn is_instance_of(&self, value: &Val, class: &Val) -> Option<bool> {
        if let Kind::OneOf(values) = &value.kind {
            let first = self.is_instance_of(values.first()?, class)?;
            return values.iter().all(|value| self.is_instance_of(value, class) == Some(first)).then_some(first);
        }
        let own = type_of(value);
        match &class.kind {
            Kind::Builtin("object") => Some(true),
            Kind::Builtin("int") if own == Some("bool") => Some(true),
            Kind::Builtin(name) => match own {
                Some(own) => Some(own == *name),
                None => matches!(value.kind, Kind::Path(_) | Kind::Class(_) | Kind::Module(_)).then_some(false),
            },
            Kind::Class(class) => match &value.kind {
                Kind::Instance(instance) => Some(self.class_names(&instance.class).contains(&class.name)),
                _ => own.map(|_| false),
            },
            Kind::Library(name) => match (&**name, own) {
                ("collections.abc.Iterable" | "collections.abc.Sequence", Some("list" | "tuple" | "str")) => Some(true),
                ("pathlib.Path" | "pathlib.PurePath", None) => Some(matches!(value.kind, Kind::Path(_))),
                (_, Some("NoneType" | "bool" | "int" | "float" | "str")) => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The name of a value's built-in type.
pub(super) fn type_of(value: &Val) -> Option<&'static str> {
    Some(match &value.kind {
        Kind::None => "NoneType",
        Kind::Bool(_) => "bool",
        Kind::Int(_) => "int",
        Kind::Float(_) => "float",
        Kind::Str(_) | Kind::Random => "str",
        Kind::Bytes(_) => "bytes",
        Kind::Tuple(..) => "tuple",
        Kind::List(_) => "list",
        Kind::Set(_) => "set",
        Kind::Dict(_) => "dict",
        _ => return None,
    })
}

/// A number as `int(text, base)` reads it.
pub(super) fn parse_int(text: &str, base: i64) -> Option<i64> {
    let text = text.trim();
    if text.starts_with('_') || text.ends_with('_') || text.contains("__") {
        return None;
    }
    let digits = text.replace('_', "").to_ascii_lowercase();
    let (sign, digits) = match digits.strip_prefix(['-', '+']) {
        Some(rest) => (if digits.starts_with('-') { -1 } else { 1 }, rest),
        None => (1, digits.as_str()),
    };
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)];
    let (digits, radix) = match prefixed.iter().find(|(prefix, _)| digits.starts_with(prefix)) {
        Some((prefix, radix)) if base == *radix || base == 0 => (&digits[prefix.len()..], *radix),
        _ => (digits, if base == 0 { 10 } else { base }),
    };
    if digits.starts_with(['-', '+']) || !(2..=36).contains(&radix) {
        return None;
    }
    i64::from_str_radix(digits, radix as u32).ok().map(|value| sign * value)
}

/// `repr` of a text: in single quotes, unless it has these and no double ones.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if other == quote => quoted.extend(['\\', other]),
            other => quoted.push(other),
        }
    }
    quoted.push(quote);
    quoted
}
