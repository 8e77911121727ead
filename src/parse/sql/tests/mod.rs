mod hostile;
mod oracle;

use super::*;
use crate::source::{Span, Spanned};

pub(super) fn script(text: &str) -> Script {
    parse(&Fragment::verbatim(text, 0))
}

/// The actions of SQL that is read in full.
fn actions(text: &str) -> Vec<Action> {
    let script = script(text);
    assert!(script.statements.iter().all(|statement| statement.understood), "{text}: {script:?}");
    script.actions().map(|(_, action)| action.value.clone()).collect()
}

fn action(text: &str) -> Action {
    let mut actions = actions(text);
    assert_eq!(actions.len(), 1, "{text}: {actions:?}");
    actions.remove(0)
}

fn name(name: &str) -> Name {
    Name { schema: None, name: name.to_owned(), is_hole: false }
}

fn added(text: &str) -> NewColumn {
    match action(&format!("ALTER TABLE t ADD COLUMN {text}")) {
        Action::AddColumn(column) => *column,
        other => panic!("{other:?}"),
    }
}

/// The work under each long lock, by table.
fn waits(text: &str) -> Vec<(String, Blocks, Work)> {
    let locks = script(text).long_locks(true);
    locks
        .into_iter()
        .map(|lock| (lock.table.as_ref().map_or_else(String::new, Name::to_string), lock.blocks, lock.work))
        .collect()
}

#[test]
fn statements_stand_where_they_are_written() {
    let text = "-- a; b\nCREATE INDEX i ON t (a);\n\n/* ; */ DROP TABLE u ; ;";
    let script = script(text);
    let spans: Vec<_> = script.statements.iter().map(|statement| &text[statement.span.range()]).collect();
    assert_eq!(spans, ["CREATE INDEX i ON t (a)", "DROP TABLE u"]);
}

#[test]
fn actions_of_alter_table_have_places_of_their_own() {
    let text = "ALTER TABLE school.pupil\n  DROP COLUMN \"Mark\",\n  ADD COLUMN x int NOT NULL";
    let script = script(text);
    let places: Vec<_> = script.actions().map(|(_, action)| &text[action.span.range()]).collect();
    assert_eq!(places, ["DROP COLUMN \"Mark\"", "ADD COLUMN x int NOT NULL"]);
    let table = Name { schema: Some("school".to_owned()), ..name("pupil") };
    assert_eq!(script.statements[0].actions[0].value, Action::DropColumn { table, column: "Mark".to_owned() });
}

#[test]
fn places_inside_of_python_strings_lead_back_to_the_file() {
    // "DROP TABLE x" written as "DROP " "TABLE x" in a file.
    let mut builder = Fragment::builder();
    builder.push("SELECT 1; DROP ", 100);
    builder.push("TABLE x", 120);
    let script = parse(&builder.finish());
    assert_eq!(script.statements[1].span, Span::new(110, 127));
    assert_eq!(script.statements[1].actions, [Spanned::new(Action::DropTable(name("x")), Span::new(126, 127))]);
}

#[test]
fn quotes_and_comments_hide_what_stands_in_them() {
    for text in [
        "SELECT 'DROP TABLE x; --'",
        "SELECT 'it''s; DROP TABLE x'",
        "SELECT E'it\\'s; DROP TABLE x'",
        "SELECT $$; DROP TABLE x; $$",
        "SELECT $body$ $$; DROP TABLE x; $body$",
        "SELECT \"; DROP TABLE x\" FROM t",
        "SELECT 1 -- ; DROP TABLE x",
        "SELECT 1 /* /* ; */ ; DROP TABLE x */",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; RETURN NULL; END $$",
        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM t; SELECT CASE WHEN true THEN 1 END; DELETE FROM t; END",
        "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM u; DELETE FROM v)",
        "COPY t (a, b) FROM stdin;\n1\tDROP TABLE x;\n\\.\n",
        "INSERT INTO t SELECT * FROM u",
        "WITH gone AS (DELETE FROM t WHERE a RETURNING *) INSERT INTO u SELECT * FROM gone",
        "\\connect app\nSELECT 1",
    ] {
        let script = script(text);
        assert_eq!(script.unread, None, "{text}");
        let harmless = |action: &Action| matches!(action, Action::Create(_));
        assert!(script.actions().all(|(_, action)| harmless(action)), "{text}: {script:?}");
        assert!(script.statements.iter().all(|statement| statement.understood), "{text}: {script:?}");
    }
}

