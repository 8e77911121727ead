//! nginx's configuration as nginx would have it in effect: includes in place, levels inherited, upstreams followed.

mod expand;
mod level;
mod upstream;

use super::container::Files;
use super::{Headers, Listener, Matching, Proxy, ProxyKind, Route, Site, Words};
use crate::project::value::Reason;
use crate::source::RepoPath;
use crate::tree::{FileKind, Snapshot};
use expand::{Loader, Node};
use level::Level;
use upstream::Upstreams;

/// The most routes of one proxy.
const MAX_ROUTES: usize = 2_000;

/// The nginx of a container: from its `nginx.conf`, where the repository gives one, else from the folders that the one
/// of the image includes. `None` where the repository gives nothing of its configuration.
pub fn of_container(snapshot: &Snapshot, files: &Files, main: Option<&str>) -> Option<Proxy> {
    let mut loader = Loader::new(snapshot, Some(files));
    let main = main.and_then(|path| files.at.get(path)).or_else(|| files.at.get("/etc/nginx/nginx.conf"));
    let mut nodes = Vec::new();
    if let Some(main) = main {
        nodes = loader.file(main, 0);
    } else {
        for folder in ["conf.d/", "http.d/", "sites-enabled/", "templates/", "user_conf.d/"] {
            let prefix = format!("/etc/nginx/{folder}");
            let entries = files.at.iter().filter(|(at, _)| {
                at.strip_prefix(&prefix).is_some_and(|name| !name.contains('/') && is_loaded(folder, name))
            });
            for (_, file) in entries {
                nodes.extend(loader.file(file, 0));
            }
        }
    }
    let mut open = None;
    if sites_in(&nodes) == 0 {
        // Copied to where a script of the image will move it.
        for file in files.at.values().filter(|file| is_nginx(snapshot, file)) {
            if !loader.read.contains(file) {
                nodes.extend(loader.file(file, 0));
                open = Some(Reason::Unsupported("where nginx's configuration lies in the container".to_owned()));
            }
        }
    }
    (!loader.read.is_empty()).then(|| proxy(nodes, loader, open))
}

/// A configuration that no container of the repository loads, as it would be on a server. `None` where it is no site but
/// a part of one.
pub fn of_file(snapshot: &Snapshot, path: &RepoPath) -> Option<Proxy> {
    let mut loader = Loader::new(snapshot, None);
    let nodes = loader.file(path, 0);
    (sites_in(&nodes) > 0).then(|| proxy(nodes, loader, None))
}

fn is_loaded(folder: &str, name: &str) -> bool {
    match folder {
        "sites-enabled/" => true,
        "templates/" => name.ends_with(".conf.template"),
        _ => name.ends_with(".conf"),
    }
}

fn is_nginx(snapshot: &Snapshot, path: &RepoPath) -> bool {
    snapshot.tree().entry(path).is_some_and(|entry| entry.kind == FileKind::Nginx)
}

fn http_level(nodes: &[Node]) -> Vec<&Node> {
    nodes.iter().flat_map(|node| if node.name == "http" { node.body().iter().collect() } else { vec![node] }).collect()
}

fn sites_in(nodes: &[Node]) -> usize {
    http_level(nodes).iter().filter(|node| node.name == "server" && node.block.is_some()).count()
}

fn proxy(mut nodes: Vec<Node>, loader: Loader<'_>, mut open: Option<Reason>) -> Proxy {
    // What a configuration lacks is not known where its rest was not read.
    if loader.is_exhausted() {
        nodes.clear();
        open = Some(Reason::Limit("directives of nginx".to_owned()));
    }
    let http = http_level(&nodes);
    let level = Level::default().enter(http.iter().copied()).0;
    let upstreams = Upstreams::read(&http);
    let missing = http.iter().find(|node| node.name == "include");
    let reason = |node: &&Node| Reason::MissingFile(node.arg(0).unwrap_or_default().to_owned());
    let mut budget = MAX_ROUTES;
    let servers = http.iter().filter(|node| node.name == "server" && node.block.is_some());
    let sites = servers.map(|node| site(node, &level, &upstreams, &mut budget)).collect();
    Proxy {
        kind: ProxyKind::Nginx,
        service: None,
        outermost: true,
        files: loader.read,
        sites,
        open: open.or_else(|| missing.map(reason)),
    }
}

