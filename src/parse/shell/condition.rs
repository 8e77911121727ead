//! Conditions: what `[ … ]`, `[[ … ]]`, `test` and commands say, and whether it holds for given variables.

use super::{Command, Word};
use crate::project::environment::{Lookup, Variables};
use crate::project::value::{Reason, Value};
use std::sync::Arc;

/// Something whose exit status decides what runs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A test with one operand: `-z`, `-n`, `-f`, `-d`, … A lone word is `-n`.
    Unary {
        /// The operator with its dash.
        operator: String,
        /// What it is applied to.
        operand: Word,
    },
    /// A test with two operands: `=`, `==`, `!=`, `=~`, `<`, `>`, `-eq`, `-nt`, …
    Binary {
        /// The operator as written.
        operator: String,
        /// Its left side.
        left: Word,
        /// Its right side; a pattern after `==` and `!=` in `[[ ]]`.
        right: Word,
        /// Whether it stands in `[[ ]]`.
        extended: bool,
    },
    /// The opposite.
    Not(Arc<Condition>),
    /// Both.
    And(Arc<Condition>, Arc<Condition>),
    /// At least one.
    Or(Arc<Condition>, Arc<Condition>),
    /// The success of a command; of a pipeline, the last one's. The copy here has no guards.
    Command(Arc<Command>),
    /// What is not taken apart (arithmetic, a loop), as written.
    Other(String),
}

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Certainly.
    True,
    /// Certainly not.
    False,
    /// It cannot be told, or something outside the repository decides.
    Unknown,
}

impl Truth {
    /// What is certain about `value`.
    pub fn of(value: &Value<bool>) -> Self {
        match value {
            Value::Known(true) => Truth::True,
            Value::Known(false) => Truth::False,
            Value::OneOf(values) if !values.is_empty() && values.iter().all(|value| *value) => Truth::True,
            Value::OneOf(values) if !values.is_empty() && values.iter().all(|value| !value) => Truth::False,
            _ => Truth::Unknown,
        }
    }
}

impl Condition {
    /// Whether it certainly holds, or certainly not, for a process with the variables `variables`.
    pub fn evaluate(&self, variables: &Variables) -> Truth {
        Truth::of(&self.value(variables))
    }

    /// The same with its certainty: a `Default` holds unless something outside the repository sets a variable.
    pub fn value(&self, variables: &Variables) -> Value<bool> {
        match self {
            Condition::Unary { operator, operand } => unary(operator, operand, variables),
            Condition::Binary { operator, left, right, extended } => {
                binary(operator, left, right, *extended, variables)
            }
            Condition::Not(inner) => inner.value(variables).map(|holds| !holds),
            Condition::And(left, right) => both(left.value(variables), || right.value(variables)),
            Condition::Or(left, right) => {
                both(left.value(variables).map(|holds| !holds), || right.value(variables).map(|holds| !holds))
                    .map(|holds| !holds)
            }
            Condition::Command(command) => match command.name().as_deref() {
                Some("true" | ":") => Value::Known(true),
                Some("false") => Value::Known(false),
                _ => unsupported("the success of a command"),
            },
            Condition::Other(_) => unsupported("this condition"),
        }
    }

    /// The commands whose success it asks for, left to right.
    pub fn commands(&self) -> Vec<&Command> {
        match self {
            Condition::Not(inner) => inner.commands(),
            Condition::And(left, right) | Condition::Or(left, right) => {
                let mut commands = left.commands();
                commands.extend(right.commands());
                commands
            }
            Condition::Command(command) => vec![command],
            _ => Vec::new(),
        }
    }

    /// The words that it compares and tests, left to right; not those of commands.
    pub fn words(&self) -> Vec<&Word> {
        match self {
            Condition::Unary { operand, .. } => vec![operand],
            Condition::Binary { left, right, .. } => vec![left, right],
            Condition::Not(inner) => inner.words(),
            Condition::And(left, right) | Condition::Or(left, right) => {
                let mut words = left.words();
                words.extend(right.words());
                words
            }
            Condition::Command(_) | Condition::Other(_) => Vec::new(),
        }
    }
}

fn unsupported(what: &str) -> Value<bool> {
    Value::Unknown(Reason::Unsupported(what.to_owned()))
}

