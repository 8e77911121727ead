//! pydantic-settings: <https://docs.pydantic.dev/latest/concepts/pydantic_settings/>. Each field of a `BaseSettings` class
//! is a variable of its name, in any case, after the class's `env_prefix`.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::lookups::Found;
use super::super::object::{Class, Kind, Origin, Val};
use super::dotenv::{Dialect, EnvFile};
use super::os_environ::{Held, Missing, Variable};
use super::pydantic_models::Nested;
use super::strtobool;
use crate::project::value::Reason;
use std::rc::Rc;

/// Stands for the type of a field that a function of the class may change.
pub(in super::super) const VALIDATED: &str = "<validated>";
/// The type of a field that hides its text.
const SECRET: &str = "SecretStr";
/// Types whose fields are one variable each.
const SIMPLE: [&str; 13] =
    ["bool", "int", "float", "str", "list", "List", "dict", "Dict", "tuple", "set", "Literal", "EmailStr", SECRET];

/// The variables that a field names by itself, the first that is set counts.
enum Alias {
    Not,
    Named(Vec<String>),
    Unknown,
}

fn pydantic_alias(written: &Val) -> Alias {
    let Kind::Object(field) = &written.kind else { return Alias::Not };
    let named = ["validation_alias", "alias", "env"]
        .iter()
        .find_map(|option| field.keywords.iter().find(|(name, _)| &**name == *option).map(|(_, value)| value));
    match named {
        None => Alias::Not,
        Some(name) => {
            let names = match &name.kind {
                Kind::Object(choices) if choices.function.ends_with("AliasChoices") => choices.arguments.as_slice(),
                _ => std::slice::from_ref(name),
            };
            let names: Option<Vec<String>> = names.iter().map(|name| name.as_str().map(str::to_owned)).collect();
            names.filter(|names| !names.is_empty()).map_or(Alias::Unknown, Alias::Named)
        }
    }
}

