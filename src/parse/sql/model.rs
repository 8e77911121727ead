use crate::source::{Span, Spanned};
use std::fmt;

/// SQL as a migration or a `.sql` file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// Why the rest was not read, where it was not.
    pub unread: Option<Unread>,
    /// Whether it is written for another database than PostgreSQL (backticks, `ENGINE =`).
    pub foreign: bool,
}

/// Why SQL was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is longer than what is read.
    TooLong,
    /// A quote or a comment is never closed, or `DELIMITER` changes what ends a statement.
    Unfinished,
    /// The binary was built without the parser.
    NotBuilt,
}

/// A statement up to its semicolon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// From its first word to its last, in the file.
    pub span: Span,
    /// What it does to the database, as far as anybody has to care. Empty for what harms nobody (INSERT, SELECT, GRANT),
    /// and for what was not understood.
    pub actions: Vec<Spanned<Action>>,
    /// Whether it was read in full. False for `DO` blocks, other databases' syntax, and what is made up at run time.
    pub understood: bool,
    /// Whether it was not understood and speaks of creating a table, so that nobody can say which.
    pub may_create_table: bool,
}

/// The name of a table, index or view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The schema, where it is written.
    pub schema: Option<String>,
    /// The name, in lower case unless it is quoted.
    pub name: String,
    /// Whether it is put in at run time, in part or whole (`%s`, `{table}`): then its text is what is written there.
    pub is_hole: bool,
}

