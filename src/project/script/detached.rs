//! Programs that a script leaves behind in containers that run already: `docker exec -d web celery …`.

use super::ScriptUse;
use crate::parse::shell::Word;
use crate::project::Model;
use crate::project::command::{Invocation, WrapperKind, compose, django, docker};
use crate::project::usage::CommandUse;

/// A program that stays, started in a container beside what that was made for.
#[derive(Clone, Copy, Debug)]
pub struct LeftInContainer<'m> {
    /// The command that starts it.
    pub command: &'m CommandUse,
    /// The container or service.
    pub container: &'m Word,
}

impl ScriptUse {
    /// The programs that it starts in containers of real users and leaves there. A script counts as theirs by any of its
    /// commands: `docker exec` names no compose file that would tell.
    pub fn left_in_containers<'m>(&self, model: &'m Model) -> Vec<LeftInContainer<'m>> {
        let commands = self.commands(model);
        if !commands.iter().any(CommandUse::touches_real_environment) || self.is_start(model) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (at, command) in commands.iter().enumerate().filter(|(_, command)| leaves(&command.invocation)) {
            let start = command.invocation.words_span().start;
            let inside = |it: &CommandUse| {
                it.part == command.part
                    && it
                        .invocation
                        .via
                        .iter()
                        .any(|via| via.span.start == start && matches!(via.kind, WrapperKind::ContainerExec(_)))
            };
            let inner = commands[at + 1..].iter().take_while(|it| inside(it));
            let staying = inner.filter(|it| stays(&it.invocation));
            found.extend(
                staying.filter_map(|it| Some(LeftInContainer { command: it, container: it.invocation.container()? })),
            );
        }
        found
    }
}

/// Whether it runs something in a container without waiting for its end.
fn leaves(invocation: &Invocation) -> bool {
    const DETACHED: [&str; 2] = ["-d", "--detach"];
    let by_compose = compose(invocation).map(|it| (it.is("exec"), it.has_flag(&DETACHED)));
    let told = by_compose.or_else(|| docker(invocation).map(|it| (it.name == "exec", it.has_flag(&DETACHED))));
    told.is_some_and(|(is_exec, detached)| is_exec && (detached || invocation.background))
}

/// Whether it is a program that does not end by itself. A project's own command that nobody waits for is told by its name.
fn stays(invocation: &Invocation) -> bool {
    const WORDS: [&str; 6] = ["bot", "worker", "consumer", "listener", "scheduler", "daemon"];
    let by_name = |name: &str| name.split(['_', '-']).any(|word| WORDS.contains(&word) || word.ends_with("bot"));
    invocation.lasting_role().is_some() || django(invocation).is_some_and(|command| by_name(&command.name.value))
}
