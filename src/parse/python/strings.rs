//! String literals: <https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals>.

use super::ast::*;
use super::{Lowering, named};
use crate::source::{Fragment, FragmentBuilder, Span};
use tree_sitter::Node;

/// What the letters before the quotes ask for.
#[derive(Clone, Copy, Default)]
struct Prefix {
    raw: bool,
    bytes: bool,
    format: bool,
}

impl<'t> Lowering<'t> {
    /// A string, or several in a row, which are one.
    pub(super) fn string(&mut self, node: Node<'t>) -> ExprKind {
        let strings = if node.kind() == "string" { vec![node] } else { named(node) };
        let mut parts = Vec::new();
        let mut builder = Fragment::builder();
        builder.cover(self.span(node));
        let mut bytes = false;
        for string in strings {
            if string.kind() != "string" || self.is_broken(string) {
                return ExprKind::Other("syntax error");
            }
            bytes |= self.one_string(string, &mut builder, &mut parts);
        }
        if parts.is_empty() {
            return ExprKind::Str { text: builder.finish(), bytes };
        }
        if !builder.text().is_empty() {
            parts.push(FStringPart::Text(builder.finish()));
        }
        ExprKind::FString(parts)
    }

    /// Appends one literal; what stands before a field moves from `builder` to `parts`.
    fn one_string(&mut self, node: Node<'t>, builder: &mut FragmentBuilder, parts: &mut Vec<FStringPart>) -> bool {
        let span = self.span(node);
        let mut cursor = node.walk();
        let children: Vec<_> = node.children(&mut cursor).collect();
        let (mut at, mut end) = (span.start as usize, span.end as usize);
        let mut prefix = Prefix::default();
        for child in &children {
            match child.kind() {
                "string_start" => {
                    let start = self.text_of(*child).to_ascii_lowercase();
                    // A template string is no string, but its text is what a reader wants.
                    prefix = Prefix {
                        raw: start.contains('r'),
                        bytes: start.contains('b'),
                        format: start.contains(['f', 't']),
                    };
                    at = self.span(*child).end as usize;
                }
                "string_end" => end = self.span(*child).start as usize,
                _ => {}
            }
        }
        for child in children.into_iter().filter(|child| child.kind() == "interpolation") {
            let field = self.span(child);
            self.decode(Span::new(at, (field.start as usize).max(at)), prefix, builder);
            at = field.end as usize;
            if !builder.text().is_empty() {
                parts.push(FStringPart::Text(std::mem::take(builder).finish()));
            }
            parts.push(self.field_part(child));
            builder.cover(Span::at(at));
        }
        self.decode(Span::new(at, end.max(at)), prefix, builder);
        prefix.bytes
    }

    fn field_part(&mut self, node: Node<'t>) -> FStringPart {
        let value = self.field_value(node, self.span(node));
        let conversion = node.child_by_field_name("type_conversion");
        let mut conversion = conversion.and_then(|conversion| self.text_of(conversion).chars().nth(1));
        let format = node.child_by_field_name("format_specifier");
        let format = format.map_or("", |format| self.text_of(format).trim_start_matches(':')).to_owned();
        let mut cursor = node.walk();
        let equals = node.children(&mut cursor).find(|child| child.kind() == "=").map(|equals| self.span(equals));
        let label = equals.map(|equals| self.text[node.start_byte() + 1..equals.end as usize].to_owned());
        if label.is_some() && format.is_empty() {
            conversion = conversion.or(Some('r'));
        }
        FStringPart::Field { value, conversion, format, label }
    }

    fn decode(&self, span: Span, prefix: Prefix, builder: &mut FragmentBuilder) {
        let text = &self.text[span.range()];
        let base = span.start as usize;
        let mut rest = 0;
        while let Some(found) = text[rest..].find(['\\', '{', '}']) {
            let at = rest + found;
            let replacement = match text.as_bytes()[at] {
                b'\\' if prefix.raw => None,
                b'\\' => escape(&text[at..], prefix.bytes),
                brace if prefix.format && text.as_bytes().get(at + 1) == Some(&brace) => {
                    Some(((brace as char).to_string(), 2))
                }
                _ => None,
            };
            let kept = at + if replacement.is_none() { 1 } else { 0 };
            builder.push(&text[rest..kept], base + rest);
            rest = kept;
            if let Some((decoded, length)) = replacement {
                builder.push_replacement(&decoded, Span::new(base + at, base + at + length));
                rest = at + length;
            }
        }
        builder.push(&text[rest..], base + rest);
    }
}

/// The escape that `text` begins with, decoded, and its length in bytes; `None` where the backslash stands for itself.
fn escape(text: &str, bytes: bool) -> Option<(String, usize)> {
    let next = text[1..].chars().next()?;
    let simple = |decoded: &str| Some((decoded.to_owned(), 2));
    match next {
        '\n' => simple(""),
        '\r' => Some((String::new(), if text[2..].starts_with('\n') { 3 } else { 2 })),
        '\\' => simple("\\"),
        '\'' => simple("'"),
        '"' => simple("\""),
        'a' => simple("\x07"),
        'b' => simple("\x08"),
        'f' => simple("\x0c"),
        'n' => simple("\n"),
        'r' => simple("\r"),
        't' => simple("\t"),
        'v' => simple("\x0b"),
        '0'..='7' => {
            let digits = text[1..].bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let code = u32::from_str_radix(&text[1..1 + digits], 8).ok()?;
            Some((char::from_u32(code)?.to_string(), 1 + digits))
        }
        'x' => code_point(text, 2),
        'u' if !bytes => code_point(text, 4),
        'U' if !bytes => code_point(text, 8),
        // The names of characters are not at hand: the replacement character stands for the one that is meant.
        'N' if !bytes && text[2..].starts_with('{') => text.find('}').map(|end| ("\u{fffd}".to_owned(), end + 1)),
        _ => None,
    }
}

fn code_point(text: &str, digits: usize) -> Option<(String, usize)> {
    let hexadecimal = text.get(2..2 + digits).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let code = u32::from_str_radix(hexadecimal, 16).ok()?;
    // Half of a surrogate pair is legal in Python's str, and in nothing of ours.
    Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).to_string(), 2 + digits))
}
