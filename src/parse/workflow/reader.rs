//! What reading the files of both CI systems needs: budgeted walks over YAML that note what does not fit.

use super::{Pair, Switch};
use crate::parse::yaml::{NodeId, Style, Yaml, go_text};
use crate::source::{Fragment, Problem, Span, Spanned};

/// How many values are visited in one file: aliases can make a small file look endless.
const MAX_NODES: usize = 200_000;
/// How many bytes of text are copied beyond the file's own length: an alias to a long text costs only a few bytes there.
const MAX_REPEATED_BYTES: usize = 16 << 20;

/// Walks a tree and notes what does not fit.
pub(in crate::parse) struct Reader<'a> {
    pub yaml: &'a Yaml,
    pub problems: Vec<Problem>,
    /// What a text begins with whose value is known only when the pipeline runs: it may stand for a list or a mapping.
    expression: &'static str,
    nodes_left: usize,
    bytes_left: usize,
    /// Where the budget ran out.
    exhausted: Option<Span>,
}

/// An entry of a mapping.
pub(in crate::parse) struct Entry {
    pub name: Spanned<String>,
    pub value: NodeId,
}

impl<'a> Reader<'a> {
    /// A reader of `yaml`, which was read from `length` bytes.
    pub fn new(yaml: &'a Yaml, length: usize, expression: &'static str) -> Self {
        let bytes_left = length.saturating_add(MAX_REPEATED_BYTES);
        Self { yaml, problems: Vec::new(), expression, nodes_left: MAX_NODES, bytes_left, exhausted: None }
    }

    /// The problems of the syntax and of the walk, in order of place.
    pub fn finish(mut self, mut problems: Vec<Problem>) -> Vec<Problem> {
        problems.append(&mut self.problems);
        if let Some(span) = self.exhausted {
            problems.push(Problem::new(span, "with its aliases this file is too large: the rest is not read"));
        }
        problems.sort_by_key(|problem| problem.span);
        problems
    }

