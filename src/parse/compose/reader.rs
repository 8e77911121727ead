use super::{Field, MergeTag, Other, OtherKind, Setting, Text};
use crate::parse::yaml::{NodeId, Yaml};
use crate::source::{Problem, Span, Spanned};

/// Docker Compose itself gives up a file at 100,000 visited nodes.
const MAX_NODES: usize = 200_000;

/// How many bytes of text are read in all: an alias to a long text costs only a few bytes in the file.
const MAX_BYTES: usize = 64 << 20;

/// So many problems are reported; a file with more has said enough.
const MAX_PROBLEMS: usize = 200;

/// Walks a tree and notes what does not fit.
pub(super) struct Reader<'a> {
    pub yaml: &'a Yaml,
    pub problems: Vec<Problem>,
    /// How many more nodes are visited: aliases can make a small file look endless.
    budget: usize,
    /// How many more bytes of text are read.
    bytes_left: usize,
}

/// An entry of a mapping.
pub(super) struct Entry {
    pub name: Spanned<String>,
    pub value: NodeId,
    pub tag: MergeTag,
}

impl<'a> Reader<'a> {
    pub fn new(yaml: &'a Yaml) -> Self {
        Self { yaml, problems: Vec::new(), budget: MAX_NODES, bytes_left: MAX_BYTES }
    }

