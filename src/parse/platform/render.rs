//! Render's blueprint, after https://render.com/docs/blueprint-spec.

use super::tree::{Node, Table, of_yaml};
use super::{Command, Context, Health, Kind, Manifest, Program, Service, Start, Store, StoreKind, Variable};
use crate::source::{Fragment, Problem, Span, Spanned};

/// Reads a `render.yaml`.
pub fn parse(text: &str) -> (Manifest, Vec<Problem>) {
    let (root, problems) = of_yaml(text);
    let mut groups: Vec<&Table> = root.tables("envVarGroups").collect();
    let environments = || root.tables("projects").flat_map(|project| project.tables("environments"));
    groups.extend(environments().flat_map(|environment| environment.tables("envVarGroups")));
    groups.extend(root.tables("ungrouped").flat_map(|ungrouped| ungrouped.tables("envVarGroups")));
    let mut manifest = Manifest::default();
    let ungrouped = root.tables("ungrouped").flat_map(|ungrouped| ungrouped.tables("services"));
    for table in root.tables("services").chain(ungrouped) {
        manifest.services.extend(services(table, None, &groups));
        manifest.stores.extend(store(table, None));
    }
    let ungrouped = root.tables("ungrouped").flat_map(|ungrouped| ungrouped.tables("databases"));
    manifest.stores.extend(root.tables("databases").chain(ungrouped).map(|table| database(table, None)));
    for environment in environments() {
        let name = environment.text("name").map(spanned);
        for table in environment.tables("services") {
            manifest.services.extend(services(table, name.as_ref(), &groups));
            manifest.stores.extend(store(table, name.as_ref()));
        }
        manifest.stores.extend(environment.tables("databases").map(|table| database(table, name.as_ref())));
    }
    (manifest, problems)
}

/// A cache that stands among the services. It has to say whom it lets in.
fn store(table: &Table, environment: Option<&Spanned<String>>) -> Option<Store> {
    let kind = table.text("type")?;
    matches!(kind.text(), "keyvalue" | "redis").then(|| Store {
        name: table.text("name").map_or_else(|| Spanned::new("cache".to_owned(), table.span), spanned),
        kind: StoreKind::Cache,
        environment: environment.cloned(),
        open: everybody(table),
    })
}

/// A database, which lets everybody in where nothing is said.
fn database(table: &Table, environment: Option<&Spanned<String>>) -> Store {
    let name = table.text("name").map_or_else(|| Spanned::new("database".to_owned(), table.span), spanned);
    let unsaid = table.entry("ipAllowList").is_none().then_some(name.span);
    let kind = StoreKind::Database;
    Store { environment: environment.cloned(), kind, open: unsaid.or_else(|| everybody(table)), name }
}

/// The entry of `ipAllowList` for all addresses.
fn everybody(table: &Table) -> Option<Span> {
    let sources = table.tables("ipAllowList").filter_map(|entry| entry.text("source"));
    sources.filter(|source| matches!(source.text(), "0.0.0.0/0" | "::/0")).map(|source| source.span()).next()
}

fn spanned(text: Fragment) -> Spanned<String> {
    Spanned::new(text.text().to_owned(), text.span())
}

/// A service, before it what runs before its release.
fn services(table: &Table, environment: Option<&Spanned<String>>, groups: &[&Table]) -> Vec<Service> {
    let kind = match table.text("type").as_ref().map(Fragment::text) {
        Some("web") => Kind::Web,
        Some("pserv") => Kind::Private,
        Some("worker") => Kind::Worker,
        Some("cron") => Kind::Cron,
        // What the platform keeps (`keyvalue`, `redis`), and what is no program (`static`).
        _ => return Vec::new(),
    };
    let runtime = table.text("runtime").or_else(|| table.text("env"));
    let runtime = runtime.as_ref().map(Fragment::text);
    if runtime == Some("static") {
        return Vec::new();
    }
    let name = table.text("name").map_or_else(|| Spanned::new("service".to_owned(), table.span), spanned);
    let folder = table.text("rootDir");
    let image = || table.table("image").and_then(|image| image.text("url"));
    let program = match runtime {
        Some("docker") => Program::Dockerfile {
            path: table.text("dockerfilePath"),
            context: match table.text("dockerContext").or(folder) {
                Some(folder) => Context::Folder(folder),
                None => Context::Manifest,
            },
            target: None,
            arguments: Vec::new(),
        },
        Some("image") => image().map_or(Program::Unknown, Program::Image),
        _ => Program::Source { folder },
    };
    let in_image = !matches!(program, Program::Source { .. });
    let start = match in_image {
        true => table.text("dockerCommand").map(Command::Line),
        false => table.text("startCommand").map(Command::Shell),
    };
    let health = table.text("healthCheckPath").map(|path| Health { span: path.span(), path: Some(path) });
    let scaling = || table.table("scaling").and_then(|scaling| scaling.text("minInstances"));
    let service = Service {
        name: name.clone(),
        kind,
        environment: environment.cloned(),
        program,
        start: start.map(|command| Start { command, keeps_entrypoint: false }),
        build_commands: table.text("buildCommand").into_iter().collect(),
        variables: variables(table, groups),
        health,
        instances: table.text("numInstances").or_else(scaling),
        forces_https: None,
    };
    let release = table
        .text("preDeployCommand")
        .map(|line| service.before_release(format!("{} before it is deployed", name.value), line));
    release.into_iter().chain([service]).collect()
}

fn variables(table: &Table, groups: &[&Table]) -> Vec<Variable> {
    let mut variables = Vec::new();
    for entry in table.tables("envVars") {
        if let Some(name) = entry.text("fromGroup") {
            let group = groups.iter().find(|group| group.is("name", name.text()));
            variables.extend(group.iter().flat_map(|group| group.tables("envVars")).filter_map(variable));
        }
        variables.extend(variable(entry));
    }
    variables
}

fn variable(entry: &Table) -> Option<Variable> {
    let key = entry.text("key")?;
    let value = entry.get("value").and_then(Node::text).cloned();
    Some(Variable { name: spanned(key), value, initial: false })
}
