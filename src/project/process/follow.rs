//! Following what a container is told to run to what it really runs.

use super::start::{Called, called, flags_of_shell, is_shell, shell_of, signals_all};
use super::{Container, EntrypointScript, Process, Run, StartedScript, supervised};
use crate::parse::dockerfile::{CommandForm, plain_words};
use crate::parse::platform;
use crate::parse::shell::{self, Command, Guard, Script, Word, WordPart};
use crate::parse::uwsgi;
use crate::project::command::{
    Handover, Invocation, ServerKind, Uwsgi, WrapperKind, app_server, entrypoint, execute, from_fragments, invocations,
};
use crate::project::compose;
use crate::project::environment::Variables;
use crate::project::image::{Image, PlacedCommand};
use crate::project::script::shells::{self, Shell, Standing};
use crate::project::secrecy::names_secret;
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Fragment, Place, RepoPath, Span};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Scripts that call scripts are followed so deep.
const MAX_DEPTH: usize = 8;
/// The most commands of one container.
const MAX_RUNS: usize = 1000;

/// What is started, before anything is followed.
struct Start {
    path: RepoPath,
    place: Place,
    what: StartForm,
}

enum StartForm {
    /// These words, without a shell.
    Words(Vec<Fragment>),
    /// This text, by a shell.
    Shell(Fragment),
}

/// Follows a compose service, or an image alone.
pub fn follow(container: &Container<'_>, service: Option<&compose::Service>, variables: Variables) -> Process {
    let mut follower = Follower::new(container, variables);
    let (entrypoint, command) = starts(container, service);
    if entrypoint.is_none() && command.is_none() {
        follower.process.maybe_more = Some(Reason::Unsupported("the command of the image".to_owned()));
    }
    follower.start(entrypoint, command);
    let other_shell =
        |image: &Image| [&image.entrypoint, &image.cmd].into_iter().flatten().any(|placed| !placed.is_read_by_bourne());
    if follower.process.runs.is_empty() && container.image.is_some_and(other_shell) {
        follower.process.maybe_more = Some(Reason::Unsupported("text for another shell".to_owned()));
    }
    follower.finished()
}

/// Follows what a platform starts in a container: what its manifest says, else what the image says.
pub fn follow_platform(
    container: &Container<'_>,
    path: &RepoPath,
    start: Option<&platform::Start>,
    variables: Variables,
) -> Process {
    let Some(start) = start else { return follow(container, None, variables) };
    let mut follower = Follower::new(container, variables);
    let (span, what) = match &start.command {
        platform::Command::Shell(line) => (line.span(), StartForm::Shell(line.clone())),
        platform::Command::Line(line) => (line.span(), of_line(line)),
        platform::Command::Words(words) => {
            let span = words.first().zip(words.last()).map(|(first, last)| first.span().to(last.span()));
            (span.unwrap_or_default(), StartForm::Words(words.clone()))
        }
    };
    let command = Start { path: path.clone(), place: Place::new(path.clone(), span), what };
    let entrypoint = container.image.and_then(|image| image.entrypoint.as_ref()).filter(|_| start.keeps_entrypoint);
    follower.start(entrypoint.map(of_image), Some(command));
    follower.finished()
}

/// Follows a script that a container starts with, whatever it is given to go on with.
pub fn follow_script(container: &Container<'_>, path: &RepoPath, variables: Variables) -> Process {
    let mut follower = Follower::new(container, variables);
    let name = Fragment::opaque(format!("./{path}"), Span::default());
    let start = Start { path: path.clone(), place: Place::start_of(path.clone()), what: StartForm::Words(vec![name]) };
    follower.start(Some(start), None);
    follower.finished()
}

