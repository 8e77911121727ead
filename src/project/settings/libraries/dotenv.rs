//! Files of variables that the program itself loads: `python-dotenv`, and what `django-environ` and `decouple` make of
//! the same files. Each has rules of its own for quotes and comments.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Origin, Val};
use super::os_environ::Held;
use crate::project::environment::Opening;
use crate::project::value::{Act, Reason, Step};
use crate::source::{Place, RepoPath, Span};
use std::rc::Rc;

/// Larger files are no lists of variables.
const MAX_BYTES: usize = 256 << 10;

/// Whose rules hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    PythonDotenv,
    DjangoEnviron,
    Decouple,
}

/// A variable in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub name: String,
    pub value: String,
    /// The line.
    pub span: Span,
}

/// What is known of such a file.
pub(super) enum EnvFile {
    Read(Vec<Line>, RepoPath),
    /// It may be there, and set anything.
    Perhaps(Reason),
    /// There surely is none.
    Nothing,
}

impl Evaluator<'_> {
    /// Reads the file at a path of the program.
    pub(super) fn env_file(&mut self, path: &str, dialect: Dialect) -> EnvFile {
        let Some(inside) = self.repository_path(path) else {
            return EnvFile::Perhaps(Reason::MissingFile(path.to_owned()));
        };
        if self.files.left_out(&inside) {
            return EnvFile::Nothing;
        }
        if !self.development && self.files.ignored_by_git(&inside) {
            return EnvFile::Perhaps(Reason::IgnoredFile(inside.to_string()));
        }
        match self.files.text(&inside).filter(|text| text.len() <= MAX_BYTES) {
            Some(text) => EnvFile::Read(parse(&text, dialect), inside),
            // On the machine of a developer there is what there is.
            None if self.development => EnvFile::Nothing,
            None => EnvFile::Perhaps(Reason::MissingFile(inside.to_string())),
        }
    }

    /// Loads a file into the environment, where variables that are set already win unless `overwrite` is given.
    pub(super) fn load_env_file(
        &mut self,
        path: &str,
        dialect: Dialect,
        overwrite: bool,
        origin: Origin,
    ) -> Eval<bool> {
        match self.env_file(path, dialect) {
            EnvFile::Nothing => Ok(false),
            EnvFile::Perhaps(reason) => {
                let loads = self.step_at(origin, Act::Loads(path.rsplit('/').next().unwrap_or(path).to_owned()));
                self.unresolved(self.origin_place(origin), reason.clone());
                self.env_files.push(Opening { reason, step: Some(loads) });
                Ok(true)
            }
            EnvFile::Read(lines, file) => {
                self.step(lines.len())?;
                let loads = self.step_at(origin, Act::Loads(file.to_string()));
                for line in lines {
                    let sets = Step::new(Place::new(file.clone(), line.span), Act::Sets(line.name.clone()));
                    let text = match dialect {
                        Dialect::PythonDotenv => self.interpolated(&line.value)?,
                        _ => Val::str(&line.value),
                    };
                    let value = text.pushed(sets).pushed(loads.clone());
                    let value = self.under_controls(value);
                    let value = match self.held(&line.name) {
                        _ if overwrite => value,
                        Held::Set(_) => continue,
                        Held::Unset => value,
                        Held::Perhaps(_) => value.weakened(),
                    };
                    self.set_name(self.environ, &line.name, value);
                }
                Ok(true)
            }
        }
    }

    /// A value with the `${NAME}` and `${NAME:-fallback}` in it, as python-dotenv fills them in, in any quotes.
    fn interpolated(&mut self, value: &str) -> Eval {
        let mut made = Val::str("");
        let (mut text, mut rest) = (String::new(), value);
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let parts = after.split_once('}').map(|(inner, after)| {
                let (name, fallback) = inner.split_once(":-").unwrap_or((inner, ""));
                (name, fallback, after)
            });
            let Some((name, fallback, after)) = parts.filter(|(name, ..)| !name.contains(':')) else {
                text.push_str("${");
                rest = after;
                continue;
            };
            match self.held(name) {
                Held::Set(held) => match held.as_str() {
                    Some(known) => {
                        text.push_str(known);
                        made.rests_on(&held);
                    }
                    None => return Ok(Val::unknown_like(&held)),
                },
                Held::Unset => text.push_str(fallback),
                Held::Perhaps(_) => {
                    text.push_str(fallback);
                    made = made.weakened();
                }
            }
            rest = after;
        }
        text.push_str(rest);
        made.kind = self.text(text)?;
        Ok(made)
    }

    pub(super) fn call_dotenv(&mut self, function: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        match function {
            "load_dotenv" => {
                let path = match arguments.get(0, "dotenv_path") {
                    None => self.find_upwards(origin, ".env"),
                    Some(value) => match value.as_path() {
                        Some(path) => path.to_owned(),
                        None if matches!(value.kind, Kind::None) => self.find_upwards(origin, ".env"),
                        None => {
                            let reason = value.unknown_reason();
                            let reason = reason.unwrap_or_else(|| Reason::Unsupported("load_dotenv()".into()));
                            self.env_files.push(Opening { reason, step: None });
                            return Ok(Val::unknown_like(value));
                        }
                    },
                };
                let overwrite = arguments.keyword("override").and_then(|value| self.truth(value)) == Some(true);
                let loaded = self.load_env_file(&path, Dialect::PythonDotenv, overwrite, origin)?;
                Ok(Val::bool(loaded).weakened())
            }
            "find_dotenv" => {
                let name = arguments.get(0, "filename").and_then(Val::as_str).unwrap_or(".env").to_owned();
                Ok(Val::str(self.find_upwards(origin, &name)))
            }
            "dotenv_values" => {
                let path = arguments.get(0, "dotenv_path").and_then(Val::as_path).map(str::to_owned);
                let path = path.unwrap_or_else(|| self.find_upwards(origin, ".env"));
                match self.env_file(&path, Dialect::PythonDotenv) {
                    EnvFile::Nothing => self.dict(Vec::new(), false),
                    EnvFile::Perhaps(_) => self.dict(Vec::new(), true),
                    EnvFile::Read(lines, file) => {
                        let entry = |line: Line| {
                            let sets = Step::new(Place::new(file.clone(), line.span), Act::Sets(line.name.clone()));
                            let value = match line.value.contains("${") {
                                true => Val::unsupported("variables in a value of dotenv_values()"),
                                false => Val::str(&line.value),
                            };
                            (Val::str(&line.name), value.pushed(sets))
                        };
                        self.dict(lines.into_iter().map(entry).collect(), false)
                    }
                }
            }
            _ => self.opaque(&format!("dotenv.{function}"), arguments),
        }
    }

    /// The nearest file of that name in the folder of the calling file and those above it; where there is none, the
    /// one that git ignores, or the one beside `manage.py`.
    pub(super) fn find_upwards(&self, origin: Origin, name: &str) -> String {
        let mut candidates = Vec::new();
        let mut folder = self.paths[origin.file].parent();
        while let Some(here) = folder {
            candidates.extend(here.join(name));
            folder = here.parent();
        }
        let shown = |path: &RepoPath| format!("{}/{path}", super::super::value::REPOSITORY);
        let there = candidates.iter().find(|path| self.files.is_file(path));
        let ignored = || candidates.iter().rev().find(|path| self.files.ignored_by_git(path));
        let beside = || self.roots.first().and_then(|root| root.join(name));
        match there.or_else(ignored) {
            Some(path) => shown(path),
            None => beside().map_or_else(|| name.to_owned(), |path| shown(&path)),
        }
    }
}

