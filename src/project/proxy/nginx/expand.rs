//! Configurations with what they include put in place.

use super::super::container::{Files, matches, split_pattern};
use crate::parse::nginx::{Config, Directive};
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;

/// The most directives of one proxy, included ones counted each time.
const MAX_NODES: usize = 20_000;
/// Includes within includes are followed so deep.
const MAX_DEPTH: usize = 10;

/// A directive with its file, its includes put in place.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    pub args: Vec<String>,
    pub place: Place,
    pub block: Option<Vec<Node>>,
}

impl Node {
    pub fn arg(&self, index: usize) -> Option<&str> {
        self.args.get(index).map(String::as_str)
    }

    pub fn body(&self) -> &[Node] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// Finds what is included.
pub struct Loader<'a> {
    pub snapshot: &'a Snapshot,
    /// The container's files, where the configuration is known to be one container's.
    pub container: Option<&'a Files>,
    /// The files that were read, in order.
    pub read: Vec<RepoPath>,
    left: usize,
}

/// What an `include` leads to.
enum Included {
    /// Files of the repository.
    Files(Vec<RepoPath>),
    /// A file of the image or the server that has nothing to do with what is asked here.
    Stock,
    /// It cannot be told.
    Unknown,
}

impl<'a> Loader<'a> {
    pub fn new(snapshot: &'a Snapshot, container: Option<&'a Files>) -> Self {
        Self { snapshot, container, read: Vec::new(), left: MAX_NODES }
    }

    /// Whether the bound was reached, so that directives are missing.
    pub fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    /// The directives of the file at `path`, with what it includes.
    pub fn file(&mut self, path: &RepoPath, depth: usize) -> Vec<Node> {
        let Ok(parsed) = self.snapshot.nginx(path) else { return Vec::new() };
        if !self.read.contains(path) {
            self.read.push(path.clone());
        }
        let config: &Config = &parsed.0;
        self.nodes(&config.directives, path, depth, config.templated)
    }

    fn nodes(&mut self, directives: &[Directive], path: &RepoPath, depth: usize, templated: bool) -> Vec<Node> {
        let mut nodes = Vec::new();
        for directive in directives {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let place = directive.place(path);
            if directive.is("include")
                && let Some(target) = directive.arg(0)
            {
                match self.included(target, path) {
                    Included::Files(files) if depth < MAX_DEPTH => {
                        for file in files {
                            nodes.extend(self.file(&file, depth + 1));
                        }
                        continue;
                    }
                    Included::Stock => continue,
                    Included::Files(_) | Included::Unknown => {}
                }
            }
            nodes.push(Node {
                name: directive.name.value.clone(),
                args: directive.args.iter().map(|arg| arg.value.clone()).collect(),
                place,
                block: directive.block.as_ref().map(|block| self.nodes(block, path, depth, templated)),
            });
        }
        if templated {
            nodes.push(Node {
                name: "include".to_owned(),
                args: vec!["a template".to_owned()],
                place: Place::start_of(path.clone()),
                block: None,
            });
        }
        nodes
    }

    fn included(&self, target: &str, from: &RepoPath) -> Included {
        let name = target.rsplit('/').next().unwrap_or(target);
        if target.contains("modules-enabled") {
            return Included::Stock;
        }
        if let Some(container) = self.container {
            let full = if target.starts_with('/') { target.to_owned() } else { format!("/etc/nginx/{target}") };
            let found = container.fitting(&full);
            if !found.is_empty() {
                return Included::Files(found);
            }
        }
        const STOCK: &[&str] = &["mime.types", "uwsgi_params", "fastcgi_params", "scgi_params", "fastcgi.conf"];
        if STOCK.contains(&name) || target.contains("letsencrypt") {
            return Included::Stock;
        }
        match self.beside(target, name, from) {
            Some(file) => Included::Files(vec![file]),
            None if self.container.is_some() && split_pattern(target).is_some() => Included::Stock,
            None => Included::Unknown,
        }
    }

    /// The file of the repository that an include outside of a known container most likely means: relative to the file
    /// that includes it, else the only one of its name in the folders around.
    fn beside(&self, target: &str, name: &str, from: &RepoPath) -> Option<RepoPath> {
        if split_pattern(target).is_some() {
            return None;
        }
        let folder = from.parent()?;
        if let Some(path) = folder.join(target).filter(|path| self.snapshot.shares(path)) {
            return Some(path);
        }
        let around = folder.parent().filter(|parent| !parent.is_root()).unwrap_or_else(|| folder.clone());
        let under = self.snapshot.tree().under(&around);
        let mut found = under.iter().filter(|entry| entry.path.file_name() == name && entry.path != *from);
        let first = found.next()?.path.clone();
        found.next().is_none().then_some(first).filter(|path| self.snapshot.shares(path))
    }
}

impl Files {
    /// The files of the repository at a path of the container, which may end with a pattern. What the image of nginx
    /// makes from `templates` counts as made.
    fn fitting(&self, path: &str) -> Vec<RepoPath> {
        let rendered = |at: &str| {
            let name = at.strip_prefix("/etc/nginx/templates/")?.strip_suffix(".template")?;
            Some(format!("/etc/nginx/conf.d/{name}"))
        };
        let fits = |at: &str| match split_pattern(path) {
            Some((folder, pattern)) => {
                at.rsplit_once('/').is_some_and(|(own, name)| own == folder && matches(pattern, name))
            }
            None => at == path,
        };
        let fitting = self.at.iter().filter(|(at, _)| fits(at) || rendered(at).is_some_and(|at| fits(&at)));
        fitting.map(|(_, file)| file.clone()).collect()
    }
}
