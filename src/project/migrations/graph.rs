//! Who depends on whom. See `MigrationLoader.build_graph` of Django.

use super::app::{App, MissingParent};
use crate::parse::migration::Dependency;
use crate::source::Spanned;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Apps that come with Django, or so often from elsewhere that a folder of that name may be another app.
const OTHERS: &[&str] = &[
    "admin",
    "auth",
    "contenttypes",
    "flatpages",
    "redirects",
    "sessions",
    "sites",
    "account",
    "socialaccount",
    "authtoken",
    "taggit",
    "guardian",
    "reversion",
    "otp_totp",
    "otp_static",
];

/// Finds parents, leaves, missing parents, circles and the order of each app.
pub(super) fn link(apps: &mut [App]) {
    let mut names: Vec<(String, BTreeSet<String>)> = apps.iter().map(|app| (app.label.clone(), modules(app))).collect();
    // A squashed migration may still be named by others; which ones there were is not always to be read.
    for replaced in apps.iter().flat_map(|app| &app.migrations).flat_map(|migration| &migration.file.replaces.items) {
        if let Dependency::On { app, name } = &replaced.value {
            names.iter_mut().filter(|(label, _)| label == app).for_each(|(_, known)| {
                known.insert(name.clone());
            });
        }
    }
    let computed = |app: &App| app.migrations.iter().any(|migration| migration.file.replaces.more);
    names.retain(|(label, _)| !apps.iter().any(|app| app.label == *label && computed(app)));
    for app in apps {
        let at: HashMap<String, usize> =
            app.migrations.iter().enumerate().map(|(index, migration)| (migration.name.clone(), index)).collect();
        let (label, squashed) = (app.label.clone(), squashed(app, &at));
        for index in 0..app.migrations.len() {
            let (parents, missing) = parents(app, index, &at, &names);
            let migration = &mut app.migrations[index];
            let own = |it: &Spanned<Dependency>| matches!(&it.value, Dependency::On { app: on, .. } if *on == label);
            let first = !migration.file.dependencies.more && !migration.file.dependencies.items.iter().any(own);
            migration.initial = migration.file.initial.or(first).unwrap_or(false);
            migration.replaced = squashed.contains_key(&index);
            // Whoever depends on a migration that was squashed depends on what it was squashed into.
            let through = parents.into_iter().map(|parent| *squashed.get(&parent).unwrap_or(&parent));
            migration.parents = through.filter(|parent| *parent != index).collect();
            app.missing.extend(missing);
        }
        order(app);
        app.leaves = leaves(app);
    }
}

/// The names of all modules in an app's folder.
fn modules(app: &App) -> BTreeSet<String> {
    app.migrations.iter().map(|migration| migration.name.clone()).chain(app.unread.iter().cloned()).collect()
}

/// The migrations that were squashed, each with what it was squashed into.
fn squashed(app: &App, at: &HashMap<String, usize>) -> BTreeMap<usize, usize> {
    let mut squashed = BTreeMap::new();
    for (index, migration) in app.migrations.iter().enumerate() {
        for replaced in &migration.file.replaces.items {
            if let Dependency::On { app: label, name } = &replaced.value
                && *label == app.label
                && let Some(other) = at.get(name).filter(|other| **other != index)
            {
                squashed.insert(*other, index);
            }
        }
    }
    squashed
}

fn parents(
    app: &App,
    index: usize,
    at: &HashMap<String, usize>,
    names: &[(String, BTreeSet<String>)],
) -> (Vec<usize>, Vec<MissingParent>) {
    let migration = &app.migrations[index];
    let (mut parents, mut missing) = (Vec::new(), Vec::new());
    for dependency in &migration.file.dependencies.items {
        let Dependency::On { app: label, name } = &dependency.value else { continue };
        if name.starts_with("__") {
            continue;
        }
        let own = *label == app.label;
        if let Some(parent) = at.get(name).filter(|_| own) {
            parents.push(*parent);
            continue;
        }
        let known = |(other, modules): &(String, BTreeSet<String>)| other == label && modules.contains(name);
        let here = names.iter().filter(|(other, _)| other == label).count() == 1;
        let elsewhere = OTHERS.contains(&label.as_str());
        if here && !elsewhere && !names.iter().any(known) {
            missing.push(MissingParent {
                migration: index,
                app: label.clone(),
                name: name.clone(),
                place: dependency.place(&migration.path),
            });
        }
    }
    (parents, missing)
}

/// Orders the migrations so that parents come first, by name among those that may come next. What is left goes in a
/// circle.
fn order(app: &mut App) {
    let count = app.migrations.len();
    let mut waiting: Vec<usize> = vec![0; count];
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, migration) in app.migrations.iter().enumerate() {
        waiting[index] = migration.parents.len();
        migration.parents.iter().for_each(|parent| children[*parent].push(index));
    }
    let mut ready: BTreeSet<usize> = (0..count).filter(|index| waiting[*index] == 0).collect();
    while let Some(index) = ready.pop_first() {
        app.order.push(index);
        for child in &children[index] {
            waiting[*child] -= 1;
            if waiting[*child] == 0 {
                ready.insert(*child);
            }
        }
    }
    let mut stuck: BTreeSet<usize> = (0..count).filter(|index| waiting[*index] > 0).collect();
    // Those that merely come after the circle are not part of it.
    loop {
        let end = stuck.iter().copied().find(|index| !children[*index].iter().any(|child| stuck.contains(child)));
        match end {
            Some(index) => stuck.remove(&index),
            None => break,
        };
    }
    app.cycle = stuck.into_iter().collect();
}

fn leaves(app: &App) -> Vec<usize> {
    let live = |index: &usize| !app.migrations[*index].replaced;
    let all: Vec<usize> = (0..app.migrations.len()).filter(live).collect();
    let computed = |index: &usize| app.migrations[*index].file.dependencies.more;
    let root = |index: &usize| app.migrations[*index].parents.is_empty();
    // Several without a parent: the label is another, or what is missing would join them.
    let roots = all.iter().filter(|index| root(index)).count();
    if !app.unread.is_empty() || all.iter().any(computed) || roots > 1 {
        return Vec::new();
    }
    let has_child = |index: &usize| all.iter().any(|other| app.migrations[*other].parents.contains(index));
    all.iter().copied().filter(|index| !has_child(index)).collect()
}
