use super::{LineIndex, RepoPath, Span};
use std::sync::OnceLock;

/// How the bytes of a file became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Valid UTF-8, with or without a byte order mark (kept in the text).
    Utf8,
    /// UTF-16 with a byte order mark, as PowerShell writes it; converted.
    Utf16,
    /// Neither: invalid sequences were replaced.
    Lossy,
}

/// One file's decoded text.
#[derive(Debug)]
pub struct Source {
    /// The file.
    pub path: RepoPath,
    /// The text that every span of this file counts in.
    pub text: String,
    /// How the bytes became this text.
    pub encoding: Encoding,
    lines: OnceLock<LineIndex>,
}

impl Source {
    /// Decodes `bytes`. Never fails: what is no text becomes replacement characters, and [`Encoding`] tells.
    pub fn decode(path: RepoPath, bytes: Vec<u8>) -> Self {
        let (text, encoding) = match bytes.get(..2) {
            Some([0xFF, 0xFE]) => (decode_utf16(&bytes[2..], u16::from_le_bytes), Encoding::Utf16),
            Some([0xFE, 0xFF]) => (decode_utf16(&bytes[2..], u16::from_be_bytes), Encoding::Utf16),
            _ => match String::from_utf8(bytes) {
                Ok(text) => (text, Encoding::Utf8),
                Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), Encoding::Lossy),
            },
        };
        Self { path, text, encoding, lines: OnceLock::new() }
    }

    /// A source from text that is known already (tests, examples of rule pages).
    pub fn new(path: RepoPath, text: impl Into<String>) -> Self {
        Self { path, text: text.into(), encoding: Encoding::Utf8, lines: OnceLock::new() }
    }

    /// The lines of the text, found at the first call.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The text at `span`; empty where the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Something in a file that could not be understood. Becomes a finding of the family `file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, in the file.
    pub span: Span,
    /// What, in lower case and without a full stop.
    pub message: String,
}

impl Problem {
    /// A problem at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_powershell_writes_is_read() {
        let bytes = [0xFF, 0xFE].into_iter().chain("DEBUG=1\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let source = Source::decode(RepoPath::new(".env").unwrap(), bytes);
        assert_eq!((source.text.as_str(), source.encoding), ("DEBUG=1\r\n", Encoding::Utf16));
    }

    #[test]
    fn what_is_no_text_is_replaced_and_said() {
        let source = Source::decode(RepoPath::new("x").unwrap(), b"a\xffb".to_vec());
        assert_eq!((source.text.as_str(), source.encoding), ("a\u{fffd}b", Encoding::Lossy));
    }
}
