use crate::findings::{Findings, Severity};
use crate::project::command::{ServerKind, WrapperKind, app_server, django};
use crate::project::deployment::Service;
use crate::project::process::Run;
use crate::project::script::shells::Unnoticed;
use crate::rules::Cx;
use crate::source::{Place, Span};
use std::collections::BTreeMap;

/// So many steps of a start are looked at: each is compared with all commands.
const MAX_STEPS: usize = 100;

/// `script/failed-step-ignored`
pub fn failed_step_ignored(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // A platform goes on with the release by the status of its last command.
    let is_release = service.compose.is_none() && service.build.is_none() && service.name == "release";
    let released = || service.process.runs.len().checked_sub(1).filter(|_| is_release);
    let end = service.process.server().or(service.process.handover).or_else(released);
    let Some(server) = end else { return };
    let flow = service.process.flow();
    let mut ignored: BTreeMap<_, (usize, Vec<String>)> = BTreeMap::new();
    let steps = service
        .process
        .management_commands()
        .filter(|(at, _, command)| *at < server && (command.migrates() || command.name.value == "collectstatic"));
    for (at, _, command) in steps.take(MAX_STEPS) {
        let Some((cause, why)) = flow.goes_on(at, server) else { continue };
        let entry = ignored.entry((&service.process.runs[cause].path, why)).or_insert((cause, Vec::new()));
        if !entry.1.contains(&command.name.value) {
            entry.1.push(command.name.value);
        }
    }
    for ((path, why), (cause, steps)) in ignored {
        let run = &service.process.runs[cause];
        let goes_on = match service.process.server() {
            Some(_) => "the server is started",
            None if is_release => "the release goes on",
            None => "the container goes on",
        };
        let steps = steps.iter().map(|step| format!("`{step}`")).collect::<Vec<_>>().join(" or ");
        let (message, help) = match why {
            Unnoticed::NoErrexit => (
                format!("{goes_on} even when {steps} fails: nothing makes the shell stop"),
                "write `set -e` before the steps; in a one-line command join them with `&&`",
            ),
            Unnoticed::OnPurpose => (
                format!("the failure of {steps} is thrown away, and {goes_on}"),
                "take away what follows `||`, so that the container stops and the deploy is seen to fail",
            ),
            Unnoticed::LeftOfAnd => (
                format!("{goes_on} even when {steps} fails: `set -e` does not look at what stands left of `&&`"),
                "write the steps on lines of their own under `set -e`, or put the server at the end of the chain",
            ),
            Unnoticed::Piped => (
                format!("{goes_on} even when {steps} fails: only the end of a pipe counts"),
                "write `set -o pipefail` (bash), or do without the pipe",
            ),
        };
        findings
            .report(run.place(), message)
            .help(help)
            .trail(&run.trail)
            .related(service.process.runs[server].place(), "what it goes on to")
            .anchor(format!("start by {path}"))
            .evidence(format!("{why:?}"));
    }
}

/// `script/server-without-exec`
pub fn server_without_exec(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let process = &service.process;
    // Platforms signal all processes of theirs.
    let on_platform = (service.compose.is_none() && service.build.is_none())
        || service.platform.as_ref().is_some_and(|platform| platform.vendor.signals_all());
    let Some(server) = process.server().filter(|_| !process.signals_all && !on_platform) else { return };
    let run = &process.runs[server];
    if app_server(&run.invocation).is_some_and(|server| server.kind == ServerKind::Runserver) {
        return;
    }
    let Some(cause) = process.flow().shell_stays(server) else { return };
    let cause = &process.runs[cause];
    // What is written first: `uv run gunicorn` is what `exec` goes before.
    let wrapper = cause.invocation.via.iter().find(|it| !matches!(it.kind, WrapperKind::Shell));
    let line = match wrapper.map_or(cause.invocation.program.as_str(), |it| it.program.as_str()) {
        "" => "exec \"$@\"".to_owned(),
        program => format!("exec {program} …"),
    };
    findings
        .report(
            cause.place(),
            format!("a shell stays in front of {}, and keeps SIGTERM from it", run.invocation.program),
        )
        .help(format!("write `{line}`"))
        .trail(&cause.trail)
        // Scripts of one project are written alike: one habit, mended everywhere.
        .anchor("server")
        .across_files();
}

/// `script/step-after-server`
pub fn step_after_server(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((server, later)) = service.process.never_reached() else { return };
    let (server, later) = (&service.process.runs[server], &service.process.runs[later]);
    let named = |run: &Run| match django(&run.invocation) {
        Some(command) => command.name.value,
        None => run.invocation.program.clone(),
    };
    let (before, what) = (named(server), named(later));
    findings
        .report(later.place(), format!("`{what}` never runs: `{before}` before it stays in the foreground"))
        .help("move what is done once before the server, and give each program that stays a service of its own")
        .trail(&later.trail)
        .related(server.place(), "the shell stays here")
        .anchor("server")
        .evidence(what);
}

