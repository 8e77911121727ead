use super::reader::Reader;
use super::{FileRef, Other, Pair, Setting, Text};
use crate::parse::yaml::NodeId;
use crate::source::Span;

/// `build`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Build {
    /// The whole value.
    pub span: Span,
    /// `context`, or the whole value of the short form.
    pub context: Setting<Text>,
    /// `dockerfile`, relative to the context.
    pub dockerfile: Setting<Text>,
    /// `dockerfile_inline`: the Dockerfile itself.
    pub dockerfile_inline: Setting<Text>,
    /// `target`: the stage.
    pub target: Setting<Text>,
    /// `network`.
    pub network: Setting<Text>,
    /// `no_cache`.
    pub no_cache: Setting<Text>,
    /// `pull`.
    pub pull: Setting<Text>,
    /// `privileged`.
    pub privileged: Setting<Text>,
    /// `args`.
    pub args: Setting<Vec<Pair>>,
    /// `labels`.
    pub labels: Setting<Vec<Pair>>,
    /// `additional_contexts`.
    pub additional_contexts: Setting<Vec<Pair>>,
    /// `secrets`.
    pub secrets: Setting<Vec<FileRef>>,
    /// `ssh`.
    pub ssh: Setting<Vec<Pair>>,
    /// `cache_from`.
    pub cache_from: Setting<Vec<Text>>,
    /// `tags`.
    pub tags: Setting<Vec<Text>>,
    /// `platforms`.
    pub platforms: Setting<Vec<Text>>,
    /// Keys that are none of these.
    pub other: Vec<Other>,
}

/// Keys of the specification without a field here.
const SPECIFIED: &[&str] =
    &["cache_to", "entitlements", "extra_hosts", "isolation", "provenance", "sbom", "shm_size", "ulimits"];

impl Reader<'_> {
    pub(super) fn build(&mut self, node: NodeId, key: Span) -> Option<Build> {
        let span = self.yaml.span(node);
        if self.yaml.text(node).is_some() {
            let context = super::Field { key, tag: super::MergeTag::Merge, value: Some(self.yaml.fragment(node)) };
            return Some(Build { span, context: Some(context), ..Build::default() });
        }
        let mut build = Build { span, ..Build::default() };
        for entry in self.mapping(node, "build")? {
            match entry.name.as_str() {
                "context" => build.context = self.text_field(&entry),
                "dockerfile" => build.dockerfile = self.text_field(&entry),
                "dockerfile_inline" => build.dockerfile_inline = self.text_field(&entry),
                "target" => build.target = self.text_field(&entry),
                "network" => build.network = self.text_field(&entry),
                "no_cache" => build.no_cache = self.text_field(&entry),
                "pull" => build.pull = self.text_field(&entry),
                "privileged" => build.privileged = self.text_field(&entry),
                "args" => build.args = self.pairs_field(&entry),
                "labels" => build.labels = self.pairs_field(&entry),
                "additional_contexts" => build.additional_contexts = self.pairs_field(&entry),
                "ssh" => build.ssh = self.pairs_field(&entry),
                "secrets" => build.secrets = self.list_field(&entry, |reader, node| reader.file_ref(node, "secrets")),
                "cache_from" => build.cache_from = self.text_or_texts_field(&entry),
                "tags" => build.tags = self.texts_field(&entry),
                "platforms" => build.platforms = self.texts_field(&entry),
                _ => build.other.push(self.other(&entry, SPECIFIED)),
            }
        }
        Some(build)
    }
}
