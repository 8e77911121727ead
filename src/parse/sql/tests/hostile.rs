//! Input that squawk's parser, left to itself, overflows a stack on or takes minutes for.

use super::*;

/// Runs `work` on a stack as small as those of worker threads.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

/// What begins a statement that is parsed, so that the rest reaches an expression.
const BEFORE: [&str; 8] = [
    "",
    "DELETE FROM t WHERE ",
    "UPDATE t SET a = ",
    "ALTER TABLE t ADD CHECK (",
    "ALTER TABLE t ADD COLUMN a int DEFAULT ",
    "CREATE TABLE t AS SELECT ",
    "CREATE TABLE t (a int CHECK ",
    "WITH a AS (",
];

const REPEATED: [&str; 60] = [
    "(",
    "[",
    "((",
    "NOT ",
    "1+",
    "- ",
    "-",
    "+",
    "@ ",
    "a.",
    ".a",
    "a[",
    "[1]",
    "f(",
    "f(a,",
    "CASE WHEN ",
    "CASE ",
    "a::t",
    "::t",
    "a||",
    "a->",
    " AND a",
    " OR ",
    "SELECT ",
    "SELECT (",
    "SELECT * FROM (",
    "a JOIN b ",
    " JOIN a",
    "UNION SELECT 1 ",
    "WITH a AS (",
    "EXISTS (",
    "IN (",
    "BETWEEN ",
    "ROW(",
    "ARRAY[",
    "CAST(",
    "xmlelement(name a, ",
    "EXPLAIN ",
    "PREPARE a AS ",
    "'",
    "\"",
    "$$",
    "$a$",
    "/*",
    "/",
    "*/",
    "--\n",
    "\\",
    "`",
    "{",
    "{{",
    "}",
    "%",
    "%(",
    "%s",
    ";",
    ",",
    "E'\\",
    "é",
    "\0",
];

#[test]
fn nothing_overflows_a_small_stack() {
    on_a_small_stack(|| {
        for before in BEFORE {
            for repeated in REPEATED {
                for size in [2 << 10, 16 << 10] {
                    script(&format!("{before}{}", repeated.repeat(size / repeated.len())));
                }
            }
        }
    });
}

#[test]
fn nothing_takes_long_at_full_length() {
    on_a_small_stack(|| {
        for repeated in REPEATED {
            script(&repeated.repeat((MAX_BYTES - 8) / repeated.len()));
            script(&format!("DELETE FROM t WHERE {}", repeated.repeat((MAX_BYTES - 64) / repeated.len())));
        }
    });
}

#[test]
fn what_stands_in_strings_weighs_nothing() {
    let text = format!("ALTER TABLE t ADD COLUMN a text DEFAULT '{}'", "((1+NOT ".repeat(5000));
    assert!(script(&text).statements[0].understood);
}

#[test]
fn long_lists_are_read() {
    let columns = (0..1200).map(|n| format!("c{n} varchar(20) NOT NULL DEFAULT ''")).collect::<Vec<_>>();
    let text = format!("CREATE TABLE t ({}); CREATE INDEX ON t (c1)", columns.join(", "));
    assert!(text.len() < MAX_BYTES);
    assert!(script(&text).statements[0].understood);
    assert_eq!(script(&text).long_locks(true), []);
}

#[test]
fn data_is_left_alone() {
    let rows = format!("DROP TABLE x; INSERT INTO t VALUES {};", "(1, 'x'), ".repeat(10_000));
    assert_eq!(script(&rows).unread, Some(Unread::TooLong));
}

/// Every byte sequence gives spans that lie in the text, on characters.
#[test]
fn noise_is_read_without_a_panic() {
    let pieces = [
        "CREATE INDEX ",
        "ALTER TABLE ",
        "t",
        " ADD COLUMN ",
        "é",
        "'",
        "\"",
        "`",
        "$$",
        "--",
        "/*",
        "*/",
        "\n",
        "(",
        ")",
        ",",
        ";",
        "%s",
        "{x}",
        "DROP ",
        "TABLE ",
        "NOT NULL ",
        "DEFAULT ",
        "SET ",
        "TYPE ",
        "CHECK ",
        "1",
        ".",
        "::",
        "\\",
        "E'",
        "日本",
        "CONSTRAINT ",
        "REFERENCES ",
        "UNIQUE ",
        "USING ",
        "UPDATE ",
        "DELETE FROM ",
        "WHERE ",
        "VACUUM ",
        "LOCK ",
        "=",
        "RULE ",
        "ATOMIC ",
    ];
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for _ in 0..20_000 {
        let text: String = (0..next(14) + 1).map(|_| pieces[next(pieces.len())]).collect();
        let script = script(&text);
        let actions = script.actions().map(|(_, action)| action.span);
        for span in script.statements.iter().map(|statement| statement.span).chain(actions) {
            assert!(text.get(span.range()).is_some(), "{text:?}: {span:?}");
        }
        script.long_locks(true);
        script.losses();
    }
}
