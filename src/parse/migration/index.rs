use super::arguments::Arguments;
use super::model::Said;
use super::scope::Scope;
use crate::parse::python::{Expr, ExprKind};
use crate::source::Span;

/// An index as `AddIndex` and `Meta.indexes` have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// The whole call.
    pub span: Span,
    /// The class: `Index`, `GinIndex`, …
    pub class: String,
    /// Its name.
    pub name: Said<String>,
    /// The fields, without the sign for the order; empty where it is made of expressions.
    pub fields: Vec<String>,
    /// Whether it covers only some rows.
    pub partial: bool,
}

/// What a constraint asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// No two rows with the same values.
    Unique,
    /// A condition that each row meets.
    Check,
    /// No two rows that overlap, of PostgreSQL.
    Exclusion,
    /// One of another class.
    Other,
}

/// A constraint as `AddConstraint` and `Meta.constraints` have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// The whole call.
    pub span: Span,
    /// What it asks for.
    pub kind: ConstraintKind,
    /// Its name.
    pub name: Said<String>,
    /// The fields of a unique constraint; empty where it is made of expressions.
    pub fields: Vec<String>,
    /// Whether it covers only some rows, or has other clauses by which Django makes an index of it.
    pub partial: bool,
    /// For a check that is nothing but `field IS NOT NULL`: the field.
    pub not_null: Option<String>,
}

pub(super) fn index<'a>(scope: &Scope<'a>, expression: &'a Expr) -> Option<Index> {
    let ExprKind::Call(call) = &scope.follow(expression).kind else { return None };
    let dotted = scope.dotted(&call.function)?;
    let class = dotted.rsplit('.').next().unwrap_or(&dotted).to_owned();
    let arguments = Arguments::new(scope, call, &[]);
    Some(Index {
        span: expression.span,
        class,
        name: arguments.text("name"),
        fields: names(scope, arguments.get("fields")),
        partial: arguments.value("condition").is_some(),
    })
}

pub(super) fn constraint<'a>(scope: &Scope<'a>, expression: &'a Expr) -> Option<Constraint> {
    let ExprKind::Call(call) = &scope.follow(expression).kind else { return None };
    let dotted = scope.dotted(&call.function)?;
    let kind = match dotted.rsplit('.').next().unwrap_or(&dotted) {
        _ if !dotted.starts_with("django.") => ConstraintKind::Other,
        "UniqueConstraint" => ConstraintKind::Unique,
        "CheckConstraint" => ConstraintKind::Check,
        "ExclusionConstraint" => ConstraintKind::Exclusion,
        _ => ConstraintKind::Other,
    };
    let arguments = Arguments::new(scope, call, &[]);
    let given = |name: &str| arguments.value(name).is_some();
    // `check` until Django 5.1, `condition` since.
    let condition = arguments.get("condition").or_else(|| arguments.get("check"));
    Some(Constraint {
        span: expression.span,
        kind,
        name: arguments.text("name"),
        fields: names(scope, arguments.get("fields")),
        partial: ["condition", "include", "opclasses"].into_iter().any(given) || !call.arguments.is_empty(),
        not_null: condition.filter(|_| kind == ConstraintKind::Check).and_then(|it| not_null(scope, it)),
    })
}

/// `Q(field__isnull=False)`, also as Django writes it: `Q(("field__isnull", False))`.
fn not_null<'a>(scope: &Scope<'a>, condition: &'a Expr) -> Option<String> {
    let ExprKind::Call(call) = &scope.follow(condition).kind else { return None };
    let (key, value) = match (call.arguments.as_slice(), call.keywords.as_slice()) {
        ([], [keyword]) => (keyword.name.as_deref()?, &keyword.value),
        ([pair], []) => match &pair.kind {
            ExprKind::Tuple(pair) => match pair.as_slice() {
                [key, value] => (key.as_str()?, value),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    let field = key.strip_suffix("__isnull")?;
    matches!(value.kind, ExprKind::Bool(false)).then(|| field.to_owned())
}

/// The texts of a list, without the sign of a descending order.
pub(super) fn names<'a>(scope: &Scope<'a>, list: Option<&'a Expr>) -> Vec<String> {
    let Some(list) = list else { return Vec::new() };
    let (items, _) = scope.items(list);
    items.into_iter().filter_map(|item| item.as_str()).map(|name| name.trim_start_matches('-').to_owned()).collect()
}
