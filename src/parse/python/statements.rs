//! Statements.

use super::ast::*;
use super::{Lowering, named};
use crate::source::{Span, Spanned};
use std::sync::Arc;
use tree_sitter::Node;

impl<'t> Lowering<'t> {
    /// The statements among the children of a module, block or error.
    pub(super) fn statements(&mut self, parent: Node<'t>) -> Vec<Stmt> {
        let mut statements = Vec::new();
        for child in named(parent) {
            let span = self.span(child);
            if child.is_error() {
                // What stands around the token that is wrong was often understood.
                if let Some(inner) = self.nested(span, |lowering| lowering.statements(child)) {
                    statements.extend(inner);
                }
                continue;
            }
            let Some(kind) = self.nested(span, |lowering| lowering.statement(child)) else {
                statements.push(Stmt { span, kind: StmtKind::Other("nested too deep") });
                continue;
            };
            statements.extend(kind.map(|kind| Stmt { span, kind }));
        }
        statements
    }

    /// `None` where the node is no statement (a stray token inside of an error).
    fn statement(&mut self, node: Node<'t>) -> Option<StmtKind> {
        Some(match node.kind() {
            "expression_statement" => self.expression_statement(node),
            "if_statement" => self.if_statement(node),
            "for_statement" => StmtKind::For {
                target: self.field(node, "left"),
                iterable: self.field(node, "right"),
                body: self.suite(node, "body"),
                otherwise: self.else_of(node),
            },
            "while_statement" => StmtKind::While {
                test: self.field(node, "condition"),
                body: self.suite(node, "body"),
                otherwise: self.else_of(node),
            },
            "try_statement" => self.try_statement(node),
            "with_statement" => self.with_statement(node),
            "match_statement" => self.match_statement(node),
            "function_definition" | "class_definition" => self.definition(node, Vec::new()),
            "decorated_definition" => self.decorated(node),
            "import_statement" => StmtKind::Import(self.aliases(node)),
            "import_from_statement" | "future_import_statement" => self.import_from(node),
            "return_statement" => StmtKind::Return(named(node).first().map(|value| self.expression(*value))),
            "raise_statement" => self.raise_statement(node),
            "delete_statement" => StmtKind::Delete(self.delete_targets(node)),
            "global_statement" => StmtKind::Global(self.names_in(node)),
            "nonlocal_statement" => StmtKind::Nonlocal(self.names_in(node)),
            "assert_statement" => {
                let mut parts = named(node).into_iter();
                let test = parts.next().map(|test| self.expression(test)).unwrap_or_else(|| self.missing(node));
                StmtKind::Assert { test, message: parts.next().map(|message| self.expression(message)) }
            }
            "pass_statement" => StmtKind::Pass,
            "break_statement" => StmtKind::Break,
            "continue_statement" => StmtKind::Continue,
            "print_statement" => StmtKind::Other("print statement"),
            "exec_statement" => StmtKind::Other("exec statement"),
            "type_alias_statement" => StmtKind::Other("type alias"),
            _ => return None,
        })
    }

    fn names_in(&self, node: Node<'t>) -> Vec<String> {
        named(node).into_iter().map(|name| self.text_of(name).to_owned()).collect()
    }

    fn expression_statement(&mut self, node: Node<'t>) -> StmtKind {
        let parts = named(node);
        match parts.as_slice() {
            [one] if one.kind() == "assignment" => self.assignment(*one),
            [one] if one.kind() == "augmented_assignment" => self.augmented(*one),
            [one] if node.child_count() == 1 => StmtKind::Expr(self.expression(*one)),
            _ => {
                let items = parts.iter().map(|part| self.expression(*part)).collect();
                StmtKind::Expr(Expr { span: self.span(node), kind: ExprKind::Tuple(items) })
            }
        }
    }

