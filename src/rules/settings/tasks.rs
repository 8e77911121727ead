use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::role::Role;
use crate::rules::Cx;

/// `settings/celery-tasks-in-request`
pub fn celery_tasks_in_request(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let name = ["CELERY_TASK_ALWAYS_EAGER", "CELERY_ALWAYS_EAGER"]
        .into_iter()
        .find(|name| settings.values.contains_key(*name));
    let Some((name, eager)) = name.map(|name| (name, settings.read(&[name]))) else { return };
    if !eager.is_truthy() || settings.debugs() {
        return;
    }
    let services = cx.deployment.map(|deployment| deployment.services.as_slice()).unwrap_or_default();
    let worker = services.iter().find(|service| service.role == Role::Worker);
    let finding = tell(findings, django, &eager, name, "tasks run inside the request that starts them".to_owned());
    finding.help(format!("leave {name} out here, and set it in the settings of tests"));
    match worker {
        Some(worker) => drop(finding.related(worker.place.clone(), "this worker gets nothing to do")),
        // Somebody may have chosen to do without a worker.
        None => drop(finding.at_most(Severity::Warning)),
    }
}

/// `settings/celery-reads-pickle`
pub fn celery_reads_pickle(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let list = django.settings.list("CELERY_ACCEPT_CONTENT").unwrap_or_default();
    let pickle = list.texts().find(|(text, _)| ["pickle", "application/x-python-serialize"].contains(text));
    if let Some((_, item)) = pickle {
        let reading = item.reading(django.settings.assigned("CELERY_ACCEPT_CONTENT"));
        tell(
            findings,
            django,
            &reading,
            "CELERY_ACCEPT_CONTENT",
            "workers unpickle tasks: whoever can write to the broker runs code in them".to_owned(),
        )
        .help("accept `json` alone, which is the default");
    }
}
