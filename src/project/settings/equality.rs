//! `==` and `is`, and what cannot be told of what libraries give.

use super::heap::{Heap, Object};
use super::object::{Kind, Val};
use super::operators::{any_equal, number, sequence};
use super::statements::last_part;

/// Containers within each other are compared this deep.
const MAX_COMPARED_DEPTH: usize = 12;

/// `left == right`; `None` where it cannot be told.
pub(super) fn equal(heap: &Heap, left: &Val, right: &Val) -> Option<bool> {
    equal_within(heap, left, right, 0)
}

fn equal_within(heap: &Heap, left: &Val, right: &Val, depth: usize) -> Option<bool> {
    if depth > MAX_COMPARED_DEPTH {
        return None;
    }
    match (&left.kind, &right.kind) {
        (Kind::OneOf(values), _) => {
            let first = equal_within(heap, values.first()?, right, depth + 1)?;
            let same = |value: &Val| equal_within(heap, value, right, depth + 1) == Some(first);
            values.iter().all(same).then_some(first)
        }
        (_, Kind::OneOf(_)) => equal_within(heap, right, left, depth + 1),
        (Kind::Unknown(_) | Kind::Missing, _) | (_, Kind::Unknown(_) | Kind::Missing) => None,
        (Kind::Random, Kind::Str(_)) | (Kind::Str(_), Kind::Random) => Some(false),
        (Kind::Random, Kind::Random) => None,
        (foreign, Kind::None) | (Kind::None, foreign) if is_foreign(foreign) => {
            if may_be_none(foreign) {
                None
            } else {
                Some(false)
            }
        }
        (a, b) if is_foreign(a) || is_foreign(b) => {
            if left.same(right) {
                Some(true)
            } else {
                None
            }
        }
        (Kind::Float(_), _) | (_, Kind::Float(_)) | (Kind::Int(_) | Kind::Bool(_), Kind::Int(_) | Kind::Bool(_)) => {
            match (number(left), number(right)) {
                (Some(a), Some(b)) => Some(a == b),
                _ => Some(false),
            }
        }
        (Kind::List(_), Kind::List(_)) | (Kind::Tuple(..), Kind::Tuple(..)) => {
            let (a, more_a) = sequence(heap, left)?;
            let (b, more_b) = sequence(heap, right)?;
            if more_a || more_b {
                // What is known of one must fit into the other.
                let too_few = (!more_b && b.len() < a.len()) || (!more_a && a.len() < b.len());
                return if too_few { Some(false) } else { None };
            }
            if a.len() != b.len() {
                return Some(false);
            }
            let mut unclear = false;
            for (a, b) in a.iter().zip(b) {
                match equal_within(heap, a, b, depth + 1) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => unclear = true,
                }
            }
            if unclear { None } else { Some(true) }
        }
        (Kind::Set(_), Kind::Set(_)) => {
            let (a, more_a) = sequence(heap, left)?;
            let (b, more_b) = sequence(heap, right)?;
            if more_a || more_b {
                return None;
            }
            let inside = |item: &Val| any_equal(heap, b.iter(), item, false);
            let all: Option<Vec<bool>> = a.iter().map(inside).collect();
            all.map(|all| a.len() == b.len() && all.into_iter().all(|found| found))
        }
        (Kind::Dict(a), Kind::Dict(b)) => {
            if a == b {
                return Some(true);
            }
            let (Object::Entries { entries: a, more: false }, Object::Entries { entries: b, more: false }) =
                (heap.get(*a), heap.get(*b))
            else {
                return None;
            };
            if a.len() != b.len() {
                return Some(false);
            }
            let mut unclear = false;
            for (key, value) in a {
                let Some((_, other)) =
                    b.iter().find(|(other, _)| equal_within(heap, key, other, depth + 1) == Some(true))
                else {
                    return Some(false);
                };
                match equal_within(heap, value, other, depth + 1) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => unclear = true,
                }
            }
            if unclear { None } else { Some(true) }
        }
        _ => Some(left.same(right)),
    }
}

/// What a library has or gives: it may equal anything.
pub(super) fn is_foreign(kind: &Kind) -> bool {
    match kind {
        Kind::Object(_) | Kind::Instance(_) => true,
        Kind::Library(name) => is_constant(name),
        Kind::Method(method) => is_foreign(&method.0.kind),
        _ => false,
    }
}

/// Whether it may be `None`, or false in another way: what a function returns and an object holds, no instance of a class.
fn may_be_none(kind: &Kind) -> bool {
    match kind {
        Kind::Object(object) => !last_part(&object.function).starts_with(|first: char| first.is_uppercase()),
        Kind::Library(name) => is_constant(name),
        Kind::Method(method) => is_foreign(&method.0.kind),
        _ => false,
    }
}

/// `module.NAME`: neither a module, nor a function or a class.
pub(super) fn is_constant(name: &str) -> bool {
    let last = last_part(name);
    name.contains('.')
        && last.len() > 1
        && last.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// `left is right`.
pub(super) fn identical(left: &Val, right: &Val) -> Option<bool> {
    let singleton = |value: &Val| matches!(value.kind, Kind::None | Kind::Bool(_) | Kind::Ellipsis);
    match (&left.kind, &right.kind) {
        (Kind::OneOf(values), _) => {
            let first = identical(values.first()?, right)?;
            values.iter().all(|value| identical(value, right) == Some(first)).then_some(first)
        }
        (_, Kind::OneOf(_)) => identical(right, left),
        (Kind::Unknown(_) | Kind::Missing, _) | (_, Kind::Unknown(_) | Kind::Missing) => None,
        (foreign, _) | (_, foreign) if may_be_none(foreign) && (singleton(left) || singleton(right)) => None,
        (Kind::Int(_), Kind::Int(_)) | (Kind::Str(_), Kind::Str(_)) => {
            // Python shares small numbers and literals.
            Some(left.same(right))
        }
        _ => Some(left.same(right)),
    }
}
