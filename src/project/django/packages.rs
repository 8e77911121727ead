//! The versions of other packages that a project is run with.

use super::versions::{Release, release};
use crate::parse::python_manifest;
use crate::parse::requirements::{self, Condition};
use crate::source::RepoPath;
use crate::tree::{FileKind, PathRole, Snapshot, role};

/// Whether `package` (its normalised name) is surely of that release or a later one: by lock files, else by
/// requirements, of the project at `root`. All that name it have to agree.
pub fn is_since(snapshot: &Snapshot, root: &RepoPath, package: &str, least: Release) -> bool {
    let near = |path: &RepoPath| {
        let folder = path.parent().unwrap_or_else(RepoPath::root);
        (root.is_under(&folder) || folder.is_under(root)) && role(path) == PathRole::Product
    };
    let told = |kind: FileKind| -> Option<bool> {
        let files = snapshot.files_of(kind).map(|entry| &entry.path).filter(|path| near(path));
        let each = files.filter_map(|path| {
            let text = &snapshot.source(path).ok()?.text;
            let conditions = match kind {
                FileKind::LockFile => requirements::conditions(&python_manifest::in_lock_file(text, package)?.value),
                FileKind::Pyproject => python_manifest::in_pyproject(text, package)?.conditions,
                FileKind::Pipfile => python_manifest::in_pipfile(text, package)?.conditions,
                _ => {
                    let file = requirements::parse(text);
                    file.entries.into_iter().find(|entry| entry.normalised() == package)?.conditions
                }
            };
            Some(holds(&conditions, least))
        });
        each.reduce(|one, other| one && other)
    };
    let kinds = [FileKind::LockFile, FileKind::Requirements, FileKind::Pipfile, FileKind::Pyproject];
    kinds.into_iter().find_map(told).unwrap_or(false)
}

/// Whether nothing older meets the conditions.
fn holds(conditions: &[Condition], least: Release) -> bool {
    let from = |it: &Condition| matches!(it.operator.as_str(), "==" | "===" | "~=" | ">=" | ">" | "^" | "~");
    conditions.iter().filter(|it| from(it)).any(|it| release(&it.version).is_some_and(|release| release >= least))
}
