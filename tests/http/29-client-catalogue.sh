#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What JQM's own integration tests check of the client and simple API, where no other scenario does: parameters
# that are merged, tags of both kinds, queues, priorities, dates, lists of definitions, polled capacity.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
post() { json POST "$1" -H 'Content-Type: application/json' -d "$2"; }
submit() { post /ws/client/ji "$1" | jq .id; }
define Say 'echo "$*"'
define Forever 'exec tail -f /dev/null'
sql "UPDATE jqm.job_def SET parameters = '{\"p1\":\"d1\",\"p2\":\"d2\"}', application = 'ERP', module = 'Billing',
	keyword1 = 'dk1', keyword3 = 'dk3' WHERE name = 'Say'" >/dev/null

said() { # PARAMETERS: standard output of a run, and what is returned of them
	local id
	id=$(submit "{\"applicationName\":\"Say\",\"parameters\":$1}")
	wait_job "$id" && printf '%s %s' "$(api GET "/ws/client/ji/$id/stdout")" "$(json GET "/ws/client/ji/$id" | jq -c '[.parameters[] | .value] | sort')"
}
is "no parameter: the job sees the definition's" "$(said '[]')" 'd1 d2 ["d1","d2"]'
is "one: it wins, the other stays" "$(said '[{"key":"p2","value":"r2"}]')" 'd1 r2 ["d1","r2"]'
is "both win" "$(said '[{"key":"p1","value":"r1"},{"key":"p2","value":"r2"}]')" 'r1 r2 ["r1","r2"]'
is "as a plain object, and a number" "$(said '{"p2":7}')" 'd1 7 ["7","d1"]'
id=$(enqueue Say p1=simple)
ok "over the simple API" wait_job "$id"
is "they are merged the same way" "$(api GET "/ws/simple/stdout?id=$id")" 'simple d2'

id=$(submit '{"applicationName":"Say","user":"u","sessionID":"s","application":"ra","module":"rm","keyword1":"rk1","keyword2":"rk2","email":"a@example.org","traceId":"t"}')
ok "a job with tags" wait_job "$id"
job=$(json GET "/ws/client/ji/$id")
is "those of the request are returned, an empty one as null" "$(printf '%s' "$job" | jq -c '[.user, .sessionID, .application, .module, .keyword1, .keyword2, .keyword3, .email, .traceId]')" '["u","s","ra","rm","rk1","rk2",null,"a@example.org","t"]'
is "those of the definition too" "$(printf '%s' "$job" | jq -c '[.definitionKeyword1, .definitionKeyword2, .definitionKeyword3]')" '["dk1",null,"dk3"]'
is "dates are there" "$(printf '%s' "$job" | jq '[.enqueueDate, .beganRunningDate, .endDate] | all(. > 0)')" true
is "they are found by the definition's tags" "$(post /ws/client/ji/query '{"jobDefApplication":"ERP","jobDefModule":"Bill%","jobDefKeyword1":"dk1","jobDefKeyword2":"","instanceKeyword2":"rk2"}' | jq -c '[.instances[].id]')" "[$id]"

is "only ended ones: none is active" "$(json GET /ws/client/ji/active | jq -c .)" '[]'
is "nor of a user" "$(json GET /ws/client/user/u/ji | jq -c .)" '[]'
is "definitions by their application" "$(json GET /ws/client/jd/ERP | jq -c 'map(.applicationName)')" '["Say"]'
is "none of another" "$(json GET /ws/client/jd/CRM | jq -c .)" '[]'

# Queues: where a request says, with which priority, when.
q=$(sql "INSERT INTO jqm.queue (name) VALUES ('quiet') RETURNING id")
w=$(submit '{"applicationName":"Say","queueName":"quiet"}')
is "a request names its queue" "$(json GET "/ws/client/ji/$w" | jq -r '[.queueName, .queue.name, .state] | join(" ")')" 'quiet quiet SUBMITTED'
is "no priority is null" "$(json GET "/ws/client/ji/$w" | jq .priority)" null
is "it is set" "$(code POST "/ws/client/ji/$w/priority/5") $(json GET "/ws/client/ji/$w" | jq .priority)" '204 5'
is "one above 10 is refused with a request" "$(code POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Say","priority":11}')" 400
is "a date in the past" "$(code POST "/ws/client/ji/$w/delay/1000000000000") $(json GET "/ws/client/ji/$w" | jq .runAfter)" '204 1000000000000'
late=$(submit '{"applicationName":"Say","queueName":"quiet","runAfter":"2100-01-01T00:00:00+02:00"}')
is "a delayed job waits for its date" "$(json GET "/ws/client/ji/$late" | jq -c '[.state, .runAfter, .fromSchedule]')" '["SCHEDULED",4102437600000,true]'
is "moved to the default queue" "$(code POST "/ws/client/q/$(sql "SELECT id FROM jqm.queue WHERE default_queue")/$w")" 204
ok "it runs there" wait_job "$w"
is "and history shows that queue" "$(json GET "/ws/client/ji/$w" | jq -r '[.queueName, .state] | join(" ")')" 'DEFAULT ENDED'

# Capacity of a queue that three nodes poll, paused and resumed.
sql "SELECT jqm.node_register(n, gen_random_uuid(), 600000, '/j', '/o', '/t', 'h', 1) FROM unnest('{n2,n3}'::text[]) AS n;
	INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)
	SELECT id, $q, CASE WHEN name IN ('n2', 'n3') THEN 3 ELSE 40 END, 100 FROM jqm.node" >/dev/null
state() { json GET "/ws/client/q/$q/status" | tr -d '"{}' | sed 's/value://'; }
is "capacity is that of all nodes" "$(api GET "/ws/client/q/$q/enabled-capacity") $(state)" '46 RUNNING'
is "paused" "$(code POST "/ws/client/q/$q/pause") $(api GET "/ws/client/q/$q/enabled-capacity") $(state)" '204 0 PAUSED'
ok "which counts a moment later" wait_for 20 mapping_counts "$q" 0
p=$(submit '{"applicationName":"Say","queueName":"quiet"}')
is "what is enqueued waits" "$(job_state "$p")" SUBMITTED
is "resumed" "$(code DELETE "/ws/client/q/$q/pause") $(state)" '204 RUNNING'
ok "it runs" wait_job "$p"
done_testing
