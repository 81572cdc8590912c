#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Enqueues, durable each: over HTTP with a password, against inserts of a row; and in SQL while a runner listens,
# against the same with no runner.  Goals: 0.75; at most a tenth lost.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

connections=16
seconds=${BENCH_SECONDS:-4}

bench_up
sql "INSERT INTO jqm.queue (name) VALUES ('BENCH'); CREATE TABLE jqm.bench_floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now(), name text); GRANT INSERT ON jqm.bench_floor TO jqm_client" >/dev/null
define BenchHeld true BENCH
define BenchSlow 'sleep 1000'
echo "INSERT INTO jqm.bench_floor (name) VALUES ('x');" >"$WORK/insert.sql"
echo "SELECT jqm.enqueue('BenchHeld');" >"$WORK/enqueue.sql"
chmod 644 "$WORK"/*.sql
printf 'applicationname=BenchHeld' >"$WORK/form"
# As the account jqm_client: what the owner does himself is looked at more closely, row by row.
tps() { # CLIENTS SCRIPT
	as_owner "$PGBENCH" -h "$SOCKETS" -U jqm_client -n -c "$1" -j 2 -T "$seconds" -M prepared -f "$WORK/$2.sql" "$DATABASE" 2>/dev/null | awk '/^tps/ {printf "%d\n", $3}'
}
no_waiting() { remove_jobs "state = 'SUBMITTED'"; }

# The first answer takes a password's hash, and of sixteen at once some would be told to come again.
"$TOOLS/http_load" "$PORT" "$AUTH64" 1 1 POST /ws/simple/ji "$FORM" "$WORK/form" >/dev/null || fail "http_load"
floors='' ours=''
for _ in $(seq "$BENCH_ROUNDS"); do
	floors+=$(tps $connections insert)$'\n'
	ours+=$("$TOOLS/http_load" "$PORT" "$AUTH64" $connections 12000 POST /ws/simple/ji "$FORM" "$WORK/form")$'\n'
done
no_waiting
floor=$(printf %s "$floors" | median)
rate=$(printf %s "$ours" | column 1 | median)
echo "enqueue over HTTP, $connections connections: $rate/s, p50 $(printf %s "$ours" | column 2 | median) ms, p99 $(printf %s "$ours" | column 3 | median) ms; floor $floor/s; ratio $(ratio "$rate" "$floor")"

# A runner that listens: its mapping of BENCH has one place, and a job that stays has it.
node=$(sql "SELECT max(id) FROM jqm.node")
listen() {
	sql "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms) SELECT $node, id, 1, 60000 FROM jqm.queue WHERE name = 'BENCH';
	     UPDATE jqm.job_def SET path = 'sleep 1000' WHERE name = 'BenchHeld'; SELECT jqm.enqueue('BenchHeld')" >/dev/null
	wait_until 20 one_runs
}
one_runs() { [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state = 'RUNNING'")" = 1 ]; }
silence() {
	sql "DELETE FROM jqm.queue_mapping WHERE queue_id = (SELECT id FROM jqm.queue WHERE name = 'BENCH')" >/dev/null
	wait_until 20 none_runs
}
# The runner may take one more job before it hears that the mapping is gone.
none_runs() { [ "$(sql "SELECT count(jqm.kill(id, 'bench')) FROM jqm.job_instance WHERE state IN ('ATTRIBUTED', 'RUNNING')")" = 0 ]; }
for clients in 1 16 64; do
	without='' with=''
	for _ in $(seq "$BENCH_ROUNDS"); do
		without+=$(tps $clients enqueue)$'\n'
		no_waiting
		listen
		with+=$(tps $clients enqueue)$'\n'
		silence
		no_waiting
	done
	a=$(printf %s "$with" | median) b=$(printf %s "$without" | median)
	echo "enqueue in SQL, $clients clients, a runner listens: $a/s; no runner: $b/s; ratio $(ratio "$a" "$b")"
done