    fn assignment(&mut self, node: Node<'t>) -> StmtKind {
        let broken = self.is_broken(node);
        let mut targets = vec![self.field(node, "left")];
        let annotation = node.child_by_field_name("type").map(|annotation| self.expression(annotation));
        let mut right = node.child_by_field_name("right");
        while let Some(next) = right.filter(|next| next.kind() == "assignment") {
            targets.push(self.field(next, "left"));
            right = next.child_by_field_name("right");
        }
        match (right, annotation) {
            _ if broken => StmtKind::Assign { targets, value: self.missing(node), annotation: None },
            (Some(value), annotation) => StmtKind::Assign { targets, value: self.expression(value), annotation },
            (None, Some(annotation)) if targets.len() == 1 => {
                StmtKind::Declare { target: targets.remove(0), annotation }
            }
            (None, annotation) => StmtKind::Assign { targets, value: self.missing(node), annotation },
        }
    }

    fn augmented(&mut self, node: Node<'t>) -> StmtKind {
        let operator = node.child_by_field_name("operator").map_or("", |operator| self.text_of(operator));
        match super::expressions::binary_operator(operator.trim_end_matches('=')) {
            Some(operator) => StmtKind::AugAssign {
                target: self.field(node, "left"),
                operator,
                value: if self.is_broken(node) { self.missing(node) } else { self.field(node, "right") },
            },
            None => StmtKind::Other("augmented assignment"),
        }
    }

    fn if_statement(&mut self, node: Node<'t>) -> StmtKind {
        let mut tests = vec![(self.field(node, "condition"), self.suite(node, "consequence"))];
        let mut otherwise = Vec::new();
        for child in named(node) {
            match child.kind() {
                "elif_clause" => tests.push((self.field(child, "condition"), self.suite(child, "consequence"))),
                "else_clause" => otherwise = self.suite(child, "body"),
                _ => {}
            }
        }
        StmtKind::If { tests, otherwise }
    }

    fn else_of(&mut self, node: Node<'t>) -> Vec<Stmt> {
        let clause = named(node).into_iter().find(|child| child.kind() == "else_clause");
        clause.map_or_else(Vec::new, |clause| self.suite(clause, "body"))
    }

    fn try_statement(&mut self, node: Node<'t>) -> StmtKind {
        let body = self.suite(node, "body");
        let (mut handlers, mut finally) = (Vec::new(), Vec::new());
        for child in named(node) {
            match child.kind() {
                "except_clause" | "except_group_clause" => handlers.push(self.handler(child)),
                "finally_clause" => finally = self.block_in(child),
                _ => {}
            }
        }
        StmtKind::Try { body, handlers, otherwise: self.else_of(node), finally }
    }

    fn handler(&mut self, node: Node<'t>) -> Handler {
        let mut handler = Handler { span: self.span(node), exception: None, name: None, body: self.block_in(node) };
        let mut exceptions = Vec::new();
        for child in named(node).into_iter().filter(|child| child.kind() != "block") {
            if child.kind() == "as_pattern" {
                let (value, target) = self.as_pattern(child);
                handler.name = target.and_then(|target| target.as_name().map(str::to_owned));
                exceptions.push(value);
            } else if Some(child) == node.child_by_field_name("alias") {
                handler.name = Some(self.text_of(child).to_owned());
            } else {
                exceptions.push(self.expression(child));
            }
        }
        handler.exception = match exceptions.len() {
            0 | 1 => exceptions.pop(),
            _ => {
                let span = exceptions[0].span.to(exceptions[exceptions.len() - 1].span);
                Some(Expr { span, kind: ExprKind::Tuple(exceptions) })
            }
        };
        handler
    }

    /// `value as target`.
    fn as_pattern(&mut self, node: Node<'t>) -> (Expr, Option<Expr>) {
        let target = node.child_by_field_name("alias");
        let target = target.map(|alias| named(alias).first().copied().unwrap_or(alias)).map(|t| self.expression(t));
        let value = named(node).first().map(|value| self.expression(*value));
        (value.unwrap_or_else(|| self.missing(node)), target)
    }

    fn with_statement(&mut self, node: Node<'t>) -> StmtKind {
        let mut items = Vec::new();
        for clause in named(node).into_iter().filter(|child| child.kind() == "with_clause") {
            for item in named(clause) {
                let Some(value) = item.child_by_field_name("value") else { continue };
                items.push(match value.kind() {
                    "as_pattern" => self.as_pattern(value),
                    _ => (self.expression(value), None),
                });
            }
        }
        StmtKind::With { items, body: self.suite(node, "body") }
    }

