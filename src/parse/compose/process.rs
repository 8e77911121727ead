use super::reader::{Entry, Reader};
use super::{MergeTag, Pair, Setting, Text};
use crate::parse::yaml::NodeId;
use crate::source::{Span, Spanned};

/// `command`, `entrypoint` or a healthcheck's `test`.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// One text. Of `command` and `entrypoint` Compose splits it into words as a shell would, but no shell runs it; a
    /// healthcheck's `test` runs in a shell.
    Line(Text),
    /// The words. Empty overrides what the image says.
    Words(Vec<Text>),
}

/// An entry of `env_file`.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvFile {
    /// The whole entry.
    pub span: Span,
    /// The path.
    pub path: Text,
    /// Whether Compose fails where the file is missing; true where it is not said.
    pub required: Option<Text>,
    /// `raw` takes values as they stand.
    pub format: Option<Text>,
}

/// An entry of `depends_on`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// The service that is waited for.
    pub service: Spanned<String>,
    /// The whole entry.
    pub span: Span,
    /// `service_started` (where it is not said), `service_healthy` or `service_completed_successfully`.
    pub condition: Option<Text>,
    /// Whether the dependency must exist; true where it is not said.
    pub required: Option<Text>,
    /// Whether this service restarts when that one is.
    pub restart: Option<Text>,
    /// Whether the entry is an item of a list, which says `service_started`.
    pub item: bool,
    /// How it joins the same dependency in files before this one.
    pub tag: MergeTag,
}

/// `healthcheck`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Healthcheck {
    /// `test`: a text for the shell, or a list that begins with `NONE`, `CMD` or `CMD-SHELL`.
    pub test: Setting<Command>,
    /// `disable`.
    pub disable: Setting<Text>,
    /// `interval`, a duration.
    pub interval: Setting<Text>,
    /// `timeout`, a duration.
    pub timeout: Setting<Text>,
    /// `retries`.
    pub retries: Setting<Text>,
    /// `start_period`, a duration.
    pub start_period: Setting<Text>,
    /// `start_interval`, a duration.
    pub start_interval: Setting<Text>,
}

/// `extends`.
#[derive(Clone, Debug, PartialEq)]
pub struct Extends {
    /// The service that is extended.
    pub service: Text,
    /// The file that has it; this one where there is none.
    pub file: Option<Text>,
}

/// An entry of `post_start` or `pre_stop`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hook {
    /// The whole entry.
    pub span: Span,
    /// `command`.
    pub command: Option<Command>,
    /// `user`.
    pub user: Option<Text>,
    /// `privileged`.
    pub privileged: Option<Text>,
    /// `working_dir`.
    pub working_dir: Option<Text>,
    /// `environment`.
    pub environment: Vec<Pair>,
}

/// An entry of `develop.watch`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    /// The whole entry.
    pub span: Span,
    /// The path that is watched.
    pub path: Option<Text>,
    /// `rebuild`, `sync`, `restart`, `sync+restart` …
    pub action: Option<Text>,
    /// Where changes go in the container.
    pub target: Option<Text>,
}

