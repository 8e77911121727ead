//! SQL for PostgreSQL: what the statements of a migration or a `.sql` file do to tables that are in use.
//!
//! The text is cut and blanked out here (`lexer.rs`), squawk's parser reads each statement that can do harm, and
//! `lower.rs` makes the owned model; `effects.rs` says what each action locks, loses and demands. Without the feature `sql`
//! there is no parser, and nothing is said.

mod effects;
#[cfg(feature = "sql")]
mod lexer;
#[cfg(feature = "sql")]
mod lower;
mod model;
#[cfg(feature = "sql")]
mod table;
#[cfg(all(test, feature = "sql"))]
mod tests;

pub use effects::*;
pub use model::*;

use crate::source::Fragment;

/// What is longer is data, and says nothing of the schema's next change.
#[cfg(feature = "sql")]
const MAX_BYTES: usize = 64 << 10;

/// Reads SQL. Never fails: what is not understood is a statement without actions that says so.
///
/// Whatever is put in at run time may stand in the text as `%s`, `%(name)s`, `{name}` or `{{ name }}`.
#[cfg(feature = "sql")]
pub fn parse(fragment: &Fragment) -> Script {
    if fragment.text().len() > MAX_BYTES {
        return Script { unread: Some(Unread::TooLong), ..Script::default() };
    }
    lower::script(fragment)
}

/// Reads nothing: the parser is not built in.
#[cfg(not(feature = "sql"))]
pub fn parse(_: &Fragment) -> Script {
    Script { unread: Some(Unread::NotBuilt), ..Script::default() }
}
