//! Which configuration belongs to which deployment, and where it passes requests on to.

use super::container::Files;
use super::{Edge, Endpoint, Matching, Pass, Proxy, ProxyKind, Route, caddy, nginx, traefik};
use crate::findings::Scope;
use crate::project::compose::Command;
use crate::project::deployment::{Deployment, Service};
use crate::project::environment::Environment;
use crate::project::evidence::named_by_path;
use crate::project::value::{Reason, Value};
use crate::source::RepoPath;
use crate::tree::{FileKind, PathRole, Snapshot, role};
use std::collections::BTreeSet;

/// The edges of all deployments, in their order, then those of configurations that belong to none.
pub fn edges(snapshot: &Snapshot, deployments: &[Deployment]) -> Vec<Edge> {
    let mut used: BTreeSet<RepoPath> = BTreeSet::new();
    let mut found: Vec<Vec<Proxy>> = Vec::new();
    for deployment in deployments {
        let proxies = of_containers(snapshot, deployment, &mut used);
        used.extend(proxies.iter().flat_map(|proxy| proxy.files.iter().cloned()));
        found.push(proxies);
    }
    let loose: Vec<Proxy> = loose_files(snapshot, &used);
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut edges: Vec<Edge> = Vec::new();
    for (at, (deployment, mut proxies)) in deployments.iter().zip(found).enumerate() {
        let has_django = deployment.services.iter().any(|service| service.django.is_some());
        let wanted = has_django || !proxies.is_empty();
        if wanted && proxies.iter().all(|proxy| proxy.sites.is_empty()) {
            // Of several that could be meant nobody knows which is; one alone is taken for it.
            let kinds: Vec<ProxyKind> = proxies.iter().map(|proxy| proxy.kind).collect();
            let meant = |(_, proxy): &&(usize, &Proxy)| {
                serves(&proxy.files[0], &deployment.environment) && (kinds.is_empty() || kinds.contains(&proxy.kind))
            };
            let candidates: Vec<(usize, &Proxy)> = loose.iter().enumerate().filter(|it| meant(&it)).collect();
            if let [(index, proxy)] = candidates[..] {
                taken.insert(index);
                proxies.push(proxy.clone());
            }
        }
        edges.push(edge(Some((at, deployment)), deployment.scope(), proxies));
    }
    for (index, proxy) in loose.into_iter().enumerate() {
        if !taken.contains(&index) {
            let scope = match named_by_path(&proxy.files[0]) {
                Some((environment, _)) => Scope::of(environment, false),
                None => Scope::of(Environment::Production, true),
            };
            edges.push(edge(None, scope, vec![proxy]));
        }
    }
    edges
}

/// Whether a file that no container loads may be meant for `environment`: by the word in its path, else production.
fn serves(path: &RepoPath, environment: &Environment) -> bool {
    named_by_path(path).map_or(Environment::Production, |(named, _)| named) == *environment
}

fn edge(deployment: Option<(usize, &Deployment)>, scope: Scope, mut proxies: Vec<Proxy>) -> Edge {
    if let Some((_, deployment)) = deployment {
        for proxy in &mut proxies {
            let service = proxy.service.clone();
            let passes = proxy.sites.iter_mut().flat_map(|site| &mut site.routes).filter_map(|it| it.pass.as_mut());
            for pass in passes {
                pass.django = django_behind(pass, service.as_deref(), deployment);
            }
        }
        skip_what_is_passed_by(&mut proxies);
    }
    let unknown = || Value::Unknown(Reason::Unsupported("a proxy".to_owned()));
    let mut edge = Edge {
        deployment: deployment.map(|(at, _)| at),
        scope,
        proxies,
        redirects_to_https: unknown(),
        terminates_tls: unknown(),
        sends_hsts: unknown(),
    };
    edge.sum_up();
    let services = deployment.iter().flat_map(|(_, deployment)| &deployment.services);
    let mut platforms = services.filter_map(|service| service.platform.as_ref()?.redirects_to_https.clone());
    if let Some(place) = platforms.next() {
        edge.redirects_to_https = Value::Known(place);
    }
    edge
}

