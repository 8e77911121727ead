use super::Span;

/// Text taken out of a file, with the way back: a RUN body without its continuations, a YAML scalar
/// without its quotes, the script of `sh -c`, a heredoc.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Fragment {
    text: String,
    /// Runs of text copied byte for byte from the file, ascending in both offsets.
    runs: Vec<Run>,
    /// What the whole fragment stands for in the file.
    span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    in_text: u32,
    in_file: u32,
    /// For text that replaces other text: the length of that in the file. All of the run maps to all of it.
    replaces: Option<u32>,
}

impl Fragment {
    /// Text that stands in the file byte for byte, beginning at `offset`.
    pub fn verbatim(text: impl Into<String>, offset: usize) -> Self {
        let text = text.into();
        let span = Span::new(offset, offset + text.len());
        Self { text, runs: vec![Run { in_text: 0, in_file: offset as u32, replaces: None }], span }
    }

    /// Text that cannot be mapped inside: every part of it maps to the whole of `span`.
    pub fn opaque(text: impl Into<String>, span: Span) -> Self {
        Self { text: text.into(), runs: Vec::new(), span }
    }

    /// Starts a fragment that is put together from pieces.
    pub fn builder() -> FragmentBuilder {
        FragmentBuilder::default()
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the whole fragment stands for in the file.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The byte range in the file of the byte range `span` in this text.
    pub fn to_file(&self, span: Span) -> Span {
        if self.runs.is_empty() {
            return self.span;
        }
        let start = self.offset_in_file(span.start);
        // The end belongs to the byte before it: a run that begins just there may lie lines below.
        let end = match span.is_empty() {
            true => start,
            false => match self.run_at(span.end - 1) {
                Run { in_file, replaces: Some(length), .. } => (in_file + length).min(self.span.end),
                _ => self.offset_in_file(span.end - 1) + 1,
            },
        };
        Span { start, end: end.max(start) }
    }

    fn run_at(&self, offset: u32) -> Run {
        let after = self.runs.partition_point(|run| run.in_text <= offset);
        self.runs[after.saturating_sub(1)]
    }

    fn offset_in_file(&self, offset: u32) -> u32 {
        let run = self.run_at(offset);
        let within = if run.replaces.is_some() { 0 } else { offset.saturating_sub(run.in_text) };
        (run.in_file + within).min(self.span.end)
    }

    /// Whether no part of the text has a place of its own.
    pub fn is_opaque(&self) -> bool {
        self.runs.is_empty()
    }

    /// The same text with blanks for the line breaks outside of quotes.
    pub fn on_one_line(&self) -> Fragment {
        let mut quote = None;
        let mut escaped = false;
        let text = self.text.chars().map(|c| match (c, quote) {
            ('\n' | '\r', None) if !escaped => ' ',
            _ => {
                match (c, quote) {
                    ('\'' | '"', None) if !escaped => quote = Some(c),
                    (c, Some(open)) if c == open && !escaped => quote = None,
                    _ => {}
                }
                escaped = c == '\\' && !escaped && quote != Some('\'');
                c
            }
        });
        Fragment { text: text.collect(), runs: self.runs.clone(), span: self.span }
    }

    /// This fragment of the text of `whole`, as one of the file that `whole` was taken out of.
    pub fn within(&self, whole: &Fragment) -> Fragment {
        let mut builder = Fragment::builder();
        if self.is_opaque() {
            builder.push_replacement(&self.text, whole.to_file(self.span));
        }
        for (index, run) in self.runs.iter().enumerate() {
            let end = self.runs.get(index + 1).map_or(self.text.len(), |next| next.in_text as usize);
            let length = run.replaces.unwrap_or((end as u32).saturating_sub(run.in_text));
            let part = Span { start: run.in_file, end: run.in_file + length };
            match run.replaces {
                Some(_) => builder.push_replacement(&self.text[run.in_text as usize..end], whole.to_file(part)),
                None => builder.push_slice(whole, part),
            }
        }
        builder.cover(whole.to_file(self.span));
        builder.finish()
    }

    /// The part `span` of this text, as a fragment of the same file.
    pub fn slice(&self, span: Span) -> Fragment {
        let mut runs = Vec::new();
        if !self.runs.is_empty() {
            runs.push(Run { in_text: 0, in_file: self.offset_in_file(span.start), ..self.run_at(span.start) });
            let later = self.runs.partition_point(|run| run.in_text <= span.start);
            let inside = self.runs[later..].iter().take_while(|run| run.in_text < span.end);
            runs.extend(inside.map(|run| Run { in_text: run.in_text - span.start, ..*run }));
        }
        Fragment { text: self.text[span.range()].to_owned(), runs, span: self.to_file(span) }
    }
}

/// Puts a [`Fragment`] together from pieces of a file.
#[derive(Clone, Debug, Default)]
pub struct FragmentBuilder {
    text: String,
    runs: Vec<Run>,
    span: Option<Span>,
}

impl FragmentBuilder {
    /// Appends a piece that stands in the file at `offset`, byte for byte.
    pub fn push(&mut self, piece: &str, offset: usize) {
        if piece.is_empty() {
            return;
        }
        let run = Run { in_text: self.text.len() as u32, in_file: offset as u32, replaces: None };
        let continues = self
            .runs
            .last()
            .is_some_and(|last| last.replaces.is_none() && last.in_file + (run.in_text - last.in_text) == run.in_file);
        if !continues {
            self.runs.push(run);
        }
        self.text.push_str(piece);
        self.cover(Span::new(offset, offset + piece.len()));
    }

