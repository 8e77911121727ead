use super::report;
use crate::findings::Findings;
use crate::parse::migration::{ConstraintKind, OperationKind};
use crate::project::migrations::{OperationUse, Scan};
use crate::rules::Cx;

/// `migration/index-blocks-writes`
pub fn index_blocks_writes(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let model = operation.model_name();
    let what = match operation.kind() {
        _ if !operation.database.is_postgres() || !operation.on_existing_table() => return,
        OperationKind::AddIndex { concurrently: false, index, .. } => {
            let name = index.as_ref().and_then(|index| index.name.known());
            name.map_or_else(|| "an index".to_owned(), |name| format!("the index `{name}`"))
        }
        _ => match operation.altered().filter(|altered| altered.becomes_indexed() && !altered.checks_foreign_key()) {
            Some(altered) => format!("an index on `{}`", altered.name),
            None => match operation.added_together(false) {
                Some(group) => format!("an index on `{}`", group.join("`, `")),
                None => return,
            },
        },
    };
    let message = format!("nobody can write to `{model}` while {what} is built");
    report(operation, message, findings)
        .help("use `AddIndexConcurrently`, in a migration of its own with `atomic = False`");
}

/// `migration/unique-blocks-writes`
pub fn unique_blocks_writes(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !operation.database.is_postgres() {
        return;
    }
    let constraint = operation.added_constraint().filter(|constraint| constraint.kind == ConstraintKind::Unique);
    let fields: Vec<&str> = match (constraint, operation.altered().filter(|altered| altered.becomes_unique())) {
        (Some(constraint), _) => constraint.fields.iter().map(String::as_str).collect(),
        (None, Some(altered)) => vec![altered.name],
        (None, None) => match operation.added_together(true) {
            Some(group) => group.iter().map(String::as_str).collect(),
            None => return,
        },
    };
    let what = if fields.is_empty() { String::new() } else { format!(" of `{}`", fields.join("`, `")) };
    let message = format!(
        "nobody can write to `{}` while the unique index{what} is built, and a duplicate ends the migration",
        operation.model_name()
    );
    report(operation, message, findings)
        .help("build the index with `CREATE UNIQUE INDEX CONCURRENTLY` first, then add the constraint `USING INDEX`");
}

/// `migration/constraint-blocks-writes`
pub fn constraint_blocks_writes(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !operation.database.is_postgres() || !operation.on_existing_table() {
        return;
    }
    let two_steps = "use `AddConstraintNotValid`, and `ValidateConstraint` in a later migration";
    let (what, help) = match (operation.added_constraint().map(|constraint| constraint.kind), operation.kind()) {
        (Some(ConstraintKind::Check), _) => ("a new check is proven for each row", two_steps),
        (Some(ConstraintKind::Exclusion), _) => (
            "an exclusion constraint is proven for each row",
            "there is no way to add it beside the traffic: take a quiet hour, and look for overlaps first",
        ),
        (_, OperationKind::ValidateConstraint { .. }) if operation.validates_what_it_locks() => (
            "a constraint is validated in the transaction that adds it",
            "move `ValidateConstraint` to a migration after this one",
        ),
        _ if operation.altered().is_some_and(|altered| altered.becomes_positive()) => (
            "the check that no number is negative is proven for each row",
            "keep the type, and add the check with `AddConstraintNotValid` and `ValidateConstraint`",
        ),
        _ => return,
    };
    let message = format!("nobody can use the table of `{}` while {what}", operation.model_name());
    report(operation, message, findings).help(help);
}

/// `migration/foreign-key-checked-again`
pub fn foreign_key_checked_again(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(altered) = operation.altered().filter(|altered| altered.checks_foreign_key()) else { return };
    // A column that gets another name as well is told of once.
    if !operation.database.is_postgres() || operation.renamed_column().is_some() {
        return;
    }
    let message = format!(
        "the foreign key `{}.{}` is made anew: nobody can write to this table and its target until each row is checked",
        operation.model_name(),
        altered.name
    );
    report(operation, message, findings)
        .help("add the constraint `NOT VALID` with `RunSQL`, and validate it in a later migration");
}

/// `migration/new-column-scans-table`
pub fn new_column_scans_table(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // What fails locks nothing for long.
    let passes = |column: &crate::project::migrations::NewColumn<'_>| !column.fails() && !column.repeats_unique_value();
    let Some(column) = operation.new_column().filter(passes) else { return };
    let Some(scan) = column.scan().filter(|_| operation.database.is_postgres()) else { return };
    let (why, help) = match scan {
        Scan::Index => ("its index is built", "add the column alone, then the index with `AddIndexConcurrently`"),
        Scan::Check => (
            "each row is checked for a negative number",
            "add a plain number, then the check with `AddConstraintNotValid` and `ValidateConstraint`",
        ),
        Scan::Rewrite => {
            ("each row gets a value of its own", "add the column with `null=True`, and fill it in batches")
        }
    };
    let message = format!(
        "nobody can read or write `{}` while {why} for the new column `{}`",
        operation.model_name(),
        column.name
    );
    report(operation, message, findings).help(help);
}

/// `migration/concurrent-in-transaction`
pub fn concurrent_in_transaction(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let class = match operation.kind() {
        OperationKind::AddIndex { concurrently: true, .. } => "AddIndexConcurrently",
        OperationKind::RemoveIndex { concurrently: true, .. } => "RemoveIndexConcurrently",
        _ => return,
    };
    if operation.is_atomic() == Some(true) {
        let message = format!("`{class}` is refused in a transaction, and this migration runs in one");
        report(operation, message, findings).help("set `atomic = False` on the migration, and let it do nothing else");
    }
}
