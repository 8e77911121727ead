//! The servers that settings name: databases, caches, brokers. Rules compare them with what a deployment runs.

use super::Settings;
use super::reading::Reading;
use super::value::PyValue;
use crate::project::django::classes::SMTP_BACKEND;
use crate::project::role::Role;

/// A server by the host that settings give for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerAddress {
    /// The setting and the keys below it, as Python has them: `DATABASES["default"]["HOST"]`.
    pub setting: String,
    /// What it is, for messages: `database`, `cache`, `broker`.
    pub what: &'static str,
    /// The host: a name or an address, in lower case.
    pub host: String,
    /// The value that names it, and its place.
    pub reading: Reading,
}

impl ServerAddress {
    /// Whether the host is the container itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether a service of this role may be the server that is meant.
    pub fn may_be_role(&self, role: Role) -> bool {
        match self.what {
            "database" => role == Role::Database,
            "mail server" => role == Role::MailCatcher,
            _ => matches!(role, Role::Cache | Role::Broker),
        }
    }
}

/// Whether a host's name or address is the machine itself.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || (host.starts_with("127.") && host.split('.').count() == 4)
}

/// Settings that hold the address of a broker or of what keeps results, as Celery and its kind read them.
const URLS: [(&str, &str); 5] = [
    ("CELERY_BROKER_URL", "broker"),
    ("BROKER_URL", "broker"),
    ("CELERY_RESULT_BACKEND", "result store"),
    ("DRAMATIQ_BROKER", "broker"),
    ("RQ_REDIS_URL", "broker"),
];

/// Engines that connect to a server.
const DATABASE_SERVERS: [&str; 6] = ["postgres", "postgis", "mysql", "oracle", "mssql", "cockroach"];

impl Settings {
    /// The servers whose hosts are certain, in the order of settings.
    pub fn servers(&self) -> Vec<ServerAddress> {
        let mut servers = Vec::new();
        for (alias, database) in self.entries("DATABASES") {
            let engine = database.read(&["ENGINE"]);
            let serves = engine.text().is_some_and(|engine| DATABASE_SERVERS.iter().any(|it| engine.contains(it)));
            let host = database.read(&["HOST"]);
            if serves && let Some(text) = host.text() {
                let hosts = text.split(',').map(str::to_owned).collect();
                push(&mut servers, format!("DATABASES[\"{alias}\"][\"HOST\"]"), "database", hosts, &host);
            }
        }
        for (alias, cache) in self.entries("CACHES") {
            let backend = cache.read(&["BACKEND"]);
            let remote =
                |text: &str| ["redis", "memcache", "valkey"].iter().any(|kind| text.to_lowercase().contains(kind));
            if backend.text().is_some_and(remote) {
                let location = cache.read(&["LOCATION"]);
                let setting = format!("CACHES[\"{alias}\"][\"LOCATION\"]");
                for (texts, reading) in locations(&location) {
                    push(&mut servers, setting.clone(), "cache", texts, &reading);
                }
            }
        }
        for (name, what) in URLS {
            let url = self.read(&[name]);
            if let Some(text) = url.text() {
                push(&mut servers, name.to_owned(), what, url_hosts(text), &url);
            }
        }
        for (alias, layer) in self.entries("CHANNEL_LAYERS") {
            let hosts = layer.read(&["CONFIG", "hosts"]);
            let setting = format!("CHANNEL_LAYERS[\"{alias}\"]");
            let items = hosts.value.value.known().and_then(PyValue::as_sequence);
            for item in items.iter().flat_map(|items| &items.items) {
                let reading = item.reading(hosts.place.as_ref());
                let found = match item.value.value.known() {
                    Some(PyValue::Str(url)) => url_hosts(url),
                    Some(PyValue::Tuple(pair) | PyValue::List(pair)) => {
                        let host = pair.items.first().map(|host| host.reading(reading.place.as_ref()));
                        if let Some(host) = host
                            && let Some(text) = host.text()
                        {
                            push(&mut servers, setting.clone(), "channel layer", vec![text.to_owned()], &host);
                        }
                        Vec::new()
                    }
                    _ => Vec::new(),
                };
                push(&mut servers, setting.clone(), "channel layer", found, &reading);
            }
        }
        for (alias, queue) in self.entries("RQ_QUEUES") {
            let host = queue.read(&["HOST"]);
            if let Some(text) = host.text() {
                push(&mut servers, format!("RQ_QUEUES[\"{alias}\"][\"HOST\"]"), "broker", vec![text.to_owned()], &host);
            }
            let url = queue.read(&["URL"]);
            if let Some(text) = url.text() {
                push(&mut servers, format!("RQ_QUEUES[\"{alias}\"][\"URL\"]"), "broker", url_hosts(text), &url);
            }
        }
        let mail = self.read(&["EMAIL_HOST"]);
        let smtp = self.read(&["EMAIL_BACKEND"]).text() == Some(SMTP_BACKEND);
        if smtp
            && self.assigns("EMAIL_HOST")
            && let Some(host) = mail.text()
        {
            push(&mut servers, "EMAIL_HOST".to_owned(), "mail server", vec![host.to_owned()], &mail);
        }
        servers
    }
}

