use crate::findings::{Finding, Findings};
use crate::parse::sql::{Action, Blocks, Lock, Loss, Name, Work};
use crate::project::migrations::{OperationUse, Refusal};
use crate::rules::Cx;
use crate::source::{Place, Span};

/// Reports what stands at `span` of a migration's SQL. What one migration does to one table is one decision.
fn report<'f>(
    operation: &OperationUse,
    span: Span,
    about: &str,
    message: String,
    findings: &'f mut Findings<'_>,
) -> &'f mut Finding {
    let place = Place::new(operation.path.clone(), span);
    findings.report(place, message).anchor(format!("SQL on {about}"))
}

/// `migration/sql-blocks-table`
pub fn sql_blocks_table(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for lock in operation.sql.locks.iter().filter(|_| operation.database.is_postgres()) {
        let table = lock.table.as_ref().map_or_else(|| "the table".to_owned(), |table| format!("`{table}`"));
        let why = match lock.work {
            Work::Index => "while an index is built",
            Work::Scan => "while each row is read",
            Work::Refresh => "while its query runs",
            Work::Held => "until the migration ends",
            Work::Rewrite | Work::Catalogue => "while all of it is written anew",
        };
        let kept = if lock.blocks == Blocks::All { "read or write" } else { "write to" };
        let message = format!("`{}`: nobody can {kept} {table} {why}", lock.words);
        report(operation, lock.span, &table, message, findings).help(way_round(lock));
    }
}

/// What does the same beside the traffic.
fn way_round(lock: &Lock) -> &'static str {
    match lock.words {
        "CREATE INDEX" => "use `CREATE INDEX CONCURRENTLY`, in a migration of its own with `atomic = False`",
        "REINDEX" => "use `REINDEX … CONCURRENTLY`, in a migration of its own with `atomic = False`",
        "ADD UNIQUE" => "build the index with `CREATE UNIQUE INDEX CONCURRENTLY` first, then add it `USING INDEX`",
        "ADD CHECK" | "ADD FOREIGN KEY" => "add it `NOT VALID`, and validate it in a later migration",
        "VALIDATE CONSTRAINT" => "validate in a later migration: here the lock of `ADD CONSTRAINT` is still held",
        "SET NOT NULL" => "first add `CHECK (… IS NOT NULL) NOT VALID`, and validate it in a later migration",
        "ADD COLUMN" => "add the bare column, fill it in batches, and add the rest in later migrations",
        "ALTER COLUMN TYPE" => "add a column of the new type, fill it in batches, and let the code change over",
        "REFRESH MATERIALIZED VIEW" => "give the view a unique index, and refresh it `CONCURRENTLY`",
        "LOCK TABLE" => "lock the rows that are meant with `SELECT … FOR UPDATE`, and keep the migration short",
        _ => "do it outside of the deploy, in a quiet hour",
    }
}

/// `migration/sql-loses-data`
pub fn sql_loses_data(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let later = "take it out of the models alone, deploy, and drop it in a later release, after a backup";
    for loss in &operation.sql.losses {
        let (message, help) = match &loss.value {
            Loss::Table(table) => (format!("`{table}` is dropped, which the running release still has"), later),
            Loss::Column(table, column) => {
                (format!("`{column}` of `{table}` is dropped, which the running release still has"), later)
            }
            Loss::Rows { table, cascade: true } => (
                format!("every row of `{table}` is deleted, and of each table that refers to it"),
                "name the tables and leave `CASCADE` out; take a backup in the same deploy",
            ),
            Loss::Rows { table, cascade: false } => (
                format!("every row of `{table}` is deleted"),
                "say with `WHERE` which rows go, and take a backup in the same deploy",
            ),
            Loss::Everything(words, name) => {
                (format!("`{words}` takes away all of `{name}`"), "leave this to a person who has a backup at hand")
            }
        };
        let about = loss.table().map_or_else(|| "everything".to_owned(), Name::to_string);
        report(operation, loss.span, &about, message, findings).help(help);
    }
}

/// `migration/sql-refused-in-transaction`
pub fn sql_refused_in_transaction(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if operation.database.vendor.is_some() && !operation.database.is_postgres() {
        return;
    }
    for refused in &operation.sql.refused {
        let (words, refusal) = refused.value;
        let (why, help) = match refusal {
            Refusal::Atomic => {
                ("this migration runs in one", "set `atomic = False` on the migration, and let it do nothing else")
            }
            Refusal::SentTogether => {
                ("the statements of one text make one", "give `RunSQL` a list, with one statement in each text")
            }
        };
        let message = format!("`{words}` is refused in a transaction, and {why}");
        report(operation, refused.span, words, message, findings).help(help);
    }
}

/// `migration/sql-controls-transaction`
pub fn sql_controls_transaction(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(first) = operation.sql.transaction_control.first() {
        let message = format!("`{}` meddles with the transaction in which Django runs this migration", first.value);
        report(operation, first.span, "the transaction", message, findings)
            .help("take it out; with `atomic = False` on the migration the SQL can have a transaction of its own");
    }
}

/// `migration/sql-breaks-running-code`
pub fn sql_breaks_running_code(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for rename in &operation.sql.renames {
        let (table, what) = match &rename.value {
            Action::RenameTable { table, to } => (table, format!("`{table}` is renamed to `{}`", to.name)),
            Action::RenameColumn { table, column } => (table, format!("`{column}` of `{table}` is renamed")),
            _ => continue,
        };
        let message = format!("{what}, and the running release goes on asking for the old name");
        report(operation, rename.span, &table.to_string(), message, findings)
            .help("keep the name in the database, and say it in the model with `db_table` or `db_column`");
    }
    // MySQL fills in a value of its own.
    for column in operation.sql.failing_columns.iter().filter(|_| !operation.database.is_mysql()) {
        let (name, table) = (&column.name, &column.table);
        let message = format!("`{name}` is required and has no default: it cannot be added once `{table}` has a row");
        report(operation, column.span, &table.to_string(), message, findings)
            .help("give it a `DEFAULT`, which serves the running release too, or let it be NULL at first");
    }
}

/// `migration/sql-updates-every-row`
pub fn sql_updates_every_row(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for table in &operation.sql.updated {
        let message = format!("every row of `{}` is updated in one statement, and locked until it ends", table.value);
        report(operation, table.span, &table.to_string(), message, findings)
            .help("update in batches by primary key, each in a transaction of its own, with `atomic = False`");
    }
}
