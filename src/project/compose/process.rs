use super::context::{Context, Item};
use super::{FilePath, Flag, Interpolated, Placed, Text};
use crate::parse::compose::{self as file, MergeTag};
use crate::project::environment::Lookup;
use crate::project::value::{Traced, Value};
use crate::source::{Fragment, Span};

/// `command`, `entrypoint` or a healthcheck's `test`.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// One text. Of `command` and `entrypoint` Compose splits it into words as a shell would, but no shell runs it.
    Line(Interpolated),
    /// The words; none at all overrides what the image says.
    Words(Vec<Interpolated>),
}

/// A variable of `environment` or a build's `args`.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The value. [`Value::Absent`] where it is passed on from outside and surely not set there.
    pub value: Interpolated,
    /// Whether only the name is given: the value is the one that Compose itself finds.
    pub passed_on: bool,
    /// Whether it is an item of a list with quotes around the value, which YAML leaves in: `- NAME="value"`.
    pub quotes_kept: bool,
}

/// A name and a value: a label, a kernel parameter, a driver's option.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value, where there is one.
    pub value: Option<Interpolated>,
}

/// One of `ulimits`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ulimit {
    /// The resource.
    pub name: String,
    /// The soft limit.
    pub soft: Option<Interpolated>,
    /// The hard limit.
    pub hard: Option<Interpolated>,
}

/// An entry of `env_file`. Later files win over earlier ones, `environment` wins over all.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvFile {
    /// The file.
    pub path: FilePath,
    /// Whether Compose fails where it is missing.
    pub required: Value<bool>,
    /// Whether values are taken as they stand, without interpolation and quotes.
    pub raw: bool,
}

/// An entry of `depends_on`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    /// The service that is waited for.
    pub service: String,
    /// `service_started` where it is not said.
    pub condition: Option<Interpolated>,
    /// Whether that service must exist; true where it is not said.
    pub required: Option<Traced<bool>>,
    /// Whether this service restarts when that one is.
    pub restart: Option<Traced<bool>>,
}

/// `healthcheck`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Healthcheck {
    /// `test`.
    pub test: Option<Placed<Command>>,
    /// `disable`.
    pub disable: Flag,
    /// `interval`, a duration.
    pub interval: Text,
    /// `timeout`, a duration.
    pub timeout: Text,
    /// `retries`.
    pub retries: Text,
    /// `start_period`, a duration.
    pub start_period: Text,
    /// `start_interval`, a duration.
    pub start_interval: Text,
}

/// What a healthcheck does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Probe<'a> {
    /// It takes the image's healthcheck away: `disable: true`, `["NONE"]`.
    Disabled,
    /// It leaves the image's test, and changes timings at most.
    Image,
    /// It runs this text in a shell.
    Shell(&'a Interpolated),
    /// It runs these words.
    Exec(&'a [Interpolated]),
}

/// An entry of `post_start` or `pre_stop`.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// The command.
    pub command: Option<Command>,
    /// The user that runs it.
    pub user: Option<Interpolated>,
    /// Whether it runs with all privileges.
    pub privileged: Option<Traced<bool>>,
}

/// An entry of `develop.watch`.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// The path that is watched.
    pub path: Option<FilePath>,
    /// `rebuild`, `sync`, `restart`, `sync+restart` …
    pub action: Option<Interpolated>,
    /// Where changes go in the container.
    pub target: Option<Interpolated>,
}

impl Command {
    /// The texts: the one line, or the words.
    pub fn texts(&self) -> &[Interpolated] {
        match self {
            Command::Line(line) => std::slice::from_ref(line),
            Command::Words(words) => words,
        }
    }

    fn read(cx: &Context, command: &file::Command) -> Self {
        match command {
            file::Command::Line(line) => Command::Line(cx.text(line)),
            file::Command::Words(words) => Command::Words(cx.texts(words)),
        }
    }
}

