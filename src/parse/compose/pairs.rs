use super::reader::{Entry, Reader};
use super::{MergeTag, Setting, Text};
use crate::parse::yaml::{NodeId, Style, go_text};
use crate::source::{Fragment, Span, Spanned};

/// A name and its value, from `NAME: value` or `- NAME=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The name.
    pub name: Spanned<String>,
    /// The value. Of the mapping form it is what Compose makes of it: an unquoted `True` is `true`, `1.10` is `1.1`.
    /// `None` where the value is null or there is no `=`: `environment` and `args` then take the host's variable.
    pub value: Option<Text>,
    /// The whole entry: from the name to the end of the value.
    pub span: Span,
    /// How it joins entries of the same name in files before this one.
    pub tag: MergeTag,
    /// Whether the entry is an item of a list: only there Compose interpolates the name too.
    pub item: bool,
}

/// One of `ulimits`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ulimit {
    /// The resource: `nofile`, `nproc` …
    pub name: Spanned<String>,
    /// The soft limit.
    pub soft: Option<Text>,
    /// The hard limit; the soft one where one number stands for both.
    pub hard: Option<Text>,
    /// How it joins the limit of the same name in files before this one.
    pub tag: MergeTag,
}

impl Reader<'_> {
    /// A mapping of names to scalars, or a list of `NAME=value`.
    pub fn pairs(&mut self, node: NodeId, what: &str, separators: &[char]) -> Option<Vec<Pair>> {
        if self.yaml.items(node).is_some() {
            return self.list(node, what, |reader, item| {
                if reader.yaml.text(item).is_none() {
                    let message =
                        format!("an item of `{what}` must be `NAME=value`; without the dash it may be `NAME: value`");
                    reader.problem(reader.yaml.span(item), message);
                    return None;
                }
                Some(split_pair(&reader.yaml.fragment(item), separators))
            });
        }
        if !self.yaml.is_mapping(node) {
            self.wrong(node, what, "a mapping or a list");
            return None;
        }
        let entries = self.entries(node, what);
        Some(entries.into_iter().flat_map(|entry| self.pair(entry, what)).collect())
    }

    /// The field of an entry that holds pairs.
    pub fn pairs_field(&mut self, entry: &Entry) -> Setting<Vec<Pair>> {
        self.field(entry, |reader, node| reader.pairs(node, &entry.name, &['=']))
    }

    /// The pair of an entry. `extra_hosts` allows several addresses under one name.
    fn pair(&mut self, entry: Entry, what: &str) -> Vec<Pair> {
        let Entry { name, value: node, tag } = entry;
        if tag == MergeTag::Reset || self.yaml.is_null(node) {
            return vec![Self::pair_of(name, None, tag)];
        }
        if let Some(items) = self.yaml.items(node) {
            let items = items.to_vec();
            let texts = items.into_iter().filter_map(|item| self.text(item, what));
            return texts.map(|text| Self::pair_of(name.clone(), Some(text), tag)).collect();
        }
        let Some(text) = self.text(node, &format!("{what}.{}", name.value)) else { return Vec::new() };
        let value = self.printed(text, node);
        vec![Self::pair_of(name, Some(value), tag)]
    }

    fn pair_of(name: Spanned<String>, value: Option<Text>, tag: MergeTag) -> Pair {
        let span = match &value {
            Some(value) if value.span().start >= name.span.end => name.span.to(value.span()),
            _ => name.span,
        };
        Pair { name, value, span, tag, item: false }
    }

    /// What Compose prints a scalar as, which has been read as boolean or number if it looks like one.
    fn printed(&self, text: Text, node: NodeId) -> Text {
        let plain = self.yaml.style(node) == Some(Style::Plain) && self.yaml.tag(node).is_none();
        match go_text(text.text()).filter(|_| plain) {
            Some(printed) if printed != text.text() => Fragment::opaque(printed, text.span()),
            _ => text,
        }
    }

    /// `ulimits`.
    pub fn ulimits(&mut self, node: NodeId) -> Option<Vec<Ulimit>> {
        let entries = self.mapping(node, "ulimits")?;
        let read = |entry: Entry, reader: &mut Self| {
            let Entry { name, tag, .. } = entry;
            if tag == MergeTag::Reset {
                return Some(Ulimit { name, soft: None, hard: None, tag });
            }
            if !reader.yaml.is_mapping(entry.value) {
                let limit = reader.text(entry.value, "ulimits")?;
                return Some(Ulimit { name, soft: Some(limit.clone()), hard: Some(limit), tag });
            }
            let mut part = |key: &str| {
                let node = reader.get(entry.value, key)?;
                reader.text(node, key)
            };
            let (soft, hard) = (part("soft"), part("hard"));
            Some(Ulimit { name, soft, hard, tag })
        };
        Some(entries.into_iter().filter_map(|entry| read(entry, self)).collect())
    }
}

/// `NAME=value`, cut at the first of `separators`.
fn split_pair(text: &Text, separators: &[char]) -> Pair {
    let cut = text.text().find(separators);
    let name_end = cut.unwrap_or(text.text().len());
    let name_span = if cut.is_some() { text.to_file(Span::new(0, name_end)) } else { text.span() };
    let name = Spanned::new(text.text()[..name_end].to_owned(), name_span);
    let value = cut.map(|at| text.slice(Span::new(at + 1, text.text().len())));
    Pair { name, value, span: text.span(), tag: MergeTag::Merge, item: true }
}
