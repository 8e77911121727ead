//! The way back from a scalar's text to the bytes that it was written with.
//!
//! Each reader here retraces how YAML makes the text out of the source and is checked against the text that the parser
//! gave: where they differ, the fragment maps as a whole only.

use super::Style;
use crate::source::{Fragment, FragmentBuilder, Span};

/// The fragment of a scalar that stands at `span` of `text` (quotes included, a block's header excluded).
pub(super) fn scalar(text: &str, span: Span, value: &str, style: Style) -> Fragment {
    let raw = text.get(span.range()).unwrap_or("");
    if raw == value {
        return Fragment::verbatim(value, span.start as usize);
    }
    let builder = match style {
        Style::Plain => flow(raw, span.start as usize, value, style),
        Style::SingleQuoted | Style::DoubleQuoted => {
            let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
            flow(inner, span.start as usize + 1, value, style)
        }
        Style::Literal | Style::Folded => block(text, span.start as usize, value, style == Style::Folded),
    };
    match builder {
        Some(mut builder) if builder.text() == value => {
            builder.cover(span);
            builder.finish()
        }
        _ => Fragment::opaque(value, span),
    }
}

/// A plain or quoted scalar: line breaks fold (section 6.5 of YAML 1.2), quotes escape.
fn flow(raw: &str, offset: usize, value: &str, style: Style) -> Option<FragmentBuilder> {
    let mut builder = Fragment::builder();
    let bytes = raw.as_bytes();
    // Everything from `from` to `at` stands in the value byte for byte.
    let (mut from, mut at) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => {
                let end = at + blank_len(&raw[at..]);
                let breaks = count_breaks(&raw[at..end]);
                if breaks > 0 {
                    builder.push(&raw[from..at], offset + from);
                    let folded = if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) };
                    builder.push_replacement(&folded, Span::new(offset + at, offset + end));
                    from = end;
                }
                at = end;
            }
            b'\'' if style == Style::SingleQuoted => {
                builder.push(&raw[from..at], offset + from);
                builder.push_replacement("'", Span::new(offset + at, offset + at + 2));
                at += 2;
                from = at;
            }
            b'\\' if style == Style::DoubleQuoted => {
                builder.push(&raw[from..at], offset + from);
                let rest = &raw[at + 1..];
                let end = if rest.starts_with(['\n', '\r']) {
                    let end = at + 1 + blank_len(rest);
                    let further = count_breaks(&raw[at + 1..end]) - 1;
                    builder.push_replacement(&"\n".repeat(further), Span::new(offset + at, offset + end));
                    end
                } else {
                    let decoded = value.get(builder.text().len()..)?.chars().next()?;
                    let end = at + escape_len(rest, decoded)?;
                    raw.get(at..end)?;
                    let mut utf8 = [0; 4];
                    builder.push_replacement(decoded.encode_utf8(&mut utf8), Span::new(offset + at, offset + end));
                    end
                };
                at = end;
                from = end;
            }
            _ => at += 1,
        }
    }
    builder.push(raw.get(from..)?, offset + from);
    Some(builder)
}

/// The bytes of an escape, its backslash included, that stands for `decoded`; `rest` follows the backslash.
fn escape_len(rest: &str, decoded: char) -> Option<usize> {
    Some(match rest.as_bytes().first()? {
        b'x' => 4,
        // A character beyond the basic plane takes a pair of surrogates, as in JSON.
        b'u' if decoded > '\u{ffff}' => 12,
        b'u' => 6,
        b'U' => 10,
        _ => 1 + rest.chars().next()?.len_utf8(),
    })
}

/// A literal or folded block whose first content begins at `start`.
fn block(text: &str, start: usize, value: &str, folded: bool) -> Option<FragmentBuilder> {
    let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let indent = start - line_start;
    let mut builder = Fragment::builder();
    let leading = value.len() - value.trim_start_matches('\n').len();
    builder.push_replacement(&value[..leading], Span::at(start));
    let mut at = start;
    loop {
        let end = line_end(text, at);
        let content = &text[at..end];
        let rest = value.get(builder.text().len()..)?;
        let content = content.get(..content.len().min(rest.len()))?;
        if !rest.starts_with(content) {
            return None;
        }
        builder.push(content, at);
        // The next line with content, and the breaks between.
        let (mut next, mut breaks) = (end, 0);
        let mut next_content = "";
        while next < text.len() && next_content.is_empty() {
            let line = next + break_len(&text[next..]);
            breaks += 1;
            let spaces = text[line..].bytes().take(indent).take_while(|byte| *byte == b' ').count();
            next = line + spaces;
            next_content = &text[next..line_end(text, next)];
            if !folded {
                break;
            }
        }
        let rest = value.get(builder.text().len()..)?;
        let gap = Span::new(end, next);
        let last = rest.bytes().all(|byte| byte == b'\n');
        if last && (folded || next_content.is_empty() || rest.len() <= 1) {
            builder.push_replacement(rest, gap);
            return Some(builder);
        }
        let separators = if folded {
            [" ".repeat(usize::from(breaks == 1)), "\n".repeat(breaks - usize::from(breaks > 0)), "\n".repeat(breaks)]
        } else {
            ["\n".to_owned(), String::new(), String::new()]
        };
        let fits = |separator: &&String| {
            !separator.is_empty()
                && rest.strip_prefix(separator.as_str()).is_some_and(|tail| tail.starts_with(next_content))
        };
        let separator = separators.iter().find(fits)?;
        builder.push_replacement(separator, gap);
        at = next;
    }
}

fn blank_len(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len()
}

fn count_breaks(blank: &str) -> usize {
    blank.matches(['\n', '\r']).count() - blank.matches("\r\n").count()
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find(['\n', '\r']).map_or(text.len(), |len| from + len)
}

fn break_len(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(!text.is_empty()) }
}
