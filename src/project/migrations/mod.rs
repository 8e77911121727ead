//! The migrations of the repository's own apps: their graph, the state that each operation meets, and which of them
//! are still to be deployed.
//!
//! A repository does not say what a server has applied. [`pending`] tells which migrations are taken for new: those
//! after the ones that the configuration names, else those of the last days, counted back from the newest.

mod app;
mod database;
mod facts;
mod fold;
mod graph;
mod pending;
mod sql;
mod state;
#[cfg(test)]
mod tests;

pub use app::{App, MigrationUse, MissingParent};
pub use database::{Database, Vendor};
pub use facts::{Altered, NewColumn, Scan};
pub use fold::OperationUse;
pub use sql::{Refusal, SqlFacts};
pub use state::{FieldState, ModelState, TableAge};

use super::deployment::Deployment;
use super::django::DjangoProject;
use crate::config::suggest::closest;
use crate::config::{Config, LastApplied};
use crate::source::{Span, Spanned};
use crate::tree::Snapshot;
use rayon::prelude::*;

/// All apps with migrations, and the operations that are still to be deployed.
#[derive(Debug, Default)]
pub struct Migrations {
    /// The apps, sorted by folder.
    pub apps: Vec<App>,
    /// The operations of pending migrations that change the database, in the order in which each app applies them.
    /// Migrations that create an app's tables, and squashed ones, are left out.
    pub operations: Vec<OperationUse>,
}

/// A name under `[migrations] since` that nothing in the repository has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misnamed {
    /// Where it stands in the configuration.
    pub span: Span,
    /// What is wrong with it.
    pub message: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

impl Migrations {
    /// The first entry of `since` whose app or migration is not there.
    pub fn misnamed(&self, since: &[LastApplied]) -> Option<Misnamed> {
        since.iter().find_map(|last| {
            let Spanned { value: label, span } = &last.app;
            let mut apps = self.apps.iter().filter(|app| app.label == *label).peekable();
            if apps.peek().is_none() {
                let message = format!("no app `{label}` has migrations");
                let suggestion = closest(label, self.apps.iter().map(|app| app.label.as_str())).map(str::to_owned);
                return Some(Misnamed { span: *span, message, suggestion });
            }
            let Spanned { value: name, span } = &last.migration;
            let names: Vec<&str> = apps.flat_map(|app| &app.migrations).map(|it| it.name.as_str()).collect();
            let known = name == "zero" || names.iter().any(|known| known.starts_with(name.as_str()));
            let message = format!("the app `{label}` has no migration `{name}`");
            let suggestion = closest(name, names).map(str::to_owned);
            (!known).then_some(Misnamed { span: *span, message, suggestion })
        })
    }
}

/// Reads the migrations of each app, and tells who depends on whom.
pub fn read(snapshot: &Snapshot) -> Vec<App> {
    let mut apps = app::find(snapshot);
    graph::link(&mut apps);
    apps
}

/// Tells which migrations of `apps` are still to be deployed, and folds those before them.
pub fn find(mut apps: Vec<App>, config: &Config, projects: &[DjangoProject], deployments: &[Deployment]) -> Migrations {
    pending::mark(&mut apps, projects, &config.migrations_since);
    let django = pending::django(&apps);
    let operations: Vec<Vec<OperationUse>> = apps
        .par_iter()
        .map(|app| fold::operations(app, &database::of_app(app, projects, deployments), django))
        .collect();
    let mut operations: Vec<OperationUse> = operations.into_iter().flatten().collect();
    sql::read(&apps, &mut operations);
    Migrations { apps, operations }
}
