//! One cause, one finding: what stands in the settings of developers is right for developers. Where another environment
//! loads them, that is the trouble; what follows from it is told there, and not as so many troubles of its own.

use crate::findings::{Finding, Severity, assumption};
use crate::project::Model;
use crate::project::deployment::DjangoProcess;
use crate::project::environment::Environment;
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// Folds what follows from loading the settings of developers into the finding that says so. Errors stay as they are,
/// and so does the rest where that finding is not among them: not selected, suppressed, or not asked for.
pub fn fold(model: &Model, mut findings: Vec<Finding>) -> Vec<Finding> {
    let services = model.deployments.iter().flat_map(|deployment| &deployment.services);
    let mut folded = BTreeSet::new();
    for django in services.filter_map(|service| service.django.as_ref()) {
        let files: BTreeSet<&RepoPath> = django.files_of_developers().collect();
        let Some(root) = findings.iter().position(|finding| says_so(finding, django, &files)) else { continue };
        for at in 0..findings.len() {
            if at == root || !follows(&findings[at], &django.environment, &files) || !folded.insert(at) {
                continue;
            }
            let label = describe(&findings[at], &django.environment);
            let place = findings[at].place.clone();
            let told = findings[root].related.iter().any(|known| known.message == label);
            if !told {
                findings[root].related(place, label);
            }
        }
    }
    let mut at = 0..;
    findings.retain(|_| at.next().is_none_or(|at| !folded.contains(&at)));
    findings
}

/// Whether a finding says that the process loads these files of developers.
fn says_so(finding: &Finding, django: &DjangoProcess, files: &BTreeSet<&RepoPath>) -> bool {
    let on_the_way = || {
        let related = finding.related.iter().map(|label| &label.place);
        related.chain([&finding.place]).any(|place| files.contains(&place.path))
    };
    finding.environments.contains(&django.environment)
        && match &*finding.rule {
            "project/development-settings" => django.module.value.known().is_some_and(|it| *it == finding.evidence),
            "settings/debug-enabled" => on_the_way(),
            _ => false,
        }
}

fn follows(finding: &Finding, environment: &Environment, files: &BTreeSet<&RepoPath>) -> bool {
    finding.rule.starts_with("settings/")
        && &*finding.rule != "settings/debug-enabled"
        && finding.severity != Severity::Error
        && finding.environments.iter().eq([environment])
        && files.contains(&finding.place.path)
}

fn describe(finding: &Finding, environment: &Environment) -> String {
    let message = finding.message.strip_suffix(&assumption(environment)).unwrap_or(&finding.message);
    format!("follows from it: {message}")
}
