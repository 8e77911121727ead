use crate::findings::Findings;
use crate::project::proxy::Edge;
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
