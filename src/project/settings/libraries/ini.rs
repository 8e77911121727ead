//! Files as `configparser` reads them: <https://docs.python.org/3/library/configparser.html#supported-ini-file-structure>.

/// The section whose options every other one has.
pub(super) const DEFAULT: &str = "DEFAULT";

/// A section's name and its options, in order, as they are written.
pub(super) type Section = (String, Vec<(String, String)>);

/// The sections of a text; `None` where `configparser` refuses it, or reads it in a way that is not followed here.
pub(super) fn parse(text: &str) -> Option<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    // Where the option that a line may go on stands, and how far it is indented.
    let mut open: Option<usize> = None;
    let mut blank = 0;
    for line in text.lines() {
        let content = line.trim();
        if content.starts_with(['#', ';']) {
            continue;
        }
        if content.is_empty() {
            blank += 1;
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if let (Some(outer), Some((_, options))) = (open, sections.last_mut())
            && indent > outer
            && let Some((_, value)) = options.last_mut()
        {
            // Blank lines inside of a value belong to it.
            (0..=blank).for_each(|_| value.push('\n'));
            value.push_str(content);
            blank = 0;
            continue;
        }
        blank = 0;
        if let Some(name) = content.strip_prefix('[') {
            let name = &name[..name.find(']')?];
            if name.is_empty() || sections.iter().any(|(known, _)| known == name) {
                return None;
            }
            sections.push((name.to_owned(), Vec::new()));
            open = None;
            continue;
        }
        let (key, value) = content.split_once(['=', ':'])?;
        let key = key.trim().to_lowercase();
        let (_, options) = sections.last_mut()?;
        if key.is_empty() || options.iter().any(|(known, _)| *known == key) {
            return None;
        }
        options.push((key, value.trim().to_owned()));
        open = Some(indent);
    }
    Some(sections)
}

/// What a truth is written as.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// `%(name)s` for other options, `%%` for a percent sign. `None` where the text is refused, or goes too deep.
pub(super) fn interpolated(text: &str, option: &dyn Fn(&str) -> Option<String>, depth: usize) -> Option<String> {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        made.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            made.push('%');
            rest = after;
            continue;
        }
        let (name, after) = rest.strip_prefix('(')?.split_once(')')?;
        rest = after.strip_prefix('s')?;
        if depth == 0 || made.len() > 1 << 16 {
            return None;
        }
        made.push_str(&interpolated(&option(&name.to_lowercase())?, option, depth - 1)?);
    }
    made.push_str(rest);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_options() {
        let text = "# c\n[a]\nX = 1\ny: two = 2\n; c\nlong = a\n  b\n\n  c\nempty =\n\n[DEFAULT]\nz=%(x)s\n";
        let option = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let options = vec![option("x", "1"), option("y", "two = 2"), option("long", "a\nb\n\nc"), option("empty", "")];
        let expected = vec![("a".to_owned(), options), ("DEFAULT".to_owned(), vec![option("z", "%(x)s")])];
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn what_is_refused() {
        for text in ["x = 1\n", "[a]\nx\n", "[a]\nx=1\nX=2\n", "[a]\n[a]\n", "[a\n"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn interpolation() {
        let option = |name: &str| match name {
            "a" => Some("1".to_owned()),
            "loop" => Some("%(loop)s".to_owned()),
            _ => None,
        };
        assert_eq!(interpolated("%(A)s%%", &option, 10).as_deref(), Some("1%"));
        assert_eq!(interpolated("%(loop)s", &option, 10), None);
        assert_eq!(interpolated("%(b)s", &option, 10), None);
        assert_eq!(interpolated("5%", &option, 10), None);
    }
}
