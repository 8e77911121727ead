//! Simple commands: words, assignments and redirects.

use super::condition::parse_test;
use super::lower::{Context, Lowering, children, is_word};
use super::model::{Command, HereDocument, Redirect, RedirectKind};
use super::prepare::HereDocument as Found;
use super::{Condition, MAX_COMMANDS, MAX_WORDS, Word};
use crate::source::{Fragment, FragmentBuilder, Span, Spanned};
use std::ops::Range;
use std::sync::Arc;
use tree_sitter::Node;

impl Lowering<'_> {
    /// Words out of nodes: those that touch are one word.
    pub(super) fn joined(&mut self, nodes: &[Node<'_>]) -> Vec<Word> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for node in nodes.iter().filter(|node| is_word(node.kind())) {
            let range = node.byte_range();
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => ranges.push(range),
            }
        }
        self.words += ranges.len();
        ranges.into_iter().map(|range| self.word(range)).collect()
    }

    fn word(&self, range: Range<usize>) -> Word {
        // The grammar takes the blanks before some words into them.
        let text = &self.text[range.clone()];
        let start = range.end - text.trim_start().len();
        self.lexer.word(start..range.end)
    }

    pub(super) fn simple(
        &mut self,
        node: Node<'_>,
        redirects: &[Node<'_>],
        context: &Context,
        wanted: bool,
    ) -> Option<Arc<Condition>> {
        if self.script.commands.len() >= MAX_COMMANDS || self.words >= MAX_WORDS {
            self.limit(node, "more commands than are read");
            self.full = true;
            return None;
        }
        self.lexer.syntax_depth.set(context.depth);
        let mut range = node.byte_range();
        let mut command = Command {
            guards: context.guards.clone(),
            group_redirects: context.redirects.clone().unwrap_or_default(),
            function: context.function,
            background: context.background,
            pipeline: context.pipeline,
            negated: context.negated,
            subshell: context.subshell,
            tested: context.tested,
            ..Command::default()
        };
        let parts = children(node);
        match node.kind() {
            "test_command" => command.words = self.test_words(node.byte_range()),
            "variable_assignment" => command.assignments.extend(self.assignment(node)),
            "redirected_statement" => range.end = range.start,
            kind => {
                let declares = kind == "declaration_command";
                let mut words: Vec<Node> = Vec::new();
                let mut line_end: Option<usize> = None;
                for part in parts {
                    match part.kind() {
                        "variable_assignment" => {
                            // The grammar runs on over line breaks after assignments alone on a line.
                            let broken = line_end.is_some_and(|end| self.has_line_break(end..part.start_byte()));
                            if broken && !declares && words.is_empty() {
                                self.flush_assignments(&mut command, context, range.start, line_end);
                                range.start = part.start_byte();
                            }
                            command.assignments.extend(self.assignment(part));
                            line_end = Some(part.end_byte());
                        }
                        "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                            let (redirect, more) = self.redirect(part);
                            command.redirects.extend(redirect);
                            words.extend(more);
                        }
                        "ERROR" => self.problem_here(part),
                        "comment" => self.comment(part),
                        "subshell" => {
                            self.chain(part, context, false);
                        }
                        "command_name" => {
                            if line_end.is_some_and(|end| self.has_line_break(end..part.start_byte())) {
                                self.flush_assignments(&mut command, context, range.start, line_end);
                                range.start = part.start_byte();
                            }
                            words.push(part);
                        }
                        _ => words.push(part),
                    }
                }
                command.words = self.command_words(&words, declares);
                if declares {
                    self.quoted_assignments(&mut command);
                }
            }
        }
        for redirect in redirects {
            range.start = range.start.min(redirect.start_byte());
            range.end = range.end.max(redirect.end_byte());
            let (own, more) = self.redirect(*redirect);
            command.redirects.extend(own);
            let more = self.joined(&more);
            command.words.extend(more);
        }
        command.span = self.file_span(range);
        self.script.commands.push(command);
        if !wanted {
            return None;
        }
        self.script.commands.last().map(|command| Arc::new(condition_of(command)))
    }

    fn has_line_break(&self, gap: Range<usize>) -> bool {
        let gap = self.text.get(gap).unwrap_or("");
        gap.replace("\\\n", "").replace("\\\r\n", "").contains('\n')
    }

    /// Ends a command that is assignments only.
    fn flush_assignments(&mut self, command: &mut Command, context: &Context, start: usize, end: Option<usize>) {
        let mut own = command.clone();
        own.span = self.file_span(start..end.unwrap_or(start).max(start));
        own.tested = context.tested;
        command.assignments.clear();
        command.redirects.clear();
        self.script.commands.push(own);
    }

    fn command_words(&mut self, nodes: &[Node<'_>], declares: bool) -> Vec<Word> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for node in nodes {
            let range = node.byte_range();
            let keyword = declares || matches!(node.kind(), "unset" | "unsetenv" | "==" | "=~" | "$");
            if range.is_empty() || !(is_word(node.kind()) || keyword) {
                continue;
            }
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => ranges.push(range),
            }
        }
        self.words += ranges.len();
        ranges.into_iter().map(|range| self.word(range)).collect()
    }

    /// `export "A=b"`: the assignment that a quoted word is.
    fn quoted_assignments(&mut self, command: &mut Command) {
        let words = std::mem::take(&mut command.words);
        for word in words {
            let name = word.prefix().split_once('=').map(|(name, _)| name.to_owned());
            match name {
                Some(name) if is_variable(&name) => {
                    if let Some(value) = word.strip_prefix(&format!("{name}=")) {
                        command.assignments.push((Spanned::new(name, word.span), value));
                    }
                }
                _ => command.words.push(word),
            }
        }
    }

    fn assignment(&mut self, node: Node<'_>) -> Option<(Spanned<String>, Word)> {
        let range = node.byte_range();
        let text = &self.text[range.clone()];
        let equals = text.find('=')?;
        let name = text[..equals].trim_end_matches('+');
        let name_end = name.find('[').unwrap_or(name.len());
        let name = Spanned::new(name[..name_end].to_owned(), self.file_span(range.start..range.start + name_end));
        self.words += 1;
        let value = self.lexer.value(range.start + equals + 1..range.end);
        Some((name, value))
    }

    /// `[ … ]` or `[[ … ]]`, brackets included.
    fn test_words(&mut self, range: Range<usize>) -> Vec<Word> {
        let text = &self.text[range.clone()];
        let (open, close) = if text.starts_with("[[") { ("[[", "]]") } else { ("[", "]") };
        let start = range.start + open.len();
        let end = if text.ends_with(close) { range.end - close.len() } else { range.end };
        let mut words = vec![self.lexer.word(range.start..start)];
        words.extend(self.lexer.split(start..end.max(start), open == "[["));
        if end < range.end {
            words.push(self.lexer.word(end..range.end));
        }
        self.words += words.len();
        words
    }

    /// A redirect, and the words after its target, which are the command's.
    pub(super) fn redirect<'t>(&mut self, node: Node<'t>) -> (Option<Redirect>, Vec<Node<'t>>) {
        let parts = children(node);
        let Some(operator) = parts.iter().find(|part| !part.is_named()) else { return (None, Vec::new()) };
        let descriptor = parts.iter().find(|part| part.kind() == "file_descriptor");
        let descriptor = descriptor.and_then(|part| self.text[part.byte_range()].parse().ok());
        let words: Vec<Node<'t>> = parts.iter().copied().filter(|part| is_word(part.kind())).collect();
        // The target is the first word; nodes that touch it belong to it.
        let mut target = operator.end_byte()..operator.end_byte();
        let mut rest = 0;
        for word in &words {
            if rest == 0 {
                target = word.byte_range();
            } else if word.start_byte() == target.end {
                target.end = word.end_byte();
            } else {
                break;
            }
            rest += 1;
        }
        let more = words[rest..].to_vec();
        let document = self.documents.iter().find(|document| document.operator == operator.start_byte());
        let target_word = self.word(target.clone());
        self.words += 1;
        let number = target_word.literal().is_some_and(|text| text.bytes().all(|b| b.is_ascii_digit()) || text == "-");
        let kind = match operator.kind() {
            _ if document.is_some() => RedirectKind::HereDocument,
            "<<<" => RedirectKind::HereString,
            "<<" | "<<-" => RedirectKind::HereDocument,
            "<" => RedirectKind::Input,
            ">>" => RedirectKind::Append,
            "&>" => RedirectKind::OutputAndErrors,
            "&>>" => RedirectKind::AppendOutputAndErrors,
            ">&" if !number => RedirectKind::OutputAndErrors,
            ">&" | "<&" | ">&-" | "<&-" => RedirectKind::Duplicate,
            "<>" => RedirectKind::ReadWrite,
            _ => RedirectKind::Output,
        };
        let redirect = Redirect {
            kind,
            descriptor,
            target: target_word,
            span: self.file_span(node.start_byte()..target.end.max(operator.end_byte())),
            document: document
                .map(|document| HereDocument { body: self.document_body(document), expanded: !document.quoted }),
        };
        (Some(redirect), more)
    }

    fn document_body(&self, document: &Found) -> Fragment {
        let fragment = self.lexer.fragment;
        if !document.strip_tabs {
            return fragment.slice(document.body.clone().into());
        }
        let mut builder = FragmentBuilder::default();
        let mut at = document.body.start;
        for line in self.text[document.body.clone()].split_inclusive('\n') {
            let tabs = line.len() - line.trim_start_matches('\t').len();
            builder.push_slice(fragment, Span::new(at + tabs, at + line.len()));
            at += line.len();
        }
        builder.cover(fragment.to_file(document.body.clone().into()));
        builder.finish()
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What the success of a simple command means.
fn condition_of(command: &Command) -> Condition {
    let words = command.words.as_slice();
    match command.name().as_deref() {
        Some("[[") => parse_test(inside(words, "]]"), true),
        Some("[") => parse_test(inside(words, "]"), false),
        Some("test") => parse_test(&words[1..], false),
        // Without its guards: they hold the conditions before it, and those theirs, without end.
        _ => Condition::Command(Arc::new(Command { guards: Vec::new(), ..command.clone() })),
    }
}

fn inside<'w>(words: &'w [Word], close: &str) -> &'w [Word] {
    match words {
        [_, inner @ .., last] if last.is(close) => inner,
        [_, inner @ ..] => inner,
        [] => &[],
    }
}
