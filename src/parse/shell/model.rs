//! What a script is made of.

use super::condition::both;
use super::{Condition, Truth, Word};
use crate::project::environment::Variables;
use crate::project::value::{Reason, Value};
use crate::source::{Fragment, Span, Spanned};
use std::ops::Range;
use std::sync::Arc;

/// A script, its commands flattened out of all nesting, each with what guards it. All spans are in the file.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Script {
    /// What follows `#!` in the first line, trimmed.
    pub shebang: Option<Spanned<String>>,
    /// Where `set` and the shebang turn options on and off.
    pub options: ShellOptions,
    /// Every command in the order of the text, bodies of functions included. Those in command substitutions stand in
    /// the words that hold them.
    pub commands: Vec<Command>,
    /// The functions in the order of the text.
    pub functions: Vec<Function>,
    /// The comments with their `#`, the shebang excluded.
    pub comments: Vec<Spanned<String>>,
}

impl Script {
    /// The program that the shebang names, `env` resolved: `bash`, `sh`, `python3`.
    pub fn interpreter(&self) -> Option<&str> {
        let shebang = self.shebang.as_ref()?;
        let mut words = shebang.value.split_ascii_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
        let first = words.next()?;
        if first != "env" {
            return Some(first);
        }
        words.find(|word| !word.starts_with('-') && !word.contains('='))
    }

    /// The commands of a function.
    pub fn body(&self, function: &Function) -> &[Command] {
        self.commands.get(function.commands.clone()).unwrap_or_default()
    }
}

/// A function of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: Spanned<String>,
    /// The whole definition.
    pub span: Span,
    /// Its commands: indices in [`Script::commands`].
    pub commands: Range<usize>,
}

/// A shell option that decides whether a script stops when something fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShellOption {
    /// `-e`: stop at the first command that fails.
    Errexit,
    /// `-u`: an unset variable is an error.
    Nounset,
    /// `-o pipefail`: a pipeline fails if any of its commands fails.
    Pipefail,
    /// `-x`: print each command.
    Xtrace,
}

/// One place where an option is turned on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSwitch {
    /// The option.
    pub option: ShellOption,
    /// Whether it is turned on.
    pub on: bool,
    /// The `set` command, or the shebang.
    pub span: Span,
    /// The index of the `set` command; `None` for the shebang.
    pub command: Option<usize>,
}

/// Where options are turned on and off, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ShellOptions {
    /// The switches.
    pub switches: Vec<OptionSwitch>,
}

impl ShellOptions {
    /// Where `option` is first turned on.
    pub fn on(&self, option: ShellOption) -> Option<Span> {
        self.switches.iter().find(|switch| switch.option == option && switch.on).map(|switch| switch.span)
    }

    /// Where `option` is first turned off.
    pub fn off(&self, option: ShellOption) -> Option<Span> {
        self.switches.iter().find(|switch| switch.option == option && !switch.on).map(|switch| switch.span)
    }

    /// Whether `option` is on when the command with the index `command` runs, by the order of the text.
    pub fn on_at(&self, option: ShellOption, command: usize) -> bool {
        self.switches
            .iter()
            .rfind(|switch| switch.option == option && switch.command.is_none_or(|at| at < command))
            .is_some_and(|switch| switch.on)
    }
}

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Command {
    /// The words, the command's name first. Empty for a lone assignment or redirect. Tests keep their brackets:
    /// `[`, `-f`, `x`, `]`. Assignments of `export` and its like are not among them.
    pub words: Vec<Word>,
    /// `A=b` before the command or alone, and those of `export`, `declare`, `typeset`, `readonly` and `local`.
    pub assignments: Vec<(Spanned<String>, Word)>,
    /// Its own redirects.
    pub redirects: Vec<Redirect>,
    /// Redirects of the groups and loops around it, outermost first.
    pub group_redirects: Arc<[Redirect]>,
    /// What decides whether it runs, outermost first.
    pub guards: Vec<Guard>,
    /// The whole command with its redirects.
    pub span: Span,
    /// The function it belongs to: an index in [`Script::functions`].
    pub function: Option<usize>,
    /// Whether it runs in the background (`&`).
    pub background: bool,
    /// Its place in a pipeline of several.
    pub pipeline: Option<PipelinePosition>,
    /// Whether its pipeline begins with `!`.
    pub negated: bool,
    /// Whether it runs in a subshell, `( … )`.
    pub subshell: bool,
    /// Whether its failure is looked at, so that `set -e` does not apply: in a condition, left of `&&` or `||`, after `!`.
    pub tested: bool,
    pub(super) failure_ignored: bool,
}

/// Where a command stands in a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipelinePosition {
    /// Counted from 0.
    pub index: usize,
    /// How many commands or groups the pipeline has.
    pub len: usize,
}

impl PipelinePosition {
    /// Whether its output goes to another command.
    pub fn is_piped(self) -> bool {
        self.index + 1 < self.len
    }
}

impl Command {
    /// A command that is only words, without a shell around it.
    pub fn from_words(words: Vec<Word>) -> Self {
        let span = words.iter().map(|word| word.span).reduce(Span::to).unwrap_or_default();
        Self { words, span, ..Self::default() }
    }

    /// The command's name as written, where it is literal.
    pub fn name(&self) -> Option<String> {
        self.words.first()?.literal()
    }

    /// Whether a failure has no consequence: `… || true`, `|| :`, `|| echo …`, `|| exit 0`.
    pub fn failure_ignored(&self) -> bool {
        self.failure_ignored
    }

