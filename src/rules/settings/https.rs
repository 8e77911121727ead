use crate::findings::{Findings, Severity};
use crate::project::deployment::{Deployment, DjangoProcess};
use crate::project::django::classes::{CSRF_MIDDLEWARE, SECURITY_MIDDLEWARE, SESSION_MIDDLEWARE};
use crate::project::proxy::{Edge, Protocol};
use crate::project::settings::PyValue;
use crate::project::value::Value;
use crate::rules::Cx;

/// What stands before the process.
fn edge<'m>(cx: &Cx<'m>) -> Option<&'m Edge> {
    cx.model.edge(cx.deployment?)
}

/// Whether the process answers real users. DEBUG that is on casts doubt on an environment which is but assumed: then
/// that is said, and no more.
fn serves(django: &DjangoProcess, cx: &Cx<'_>) -> bool {
    django.serves && !(django.is_on("DEBUG") && cx.deployment.is_none_or(Deployment::is_assumed))
}

/// Whether Django's own middleware for HTTPS runs and answers requests.
fn secures(django: &DjangoProcess, cx: &Cx<'_>) -> bool {
    serves(django, cx) && django.lists("MIDDLEWARE", SECURITY_MIDDLEWARE) == Some(true)
}

/// Reports a setting that is missing or off, where it is or would be set.
fn missing(django: &DjangoProcess, setting: &str, message: &str, help: &str, findings: &mut Findings<'_>) {
    let Some(place) = django.setting_place(setting) else { return };
    let value = django.settings.effective(setting);
    let finding = findings.report(place, message);
    finding.help(help).trail(&value.trail).trail(&django.module.trail).anchor(format!("setting {setting}"));
}

/// `settings/security-middleware-missing`
pub fn security_middleware_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let middleware = django.settings.effective("MIDDLEWARE");
    let named = middleware.test(|list| list.as_sequence().map(|items| !items.items.is_empty()));
    let lacks = django.lists("MIDDLEWARE", SECURITY_MIDDLEWARE) == Some(false) && named == Value::Known(true);
    let Some(place) = django.assigned("MIDDLEWARE").filter(|_| lacks && serves(django, cx)) else { return };
    if django.silences("security.W001") {
        return;
    }
    const SWITCHES: [&str; 2] = ["SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"];
    let dead: Vec<&str> = SWITCHES.into_iter().filter(|name| django.is_on(name)).collect();
    let message = match dead.as_slice() {
        [] => "SecurityMiddleware is not installed, so that Django sends no headers for HTTPS".to_owned(),
        [one] => format!("SecurityMiddleware is not installed, so that {one} does nothing"),
        several => format!("SecurityMiddleware is not installed, so that {} do nothing", several.join(" and ")),
    };
    let finding = findings.report(place, message);
    finding
        .help(format!("put `{SECURITY_MIDDLEWARE}` first in MIDDLEWARE"))
        .trail(&django.module.trail)
        .anchor("setting MIDDLEWARE");
    if dead.is_empty() {
        finding.at_most(Severity::Note);
    }
}

/// Whether neither the settings nor a proxy of the repository redirect to HTTPS.
fn nobody_redirects(django: &DjangoProcess, cx: &Cx<'_>) -> bool {
    // Where TLS ends at a proxy of the repository, its own configuration says what becomes of plain HTTP.
    let by_proxy =
        edge(cx).is_some_and(|edge| edge.may_redirect_to_https() || matches!(edge.terminates_tls, Value::Known(_)));
    !by_proxy && secures(django, cx) && django.is_off("SECURE_SSL_REDIRECT") && !django.silences("security.W008")
}

/// `settings/ssl-redirect-off`
pub fn ssl_redirect_off(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if !nobody_redirects(django, cx) {
        return;
    }
    let message = "SECURE_SSL_REDIRECT is off, and no proxy of the repository sends plain HTTP to HTTPS";
    let help = "switch it on with SECURE_PROXY_SSL_HEADER, or redirect where TLS ends";
    missing(django, "SECURE_SSL_REDIRECT", message, help, findings);
}

/// `settings/hsts-missing`
pub fn hsts_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let by_proxy = edge(cx).is_some_and(|edge| matches!(edge.sends_hsts, Value::Known(_)));
    let off = django.settings.effective("SECURE_HSTS_SECONDS").truth() == Value::Known(false);
    if by_proxy || !secures(django, cx) || !off || django.silences("security.W004") {
        return;
    }
    let message = "SECURE_HSTS_SECONDS is not set, and no proxy of the repository sends the header";
    let help = "begin with `SECURE_HSTS_SECONDS = 3600`, and raise it once all of the site is known to work over HTTPS";
    missing(django, "SECURE_HSTS_SECONDS", message, help, findings);
}

