//! What a Dockerfile builds: the final stage (or a target), with all that it inherits from the stages below it.

mod below;
pub mod build_context;
mod files;
pub mod known;
pub mod labels;
mod layers;
pub mod reference;
pub mod registries;
mod stage;
pub mod stages;
mod steps;
pub mod trust;

pub use below::{Bases, Below};
pub use files::FileOrigin;
pub use steps::{BuildStep, BuildVariables, steps};

use super::expand::{self, Budget};
use super::value::{Act, Reason, Step, Traced, Value};
use crate::parse::dockerfile::{CommandForm, Dockerfile, Instruction, InstructionKind, Word, is_bourne};
use crate::parse::shell;
use crate::parse::substitution::Variable;
use crate::source::{Place, RepoPath, Spanned};
use crate::tree::Snapshot;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The most stages, beside those that the image is built on, whose files are followed.
const MAX_OTHER_STAGES: usize = 256;

/// The image that a build ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The image from elsewhere that all of it stands on in the end; `scratch` is nothing.
    pub base: Traced<String>,
    /// What the `FROM` of the first of [`Image::stages`] names.
    pub named_base: Traced<String>,
    /// The image of another Dockerfile that this is, where the repository builds it.
    pub below: Option<Arc<Below>>,
    /// The indices of the stages that it is made of, from the base to the target.
    pub stages: Vec<usize>,
    /// `ENV`. The base image may set more.
    pub environment: BTreeMap<String, Traced<String>>,
    /// The build arguments (`ARG`) of its stages, with their values at the end of the build.
    pub arguments: BTreeMap<String, Traced<String>>,
    /// The last `USER`, with its group if any; `None`: the base image's.
    pub user: Option<Traced<String>>,
    /// The last `WORKDIR`, absolute; `None`: the base image's.
    pub workdir: Option<Traced<String>>,
    /// The last `SHELL`; `None`: the base image's, `/bin/sh -c` as a rule.
    pub shell: Option<PlacedShell>,
    /// The entry point; `None`: the base image's.
    pub entrypoint: Option<PlacedCommand>,
    /// The command. `None`: the base image's, or none at all where there is an entry point, since `ENTRYPOINT` resets
    /// an inherited `CMD`.
    pub cmd: Option<PlacedCommand>,
    /// The health check; `None`: the base image's.
    pub healthcheck: Option<PlacedHealthcheck>,
    /// The stop signal; `None`: the base image's.
    pub stop_signal: Option<Traced<String>>,
    /// The labels.
    pub labels: BTreeMap<String, Traced<String>>,
    /// `EXPOSE`: ports or ranges, perhaps with a protocol.
    pub exposed: Vec<Traced<String>>,
    /// `VOLUME`.
    pub volumes: Vec<Traced<String>>,
    /// `COPY` and `ADD` of all its stages, in order.
    pub copies: Vec<CopiedPath>,
    /// The earlier stages that `RUN --mount` takes something from, by index.
    pub mounted: BTreeSet<usize>,
    /// What `ONBUILD` holds back for images that are built on this one.
    pub waiting: Vec<HeldBack>,
    /// The files of the stages that something is copied from, by index.
    others: BTreeMap<usize, StageFiles>,
}

/// An instruction that `ONBUILD` holds back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The instruction.
    pub instruction: Instruction,
    /// The Dockerfile that it stands in.
    pub path: RepoPath,
    /// Its index there.
    pub at: usize,
}

/// What one stage copies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct StageFiles {
    /// The stage that it starts from.
    parent: Option<usize>,
    /// The image of another Dockerfile that it starts from.
    below: Option<Arc<Below>>,
    copies: Vec<CopiedPath>,
}

/// A command of the image and where it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedCommand {
    /// The command.
    pub form: CommandForm,
    /// The shell that runs a [`CommandForm::Shell`], where `SHELL` sets one above it.
    pub shell: Option<Vec<String>>,
    /// The instruction.
    pub place: Place,
    /// The index of the instruction; that of the `FROM` where another Dockerfile gives it.
    pub instruction: usize,
    /// The index of the stage.
    pub stage: usize,
}

