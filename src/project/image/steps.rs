//! `RUN` instructions: what each runs, and what it runs with.

use super::super::command::{Invocation, PackageCommand, packages};
use super::super::value::Traced;
use super::Image;
use crate::parse::dockerfile::{Dockerfile, Instruction, InstructionKind, MountKind, RunMount};
use crate::source::{Fragment, Place, RepoPath, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Variables of a build by name; `None` where the value is not literal.
pub type BuildVariables = BTreeMap<String, Option<String>>;

/// One `RUN`.
#[derive(Clone, Debug)]
pub struct BuildStep {
    /// The index of the instruction.
    pub instruction: usize,
    /// The instruction.
    pub place: Place,
    /// What it runs, wrappers taken off, in order.
    pub commands: Vec<Invocation>,
    /// The package managers among them, each with its index in `commands`.
    pub packages: Vec<(usize, PackageCommand)>,
    /// The folders that `--mount=type=cache` and `type=tmpfs` keep out of the layer.
    pub cache_mounts: Vec<String>,
    /// Whether `ONBUILD` holds it back: it runs where an image is built on this one.
    pub held_back: bool,
    /// What is mounted while it runs.
    pub mounts: Vec<RunMount>,
    /// Whether a pipeline fails with any of its commands: by `SHELL`, or by `set -o pipefail`.
    pub pipefail: bool,
    /// `ENV` and `ARG` at its place, those of the stages below included.
    pub variables: Arc<BuildVariables>,
}

impl BuildStep {
    /// The place of a part of it.
    pub fn at(&self, span: Span) -> Place {
        Place::new(self.place.path.clone(), span)
    }

    /// Whether it removes something below a folder with `part` in its path, after the command with the index `after`.
    pub fn removes(&self, part: &str, after: usize) -> bool {
        let below = |text: &str| {
            let folder = text.trim_end_matches(['/', '*']);
            text.contains(part) || (folder.len() > 3 && part.starts_with(folder))
        };
        self.commands.iter().skip(after).any(|command| {
            let removing =
                command.program == "rm" || command.words.iter().any(|word| word.is("-delete") || word.is("rm"));
            removing
                && command.arguments().iter().any(|word| {
                    let text = word.text().replace(['"', '\''], "");
                    match text.split_once('{').and_then(|(start, rest)| Some((start, rest.split_once('}')?))) {
                        // `/var/lib/{apt,dpkg}/`
                        Some((start, (names, end))) => {
                            names.split(',').any(|name| below(&format!("{start}{name}{end}")))
                        }
                        None => below(&text),
                    }
                })
        })
    }

    /// Whether a folder with `part` in its path is mounted as a cache.
    pub fn mounts(&self, part: &str) -> bool {
        self.cache_mounts.iter().any(|target| target.contains(part))
    }

    /// Whether a variable with this name and any value but nothing is set.
    pub fn has_variable(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|value| value.as_deref() != Some(""))
    }
}

