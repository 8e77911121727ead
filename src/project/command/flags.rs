//! Flags and arguments of a command line.

use crate::parse::shell::Word;
use crate::source::Span;

/// Which flags take a value, and where flags end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Syntax {
    /// The flags that take a value: `-f`, `--file`. All others are switches.
    pub valued: &'static [&'static str],
    /// More of these, which several commands of one program share.
    pub shared: &'static [&'static str],
    /// Where not empty, the other way round: these are the switches, all others take a value.
    pub switches: &'static [&'static str],
    /// Whether the first argument ends the flags: what follows belongs to a subcommand or another program.
    pub stop_at_argument: bool,
    /// Whether long flags begin with one dash, as those of Go programs do (`-wait tcp://db:5432`).
    pub single_dash: bool,
    /// Whether an unquoted variable before the first argument stands for flags (`docker compose $FILES up`).
    pub skip_variables: bool,
}

/// One flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The name with its dashes: `-f`, `--file`.
    pub name: String,
    /// Its value.
    pub value: Option<Word>,
    /// The word or words that it is written in.
    pub span: Span,
}

/// What stands on a command line after the program or subcommand.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Flags {
    /// The flags in order.
    pub flags: Vec<Flag>,
    /// The arguments that are no flags, in order; where the first ends the flags, all that follows.
    pub arguments: Vec<Word>,
}

impl Flags {
    /// Reads `words` by `syntax`.
    pub fn read(words: &[Word], syntax: &Syntax) -> Self {
        let mut read = Flags::default();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let text = word.prefix();
            if word.is("--") {
                read.arguments.extend(rest.cloned());
                break;
            }
            if !text.starts_with('-') || word.is("-") {
                if syntax.skip_variables && text.is_empty() && word.has_unquoted_expansion() {
                    continue;
                }
                read.arguments.push(word.clone());
                if syntax.stop_at_argument {
                    read.arguments.extend(rest.cloned());
                    break;
                }
                continue;
            }
            if text.starts_with("--") || syntax.single_dash {
                read.long(word, text, &mut rest, syntax);
            } else {
                read.short(word, text, &mut rest, syntax);
            }
        }
        read
    }

    fn long(&mut self, word: &Word, text: &str, rest: &mut std::slice::Iter<'_, Word>, syntax: &Syntax) {
        let flag = match text.split_once('=') {
            Some((name, _)) => {
                Flag { name: name.to_owned(), value: word.strip_prefix(&format!("{name}=")), span: word.span }
            }
            None => {
                let value = syntax.takes_value(text).then(|| rest.next().cloned()).flatten();
                let span = value.as_ref().map_or(word.span, |value| word.span.to(value.span));
                Flag { name: text.to_owned(), value, span }
            }
        };
        self.flags.push(flag);
    }

    /// `-f x`, `-fx`, `-vf x`.
    fn short(&mut self, word: &Word, text: &str, rest: &mut std::slice::Iter<'_, Word>, syntax: &Syntax) {
        for (at, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            let end = at + letter.len_utf8();
            if !syntax.takes_value(&name) {
                self.flags.push(Flag { name, value: None, span: word.span });
                continue;
            }
            let attached = end < text.len() || word.parts.len() > 1;
            let value = match attached {
                true => word.strip_prefix(&text[..end]).map(|value| value.strip_prefix("=").unwrap_or(value)),
                false => rest.next().cloned(),
            };
            let span = value.as_ref().map_or(word.span, |value| word.span.to(value.span));
            self.flags.push(Flag { name, value, span });
            return;
        }
    }

    /// The first flag of one of these names.
    pub fn get(&self, names: &[&str]) -> Option<&Flag> {
        self.flags.iter().find(|flag| names.contains(&flag.name.as_str()))
    }

    /// Whether a flag of one of these names is there.
    pub fn has(&self, names: &[&str]) -> bool {
        self.get(names).is_some()
    }

    /// The value of the last flag of one of these names: with most programs the last one holds.
    pub fn value(&self, names: &[&str]) -> Option<&Word> {
        self.flags.iter().rfind(|flag| names.contains(&flag.name.as_str()))?.value.as_ref()
    }

    /// The values of all flags of these names, in order.
    pub fn values(&self, names: &[&str]) -> Vec<Word> {
        let named = self.flags.iter().filter(|flag| names.contains(&flag.name.as_str()));
        named.filter_map(|flag| flag.value.clone()).collect()
    }
}

