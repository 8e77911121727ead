//! Text that is put together: f-strings, `str.format`, `%`.

use super::calls::Arguments;
use super::evaluator::{Eval, Evaluator, Frame};
use super::object::{Kind, Origin, Val};
use crate::parse::python::FStringPart;
use crate::project::value::Reason;

/// A width beyond this is no layout.
const MAX_WIDTH: usize = 1_000;

/// Text so far, and what it rests on.
struct Building {
    text: String,
    about: Val,
    /// A part that is not known.
    unknown: Option<Val>,
    random: bool,
}

impl Building {
    fn new() -> Self {
        Self { text: String::new(), about: Val::none(), unknown: None, random: false }
    }
}

impl Evaluator<'_> {
    pub fn f_string(&mut self, frame: &mut Frame, parts: &[FStringPart], origin: Origin) -> Eval {
        let mut building = Building::new();
        for part in parts {
            match part {
                FStringPart::Text(text) => building.text.push_str(text.text()),
                FStringPart::Field { value, conversion, format, label } => {
                    building.text.push_str(label.as_deref().unwrap_or(""));
                    let value = self.expression(frame, value)?;
                    self.add_field(&mut building, &value, *conversion, format)?;
                }
            }
            if !self.text_fits(building.text.len()) {
                return Ok(Val::unknown(Reason::Limit("text length".into())));
            }
        }
        self.built(building, origin)
    }

    /// `"{} {name!r:>5}".format(…)`.
    pub fn format_method(&mut self, receiver: &Val, format: &str, arguments: &Arguments) -> Eval {
        let mut building = Building::new();
        building.about.rests_on(receiver);
        let mut next = 0;
        let mut rest = format;
        while let Some(at) = rest.find(['{', '}']) {
            building.text.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if rest.starts_with(brace) {
                building.text.push_str(brace);
                rest = &rest[1..];
                continue;
            }
            let Some((field, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                return self.raise("ValueError", arguments.origin, &[receiver], false);
            };
            rest = after;
            let (field, spec) = field.split_once(':').unwrap_or((field, ""));
            let (name, conversion) = field.split_once('!').unwrap_or((field, ""));
            let value = if name.is_empty() {
                next += 1;
                arguments.positional.get(next - 1)
            } else if let Ok(at) = name.parse::<usize>() {
                arguments.positional.get(at)
            } else {
                arguments.keyword(name)
            };
            match value {
                Some(value) => {
                    let value = value.clone();
                    self.add_field(&mut building, &value, conversion.chars().next(), spec)?;
                }
                None => return Ok(Val::unsupported("a field of str.format()")),
            }
            if !self.text_fits(building.text.len()) {
                return Ok(Val::unknown(Reason::Limit("text length".into())));
            }
        }
        building.text.push_str(rest);
        self.built(building, arguments.origin)
    }

    /// `"%s %(name)d" % values`.
    pub fn percent_format(&mut self, format: &str, left: &Val, right: &Val, origin: Origin) -> Eval {
        let mut building = Building::new();
        building.about.rests_on(left);
        building.about.rests_on(right);
        let values = match &right.kind {
            Kind::Tuple(items, false) => items.to_vec(),
            Kind::Tuple(_, true) => return Ok(Val::unknown_like(right)),
            _ => vec![right.clone()],
        };
        let mut values = values.into_iter();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            building.text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                building.text.push('%');
                rest = after;
                continue;
            }
            let mut value = None;
            if let Some((name, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                let found = self.subscript(right, &Val::str(name), origin)?;
                value = Some(found);
                rest = after;
            }
            let Some(end) = rest.find(|letter: char| letter.is_ascii_alphabetic()) else {
                return self.raise("ValueError", origin, &[left], false);
            };
            let (flags, conversion) = (&rest[..end], &rest[end..=end]);
            rest = &rest[end + 1..];
            let Some(value) = value.or_else(|| values.next()) else {
                return self.raise("TypeError", origin, &[left, right], false);
            };
            let spec = match (conversion, flags.strip_prefix('0')) {
                // Texts stand to the right, too.
                ("s" | "r", _) if flags.starts_with(|flag: char| flag.is_ascii_digit()) => format!(">{flags}"),
                ("s" | "r", _) => flags.to_owned(),
                ("d" | "i", Some(width)) if !width.is_empty() => format!("0{width}d"),
                ("d" | "i", _) => flags.to_owned(),
                _ => format!("{flags}{conversion}"),
            };
            self.add_field(&mut building, &value, (conversion == "r").then_some('r'), &spec)?;
            if !self.text_fits(building.text.len()) {
                return Ok(Val::unknown(Reason::Limit("text length".into())));
            }
        }
        building.text.push_str(rest);
        self.built(building, origin)
    }

    fn add_field(&mut self, building: &mut Building, value: &Val, conversion: Option<char>, spec: &str) -> Eval<()> {
        self.step(1)?;
        building.about.rests_on(value);
        let text = self.text_of(value, conversion == Some('r'))?;
        let value = if conversion.is_some() { &text } else { value };
        match &text.kind {
            Kind::Str(text) => match aligned(text, value, spec) {
                Some(text) => building.text.push_str(&text),
                None => building.unknown = Some(Val::unsupported("this format")),
            },
            Kind::Random => building.random = true,
            _ => building.unknown = Some(text),
        }
        Ok(())
    }

    fn built(&mut self, building: Building, origin: Origin) -> Eval {
        let kind = match building.unknown {
            Some(unknown) => Val::unknown_like(&unknown).kind,
            None if building.random => Kind::Random,
            None => self.text(building.text)?,
        };
        Ok(Val::derived(kind, [&building.about]).at(origin))
    }
}

