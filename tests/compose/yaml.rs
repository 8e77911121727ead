//! YAML that is generated and made smaller.

use std::fmt::Write;

/// A piece of YAML that can be made smaller.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A scalar, or anything else that fits on a line, as written.
    Text(String),
    /// Keys and values.
    Map(Vec<(String, Node)>),
    /// Items.
    List(Vec<Node>),
    /// A tag or an anchor, and what it stands before.
    Marked(String, Box<Node>),
}

impl Node {
    /// A text in quotes.
    pub fn quoted(text: &str) -> Node {
        Node::Text(serde_json::Value::from(text).to_string())
    }

    /// How many pieces can be taken away.
    pub fn pieces(&self) -> usize {
        match self {
            Node::Text(_) => 0,
            Node::Map(entries) => entries.iter().map(|(_, node)| 1 + node.pieces()).sum(),
            Node::List(items) => items.iter().map(|node| 1 + node.pieces()).sum(),
            Node::Marked(_, node) => 1 + node.pieces(),
        }
    }

    /// Without the piece of this number, counted from the outside in.
    pub fn without(&self, number: usize) -> Node {
        let mut left = number;
        self.less(&mut left)
    }

    fn less(&self, left: &mut usize) -> Node {
        let mut goes = |node: &Node| {
            if *left == 0 {
                *left = usize::MAX;
                return None;
            }
            *left = left.saturating_sub(1);
            let pieces = node.pieces();
            if *left < pieces {
                let small = node.less(left);
                *left = usize::MAX;
                return Some(small);
            }
            *left = left.saturating_sub(pieces);
            Some(node.clone())
        };
        match self {
            Node::Text(_) => self.clone(),
            Node::Map(entries) => {
                Node::Map(entries.iter().filter_map(|(key, node)| Some((key.clone(), goes(node)?))).collect())
            }
            Node::List(items) => Node::List(items.iter().filter_map(goes).collect()),
            Node::Marked(mark, node) => match goes(node) {
                Some(small) => Node::Marked(mark.clone(), Box::new(small)),
                None => (**node).clone(),
            },
        }
    }

    /// The text of a file.
    pub fn written(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    fn write(&self, text: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        match self {
            Node::Text(line) => {
                let _ = writeln!(text, "{indent}{line}");
            }
            Node::Map(entries) => {
                for (key, node) in entries {
                    let _ = write!(text, "{indent}{key}:");
                    node.write_after(text, depth + 1);
                }
            }
            Node::List(items) => {
                for node in items {
                    let _ = write!(text, "{indent}-");
                    node.write_after(text, depth + 1);
                }
            }
            Node::Marked(..) => self.write_after(text, depth),
        }
    }

    fn write_after(&self, text: &mut String, depth: usize) {
        match self {
            Node::Text(line) => {
                let _ = writeln!(text, "{}{line}", if line.is_empty() { "" } else { " " });
            }
            Node::Map(entries) if entries.is_empty() => text.push_str(" {}\n"),
            Node::List(items) if items.is_empty() => text.push_str(" []\n"),
            Node::Marked(mark, node) => {
                let _ = write!(text, " {mark}");
                node.write_after(text, depth);
            }
            node => {
                text.push('\n');
                node.write(text, depth);
            }
        }
    }
}
