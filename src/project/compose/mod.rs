//! Compose files as Docker Compose puts them together: interpolation, merging, `extends`, `include`, paths. Every value
//! keeps the place that gives it, and the places that it overrides.
//!
//! After the compose specification; where Docker Compose differs from its text (a later entry with the same unique key
//! replaces the earlier one instead of being merged into it), after Docker Compose.

mod budget;
mod build;
mod context;
mod deploy;
pub mod headings;
mod interpolate;
mod layers;
mod location;
mod mounts;
mod numbers;
mod placed;
mod ports;
mod process;
pub mod references;
mod refused;
mod resource;
mod service;
mod stack;
#[cfg(test)]
mod tests;

pub use build::Build;
pub use deploy::{Deploy, Limits, RestartPolicy, Rollout};
pub use interpolate::{Interpolated, Operator, VariableUse, interpolate};
pub use location::{FilePath, Location};
pub use mounts::{FileRef, Mount, MountSource};
pub use numbers::Misread;
pub use placed::{Flag, Placed, Text};
pub use ports::{Listens, Port};
pub use process::{Command, Dependency, EnvFile, Healthcheck, Hook, Pair, Probe, Ulimit, Variable, Watch};
pub use resource::Resource;
pub use service::{Logging, NetworkRef, Other, Service};
pub use stack::{IncludedProject, Inputs, Stack, StackProblem, merge};
