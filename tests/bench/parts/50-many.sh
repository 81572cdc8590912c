#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 1,000 jobs running at once: memory of runner and keeper, and how long their loops kept others waiting while
# these were started, paused, resumed and killed.  Goals: 16 MB, 4 MB, 20 ms.  Where others run the most processor
# time a pass took is what the loop itself did; the rest it waited for a processor.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

jobs=${BENCH_MANY:-1000}

bench_up
define BenchSleep 'exec sleep 10000'
mapping_is "$jobs"
all_run() { [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state = 'RUNNING'")" = "$jobs" ]; }
stopped() { ps -o stat= --ppid "$(pid_of jqm-keeper)" | grep -c '^T'; }
all_stopped() { [ "$(stopped)" = "$jobs" ]; }
none_stopped() { [ "$(stopped)" = 0 ]; }
resident() { awk '/^VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$(pid_of "$1")/status"; }
longest() { grep -h "$1 loop_busy" "$HOME_DIR"/log/*.log | sed "s/.* $2=\([0-9]*\).*/\1/" | sort -n | tail -1; }
tell_passes() {
	local program
	for program in jqm-runner jqm-keeper; do
		if [ -z "$(longest $program ms)" ]; then
			echo "longest pass of the loop of $program, $1: under 20 ms"
		else
			echo "longest pass of the loop of $program, $1: $(longest $program ms) ms; most processor time in one: $(longest $program cpu_ms) ms"
		fi
	done
}
sql "SELECT count(jqm.enqueue('BenchSleep')) FROM generate_series(1, $jobs)" >/dev/null
wait_until 120 all_run
echo "$jobs jobs at once: runner $(resident jqm-runner) MB, keeper $(resident jqm-keeper) MB resident"
tell_passes "while they were started"
sql "SELECT jqm.pause_running(id, 'bench') FROM jqm.job_instance" >/dev/null
wait_until 120 all_stopped
sql "SELECT jqm.resume_running(id, 'bench') FROM jqm.job_instance" >/dev/null
wait_until 120 none_stopped
tell_passes "and paused and resumed"
sql "SELECT jqm.kill(id, 'bench') FROM jqm.job_instance" >/dev/null
wait_until 120 none_live
tell_passes "and killed"
