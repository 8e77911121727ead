//! Values as a rule sees them: plain data with Python's own types.

use crate::project::value::{Reason, Traced, Value};
use crate::source::Place;

/// Stands for the folder that the repository's root has in the container or on the server, in paths and texts.
pub const REPOSITORY: &str = "/<repository>";

/// A path as people write it: one of the repository from its root.
pub fn shown_path(path: &str) -> &str {
    path.strip_prefix(REPOSITORY).map_or(path, |inside| inside.trim_start_matches('/'))
}

/// Whether one folder is the other, or lies in it; a slash at the end is none of the name.
pub fn lies_in(inner: &str, outer: &str) -> bool {
    let (inner, outer) = (inner.trim_end_matches('/'), outer.trim_end_matches('/'));
    !outer.is_empty() && inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A Python value. `1` is not `True`, and a `str` is not a list, just as Django's own checks have it.
#[derive(Clone, Debug, PartialEq)]
pub enum PyValue {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An int that fits 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A str; also one that is translated lazily. The repository's folder is written [`REPOSITORY`].
    Str(String),
    /// Bytes, each as the character of its number.
    Bytes(String),
    /// A list: what is known of it.
    List(Items),
    /// A tuple.
    Tuple(Items),
    /// A set or frozenset, in the order in which it was filled.
    Set(Items),
    /// A dict.
    Dict(Entries),
    /// A `pathlib` path; in the repository it starts with [`REPOSITORY`].
    Path(String),
    /// A function or lambda of the project, or a built-in one; its name.
    Function(String),
    /// A class of the project; its name.
    Class(String),
    /// A module; its dotted name where it is known.
    Module(String),
    /// Something from a library (a class, a function), by its dotted name.
    Library(String),
    /// What calling a library gave: `datetime.timedelta(minutes=5)`; or an instance of a class of the project.
    Object(Object),
    /// A text that is generated at every start, so that it differs between processes.
    Random,
    /// It cannot be told.
    Unknown(Reason),
}

/// What is known of a list, tuple or set.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Items {
    /// The known items, in order.
    pub items: Vec<Item>,
    /// Whether there may be more, anywhere between them.
    pub more: bool,
}

/// What is known of a dict.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Entries {
    /// The known entries, in the order of insertion; keys are unique.
    pub entries: Vec<(PyValue, Item)>,
    /// Whether there may be more.
    pub more: bool,
}

/// A value inside of a container, or an argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is, and how it came about.
    pub value: Traced<PyValue>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// What the call of a class or function outside the project gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The dotted name of what was called.
    pub function: String,
    /// Positional arguments.
    pub arguments: Vec<Item>,
    /// Keyword arguments, in order.
    pub keywords: Vec<(String, Item)>,
}

