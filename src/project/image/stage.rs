//! Running one stage, instruction by instruction.

use super::{
    Build, CopiedPath, CopySource, HeldBack, Image, PlacedCommand, PlacedHealthcheck, PlacedShell, StageFiles,
    expand_word,
};
use crate::parse::dockerfile::{
    Assignment, CommandForm, Healthcheck, Instruction, InstructionKind, Transfer, Word, is_windows_image,
};
use crate::parse::dockerignore::clean;
use crate::parse::substitution::Variable;
use crate::project::expand::add_steps;
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Fragment, Place, RepoPath, Span, Spanned};
use std::collections::{BTreeMap, BTreeSet};

/// What a stage has come to.
#[derive(Clone, Default)]
pub(super) struct State {
    /// What substitutions find: `ENV` and `ARG`, the later over the earlier.
    variables: BTreeMap<String, Traced<String>>,
    environment: BTreeMap<String, Traced<String>>,
    arguments: BTreeMap<String, Traced<String>>,
    user: Option<Traced<String>>,
    workdir: Option<Traced<String>>,
    shell: Option<PlacedShell>,
    entrypoint: Option<PlacedCommand>,
    cmd: Option<PlacedCommand>,
    healthcheck: Option<PlacedHealthcheck>,
    stop_signal: Option<Traced<String>>,
    labels: BTreeMap<String, Traced<String>>,
    exposed: Vec<Traced<String>>,
    volumes: Vec<Traced<String>>,
    /// What `ONBUILD` holds back for a child.
    waiting: Vec<HeldBack>,
    /// The stages that `RUN --mount` takes something from.
    mounted: BTreeSet<usize>,
    /// Whether the base is `scratch`, which sets no variables.
    from_nothing: bool,
}

impl State {
    pub(super) fn into_image(
        self,
        stages: Vec<usize>,
        copies: Vec<CopiedPath>,
        others: BTreeMap<usize, StageFiles>,
    ) -> Image {
        Image {
            base: Traced::absent(),
            named_base: Traced::absent(),
            below: None,
            stages,
            environment: self.environment,
            arguments: self.arguments,
            user: self.user,
            workdir: self.workdir,
            shell: self.shell,
            entrypoint: self.entrypoint,
            cmd: self.cmd,
            healthcheck: self.healthcheck,
            stop_signal: self.stop_signal,
            labels: self.labels,
            exposed: self.exposed,
            volumes: self.volumes,
            copies,
            mounted: self.mounted,
            waiting: self.waiting,
            others,
        }
    }

    /// What an image hands to a stage whose `FROM` has the index `from` and that names it; its files stay its own.
    fn of_image(image: &Image, from: usize, stage: usize) -> Self {
        let command = |placed: &Option<PlacedCommand>| {
            placed.clone().map(|placed| PlacedCommand { instruction: from, stage, ..placed })
        };
        Self {
            variables: image.environment.clone(),
            environment: image.environment.clone(),
            arguments: BTreeMap::new(),
            user: image.user.clone(),
            workdir: image.workdir.clone(),
            shell: image.shell.clone(),
            entrypoint: command(&image.entrypoint),
            cmd: command(&image.cmd),
            healthcheck: image.healthcheck.clone().map(|check| PlacedHealthcheck { instruction: from, stage, ..check }),
            stop_signal: image.stop_signal.clone(),
            labels: image.labels.clone(),
            exposed: image.exposed.clone(),
            volumes: image.volumes.clone(),
            waiting: image.waiting.clone(),
            mounted: BTreeSet::new(),
            from_nothing: image.base.value.known().is_some_and(|base| base == "scratch"),
        }
    }
}

