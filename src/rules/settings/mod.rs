//! Django settings as each environment would see them.

mod debug;
mod hosts;
mod https;
mod secret_key;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("settings/allowed-hosts-empty", On::Settings(hosts::allowed_hosts_empty)),
    rule("settings/allowed-hosts-wildcard", On::Settings(hosts::allowed_hosts_wildcard)),
    rule("settings/debug-enabled", On::Settings(debug::debug_enabled)),
    rule("settings/debug-fails-open", On::Settings(debug::debug_fails_open)),
    rule("settings/debug-from-text", On::Settings(debug::debug_from_text)),
    rule("settings/secret-key-fallback", On::Settings(secret_key::secret_key_fallback)),
    rule("settings/secret-key-literal", On::Settings(secret_key::secret_key_literal)),
    rule("settings/security-middleware-missing", On::Settings(https::security_middleware_missing)),
    rule("settings/ssl-redirect-off", On::Settings(https::ssl_redirect_off)),
    rule("settings/hsts-missing", On::Settings(https::hsts_missing)),
    rule("settings/hsts-without-subdomains", On::Settings(https::hsts_without_subdomains)),
    rule("settings/hsts-without-preload", On::Settings(https::hsts_without_preload)),
    rule("settings/session-cookie-insecure", On::Settings(https::session_cookie_insecure)),
    rule("settings/csrf-cookie-insecure", On::Settings(https::csrf_cookie_insecure)),
    rule("settings/proxy-ssl-header-malformed", On::Settings(https::proxy_ssl_header_malformed)),
    rule("settings/proxy-ssl-header-missing", On::Settings(https::proxy_ssl_header_missing)),
    rule("settings/proxy-ssl-header-spoofable", On::Settings(https::proxy_ssl_header_spoofable)),
    rule("settings/nosniff-off", On::Settings(https::nosniff_off)),
];
