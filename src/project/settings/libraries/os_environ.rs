//! `os.environ` and `os.getenv`: <https://docs.python.org/3/library/os.html#os.environ>.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator, Exit};
use super::super::object::{Kind, Origin, Raw, Val};
use crate::project::environment::Lookup;
use crate::project::value::{Act, Reason, Step, Value};
use std::rc::Rc;

/// What happens where a variable is not set and no fallback is written.
#[derive(Clone, Copy)]
pub(in super::super) enum Missing {
    /// The value is `None`.
    GivesNone,
    /// An exception of this class is raised.
    Raises(&'static str),
}

/// What reading a variable gives.
pub(in super::super) enum Variable {
    /// Its text, which may be unknown.
    Text(Val),
    /// It is not set, or not by what the repository shows: the fallback.
    Fallback(Val),
}

/// What the environment holds under a name.
pub(in super::super) enum Held {
    Set(Val),
    Unset,
    Perhaps(Option<Step>),
}

/// Whether a name of `os` is about variables.
pub(super) fn is_known(name: &str) -> bool {
    name == "os.getenv" || name.starts_with("os.environ.")
}

impl Evaluator<'_> {
    /// What the process's environment holds, with what the program has set and loaded.
    pub fn held(&self, name: &str) -> Held {
        match self.name_in(self.environ, name) {
            Some(value) if value.is_missing() => return Held::Unset,
            Some(value) => return Held::Set(value),
            None => {}
        }
        let unknown = || Held::Set(Val::unknown(Reason::OutsideVariable(name.to_owned())));
        self.asked.borrow_mut().insert(name.to_owned());
        match self.variables.lookup(name) {
            Lookup::Set(traced) => {
                let kind = |text: &String| Kind::Str(Rc::from(text.as_str()));
                let value = match &traced.value {
                    Value::Known(text) => Val::new(kind(text)),
                    Value::Default(text) => Val::new(kind(text)).weakened(),
                    Value::OneOf(texts) if texts.len() == 1 => Val::new(kind(&texts[0])),
                    Value::OneOf(texts) if (2..=6).contains(&texts.len()) => {
                        Val::new(Kind::OneOf(Rc::new(texts.iter().map(|text| Val::new(kind(text))).collect())))
                    }
                    Value::OneOf(_) => Val::unknown(Reason::Limit("alternatives".into())),
                    Value::Unknown(reason) => Val::unknown(reason.clone()),
                    Value::Absent => return Held::Unset,
                };
                let steps = super::super::object::Trail::of(traced.trail.clone());
                Held::Set(value.with_trail(steps))
            }
            Lookup::Perhaps(_) | Lookup::Unset if self.assumed.contains(name) => unknown(),
            Lookup::Perhaps(opening) => Held::Perhaps(opening.step.clone()),
            Lookup::Unset => match self.env_files.first() {
                Some(opening) => Held::Perhaps(opening.step.clone()),
                None => Held::Unset,
            },
        }
    }

    /// Reads a variable, as every library does in the end.
    pub fn variable(&mut self, name: &Val, fallback: Option<Val>, missing: Missing, origin: Origin) -> Eval<Variable> {
        let Some(name) = name.as_str().map(str::to_owned) else {
            return Ok(Variable::Text(Val::unknown_like(name)));
        };
        let held = self.held(&name);
        self.variable_found(&name, held, fallback, missing, origin)
    }

    /// Gives what was found under a name, or what stands in for it.
    pub fn variable_found(
        &mut self,
        name: &str,
        held: Held,
        fallback: Option<Val>,
        missing: Missing,
        origin: Origin,
    ) -> Eval<Variable> {
        let required = fallback.is_none() && matches!(missing, Missing::Raises(_));
        self.variable_read(name, origin, fallback.as_ref(), required);
        let reads = self.step_at(origin, Act::Reads(name.to_owned()));
        let raw = |has_fallback| Some(Rc::new(Raw { name: name.to_owned(), has_fallback }));
        let (certain, opening) = match held {
            Held::Set(value) => {
                let mut value = value.pushed(reads);
                value.raw = raw(fallback.is_some());
                value.origin = None;
                return Ok(Variable::Text(value));
            }
            Held::Unset => (true, None),
            Held::Perhaps(step) => (false, step),
        };
        match (fallback, missing) {
            (Some(mut value), _) => {
                let written = value.origin.unwrap_or(origin);
                value = value.pushed(self.step_at(written, Act::FallsBack(name.to_owned())));
                value.certain &= certain;
                value.raw = raw(true);
                Ok(Variable::Fallback(value))
            }
            (None, Missing::GivesNone) => {
                let mut value = Val::none().pushed(reads);
                value.certain = certain;
                value.raw = raw(false);
                Ok(Variable::Fallback(value))
            }
            (None, Missing::Raises(class)) if certain || self.catches(class) => {
                let mut about = Val::none().pushed(reads);
                about.certain = certain;
                let mut raised = self.raise(class, origin, &[&about], true);
                if let Err(Exit::Raise(raised)) = &mut raised {
                    raised.variable = Some(name.to_owned());
                }
                raised
            }
            (None, Missing::Raises(_)) => {
                // The program does not start without it, so that somebody sets it.
                let mut value = Val::unknown(Reason::OutsideVariable(name.to_owned()));
                value.trail = super::super::object::Trail::of(opening.into_iter().chain([reads]).collect());
                value.raw = raw(false);
                Ok(Variable::Text(value))
            }
        }
    }

