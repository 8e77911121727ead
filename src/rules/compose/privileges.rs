use crate::findings::{Finding, Findings, Severity};
use crate::project::compose::{Interpolated, Mount, Placed, Text};
use crate::project::container::exposure::{is_dangerous_capability, is_docker_socket, is_sensitive_folder};
use crate::project::deployment::Service;
use crate::rules::Cx;
use crate::source::Place;

fn report<'f>(service: &Service, place: Place, message: String, findings: &'f mut Findings<'_>) -> &'f mut Finding {
    findings.report(place, message).anchor(format!("service {}", service.name))
}

/// `compose/privileged-service`
pub fn privileged_service(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let flag = service.compose.as_ref().and_then(|merged| merged.privileged.as_ref());
    if let Some(flag) = flag.filter(|flag| flag.value.value.likely() == Some(&true)) {
        let finding = report(service, flag.entry(), format!("service `{}` runs privileged", service.name), findings);
        finding.help("grant the one capability that it needs with `cap_add`");
        if service.is_agent() {
            finding.at_most(Severity::Note);
        }
    }
}

/// `compose/docker-socket-mounted`
pub fn docker_socket_mounted(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if service.is_socket_proxy() {
        return;
    }
    for (mount, path) in service.host_mounts().filter(|(_, path)| is_docker_socket(path)) {
        let message = format!("service `{}` can reach `{path}`, and with it all of the host", service.name);
        let finding = report(service, mount.source_place(), message, findings);
        finding.help("put a proxy such as `tecnativa/docker-socket-proxy` in front of the socket, or do without it");
        if service.is_agent() {
            // One proxy before the socket serves them all.
            finding.at_most(Severity::Note).anchor("agents");
        } else if let Some(build) = &service.build {
            // One image in several roles is one trouble.
            finding.anchor(format!("image of {}", build.dockerfile));
        }
    }
}

/// `compose/host-path-mounted`
pub fn host_path_mounted(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    // Watching the host is what an agent is for; writing to it is not.
    let meant = |mount: &Placed<Mount>| service.is_agent() && mount.value.read_only.likely() == Some(&true);
    let by_name = cx.deployment.into_iter().flat_map(|deployment| deployment.bound_volumes(service));
    let mounts = service.host_mounts().chain(by_name);
    let mut seen = mounts.filter(|(mount, path)| is_sensitive_folder(path) && !meant(mount));
    let Some((first, path)) = seen.next() else { return };
    let message = format!("service `{}` sees `{path}` of the host", service.name);
    let finding = report(service, first.source_place(), message, findings);
    finding.help("mount the one file or folder that is needed, read-only");
    if service.is_agent() {
        finding.at_most(Severity::Note);
    }
    for (mount, path) in seen {
        finding.related(mount.source_place(), format!("`{path}` as well"));
    }
}

/// `compose/host-network`
pub fn host_network(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if service.is_relay() {
        return;
    }
    host(
        service,
        |merged| &merged.network_mode,
        "the network",
        "publish the ports that are needed with `ports`",
        findings,
    );
}

/// `compose/host-pid`
pub fn host_pid(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // What watches a host counts its processes; its makers' instructions say so.
    if !service.is_agent() {
        host(service, |merged| &merged.pid, "the processes", "take `pid: host` away", findings);
    }
}

/// `compose/host-ipc`
pub fn host_ipc(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    host(
        service,
        |merged| &merged.ipc,
        "the shared memory",
        "take `ipc: host` away, and use `shm_size` for more memory",
        findings,
    );
}

/// `compose/host-user-namespace`
pub fn host_user_namespace(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    host(service, |merged| &merged.userns_mode, "the users", "take `userns_mode: host` away", findings);
}

fn host(
    service: &Service,
    setting: fn(&crate::project::compose::Service) -> &Text,
    what: &str,
    help: &str,
    findings: &mut Findings<'_>,
) {
    // Agents watch the host's processes and its network: their manuals ask for it.
    if service.is_agent() {
        return;
    }
    let placed = service.compose.as_ref().and_then(|merged| setting(merged).as_ref());
    if let Some(placed) = placed.filter(|placed| placed.value.likely() == Some("host")) {
        let message = format!("service `{}` shares {what} of its host", service.name);
        report(service, placed.entry(), message, findings).help(help);
    }
}

/// `compose/dangerous-capability`
pub fn dangerous_capability(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (capability, name) in listed(service, |merged| &merged.cap_add) {
        if is_dangerous_capability(name) {
            report(
                service,
                capability.place.clone(),
                format!("service `{}` gets the capability `{name}`", service.name),
                findings,
            )
            .help("grant what is needed and no more, such as `NET_BIND_SERVICE`")
            .evidence(name.to_owned());
        }
    }
}

/// `compose/seccomp-off`
pub fn seccomp_off(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    option(
        service,
        |name| name == "seccomp:unconfined",
        "may use every system call",
        "take `seccomp:unconfined` away",
        findings,
    );
}

/// `compose/selinux-off`
pub fn selinux_off(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let off = |name: &str| matches!(name, "label:disable" | "apparmor:unconfined");
    option(
        service,
        off,
        "switches off the host's confinement",
        "label the folders that it needs: `./media:/app/media:z`",
        findings,
    );
}

fn option(service: &Service, is: fn(&str) -> bool, what: &str, help: &str, findings: &mut Findings<'_>) {
    for (option, name) in listed(service, |merged| &merged.security_opt) {
        if is(&name.replacen('=', ":", 1)) {
            report(service, option.place.clone(), format!("service `{}` {what}", service.name), findings)
                .help(help)
                .evidence(name.to_owned());
        }
    }
}

/// The entries of a list of texts that are known.
fn listed(
    service: &Service,
    list: fn(&crate::project::compose::Service) -> &Vec<Placed<Interpolated>>,
) -> impl Iterator<Item = (&Placed<Interpolated>, &str)> {
    let entries = service.compose.as_ref().map_or(&[][..], |merged| list(merged).as_slice());
    entries.iter().filter_map(|entry| Some((entry, entry.value.likely()?)))
}
