use super::app::{App, MigrationUse};
use super::database::Database;
use super::sql::SqlFacts;
use super::state::{AppState, FieldState, ModelState, TableAge};
use crate::parse::migration::{Migration, Operation, OperationKind};
use crate::source::{Place, RepoPath};
use std::sync::Arc;

/// An operation that is still to be deployed and changes the database, with what it meets there.
#[derive(Clone, Debug)]
pub struct OperationUse {
    /// The label of its app.
    pub app: String,
    /// The file of its migration.
    pub path: RepoPath,
    /// The name of its migration.
    pub migration: String,
    /// The migration.
    pub file: Arc<Migration>,
    /// Its index among the operations of the migration.
    pub index: usize,
    /// The model that it is about, as it is before; `None` where that is not known.
    pub model: Option<Arc<ModelState>>,
    /// How old the table of that model is.
    pub table: TableAge,
    /// The database.
    pub database: Database,
    /// The newest version of Django that made a migration of the repository: `(5, 2)`.
    pub django: Option<(u32, u32)>,
    /// What its SQL does, where it has any.
    pub sql: SqlFacts,
}

impl OperationUse {
    /// The operation.
    pub fn operation(&self) -> &Operation {
        &self.file.operations.items[self.index]
    }

    /// What it does.
    pub fn kind(&self) -> &OperationKind {
        &self.operation().kind
    }

    /// Its place: what is called.
    pub fn place(&self) -> Place {
        Place::new(self.path.clone(), self.operation().head)
    }

    /// Whether it works on a table that was there before, and that Django manages as far as is known.
    pub fn on_existing_table(&self) -> bool {
        self.table == TableAge::Existing && self.model.as_ref().is_none_or(|model| model.managed == Some(true))
    }

    /// The field `name` of the model as it is before, where it is known and not new itself.
    pub fn existing_field(&self, name: &str) -> Option<&FieldState> {
        self.model.as_ref()?.field(name).filter(|field| !field.new)
    }

    /// The model in reports: `shop.Order`.
    pub fn model_name(&self) -> String {
        let name = self.model.as_ref().map(|model| model.name.as_str()).or_else(|| self.kind().model());
        format!("{}.{}", self.app, name.unwrap_or("?"))
    }

    /// Whether Django's `db_default` is there to be used: from 5.0 on.
    pub fn has_db_default(&self) -> bool {
        self.django.is_some_and(|version| version >= (5, 0))
    }

    /// Whether the migration runs in a transaction; `None` where it cannot be told.
    pub fn is_atomic(&self) -> Option<bool> {
        self.file.atomic.or(true)
    }
}

/// Folds an app's migrations and gives the operations that are still to be deployed.
pub(super) fn operations(app: &App, database: &Database, django: Option<(u32, u32)>) -> Vec<OperationUse> {
    let mut state = AppState::default();
    let mut uses = Vec::new();
    for at in &app.order {
        let migration = &app.migrations[*at];
        if migration.replaced {
            continue;
        }
        if migration.pending && migration.file.operations.more {
            state.lose_track();
        }
        let judged = migration.pending && !migration.initial && migration.file.replaces.items.is_empty();
        for (index, operation) in migration.file.operations.items.iter().enumerate() {
            if judged && operation.effect.on_database() {
                uses.push(used(app, migration, index, &state, database, django));
            }
            if operation.effect.on_state() || matches!(operation.kind, OperationKind::CreateModel { .. }) {
                state.apply(operation, migration.pending);
            }
        }
    }
    uses
}

fn used(
    app: &App,
    migration: &MigrationUse,
    index: usize,
    state: &AppState,
    database: &Database,
    django: Option<(u32, u32)>,
) -> OperationUse {
    let model = migration.file.operations.items[index].kind.model();
    OperationUse {
        app: app.label.clone(),
        path: migration.path.clone(),
        migration: migration.name.clone(),
        file: migration.file.clone(),
        index,
        model: model.and_then(|name| state.model(name)).cloned(),
        table: model.map_or(TableAge::Unknown, |name| state.age(name)),
        database: *database,
        django,
        sql: SqlFacts::default(),
    }
}
