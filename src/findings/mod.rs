//! What a check reports: findings, their identity, and what keeps some of them from being shown.

mod collector;
mod finding;
mod severity;

pub use collector::{Findings, Scope};
pub use finding::{Edit, Finding, Fix, Label, Safety};
pub use severity::Severity;