/// The steps of each stage. `images` are the stages' images, as if each were the target, `commands` are those of the file, each with
/// the index of its stage.
pub fn steps(
    file: &Dockerfile,
    path: &RepoPath,
    images: &[Option<Image>],
    commands: &[(usize, &Invocation)],
) -> Vec<Vec<BuildStep>> {
    /// What a stage hands down.
    #[derive(Clone, Default)]
    struct State {
        variables: Arc<BuildVariables>,
        pipefail: bool,
        waiting: Vec<Instruction>,
    }
    impl State {
        /// What is held back is read by the shell of then.
        fn minds_pipes(&self, held_back: bool) -> bool {
            let shell = |instruction: &Instruction| match &instruction.kind {
                InstructionKind::Shell(words) => Some(shell_minds_pipes(words.iter().map(Fragment::text))),
                _ => None,
            };
            let given = self.waiting.iter().rev().find_map(shell).filter(|_| held_back);
            given.unwrap_or(self.pipefail)
        }

        fn apply(&mut self, instruction: &Instruction) {
            match &instruction.kind {
                InstructionKind::Env(pairs) | InstructionKind::Arg(pairs) => {
                    for pair in pairs {
                        let value = pair.value.as_ref().and_then(|word| word.literal());
                        // `ARG NAME` leaves an `ENV` of its name as it is, and is empty where nothing gives it.
                        if pair.value.is_some() || !self.variables.contains_key(&pair.name.value) {
                            let value = if pair.value.is_some() { value } else { Some(String::new()) };
                            Arc::make_mut(&mut self.variables).insert(pair.name.value.clone(), value);
                        }
                    }
                }
                InstructionKind::Shell(words) => self.pipefail = shell_minds_pipes(words.iter().map(Fragment::text)),
                InstructionKind::Onbuild(held_back) => self.waiting.push((**held_back).clone()),
                _ => {}
            }
        }
    }
    let mut states: Vec<State> = Vec::new();
    let mut all = Vec::new();
    for stage in &file.stages {
        let image = images.get(stage.index).and_then(Option::as_ref);
        let parent = image.and_then(|image| image.stages.iter().rev().nth(1));
        let inherited = parent.and_then(|parent| states.get(*parent)).cloned();
        let state = inherited.or_else(|| {
            let below = &image?.below.as_ref()?.image;
            let known = |(name, value): (&String, &Traced<String>)| (name.clone(), value.value.likely().cloned());
            Some(State {
                variables: Arc::new(below.environment.iter().map(known).collect()),
                waiting: below.waiting.iter().map(|held_back| held_back.instruction.clone()).collect(),
                pipefail: below
                    .shell
                    .as_ref()
                    .is_some_and(|shell| shell_minds_pipes(shell.words.iter().map(String::as_str))),
            })
        });
        let mut state = state.unwrap_or_default();
        for held_back in std::mem::take(&mut state.waiting) {
            state.apply(&held_back);
        }
        let mut steps = Vec::new();
        let mut own = commands.iter().filter(|(at, _)| *at == stage.index).map(|(_, command)| *command).peekable();
        for (index, instruction) in file.body(stage) {
            let held_back = matches!(instruction.kind, InstructionKind::Onbuild(_));
            let runs = matches!(instruction.effective().kind, InstructionKind::Run(_));
            state.apply(instruction);
            if !runs {
                continue;
            }
            let instruction = instruction.effective();
            let mut commands = Vec::new();
            while let Some(command) = own.next_if(|command| command.span.start < instruction.span.end) {
                commands.push(command.clone());
            }
            let sets_pipefail = |command: &Invocation| {
                command.words.iter().any(|word| word.is("pipefail"))
                    || command.via.iter().any(|via| text_of(instruction, via.span).contains("pipefail"))
            };
            steps.push(BuildStep {
                instruction: index,
                place: Place::new(path.clone(), instruction.span),
                packages: commands
                    .iter()
                    .enumerate()
                    .filter_map(|(at, command)| Some((at, packages(command)?)))
                    .collect(),
                pipefail: state.minds_pipes(held_back) || commands.iter().any(sets_pipefail),
                cache_mounts: cache_mounts(instruction),
                held_back,
                mounts: instruction.mounts(),
                variables: Arc::clone(&state.variables),
                commands,
            });
        }
        states.push(state);
        all.push(steps);
    }
    all
}

/// Whether a pipeline fails with any of its commands in this shell. PowerShell and cmd have no such switch.
fn shell_minds_pipes<'w>(words: impl IntoIterator<Item = &'w str>) -> bool {
    words.into_iter().enumerate().any(|(at, word)| {
        let name = word.to_ascii_lowercase();
        let has_none = at == 0 && ["powershell", "pwsh", "cmd"].iter().any(|shell| name.contains(shell));
        has_none || word.contains("pipefail")
    })
}

/// The text of `span` of the file, where it lies in the arguments of `instruction`.
fn text_of(instruction: &Instruction, span: Span) -> &str {
    let whole = instruction.arguments.text();
    let start = (span.start as usize).saturating_sub(instruction.arguments.span().start as usize);
    let end = start + span.len();
    whole.get(start..end.min(whole.len())).unwrap_or_default()
}

fn cache_mounts(instruction: &Instruction) -> Vec<String> {
    let mounts = instruction.mounts().into_iter();
    let kept_out = mounts.filter(|mount| matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs));
    kept_out.map(|mount| mount.target.unwrap_or_default()).collect()
}
