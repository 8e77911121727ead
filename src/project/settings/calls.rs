//! Calls: <https://docs.python.org/3/reference/expressions.html#calls>.

use super::evaluator::{Eval, Evaluator, Exit, Flow, Frame};
use super::heap::{Id, Object};
use super::object::{Code, Function, Kind, LibraryObject, Origin, Val};
use crate::parse::python::{Call, Parameter, ParameterKind};
use crate::project::value::Reason;
use std::rc::Rc;

/// What a call passes.
#[derive(Clone)]
pub(super) struct Arguments {
    pub positional: Vec<Val>,
    pub keywords: Vec<(Rc<str>, Val)>,
    /// Whether there may be more (`*args` that are not known).
    pub more: bool,
    /// The call.
    pub origin: Origin,
}

impl Arguments {
    pub fn new(origin: Origin) -> Self {
        Self { positional: Vec::new(), keywords: Vec::new(), more: false, origin }
    }

    /// The argument at a position or of a name.
    pub fn get(&self, at: usize, name: &str) -> Option<&Val> {
        self.positional.get(at).or_else(|| self.keyword(name))
    }

    pub fn keyword(&self, name: &str) -> Option<&Val> {
        self.keywords.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    pub fn all(&self) -> impl Iterator<Item = &Val> {
        self.positional.iter().chain(self.keywords.iter().map(|(_, value)| value))
    }
}

/// Whether it is known what a call of this does.
fn is_callable(value: &Val) -> bool {
    match &value.kind {
        Kind::Function(_) | Kind::Bound(_) | Kind::Library(_) | Kind::Builtin(_) => true,
        Kind::Object(object) => is_reader(object),
        Kind::Method(method) => matches!(&method.0.kind, Kind::Object(object) if is_reader(object)),
        _ => false,
    }
}

/// Whether an object reads variables.
fn is_reader(object: &LibraryObject) -> bool {
    let package = object.function.split('.').next().unwrap_or_default();
    matches!(package, "environ" | "environs" | "decouple")
}

/// Whether a library's function does no more than to describe, to register or to set up what works later: one that settings
/// call as a matter of course, and that raises for none but a slip.
fn only_describes(function: &str) -> bool {
    let packages = [
        "django",
        "celery",
        "kombu",
        "datetime",
        "logging",
        "sentry_sdk",
        "warnings",
        "environ",
        "environs",
        "decouple",
    ];
    let package = function.split(['.', '(']).next().unwrap_or(function);
    packages.contains(&package)
        || package.starts_with("rest_framework")
        || matches!(function, "open" | "re.compile" | "collections.OrderedDict" | "configparser.ConfigParser")
}

impl Evaluator<'_> {
    /// Calls a value with positional arguments.
    pub fn call_with(&mut self, function: &Val, positional: Vec<Val>, origin: Origin) -> Eval {
        let mut arguments = Arguments::new(origin);
        arguments.positional = positional;
        self.call_value(function, arguments)
    }

    /// Calls a value.
    pub fn call_value(&mut self, function: &Val, arguments: Arguments) -> Eval {
        self.step(1)?;
        let origin = arguments.origin;
        match &function.kind {
            Kind::Function(code) => self.call_function(code.clone(), arguments),
            Kind::Bound(bound) => {
                let (receiver, code) = &**bound;
                let mut arguments = arguments;
                arguments.positional.insert(0, receiver.clone());
                self.call_function(code.clone(), arguments)
            }
            Kind::Builtin(name) => self.call_builtin(name, arguments),
            Kind::Library(name) => {
                let name = name.clone();
                self.call_library(&name, arguments)
            }
            Kind::Method(method) => {
                let method = method.clone();
                self.call_method(&method.0, &method.1, arguments)
            }
            Kind::Object(object) => {
                let object = object.clone();
                self.call_object(function, &object, arguments)
            }
            Kind::Class(class) => {
                let class = class.clone();
                self.instantiate(&class, arguments)
            }
            Kind::Instance(instance) => {
                let instance = instance.clone();
                match self.instance_attribute(function, &instance, "__call__", origin) {
                    Ok(call) if !call.is_unknown() => self.call_value(&call, arguments),
                    _ => Ok(Val::unsupported("calling an instance")),
                }
            }
            Kind::OneOf(values) if values.iter().all(is_callable) => {
                let values = values.clone();
                self.call_one_of(&values, arguments)
            }
            Kind::OneOf(_) => Ok(Val::unknown_like(function)),
            Kind::Unknown(_) => {
                self.forget_arguments(&arguments);
                self.may_raise = true;
                Ok(Val::unknown_like(function))
            }
            _ => Ok(self.unsupported(origin, "calling this value")),
        }
    }

