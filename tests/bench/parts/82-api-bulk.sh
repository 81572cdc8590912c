#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 1,000 requests enqueued in one transaction over HTTP.  Goal: 50,000 jobs a second, or 20 times the rate of single ones.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

bench_up
sql "INSERT INTO jqm.queue (name) VALUES ('BENCH')" >/dev/null
define BenchHeld true BENCH
jq -cn '[range(1000) | {applicationName: "BenchHeld", user: "bench"}]' >"$WORK/bulk"
printf '{"applicationName":"BenchHeld","user":"bench"}' >"$WORK/one"
single='' bulk='' bulk4=''
load() { "$TOOLS/http_load" "$PORT" "$AUTH64" "$@" | column 1; }
for _ in $(seq "$BENCH_ROUNDS"); do
	single+=$(load 16 8000 POST /ws/client/ji application/json "$WORK/one")$'\n'
	bulk+=$(load 1 "${BENCH_BULKS:-20}" POST /ws/client/ji/bulk/requests application/json "$WORK/bulk")$'\n'
	bulk4+=$(load 4 "${BENCH_BULKS:-20}" POST /ws/client/ji/bulk/requests application/json "$WORK/bulk")$'\n'
	remove_jobs
done
single=$(printf %s "$single" | median)
for n in 1 4; do
	[ $n = 1 ] || bulk=$bulk4
	rate=$(printf %s "$bulk" | awk '{print $1 * 1000}' | median)
	echo "bulk enqueue of 1,000, $n at a time: $rate jobs/s; single, 16 connections: $single/s; ratio $(ratio "$rate" "$single")"
done
