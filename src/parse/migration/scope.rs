use super::model::Said;
use crate::parse::python::{Expr, ExprKind, FunctionDef, ImportedNames, Module, Stmt, StmtKind};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

/// How many names are followed, one to the next.
const MAX_HOPS: usize = 8;
/// How many items and texts are looked at in one migration. Names that stand for lists of names could go on for ever.
const MAX_STEPS: usize = 100_000;
/// How much text is copied in one of these.
const BYTES_IN_STEP: usize = 64;

/// What the names of a module stand for.
pub(super) struct Scope<'a> {
    imports: HashMap<&'a str, String>,
    /// `None` for names that are assigned more than once, or in a condition.
    constants: HashMap<&'a str, Option<&'a Expr>>,
    functions: HashMap<&'a str, &'a Arc<FunctionDef>>,
    steps: Cell<usize>,
}

impl<'a> Scope<'a> {
    pub(super) fn of(module: &'a Module) -> Self {
        let mut scope = Self {
            imports: HashMap::new(),
            constants: HashMap::new(),
            functions: HashMap::new(),
            steps: Cell::new(MAX_STEPS),
        };
        scope.read(&module.body);
        scope
    }

    /// Counts a step; whether there was one left.
    pub(super) fn step(&self) -> bool {
        self.steps(1)
    }

    /// Counts as many steps as copying `text` is worth; whether there were so many left.
    pub(super) fn step_over(&self, text: &str) -> bool {
        self.steps(1 + text.len() / BYTES_IN_STEP)
    }

    fn steps(&self, count: usize) -> bool {
        let left = self.steps.get().checked_sub(count);
        self.steps.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Adds what the body of a class assigns.
    pub(super) fn read(&mut self, body: &'a [Stmt]) {
        for statement in body {
            match &statement.kind {
                StmtKind::Import(_) | StmtKind::ImportFrom { .. } => imports_of(statement, &mut |name, dotted| {
                    self.imports.insert(name, dotted);
                }),
                StmtKind::Assign { targets, value, .. } => {
                    for name in targets.iter().filter_map(Expr::as_name) {
                        let again = self.constants.contains_key(name);
                        self.constants.insert(name, (!again).then_some(value));
                    }
                }
                StmtKind::AugAssign { target, .. } => {
                    if let Some(name) = target.as_name() {
                        self.constants.insert(name, None);
                    }
                }
                StmtKind::FunctionDef(function) => {
                    self.functions.insert(&function.name.value, function);
                }
                StmtKind::Try { body, handlers, .. } => {
                    self.read(body);
                    handlers.iter().for_each(|handler| self.read(&handler.body));
                }
                _ => {}
            }
        }
    }

    /// The function of the module that is called `name`.
    pub(super) fn function(&self, name: &str) -> Option<&'a Arc<FunctionDef>> {
        self.functions.get(name).copied()
    }

    /// What the name at the head of a dotted name is imported from.
    pub(super) fn import(&self, name: &str) -> Option<&str> {
        self.imports.get(name).map(String::as_str)
    }

    /// The full name of what a dotted name stands for: `migrations.AddField` is `django.db.migrations.AddField`.
    pub(super) fn dotted(&self, expression: &Expr) -> Option<String> {
        let dotted = expression.dotted()?;
        let (head, rest) = dotted.split_once('.').map_or((dotted.as_str(), None), |(head, rest)| (head, Some(rest)));
        let Some(full) = self.imports.get(head) else { return Some(dotted) };
        Some(rest.map_or_else(|| full.clone(), |rest| format!("{full}.{rest}")))
    }

    /// What an expression is after names of the module are followed.
    pub(super) fn follow(&self, expression: &'a Expr) -> &'a Expr {
        let mut at = expression;
        for _ in 0..MAX_HOPS {
            match at.as_name().and_then(|name| self.constants.get(name)) {
                Some(Some(value)) => at = value,
                _ => break,
            }
        }
        at
    }

    pub(super) fn truth(&self, expression: Option<&'a Expr>) -> Said<bool> {
        let Some(expression) = expression else { return Said::Unsaid };
        match self.follow(expression).kind {
            ExprKind::Bool(value) => Said::Is(value),
            // `db_index=None` is as good as false.
            ExprKind::None => Said::Is(false),
            _ => Said::Unclear,
        }
    }

    pub(super) fn text(&self, expression: Option<&'a Expr>) -> Said<String> {
        let Some(expression) = expression else { return Said::Unsaid };
        match &self.follow(expression).kind {
            ExprKind::None => Said::Unsaid,
            _ => self.follow(expression).as_str().map_or(Said::Unclear, |text| Said::Is(text.to_owned())),
        }
    }

    pub(super) fn number(&self, expression: Option<&'a Expr>) -> Said<i64> {
        let Some(expression) = expression else { return Said::Unsaid };
        match self.follow(expression).kind {
            ExprKind::Int(value) => Said::Is(value),
            ExprKind::None => Said::Unsaid,
            _ => Said::Unclear,
        }
    }

    /// The items of a list or tuple, concatenations included, and whether there may be more.
    pub(super) fn items(&self, expression: &'a Expr) -> (Vec<&'a Expr>, bool) {
        let (mut items, mut more) = (Vec::new(), false);
        self.collect_items(expression, MAX_HOPS, &mut items, &mut more);
        (items, more)
    }

    fn collect_items(&self, expression: &'a Expr, depth: usize, items: &mut Vec<&'a Expr>, more: &mut bool) {
        if depth == 0 || !self.step() {
            *more = true;
            return;
        }
        match &self.follow(expression).kind {
            ExprKind::List(list) | ExprKind::Tuple(list) | ExprKind::Set(list) => {
                for item in list {
                    match &item.kind {
                        ExprKind::Starred(inner) => self.collect_items(inner, depth - 1, items, more),
                        _ if self.step() => items.push(item),
                        _ => *more = true,
                    }
                }
            }
            ExprKind::Binary { left, operator: crate::parse::python::BinaryOperator::Add, right } => {
                self.collect_items(left, depth - 1, items, more);
                self.collect_items(right, depth - 1, items, more);
            }
            _ => *more = true,
        }
    }
}

/// The names that an import binds, each with what it stands for.
pub(super) fn imports_of<'a>(statement: &'a Stmt, bind: &mut impl FnMut(&'a str, String)) {
    match &statement.kind {
        StmtKind::Import(names) => {
            for import in names {
                let dotted = import.name.value.as_str();
                match &import.alias {
                    Some(alias) => bind(alias, dotted.to_owned()),
                    None => {
                        let head = dotted.split('.').next().unwrap_or(dotted);
                        bind(head, head.to_owned());
                    }
                }
            }
        }
        StmtKind::ImportFrom { level, module, names: ImportedNames::Names(names) } => {
            let dots = ".".repeat(*level);
            for import in names {
                let dot = if module.value.is_empty() { "" } else { "." };
                let dotted = format!("{dots}{}{dot}{}", module.value, import.name.value);
                bind(import.alias.as_deref().unwrap_or(&import.name.value), dotted);
            }
        }
        _ => {}
    }
}
