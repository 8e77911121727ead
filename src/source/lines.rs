use super::Span;

/// A position as people and formats count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in the unit that was asked for.
    pub column: usize,
}

/// Where the lines of a text begin. `\n`, `\r\n` and a lone `\r` each end a line.
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// Byte offsets of line starts; the first is 0.
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at as u32 + 1);
            }
        }
        Self { starts, len: bytes.len() as u32 }
    }

    /// The number of lines; a final line break opens one more, empty line.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The 1-based line that holds the byte at `offset`.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset)
    }

    /// The byte range of a 1-based line, its line break included. A line that is not there is empty, at the end.
    pub fn line_span(&self, line: usize) -> Span {
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(self.len);
        let end = self.starts.get(line).copied().unwrap_or(self.len);
        Span { start, end: end.max(start) }
    }

    /// Line and column of a byte offset, columns counted in characters.
    pub fn position(&self, text: &str, offset: usize) -> LineColumn {
        self.column_by(text, offset, |before| before.chars().count())
    }

    /// Line and column of a byte offset, columns counted in UTF-16 units as SARIF and editors do.
    pub fn position_utf16(&self, text: &str, offset: usize) -> LineColumn {
        self.column_by(text, offset, |before| before.encode_utf16().count())
    }

    fn column_by(&self, text: &str, offset: usize, count: impl Fn(&str) -> usize) -> LineColumn {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line(offset);
        let start = self.starts[line - 1] as usize;
        // A byte order mark is no column: editors do not show it.
        let before = text[start..offset].trim_start_matches('\u{feff}');
        LineColumn { line, column: count(before) + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_break_counts_once() {
        let text = "a\nb\r\nc\rd";
        let lines = LineIndex::new(text);
        assert_eq!(lines.count(), 4);
        assert_eq!(lines.position(text, 7), LineColumn { line: 4, column: 1 });
        assert_eq!(&text[lines.line_span(2).range()], "b\r\n");
    }

    #[test]
    fn columns_in_characters_and_in_utf16_differ() {
        let text = "x\n# 🎉 done";
        let lines = LineIndex::new(text);
        let at = text.find("done").unwrap();
        assert_eq!(lines.position(text, at).column, 5);
        assert_eq!(lines.position_utf16(text, at).column, 6);
    }

    #[test]
    fn the_byte_order_mark_is_no_column() {
        let text = "\u{feff}KEY=1";
        assert_eq!(LineIndex::new(text).position(text, 3), LineColumn { line: 1, column: 1 });
    }
}
