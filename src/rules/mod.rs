//! The checks: what each rule's page says, as a small function over a subject of the model.

pub mod cases;
pub mod catalogue;
pub mod page;
pub mod page_format;

pub use page::{Case, CaseFile, FixKind, Page, SeverityTable};
