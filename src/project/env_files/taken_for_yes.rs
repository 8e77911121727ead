//! Texts that say no and are tested as they are, so that they count as yes: `if USE_CACHE:`, where `USE_CACHE` is "False".

use crate::parse::python::{Expr, ExprKind, Stmt, StmtKind, UnaryOperator};
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::environment::Lookup;
use crate::project::settings::PyValue;
use crate::project::value::{Act, Step};
use crate::source::Place;
use crate::tree::Snapshot;

/// A test of a text that says no.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenForYes {
    /// The variable.
    pub variable: String,
    /// Its text.
    pub text: String,
    /// What is tested.
    pub tested: Place,
    /// How the variable comes to its text.
    pub trail: Vec<Step>,
}

/// Words that a person writes to turn something off.
pub fn says_no(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off" | "n" | "f" | "none" | "null")
}

/// The tests at the top of a process's settings modules that take a no for a yes; each variable once.
pub fn taken_for_yes(snapshot: &Snapshot, service: &Service, django: &DjangoProcess) -> Vec<TakenForYes> {
    let mut found: Vec<TakenForYes> = Vec::new();
    for path in &django.settings.modules_read {
        let Ok(parsed) = snapshot.python(path) else { continue };
        for tested in tests(&parsed.0.body) {
            let told = of_setting(django, tested).or_else(|| of_variable(service, tested));
            let Some((variable, text, trail)) = told else { continue };
            if found.iter().all(|known| known.variable != variable) {
                found.push(TakenForYes { variable, text, tested: Place::new(path.clone(), tested.span), trail });
            }
        }
    }
    found
}

/// What `if` tests by itself, `not`, `and` and `or` taken off, in the statements that are not in functions.
fn tests(body: &[Stmt]) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut pending: Vec<&Stmt> = body.iter().rev().collect();
    while let Some(statement) = pending.pop() {
        match &statement.kind {
            StmtKind::If { tests, otherwise } => {
                for (test, body) in tests {
                    bare(test, &mut found);
                    pending.extend(body);
                }
                pending.extend(otherwise);
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                pending.extend(body.iter().chain(otherwise).chain(finally));
                pending.extend(handlers.iter().flat_map(|handler| &handler.body));
            }
            StmtKind::With { body, .. } => pending.extend(body),
            _ => {}
        }
    }
    found
}

fn bare<'e>(test: &'e Expr, found: &mut Vec<&'e Expr>) {
    let mut pending = vec![test];
    while let Some(test) = pending.pop() {
        match &test.kind {
            ExprKind::Unary { operator: UnaryOperator::Not, operand } => pending.push(operand),
            ExprKind::BoolOp { operands, .. } => pending.extend(operands),
            ExprKind::Name(_) | ExprKind::Call(_) | ExprKind::Subscript { .. } => found.push(test),
            _ => {}
        }
    }
}

/// A name that surely holds the text of a variable.
fn of_setting(django: &DjangoProcess, tested: &Expr) -> Option<(String, String, Vec<Step>)> {
    let ExprKind::Name(name) = &tested.kind else { return None };
    let setting = django.settings.values.get(name).filter(|setting| !setting.may_be_absent)?;
    let text = setting.value.value.known().and_then(PyValue::as_str).filter(|text| says_no(text))?;
    let variable = setting.value.trail.iter().find_map(|step| match &step.act {
        Act::Reads(variable) => Some(variable.clone()),
        _ => None,
    })?;
    Some((variable, text.to_owned(), setting.value.trail.clone()))
}

/// `os.environ.get("NAME")`, `os.getenv("NAME")`, `os.environ["NAME"]`.
fn of_variable(service: &Service, tested: &Expr) -> Option<(String, String, Vec<Step>)> {
    let name = match &tested.kind {
        ExprKind::Call(call)
            if matches!(
                call.function.dotted()?.as_str(),
                "os.environ.get" | "os.getenv" | "environ.get" | "getenv"
            ) =>
        {
            call.arguments.first()?.as_str()?
        }
        ExprKind::Subscript { object, index } if matches!(object.dotted()?.as_str(), "os.environ" | "environ") => {
            index.as_str()?
        }
        _ => return None,
    };
    let Lookup::Set(set) = service.process.variables.lookup(name) else { return None };
    let text = set.value.known().filter(|text| says_no(text))?;
    Some((name.to_owned(), text.clone(), set.trail.clone()))
}