/// `settings/hsts-without-subdomains`
pub fn hsts_without_subdomains(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    hsts_part(django, cx, "SECURE_HSTS_INCLUDE_SUBDOMAINS", "security.W005", "HSTS leaves subdomains out", findings);
}

/// `settings/hsts-without-preload`
pub fn hsts_without_preload(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    hsts_part(django, cx, "SECURE_HSTS_PRELOAD", "security.W021", "HSTS does not ask to be preloaded", findings);
}

fn hsts_part(
    django: &DjangoProcess,
    cx: &Cx<'_>,
    setting: &str,
    check: &str,
    message: &str,
    findings: &mut Findings<'_>,
) {
    let on = secures(django, cx) && django.is_on("SECURE_HSTS_SECONDS");
    if on && django.is_off(setting) && !django.silences(check) {
        missing(
            django,
            setting,
            message,
            &format!("`{setting} = True`, once each subdomain is served over HTTPS"),
            findings,
        );
    }
}

/// `settings/hsts-short`
pub fn hsts_short(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    const DAY: i64 = 86_400;
    let seconds = django.settings.read(&["SECURE_HSTS_SECONDS"]);
    let Some(count) = seconds.int().filter(|count| *count > 0 && secures(django, cx)) else { return };
    let message = if django.is_on("SECURE_HSTS_PRELOAD") && count < 365 * DAY {
        format!("HSTS asks to be preloaded and holds for {count} seconds: browsers' lists take it from a year on")
    } else if count < DAY {
        format!("HSTS holds for {count} seconds, as for a first try")
    } else {
        return;
    };
    super::tell(findings, django, &seconds, "SECURE_HSTS_SECONDS", message)
        .help("`SECURE_HSTS_SECONDS = 31536000`, once all of the site is known to work over HTTPS");
}

/// `settings/session-cookie-insecure`
pub fn session_cookie_insecure(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let app = django.lists("INSTALLED_APPS", "django.contrib.sessions") == Some(true);
    let middleware = django.lists("MIDDLEWARE", SESSION_MIDDLEWARE) == Some(true);
    let silenced = ["security.W010", "security.W011", "security.W012"].iter().any(|check| django.silences(check));
    // That browsers refuse it is told by another rule.
    let told = django.has_refused_cookie("SESSION_COOKIE");
    if !serves(django, cx) || !(app || middleware) || silenced || told || !django.is_off("SESSION_COOKIE_SECURE") {
        return;
    }
    let message = "the session cookie is sent over plain HTTP, too: SESSION_COOKIE_SECURE is off";
    let help = "set `SESSION_COOKIE_SECURE = True` where production is served over HTTPS";
    missing(django, "SESSION_COOKIE_SECURE", message, help, findings);
}

/// `settings/csrf-cookie-insecure`
pub fn csrf_cookie_insecure(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let middleware = django.lists("MIDDLEWARE", CSRF_MIDDLEWARE) == Some(true);
    let in_session = django.settings.effective("CSRF_USE_SESSIONS").truth() != Value::Known(false);
    let silenced = django.silences("security.W016");
    let told = django.has_refused_cookie("CSRF_COOKIE");
    if !serves(django, cx) || !middleware || in_session || silenced || told || !django.is_off("CSRF_COOKIE_SECURE") {
        return;
    }
    let message = "the CSRF cookie is sent over plain HTTP, too: CSRF_COOKIE_SECURE is off";
    let help = "set `CSRF_COOKIE_SECURE = True` where production is served over HTTPS";
    missing(django, "CSRF_COOKIE_SECURE", message, help, findings);
}

/// `settings/proxy-ssl-header-malformed`
pub fn proxy_ssl_header_malformed(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let header = django.settings.effective("SECURE_PROXY_SSL_HEADER");
    let Some(place) = django.assigned("SECURE_PROXY_SSL_HEADER") else { return };
    let first = |value: &PyValue| value.as_sequence()?.items.first()?.value.value.known()?.as_str().map(str::to_owned);
    let message = match header.value.known() {
        Some(PyValue::Str(_)) => {
            "SECURE_PROXY_SSL_HEADER is one text, so each request fails: it takes a pair".to_owned()
        }
        Some(pair) if pair.as_sequence().is_some_and(|items| !items.more && items.items.len() != 2) => {
            "SECURE_PROXY_SSL_HEADER is no pair, so each request fails".to_owned()
        }
        Some(pair) => match first(pair).filter(|name| !name.starts_with("HTTP_") || name.contains('-')) {
            Some(name) => format!("no request has the variable `{name}`, so none counts as secure"),
            None => return,
        },
        None => return,
    };
    findings
        .report(place, message)
        .help("`SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\")`: the name as it stands in request.META")
        .trail(&django.module.trail)
        .anchor("setting SECURE_PROXY_SSL_HEADER");
}

