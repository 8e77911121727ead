use crate::findings::Findings;
use crate::project::proxy::{Edge, Matching, ProxyKind};
use crate::project::value::Value;
use crate::rules::Cx;

/// `proxy/https-redirect-missing`
pub fn https_redirect_missing(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Value::Known(tls), Some(deployment)) = (&edge.terminates_tls, cx.deployment) else { return };
    for it in edge.django_routes() {
        let redirected = it.site.redirects_to_https.is_some() || it.site.open || it.proxy.open.is_some();
        let inner =
            !it.site.names.is_empty() && it.site.names.iter().all(|name| name == "localhost" || name == "127.0.0.1");
        let Some(plain) = it.site.listeners.iter().find(|listener| !listener.tls) else { continue };
        let django = deployment.service(it.service).and_then(|service| service.django.as_ref());
        let by_django = django.is_none_or(|django| !django.is_off("SECURE_SSL_REDIRECT"));
        if !it.proxy.outermost || redirected || inner || by_django {
            continue;
        }
        findings
            .report(plain.place.clone(), "plain HTTP reaches Django here, beside HTTPS, and nothing sends it there")
            .help("give plain HTTP a server of its own with `return 301 https://$host$request_uri;`")
            .related(tls.clone(), "HTTPS is served here")
            .anchor("plain HTTP");
    }
}

/// `proxy/obsolete-tls`
pub fn obsolete_tls(edge: &Edge, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (_, site) in edge.sites().filter(|(_, site)| site.has_tls()) {
        let Some(versions) = &site.tls_versions else { continue };
        let is_old = |word: &&String| matches!(word.as_str(), "SSLv2" | "SSLv3" | "TLSv1" | "TLSv1.1");
        let old: Vec<&str> = versions.words.iter().filter(is_old).map(String::as_str).collect();
        if !old.is_empty() {
            findings
                .report(versions.place.clone(), format!("this server still speaks {}", old.join(" and ")))
                .help("`ssl_protocols TLSv1.2 TLSv1.3;`")
                .anchor("TLS versions");
        }
    }
}

/// `proxy/security-headers-dropped`
pub fn security_headers_dropped(edge: &Edge, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const SECURITY: [&str; 4] =
        ["strict-transport-security", "content-security-policy", "x-frame-options", "x-content-type-options"];
    for (_, _, route) in edge.routes() {
        let is_security = |name: &str| SECURITY.contains(&name.to_ascii_lowercase().as_str());
        let Some(lost) = route.dropped_headers.iter().find(|header| is_security(&header.name)) else { continue };
        let pages = route.pass.is_some() || (route.path == "/" && !route.answers);
        if !pages || route.matching == Matching::Site {
            continue;
        }
        findings
            .report(
                route.place.clone(),
                format!("`{}` is lost here, since this level adds headers of its own", lost.name),
            )
            .help("repeat the headers of the outer level here, best by a file that both include")
            .related(lost.place.clone(), "the header of the outer level")
            .anchor(format!("location {}", route.path));
    }
}

/// `proxy/version-shown`
pub fn version_shown(edge: &Edge, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (proxy, site) in edge.sites().filter(|(proxy, site)| proxy.kind == ProxyKind::Nginx && !site.open) {
        let off = site.tokens.as_ref().is_some_and(|tokens| tokens.words.first().is_some_and(|word| word == "off"));
        if !off && proxy.outermost {
            let place = site.tokens.as_ref().map_or_else(|| site.place.clone(), |tokens| tokens.place.clone());
            findings
                .report(place, "each answer tells the version of nginx")
                .help("`server_tokens off;` in the block `http`")
                .anchor("server_tokens");
        }
    }
}
