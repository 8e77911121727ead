use crate::parse::migration::{self, Dependency, Migration};
use crate::parse::python::{Module, StmtKind};
use crate::source::{Place, RepoPath, Spanned};
use crate::tree::{FileKind, PathRole, Snapshot, role};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An app and its migrations.
#[derive(Clone, Debug)]
pub struct App {
    /// Its label: that of its `AppConfig`, else that by which its migrations name each other, else its folder's name.
    pub label: String,
    /// The folder of its migrations.
    pub folder: RepoPath,
    /// Whether the folder is a package. Django passes over migrations in a folder that is none.
    pub is_package: bool,
    /// Its migrations, sorted by name.
    pub migrations: Vec<MigrationUse>,
    /// Names of modules in the folder in which no migration could be read.
    pub unread: Vec<String>,
    /// The migrations that no other of the app depends on, squashed ones aside: one, or the app is in conflict. Empty
    /// where it cannot be told.
    pub leaves: Vec<usize>,
    /// What its migrations depend on and is not there.
    pub missing: Vec<MissingParent>,
    /// Migrations that depend on each other in a circle.
    pub cycle: Vec<usize>,
    /// The order in which its migrations are applied, as far as they do not go in a circle.
    pub order: Vec<usize>,
}

/// A dependency on a migration that is not there.
#[derive(Clone, Debug)]
pub struct MissingParent {
    /// The migration that depends.
    pub migration: usize,
    /// The label of the app in which it is looked for.
    pub app: String,
    /// The name that is not there.
    pub name: String,
    /// Where it is named.
    pub place: Place,
}

/// One migration.
#[derive(Clone, Debug)]
pub struct MigrationUse {
    /// Its file.
    pub path: RepoPath,
    /// Its name: that of the file.
    pub name: String,
    /// What it says.
    pub file: Arc<Migration>,
    /// The migrations of the same app that it depends on.
    pub parents: Vec<usize>,
    /// Whether it is among an app's first: it says so, or depends on no other of the app.
    pub initial: bool,
    /// Whether another was squashed from it, which takes its place.
    pub replaced: bool,
    /// Whether it is taken for one that is still to be deployed.
    pub pending: bool,
}

impl MigrationUse {
    /// The place of the migration as a whole: its class.
    pub fn place(&self) -> Place {
        Place::new(self.path.clone(), self.file.span)
    }
}

/// Finds the folders with migrations, sorted.
pub(super) fn find(snapshot: &Snapshot) -> Vec<App> {
    let folders: BTreeSet<RepoPath> =
        snapshot.files_of(FileKind::Migration).filter_map(|entry| entry.path.parent()).filter(is_product).collect();
    let folders: Vec<_> = folders.into_iter().collect();
    folders.par_iter().filter_map(|folder| app(snapshot, folder, &modules(snapshot, folder))).collect()
}

/// Told by the folder alone: `0132_remove_configs_from_test.py` is no test.
fn is_product(folder: &RepoPath) -> bool {
    folder.join("__init__.py").is_some_and(|path| role(&path) == PathRole::Product)
}

/// What Django's loader takes for migrations: every module in the folder whose name does not begin with `_` or `~`.
fn modules(snapshot: &Snapshot, folder: &RepoPath) -> Vec<RepoPath> {
    let entries = snapshot.tree().under(folder).iter().map(|entry| &entry.path);
    let is_module = |path: &&RepoPath| {
        path.parent().as_ref() == Some(folder)
            && path.extension() == Some("py")
            && !path.file_name().starts_with(['_', '~'])
            && snapshot.shares(path)
    };
    entries.filter(is_module).cloned().collect()
}

fn app(snapshot: &Snapshot, folder: &RepoPath, files: &[RepoPath]) -> Option<App> {
    let (mut migrations, mut unread) = (Vec::new(), Vec::new());
    let read: Vec<Result<MigrationUse, String>> = files.par_iter().map(|path| read(snapshot, path)).collect();
    for result in read {
        match result {
            Ok(migration) => migrations.push(migration),
            Err(name) => unread.push(name),
        }
    }
    if migrations.is_empty() {
        return None;
    }
    migrations.sort_by(|a, b| a.name.cmp(&b.name));
    Some(App {
        label: label(snapshot, folder, &migrations),
        is_package: folder.join("__init__.py").is_some_and(|path| snapshot.shares(&path)),
        folder: folder.clone(),
        migrations,
        unread,
        leaves: Vec::new(),
        missing: Vec::new(),
        cycle: Vec::new(),
        order: Vec::new(),
    })
}

/// A migration; the name of a module that is none.
fn read(snapshot: &Snapshot, path: &RepoPath) -> Result<MigrationUse, String> {
    let name = path.file_stem().to_owned();
    let Some(file) = snapshot.python(path).ok().and_then(|parsed| migration::read(&parsed.0)) else { return Err(name) };
    Ok(MigrationUse {
        path: path.clone(),
        name,
        file: Arc::new(file),
        parents: Vec::new(),
        initial: false,
        replaced: false,
        pending: false,
    })
}

fn label(snapshot: &Snapshot, folder: &RepoPath, migrations: &[MigrationUse]) -> String {
    let package = folder.parent().unwrap_or_else(RepoPath::root);
    let configured = package.join("apps.py").and_then(|path| snapshot.python(&path).ok());
    if let Some(label) = configured.and_then(|module| label_of_config(&module.0)) {
        return label;
    }
    let own = package.file_name();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for migration in migrations {
        for Spanned { value, .. } in &migration.file.dependencies.items {
            if let Dependency::On { app, name } = value
                && *name != migration.name
                && migrations.iter().any(|other| other.name == *name)
            {
                *named.entry(app).or_default() += 1;
            }
        }
    }
    let most = named.values().copied().max().unwrap_or(0);
    let best = named.iter().find(|(_, count)| **count == most).map(|(app, _)| *app);
    match best {
        // Most apps have a `0001_initial`: where the folder's name is among them, the others are other apps.
        Some(best) if !named.contains_key(own) => best.to_owned(),
        _ => own.to_owned(),
    }
}

/// `label = "…"` of the only class in `apps.py` that has one.
fn label_of_config(module: &Module) -> Option<String> {
    let mut labels = module.body.iter().filter_map(|statement| match &statement.kind {
        StmtKind::ClassDef(class) => class.body.iter().find_map(|statement| match &statement.kind {
            StmtKind::Assign { targets, value, .. }
                if targets.iter().any(|target| target.as_name() == Some("label")) =>
            {
                value.as_str()
            }
            _ => None,
        }),
        _ => None,
    });
    let first = labels.next()?;
    labels.next().is_none().then(|| first.to_owned())
}
