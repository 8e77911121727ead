//! What a container really runs: entrypoint and command, followed through the scripts of the repository.

use super::command::{Invocation, entrypoint, from_arguments, from_fragments, invocations};
use super::compose;
use super::environment::{Opening, Variables};
use super::image::{FileOrigin, Image, PlacedCommand};
use super::value::{Act, Reason, Step, Traced, Value};
use crate::parse::dockerfile::CommandForm;
use crate::parse::shell::{self, Command, Guard, Script};
use crate::source::{Fragment, Place, RepoPath, Spanned};
use crate::tree::Snapshot;

/// Scripts that call scripts are followed so deep.
const MAX_DEPTH: usize = 8;
/// The most commands of one container.
const MAX_RUNS: usize = 1000;

/// What a container runs, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// The commands, entrypoint first.
    pub runs: Vec<Run>,
    /// The scripts that were followed.
    pub scripts: Vec<RepoPath>,
    /// The variables after the scripts have set theirs: what the last command finds.
    pub variables: Variables,
    /// Why there may be more than `runs`: the image's own command, a script that is not in the repository.
    pub maybe_more: Option<Reason>,
    /// The entrypoint's script in the container and where it comes from, where it is one of the repository's.
    pub entrypoint: Option<EntrypointScript>,
}

/// An entrypoint that is a script.
#[derive(Clone, Debug)]
pub struct EntrypointScript {
    /// Its absolute path in the container.
    pub container_path: String,
    /// The file of the repository that the image carries there.
    pub source: RepoPath,
    /// Where it is named as the entrypoint.
    pub place: Place,
}

/// One command of a process.
#[derive(Clone, Debug)]
pub struct Run {
    /// The file that it is written in.
    pub path: RepoPath,
    /// What is run, wrappers taken off.
    pub invocation: Invocation,
    /// Whether it happens, by its guards and the container's variables.
    pub happens: Value<bool>,
    /// How the container comes to it, from the declaration to the script.
    pub trail: Vec<Step>,
    /// Whether it is the container's own command, as opposed to what an entrypoint script does before.
    pub main: bool,
}

impl Run {
    /// The place of the command.
    pub fn place(&self) -> Place {
        Place::new(self.path.clone(), self.invocation.span)
    }

    /// Whether it surely happens, or happens unless something outside the repository prevents it.
    pub fn likely(&self) -> bool {
        self.happens.likely() == Some(&true)
    }
}

/// Where a container's files come from.
pub struct Container<'a> {
    /// The repository.
    pub snapshot: &'a Snapshot,
    /// Its image, where the repository builds it.
    pub image: Option<&'a Image>,
    /// The folder that is sent to the builder.
    pub context: Option<&'a RepoPath>,
    /// What is mounted over it: container paths and files or folders of the repository.
    pub mounts: &'a [(String, RepoPath)],
    /// Its first process's folder.
    pub workdir: String,
}

impl Container<'_> {
    /// The file of the repository at `path` of the container, as it is when the container runs.
    pub fn file(&self, path: &str) -> Option<RepoPath> {
        let mounted = self.mounts.iter().filter(|(target, _)| below(path, target).is_some()).max_by_key(|(target, _)| target.len());
        if let Some((target, source)) = mounted {
            let rest = below(path, target)?;
            let file = if rest.is_empty() { source.clone() } else { source.join(rest)? };
            return self.snapshot.shares(&file).then_some(file);
        }
        self.image_file(path)
    }

    /// The file of the repository that the image carries at `path`, whatever is mounted over it.
    pub fn image_file(&self, path: &str) -> Option<RepoPath> {
        let (image, context) = (self.image?, self.context?);
        let shared = |inside: &str| context.join(inside).is_some_and(|file| self.snapshot.shares(&file));
        match image.origin_of(path, &shared)? {
            FileOrigin::Context { path, .. } => context.join(&path),
            FileOrigin::Heredoc { .. } | FileOrigin::Image { .. } => None,
        }
    }

    /// A path of the container, absolute.
    fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let inside = RepoPath::new(self.workdir.trim_start_matches('/')).unwrap_or_else(RepoPath::root);
        format!("/{}", inside.join(path).unwrap_or(inside))
    }

    /// The script that a word names, where the repository has it.
    fn script(&self, name: &str) -> Option<RepoPath> {
        let path = self.absolute(name);
        self.file(&path).or_else(|| {
            // Nothing is known of the image: the repository's own layout is the best guess.
            let guess = self.context.cloned().unwrap_or_else(RepoPath::root).join(name.trim_start_matches('/'))?;
            (self.image.is_none() && self.snapshot.shares(&guess)).then_some(guess)
        })
    }
}

