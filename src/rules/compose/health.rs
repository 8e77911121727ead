use crate::findings::Findings;
use crate::project::deployment::Service;
use crate::project::health::Health;
use crate::project::role::Role;
use crate::rules::Cx;
use crate::source::Place;

/// `compose/health-awaited-without-check`
pub fn health_awaited_without_check(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Some(merged), Some(deployment)) = (&service.compose, cx.deployment) else { return };
    for dependency in &merged.depends_on {
        let Some(condition) = &dependency.value.condition else { continue };
        let awaited = condition.known() == Some("service_healthy");
        let sibling = deployment.service(&dependency.value.service).filter(|_| awaited);
        if let Some(sibling) = sibling.filter(|sibling| sibling.health() == Health::Missing) {
            findings
                .report(
                    Place::new(dependency.place.path.clone(), condition.text.span()),
                    format!(
                        "service `{}` waits for the health of `{}`, which has no health check",
                        service.name, sibling.name
                    ),
                )
                .help(format!("give `{}` a `healthcheck`; Compose refuses to start the other without", sibling.name))
                .related(sibling.place.clone(), "no `healthcheck` here")
                .anchor(format!("dependency {}", sibling.name));
        }
    }
}

/// `compose/database-healthcheck-missing`
pub fn database_healthcheck_missing(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let depends = |other: &Service| {
        let depends_on = other.compose.as_ref().map(|merged| merged.depends_on.as_slice()).unwrap_or_default();
        depends_on.iter().any(|dependency| dependency.value.service == service.name)
    };
    let is_meant = matches!(service.role, Role::Database | Role::Broker) && service.health() == Health::Missing;
    if is_meant && cx.deployment.is_some_and(|deployment| !deployment.services.iter().any(depends)) {
        findings
            .report(
                service.place.clone(),
                format!("`{}` has no health check, so that nobody can wait for it", service.name),
            )
            .help("add a `healthcheck`, with `pg_isready` for PostgreSQL")
            .anchor(format!("service {}", service.name));
    }
}