#[test]
fn what_cannot_be_told_is_said_so() {
    for text in [
        "DO $$ BEGIN EXECUTE 'DROP TABLE x'; END $$",
        "DROP TABLE x y",
        "ALTER TABLE t MODIFY COLUMN a INT",
        "CALL p()",
    ] {
        let script = script(text);
        assert!(!script.statements[0].understood && script.actions().next().is_none(), "{text}: {script:?}");
    }
    assert_eq!(script("DROP TABLE x; SELECT 'open").unread, Some(Unread::Unfinished));
    assert_eq!(script("DELIMITER //\nDROP TABLE x//").unread, Some(Unread::Unfinished));
    // One statement that is broken keeps nothing from the next.
    assert_eq!(script("DROP TABLE ; CREATE INDEX i ON t (a)").long_locks(true).len(), 1);
}

#[test]
fn what_is_put_in_at_run_time_is_a_hole() {
    for text in [
        "DROP TABLE {table}",
        "DROP TABLE %s",
        "DROP TABLE %(table)s",
        "DROP TABLE {{ table }}",
        "DROP TABLE \"{table}\"",
    ] {
        let Action::DropTable(name) = action(text) else { panic!("{text}") };
        assert!(name.is_hole, "{text}: {name:?}");
    }
    let Action::CreateIndex { table, .. } = action("CREATE INDEX i ON app_{name} (a)") else { panic!() };
    assert_eq!((table.name.as_str(), table.is_hole), ("app_{name}", true));
    assert!(matches!(action("UPDATE t SET a = %s, b = c %% 2 WHERE d = %(d)s"), Action::Update { filtered: true, .. }));
    assert!(matches!(
        action("DELETE FROM t {% if x %} WHERE a LIKE '%s' {% endif %}"),
        Action::Delete { filtered: true, .. }
    ));
}

#[test]
fn indexes() {
    assert!(matches!(action("CREATE UNIQUE INDEX i ON t (a)"), Action::CreateIndex { concurrently: false, .. }));
    let concurrent = action("create index concurrently if not exists i on t using gin (a) where b");
    assert!(matches!(concurrent, Action::CreateIndex { concurrently: true, .. }));
    assert_eq!(action("DROP INDEX CONCURRENTLY IF EXISTS i"), Action::DropIndex { concurrently: true });
    assert!(matches!(action("REINDEX TABLE CONCURRENTLY t"), Action::Reindex { concurrently: true, .. }));
    assert!(matches!(action("REINDEX (CONCURRENTLY) INDEX i"), Action::Reindex { concurrently: true, .. }));
    assert!(matches!(action("REINDEX DATABASE d"), Action::Reindex { everything: true, .. }));
    assert_eq!(waits("CREATE INDEX i ON ONLY t (a)"), []);
    assert_eq!(waits("REINDEX TABLE t"), [("t".to_owned(), Blocks::All, Work::Index)]);
}

#[test]
fn columns_that_are_added() {
    use Filling::*;
    for (text, filling, not_null, work) in [
        ("a int", Nothing, false, Work::Catalogue),
        ("a int NOT NULL", Nothing, true, Work::Catalogue),
        ("a int DEFAULT NULL", Nothing, false, Work::Catalogue),
        ("IF NOT EXISTS a int NOT NULL DEFAULT 0", OneValue, true, Work::Catalogue),
        ("a jsonb NOT NULL DEFAULT '{}'::jsonb", OneValue, true, Work::Catalogue),
        ("a timestamptz NOT NULL DEFAULT now()", OneValue, true, Work::Catalogue),
        ("a timestamptz DEFAULT CURRENT_TIMESTAMP", OneValue, false, Work::Catalogue),
        ("a text[] DEFAULT ARRAY[]::text[]", OneValue, false, Work::Catalogue),
        ("a uuid NOT NULL DEFAULT gen_random_uuid()", EachRow, true, Work::Rewrite),
        ("a uuid DEFAULT public.uuid_generate_v4()", EachRow, false, Work::Rewrite),
        ("a timestamptz DEFAULT (clock_timestamp() + '1 day')", EachRow, false, Work::Rewrite),
        ("a int DEFAULT our_own()", Unknown, false, Work::Catalogue),
        ("a bigserial", EachRow, true, Work::Rewrite),
        ("a bigint GENERATED BY DEFAULT AS IDENTITY", EachRow, true, Work::Rewrite),
        ("a int GENERATED ALWAYS AS (b * 2) STORED", EachRow, false, Work::Rewrite),
        ("a int UNIQUE", Nothing, false, Work::Index),
        ("a int CHECK (a > 0)", Nothing, false, Work::Scan),
        ("a int REFERENCES u (id)", Nothing, false, Work::Catalogue),
        ("a int DEFAULT 1 REFERENCES u (id)", OneValue, false, Work::Scan),
    ] {
        let column = added(text);
        assert_eq!((column.filling, column.not_null, column.work()), (filling, not_null, work), "{text}");
    }
    assert!(added("a int NOT NULL").fails_on_rows() && !added("a int NOT NULL DEFAULT 0").fails_on_rows());
    assert!(!added("a serial").fails_on_rows());
}

