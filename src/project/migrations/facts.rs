//! What an operation does to its table, as rules ask for it.

use super::fold::OperationUse;
use super::state::FieldState;
use crate::parse::migration::{
    ColumnType, Constraint, Field, FieldDefault, Operation, OperationKind, Said, Target, TypeChange,
};

/// A column that an operation adds to a table that is there.
#[derive(Clone, Copy, Debug)]
pub struct NewColumn<'a> {
    /// The field's name.
    pub name: &'a str,
    /// What it is.
    pub field: &'a Field,
}

/// A field before and after an `AlterField`, on a table that is there.
#[derive(Clone, Copy, Debug)]
pub struct Altered<'a> {
    /// The label of its app.
    pub app: &'a str,
    /// The field's name.
    pub name: &'a str,
    /// What it was.
    pub old: &'a Field,
    /// What it becomes.
    pub new: &'a Field,
    /// Whether the column itself is still to be deployed.
    pub is_new: bool,
}

/// Why the rows of a table are read or written when a column is added, on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// An index is built in the same statement or right after it, under the same lock.
    Index,
    /// A check is proven for each row: `Positive…Field`.
    Check,
    /// Each row gets a value of its own.
    Rewrite,
}

impl OperationUse {
    /// The column that it adds.
    pub fn new_column(&self) -> Option<NewColumn<'_>> {
        match self.kind() {
            OperationKind::AddField { name, field: Some(field), .. } if self.on_existing_table() => {
                (field.has_column() == Some(true)).then_some(NewColumn { name, field })
            }
            _ => None,
        }
    }

    /// The field that it alters, where both sides are known and have a column.
    pub fn altered(&self) -> Option<Altered<'_>> {
        let OperationKind::AlterField { name, field: Some(new), .. } = self.kind() else { return None };
        let known = self.model.as_ref()?.field(name).filter(|_| self.on_existing_table())?;
        let old = known.field.as_deref()?;
        let columns = old.has_column() == Some(true) && new.has_column() == Some(true);
        columns.then_some(Altered { app: &self.app, name, old, new, is_new: known.new })
    }

    /// The field that it removes from a table that is there, unless that field is new itself.
    pub fn removed_field(&self) -> Option<&FieldState> {
        match self.kind() {
            OperationKind::RemoveField { name, .. } if self.on_existing_table() => self.existing_field(name),
            _ => None,
        }
    }

    /// The names of a column before and after, where it is renamed.
    pub fn renamed_column(&self) -> Option<(String, String)> {
        if !self.on_existing_table() {
            return None;
        }
        let (old, new) = match self.kind() {
            OperationKind::RenameField { old, new, .. } => {
                let field = self.existing_field(old)?.field.as_deref()?;
                (field.column(old)?, field.column(new)?)
            }
            _ => {
                let altered = self.altered().filter(|altered| !altered.is_new)?;
                (altered.old.column(altered.name)?, altered.new.column(altered.name)?)
            }
        };
        // PostgreSQL keeps the case, the others do not mind it.
        (old != new).then_some((old, new))
    }

    /// The names of a table before and after, where it is renamed.
    pub fn renamed_table(&self) -> Option<(String, String)> {
        let model = self.model.as_ref().filter(|_| self.on_existing_table())?;
        let own = |name: &str| format!("{}_{}", self.app, name.to_lowercase());
        let table = |said: &Said<String>, name: &str| match said {
            Said::Unsaid => Some(own(name)),
            Said::Is(table) => Some(table.clone()),
            Said::Unclear => None,
        };
        let old = table(&model.db_table, &model.name)?;
        let new = match self.kind() {
            OperationKind::RenameModel { new, .. } => table(&model.db_table, new)?,
            OperationKind::AlterModelTable { table: said, .. } => table(said, &model.name)?,
            _ => return None,
        };
        (old != new).then_some((old, new))
    }

    /// The constraint that it adds to a table that is there, and checks for the rows in it.
    pub fn added_constraint(&self) -> Option<&Constraint> {
        match self.kind() {
            OperationKind::AddConstraint { constraint: Some(constraint), not_valid: false, .. } => {
                self.on_existing_table().then_some(constraint)
            }
            _ => None,
        }
    }

    /// Whether it validates a constraint that the same transaction adds.
    pub fn validates_what_it_locks(&self) -> bool {
        let OperationKind::ValidateConstraint { name, .. } = self.kind() else { return false };
        let adds = |operation: &Operation| match &operation.kind {
            OperationKind::AddConstraint { constraint: Some(constraint), not_valid: true, .. } => {
                constraint.name == *name && name.known().is_some()
            }
            _ => false,
        };
        self.is_atomic() == Some(true) && self.file.operations.items[..self.index].iter().any(adds)
    }

    /// The first group that it adds to `unique_together` (`unique`) or `index_together` of a table that is there.
    pub fn added_together(&self, of_unique: bool) -> Option<&[String]> {
        let OperationKind::AlterTogether { unique, groups: Some(groups), .. } = self.kind() else { return None };
        let model = self.model.as_ref().filter(|_| *unique == of_unique && self.on_existing_table())?;
        let before = model.together[usize::from(!of_unique)].as_ref()?;
        groups.iter().find(|group| !before.contains(group)).map(Vec::as_slice)
    }
}

