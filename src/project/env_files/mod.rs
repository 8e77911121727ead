//! Env files beyond what Compose makes of them: their other readers, their templates, and the secrets in them.

pub mod misnamed;
pub mod not_passed;
pub mod readers;
mod secrets;
pub mod taken_for_yes;
pub mod templates;
pub(in crate::project) mod texts;
pub mod unread;
