//! The few lines around each place of a finding. They are handed to miette as one text in which each excerpt has a
//! range of its own: so one diagnostic can show several files, in the order of the story.

use crate::findings::Finding;
use crate::report::position::{Locator, fit, line_content};
use crate::report::secrets::Secrets;
use crate::report::{path, sanitize};
use crate::source::{Place, RepoPath, Source, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;
use std::sync::Arc;
use unicode_width::UnicodeWidthChar;

/// Lines shown above and below a place.
const CONTEXT: usize = 1;
/// Related places shown for one finding; a longer story is cut.
const MOST: usize = 10;
/// Columns of a tab.
const TAB: usize = 4;
/// Offsets between two excerpts that belong to neither, so that each offset tells its excerpt.
const GAP: usize = 8;

/// The excerpts of one finding.
#[derive(Debug, Default)]
pub struct Excerpts {
    all: Vec<Excerpt>,
}

/// A few lines of one file, ready to be drawn.
#[derive(Debug)]
struct Excerpt {
    /// What stands in the frame: `path:line:column`.
    name: String,
    /// 1-based number of the first line.
    first_line: usize,
    /// The lines, each with `\n`; empty where there is nothing to show but the name.
    text: String,
    /// Where the text begins among all excerpts.
    start: usize,
    /// Byte ranges in `text`, each with a word on it.
    labels: Vec<(Range<usize>, Option<String>)>,
}

impl Excerpts {
    /// What to underline, in offsets over all excerpts.
    pub fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.all.iter().flat_map(|excerpt| {
            excerpt.labels.iter().map(|(range, word)| {
                LabeledSpan::new(word.clone(), excerpt.start + range.start, range.end - range.start)
            })
        })
    }
}

impl SourceCode for Excerpts {
    /// The excerpt that holds `span`, whole: its context is part of it.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let excerpt = self
            .all
            .iter()
            .find(|excerpt| excerpt.start <= start && end <= excerpt.start + excerpt.text.len())
            .ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            excerpt.name.clone(),
            excerpt.text.as_bytes(),
            (excerpt.start, excerpt.text.len()).into(),
            excerpt.first_line - 1,
            0,
            excerpt.text.matches('\n').count(),
        )))
    }
}

/// Makes excerpts.
pub struct Excerptor<'a> {
    pub locator: &'a Locator<'a>,
    pub secrets: &'a Secrets<'a>,
    /// The columns that a line of source may take.
    pub width: usize,
    /// Whether a cut may be shown as `…`.
    pub unicode: bool,
}

/// Places of one file that are shown together.
struct Group {
    source: Arc<Source>,
    /// 1-based lines that hold a place: the first and the last.
    lines: (usize, usize),
    /// Whether the line is too long to be shown whole: then it stands alone.
    long: bool,
    marks: Vec<Mark>,
}

/// A part of a line, and a word on it.
struct Mark {
    range: Range<usize>,
    line: usize,
    word: Option<String>,
}

/// A step of the story.
enum Step {
    Lines(Group),
    /// A file as a whole, or one that cannot be read.
    Name(String),
}

impl Excerptor<'_> {
    /// The primary place of a finding and its related ones, in the order of the story; near ones in one excerpt.
    pub fn excerpts(&self, finding: &Finding) -> Excerpts {
        let mut steps: Vec<Step> = Vec::new();
        let primary = (&finding.place, None);
        let related = finding.related.iter().take(MOST).map(|label| (&label.place, Some(&*label.message)));
        for (place, word) in std::iter::once(primary).chain(related) {
            self.add(&mut steps, place, word.map(|word| sanitize::line(word).into_owned()));
        }
        if finding.related.len() > MOST {
            steps.push(Step::Name(format!("and {} more", finding.related.len() - MOST)));
        }
        let mut excerpts = Excerpts::default();
        let mut start = 0;
        for step in &steps {
            let excerpt = self.draw(step, start);
            start += excerpt.text.len() + GAP;
            excerpts.all.push(excerpt);
        }
        excerpts
    }

    fn add(&self, steps: &mut Vec<Step>, place: &Place, word: Option<String>) {
        let source = self.locator.source(&place.path).filter(|_| place.span != Span::at(0));
        let Some(source) = source else {
            let name = path(&place.path);
            steps.push(Step::Name(word.map_or(name.clone(), |word| format!("{name}: {word}"))));
            return;
        };
        let span = fit(&source.text, place.span);
        let line = source.lines().line(span.start);
        let content = line_content(&source, line);
        // What goes on below is shown by its first line.
        let start = span.start.clamp(content.start, content.end);
        let mark = Mark { range: start..span.end.clamp(start, content.end), line, word };
        let long = !fits(&source.text[content], self.width);
        for step in steps.iter_mut() {
            if let Step::Lines(group) = step
                && group.take(&place.path, &mark, long)
            {
                group.put(mark);
                return;
            }
        }
        steps.push(Step::Lines(Group { source, lines: (line, line), long, marks: vec![mark] }));
    }

    fn draw(&self, step: &Step, start: usize) -> Excerpt {
        let group = match step {
            Step::Lines(group) => group,
            Step::Name(name) => {
                let labels = vec![(0..0, None)];
                return Excerpt { name: name.clone(), first_line: 1, text: String::new(), start, labels };
            }
        };
        let source = &group.source;
        let file = &source.path;
        let first = &group.marks[0];
        let place = Place::new(file.clone(), first.range.clone().into());
        let at = self.locator.region(&place).start;
        let name = format!("{}:{}:{}", path(file), at.line, at.column);
        let (mut top, mut bottom) = group.lines;
        if !group.long {
            let blank = |line: &usize| source.text[line_content(source, *line)].trim().is_empty();
            top = (top.saturating_sub(CONTEXT).max(1)..top).find(|line| !blank(line)).unwrap_or(top);
            let last = (bottom + CONTEXT).min(source.lines().count());
            bottom = (bottom + 1..=last).rev().find(|line| !blank(line)).unwrap_or(bottom);
        }
        let (mut text, mut labels) = (String::new(), Vec::new());
        for line in top..=bottom {
            let content = line_content(source, line);
            let marks = || group.marks.iter().filter(|mark| mark.line == line);
            let focus = marks().next().map_or(content.start..content.start, |mark| mark.range.clone());
            let shown = cut(&source.text, content.clone(), focus, self.width);
            let ellipsis = if self.unicode { "…" } else { "..." };
            if content.start < shown.start {
                text.push_str(ellipsis);
            }
            let base = text.len();
            let offset = |to: usize| {
                let to = to.clamp(shown.start, shown.end);
                base + self.quote(file, shown.start..to, &source.text).len()
            };
            labels.extend(marks().map(|mark| (offset(mark.range.start)..offset(mark.range.end), mark.word.clone())));
            text.push_str(&self.quote(file, shown.clone(), &source.text));
            if shown.end < content.end {
                text.push_str(ellipsis);
            }
            text.push('\n');
        }
        Excerpt { name, first_line: top, text, start, labels }
    }

    /// A part of a line as it may be shown.
    fn quote(&self, file: &RepoPath, range: Range<usize>, text: &str) -> String {
        let masked = self.secrets.mask(file, range.clone(), &text[range]);
        sanitize::source(&masked).into_owned()
    }
}

