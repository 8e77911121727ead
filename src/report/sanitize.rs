//! Text of a linted repository is not to be trusted with a terminal: `\x1b[2J` in a comment would clear it, a
//! bidirectional override would show code in another order than it runs (CVE-2021-42574), and a line break in a file
//! name would forge a line of the report. Each such character is shown as one visible character instead, so that
//! columns stay true.

use std::borrow::Cow;

/// What stands for `c` in a report: itself, or one visible character. Tabs and line breaks are controls too.
pub(super) fn visible(c: char) -> char {
    match c {
        // Unicode has a picture for each control: ␛ for ESC.
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        c if is_unsafe(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Characters above ASCII that act on a terminal or hide text: C1 controls, bidirectional formatting, line and
/// paragraph separators, the byte order mark, annotations and tags.
fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `text` as one line: line breaks and tabs become blanks, other controls visible. As many characters as before.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    replace(text, |c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { visible(c) })
}

/// `text` with its line breaks, other controls visible; of `\r\n` the `\n` stays.
pub(super) fn lines(text: &str) -> String {
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    replace(&text, |c| match c {
        '\n' => '\n',
        '\t' => ' ',
        c => visible(c),
    })
    .into_owned()
}

/// Whole output for people: line breaks and tabs stay.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    replace(text, |c| if matches!(c, '\n' | '\t') { c } else { visible(c) })
}

/// A line of source: tabs stay, for the renderer to expand.
pub(super) fn source(text: &str) -> Cow<'_, str> {
    replace(text, |c| if c == '\t' { c } else { visible(c) })
}

fn replace(text: &str, with: impl Fn(char) -> char) -> Cow<'_, str> {
    if text.chars().all(|c| with(c) == c) { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(with).collect()) }
}

/// JSON with the characters escaped that JSON itself lets through raw, although a terminal acts on them. The value
/// stays the same: such characters occur within strings only.
pub(crate) fn json(text: String) -> String {
    if !text.contains(|c| c == '\x7f' || is_unsafe(c)) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if c == '\x7f' || is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_control_becomes_one_visible_character() {
        let hostile = "a\x1b[31m\u{9b}0m\u{202e}b\r\n\x07\x7f\u{e0041}";
        let shown = line(hostile);
        assert_eq!(shown, "a␛[31m\u{fffd}0m\u{fffd}b  ␇␡\u{fffd}");
        assert_eq!(shown.chars().count(), hostile.chars().count());
        assert!(!source("\x1b\n\t").contains(['\x1b', '\n']));
    }

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        for text in ["plain", "naïve 🎉 日本語", "שלום", "👩\u{200d}💻"] {
            assert_eq!(line(text), text);
            assert!(matches!(line(text), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn help_keeps_its_lines() {
        assert_eq!(lines("one\r\ntwo\x1b\n"), "one\ntwo␛\n");
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = "\u{9b}\u{202e}\u{e0041}\x7f\x1b é";
        let text = json(serde_json::to_string(value).unwrap());
        assert!(text.chars().all(|c| visible(c) == c), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
    }
}
