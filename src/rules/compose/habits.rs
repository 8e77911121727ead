use crate::findings::Findings;
use crate::project::compose::{MountSource, headings};
use crate::project::deployment::{Deployment, Service};
use crate::rules::Cx;

/// `compose/port-on-all-interfaces`
pub fn port_on_all_interfaces(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for port in service.open_ports() {
        findings
            .report(port.place.clone(), format!("service `{}` is published on every address of the host", service.name))
            .help("bind it to the host, `127.0.0.1:`, or let a proxy reach it by its name")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/port-unquoted`
pub fn port_unquoted(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let ports = service.compose.iter().flat_map(|merged| &merged.ports);
    for port in ports.filter(|port| port.value.unquoted && port.value.published.is_some()) {
        findings
            .report(port.place.clone(), "a port with a colon stands without quotes")
            .help("put it into quotes")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/privileged-port`
pub fn privileged_port(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for port in service.compose.iter().flat_map(|merged| &merged.ports) {
        let low = [port.value.target_range(), port.value.published_range()];
        if low.iter().flatten().any(|(first, _)| *first < 1024) {
            findings
                .report(port.place.clone(), format!("service `{}` maps a port below 1024", service.name))
                .help("listen at a high port in the container")
                .anchor(format!("service {}", service.name));
        }
    }
}

/// `compose/cgroup-parent`
pub fn cgroup_parent(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(group) = service.compose.as_ref().and_then(|merged| merged.cgroup_parent.as_ref()) {
        findings
            .report(group.entry(), format!("service `{}` is put into a control group of its own choice", service.name))
            .help("take `cgroup_parent` away")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/mount-propagation`
pub fn mount_propagation(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const SHARED: [&str; 4] = ["shared", "slave", "rshared", "rslave"];
    for mount in service.compose.iter().flat_map(|merged| &merged.volumes) {
        if mount.value.options.iter().any(|option| option.likely().is_some_and(|option| SHARED.contains(&option))) {
            findings
                .report(
                    mount.place.clone(),
                    format!("service `{}` passes mounts on to its host, or takes them", service.name),
                )
                .help("take the option away")
                .anchor(format!("service {}", service.name));
        }
    }
}

/// `compose/obsolete-version`
pub fn obsolete_version(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for place in deployment.files.iter().filter_map(|path| headings::version(&cx.model.snapshot, path)) {
        findings
            .report(place, "nothing reads the `version` of a compose file any more")
            .help("take the line away")
            .anchor("version");
    }
}

/// `compose/project-name-missing`
pub fn project_name_missing(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Some(stack), Some(path)) = (&deployment.stack, deployment.files.first()) else { return };
    if stack.name.is_none() {
        findings
            .report(headings::services(&cx.model.snapshot, path), "the stack takes its name from its folder")
            .help("say `name` at the top")
            .anchor("name of the stack");
    }
}

/// `compose/build-and-image`
pub fn build_and_image(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(merged) = &service.compose else { return };
    if merged.build.is_some() && merged.image.is_some() && merged.pull_policy.is_none() {
        findings
            .report(service.place.clone(), format!("service `{}` both builds its image and names one", service.name))
            .help("say `pull_policy: build`")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/links`
pub fn links(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for link in service.compose.iter().flat_map(|merged| &merged.links) {
        findings
            .report(
                link.place.clone(),
                format!("service `{}` uses `links`, which networks have made superfluous", service.name),
            )
            .help("take it away, or say `depends_on` where the order matters")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/shared-volume`
pub fn shared_volume(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let mut seen: Vec<(&str, &Service)> = Vec::new();
    for service in deployment.services_by_place() {
        for mount in service.compose.iter().flat_map(|merged| &merged.volumes) {
            let Some(MountSource::Named(name)) = mount.value.source.likely() else { continue };
            if let Some((_, other)) = seen.iter().find(|(known, other)| known == name && other.name != service.name) {
                findings
                    .report(
                        mount.place.clone(),
                        format!("`{}` and `{}` share the volume `{name}`", other.name, service.name),
                    )
                    .help("mount it read-only where it is only read")
                    .anchor(format!("volume {name}"));
            }
            seen.push((name, service));
        }
    }
}
