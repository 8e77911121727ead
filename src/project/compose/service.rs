use super::context::{Context, Item};
use super::{
    Build, Command, Dependency, Deploy, EnvFile, FileRef, Flag, Healthcheck, Hook, Interpolated, Mount, Pair, Placed,
    Port, Text, Ulimit, Variable, Watch,
};
use crate::parse::compose::{self as file, OtherKind};
use crate::project::environment::Variables;
use crate::project::value::Reason;
use crate::source::{Place, Spanned};
use std::sync::Arc;

/// A service as the whole stack has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// The name.
    pub name: String,
    /// The keys that declare it, in the order in which they are merged; those of services that it extends come before
    /// the one that extends them.
    pub declared: Vec<Place>,
    /// Why the service may have more than is known: a file that it extends is not there, a bound was reached. What it
    /// lacks is then not surely absent.
    pub maybe_more: Option<Reason>,
    /// What the variables in its env files are taken from, before its own: what interpolation finds in the project.
    pub project_variables: Arc<Variables>,
    /// `image`.
    pub image: Text,
    /// `build`.
    pub build: Option<Placed<Build>>,
    /// `command`; the image's where there is none.
    pub command: Option<Placed<Command>>,
    /// `entrypoint`; the image's where there is none. One that is set takes the image's command away.
    pub entrypoint: Option<Placed<Command>>,
    /// `environment`.
    pub environment: Vec<Placed<Variable>>,
    /// `env_file`, in order.
    pub env_files: Vec<Placed<EnvFile>>,
    /// `ports`.
    pub ports: Vec<Placed<Port>>,
    /// `expose`.
    pub expose: Vec<Placed<Interpolated>>,
    /// `volumes`.
    pub volumes: Vec<Placed<Mount>>,
    /// `volumes_from`.
    pub volumes_from: Vec<Placed<Interpolated>>,
    /// `tmpfs`.
    pub tmpfs: Vec<Placed<Interpolated>>,
    /// `depends_on`.
    pub depends_on: Vec<Placed<Dependency>>,
    /// `links`.
    pub links: Vec<Placed<Interpolated>>,
    /// `healthcheck`.
    pub healthcheck: Option<Placed<Healthcheck>>,
    /// `deploy`.
    pub deploy: Option<Placed<Deploy>>,
    /// `develop.watch`.
    pub watch: Vec<Placed<Watch>>,
    /// `post_start`.
    pub post_start: Vec<Placed<Hook>>,
    /// `pre_stop`.
    pub pre_stop: Vec<Placed<Hook>>,
    /// `secrets`.
    pub secrets: Vec<Placed<FileRef>>,
    /// `configs`.
    pub configs: Vec<Placed<FileRef>>,
    /// `networks`; the network `default` where there is none and no `network_mode`.
    pub networks: Vec<Placed<NetworkRef>>,
    /// `logging`.
    pub logging: Option<Placed<Logging>>,
    /// `labels`.
    pub labels: Vec<Placed<Pair>>,
    /// `sysctls`.
    pub sysctls: Vec<Placed<Pair>>,
    /// `extra_hosts`.
    pub extra_hosts: Vec<Placed<Pair>>,
    /// `ulimits`.
    pub ulimits: Vec<Placed<Ulimit>>,
    /// `profiles`: the service runs only where one of them is active; always where there is none.
    pub profiles: Vec<Placed<Interpolated>>,
    /// `cap_add`.
    pub cap_add: Vec<Placed<Interpolated>>,
    /// `cap_drop`.
    pub cap_drop: Vec<Placed<Interpolated>>,
    /// `security_opt`.
    pub security_opt: Vec<Placed<Interpolated>>,
    /// `devices`: `host:container:permissions`.
    pub devices: Vec<Placed<Interpolated>>,
    /// `dns`.
    pub dns: Vec<Placed<Interpolated>>,
    /// `group_add`.
    pub group_add: Vec<Placed<Interpolated>>,
    /// `restart`.
    pub restart: Text,
    /// `user`.
    pub user: Text,
    /// `privileged`.
    pub privileged: Flag,
    /// `read_only`: the root file system.
    pub read_only: Flag,
    /// `init`.
    pub init: Flag,
    /// `network_mode`.
    pub network_mode: Text,
    /// `pid`.
    pub pid: Text,
    /// `ipc`.
    pub ipc: Text,
    /// `uts`.
    pub uts: Text,
    /// `userns_mode`.
    pub userns_mode: Text,
    /// `cgroup`.
    pub cgroup: Text,
    /// `cgroup_parent`.
    pub cgroup_parent: Text,
    /// `container_name`.
    pub container_name: Text,
    /// `hostname`.
    pub hostname: Text,
    /// `working_dir`.
    pub working_dir: Text,
    /// `stop_grace_period`, a duration.
    pub stop_grace_period: Text,
    /// `stop_signal`.
    pub stop_signal: Text,
    /// `platform`.
    pub platform: Text,
    /// `pull_policy`.
    pub pull_policy: Text,
    /// `runtime`.
    pub runtime: Text,
    /// `scale`.
    pub scale: Text,
    /// `shm_size`.
    pub shm_size: Text,
    /// `mem_limit`.
    pub mem_limit: Text,
    /// `mem_reservation`.
    pub mem_reservation: Text,
    /// `memswap_limit`.
    pub memswap_limit: Text,
    /// `cpus`.
    pub cpus: Text,
    /// `cpu_shares`.
    pub cpu_shares: Text,
    /// `pids_limit`.
    pub pids_limit: Text,
    /// `oom_kill_disable`.
    pub oom_kill_disable: Flag,
    /// `tty`.
    pub tty: Flag,
    /// `stdin_open`.
    pub stdin_open: Flag,
    /// Keys that are none of these; the last file's hold.
    pub other: Vec<Placed<Other>>,
}