/// The entrypoint and the command that hold: an entrypoint of compose takes the image's command away.
fn starts(container: &Container<'_>, service: Option<&compose::Service>) -> (Option<Start>, Option<Start>) {
    let of_image = |placed: &Option<PlacedCommand>| placed.as_ref().map(of_image);
    let entrypoint = service.and_then(|service| service.entrypoint.as_ref());
    let command = service.and_then(|service| service.command.as_ref()).map(of_compose);
    let image = container.image;
    match entrypoint {
        Some(placed) => (Some(of_compose(placed)), command),
        None => (
            image.and_then(|image| of_image(&image.entrypoint)),
            command.or_else(|| image.and_then(|image| of_image(&image.cmd))),
        ),
    }
}

fn of_image(placed: &PlacedCommand) -> Start {
    let what = match &placed.form {
        CommandForm::Exec(words) => StartForm::Words(words.clone()),
        // No Bourne shell reads it; what means the same to all is understood.
        CommandForm::Shell(text) if !placed.is_read_by_bourne() => {
            StartForm::Words(plain_words(text).unwrap_or_default())
        }
        CommandForm::Shell(text) => StartForm::Shell(text.clone()),
        CommandForm::Heredoc { command, .. } => StartForm::Shell(command.clone()),
    };
    Start { path: placed.place.path.clone(), place: placed.place.clone(), what }
}

fn of_compose(placed: &compose::Placed<compose::Command>) -> Start {
    let what = match &placed.value {
        compose::Command::Words(words) => StartForm::Words(words.iter().map(|word| word.text.clone()).collect()),
        compose::Command::Line(line) => of_line(&line.text),
    };
    Start { path: placed.place.path.clone(), place: placed.place.clone(), what }
}

/// A line that is split into words as a shell would. No shell reads it: a line break parts words like any blank.
fn of_line(line: &Fragment) -> StartForm {
    let line = line.on_one_line();
    match shell::parse(&line).0.commands.as_slice() {
        [command] if command.assignments.is_empty() => {
            StartForm::Words(command.words.iter().map(shell::Word::script).collect())
        }
        // `a && b` starts `a` with odd arguments; what was meant is what is looked at.
        _ => StartForm::Shell(line),
    }
}

struct Follower<'a> {
    container: &'a Container<'a>,
    process: Process,
    /// The scripts that are being followed, outermost first.
    open: Vec<RepoPath>,
    /// The variables that the script keeps to itself.
    kept: Arc<BTreeSet<String>>,
}

/// How the follower came to what it looks at.
#[derive(Clone)]
struct Way {
    /// The file.
    path: RepoPath,
    /// Whether what comes before lets it run.
    happens: Value<bool>,
    trail: Vec<Step>,
    /// Whether it is the container's own command, as opposed to what an entrypoint script does before.
    main: bool,
    /// The shell that it runs in.
    shell: Option<usize>,
}

impl<'a> Follower<'a> {
    fn new(container: &'a Container<'a>, variables: Variables) -> Self {
        Self { container, process: Process { variables, ..Process::default() }, open: Vec::new(), kept: Arc::default() }
    }

    fn finished(mut self) -> Process {
        self.leave_shell();
        self.process
    }

    /// A program that a script starts sees nothing of what the script keeps to itself.
    fn leave_shell(&mut self) {
        let Variables { set, open } = &mut self.process.variables;
        for name in std::mem::take(&mut self.kept).iter() {
            if let (Some(_), Some(opening)) = (set.remove(name), &open) {
                set.insert(name.clone(), Traced::new(Value::Unknown(opening.reason.clone()), Vec::new()));
            }
        }
    }

