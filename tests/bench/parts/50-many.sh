#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 1,000 jobs running at once: memory of runner and keeper, and how long their loops kept others waiting while
# these were started, ran and were killed.  Goals: 16 MB, 4 MB, 20 ms.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

jobs=${BENCH_MANY:-1000}

bench_up
define BenchSleep 'exec sleep 10000'
mapping_is "$jobs"
all_run() { [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state = 'RUNNING'")" = "$jobs" ]; }
resident() { awk '/^VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$(cat "$HOME_DIR/run/$1.pid")/status"; }
longest() { grep -h "$1 loop_busy" "$HOME_DIR"/log/*.log | sed 's/.*ms=//' | sort -n | tail -1; }
sql "SELECT count(jqm.enqueue('BenchSleep')) FROM generate_series(1, $jobs)" >/dev/null
wait_until 120 all_run
echo "$jobs jobs at once: runner $(resident jqm-runner) MB, keeper $(resident jqm-keeper) MB resident"
sql "SELECT jqm.kill(id, 'bench') FROM jqm.job_instance" >/dev/null
wait_until 120 none_live
for program in jqm-runner jqm-keeper; do
	ms=$(longest $program)
	echo "longest pass of the loop of $program: ${ms:-under 20} ms"
done
