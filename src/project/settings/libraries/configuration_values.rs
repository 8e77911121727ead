//! The `Value` classes of django-configurations: a fallback, a variable whose name follows from the setting's, a cast.
//! <https://django-configurations.readthedocs.io/en/stable/values/>.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, LibraryObject, Origin, Val};
use super::os_environ::{Missing, Variable};
use std::rc::Rc;

/// Django's prefix, unless a value says otherwise.
const PREFIX: &str = "DJANGO";

impl Evaluator<'_> {
    /// `values.BooleanValue(False, environ_name="X")`: with a name of its own it is ready at once, else when the class is
    /// set up.
    pub(super) fn call_configuration_value(&mut self, kind: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        if arguments.more || !kind.ends_with("Value") {
            return self.opaque(&format!("configurations.values.{kind}"), arguments);
        }
        let object = LibraryObject {
            function: Rc::from(format!("configurations.values.{kind}")),
            arguments: arguments.positional,
            keywords: arguments.keywords,
        };
        let early = !is_late(kind) && !self.switch(&object, "late_binding", false);
        let named = option(&object, 2, "environ_name").is_some_and(|name| !matches!(name.kind, Kind::None));
        let fixed = || option(&object, 0, "default").is_some_and(|default| self.truth(default) == Some(true));
        let ready = if self.reads_variable(kind, &object) { named } else { fixed() };
        if early && ready {
            return self.configuration_value(kind, &object, "", origin);
        }
        self.allocate(128)?;
        Ok(Val::new(Kind::Object(Rc::new(object))).at(origin))
    }

    fn switch(&self, object: &LibraryObject, name: &str, otherwise: bool) -> bool {
        let given = object.keywords.iter().find(|(known, _)| &**known == name);
        given.map_or(otherwise, |(_, value)| self.truth(value).unwrap_or(otherwise))
    }

    fn reads_variable(&self, kind: &str, object: &LibraryObject) -> bool {
        kind == "SecretValue" || option(object, 1, "environ").is_none_or(|it| self.truth(it) != Some(false))
    }

    /// What a value gives for the setting called `setting`.
    pub(super) fn configuration_value(
        &mut self,
        kind: &str,
        object: &LibraryObject,
        setting: &str,
        origin: Origin,
    ) -> Eval {
        let default = option(object, 0, "default").cloned().unwrap_or_else(Val::none);
        let text = |value: Option<&Val>, otherwise: &str| match value.map(|value| (&value.kind, value.as_str())) {
            None => Some(otherwise.to_owned()),
            Some((Kind::None, _)) => Some(String::new()),
            Some((_, text)) => text.map(str::to_owned),
        };
        let by_url = match kind {
            "DatabaseURLValue" => Some("DATABASE_URL"),
            "CacheURLValue" => Some("CACHE_URL"),
            "EmailURLValue" => Some("EMAIL_URL"),
            "SearchURLValue" => Some("SEARCH_URL"),
            _ => None,
        };
        let name = match option(object, 2, "environ_name") {
            Some(name) if !matches!(name.kind, Kind::None) => name.as_str().map(str::to_owned),
            _ => Some(by_url.map_or_else(|| setting.to_uppercase(), str::to_owned)),
        };
        let prefix = text(option(object, 3, "environ_prefix"), if by_url.is_some() { "" } else { PREFIX });
        let (Some(name), Some(prefix)) = (name, prefix) else {
            return Ok(Val::unsupported("a variable whose name is not known"));
        };
        let name = match prefix.strip_suffix('_').unwrap_or(&prefix) {
            "" => name,
            prefix => format!("{prefix}_{name}"),
        };
        let default = self.configuration_default(kind, object, default, origin)?;
        if !self.reads_variable(kind, object) {
            return Ok(default);
        }
        let required = kind == "SecretValue"
            || option(object, 4, "environ_required").is_some_and(|it| self.truth(it) == Some(true));
        let (fallback, missing) = match required {
            true => (None, Missing::Raises("ValueError")),
            false => (Some(default), Missing::GivesNone),
        };
        let read = match self.variable(&Val::str(name), fallback, missing, origin)? {
            Variable::Fallback(mut value) => {
                value.raw = value.raw.filter(|_| kind == "Value");
                return Ok(value);
            }
            Variable::Text(read) => read,
        };
        self.configuration_cast(kind, object, read, origin)
    }

    /// The fallback is made what the variable would be made.
    fn configuration_default(&mut self, kind: &str, object: &LibraryObject, default: Val, origin: Origin) -> Eval {
        let is_none = matches!(default.kind, Kind::None);
        match kind {
            "BooleanValue" if is_none => self.raise("ValueError", origin, &[&default], true),
            "ListValue" | "BackendsValue" | "TupleValue" | "SetValue" => {
                let (items, more) = if is_none {
                    (Vec::new(), false)
                } else {
                    match self.iterate(&default) {
                        Some(known) => known,
                        None => return Ok(Val::unknown_like(&default)),
                    }
                };
                let mut made = self.configuration_sequence(kind, object, items, more, origin)?;
                made.rests_on(&default);
                made.origin = default.origin;
                Ok(made)
            }
            "SingleNestedListValue" | "SingleNestedTupleValue" => {
                let known = if is_none { Some((Vec::new(), false)) } else { self.iterate(&default) };
                let Some((items, more)) = known else { return Ok(Val::unknown_like(&default)) };
                if object.keywords.iter().any(|(name, _)| &**name == "converter") {
                    return Ok(Val::unsupported(format!("values.{kind}()")));
                }
                let mut made = self.configuration_sequence(inner_of(kind), object, items, more, origin)?;
                made.rests_on(&default);
                made.origin = default.origin;
                Ok(made)
            }
            "DictValue" if is_none => self.dict(Vec::new(), false),
            "DatabaseURLValue" | "CacheURLValue" | "EmailURLValue" if is_none => self.dict(Vec::new(), false),
            "DatabaseURLValue" | "CacheURLValue" | "EmailURLValue" => {
                self.configuration_cast(kind, object, default, origin)
            }
            "PathValue" => self.configuration_path(default, origin),
            _ => Ok(default),
        }
    }

    fn configuration_path(&mut self, path: Val, origin: Origin) -> Eval {
        if matches!(path.kind, Kind::None) {
            return Ok(path);
        }
        self.call_with(&Val::library("os.path.abspath"), vec![path], origin)
    }

    fn configuration_sequence(
        &mut self,
        kind: &str,
        object: &LibraryObject,
        mut items: Vec<Val>,
        more: bool,
        origin: Origin,
    ) -> Eval {
        if let Some((_, converter)) = object.keywords.iter().find(|(name, _)| &**name == "converter") {
            let converter = converter.clone();
            for item in &mut items {
                *item = self.call_with(&converter, vec![item.clone()], origin)?;
            }
        }
        match kind {
            "TupleValue" => Ok(Val::new(Kind::Tuple(Rc::new(items), more))),
            "SetValue" => self.set_of(items, more),
            _ => self.list(items, more),
        }
    }

    fn configuration_cast(&mut self, kind: &str, object: &LibraryObject, text: Val, origin: Origin) -> Eval {
        if let Kind::OneOf(values) = &text.kind {
            let values = values.clone();
            return self.each_choice(&text, &values, |evaluator, text| {
                evaluator.configuration_cast(kind, object, text.clone(), origin)
            });
        }
        if matches!(kind, "Value" | "EmailValue" | "URLValue" | "IPValue" | "RegexValue") {
            return Ok(text);
        }
        let word = text.as_str().map(str::to_owned);
        let Some(word) = word else {
            return match kind {
                "ListValue" | "BackendsValue" => {
                    let mut list = self.list(Vec::new(), true)?;
                    list.rests_on(&text);
                    Ok(list)
                }
                _ => Ok(Val::unknown_like(&text)),
            };
        };
        match kind {
            "SecretValue" if word.is_empty() => self.raise("ValueError", origin, &[&text], true),
            "SecretValue" => Ok(text),
            "BooleanValue" => match word.trim().to_lowercase().as_str() {
                "yes" | "y" | "true" | "1" => Ok(Val::derived(Kind::Bool(true), [&text])),
                "no" | "n" | "false" | "0" | "" => Ok(Val::derived(Kind::Bool(false), [&text])),
                _ => self.raise("ValueError", origin, &[&text], true),
            },
            "IntegerValue" | "PositiveIntegerValue" => {
                let number = self.int_of(&text, None, origin)?;
                match number.as_int() {
                    Some(negative) if negative < 0 && kind != "IntegerValue" => {
                        self.raise("ValueError", origin, &[&text], true)
                    }
                    _ => Ok(number),
                }
            }
            "FloatValue" => self.float_of(&text, origin),
            "ListValue" | "BackendsValue" | "TupleValue" | "SetValue" => {
                let separator = match object.keywords.iter().find(|(name, _)| &**name == "separator") {
                    None => Some(",".to_owned()),
                    Some((_, value)) => value.as_str().map(str::to_owned).filter(|it| !it.is_empty()),
                };
                let Some(separator) = separator else { return Ok(Val::unsupported("a separator")) };
                let parts = word.trim().split(&separator).map(str::trim).filter(|part| !part.is_empty());
                let items = parts.map(|part| Val::derived(Kind::Str(Rc::from(part)), [&text])).collect();
                let mut made = self.configuration_sequence(kind, object, items, false, origin)?;
                made.rests_on(&text);
                Ok(made)
            }
            "SingleNestedListValue" | "SingleNestedTupleValue" => {
                let own = object.keywords.iter().find(|(name, _)| &**name == "seq_separator");
                let separator = own.map_or(Some(";"), |(_, value)| value.as_str()).filter(|it| !it.is_empty());
                let Some(separator) = separator else { return Ok(Val::unsupported("a separator")) };
                let mut items = Vec::new();
                for part in word.trim().split(separator).map(str::trim).filter(|part| !part.is_empty()) {
                    let part = Val::derived(Kind::Str(Rc::from(part)), [&text]);
                    items.push(self.configuration_cast(inner_of(kind), object, part, origin)?);
                }
                let mut made = match kind {
                    "SingleNestedTupleValue" => Val::tuple(items),
                    _ => self.list(items, false)?,
                };
                made.rests_on(&text);
                Ok(made)
            }
            "DictValue" if word.is_empty() => self.dict(Vec::new(), false),
            "DictValue" => self.call_with(&Val::library("ast.literal_eval"), vec![text], origin),
            "PathValue" => self.configuration_path(text, origin),
            "DatabaseURLValue" | "CacheURLValue" | "EmailURLValue" => {
                let parser = match kind {
                    "DatabaseURLValue" => "dj_database_url.parse",
                    "CacheURLValue" => "django_cache_url.parse",
                    _ => "dj_email_url.parse",
                };
                // What else the parser takes is handed on.
                let mut arguments = Arguments::new(origin);
                arguments.positional = vec![text.clone()];
                let own = ["default", "environ", "environ_name", "environ_prefix", "environ_required", "alias"];
                let others = object.keywords.iter().filter(|(name, _)| !own.contains(&&**name));
                arguments.keywords = others.cloned().collect();
                let parsed = self.call_value(&Val::library(parser), arguments)?;
                if kind == "EmailURLValue" {
                    return Ok(parsed);
                }
                let alias = object.keywords.iter().find(|(name, _)| &**name == "alias");
                let alias = alias.map_or_else(|| Val::str("default"), |(_, alias)| alias.clone());
                let mut all = self.dict(vec![(alias, parsed)], false)?;
                all.rests_on(&text);
                Ok(all.at(origin))
            }
            _ => Ok(Val::unsupported(format!("values.{kind}()"))),
        }
    }
}

/// What each item of a nested sequence is read as.
fn inner_of(kind: &str) -> &'static str {
    if kind == "SingleNestedTupleValue" { "TupleValue" } else { "ListValue" }
}

fn is_late(kind: &str) -> bool {
    kind.ends_with("URLValue") && kind != "URLValue"
}

fn option<'o>(object: &'o LibraryObject, at: usize, name: &str) -> Option<&'o Val> {
    let named = || object.keywords.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
    object.arguments.get(at).or_else(named)
}
