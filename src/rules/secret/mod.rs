//! Secrets that are written into files. A rule for a kind of token is a page and nothing else: whatever page has a table
//! `[token]` is a rule here.

mod written;

use super::catalogue::TOKENS;
use super::{On, rule};

/// The rules of the family that are about no format.
pub const RULES: &[(&str, On)] = &[
    rule("secret/literal-secret", On::Leak(written::literal_secret)),
    rule("secret/password-in-address", On::Leak(written::password_in_address)),
    rule("secret/private-key", On::Leak(written::private_key)),
];

/// The rules that pages make by the format of a token.
pub fn tokens() -> impl Iterator<Item = (&'static str, On)> {
    TOKENS.iter().map(|token| rule(token.rule, On::Leak(written::token)))
}