impl Evaluator<'_> {
    /// What a field of an instance of `class` holds: the variable, cast as the field is declared, else its fallback.
    /// `declares` is the class or the base of it that has the field.
    pub fn pydantic_field(
        &mut self,
        class: &Rc<Class>,
        declares: &Rc<Class>,
        name: &str,
        annotation: &str,
        origin: Origin,
    ) -> Eval {
        if annotation == VALIDATED {
            return Ok(self.unsupported(origin, "a validator of pydantic"));
        }
        let written = self.name_in(declares.namespace, name).filter(|value| !value.is_missing());
        let keys = match written.as_ref().map(pydantic_alias) {
            Some(Alias::Named(aliases)) => aliases,
            Some(Alias::Unknown) => return Ok(self.unsupported(origin, "an alias of pydantic")),
            _ => {
                let prefix = self.pydantic_config(class, "env_prefix");
                vec![format!("{}{name}", prefix.as_ref().and_then(Val::as_str).unwrap_or(""))]
            }
        };
        let fallback = match written {
            Some(value) => self.pydantic_default(value, origin)?,
            None => None,
        };
        let (key, held) = self.pydantic_held(class, &keys);
        let delimiter = self.pydantic_config(class, "env_nested_delimiter");
        if let (Some(delimiter), false) = (delimiter, SIMPLE.contains(&annotation) || matches!(held, Held::Set(_))) {
            let model = declares.nested.iter().find(|(field, _)| field == name).map(|(_, model)| model.clone());
            let delimiter = delimiter.as_str().filter(|delimiter| !delimiter.is_empty());
            let (Some(model), Some(delimiter)) = (model, delimiter) else {
                return Ok(self.unsupported(origin, "nested settings of pydantic"));
            };
            let nested = Nested { class, delimiter, origin };
            return self.pydantic_nested(&nested, &model, &keys[0], fallback, 0);
        }
        self.pydantic_value(&key, held, fallback, annotation, origin)
    }

    /// The first of some variables that is set, in any case, and what it holds.
    pub(super) fn pydantic_held(&mut self, class: &Rc<Class>, keys: &[String]) -> (String, Held) {
        // Case does not count.
        let spelled = |key: &String| [key.to_uppercase(), key.clone(), key.to_lowercase()];
        let mut spellings = keys.iter().flat_map(spelled);
        let key = spellings.find(|key| matches!(self.held(key), Held::Set(_)));
        let key = key.unwrap_or_else(|| keys[0].to_uppercase());
        let mut held = self.held(&key);
        let file = self.pydantic_config(class, "env_file").filter(|file| !matches!(file.kind, Kind::None));
        if let (Some(file), false) = (file, matches!(held, Held::Set(_))) {
            held = self.pydantic_line(&file, &key, held);
        }
        (key, held)
    }

    pub(super) fn pydantic_value(
        &mut self,
        key: &str,
        held: Held,
        fallback: Option<Val>,
        annotation: &str,
        origin: Origin,
    ) -> Eval {
        let text = match self.variable_found(key, held, fallback, Missing::Raises("ValidationError"), origin)? {
            Variable::Fallback(mut value) => {
                value.raw = None;
                let is_text = matches!(value.kind, Kind::Str(_));
                return if is_text && annotation == SECRET { self.pydantic_secret(value, origin) } else { Ok(value) };
            }
            Variable::Text(text) => text,
        };
        if annotation == SECRET {
            return self.pydantic_secret(text, origin);
        }
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
            "str" | "Literal" | "EmailStr" | "constr" => {
                let mut text = text;
                text.raw = None;
                Ok(text)
            }
            _ => Ok(self.unsupported(origin, format!("a pydantic field of the type `{annotation}`"))),
        }
    }

    /// A text that shows itself only when it is asked for.
    fn pydantic_secret(&mut self, text: Val, origin: Origin) -> Eval {
        let mut arguments = Arguments::new(origin);
        arguments.positional = vec![text];
        self.opaque("pydantic.SecretStr", arguments)
    }

    /// What a file of variables has for a key that the environment does not have.
    fn pydantic_line(&mut self, file: &Val, key: &str, held: Held) -> Held {
        let Some(path) = file.as_path().map(str::to_owned) else { return Held::Perhaps(None) };
        match self.env_file(&path, Dialect::PythonDotenv) {
            EnvFile::Read(lines, file) => match lines.iter().find(|line| line.name.eq_ignore_ascii_case(key)) {
                Some(line) => {
                    let value = self.line_value(line, &file);
                    Held::Set(if matches!(held, Held::Perhaps(_)) { value.weakened() } else { value })
                }
                None => held,
            },
            EnvFile::Perhaps(Reason::IgnoredFile(_)) if matches!(held, Held::Unset) => Held::Perhaps(None),
            _ => held,
        }
    }

    /// The value of `Field(default, default_factory=…)`, or the plain value that is written.
    pub(super) fn pydantic_default(&mut self, written: Val, origin: Origin) -> Eval<Option<Val>> {
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

    /// An option of the class or, where it has none, of a base.
    fn pydantic_config(&self, class: &Rc<Class>, option: &str) -> Option<Val> {
        let (classes, _) = Self::ancestry(class);
        classes.iter().find_map(|class| self.own_pydantic_config(class, option))
    }

    fn own_pydantic_config(&self, class: &Rc<Class>, option: &str) -> Option<Val> {
        let config = self.name_in(class.namespace, "Config").or_else(|| self.name_in(class.namespace, "model_config"));
        match &config?.kind {
            Kind::Class(inner) => self.name_in(inner.namespace, option),
            Kind::Object(object) => {
                object.keywords.iter().find(|(name, _)| &**name == option).map(|(_, value)| value.clone())
            }
            Kind::Dict(id) => match self.dict_get(*id, &Val::str(option)) {
                Found::Value(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }
}
