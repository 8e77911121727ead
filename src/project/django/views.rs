//! Functions of the project that a setting names by their dotted path.

use crate::parse::python::{FunctionDef, Parameter, ParameterKind, Stmt, StmtKind};
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;
use std::sync::Arc;

/// What a dotted path leads to, as far as the repository tells.
#[derive(Clone, Debug)]
pub enum View {
    /// The function that stands there.
    Function(Place, Arc<FunctionDef>),
    /// The module is not there, or has nothing of that name.
    Missing(RepoPath),
}

/// Follows a dotted path from the root of a project; `None` where it leads out of the repository or is not plain.
pub fn find(snapshot: &Snapshot, root: &RepoPath, dotted: &str) -> Option<View> {
    let (module, name) = dotted.rsplit_once('.')?;
    let folder = module.replace('.', "/");
    let candidates = [format!("{folder}.py"), format!("{folder}/__init__.py")].map(|path| root.join(&path));
    let mut files = candidates.iter().flatten();
    let Some(file) = files.find(|path| snapshot.tree().entry(path).is_some()).cloned() else {
        // A package of the repository without that module; any other may be installed.
        let package = root.join(&format!("{}/__init__.py", module.split('.').next()?))?;
        return snapshot.tree().entry(&package).and(candidates.into_iter().flatten().next()).map(View::Missing);
    };
    let parsed = snapshot.python(&file).ok()?;
    // Whatever is imported, assigned or made under a condition may be it.
    let defines = |statement: &Stmt| match &statement.kind {
        StmtKind::FunctionDef(function) if function.name.value == name => Some(Arc::clone(function)),
        _ => None,
    };
    match parsed.0.body.iter().rev().find_map(defines) {
        Some(function) => Some(View::Function(function.name.place(&file), function)),
        None => {
            let source = snapshot.source(&file).ok()?;
            let speaks = source.text.contains(name) || source.text.contains("import *");
            (!speaks).then_some(View::Missing(file))
        }
    }
}

impl View {
    /// Whether a function surely takes one argument by position and those by name, as Django calls it.
    pub fn takes(function: &FunctionDef, named: &str) -> Option<bool> {
        // A decorator may put another function in its place.
        if !function.decorators.is_empty() {
            return None;
        }
        let positional = |it: &&Parameter| matches!(it.kind, ParameterKind::PositionalOnly | ParameterKind::Normal);
        let any = |kind: ParameterKind| function.parameters.iter().any(|it| it.kind == kind);
        let first = function.parameters.iter().find(positional);
        let takes_first = first.is_some() || any(ParameterKind::Positionals);
        let takes_named = any(ParameterKind::Keywords)
            || function.parameters.iter().any(|it| {
                let by_name = matches!(it.kind, ParameterKind::Normal | ParameterKind::KeywordOnly);
                by_name && it.name == named && first.is_none_or(|first| first.name != named)
            });
        Some(takes_first && takes_named)
    }
}
