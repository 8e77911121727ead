use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::proxy::{BodyLimit, DjangoRoute, Edge, ProxyKind};
use crate::project::settings::PyValue;
use crate::project::value::Value;
use crate::rules::Cx;

/// The routes that pass pages and forms to Django, each with the settings behind it.
fn passed<'e>(edge: &'e Edge, cx: &Cx<'e>) -> Vec<(DjangoRoute<'e>, &'e DjangoProcess)> {
    let Some(deployment) = cx.deployment else { return Vec::new() };
    edge.page_routes().filter_map(|it| Some((it, deployment.service(it.service)?.django.as_ref()?))).collect()
}

/// `proxy/forwarded-proto-missing`
pub fn forwarded_proto_missing(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (it, django) in passed(edge, cx) {
        let Value::Known(header) = django.trusted_scheme_header() else { continue };
        let answered = it.site.redirects_to_https.is_some() && it.site.is_plain();
        if !it.proxy.outermost || answered || !it.route.request_headers.lacks(&header) {
            continue;
        }
        let (tls, name) = (it.site.has_tls(), it.proxy.kind.name());
        if !tls && !it.site.is_plain() {
            continue;
        }
        let loops = tls && django.is_on("SECURE_SSL_REDIRECT");
        // Where the rest of the site sets it, nobody asks a health endpoint by which way it was reached.
        let is_probe = |path: &str| ["health", "ping", "ready", "alive"].iter().any(|word| path.contains(word));
        if !loops && is_probe(&it.route.path.to_ascii_lowercase()) {
            continue;
        }
        let message = match (tls, loops) {
            (_, true) => {
                format!("{name} does not set `{header}`, so SECURE_SSL_REDIRECT sends each request back to itself")
            }
            (true, _) => format!("{name} does not set `{header}`, so Django takes each request for plain HTTP"),
            (false, _) => format!("{name} passes on the `{header}` of whoever asks, and the settings trust it"),
        };
        let value = if it.proxy.kind == ProxyKind::Nginx { "$scheme" } else { "{scheme}" };
        let finding = findings.report(it.pass.place.clone(), message);
        finding
            .help(format!("set it beside `Host`: `proxy_set_header {header} {value};`, or what comes from a proxy of yours before it"))
            .anchor(format!("header {header} to {}", it.service));
        if let Some(place) = django.assigned("SECURE_PROXY_SSL_HEADER") {
            finding.related(place, format!("the settings trust `{header}`"));
        }
        finding.at_most(match (loops && it.proxy.is_certain(), tls) {
            (true, _) => Severity::Error,
            (_, true) => Severity::Warning,
            _ => Severity::Note,
        });
    }
}

/// `proxy/forwarded-proto-from-client`
pub fn forwarded_proto_from_client(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (it, django) in passed(edge, cx) {
        let Value::Known(header) = django.trusted_scheme_header() else { continue };
        let Some(set) = it.route.request_headers.get(&header) else { continue };
        let variable = format!("$http_{}", header.to_ascii_lowercase().replace('-', "_"));
        if !it.proxy.outermost || !it.site.has_tls() || set.value != variable {
            continue;
        }
        findings
            .report(set.place.clone(), format!("`{header}` is what the client says it is, and the settings trust it"))
            .help(format!("say what the proxy knows itself: `proxy_set_header {header} $scheme;`"))
            .anchor(format!("header {header} to {}", it.service));
    }
}

/// `proxy/forwarded-proto-always-http`
pub fn forwarded_proto_always_http(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if edge.sites().any(|(proxy, site)| !site.is_plain() || proxy.open.is_some() || proxy.kind != ProxyKind::Nginx) {
        return;
    }
    for (it, django) in passed(edge, cx) {
        let Value::Known(header) = django.trusted_scheme_header() else { continue };
        let Some(set) = it.route.request_headers.get(&header) else { continue };
        if !it.proxy.outermost
            || !matches!(set.value.as_str(), "$scheme" | "http")
            || !django.is_on("SECURE_SSL_REDIRECT")
        {
            continue;
        }
        let finding = findings.report(
            set.place.clone(),
            format!("`{header}` is always `http` here, so SECURE_SSL_REDIRECT sends each request back to itself"),
        );
        finding
            .help("end TLS here; or, behind a proxy of yours that does, pass on what that one says")
            .anchor(format!("header {header} to {}", it.service));
        if let Some(place) = django.assigned("SECURE_SSL_REDIRECT") {
            finding.related(place, "the settings redirect all that is not secure");
        }
        if !it.proxy.is_certain() {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `proxy/host-not-passed`
pub fn host_not_passed(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (it, django) in passed(edge, cx) {
        let Some(host) = it.pass.host.as_deref().filter(|_| it.route.request_headers.lacks("Host")) else { continue };
        let elsewhere = it.route.request_headers.get("X-Forwarded-Host").is_some();
        if elsewhere && !django.is_off("USE_X_FORWARDED_HOST") {
            continue;
        }
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let refused = django.settings.effective("ALLOWED_HOSTS").test(|hosts| {
            let hosts = hosts.as_sequence()?;
            Some(!hosts.contains_str("*")? && !hosts.contains_str(name)?)
        });
        let message = match refused {
            Value::Known(true) => format!("Django sees the host `{host}`, which ALLOWED_HOSTS refuses with 400"),
            _ => format!("Django sees the host `{host}`, and not the one that was asked for"),
        };
        let finding = findings.report(it.pass.place.clone(), message);
        finding.help("pass it on: `proxy_set_header Host $host;`").anchor(format!("header Host to {}", it.service));
        if refused != Value::Known(true) || !it.proxy.is_certain() {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `proxy/body-limit-too-small`
pub fn body_limit_too_small(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (it, django) in passed(edge, cx) {
        let (limit, place) = match &it.route.body_limit {
            BodyLimit::Set(0, _) | BodyLimit::Unknown => continue,
            BodyLimit::Set(limit, place) => (*limit, place.clone()),
            BodyLimit::Default if it.route.open || it.proxy.kind != ProxyKind::Nginx => continue,
            BodyLimit::Default => (1 << 20, it.pass.place.clone()),
        };
        let Some(allowed) = django.assigned("DATA_UPLOAD_MAX_MEMORY_SIZE") else { continue };
        let wanted = django.settings.effective("DATA_UPLOAD_MAX_MEMORY_SIZE").value.known().and_then(PyValue::as_int);
        if wanted.is_none_or(|wanted| u64::try_from(wanted).map_or(true, |wanted| wanted <= limit)) {
            continue;
        }
        findings
            .report(
                place,
                format!("bodies over {} KiB are refused with 413, although the settings allow more", limit >> 10),
            )
            .help("set `client_max_body_size` to what Django allows, and to what uploads of files need")
            .related(allowed, "the settings allow more")
            .anchor(format!("body limit to {}", it.service));
    }
}

/// `proxy/path-in-header`
pub fn path_in_header(edge: &Edge, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (_, _, route) in edge.routes() {
        for echo in &route.unsafe_echoes {
            findings
                .report(echo.place.clone(), "a header of the answer holds the decoded path, line breaks included")
                .help("use `$request_uri`, which stays as the client sent it")
                .anchor(format!("echo {}", echo.words.join(" ")));
        }
    }
}
