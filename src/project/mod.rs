//! From files to the effective deployment model: what would really run, in each environment.

pub mod account;
pub mod command;
pub mod compose;
pub mod credentials;
pub mod deployment;
pub mod django;
pub mod environment;
pub mod evidence;
pub mod expand;
pub mod exposure;
pub mod health;
pub mod health_tools;
pub mod image;
pub mod image_reference;
pub mod known_images;
mod link;
mod model;
pub mod process;
pub mod references;
pub mod role;
pub mod secrecy;
pub mod settings;
mod stacks;
pub mod stages;
pub mod storage;
pub mod trust;
pub mod usage;
mod uses;
pub mod value;
pub mod variables;

pub use model::{Model, Unknown};
