use super::operation::Operation;
use crate::source::{Span, Spanned};

/// What an argument says.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Said<T> {
    /// It is not given.
    #[default]
    Unsaid,
    /// It is given as this.
    Is(T),
    /// It is given, or may be, as something that is computed.
    Unclear,
}

impl<T> Said<T> {
    /// The value, where it is given and clear.
    pub fn known(&self) -> Option<&T> {
        match self {
            Said::Is(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it is surely not given.
    pub fn is_unsaid(&self) -> bool {
        matches!(self, Said::Unsaid)
    }
}

impl Said<bool> {
    /// The truth, with what holds where nothing is said; `None` where it is unclear.
    pub fn or(&self, default: bool) -> Option<bool> {
        match self {
            Said::Unsaid => Some(default),
            Said::Is(value) => Some(*value),
            Said::Unclear => None,
        }
    }
}

/// A list of which parts may be computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// What stands there, in order.
    pub items: Vec<T>,
    /// Whether there may be more.
    pub more: bool,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), more: false }
    }
}

/// What a migration names in `dependencies`, `run_before` or `replaces`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// A migration of an app.
    On {
        /// The app's label.
        app: String,
        /// The migration's name; also `__first__` and `__latest__`.
        name: String,
    },
    /// The first migration of the app whose model a setting names: `swappable_dependency(settings.AUTH_USER_MODEL)`.
    Swappable {
        /// The setting.
        setting: String,
    },
}

/// What Django writes at the head of a migration that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Django's version: `(5, 2)`.
    pub django: (u32, u32),
    /// The day, counted from 1970-01-01.
    pub day: i64,
}

/// One migration.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// The class's name.
    pub span: Span,
    /// Whether it runs in one transaction; Django's default is that it does.
    pub atomic: Said<bool>,
    /// `initial`, where it is said.
    pub initial: Said<bool>,
    /// What has to be applied before.
    pub dependencies: Listed<Spanned<Dependency>>,
    /// What has to be applied after.
    pub run_before: Listed<Spanned<Dependency>>,
    /// The migrations that were squashed into it.
    pub replaces: Listed<Spanned<Dependency>>,
    /// Whether it says that it runs when the new code does: `safe = Safe.after_deploy()` of django-safemigrate.
    pub runs_after_deploy: bool,
    /// What it does, in order. Those inside of `SeparateDatabaseAndState` stand here one by one.
    pub operations: Listed<Operation>,
    /// What its head says of how it was made.
    pub generated: Option<Generated>,
}
