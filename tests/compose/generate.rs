//! Stacks of compose files by seed, laid over each other.

use super::values::{Dice, REFERENCES, SERVICES, entry, map, text, texts};
use super::yaml::Node;

/// A repository, and how Compose is called in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The files: compose files as trees, env files as lists of lines.
    pub files: Vec<(String, Node)>,
    /// The files of `-f`.
    pub stacked: Vec<String>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// The shell.
    pub shell: Vec<(String, String)>,
}

impl Case {
    /// The text of each file.
    pub fn texts(&self) -> Vec<(String, String)> {
        let text = |path: &str, node: &Node| match node {
            Node::List(lines) if !path.ends_with("yml") => lines
                .iter()
                .map(|line| match line {
                    Node::Text(line) => format!("{line}\n"),
                    _ => String::new(),
                })
                .collect(),
            node => node.written(),
        };
        self.files.iter().map(|(path, node)| (path.clone(), text(path, node))).collect()
    }
}

/// The keys of a service that are generated.
const KEYS: [&str; 58] = [
    "image",
    "command",
    "entrypoint",
    "environment",
    "environment",
    "env_file",
    "ports",
    "ports",
    "expose",
    "volumes",
    "volumes",
    "tmpfs",
    "depends_on",
    "depends_on",
    "healthcheck",
    "healthcheck",
    "deploy",
    "deploy",
    "secrets",
    "configs",
    "networks",
    "networks",
    "logging",
    "labels",
    "sysctls",
    "extra_hosts",
    "ulimits",
    "profiles",
    "cap_add",
    "cap_drop",
    "security_opt",
    "devices",
    "dns",
    "group_add",
    "restart",
    "user",
    "privileged",
    "read_only",
    "init",
    "container_name",
    "hostname",
    "working_dir",
    "stop_grace_period",
    "stop_signal",
    "platform",
    "pull_policy",
    "shm_size",
    "pids_limit",
    "mem_limit",
    "build",
    "build",
    "develop",
    "post_start",
    "x-note",
    "tty",
    "stdin_open",
    "network_mode",
    "scale",
];

