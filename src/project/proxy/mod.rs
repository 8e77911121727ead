//! What stands before Django: the proxies of a deployment, as their configuration in the repository tells.
//!
//! nginx is read whole: includes, inheritance, upstreams. Of Caddy and Traefik only the same facts are taken.

mod caddy;
pub(crate) mod container;
mod link;
mod nginx;
mod reach;
#[cfg(test)]
mod tests;
mod traefik;
mod upstreams;

pub use link::{edges, service_at};

use super::value::{Reason, Value};
use crate::findings::Scope;
use crate::source::{Place, RepoPath};
use std::collections::BTreeSet;

/// What stands between a deployment's Django and its clients.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The deployment: an index in the model's. `None` for a configuration that belongs to none that is known.
    pub deployment: Option<usize>,
    /// The environments that it serves.
    pub scope: Scope,
    /// The proxies; none where the repository shows none.
    pub proxies: Vec<Proxy>,
    /// Where a request for plain HTTP is sent to HTTPS. Absent: it is passed on to Django; unknown: nothing here listens for it.
    pub redirects_to_https: Value<Place>,
    /// Where TLS ends. Absent: every listener speaks plain HTTP (something else may stand before it).
    pub terminates_tls: Value<Place>,
    /// Where `Strict-Transport-Security` is added. Absent: TLS ends here and it is not added.
    pub sends_hsts: Value<Place>,
}

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// nginx
    Nginx,
    /// Caddy
    Caddy,
    /// Traefik
    Traefik,
}

impl ProxyKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            ProxyKind::Nginx => "nginx",
            ProxyKind::Caddy => "Caddy",
            ProxyKind::Traefik => "Traefik",
        }
    }
}

/// One proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Which program.
    pub kind: ProxyKind,
    /// The compose service that runs it; `None` for a configuration that no container of the repository loads.
    pub service: Option<String>,
    /// Whether clients reach it without passing another proxy of the stack, as far as is known.
    pub outermost: bool,
    /// The files that were read, in order.
    pub files: Vec<RepoPath>,
    /// Its sites, in order.
    pub sites: Vec<Site>,
    /// Why there may be more than is known: a file that is not in the repository, a template.
    pub open: Option<Reason>,
}

/// A virtual host: nginx's `server`, a site of Caddy, a router of Traefik.
#[derive(Clone, Debug)]
pub struct Site {
    /// What declares it.
    pub place: Place,
    /// The names that it answers to, as written.
    pub names: Vec<String>,
    /// What it listens to; empty where that cannot be told.
    pub listeners: Vec<Listener>,
    /// What sends every request to HTTPS.
    pub redirects_to_https: Option<Place>,
    /// The versions of TLS that it speaks, where they are said.
    pub tls_versions: Option<Words>,
    /// nginx's `server_tokens`.
    pub tokens: Option<Words>,
    /// What it does with requests, by path.
    pub routes: Vec<Route>,
    /// Whether it may have more than is known.
    pub open: bool,
}

/// A port that a site listens to.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where that is said; the site where it is not.
    pub place: Place,
    /// The port, where it is known.
    pub port: Option<u16>,
    /// Whether it speaks TLS.
    pub tls: bool,
}

/// Words of a configuration, with where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub words: Vec<String>,
    /// Where: from the name of the directive to its last word.
    pub place: Place,
}

/// What requests of a path meet.
#[derive(Clone, Debug)]
pub struct Route {
    /// What declares it: the line of a `location`.
    pub place: Place,
    /// How the path is meant.
    pub matching: Matching,
    /// The path or pattern, as written; empty for a site as a whole.
    pub path: String,
    /// Where requests are passed on to.
    pub pass: Option<Pass>,
    /// The headers of the request as it is passed on, inherited ones included.
    pub request_headers: Headers,
    /// The headers that are added to the answer, inherited ones included.
    pub response_headers: Headers,
    /// The headers of an outer level that are not added here, since this level adds some of its own.
    pub dropped_headers: Vec<Header>,
    /// The folder that files are served from, inherited or not.
    pub folder: Option<Folder>,
    /// Where listing of folders is switched on.
    pub lists_folders: Option<Place>,
    /// The largest body of a request.
    pub body_limit: BodyLimit,
    /// The variables with a decoded path that stand in an answer's header: `return 301 https://$host$uri`.
    pub unsafe_echoes: Vec<Words>,
    /// Whether nobody but the proxy itself can ask for it: nginx's `internal`, `@named`.
    pub internal: bool,
    /// Whether it answers by itself: `return`, `deny all`.
    pub answers: bool,
    /// Whether it may say more than is known.
    pub open: bool,
}