impl Syntax {
    /// Flags of which these take a value.
    pub const fn valued(valued: &'static [&'static str]) -> Self {
        Self { valued, shared: &[], switches: &[], stop_at_argument: false, single_dash: false, skip_variables: false }
    }

    /// Flags of which all but these take a value.
    pub const fn switches(switches: &'static [&'static str]) -> Self {
        Self { switches, ..Self::valued(&[]) }
    }

    /// These flags and others with a value.
    pub const fn with(self, shared: &'static [&'static str]) -> Self {
        Self { shared, ..self }
    }

    /// The same flags, ended by the first argument.
    pub const fn then_command(self) -> Self {
        Self { stop_at_argument: true, ..self }
    }

    fn takes_value(&self, name: &str) -> bool {
        match self.switches {
            [] => self.valued.contains(&name) || self.shared.contains(&name),
            switches => !switches.contains(&name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::shell;
    use crate::source::Fragment;

    fn read(line: &str, syntax: &Syntax) -> Flags {
        let (script, _) = shell::parse(&Fragment::verbatim(line, 0));
        Flags::read(&script.commands[0].words[1..], syntax)
    }

    fn texts(words: &[Word]) -> Vec<&str> {
        words.iter().map(Word::text).collect()
    }

    #[test]
    fn values_stand_beside_or_in_their_flags() {
        let syntax = Syntax::valued(&["-f", "--file", "-n"]);
        let flags = read("x -f a -fb -vfc --file d --file=e -n=3 --quiet g -vv", &syntax);
        assert_eq!(texts(&flags.values(&["-f", "--file"])), ["a", "b", "c", "d", "e"]);
        assert_eq!(flags.value(&["-n"]).map(Word::text), Some("3"));
        assert_eq!(texts(&flags.arguments), ["g"]);
        assert!(flags.has(&["-v"]) && flags.has(&["--quiet"]));
        assert_eq!(flags.flags.iter().filter(|flag| flag.name == "-v").count(), 3);
    }

    #[test]
    fn the_first_argument_may_end_the_flags() {
        let syntax = Syntax::valued(&["-u"]).then_command();
        assert_eq!(texts(&read("sudo -u app ls -u", &syntax).arguments), ["ls", "-u"]);
        assert_eq!(texts(&read("sudo -- -x", &syntax).arguments), ["-x"]);
    }

    #[test]
    fn a_value_may_be_a_variable() {
        let line = r#"x --file=$F "--env=$E" -f"$G" --flag$H"#;
        let flags = read(line, &Syntax::valued(&["-f"]));
        let span = |name: &str| flags.get(&[name]).and_then(|flag| flag.value.as_ref()).map(|value| value.span);
        assert_eq!(span("--file").map(|span| &line[span.range()]), Some("$F"));
        assert_eq!(span("--env").map(|span| &line[span.range()]), Some("$E"));
        assert_eq!(span("-f").map(|span| &line[span.range()]), Some("\"$G\""));
    }

    #[test]
    fn unknown_flags_take_values_where_the_switches_are_listed() {
        let syntax = Syntax { switches: &["-d", "--rm"], stop_at_argument: true, ..Syntax::default() };
        let flags = read("run -d --rm --name web -e A=b image cmd -x", &syntax);
        assert_eq!(flags.value(&["--name"]).map(Word::text), Some("web"));
        assert_eq!(texts(&flags.arguments), ["image", "cmd", "-x"]);
    }

    #[test]
    fn flags_that_end_early_are_read() {
        assert_eq!(read("x -f", &Syntax::valued(&["-f"])).flags.len(), 1);
        assert_eq!(texts(&read("x - --", &Syntax::default()).arguments), ["-"]);
    }
}