    /// Appends text that replaces what stands in the file at `span` (an escape, a folded line break, a variable):
    /// every part of it maps to the whole of `span`.
    pub fn push_replacement(&mut self, piece: &str, span: Span) {
        if !piece.is_empty() {
            let replaces = Some(span.len() as u32);
            self.runs.push(Run { in_text: self.text.len() as u32, in_file: span.start, replaces });
            self.text.push_str(piece);
        }
        self.cover(span);
    }

    /// Appends a whole fragment of the same file, with its way back.
    pub fn push_fragment(&mut self, fragment: &Fragment) {
        self.push_slice(fragment, Span::new(0, fragment.text.len()));
    }

    /// Appends the part `part` of the text of `fragment`, with its way back.
    pub fn push_slice(&mut self, fragment: &Fragment, part: Span) {
        if part.is_empty() {
            return;
        }
        if fragment.is_opaque() {
            return self.push_replacement(&fragment.text[part.range()], fragment.span);
        }
        let slice = fragment.slice(part);
        for (index, run) in slice.runs.iter().enumerate() {
            let end = slice.runs.get(index + 1).map_or(slice.text.len(), |next| next.in_text as usize);
            let piece = &slice.text[run.in_text as usize..end];
            match run.replaces {
                Some(length) => self.push_replacement(piece, Span { start: run.in_file, end: run.in_file + length }),
                None => self.push(piece, run.in_file as usize),
            }
        }
    }

