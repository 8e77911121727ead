//! What tree-sitter must never see.

use crate::source::{Problem, Span};

/// Settings and migrations are a few KiB; data written as Python can be large, and says nothing to us.
const MAX_BYTES: usize = 2 << 20;
/// tree-sitter-python's scanner writes past its buffer, and aborts the process, beyond 510 levels of indentation.
const MAX_INDENTS: usize = 256;

/// Refuses text that would abort the process or stall it.
pub(super) fn check(text: &str) -> Result<(), Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(Span::at(0), format!("is larger than {} MiB", MAX_BYTES >> 20)));
    }
    if let Some(at) = memchr::memchr(0, text.as_bytes()) {
        return Err(Problem::new(Span::new(at, at + 1), "contains a NUL byte"));
    }
    check_indentation(text)
}

/// Counts open levels as a tokenizer does, but on every line, also inside of brackets and strings: never fewer than it finds.
/// Code nests with each deeper line, and text aligned inside of brackets goes back to the margin soon.
fn check_indentation(text: &str) -> Result<(), Problem> {
    let mut open: Vec<usize> = Vec::new();
    let mut offset = 0;
    for line in text.split(['\n', '\r', '\x0c']) {
        let content = line.trim_start_matches([' ', '\t']);
        if !content.is_empty() && !content.starts_with('#') {
            let indent = line[..line.len() - content.len()].bytes().map(|b| if b == b'\t' { 8 } else { 1 }).sum();
            while open.last().is_some_and(|&last| last >= indent) {
                open.pop();
            }
            open.push(indent);
            if open.len() > MAX_INDENTS {
                let at = offset + (line.len() - content.len());
                return Err(Problem::new(Span::at(at), format!("is indented more than {MAX_INDENTS} levels deep")));
            }
        }
        offset += line.len() + 1;
    }
    Ok(())
}
