use super::model::Said;
use super::scope::Scope;
use crate::parse::python::{Call, Expr, ExprKind};
use crate::source::Spanned;

/// The arguments of a call, by the names of its parameters.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'s, 'a> {
    scope: &'s Scope<'a>,
    call: &'a Call,
    parameters: &'static [&'static str],
}

impl<'s, 'a> Arguments<'s, 'a> {
    /// `parameters` are those that may be given by position, in order.
    pub(super) fn new(scope: &'s Scope<'a>, call: &'a Call, parameters: &'static [&'static str]) -> Self {
        Self { scope, call, parameters }
    }

    /// What is given for `name`.
    pub(super) fn get(&self, name: &str) -> Option<&'a Expr> {
        if let Some(value) = self.call.keyword(name) {
            return Some(value);
        }
        let at = self.parameters.iter().position(|parameter| *parameter == name)?;
        let before = self.call.arguments.get(..=at)?;
        let starred = before.iter().any(|argument| matches!(argument.kind, ExprKind::Starred(_)));
        if starred { None } else { before.last() }
    }

    /// Whether arguments are unpacked from something, so that any may be given.
    pub(super) fn unpacks(&self) -> bool {
        self.call.keywords.iter().any(|keyword| keyword.name.is_none())
            || self.call.arguments.iter().any(|argument| matches!(argument.kind, ExprKind::Starred(_)))
    }

    fn or_unclear<T>(&self, said: Said<T>) -> Said<T> {
        if said.is_unsaid() && self.unpacks() { Said::Unclear } else { said }
    }

    pub(super) fn truth(&self, name: &str) -> Said<bool> {
        self.or_unclear(self.scope.truth(self.get(name)))
    }

    pub(super) fn text(&self, name: &str) -> Said<String> {
        self.or_unclear(self.scope.text(self.get(name)))
    }

    pub(super) fn number(&self, name: &str) -> Said<i64> {
        self.or_unclear(self.scope.number(self.get(name)))
    }

    /// A name that is needed, with its place.
    pub(super) fn name(&self, name: &str) -> Option<Spanned<String>> {
        let value = self.get(name)?;
        let text = self.scope.follow(value).as_str()?;
        Some(Spanned::new(text.to_owned(), value.span))
    }

    /// What is given for `name` and is not `None`, names followed.
    pub(super) fn value(&self, name: &str) -> Option<&'a Expr> {
        let value = self.scope.follow(self.get(name)?);
        (!matches!(value.kind, ExprKind::None)).then_some(value)
    }
}
