//! What we say of a stack, as points that can be compared.

use super::judge::{HOME, Question, ROOT};
use super::points::{bytes, duration, number, sorted};
use serde_json::{Value as Json, json};
use shipworthy::config::Config;
use shipworthy::parse::env_file::{self, Dialect};
use shipworthy::project::compose::references::undeclared;
use shipworthy::project::compose::{
    self, Command, FilePath, Flag, Inputs, Interpolated, Limits, Location, MountSource, Pair, Placed, Port, Service,
    Stack, Text,
};
use shipworthy::project::container::variables::{Surroundings, of_service};
use shipworthy::project::environment::{Environment, Variables};
use shipworthy::project::value::{Act, Step, Traced, Value};
use shipworthy::source::{Place, RepoPath};
use shipworthy::tree::{MemoryFile, MemoryTree, Snapshot};
use std::collections::BTreeMap;

/// Values by path; `None` where we cannot tell.
pub type Points = BTreeMap<String, Option<Json>>;

/// What we make of a repository.
pub struct Ours {
    /// The points.
    pub points: Points,
    /// What we say that Compose refuses.
    pub problems: Vec<String>,
}

/// The effective stack, by the code that the model is built with.
pub fn asked(question: &Question<'_>) -> Ours {
    let path = |path: &str| RepoPath::new(path).expect("a path");
    let files = question.files.iter().map(|(name, text)| MemoryFile::new(path(name), text.clone()));
    let snapshot = Snapshot::new(MemoryTree::new(files));
    let load = |path: &RepoPath| snapshot.compose(path).ok().map(|parsed| parsed.0.clone());
    let shell: BTreeMap<String, Traced<String>> = question
        .shell
        .iter()
        .map(|(name, value)| (name.clone(), Traced::new(Value::Known(value.clone()), Vec::new())))
        .chain([("HOME".to_owned(), Traced::new(Value::Known(HOME.to_owned()), Vec::new()))])
        .collect();
    let with_files = |paths: &[RepoPath], outer: &BTreeMap<String, Traced<String>>| {
        let mut variables = Variables { set: outer.clone(), open: None };
        for path in paths {
            let Some((_, text)) = question.files.iter().find(|(name, _)| *name == path.as_str()) else { continue };
            let parsed = env_file::parse(text, Dialect::Compose).0;
            let known = variables.set.clone();
            let lookup = |name: &str| known.get(name).and_then(|it: &Traced<String>| it.value.known().cloned());
            for (name, resolved) in parsed.resolve(&lookup) {
                if let Some(value) = resolved.value {
                    let step = Step::new(Place::start_of(path.clone()), Act::Sets(name.clone()));
                    variables.set.insert(name, Traced::known(value, step));
                }
            }
        }
        variables.set.extend(outer.clone());
        variables
    };
    let stacked: Vec<_> = question.stacked.iter().filter_map(|name| Some((path(name), load(&path(name))?))).collect();
    let folder = stacked.first().and_then(|(path, _)| path.parent()).unwrap_or_else(RepoPath::root);
    let variables = with_files(&folder.join(".env").into_iter().collect::<Vec<_>>(), &shell);
    let stack = compose::merge(&Inputs {
        files: &stacked,
        project_directory: None,
        variables: &variables,
        load: &load,
        included_variables: &|included| {
            let named: Vec<_> = included.env_files.iter().filter_map(|file| file.likely()?.inside().cloned()).collect();
            let own = || included.directory.as_ref().and_then(|folder| folder.join(".env")).into_iter().collect();
            let files = if included.env_files.is_empty() { own() } else { named };
            Some(with_files(&files, &variables.set))
        },
    });
    let around =
        Surroundings { snapshot: &snapshot, config: &Config::default(), environment: &Environment::Development };
    let mut out = Out { points: Points::new(), at: String::new() };
    let profiles: Vec<&str> = question.profiles.iter().map(String::as_str).collect();
    for service in stack.active(&profiles) {
        out.at = format!("services.{}", service.name);
        out.points.insert(out.at.clone(), Some(json!(true)));
        out.service(service);
        for (name, traced) in of_service(&around, service, None).set {
            let value = traced.value.likely().map(|text| json!(text));
            let value = if traced.value.is_absent() { Some(Json::Null) } else { value };
            out.put(&format!("environment.{name}"), value);
        }
    }
    out.resources(&stack);
    out.points.insert("name".to_owned(), stack.name.as_ref().and_then(|name| Some(json!(name.value.known()?))));
    let active: Vec<&str> = stack.active(&profiles).map(|service| service.name.as_str()).collect();
    let mut problems: Vec<String> =
        stack.refusals(|name| active.contains(&name)).map(|problem| problem.message.clone()).collect();
    // What rules of their own report.
    let undeclared = undeclared(&stack).into_iter().filter(|reference| active.contains(&reference.service.as_str()));
    problems.extend(undeclared.map(|it| format!("`{}` refers to the {} `{}`", it.service, it.kind.name(), it.name)));
    for path in &stack.files {
        let broken = snapshot.compose(path).map(|parsed| parsed.1.clone()).unwrap_or_default();
        problems.extend(broken.into_iter().map(|problem| problem.message));
    }
    Ours { points: out.points, problems }
}