/// A text in the layout that a format asks for: <https://docs.python.org/3/library/string.html#formatspec>, fill, width
/// and precision of numbers; `None` for what is beyond.
fn aligned(text: &str, value: &Val, spec: &str) -> Option<String> {
    if spec.is_empty() {
        return Some(text.to_owned());
    }
    let is_number = matches!(value.kind, Kind::Int(_) | Kind::Float(_));
    let letters: Vec<char> = spec.chars().collect();
    let zeroes = letters[0] == '0';
    let (mut fill, mut align, mut at) = (' ', if is_number { '>' } else { '<' }, 0);
    if letters.get(1).is_some_and(|letter| matches!(letter, '<' | '>' | '^')) {
        (fill, align, at) = (letters[0], letters[1], 2);
    } else if matches!(letters[0], '<' | '>' | '^' | '-') {
        (align, at) = (if letters[0] == '-' { '<' } else { letters[0] }, 1);
    } else if zeroes {
        (fill, at) = ('0', 1);
    }
    let rest: String = letters[at..].iter().collect();
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let width = if digits == 0 { 0 } else { rest[..digits].parse().ok()? };
    let text = match (&rest[digits..], &value.kind) {
        ("" | "s" | "d", _) => text.to_owned(),
        ("x", Kind::Int(value)) => format!("{}{:x}", if *value < 0 { "-" } else { "" }, value.unsigned_abs()),
        (precision, Kind::Float(_) | Kind::Int(_)) => {
            let (places, percent) = match precision.strip_suffix('%') {
                Some(places) => (places, true),
                None => (precision.strip_suffix('f')?, false),
            };
            let places: usize = if places.is_empty() { 6 } else { places.strip_prefix('.')?.parse().ok()? };
            let number = match value.kind {
                Kind::Float(number) => number,
                _ => value.as_int()? as f64,
            };
            if places > 20 {
                return None;
            }
            if percent { format!("{:.places$}%", number * 100.0) } else { format!("{number:.places$}") }
        }
        _ => return None,
    };
    if width > MAX_WIDTH {
        return None;
    }
    let missing = width.saturating_sub(text.chars().count());
    let pad = |count: usize| fill.to_string().repeat(count);
    // Zeroes stand between the sign and the digits.
    if let (true, Some(digits)) = (zeroes && is_number, text.strip_prefix('-')) {
        return Some(format!("-{}{digits}", pad(missing)));
    }
    Some(match align {
        '<' => text + &pad(missing),
        '^' => pad(missing / 2) + &text + &pad(missing - missing / 2),
        _ => pad(missing) + &text,
    })
}
