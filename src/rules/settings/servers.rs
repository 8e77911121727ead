use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::rules::Cx;
use std::collections::BTreeSet;

/// `settings/server-on-localhost`
pub fn server_on_localhost(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(service) = cx.deployment.and_then(|deployment| deployment.service(&django.service)) else { return };
    if !service.has_own_network() || service.may_run_servers() || service.is_beside_the_site() {
        return;
    }
    let mut told = BTreeSet::new();
    let servers = django.settings.servers();
    let (stores, others): (Vec<_>, Vec<_>) =
        servers.iter().filter(|server| server.is_loopback()).partition(|server| server.what == "result store");
    // Celery's broker and its results are mostly one server.
    let with_broker = others.iter().any(|server| server.what == "broker");
    let alone = stores.iter().filter(|_| !with_broker);
    for server in others.iter().chain(alone) {
        // Several settings made from one variable are one trouble.
        if told.insert(django.place(&server.reading)) {
            let message = format!(
                "the {} is looked for at `{}`, which is the container of `{}` itself",
                server.what, server.host, service.name
            );
            let finding = tell(findings, django, &server.reading, &server.setting, message);
            let broker = django.place(&server.reading);
            let stores = stores.iter().map(|store| django.place(&store.reading));
            for store in stores.filter(|store| server.what == "broker" && *store != broker) {
                finding.related(store, "the result store as well");
            }
            finding
                .help("give the name of the service that runs it, such as `db` or `redis`; for one on the server itself, `host.docker.internal` with `extra_hosts`");
        }
    }
}

/// `settings/unknown-server-name`
pub fn unknown_server_name(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment else { return };
    let Some(service) = deployment.service(&django.service) else { return };
    let mut told = BTreeSet::new();
    for server in django.settings.servers() {
        let missing = deployment.lacks_host(service, &server.host) && !cx.model.declares_host(&server.host);
        if missing && told.insert(django.place(&server.reading)) {
            let message = format!(
                "the {} is looked for at `{}`, and no service of the stack goes by that name",
                server.what, server.host
            );
            let fitting = deployment.services.iter().filter(|other| server.may_be_role(other.role));
            let names: Vec<&str> = fitting.map(|other| other.name.as_str()).take(4).collect();
            let help = match names.is_empty() {
                true => format!("start the {} as a service, or give the whole name of its host", server.what),
                false => format!("give the name of a service: {}", names.join(", ")),
            };
            tell(findings, django, &server.reading, &server.setting, message).help(help).evidence(server.host.clone());
        }
    }
}
