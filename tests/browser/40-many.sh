#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The console with much: JQM_BROWSER_ROWS past jobs (100,000; a million takes minutes to make), and a log of 2 GB.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up

rows=${JQM_BROWSER_ROWS:-100000}
define Talks "seq 1 200000"
define Other "false"
id=$(enqueue Talks)
other=$(enqueue Other)
ok "a job has printed" wait_job "$id"
ok "another has failed" wait_job "$other"

# History as it would be after that many jobs: of two definitions, a tenth of them crashed, one in a thousand somebody else's.
sql "SELECT jqm.history_extend($((rows / 250000 + 20)))" >/dev/null
began=$EPOCHSECONDS
sql "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, user_name_id, submitter_id, queue_name_id, node_name_id, priority,
	attempt, incarnation, enqueued_at, attributed_at, started_at, ended_at, highlander, from_schedule, progress, parameters, session_key)
	SELECT 1000 + g, h.job_def_id, h.queue_id, CASE WHEN g % 10 = 0 THEN 'CRASHED' ELSE 'ENDED' END, h.snapshot_id, h.user_name_id,
	    h.submitter_id, h.queue_name_id, h.node_name_id, h.priority, h.attempt, h.incarnation, t.at - interval '2 s', t.at, t.at,
	    t.at + interval '3 s', false, false, 0, '{\"month\": \"03\"}', CASE WHEN g % 1000 = 0 THEN 'audit' END
	  FROM generate_series(1, $rows) AS g, jqm.history AS h,
	       LATERAL (SELECT now() - ($rows - g) * interval '30 days' / $rows AS at) AS t
	 WHERE h.id = CASE WHEN g % 7 = 0 THEN $other ELSE $id END" >/dev/null
sql "ANALYZE jqm.history; UPDATE jqm.history_summed SET up_to = '-infinity'" >/dev/null
is "there are that many past jobs" "$(sql "SELECT count(*) > $rows FROM jqm.history")" t
diag "$rows rows in $((EPOCHSECONDS - began)) s"

# What the job printed becomes 2 GB (written in full: a hole would be read as a log whose middle was given up).
log=$(find "$HOME_DIR/joblogs/" -type f -name "*$id.stdout.log")
ok "its log is there" [ -s "$log" ]
talk() { yes '2026-11-26 07:00:00.000 INFO something happened, as so often, and this line says what it was' | head -c "$1"; }
{ talk 3000000 && echo && echo 'needle in the haystack' && talk 2032000000 && echo && echo 'pin in the haystack' && talk 60000000 && echo && seq 900001 1000000 && echo the-very-end; } >>"$log"
ok "of 2 GB" [ "$(stat -c %s "$log")" -gt 2090000000 ]

export CONSOLE_JOB=$id CONSOLE_OTHER=$other CONSOLE_ROWS=$rows
browser_run many.mjs $((${JQM_BROWSER_ROWS:+900} + 280))
done_testing
