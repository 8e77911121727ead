use super::scope::Scope;
use crate::parse::python::{BinaryOperator, Expr, ExprKind};
use crate::source::{Fragment, FragmentBuilder, Span};

/// How deep names and additions of texts are followed.
const MAX_DEPTH: usize = 32;

/// What `RunSQL` is given, forward or back.
#[derive(Clone, Debug, PartialEq)]
pub struct Sql {
    /// The whole argument.
    pub span: Span,
    /// The texts that are sent, in order, as far as they stand in the file. A text may hold several statements, which
    /// PostgreSQL then gets in one piece.
    pub texts: Vec<Fragment>,
    /// Whether all of it stands in the file. Otherwise it is computed or read from elsewhere.
    pub complete: bool,
    /// Whether values are put into the text by Python: an f-string, `%`, `format`.
    pub interpolated: bool,
    /// `RunSQL.noop`, or an empty text.
    pub noop: bool,
}

pub(super) fn sql<'a>(scope: &Scope<'a>, expression: &'a Expr) -> Sql {
    let mut sql = Sql { span: expression.span, texts: Vec::new(), complete: true, interpolated: false, noop: false };
    let followed = scope.follow(expression);
    if is_noop(scope, followed) {
        sql.noop = true;
        return sql;
    }
    match &followed.kind {
        ExprKind::List(_) | ExprKind::Tuple(_) => {
            let (items, more) = scope.items(followed);
            sql.complete = !more;
            for item in items {
                // `(text, parameters)`
                let text = match &item.kind {
                    ExprKind::Tuple(pair) if !pair.is_empty() => &pair[0],
                    _ => item,
                };
                sql.add(scope, text);
            }
        }
        _ => sql.add(scope, followed),
    }
    sql.noop = sql.complete && sql.texts.iter().all(|text| text.text().trim().is_empty());
    sql
}

/// `migrations.RunSQL.noop`, which is an empty text.
fn is_noop(scope: &Scope<'_>, expression: &Expr) -> bool {
    scope.dotted(expression).is_some_and(|dotted| dotted.ends_with("RunSQL.noop"))
}

impl Sql {
    fn add<'a>(&mut self, scope: &Scope<'a>, expression: &'a Expr) {
        let mut builder = Fragment::builder();
        if self.text(scope, expression, MAX_DEPTH, &mut builder) {
            self.texts.push(builder.finish());
        } else {
            self.complete = false;
        }
    }

    /// Whether the whole text of an expression stands in the file.
    fn text<'a>(
        &mut self,
        scope: &Scope<'a>,
        expression: &'a Expr,
        depth: usize,
        builder: &mut FragmentBuilder,
    ) -> bool {
        // `A = A + "…"` never ends.
        let Some(depth) = depth.checked_sub(1).filter(|_| scope.step()) else { return false };
        let followed = scope.follow(expression);
        match &followed.kind {
            ExprKind::Str { text, bytes: false } if scope.step_over(text.text()) => {
                builder.push_fragment(text);
                true
            }
            ExprKind::Binary { left, operator: BinaryOperator::Add, right } => {
                self.text(scope, left, depth, builder) && self.text(scope, right, depth, builder)
            }
            ExprKind::FString(_) | ExprKind::Binary { operator: BinaryOperator::Mod, .. } => {
                self.interpolated = true;
                false
            }
            ExprKind::Call(call) => match &call.function.kind {
                ExprKind::Attribute { name, object } => match name.value.as_str() {
                    "format" if matches!(object.kind, ExprKind::Str { .. }) => {
                        self.interpolated = true;
                        false
                    }
                    "strip" if call.arguments.is_empty() => self.text(scope, object, depth, builder),
                    "dedent" => call.arguments.first().is_some_and(|inner| self.text(scope, inner, depth, builder)),
                    _ => false,
                },
                ExprKind::Name(name) if name == "dedent" => {
                    call.arguments.first().is_some_and(|inner| self.text(scope, inner, depth, builder))
                }
                _ => false,
            },
            _ => false,
        }
    }
}
