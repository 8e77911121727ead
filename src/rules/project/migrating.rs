use crate::findings::Findings;
use crate::project::deployment::{Deployment, Service};
use crate::project::process::Run;
use crate::project::role::Role;
use crate::rules::Cx;

/// `project/migrated-several-times`
pub fn migrated_several_times(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let migrating: Vec<(&Service, &Run)> =
        deployment.services.iter().filter_map(|service| Some((service, service.process.migration()?))).collect();
    // Once a platform's release has migrated, nothing is left to do for those that start after it.
    if deployment.releases().any(|service| service.process.migration().is_some()) {
        return;
    }
    let at_once = |a: &Service| {
        migrating.iter().any(|(b, _)| {
            a.name != b.name
                && a.shares_code_with(b)
                && !deployment.is_ordered(&a.name, &b.name)
                && !deployment.is_ordered(&b.name, &a.name)
        })
    };
    let racing: Vec<&(&Service, &Run)> = migrating.iter().filter(|(service, _)| at_once(service)).collect();
    let names: Vec<String> = racing.iter().map(|(service, _)| format!("`{}`", service.name)).collect();
    // The web service is the one that may go on; a worker's line is the one to mend.
    let worst = racing.iter().find(|(service, _)| service.role != Role::Web).or(racing.last());
    let (run, message) = match worst {
        Some((_, run)) => (*run, format!("`migrate` runs when any of {} starts, at the same time", names.join(", "))),
        None => {
            let replicated = |(service, run): &(&Service, &Run)| {
                let count = service.replicas().filter(|count| *count > 1)?;
                Some((run.place(), count, service.name.clone()))
            };
            let Some((_, count, name)) = migrating.iter().find_map(replicated) else { return };
            let Some((_, run)) = migrating.iter().find(|(service, _)| service.name == name) else { return };
            (*run, format!("`migrate` runs when any of the {count} containers of `{name}` starts, at the same time"))
        }
    };
    let finding = findings.report(run.place(), message);
    finding
        .help("let one migrate: a service of its own that the others wait for with `service_completed_successfully`, or a variable that only one sets")
        .anchor("migrate");
    for (service, other) in racing {
        if other.place() != run.place() {
            finding.related(other.place(), format!("`{}` migrates here", service.name));
        }
    }
}

/// `project/never-migrated`
pub fn never_migrated(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(service) = cx.model.never_migrated(deployment) else { return };
    findings
        .report(
            service.place.clone(),
            format!("nothing in the repository migrates the database of `{}`: no start, script, pipeline or page", service.name),
        )
        .help("add a service that runs `python manage.py migrate --noinput`, and let the others wait for it with `service_completed_successfully`")
        .anchor("migrate");
}
