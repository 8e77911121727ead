//! Dockerfiles, as BuildKit's frontend reads them (the Dockerfile reference is the specification).
//!
//! The parser goes line by line and never gives up: what Docker would refuse becomes a [`Problem`], and the rest of the
//! file is read all the same.

mod embedded;
mod heredoc;
mod instruction;
mod json;
mod lines;
mod mounts;
mod shells;
mod word;

pub use embedded::parse_embedded;
pub use mounts::{MountKind, RunMount};
pub use shells::{is_bourne, is_windows_image, plain_words};
pub use word::Word;

use crate::source::{Fragment, Problem, Span, Spanned};
use std::ops::Range;

/// A Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    /// The character that escapes and continues lines: `\`, or `` ` `` by the `escape` directive.
    pub escape: char,
    /// The parser directives at the top: `syntax`, `escape`, `check`.
    pub directives: Vec<Directive>,
    /// Every instruction, in order, [`InstructionKind::Unknown`] ones included.
    pub instructions: Vec<Instruction>,
    /// Every comment line, also those inside continued instructions; not those inside heredocs.
    pub comments: Vec<Comment>,
    /// The build stages, in order.
    pub stages: Vec<Stage>,
}

/// A parser directive: `# escape=…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Its name in lower case.
    pub name: Spanned<String>,
    /// Its value.
    pub value: Spanned<String>,
}

/// A comment line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// What follows the `#`, without blanks around it.
    pub text: String,
}

/// A build stage: a `FROM` and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its number, from 0.
    pub index: usize,
    /// Its name as written; names are compared in lower case.
    pub name: Option<Spanned<String>>,
    /// The image or stage that it starts from, as written (variables are not substituted).
    pub base: Spanned<String>,
    /// The value of `--platform`, as written.
    pub platform: Option<Spanned<String>>,
    /// The index of its `FROM` in [`Dockerfile::instructions`].
    pub from: usize,
    /// The indices of the instructions after its `FROM`.
    pub body: Range<usize>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its keyword in upper case.
    pub keyword: Spanned<String>,
    /// The whole instruction: continuations and heredocs included, blanks around it not.
    pub span: Span,
    /// Its `--name=value` flags.
    pub flags: Vec<Flag>,
    /// What it says.
    pub kind: InstructionKind,
    /// The documents that follow it.
    pub heredocs: Vec<Heredoc>,
    /// What follows keyword and flags, continuations joined.
    pub arguments: Fragment,
    /// The arguments are meant as a JSON array but are none (`CMD ['python', 'x']`), so Docker takes them for a shell
    /// command or a list of words.
    pub looks_like_json: bool,
}

impl Instruction {
    /// The first flag of this name (without the dashes).
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name.value == name)
    }

    /// Every flag of this name: `--mount` may be given several times.
    pub fn flags_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Flag> {
        self.flags.iter().filter(move |flag| flag.name.value == name)
    }
}

/// A flag of an instruction: `--from=build`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name without the dashes.
    pub name: Spanned<String>,
    /// What follows the `=`, quotes and escapes removed; `None` without a `=`.
    pub value: Option<Spanned<String>>,
    /// The whole flag.
    pub span: Span,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it, quotes removed; its place is the marker (`<<-'EOF'`) in the instruction.
    pub name: Spanned<String>,
    /// `<<-`: tabs at the start of lines are removed.
    pub strip_tabs: bool,
    /// Whether variables in it are substituted (the word is not quoted).
    pub expand: bool,
    /// Its lines, line breaks included.
    pub body: Fragment,
    /// From the first line of the body to the end of the line that ends it.
    pub span: Span,
}

/// What an instruction says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstructionKind {
    /// `FROM [--platform=…] image [AS alias]`.
    From {
        /// The image or the earlier stage; empty where it is missing.
        image: Word,
        /// The stage's name as written.
        alias: Option<Spanned<String>>,
        /// The value of `--platform`.
        platform: Option<Spanned<String>>,
    },
    /// `RUN`.
    Run(CommandForm),
    /// `CMD`.
    Cmd(CommandForm),
    /// `ENTRYPOINT`.
    Entrypoint(CommandForm),
    /// `SHELL`: the program and its arguments; empty where it is no JSON array.
    Shell(Vec<Fragment>),
    /// `ENV`.
    Env(Vec<Assignment>),
    /// `ARG`.
    Arg(Vec<Assignment>),
    /// `LABEL`.
    Label(Vec<Assignment>),
    /// `COPY`.
    Copy(Transfer),
    /// `ADD`.
    Add(Transfer),
    /// `USER`: the user, perhaps with a group after a colon.
    User(Word),
    /// `WORKDIR`.
    Workdir(Word),
    /// `EXPOSE`: ports, ranges of ports, perhaps with a protocol after a slash.
    Expose(Vec<Word>),
    /// `VOLUME`.
    Volume(Vec<Word>),
    /// `HEALTHCHECK NONE`, or with a command; its intervals are flags of the instruction.
    Healthcheck(Healthcheck),
    /// `STOPSIGNAL`.
    StopSignal(Word),
    /// `MAINTAINER`.
    Maintainer(Fragment),
    /// `ONBUILD` and the instruction that it holds back.
    Onbuild(Box<Instruction>),
    /// Not a Dockerfile instruction.
    Unknown,
}

