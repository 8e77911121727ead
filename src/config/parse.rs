use super::read::{self, Fault, Table, one_of};
use super::suggest::closest;
use super::{
    Config, ConfigError, DeploymentEntry, Document, ExtraEnvironment, FailOn, LabelEntry, LabelKind, LastApplied,
    Override, PathGlobs, RuleChoice, Section, SeverityChoice, SeverityLevel,
};
use crate::project::environment::Environment;
use crate::source::Spanned;
use std::sync::Arc;

const RULE_KEYS: [&str; 4] = ["select", "extend-select", "ignore", "severity"];
const TOP_KEYS: [&str; 16] = [
    "select",
    "extend-select",
    "ignore",
    "severity",
    "exclude",
    "include-vendored",
    "fail-on",
    "min-severity",
    "honour-peer-comments",
    "provided",
    "allowed-registries",
    "labels",
    "migrations",
    "environments",
    "deployments",
    "overrides",
];
const DEPLOYMENT_KEYS: [&str; 9] =
    ["name", "environment", "compose", "env-file", "profiles", "dockerfile", "target", "settings", "project"];

/// Reads a configuration. `path` is shown in errors; `section` says whether the whole file is ours or a table of it.
/// Whether the rules exist that it names is asked later, by [`Selection::new`](crate::rules::Selection::new).
pub fn parse(text: &str, path: &str, section: Section) -> Result<Config, ConfigError> {
    let document = Document { path: path.to_owned(), text: text.to_owned() };
    match read::document(text, section == Section::Pyproject, config) {
        Ok(config) => Ok(Config { document: Some(Arc::new(document)), ..config }),
        Err(Fault { span, message, suggestion }) => Err(ConfigError::new(&document, span, message, suggestion)),
    }
}

fn config(top: Table<'_, '_>) -> Result<Config, Fault> {
    top.only(&TOP_KEYS)?;
    // First, because everything below may name them.
    let mut config = Config { environments: environments(top)?, ..Config::default() };
    config.rules = rules(top, &config)?;
    config.exclude = globs(top, "exclude")?;
    if let Some(value) = top.get("include-vendored") {
        config.include_vendored = value.boolean()?;
    }
    config.fail_on = top.get("fail-on").map(|value| value.word(&FailOn::WORDS, FailOn::named)).transpose()?;
    config.min_severity = top.get("min-severity").map(|value| value.severity()).transpose()?;
    if let Some(value) = top.get("honour-peer-comments") {
        config.honour_peer_comments = value.boolean()?;
    }
    config.provided = provided(top)?;
    config.allowed_registries = allowed_registries(top)?;
    (config.labels, config.strict_labels) = labels(top)?;
    config.migrations_since = migrations_since(top)?;
    config.deployments = deployments(top, &config)?;
    config.overrides = overrides(top, &config)?;
    Ok(config)
}

