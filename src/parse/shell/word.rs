//! Words: what stands between blanks, taken apart into text and expansions.

use super::Script;
use super::pattern::Pattern;
use crate::parse::substitution::EXPANSION_LIMIT;
use crate::project::environment::{Lookup, Variables};
use crate::project::value::{Reason, Value};
use crate::source::{Fragment, FragmentBuilder, Span};

/// One word of a command, quotes and escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Word {
    /// Its parts in order. An empty word (`""`) has one empty literal.
    pub parts: Vec<WordPart>,
    /// Where it stands in the file, quotes included.
    pub span: Span,
    /// The word as written. `None` where it is written as the one literal that it has.
    pub(super) source: Option<Box<Fragment>>,
    /// Whether `source` has no quoting of its own: an item of an argument list.
    pub(super) unquoted_source: bool,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordPart {
    /// Text that stands for itself, quotes and escapes resolved.
    Literal(String),
    /// `$NAME`, `${NAME:-default}`, `$1`, `"$@"`.
    Parameter(Parameter),
    /// `$(…)`, `` `…` ``, `<(…)` or `>(…)`.
    Substitution(Box<Script>),
    /// `$((…))`: the text between the brackets.
    Arithmetic(String),
    /// An unquoted pattern character: `*`, `?` or a bracket expression such as `[ab]`.
    Glob(String),
    /// A workflow's `${{ … }}` or a template's `{{ … }}`, which others replace before a shell sees it: the text
    /// within, trimmed.
    Expression(String),
    /// `(a b)` as the value of an assignment.
    Array(Vec<Word>),
}

/// The use of a variable or a positional parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The variable's name; a number for positional parameters; `@`, `*`, `#`, `?`, `$`, `!` or `-`.
    pub name: String,
    /// What is done to the value.
    pub operator: Option<Operator>,
    /// The word after `:-`, `:=`, `:?` or `:+`.
    pub operand: Option<Box<Word>>,
    /// Whether it stands in double quotes, so that its value is neither split nor globbed.
    pub quoted: bool,
}

/// What a parameter expansion does. `colon`: an empty value counts as none, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `${A:-word}`
    Default {
        /// Written with a colon.
        colon: bool,
    },
    /// `${A:=word}`
    Assign {
        /// Written with a colon.
        colon: bool,
    },
    /// `${A:?word}`
    Require {
        /// Written with a colon.
        colon: bool,
    },
    /// `${A:+word}`
    Alternative {
        /// Written with a colon.
        colon: bool,
    },
    /// `${#A}`
    Length,
    /// Any other, as written: `%.sql`, `//a/b`, `,,`, `[@]`, `!` for `${!A}`.
    Other(String),
}

