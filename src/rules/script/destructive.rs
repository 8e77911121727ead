use crate::findings::Findings;
use crate::project::command::{Invocation, compose, django, docker};
use crate::project::deployment::Service;
use crate::project::environment::Environment;
use crate::project::evidence::named_in;
use crate::project::usage::{CommandUse, Origin};
use crate::rules::Cx;

/// `script/database-wiped-at-start`
pub fn database_wiped_at_start(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let runs = &service.process.runs;
    // `sqlflush` only prints; what it prints goes to a database where `dbshell` or `psql` reads it.
    let read = runs.iter().any(|run| is_django(&run.invocation, "dbshell") || run.invocation.program == "psql");
    for run in runs.iter().filter(|run| run.happens_in_new_container()) {
        let printed = read && run.invocation.pipeline.is_some() && is_django(&run.invocation, "sqlflush");
        let what = if printed { Some("sqlflush".to_owned()) } else { wipes_database(&run.invocation) };
        let Some(what) = what else { continue };
        findings
            .report(run.place(), format!("`{what}` empties the database each time `{}` starts", service.name))
            .help("take the line out; empty a development database by hand, from a script that production does not run")
            .trail(&run.trail)
            .anchor("start")
            .evidence(what);
    }
}

fn is_django(invocation: &Invocation, name: &str) -> bool {
    django(invocation).is_some_and(|command| command.name.value == name)
}

/// The words for what empties or drops a database.
fn wipes_database(invocation: &Invocation) -> Option<String> {
    if let Some(command) = django(invocation) {
        let wipes = matches!(command.name.as_str(), "flush" | "reset_db" | "reset_schema" | "drop_test_database")
            && !command.has_flag(&["--dry-run", "--help"]);
        return wipes.then(|| command.name.value.clone());
    }
    if invocation.program == "dropdb" {
        return Some("dropdb".to_owned());
    }
    let sql = invocation
        .arguments()
        .iter()
        .map(|word| word.text().to_ascii_lowercase())
        .find(|text| ["drop database", "drop schema"].iter().any(|statement| text.contains(statement)))?;
    let drops = if sql.contains("drop database") { "DROP DATABASE" } else { "DROP SCHEMA" };
    (invocation.program == "psql").then(|| drops.to_owned())
}

/// `script/volumes-removed`
pub fn volumes_removed(command: &CommandUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !touches_real_environment(command) {
        return;
    }
    let Some(what) = removes_volumes(&command.invocation) else { return };
    findings
        .report(command.place(), format!("`{what}` removes the volumes, and the data on them"))
        .help("`docker compose up -d --remove-orphans` replaces what has changed and leaves the volumes alone")
        .anchor("volumes")
        .evidence(what);
}

/// The words for what removes volumes.
fn removes_volumes(invocation: &Invocation) -> Option<String> {
    if let Some(command) = compose(invocation) {
        return command.removes_volumes().then(|| "docker compose down --volumes".to_owned());
    }
    let command = docker(invocation)?;
    match command.name.as_str() {
        "volume rm" | "volume remove" => Some("docker volume rm".to_owned()),
        "volume prune" if command.flags.has(&["-a", "--all"]) => Some("docker volume prune --all".to_owned()),
        "system prune" if command.flags.has(&["--volumes"]) => Some("docker system prune --volumes".to_owned()),
        _ => None,
    }
}

/// Whether a command can meet real data: it says so by its own compose files, by the name of its script, target or job,
/// or by running on a server. What a pipeline's own machine has made may be removed there.
fn touches_real_environment(command: &CommandUse) -> bool {
    let real = |environment: Environment| !matches!(environment, Environment::Development | Environment::Testing);
    let by_files = compose(&command.invocation).and_then(|compose| {
        compose.files.iter().rev().find_map(|file| named_in(&file.literal()?).map(|(environment, _)| environment))
    });
    let on_server = command.invocation.host().is_some();
    match (by_files, &command.origin) {
        (Some(environment), _) if !real(environment.clone()) => false,
        (_, Origin::Workflow { .. }) => on_server,
        (_, Origin::Build { .. }) => false,
        (Some(_), _) => true,
        (None, _) => on_server || command.scope.environments.iter().cloned().any(real),
    }
}
