//! What a command line really runs: wrappers are taken off, scripts in arguments are read, and the commands that rules
//! care about are told by name.
//!
//! Every command in a repository comes here, wherever it is written: in scripts, `RUN`, `CMD`, compose files,
//! Makefiles and workflows.

mod celery;
mod compose;
mod django;
mod docker;
mod entrypoint;
mod execution;
mod flags;
mod packages;
mod server;
#[cfg(test)]
mod tests;
mod unwrap;
mod uwsgi;
mod wrappers;

pub use celery::{Celery, CeleryRole, celery};
pub use compose::{ComposeCommand, compose};
pub use django::{DjangoCommand, django};
pub use docker::{DockerBuild, DockerCommand, docker};
pub use entrypoint::{Entrypoint, Handover, entrypoint};
pub use execution::{Execution, Finds, execute};
pub use flags::{Flag, Flags, Syntax};
pub use packages::{Action, Manager, Package, PackageCommand, packages};
pub use server::{AppServer, ServerKind, app_server};
pub use unwrap::{invocations, script_invocations};
pub use uwsgi::{Door, Speaks, Uwsgi};

use crate::parse::shell::{Command, Guard, PipelinePosition, Redirect, Script, Truth, Word};
use crate::project::environment::Variables;
use crate::source::{Fragment, Span, Spanned};

/// A program that is run, and how it comes to be run.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Invocation {
    /// The program's file name without its folder: `python3`, `manage.py`, `docker`. Empty where a variable names it.
    pub program: String,
    /// The words from the program on.
    pub words: Vec<Word>,
    /// What it was taken out of, outermost first.
    pub via: Vec<Wrapper>,
    /// Assignments for this run, by prefix (`A=b cmd`), `env` or `-e` of a container: later ones win.
    pub environment: Vec<(Spanned<String>, Word)>,
    /// Its redirects, and the here-document of what it was taken out of.
    pub redirects: Vec<Redirect>,
    /// What decides whether it runs, outermost first.
    pub guards: Vec<Guard>,
    /// The command as a whole, wrappers included; of a nested script, the command in that.
    pub span: Span,
    /// The function of its script that it belongs to.
    pub function: Option<usize>,
    /// Its place in a pipeline of several.
    pub pipeline: Option<PipelinePosition>,
    /// Whether it runs in the background.
    pub background: bool,
    /// Whether its failure is looked at, so that `set -e` does not apply.
    pub tested: bool,
    /// Whether its failure has no consequence (`|| true`).
    pub failure_ignored: bool,
}

/// Something that runs another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapper {
    /// Its file name: `sudo`, `docker`, `sh`.
    pub program: String,
    /// What it does with the other.
    pub kind: WrapperKind,
    /// Its words up to the program that it runs.
    pub span: Span,
}

/// What a wrapper does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrapperKind {
    /// The shell itself becomes the program: `exec`.
    Exec,
    /// It runs as another user: `sudo`, `gosu`, `su`. The user, where named.
    User(Option<Word>),
    /// It runs in a container that is there (`docker exec`, `docker compose exec`, `kubectl exec`): the container or service.
    ContainerExec(Word),
    /// It runs in a container of its own (`docker run`, `docker compose run`): the image or service.
    ContainerRun(Word),
    /// It runs on another machine: `ssh`.
    Host(Word),
    /// A shell reads it: `sh -c`, `eval`, a here-document for a shell.
    Shell,
    /// Python runs it: a script file, or with `-m` a module.
    Python {
        /// Whether it is named as a module.
        module: bool,
    },
    /// It is run in a project's virtual environment: `poetry run`, `uv run`.
    Runner,
    /// A process that passes on signals: `tini`, `dumb-init`.
    Init,
    /// It is restarted when files change: `watchmedo`, `watchfiles`.
    Reload,
    /// It runs after something answers: `wait-for-it.sh`, `dockerize`.
    Wait,
    /// It is run once for each item of a list: `xargs`, `find -exec`.
    Each,
    /// Its output is used in another command: `$(…)`.
    Substitution,
    /// It changes little else: `env`, `nice`, `timeout`, `nohup`, `time`, `ddtrace-run`.
    Other,
}

impl Invocation {
    /// The words after the program.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The flags and arguments after the program.
    pub fn flags(&self, syntax: &Syntax) -> Flags {
        Flags::read(self.arguments(), syntax)
    }

