use super::report;
use crate::findings::Findings;
use crate::parse::migration::{ColumnType, TypeChange};
use crate::project::migrations::{Altered, OperationUse, Vendor};
use crate::rules::Cx;

/// `migration/column-type-rewritten`
pub fn column_type_rewritten(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((altered, old, new, change)) = changed(operation).filter(|_| operation.database.is_postgres()) else {
        return;
    };
    let (what, help) = match change {
        TypeChange::Rewrites => ("nobody reads or writes the table until it is written anew", LATER),
        TypeChange::Shrinks => (
            "the table is locked until it is written anew, and a value that does not fit ends the migration",
            "look for values that do not fit; a check that is added `NOT VALID` and then validated does without the lock",
        ),
        TypeChange::Casts => (
            "the table is locked until it is written anew, and a value that cannot be read so ends the migration",
            LATER,
        ),
        TypeChange::Free | TypeChange::LosesData => return,
    };
    let message = format!("`{}.{}` changes from {old} to {new}: {what}", operation.model_name(), altered.name);
    report(operation, message, findings).help(help);
}

/// `migration/column-type-loses-data`
pub fn column_type_loses_data(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((altered, old, new, TypeChange::LosesData)) = changed(operation) else { return };
    if operation.database.vendor == Some(Vendor::Sqlite) {
        return;
    }
    let message = format!(
        "`{}.{}` changes from {old} to {new}: what does not fit is cut off or rounded without an error",
        operation.model_name(),
        altered.name
    );
    report(operation, message, findings).help(LATER);
}

const LATER: &str = "add a column of the new type, write both, fill it, and drop the old one some releases later";

fn changed(operation: &OperationUse) -> Option<(Altered<'_>, ColumnType, ColumnType, TypeChange)> {
    let altered = operation.altered().filter(|altered| !altered.is_new)?;
    let (old, new, change) = altered.type_change()?;
    Some((altered, old, new, change))
}
