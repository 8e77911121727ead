//! Files and commands as rules see them: with whom they serve.

use super::command::Invocation;
use super::container::account::Account;
use super::environment::Environment;
use super::image::labels::LabelFaults;
use super::image::{BuildStep, CopiedPath, CopySource, Image, PlacedCommand};
use super::script::shells::{InShell, Standing};
use super::secrecy::{has_password, is_placeholder, is_written_secret, names_secret};
use super::value::Traced;
use crate::findings::Scope;
use crate::parse::dockerfile::{Dockerfile, Instruction, InstructionKind};
use crate::parse::env_file::{self, EnvFile};
use crate::source::{Encoding, Place, Problem, RepoPath, Span};
use crate::tree::{FileKind, GitStatus, Snapshot};
use std::sync::Arc;

/// A file and what reading it brought up.
#[derive(Clone, Debug)]
pub struct FileUse {
    /// The file.
    pub path: RepoPath,
    /// What it was taken for.
    pub kind: FileKind,
    /// How its bytes became text.
    pub encoding: Encoding,
    /// What could not be understood in it.
    pub problems: Vec<Problem>,
    /// Why it could not be read, where it could not.
    pub unreadable: Option<String>,
}

/// A Dockerfile and the deployments that build from it.
#[derive(Clone, Debug)]
pub struct DockerfileUse {
    /// The file; the compose file that it is written into.
    pub path: RepoPath,
    /// What it goes by in [`Build`](super::deployment::Build): its path, unless it is written into a compose file.
    pub name: RepoPath,
    /// Its syntax.
    pub file: Arc<Dockerfile>,
    /// The folder that is sent to the builder: as a deployment says, else the Dockerfile's own.
    pub context: RepoPath,
    /// The contexts that deployments give its build by name, beside the main one.
    pub named_contexts: Vec<String>,
    /// The environments of the deployments that build from it; by its name where none does.
    pub scope: Scope,
    /// Its stages, in order.
    pub stages: Vec<StageUse>,
}

impl DockerfileUse {
    /// Whether an `ENV` or `ARG` writes a secret into the image at this place of the file.
    pub fn writes_secret_at(&self, place: Span) -> bool {
        let pairs = self.file.instructions.iter().flat_map(|instruction| match &instruction.kind {
            InstructionKind::Env(pairs) | InstructionKind::Arg(pairs) => pairs.as_slice(),
            _ => &[],
        });
        let mut here = pairs.filter(|pair| pair.span.contains(place.start as usize));
        here.any(|pair| {
            let value = pair.value.as_ref().and_then(|value| value.literal());
            value.is_some_and(|value| is_written_secret(&pair.name, &value))
        })
    }

    /// Whether production or staging is built from it, be it by assumption.
    pub fn serves_real_users(&self) -> bool {
        self.scope.serves_real_users()
    }

    /// What to do about a name in `COPY --from` of the stage `before` that surely is no earlier stage and no image: it is
    /// that of a later stage, a number that is too high, or a letter away from an earlier stage. `None` for all others.
    pub fn meant_stage(&self, name: &str, before: usize) -> Option<String> {
        let stages = &self.file.stages;
        if name.contains(['/', ':', '$', '.']) || self.named_contexts.iter().any(|known| known == name) {
            return None;
        }
        if let Ok(number) = name.parse::<usize>() {
            return (number > before).then(|| "number an earlier stage, from 0 on".to_owned());
        }
        if self.file.stage_named(name, before).is_some()
            || stages[before].name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        {
            return None;
        }
        if self.file.stage_named(name, stages.len()).is_some() {
            return Some(format!("move the stage `{name}` before this one"));
        }
        let near =
            stages[..before].iter().filter_map(|stage| stage.name.as_ref()).find(|known| is_a_letter_away(known, name));
        near.map(|known| format!("did you mean `{}`?", known.value))
    }

