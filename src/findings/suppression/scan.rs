use super::{Reach, Scanned, Suppression};
use crate::config::suggest::closest;
use crate::source::{Problem, Source, Span, Spanned};
use memchr::memmem;

/// More words in comments than this are not looked at in one file: nobody writes them, and they would cost time.
const MOST_WORDS: usize = 1000;

/// What comments of other tools begin with where ours says `ignore`. Close enough in meaning to be told so.
const OTHER_VERBS: [&str; 12] = [
    "allow",
    "disable",
    "disable-file",
    "disable-line",
    "disable-next-line",
    "file-ignore",
    "ignore-block",
    "ignore-line",
    "ignore-next-line",
    "noqa",
    "skip",
    "suppress",
];

/// Finds the comments of one file, in any language's comment syntax.
pub fn scan(source: &Source) -> Scanned {
    let mut scanned = Scanned::default();
    let mut words = 0;
    // Without the first letter, so that one search finds both `shipworthy` and `Shipworthy`.
    for at in memmem::find_iter(source.text.as_bytes(), "hipworthy") {
        let Some(comment) = at.checked_sub(1).and_then(|start| comment_at(source, start)) else { continue };
        let found = directive(&comment);
        words += found.as_ref().map_or(0, |found| found.as_ref().map_or(1, |it| it.rules.len()));
        match found {
            None => {}
            Some(_) if words > MOST_WORDS => {
                let span = Span::new(comment.start, comment.start + "shipworthy".len());
                let message =
                    format!("this file names more than {MOST_WORDS} rules in comments; from here on they are not read");
                scanned.malformed.push(Problem::new(span, message));
                break;
            }
            Some(Ok(suppression)) => scanned.suppressions.push(suppression),
            Some(Err(problem)) => scanned.malformed.push(problem),
        }
    }
    scanned
}

/// A comment that begins with our name.
struct Comment<'a> {
    /// From our name to the end of the line or of the comment.
    body: &'a str,
    /// The byte offset of `body`.
    start: usize,
    /// 1-based.
    line: usize,
    /// Whether nothing else stands on its line.
    alone: bool,
}

/// The comment in which our name, at byte `start`, is the first word.
fn comment_at(source: &Source, start: usize) -> Option<Comment<'_>> {
    let text = source.text.as_str();
    if !matches!(text.as_bytes()[start], b's' | b'S') {
        return None;
    }
    let line = source.lines().line(start);
    let line_span = source.lines().line_span(line).range();
    let before = text[line_span.start..start].trim_start_matches('\u{feff}').trim_end();
    let (code, closer) = opener(before, prose(source))?;
    let rest = text[start..line_span.end].trim_end();
    let (body, after) = match closer.and_then(|closer| rest.split_once(closer)) {
        Some((body, after)) => (body, after),
        None => (rest, ""),
    };
    let alone = code.trim().is_empty() && after.trim().is_empty();
    Some(Comment { body: body.trim_end(), start, line, alone })
}

/// Whether a comment has just been opened at the end of `before`, in any language.
pub(super) fn in_comment(before: &str) -> bool {
    opener(before.trim_start_matches('\u{feff}').trim_end(), false).is_some()
}

/// Whether `before`, the begin of a line, holds nothing but the begin of a comment.
pub(super) fn alone_on_line(before: &str) -> bool {
    let before = before.trim_start_matches('\u{feff}').trim_start();
    ["#", "//", "--", ";", "/*", "<!--", "*"].iter().any(|open| before.starts_with(open))
}

/// Whether a file is prose, in which `#` and the like are no comments but talk about them.
fn prose(source: &Source) -> bool {
    matches!(source.path.extension(), Some("md" | "markdown" | "mdx" | "rst" | "adoc" | "html" | "htm"))
}

/// What stands before a comment that has just been opened at the end of `before`, and what would close it.
fn opener(before: &str, prose: bool) -> Option<(&str, Option<&'static str>)> {
    for (open, close) in [("<!--", "-->"), ("{#", "#}"), ("/**", "*/"), ("/*", "*/")] {
        if let Some(code) = before.strip_suffix(open) {
            // In quotes it is talked about.
            return (!code.ends_with(['`', '"', '\''])).then_some((code, Some(close)));
        }
    }
    if prose {
        return None;
    }
    if before.trim() == "*" {
        return Some(("", Some("*/")));
    }
    for open in ["#", "//", "--", ";"] {
        if before.ends_with(open) {
            // `##`, `///`, `;;`
            let code = before.trim_end_matches(&open[..1]);
            return (code.is_empty() || code.ends_with([' ', '\t'])).then_some((code, None));
        }
    }
    None
}

/// Reads `shipworthy: ignore[rule, rule] reason`. `None` where the comment is about something else.
fn directive(comment: &Comment<'_>) -> Option<Result<Suppression, Problem>> {
    let body = comment.body;
    let rest = &body["shipworthy".len()..];
    if rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '-' | '_' | '.' | '/')) {
        return None;
    }
    let rest = rest.trim_start();
    let colon = rest.starts_with(':');
    let rest = rest.trim_start_matches(':').trim_start();
    let verb = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len())];
    let rest = rest[verb.len()..].trim_start();
    let problem = |message: String| {
        let span = Span::new(comment.start, comment.start + body.len());
        Some(Err(Problem::new(span, message)))
    };

    let spelled = verb.to_ascii_lowercase().replace('_', "-");
    let known = matches!(spelled.as_str(), "ignore" | "ignore-file");
    if !colon {
        // Without a colon it is a sentence that begins with our name, unless it goes on as only a directive can.
        let meant = known && rest.starts_with(['[', '(', '=']);
        return if meant { problem("a colon is missing after `shipworthy`".into()) } else { None };
    }
    if !known {
        let meant = OTHER_VERBS.contains(&spelled.as_str())
            || closest(&spelled, ["ignore", "ignore-file"]).is_some()
            || rest.starts_with('[');
        return if meant {
            problem(format!("`{verb}` is not understood; there are `ignore[…]` and `ignore-file[…]`"))
        } else {
            None
        };
    }
    let Some(list) = rest.strip_prefix('[') else {
        return problem(format!("`{spelled}` needs a list of rules in brackets, such as `{spelled}[family/rule]`"));
    };
    let Some((list, reason)) = list.split_once(']') else {
        return problem("the list of rules is not closed with `]` on this line".into());
    };
    // `ignore` contains no bracket, so the first one opens the list.
    let offset = comment.start + body.find('[').map_or(0, |at| at + 1);
    let rules = words_of(list, offset);
    if rules.is_empty() {
        return problem("the list of rules is empty".into());
    }
    let reach = match (spelled.as_str(), comment.alone) {
        ("ignore-file", _) => Reach::File,
        (_, true) => Reach::Below,
        (_, false) => Reach::Line,
    };
    Some(Ok(Suppression {
        span: Span::new(comment.start, offset + list.len() + 1),
        line: comment.line,
        reach,
        rules,
        reason: reason_of(reason),
        of_peer: false,
    }))
}

/// The words of a list, separated by commas or blanks, with their places.
fn words_of(list: &str, offset: usize) -> Vec<Spanned<String>> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in list.split([',', ' ', '\t']) {
        if !word.is_empty() {
            let start = offset + at;
            words.push(Spanned::new(word.to_owned(), Span::new(start, start + word.len())));
        }
        at += word.len() + 1;
    }
    words
}

/// The words behind the list, without what sets them off and without another tool's comment that follows.
fn reason_of(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['-', '—', '–', ':', '#', '/', ';', ',', ' ']);
    let text = text.split(" # ").next().unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}
