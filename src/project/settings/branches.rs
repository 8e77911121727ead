//! Statements that decide which way the program goes.

use super::equality::equal;
use super::evaluator::{Catches, Control, Eval, Evaluator, Exit, Flow, Frame};
use super::libraries::PREFIXED;
use super::names::may_return;
use super::object::{Kind, Val};
use super::statements::last_part;
use crate::parse::python::{Case, Expr, ExprKind, Pattern, Stmt};
use crate::project::value::Reason;
use crate::source::Span;

/// A loop that turns more often than this is not followed to its end.
const MAX_TURNS: usize = 10_000;

impl Evaluator<'_> {
    /// `if`: the body of the first test that holds. Each test before it is a reason for what follows.
    pub fn if_statement(&mut self, frame: &mut Frame, tests: &[(Expr, Vec<Stmt>)], otherwise: &[Stmt]) -> Flow {
        let Some(((test, body), rest)) = tests.split_first() else { return self.block(frame, otherwise) };
        let value = match self.expression(frame, test) {
            Ok(value) => value,
            Err(exit) => return Flow::Exit(exit),
        };
        let rest_of_it = |evaluator: &mut Self, frame: &mut Frame| {
            let run = evaluator.deeper(|evaluator| evaluator.if_statement(frame, rest, otherwise));
            run.unwrap_or(Flow::Normal)
        };
        let flow = match self.truth(&value) {
            Some(holds) if value.certain => {
                let control = control_of(&value);
                self.under(
                    control,
                    |evaluator| {
                        if holds { evaluator.block(frame, body) } else { rest_of_it(evaluator, frame) }
                    },
                )
            }
            Some(holds) => self.by_default(frame, &value, holds, test, body, rest, otherwise),
            None => {
                self.undecided(frame, test, &value);
                self.fork(frame, |evaluator, frame| evaluator.block(frame, body), rest_of_it)
            }
        };
        // Where the function could have ended here, all that follows in it rests on the test.
        let ends = || may_return(body) || may_return(otherwise) || rest.iter().any(|(_, body)| may_return(body));
        if matches!(flow, Flow::Normal) && frame.is_function && ends() && self.truth(&value).is_some() {
            self.controls.push(control_of(&value));
        }
        flow
    }

    fn undecided(&mut self, frame: &Frame, test: &Expr, value: &Val) {
        // A test in a library module that decides nothing of ours is not worth a word; all others are.
        let reason = value.unknown_reason().unwrap_or_else(|| Reason::Unsupported("this condition".into()));
        let place = self.place(frame.file, test.span);
        self.unresolved(place, reason);
    }

    /// The test has a value unless something outside sets a variable: one way is taken, with less certainty, and what
    /// the other would change is less certain too. A way that raises is not the one that a running program takes.
    #[expect(clippy::too_many_arguments, reason = "the parts of one statement")]
    fn by_default(
        &mut self,
        frame: &mut Frame,
        value: &Val,
        holds: bool,
        test: &Expr,
        body: &[Stmt],
        rest: &[(Expr, Vec<Stmt>)],
        otherwise: &[Stmt],
    ) -> Flow {
        let control = control_of(value);
        self.heap.begin();
        let flow = self.under(control.clone(), |evaluator| {
            if holds { evaluator.block(frame, body) } else { evaluator.if_statement(frame, rest, otherwise) }
        });
        if let Flow::Exit(Exit::Raise(raised)) = &flow
            && raised.deliberate
            && !self.would_catch(raised)
        {
            self.heap.rollback();
            self.take_for_set(frame, test);
            return self.under(control, |evaluator| {
                if holds { evaluator.if_statement(frame, rest, otherwise) } else { evaluator.block(frame, body) }
            });
        }
        self.heap.commit();
        let namespace = frame.locals;
        if holds {
            rest.iter().for_each(|(_, body)| self.weaken_names(namespace, body));
            self.weaken_names(namespace, otherwise);
        } else {
            self.weaken_names(namespace, body);
        }
        flow
    }

    /// The program stops unless the names in `test` get other values: somebody sets their variables.
    fn take_for_set(&mut self, frame: &mut Frame, test: &Expr) {
        for name in names_read(test) {
            let Some(value) = self.lookup_namespace(frame, &name) else { continue };
            let (namespace, value) = value;
            if let (false, Some(variable)) = (value.certain, value.trail.variable()) {
                let unknown = Val::unknown(Reason::OutsideVariable(variable.to_owned()));
                self.set_name(namespace, &name, unknown.with_trail(value.trail.clone()));
            }
        }
    }

    /// Runs something whose outcome rests on a test.
    pub fn under<T>(&mut self, control: Control, run: impl FnOnce(&mut Self) -> T) -> T {
        if control.certain && control.trail.is_empty() {
            return run(self);
        }
        let at = self.controls.len();
        self.controls.push(control);
        let result = run(self);
        // What was pushed after it stays until the function ends.
        if at < self.controls.len() {
            self.controls.remove(at);
        }
        result
    }

    /// Goes both ways, and leaves what is true after either.
    pub fn fork(
        &mut self,
        frame: &mut Frame,
        one: impl FnOnce(&mut Self, &mut Frame) -> Flow,
        other: impl FnOnce(&mut Self, &mut Frame) -> Flow,
    ) -> Flow {
        let controls = self.controls.len();
        self.heap.begin();
        let flow_a = one(self, frame);
        self.controls.truncate(controls);
        let changes_a = self.heap.rollback();
        if matches!(flow_a, Flow::Exit(Exit::Stop)) {
            self.heap.apply(changes_a);
            return flow_a;
        }
        self.heap.begin();
        let flow_b = other(self, frame);
        self.controls.truncate(controls);
        let changes_b = self.heap.rollback();
        match (flow_a, flow_b) {
            (flow, Flow::Exit(Exit::Stop)) => {
                self.heap.apply_either(changes_a, changes_b);
                drop(flow);
                Flow::Exit(Exit::Stop)
            }
            // The way that raises is not the one of a program that runs.
            (Flow::Exit(Exit::Raise(_)), flow) => {
                self.heap.apply(changes_b);
                flow
            }
            (flow, Flow::Exit(Exit::Raise(_))) => {
                self.heap.apply(changes_a);
                flow
            }
            (Flow::Return(a), Flow::Return(b)) => {
                self.heap.apply_either(changes_a, changes_b);
                Flow::Return(Val::either(&a, &b))
            }
            (Flow::Return(value), flow) => {
                frame.pending.push(value);
                self.heap.apply(changes_b);
                flow
            }
            (flow, Flow::Return(value)) => {
                frame.pending.push(value);
                self.heap.apply(changes_a);
                flow
            }
            (Flow::Normal, Flow::Normal) => {
                self.heap.apply_either(changes_a, changes_b);
                Flow::Normal
            }
            _ => {
                frame.loop_uncertain = true;
                self.heap.apply_either(changes_a, changes_b);
                Flow::Normal
            }
        }
    }

    /// Runs something that may happen any number of times, or never.
    pub fn repeated(&mut self, reason: &Reason, run: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let controls = self.controls.len();
        self.heap.begin();
        let flow = run(self);
        self.controls.truncate(controls);
        let changes = self.heap.rollback();
        self.heap.apply_repeated(changes, reason);
        match flow {
            Flow::Exit(Exit::Stop) => flow,
            _ => Flow::Normal,
        }
    }

    pub fn for_statement(
        &mut self,
        frame: &mut Frame,
        target: &Expr,
        iterable: &Expr,
        body: &[Stmt],
        otherwise: &[Stmt],
    ) -> Flow {
        let value = match self.expression(frame, iterable) {
            Ok(value) => value,
            Err(exit) => return Flow::Exit(exit),
        };
        let (items, more) = self.iterate(&value).unwrap_or((Vec::new(), true));
        let control = control_of(&value);
        self.under(control, |evaluator| {
            let outer = std::mem::replace(&mut frame.loop_uncertain, false);
            for item in items {
                let flow = match evaluator.assign(frame, target, item, iterable.span) {
                    Ok(()) => evaluator.block(frame, body),
                    Err(exit) => Flow::Exit(exit),
                };
                if frame.loop_uncertain {
                    break;
                }
                match flow {
                    Flow::Normal | Flow::Continue => {}
                    Flow::Break => {
                        frame.loop_uncertain = outer;
                        return Flow::Normal;
                    }
                    flow => {
                        frame.loop_uncertain = outer;
                        return flow;
                    }
                }
            }
            if more || frame.loop_uncertain {
                let reason = value
                    .unknown_reason()
                    .unwrap_or_else(|| Reason::Unsupported("a loop whose turns cannot be told".into()));
                let item = Val::unknown(reason.clone()).with_trail(value.trail.clone());
                let flow = evaluator.repeated(&reason, |evaluator| {
                    match evaluator.assign(frame, target, item, iterable.span) {
                        Ok(()) => evaluator.block(frame, body),
                        Err(exit) => Flow::Exit(exit),
                    }
                });
                if let Flow::Exit(_) = flow {
                    return flow;
                }
            }
            frame.loop_uncertain = outer;
            evaluator.block(frame, otherwise)
        })
    }

    pub fn while_statement(
        &mut self,
        frame: &mut Frame,
        test: &Expr,
        body: &[Stmt],
        otherwise: &[Stmt],
        span: Span,
    ) -> Flow {
        let outer = std::mem::replace(&mut frame.loop_uncertain, false);
        for turn in 0.. {
            let value = match self.expression(frame, test) {
                Ok(value) => value,
                Err(exit) => return Flow::Exit(exit),
            };
            let truth = self.truth(&value);
            if truth.is_none() || frame.loop_uncertain || turn >= MAX_TURNS {
                let limit = || Reason::Limit("turns of a loop".into());
                let reason = if turn >= MAX_TURNS { limit() } else { value.unknown_reason().unwrap_or_else(limit) };
                let place = self.place(frame.file, span);
                self.unresolved(place, reason.clone());
                frame.loop_uncertain = outer;
                if turn >= MAX_TURNS {
                    self.forget_names(frame, body, &reason);
                    return Flow::Normal;
                }
                return self.repeated(&reason, |evaluator| evaluator.block(frame, body));
            }
            if truth == Some(false) {
                frame.loop_uncertain = outer;
                return self.block(frame, otherwise);
            }
            match self.under(control_of(&value), |evaluator| evaluator.block(frame, body)) {
                Flow::Normal | Flow::Continue => {}
                Flow::Break => break,
                flow => return flow,
            }
        }
        frame.loop_uncertain = outer;
        Flow::Normal
    }

    pub fn with_statement(
        &mut self,
        frame: &mut Frame,
        items: &[(Expr, Option<Expr>)],
        body: &[Stmt],
        span: Span,
    ) -> Flow {
        let depth = self.handlers.len();
        let prefixed = self.prefixes.len();
        for (item, target) in items {
            let value = match self.expression(frame, item) {
                Ok(value) => value,
                Err(exit) => return Flow::Exit(exit),
            };
            if let Kind::Object(object) = &value.kind
                && &*object.function == "contextlib.suppress"
            {
                let names = object.arguments.iter().filter_map(|argument| match &argument.kind {
                    Kind::Builtin(name) => Some((*name).to_owned()),
                    Kind::Library(name) => Some(last_part(name).to_owned()),
                    Kind::Class(class) => Some(class.name.clone()),
                    _ => None,
                });
                let catches = Catches::Classes(names.collect());
                self.handlers.push(catches);
            }
            if let Kind::Object(object) = &value.kind
                && &*object.function == PREFIXED
                && let Some(prefix) = object.arguments.first()
            {
                self.prefixes.push(prefix.clone());
            }
            if let Some(target) = target
                && let Err(exit) = self.assign(frame, target, value, span)
            {
                return Flow::Exit(exit);
            }
        }
        let flow = self.block(frame, body);
        self.prefixes.truncate(prefixed);
        let own = self.handlers.split_off(depth.min(self.handlers.len()));
        match flow {
            Flow::Exit(Exit::Raise(raised)) if own.iter().any(|catches| catches.matches(&raised)) => Flow::Normal,
            flow => flow,
        }
    }

    pub fn match_statement(&mut self, frame: &mut Frame, subject: &Expr, cases: &[Case]) -> Flow {
        match self.expression(frame, subject) {
            Ok(subject) => self.match_cases(frame, &subject, cases),
            Err(exit) => Flow::Exit(exit),
        }
    }

    fn match_cases(&mut self, frame: &mut Frame, subject: &Val, cases: &[Case]) -> Flow {
        let Some((case, rest)) = cases.split_first() else { return Flow::Normal };
        let matches = match self.pattern_matches(frame, subject, &case.pattern) {
            Ok(matches) => matches,
            Err(exit) => return Flow::Exit(exit),
        };
        if let (Pattern::Capture(name), true) = (&case.pattern, matches != Some(false)) {
            self.set_name(frame.locals, name, subject.clone());
        }
        if matches != Some(false) {
            for name in names_taken_apart(&case.pattern) {
                self.set_name(frame.locals, name, Val::unsupported("a part that a pattern takes"));
            }
        }
        let holds = match (&case.guard, matches) {
            (_, Some(false)) => Some(false),
            (None, matches) => matches,
            (Some(guard), matches) => match self.expression(frame, guard) {
                Ok(value) => match self.truth(&value) {
                    Some(true) if value.certain => matches,
                    Some(false) if value.certain => Some(false),
                    _ => None,
                },
                Err(exit) => return Flow::Exit(exit),
            },
        };
        let rest_of_it = |evaluator: &mut Self, frame: &mut Frame| {
            evaluator.deeper(|evaluator| evaluator.match_cases(frame, subject, rest)).unwrap_or(Flow::Normal)
        };
        match holds {
            Some(holds) => self.under(control_of(subject), |evaluator| {
                if holds { evaluator.block(frame, &case.body) } else { rest_of_it(evaluator, frame) }
            }),
            None => self.fork(frame, |evaluator, frame| evaluator.block(frame, &case.body), rest_of_it),
        }
    }

    fn pattern_matches(&mut self, frame: &mut Frame, subject: &Val, pattern: &Pattern) -> Eval<Option<bool>> {
        Ok(match pattern {
            Pattern::Wildcard | Pattern::Capture(_) => Some(true),
            Pattern::Other(_) => None,
            Pattern::Value(expression) => {
                let value = self.expression(frame, expression)?;
                equal(&self.heap, subject, &value)
            }
            Pattern::Or(choices) => {
                let mut any = Some(false);
                for choice in choices {
                    match self.pattern_matches(frame, subject, choice)? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
        })
    }
}

/// The names that patterns bind which are not followed.
fn names_taken_apart(pattern: &Pattern) -> Vec<&str> {
    match pattern {
        Pattern::Other(names) => names.iter().map(String::as_str).collect(),
        // How deep they go is bounded by the parser.
        Pattern::Or(choices) => choices.iter().flat_map(names_taken_apart).collect(),
        Pattern::Wildcard | Pattern::Capture(_) | Pattern::Value(_) => Vec::new(),
    }
}

/// A test as the reason for what happens after it.
pub(super) fn control_of(value: &Val) -> Control {
    Control { certain: value.certain, trail: value.trail.clone() }
}

/// The names that an expression reads.
fn names_read(expression: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    let mut pending = vec![expression];
    while let Some(expression) = pending.pop() {
        match &expression.kind {
            ExprKind::Name(name) => names.push(name.clone()),
            ExprKind::Unary { operand, .. } => pending.push(operand),
            ExprKind::BoolOp { operands, .. } => pending.extend(operands),
            ExprKind::Compare { left, rest } => {
                pending.push(left);
                pending.extend(rest.iter().map(|(_, operand)| operand));
            }
            ExprKind::Call(call) => pending.extend(&call.arguments),
            ExprKind::Attribute { object, .. } => pending.push(object),
            ExprKind::Named { name, value } => {
                names.push(name.clone());
                pending.push(value);
            }
            _ => {}
        }
    }
    names
}
