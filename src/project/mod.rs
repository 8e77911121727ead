//! From files to the effective deployment model: what would really run, in each environment.

pub mod command;
pub mod environment;
pub mod value;
