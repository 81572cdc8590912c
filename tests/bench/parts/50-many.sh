#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 1,000 jobs running at once, each with limits that are looked at: memory of runner and keeper, and how long their
# loops kept others waiting while these were started, ran, were paused, resumed, killed, and ended by themselves.
# Memory is the most that was resident so far, told after each of these.  Goals: 16 MB, 4 MB, 20 ms.  Where others run the most processor time a pass took is what the loop itself did; the
# rest it waited for a processor.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

jobs=${BENCH_MANY:-1000}

bench_up
define BenchSleep 'exec sleep 10000'
define BenchWait "read -r _ <'$WORK/gate'"
sql "UPDATE jqm.job_def SET run_max_s = 10000, cpu_max_s = 10000, processes_max = 100 WHERE name LIKE 'Bench%'" >/dev/null
mapping_is "$jobs"
all_run() { [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state = 'RUNNING'")" = "$jobs" ]; }
stopped() { ps -o stat= --ppid "$(pid_of jqm-keeper)" | grep -c '^T'; }
all_stopped() { [ "$(stopped)" = "$jobs" ]; }
none_stopped() { [ "$(stopped)" = 0 ]; }
resident() { awk -v of="$2:" '$1 == of {printf "%.1f", $2 / 1024}' "/proc/$(pid_of "$1")/status"; }
tell_memory() { # WHEN
	echo "most memory resident, $1: runner $(resident jqm-runner VmHWM) MB, keeper $(resident jqm-keeper VmHWM) MB"
}
longest() { grep -h "$1 loop_busy" "$HOME_DIR"/log/*.log | sed "s/.* $2=\([0-9]*\).*/\1/" | sort -n | tail -1; }
pass() { read -rt "$1" <> <(:) || true; } # SECONDS
# Of all so far: the memory as the kernel keeps it (VmHWM), without samples that miss a peak.  A line of the log is written a second after the pass it is about at the latest.
tell_passes() { # WHEN
	local program
	pass 2
	tell_memory "$1"
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
echo "$jobs jobs at once: runner $(resident jqm-runner VmRSS) MB, keeper $(resident jqm-keeper VmRSS) MB resident"
tell_passes "while they were started"
pass 15
tell_passes "while they ran for 15 s"
sql "SELECT jqm.pause_running(id, 'bench') FROM jqm.job_instance" >/dev/null
wait_until 120 all_stopped
sql "SELECT jqm.resume_running(id, 'bench') FROM jqm.job_instance" >/dev/null
wait_until 120 none_stopped
tell_passes "and paused and resumed"
sql "SELECT jqm.kill(id, 'bench') FROM jqm.job_instance" >/dev/null
wait_until 120 none_live
tell_passes "and killed"
mkfifo -m 666 "$WORK/gate"
exec {gate}<>"$WORK/gate" # who comes late finds his line
sql "SELECT count(jqm.enqueue('BenchWait')) FROM generate_series(1, $jobs)" >/dev/null
wait_until 120 all_run
yes '' | head -n "$jobs" >&"$gate"
wait_until 120 none_live
tell_passes "and $jobs ended by themselves"

# As monitoring sees it: the counters go with a heartbeat, those of the keeper with the one after.
pass 12
sql "SELECT 'passes of the loop of ' || word || ' as exported: ' || (SELECT sum(n) FROM unnest(counts) AS n) || ', of these over 10 ms '
         || (SELECT sum(n) FROM unnest(counts[6:]) AS n) || ', over 20 ms ' || (SELECT sum(n) FROM unnest(counts[7:]) AS n)
       FROM jqm.metrics() WHERE name = 'jqm_loop_pass_seconds' ORDER BY word"
