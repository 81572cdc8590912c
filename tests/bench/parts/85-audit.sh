#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the audit trail costs: enqueue in SQL and over HTTP with its row against the same function without
# that insert, in turn; then a runner seals a million rows while jobs are enqueued beside it.
# Goals: at most a tenth lost; under a minute; nobody disturbed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

connections=16
seconds=${BENCH_SECONDS:-4}
rows=${BENCH_AUDIT_ROWS:-1000000}

bench_up
sql "INSERT INTO jqm.queue (name) VALUES ('BENCH')" >/dev/null
define BenchHeld true BENCH
echo "SELECT jqm.enqueue('BenchHeld');" >"$WORK/enqueue.sql"
chmod 644 "$WORK"/*.sql
printf 'applicationname=BenchHeld' >"$WORK/form"
# As the account jqm_client: what the owner does himself is looked at more closely.
tps() { as_owner "$PGBENCH" -h "$SOCKETS" -U jqm_client -n -c $connections -j 2 -T "$seconds" -M prepared -f "$WORK/enqueue.sql" "$DATABASE" 2>/dev/null | awk '/^tps/ {printf "%d\n", $3}'; }
http() { "$TOOLS/http_load" "$PORT" "$AUTH64" $connections "${BENCH_REQUESTS:-12000}" POST /ws/simple/ji "$FORM" "$WORK/form" | column 1; }
# one each of the functions that write it
swap() { sql "$(for f in enqueue enqueue_wishes; do echo "ALTER FUNCTION jqm.$f RENAME TO ${f}_$1; ALTER FUNCTION jqm.${f}_$2 RENAME TO $f;"; done)" >/dev/null; }
off() { swap with without; }
on() { swap without with; }
# The same functions without the insert.
for f in enqueue enqueue_wishes; do
	sql "DO \$\$ DECLARE d text := pg_get_functiondef('jqm.$f'::regproc); e text;
		BEGIN e := regexp_replace(regexp_replace(d, '\), noted AS \(.*FROM made AS m\s+\)', ')'), '\tINSERT INTO audit [^;]*;', ''); IF e = d THEN RAISE '$f() writes no row'; END IF;
		EXECUTE replace(e, 'FUNCTION jqm.$f(', 'FUNCTION jqm.${f}_without('); END \$\$;
		GRANT EXECUTE ON FUNCTION jqm.${f}_without TO jqm_api, jqm_client" >/dev/null
done

for door in tps http; do
	with='' without=''
	for _ in $(seq "$BENCH_ROUNDS"); do
		with+=$($door)$'\n'
		off
		without+=$($door)$'\n'
		on
	done
	a=$(printf %s "$with" | median) b=$(printf %s "$without" | median)
	case $door in tps) what='in SQL' ;; *) what='over HTTP' ;; esac
	echo "enqueue $what, $connections clients, with its audit row: $a/s ($(printf %s "$with" | list)); without: $b/s ($(printf %s "$without" | list)); ratio $(ratio "$a" "$b")"
done

# Sealing.
sealed_up_to() { [ "$(sql "SELECT coalesce(sum(rows), 0) >= $1 FROM jqm.audit_seal WHERE mac IS NOT NULL")" = t ]; }
all=$(sql "SELECT count(*) FROM jqm.audit")
wait_until 180 sealed_up_to "$all"
alone=$(tps)
sql "INSERT INTO jqm.audit (action, kind, object_id, name, actor) SELECT 'enqueue', 'job', g, 'some.definition', concat_ws(chr(31), 'alice', 'password', '10.0.0.1', md5(g::text)) FROM generate_series(1, $rows) AS g" >/dev/null
all=$(sql "SELECT count(*) FROM jqm.audit")
begin=$(sql "SELECT count(*) FROM jqm.audit_seal")
beside=$(tps)
wait_until 300 sealed_up_to "$all"
took=$(sql "SELECT round(extract(epoch FROM max(sealed_at) - min(sealed_at))) FROM jqm.audit_seal WHERE no > $begin")
echo "sealing $rows rows: $took s; enqueue in SQL beside it: $beside/s; alone: $alone/s; ratio $(ratio "$beside" "$alone")"
