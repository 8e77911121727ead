//! environs: <https://github.com/sloria/environs>. The cast is the method; the fallback is not cast.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Origin, Val};
use super::database_url::Parser;
use super::dotenv::Dialect;
use super::os_environ::{Missing, Variable};
use super::strtobool;
use std::rc::Rc;

/// What `env.prefixed("DB_")` gives, for a `with` to enter.
pub(in super::super) const PREFIXED: &str = "environs.Env().prefixed";

impl Evaluator<'_> {
    /// A method of an `environs.Env`, or the call of one.
    pub(super) fn call_environs(&mut self, method: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        if method == "read_env" {
            return self.environs_read(&arguments);
        }
        if method == "prefixed" {
            return self.opaque(PREFIXED, arguments);
        }
        let known = ["__call__", "str", "bool", "int", "float", "list", "dict", "json", "url", "path", "dj_db_url"];
        if !known.contains(&method) {
            return Ok(self.unsupported(origin, format!("environs.Env().{method}()")));
        }
        let Some(name) = arguments.get(0, "name").cloned() else { return Ok(Val::unsupported("env()")) };
        let name = self.prefixed_name(name)?;
        let default = arguments.get(1, "default").cloned();
        let text = match self.variable(&name, default, Missing::Raises("EnvError"), origin)? {
            Variable::Fallback(value) if method == "dj_db_url" => value,
            Variable::Fallback(mut value) => {
                if method != "__call__" {
                    value.raw = None;
                }
                return Ok(value);
            }
            Variable::Text(text) => text,
        };
        self.environs_cast(&text, method, &arguments, origin)
    }

    /// The name of a variable with the prefixes that hold here.
    fn prefixed_name(&mut self, name: Val) -> Eval {
        let prefixes = self.prefixes.clone();
        let mut name = name;
        for prefix in prefixes.iter().rev() {
            let (Some(before), Some(after)) = (prefix.as_str(), name.as_str()) else {
                return Ok(Val::unsupported("a prefix that is not known"));
            };
            let kind = self.text(format!("{before}{after}"))?;
            name = Val::derived(kind, [prefix, &name]);
        }
        Ok(name)
    }

    fn environs_read(&mut self, arguments: &Arguments) -> Eval {
        let origin = arguments.origin;
        let path = match arguments.get(0, "path") {
            None => self.find_upwards(origin, ".env"),
            Some(value) => match value.as_path() {
                Some(path) => path.to_owned(),
                None => self.find_upwards(origin, ".env"),
            },
        };
        let overwrite = arguments.keyword("override").and_then(|value| self.truth(value)) == Some(true);
        let loaded = self.load_env_file(&path, Dialect::PythonDotenv, overwrite, origin)?;
        Ok(Val::bool(loaded).weakened())
    }

    fn environs_cast(&mut self, text: &Val, method: &str, arguments: &Arguments, origin: Origin) -> Eval {
        if let Kind::OneOf(values) = &text.kind {
            let values = values.clone();
            return self.each_choice(text, &values, |evaluator, text| {
                evaluator.environs_cast(text, method, arguments, origin)
            });
        }
        if method == "dj_db_url" {
            return self.database(text, Parser::DjDatabaseUrl, origin);
        }
        let Some(word) = text.as_str().map(str::to_owned) else {
            return match method {
                "list" => {
                    let mut list = self.list(Vec::new(), true)?;
                    list.rests_on(text);
                    Ok(list)
                }
                _ => Ok(Val::unknown_like(text)),
            };
        };
        match method {
            "__call__" => Ok(text.clone()),
            "str" => self.text_of(text, false),
            "bool" => match strtobool::word(&word) {
                Some(truth) => Ok(Val::derived(Kind::Bool(truth), [text])),
                None => self.raise("EnvValidationError", origin, &[text], true),
            },
            "int" => self.int_of(text, None, origin),
            "float" => self.float_of(text, origin),
            "list" => {
                let delimiter = arguments.keyword("delimiter").and_then(Val::as_str).unwrap_or(",").to_owned();
                let subcast = arguments.get(2, "subcast").cloned();
                let mut items = Vec::new();
                if !word.is_empty() && !delimiter.is_empty() {
                    for part in word.split(&*delimiter) {
                        let part = Val::derived(Kind::Str(Rc::from(part)), [text]);
                        items.push(match &subcast {
                            Some(cast) => self.call_with(cast, vec![part], origin)?,
                            None => part,
                        });
                    }
                }
                let mut list = self.list(items, false)?;
                list.rests_on(text);
                Ok(list)
            }
            "dict" => {
                let dict = self.dict(Vec::new(), false)?;
                for pair in word.split(',') {
                    if let Some((key, value)) = pair.split_once('=') {
                        let mut value = Val::derived(Kind::Str(Rc::from(value.trim())), [text]);
                        if let Some(cast) = arguments.keyword("subcast_values").cloned() {
                            value = self.call_with(&cast, vec![value], origin)?;
                        }
                        let mut key = Val::derived(Kind::Str(Rc::from(key.trim())), [text]);
                        if let Some(cast) = arguments.keyword("subcast_keys").cloned() {
                            key = self.call_with(&cast, vec![key], origin)?;
                        }
                        self.set_item(&dict, &key, value, origin)?;
                    }
                }
                Ok(dict)
            }
            "json" => self.call_with(&Val::library("json.loads"), vec![text.clone()], origin),
            "path" => self.call_with(&Val::library("pathlib.Path"), vec![text.clone()], origin),
            _ => self.call_with(&Val::library("urllib.parse.urlparse"), vec![text.clone()], origin),
        }
    }
}
