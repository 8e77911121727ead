//! What an action locks, loses and demands, as PostgreSQL 15 was seen to do it: `benches/sql-locks.sh` asks a server.
//! Sources: <https://www.postgresql.org/docs/current/explicit-locking.html> and the page of each command.

use super::model::*;
use crate::source::Spanned;

/// A lock that makes users wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The words of the statement that takes it.
    pub words: &'static str,
    /// The table or materialized view; absent where the statement names only an index, or all tables.
    pub table: Option<Name>,
    /// Who waits.
    pub blocks: Blocks,
    /// For how long.
    pub work: Work,
}

/// What is done while a lock is held, and so for how long it is held at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// A change of the catalogue.
    Catalogue,
    /// Every row is read.
    Scan,
    /// An index is built.
    Index,
    /// A query is run and its rows are written.
    Refresh,
    /// Every row and every index is written again.
    Rewrite,
    /// Whatever follows in the transaction: the lock is taken for its own sake.
    Held,
}

/// Data that a statement takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A table with its rows.
    Table(Name),
    /// A column with its values.
    Column(Name, String),
    /// Every row of a table, and of those that refer to it where `cascade` is set.
    Rows {
        /// The table.
        table: Name,
        /// `TRUNCATE … CASCADE`.
        cascade: bool,
    },
    /// A database or schema, or all that a role owns: the words that ask for it, and its name.
    Everything(&'static str, String),
}

impl Loss {
    /// The table, where it is of one.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Self::Table(table) | Self::Column(table, _) | Self::Rows { table, .. } => Some(table),
            Self::Everything(..) => None,
        }
    }
}

impl Action {
    /// The lock that it takes of its own, where users wait for it.
    pub fn lock(&self) -> Option<Lock> {
        let lock = |words, table: &Name, blocks, work| Some(Lock { words, table: Some(table.clone()), blocks, work });
        let brief = |words, table: &Name| lock(words, table, Blocks::All, Work::Catalogue);
        let nameless = |words, work| Some(Lock { words, table: None, blocks: Blocks::All, work });
        match self {
            Self::CreateIndex { table, concurrently: false, only: false } => {
                lock("CREATE INDEX", table, Blocks::Writes, Work::Index)
            }
            Self::DropIndex { concurrently: false } => nameless("DROP INDEX", Work::Catalogue),
            // Writes wait for the table, and planning any query on it waits for the index.
            Self::Reindex { table: Some(table), concurrently: false, .. } => {
                lock("REINDEX", table, Blocks::All, Work::Index)
            }
            Self::Reindex { table: None, concurrently: false, .. } => nameless("REINDEX", Work::Index),
            Self::AddColumn(column) => lock("ADD COLUMN", &column.table, Blocks::All, column.work()),
            // Of other types only the catalogue may change.
            Self::AlterType { table, rewrites, .. } => {
                let work = if *rewrites { Work::Rewrite } else { Work::Catalogue };
                lock("ALTER COLUMN TYPE", table, Blocks::All, work)
            }
            Self::SetNotNull { table, .. } => lock("SET NOT NULL", table, Blocks::All, Work::Scan),
            Self::AddConstraint { table, kind, not_valid, .. } => {
                let (words, blocks, work) = kind.lock();
                lock(words, table, blocks, if *not_valid { Work::Catalogue } else { work })
            }
            Self::Rewrite { table, words } => lock(words, table, Blocks::All, Work::Rewrite),
            Self::Lock { table, blocks } if *blocks != Blocks::Nobody => lock("LOCK TABLE", table, *blocks, Work::Held),
            Self::Vacuum { table: Some(table), full: true } => lock("VACUUM FULL", table, Blocks::All, Work::Rewrite),
            Self::Vacuum { table: None, full: true } => nameless("VACUUM FULL", Work::Rewrite),
            Self::Cluster { table: Some(table) } => lock("CLUSTER", table, Blocks::All, Work::Rewrite),
            Self::Cluster { table: None } => nameless("CLUSTER", Work::Rewrite),
            Self::Refresh { view, concurrently: false, no_data: false } => {
                lock("REFRESH MATERIALIZED VIEW", view, Blocks::All, Work::Refresh)
            }
            Self::DropColumn { table, .. } => brief("DROP COLUMN", table),
            Self::RenameColumn { table, .. } => brief("RENAME COLUMN", table),
            Self::RenameTable { table, .. } => brief("RENAME TO", table),
            Self::DropConstraint { table, .. } => brief("DROP CONSTRAINT", table),
            Self::DropTable(table) => brief("DROP TABLE", table),
            Self::Truncate { table, .. } => brief("TRUNCATE", table),
            _ => None,
        }
    }

    /// What it takes away.
    pub fn loss(&self) -> Option<Loss> {
        match self {
            Self::DropTable(table) => Some(Loss::Table(table.clone())),
            Self::DropColumn { table, column } => Some(Loss::Column(table.clone(), column.clone())),
            Self::Truncate { table, cascade } => Some(Loss::Rows { table: table.clone(), cascade: *cascade }),
            Self::Delete { table, filtered: false } => Some(Loss::Rows { table: table.clone(), cascade: false }),
            Self::DropAll { words, name } => Some(Loss::Everything(words, name.clone())),
            _ => None,
        }
    }

