//! What serves static files beside a proxy, and what leads past it.

use super::{DjangoRoute, Edge, Matching, Pass, Protocol, Proxy, ProxyKind, Route, Site, service_at};
use crate::project::command::{Speaks, Uwsgi, app_server};
use crate::project::compose::{Placed, Port};
use crate::project::deployment::{Deployment, DjangoProcess, Service};
use crate::project::settings::PyValue;
use crate::project::{Model, value::Value};
use crate::tree::FileKind;

impl DjangoProcess {
    /// The path that static files are asked for at, where that is on the site itself and surely nothing in Django's
    /// middleware serves it.
    pub fn local_static_url(&self) -> Option<String> {
        let url = self.settings.effective("STATIC_URL");
        let url = url.value.known().and_then(PyValue::as_str).filter(|url| !url.contains("://") && !url.is_empty())?;
        let in_use = self.lists("INSTALLED_APPS", "django.contrib.staticfiles") == Some(true);
        let by_middleware =
            ["whitenoise", "hitenoise", "static"].iter().any(|it| self.lists_any_of("MIDDLEWARE", it) != Some(false));
        let storage = ["STORAGES", "STATICFILES_STORAGE"].iter().any(|name| match self.settings.get(name).value {
            Value::Absent => false,
            Value::Known(PyValue::Str(storage)) => !storage.starts_with("django."),
            _ => true,
        });
        let url = if url.starts_with('/') { url.to_owned() } else { format!("/{url}") };
        (in_use && !by_middleware && !storage && url != "/").then_some(url)
    }
}

impl Edge {
    /// Whether a proxy may answer itself, or have another service answer, what is asked for below `url`, of which `it` passes
    /// all that is left to Django.
    pub fn may_serve_beside(&self, it: &DjangoRoute<'_>, url: &str) -> bool {
        let meets = |path: &str| path != "/" && (url.starts_with(path) || path.starts_with(url));
        // The rules of Traefik's routers are compared as they are written.
        let by_path = |site: &Site| site.names.iter().any(|rule| rule.to_ascii_lowercase().contains("path"));
        let mut others = self.routes().filter(|(_, _, route)| route.place != it.route.place);
        let elsewhere = |route: &Route| route.pass.as_ref().is_some_and(|pass| pass.django.is_none());
        it.site.open
            || (it.proxy.kind == ProxyKind::Traefik && by_path(it.site))
            || others.any(|(proxy, site, route)| match proxy.kind {
                ProxyKind::Nginx => {
                    route.matching != Matching::Site
                        && (site.open
                            || route.matching == Matching::Pattern
                            || meets(&route.path)
                            || (route.path == "/" && route.pass.is_none() && site.redirects_to_https.is_none()))
                }
                ProxyKind::Caddy => site.open || route.matching == Matching::Pattern || elsewhere(route),
                ProxyKind::Traefik => by_path(site) || (site.names == it.site.names && elsewhere(route)),
            })
    }
}

impl Model {
    /// Whether something in the program itself may serve static files: a view, a wrapper of the application, a flag of
    /// the server.
    pub fn may_serve_static(&self, service: &Service) -> bool {
        const WORDS: [&str; 7] =
            ["static.serve", "views.static", "import serve", "hitenoise", "WhiteNoise", "Cling", "StaticFilesHandler"];
        // A server beside Django in its container.
        const SERVERS: [&str; 5] = ["nginx", "caddy", "apache2", "apache2ctl", "httpd"];
        let beside = service.process.maybe_more.is_some()
            || service.process.runs.iter().any(|run| SERVERS.contains(&run.invocation.program.as_str()));
        let by_flag = service.process.runs.iter().any(|run| {
            let by_file = |uwsgi: &Uwsgi| uwsgi.open || uwsgi.mentions("static-") || uwsgi.mentions("check-static");
            run.uwsgi.as_ref().is_some_and(by_file) || run.invocation.text().contains("static-map")
        });
        let kinds = [FileKind::Urls, FileKind::DjangoEntry];
        let mut files = kinds.iter().flat_map(|kind| self.snapshot.files_of(*kind));
        beside
            || by_flag
            || files.any(|entry| {
                let source = self.snapshot.source(&entry.path);
                source.is_ok_and(|source| WORDS.iter().any(|word| source.text.contains(word)))
            })
    }
}

