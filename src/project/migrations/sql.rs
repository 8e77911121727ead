//! What `RunSQL` operations that are still to be deployed do to tables that are in use.

use super::app::App;
use super::fold::OperationUse;
use super::state::{AppState, ModelState};
use crate::parse::migration::{OperationKind, Said, Sql};
use crate::parse::sql::{self, Action, ConstraintKind, Lock, Loss, Name, NewColumn, Script};
use crate::source::Spanned;
use std::collections::BTreeSet;

/// What the SQL of one operation does. Nothing of it is about tables that are made in the same release.
#[derive(Clone, Debug, Default)]
pub struct SqlFacts {
    /// Locks for which users wait while a table is read, indexed or written again, on PostgreSQL.
    pub locks: Vec<Spanned<Lock>>,
    /// Data that goes away: tables and columns of models that the running release has, all rows of a table, databases.
    pub losses: Vec<Spanned<Loss>>,
    /// Tables and columns of the running release that get another name; the statement says which.
    pub renames: Vec<Spanned<Action>>,
    /// Columns that cannot be added, or only to a table without rows.
    pub failing_columns: Vec<Spanned<NewColumn>>,
    /// Statements that PostgreSQL refuses where they stand, by their words, with why.
    pub refused: Vec<Spanned<(&'static str, Refusal)>>,
    /// `BEGIN`, `COMMIT` and `ROLLBACK` inside of the migration's own transaction, by their first word.
    pub transaction_control: Vec<Spanned<&'static str>>,
    /// Tables of which every row is updated in one statement.
    pub updated: Vec<Spanned<Name>>,
}

/// Why a statement is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The migration runs in a transaction.
    Atomic,
    /// The text has other statements, with which it makes up a transaction.
    SentTogether,
}

/// What SQL has to be seen against, of all apps.
#[derive(Debug, Default)]
struct Surroundings {
    /// Tables that migrations make which are still to be deployed.
    made: BTreeSet<String>,
    /// Whether there may be more of them.
    unclear: bool,
    /// Tables of the deployed models, with their columns.
    deployed: Vec<(String, Vec<String>)>,
    /// Columns that SQL keeps NULL out of by a check.
    checked: Vec<(Name, String)>,
}

/// Reads the SQL of `operations`, which are of `apps`.
pub(super) fn read(apps: &[App], operations: &mut [OperationUse]) {
    if !operations.iter().any(|operation| matches!(operation.kind(), OperationKind::RunSql { .. })) {
        return;
    }
    let around = Surroundings::of(apps);
    for operation in operations {
        let OperationKind::RunSql { sql, .. } = operation.kind() else { continue };
        let facts = facts(&scripts(sql), operation.is_atomic(), &around);
        operation.sql = facts;
    }
}

fn scripts(sql: &Sql) -> Vec<Script> {
    sql.texts.iter().map(sql::parse).collect()
}

fn facts(scripts: &[Script], atomic: Option<bool>, around: &Surroundings) -> SqlFacts {
    let mut facts = SqlFacts::default();
    for script in scripts {
        let old = |table: &Name| !around.is_new(table);
        if !script.foreign {
            let held = script.long_locks(atomic == Some(true)).into_iter();
            facts.locks.extend(held.filter(|lock| lock.table.as_ref().is_none_or(old)));
            facts.locks.retain(|lock| !around.is_proven(script, lock));
        }
        facts.losses.extend(script.losses().into_iter().filter(|loss| around.matters(loss)));
        let several = script.statements.len() > 1;
        for (index, action) in script.actions() {
            let here = |table: &Name| old(table) && !script.makes(table, index);
            let refusal = match atomic {
                Some(true) => Some(Refusal::Atomic),
                Some(false) if several => Some(Refusal::SentTogether),
                _ => None,
            };
            if let (Some(words), Some(refusal)) = (action.refuses_transaction(), refusal) {
                facts.refused.push(Spanned::new((words, refusal), action.span));
            }
            match &action.value {
                Action::Transaction(word) if atomic == Some(true) => {
                    facts.transaction_control.push(Spanned::new(word, action.span));
                }
                Action::RenameTable { table, .. } if around.has_table(table) => facts.renames.push(action.clone()),
                Action::RenameColumn { table, column } if around.has_column(table, column) => {
                    facts.renames.push(action.clone());
                }
                Action::AddColumn(column) if column.fails_on_rows() && here(&column.table) => {
                    facts.failing_columns.push(Spanned::new((**column).clone(), action.span));
                }
                Action::Update { table, filtered: false } if here(table) => {
                    facts.updated.push(Spanned::new(table.clone(), action.span));
                }
                _ => {}
            }
        }
    }
    facts
}