impl Build<'_> {
    /// Runs the stage `index` on what it inherits.
    pub(super) fn run(&mut self, index: usize, inherited: Option<State>) -> (State, Vec<CopiedPath>) {
        let mut state = inherited.unwrap_or_else(|| {
            if let Some(below) = self.below(index) {
                return State::of_image(&below.image, self.file.stages[index].from, index);
            }
            let base = self.bases[index].value.likely();
            // Images of Windows have another shell than all others.
            let windows = base.is_some_and(|base| is_windows_image(base)).then(|| PlacedShell {
                words: ["cmd", "/S", "/C"].map(str::to_owned).to_vec(),
                place: self.place(self.file.stages[index].base.span),
            });
            State {
                from_nothing: self.bases[index].value.known().is_some_and(|base| base == "scratch"),
                shell: windows,
                ..State::default()
            }
        });
        let file = self.file;
        let waiting = std::mem::take(&mut state.waiting);
        let own = self.path;
        let mut run = Run { build: self, path: own.clone(), state, index, cmd_is_own: false, copies: Vec::new() };
        for held_back in waiting {
            // What stands in another Dockerfile happens at the `FROM` of this one.
            let at = if held_back.path == *own { held_back.at } else { file.stages[index].from };
            run.path = held_back.path;
            run.apply(at, &held_back.instruction);
        }
        run.path = own.clone();
        for (at, instruction) in file.body(&file.stages[index]) {
            run.apply(at, instruction);
        }
        (run.state, run.copies)
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(self.path.clone(), span)
    }

    /// The value of an `ARG`: what the build is given, else its default, else the global argument of its name.
    /// `default` is the value that it is written with, variables substituted.
    pub(super) fn argument(&self, argument: &Assignment, default: Option<Traced<String>>) -> Traced<String> {
        let name = &argument.name.value;
        let place = self.place(argument.span);
        let reads = Step::new(place.clone(), Act::Reads(name.clone()));
        let given = self.build_args.get(name).filter(|value| !value.value.is_absent());
        if let Some(mut value) = given.cloned() {
            add_steps(&mut value.trail, vec![reads]);
            return value;
        }
        if let Some(mut value) = default {
            add_steps(&mut value.trail, vec![Step::new(place, Act::FallsBack(name.clone()))]);
            if let Value::Known(known) = value.value {
                value.value = Value::Default(known);
            }
            return value;
        }
        let mut value = self
            .globals
            .get(name)
            .cloned()
            .unwrap_or_else(|| Traced::new(Value::Unknown(Reason::OutsideVariable(name.clone())), Vec::new()));
        add_steps(&mut value.trail, vec![reads]);
        value
    }
}

/// A stage that is being run.
struct Run<'r, 'a> {
    build: &'r mut Build<'a>,
    /// The file of the instruction that is run.
    path: RepoPath,
    state: State,
    /// The stage's index.
    index: usize,
    /// Whether this stage itself, not one below it, has a `CMD` so far.
    cmd_is_own: bool,
    copies: Vec<CopiedPath>,
}

impl Run<'_, '_> {
    fn place(&self, span: Span) -> Place {
        Place::new(self.path.clone(), span)
    }

