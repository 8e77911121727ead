//! `${…}` in compose files, by the specification's chapter "Interpolation".

use crate::project::environment::{Lookup, Variables};
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Fragment, FragmentBuilder, Place, RepoPath, Span};

/// Fallbacks within fallbacks are followed so deep.
const MAX_DEPTH: usize = 16;
/// Interpolation makes a text at most so many bytes longer.
const MAX_GROWTH: usize = 64 << 10;
/// What stands between the parts of addresses, lists and names: `$user:$password@$host`.
const SEPARATORS: &str = "/:@=?&,;|-_.\"'()[]{}";
/// So many possible values are told apart.
const MAX_POSSIBLE: usize = 16;

/// A text with its variables filled in, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpolated {
    /// The whole text. [`Value::Unknown`] where any part of it is.
    pub traced: Traced<String>,
    /// The text with everything filled in that is known or falls back; what is not known stands as `${NAME}`. For
    /// looking at parts, and for reading commands.
    pub text: Fragment,
    /// What the text surely or by default begins with: everything before the first part that is not known.
    pub literal_prefix: String,
    /// The variables that were asked for, in order, those of fallbacks that were not needed left out.
    pub variables: Vec<VariableUse>,
}

/// A reference to a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableUse {
    /// The name.
    pub name: String,
    /// The whole reference in the file: `${NAME:-x}`.
    pub span: Span,
    /// What happens where the variable is not set.
    pub operator: Operator,
    /// Whether it is written without braces in the middle of a word, as in `pa$word`.
    pub in_word: bool,
}

/// What a reference does where its variable is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `${X}`: empty text.
    Plain,
    /// `${X:-d}` and `${X-d}`: the fallback.
    Default,
    /// `${X:?e}` and `${X?e}`: Compose refuses to start.
    Required,
    /// `${X:+a}` and `${X+a}`: empty text; the alternative where it *is* set.
    Alternative,
}

impl Interpolated {
    /// Text without variables.
    pub fn literal(text: Fragment) -> Self {
        let value = text.text().to_owned();
        let traced = Traced::new(Value::Known(value.clone()), Vec::new());
        Self { traced, text, literal_prefix: value, variables: Vec::new() }
    }

    /// The text, where it is certain.
    pub fn known(&self) -> Option<&str> {
        self.traced.value.known().map(String::as_str)
    }

    /// The text, where it is certain or holds unless something outside sets a variable.
    pub fn likely(&self) -> Option<&str> {
        self.traced.value.likely().map(String::as_str)
    }

    /// A part of the filled-in text, with the certainty and the trail of the whole.
    pub fn part(&self, text: Fragment) -> Self {
        let piece = text.text().to_owned();
        let value = match &self.traced.value {
            Value::Known(_) => Value::Known(piece.clone()),
            Value::Default(_) => Value::Default(piece.clone()),
            Value::Unknown(reason) => Value::Unknown(reason.clone()),
            Value::OneOf(_) | Value::Absent => Value::Unknown(Reason::Unsupported("one of several texts".to_owned())),
        };
        let traced = Traced::new(value, self.traced.trail.clone());
        Self { traced, text, literal_prefix: piece, variables: self.variables.clone() }
    }
}

/// Fills in the variables of `text`, which stands in the file `path`.
///
/// Where `variables` surely lacks a name and there is no fallback, Compose takes empty text. Where the variable may come
/// from outside, the result is unknown, or the fallback by default.
pub fn interpolate(text: &Fragment, path: &RepoPath, variables: &Variables) -> Interpolated {
    if !text.text().contains('$') {
        return Interpolated::literal(text.clone());
    }
    let mut interpolation = Interpolation { whole: text, path, variables, uses: Vec::new() };
    let part = interpolation.range(0, text.text().len(), 0);
    let mut builder = Fragment::builder();
    builder.push_fragment(&part.text.finish());
    builder.cover(text.span());
    Interpolated {
        traced: Traced::new(part.value, part.trail),
        text: builder.finish(),
        literal_prefix: part.prefix,
        variables: interpolation.uses,
    }
}

struct Interpolation<'a> {
    whole: &'a Fragment,
    path: &'a RepoPath,
    variables: &'a Variables,
    uses: Vec<VariableUse>,
}

/// What has been put together so far.
struct Part {
    value: Value<String>,
    trail: Vec<Step>,
    text: FragmentBuilder,
    prefix: String,
    /// Whether everything so far is in `prefix`.
    prefix_open: bool,
}

impl Part {
    fn new() -> Self {
        let value = Value::Known(String::new());
        Self { value, trail: Vec::new(), text: Fragment::builder(), prefix: String::new(), prefix_open: true }
    }

    fn of(value: Value<String>, trail: Vec<Step>, name: &str, span: Span) -> Self {
        let mut part = Self::new();
        match value.likely() {
            Some(text) => {
                part.text.push_replacement(text, span);
                part.prefix = text.clone();
            }
            None => {
                part.text.push_replacement(&format!("${{{name}}}"), span);
                part.prefix_open = false;
            }
        }
        Part { value, trail, ..part }
    }