/// `left && right`: a side that is false decides, whatever the other is.
pub(super) fn both(left: Value<bool>, right: impl FnOnce() -> Value<bool>) -> Value<bool> {
    if left == Value::Known(false) {
        return left;
    }
    match (left, right()) {
        (_, Value::Known(false)) => Value::Known(false),
        (Value::Known(true), other) | (other, Value::Known(true)) => other,
        (Value::Default(false), _) | (_, Value::Default(false)) => Value::Default(false),
        (Value::Default(true), other) | (other, Value::Default(true)) => other,
        (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Value::Unknown(reason),
        _ => unsupported("this combination of values"),
    }
}

fn unary(operator: &str, operand: &Word, variables: &Variables) -> Value<bool> {
    match operator {
        "-n" => operand.expand(variables).map(|text| !text.is_empty()),
        "-z" => operand.expand(variables).map(|text| text.is_empty()),
        "-v" => match operand.literal().map(|name| variables.lookup(&name)) {
            Some(Lookup::Set(_)) => Value::Known(true),
            Some(Lookup::Unset) => Value::Known(false),
            Some(Lookup::Perhaps(opening)) => Value::Unknown(opening.reason.clone()),
            None => unsupported("this test"),
        },
        _ => unsupported("a test of files"),
    }
}

fn binary(operator: &str, left: &Word, right: &Word, extended: bool, variables: &Variables) -> Value<bool> {
    let left = left.expand(variables);
    let pattern = extended && matches!(operator, "=" | "==" | "!=");
    if pattern && right.literal().is_none() {
        let Some(lefts) = left.possible() else { return left.map(|_| false) };
        let results: Option<Vec<bool>> = lefts.iter().map(|text| right.matches(text, variables)).collect();
        let Some(results) = results else { return unsupported("this pattern") };
        let mut results = results.into_iter();
        return left.map(|_| results.next().unwrap_or(false) == (operator != "!="));
    }
    let right = right.expand(variables);
    let (lefts, rights) = match (left.possible(), right.possible()) {
        (Some(lefts), Some(rights)) => (lefts, rights),
        (None, _) => return left.map(|_| false),
        (_, None) => return right.map(|_| false),
    };
    let results: Option<Vec<bool>> =
        lefts.iter().flat_map(|l| rights.iter().map(move |r| compare(operator, l, r))).collect();
    match results {
        None => unsupported("this comparison"),
        Some(results) => match (&left, &right) {
            (Value::OneOf(_), _) | (_, Value::OneOf(_)) => Value::OneOf(results),
            (Value::Default(_), _) | (_, Value::Default(_)) => Value::Default(results[0]),
            _ => Value::Known(results[0]),
        },
    }
}

fn compare(operator: &str, left: &str, right: &str) -> Option<bool> {
    let numbers = || Some((left.trim().parse::<i64>().ok()?, right.trim().parse::<i64>().ok()?));
    Some(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-eq" => numbers().map(|(l, r)| l == r)?,
        "-ne" => numbers().map(|(l, r)| l != r)?,
        "-lt" => numbers().map(|(l, r)| l < r)?,
        "-le" => numbers().map(|(l, r)| l <= r)?,
        "-gt" => numbers().map(|(l, r)| l > r)?,
        "-ge" => numbers().map(|(l, r)| l >= r)?,
        _ => return None,
    })
}

/// How deeply brackets are read in a test.
const MAX_BRACKETS: usize = 30;
/// How many words a test may have: a condition is walked by recursion.
const MAX_WORDS: usize = 400;

/// Reads the words between the brackets of a test (or after `test`) as a condition.
pub(super) fn parse_test(words: &[Word], extended: bool) -> Condition {
    let whole = || Condition::Other(words.iter().map(Word::text).collect::<Vec<_>>().join(" "));
    if words.len() > MAX_WORDS {
        return whole();
    }
    let mut parser = TestParser { words, at: 0, extended, brackets: 0 };
    match parser.or() {
        Some(condition) if parser.at == words.len() => condition,
        _ => whole(),
    }
}

struct TestParser<'a> {
    words: &'a [Word],
    at: usize,
    extended: bool,
    brackets: usize,
}

impl TestParser<'_> {
    fn takes(&mut self, operators: [&str; 2]) -> bool {
        let found = self.words.get(self.at).is_some_and(|word| operators.contains(&word.text()));
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Option<Condition> {
        let mut left = self.and()?;
        while self.takes(["||", "-o"]) {
            left = Condition::Or(Arc::new(left), Arc::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Condition> {
        let mut left = self.not()?;
        while self.takes(["&&", "-a"]) {
            left = Condition::And(Arc::new(left), Arc::new(self.not()?));
        }
        Some(left)
    }

    fn not(&mut self) -> Option<Condition> {
        let mut negated = false;
        while self.words.len() > self.at + 1 && self.takes(["!", "!"]) {
            negated = !negated;
        }
        let condition = self.primary()?;
        Some(if negated { Condition::Not(Arc::new(condition)) } else { condition })
    }

    fn primary(&mut self) -> Option<Condition> {
        let first = self.words.get(self.at)?;
        if first.text() == "(" || first.text() == "\\(" {
            self.brackets += 1;
            if self.brackets > MAX_BRACKETS {
                return None;
            }
            self.at += 1;
            let inner = self.or()?;
            return self.takes([")", "\\)"]).then_some(inner);
        }
        if let (Some(operator), Some(right)) = (self.words.get(self.at + 1), self.words.get(self.at + 2))
            && is_binary(operator.text())
        {
            let condition = Condition::Binary {
                operator: operator.text().trim_start_matches('\\').to_owned(),
                left: first.clone(),
                right: right.clone(),
                extended: self.extended,
            };
            self.at += 3;
            return Some(condition);
        }
        if let Some(operand) = self.words.get(self.at + 1)
            && is_unary(first.text())
        {
            self.at += 2;
            return Some(Condition::Unary { operator: first.text().to_owned(), operand: operand.clone() });
        }
        self.at += 1;
        Some(Condition::Unary { operator: "-n".to_owned(), operand: first.clone() })
    }
}

fn is_binary(text: &str) -> bool {
    matches!(text, "=" | "==" | "!=" | "=~" | "<" | ">" | "\\<" | "\\>")
        || matches!(text, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef")
}

fn is_unary(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('-') && characters.next().is_some_and(|c| c.is_ascii_alphabetic()) && text.len() == 2
}