/// `settings/proxy-ssl-header-missing`
pub fn proxy_ssl_header_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(service) = cx.deployment.and_then(|it| it.service(&django.service)) else { return };
    let trusts_none = django.serves && django.trusted_scheme_header() == Value::Absent;
    if !trusts_none || service.server_may_take_scheme() {
        return;
    }
    let behind_tls = edge(cx).and_then(|edge| {
        edge.django_routes()
            .find(|it| it.service == django.service && it.site.has_tls() && it.pass.protocol == Protocol::Http)
    });
    let loops = django.is_on("SECURE_SSL_REDIRECT");
    let Some(route) = behind_tls else {
        // Wherever TLS ends, this server is never told of it.
        let mut routes = edge(cx).into_iter().flat_map(Edge::django_routes);
        let by_http = routes.all(|it| it.service != django.service || it.pass.protocol == Protocol::Http);
        let place = django.assigned("SECURE_SSL_REDIRECT").filter(|_| loops && by_http && secures(django, cx));
        if let Some(place) = place.filter(|_| service.server_takes_no_scheme() && django.keeps_scheme_as_it_comes()) {
            let message = "SECURE_SSL_REDIRECT sends each request back to itself: the server speaks plain HTTP, and SECURE_PROXY_SSL_HEADER is not set";
            findings
                .report(place, message)
                .at_most(Severity::Warning)
                .help("`SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\")`, behind a proxy that always sets that header")
                .trail(&django.settings.effective("SECURE_SSL_REDIRECT").trail)
                .anchor("setting SECURE_PROXY_SSL_HEADER");
        }
        return;
    };
    let refused = django.settings.effective("CSRF_TRUSTED_ORIGINS").truth() == Value::Known(false);
    let message = match (loops, refused) {
        (true, _) => {
            "SECURE_SSL_REDIRECT sends each request back to itself: TLS ends at the proxy, and SECURE_PROXY_SSL_HEADER is not set"
        }
        (_, true) => {
            "TLS ends at the proxy and SECURE_PROXY_SSL_HEADER is not set: since Django 4.0 forms sent over HTTPS are refused"
        }
        _ => "TLS ends at the proxy and SECURE_PROXY_SSL_HEADER is not set: Django takes each request for plain HTTP",
    };
    let Some(place) = (if loops { django.assigned("SECURE_SSL_REDIRECT") } else { None })
        .or_else(|| django.setting_place("SECURE_PROXY_SSL_HEADER"))
    else {
        return;
    };
    let finding = findings.report(place, message);
    finding
        .help("`SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\")`, and let the proxy set that header always")
        .related(route.pass.place.clone(), "requests reach Django from here, in plain HTTP")
        .anchor("setting SECURE_PROXY_SSL_HEADER");
    finding.at_most(match (loops && route.proxy.is_certain(), refused || loops) {
        (true, _) => Severity::Error,
        (_, true) => Severity::Warning,
        _ => Severity::Note,
    });
}

/// `settings/proxy-ssl-header-spoofable`
pub fn proxy_ssl_header_spoofable(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Value::Known(header), Some(edge)) = (django.trusted_scheme_header(), edge(cx)) else { return };
    let ways = cx.deployment.map(|deployment| edge.ways_past(deployment)).unwrap_or_default();
    let Some(way) = ways.iter().find(|way| way.service.name == django.service && django.serves) else { return };
    let name = &django.service;
    let finding = findings.report(
        way.port.place.clone(),
        format!("`{name}` can be reached past its proxy here, and its settings trust `{header}`"),
    );
    finding
        .help("take the port out, or bind it to 127.0.0.1: the proxy reaches it without")
        .anchor(format!("service {name}"));
    if let Some(place) = django.assigned("SECURE_PROXY_SSL_HEADER") {
        finding.related(place, "the settings trust the header");
    }
}

/// `settings/nosniff-off`
pub fn nosniff_off(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let off = secures(django, cx) && django.is_off("SECURE_CONTENT_TYPE_NOSNIFF");
    if off && !django.silences("security.W006") {
        let message = "SECURE_CONTENT_TYPE_NOSNIFF is off: browsers may take an upload for a page";
        missing(django, "SECURE_CONTENT_TYPE_NOSNIFF", message, "leave it at Django's default, which is on", findings);
    }
}
