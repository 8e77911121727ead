use crate::findings::{Findings, Severity};
use crate::project::Model;
use crate::project::compose::references::{Referred, stale_twins, undeclared};
use crate::project::compose::{Interpolated, Placed, Port};
use crate::project::deployment::{Deployment, Service};
use crate::rules::Cx;

/// `compose/undeclared-reference`
pub fn undeclared_reference(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(stack) = &deployment.stack else { return };
    let is_swarm = deployment.is_swarm();
    for reference in undeclared(stack) {
        // A swarm ignores `depends_on`.
        if is_swarm && reference.kind == Referred::Service {
            continue;
        }
        // Another file of the repository declares it: then the files that belong together are not known.
        if cx.model.declared.contains(&(reference.kind, reference.name.clone())) {
            continue;
        }
        let (kind, name) = (reference.kind.name(), &reference.name);
        findings
            .report(
                reference.place,
                format!("service `{}` refers to the {kind} `{name}`, which nothing declares", reference.service),
            )
            .help(format!("declare `{name}` under `{kind}s`, or mend the name"))
            .anchor(format!("{kind} {name}"));
    }
}

/// `compose/refused-by-compose`
pub fn refused_by_compose(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(stack) = deployment.stack.as_ref().filter(|_| !deployment.is_swarm()) else { return };
    for problem in stack.refusals(|name| deployment.service(name).is_some()) {
        let place = &problem.place;
        if cx.model.told_by_syntax(place) || cx.model.may_be_completed(stack, problem) {
            continue;
        }
        let finding = findings.report(place.clone(), problem.message.clone());
        finding
            .help("try `docker compose config --quiet` with the files of this deployment")
            .anchor(problem.message.clone());
        if problem.unknown_key {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `compose/host-port-duplicate`
pub fn host_port_duplicate(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let mut taken: Vec<(&Service, &Placed<Port>)> = Vec::new();
    for service in deployment.services_by_place() {
        for port in service.compose.iter().flat_map(|merged| &merged.ports) {
            if let Some((other, earlier)) = taken.iter().find(|(_, earlier)| earlier.value.collides(&port.value)) {
                findings
                    .report(
                        port.place.clone(),
                        format!("services `{}` and `{}` want the same port of the host", other.name, service.name),
                    )
                    .help("give one of them another port, or publish only the proxy")
                    .related(earlier.place.clone(), "taken here")
                    .anchor(format!("service {}", service.name));
            }
            taken.push((service, port));
        }
    }
}

/// `compose/container-name-duplicate`
pub fn container_name_duplicate(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let names: Vec<_> = deployment
        .services_by_place()
        .into_iter()
        .filter_map(|service| Some((service, service.compose.as_ref()?.container_name.as_ref()?)))
        .collect();
    for (at, (service, name)) in names.iter().enumerate() {
        let Some(text) = name.value.likely() else { continue };
        let same = |pair: &&(&Service, &Placed<Interpolated>)| pair.1.value.likely() == Some(text);
        // The first tells for all: a name that several take over from one anchor is one trouble.
        if names[..at].iter().any(|pair| same(&pair)) {
            continue;
        }
        let others: Vec<_> = names[at + 1..].iter().filter(same).collect();
        let Some((second, place)) = others.first() else { continue };
        let message = match others.len() {
            1 => format!("services `{}` and `{}` both want the name `{text}`", service.name, second.name),
            more => format!("service `{}` and {more} others want the name `{text}`", service.name),
        };
        let finding = findings
            .report(place.entry(), message)
            .help("take `container_name` away from all of them")
            .related(name.entry(), "taken here")
            .anchor(format!("service {}", second.name));
        for (other, place) in &others[1..] {
            finding.related(place.entry(), format!("wanted by `{}` as well", other.name));
        }
    }
}

/// `compose/container-name-invalid`
pub fn container_name_invalid(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let name = service.compose.as_ref().and_then(|merged| merged.container_name.as_ref());
    let Some((name, text)) = name.and_then(|name| Some((name, name.value.known()?))) else { return };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if text.len() < 2 || !text.chars().all(allowed) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        findings
            .report(name.entry(), format!("Docker refuses the container name `{text}`"))
            .help("use letters, digits, `_`, `.` and `-`, or take `container_name` away")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/replicas-of-fixed-name`
pub fn replicas_of_fixed_name(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(merged) = &service.compose else { return };
    let count = merged.replicas().unwrap_or(1);
    if count < 2 || cx.deployment.is_some_and(Deployment::is_swarm) {
        return;
    }
    let fixed = |port: &&Placed<Port>| {
        port.value.published_range().is_some_and(|(first, last)| usize::from(last - first) + 1 < count)
    };
    let name = merged.container_name.as_ref().map(|name| (name.entry(), "one container name"));
    let port = || merged.ports.iter().find(fixed).map(|port| (port.place.clone(), "one port of the host"));
    if let Some((place, what)) = name.or_else(port) {
        findings
            .report(place, format!("`{}` wants {count} replicas, and {what} for all", service.name))
            .help("take it away; a proxy reaches the replicas by the service's name")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/stale-twin`
pub fn stale_twin(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (stale, read) in stale_twins(&model.snapshot) {
        let name = read.path.file_name().to_owned();
        findings
            .report(stale, format!("Compose reads `{name}` of this folder, and not this file"))
            .help("delete the one that is not meant, or name it for its purpose: `compose.prod.yaml`")
            .related(read, "the one that is read")
            .anchor("stale twin");
    }
}
