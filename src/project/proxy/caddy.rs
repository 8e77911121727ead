//! Caddyfiles: sites, where they pass requests, and what Caddy does unless it is told otherwise. It ends TLS for every
//! site that has a name, sends plain HTTP there, passes `Host` on and sets `X-Forwarded-Proto`.

use super::upstreams::endpoint;
use super::{Header, Headers, Listener, Matching, Pass, Protocol, Proxy, ProxyKind, Route, Site};
use crate::parse::caddyfile::{self, Caddyfile, Line};
use crate::project::value::Reason;
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;

/// The most headers of a site; each of its routes has a copy.
const MAX_HEADERS: usize = 64;

/// The proxy that a Caddyfile configures. `None` where it has no site.
pub fn of_file(snapshot: &Snapshot, path: &RepoPath) -> Option<Proxy> {
    let source = snapshot.source(path).ok()?;
    let file = caddyfile::parse(&source.text);
    let imports = file.lines.iter().any(|line| line.word(0) == Some("import"));
    let sites = sites(&file, path);
    (!sites.is_empty()).then(|| Proxy {
        kind: ProxyKind::Caddy,
        service: None,
        outermost: true,
        files: vec![path.clone()],
        sites,
        open: imports.then(|| Reason::Unsupported("a Caddyfile's import".to_owned())),
    })
}

fn sites(file: &Caddyfile, path: &RepoPath) -> Vec<Site> {
    let global = file.lines.first().filter(|line| line.words.is_empty());
    let option = |name: &str, value: &str| {
        global.is_some_and(|global| {
            global.body().iter().any(|line| line.word(0) == Some(name) && line.word(1) == Some(value))
        })
    };
    let no_tls = option("auto_https", "off");
    let no_redirects = no_tls || option("auto_https", "disable_redirects");
    let is_site = |line: &&Line| line.word(0).is_some_and(|word| !word.starts_with('(') && word != "import");
    let blocks = file.lines.iter().filter(is_site).filter(|line| line.block.is_some());
    let mut sites: Vec<Site> = blocks.map(|line| site(line, line.body(), path, no_tls, no_redirects)).collect();
    // One site alone may do without braces: its addresses on the first line, what it does below.
    if sites.is_empty() || !looks_like_address(file) {
        let mut rest = file.lines.iter().filter(|line| !line.words.is_empty());
        if let Some(first) = rest.next().filter(|line| line.block.is_none()) {
            let body: Vec<Line> = rest.cloned().collect();
            sites = vec![site(first, &body, path, no_tls, no_redirects)];
        }
    }
    sites
}

/// Whether the file's first line begins a block, as it does where there are several sites.
fn looks_like_address(file: &Caddyfile) -> bool {
    file.lines.iter().find(|line| !line.words.is_empty()).is_some_and(|line| line.block.is_some())
}

fn site(line: &Line, body: &[Line], path: &RepoPath, no_tls: bool, no_redirects: bool) -> Site {
    let place = Place::new(path.clone(), line.span());
    let addresses: Vec<String> = line
        .words
        .iter()
        .flat_map(|word| word.value.split(','))
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect();
    let listeners: Vec<Listener> = addresses.iter().filter_map(|address| listener(address, &place, no_tls)).collect();
    let named_tls = listeners.iter().any(|listener| listener.tls && listener.port == Some(443));
    let inner = all(body);
    let imports = inner.iter().any(|line| line.word(0) == Some("import"));
    let mut response = Headers { list: headers(&inner, path), more: imports };
    response.list.truncate(MAX_HEADERS);
    let route = |line: &&&Line| match line.word(0)? {
        "reverse_proxy" => Some(passing_route(line, path, &response, imports)),
        "file_server" | "php_fastcgi" => Some(serving_route(line, path, &response, imports)),
        _ => None,
    };
    let routes = inner.iter().filter_map(|line| route(&line)).collect();
    Site {
        redirects_to_https: (named_tls && !no_redirects).then(|| place.clone()),
        names: addresses,
        listeners,
        tls_versions: None,
        tokens: None,
        routes,
        open: imports,
        place,
    }
}

