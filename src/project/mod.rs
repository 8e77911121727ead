//! From files to the effective deployment model: what would really run, in each environment.

pub mod command;
pub mod compose;
pub mod deployment;
pub mod django;
pub mod environment;
pub mod evidence;
pub mod expand;
pub mod image;
pub mod image_reference;
pub mod leaks;
mod link;
mod model;
pub mod process;
pub mod role;
pub mod secrecy;
pub mod settings;
mod stacks;
pub mod usage;
mod uses;
pub mod value;
pub mod variables;

pub use model::{Model, Unknown};