#[test]
fn types_that_are_changed() {
    for (to, rewrites) in [
        ("bigint", true),
        ("integer USING a::integer", true),
        ("jsonb USING a::jsonb", true),
        ("double precision", true),
        ("text", false),
        ("varchar(200)", false),
        ("numeric(12, 2)", false),
        ("timestamp with time zone", false),
        ("our_enum USING a::our_enum", false),
    ] {
        let Action::AlterType { rewrites: told, .. } = action(&format!("ALTER TABLE t ALTER COLUMN a TYPE {to}"))
        else {
            panic!("{to}")
        };
        assert_eq!(told, rewrites, "{to}");
    }
}

#[test]
fn constraints() {
    let all = |work| vec![("t".to_owned(), Blocks::All, work)];
    assert_eq!(waits("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)"), all(Work::Scan));
    assert_eq!(waits("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID"), []);
    assert_eq!(waits("ALTER TABLE t VALIDATE CONSTRAINT c"), []);
    assert_eq!(waits("ALTER TABLE t ADD UNIQUE (a)"), all(Work::Index));
    assert_eq!(waits("ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i"), []);
    assert_eq!(waits("ALTER TABLE t ADD PRIMARY KEY (a)"), all(Work::Index));
    assert_eq!(waits("ALTER TABLE t ADD CONSTRAINT c EXCLUDE USING gist (a WITH &&)"), all(Work::Index));
    let key = "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id)";
    assert_eq!(waits(key), [("t".to_owned(), Blocks::Writes, Work::Scan)]);
    assert_eq!(waits(&format!("{key} NOT VALID")), []);
}

#[test]
fn a_constraint_that_is_validated_where_it_is_added_keeps_its_lock() {
    let text = "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c";
    assert_eq!(waits(text), [("t".to_owned(), Blocks::All, Work::Scan)]);
    assert_eq!(script(text).long_locks(false), []);
}

#[test]
fn not_null_after_a_check_reads_nothing() {
    assert_eq!(waits("ALTER TABLE t ALTER COLUMN a SET NOT NULL").len(), 1);
    assert_eq!(waits("ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER a SET NOT NULL"), []);
    assert_eq!(waits("ALTER TABLE t ALTER COLUMN a SET NOT NULL, DROP CONSTRAINT a_not_null"), []);
    let other = "ALTER TABLE u DROP CONSTRAINT c; ALTER TABLE t ALTER COLUMN a SET NOT NULL";
    assert_eq!(waits(other).len(), 1);
}

#[test]
fn tables_that_are_made_here_are_nobodys_yet() {
    for text in [
        "CREATE TABLE t (a int); CREATE INDEX i ON t (a); ALTER TABLE t ADD UNIQUE (a); DROP TABLE t",
        "CREATE TEMP TABLE t AS SELECT 1; CREATE INDEX ON t (a); TRUNCATE t",
        "CREATE TABLE IF NOT EXISTS public.t (a int); CREATE INDEX ON t (a)",
        "CREATE TABLE n (a int); ALTER TABLE n RENAME TO t; CREATE INDEX ON t (a)",
        "CREATE TABLE {t} (a int); CREATE INDEX ON {t} (a)",
        "CREATE TABLE {t} (a int); CREATE INDEX ON u (a)",
        "CREATE MATERIALIZED VIEW v AS SELECT 1; CREATE UNIQUE INDEX ON v (a); REFRESH MATERIALIZED VIEW v",
        "DO $$ BEGIN CREATE TABLE t (a int); END $$; CREATE INDEX ON t (a); DROP TABLE t",
    ] {
        assert_eq!((script(text).long_locks(true), script(text).losses()), (vec![], vec![]), "{text}");
    }
    assert_eq!(waits("CREATE TABLE u (a int); CREATE INDEX ON t (a)").len(), 1);
    assert_eq!(script("DROP TABLE t; CREATE TABLE t (a int)").losses().len(), 1);
}

