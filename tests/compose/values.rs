//! Each key of a compose file in each of its forms.

use super::yaml::Node;

/// Choices by seed.
pub struct Dice {
    pub random: fastrand::Rng,
    /// The services of the stack.
    pub names: Vec<&'static str>,
}

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.random.usize(..bound)
    }

    pub fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.below(of.len())]
    }

    /// Some of these, in their order.
    pub fn some<'t>(&mut self, of: &[&'t str]) -> Vec<&'t str> {
        let mut chosen: Vec<&str> = of.iter().copied().filter(|_| self.one_in(2)).collect();
        if chosen.is_empty() {
            chosen.push(self.pick(of));
        }
        chosen
    }
}

/// Every form of a reference, of variables that are set in `.env`, in the shell, in both, to nothing, nowhere.
pub const REFERENCES: [&str; 33] = [
    "${A}",
    "$A",
    "${B}",
    "$B",
    "${C}",
    "${E}",
    "${U}",
    "$U",
    "${U:-d}",
    "${U-d}",
    "${E:-d}",
    "${E-d}",
    "${A:-d}",
    "${A-d}",
    "${U:-${A}}",
    "${U:-${U:-${B:-x}}}",
    "${A:+alt}",
    "${A+alt}",
    "${U:+alt}",
    "${U+alt}",
    "${E:+alt}",
    "${E+alt}",
    "${A:?is needed}",
    "${B?is needed}",
    "$$A",
    "$${A}",
    "pre${B}post",
    "${U:-a}${C}",
    "${U:-}",
    "${A:+${B}}",
    "${U:-a b}",
    "${U:-x:y/z}",
    "${D}",
];

pub const SERVICES: [&str; 4] = ["web", "worker", "db", "cache"];

pub fn map(entries: Vec<(String, Node)>) -> Node {
    Node::Map(entries)
}

pub fn texts(items: &[&str]) -> Node {
    Node::List(items.iter().map(|item| Node::quoted(item)).collect())
}

pub fn text(line: &str) -> Node {
    Node::Text(line.to_owned())
}

pub fn entry(key: &str, node: Node) -> (String, Node) {
    (key.to_owned(), node)
}

impl Dice {
    pub fn scalar(&mut self, of: &[&str]) -> Node {
        text(self.pick(of))
    }

    fn phrase(&mut self) -> String {
        match self.below(3) {
            0 => self.pick(&["one", "two words", "three", "a=b", "1", "true", "3.10", "x:y"]).to_owned(),
            1 => self.pick(&REFERENCES).to_owned(),
            _ => format!("{}-{}", self.pick(&["one", "x"]), self.pick(&REFERENCES)),
        }
    }

    /// Names with values, as a list or a mapping.
    pub fn pairs(&mut self, names: &[&str], alone: bool) -> Node {
        let names = self.some(names);
        let list = self.one_in(2);
        let mut entries = Vec::new();
        for name in names {
            let value = self.phrase();
            let bare = alone && self.one_in(4);
            let plain = self.pick(&["1", "true", "0.5", "text", "007", "1.0", "null", "~", "1e3", "0x1F", "yes"]);
            let plain = self.one_in(4).then_some(plain);
            entries.push((name, if bare { None } else { Some((value, plain)) }));
        }
        if list {
            let item = |(name, value): (&str, Option<(String, Option<&str>)>)| match value {
                Some((value, _)) => Node::quoted(&format!("{name}={value}")),
                None => Node::quoted(name),
            };
            return Node::List(entries.into_iter().map(item).collect());
        }
        let pair = |(name, value): (&str, Option<(String, Option<&str>)>)| match value {
            Some((_, Some("null" | "~"))) if !alone => (name.to_owned(), text("v")),
            Some((_, Some(plain))) => (name.to_owned(), text(plain)),
            Some((value, None)) => (name.to_owned(), Node::quoted(&value)),
            None => (name.to_owned(), text("")),
        };
        map(entries.into_iter().map(pair).collect())
    }

