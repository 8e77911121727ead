//! Files that could not be read or understood. Suppressions that went wrong are reported by the filter itself.

mod broken;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("file/broken-syntax", On::File(broken::broken_syntax)),
    rule("file/unreadable", On::File(broken::unreadable)),
    rule("file/wrong-encoding", On::File(broken::wrong_encoding)),
];
