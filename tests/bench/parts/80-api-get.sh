#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GET of one job by its id, with a password: against one prepared SELECT by primary key, in a bare program behind the
# same nginx with as many workers.  Goals: 0.75 of its rate; p99 under 5 times the median.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

bench_up
floor_up select
sql "INSERT INTO jqm.queue (name) VALUES ('BENCH')" >/dev/null
define BenchHeld true BENCH
define BenchNoop true
live=$(sql "SELECT jqm.enqueue('BenchHeld', parameters => '{\"month\": \"2024-03\"}')")
past=$(sql "SELECT jqm.enqueue('BenchNoop')")
wait_until 20 history_has 0 1
for id in "$live" "$past"; do
	rounds 16 "${BENCH_REQUESTS:-12000}" GET "/ws/client/ji/$id"
	tell_rounds "GET of a job that $([ "$id" = "$live" ] && echo waits || echo "is over"), 16 connections"
done
