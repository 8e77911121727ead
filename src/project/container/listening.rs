//! Application servers that listen where nobody outside of their container can reach them.

use crate::parse::shell::Word;
use crate::project::command::{AppServer, ServerKind, app_server};
use crate::project::deployment::{Deployment, Service};
use crate::project::model::Model;
use crate::source::Place;

/// A server that listens at the loopback address of its container alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosed {
    /// The command that starts it.
    pub place: Place,
    /// The address as it is written; `None` where it is the server's default.
    pub written: Option<String>,
    /// The server.
    pub server: String,
}

impl Service {
    /// The application server of the service, where it surely listens at its container's loopback address alone, and
    /// nothing in the container stands before it.
    pub fn enclosed_server(&self, deployment: &Deployment, model: &Model) -> Option<Enclosed> {
        const BESIDE: [&str; 8] =
            ["nginx", "caddy", "haproxy", "supervisord", "apache2", "apache2ctl", "cloudflared", "tailscaled"];
        let shared =
            deployment.services.iter().filter_map(|other| other.compose.as_ref()).any(|other| {
                other.network_mode.as_ref().is_some_and(|mode| mode.value.text.text().contains(&self.name))
            });
        let runs = &self.process.runs;
        let beside =
            runs.iter().any(|run| BESIDE.contains(&run.invocation.program.as_str()) || run.invocation.background);
        if !self.has_own_network() || shared || beside || self.process.maybe_more.is_some() {
            return None;
        }
        let mut found = None;
        for run in runs.iter().filter(|run| run.happens.likely() != Some(&false)) {
            let Some(server) = app_server(&run.invocation) else { continue };
            let addresses: Vec<&Word> = match server.host.as_ref() {
                Some(host) => vec![host],
                None => server.bind.iter().collect(),
            };
            let written: Option<Vec<String>> = addresses.iter().map(|word| word.literal()).collect();
            let written = written?;
            let enclosed = match written.first() {
                Some(first) => written.iter().all(|address| is_loopback(address)).then(|| Some(first.clone()))?,
                None => self.listens_inside_by_default(&server, model).then_some(None)?,
            };
            found = Some(Enclosed { place: run.place(), written: enclosed, server: run.invocation.program.clone() });
        }
        found
    }

    /// Whether a server that is told no address listens at the loopback address. From the servers' references.
    fn listens_inside_by_default(&self, server: &AppServer, model: &Model) -> bool {
        let unset = |names: &[&str]| {
            self.variables.open.is_none() && !names.iter().any(|name| self.variables.set.contains_key(*name))
        };
        // gunicorn looks for it in the folder that it starts in.
        let has_file = || {
            let mut entries = model.snapshot.tree().entries().iter();
            entries.any(|entry| entry.path.file_name() == "gunicorn.conf.py")
        };
        let elsewhere =
            server.flags.has(&["--uds", "--fd", "-u", "--unix-socket", "-e", "--endpoint", "--config", "-c"]);
        !elsewhere
            && server.config.is_none()
            && match server.kind {
                // It listens at all addresses where `PORT` is set.
                ServerKind::Gunicorn => !has_file() && unset(&["GUNICORN_CMD_ARGS", "PORT"]),
                ServerKind::Uvicorn => unset(&["UVICORN_HOST", "UVICORN_UDS", "UVICORN_FD"]),
                ServerKind::Daphne | ServerKind::Hypercorn => unset(&[]),
                ServerKind::Granian => unset(&["GRANIAN_HOST"]),
                _ => false,
            }
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address.trim_start_matches("http://").trim_start_matches("tcp://");
    ["127.", "localhost", "[::1]", "::1"].iter().any(|loopback| host.starts_with(loopback))
}
