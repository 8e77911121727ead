//! Railway's configuration, after https://docs.railway.com/reference/config-as-code.

use super::tree::{Node, Table, of_toml, of_yaml};
use super::{Command, Context, Health, Kind, Manifest, Program, Service, Start};
use crate::source::{Fragment, Problem, Span, Spanned};

/// Reads a `railway.json`.
pub fn parse_json(text: &str) -> (Manifest, Vec<Problem>) {
    let (root, problems) = of_yaml(text);
    (manifest(&root), problems)
}

/// Reads a `railway.toml`.
pub fn parse_toml(text: &str) -> (Manifest, Vec<Problem>) {
    let (root, problems) = of_toml(text);
    (manifest(&root), problems)
}

fn manifest(root: &Table) -> Manifest {
    if root.entries.is_empty() {
        return Manifest::default();
    }
    // What is said of production alone goes before what is said of all environments.
    let production = root.table("environments").and_then(|environments| environments.table("production"));
    let get = |section: &str, key: &str| {
        let of = |table: &Table| table.table(section).and_then(|section| section.get(key)).cloned();
        production.and_then(of).or_else(|| of(root))
    };
    let text = |section: &str, key: &str| {
        get(section, key).and_then(|node| node.text().filter(|text| !text.text().trim().is_empty()).cloned())
    };
    let dockerfile = text("build", "dockerfilePath");
    // A Dockerfile that is there is taken unless another builder is named.
    let docker = dockerfile.is_some() || text("build", "builder").is_none_or(|builder| builder.text() == "DOCKERFILE");
    let program = match docker {
        true => {
            Program::Dockerfile { path: dockerfile, context: Context::Manifest, target: None, arguments: Vec::new() }
        }
        false => Program::Source { folder: None },
    };
    // In an image it takes the entrypoint's place, and no shell runs it.
    let start = text("deploy", "startCommand").map(|line| Start {
        command: if docker { Command::Line(line) } else { Command::Shell(line) },
        keeps_entrypoint: false,
    });
    let cron = text("deploy", "cronSchedule").is_some();
    let service = Service {
        name: Spanned::new("service".to_owned(), start_of(root)),
        kind: if cron { Kind::Cron } else { Kind::Web },
        program,
        start,
        build_commands: text("build", "buildCommand").into_iter().collect(),
        health: text("deploy", "healthcheckPath").map(|path| Health { span: path.span(), path: Some(path) }),
        instances: text("deploy", "numReplicas"),
        ..Service::default()
    };
    let before = get("deploy", "preDeployCommand");
    let lines: Vec<Fragment> = before.iter().flat_map(Node::items).filter_map(Node::text).cloned().collect();
    let release = lines.into_iter().map(|line| service.before_release("preDeployCommand".to_owned(), line));
    Manifest { services: release.chain([service.clone()]).collect(), ..Manifest::default() }
}

/// The first key.
fn start_of(root: &Table) -> Span {
    root.entries.first().map_or(Span::at(0), |(key, _)| key.span)
}
