//! How an entrypoint script goes on to the container's command.

use super::{Invocation, invocations};
use crate::parse::shell::{Command, Guard, Script, Word, WordPart};
use crate::source::Span;

/// How a script hands over to the arguments that it is given: to the image's `CMD` or the service's `command`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Handover {
    /// `exec "$@"`, wrappers such as `gosu` between included: signals reach the program.
    Exec,
    /// `"$@"` without `exec`: the shell stays, and signals stop with it.
    Call,
    /// `exec gunicorn … "$@"`: the arguments are appended to a program of the script's own.
    Appended,
    /// `exec gunicorn …`: the script's own program; the arguments are ignored.
    Fixed,
    /// It ends after its commands.
    None,
}

/// An entrypoint script's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrypoint {
    /// How it hands over, at the last place that does.
    pub handover: Handover,
    /// The command that hands over: an index in [`Script::commands`].
    pub last: Option<usize>,
    /// Its place.
    pub span: Option<Span>,
    /// What is run where there are no arguments: `"${@:-gunicorn config.wsgi}"`.
    pub default: Option<Word>,
    /// The commands that run before it, in order, with their guards: indices in [`Script::commands`]. Bodies of
    /// functions are among them; [`super::execute`] follows calls.
    pub before: Vec<usize>,
    /// `set -- …`: where the arguments are replaced, with the new ones after `--`. Indices in [`Script::commands`].
    pub replacements: Vec<usize>,
}

/// Finds out how `script` goes on.
pub fn entrypoint(script: &Script) -> Entrypoint {
    let mut found = Entrypoint {
        handover: Handover::None,
        last: None,
        span: None,
        default: None,
        before: Vec::new(),
        replacements: Vec::new(),
    };
    for (index, command) in script.commands.iter().enumerate() {
        if replaces_arguments(command) {
            found.replacements.push(index);
        }
        let Some(handover) = handover(script, command) else { continue };
        // A real handover counts for more than a branch that goes on with a program of its own.
        let better = handover != Handover::Fixed || matches!(found.handover, Handover::None | Handover::Fixed);
        if better {
            found.handover = handover;
            found.last = Some(index);
            found.span = Some(command.span);
            found.default = all_arguments(command).and_then(|parameter| parameter.default().cloned());
        }
    }
    let end = found.last.unwrap_or(script.commands.len());
    found.before = (0..end).collect();
    found
}

/// The words that `set -- …` puts in place of the arguments.
pub fn new_arguments(command: &Command) -> Option<&[Word]> {
    let words = command.words.as_slice();
    match words {
        [set, dashes, rest @ ..] if set.is("set") && dashes.is("--") => Some(rest),
        _ => None,
    }
}

fn replaces_arguments(command: &Command) -> bool {
    new_arguments(command).is_some_and(|words| !words.is_empty())
}

fn all_arguments(command: &Command) -> Option<&crate::parse::shell::Parameter> {
    command.words.iter().find_map(|word| match word.parts.as_slice() {
        [WordPart::Parameter(parameter)] if parameter.is_all_arguments() => Some(parameter),
        _ => None,
    })
}

/// Whether the word is `"$@"` or `$*`, with a default or without.
pub(super) fn is_all_arguments(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [WordPart::Parameter(parameter)] if parameter.is_all_arguments())
}

fn handover(script: &Script, command: &Command) -> Option<Handover> {
    // A function's "$@" are the function's arguments, unless it is called with the script's.
    let in_function = command.guards.iter().any(|guard| matches!(guard, Guard::Function(_)));
    if in_function && !is_called_with_arguments(script, command.function) {
        return None;
    }
    let run: Invocation = invocations(command).into_iter().next_back()?;
    if run.via.iter().any(|via| via.kind == super::WrapperKind::Substitution) {
        return None;
    }
    let exec = command.words.first().is_some_and(|word| word.is("exec"));
    let takes_all = run.words.iter().any(is_all_arguments);
    if run.words.first().is_some_and(is_all_arguments) {
        return Some(if exec { Handover::Exec } else { Handover::Call });
    }
    match (exec, takes_all) {
        // `exec sh -c "$*"` runs the arguments as well.
        (true, true) if matches!(run.program.as_str(), "sh" | "bash") => Some(Handover::Exec),
        (true, true) => Some(Handover::Appended),
        // `exec > log` only redirects.
        (true, false) if command.words.len() > 1 => Some(Handover::Fixed),
        _ => None,
    }
}

fn is_called_with_arguments(script: &Script, function: Option<usize>) -> bool {
    let Some(function) = function.and_then(|index| script.functions.get(index)) else { return false };
    script.commands.iter().any(|command| {
        command.words.first().is_some_and(|word| word.is(&function.name)) && command.words.iter().any(is_all_arguments)
    })
}
