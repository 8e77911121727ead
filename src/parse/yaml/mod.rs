//! YAML 1.2 as an arena of nodes with byte spans. Aliases stay references, comments and tags are kept.
//!
//! Nothing is expanded: a file full of aliases costs what its text costs. Whoever walks a tree through aliases needs a
//! budget, for a node may contain itself.

mod build;
mod fragment;
mod mapping;
mod scalar;
#[cfg(test)]
mod tests;

pub use build::parse;
pub use mapping::{Duplicate, Entry};
pub use scalar::go_text;

use crate::source::{Fragment, Span, Spanned};

/// A node of one [`Yaml`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// One file: its nodes, the roots of its documents, and its comments.
#[derive(Clone, Debug, Default)]
pub struct Yaml {
    text: Box<str>,
    nodes: Vec<Node>,
    /// The root of every document that has one, in order.
    pub documents: Vec<NodeId>,
    /// Every comment, in order.
    pub comments: Vec<Comment>,
}

/// A value in the file.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its bytes: quotes and brackets included; of a block scalar the content without its header; of a block
    /// collection from its first key or dash to the end of its last child. Empty where a value is missing.
    pub span: Span,
    /// The tag as written (`!reset`, `!!str`), where there is one.
    pub tag: Option<Spanned<String>>,
    /// The anchor's name without `&`; the span covers `&name`.
    pub anchor: Option<Spanned<String>>,
}

/// The kinds of nodes.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text; typed by whoever reads it ([`Yaml::as_bool`] and its like).
    Scalar {
        /// The text after unquoting and folding; empty where the value is missing.
        value: String,
        /// How it is written.
        style: Style,
    },
    /// A list.
    Sequence(Vec<NodeId>),
    /// Keys and values as written: repeated keys and `<<` included. [`Yaml::entries`] gives the merged view.
    Mapping(Vec<(NodeId, NodeId)>),
    /// `*name`.
    Alias {
        /// The node that carries the anchor; `None` where nothing above does.
        target: Option<NodeId>,
    },
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes, or not at all.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line, the line break excluded.
    pub span: Span,
    /// What follows the `#`, untrimmed.
    pub text: String,
}

impl Yaml {
    /// The node as written; an alias is not followed.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The node that `id` stands for: the target of an alias, else itself.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias { target: Some(target) } => target,
            _ => id,
        }
    }

    /// The node that `id` stands for.
    pub fn get_node(&self, id: NodeId) -> &Node {
        self.node(self.resolve(id))
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the file has no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The ids of all nodes, parents before children.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The bytes of the node in the file (its own, or those of an alias's target).
    pub fn span(&self, id: NodeId) -> Span {
        self.get_node(id).span
    }

    /// The tag as written; an alias has the tag of its target.
    pub fn tag(&self, id: NodeId) -> Option<&str> {
        self.get_node(id).tag.as_ref().map(|tag| tag.value.as_str())
    }

    /// The items of a sequence.
    pub fn items(&self, id: NodeId) -> Option<&[NodeId]> {
        match &self.get_node(id).kind {
            Kind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Whether the node is a mapping.
    pub fn is_mapping(&self, id: NodeId) -> bool {
        matches!(self.get_node(id).kind, Kind::Mapping(_))
    }

    /// The source text of the node.
    pub fn source(&self, id: NodeId) -> &str {
        self.text.get(self.span(id).range()).unwrap_or("")
    }

    /// The text of a scalar with the way back into the file; of another node its source text.
    pub fn fragment(&self, id: NodeId) -> Fragment {
        let node = self.get_node(id);
        match &node.kind {
            Kind::Scalar { value, style } => fragment::scalar(&self.text, node.span, value, *style),
            _ => Fragment::verbatim(self.source(id), node.span.start as usize),
        }
    }
}
