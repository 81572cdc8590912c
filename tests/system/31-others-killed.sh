#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of fcgi, nginx, PostgreSQL, one of its processes, keeper: no accepted job is lost, none stays stuck.
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

# One server process: PostgreSQL takes its memory for spoilt, ends them all and recovers as after a crash.
their="FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name = 'jqm-runner'"
pids() { for program in jqm-runner jqm-keeper jqm-fcgi jqm-notifier jqm-events nginx postgres; do echo "$program $(cat "$HOME_DIR/run/$program.pid")"; done; }
is_served_anew() { [ "$(sql "SELECT count(*) > 0 $their AND backend_start > '$killed_at'")" = t ]; }
before=$(pids)
rm -f "$HOME_DIR/jobs/ran"
last=$(sql "SELECT max(id) FROM jqm.history")
accepted=0
for time in first second; do
	id=$(enqueue Gated)
	ok "a server process of the runner, the $time time: a job runs" wait_for 20 job_is "$id" RUNNING
	for _ in $(seq 20); do enqueue_durably Short && accepted=$((accepted + 1)); done
	pid=$(sql "SELECT pid $their LIMIT 1")
	like "there is one to be killed" "$pid" '^[0-9]+$'
	killed_at=$(sql "SELECT clock_timestamp()")
	kill -9 "$pid"
	for _ in $(seq 5); do enqueue_durably Short && accepted=$((accepted + 1)); done
	ok "the runner has another one" wait_for 60 is_served_anew
	is "the job went on meanwhile" "$(sql "SELECT state FROM jqm.job_instance WHERE id = $id")" RUNNING
	touch "$gate"
	ok "and ends" wait_job "$id" 40
	is "once: with its exit code and in its first attempt" "$(sql "SELECT exit_code || ' ' || attempt FROM jqm.history WHERE id = $id")" "5 1"
	rm -f "$gate"
	ok "what is asked now is done, too" wait_for 20 enqueue_durably Short && accepted=$((accepted + 1))
done
ok "after server processes were killed: everything accepted is done" wait_for 60 all_over
is "none of it was lost" "$(($(wc -l <"$HOME_DIR/jobs/ran") >= accepted))" 1
is "each ran once and history tells of just these ends" "$(sort "$HOME_DIR/jobs/ran")" \
	"$(sql "SELECT id FROM jqm.history WHERE id > $last AND exit_code = 0 AND state = 'ENDED'" | sort)"
is "and no program was started again for it" "$(pids)" "$before"

id=$(enqueue Gated)
ok "keeper: a job runs" wait_for 20 job_is "$id" RUNNING
kill -9 "$(cat "$HOME_DIR/run/jqm-keeper.pid")"
ok "keeper: its job is ended" wait_job "$id" 40
like "keeper: history says why" "$(job_state "$id") $(job_reason "$id")" 'CRASHED .*keeper'
id=$(enqueue Short)
ok "keeper: jobs run again" wait_job "$id" 40
is "keeper: well" "$(job_state "$id")" ENDED
done_testing
