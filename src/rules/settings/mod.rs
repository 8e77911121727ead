//! Django settings as each environment would see them.

mod debug;
mod hosts;
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
];
