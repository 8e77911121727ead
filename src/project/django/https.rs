//! HTTPS as a process's settings have it: what Django's own security checks ask, with its own gates.

use super::classes::SECURITY_MIDDLEWARE;
use crate::project::command::{AppServer, Door, ServerKind, Speaks, app_server, celery};
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::environment::Lookup;
use crate::project::process::Run;
use crate::project::settings::PyValue;
use crate::project::value::Value;
use crate::source::Place;

impl DjangoProcess {
    /// Whether `dotted` stands in the list `setting`; `None` where that cannot be told.
    pub fn lists(&self, setting: &str, dotted: &str) -> Option<bool> {
        self.settings.lists(setting, dotted).known().copied()
    }

    /// Whether some text of the list `setting` has `part` in it; `None` where that cannot be told.
    pub fn lists_any_of(&self, setting: &str, part: &str) -> Option<bool> {
        let listed = self.settings.effective(setting).test(|list| {
            let items = list.as_sequence()?;
            let unclear = items.more || items.items.iter().any(|item| item.value.value.possible().is_none());
            let found = items.likely_texts().any(|text| text.contains(part));
            if found { Some(true) } else { (!unclear).then_some(false) }
        });
        listed.known().copied()
    }

    /// Whether the project turned a check of Django off: `SILENCED_SYSTEM_CHECKS`.
    pub fn silences(&self, check: &str) -> bool {
        self.lists("SILENCED_SYSTEM_CHECKS", check) == Some(true)
    }

    /// Whether a switch is surely off. Django's own checks complain of any value but `True`; to what acts on it, a text
    /// or a number is true as well.
    pub fn is_off(&self, setting: &str) -> bool {
        self.settings.effective(setting).truth() == Value::Known(false)
    }

    /// Whether browsers refuse a cookie (`SESSION_COOKIE`, `CSRF_COOKIE`): it is for other sites as well, and may travel
    /// in the open.
    pub fn has_refused_cookie(&self, cookie: &str) -> bool {
        let site = self.settings.read(&[&format!("{cookie}_SAMESITE")]);
        site.text().is_some_and(|site| site.eq_ignore_ascii_case("none"))
            && self.settings.read(&[&format!("{cookie}_SECURE")]).is_falsy()
    }

    /// Whether a switch is surely on.
    pub fn is_on(&self, setting: &str) -> bool {
        self.settings.effective(setting).truth() == Value::Known(true)
    }

    /// Where a setting is decided, else assigned, else the settings module that it is missing from.
    pub fn setting_place(&self, setting: &str) -> Option<Place> {
        let value = self.settings.effective(setting);
        self.decides(setting, &value).or_else(|| self.settings.path.clone().map(Place::start_of))
    }

    /// The header by which Django takes a request for secure: `X-Forwarded-Proto`. Absent: it trusts none.
    pub fn trusted_scheme_header(&self) -> Value<String> {
        match self.settings.effective("SECURE_PROXY_SSL_HEADER").value {
            Value::Known(PyValue::None) | Value::Default(PyValue::None) | Value::Absent => Value::Absent,
            value => match value.likely().and_then(scheme_header) {
                Some(name) => Value::Known(name),
                None => {
                    Value::Unknown(crate::project::value::Reason::Unsupported("SECURE_PROXY_SSL_HEADER".to_owned()))
                }
            },
        }
    }
}

/// The header that a pair such as `("HTTP_X_FORWARDED_PROTO", "https")` names.
fn scheme_header(pair: &PyValue) -> Option<String> {
    let items = pair.as_sequence().filter(|items| items.items.len() == 2 && !items.more)?;
    let name = items.items[0].value.value.likely()?.as_str()?.strip_prefix("HTTP_")?;
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters.as_str().to_lowercase().chars()).collect()
        })
    });
    Some(words.collect::<Vec<String>>().join("-"))
}

impl DjangoProcess {
    /// Whether nothing before Django's own middleware for HTTPS may tell it of another scheme: none of the project's own.
    pub fn keeps_scheme_as_it_comes(&self) -> bool {
        const HARMLESS: [&str; 4] = ["django.", "corsheaders.", "whitenoise.", "django_prometheus."];
        let middleware = self.settings.list("MIDDLEWARE").unwrap_or_default();
        let mut before = middleware.items.iter().map(|item| item.value.value.likely().and_then(PyValue::as_str));
        before
            .by_ref()
            .take_while(|name| *name != Some(SECURITY_MIDDLEWARE))
            .all(|name| name.is_some_and(|name| HARMLESS.iter().any(|start| name.starts_with(start))))
    }
}

