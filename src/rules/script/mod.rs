//! Scripts: what runs at start and at deploy.

mod deploy;
mod destructive;
mod line;
mod removal;
mod start;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("script/code-changed-in-container", On::Command(deploy::code_changed_in_container)),
    rule("script/collectstatic-asks", On::Service(start::collectstatic_asks)),
    rule("script/database-wiped-at-start", On::Service(destructive::database_wiped_at_start)),
    rule("script/database-wiped-on-deploy", On::Script(destructive::database_wiped_on_deploy)),
    rule("script/deploy-goes-on-after-failure", On::Script(deploy::deploy_goes_on_after_failure)),
    rule("script/down-before-up", On::Script(deploy::down_before_up)),
    rule("script/failed-step-ignored", On::Service(start::failed_step_ignored)),
    rule("script/fixtures-loaded-at-start", On::Service(start::fixtures_loaded_at_start)),
    rule("script/makemigrations-at-start", On::Service(start::makemigrations_at_start)),
    rule("script/makemigrations-on-deploy", On::Command(deploy::makemigrations_on_deploy)),
    rule("script/migrated-after-start", On::Script(deploy::migrated_after_start)),
    rule("script/migrated-twice", On::Script(deploy::migrated_twice)),
    rule("script/migration-without-backup", On::Script(deploy::migration_without_backup)),
    rule("script/option-run-as-command", On::Command(line::option_run_as_command)),
    rule("script/program-left-in-container", On::Script(deploy::program_left_in_container)),
    rule("script/rm-after-unchecked-cd", On::Script(removal::rm_after_unchecked_cd)),
    rule("script/rm-of-unset-variable", On::Script(removal::rm_of_unset_variable)),
    rule("script/server-without-exec", On::Service(start::server_without_exec)),
    rule("script/step-after-server", On::Service(start::step_after_server)),
    rule("script/superuser-with-known-password", On::Service(start::superuser_with_known_password)),
    rule("script/untracked-files-removed", On::Command(destructive::untracked_files_removed)),
    rule("script/volumes-removed", On::Command(destructive::volumes_removed)),
    rule("script/wait-without-limit", On::Service(start::wait_without_limit)),
    rule("script/windows-line-endings", On::Service(start::windows_line_endings)),
];
