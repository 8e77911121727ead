//! Commands in their order: what a script, a recipe or a job of a pipeline does from its first line to its last.

mod detached;
pub mod shells;

use super::Model;
use super::command::{Invocation, Wrapper, WrapperKind, compose, django, docker, script_invocations};
use super::environment::Environment;
use super::evidence::named_in;
use super::usage::{CommandUse, Origin};
use crate::findings::Scope;
use crate::parse::shell::{self, Guard, Operator, ShellOption, Word};
use crate::parse::workflow::Step;
use crate::source::{RepoPath, Span};
use crate::tree::Snapshot;
pub use detached::LeftInContainer;
use shells::{Flow, Shell, Standing};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// A script, a recipe or a job, with the shells that run its commands. Those of Dockerfiles are none.
#[derive(Clone, Debug)]
pub struct ScriptUse {
    /// The file.
    pub path: RepoPath,
    /// What of the file it is.
    pub origin: Origin,
    /// The environments that it concerns; empty where it concerns none in particular.
    pub scope: Scope,
    /// Its commands: indices in [`Model::commands`].
    range: Range<usize>,
    /// The shells that run them.
    shells: Vec<Shell>,
    /// The variables that it gives a value, anywhere; `None` where others than it may give some (a recipe, a job, a
    /// script that sources another or that has an unset variable for an error).
    assigned: Option<BTreeSet<String>>,
}

impl ScriptUse {
    /// Its commands, in order.
    pub fn commands<'m>(&self, model: &'m Model) -> &'m [CommandUse] {
        model.commands.get(self.range.clone()).unwrap_or_default()
    }

    /// Its commands as they depend on each other.
    pub fn flow<'m>(&'m self, model: &'m Model) -> Flow<'m, CommandUse> {
        Flow { commands: self.commands(model), shells: &self.shells, handover: None }
    }

    /// Whether a variable is given no value in it, so that it is empty unless the caller sets it.
    pub fn leaves_unset(&self, name: &str) -> bool {
        self.assigned.as_ref().is_some_and(|assigned| !assigned.contains(name))
    }

    /// Whether a command stands in a function that undoes a deploy, by its name: the site is broken when that is called.
    pub fn rolls_back(&self, command: &CommandUse, model: &Model) -> bool {
        let parsed = (self.origin == Origin::Script).then(|| model.snapshot.script(&self.path).ok()).flatten();
        let function = command.invocation.function.zip(parsed.as_ref());
        function.and_then(|(at, parsed)| parsed.0.functions.get(at)).is_some_and(|function| {
            let name = function.name.value.to_ascii_lowercase();
            ["rollback", "roll_back", "revert", "restore"].iter().any(|word| name.contains(word))
        })
    }

    /// Whether a container starts with it, so that it is looked at there.
    pub fn is_start(&self, model: &Model) -> bool {
        is_start(&self.path, model)
    }
}

/// Whether a container of some deployment starts with the script `path`, or comes to it from its start.
fn is_start(path: &RepoPath, model: &Model) -> bool {
    let services = model.deployments.iter().flat_map(|deployment| &deployment.services);
    services.into_iter().any(|service| service.process.scripts.contains(path))
}

/// Puts commands, which come sorted by place, together to scripts, and tells each the shell that it stands in.
pub fn gather(snapshot: &Snapshot, commands: &mut [CommandUse]) -> Vec<ScriptUse> {
    let mut scripts = Vec::new();
    let mut start = 0;
    while start < commands.len() {
        let first = &commands[start];
        let (path, origin, scope) = (first.path.clone(), first.origin.clone(), first.scope.clone());
        let length = commands[start..].iter().take_while(|it| it.path == path && it.origin == origin).count();
        let range = start..start + length;
        start = range.end;
        tell_stacks(&mut commands[range.clone()]);
        if matches!(origin, Origin::Build { .. }) {
            continue;
        }
        let mut shells = Shells { snapshot, path: &path, origin: &origin, found: Vec::new(), known: HashMap::new() };
        commands[range.clone()].iter_mut().for_each(|command| shells.stand(command));
        let shells = shells.found;
        let assigned = if origin == Origin::Script { assigned(snapshot, &path) } else { None };
        scripts.push(ScriptUse { path, origin, scope, range, shells, assigned });
    }
    scripts
}

