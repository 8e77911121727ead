//! The checks: what each rule's page says, as a small function over a subject of the model.

mod names;
pub mod page;
mod selection;
#[cfg(test)]
pub(crate) mod testing;
pub mod cases;
pub mod catalogue;
pub mod page;
pub mod page_format;

pub use names::{Named, Names};
pub use page::{Case, CaseFile, FixKind, Page, SeverityTable};
pub use selection::{CliChoice, Selection, UnknownRule};
