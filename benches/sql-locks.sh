#!/usr/bin/env bash
# Shows what kinds of SQL statements do to a table on a real PostgreSQL: the facts of src/parse/sql/effects.rs.
#
#   benches/sql-locks.sh
#
# Starts a server of its own in a temporary folder, without network, and removes both. For each statement, run in a
# transaction on tables with 20,000 rows, it prints the strongest lock held on the table `t`, on the table `u` that it refers
# to, and on the materialized view `v`; whether the table was written anew (its file changed); whether it was read in full; and
# how many indexes it has more than before.
#
# Needs PostgreSQL's server programs (Debian: postgresql) and runs as any user but root; root becomes `postgres`.
set -euo pipefail
export LC_ALL=C

if [ "$(id -u)" = 0 ]; then
    exec su postgres -s /bin/bash -c "$(printf '%q ' bash "$(realpath "$0")" "$@")"
fi

programs=$(pg_config --bindir 2>/dev/null || true)
[ -x "$programs/initdb" ] || programs=$(find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
[ -x "$programs/initdb" ] || { echo "$0: initdb is missing" >&2; exit 2; }

scratch=$(mktemp -d)
stop() {
    "$programs/pg_ctl" -D "$scratch/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$scratch"
}
trap stop EXIT
"$programs/initdb" -D "$scratch/data" -A trust -U postgres >/dev/null
"$programs/pg_ctl" -D "$scratch/data" -l "$scratch/log" -w start \
    -o "-k $scratch -c listen_addresses='' -c fsync=off -c autovacuum=off" >/dev/null

ask() {
    PGOPTIONS='-c client_min_messages=warning' "$programs/psql" -X -h "$scratch" -U postgres -v ON_ERROR_STOP=1 -qAt "$@"
}

prepare='
    DROP TABLE IF EXISTS t, u CASCADE;
    CREATE TABLE u (id bigint PRIMARY KEY, a int);
    INSERT INTO u SELECT n, n FROM generate_series(1, 20000) n;
    CREATE TABLE t (id bigint PRIMARY KEY, a int, b text, c varchar(50), d numeric(10, 2), e timestamp, r bigint,
        x varchar(80) NOT NULL);
    INSERT INTO t SELECT n, n, n::text, n::text, n, now(), n, n::text FROM generate_series(1, 20000) n;
    CREATE INDEX t_b ON t (b);
    ALTER TABLE t ADD CONSTRAINT t_later CHECK (a > 0) NOT VALID;
    ALTER TABLE t ADD CONSTRAINT t_given CHECK (d IS NOT NULL);
    CREATE MATERIALIZED VIEW v AS SELECT * FROM u;
    CREATE UNIQUE INDEX v_id ON v (id);
    ANALYZE;'

# The strongest lock on a relation, of those that this session holds.
lock="SELECT coalesce((SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = :relation ORDER BY
    array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock',
    'ShareUpdateExclusiveLock', 'RowExclusiveLock', 'RowShareLock', 'AccessShareLock'], mode) LIMIT 1), '-')"

show() {
    ask -c "$prepare" >/dev/null
    local result
    if ! result=$(ask 2>&1 <<SQL
SELECT pg_relation_filenode('t') AS file, (SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass) AS indexes \gset
SELECT 't'::regclass::oid AS t, 'u'::regclass::oid AS u, 'v'::regclass::oid AS v \gset
BEGIN;
$1;
\set relation :t
$lock AS on_t \gset
\set relation :u
$lock AS on_u \gset
\set relation :v
$lock AS on_v \gset
SELECT CASE WHEN coalesce(pg_relation_filenode(:t), :file) = :file THEN '-' ELSE 'rewritten' END AS file,
    (SELECT count(*) FROM pg_index WHERE indrelid = :t) - :indexes AS built,
    CASE WHEN pg_stat_get_xact_numscans(:t) > 0 THEN 'scan' ELSE '-' END AS scans \gset
\echo :on_t :on_u :on_v :file :scans :built
ROLLBACK;
SQL
    ); then
        result="refused: $(grep -m 1 -o 'ERROR:.*' <<<"$result")"
    fi
    [[ $result == refused* ]] || result=$(sed 's/Lock//g; s/ / | /g' <<<"$result")
    printf '| `%s` | %s |\n' "$1" "$result"
}

ask -c 'SELECT version()'
echo
echo '| statement | lock on t | on u | on v | file of t | read | indexes built |'
echo '| --- | --- | --- | --- | --- | --- | --- |'
while IFS= read -r statement; do
    [ -z "$statement" ] || show "$statement"
