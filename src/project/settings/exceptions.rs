//! `try`, and what catches what.

use super::evaluator::{Catches, Control, Evaluator, Exit, Flow, Frame, Raised};
use super::names::{may_return, names_assigned};
use super::object::{Kind, Val};
use super::statements::last_part;
use crate::parse::python::{ExprKind, Handler, Stmt};
use crate::source::Span;
use std::rc::Rc;

/// How often a `try` is run again on the assumption that a variable is set after all.
const MAX_ASSUMPTIONS: usize = 8;

impl Evaluator<'_> {
    pub fn try_statement(
        &mut self,
        frame: &mut Frame,
        body: &[Stmt],
        handlers: &[Handler],
        otherwise: &[Stmt],
        finally: &[Stmt],
    ) -> Flow {
        let catches: Vec<Catches> = handlers.iter().map(|handler| self.catches_of(frame, handler)).collect();
        let import_error = Raised { classes: vec!["ImportError".into()], ..self.probe(frame) };
        let in_doubt = catches.iter().any(|catches| catches.matches(&import_error));
        let outer_fail = self.imports_fail.take();
        let outer_doubt = std::mem::replace(&mut self.import_in_doubt, false);

        self.heap.begin();
        let mut flow = self.try_once(frame, body, handlers, &catches, otherwise);
        if in_doubt && self.import_in_doubt {
            // Whether a library is installed decides: both are possible.
            self.heap.rollback();
            let way = |fails: bool| {
                let catches = &catches;
                move |evaluator: &mut Self, frame: &mut Frame| {
                    evaluator.imports_fail = Some(fails);
                    evaluator.try_once(frame, body, handlers, catches, otherwise)
                }
            };
            flow = self.fork(frame, way(false), way(true));
        } else {
            self.heap.commit();
        }
        self.imports_fail = outer_fail;
        self.import_in_doubt = outer_doubt;
        match self.block(frame, finally) {
            Flow::Normal => flow,
            other => other,
        }
    }

    fn try_once(
        &mut self,
        frame: &mut Frame,
        body: &[Stmt],
        handlers: &[Handler],
        catches: &[Catches],
        otherwise: &[Stmt],
    ) -> Flow {
        for _ in 0..MAX_ASSUMPTIONS {
            self.heap.begin();
            let unresolved = self.unresolved.len();
            let (flow, doubtful) = self.guarded(frame, body, catches);
            if let (Some(at), Some(handler)) = (doubtful, handler_of_doubt(handlers, catches))
                && !matches!(flow, Flow::Exit(_))
            {
                // What is called there may raise, for all that is known: before its statement has an effect.
                self.heap.rollback();
                let raised = self.probe(frame);
                let works = |evaluator: &mut Self, frame: &mut Frame| match evaluator.guarded(frame, body, catches).0 {
                    Flow::Normal => evaluator.block(frame, otherwise),
                    flow => flow,
                };
                let fails =
                    |evaluator: &mut Self, frame: &mut Frame| match evaluator.guarded(frame, &body[..at], catches).0 {
                        Flow::Normal => evaluator.handle(frame, handler, &raised),
                        flow => flow,
                    };
                return self.fork(frame, works, fails);
            }
            let raised = match flow {
                Flow::Exit(Exit::Raise(raised)) => raised,
                flow => {
                    self.heap.commit();
                    return match flow {
                        // What could not be evaluated may raise. `else` asks just that.
                        Flow::Normal
                            if !otherwise.is_empty()
                                && (self.unresolved.len() > unresolved || self.leaves_unknown(frame, body)) =>
                        {
                            let raised = self.probe(frame);
                            let fails = |evaluator: &mut Self, frame: &mut Frame| match handlers.first() {
                                Some(handler) => evaluator.handle(frame, handler, &raised),
                                None => Flow::Normal,
                            };
                            self.fork(frame, |evaluator, frame| evaluator.block(frame, otherwise), fails)
                        }
                        Flow::Normal => self.block(frame, otherwise),
                        flow => flow,
                    };
                }
            };
            let Some(at) = catches.iter().position(|catches| catches.matches(&raised)) else {
                self.heap.commit();
                return Flow::Exit(Exit::Raise(raised));
            };
            let handled = self.handle(frame, &handlers[at], &raised);
            if let (Flow::Exit(Exit::Raise(again)), Some(variable)) = (&handled, &raised.variable)
                && !raised.certain
                && !self.would_catch(again)
                && self.assumed.insert(variable.clone())
            {
                // Without the variable the program ends here: somebody sets it.
                self.heap.rollback();
                continue;
            }
            self.heap.commit();
            if !raised.certain {
                self.weaken_names(frame.locals, body);
                if frame.is_function && (may_return(body) || may_return(&handlers[at].body)) {
                    self.controls.push(Control { certain: false, trail: raised.trail.clone() });
                }
            }
            return handled;
        }
        Flow::Normal
    }

    /// Runs the body of a `try`. The second is the first of its statements that may raise for all that is known.
    fn guarded(&mut self, frame: &mut Frame, body: &[Stmt], catches: &[Catches]) -> (Flow, Option<usize>) {
        let depth = self.handlers.len();
        self.handlers.extend(catches.iter().map(Catches::clone));
        let outer = std::mem::replace(&mut self.may_raise, false);
        let (mut flow, mut doubtful) = (Flow::Normal, None);
        for (at, statement) in body.iter().enumerate() {
            flow = self.statement(frame, statement);
            doubtful = doubtful.or(self.may_raise.then_some(at));
            if !matches!(flow, Flow::Normal) {
                break;
            }
        }
        self.may_raise |= outer;
        self.handlers.truncate(depth);
        (flow, doubtful)
    }

    /// Whether statements have given a name a value that is not known.
    fn leaves_unknown(&self, frame: &Frame, body: &[Stmt]) -> bool {
        names_assigned(body).iter().any(|name| self.name_in(frame.locals, name).is_some_and(|value| value.is_unknown()))
    }

    fn handle(&mut self, frame: &mut Frame, handler: &Handler, raised: &Raised) -> Flow {
        let control = Control { certain: raised.certain, trail: raised.trail.clone() };
        self.under(control, |evaluator| {
            if let Some(name) = &handler.name {
                let exception = Val::new(Kind::Exception(Rc::new(raised.classes.clone())));
                evaluator.set_name(frame.locals, name, exception);
            }
            let outer = frame.handling.replace(raised.clone());
            let flow = evaluator.block(frame, &handler.body);
            frame.handling = outer;
            flow
        })
    }

    /// An exception that stands for no place in particular.
    fn probe(&self, frame: &Frame) -> Raised {
        Raised {
            classes: Vec::new(),
            certain: true,
            trail: Default::default(),
            place: self.place(frame.file, Span::at(0)),
            variable: None,
            deliberate: false,
        }
    }

    fn catches_of(&mut self, frame: &mut Frame, handler: &Handler) -> Catches {
        let Some(exception) = &handler.exception else { return Catches::All };
        let expressions = match &exception.kind {
            ExprKind::Tuple(items) => items.as_slice(),
            _ => std::slice::from_ref(exception),
        };
        let mut names = Vec::new();
        for expression in expressions {
            let value = match &expression.kind {
                ExprKind::Name(_) => self.expression(frame, expression).ok(),
                _ => None,
            };
            match value.as_ref().map(|value| &value.kind) {
                Some(Kind::Class(class)) => names.push(class.name.clone()),
                Some(Kind::Tuple(items, _)) => {
                    for item in items.iter() {
                        if let Kind::Builtin(name) = item.kind {
                            names.push(name.to_owned());
                        }
                    }
                }
                Some(Kind::Library(name)) => names.push(last_part(name).to_owned()),
                _ => names.extend(expression.dotted().map(|dotted| last_part(&dotted).to_owned())),
            }
        }
        Catches::Classes(names)
    }

    /// Whether a `try` around the running code, in this function or a caller, catches an exception.
    pub fn would_catch(&self, raised: &Raised) -> bool {
        self.handlers.iter().any(|catches| catches.matches(raised))
    }

    /// Whether a `try` around the running code catches exceptions of a built-in class.
    pub fn catches(&self, class: &str) -> bool {
        self.handlers.iter().any(|catches| catches.matches_class(class))
    }
}

