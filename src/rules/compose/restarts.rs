use crate::findings::Findings;
use crate::project::deployment::{Deployment, Service};
use crate::project::role::Role;
use crate::rules::Cx;
use crate::source::Place;

/// `compose/restart-policy-missing`
pub fn restart_policy_missing(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if deployment.is_swarm() {
        return;
    }
    let mut down = deployment.services.iter().filter_map(|service| Some((service, stays_down(service, deployment)?)));
    let Some((first, place)) = down.next() else { return };
    let others: Vec<(&Service, Place)> = down.collect();
    let more = match others.len() {
        0 => String::new(),
        1 => format!(", and so does `{}`", others[0].0.name),
        more => format!(", and so do {more} others"),
    };
    let finding = findings
        .report(place, format!("`{}` stays down when it crashes or the host restarts{more}", first.name))
        .help("say `restart: unless-stopped`")
        .anchor("restart policy");
    for (service, place) in others {
        finding.related(place, format!("`{}` as well", service.name));
    }
}

/// Where it is said, or should be, that a service which runs all the time is not started again.
fn stays_down(service: &Service, deployment: &Deployment) -> Option<Place> {
    let merged = service.compose.as_ref().filter(|merged| merged.maybe_more.is_none() && merged.profiles.is_empty())?;
    let runs_on = matches!(
        service.role,
        Role::Web | Role::Worker | Role::Scheduler | Role::Database | Role::Cache | Role::Broker | Role::Proxy
    );
    let ends = deployment.services.iter().filter_map(|other| other.compose.as_ref()).any(|other| {
        other.depends_on.iter().any(|dependency| {
            let condition = dependency.value.condition.as_ref().and_then(|condition| condition.known());
            dependency.value.service == service.name && condition == Some("service_completed_successfully")
        })
    });
    let by_deploy = merged.deploy.as_ref().is_some_and(|deploy| deploy.value.restart_policy.is_some());
    if !runs_on || ends || by_deploy {
        return None;
    }
    match &merged.restart {
        Some(restart) => (restart.value.known() == Some("no")).then(|| restart.entry()),
        None => Some(service.place.clone()),
    }
}

/// `compose/restart-limit`
pub fn restart_limit(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(merged) = &service.compose else { return };
    let own = merged.restart.as_ref().and_then(|restart| {
        let text = restart.value.known()?;
        (text.starts_with("on-failure") && text != "on-failure:5").then(|| restart.entry())
    });
    let by_deploy = merged.deploy.as_ref().and_then(|deploy| {
        let attempts = deploy.value.restart_policy.as_ref()?.value.max_attempts.as_ref()?;
        (attempts.value.known()? != "5").then(|| attempts.entry())
    });
    if let Some(place) = own.or(by_deploy) {
        findings
            .report(place, format!("`{}` is started again after failures, and not five times at most", service.name))
            .help("say `restart: on-failure:5`")
            .anchor(format!("service {}", service.name));
    }
}