    /// Makes the fragment stand for at least `span` (quotes around it, say).
    pub fn cover(&mut self, span: Span) {
        self.span = Some(self.span.map_or(span, |known| known.to(span)));
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The finished fragment.
    pub fn finish(self) -> Fragment {
        Fragment { text: self.text, runs: self.runs, span: self.span.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_map_back_over_a_gap() {
        // RUN a \⏎  # why⏎  && b
        let file = "RUN a \\\n  # why\n  && b";
        let mut builder = Fragment::builder();
        builder.push("a ", 4);
        builder.push("  && b", file.find("  && b").unwrap());
        let fragment = builder.finish();
        assert_eq!(fragment.text(), "a   && b");
        let b = fragment.to_file(Span::new(7, 8));
        assert_eq!(&file[b.range()], "b");
        let a = fragment.to_file(Span::new(0, 1));
        assert_eq!(&file[a.range()], "a");
        let both = fragment.to_file(Span::new(0, 8));
        assert_eq!(&file[both.range()], &file[4..]);
    }

    #[test]
    fn a_slice_keeps_the_way_back() {
        let mut builder = Fragment::builder();
        builder.push("ab", 10);
        builder.push("cd", 20);
        let slice = builder.finish().slice(Span::new(1, 4));
        assert_eq!(slice.text(), "bcd");
        assert_eq!(slice.to_file(Span::new(0, 1)), Span::new(11, 12));
        assert_eq!(slice.to_file(Span::new(1, 3)), Span::new(20, 22));
    }

    #[test]
    fn a_fragment_of_a_fragment_leads_to_the_file() {
        // a$$b, of which Compose makes a$b.
        let mut builder = Fragment::builder();
        builder.push("RUN a", 30);
        builder.push("$b", 36);
        let whole = builder.finish();
        let inner = Fragment::verbatim("a$b", 4).within(&whole);
        assert_eq!(inner.text(), "a$b");
        assert_eq!(inner.to_file(Span::new(2, 3)), Span::new(37, 38));
        assert_eq!(inner.span(), Span::new(34, 38));
        let opaque = Fragment::opaque("x", Span::new(4, 7)).within(&whole);
        assert_eq!((opaque.text(), opaque.span()), ("x", Span::new(34, 38)));
    }

    #[test]
    fn a_replacement_maps_to_all_that_it_replaces() {
        // $(DC) up: the variable is longer than its use.
        let mut builder = Fragment::builder();
        builder.push_replacement("docker compose", Span::new(10, 15));
        builder.push(" up", 15);
        let fragment = builder.finish();
        assert_eq!(fragment.to_file(Span::new(7, 14)), Span::new(10, 15));
        assert_eq!(fragment.to_file(Span::new(15, 17)), Span::new(16, 18));
        assert_eq!(fragment.slice(Span::new(7, 17)).to_file(Span::new(0, 10)), Span::new(10, 18));
    }

    #[test]
    fn pieces_of_fragments_keep_the_way_back() {
        let mut builder = Fragment::builder();
        builder.push("ab", 10);
        builder.push_replacement("x", Span::new(12, 14));
        builder.push("cd", 20);
        let whole = builder.finish();
        let mut builder = Fragment::builder();
        builder.push_slice(&whole, Span::new(1, 5));
        let part = builder.finish();
        assert_eq!(part.text(), "bxcd");
        assert_eq!(part.to_file(Span::new(0, 2)), Span::new(11, 14));
        assert_eq!(part.to_file(Span::new(2, 4)), Span::new(20, 22));
    }

    #[test]
    fn a_fragment_put_into_another_keeps_its_way_back() {
        let mut inner = Fragment::builder();
        inner.push("ab", 10);
        inner.push("cd", 20);
        let mut outer = Fragment::builder();
        outer.push("x", 9);
        outer.push_fragment(&inner.finish());
        outer.push_fragment(&Fragment::opaque("yz", Span::new(30, 40)));
        let outer = outer.finish();
        assert_eq!(outer.text(), "xabcdyz");
        assert_eq!(outer.to_file(Span::new(2, 4)), Span::new(11, 21));
        assert_eq!(outer.span(), Span::new(9, 40));
    }

    #[test]
    fn line_breaks_become_blanks_outside_of_quotes() {
        let fragment = Fragment::verbatim("gunicorn\n--bind x\nsh -c \"a\nb\"\n", 7);
        assert_eq!(fragment.on_one_line().text(), "gunicorn --bind x sh -c \"a\nb\" ");
        assert_eq!(fragment.on_one_line().to_file(Span::new(9, 11)), Span::new(16, 18));
    }

    #[test]
    fn an_opaque_fragment_maps_to_its_whole() {
        let fragment = Fragment::opaque("x y", Span::new(5, 9));
        assert_eq!(fragment.to_file(Span::new(2, 3)), Span::new(5, 9));
    }
}
