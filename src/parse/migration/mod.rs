//! Django migrations: the class `Migration` of a module, with its operations, lowered from the syntax of Python.
//!
//! Nothing is run: names are followed to literals and imports of the same module, and what is neither is
//! [`Said::Unclear`]. The operations are those of Django 4.2 to 6.x and of `django.contrib.postgres`:
//! <https://docs.djangoproject.com/en/stable/ref/migration-operations/>.

mod arguments;
mod column;
mod field;
mod index;
mod model;
mod operation;
mod python_code;
mod read;
mod scope;
mod sql;
#[cfg(test)]
mod tests;
mod walk;

pub use column::{ColumnType, TypeChange};
pub use field::{Field, FieldDefault, FieldKind, Target};
pub use index::{Constraint, ConstraintKind, Index};
pub use model::{Dependency, Generated, Listed, Migration, Said};
pub use operation::{Effect, Operation, OperationKind};
pub use python_code::PythonCode;
pub use sql::Sql;

use super::python::Module;

/// The migration that a module holds: its class `Migration`. `None` where it has none, and for those of other
/// frameworks.
pub fn read(module: &Module) -> Option<Migration> {
    read::migration(module)
}
