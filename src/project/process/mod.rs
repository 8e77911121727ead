//! What a container really runs: entrypoint and command, followed through the scripts of the repository.

mod follow;
mod start;
mod steps;
mod supervised;

pub use follow::{follow, follow_platform, follow_script};

use super::command::{Invocation, Uwsgi, WrapperKind, django};
use super::environment::Variables;
use super::image::{FileOrigin, Image};
use super::script::shells::{Flow, InShell, Shell, Standing};
use super::value::{Reason, Step, Value};
use crate::parse::shell::{Condition, Guard};
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;

/// What a container runs, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// The commands, entrypoint first.
    pub runs: Vec<Run>,
    /// The scripts that were followed.
    pub scripts: Vec<RepoPath>,
    /// How the first of each of them is started.
    pub starts: Vec<StartedScript>,
    /// The configurations and Procfiles of the supervisors that it runs.
    pub supervised: Vec<RepoPath>,
    /// The shells that run the commands.
    pub shells: Vec<Shell>,
    /// The command of the entrypoint that goes on to the container's command: `exec "$@"`. An index in `runs`.
    pub handover: Option<usize>,
    /// The entrypoint script that goes on to the container's command where there is surely none, so that it ends.
    pub ends_at_once: Option<RepoPath>,
    /// Whether its first process passes signals on to all others, not to its child alone: `dumb-init`, `tini -g`.
    pub signals_all: bool,
    /// The variables after the scripts have set theirs: what the last command finds.
    pub variables: Variables,
    /// Why there may be more than `runs`: the image's own command, a script that is not in the repository.
    pub maybe_more: Option<Reason>,
    /// The entrypoint, where it is named by a path.
    pub entrypoint: Option<EntrypointScript>,
}

/// An entrypoint that is named by a path: a script as a rule.
#[derive(Clone, Debug)]
pub struct EntrypointScript {
    /// Its absolute path in the container.
    pub container_path: String,
    /// The file of the repository that the image carries there, where it comes from one.
    pub source: Option<RepoPath>,
    /// Where it is named as the entrypoint.
    pub place: Place,
    /// Whether it is executed itself, and not read by a shell that is named before it.
    pub executed: bool,
}

/// A script of the repository that a container starts.
#[derive(Clone, Debug)]
pub struct StartedScript {
    /// The file.
    pub file: RepoPath,
    /// Its absolute path in the container.
    pub container_path: String,
    /// Whether it is executed itself, by its shebang; else a shell is named that reads it.
    pub executed: bool,
    /// The program that its shebang names: `bash`.
    pub interpreter: Option<String>,
    /// Whether it is the image's copy, not a file that is mounted.
    pub in_image: bool,
    /// Where it is named.
    pub place: Place,
    /// Whether it is started at all, by its guards and the container's variables.
    pub happens: Value<bool>,
}

/// One command of a process.
#[derive(Clone, Debug)]
pub struct Run {
    /// The file that it is written in.
    pub path: RepoPath,
    /// What is run, wrappers taken off.
    pub invocation: Invocation,
    /// Whether it happens, by its guards and the container's variables.
    pub happens: Value<bool>,
    /// How the container comes to it, from the declaration to the script.
    pub trail: Vec<Step>,
    /// Whether it is the container's own command, as opposed to what an entrypoint script does before.
    pub main: bool,
    /// The shell that runs it, and what that stops at.
    pub standing: Standing,
    /// The Python file of the repository that it runs: `python tools/report.py`.
    pub python_file: Option<RepoPath>,
    /// What uWSGI is told, by its command line and its file, where that is what is run.
    pub uwsgi: Option<Uwsgi>,
    /// The `gunicorn.conf.py` that gunicorn, where that is what is run, reads from the folder that it starts in.
    pub gunicorn_conf: Option<RepoPath>,
}

impl InShell for Run {
    fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    fn standing(&self) -> Standing {
        self.standing
    }

    fn may_happen(&self) -> bool {
        self.happens.likely() != Some(&false)
    }
}

impl Run {
    /// The place of the command.
    pub fn place(&self) -> Place {
        Place::new(self.path.clone(), self.invocation.span)
    }

    /// Whether it is more than the shell's own housekeeping, see [`Invocation::does_something`].
    pub fn does_something(&self) -> bool {
        self.invocation.does_something()
    }

    /// Whether it happens in a container that was just made: as [`Run::likely`], where nothing that is left behind by
    /// an earlier start (a marker file) is there yet.
    pub fn happens_in_new_container(&self) -> bool {
        let by_marker = |guard: &Guard| guard.condition().is_some_and(asks_for_missing_file);
        self.likely()
            || (self.happens.is_unknown()
                && self
                    .invocation
                    .guards
                    .iter()
                    .all(|guard| by_marker(guard) || guard.condition().is_none_or(is_command)))
    }