impl Reader<'_> {
    pub(super) fn command(&mut self, node: NodeId, what: &str) -> Option<Command> {
        if self.yaml.items(node).is_some() {
            return self.texts(node, what).map(Command::Words);
        }
        if self.yaml.text(node).is_some() {
            return Some(Command::Line(self.yaml.fragment(node)));
        }
        self.wrong(node, what, "text or a list");
        None
    }

    pub(super) fn command_field(&mut self, entry: &Entry) -> Setting<Command> {
        self.field(entry, |reader, node| reader.command(node, &entry.name))
    }

    pub(super) fn env_files(&mut self, node: NodeId) -> Option<Vec<EnvFile>> {
        if self.yaml.text(node).is_some() {
            return Some(self.env_file(node).into_iter().collect());
        }
        self.list(node, "env_file", Self::env_file)
    }

    fn env_file(&mut self, node: NodeId) -> Option<EnvFile> {
        let span = self.yaml.span(node);
        if !self.yaml.is_mapping(node) {
            return Some(EnvFile { span, path: self.text(node, "env_file")?, required: None, format: None });
        }
        let part = |reader: &mut Self, key: &str| {
            let value = reader.get(node, key)?;
            reader.text(value, key)
        };
        let Some(path) = part(self, "path") else {
            self.problem(span, "an entry of `env_file` needs a `path`");
            return None;
        };
        let (required, format) = (part(self, "required"), part(self, "format"));
        Some(EnvFile { span, path, required, format })
    }

    pub(super) fn dependencies(&mut self, node: NodeId) -> Option<Vec<Dependency>> {
        if self.yaml.items(node).is_some() {
            let services = self.texts(node, "depends_on")?;
            let dependency = |service: Text| Dependency {
                service: Spanned::new(service.text().to_owned(), service.span()),
                span: service.span(),
                condition: None,
                required: None,
                restart: None,
                item: true,
                tag: MergeTag::Merge,
            };
            return Some(services.into_iter().map(dependency).collect());
        }
        let entries = self.mapping(node, "depends_on")?;
        let mut dependencies = Vec::new();
        for entry in entries {
            let mut parts = [None, None, None];
            if entry.tag != MergeTag::Reset {
                for inner in self.entries(entry.value, &entry.name) {
                    if let Some(at) = ["condition", "required", "restart"].iter().position(|key| *key == *inner.name) {
                        parts[at] = self.text(inner.value, &inner.name);
                    }
                }
            }
            let [condition, required, restart] = parts;
            let value = self.yaml.span(entry.value);
            let span = if value.start >= entry.name.span.end { entry.name.span.to(value) } else { entry.name.span };
            let (service, tag) = (entry.name, entry.tag);
            dependencies.push(Dependency { service, span, condition, required, restart, item: false, tag });
        }
        Some(dependencies)
    }

    pub(super) fn healthcheck(&mut self, node: NodeId) -> Option<Healthcheck> {
        let mut health = Healthcheck::default();
        for entry in self.mapping(node, "healthcheck")? {
            match entry.name.as_str() {
                "test" => health.test = self.command_field(&entry),
                "disable" => health.disable = self.text_field(&entry),
                "interval" => health.interval = self.text_field(&entry),
                "timeout" => health.timeout = self.text_field(&entry),
                "retries" => health.retries = self.text_field(&entry),
                "start_period" => health.start_period = self.text_field(&entry),
                "start_interval" => health.start_interval = self.text_field(&entry),
                _ => {}
            }
        }
        Some(health)
    }

    pub(super) fn extends(&mut self, node: NodeId) -> Option<Extends> {
        if self.yaml.text(node).is_some() {
            return Some(Extends { service: self.yaml.fragment(node), file: None });
        }
        self.mapping(node, "extends")?;
        let Some(service) = self.get(node, "service") else {
            self.problem(self.yaml.span(node), "`extends` needs a `service`");
            return None;
        };
        let service = self.text(service, "service")?;
        let file = self.get(node, "file").and_then(|file| self.text(file, "file"));
        Some(Extends { service, file })
    }

    pub(super) fn hook(&mut self, node: NodeId) -> Option<Hook> {
        let mut hook = Hook { span: self.yaml.span(node), ..Hook::default() };
        for entry in self.mapping(node, "hook")? {
            match entry.name.as_str() {
                "command" => hook.command = self.command(entry.value, "command"),
                "user" => hook.user = self.text(entry.value, "user"),
                "privileged" => hook.privileged = self.text(entry.value, "privileged"),
                "working_dir" => hook.working_dir = self.text(entry.value, "working_dir"),
                "environment" => {
                    hook.environment = self.pairs(entry.value, "environment", &['=']).unwrap_or_default();
                }
                _ => {}
            }
        }
        Some(hook)
    }

    pub(super) fn watches(&mut self, node: NodeId) -> Option<Vec<Watch>> {
        self.mapping(node, "develop")?;
        let Some(watch) = self.get(node, "watch").filter(|watch| self.yaml.tag(*watch) != Some("!reset")) else {
            return Some(Vec::new());
        };
        self.list(watch, "watch", |reader, node| {
            let mut watch = Watch { span: reader.yaml.span(node), ..Watch::default() };
            for entry in reader.mapping(node, "watch")? {
                match entry.name.as_str() {
                    "path" => watch.path = reader.text(entry.value, "path"),
                    "action" => watch.action = reader.text(entry.value, "action"),
                    "target" => watch.target = reader.text(entry.value, "target"),
                    _ => {}
                }
            }
            Some(watch)
        })
    }
}
