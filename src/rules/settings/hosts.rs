use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::{PyValue, is_loopback};
use crate::project::value::Value;
use crate::rules::Cx;
use crate::source::Place;

/// `settings/allowed-hosts-wildcard`
pub fn allowed_hosts_wildcard(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let hosts = django.settings.effective("ALLOWED_HOSTS");
    let wildcard = hosts.test(|hosts| hosts.as_sequence()?.contains_str("*"));
    // A fallback that lets everybody in is unsafe as it stands.
    if wildcard.likely() != Some(&true) {
        return;
    }
    let fallback = matches!(wildcard, Value::Default(_));
    let wild = hosts.value.likely().and_then(PyValue::as_sequence).and_then(|hosts| hosts.find_str("*"));
    let written = wild.and_then(|item| item.value.decided_at().or(item.place.as_ref()).cloned());
    let Some(place) = written.or_else(|| django.decides("ALLOWED_HOSTS", &hosts)) else { return };
    let message = match fallback {
        true => "ALLOWED_HOSTS falls back to every host",
        false => "ALLOWED_HOSTS lets every host in",
    };
    let finding = findings.report(place, message);
    finding
        .help("name the hosts: links in mails and password resets are made from the `Host` that a request claims")
        .trail(&hosts.trail)
        .trail(&django.module.trail)
        .anchor("setting ALLOWED_HOSTS");
    // The variable may well be set where the repository does not show it.
    if fallback {
        finding.at_most(Severity::Warning);
    }
}

/// `settings/allowed-hosts-empty`
pub fn allowed_hosts_empty(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let hosts = settings.effective("ALLOWED_HOSTS");
    let names_none = |hosts: &PyValue| {
        let items = hosts.as_sequence()?;
        let blank = |text: &str| text.trim().is_empty();
        let texts: Option<Vec<&str>> =
            items.items.iter().map(|item| item.value.value.known().and_then(PyValue::as_str)).collect();
        Some(!items.more && texts?.iter().all(|text| blank(text)))
    };
    // A stack that debugs and is production by assumption alone may well be somebody's own machine.
    let debugs = match settings.effective("DEBUG").truth() {
        Value::Known(debugs) if !debugs || cx.deployment.is_some_and(|it| !it.is_assumed()) => debugs,
        _ => return,
    };
    if hosts.test(names_none) != Value::Known(true) || !django.serves {
        return;
    }
    let module = settings.path.clone().map(Place::start_of);
    let Some(place) = django.decides("ALLOWED_HOSTS", &hosts).or(module) else { return };
    let message = match debugs {
        true => "ALLOWED_HOSTS names no host: `localhost` alone is answered while DEBUG is on, and nobody after that",
        false => "ALLOWED_HOSTS names no host, so every request is answered with 400",
    };
    let finding = findings.report(place, message);
    finding
        .help("name the hosts in the settings module, or read them from a variable that is set")
        .trail(&hosts.trail)
        .trail(&django.module.trail)
        .anchor("setting ALLOWED_HOSTS");
    if debugs {
        finding.at_most(Severity::Warning);
    }
}

/// `settings/allowed-host-without-effect`
pub fn allowed_host_without_effect(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // What was cut out of another notation is told as a whole.
    let hosts = django.settings.list("ALLOWED_HOSTS").filter(|hosts| hosts.left_over().is_none());
    for (text, item) in hosts.unwrap_or_default().texts() {
        let port = text.rsplit_once(':').filter(|(host, port)| !host.contains(':') && port.parse::<u16>().is_ok());
        let trouble = if text.contains("://") {
            "has a scheme"
        } else if text.contains('/') {
            "has a path"
        } else if text.trim() != text || text.contains(char::is_whitespace) {
            "has a blank"
        } else if port.is_some() {
            "has a port"
        } else if text.len() > 1 && text.trim_start_matches('.').contains('*') {
            "has an asterisk beside other characters"
        } else {
            continue;
        };
        let reading = item.reading(django.settings.assigned("ALLOWED_HOSTS"));
        tell(findings, django, &reading, "ALLOWED_HOSTS", format!("the allowed host `{text}` {trouble}, so that no request ever equals it"))
            .help("write the bare name, `school.example.org`; a leading dot stands for all subdomains; strip blanks after `.split(\",\")`")
            .evidence(text);
    }
}

/// `settings/allowed-hosts-only-local`
pub fn allowed_hosts_only_local(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let hosts = settings.effective("ALLOWED_HOSTS");
    let off = settings.effective("DEBUG").truth() == Value::Known(false);
    if !off || !django.serves || hosts.test(names_only_itself) != Value::Known(true) {
        return;
    }
    // A stack that is production by assumption alone may well be somebody's own machine.
    let Some(deployment) = cx.deployment.filter(|deployment| !deployment.is_assumed()) else { return };
    let Some(service) = deployment.service(&django.service) else { return };
    let edge = cx.model.edge(deployment);
    let mut routes = edge.iter().flat_map(|edge| edge.page_routes()).filter(|it| it.service == django.service);
    let route = routes.next();
    // A proxy that makes the name up itself has it as it wants.
    let renames = |value: &str| !value.contains(['$', '{']);
    let renamed = route.is_some_and(|it| {
        let headers = &it.route.request_headers;
        headers.more || headers.get("Host").is_some_and(|header| renames(&header.value))
    });
    let (reached, by_proxy) = match (route.filter(|it| it.proxy.service.is_some()), service.open_ports().next()) {
        (Some(route), _) => (route.pass.place.clone(), true),
        (None, Some(port)) => (port.place.clone(), false),
        (None, None) => return,
    };
    let Some(place) = django.decides("ALLOWED_HOSTS", &hosts).filter(|_| !renamed) else { return };
    let finding = findings.report(
        place,
        "ALLOWED_HOSTS has only names of the machine itself, and answers whoever comes from outside with 400",
    );
    finding
        .help("add the names by which the site is reached, or read them from a variable that is set")
        .related(reached, "requests come from outside here")
        .trail(&hosts.trail)
        .trail(&django.module.trail)
        .anchor("setting ALLOWED_HOSTS");
    // A proxy of the server itself may ask for `localhost`.
    if !by_proxy {
        finding.at_most(Severity::Warning);
    }
}

/// Whether a list of hosts has `localhost` and its like, and no other name.
fn names_only_itself(hosts: &PyValue) -> Option<bool> {
    let hosts = hosts.as_sequence()?;
    let names: Option<Vec<&str>> = hosts
        .items
        .iter()
        .map(|item| Some(item.value.value.known()?.as_str()?.trim()))
        .filter(|name| name.is_none_or(|name| !name.is_empty()))
        .collect();
    let itself = |name: &&str| {
        let name = name.trim_matches(['[', ']']).to_ascii_lowercase();
        is_loopback(name.trim_start_matches('.')) || matches!(name.as_str(), "0.0.0.0" | "testserver")
    };
    let names = names?;
    Some(!hosts.more && !names.is_empty() && names.iter().all(itself))
}
