//! What only several files together show.

mod committed;
mod context;
mod dependencies;
mod entrypoint;
mod migrating;
mod migrations;
mod parity;
mod private_files;
mod registry;
mod server;
mod stores;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("project/command-settings-differ", On::Service(parity::command_settings_differ)),
    rule("project/copied-file-ignored", On::Repository(private_files::copied_file_ignored)),
    rule("project/database-committed", On::Repository(committed::database_committed)),
    rule("project/dependency-unpinned", On::Repository(dependencies::dependency_unpinned)),
    rule("project/development-server", On::Service(server::development_server)),
    rule("project/development-settings", On::Settings(parity::development_settings)),
    rule("project/django-end-of-life", On::Repository(dependencies::django_end_of_life)),
    rule("project/django-unpinned", On::Repository(dependencies::django_unpinned)),
    rule("project/dockerignore-missing", On::Repository(context::dockerignore_missing)),
    rule("project/entrypoint-hidden-by-mount", On::Service(entrypoint::entrypoint_hidden_by_mount)),
    rule("project/entrypoint-without-command", On::Service(entrypoint::entrypoint_without_command)),
    rule("project/image-version-differs", On::Deployment(parity::image_version_differs)),
    rule("project/managed-database-open", On::Repository(stores::managed_database_open)),
    rule("project/migrated-several-times", On::Deployment(migrating::migrated_several_times)),
    rule("project/migrations-ignored", On::Repository(migrations::migrations_ignored)),
    rule("project/migrations-missing", On::Repository(migrations::migrations_missing)),
    rule("project/never-migrated", On::Deployment(migrating::never_migrated)),
    rule("project/private-file-in-image", On::Repository(private_files::private_file_in_image)),
    rule("project/program-missing-in-image", On::Service(entrypoint::program_missing_in_image)),
    rule("project/registry-not-allowed", On::Repository(registry::registry_not_allowed)),
    rule("project/script-not-executable", On::Service(entrypoint::script_not_executable)),
    rule("project/server-reloads-on-stop", On::Service(server::server_reloads_on_stop)),
    rule("project/settings-module-differs", On::Deployment(parity::settings_module_differs)),
    rule("project/worker-works-elsewhere", On::Deployment(parity::worker_works_elsewhere)),
];