    pub fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem::new(span, message));
    }

    /// Says that what stands at `node` should be `expected`. What an expression stands for is not known.
    pub fn wrong(&mut self, node: NodeId, what: &str, expected: &str) {
        if !self.is_expression(node) {
            self.problem(self.yaml.span(node), format!("`{what}` must be {expected}"));
        }
    }

    /// Whether a text stands here whose value is known only when the pipeline runs.
    pub fn is_expression(&self, node: NodeId) -> bool {
        self.yaml.text(node).is_some_and(|text| text.trim_start().starts_with(self.expression))
    }

    /// Takes so many values and bytes from the budget.
    fn spend(&mut self, nodes: usize, bytes: usize, at: NodeId) -> bool {
        let fits = self.exhausted.is_none() && nodes <= self.nodes_left && bytes <= self.bytes_left;
        if fits {
            self.nodes_left -= nodes;
            self.bytes_left -= bytes;
        } else {
            self.exhaust(at);
        }
        fits
    }

    /// Reads nothing more, and says once that `at` was too much.
    pub fn exhaust(&mut self, at: NodeId) {
        self.exhausted.get_or_insert(self.yaml.span(at));
    }

    /// Keys that stand twice in a mapping.
    pub fn duplicate_keys(&mut self) {
        let yaml = self.yaml;
        // An alias has no keys of its own: its target is looked at where it stands.
        for duplicate in yaml.ids().filter(|&id| yaml.resolve(id) == id).flat_map(|id| yaml.duplicates(id)) {
            let name = yaml.text(duplicate.again).unwrap_or("");
            self.problem(yaml.span(duplicate.again), format!("the key `{name}` stands twice in this mapping"));
        }
    }

    /// The entries of a mapping, merge keys followed; none where the value is missing. A problem where it is something
    /// else.
    pub fn entries(&mut self, map: NodeId, what: &str) -> Vec<Entry> {
        let yaml = self.yaml;
        if self.exhausted.is_some() || yaml.is_null(map) {
            return Vec::new();
        }
        if !yaml.is_mapping(map) {
            self.wrong(map, what, "a mapping");
            return Vec::new();
        }
        let (entries, visited) = yaml.entries_and_cost(map);
        let bytes = entries.iter().map(|entry| yaml.text(entry.key).map_or(0, str::len)).sum();
        if !self.spend(visited, bytes, map) {
            return Vec::new();
        }
        for &(key, _) in yaml.pairs(map).unwrap_or_default() {
            if yaml.text(key).is_none() {
                self.problem(yaml.span(key), "a key must be text; a template that fills this in is not evaluated");
            }
        }
        let name = |key| Spanned::new(yaml.text(key).unwrap_or("").to_owned(), yaml.span(key));
        entries.iter().map(|entry| Entry { name: name(entry.key), value: entry.value }).collect()
    }

    /// From the key to the end of the value, or the key alone where an alias's target stands before it.
    pub fn span(&self, entry: &Entry) -> Span {
        let value = self.yaml.span(entry.value);
        if value.start >= entry.name.span.end { entry.name.span.to(value) } else { entry.name.span }
    }

    /// The items of a list; none where the value is missing. A problem where it is something else.
    pub fn items(&mut self, list: NodeId, what: &str) -> &'a [NodeId] {
        match self.yaml.items(list) {
            Some(items) if self.spend(items.len(), 0, list) => items,
            Some(_) => &[],
            None => {
                if !self.yaml.is_null(list) {
                    self.wrong(list, what, "a list");
                }
                &[]
            }
        }
    }

    /// A scalar with the way back; `None` where the value is missing. A problem where it is no scalar.
    pub fn fragment(&mut self, node: NodeId, what: &str) -> Option<Fragment> {
        if self.yaml.is_null(node) {
            return None;
        }
        let Some(text) = self.yaml.text(node) else {
            self.wrong(node, what, "text");
            return None;
        };
        self.spend(0, text.len(), node).then(|| self.yaml.fragment(node))
    }

    /// A scalar; `None` where the value is missing. A problem where it is no scalar.
    pub fn text(&mut self, node: NodeId, what: &str) -> Option<Spanned<String>> {
        self.fragment(node, what).map(|fragment| Spanned::new(fragment.text().to_owned(), fragment.span()))
    }

    /// One scalar, or a list of them.
    pub fn texts(&mut self, node: NodeId, what: &str) -> Vec<Spanned<String>> {
        if self.yaml.text(node).is_some() {
            return self.text(node, what).into_iter().collect();
        }
        if self.yaml.items(node).is_none() {
            self.wrong(node, what, "text or a list");
            return Vec::new();
        }
        self.items(node, what).iter().filter_map(|&item| self.text(item, what)).collect()
    }

    /// A boolean, or something that decides later.
    pub fn switch(&mut self, node: NodeId, what: &str) -> Option<Spanned<Switch>> {
        let switch = match self.yaml.text(node) {
            Some(text) if text.eq_ignore_ascii_case("true") => Switch::On,
            Some(text) if text.eq_ignore_ascii_case("false") => Switch::Off,
            _ if self.yaml.is_null(node) => return None,
            _ if self.is_expression(node) => Switch::Unknown,
            _ => {
                self.wrong(node, what, "`true` or `false`");
                return None;
            }
        };
        Some(Spanned::new(switch, self.yaml.span(node)))
    }

    /// A mapping of names to scalars.
    pub fn pairs(&mut self, node: NodeId, what: &str) -> Vec<Pair> {
        self.entries(node, what).into_iter().filter_map(|entry| self.pair(entry, what)).collect()
    }

    /// A name and its scalar.
    pub fn pair(&mut self, entry: Entry, what: &str) -> Option<Pair> {
        let span = self.span(&entry);
        let value = if self.yaml.is_null(entry.value) {
            Fragment::opaque("", self.yaml.span(entry.value))
        } else {
            let text = self.fragment(entry.value, &format!("{what}.{}", entry.name.value))?;
            self.printed(text, entry.value)
        };
        Some(Pair { name: entry.name, value, span })
    }

    /// What a scalar is printed as that was read as a boolean or a number.
    fn printed(&self, text: Fragment, node: NodeId) -> Fragment {
        let plain = self.yaml.style(node) == Some(Style::Plain) && self.yaml.tag(node).is_none();
        match go_text(text.text()).filter(|_| plain) {
            Some(printed) if printed != text.text() => Fragment::opaque(printed, text.span()),
            _ => text,
        }
    }
}
