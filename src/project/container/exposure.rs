//! Who can reach a service from outside of its stack, and what it can reach of its host.

use crate::parse::shell::Word;
use crate::project::compose::{Listens, Location, Mount, MountSource, Placed, Port};
use crate::project::deployment::{Deployment, Service};
use crate::project::image::known::canonical;
use crate::project::role::Role;

/// Last parts of the names of images that watch or route the containers of a host: what they see of it they need.
const AGENTS: [&str; 24] = [
    "agent",
    "alloy",
    "autoheal",
    "beszel-agent",
    "cadvisor",
    "diun",
    "docker-gen",
    "docker_agent",
    "dozzle",
    "filebeat",
    "fluent-bit",
    "letsencrypt-nginx-proxy-companion",
    "acme-companion",
    "metricbeat",
    "netdata",
    "nginx-proxy",
    "node-exporter",
    "portainer",
    "portainer-ce",
    "promtail",
    "telegraf",
    "traefik",
    "vector",
    "watchtower",
];

/// Servers that tell their clients the addresses at which they hear them, over ranges of ports that no bridge carries well:
/// their makers' instructions take the host's network.
const RELAYS: [&str; 6] = ["coturn", "freeswitch", "janus-gateway", "jvb", "livekit-server", "mediasoup"];

/// Folders of a Linux host from which it can be taken over or spied out. What lies below is often harmless.
const SENSITIVE: [&str; 18] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/proc",
    "/root",
    "/root/.ssh",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var",
    "/var/lib",
    "/var/lib/docker",
    "/var/run",
];

impl Service {
    /// The ports on which every address of the host listens.
    pub fn open_ports(&self) -> impl Iterator<Item = &Placed<Port>> {
        let ports = self.compose.as_ref().map_or(&[][..], |merged| merged.ports.as_slice());
        ports.iter().filter(|port| port.value.listens() == Listens::Everywhere)
    }

    /// Whether it watches or routes the containers of its host, by its image.
    pub fn is_agent(&self) -> bool {
        self.image.as_ref().is_some_and(|image| AGENTS.contains(&image.reference.name()))
    }

    /// Whether it relays speech, films or games, by its image, and so has to be in the network of its host.
    pub fn is_relay(&self) -> bool {
        self.image.as_ref().is_some_and(|image| RELAYS.contains(&image.reference.name()))
    }

    /// Whether it stands between others and the Docker socket and lets through what is allowed.
    pub fn is_socket_proxy(&self) -> bool {
        self.image.as_ref().is_some_and(|image| image.reference.name().contains("socket-proxy"))
    }

    /// The mounts of paths of the host outside of the repository, each with its path.
    pub fn host_mounts(&self) -> impl Iterator<Item = (&Placed<Mount>, &str)> {
        let mounts = self.compose.as_ref().map_or(&[][..], |merged| merged.volumes.as_slice());
        mounts.iter().filter_map(|mount| match mount.value.source.likely()? {
            MountSource::Bind(Location::Absolute(path)) => Some((mount, path.as_str())),
            _ => None,
        })
    }

    /// Whether its server surely asks nobody for a password: Memcached, and the official Redis and its kin without a
    /// command or a file that says otherwise.
    pub fn asks_for_no_password(&self) -> bool {
        let (Some(image), Some(merged)) = (&self.image, &self.compose) else { return false };
        let plain = (merged.command.is_none() || self.starts_plainly())
            && merged.entrypoint.is_none()
            && merged.build.is_none()
            && merged.volumes.iter().all(|mount| {
                mount.value.target.as_ref().and_then(|target| target.likely()).is_some_and(|target| {
                    matches!(target.trim_end_matches('/'), "/data" | "/bitnami/redis/data" | "/var/lib/redis")
                })
            });
        matches!(canonical(&image.reference), "redis" | "valkey/valkey" | "memcached") && plain
    }

    /// Whether its command is the server, with nothing that may set a password: no file, no variable, no `requirepass`.
    fn starts_plainly(&self) -> bool {
        let [run] = self.process.runs.as_slice() else { return false };
        let harmless = |word: &Word| {
            word.literal().is_some_and(|text| {
                let text = text.to_ascii_lowercase();
                !["requirepass", "user", "acl", ".conf", "include", "$"].iter().any(|mark| text.contains(mark))
            })
        };
        matches!(run.invocation.program.as_str(), "redis-server" | "valkey-server")
            && run.invocation.arguments().iter().all(harmless)
    }

    /// Whether it is a tool of developers or administrators that asks for no login of the project's own.
    pub fn is_open_tool(&self) -> bool {
        let login = |word: &Word| word.text().contains("basic-auth") || word.text().contains("basic_auth");
        let has_login = self.process.runs.iter().any(|run| run.invocation.words.iter().any(login))
            || self.variables.set.contains_key("FLOWER_BASIC_AUTH");
        matches!(self.role, Role::AdminTool | Role::MailCatcher) && !has_login
    }
}

/// Whether a path of the host is its Docker socket or that of a kin.
pub fn is_docker_socket(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    ["docker.sock", "podman.sock", "containerd.sock", "crio.sock"]
        .iter()
        .any(|name| path.strip_suffix(name).is_some_and(|folder| folder.ends_with('/')))
}

/// Whether a folder of the host is one from which the host can be taken over or spied out.
pub fn is_sensitive_folder(path: &str) -> bool {
    let trimmed = path.trim_end_matches('/');
    SENSITIVE.contains(&if trimmed.is_empty() { "/" } else { trimmed })
}

impl Deployment {
    /// The mounts of a service whose named volume stands for a folder of the host (`driver_opts` with a `device`), each
    /// with the folder.
    pub fn bound_volumes<'d>(&'d self, service: &'d Service) -> impl Iterator<Item = (&'d Placed<Mount>, &'d str)> {
        let mounts = service.compose.as_ref().map_or(&[][..], |merged| merged.volumes.as_slice());
        mounts.iter().filter_map(|mount| {
            let MountSource::Named(name) = mount.value.source.likely()? else { return None };
            let options = &self.stack.as_ref()?.volumes.get(name)?.driver_opts;
            let device = options.iter().find(|option| option.value.name == "device")?.value.value.as_ref()?.likely()?;
            device.starts_with('/').then_some((mount, device))
        })
    }
}

/// Whether a capability, with `CAP_` or without, is as good as root on the host.
pub fn is_dangerous_capability(name: &str) -> bool {
    const DANGEROUS: [&str; 12] = [
        "ALL",
        "BPF",
        "DAC_READ_SEARCH",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "NET_ADMIN",
        "PERFMON",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_MODULE",
        "SYS_PTRACE",
        "SYS_RAWIO",
    ];
    let name = name.to_ascii_uppercase();
    DANGEROUS.contains(&name.strip_prefix("CAP_").unwrap_or(&name))
}

/// Whether the port of a container is one that debuggers wait at.
pub fn is_debugger(target: (u16, u16)) -> bool {
    target == (5678, 5678)
}
