//! Traefik: routers by labels or files, entry points by flags or files. It passes `Host` on and sets
//! `X-Forwarded-Proto` unless it is told otherwise.

use super::container::Files;
use super::{Endpoint, Header, Headers, Listener, Pass, Protocol, Proxy, ProxyKind, Route, Site};
use crate::parse::traefik::{Setting, parse_toml, parse_yaml};
use crate::project::compose::Command;
use crate::project::deployment::{Deployment, Service};
use crate::project::value::Reason;
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, Snapshot};
use std::collections::BTreeMap;

/// The most routers that are looked at, and the most entry points of each.
const MAX_ROUTERS: usize = 200;
const MAX_POINTS: usize = 20;

/// An option with its file.
struct Placed {
    name: String,
    value: String,
    place: Place,
    /// The service whose label it is.
    service: Option<String>,
}

/// The Traefik that `service` of a deployment runs; without a service the one elsewhere that the labels of the stack
/// speak to. `None` where no router is known and no Traefik runs.
pub fn of_deployment(snapshot: &Snapshot, deployment: &Deployment, own: Option<(&Service, &Files)>) -> Option<Proxy> {
    let mut options = labels(deployment);
    let mut read = Vec::new();
    if let Some((service, files)) = own {
        options.extend(flags(service));
        let configured =
            files.at.values().filter(|path| snapshot.tree().entry(path).is_some_and(|it| it.kind == FileKind::Traefik));
        for path in configured {
            options.extend(file(snapshot, path));
            read.push(path.clone());
        }
    }
    let mut names: Vec<&str> = options.iter().filter_map(|option| router_of(&option.name)).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(MAX_ROUTERS);
    let sites: Vec<Site> = names.iter().filter_map(|name| site(name, &options)).collect();
    if sites.is_empty() && own.is_none() {
        return None;
    }
    let elsewhere = || Reason::Unsupported("a Traefik outside of the stack".to_owned());
    let silent = || Reason::Unsupported("a Traefik whose routers are not in the repository".to_owned());
    let known = options.iter().any(|option| option.name.starts_with("entrypoints."));
    Some(Proxy {
        kind: ProxyKind::Traefik,
        service: own.map(|(service, _)| service.name.clone()),
        outermost: true,
        files: read,
        open: match own {
            None => Some(elsewhere()),
            Some(_) if sites.is_empty() || !known => Some(silent()),
            Some(_) => None,
        },
        sites,
    })
}

fn labels(deployment: &Deployment) -> Vec<Placed> {
    let mut options = Vec::new();
    for service in &deployment.services {
        let Some(merged) = &service.compose else { continue };
        let deployed = merged.deploy.as_ref().map(|deploy| deploy.value.labels.as_slice()).unwrap_or_default();
        for label in merged.labels.iter().chain(deployed) {
            let Some(name) = label.value.name.to_ascii_lowercase().strip_prefix("traefik.").map(str::to_owned) else {
                continue;
            };
            let value = label.value.value.as_ref().map_or("", |value| value.text.text());
            options.push(Placed {
                name,
                value: value.to_owned(),
                place: label.place.clone(),
                service: Some(service.name.clone()),
            });
        }
    }
    options
}

/// Flags of the command line.
fn flags(service: &Service) -> Vec<Placed> {
    let Some(command) = service.compose.as_ref().and_then(|merged| merged.command.as_ref()) else { return Vec::new() };
    let words: Vec<String> = match &command.value {
        Command::Line(line) => line.text.text().split_whitespace().map(str::to_owned).collect(),
        Command::Words(words) => words.iter().map(|word| word.text.text().to_owned()).collect(),
    };
    let flags = words.iter().filter(|word| word.starts_with("--"));
    flags.map(|word| placed(Setting::of_text(word, command.place.span), &command.place.path)).collect()
}

fn file(snapshot: &Snapshot, path: &RepoPath) -> Vec<Placed> {
    let Ok(source) = snapshot.source(path) else { return Vec::new() };
    let parse = if path.extension() == Some("toml") { parse_toml } else { parse_yaml };
    parse(&source.text).into_iter().map(|setting| placed(setting, path)).collect()
}

