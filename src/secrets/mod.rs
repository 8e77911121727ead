//! Finds secrets in text: tokens by the formats that the pages of the family `secret` give, private keys, and values that
//! stand beside a name or in an address. One pass of an automaton over a file finds the words that make a closer look
//! worth it; everything else looks at the line around such a word only, so that the whole is linear.
//!
//! What is found here is a secret by its looks. Whether that is worth a report, by the role of the file and by what other
//! rules say, is decided in `src/project/secrecy/leaks.rs`.

mod address;
mod assignment;
pub mod certificate;
mod checksum;
pub mod judge;
mod language;
mod private_key;
mod scan;
mod tokens;
mod words;
pub mod written;

pub use checksum::Assurance;
pub use language::Language;
pub use private_key::PrivateKey;
pub use scan::{Found, Kind, scan};
pub use tokens::{is_documented, redact, token_in};

#[cfg(test)]
mod tests;
