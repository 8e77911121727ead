//! Compose's `format: raw`: what follows `=` is the value, quotes, blanks and dollars included.

use crate::source::{Span, Spanned};

/// The names with their values, in order. The span of a name is that of its line.
pub fn parse_raw(text: &str) -> Vec<(Spanned<String>, String)> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').filter_map(|line| {
        let span = Span::new(start, start + line.trim_end().len());
        start += line.len();
        let line = line.trim_end_matches(['\r', '\n']).trim_start();
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        Some((Spanned::new(name.to_owned(), span), value.to_owned()))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::parse_raw;

    #[test]
    fn nothing_is_taken_off() {
        let text = "# no\nA=\"x $B\" # all\r\n  C= d \nalone\nE=\n";
        let read = parse_raw(text);
        let shown: Vec<_> = read.iter().map(|(name, value)| (name.value.as_str(), value.as_str())).collect();
        assert_eq!(shown, [("A", "\"x $B\" # all"), ("C", " d "), ("E", "")]);
        assert_eq!(&text[read[0].0.span.range()], "A=\"x $B\" # all");
    }
}
