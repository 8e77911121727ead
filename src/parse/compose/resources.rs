use super::reader::{Entry, Reader};
use super::{Field, MergeTag, Other, Pair, Setting, Text};
use crate::source::{Fragment, Spanned};

/// An entry of `volumes`, `networks`, `secrets` or `configs` at the top of the file. Which keys may be there depends on
/// which it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// The name that services refer to.
    pub name: Spanned<String>,
    /// How it joins the same name in files before this one.
    pub tag: MergeTag,
    /// `external`: it exists already. Of the old form `external: {name: …}` the text is `true`.
    pub external: Setting<Text>,
    /// `name` outside Compose, also from the old form of `external`.
    pub real_name: Setting<Text>,
    /// `driver`.
    pub driver: Setting<Text>,
    /// `driver_opts`.
    pub driver_opts: Setting<Vec<Pair>>,
    /// `labels`.
    pub labels: Setting<Vec<Pair>>,
    /// `file` with the content of a secret or config.
    pub file: Setting<Text>,
    /// `environment`: the variable with the content of a secret or config.
    pub environment: Setting<Text>,
    /// `content` of a config.
    pub content: Setting<Text>,
    /// `internal`: a network without a way out.
    pub internal: Setting<Text>,
    /// `attachable`.
    pub attachable: Setting<Text>,
    /// Keys that are none of these.
    pub other: Vec<Other>,
}

const SPECIFIED: &[&str] = &["ipam", "enable_ipv4", "enable_ipv6", "template_driver"];

impl Reader<'_> {
    /// A section at the top: `what` is its name.
    pub(super) fn resources(&mut self, entry: &Entry) -> Setting<Vec<Resource>> {
        self.field(entry, |reader, node| {
            let entries = reader.mapping(node, &entry.name)?;
            Some(entries.into_iter().map(|entry| reader.resource(entry)).collect())
        })
    }

    fn resource(&mut self, entry: Entry) -> Resource {
        let mut resource = Resource { name: entry.name, tag: entry.tag, ..Resource::default() };
        if entry.tag == MergeTag::Reset {
            return resource;
        }
        for entry in self.entries(entry.value, &resource.name.value) {
            match entry.name.as_str() {
                "external" => self.external(&entry, &mut resource),
                "name" => resource.real_name = self.text_field(&entry),
                "driver" => resource.driver = self.text_field(&entry),
                "driver_opts" => resource.driver_opts = self.pairs_field(&entry),
                "labels" => resource.labels = self.pairs_field(&entry),
                "file" => resource.file = self.text_field(&entry),
                "environment" => resource.environment = self.text_field(&entry),
                "content" => resource.content = self.text_field(&entry),
                "internal" => resource.internal = self.text_field(&entry),
                "attachable" => resource.attachable = self.text_field(&entry),
                _ => resource.other.push(self.other(&entry, SPECIFIED)),
            }
        }
        resource
    }

    fn external(&mut self, entry: &Entry, resource: &mut Resource) {
        if !self.yaml.is_mapping(entry.value) {
            resource.external = self.text_field(entry);
            return;
        }
        let text = Fragment::opaque("true", self.yaml.span(entry.value));
        resource.external = Some(Field { key: entry.name.span, tag: entry.tag, value: Some(text) });
        for inner in self.entries(entry.value, "external") {
            if inner.name.value == "name" && resource.real_name.is_none() {
                resource.real_name = self.text_field(&inner);
            }
        }
    }
}
