//! The command line, one file a subcommand.

pub mod explain;
pub mod rules;