fn environments(top: Table<'_, '_>) -> Result<Vec<ExtraEnvironment>, Fault> {
    let standard: Vec<Environment> = Environment::STANDARD.to_vec();
    let names: Vec<&str> = standard.iter().map(Environment::name).collect();
    let mut known: Vec<ExtraEnvironment> = Vec::new();
    for table in top.tables("environments")? {
        table.only(&["name", "like"])?;
        let name = match table.get("name") {
            Some(value) => value.string()?,
            None => return Err(Fault::new(table.span, "an environment needs a `name`")),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || !name.bytes().all(plain) {
            let message = format!("an environment's name consists of letters, digits, `-` and `_`, unlike `{}`", *name);
            return Err(Fault::new(name.span, message));
        }
        if names.contains(&name.as_str()) || known.iter().any(|extra| *extra.name == *name) {
            return Err(Fault::new(name.span, format!("the environment `{}` is known already", *name)));
        }
        let like = match table.get("like") {
            Some(value) => {
                value.word(&names, |word| standard.iter().find(|environment| environment.name() == word).cloned())?
            }
            None => Environment::Production,
        };
        known.push(ExtraEnvironment { name, like });
    }
    Ok(known)
}

/// The environment called `name`, which the configuration must know.
fn environment(name: &Spanned<String>, config: &Config) -> Result<Environment, Fault> {
    config.environment(name).ok_or_else(|| {
        let names = config.environment_names();
        let suggestion = closest(name, names.iter().map(String::as_str)).map(str::to_owned);
        let message = match suggestion {
            Some(_) => format!("unknown environment `{}`", **name),
            None => format!("unknown environment `{}`: name it under `[[environments]]`", **name),
        };
        Fault::new(name.span, message).suggest(suggestion)
    })
}

fn rules(table: Table<'_, '_>, config: &Config) -> Result<RuleChoice, Fault> {
    Ok(RuleChoice {
        select: table.get("select").map(|value| value.strings()).transpose()?,
        extend_select: table.strings("extend-select")?,
        ignore: table.strings("ignore")?,
        severity: severity(table, config)?,
    })
}

fn severity(table: Table<'_, '_>, config: &Config) -> Result<Vec<SeverityChoice>, Fault> {
    let Some(value) = table.get("severity") else { return Ok(Vec::new()) };
    let mut choices = Vec::new();
    for (word, value) in value.table()?.entries() {
        let level = if value.is_table() {
            let mut levels = Vec::new();
            for (name, value) in value.table()?.entries() {
                levels.push((environment(&name.map(str::to_owned), config)?, value.severity()?));
            }
            SeverityLevel::ByEnvironment(levels)
        } else {
            SeverityLevel::Everywhere(value.severity()?)
        };
        choices.push(SeverityChoice { word: word.map(str::to_owned), level });
    }
    Ok(choices)
}

fn globs(table: Table<'_, '_>, name: &str) -> Result<PathGlobs, Fault> {
    let patterns = table.strings(name)?;
    let places: Vec<_> = patterns.iter().map(|pattern| pattern.span).collect();
    PathGlobs::new(patterns).map_err(|bad| {
        let span = places.get(bad.index).copied().unwrap_or(table.span);
        Fault::new(span, format!("this pattern cannot be used: {}", bad.reason))
    })
}

fn provided(top: Table<'_, '_>) -> Result<Vec<Spanned<String>>, Fault> {
    let names = top.strings("provided")?;
    for name in &names {
        let well_formed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        if !well_formed {
            // What is written here may be a variable with its value: it is not repeated.
            let message = "`provided` takes the names of variables, which consist of letters, digits and `_`";
            return Err(Fault::new(name.span, message));
        }
    }
    Ok(names)
}

/// Registries as they stand before an image's name: a host, perhaps with the beginning of a path.
fn allowed_registries(top: Table<'_, '_>) -> Result<Vec<Spanned<String>>, Fault> {
    let registries = top.strings("allowed-registries")?;
    for registry in &registries {
        let host = registry.split('/').next().unwrap_or_default();
        let is_host = host.contains(['.', ':']) || host == "localhost" || host == "*";
        if !is_host || registry.contains("://") || registry.contains(char::is_whitespace) {
            let message = format!(
                "`allowed-registries` takes hosts, such as `docker.io` or `ghcr.io/school`, unlike `{}`",
                **registry
            );
            let bare = registry.split_once("://").map(|(_, rest)| rest.trim_end_matches('/').to_owned());
            return Err(Fault::new(registry.span, message).suggest(bare));
        }
    }
    Ok(registries)
}

fn labels(top: Table<'_, '_>) -> Result<(Vec<LabelEntry>, bool), Fault> {
    let Some(value) = top.get("labels") else { return Ok((Vec::new(), false)) };
    let table = value.table()?;
    table.only(&["schema", "strict"])?;
    let strict = table.get("strict").map(|value| value.boolean()).transpose()?.unwrap_or_default();
    let mut labels = Vec::new();
    if let Some(schema) = table.get("schema") {
        for (name, value) in schema.table()?.entries() {
            labels.push(LabelEntry {
                name: name.map(str::to_owned),
                kind: value.word(&LabelKind::WORDS, LabelKind::named)?,
            });
        }
    }
    Ok((labels, strict))
}

fn migrations_since(top: Table<'_, '_>) -> Result<Vec<LastApplied>, Fault> {
    let Some(value) = top.get("migrations") else { return Ok(Vec::new()) };
    let table = value.table()?;
    table.only(&["since"])?;
    let Some(since) = table.get("since") else { return Ok(Vec::new()) };
    let mut named = Vec::new();
    for (app, value) in since.table()?.entries() {
        let migration = value.string()?;
        if migration.is_empty() || !migration.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            let message =
                format!("`since` takes the name of a migration, such as `0042_add_price`, unlike `{}`", *migration);
            return Err(Fault::new(migration.span, message));
        }
        named.push(LastApplied { app: app.map(str::to_owned), migration });
    }
    Ok(named)
}

