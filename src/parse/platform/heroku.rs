//! Heroku's manifests: `heroku.yml`, which builds and runs images, after
//! https://devcenter.heroku.com/articles/build-docker-images-heroku-yml, and `app.json` after
//! https://devcenter.heroku.com/articles/app-json-schema, with what Dokku adds to it.

use super::tree::{Node, Table, of_yaml};
use super::{Command, Context, Health, Kind, Manifest, Program, Service, Start, Store, StoreKind, Variable, variables};
use crate::source::{Fragment, Problem, Spanned};

/// Reads a `heroku.yml`.
pub fn parse_heroku_yml(text: &str) -> (Manifest, Vec<Problem>) {
    let (root, problems) = of_yaml(text);
    let build = root.table("build");
    let images = build.and_then(|build| build.table("docker")).map(|table| table.entries.as_slice());
    let images = images.unwrap_or_default();
    let arguments = variables(build.and_then(|build| build.table("config")), false);
    let program = |name: Option<&str>| {
        let named = images.iter().find(|(key, _)| name == Some(key.as_str()));
        // A process of another name runs in the only image there is.
        let (_, image) = named.or_else(|| images.first().filter(|_| images.len() == 1))?;
        let table = image.table();
        let path = table.map_or_else(|| image.text().cloned(), |table| table.text("dockerfile"));
        let target = table.and_then(|table| table.text("target"));
        Some(Program::Dockerfile { path, context: Context::Dockerfile, target, arguments: arguments.clone() })
    };
    let mut services = Vec::new();
    if let Some((key, release)) = root.entry("release") {
        services.extend(process(key, release, Kind::Release, &program));
    }
    let run = root.table("run").map(|table| table.entries.as_slice()).unwrap_or_default();
    for (name, node) in run {
        services.extend(process(name, node, kind(name), &program));
    }
    for (name, _) in images.iter().filter(|_| run.is_empty()) {
        let program = program(Some(name)).unwrap_or_default();
        services.push(Service { name: name.clone(), kind: kind(name), program, ..Service::default() });
    }
    let setup = root.table("setup");
    let variables = variables(setup.and_then(|setup| setup.table("config")), true);
    let stores = setup.map(stores).unwrap_or_default();
    (Manifest { services, stores, variables, ..Manifest::default() }, problems)
}

/// What Heroku's add-ons are, by the beginning of their names.
const ADDONS: [(&str, StoreKind); 16] = [
    ("heroku-postgresql", StoreKind::Database),
    ("crunchy", StoreKind::Database),
    ("cleardb", StoreKind::Database),
    ("jawsdb", StoreKind::Database),
    ("stackhero-postgresql", StoreKind::Database),
    ("stackhero-mysql", StoreKind::Database),
    ("heroku-redis", StoreKind::Cache),
    ("rediscloud", StoreKind::Cache),
    ("redisgreen", StoreKind::Cache),
    ("redistogo", StoreKind::Cache),
    ("upstash-redis", StoreKind::Cache),
    ("stackhero-redis", StoreKind::Cache),
    ("memcachier", StoreKind::Cache),
    ("memcachedcloud", StoreKind::Cache),
    ("cloudamqp", StoreKind::Broker),
    ("stackhero-rabbitmq", StoreKind::Broker),
];

/// The stores among `addons`: names with plans (`heroku-postgresql:mini`), or tables with `plan` and `as`.
fn stores(table: &Table) -> Vec<Store> {
    let addons = table.get("addons").map(Node::items).unwrap_or_default();
    let store = |node: &Node| {
        let plan = match node {
            Node::Table(addon) => addon.text("plan")?,
            other => other.text()?.clone(),
        };
        let addon = plan.text().split(':').next().unwrap_or_default();
        let (_, kind) = ADDONS.iter().find(|(name, _)| addon.starts_with(name))?;
        Some(Store { name: Spanned::new(addon.to_owned(), plan.span()), kind: *kind, environment: None, open: None })
    };
    addons.iter().filter_map(store).collect()
}

/// Only the process that is called `web` gets requests.
fn kind(name: &Spanned<String>) -> Kind {
    if name.as_str() == "web" { Kind::Web } else { Kind::Worker }
}

