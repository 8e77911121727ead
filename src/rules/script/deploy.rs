use crate::findings::{Findings, Severity};
use crate::parse::shell::Word;
use crate::project::Model;
use crate::project::command::{ComposeCommand, Invocation, WrapperKind, compose, django, docker};
use crate::project::process::Run;
use crate::project::role::Role;
use crate::project::script::ScriptUse;
use crate::project::script::shells::Unnoticed;
use crate::project::usage::{CommandUse, Origin};
use crate::rules::Cx;

/// So many steps of a script are looked at: each is compared with all commands.
const MAX_STEPS: usize = 100;

/// `script/deploy-goes-on-after-failure`
pub fn deploy_goes_on_after_failure(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (commands, flow) = (script.commands(cx.model), script.flow(cx.model));
    if script.is_start(cx.model) {
        return;
    }
    let release = commands.iter().enumerate().rev().find_map(|(at, command)| {
        let release = command.invocation.release().filter(|_| command.touches_real_environment())?;
        Some((at, release))
    });
    let Some((end, release)) = release else { return };
    let steps = (0..end).filter_map(|at| Some((at, commands[at].invocation.prepares_release()?)));
    let unnoticed = |(at, step): (usize, String)| {
        let (cause, why) = flow.goes_on(at, end)?;
        // Whoever writes `|| true` behind a `pull` means it; behind `migrate` it is a mistake all the same.
        let meant = why == Unnoticed::OnPurpose && !django(&commands[at].invocation).is_some_and(|it| it.migrates());
        (!meant).then_some((cause, step, why))
    };
    let Some((cause, step, why)) = steps.take(MAX_STEPS).find_map(unnoticed) else { return };
    let help = match why {
        Unnoticed::NoErrexit => "write `set -euo pipefail` first; in one line join the steps with `&&`",
        Unnoticed::OnPurpose => "take away what follows `||`",
        Unnoticed::LeftOfAnd => {
            "write the steps on lines of their own under `set -e`, or chain them down to the last one"
        }
        Unnoticed::Piped => "write `set -o pipefail` (bash), or do without the pipe",
    };
    findings
        .report(
            commands[cause].place(),
            format!("when `{step}` fails the deploy goes on to `{release}`, and is reported as done"),
        )
        .help(help)
        .related(commands[end].place(), "it goes on to this")
        .anchor("deploy");
}

/// `script/down-before-up`
pub fn down_before_up(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let commands = script.commands(cx.model);
    let mut down: Option<(usize, ComposeCommand)> = None;
    for (at, command) in commands.iter().enumerate().filter(|(_, command)| command.touches_real_environment()) {
        let Some(stack) = compose(&command.invocation) else { continue };
        let same = |other: &ComposeCommand| {
            let texts = |files: &[Word]| files.iter().map(|file| file.text().to_owned()).collect::<Vec<_>>();
            texts(&other.files) == texts(&stack.files)
        };
        let stops = (stack.is("down") || stack.is("stop")) && stack.arguments.is_empty() && !stack.removes_volumes();
        if stops && !script.rolls_back(command, cx.model) {
            down = Some((at, stack));
        } else if stack.is("up")
            && let Some((from, _)) = down.take_if(|(_, other)| same(other))
        {
            let between: Vec<&Invocation> = commands[from + 1..at].iter().map(|command| &command.invocation).collect();
            if between.iter().any(|it| !belongs_to_deploy(it)) {
                continue;
            }
            let slow = stack.has_flag(&["--build"]) || between.iter().any(|it| it.prepares_release().is_some());
            let how_long = if slow { "while it builds or fetches" } else { "until the new containers serve" };
            let finding = findings.report(
                commands[from].place(),
                format!("the deploy takes the site down, and it stays down {how_long}"),
            );
            finding
                .help("leave it out: `docker compose up -d --remove-orphans` replaces what has changed; build and pull before it")
                .related(command.place(), "it comes up again here")
                .anchor("deploy");
            if !slow {
                finding.at_most(Severity::Note);
            }
        }
    }
}

/// Whether a command is part of a deploy, as opposed to work for which the site has to stand still.
fn belongs_to_deploy(invocation: &Invocation) -> bool {
    let docker_housekeeping = || {
        compose(invocation)
            .is_some_and(|it| ["build", "pull", "rm", "ps", "logs", "config"].iter().any(|name| it.is(name)))
            || docker(invocation).is_some_and(|it| it.name.ends_with("prune") || it.name == "login" || it.name == "rmi")
    };
    !invocation.does_something()
        || matches!(invocation.program.as_str(), "cd" | "source" | "." | "chmod" | "ls")
        || invocation.prepares_release().is_some_and(|step| step != "pg_dump" && step != "migrate")
        || docker_housekeeping()
}

/// A migration in a container that the same script has started.
struct Migrated<'m> {
    /// The name of the service, or what stands for it.
    service: &'m str,
    /// What starts it.
    start: &'m CommandUse,
    migration: &'m CommandUse,
    /// Whether the script gives the containers time in between.
    waits: bool,
}

