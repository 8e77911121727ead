//! Classes of the project, as far as settings use them: attributes, inheritance, `__init__`, properties, dataclasses.

use super::calls::Arguments;
use super::evaluator::{Eval, Evaluator, Exit, Flow, Frame};
use super::inheritance::member_of_class;
use super::libraries::VALIDATED;
use super::object::{Class, Instance, Kind, Origin, Val};
use super::statements::last_part;
use crate::parse::python::{ClassDef, Expr, ExprKind, Stmt, StmtKind};
use crate::source::Span;
use std::rc::Rc;

impl Evaluator<'_> {
    pub fn class_definition(&mut self, frame: &mut Frame, definition: &ClassDef, span: Span) -> Eval<()> {
        let mut bases = Vec::new();
        for base in &definition.bases {
            bases.push(self.expression(frame, base)?);
        }
        let closure = if frame.is_function { frame.around() } else { frame.closure.clone() };
        // As in a function, its assignments are no assignments of settings.
        let mut inner = Frame { is_class: true, ..frame.body(self.heap.new_names(), closure) };
        if let Flow::Exit(exit) = self.block(&mut inner, &definition.body) {
            match exit {
                Exit::Stop => return Err(Exit::Stop),
                Exit::Raise(raised) => self.unresolved(
                    raised.place.clone(),
                    crate::project::value::Reason::Unsupported("a class body that raises".into()),
                ),
            }
        }
        let library_base = |name: &str| {
            bases.iter().any(|base| match &base.kind {
                Kind::Library(library) => matches!(last_part(library), base if base.ends_with(name)),
                Kind::Class(class) => class.is_enum && name == "Enum",
                _ => false,
            })
        };
        let is_dataclass = definition.decorators.iter().any(|decorator| {
            let name = match &decorator.kind {
                ExprKind::Call(call) => call.function.dotted(),
                _ => decorator.dotted(),
            };
            name.as_deref().map(last_part) == Some("dataclass")
        });
        let field = |statement: &crate::parse::python::Stmt| match &statement.kind {
            StmtKind::Declare { target, annotation } => Some((target.as_name()?.to_owned(), type_name(annotation))),
            StmtKind::Assign { targets, annotation: Some(annotation), .. } => {
                Some((targets[0].as_name()?.to_owned(), type_name(annotation)))
            }
            _ => None,
        };
        let around: Vec<_> = [inner.locals].into_iter().chain(frame.around()).chain([frame.globals]).collect();
        let class_named = |name: &str| match around.iter().find_map(|names| self.name_in(*names, name))?.kind {
            Kind::Class(class) => Some(class),
            _ => None,
        };
        let fields: Vec<_> = definition.body.iter().filter_map(field).collect();
        let nested = fields.iter().filter_map(|(field, class)| Some((field.clone(), class_named(class)?))).collect();
        let class = Class {
            name: definition.name.value.clone(),
            namespace: inner.locals,
            is_enum: library_base("Enum"),
            is_dataclass,
            fields: fields.into_iter().map(|field| validated(field, &definition.body)).collect(),
            nested,
            bases,
        };
        self.bind_name(frame, &definition.name.value, Val::new(Kind::Class(Rc::new(class))), span)
    }

    /// The class that declares a field of a pydantic settings class, and the field's type.
    fn settings_field(class: &Rc<Class>, name: &str) -> Option<(Rc<Class>, String)> {
        let classes = Self::pydantic_classes(class, &["BaseSettings"])?;
        classes.into_iter().find_map(|class| {
            let field = class.fields.iter().find(|(field, _)| field == name)?.1.clone();
            Some((class, field))
        })
    }

    /// The names of a class and its bases, from its own up.
    pub fn class_names(&self, class: &Rc<Class>) -> Vec<String> {
        let (classes, outside) = Self::ancestry(class);
        let outside = outside.and_then(|base| match &base.kind {
            Kind::Library(name) => Some(last_part(name).to_owned()),
            Kind::Builtin(name) => Some((*name).to_owned()),
            _ => None,
        });
        classes.iter().map(|class| class.name.clone()).chain(outside).collect()
    }

    pub fn class_member(&self, class: &Rc<Class>, name: &str) -> Result<Val, Option<Val>> {
        let (classes, outside) = Self::ancestry(class);
        let found = classes.iter().find_map(|class| self.name_in(class.namespace, name));
        found.filter(|value| !value.is_missing()).ok_or(outside)
    }

    /// `Class.name`.
    pub fn class_attribute(&mut self, class: &Rc<Class>, name: &str, origin: Origin) -> Eval {
        match self.class_member(class, name) {
            Ok(value) => Ok(member_of_class(value, class)),
            Err(_) if name == "__name__" => Ok(Val::str(&class.name)),
            Err(Some(outside)) => Ok(self.unsupported(origin, outside_name(&outside, name))),
            Err(None) => self.raise("AttributeError", origin, &[], false),
        }
    }

    /// `instance.name`.
    pub fn instance_attribute(&mut self, value: &Val, instance: &Rc<Instance>, name: &str, origin: Origin) -> Eval {
        if let Some(found) = self.name_in(instance.attributes, name)
            && !found.is_missing()
        {
            return Ok(found);
        }
        if let Some((class, annotation)) = Self::settings_field(&instance.class, name) {
            let value = self.pydantic_field(&instance.class, &class, name, &annotation, origin)?;
            // An instance reads its variables once.
            self.set_name(instance.attributes, name, value.clone());
            return Ok(value);
        }
        match self.class_member(&instance.class, name) {
            Ok(member) => self.member_of_instance(member, value, &instance.class, origin),
            Err(_) if name == "__class__" => Ok(Val::new(Kind::Class(instance.class.clone()))),
            Err(Some(outside)) => Ok(self.unsupported(origin, outside_name(&outside, name))),
            Err(None) => self.raise("AttributeError", origin, &[], false),
        }
    }

    /// `Class(…)`.
    pub fn instantiate(&mut self, class: &Rc<Class>, arguments: Arguments) -> Eval {
        if class.is_enum {
            // A member of an enumeration stands for its value here.
            return Ok(arguments.positional.into_iter().next().unwrap_or_else(Val::none));
        }
        let names = self.class_names(class);
        if names.iter().any(|name| name == "Exception" || name.ends_with("Error") || name == "ImproperlyConfigured") {
            return Ok(Val::new(Kind::Exception(Rc::new(names))));
        }
        self.allocate(128)?;
        let instance = Rc::new(Instance { class: class.clone(), attributes: self.heap.new_names() });
        let value = Val::new(Kind::Instance(instance.clone())).at(arguments.origin);
        match self.class_member(class, "__init__") {
            Ok(Val { kind: Kind::Function(init), .. }) => {
                let mut arguments = arguments;
                arguments.positional.insert(0, value.clone());
                self.call_function(init, arguments)?;
            }
            _ if class.is_dataclass => {
                let fields = class.fields.iter().map(|(name, _)| name.as_str());
                for (field, given) in fields.zip(&arguments.positional) {
                    self.set_name(instance.attributes, field, given.clone());
                }
                for (name, given) in &arguments.keywords {
                    self.set_name(instance.attributes, name, given.clone());
                }
            }
            _ if Self::pydantic_classes(class, &["BaseModel", "BaseSettings"]).is_some() => {
                self.pydantic_instance(&instance, arguments)?;
            }
            _ => {}
        }
        Ok(value)
    }
}

