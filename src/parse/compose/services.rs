use super::reader::{Entry, Reader};
use super::{
    Build, Command, Dependency, Deploy, EnvFile, Extends, FileRef, Healthcheck, Hook, MergeTag, Mount, Other, Pair,
    Port, Setting, Text, Ulimit, Watch,
};
use crate::parse::yaml::NodeId;
use crate::source::{Span, Spanned};

/// One service as one file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// The name; its span is the key.
    pub name: Spanned<String>,
    /// How it joins the service of this name in files before this one.
    pub tag: MergeTag,
    /// The whole mapping; empty where the service has none.
    pub span: Span,
    /// `image`.
    pub image: Setting<Text>,
    /// `build`.
    pub build: Setting<Build>,
    /// `extends`.
    pub extends: Setting<Extends>,
    /// `command`.
    pub command: Setting<Command>,
    /// `entrypoint`.
    pub entrypoint: Setting<Command>,
    /// `environment`.
    pub environment: Setting<Vec<Pair>>,
    /// `env_file`, in order.
    pub env_files: Setting<Vec<EnvFile>>,
    /// `ports`.
    pub ports: Setting<Vec<Port>>,
    /// `expose`.
    pub expose: Setting<Vec<Text>>,
    /// `volumes`.
    pub volumes: Setting<Vec<Mount>>,
    /// `volumes_from`.
    pub volumes_from: Setting<Vec<Text>>,
    /// `tmpfs`.
    pub tmpfs: Setting<Vec<Text>>,
    /// `depends_on`.
    pub depends_on: Setting<Vec<Dependency>>,
    /// `links`.
    pub links: Setting<Vec<Text>>,
    /// `healthcheck`.
    pub healthcheck: Setting<Healthcheck>,
    /// `deploy`.
    pub deploy: Setting<Deploy>,
    /// `develop.watch`.
    pub watch: Setting<Vec<Watch>>,
    /// `post_start`.
    pub post_start: Setting<Vec<Hook>>,
    /// `pre_stop`.
    pub pre_stop: Setting<Vec<Hook>>,
    /// `secrets`.
    pub secrets: Setting<Vec<FileRef>>,
    /// `configs`.
    pub configs: Setting<Vec<FileRef>>,
    /// `networks`.
    pub networks: Setting<Vec<NetworkRef>>,
    /// `logging`.
    pub logging: Setting<Logging>,
    /// `labels`.
    pub labels: Setting<Vec<Pair>>,
    /// `sysctls`.
    pub sysctls: Setting<Vec<Pair>>,
    /// `extra_hosts`.
    pub extra_hosts: Setting<Vec<Pair>>,
    /// `ulimits`.
    pub ulimits: Setting<Vec<Ulimit>>,
    /// `profiles`.
    pub profiles: Setting<Vec<Text>>,
    /// `cap_add`.
    pub cap_add: Setting<Vec<Text>>,
    /// `cap_drop`.
    pub cap_drop: Setting<Vec<Text>>,
    /// `security_opt`.
    pub security_opt: Setting<Vec<Text>>,
    /// `devices`: `host:container:permissions`; of the long form its `source`.
    pub devices: Setting<Vec<Text>>,
    /// `dns`.
    pub dns: Setting<Vec<Text>>,
    /// `group_add`.
    pub group_add: Setting<Vec<Text>>,
    /// `restart`.
    pub restart: Setting<Text>,
    /// `user`.
    pub user: Setting<Text>,
    /// `privileged`.
    pub privileged: Setting<Text>,
    /// `read_only`: the root file system.
    pub read_only: Setting<Text>,
    /// `init`.
    pub init: Setting<Text>,
    /// `network_mode`.
    pub network_mode: Setting<Text>,
    /// `pid`.
    pub pid: Setting<Text>,
    /// `ipc`.
    pub ipc: Setting<Text>,
    /// `uts`.
    pub uts: Setting<Text>,
    /// `userns_mode`.
    pub userns_mode: Setting<Text>,
    /// `cgroup`.
    pub cgroup: Setting<Text>,
    /// `cgroup_parent`.
    pub cgroup_parent: Setting<Text>,
    /// `container_name`.
    pub container_name: Setting<Text>,
    /// `hostname`.
    pub hostname: Setting<Text>,
    /// `working_dir`.
    pub working_dir: Setting<Text>,
    /// `stop_grace_period`, a duration.
    pub stop_grace_period: Setting<Text>,
    /// `stop_signal`.
    pub stop_signal: Setting<Text>,
    /// `platform`.
    pub platform: Setting<Text>,
    /// `pull_policy`.
    pub pull_policy: Setting<Text>,
    /// `runtime`.
    pub runtime: Setting<Text>,
    /// `scale`.
    pub scale: Setting<Text>,
    /// `shm_size`.
    pub shm_size: Setting<Text>,
    /// `mem_limit`.
    pub mem_limit: Setting<Text>,
    /// `mem_reservation`.
    pub mem_reservation: Setting<Text>,
    /// `memswap_limit`.
    pub memswap_limit: Setting<Text>,
    /// `cpus`.
    pub cpus: Setting<Text>,
    /// `cpu_shares`.
    pub cpu_shares: Setting<Text>,
    /// `pids_limit`.
    pub pids_limit: Setting<Text>,
    /// `oom_kill_disable`.
    pub oom_kill_disable: Setting<Text>,
    /// `tty`.
    pub tty: Setting<Text>,
    /// `stdin_open`.
    pub stdin_open: Setting<Text>,
    /// Keys that are none of these.
    pub other: Vec<Other>,
}