    fn apply(&mut self, at: usize, instruction: &Instruction) {
        match &instruction.kind {
            InstructionKind::Env(assignments) => self.env(assignments),
            InstructionKind::Arg(arguments) => arguments.iter().for_each(|argument| self.arg(argument)),
            InstructionKind::Label(assignments) => {
                for (name, value) in self.assigned(assignments) {
                    self.state.labels.insert(name, value);
                }
            }
            InstructionKind::User(word) => self.state.user = Some(self.set(word, "USER")),
            InstructionKind::StopSignal(word) => self.state.stop_signal = Some(self.set(word, "STOPSIGNAL")),
            InstructionKind::Workdir(word) => {
                let path = self.set(word, "WORKDIR");
                self.state.workdir = Some(absolute(self.state.workdir.as_ref(), path, clean));
            }
            InstructionKind::Expose(words) => {
                let ports: Vec<_> = words.iter().map(|word| self.set(word, "EXPOSE")).collect();
                self.state.exposed.extend(ports);
            }
            InstructionKind::Volume(words) => {
                let paths: Vec<_> = words.iter().map(|word| self.set(word, "VOLUME")).collect();
                self.state.volumes.extend(paths);
            }
            InstructionKind::Shell(words) if !words.is_empty() => {
                let words = words.iter().map(Fragment::text).map(str::to_owned).collect();
                self.state.shell = Some(PlacedShell { words, place: self.place(instruction.span) });
            }
            InstructionKind::Entrypoint(form) => {
                self.state.entrypoint = Some(self.command(at, instruction, form));
                if !self.cmd_is_own {
                    self.state.cmd = None;
                }
            }
            InstructionKind::Cmd(form) => {
                self.state.cmd = Some(self.command(at, instruction, form));
                self.cmd_is_own = true;
            }
            InstructionKind::Healthcheck(check) => self.healthcheck(at, instruction, check),
            InstructionKind::Copy(transfer) => self.copy(at, instruction, transfer, false),
            InstructionKind::Add(transfer) => self.copy(at, instruction, transfer, true),
            InstructionKind::Onbuild(held_back) => {
                let (instruction, path) = ((**held_back).clone(), self.path.clone());
                self.state.waiting.push(HeldBack { instruction, path, at });
            }
            InstructionKind::Run(_) => {
                for mount in instruction.mounts() {
                    let source = mount.from.as_ref().map(|name| self.build.copy_source(name, self.index));
                    if let Some(CopySource::Stage(stage)) = source {
                        self.state.mounted.insert(stage);
                    }
                }
            }
            InstructionKind::From { .. }
            | InstructionKind::Shell(_)
            | InstructionKind::Maintainer(_)
            | InstructionKind::Unknown => {}
        }
    }

    /// Substitutes what the stage knows. Anything else may be set by the base image.
    fn expand(&mut self, word: &Word) -> Traced<String> {
        let state = &self.state;
        let mut lookup = |variable: &Variable| match state.variables.get(&variable.name.value) {
            Some(value) => value.clone(),
            None if state.from_nothing => Traced::absent(),
            None => Traced::new(Value::Unknown(Reason::OutsideVariable(variable.name.value.clone())), Vec::new()),
        };
        expand_word(word, &mut lookup, &mut self.build.budget)
    }

    fn set(&mut self, word: &Word, name: &str) -> Traced<String> {
        let mut value = self.expand(word);
        add_steps(&mut value.trail, vec![Step::new(self.place(word.span()), Act::Sets(name.to_owned()))]);
        value
    }

    /// The values of `name=value …`; all see the variables as they were before the instruction.
    fn assigned(&mut self, assignments: &[Assignment]) -> Vec<(String, Traced<String>)> {
        let mut values = Vec::new();
        for assignment in assignments {
            let Some(word) = &assignment.value else { continue };
            let mut value = self.expand(word);
            let act = Act::Sets(assignment.name.value.clone());
            add_steps(&mut value.trail, vec![Step::new(self.place(assignment.span), act)]);
            values.push((assignment.name.value.clone(), value));
        }
        values
    }

    fn env(&mut self, assignments: &[Assignment]) {
        for (name, value) in self.assigned(assignments) {
            self.state.variables.insert(name.clone(), value.clone());
            self.state.environment.insert(name, value);
        }
    }

    fn arg(&mut self, argument: &Assignment) {
        let name = argument.name.value.clone();
        let default = argument.value.as_ref().map(|word| self.expand(word));
        let value = self.build.argument(argument, default);
        self.state.arguments.insert(name.clone(), value.clone());
        // An argument without a value leaves an `ENV` of its name as it is.
        let valueless = matches!(&value.value, Value::Unknown(Reason::OutsideVariable(outside)) if *outside == name);
        if !(valueless && self.state.variables.contains_key(&name)) {
            self.state.variables.insert(name, value);
        }
    }

    fn command(&self, at: usize, instruction: &Instruction, form: &CommandForm) -> PlacedCommand {
        PlacedCommand {
            form: form.clone(),
            shell: self.state.shell.as_ref().map(|shell| shell.words.clone()),
            place: self.place(instruction.span),
            instruction: at,
            stage: self.index,
        }
    }