    fn match_statement(&mut self, node: Node<'t>) -> StmtKind {
        let mut cursor = node.walk();
        let subjects: Vec<_> = node.children_by_field_name("subject", &mut cursor).collect();
        let subject = match subjects.as_slice() {
            [one] => self.expression(*one),
            _ => {
                let items = subjects.iter().map(|subject| self.expression(*subject)).collect();
                Expr { span: self.span(node), kind: ExprKind::Tuple(items) }
            }
        };
        let mut cases = Vec::new();
        for case in node.child_by_field_name("body").map(named).unwrap_or_default() {
            if case.kind() != "case_clause" {
                continue;
            }
            let patterns: Vec<_> = named(case).into_iter().filter(|child| child.kind() == "case_pattern").collect();
            let guard = case.child_by_field_name("guard").and_then(|guard| named(guard).first().copied());
            cases.push(Case {
                span: self.span(case),
                pattern: match patterns.as_slice() {
                    [one] => self.pattern(*one),
                    several => Pattern::Other(several.iter().flat_map(|it| names_bound(self.text_of(*it))).collect()),
                },
                guard: guard.map(|guard| self.expression(guard)),
                body: self.suite(case, "consequence"),
            });
        }
        StmtKind::Match { subject, cases }
    }

    fn pattern(&mut self, node: Node<'t>) -> Pattern {
        let text = self.text_of(node);
        let parts = named(node);
        match (node.kind(), parts.as_slice()) {
            _ if text == "_" => Pattern::Wildcard,
            ("case_pattern", [inner]) if !text.starts_with('-') => self
                .nested(self.span(node), |lowering| lowering.pattern(*inner))
                .unwrap_or_else(|| Pattern::Other(names_bound(text))),
            ("union_pattern", parts) => {
                let choices = parts.iter().map(|part| {
                    self.nested(self.span(node), |lowering| lowering.pattern(*part))
                        .unwrap_or_else(|| Pattern::Other(names_bound(text)))
                });
                Pattern::Or(choices.collect())
            }
            ("dotted_name", [_]) => Pattern::Capture(text.to_owned()),
            ("dotted_name", parts) => {
                let span = self.span(node);
                let mut parts = parts.iter().map(|part| self.spanned(*part));
                let Some(first) = parts.next() else { return Pattern::Other(Vec::new()) };
                let first = Expr { span: first.span, kind: ExprKind::Name(first.value) };
                Pattern::Value(parts.take(super::MAX_NESTING / 2).fold(first, |object, name| Expr {
                    span: Span { start: span.start, end: name.span.end },
                    kind: ExprKind::Attribute { object: Box::new(object), name },
                }))
            }
            ("string" | "concatenated_string" | "true" | "false" | "none" | "integer" | "float", _) => {
                Pattern::Value(self.expression(node))
            }
            _ => Pattern::Other(names_bound(text)),
        }
    }

    fn decorated(&mut self, node: Node<'t>) -> StmtKind {
        let mut decorators = Vec::new();
        for decorator in named(node).into_iter().filter(|child| child.kind() == "decorator") {
            decorators.extend(named(decorator).first().map(|expression| self.expression(*expression)));
        }
        match node.child_by_field_name("definition") {
            Some(definition) => self.definition(definition, decorators),
            None => StmtKind::Other("decorator"),
        }
    }

    fn definition(&mut self, node: Node<'t>, decorators: Vec<Expr>) -> StmtKind {
        let name = node.child_by_field_name("name");
        let name = name.map_or_else(|| Spanned::new(String::new(), self.span(node)), |name| self.spanned(name));
        if node.kind() == "class_definition" {
            let superclasses = node.child_by_field_name("superclasses");
            let (bases, keywords) = superclasses.map(|list| self.arguments(list)).unwrap_or_default();
            let body = self.suite(node, "body");
            return StmtKind::ClassDef(Arc::new(ClassDef { name, bases, keywords, decorators, body }));
        }
        let parameters = node.child_by_field_name("parameters");
        let parameters = parameters.map(|list| self.parameters(list)).unwrap_or_default();
        let is_async = node.child(0).is_some_and(|first| first.kind() == "async");
        let outer_yields = std::mem::replace(&mut self.yields, false);
        let body = self.suite(node, "body");
        let is_generator = std::mem::replace(&mut self.yields, outer_yields);
        let function = FunctionDef { name, parameters, decorators, body, is_async, is_generator };
        StmtKind::FunctionDef(Arc::new(function))
    }

