#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The first slice of the client API, in JSON.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
post() { json POST "$1" -H 'Content-Type: application/json' -d "$2"; }

define Greet 'echo "hello $1"; echo warn >&2; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
answer=$(post /ws/client/ji '{"applicationName":"Greet","user":"alice","sessionID":0,"keyword1":"EU","priority":4,"parameters":[{"key":"who","value":"world"}],"unknownMember":{"a":[1]}}')
id=$(printf '%s' "$answer" | jq .id)
like "enqueue answers the id" "$id" '^[0-9]+$'
is "and echoes the request" "$(printf '%s' "$answer" | jq -c '[.user, .sessionID, .state, .keyword1, .parameters]')" \
	'["alice","0","SUBMITTED","EU",[{"key":"who","value":"world"}]]'
ok "the job ends" wait_job "$id"
job=$(json GET "/ws/client/ji/$id")
is "one instance has the members clients need" "$(printf '%s' "$job" | jq -c '[.id, .applicationName, .parent, .user, .state, .priority, .queueName, .queue.name, .keyword1, .progress, .messages, .highlander, .fromSchedule]')" \
	"[$id,\"Greet\",0,\"alice\",\"ENDED\",4,\"DEFAULT\",\"DEFAULT\",\"EU\",0,[],false,false]"
is "how it ended" "$(printf '%s' "$job" | jq -c '[.exitCode, .signal]')" '[0,null]'
like "dates are milliseconds" "$(printf '%s' "$job" | jq '.enqueueDate')" '^[0-9]{13}$'
is "in order" "$(printf '%s' "$job" | jq '.enqueueDate <= .beganRunningDate and .beganRunningDate <= .endDate')" true
is "nulls are written" "$(printf '%s' "$job" | jq 'has("email") and .email == null')" true

post /ws/client/ji '{"applicationName":"Greet","startState":"HOLDED"}' >/dev/null
all=$(json GET /ws/client/ji)
is "all: live and past by id" "$(printf '%s' "$all" | jq -c 'map(.state)')" '["ENDED","HOLDED"]'
is "newest first, paged by key" "$(json GET '/ws/client/ji?newest=1' | jq -c 'map(.state)') $(json GET "/ws/client/ji?newest=5&before=$((id + 1))" | jq -c 'map(.id)')" "[\"HOLDED\"] [$id]"
is "a page of no rows is refused" "$(code GET '/ws/client/ji?newest=-1')" 400
is "active: a page of no rows is refused" "$(code GET '/ws/client/ji/active?oldest=0')" 400
is "active: live only" "$(json GET /ws/client/ji/active | jq -c 'map(.state)')" '["HOLDED"]'
files=$(json GET "/ws/client/ji/$id/files")
is "files of an instance" "$(printf '%s' "$files" | jq -c '.[0] | [.originalName, .fileFamily, .sizeBytes]')" '["out.csv","out.csv",5]'
file=$(printf '%s' "$files" | jq '.[0].id')
is "a file by its id" "$(api GET "/ws/client/ji/files/$file")" data
is "stdout" "$(api GET "/ws/client/ji/$id/stdout")" 'hello world'
is "stderr" "$(api GET "/ws/client/ji/$id/stderr")" warn
is "no file: empty list" "$(json GET /ws/client/ji/999999/files | jq -c 'if type == "array" then . else .errorCode end')" "$(json GET /ws/client/ji/999999/files | jq -c 'if type == "array" then [] else 10 end')"
is "queues" "$(json GET /ws/client/q | jq -c 'map(.name)')" '["DEFAULT"]'
is "definitions" "$(json GET /ws/client/jd | jq -c 'map(.applicationName)')" '["Greet"]'
is "who am I" "$(json GET /ws/admin/me | jq -c '[.login, .permissions]')" '["root",["*:*"]]'
like "version" "$(json GET /ws/admin/version | jq -r .mavenVersion)" '^[0-9]+\.[0-9]+'

held=$(json GET /ws/client/ji/active | jq '.[0].id')
is "cancel a waiting one" "$(code POST "/ws/client/ji/cancelled/$held")" 204
is "it is in history" "$(job_state "$held")" CANCELLED
is "cancel it again: conflict" "$(code POST "/ws/client/ji/cancelled/$held")" 409
define Forever 'exec tail -f /dev/null'
id=$(post /ws/client/ji '{"applicationName":"Forever"}' | jq .id)
ok "a running job" wait_for 10 job_is "$id" RUNNING
is "is killed by order" "$(code POST "/ws/client/ji/killed/$id")" 204
ok "within seconds" wait_job "$id" 5
is "and history says so" "$(sql "SELECT state || '|' || reason FROM jqm.past_job WHERE id = $id")" "KILLED|killed by root"