/// How many commands before one in a container the command is looked for that runs it there: it is listed first.
const MAX_BACK: usize = 50;

/// Tells the commands of a script the environment that the compose files of their stacks are named for.
fn tell_stacks(commands: &mut [CommandUse]) {
    for at in 0..commands.len() {
        let invocation = &commands[at].invocation;
        let by_files = compose(invocation).and_then(|compose| {
            compose.files.iter().rev().find_map(|file| named_in(&file.literal()?).map(|(environment, _)| environment))
        });
        let in_container =
            |via: &&Wrapper| matches!(via.kind, WrapperKind::ContainerExec(_) | WrapperKind::ContainerRun(_));
        let around = || {
            let via = invocation.via.iter().rfind(in_container)?;
            let mut before = commands[at.saturating_sub(MAX_BACK)..at].iter().rev();
            let part = commands[at].part;
            let runs = |it: &&CommandUse| it.part == part && it.invocation.words_span().start == via.span.start;
            before.find(runs)?.stack.clone()
        };
        commands[at].stack = by_files.or_else(around);
    }
}

/// The variables that the script `path` gives values, where all that are given are in sight.
fn assigned(snapshot: &Snapshot, path: &RepoPath) -> Option<BTreeSet<String>> {
    let parsed = snapshot.script(path).ok()?;
    let script = &parsed.0;
    let mut names = BTreeSet::new();
    for command in &script.commands {
        let name = command.name();
        if matches!(name.as_deref(), Some("." | "source" | "eval" | "getopts")) {
            return None;
        }
        names.extend(command.assignments.iter().map(|(name, _)| name.value.clone()));
        if matches!(name.as_deref(), Some("read" | "mapfile" | "printf" | "export" | "declare" | "local")) {
            names.extend(command.words[1..].iter().filter_map(Word::literal));
        }
        for word in &command.words {
            let assigns = |operator: &Operator| matches!(operator, Operator::Assign { .. } | Operator::Require { .. });
            let parameters = word.parameters().into_iter();
            names.extend(parameters.filter(|it| it.operator.as_ref().is_some_and(assigns)).map(|it| it.name.clone()));
        }
        // What a condition asks for was thought of: `[ -z "$DIR" ] && exit 1`.
        let asked = command.guards.iter().filter_map(Guard::condition).flat_map(|condition| condition.words());
        names.extend(asked.flat_map(|word| word.parameters()).map(|parameter| parameter.name.clone()));
        names.extend(command.guards.iter().filter_map(|guard| match guard {
            Guard::For { variable, .. } => Some(variable.clone()),
            _ => None,
        }));
    }
    script.options.on(ShellOption::Nounset).is_none().then_some(names)
}

/// The shells of a script as they come up.
struct Shells<'a> {
    snapshot: &'a Snapshot,
    path: &'a RepoPath,
    origin: &'a Origin,
    found: Vec<Shell>,
    /// The shells of parts of the file, and of texts inside of them.
    known: HashMap<(usize, Option<Span>), usize>,
}