struct Out {
    points: Points,
    at: String,
}

fn known(text: &Interpolated) -> Option<Json> {
    text.known().map(|text| json!(text))
}

fn words(command: &Command) -> Option<Json> {
    match command {
        Command::Line(line) => Some(json!(split(line.known()?))),
        Command::Words(words) => Some(Json::Array(words.iter().map(known).collect::<Option<_>>()?)),
    }
}

/// The words of a line, as Compose splits it.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn place(location: &Value<Location>) -> Option<Json> {
    match location.known()? {
        Location::Inside(path) if path.as_str().is_empty() || path.as_str() == "." => Some(json!(ROOT)),
        Location::Inside(path) => Some(json!(format!("{ROOT}/{path}"))),
        Location::Absolute(path) | Location::Remote(path) => Some(json!(path.trim_end_matches('/'))),
        Location::Home(path) => Some(json!(format!("{HOME}{}", &path[1..]))),
        Location::Above(_) => None,
    }
}

impl Out {
    fn put(&mut self, key: &str, value: Option<Json>) {
        self.points.insert(format!("{}.{key}", self.at), value);
    }

    fn text_by(&mut self, key: &str, text: &Text, form: impl Fn(&Json) -> Json) {
        if let Some(placed) = text {
            self.put(key, known(&placed.value).map(|value| form(&value)));
        }
    }

    fn text(&mut self, key: &str, text: &Text) {
        self.text_by(key, text, Json::clone);
    }

    fn flag(&mut self, key: &str, flag: &Flag) {
        if let Some(placed) = flag {
            self.put(key, placed.value.value.known().map(|it| json!(it)));
        }
    }

    fn path(&mut self, key: &str, path: &Option<Placed<FilePath>>) {
        if let Some(placed) = path {
            self.put(key, place(&placed.value.location));
        }
    }

    fn set(&mut self, key: &str, list: &[Placed<Interpolated>]) {
        let items = list.iter().map(|placed| known(&placed.value)).collect::<Option<Vec<_>>>();
        self.put(key, items.map(sorted));
    }

    fn list(&mut self, key: &str, list: &[Placed<Interpolated>]) {
        let items = list.iter().map(|placed| known(&placed.value)).collect::<Option<Vec<_>>>();
        self.put(key, items.map(Json::Array));
    }

    fn pairs(&mut self, key: &str, pairs: &[Placed<Pair>]) {
        for pair in pairs {
            let value = pair.value.value.as_ref().map_or(Some(json!("")), known);
            self.put(&format!("{key}.{}", pair.value.name), value);
        }
    }