impl Parameter {
    /// Whether it is `$1`, `$@`, `$*` or `$#`: something about the arguments.
    pub fn is_positional(&self) -> bool {
        matches!(self.name.as_str(), "@" | "*" | "#") || self.name.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether it is `$@` or `$*`, with a default or without: all the arguments.
    pub fn is_all_arguments(&self) -> bool {
        matches!(self.name.as_str(), "@" | "*")
    }

    /// The word that holds where the variable is not set (`:-`, `-`, `:=`, `=`).
    pub fn default(&self) -> Option<&Word> {
        match self.operator {
            Some(Operator::Default { .. } | Operator::Assign { .. }) => self.operand.as_deref(),
            _ => None,
        }
    }

    /// The value for a process with the variables `variables`. Positional parameters are looked up under their
    /// number or sign, and are unknown where they are not in `set`.
    pub fn expand(&self, variables: &Variables) -> Value<String> {
        let positional = self.is_positional() || !self.name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let (found, perhaps) = match variables.lookup(&self.name) {
            Lookup::Set(traced) => (Some(traced.value.clone()), None),
            Lookup::Unset | Lookup::Perhaps(_) if positional => {
                return Value::Unknown(Reason::Unsupported(format!("the parameter `${}`", self.name)));
            }
            Lookup::Unset => (None, None),
            Lookup::Perhaps(opening) => (None, Some(opening.reason.clone())),
        };
        let operand = || self.operand.as_ref().map_or(Value::Known(String::new()), |word| word.expand(variables));
        // A value that nobody set, but that may come from outside: only a default tells what it would be.
        if let Some(reason) = perhaps {
            return match self.operator {
                Some(Operator::Default { .. } | Operator::Assign { .. }) => weaken(operand()),
                _ => Value::Unknown(reason),
            };
        }
        match &self.operator {
            None | Some(Operator::Require { .. }) => found.unwrap_or_else(|| Value::Known(String::new())),
            Some(Operator::Default { colon } | Operator::Assign { colon }) => match found {
                None => operand(),
                Some(value) if !colon => value,
                Some(value) => match value.possible() {
                    Some(texts) if texts.iter().all(String::is_empty) => {
                        if matches!(value, Value::Default(_)) {
                            weaken(operand())
                        } else {
                            operand()
                        }
                    }
                    Some(texts) if texts.iter().any(String::is_empty) => {
                        Value::Unknown(Reason::Unsupported("a value that may be empty".to_owned()))
                    }
                    _ => value,
                },
            },
            Some(Operator::Alternative { colon }) => match found {
                None => Value::Known(String::new()),
                Some(_) if !colon => operand(),
                Some(Value::Known(text)) => {
                    if text.is_empty() {
                        Value::Known(text)
                    } else {
                        operand()
                    }
                }
                Some(_) => Value::Unknown(Reason::Unsupported("`${…:+…}`".to_owned())),
            },
            Some(Operator::Length) => found.map_or_else(
                || Value::Known("0".to_owned()),
                |value| value.map(|text| text.chars().count().to_string()),
            ),
            Some(Operator::Other(operator)) => match (operator.as_str(), found) {
                (",,", found) => {
                    found.map_or_else(|| Value::Known(String::new()), |value| value.map(|t| t.to_lowercase()))
                }
                ("^^", found) => {
                    found.map_or_else(|| Value::Known(String::new()), |value| value.map(|t| t.to_uppercase()))
                }
                _ => Value::Unknown(Reason::Unsupported(format!("`${{{}{operator}}}`", self.name))),
            },
        }
    }
}

/// What is certain becomes what holds unless somebody outside interferes.
fn weaken(value: Value<String>) -> Value<String> {
    match value {
        Value::Known(text) => Value::Default(text),
        value => value,
    }
}

/// How many values an expansion may have before they are given up.
const MAX_VALUES: usize = 16;

fn concatenate(left: Value<String>, right: Value<String>) -> Value<String> {
    let (lefts, rights) = match (left.possible(), right.possible()) {
        (Some(lefts), Some(rights)) => (lefts, rights),
        (None, _) => return left,
        (_, None) => return right,
    };
    // `A=$A$A`, a few dozen times, is more than any memory.
    let longest = |texts: &[String]| texts.iter().map(String::len).max().unwrap_or(0);
    let (left_length, right_length) = (longest(lefts), longest(rights));
    if left_length + right_length > EXPANSION_LIMIT && left_length.min(right_length) > 0 {
        return Value::Unknown(Reason::Limit("substituted text".to_owned()));
    }
    if lefts.len() * rights.len() > MAX_VALUES {
        return Value::Unknown(Reason::Limit("values of one word".to_owned()));
    }
    let mut texts: Vec<String> = lefts.iter().flat_map(|l| rights.iter().map(move |r| format!("{l}{r}"))).collect();
    match (&left, &right) {
        (Value::OneOf(_), _) | (_, Value::OneOf(_)) => Value::OneOf(texts),
        (Value::Default(_), _) | (_, Value::Default(_)) => Value::Default(texts.remove(0)),
        _ => Value::Known(texts.remove(0)),
    }
}

impl Word {
    /// A word that is this text, standing at `span`: an item of an argument list.
    pub fn of_text(text: &str, span: Span) -> Self {
        // Where the file spends as many bytes, or two more for quotes, nothing is escaped and every byte has its place.
        let start = span.start as usize;
        let fragment = match span.len().checked_sub(text.len()) {
            Some(0) => Fragment::verbatim(text, start),
            Some(2) => Fragment::verbatim(text, start + 1),
            _ => Fragment::opaque(text, span),
        };
        Self { span, ..Self::of_fragment(fragment) }
    }