impl Shells<'_> {
    fn stand(&mut self, command: &mut CommandUse) {
        let part = command.part;
        let mut shell = self.shell(part, None, || None);
        for via in &command.invocation.via {
            if self.is_text(via, &command.invocation) {
                let (program, span) = (via.program.clone(), via.span);
                shell = self.shell(part, Some(span), || Some((shell, program, command.invocation.words_span())));
            }
        }
        let state = &mut self.found[shell];
        command.standing = Standing { shell: Some(shell), errexit: state.errexit, pipefail: state.pipefail };
        state.take_in(&command.invocation);
    }

    /// Whether a wrapper is a shell that reads a text, here or on another machine.
    fn is_text(&self, via: &Wrapper, invocation: &Invocation) -> bool {
        let own = invocation.words_span();
        let holds = via.span.start <= own.start && own.end <= via.span.end;
        match via.kind {
            WrapperKind::Host(_) => true,
            // A here-document stands behind its shell, as a script that it is given does; that has a name of a file.
            WrapperKind::Shell => holds || !invocation.program.ends_with("sh"),
            _ => false,
        }
    }

    /// The shell of a part of the file, or of a text in it; a new one where it was not met before.
    fn shell(
        &mut self,
        part: usize,
        text: Option<Span>,
        inside: impl FnOnce() -> Option<(usize, String, Span)>,
    ) -> usize {
        if let Some(shell) = self.known.get(&(part, text)) {
            return *shell;
        }
        let shell = match (text, inside()) {
            (Some(span), Some((parent, program, words))) => {
                Shell { parent: Some(parent), errexit: self.stops_by_itself(&program, span, words), ..Shell::default() }
            }
            _ => self.of_part(),
        };
        self.found.push(shell);
        self.known.insert((part, text), self.found.len() - 1);
        self.found.len() - 1
    }

    /// The shell that the whole file, a line of a recipe or a step has.
    fn of_part(&self) -> Shell {
        match self.origin {
            // Runners of GitHub and GitLab start theirs with `-e`.
            Origin::Workflow { .. } => Shell { errexit: true, ..Shell::default() },
            Origin::Script => {
                let options = self.snapshot.script(self.path).ok();
                let switches = options.iter().flat_map(|parsed| &parsed.0.options.switches);
                let mut by_shebang = switches.filter(|switch| switch.command.is_none() && switch.on);
                let errexit = by_shebang.any(|switch| switch.option == ShellOption::Errexit);
                Shell { script: Some(self.path.clone()), errexit, ..Shell::default() }
            }
            _ => Shell::default(),
        }
    }

    /// Whether the shell of a text stops at failures from its first line on, as far as its own words say.
    fn stops_by_itself(&self, program: &str, span: Span, words: Span) -> bool {
        if program == SSH_ACTION {
            return self.action_stops(span);
        }
        let Ok(source) = self.snapshot.source(self.path) else { return true };
        let end = if words.start > span.start && words.start < span.end { words.start } else { span.end };
        let text = source.text.get(span.start as usize..end as usize).unwrap_or_default();
        let mut words =
            text.split_ascii_whitespace().skip_while(|word| !word.trim_matches(['"', '\'']).ends_with("sh"));
        words.any(|word| {
            let letters = word.trim_matches(['"', '\'', ',']).strip_prefix('-').unwrap_or_default();
            letters == "errexit" || (letters.len() <= 5 && letters.contains('e') && !letters.starts_with('-'))
        }) && program != "ssh"
    }

    /// Whether a step of `ssh-action` is told to stop at the first failure (`script_stop`).
    fn action_stops(&self, uses: Span) -> bool {
        let Ok(parsed) = self.snapshot.workflow(self.path) else { return true };
        let mut steps = parsed.0.jobs.iter().flat_map(|job| &job.steps);
        let step = steps.find(|step| step.uses.as_ref().is_some_and(|name| name.span == uses));
        let stop = step.and_then(|step| step.with.iter().find(|pair| pair.name.value == "script_stop"));
        stop.is_some_and(|pair| pair.value.text() != "false")
    }
}

/// How the wrapper of a script is called that an action sends to a server.
const SSH_ACTION: &str = "ssh-action";

