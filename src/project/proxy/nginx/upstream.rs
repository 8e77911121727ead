use super::super::upstreams::endpoint;
use super::super::{Endpoint, Pass, Protocol};
use super::expand::Node;
use std::collections::BTreeMap;

/// The most servers of an upstream that are looked at.
const MAX_ENDPOINTS: usize = 64;

/// The `upstream` blocks, by name.
pub struct Upstreams {
    blocks: BTreeMap<String, Vec<Endpoint>>,
    /// Those with an include that is not in the repository.
    open: Vec<String>,
}

impl Upstreams {
    pub fn read(http: &[&Node]) -> Self {
        let (mut blocks, mut open) = (BTreeMap::new(), Vec::new());
        for node in http.iter().filter(|node| node.name == "upstream") {
            let Some(name) = node.arg(0) else { continue };
            let servers = node.body().iter().filter(|node| node.name == "server");
            let endpoints = servers.filter_map(|node| Some(endpoint(node.arg(0)?, node.place.clone(), Some(80))));
            blocks.insert(name.to_owned(), endpoints.take(MAX_ENDPOINTS).collect());
            if node.body().iter().any(|node| node.name == "include") {
                open.push(name.to_owned());
            }
        }
        Self { blocks, open }
    }

    /// Where a `proxy_pass` or one of its kind leads.
    pub fn pass(&self, node: &Node, variables: &BTreeMap<String, String>) -> Option<Pass> {
        let written = node.arg(0)?;
        let address = fill(written, variables);
        let (protocol, rest) = match (node.name.as_str(), address.split_once("://")) {
            ("proxy_pass", Some(("https", rest))) => (Protocol::Https, rest.to_owned()),
            ("proxy_pass", Some((_, rest))) => (Protocol::Http, rest.to_owned()),
            ("proxy_pass", None) => (Protocol::Http, address.clone()),
            ("uwsgi_pass", Some((_, rest))) => (Protocol::Uwsgi, rest.to_owned()),
            ("uwsgi_pass", None) => (Protocol::Uwsgi, address.clone()),
            (_, Some((_, rest))) => (Protocol::Other, rest.to_owned()),
            (_, None) => (Protocol::Other, address.clone()),
        };
        let authority = if rest.starts_with("unix:") { rest.as_str() } else { rest.split('/').next().unwrap_or("") };
        let default_port = match protocol {
            Protocol::Http => Some(80),
            Protocol::Https => Some(443),
            Protocol::Uwsgi | Protocol::Other => None,
        };
        let endpoints = match self.blocks.get(authority) {
            Some(_) if self.open.iter().any(|name| name == authority) => Vec::new(),
            Some(endpoints) => endpoints.clone(),
            None => vec![endpoint(authority, node.place.clone(), default_port)],
        };
        let host = if authority.starts_with("unix:") { "localhost" } else { authority };
        Some(Pass {
            place: node.place.clone(),
            protocol,
            address: written.to_owned(),
            host: (!host.contains(['$', '{', '<'])).then(|| host.to_owned()),
            endpoints,
            django: None,
        })
    }
}

/// Fills in variables that the configuration itself sets.
fn fill(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut filled = text.to_owned();
    if !text.contains('$') || text.len() > 1_000 {
        return filled;
    }
    // Longer names first, so that `$web` does not eat into `$web_port`.
    let mut known: Vec<(&String, &String)> = variables.iter().collect();
    known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, value) in known.into_iter().filter(|(_, value)| !value.contains('$') && value.len() < 256) {
        filled = filled.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
    }
    filled
}
