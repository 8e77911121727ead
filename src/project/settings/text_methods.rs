//! Methods of `str`: <https://docs.python.org/3/library/stdtypes.html#string-methods>.

use super::calls::Arguments;
use super::evaluator::{Eval, Evaluator};
use super::object::{Kind, Val};
use super::value::REPOSITORY;
use crate::project::value::Reason;
use std::rc::Rc;

/// What depends on the letters of a path that is not known.
const TAKES_APART: [&str; 16] = [
    "capitalize",
    "center",
    "count",
    "find",
    "index",
    "ljust",
    "partition",
    "rfind",
    "rjust",
    "rpartition",
    "rsplit",
    "split",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

impl Evaluator<'_> {
    pub fn text_method(&mut self, receiver: &Val, text: &str, name: &str, arguments: &Arguments) -> Eval {
        let inputs: Vec<&Val> = arguments.all().collect();
        if let Some(unknown) = inputs.iter().find(|value| value.unknown_reason().is_some())
            && !matches!(name, "format" | "join")
        {
            let mut result = Val::unknown_like(unknown);
            result.rests_on(receiver);
            return Ok(result);
        }
        self.step(text.len() / 256)?;
        if text.contains(REPOSITORY) && TAKES_APART.contains(&name) {
            return Ok(Val::unsupported("a part of the path of the repository"));
        }
        let first = arguments.positional.first().and_then(Val::as_str);
        let second = arguments.positional.get(1).and_then(Val::as_str);
        let derived = |kind| Ok(Val::derived(kind, [receiver].into_iter().chain(inputs.iter().copied())));
        let trimmed = |start: bool, end: bool| {
            let strips = |letter: char| match first {
                Some(letters) => letters.contains(letter),
                None => letter.is_whitespace(),
            };
            let text = if start { text.trim_start_matches(strips) } else { text };
            if end { text.trim_end_matches(strips) } else { text }.to_owned()
        };
        let made = match (name, first) {
            ("lower" | "casefold", _) => text.to_lowercase(),
            ("upper", _) => text.to_uppercase(),
            ("title", _) => title(text),
            ("capitalize", _) => {
                let mut letters = text.chars();
                letters.next().map_or(String::new(), |first| {
                    first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase()
                })
            }
            ("strip", _) => trimmed(true, true),
            ("lstrip", _) => trimmed(true, false),
            ("rstrip", _) => trimmed(false, true),
            ("removeprefix", Some(prefix)) => text.strip_prefix(prefix).unwrap_or(text).to_owned(),
            ("removesuffix", Some(suffix)) => text.strip_suffix(suffix).unwrap_or(text).to_owned(),
            ("replace", Some(old)) if second.is_some() => {
                let new = second.unwrap_or("");
                let times = arguments.positional.get(2).and_then(Val::as_int).and_then(|n| usize::try_from(n).ok());
                let most = text.len().saturating_add((text.len() + 1).saturating_mul(new.len()));
                if !self.text_fits(most)
                    && !self.text_fits(text.replace(old, "").len() + text.matches(old).count() * new.len())
                {
                    return derived(Kind::Unknown(Reason::Limit("text length".into())));
                }
                match times {
                    Some(times) => text.replacen(old, new, times),
                    None => text.replace(old, new),
                }
            }
            ("zfill", _) if arguments.positional.len() == 1 => {
                let width = arguments.positional[0].as_int().unwrap_or(0).clamp(0, 1_000) as usize;
                let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
                let width = width.saturating_sub(sign.len());
                format!("{sign}{digits:0>width$}")
            }
            ("ljust" | "rjust", _) if arguments.positional.len() == 1 => {
                let width = arguments.positional[0].as_int().unwrap_or(0).clamp(0, 1_000) as usize;
                if name == "ljust" { format!("{text:<width$}") } else { format!("{text:>width$}") }
            }
            ("center", _)
                if arguments.positional.len() == 1 || second.is_some_and(|fill| fill.chars().count() == 1) =>
            {
                let width = arguments.positional[0].as_int().unwrap_or(0).clamp(0, 1_000) as usize;
                let missing = width.saturating_sub(text.chars().count());
                // The odd one goes to the left where the width is odd.
                let left = missing / 2 + (missing & width & 1);
                let fill = second.unwrap_or(" ");
                format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left))
            }
            ("swapcase", _) => text
                .chars()
                .flat_map(|letter| {
                    if letter.is_uppercase() {
                        letter.to_lowercase().collect::<Vec<char>>()
                    } else {
                        letter.to_uppercase().collect()
                    }
                })
                .collect(),
            ("encode", _) => return derived(Kind::Bytes(Rc::from(text))),
            ("format", _) => return self.format_method(receiver, text, arguments),
            ("join", _) => return self.join(receiver, text, arguments),
            ("split" | "rsplit" | "splitlines", _) => {
                let parts = self.split(text, name, arguments);
                let items = parts.into_iter().map(|part| Val::derived(Kind::Str(Rc::from(part)), [receiver])).collect();
                let mut list = self.list(items, false)?;
                list.rests_on(receiver);
                return Ok(list);
            }
            ("partition" | "rpartition", Some(separator)) if !separator.is_empty() => {
                let parts = match (name, text.split_once(separator), text.rsplit_once(separator)) {
                    ("partition", Some((before, after)), _) => [before, separator, after],
                    ("partition", None, _) => [text, "", ""],
                    (_, _, Some((before, after))) => [before, separator, after],
                    _ => ["", "", text],
                };
                return derived(Kind::Tuple(Rc::new(parts.map(Val::str).to_vec()), false));
            }
            ("startswith" | "endswith", _) => {
                let tests = match arguments.positional.first() {
                    Some(value) => match &value.kind {
                        Kind::Str(text) => vec![text.clone()],
                        Kind::Tuple(..) => match self.known_texts(value) {
                            Some(texts) => texts,
                            None => return Ok(Val::unknown_like(value)),
                        },
                        _ => return Ok(Val::unknown_like(value)),
                    },
                    None => return Ok(Val::unknown_like(receiver)),
                };
                let starts = name == "startswith";
                let test = |part: &Rc<str>| if starts { text.starts_with(&**part) } else { text.ends_with(&**part) };
                return derived(Kind::Bool(tests.iter().any(test)));
            }
            ("isdigit" | "isnumeric" | "isdecimal", _) => {
                return derived(Kind::Bool(!text.is_empty() && text.chars().all(|letter| letter.is_numeric())));
            }
            ("isalpha", _) => {
                return derived(Kind::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)));
            }
            ("isalnum", _) => {
                return derived(Kind::Bool(!text.is_empty() && text.chars().all(char::is_alphanumeric)));
            }
            ("isspace", _) => {
                return derived(Kind::Bool(!text.is_empty() && text.chars().all(char::is_whitespace)));
            }
            ("islower", _) => {
                let cased = text.chars().any(char::is_lowercase);
                return derived(Kind::Bool(cased && !text.chars().any(char::is_uppercase)));
            }
            ("isupper", _) => {
                let cased = text.chars().any(|letter| letter.is_uppercase());
                return derived(Kind::Bool(cased && !text.chars().any(char::is_lowercase)));
            }
            ("count", Some(part)) if !part.is_empty() => {
                return derived(Kind::Int(text.matches(part).count() as i64));
            }
            ("find" | "index", Some(part)) => match text.find(part) {
                Some(at) => return derived(Kind::Int(text[..at].chars().count() as i64)),
                None if name == "find" => return derived(Kind::Int(-1)),
                None => return self.raise("ValueError", arguments.origin, &[receiver], false),
            },
            _ => return Ok(self.unsupported(arguments.origin, format!("str.{name}()"))),
        };
        let kind = self.text(made)?;
        derived(kind)
    }

    fn split(&self, text: &str, name: &str, arguments: &Arguments) -> Vec<String> {
        if name == "splitlines" {
            return text.lines().map(str::to_owned).collect();
        }
        let times = arguments.get(1, "maxsplit").and_then(Val::as_int).and_then(|times| usize::try_from(times).ok());
        let separator = arguments.get(0, "sep").and_then(Val::as_str);
        match (separator.filter(|separator| !separator.is_empty()), times) {
            (Some(separator), None) => text.split(separator).map(str::to_owned).collect(),
            (Some(separator), Some(times)) if name == "split" => {
                text.splitn(times + 1, separator).map(str::to_owned).collect()
            }
            (Some(separator), Some(times)) => {
                let mut parts: Vec<String> = text.rsplitn(times + 1, separator).map(str::to_owned).collect();
                parts.reverse();
                parts
            }
            (None, Some(times)) => {
                let mut parts = Vec::new();
                let mut rest = text.trim_start();
                while parts.len() < times && !rest.is_empty() {
                    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                    parts.push(rest[..end].to_owned());
                    rest = rest[end..].trim_start();
                }
                if !rest.is_empty() {
                    parts.push(rest.trim_end().to_owned());
                }
                parts
            }
            (None, None) => text.split_whitespace().map(str::to_owned).collect(),
        }
    }

    fn join(&mut self, receiver: &Val, separator: &str, arguments: &Arguments) -> Eval {
        let Some(list) = arguments.positional.first() else { return Ok(Val::unknown_like(receiver)) };
        let (items, more) = self.iterate(list).unwrap_or((Vec::new(), true));
        let mut text = String::new();
        let mut unknown = None;
        let mut random = false;
        for (at, item) in items.iter().enumerate() {
            match &item.kind {
                Kind::Str(part) => {
                    if at > 0 {
                        text.push_str(separator);
                    }
                    text.push_str(part);
                }
                Kind::Random => random = true,
                _ => unknown = Some(item),
            }
            if !self.text_fits(text.len()) {
                return Ok(Val::derived(Kind::Unknown(Reason::Limit("text length".into())), [list]));
            }
        }
        let mut result = match (unknown, more) {
            (Some(unknown), _) => Val::unknown_like(unknown),
            (None, _) if random => Val::new(Kind::Random),
            (None, true) => Val::unknown_like(list),
            (None, false) => Val::new(self.text(text)?),
        };
        result.rests_on(list);
        items.iter().for_each(|item| result.rests_on(item));
        Ok(result)
    }
}

/// `str.title()`.
fn title(text: &str) -> String {
    let mut inside = false;
    let mut titled = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_alphabetic() {
            titled.push(letter);
        } else if inside {
            titled.extend(letter.to_lowercase());
        } else {
            titled.extend(letter.to_uppercase());
        }
        inside = letter.is_alphabetic();
    }
    titled
}