done <<'STATEMENTS'
CREATE INDEX i ON t (a)
CREATE INDEX CONCURRENTLY i ON t (a)
DROP INDEX t_b
DROP INDEX CONCURRENTLY t_b
REINDEX TABLE t
REINDEX INDEX t_b
REINDEX TABLE CONCURRENTLY t
REINDEX SCHEMA public
ALTER TABLE t ADD COLUMN n int
ALTER TABLE t ADD COLUMN n int NOT NULL
ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 0
ALTER TABLE t ADD COLUMN n timestamptz DEFAULT now()
ALTER TABLE t ADD COLUMN n text DEFAULT md5('x') || lower('Y')
ALTER TABLE t ADD COLUMN n jsonb DEFAULT jsonb_build_object('a', 1)
ALTER TABLE t ADD COLUMN n date DEFAULT to_date('2020-01-01', 'YYYY-MM-DD')
ALTER TABLE t ADD COLUMN n timestamptz DEFAULT clock_timestamp()
ALTER TABLE t ADD COLUMN n uuid DEFAULT gen_random_uuid()
ALTER TABLE t ADD COLUMN n float DEFAULT random()
ALTER TABLE t ADD COLUMN n bigserial
ALTER TABLE t ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY
ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS (a * 2) STORED
ALTER TABLE t ADD COLUMN n int UNIQUE
ALTER TABLE t ADD COLUMN n int CHECK (n > 0)
ALTER TABLE t ADD COLUMN n int DEFAULT 1 CHECK (n > 0)
ALTER TABLE t ADD COLUMN n bigint REFERENCES u (id)
ALTER TABLE t ADD COLUMN n bigint DEFAULT 1 REFERENCES u (id)
ALTER TABLE t DROP COLUMN a
ALTER TABLE t RENAME COLUMN a TO n
ALTER TABLE t RENAME TO n
ALTER TABLE t ALTER COLUMN a TYPE bigint
ALTER TABLE t ALTER COLUMN a TYPE smallint
ALTER TABLE t ALTER COLUMN r TYPE text
ALTER TABLE t ALTER COLUMN a TYPE numeric(12, 2)
ALTER TABLE t ALTER COLUMN b TYPE varchar
ALTER TABLE t ALTER COLUMN c TYPE text
ALTER TABLE t ALTER COLUMN c TYPE varchar(200)
ALTER TABLE t ALTER COLUMN c TYPE varchar(20)
ALTER TABLE t ALTER COLUMN c TYPE char(50)
ALTER TABLE t ALTER COLUMN c TYPE bytea USING c::bytea
ALTER TABLE t ALTER COLUMN c TYPE jsonb USING c::jsonb
ALTER TABLE t ALTER COLUMN d TYPE numeric(12, 2)
ALTER TABLE t ALTER COLUMN d TYPE numeric(12, 4)
ALTER TABLE t ALTER COLUMN d TYPE double precision
ALTER TABLE t ALTER COLUMN e TYPE date
SET LOCAL timezone = 'UTC'; ALTER TABLE t ALTER COLUMN e TYPE timestamptz
SET LOCAL timezone = 'Europe/Berlin'; ALTER TABLE t ALTER COLUMN e TYPE timestamptz
ALTER TABLE t ALTER COLUMN a SET NOT NULL
ALTER TABLE t ALTER COLUMN d SET NOT NULL
ALTER TABLE t ALTER COLUMN x DROP NOT NULL
ALTER TABLE t ALTER COLUMN a SET DEFAULT 1
ALTER TABLE t ADD CONSTRAINT n CHECK (a > 0)
ALTER TABLE t ADD CONSTRAINT n CHECK (a > 0) NOT VALID
ALTER TABLE t VALIDATE CONSTRAINT t_later
ALTER TABLE t ADD CONSTRAINT n FOREIGN KEY (r) REFERENCES u (id)
ALTER TABLE t ADD CONSTRAINT n FOREIGN KEY (r) REFERENCES u (id) NOT VALID
ALTER TABLE t ADD CONSTRAINT n UNIQUE (a)
CREATE UNIQUE INDEX n ON t (a); ALTER TABLE t ADD CONSTRAINT n UNIQUE USING INDEX n
ALTER TABLE t ADD CONSTRAINT n EXCLUDE USING btree (a WITH =)
ALTER TABLE t DROP CONSTRAINT t_later
ALTER TABLE t SET UNLOGGED
ALTER TABLE t CLUSTER ON t_pkey
TRUNCATE t
DELETE FROM t
UPDATE t SET a = 1
DROP TABLE t
LOCK TABLE t
LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE
CLUSTER t USING t_pkey
CLUSTER
VACUUM t
VACUUM FULL t
REFRESH MATERIALIZED VIEW v
REFRESH MATERIALIZED VIEW CONCURRENTLY v
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
CREATE VIEW w AS SELECT * FROM t
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()
CREATE DATABASE n
DROP DATABASE n
ALTER SYSTEM SET work_mem = '8MB'
STATEMENTS
