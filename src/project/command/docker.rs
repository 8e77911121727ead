//! The other commands of `docker`: building, running, pushing, and what removes data.

use super::Invocation;
use super::flags::{Flags, Syntax};
use crate::parse::shell::Word;
use crate::source::Span;

/// A command of Docker, or of Podman, which takes the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerCommand {
    /// The subcommand, `image build` and `buildx build` as `build`, `container run` as `run` and so on:
    /// `build`, `run`, `push`, `tag`, `volume rm`, `volume prune`, `system prune`.
    pub name: String,
    /// Where the subcommand stands.
    pub name_span: Span,
    /// Its flags.
    pub flags: Flags,
    /// Its arguments; for `run` and `exec` the image or container and the command in it.
    pub arguments: Vec<Word>,
    /// From `docker` to the last argument.
    pub span: Span,
}

/// What `docker build` is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerBuild {
    /// The Dockerfile (`-f`); `None`: `Dockerfile` in the context.
    pub file: Option<Word>,
    /// The stage that is built.
    pub target: Option<Word>,
    /// The names of the image.
    pub tags: Vec<Word>,
    /// `--build-arg`: `NAME=value`, or `NAME` to take the shell's.
    pub arguments: Vec<Word>,
    /// The folder, address or `-`.
    pub context: Option<Word>,
    /// Whether the image is pushed at once (`--push`).
    pub push: bool,
    /// Whether the image is given labels (`--label`).
    pub labelled: bool,
}

impl DockerCommand {
    /// What it builds, if it builds.
    pub fn build(&self) -> Option<DockerBuild> {
        (self.name == "build").then(|| DockerBuild {
            file: self.flags.value(&["-f", "--file"]).cloned(),
            target: self.flags.value(&["--target"]).cloned(),
            tags: self.flags.values(&["-t", "--tag"]),
            arguments: self.flags.values(&["--build-arg"]),
            context: self.arguments.last().cloned(),
            push: self.flags.has(&["--push"]),
            labelled: self.flags.has(&["--label"]),
        })
    }

    /// Whether it has a flag of one of these names.
    pub fn has_flag(&self, names: &[&str]) -> bool {
        self.flags.has(names)
    }

    /// Whether it removes volumes and the data on them: `volume rm`, `volume prune`, `system prune --volumes`.
    pub fn removes_volumes(&self) -> bool {
        match self.name.as_str() {
            "volume rm" | "volume prune" => true,
            "system prune" => self.flags.has(&["--volumes"]),
            _ => false,
        }
    }
}

pub(super) const GLOBAL: Syntax = Syntax::valued(&[
    "--config",
    "-c",
    "--context",
    "-H",
    "--host",
    "-l",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
])
.then_command();

/// The switches of `docker run` and `docker create`: every other flag of theirs takes a value.
const RUN: Syntax = Syntax::switches(&[
    "-d",
    "--detach",
    "-i",
    "--interactive",
    "-t",
    "--tty",
    "--rm",
    "--init",
    "--privileged",
    "--read-only",
    "-P",
    "--publish-all",
    "--no-healthcheck",
    "--oom-kill-disable",
    "--sig-proxy",
    "--disable-content-trust",
    "-q",
    "--quiet",
    "--help",
    "--replace",
    "--tls-verify",
    "--use-api-socket",
])
.then_command();

/// The Docker command that this is, if it is one other than compose.
pub fn docker(invocation: &Invocation) -> Option<DockerCommand> {
    if !matches!(invocation.program.as_str(), "docker" | "podman") {
        return None;
    }
    let global = invocation.flags(&GLOBAL);
    let (first, rest) = global.arguments.split_first()?;
    let mut name = first.literal()?;
    let mut name_span = first.span;
    let mut rest = rest.to_vec();
    let grouped = matches!(
        name.as_str(),
        "image"
            | "container"
            | "volume"
            | "network"
            | "system"
            | "builder"
            | "buildx"
            | "secret"
            | "stack"
            | "service"
            | "context"
            | "swarm"
            | "node"
            | "config"
            | "manifest"
            | "pod"
    );
    if name == "compose" {
        return None;
    }
    if grouped {
        let inner = Flags::read(&rest, &Syntax::valued(&["--builder"]).then_command());
        let (second, after) = inner.arguments.split_first()?;
        let second_name = second.literal()?;
        name_span = name_span.to(second.span);
        name = match (name.as_str(), second_name.as_str()) {
            ("image" | "buildx" | "builder", "build" | "b") => "build".to_owned(),
            ("image", "push" | "pull" | "tag" | "save" | "load") | ("container", _) => second_name,
            ("image", "rm" | "remove") => "rmi".to_owned(),
            ("volume", "remove") => "volume rm".to_owned(),
            (group, _) => format!("{group} {second_name}"),
        };
        rest = after.to_vec();
    }
    let mut flags = Flags::read(&rest, &subcommand_flags(&name));
    let arguments = std::mem::take(&mut flags.arguments);
    Some(DockerCommand { name, name_span, flags, arguments, span: invocation.words_span() })
}

fn subcommand_flags(name: &str) -> Syntax {
    match name {
        "run" | "create" => RUN,
        "exec" => Syntax::valued(&["-e", "--env", "--env-file", "-u", "--user", "-w", "--workdir", "--detach-keys"])
            .then_command(),
        "build" => Syntax {
            switches: &[
                "--no-cache",
                "--pull",
                "-q",
                "--quiet",
                "--push",
                "--load",
                "--rm",
                "--force-rm",
                "--compress",
                "--squash",
                "--check",
                "-D",
                "--debug",
                "--disable-content-trust",
            ],
            ..Syntax::default()
        },
        "stop" | "restart" => Syntax::valued(&["-t", "--time", "--timeout", "-s", "--signal"]),
        "logs" => Syntax::valued(&["-n", "--tail", "--since", "--until"]),
        "login" => Syntax::valued(&["-u", "--username", "-p", "--password"]),
        "system prune" | "volume prune" | "image prune" | "container prune" | "builder prune" => {
            Syntax::valued(&["--filter", "--keep-storage"])
        }
        "stack deploy" => Syntax::valued(&["-c", "--compose-file", "--orchestrator", "--resolve-image"]),
        _ => {
            Syntax::valued(&["-f", "--filter", "--format", "--driver", "--name", "--label", "--opt", "-o", "--output"])
        }
    }
}
