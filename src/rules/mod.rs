//! The checks: what each rule's page says, as a small function over a subject of the model.

pub mod page;

pub use page::{Case, CaseFile, FixKind, Page, SeverityTable};