impl Service {
    /// Whether its application server may itself take a request's scheme from the proxy before it, so that Django need
    /// not: gunicorn and uvicorn do where they are told to trust the proxy's address. What is not known of it may.
    pub fn server_may_take_scheme(&self) -> bool {
        let servers: Vec<_> = self.process.runs.iter().filter_map(|run| app_server(&run.invocation)).collect();
        let told = |text: String| {
            ["forwarded-allow-ips", "proxy-headers", "certfile", "forwarded_allow_ips"]
                .iter()
                .any(|word| text.contains(word))
        };
        servers.is_empty()
            || self.variables.set.contains_key("FORWARDED_ALLOW_IPS")
            || self.variables.set.contains_key("GUNICORN_CMD_ARGS")
            || servers.iter().any(|server| server.config.is_some() || server.kind == ServerKind::Uwsgi)
            || self.process.runs.iter().any(|run| run.gunicorn_conf.is_some() || told(run.invocation.text()))
    }

    /// Whether its application server surely takes each request for plain HTTP: it listens at a port of a container with a
    /// network of its own, and nothing, be it outside of the repository, tells it to trust a proxy.
    pub fn server_takes_no_scheme(&self) -> bool {
        let unset = |name: &str| matches!(self.process.variables.lookup(name), Lookup::Unset);
        !self.server_may_take_scheme()
            && self.compose.is_some()
            && self.has_own_network()
            && self.server_ports().is_some()
            && unset("FORWARDED_ALLOW_IPS")
            && unset("GUNICORN_CMD_ARGS")
    }

    /// What its application server speaks, and at which ports; `None` where that cannot be told.
    pub fn doors(&self) -> Option<Vec<Door>> {
        let mut doors = Vec::new();
        let mut runs = self.process.runs.iter().filter(|run| run.happens.known() != Some(&false));
        let servers: Vec<(&Run, AppServer)> =
            runs.by_ref().filter_map(|run| Some((run, app_server(&run.invocation)?))).collect();
        // gunicorn speaks uwsgi as well where its flag, its file or its variable says so.
        let by_variable = self.process.variables.lookup("GUNICORN_CMD_ARGS");
        for (run, server) in servers {
            match (&run.uwsgi, server.kind) {
                (Some(uwsgi), _) => doors.extend(uwsgi.doors()?),
                (None, ServerKind::Gunicorn)
                    if server.config.is_some()
                        || run.gunicorn_conf.is_some()
                        || server.flags.has(&["--protocol"])
                        || matches!(by_variable, Lookup::Set(_)) =>
                {
                    return None;
                }
                _ => doors.push(Door { port: None, speaks: Speaks::Http, place: run.place() }),
            }
        }
        self.process.maybe_more.is_none().then_some(doors)
    }

    /// The ports that its application server surely listens at, by its command line or uWSGI's file; `None` where that cannot be told.
    pub fn server_ports(&self) -> Option<Vec<u16>> {
        // What runs beside it may listen, too.
        const OTHERS: [&str; 5] = ["nginx", "caddy", "haproxy", "supervisord", "apache2"];
        let beside = |run: &Run| {
            let invocation = &run.invocation;
            OTHERS.contains(&invocation.program.as_str())
                || (invocation.background && app_server(invocation).is_none() && celery(invocation).is_none())
        };
        if self.process.runs.iter().any(beside) {
            return None;
        }
        let mut ports = Vec::new();
        for run in self.process.runs.iter().filter(|run| run.happens.known() != Some(&false)) {
            let Some(server) = app_server(&run.invocation) else { continue };
            if let Some(uwsgi) = &run.uwsgi {
                ports.extend(uwsgi.doors()?.into_iter().filter_map(|door| door.port));
                continue;
            }
            if server.config.is_some() || (server.bind.is_empty() && server.port.is_none()) {
                return None;
            }
            for word in server.bind.iter().chain(&server.port) {
                let text = word.literal()?;
                let port = text.rsplit(':').next()?.parse().ok()?;
                ports.push(port);
            }
        }
        (!ports.is_empty() && self.process.maybe_more.is_none()).then_some(ports)
    }
}
