//! Substitution of variables whose values are only partly known.

use super::value::{Reason, Step, Traced, Value};
use crate::parse::substitution::{self, Failure, Part, Variable};

/// The most values that one expansion may have before they count as unknown.
const MAX_ALTERNATIVES: usize = 16;

/// The most steps that a trail keeps: the first ones, which decide.
const MAX_TRAIL: usize = 12;

/// Bounds what all expansions of one model may copy, in bytes.
#[derive(Clone, Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(256 * substitution::EXPANSION_LIMIT)
    }
}

/// Puts the values that `lookup` knows in place of the variables in `parts`.
///
/// A variable of which is only known that it may come from outside ([`Reason::OutsideVariable`]) makes `${X:-d}` a
/// default of `d`; anywhere else the whole is unknown, as it is with variables unknown for other reasons. The trail
/// begins with the trails of the variables that were read.
pub fn expand(
    parts: &[Part],
    lookup: &mut dyn FnMut(&Variable) -> Traced<String>,
    budget: &mut Budget,
) -> Traced<String> {
    let mut trail = Vec::new();
    // The variables with several values, and which of them the run at hand takes.
    let mut choices: Vec<Choice> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    let mut certain = true;
    for _ in 0..MAX_ALTERNATIVES {
        let mut unknown = None;
        let result = substitution::expand(parts, &mut |variable| {
            let traced = lookup(variable);
            add_steps(&mut trail, traced.trail);
            let value = match traced.value {
                Value::Known(value) => value,
                Value::Default(value) => {
                    certain = false;
                    value
                }
                Value::OneOf(values) => choose(&mut choices, variable, values)?,
                Value::Absent => return None,
                Value::Unknown(Reason::OutsideVariable(_))
                    if variable.operation.as_ref().is_some_and(|operation| operation.handles_unset()) =>
                {
                    certain = false;
                    return None;
                }
                Value::Unknown(reason) => {
                    unknown.get_or_insert(reason);
                    return None;
                }
            };
            if value.len() > budget.0 {
                unknown.get_or_insert(Reason::Limit("substituted text".into()));
                return None;
            }
            budget.0 -= value.len();
            Some(value)
        });
        if let Some(reason) = unknown {
            return Traced::new(Value::Unknown(reason), trail);
        }
        match result {
            Ok(value) if values.contains(&value) => {}
            Ok(value) => values.push(value),
            Err(failure) => return Traced::new(Value::Unknown(reason(failure)), trail),
        }
        if !advance(&mut choices) {
            let value = match (values.len(), certain) {
                (1, true) => Value::Known(values.swap_remove(0)),
                (1, false) => Value::Default(values.swap_remove(0)),
                _ => Value::OneOf(values),
            };
            return Traced::new(value, trail);
        }
    }
    Traced::new(Value::Unknown(Reason::Limit("alternative values".into())), trail)
}

/// Appends the steps that are not in `trail` yet, as far as there is room.
pub fn add_steps(trail: &mut Vec<Step>, steps: Vec<Step>) {
    for step in steps {
        if trail.len() < MAX_TRAIL && !trail.contains(&step) {
            trail.push(step);
        }
    }
}

fn reason(failure: Failure) -> Reason {
    match failure {
        Failure::Required(name) => Reason::OutsideVariable(name),
        Failure::TooLong => Reason::Limit("substituted text".into()),
        Failure::Pattern => Reason::Unsupported("a pattern in a substitution".into()),
    }
}

struct Choice {
    name: String,
    taken: usize,
    count: usize,
}

fn choose(choices: &mut Vec<Choice>, variable: &Variable, mut values: Vec<String>) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let name = &variable.name.value;
    let taken = match choices.iter().find(|choice| choice.name == *name) {
        Some(choice) => choice.taken,
        None => {
            choices.push(Choice { name: name.clone(), taken: 0, count: values.len() });
            0
        }
    };
    Some(values.swap_remove(taken.min(values.len() - 1)))
}

/// Goes on to the next combination; `false` after the last.
fn advance(choices: &mut Vec<Choice>) -> bool {
    while let Some(last) = choices.last_mut() {
        last.taken += 1;
        if last.taken < last.count {
            return true;
        }
        choices.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::dockerfile::Word;
    use crate::source::Fragment;

    fn value(text: &str) -> Value<String> {
        let word = Word::parse(Fragment::verbatim(text, 0), '\\');
        let mut lookup = |variable: &Variable| {
            let value = match variable.name.as_str() {
                "known" => Value::Known("k".into()),
                "default" => Value::Default("d".into()),
                "several" => Value::OneOf(vec!["a".into(), "b".into()]),
                "outside" => Value::Unknown(Reason::OutsideVariable("outside".into())),
                "random" => Value::Unknown(Reason::Random),
                _ => Value::Absent,
            };
            Traced::new(value, Vec::new())
        };
        expand(&word.parts, &mut lookup, &mut Budget::default()).value
    }

    #[test]
    fn a_text_is_as_certain_as_what_it_reads() {
        assert_eq!(value("x$known"), Value::Known("xk".into()));
        assert_eq!(value("$known$default"), Value::Default("kd".into()));
        assert_eq!(value("${known:-$random}"), Value::Known("k".into()));
        assert_eq!(value("$absent"), Value::Known(String::new()));
        assert_eq!(value("$random$known"), Value::Unknown(Reason::Random));
        assert_eq!(value("${random:-x}"), Value::Unknown(Reason::Random));
        assert_eq!(value("${absent:?}"), Value::Unknown(Reason::OutsideVariable("absent".into())));
    }

    #[test]
    fn what_may_come_from_outside_leaves_a_fallback_as_default() {
        assert_eq!(value("${outside:-x}"), Value::Default("x".into()));
        assert_eq!(value("${outside:+x}"), Value::Default(String::new()));
        assert_eq!(value("$outside"), Value::Unknown(Reason::OutsideVariable("outside".into())));
    }

    #[test]
    fn every_combination_of_several_values_is_kept() {
        assert_eq!(value("$several-$several"), Value::OneOf(vec!["a-a".into(), "b-b".into()]));
        assert_eq!(value("${several#a}"), Value::OneOf(vec![String::new(), "b".into()]));
    }

    #[test]
    fn a_budget_bounds_what_is_copied() {
        let word = Word::parse(Fragment::verbatim("$x$x", 0), '\\');
        let mut budget = Budget(10);
        let mut lookup = |_: &Variable| Traced::new(Value::Known("1234567".to_owned()), Vec::new());
        assert!(expand(&word.parts, &mut lookup, &mut budget).value.is_unknown());
    }
}
