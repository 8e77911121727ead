use crate::findings::{Findings, Severity};
use crate::project::Model;
use crate::project::image::build_context::{self, LeakKind};
use crate::rules::Cx;
use crate::source::Place;
use std::collections::BTreeSet;

/// How many files a message names.
const NAMED: usize = 3;

/// `project/private-file-in-image`
pub fn private_file_in_image(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for dockerfile in model.dockerfiles.iter().filter(|dockerfile| dockerfile.serves_real_users()) {
        let leaks = build_context::leaks(model, dockerfile);
        let Some(first) = leaks.first() else { continue };
        let ignore_file = dockerfile.ignore_file(&model.snapshot);
        // It is one file that lies in the way, however many Dockerfiles take it.
        if !told.insert(dockerfile.context.join(&first.path)) {
            continue;
        }
        let mut names: Vec<String> = leaks.iter().take(NAMED).map(|leak| format!("`{}`", leak.path)).collect();
        if leaks.len() > NAMED {
            names.push(format!("{} more", leaks.len() - NAMED));
        }
        let what = match first.kind {
            LeakKind::EnvFile => "the secrets in it",
            LeakKind::Database => "the database",
            LeakKind::Uploads => "what users uploaded",
            LeakKind::History => "the whole history",
        };
        let finding = findings.report(
            first.copy.clone(),
            format!("the image takes {} along: whoever can pull it has {what}", listed(&names)),
        );
        let file = ignore_file.map_or_else(|| "a `.dockerignore`".to_owned(), |path| format!("`{path}`"));
        finding.help(format!("add {} to {file}", listed(&names))).anchor("build context").evidence(first.path.clone());
        if let Some(path) = dockerfile.ignore_file(&model.snapshot) {
            finding.related(Place::start_of(path), "does not leave it out");
        }
        if first.kind == LeakKind::History {
            finding.at_most(Severity::Note);
        }
    }
}

/// `project/copied-file-ignored`
pub fn copied_file_ignored(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for dockerfile in &model.dockerfiles {
        for left_out in build_context::left_out(model, dockerfile) {
            let pattern = Place::new(left_out.ignore_file.clone(), left_out.pattern.span);
            findings
                .report(
                    left_out.copy,
                    format!(
                        "`{}` is copied, but `{}` leaves it out by `{}`: the build fails",
                        left_out.path, left_out.ignore_file, left_out.pattern.value
                    ),
                )
                .help(format!("take it back with `!{}`, or do not copy it", left_out.path.trim_end_matches('/')))
                .related(pattern, "leaves it out")
                .anchor(format!("copy in spite of {}", left_out.pattern.value));
        }
    }
}

fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
