#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Enqueues, durable each: over HTTP with a password, against inserts of a row; and in SQL while runners listen,
# against the same with no runner: one whose place is taken, so that nobody asks to be told; and two with free places
# and jobs that may not start, so that both ask and each enqueue notifies.  Goals: 0.75; at most a tenth lost.
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
# At 1, 16 and 64 clients, with nobody who listens and with those of LISTEN, until SILENCE, in turn.
compare() { # WHO SCRIPT LISTEN SILENCE
	local clients with without _
	for clients in 1 16 64; do
		without='' with=''
		for _ in $(seq "$BENCH_ROUNDS"); do
			without+=$(tps "$clients" "$2")$'\n'
			no_waiting
			"$3"
			with+=$(tps "$clients" "$2")$'\n'
			"$4"
			no_waiting
		done
		with=$(printf %s "$with" | median) without=$(printf %s "$without" | median)
		echo "enqueue in SQL, $clients clients, $1: $with/s; no runner: $without/s; ratio $(ratio "$with" "$without")"
	done
}
compare 'a runner listens' enqueue listen silence

# Two runners that listen with places free, for jobs whose limit lets none start: a look that finds less than it asked
# for leaves the flag up, so enqueues pay the NOTIFY with its commit, and the runners' looks in vain, as long as these do not
# rest.  With no runner the jobs are the same.
second=$(owned_dir second)
sed -e 's|^name = .*|name = "bench2"|' -e "s|^state_dir = .*|state_dir = \"$second/state\"|" \
	-e "s|^keeper_socket = .*|keeper_socket = \"$second/k\"|" -e "s|^temp_dir = .*|temp_dir = \"$second/tmp\"|" \
	-e "s|^log_dir = .*|log_dir = \"$second/log\"|" -e "s|^joblog_dir = .*|joblog_dir = \"$second/joblogs\"|" \
	-e "s|^delivery_store = .*|delivery_store = \"$second/outputfiles\"|" "$HOME_DIR/conf/jqm.ini" >"$second/jqm.ini"
chown "$OWNER" "$second/jqm.ini" && chmod 600 "$second/jqm.ini"
sql "INSERT INTO jqm.concurrency_limit (key, max_running) VALUES ('bench', 0)" >/dev/null
define BenchLimited true BENCH
sql "UPDATE jqm.job_def SET concurrency_key = 'bench' WHERE name = 'BenchLimited'" >/dev/null
echo "SELECT jqm.enqueue('BenchLimited');" >"$WORK/limited.sql"
chmod 644 "$WORK/limited.sql"
stay "$(dirname "$JQM")/jqm-runner" --config "$second/jqm.ini" --pid-file "$second/pid" >"$WORK/second.out" 2>&1
second_runner=$!
trap 'kill "$second_runner" && wait "$second_runner"; bench_down' EXIT
two_nodes() { [ "$(sql "SELECT count(*) FROM jqm.node WHERE NOT template AND lease_until > now()")" = 2 ]; }
wait_until 60 two_nodes
sql "DELETE FROM jqm.queue_mapping" >/dev/null
flags() { sql "SELECT count(*) FROM jqm.runner_waiting AS w JOIN jqm.queue AS q ON q.id = w.queue_id WHERE q.name = 'BENCH'"; }
both_listen() { [ "$(flags)" = 2 ]; }
map_both() {
	sql "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)
	     SELECT n.id, q.id, 10, 60000 FROM jqm.node AS n, jqm.queue AS q WHERE NOT n.template AND q.name = 'BENCH'" >/dev/null
}
# A runner takes the flag of a queue down that is no longer mapped; here it is down at once, so that nothing is told from now on.
unmap_both() {
	flags_up+=$(flags)$'\n'
	sql "DELETE FROM jqm.queue_mapping; DELETE FROM jqm.runner_waiting" >/dev/null
}
flag_both() {
	map_both
	sql "INSERT INTO jqm.runner_waiting SELECT q.id, n.id FROM jqm.node AS n, jqm.queue AS q
	     WHERE NOT n.template AND q.name = 'BENCH' ON CONFLICT DO NOTHING" >/dev/null
}
map_both
wait_until 20 both_listen # as runners do it by themselves
unmap_both
flags_up=''
compare 'two runners with free places are told of each' limited flag_both unmap_both
echo "flags up when that was over: $(printf %s "$flags_up" | list)"
