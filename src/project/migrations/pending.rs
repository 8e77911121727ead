//! Which migrations are still to be deployed. See `docs/configuration.md`, "Which migrations are new".

use super::app::App;
use crate::config::LastApplied;
use crate::project::django::DjangoProject;
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// The last migration of an app is taken for new where Django made it so many days before the newest of the project.
const DAYS_OF_LEAF: i64 = 7;
/// Any migration is, where it is so close to the newest.
const DAYS: i64 = 2;

/// Marks the migrations that are taken for new. `since` names the last one that is old, by app.
pub(super) fn mark(apps: &mut [App], projects: &[DjangoProject], since: &[LastApplied]) {
    let mut newest: BTreeMap<RepoPath, i64> = BTreeMap::new();
    for app in apps.iter() {
        for day in app.migrations.iter().filter_map(|migration| Some(migration.file.generated?.day)) {
            let known = newest.entry(project_of(app, projects)).or_insert(day);
            *known = day.max(*known);
        }
    }
    for app in apps {
        let pending: Vec<usize> = match since.iter().find(|last| *last.app == app.label) {
            Some(last) => after(app, &last.migration),
            None => recent(app, newest.get(&project_of(app, projects)).copied()),
        };
        pending.into_iter().for_each(|index| app.migrations[index].pending = !app.migrations[index].replaced);
    }
}

/// The newest version of Django that made a migration.
pub(super) fn django(apps: &[App]) -> Option<(u32, u32)> {
    apps.iter().flat_map(|app| &app.migrations).filter_map(|migration| Some(migration.file.generated?.django)).max()
}

/// The project that an app is part of: the innermost above it.
pub(super) fn project_of(app: &App, projects: &[DjangoProject]) -> RepoPath {
    let above = projects.iter().filter(|project| app.folder.is_under(&project.root));
    above.map(|project| project.root.clone()).max_by_key(|root| root.as_str().len()).unwrap_or_else(RepoPath::root)
}

/// All but the migration that `last` names and those before it. As with `manage.py migrate`, the beginning of a name is
/// enough, and `zero` is before the first.
fn after(app: &App, last: &str) -> Vec<usize> {
    let mut old = BTreeSet::new();
    let named = |index: &usize| last != "zero" && app.migrations[*index].name.starts_with(last);
    let mut look: Vec<usize> = (0..app.migrations.len()).filter(named).collect();
    while let Some(index) = look.pop() {
        if old.insert(index) {
            look.extend(&app.migrations[index].parents);
        }
    }
    if old.is_empty() && last != "zero" {
        // A name that is not there says nothing about what is.
        return Vec::new();
    }
    (0..app.migrations.len()).filter(|index| !old.contains(index)).collect()
}

/// The migrations of the last days. One without a date is as new as the newest before it; where no migration of the
/// project has a date, the last of each app is new.
fn recent(app: &App, newest: Option<i64>) -> Vec<usize> {
    let is_leaf = |index: &usize| !app.migrations.iter().any(|other| other.parents.contains(index));
    let Some(newest) = newest else { return (0..app.migrations.len()).filter(is_leaf).collect() };
    let mut days: Vec<Option<i64>> = vec![None; app.migrations.len()];
    for index in &app.order {
        let migration = &app.migrations[*index];
        let before = migration.parents.iter().filter_map(|parent| days[*parent]).max();
        days[*index] = migration.file.generated.map(|generated| generated.day).or(before);
    }
    let recent = |index: &usize| {
        let age = days[*index].map(|day| newest - day);
        age.is_some_and(|age| age <= DAYS || age <= DAYS_OF_LEAF && is_leaf(index))
    };
    (0..app.migrations.len()).filter(recent).collect()
}
