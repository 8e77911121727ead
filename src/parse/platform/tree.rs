//! YAML, JSON and TOML as one tree of text, lists and tables: manifests of platforms are written in any of them.

use crate::parse::yaml::{self, NodeId, Yaml};
use crate::source::{Fragment, Problem, Span, Spanned};
use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

/// Collections within collections are followed so deep.
const MAX_DEPTH: usize = 24;
/// The most values of one file, aliases counted as often as they are used.
const MAX_VALUES: usize = 20_000;
/// Longer files are not read, in bytes: TOML is parsed whole.
const MAX_LENGTH: usize = 1 << 20;

/// A value of a manifest. What is null is left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Text, a number or a boolean, as written.
    Text(Fragment),
    /// A list.
    List(Vec<Node>),
    /// A table, in order of its keys in the file.
    Table(Table),
}

/// A table, and where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub span: Span,
    pub entries: Vec<(Spanned<String>, Node)>,
}

impl Node {
    pub fn text(&self) -> Option<&Fragment> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn table(&self) -> Option<&Table> {
        match self {
            Node::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The items of a list; a single value counts as a list of one.
    pub fn items(&self) -> &[Node] {
        match self {
            Node::List(items) => items,
            other => std::slice::from_ref(other),
        }
    }
}

impl Table {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    pub fn entry(&self, key: &str) -> Option<&(Spanned<String>, Node)> {
        self.entries.iter().find(|(name, _)| name.value == key)
    }

    pub fn text(&self, key: &str) -> Option<Fragment> {
        self.get(key)?.text().filter(|text| !text.text().trim().is_empty()).cloned()
    }

    pub fn is(&self, key: &str, value: &str) -> bool {
        self.get(key).and_then(Node::text).is_some_and(|text| text.text() == value)
    }

    pub fn table(&self, key: &str) -> Option<&Table> {
        self.get(key)?.table()
    }

    /// The tables under `key`: those of a list, or the one that stands there.
    pub fn tables(&self, key: &str) -> impl Iterator<Item = &Table> {
        self.get(key).into_iter().flat_map(Node::items).filter_map(Node::table)
    }
}

/// Reads YAML, of which JSON is a part: the first document's table.
pub(super) fn of_yaml(text: &str) -> (Table, Vec<Problem>) {
    if text.len() > MAX_LENGTH {
        return (Table::default(), vec![Problem::new(Span::at(0), "the file is too long to be read")]);
    }
    let (yaml, problems) = yaml::parse(text);
    let mut left = MAX_VALUES;
    let root = yaml.documents.first().and_then(|root| of_node(&yaml, *root, 0, &mut left));
    let table = match root {
        Some(Node::Table(table)) => table,
        _ => Table::default(),
    };
    (table, problems)
}

fn of_node(yaml: &Yaml, id: NodeId, depth: usize, left: &mut usize) -> Option<Node> {
    if depth > MAX_DEPTH || *left == 0 || yaml.is_null(id) {
        return None;
    }
    *left -= 1;
    if let Some(items) = yaml.items(id) {
        return Some(Node::List(items.iter().filter_map(|item| of_node(yaml, *item, depth + 1, left)).collect()));
    }
    if !yaml.is_mapping(id) {
        return Some(Node::Text(yaml.fragment(id)));
    }
    let (entries, cost) = yaml.entries_and_cost(id);
    *left = left.saturating_sub(cost);
    let entries = entries.into_iter().filter_map(|entry| {
        let key = Spanned::new(yaml.text(entry.key)?.to_owned(), yaml.span(entry.key));
        Some((key, of_node(yaml, entry.value, depth + 1, left)?))
    });
    Some(Node::Table(Table { span: yaml.span(id), entries: entries.collect() }))
}

/// Reads TOML. What is broken is left out.
pub(super) fn of_toml(text: &str) -> (Table, Vec<Problem>) {
    if text.len() > MAX_LENGTH {
        return (Table::default(), vec![Problem::new(Span::at(0), "the file is too long to be read")]);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    let problem = |error: &toml::de::Error| {
        let span = error.span().map_or(Span::at(0), |range| fit(text, range.start, range.end));
        Problem::new(span, error.message().lines().next().unwrap_or("this is no TOML").replace('`', "'"))
    };
    let problems = errors.iter().take(20).map(problem).collect();
    let span = fit(text, document.span().start, document.span().end);
    (Table { span, entries: of_table(text, document.get_ref(), 0) }, problems)
}

fn of_table(text: &str, table: &DeTable<'_>, depth: usize) -> Vec<(Spanned<String>, Node)> {
    let mut entries: Vec<(Spanned<String>, Node)> = table
        .iter()
        .filter_map(|(key, value)| {
            let span = fit(text, key.span().start, key.span().end);
            Some((Spanned::new(key.get_ref().to_string(), span), of_value(text, value, depth + 1)?))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    entries
}

fn of_value(text: &str, value: &TomlSpanned<DeValue<'_>>, depth: usize) -> Option<Node> {
    if depth > MAX_DEPTH {
        return None;
    }
    let span = fit(text, value.span().start, value.span().end);
    let written = &text[span.range()];
    Some(match value.get_ref() {
        DeValue::Array(items) => Node::List(items.iter().filter_map(|item| of_value(text, item, depth + 1)).collect()),
        DeValue::Table(table) => Node::Table(Table { span, entries: of_table(text, table, depth) }),
        DeValue::String(inner) => {
            // Escapes shift what is inside: then the whole value is its place.
            let quotes = ["\"\"\"\n", "'''\n", "\"\"\"", "'''", "\"", "'"];
            let quote = quotes.into_iter().find(|quote| written.starts_with(quote)).map_or(0, str::len);
            let verbatim = written[quote..].starts_with(inner.as_ref());
            Node::Text(match verbatim {
                true => Fragment::verbatim(inner.as_ref(), span.start as usize + quote),
                false => Fragment::opaque(inner.as_ref(), span),
            })
        }
        _ => Node::Text(Fragment::verbatim(written, span.start as usize)),
    })
}

/// A range that lies inside the text on character boundaries.
fn fit(text: &str, start: usize, end: usize) -> Span {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = floor(start);
    Span::new(start, floor(end).max(start))
}
