//! From values with identity to plain data.

use super::evaluator::Evaluator;
use super::heap::{Id, Object as HeapObject};
use super::object::{Code, Function, Kind, LibraryObject, Val};
use super::value::{Entries, Item, Items, Object, PyValue};
use super::{Setting, Settings, is_switch};
use crate::project::value::{Act, Reason, Step, Traced, Value};
use std::cell::Cell;

/// Containers within each other: a list may hold itself.
const MAX_DEPTH: usize = 24;
/// Values of all settings together.
const MAX_VALUES: usize = 200_000;

pub(super) struct Exporter<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    made: Cell<usize>,
}

impl<'e, 'a> Exporter<'e, 'a> {
    pub fn new(evaluator: &'e Evaluator<'a>) -> Self {
        Self { evaluator, made: Cell::new(0) }
    }

    /// All settings of a module. With `limit`, the evaluation ended early: what was assigned may have changed since.
    pub fn settings(&self, namespace: Id, limit: Option<Reason>, settings: &mut Settings) {
        let HeapObject::Names { names, more } = self.evaluator.heap.get(namespace) else { return };
        settings.more = limit.clone().or_else(|| more.clone());
        for (name, value) in names.iter().filter(|(name, _)| is_setting(name)) {
            let may_be_absent = value.choices().iter().any(Val::is_missing);
            let mut traced = match &limit {
                Some(reason) => Traced::new(Value::Unknown(reason.clone()), value.trail.steps().to_vec()),
                None => self.traced(value),
            };
            if let (Some(raw), None) = (&value.raw, &limit) {
                self.read_bare(name, value, raw, &mut traced);
            }
            let assigned = self.evaluator.assignments.get(&(namespace, name.clone())).cloned();
            let setting = Setting { name: name.to_string(), value: traced, may_be_absent, assigned };
            settings.values.insert(name.to_string(), setting);
        }
    }

    /// The setting is the bare text of a variable, or what stands in for it.
    fn read_bare(&self, name: &str, value: &Val, raw: &super::object::Raw, traced: &mut Traced<PyValue>) {
        if is_switch(name)
            && let Some(place) = traced.trail.last().map(|step| step.place.clone())
        {
            traced.trail.push(Step::new(place, Act::TestsText(raw.name.clone())));
        }
        // Nobody wrote that fallback: whoever deploys sets the variable.
        if matches!(value.kind, Kind::None) && !value.certain && !raw.has_fallback {
            traced.value = Value::Unknown(Reason::OutsideVariable(raw.name.clone()));
        }
    }

    /// A value with its certainty and its trail.
    pub fn traced(&self, value: &Val) -> Traced<PyValue> {
        self.traced_within(value, 0)
    }

    fn traced_within(&self, value: &Val, depth: usize) -> Traced<PyValue> {
        let exported = match &value.kind {
            Kind::Missing => Value::Absent,
            Kind::Unknown(reason) => Value::Unknown(reason.clone()),
            Kind::OneOf(values) => {
                let there: Vec<&Val> = values.iter().filter(|value| !value.is_missing()).collect();
                match there.as_slice() {
                    [one] if value.certain => Value::Known(self.plain_within(one, depth)),
                    [one] => Value::Default(self.plain_within(one, depth)),
                    // Something outside may make it another one still.
                    several if !value.certain || several.iter().any(|value| !value.certain) => {
                        Value::Unknown(Reason::Unsupported("a value that depends on a condition".into()))
                    }
                    _ => Value::OneOf(there.into_iter().map(|value| self.plain_within(value, depth)).collect()),
                }
            }
            _ => match self.plain_within(value, depth) {
                PyValue::Unknown(reason) => Value::Unknown(reason),
                plain if value.certain => Value::Known(plain),
                plain => Value::Default(plain),
            },
        };
        Traced::new(exported, value.trail.steps().to_vec())
    }

    /// A value alone.
    pub fn plain(&self, value: &Val) -> PyValue {
        self.plain_within(value, 0)
    }

    /// What a call of a library gave.
    pub fn library_object(&self, object: &LibraryObject) -> Object {
        self.object_within(object, 0)
    }

