//! Shell scripts, from whole files to the body of one `RUN`: [`parse`] gives a [`Script`], a flat list of commands,
//! each with what guards it.
//!
//! The grammar is bash's, which reads POSIX scripts as well. What is not shell inside (here-documents, workflow and
//! template expressions) is masked first, see [`prepare`].

mod condition;
mod lexer;
mod lower;
mod model;
mod options;
mod pattern;
mod prepare;
mod simple;
#[cfg(test)]
mod tests;
mod word;

pub use condition::{Condition, Truth};
pub use model::{
    Case, Command, Function, Guard, HereDocument, OptionSwitch, PipelinePosition, Redirect, RedirectKind, Script,
    ShellOption, ShellOptions,
};
pub use word::{Operator, Parameter, Word, WordPart};

use crate::source::{Fragment, Problem, Span};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

/// Scripts longer than this are not read. In bytes.
pub const MAX_LENGTH: usize = 1 << 20;
/// How deeply brackets and quotes may be nested.
const MAX_NESTING: usize = 200;
/// How deeply blocks and lists are read, those around a substitution included; they are walked by recursion.
const MAX_SYNTAX_DEPTH: usize = 60;
/// How deeply scripts are read in scripts: substitutions in substitutions.
const MAX_SCRIPT_DEPTH: usize = 6;
/// How many commands of a script are read.
const MAX_COMMANDS: usize = 20_000;
/// How many words of a script are read.
const MAX_WORDS: usize = 100_000;
/// How many parts a condition that is put together from a list may have.
const MAX_CHAIN: usize = 200;
/// How many pipes a statement may have: the grammar takes quadratic memory for them.
const MAX_PIPES: usize = 400;
/// When the grammar gives up. Only made-up input takes a thousandth of this: recovery from some errors is quadratic.
const DEADLINE: Duration = Duration::from_secs(3);

/// Reads a script: a whole file (`Fragment::verbatim(text, 0)`), or text embedded in another file. All spans are in
/// the file. GitHub's `${{ … }}` and templates' `{{ … }}` are understood everywhere. Of a script whose shebang names
/// another interpreter than a shell, only the shebang is read.
pub fn parse(fragment: &Fragment) -> (Script, Vec<Problem>) {
    parse_nested(fragment, 0, 0)
}

/// Reads a script that stands in `depth` others, and there in `syntax_depth` blocks and lists.
fn parse_nested(fragment: &Fragment, depth: usize, syntax_depth: usize) -> (Script, Vec<Problem>) {
    let text = fragment.text();
    let give_up = |message: &str| {
        let start = Span::at(fragment.span().start as usize);
        (Script { shebang: options::shebang(fragment), ..Script::default() }, vec![Problem::new(start, message)])
    };
    if text.trim().is_empty() || depth > MAX_SCRIPT_DEPTH {
        return (Script::default(), Vec::new());
    }
    let shebang = Script { shebang: options::shebang(fragment), ..Script::default() };
    if shebang.interpreter().is_some_and(|program| !program.ends_with("sh") && program != "busybox") {
        return (shebang, Vec::new());
    }
    if text.len() > MAX_LENGTH {
        return give_up("the script is longer than 1 MiB and is not read");
    }
    let prepared = prepare::prepare(text);
    if let Some(refused) = prepared.refused {
        return give_up(refused);
    }
    let Some(tree) = syntax(&prepared.masked) else {
        return give_up("the script takes too long to read and is skipped");
    };
    let (mut script, problems) = lower::lower(fragment, &prepared, &tree, depth, syntax_depth);
    script.shebang = shebang.shebang;
    script.options = options::find(&script);
    (script, problems)
}

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// The syntax tree of `text`; `None` where it takes too much work.
fn syntax(text: &str) -> Option<Tree> {
    let mut parser = PARSER.take().or_else(|| {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
        Some(parser)
    })?;
    let started = Instant::now();
    let mut progress = |_: &ParseState| match started.elapsed() > DEADLINE {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let bytes = text.as_bytes();
    let options = ParseOptions::new().progress_callback(&mut progress);
    let tree = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
    if tree.is_none() {
        parser.reset();
    }
    PARSER.set(Some(parser));
    tree
}
