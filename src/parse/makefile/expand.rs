//! Variables in recipes.

use super::Variable;
use crate::source::{FragmentBuilder, Span};
use std::cell::Cell;
use std::collections::HashMap;

/// How deeply variables are expanded in values of others.
const MAX_DEPTH: usize = 8;
/// Values longer than this are not put into recipes. In bytes.
const MAX_VALUE: usize = 4_096;
/// How many references of a file are expanded: each may hold a thousand others.
const MAX_STEPS: usize = 200_000;

/// What variables stand for.
#[derive(Default)]
pub(super) struct Scope {
    /// The unexpanded value by name; `None` where it cannot be told.
    values: HashMap<String, Option<String>>,
    /// How many references were expanded so far.
    steps: Cell<usize>,
}

impl Scope {
    /// The variables of a Makefile as they are when all of it is read.
    pub fn new(variables: &[Variable]) -> Self {
        let mut values: HashMap<String, Option<String>> = HashMap::new();
        for variable in variables {
            let slot = values.entry(variable.name.value.clone()).or_insert_with(|| Some(String::new()));
            let fresh = slot.as_deref() == Some("");
            let long = variable.value.len() > MAX_VALUE || slot.as_ref().is_some_and(|value| value.len() > MAX_VALUE);
            match (variable.operator.as_str(), slot) {
                (_, slot) if variable.conditional || long => *slot = None,
                ("!=", slot) => *slot = Some(format!("$(shell {})", variable.value.value)),
                ("+=", Some(value)) if !fresh => {
                    value.push(' ');
                    value.push_str(&variable.value);
                }
                ("?=", _) if !fresh => {}
                ("+=", None) => {}
                (_, slot) => *slot = Some(variable.value.value.clone()),
            }
        }
        Self { values, steps: Cell::new(0) }
    }

    /// Names `name` as what only a run can tell.
    pub fn hide(&mut self, name: &str) {
        self.values.insert(name.to_owned(), None);
    }

    /// The known value of `name`; the outer `None` where nothing sets it.
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        self.values.get(name).map(Option::as_deref)
    }
}

/// What is known of the target that a recipe belongs to.
pub(super) struct Rule<'a> {
    pub scope: &'a Scope,
    pub target: &'a str,
    pub prerequisites: &'a [String],
}

impl Rule<'_> {
    /// Appends `text`, which stands at `offset` of the file, as the shell gets it.
    pub fn expand(&self, text: &str, offset: usize, into: &mut FragmentBuilder) {
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'$', &text.as_bytes()[at..]) {
            let dollar = at + found;
            into.push(&text[at..dollar], offset + at);
            let (length, inner) = reference(&text[dollar..]);
            let span = Span::new(offset + dollar, offset + dollar + length);
            match inner.strip_prefix("shell ") {
                // The command keeps its place.
                Some(command) if length < text.len() => {
                    let start = dollar + length - 1 - command.len();
                    into.push_replacement("$(", Span::new(offset + dollar, offset + start));
                    self.expand(command, offset + start, into);
                    into.push(")", offset + start + command.len());
                }
                _ => into.push_replacement(&self.value(inner, 0), span),
            }
            at = dollar + length;
        }
        into.push(&text[at..], offset + at);
    }

    /// What a reference's inside stands for.
    fn value(&self, inner: &str, depth: usize) -> String {
        let unknown = || format!("${{{{ {} }}}}", inner.split(['}', '\n']).next().unwrap_or("").trim());
        match inner {
            "$" => return "$".to_owned(),
            "@" => return self.target.to_owned(),
            "<" => return self.prerequisites.first().cloned().unwrap_or_default(),
            "^" | "+" | "?" => return self.prerequisites.join(" "),
            "" => return String::new(),
            _ => {}
        }
        if let Some(command) = inner.strip_prefix("shell ") {
            return format!("$({})", self.expanded(command, depth + 1));
        }
        let identifier = inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match self.scope.get(inner) {
            Some(Some(value)) if depth < MAX_DEPTH => self.expanded(value, depth + 1),
            None if identifier => format!("${{{inner}}}"),
            _ => unknown(),
        }
    }

    fn expanded(&self, text: &str, depth: usize) -> String {
        let mut expanded = String::new();
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'$', &text.as_bytes()[at..]) {
            let dollar = at + found;
            expanded.push_str(&text[at..dollar]);
            let (length, inner) = reference(&text[dollar..]);
            self.scope.steps.set(self.scope.steps.get() + 1);
            if depth > MAX_DEPTH || expanded.len() > MAX_VALUE || self.scope.steps.get() > MAX_STEPS {
                return "${{ recursion }}".to_owned();
            }
            expanded.push_str(&self.value(inner, depth));
            at = dollar + length;
        }
        expanded.push_str(&text[at..]);
        expanded
    }
}

/// The length of the reference that begins `text` with its dollar, and what is inside its brackets.
fn reference(text: &str) -> (usize, &str) {
    let close = match text.as_bytes().get(1) {
        Some(b'(') => b')',
        Some(b'{') => b'}',
        Some(_) => {
            let length = text[1..].chars().next().map_or(0, char::len_utf8);
            return (1 + length, &text[1..1 + length]);
        }
        None => return (1, ""),
    };
    let open = text.as_bytes()[1];
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return (at + 1, &text[2..at]);
            }
        }
    }
    (text.len(), &text[2..])
}