impl Surroundings {
    fn of(apps: &[App]) -> Self {
        let mut around = Self::default();
        for app in apps {
            let mut state = AppState::default();
            for migration in app.order.iter().map(|at| &app.migrations[*at]).filter(|migration| !migration.replaced) {
                around.unclear |= migration.pending && migration.file.operations.more;
                for operation in &migration.file.operations.items {
                    match &operation.kind {
                        _ if !migration.pending && operation.effect.on_state() => state.apply(operation, false),
                        kind if migration.pending && operation.effect.on_database() => around.make(&app.label, kind),
                        _ => {}
                    }
                    if let OperationKind::RunSql { sql, .. } = &operation.kind {
                        around.look_at(sql, migration.pending);
                    }
                }
            }
            let tables = state.models().filter_map(|model| Some((table_of(&app.label, model)?, columns_of(model))));
            around.deployed.extend(tables);
        }
        around
    }

    /// Notes the tables that an operation makes, and the beginnings of the names of those beside them.
    fn make(&mut self, app: &str, kind: &OperationKind) {
        match kind {
            OperationKind::CreateModel { name, db_table, .. } => match db_table {
                Said::Is(table) => drop(self.made.insert(table.to_lowercase())),
                Said::Unsaid => drop(self.made.insert(format!("{app}_{}", name.value).to_lowercase())),
                Said::Unclear => self.unclear = true,
            },
            OperationKind::AddField { model, name, .. } => {
                self.made.insert(format!("{app}_{}_{}", model.value, name.value).to_lowercase());
            }
            OperationKind::RenameModel { old, new }
                if self.made.contains(&format!("{app}_{}", old.value).to_lowercase()) =>
            {
                self.made.insert(format!("{app}_{}", new.value).to_lowercase());
            }
            _ => {}
        }
    }

    fn look_at(&mut self, sql: &Sql, pending: bool) {
        self.unclear |= pending && !sql.complete;
        for script in scripts(sql) {
            self.unclear |= pending && script.statements.iter().any(|statement| statement.may_create_table);
            for (_, action) in script.actions() {
                match &action.value {
                    Action::CreateTable(name) | Action::CreateMaterializedView(name) if pending => {
                        self.made.insert(name.name.to_lowercase());
                    }
                    Action::AddConstraint { table, kind: ConstraintKind::Check { not_null: Some(column) }, .. } => {
                        self.checked.push((table.clone(), column.clone()));
                    }
                    _ => {}
                }
            }
        }
    }

    fn has_table(&self, table: &Name) -> bool {
        self.deployed.iter().any(|(name, _)| name.eq_ignore_ascii_case(&table.name))
    }

    fn has_column(&self, table: &Name, column: &str) -> bool {
        let named = |name: &String| name.eq_ignore_ascii_case(column);
        self.deployed.iter().any(|(name, columns)| name.eq_ignore_ascii_case(&table.name) && columns.iter().any(named))
    }

    /// Whether a table is made in the release, or may be, where that cannot be told. One for many-to-many relations is
    /// named after its model's.
    fn is_new(&self, table: &Name) -> bool {
        let name = table.name.to_lowercase();
        let made = || {
            self.made
                .iter()
                .any(|made| name.strip_prefix(made).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')))
        };
        if table.is_hole {
            return self.unclear || !self.made.is_empty();
        }
        !self.has_table(table) && (self.unclear || made())
    }

    /// Whether what is lost is missed: what no model has any more was left behind on purpose, by a release before.
    fn matters(&self, loss: &Loss) -> bool {
        match loss {
            Loss::Table(table) => self.has_table(table),
            Loss::Column(table, column) => self.has_column(table, column),
            Loss::Rows { table, .. } => !self.is_new(table),
            Loss::Everything(..) => true,
        }
    }

    /// Whether the lock is that of `SET NOT NULL` on a column that a check of another migration keeps NULL out of.
    fn is_proven(&self, script: &Script, lock: &Spanned<Lock>) -> bool {
        script.actions().any(|(_, action)| match &action.value {
            Action::SetNotNull { table, column } if action.span == lock.span => {
                self.checked.iter().any(|(on, checked)| on.may_be(table) && checked == column)
            }
            _ => false,
        })
    }
}

/// The name of a model's table, where Django makes it.
fn table_of(app: &str, model: &ModelState) -> Option<String> {
    match &model.db_table {
        _ if model.managed != Some(true) => None,
        Said::Is(table) => Some(table.trim_matches('"').to_owned()),
        Said::Unsaid => Some(format!("{app}_{}", model.name.to_lowercase())),
        Said::Unclear => None,
    }
}

fn columns_of(model: &ModelState) -> Vec<String> {
    let columns = model.fields.iter().filter_map(|state| state.field.as_ref()?.column(&state.name));
    columns.collect()
}