/// The variables of a file, the last of each name, in order.
pub(super) fn parse(text: &str, dialect: Dialect) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut offset = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let whole = &rest[..end];
        let line = whole.trim_end_matches(['\r', '\n']);
        let mut taken = end;
        let parsed = match dialect {
            Dialect::PythonDotenv => dotenv_line(line, rest).map(|(name, value, length)| {
                taken = taken.max(length);
                (name, value)
            }),
            Dialect::DjangoEnviron => environ_line(line),
            Dialect::Decouple => decouple_line(line),
        };
        if let Some((name, value)) = parsed {
            let indent = line.len() - line.trim_start().len();
            let span = Span::new(offset + indent, offset + line.trim_end().len().max(indent));
            lines.retain(|known| known.name != name);
            lines.push(Line { name, value, span });
        }
        // A quoted value may go over lines.
        while !rest.is_char_boundary(taken) {
            taken += 1;
        }
        offset += taken;
        rest = &rest[taken.min(rest.len())..];
    }
    lines
}

/// `Env.read_env`: `export ` and a name without blanks; quotes only around the whole value.
fn environ_line(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    let quoted = |quote: char| value.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
    let mut value = quoted('\'').unwrap_or(value).to_owned();
    if let Some(inner) = value.clone().strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        value.clear();
        let mut letters = inner.chars();
        while let Some(letter) = letters.next() {
            match (letter, letter == '\\') {
                (_, true) => match letters.next() {
                    Some(kept @ ('r' | 'n' | 't')) => value.extend(['\\', kept]),
                    Some(other) => value.push(other),
                    None => value.push('\\'),
                },
                (letter, false) => value.push(letter),
            }
        }
    }
    Some((name.to_owned(), value))
}