/// `list` of `list[str]`, `int` of `typing.Optional[int]` and `int | None`.
fn type_name(annotation: &Expr) -> String {
    let named = match &annotation.kind {
        ExprKind::Subscript { object, index } => match object.dotted() {
            Some(name) if last_part(&name) == "Optional" => return type_name(index),
            named => named,
        },
        ExprKind::Binary { left, right, .. } if matches!(right.kind, ExprKind::None) => return type_name(left),
        _ => annotation.dotted(),
    };
    named.as_deref().map_or("", last_part).to_owned()
}

/// A field, without its type where a validator of pydantic may give it another value.
fn validated(field: (String, String), body: &[Stmt]) -> (String, String) {
    let decorators = body.iter().filter_map(|statement| match &statement.kind {
        StmtKind::FunctionDef(definition) => Some(&definition.decorators),
        _ => None,
    });
    let touches = |decorator: &Expr| match &decorator.kind {
        ExprKind::Call(call) => {
            let name = call.function.dotted();
            match name.as_deref().map_or("", last_part) {
                "validator" | "field_validator" => call
                    .arguments
                    .iter()
                    .any(|argument| matches!(argument.as_str(), Some("*")) || argument.as_str() == Some(&field.0)),
                "root_validator" | "model_validator" => true,
                _ => false,
            }
        }
        _ => decorator.dotted().as_deref().map(last_part) == Some("root_validator"),
    };
    if decorators.flatten().any(touches) { (field.0, VALIDATED.to_owned()) } else { field }
}

pub(super) fn outside_name(outside: &Val, name: &str) -> String {
    match &outside.kind {
        Kind::Library(library) => format!("`{name}` of {library}"),
        _ => format!("`{name}` of a class that is not known"),
    }
}
