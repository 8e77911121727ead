//! The syntax of a Python file, owned: <https://docs.python.org/3/reference/grammar.html>, less what nothing here reads.

use crate::source::{Fragment, Span, Spanned};
use std::sync::Arc;

/// One file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// The statements at the top level, in order.
    pub body: Vec<Stmt>,
    /// Comments in order, without their `#`; spans cover the `#`.
    pub comments: Vec<Spanned<String>>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// The whole statement, its body included.
    pub span: Span,
    /// What it does.
    pub kind: StmtKind,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `a = b = value`, `a: int = value`.
    Assign {
        /// From left to right; names, attributes, subscripts, tuples or lists of them.
        targets: Vec<Expr>,
        /// What is assigned.
        value: Expr,
        /// The type written after a colon.
        annotation: Option<Expr>,
    },
    /// `a: int`, which assigns nothing.
    Declare {
        /// What is declared.
        target: Expr,
        /// Its type.
        annotation: Expr,
    },
    /// `a += value`.
    AugAssign {
        /// What changes.
        target: Expr,
        /// The operator without its `=`.
        operator: BinaryOperator,
        /// The right-hand side.
        value: Expr,
    },
    /// An expression for its effect.
    Expr(Expr),
    /// `if`, with each `elif`.
    If {
        /// Each test and its body, in order.
        tests: Vec<(Expr, Vec<Stmt>)>,
        /// The body of `else`; empty where there is none.
        otherwise: Vec<Stmt>,
    },
    /// `for`, `async for`.
    For {
        /// The loop's names.
        target: Expr,
        /// What is looped over.
        iterable: Expr,
        /// The body.
        body: Vec<Stmt>,
        /// The body of `else`.
        otherwise: Vec<Stmt>,
    },
    /// `while`.
    While {
        /// The condition.
        test: Expr,
        /// The body.
        body: Vec<Stmt>,
        /// The body of `else`.
        otherwise: Vec<Stmt>,
    },
    /// `try`.
    Try {
        /// What is tried.
        body: Vec<Stmt>,
        /// Each `except`.
        handlers: Vec<Handler>,
        /// The body of `else`.
        otherwise: Vec<Stmt>,
        /// The body of `finally`.
        finally: Vec<Stmt>,
    },
    /// `with`, `async with`.
    With {
        /// Each context manager and what it is bound to.
        items: Vec<(Expr, Option<Expr>)>,
        /// The body.
        body: Vec<Stmt>,
    },
    /// `match`.
    Match {
        /// What is matched.
        subject: Expr,
        /// Each `case`.
        cases: Vec<Case>,
    },
    /// `def`, `async def`.
    FunctionDef(Arc<FunctionDef>),
    /// `class`.
    ClassDef(Arc<ClassDef>),
    /// `import a.b, c as d`.
    Import(Vec<Alias>),
    /// `from ..a import b as c`.
    ImportFrom {
        /// The number of leading dots.
        level: usize,
        /// The dotted name after them; empty for `from . import a`.
        module: Spanned<String>,
        /// What is imported.
        names: ImportedNames,
    },
    /// `return`.
    Return(Option<Expr>),
    /// `raise`.
    Raise {
        /// What is raised; `None` raises again what is being handled.
        exception: Option<Expr>,
        /// What follows `from`.
        cause: Option<Expr>,
    },
    /// `del`.
    Delete(Vec<Expr>),
    /// `global`.
    Global(Vec<String>),
    /// `nonlocal`.
    Nonlocal(Vec<String>),
    /// `assert`.
    Assert {
        /// The condition.
        test: Expr,
        /// The message.
        message: Option<Expr>,
    },
    /// `pass`.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// Anything else (Python 2's `print`, a `type` alias, a statement nested too deep); names the construct.
    Other(&'static str),
}

/// One `except`.
#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    /// The whole clause.
    pub span: Span,
    /// The exception or tuple of exceptions; `None` catches all.
    pub exception: Option<Expr>,
    /// The name after `as`.
    pub name: Option<String>,
    /// The body.
    pub body: Vec<Stmt>,
}

