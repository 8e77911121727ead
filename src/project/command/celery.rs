//! Celery: workers, the scheduler and their like.

use super::Invocation;
use super::flags::{Flags, Syntax};
use crate::parse::shell::Word;
use crate::source::Span;

/// What a Celery process does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CeleryRole {
    /// Runs tasks.
    Worker,
    /// Sends tasks on schedule. Two of them send everything twice.
    Beat,
    /// The monitor with a web page.
    Flower,
    /// Another subcommand: `inspect`, `multi`, `purge`.
    Other(String),
}

/// A `celery` command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Celery {
    /// The application: `-A config`.
    pub app: Option<Word>,
    /// What it does.
    pub role: CeleryRole,
    /// Whether the worker sends scheduled tasks, too (`-B`).
    pub embedded_beat: bool,
    /// The queues (`-Q`), as written.
    pub queues: Option<Word>,
    /// The number of processes or threads (`-c`).
    pub concurrency: Option<Word>,
    /// All flags, and the arguments after the subcommand.
    pub flags: Flags,
    /// From `celery` to the last argument.
    pub span: Span,
}

/// Flags that take a value, of `celery` itself and of its subcommands.
const FLAGS: Syntax = Syntax::valued(&[
    "-A",
    "--app",
    "-b",
    "--broker",
    "--result-backend",
    "--loader",
    "--config",
    "--workdir",
    "-n",
    "--hostname",
    "-c",
    "--concurrency",
    "-Q",
    "--queues",
    "-X",
    "--exclude-queues",
    "-l",
    "--loglevel",
    "-f",
    "--logfile",
    "-P",
    "--pool",
    "-O",
    "--pidfile",
    "--uid",
    "--gid",
    "--umask",
    "-s",
    "--schedule",
    "-S",
    "--scheduler",
    "--max-interval",
    "--prefetch-multiplier",
    "--max-tasks-per-child",
    "--max-memory-per-child",
    "--autoscale",
    "--time-limit",
    "--soft-time-limit",
    "--port",
    "--address",
    "--basic-auth",
    "--basic_auth",
    "--url-prefix",
    "--url_prefix",
    "--broker-api",
    "--broker_api",
    "-I",
    "--include",
    "--statedb",
    "-d",
    "--destination",
    "-t",
    "--timeout",
]);

/// The Celery process that this starts, if it starts one.
pub fn celery(invocation: &Invocation) -> Option<Celery> {
    let standalone = match invocation.program.as_str() {
        "celery" => None,
        "celerybeat" => Some("beat"),
        "celeryd" => Some("worker"),
        "flower" => Some("flower"),
        _ => return None,
    };
    let mut flags = invocation.flags(&FLAGS);
    let name = match standalone {
        Some(name) => name.to_owned(),
        None if flags.arguments.is_empty() => return None,
        None => flags.arguments.remove(0).literal()?,
    };
    let role = match name.as_str() {
        "worker" => CeleryRole::Worker,
        "beat" => CeleryRole::Beat,
        "flower" => CeleryRole::Flower,
        _ => CeleryRole::Other(name),
    };
    Some(Celery {
        app: flags.value(&["-A", "--app"]).cloned(),
        embedded_beat: role == CeleryRole::Worker && flags.has(&["-B", "--beat"]),
        queues: flags.value(&["-Q", "--queues"]).cloned(),
        concurrency: flags.value(&["-c", "--concurrency"]).cloned(),
        role,
        flags,
        span: invocation.words_span(),
    })
}
