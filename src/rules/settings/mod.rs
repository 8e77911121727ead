//! Django settings as each environment would see them.

mod api;
mod apps;
mod caches;
mod cookies;
mod cors;
mod csrf;
mod databases;
mod debug;
mod headers;
mod hosts;
mod https;
mod languages;
mod lists;
mod mail;
mod reports;
mod secret_key;
mod servers;
mod sign_in;
mod start;
mod static_files;
mod storages;
mod switches;
mod tasks;
mod tools;
mod uploads;
mod versions;

use super::{On, rule};
use crate::findings::{Finding, Findings};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::Reading;

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("settings/access-token-long-lived", On::Settings(api::access_token_long_lived)),
    rule("settings/address-without-slash", On::Settings(start::address_without_slash)),
    rule("settings/admin-requirement-missing", On::Settings(start::admin_requirement_missing)),
    rule("settings/admin-sidebar-unsure", On::Settings(apps::admin_sidebar_unsure)),
    rule("settings/allowed-host-without-effect", On::Settings(hosts::allowed_host_without_effect)),
    rule("settings/allowed-hosts-empty", On::Settings(hosts::allowed_hosts_empty)),
    rule("settings/allowed-hosts-only-local", On::Settings(hosts::allowed_hosts_only_local)),
    rule("settings/allowed-hosts-wildcard", On::Settings(hosts::allowed_hosts_wildcard)),
    rule("settings/api-open-by-default", On::Settings(api::api_open_by_default)),
    rule("settings/api-page-size-without-effect", On::Settings(api::api_page_size_without_effect)),
    rule("settings/api-unthrottled", On::Settings(api::api_unthrottled)),
    rule("settings/app-label-twice", On::Settings(apps::app_label_twice)),
    rule("settings/async-safety-off", On::Service(databases::async_safety_off)),
    rule("settings/autoescape-off", On::Settings(tools::autoescape_off)),
    rule("settings/browsable-api", On::Settings(api::browsable_api)),
    rule("settings/cache-in-public-folder", On::Settings(caches::cache_in_public_folder)),
    rule("settings/cache-path-relative", On::Settings(caches::cache_path_relative)),
    rule("settings/celery-reads-pickle", On::Settings(tasks::celery_reads_pickle)),
    rule("settings/celery-tasks-in-request", On::Settings(tasks::celery_tasks_in_request)),
    rule("settings/class-not-in-django", On::Settings(versions::class_not_in_django)),
    rule("settings/clickjacking-protection-missing", On::Settings(headers::clickjacking_protection_missing)),
    rule("settings/content-policy-excludes-all", On::Settings(apps::content_policy_excludes_all)),
    rule("settings/content-policy-not-read", On::Settings(apps::content_policy_not_read)),
    rule("settings/cookie-for-all-subdomains", On::Settings(cookies::cookie_for_all_subdomains)),
    rule("settings/cookie-refused-by-browsers", On::Settings(cookies::cookie_refused_by_browsers)),
    rule("settings/cors-allow-all", On::Settings(cors::cors_allow_all)),
    rule("settings/cors-allow-all-with-credentials", On::Settings(cors::cors_allow_all_with_credentials)),
    rule("settings/cors-list-of-wrong-type", On::Settings(lists::cors_list_of_wrong_type)),
    rule("settings/cors-middleware-late", On::Settings(cors::cors_middleware_late)),
    rule("settings/cors-middleware-missing", On::Settings(cors::cors_middleware_missing)),
    rule("settings/cors-origin-malformed", On::Settings(cors::cors_origin_malformed)),
    rule("settings/cors-switch-not-bool", On::Settings(cors::cors_switch_not_bool)),
    rule("settings/csrf-cookie-insecure", On::Settings(https::csrf_cookie_insecure)),
    rule("settings/csrf-failure-view-broken", On::Settings(csrf::csrf_failure_view_broken)),
    rule("settings/csrf-origin-without-effect", On::Settings(csrf::csrf_origin_without_effect)),
    rule("settings/csrf-protection-missing", On::Settings(csrf::csrf_protection_missing)),
    rule("settings/database-password-empty", On::Settings(databases::database_password_empty)),
    rule("settings/database-pool-conflict", On::Settings(databases::database_pool_conflict)),
    rule("settings/database-superuser", On::Settings(databases::database_superuser)),
    rule("settings/database-tls-off", On::Settings(databases::database_tls_off)),
    rule("settings/database-tls-unasked", On::Settings(databases::database_tls_unasked)),
    rule("settings/debug-enabled", On::Settings(debug::debug_enabled)),
    rule("settings/debug-fails-open", On::Settings(debug::debug_fails_open)),
    rule("settings/debug-from-text", On::Settings(debug::debug_from_text)),
    rule("settings/debug-tool-installed", On::Settings(tools::debug_tool_installed)),
    rule("settings/default-cache-missing", On::Settings(start::default_cache_missing)),
    rule("settings/dummy-cache", On::Settings(caches::dummy_cache)),
    rule("settings/errors-leave-no-trace", On::Settings(reports::errors_leave_no_trace)),
    rule("settings/frame-options-without-effect", On::Settings(headers::frame_options_without_effect)),
    rule("settings/frames-of-same-origin", On::Settings(headers::frames_of_same_origin)),
    rule("settings/hsts-missing", On::Settings(https::hsts_missing)),
    rule("settings/hsts-short", On::Settings(https::hsts_short)),
    rule("settings/hsts-without-preload", On::Settings(https::hsts_without_preload)),
    rule("settings/hsts-without-subdomains", On::Settings(https::hsts_without_subdomains)),
    rule("settings/key-type-left-open", On::Settings(apps::key_type_left_open)),
    rule("settings/language-unknown", On::Settings(languages::language_unknown)),
    rule("settings/list-of-fragments", On::Settings(lists::list_of_fragments)),
    rule("settings/list-setting-of-wrong-type", On::Settings(start::list_setting_of_wrong_type)),
    rule("settings/local-memory-cache", On::Settings(caches::local_memory_cache)),
    rule("settings/lockout-not-in-force", On::Settings(sign_in::lockout_not_in_force)),
    rule("settings/lockout-without-address", On::Settings(sign_in::lockout_without_address)),
    rule("settings/lockout-without-answer", On::Settings(sign_in::lockout_without_answer)),
    rule("settings/log-file-in-container", On::Settings(reports::log_file_in_container)),
    rule("settings/log-folder-missing", On::Settings(reports::log_folder_missing)),
    rule("settings/login-required-too-early", On::Settings(sign_in::login_required_too_early)),
    rule("settings/mail-from-localhost", On::Settings(mail::mail_from_localhost)),
    rule("settings/mail-not-sent", On::Settings(mail::mail_not_sent)),
    rule("settings/mail-tls-and-ssl", On::Settings(mail::mail_tls_and_ssl)),
    rule("settings/mysql-not-strict", On::Settings(databases::mysql_not_strict)),
    rule("settings/nosniff-off", On::Settings(https::nosniff_off)),
    rule("settings/password-validators-missing", On::Settings(sign_in::password_validators_missing)),
    rule("settings/persistent-connections-under-asgi", On::Settings(databases::persistent_connections_under_asgi)),
    rule("settings/pickled-sessions", On::Settings(caches::pickled_sessions)),
    rule("settings/proxy-ssl-header-malformed", On::Settings(https::proxy_ssl_header_malformed)),
    rule("settings/proxy-ssl-header-missing", On::Settings(https::proxy_ssl_header_missing)),
    rule("settings/proxy-ssl-header-spoofable", On::Settings(https::proxy_ssl_header_spoofable)),
    rule("settings/referrer-policy-missing", On::Settings(headers::referrer_policy_missing)),
    rule("settings/required-variable-missing", On::Settings(start::required_variable_missing)),
    rule("settings/secret-key-fallback", On::Settings(secret_key::secret_key_fallback)),
    rule("settings/secret-key-fallbacks-weak", On::Settings(secret_key::secret_key_fallbacks_weak)),
    rule("settings/secret-key-literal", On::Settings(secret_key::secret_key_literal)),
    rule("settings/secret-key-missing", On::Settings(secret_key::secret_key_missing)),
    rule("settings/secret-key-random", On::Settings(secret_key::secret_key_random)),
    rule("settings/secret-key-weak", On::Settings(secret_key::secret_key_weak)),
    rule("settings/security-header-invalid", On::Settings(headers::security_header_invalid)),
    rule("settings/security-middleware-missing", On::Settings(https::security_middleware_missing)),
    rule("settings/sentry-gets-personal-data", On::Settings(reports::sentry_gets_personal_data)),
    rule("settings/sentry-traces-everything", On::Settings(reports::sentry_traces_everything)),
    rule("settings/server-on-localhost", On::Settings(servers::server_on_localhost)),
    rule("settings/session-cookie-insecure", On::Settings(https::session_cookie_insecure)),
    rule("settings/session-cookie-readable", On::Settings(cookies::session_cookie_readable)),
    rule("settings/sessions-in-local-memory", On::Settings(caches::sessions_in_local_memory)),
    rule("settings/setting-left-over", On::Settings(versions::setting_left_over)),
    rule("settings/setting-not-read", On::Settings(versions::setting_not_read)),
    rule("settings/settings-that-fail", On::Settings(start::settings_that_fail)),
    rule("settings/signed-cookie-sessions", On::Settings(caches::signed_cookie_sessions)),
    rule("settings/sqlite-database", On::Settings(databases::sqlite_database)),
    rule("settings/ssl-redirect-off", On::Settings(https::ssl_redirect_off)),
    rule("settings/static-folder-malformed", On::Settings(static_files::static_folder_malformed)),
    rule("settings/static-folder-missing", On::Settings(static_files::static_folder_missing)),
    rule("settings/static-manifest-missing", On::Settings(static_files::static_manifest_missing)),
    rule("settings/static-root-among-sources", On::Settings(static_files::static_root_among_sources)),
    rule("settings/static-root-missing", On::Settings(static_files::static_root_missing)),
    rule("settings/storage-setting-ignored", On::Settings(storages::storage_setting_ignored)),
    rule("settings/storages-conflict", On::Settings(storages::storages_conflict)),
    rule("settings/storages-incomplete", On::Settings(storages::storages_incomplete)),
    rule("settings/switch-from-text", On::Settings(switches::switch_from_text)),
    rule("settings/switch-is-number", On::Settings(switches::switch_is_number)),
    rule("settings/template-engine-name-twice", On::Settings(apps::template_engine_name_twice)),
    rule("settings/template-library-hidden", On::Settings(apps::template_library_hidden)),
    rule("settings/template-marker-not-text", On::Settings(apps::template_marker_not_text)),
    rule("settings/token-key-literal", On::Settings(api::token_key_literal)),
    rule("settings/unknown-server-name", On::Settings(servers::unknown_server_name)),
    rule("settings/upload-folder-missing", On::Settings(uploads::upload_folder_missing)),
    rule("settings/upload-limits-off", On::Settings(uploads::upload_limits_off)),
    rule("settings/upload-permissions-decimal", On::Settings(uploads::upload_permissions_decimal)),
    rule("settings/uploads-among-static-files", On::Settings(uploads::uploads_among_static_files)),
    rule("settings/uploads-not-kept", On::Settings(uploads::uploads_not_kept)),
    rule("settings/weak-password-hasher", On::Settings(sign_in::weak_password_hasher)),
    rule("settings/whitenoise-late", On::Settings(static_files::whitenoise_late)),
];

/// A finding on a value of the settings, at the place that decides it, with the story of how it gets there.
fn tell<'f>(
    findings: &'f mut Findings<'_>,
    django: &DjangoProcess,
    about: &Reading,
    setting: &str,
    message: String,
) -> &'f mut Finding {
    let finding = findings.report(django.place(about), message);
    finding.trail(&about.value.trail).trail(&django.module.trail).anchor(format!("setting {setting}"))
}

/// The same for a setting as a whole.
fn tell_setting<'f>(
    findings: &'f mut Findings<'_>,
    django: &DjangoProcess,
    setting: &str,
    message: String,
) -> &'f mut Finding {
    tell(findings, django, &django.settings.read(&[setting]), setting, message)
}