impl PyValue {
    /// The text of a str.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            PyValue::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a str or path.
    pub fn as_path(&self) -> Option<&str> {
        match self {
            PyValue::Str(text) | PyValue::Path(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where this is an int (not a bool).
    pub fn as_int(&self) -> Option<i64> {
        match self {
            PyValue::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list or tuple.
    pub fn as_sequence(&self) -> Option<&Items> {
        match self {
            PyValue::List(items) | PyValue::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a dict.
    pub fn as_dict(&self) -> Option<&Entries> {
        match self {
            PyValue::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether this is Python's `True` itself; a truthy `1` is not. `None` where it cannot be told.
    pub fn is_true(&self) -> Option<bool> {
        match self {
            PyValue::Unknown(_) => None,
            value => Some(*value == PyValue::Bool(true)),
        }
    }

    /// `bool(value)`; `None` where it cannot be told.
    pub fn truth(&self) -> Option<bool> {
        let filled = |length: usize, more: bool| match (length, more) {
            (0, true) => None,
            (length, _) => Some(length > 0),
        };
        match self {
            PyValue::None => Some(false),
            PyValue::Bool(value) => Some(*value),
            PyValue::Int(value) => Some(*value != 0),
            PyValue::Float(value) => Some(*value != 0.0),
            PyValue::Str(text) | PyValue::Bytes(text) => Some(!text.is_empty()),
            PyValue::List(items) | PyValue::Tuple(items) | PyValue::Set(items) => filled(items.items.len(), items.more),
            PyValue::Dict(entries) => filled(entries.entries.len(), entries.more),
            PyValue::Path(_) | PyValue::Function(_) | PyValue::Class(_) | PyValue::Module(_) | PyValue::Random => {
                Some(true)
            }
            PyValue::Library(_) | PyValue::Object(_) | PyValue::Unknown(_) => None,
        }
    }

    /// The name of its type, as Python has it.
    pub fn type_name(&self) -> &str {
        match self {
            PyValue::None => "NoneType",
            PyValue::Bool(_) => "bool",
            PyValue::Int(_) => "int",
            PyValue::Float(_) => "float",
            PyValue::Str(_) | PyValue::Random => "str",
            PyValue::Bytes(_) => "bytes",
            PyValue::List(_) => "list",
            PyValue::Tuple(_) => "tuple",
            PyValue::Set(_) => "set",
            PyValue::Dict(_) => "dict",
            PyValue::Path(_) => "Path",
            PyValue::Function(_) => "function",
            PyValue::Class(_) => "type",
            PyValue::Module(_) => "module",
            PyValue::Library(name) => name,
            PyValue::Object(object) => &object.function,
            PyValue::Unknown(_) => "unknown",
        }
    }
}

impl Items {
    /// Whether `text` is among the items; `None` where that cannot be told.
    pub fn contains_str(&self, text: &str) -> Option<bool> {
        let mut unclear = self.more;
        for item in &self.items {
            match item.value.value.possible() {
                Some(values) if values.iter().all(|value| value.as_str() == Some(text)) => return Some(true),
                Some(values) => unclear |= values.iter().any(|value| value.as_str() == Some(text)),
                None => unclear = true,
            }
        }
        if unclear { None } else { Some(false) }
    }
}

impl Items {
    /// The item that is surely or by default `text`.
    pub fn find_str(&self, text: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.value.value.likely().and_then(PyValue::as_str) == Some(text))
    }
}

impl Entries {
    /// The value under a text; `Ok(None)` where there surely is none, `Err(())` where that cannot be told.
    #[expect(clippy::result_unit_err, reason = "there is nothing to say but that it cannot be told")]
    pub fn get(&self, key: &str) -> Result<Option<&Item>, ()> {
        match self.entries.iter().find(|(known, _)| known.as_str() == Some(key)) {
            Some((_, item)) => Ok(Some(item)),
            None if self.more => Err(()),
            None => Ok(None),
        }
    }
}

impl Traced<PyValue> {
    /// `bool(…)` of the value, with the same certainty.
    pub fn truth(&self) -> Value<bool> {
        self.test(PyValue::truth)
    }

    /// Whether the value is `True` itself.
    pub fn is_true(&self) -> Value<bool> {
        self.test(PyValue::is_true)
    }

    /// What `test` says of the value, of every value where there are several; unknown where it says nothing.
    pub fn test(&self, test: impl Fn(&PyValue) -> Option<bool>) -> Value<bool> {
        let unclear = || Value::Unknown(Reason::Unsupported("a value that is known in part".into()));
        match &self.value {
            Value::Known(value) => test(value).map_or_else(unclear, Value::Known),
            Value::Default(value) => test(value).map_or_else(unclear, Value::Default),
            Value::OneOf(values) => match values.iter().map(&test).collect::<Option<Vec<bool>>>() {
                None => unclear(),
                Some(answers) if answers.iter().all(|answer| *answer == answers[0]) && !answers.is_empty() => {
                    Value::Known(answers[0])
                }
                Some(_) => Value::OneOf(vec![false, true]),
            },
            Value::Absent => Value::Absent,
            Value::Unknown(reason) => Value::Unknown(reason.clone()),
        }
    }
}
