//! uWSGI as its command line and its file of options tell it together.

use super::server::{AppServer, ServerKind};
use crate::parse::uwsgi::UwsgiFile;
use crate::source::{Place, RepoPath};

/// The options that a uWSGI server starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uwsgi {
    options: Vec<Setting>,
    /// Whether there may be more: a file that is not in the repository, or that includes others.
    pub open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    name: String,
    /// `None` where it is not known, or holds only at times.
    value: Option<String>,
    place: Place,
}

/// What a server speaks at an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP.
    Http,
    /// The protocol uwsgi, for `uwsgi_pass`.
    Uwsgi,
}

/// An address that a server listens at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The port; `None` where it is any that the server has.
    pub port: Option<u16>,
    /// What is spoken there.
    pub speaks: Speaks,
    /// Where that is said.
    pub place: Place,
}

impl Uwsgi {
    /// Joins what `server` is told by its command line, at `place`, with its `file`.
    pub fn of(server: &AppServer, place: &Place, file: Option<(&RepoPath, &UwsgiFile)>) -> Option<Self> {
        if server.kind != ServerKind::Uwsgi {
            return None;
        }
        let long = |name: &str| match name {
            "-s" => "socket".to_owned(),
            "-p" => "processes".to_owned(),
            "-w" => "module".to_owned(),
            "-M" => "master".to_owned(),
            _ => name.trim_start_matches('-').to_owned(),
        };
        let flags = server.flags.flags.iter().map(|flag| Setting {
            name: long(&flag.name),
            value: flag.value.as_ref().map_or_else(|| Some("true".to_owned()), |word| word.literal()),
            place: Place::new(place.path.clone(), flag.span),
        });
        let mut options: Vec<Setting> = flags.collect();
        let mut open = server.config.is_some() && file.is_none();
        if let Some((path, file)) = file {
            open |= file.open;
            options.extend(file.options.iter().map(|option| Setting {
                name: option.name.value.clone(),
                value: (!option.conditional && !option.value.contains(['$', '%', '@'])).then(|| option.value.clone()),
                place: option.name.place(path),
            }));
        }
        Some(Self { options, open })
    }

    /// The value of the last option of one of these names, where it is known.
    pub fn value(&self, names: &[&str]) -> Option<&str> {
        self.options.iter().rev().find(|option| names.contains(&option.name.as_str()))?.value.as_deref()
    }

    /// Whether an option whose name begins so is given, be it at times.
    pub fn mentions(&self, start: &str) -> bool {
        self.options.iter().any(|option| option.name.starts_with(start))
    }

    /// Where its master is switched on that takes SIGTERM for an order to load everything anew; `None` where it may end.
    pub fn reloads_at_sigterm(&self) -> Option<&Place> {
        const OTHERWISE: [&str; 6] = ["die-on-term", "exit-on-reload", "hook-", "emperor", "zerg", "attach-daemon"];
        let known = !self.open && !OTHERWISE.iter().any(|start| self.mentions(start));
        let master = self.options.iter().rev().find(|option| option.name == "master")?;
        let off = ["false", "off", "no", "0"];
        let on = !off.contains(&master.value.as_deref()?.to_ascii_lowercase().as_str());
        (known && on).then_some(&master.place)
    }

    /// The settings module that it puts into its environment, with where: `env = DJANGO_SETTINGS_MODULE=…`.
    pub fn settings_module(&self) -> Option<(&str, &Place)> {
        let mut set = self.options.iter().rev().filter(|option| option.name == "env");
        set.find_map(|option| {
            Some((option.value.as_deref()?.strip_prefix("DJANGO_SETTINGS_MODULE=")?.trim(), &option.place))
        })
    }

    /// The ports that it listens at, each with what is spoken there; sockets in the file system left out. `None` where that
    /// cannot be told.
    pub fn doors(&self) -> Option<Vec<Door>> {
        let by_option = self.options.iter().rev().find(|option| option.name == "protocol");
        let protocol = match by_option {
            Some(option) => Some(option.value.as_deref()?),
            None => None,
        };
        let mut doors = Vec::new();
        for option in &self.options {
            let speaks = match (option.name.as_str(), protocol) {
                ("http" | "http-socket" | "https" | "https-socket", _) | ("socket", Some("http")) => Speaks::Http,
                ("uwsgi-socket", _) | ("socket", None | Some("uwsgi")) => Speaks::Uwsgi,
                ("socket" | "shared-socket" | "fastcgi-socket" | "scgi-socket" | "suwsgi-socket", _) => return None,
                _ => continue,
            };
            let value = option.value.as_deref()?;
            let address = value.split(',').next().unwrap_or(value);
            if let Some((_, port)) = address.rsplit_once(':') {
                doors.push(Door { port: Some(port.parse().ok()?), speaks, place: option.place.clone() });
            }
        }
        (!self.open).then_some(doors)
    }
}
