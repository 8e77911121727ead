//! Typed access to a TOML document, every trouble with its place. The only file that knows the TOML library.

use super::suggest::closest;
use crate::findings::Severity;
use crate::source::{RepoPath, Span, Spanned};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A trouble at a byte range, before the file's name is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub span: Span,
    pub message: String,
    pub suggestion: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), suggestion: None }
    }

    pub(super) fn suggest(mut self, word: Option<impl Into<String>>) -> Self {
        self.suggestion = word.map(Into::into);
        self
    }
}

/// Whether the text of a `pyproject.toml` has a table `tool.shipworthy`, whatever else is wrong with it.
pub(super) fn has_section(text: &str) -> bool {
    // Most have not; parsing them would cost more than this look.
    text.contains("shipworthy") && section(DeTable::parse_recoverable(text).0.get_ref()).is_some()
}

fn section<'a, 'i>(document: &'a DeTable<'i>) -> Option<&'a toml::Spanned<DeValue<'i>>> {
    document.get("tool")?.get_ref().get("shipworthy")
}

/// Hands the top table of `text` to `then`; that of `tool.shipworthy` where `pyproject` says so (an empty one where
/// the section is missing).
pub(super) fn document<T>(
    text: &str,
    pyproject: bool,
    then: impl FnOnce(Table<'_, '_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let document = DeTable::parse(text).map_err(|error| {
        Fault::new(clipped(error.span().unwrap_or(0..0), text), error.message().trim().to_lowercase())
    })?;
    if !pyproject {
        return then(Table { entries: document.get_ref(), span: Span::at(0) });
    }
    match section(document.get_ref()) {
        Some(value) => then(Value { name: "tool.shipworthy", value }.table()?),
        None => then(Table { entries: &DeTable::new(), span: Span::at(0) }),
    }
}

/// The span of a syntax error may begin at the end of the text, or in a broken character.
fn clipped(range: Range<usize>, text: &str) -> Span {
    let floor = |offset: usize| (0..=offset.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = floor(range.start);
    Span::new(start, floor(range.end).max(start))
}

/// A table of the document.
#[derive(Clone, Copy)]
pub(super) struct Table<'a, 'i> {
    entries: &'a DeTable<'i>,
    /// What stands for the table: its header, or its braces.
    pub span: Span,
}

impl<'a, 'i> Table<'a, 'i> {
    /// Refuses keys that are not in `known`, the first in the file first.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Fault> {
        let unknown = self.entries.iter().map(|(key, _)| key).filter(|key| !known.contains(&&**key.get_ref()));
        match unknown.min_by_key(|key| key.span().start) {
            None => Ok(()),
            Some(key) => Err(Fault::new(key.span().into(), format!("unknown key `{}`", key.get_ref()))
                .suggest(closest(key.get_ref(), known.iter().copied()))),
        }
    }

    /// The value of a key.
    pub(super) fn get<'k>(&self, name: &'k str) -> Option<Value<'a, 'i, 'k>> {
        self.entries.get(name).map(|value| Value { name, value })
    }

    /// All entries in the order of the file.
    pub(super) fn entries(&self) -> Vec<(Spanned<&'a str>, Value<'a, 'i, 'a>)> {
        let mut entries: Vec<_> = self
            .entries
            .iter()
            .map(|(key, value)| {
                let name: &'a str = key.get_ref();
                (Spanned::new(name, key.span().into()), Value { name, value })
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        entries
    }

    /// The tables of an array of tables; empty where the key is missing.
    pub(super) fn tables(&self, name: &str) -> Result<Vec<Table<'a, 'i>>, Fault> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let DeValue::Array(array) = value.value.get_ref() else {
            return Err(value.expected(&format!("tables, each under `[[{name}]]`")));
        };
        array.iter().map(|value| Value { name, value }.table()).collect()
    }

    /// A list of strings, or one string; empty where the key is missing.
    pub(super) fn strings(&self, name: &str) -> Result<Vec<Spanned<String>>, Fault> {
        self.get(name).map_or(Ok(Vec::new()), |value| value.strings())
    }
}

/// A value of the document and the key it stands under.
#[derive(Clone, Copy)]
pub(super) struct Value<'a, 'i, 'k> {
    name: &'k str,
    value: &'a toml::Spanned<DeValue<'i>>,
}

impl<'a, 'i> Value<'a, 'i, '_> {
    pub(super) fn span(&self) -> Span {
        self.value.span().into()
    }

    fn expected(&self, what: &str) -> Fault {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        Fault::new(self.span(), format!("`{}` takes {what}, not {found}", self.name))
    }

    pub(super) fn table(&self) -> Result<Table<'a, 'i>, Fault> {
        match self.value.get_ref() {
            DeValue::Table(entries) => Ok(Table { entries, span: self.span() }),
            _ => Err(self.expected("a table")),
        }
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Table(_))
    }

    pub(super) fn string(&self) -> Result<Spanned<String>, Fault> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(Spanned::new(text.to_string(), self.span())),
            _ => Err(self.expected("a string")),
        }
    }

    pub(super) fn boolean(&self) -> Result<bool, Fault> {
        match self.value.get_ref() {
            DeValue::Boolean(value) => Ok(*value),
            _ => Err(self.expected("`true` or `false`")),
        }
    }

    pub(super) fn strings(&self) -> Result<Vec<Spanned<String>>, Fault> {
        match self.value.get_ref() {
            DeValue::String(_) => Ok(vec![self.string()?]),
            DeValue::Array(array) => array
                .iter()
                .map(|value| match value.get_ref() {
                    DeValue::String(text) => Ok(Spanned::new(text.to_string(), value.span().into())),
                    _ => Err(Value { name: self.name, value }.expected("a list of strings")),
                })
                .collect(),
            _ => Err(self.expected("a list of strings")),
        }
    }

    /// One of the words that `meaning` knows; `words` are all of them.
    pub(super) fn word<T>(&self, words: &[&str], meaning: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
        let word = self.string()?;
        meaning(&word).ok_or_else(|| {
            let message = format!("`{}` is {}, not `{}`", self.name, one_of(words), *word);
            Fault::new(word.span, message).suggest(closest(&word, words.iter().copied()))
        })
    }

    pub(super) fn severity(&self) -> Result<Severity, Fault> {
        self.word(&["error", "warning", "note"], Severity::named)
    }

    /// A path below the root.
    pub(super) fn path(&self) -> Result<Spanned<RepoPath>, Fault> {
        inside(self.name, self.string()?)
    }

    /// A list of paths below the root, or one.
    pub(super) fn paths(&self) -> Result<Vec<Spanned<RepoPath>>, Fault> {
        self.strings()?.into_iter().map(|path| inside(self.name, path)).collect()
    }
}

fn inside(name: &str, path: Spanned<String>) -> Result<Spanned<RepoPath>, Fault> {
    match RepoPath::new(&path) {
        Some(known) => Ok(Spanned::new(known, path.span)),
        None => {
            let message = format!("`{name}` takes paths relative to the root and inside it, and `{}` is not", *path);
            Err(Fault::new(path.span, message))
        }
    }
}

/// "`a`, `b` or `c`".
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}