/// The commands that a step sends to a server, where it uses an action that does.
pub fn sent_by_action(step: &Step) -> Option<Vec<Invocation>> {
    let uses = step.uses.as_ref()?;
    let action = uses.value.split('@').next()?;
    if !action.ends_with("/ssh-action") && !action.ends_with("/ssh-remote-commands") {
        return None;
    }
    let script = step.with.iter().find(|pair| pair.name.value == "script")?;
    let host = Word::of_text("server", uses.span);
    let via = Wrapper { program: SSH_ACTION.to_owned(), kind: WrapperKind::Host(host), span: uses.span };
    let mut invocations = script_invocations(&shell::parse(&script.value).0);
    invocations.iter_mut().for_each(|invocation| invocation.via.insert(0, via.clone()));
    Some(invocations)
}

impl CommandUse {
    /// Whether it can meet real data and real users: it says so by its own compose files, by the name of its script,
    /// target or job, or by running on a server. What a pipeline's own machine has made is neither.
    pub fn touches_real_environment(&self) -> bool {
        let on_server = self.invocation.host().is_some();
        match (&self.stack, &self.origin) {
            (Some(environment), _) if !environment.serves_real_users() => false,
            (_, Origin::Workflow { .. }) => on_server,
            (_, Origin::Build { .. }) => false,
            (Some(_), _) => true,
            (None, _) => on_server || self.scope.environments.iter().any(Environment::serves_real_users),
        }
    }

    /// Whether a container of some deployment starts with the script that it stands in.
    pub fn is_start(&self, model: &Model) -> bool {
        self.origin == Origin::Script && is_start(&self.path, model)
    }
}

impl Invocation {
    /// The words for it where it puts a new release into service: `docker compose up`, `systemctl restart`.
    pub fn release(&self) -> Option<String> {
        if let Some(compose) = compose(self) {
            return compose.is("up").then(|| "docker compose up".to_owned());
        }
        if let Some(docker) = docker(self) {
            return matches!(docker.name.as_str(), "stack deploy" | "service update")
                .then(|| format!("docker {}", docker.name));
        }
        let second = self.words.get(1).map(Word::text);
        match (self.program.as_str(), second) {
            ("systemctl" | "supervisorctl", Some(verb @ ("restart" | "reload"))) => {
                Some(format!("{} {verb}", self.program))
            }
            ("service", _) if self.words.get(2).is_some_and(|word| word.is("restart")) => {
                Some("service restart".to_owned())
            }
            _ => None,
        }
    }

    /// The words for it where a release is made from what it does: code is fetched, an image is built or fetched, the
    /// database is migrated, tests are run.
    pub fn prepares_release(&self) -> Option<String> {
        if let Some(compose) = compose(self) {
            let name = compose.subcommand.as_ref()?.value.as_str();
            return matches!(name, "build" | "pull").then(|| format!("docker compose {name}"));
        }
        if let Some(docker) = docker(self) {
            return matches!(docker.name.as_str(), "build" | "pull").then(|| format!("docker {}", docker.name));
        }
        if let Some(command) = django(self) {
            let name = command.name.value.as_str();
            return (command.migrates() || matches!(name, "test" | "collectstatic")).then(|| name.to_owned());
        }
        match (self.program.as_str(), self.words.get(1).map(Word::text)) {
            ("git", Some(verb @ ("pull" | "fetch" | "reset" | "checkout" | "merge" | "clone"))) => {
                Some(format!("git {verb}"))
            }
            ("pytest" | "pg_dump", _) => Some(self.program.clone()),
            ("pip" | "pip3" | "npm" | "yarn" | "poetry", Some(verb @ ("install" | "ci" | "run"))) => {
                Some(format!("{} {verb}", self.program))
            }
            _ => None,
        }
    }

    /// Whether it may save data, by its words: `pg_dump`, `./backup.sh`, `aws rds create-db-snapshot`.
    pub fn may_save_data(&self) -> bool {
        const WORDS: [&str; 9] =
            ["backup", "dump", "snapshot", "restic", "borg", "wal-g", "barman", "pgbackrest", "rsync"];
        let text = self.text().to_ascii_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    }
}
