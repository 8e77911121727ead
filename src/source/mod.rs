//! Text with places in it: paths, byte spans, lines and columns, and text embedded in other text.
//!
//! Everything that a finding can point at is a [`Place`]: a file of the repository and a byte range
//! in its decoded text. Lines and columns exist only in reports, through [`LineIndex`].

mod fragment;
mod lines;
mod path;
mod span;
mod text;

pub use fragment::{Fragment, FragmentBuilder};
pub use lines::{LineColumn, LineIndex};
pub use path::RepoPath;
pub use span::{Place, Span, Spanned};
pub use text::{Encoding, Problem, Source};