impl PlacedCommand {
    /// Whether the shell that reads it, if any does, is a Bourne shell.
    pub fn is_read_by_bourne(&self) -> bool {
        self.shell.as_ref().is_none_or(|shell| is_bourne(shell.iter().map(String::as_str)))
    }

    /// Whether it is text for a shell.
    pub fn is_shell_form(&self) -> bool {
        matches!(self.form, CommandForm::Shell(_))
    }

    /// Whether a shell stays the first process while the program runs: the shell form without `exec`. A shell that is all
    /// that is asked for, or that a `SHELL` of another kind is, does not count.
    pub fn keeps_shell(&self) -> bool {
        // No signal comes in time for these.
        const DONE_AT_ONCE: [&str; 7] = ["cp", "mv", "mkdir", "echo", "ls", "cat", "true"];
        let CommandForm::Shell(text) = &self.form else { return false };
        let unix = self.is_read_by_bourne();
        let (script, _) = shell::parse(text);
        let names = || script.commands.iter().filter_map(|command| command.name());
        let all = |known: &[&str]| {
            names().all(|name| name.rsplit('/').next().is_some_and(|program| known.contains(&program)))
        };
        let only_shell = script.commands.len() == 1 && all(&["sh", "bash", "ash", "zsh"]);
        unix && names().next().is_some() && !only_shell && !all(&DONE_AT_ONCE) && !names().any(|name| name == "exec")
    }
}

/// The image's health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedHealthcheck {
    /// The command; `None` where an inherited check is switched off.
    pub command: Option<CommandForm>,
    /// `--interval`, `--timeout`, `--retries` and so on, as written, by name.
    pub options: BTreeMap<String, Spanned<String>>,
    /// The instruction.
    pub place: Place,
    /// The index of the instruction.
    pub instruction: usize,
    /// The index of the stage.
    pub stage: usize,
}

/// The shell of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedShell {
    /// Program and arguments.
    pub words: Vec<String>,
    /// The instruction.
    pub place: Place,
}

/// One `COPY` or `ADD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedPath {
    /// The sources, variables substituted: relative to the build context, or to the root of what they come from.
    pub sources: Vec<Spanned<Value<String>>>,
    /// Files written in place: their names, and indices into the instruction's heredocs.
    pub heredocs: Vec<(String, usize)>,
    /// Absolute; ends with `/` where it is surely a folder.
    pub destination: Spanned<Value<String>>,
    /// Where the sources come from.
    pub from: CopySource,
    /// `ADD`, which also fetches addresses and unpacks archives.
    pub add: bool,
    /// `--chmod`, as written.
    pub chmod: Option<Spanned<String>>,
    /// `--chown`, as written.
    pub chown: Option<Spanned<String>>,
    /// `--parents`: sources keep their folders.
    pub parents: bool,
    /// `--exclude`: patterns of what stays behind.
    pub exclude: Vec<String>,
    /// The instruction.
    pub place: Place,
    /// The index of the instruction.
    pub instruction: usize,
    /// The index of the stage.
    pub stage: usize,
}

/// Where `COPY` copies from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopySource {
    /// The build context.
    Context,
    /// An earlier stage, by index.
    Stage(usize),
    /// An image, or a named context of the build.
    Image(String),
}

impl Image {
    /// Whether no other Dockerfile of the repository builds any of it.
    pub fn is_of_one_file(&self) -> bool {
        self.below.is_none() && self.others.values().all(|files| files.below.is_none())
    }

    /// What its stages copy, and what those copy that it copies from.
    pub fn all_copies(&self) -> impl Iterator<Item = &CopiedPath> {
        self.copies.iter().chain(self.others.values().flat_map(|files| &files.copies))
    }
}