    fn literal(&mut self, piece: &Fragment) {
        self.text.push_fragment(piece);
        if self.prefix_open {
            self.prefix.push_str(piece.text());
        }
        let before = std::mem::replace(&mut self.value, Value::Absent);
        self.value = before.map(|text| text + piece.text());
    }

    fn append(&mut self, next: Part) {
        if self.prefix_open {
            self.prefix.push_str(&next.prefix);
            self.prefix_open = next.prefix_open;
        }
        self.text.push_fragment(&next.text.finish());
        self.trail.extend(next.trail);
        let before = std::mem::replace(&mut self.value, Value::Absent);
        self.value = concat(before, next.value);
    }
}

/// What follows `${`, taken apart.
struct Reference<'t> {
    name: &'t str,
    /// `:-`, `?` … ; empty for a plain reference.
    operator: &'t str,
    /// Where what follows the operator begins and ends.
    body: (usize, usize),
    /// After the closing brace.
    end: usize,
    /// Whether it stands without braces in the middle of a word.
    in_word: bool,
}

impl Interpolation<'_> {
    /// The part of the text from byte `start` to `end`.
    fn range(&mut self, start: usize, end: usize, depth: usize) -> Part {
        let text = self.whole.text();
        let mut part = Part::new();
        let limit = (end - start) + MAX_GROWTH;
        let mut at = start;
        while at < end {
            let Some(dollar) = text[at..end].find('$').map(|found| at + found) else {
                part.literal(&self.slice(at, end));
                break;
            };
            if dollar > at {
                part.literal(&self.slice(at, dollar));
            }
            at = dollar + 1;
            let rest = &text[at..end];
            if rest.starts_with('$') {
                part.literal(&self.slice(at, at + 1));
                at += 1;
            } else if rest.starts_with('{') {
                match reference(text, at + 1, end) {
                    Some(reference) => {
                        at = reference.end;
                        let span = self.whole.to_file(Span::new(dollar, at));
                        let next = self.reference(&reference, span, depth);
                        part.append(next);
                    }
                    // Compose refuses the file.
                    None => {
                        part.literal(&self.slice(dollar, end));
                        part.value = Value::Unknown(Reason::Unsupported("a malformed `${…}`".to_owned()));
                        break;
                    }
                }
            } else {
                let len = name_len(rest);
                if len == 0 {
                    part.literal(&self.slice(dollar, at));
                    continue;
                }
                at += len;
                let span = self.whole.to_file(Span::new(dollar, at));
                let in_word =
                    text[..dollar].ends_with(|before: char| !before.is_whitespace() && !SEPARATORS.contains(before));
                let plain = Reference { name: &rest[..len], operator: "", body: (at, at), end: at, in_word };
                let next = self.reference(&plain, span, depth);
                part.append(next);
            }
            if part.text.text().len() > limit {
                part.value = Value::Unknown(Reason::Limit("interpolated text".to_owned()));
                break;
            }
        }
        part
    }

    fn reference(&mut self, reference: &Reference<'_>, span: Span, depth: usize) -> Part {
        let name = reference.name;
        let operator = match reference.operator {
            ":-" | "-" => Operator::Default,
            ":?" | "?" => Operator::Required,
            ":+" | "+" => Operator::Alternative,
            _ => Operator::Plain,
        };
        self.uses.push(VariableUse { name: name.to_owned(), span, operator, in_word: reference.in_word });
        if depth >= MAX_DEPTH {
            return Part::of(Value::Unknown(Reason::Limit("nested fallbacks".to_owned())), Vec::new(), name, span);
        }
        // With a colon, empty counts as not set.
        let empty_is_unset = reference.operator.starts_with(':');
        let (value, mut trail) = match self.variables.lookup(name) {
            Lookup::Set(traced) => (Some(traced.value.clone()), traced.trail.clone()),
            Lookup::Unset => (None, Vec::new()),
            Lookup::Perhaps(opening) => {
                let outside = Value::Unknown(Reason::OutsideVariable(name.to_owned()));
                let mut trail: Vec<Step> = opening.step.iter().cloned().collect();
                trail.push(self.step(span, Act::Reads(name.to_owned())));
                return match operator {
                    Operator::Plain | Operator::Required => Part::of(outside, trail, name, span),
                    Operator::Default => demoted(self.fallback(reference, span, depth)),
                    Operator::Alternative => self.alternative(reference, span, depth, trail),
                };
            }
        };
        trail.push(self.step(span, Act::Reads(name.to_owned())));
        let empty = |text: &String| empty_is_unset && text.is_empty();
        match (operator, value) {
            (Operator::Plain, None) => Part::of(Value::Known(String::new()), trail, name, span),
            (Operator::Plain, Some(value)) => Part::of(value, trail, name, span),
            (Operator::Default, None) => self.fallback(reference, span, depth),
            (Operator::Default, Some(value)) => match value {
                Value::Known(text) if empty(&text) => self.fallback(reference, span, depth),
                Value::Default(text) if empty(&text) => demoted(self.fallback(reference, span, depth)),
                Value::OneOf(texts) if texts.iter().any(empty) => {
                    let fallback = self.fallback(reference, span, depth);
                    let set = texts.into_iter().filter(|text| !empty(text)).collect();
                    trail.extend(fallback.trail);
                    Part::of(united(Value::OneOf(set), fallback.value), trail, name, span)
                }
                value => Part::of(value, trail, name, span),
            },
            // Compose does not start without it, so it must come from somewhere.
            (Operator::Required, None) => {
                Part::of(Value::Unknown(Reason::OutsideVariable(name.to_owned())), trail, name, span)
            }
            (Operator::Required, Some(value)) => {
                let value = match value {
                    Value::Known(text) | Value::Default(text) if empty(&text) => {
                        Value::Unknown(Reason::OutsideVariable(name.to_owned()))
                    }
                    value => value,
                };
                Part::of(value, trail, name, span)
            }
            (Operator::Alternative, None) => Part::of(Value::Known(String::new()), trail, name, span),
            (Operator::Alternative, Some(value)) => match value {
                Value::Known(text) | Value::Default(text) if empty(&text) => {
                    Part::of(Value::Known(String::new()), trail, name, span)
                }
                Value::Known(_) | Value::Default(_) => {
                    let mut part = self.range(reference.body.0, reference.body.1, depth + 1);
                    part.trail.extend(trail);
                    part
                }
                _ => self.alternative(reference, span, depth, trail),
            },
        }
    }

    /// The fallback, and the step that says so.
    fn fallback(&mut self, reference: &Reference<'_>, span: Span, depth: usize) -> Part {
        let (start, end) = reference.body;
        let mut part = self.range(start, end, depth + 1);
        let place = if start < end { self.whole.to_file(Span::new(start, end)) } else { span };
        part.trail.push(self.step(place, Act::FallsBack(reference.name.to_owned())));
        part
    }

    /// Empty text or the alternative: nobody can tell which.
    fn alternative(&mut self, reference: &Reference<'_>, span: Span, depth: usize, trail: Vec<Step>) -> Part {
        let part = self.range(reference.body.0, reference.body.1, depth + 1);
        Part::of(united(Value::OneOf(vec![String::new()]), part.value), trail, reference.name, span)
    }

    fn slice(&self, start: usize, end: usize) -> Fragment {
        self.whole.slice(Span::new(start, end))
    }

    fn step(&self, span: Span, act: Act) -> Step {
        Step::new(Place::new(self.path.clone(), span), act)
    }
}

