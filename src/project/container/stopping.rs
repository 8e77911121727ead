//! What a container's server does when it is told to stop.

use crate::project::command::WrapperKind;
use crate::project::deployment::Service;
use crate::project::process::Run;
use crate::source::Place;

/// A server that does not stop when Docker asks it to.
#[derive(Clone, Copy, Debug)]
pub struct Unstopped<'s> {
    /// What starts it.
    pub run: &'s Run,
    /// What makes it so.
    pub place: &'s Place,
}

impl Service {
    /// Its server, where that is a uWSGI which surely gets SIGTERM and loads everything anew for it. One behind a shell gets
    /// no signal at all.
    pub fn reloads_when_stopped(&self) -> Option<Unstopped<'_>> {
        let process = &self.process;
        let compose = self.compose.as_ref().filter(|_| self.platform.is_none())?;
        let image = self.build.as_ref().map(|build| &build.image)?;
        let server = process.server()?;
        let run = &process.runs[server];
        let place = run.uwsgi.as_ref()?.reloads_at_sigterm()?;
        let other_signal = compose.stop_signal.is_some() || image.stop_signal.is_some();
        let supervised = process.runs.iter().any(|run| run.invocation.program.starts_with("supervisor"));
        let rewritten = run.invocation.via.iter().any(|via| via.kind == WrapperKind::Init);
        // `UWSGI_DIE_ON_TERM=1`
        let by_variable = self.variables.set.keys().any(|name| name.starts_with("UWSGI_"));
        let gets_it = process.maybe_more.is_none() && process.flow().shell_stays(server).is_none();
        (gets_it && !other_signal && !supervised && !rewritten && !by_variable).then_some(Unstopped { run, place })
    }
}