/// The rest of `path` below `folder`; empty where they are the same.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// What is started, before anything is followed.
struct Start {
    path: RepoPath,
    place: Place,
    what: StartForm,
}

enum StartForm {
    /// These words, without a shell.
    Words(Vec<Spanned<String>>),
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
    follower.process
}

/// Follows one line that a shell runs, such as a process of a Procfile.
pub fn follow_line(container: &Container<'_>, path: &RepoPath, line: &Fragment, variables: Variables) -> Process {
    let mut follower = Follower::new(container, variables);
    let start = Start {
        path: path.clone(),
        place: Place::new(path.clone(), line.span()),
        what: StartForm::Shell(line.clone()),
    };
    follower.start(None, Some(start));
    follower.process
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
        CommandForm::Shell(text) => StartForm::Shell(text.clone()),
        other => StartForm::Shell(other.script()),
    };
    Start { path: placed.place.path.clone(), place: placed.place.clone(), what }
}

fn of_compose(placed: &compose::Placed<compose::Command>) -> Start {
    let what = match &placed.value {
        compose::Command::Words(words) => {
            StartForm::Words(words.iter().map(|word| Spanned::new(word.text.text().to_owned(), word.text.span())).collect())
        }
        compose::Command::Line(line) => StartForm::Shell(line.text.clone()),
    };
    Start { path: placed.place.path.clone(), place: placed.place.clone(), what }
}

struct Follower<'a> {
    container: &'a Container<'a>,
    process: Process,
    /// The scripts that are being followed, outermost first.
    open: Vec<RepoPath>,
}

impl<'a> Follower<'a> {
    fn new(container: &'a Container<'a>, variables: Variables) -> Self {
        Self { container, process: Process { variables, ..Process::default() }, open: Vec::new() }
    }

    fn start(&mut self, entrypoint: Option<Start>, command: Option<Start>) {
        let Some(entry) = entrypoint else {
            if let Some(command) = command {
                let trail = vec![Step::new(command.place.clone(), Act::Runs("the command".to_owned()))];
                self.commands(&command.path, &commands_of(&command.what), &Value::Known(true), &trail, true, None);
            }
            return;
        };
        let trail = vec![Step::new(entry.place.clone(), Act::Runs("the entrypoint".to_owned()))];
        let script = self.entrypoint_script(&entry);
        let followed = script.as_ref().and_then(|script| self.script(script, &Value::Known(true), &trail, false, command.as_ref()));
        if let Some(continues) = followed {
            if continues && let Some(command) = command {
                self.start(None, Some(command));
            }
            return;
        }
        match (&entry.what, command) {
            (StartForm::Words(words), Some(Start { what: StartForm::Words(arguments), path, place }))
                if !is_script_name(words) =>
            {
                // The command is nothing but arguments: `ENTRYPOINT ["python", "manage.py"]`, `["tini", "--"]`.
                let joined: Vec<_> = words.iter().chain(&arguments).cloned().collect();
                let mut whole = from_arguments(&joined);
                whole.span = place.span;
                self.commands(&path, &[whole], &Value::Known(true), &trail, true, None);
            }
            (_, command) => {
                self.commands(&entry.path, &commands_of(&entry.what), &Value::Known(true), &trail, command.is_none(), None);
                // A script from elsewhere mostly ends in what it is given.
                if let Some(command) = command
                    && !matches!(entry.what, StartForm::Shell(_))
                {
                    self.start(None, Some(command));
                }
            }
        }
    }

    /// The repository's script that an entrypoint names, noted as the process's entrypoint.
    fn entrypoint_script(&mut self, entry: &Start) -> Option<RepoPath> {
        let commands = commands_of(&entry.what);
        let [command] = commands.as_slice() else { return None };
        let invocation = invocations(command).into_iter().next()?;
        let name = script_name(&invocation)?;
        let container_path = self.container.absolute(&name);
        if let Some(source) = self.container.image_file(&container_path) {
            let place = entry.place.clone();
            self.process.entrypoint = Some(EntrypointScript { container_path, source, place });
        }
        self.container.script(&name)
    }