    /// Calls one of several functions: what is true after each of the calls that does not raise.
    fn call_one_of(&mut self, functions: &[Val], arguments: Arguments) -> Eval {
        let Some((first, rest)) = functions.split_first() else { return Ok(Val::unsupported("calling this value")) };
        if rest.is_empty() {
            return self.call_value(first, arguments);
        }
        self.heap.begin();
        let one = self.call_value(first, arguments.clone());
        let changes = self.heap.rollback();
        self.heap.begin();
        let other = self.call_one_of(rest, arguments);
        let others = self.heap.rollback();
        match (one, other) {
            (Ok(one), Ok(other)) => {
                self.heap.apply_either(changes, others);
                Ok(Val::either(&one, &other))
            }
            (Err(Exit::Raise(raised)), Ok(_)) | (Ok(_), Err(Exit::Raise(raised))) if self.would_catch(&raised) => {
                self.heap.apply_either(changes, others);
                Ok(Val::unsupported("what raises an exception in part of the cases"))
            }
            (Ok(one), Err(Exit::Raise(_))) => {
                self.heap.apply(changes);
                Ok(one)
            }
            (Err(Exit::Raise(_)), other) => {
                self.heap.apply(others);
                other
            }
            (Err(stop), _) | (_, Err(stop)) => Err(stop),
        }
    }

    /// Something that is not known gets hold of the module's namespace: any name may change.
    pub fn forget_arguments(&mut self, arguments: &Arguments) {
        for argument in arguments.all() {
            if let Kind::Module(id) = argument.kind {
                self.weaken_all(id);
                self.set_more(id, Reason::Unsupported("a library that is given the settings to change".into()));
            }
        }
    }

    /// A call of a library that is not modelled: its result is known by how it was made.
    pub fn opaque(&mut self, function: &str, arguments: Arguments) -> Eval {
        self.forget_arguments(&arguments);
        self.may_raise |= !only_describes(function);
        self.allocate(arguments.positional.len() * size_of::<Val>() + 128)?;
        let object = LibraryObject {
            function: Rc::from(function),
            arguments: arguments.positional,
            keywords: arguments.keywords,
        };
        Ok(Val::new(Kind::Object(Rc::new(object))).at(arguments.origin))
    }

    /// A value that is the same as itself only.
    pub fn unique(&self, function: &str) -> Val {
        let object = LibraryObject { function: Rc::from(function), arguments: Vec::new(), keywords: Vec::new() };
        Val::new(Kind::Object(Rc::new(object)))
    }

    /// `vars(…)` of a class or an instance: what it has itself, as written, and what Python adds to a class.
    fn dict_of_names(&mut self, names: Id, of_class: bool) -> Eval {
        let Object::Names { names, more } = self.heap.get(names) else { return Ok(Val::unsupported("vars()")) };
        let mut more = more.is_some();
        let mut entries = Vec::new();
        if of_class {
            let name = |text| (Val::str(text), Val::unsupported("vars()"));
            entries.extend(["__module__", "__doc__", "__dict__", "__weakref__"].map(name));
        }
        let mut own: Vec<(&Rc<str>, &Val)> = names.iter().collect();
        own.sort_by_key(|(_, value)| value.origin.map(|origin| (origin.file, origin.span.start)));
        for (name, value) in own {
            let missing = value.choices().iter().any(Val::is_missing);
            more |= missing;
            if !missing {
                entries.push((Val::new(Kind::Str(name.clone())), value.clone()));
            }
        }
        self.dict(entries, more)
    }

    /// Built-in functions that see the frame they are called in.
    pub fn call_with_frame(&mut self, frame: &mut Frame, name: &str, call: &Call, origin: Origin) -> Eval {
        match name {
            "globals" => Ok(Val::new(Kind::Module(frame.globals))),
            "locals" | "vars" if call.arguments.is_empty() => Ok(Val::new(Kind::Module(frame.locals))),
            "vars" => {
                let value = self.expression(frame, &call.arguments[0])?;
                match &value.kind {
                    Kind::Module(_) => Ok(value),
                    Kind::Class(class) => self.dict_of_names(class.namespace, true),
                    Kind::Instance(instance) => self.dict_of_names(instance.attributes, false),
                    _ => Ok(self.unsupported(origin, "vars()")),
                }
            }
            "super" => {
                let mut given = Vec::new();
                for argument in &call.arguments {
                    given.push(self.expression(frame, argument)?);
                }
                Ok(self.super_of(frame, &given, origin))
            }
            "exec" if self.exec_file(frame, call, origin)? => Ok(Val::none()),
            _ => {
                // `exec` and `eval` can do anything.
                for argument in &call.arguments {
                    self.expression(frame, argument)?;
                }
                let reason = Reason::Unsupported(format!("{name}()"));
                self.unresolved(self.origin_place(origin), reason.clone());
                if name == "exec" {
                    self.weaken_all(frame.globals);
                    self.set_more(frame.globals, reason.clone());
                }
                Ok(Val::unknown(reason))
            }
        }
    }

