#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the runner during jobs: they live on under the keeper, the next runner takes them back.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
gate=$HOME_DIR/jobs/gate
define Gated 'echo "start $1"; while [ ! -e gate ]; do sleep 0.05; done; echo "end $1"; echo "$1" > "$JQM_JI_DELIVERY_DIR/result.txt"; exit "$1"'
ids=()
for n in 0 1 7; do ids+=("$(enqueue Gated code=$n)"); done
for id in "${ids[@]}"; do
	ok "job $id runs" wait_for 10 job_is "$id" RUNNING
done
keeper=$(cat "$HOME_DIR/run/jqm-keeper.pid")
old=$(cat "$HOME_DIR/run/jqm-runner.pid")
kill -9 "$old"
touch "$gate"
ok "another runner comes" wait_for 20 sh -c "p=\$(cat '$HOME_DIR/run/jqm-runner.pid' 2>/dev/null) && test \"\$p\" != $old && kill -0 \"\$p\""
is "the keeper stayed" "$(cat "$HOME_DIR/run/jqm-keeper.pid")" "$keeper"
n=0
for id in "${ids[@]}"; do
	code=$(printf '0 1 7' | cut -d' ' -f$((n + 1)))
	ok "job $id is archived" wait_job "$id" 30
	is "with its exit code" "$(sql "SELECT exit_code FROM jqm.past_job WHERE id = $id")" "$code"
	is "its whole output" "$(api GET "/ws/simple/stdout?id=$id")" "start $code
end $code"
	guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")
	is "and its file" "$(api GET "/ws/simple/file?id=$guid")" "$code"
	is "it ran once" "$(sql "SELECT attempt FROM jqm.past_job WHERE id = $id")" 1
	n=$((n + 1))
done

# Many short ones, the runner killed again and again.
rm -f "$gate"
define Short 'echo "$JQM_JI_ID" >> ran'
first=$(sql "SELECT coalesce(max(id), 0) FROM jqm.past_job")
sql "SELECT count(jqm.enqueue('Short')) FROM generate_series(1, 300)" >/dev/null
for _ in 1 2 3; do
	old=$(cat "$HOME_DIR/run/jqm-runner.pid")
	before=$(sql "SELECT count(*) FROM jqm.past_job WHERE id > $first")
	wait_for 20 sh -c "test \"\$('$JQM' psql --home '$HOME_DIR' -XAtqc \"SELECT count(*) > $before + 20 OR count(*) = 300 FROM jqm.past_job WHERE id > $first\")\" = t"
	kill -9 "$old"
	wait_for 20 sh -c "p=\$(cat '$HOME_DIR/run/jqm-runner.pid' 2>/dev/null) && test \"\$p\" != $old && kill -0 \"\$p\""
done
all_over() { [ "$(sql 'SELECT count(*) FROM jqm.live_job')" = 0 ]; }
ok "all short jobs end" wait_for 60 all_over
is "each once, well" "$(sql "SELECT count(*) || ' ' || string_agg(DISTINCT state, ',') FROM jqm.past_job WHERE id > $first")" "300 ENDED"
is "each ran exactly once" "$(sort "$HOME_DIR/jobs/ran" | uniq -c | awk '$1 != 1' | wc -l) $(sort -u "$HOME_DIR/jobs/ran" | wc -l)" "0 300"
no_directory() { [ -z "$(find "$HOME_DIR/tmp" -mindepth 1 -maxdepth 1 -name "[0-9]*")" ]; }
ok "no directory of a job is left" wait_for 30 no_directory # the last sweep may be 10 s off
done_testing
