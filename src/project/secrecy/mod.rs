//! What reports hide of files: in doubt a value is hidden. What is a secret is told in `src/secrets`.

pub mod credentials;
mod databases;
pub mod leaks;
pub mod superuser;

pub use crate::secrets::judge::{has_password, is_placeholder, is_weak, may_name_secret, names_secret};
pub use crate::secrets::token_in;
pub use crate::secrets::written::{is_secret_file, is_written_secret};

use crate::parse::dockerfile::InstructionKind;
use crate::source::{Fragment, RepoPath, Span};
use crate::tree::{FileKind, Snapshot};

/// The byte ranges of values that are secrets by their name or by their looks, so that no report quotes them.
pub fn spans(snapshot: &Snapshot, path: &RepoPath) -> Vec<Span> {
    let mut spans = named(snapshot, path);
    spans.extend(leaks::spans(snapshot, path));
    spans
}

/// The byte ranges of values whose name may speak of a secret.
fn named(snapshot: &Snapshot, path: &RepoPath) -> Vec<Span> {
    let kind = snapshot.tree().find(path).map(|entry| entry.kind);
    match kind {
        Some(kind) if kind.is_env() => {
            let Ok(parsed) = snapshot.env_file(path) else { return Vec::new() };
            let secret = parsed.0.entries.iter().filter(|entry| may_name_secret(&entry.key));
            secret.filter_map(|entry| Some(entry.value.as_ref()?.span)).collect()
        }
        Some(FileKind::Compose) => {
            let Ok(parsed) = snapshot.compose(path) else { return Vec::new() };
            let services = parsed.0.documents().flat_map(|document| document.services().iter());
            let pairs = services.filter_map(|service| service.environment.as_ref()?.value.as_ref()).flatten();
            let values = pairs.filter(|pair| may_name_secret(&pair.name)).filter_map(|pair| pair.value.as_ref());
            values.filter(|value| !value.text().trim_start().starts_with('$')).map(Fragment::span).collect()
        }
        Some(FileKind::Dockerfile) => {
            let Ok(parsed) = snapshot.dockerfile(path) else { return Vec::new() };
            let instructions = parsed.0.instructions.iter();
            instructions
                .filter_map(|instruction| match &instruction.effective().kind {
                    InstructionKind::Env(pairs) | InstructionKind::Arg(pairs) => Some(pairs),
                    _ => None,
                })
                .flatten()
                .filter(|pair| may_name_secret(&pair.name))
                .filter_map(|pair| Some(pair.value.as_ref()?.span()))
                .collect()
        }
        Some(kind) if kind.is_manifest() => {
            let Ok(parsed) = snapshot.manifest(path, kind) else { return Vec::new() };
            let secret = parsed.0.all_variables().filter(|variable| may_name_secret(&variable.name));
            secret.filter_map(|variable| Some(variable.value.as_ref()?.span())).collect()
        }
        Some(kind) if kind.is_python() => python_secrets(snapshot, path),
        _ => Vec::new(),
    }
}

/// String literals in assignments to names that speak of secrets, and in dictionaries under such keys.
fn python_secrets(snapshot: &Snapshot, path: &RepoPath) -> Vec<Span> {
    use crate::parse::python::{DictEntry, Expr, ExprKind, StmtKind};
    fn literals(expression: &Expr, spans: &mut Vec<Span>) {
        match &expression.kind {
            ExprKind::Str { .. } => spans.push(expression.span),
            ExprKind::Call(call) => {
                // The first argument of a lookup is the variable's name; what follows is its fallback.
                call.arguments.iter().skip(1).for_each(|argument| literals(argument, spans));
                call.keywords.iter().for_each(|keyword| literals(&keyword.value, spans));
            }
            ExprKind::BoolOp { operands, .. } => operands.iter().for_each(|operand| literals(operand, spans)),
            ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().for_each(|item| literals(item, spans)),
            ExprKind::Conditional { body, otherwise, .. } => {
                literals(body, spans);
                literals(otherwise, spans);
            }
            _ => {}
        }
    }
    fn in_containers(expression: &Expr, spans: &mut Vec<Span>) {
        if let ExprKind::Dict(entries) = &expression.kind {
            for entry in entries {
                let DictEntry::Pair(key, value) = entry else { continue };
                if key.as_str().is_some_and(may_name_secret) {
                    literals(value, spans);
                }
                in_containers(value, spans);
            }
        }
    }
    let Ok(parsed) = snapshot.python(path) else { return Vec::new() };
    let mut spans = Vec::new();
    for statement in &parsed.0.body {
        let StmtKind::Assign { targets, value, .. } = &statement.kind else { continue };
        if targets.iter().any(|target| target.as_name().is_some_and(may_name_secret)) {
            literals(value, &mut spans);
        }
        in_containers(value, &mut spans);
    }
    spans
}
