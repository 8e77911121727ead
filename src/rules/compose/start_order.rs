use super::health::probe;
use crate::findings::Findings;
use crate::project::compose::Dependency;
use crate::project::container::health::Health;
use crate::project::deployment::{Deployment, Service};
use crate::project::role::Role;
use crate::rules::Cx;
use crate::source::Place;

/// Names that say what a service is where its image does not.
const NAMES: [&str; 10] =
    ["db", "database", "postgres", "postgresql", "pg", "mysql", "mariadb", "rabbitmq", "rabbit", "broker"];

/// `compose/dependency-without-health`
pub fn dependency_without_health(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(merged) = &service.compose else { return };
    // A swarm starts everything at once, whatever the file says.
    if cx.deployment.is_some_and(Deployment::is_swarm) {
        return;
    }
    if matches!(service.role, Role::Proxy | Role::AdminTool | Role::Database | Role::Cache) || service.process.waits() {
        return;
    }
    let needs_health = |dependency: &Dependency| {
        let started =
            dependency.condition.as_ref().is_none_or(|condition| condition.known() == Some("service_started"));
        let role =
            cx.deployment.and_then(|deployment| deployment.service(&dependency.service)).map(|sibling| sibling.role);
        started
            && match role {
                Some(Role::Database | Role::Broker) => true,
                Some(Role::Other) | None => NAMES.contains(&dependency.service.as_str()),
                Some(_) => false,
            }
    };
    let mut unready = merged.depends_on.iter().filter(|dependency| needs_health(&dependency.value));
    let Some(first) = unready.next() else { return };
    let place = match &first.value.condition {
        Some(condition) => Place::new(first.place.path.clone(), condition.text.span()),
        None => first.place.clone(),
    };
    let name = &first.value.service;
    let finding =
        findings.report(place, format!("service `{}` waits for `{name}` to be started, not to be ready", service.name));
    let sibling = cx.deployment.and_then(|deployment| deployment.service(name));
    let check = match sibling {
        Some(sibling) if sibling.health() != Health::Missing => String::new(),
        known => format!("give `{name}` a `healthcheck`{} and ", known.map_or("", probe)),
    };
    finding
        .help(format!("{check}wait with `depends_on: {{{name}: {{condition: service_healthy}}}}`"))
        // What is missing is the dependency's health check, however many services wait for it.
        .anchor(format!("dependency {name}"));
    for other in unready {
        finding.related(other.place.clone(), format!("the same for `{}`", other.value.service));
    }
}
