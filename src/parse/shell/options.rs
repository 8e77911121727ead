//! The shebang, and the options that it and `set` turn on.

use super::model::{OptionSwitch, Script, ShellOption, ShellOptions};
use crate::source::{Fragment, Span, Spanned};

/// What follows `#!` in the first line.
pub(super) fn shebang(fragment: &Fragment) -> Option<Spanned<String>> {
    let text = fragment.text();
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let line = text[start..].lines().next()?.strip_prefix("#!")?;
    let value = line.trim();
    let at = start + 2 + (line.len() - line.trim_start().len());
    Some(Spanned::new(value.to_owned(), fragment.to_file(Span::new(at, at + value.len()))))
}

/// The switches of a script, in order.
pub(super) fn find(script: &Script) -> ShellOptions {
    let mut switches = Vec::new();
    if let Some(shebang) = &script.shebang {
        // `#!/bin/bash -eu` and `#!/usr/bin/env -S bash -eu`: what follows the shell's name.
        let is_shell = |word: &&str| word.rsplit('/').next().is_some_and(|name| name.ends_with("sh"));
        let words: Vec<&str> = shebang.value.split_ascii_whitespace().skip_while(|word| !is_shell(word)).collect();
        read(words.get(1..).unwrap_or_default(), shebang.span, None, &mut switches);
    }
    for (index, command) in script.commands.iter().enumerate() {
        if command.name().as_deref() == Some("set") {
            let words: Vec<String> = command.words[1..].iter().map(|word| word.literal().unwrap_or_default()).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            read(&words, command.span, Some(index), &mut switches);
        }
    }
    ShellOptions { switches }
}

fn read(words: &[&str], span: Span, command: Option<usize>, switches: &mut Vec<OptionSwitch>) {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let on = match word.as_bytes() {
            [b'-', b'-', ..] | [b'-'] => break,
            [b'-', ..] => true,
            [b'+', ..] => false,
            _ => break,
        };
        for letter in word[1..].chars() {
            let option = match letter {
                'e' => Some(ShellOption::Errexit),
                'u' => Some(ShellOption::Nounset),
                'x' => Some(ShellOption::Xtrace),
                'o' => words.next().and_then(|name| match *name {
                    "errexit" => Some(ShellOption::Errexit),
                    "nounset" => Some(ShellOption::Nounset),
                    "pipefail" => Some(ShellOption::Pipefail),
                    "xtrace" => Some(ShellOption::Xtrace),
                    _ => None,
                }),
                _ => None,
            };
            switches.extend(option.map(|option| OptionSwitch { option, on, span, command }));
        }
    }
}
