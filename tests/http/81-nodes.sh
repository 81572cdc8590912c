#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Nodes: read, paused, drained, stopped; mappings changed while the node runs.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
node() { json GET /ws/admin/node | jq -c ".[0] | [$1]"; }

define Greet 'echo hello'
define Wait "while [ ! -e '$WORK/go' ]; do sleep 0.05; done"
id=$(json GET /ws/admin/node | jq '.[0].id')
is "a node reads as JQM shows it" "$(node '.name,.enabled,.stop,.loapApiSimple,.loadApiClient,.alive,.draining,.runningJobs')" \
	'["alpha",true,false,true,true,true,false,0]'
like "the command line lists it" "$("$JQM" node)" 'alpha +up +0 '

ok "pause" "$JQM" node pause alpha
like "the command line shows it" "$("$JQM" node list)" 'alpha +paused'
job=$(enqueue Greet)
resumed=$(sql "SELECT clock_timestamp()")
is "resume" "$(code DELETE "/ws/admin/node/$id/pause")" 204
ok "then the job runs" wait_job "$job"
is "and not before" "$(sql "SELECT attributed_at > '$resumed' FROM jqm.history WHERE id = $job")" t
is "pause by HTTP" "$(code POST "/ws/admin/node/$id/pause")" 204
ok "resume on the command line" "$JQM" node resume alpha

# No mapping at all, then one, then more room: each counts within a second of the commit.
sql "DELETE FROM jqm.queue_mapping" >/dev/null
ok "a mapping is gone" wait_for 20 mapping_counts 1 0
job=$(enqueue Greet)
is "a node without a mapping lives" "$(node .alive)" '[true]'
sql "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms) SELECT n.id, q.id, 1, 3600000 FROM jqm.node AS n, jqm.queue AS q WHERE q.default_queue" >/dev/null
ok "a mapping that is added is served" wait_job "$job"
a=$(enqueue Wait)
ok "one runs" wait_for 20 job_is "$a" RUNNING
for _ in 1 2 3 4 5; do # a machine that is busy otherwise may be late: then once more
	b=$(enqueue Wait)
	is "the other one waits: there is room for one" "$(job_state "$b")" SUBMITTED
	sql "UPDATE jqm.queue_mapping SET max_jobs = 2" >/dev/null
	changed_ms=$(sql "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
	ok "more room lets it run" wait_for 20 job_is "$b" RUNNING
	took=$(sql "SELECT round(extract(epoch FROM attributed_at) * 1000) - $changed_ms FROM jqm.job_instance WHERE id = $b")
	[ "$took" -ge 1000 ] || break
	sql "UPDATE jqm.queue_mapping SET max_jobs = 1" >/dev/null
	wait_for 20 mapping_counts 1 1
	code POST "/ws/client/ji/killed/$b" >/dev/null
	wait_job "$b"
done
ok "within a second of the commit, though the interval is an hour ($took ms)" [ "$took" -lt 1000 ]
sql "UPDATE jqm.queue_mapping SET max_jobs = 0" >/dev/null
is "no room kills nothing" "$(job_state "$a") $(job_state "$b")" "RUNNING RUNNING"
sql "UPDATE jqm.queue_mapping SET max_jobs = 5" >/dev/null

# Drain.
is "an unknown node" "$(code POST /ws/admin/node/999/drain)" 404
is "drain" "$(code POST "/ws/admin/node/$id/drain")" 204
c=$(enqueue Greet)
like "the command line says so" "$("$JQM" node)" 'alpha +draining +2'
is "what runs goes on" "$(job_state "$a")" RUNNING
pid=$(cat "$HOME_DIR/run/jqm-runner.pid")
touch "$WORK/go"
is_gone() { ! kill -0 "$pid" 2>/dev/null; }
ok "when the last job has ended the runner ends" wait_for 20 is_gone
is "its jobs ended well" "$(job_state "$a") $(job_state "$b")" "ENDED ENDED"
is "what came later waits" "$(job_state "$c")" SUBMITTED
log_says() { grep -q "$1" "$HOME_DIR/log/jqm.log"; }
ok "its supervisor notes that it was ordered" wait_for 20 log_says 'program_stopped program=jqm-runner'
status=$("$JQM" status --home "$HOME_DIR")
is "jqm status: partly up" $? 1
like "and says why" "$status" 'jqm-runner +stopped: an administrator'
is "for programs too" "$("$JQM" status --home "$HOME_DIR" --json | jq -c '[.programs[] | select(.stopped_on_order).name]')" '["jqm-runner"]'
# Something else dies and is started again: the runner is not.
kill -KILL "$(cat "$HOME_DIR/run/jqm-notifier.pid")"
ok "what dies is started again" wait_for 20 log_says 'program_restarted program=jqm-notifier'
is "the stopped runner is not" "$(grep -c 'program_restarted program=jqm-runner' "$HOME_DIR/log/jqm.log")" 0
like "the command line says that it is down" "$("$JQM" node)" 'alpha +down'
body=$(api POST "/ws/admin/node/$id/stop")
is "a node that is not running cannot be stopped: status" "$(api_status)" 409
like "and why" "$body" 'node ."alpha.*is not running'
"$JQM" node drain alpha 2>/dev/null
is "nor drained on the command line" $? 1
"$JQM" node pause nobody 2>/dev/null
is "an unknown name" $? 3
"$JQM" node explode alpha 2>/dev/null
is "an unknown verb" $? 2

# The next start takes up the work; then stop ends a running job.
"$JQM" down --home "$HOME_DIR" >/dev/null 2>&1
like "what is down as a whole is not called stopped" "$("$JQM" status --home "$HOME_DIR")" 'jqm-runner +down'
ok "jqm up starts it again" "$JQM" up --detach --home "$HOME_DIR" --port "$PORT"
is "and the order is forgotten" "$(node .stop,.draining,.alive) $("$JQM" status --home "$HOME_DIR" --json | jq -c '[.programs[] | select(.stopped_on_order)]')" \
	'[false,false,true] []'
ok "the job that waited runs" wait_job "$c"
rm "$WORK/go"
for _ in 1 2 3 4 5; do # as above
	a=$(enqueue Wait)
	ok "one runs" wait_for 20 job_is "$a" RUNNING
	is "stop" "$(code POST "/ws/admin/node/$id/stop")" 204
	stopped_ms=$(sql "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
	ok "its job is ended" wait_job "$a"
	took=$(sql "SELECT round(extract(epoch FROM ended_at) * 1000) - $stopped_ms FROM jqm.past_job WHERE id = $a")
	[ "$took" -ge 1000 ] || break
	"$JQM" down --home "$HOME_DIR" >/dev/null 2>&1
	"$JQM" up --detach --home "$HOME_DIR" --port "$PORT" >/dev/null 2>&1
done
ok "within a second, though a heartbeat comes every four ($took ms)" [ "$took" -lt 1000 ]
is "history says why, and by whom" "$(job_state "$a") $(job_reason "$a")" "KILLED node stopped by root"
done_testing