    pub fn problem(&mut self, span: Span, message: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::new(span, message));
        }
    }

    /// Takes `count` from the budget; says so once when it runs out.
    fn spend(&mut self, count: usize, at: NodeId) -> bool {
        if count <= self.budget {
            self.budget -= count;
            return true;
        }
        self.exhaust(at, format!("with its aliases this file has more than {MAX_NODES} values"));
        false
    }

    /// Reads nothing more, and says why once.
    fn exhaust(&mut self, at: NodeId, why: String) {
        if self.budget > 0 {
            self.budget = 0;
            self.problem(self.yaml.span(at), why);
        }
    }

    /// The entries of the mapping under `what`, merge keys followed. A problem where it is none.
    pub fn entries(&mut self, map: NodeId, what: &str) -> Vec<Entry> {
        if self.budget == 0 || self.yaml.is_null(map) {
            return Vec::new();
        }
        if !self.yaml.is_mapping(map) {
            self.wrong(map, what, "a mapping");
            return Vec::new();
        }
        let (entries, visited) = self.yaml.entries_and_cost(map);
        if !self.spend(visited, map) {
            return Vec::new();
        }
        let yaml = self.yaml;
        for &(key, _) in yaml.pairs(map).unwrap_or_default() {
            if yaml.text(key).is_none() {
                self.problem(yaml.span(key), "a key must be text; a template that fills this in is not evaluated");
            }
        }
        let entry = |entry: &crate::parse::yaml::Entry| Entry {
            name: Spanned::new(yaml.text(entry.key).unwrap_or("").to_owned(), yaml.span(entry.key)),
            value: entry.value,
            tag: merge_tag(yaml, entry.value),
        };
        entries.iter().map(entry).collect()
    }

    /// The value under `key`, where `map` is a mapping that has it.
    pub fn get(&mut self, map: NodeId, key: &str) -> Option<NodeId> {
        if !self.yaml.is_mapping(map) {
            return None;
        }
        self.entries(map, "").into_iter().find(|entry| entry.name.value == key).map(|entry| entry.value)
    }

    /// The items of the list under `what`; a problem where it is none.
    pub fn items(&mut self, list: NodeId, what: &str) -> Option<&'a [NodeId]> {
        match self.yaml.items(list) {
            Some(items) => self.spend(items.len(), list).then_some(items),
            None => {
                self.wrong(list, what, "a list");
                None
            }
        }
    }

    /// Says that what stands at `node` should be `expected`.
    pub fn wrong(&mut self, node: NodeId, what: &str, expected: &str) {
        let message = format!("`{what}` must be {expected}");
        self.problem(self.yaml.span(node), message);
    }

    /// The field of an entry, its value read by `read` unless it is null or reset. `None` where `read` gives nothing.
    pub fn field<T>(&mut self, entry: &Entry, read: impl FnOnce(&mut Self, NodeId) -> Option<T>) -> Setting<T> {
        let skip = entry.tag == MergeTag::Reset || self.yaml.is_null(entry.value);
        let value = if skip { None } else { Some(read(self, entry.value)?) };
        Some(Field { key: entry.name.span, tag: entry.tag, value })
    }

    /// A scalar under `what`.
    pub fn text(&mut self, node: NodeId, what: &str) -> Option<Text> {
        if let Some(text) = self.yaml.text(node) {
            match self.bytes_left.checked_sub(text.len()) {
                Some(left) => self.bytes_left = left,
                None => {
                    self.exhaust(node, format!("with its aliases this file has more than {MAX_BYTES} bytes of text"));
                    return None;
                }
            }
            return Some(self.yaml.fragment(node));
        }
        self.wrong(node, what, "text");
        None
    }

    /// The field of an entry that is a scalar.
    pub fn text_field(&mut self, entry: &Entry) -> Setting<Text> {
        self.field(entry, |reader, node| reader.text(node, &entry.name))
    }

    /// A list of scalars.
    pub fn texts(&mut self, node: NodeId, what: &str) -> Option<Vec<Text>> {
        let items = self.items(node, what)?;
        Some(
            items
                .iter()
                .filter(|&&item| !is_reset(self.yaml, item))
                .filter_map(|&item| self.text(item, what))
                .collect(),
        )
    }

    /// The field of an entry that is a list of scalars.
    pub fn texts_field(&mut self, entry: &Entry) -> Setting<Vec<Text>> {
        self.field(entry, |reader, node| reader.texts(node, &entry.name))
    }

    /// One scalar, or a list of them.
    pub fn text_or_texts(&mut self, node: NodeId, what: &str) -> Option<Vec<Text>> {
        if self.yaml.text(node).is_some() {
            self.text(node, what).map(|text| vec![text])
        } else {
            self.texts(node, what)
        }
    }

    /// The field of an entry that is one scalar, or a list of them.
    pub fn text_or_texts_field(&mut self, entry: &Entry) -> Setting<Vec<Text>> {
        self.field(entry, |reader, node| reader.text_or_texts(node, &entry.name))
    }

    /// A list whose items are read by `read`.
    pub fn list<T>(
        &mut self,
        node: NodeId,
        what: &str,
        mut read: impl FnMut(&mut Self, NodeId) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items(node, what)?;
        Some(items.iter().filter(|&&item| !is_reset(self.yaml, item)).filter_map(|&item| read(self, item)).collect())
    }

    /// The field of an entry that is such a list.
    pub fn list_field<T>(
        &mut self,
        entry: &Entry,
        read: impl FnMut(&mut Self, NodeId) -> Option<T>,
    ) -> Setting<Vec<T>> {
        self.field(entry, |reader, node| reader.list(node, &entry.name, read))
    }

    /// The mapping of an entry, for a field that has keys of its own. `None`, and a problem, where it is none.
    pub fn mapping(&mut self, node: NodeId, what: &str) -> Option<Vec<Entry>> {
        if self.yaml.is_mapping(node) {
            return Some(self.entries(node, what));
        }
        self.wrong(node, what, "a mapping");
        None
    }

    /// A key without a field of its own.
    pub fn other(&self, entry: &Entry, specified: &[&str]) -> Other {
        let kind = match entry.name.as_str() {
            name if name.starts_with("x-") => OtherKind::Extension,
            name if specified.contains(&name) => OtherKind::Specified,
            _ => OtherKind::Unknown,
        };
        let text = Spanned::new(self.yaml.source(entry.value).to_owned(), self.yaml.span(entry.value));
        Other { key: entry.name.clone(), text, kind }
    }
}

/// Whether an item of a list is taken away where it stands: Compose takes away none of earlier files by it.
fn is_reset(yaml: &Yaml, item: NodeId) -> bool {
    merge_tag(yaml, item) == MergeTag::Reset
}

fn merge_tag(yaml: &Yaml, node: NodeId) -> MergeTag {
    match yaml.tag(node) {
        Some("!reset") => MergeTag::Reset,
        Some("!override") => MergeTag::Override,
        _ => MergeTag::Merge,
    }
}
