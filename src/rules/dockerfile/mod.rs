//! Dockerfiles: what a build brings into the image.

mod account;
mod base_image;
mod build;
mod caches;
mod end_of_life;
mod packages;
mod secrets;
mod start;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("dockerfile/apt-install-asks", On::Stage(packages::apt_install_asks)),
    rule("dockerfile/apt-lists-kept", On::Stage(caches::apt_lists_kept)),
    rule("dockerfile/base-image-end-of-life", On::Stage(end_of_life::base_past_its_end)),
    rule("dockerfile/command-overridden", On::Stage(start::command_overridden)),
    rule("dockerfile/entrypoint-overridden", On::Stage(start::entrypoint_overridden)),
    rule("dockerfile/healthcheck-overridden", On::Stage(start::healthcheck_overridden)),
    rule("dockerfile/image-latest", On::Stage(base_image::image_latest)),
    rule("dockerfile/image-untagged", On::Stage(base_image::image_untagged)),
    rule("dockerfile/migrate-in-build", On::Command(build::migrate_in_build)),
    rule("dockerfile/package-index-update-alone", On::Stage(packages::package_index_update_alone)),
    rule("dockerfile/password-set-in-build", On::Stage(secrets::password_set_in_build)),
    rule("dockerfile/pip-cache-kept", On::Stage(caches::pip_cache_kept)),
    rule("dockerfile/python-end-of-life", On::Stage(end_of_life::python_past_its_end)),
    rule("dockerfile/root-user", On::Stage(account::root_user)),
    rule("dockerfile/secret-file-copied", On::Stage(secrets::secret_file_copied)),
    rule("dockerfile/secret-in-env", On::Stage(secrets::secret_in_env)),
    rule("dockerfile/shell-form-command", On::Stage(start::shell_form_command)),
    rule("dockerfile/user-missing", On::Stage(account::user_missing)),
];