impl Healthcheck {
    /// What it does, as far as it is known.
    pub fn probe(&self) -> Probe<'_> {
        if self.disable.as_ref().is_some_and(|disable| disable.value.value.likely() == Some(&true)) {
            return Probe::Disabled;
        }
        match self.test.as_ref().map(|test| &test.value) {
            None => Probe::Image,
            Some(Command::Line(line)) => Probe::Shell(line),
            Some(Command::Words(words)) => match words.first().map(|word| word.text.text()) {
                Some("NONE") => Probe::Disabled,
                Some("CMD-SHELL") if words.len() > 1 => Probe::Shell(&words[1]),
                Some("CMD") => Probe::Exec(&words[1..]),
                // Without its first word Compose refuses it, except for none at all.
                Some(_) => Probe::Exec(words),
                None => Probe::Image,
            },
        }
    }
}

impl Context {
    /// A command replaces the earlier one; null takes it away, so that the image's holds.
    pub fn set_command(&self, slot: &mut Option<Placed<Command>>, field: &file::Setting<file::Command>) {
        let Some(named) = field else { return };
        if named.value.is_none() {
            *slot = None;
        }
        self.set(slot, field, |command| {
            let span = match command {
                file::Command::Line(line) => line.span(),
                file::Command::Words(words) => match (words.first(), words.last()) {
                    (Some(first), Some(last)) => first.span().to(last.span()),
                    _ => named.key,
                },
            };
            (Command::read(self, command), span)
        });
    }

    pub fn extend_variables(&self, list: &mut Vec<Placed<Variable>>, field: &file::Setting<Vec<file::Pair>>) {
        let key = |variable: &Variable| Some(variable.name.clone());
        self.extend_tagged(list, field, key, |pair| {
            let name = self.pair_name(pair);
            let passed_on = pair.value.is_none();
            let quotes_kept = pair.item && pair.value.as_ref().is_some_and(|value| is_quoted(value.text()));
            let value = match &pair.value {
                Some(value) => self.text(value),
                None => self.passed_on(&name, pair.name.span),
            };
            pair_item(pair, Variable { name, value, passed_on, quotes_kept })
        });
    }

    pub fn extend_pairs(&self, list: &mut Vec<Placed<Pair>>, field: &file::Setting<Vec<file::Pair>>) {
        let key = |pair: &Pair| Some(pair.name.clone());
        self.extend_tagged(list, field, key, |pair| {
            let value = pair.value.as_ref().map(|value| self.text(value));
            pair_item(pair, Pair { name: self.pair_name(pair), value })
        });
    }

    /// A host has as many addresses as there are entries for it.
    pub fn extend_hosts(&self, list: &mut Vec<Placed<Pair>>, field: &file::Setting<Vec<file::Pair>>) {
        let address = |value: &Interpolated| value.text.text().to_owned();
        let key = |pair: &Pair| Some(format!("{}={}", pair.name, pair.value.as_ref().map(address).unwrap_or_default()));
        self.extend_tagged(list, field, key, |pair| {
            let value = pair.value.as_ref().map(|value| self.text(value));
            pair_item(pair, Pair { name: self.pair_name(pair), value })
        });
    }

    fn pair_name(&self, pair: &file::Pair) -> String {
        if !pair.item {
            return pair.name.value.clone();
        }
        self.text(&Fragment::opaque(pair.name.value.clone(), pair.name.span)).text.text().to_owned()
    }

    /// The value of a variable that is only named.
    fn passed_on(&self, name: &str, span: Span) -> Interpolated {
        let mut value = self.text(&Fragment::opaque(format!("${{{name}}}"), span));
        if matches!(self.variables.lookup(name), Lookup::Unset) {
            value.traced.value = Value::Absent;
        }
        value
    }

    pub fn extend_ulimits(&self, list: &mut Vec<Placed<Ulimit>>, field: &file::Setting<Vec<file::Ulimit>>) {
        let key = |ulimit: &Ulimit| Some(ulimit.name.clone());
        self.extend_tagged(list, field, key, |ulimit| {
            let text = |text: &Option<file::Text>| text.as_ref().map(|text| self.text(text));
            let (soft, hard) = (text(&ulimit.soft), text(&ulimit.hard));
            let value = Ulimit { name: ulimit.name.value.clone(), soft, hard };
            Item { value, span: ulimit.name.span, key: ulimit.name.span, tag: ulimit.tag }
        });
    }

