use super::{Kind, NodeId, Style, Yaml};
use std::collections::{HashMap, HashSet};

/// Merged views stop at so many mappings.
const MAX_MERGED_MAPPINGS: usize = 1_000;
/// Merged views stop after so many entries were looked at.
const MAX_MERGED_ENTRIES: usize = 100_000;

/// A key and its value in the merged view of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: NodeId,
    /// The value.
    pub value: NodeId,
    /// The value of the `<<` in this very mapping that brought it in; `None` for the mapping's own.
    pub merged_by: Option<NodeId>,
}

/// A key that stands twice in one mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Where it stands first.
    pub first: NodeId,
    /// Where it stands again.
    pub again: NodeId,
}

impl Yaml {
    /// The value under `key`, own keys before merged ones and the last of repeated ones.
    pub fn get(&self, map: NodeId, key: &str) -> Option<NodeId> {
        self.entry(map, key).map(|entry| entry.value)
    }

    /// The entry under `key`, own keys before merged ones and the last of repeated ones.
    pub fn entry(&self, map: NodeId, key: &str) -> Option<Entry> {
        let pairs = self.pairs(map)?;
        let own = pairs.iter().rev().find(|(name, _)| !self.is_merge_key(*name) && self.text(*name) == Some(key));
        match own {
            Some(&(key, value)) => Some(Entry { key, value, merged_by: None }),
            None if pairs.iter().any(|(name, _)| self.is_merge_key(*name)) => {
                self.entries(map).into_iter().find(|entry| self.text(entry.key) == Some(key))
            }
            None => None,
        }
    }

    /// The merged view of a mapping: its own keys in order, repeated ones once with their last value, then what `<<`
    /// brings in (the first of several wins, as the merge key's type description says). Keys that are no scalars are
    /// left out. Empty for what is no mapping. Bounded: cycles and bombs end.
    pub fn entries(&self, map: NodeId) -> Vec<Entry> {
        self.entries_and_cost(map).0
    }

    /// The merged view, and how many entries were visited for it: what a walk through aliases takes from its budget.
    pub fn entries_and_cost(&self, map: NodeId) -> (Vec<Entry>, usize) {
        let mut view = View::new(self);
        view.take(map, None);
        (view.entries, view.visited)
    }

    /// Keys that stand more than once in the mapping as written. `<<` does not count.
    pub fn duplicates(&self, map: NodeId) -> Vec<Duplicate> {
        let mut seen: HashMap<&str, NodeId> = HashMap::new();
        let mut duplicates = Vec::new();
        for &(key, _) in self.pairs(map).unwrap_or_default() {
            let Some(name) = self.text(key).filter(|_| !self.is_merge_key(key)) else { continue };
            match seen.get(name) {
                Some(&first) => duplicates.push(Duplicate { first, again: key }),
                None => {
                    seen.insert(name, key);
                }
            }
        }
        duplicates
    }

    /// The keys and values of a mapping as written.
    pub fn pairs(&self, map: NodeId) -> Option<&[(NodeId, NodeId)]> {
        match &self.get_node(map).kind {
            Kind::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// Whether the key is an unquoted `<<`.
    pub fn is_merge_key(&self, key: NodeId) -> bool {
        matches!(&self.node(key).kind, Kind::Scalar { value, style: Style::Plain } if value == "<<")
    }
}

struct View<'a> {
    yaml: &'a Yaml,
    entries: Vec<Entry>,
    by_name: HashMap<&'a str, usize>,
    /// Mappings that were taken: taking one again brings nothing new.
    merged: HashSet<NodeId>,
    visited: usize,
}

impl<'a> View<'a> {
    fn new(yaml: &'a Yaml) -> Self {
        Self { yaml, entries: Vec::new(), by_name: HashMap::new(), merged: HashSet::new(), visited: 0 }
    }

    fn take(&mut self, map: NodeId, merged_by: Option<NodeId>) {
        let map = self.yaml.resolve(map);
        if self.merged.len() >= MAX_MERGED_MAPPINGS || !self.merged.insert(map) {
            return;
        }
        let pairs = self.yaml.pairs(map).unwrap_or_default();
        if merged_by.is_some() && self.visited + pairs.len() > MAX_MERGED_ENTRIES {
            return;
        }
        self.visited += pairs.len();
        let before = self.entries.len();
        for &(key, value) in pairs {
            let Some(name) = self.yaml.text(key).filter(|_| !self.yaml.is_merge_key(key)) else { continue };
            let entry = Entry { key, value, merged_by };
            match self.by_name.get(name) {
                // Repeated in this mapping: the last one holds.
                Some(&at) if at >= before => self.entries[at] = entry,
                Some(_) => {}
                None => {
                    self.by_name.insert(name, self.entries.len());
                    self.entries.push(entry);
                }
            }
        }
        for &(_, value) in pairs.iter().filter(|(key, _)| self.yaml.is_merge_key(*key)) {
            let origin = Some(merged_by.unwrap_or(value));
            match self.yaml.items(value) {
                Some(items) => {
                    for &item in items.iter().take(MAX_MERGED_MAPPINGS) {
                        self.take(item, origin);
                    }
                }
                None => self.take(value, origin),
            }
        }
    }
}