    /// The steps of all stages that the image of `stage` is made of, in order.
    pub fn steps_below(&self, stage: usize) -> Vec<&BuildStep> {
        let chain = self.stages.iter().find(|known| known.index == stage).map(|known| &known.image.stages);
        let below = |known: &&StageUse| chain.is_some_and(|chain| chain.contains(&known.index));
        self.stages.iter().filter(below).flat_map(|known| &known.steps).collect()
    }

    /// The instructions of a stage after its `FROM`.
    pub fn instructions(&self, stage: &StageUse) -> impl Iterator<Item = &Instruction> {
        self.file.body(&self.file.stages[stage.index]).map(|(_, instruction)| instruction)
    }

    /// The same, and of `ONBUILD` the instruction that it holds back for images that are built on this one.
    pub fn looked_through(&self, stage: &StageUse) -> impl Iterator<Item = &Instruction> {
        self.instructions(stage).map(Instruction::effective)
    }

    /// The users that a stage's own `USER` instructions name, where they are literal.
    pub fn users(&self, stage: &StageUse) -> impl Iterator<Item = (Place, String)> {
        self.instructions(stage).filter_map(|instruction| match &instruction.kind {
            InstructionKind::User(word) => Some((Place::new(self.path.clone(), instruction.span), word.literal()?)),
            _ => None,
        })
    }

    /// The `.dockerignore` that its build reads: one of its own name, else that of the context.
    pub fn ignore_file(&self, snapshot: &Snapshot) -> Option<RepoPath> {
        ignore_file(snapshot, &self.name, &self.context)
    }

    /// The instruction by which an image that ships takes all of the context.
    pub fn copies_whole_context(&self) -> Option<&Place> {
        let last = self.stages.last()?;
        let whole = |copy: &&CopiedPath| {
            copy.from == CopySource::Context
                && copy.sources.iter().any(|source| {
                    source.value.likely().is_some_and(|text| matches!(text.trim_end_matches('/'), "." | ""))
                })
        };
        last.image.copies.iter().find(whole).map(|copy| &copy.place)
    }
}

/// A build stage with its external base resolved.
#[derive(Clone, Debug)]
pub struct StageUse {
    /// Its index among the stages of the file.
    pub index: usize,
    /// The name that it has, or its index.
    pub name: String,
    /// Whether its FROM names an earlier stage, or what another Dockerfile here builds, rather than an image from elsewhere.
    pub starts_from_stage: bool,
    /// The image that it builds upon in the end, after substitution; `scratch` is nothing.
    pub base: Traced<String>,
    /// Where FROM names it.
    pub base_place: Place,
    /// The stage as the final one of a build: what a container of it would have.
    pub image: Arc<Image>,
    /// Whether no other stage builds on it or copies from it, so that it is what ships.
    pub is_final: bool,
    /// The environments that need it; those of the Dockerfile where none is known to.
    pub scope: Scope,
    /// Whether containers are made of it, as opposed to stages that others build on or copy from.
    pub is_target: bool,
    /// Whether its layers are in the image that a container is made of.
    pub is_kept: bool,
    /// Whether a container of it starts with the image's entry point, and no stack gives another.
    pub starts_entrypoint: bool,
    /// Whether a container of it starts with the image's command, and no stack gives another.
    pub starts_cmd: bool,
    /// The account of the containers that are made of it for real users.
    pub account: Account,
    /// What is wrong with its labels, where the team says what they are.
    pub labels: LabelFaults,
    /// Its `RUN` instructions.
    pub steps: Vec<BuildStep>,
    /// Whether its base is an image that the repository builds.
    pub base_is_built_here: bool,
}

/// Whether one text becomes the other by one letter more, less or another, or two that change places.
pub(super) fn is_a_letter_away(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    // `build`, `builder`
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    let ending: String = long[short.len()..].iter().collect();
    if short.len() > 3 && long.starts_with(short) && matches!(ending.as_str(), "r" | "er" | "s" | "ing" | "-stage") {
        return true;
    }
    if a.len() < 4 || b.len() < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let longest = a.len().max(b.len());
    let swapped =
        a.len() == b.len() && start + end + 2 == a.len() && a[start] == b[start + 1] && a[start + 1] == b[start];
    start + end + 1 >= longest || swapped
}

