use super::health::check;
use crate::findings::Findings;
use crate::project::command::Invocation;
use crate::project::container::health_tools::never_fails;
use crate::project::container::probe::{Ask, asks};
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::django::classes::{COMMON_MIDDLEWARE, SECURITY_MIDDLEWARE};
use crate::project::settings::PyValue;
use crate::project::value::Value;
use crate::rules::Cx;
use crate::source::Place;

/// The requests of a service's health check to its own container, each with its place.
fn requests(service: &Service) -> Vec<(Place, Ask, Invocation)> {
    let Some((path, commands, place)) = check(service) else { return Vec::new() };
    let found = commands.into_iter().filter_map(|command| Some((asks(&command)?, command)));
    found
        .map(|(ask, command)| {
            let place = place.clone().unwrap_or_else(|| Place::new(path.clone(), command.words_span()));
            (place, ask, command)
        })
        .collect()
}

/// `compose/healthcheck-wrong-port`
pub fn healthcheck_wrong_port(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(ports) = service.server_ports() else { return };
    if let Some((place, ask, _)) = requests(service).into_iter().find(|(_, ask, _)| !ports.contains(&ask.port)) {
        let listens: Vec<String> = ports.iter().map(u16::to_string).collect();
        findings
            .report(
                place,
                format!(
                    "the health check of `{}` asks port {}, but its server listens at {}",
                    service.name,
                    ask.port,
                    listens.join(", ")
                ),
            )
            .help("ask the port that the server binds in the container; `ports` tells of the host")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/healthcheck-ignores-errors`
pub fn healthcheck_ignores_errors(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let blind = |(_, ask, command): &(Place, Ask, Invocation)| {
        // What comes out may be looked at behind a pipe, or by a test around it.
        !ask.fails_on_errors && command.program == "curl" && command.pipeline.is_none() && command.via.is_empty()
    };
    // One that never fails takes everything for health, which another rule says.
    let told = check(service).is_some_and(|(_, commands, _)| never_fails(&commands));
    if let Some((place, ..)) = requests(service).into_iter().find(blind).filter(|_| !told) {
        findings
            .report(place, format!("the health check of `{}` takes an error page for health", service.name))
            .help("add `--fail` to `curl`")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/healthcheck-refused`
pub fn healthcheck_refused(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Some(django), Some(ports)) = (service.django.as_ref(), service.server_ports()) else { return };
    if !django.serves || django.settings.effective("DEBUG").truth() != Value::Known(false) || answers_first(django) {
        return;
    }
    let Some((place, ask, _)) = requests(service)
        .into_iter()
        .find(|(_, ask, _)| ports.contains(&ask.port) && ask.fails_on_errors && !ask.host_header)
    else {
        return;
    };
    if refuses(django, &ask.host) {
        let finding = findings.report(
            place,
            format!(
                "the health check of `{}` asks for `{}`, which is not among ALLOWED_HOSTS: Django answers 400",
                service.name, ask.host
            ),
        );
        finding
            .help(format!("add `{}` to ALLOWED_HOSTS, or send the site's name: `curl -f -H 'Host: …'`", ask.host))
            .anchor(format!("service {}", service.name));
        if let Some(hosts) = django.setting_place("ALLOWED_HOSTS") {
            finding.related(hosts, "the hosts that are let in");
        }
    } else if ask.follows && !ask.tls && !ask.scheme_header && redirects(django) {
        let finding = findings.report(
            place,
            format!(
                "the health check of `{}` is sent on to HTTPS, which nothing in the container speaks",
                service.name
            ),
        );
        finding
            .help("exempt its path with SECURE_REDIRECT_EXEMPT, or send `X-Forwarded-Proto: https`")
            .anchor(format!("service {}", service.name));
        if let Some(switch) = django.setting_place("SECURE_SSL_REDIRECT") {
            finding.related(switch, "redirects");
        }
    }
}

/// Whether a middleware before the one that looks at the host may answer by itself, or the middleware is not known.
fn answers_first(django: &DjangoProcess) -> bool {
    const HARMLESS: [&str; 6] =
        ["django.", "whitenoise.", "corsheaders.", "django_prometheus.", "debug_toolbar.", "csp."];
    let Some(list) = django.settings.list("MIDDLEWARE").filter(|list| !list.more) else { return true };
    let Some(at) = list.position(COMMON_MIDDLEWARE) else { return true };
    list.items[..at].iter().any(|item| {
        let text = item.value.value.known().and_then(PyValue::as_str);
        text.is_none_or(|text| !HARMLESS.iter().any(|prefix| text.starts_with(prefix)))
    })
}

/// Whether ALLOWED_HOSTS, all of it known, lets `host` not in.
fn refuses(django: &DjangoProcess, host: &str) -> bool {
    let Some(list) = django.settings.list("ALLOWED_HOSTS").filter(|list| !list.more && !list.items.is_empty()) else {
        return false;
    };
    let texts: Vec<&str> = list.texts().map(|(text, _)| text).collect();
    let lets_in = |text: &&str| *text == "*" || text.trim_start_matches('.').eq_ignore_ascii_case(host);
    texts.len() == list.items.len() && !texts.iter().any(lets_in)
}

/// Whether every request by plain HTTP is surely redirected.
fn redirects(django: &DjangoProcess) -> bool {
    let security = SECURITY_MIDDLEWARE;
    let exempt = django.settings.effective("SECURE_REDIRECT_EXEMPT");
    let none = exempt.test(|list| list.as_sequence().map(|list| list.items.is_empty() && !list.more));
    django.is_on("SECURE_SSL_REDIRECT")
        && django.lists("MIDDLEWARE", security) == Some(true)
        && (exempt.value == Value::Absent || none == Value::Known(true))
}