fn site(node: &Node, outer: &Level, upstreams: &Upstreams, budget: &mut usize) -> Site {
    let body = node.body();
    let (level, dropped) = outer.enter(body.iter());
    let named = |name: &'static str| body.iter().filter(move |node| node.name == name);
    let listeners = listeners(node);
    let plain = listeners.iter().any(|listener| !listener.tls);
    let mixed = plain && listeners.iter().any(|listener| listener.tls);
    let mut routes = vec![route(node, Matching::Site, String::new(), &level, dropped, upstreams)];
    let mut open = vec![(body, level.clone())];
    while let Some((nodes, level)) = open.pop() {
        for location in nodes.iter().filter(|node| node.name == "location") {
            if *budget == 0 {
                break;
            }
            *budget -= 1;
            let (inner, dropped) = level.enter(location.body().iter());
            let (matching, path) = path_of(location);
            routes.push(route(location, matching, path, &inner, dropped, upstreams));
            open.push((location.body(), inner));
        }
    }
    routes.sort_by(|a, b| a.place.cmp(&b.place));
    Site {
        place: node.place.clone(),
        names: named("server_name").flat_map(|node| node.args.clone()).collect(),
        redirects_to_https: if plain { redirect(body, mixed) } else { None },
        listeners,
        tls_versions: level.tls_versions.clone(),
        tokens: level.tokens.clone(),
        open: level.open,
        routes,
    }
}

fn listeners(server: &Node) -> Vec<Listener> {
    let body = server.body();
    let old_switch = body.iter().any(|node| node.name == "ssl" && node.arg(0) == Some("on"));
    let mut listeners: Vec<Listener> = body
        .iter()
        .filter(|node| node.name == "listen")
        .filter(|node| node.arg(0).is_some_and(|address| !address.starts_with("unix:")))
        .map(|node| Listener {
            place: node.place.clone(),
            port: node.arg(0).and_then(port_of),
            tls: old_switch || node.args.iter().any(|arg| arg == "ssl" || arg == "quic"),
        })
        .collect();
    let may_listen = body.iter().any(|node| node.name == "include" || node.name == "listen");
    if listeners.is_empty() && !may_listen {
        listeners.push(Listener { place: server.place.clone(), port: Some(80), tls: old_switch });
    }
    listeners
}

fn port_of(address: &str) -> Option<u16> {
    match address.rsplit_once(':') {
        Some((_, port)) => port.parse().ok(),
        None if address.bytes().all(|byte| byte.is_ascii_digit()) => address.parse().ok(),
        None if address.contains('$') || address.contains("{{") || address.contains("<%") => None,
        None => Some(80),
    }
}

/// What sends each request of a server to HTTPS: a `return` or `rewrite`, as it is or under an `if`, in the server or in
/// its `location /`. A server that speaks TLS, too, must ask for the scheme.
fn redirect(body: &[Node], mixed: bool) -> Option<crate::source::Place> {
    let asks = |node: &Node| {
        node.name == "if"
            && node.args.iter().any(|arg| {
                ["$scheme", "$https", "forwarded_proto", "$server_port"].iter().any(|word| arg.contains(word))
            })
    };
    let to_https = |node: &&Node| {
        let target = match node.name.as_str() {
            "return" => match node.arg(0) {
                Some("301" | "302" | "303" | "307" | "308") => node.arg(1),
                address => address,
            },
            "rewrite" => node.arg(1),
            _ => None,
        };
        target.is_some_and(|target| target.starts_with("https://"))
    };
    let here = |body: &[Node]| {
        let direct = if mixed { None } else { body.iter().find(to_https) };
        let under_if = || {
            let tests = body.iter().filter(|node| node.name == "if" && (!mixed || asks(node)));
            tests.flat_map(|node| node.body()).find(to_https)
        };
        direct.or_else(under_if).map(|node| node.place.clone())
    };
    here(body).or_else(|| {
        let whole = body.iter().find(|node| node.name == "location" && path_of(node) == (Matching::Prefix, "/".into()));
        whole.and_then(|location| here(location.body()))
    })
}

