//! Migrations that are still to be deployed.

mod sql;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("migration/sql-blocks-table", On::Operation(sql::sql_blocks_table)),
    rule("migration/sql-breaks-running-code", On::Operation(sql::sql_breaks_running_code)),
    rule("migration/sql-controls-transaction", On::Operation(sql::sql_controls_transaction)),
    rule("migration/sql-loses-data", On::Operation(sql::sql_loses_data)),
    rule("migration/sql-refused-in-transaction", On::Operation(sql::sql_refused_in_transaction)),
    rule("migration/sql-updates-every-row", On::Operation(sql::sql_updates_every_row)),
];
