use super::report;
use crate::findings::Findings;
use crate::parse::migration::OperationKind;
use crate::project::migrations::OperationUse;
use crate::rules::Cx;
use crate::source::Place;

/// `migration/irreversible`
pub fn irreversible(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let (what, argument, noop) = match operation.kind() {
        OperationKind::RunPython { code, reverse: None, unpacks: false, .. } if !code.noop => {
            ("code", "reverse_code", "RunPython.noop")
        }
        OperationKind::RunSql { sql, reverse: None, unpacks: false, .. } if !sql.noop => {
            ("SQL", "reverse_sql", "RunSQL.noop")
        }
        _ => return,
    };
    let message = format!("migration `{}` runs {what} that nothing takes back", operation.migration);
    findings
        .report(operation.place(), message)
        .help(format!("give it a `{argument}`; `migrations.{noop}` where there is nothing to take back"))
        .anchor(format!("migration {}", operation.migration));
}

/// `migration/model-imported`
pub fn model_imported(operation: &OperationUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let OperationKind::RunPython { code, .. } = operation.kind() else { return };
    for model in &code.imported_models {
        let Some((module, name)) = model.value.rsplit_once('.') else { continue };
        // The tables of Django's own apps hardly ever change; a user model may be the project's.
        let of_django = module.starts_with("django.contrib.") && name != "User";
        if of_django || !module.split('.').any(|part| part == "models") {
            continue;
        }
        let message =
            format!("`{name}` is imported from {module}: it has the fields of today, and the database not yet");
        report(operation, message, findings)
            .help(format!("use `apps.get_model(...)` for `{name}`"))
            .evidence(model.value.as_str())
            .place = Place::new(operation.path.clone(), model.span);
    }
}
