//! Dockerfiles: what a build brings into the image.

mod base_image;
mod build;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("dockerfile/image-latest", On::Stage(base_image::image_latest)),
    rule("dockerfile/image-untagged", On::Stage(base_image::image_untagged)),
    rule("dockerfile/migrate-in-build", On::Command(build::migrate_in_build)),
];
