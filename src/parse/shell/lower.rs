//! From the syntax tree to the [`Script`]: the only place that knows the grammar.

use super::lexer::Lexer;
use super::model::{Case, Function, Guard, PipelinePosition, Redirect, Script};
use super::prepare::{HereDocument as Found, Prepared};
use super::{Condition, MAX_CHAIN, MAX_SYNTAX_DEPTH};
use crate::source::{Fragment, Problem, Span, Spanned};
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;
use tree_sitter::{Node, Tree};

/// How many places of broken syntax are reported in one script.
const MAX_PROBLEMS: usize = 3;

/// Lowers `tree`, the syntax of the masked text of `fragment`.
pub(super) fn lower(
    fragment: &Fragment,
    prepared: &Prepared,
    tree: &Tree,
    depth: usize,
    syntax_depth: usize,
) -> (Script, Vec<Problem>) {
    let lexer = Lexer { fragment, masked: &prepared.masked, depth, syntax_depth: Cell::new(syntax_depth) };
    let mut lowering = Lowering {
        text: fragment.text(),
        lexer: &lexer,
        documents: &prepared.documents,
        script: Script::default(),
        problems: Vec::new(),
        syntax_problems: 0,
        words: 0,
        full: false,
    };
    let root = tree.root_node();
    lowering.problem_here(root);
    let parts = children(root);
    let start = Context { depth: syntax_depth, ..Context::default() };
    let context = if root.is_error() { broken(&parts, &start) } else { start };
    lowering.sequence(&parts, &context, false);
    (lowering.script, lowering.problems)
}

pub(super) struct Lowering<'a> {
    pub(super) text: &'a str,
    pub(super) lexer: &'a Lexer<'a>,
    pub(super) documents: &'a [Found],
    pub(super) script: Script,
    pub(super) problems: Vec<Problem>,
    pub(super) syntax_problems: usize,
    pub(super) words: usize,
    pub(super) full: bool,
}

/// What holds for all commands at a place.
#[derive(Clone, Default)]
pub(super) struct Context {
    pub(super) guards: Vec<Guard>,
    pub(super) redirects: Option<Arc<[Redirect]>>,
    pub(super) function: Option<usize>,
    pub(super) background: bool,
    pub(super) pipeline: Option<PipelinePosition>,
    pub(super) negated: bool,
    pub(super) subshell: bool,
    pub(super) tested: bool,
    pub(super) depth: usize,
}

impl Context {
    fn guarded(&self, guard: Guard) -> Self {
        let mut context = self.clone();
        context.guards.push(guard);
        context
    }
}

/// One command, group or compound of a list, with how it is joined to what stands before.
struct Link<'t> {
    joint: Joint,
    node: Node<'t>,
    redirects: Vec<Node<'t>>,
    negated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    Start,
    Pipe,
    And,
    Or,
}

pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.children(&mut node.walk()).collect()
}

fn field_children<'t>(node: Node<'t>, field: &str) -> Vec<Node<'t>> {
    node.children_by_field_name(field, &mut node.walk()).collect()
}

pub(super) fn is_word(kind: &str) -> bool {
    matches!(
        kind,
        "word" | "string" | "raw_string" | "ansi_c_string" | "translated_string" | "concatenation" | "number"
    ) || matches!(kind, "simple_expansion" | "expansion" | "command_substitution" | "process_substitution")
        || matches!(kind, "arithmetic_expansion" | "brace_expression" | "extglob_pattern" | "regex" | "array")
        || matches!(kind, "command_name" | "variable_name" | "special_variable_name" | "subscript" | "test_operator")
}

fn is_statement(kind: &str) -> bool {
    matches!(kind, "list" | "pipeline" | "command" | "redirected_statement" | "negated_command" | "subshell")
        || matches!(kind, "compound_statement" | "if_statement" | "while_statement" | "for_statement")
        || matches!(kind, "case_statement" | "c_style_for_statement" | "function_definition" | "test_command")
        || matches!(kind, "declaration_command" | "unset_command" | "variable_assignment" | "variable_assignments")
        || matches!(kind, "elif_clause" | "else_clause" | "case_item" | "do_group" | "ERROR")
}