    /// A word that is the text of `fragment`, without any quoting: an item of an argument list.
    pub fn of_fragment(fragment: Fragment) -> Self {
        Self {
            parts: vec![WordPart::Literal(fragment.text().to_owned())],
            span: fragment.span(),
            source: Some(Box::new(fragment)),
            unquoted_source: true,
        }
    }

    /// The text, where the word has no expansion and no pattern in it.
    pub fn literal(&self) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                WordPart::Literal(literal) => text.push_str(literal),
                _ => return None,
            }
        }
        Some(text)
    }

    /// Whether the word is exactly `text`.
    pub fn is(&self, text: &str) -> bool {
        match self.parts.as_slice() {
            [WordPart::Literal(literal)] => literal == text,
            _ => self.literal().is_some_and(|literal| literal == text),
        }
    }

    /// The literal text that the word begins with, up to its first expansion.
    pub fn prefix(&self) -> &str {
        match self.parts.first() {
            Some(WordPart::Literal(literal)) => literal,
            _ => "",
        }
    }

    /// The word as it is written, quotes included. For messages.
    pub fn text(&self) -> &str {
        match &self.source {
            Some(source) => source.text(),
            None => self.prefix(),
        }
    }

    /// The word with the plain uses of variables (`$NAME`, `"${NAME}"`) replaced by what `value` knows of them; an unquoted value
    /// with blanks in it would be split, and is left as it is. [`Word::text`] stays as written.
    pub fn filled_in(&self, value: &dyn Fn(&str) -> Option<String>) -> Word {
        let mut parts: Vec<WordPart> = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let text = match part {
                WordPart::Literal(text) => Some(text.clone()),
                WordPart::Parameter(parameter) if parameter.operator.is_none() => value(&parameter.name)
                    .filter(|text| parameter.quoted || !text.contains([' ', '\t', '\n', '*', '?', '['])),
                _ => None,
            };
            match (parts.last_mut(), text) {
                (Some(WordPart::Literal(before)), Some(text)) => before.push_str(&text),
                (_, Some(text)) => parts.push(WordPart::Literal(text)),
                (_, None) => parts.push(part.clone()),
            }
        }
        Word { parts, ..self.clone() }
    }

    /// The value for a process with the variables `variables`. A pattern stays as it is written; what commands print
    /// is unknown.
    pub fn expand(&self, variables: &Variables) -> Value<String> {
        let unsupported = |what: &str| Value::Unknown(Reason::Unsupported(what.to_owned()));
        self.parts.iter().fold(Value::Known(String::new()), |before, part| {
            let value = match part {
                WordPart::Literal(text) | WordPart::Glob(text) => Value::Known(text.clone()),
                WordPart::Parameter(parameter) => parameter.expand(variables),
                WordPart::Substitution(_) => unsupported("the output of a command"),
                WordPart::Arithmetic(_) => unsupported("shell arithmetic"),
                WordPart::Expression(text) => Value::Unknown(Reason::Unsupported(format!("the expression `{text}`"))),
                WordPart::Array(_) => unsupported("a shell array"),
            };
            concatenate(before, value)
        })
    }

    /// Whether `value` matches the word as a pattern (of `case`, or right of `==` in `[[ ]]`), where that can be told.
    pub fn matches(&self, value: &str, variables: &Variables) -> Option<bool> {
        let mut pattern = Pattern::default();
        for part in &self.parts {
            match part {
                WordPart::Literal(text) => pattern.push_text(text),
                WordPart::Glob(glob) => pattern.push_glob(glob),
                WordPart::Parameter(parameter) if parameter.quoted => match parameter.expand(variables) {
                    Value::Known(text) => pattern.push_text(&text),
                    _ => return None,
                },
                _ => return None,
            }
        }
        Some(pattern.matches(value))
    }

    /// The parameters that the word expands, those in operands of others included, in order.
    pub fn parameters(&self) -> Vec<&Parameter> {
        fn collect<'a>(parts: &'a [WordPart], found: &mut Vec<&'a Parameter>) {
            for part in parts {
                match part {
                    WordPart::Parameter(parameter) => {
                        found.push(parameter);
                        if let Some(operand) = &parameter.operand {
                            collect(&operand.parts, found);
                        }
                    }
                    WordPart::Array(words) => words.iter().for_each(|word| collect(&word.parts, found)),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.parts, &mut found);
        found
    }

    /// The scripts of the command substitutions in the word, those in operands of parameters included, in order.
    pub fn substitutions(&self) -> Vec<&Script> {
        fn collect<'a>(parts: &'a [WordPart], found: &mut Vec<&'a Script>) {
            for part in parts {
                match part {
                    WordPart::Substitution(script) => found.push(script),
                    WordPart::Parameter(Parameter { operand: Some(operand), .. }) => collect(&operand.parts, found),
                    WordPart::Array(words) => words.iter().for_each(|word| collect(&word.parts, found)),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.parts, &mut found);
        found
    }

    /// Whether a part that is not literal is neither quoted nor an assignment's: its value is split and globbed.
    pub fn has_unquoted_expansion(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, WordPart::Parameter(parameter) if !parameter.quoted))
    }

    /// What follows `prefix`, where the word begins with that literal text: the value of `--file=x` or `-fx`.
    pub fn strip_prefix(&self, prefix: &str) -> Option<Word> {
        let rest = self.prefix().strip_prefix(prefix)?;
        let mut parts = self.parts.clone();
        if rest.is_empty() {
            parts.remove(0);
        } else {
            parts[0] = WordPart::Literal(rest.to_owned());
        }
        if parts.is_empty() {
            parts.push(WordPart::Literal(String::new()));
        }
        let Some(source) = &self.source else {
            let start = self.span.start as usize + prefix.len();
            return Some(Word {
                parts,
                span: Span::new(start, self.span.end as usize),
                source: None,
                unquoted_source: false,
            });
        };
        // Where the prefix itself is written with quotes or escapes inside, the whole word stands for its rest.
        let at = source.text().find(prefix).map_or(0, |at| at + prefix.len());
        let mut end = source.text().len();
        // `"--file=x"`: the quote that opened before the prefix is not a part of the rest.
        let opening = source.text().chars().next().filter(|c| at > prefix.len() && matches!(c, '"' | '\''));
        if opening.is_some_and(|quote| end > at && source.text().ends_with(quote)) {
            end -= 1;
        }
        let source = source.slice(Span::new(at, end));
        let unquoted_source = self.unquoted_source || opening == Some('\'');
        Some(Word { parts, span: source.span(), source: Some(Box::new(source)), unquoted_source })
    }

    /// The word's text as a script of its own, as `sh -c` takes it: quotes resolved once, expansions in double quotes
    /// left as they are written.
    pub fn script(&self) -> Fragment {
        let Some(source) = &self.source else {
            return Fragment::verbatim(self.prefix(), self.span.start as usize);
        };
        if self.unquoted_source { source.as_ref().clone() } else { unquote(source) }
    }
}

fn unquote(source: &Fragment) -> Fragment {
    let text = source.text();
    let bytes = text.as_bytes();
    let mut builder = FragmentBuilder::default();
    let mut quote = None;
    let mut at = 0;
    // What is kept since `kept` is pushed in one piece.
    let mut kept = 0;
    while at < bytes.len() {
        let skip = match (bytes[at], quote) {
            (b'\'', None) | (b'"', None) => {
                quote = Some(bytes[at]);
                1
            }
            (byte, Some(open)) if byte == open => {
                quote = None;
                1
            }
            (b'\\', Some(b'"')) if matches!(bytes.get(at + 1), Some(b'"' | b'\\' | b'$' | b'`')) => 1,
            (b'\\', None | Some(b'"')) if bytes.get(at + 1) == Some(&b'\n') => 2,
            (b'\\', None) => 1,
            _ => 0,
        };
        if skip == 0 {
            at += 1;
            continue;
        }
        builder.push_slice(source, Span::new(kept, at));
        let escape = bytes[at] == b'\\' && skip == 1;
        at += skip;
        kept = at;
        // What a backslash escapes is kept, whatever it is.
        if escape {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    builder.push_slice(source, Span::new(kept, text.len()));
    builder.cover(source.span());
    builder.finish()
}