    fn object_within(&self, object: &LibraryObject, depth: usize) -> Object {
        Object {
            function: object.function.to_string(),
            arguments: object.arguments.iter().map(|value| self.item(value, depth)).collect(),
            keywords: object.keywords.iter().map(|(name, value)| (name.to_string(), self.item(value, depth))).collect(),
        }
    }

    fn item(&self, value: &Val, depth: usize) -> Item {
        let place = value.origin.map(|origin| self.evaluator.origin_place(origin));
        Item { value: self.traced_within(value, depth + 1), place }
    }

    fn items(&self, items: &[Val], more: bool, depth: usize) -> Items {
        Items { items: items.iter().map(|value| self.item(value, depth)).collect(), more }
    }

    fn plain_within(&self, value: &Val, depth: usize) -> PyValue {
        self.made.set(self.made.get() + 1);
        if depth > MAX_DEPTH || self.made.get() > MAX_VALUES {
            return PyValue::Unknown(Reason::Limit("nesting".into()));
        }
        match &value.kind {
            Kind::None => PyValue::None,
            Kind::Bool(value) => PyValue::Bool(*value),
            Kind::Int(value) => PyValue::Int(*value),
            Kind::Float(value) => PyValue::Float(*value),
            Kind::Str(text) => PyValue::Str(text.to_string()),
            Kind::Bytes(text) => PyValue::Bytes(text.to_string()),
            Kind::Path(text) => PyValue::Path(text.to_string()),
            Kind::Tuple(items, more) => PyValue::Tuple(self.items(items, *more, depth)),
            Kind::List(id) | Kind::Set(id) => match self.evaluator.heap.get(*id) {
                HeapObject::Items { items, more } => {
                    let items = self.items(items, *more, depth);
                    if matches!(value.kind, Kind::List(_)) { PyValue::List(items) } else { PyValue::Set(items) }
                }
                _ => PyValue::Unknown(Reason::Unsupported("this value".into())),
            },
            Kind::Dict(id) => match self.evaluator.heap.get(*id) {
                HeapObject::Entries { entries, more } => {
                    let there = entries.iter().filter(|(_, value)| !value.is_missing());
                    let entry =
                        |(key, value): &(Val, Val)| (self.plain_within(key, depth + 1), self.item(value, depth));
                    PyValue::Dict(Entries { entries: there.map(entry).collect(), more: *more })
                }
                _ => PyValue::Unknown(Reason::Unsupported("this value".into())),
            },
            Kind::Function(function) => PyValue::Function(function_name(function)),
            Kind::Bound(bound) => PyValue::Function(function_name(&bound.1)),
            Kind::Builtin(name) => PyValue::Function((*name).to_owned()),
            Kind::Class(class) => PyValue::Class(class.name.clone()),
            Kind::Module(id) => {
                let name = self.evaluator.name_in(*id, "__name__");
                PyValue::Module(name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default())
            }
            Kind::Library(name) => PyValue::Library(name.to_string()),
            Kind::Object(object) => PyValue::Object(self.object_within(object, depth)),
            Kind::Instance(instance) => PyValue::Object(Object {
                function: instance.class.name.clone(),
                arguments: Vec::new(),
                keywords: Vec::new(),
            }),
            Kind::Random => PyValue::Random,
            Kind::Unknown(reason) => PyValue::Unknown(reason.clone()),
            Kind::OneOf(_) => PyValue::Unknown(Reason::Unsupported("a value that depends on a condition".into())),
            Kind::Method(_) | Kind::Super(_) | Kind::Slice(_) | Kind::Ellipsis | Kind::Exception(_) | Kind::Missing => {
                PyValue::Unknown(Reason::Unsupported("this value".into()))
            }
        }
    }
}

fn function_name(function: &Function) -> String {
    match &function.code {
        Code::Def(definition) => definition.name.value.clone(),
        Code::Lambda(_) => "<lambda>".to_owned(),
    }
}

/// Whether Django takes a name for a setting: `str.isupper()`.
fn is_setting(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
}
