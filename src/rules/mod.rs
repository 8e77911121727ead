//! The checks: what each rule's page says, as a small function over a subject of the model.
//!
//! A family is a folder. Its `mod.rs` lists its rules, each with the subject it looks at; the functions stand in files
//! by topic. [`check`] is the only loop over them.

pub mod cases;
pub mod catalogue;
mod compose;
mod dockerfile;
mod engine;
mod env;
mod file;
mod migration;
mod names;
pub mod page;
pub mod page_format;
mod project;
mod proxy;
mod root_cause;
mod script;
mod secret;
mod selection;
mod settings;
mod subject;
#[cfg(test)]
pub(crate) mod testing;
mod workflow;

pub use engine::{check, rules};
pub use names::{Named, Names};
pub use page::{Case, CaseFile, FixKind, Page, SeverityTable, Token};
pub use root_cause::fold as fold_root_causes;
pub use selection::{CliChoice, Selection, UnknownRule};
pub use subject::{Cx, On, Rule, rule};