    /// Some of these entries, each with one of its values.
    pub fn keyed(&mut self, of: &[(&str, &[&str])]) -> Node {
        let mut entries = Vec::new();
        for (key, values) in of {
            if self.one_in(2) {
                entries.push(entry(key, self.scalar(values)));
            }
        }
        if entries.is_empty() {
            let (key, values) = of[self.below(of.len())];
            entries.push(entry(key, self.scalar(values)));
        }
        map(entries)
    }

    fn list(&mut self, of: &[&str]) -> Node {
        texts(&self.some(of))
    }

    fn command(&mut self) -> Node {
        match self.below(6) {
            0 => text(self.pick(&[
                "gunicorn school.wsgi",
                "sh -c 'a b' c",
                "",
                "[]",
                "python \"manage.py\" x\\ y",
                "null",
            ])),
            1 => Node::quoted(&format!("run --tag={} 'x y'", self.pick(&REFERENCES))),
            2 => text(">-\n        folded command\n        over lines"),
            3 => text("|\n        literal command\n        over lines"),
            _ => texts(&["run", self.pick(&REFERENCES), "$$HOME", "a b"]),
        }
    }

    fn depends_on(&mut self, own: &str) -> Node {
        // Of four services the last never waits.
        let rank = |name: &str| SERVICES.iter().position(|known| *known == name).unwrap_or(SERVICES.len());
        let others: Vec<&str> = self.names.iter().copied().filter(|it| rank(it) < rank(own)).collect();
        if others.is_empty() {
            return texts(&[]);
        }
        let named = self.some(&others);
        if self.one_in(2) {
            return texts(&named);
        }
        let mut entries = Vec::new();
        for name in named {
            let mut about = vec![entry(
                "condition",
                self.scalar(&[
                    "service_started",
                    "service_healthy",
                    "service_completed_successfully",
                    "${U:-service_healthy}",
                ]),
            )];
            if self.one_in(3) {
                about.push(entry("required", self.scalar(&["true", "false"])));
            }
            if self.one_in(3) {
                about.push(entry("restart", self.scalar(&["true", "false"])));
            }
            entries.push(entry(name, map(about)));
        }
        map(entries)
    }

    fn ports(&mut self) -> Node {
        let mut items = Vec::new();
        for _ in 0..1 + self.below(3) {
            items.push(match self.below(3) {
                0 => map(vec![
                    entry("target", self.scalar(&["80", "81", "\"82\"", "${PORT:-80}"])),
                    entry("published", self.scalar(&["\"8080\"", "\"8081\"", "\"8000-8010\"", "\"${U:-9000}\""])),
                    entry("protocol", self.scalar(&["tcp", "udp"])),
                ]),
                _ => Node::quoted(self.pick(&[
                    "80",
                    "8080:80",
                    "127.0.0.1:8081:81",
                    "127.0.0.1::82",
                    "53:53/udp",
                    "8000-8002:80-82",
                    "9000-9001",
                    "${PORT}:80",
                    "${BIND:-127.0.0.1}:${PORT:-81}:80",
                    "[::1]:8080:80",
                    "0.0.0.0:8080:80",
                    "8000-8010:80",
                    "8080:80/tcp",
                    "${U:-127.0.0.1:8083:83}",
                    "8001:81",
                    "127.0.0.1:8000-8001:80-81",
                ])),
            });
        }
        Node::List(items)
    }

