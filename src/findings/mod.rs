//! What a check reports: findings, their identity, and what keeps some of them from being shown.

mod collector;
pub mod filter;
mod finding;
mod severity;
pub mod suppression;

pub use collector::{Findings, Scope, assumption};
pub use finding::{Edit, Finding, Fix, Label, Safety};
pub use severity::Severity;