/// A network that a service joins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkRef {
    /// The name at the top of the file.
    pub name: String,
    /// `aliases`.
    pub aliases: Vec<Interpolated>,
    /// `ipv4_address`.
    pub ipv4_address: Option<Interpolated>,
}

/// `logging`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logging {
    /// `driver`.
    pub driver: Text,
    /// `options`.
    pub options: Vec<Placed<Pair>>,
}

/// A key without a field of its own, as the last file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// The key.
    pub name: String,
    /// The value's source text.
    pub text: String,
    /// What kind of key it is.
    pub kind: OtherKind,
}

impl Service {
    /// The variable that `environment` gives under `name`.
    pub fn variable(&self, name: &str) -> Option<&Placed<Variable>> {
        self.environment.iter().find(|variable| variable.value.name == name)
    }

    /// How many containers it wants, where that is known: `deploy.replicas`, else `scale`.
    pub fn replicas(&self) -> Option<usize> {
        let deployed = self.deploy.as_ref().and_then(|deploy| deploy.value.replicas.as_ref());
        deployed.or(self.scale.as_ref())?.value.likely()?.parse().ok()
    }

    /// Where the service is declared last: the place of findings about the service as a whole.
    pub fn place(&self) -> Option<&Place> {
        self.declared.last()
    }
}

impl Context {
    /// Merges what this file says about a service onto what is known of it.
    pub fn merge_service(&self, service: &mut Service, over: &file::Service) {
        service.declared.push(self.place(over.name.span));
        self.set_text(&mut service.image, &over.image);
        self.merge_build(&mut service.build, &over.build);
        self.set_command(&mut service.command, &over.command);
        self.set_command(&mut service.entrypoint, &over.entrypoint);
        self.extend_variables(&mut service.environment, &over.environment);
        self.extend_env_files(&mut service.env_files, &over.env_files);
        self.extend_ports(&mut service.ports, &over.ports);
        self.extend_texts(&mut service.expose, &over.expose);
        self.extend_mounts(&mut service.volumes, &over.volumes);
        self.extend_texts(&mut service.volumes_from, &over.volumes_from);
        self.extend_texts(&mut service.tmpfs, &over.tmpfs);
        self.extend_dependencies(&mut service.depends_on, &over.depends_on);
        self.extend_texts(&mut service.links, &over.links);
        self.merge_healthcheck(&mut service.healthcheck, &over.healthcheck);
        self.merge_deploy(&mut service.deploy, &over.deploy);
        self.extend_watches(&mut service.watch, &over.watch);
        self.extend_hooks(&mut service.post_start, &over.post_start);
        self.extend_hooks(&mut service.pre_stop, &over.pre_stop);
        self.extend_file_refs(&mut service.secrets, &over.secrets, "/run/secrets");
        self.extend_file_refs(&mut service.configs, &over.configs, "");
        self.extend_networks(&mut service.networks, &over.networks);
        self.merge_logging(&mut service.logging, &over.logging);
        self.extend_pairs(&mut service.labels, &over.labels);
        self.extend_pairs(&mut service.sysctls, &over.sysctls);
        self.extend_hosts(&mut service.extra_hosts, &over.extra_hosts);
        self.extend_ulimits(&mut service.ulimits, &over.ulimits);
        self.extend_texts(&mut service.profiles, &over.profiles);
        self.extend_texts(&mut service.cap_add, &over.cap_add);
        self.extend_texts(&mut service.cap_drop, &over.cap_drop);
        self.extend_texts(&mut service.security_opt, &over.security_opt);
        self.extend_devices(&mut service.devices, &over.devices);
        self.extend_texts(&mut service.dns, &over.dns);
        self.extend_texts(&mut service.group_add, &over.group_add);
        self.merge_scalars(service, over);
        for other in &over.other {
            self.merge_other(&mut service.other, other);
        }
        if self.budget.exhausted() {
            service.maybe_more = Some(Reason::Limit("merged values".to_owned()));
        }
    }

