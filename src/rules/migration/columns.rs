use super::report;
use crate::findings::Findings;
use crate::project::migrations::OperationUse;
use crate::rules::Cx;

/// `migration/required-column-without-default`
pub fn required_column_without_default(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(column) = operation.new_column().filter(|column| column.fails()) else { return };
    if operation.database.is_mysql() {
        return;
    }
    let message = format!(
        "`{}.{}` is required and has no default, so the migration fails if the table has a row",
        operation.model_name(),
        column.name
    );
    let help = match operation.has_db_default() {
        true => "give it a `db_default`, or add it with `null=True`, fill it, and make it required in a later release",
        false => "add it with `null=True`, fill it, and make it required in a later release",
    };
    report(operation, message, findings).help(help).evidence(column.name);
}

/// `migration/default-in-python-only`
pub fn default_in_python_only(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // A unique one does not even get that far.
    let unfit =
        |column: &crate::project::migrations::NewColumn<'_>| column.needs_new_code() && !column.repeats_unique_value();
    let Some(column) = operation.new_column().filter(unfit) else { return };
    let message = format!(
        "`{}.{}` is required, and its default is taken away from the database again: inserts of the running code fail",
        operation.model_name(),
        column.name
    );
    let help = match operation.has_db_default() {
        true => "give the default to the database as well, with `db_default`",
        false => {
            "add it with `null=True`, deploy, and make it required in the next release; \
             from Django 5.0 on, give it a `db_default`"
        }
    };
    // Whoever adds a field writes it like this; it hurts where the old release still runs, which no file tells.
    report(operation, message, findings).help(help).anchor("new columns");
}

/// `migration/unique-column-with-one-value`
pub fn unique_column_with_one_value(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(column) = operation.new_column().filter(|column| column.repeats_unique_value()) else { return };
    let message = format!(
        "`{}.{}` is unique, and its default is computed once for all rows: the migration fails if there are two",
        operation.model_name(),
        column.name
    );
    report(operation, message, findings)
        .help("add it with `null=True` and not unique, fill it row by row, and make it unique in a third migration")
        .evidence(column.name);
}

/// `migration/column-made-required`
pub fn column_made_required(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(altered) = operation.altered().filter(|altered| altered.becomes_required()) else { return };
    if operation.model.as_ref().is_some_and(|model| model.is_checked(altered.name)) {
        return;
    }
    let rows = match altered.new.has_python_value() {
        Some(true) => "each row without a value is written in one statement",
        _ => "a row without a value ends the migration with an error",
    };
    let message = format!(
        "`{}.{}` no longer takes NULL: {rows}, and running code that writes NULL fails",
        operation.model_name(),
        altered.name
    );
    let help = match operation.database.is_postgres() {
        true => {
            "first deploy code that always writes it, and fill the rows; then prove it with `AddConstraintNotValid` and \
             `ValidateConstraint`, and make it required last"
        }
        false => "first deploy code that always writes it, and fill the rows; make it required in a later release",
    };
    report(operation, message, findings).help(help);
}