impl Route {
    /// A route for all paths of which nothing else is known but where it stands.
    fn at(place: Place) -> Self {
        Self {
            matching: Matching::Prefix,
            path: "/".to_owned(),
            pass: None,
            request_headers: Headers::default(),
            response_headers: Headers::default(),
            dropped_headers: Vec::new(),
            folder: None,
            lists_folders: None,
            body_limit: BodyLimit::Set(0, place.clone()),
            unsafe_echoes: Vec::new(),
            internal: false,
            answers: false,
            open: false,
            place,
        }
    }
}

/// How the path of a route is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// All paths that begin so.
    Prefix,
    /// This path alone.
    Exact,
    /// A regular expression.
    Pattern,
    /// A name, for the proxy's own use.
    Named,
    /// The site as a whole.
    Site,
}

/// Headers at one level.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    /// The headers, in order.
    pub list: Vec<Header>,
    /// Whether there may be more: an include that is not in the repository.
    pub more: bool,
}

impl Headers {
    /// The header called `name`, in whatever case; the last, which wins.
    pub fn get(&self, name: &str) -> Option<&Header> {
        self.list.iter().rev().find(|header| header.name.eq_ignore_ascii_case(name))
    }

    /// Whether a header is surely not set.
    pub fn lacks(&self, name: &str) -> bool {
        !self.more && self.get(name).is_none()
    }
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, as written: with variables.
    pub value: String,
    /// Where it is set.
    pub place: Place,
}

/// Where requests are passed on to.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The directive.
    pub place: Place,
    /// How.
    pub protocol: Protocol,
    /// The address as written: `http://web:8000/api/`.
    pub address: String,
    /// The host that the upstream sees where nobody sets `Host`; `None` where it is not known.
    pub host: Option<String>,
    /// The servers behind it, upstream blocks followed.
    pub endpoints: Vec<Endpoint>,
    /// The service of the deployment that serves Django's requests there, where it is one and requests come this way.
    pub django: Option<String>,
}

/// How requests are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP, in the clear.
    Http,
    /// HTTP over TLS.
    Https,
    /// uwsgi, as `uwsgi_pass` has it.
    Uwsgi,
    /// FastCGI, SCGI, gRPC.
    Other,
}

impl Protocol {
    /// Whether it is HTTP, be it over TLS.
    pub fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }
}

/// A server that requests are passed on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is named.
    pub place: Place,
    /// The host; `None` for a socket, or where it is not known.
    pub host: Option<String>,
    /// The port, where it is known.
    pub port: Option<u16>,
}

impl Endpoint {
    /// Whether it is the machine, or the container, that the proxy itself runs in.
    pub fn is_local(&self) -> bool {
        self.host.as_deref().is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
    }
}

/// A folder that files are served from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The directive.
    pub place: Place,
    /// The path in the container or on the server, as written.
    pub path: String,
    /// Whether it takes the place of the route's path (`alias`), as opposed to standing before it (`root`).
    pub alias: bool,
    /// The file or folder of the repository that is there, where it is mounted from it.
    pub mounted: Option<RepoPath>,
    /// Whether the route says so itself.
    pub own: bool,
}

/// The largest body of a request that is let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyLimit {
    /// So many bytes; 0 is no limit.
    Set(u64, Place),
    /// The program's own: nginx has 1 MiB.
    Default,
    /// It cannot be told.
    Unknown,
}

impl Proxy {
    /// Whether a container of the stack surely loads the configuration.
    pub fn is_certain(&self) -> bool {
        self.service.is_some() && self.open.is_none()
    }

    /// The ports that it listens to, sorted; `None` where one of them is not known, or there may be more.
    pub fn ports(&self) -> Option<BTreeSet<u16>> {
        let known = |site: &Site| !site.open && !site.listeners.is_empty();
        let listeners = || self.sites.iter().flat_map(|site| &site.listeners);
        (self.open.is_none() && !self.sites.is_empty() && self.sites.iter().all(known))
            .then(|| listeners().map(|listener| listener.port).collect::<Option<BTreeSet<u16>>>())?
    }
}

impl Site {
    /// Whether it listens for plain HTTP.
    pub fn has_plain(&self) -> bool {
        self.listeners.iter().any(|listener| !listener.tls)
    }

    /// Whether it listens for TLS.
    pub fn has_tls(&self) -> bool {
        self.listeners.iter().any(|listener| listener.tls)
    }

    /// Whether each of its listeners speaks plain HTTP.
    pub fn is_plain(&self) -> bool {
        !self.listeners.is_empty() && self.listeners.iter().all(|listener| !listener.tls)
    }
}

