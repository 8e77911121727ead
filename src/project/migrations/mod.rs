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
use crate::config::Config;
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

/// Finds the apps and folds their migrations.
pub fn find(
    snapshot: &Snapshot,
    config: &Config,
    projects: &[DjangoProject],
    deployments: &[Deployment],
) -> Migrations {
    let mut apps = app::find(snapshot);
    graph::link(&mut apps);
    pending::mark(&mut apps, projects, &config.migrations_since);
    let operations: Vec<Vec<OperationUse>> = apps
        .par_iter()
        .map(|app| fold::operations(app, &database::of_app(app, projects, deployments), pending::django(&apps)))
        .collect();
    let mut operations: Vec<OperationUse> = operations.into_iter().flatten().collect();
    sql::read(&apps, &mut operations);
    Migrations { apps, operations }
}
