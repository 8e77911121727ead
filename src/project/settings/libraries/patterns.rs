//! Python's `re`, where it and the crate `regex` surely agree: <https://docs.python.org/3/library/re.html>.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, LibraryObject, Val};
use regex::Regex;
use std::rc::Rc;

/// Longer patterns and texts are no settings.
const MAX_PATTERN: usize = 500;
const MAX_TEXT: usize = 10_000;
const MATCH: &str = "re.Match";

impl Evaluator<'_> {
    /// `re.sub(…)` and its kin; `None` where it cannot be told what Python makes of it.
    pub(super) fn call_pattern(&mut self, function: &str, arguments: &Arguments) -> Eval<Option<Val>> {
        // What is left out here are flags and counts.
        let count = if function == "sub" { 3 } else { 2 };
        if arguments.positional.len() != count || !arguments.keywords.is_empty() || arguments.more {
            return Ok(None);
        }
        let (pattern, about) = (&arguments.positional[0], &arguments.positional[count - 1]);
        let (Some(source), Some(text)) = (pattern.as_str(), about.as_str()) else { return Ok(None) };
        let anchored = match function {
            "match" => format!(r"\A(?:{source})"),
            "fullmatch" => format!(r"\A(?:{source})\z"),
            _ => source.to_owned(),
        };
        let Some(regex) = agreed(source, text).then(|| regex(&anchored)).flatten() else { return Ok(None) };
        self.step(text.len() / 16)?;
        let derived = |kind| Ok(Some(Val::derived(kind, &arguments.positional)));
        let text_of = |part: &str| Val::derived(Kind::Str(Rc::from(part)), &arguments.positional);
        // Around matches of nothing the two differ.
        let empty = || regex.find_iter(text).any(|found| found.is_empty());
        match function {
            "sub" => {
                let Some(new) = arguments.positional[1].as_str().filter(|new| !new.contains('\\')) else {
                    return Ok(None);
                };
                if empty() || !self.text_fits(text.len() + (text.len() + 1) * new.len()) {
                    return Ok(None);
                }
                let made = regex.replace_all(text, regex::NoExpand(new)).into_owned();
                derived(self.text(made)?)
            }
            "split" | "findall" if regex.captures_len() > 1 || empty() => Ok(None),
            "split" => {
                let parts = regex.split(text).map(text_of).collect();
                self.list(parts, false).map(Some)
            }
            "findall" => {
                let parts = regex.find_iter(text).map(|found| text_of(found.as_str())).collect();
                self.list(parts, false).map(Some)
            }
            "match" | "fullmatch" | "search" => {
                let Some(found) = regex.captures(text) else { return derived(Kind::None) };
                let group = |found: Option<regex::Match<'_>>| match found {
                    Some(part) => text_of(part.as_str()),
                    None => Val::none(),
                };
                let names = regex.capture_names().flatten();
                let object = LibraryObject {
                    function: Rc::from(MATCH),
                    arguments: found.iter().map(group).collect(),
                    keywords: names.map(|name| (Rc::from(name), group(found.name(name)))).collect(),
                };
                derived(Kind::Object(Rc::new(object)))
            }
            _ => Ok(None),
        }
    }

    /// A method of a match.
    pub(super) fn match_method(&mut self, found: &LibraryObject, name: &str, arguments: &Arguments) -> Eval {
        let unsupported = format!("{MATCH}.{name}()");
        match (name, arguments.positional.as_slice()) {
            ("group", []) => Ok(found.arguments.first().cloned().unwrap_or_else(Val::none)),
            ("group" | "__getitem__", [group]) => {
                let named = || found.keywords.iter().find(|(name, _)| Some(&**name) == group.as_str());
                let at = group.as_int().and_then(|at| usize::try_from(at).ok());
                let part = at.and_then(|at| found.arguments.get(at)).or_else(|| named().map(|(_, part)| part));
                Ok(part.cloned().unwrap_or_else(|| Val::unsupported(unsupported)))
            }
            ("groups", []) => Ok(Val::tuple(found.arguments.iter().skip(1).cloned().collect())),
            ("groupdict", []) => {
                let parts = found.keywords.iter().map(|(name, part)| (Val::str(name), part.clone())).collect();
                self.dict(parts, false)
            }
            _ => Ok(self.unsupported(arguments.origin, unsupported)),
        }
    }
}

fn regex(source: &str) -> Option<Regex> {
    regex::RegexBuilder::new(source).size_limit(1 << 18).build().ok()
}

/// Whether a pattern means the same to both on this text: plain ASCII, and nothing that one of them alone knows or takes
/// otherwise.
fn agreed(pattern: &str, text: &str) -> bool {
    let plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    if pattern.len() > MAX_PATTERN || text.len() > MAX_TEXT || !plain(pattern) || !plain(text) {
        return false;
    }
    let mut letters = pattern.chars().peekable();
    let mut in_class = false;
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        match letter {
            '\\' => match letters.next() {
                Some('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 't' | 'r') => {}
                Some('b' | 'B') if !in_class => {}
                Some('<' | '>') | None => return false,
                Some(other) if other.is_ascii_punctuation() => {}
                Some(_) => return false,
            },
            '[' if in_class => return false,
            '[' => {
                in_class = true;
                // A bracket at once is one of the class.
                if matches!(next, Some(']')) {
                    return false;
                }
            }
            ']' => in_class = false,
            '&' | '~' | '-' | '|' if in_class && before == letter => return false,
            // Python's stands before a last line break, too.
            '$' if !in_class && text.contains('\n') => return false,
            '(' if !in_class && next == Some('?') => {
                let rest: String = letters.clone().skip(1).take(2).collect();
                if !(rest.starts_with(':') || rest == "P<") {
                    return false;
                }
            }
            _ => {}
        }
        before = letter;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{agreed, regex};

    #[test]
    fn what_both_take_alike() {
        for pattern in [r"[,;\s]+", "[^a-z]", r"(?P<a>\d+)\.(?:x|y)", r"^v\d{1,3}$"] {
            assert!(agreed(pattern, "a b") && regex(pattern).is_some(), "{pattern}");
        }
    }

    #[test]
    fn what_one_takes_otherwise() {
        for pattern in [r"(?i)a", r"\pL", "[a&&b]", "[[:alpha:]]", r"\z", r"(?<n>a)", "[]a]", "ä", r"\<", "(?=a)"] {
            assert!(!agreed(pattern, "a"), "{pattern}");
        }
        assert!(!agreed("a$", "a\n"));
        assert!(!agreed("a", "\u{e4}"));
    }
}
