//! Env files: `.env` and what `env_file` names, in the dialects of the programs that read them.

mod compose;
mod cursor;
mod python;
mod raw;

pub use raw::parse_raw;

use super::substitution::{self, Part, Variable};
use crate::source::{Problem, Span, Spanned};
use std::collections::BTreeMap;

/// Who reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Docker Compose (compose-go's dotenv).
    Compose,
    /// The Python package `python-dotenv`.
    PythonDotenv,
}

/// An env file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFile {
    /// The dialect that it was read in.
    pub dialect: Dialect,
    /// Every entry, in order; keys may stand several times.
    pub entries: Vec<Entry>,
    /// Every comment, from the `#` to the end of the line, those after values included.
    pub comments: Vec<Spanned<String>>,
}

/// One `KEY=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Spanned<String>,
    /// The value; `None` for a key alone: Compose then takes the value of its own environment, python-dotenv sets
    /// nothing.
    pub value: Option<EnvValue>,
    /// Whether `export` stands before the key.
    pub export: bool,
    /// The whole entry.
    pub span: Span,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvValue {
    /// The value as written between its quotes, escapes and variables included.
    pub raw: Spanned<String>,
    /// The quotes around it.
    pub quote: Quote,
    /// Its pieces: escapes are decoded, variables are told apart where the dialect substitutes them.
    pub parts: Vec<Part>,
    /// The value with its quotes.
    pub span: Span,
}

/// How a value is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

impl EnvValue {
    /// The value where no variable is in it.
    pub fn literal(&self) -> Option<String> {
        substitution::literal(&self.parts)
    }

    /// Its variables, in order of place.
    pub fn variables(&self) -> Vec<&Variable> {
        substitution::variables(&self.parts)
    }
}

/// What an entry comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The index of the entry that decides: the last of its key.
    pub entry: usize,
    /// The value. `None` where nothing is set: a key alone that `lookup` does not know, or a value whose required
    /// variable is missing or which grows beyond bounds.
    pub value: Option<String>,
}

impl EnvFile {
    fn new(dialect: Dialect) -> Self {
        Self { dialect, entries: Vec::new(), comments: Vec::new() }
    }

    /// The values of all keys. `lookup` is the environment of the program that reads the file; in substitutions it
    /// goes before earlier keys of the file, as it does in Compose and in python-dotenv's `load_dotenv`.
    pub fn resolve(&self, lookup: &dyn Fn(&str) -> Option<String>) -> BTreeMap<String, Resolved> {
        self.resolve_after(lookup, &|_| None)
    }

    /// The same for a file of several: `earlier` is what those before it set, which its own keys go before.
    pub fn resolve_after(
        &self,
        lookup: &dyn Fn(&str) -> Option<String>,
        earlier: &dyn Fn(&str) -> Option<String>,
    ) -> BTreeMap<String, Resolved> {
        let mut resolved: BTreeMap<String, Resolved> = BTreeMap::new();
        // All that substitutions may copy in one file: `A=$A$A` may double only so often.
        let mut budget = 16 * substitution::EXPANSION_LIMIT;
        for (index, entry) in self.entries.iter().enumerate() {
            let value = match &entry.value {
                None if self.dialect == Dialect::PythonDotenv => None,
                None => match lookup(&entry.key) {
                    None if resolved.contains_key(&entry.key.value) => continue,
                    found => found,
                },
                Some(value) => {
                    let mut spent = false;
                    let expanded = substitution::expand(&value.parts, &mut |variable| {
                        let name = variable.name.as_str();
                        let found = lookup(name).or_else(|| match resolved.get(name) {
                            Some(own) => own.value.clone(),
                            None => earlier(name),
                        })?;
                        spent |= found.len() > budget;
                        budget = budget.saturating_sub(found.len());
                        (!spent).then_some(found)
                    });
                    expanded.ok().filter(|_| !spent)
                }
            };
            resolved.insert(entry.key.value.clone(), Resolved { entry: index, value });
        }
        resolved
    }

    /// The entry that decides on `key`: its last.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key.value == key)
    }

    /// The entries whose key stands again below, so that they count for nothing.
    pub fn overridden(&self) -> Vec<&Entry> {
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            last.insert(&entry.key, index);
        }
        let entries = self.entries.iter().enumerate();
        entries.filter(|(index, entry)| last[entry.key.as_str()] != *index).map(|(_, entry)| entry).collect()
    }
}

/// Reads an env file.
pub fn parse(text: &str, dialect: Dialect) -> (EnvFile, Vec<Problem>) {
    let cursor = cursor::Cursor::new(text);
    match dialect {
        Dialect::Compose => compose::parse(cursor),
        Dialect::PythonDotenv => python::parse(cursor),
    }
}

/// The character that both dialects read for a letter after a backslash, as C does.
fn control(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a' => "\u{7}",
        'b' => "\u{8}",
        'f' => "\u{c}",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\u{b}",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