    fn start(&mut self, entrypoint: Option<Start>, command: Option<Start>) {
        let Some(entry) = entrypoint else {
            if let Some(command) = command {
                self.process.signals_all |= signals_all(&command.script());
                self.run_start(&command, true);
            }
            return;
        };
        self.process.signals_all = signals_all(&entry.script());
        if let Some((script, called)) = self.entrypoint_script(&entry) {
            let way = entry.way(false);
            let arguments = command.as_ref().map(Start::arguments).unwrap_or_default();
            if let Some(goes_on) = self.script(&script, &way, &arguments, called) {
                if goes_on {
                    let stays = self.process.runs.iter().any(Run::is_server);
                    if command.is_none() && !stays {
                        self.process.ends_at_once = self.process.scripts.first().cloned();
                    }
                    self.process.handover = self
                        .process
                        .runs
                        .iter()
                        .rposition(|run| run.invocation.words.first().is_some_and(is_all_arguments));
                    self.start(None, command);
                }
                return;
            }
        }
        match (&entry.what, command) {
            (StartForm::Words(words), Some(Start { what: StartForm::Words(arguments), path, place }))
                if !names_script(words) =>
            {
                // The command is nothing but arguments: `ENTRYPOINT ["python", "manage.py"]`, `["tini", "--"]`.
                let joined = words.iter().chain(&arguments).cloned().collect();
                self.run_start(&Start { path, place, what: StartForm::Words(joined) }, true);
            }
            (_, command) => {
                self.run_start(&entry, command.is_none());
                // A script from elsewhere mostly ends in what it is given; a shell's line never does.
                if !matches!(entry.what, StartForm::Shell(_)) {
                    self.start(None, command);
                }
            }
        }
    }

    fn run_start(&mut self, start: &Start, main: bool) {
        self.leave_shell();
        let mut way = start.way(main);
        if matches!(start.what, StartForm::Shell(_)) {
            way.shell = Some(self.new_shell(Shell::default()));
        }
        self.run(&start.script(), &way);
    }

    fn new_shell(&mut self, shell: Shell) -> usize {
        self.process.shells.push(shell);
        self.process.shells.len() - 1
    }

    /// The repository's script that an entrypoint names, noted as the process's entrypoint.
    fn entrypoint_script(&mut self, entry: &Start) -> Option<(RepoPath, Called)> {
        let script = entry.script();
        let [command] = script.commands.as_slice() else { return None };
        let invocation = invocations(command).into_iter().next()?;
        let name = script_name(&invocation)?;
        let container_path = self.container.absolute(&name);
        let executed = command.name().is_none_or(|name| !is_shell(name.rsplit('/').next().unwrap_or(&name)));
        let source = self.container.image_file(&container_path);
        self.process.entrypoint =
            Some(EntrypointScript { container_path, source, place: entry.place.clone(), executed });
        let called = called(&invocation, command, name, entry.place.clone(), None);
        Some((self.container.script(&called.name)?, called))
    }