/// The first migration of a script that runs in a container which the script has just started.
fn migrated<'m>(script: &'m ScriptUse, model: &'m Model) -> Option<Migrated<'m>> {
    let commands = script.commands(model);
    let real = || commands.iter().filter(|command| command.touches_real_environment());
    let migrates = |command: &&CommandUse| django(&command.invocation).is_some_and(|it| it.migrates());
    let migration = real().find(migrates).filter(|_| !script.is_start(model))?;
    let inside = migration.invocation.via.iter().find_map(|via| match &via.kind {
        WrapperKind::ContainerExec(service) => Some(service.text()),
        _ => None,
    })?;
    let named = model.deployments.iter().find_map(|deployment| {
        let service = deployment.service(inside).or_else(|| deployment.service_of_container(inside))?;
        Some(service.name.as_str())
    });
    let service = named.unwrap_or(inside);
    let starts = |command: &&CommandUse| {
        let stack = compose(&command.invocation).filter(|stack| stack.is("up") && !stack.has_flag(&["--no-start"]));
        stack.is_some_and(|it| it.arguments.is_empty() || it.arguments.iter().any(|name| name.text() == service))
    };
    let before = real().take_while(|command| command.invocation.span != migration.invocation.span);
    let start = before.filter(starts).filter(|command| !script.rolls_back(command, model)).last()?;
    let (from, to) = (start.invocation.span, migration.invocation.span);
    let mut between = commands.iter().map(|command| &command.invocation).filter(|it| it.span > from && it.span < to);
    let waits = compose(&start.invocation).is_some_and(|stack| stack.has_flag(&["--wait"]))
        || between
            .any(|it| it.tested || compose(it).is_none() && !matches!(it.program.as_str(), "echo" | "printf" | "cd"));
    is_web(service, model).then_some(Migrated { service, start, migration, waits })
}

/// `script/migrated-after-start`
pub fn migrated_after_start(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(Migrated { service, start, migration, .. }) = migrated(script, cx.model) else { return };
    if at_start(service, cx.model).is_some() {
        return;
    }
    let (of, name) = if service.contains('$') { (String::new(), "web") } else { (format!(" of `{service}`"), service) };
    findings
        .report(
            migration.place(),
            format!("`migrate` runs when the new containers{of} serve already, with the old tables"),
        )
        .help(format!(
            "migrate with the new image first: `docker compose run --rm {name} python manage.py migrate --noinput`, then `up`"
        ))
        .related(start.place(), "they are started here")
        .anchor("deploy");
}

/// `script/migrated-twice`
pub fn migrated_twice(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(Migrated { service, start, migration, waits }) = migrated(script, cx.model) else { return };
    let Some(own) = at_start(service, cx.model).filter(|own| own.likely() && !waits) else { return };
    findings
        .report(migration.place(), format!("`migrate` runs here while `{service}`, just started, runs it as well"))
        .help("take one of the two away; a container that migrates before it serves needs no step of the deploy")
        .related(start.place(), "the container is started here")
        .related(own.place(), "and migrates first")
        .anchor("deploy");
}

/// Whether nothing says that a service of this name does other things than to serve.
fn is_web(service: &str, model: &Model) -> bool {
    let mut known = model.deployments.iter().filter_map(|deployment| deployment.service(service)).peekable();
    known.peek().is_none() || known.any(|service| matches!(service.role, Role::Web | Role::Worker | Role::Other))
}

/// The migration with which each container of this name begins, before it serves.
fn at_start<'m>(service: &str, model: &'m Model) -> Option<&'m Run> {
    let real = model.deployments.iter().filter(|deployment| deployment.serves_real_users());
    real.filter_map(|deployment| deployment.service(service)).find_map(|service| service.process.migration())
}

/// `script/migration-without-backup`
pub fn migration_without_backup(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let commands = script.commands(cx.model);
    let migrates = |command: &&CommandUse| {
        command.touches_real_environment() && django(&command.invocation).is_some_and(|it| it.migrates())
    };
    let Some(migration) = commands.iter().find(migrates) else { return };
    let releases = commands.iter().any(|command| command.invocation.release().is_some());
    if !releases || script.is_start(cx.model) || !has_database_of_its_own(cx.model) || saves_data(script, cx.model) {
        return;
    }
    findings
        .report(migration.place(), "the deploy migrates the database, and nothing saves it before")
        .help("save it first: `docker compose exec -T db pg_dump -U app -Fc app > backups/$(date +%F-%H%M).dump`")
        .anchor("deploy");
}

