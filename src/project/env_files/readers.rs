//! Programs other than Compose that read env files, and what they make of a value.

use crate::parse::env_file::{Entry, EnvFile, EnvValue, Quote};
use crate::parse::shell::Word;
use crate::project::command::{Syntax, WrapperKind, docker};
use crate::project::model::Model;
use crate::project::usage::CommandUse;
use crate::source::{Place, RepoPath};

/// A program that reads an env file in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// `docker run --env-file`: every line is taken as it stands, quotes and comments included.
    DockerRun,
    /// `. file` and `source file`: every line is a command of the shell.
    Shell,
    /// `export $(cat file | xargs)`: every blank ends a word.
    Words,
}

/// A value that a program takes for something else than it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Who reads it.
    pub reader: Reader,
    /// What goes wrong, after "the shell" or "`docker run`".
    pub why: &'static str,
    /// The command that reads it.
    pub read_at: Place,
    /// How many more values of the file go the same way.
    pub more: usize,
}

/// The values that are misread; the first of each file and reader.
pub fn misread(model: &Model) -> Vec<Misread> {
    let templates = model.env_templates.iter().map(|it| (&it.path, &it.target, &it.file));
    let files = model.env_files.iter().map(|it| (&it.path, &it.path, &it.file));
    let mut found = Vec::new();
    for (path, read_as, file) in files.chain(templates) {
        for command in &model.commands {
            let Some(reader) = reads(model, command, read_as) else { continue };
            let known = |known: &Misread| known.place.path == *path && known.reader == reader;
            if let (false, Ok(source)) = (found.iter().any(known), model.snapshot.source(path)) {
                found.extend(first_misread(path, &source.text, file, reader, command));
            }
        }
    }
    found
}

fn first_misread(path: &RepoPath, text: &str, file: &EnvFile, reader: Reader, command: &CommandUse) -> Option<Misread> {
    let trouble = |entry: &Entry| match reader {
        Reader::DockerRun => for_docker(entry),
        Reader::Shell if text[entry.span.range().end..].starts_with('\r') => {
            Some("keeps the carriage return (CRLF) at the end of the value")
        }
        Reader::Shell => for_shell(entry),
        Reader::Words => for_words(entry),
    };
    let mut all = file.entries.iter().filter_map(|entry| Some((entry, trouble(entry)?)));
    let (entry, why) = all.next()?;
    let place = entry.key.place(path);
    Some(Misread { key: entry.key.value.clone(), place, reader, why, read_at: command.place(), more: all.count() })
}

/// How a command reads the file at `path`, if it does.
fn reads(model: &Model, command: &CommandUse, path: &RepoPath) -> Option<Reader> {
    let invocation = &command.invocation;
    // What runs on another machine or in a container reads the file there.
    if invocation.container().is_some() {
        return None;
    }
    let is_it = |word: &Word| {
        let text = word.literal()?;
        let text = text.trim_start_matches("./");
        let same = path.as_str() == text
            || path.as_str().strip_suffix(text).is_some_and(|rest| rest.ends_with('/') && !rest.is_empty());
        same.then_some(())
    };
    match invocation.program.as_str() {
        "." | "source" => invocation.arguments().first().and_then(is_it).map(|()| Reader::Shell),
        "cat" | "grep" | "egrep" | "sed" => {
            let piped = invocation.pipeline.is_some_and(|position| position.is_piped());
            let substituted = invocation.via.iter().any(|via| via.kind == WrapperKind::Substitution);
            let file = invocation.arguments().last().filter(|_| piped && substituted);
            file.and_then(is_it).filter(|()| beside_xargs(model, command)).map(|()| Reader::Words)
        }
        "docker" | "podman" => {
            let runs = docker(invocation).is_some_and(|it| matches!(it.name.as_str(), "run" | "create"));
            let file = invocation.flags(&Syntax::valued(&["--env-file"])).value(&["--env-file"]).cloned();
            file.filter(|_| runs).as_ref().and_then(is_it).map(|()| Reader::DockerRun)
        }
        _ => None,
    }
}

/// Whether what a command prints goes to `xargs`, which then only puts it on one line.
fn beside_xargs(model: &Model, command: &CommandUse) -> bool {
    let Ok(source) = model.snapshot.source(&command.path) else { return false };
    let rest = &source.text[command.invocation.span.range().end..];
    let line = rest.lines().next().unwrap_or_default();
    line.trim_start().strip_prefix('|').is_some_and(|next| {
        let next = next.trim_start().strip_prefix("xargs").unwrap_or("none").trim_start();
        next.starts_with([')', '`'])
    })
}

/// Words are split whatever stands around them: `xargs` takes the quotes off first.
fn for_words(entry: &Entry) -> Option<&'static str> {
    let value = entry.value.as_ref()?;
    value.raw.value.contains([' ', '\t']).then_some("splits the value at its blanks")
}

/// Docker's own reader knows no quotes, comments after values, or `export`.
fn for_docker(entry: &Entry) -> Option<&'static str> {
    let value = entry.value.as_ref()?;
    if entry.export {
        return Some("takes `export` for a part of the name and refuses the file");
    }
    match value.quote {
        Quote::None if value.span.start > entry.key.span.end + 1 => {
            Some("refuses a blank before the `=` or keeps the one after it")
        }
        Quote::None => None,
        _ => Some("keeps the quotes as a part of the value"),
    }
}

/// To a shell, blanks and signs outside of quotes end the value.
fn for_shell(entry: &Entry) -> Option<&'static str> {
    let EnvValue { raw, quote, span, .. } = entry.value.as_ref()?;
    if *quote != Quote::Single && raw.value.contains('`') {
        return Some("runs what stands between backticks");
    }
    if *quote != Quote::None {
        return None;
    }
    if span.start > entry.key.span.end + 1 && !raw.value.is_empty() {
        return Some("takes the name for a command, since a blank stands beside the `=`");
    }
    if raw.value.contains([' ', '\t']) {
        return Some("ends the value at the first blank and runs the rest as a command");
    }
    raw.value
        .contains(['&', ';', '|', '<', '>', '(', ')'])
        .then_some("ends the value at a sign that means something to it")
}