    /// Notes the commands of a script and follows the scripts that they name.
    fn run(&mut self, script: &Script, way: &Way) {
        let finds = |name: &str| {
            let path = self.container.script(name)?;
            Some((path.clone(), self.container.snapshot.script(&path).ok()?.0.clone()))
        };
        for execution in execute(script, &self.process.variables.clone(), &self.kept, &way.path, &finds) {
            let Some(command) = script.commands.get(execution.command) else { continue };
            self.process.variables = (*execution.variables).clone();
            self.kept = execution.kept.clone();
            let runs = both(&way.happens, &execution.runs);
            if let Some(shell) = way.shell {
                self.process.shells[shell].keeps_status |=
                    command.assignments.iter().any(|(_, value)| shells::reads_status(value));
            }
            let mut texts = Vec::new();
            let command = &*filled_in(command, &execution.variables, &way.path);
            for invocation in invocations(command) {
                // What runs on another machine or in another container is no part of this one.
                if invocation.host().is_some() || invocation.container().is_some() {
                    continue;
                }
                if self.process.runs.len() >= MAX_RUNS {
                    self.process.maybe_more = Some(Reason::Limit("commands".to_owned()));
                    return;
                }
                // Guards of its own beyond the command's stand in a script that the command is given: `sh -c "a && b"`.
                let inner = invocation.guards.get(command.guards.len()..).unwrap_or_default();
                let happens = inner
                    .iter()
                    .fold(runs.clone(), |before, guard| both(&before, &passes(guard, &execution.variables)));
                if let Some((path, lines)) = supervised::commands(self.container, &invocation, &execution.variables) {
                    let way = Way { path, happens: happens.clone(), shell: None, ..way.clone() };
                    self.process.supervised.push(way.path.clone());
                    if supervised::reads_procfile(&invocation) {
                        // Each process is given a port of its own, unless there is one.
                        let given = Traced::new(Value::Unknown(Reason::OutsideVariable("PORT".to_owned())), Vec::new());
                        self.process.variables.set.entry("PORT".to_owned()).or_insert(given);
                    }
                    lines.iter().for_each(|line| self.run(&shell::parse(line).0, &way));
                } else if supervised::reads_procfile(&invocation) {
                    self.process.maybe_more = Some(Reason::Unsupported("the Procfile".to_owned()));
                }
                let standing = self.standing(&invocation, command, way.shell, &mut texts);
                let place = Place::new(way.path.clone(), invocation.words_span());
                let index = self.process.runs.len();
                let named = script_name(&invocation).and_then(|name| {
                    let script = self.container.script(&name)?;
                    Some((script, called(&invocation, command, name, place.clone(), Some(index))))
                });
                let next = named.map(|(script, called)| {
                    let mut way = Way { happens: happens.clone(), ..way.clone() };
                    way.trail.push(Step::new(place, Act::Runs(script.as_str().to_owned())));
                    let arguments =
                        invocation.arguments().iter().map(|word| word.expand(&execution.variables)).collect::<Vec<_>>();
                    way.shell = standing.shell;
                    (script, way, arguments, called)
                });
                let (path, trail, main) = (way.path.clone(), way.trail.clone(), way.main);
                let python_file = self.python_file(&invocation);
                let uwsgi = self.uwsgi(&invocation, &path);
                let by_itself = app_server(&invocation).filter(|server| server.kind == ServerKind::Gunicorn);
                let gunicorn_conf = by_itself.and_then(|_| self.container.script("gunicorn.conf.py"));
                let run = Run { path, invocation, happens, trail, main, standing, python_file, uwsgi, gunicorn_conf };
                self.process.runs.push(run);
                if let Some((script, way, arguments, called)) = next {
                    self.script(&script, &way, &arguments, called);
                }
            }
        }
    }

    /// The shell that an invocation of `command` runs in, and what holds there. `texts` are those of `sh -c` that were
    /// met in the command before.
    fn standing(
        &mut self,
        invocation: &Invocation,
        command: &Command,
        outer: Option<usize>,
        texts: &mut Vec<(Span, usize)>,
    ) -> Standing {
        let mut shell = outer;
        for via in invocation.via.iter().filter(|via| matches!(via.kind, WrapperKind::Shell | WrapperKind::User(_))) {
            let own = invocation.words_span();
            let holds = via.span.start <= own.start && own.end <= via.span.end;
            if !holds {
                continue;
            }
            let known = texts.iter().find(|(span, _)| *span == via.span).map(|(_, shell)| *shell);
            let inner = known.unwrap_or_else(|| {
                let mut inner = Shell { parent: shell, ..Shell::default() };
                inner.switch(&flags_of_shell(command));
                self.new_shell(inner)
            });
            if known.is_none() {
                texts.push((via.span, inner));
            }
            shell = Some(inner);
        }
        let Some(index) = shell else { return Standing::default() };
        let state = &mut self.process.shells[index];
        let standing = Standing { shell, errexit: state.errexit, pipefail: state.pipefail };
        state.take_in(invocation);
        standing
    }

    /// The file of the repository that an invocation gives to Python.
    fn python_file(&self, invocation: &Invocation) -> Option<RepoPath> {
        let by_python = invocation.via.last().is_some_and(|via| via.kind == WrapperKind::Python { module: false });
        let name = invocation.words.first().filter(|_| by_python)?.literal()?;
        self.container.script(&name).filter(|file| file.extension() == Some("py"))
    }

