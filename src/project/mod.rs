//! From files to the effective deployment model: what would really run, in each environment.

pub mod environment;
pub mod settings;
pub mod value;
