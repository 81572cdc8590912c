#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Events: told while things happen, of what one may see and asked for; gone on with after a cut; cut off from who may no more.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/events.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
sql "INSERT INTO jqm.queue (name) VALUES ('Q1');
	INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms) SELECT n.id, q.id, 5, 1000 FROM jqm.node n, jqm.queue q WHERE q.name = 'Q1'" >/dev/null
define Speaks "while [ ! -e '$WORK/go' ]; do sleep 0.05; done; "'jqm progress 40 && jqm message "half of it" && exit 3'
define Silent 'true'
sql "UPDATE jqm.job_def SET queue_id = (SELECT id FROM jqm.queue WHERE name = 'Q1') WHERE name = 'Silent'" >/dev/null

# What happens.
unheard=$(enqueue Silent)
ok "a job runs before anybody listens" wait_job "$unheard"
is "of which nothing is written for listeners" "$(sql "SELECT count(*), coalesce(max(u.last_value), 0) FROM jqm.event_wanted_until AS u LEFT JOIN jqm.event ON true WHERE u.is_called")" "0|0"
listen all
like "the answer is a stream that nobody keeps" "$("$JQM_CURL" -sSN -m 2 -u "$AUTH" -o /dev/null -D - "$URL/ws/client/events" 2>/dev/null | tr -d '\r')" 'Content-Type: text/event-stream'
listen crashes 'statuses=CRASHED'
listen progress 'kinds=progress,message'
listen silent 'applicationName=Sil%25'
job=$(enqueue Speaks)
ok "a job is seen running" wait_for 20 hears all '.state == "RUNNING"' # one so short may never be
touch "$WORK/go"
ok "it ends" wait_job "$job"
ok "which is told" wait_for 20 hears all '.state == "CRASHED"'
is "all its states were, in their order" "$(states all)" "SUBMITTED ATTRIBUTED RUNNING CRASHED"
is "the end says how" "$(heard all | sed -n 's/^state //p' | jq -c 'select(.state == "CRASHED") | [.id, .exitCode, .endReason, .applicationName, .queueName, .user]')" \
	"[$job,3,\"exit code 3\",\"Speaks\",\"DEFAULT\",\"root\"]"
is "progress and messages, too" "$(heard all | grep -E '^(progress|message) ' | sed 's/ .*//' | paste -sd' ')" "progress message"
ok "who asked for ends that are failures hears of it" wait_for 20 hears crashes '.state == "CRASHED"'
is "and of nothing else" "$(states crashes)" "CRASHED"
ok "who asked for progress" wait_for 20 hears progress '.message == "half of it"'
is "hears what the job says of itself" "$(heard progress | sed -n 's/^[pm][a-z]* //p' | jq -c '[.progress, .message]' | paste -sd' ')" '[40,null] [null,"half of it"]'
held=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Silent","startState":"HOLDED"}' | jq .id)
ok "another definition's job is held" wait_for 20 hears silent '.state == "HOLDED"'
is "who asked for that one hears of no other" "$(heard silent | grep -c Speaks)" 0
code POST "/ws/client/ji/$held/priority/7" >/dev/null
ok "another priority is a change" wait_for 20 hears silent '.priority == 7'
code DELETE "/ws/client/ji/waiting/$held" >/dev/null
ok "one that is deleted is told so" wait_for 20 hears silent '.state == "DELETED"'

# Going on.
id=$(last_id all)
like "what was heard bears an id" "$id" '^[0-9a-f]{16}-[0-9]+:[0-9]+:'
stop_listening all
job=$(enqueue Silent)
ok "a job runs while nobody listens" wait_job "$job"
listen again '' -H "Last-Event-ID: $id"
ok "who comes again hears of it" wait_for 20 hears again ".id == $job and .state == \"ENDED\""
ok "and is told that he goes on" hears again '.goesOn'
is "and hears of it once" "$(states again "select(.id == $job).state" | sed 's/ RUNNING//')" "SUBMITTED ATTRIBUTED ENDED" # one so short may never be seen running
is "and of nothing that he had heard" "$(heard again | grep -c Speaks)" 0
kill -9 "$(cat "$HOME_DIR/run/jqm-events.pid")"
ok "a death of jqm-events ends the stream" wait_for 20 cut_off again
job=$(enqueue Silent)
ok "a job runs meanwhile" wait_job "$job"
is_served() { [ "$(code HEAD /ws/client/events --head)" = 200 ] && [ "$("$JQM_CURL" -sS -m 1 -u "$AUTH" -o /dev/null -w '%{http_code}' "$URL/ws/client/events" 2>/dev/null)" = 200 ]; }
ok "it is started again" wait_for 20 is_served
listen risen "lastEventId=$(last_id again)"
ok "who comes again then hears what he missed" wait_for 20 hears risen ".id == $job and .state == \"ENDED\""
is "without a gap" "$(heard risen | grep -c '^gap')" 0
listen stranger 'lastEventId=0123456789abcdef-5:5:'
ok "who comes with an id of elsewhere is told to read afresh" wait_for 20 grep -q '^event: gap' "$WORK/stranger.events"