/// What `HEALTHCHECK` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// `NONE`: an inherited check is switched off.
    None,
    /// `CMD …`.
    Command(CommandForm),
    /// Neither; Docker refuses it.
    Unknown,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandForm {
    /// A JSON array: the program and its arguments, run without a shell. Each fragment is the decoded text, and its
    /// span covers the quotes.
    Exec(Vec<Fragment>),
    /// Text for the shell, continuations joined.
    Shell(Fragment),
    /// `RUN` with heredocs; their bodies are in [`Instruction::heredocs`].
    Heredoc {
        /// The text for the shell, with its `<<EOF` markers: `cat <<EOF > f && next`. Where it is nothing but a
        /// marker, the heredoc itself is what runs.
        command: Fragment,
        /// The heredoc that is a script: the only one of `RUN <<EOF`, or what `RUN python3 <<EOF` reads.
        script: Option<usize>,
        /// The program that runs the script where it is not the stage's shell: by `#!`, or as the command says.
        interpreter: Option<Spanned<String>>,
    },
}

/// `name=value` of `ENV`, `ARG` and `LABEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name, quotes removed.
    pub name: Spanned<String>,
    /// The value; `None` for `ARG name`.
    pub value: Option<Word>,
    /// The whole assignment.
    pub span: Span,
}

/// What `COPY` and `ADD` copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The sources, without the heredocs among them.
    pub sources: Vec<Word>,
    /// Indices into [`Instruction::heredocs`] of the files written in place.
    pub heredocs: Vec<usize>,
    /// Where to; `None` where there is only one argument, which Docker refuses.
    pub destination: Option<Word>,
}

impl Dockerfile {
    /// The stage that a `FROM` of the stage `before` or a `COPY --from` in it means by `name`: the last earlier one of
    /// that name. Pass the number of stages to search all.
    pub fn stage_named(&self, name: &str, before: usize) -> Option<&Stage> {
        let earlier = &self.stages[..before.min(self.stages.len())];
        earlier.iter().rev().find(|stage| stage.name.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name)))
    }

    /// The stage that `--target` means: by name, else by number.
    pub fn target(&self, name: &str) -> Option<&Stage> {
        self.stage_named(name, self.stages.len()).or_else(|| self.stages.get(name.parse::<usize>().ok()?))
    }

    /// The instructions of a stage after its `FROM`, each with its index.
    pub fn body(&self, stage: &Stage) -> impl Iterator<Item = (usize, &Instruction)> {
        stage.body.clone().zip(&self.instructions[stage.body.clone()])
    }

    /// The instructions before the first `FROM`; the `ARG`s among them are the global ones.
    pub fn preamble(&self) -> &[Instruction] {
        &self.instructions[..self.stages.first().map_or(self.instructions.len(), |stage| stage.from)]
    }
}

/// Reads a Dockerfile.
pub fn parse(text: &str) -> (Dockerfile, Vec<Problem>) {
    let mut reader = lines::Reader::new(text);
    let mut problems = Vec::new();
    let mut instructions = Vec::new();
    while let Some(line) = reader.logical_line() {
        instructions.extend(instruction::parse(&line, &mut reader, &mut problems));
    }
    let stages = stages(&instructions, &mut problems);
    note_structure(text, &instructions, &stages, &mut problems);
    problems.append(&mut reader.problems);
    problems.sort_by_key(|problem| problem.span);
    let file = Dockerfile {
        escape: reader.escape,
        directives: reader.directives,
        instructions,
        comments: reader.comments,
        stages,
    };
    (file, problems)
}

/// The most stages that are told apart: each may stand on all before it.
const MAX_STAGES: usize = 512;

/// The stages, up to [`MAX_STAGES`] of them; what follows belongs to none.
fn stages(instructions: &[Instruction], problems: &mut Vec<Problem>) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for (at, instruction) in instructions.iter().enumerate() {
        if let InstructionKind::From { image, alias, platform } = &instruction.kind {
            if stages.len() == MAX_STAGES {
                problems.push(Problem::new(instruction.keyword.span, format!("more than {MAX_STAGES} build stages")));
                break;
            }
            stages.push(Stage {
                index: stages.len(),
                name: alias.clone(),
                base: Spanned::new(image.text.text().to_owned(), image.span()),
                platform: platform.clone(),
                from: at,
                body: at + 1..at + 1,
            });
        } else if let Some(stage) = stages.last_mut() {
            stage.body.end = at + 1;
        }
    }
    stages
}

/// Problems of the file as a whole. Of lines that are no instructions only the first is named: a template or a file of
/// another language would drown everything else.
fn note_structure(text: &str, instructions: &[Instruction], stages: &[Stage], problems: &mut Vec<Problem>) {
    let mut unknown = instructions.iter().filter(|instruction| instruction.kind == InstructionKind::Unknown);
    if let Some(first) = unknown.next() {
        let keyword: String = first.keyword.chars().take(30).collect();
        let message = match unknown.count() {
            0 => format!("unknown instruction `{keyword}`"),
            more => format!("unknown instruction `{keyword}`, and {more} more that are none"),
        };
        problems.push(Problem::new(first.keyword.span, message));
    }
    let before = &instructions[..stages.first().map_or(instructions.len(), |stage| stage.from)];
    let misplaced =
        before.iter().find(|known| !matches!(known.kind, InstructionKind::Arg(_) | InstructionKind::Unknown));
    if stages.is_empty() {
        let place = instructions.first().map_or(Span::at(text.len()), |first| first.keyword.span);
        problems.push(Problem::new(place, "no `FROM`, so there is no build stage"));
    } else if let Some(misplaced) = misplaced {
        let message = format!("`{}` before the first `FROM`", misplaced.keyword.value);
        problems.push(Problem::new(misplaced.keyword.span, message));
    }
}

#[cfg(test)]
mod tests;
