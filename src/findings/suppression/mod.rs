//! Comments that say a finding is accepted: `# shipworthy: ignore[compose/privileged-service] the agent needs it`.
//!
//! A comment on a line of its own holds for the line below and the block that begins there; one behind code holds for
//! its line; `ignore-file[…]` holds for the file. There is no form without a list of rules, and a comment that does
//! nothing is itself reported, so that none outlives its reason unseen.

mod apply;
mod layout;
mod peers;
mod scan;

pub use apply::{Applied, Context, Suppressed, apply};
pub use scan::scan;

use crate::source::{Problem, Span, Spanned};

/// The rule that reports comments which suppress nothing.
pub const UNUSED: &str = "file/suppression-unused";
/// The rule that reports words in comments which name no rule.
pub const UNKNOWN_RULE: &str = "file/suppression-unknown-rule";
/// The rule that reports comments which are meant to suppress and cannot be read.
pub const MALFORMED: &str = "file/suppression-malformed";

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// From `shipworthy` to the closing bracket.
    pub span: Span,
    /// The 1-based line of the comment.
    pub line: usize,
    /// What it holds for.
    pub reach: Reach,
    /// The rules that it names; at least one.
    pub rules: Vec<Spanned<String>>,
    /// Why, where it is said.
    pub reason: Option<String>,
    /// Whether it is a comment of another tool: what of it means nothing here may mean something there.
    pub of_peer: bool,
}

/// What a comment holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its own line, on which it stands behind something.
    Line,
    /// The line below it, and the block that begins there.
    Below,
    /// The whole file.
    File,
}

/// What a scanner found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// The comments, in the order of the file.
    pub suppressions: Vec<Suppression>,
    /// Comments that cannot be read, though they are plainly meant to suppress.
    pub malformed: Vec<Problem>,
}

#[cfg(test)]
mod tests;
