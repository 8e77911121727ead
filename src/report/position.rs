use super::Sources;
use crate::source::{LineColumn, Place, RepoPath, Source, Span};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// How columns are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Unicode characters: people, JSON, GitHub.
    Characters,
    /// UTF-16 code units: SARIF.
    Utf16,
}

impl Unit {
    fn count(self, text: &str) -> usize {
        match self {
            Unit::Characters => text.chars().count(),
            Unit::Utf16 => text.encode_utf16().count(),
        }
    }
}

/// A place as people and formats write it; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    /// Of the first character.
    pub start: LineColumn,
    /// After the last character.
    pub end: LineColumn,
}

impl Region {
    /// What is said of a file that cannot be read.
    const UNKNOWN: Region = Region { start: LineColumn { line: 1, column: 1 }, end: LineColumn { line: 1, column: 1 } };
}

/// Turns places into lines and columns, and keeps the sources at hand.
///
/// Columns are counted from the last place that was asked for on the same line, so that many findings in a file that
/// is one long line cost no more than its length, as long as they come in order.
pub(super) struct Locator<'a> {
    sources: &'a dyn Sources,
    unit: Unit,
    files: RefCell<HashMap<RepoPath, File>>,
}

/// A file that has been asked for.
struct File {
    source: Option<Arc<Source>>,
    /// Byte offset of a place whose column is known, and its position.
    last: (usize, LineColumn),
}

impl<'a> Locator<'a> {
    /// A locator that counts columns in `unit`.
    pub fn new(sources: &'a dyn Sources, unit: Unit) -> Self {
        Self { sources, unit, files: RefCell::default() }
    }

    /// The source of `path`, where it can be read.
    pub fn source(&self, path: &RepoPath) -> Option<Arc<Source>> {
        self.with(path, |file| file.source.clone())
    }

    /// Lines and columns of `place`; line 1, column 1 in a file that cannot be read.
    pub fn region(&self, place: &Place) -> Region {
        self.with(&place.path, |file| {
            let Some(source) = file.source.clone() else { return Region::UNKNOWN };
            let span = fit(&source.text, place.span);
            let start = self.position(&source, span.start, file.last);
            file.last = (span.start, start);
            Region { start, end: self.position(&source, span.end, file.last) }
        })
    }

    /// As [`Locator::region`], but an empty place that stands for a whole file is its first line.
    pub fn visible_region(&self, place: &Place) -> Region {
        let Some(source) = self.source(&place.path).filter(|_| place.span == Span::at(0)) else {
            return self.region(place);
        };
        let line = line_content(&source, 1);
        self.region(&Place::new(place.path.clone(), line.into()))
    }

    fn position(&self, source: &Source, offset: usize, (known, at): (usize, LineColumn)) -> LineColumn {
        let line = source.lines().line(offset);
        if line == at.line && known <= offset && known > 0 {
            return LineColumn { line, column: at.column + self.unit.count(&source.text[known..offset]) };
        }
        match self.unit {
            Unit::Characters => source.lines().position(&source.text, offset),
            Unit::Utf16 => source.lines().position_utf16(&source.text, offset),
        }
    }

    fn with<T>(&self, path: &RepoPath, act: impl FnOnce(&mut File) -> T) -> T {
        let mut files = self.files.borrow_mut();
        if !files.contains_key(path) {
            let file = File { source: self.sources.source(path), last: (0, LineColumn { line: 1, column: 1 }) };
            files.insert(path.clone(), file);
        }
        act(files.get_mut(path).expect("just inserted"))
    }
}

/// The byte range of `span` in `text`, brought within it and to character boundaries.
pub(super) fn fit(text: &str, span: Span) -> Range<usize> {
    let start = text.floor_char_boundary(span.start as usize);
    start..text.floor_char_boundary(span.end as usize).max(start)
}

/// The byte range of a 1-based line without its line break, and without the byte order mark.
pub(super) fn line_content(source: &Source, line: usize) -> Range<usize> {
    let Range { start, end } = source.lines().line_span(line).range();
    let text = &source.text[start..end];
    let content = text.trim_start_matches('\u{feff}');
    let start = end - content.len();
    let content = content.strip_suffix('\n').unwrap_or(content);
    let content = content.strip_suffix('\r').unwrap_or(content);
    start..start + content.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One(Arc<Source>);

    impl Sources for One {
        fn source(&self, path: &RepoPath) -> Option<Arc<Source>> {
            (*path == self.0.path).then(|| self.0.clone())
        }
    }

    fn file(text: &str) -> (One, RepoPath) {
        let path = RepoPath::new("file").unwrap();
        (One(Arc::new(Source::new(path.clone(), text))), path)
    }

    #[test]
    fn counting_on_from_the_last_place_gives_what_counting_afresh_gives() {
        let text = "\u{feff}é🎉x\r\nb🎉🎉c\rd\n\n🎉";
        for unit in [Unit::Characters, Unit::Utf16] {
            let (one, path) = file(text);
            let warm = Locator::new(&one, unit);
            for start in 0..text.len() + 3 {
                for end in start..text.len() + 3 {
                    let place = Place::new(path.clone(), Span::new(start, end));
                    assert_eq!(warm.region(&place), Locator::new(&one, unit).region(&place), "{start}..{end}");
                }
            }
        }
    }

    #[test]
    fn a_place_beyond_the_text_is_its_end() {
        let (one, path) = file("ab\nc");
        let region = Locator::new(&one, Unit::Characters).region(&Place::new(path, Span::new(3, 900)));
        assert_eq!((region.start.line, region.start.column, region.end.column), (2, 1, 2));
    }

    #[test]
    fn a_file_as_a_whole_is_its_first_line() {
        let (one, path) = file("\u{feff}KEY=🎉\r\nx");
        let region = Locator::new(&one, Unit::Utf16).visible_region(&Place::start_of(path));
        assert_eq!((region.start.column, region.end), (1, LineColumn { line: 1, column: 7 }));
    }

    #[test]
    fn what_cannot_be_read_is_at_its_start() {
        let (one, _) = file("");
        let place = Place::new(RepoPath::new("other").unwrap(), Span::new(4, 9));
        assert_eq!(Locator::new(&one, Unit::Characters).region(&place), Region::UNKNOWN);
    }
}
