#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No-op jobs while history, logs and files of $BENCH_PURGE (12,000) old jobs are removed, against the same with
# nothing to remove.  Goal: at most a tenth lost.  A round counts when the removing went on in it and outlasted it.
# Those without come before: afterwards the disk is slower for minutes (README.md), which is told as well.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

old=${BENCH_PURGE:-12000}
jobs=${BENCH_JOBS:-3000}

bench_up
define BenchNoop true
define BenchOld 'echo out; echo f >$JQM_JI_DELIVERY_DIR/f'
mapping_is $((2 * $(nproc)))
run_jobs BenchOld "$old" >/dev/null
last_old=$(last_id)
before='' during=''
for _ in $(seq "$BENCH_ROUNDS"); do before+=$(run_jobs BenchNoop "$jobs")$'\n'; done
sql "UPDATE jqm.history SET ended_at = ended_at - interval '100 days' WHERE id <= $last_old" >/dev/null
sql "VACUUM ANALYZE jqm.history" >/dev/null
# Jobs of which something is left: a row of history, or logs and files on the node.
left() { sql "SELECT (SELECT count(*) FROM jqm.history WHERE id <= $last_old) + (SELECT count(*) FROM jqm.purged_job)"; }
none_left() { [ "$(left)" = 0 ]; }
begun=$(date +%s)
sql "SELECT jqm.purge(interval '90 days')" >/dev/null
were=$(left)
for _ in $(seq "$BENCH_ROUNDS"); do
	round=$(run_jobs BenchNoop "$jobs")
	are=$(left)
	[ "$are" -gt 0 ] || break
	[ "$are" -lt "$were" ] || fail "nothing was removed in a round"
	during+=$round$'\n' were=$are
done
[ -n "$during" ] || fail "the purge was over before a round was: BENCH_PURGE is too small"
removed=$((old - were))
wait_until 600 none_left
took=$(($(date +%s) - begun))
after=$(run_jobs BenchNoop "$jobs")
a=$(printf %s "$during" | median) b=$(printf %s "$before" | median)
echo "no-op jobs while old ones are removed: $a/s ($(printf %s "$during" | list)); without: $b/s ($(printf %s "$before" | list)); ratio $(ratio "$a" "$b"); $removed of $old old jobs with logs and a file were removed meanwhile, all in $took s; right after: $after/s"
