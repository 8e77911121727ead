//! pydantic-settings: <https://docs.pydantic.dev/latest/concepts/pydantic_settings/>. Each field of a `BaseSettings` class
//! is a variable of its name, in any case, after the class's `env_prefix`.

use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Class, Kind, Origin, Val};
use super::os_environ::{Held, Missing, Variable};
use super::strtobool;
use std::rc::Rc;

impl Evaluator<'_> {
    /// What a field of an instance holds: the variable, cast as the field is declared, else its fallback.
    pub fn pydantic_field(&mut self, class: &Rc<Class>, name: &str, annotation: &str, origin: Origin) -> Eval {
        let prefix = self.pydantic_prefix(class);
        let key = format!("{prefix}{name}");
        let upper = key.to_uppercase();
        let key = if matches!(self.held(&key), Held::Set(_)) { key } else { upper };
        let fallback = match self.name_in(class.namespace, name).filter(|value| !value.is_missing()) {
            Some(value) => self.pydantic_default(value, origin)?,
            None => None,
        };
        let held = self.held(&key);
        let text = match self.variable_found(&key, held, fallback, Missing::Raises("ValidationError"), origin)? {
            Variable::Fallback(mut value) => {
                value.raw = None;
                return Ok(value);
            }
            Variable::Text(text) => text,
        };
        let Some(word) = text.as_str() else { return Ok(Val::unknown_like(&text)) };
        match annotation {
            "bool" => match strtobool::word(word.trim()) {
                Some(truth) => Ok(Val::derived(Kind::Bool(truth), [&text])),
                None => self.raise("ValidationError", origin, &[&text], true),
            },
            "int" => self.int_of(&text, None, origin),
            "float" => self.float_of(&text, origin),
            "list" | "List" | "dict" | "Dict" | "tuple" | "set" => {
                self.call_with(&Val::library("json.loads"), vec![text.clone()], origin)
            }
            _ => {
                let mut text = text;
                text.raw = None;
                Ok(text)
            }
        }
    }

    /// The value of `Field(default, default_factory=…)`, or the plain value that is written.
    fn pydantic_default(&mut self, written: Val, origin: Origin) -> Eval<Option<Val>> {
        let field = match &written.kind {
            Kind::Object(object) if object.function.ends_with("Field") => object.clone(),
            _ => return Ok(Some(written)),
        };
        let keyword = |name: &str| field.keywords.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
        if let Some(factory) = keyword("default_factory") {
            return self.call_with(factory, Vec::new(), origin).map(Some);
        }
        let default = field.arguments.first().or_else(|| keyword("default"));
        Ok(default.filter(|value| !matches!(value.kind, Kind::Ellipsis)).cloned())
    }

    fn pydantic_prefix(&self, class: &Rc<Class>) -> String {
        let config = self.name_in(class.namespace, "Config").or_else(|| self.name_in(class.namespace, "model_config"));
        let prefix = config.and_then(|config| match &config.kind {
            Kind::Class(inner) => self.name_in(inner.namespace, "env_prefix"),
            Kind::Object(object) => {
                object.keywords.iter().find(|(name, _)| &**name == "env_prefix").map(|(_, value)| value.clone())
            }
            _ => None,
        });
        prefix.and_then(|prefix| prefix.as_str().map(str::to_owned)).unwrap_or_default()
    }
}
