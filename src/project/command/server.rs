//! Application servers: what serves the project, and how.

use super::flags::{Flags, Syntax};
use super::{Invocation, django};
use crate::parse::shell::Word;
use crate::source::Span;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerKind {
    /// gunicorn
    Gunicorn,
    /// uvicorn
    Uvicorn,
    /// daphne
    Daphne,
    /// hypercorn
    Hypercorn,
    /// uWSGI
    Uwsgi,
    /// granian
    Granian,
    /// waitress
    Waitress,
    /// mod_wsgi-express, or `manage.py runmodwsgi`
    ModWsgi,
    /// Django's development server: `runserver`, `runserver_plus`, `runsslserver`
    Runserver,
}

/// An application server as its command line starts it. What a configuration file or the environment sets is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppServer {
    /// Which.
    pub kind: ServerKind,
    /// What it serves: `config.wsgi:application`.
    pub application: Option<Word>,
    /// Addresses it listens at, as written: `0.0.0.0:8000`, `unix:/run/x.sock`, a lone port.
    pub bind: Vec<Word>,
    /// The host, where it is told apart from the port.
    pub host: Option<Word>,
    /// The port, where it is told apart from the host.
    pub port: Option<Word>,
    /// The number of worker processes.
    pub workers: Option<Word>,
    /// The number of threads of each worker.
    pub threads: Option<Word>,
    /// After how many seconds a silent worker (of uWSGI, waitress, daphne: a request) is given up.
    pub timeout: Option<Word>,
    /// gunicorn's worker class, hypercorn's and granian's likewise.
    pub worker_class: Option<Word>,
    /// Whether code is loaded again when it changes.
    pub reload: bool,
    /// The configuration file.
    pub config: Option<Word>,
    /// All flags and arguments.
    pub flags: Flags,
    /// From the program to the last argument.
    pub span: Span,
}

impl AppServer {
    /// Whether it is meant for development only.
    pub fn is_development(&self) -> bool {
        self.kind == ServerKind::Runserver || self.reload
    }
}

/// The names of a server's flags. From the servers' references.
struct Names {
    syntax: Syntax,
    bind: &'static [&'static str],
    host: &'static [&'static str],
    port: &'static [&'static str],
    workers: &'static [&'static str],
    threads: &'static [&'static str],
    timeout: &'static [&'static str],
    worker_class: &'static [&'static str],
    reload: &'static [&'static str],
    config: &'static [&'static str],
}

const GUNICORN: Names = Names {
    // Switches are fewer than flags with a value.
    syntax: Syntax::switches(&[
        "--reload",
        "--preload",
        "--daemon",
        "-D",
        "--check-config",
        "--print-config",
        "--spew",
        "--statsd-host-only",
        "--capture-output",
        "--enable-stdio-inheritance",
        "--no-sendfile",
        "--reuse-port",
        "--initgroups",
        "--proxy-protocol",
        "--disable-redirect-access-to-syslog",
        "--log-syslog",
        "-R",
        "-h",
        "--help",
        "--version",
        "--strip-header-spaces",
        "--permit-obsolete-folding",
        "--permit-unconventional-http-method",
    ]),
    bind: &["-b", "--bind"],
    host: &[],
    port: &[],
    workers: &["-w", "--workers"],
    threads: &["--threads"],
    timeout: &["-t", "--timeout"],
    worker_class: &["-k", "--worker-class"],
    reload: &["--reload"],
    config: &["-c", "--config"],
};

const UVICORN: Names = Names {
    syntax: Syntax::switches(&[
        "--reload",
        "--no-access-log",
        "--access-log",
        "--use-colors",
        "--no-use-colors",
        "--proxy-headers",
        "--no-proxy-headers",
        "--server-header",
        "--no-server-header",
        "--date-header",
        "--no-date-header",
        "--factory",
        "--version",
        "--help",
    ]),
    bind: &["--uds"],
    host: &["--host"],
    port: &["--port"],
    workers: &["--workers"],
    threads: &[],
    timeout: &[],
    worker_class: &[],
    reload: &["--reload"],
    config: &[],
};

const DAPHNE: Names = Names {
    syntax: Syntax::switches(&["--proxy-headers", "--no-server-name", "-h", "--help"]),
    bind: &["-u", "--unix-socket", "-e", "--endpoint"],
    host: &["-b", "--bind"],
    port: &["-p", "--port"],
    timeout: &["-t", "--http-timeout"],
    workers: &[],
    reload: &[],
    ..UVICORN
};

const HYPERCORN: Names = Names {
    syntax: Syntax::switches(&["--reload", "--debug", "-h", "--help", "--version"]),
    bind: &["-b", "--bind", "--insecure-bind", "--quic-bind"],
    host: &[],
    port: &[],
    workers: &["-w", "--workers"],
    worker_class: &["-k", "--worker-class"],
    config: &["-c", "--config"],
    ..UVICORN
};