impl Name {
    /// Whether both can be the same table: a schema that is not written fits any.
    pub fn may_be(&self, other: &Name) -> bool {
        let schemas = self.schema.is_none() || other.schema.is_none() || self.schema == other.schema;
        self.name == other.name && schemas
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// One thing that a statement does. `ALTER TABLE` may do several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `CREATE TABLE`, also temporary, also `AS`.
    CreateTable(Name),
    /// `CREATE MATERIALIZED VIEW`.
    CreateMaterializedView(Name),
    /// `CREATE` of something else than a table or an index, in words: `extension`, `function`, `view`. Locks no table that
    /// is in use.
    Create(&'static str),
    /// `CREATE INDEX`.
    CreateIndex {
        /// The table; `ON ONLY` of a partitioned table builds nothing.
        table: Name,
        /// Whether it is built while others write.
        concurrently: bool,
        /// Whether only the partitioned parent gets it.
        only: bool,
    },
    /// `DROP INDEX`.
    DropIndex {
        /// Whether it waits for readers instead of stopping them.
        concurrently: bool,
    },
    /// `REINDEX`.
    Reindex {
        /// The table, where one is named rather than an index, a schema or the database.
        table: Option<Name>,
        /// Whether it is built while others write.
        concurrently: bool,
        /// Whether it goes over a whole schema or database.
        everything: bool,
    },
    /// `ALTER TABLE … ADD COLUMN`.
    AddColumn(Box<NewColumn>),
    /// `ALTER TABLE … DROP COLUMN`.
    DropColumn {
        /// The table.
        table: Name,
        /// The column.
        column: String,
    },
    /// `ALTER TABLE … RENAME COLUMN`.
    RenameColumn {
        /// The table.
        table: Name,
        /// The column as it was called.
        column: String,
    },
    /// `ALTER TABLE … RENAME TO`.
    RenameTable {
        /// The table as it was called.
        table: Name,
        /// Its new name, in the same schema.
        to: Name,
    },
    /// `ALTER TABLE … ALTER COLUMN … TYPE`.
    AlterType {
        /// The table.
        table: Name,
        /// The column.
        column: String,
        /// The new type as it is written.
        to: String,
        /// Whether every row is written again, whatever the old type was: so for numbers, dates, UUIDs, JSON. Where that
        /// depends on the old type (text, varchar, numeric, timestamptz, types of the project) it is false.
        rewrites: bool,
    },
    /// `ALTER TABLE … ALTER COLUMN … SET NOT NULL`.
    SetNotNull {
        /// The table.
        table: Name,
        /// The column.
        column: String,
    },
    /// `ALTER TABLE … ADD CONSTRAINT`.
    AddConstraint {
        /// The table.
        table: Name,
        /// Its name, where one is written.
        name: Option<String>,
        /// What it demands.
        kind: ConstraintKind,
        /// `NOT VALID`: rows that are there are not looked at.
        not_valid: bool,
    },
    /// `ALTER TABLE … VALIDATE CONSTRAINT`.
    ValidateConstraint {
        /// The table.
        table: Name,
        /// The constraint.
        name: String,
    },
    /// `ALTER TABLE … DROP CONSTRAINT`.
    DropConstraint {
        /// The table.
        table: Name,
        /// The constraint.
        name: String,
    },
    /// Another change of a table that copies it, by its words: `SET LOGGED`.
    Rewrite {
        /// The table.
        table: Name,
        /// The words that ask for it.
        words: &'static str,
    },
    /// `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`.
    DetachConcurrently(Name),
    /// `DROP TABLE`.
    DropTable(Name),
    /// `TRUNCATE`.
    Truncate {
        /// The table.
        table: Name,
        /// Whether tables that refer to it are emptied too.
        cascade: bool,
    },
    /// `DELETE`.
    Delete {
        /// The table.
        table: Name,
        /// Whether it says which rows: `WHERE`, or a join with `USING`.
        filtered: bool,
    },
    /// `UPDATE`.
    Update {
        /// The table.
        table: Name,
        /// Whether it says which rows: `WHERE`, or a join with `FROM`.
        filtered: bool,
    },
    /// `DROP DATABASE`, `DROP SCHEMA`, `DROP OWNED`, by their words.
    DropAll {
        /// The words that ask for it.
        words: &'static str,
        /// What is dropped: the database, schema or role.
        name: String,
    },
    /// `LOCK TABLE`.
    Lock {
        /// The table.
        table: Name,
        /// Who has to wait.
        blocks: Blocks,
    },
    /// `VACUUM`.
    Vacuum {
        /// The table; all where it is absent.
        table: Option<Name>,
        /// `FULL`.
        full: bool,
    },
    /// `CLUSTER`.
    Cluster {
        /// The table; all where it is absent.
        table: Option<Name>,
    },
    /// `REFRESH MATERIALIZED VIEW`.
    Refresh {
        /// The view.
        view: Name,
        /// Whether others can read it meanwhile.
        concurrently: bool,
        /// `WITH NO DATA`.
        no_data: bool,
    },
    /// `SET lock_timeout`, `SET statement_timeout`.
    SetTimeout {
        /// The setting, in lower case.
        setting: &'static str,
        /// `SET LOCAL`: until the transaction ends.
        local: bool,
        /// Whether it is set to zero, which is none.
        off: bool,
    },
    /// `ALTER TYPE … ADD VALUE`.
    AddEnumValue,
    /// `BEGIN`, `COMMIT`, `ROLLBACK` and their synonyms, by their first word in upper case. Savepoints are none.
    Transaction(&'static str),
    /// Another statement that PostgreSQL refuses inside of a transaction, by its words: `CREATE DATABASE`.
    Outside(&'static str),
}

/// A column that is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewColumn {
    /// The table.
    pub table: Name,
    /// The column.
    pub name: String,
    /// `NOT NULL` or `PRIMARY KEY`.
    pub not_null: bool,
    /// What the rows that are there get.
    pub filling: Filling,
    /// `UNIQUE` or `PRIMARY KEY`.
    pub unique: bool,
    /// `CHECK`.
    pub check: bool,
    /// The table after `REFERENCES`.
    pub references: Option<Name>,
}

/// What rows get in a column that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// NULL: there is no default.
    Nothing,
    /// One value for all, kept in the catalogue from PostgreSQL 11 on.
    OneValue,
    /// A value for each row (`random()`, `serial`, an identity, `STORED`): every row is written again.
    EachRow,
    /// A default that calls what is not known here.
    Unknown,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `CHECK`.
    Check {
        /// The column of a `CHECK (column IS NOT NULL)`.
        not_null: Option<String>,
    },
    /// `FOREIGN KEY`; the table it refers to.
    ForeignKey(Option<Name>),
    /// `UNIQUE` or `PRIMARY KEY`, whose index is built now.
    Unique,
    /// `UNIQUE` or `PRIMARY KEY` of an index that is there.
    UniqueUsingIndex,
    /// `EXCLUDE`.
    Exclude,
    /// `NOT NULL` by name, PostgreSQL 18.
    NotNull,
}

/// Who waits for a lock that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocks {
    /// Nobody but other changes of the table's shape.
    Nobody,
    /// INSERT, UPDATE, DELETE.
    Writes,
    /// SELECT too.
    All,
}
