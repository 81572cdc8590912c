#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of fcgi, nginx, PostgreSQL, keeper: no accepted job is lost, none stays stuck.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Short 'echo "$JQM_JI_ID" >> ran'
gate=$HOME_DIR/jobs/gate
define Gated 'while [ ! -e gate ]; do sleep 0.05; done; exit 5'
enqueue_durably() { case $(enqueue "$1") in *[!0-9]* | '') return 1 ;; esac }

accepted=0
for program in jqm-fcgi nginx postgres; do
	id=$(enqueue Gated)
	ok "$program: a job runs" wait_for 20 job_is "$id" RUNNING
	pid=$(cat "$HOME_DIR/run/$program.pid")
	for _ in 1 2 3 4 5; do enqueue_durably Short && accepted=$((accepted + 1)); done
	kill -9 "$pid"
	for _ in 1 2 3 4 5; do enqueue_durably Short && accepted=$((accepted + 1)); done
	ok "$program: it comes back" wait_for 60 healthy
	ok "$program: and takes jobs" wait_for 20 enqueue_durably Short && accepted=$((accepted + 1))
	touch "$gate"
	ok "$program: the running job ends" wait_job "$id" 40
	is "$program: with its exit code" "$(sql "SELECT exit_code FROM jqm.past_job WHERE id = $id")" 5
	rm -f "$gate"
done
all_over() { [ "$(sql 'SELECT count(*) FROM jqm.live_job')" = 0 ]; }
ok "everything accepted is done" wait_for 60 all_over
is "none lost" "$(sql "SELECT count(*) >= $accepted FROM jqm.past_job WHERE definition_name = 'Short' AND state = 'ENDED'")" t
is "none twice" "$(sort "$HOME_DIR/jobs/ran" | uniq -d | wc -l)" 0

id=$(enqueue Gated)
ok "keeper: a job runs" wait_for 20 job_is "$id" RUNNING
kill -9 "$(cat "$HOME_DIR/run/jqm-keeper.pid")"
ok "keeper: its job is ended" wait_job "$id" 40
like "keeper: history says why" "$(job_state "$id") $(job_reason "$id")" 'CRASHED .*keeper'
id=$(enqueue Short)
ok "keeper: jobs run again" wait_job "$id" 40
is "keeper: well" "$(job_state "$id")" ENDED
done_testing
