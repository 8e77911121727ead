//! Env files.

mod committed;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] =
    &[rule("env/committed-production-file", On::EnvFile(committed::committed_production_file))];