fn placed(setting: Setting, path: &RepoPath) -> Placed {
    let place = setting.value.place(path);
    Placed { name: setting.name, value: setting.value.value, place, service: None }
}

/// The router that an option is about.
fn router_of(name: &str) -> Option<&str> {
    name.strip_prefix("http.routers.")?.split_once('.').map(|(router, _)| router)
}

fn site(name: &str, options: &[Placed]) -> Option<Site> {
    let prefix = format!("http.routers.{name}.");
    let own: BTreeMap<&str, &Placed> =
        options.iter().filter_map(|option| Some((option.name.strip_prefix(&prefix)?, option))).collect();
    let first = own.get("rule").or_else(|| own.values().next())?;
    if own.get("service").is_some_and(|service| service.value.ends_with("@internal")) {
        return None;
    }
    let secured = own.iter().any(|(key, option)| (*key == "tls" && option.value != "false") || key.starts_with("tls."));
    let all: Vec<&str> = options
        .iter()
        .filter_map(|option| option.name.strip_prefix("entrypoints.")?.strip_suffix(".address"))
        .collect();
    let points: Vec<String> = match own.get("entrypoints") {
        Some(points) => points.value.split(',').map(|point| point.trim().to_ascii_lowercase()).collect(),
        None => all.iter().map(|&point| point.to_owned()).collect(),
    };
    let of_point = |point: &str, key: &str| {
        let name = format!("entrypoints.{point}.{key}");
        options.iter().find(|option| option.name.starts_with(&name))
    };
    let listeners = points
        .iter()
        .take(MAX_POINTS)
        .map(|point| Listener {
            place: first.place.clone(),
            port: of_point(point, "address").and_then(|it| it.value.rsplit(':').next()?.parse().ok()),
            tls: secured || of_point(point, "http.tls").is_some(),
        })
        .collect();
    let by_middleware = own.get("middlewares").and_then(|used| {
        let used: Vec<String> =
            used.value.split(',').map(|it| it.split('@').next().unwrap_or("").trim().to_ascii_lowercase()).collect();
        let scheme = |option: &&Placed| {
            let middle = option.name.strip_prefix("http.middlewares.").and_then(|it| it.split_once('.'));
            middle.is_some_and(|(name, rest)| rest == "redirectscheme.scheme" && used.iter().any(|it| it == name))
                && option.value == "https"
        };
        options.iter().find(scheme)
    });
    let by_point = options.iter().find(|option| {
        option.name.starts_with("entrypoints.") && option.name.contains(".http.redirections.entrypoint")
    });
    let sts = options.iter().find(|it| it.name.ends_with(".headers.stsseconds") && it.value != "0");
    let hsts = sts.map(|option| Header {
        name: "Strict-Transport-Security".to_owned(),
        value: format!("max-age={}", option.value),
        place: option.place.clone(),
    });
    Some(Site {
        place: first.place.clone(),
        names: own.get("rule").map(|rule| rule.value.clone()).into_iter().collect(),
        listeners,
        redirects_to_https: by_point.or(by_middleware).map(|option| option.place.clone()),
        tls_versions: None,
        tokens: None,
        routes: vec![route(first, options, hsts)],
        open: false,
    })
}

fn route(first: &Placed, options: &[Placed], hsts: Option<Header>) -> Route {
    let place = first.place.clone();
    let port = options
        .iter()
        .filter(|option| option.service == first.service)
        .find(|option| option.name.ends_with(".loadbalancer.server.port"))
        .and_then(|option| option.value.parse().ok());
    let set = |name: &str| Header { name: name.to_owned(), value: String::new(), place: place.clone() };
    Route {
        pass: first.service.as_ref().map(|service| Pass {
            place: place.clone(),
            protocol: Protocol::Http,
            address: service.clone(),
            host: None,
            endpoints: vec![Endpoint { place: place.clone(), host: Some(service.clone()), port }],
            django: None,
        }),
        request_headers: Headers { list: vec![set("Host"), set("X-Forwarded-Proto")], more: false },
        response_headers: Headers { list: hsts.into_iter().collect(), more: false },
        ..Route::at(place)
    }
}
