#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What one worker has written to, alone, after 10,000 requests of all kinds and after 1,000,000 (BENCH_MANY).  Goal: the same.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/request_mix.sh"

bench_up
"$JQM" down --home "$HOME_DIR" >/dev/null
sed -i 's/^\[fcgi\]$/&\nworkers = 1/' "$HOME_DIR/conf/jqm.ini"
"$JQM" up --detach --home "$HOME_DIR" >/dev/null
define Mixed 'echo hello'
sql "SELECT jqm.enqueue('Mixed')" >/dev/null
wait_until 20 history_has 0 1
worker=$(worker_of "$HOME_DIR/run/jqm-fcgi.pid")
mixed() { # REQUESTS, in portions: the table of live jobs is kept small
	local portion=200 n
	for n in $(seq $((($1 + portion * MIX_KINDS - 1) / (portion * MIX_KINDS)))); do
		mix "http://127.0.0.1:$PORT" "root:$(cat "$HOME_DIR/root-password")" $portion "$WORK" || fail "portion $n"
		remove_jobs
	done
}
mixed 10000
first=$(private_kb "$worker")
mixed "${BENCH_MANY:-1000000}"
[ "$(worker_of "$HOME_DIR/run/jqm-fcgi.pid")" = "$worker" ] || fail "the worker was replaced"
echo "private memory of a worker after 10,000 requests $first kB, after ${BENCH_MANY:-1000000} more $(private_kb "$worker") kB"