/// A published port of the server that a proxy of the same stack stands before.
#[derive(Clone, Copy, Debug)]
pub struct WayPast<'e> {
    /// The proxy.
    pub proxy: &'e Proxy,
    /// What leads through it.
    pub route: &'e Route,
    /// The service that runs Django.
    pub service: &'e Service,
    /// The port that leads past it.
    pub port: &'e Placed<Port>,
    /// Whether the proxy is published on every address of the host as well.
    pub proxy_is_open: bool,
}

impl Edge {
    /// The ways past the proxies: each service once that they lead to, where the port that a proxy itself uses is published
    /// on all addresses of the host.
    pub fn ways_past<'e>(&'e self, deployment: &'e Deployment) -> Vec<WayPast<'e>> {
        let mut ways: Vec<WayPast<'e>> = Vec::new();
        for it in self.django_routes() {
            let before = it.proxy.service.as_ref().filter(|name| *name != it.service);
            let before = before.and_then(|name| deployment.service(name));
            let (Some(before), Some(service)) = (before, deployment.service(it.service)) else { continue };
            if ways.iter().any(|way| way.service.name == service.name) {
                continue;
            }
            let proxy_is_open = before.open_ports().next().is_some() || before.is_on_host();
            let mut used = it.pass.endpoints.iter().filter_map(|endpoint| endpoint.port).collect::<Vec<u16>>();
            used.extend(service.server_ports().unwrap_or_default());
            // Beside a socket that the proxy uses the server may be told of a port.
            let servers = service.process.runs.iter().filter_map(|run| app_server(&run.invocation));
            let bound = servers.flat_map(|server| server.bind).filter_map(|word| word.literal());
            used.extend(bound.filter_map(|text| text.rsplit(':').next()?.parse::<u16>().ok()));
            let leads = |port: &&Placed<Port>| {
                port.value.target_range().is_some_and(|(first, last)| used.iter().any(|it| (first..=last).contains(it)))
            };
            if let Some(port) = service.open_ports().find(leads) {
                ways.push(WayPast { proxy: it.proxy, route: it.route, service, port, proxy_is_open });
            }
        }
        ways
    }
}

impl Service {
    /// Whether it is in the network of its host, and so published with all its ports.
    fn is_on_host(&self) -> bool {
        let mode = self.compose.as_ref().and_then(|merged| merged.network_mode.as_ref());
        mode.is_some_and(|mode| mode.value.likely() == Some("host"))
    }
}

/// A proxy and a server that do not understand each other.
#[derive(Clone, Debug)]
pub struct Misunderstanding<'e> {
    /// The proxy.
    pub proxy: &'e Proxy,
    /// How it passes requests on.
    pub pass: &'e Pass,
    /// The service that they come to.
    pub service: &'e Service,
    /// What is spoken there.
    pub speaks: Speaks,
    /// Where that is said.
    pub place: crate::source::Place,
}

impl Edge {
    /// Where a proxy passes requests on in one protocol to a server that surely speaks another.
    pub fn misunderstandings<'e>(&'e self, deployment: &'e Deployment) -> Vec<Misunderstanding<'e>> {
        let mut found = Vec::new();
        for (proxy, _, route) in self.routes() {
            let Some(pass) = &route.pass else { continue };
            let wants = match pass.protocol {
                Protocol::Http => Speaks::Http,
                Protocol::Uwsgi => Speaks::Uwsgi,
                Protocol::Https | Protocol::Other => continue,
            };
            for endpoint in &pass.endpoints {
                let service = endpoint.host.as_deref().and_then(|host| service_at(deployment, host));
                let Some((service, doors)) = service.and_then(|service| Some((service, service.doors()?))) else {
                    continue;
                };
                let mut here = doors.into_iter().filter(|door| door.port.is_none() || door.port == endpoint.port);
                let Some(first) = here.next().filter(|first| first.speaks != wants) else { continue };
                if here.all(|door| door.speaks == first.speaks) {
                    let (speaks, place) = (first.speaks, first.place);
                    found.push(Misunderstanding { proxy, pass, service, speaks, place });
                    break;
                }
            }
        }
        found
    }
}
