use super::{Comment, Kind, Node, NodeId, Style, Yaml};
use crate::source::{Problem, Span, Spanned};
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError};
use std::collections::HashMap;

/// So many broken documents are reported; a file with more has said enough.
const MAX_PROBLEMS: usize = 50;

/// Reads `text`. A syntax error ends its document, but what came before it stands, and later documents are read.
/// Collections nest at most 255 deep.
pub fn parse(text: &str) -> (Yaml, Vec<Problem>) {
    let mut options = Options::default();
    options.emit_anchor_events = true;
    options.emit_unresolved_aliases = true;
    // The default refuses a key that is followed by 97 lines of comments.
    options.max_buffered_comment_events = 1_000_000;
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) => builder.take(event, &span),
            Err(error) => {
                builder.fail(&error);
                if builder.problems.len() >= MAX_PROBLEMS || !matches!(parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
        }
    }
    builder.close_document();
    builder.yaml.text = text.into();
    (builder.yaml, builder.problems)
}

struct Builder<'a> {
    text: &'a str,
    yaml: Yaml,
    problems: Vec<Problem>,
    /// The collections that are being read, outermost first.
    open: Vec<Open>,
    /// The nodes of this document's anchors, by the parser's number.
    anchors: HashMap<usize, NodeId>,
    /// The node of the last event: the anchor that follows names it.
    last: Option<NodeId>,
}

struct Open {
    id: NodeId,
    /// The key whose value comes next, in a mapping.
    key: Option<NodeId>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        let yaml = Yaml::default();
        Self { text, yaml, problems: Vec::new(), open: Vec::new(), anchors: HashMap::new(), last: None }
    }

    fn take(&mut self, event: Event<'_>, place: &granit_parser::Span) {
        let span = self.span(place);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let style = style_of(style);
                // A missing value comes as `~` that covers nothing.
                let missing = span.is_empty() && style == Style::Plain;
                let value = if missing { String::new() } else { value.into_owned() };
                let span = if is_block(style) { self.trimmed(span) } else { span };
                let tag = tag.map(|tag| self.tag(&tag, place));
                self.add(Kind::Scalar { value, style }, span, tag, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                let tag = tag.map(|tag| self.tag(&tag, place));
                self.start(Kind::Sequence(Vec::new()), span, tag, anchor);
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = tag.map(|tag| self.tag(&tag, place));
                self.start(Kind::Mapping(Vec::new()), span, tag, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                self.add(Kind::Alias { target }, span, None, 0);
            }
            Event::UnresolvedAlias(name) => {
                self.problem(span, format!("no anchor `&{name}` stands above this alias"));
                self.add(Kind::Alias { target: None }, span, None, 0);
            }
            Event::Anchor(_, name) => {
                if let Some(id) = self.last {
                    self.yaml.nodes[id.0 as usize].anchor = Some(Spanned::new(name.into_owned(), span));
                }
            }
            Event::Comment(text, _) => self.yaml.comments.push(Comment { span, text: text.into_owned() }),
            Event::DocumentStart(..) | Event::DocumentEnd => self.close_document(),
            _ => {}
        }
    }

    fn fail(&mut self, error: &ScanError) {
        let mut start = self.boundary(error.marker().byte_offset().unwrap_or(self.text.len()));
        // The place of a forbidden tab is given as what follows it.
        if self.text[..start].ends_with('\t') {
            start -= 1;
        }
        let len = self.text[start..].chars().next().filter(|c| *c != '\n' && *c != '\r').map_or(0, char::len_utf8);
        let mut message = error.info().replace('`', "'");
        if let Some(first) = message.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        self.problem(Span::new(start, start + len), message);
        self.close_document();
    }

    fn problem(&mut self, span: Span, message: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem::new(span, message));
        }
    }

    fn start(&mut self, kind: Kind, span: Span, tag: Option<Spanned<String>>, anchor: usize) {
        let id = self.add(kind, span, tag, anchor);
        self.open.push(Open { id, key: None });
    }

    /// Ends the innermost collection. A block collection ends where its last child does: its end event stands at
    /// whatever follows.
    fn end(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        if let Some(key) = open.key {
            // An error came between key and value.
            let at = Span::at(self.yaml.node(key).span.end as usize);
            let missing = self.push(Kind::Scalar { value: String::new(), style: Style::Plain }, at, None);
            if let Kind::Mapping(pairs) = &mut self.yaml.nodes[open.id.0 as usize].kind {
                pairs.push((key, missing));
            }
        }
        let end_of = |id: NodeId| self.yaml.node(id).span.end;
        let last_end = match &self.yaml.node(open.id).kind {
            Kind::Sequence(items) => items.last().map_or(0, |&item| end_of(item)),
            // A missing value lies at the end of its key.
            Kind::Mapping(pairs) => pairs.last().map_or(0, |&(key, value)| end_of(key).max(end_of(value))),
            Kind::Scalar { .. } | Kind::Alias { .. } => 0,
        };
        let node = &mut self.yaml.nodes[open.id.0 as usize];
        node.span.end = node.span.end.max(last_end).max(if span.is_empty() { 0 } else { span.end });
        self.last = None;
    }

    fn add(&mut self, kind: Kind, span: Span, tag: Option<Spanned<String>>, anchor: usize) -> NodeId {
        let id = self.push(kind, span, tag);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.last = Some(id);
        match self.open.last_mut() {
            None => self.yaml.documents.push(id),
            Some(open) => match &mut self.yaml.nodes[open.id.0 as usize].kind {
                Kind::Sequence(items) => items.push(id),
                Kind::Mapping(pairs) => match open.key.take() {
                    Some(key) => pairs.push((key, id)),
                    None => open.key = Some(id),
                },
                Kind::Scalar { .. } | Kind::Alias { .. } => {}
            },
        }
        id
    }

    fn push(&mut self, kind: Kind, span: Span, tag: Option<Spanned<String>>) -> NodeId {
        let id = NodeId(self.yaml.nodes.len() as u32);
        self.yaml.nodes.push(Node { kind, span, tag, anchor: None });
        id
    }

    fn close_document(&mut self) {
        while let Some(open) = self.open.last() {
            let at = self.yaml.node(open.id).span.end as usize;
            self.end(Span::at(at));
        }
        self.anchors.clear();
        self.last = None;
    }

    fn tag(&self, tag: &granit_parser::Tag, place: &granit_parser::Span) -> Spanned<String> {
        let span = place.tag_span().map_or_else(|| Span::at(self.span(place).start as usize), |span| self.span(&span));
        let written = self.text.get(span.range()).filter(|written| written.starts_with('!'));
        Spanned::new(written.map_or_else(|| tag.original(), str::to_owned), span)
    }

    fn span(&self, place: &granit_parser::Span) -> Span {
        let range = place.byte_range().unwrap_or(0..0);
        let start = self.boundary(range.start);
        Span::new(start, self.boundary(range.end).max(start))
    }

    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// A block scalar's span runs to the next token: the blank lines and the indentation there are not its own.
    fn trimmed(&self, span: Span) -> Span {
        let content = self.text[span.range()].trim_end_matches([' ', '\t', '\n', '\r']);
        Span::new(span.start as usize, span.start as usize + content.len())
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn is_block(style: Style) -> bool {
    matches!(style, Style::Literal | Style::Folded)
}