    /// Whether it runs, given the variables at its place: a definite answer, or unknown.
    pub fn runs(&self, variables: &Variables) -> Truth {
        Truth::of(&self.runs_value(variables))
    }

    /// Whether it runs, with the certainty of that.
    pub fn runs_value(&self, variables: &Variables) -> Value<bool> {
        self.guards.iter().fold(Value::Known(true), |before, guard| both(before, || guard.value(variables)))
    }
}

/// A redirect of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Which.
    pub kind: RedirectKind,
    /// The file descriptor that is written before it.
    pub descriptor: Option<u32>,
    /// The file, the descriptor, the text of a here-string, or the delimiter of a here-document.
    pub target: Word,
    /// Operator and target.
    pub span: Span,
    /// The here-document.
    pub document: Option<HereDocument>,
}

/// The text that a here-document feeds to its command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HereDocument {
    /// The body; tabs dropped for `<<-`.
    pub body: Fragment,
    /// Whether the shell expands variables and substitutions in it first: the delimiter is not quoted.
    pub expanded: bool,
}

/// What a redirect does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RedirectKind {
    /// `<`
    Input,
    /// `>` and `>|`
    Output,
    /// `>>`
    Append,
    /// `&>` and `>&` with a file: output and errors.
    OutputAndErrors,
    /// `&>>`
    AppendOutputAndErrors,
    /// `2>&1`, `<&3`, `>&-`
    Duplicate,
    /// `<>`
    ReadWrite,
    /// `<<` and `<<-`
    HereDocument,
    /// `<<<`
    HereString,
}

impl RedirectKind {
    /// Whether the command reads from it.
    pub fn is_input(self) -> bool {
        matches!(self, Self::Input | Self::HereDocument | Self::HereString | Self::ReadWrite)
    }
}

/// What decides whether a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// `if`: in the branch that is taken when the condition holds, or in one that is taken when it does not. An
    /// `elif` adds the negated conditions before it and its own.
    If {
        /// The condition.
        condition: Arc<Condition>,
        /// Whether it must hold.
        holds: bool,
    },
    /// Right of `&&`: the left side must succeed.
    And(Arc<Condition>),
    /// Right of `||`: the left side must fail.
    Or(Arc<Condition>),
    /// In the body of `while` or `until`.
    Loop {
        /// The condition.
        condition: Arc<Condition>,
        /// Whether it goes on *until* the condition holds.
        until: bool,
    },
    /// In the body of `for` or `select`.
    For {
        /// The variable; empty for `for ((…))`.
        variable: String,
        /// What it runs over.
        values: Arc<[Word]>,
    },
    /// In a branch of `case`.
    Case {
        /// The whole `case`.
        case: Arc<Case>,
        /// Which branch: an index in [`Case::branches`].
        branch: usize,
    },
    /// In the body of a function: it runs only when that is called.
    Function(
        /// The function: an index in [`Script::functions`].
        usize,
    ),
}

/// A `case`: the word, and the patterns of each branch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Case {
    /// What is compared.
    pub word: Word,
    /// The patterns of the branches, in order.
    pub branches: Vec<Vec<Word>>,
}

impl Guard {
    /// Whether it lets its command run, given the variables at its place. For a loop: in the first round.
    pub fn value(&self, variables: &Variables) -> Value<bool> {
        match self {
            Guard::If { condition, holds } => condition.value(variables).map(|held| held == *holds),
            Guard::And(condition) => condition.value(variables),
            Guard::Or(condition) => condition.value(variables).map(|held| !held),
            Guard::Loop { condition, until } => condition.value(variables).map(|held| held != *until),
            Guard::For { values, .. } if values.iter().any(|value| value.literal().is_some()) => Value::Known(true),
            Guard::For { .. } => Value::Unknown(Reason::Unsupported("this loop".to_owned())),
            Guard::Case { case, branch } => case.value(*branch, variables),
            Guard::Function(_) => Value::Unknown(Reason::Unsupported("the call of a function".to_owned())),
        }
    }

    /// Whether it certainly lets its command run, or certainly not.
    pub fn evaluate(&self, variables: &Variables) -> Truth {
        Truth::of(&self.value(variables))
    }

    /// The condition, for all but loops over values, `case` and functions.
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Guard::If { condition, .. } | Guard::And(condition) | Guard::Or(condition) => Some(condition),
            Guard::Loop { condition, .. } => Some(condition),
            Guard::For { .. } | Guard::Case { .. } | Guard::Function(_) => None,
        }
    }

    /// The patterns of the branch, for `case`.
    pub fn patterns(&self) -> &[Word] {
        match self {
            Guard::Case { case, branch } => case.branches.get(*branch).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }
}

impl Case {
    /// Whether `branch` is the one taken.
    fn value(&self, branch: usize, variables: &Variables) -> Value<bool> {
        let word = self.word.expand(variables);
        let Some(texts) = word.possible() else { return word.map(|_| false) };
        let mut taken = Vec::new();
        for text in texts {
            match self.taken(text, branch, variables) {
                Some(first) => taken.push(first),
                None => return Value::Unknown(Reason::Unsupported("this pattern".to_owned())),
            }
        }
        let mut taken = taken.into_iter();
        word.map(|_| taken.next().unwrap_or(false))
    }

    /// Whether `branch` is the first that `text` matches, where that can be told.
    fn taken(&self, text: &str, branch: usize, variables: &Variables) -> Option<bool> {
        for (index, patterns) in self.branches.iter().enumerate().take(branch + 1) {
            for pattern in patterns {
                if pattern.matches(text, variables)? {
                    return Some(index == branch);
                }
            }
        }
        Some(false)
    }
}
