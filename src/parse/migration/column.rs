//! The types of PostgreSQL's columns that Django makes for its fields, and what a change from one to the other costs:
//! `data_types` of `django/db/backends/postgresql/base.py`, and
//! <https://www.postgresql.org/docs/current/sql-altertable.html>.

use super::field::Field;
use super::model::Said;

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `smallint`, `integer`, `bigint`: their bytes.
    Integer(u8),
    /// `varchar(n)`, in characters; `None` is without a limit.
    Varchar(Option<i64>),
    /// `text`.
    Text,
    /// `numeric(digits, places)`.
    Numeric(i64, i64),
    /// `double precision`.
    Float,
    /// `timestamp with time zone`.
    Timestamp,
    /// `date`.
    Date,
    /// One of which only the name matters.
    Other(&'static str),
}

/// What becomes of a table when the type of a column changes, on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeChange {
    /// Nothing: the same type, or one for which a short lock is enough.
    Free,
    /// Each row is written anew.
    Rewrites,
    /// Each row is written anew, and a value that does not fit stops the migration.
    Shrinks,
    /// What does not fit is cut off or rounded without an error.
    LosesData,
    /// The values have to be read as something else, which fails at the first that cannot.
    Casts,
}

impl ColumnType {
    /// The type of a field's column; `None` where it cannot be told, for relations above all.
    pub fn of(field: &Field) -> Option<Self> {
        let length = |default: Option<i64>| match field.max_length {
            Said::Unsaid => Some(ColumnType::Varchar(default)),
            Said::Is(length) => Some(ColumnType::Varchar(Some(length))),
            Said::Unclear => None,
        };
        Some(match field.class()? {
            "SmallAutoField" | "SmallIntegerField" | "PositiveSmallIntegerField" => ColumnType::Integer(2),
            "AutoField" | "IntegerField" | "PositiveIntegerField" => ColumnType::Integer(4),
            "BigAutoField" | "BigIntegerField" | "PositiveBigIntegerField" => ColumnType::Integer(8),
            "CharField" | "CommaSeparatedIntegerField" => return length(None),
            "SlugField" => return length(Some(50)),
            "EmailField" => return length(Some(254)),
            "URLField" => return length(Some(200)),
            "FileField" | "ImageField" | "FilePathField" => return length(Some(100)),
            "TextField" => ColumnType::Text,
            "DecimalField" => ColumnType::Numeric(*field.max_digits.known()?, *field.decimal_places.known()?),
            "FloatField" => ColumnType::Float,
            "DateTimeField" => ColumnType::Timestamp,
            "DateField" => ColumnType::Date,
            "TimeField" => ColumnType::Other("time"),
            "DurationField" => ColumnType::Other("interval"),
            "BooleanField" | "NullBooleanField" => ColumnType::Other("boolean"),
            "UUIDField" => ColumnType::Other("uuid"),
            "JSONField" => ColumnType::Other("jsonb"),
            "BinaryField" => ColumnType::Other("bytea"),
            "GenericIPAddressField" | "IPAddressField" => ColumnType::Other("inet"),
            _ => return None,
        })
    }

    /// What a change to `new` costs.
    pub fn change_to(&self, new: &ColumnType) -> TypeChange {
        use ColumnType::{Date, Float, Integer, Numeric, Other, Text, Timestamp, Varchar};
        use TypeChange::{Casts, Free, LosesData, Rewrites, Shrinks};
        match (self, new) {
            (old, new) if old == new => Free,
            (Varchar(_), Varchar(None)) | (Varchar(_), Text) | (Text, Varchar(None)) => Free,
            (Varchar(Some(old)), Varchar(Some(new))) if new > old => Free,
            (Varchar(_), Varchar(Some(_))) => Shrinks,
            // Django casts with `USING column::varchar(n)`, and an explicit cast cuts off.
            (Text, Varchar(Some(_))) => LosesData,
            (Integer(old), Integer(new)) if new > old => Rewrites,
            (Integer(_), Integer(_)) => Shrinks,
            (Numeric(digits, places), Numeric(new_digits, new_places)) => {
                if new_places < places {
                    LosesData
                } else if new_digits - new_places < digits - places {
                    Shrinks
                } else if new_places == places {
                    Free
                } else {
                    Rewrites
                }
            }
            (Float | Numeric(..), Integer(_)) | (Timestamp, Date) | (Timestamp, Other("time")) => LosesData,
            (Float, Numeric(..)) | (Numeric(..), Float) => LosesData,
            (Varchar(_) | Text, _) => Casts,
            _ => Rewrites,
        }
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ColumnType::Integer(2) => f.write_str("smallint"),
            ColumnType::Integer(4) => f.write_str("integer"),
            ColumnType::Integer(_) => f.write_str("bigint"),
            ColumnType::Varchar(Some(length)) => write!(f, "varchar({length})"),
            ColumnType::Varchar(None) => f.write_str("varchar"),
            ColumnType::Text => f.write_str("text"),
            ColumnType::Numeric(digits, places) => write!(f, "numeric({digits}, {places})"),
            ColumnType::Float => f.write_str("double precision"),
            ColumnType::Timestamp => f.write_str("timestamp with time zone"),
            ColumnType::Date => f.write_str("date"),
            ColumnType::Other(name) => f.write_str(name),
        }
    }
}
