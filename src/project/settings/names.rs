//! What statements could do, seen from outside: the names they assign, whether they return.

use super::statements::dotted_target;
use crate::parse::python::{Expr, ExprKind, Stmt, StmtKind};
use std::collections::BTreeSet;

/// The names that statements assign, or whose value they may change (`X.append(…)`, `X["a"] = …`), loops and branches included.
pub(super) fn names_assigned(code: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut pending: Vec<&Stmt> = code.iter().collect();
    while let Some(statement) = pending.pop() {
        match &statement.kind {
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|target| target_names(target, &mut names)),
            StmtKind::AugAssign { target, .. } => target_names(target, &mut names),
            StmtKind::Delete(targets) => targets.iter().for_each(|target| target_names(target, &mut names)),
            StmtKind::Expr(Expr { kind: ExprKind::Call(call), .. }) => {
                if let ExprKind::Attribute { object, .. } = &call.function.kind {
                    // `os.environ.setdefault(…)` changes no setting.
                    let base = dotted_target(object);
                    if base.chars().any(char::is_uppercase) {
                        target_names(object, &mut names);
                    }
                }
            }
            StmtKind::If { tests, otherwise } => {
                tests.iter().for_each(|(_, body)| pending.extend(body));
                pending.extend(otherwise);
            }
            StmtKind::For { target, body, otherwise, .. } => {
                target_names(target, &mut names);
                pending.extend(body.iter().chain(otherwise));
            }
            StmtKind::While { body, otherwise, .. } => pending.extend(body.iter().chain(otherwise)),
            StmtKind::Try { body, handlers, otherwise, finally } => {
                pending.extend(body.iter().chain(otherwise).chain(finally));
                handlers.iter().for_each(|handler| pending.extend(&handler.body));
            }
            StmtKind::With { items, body } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).for_each(|t| target_names(t, &mut names));
                pending.extend(body);
            }
            StmtKind::Match { cases, .. } => cases.iter().for_each(|case| pending.extend(&case.body)),
            StmtKind::FunctionDef(definition) => _ = names.insert(definition.name.value.clone()),
            StmtKind::ClassDef(definition) => _ = names.insert(definition.name.value.clone()),
            StmtKind::Import(aliases) => {
                let bound = |alias: &crate::parse::python::Alias| match &alias.alias {
                    Some(alias) => alias.clone(),
                    None => alias.name.value.split('.').next().unwrap_or("").to_owned(),
                };
                names.extend(aliases.iter().map(bound));
            }
            StmtKind::ImportFrom { names: crate::parse::python::ImportedNames::Names(aliases), .. } => {
                names.extend(aliases.iter().map(|alias| alias.alias.clone().unwrap_or(alias.name.value.clone())));
            }
            _ => {}
        }
    }
    names
}

fn target_names(target: &Expr, names: &mut BTreeSet<String>) {
    let mut pending = vec![target];
    while let Some(target) = pending.pop() {
        match &target.kind {
            ExprKind::Name(name) => _ = names.insert(name.clone()),
            ExprKind::Tuple(items) | ExprKind::List(items) => pending.extend(items),
            ExprKind::Starred(inner) => pending.push(inner),
            ExprKind::Subscript { object, .. } | ExprKind::Attribute { object, .. } => pending.push(object),
            _ => {}
        }
    }
}

/// Whether any name may come from a star import among these statements.
pub(super) fn has_star_import(code: &[Stmt]) -> bool {
    let star = |statement: &Stmt| match &statement.kind {
        StmtKind::ImportFrom { names: crate::parse::python::ImportedNames::Star, .. } => true,
        StmtKind::Try { body, handlers, .. } => {
            has_star_import(body) || handlers.iter().any(|handler| has_star_import(&handler.body))
        }
        StmtKind::If { tests, otherwise } => {
            has_star_import(otherwise) || tests.iter().any(|(_, body)| has_star_import(body))
        }
        _ => false,
    };
    code.iter().any(star)
}

/// Whether statements may leave the function that they stand in.
pub(super) fn may_return(code: &[Stmt]) -> bool {
    let mut pending: Vec<&Stmt> = code.iter().collect();
    while let Some(statement) = pending.pop() {
        match &statement.kind {
            StmtKind::Return(_) => return true,
            StmtKind::If { tests, otherwise } => {
                tests.iter().for_each(|(_, body)| pending.extend(body));
                pending.extend(otherwise);
            }
            StmtKind::For { body, otherwise, .. } | StmtKind::While { body, otherwise, .. } => {
                pending.extend(body.iter().chain(otherwise));
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                pending.extend(body.iter().chain(otherwise).chain(finally));
                handlers.iter().for_each(|handler| pending.extend(&handler.body));
            }
            StmtKind::With { body, .. } => pending.extend(body),
            StmtKind::Match { cases, .. } => cases.iter().for_each(|case| pending.extend(&case.body)),
            _ => {}
        }
    }
    false
}
