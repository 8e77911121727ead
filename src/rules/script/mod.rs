//! Scripts: what runs at start and at deploy.

mod destructive;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("script/database-wiped-at-start", On::Service(destructive::database_wiped_at_start)),
    rule("script/volumes-removed", On::Command(destructive::volumes_removed)),
];