    fn service(&mut self, it: &Service) {
        for (key, text) in [
            ("image", &it.image),
            ("restart", &it.restart),
            ("user", &it.user),
            ("network_mode", &it.network_mode),
            ("pid", &it.pid),
            ("ipc", &it.ipc),
            ("uts", &it.uts),
            ("userns_mode", &it.userns_mode),
            ("cgroup", &it.cgroup),
            ("cgroup_parent", &it.cgroup_parent),
            ("container_name", &it.container_name),
            ("hostname", &it.hostname),
            ("working_dir", &it.working_dir),
            ("stop_signal", &it.stop_signal),
            ("platform", &it.platform),
            ("pull_policy", &it.pull_policy),
            ("runtime", &it.runtime),
        ] {
            self.text(key, text);
        }
        for (key, text) in [
            ("shm_size", &it.shm_size),
            ("mem_limit", &it.mem_limit),
            ("mem_reservation", &it.mem_reservation),
            ("memswap_limit", &it.memswap_limit),
        ] {
            self.text_by(key, text, bytes);
        }
        for (key, text) in [("cpus", &it.cpus), ("cpu_shares", &it.cpu_shares), ("pids_limit", &it.pids_limit)] {
            self.text_by(key, text, number);
        }
        self.text_by("stop_grace_period", &it.stop_grace_period, duration);
        for (key, flag) in [
            ("privileged", &it.privileged),
            ("read_only", &it.read_only),
            ("init", &it.init),
            ("oom_kill_disable", &it.oom_kill_disable),
            ("tty", &it.tty),
            ("stdin_open", &it.stdin_open),
        ] {
            self.flag(key, flag);
        }
        for (key, list) in [
            ("expose", &it.expose),
            ("volumes_from", &it.volumes_from),
            ("tmpfs", &it.tmpfs),
            ("profiles", &it.profiles),
            ("cap_add", &it.cap_add),
            ("cap_drop", &it.cap_drop),
            ("security_opt", &it.security_opt),
            ("group_add", &it.group_add),
        ] {
            self.set(key, list);
        }
        self.list("dns", &it.dns);
        self.list("links", &it.links);
        self.pairs("labels", &it.labels);
        self.pairs("sysctls", &it.sysctls);
        self.text_by(
            "scale",
            &it.deploy.as_ref().and_then(|deploy| deploy.value.replicas.clone()).or(it.scale.clone()),
            number,
        );
        let hosts = it.extra_hosts.iter().map(|host| {
            let value = host.value.value.as_ref().map_or(Some(""), |value| value.known())?;
            Some(json!(format!("{}={value}", host.value.name)))
        });
        self.put("extra_hosts", hosts.collect::<Option<Vec<_>>>().map(sorted));
        let devices = it.devices.iter().map(|device| {
            let text = device.value.known()?;
            let mut parts = text.split(':');
            let source = parts.next().unwrap_or_default();
            let (target, permissions) = (parts.next().unwrap_or(source), parts.next().unwrap_or("rwm"));
            Some(json!(format!("{source}:{target}:{permissions}")))
        });
        self.put("devices", devices.collect::<Option<Vec<_>>>().map(sorted));
        for (key, command) in [("command", &it.command), ("entrypoint", &it.entrypoint)] {
            if let Some(command) = command {
                self.put(key, words(&command.value));
            }
        }
        self.put(
            "ports",
            it.ports.iter().map(|port| ports(&port.value)).collect::<Option<Vec<_>>>().map(|all| sorted(all.concat())),
        );
        for mount in &it.volumes {
            self.mount(&mount.value);
        }
        for dependency in &it.depends_on {
            let at = format!("depends_on.{}", dependency.value.service);
            let condition = dependency.value.condition.as_ref().map_or(Some(json!("service_started")), known);
            self.put(&format!("{at}.condition"), condition);
            let flag = |flag: &Option<Traced<bool>>, without: bool| match flag {
                Some(flag) => flag.value.known().map(|it| json!(it)),
                None => Some(json!(without)),
            };
            self.put(&format!("{at}.required"), flag(&dependency.value.required, true));
            self.put(&format!("{at}.restart"), flag(&dependency.value.restart, false));
        }
        for (key, files, folder) in [("secrets", &it.secrets, "/run/secrets/"), ("configs", &it.configs, "")] {
            let file = |file: &Placed<compose::FileRef>| {
                let text = |text: &Option<Interpolated>| text.as_ref().map_or(Some(Json::Null), known);
                let (source, mut target) = (text(&file.value.source)?, text(&file.value.target)?);
                if target.is_null() && !folder.is_empty() {
                    target = json!(format!("{folder}{}", source.as_str().unwrap_or_default()));
                }
                let mode = text(&file.value.mode)?;
                Some(json!(format!("{source}:{target}:{mode}")))
            };
            self.put(key, files.iter().map(file).collect::<Option<Vec<_>>>().map(sorted));
        }
        if it.networks.is_empty() && it.network_mode.is_none() {
            self.put("networks.default", Some(json!(true)));
        }
        for network in &it.networks {
            let (at, network) = (format!("networks.{}", network.value.name), &network.value);
            self.put(&at, Some(json!(true)));
            self.put(
                &format!("{at}.aliases"),
                network.aliases.iter().map(known).collect::<Option<Vec<_>>>().map(sorted),
            );
            self.put(&format!("{at}.ipv4_address"), network.ipv4_address.as_ref().map_or(Some(Json::Null), known));
        }
        for limit in &it.ulimits {
            let limit = &limit.value;
            for (key, text) in [("soft", &limit.soft), ("hard", &limit.hard)] {
                let value = text.as_ref().map_or(Some(Json::Null), known);
                self.put(&format!("ulimits.{}.{key}", limit.name), value.map(|value| number(&value)));
            }
        }
        if let Some(logging) = &it.logging {
            self.text("logging.driver", &logging.value.driver);
            self.pairs("logging.options", &logging.value.options);
        }
        for (number, watch) in it.watch.iter().enumerate() {
            let text = |text: &Option<Interpolated>| text.as_ref().map_or(Some(Json::Null), known);
            self.put(
                &format!("develop.{number}.path"),
                watch.value.path.as_ref().map_or(Some(Json::Null), |path| place(&path.location)),
            );
            self.put(&format!("develop.{number}.action"), text(&watch.value.action));
            self.put(&format!("develop.{number}.target"), text(&watch.value.target));
        }
        for (number, hook) in it.post_start.iter().enumerate() {
            self.put(
                &format!("post_start.{number}.command"),
                hook.value.command.as_ref().map_or(Some(Json::Null), words),
            );
            self.put(&format!("post_start.{number}.user"), hook.value.user.as_ref().map_or(Some(Json::Null), known));
        }
        self.health(it);
        self.deploy(it);
        self.build(it);
    }

