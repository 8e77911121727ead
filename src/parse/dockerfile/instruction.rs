//! One instruction: keyword, flags, arguments, heredocs.

use super::heredoc::{Marker, markers, reader_of_script, shebang};
use super::json::{self, Array};
use super::lines::Reader;
use super::{Assignment, CommandForm, Flag, Healthcheck, Heredoc, Instruction, InstructionKind, Transfer, Word};
use crate::source::{Fragment, Problem, Span, Spanned};
use std::collections::HashSet;
use std::ops::Range;

/// Every instruction of the Dockerfile reference.
pub(super) const KEYWORDS: [&str; 18] = [
    "FROM",
    "RUN",
    "CMD",
    "ENTRYPOINT",
    "SHELL",
    "ENV",
    "ARG",
    "LABEL",
    "COPY",
    "ADD",
    "USER",
    "WORKDIR",
    "EXPOSE",
    "VOLUME",
    "HEALTHCHECK",
    "STOPSIGNAL",
    "MAINTAINER",
    "ONBUILD",
];

/// Docker's blanks between words.
const BLANKS: [char; 6] = [' ', '\t', '\u{b}', '\u{c}', '\r', '\n'];

/// Reads the instruction in `line`, which holds at least one character that is no blank, and takes the bodies of its
/// heredocs from `reader`.
pub(super) fn parse(line: &Fragment, reader: &mut Reader<'_>, problems: &mut Vec<Problem>) -> Option<Instruction> {
    read(line, reader, problems, false)
}

fn read(line: &Fragment, reader: &mut Reader<'_>, problems: &mut Vec<Problem>, held_back: bool) -> Option<Instruction> {
    let text = line.text();
    let keyword_end = text.find(BLANKS).unwrap_or(text.len());
    let keyword = Spanned::new(text[..keyword_end].to_ascii_uppercase(), line.to_file(Span::new(0, keyword_end)));
    if keyword.is_empty() {
        return None;
    }
    let known = KEYWORDS.contains(&keyword.as_str());
    let (flags, arguments) =
        if known { flags(line, keyword_end, reader.escape) } else { (Vec::new(), keyword_end..text.len()) };
    let arguments = line.slice(trim(text, arguments).into());
    let mut instruction = Instruction {
        span: line.span(),
        flags,
        kind: InstructionKind::Unknown,
        heredocs: Vec::new(),
        looks_like_json: false,
        keyword,
        arguments,
    };
    let mut cx = Cx { instruction: &mut instruction, reader, problems };
    cx.instruction.kind = cx.kind(held_back);
    if let Some(last) = instruction.heredocs.last() {
        instruction.span = instruction.span.to(last.span);
    }
    if let InstructionKind::Onbuild(inner) = &instruction.kind {
        instruction.span = instruction.span.to(inner.span);
    }
    Some(instruction)
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..(range.start + part.trim_end().len()).max(start)
}

/// The `--name=value` words that follow the keyword, and the range of the rest.
fn flags(line: &Fragment, from: usize, escape: char) -> (Vec<Flag>, Range<usize>) {
    let text = line.text();
    let mut flags = Vec::new();
    let mut at = from;
    loop {
        at = text.len() - text[at..].trim_start().len();
        if !text[at..].starts_with("--") {
            return (flags, at..text.len());
        }
        let start = at;
        at = flag_end(text, start, escape);
        let written = &text[start + 2..at];
        if written.is_empty() {
            return (flags, at..text.len());
        }
        let name_end = written.find('=').map_or(at, |length| start + 2 + length);
        let place = |range: Range<usize>| {
            let value = unquote(&text[range.clone()], escape);
            Spanned::new(value, line.to_file(range.into()))
        };
        flags.push(Flag {
            name: place(start + 2..name_end),
            value: (name_end < at).then(|| place(name_end + 1..at)),
            span: line.to_file(Span::new(start, at)),
        });
    }
}

