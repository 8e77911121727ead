//! Text with variables in it, as Dockerfiles, compose and env files write it: `$X`, `${X:-fallback}` and the like.
//! Each language has its own syntax and parses to these parts; what the operators do is the same everywhere.

use crate::source::{Span, Spanned};
use regex::Regex;

/// The most text that variables may put into one expansion, in bytes: `A=$A$A` must not grow without end.
pub const EXPANSION_LIMIT: usize = 64 * 1024;

/// A piece of a text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself, escapes and quotes removed.
    Literal {
        /// The text, and where it stands without its quotes.
        text: Spanned<String>,
        /// Whether it stood in quotes of either kind.
        quoted: bool,
    },
    /// A variable.
    Variable(Variable),
}

/// A reference to a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: Spanned<String>,
    /// What is done with its value; `None` for `$X` and `${X}`.
    pub operation: Option<Operation>,
    /// From the `$` to the end of the name or the closing brace.
    pub span: Span,
}

/// What `${X…}` does with the value of `X`. `empty_counts` is the `:` of the forms: an empty value counts as unset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `${X:-word}`, `${X-word}`: the word where `X` is not set.
    Fallback {
        /// Whether an empty value counts as unset.
        empty_counts: bool,
        /// What stands in.
        word: Vec<Part>,
    },
    /// `${X:+word}`, `${X+word}`: the word where `X` is set, else nothing.
    Alternative {
        /// Whether an empty value counts as unset.
        empty_counts: bool,
        /// What stands in.
        word: Vec<Part>,
    },
    /// `${X:?message}`, `${X?message}`: an error where `X` is not set.
    Require {
        /// Whether an empty value counts as unset.
        empty_counts: bool,
        /// The error's text.
        message: Vec<Part>,
    },
    /// `${X#pattern}`, `${X##pattern}`: without the shortest or longest start that matches.
    TrimPrefix {
        /// Whether the longest match goes.
        longest: bool,
        /// A pattern with `*` and `?`.
        pattern: Vec<Part>,
    },
    /// `${X%pattern}`, `${X%%pattern}`: without the shortest or longest end that matches.
    TrimSuffix {
        /// Whether the longest match goes.
        longest: bool,
        /// A pattern with `*` and `?`.
        pattern: Vec<Part>,
    },
    /// `${X/pattern/replacement}`, `${X//pattern/replacement}`.
    Replace {
        /// Whether every match is replaced.
        all: bool,
        /// A pattern with `*` and `?`.
        pattern: Vec<Part>,
        /// What stands in for a match.
        replacement: Vec<Part>,
    },
}

impl Operation {
    /// Whether the form says what holds when the variable is not set.
    pub fn handles_unset(&self) -> bool {
        matches!(self, Operation::Fallback { .. } | Operation::Alternative { .. })
    }

    /// The parts inside the braces.
    fn words(&self) -> impl Iterator<Item = &Part> {
        let (first, second): (&[Part], &[Part]) = match self {
            Operation::Fallback { word, .. } | Operation::Alternative { word, .. } => (word, &[]),
            Operation::Require { message, .. } => (message, &[]),
            Operation::TrimPrefix { pattern, .. } | Operation::TrimSuffix { pattern, .. } => (pattern, &[]),
            Operation::Replace { pattern, replacement, .. } => (pattern, replacement),
        };
        first.iter().chain(second)
    }
}

/// Why an expansion has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `${X:?}` and `X` is not set; holds the name.
    Required(String),
    /// More than [`EXPANSION_LIMIT`] bytes.
    TooLong,
    /// The pattern of `${X#…}` and its kin is not one.
    Pattern,
}

/// Puts the values of variables in place. `lookup` gives the value of a variable that is set.
pub fn expand(parts: &[Part], lookup: &mut dyn FnMut(&Variable) -> Option<String>) -> Result<String, Failure> {
    let mut budget = EXPANSION_LIMIT;
    expand_within(parts, lookup, &mut budget)
}

fn expand_within(
    parts: &[Part],
    lookup: &mut dyn FnMut(&Variable) -> Option<String>,
    budget: &mut usize,
) -> Result<String, Failure> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal { text: literal, .. } => text.push_str(&literal.value),
            Part::Variable(variable) => {
                let value = expand_variable(variable, lookup, budget)?;
                *budget = budget.checked_sub(value.len()).ok_or(Failure::TooLong)?;
                text.push_str(&value);
            }
        }
    }
    Ok(text)
}