/// `script/makemigrations-at-start`
pub fn makemigrations_at_start(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (_, run, command) in service.process.management_commands() {
        if command.name.value == "makemigrations" && !command.has_flag(&["--check", "--dry-run", "--help"]) {
            findings
                .report(run.place(), format!("`{}` writes new migrations each time it starts", service.name))
                .help("run `makemigrations` on a developer's machine, commit what it writes, and only `migrate` here")
                .trail(&run.trail)
                .anchor("start");
        }
    }
}

/// `script/wait-without-limit`
pub fn wait_without_limit(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // What Compose has waited for is there when the loop begins.
    let awaited: Vec<&str> = service.starts_after().collect();
    let is_there = |run: &Run| {
        run.invocation.arguments().iter().any(|word| {
            let text = word.expand(&service.process.variables);
            text.likely().is_some_and(|text| awaited.contains(&text.split(':').next().unwrap_or(text)))
        })
    };
    for run in service.process.endless_waits().into_iter().filter(|run| !is_there(run)) {
        let what = if run.invocation.program.is_empty() { "a command" } else { &run.invocation.program };
        findings
            .report(run.place(), format!("the start waits for `{what}` to succeed, for ever if need be"))
            .help("count the attempts and `exit 1` after some, or wait with `depends_on` and `condition: service_healthy`")
            .trail(&run.trail)
            .anchor("wait");
    }
}

/// `script/collectstatic-asks`
pub fn collectstatic_asks(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let process = &service.process;
    let asks = |run: &Run| {
        let fed = run.invocation.pipeline.is_some_and(|position| position.index > 0);
        !fed && run.invocation.redirects.iter().all(|redirect| !redirect.kind.is_input())
    };
    for (at, run, command) in process.management_commands() {
        let silent = command.is_unattended() || command.has_flag(&["--help"]);
        if command.name.value != "collectstatic" || silent || !asks(run) {
            continue;
        }
        let stops = process.server().is_some_and(|server| at < server && process.flow().goes_on(at, server).is_none());
        let outcome = if stops { "and the server is not started" } else { "and the files stay as they were" };
        let finding = findings.report(
            run.place(),
            format!("`collectstatic` asks before it writes over files; nobody answers, {outcome}"),
        );
        finding.help("add `--noinput`").trail(&run.trail).anchor("collectstatic");
        if !stops {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `script/fixtures-loaded-at-start`
pub fn fixtures_loaded_at_start(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (_, run, command) in service.process.management_commands() {
        if command.name.value == "loaddata" {
            findings
                .report(run.place(), format!("`loaddata` writes over rows each time `{}` starts", service.name))
                .help("load data that every installation needs in a migration, and the rest by hand, once")
                .trail(&run.trail)
                .anchor("start");
        }
    }
}

/// `script/windows-line-endings`
pub fn windows_line_endings(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for script in service.process.starts.iter().filter(|script| script.happens.likely() == Some(&true)) {
        let Some(place) = cx.model.windows_line(service, script) else { continue };
        let outcome = match script.executed {
            true => "so that the program of its shebang is not found",
            false => "so that a carriage return is part of its last words",
        };
        findings
            .report(place, format!("`{}` has Windows line endings, {outcome}", script.file))
            .help("write `*.sh text eol=lf` into `.gitattributes`, then `git add --renormalize .`")
            .related(script.place.clone(), "it is started here")
            .anchor("line endings");
    }
}

/// `script/superuser-with-known-password`
pub fn superuser_with_known_password(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for run in service.process.runs.iter().filter(|run| run.likely()) {
        let makes = |text: &str| text.contains("create_superuser(");
        let documents = run.invocation.redirects.iter().filter_map(|redirect| redirect.document.as_ref());
        let documents = documents.filter(|document| makes(document.body.text())).map(|document| document.body.span());
        let own = makes(&run.invocation.text()).then_some(run.invocation.span);
        let texts: Vec<Span> = documents.chain(own).collect();
        if texts.is_empty() {
            continue;
        }
        let mut passwords = cx.model.superuser_passwords(&run.path).into_iter();
        let Some(password) =
            passwords.find(|span| texts.iter().any(|text| text.start <= span.start && span.end <= text.end))
        else {
            continue;
        };
        findings
            .report(
                Place::new(run.path.clone(), password),
                "a superuser is made at start, with a password that everybody can read here",
            )
            .help("run `createsuperuser --noinput` with `DJANGO_SUPERUSER_PASSWORD` from a secret, once, by hand; change this password")
            .trail(&run.trail)
            .anchor("superuser");
    }
}
