//! What only several files together show.

mod context;
mod entrypoint;
mod migrations;
mod server;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("project/development-server", On::Service(server::development_server)),
    rule("project/dockerignore-missing", On::Repository(context::dockerignore_missing)),
    rule("project/entrypoint-hidden-by-mount", On::Service(entrypoint::entrypoint_hidden_by_mount)),
    rule("project/migrated-several-times", On::Deployment(migrations::migrated_several_times)),
    rule("project/program-missing-in-image", On::Service(entrypoint::program_missing_in_image)),
    rule("project/script-not-executable", On::Service(entrypoint::script_not_executable)),
];