    /// What uWSGI is told where `invocation`, of the file `path`, runs it.
    fn uwsgi(&self, invocation: &Invocation, path: &RepoPath) -> Option<Uwsgi> {
        let server = app_server(invocation).filter(|server| server.kind == ServerKind::Uwsgi)?;
        let named =
            server.config.as_ref().and_then(|word| word.literal()).and_then(|name| self.container.script(&name));
        let read = named.and_then(|file| {
            let text = &self.container.snapshot.source(&file).ok()?.text;
            let yaml = matches!(file.extension(), Some("yaml" | "yml"));
            let known = yaml || file.extension() == Some("ini");
            known.then(|| (uwsgi::parse(text, yaml), file.clone()))
        });
        let place = Place::new(path.clone(), invocation.words_span());
        Uwsgi::of(&server, &place, read.as_ref().map(|(options, file)| (file, options)))
    }

    /// Follows a script of the repository with its arguments. Whether it goes on to them; `None` where it cannot be
    /// followed.
    fn script(&mut self, path: &RepoPath, way: &Way, arguments: &[Value<String>], called: Called) -> Option<bool> {
        let other_language = matches!(path.extension(), Some("py" | "js" | "mjs" | "ts" | "rb" | "pl" | "php"));
        if other_language || self.open.len() >= MAX_DEPTH || self.open.contains(path) {
            return None;
        }
        let parsed = self.container.snapshot.script(path).ok()?;
        let script = &parsed.0;
        if script.interpreter().is_some_and(|interpreter| !is_shell(interpreter)) {
            return None;
        }
        if !called.sourced {
            self.leave_shell();
        }
        let outer = self.give(arguments);
        self.open.push(path.clone());
        let shell = if called.sourced { way.shell } else { Some(self.new_shell(shell_of(path, script, &called))) };
        if !self.process.scripts.contains(path) {
            self.process.scripts.push(path.clone());
            let container_path = self.container.absolute(&called.name);
            self.process.starts.push(StartedScript {
                file: path.clone(),
                in_image: self.container.image_file(&container_path).as_ref() == Some(path)
                    && !self.container.is_mounted(&container_path),
                interpreter: script.interpreter().map(str::to_owned),
                container_path,
                executed: called.executed,
                place: called.place,
                happens: way.happens.clone(),
            });
        }
        self.run(script, &Way { path: path.clone(), shell, ..way.clone() });
        self.open.pop();
        self.take_back(outer);
        Some(matches!(entrypoint(script).handover, Handover::Exec | Handover::Call))
    }

    /// Sets the arguments of a script, and gives those of the one that calls it.
    fn give(&mut self, arguments: &[Value<String>]) -> Vec<(String, Traced<String>)> {
        let outer = self.take_arguments();
        let count = Value::Known(arguments.len().to_string());
        self.process.variables.set.insert("#".to_owned(), Traced::new(count, Vec::new()));
        for (index, argument) in arguments.iter().enumerate() {
            self.process.variables.set.insert((index + 1).to_string(), Traced::new(argument.clone(), Vec::new()));
        }
        outer
    }

    fn take_back(&mut self, outer: Vec<(String, Traced<String>)>) {
        self.take_arguments();
        self.process.variables.set.extend(outer);
    }

    fn take_arguments(&mut self) -> Vec<(String, Traced<String>)> {
        let is_argument = |name: &str| name == "#" || name.bytes().all(|byte| byte.is_ascii_digit());
        let names: Vec<String> = self.process.variables.set.keys().filter(|name| is_argument(name)).cloned().collect();
        names.into_iter().filter_map(|name| self.process.variables.set.remove_entry(&name)).collect()
    }
}