    fn merge_scalars(&self, service: &mut Service, over: &file::Service) {
        self.set_text(&mut service.restart, &over.restart);
        self.set_text(&mut service.user, &over.user);
        self.set_flag(&mut service.privileged, &over.privileged);
        self.set_flag(&mut service.read_only, &over.read_only);
        self.set_flag(&mut service.init, &over.init);
        self.set_text(&mut service.network_mode, &over.network_mode);
        self.set_text(&mut service.pid, &over.pid);
        self.set_text(&mut service.ipc, &over.ipc);
        self.set_text(&mut service.uts, &over.uts);
        self.set_text(&mut service.userns_mode, &over.userns_mode);
        self.set_text(&mut service.cgroup, &over.cgroup);
        self.set_text(&mut service.cgroup_parent, &over.cgroup_parent);
        self.set_text(&mut service.container_name, &over.container_name);
        self.set_text(&mut service.hostname, &over.hostname);
        self.set_text(&mut service.working_dir, &over.working_dir);
        self.set_text(&mut service.stop_grace_period, &over.stop_grace_period);
        self.set_text(&mut service.stop_signal, &over.stop_signal);
        self.set_text(&mut service.platform, &over.platform);
        self.set_text(&mut service.pull_policy, &over.pull_policy);
        self.set_text(&mut service.runtime, &over.runtime);
        self.set_text(&mut service.scale, &over.scale);
        self.set_text(&mut service.shm_size, &over.shm_size);
        self.set_text(&mut service.mem_limit, &over.mem_limit);
        self.set_text(&mut service.mem_reservation, &over.mem_reservation);
        self.set_text(&mut service.memswap_limit, &over.memswap_limit);
        self.set_text(&mut service.cpus, &over.cpus);
        self.set_text(&mut service.cpu_shares, &over.cpu_shares);
        self.set_text(&mut service.pids_limit, &over.pids_limit);
        self.set_flag(&mut service.oom_kill_disable, &over.oom_kill_disable);
        self.set_flag(&mut service.tty, &over.tty);
        self.set_flag(&mut service.stdin_open, &over.stdin_open);
    }

    /// Devices are unique by their path in the container.
    fn extend_devices(&self, list: &mut Vec<Placed<Interpolated>>, field: &file::Setting<Vec<file::Text>>) {
        let key = |device: &Interpolated| {
            let text = device.text.text();
            Some(text.split(':').nth(1).unwrap_or(text).to_owned())
        };
        self.extend(list, field, key, |text| (self.text(text), text.span()));
    }

    fn extend_networks(&self, list: &mut Vec<Placed<NetworkRef>>, field: &file::Setting<Vec<file::NetworkRef>>) {
        let before = if field.as_ref().is_some_and(|field| field.tag == file::MergeTag::Merge) {
            list.clone()
        } else {
            Vec::new()
        };
        self.extend_tagged(
            list,
            field,
            |network| Some(network.name.clone()),
            |over| {
                let earlier = before.iter().find(|placed| placed.value.name == over.name.value);
                let mut network = earlier.map(|placed| placed.value.clone()).unwrap_or_default();
                network.name.clone_from(&over.name.value);
                network.aliases.extend(self.texts(&over.aliases));
                if let Some(address) = &over.ipv4_address {
                    network.ipv4_address = Some(self.text(address));
                }
                Item { value: network, span: over.name.span, key: over.name.span, tag: over.tag }
            },
        );
    }

    /// Options merge where the driver stays the same; another driver takes the earlier options away.
    fn merge_logging(&self, slot: &mut Option<Placed<Logging>>, field: &file::Setting<file::Logging>) {
        self.merge(
            slot,
            field,
            |_| None,
            |logging: &mut Logging, over| {
                let before = logging.driver.as_ref().map(|driver| driver.value.text.text().to_owned());
                self.set_text(&mut logging.driver, &over.driver);
                let after = logging.driver.as_ref().map(|driver| driver.value.text.text());
                if before.is_some() && before.as_deref() != after {
                    logging.options.clear();
                }
                self.extend_pairs(&mut logging.options, &over.options);
            },
        );
    }

    fn merge_other(&self, list: &mut Vec<Placed<Other>>, other: &file::Other) {
        let Spanned { value: name, span } = other.key.clone();
        let value = Other { name, text: other.text.value.clone(), kind: other.kind };
        let mut placed = Placed { value, place: self.place(other.text.span), key: span, overridden: Vec::new() };
        match list.iter_mut().find(|before| before.value.name == placed.value.name) {
            Some(before) => {
                placed.overridden = std::mem::take(&mut before.overridden);
                placed.overridden.push(before.place.clone());
                *before = placed;
            }
            None => list.push(placed),
        }
    }
}