impl NewColumn<'_> {
    /// Whether the rows that are there cannot get a value, so that the migration fails.
    pub fn fails(&self) -> bool {
        self.field.is_required() == Some(true)
            && self.field.has_python_value() == Some(false)
            && self.field.db_default.gives_value() == Some(false)
    }

    /// Whether all rows get the same value, which has to be unique.
    pub fn repeats_unique_value(&self) -> bool {
        let one_value = self.field.default.gives_value() == Some(true)
            || self.field.is_required() == Some(true) && self.field.has_python_value() == Some(true);
        self.field.is_unique() == Some(true) && one_value && !self.makes_own_values()
    }

    /// Whether whoever does not know the column can write no row: it is required, and only Django fills it.
    pub fn needs_new_code(&self) -> bool {
        self.field.is_required() == Some(true)
            && self.field.has_python_value() == Some(true)
            && !self.makes_own_values()
    }

    /// Whether the database makes the values: numbers, generated columns, defaults that it knows.
    fn makes_own_values(&self) -> bool {
        matches!(self.field.class(), Some("AutoField" | "BigAutoField" | "SmallAutoField" | "GeneratedField"))
            || self.field.db_default.gives_value() != Some(false)
    }

    /// Why PostgreSQL goes through the whole table when it adds the column; foreign keys aside.
    pub fn scan(&self) -> Option<Scan> {
        if self.field.is_foreign_key() {
            return None;
        }
        let volatile = matches!(&self.field.db_default, FieldDefault::Expression(class) if class.starts_with("Random"));
        match self.field.class()? {
            "GeneratedField" if self.field.db_persist.or(false) == Some(true) => Some(Scan::Rewrite),
            _ if volatile => Some(Scan::Rewrite),
            class if class.starts_with("Positive") => Some(Scan::Check),
            _ if self.field.is_indexed() == Some(true) => Some(Scan::Index),
            _ => None,
        }
    }
}

impl Altered<'_> {
    /// The types before and after, and what the change costs on PostgreSQL.
    pub fn type_change(&self) -> Option<(ColumnType, ColumnType, TypeChange)> {
        let (old, new) = (ColumnType::of(self.old)?, ColumnType::of(self.new)?);
        let change = old.change_to(&new);
        Some((old, new, change))
    }

    /// Whether it begins to refuse NULL.
    pub fn becomes_required(&self) -> bool {
        self.old.is_required() == Some(false) && self.new.is_required() == Some(true)
    }

    /// Whether it becomes unique.
    pub fn becomes_unique(&self) -> bool {
        self.old.is_unique() == Some(false) && self.new.is_unique() == Some(true)
    }

    /// Whether it gets an index that is not unique.
    pub fn becomes_indexed(&self) -> bool {
        self.old.is_indexed() == Some(false)
            && self.new.is_indexed() == Some(true)
            && self.new.is_unique() == Some(false)
    }

    /// Whether it gets the check that a number is not negative.
    pub fn becomes_positive(&self) -> bool {
        let positive = |field: &Field| field.class().map(|class| class.starts_with("Positive"));
        positive(self.old) == Some(false) && positive(self.new) == Some(true)
    }

    /// Whether Django makes the foreign key anew, which then is checked for every row: it is new, points elsewhere, or
    /// takes NULL from now on. What `on_delete`, `related_name` and the like say does not matter to the database.
    pub fn checks_foreign_key(&self) -> bool {
        if self.new.has_constraint() != Some(true) {
            return false;
        }
        // Models of other apps may have been renamed since.
        let target = |field: &Field| match &field.to {
            Said::Is(Target::Model(to)) => match to.split_once('.') {
                Some((app, model)) => (app == self.app).then(|| model.to_owned()),
                None => Some(to.clone()),
            },
            _ => None,
        };
        let moved = target(self.old).zip(target(self.new)).is_some_and(|(old, new)| old != new);
        let loosened = self.old.is_required() == Some(true) && self.new.is_required() == Some(false);
        self.old.has_constraint() == Some(false) || moved || loosened
    }
}