/// A route that passes requests to Django, with what it is part of.
#[derive(Clone, Copy, Debug)]
pub struct DjangoRoute<'e> {
    /// The proxy.
    pub proxy: &'e Proxy,
    /// The site.
    pub site: &'e Site,
    /// The route.
    pub route: &'e Route,
    /// Where it passes requests on.
    pub pass: &'e Pass,
    /// The service that runs Django.
    pub service: &'e str,
}

impl Edge {
    /// All routes, with their proxy and site.
    pub fn routes(&self) -> impl Iterator<Item = (&Proxy, &Site, &Route)> {
        self.sites().flat_map(|(proxy, site)| site.routes.iter().map(move |route| (proxy, site, route)))
    }

    /// All sites, with their proxy.
    pub fn sites(&self) -> impl Iterator<Item = (&Proxy, &Site)> {
        self.proxies.iter().flat_map(|proxy| proxy.sites.iter().map(move |site| (proxy, site)))
    }

    /// The routes that pass requests to Django.
    pub fn django_routes(&self) -> impl Iterator<Item = DjangoRoute<'_>> {
        self.routes().filter_map(|(proxy, site, route)| {
            let pass = route.pass.as_ref()?;
            Some(DjangoRoute { proxy, site, route, pass, service: pass.django.as_deref()? })
        })
    }

    /// The routes that pass pages and forms to Django over HTTP. One that only opens WebSockets, beside others, does not:
    /// neither host nor scheme nor body of a request count there.
    pub fn page_routes(&self) -> impl Iterator<Item = DjangoRoute<'_>> {
        let upgrades = |it: &DjangoRoute<'_>| it.route.request_headers.get("Upgrade").is_some();
        let all_upgrade = self.django_routes().all(|it| upgrades(&it));
        let over_http = self.django_routes().filter(|it| it.pass.protocol.is_http());
        over_http.filter(move |it| all_upgrade || it.route.path == "/" || !upgrades(it))
    }

    /// Sums up what the proxies do.
    /// Whether plain HTTP may be sent to HTTPS before Django sees it: as the configuration says, or since a site of Caddy
    /// has an address that only a variable tells, for which it does so by itself.
    pub fn may_redirect_to_https(&self) -> bool {
        let caddy = self.proxies.iter().filter(|proxy| proxy.kind == ProxyKind::Caddy);
        let untold = |site: &Site| {
            let passes = site.routes.iter().any(|route| route.pass.as_ref().is_some_and(|pass| pass.django.is_some()));
            site.listeners.is_empty() && passes
        };
        matches!(self.redirects_to_https, Value::Known(_)) || caddy.flat_map(|proxy| &proxy.sites).any(untold)
    }

    fn sum_up(&mut self) {
        let unknown = || Value::Unknown(Reason::Unsupported("a proxy outside of the repository".to_owned()));
        let open = || self.proxies.iter().find_map(|proxy| proxy.open.clone());
        let passing =
            |site: &&Site| site.routes.iter().any(|it| it.pass.as_ref().is_some_and(|it| it.django.is_some()));
        let sites: Vec<&Site> = self.proxies.iter().flat_map(|proxy| &proxy.sites).collect();
        let serving: Vec<&Site> = sites.iter().copied().filter(passing).collect();
        let tls_at = |site: &&Site| site.listeners.iter().find(|it| it.tls).map(|it| it.place.clone());
        let redirect = sites.iter().find_map(|site| site.redirects_to_https.clone());
        let plain = serving.iter().any(|site| site.has_plain() && site.redirects_to_https.is_none());
        let hsts_at = |site: &&Site| {
            let routes = site.routes.iter();
            routes
                .filter_map(|it| it.response_headers.get("Strict-Transport-Security"))
                .map(|it| it.place.clone())
                .next()
        };
        let absent = |certain: bool| match open() {
            Some(reason) => Value::Unknown(reason),
            None if certain => Value::Absent,
            None => unknown(),
        };
        let terminates_tls = sites.iter().find_map(tls_at).map_or_else(|| absent(!serving.is_empty()), Value::Known);
        let sends_hsts = sites.iter().find_map(hsts_at);
        let hsts_is_clear = serving.iter().any(|site| {
            let more = site.routes.iter().any(|route| route.response_headers.more);
            site.has_tls() && !site.open && !more
        });
        let redirects_to_https = match redirect {
            Some(place) if !plain => Value::Known(place),
            _ => absent(plain),
        };
        self.redirects_to_https = redirects_to_https;
        self.sends_hsts = sends_hsts.map_or_else(|| absent(hsts_is_clear), Value::Known);
        self.terminates_tls = terminates_tls;
    }
}
