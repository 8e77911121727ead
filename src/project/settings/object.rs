//! Values while they are being computed: with identity, so that two names can share one list.

use super::heap::Id;
use crate::parse::python::{FunctionDef, Lambda};
use crate::project::value::{Act, Reason, Step};
use crate::source::Span;
use std::rc::Rc;
use std::sync::Arc;

/// Longer chains explain nothing.
const MAX_TRAIL: usize = 24;
/// More alternatives than this are as good as unknown.
const MAX_ALTERNATIVES: usize = 6;

/// A value, how sure it is, and how it came about.
#[derive(Clone, Debug)]
pub(super) struct Val {
    pub kind: Kind,
    /// Whether it holds for certain; otherwise unless something outside sets a variable.
    pub certain: bool,
    pub trail: Trail,
    /// Where it is written, or where the call stands that makes it.
    pub origin: Option<Origin>,
    /// The variable that this is the bare text of (or the fallback for it), without any cast.
    pub raw: Option<Rc<Raw>>,
}

/// A variable as it was read.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub name: String,
    /// Whether the program wrote a fallback for it.
    pub has_fallback: bool,
}

/// A place in one of the evaluator's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub file: usize,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
    Bytes(Rc<str>),
    Tuple(Rc<Vec<Val>>, bool),
    List(Id),
    Set(Id),
    Dict(Id),
    /// A `pathlib` path.
    Path(Rc<str>),
    Function(Rc<Function>),
    /// A function with its first argument.
    Bound(Rc<(Val, Rc<Function>)>),
    Class(Rc<Class>),
    /// `super()`: an instance or class, seen from behind the class with these names.
    Super(Rc<(Val, Id)>),
    Instance(Rc<Instance>),
    /// A module of the project.
    Module(Id),
    /// Something that is imported from outside the repository, by its dotted name.
    Library(Rc<str>),
    /// What a call of a library gave.
    Object(Rc<LibraryObject>),
    /// A method of a built-in type or of a library's object, with its receiver.
    Method(Rc<(Val, String)>),
    Builtin(&'static str),
    /// `slice(start, stop, step)`, each `None` where it is left out.
    Slice(Rc<[Option<Val>; 3]>),
    Ellipsis,
    /// An exception that was raised, by its class names from its own up.
    Exception(Rc<Vec<String>>),
    /// A text that differs at every start.
    Random,
    Unknown(Reason),
    /// Two or more, none of them unknown, perhaps [`Kind::Missing`].
    OneOf(Rc<Vec<Val>>),
    /// A name or key that is not there.
    Missing,
}

/// A function or lambda of the project.
#[derive(Debug)]
pub(super) struct Function {
    pub code: Code,
    /// Defaults, by parameter.
    pub defaults: Vec<Option<Val>>,
    /// The namespaces around it, from the innermost.
    pub closure: Vec<Id>,
    pub globals: Id,
    pub file: usize,
    pub module: Rc<str>,
    pub binding: Binding,
    /// The names of the class in whose body it stands.
    pub owner: Option<Id>,
}

#[derive(Clone, Debug)]
pub(super) enum Code {
    Def(Arc<FunctionDef>),
    Lambda(Arc<Lambda>),
}

/// What a class does with a function when it is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    Plain,
    Static,
    Class,
    Property,
}

#[derive(Debug)]
pub(super) struct Class {
    pub name: String,
    pub bases: Vec<Val>,
    pub namespace: Id,
    pub is_enum: bool,
    pub is_dataclass: bool,
    /// Fields that are declared with a type, in order, with the name of the type (without what stands in brackets).
    pub fields: Vec<(String, String)>,
    /// Fields that are declared with a class of the project, by their names.
    pub nested: Vec<(String, Rc<Class>)>,
}

#[derive(Debug)]
pub(super) struct Instance {
    pub class: Rc<Class>,
    pub attributes: Id,
}

