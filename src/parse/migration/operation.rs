use super::field::Field;
use super::index::{Constraint, Index};
use super::model::Said;
use super::python_code::PythonCode;
use super::sql::Sql;
use crate::source::{Span, Spanned};
use std::sync::Arc;

/// What an operation works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The database and the state that later migrations see.
    Both,
    /// The database alone: in `database_operations` of `SeparateDatabaseAndState`.
    Database,
    /// The state alone: in its `state_operations`, or in those of `RunSQL`.
    State,
}

impl Effect {
    /// Whether the database changes.
    pub fn on_database(self) -> bool {
        self != Effect::State
    }

    /// Whether the state changes that later migrations see.
    pub fn on_state(self) -> bool {
        self != Effect::Database
    }
}

/// One operation of a migration.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The whole call.
    pub span: Span,
    /// What is called: `migrations.AddField`.
    pub head: Span,
    /// Whether it changes the database, the state or both.
    pub effect: Effect,
    /// What it does.
    pub kind: OperationKind,
}

/// A field with its name.
pub type NamedField = (Spanned<String>, Arc<Field>);

/// What an operation does. Names of models and fields are as written; Django compares models in lower case.
#[derive(Clone, Debug, PartialEq)]
pub enum OperationKind {
    /// `CreateModel`.
    CreateModel {
        /// The model.
        name: Spanned<String>,
        /// Its fields, as far as they can be read.
        fields: Vec<NamedField>,
        /// Whether those are all, and each could be read; inherited ones are not among them.
        complete: bool,
        /// `db_table` of its options.
        db_table: Said<String>,
        /// `managed` of its options.
        managed: Said<bool>,
        /// `unique_together` and `index_together` of its options; `None` where they cannot be read.
        together: [Option<Vec<Vec<String>>>; 2],
        /// Whether it is a proxy, which has no table.
        proxy: bool,
    },
    /// `DeleteModel`.
    DeleteModel {
        /// The model.
        name: Spanned<String>,
    },
    /// `RenameModel`.
    RenameModel {
        /// The old name.
        old: Spanned<String>,
        /// The new name.
        new: Spanned<String>,
    },
    /// `AlterModelTable`.
    AlterModelTable {
        /// The model.
        name: Spanned<String>,
        /// The new table; unsaid where it goes back to Django's own name.
        table: Said<String>,
    },
    /// `AlterUniqueTogether` and `AlterIndexTogether`.
    AlterTogether {
        /// The model.
        name: Spanned<String>,
        /// Whether it is about uniqueness.
        unique: bool,
        /// The groups of fields that hold afterwards; `None` where they cannot be read.
        groups: Option<Vec<Vec<String>>>,
    },
    /// `AlterOrderWithRespectTo`.
    AlterOrderWithRespectTo {
        /// The model.
        name: Spanned<String>,
        /// The field; unsaid where the order is given up.
        field: Said<String>,
    },
    /// `AlterModelOptions`.
    AlterModelOptions {
        /// The model.
        name: Spanned<String>,
        /// `managed`, where the options say it.
        managed: Said<bool>,
    },
    /// What changes no column: `AlterModelManagers`, `AlterModelTableComment`.
    AlterModelState {
        /// The model.
        name: Spanned<String>,
    },
    /// `AddField`.
    AddField {
        /// The model.
        model: Spanned<String>,
        /// The field.
        name: Spanned<String>,
        /// What is added; `None` where it cannot be read.
        field: Option<Arc<Field>>,
        /// Whether the default is for this migration only: `preserve_default=False`.
        one_off_default: bool,
    },
    /// `RemoveField`.
    RemoveField {
        /// The model.
        model: Spanned<String>,
        /// The field.
        name: Spanned<String>,
    },
    /// `AlterField`.
    AlterField {
        /// The model.
        model: Spanned<String>,
        /// The field.
        name: Spanned<String>,
        /// What it becomes; `None` where it cannot be read.
        field: Option<Arc<Field>>,
        /// Whether the default is for this migration only: `preserve_default=False`.
        one_off_default: bool,
    },
    /// `RenameField`.
    RenameField {
        /// The model.
        model: Spanned<String>,
        /// The old name.
        old: Spanned<String>,
        /// The new name.
        new: Spanned<String>,
    },
    /// `AddIndex`, `AddIndexConcurrently`.
    AddIndex {
        /// The model.
        model: Spanned<String>,
        /// The index, where it can be read.
        index: Option<Index>,
        /// Whether it is built while others write.
        concurrently: bool,
    },
    /// `RemoveIndex`, `RemoveIndexConcurrently`.
    RemoveIndex {
        /// The model.
        model: Spanned<String>,
        /// The index's name.
        name: Said<String>,
        /// Whether others may write meanwhile.
        concurrently: bool,
    },
    /// `RenameIndex`.
    RenameIndex {
        /// The model.
        model: Spanned<String>,
    },
    /// `AddConstraint`, `AddConstraintNotValid`.
    AddConstraint {
        /// The model.
        model: Spanned<String>,
        /// The constraint, where it can be read.
        constraint: Option<Constraint>,
        /// Whether the rows that are there are left unchecked.
        not_valid: bool,
    },
    /// `ValidateConstraint`.
    ValidateConstraint {
        /// The model.
        model: Spanned<String>,
        /// The constraint's name.
        name: Said<String>,
    },
    /// `RemoveConstraint`.
    RemoveConstraint {
        /// The model.
        model: Spanned<String>,
        /// The constraint's name.
        name: Said<String>,
    },
    /// `AlterConstraint`, which changes the state only.
    AlterConstraint {
        /// The model.
        model: Spanned<String>,
    },
    /// `RunSQL`. Its `state_operations` follow as operations of their own.
    RunSql {
        /// What runs.
        sql: Sql,
        /// What takes it back; `None` where nothing does.
        reverse: Option<Sql>,
        /// Whether it says what becomes of the state.
        has_state: bool,
        /// `elidable`: it may be left out when migrations are squashed.
        elidable: Said<bool>,
        /// Whether arguments are unpacked from something, so that there may be more.
        unpacks: bool,
    },
    /// `RunPython`.
    RunPython {
        /// What runs.
        code: PythonCode,
        /// What takes it back; `None` where nothing does.
        reverse: Option<PythonCode>,
        /// `atomic`.
        atomic: Said<bool>,
        /// `elidable`: it may be left out when migrations are squashed.
        elidable: Said<bool>,
        /// Whether arguments are unpacked from something, so that there may be more.
        unpacks: bool,
    },
    /// An extension or a collation of PostgreSQL, by the operation's class.
    Extension {
        /// The class: `CreateExtension`, `TrigramExtension`, `CreateCollation`.
        class: String,
    },
    /// Any other, or one of which the names cannot be read. What it does to the state is not known.
    Other {
        /// Its full name, where there is one.
        class: Option<String>,
        /// The model that it names, where it does.
        model: Option<String>,
    },
}

impl OperationKind {
    /// The model that it is about, as written; a renamed one by its old name.
    pub fn model(&self) -> Option<&str> {
        use OperationKind::*;
        match self {
            CreateModel { name, .. }
            | DeleteModel { name }
            | RenameModel { old: name, .. }
            | AlterModelTable { name, .. }
            | AlterTogether { name, .. }
            | AlterOrderWithRespectTo { name, .. }
            | AlterModelOptions { name, .. }
            | AlterModelState { name } => Some(name),
            AddField { model, .. }
            | RemoveField { model, .. }
            | AlterField { model, .. }
            | RenameField { model, .. }
            | AddIndex { model, .. }
            | RemoveIndex { model, .. }
            | RenameIndex { model }
            | AddConstraint { model, .. }
            | ValidateConstraint { model, .. }
            | RemoveConstraint { model, .. }
            | AlterConstraint { model } => Some(model),
            Other { model, .. } => model.as_deref(),
            RunSql { .. } | RunPython { .. } | Extension { .. } => None,
        }
    }
}
