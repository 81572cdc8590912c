#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No-op shell jobs with logs through one runner, two in flight per core, against a program that does the
# least a durable runner can (runner_floor.c).  Goal: 0.85.  And the processor time a job takes, which says the
# same on a machine where others run.
#
# Nothing is deleted between rounds: for half a minute after many files were deleted ext4 makes new ones
# slowly (it passes over inodes that are in use on disk still), in whoever makes them.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

jobs=${BENCH_JOBS:-6000}
in_flight=${BENCH_IN_FLIGHT:-$((2 * $(nproc)))}

floor_round() {
	local dir
	dir=$(owned_dir "floor$1")
	as_owner "$TOOLS/runner_floor" "$CONNINFO" "$jobs" "$in_flight" "$dir" || fail "runner_floor"
}
our_round() {
	local last
	sql "UPDATE jqm.queue_mapping SET enabled = false" >/dev/null
	wait_until 10 nothing_runs
	last=$(last_id)
	sql "SELECT count(jqm.enqueue('BenchNoop')) FROM generate_series(1, $jobs)" >/dev/null
	cpu_us >"$WORK/cpu.before"
	sql "UPDATE jqm.queue_mapping SET enabled = true" >/dev/null
	wait_until 120 history_has "$last" "$jobs"
	cpu_us | paste -d' ' "$WORK/cpu.before" - | awk -v n="$jobs" '{print ($5 - $1) / n, ($6 - $2) / n, ($7 - $3) / n, ($8 - $4) / n}' >>"$WORK/cpu"
	rate_since "$last"
}
nothing_runs() { [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state IN ('ATTRIBUTED', 'RUNNING')")" = 0 ]; }

bench_up
define BenchNoop true
mapping_is "$in_flight"
floors='' ours=''
for n in $(seq "$BENCH_ROUNDS"); do
	floors+=$(floor_round "$n")$'\n'
	ours+=$(our_round)$'\n'
done
floor=$(printf %s "$floors" | column 1 | median)
floor_us=$(printf %s "$floors" | column 2 | median)
rate=$(printf %s "$ours" | median)
echo "no-op shell jobs, $in_flight in flight: $rate/s ($(printf %s "$ours" | list)); floor $floor/s ($(printf %s "$floors" | column 1 | list)); ratio $(ratio "$rate" "$floor")"
us() { column "$1" <"$WORK/cpu" | median | awk '{printf "%.0f", $1}'; }
ours_us=$(($(us 1) + $(us 2) + $(us 3) + $(us 4)))
echo "processor time a job: $ours_us us (runner $(us 1), keeper $(us 2), the job itself $(us 3), the runner's backend $(us 4)); floor $floor_us us; ratio $(ratio "$floor_us" "$ours_us")"