    fn volumes(&mut self) -> Node {
        let mut items = Vec::new();
        for _ in 0..1 + self.below(3) {
            items.push(match self.below(4) {
                0 => map(vec![
                    entry("type", text("bind")),
                    entry("source", self.scalar(&["./code", "code", "../up", "/abs", "~/h"])),
                    entry("target", self.scalar(&["/app", "/data", "/data/"])),
                    entry("read_only", self.scalar(&["true", "false"])),
                ]),
                1 => map(vec![
                    entry("type", self.scalar(&["volume"])),
                    entry("source", self.scalar(&["data", "media"])),
                    entry("target", self.scalar(&["/app", "/data"])),
                ]),
                _ => Node::quoted(self.pick(&[
                    "data:/data",
                    "media:/media:ro",
                    "./code:/app",
                    "./code:/app:ro,z",
                    ".:/srv",
                    "/abs:/abs:rw",
                    "/anon",
                    "~/h:/h",
                    "../up:/up",
                    "${U:-data}:/data",
                    "./${U:-code}:/app/",
                    "data:/app:nocopy",
                    "./a/../b:/b",
                    "${A:+./code}:/x",
                    "~:/home",
                    "data:/data/",
                    "${U:-./code:/app}",
                ])),
            });
        }
        if self.one_in(5) {
            items.push(map(vec![entry("type", text("tmpfs")), entry("target", text("/scratch"))]));
        }
        // Within one file Compose refuses two in one place.
        let mut seen = std::collections::BTreeSet::new();
        let targets =
            ["/app", "/data", "/scratch", "/media", "/srv", "/abs", "/anon", "/h", "/up", "/b", "/x", "/home"];
        items.retain(|item| {
            let text = item.written();
            let target = targets.into_iter().filter_map(|it| Some((text.rfind(it)?, it))).max();
            seen.insert(target.map(|(_, it)| it))
        });
        Node::List(items)
    }

    fn networks(&mut self) -> Node {
        if self.one_in(2) {
            return self.list(&["front", "back", "default"]);
        }
        let mut entries = Vec::new();
        for name in self.some(&["front", "back", "default"]) {
            entries.push(entry(
                name,
                match self.below(3) {
                    0 => text(""),
                    1 => map(vec![entry("aliases", self.list(&["one", "two", "${A}"]))]),
                    _ => self.keyed(&[("ipv4_address", &["172.20.0.5", "172.20.0.6"]), ("priority", &["10"])]),
                },
            ));
        }
        map(entries)
    }

    fn deploy(&mut self) -> Node {
        let limits = |dice: &mut Dice| {
            dice.keyed(&[
                ("cpus", &["\"0.5\"", "1"]),
                ("memory", &["512m", "1g", "\"100000\"", "1.5gb"]),
                ("pids", &["100"]),
            ])
        };
        let mut entries = Vec::new();
        if self.one_in(2) {
            entries.push(entry("replicas", self.scalar(&["2", "\"${U:-3}\"", "1"])));
        }
        if self.one_in(3) {
            entries.push(entry("mode", self.scalar(&["replicated", "global"])));
        }
        if self.one_in(2) {
            let mut resources = vec![entry("limits", limits(self))];
            if self.one_in(2) {
                resources
                    .push(entry("reservations", self.keyed(&[("cpus", &["\"0.25\""]), ("memory", &["64m", "128M"])])));
            }
            entries.push(entry("resources", map(resources)));
        }
        if self.one_in(2) {
            entries.push(entry(
                "restart_policy",
                self.keyed(&[
                    ("condition", &["any", "on-failure", "none"]),
                    ("delay", &["5s", "1m30s"]),
                    ("max_attempts", &["3", "5"]),
                    ("window", &["120s"]),
                ]),
            ));
        }
        if self.one_in(3) {
            entries.push(entry(
                "update_config",
                self.keyed(&[
                    ("parallelism", &["1", "2"]),
                    ("order", &["start-first", "stop-first"]),
                    ("delay", &["10s"]),
                    ("failure_action", &["rollback", "pause"]),
                ]),
            ));
        }
        if self.one_in(3) {
            entries.push(entry("labels", self.pairs(&["d.one", "d.two"], false)));
        }
        if self.one_in(3) {
            entries.push(entry(
                "placement",
                map(vec![entry("constraints", self.list(&["node.role==manager", "node.labels.x==y"]))]),
            ));
        }
        map(entries)
    }

