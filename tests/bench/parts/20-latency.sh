#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From the answer to a POST to the command's first instruction: on an idle system, and while jobs run at half
# the rate this machine reaches; against commit, NOTIFY, claim and spawn by a program that does nothing else
# (start_floor.c).  Goals: median 1.6 times the floor, p99 under 8 ms; under load p99 under 50 ms.  The goals'
# command is a shell's, idle and under load; a program without libraries, started directly, shows what is ours.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

times=${BENCH_TIMES:-1000}

bench_up
socket=$WORK/stamps
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type, parameters)
     SELECT 'BenchStamp', id, '$TOOLS/stamp', 'DIRECTEXECUTABLE', jsonb_build_object('socket', '$socket')
       FROM jqm.queue WHERE default_queue" >/dev/null
define BenchShell "echo >'$socket.fifo'"
define BenchNoop true
mapping_is 10

tell() { # NAME ROUNDS: medians of the two columns
	echo "$1: median $(printf %s "$2" | column 1 | median) ms, p99 $(printf %s "$2" | column 2 | median) ms ($(printf %s "$2" | tr ' \n' '/ '))"
}
idle() { # WHAT DEFINITION SUFFIX: of what the command tells at $socket$SUFFIX
	local floors='' ours='' floor
	floor=$(owned_dir floor)/s$3
	for _ in $(seq "$BENCH_ROUNDS"); do
		floors+=$(as_owner "$TOOLS/start_floor" "$CONNINFO" "$TOOLS/stamp" "$floor" "$times" || fail "start_floor")$'\n'
		ours+=$("$TOOLS/start_latency" "$PORT" "$AUTH64" "$2" "$socket$3" "$times" || fail "start_latency")$'\n'
	done
	tell "answer to first instruction of $1, idle" "$ours"
	tell "floor, commit to first instruction of $1" "$floors"
	echo "ratio of medians: $(ratio "$(printf %s "$ours" | column 1 | median)" "$(printf %s "$floors" | column 1 | median)")"
}
idle "a shell command" BenchShell .fifo
idle "a program" BenchStamp ''

# The rate of no-op jobs when as many as possible run, then half of it from outside, evenly.
most=$(run_jobs BenchNoop 4000)
cat >"$WORK/half.sql" <<EOF
SELECT count(jqm.enqueue('BenchNoop')) FROM generate_series(1, 5);
EOF
chmod 644 "$WORK/half.sql"
as_owner "$PGBENCH" -h "$SOCKETS" -U jqm_client -n -c 1 -T 600 -R $((most / 2 / 5)) -M prepared -f "$WORK/half.sql" "$DATABASE" >/dev/null 2>&1 &
load=$!
loaded() { # WHAT DEFINITION SUFFIX
	local ours=''
	for _ in $(seq "$BENCH_ROUNDS"); do
		ours+=$("$TOOLS/start_latency" "$PORT" "$AUTH64" "$2" "$socket$3" "$times" || fail "start_latency")$'\n'
	done
	tell "answer to first instruction of $1 while $((most / 2)) jobs a second run" "$ours"
}
loaded "a shell command" BenchShell .fifo
loaded "a program" BenchStamp ''
kill -0 "$load" 2>/dev/null || fail "the load ended before the last round"
kill "$load" 2>/dev/null
wait "$load" 2>/dev/null
