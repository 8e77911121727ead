//! python-decouple: <https://github.com/HBNetwork/python-decouple>. Variables win over the file, the file over the
//! fallback; the cast is applied to the fallback too.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, LibraryObject, Origin, Val};
use super::dotenv::{Dialect, EnvFile};
use super::os_environ::{Held, Missing, Variable};
use super::strtobool;

impl Evaluator<'_> {
    pub(super) fn call_decouple(&mut self, function: &str, arguments: Arguments) -> Eval {
        match function {
            "config" => {
                let path = self.find_upwards(arguments.origin, ".env");
                self.decouple(&path, false, arguments)
            }
            "strtobool" => self.strtobool(&arguments),
            _ => self.opaque(&format!("decouple.{function}"), arguments),
        }
    }

    /// `config("X")` of a `Config(RepositoryEnv(path))` or an `AutoConfig(path)`.
    pub(super) fn decouple_get(&mut self, object: &LibraryObject, arguments: Arguments) -> Eval {
        let first = object.arguments.first().or_else(|| object.keywords.first().map(|(_, value)| value));
        let path = match (&*object.function, first.map(|value| &value.kind)) {
            ("decouple.Config", Some(Kind::Object(repository))) => {
                repository.arguments.first().and_then(Val::as_path).map(str::to_owned)
            }
            ("decouple.AutoConfig", Some(_)) => {
                first.and_then(Val::as_path).map(|folder| super::paths::join(folder, ".env"))
            }
            _ => None,
        };
        // A file that is named is opened: without it the program does not start.
        let is_named = path.is_some() && &*object.function == "decouple.Config";
        let path = path.unwrap_or_else(|| self.find_upwards(arguments.origin, ".env"));
        self.decouple(&path, is_named, arguments)
    }

    fn decouple(&mut self, path: &str, is_named: bool, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let Some(name) = arguments.get(0, "option").cloned() else { return Ok(Val::unsupported("config()")) };
        let fallback = arguments.get(1, "default").cloned();
        let missing = Missing::Raises("UndefinedValueError");
        let value = match name.as_str().map(str::to_owned) {
            None => Val::unknown_like(&name),
            Some(key) => {
                let held = match self.held(&key) {
                    Held::Set(value) => Held::Set(value),
                    other => match (self.env_file(path, Dialect::Decouple), other) {
                        (EnvFile::Read(lines, file), other) => {
                            match (lines.iter().find(|line| line.name == key), other) {
                                (Some(line), Held::Perhaps(_)) => Held::Set(self.line_value(line, &file).weakened()),
                                (Some(line), _) => Held::Set(self.line_value(line, &file)),
                                (None, other) => other,
                            }
                        }
                        (EnvFile::Perhaps(_), Held::Unset) if is_named => Held::Perhaps(None),
                        // Only a file that git ignores is one that people have: most projects have none.
                        (EnvFile::Perhaps(crate::project::value::Reason::IgnoredFile(_)), Held::Unset) => {
                            Held::Perhaps(None)
                        }
                        (_, other) => other,
                    },
                };
                match self.variable_found(&key, held, fallback, missing, origin)? {
                    Variable::Text(value) | Variable::Fallback(value) => value,
                }
            }
        };
        match arguments.get(2, "cast").cloned() {
            None => Ok(value),
            Some(cast) => self.decouple_cast(value, &cast, origin),
        }
    }

    fn decouple_cast(&mut self, value: Val, cast: &Val, origin: Origin) -> Eval {
        if let Kind::OneOf(values) = &value.kind {
            let values = values.clone();
            return self
                .each_choice(&value, &values, |evaluator, value| evaluator.decouple_cast(value.clone(), cast, origin));
        }
        match &cast.kind {
            Kind::Builtin("bool") => {
                let text = self.text_of(&value, false)?;
                let Some(word) = text.as_str() else { return Ok(Val::unknown_like(&text)) };
                match strtobool::word(word) {
                    Some(truth) => Ok(Val::derived(Kind::Bool(truth), [&value])),
                    None if word.is_empty() => Ok(Val::derived(Kind::Bool(false), [&value])),
                    None => self.raise("ValueError", origin, &[&value], true),
                }
            }
            _ => self.call_with(cast, vec![value], origin),
        }
    }

    /// `Choices(flat, cast)` of a text.
    pub(super) fn decouple_choices(&mut self, object: &LibraryObject, arguments: &Arguments) -> Eval {
        let option = |at: usize, name: &str| {
            let named = || object.keywords.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
            object.arguments.get(at).or_else(named).cloned()
        };
        let origin = arguments.origin;
        let (Some(value), Some(flat), None) = (arguments.positional.first(), option(0, "flat"), option(2, "choices"))
        else {
            return Ok(self.unsupported(origin, "decouple.Choices()()"));
        };
        let made = match option(1, "cast") {
            Some(cast) => self.call_with(&cast, vec![value.clone()], origin)?,
            None => self.text_of(value, false)?,
        };
        match self.contains(&flat, &made) {
            Some(true) => Ok(made),
            Some(false) => self.raise("ValueError", origin, &[value], true),
            None => Ok(Val::unknown_like(&made)),
        }
    }

    /// `Csv(cast, delimiter, strip, post_process)` of a text.
    pub(super) fn decouple_csv(&mut self, object: &LibraryObject, arguments: &Arguments) -> Eval {
        let option = |at: usize, name: &str| {
            let named = || object.keywords.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
            object.arguments.get(at).or_else(named).cloned()
        };
        let origin = arguments.origin;
        let Some(value) = arguments.positional.first() else { return Ok(Val::unsupported("Csv()")) };
        let delimiter = option(1, "delimiter").and_then(|value| value.as_str().map(str::to_owned));
        let delimiter = delimiter.unwrap_or_else(|| ",".to_owned());
        let mut items = Vec::new();
        let mut more = false;
        match &value.kind {
            Kind::None => {}
            Kind::Str(text) => {
                // As a shell splits: quotes hold together, nothing between two commas is nothing.
                for part in split_quoted(text, &delimiter) {
                    let strip = option(2, "strip").and_then(|value| value.as_str().map(str::to_owned));
                    let part = match &strip {
                        Some(letters) => part.trim_matches(|letter| letters.contains(letter)),
                        None => part.trim(),
                    };
                    let item = Val::derived(Kind::Str(part.into()), [value]);
                    items.push(match option(0, "cast") {
                        Some(cast) => self.call_with(&cast, vec![item], origin)?,
                        None => item,
                    });
                }
            }
            _ => more = true,
        }
        let mut list = self.list(items, more)?;
        list.rests_on(value);
        match option(3, "post_process") {
            Some(process) => self.call_with(&process, vec![list], origin),
            None => Ok(list),
        }
    }
}

fn split_quoted(text: &str, delimiters: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quote = None;
    let mut started = false;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                started = true;
            }
            (None, letter) if delimiters.contains(letter) => {
                if started {
                    parts.push(std::mem::take(&mut part));
                }
                started = false;
            }
            (_, letter) => {
                part.push(letter);
                started = true;
            }
        }
    }
    if started {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::split_quoted;

    #[test]
    fn csv_splits_as_shlex_does() {
        assert_eq!(split_quoted("a, b,,'c,d',", ","), ["a", " b", "c,d"]);
        assert!(split_quoted("", ",").is_empty());
    }
}