fn demoted(mut part: Part) -> Part {
    if let Value::Known(text) = part.value {
        part.value = Value::Default(text);
    }
    part
}

/// One of the values of both.
fn united(one: Value<String>, other: Value<String>) -> Value<String> {
    let (Some(first), Some(second)) = (one.possible(), other.possible()) else {
        return if one.is_unknown() { one } else { other };
    };
    let mut all = first.to_vec();
    all.extend(second.iter().filter(|text| !first.contains(text)).cloned());
    if all.len() > MAX_POSSIBLE {
        return Value::Unknown(Reason::Limit("possible values".to_owned()));
    }
    Value::OneOf(all)
}

/// The text of one after the text of the other.
fn concat(one: Value<String>, other: Value<String>) -> Value<String> {
    match (one, other) {
        (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Value::Unknown(reason),
        (Value::Absent, value) | (value, Value::Absent) => value,
        (Value::Known(first), Value::Known(second)) => Value::Known(first + &second),
        (Value::Known(first) | Value::Default(first), Value::Known(second) | Value::Default(second)) => {
            Value::Default(first + &second)
        }
        (first, second) => {
            let (first, second) = (first.possible().unwrap_or_default(), second.possible().unwrap_or_default());
            if first.len() * second.len() > MAX_POSSIBLE {
                return Value::Unknown(Reason::Limit("possible values".to_owned()));
            }
            Value::OneOf(first.iter().flat_map(|one| second.iter().map(move |other| format!("{one}{other}"))).collect())
        }
    }
}

/// The reference whose name begins at `start`, after `${`. `None` where it is malformed.
fn reference(text: &str, start: usize, end: usize) -> Option<Reference<'_>> {
    let len = name_len(&text[start..end]);
    if len == 0 {
        return None;
    }
    let name = &text[start..start + len];
    let after = start + len;
    let rest = &text[after..end];
    if rest.starts_with('}') {
        return Some(Reference { name, operator: "", body: (after, after), end: after + 1, in_word: false });
    }
    let operator = [":-", ":?", ":+", "-", "?", "+"].into_iter().find(|operator| rest.starts_with(operator))?;
    let body = after + operator.len();
    let mut depth = 1;
    for (at, c) in text[body..end].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(Reference { name, operator, body: (body, body + at), end: body + at + 1, in_word: false });
        }
    }
    None
}

/// The length of the name that `text` begins with: letters, digits and `_`, no digit first.
fn name_len(text: &str) -> usize {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let len = text.bytes().take_while(|byte| is_name(*byte)).count();
    if text.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { len }
}

#[cfg(test)]
mod tests;
