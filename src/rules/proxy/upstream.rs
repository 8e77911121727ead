use crate::findings::{Findings, Severity};
use crate::project::command::Speaks;
use crate::project::proxy::{Edge, ProxyKind, service_at};
use crate::rules::Cx;

/// `proxy/unknown-upstream`
pub fn unknown_upstream(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment else { return };
    for (proxy, _, route) in edge.routes() {
        let (Some(pass), Some(service)) = (&route.pass, &proxy.service) else { continue };
        let endpoints = pass.endpoints.iter().filter_map(|endpoint| Some((endpoint, endpoint.host.as_deref()?)));
        for (endpoint, host) in endpoints.filter(|(endpoint, _)| !endpoint.is_local()) {
            let from = deployment.service(service);
            let lacks = from.is_some_and(|from| deployment.lacks_host(from, host)) && !cx.model.declares_host(host);
            if proxy.open.is_some() || !lacks {
                continue;
            }
            findings
                .report(
                    endpoint.place.clone(),
                    format!("no service of the stack is called `{host}`, so {} does not start", proxy.kind.name()),
                )
                .help("name the service as the compose file does")
                .anchor(format!("upstream {host}"));
        }
    }
}

/// `proxy/wrong-upstream-port`
pub fn wrong_upstream_port(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment else { return };
    for (proxy, _, route) in edge.routes().filter(|(proxy, ..)| proxy.service.is_some()) {
        for endpoint in route.pass.iter().flat_map(|pass| &pass.endpoints) {
            let Some(service) = endpoint.host.as_deref().and_then(|host| service_at(deployment, host)) else {
                continue;
            };
            let (Some(port), Some(ports)) = (endpoint.port, service.server_ports()) else { continue };
            if ports.contains(&port) {
                continue;
            }
            let listens: Vec<String> = ports.iter().map(u16::to_string).collect();
            let name = &service.name;
            findings
                .report(
                    endpoint.place.clone(),
                    format!(
                        "{} asks `{name}` at port {port}, but it listens at {}",
                        proxy.kind.name(),
                        listens.join(", ")
                    ),
                )
                .help("use the port that the application server binds")
                .anchor(format!("upstream {name}:{port}"));
        }
    }
}

/// `proxy/wrong-upstream-protocol`
pub fn wrong_upstream_protocol(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    // A configuration that no container loads speaks of the services by their names all the same.
    let real = cx.model.deployments.iter().filter(|deployment| deployment.serves_real_users());
    let mut meant = real.map(|deployment| edge.misunderstandings(deployment));
    let found = match cx.deployment {
        Some(deployment) => edge.misunderstandings(deployment),
        None => meant.find(|found| !found.is_empty()).unwrap_or_default(),
    };
    for it in found {
        let (proxy, name) = (it.proxy.kind.name(), &it.service.name);
        let (message, help) = match it.speaks {
            Speaks::Http => (
                format!(
                    "{proxy} speaks uwsgi to `{name}`, whose server speaks HTTP: each request is answered with 502"
                ),
                "use `proxy_pass http://…;` with `proxy_set_header Host $host;` in place of `uwsgi_pass`",
            ),
            Speaks::Uwsgi => (
                format!(
                    "{proxy} speaks HTTP to `{name}`, whose server speaks uwsgi: each request is answered with 502"
                ),
                "use `uwsgi_pass` with `include uwsgi_params;`, or give uWSGI an `http-socket` in place of `socket`",
            ),
        };
        let finding = findings.report(it.pass.place.clone(), message);
        finding.help(help).related(it.place, "the server listens here").anchor(format!("upstream {name}"));
        if !it.proxy.is_certain() {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `proxy/websocket-upgrade-missing`
pub fn websocket_upgrade_missing(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment else { return };
    let upgrades = |route: &crate::project::proxy::Route| !route.request_headers.lacks("Upgrade");
    let nginx =
        !edge.proxies.is_empty() && edge.proxies.iter().all(|it| it.kind == ProxyKind::Nginx && it.open.is_none());
    if !nginx || edge.routes().any(|(_, _, route)| route.pass.is_some() && upgrades(route)) {
        return;
    }
    for it in edge.django_routes().filter(|it| it.route.path == "/") {
        let django = deployment.service(it.service).and_then(|service| service.django.as_ref());
        if django.is_some_and(|django| django.lists("INSTALLED_APPS", "channels") == Some(true)) {
            findings
                .report(it.pass.place.clone(), "Channels is installed, but no WebSocket comes through: `Upgrade` is not passed on")
                .help("`proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";`")
                .anchor(format!("upgrade to {}", it.service));
        }
    }
}