#[derive(Debug)]
pub(super) struct LibraryObject {
    /// The dotted name of what was called.
    pub function: Rc<str>,
    pub arguments: Vec<Val>,
    pub keywords: Vec<(Rc<str>, Val)>,
}

impl Val {
    pub fn new(kind: Kind) -> Self {
        Self { kind, certain: true, trail: Trail::default(), origin: None, raw: None }
    }

    pub fn str(text: impl AsRef<str>) -> Self {
        Self::new(Kind::Str(Rc::from(text.as_ref())))
    }

    pub fn bool(value: bool) -> Self {
        Self::new(Kind::Bool(value))
    }

    pub fn int(value: i64) -> Self {
        Self::new(Kind::Int(value))
    }

    pub fn none() -> Self {
        Self::new(Kind::None)
    }

    pub fn unknown(reason: Reason) -> Self {
        Self::new(Kind::Unknown(reason))
    }

    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::unknown(Reason::Unsupported(what.into()))
    }

    pub fn tuple(items: Vec<Val>) -> Self {
        Self::new(Kind::Tuple(Rc::new(items), false))
    }

    pub fn library(name: impl AsRef<str>) -> Self {
        Self::new(Kind::Library(Rc::from(name.as_ref())))
    }

    /// A value computed from `inputs`: as certain as the least certain, by all their trails.
    pub fn derived<'v>(kind: Kind, inputs: impl IntoIterator<Item = &'v Val>) -> Self {
        let mut value = Self::new(kind);
        for input in inputs {
            value.rests_on(input);
        }
        value
    }

    /// Makes this as certain as `input` at most, and adds its trail.
    pub fn rests_on(&mut self, input: &Val) {
        self.certain &= input.certain;
        self.trail = self.trail.join(&input.trail);
    }

    /// What cannot be told because `input` cannot.
    pub fn unknown_like(input: &Val) -> Self {
        let reason = input.unknown_reason().unwrap_or_else(|| Reason::Unsupported("this operation".into()));
        Self::derived(Kind::Unknown(reason), [input])
    }

    pub fn unknown_reason(&self) -> Option<Reason> {
        match &self.kind {
            Kind::Unknown(reason) => Some(reason.clone()),
            Kind::Random => Some(Reason::Random),
            Kind::OneOf(_) => Some(Reason::Unsupported("a value that depends on a condition".into())),
            _ => None,
        }
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    pub fn is_missing(&self) -> bool {
        matches!(self.kind, Kind::Missing)
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a str or a path.
    pub fn as_path(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) | Kind::Path(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(value) => Some(value),
            Kind::Bool(value) => Some(value as i64),
            _ => None,
        }
    }

    pub fn with_trail(mut self, trail: Trail) -> Self {
        self.trail = trail;
        self
    }

    pub fn pushed(mut self, step: Step) -> Self {
        self.trail = self.trail.push(step);
        self
    }

    pub fn weakened(mut self) -> Self {
        self.certain = false;
        self
    }

    pub fn at(mut self, origin: Origin) -> Self {
        self.origin.get_or_insert(origin);
        self
    }

    /// One of the two, and it cannot be told which.
    pub fn either(a: &Val, b: &Val) -> Val {
        let random = matches!((&a.kind, &b.kind), (Kind::Random, Kind::Random));
        if random || a.same(b) {
            let mut joined = a.clone();
            joined.rests_on(b);
            if b.raw.is_none() {
                joined.raw = None;
            }
            return joined;
        }
        let mut choices: Vec<Val> = Vec::new();
        for value in [a, b] {
            match &value.kind {
                Kind::Unknown(reason) => return Val::derived(Kind::Unknown(reason.clone()), [a, b]),
                Kind::OneOf(values) => values.iter().for_each(|value| push_choice(&mut choices, value)),
                _ => push_choice(&mut choices, value),
            }
        }
        if choices.len() > MAX_ALTERNATIVES {
            return Val::derived(Kind::Unknown(Reason::Limit("alternatives".into())), [a, b]);
        }
        Val::derived(Kind::OneOf(Rc::new(choices)), [a, b])
    }

    /// Whether both are surely the same value, without looking into the heap.
    pub fn same(&self, other: &Val) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::None, Kind::None) | (Kind::Missing, Kind::Missing) | (Kind::Ellipsis, Kind::Ellipsis) => true,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Int(a), Kind::Int(b)) => a == b,
            (Kind::Float(a), Kind::Float(b)) => a == b,
            (Kind::Str(a), Kind::Str(b))
            | (Kind::Bytes(a), Kind::Bytes(b))
            | (Kind::Path(a), Kind::Path(b))
            | (Kind::Library(a), Kind::Library(b)) => a == b,
            (Kind::List(a), Kind::List(b))
            | (Kind::Set(a), Kind::Set(b))
            | (Kind::Dict(a), Kind::Dict(b))
            | (Kind::Module(a), Kind::Module(b)) => a == b,
            (Kind::Tuple(a, more_a), Kind::Tuple(b, more_b)) => {
                Rc::ptr_eq(a, b)
                    || (more_a == more_b && a.len() == b.len() && a.iter().zip(&**b).all(|(a, b)| a.same(b)))
            }
            (Kind::Builtin(a), Kind::Builtin(b)) => a == b,
            (Kind::Function(a), Kind::Function(b)) => Rc::ptr_eq(a, b),
            (Kind::Class(a), Kind::Class(b)) => Rc::ptr_eq(a, b),
            (Kind::Instance(a), Kind::Instance(b)) => Rc::ptr_eq(a, b),
            (Kind::Object(a), Kind::Object(b)) => Rc::ptr_eq(a, b),
            (Kind::OneOf(a), Kind::OneOf(b)) => Rc::ptr_eq(a, b),
            (Kind::Unknown(a), Kind::Unknown(b)) => a == b,
            _ => false,
        }
    }

    /// The alternatives of a [`Kind::OneOf`]; otherwise the value alone.
    pub fn choices(&self) -> &[Val] {
        match &self.kind {
            Kind::OneOf(values) => values,
            _ => std::slice::from_ref(self),
        }
    }
}

