//! Honest values: what is known, what would hold unless somebody outside interferes, and what is not known and why.

use crate::source::Place;
use std::fmt;

/// What is known of a value. Rules fire on what is known; *unknown never fires*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<T> {
    /// It is this.
    Known(T),
    /// It is this unless something outside the repository sets it: the fallback of an environment lookup, say.
    Default(T),
    /// It is one of these, and the repository does not say which.
    OneOf(Vec<T>),
    /// Nothing sets it, and nothing outside the repository can.
    Absent,
    /// It cannot be told.
    Unknown(Reason),
}

impl<T> Value<T> {
    /// The value, where it is certain.
    pub fn known(&self) -> Option<&T> {
        match self {
            Value::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The value, where it is certain or holds unless something outside sets it.
    pub fn likely(&self) -> Option<&T> {
        match self {
            Value::Known(value) | Value::Default(value) => Some(value),
            _ => None,
        }
    }

    /// Every value it can have, as far as they can be told; `None` where it is absent or unknown.
    pub fn possible(&self) -> Option<&[T]> {
        match self {
            Value::Known(value) | Value::Default(value) => Some(std::slice::from_ref(value)),
            Value::OneOf(values) => Some(values),
            Value::Absent | Value::Unknown(_) => None,
        }
    }

    /// Whether the value is there and every value that it can have satisfies `test`.
    pub fn surely(&self, test: impl Fn(&T) -> bool) -> bool {
        self.possible().is_some_and(|values| !values.is_empty() && values.iter().all(test))
    }

    /// The same certainty about another value.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Value<U> {
        match self {
            Value::Known(value) => Value::Known(f(value)),
            Value::Default(value) => Value::Default(f(value)),
            Value::OneOf(values) => Value::OneOf(values.into_iter().map(f).collect()),
            Value::Absent => Value::Absent,
            Value::Unknown(reason) => Value::Unknown(reason),
        }
    }

    /// The same value, borrowed.
    pub fn as_ref(&self) -> Value<&T> {
        match self {
            Value::Known(value) => Value::Known(value),
            Value::Default(value) => Value::Default(value),
            Value::OneOf(values) => Value::OneOf(values.iter().collect()),
            Value::Absent => Value::Absent,
            Value::Unknown(reason) => Value::Unknown(reason.clone()),
        }
    }

    /// Whether it cannot be told.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    /// Whether nothing sets it.
    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It stands in a file that git ignores, so every machine has its own.
    IgnoredFile(String),
    /// The file that would tell is not in the repository.
    MissingFile(String),
    /// The variable comes from outside: the shell of whoever deploys, the platform, a CI secret.
    OutsideVariable(String),
    /// The code that computes it is beyond what is evaluated; names the construct or the call.
    Unsupported(String),
    /// A bound of the evaluation was reached; names the bound.
    Limit(String),
    /// It differs at every start (a random key, the time).
    Random,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::IgnoredFile(path) => write!(f, "it is set in {path}, which git ignores"),
            Reason::MissingFile(path) => write!(f, "{path} is not in the repository"),
            Reason::OutsideVariable(name) => write!(f, "{name} is set outside the repository, if at all"),
            Reason::Unsupported(what) => write!(f, "{what} is not evaluated"),
            Reason::Limit(what) => write!(f, "the limit of {what} was reached"),
            Reason::Random => f.write_str("it differs at every start"),
        }
    }
}

/// A value and the chain of places that make it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced<T> {
    /// What is known.
    pub value: Value<T>,
    /// How it came about, from the place that decides first to the place that reads last. The step at which
    /// it would be changed is the first one of kind [`Act::Sets`], [`Act::Assigns`] or [`Act::FallsBack`].
    pub trail: Vec<Step>,
}

impl<T> Traced<T> {
    /// A value that `trail` explains.
    pub fn new(value: Value<T>, trail: Vec<Step>) -> Self {
        Self { value, trail }
    }

    /// A certain value with one step behind it.
    pub fn known(value: T, step: Step) -> Self {
        Self { value: Value::Known(value), trail: vec![step] }
    }

    /// Nothing sets it.
    pub fn absent() -> Self {
        Self { value: Value::Absent, trail: Vec::new() }
    }

    /// The place that decides: the first of the trail that gives the value, or a value that it is made from.
    pub fn decided_at(&self) -> Option<&Place> {
        let gives = |act: &Act| matches!(act, Act::Sets(_) | Act::Assigns(_) | Act::FallsBack(_));
        self.trail.iter().find(|step| gives(&step.act)).map(|step| &step.place)
    }

    /// Another value by the same trail.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Traced<U> {
        Traced { value: self.value.map(f), trail: self.trail }
    }
}

/// One link of a chain: what happens at a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where.
    pub place: Place,
    /// What happens there.
    pub act: Act,
}

impl Step {
    /// `act`, at `place`.
    pub fn new(place: Place, act: Act) -> Self {
        Self { place, act }
    }
}

/// What happens at a step. Never carries a value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// An env file, compose `environment`, Dockerfile `ENV` or script gives the variable its value.
    Sets(String),
    /// The platform that runs it gives the variable to every process, whatever the repository says.
    Provides(String),
    /// The file named is loaded (`env_file`, `.env`, `read_env`, `source`).
    Loads(String),
    /// Code or an interpolation reads the variable.
    Reads(String),
    /// The variable is not set, so the fallback written here holds.
    FallsBack(String),
    /// A module assigns the name.
    Assigns(String),
    /// A module imports from the module named.
    Imports(String),
    /// Text that is not empty is taken for true, whatever it says.
    TestsText(String),
    /// The settings module named is chosen here.
    Chooses(String),
    /// The command or service named is started here.
    Runs(String),
    /// The image named is built here.
    Builds(String),
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Sets(name) => write!(f, "sets `{name}`"),
            Act::Provides(name) => write!(f, "runs on a platform that sets `{name}`"),
            Act::Loads(path) => write!(f, "loads `{path}`"),
            Act::Reads(name) => write!(f, "reads `{name}`"),
            Act::FallsBack(name) => write!(f, "falls back to this when `{name}` is not set"),
            Act::Assigns(name) => write!(f, "assigns `{name}`"),
            Act::Imports(module) => write!(f, "imports from `{module}`"),
            Act::TestsText(name) => write!(f, "takes any text in `{name}` for true"),
            Act::Chooses(module) => write!(f, "chooses the settings module `{module}`"),
            Act::Runs(name) => write!(f, "runs `{name}`"),
            Act::Builds(name) => write!(f, "builds `{name}`"),
        }
    }
}