fn expand_variable(
    variable: &Variable,
    lookup: &mut dyn FnMut(&Variable) -> Option<String>,
    budget: &mut usize,
) -> Result<String, Failure> {
    let value = lookup(variable);
    let Some(operation) = &variable.operation else { return Ok(value.unwrap_or_default()) };
    let counts = |empty_counts: bool| value.as_ref().is_some_and(|value| !(empty_counts && value.is_empty()));
    match operation {
        Operation::Fallback { empty_counts, .. } if counts(*empty_counts) => Ok(value.unwrap_or_default()),
        Operation::Fallback { word, .. } => expand_within(word, lookup, budget),
        Operation::Alternative { empty_counts, word } if counts(*empty_counts) => expand_within(word, lookup, budget),
        Operation::Alternative { .. } => Ok(String::new()),
        Operation::Require { empty_counts, .. } if counts(*empty_counts) => Ok(value.unwrap_or_default()),
        Operation::Require { .. } => Err(Failure::Required(variable.name.value.clone())),
        Operation::TrimPrefix { longest, pattern } => {
            let pattern = Pattern::new(&expand_within(pattern, lookup, budget)?)?;
            Ok(pattern.trim_start(&value.unwrap_or_default(), *longest)?)
        }
        Operation::TrimSuffix { longest, pattern } => {
            let mut pattern = Pattern::new(&expand_within(pattern, lookup, budget)?)?;
            pattern.0.reverse();
            let reversed: String = value.unwrap_or_default().chars().rev().collect();
            Ok(pattern.trim_start(&reversed, *longest)?.chars().rev().collect())
        }
        Operation::Replace { all, pattern, replacement } => {
            let pattern = Pattern::new(&expand_within(pattern, lookup, budget)?)?.regex("", true)?;
            let replacement = expand_within(replacement, lookup, budget)?;
            let value = value.unwrap_or_default();
            let by = regex::NoExpand(&replacement);
            let limit = if *all { 0 } else { 1 };
            Ok(pattern.replacen(&value, limit, by).into_owned())
        }
    }
}

/// The variables of `parts`, those inside the braces of others included, in order of place.
pub fn variables(parts: &[Part]) -> Vec<&Variable> {
    fn collect<'a>(part: &'a Part, found: &mut Vec<&'a Variable>) {
        if let Part::Variable(variable) = part {
            found.push(variable);
            // Parsers bound how deep forms nest.
            variable.operation.iter().flat_map(Operation::words).for_each(|part| collect(part, found));
        }
    }
    let mut found = Vec::new();
    parts.iter().for_each(|part| collect(part, &mut found));
    found
}

/// The text of `parts` where no variable is in it.
pub fn literal(parts: &[Part]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal { text: literal, .. } => text.push_str(&literal.value),
            Part::Variable(_) => return None,
        }
    }
    Some(text)
}

/// A shell pattern: `*` is any text, `?` any character, `\` takes the meaning of the next one.
struct Pattern(Vec<Token>);

enum Token {
    Any,
    One,
    Character(char),
}

impl Pattern {
    fn new(text: &str) -> Result<Self, Failure> {
        let mut tokens = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => Token::Character(characters.next().ok_or(Failure::Pattern)?),
                character => Token::Character(character),
            });
        }
        Ok(Self(tokens))
    }

    fn regex(&self, anchor: &str, longest: bool) -> Result<Regex, Failure> {
        let mut pattern = format!("(?s){anchor}");
        for token in &self.0 {
            match token {
                Token::Any => pattern.push_str(if longest { ".*" } else { ".*?" }),
                Token::One => pattern.push('.'),
                Token::Character(character) => pattern.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
            }
        }
        Regex::new(&pattern).map_err(|_| Failure::Pattern)
    }

    fn trim_start(&self, value: &str, longest: bool) -> Result<String, Failure> {
        let end = self.regex("^", longest)?.find(value).map_or(0, |found| found.end());
        Ok(value[end..].to_owned())
    }
}