const UWSGI: Names = Names {
    syntax: Syntax::valued(&[
        "--http",
        "--http-socket",
        "--socket",
        "-s",
        "--https",
        "--uwsgi-socket",
        "--module",
        "-w",
        "--wsgi",
        "--wsgi-file",
        "--file",
        "--processes",
        "-p",
        "--workers",
        "--threads",
        "--harakiri",
        "--ini",
        "--yaml",
        "--json",
        "--xml",
        "--chdir",
        "--protocol",
        "--callable",
        "--static-map",
        "--uid",
        "--gid",
        "--env",
        "--py-autoreload",
        "--buffer-size",
        "--max-requests",
        "--log-format",
        "--logto",
        "--stats",
        "--home",
        "-H",
        "--virtualenv",
        "--pythonpath",
        "--chmod-socket",
        "--master-fifo",
        "--pidfile",
        "--touch-reload",
        "--plugin",
        "--plugins",
        "-b",
        "-l",
        "--listen",
        "-z",
    ]),
    bind: &["--http", "--http-socket", "--socket", "-s", "--https", "--uwsgi-socket"],
    host: &[],
    port: &[],
    workers: &["--processes", "-p", "--workers"],
    threads: &["--threads"],
    timeout: &["--harakiri"],
    worker_class: &[],
    reload: &["--py-autoreload"],
    config: &["--ini", "--yaml", "--json", "--xml"],
};

const GRANIAN: Names = Names {
    syntax: Syntax::switches(&[
        "--reload",
        "--no-reload",
        "--access-log",
        "--no-access-log",
        "--ws",
        "--no-ws",
        "--respawn-failed-workers",
        "--factory",
        "--no-factory",
        "--log",
        "--no-log",
        "--help",
        "--version",
    ]),
    threads: &["--blocking-threads", "--runtime-threads"],
    worker_class: &["--interface"],
    bind: &["--uds"],
    ..UVICORN
};

const WAITRESS: Names = Names {
    syntax: Syntax::valued(&[
        "--listen",
        "--host",
        "--port",
        "--threads",
        "--unix-socket",
        "--unix-socket-perms",
        "--url-scheme",
        "--url-prefix",
        "--channel-timeout",
        "--connection-limit",
        "--backlog",
        "--trusted-proxy",
        "--trusted-proxy-headers",
    ]),
    bind: &["--listen", "--unix-socket"],
    threads: &["--threads"],
    timeout: &["--channel-timeout"],
    workers: &[],
    reload: &[],
    ..UVICORN
};

const MOD_WSGI: Names = Names {
    syntax: Syntax::switches(&[
        "--log-to-terminal",
        "--reload-on-changes",
        "--setup-only",
        "--startup-log",
        "--access-log",
        "--rotate-logs",
        "--noinput",
    ]),
    workers: &["--processes"],
    threads: &["--threads"],
    timeout: &["--request-timeout"],
    reload: &["--reload-on-changes"],
    bind: &[],
    ..UVICORN
};

/// The application server that this starts, if it starts one.
pub fn app_server(invocation: &Invocation) -> Option<AppServer> {
    if let Some(command) = django(invocation) {
        return development(&command, invocation);
    }
    let (kind, names) = match invocation.program.as_str() {
        "gunicorn" | "gunicorn3" => (ServerKind::Gunicorn, GUNICORN),
        "uvicorn" => (ServerKind::Uvicorn, UVICORN),
        "daphne" => (ServerKind::Daphne, DAPHNE),
        "hypercorn" => (ServerKind::Hypercorn, HYPERCORN),
        "uwsgi" | "pyuwsgi" => (ServerKind::Uwsgi, UWSGI),
        "granian" => (ServerKind::Granian, GRANIAN),
        "waitress-serve" | "waitress" => (ServerKind::Waitress, WAITRESS),
        "mod_wsgi-express" => (ServerKind::ModWsgi, MOD_WSGI),
        _ => return None,
    };
    let mut server = read(kind, &names, invocation.flags(&names.syntax), invocation);
    // `mod_wsgi-express start-server wsgi.py`; `uwsgi uwsgi.ini`.
    let mut arguments = server.flags.arguments.iter();
    match kind {
        ServerKind::ModWsgi => server.application = arguments.find(|word| !word.is("start-server")).cloned(),
        ServerKind::Uwsgi => {
            server.application = server.flags.value(&["--module", "-w", "--wsgi", "--wsgi-file", "--file"]).cloned();
            server.config = server.config.or_else(|| arguments.next().cloned());
        }
        _ => server.application = arguments.next().cloned(),
    }
    Some(server)
}

fn development(command: &super::DjangoCommand, invocation: &Invocation) -> Option<AppServer> {
    let kind = match command.name.as_str() {
        "runserver" | "runserver_plus" | "runsslserver" | "devserver" | "testserver" => ServerKind::Runserver,
        "runmodwsgi" => ServerKind::ModWsgi,
        _ => return None,
    };
    if kind == ServerKind::ModWsgi {
        let position = invocation.words.iter().position(|word| word.is("runmodwsgi"))?;
        let flags = Flags::read(&invocation.words[position + 1..], &MOD_WSGI.syntax);
        return Some(read(kind, &MOD_WSGI, flags, invocation));
    }
    let mut server = read(kind, &Names { syntax: Syntax::valued(&[]), ..WAITRESS }, command.flags.clone(), invocation);
    server.bind = command.arguments().first().cloned().into_iter().collect();
    server.reload = !command.has_flag(&["--noreload", "--nostatic-reload"]);
    Some(server)
}

fn read(kind: ServerKind, names: &Names, flags: Flags, invocation: &Invocation) -> AppServer {
    let value = |names: &[&str]| flags.value(names).cloned();
    AppServer {
        kind,
        application: None,
        bind: flags.values(names.bind),
        host: value(names.host),
        port: value(names.port),
        workers: value(names.workers),
        threads: value(names.threads),
        timeout: value(names.timeout),
        worker_class: value(names.worker_class),
        reload: flags.has(names.reload),
        config: value(names.config),
        flags,
        span: invocation.words_span(),
    }
}
