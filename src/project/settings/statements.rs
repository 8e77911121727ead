//! Statements.

use super::evaluator::{Eval, Evaluator, Exit, Flow, Frame};
use super::heap::{Id, Object};
use super::libraries::Held;
use super::names::{has_star_import, names_assigned};
use super::object::{Binding, Code, Function, Kind, Origin, Val};
use crate::parse::python::{Expr, ExprKind, FunctionDef, Parameter, Stmt, StmtKind};
use crate::project::value::{Act, Reason};
use crate::source::Span;
use std::rc::Rc;
use std::sync::Arc;

impl Evaluator<'_> {
    /// Runs statements in order.
    pub fn block(&mut self, frame: &mut Frame, statements: &[Stmt]) -> Flow {
        for statement in statements {
            match self.statement(frame, statement) {
                Flow::Normal => {}
                flow => return flow,
            }
        }
        Flow::Normal
    }

    /// Runs one statement.
    pub fn statement(&mut self, frame: &mut Frame, statement: &Stmt) -> Flow {
        if let Err(exit) = self.step(1) {
            return Flow::Exit(exit);
        }
        let ran = self.deeper(|evaluator| match &statement.kind {
            StmtKind::If { tests, otherwise } => evaluator.if_statement(frame, tests, otherwise),
            StmtKind::For { target, iterable, body, otherwise } => {
                evaluator.for_statement(frame, target, iterable, body, otherwise)
            }
            StmtKind::While { test, body, otherwise } => {
                evaluator.while_statement(frame, test, body, otherwise, statement.span)
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                evaluator.try_statement(frame, body, handlers, otherwise, finally)
            }
            StmtKind::With { items, body } => evaluator.with_statement(frame, items, body, statement.span),
            StmtKind::Match { subject, cases } => evaluator.match_statement(frame, subject, cases),
            StmtKind::Return(value) => evaluator.return_statement(frame, value.as_ref()),
            StmtKind::Break => Flow::Break,
            StmtKind::Continue => Flow::Continue,
            _ => evaluator.simple(frame, statement).into(),
        });
        ran.unwrap_or_else(|| {
            self.forget_names(frame, std::slice::from_ref(statement), &Reason::Limit("nesting".into()));
            Flow::Normal
        })
    }

    fn simple(&mut self, frame: &mut Frame, statement: &Stmt) -> Eval<()> {
        let span = statement.span;
        let origin = Origin { file: frame.file, span };
        match &statement.kind {
            StmtKind::Assign { targets, value, .. } => {
                let value = self.expression(frame, value)?;
                for target in targets {
                    self.assign(frame, target, value.clone(), span)?;
                }
                Ok(())
            }
            StmtKind::AugAssign { target, operator, value } => {
                self.augmented_assign(frame, target, *operator, value, span)
            }
            StmtKind::Expr(expr) => self.expression_statement(frame, expr),
            StmtKind::FunctionDef(definition) => self.function_definition(frame, definition, span),
            StmtKind::ClassDef(definition) => self.class_definition(frame, definition, span),
            StmtKind::Import(aliases) => self.import_statement(frame, aliases, span),
            StmtKind::ImportFrom { level, module, names } => {
                self.import_from(frame, *level, &module.value, names, span)
            }
            StmtKind::Raise { exception, .. } => self.raise_statement(frame, exception.as_ref(), origin),
            StmtKind::Delete(targets) => targets.iter().try_for_each(|target| self.delete(frame, target)),
            StmtKind::Global(names) => {
                frame.declared.extend(names.iter().map(|name| (name.clone(), frame.globals)));
                Ok(())
            }
            StmtKind::Nonlocal(names) => {
                for name in names {
                    let around = frame.closure.iter().copied().find(|scope| self.name_in(*scope, name).is_some());
                    frame.declared.extend(around.map(|scope| (name.clone(), scope)));
                }
                Ok(())
            }
            StmtKind::Assert { test, .. } => {
                let test = self.expression(frame, test)?;
                match self.truth(&test) {
                    Some(false) if test.certain => self.raise("AssertionError", origin, &[&test], true),
                    _ => Ok(()),
                }
            }
            StmtKind::Other(what) => {
                self.unsupported(origin, *what);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn expression_statement(&mut self, frame: &mut Frame, expr: &Expr) -> Eval<()> {
        let value = self.expression(frame, expr)?;
        if let (Kind::Object(object), ExprKind::Call(_)) = (&value.kind, &expr.kind) {
            let call = super::LibraryCall {
                place: self.place(frame.file, expr.span),
                call: super::export::Exporter::new(self).library_object(object),
            };
            self.library_call(call);
        }
        Ok(())
    }

    fn return_statement(&mut self, frame: &mut Frame, value: Option<&Expr>) -> Flow {
        match value.map_or_else(|| Ok(Val::none()), |value| self.expression(frame, value)) {
            Ok(value) => Flow::Return(self.under_controls(value)),
            Err(exit) => Flow::Exit(exit),
        }
    }

    fn raise_statement(&mut self, frame: &mut Frame, exception: Option<&Expr>, origin: Origin) -> Eval<()> {
        let Some(exception) = exception else {
            return match &frame.handling {
                Some(raised) => Err(Exit::Raise(Box::new(raised.clone()))),
                None => self.raise("RuntimeError", origin, &[], true),
            };
        };
        let value = self.expression(frame, exception)?;
        let classes = self.exception_classes(&value, exception);
        let variable = frame.handling.as_ref().and_then(|raised| raised.variable.clone());
        let mut raised: Eval<()> = self.raise(&classes[0], origin, &[], true);
        if let Err(Exit::Raise(raised)) = &mut raised {
            raised.classes = classes;
            for control in &self.controls {
                raised.certain &= control.certain;
                raised.trail = raised.trail.join(&control.trail);
            }
            // `if not SECRET_KEY: raise …`: about the variable that was read last, where that is not set.
            let unset = |name: &&str| !matches!(self.held(name), Held::Set(_));
            raised.variable = variable.or_else(|| raised.trail.variable().filter(unset).map(str::to_owned));
        }
        raised
    }

    /// The names of the classes of what is raised, from its own up.
    pub fn exception_classes(&self, value: &Val, written: &Expr) -> Vec<String> {
        let mut classes = match &value.kind {
            Kind::Exception(classes) => return classes.to_vec(),
            Kind::Class(class) => self.class_names(class),
            Kind::Instance(instance) => self.class_names(&instance.class),
            Kind::Object(object) => vec![last_part(&object.function).to_owned()],
            Kind::Library(name) => vec![last_part(name).to_owned()],
            Kind::Builtin(name) => vec![(*name).to_owned()],
            _ => Vec::new(),
        };
        if classes.is_empty() {
            let name = match &written.kind {
                ExprKind::Call(call) => call.function.dotted(),
                _ => written.dotted(),
            };
            classes.push(name.as_deref().map_or("Exception", last_part).to_owned());
        }
        classes
    }

    fn function_definition(&mut self, frame: &mut Frame, definition: &Arc<FunctionDef>, span: Span) -> Eval<()> {
        let defaults = self.parameter_defaults(frame, &definition.parameters)?;
        let mut binding = Binding::Plain;
        let mut wrappers = Vec::new();
        for decorator in definition.decorators.iter().rev() {
            let called = matches!(decorator.kind, ExprKind::Call(_));
            let name = match &decorator.kind {
                ExprKind::Call(call) => call.function.dotted(),
                _ => decorator.dotted(),
            };
            match name.as_deref().map_or("", last_part) {
                "staticmethod" if !called => binding = Binding::Static,
                "classmethod" if !called => binding = Binding::Class,
                "property" | "cached_property" | "classproperty" if !called => binding = Binding::Property,
                "computed_field" => binding = Binding::Property,
                // These give the same results as what they wrap.
                "lru_cache" | "cache" | "wraps" | "override" | "overload" | "deprecated" => {}
                _ => wrappers.push(decorator),
            }
        }
        let function = self.new_function(frame, Code::Def(definition.clone()), defaults, binding);
        let mut value = Val::new(Kind::Function(Rc::new(function)));
        for decorator in wrappers {
            let wrapper = self.expression(frame, decorator)?;
            let origin = Origin { file: frame.file, span: decorator.span };
            value = match &wrapper.kind {
                Kind::Function(_) | Kind::Bound(_) => self.call_with(&wrapper, vec![value], origin)?,
                _ => Val::unsupported(format!("the decorator of `{}`", definition.name.value)),
            };
        }
        self.bind_name(frame, &definition.name.value, value, span)
    }

    pub fn parameter_defaults(&mut self, frame: &mut Frame, parameters: &[Parameter]) -> Eval<Vec<Option<Val>>> {
        let default = |parameter: &Parameter| match &parameter.default {
            Some(default) => self.expression(frame, default).map(Some),
            None => Ok(None),
        };
        parameters.iter().map(default).collect()
    }

    pub fn new_function(&self, frame: &Frame, code: Code, defaults: Vec<Option<Val>>, binding: Binding) -> Function {
        let mut closure = frame.closure.clone();
        // A method does not see the names of its class.
        if frame.is_function && !frame.is_class {
            closure.insert(0, frame.locals);
        }
        Function {
            code,
            defaults,
            closure,
            globals: frame.globals,
            file: frame.file,
            module: frame.module.clone(),
            binding,
            owner: frame.is_class.then_some(frame.locals),
        }
    }

    /// Assigns to any kind of target.
    pub fn assign(&mut self, frame: &mut Frame, target: &Expr, value: Val, statement: Span) -> Eval<()> {
        self.step(1)?;
        match &target.kind {
            ExprKind::Name(name) => self.bind_name(frame, name, value, statement),
            ExprKind::Tuple(targets) | ExprKind::List(targets) => self.unpack(frame, targets, value, statement),
            ExprKind::Starred(inner) => self.assign(frame, inner, value, statement),
            ExprKind::Subscript { object, index } => {
                let object = self.expression(frame, object)?;
                let index = self.expression(frame, index)?;
                let value = self.assigned(frame, &dotted_target(target), value, statement);
                self.set_item(&object, &index, value, Origin { file: frame.file, span: target.span })
            }
            ExprKind::Attribute { object, name } => {
                let object = self.expression(frame, object)?;
                let value = self.under_controls(value);
                match &object.kind {
                    Kind::Module(id) => self.set_name(*id, &name.value, value),
                    Kind::Instance(instance) => self.set_name(instance.attributes, &name.value, value),
                    Kind::Class(class) => self.set_name(class.namespace, &name.value, value),
                    _ => {}
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Binds a name in the frame's own namespace, or the module's where it says `global`.
    pub fn bind_name(&mut self, frame: &mut Frame, name: &str, value: Val, statement: Span) -> Eval<()> {
        self.allocate(64)?;
        let namespace = frame.declared.get(name).copied().unwrap_or(frame.locals);
        let value = self.assigned(frame, name, value, statement);
        if namespace == frame.globals || frame.is_class {
            let place = self.place(frame.file, statement);
            self.assignments.insert((namespace, Rc::from(name)), place);
        }
        self.set_name(namespace, name, value);
        Ok(())
    }

    /// A value as it is after its assignment: with a step for it, unless the same statement is a step already.
    fn assigned(&self, frame: &Frame, name: &str, value: Val, statement: Span) -> Val {
        let mut value = value;
        let says_something = !matches!(
            value.kind,
            Kind::Function(_) | Kind::Class(_) | Kind::Module(_) | Kind::Library(_) | Kind::Builtin(_)
        );
        if (!frame.is_function || frame.is_class) && says_something {
            let path = &self.paths[frame.file];
            let last = value.trail.steps().last();
            let told = last.is_some_and(|step| {
                step.place.path == *path
                    && step.place.span.start >= statement.start
                    && step.place.span.end <= statement.end
            });
            if !told {
                let act = Act::Assigns(name.to_owned());
                value = value.pushed(self.step_at(Origin { file: frame.file, span: statement }, act));
            }
        }
        self.under_controls(value)
    }

    fn unpack(&mut self, frame: &mut Frame, targets: &[Expr], value: Val, statement: Span) -> Eval<()> {
        let star = targets.iter().position(|target| matches!(target.kind, ExprKind::Starred(_)));
        let items = match self.iterate(&value).or_else(|| self.iterate_choices(&value)) {
            Some((items, false)) if star.map_or(items.len() == targets.len(), |_| items.len() + 1 >= targets.len()) => {
                items
            }
            _ => {
                // Each target gets something that cannot be told.
                let unknown = Val::unknown_like(&value);
                for target in targets {
                    self.assign(frame, target, unknown.clone(), statement)?;
                }
                return Ok(());
            }
        };
        let after = star.map_or(0, |star| targets.len() - star - 1);
        for (at, target) in targets.iter().enumerate() {
            let item = match star {
                Some(star) if at == star => self.list(items[star..items.len() - after].to_vec(), false)?,
                Some(star) if at > star => items[items.len() - (targets.len() - at)].clone(),
                _ => items[at].clone(),
            };
            let mut item = item;
            item.rests_on(&value);
            self.assign(frame, target, item, statement)?;
        }
        Ok(())
    }

    /// The items of a value that is one of several sequences of equal length, each one of several.
    fn iterate_choices(&self, value: &Val) -> Option<(Vec<Val>, bool)> {
        let Kind::OneOf(values) = &value.kind else { return None };
        let mut joined: Option<Vec<Val>> = None;
        for value in values.iter() {
            let (items, false) = self.iterate(value)? else { return None };
            joined = Some(match joined {
                None => items,
                Some(known) if known.len() == items.len() => {
                    known.iter().zip(&items).map(|(a, b)| Val::either(a, b)).collect()
                }
                Some(_) => return None,
            });
        }
        joined.map(|items| (items, false))
    }

    fn augmented_assign(
        &mut self,
        frame: &mut Frame,
        target: &Expr,
        operator: crate::parse::python::BinaryOperator,
        value: &Expr,
        span: Span,
    ) -> Eval<()> {
        use crate::parse::python::BinaryOperator;
        let before = self.expression(frame, target)?;
        let value = self.expression(frame, value)?;
        let origin = Origin { file: frame.file, span };
        match (&before.kind, operator) {
            // In place: every name of the list sees it.
            (Kind::List(id), BinaryOperator::Add) => {
                let id = *id;
                self.extend(id, &value)?;
                return self.assign(frame, target, before, span);
            }
            (Kind::Dict(_), BinaryOperator::BitOr) => {
                self.update_dict(&before, &value, origin)?;
                return self.assign(frame, target, before, span);
            }
            (Kind::Set(id), BinaryOperator::BitOr) => {
                let id = *id;
                self.extend_set(id, &value)?;
                return self.assign(frame, target, before, span);
            }
            (Kind::OneOf(values), BinaryOperator::Add) => {
                let values = values.clone();
                let result = self.each_choice(&before, &values, |evaluator, before| match before.kind {
                    Kind::List(_) => {
                        let (items, more) = evaluator.iterate(before).unwrap_or((Vec::new(), true));
                        let longer = evaluator.list(items, more)?;
                        if let Kind::List(id) = longer.kind {
                            evaluator.extend(id, &value)?;
                        }
                        // Other names of it see the change, if this is the one that it was.
                        evaluator.forget(before);
                        Ok(longer)
                    }
                    _ => evaluator.binary(operator, before, &value, origin),
                })?;
                return self.assign(frame, target, result, span);
            }
            _ => {}
        }
        let result = self.binary(operator, &before, &value, origin)?;
        self.assign(frame, target, result, span)
    }

    fn delete(&mut self, frame: &mut Frame, target: &Expr) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                if let Object::Names { names, .. } = self.heap.write(frame.locals) {
                    names.remove(name.as_str());
                }
                Ok(())
            }
            ExprKind::Subscript { object, index } => {
                let object = self.expression(frame, object)?;
                let index = self.expression(frame, index)?;
                self.delete_item(&object, &index);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Where the names of a namespace, taken alone, would be changed by these statements: they hold with less certainty.
    pub fn weaken_names(&mut self, namespace: Id, code: &[Stmt]) {
        if has_star_import(code) {
            self.weaken_all(namespace);
        }
        for name in names_assigned(code) {
            let value = match self.name_in(namespace, &name) {
                Some(value) => value.weakened(),
                None => Val::new(Kind::Missing).weakened(),
            };
            self.set_name(namespace, &name, value);
        }
    }
}

/// The text of an assignment's target, for its step: `DATABASES`, of `DATABASES["default"]["HOST"]`.
pub(super) fn dotted_target(target: &Expr) -> String {
    let mut at = target;
    loop {
        match &at.kind {
            ExprKind::Subscript { object, .. } => at = object,
            ExprKind::Attribute { object, name } => match object.dotted() {
                Some(dotted) => return format!("{dotted}.{}", name.value),
                None => at = object,
            },
            ExprKind::Name(name) => return name.clone(),
            _ => return String::new(),
        }
    }
}

/// What follows the last dot.
pub(super) fn last_part(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}
