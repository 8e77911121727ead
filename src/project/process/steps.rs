//! What the commands of a process are there for: the server that stays, and the steps before it.

use super::{Process, Run};
use crate::parse::shell::Guard;
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
    /// Whether it is a program that stays: an application server, a worker of Celery or its scheduler.
    pub fn is_server(&self) -> bool {
        let is_celery = |role: CeleryRole| matches!(role, CeleryRole::Worker | CeleryRole::Beat);
        app_server(&self.invocation).is_some() || celery(&self.invocation).is_some_and(|celery| is_celery(celery.role))
    }
}
