//! Expressions.

use super::ast::*;
use super::{Lowering, named};
use crate::source::Span;
use std::sync::Arc;
use tree_sitter::Node;

impl<'t> Lowering<'t> {
    /// The expression in a field of `node`.
    pub(super) fn field(&mut self, node: Node<'t>, field: &str) -> Expr {
        match node.child_by_field_name(field) {
            Some(child) => self.expression(child),
            None => self.missing(node),
        }
    }

    /// Stands for what a syntax error swallowed.
    pub(super) fn missing(&self, node: Node) -> Expr {
        Expr { span: self.span(node), kind: ExprKind::Other("syntax error") }
    }

    /// Whether a child of `node` was not understood, so that what it means is not certain.
    pub(super) fn is_broken(&self, node: Node) -> bool {
        node.has_error() && {
            let mut cursor = node.walk();
            node.children(&mut cursor).any(|child| child.is_error() || child.is_missing())
        }
    }

    fn boxed(&mut self, node: Node<'t>, field: &str) -> Box<Expr> {
        Box::new(self.field(node, field))
    }

    /// Any expression or pattern.
    pub(super) fn expression(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(node);
        if node.is_error() || node.is_missing() || self.is_broken(node) {
            return self.missing(node);
        }
        if node.kind() == "parenthesized_expression" {
            let inner = named(node).first().and_then(|inner| self.nested(span, |low| low.expression(*inner)));
            return inner.unwrap_or(Expr { span, kind: ExprKind::Other("nested too deep") });
        }
        let kind = self.nested(span, |lowering| lowering.expression_kind(node));
        Expr { span, kind: kind.unwrap_or(ExprKind::Other("nested too deep")) }
    }

