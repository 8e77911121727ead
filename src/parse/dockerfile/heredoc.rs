//! Heredocs in an instruction: which words announce them, and what runs them.

use super::Word;
use super::instruction::{fields, quoted_words};
use crate::source::{Fragment, Spanned};
use std::ops::Range;

/// A `<<EOF` in an instruction.
pub(super) struct Marker {
    /// The whole word in the arguments.
    pub(super) word: Range<usize>,
    pub(super) name: String,
    pub(super) strip_tabs: bool,
    pub(super) expand: bool,
}

/// The heredoc markers of a command, as BuildKit finds them: words (quotes and escapes keep blanks in them) that are
/// nothing but digits, `<<`, perhaps `-`, and a name. `<<<`, `1<<2` in arithmetic and `<< EOF` are none; where a quote
/// does not end there are none at all.
pub(super) fn markers(text: &str) -> Vec<Marker> {
    if !text.contains("<<") || has_open_quote(text) {
        return Vec::new();
    }
    quoted_words(text, '\\').into_iter().filter_map(|word| marker(text, word)).collect()
}

fn marker(text: &str, word: Range<usize>) -> Option<Marker> {
    let written = text[word.clone()].trim_start_matches(|digit: char| digit.is_ascii_digit()).strip_prefix("<<")?;
    let (strip_tabs, written) = match written.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, written),
    };
    if written.contains('<') {
        return None;
    }
    let name = Word::parse(Fragment::verbatim(written, 0), '\\').expand(&|name| Some(format!("${name}")))?;
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let expand = !written.contains(['\'', '"']);
    Some(Marker { word, name, strip_tabs, expand })
}

fn has_open_quote(text: &str) -> bool {
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && quote != Some('\'') {
            characters.next();
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && matches!(character, '\'' | '"') {
            quote = Some(character);
        }
    }
    quote.is_some()
}

/// The program that the first line of a script names: `#!/bin/bash`, `#!/usr/bin/env python3`.
pub(super) fn shebang(body: &Fragment) -> Option<Spanned<String>> {
    let line = body.text().lines().next()?;
    let line = &line[..line.floor_char_boundary(256)];
    let inside = line.strip_prefix("#!")?;
    let mut words = fields(inside).map(|range| range.start + 2..range.end + 2);
    let mut program = words.next()?;
    if line[program.clone()].rsplit('/').next() == Some("env") {
        program = words.find(|word| !line[word.clone()].starts_with('-')).unwrap_or(program);
    }
    Some(Spanned::new(line[program.clone()].to_owned(), body.to_file(program.into())))
}

/// The interpreter in `python3 - <<EOF`: a program that reads its script from standard input, with options at most.
pub(super) fn reader_of_script(command: &Fragment, marker: &Marker) -> Option<Spanned<String>> {
    const INTERPRETERS: [&str; 10] = ["sh", "bash", "dash", "ash", "zsh", "ksh", "python", "perl", "ruby", "node"];
    let text = command.text();
    let mut words = fields(text).filter(|word| *word != marker.word);
    let program = words.next()?;
    let name = text[program.clone()].rsplit('/').next()?.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let plain = |word: Range<usize>| {
        let word = &text[word];
        // `-c` and `-m` take the script from elsewhere; an operator begins another command.
        word.starts_with('-') && !["-c", "-m", "-e"].contains(&word) || (name.ends_with("sh") && word == "-e")
    };
    let reads_script = INTERPRETERS.contains(&name) && words.all(plain);
    let span = command.to_file(program.clone().into());
    reads_script.then(|| Spanned::new(text[program].to_owned(), span))
}
