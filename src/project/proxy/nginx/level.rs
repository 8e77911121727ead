use super::super::{BodyLimit, Folder, Header, Headers, Words};
use super::expand::Node;
use crate::source::Place;
use std::collections::BTreeMap;

/// The most headers and variables of a level; each level within it has a copy.
pub const MAX_OF_LEVEL: usize = 64;

/// What holds at one level of a configuration, inherited or said.
#[derive(Clone, Debug)]
pub struct Level {
    pub request: Headers,
    pub response: Headers,
    pub folder: Option<Folder>,
    pub lists_folders: Option<Place>,
    pub body_limit: BodyLimit,
    pub tls_versions: Option<Words>,
    pub tokens: Option<Words>,
    /// Variables that `set` gives a text.
    pub variables: BTreeMap<String, String>,
    /// Whether the level, or one around it, includes a file that is not in the repository.
    pub open: bool,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            request: Headers::default(),
            response: Headers::default(),
            folder: None,
            lists_folders: None,
            body_limit: BodyLimit::Default,
            tls_versions: None,
            tokens: None,
            variables: BTreeMap::new(),
            open: false,
        }
    }
}

impl Level {
    /// The level of a block within this one, and the headers of answers that are lost there, since headers are inherited
    /// only by a level that adds none.
    pub fn enter<'n>(&self, nodes: impl Iterator<Item = &'n Node> + Clone) -> (Level, Vec<Header>) {
        let named = |name: &'static str| nodes.clone().filter(move |node| node.name == name);
        let headers = |name: &'static str| -> Vec<Header> {
            let header = |node: &Node| {
                Some(Header {
                    name: node.arg(0)?.to_owned(),
                    value: node.arg(1).unwrap_or_default().to_owned(),
                    place: node.place.clone(),
                })
            };
            named(name).filter_map(header).take(MAX_OF_LEVEL).collect()
        };
        let missing = named("include").next().is_some();
        let (request, response) = (headers("proxy_set_header"), headers("add_header"));
        let lost = |header: &&Header| response.iter().all(|own| !own.name.eq_ignore_ascii_case(&header.name));
        let dropped = match response.is_empty() || missing {
            true => Vec::new(),
            false => self.response.list.iter().filter(lost).cloned().collect(),
        };
        let mut variables = self.variables.clone();
        for set in named("set").take(MAX_OF_LEVEL) {
            if let (Some(name), Some(value)) = (set.arg(0), set.arg(1))
                && variables.len() < MAX_OF_LEVEL
            {
                variables.insert(name.trim_start_matches('$').to_owned(), value.to_owned());
            }
        }
        let words = |name: &'static str, outer: &Option<Words>| {
            let own = named(name).last().map(|node| Words { words: node.args.clone(), place: node.place.clone() });
            own.or_else(|| outer.clone())
        };
        let level = Level {
            request: self.request.inherit(request, missing),
            response: self.response.inherit(response, missing),
            folder: folder(nodes.clone()).or_else(|| self.folder.clone().map(|folder| Folder { own: false, ..folder })),
            lists_folders: match named("autoindex").last() {
                Some(node) => (node.arg(0) == Some("on")).then(|| node.place.clone()),
                None => self.lists_folders.clone(),
            },
            body_limit: match named("client_max_body_size").last() {
                Some(node) => node
                    .arg(0)
                    .and_then(bytes)
                    .map_or(BodyLimit::Unknown, |bytes| BodyLimit::Set(bytes, node.place.clone())),
                None if missing => BodyLimit::Unknown,
                None => self.body_limit.clone(),
            },
            tls_versions: words("ssl_protocols", &self.tls_versions),
            tokens: words("server_tokens", &self.tokens),
            variables,
            open: self.open || missing,
        };
        (level, dropped)
    }
}

fn folder<'n>(mut nodes: impl Iterator<Item = &'n Node>) -> Option<Folder> {
    let node = nodes.find(|node| node.name == "alias" || node.name == "root")?;
    Some(Folder {
        place: node.place.clone(),
        path: node.arg(0)?.to_owned(),
        alias: node.name == "alias",
        mounted: None,
        own: true,
    })
}

/// A size as nginx writes it: `1m`, `500k`, `2G`, `0`.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}
