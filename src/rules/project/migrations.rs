use crate::findings::Findings;
use crate::project::Model;
use crate::rules::Cx;
use std::collections::BTreeSet;

/// `project/migrations-ignored`
pub fn migrations_ignored(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for app in model.apps.iter().filter(|app| !app.migrations_elsewhere) {
        let Some(line) = model.gitignores.deciding(&app.first_migration()) else { continue };
        if !told.insert(line.place.clone()) {
            continue;
        }
        findings
            .report(
                line.place,
                format!("git ignores migrations by `{}`, those of `{}` among them", line.pattern, app.folder),
            )
            .help("take the line out, commit the migrations of one database, and make no others on servers")
            .related(app.place.clone(), format!("`{}` needs a migration", app.model))
            .anchor("ignored migrations");
    }
}

/// `project/migrations-missing`
pub fn migrations_missing(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for app in &model.apps {
        // Where git ignores them, that is the cause.
        let ignored = model.gitignores.deciding(&app.first_migration()).is_some();
        if app.has_migrations || app.migrations_elsewhere || ignored {
            continue;
        }
        findings
            .report(
                app.place.clone(),
                format!(
                    "the app `{}` has models and no migration in the repository: `migrate` alone makes no table for `{}`",
                    app.folder, app.model
                ),
            )
            .help(format!("`python manage.py makemigrations {}`, and commit what it writes", app.folder.file_name()))
            .anchor(format!("app {}", app.folder));
    }
}
