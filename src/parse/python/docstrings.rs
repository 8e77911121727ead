use super::ast::{ExprKind, Module, Stmt, StmtKind};
use crate::source::Span;

impl Module {
    /// The strings that stand alone as statements, at any depth: documentation, and code that was put aside.
    pub fn docstrings(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        collect(&self.body, &mut spans);
        spans
    }
}

/// No deeper than the parser lets statements nest.
fn collect(body: &[Stmt], spans: &mut Vec<Span>) {
    for statement in body {
        match &statement.kind {
            StmtKind::Expr(expression) if matches!(expression.kind, ExprKind::Str { .. }) => {
                spans.push(expression.span)
            }
            StmtKind::FunctionDef(function) => collect(&function.body, spans),
            StmtKind::ClassDef(class) => collect(&class.body, spans),
            StmtKind::If { tests, otherwise } => {
                tests.iter().for_each(|(_, body)| collect(body, spans));
                collect(otherwise, spans);
            }
            StmtKind::For { body, otherwise, .. } | StmtKind::While { body, otherwise, .. } => {
                collect(body, spans);
                collect(otherwise, spans);
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                handlers.iter().for_each(|handler| collect(&handler.body, spans));
                [body, otherwise, finally].into_iter().for_each(|body| collect(body, spans));
            }
            StmtKind::With { body, .. } => collect(body, spans),
            StmtKind::Match { cases, .. } => cases.iter().for_each(|case| collect(&case.body, spans)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn strings_for_readers_are_told_from_values() {
        let text = "'''a'''\nX = 'b'\ndef f(x='c'):\n    'd'\n    if x:\n        try:\n            'e'\n        finally:\n            g('h')\n";
        let spans = super::super::parse(text).0.docstrings();
        assert_eq!(spans.iter().map(|span| &text[span.range()]).collect::<Vec<_>>(), ["'''a'''", "'d'", "'e'"]);
    }
}