    /// The words for it where PostgreSQL refuses it inside of a transaction, also the one around several statements that
    /// are sent as one text.
    pub fn refuses_transaction(&self) -> Option<&'static str> {
        match self {
            Self::CreateIndex { concurrently: true, .. } => Some("CREATE INDEX CONCURRENTLY"),
            Self::DropIndex { concurrently: true } => Some("DROP INDEX CONCURRENTLY"),
            Self::Reindex { concurrently: true, .. } => Some("REINDEX CONCURRENTLY"),
            Self::Reindex { everything: true, .. } => Some("REINDEX of a schema or database"),
            Self::DetachConcurrently(_) => Some("DETACH PARTITION CONCURRENTLY"),
            Self::Vacuum { .. } => Some("VACUUM"),
            Self::Cluster { table: None } => Some("CLUSTER of all tables"),
            Self::DropAll { words: words @ "DROP DATABASE", .. } => Some(words),
            Self::Outside(words) => Some(words),
            _ => None,
        }
    }
}

impl NewColumn {
    /// What adding it does to the rows that are there.
    pub fn work(&self) -> Work {
        let fills = !matches!(self.filling, Filling::Nothing | Filling::Unknown);
        match () {
            _ if self.filling == Filling::EachRow => Work::Rewrite,
            _ if self.unique => Work::Index,
            // A foreign key is not looked up for rows that all get NULL.
            _ if self.check || (self.references.is_some() && fills) => Work::Scan,
            _ => Work::Catalogue,
        }
    }

    /// Whether it cannot be added to a table that has rows.
    pub fn fails_on_rows(&self) -> bool {
        self.not_null && self.filling == Filling::Nothing
    }
}

impl ConstraintKind {
    fn lock(&self) -> (&'static str, Blocks, Work) {
        match self {
            Self::Check { .. } => ("ADD CHECK", Blocks::All, Work::Scan),
            Self::NotNull => ("ADD NOT NULL", Blocks::All, Work::Scan),
            // Of both tables.
            Self::ForeignKey(_) => ("ADD FOREIGN KEY", Blocks::Writes, Work::Scan),
            Self::Unique => ("ADD UNIQUE", Blocks::All, Work::Index),
            Self::Exclude => ("ADD EXCLUDE", Blocks::All, Work::Index),
            Self::UniqueUsingIndex => ("ADD UNIQUE USING INDEX", Blocks::All, Work::Catalogue),
        }
    }
}

impl Script {
    /// Each action with the number of its statement, in order.
    pub fn actions(&self) -> impl Iterator<Item = (usize, &Spanned<Action>)> {
        let numbered = self.statements.iter().enumerate();
        numbered.flat_map(|(index, statement)| statement.actions.iter().map(move |action| (index, action)))
    }

    /// Whether `table` is made before statement `index`, or may be, where that cannot be told.
    pub fn makes(&self, table: &Name, index: usize) -> bool {
        let before = &self.statements[..index.min(self.statements.len())];
        if before.iter().any(|statement| statement.may_create_table) {
            return true;
        }
        let mut made: Vec<&Name> = Vec::new();
        for action in before.iter().flat_map(|statement| &statement.actions) {
            match &action.value {
                Action::CreateTable(name) | Action::CreateMaterializedView(name) => made.push(name),
                Action::RenameTable { table, to } if made.iter().any(|name| name.may_be(table)) => made.push(to),
                _ => {}
            }
        }
        // What is put in at run time may be any name, unless both are written alike.
        made.iter().any(|name| name.may_be(table) || name.is_hole || table.is_hole)
    }

    /// The locks for which users wait longer than a catalogue change takes, on tables that are not made here. `transaction`
    /// says whether all of it runs in one: then a lock is kept to its end.
    pub fn long_locks(&self, transaction: bool) -> Vec<Spanned<Lock>> {
        let mut locks = Vec::new();
        for (index, action) in self.actions() {
            let lock = match &action.value {
                Action::ValidateConstraint { table, name } if transaction => self.added(index, table, name),
                Action::SetNotNull { table, column } if self.is_proven(table, column) => None,
                other => other.lock().filter(|lock| lock.work != Work::Catalogue),
            };
            let Some(lock) = lock else { continue };
            if !lock.table.as_ref().is_some_and(|table| self.makes(table, index)) {
                locks.push(Spanned::new(lock, action.span));
            }
        }
        locks
    }

    /// The lock under which a constraint is validated that statements before `index` have added: theirs.
    fn added(&self, index: usize, table: &Name, constraint: &str) -> Option<Lock> {
        let before = self.actions().take_while(|(at, _)| *at <= index);
        before
            .filter_map(|(_, action)| match &action.value {
                Action::AddConstraint { table: on, name: Some(name), kind, .. }
                    if on.may_be(table) && name == constraint =>
                {
                    let (_, blocks, work) = kind.lock();
                    Some(Lock { words: "VALIDATE CONSTRAINT", table: Some(table.clone()), blocks, work })
                }
                _ => None,
            })
            .last()
    }

    /// Whether a validated `CHECK (column IS NOT NULL)` lets `SET NOT NULL` pass without a scan (from PostgreSQL 12 on): one is
    /// added or validated here, or a constraint that has done its work is dropped.
    fn is_proven(&self, on: &Name, column: &str) -> bool {
        self.actions().any(|(_, action)| match &action.value {
            Action::AddConstraint { table, kind: ConstraintKind::Check { not_null: Some(checked) }, .. } => {
                table.may_be(on) && checked == column
            }
            Action::ValidateConstraint { table, .. } | Action::DropConstraint { table, .. } => table.may_be(on),
            _ => false,
        })
    }

    /// What is taken away, except from tables that are made here.
    pub fn losses(&self) -> Vec<Spanned<Loss>> {
        let found = self.actions().filter_map(|(index, action)| {
            let loss = action.loss()?;
            let made = loss.table().is_some_and(|table| self.makes(table, index));
            (!made).then(|| Spanned::new(loss, action.span))
        });
        found.collect()
    }
}