/// The context in broken syntax: where a keyword lost its block, nobody can tell whether a command runs.
fn broken(parts: &[Node<'_>], context: &Context) -> Context {
    let opens = |part: &Node<'_>| {
        matches!(
            part.kind(),
            "if" | "then" | "elif" | "else" | "case" | "in" | "while" | "until" | "for" | "do" | "&&" | "||"
        ) || matches!(part.kind(), "case_item" | "elif_clause" | "else_clause" | "{" | "(" | "function")
    };
    match parts.iter().any(opens) {
        true => {
            let condition = Arc::new(Condition::Other("broken syntax".to_owned()));
            context.guarded(Guard::If { condition, holds: true })
        }
        false => context.clone(),
    }
}

impl<'a> Lowering<'a> {
    pub(super) fn file_span(&self, range: Range<usize>) -> Span {
        self.lexer.fragment.to_file(range.into())
    }

    /// Statements one after the other. With `wanted`, the condition that the last one's success is.
    fn sequence(&mut self, nodes: &[Node<'_>], context: &Context, wanted: bool) -> Option<Arc<Condition>> {
        let last = nodes.iter().rposition(|node| is_statement(node.kind()));
        let mut condition = None;
        for (index, node) in nodes.iter().enumerate() {
            match node.kind() {
                "comment" => self.comment(*node),
                kind if is_statement(kind) => {
                    let follower = nodes[index + 1..].iter().find(|node| node.kind() != "comment");
                    let background = follower.is_some_and(|node| node.kind() == "&");
                    let context = Context { background: context.background || background, ..context.clone() };
                    let found = self.chain(*node, &context, wanted && Some(index) == last);
                    condition = found.or(condition);
                }
                _ if node.is_missing() => self.problem_here(*node),
                _ => {}
            }
            if self.full {
                break;
            }
        }
        condition
    }

    pub(super) fn comment(&mut self, node: Node<'_>) {
        let range = node.byte_range();
        let text = self.text[range.clone()].trim_end();
        let span = self.file_span(range.start..range.start + text.len());
        if text.starts_with("#!") && self.text[..range.start].trim_start_matches('\u{feff}').is_empty() {
            return;
        }
        self.script.comments.push(Spanned::new(text.to_owned(), span));
    }

    /// Says that the syntax at `node` was not understood, if it was not.
    pub(super) fn problem_here(&mut self, node: Node<'_>) {
        if !(node.is_error() || node.is_missing()) {
            return;
        }
        self.syntax_problems += 1;
        if self.syntax_problems > MAX_PROBLEMS {
            return;
        }
        let range = node.byte_range();
        let text = self.text[range.clone()].lines().next().unwrap_or("");
        let span = self.file_span(range.start..range.start + text.len());
        let near: String = text.trim().chars().take(30).collect();
        let message = match node.is_missing() {
            true => format!("shell syntax: `{}` is missing", node.kind()),
            false if node.parent().is_none() => "the shell syntax is not understood as a whole".to_owned(),
            false => format!("shell syntax is not understood at `{near}`"),
        };
        self.problems.push(Problem::new(span, message));
    }

    pub(super) fn limit(&mut self, node: Node<'_>, what: &str) {
        if !self.full {
            let start = node.start_byte();
            self.problems.push(Problem::new(self.file_span(start..start), format!("the script has {what}")));
        }
    }

    /// A list of pipelines, however the grammar nests it.
    pub(super) fn chain(&mut self, node: Node<'_>, context: &Context, wanted: bool) -> Option<Arc<Condition>> {
        if context.depth >= MAX_SYNTAX_DEPTH {
            self.limit(node, "more nested blocks than are read");
            return None;
        }
        let mut links = Vec::new();
        self.links(node, Joint::Start, 0, &mut links);
        let mut starts: Vec<usize> = (0..links.len()).filter(|&at| links[at].joint != Joint::Pipe).collect();
        if links.first().is_some_and(|link| link.joint == Joint::Pipe) {
            starts.insert(0, 0);
        }
        let mut left: Option<Arc<Condition>> = None;
        // How many pipelines `left` is made of: it is walked by recursion, so it must not grow for ever.
        let mut length = 0;
        let mut done: Vec<(Joint, Range<usize>)> = Vec::new();
        for (index, &start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(links.len());
            let joint = links[start].joint;
            let guard = left.clone().and_then(|left| match joint {
                Joint::And => Some(Guard::And(left)),
                Joint::Or => Some(Guard::Or(left)),
                _ => None,
            });
            let last = end == links.len();
            let mut inner = match guard {
                Some(guard) => context.guarded(guard),
                None => context.clone(),
            };
            inner.depth += 1;
            inner.tested = context.tested || !last;
            let first_command = self.script.commands.len();
            let own = self.pipeline(&links[start..end], &inner, wanted || !last);
            done.push((joint, first_command..self.script.commands.len()));
            let own = own.unwrap_or_else(|| Arc::new(Condition::Other(String::new())));
            length += 1;
            left = Some(match (left, joint) {
                (Some(left), Joint::And) if length < MAX_CHAIN => Arc::new(Condition::And(left, own)),
                (Some(left), Joint::Or) if length < MAX_CHAIN => Arc::new(Condition::Or(left, own)),
                _ => {
                    length = 1;
                    own
                }
            });
            if self.full {
                break;
            }
        }
        self.ignored_failures(&done);
        left.filter(|_| wanted)
    }

    /// Marks the commands whose failure leads to nothing but success.
    fn ignored_failures(&mut self, pipelines: &[(Joint, Range<usize>)]) {
        // The nearest `||` to the right decides; `&&` between is skipped by a failure.
        let mut harmless = false;
        for (joint, range) in pipelines.iter().rev() {
            if harmless {
                self.script.commands[range.clone()].iter_mut().for_each(|command| command.failure_ignored = true);
            }
            match joint {
                Joint::Or => harmless = self.is_harmless(range.clone()),
                Joint::Start | Joint::Pipe => harmless = false,
                Joint::And => {}
            }
        }
    }

    fn is_harmless(&self, range: Range<usize>) -> bool {
        let commands = &self.script.commands[range];
        !commands.is_empty()
            && commands.iter().all(|command| match command.name().as_deref() {
                Some("true" | ":" | "echo" | "printf" | "logger" | "sleep" | "warn") => true,
                Some("exit" | "return") => command.words.get(1).is_some_and(|word| word.is("0")),
                _ => false,
            })
    }

    /// Flattens lists and pipelines into links. Lists lean to the left: that side is walked in a loop.
    fn links<'t>(&mut self, node: Node<'t>, joint: Joint, depth: usize, links: &mut Vec<Link<'t>>) {
        if depth > MAX_SYNTAX_DEPTH {
            self.limit(node, "more nested lists than are read");
            return;
        }
        // What stands to the right of the left spine, innermost last.
        let mut pending: Vec<(Joint, Node<'t>)> = Vec::new();
        let mut node = node;
        while node.kind() == "list" {
            let parts = children(node);
            let Some(first) = parts.iter().position(|part| is_statement(part.kind())) else { break };
            let mut operator = Joint::And;
            let mut right = Vec::new();
            for part in &parts[first + 1..] {
                match part.kind() {
                    "&&" => operator = Joint::And,
                    "||" => operator = Joint::Or,
                    "comment" => self.comment(*part),
                    kind if is_statement(kind) => right.push((operator, *part)),
                    _ => {}
                }
            }
            pending.extend(right.into_iter().rev());
            node = parts[first];
        }
        self.element(node, joint, false, depth, links);
        while let Some((operator, right)) = pending.pop() {
            self.links(right, operator, depth + 1, links);
        }
    }

    fn element<'t>(&mut self, node: Node<'t>, joint: Joint, negated: bool, depth: usize, links: &mut Vec<Link<'t>>) {
        match node.kind() {
            "pipeline" => {
                let mut joint = joint;
                for part in children(node) {
                    match part.kind() {
                        "comment" => self.comment(part),
                        kind if is_statement(kind) => {
                            self.links(part, joint, depth + 1, links);
                            joint = Joint::Pipe;
                        }
                        _ => {}
                    }
                }
            }
            "negated_command" => {
                for part in children(node).into_iter().filter(|part| is_statement(part.kind())) {
                    let first = links.len();
                    self.links(part, joint, depth + 1, links);
                    if let Some(link) = links.get_mut(first) {
                        link.negated = !negated;
                    }
                }
            }
            "redirected_statement" => {
                let before = links.len();
                for body in field_children(node, "body") {
                    self.links(body, joint, depth + 1, links);
                }
                let redirects = children(node).into_iter().filter(|part| part.kind().ends_with("_redirect")).collect();
                if links.len() > before {
                    // `a && b > x`: the redirect is the last one's.
                    let last = links.len() - 1;
                    let mut redirects: Vec<Node<'t>> = redirects;
                    links[last].redirects.append(&mut redirects);
                } else {
                    links.push(Link { joint, node, redirects, negated });
                }
            }
            _ => links.push(Link { joint, node, redirects: Vec::new(), negated }),
        }
    }

