use super::scope::{Scope, imports_of};
use super::walk;
use crate::parse::python::{Expr, ExprKind, FunctionDef};
use crate::source::{Span, Spanned};
use std::sync::Arc;

/// What `RunPython` is given, forward or back.
#[derive(Clone, Debug, PartialEq)]
pub struct PythonCode {
    /// The whole argument.
    pub span: Span,
    /// The full name of the function; `None` for a lambda or something computed.
    pub name: Option<String>,
    /// `RunPython.noop`, or a lambda in its place.
    pub noop: bool,
    /// The function, where it stands in the same file.
    pub function: Option<Arc<FunctionDef>>,
    /// Models that the function imports or the file does, and the function names: the place of the first use of each,
    /// with the full name.
    pub imported_models: Vec<Spanned<String>>,
}

pub(super) fn python_code<'a>(scope: &Scope<'a>, expression: &'a Expr) -> PythonCode {
    let name = scope.dotted(expression);
    let lambda = matches!(expression.kind, ExprKind::Lambda(_));
    let noop = lambda || name.as_deref().is_some_and(|name| name.ends_with("RunPython.noop"));
    let function = expression.as_name().and_then(|name| scope.function(name)).cloned();
    let imported_models = function.as_ref().map_or_else(Vec::new, |function| models(scope, function));
    PythonCode { span: expression.span, name, noop, function, imported_models }
}

/// The models that `function` gets by import rather than from the state of the migrations.
fn models(scope: &Scope<'_>, function: &FunctionDef) -> Vec<Spanned<String>> {
    let mut own: Vec<(String, String)> = Vec::new();
    let mut found: Vec<Spanned<String>> = Vec::new();
    walk::statements(&function.body, &mut |statement| {
        imports_of(statement, &mut |name, dotted| own.push((name.to_owned(), dotted)));
    });
    walk::expressions(&function.body, &mut |expression| {
        // `Order.objects`: what has a manager is a model.
        let ExprKind::Attribute { object, name } = &expression.kind else { return };
        let Some(head) = object.as_name().filter(|_| name.value == "objects") else { return };
        let assigned =
            walk::assigns(&function.body, head) || function.parameters.iter().any(|parameter| parameter.name == head);
        let here = own.iter().find(|(bound, _)| bound == head).map(|(_, dotted)| dotted.as_str());
        let Some(dotted) = here.or_else(|| scope.import(head)).filter(|_| !assigned) else { return };
        if found.iter().all(|known| known.value != dotted) {
            found.push(Spanned::new(dotted.to_owned(), expression.span));
        }
    });
    found
}
