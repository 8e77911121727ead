//! From files to the effective deployment model: what would really run, in each environment.

pub mod compose;
pub mod environment;
pub mod expand;
pub mod image;
pub mod value;
