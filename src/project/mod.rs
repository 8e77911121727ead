//! From files to the effective deployment model: what would really run, in each environment.

pub mod built_images;
pub mod command;
pub mod compose;
pub mod container;
pub mod deployment;
pub mod django;
pub mod env_files;
pub mod environment;
pub mod evidence;
pub mod expand;
pub mod image;
mod link;
pub mod migrations;
mod model;
pub mod pipeline;
pub mod process;
pub mod proxy;
pub mod role;
pub mod script;
pub mod secrecy;
pub mod settings;
pub mod usage;
mod uses;
pub mod value;

pub use model::{Model, Unknown};
