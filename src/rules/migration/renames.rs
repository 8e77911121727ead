use super::report;
use crate::findings::Findings;
use crate::parse::migration::OperationKind;
use crate::project::migrations::OperationUse;
use crate::rules::Cx;

/// `migration/column-renamed`
pub fn column_renamed(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((old, new)) = operation.renamed_column() else { return };
    let message = format!(
        "the column `{old}` of `{}` becomes `{new}`: running code fails after it, and new code before it",
        operation.model_name()
    );
    let help = match operation.kind() {
        OperationKind::RenameField { .. } => {
            format!("rename the field alone, and keep the column with `db_column=\"{old}\"`")
        }
        _ => format!("keep the column with `db_column=\"{old}\"`"),
    };
    report(operation, message, findings).help(help);
}

/// `migration/table-renamed`
pub fn table_renamed(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((old, new)) = operation.renamed_table() else { return };
    let message = format!("the table `{old}` becomes `{new}`: running code fails after it, and new code before it");
    report(operation, message, findings)
        .help(format!("keep the table with `db_table = \"{old}\"` in `Meta`, in a migration before this one"));
}