impl Clone for Catches {
    fn clone(&self) -> Self {
        match self {
            Catches::All => Catches::All,
            Catches::Classes(names) => Catches::Classes(names.clone()),
        }
    }
}

impl Catches {
    pub fn matches(&self, raised: &Raised) -> bool {
        raised.classes.iter().any(|class| self.matches_class(class))
    }

    fn matches_class(&self, class: &str) -> bool {
        match self {
            Catches::All => true,
            Catches::Classes(names) => names.iter().any(|name| is_subclass(class, name)),
        }
    }
}

/// The handler that an exception of which nothing is known comes to: the first for more than imports and names.
fn handler_of_doubt<'h>(handlers: &'h [Handler], catches: &[Catches]) -> Option<&'h Handler> {
    const OF_NAMES: [&str; 4] = ["ImportError", "ModuleNotFoundError", "NameError", "SyntaxError"];
    let doubtful = |catches: &Catches| match catches {
        Catches::All => true,
        Catches::Classes(names) => names.iter().any(|name| !OF_NAMES.contains(&name.as_str())),
    };
    handlers.iter().zip(catches).find(|(_, catches)| doubtful(catches)).map(|(handler, _)| handler)
}

/// Whether an exception class is another, or derives from it: <https://docs.python.org/3/library/exceptions.html>.
fn is_subclass(class: &str, base: &str) -> bool {
    if class == base || base == "BaseException" {
        return true;
    }
    let parent = match class {
        "KeyError" | "IndexError" => "LookupError",
        "ModuleNotFoundError" => "ImportError",
        "FileNotFoundError" | "PermissionError" | "IsADirectoryError" | "IOError" | "EnvironmentError" => "OSError",
        "OSError" if matches!(base, "IOError" | "EnvironmentError") => return true,
        "UnboundLocalError" => "NameError",
        "JSONDecodeError" | "UnicodeDecodeError" | "UnicodeError" => "ValueError",
        "ZeroDivisionError" | "OverflowError" => "ArithmeticError",
        "RecursionError" | "NotImplementedError" => "RuntimeError",
        "SystemExit" | "KeyboardInterrupt" | "GeneratorExit" | "Exception" => return false,
        _ => "Exception",
    };
    is_subclass(parent, base)
}
