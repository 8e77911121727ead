//! nginx's configuration, and templates of it: directives with arguments and blocks, read as nginx reads them.
//!
//! `include` is a directive like others here; whoever knows where files lie follows it. What envsubst fills in
//! (`${NAME}`) stays as it is written. What Jinja, ERB and Go templates add is passed over, and a file that has any of it
//! has no problems, since nobody knows what it becomes.

mod lexer;
#[cfg(test)]
mod tests;

use crate::source::{Place, Problem, RepoPath, Span, Spanned};
use lexer::{Lexer, Token};

/// Blocks within blocks are followed so deep; nginx itself needs six or so.
const MAX_DEPTH: usize = 32;

/// One file.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The directives at the top of the file, in order.
    pub directives: Vec<Directive>,
    /// Whether another program makes parts of it (Jinja, ERB, Go templates), so that what it lacks is not surely absent.
    pub templated: bool,
}

/// One directive.
#[derive(Clone, Debug)]
pub struct Directive {
    /// Its name: `listen`; in a `map` or `types` the key.
    pub name: Spanned<String>,
    /// Its arguments, quotes and escapes taken off.
    pub args: Vec<Spanned<String>>,
    /// What stands between the braces, where it has any.
    pub block: Option<Vec<Directive>>,
}

impl Directive {
    /// Whether this is the directive `name`.
    pub fn is(&self, name: &str) -> bool {
        self.name.value == name
    }

    /// The argument at `index`.
    pub fn arg(&self, index: usize) -> Option<&str> {
        self.args.get(index).map(|arg| arg.value.as_str())
    }

    /// The directives in its braces; none where it has no braces.
    pub fn body(&self) -> &[Directive] {
        self.block.as_deref().unwrap_or_default()
    }

    /// From its name to its last argument, its block left out.
    pub fn span(&self) -> Span {
        self.args.last().map_or(self.name.span, |last| self.name.span.to(last.span))
    }

    /// The same in the file `path`.
    pub fn place(&self, path: &RepoPath) -> Place {
        Place::new(path.clone(), self.span())
    }
}

/// Reads a configuration, or a part of one.
pub fn parse(text: &str) -> (Config, Vec<Problem>) {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        open: Vec::new(),
        directives: Vec::new(),
        words: Vec::new(),
        problems: Vec::new(),
    };
    parser.run();
    let templated = parser.lexer.templated;
    let problems = if templated { Vec::new() } else { parser.problems };
    (Config { directives: parser.directives, templated }, problems)
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// The blocks that are open: what begins each, and the directives before it.
    open: Vec<(Directive, Vec<Directive>)>,
    /// The directives of the innermost open block.
    directives: Vec<Directive>,
    /// The words since the last directive ended.
    words: Vec<Spanned<String>>,
    problems: Vec<Problem>,
}

impl Parser<'_> {
    fn run(&mut self) {
        // How many blocks are open beyond the depth that is followed.
        let mut beyond = 0usize;
        while let Some(token) = self.lexer.next_token(self.words.is_empty()) {
            match token {
                Token::Word(word) if beyond == 0 => self.words.push(word),
                Token::Word(_) => {}
                Token::Fault(span, message) => self.problem(span, message),
                Token::End(span) if beyond == 0 => {
                    if self.words.is_empty() {
                        self.problem(span, "`;` without a directive before it");
                    }
                    self.finish(None);
                }
                Token::End(_) => {}
                Token::Open(_) if beyond > 0 => beyond += 1,
                Token::Open(span) => {
                    if self.words.is_empty() {
                        self.problem(span, "`{` without a directive before it");
                        self.words.push(Spanned::new(String::new(), Span::at(span.start as usize)));
                    }
                    if self.words[0].value.ends_with("_by_lua_block") {
                        self.lexer.skip_lua();
                        self.finish(Some(Vec::new()));
                    } else if self.open.len() >= MAX_DEPTH {
                        self.problem(span, "blocks are nested too deep");
                        self.words.clear();
                        beyond = 1;
                    } else if let Some(directive) = self.take() {
                        self.open.push((directive, std::mem::take(&mut self.directives)));
                    }
                }
                Token::Close(_) if beyond > 0 => beyond -= 1,
                Token::Close(span) => {
                    if let Some(first) = self.words.first() {
                        let message = format!("{} is not ended by `;`", shown(&first.value));
                        self.problem(first.span, message);
                        self.finish(None);
                    }
                    if !self.close() {
                        self.problem(span, "`}` closes no block");
                    }
                }
            }
        }
        if let Some(first) = self.words.first() {
            let message = format!("{} is not ended by `;`", shown(&first.value));
            self.problem(first.span, message);
            self.finish(None);
        }
        if let Some((directive, _)) = self.open.last() {
            let message = format!("the block of {} is not closed", shown(&directive.name.value));
            self.problem(directive.span(), message);
        }
        while self.close() {}
    }

    fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem::new(span, message));
    }

    /// The directive that the words make.
    fn take(&mut self) -> Option<Directive> {
        let mut words = std::mem::take(&mut self.words).into_iter();
        let name = words.next()?;
        Some(Directive { name, args: words.collect(), block: None })
    }

    fn finish(&mut self, block: Option<Vec<Directive>>) {
        if let Some(directive) = self.take() {
            self.directives.push(Directive { block, ..directive });
        }
    }

    /// Closes the innermost block; whether there was one.
    fn close(&mut self) -> bool {
        let Some((directive, before)) = self.open.pop() else { return false };
        let block = std::mem::replace(&mut self.directives, before);
        self.directives.push(Directive { block: Some(block), ..directive });
        true
    }
}

/// A directive's name for a message; what stands between quotes may be anything, a secret too.
fn shown(name: &str) -> String {
    let plain = name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if plain { format!("`{name}`") } else { "this directive".to_owned() }
}
