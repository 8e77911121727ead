//! Pages for unit tests.

use super::{FixKind, Page, SeverityTable};
use crate::findings::Severity;

/// A page with nothing on it but its id: an error everywhere, on by default.
pub(crate) fn page(id: &'static str) -> Page {
    Page {
        id,
        aliases: &[],
        summary: "Something is found.",
        markdown: "",
        explanation: "",
        severity: SeverityTable::Everywhere(Severity::Error),
        default: true,
        absence: false,
        controls: &[],
        cwe: &[],
        equivalents: &[],
        fix: FixKind::None,
        references: &[],
        cases: &[],
    }
}
