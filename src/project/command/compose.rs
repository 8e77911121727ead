//! `docker compose` and `docker-compose`.

use super::Invocation;
use super::flags::{Flags, Syntax};
use crate::parse::shell::Word;
use crate::source::{Span, Spanned};

/// A command of Docker Compose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposeCommand {
    /// The compose files in order (`-f`): the stack that it works on. Empty: the default ones.
    pub files: Vec<Word>,
    /// The files for interpolation (`--env-file`), in order.
    pub env_files: Vec<Word>,
    /// The profiles that are switched on.
    pub profiles: Vec<Word>,
    /// The project's name (`-p`).
    pub project: Option<Word>,
    /// The folder that paths are relative to (`--project-directory`).
    pub directory: Option<Word>,
    /// `up`, `down`, `run`, …
    pub subcommand: Option<Spanned<String>>,
    /// The flags of the subcommand.
    pub flags: Flags,
    /// The arguments of the subcommand: services; for `exec` and `run` the service and the command in it.
    pub arguments: Vec<Word>,
    /// From `docker` to the last argument.
    pub span: Span,
}

impl ComposeCommand {
    /// Whether the subcommand is `name`.
    pub fn is(&self, name: &str) -> bool {
        self.subcommand.as_ref().is_some_and(|own| own.value == name)
    }

    /// Whether the subcommand has a flag of one of these names.
    pub fn has_flag(&self, names: &[&str]) -> bool {
        self.flags.has(names)
    }

    /// Whether it removes named volumes, and the data on them: `down -v`, `down --volumes`.
    pub fn removes_volumes(&self) -> bool {
        self.is("down")
            && self.flags.flags.iter().any(|flag| {
                let off = flag.value.as_ref().is_some_and(|value| value.is("false") || value.is("0"));
                matches!(flag.name.as_str(), "-v" | "--volumes") && !off
            })
    }
}

const GLOBAL: Syntax = Syntax {
    skip_variables: true,
    ..Syntax::valued(&[
        "-f",
        "--file",
        "--env-file",
        "--profile",
        "-p",
        "--project-name",
        "--project-directory",
        "--ansi",
        "--progress",
        "--parallel",
        "-H",
        "--host",
        "-c",
        "--context",
        "--log-level",
    ])
    .then_command()
};

/// The compose command that this is, if it is one.
pub fn compose(invocation: &Invocation) -> Option<ComposeCommand> {
    let words = match invocation.program.as_str() {
        "docker-compose" | "podman-compose" => invocation.arguments().to_vec(),
        "docker" | "podman" => {
            let own = invocation.flags(&super::docker::GLOBAL);
            let (first, rest) = own.arguments.split_first()?;
            if !first.is("compose") {
                return None;
            }
            rest.to_vec()
        }
        _ => return None,
    };
    let global = Flags::read(&words, &GLOBAL);
    let mut rest = global.arguments.iter();
    let subcommand = rest.next().and_then(|word| Some(Spanned::new(word.literal()?, word.span)));
    let rest: Vec<Word> = rest.cloned().collect();
    let mut flags = Flags::read(&rest, &subcommand_flags(subcommand.as_ref().map_or("", |name| name)));
    let arguments = std::mem::take(&mut flags.arguments);
    Some(ComposeCommand {
        files: global.values(&["-f", "--file"]),
        env_files: global.values(&["--env-file"]),
        profiles: global.values(&["--profile"]),
        project: global.value(&["-p", "--project-name"]).cloned(),
        directory: global.value(&["--project-directory"]).cloned(),
        subcommand,
        flags,
        arguments,
        span: invocation.words_span(),
    })
}

fn subcommand_flags(name: &str) -> Syntax {
    match name {
        "exec" => Syntax::valued(&["-e", "--env", "-u", "--user", "-w", "--workdir", "--index"]).then_command(),
        "run" => Syntax::valued(&[
            "-e",
            "--env",
            "--env-from-file",
            "--name",
            "-u",
            "--user",
            "-w",
            "--workdir",
            "-v",
            "--volume",
            "-p",
            "--publish",
            "--entrypoint",
            "-l",
            "--label",
            "--cap-add",
            "--cap-drop",
            "--pull",
        ])
        .then_command(),
        "up" => Syntax::valued(&[
            "--scale",
            "-t",
            "--timeout",
            "--wait-timeout",
            "--exit-code-from",
            "--attach",
            "--no-attach",
            "--pull",
        ]),
        "down" | "stop" | "restart" => Syntax::valued(&["-t", "--timeout", "--rmi"]),
        "logs" => Syntax::valued(&["-n", "--tail", "--since", "--until", "--index"]),
        "build" => Syntax::valued(&["--build-arg", "--progress", "--ssh", "-m", "--memory", "--builder"]),
        "config" => Syntax::valued(&["--format", "-o", "--output", "--hash"]),
        "ps" => Syntax::valued(&["--filter", "--format", "--status"]),
        _ => Syntax::valued(&["-s", "--signal", "-t", "--timeout", "--policy", "--index", "--format"]),
    }
}