impl Dice {
    fn service(&mut self, name: &str, base: bool) -> Vec<(String, Node)> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        if base {
            let key = if self.one_in(3) { "build" } else { "image" };
            entries.push(entry(key, self.value(key, name)));
        }
        for _ in 0..1 + self.below(7) {
            let key = self.pick(&KEYS);
            let clash = |a: &str, b: &str| key == a && entries.iter().any(|(known, _)| known == b);
            let rare = (key == "depends_on" && name == "common")
                || matches!(key, "network_mode" | "scale" | "profiles" | "develop" | "mem_limit" | "pids_limit")
                    && !self.one_in(3);
            if rare
                || entries.iter().any(|(known, _)| known == key)
                || clash("networks", "network_mode")
                || clash("network_mode", "networks")
            {
                continue;
            }
            let mut node = self.value(key, name);
            if !base && self.one_in(12) {
                node = Node::Marked("!override".to_owned(), Box::new(node));
            } else if !base && self.one_in(16) {
                node = Node::Marked("!reset".to_owned(), Box::new(text("null")));
            } else if self.one_in(12) && matches!(key, "command" | "entrypoint") {
                node = text(self.pick(&["", "null", "~"]));
            }
            // Marks on what is below.
            if !base
                && self.one_in(10)
                && let Node::Map(below) = &mut node
            {
                let at = self.below(below.len().max(1));
                // A bare `!override` is empty text to Docker Compose, and nobody writes it.
                if let Some((_, inner)) = below.get_mut(at).filter(|(_, inner)| *inner != text("")) {
                    let (mark, value) = match self.below(2) {
                        0 => ("!reset", text("null")),
                        _ => ("!override", inner.clone()),
                    };
                    *inner = Node::Marked(mark.to_owned(), Box::new(value));
                }
            }
            entries.push(entry(key, node));
        }
        entries
    }

    /// A compose file of its own, or one that is laid over others.
    fn file(&mut self, names: &[&str], base: bool) -> Vec<(String, Node)> {
        let mut file = Vec::new();
        let mut anchored = false;
        if self.one_in(3) {
            let common =
                self.service("common", false).into_iter().filter(|(_, node)| !matches!(node, Node::Marked(..)));
            file.push(entry("x-common", Node::Marked("&common".to_owned(), Box::new(map(common.collect())))));
            anchored = true;
        }
        let mut services = Vec::new();
        for name in names {
            let mut entries = self.service(name, base);
            let marked = |node: &Node| matches!(node, Node::Marked(..)) || node.written().contains('!');
            // A merge key brings back what `!reset` takes away beside it.
            if anchored && self.one_in(2) && !entries.iter().any(|(_, node)| marked(node)) {
                entries.insert(0, entry("<<", text("*common")));
            }
            services.push((name.to_string(), entries));
        }
        // Within a file, one service extends another.
        if base && names.len() > 1 && self.one_in(3) {
            let other = services[0].0.clone();
            let node = match self.below(2) {
                0 => text(&other),
                _ => map(vec![entry("service", text(&other))]),
            };
            services[1].1.push(entry("extends", node));
        }
        file.push(entry("services", map(services.into_iter().map(|(name, entries)| (name, map(entries))).collect())));
        if base || self.one_in(3) {
            let volume = |dice: &mut Dice| match dice.below(3) {
                0 => text(""),
                1 => dice.keyed(&[("name", &["real", "real-${A}"]), ("driver", &["local"])]),
                _ => map(vec![
                    entry("driver_opts", dice.keyed(&[("type", &["nfs"]), ("o", &["addr=1"])])),
                    entry("labels", dice.pairs(&["v.one", "v.two"], false)),
                ]),
            };
            file.push(entry("volumes", map(vec![entry("data", volume(self)), entry("media", volume(self))])));
            let network = |dice: &mut Dice| match dice.below(3) {
                0 => text(""),
                1 => map(vec![entry("external", text("true"))]),
                _ => dice.keyed(&[
                    ("driver", &["bridge", "overlay"]),
                    ("internal", &["true", "false"]),
                    ("attachable", &["true"]),
                    ("name", &["net", "${A}-net"]),
                ]),
            };
            file.push(entry("networks", map(vec![entry("front", network(self)), entry("back", network(self))])));
            let secret = |dice: &mut Dice| dice.keyed(&[("file", &["./key.txt", "../key.txt", "/etc/key"])]);
            file.push(entry(
                "secrets",
                map(vec![entry("key1", secret(self)), entry("key2", map(vec![entry("environment", text("A"))]))]),
            ));
            file.push(entry(
                "configs",
                map(vec![
                    entry("conf1", secret(self)),
                    entry("conf2", map(vec![entry("content", Node::quoted(&format!("x {}", self.pick(&REFERENCES))))])),
                ]),
            ));
        }
        if self.one_in(6) {
            file.push(entry("name", self.scalar(&["school", "shop-${A}"])));
        }
        file
    }
}