impl StageUse {
    /// The image's own start that keeps a shell as the first process, by which stop signals are lost: the entry point's
    /// shell form, else the command's. One that says `exec` hands over.
    pub fn keeps_shell(&self) -> Option<(&'static str, &PlacedCommand)> {
        let entrypoint = self.image.entrypoint.as_ref().filter(|_| self.starts_entrypoint);
        let cmd = self.image.cmd.as_ref().filter(|_| self.starts_cmd);
        let (keyword, start) = match (entrypoint, cmd) {
            (Some(start), _) if start.is_shell_form() => ("ENTRYPOINT", start),
            (_, Some(start)) if start.is_shell_form() => ("CMD", start),
            _ => return None,
        };
        start.keeps_shell().then_some((keyword, start))
    }
}

/// Where a command is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A RUN instruction of the stage with this index.
    Build {
        /// The stage's index.
        stage: usize,
    },
    /// What a container starts: CMD, ENTRYPOINT, compose `command` or `entrypoint`.
    Container,
    /// A script that a container starts with, or that such a script calls.
    Entrypoint,
    /// Any other shell script.
    Script,
    /// A recipe of a Makefile or justfile.
    Recipe {
        /// The target.
        target: String,
    },
    /// A step of a CI workflow.
    Workflow {
        /// The job's id.
        job: String,
    },
    /// What a platform runs to build a service or to set an app up: `buildCommand` of a `render.yaml`.
    Platform,
}

/// A command, with where it is written and whom it serves.
#[derive(Clone, Debug)]
pub struct CommandUse {
    /// The file.
    pub path: RepoPath,
    /// What is really run, wrappers taken off.
    pub invocation: Invocation,
    /// Where it is written.
    pub origin: Origin,
    /// The environments that it concerns; empty where it concerns none in particular.
    pub scope: Scope,
    /// The environment that the compose files of its stack are named for: those that it names by itself, or the compose
    /// command that runs it in a container.
    pub stack: Option<Environment>,
    /// The number of the text of its file that it stands in: a step of a job, a line of a recipe.
    pub part: usize,
    /// The shell that runs it, among those of its [`super::script::ScriptUse`], and what that stops at.
    pub standing: Standing,
}

impl InShell for CommandUse {
    fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    fn standing(&self) -> Standing {
        self.standing
    }
}

impl CommandUse {
    /// The place of the command.
    pub fn place(&self) -> Place {
        Place::new(self.path.clone(), self.invocation.span)
    }
}

/// An env file and the deployments that load it.
#[derive(Clone, Debug)]
pub struct EnvFileUse {
    /// The file.
    pub path: RepoPath,
    /// Its syntax, as Compose reads it.
    pub file: Arc<EnvFile>,
    /// Whether git tracks or ignores it.
    pub git: GitStatus,
    /// The environments of the deployments that load it; by its name where none does.
    pub scope: Scope,
    /// The places that load it: `env_file` entries, `read_env` calls.
    pub loaded_by: Vec<Place>,
}

impl EnvFileUse {
    /// The entries whose value is a secret, by the key's name or by a password in an address. Empty values, references to
    /// variables, placeholders and encrypted values are none.
    pub fn secrets(&self) -> impl Iterator<Item = &env_file::Entry> {
        self.file.entries.iter().filter(|entry| {
            // A `$` inside a password makes a variable of its rest for Compose; a secret it is all the same.
            let Some(value) = entry.value.as_ref().map(|value| value.raw.value.as_str()) else { return false };
            (names_secret(&entry.key) || has_password(value)) && !value.starts_with('$') && !is_placeholder(value)
        })
    }
}

/// The `.dockerignore` that a build reads: one of the Dockerfile's own name, else that of the context.
pub fn ignore_file(snapshot: &Snapshot, dockerfile: &RepoPath, context: &RepoPath) -> Option<RepoPath> {
    let own = RepoPath::new(&format!("{dockerfile}.dockerignore"))?;
    [own, context.join(".dockerignore")?].into_iter().find(|path| snapshot.shares(path))
}
