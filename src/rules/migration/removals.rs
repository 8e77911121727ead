use super::report;
use crate::findings::Findings;
use crate::parse::migration::OperationKind;
use crate::project::migrations::OperationUse;
use crate::rules::Cx;

/// `migration/column-removed`
pub fn column_removed(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(removed) = operation.removed_field() else { return };
    let Some(field) = &removed.field else { return };
    let name = format!("{}.{}", operation.model_name(), removed.name);
    let later = "take it out of the code first, with `SeparateDatabaseAndState(state_operations=[RemoveField(...)])`, and \
                 drop the column in a later release";
    let (message, help) = match (field.has_column(), field.is_required(), field.db_default.gives_value()) {
        (Some(false), ..) if field.is_many_to_many() && !field.through => {
            (format!("the table of the links of `{name}` is dropped, and running code that uses it fails"), later)
        }
        (Some(true), Some(true), Some(false)) => (
            format!("`{name}` is dropped and was required: running code fails after it, and new code before it"),
            "make it `null=True` in a release before; then take it out of the code with a migration of the state alone; \
             drop the column last",
        ),
        // No old process is left that knows it.
        (Some(true), ..) if operation.file.runs_after_deploy => return,
        (Some(true), ..) => (format!("`{name}` is dropped with its data, and running code that knows it fails"), later),
        _ => return,
    };
    report(operation, message, findings).help(help);
}

/// `migration/table-removed`
pub fn table_removed(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !matches!(operation.kind(), OperationKind::DeleteModel { .. }) || !operation.on_existing_table() {
        return;
    }
    if operation.model.is_none() || operation.file.runs_after_deploy {
        return;
    }
    let message = format!(
        "the table of `{}` is dropped with its rows, and running code that uses it fails",
        operation.model_name()
    );
    report(operation, message, findings).help(
        "delete the model from the state first, with `SeparateDatabaseAndState(state_operations=[DeleteModel(...)])`, and \
         drop the table in a later release",
    );
}