    /// Notes commands and follows the scripts that they name.
    fn commands(
        &mut self,
        path: &RepoPath,
        commands: &[Command],
        happens: &Value<bool>,
        trail: &[Step],
        main: bool,
        script: Option<&Script>,
    ) {
        for command in commands {
            if self.process.runs.len() >= MAX_RUNS {
                self.process.maybe_more = Some(Reason::Limit("commands".to_owned()));
                return;
            }
            let runs = both(happens, &self.passes(&command.guards, script));
            if runs != Value::Known(false) {
                self.absorb(path, command, &runs);
            }
            for invocation in invocations(command) {
                // What runs on another machine or in another container is no part of this one.
                if invocation.host().is_some() || invocation.container().is_some() {
                    continue;
                }
                let happens = both(happens, &self.passes(&invocation.guards, script));
                let named = script_name(&invocation).and_then(|name| self.container.script(&name));
                let step = Step::new(Place::new(path.clone(), invocation.span), Act::Runs(invocation.program.clone()));
                self.process.runs.push(Run {
                    path: path.clone(),
                    invocation,
                    happens: happens.clone(),
                    trail: trail.to_vec(),
                    main,
                });
                if let Some(script) = named {
                    let mut trail = trail.to_vec();
                    trail.push(step);
                    self.script(&script, &happens, &trail, main, None);
                }
            }
        }
    }

    /// Follows a script of the repository. Whether it goes on to its arguments; `None` where it cannot be followed.
    fn script(&mut self, path: &RepoPath, happens: &Value<bool>, trail: &[Step], main: bool, _arguments: Option<&Start>) -> Option<bool> {
        if self.open.len() >= MAX_DEPTH || self.open.contains(path) {
            return None;
        }
        let parsed = self.container.snapshot.script(path).ok()?;
        let script = &parsed.0;
        if script.interpreter().is_some_and(|interpreter| !is_shell(interpreter)) {
            return None;
        }
        self.open.push(path.clone());
        if !self.process.scripts.contains(path) {
            self.process.scripts.push(path.clone());
        }
        self.commands(path, &script.commands, happens, trail, main, Some(script));
        self.open.pop();
        Some(entrypoint(script).goes_on())
    }

    /// Whether guards let a command run, those of a function's body as the calls of the function do.
    fn passes(&self, guards: &[Guard], script: Option<&Script>) -> Value<bool> {
        let variables = &self.process.variables;
        guards.iter().fold(Value::Known(true), |before, guard| match (guard, script) {
            (Guard::Function(index), Some(script)) => both(&before, &called(script, *index)),
            // What follows `cmd &&` runs as a rule, what follows `cmd ||` does not: the command is expected to succeed.
            (Guard::And(condition), _) if condition.value(variables).is_unknown() => lessen(before),
            (guard, _) => both(&before, &guard.value(variables)),
        })
    }

    /// Takes over the variables that a command sets for those after it.
    fn absorb(&mut self, path: &RepoPath, command: &Command, happens: &Value<bool>) {
        let sets = command.words.is_empty() || command.name().is_some_and(|name| matches!(name.as_str(), "export" | "declare" | "typeset"));
        let loads = command.name().is_some_and(|name| matches!(name.as_str(), "." | "source" | "eval"));
        let exports_unseen = command.name().as_deref() == Some("export")
            && command.words.iter().skip(1).any(|word| word.literal().is_none());
        if loads || exports_unseen {
            let reason = Reason::Unsupported(format!("`{}`", command.name().unwrap_or_default()));
            self.process.variables.open = Some(Opening { reason, step: None });
        }
        if !sets {
            return;
        }
        for (name, word) in &command.assignments {
            let mut value = word.expand(&self.process.variables);
            if happens != &Value::Known(true) {
                value = Value::Unknown(Reason::Unsupported("an assignment under a condition".to_owned()));
            }
            let step = Step::new(Place::new(path.clone(), name.span.to(word.span)), Act::Sets(name.value.clone()));
            self.process.variables.set.insert(name.value.clone(), Traced::new(value, vec![step]));
        }
    }
}

/// Whether the body of a function runs: as one of its calls does.
fn called(script: &Script, index: usize) -> Value<bool> {
    let Some(function) = script.functions.get(index) else { return Value::Known(false) };
    let calls = |command: &&Command| command.name().as_deref() == Some(function.name.as_str());
    match script.commands.iter().find(calls) {
        Some(call) if call.guards.is_empty() => Value::Known(true),
        Some(_) => Value::Unknown(Reason::Unsupported("the call of a function under a condition".to_owned())),
        None => Value::Known(false),
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

fn lessen(value: Value<bool>) -> Value<bool> {
    match value {
        Value::Known(value) => Value::Default(value),
        other => other,
    }
}

fn commands_of(what: &StartForm) -> Vec<Command> {
    match what {
        StartForm::Words(words) => vec![from_arguments(words)],
        StartForm::Shell(text) => shell::parse(text).0.commands,
    }
}

/// Whether the first word is a path to a script rather than a program of the image.
fn is_script_name(words: &[Spanned<String>]) -> bool {
    words.first().is_some_and(|word| word.ends_with(".sh") || (word.contains('/') && word.contains("entrypoint")))
}

fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh")
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
