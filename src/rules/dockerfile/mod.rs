//! Dockerfiles: what a build brings into the image.

mod account;
mod base_image;
mod build;
mod caches;
mod end_of_life;
mod instructions;
mod packages;
mod secrets;
mod start;
mod transfer;
mod trust;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("dockerfile/add-remote-url", On::Stage(transfer::add_remote_url)),
    rule("dockerfile/apt-install-asks", On::Stage(packages::apt_install_asks)),
    rule("dockerfile/apt-lists-kept", On::Stage(caches::apt_lists_kept)),
    rule("dockerfile/base-image-end-of-life", On::Stage(end_of_life::base_past_its_end)),
    rule("dockerfile/command-overridden", On::Stage(start::command_overridden)),
    rule("dockerfile/copy-from-own-stage", On::Stage(transfer::copy_from_own_stage)),
    rule("dockerfile/copy-from-unknown-stage", On::Stage(transfer::copy_from_unknown_stage)),
    rule("dockerfile/copy-several-to-file", On::Stage(transfer::copy_several_to_file)),
    rule("dockerfile/dnf-install-asks", On::Stage(packages::dnf_install_asks)),
    rule("dockerfile/docker-socket-in-image", On::Stage(instructions::docker_socket_in_image)),
    rule("dockerfile/download-piped-to-shell", On::Stage(trust::download_piped_to_shell)),
    rule("dockerfile/download-tls-off", On::Stage(trust::download_tls_off)),
    rule("dockerfile/entrypoint-overridden", On::Stage(start::entrypoint_overridden)),
    rule("dockerfile/env-refers-to-itself", On::Stage(instructions::env_refers_to_itself)),
    rule("dockerfile/expose-out-of-range", On::Stage(instructions::expose_out_of_range)),
    rule("dockerfile/expose-ssh", On::Stage(instructions::expose_ssh)),
    rule("dockerfile/git-tls-off", On::Stage(trust::git_tls_off)),
    rule("dockerfile/healthcheck-overridden", On::Stage(start::healthcheck_overridden)),
    rule("dockerfile/http-download", On::Stage(trust::http_download)),
    rule("dockerfile/image-latest", On::Stage(base_image::image_latest)),
    rule("dockerfile/image-untagged", On::Stage(base_image::image_untagged)),
    rule("dockerfile/migrate-in-build", On::Command(build::migrate_in_build)),
    rule("dockerfile/node-tls-off", On::Stage(trust::node_tls_off)),
    rule("dockerfile/package-index-update-alone", On::Stage(packages::package_index_update_alone)),
    rule("dockerfile/package-signature-off", On::Stage(trust::package_signature_off)),
    rule("dockerfile/password-set-in-build", On::Stage(secrets::password_set_in_build)),
    rule("dockerfile/pip-cache-kept", On::Stage(caches::pip_cache_kept)),
    rule("dockerfile/pip-tls-off", On::Stage(trust::pip_tls_off)),
    rule("dockerfile/python-end-of-life", On::Stage(end_of_life::python_past_its_end)),
    rule("dockerfile/python-tls-off", On::Stage(trust::python_tls_off)),
    rule("dockerfile/root-user", On::Stage(account::root_user)),
    rule("dockerfile/secret-file-copied", On::Stage(secrets::secret_file_copied)),
    rule("dockerfile/secret-in-env", On::Stage(secrets::secret_in_env)),
    rule("dockerfile/shell-form-command", On::Stage(start::shell_form_command)),
    rule("dockerfile/stage-name-duplicate", On::Stage(transfer::stage_name_duplicate)),
    rule("dockerfile/stage-name-reserved", On::Stage(transfer::stage_name_reserved)),
    rule("dockerfile/sudo-in-build", On::Stage(instructions::sudo_in_build)),
    rule("dockerfile/user-missing", On::Stage(account::user_missing)),
    rule("dockerfile/workdir-relative", On::Stage(instructions::workdir_relative)),
    rule("dockerfile/workdir-system-folder", On::Stage(instructions::workdir_system_folder)),
    rule("dockerfile/world-writable", On::Stage(trust::files_world_writable)),
    rule("dockerfile/yum-install-asks", On::Stage(packages::yum_install_asks)),
    rule("dockerfile/yum-tls-off", On::Stage(trust::yum_tls_off)),
    rule("dockerfile/zypper-install-asks", On::Stage(packages::zypper_install_asks)),
];
