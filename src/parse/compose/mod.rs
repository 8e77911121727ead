//! One compose file's syntax: short and long forms made one, every leaf with its place, nothing interpolated, merged or
//! resolved. After the compose specification (compose-spec.io).

mod build;
mod deploy;
mod file;
mod model;
mod mounts;
mod pairs;
mod ports;
mod process;
mod reader;
mod refused;
mod resources;
mod services;
#[cfg(test)]
mod tests;

pub use build::Build;
pub use deploy::{Deploy, Limits, RestartPolicy, Rollout};
pub use file::parse;
pub use model::{ComposeFile, Field, Include, MergeTag, Other, OtherKind, Setting, Text, truth};
pub use mounts::{FileRef, Mount, MountParts, split_mount};
pub use pairs::{Pair, Ulimit};
pub use ports::{Port, PortParts, split_port};
pub use process::{Command, Dependency, EnvFile, Extends, Healthcheck, Hook, Watch};
pub use refused::Refusal;
pub use resources::Resource;
pub use services::{Logging, NetworkRef, Service};
