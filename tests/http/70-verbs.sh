#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Verbs of the client API on jobs and queues, given by a "client power user": statuses, and what becomes of the job.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'power', password_hash FROM jqm.account WHERE login = 'root';
     INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account AS a, jqm.role AS r WHERE a.login = 'power' AND r.name = 'client power user'" >/dev/null
AUTH=power:${AUTH#*:}
held() { json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\":\"$1\",\"startState\":\"HOLDED\"}" | jq .id; }
says() { # DESCRIPTION STATUS PATTERN METHOD PATH
	local body
	body=$(api "$4" "$5")
	is "$1: status" "$(api_status)" "$2"
	like "$1: says why" "$body" "$3"
}

define Greet 'echo hello'
queue=$(json GET /ws/client/q | jq '.[0].id')
sql "INSERT INTO jqm.queue (name) VALUES ('NOBODY')" >/dev/null # no node takes its jobs
nobody=$(json GET /ws/client/q | jq '.[] | select(.name == "NOBODY") | .id')

# A job that waits, in a queue nobody serves.
id=$(held Greet)
is "a waiting job changes its queue" "$(code POST "/ws/client/q/$nobody/$id")" 204
is "and is there" "$(json GET "/ws/client/ji/$id" | jq -r .queueName)" NOBODY
says "an unknown queue" 404 'no queue 999' POST "/ws/client/q/999/$id"
is "resume" "$(code DELETE "/ws/client/ji/paused/$id")" 204
is "it waits" "$(job_state "$id")" SUBMITTED
says "resume again" 409 'SUBMITTED' DELETE "/ws/client/ji/paused/$id"
is "hold" "$(code POST "/ws/client/ji/paused/$id")" 204
is "it is held" "$(job_state "$id")" HOLDED
says "hold again" 409 'HOLDED and cannot be held' POST "/ws/client/ji/paused/$id"
like "who held it is remembered" "$(json GET "/ws/client/ji/$id" | jq -c .messages)" 'held by power'
code DELETE "/ws/client/ji/paused/$id" >/dev/null
is "priority" "$(code POST "/ws/client/ji/$id/priority/7")" 204
is "is set" "$(json GET "/ws/client/ji/$id" | jq .priority)" 7
says "a priority out of range" 400 'priority 11' POST "/ws/client/ji/$id/priority/11"
is "a priority that is no number is no path of ours" "$(code POST "/ws/client/ji/$id/priority/high")" 404
is "delay" "$(code POST "/ws/client/ji/$id/delay/4102444800000")" 204
is "until that moment" "$(json GET "/ws/client/ji/$id" | jq -c '[.state, .runAfter]')" '["SCHEDULED",4102444800000]'
says "a delay beyond the year 9999" 400 'runAfter .* is outside the years 1 to 9999' POST "/ws/client/ji/$id/delay/9223372036854775807"
says "a job that is not due has no place" 409 'SCHEDULED' POST "/ws/client/ji/$id/position/1"
is "delete" "$(code DELETE "/ws/client/ji/waiting/$id")" 204
is "nothing is left of it" "$(code GET "/ws/client/ji/$id")" 404
says "delete again" 404 "no job instance $id" DELETE "/ws/client/ji/waiting/$id"

ids=()
for _ in 1 2 3; do
	one=$(held Greet)
	code POST "/ws/client/q/$nobody/$one" >/dev/null
	code DELETE "/ws/client/ji/paused/$one" >/dev/null
	ids+=("$one")
done
is "the last one to the front" "$(code POST "/ws/client/ji/${ids[2]}/position/1")" 204
is "is the first by position" "$(json GET /ws/client/ji/active | jq 'min_by(.position).id')" "${ids[2]}"
is "place 0 there is not" "$(code POST "/ws/client/ji/${ids[2]}/position/0")" 400
is "clear" "$(code POST "/ws/client/q/$nobody/clear")" 204
is "all are cancelled, none is lost" "$(job_state "${ids[0]}") $(job_state "${ids[1]}") $(job_state "${ids[2]}")" \
	"CANCELLED CANCELLED CANCELLED"
is "history says why" "$(job_reason "${ids[0]}")" 'cancelled: queue cleared by power'
says "clear of an unknown queue" 404 'no queue 999' POST /ws/client/q/999/clear

# A job that runs: twenty lines a second.
define Ticks 'exec bash -c "while :; do echo tick; read -rt 0.05 <> <(:); done"'
id=$(enqueue Ticks)
ticks() { api GET "/ws/client/ji/$id/stdout" | wc -l; }
more_than() { [ "$(ticks)" -gt "$1" ]; }
stands_still() { local n; n=$(ticks); read -rt 0.5 <> <(:); [ "$(ticks)" -eq "$n" ]; }
ok "it ticks" wait_for 20 more_than 3
says "a running job cannot be held" 409 'RUNNING and cannot be held' POST "/ws/client/ji/paused/$id"
says "nor deleted" 409 'RUNNING' DELETE "/ws/client/ji/waiting/$id"
says "nor moved" 409 'RUNNING' POST "/ws/client/q/$nobody/$id"
says "nor delayed" 409 'RUNNING' POST "/ws/client/ji/$id/delay/4102444800000"
says "nor enqueued again" 409 'RUNNING' POST "/ws/client/ji/$id"
says "what is not paused cannot go on" 409 'not paused' DELETE "/ws/client/ji/running/paused/$id"
is "its priority can change" "$(code POST "/ws/client/ji/$id/priority/3")" 204
is "pause" "$(code POST "/ws/client/ji/running/paused/$id")" 204
ok "its output stands still" wait_for 10 stands_still
is "it is RUNNING still" "$(job_state "$id")" RUNNING
n=$(ticks)
is "go on" "$(code DELETE "/ws/client/ji/running/paused/$id")" 204
ok "its output grows again" wait_for 10 more_than "$n"
is "pause once more" "$(code POST "/ws/client/ji/running/paused/$id")" 204
ok "it stands still" wait_for 10 stands_still
is "a paused job can be killed" "$(code POST "/ws/client/ji/killed/$id")" 204
ok "and is over" wait_job "$id" 15
is "killed" "$(job_state "$id")" KILLED
says "too late for a pause" 409 'KILLED' POST "/ws/client/ji/running/paused/$id"
is "pause of an unknown job" "$(code POST /ws/client/ji/running/paused/999999)" 404

# A pause given in advance.
id=$(held Ticks)
is "a job that waits is told to pause" "$(code POST "/ws/client/ji/running/paused/$id")" 204
code DELETE "/ws/client/ji/paused/$id" >/dev/null
ok "it runs" wait_for 10 job_is "$id" RUNNING
ok "and stands still" wait_for 10 stands_still
n=$(ticks)
is "until it is let go" "$(code DELETE "/ws/client/ji/running/paused/$id")" 204
ok "on" wait_for 10 more_than "$n"
code POST "/ws/client/ji/killed/$id" >/dev/null
ok "it is killed" wait_job "$id" 15

# Past jobs anew.
define Fails 'echo "$1"; exit 3'
id=$(enqueue Fails a=b)
ok "a job that fails" wait_job "$id"
new=$(json DELETE "/ws/client/ji/crashed/$id")
is "is restarted: the answer is the new job" "$(printf '%s' "$new" | jq -c '[.applicationName, .parameters]')" '["Fails",[{"key":"a","value":"b"}]]'
new=$(printf '%s' "$new" | jq .id)
ok "which runs" wait_job "$new"
is "with its parameters" "$(api GET "/ws/client/ji/$new/stdout")" b
is "the old one is in history still" "$(job_state "$id")" CRASHED
says "a second restart" 409 "already restarted as job instance $new" DELETE "/ws/client/ji/crashed/$id"
again=$(api POST "/ws/client/ji/$id")
like "enqueued again: the answer is a number" "$again" '^[0-9]+$'
typed() { curl -sS -m 30 -u "$AUTH" -X "$1" -H "Accept: $3" -w ' %{content_type}' "${@:4}" "$URL$2"; }
ok "it runs too" wait_job "$again"
like "as JSON for who takes nothing else" "$(typed POST "/ws/client/ji/$again" application/json)" '^[0-9]+ application/json$'
id=$(enqueue Greet)
wait_job "$id"
says "what has ended well is not restarted" 409 'ENDED' DELETE "/ws/client/ji/crashed/$id"
says "an unknown job is not enqueued again" 404 'no job instance' POST /ws/client/ji/999999

# A queue as a whole.
is "status for JQM's client: XML" "$(api GET "/ws/client/q/$queue/status" -H 'Accept: text/html, image/gif, image/jpeg, */*; q=0.2')" \
	'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><queueStatus>RUNNING</queueStatus>'
is "its type" "$(curl -sS -u "$AUTH" -o /dev/null -w '%{content_type}' "$URL/ws/client/q/$queue/status")" application/xml
is "status as JSON" "$(json GET "/ws/client/q/$queue/status")" '{"value":"RUNNING"}'
is "status as text" "$(api GET "/ws/client/q/$queue/status" -H 'Accept: text/plain')" RUNNING
is "capacity" "$(api GET "/ws/client/q/$queue/enabled-capacity")" 5
is "capacity for JQM's client: text" "$(typed GET "/ws/client/q/$queue/enabled-capacity" 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2')" "5 text/plain;charset=UTF-8"
is "capacity for who takes JSON only" "$(typed GET "/ws/client/q/$queue/enabled-capacity" application/json)" "5 application/json"
is "but in no other form" "$(code GET "/ws/client/q/$queue/enabled-capacity" -H 'Accept: application/xml')" 406
is "pause of the queue" "$(code POST "/ws/client/q/$queue/pause")" 204
is "it is paused" "$(json GET "/ws/client/q/$queue/status")" '{"value":"PAUSED"}'
is "without room" "$(api GET "/ws/client/q/$queue/enabled-capacity")" 0
is "and on again" "$(code DELETE "/ws/client/q/$queue/pause")" 204
is "it runs" "$(json GET "/ws/client/q/$queue/status")" '{"value":"RUNNING"}'
id=$(enqueue Greet)
ok "a job of it runs" wait_job "$id" 20
is "pause of an unknown queue" "$(code POST /ws/client/q/999/pause)" 404
is "nor has one a capacity" "$(code GET /ws/client/q/999/enabled-capacity)" 404
is "status of an unknown queue" "$(code GET /ws/client/q/999/status)" 404
done_testing
