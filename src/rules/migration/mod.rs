//! Migrations that are still to be deployed, and the graph that all of an app's migrations make.

mod code;
mod columns;
mod graph;
mod locks;
mod removals;
mod renames;
mod sql;
mod types;

use super::{On, rule};
use crate::findings::{Finding, Findings};
use crate::project::migrations::OperationUse;

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("migration/column-made-required", On::Operation(columns::column_made_required)),
    rule("migration/column-removed", On::Operation(removals::column_removed)),
    rule("migration/column-renamed", On::Operation(renames::column_renamed)),
    rule("migration/column-type-loses-data", On::Operation(types::column_type_loses_data)),
    rule("migration/column-type-rewritten", On::Operation(types::column_type_rewritten)),
    rule("migration/concurrent-in-transaction", On::Operation(locks::concurrent_in_transaction)),
    rule("migration/constraint-blocks-writes", On::Operation(locks::constraint_blocks_writes)),
    rule("migration/default-in-python-only", On::Operation(columns::default_in_python_only)),
    rule("migration/dependency-missing", On::App(graph::dependency_missing)),
    rule("migration/foreign-key-checked-again", On::Operation(locks::foreign_key_checked_again)),
    rule("migration/index-blocks-writes", On::Operation(locks::index_blocks_writes)),
    rule("migration/irreversible", On::Operation(code::irreversible)),
    rule("migration/model-imported", On::Operation(code::model_imported)),
    rule("migration/new-column-scans-table", On::Operation(locks::new_column_scans_table)),
    rule("migration/package-missing", On::App(graph::package_missing)),
    rule("migration/required-column-without-default", On::Operation(columns::required_column_without_default)),
    rule("migration/several-leaves", On::App(graph::several_leaves)),
    rule("migration/sql-blocks-table", On::Operation(sql::sql_blocks_table)),
    rule("migration/sql-breaks-running-code", On::Operation(sql::sql_breaks_running_code)),
    rule("migration/sql-controls-transaction", On::Operation(sql::sql_controls_transaction)),
    rule("migration/sql-loses-data", On::Operation(sql::sql_loses_data)),
    rule("migration/sql-refused-in-transaction", On::Operation(sql::sql_refused_in_transaction)),
    rule("migration/sql-updates-every-row", On::Operation(sql::sql_updates_every_row)),
    rule("migration/table-removed", On::Operation(removals::table_removed)),
    rule("migration/table-renamed", On::Operation(renames::table_renamed)),
    rule("migration/unique-blocks-writes", On::Operation(locks::unique_blocks_writes)),
    rule("migration/unique-column-with-one-value", On::Operation(columns::unique_column_with_one_value)),
];

/// Reports an operation. What one migration does to one model in several operations is one decision, and one finding.
fn report<'f>(operation: &OperationUse, message: String, findings: &'f mut Findings<'_>) -> &'f mut Finding {
    // The twin that django-simple-history keeps of each model changes along with it.
    let model = operation.model_name().replace(".Historical", ".").to_lowercase();
    findings.report(operation.place(), message).anchor(format!("model {model}"))
}
