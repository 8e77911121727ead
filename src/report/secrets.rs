use super::{Report, Sources};
use crate::source::{RepoPath, Span};
use std::collections::HashMap;
use std::rc::Rc;
use std::{cell::RefCell, ops::Range};

/// The spans that are masked where a report quotes source text.
pub(super) struct Secrets<'a> {
    sources: &'a dyn Sources,
    /// By file: sorted, disjoint.
    known: RefCell<HashMap<RepoPath, Rc<[Span]>>>,
}

impl<'a> Secrets<'a> {
    /// The secrets of a report.
    pub fn new(report: &Report<'a>) -> Self {
        let mut found: HashMap<RepoPath, Vec<Span>> = HashMap::new();
        for finding in report.findings.iter().filter(|finding| finding.rule.starts_with("secret/")) {
            found.entry(finding.place.path.clone()).or_default().push(finding.place.span);
        }
        let known = found.into_iter().map(|(path, spans)| {
            let all = merged(spans.into_iter().chain(report.sources.secrets(&path)).collect());
            (path, all)
        });
        Self { sources: report.sources, known: RefCell::new(known.collect()) }
    }

    /// `text`, the part of `path` at the byte `range`, with a `*` for each character of a secret.
    pub fn mask(&self, path: &RepoPath, range: Range<usize>, text: &str) -> String {
        let secrets = self.of(path);
        let mut next = secrets.partition_point(|span| span.end as usize <= range.start);
        if secrets.get(next).is_none_or(|span| span.start as usize >= range.end) {
            return text.into();
        }
        let mut masked = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            while secrets.get(next).is_some_and(|span| span.end as usize <= range.start + at) {
                next += 1;
            }
            let secret = secrets.get(next).is_some_and(|span| span.contains(range.start + at));
            // Line breaks stay, so that what is quoted keeps its shape.
            masked.push(if secret && !matches!(c, '\n' | '\r') { '*' } else { c });
        }
        masked
    }

    fn of(&self, path: &RepoPath) -> Rc<[Span]> {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        let spans = merged(self.sources.secrets(path));
        self.known.borrow_mut().insert(path.clone(), spans.clone());
        spans
    }
}

/// The spans sorted, with those that touch made one.
fn merged(mut spans: Vec<Span>) -> Rc<[Span]> {
    spans.sort_unstable();
    let mut disjoint: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.into_iter().filter(|span| !span.is_empty()) {
        match disjoint.last_mut() {
            Some(last) if span.start <= last.end => *last = last.to(span),
            _ => disjoint.push(span),
        }
    }
    disjoint.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_touch_are_one() {
        let spans = [(5, 9), (0, 3), (2, 4), (9, 9), (12, 13)].map(|(start, end)| Span::new(start, end));
        assert_eq!(&*merged(spans.to_vec()), [Span::new(0, 4), Span::new(5, 9), Span::new(12, 13)]);
    }
}