/// Takes Django away from the routes of an inner proxy that no request comes to, since the outer one sends those paths to
/// Django itself.
fn skip_what_is_passed_by(proxies: &mut [Proxy]) {
    let routes = |proxy: &Proxy| proxy.sites.iter().flat_map(|site| &site.routes).cloned().collect::<Vec<Route>>();
    let direct: Vec<(String, String)> = proxies
        .iter()
        .filter(|proxy| proxy.outermost)
        .flat_map(routes)
        .filter(|route| route.matching == Matching::Prefix && route.path != "/")
        .filter_map(|route| Some((route.path, route.pass?.django?)))
        .collect();
    let inner = proxies.iter_mut().filter(|proxy| !proxy.outermost).flat_map(|proxy| &mut proxy.sites);
    for route in inner.flat_map(|site| &mut site.routes) {
        let Some(pass) = &mut route.pass else { continue };
        let passed_by = |django: &String| direct.iter().any(|(path, to)| route.path.starts_with(path) && to == django);
        if pass.django.as_ref().is_some_and(passed_by) {
            pass.django = None;
        }
    }
}

/// The proxies that services of the deployment run.
fn of_containers(snapshot: &Snapshot, deployment: &Deployment, used: &mut BTreeSet<RepoPath>) -> Vec<Proxy> {
    let mut proxies = Vec::new();
    let mut has_traefik = false;
    for service in &deployment.services {
        let Some(kind) = kind_of(service) else { continue };
        let files = Files::of(snapshot, service, deployment.stack.as_deref());
        let mut proxy = match kind {
            ProxyKind::Nginx => nginx::of_container(snapshot, &files, main_file(service).as_deref()),
            ProxyKind::Caddy => caddyfile(snapshot, &files),
            ProxyKind::Traefik => {
                has_traefik = true;
                traefik::of_deployment(snapshot, deployment, Some((service, &files)))
            }
        };
        // Parts that nobody includes belong to it all the same.
        let parts = files.at.values().filter(|path| is_configuration(snapshot, path));
        used.extend(parts.cloned());
        let proxy = proxy.get_or_insert_with(|| unconfigured(kind));
        proxy.service = Some(service.name.clone());
        proxy.outermost = service.compose.as_ref().is_none_or(|merged| {
            !merged.ports.is_empty() || merged.network_mode.as_ref().is_some_and(|it| it.value.likely() == Some("host"))
        });
        for route in proxy.sites.iter_mut().flat_map(|site| &mut site.routes) {
            if let Some(folder) = &mut route.folder {
                folder.mounted = files.mounted_at(&folder.path);
            }
        }
        proxies.push(proxy.clone());
    }
    if !has_traefik {
        proxies.extend(traefik::of_deployment(snapshot, deployment, None));
    }
    proxies
}

/// A proxy of which nothing is known.
fn unconfigured(kind: ProxyKind) -> Proxy {
    Proxy {
        kind,
        service: None,
        outermost: true,
        files: Vec::new(),
        sites: Vec::new(),
        open: Some(Reason::Unsupported(format!("the configuration of {}", kind.name()))),
    }
}

/// Which proxy a service runs: by the name of its image or of the image that it is built upon, or since its image gets a
/// configuration of nginx.
fn kind_of(service: &Service) -> Option<ProxyKind> {
    let named = |name: &str| {
        let name = name.to_ascii_lowercase();
        let other = ["exporter", "unit", "companion", "ingress"].iter().any(|word| name.contains(word));
        let kinds = [
            ("nginx", ProxyKind::Nginx),
            ("openresty", ProxyKind::Nginx),
            ("caddy", ProxyKind::Caddy),
            ("traefik", ProxyKind::Traefik),
        ];
        kinds.iter().find(|(word, _)| !other && name.contains(word)).map(|(_, kind)| *kind)
    };
    let base = service.build.as_ref().and_then(|build| build.image.base.value.likely());
    let base = base.map(|base| crate::project::image::reference::ImageReference::parse(base).name().to_owned());
    let image = service.image.as_ref().map(|image| image.reference.name().to_owned());
    let copies_sites = service.build.as_ref().is_some_and(|build| {
        let to_nginx = |to: &String| to.starts_with("/etc/nginx/");
        build.copies().any(|(_, copy)| copy.destination.value.likely().is_some_and(to_nginx))
    });
    base.or(image).and_then(|name| named(&name)).or_else(|| copies_sites.then_some(ProxyKind::Nginx))
}