    fn healthcheck(&mut self, at: usize, instruction: &Instruction, check: &Healthcheck) {
        let command = match check {
            Healthcheck::None => None,
            Healthcheck::Command(form) => Some(form.clone()),
            Healthcheck::Unknown => return,
        };
        let options = instruction.flags.iter().filter_map(|flag| Some((flag.name.value.clone(), flag.value.clone()?)));
        self.state.healthcheck = Some(PlacedHealthcheck {
            command,
            options: options.collect(),
            place: self.place(instruction.span),
            instruction: at,
            stage: self.index,
        });
    }

    fn copy(&mut self, at: usize, instruction: &Instruction, transfer: &Transfer, add: bool) {
        let Some(destination) = &transfer.destination else { return };
        let value = |name: &str| instruction.flag(name).and_then(|flag| flag.value.clone());
        let is_on = |name: &str| {
            instruction.flag(name).is_some_and(|flag| flag.value.as_ref().is_none_or(|value| value.value == "true"))
        };
        let target = self.expand(destination);
        let target = absolute(self.state.workdir.as_ref(), target, clean_destination);
        let sources = transfer.sources.iter().map(|word| Spanned::new(self.expand(word).value, word.span())).collect();
        let heredocs = transfer.heredocs.iter().map(|&at| (instruction.heredocs[at].name.value.clone(), at)).collect();
        let exclude = instruction.flags_named("exclude").filter_map(|flag| flag.value.as_ref());
        self.copies.push(CopiedPath {
            sources,
            heredocs,
            destination: Spanned::new(target.value, destination.span()),
            from: match value("from") {
                Some(name) => self.build.copy_source(&name, self.index),
                None => CopySource::Context,
            },
            add,
            chmod: value("chmod"),
            chown: value("chown"),
            parents: is_on("parents"),
            exclude: exclude.map(|pattern| pattern.value.clone()).collect(),
            place: self.place(instruction.span),
            instruction: at,
            stage: self.index,
        });
    }
}

/// A path with a `/` at its end where it is surely a folder.
fn clean_destination(path: &str) -> String {
    let folder = path.ends_with('/') || path.ends_with("/.");
    let cleaned = clean(path);
    if folder && !cleaned.ends_with('/') { cleaned + "/" } else { cleaned }
}

/// `path` as seen from the working directory; without one that is the base image's, `/` by default.
fn absolute(workdir: Option<&Traced<String>>, path: Traced<String>, clean: fn(&str) -> String) -> Traced<String> {
    let is_absolute = |path: &String| path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    if path.value.possible().is_none() || path.value.surely(is_absolute) {
        return path.map(|path| if path.starts_with('/') { clean(&path) } else { path });
    }
    let root = Traced::new(Value::Default("/".to_owned()), Vec::new());
    let workdir = workdir.unwrap_or(&root);
    let mut trail = workdir.trail.clone();
    add_steps(&mut trail, path.trail);
    let (Some(bases), Some(paths)) = (workdir.value.possible(), path.value.possible()) else {
        let reason = match &workdir.value {
            Value::Unknown(reason) => reason.clone(),
            _ => Reason::Unsupported("a relative path".into()),
        };
        return Traced::new(Value::Unknown(reason), trail);
    };
    let join = |base: &String, path: &String| match () {
        () if path.starts_with('/') => clean(path),
        () if is_absolute(path) => path.clone(),
        // `.` is the folder itself.
        () if path.is_empty() || path == "." => clean(&format!("{base}/")),
        () => clean(&format!("{base}/{path}")),
    };
    let mut values: Vec<String> = Vec::new();
    for joined in bases.iter().flat_map(|base| paths.iter().map(move |path| join(base, path))) {
        if !values.contains(&joined) {
            values.push(joined);
        }
    }
    let certain = workdir.value.known().is_some() && path.value.known().is_some();
    let value = match (values.len(), certain) {
        (1, true) => Value::Known(values.swap_remove(0)),
        (1, false) => Value::Default(values.swap_remove(0)),
        _ => Value::OneOf(values),
    };
    Traced::new(value, trail)
}
