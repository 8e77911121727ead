use crate::findings::Findings;
use crate::project::migrations::App;
use crate::rules::Cx;

/// `migration/several-leaves`
pub fn several_leaves(app: &App, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let [.., other, last] = app.leaves.as_slice() else { return };
    let (other, last) = (&app.migrations[*other], &app.migrations[*last]);
    let message = format!("`{}` and `{}` both come last in the app `{}`", other.name, last.name, app.label);
    findings
        .report(last.place(), message)
        .help(format!("let `{}` depend on `{}`, or join them with `makemigrations --merge`", last.name, other.name))
        .related(other.place(), "comes last, too")
        .anchor(format!("app {}", app.label));
}

/// `migration/dependency-missing`
pub fn dependency_missing(app: &App, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if !cx.model.complete {
        return;
    }
    for missing in &app.missing {
        let message = format!("there is no migration `{}` in the app `{}`", missing.name, missing.app);
        findings
            .report(missing.place.clone(), message)
            .help("name the migration that is there, or bring back the one that is not")
            .anchor(format!("migration {}", app.migrations[missing.migration].name))
            .evidence(format!("{}.{}", missing.app, missing.name));
    }
    if let Some(first) = app.cycle.first().map(|at| &app.migrations[*at]) {
        let names: Vec<&str> = app.cycle.iter().map(|at| app.migrations[*at].name.as_str()).collect();
        findings
            .report(first.place(), format!("`{}` depend on each other in a circle", names.join("`, `")))
            .help("let each depend on the one before it")
            .anchor(format!("app {}", app.label));
    }
}

/// `migration/package-missing`
pub fn package_missing(app: &App, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if app.is_package || !cx.model.complete {
        return;
    }
    let Some(first) = app.migrations.first() else { return };
    let message = format!("`{}` has no `__init__.py`, so none of its migrations is applied", app.folder);
    findings
        .report(first.place(), message)
        .help("add an empty `__init__.py` and commit it")
        .anchor(format!("app {}", app.label));
}
