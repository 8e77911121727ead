//! Walks over the bodies of functions.

use crate::parse::python::{BinaryOperator, Expr, ExprKind, Stmt, StmtKind};

/// Visits the statements of a body and of the blocks in it, not those of functions and classes.
pub(super) fn statements<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a Stmt)) {
    for statement in body {
        visit(statement);
        match &statement.kind {
            StmtKind::If { tests, otherwise } => {
                tests.iter().for_each(|(_, body)| statements(body, visit));
                statements(otherwise, visit);
            }
            StmtKind::For { body, otherwise, .. } | StmtKind::While { body, otherwise, .. } => {
                statements(body, visit);
                statements(otherwise, visit);
            }
            StmtKind::With { body, .. } => statements(body, visit),
            StmtKind::Try { body, handlers, otherwise, finally } => {
                statements(body, visit);
                handlers.iter().for_each(|handler| statements(&handler.body, visit));
                statements(otherwise, visit);
                statements(finally, visit);
            }
            _ => {}
        }
    }
}

/// Whether `name` is assigned somewhere in a body.
pub(super) fn assigns(body: &[Stmt], name: &str) -> bool {
    let mut found = false;
    statements(body, &mut |statement| {
        found |= match &statement.kind {
            StmtKind::Assign { targets, .. } => targets.iter().any(|target| binds(target, name)),
            StmtKind::For { target, .. } => binds(target, name),
            StmtKind::With { items, .. } => items.iter().any(|(_, to)| to.as_ref().is_some_and(|to| binds(to, name))),
            _ => false,
        };
    });
    found
}

fn binds(target: &Expr, name: &str) -> bool {
    match &target.kind {
        ExprKind::Name(bound) => bound == name,
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(|item| binds(item, name)),
        _ => false,
    }
}

/// Visits the expressions of a body, the inner ones of calls, attributes and operators included.
pub(super) fn expressions<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a Expr)) {
    statements(body, &mut |statement| match &statement.kind {
        StmtKind::Assign { value, .. } | StmtKind::AugAssign { value, .. } | StmtKind::Expr(value) => {
            expression(value, visit);
        }
        StmtKind::For { iterable, .. } => expression(iterable, visit),
        StmtKind::While { test, .. } => expression(test, visit),
        StmtKind::If { tests, .. } => tests.iter().for_each(|(test, _)| expression(test, visit)),
        StmtKind::With { items, .. } => items.iter().for_each(|(item, _)| expression(item, visit)),
        StmtKind::Return(Some(value)) => expression(value, visit),
        _ => {}
    });
}

fn expression<'a>(at: &'a Expr, visit: &mut impl FnMut(&'a Expr)) {
    visit(at);
    match &at.kind {
        ExprKind::Call(call) => {
            expression(&call.function, visit);
            call.arguments.iter().for_each(|argument| expression(argument, visit));
            call.keywords.iter().for_each(|keyword| expression(&keyword.value, visit));
        }
        ExprKind::Attribute { object, .. } => expression(object, visit),
        ExprKind::Subscript { object, index } => {
            expression(object, visit);
            expression(index, visit);
        }
        ExprKind::Binary {
            left,
            right,
            operator: BinaryOperator::Add | BinaryOperator::BitOr | BinaryOperator::Sub,
        } => {
            expression(left, visit);
            expression(right, visit);
        }
        ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) => {
            items.iter().for_each(|item| expression(item, visit));
        }
        ExprKind::BoolOp { operands, .. } => operands.iter().for_each(|item| expression(item, visit)),
        ExprKind::Unary { operand, .. } | ExprKind::Starred(operand) => expression(operand, visit),
        ExprKind::Comprehension(comprehension) => {
            expression(&comprehension.item, visit);
            comprehension.clauses.iter().for_each(|clause| expression(&clause.iterable, visit));
        }
        _ => {}
    }
}