fn deployments(top: Table<'_, '_>, config: &Config) -> Result<Vec<DeploymentEntry>, Fault> {
    let mut entries: Vec<DeploymentEntry> = Vec::new();
    for table in top.tables("deployments")? {
        let entry = deployment(table, config)?;
        if let Some(name) = &entry.name
            && entries.iter().any(|known| known.name.as_deref() == Some(&name.value))
        {
            return Err(Fault::new(name.span, format!("a deployment called `{}` is described already", **name)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn deployment(table: Table<'_, '_>, config: &Config) -> Result<DeploymentEntry, Fault> {
    table.only(&DEPLOYMENT_KEYS)?;
    let Some(value) = table.get("environment") else {
        return Err(Fault::new(table.span, "a deployment needs an `environment`"));
    };
    let name = value.string()?;
    let environment = Spanned::new(environment(&name, config)?, name.span);
    let entry = DeploymentEntry {
        span: table.span,
        name: table.get("name").map(|value| value.string()).transpose()?,
        environment,
        compose: table.get("compose").map_or(Ok(Vec::new()), |value| value.paths())?,
        env_file: table.get("env-file").map_or(Ok(Vec::new()), |value| value.paths())?,
        profiles: table.strings("profiles")?,
        dockerfile: table.get("dockerfile").map(|value| value.path()).transpose()?,
        target: table.get("target").map(|value| value.string()).transpose()?,
        settings: table.get("settings").map(|value| value.string().and_then(module)).transpose()?,
        project: table.get("project").map(|value| value.path()).transpose()?,
    };
    if entry.compose.is_empty() && entry.dockerfile.is_none() && entry.settings.is_none() {
        let needed = one_of(&["compose", "dockerfile", "settings"]);
        return Err(Fault::new(table.span, format!("a deployment needs {needed}: something that is deployed")));
    }
    Ok(entry)
}

/// A dotted module name; a path is a frequent mistake, and says what was meant.
fn module(name: Spanned<String>) -> Result<Spanned<String>, Fault> {
    let identifier = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|first: char| first.is_ascii_digit())
            && part.chars().all(|c| c == '_' || c.is_alphanumeric())
    };
    let is_path = name.contains('/') || name.ends_with(".py");
    if !is_path && name.split('.').all(identifier) {
        return Ok(name);
    }
    let dotted = name.trim_start_matches("./").trim_end_matches(".py").trim_matches('/').replace('/', ".");
    let meant = (is_path && dotted.split('.').all(identifier)).then_some(dotted);
    Err(Fault::new(name.span, format!("`settings` takes the dotted name of a module, unlike `{}`", *name))
        .suggest(meant))
}

fn overrides(top: Table<'_, '_>, config: &Config) -> Result<Vec<Override>, Fault> {
    let mut known = vec!["paths"];
    known.extend(RULE_KEYS);
    let mut overrides = Vec::new();
    for table in top.tables("overrides")? {
        table.only(&known)?;
        let paths = globs(table, "paths")?;
        if paths.is_empty() {
            return Err(Fault::new(table.span, "an override needs `paths`"));
        }
        overrides.push(Override { span: table.span, paths, rules: rules(table, config)? });
    }
    Ok(overrides)
}

/// Every key there is, for the test that holds the documentation complete.
#[cfg(test)]
pub(super) fn known_keys() -> Vec<&'static str> {
    TOP_KEYS.into_iter().chain(DEPLOYMENT_KEYS).chain(["like", "paths", "since", "schema", "strict"]).collect()
}
