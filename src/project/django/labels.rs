//! The labels of installed apps: <https://docs.djangoproject.com/en/stable/ref/applications/#configuring-applications>.

use crate::parse::python::{ClassDef, Expr, ExprKind, ImportedNames, Module, Stmt, StmtKind};
use crate::source::RepoPath;
use crate::tree::Snapshot;
use std::sync::Arc;

/// The label under which an entry of `INSTALLED_APPS` registers its app; `None` where it cannot be told: the code is not
/// in the repository, or says more than is followed here.
pub fn label(snapshot: &Snapshot, root: &RepoPath, entry: &str) -> Option<String> {
    if let Some(rest) = entry.strip_prefix("django.contrib.") {
        // None of Django's own has another label than its folder's name.
        return rest.split('.').next().map(str::to_owned);
    }
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    if let Some(package) = package(snapshot, root, entry) {
        let apps = package.join("apps.py")?;
        if snapshot.tree().is_dir(&package.join("apps")?) {
            return None;
        }
        if !snapshot.shares(&apps) {
            return Some(last(entry));
        }
        return match default_configuration(&*parsed(snapshot, &apps)?)? {
            Some(class) => label_of(&class),
            None => Some(last(entry)),
        };
    }
    let (module, name) = entry.rsplit_once('.')?;
    let path = root.join(&format!("{}.py", module.replace('.', "/")))?;
    let path = if snapshot.shares(&path) { path } else { package(snapshot, root, module)?.join("__init__.py")? };
    let classes = configurations(&*parsed(snapshot, &path)?)?;
    label_of(classes.iter().find(|class| class.name.value == name)?)
}

/// The folder of a package, seen from where the project's modules are imported from.
fn package(snapshot: &Snapshot, root: &RepoPath, dotted: &str) -> Option<RepoPath> {
    let folder = root.join(&dotted.replace('.', "/"))?;
    folder.join("__init__.py").is_some_and(|path| snapshot.shares(&path)).then_some(folder)
}

fn parsed(snapshot: &Snapshot, path: &RepoPath) -> Option<Arc<Module>> {
    snapshot.python(path).ok().filter(|parsed| parsed.1.is_empty()).map(|parsed| parsed.0.clone())
}

/// The classes of a module that configure apps; `None` where others may be among its names.
fn configurations(module: &Module) -> Option<Vec<Arc<ClassDef>>> {
    let mut classes = Vec::new();
    for statement in &module.body {
        match &statement.kind {
            StmtKind::ClassDef(class) => {
                let own = class.bases.iter().all(|base| {
                    matches!(base.dotted().as_deref(), Some("AppConfig" | "apps.AppConfig" | "django.apps.AppConfig"))
                });
                if !own || !class.decorators.is_empty() {
                    return None;
                }
                if !class.bases.is_empty() {
                    classes.push(class.clone());
                }
            }
            StmtKind::ImportFrom { names: ImportedNames::Star, .. } => return None,
            // Such as `AdminConfig`, which would be a candidate, too.
            StmtKind::ImportFrom { names: ImportedNames::Names(names), .. }
                if names.iter().any(|it| it.name.value != "AppConfig" && it.name.value.ends_with("Config")) =>
            {
                return None;
            }
            StmtKind::If { .. } | StmtKind::Try { .. } | StmtKind::For { .. } | StmtKind::With { .. } => return None,
            _ => {}
        }
    }
    Some(classes)
}

/// The configuration that an app is given which is installed by its name; `Some(None)` where it has none of its own.
fn default_configuration(module: &Module) -> Option<Option<Arc<ClassDef>>> {
    let mut wanted = Vec::new();
    let mut chosen = Vec::new();
    for class in configurations(module)? {
        match assigned(&class.body, "default") {
            None => wanted.push(class),
            Some(value) => match value.kind {
                ExprKind::Bool(true) => {
                    wanted.push(class.clone());
                    chosen.push(class);
                }
                ExprKind::Bool(false) => {}
                _ => return None,
            },
        }
    }
    Some(match (wanted.len(), chosen.len()) {
        (1, _) => wanted.pop(),
        (_, 1) => chosen.pop(),
        (_, 0) => None,
        _ => return None,
    })
}

fn label_of(class: &ClassDef) -> Option<String> {
    let plain = |statement: &Stmt| !matches!(statement.kind, StmtKind::If { .. } | StmtKind::Try { .. });
    if !class.body.iter().all(plain) {
        return None;
    }
    let name = assigned(&class.body, "name")?.as_str()?;
    match assigned(&class.body, "label") {
        Some(label) => label.as_str().map(str::to_owned),
        None => name.rsplit('.').next().map(str::to_owned),
    }
}

/// What a class assigns to a name, last.
fn assigned<'b>(body: &'b [Stmt], name: &str) -> Option<&'b Expr> {
    body.iter().rev().find_map(|statement| match &statement.kind {
        StmtKind::Assign { targets, value, .. } if targets.iter().any(|it| it.as_name() == Some(name)) => Some(value),
        _ => None,
    })
}