    pub fn extend_env_files(&self, list: &mut Vec<Placed<EnvFile>>, field: &file::Setting<Vec<file::EnvFile>>) {
        let key = |file: &EnvFile| Some(format!("{:?} {}", file.path.location.likely(), file.path.text.text.text()));
        self.extend(list, field, key, |entry| {
            let required = entry.required.as_ref().map_or(Value::Known(true), |required| self.flag(required).value);
            let raw = entry.format.as_ref().is_some_and(|format| format.text() == "raw");
            (EnvFile { path: self.file_path(&entry.path), required, raw }, entry.span)
        });
    }

    /// Dependencies merge by service and then by key; an item of a list says `service_started`.
    pub fn extend_dependencies(
        &self,
        list: &mut Vec<Placed<Dependency>>,
        field: &file::Setting<Vec<file::Dependency>>,
    ) {
        let Some(named) = field else { return };
        if named.tag != MergeTag::Merge {
            list.clear();
        }
        let before = list.clone();
        let earlier = |service: &str| before.iter().find(|placed| placed.value.service == service);
        let key = |dependency: &Dependency| Some(dependency.service.clone());
        self.extend_tagged(list, field, key, |entry| {
            let service = entry.service.value.clone();
            let mut merged = match earlier(&service).filter(|_| entry.tag == MergeTag::Merge) {
                Some(placed) => placed.value.clone(),
                None => Dependency { service, ..Dependency::default() },
            };
            if entry.item {
                merged.condition = Some(Interpolated::literal(Fragment::opaque("service_started", entry.span)));
                merged.required = Some(Traced::new(Value::Known(true), Vec::new()));
            }
            if let Some(condition) = &entry.condition {
                merged.condition = Some(self.text(condition));
            }
            if let Some(required) = &entry.required {
                merged.required = Some(self.flag(required));
            }
            if let Some(restart) = &entry.restart {
                merged.restart = Some(self.flag(restart));
            }
            Item { value: merged, span: entry.span, key: entry.service.span, tag: entry.tag }
        });
    }

    pub fn merge_healthcheck(&self, slot: &mut Option<Placed<Healthcheck>>, field: &file::Setting<file::Healthcheck>) {
        self.merge(
            slot,
            field,
            |_| None,
            |health: &mut Healthcheck, over| {
                self.set_command(&mut health.test, &over.test);
                self.set_flag(&mut health.disable, &over.disable);
                self.set_text(&mut health.interval, &over.interval);
                self.set_text(&mut health.timeout, &over.timeout);
                self.set_text(&mut health.retries, &over.retries);
                self.set_text(&mut health.start_period, &over.start_period);
                self.set_text(&mut health.start_interval, &over.start_interval);
            },
        );
    }

    pub fn extend_hooks(&self, list: &mut Vec<Placed<Hook>>, field: &file::Setting<Vec<file::Hook>>) {
        self.extend(
            list,
            field,
            |_| None,
            |hook| {
                let command = hook.command.as_ref().map(|command| Command::read(self, command));
                let user = hook.user.as_ref().map(|user| self.text(user));
                let privileged = hook.privileged.as_ref().map(|privileged| self.flag(privileged));
                (Hook { command, user, privileged }, hook.span)
            },
        );
    }

    pub fn extend_watches(&self, list: &mut Vec<Placed<Watch>>, field: &file::Setting<Vec<file::Watch>>) {
        self.extend(
            list,
            field,
            |_| None,
            |watch| {
                let path = watch.path.as_ref().map(|path| self.file_path(path));
                let action = watch.action.as_ref().map(|action| self.text(action));
                let target = watch.target.as_ref().map(|target| self.text(target));
                (Watch { path, action, target }, watch.span)
            },
        );
    }
}

fn is_quoted(text: &str) -> bool {
    text.len() > 2 && ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote))
}

fn pair_item<T>(pair: &file::Pair, value: T) -> Item<T> {
    let span = pair.value.as_ref().map_or(pair.name.span, Fragment::span);
    Item { value, span, key: pair.name.span, tag: pair.tag }
}