    fn mount(&mut self, mount: &compose::Mount) {
        let Some(target) = mount.target.as_ref().and_then(|target| target.known()) else { return };
        let at = format!("volumes.{}", if target.len() > 1 { target.trim_end_matches('/') } else { target });
        let (kind, source) = match mount.source.known() {
            None => (None, None),
            Some(MountSource::Anonymous) => (Some("volume"), Some(Json::Null)),
            Some(MountSource::Named(name)) => (Some("volume"), Some(json!(name))),
            Some(MountSource::Bind(location)) => (Some("bind"), place(&Value::Known(location.clone()))),
            Some(MountSource::Tmpfs) => (Some("tmpfs"), Some(Json::Null)),
            Some(MountSource::Other(kind)) => (Some(kind.as_str()), None),
        };
        self.put(&format!("{at}.type"), kind.map(|it| json!(it)));
        self.put(&format!("{at}.source"), source);
        self.put(&format!("{at}.read_only"), mount.read_only.known().map(|it| json!(it)));
    }

    fn health(&mut self, it: &Service) {
        let Some(health) = it.healthcheck.as_ref().map(|placed| &placed.value) else { return };
        if let Some(test) = &health.test {
            self.put(
                "healthcheck.test",
                match &test.value {
                    Command::Line(line) => line.known().map(|line| json!(["CMD-SHELL", line])),
                    command => words(command),
                },
            );
        }
        self.flag("healthcheck.disable", &health.disable);
        for (key, text) in [
            ("interval", &health.interval),
            ("timeout", &health.timeout),
            ("start_period", &health.start_period),
            ("start_interval", &health.start_interval),
        ] {
            self.text_by(&format!("healthcheck.{key}"), text, duration);
        }
        self.text_by("healthcheck.retries", &health.retries, whole);
    }