/// `decouple.RepositoryEnv`: everything is trimmed; a comment after a value is part of it.
fn decouple_line(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let (name, value) = line.split_once('=')?;
    let value = value.trim();
    let quoted = |quote: char| {
        value.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)).filter(|_| value.len() >= 2)
    };
    let value = quoted('\'').or_else(|| quoted('"')).unwrap_or(value);
    Some((name.trim().to_owned(), value.to_owned()))
}

/// python-dotenv: quotes may span lines; a bare value ends at ` #`. Gives the length of all that was read.
fn dotenv_line(line: &str, rest: &str) -> Option<(String, String, usize)> {
    let trimmed = line.trim_start();
    if trimmed.starts_with('#') {
        return None;
    }
    let (name, value) = trimmed.split_once('=')?;
    let name = name.trim();
    let name = name.strip_prefix("export").filter(|name| name.starts_with([' ', '\t'])).map_or(name, str::trim);
    let name = name.trim_matches('\'');
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let value = value.trim_start_matches([' ', '\t']);
    let start = line.len() - value.len();
    for quote in ['\'', '"'] {
        if value.starts_with(quote) {
            let body = &rest[start + 1..];
            let mut escaped = false;
            let end = body.char_indices().find(|(_, letter)| {
                let ends = *letter == quote && !escaped;
                escaped = *letter == '\\' && !escaped;
                ends
            });
            let (end, _) = end?;
            let text = &body[..end];
            let text = if quote == '"' {
                text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace("\\\\", "\\")
            } else {
                text.replace("\\'", "'").replace("\\\\", "\\")
            };
            let after = start + 1 + end + 1;
            let to_line_end = rest[after..].find('\n').map_or(rest.len(), |at| after + at + 1);
            return Some((name.to_owned(), text, to_line_end));
        }
    }
    let comment = value.match_indices('#').find(|(at, _)| *at == 0 || value[..*at].ends_with([' ', '\t']));
    let value = comment.map_or(value, |(at, _)| &value[..at]).trim_end();
    Some((name.to_owned(), value.to_owned(), line.len()))
}

impl Evaluator<'_> {
    /// The value of a file's line, with the steps that lead to it.
    pub(super) fn line_value(&self, line: &Line, file: &RepoPath) -> Val {
        let sets = Step::new(Place::new(file.clone(), line.span), Act::Sets(line.name.clone()));
        Val::new(Kind::Str(Rc::from(line.value.as_str()))).pushed(sets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Vec<(String, String)> {
        parse(text, dialect).into_iter().map(|line| (line.name, line.value)).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn each_library_has_its_own_rules_for_comments_and_quotes() {
        let text = "# c\nexport A = 'x' \nB=y # why\nC=\"z\"\n";
        let dotenv = read(text, Dialect::PythonDotenv);
        assert_eq!(dotenv, [pair("A", "x"), pair("B", "y"), pair("C", "z")]);
        let environ = read(text, Dialect::DjangoEnviron);
        assert_eq!(environ, [pair("B", "y # why"), pair("C", "z")]);
        let decouple = read(text, Dialect::Decouple);
        assert_eq!(decouple, [pair("export A", "x"), pair("B", "y # why"), pair("C", "z")]);
    }

    #[test]
    fn a_quoted_value_of_dotenv_goes_over_lines() {
        let text = "KEY=\"a\nb\"\nNEXT=1\nKEY=é\n";
        assert_eq!(read(text, Dialect::PythonDotenv), [pair("NEXT", "1"), pair("KEY", "é")]);
        assert_eq!(read("K='a\nb'\nN=1", Dialect::PythonDotenv), [pair("K", "a\nb"), pair("N", "1")]);
    }

    #[test]
    fn every_cut_of_a_file_can_be_read() {
        let text = "A='é\nB=\"x\\\"é\"\r\n=\nexport C=#é\n";
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            for dialect in [Dialect::PythonDotenv, Dialect::DjangoEnviron, Dialect::Decouple] {
                for line in parse(&text[..end], dialect) {
                    assert!(text.get(line.span.range()).is_some());
                }
            }
        }
    }
}
