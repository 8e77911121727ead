//! From files to the effective deployment model: what would really run, in each environment.

pub mod apps;
pub mod build_context;
pub mod command;
pub mod compose;
pub mod dependencies;
pub mod deployment;
pub mod django;
pub mod env_readers;
mod env_secrets;
pub mod env_templates;
pub mod environment;
pub mod evidence;
pub mod expand;
pub mod image;
pub mod image_reference;
mod link;
mod model;
pub mod pipeline;
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
