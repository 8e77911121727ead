use crate::findings::{Findings, Severity};
use crate::project::compose::{Placed, Port};
use crate::project::deployment::Service;
use crate::project::role::Role;
use crate::rules::Cx;

/// `compose/database-published`
pub fn database_published(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let image = service.image.as_ref().map(|image| image.reference.name());
    // Who reaches the pooler reaches the database.
    let pools = image.is_some_and(|name| matches!(name, "pgbouncer" | "pgpool" | "pgpool-ii" | "pgcat"));
    if !pools && !matches!(service.role, Role::Database | Role::Cache | Role::Broker) {
        return;
    }
    let open = service.asks_for_no_password();
    let mut ports = service.open_ports();
    let Some(first) = ports.next() else { return };
    let asks = if open { ", and it asks for no password" } else { "" };
    let finding = findings
        .report(first.place.clone(), format!("`{}` is published on every address of the host{asks}", service.name))
        .help(format!(
            "take the port away; to come in from the host itself, bind it there: `\"127.0.0.1:{}\"`",
            shown(first)
        ))
        .anchor(format!("service {}", service.name));
    if !open {
        finding.at_most(Severity::Warning);
    }
    for other in ports {
        finding.related(other.place.clone(), "and this one");
    }
}

/// `compose/admin-tool-published`
pub fn admin_tool_published(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(port) = service.open_ports().next().filter(|_| service.is_open_tool()) {
        findings
            .report(
                port.place.clone(),
                format!("the tool `{}` is published on every address of the host", service.name),
            )
            .help(format!("bind it to the host and come in by a tunnel: `\"127.0.0.1:{}\"`", shown(port)))
            .anchor(format!("service {}", service.name));
    }
}

/// `published:target` of a port, as far as it is known.
fn shown(port: &Placed<Port>) -> String {
    let text = |part: &Option<crate::project::compose::Interpolated>| {
        part.as_ref().map(|part| part.text.text().to_owned()).filter(|text| !text.is_empty())
    };
    let target = text(&port.value.target).unwrap_or_else(|| "5432".to_owned());
    format!("{}:{target}", text(&port.value.published).unwrap_or_else(|| target.clone()))
}

/// `compose/server-on-loopback`
pub fn server_on_loopback(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment.filter(|_| service.role == Role::Web) else { return };
    let Some(enclosed) = service.enclosed_server(deployment, cx.model) else { return };
    let address = match &enclosed.written {
        Some(written) => format!("listens at `{written}`"),
        None => "is told no address and listens at 127.0.0.1".to_owned(),
    };
    findings
        .report(
            enclosed.place,
            format!("`{}` of `{}` {address}, which only its own container reaches", enclosed.server, service.name),
        )
        .help("listen at all addresses of the container: `--bind 0.0.0.0:8000`, of uvicorn `--host 0.0.0.0`")
        .anchor(format!("service {}", service.name));
}
