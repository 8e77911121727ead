use crate::source::{LineColumn, LineIndex, Span};
use std::fmt;

/// A configuration file's text, kept so that a later step (an unknown rule, say) can still point into it.
#[derive(Debug)]
pub struct Document {
    /// The path to show.
    pub path: String,
    /// The text that spans count in.
    pub text: String,
}

/// What is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The path of the file, as it was given to [`parse`](super::parse).
    pub path: String,
    /// The byte range in the file.
    pub span: Span,
    /// The start of `span`: 1-based line, 1-based column in characters.
    pub position: LineColumn,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
}

impl ConfigError {
    /// `message` about the byte range `span` of `document`.
    pub fn new(document: &Document, span: Span, message: impl Into<String>, suggestion: Option<String>) -> Self {
        let position = LineIndex::new(&document.text).position(&document.text, span.start as usize);
        Self { path: document.path.clone(), span, position, message: message.into(), suggestion }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LineColumn { line, column } = self.position;
        write!(f, "{}:{line}:{column}: {}", self.path, self.message)?;
        match &self.suggestion {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}