/// How the path of a `location` is meant, and the path. The sign may stand right before the path.
fn path_of(location: &Node) -> (Matching, String) {
    let first = location.arg(0).unwrap_or_default();
    let signs = [("^~", Matching::Prefix), ("~*", Matching::Pattern), ("~", Matching::Pattern), ("=", Matching::Exact)];
    match signs.iter().find(|(sign, _)| first.starts_with(sign)) {
        Some((sign, matching)) if first == *sign => (*matching, location.arg(1).unwrap_or_default().to_owned()),
        Some((sign, matching)) => (*matching, first[sign.len()..].to_owned()),
        None if first.starts_with('@') => (Matching::Named, first.to_owned()),
        None => (Matching::Prefix, first.to_owned()),
    }
}

fn route(
    node: &Node,
    matching: Matching,
    path: String,
    level: &Level,
    dropped: Vec<super::Header>,
    upstreams: &Upstreams,
) -> Route {
    let body = node.body();
    let passes = |node: &&Node| node.name.ends_with("_pass") && !node.args.is_empty();
    let inner = body.iter().filter(|node| matches!(node.name.as_str(), "if" | "limit_except")).flat_map(Node::body);
    let pass = match matching {
        Matching::Site => None,
        _ => body.iter().chain(inner).find(passes).and_then(|pass| upstreams.pass(pass, &level.variables)),
    };
    let has = |name: &str, argument: &str| body.iter().any(|node| node.name == name && node.arg(0) == Some(argument));
    Route {
        place: node.place.clone(),
        pass,
        request_headers: level.request.clone(),
        response_headers: level.response.clone(),
        dropped_headers: dropped,
        folder: level.folder.clone(),
        lists_folders: level.lists_folders.clone(),
        body_limit: level.body_limit.clone(),
        unsafe_echoes: if matching == Matching::Exact { Vec::new() } else { echoes(body) },
        internal: matching == Matching::Named || body.iter().any(|node| node.name == "internal"),
        answers: body.iter().any(|node| node.name == "return") || has("deny", "all"),
        open: level.open,
        matching,
        path,
    }
}

/// Answers with a header that holds the decoded path.
fn echoes(body: &[Node]) -> Vec<Words> {
    let decoded = |text: &str| {
        ["$uri", "$document_uri", "${uri}", "${document_uri}"].iter().any(|name| {
            text.match_indices(name).any(|(at, _)| {
                let next = text[at + name.len()..].chars().next();
                name.ends_with('}') || next.is_none_or(|char| !char.is_ascii_alphanumeric() && char != '_')
            })
        })
    };
    let ifs = body.iter().filter(|node| node.name == "if").flat_map(Node::body);
    body.iter()
        .chain(ifs)
        .filter(|node| match node.name.as_str() {
            "return" => node.arg(0).is_some_and(|code| code.starts_with('3')) && node.arg(1).is_some_and(decoded),
            "add_header" => node.arg(1).is_some_and(decoded),
            _ => false,
        })
        .map(|node| Words { words: node.args.clone(), place: node.place.clone() })
        .collect()
}

impl Headers {
    /// The headers of a level: its own where it has any, else those of the level around it.
    fn inherit(&self, own: Vec<super::Header>, more: bool) -> Headers {
        let list = if own.is_empty() { self.list.clone() } else { own };
        let more = more || self.more || list.len() >= level::MAX_OF_LEVEL;
        Headers { list, more }
    }
}
