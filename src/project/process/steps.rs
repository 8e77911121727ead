//! What the commands of a process are there for: the server that stays, and the steps before it.

use super::{Process, Run};
use crate::parse::shell::{Guard, Word};
use crate::project::command::{CeleryRole, DjangoCommand, WrapperKind, app_server, celery, django};

impl Process {
    /// The program that stays, an application server or a process of Celery, where it likely comes to one: an index in
    /// `runs`. The last, since nothing runs after it.
    pub fn server(&self) -> Option<usize> {
        self.runs.iter().rposition(|run| run.likely() && !run.invocation.background && run.is_server())
    }

    /// The runs that likely happen and are management commands, with these.
    pub fn management_commands(&self) -> impl Iterator<Item = (usize, &Run, DjangoCommand)> {
        self.runs
            .iter()
            .enumerate()
            .filter(|(_, run)| run.likely())
            .filter_map(|(at, run)| Some((at, run, django(&run.invocation)?)))
    }

    /// The run that changes the database's tables: `migrate`, where it likely happens.
    pub fn migration(&self) -> Option<&Run> {
        self.management_commands().find(|(_, _, command)| command.migrates()).map(|(_, run, _)| run)
    }

    /// A server that stays in the foreground, and the first command below it that is meant to run and never does:
    /// a program that stays, too, or a management command. Indices in `runs`.
    pub fn never_reached(&self) -> Option<(usize, usize)> {
        const STAY: [&str; 9] =
            ["supervisord", "honcho", "foreman", "overmind", "goreman", "cron", "crond", "nginx", "flower"];
        let meant = |run: &Run| {
            run.is_server() || STAY.contains(&run.invocation.program.as_str()) || django(&run.invocation).is_some()
        };
        let traps = |shell: usize| self.shells.get(shell).is_none_or(|shell| shell.traps);
        self.runs.iter().enumerate().filter(|(_, run)| run.likely() && run.stays()).find_map(|(at, server)| {
            let shell = server.standing.shell.filter(|shell| !traps(*shell))?;
            let below = self.runs.iter().enumerate().skip(at + 1);
            let mut below = below.filter(|(_, run)| run.standing.shell == Some(shell) && run.likely() && meant(run));
            below.next().map(|(later, _)| (at, later))
        })
    }

    /// The commands that are tried again and again until they succeed, with nothing that ends it: `until nc -z db 5432`.
    pub fn endless_waits(&self) -> Vec<&Run> {
        self.runs.iter().filter(|run| run.invocation.tested && run.likely() && self.is_waited_for(run)).collect()
    }

    /// Whether a run is all that a loop asks for, and the loop only sleeps and talks.
    fn is_waited_for(&self, run: &Run) -> bool {
        let asks = |guard: &Guard| match guard {
            Guard::Loop { condition, .. } => {
                condition.words().is_empty()
                    && matches!(condition.commands().as_slice(), [command] if command.span == run.invocation.span)
            }
            _ => false,
        };
        let limited = run.invocation.via.iter().any(|via| via.program == "timeout" || via.kind == WrapperKind::Wait)
            || run.invocation.is_repeated();
        let body = || {
            self.runs
                .iter()
                .filter(|other| other.path == run.path && other.invocation.guards.iter().any(asks))
                .map(|other| other.invocation.program.as_str())
        };
        !limited
            && body().any(|program| program == "sleep")
            && body().all(|it| matches!(it, "sleep" | "echo" | "printf"))
    }
}

impl Run {
    /// Whether a shell that starts it waits for it for good: a server in the foreground.
    fn stays(&self) -> bool {
        const ELSEWHERE: [&str; 6] = ["--daemon", "--daemonize", "-d", "-D", "--detach", "--check-config"];
        let invocation = &self.invocation;
        let in_loop = |guard: &Guard| matches!(guard, Guard::Loop { .. } | Guard::For { .. });
        let leaves = |word: &Word| ELSEWHERE.iter().any(|flag| word.prefix().split('=').next() == Some(flag));
        self.is_server()
            && !invocation.background
            && invocation.pipeline.is_none()
            && !invocation.guards.iter().any(in_loop)
            && !invocation.arguments().iter().any(leaves)
    }

    /// Whether it is a program that stays: an application server, a worker of Celery or its scheduler.
    pub fn is_server(&self) -> bool {
        let is_celery = |role: CeleryRole| matches!(role, CeleryRole::Worker | CeleryRole::Beat);
        app_server(&self.invocation).is_some() || celery(&self.invocation).is_some_and(|celery| is_celery(celery.role))
    }
}