/// Works out what the build of `file` (at `path`) ends with, for the stage `target` or the last one. `None` where there
/// is no such stage. `build_args` are those that the build is given, by compose say; `bases` tells what of the images that
/// it starts from the repository builds.
pub fn resolve(
    file: &Dockerfile,
    path: &RepoPath,
    target: Option<&str>,
    build_args: &BTreeMap<String, Traced<String>>,
    bases: &Bases<'_>,
) -> Option<Image> {
    let target = match target {
        Some(name) => file.target(name)?.index,
        None => file.stages.len().checked_sub(1)?,
    };
    let mut build = Build::new(file, path, build_args, bases);
    let chain = build.chain(target);
    let (needed, from) = build.needed(&chain);
    let mut uses: HashMap<usize, usize> = HashMap::new();
    for &stage in &needed {
        if let Some(parent) = build.parents[stage] {
            *uses.entry(parent).or_default() += 1;
        }
    }
    let mut states: HashMap<usize, stage::State> = HashMap::new();
    let mut copies: BTreeMap<usize, Vec<CopiedPath>> = BTreeMap::new();
    // Ascending: a stage stands after the one that it starts from.
    for &index in &needed {
        let inherited = build.parents[index].and_then(|parent| {
            let left = uses.get_mut(&parent)?;
            *left -= 1;
            // The last to need a state takes it, so that a long chain is not copied at each link.
            if *left == 0 && parent != target { states.remove(&parent) } else { states.get(&parent).cloned() }
        });
        let (state, copied) = build.run(index, inherited);
        states.insert(index, state);
        copies.insert(index, copied);
    }
    let own = chain.iter().flat_map(|stage| copies[stage].iter().cloned()).collect();
    let others = copies
        .into_iter()
        .filter(|(stage, _)| from.contains(stage))
        .map(|(stage, copies)| (stage, StageFiles { parent: build.parents[stage], below: build.below(stage), copies }))
        .collect();
    let state = states.remove(&target)?;
    let named_base = build.bases[chain[0]].clone();
    let below = build.below(chain[0]);
    let mut base = named_base.clone();
    if let Some(below) = &below {
        base.value = below.image.base.value.clone();
        expand::add_steps(&mut base.trail, below.image.base.trail.clone());
    }
    Some(Image { base, named_base, below, ..state.into_image(chain, own, others) })
}

/// The Dockerfile at `path`; BuildKit takes its name in lower case, too.
pub fn existing_dockerfile(snapshot: &Snapshot, path: RepoPath) -> Option<RepoPath> {
    if snapshot.shares(&path) {
        return Some(path);
    }
    let lower = path.parent()?.join("dockerfile").filter(|_| path.file_name() == "Dockerfile")?;
    snapshot.shares(&lower).then_some(lower)
}

/// A build in progress.
struct Build<'a> {
    file: &'a Dockerfile,
    path: &'a RepoPath,
    build_args: &'a BTreeMap<String, Traced<String>>,
    /// The arguments before the first `FROM`.
    globals: BTreeMap<String, Traced<String>>,
    /// What each stage starts from, variables substituted.
    bases: Vec<Traced<String>>,
    /// The earlier stage that each stage starts from.
    parents: Vec<Option<usize>>,
    /// The stages of each name (lower case), ascending.
    named: HashMap<String, Vec<usize>>,
    /// Which of the images that stages start from the repository builds.
    known: &'a Bases<'a>,
    budget: Budget,
}

impl<'a> Build<'a> {
    fn new(
        file: &'a Dockerfile,
        path: &'a RepoPath,
        build_args: &'a BTreeMap<String, Traced<String>>,
        known: &'a Bases<'a>,
    ) -> Self {
        let mut build = Self {
            file,
            path,
            build_args,
            globals: BTreeMap::new(),
            bases: Vec::new(),
            parents: Vec::new(),
            named: HashMap::new(),
            known,
            budget: Budget::default(),
        };
        for instruction in file.preamble() {
            let InstructionKind::Arg(arguments) = &instruction.kind else { continue };
            for argument in arguments {
                let default = argument.value.as_ref().map(|word| build.expand_global(word));
                let value = build.argument(argument, default);
                build.globals.insert(argument.name.value.clone(), value);
            }
        }
        for stage in &file.stages {
            let InstructionKind::From { image, .. } = &file.instructions[stage.from].kind else { continue };
            let mut base = build.expand_global(image);
            let place = Place::new(path.clone(), image.span());
            expand::add_steps(&mut base.trail, vec![Step::new(place, Act::Sets("FROM".into()))]);
            build.parents.push(base.value.likely().and_then(|name| build.stage_named(name, stage.index)));
            build.bases.push(base);
            if let Some(name) = &stage.name {
                build.named.entry(name.to_lowercase()).or_default().push(stage.index);
            }
        }
        build
    }