    /// `os.environ[name]`.
    pub fn environ_item(&mut self, name: &Val, origin: Origin) -> Eval {
        match self.variable(name, None, Missing::Raises("KeyError"), origin)? {
            Variable::Text(value) | Variable::Fallback(value) => Ok(value),
        }
    }

    pub(super) fn call_environ(&mut self, function: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let name = arguments.get(0, "key").cloned();
        let fallback = arguments.get(1, "default").cloned();
        match (function, name) {
            ("getenv" | "get", Some(name)) => {
                // `get(name, None)` is the same as `get(name)`.
                let fallback = fallback.filter(|value| !matches!(value.kind, Kind::None));
                match self.variable(&name, fallback, Missing::GivesNone, origin)? {
                    Variable::Text(value) | Variable::Fallback(value) => Ok(value),
                }
            }
            ("setdefault", Some(name)) => {
                let Some(key) = name.as_str().map(str::to_owned) else { return Ok(Val::unknown_like(&name)) };
                let default = self.under_controls(fallback.unwrap_or_else(Val::none));
                let set = match self.held(&key) {
                    Held::Set(value) => return Ok(value),
                    Held::Unset => default,
                    Held::Perhaps(_) => default.weakened(),
                };
                let written = set.origin.unwrap_or(origin);
                let set = set.pushed(self.step_at(written, Act::Sets(key.clone())));
                self.set_name(self.environ, &key, set.clone());
                Ok(set)
            }
            ("pop", Some(name)) => {
                let missing = Missing::Raises("KeyError");
                let value = match self.variable(&name, fallback, missing, origin)? {
                    Variable::Text(value) | Variable::Fallback(value) => value,
                };
                if let Some(name) = name.as_str() {
                    self.set_name(self.environ, name, Val::new(Kind::Missing));
                }
                Ok(value)
            }
            ("update", Some(values)) => {
                if let Kind::Dict(_) = values.kind {
                    for key in self.iterate(&values).unwrap_or_default().0 {
                        let value = self.subscript(&values, &key, origin)?;
                        self.set_environ(&key, value);
                    }
                }
                Ok(Val::none())
            }
            ("copy", _) => Ok(Val::library("os.environ")),
            // All variables there are: never known throughout.
            _ => Ok(Val::unsupported(format!("os.environ.{function}()"))),
        }
    }

    /// `name in os.environ`, or `not in`.
    pub fn in_environment(&mut self, negated: bool, name: &Val, origin: Origin) -> Eval {
        let Some(key) = name.as_str().map(str::to_owned) else { return Ok(Val::unknown_like(name)) };
        self.variable_read(&key, origin, None, false);
        let mut about = match self.held(&key) {
            Held::Set(mut value) => {
                value.kind = Kind::Bool(!negated);
                value
            }
            Held::Unset => Val::bool(negated),
            Held::Perhaps(_) => Val::bool(negated).weakened(),
        };
        about.raw = None;
        Ok(about.pushed(self.step_at(origin, Act::Reads(key))))
    }

    /// `os.environ[name] = value`.
    pub fn set_environ(&mut self, name: &Val, value: Val) {
        let Some(key) = name.as_str() else { return };
        let value = self.under_controls(value);
        let value = match value.origin {
            Some(origin) => value.clone().pushed(self.step_at(origin, Act::Sets(key.to_owned()))),
            None => value,
        };
        self.set_name(self.environ, key, value);
    }
}