    /// Whether it surely happens, or happens unless something outside the repository prevents it.
    pub fn likely(&self) -> bool {
        self.happens.likely() == Some(&true)
    }
}

/// `[ ! -f marker ]`
fn asks_for_missing_file(condition: &Condition) -> bool {
    match condition {
        Condition::Not(inner) => {
            matches!(&**inner, Condition::Unary { operator, .. } if matches!(operator.as_str(), "-f" | "-e" | "-d"))
        }
        _ => false,
    }
}

fn is_command(condition: &Condition) -> bool {
    matches!(condition, Condition::Command(_))
}

impl Process {
    /// The commands as they depend on each other.
    pub fn flow(&self) -> Flow<'_, Run> {
        Flow { commands: &self.runs, shells: &self.shells, handover: self.handover }
    }

    /// Whether it waits for a neighbour by itself before it starts: `pg_isready`, `nc -z`, `wait-for-it.sh`, `wait_for_db`.
    pub fn waits(&self) -> bool {
        const WAITERS: [&str; 6] = ["pg_isready", "nc", "ncat", "netcat", "dockerize", "mysqladmin"];
        self.runs.iter().any(|run| {
            let invocation = &run.invocation;
            WAITERS.contains(&invocation.program.as_str())
                || invocation.program.starts_with("wait")
                || invocation.via.iter().any(|wrapper| wrapper.kind == WrapperKind::Wait)
                || django(invocation).is_some_and(|command| command.name.value.starts_with("wait"))
                // The shell itself connects, and the loop sleeps: `until </dev/tcp/db/5432; do sleep 1; done`.
                || invocation.redirects.iter().any(|redirect| redirect.target.text().contains("/dev/tcp/"))
                || invocation.guards.iter().filter_map(Guard::condition).flat_map(Condition::commands).any(|asked| {
                    asked.redirects.iter().any(|redirect| redirect.target.text().contains("/dev/tcp/"))
                })
                // A loop in Python that tries to connect.
                || invocation.redirects.iter().filter_map(|redirect| redirect.document.as_ref()).any(|document| {
                    document.body.text().contains("connect(")
                })
                || invocation.arguments().iter().any(|word| {
                    let text = word.text();
                    text.contains("wait_for") || text.contains("wait-for") || text.contains("/dev/tcp/")
                })
        })
    }
}

/// Where a container's files come from.
pub struct Container<'a> {
    /// The repository.
    pub snapshot: &'a Snapshot,
    /// Its image, where the repository builds it.
    pub image: Option<&'a Image>,
    /// The folder that is sent to the builder.
    pub context: Option<&'a RepoPath>,
    /// What is mounted over it: container paths and files or folders of the repository.
    pub mounts: &'a [(String, RepoPath)],
    /// Its first process's folder.
    pub workdir: String,
}

impl Container<'_> {
    /// The file of the repository at `path` of the container, as it is when the container runs.
    pub fn file(&self, path: &str) -> Option<RepoPath> {
        let mounted = self
            .mounts
            .iter()
            .filter(|(target, _)| below(path, target).is_some())
            .max_by_key(|(target, _)| target.len());
        if let Some((target, source)) = mounted {
            let rest = below(path, target)?;
            let file = if rest.is_empty() { source.clone() } else { source.join(rest)? };
            return self.snapshot.shares(&file).then_some(file);
        }
        self.image_file(path)
    }

    /// Whether something of the repository is mounted over `path`.
    fn is_mounted(&self, path: &str) -> bool {
        self.mounts.iter().any(|(target, _)| below(path, target).is_some())
    }

    /// The file of the repository that the image carries at `path`, whatever is mounted over it.
    pub fn image_file(&self, path: &str) -> Option<RepoPath> {
        let (image, own) = (self.image?, self.context?);
        let shared = |context: Option<&RepoPath>, inside: &str| {
            context.unwrap_or(own).join(inside).is_some_and(|file| self.snapshot.shares(&file))
        };
        match image.origin_of(path, &shared)? {
            FileOrigin::Context { context, path, .. } => context.as_ref().unwrap_or(own).join(&path),
            FileOrigin::Heredoc { .. } | FileOrigin::Image { .. } => None,
        }
    }

    /// A path of the container, absolute.
    fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let inside = RepoPath::new(self.workdir.trim_start_matches('/')).unwrap_or_else(RepoPath::root);
        format!("/{}", inside.join(path).unwrap_or(inside))
    }

    /// The script that a word names, where the repository has it.
    fn script(&self, name: &str) -> Option<RepoPath> {
        let path = self.absolute(name);
        self.file(&path).or_else(|| {
            // Nothing is known of the image: the repository's own layout is the best guess.
            let guess = self.context.cloned().unwrap_or_else(RepoPath::root).join(name.trim_start_matches('/'))?;
            (self.image.is_none() && self.snapshot.shares(&guess)).then_some(guess)
        })
    }
}

/// The rest of `path` below `folder`; empty where they are the same.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
