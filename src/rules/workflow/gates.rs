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

/// A command for a message: its beginning.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