    /// Runs a function of the project.
    pub fn call_function(&mut self, function: Rc<Function>, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let unsupported = match &function.code {
            Code::Def(definition) if definition.is_generator => Some("a generator"),
            Code::Def(definition) if definition.is_async => Some("an async function"),
            _ => None,
        };
        if let Some(what) = unsupported {
            return Ok(self.unsupported(origin, what));
        }
        let called = self.called(|evaluator| evaluator.run_function(&function, arguments));
        match called {
            Some(result) => result,
            None => {
                let reason = Reason::Limit("calls within each other".into());
                self.unresolved(self.origin_place(origin), reason.clone());
                Ok(Val::unknown(reason))
            }
        }
    }

    fn run_function(&mut self, function: &Rc<Function>, arguments: Arguments) -> Eval {
        let around = Frame::of_module(function.file, function.globals, function.module.clone(), false);
        let mut frame = Frame {
            method: function.owner.zip(arguments.positional.first().cloned()),
            ..around.body(self.heap.new_names(), function.closure.clone())
        };
        self.allocate(256)?;
        let origin = arguments.origin;
        let parameters = match &function.code {
            Code::Def(definition) => &definition.parameters,
            Code::Lambda(lambda) => &lambda.parameters,
        };
        self.bind_parameters(&frame, parameters, &function.defaults, arguments)?;
        let outer = self.controls.len();
        let result = match &function.code {
            Code::Lambda(lambda) => self.expression(&mut frame, &lambda.body),
            Code::Def(definition) => match self.block(&mut frame, &definition.body) {
                Flow::Return(value) => Ok(value),
                Flow::Exit(exit) => Err(exit),
                _ => Ok(self.under_controls(Val::none())),
            },
        };
        self.controls.truncate(outer);
        let mut pending = frame.pending.into_iter();
        match (result, pending.next()) {
            (Ok(value), first) => {
                Ok(first.into_iter().chain(pending).fold(value, |a, b| Val::either(&b, &a)).at(origin))
            }
            // The way that raises is not the one of a program that runs.
            (Err(Exit::Raise(_)), Some(first)) => Ok(pending.fold(first, |a, b| Val::either(&a, &b)).at(origin)),
            (Err(exit), _) => Err(exit),
        }
    }

    fn bind_parameters(
        &mut self,
        frame: &Frame,
        parameters: &[Parameter],
        defaults: &[Option<Val>],
        arguments: Arguments,
    ) -> Eval<()> {
        let mut positional = arguments.positional.into_iter();
        let mut keywords = arguments.keywords;
        for (at, parameter) in parameters.iter().enumerate() {
            let mut named = || {
                let found = keywords.iter().position(|(name, _)| **name == *parameter.name);
                found.map(|found| keywords.remove(found).1)
            };
            let value = match parameter.kind {
                ParameterKind::Positionals => {
                    let rest: Vec<Val> = positional.by_ref().collect();
                    Val::new(Kind::Tuple(Rc::new(rest), arguments.more))
                }
                ParameterKind::Keywords => {
                    let rest = std::mem::take(&mut keywords);
                    let entries = rest.into_iter().map(|(name, value)| (Val::new(Kind::Str(name)), value)).collect();
                    self.dict(entries, arguments.more)?
                }
                kind => {
                    let by_position = || {
                        if kind == ParameterKind::KeywordOnly { None } else { positional.next() }
                    };
                    let given = { by_position }().or_else(&mut named);
                    match (given, defaults.get(at).cloned().flatten()) {
                        (Some(value), _) => value,
                        (None, Some(default)) if !arguments.more => default,
                        _ => Val::unsupported(format!("a call without its argument `{}`", parameter.name)),
                    }
                }
            };
            self.set_name(frame.locals, &parameter.name, value);
        }
        Ok(())
    }
}