/// Whether a script may save the database somewhere: by its own commands, by scripts that it calls and that are not
/// there to look into, or by another job of the same pipeline.
fn saves_data(script: &ScriptUse, model: &Model) -> bool {
    let saves = |script: &ScriptUse| script.commands(model).iter().any(|it| it.invocation.may_save_data());
    let in_pipeline = matches!(script.origin, Origin::Workflow { .. })
        && model.scripts.iter().any(|other| other.path == script.path && saves(other));
    let called = |command: &CommandUse| {
        let program = &command.invocation.program;
        program.ends_with(".sh") && {
            let mut named = model.scripts.iter().filter(|other| other.path.file_name() == program).peekable();
            named.peek().is_none() || named.any(saves)
        }
    };
    in_pipeline || saves(script) || script.commands(model).iter().any(called)
}

/// Whether the project looks after its database itself, so that nobody else takes snapshots, and nothing beside it does.
fn has_database_of_its_own(model: &Model) -> bool {
    let services = || {
        let real = model.deployments.iter().filter(|deployment| deployment.serves_real_users());
        real.flat_map(|deployment| &deployment.services)
    };
    let saves = |text: &str| text.contains("backup") || text.contains("barman");
    services().any(|service| service.role == Role::Database && !service.is_kept_by_platform())
        && !services()
            .any(|service| saves(&service.name) || service.image.as_ref().is_some_and(|image| saves(&image.text)))
}

/// `script/program-left-in-container`
pub fn program_left_in_container(script: &ScriptUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let left = script.left_in_containers(cx.model);
    let Some((first, others)) = left.split_first() else { return };
    let program = |it: &CommandUse| match django(&it.invocation) {
        Some(command) => format!("manage.py {}", command.name.value),
        None => it.invocation.program.clone(),
    };
    let more = match others.len() {
        0 => String::new(),
        more => format!(", and {more} more below"),
    };
    let (what, container) = (program(first.command), first.container.text());
    let finding = findings.report(
        first.command.place(),
        format!("`{what}` is started in the running container `{container}`, and ends with it for good{more}"),
    );
    finding
        .help("give each program a service of its own, with its `command` and `restart: unless-stopped`")
        .anchor("container");
    for other in others {
        finding.related(other.command.place(), format!("`{}`", program(other.command)));
    }
}

/// `script/makemigrations-on-deploy`
pub fn makemigrations_on_deploy(command: &CommandUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(made) = django(&command.invocation).filter(|made| made.name.value == "makemigrations") else { return };
    let only_looks = made.has_flag(&["--check", "--dry-run", "--help"]);
    if !only_looks && command.touches_real_environment() && !command.is_start(cx.model) {
        findings
            .report(command.place(), "new migrations are written on the server, where nobody commits them")
            .help("run `makemigrations` on a developer's machine, commit what it writes, and only `migrate` here")
            .anchor("deploy");
    }
}

/// `script/code-changed-in-container`
pub fn code_changed_in_container(command: &CommandUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if !command.touches_real_environment() || command.is_start(cx.model) {
        return;
    }
    let Some(what) = changes_code(&command.invocation) else { return };
    findings
        .report(
            command.place(),
            format!("`{what}` changes a running container, and the next `up` takes the change away"),
        )
        .help("build an image that has the change, and deploy that")
        .anchor("container")
        .evidence(what);
}

/// The words for what changes the code of a container that runs.
fn changes_code(invocation: &Invocation) -> Option<String> {
    if let Some(copied) = copied_into_container(invocation) {
        return Some(copied);
    }
    let inside = invocation.via.iter().any(|via| matches!(via.kind, WrapperKind::ContainerExec(_)));
    let second = invocation.words.get(1).map(Word::text);
    let changes = match (invocation.program.as_str(), second) {
        ("vi" | "vim" | "nano", _) => return inside.then(|| invocation.program.clone()),
        ("sed", Some(flag)) => flag.starts_with("-i"),
        ("git", Some(verb)) => matches!(verb, "pull" | "checkout" | "reset" | "merge"),
        ("pip" | "pip3" | "npm" | "apt" | "apt-get" | "poetry", Some(verb)) => verb == "install",
        ("apk", Some(verb)) => verb == "add",
        _ => false,
    };
    (inside && changes).then(|| format!("{} {}", invocation.program, second.unwrap_or_default()))
}

/// `docker cp app.py web:/app/`: code and templates, not a dump for the database.
fn copied_into_container(invocation: &Invocation) -> Option<String> {
    const CODE: [&str; 9] = [".py", ".html", ".js", ".css", ".po", ".mo", ".toml", ".cfg", "requirements.txt"];
    let (name, arguments) = match (compose(invocation), docker(invocation)) {
        (Some(compose), _) if compose.is("cp") => ("docker compose cp", compose.arguments),
        (_, Some(docker)) if docker.name == "cp" => ("docker cp", docker.arguments),
        _ => return None,
    };
    let [from, to] = arguments.as_slice() else { return None };
    let code = CODE.iter().any(|ending| from.text().ends_with(ending));
    (code && !from.text().contains(':') && to.text().contains(':')).then(|| name.to_owned())
}