impl Start {
    /// What is started, as a script.
    fn script(&self) -> Script {
        match &self.what {
            StartForm::Words(words) => Script { commands: vec![from_fragments(words)], ..Script::default() },
            StartForm::Shell(text) => shell::parse(text).0,
        }
    }

    /// What is started, as the arguments of an entrypoint script.
    fn arguments(&self) -> Vec<Value<String>> {
        match &self.what {
            StartForm::Words(words) => words.iter().map(|word| Value::Known(word.text().to_owned())).collect(),
            StartForm::Shell(text) => ["/bin/sh", "-c", text.text()].map(|word| Value::Known(word.to_owned())).to_vec(),
        }
    }

    fn way(&self, main: bool) -> Way {
        let step =
            Step::new(self.place.clone(), Act::Runs(if main { "the command" } else { "the entrypoint" }.to_owned()));
        Way { path: self.path.clone(), happens: Value::Known(true), trail: vec![step], main, shell: None }
    }
}

/// Whether a word is `"$@"`.
fn is_all_arguments(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [WordPart::Parameter(parameter)] if parameter.is_all_arguments())
}

/// Whether a guard lets pass. What follows `cmd &&` runs as a rule: commands are expected to succeed.
fn passes(guard: &Guard, variables: &Variables) -> Value<bool> {
    match (guard, guard.value(variables)) {
        (Guard::And(_), Value::Unknown(_)) => Value::Default(true),
        (Guard::Or(_), Value::Unknown(_)) => Value::Default(false),
        (_, value) => value,
    }
}

/// Both must hold.
fn both(a: &Value<bool>, b: &Value<bool>) -> Value<bool> {
    match (a, b) {
        (Value::Known(false), _) | (_, Value::Known(false)) => Value::Known(false),
        (Value::Known(true), other) | (other, Value::Known(true)) => other.clone(),
        (Value::Default(a), Value::Default(b)) => Value::Default(*a && *b),
        (unknown @ Value::Unknown(_), _) | (_, unknown @ Value::Unknown(_)) => unknown.clone(),
        (a, b) => match (a.likely(), b.likely()) {
            (Some(a), Some(b)) => Value::Default(*a && *b),
            _ => Value::Unknown(Reason::Unsupported("this condition".to_owned())),
        },
    }
}

/// Whether the first word is a path to a script rather than a program of the image.
fn names_script(words: &[Fragment]) -> bool {
    words
        .first()
        .map(Fragment::text)
        .is_some_and(|word| word.ends_with(".sh") || (word.contains('/') && word.contains("entrypoint")))
}

/// The command with what the script itself has set filled in: `--workers $WORKERS` below `WORKERS=3`. What comes from outside is
/// asked of the process's variables.
fn filled_in<'c>(command: &'c Command, variables: &Variables, script: &RepoPath) -> Cow<'c, Command> {
    if command.words.iter().all(|word| word.parameters().is_empty()) {
        return Cow::Borrowed(command);
    }
    let own = |name: &str| {
        let traced = variables.set.get(name).filter(|_| !names_secret(name))?;
        let [Step { act: Act::Sets(_), place }] = traced.trail.as_slice() else { return None };
        traced.value.known().filter(|_| place.path == *script).cloned()
    };
    let mut command = command.clone();
    command.words = command.words.iter().map(|word| word.filled_in(&own)).collect();
    Cow::Owned(command)
}

/// The script that an invocation runs, as it is named there: `./start.sh`, `sh start.sh`, `. ./env.sh`.
fn script_name(invocation: &Invocation) -> Option<String> {
    let words: Vec<Option<String>> = invocation.words.iter().map(shell::Word::literal).collect();
    let first = words.first()?.clone()?;
    if is_shell(&invocation.program) || matches!(first.as_str(), "." | "source") {
        return words.into_iter().skip(1).flatten().find(|word| !word.starts_with('-'));
    }
    (first.contains('/') || first.ends_with(".sh")).then_some(first)
}