/// The end of the word at `start`; quotes and escapes keep blanks in it.
fn flag_end(text: &str, start: usize, escape: char) -> usize {
    let mut quote = None;
    let mut characters = text[start..].char_indices();
    while let Some((at, character)) = characters.next() {
        if character == escape {
            characters.next();
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && matches!(character, '\'' | '"') {
            quote = Some(character);
        } else if quote.is_none() && character.is_whitespace() {
            return start + at;
        }
    }
    text.len()
}

fn unquote(written: &str, escape: char) -> String {
    let mut value = String::with_capacity(written.len());
    let mut quote = None;
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        if character == escape {
            value.extend(characters.next());
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && matches!(character, '\'' | '"') {
            quote = Some(character);
        } else {
            value.push(character);
        }
    }
    value
}

struct Cx<'i, 'r, 'a> {
    instruction: &'i mut Instruction,
    reader: &'r mut Reader<'a>,
    problems: &'r mut Vec<Problem>,
}

impl Cx<'_, '_, '_> {
    fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem::new(span, message));
    }

    fn kind(&mut self, held_back: bool) -> InstructionKind {
        let keyword = self.instruction.keyword.value.clone();
        if self.instruction.arguments.text().is_empty() && KEYWORDS.contains(&keyword.as_str()) {
            self.problem(self.instruction.keyword.span, format!("`{keyword}` without an argument"));
        }
        if held_back && matches!(keyword.as_str(), "ONBUILD" | "FROM" | "MAINTAINER") {
            self.problem(self.instruction.keyword.span, format!("`{keyword}` after `ONBUILD`"));
            if keyword == "ONBUILD" {
                return InstructionKind::Unknown;
            }
        }
        match keyword.as_str() {
            "FROM" => self.from(),
            "RUN" => InstructionKind::Run(self.run()),
            "CMD" => InstructionKind::Cmd(self.command(self.instruction.arguments.clone())),
            "ENTRYPOINT" => InstructionKind::Entrypoint(self.command(self.instruction.arguments.clone())),
            "SHELL" => InstructionKind::Shell(self.shell()),
            "ENV" => InstructionKind::Env(self.pairs()),
            "LABEL" => InstructionKind::Label(self.pairs()),
            "ARG" => InstructionKind::Arg(self.build_arguments()),
            "COPY" => InstructionKind::Copy(self.transfer()),
            "ADD" => InstructionKind::Add(self.transfer()),
            "USER" => InstructionKind::User(self.word(self.instruction.arguments.clone())),
            "WORKDIR" => InstructionKind::Workdir(self.word(self.instruction.arguments.clone())),
            "EXPOSE" => InstructionKind::Expose(self.words()),
            "VOLUME" => InstructionKind::Volume(self.list()),
            "HEALTHCHECK" => InstructionKind::Healthcheck(self.healthcheck()),
            "STOPSIGNAL" => InstructionKind::StopSignal(self.word(self.instruction.arguments.clone())),
            "MAINTAINER" => InstructionKind::Maintainer(self.instruction.arguments.clone()),
            "ONBUILD" => self.onbuild(),
            _ => InstructionKind::Unknown,
        }
    }

    fn word(&mut self, text: Fragment) -> Word {
        let word = Word::parse(text, self.reader.escape);
        if let Some(fault) = &word.fault {
            self.problems.push(Problem::new(fault.span, fault.value));
        }
        word
    }

    /// The arguments, divided at blanks, whatever quotes say.
    fn fields(&self) -> Vec<Fragment> {
        fields(self.instruction.arguments.text()).map(|range| self.instruction.arguments.slice(range.into())).collect()
    }

    fn words(&mut self) -> Vec<Word> {
        self.fields().into_iter().map(|field| self.word(field)).collect()
    }

    fn from(&mut self) -> InstructionKind {
        let mut fields = self.fields().into_iter();
        let image = fields.next().unwrap_or_else(|| Fragment::opaque("", Span::at(self.instruction.span.end as usize)));
        let rest: Vec<Fragment> = fields.collect();
        let alias = match rest.as_slice() {
            [by, name, ..] if by.text().eq_ignore_ascii_case("as") => {
                Some(Spanned::new(name.text().to_owned(), name.span()))
            }
            _ => None,
        };
        let expected = if alias.is_some() { 2 } else { 0 };
        if let Some(surplus) = rest.get(expected) {
            self.problem(surplus.span(), "`FROM` takes an image, and a name after `AS`");
        }
        let platform = self.instruction.flag("platform").and_then(|flag| flag.value.clone());
        InstructionKind::From { image: self.word(image), alias, platform }
    }

    /// A JSON array, or text for the shell.
    fn command(&mut self, arguments: Fragment) -> CommandForm {
        match json::array(&arguments) {
            Array::Strings(strings) => return CommandForm::Exec(strings),
            Array::Mixed => {
                self.problem(arguments.span(), "a JSON array with something else than strings");
                self.instruction.looks_like_json = true;
            }
            Array::Other => self.instruction.looks_like_json = meant_as_json(arguments.text()),
        }
        CommandForm::Shell(arguments)
    }

    fn run(&mut self) -> CommandForm {
        let command = match self.command(self.instruction.arguments.clone()) {
            CommandForm::Shell(command) => command,
            form => return form,
        };
        let markers = self.heredocs();
        if markers.is_empty() {
            return CommandForm::Shell(command);
        }
        let heredocs = &self.instruction.heredocs;
        let alone = markers.len() == 1 && markers[0].word == (0..command.text().len());
        if alone {
            return CommandForm::Heredoc { command, script: Some(0), interpreter: shebang(&heredocs[0].body) };
        }
        let interpreter = if markers.len() == 1 { reader_of_script(&command, &markers[0]) } else { None };
        CommandForm::Heredoc { command, script: interpreter.as_ref().map(|_| 0), interpreter }
    }

    /// Finds the `<<EOF` markers in the arguments and reads the bodies.
    fn heredocs(&mut self) -> Vec<Marker> {
        let markers = markers(self.instruction.arguments.text());
        for marker in &markers {
            let place = self.instruction.arguments.to_file(marker.word.clone().into());
            let (body, span) = self.reader.heredoc(&marker.name, marker.strip_tabs, place);
            self.instruction.heredocs.push(Heredoc {
                name: Spanned::new(marker.name.clone(), place),
                strip_tabs: marker.strip_tabs,
                expand: marker.expand,
                body,
                span,
            });
        }
        markers
    }

    fn shell(&mut self) -> Vec<Fragment> {
        match self.command(self.instruction.arguments.clone()) {
            CommandForm::Exec(strings) if !strings.is_empty() => strings,
            _ if self.instruction.arguments.text().is_empty() => Vec::new(),
            _ => {
                self.problem(self.instruction.arguments.span(), "`SHELL` takes a JSON array of strings");
                Vec::new()
            }
        }
    }

    /// `name=value …`, or the old `name value`.
    fn pairs(&mut self) -> Vec<Assignment> {
        let arguments = self.instruction.arguments.clone();
        let text = arguments.text();
        let words = quoted_words(text, self.reader.escape);
        let Some(first) = words.first() else { return Vec::new() };
        if !text[first.clone()].contains('=') {
            let name_end = text.find(BLANKS).unwrap_or(text.len());
            if name_end == text.len() {
                self.problem(arguments.span(), format!("`{}` without a value", self.instruction.keyword.value));
            }
            let value = trim(text, name_end..text.len());
            let value = (!value.is_empty()).then(|| self.word(arguments.slice(value.into())));
            return vec![Assignment { name: self.name(&arguments, 0..name_end), value, span: arguments.span() }];
        }
        words.into_iter().map(|word| self.assignment(&arguments, word, true)).collect()
    }

    fn build_arguments(&mut self) -> Vec<Assignment> {
        let arguments = self.instruction.arguments.clone();
        let words = quoted_words(arguments.text(), self.reader.escape);
        words.into_iter().map(|word| self.assignment(&arguments, word, false)).collect()
    }

    fn assignment(&mut self, arguments: &Fragment, word: Range<usize>, needs_value: bool) -> Assignment {
        let span = arguments.to_file(word.clone().into());
        match arguments.text()[word.clone()].find('=') {
            Some(length) => {
                let equals = word.start + length;
                if length == 0 {
                    self.problem(span, "no name before `=`");
                }
                let value = arguments.slice(Span::new(equals + 1, word.end));
                Assignment { name: self.name(arguments, word.start..equals), value: Some(self.word(value)), span }
            }
            None => {
                if needs_value {
                    self.problem(span, "no `=` after the name");
                }
                Assignment { name: self.name(arguments, word), value: None, span }
            }
        }
    }

    fn name(&self, arguments: &Fragment, range: Range<usize>) -> Spanned<String> {
        let written = &arguments.text()[range.clone()];
        Spanned::new(unquote(written, self.reader.escape), arguments.to_file(range.into()))
    }

    /// A JSON array or words between blanks.
    fn list(&mut self) -> Vec<Word> {
        match json::array(&self.instruction.arguments) {
            Array::Strings(strings) => strings.into_iter().map(|string| self.word(string)).collect(),
            array => {
                self.instruction.looks_like_json = meant_as_json(self.instruction.arguments.text());
                if matches!(array, Array::Mixed) {
                    self.problem(self.instruction.arguments.span(), "a JSON array with something else than strings");
                }
                self.words()
            }
        }
    }

    fn transfer(&mut self) -> Transfer {
        let (mut sources, heredocs) = match json::array(&self.instruction.arguments) {
            Array::Strings(_) => (self.list(), Vec::new()),
            _ => {
                let markers = self.heredocs();
                let words = self.list();
                // The words of heredocs are no paths. Blanks divide both lists the same way unless quotes hide some.
                let places: HashSet<Span> = self.instruction.heredocs.iter().map(|doc| doc.name.span).collect();
                let words = words.into_iter().filter(|word| !places.contains(&word.span())).collect();
                (words, (0..markers.len()).collect())
            }
        };
        let needed = if heredocs.is_empty() { 2 } else { 1 };
        let destination = if sources.len() < needed {
            if !self.instruction.arguments.text().is_empty() {
                let message = format!("`{}` needs a source and a destination", self.instruction.keyword.value);
                self.problem(self.instruction.arguments.span(), message);
            }
            None
        } else {
            sources.pop()
        };
        Transfer { sources, heredocs, destination }
    }

    fn healthcheck(&mut self) -> Healthcheck {
        let arguments = self.instruction.arguments.clone();
        let text = arguments.text();
        let end = text.find(BLANKS).unwrap_or(text.len());
        let rest = arguments.slice(trim(text, end..text.len()).into());
        let kind = &text[..end];
        if kind.eq_ignore_ascii_case("NONE") {
            if !rest.text().is_empty() {
                self.problem(rest.span(), "`HEALTHCHECK NONE` takes no argument");
            }
            return Healthcheck::None;
        }
        if kind.eq_ignore_ascii_case("CMD") {
            if rest.text().is_empty() {
                self.problem(arguments.span(), "`HEALTHCHECK CMD` without a command");
            }
            return Healthcheck::Command(self.command(rest));
        }
        if !text.is_empty() {
            self.problem(arguments.to_file(Span::new(0, end)), "`HEALTHCHECK` takes `NONE` or `CMD`");
        }
        Healthcheck::Unknown
    }

    fn onbuild(&mut self) -> InstructionKind {
        let arguments = self.instruction.arguments.clone();
        if arguments.text().is_empty() {
            return InstructionKind::Unknown;
        }
        match read(&arguments, self.reader, self.problems, true) {
            Some(inner) => InstructionKind::Onbuild(Box::new(inner)),
            None => InstructionKind::Unknown,
        }
    }
}

/// The words between blanks, whatever quotes say.
pub(super) fn fields(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split(BLANKS).filter(|field| !field.is_empty()).map(move |field| {
        let start = field.as_ptr() as usize - text.as_ptr() as usize;
        start..start + field.len()
    })
}

/// The words of `text`; quotes and escapes keep blanks in them. An open quote runs to the end.
pub(super) fn quoted_words(text: &str, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if quote.is_none() && character.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
            continue;
        }
        start.get_or_insert(at);
        if character == escape && quote != Some('\'') {
            characters.next();
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && matches!(character, '\'' | '"') {
            quote = Some(character);
        }
    }
    words.extend(start.map(|start| start..text.len()));
    words
}

/// Whether text that is no JSON array was meant as one. `[ -f x ]` and `[[ … ]]` are tests of the shell.
fn meant_as_json(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('[') else { return false };
    if inside.starts_with('[') {
        return false;
    }
    if !inside.starts_with(BLANKS) {
        return !inside.is_empty();
    }
    inside.contains("\",") || inside.contains("',")
}
