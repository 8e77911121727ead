use crate::findings::Findings;
use crate::project::proxy::{Edge, ProxyKind};
use crate::project::value::Value;
use crate::rules::Cx;

/// `proxy/service-published-too`
pub fn service_published_too(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment else { return };
    for way in edge.ways_past(deployment).into_iter().filter(|way| way.proxy_is_open) {
        let Some(django) = &way.service.django else { continue };
        // Where the settings trust a header of the proxy, that is worse, and told by itself.
        let trusts = matches!(django.trusted_scheme_header(), Value::Known(_));
        // DEBUG that is on casts doubt on an environment which is but assumed.
        if trusts || (django.is_on("DEBUG") && deployment.is_assumed()) {
            continue;
        }
        let (name, proxy) = (&way.service.name, way.proxy.kind.name());
        findings
            .report(
                way.port.place.clone(),
                format!("`{name}` can be reached past {proxy} here, on every address of the host"),
            )
            .help(format!("take the port out, or bind it to 127.0.0.1: {proxy} reaches `{name}` without"))
            .related(way.route.place.clone(), "the way through the proxy")
            .anchor(format!("service {name}"));
    }
}

/// `proxy/https-port-unanswered`
pub fn https_port_unanswered(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment else { return };
    // One that waits beside it takes its place once there is a certificate.
    let other = cx.model.edges.iter().flat_map(Edge::sites).any(|(_, site)| site.has_tls());
    for proxy in edge.proxies.iter().filter(|proxy| proxy.kind != ProxyKind::Traefik && proxy.is_certain() && !other) {
        let Some(service) = proxy.service.as_ref().and_then(|name| deployment.service(name)) else { continue };
        let Some(ports) = proxy.ports() else { continue };
        let mut open = service.open_ports();
        let Some(port) = open.find(|port| port.value.target_range() == Some((443, 443))) else { continue };
        if ports.contains(&443) {
            continue;
        }
        let listed: Vec<String> = ports.iter().map(u16::to_string).collect();
        let (name, listens) = (proxy.kind.name(), listed.join(", "));
        findings
            .report(
                port.place.clone(),
                format!("port 443 is published, and {name} listens at {listens} alone: nobody answers HTTPS"),
            )
            .help("add the site for HTTPS with its certificate; until there is one, take the port out")
            .related(proxy.sites[0].place.clone(), "what it listens to")
            .anchor(format!("service {}", service.name));
    }
}
