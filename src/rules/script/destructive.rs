use crate::findings::{Findings, Severity};
use crate::parse::shell::Word;
use crate::project::command::{Invocation, compose, django, docker};
use crate::project::deployment::Service;
use crate::project::script::ScriptUse;
use crate::project::usage::CommandUse;
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

/// `script/database-wiped-on-deploy`
pub fn database_wiped_on_deploy(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let commands = script.commands(cx.model);
    // A script that puts a dump back has to empty the database first.
    let restores = |text: &str| ["restore", "loaddata", "psql", ".sql", ".dump"].iter().any(|word| text.contains(word));
    let is_restore = restores(script.path.as_str()) || commands.iter().any(|it| restores(&it.invocation.text()));
    if is_restore || script.is_start(cx.model) || !commands.iter().any(|it| it.invocation.release().is_some()) {
        return;
    }
    for command in commands.iter().filter(|command| command.touches_real_environment()) {
        let Some(what) = wipes_database(&command.invocation) else { continue };
        findings
            .report(command.place(), format!("`{what}` empties the database with each deploy"))
            .help("take the line out; `migrate` is all that a deploy does to the database")
            .anchor("deploy")
            .evidence(what);
    }
}

/// `script/untracked-files-removed`
pub fn untracked_files_removed(command: &CommandUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let invocation = &command.invocation;
    if invocation.program != "git" || !command.touches_real_environment() || command.is_start(cx.model) {
        return;
    }
    let words: Vec<&str> = invocation.arguments().iter().map(Word::text).collect();
    let Some(clean) = words.iter().position(|word| *word == "clean") else { return };
    let short = |word: &&&str| word.starts_with('-') && !word.starts_with("--");
    let has = |letter: char| words[clean..].iter().filter(short).any(|word| word.contains(letter));
    let spared = has('e') || words[clean..].iter().any(|word| word.starts_with("--exclude"));
    if (has('x') || has('X')) && has('f') && !has('n') && !spared {
        findings
            .report(
                command.place(),
                "`git clean -x` removes what git ignores: the server's `.env`, uploads, certificates",
            )
            .help("leave `-x` out, or name what has to stay with `-e .env -e media`")
            .anchor("git clean");
    }
}

/// `script/volumes-removed`
pub fn volumes_removed(command: &CommandUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !command.touches_real_environment() {
        return;
    }
    let Some(what) = removes_volumes(&command.invocation) else { return };
    // It spares what a container uses, and since Docker 23 all that have a name.
    let spares = what.starts_with("docker system");
    let which = if spares { "volumes that no container uses" } else { "the volumes" };
    let finding = findings.report(command.place(), format!("`{what}` removes {which}, and the data on them"));
    finding
        .help(match spares {
            true => "`docker image prune -f` frees the disk and leaves the volumes alone",
            false => "`docker compose up -d --remove-orphans` replaces what has changed and leaves the volumes alone",
        })
        .anchor("volumes")
        .evidence(what);
    if spares {
        finding.at_most(Severity::Warning);
    }
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
