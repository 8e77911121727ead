//! Operators, comparison and truth.

use super::equality::{equal, identical, is_constant, is_foreign};
use super::evaluator::{Eval, Evaluator, Exit};
use super::heap::{Heap, Object};
use super::object::{Kind, Origin, Val};
use crate::parse::python::{BinaryOperator, CompareOperator, UnaryOperator};
use crate::project::value::Reason;
use std::rc::Rc;

impl Evaluator<'_> {
    /// `bool(value)`; `None` where it cannot be told.
    pub fn truth(&self, value: &Val) -> Option<bool> {
        let filled = |length: usize, more: bool| match (length, more) {
            (0, true) => None,
            (length, _) => Some(length > 0),
        };
        match &value.kind {
            Kind::None => Some(false),
            Kind::Bool(value) => Some(*value),
            Kind::Int(value) => Some(*value != 0),
            Kind::Float(value) => Some(*value != 0.0),
            Kind::Str(text) | Kind::Bytes(text) => Some(!text.is_empty()),
            Kind::Tuple(items, more) => filled(items.len(), *more),
            Kind::List(id) | Kind::Set(id) | Kind::Dict(id) => match self.heap.get(*id) {
                Object::Items { items, more } => filled(items.len(), *more),
                Object::Entries { entries, more } => filled(entries.len(), *more),
                Object::Names { .. } => None,
            },
            Kind::Object(object) if &*object.function == "datetime.timedelta" => None,
            Kind::Object(object) if &*object.function == "re.Match" => Some(true),
            Kind::Object(_) | Kind::Instance(_) | Kind::Unknown(_) | Kind::Missing => None,
            Kind::Library(name) if matches!(&**name, "os.environ" | "sys.argv") => None,
            Kind::Library(name) if is_constant(name) => None,
            Kind::Method(method) if is_foreign(&method.0.kind) => None,
            Kind::Library(_) => Some(true),
            Kind::OneOf(values) => {
                let first = self.truth(values.first()?)?;
                values.iter().all(|value| self.truth(value) == Some(first)).then_some(first)
            }
            _ => Some(true),
        }
    }

    /// The truth of a value as a value.
    pub fn truth_value(&self, value: &Val) -> Val {
        match self.truth(value) {
            Some(truth) => Val::derived(Kind::Bool(truth), [value]),
            None => match &value.kind {
                Kind::OneOf(_) => {
                    let both = vec![Val::bool(true), Val::bool(false)];
                    Val::derived(Kind::OneOf(Rc::new(both)), [value])
                }
                _ => Val::unknown_like(value),
            },
        }
    }

    pub fn unary(&mut self, operator: UnaryOperator, operand: &Val) -> Eval {
        if let (Kind::OneOf(values), false) = (&operand.kind, operator == UnaryOperator::Not) {
            let values = values.clone();
            return self.each_choice(operand, &values, |evaluator, value| evaluator.unary(operator, value));
        }
        let kind = match (operator, &operand.kind) {
            (UnaryOperator::Not, _) => {
                let truth = self.truth_value(operand);
                let kind = match &truth.kind {
                    Kind::Bool(value) => Kind::Bool(!value),
                    other => other.clone(),
                };
                return Ok(Val { kind, ..truth });
            }
            (UnaryOperator::Negative, Kind::Float(value)) => Kind::Float(-value),
            (UnaryOperator::Positive, Kind::Float(value)) => Kind::Float(*value),
            (UnaryOperator::Negative, _) => match operand.as_int().and_then(i64::checked_neg) {
                Some(value) => Kind::Int(value),
                None => return Ok(Val::unknown_like(operand)),
            },
            (UnaryOperator::Positive | UnaryOperator::Invert, _) => match (operand.as_int(), operator) {
                (Some(value), UnaryOperator::Invert) => Kind::Int(!value),
                (Some(value), _) => Kind::Int(value),
                (None, _) => return Ok(Val::unknown_like(operand)),
            },
        };
        Ok(Val::derived(kind, [operand]))
    }

    /// Does the same with every value that it can be.
    pub fn each_choice(&mut self, whole: &Val, values: &[Val], mut run: impl FnMut(&mut Self, &Val) -> Eval) -> Eval {
        let mut joined: Option<Val> = None;
        let (mut doubt, mut last) = (false, None);
        for value in values {
            if value.is_missing() {
                continue;
            }
            let result = match run(self, value) {
                Ok(result) => result,
                // It is some other value, or the program ends here: what catches that may go on.
                Err(Exit::Raise(raised)) if values.len() > 1 => {
                    doubt |= self.would_catch(&raised);
                    last = Some(raised);
                    continue;
                }
                Err(exit) => return Err(exit),
            };
            joined = Some(joined.map_or(result.clone(), |joined| Val::either(&joined, &result)));
        }
        if let (None, Some(raised)) = (&joined, last) {
            return Err(Exit::Raise(raised));
        }
        if doubt {
            return Ok(Val::unsupported("what raises an exception in part of the cases"));
        }
        let mut joined = joined.unwrap_or_else(|| Val::unknown_like(whole));
        joined.rests_on(whole);
        Ok(joined)
    }

    pub fn binary(&mut self, operator: BinaryOperator, left: &Val, right: &Val, origin: Origin) -> Eval {
        self.step(1)?;
        if let Kind::OneOf(values) = &left.kind {
            let values = values.clone();
            return self.each_choice(left, &values, |evaluator, left| evaluator.binary(operator, left, right, origin));
        }
        if let Kind::OneOf(values) = &right.kind {
            let values = values.clone();
            return self
                .each_choice(right, &values, |evaluator, right| evaluator.binary(operator, left, right, origin));
        }
        let derived = |kind| Ok(Val::derived(kind, [left, right]).at(origin));
        match (operator, &left.kind, &right.kind) {
            (BinaryOperator::Add, Kind::Str(a), Kind::Str(b)) => {
                if !self.text_fits(a.len() + b.len()) {
                    return derived(Kind::Unknown(Reason::Limit("text length".into())));
                }
                let kind = self.text(format!("{a}{b}"))?;
                derived(kind)
            }
            (BinaryOperator::Add, Kind::Random, Kind::Str(_)) | (BinaryOperator::Add, Kind::Str(_), Kind::Random) => {
                derived(Kind::Random)
            }
            (BinaryOperator::Add, Kind::List(_) | Kind::Tuple(..), _) | (BinaryOperator::Add, _, Kind::List(_))
                if adds(&left.kind, &right.kind) =>
            {
                self.concatenate(left, right)
            }
            (BinaryOperator::Mul, Kind::Str(text), _) if right.as_int().is_some() => {
                let times = right.as_int().unwrap_or(0).max(0) as usize;
                if !self.text_fits(text.len().saturating_mul(times)) {
                    return derived(Kind::Unknown(Reason::Limit("text length".into())));
                }
                let kind = self.text(text.repeat(times))?;
                derived(kind)
            }
            (BinaryOperator::Mul, Kind::List(_), _) => match (self.iterate(left), right.as_int()) {
                (Some((items, false)), Some(times)) => {
                    let length = items.len().saturating_mul(times.max(0) as usize);
                    self.step(length)?;
                    let items = items.iter().cycle().take(length.min(super::methods::MAX_ENTRIES)).cloned().collect();
                    let mut list = self.list(items, length > super::methods::MAX_ENTRIES)?;
                    list.rests_on(right);
                    Ok(list)
                }
                _ => derived(Kind::Unknown(Reason::Unsupported("list * n".into()))),
            },
            (BinaryOperator::Mod, Kind::Str(format), _) => {
                let format = format.clone();
                self.percent_format(&format, left, right, origin)
            }
            (BinaryOperator::TrueDiv, Kind::Path(_), _) | (BinaryOperator::TrueDiv, _, Kind::Path(_)) => {
                match (left.as_path(), right.as_path()) {
                    (Some(a), Some(b)) => {
                        let kind =
                            Kind::Path(Rc::from(super::libraries::paths::pure(&super::libraries::paths::join(a, b))));
                        derived(kind)
                    }
                    _ => Ok(Val::unknown_like(if left.as_path().is_none() { left } else { right })),
                }
            }
            (BinaryOperator::Sub, Kind::Object(object), Kind::Int(levels)) if &*object.function == "environ.Path" => {
                let (object, levels) = (object.clone(), *levels);
                self.environ_path_up(&object, levels, origin)
            }
            (BinaryOperator::BitOr, Kind::Dict(_), Kind::Dict(_)) => {
                let copy = self.copy_dict(left)?;
                self.update_dict(&copy, right, origin)?;
                Ok(copy)
            }
            (BinaryOperator::BitOr, Kind::Set(_), Kind::Set(_)) => {
                let (mut items, more) = self.iterate(left).unwrap_or_default();
                let (others, more_others) = self.iterate(right).unwrap_or_default();
                for other in others {
                    if !items.iter().any(|item| equal(&self.heap, item, &other) == Some(true)) {
                        items.push(other);
                    }
                }
                let id = self.items(items, more || more_others)?;
                derived(Kind::Set(id))
            }
            (BinaryOperator::Sub | BinaryOperator::BitAnd, Kind::Set(_), Kind::Set(_)) => {
                let (items, more) = self.iterate(left).unwrap_or_default();
                let mut kept = Vec::new();
                let mut unclear = more;
                for item in items {
                    match self.contains(right, &item) {
                        Some(found) if found == (operator == BinaryOperator::BitAnd) => kept.push(item),
                        Some(_) => {}
                        None => unclear = true,
                    }
                }
                let id = self.items(kept, unclear)?;
                derived(Kind::Set(id))
            }
            _ => match arithmetic(operator, left, right) {
                Some(kind) => derived(kind),
                None if divides(operator) && left.as_int().is_some() && right.as_int() == Some(0) => {
                    self.raise("ZeroDivisionError", origin, &[left, right], true)
                }
                None if operator == BinaryOperator::Add && !adds(&left.kind, &right.kind) => {
                    match [left, right].into_iter().find(|value| matches!(value.kind, Kind::None)) {
                        Some(none) => self.none_of_variable(none, origin),
                        None => self.raise("TypeError", origin, &[left, right], true),
                    }
                }
                None => {
                    let unknown = [left, right].into_iter().find(|value| value.unknown_reason().is_some());
                    let mut value = match unknown {
                        Some(unknown) => Val::unknown_like(unknown),
                        None => Val::unsupported("an operator on these types"),
                    };
                    value.rests_on(left);
                    value.rests_on(right);
                    Ok(value)
                }
            },
        }
    }

    /// `a + b` of lists or tuples; what is unknown of either makes the result "maybe more".
    fn concatenate(&mut self, left: &Val, right: &Val) -> Eval {
        let (mut items, more) = self.iterate(left).unwrap_or((Vec::new(), true));
        let (others, more_others) = match &right.kind {
            Kind::Str(_) => return Ok(Val::unsupported("a list plus a str")),
            _ => self.iterate(right).unwrap_or((Vec::new(), true)),
        };
        items.extend(others);
        let more = more || more_others;
        let mut value = match (&left.kind, &right.kind) {
            (Kind::Tuple(..), _) => Val::new(Kind::Tuple(Rc::new(items), more)),
            _ => self.list(items, more)?,
        };
        // A list that is known in part is as certain as its parts; they carry their own trails.
        value.certain = left.certain && right.certain;
        if !left.certain || !right.certain || items_are_plain(left) && items_are_plain(right) {
            value.trail = left.trail.join(&right.trail);
        }
        Ok(value)
    }

    /// `left < right` and so on.
    pub fn compare(&mut self, operator: CompareOperator, left: &Val, right: &Val, origin: Origin) -> Eval {
        self.step(1)?;
        if let (CompareOperator::In | CompareOperator::NotIn, Kind::Library(name)) = (operator, &right.kind)
            && &**name == "os.environ"
        {
            return self.in_environment(operator == CompareOperator::NotIn, left, origin);
        }
        // `"test" in sys.argv`: not in a server's.
        if let (CompareOperator::In | CompareOperator::NotIn, Kind::Library(name)) = (operator, &right.kind)
            && matches!(&**name, "sys.argv" | "sys.modules")
        {
            return Ok(Val::bool(operator == CompareOperator::NotIn).weakened());
        }
        if let (CompareOperator::In | CompareOperator::NotIn, Kind::Object(object)) = (operator, &right.kind)
            && let Some(found) = self.config_contains(object, left)
        {
            let truth = (self.truth(&found) == Some(true)) != (operator == CompareOperator::NotIn);
            return Ok(Val::derived(Kind::Bool(truth), [left, right, &found]));
        }
        if let (CompareOperator::In | CompareOperator::NotIn, Kind::Instance(instance)) = (operator, &right.kind)
            && let Ok(member) = self.class_member(&instance.class.clone(), "__contains__")
            && matches!(member.kind, Kind::Function(_))
        {
            let found = self.call_with(&member, vec![right.clone(), left.clone()], origin)?;
            let truth = self.truth_value(&found);
            return if operator == CompareOperator::In { Ok(truth) } else { self.unary(UnaryOperator::Not, &truth) };
        }
        let answer = match operator {
            CompareOperator::Equal => equal(&self.heap, left, right),
            CompareOperator::NotEqual => equal(&self.heap, left, right).map(|equal| !equal),
            CompareOperator::Is => identical(left, right),
            CompareOperator::IsNot => identical(left, right).map(|same| !same),
            CompareOperator::In => self.contains(right, left),
            CompareOperator::NotIn => self.contains(right, left).map(|found| !found),
            CompareOperator::Less => order(left, right).map(|order| order.is_lt()),
            CompareOperator::LessEqual => order(left, right).map(|order| order.is_le()),
            CompareOperator::Greater => order(left, right).map(|order| order.is_gt()),
            CompareOperator::GreaterEqual => order(left, right).map(|order| order.is_ge()),
        };
        let kind = match answer {
            Some(answer) => Kind::Bool(answer),
            None => {
                let unknown = [left, right].into_iter().find_map(Val::unknown_reason);
                Kind::Unknown(unknown.unwrap_or_else(|| Reason::Unsupported("this comparison".into())))
            }
        };
        Ok(Val::derived(kind, [left, right]))
    }

    /// `needle in haystack`.
    pub fn contains(&self, haystack: &Val, needle: &Val) -> Option<bool> {
        match &haystack.kind {
            Kind::Str(text) => needle.as_str().map(|needle| text.contains(needle)),
            Kind::Dict(id) => match self.heap.get(*id) {
                Object::Entries { entries, more } => {
                    any_equal(&self.heap, entries.iter().map(|(key, _)| key), needle, *more)
                }
                _ => None,
            },
            Kind::OneOf(values) => {
                let first = self.contains(values.first()?, needle)?;
                values.iter().all(|value| self.contains(value, needle) == Some(first)).then_some(first)
            }
            Kind::List(_) | Kind::Set(_) | Kind::Tuple(..) => {
                let (items, more) = sequence(&self.heap, haystack)?;
                any_equal(&self.heap, items.iter(), needle, more)
            }
            _ => None,
        }
    }
}