/// One `case`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The whole clause.
    pub span: Span,
    /// What it matches.
    pub pattern: Pattern,
    /// The condition after `if`.
    pub guard: Option<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
}

/// The pattern of a `case`.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// Equal to a literal or a dotted name.
    Value(Expr),
    /// Any of these.
    Or(Vec<Pattern>),
    /// Anything, bound to this name.
    Capture(String),
    /// `_`.
    Wildcard,
    /// A sequence, mapping or class pattern; the names that it may bind.
    Other(Vec<String>),
}

/// `def`.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDef {
    /// Its name.
    pub name: Spanned<String>,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The expressions after each `@`.
    pub decorators: Vec<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
    /// Whether it is `async`.
    pub is_async: bool,
    /// Whether its own body has a `yield`.
    pub is_generator: bool,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The whole parameter.
    pub span: Span,
    /// Its name, without stars.
    pub name: String,
    /// How it takes arguments.
    pub kind: ParameterKind,
    /// Its default.
    pub default: Option<Expr>,
}

/// How a parameter takes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// By position or by name.
    Normal,
    /// `*name`.
    Positionals,
    /// After `*`.
    KeywordOnly,
    /// `**name`.
    Keywords,
}

/// `class`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassDef {
    /// Its name.
    pub name: Spanned<String>,
    /// The positional arguments in the head.
    pub bases: Vec<Expr>,
    /// The keyword arguments in the head.
    pub keywords: Vec<Keyword>,
    /// The expressions after each `@`.
    pub decorators: Vec<Expr>,
    /// The body.
    pub body: Vec<Stmt>,
}

/// `a.b as c` in an import.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The dotted name that is imported.
    pub name: Spanned<String>,
    /// The name after `as`.
    pub alias: Option<String>,
}

/// What `from … import` takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportedNames {
    /// `*`.
    Star,
    /// These.
    Names(Vec<Alias>),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Where it stands; round brackets around it are left out, except a tuple's own.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A name.
    Name(String),
    /// A string or bytes literal, or several in a row.
    Str {
        /// The text with its escapes decoded (of bytes: each byte as the character of that number), and the way back.
        text: Fragment,
        /// `b"…"`.
        bytes: bool,
    },
    /// An f-string, or several strings in a row of which one is.
    FString(Vec<FStringPart>),
    /// An integer that fits 64 bits.
    Int(i64),
    /// A number with a point or an exponent.
    Float(f64),
    /// `True`, `False`.
    Bool(bool),
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// `[…]`.
    List(Vec<Expr>),
    /// `(…)`, or a bare `a, b`.
    Tuple(Vec<Expr>),
    /// `{a, b}`.
    Set(Vec<Expr>),
    /// `{a: b, **c}`.
    Dict(Vec<DictEntry>),
    /// A call.
    Call(Box<Call>),
    /// `object.name`.
    Attribute {
        /// The object.
        object: Box<Expr>,
        /// The name after the dot.
        name: Spanned<String>,
    },
    /// `object[index]`.
    Subscript {
        /// The object.
        object: Box<Expr>,
        /// The index; a tuple where there are several, a [`ExprKind::Slice`] where there is a colon.
        index: Box<Expr>,
    },
    /// `start:stop:step` in a subscript.
    Slice {
        /// Before the first colon.
        start: Option<Box<Expr>>,
        /// After the first colon.
        stop: Option<Box<Expr>>,
        /// After the second colon.
        step: Option<Box<Expr>>,
    },
    /// `left + right`.
    Binary {
        /// The left operand.
        left: Box<Expr>,
        /// The operator.
        operator: BinaryOperator,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `not x`, `-x`.
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `a and b and c`, `a or b or c`.
    BoolOp {
        /// Whether it is `and`.
        and: bool,
        /// Two operands or more.
        operands: Vec<Expr>,
    },
    /// `a < b <= c`.
    Compare {
        /// The first operand.
        left: Box<Expr>,
        /// Each operator with what follows it.
        rest: Vec<(CompareOperator, Expr)>,
    },
    /// `body if test else otherwise`.
    Conditional {
        /// The condition.
        test: Box<Expr>,
        /// The value where it holds.
        body: Box<Expr>,
        /// The value where it does not.
        otherwise: Box<Expr>,
    },
    /// `lambda a: b`.
    Lambda(Arc<Lambda>),
    /// A list, set or dict comprehension, or a generator.
    Comprehension(Box<Comprehension>),
    /// `*items`.
    Starred(Box<Expr>),
    /// `name := value`.
    Named {
        /// The name.
        name: String,
        /// The value.
        value: Box<Expr>,
    },
    /// Anything else (`await`, `yield`, a syntax error, nesting too deep); names the construct.
    Other(&'static str),
}

impl Expr {
    /// The decoded text of a string literal (not of bytes, not of an f-string).
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Str { text, bytes: false } => Some(text.text()),
            _ => None,
        }
    }

    /// The name, where this is one.
    pub fn as_name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// `a.b.c` for a name with attributes.
    pub fn dotted(&self) -> Option<String> {
        let mut parts = Vec::new();
        let mut at = self;
        loop {
            match &at.kind {
                ExprKind::Name(name) => {
                    parts.push(name.as_str());
                    parts.reverse();
                    return Some(parts.join("."));
                }
                ExprKind::Attribute { object, name } => {
                    parts.push(&name.value);
                    at = object;
                }
                _ => return None,
            }
        }
    }
}

