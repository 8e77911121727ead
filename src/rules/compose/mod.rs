//! Compose files, judged as the stack of each environment.

mod data;
mod development;
mod habits;
mod health;
mod images;
mod limits;
mod mounts;
mod passwords;
mod ports;
mod privileges;
mod references;
mod restarts;
mod start_order;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("compose/admin-tool-published", On::Service(ports::admin_tool_published)),
    rule("compose/auto-reload", On::Service(development::auto_reload)),
    rule("compose/build-and-image", On::Service(habits::build_and_image)),
    rule("compose/capabilities-kept", On::Service(limits::capabilities_kept)),
    rule("compose/cgroup-parent", On::Service(habits::cgroup_parent)),
    rule("compose/code-bind-mount", On::Service(mounts::code_bind_mount)),
    rule("compose/container-name-duplicate", On::Deployment(references::container_name_duplicate)),
    rule("compose/container-name-invalid", On::Service(references::container_name_invalid)),
    rule("compose/cpu-limit-missing", On::Service(limits::cpu_limit_missing)),
    rule("compose/dangerous-capability", On::Service(privileges::dangerous_capability)),
    rule("compose/database-end-of-life", On::Service(data::database_past_its_end)),
    rule("compose/database-healthcheck-missing", On::Service(health::database_healthcheck_missing)),
    rule("compose/database-image-unpinned", On::Service(images::database_image_unpinned)),
    rule("compose/database-password-fallback", On::Service(passwords::database_password_fallback)),
    rule("compose/database-password-literal", On::Service(passwords::database_password_literal)),
    rule("compose/database-published", On::Service(ports::database_published)),
    rule("compose/database-volume-misplaced", On::Service(data::database_volume_misplaced)),
    rule("compose/database-without-password", On::Service(passwords::database_without_password)),
    rule("compose/database-without-volume", On::Service(data::database_without_volume)),
    rule("compose/debugger-in-production", On::Service(development::debugger_in_production)),
    rule("compose/dependency-without-health", On::Service(start_order::dependency_without_health)),
    rule("compose/docker-socket-mounted", On::Service(privileges::docker_socket_mounted)),
    rule("compose/health-awaited-without-check", On::Service(health::health_awaited_without_check)),
    rule("compose/healthcheck-missing", On::Service(limits::healthcheck_missing)),
    rule("compose/healthcheck-never-fails", On::Service(health::healthcheck_never_fails)),
    rule("compose/healthcheck-tool-missing", On::Service(health::healthcheck_tool_missing)),
    rule("compose/host-ipc", On::Service(privileges::host_ipc)),
    rule("compose/host-network", On::Service(privileges::host_network)),
    rule("compose/host-path-mounted", On::Service(privileges::host_path_mounted)),
    rule("compose/host-pid", On::Service(privileges::host_pid)),
    rule("compose/host-port-duplicate", On::Deployment(references::host_port_duplicate)),
    rule("compose/host-user-namespace", On::Service(privileges::host_user_namespace)),
    rule("compose/image-latest", On::Service(images::image_latest)),
    rule("compose/image-moving-tag", On::Service(images::image_moving_tag)),
    rule("compose/image-untagged", On::Service(images::image_untagged)),
    rule("compose/links", On::Service(habits::links)),
    rule("compose/log-limit-missing", On::Service(limits::log_limit_missing)),
    rule("compose/memory-limit-missing", On::Service(limits::memory_limit_missing)),
    rule("compose/mount-propagation", On::Service(habits::mount_propagation)),
    rule("compose/new-privileges-allowed", On::Service(limits::new_privileges_allowed)),
    rule("compose/obsolete-version", On::Deployment(habits::obsolete_version)),
    rule("compose/pids-limit-missing", On::Service(limits::pids_limit_missing)),
    rule("compose/port-on-all-interfaces", On::Service(habits::port_on_all_interfaces)),
    rule("compose/port-unquoted", On::Service(habits::port_unquoted)),
    rule("compose/privileged-port", On::Service(habits::privileged_port)),
    rule("compose/privileged-service", On::Service(privileges::privileged_service)),
    rule("compose/project-name-missing", On::Deployment(habits::project_name_missing)),
    rule("compose/replicas-of-fixed-name", On::Service(references::replicas_of_fixed_name)),
    rule("compose/restart-limit", On::Service(restarts::restart_limit)),
    rule("compose/restart-policy-missing", On::Deployment(restarts::restart_policy_missing)),
    rule("compose/root-filesystem-writable", On::Service(limits::root_filesystem_writable)),
    rule("compose/seccomp-off", On::Service(privileges::seccomp_off)),
    rule("compose/security-options-missing", On::Service(limits::security_options_missing)),
    rule("compose/selinux-off", On::Service(privileges::selinux_off)),
    rule("compose/shared-volume", On::Deployment(habits::shared_volume)),
    rule("compose/stale-twin", On::Repository(references::stale_twin)),
    rule("compose/undeclared-reference", On::Deployment(references::undeclared_reference)),
];
