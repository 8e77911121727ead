//! Python: settings modules, migrations, and whatever these import. tree-sitter reads, the rest of this folder makes the owned model.

mod ast;
mod docstrings;
mod expressions;
mod guard;
mod statements;
mod strings;
#[cfg(test)]
mod tests;

pub use ast::*;

use crate::source::{Problem, Span, Spanned};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tree_sitter::{Node, ParseOptions, Parser, Tree};

/// Nesting of statements and expressions together. Deeper ones become `Other`; every reader may recurse this deep.
const MAX_NESTING: usize = 200;
/// Far more than any file needs that a person wrote; reached by binary noise named `.py`.
const DEADLINE: Duration = Duration::from_secs(5);
/// More would drown the report.
const MAX_PROBLEMS: usize = 20;

/// Reads a file of Python 3 (what is left of Python 2 becomes `Other`). What is broken is a problem; the statements around it are there.
pub fn parse(text: &str) -> (Module, Vec<Problem>) {
    if let Err(problem) = guard::check(text) {
        return (Module::default(), vec![problem]);
    }
    let Some(tree) = parse_tree(text) else {
        return (Module::default(), vec![Problem::new(Span::at(0), "takes too long to parse as Python")]);
    };
    let mut lowering = Lowering { text, depth: 0, problems: Vec::new(), too_deep: false, yields: false };
    let comments = lowering.comments_and_errors(tree.root_node());
    let body = lowering.statements(tree.root_node());
    lowering.problems.sort_by_key(|problem| problem.span);
    (Module { body, comments }, lowering.problems)
}

fn parse_tree(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
    let started = Instant::now();
    let mut progress = |_: &tree_sitter::ParseState| {
        if started.elapsed() > DEADLINE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |offset, _| bytes.get(offset..).unwrap_or(&[]), None, Some(options))
}

/// From tree-sitter's nodes to the owned model.
struct Lowering<'t> {
    text: &'t str,
    depth: usize,
    problems: Vec<Problem>,
    too_deep: bool,
    /// Whether the function that is being lowered has a `yield`.
    yields: bool,
}

impl<'t> Lowering<'t> {
    fn span(&self, node: Node) -> Span {
        // A node that error recovery made up can lie between the bytes of a character.
        let at = |mut offset: usize| {
            offset = offset.min(self.text.len());
            while !self.text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let start = at(node.start_byte());
        Span::new(start, at(node.end_byte()).max(start))
    }

    fn text_of(&self, node: Node) -> &'t str {
        &self.text[self.span(node).range()]
    }

    fn spanned(&self, node: Node) -> Spanned<String> {
        Spanned::new(self.text_of(node).to_owned(), self.span(node))
    }

    fn problem(&mut self, span: Span, message: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::new(span, message));
        }
    }

    /// Goes one level down; `None`, and a problem the first time, where that is too deep.
    fn nested<T>(&mut self, span: Span, lower: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_NESTING {
            if !self.too_deep {
                self.too_deep = true;
                self.problem(span, &format!("nests more than {MAX_NESTING} levels deep"));
            }
            return None;
        }
        self.depth += 1;
        let lowered = lower(self);
        self.depth -= 1;
        Some(lowered)
    }

    /// Walks the whole tree, which can be far deeper than a stack holds, with a cursor.
    fn comments_and_errors(&mut self, root: Node) -> Vec<Spanned<String>> {
        let mut comments = Vec::new();
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if node.kind() == "comment" {
                let comment = self.spanned(node);
                comments.push(comment.map(|text| text.trim_start_matches('#').to_owned()));
            }
            let broken = node.is_error() || node.is_missing();
            if broken {
                let span = self.span(node);
                // The first line of what was not understood is enough to find it.
                let line = self.text[span.range()].find(['\n', '\r']).map_or(span.end, |at| span.start + at as u32);
                self.problem(Span { start: span.start, end: line }, "is not valid Python");
            }
            if !broken && cursor.goto_first_child() {
                continue;
            }
            // Inside of an error only comments are of use, and there are none to trust.
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return comments;
                }
            }
        }
    }
}

/// The children that say something: no punctuation, no comments.
fn named<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| child.kind() != "comment" && child.kind() != "line_continuation")
        .collect()
}
