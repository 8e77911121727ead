//! Pipelines of CI.

mod access;
mod actions;
mod deploy;
mod gates;
mod secrets;
mod untrusted;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("workflow/action-by-tag", On::Pipeline(actions::action_by_tag)),
    rule("workflow/action-on-branch", On::Pipeline(actions::action_on_branch)),
    rule("workflow/deploy-without-concurrency", On::Pipeline(deploy::deploy_without_concurrency)),
    rule("workflow/deploy-without-tests", On::Pipeline(deploy::deploy_without_tests)),
    rule("workflow/gate-without-effect", On::Pipeline(gates::gate_without_effect)),
    rule("workflow/host-key-unchecked", On::Pipeline(access::host_key_unchecked)),
    rule("workflow/migrations-unchecked", On::Repository(gates::migrations_unchecked)),
    rule("workflow/permissions-unset", On::Pipeline(access::permissions_unset)),
    rule("workflow/permissions-write-all", On::Pipeline(access::permissions_write_all)),
    rule("workflow/script-injection", On::Pipeline(untrusted::script_injection)),
    rule("workflow/secret-in-build-argument", On::Pipeline(secrets::secret_in_build_argument)),
    rule("workflow/secret-printed", On::Pipeline(secrets::secret_printed)),
    rule("workflow/tests-on-other-database", On::Pipeline(gates::tests_on_other_database)),
    rule("workflow/untrusted-checkout", On::Pipeline(untrusted::untrusted_checkout)),
];
