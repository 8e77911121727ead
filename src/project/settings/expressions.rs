//! Expressions.

use super::branches::control_of;
use super::builtin_names::builtin;
use super::calls::Arguments;
use super::equality::equal;
use super::evaluator::{Eval, Evaluator, Exit, Frame};
use super::heap::{Id, Object};
use super::object::{Binding, Code, Kind, Origin, Val};
use super::operators::sequence;
use crate::parse::python::{Call, Comprehension, ComprehensionClause, ComprehensionKind, DictEntry, Expr, ExprKind};
use crate::project::value::Reason;
use std::rc::Rc;

impl Evaluator<'_> {
    /// The value of an expression.
    pub fn expression(&mut self, frame: &mut Frame, expression: &Expr) -> Eval {
        self.step(1)?;
        let origin = Origin { file: frame.file, span: expression.span };
        let value = self.deeper(|evaluator| evaluator.expression_kind(frame, expression, origin));
        let value = value.unwrap_or_else(|| Ok(Val::unknown(Reason::Limit("nesting".into()))))?;
        Ok(value.at(origin))
    }

    fn expression_kind(&mut self, frame: &mut Frame, expression: &Expr, origin: Origin) -> Eval {
        match &expression.kind {
            ExprKind::Name(name) => self.name(frame, name, origin),
            ExprKind::Str { text, bytes: false } => Ok(Val::new(self.text(text.text())?)),
            ExprKind::Str { text, bytes: true } => Ok(Val::new(Kind::Bytes(Rc::from(text.text())))),
            ExprKind::FString(parts) => self.f_string(frame, parts, origin),
            ExprKind::Int(value) => Ok(Val::int(*value)),
            ExprKind::Float(value) => Ok(Val::new(Kind::Float(*value))),
            ExprKind::Bool(value) => Ok(Val::bool(*value)),
            ExprKind::None => Ok(Val::none()),
            ExprKind::Ellipsis => Ok(Val::new(Kind::Ellipsis)),
            ExprKind::List(items) => {
                let (items, more) = self.display(frame, items)?;
                self.list(items, more)
            }
            ExprKind::Tuple(items) => {
                let (items, more) = self.display(frame, items)?;
                self.allocate(items.len() * size_of::<Val>())?;
                Ok(Val::new(Kind::Tuple(Rc::new(items), more)))
            }
            ExprKind::Set(items) => {
                let (items, more) = self.display(frame, items)?;
                self.set_of(items, more)
            }
            ExprKind::Dict(entries) => self.dict_display(frame, entries, origin),
            ExprKind::Call(call) => self.call(frame, call, origin),
            ExprKind::Attribute { object, name } => {
                let object = self.expression(frame, object)?;
                self.attribute(&object, &name.value, origin)
            }
            ExprKind::Subscript { object, index } => {
                let object = self.expression(frame, object)?;
                let index = self.expression(frame, index)?;
                self.subscript(&object, &index, origin)
            }
            ExprKind::Slice { start, stop, step } => {
                let mut part = |part: &Option<Box<Expr>>| match part {
                    Some(part) => self.expression(frame, part).map(Some),
                    None => Ok(None),
                };
                let parts = [part(start)?, part(stop)?, part(step)?];
                Ok(Val::new(Kind::Slice(Rc::new(parts))))
            }
            ExprKind::Binary { left, operator, right } => {
                let left = self.expression(frame, left)?;
                let right = self.expression(frame, right)?;
                self.binary(*operator, &left, &right, origin)
            }
            ExprKind::Unary { operator, operand } => {
                let operand = self.expression(frame, operand)?;
                self.unary(*operator, &operand)
            }
            ExprKind::BoolOp { and, operands } => self.bool_op(frame, *and, operands),
            ExprKind::Compare { left, rest } => {
                let mut left = self.expression(frame, left)?;
                let mut result: Option<Val> = None;
                for (operator, right) in rest {
                    let right = self.expression(frame, right)?;
                    let mut compared = self.compare(*operator, &left, &right, origin)?;
                    if let Some(before) = &result {
                        compared.rests_on(before);
                    }
                    let goes_on = self.truth(&compared);
                    result = Some(compared);
                    if goes_on != Some(true) {
                        break;
                    }
                    left = right;
                }
                Ok(result.unwrap_or_else(Val::none))
            }
            ExprKind::Conditional { test, body, otherwise } => self.conditional(frame, test, body, otherwise),
            ExprKind::Lambda(lambda) => {
                let defaults = self.parameter_defaults(frame, &lambda.parameters)?;
                let function = self.new_function(frame, Code::Lambda(lambda.clone()), defaults, Binding::Plain);
                Ok(Val::new(Kind::Function(Rc::new(function))))
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(frame, comprehension),
            ExprKind::Starred(inner) => self.expression(frame, inner),
            ExprKind::Named { name, value } => {
                let value = self.expression(frame, value)?;
                self.bind_name(frame, name, value.clone(), expression.span)?;
                Ok(value)
            }
            ExprKind::Other(what) => Ok(self.unsupported(origin, *what)),
        }
    }

    /// Where a name is bound, and what to.
    pub fn lookup_namespace(&self, frame: &Frame, name: &str) -> Option<(Id, Val)> {
        let scopes = [frame.locals].into_iter().chain(frame.closure.iter().copied()).chain([frame.globals]);
        for scope in scopes {
            if let Some(value) = self.name_in(scope, name)
                && !value.is_missing()
            {
                return Some((scope, value));
            }
        }
        None
    }

    fn name(&mut self, frame: &mut Frame, name: &str, origin: Origin) -> Eval {
        if let Some((_, mut value)) = self.lookup_namespace(frame, name) {
            // What is read was there: a value that may be missing is one of the others.
            if let Kind::OneOf(values) = &value.kind
                && values.iter().any(Val::is_missing)
            {
                let present: Vec<Val> = values.iter().filter(|value| !value.is_missing()).cloned().collect();
                value.kind = match present.as_slice() {
                    [one] => one.kind.clone(),
                    _ => Kind::OneOf(Rc::new(present)),
                };
            }
            return Ok(value);
        }
        if let Some(builtin) = builtin(name) {
            return Ok(Val::new(Kind::Builtin(builtin)));
        }
        for scope in [frame.locals, frame.globals] {
            if let Some(reason) = self.more_of(scope) {
                return Ok(Val::unknown(reason));
            }
        }
        self.raise("NameError", origin, &[], false)
    }

    fn display(&mut self, frame: &mut Frame, expressions: &[Expr]) -> Eval<(Vec<Val>, bool)> {
        let (mut items, mut more) = (Vec::with_capacity(expressions.len()), false);
        for expression in expressions {
            let value = self.expression(frame, expression)?;
            if !matches!(expression.kind, ExprKind::Starred(_)) {
                items.push(value);
                continue;
            }
            match self.iterate(&value) {
                Some((inner, inner_more)) => {
                    self.step(inner.len())?;
                    more |= inner_more;
                    items.extend(inner.into_iter().map(|mut item| {
                        if !value.certain {
                            item.rests_on(&value);
                        }
                        item
                    }));
                }
                None => more = true,
            }
        }
        Ok((items, more))
    }

    /// A set of the different ones among `items`.
    pub fn set_of(&mut self, items: Vec<Val>, more: bool) -> Eval {
        let mut distinct: Vec<Val> = Vec::new();
        for item in items {
            self.step(1 + distinct.len() / 16)?;
            if !distinct.iter().any(|known| equal(&self.heap, known, &item) == Some(true)) {
                distinct.push(item);
            }
        }
        let id = self.items(distinct, more)?;
        Ok(Val::new(Kind::Set(id)))
    }

    fn dict_display(&mut self, frame: &mut Frame, entries: &[DictEntry], origin: Origin) -> Eval {
        let dict = self.dict(Vec::new(), false)?;
        for entry in entries {
            match entry {
                DictEntry::Pair(key, value) => {
                    let key = self.expression(frame, key)?;
                    let value = self.expression(frame, value)?;
                    self.set_item(&dict, &key, value, origin)?;
                }
                DictEntry::Unpack(other) => {
                    let other = self.expression(frame, other)?;
                    self.update_dict(&dict, &other, origin)?;
                }
            }
        }
        Ok(dict)
    }

    /// `a and b`, `a or b`: the operand that decides, which rests on those before it.
    fn bool_op(&mut self, frame: &mut Frame, and: bool, operands: &[Expr]) -> Eval {
        let Some((first, rest)) = operands.split_first() else { return Ok(Val::none()) };
        let mut value = self.expression(frame, first)?;
        for (at, operand) in rest.iter().enumerate() {
            match self.truth(&value) {
                Some(truth) if truth != and => return Ok(value),
                Some(_) => {
                    let before = value;
                    value = self.under(control_of(&before), |evaluator| evaluator.expression(frame, operand))?;
                    value.rests_on(&before);
                    // `os.environ.get("DEBUG") or "x"` is as bare a text as the one before it.
                    if !and && value.raw.is_none() && at + 1 == rest.len() {
                        value.raw = before.raw;
                    }
                }
                None => {
                    let mut unknown = value.clone();
                    for operand in &rest[at..] {
                        let other = self.expression(frame, operand);
                        let Some(other) = self.perhaps(other)? else { return Ok(unknown) };
                        // `x and False` is false, or falsy as `x` is; what is joined may still be known.
                        if and && self.truth(&other) == Some(false) {
                            let falsy = Val::derived(Kind::Bool(false), [&unknown, &other]);
                            return Ok(if matches!(other.kind, Kind::Bool(_)) && is_boolean(&unknown) {
                                falsy
                            } else {
                                Val::either(&unknown, &other)
                            });
                        }
                        unknown = Val::either(&unknown, &other);
                    }
                    return Ok(unknown);
                }
            }
        }
        Ok(value)
    }

    /// What an expression gives that may not be evaluated at all; `None` where the program ends if it is, so that a program
    /// that goes on has another value.
    fn perhaps(&self, ran: Eval) -> Eval<Option<Val>> {
        match ran {
            Ok(value) => Ok(Some(value)),
            Err(Exit::Raise(raised)) if self.would_catch(&raised) => {
                Ok(Some(Val::unsupported("what raises an exception in part of the cases")))
            }
            Err(Exit::Raise(_)) => Ok(None),
            Err(exit) => Err(exit),
        }
    }

    fn conditional(&mut self, frame: &mut Frame, test: &Expr, body: &Expr, otherwise: &Expr) -> Eval {
        let test = self.expression(frame, test)?;
        match self.truth(&test) {
            Some(holds) => {
                let taken = if holds { body } else { otherwise };
                let mut value = self.under(control_of(&test), |evaluator| evaluator.expression(frame, taken))?;
                value.rests_on(&test);
                Ok(value)
            }
            None => {
                let ran = self.expression(frame, body);
                let Some(body) = self.perhaps(ran)? else { return self.expression(frame, otherwise) };
                let ran = self.expression(frame, otherwise);
                let Some(otherwise) = self.perhaps(ran)? else { return Ok(body) };
                let mut value = Val::either(&body, &otherwise);
                value.trail = value.trail.join(&test.trail);
                Ok(value)
            }
        }
    }

    fn comprehension(&mut self, frame: &mut Frame, comprehension: &Comprehension) -> Eval {
        let inner = frame.body(self.heap.new_names(), frame.around());
        let mut inner = Frame { method: frame.method.clone(), ..inner };
        let mut made = Made { items: Vec::new(), more: false, about: Val::none() };
        self.comprehension_clause(&mut inner, comprehension, &comprehension.clauses, &mut made)?;
        let mut value = match comprehension.kind {
            ComprehensionKind::List | ComprehensionKind::Generator => {
                let items = made.items.into_iter().map(|(item, _)| item).collect();
                self.list(items, made.more)?
            }
            ComprehensionKind::Set => self.set_of(made.items.into_iter().map(|(item, _)| item).collect(), made.more)?,
            ComprehensionKind::Dict => {
                let dict = self.dict(Vec::new(), made.more)?;
                let origin = Origin { file: frame.file, span: comprehension.item.span };
                for (key, value) in made.items {
                    self.set_item(&dict, &key, value.unwrap_or_else(Val::none), origin)?;
                }
                dict
            }
        };
        value.rests_on(&made.about);
        Ok(value)
    }

    fn comprehension_clause(
        &mut self,
        frame: &mut Frame,
        comprehension: &Comprehension,
        clauses: &[ComprehensionClause],
        made: &mut Made,
    ) -> Eval<()> {
        let Some((clause, rest)) = clauses.split_first() else {
            let item = self.expression(frame, &comprehension.item)?;
            let value = match &comprehension.value {
                Some(value) => Some(self.expression(frame, value)?),
                None => None,
            };
            self.allocate(size_of::<Val>())?;
            made.items.push((item, value));
            return Ok(());
        };
        let iterable = self.expression(frame, &clause.iterable)?;
        made.about.rests_on(&iterable);
        let Some((items, more)) = self.iterate(&iterable) else {
            made.more = true;
            return Ok(());
        };
        made.more |= more;
        for item in items {
            self.assign(frame, &clause.target, item, clause.target.span)?;
            let mut holds = Some(true);
            for condition in &clause.conditions {
                let condition = self.expression(frame, condition)?;
                let truth = self.truth(&condition);
                if truth != Some(true) || !condition.certain {
                    made.about.rests_on(&condition);
                }
                match truth {
                    Some(true) => {}
                    truth => {
                        holds = truth;
                        break;
                    }
                }
            }
            match holds {
                Some(true) => self.comprehension_clause(frame, comprehension, rest, made)?,
                Some(false) => {}
                None => made.more = true,
            }
        }
        Ok(())
    }

    /// What a value gives when it is iterated: the known items, and whether there may be more. `None` where it is not known at all.
    pub fn iterate(&self, value: &Val) -> Option<(Vec<Val>, bool)> {
        match &value.kind {
            Kind::Tuple(..) | Kind::List(_) | Kind::Set(_) => {
                sequence(&self.heap, value).map(|(items, more)| (items.to_vec(), more))
            }
            Kind::Dict(id) => match self.heap.get(*id) {
                Object::Entries { entries, more } => {
                    Some((entries.iter().map(|(key, _)| key.clone()).collect(), *more))
                }
                _ => None,
            },
            // Its letters are not known.
            Kind::Str(text) if text.contains(super::value::REPOSITORY) => None,
            Kind::Str(text) => {
                let letter = |letter: char| Val::derived(Kind::Str(Rc::from(letter.to_string())), [value]);
                Some((text.chars().map(letter).collect(), false))
            }
            _ => None,
        }
    }

    /// The texts of a list or tuple that is known throughout.
    pub fn known_texts(&self, value: &Val) -> Option<Vec<Rc<str>>> {
        let (items, more) = sequence(&self.heap, value)?;
        if more {
            return None;
        }
        let text = |item: &Val| match &item.kind {
            Kind::Str(text) => Some(text.clone()),
            _ => None,
        };
        items.iter().map(text).collect()
    }

    fn call(&mut self, frame: &mut Frame, call: &Call, origin: Origin) -> Eval {
        let function = self.expression(frame, &call.function)?;
        if let Kind::Builtin(name @ ("globals" | "locals" | "vars" | "exec" | "eval" | "super")) = function.kind {
            return self.call_with_frame(frame, name, call, origin);
        }
        if let Kind::Library(name) = &function.kind
            && &**name == "split_settings.tools.include"
        {
            return self.include_settings(frame, call, origin);
        }
        let mut arguments = Arguments::new(origin);
        for argument in &call.arguments {
            let value = self.expression(frame, argument)?;
            if !matches!(argument.kind, ExprKind::Starred(_)) {
                arguments.positional.push(value);
                continue;
            }
            match self.iterate(&value) {
                Some((items, more)) => {
                    arguments.more |= more;
                    arguments.positional.extend(items);
                }
                None => arguments.more = true,
            }
        }
        for keyword in &call.keywords {
            let value = self.expression(frame, &keyword.value)?;
            match &keyword.name {
                Some(name) => arguments.keywords.push((Rc::from(name.as_str()), value)),
                None => self.unpack_keywords(&value, &mut arguments),
            }
        }
        self.call_value(&function, arguments)
    }

    fn unpack_keywords(&mut self, value: &Val, arguments: &mut Arguments) {
        let entries = match &value.kind {
            Kind::Dict(id) => self.heap.get(*id),
            _ => {
                arguments.more = true;
                return;
            }
        };
        if let Object::Entries { entries, more } = entries {
            arguments.more |= more;
            for (key, value) in entries {
                if let Kind::Str(name) = &key.kind {
                    arguments.keywords.push((name.clone(), value.clone()));
                }
            }
        }
    }
}

/// What a comprehension has made so far.
struct Made {
    items: Vec<(Val, Option<Val>)>,
    more: bool,
    /// Carries the certainty and the trail of what it rests on.
    about: Val,
}

/// Whether a value can only be a bool.
fn is_boolean(value: &Val) -> bool {
    value.choices().iter().all(|value| matches!(value.kind, Kind::Bool(_)))
}
