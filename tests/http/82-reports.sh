#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Progress and messages: from inside a job by its own token (curl, and the jqm program), from outside; refusals.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
job_is_now() { [ "$(json GET "/ws/client/ji/$1" | jq -c "$2")" = "$3" ]; }

mkfifo "$WORK/go"
define Reports "echo \"\$JQM_API_PASSWORD\" && jqm progress 40 && jqm message 'first word' && curl -sf -u \"\$JQM_API_LOGIN:\$JQM_API_PASSWORD\" \
	\"\$JQM_API_LOCAL_URL/ws/client/ji/\$JQM_JI_ID/messages\" --data-urlencode 'text=  second & last=word  ' && \
	read -r _ <'$WORK/go'; jqm progress 50"
id=$(enqueue Reports)
ok "progress and messages of a running job are seen live" wait_for 20 job_is_now "$id" '[.state,.progress,.messages]' \
	'["RUNNING",40,["first word","second & last=word"]]'
like "jqm job shows them" "$("$JQM" job "$id")" 'second & last=word'
is "progress from outside" "$(code POST "/ws/client/ji/$id/progress/45")" 204
ok "message from outside" "$JQM" message "hello from outside" --job "$id"
ok "progress from outside by jqm" "$JQM" progress 46 --job "$id"
is "it is there" "$(json GET "/ws/client/ji/$id" | jq -c '[.progress,.messages[2]]')" '[46,"hello from outside"]'
ok "the job may go on" timeout 20 sh -c "echo >'$WORK/go'"
ok "the job ends" wait_job "$id"
is "history has the last progress and all messages" "$(json GET "/ws/client/ji/$id" | jq -c '[.state,.progress,(.messages|length)]')" '["ENDED",50,3]'

token=$(api GET "/ws/client/ji/$id/stdout")
by_itself() { curl -sS -m 30 -u "job-$id:$token" -o "$WORK/said" -w '%{http_code}' "$@"; }
is "when it is over its token still reads" "$(by_itself "$URL/ws/client/ji/$id")" 200
is "but says nothing more" "$(by_itself "$URL/ws/client/ji/$id/messages" -d text=late) $(by_itself -X POST "$URL/ws/client/ji/$id/progress/99")" "409 409"
like "and learns why" "$(cat "$WORK/said")" "attempt 1 of job instance $id is over"

# A job enqueues its child with its own token, and speaks for itself only.
define Child 'true'
define Parent "jqm enqueue Child > ../child.id; jqm message 'about my child' --job \$(cat ../child.id) 2> ../refused; echo \$? >> ../refused"
id=$(enqueue Parent)
ok "a parent runs" wait_job "$id"
child=$(cat "$HOME_DIR/child.id")
is "its child knows it" "$(json GET "/ws/client/ji/$child" | jq .parent)" "$id"
like "it may not speak for its child" "$(cat "$HOME_DIR/refused")" "job $id reports of itself only"
is "and learns that" "$(tail -1 "$HOME_DIR/refused")" 4

# A parent that waits for its children, one after the other.
define Good 'true'
define Bad 'exit 42'
define Waits 'for name in Good Bad; do jqm enqueue $name --wait >/dev/null 2>&1; echo "$name $?"; done'
id=$(enqueue Waits)
ok "a parent that waits for its children ends" wait_job "$id"
is "it learns how each of them ended" "$(api GET "/ws/client/ji/$id/stdout" | tr '\n' ' ')" "Good 0 Bad 42 "
is "it ended after both, and they know it" "$(sql "SELECT count(*) FROM jqm.past_job AS c JOIN jqm.past_job AS p ON p.id = c.parent_id AND p.ended_at >= c.ended_at WHERE p.id = $id")" 2

# Refusals.
id=$(enqueue Child)
wait_job "$id"
body=$(api POST "/ws/client/ji/$id/progress/1")
is "progress of a job that is over: status" "$(api_status)" 409
like "and why" "$body" 'ENDED and makes no progress'
is "no such job" "$(code POST /ws/client/ji/999999/progress/1)" 404
is "a number too large" "$(code POST "/ws/client/ji/$id/progress/2147483648")" 400
is "no number" "$(code POST "/ws/client/ji/$id/progress/half")" 404
is "a message of no job" "$(code POST /ws/client/ji/999999/messages -d text=x)" 404
body=$(api POST "/ws/client/ji/$id/messages" -d other=x)
is "no text: status" "$(api_status)" 400
like "names the field" "$body" 'text.* is missing'
is "an empty text" "$(code POST "/ws/client/ji/$id/messages" --data-urlencode 'text=   ')" 400
is "1024 characters" "$(code POST "/ws/client/ji/$id/messages" --data-urlencode "text=$(printf 'é%.0s' $(seq 1024))")" 204
body=$(api POST "/ws/client/ji/$id/messages" --data-urlencode "text=$(printf 'x%.0s' $(seq 1025))")
is "1025 characters: status" "$(api_status)" 400
like "names the field and the limit" "$body" 'text.* has 1025 characters, at most 1024'
is "bytes that are no UTF-8" "$(code POST "/ws/client/ji/$id/messages" -d 'text=%ff')" 400
is "not a form" "$(code POST "/ws/client/ji/$id/messages" -H 'Content-Type: application/json' -d '{}')" 415
sql "INSERT INTO jqm.message (job_instance_id, text_message) SELECT $id, 'x' FROM generate_series(1, 9999)" >/dev/null
body=$(api POST "/ws/client/ji/$id/messages" -d text=x)
is "one too many: status" "$(api_status)" 409
like "and why" "$body" 'has 10000 messages'
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'reader', password_hash FROM jqm.account WHERE login = 'root';
     INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account AS a, jqm.role AS r WHERE a.login = 'reader' AND r.name = 'client read only'" >/dev/null
AUTH=reader:${AUTH#*:}
is "who only reads says nothing" "$(code POST "/ws/client/ji/$id/messages" -d text=x) $(code POST "/ws/client/ji/$id/progress/1")" "403 403"
(unset JQM_JI_ID; "$JQM" progress 40 2>"$WORK/err")
is "outside a job" $? 2
like "jqm says so" "$(cat "$WORK/err")" 'this is no job'
"$JQM" progress fast --job 1 2>/dev/null
is "progress that is no number" $? 2
"$JQM" message --job 1 2>/dev/null
is "no message" $? 2
done_testing