    fn expression_kind(&mut self, node: Node<'t>) -> ExprKind {
        match node.kind() {
            "identifier" | "keyword_identifier" => ExprKind::Name(self.text_of(node).to_owned()),
            "string" | "concatenated_string" => self.string(node),
            "integer" => integer(self.text_of(node)),
            "float" => float(self.text_of(node)),
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "none" => ExprKind::None,
            "ellipsis" => ExprKind::Ellipsis,
            "list" | "list_pattern" => ExprKind::List(self.items(node)),
            "tuple" | "tuple_pattern" | "pattern_list" | "expression_list" => ExprKind::Tuple(self.items(node)),
            "set" => ExprKind::Set(self.items(node)),
            "dictionary" => self.dict(node),
            "call" => self.call(node),
            "attribute" => self.attribute(node),
            "subscript" => self.subscript(node),
            "slice" => self.slice(node),
            "binary_operator" => self.binary(node),
            "unary_operator" => self.unary(node),
            "not_operator" => ExprKind::Unary { operator: UnaryOperator::Not, operand: self.boxed(node, "argument") },
            "boolean_operator" => self.bool_op(node),
            "comparison_operator" => self.compare(node),
            "conditional_expression" => self.conditional(node),
            "lambda" => self.lambda(node),
            "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
                self.comprehension(node)
            }
            "list_splat" | "list_splat_pattern" => match named(node).first() {
                Some(inner) => ExprKind::Starred(Box::new(self.expression(*inner))),
                None => ExprKind::Other("syntax error"),
            },
            "named_expression" => {
                let name = node.child_by_field_name("name").map_or("", |name| self.text_of(name)).to_owned();
                ExprKind::Named { name, value: self.boxed(node, "value") }
            }
            // `list[str]` where a type is expected.
            "generic_type" => match named(node).as_slice() {
                [object, parameters] => match named(*parameters).first() {
                    Some(index) => ExprKind::Subscript {
                        object: Box::new(self.expression(*object)),
                        index: Box::new(self.expression(*index)),
                    },
                    None => ExprKind::Other("type"),
                },
                _ => ExprKind::Other("type"),
            },
            // The wrapper of an annotation.
            "type" => match named(node).as_slice() {
                [inner] => self.expression(*inner).kind,
                _ => ExprKind::Other("type"),
            },
            "await" => ExprKind::Other("await"),
            "yield" => {
                self.yields = true;
                ExprKind::Other("yield")
            }
            "dictionary_splat" | "dictionary_splat_pattern" => ExprKind::Other("**"),
            _ => ExprKind::Other("expression"),
        }
    }

    fn items(&mut self, node: Node<'t>) -> Vec<Expr> {
        named(node).into_iter().map(|item| star_outside(self.expression(item))).collect()
    }

    fn dict(&mut self, node: Node<'t>) -> ExprKind {
        let mut entries = Vec::new();
        for child in named(node) {
            match child.kind() {
                "pair" => entries.push(DictEntry::Pair(self.field(child, "key"), self.field(child, "value"))),
                "dictionary_splat" => {
                    entries.extend(named(child).first().map(|inner| DictEntry::Unpack(self.expression(*inner))));
                }
                _ => {}
            }
        }
        ExprKind::Dict(entries)
    }

    fn call(&mut self, node: Node<'t>) -> ExprKind {
        let function = self.field(node, "function");
        let Some(list) = node.child_by_field_name("arguments") else { return ExprKind::Other("syntax error") };
        // `f(x for x in y)`: the generator's brackets are the call's.
        let (arguments, keywords) = match list.kind() {
            "generator_expression" => (vec![self.expression(list)], Vec::new()),
            _ if self.is_broken(list) => return ExprKind::Other("syntax error"),
            _ => self.arguments(list),
        };
        ExprKind::Call(Box::new(Call { function, arguments, keywords }))
    }

    /// Positional and keyword arguments.
    pub(super) fn arguments(&mut self, list: Node<'t>) -> (Vec<Expr>, Vec<Keyword>) {
        let (mut arguments, mut keywords) = (Vec::new(), Vec::new());
        for child in named(list) {
            let span = self.span(child);
            match child.kind() {
                "keyword_argument" => {
                    let name = child.child_by_field_name("name").map(|name| self.text_of(name).to_owned());
                    let value = self.field(child, "value");
                    keywords.push(Keyword { span, name: name.or(Some(String::new())), value });
                }
                "dictionary_splat" => {
                    let value = named(child).first().map(|inner| self.expression(*inner));
                    keywords.extend(value.map(|value| Keyword { span, name: None, value }));
                }
                _ => arguments.push(star_outside(self.expression(child))),
            }
        }
        (arguments, keywords)
    }

    fn attribute(&mut self, node: Node<'t>) -> ExprKind {
        let object = self.boxed(node, "object");
        match node.child_by_field_name("attribute") {
            Some(name) => ExprKind::Attribute { object, name: self.spanned(name) },
            None => ExprKind::Other("syntax error"),
        }
    }

    fn subscript(&mut self, node: Node<'t>) -> ExprKind {
        let object = self.boxed(node, "value");
        let mut cursor = node.walk();
        let indices: Vec<_> = node.children_by_field_name("subscript", &mut cursor).collect();
        let mut indices: Vec<_> = indices.into_iter().map(|index| self.expression(index)).collect();
        let index = match indices.len() {
            1 => indices.remove(0),
            _ => Expr { span: self.span(node), kind: ExprKind::Tuple(indices) },
        };
        ExprKind::Subscript { object, index: Box::new(index) }
    }

    fn slice(&mut self, node: Node<'t>) -> ExprKind {
        let mut parts = [None, None, None];
        let mut at = 0;
        let mut cursor = node.walk();
        let children: Vec<_> = node.children(&mut cursor).collect();
        for child in children {
            if child.kind() == ":" {
                at += 1;
            } else if child.is_named() && child.kind() != "comment" && at < 3 {
                parts[at] = Some(Box::new(self.expression(child)));
            }
        }
        let [start, stop, step] = parts;
        ExprKind::Slice { start, stop, step }
    }

    fn binary(&mut self, node: Node<'t>) -> ExprKind {
        let operator =
            node.child_by_field_name("operator").and_then(|operator| binary_operator(self.text_of(operator)));
        match operator {
            Some(operator) => {
                ExprKind::Binary { left: self.boxed(node, "left"), operator, right: self.boxed(node, "right") }
            }
            None => ExprKind::Other("operator"),
        }
    }

    fn unary(&mut self, node: Node<'t>) -> ExprKind {
        let operator = match node.child_by_field_name("operator").map(|operator| self.text_of(operator)) {
            Some("-") => UnaryOperator::Negative,
            Some("+") => UnaryOperator::Positive,
            _ => UnaryOperator::Invert,
        };
        ExprKind::Unary { operator, operand: self.boxed(node, "argument") }
    }

    fn is_and(&self, node: Node) -> bool {
        node.child_by_field_name("operator").is_some_and(|operator| self.text_of(operator) == "and")
    }

    /// `a or b or c` nests to the left; it is one operation.
    fn bool_op(&mut self, node: Node<'t>) -> ExprKind {
        let and = self.is_and(node);
        let mut rights = Vec::new();
        let mut at = node;
        let first = loop {
            rights.extend(at.child_by_field_name("right"));
            match at.child_by_field_name("left") {
                Some(left)
                    if left.kind() == "boolean_operator" && self.is_and(left) == and && !self.is_broken(left) =>
                {
                    at = left;
                }
                left => break left,
            }
        };
        let operands = first.into_iter().chain(rights.into_iter().rev());
        ExprKind::BoolOp { and, operands: operands.map(|operand| self.expression(operand)).collect() }
    }

    fn compare(&mut self, node: Node<'t>) -> ExprKind {
        let mut cursor = node.walk();
        let children: Vec<_> = node.children(&mut cursor).filter(|child| child.kind() != "comment").collect();
        let mut left = None;
        let mut operator = None;
        let mut rest = Vec::new();
        for child in children {
            // Operators are no named nodes; operands are.
            if !child.is_named() {
                operator = compare_operator(child.kind());
                continue;
            }
            if child.kind() == "line_continuation" {
                continue;
            }
            let operand = self.expression(child);
            match (&left, operator.take()) {
                (None, _) => left = Some(Box::new(operand)),
                (Some(_), Some(operator)) => rest.push((operator, operand)),
                (Some(_), None) => return ExprKind::Other("comparison"),
            }
        }
        match left {
            Some(left) if !rest.is_empty() => ExprKind::Compare { left, rest },
            _ => ExprKind::Other("comparison"),
        }
    }

    fn conditional(&mut self, node: Node<'t>) -> ExprKind {
        match named(node).as_slice() {
            [body, test, otherwise] => ExprKind::Conditional {
                body: Box::new(self.expression(*body)),
                test: Box::new(self.expression(*test)),
                otherwise: Box::new(self.expression(*otherwise)),
            },
            _ => ExprKind::Other("conditional expression"),
        }
    }

    fn lambda(&mut self, node: Node<'t>) -> ExprKind {
        let parameters = node.child_by_field_name("parameters");
        let parameters = parameters.map(|list| self.parameters(list)).unwrap_or_default();
        ExprKind::Lambda(Arc::new(Lambda { parameters, body: self.field(node, "body") }))
    }

    /// The parameters of a function or lambda.
    pub(super) fn parameters(&mut self, list: Node<'t>) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut normal = ParameterKind::Normal;
        for child in named(list) {
            let mut parameter = Parameter { span: self.span(child), name: String::new(), kind: normal, default: None };
            let mut name = child;
            match child.kind() {
                "positional_separator" => {
                    parameters.iter_mut().for_each(|before| before.kind = ParameterKind::PositionalOnly);
                    continue;
                }
                "keyword_separator" => {
                    normal = ParameterKind::KeywordOnly;
                    continue;
                }
                "default_parameter" | "typed_default_parameter" => {
                    name = child.child_by_field_name("name").unwrap_or(child);
                    parameter.default = Some(self.field(child, "value"));
                }
                "typed_parameter" => name = named(child).first().copied().unwrap_or(child),
                _ => {}
            }
            match name.kind() {
                "list_splat_pattern" => {
                    parameter.kind = ParameterKind::Positionals;
                    normal = ParameterKind::KeywordOnly;
                }
                "dictionary_splat_pattern" => parameter.kind = ParameterKind::Keywords,
                _ => {}
            }
            parameter.name = self.text_of(name).trim_start_matches('*').trim().to_owned();
            parameters.push(parameter);
        }
        parameters
    }

    fn comprehension(&mut self, node: Node<'t>) -> ExprKind {
        let kind = match node.kind() {
            "list_comprehension" => ComprehensionKind::List,
            "set_comprehension" => ComprehensionKind::Set,
            "dictionary_comprehension" => ComprehensionKind::Dict,
            _ => ComprehensionKind::Generator,
        };
        let Some(body) = node.child_by_field_name("body") else { return ExprKind::Other("comprehension") };
        let (item, value) = match body.kind() {
            "pair" => (self.field(body, "key"), Some(self.field(body, "value"))),
            _ => (self.expression(body), None),
        };
        let mut clauses: Vec<ComprehensionClause> = Vec::new();
        for child in named(node) {
            match child.kind() {
                "for_in_clause" => clauses.push(ComprehensionClause {
                    target: self.field(child, "left"),
                    iterable: self.field(child, "right"),
                    conditions: Vec::new(),
                }),
                "if_clause" => {
                    let condition = named(child).first().map(|condition| self.expression(*condition));
                    if let Some(clause) = clauses.last_mut() {
                        clause.conditions.extend(condition);
                    }
                }
                _ => {}
            }
        }
        ExprKind::Comprehension(Box::new(Comprehension { kind, item, value, clauses }))
    }

    /// The expression that fills an f-string's field.
    pub(super) fn field_value(&mut self, interpolation: Node<'t>, span: Span) -> Expr {
        match interpolation.child_by_field_name("expression") {
            Some(value) => self.expression(value),
            None => Expr { span, kind: ExprKind::Other("syntax error") },
        }
    }
}

