//! Which variables of a script its children get to see.

use super::Run;
use crate::parse::shell::{Command, Word};
use std::sync::Arc;

impl Run<'_> {
    /// Notes before `name` is set whether that reaches a child: what the environment had does, and what is exported.
    pub(super) fn keep_or_export(&mut self, name: &str, command: &Command) {
        let there = self.variables.set.get(name).is_some_and(|traced| !traced.value.is_absent());
        if self.exports_all || exports(command) {
            self.export(name);
        } else if !there {
            Arc::make_mut(&mut self.kept).insert(name.to_owned());
        }
    }

    pub(super) fn export(&mut self, name: &str) {
        if self.kept.contains(name) {
            Arc::make_mut(&mut self.kept).remove(name);
        }
    }

    /// `export NAME` of a variable that is set elsewhere; `export $(…)` sets what cannot be told from the script.
    pub(super) fn declared(&mut self, command: &Command) {
        if !exports(command) {
            return;
        }
        for word in &command.words[1..] {
            match word.literal() {
                Some(name) => self.export(&name),
                None => self.export_lines(word, command),
            }
        }
    }

    /// `set -a`, `set -o allexport`, and off again with `+`.
    pub(super) fn switch_exports(&mut self, command: &Command) {
        let words: Vec<String> = command.words[1..].iter().map_while(Word::literal).collect();
        for (at, word) in words.iter().enumerate().take_while(|(_, word)| *word != "--") {
            let on = word.starts_with('-');
            let letters = if on || word.starts_with('+') { &word[1..] } else { continue };
            let named = letters.ends_with('o') && words.get(at + 1).is_some_and(|option| option == "allexport");
            if letters.contains('a') || named {
                self.exports_all = on;
            }
        }
    }
}

fn exports(command: &Command) -> bool {
    let flag = |wanted: char| {
        let mut flags = command.words.iter().skip(1).map(Word::text).filter(|word| word.starts_with('-'));
        flags.any(|word| word.contains(wanted))
    };
    match command.name().as_deref() {
        Some("export") => !flag('n') && !flag('f'),
        Some("declare" | "typeset") => flag('x'),
        _ => false,
    }
}
