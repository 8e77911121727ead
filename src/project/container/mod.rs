//! One container of a deployment: the variables that it starts with, the account it runs under, whether what it starts can
//! be started, who reaches it, what it reaches and keeps, and whether it tells how it is.

pub mod account;
pub mod exposure;
pub mod health;
pub mod health_tools;
mod host_auth;
pub mod lacks;
pub mod listening;
pub mod lost_dockerfile;
pub mod lost_mount;
pub mod parity;
pub mod probe;
mod reach;
pub mod start_files;
pub mod stopping;
pub mod storage;
pub mod variables;