/// The operator written `text`.
pub(super) fn binary_operator(text: &str) -> Option<BinaryOperator> {
    Some(match text {
        "+" => BinaryOperator::Add,
        "-" => BinaryOperator::Sub,
        "*" => BinaryOperator::Mul,
        "@" => BinaryOperator::MatMul,
        "/" => BinaryOperator::TrueDiv,
        "//" => BinaryOperator::FloorDiv,
        "%" => BinaryOperator::Mod,
        "**" => BinaryOperator::Pow,
        "<<" => BinaryOperator::LeftShift,
        ">>" => BinaryOperator::RightShift,
        "|" => BinaryOperator::BitOr,
        "&" => BinaryOperator::BitAnd,
        "^" => BinaryOperator::BitXor,
        _ => return None,
    })
}

/// Takes the star off what an expression begins with. As deep as expressions nest, which is bounded.
fn take_star(expression: &mut Expr) -> bool {
    match &mut expression.kind {
        ExprKind::Call(call) => take_star(&mut call.function),
        ExprKind::Attribute { object, .. } | ExprKind::Subscript { object, .. } => take_star(object),
        ExprKind::Binary { left, .. } | ExprKind::Compare { left, .. } => take_star(left),
        kind @ ExprKind::Starred(_) => match std::mem::replace(kind, ExprKind::None) {
            ExprKind::Starred(inner) => {
                *expression = *inner;
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// `*a.b(c)` with the star around all of it: the grammar binds it to `a` alone.
fn star_outside(mut expression: Expr) -> Expr {
    if matches!(expression.kind, ExprKind::Starred(_)) || !take_star(&mut expression) {
        return expression;
    }
    let span = expression.span;
    Expr { span, kind: ExprKind::Starred(Box::new(expression)) }
}

fn compare_operator(text: &str) -> Option<CompareOperator> {
    Some(match text {
        "==" => CompareOperator::Equal,
        "!=" | "<>" => CompareOperator::NotEqual,
        "<" => CompareOperator::Less,
        "<=" => CompareOperator::LessEqual,
        ">" => CompareOperator::Greater,
        ">=" => CompareOperator::GreaterEqual,
        "in" => CompareOperator::In,
        "not in" => CompareOperator::NotIn,
        "is" => CompareOperator::Is,
        "is not" => CompareOperator::IsNot,
        _ => return None,
    })
}

fn integer(text: &str) -> ExprKind {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let value = match digits.get(..2) {
        Some("0x") => i64::from_str_radix(&digits[2..], 16),
        Some("0o") => i64::from_str_radix(&digits[2..], 8),
        Some("0b") => i64::from_str_radix(&digits[2..], 2),
        _ => digits.parse(),
    };
    value.map_or(ExprKind::Other("number"), ExprKind::Int)
}

fn float(text: &str) -> ExprKind {
    text.replace('_', "").parse().map_or(ExprKind::Other("number"), ExprKind::Float)
}
