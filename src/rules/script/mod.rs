//! Scripts: what runs at start and at deploy.

mod destructive;
mod start;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("script/collectstatic-asks", On::Service(start::collectstatic_asks)),
    rule("script/database-wiped-at-start", On::Service(destructive::database_wiped_at_start)),
    rule("script/failed-step-ignored", On::Service(start::failed_step_ignored)),
    rule("script/fixtures-loaded-at-start", On::Service(start::fixtures_loaded_at_start)),
    rule("script/makemigrations-at-start", On::Service(start::makemigrations_at_start)),
    rule("script/server-without-exec", On::Service(start::server_without_exec)),
    rule("script/volumes-removed", On::Command(destructive::volumes_removed)),
    rule("script/wait-without-limit", On::Service(start::wait_without_limit)),
];