/// A network that a service joins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkRef {
    /// The name at the top of the file; its span is the item or key.
    pub name: Spanned<String>,
    /// `aliases`.
    pub aliases: Vec<Text>,
    /// `ipv4_address`.
    pub ipv4_address: Option<Text>,
    /// How it joins the same network in files before this one.
    pub tag: MergeTag,
}

/// `logging`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logging {
    /// `driver`.
    pub driver: Setting<Text>,
    /// `options`.
    pub options: Setting<Vec<Pair>>,
}

/// Keys of the specification without a field here.
const SPECIFIED: &[&str] = &[
    "annotations",
    "attach",
    "blkio_config",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpuset",
    "credential_spec",
    "device_cgroup_rules",
    "dns_opt",
    "dns_search",
    "domainname",
    "external_links",
    "gpus",
    "isolation",
    "label_file",
    "mac_address",
    "mem_swappiness",
    "models",
    "oom_score_adj",
    "pre_start",
    "provider",
    "pull_refresh_after",
    "storage_opt",
    "use_api_socket",
];

impl Reader<'_> {
    pub(super) fn service(&mut self, entry: &Entry) -> Service {
        let span = self.yaml.span(entry.value);
        let mut service = Service { name: entry.name.clone(), tag: entry.tag, span, ..Service::default() };
        if entry.tag != MergeTag::Reset {
            for inner in self.entries(entry.value, &entry.name) {
                if !self.service_part(&inner, &mut service) {
                    match self.service_text(&inner.name, &mut service) {
                        Some(field) => *field = self.text_field(&inner),
                        None => service.other.push(self.other(&inner, SPECIFIED)),
                    }
                }
            }
        }
        service
    }

    /// Reads a key whose value is more than one text. False where `entry` is none of these.
    fn service_part(&mut self, entry: &Entry, service: &mut Service) -> bool {
        match entry.name.as_str() {
            "build" => service.build = self.field(entry, |reader, node| reader.build(node, entry.name.span)),
            "extends" => service.extends = self.field(entry, Self::extends),
            "command" => service.command = self.command_field(entry),
            "entrypoint" => service.entrypoint = self.command_field(entry),
            "environment" => service.environment = self.pairs_field(entry),
            "env_file" => service.env_files = self.field(entry, Self::env_files),
            "ports" => service.ports = self.list_field(entry, Self::port),
            "expose" => service.expose = self.texts_field(entry),
            "volumes" => service.volumes = self.list_field(entry, Self::mount),
            "volumes_from" => service.volumes_from = self.texts_field(entry),
            "tmpfs" => service.tmpfs = self.text_or_texts_field(entry),
            "depends_on" => service.depends_on = self.field(entry, Self::dependencies),
            "links" => service.links = self.texts_field(entry),
            "healthcheck" => service.healthcheck = self.field(entry, Self::healthcheck),
            "deploy" => service.deploy = self.field(entry, Self::deploy),
            "develop" => service.watch = self.field(entry, Self::watches),
            "post_start" => service.post_start = self.list_field(entry, Self::hook),
            "pre_stop" => service.pre_stop = self.list_field(entry, Self::hook),
            "secrets" => service.secrets = self.list_field(entry, |reader, node| reader.file_ref(node, "secrets")),
            "configs" => service.configs = self.list_field(entry, |reader, node| reader.file_ref(node, "configs")),
            "networks" => service.networks = self.field(entry, Self::network_refs),
            "logging" => service.logging = self.field(entry, Self::logging),
            "labels" => service.labels = self.pairs_field(entry),
            "sysctls" => service.sysctls = self.pairs_field(entry),
            "extra_hosts" => {
                service.extra_hosts = self.field(entry, |reader, node| reader.pairs(node, "extra_hosts", &['=', ':']));
            }
            "ulimits" => service.ulimits = self.field(entry, Self::ulimits),
            "profiles" => service.profiles = self.texts_field(entry),
            "cap_add" => service.cap_add = self.texts_field(entry),
            "cap_drop" => service.cap_drop = self.texts_field(entry),
            "security_opt" => service.security_opt = self.texts_field(entry),
            "devices" => {
                service.devices = self.list_field(entry, |reader, node| {
                    let source = reader.get(node, "source").unwrap_or(node);
                    reader.text(source, "devices")
                });
            }
            "dns" => service.dns = self.text_or_texts_field(entry),
            "group_add" => service.group_add = self.texts_field(entry),
            _ => return false,
        }
        true
    }

    /// The field of a key whose value is one text.
    fn service_text<'s>(&self, key: &str, service: &'s mut Service) -> Option<&'s mut Setting<Text>> {
        Some(match key {
            "image" => &mut service.image,
            "restart" => &mut service.restart,
            "user" => &mut service.user,
            "privileged" => &mut service.privileged,
            "read_only" => &mut service.read_only,
            "init" => &mut service.init,
            "network_mode" => &mut service.network_mode,
            "pid" => &mut service.pid,
            "ipc" => &mut service.ipc,
            "uts" => &mut service.uts,
            "userns_mode" => &mut service.userns_mode,
            "cgroup" => &mut service.cgroup,
            "cgroup_parent" => &mut service.cgroup_parent,
            "container_name" => &mut service.container_name,
            "hostname" => &mut service.hostname,
            "working_dir" => &mut service.working_dir,
            "stop_grace_period" => &mut service.stop_grace_period,
            "stop_signal" => &mut service.stop_signal,
            "platform" => &mut service.platform,
            "pull_policy" => &mut service.pull_policy,
            "runtime" => &mut service.runtime,
            "scale" => &mut service.scale,
            "shm_size" => &mut service.shm_size,
            "mem_limit" => &mut service.mem_limit,
            "mem_reservation" => &mut service.mem_reservation,
            "memswap_limit" => &mut service.memswap_limit,
            "cpus" => &mut service.cpus,
            "cpu_shares" => &mut service.cpu_shares,
            "pids_limit" => &mut service.pids_limit,
            "oom_kill_disable" => &mut service.oom_kill_disable,
            "tty" => &mut service.tty,
            "stdin_open" => &mut service.stdin_open,
            _ => return None,
        })
    }

    fn network_refs(&mut self, node: NodeId) -> Option<Vec<NetworkRef>> {
        if self.yaml.items(node).is_some() {
            let names = self.texts(node, "networks")?;
            let network = |name: Text| NetworkRef {
                name: Spanned::new(name.text().to_owned(), name.span()),
                ..NetworkRef::default()
            };
            return Some(names.into_iter().map(network).collect());
        }
        let mut networks = Vec::new();
        for entry in self.mapping(node, "networks")? {
            let mut network = NetworkRef { tag: entry.tag, ..NetworkRef::default() };
            for inner in self.entries(entry.value, &entry.name) {
                match inner.name.as_str() {
                    "aliases" => network.aliases = self.texts(inner.value, "aliases").unwrap_or_default(),
                    "ipv4_address" => network.ipv4_address = self.text(inner.value, "ipv4_address"),
                    _ => {}
                }
            }
            network.name = entry.name;
            networks.push(network);
        }
        Some(networks)
    }

    fn logging(&mut self, node: NodeId) -> Option<Logging> {
        let mut logging = Logging::default();
        for entry in self.mapping(node, "logging")? {
            match entry.name.as_str() {
                "driver" => logging.driver = self.text_field(&entry),
                "options" => logging.options = self.pairs_field(&entry),
                _ => {}
            }
        }
        Some(logging)
    }
}
