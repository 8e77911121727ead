//! Fly.io's configuration, after https://fly.io/docs/reference/configuration/.

use super::tree::{Node, Table, of_toml};
use super::{Command, Context, Health, Kind, Manifest, Program, Service, Start, variables};
use crate::source::{Fragment, Problem, Span, Spanned};

/// The process of an app that names none.
const APP: &str = "app";

/// Reads a `fly.toml`.
pub fn parse(text: &str) -> (Manifest, Vec<Problem>) {
    let (root, problems) = of_toml(text);
    let app = root.text("app").map(|name| Spanned::new(name.text().to_owned(), name.span()));
    if root.entries.is_empty() {
        return (Manifest::default(), problems);
    }
    let build = root.table("build");
    let part = |key: &str| build.and_then(|build| build.text(key));
    let program = match part("image") {
        Some(image) => Program::Image(image),
        None if part("builder").is_some() || part("builtin").is_some() => Program::Source { folder: None },
        None => Program::Dockerfile {
            path: part("dockerfile"),
            context: Context::Manifest,
            target: part("build-target"),
            arguments: variables(build.and_then(|build| build.table("args")), false),
        },
    };
    let plain = Service { program, ..Service::default() };
    let experimental = root.table("experimental");
    let overridden = |key: &str| experimental.and_then(|table| table.get(key)).and_then(command);
    let mut services = Vec::new();
    let release = root.table("deploy").and_then(|deploy| deploy.text("release_command"));
    services.extend(release.map(|line| Service {
        name: Spanned::new("release_command".to_owned(), line.span()),
        kind: Kind::Release,
        start: Some(Start { command: Command::Line(line), keeps_entrypoint: true }),
        ..plain.clone()
    }));
    // The first form of the key, a list that is always empty, says nothing.
    let processes = root.table("processes").map(|table| table.entries.as_slice()).unwrap_or_default();
    for (name, node) in processes {
        let start = command(node).map(|command| Start { command, keeps_entrypoint: true });
        services.push(Service { name: name.clone(), start, ..plain.clone() });
    }
    if processes.is_empty() {
        let start = overridden("entrypoint")
            .map(|command| Start { command, keeps_entrypoint: false })
            .or_else(|| overridden("cmd").map(|command| Start { command, keeps_entrypoint: true }));
        let name = app.clone().unwrap_or_else(|| Spanned::new(APP.to_owned(), Span::at(0)));
        services.push(Service { name, start, ..plain });
    }
    let reached = reached(&root);
    let alone = processes.is_empty();
    for service in services.iter_mut().filter(|service| service.kind != Kind::Release) {
        let own = if alone { APP } else { service.name.as_str() };
        let serves = |group: &&Group| group.processes.is_empty() || group.processes.iter().any(|it| it == own);
        service.kind = if reached.iter().any(|group| serves(&group)) { Kind::Web } else { Kind::Worker };
        service.health = reached.iter().filter(serves).find_map(|group| group.health.clone());
        service.forces_https = reached.iter().filter(serves).find_map(|group| group.forces_https);
    }
    let variables = variables(root.table("env"), false);
    (Manifest { services, variables, app, ..Manifest::default() }, problems)
}

/// A command is a text that is split into words, or the words.
fn command(node: &Node) -> Option<Command> {
    match node {
        Node::Text(line) if line.text().trim().is_empty() => None,
        Node::Text(line) => Some(Command::Line(line.clone())),
        Node::List(items) if items.is_empty() => None,
        Node::List(items) => Some(Command::Words(items.iter().filter_map(Node::text).cloned().collect())),
        Node::Table(_) => None,
    }
}

/// Processes that are reached from outside, and what is checked of them.
struct Group {
    processes: Vec<String>,
    health: Option<Health>,
    forces_https: Option<Span>,
}

fn reached(root: &Table) -> Vec<Group> {
    let top = root.table("checks").into_iter().flat_map(|checks| &checks.entries);
    let top: Option<Health> = top.filter_map(|(_, check)| check.table()).map(health).next();
    let services = root.tables("http_service").chain(root.tables("services"));
    let group = |service: &Table| {
        let names = service.get("processes").map(Node::items).unwrap_or_default();
        let kinds = ["checks", "http_checks", "tcp_checks", "script_checks"];
        // `force_https` stands in `http_service`, or at a port of `services`.
        let mut forced =
            std::iter::once(service).chain(service.tables("ports")).filter_map(|it| it.entry("force_https"));
        let mut checks = kinds.into_iter().flat_map(|kind| service.tables(kind));
        Group {
            processes: names.iter().filter_map(Node::text).map(|name| name.text().to_owned()).collect(),
            health: checks.next().map(health).or_else(|| top.clone()),
            forces_https: forced.find_map(|(key, node)| (node.text()?.text() == "true").then_some(key.span)),
        }
    };
    services.map(group).collect()
}

fn health(check: &Table) -> Health {
    let path: Option<Fragment> = check.text("path");
    Health { span: path.as_ref().map_or(check.span, Fragment::span), path }
}
