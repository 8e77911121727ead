use crate::findings::{Findings, Severity};
use crate::project::Model;
use crate::project::pipeline::{CheckKind, PipelineUse};
use crate::rules::Cx;
use std::collections::BTreeSet;

/// `workflow/gate-without-effect`
pub fn gate_without_effect(pipeline: &PipelineUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for job in &pipeline.jobs {
        let mut told = BTreeSet::new();
        for check in &job.checks {
            let Some(ignored) = &check.ignored else { continue };
            // One switch takes the failures of all that a step does away.
            if !told.insert(ignored.place.clone()) {
                continue;
            }
            let finding = findings.report(
                ignored.place.clone(),
                format!(
                    "`{}` checks nothing in job `{}`: `{}` takes its failure away",
                    short(&check.text),
                    job.id,
                    ignored.by
                ),
            );
            finding
                .help("let the job fail, or take the check out")
                .anchor(format!("job {}", job.id))
                .evidence(check.text.clone());
            if check.place != ignored.place {
                finding.related(check.place.clone(), "may fail without effect");
            }
            if check.kind >= CheckKind::Security {
                finding.at_most(Severity::Note);
            }
        }
    }
}

/// `workflow/migrations-unchecked`
pub fn migrations_unchecked(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let checks = || model.pipelines.iter().flat_map(|pipeline| &pipeline.jobs).flat_map(|job| &job.checks);
    let checked = checks().any(|check| check.text.contains("makemigrations"));
    let opaque = model.pipelines.iter().flat_map(|pipeline| &pipeline.jobs).any(|job| job.opaque);
    let Some(tests) = checks().find(|check| check.kind == CheckKind::Tests) else { return };
    if checked || opaque || !model.apps.iter().any(|app| app.has_migrations) {
        return;
    }
    findings
        .report(tests.place.clone(), "no job asks whether a model changed without a migration")
        .help("add `python manage.py makemigrations --check --dry-run` before the tests")
        .anchor("migrations");
}

/// `workflow/tests-on-other-database`
pub fn tests_on_other_database(pipeline: &PipelineUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let real: BTreeSet<Option<&str>> = cx.model.engines.iter().map(|engine| database(engine)).collect();
    let [Some(real)] = real.into_iter().collect::<Vec<_>>()[..] else { return };
    for run in cx.model.test_runs.iter().filter(|run| run.pipeline == pipeline.path) {
        let Some(tested) = run.engine.value.likely().and_then(|engine| database(engine)) else { continue };
        if tested == real {
            continue;
        }
        findings
            .report(run.place.clone(), format!("job `{}` tests with {tested}, and production has {real}", run.job))
            .help("start the same database as a service of the job, and name it in the job's `env`")
            .anchor(format!("job {}", run.job))
            .trail(&run.engine.trail);
    }
}

/// The database of an engine, GeoDjango's and others' variants included.
fn database(engine: &str) -> Option<&'static str> {
    const ENGINES: [(&str, &str); 6] = [
        ("sqlite", "SQLite"),
        ("spatialite", "SQLite"),
        ("postg", "PostgreSQL"),
        ("mysql", "MySQL"),
        ("mariadb", "MySQL"),
        ("oracle", "Oracle"),
    ];
    ENGINES.iter().find(|(word, _)| engine.contains(word)).map(|(_, name)| *name)
}

/// A command for a message: its beginning.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