    /// The image of another Dockerfile that a stage starts from.
    fn below(&self, stage: usize) -> Option<Arc<Below>> {
        let base = &self.bases[stage];
        if self.parents[stage].is_some() || base.value.known().is_some_and(|base| base == "scratch") {
            return None;
        }
        (self.known)(&base.value)
    }

    /// The last stage of a name before the stage `before`.
    fn stage_named(&self, name: &str, before: usize) -> Option<usize> {
        let stages = self.named.get(&name.to_lowercase())?;
        stages[..stages.partition_point(|&stage| stage < before)].last().copied()
    }

    /// What `COPY --from` means in the stage `before`: a stage by number or name, else an image.
    fn copy_source(&self, name: &str, before: usize) -> CopySource {
        match name.parse::<usize>() {
            Ok(number) if number < before => CopySource::Stage(number),
            Ok(_) => CopySource::Image(name.to_owned()),
            Err(_) => {
                self.stage_named(name, before).map_or_else(|| CopySource::Image(name.to_owned()), CopySource::Stage)
            }
        }
    }

    /// The stages that `target` is made of, from its base on.
    fn chain(&self, target: usize) -> Vec<usize> {
        let mut chain: Vec<usize> = std::iter::successors(Some(target), |&stage| self.parents[stage]).collect();
        chain.reverse();
        chain
    }

    /// The stages to work out: the chain, and what it copies from at any remove. The second set holds those whose
    /// files are asked for.
    fn needed(&self, chain: &[usize]) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let mut needed: BTreeSet<usize> = chain.iter().copied().collect();
        let mut from = BTreeSet::new();
        let mut open: Vec<usize> = chain.to_vec();
        while let Some(stage) = open.pop() {
            for (_, instruction) in self.file.body(&self.file.stages[stage]) {
                let source = instruction.flag("from").and_then(|flag| flag.value.as_ref());
                let Some(CopySource::Stage(source)) = source.map(|name| self.copy_source(name, stage)) else {
                    continue;
                };
                for source in self.chain_until(source, &from) {
                    if from.len() == MAX_OTHER_STAGES {
                        break;
                    }
                    from.insert(source);
                    if needed.insert(source) {
                        open.push(source);
                    }
                }
            }
        }
        // A stage beyond the limit is missing below another: that one then starts from nothing known.
        (needed, from)
    }

    /// The chain of `stage` from its base on, without what is in `known` and below.
    fn chain_until(&self, stage: usize, known: &BTreeSet<usize>) -> Vec<usize> {
        let next = |stage: &usize| self.parents[*stage].filter(|parent| !known.contains(parent));
        let start = (!known.contains(&stage)).then_some(stage);
        let mut chain: Vec<usize> = std::iter::successors(start, next).take(MAX_OTHER_STAGES).collect();
        chain.reverse();
        chain
    }

    /// Substitutes in the scope before the first `FROM`, where only arguments and the platforms of the build are known.
    fn expand_global(&mut self, word: &Word) -> Traced<String> {
        let globals = &self.globals;
        let mut lookup = |variable: &Variable| {
            let name = variable.name.value.as_str();
            let platform = name.starts_with("BUILD") || name.starts_with("TARGET");
            match globals.get(name) {
                Some(value) => value.clone(),
                None if platform => Traced::new(Value::Unknown(Reason::OutsideVariable(name.to_owned())), Vec::new()),
                None => Traced::absent(),
            }
        };
        expand_word(word, &mut lookup, &mut self.budget)
    }
}

/// Substitutes in a word; one that Docker refuses is unknown.
fn expand_word(
    word: &Word,
    lookup: &mut dyn FnMut(&Variable) -> Traced<String>,
    budget: &mut Budget,
) -> Traced<String> {
    match &word.fault {
        Some(fault) => Traced::new(Value::Unknown(Reason::Unsupported(fault.value.into())), Vec::new()),
        None => expand::expand(&word.parts, lookup, budget),
    }
}

#[cfg(test)]
mod tests;