    fn build(&mut self) -> Node {
        if self.one_in(4) {
            return self.scalar(&[".", "./code", "code", "../up", "https://github.com/me/it.git#main"]);
        }
        let mut entries = vec![];
        if self.one_in(2) {
            entries.push(entry("context", self.scalar(&[".", "./code", "${U:-code}"])));
        }
        match self.below(5) {
            0 => entries
                .push(entry("dockerfile", self.scalar(&["Dockerfile.prod", "docker/Dockerfile", "../Dockerfile"]))),
            1 => {
                entries.push(entry("dockerfile_inline", text("|\n          FROM debian:13\n          RUN echo $$HOME")))
            }
            _ => {}
        }
        if self.one_in(2) {
            entries.push(entry("args", self.pairs(&["A", "B", "ARG", "U"], true)));
        }
        if self.one_in(3) {
            entries.push(entry("target", self.scalar(&["prod", "dev", "${A}"])));
        }
        if self.one_in(3) {
            entries.push(entry("labels", self.pairs(&["b.one", "b.two"], false)));
        }
        if self.one_in(4) {
            entries.push(entry(
                "additional_contexts",
                match self.below(2) {
                    0 => texts(&["app=./code", "base=docker-image://debian:13"]),
                    _ => map(vec![entry("app", text("./other")), entry("more", text("https://example.org/x.git"))]),
                },
            ));
        }
        if self.one_in(4) {
            entries.push(entry("tags", self.list(&["me/it:1", "me/it:${A}"])));
        }
        if self.one_in(4) {
            entries.push(entry("cache_from", self.list(&["me/it:cache", "type=local,src=x"])));
        }
        if self.one_in(4) {
            entries.push(entry("no_cache", self.scalar(&["true", "false"])));
        }
        if entries.is_empty() {
            entries.push(entry("context", text(".")));
        }
        map(entries)
    }