/// What an address makes a site listen to; `None` where a variable leaves that open.
fn listener(address: &str, place: &Place, no_tls: bool) -> Option<Listener> {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, address),
    };
    if rest.starts_with("{$") && scheme.is_none() {
        return None;
    }
    let port = rest.rsplit_once(':').and_then(|(_, port)| port.split('/').next()?.parse::<u16>().ok());
    let nameless = rest.starts_with(':');
    let tls = match (scheme, port) {
        (Some("http"), _) | (None, Some(80)) => false,
        (Some("https"), _) | (_, Some(443)) => !no_tls,
        (None, _) if nameless => false,
        _ => !no_tls,
    };
    Some(Listener { place: place.clone(), port: port.or(Some(if tls { 443 } else { 80 })), tls })
}

/// All lines of a site, those of blocks included.
fn all(body: &[Line]) -> Vec<&Line> {
    let mut found = Vec::new();
    let mut open: Vec<&Line> = body.iter().rev().collect();
    while let Some(line) = open.pop() {
        found.push(line);
        if line.word(0) != Some("reverse_proxy") {
            open.extend(line.body().iter().rev());
        }
    }
    found
}

/// The headers that are added to answers: `header [matcher] name value`, or a block of them.
fn headers(lines: &[&Line], path: &RepoPath) -> Vec<Header> {
    let header = |words: &[crate::source::Spanned<String>], line: &Line| {
        Some(Header {
            name: words.first()?.value.trim_start_matches(['+', '?', '>']).to_owned(),
            value: words.get(1)?.value.clone(),
            place: Place::new(path.clone(), line.span()),
        })
    };
    let mut found = Vec::new();
    for line in lines.iter().filter(|line| line.word(0) == Some("header")) {
        let matcher = line.word(1).is_some_and(|word| word.starts_with(['@', '/', '*']));
        found.extend(header(&line.words[if matcher { 2 } else { 1 }.min(line.words.len())..], line));
        found.extend(line.body().iter().filter_map(|inner| header(&inner.words, inner)));
    }
    found
}

/// A route that serves files, of paths that are not looked at.
fn serving_route(line: &Line, path: &RepoPath, response: &Headers, open: bool) -> Route {
    let place = Place::new(path.clone(), line.span());
    Route {
        matching: Matching::Pattern,
        path: line.word(1).filter(|word| word.starts_with('/')).unwrap_or_default().to_owned(),
        response_headers: response.clone(),
        open,
        ..Route::at(place)
    }
}

fn passing_route(line: &Line, path: &RepoPath, response: &Headers, open: bool) -> Route {
    let place = Place::new(path.clone(), line.span());
    let matcher = line.word(1).is_some_and(|word| word.starts_with(['@', '/', '*']));
    let addresses =
        line.words.iter().skip(if matcher { 2 } else { 1 }).chain(
            line.body().iter().filter(|line| line.word(0) == Some("to")).flat_map(|line| line.words.iter().skip(1)),
        );
    let addresses: Vec<&str> = addresses.map(|word| word.value.as_str()).collect();
    let secure = addresses.iter().any(|address| address.starts_with("https://"));
    let endpoints = addresses.iter().map(|address| {
        let address = address.split_once("://").map_or(*address, |(_, rest)| rest);
        endpoint(address.strip_prefix("unix/").map_or(address, |_| "unix:"), place.clone(), Some(80))
    });
    let endpoints = endpoints.collect();
    let mut request: Vec<Header> = [("Host", "{host}"), ("X-Forwarded-Proto", "{scheme}")]
        .map(|(name, value)| Header { name: name.to_owned(), value: value.to_owned(), place: place.clone() })
        .into();
    for line in line.body().iter().filter(|line| line.word(0) == Some("header_up")) {
        let name = line.word(1).unwrap_or_default();
        match name.strip_prefix('-') {
            Some(removed) => request.retain(|header| !header.name.eq_ignore_ascii_case(removed)),
            None => request.push(Header {
                name: name.trim_start_matches('+').to_owned(),
                value: line.word(2).unwrap_or_default().to_owned(),
                place: Place::new(path.clone(), line.span()),
            }),
        }
    }
    Route {
        path: line.word(1).filter(|word| matcher && word.starts_with('/')).unwrap_or("/").to_owned(),
        pass: Some(Pass {
            protocol: if secure { Protocol::Https } else { Protocol::Http },
            address: addresses.join(" "),
            host: None,
            endpoints,
            django: None,
            place: place.clone(),
        }),
        request_headers: Headers { list: request, more: open },
        response_headers: response.clone(),
        open,
        ..Route::at(place)
    }
}