fn process(
    name: &Spanned<String>,
    node: &Node,
    kind: Kind,
    program: &dyn Fn(Option<&str>) -> Option<Program>,
) -> Option<Service> {
    let (command, image) = match node {
        Node::Table(table) => (table.get("command")?, table.text("image")),
        other => (other, None),
    };
    let of_image = image.as_ref().map_or(name.as_str(), Fragment::text);
    let start = match command.items() {
        [Node::Text(line)] => Command::Shell(line.clone()),
        // Lines of which each is a command of its own are no words of one.
        items => {
            let words: Vec<Fragment> = items.iter().filter_map(Node::text).cloned().collect();
            if words.is_empty() || words.iter().skip(1).any(|word| word.text().contains(' ')) {
                return Some(Service { name: name.clone(), kind, ..Service::default() });
            }
            Command::Words(words)
        }
    };
    Some(Service {
        name: name.clone(),
        kind,
        program: program(Some(of_image)).unwrap_or_default(),
        start: Some(Start { command: start, keeps_entrypoint: true }),
        ..Service::default()
    })
}

/// Reads an `app.json`: variables, and of each process how many there are and what is checked. What the processes run
/// is told by a Procfile or `heroku.yml`; only what Dokku starts by the clock is told here.
pub fn parse_app_json(text: &str) -> (Manifest, Vec<Problem>) {
    let (root, problems) = of_yaml(text);
    let mut manifest =
        Manifest { variables: variables_of(root.table("env")), stores: stores(&root), ..Manifest::default() };
    let part = |key: &str| root.table(key).map(|table| table.entries.as_slice()).unwrap_or_default();
    let (formation, checks) = (part("formation"), part("healthchecks"));
    let mut names: Vec<&Spanned<String>> = formation.iter().chain(checks).map(|(name, _)| name).collect();
    names.sort_by_key(|name| &name.value);
    names.dedup_by_key(|name| &name.value);
    for name in names {
        let of = |entries: &[(Spanned<String>, Node)]| {
            entries.iter().find(|(key, _)| key.value == name.value).map(|(_, node)| node.clone())
        };
        let check = of(checks).and_then(|checks| checks.items().first()?.table().cloned());
        manifest.services.push(Service {
            name: name.clone(),
            kind: kind(name),
            instances: of(formation).and_then(|node| node.table()?.text("quantity")),
            health: check.map(|check| Health { span: check.span, path: check.text("path") }),
            ..Service::default()
        });
    }
    for (at, cron) in root.tables("cron").enumerate() {
        let Some(line) = cron.text("command") else { continue };
        manifest.services.push(Service {
            name: Spanned::new(format!("cron {}", at + 1), line.span()),
            kind: Kind::Cron,
            start: Some(Start { command: Command::Shell(line), keeps_entrypoint: true }),
            program: Program::Source { folder: None },
            ..Service::default()
        });
    }
    let scripts = root.table("scripts");
    let of_dokku = scripts.and_then(|scripts| scripts.table("dokku"));
    let texts = |table: &Table| {
        let own = table.entries.iter().filter(|(key, _)| !key.contains("test"));
        own.filter_map(|(_, node)| node.text().cloned()).collect::<Vec<Fragment>>()
    };
    manifest.scripts = [scripts, of_dokku].into_iter().flatten().flat_map(texts).collect();
    (manifest, problems)
}

/// `env` of an `app.json`: a value, or a table with `value`, `generator`, `required`.
fn variables_of(table: Option<&Table>) -> Vec<Variable> {
    let entries = table.into_iter().flat_map(|table| &table.entries);
    let variable = |(name, node): &(Spanned<String>, Node)| {
        let value = match node {
            Node::Text(text) => Some(text.clone()),
            Node::Table(table) => table.get("value").and_then(Node::text).cloned(),
            Node::List(_) => None,
        };
        let asked = node.table().is_some_and(|table| table.is("required", "false"));
        // What nobody needs to fill in may stay unset.
        (value.is_some() || !asked).then(|| Variable { name: name.clone(), value, initial: true })
    };
    entries.filter_map(variable).collect()
}