/// The file of `nginx -c file`.
fn main_file(service: &Service) -> Option<String> {
    let command = &service.compose.as_ref()?.command.as_ref()?.value;
    let words: Vec<String> = match command {
        Command::Line(line) => line.text.text().split_whitespace().map(str::to_owned).collect(),
        Command::Words(words) => words
            .iter()
            .flat_map(|word| word.text.text().split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect(),
    };
    let at = words.iter().position(|word| word == "-c")?;
    let nginx = words[..at].iter().any(|word| word.ends_with("nginx"));
    words.get(at + 1).filter(|_| nginx).cloned()
}

fn caddyfile(snapshot: &Snapshot, files: &Files) -> Option<Proxy> {
    let is_caddy = |path: &&RepoPath| snapshot.tree().entry(path).is_some_and(|entry| entry.kind == FileKind::Caddy);
    let path = files.at.get("/etc/caddy/Caddyfile").or_else(|| files.at.values().find(is_caddy))?;
    caddy::of_file(snapshot, path)
}

fn is_configuration(snapshot: &Snapshot, path: &RepoPath) -> bool {
    snapshot.tree().entry(path).is_some_and(|entry| matches!(entry.kind, FileKind::Nginx | FileKind::Caddy))
}

/// The configurations that no container loads: those that are not part of another.
fn loose_files(snapshot: &Snapshot, used: &BTreeSet<RepoPath>) -> Vec<Proxy> {
    let product = |path: &&RepoPath| role(path) == PathRole::Product && !used.contains(*path) && snapshot.shares(path);
    let of_kind = |kind| snapshot.files_of(kind).map(|entry| &entry.path).filter(product);
    let mut proxies: Vec<Proxy> = of_kind(FileKind::Nginx).filter_map(|path| nginx::of_file(snapshot, path)).collect();
    proxies.extend(of_kind(FileKind::Caddy).filter_map(|path| caddy::of_file(snapshot, path)));
    let included: BTreeSet<RepoPath> = proxies.iter().flat_map(|proxy| proxy.files.iter().skip(1).cloned()).collect();
    proxies.retain(|proxy| !included.contains(&proxy.files[0]));
    proxies
}

/// The service with Django that a pass leads to.
fn django_behind(pass: &Pass, proxy: Option<&str>, deployment: &Deployment) -> Option<String> {
    let serving = || deployment.services.iter().filter(|it| it.django.as_ref().is_some_and(|django| django.serves));
    let only = || {
        let mut all = serving();
        let first = all.next()?;
        all.next().is_none().then(|| first.name.clone())
    };
    let of = |endpoint: &Endpoint| match &endpoint.host {
        Some(host) => match service_at(deployment, host) {
            Some(service) => service.django.as_ref().filter(|it| it.serves).map(|_| service.name.clone()),
            // In a container it is the container itself; on a server it is what the server runs.
            None if endpoint.is_local() => match proxy {
                Some(own) => serving().find(|service| service.name == own).map(|service| service.name.clone()),
                None => only(),
            },
            None => None,
        },
        None if pass.address.contains("unix:")
            || pass.endpoints.iter().all(|it| it.host.is_none() && it.port.is_none()) =>
        {
            pass.host.as_ref().and_then(|_| only())
        }
        None => None,
    };
    pass.endpoints.iter().find_map(of)
}

/// The service that containers of the stack reach by the name `host`.
pub fn service_at<'d>(deployment: &'d Deployment, host: &str) -> Option<&'d Service> {
    let goes_by = |service: &&Service| {
        let Some(merged) = &service.compose else { return service.name == host };
        let is = |text: &crate::project::compose::Text| text.as_ref().and_then(|it| it.value.likely()) == Some(host);
        let aliases = merged.networks.iter().flat_map(|network| &network.value.aliases);
        service.name == host
            || is(&merged.container_name)
            || is(&merged.hostname)
            || aliases.filter_map(|alias| alias.likely()).any(|alias| alias == host)
    };
    deployment.services.iter().find(goes_by)
}
