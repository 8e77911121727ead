use super::{Refusal, Resource, Service};
use crate::parse::yaml::Comment;
use crate::source::{Fragment, Span, Spanned};

/// A scalar as written, `${…}` included, with the way back into the file.
pub type Text = Fragment;

/// A key's value, where the key is there.
pub type Setting<T> = Option<Field<T>>;

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<T> {
    /// The key.
    pub key: Span,
    /// How the value joins what files before this one say.
    pub tag: MergeTag,
    /// The value; `None` where it is null, or where `!reset` makes it irrelevant.
    pub value: Option<T>,
}

impl<T> Field<T> {
    /// The key and, where it follows the key, the value at `span`. The value of an alias stands elsewhere.
    pub fn with_value(&self, span: Span) -> Span {
        if span.start >= self.key.end { self.key.to(span) } else { self.key }
    }
}

/// How a value joins what files before this one say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MergeTag {
    /// By the rules for its key.
    #[default]
    Merge,
    /// `!reset`: the key is taken away.
    Reset,
    /// `!override`: this value replaces all before it.
    Override,
}

/// One document of a compose file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComposeFile {
    /// `version`, which Compose ignores since version 2.
    pub version: Setting<Text>,
    /// `name` of the project.
    pub name: Setting<Text>,
    /// `include`, in order.
    pub includes: Setting<Vec<Include>>,
    /// `services`, in order.
    pub services: Setting<Vec<Service>>,
    /// `volumes`.
    pub volumes: Setting<Vec<Resource>>,
    /// `networks`.
    pub networks: Setting<Vec<Resource>>,
    /// `secrets`.
    pub secrets: Setting<Vec<Resource>>,
    /// `configs`.
    pub configs: Setting<Vec<Resource>>,
    /// Keys at the top that are none of these.
    pub other: Vec<Other>,
    /// Whether this is the format before 2016, with its services at the top: Compose no longer reads it.
    pub version_1: bool,
    /// What Compose refuses of this document, whatever else is merged with it.
    pub refusals: Vec<Refusal>,
    /// Every comment of the file (only in its first document).
    pub comments: Vec<Comment>,
    /// The documents after the first one; Compose merges them onto it in order.
    pub further: Vec<ComposeFile>,
}

impl ComposeFile {
    /// The services, in order.
    pub fn services(&self) -> &[Service] {
        self.services.as_ref().and_then(|field| field.value.as_deref()).unwrap_or_default()
    }

    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services().iter().find(|service| service.name.value == name)
    }

    /// The entries of `include`, in order.
    pub fn includes(&self) -> &[Include] {
        self.includes.as_ref().and_then(|field| field.value.as_deref()).unwrap_or_default()
    }

    /// This document and those after it.
    pub fn documents(&self) -> impl Iterator<Item = &ComposeFile> {
        std::iter::once(self).chain(&self.further)
    }
}

/// One entry of `include`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Include {
    /// The whole entry.
    pub span: Span,
    /// `path`: one file, or several to be merged.
    pub paths: Vec<Text>,
    /// `project_directory`.
    pub project_directory: Option<Text>,
    /// `env_file`; none means `.env` in the project directory.
    pub env_files: Vec<Text>,
}

/// A key that has no field of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// The key.
    pub key: Spanned<String>,
    /// The value's source text.
    pub text: Spanned<String>,
    /// What kind of key it is.
    pub kind: OtherKind,
}

/// What is known about a key without a field of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherKind {
    /// `x-…`: Compose leaves it alone.
    Extension,
    /// The specification has it.
    Specified,
    /// The specification does not have it: Compose refuses the file.
    Unknown,
}

/// The boolean that Compose casts a text to: `true`, `yes`, `y`, `on` and their opposites in any case.
pub fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" => Some(true),
        "false" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}
