//! `distutils.util.strtobool` and its many copies: 1 or 0, no bool.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Origin, Val};

/// What the word means: <https://docs.python.org/3.11/distutils/apiref.html#distutils.util.strtobool>.
pub(super) fn word(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

impl Evaluator<'_> {
    pub(super) fn strtobool(&mut self, arguments: &Arguments) -> Eval {
        match arguments.positional.first() {
            Some(value) => self.strtobool_of(value, arguments.origin),
            None => Ok(Val::unsupported("strtobool()")),
        }
    }

    fn strtobool_of(&mut self, value: &Val, origin: Origin) -> Eval {
        match &value.kind {
            Kind::OneOf(values) => {
                let values = values.clone();
                self.each_choice(value, &values, |evaluator, value| evaluator.strtobool_of(value, origin))
            }
            Kind::Str(text) => match word(text) {
                Some(truth) => Ok(Val::derived(Kind::Int(i64::from(truth)), [value])),
                None => self.raise("ValueError", origin, &[value], true),
            },
            Kind::Bool(_) | Kind::None | Kind::Int(_) => self.raise("AttributeError", origin, &[value], true),
            _ => Ok(Val::unknown_like(value)),
        }
    }
}