/// The stack of a seed.
pub fn generated(seed: u64) -> Case {
    let mut dice = Dice { random: fastrand::Rng::with_seed(seed), names: Vec::new() };
    let mut files = Vec::new();
    let count = 1 + dice.below(SERVICES.len());
    let names = SERVICES[..count].to_vec();
    dice.names.clone_from(&names);
    let folder = if dice.one_in(5) { "deploy/" } else { "" };
    let mut base = dice.file(&names, true);
    if dice.one_in(4) {
        // What is extended lies beside or below, with paths and a base of its own.
        let place = dice.pick(&["common.yml", "shared/common.yml"]);
        let mut bottom = dice.file(&["bottom", "top"], true);
        bottom.retain(|(key, _)| key != "name");
        if let Some((_, Node::Map(services))) = bottom.iter_mut().find(|(key, _)| key == "services") {
            for (_, service) in services.iter_mut() {
                if let Node::Map(entries) = service {
                    entries.retain(|(key, _)| key != "depends_on" && key != "container_name");
                }
            }
        }
        files.push((format!("{folder}{place}"), map(bottom)));
        if let Some((_, Node::Map(services))) = base.iter_mut().find(|(key, _)| key == "services")
            && let Some((_, Node::Map(entries))) = services.first_mut()
        {
            let which = dice.pick(&["bottom", "top"]);
            entries.push(entry("extends", map(vec![entry("file", text(place)), entry("service", text(which))])));
        }
    }
    if dice.one_in(4) {
        let place = dice.pick(&["part/compose.yml", "part.yml"]);
        let mut part = dice.file(&["extra"], true);
        part.retain(|(key, _)| matches!(key.as_str(), "services" | "x-common"));
        part.push(entry("volumes", map(vec![entry("own", text(""))])));
        if let Some((_, Node::Map(services))) = part.iter_mut().find(|(key, _)| key == "services")
            && let Some((_, Node::Map(entries))) = services.first_mut()
        {
            entries.push(entry("hostname", text("${D:-none}-${A:-none}")));
            let mut seen = std::collections::BTreeSet::new();
            entries.retain(|(key, _)| key != "depends_on" && seen.insert(key.clone()));
        }
        files.push((format!("{folder}{place}"), map(part)));
        let node = match dice.below(3) {
            0 => texts(&[place]),
            1 => Node::List(vec![map(vec![entry("path", text(place)), entry("project_directory", text("."))])]),
            _ => Node::List(vec![map(vec![entry("path", text(place)), entry("env_file", text("part.env"))])]),
        };
        files.push((format!("{folder}part.env"), Node::List(vec![text("D=part"), text("A=part")])));
        base.insert(0, entry("include", node));
    }
    let mut stacked = vec![format!("{folder}compose.yml")];
    files.push((stacked[0].clone(), map(base)));
    for number in 0..dice.below(3) {
        let path = format!("{folder}over{number}.yml");
        let mut names = dice.some(&names);
        if dice.one_in(6) {
            names.push("late");
        }
        let mut over = dice.file(&names, false);
        if let Some((_, Node::Map(services))) = over.iter_mut().find(|(key, _)| key == "services") {
            for (name, service) in services.iter_mut() {
                if let ("late", Node::Map(entries)) = (name.as_str(), service) {
                    entries.retain(|(key, _)| key != "image");
                    entries.insert(0, entry("image", text("late:1")));
                }
            }
        }
        files.push((path.clone(), map(over)));
        stacked.push(path);
    }
    let lines = |lines: &[&str]| Node::List(lines.iter().map(|line| text(line)).collect());
    let mut dot_env = vec!["A=from-file", "C=file", "E=", "PORT=8090", "D=\"x $A\""];
    if dice.one_in(6) {
        dot_env.push("COMPOSE_PROJECT_NAME=told");
    }
    files.push((format!("{folder}.env"), lines(&dot_env)));
    for place in ["", "shared/", "part/"] {
        let web =
            ["FROM_FILE=web", "ONE='one file'", "# nothing", "export TWO=\"two ${A} ${B}\"", "REF=${ONE:-x}$U", "A"];
        files.push((format!("{folder}{place}web.env"), lines(&web)));
        files.push((format!("{folder}{place}more.env"), lines(&["FROM_FILE=more", "MORE=${FROM_FILE}", "Q=a # b"])));
        files.push((format!("{folder}{place}raw.env"), lines(&["RAW=\"quoted $A\"", "ONE=raw"])));
    }
    let profiles = match dice.below(3) {
        0 => vec![],
        1 => vec!["dev".to_owned()],
        _ => vec!["*".to_owned()],
    };
    let shell = [("B", "shell"), ("C", "shell")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    Case { files, stacked, profiles, shell: shell.to_vec() }
}