    fn aliases(&mut self, node: Node<'t>) -> Vec<Alias> {
        let mut cursor = node.walk();
        let names: Vec<_> = node.children_by_field_name("name", &mut cursor).collect();
        let alias = |item: Node<'t>| match item.kind() {
            "aliased_import" => Alias {
                name: item.child_by_field_name("name").map_or_else(|| self.dotted(item), |name| self.dotted(name)),
                alias: item.child_by_field_name("alias").map(|alias| self.text_of(alias).to_owned()),
            },
            _ => Alias { name: self.dotted(item), alias: None },
        };
        names.into_iter().map(alias).collect()
    }

    /// A dotted name may be written with blanks around its dots.
    fn dotted(&self, node: Node<'t>) -> Spanned<String> {
        let text = self.text_of(node).chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
        Spanned::new(text, self.span(node))
    }

    fn import_from(&mut self, node: Node<'t>) -> StmtKind {
        let (mut level, mut module) = (0, Spanned::new(String::new(), self.span(node)));
        match node.child_by_field_name("module_name") {
            None => module.value = "__future__".to_owned(),
            Some(name) if name.kind() == "relative_import" => {
                module.span = self.span(name);
                for part in named(name) {
                    match part.kind() {
                        "import_prefix" => level = self.text_of(part).matches('.').count(),
                        _ => module.value = self.dotted(part).value,
                    }
                }
            }
            Some(name) => module = self.dotted(name),
        }
        let star = named(node).iter().any(|child| child.kind() == "wildcard_import");
        let names = if star { ImportedNames::Star } else { ImportedNames::Names(self.aliases(node)) };
        StmtKind::ImportFrom { level, module, names }
    }

    fn raise_statement(&mut self, node: Node<'t>) -> StmtKind {
        let cause = node.child_by_field_name("cause");
        let exception = named(node).into_iter().find(|child| Some(*child) != cause);
        StmtKind::Raise {
            exception: exception.map(|exception| self.expression(exception)),
            cause: cause.map(|cause| self.expression(cause)),
        }
    }

    fn delete_targets(&mut self, node: Node<'t>) -> Vec<Expr> {
        let targets = named(node).first().map(|targets| self.expression(*targets));
        match targets {
            Some(Expr { kind: ExprKind::Tuple(items), .. }) => items,
            target => target.into_iter().collect(),
        }
    }

    fn suite(&mut self, node: Node<'t>, field: &str) -> Vec<Stmt> {
        node.child_by_field_name(field).map_or_else(Vec::new, |block| self.statements(block))
    }

    fn block_in(&mut self, node: Node<'t>) -> Vec<Stmt> {
        let block = named(node).into_iter().find(|child| child.kind() == "block");
        block.map_or_else(Vec::new, |block| self.statements(block))
    }
}

/// The names that a pattern may bind: its words outside of quotes that are no classes, keywords or parts of dotted names.
fn names_bound(pattern: &str) -> Vec<String> {
    let mut names = Vec::new();
    let outside = pattern.split(['"', '\'']).step_by(2);
    for part in outside {
        let mut rest = part;
        while let Some(start) = rest.find(|letter: char| letter.is_alphabetic() || letter == '_') {
            let dotted = rest[..start].ends_with('.');
            let word = &rest[start..];
            let end = word.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(word.len());
            let (name, after) = word.split_at(end);
            rest = after;
            let keyword = matches!(name, "_" | "as" | "if" | "None" | "True" | "False");
            if !dotted && !keyword && !after.trim_start().starts_with(['(', '.', '=']) {
                names.push(name.to_owned());
            }
        }
    }
    names
}