fn items_are_plain(value: &Val) -> bool {
    matches!(value.kind, Kind::List(_) | Kind::Tuple(..))
}

/// The items of a list, set or tuple in the heap.
pub(super) fn sequence<'h>(heap: &'h Heap, value: &'h Val) -> Option<(&'h [Val], bool)> {
    match &value.kind {
        Kind::Tuple(items, more) => Some((items, *more)),
        Kind::List(id) | Kind::Set(id) => match heap.get(*id) {
            Object::Items { items, more } => Some((items, *more)),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn any_equal<'v>(
    heap: &Heap,
    items: impl Iterator<Item = &'v Val>,
    needle: &Val,
    more: bool,
) -> Option<bool> {
    let mut unclear = more;
    for item in items {
        match equal(heap, item, needle) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unclear = true,
        }
    }
    if unclear { None } else { Some(false) }
}

fn divides(operator: BinaryOperator) -> bool {
    matches!(operator, BinaryOperator::TrueDiv | BinaryOperator::FloorDiv | BinaryOperator::Mod)
}

/// Whether `+` may do something with values of these types: only what Python itself provides is known to refuse.
fn adds(left: &Kind, right: &Kind) -> bool {
    let plain = |kind: &Kind| match kind {
        Kind::None => Some(0),
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => Some(1),
        Kind::Str(_) => Some(2),
        Kind::Bytes(_) => Some(3),
        Kind::List(_) => Some(4),
        Kind::Tuple(..) => Some(5),
        Kind::Dict(_) => Some(6),
        Kind::Path(_) => Some(7),
        _ => None,
    };
    match (plain(left), plain(right)) {
        (Some(a), Some(b)) => a == b && !matches!(a, 0 | 6 | 7),
        _ => true,
    }
}

pub(super) fn number(value: &Val) -> Option<f64> {
    match value.kind {
        Kind::Float(value) => Some(value),
        _ => value.as_int().map(|value| value as f64),
    }
}

/// The order of two values; `None` where it cannot be told, or where there is none.
pub(super) fn order(left: &Val, right: &Val) -> Option<std::cmp::Ordering> {
    match (&left.kind, &right.kind) {
        (Kind::Str(a), Kind::Str(b)) => Some(a.cmp(b)),
        (Kind::Tuple(a, false), Kind::Tuple(b, false)) => {
            for (a, b) in a.iter().zip(b.iter()) {
                match order(a, b)? {
                    std::cmp::Ordering::Equal => {}
                    different => return Some(different),
                }
            }
            Some(a.len().cmp(&b.len()))
        }
        _ => match (left.as_int(), right.as_int()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => number(left)?.partial_cmp(&number(right)?),
        },
    }
}

fn arithmetic(operator: BinaryOperator, left: &Val, right: &Val) -> Option<Kind> {
    if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
        let both_bool = matches!((&left.kind, &right.kind), (Kind::Bool(_), Kind::Bool(_)));
        let value = match operator {
            BinaryOperator::Add => a.checked_add(b),
            BinaryOperator::Sub => a.checked_sub(b),
            BinaryOperator::Mul => a.checked_mul(b),
            BinaryOperator::FloorDiv => {
                let quotient = a.checked_div(b)?;
                Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
            }
            BinaryOperator::Mod => {
                let remainder = a.checked_rem(b)?;
                Some(if remainder != 0 && (remainder < 0) != (b < 0) { remainder + b } else { remainder })
            }
            BinaryOperator::TrueDiv if b != 0 => return Some(Kind::Float(a as f64 / b as f64)),
            BinaryOperator::Pow => u32::try_from(b).ok().and_then(|exponent| a.checked_pow(exponent)),
            BinaryOperator::LeftShift => {
                u32::try_from(b).ok().filter(|shift| *shift < 63).and_then(|shift| a.checked_mul(1 << shift))
            }
            BinaryOperator::RightShift => u32::try_from(b).ok().map(|shift| a >> shift.min(63)),
            BinaryOperator::BitOr => Some(a | b),
            BinaryOperator::BitAnd => Some(a & b),
            BinaryOperator::BitXor => Some(a ^ b),
            _ => None,
        }?;
        let bits = matches!(operator, BinaryOperator::BitOr | BinaryOperator::BitAnd | BinaryOperator::BitXor);
        return Some(if both_bool && bits { Kind::Bool(value != 0) } else { Kind::Int(value) });
    }
    let (a, b) = (number(left)?, number(right)?);
    Some(Kind::Float(match operator {
        BinaryOperator::Add => a + b,
        BinaryOperator::Sub => a - b,
        BinaryOperator::Mul => a * b,
        BinaryOperator::TrueDiv if b != 0.0 => a / b,
        BinaryOperator::Pow => a.powf(b),
        _ => return None,
    }))
}
