//! Values that YAML takes for numbers before Compose makes texts of them again.

use super::{Interpolated, Service, Stack};
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;

/// A value that is another one by the time a container or a build gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The variable.
    pub name: String,
    /// The value as written.
    pub written: String,
    /// Where.
    pub place: Place,
}

/// Parts of names whose values are names though they look like numbers.
const NAMES: [&str; 14] = [
    "VERSION", "TAG", "RELEASE", "COMMIT", "SHA", "REVISION", "HASH", "PASSWORD", "SECRET", "TOKEN", "KEY", "PYTHON",
    "NODE", "POSTGRES",
];

impl Stack {
    /// The variables and build arguments of a service whose values do not survive: a version that ends in zero (`3.10`
    /// becomes `3.1`), zeros at the beginning, hashes that look like powers of ten.
    pub fn misread(&self, service: &Service, snapshot: &Snapshot) -> Vec<Misread> {
        let args = service.build.iter().flat_map(|build| &build.value.args);
        let variables = service.environment.iter().chain(args);
        let pairs = variables.map(|placed| (placed.value.name.as_str(), &placed.value.value, &placed.place.path));
        pairs.filter_map(|(name, value, path)| misread(name, value, path, snapshot)).collect()
    }
}

fn misread(name: &str, value: &Interpolated, path: &RepoPath, snapshot: &Snapshot) -> Option<Misread> {
    let span = value.text.span();
    let source = snapshot.source(path).ok()?;
    let written = source.slice(span);
    let upper = name.to_ascii_uppercase();
    let is_name = NAMES.iter().any(|part| upper.split(['_', '-', '.']).any(|word| word == *part));
    // The text of an item of a list stands as it is written.
    if written == value.text.text() || !value.variables.is_empty() || !changes(written, is_name) {
        return None;
    }
    Some(Misread { name: name.to_owned(), written: written.to_owned(), place: Place::new(path.clone(), span) })
}

/// Whether a plain scalar loses something that counts when it is read as a number.
fn changes(plain: &str, is_name: bool) -> bool {
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    let number = !digits.is_empty()
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_'));
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|it| it.is_ascii_digit());
    let trailing_zero = digits.contains('.') && digits.ends_with('0');
    let exponent = digits.contains(['e', 'E']);
    number && (leading_zero || (is_name && (trailing_zero || exponent)))
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn what_counts_is_told_from_what_does_not() {
        assert!(changes("3.10", true) && changes("0022", false) && changes("12e45", true));
        assert!(!changes("1.0", false) && !changes("8000", true) && !changes("3.12", true) && !changes("true", true));
        assert!(!changes("0", false) && !changes("3.12.10-slim", false));
    }
}