# What is no request.
refused_events() { # DESCRIPTION PATTERN QUERY [CURL ARG...]
	local body
	body=$(api GET "/ws/client/events?$3" "${@:4}")
	is "$1: status" "$(api_status)" 400
	like "$1: says why" "$(jq -r .userReadableMessage <<<"$body")" "$2"
}
refused_events "an unknown parameter" '"colour"' 'colour=red'
refused_events "no state" '"statuses": "BROKEN" is no state' 'statuses=ENDED,BROKEN'
refused_events "no kind" '"kinds"' 'kinds=none'
refused_events "no number" '"jobInstanceId"' 'jobInstanceId=x'
refused_events "no id" 'id of the last event' 'lastEventId=7'
refused_events "no id in the header" 'id of the last event' 'kinds=state' -H 'Last-Event-ID: 1;drop table'
refused_events "much too long" 'longer than' "user=$(head -c 5000 /dev/zero | tr '\0' x)"
is "POST does nothing" "$(code POST /ws/client/events)" 405
is "HEAD has the headers and an end" "$(curl -sS -m 30 -u "$AUTH" -I "$URL/ws/client/events" | tr -d '\r' | grep -ciE '^(HTTP/1.1 200|content-type: text/event-stream)')" 2
is "JSON it is not" "$(code GET /ws/client/events -H 'Accept: application/json')" 406
is "nobody gets there without a ticket" "$(code GET /-/events)" 404
is "nobody without a login" "$(curl -sS -m 30 -o /dev/null -w '%{http_code}' "$URL/ws/client/events")" 401

# What one may see.
password=${AUTH#*:}
send POST /ws/admin/role '{"name":"q1","description":"x","permissions":["job_instance:read@queue=Q1"]}' >/dev/null
send POST /ws/admin/role '{"name":"mine","description":"x","permissions":["job_instance:*@own"]}' >/dev/null
send POST /ws/admin/role '{"name":"none","description":"x","permissions":["queue:read"]}' >/dev/null
account q1 "$password" q1
account mine "$password" mine
account none "$password" none
is "an account without the permission" "$(curl -sS -m 30 -o /dev/null -w '%{http_code}' -u "none:$password" "$URL/ws/client/events")" 403
listen q1 '' -u "q1:$password"
listen mine '' -u "mine:$password"
theirs=$(enqueue Speaks) seen=$(enqueue Silent)
own=$(curl -sS -m 30 -u "mine:$password" "$URL/ws/simple/ji" -d applicationname=Speaks)
for id in "$theirs" "$seen" "$own"; do wait_job "$id"; done
ok "a limit to a queue shows its jobs" wait_for 20 hears q1 ".id == $seen and .state == \"ENDED\""
ok "one to one's own jobs shows these" wait_for 20 hears mine ".id == $own and .state == \"CRASHED\""
is "and neither shows any other" "$(heard q1 | grep -c "\"id\":\($theirs\|$own\),") $(heard mine | grep -c "\"id\":\($theirs\|$seen\),")" "0 0"

# Who may no more is cut off.
account later "$password"
is "somebody logs in" "$(log_in later later "$password")" 204
AUTH='' listen session '' -b "$WORK/later.jar"
sql "UPDATE jqm.account SET locked = true WHERE login = 'q1'" >/dev/null
ok "an account that is locked is cut off" wait_for 10 cut_off q1
sql "UPDATE jqm.role SET permissions = '{job_instance:read@own}' WHERE name = 'mine'" >/dev/null
ok "one whose rights are others is" wait_for 10 cut_off mine
nok "others are not" cut_off session
listen stays
in_session later DELETE /ws/session >/dev/null
ok "whoever logs out is" wait_for 10 cut_off session
nok "nobody else is" cut_off stays

done_testing