fn push(servers: &mut Vec<ServerAddress>, setting: String, what: &'static str, hosts: Vec<String>, reading: &Reading) {
    for host in hosts {
        let host = host.trim().trim_matches(['[', ']']).to_ascii_lowercase();
        // A folder is that of a socket.
        if !host.is_empty() && !host.contains(['/', '{', '%', '$', ' ']) {
            servers.push(ServerAddress { setting: setting.clone(), what, host, reading: reading.clone() });
        }
    }
}

/// A cache's location: one text, or a list of them.
fn locations(location: &Reading) -> Vec<(Vec<String>, Reading)> {
    match location.value.value.known() {
        Some(PyValue::Str(text)) => vec![(text.split([',', ';']).flat_map(url_hosts).collect(), location.clone())],
        Some(value) => {
            let items = value.as_sequence().map(|items| items.items.as_slice()).unwrap_or_default();
            items
                .iter()
                .filter_map(|item| {
                    let reading = item.reading(location.place.as_ref());
                    Some((url_hosts(reading.text()?), reading.clone()))
                })
                .collect()
        }
        None => Vec::new(),
    }
}

/// The hosts of `scheme://user:password@host:port/path`, several after each other with `;` between, or of `host:port`.
/// What is kept elsewhere than on a host (`unix:`, `django-db`, `memory://`, a queue of Amazon's) has none.
fn url_hosts(text: &str) -> Vec<String> {
    text.split(';').filter_map(url_host).collect()
}

fn url_host(text: &str) -> Option<String> {
    const SCHEMES: [&str; 15] = [
        "redis",
        "rediss",
        "valkey",
        "valkeys",
        "amqp",
        "amqps",
        "pyamqp",
        "sentinel",
        "memcached",
        "memcache",
        "pymemcache",
        "pylibmc",
        "rediscache",
        "postgresql",
        "postgres",
    ];
    let text = text.trim();
    let rest = match text.split_once("://") {
        Some((scheme, rest)) => {
            let known = SCHEMES.contains(&scheme.trim_start_matches("db+").split('+').next().unwrap_or(scheme));
            rest.split(['/', '?', '#']).next().filter(|_| known)?
        }
        // memcached's own form; a word alone is something else.
        None => {
            text.split_once(':').filter(|(host, port)| *host != "unix" && port.parse::<u16>().is_ok()).map(|_| text)?
        }
    };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_addresses() {
        let hosts = |text| url_hosts(text).join(" ");
        assert_eq!(hosts("redis://:secret@cache:6379/0"), "cache");
        assert_eq!(hosts("amqp://guest:gu@est@rabbit//"), "rabbit");
        assert_eq!(hosts("sentinel://a:26379;sentinel://b:26379"), "a b");
        assert_eq!(hosts("redis://[::1]:6379"), "::1");
        assert_eq!(hosts("memcached:11211"), "memcached");
        for none in
            ["", "django-db", "memory://", "sqs://", "unix:/run/redis.sock", "redis://", "unix:1", "a", "file:///x"]
        {
            assert_eq!(hosts(none), "", "{none}");
        }
    }

    #[test]
    fn the_machine_itself() {
        assert!(["localhost", "127.0.0.1", "127.1.2.3", "::1"].iter().all(|host| is_loopback(host)));
        assert!(!["db", "127.example.org", "10.0.0.1", ""].iter().any(|host| is_loopback(host)));
    }
}