/// A piece of an f-string.
#[derive(Clone, Debug, PartialEq)]
pub enum FStringPart {
    /// Text, decoded.
    Text(Fragment),
    /// `{value!r:>10}`.
    Field {
        /// The expression.
        value: Expr,
        /// `r`, `s` or `a` after the `!`; also `r` for `{x=}`.
        conversion: Option<char>,
        /// The text after the colon as written; empty where there is none.
        format: String,
        /// `{x=}`: the text of the expression stands before its value.
        label: Option<String>,
    },
}

/// An entry of a dict display.
#[derive(Clone, Debug, PartialEq)]
pub enum DictEntry {
    /// `key: value`.
    Pair(Expr, Expr),
    /// `**mapping`.
    Unpack(Expr),
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub function: Expr,
    /// Positional arguments in order; `*a` is an [`ExprKind::Starred`].
    pub arguments: Vec<Expr>,
    /// Keyword arguments in order.
    pub keywords: Vec<Keyword>,
}

impl Call {
    /// The value of the keyword argument `name`.
    pub fn keyword(&self, name: &str) -> Option<&Expr> {
        self.keywords.iter().find(|keyword| keyword.name.as_deref() == Some(name)).map(|keyword| &keyword.value)
    }
}

/// `name=value` or `**value` in a call or class head.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// The whole argument.
    pub span: Span,
    /// The name; `None` for `**`.
    pub name: Option<String>,
    /// The value.
    pub value: Expr,
}

/// `lambda a: b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The value.
    pub body: Expr,
}

/// A comprehension or generator.
#[derive(Clone, Debug, PartialEq)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// The item; a dict's key.
    pub item: Expr,
    /// A dict's value.
    pub value: Option<Expr>,
    /// Each `for` with the conditions that follow it.
    pub clauses: Vec<ComprehensionClause>,
}

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[… for …]`.
    List,
    /// `{… for …}`.
    Set,
    /// `{…: … for …}`.
    Dict,
    /// `(… for …)`.
    Generator,
}

/// `for target in iterable if condition …`.
#[derive(Clone, Debug, PartialEq)]
pub struct ComprehensionClause {
    /// The loop's names.
    pub target: Expr,
    /// What is looped over.
    pub iterable: Expr,
    /// The conditions, in order.
    pub conditions: Vec<Expr>,
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in Python's `operator` module")]
pub enum BinaryOperator {
    Add,
    Sub,
    Mul,
    MatMul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    LeftShift,
    RightShift,
    BitOr,
    BitAnd,
    BitXor,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in Python's `operator` module")]
pub enum UnaryOperator {
    Not,
    Negative,
    Positive,
    Invert,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in Python's `ast` module")]
pub enum CompareOperator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Is,
    IsNot,
}
