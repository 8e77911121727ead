use crate::findings::Findings;
use crate::project::command::Invocation;
use crate::project::container::health::Health;
use crate::project::container::health_tools::{commands_of_form, commands_of_probe, missing_tool, never_fails};
use crate::project::deployment::Service;
use crate::project::role::Role;
use crate::rules::Cx;
use crate::source::{Place, RepoPath};

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
            .help(format!("add a `healthcheck`{}", probe(service)))
            .anchor("health checks");
    }
}

/// The command that tells whether a server is ready, where its image is known.
pub(super) fn probe(service: &Service) -> &'static str {
    let name = service.image.as_ref().map_or("", |image| image.reference.name());
    match name {
        _ if name.contains("postg") || name == "timescaledb" || name == "pgvector" => " that calls `pg_isready`",
        "mariadb" => " that calls `healthcheck.sh --connect --innodb_initialized`",
        "mysql" => " that calls `mysqladmin ping`",
        "rabbitmq" => " that calls `rabbitmq-diagnostics -q ping`",
        _ => "",
    }
}

/// The commands of a service's health check, each with the file that has it: its own, else the image's.
pub(super) fn check(service: &Service) -> Option<(RepoPath, Vec<Invocation>, Option<Place>)> {
    let own = service.compose.as_ref().and_then(|merged| merged.healthcheck.as_ref());
    if let Some(check) = own.filter(|check| check.value.test.is_some()) {
        let test = check.value.test.as_ref()?;
        return Some((test.place.path.clone(), commands_of_probe(&check.value.probe()), Some(test.entry())));
    }
    let of_image = service.build.as_ref()?.image.healthcheck.as_ref()?;
    Some((of_image.place.path.clone(), commands_of_form(of_image.command.as_ref()?), None))
}

/// `compose/healthcheck-never-fails`
pub fn healthcheck_never_fails(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((path, commands, place)) = check(service) else { return };
    let Some(last) = commands.last().filter(|_| never_fails(&commands)) else { return };
    findings
        .report(
            place.unwrap_or_else(|| Place::new(path, last.span)),
            format!("the health check of `{}` never fails", service.name),
        )
        .help("end it with `|| exit 1`, or with the command that tells")
        .anchor(format!("service {}", service.name));
}

/// `compose/healthcheck-tool-missing`
pub fn healthcheck_tool_missing(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((path, commands, place)) = check(service) else { return };
    let Some(build) = &service.build else { return };
    let Some(steps) = cx.model.steps_of(build) else { return };
    if let Some(command) = missing_tool(&commands, build, &steps) {
        let tool = &command.program;
        findings
            .report(
                place.unwrap_or_else(|| Place::new(path, command.words_span())),
                format!("the health check of `{}` calls `{tool}`, which its image does not have", service.name),
            )
            .help(format!("install `{tool}` in the image, or ask with Python's `urllib.request`"))
            .related(Place::start_of(build.written_in().clone()), "the image is built here")
            .anchor(format!("health check with {tool}"));
    }
}
