//! What squawk's own linter says of the same statements. It knows no columns of other migrations either, so that where both
//! speak they have to agree; where they do not, `DIFFERS` says what a real server did.

use super::*;
use squawk_linter::{Linter, LinterSettings};
use squawk_syntax::SourceFile;

/// The linter's rules on locks, rewrites, losses and transactions.
const RULES: [&str; 16] = [
    "adding-field-with-default",
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-required-field",
    "adding-serial-primary-key-field",
    "ban-concurrent-index-creation-in-transaction",
    "ban-drop-column",
    "ban-drop-database",
    "ban-drop-table",
    "ban-truncate-cascade",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "renaming-column",
    "renaming-table",
    "require-concurrent-index-creation",
];

fn linted(sql: &str) -> Vec<String> {
    let file = SourceFile::parse(sql);
    // One for each text: it remembers what it found.
    let mut linter = Linter::with_default_rules();
    let pg_version = "15.0".parse().expect("a version");
    linter.settings = LinterSettings { pg_version, assume_in_transaction: true };
    let mut found: Vec<String> = linter.lint(&file, sql).iter().map(|violation| violation.code.to_string()).collect();
    found.retain(|code| RULES.contains(&code.as_str()));
    found.sort();
    found.dedup();
    found
}

/// Whether anything in our facts would make a rule speak.
fn told(sql: &str) -> bool {
    let script = script(sql);
    let speaks = |action: &Action| match action {
        Action::AddColumn(column) => column.fails_on_rows(),
        Action::RenameColumn { .. } | Action::RenameTable { .. } => true,
        other => other.refuses_transaction().is_some(),
    };
    !script.long_locks(true).is_empty()
        || !script.losses().is_empty()
        || script.actions().any(|(_, action)| speaks(action))
}

const AGREES: &[&str] = &[
    "CREATE INDEX i ON t (a)",
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "CREATE TABLE t (a int); CREATE INDEX i ON t (a)",
    "ALTER TABLE t ADD COLUMN a int",
    "ALTER TABLE t ADD COLUMN a int NOT NULL",
    "ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 0",
    "ALTER TABLE t ADD COLUMN a timestamptz NOT NULL DEFAULT now()",
    "ALTER TABLE t ADD COLUMN a timestamptz NOT NULL DEFAULT clock_timestamp()",
    "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE t ADD COLUMN a text DEFAULT 'x' || 'y'",
    "ALTER TABLE t ADD COLUMN a jsonb DEFAULT '{}'::jsonb",
    "ALTER TABLE t ADD COLUMN a bigint GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b * 2) STORED",
    "ALTER TABLE t ADD COLUMN a int UNIQUE",
    "ALTER TABLE t ADD COLUMN a int PRIMARY KEY",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c",
    "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id)",
    "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id) NOT VALID",
    "ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)",
    "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i",
    "ALTER TABLE t ALTER COLUMN a TYPE bigint",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE t RENAME COLUMN a TO b",
    "ALTER TABLE t RENAME TO u",
    "ALTER TABLE t DROP COLUMN a",
    "DROP TABLE t",
    "DROP DATABASE d",
    "TRUNCATE t CASCADE",
    "DELETE FROM t WHERE a",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "SET lock_timeout = '2s'",
];

/// Each with whether we speak: a server says so in benches/sql-locks.sh, or the place says what is not known.
const DIFFERS: &[(&str, bool)] = &[
    // Rewrites for nextval(), which the linter leaves to its house style.
    ("ALTER TABLE t ADD COLUMN a bigserial", true),
    // A function of the project may be immutable.
    ("ALTER TABLE t ADD COLUMN a text DEFAULT our_own()", false),
    // Depends on the old type: among text types nothing is rewritten.
    ("ALTER TABLE t ALTER COLUMN a TYPE varchar(255)", false),
    ("ALTER TABLE t ALTER COLUMN a TYPE text", false),
    // NULL for every row, so nothing is looked up.
    ("ALTER TABLE t ADD COLUMN a int REFERENCES u (id)", false),
    ("ALTER TABLE t ADD COLUMN a int CHECK (a > 0)", true),
    // Made and dropped in one script.
    ("CREATE TABLE t (a int); DROP TABLE t", false),
    // No rule of those above speaks of these.
    ("VACUUM FULL t", true),
    ("LOCK TABLE t", true),
    ("REINDEX TABLE t", true),
    ("TRUNCATE t", true),
    ("DELETE FROM t", true),
    ("REFRESH MATERIALIZED VIEW v", true),
];

#[test]
fn the_linter_agrees() {
    for sql in AGREES {
        // In a transaction it says nothing of an index that is built concurrently, without a BEGIN that it can see.
        let linted = !linted(sql).is_empty() || sql.contains("CREATE INDEX CONCURRENTLY");
        assert_eq!(told(sql), linted, "{sql}");
    }
}

#[test]
fn where_the_linter_differs_we_know_why() {
    for (sql, speaks) in DIFFERS {
        assert_eq!(told(sql), *speaks, "{sql}");
        assert_ne!(linted(sql).is_empty(), !*speaks, "{sql}: it has come round: {:?}", linted(sql));
    }
}