    /// Whether it is run by this wrapper program, at any distance.
    pub fn is_via(&self, program: &str) -> bool {
        self.via.iter().any(|wrapper| wrapper.program == program)
    }

    /// Whether it takes the place of the shell: `exec` stands before it and nothing that stays is between.
    pub fn replaces_shell(&self) -> bool {
        self.via.iter().any(|wrapper| wrapper.kind == WrapperKind::Exec)
    }

    /// The machine that it runs on, where that is another.
    pub fn host(&self) -> Option<&Word> {
        self.via.iter().rev().find_map(|wrapper| match &wrapper.kind {
            WrapperKind::Host(host) => Some(host),
            _ => None,
        })
    }

    /// The container, service or image that it runs in, where it is one.
    pub fn container(&self) -> Option<&Word> {
        self.via.iter().rev().find_map(|wrapper| match &wrapper.kind {
            WrapperKind::ContainerExec(name) | WrapperKind::ContainerRun(name) => Some(name),
            _ => None,
        })
    }

    /// Whether a loop repeats it.
    pub fn is_repeated(&self) -> bool {
        self.guards.iter().any(|guard| matches!(guard, Guard::Loop { .. } | Guard::For { .. }))
    }

    /// Whether it runs, given the variables at its place.
    pub fn runs(&self, variables: &Variables) -> Truth {
        let values = self.guards.iter().map(|guard| guard.evaluate(variables));
        values.fold(Truth::True, |before, guard| match (before, guard) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            _ => Truth::Unknown,
        })
    }

    /// Whether it is more than the shell's own housekeeping: tests, options, messages, `"$@"`.
    pub fn does_something(&self) -> bool {
        const HOUSEKEEPING: [&str; 13] =
            ["", "[", "[[", "test", "set", "shift", "echo", "printf", ":", "true", "export", "exit", "sleep"];
        !HOUSEKEEPING.contains(&self.program.as_str())
    }

    /// Whether the program is a script that a shell is given to read (`sh start.sh`), not one that is executed itself.
    pub fn is_read_by_shell(&self) -> bool {
        let own = self.words_span();
        self.via.last().is_some_and(|via| via.kind == WrapperKind::Shell && via.span.end <= own.start)
    }

    /// The command line as written, words joined by blanks. For messages.
    pub fn text(&self) -> String {
        self.words.iter().map(Word::text).collect::<Vec<_>>().join(" ")
    }

    /// Where its own words stand, wrappers excluded: the narrowest place to point at.
    pub fn words_span(&self) -> Span {
        self.words.iter().map(|word| word.span).reduce(Span::to).unwrap_or(self.span)
    }
}

/// The command that an argument list is: `CMD ["gunicorn", "config.wsgi"]`, a list in a compose file. No shell reads it.
pub fn from_arguments(arguments: &[Spanned<String>]) -> Command {
    Command::from_words(arguments.iter().map(|argument| Word::of_text(&argument.value, argument.span)).collect())
}

/// The same from fragments, so that scripts in arguments keep their places exactly.
pub fn from_fragments(arguments: &[Fragment]) -> Command {
    Command::from_words(arguments.iter().cloned().map(Word::of_fragment).collect())
}

/// The file name that a program's word ends in: `"$VENV/bin/gunicorn"` is `gunicorn`. Empty where it cannot be told.
fn program_name(word: &Word) -> String {
    use crate::parse::shell::WordPart;
    let last = match word.parts.as_slice() {
        [WordPart::Literal(text)] => text.rsplit('/').next(),
        [.., WordPart::Literal(text)] => text.rsplit_once('/').map(|(_, name)| name),
        // `$(command -v uwsgi)`, `$(which uwsgi)`
        [WordPart::Substitution(script)] => return looked_up(script).unwrap_or_default(),
        _ => None,
    };
    last.unwrap_or("").to_owned()
}

/// The program whose path a script prints.
fn looked_up(script: &Script) -> Option<String> {
    let [command] = script.commands.as_slice() else { return None };
    let words: Option<Vec<String>> = command.words.iter().map(Word::literal).collect();
    let words = words?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["command", "-v", name] | ["which", name] => Some((*name).to_owned()),
        _ => None,
    }
}