fn push_choice(choices: &mut Vec<Val>, value: &Val) {
    if !choices.iter().any(|known| known.same(value)) {
        choices.push(value.clone());
    }
}

/// How a value came about, shared between all that rests on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail(Option<Rc<Vec<Step>>>);

impl Trail {
    pub fn of(steps: Vec<Step>) -> Self {
        if steps.is_empty() { Self(None) } else { Self(Some(Rc::new(steps))) }
    }

    pub fn steps(&self) -> &[Step] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub fn push(&self, step: Step) -> Trail {
        let steps = self.steps();
        if steps.len() >= MAX_TRAIL || steps.contains(&step) {
            return self.clone();
        }
        Self::of(steps.iter().cloned().chain([step]).collect())
    }

    pub fn join(&self, other: &Trail) -> Trail {
        match (&self.0, &other.0) {
            (_, None) => self.clone(),
            (None, _) => other.clone(),
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => self.clone(),
            (Some(a), Some(b)) => {
                let mut steps = None;
                for step in b.iter() {
                    let so_far: &Vec<Step> = steps.as_ref().unwrap_or(a);
                    if so_far.len() < MAX_TRAIL && !so_far.contains(step) {
                        steps.get_or_insert_with(|| a.to_vec()).push(step.clone());
                    }
                }
                steps.map_or_else(|| self.clone(), Self::of)
            }
        }
    }

    /// The variable that was read last.
    pub fn variable(&self) -> Option<&str> {
        self.steps().iter().rev().find_map(|step| match &step.act {
            Act::Reads(name) | Act::FallsBack(name) => Some(name.as_str()),
            _ => None,
        })
    }
}