impl Group {
    /// Whether `mark` belongs into this group: the same file, lines that touch, and nothing that it covers.
    fn take(&self, path: &RepoPath, mark: &Mark, long: bool) -> bool {
        let same = self.marks.iter().any(|known| known.range == mark.range && known.word.is_none());
        let near = self.lines.0.saturating_sub(2 * CONTEXT + 1)..=self.lines.1 + 2 * CONTEXT + 1;
        let apart = |known: &Mark| known.range.end <= mark.range.start || mark.range.end <= known.range.start;
        self.source.path == *path
            && (same || !long && !self.long && near.contains(&mark.line) && self.marks.iter().all(apart))
    }

    fn put(&mut self, mark: Mark) {
        // A word on the primary place itself.
        if let Some(known) = self.marks.iter_mut().find(|known| known.range == mark.range && known.word.is_none()) {
            known.word = mark.word;
            return;
        }
        self.lines = (self.lines.0.min(mark.line), self.lines.1.max(mark.line));
        self.marks.push(mark);
    }
}

/// The columns that a character of source takes when drawn; of a tab, the most. Never none: a line of combining
/// marks has an end too.
fn columns(c: char) -> usize {
    if c == '\t' { TAB } else { sanitize::visible(c).width().unwrap_or(0).max(1) }
}

/// Whether `line` takes at most `width` columns. Looks no further than it must.
fn fits(line: &str, width: usize) -> bool {
    let mut taken = 0;
    line.chars().all(|c| {
        taken += columns(c);
        taken <= width
    })
}

/// The part of the line `content` that is shown: all of it, or about `width` columns with `focus` in sight.
fn cut(text: &str, content: Range<usize>, focus: Range<usize>, width: usize) -> Range<usize> {
    if fits(&text[content.clone()], width) {
        return content;
    }
    let walk = |chars: &mut dyn Iterator<Item = char>, room: usize| {
        let (mut taken, mut bytes) = (0, 0);
        for c in chars {
            if taken + columns(c) > room {
                break;
            }
            taken += columns(c);
            bytes += c.len_utf8();
        }
        (taken, bytes)
    };
    // A third before the place, what is left after its start.
    let (before, bytes) = walk(&mut text[content.start..focus.start].chars().rev(), width / 3);
    let start = focus.start - bytes;
    let (_, bytes) = walk(&mut text[focus.start..content.end].chars(), width - before);
    start..focus.start + bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_shown_whole() {
        assert_eq!(cut("ab日本", 0..8, 2..5, 6), 0..8);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place_on_character_boundaries() {
        let text = "日".repeat(1000);
        let shown = cut(&text, 0..3000, 1500..1503, 30);
        assert_eq!(shown, 1485..1530);
        assert!(text.is_char_boundary(shown.start) && text.is_char_boundary(shown.end));
    }

    #[test]
    fn the_ends_of_a_long_line_are_in_sight() {
        let text = "x".repeat(100);
        assert_eq!(cut(&text, 0..100, 0..1, 30), 0..30);
        assert_eq!(cut(&text, 0..100, 100..100, 30), 90..100);
    }
}
