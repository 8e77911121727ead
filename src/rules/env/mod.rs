//! Env files.

mod committed;
mod compose;
mod contract;
mod documented;
mod tracked;
mod values;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("env/committed-production-file", On::EnvFile(committed::committed_production_file)),
    rule("env/default-password", On::EnvFile(values::default_password)),
    rule("env/dollar-in-secret", On::EnvFile(values::dollar_in_secret)),
    rule("env/duplicate-key", On::EnvFile(values::duplicate_key)),
    rule("env/file-missing", On::Service(compose::file_missing)),
    rule("env/file-not-ignored", On::Repository(tracked::file_not_ignored)),
    rule("env/off-taken-for-on", On::Service(contract::off_taken_for_on)),
    rule("env/quotes-kept", On::Service(contract::quotes_kept)),
    rule("env/secret-shared", On::EnvFile(committed::secret_shared)),
    rule("env/template-key-unread", On::Repository(contract::template_key_unread)),
    rule("env/tracked-though-ignored", On::EnvFile(tracked::tracked_though_ignored)),
    rule("env/value-misread", On::Repository(values::value_misread)),
    rule("env/variable-misnamed", On::Repository(contract::variable_misnamed)),
    rule("env/variable-not-passed", On::Deployment(contract::variable_not_passed)),
    rule("env/variable-undocumented", On::Repository(documented::variable_undocumented)),
    rule("env/variable-unread", On::Service(contract::variable_unread)),
];