    fn deploy(&mut self, it: &Service) {
        let Some(deploy) = it.deploy.as_ref().map(|placed| &placed.value) else { return };
        self.text("deploy.mode", &deploy.mode);
        self.text("deploy.endpoint_mode", &deploy.endpoint_mode);
        self.pairs("deploy.labels", &deploy.labels);
        let mut limits = |key: &str, limits: &Option<Placed<Limits>>| {
            if let Some(limits) = limits.as_ref().map(|placed| &placed.value) {
                self.text_by(&format!("deploy.resources.{key}.cpus"), &limits.cpus, number);
                self.text_by(&format!("deploy.resources.{key}.memory"), &limits.memory, bytes);
                self.text_by(&format!("deploy.resources.{key}.pids"), &limits.pids, whole);
            }
        };
        limits("limits", &deploy.limits);
        limits("reservations", &deploy.reservations);
        if let Some(policy) = deploy.restart_policy.as_ref().map(|placed| &placed.value) {
            self.text("deploy.restart_policy.condition", &policy.condition);
            self.text_by("deploy.restart_policy.delay", &policy.delay, duration);
            self.text_by("deploy.restart_policy.window", &policy.window, duration);
            self.text_by("deploy.restart_policy.max_attempts", &policy.max_attempts, whole);
        }
        if let Some(rollout) = deploy.update_config.as_ref().map(|placed| &placed.value) {
            self.text_by("deploy.update_config.parallelism", &rollout.parallelism, whole);
            self.text_by("deploy.update_config.delay", &rollout.delay, duration);
            self.text("deploy.update_config.failure_action", &rollout.failure_action);
            self.text("deploy.update_config.order", &rollout.order);
        }
        self.set("deploy.placement.constraints", &deploy.constraints);
    }

    fn build(&mut self, it: &Service) {
        let Some(build) = it.build.as_ref().map(|placed| &placed.value) else { return };
        self.put("build.context", place(&build.context()));
        if build.dockerfile_inline.is_none() {
            match &build.dockerfile {
                Some(file) => self.put("build.dockerfile", known(&file.value)),
                None => self.put("build.dockerfile", Some(json!("Dockerfile"))),
            }
        }
        self.text("build.dockerfile_inline", &build.dockerfile_inline);
        self.text("build.target", &build.target);
        self.text("build.network", &build.network);
        self.flag("build.no_cache", &build.no_cache);
        self.flag("build.pull", &build.pull);
        self.flag("build.privileged", &build.privileged);
        for arg in &build.args {
            let value = &arg.value.value;
            let value = if value.traced.value.is_absent() { Some(Json::Null) } else { known(value) };
            self.put(&format!("build.args.{}", arg.value.name), value);
        }
        self.pairs("build.labels", &build.labels);
        for context in &build.additional_contexts {
            let at = format!("build.additional_contexts.{}", context.value.name);
            let value = context.value.value.as_ref().and_then(known);
            // What is relative we keep as written.
            self.put(&at, value.filter(|value| value.as_str().is_some_and(|text| text.contains("://"))));
        }
        self.set("build.tags", &build.tags);
        self.set("build.cache_from", &build.cache_from);
        self.set("build.platforms", &build.platforms);
    }

    fn resources(&mut self, stack: &Stack) {
        let sections = [
            ("volumes", &stack.volumes),
            ("networks", &stack.networks),
            ("secrets", &stack.secrets),
            ("configs", &stack.configs),
        ];
        for (section, resources) in sections {
            for (name, resource) in resources {
                self.at = format!("{section}.{name}");
                self.points.insert(self.at.clone(), Some(json!(true)));
                self.flag("external", &resource.external);
                self.text("name", &resource.real_name);
                self.text("driver", &resource.driver);
                self.pairs("driver_opts", &resource.driver_opts);
                self.pairs("labels", &resource.labels);
                self.path("file", &resource.file);
                self.text("environment", &resource.environment);
                self.text("content", &resource.content);
                self.flag("internal", &resource.internal);
                self.flag("attachable", &resource.attachable);
            }
        }
    }
}

fn whole(value: &Json) -> Json {
    value.as_str().and_then(|text| text.parse::<i64>().ok()).map_or_else(|| value.clone(), |it| json!(it))
}

/// A port, or each of a range.
fn ports(port: &Port) -> Option<Vec<Json>> {
    let part =
        |part: &Option<Interpolated>| part.as_ref().map_or(Some(String::new()), |it| it.known().map(str::to_owned));
    let (ip, published, protocol) = (part(&port.host_ip)?, part(&port.published)?, part(&port.protocol)?);
    let ip = ip.trim_matches(['[', ']']);
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol };
    let (first, last) = port.target_range()?;
    let from = port.published_range();
    let one = |target: u16| {
        let published = match from {
            Some((from, to)) if to - from == last - first => (from + (target - first)).to_string(),
            _ => published.clone(),
        };
        json!(format!("{ip}:{published}:{target}/{protocol}"))
    };
    Some((first..=last).map(one).collect())
}
