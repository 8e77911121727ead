//! Makefiles and justfiles: targets, and the scripts of their recipes as a shell gets them.

mod expand;
mod just;
mod make;
#[cfg(test)]
mod tests;

pub use just::parse_justfile;
pub use make::parse;

use crate::source::{Fragment, Span, Spanned};

/// Files longer than this are not read. In bytes.
const MAX_LENGTH: usize = 1 << 20;

/// A Makefile or a justfile.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Makefile {
    /// The assignments in the order of the text.
    pub variables: Vec<Variable>,
    /// The targets (of just: recipes) in the order of the text; one that is written twice is here twice.
    pub targets: Vec<Target>,
    /// The files that it includes, as written.
    pub includes: Vec<Spanned<String>>,
}

impl Makefile {
    /// The first target of this name that has a recipe, or the first at all.
    pub fn target(&self, name: &str) -> Option<&Target> {
        let mut named = self.targets.iter().filter(|target| target.name.value == name);
        named.clone().find(|target| !target.recipes.is_empty()).or_else(|| named.next())
    }
}

/// An assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: Spanned<String>,
    /// The value, unexpanded; of just: without its quotes.
    pub value: Spanned<String>,
    /// `=`, `:=`, `?=`, `+=` or `!=` (a command, whose output it is).
    pub operator: String,
    /// Whether recipes find it in their environment.
    pub exported: bool,
    /// Whether it stands in `ifeq … endif`, so that it may not hold.
    pub conditional: bool,
}

/// A target with its recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name.
    pub name: Spanned<String>,
    /// What is made before, in order; of just, also what is run after.
    pub prerequisites: Vec<Spanned<String>>,
    /// The scripts, each run by a shell of its own, in order. The first that fails ends the target.
    pub recipes: Vec<Recipe>,
    /// The line that names it.
    pub span: Span,
}

/// One script of a target: a line, or all of it where one shell runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The text that the shell gets. Variables that the file sets are expanded; those that it does not set are the
    /// environment's and become `${NAME}`; what cannot be told becomes an expression, `${{ … }}`.
    pub script: Fragment,
    /// Whether a failure is ignored (`-`).
    pub ignore_errors: bool,
}