#[test]
fn data_that_is_lost() {
    let lost = |text: &str| script(text).losses().into_iter().map(|loss| loss.value).collect::<Vec<_>>();
    assert_eq!(lost("DROP TABLE IF EXISTS a, b CASCADE"), [Loss::Table(name("a")), Loss::Table(name("b"))]);
    assert_eq!(lost("TRUNCATE t CASCADE"), [Loss::Rows { table: name("t"), cascade: true }]);
    assert_eq!(lost("TRUNCATE TABLE ONLY t RESTART IDENTITY"), [Loss::Rows { table: name("t"), cascade: false }]);
    assert_eq!(lost("DELETE FROM t"), [Loss::Rows { table: name("t"), cascade: false }]);
    assert_eq!(lost("DROP DATABASE d"), [Loss::Everything("DROP DATABASE", "d".to_owned())]);
    assert_eq!(lost("DROP SCHEMA s CASCADE"), [Loss::Everything("DROP SCHEMA CASCADE", "s".to_owned())]);
    for kept in [
        "DELETE FROM t WHERE a",
        "DELETE FROM t USING u WHERE t.a = u.a",
        "DROP SCHEMA s",
        "DROP VIEW v",
        "DROP FUNCTION f()",
        "DROP INDEX i",
        "DROP TRIGGER g ON t",
        "ALTER TABLE t ALTER COLUMN a DROP DEFAULT",
        "ALTER TABLE t DROP CONSTRAINT c",
    ] {
        assert_eq!(lost(kept), [], "{kept}");
    }
}

#[test]
fn what_cannot_run_in_a_transaction() {
    for text in [
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "DROP INDEX CONCURRENTLY i",
        "REINDEX INDEX CONCURRENTLY i",
        "REINDEX SCHEMA s",
        "VACUUM",
        "VACUUM ANALYZE t",
        "VACUUM (FULL, ANALYZE) t",
        "CLUSTER",
        "DROP DATABASE d",
        "CREATE DATABASE d",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
    ] {
        assert!(action(text).refuses_transaction().is_some(), "{text}");
    }
    for text in [
        "CREATE INDEX i ON t (a)",
        "REINDEX TABLE t",
        "CLUSTER t USING i",
        "CLUSTER i ON t",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
    ] {
        assert_eq!(action(text).refuses_transaction(), None, "{text}");
    }
}

#[test]
fn locks_by_name_and_heavy_work() {
    assert_eq!(waits("LOCK TABLE t"), [("t".to_owned(), Blocks::All, Work::Held)]);
    assert_eq!(waits("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE"), [("t".to_owned(), Blocks::Writes, Work::Held)]);
    assert_eq!(waits("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"), []);
    for text in ["VACUUM FULL t", "VACUUM (FULL) t", "CLUSTER t USING i", "CLUSTER i ON t", "ALTER TABLE t SET LOGGED"]
    {
        assert_eq!(waits(text), [("t".to_owned(), Blocks::All, Work::Rewrite)], "{text}");
    }
    assert_eq!(waits("VACUUM (FULL false) t"), []);
    assert_eq!(waits("REFRESH MATERIALIZED VIEW t"), [("t".to_owned(), Blocks::All, Work::Refresh)]);
    assert_eq!(waits("REFRESH MATERIALIZED VIEW t WITH NO DATA; REFRESH MATERIALIZED VIEW CONCURRENTLY t"), []);
}

#[test]
fn timeouts_and_transactions() {
    let set = |setting, local, off| Action::SetTimeout { setting, local, off };
    assert_eq!(action("SET lock_timeout = '2s'"), set("lock_timeout", false, false));
    assert_eq!(action("SET LOCAL lock_timeout TO 2000"), set("lock_timeout", true, false));
    assert_eq!(action("SET statement_timeout = 0"), set("statement_timeout", false, true));
    assert_eq!(action("SET statement_timeout TO '0ms'"), set("statement_timeout", false, true));
    assert_eq!(actions("SET search_path = public"), []);
    let words = ["BEGIN", "COMMIT", "ROLLBACK"].map(Action::Transaction);
    assert_eq!(actions("START TRANSACTION; END; ROLLBACK"), words);
    assert_eq!(actions("SAVEPOINT s; ROLLBACK TO SAVEPOINT s; RELEASE s"), []);
}

#[test]
fn other_databases_are_recognised() {
    for text in [
        "ALTER TABLE `t` DROP COLUMN `a`",
        "CREATE TABLE t (id int AUTO_INCREMENT) ENGINE=InnoDB",
        "ALTER TABLE t MODIFY COLUMN a int",
        "PRAGMA foreign_keys = OFF",
    ] {
        assert!(script(text).foreign, "{text}");
    }
    let Action::DropColumn { table, column } = action("ALTER TABLE `t` DROP COLUMN `a`") else { panic!() };
    assert_eq!((table, column.as_str()), (name("t"), "a"));
    assert!(!script("ALTER TABLE t DROP COLUMN a").foreign);
}