    pub fn value(&mut self, key: &str, service: &str) -> Node {
        match key {
            "image" => {
                Node::quoted(&format!("me/{}:{}", service, self.pick(&["1", "${A}", "${U:-2}", "${E:-3}", "${B}"])))
            }
            "command" | "entrypoint" => self.command(),
            "environment" => self.pairs(&["A", "B", "U", "ONE", "TWO", "THREE", "FROM_FILE"], true),
            "env_file" => match self.below(3) {
                0 => self.scalar(&["web.env", "./more.env"]),
                1 => self.list(&["web.env", "more.env"]),
                _ => Node::List(vec![
                    map(vec![
                        entry("path", self.scalar(&["missing.env", "more.env"])),
                        entry("required", text("false")),
                    ]),
                    text("web.env"),
                    map(vec![entry("path", text("raw.env")), entry("format", text("raw"))]),
                ]),
            },
            "ports" => self.ports(),
            "expose" => self.list(&["80", "81/udp", "90-92", "${PORT:-1}"]),
            "volumes" => self.volumes(),
            "tmpfs" => match self.below(2) {
                0 => text("/run"),
                _ => self.list(&["/run", "/tmp:size=64m"]),
            },
            "depends_on" => self.depends_on(service),
            "healthcheck" => match self.below(6) {
                0 => map(vec![entry("disable", text("true"))]),
                1 => map(vec![entry("test", text("[\"NONE\"]"))]),
                _ => {
                    let mut all = vec![entry(
                        "test",
                        match self.below(3) {
                            0 => Node::quoted(&format!("curl {} || exit 1", self.pick(&REFERENCES))),
                            1 => texts(&["CMD", "curl", self.pick(&REFERENCES)]),
                            _ => texts(&["CMD-SHELL", "pg_isready -U $${POSTGRES_USER}"]),
                        },
                    )];
                    if self.one_in(3) {
                        all.clear();
                    }
                    if let Node::Map(rest) = self.keyed(&[
                        ("interval", &["30s", "1m30s", "1h", "1500ms"]),
                        ("timeout", &["5s", "${U:-10s}"]),
                        ("retries", &["3", "\"5\""]),
                        ("start_period", &["40s"]),
                        ("start_interval", &["1s"]),
                    ]) {
                        all.extend(rest);
                    }
                    map(all)
                }
            },
            "deploy" => self.deploy(),
            "secrets" | "configs" => {
                let name = if key == "secrets" { "key" } else { "conf" };
                let mut items = vec![];
                for _ in 0..1 + self.below(2) {
                    let number = self.pick(&["1", "2"]);
                    items.push(match self.below(2) {
                        0 => text(&format!("{name}{number}")),
                        _ => map(vec![
                            entry("source", text(&format!("{name}{number}"))),
                            entry("target", self.scalar(&["/etc/x", "name", "/run/secrets/key1"])),
                            entry("mode", self.scalar(&["0440", "\"0400\"", "0444"])),
                        ]),
                    });
                }
                Node::List(items)
            }
            "networks" => self.networks(),
            "logging" => {
                let mut all = vec![];
                if self.one_in(2) {
                    all.push(entry("driver", self.scalar(&["json-file", "local", "syslog"])));
                }
                all.push(entry(
                    "options",
                    self.keyed(&[("max-size", &["10m", "\"20m\""]), ("max-file", &["3", "\"5\""]), ("tag", &["${A}"])]),
                ));
                map(all)
            }
            "labels" => self.pairs(&["one", "two", "traefik.enable", "traefik.http.routers.web.rule"], true),
            "sysctls" => match self.below(2) {
                0 => texts(&["net.core.somaxconn=1024"]),
                _ => self.keyed(&[("net.core.somaxconn", &["1024", "\"2048\""]), ("net.ipv4.tcp_syncookies", &["0"])]),
            },
            "extra_hosts" => match self.below(3) {
                0 => self.list(&[
                    "one:10.0.0.1",
                    "two=10.0.0.2",
                    "one:10.0.0.3",
                    "host.docker.internal:host-gateway",
                    "six:::1",
                ]),
                1 => self.keyed(&[("one", &["10.0.0.4"]), ("three", &["10.0.0.5"])]),
                _ => map(vec![entry("one", texts(&["10.0.0.6", "10.0.0.7"]))]),
            },
            "ulimits" => match self.below(2) {
                0 => self.keyed(&[("nofile", &["1024", "2048"]), ("nproc", &["64"])]),
                _ => map(vec![entry(
                    "nofile",
                    map(vec![entry("soft", text("10")), entry("hard", self.scalar(&["20", "30"]))]),
                )]),
            },
            "profiles" => self.list(&["dev", "tools"]),
            "cap_add" | "cap_drop" => self.list(&["NET_ADMIN", "ALL", "SYS_TIME"]),
            "security_opt" => self.list(&["no-new-privileges:true", "seccomp=unconfined"]),
            "devices" => self.list(&["/dev/a:/dev/a", "/dev/b:/dev/a:r", "/dev/c"]),
            "dns" => match self.below(2) {
                0 => text("8.8.8.8"),
                _ => self.list(&["1.1.1.1", "8.8.8.8"]),
            },
            "group_add" => self.list(&["audio", "1000"]),
            "restart" => self.scalar(&["always", "unless-stopped", "\"no\"", "on-failure:3", "${U:-always}"]),
            "user" => self.scalar(&["app", "\"1000:1000\"", "\"1000\"", "${B}"]),
            "privileged" | "read_only" | "init" | "tty" | "stdin_open" => {
                self.scalar(&["true", "false", "\"${U:-true}\"", "\"true\"", "\"yes\""])
            }
            "container_name" => self.scalar(&["named", "named-${A}"]),
            "hostname" => self.scalar(&["host", "host2"]),
            "working_dir" => self.scalar(&["/app", "/srv/${A}"]),
            "stop_grace_period" => self.scalar(&["10s", "1m30s", "90s"]),
            "stop_signal" => self.scalar(&["SIGINT", "SIGQUIT"]),
            "platform" => self.scalar(&["linux/amd64", "linux/arm64"]),
            "pull_policy" => self.scalar(&["always", "missing", "build"]),
            "shm_size" | "mem_limit" => self.scalar(&["64m", "1gb", "1048576", "2G"]),
            "pids_limit" => self.scalar(&["100", "200"]),
            "build" => self.build(),
            "develop" => map(vec![entry(
                "watch",
                Node::List(vec![map(vec![
                    entry("path", self.scalar(&["./code", "."])),
                    entry("action", self.scalar(&["sync", "rebuild"])),
                    entry("target", text("/app")),
                ])]),
            )]),
            "post_start" => Node::List(vec![map(vec![
                entry("command", self.scalar(&["echo one two", "[\"a\", \"b c\"]"])),
                entry("user", text("root")),
            ])]),
            "network_mode" => self.scalar(&["host", "none"]),
            "scale" => self.scalar(&["1", "2"]),
            _ => text("anything"),
        }
    }
}
