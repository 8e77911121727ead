//! Compose files, judged as the stack of each environment.

mod images;
mod mounts;
mod start_order;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("compose/code-bind-mount", On::Service(mounts::code_bind_mount)),
    rule("compose/database-image-unpinned", On::Service(images::database_image_unpinned)),
    rule("compose/dependency-without-health", On::Service(start_order::dependency_without_health)),
    rule("compose/image-latest", On::Service(images::image_latest)),
    rule("compose/image-moving-tag", On::Service(images::image_moving_tag)),
    rule("compose/image-untagged", On::Service(images::image_untagged)),
];