    fn pipeline(&mut self, links: &[Link<'_>], context: &Context, wanted: bool) -> Option<Arc<Condition>> {
        let negated = links.first().is_some_and(|link| link.negated);
        let mut condition = None;
        for (index, link) in links.iter().enumerate() {
            let mut context = context.clone();
            context.negated = negated;
            context.tested |= negated;
            if links.len() > 1 {
                context.pipeline = Some(PipelinePosition { index, len: links.len() });
            }
            let wanted = wanted && index + 1 == links.len();
            condition = self.statement(link.node, &link.redirects, &context, wanted);
        }
        match (condition, negated) {
            (Some(condition), true) => Some(Arc::new(Condition::Not(condition))),
            (condition, _) => condition,
        }
    }

    fn statement(
        &mut self,
        node: Node<'_>,
        redirects: &[Node<'_>],
        context: &Context,
        wanted: bool,
    ) -> Option<Arc<Condition>> {
        let simple = matches!(node.kind(), "command" | "declaration_command" | "unset_command" | "test_command")
            || matches!(node.kind(), "variable_assignment" | "variable_assignments" | "redirected_statement");
        if simple {
            return self.simple(node, redirects, context, wanted);
        }
        let mut inner = context.clone();
        if !redirects.is_empty() {
            let mut all: Vec<Redirect> = context.redirects.as_deref().unwrap_or_default().to_vec();
            for redirect in redirects {
                all.extend(self.redirect(*redirect).0);
            }
            inner.redirects = Some(all.into());
        }
        self.lexer.syntax_depth.set(inner.depth);
        let parts = children(node);
        match node.kind() {
            "subshell" => {
                inner.subshell = true;
                self.sequence(&parts, &inner, wanted)
            }
            "compound_statement" if self.text[node.byte_range()].starts_with("((") => {
                wanted.then(|| Arc::new(Condition::Other(self.text[node.byte_range()].to_owned())))
            }
            "if_statement" | "elif_clause" => {
                self.branches(&parts, &inner);
                self.whole(node, wanted)
            }
            "while_statement" => {
                let until = parts.iter().any(|part| part.kind() == "until");
                let (body, head): (Vec<Node>, Vec<Node>) = parts.iter().partition(|part| part.kind() == "do_group");
                let condition = self.condition(&head, &inner);
                let inner = inner.guarded(Guard::Loop { condition, until });
                body.iter().for_each(|body| {
                    self.sequence(&children(*body), &inner, false);
                });
                self.whole(node, wanted)
            }
            "for_statement" | "c_style_for_statement" => {
                self.for_loop(node, &parts, &inner);
                self.whole(node, wanted)
            }
            "case_statement" => {
                self.case(&parts, &inner);
                self.whole(node, wanted)
            }
            "function_definition" => {
                self.function(node, &parts, &inner);
                None
            }
            "ERROR" => {
                self.problem_here(node);
                self.sequence(&parts, &broken(&parts, &inner), wanted)
            }
            _ => self.sequence(&parts, &inner, wanted),
        }
    }

    /// A compound as a condition: nobody asks for more than its text.
    fn whole(&self, node: Node<'_>, wanted: bool) -> Option<Arc<Condition>> {
        let text = || self.text[node.byte_range()].lines().next().unwrap_or("").to_owned();
        wanted.then(|| Arc::new(Condition::Other(text())))
    }

    fn condition(&mut self, nodes: &[Node<'_>], context: &Context) -> Arc<Condition> {
        let context = Context { tested: true, ..context.clone() };
        self.sequence(nodes, &context, true).unwrap_or_else(|| Arc::new(Condition::Other(String::new())))
    }

    /// `if … then … elif … else …`.
    fn branches(&mut self, parts: &[Node<'_>], context: &Context) {
        let mut context = context.clone();
        let then = parts.iter().position(|part| part.kind() == "then").unwrap_or(parts.len());
        let clause = |part: &Node<'_>| matches!(part.kind(), "elif_clause" | "else_clause");
        let end = parts.iter().position(clause).unwrap_or(parts.len()).max(then);
        let condition = self.condition(&parts[..then], &context);
        let taken = context.guarded(Guard::If { condition: condition.clone(), holds: true });
        self.sequence(&parts[then..end], &taken, false);
        context.guards.push(Guard::If { condition, holds: false });
        for part in &parts[end..] {
            let inner = children(*part);
            match part.kind() {
                "elif_clause" => {
                    let then = inner.iter().position(|part| part.kind() == "then").unwrap_or(inner.len());
                    let condition = self.condition(&inner[..then], &context);
                    let taken = context.guarded(Guard::If { condition: condition.clone(), holds: true });
                    self.sequence(&inner[then..], &taken, false);
                    context.guards.push(Guard::If { condition, holds: false });
                    // Every branch adds a guard to those after it.
                    if context.guards.len() > MAX_CHAIN {
                        self.limit(*part, "more branches than are read");
                        return;
                    }
                }
                "else_clause" => {
                    self.sequence(&inner, &context, false);
                }
                "comment" => self.comment(*part),
                _ => self.problem_here(*part),
            }
        }
    }

    fn for_loop(&mut self, node: Node<'_>, parts: &[Node<'_>], context: &Context) {
        let variable = node.child_by_field_name("variable").map(|name| self.text[name.byte_range()].to_owned());
        let values = match &variable {
            Some(_) => self.joined(&field_children(node, "value")),
            None => Vec::new(),
        };
        let guard = Guard::For { variable: variable.unwrap_or_default(), values: values.into() };
        let inner = context.guarded(guard);
        for part in parts.iter().filter(|part| matches!(part.kind(), "do_group" | "compound_statement")) {
            self.sequence(&children(*part), &inner, false);
        }
    }

    fn case(&mut self, parts: &[Node<'_>], context: &Context) {
        let items: Vec<Node> = parts.iter().copied().filter(|part| part.kind() == "case_item").collect();
        let mut case = Case::default();
        let head: Vec<Node> = parts.iter().copied().take_while(|part| part.kind() != "in").collect();
        if let Some(word) = self.joined(&head).into_iter().next() {
            case.word = word;
        }
        for item in &items {
            let parts = children(*item);
            let close = parts.iter().position(|part| part.kind() == ")").unwrap_or(parts.len());
            case.branches.push(self.joined(&parts[..close]));
        }
        let case = Arc::new(case);
        for (branch, item) in items.iter().enumerate() {
            let parts = children(*item);
            let close = parts.iter().position(|part| part.kind() == ")").unwrap_or(parts.len());
            let inner = context.guarded(Guard::Case { case: case.clone(), branch });
            self.sequence(&parts[close..], &inner, false);
        }
        parts.iter().filter(|part| part.kind() == "comment").for_each(|part| self.comment(*part));
    }

    fn function(&mut self, node: Node<'_>, parts: &[Node<'_>], context: &Context) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let index = self.script.functions.len();
        let name = Spanned::new(self.text[name.byte_range()].to_owned(), self.file_span(name.byte_range()));
        let start = self.script.commands.len();
        let span = self.file_span(node.byte_range());
        self.script.functions.push(Function { name, span, commands: start..start });
        let mut inner = context.guarded(Guard::Function(index));
        inner.function = Some(index);
        for part in parts.iter().filter(|part| is_statement(part.kind())) {
            self.chain(*part, &inner, false);
        }
        self.script.functions[index].commands.end = self.script.commands.len();
    }
}