pairs=
for number in 1.50 100.0 1e5 -0 123456789.123456789 12345678901234567890 1E400; do
	pairs+=",{\"key\":\"v$number\",\"value\":$number},{\"key\":$number,\"value\":\"v$number\"}"
done
kept=$(post /ws/client/ji "{\"applicationName\":\"Greet\",\"startState\":\"HOLDED\",\"user\":2.50,\"parameters\":[${pairs#,}]}" | jq .id)
is "numbers for texts are kept as they were written" \
	"$(json GET "/ws/client/ji/$kept" | jq -r '[.user, (.parameters | length), (.parameters | all(.value == "v" + .key or .key == "v" + .value))] | join(" ")')" "2.50 14 true"
code POST "/ws/client/ji/cancelled/$kept" >/dev/null

refused() { # DESCRIPTION STATUS PATTERN BODY
	local body status
	body=$(curl -sS -m 30 -u "$AUTH" -o - -w '\n%{http_code}' -H 'Content-Type: application/json' --data-binary "$4" "$URL/ws/client/ji")
	status=${body##*$'\n'}
	is "$1: status" "$status" "$2"
	like "$1: says why" "$body" "$3"
}
refused "unknown definition" 400 'no job definition' '{"applicationName":"Nope"}'
refused "unknown queue" 400 'no queue \\"Q9\\"' '{"applicationName":"Greet","queueName":"Q9"}'
refused "not JSON" 400 'line 1' '{"applicationName":'
refused "empty body" 400 '' ''
refused "an array" 400 'object' '[]'
refused "a name that is an object" 400 'applicationName' '{"applicationName":{"a":1}}'
refused "parameters of the wrong shape" 400 'parameters' '{"applicationName":"Greet","parameters":"x"}'
refused "a priority out of range" 400 'priority' '{"applicationName":"Greet","priority":99}'
refused "a date that is none" 400 'runAfter' '{"applicationName":"Greet","runAfter":"tomorrow"}'
refused "over-long field" 400 'keyword2' "{\"applicationName\":\"Greet\",\"keyword2\":\"$(head -c 60 /dev/zero | tr '\0' k)\"}"
refused "bad UTF-8" 400 'UTF-8' "$(printf '{"applicationName":"\xff"}')"
refused "NUL in a text" 400 '' '{"applicationName":"a\u0000b"}'
refused "too deep" 400 'deep|depth' "$(printf '[%.0s' $(seq 3000))"
# Tags of the request and of the definition stand side by side; an empty one is none.
sql "UPDATE jqm.job_def SET application = 'Billing', keyword1 = 'DK1', keyword2 = 'DK2' WHERE name = 'Greet'" >/dev/null
id=$(post /ws/client/ji '{"applicationName":"Greet","sessionID":"s1","user":"bob","application":"","module":"m","keyword1":"RK1","keyword2":"RK2","keyword3":""}' | jq .id)
ok "a job with tags ends" wait_job "$id"
is "its own tags" "$(json GET "/ws/client/ji/$id" | jq -c '[.user,.sessionID,.application,.module,.keyword1,.keyword2,.keyword3]')" \
	'["bob","s1",null,"m","RK1","RK2",null]'
is "and its definition's" "$(json GET "/ws/client/ji/$id" | jq -c '[.definitionKeyword1,.definitionKeyword2,.definitionKeyword3]')" '["DK1","DK2",null]'
is "definitions by application" "$(json GET /ws/client/jd/Billing | jq -c 'map(.applicationName)') $(json GET /ws/client/jd/Other)" '["Greet"] []'
is "jobs that are over are not active" "$(json GET /ws/client/ji/active)" '[]'

is "an unknown instance is 404" "$(code GET /ws/client/ji/999999)" 404
is "an id that is no number is 404" "$(code GET /ws/client/ji/abc)" 404
is "kill of an unknown instance is 404" "$(code POST /ws/client/ji/killed/999999)" 404
is "Accept without JSON is 406" "$(code GET /ws/client/ji -H 'Accept: image/png')" 406
done_testing
