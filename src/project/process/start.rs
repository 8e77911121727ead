//! How a script or a shell is started, and what that says of failures and signals.

use crate::parse::shell::{Command, Script, ShellOption, Word};
use crate::project::command::Invocation;
use crate::project::script::shells::Shell;
use crate::source::{Place, RepoPath};

/// How a script is started.
pub(super) struct Called {
    /// The name by which it is.
    pub name: String,
    /// Where.
    pub place: Place,
    /// Whether it is executed itself, by its shebang.
    pub executed: bool,
    /// The words between a shell that is named and the script: `-e`.
    pub flags: Vec<Word>,
    /// The command that does; `None` for the container's own start.
    pub by: Option<usize>,
    /// Whether the shell that is there reads it (`.`, `source`).
    pub sourced: bool,
}

/// How `invocation` starts the script `name`.
pub(super) fn called(
    invocation: &Invocation,
    command: &Command,
    name: String,
    place: Place,
    by: Option<usize>,
) -> Called {
    let sourced = invocation.words.first().is_some_and(|word| word.is(".") || word.is("source"));
    let by_shell = invocation.is_read_by_shell();
    let flags = if by_shell { flags_of_shell(command) } else { Vec::new() };
    Called { name, place, executed: !by_shell && !sourced && !is_shell(&invocation.program), flags, by, sourced }
}

/// The shell that reads a script. The options of the shebang hold only where that starts it.
pub(super) fn shell_of(path: &RepoPath, script: &Script, called: &Called) -> Shell {
    let by_shebang = |option: ShellOption| {
        let mut switches = script.options.switches.iter().filter(|switch| switch.command.is_none());
        called.executed && switches.any(|switch| switch.option == option && switch.on)
    };
    let mut shell = Shell {
        script: Some(path.clone()),
        started_by: called.by,
        errexit: by_shebang(ShellOption::Errexit),
        pipefail: by_shebang(ShellOption::Pipefail),
        ..Shell::default()
    };
    shell.switch(&called.flags);
    shell
}

/// The flags after the first shell that a command names: `-ec` in `exec bash -ec "…"`.
pub(super) fn flags_of_shell(command: &Command) -> Vec<Word> {
    let names_shell = |word: &Word| is_shell(word.text().rsplit('/').next().unwrap_or_default());
    let after = command.words.iter().skip_while(|word| !names_shell(word)).skip(1);
    // `-o pipefail` has a word that is no flag.
    after
        .take_while(|word| word.text().starts_with(['-', '+']) || matches!(word.text(), "pipefail" | "errexit"))
        .cloned()
        .collect()
}

/// Whether what is started passes signals on to all processes below it: `dumb-init`, `tini -g`.
pub(super) fn signals_all(script: &Script) -> bool {
    let Some(command) = script.commands.first() else { return false };
    let words: Vec<&str> = command.words.iter().map(Word::text).collect();
    let Some(first) = words.first() else { return false };
    let flags = || words[1..].iter().take_while(|word| word.starts_with('-') && **word != "--");
    match first.rsplit('/').next().unwrap_or(first) {
        "dumb-init" => !flags().any(|flag| matches!(*flag, "-c" | "--single-child")),
        "tini" | "docker-init" => flags().any(|flag| !flag.starts_with("--") && flag.contains('g')),
        _ => false,
    }
}

/// Whether a program is a shell.
pub(super) fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh")
}
