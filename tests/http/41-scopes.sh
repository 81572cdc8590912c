#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Permissions with a limit: a list shows what the caller may see and counts no more, an id outside is 404, a verb
# changes nothing outside, an enqueue outside is refused as if there were no such thing.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
sql "INSERT INTO jqm.queue (name) VALUES ('Q1'), ('Q2')" >/dev/null
for name in A1 A2 B1; do define $name 'echo hello; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'; done
sql "UPDATE jqm.job_def SET queue_id = (SELECT id FROM jqm.queue WHERE name = 'Q1') WHERE name LIKE 'A_';
	UPDATE jqm.job_def SET queue_id = (SELECT id FROM jqm.queue WHERE name = 'Q2') WHERE name = 'B1';
	INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms) SELECT n.id, q.id, 5, 1000 FROM jqm.node n, jqm.queue q WHERE q.name IN ('Q1', 'Q2')" >/dev/null
q1=$(sql "SELECT id FROM jqm.queue WHERE name = 'Q1'") q2=$(sql "SELECT id FROM jqm.queue WHERE name = 'Q2'")
password=${AUTH#*:}
account() { # LOGIN PERMISSION...: an account with root's password and a role of its own, made as an administrator does
	local login=$1 role
	shift
	send POST /ws/admin/role "$(jq -nc --arg name "role of $login" '{name: $name, description: "x", permissions: $ARGS.positional}' --args "$@")" >/dev/null
	role=$(sql "SELECT id FROM jqm.role WHERE name = 'role of $login'")
	send POST /ws/admin/user "{\"login\":\"$login\",\"newPassword\":\"$password\",\"roles\":[$role]}" >/dev/null
}
account q1 'job_instance:*@queue=Q1' 'logs:read@queue=Q1' 'files:read@queue=Q1' 'queue:read@queue=Q1' 'queue_position:*@queue=Q1' 'jd:read@queue=Q1'
account defb 'job_instance:*@definition=B1' 'jd:read@definition=B1' 'logs:read@definition=B1'
account own 'job_instance:*@own' 'logs:read@own' 'files:read@own'
account mixed 'job_instance:read' 'job_instance:update@queue=Q1' 'queue_position:update@queue=Q1' 'queue_position:update@queue=DEFAULT'
as() { # LOGIN METHOD PATH [CURL ARG...]
	local login=$1 method=$2 path=$3
	shift 3
	curl -sS -m 30 -u "$login:$password" -H 'Accept: application/json, */*;q=0.1' -X "$method" "$URL$path" "$@"
}
as_code() { as "$@" -o /dev/null -w '%{http_code}'; }
post() { as "$1" POST "$2" -H 'Content-Type: application/json' --data-binary "$3" "${@:4}"; }
ids() { jq -c 'map(.id) | sort'; }

a=$(enqueue A1) b=$(enqueue B1)
ok "a job in each queue is over" wait_job "$a"
ok "both of them" wait_job "$b"
held() { json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\":\"$1\",\"startState\":\"HOLDED\"${2:-}}" | jq .id; }
live_a=$(held A2) live_b=$(held B1)
mine=$(as own POST /ws/simple/ji -d applicationname=A1 -d user=root)
ok "and one of somebody who sees own jobs only" wait_job "$mine"

is "a list shows a queue's jobs" "$(as q1 GET /ws/client/ji | ids)" "[$a,$live_a,$mine]"
is "newest first, too" "$(as q1 GET '/ws/client/ji?newest=2' | jq -c 'map(.id)')" "[$mine,$live_a]"
is "and the page before" "$(as q1 GET "/ws/client/ji?newest=2&before=$live_a" | jq -c 'map(.id)')" "[$a]"
is "active ones" "$(as q1 GET /ws/client/ji/active | ids)" "[$live_a]"
is "a definition's" "$(as defb GET /ws/client/ji | ids)" "[$b,$live_b]"
is "one's own" "$(as own GET /ws/client/ji | ids)" "[$mine]"
is "without a limit all of them" "$(as mixed GET /ws/client/ji | ids)" "[$a,$b,$live_a,$live_b,$mine]"
for query in '{}' '{"queryLiveInstances":true,"pageSize":1}' '{"queryLiveInstances":true,"sortby":[{"col":"QUEUENAME","order":"DESCENDING"}]}' '{"exactTotal":true,"pageSize":1}'; do
	for login in q1 defb own; do
		case $login in q1) seen="$a $live_a $mine" ;; defb) seen="$b $live_b" ;; own) seen=$mine ;; esac
		body=$(post $login /ws/client/ji/query "$query")
		is "$login's search stays inside: $query" "$(jq -c --arg seen "$seen" '[.instances[].id | tostring] - ($seen | split(" "))' <<<"$body")" '[]'
		like "and its total: $query" "$(jq "(.resultSize // 0) <= ($(wc -w <<<"$seen"))" <<<"$body")" true
	done
done
is "a search for another's job by its number finds nothing" "$(post q1 /ws/client/ji/query "{\"jobInstanceId\":$b,\"queryLiveInstances\":true}" | jq -c '[(.instances | length), .resultSize]')" '[0,0]'
is "numbers of jobs" "$(post q1 /ws/client/ji/query/ids '{"queryLiveInstances":true}' | jq -c sort)" "[$a,$live_a,$mine]"
is "jobs of a user" "$(as q1 GET /ws/client/user/roo%25/ji | ids)" "[$live_a]"

both=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\":\"B1\",\"waitFor\":[$live_a]}" | jq .id)
inside=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\":\"A1\",\"waitFor\":[$live_a]}" | jq .id)
is "who waits for a job, inside only" "$(as q1 GET "/ws/client/ji?waitsFor=$live_a" | jq -c 'map(.id)') $(as mixed GET "/ws/client/ji?waitsFor=$live_a" | jq -c 'map(.id)') $(as_code q1 GET "/ws/client/ji?waitsFor=$live_b")" "[$inside] [$both,$inside] 404"
is "they go" "$(code DELETE "/ws/client/ji/waiting/$both") $(code DELETE "/ws/client/ji/waiting/$inside")" "204 204"

guid() { sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $1"; }
file() { sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $1"; }
pair() { # DESCRIPTION LOGIN METHOD PATH-WITH-@ INSIDE OUTSIDE [CURL ARG...]: 2xx inside, 404 outside
	local description=$1 login=$2 method=$3 path=$4 inside=$5 outside=$6
	shift 6
	is "$description, outside" "$(as_code "$login" "$method" "${path//@/$outside}" "$@")" 404
	like "$description, inside" "$(as_code "$login" "$method" "${path//@/$inside}" "$@")" '^20[04]$'
}
pair "one job" q1 GET /ws/client/ji/@ "$a" "$b"
pair "its state" q1 GET '/ws/simple/status?id=@' "$a" "$b"
pair "its messages" q1 GET /ws/client/ji/@/messages "$a" "$b"
pair "its output" q1 GET /ws/client/ji/@/stdout "$a" "$b"
pair "by the other door" defb GET '/ws/simple/stdout?id=@' "$b" "$a"
pair "its files" q1 GET /ws/client/ji/@/files "$a" "$b"
pair "a file" q1 GET /ws/client/ji/files/@ "$(file "$a")" "$(file "$b")"
pair "a file by its GUID" q1 GET '/ws/simple/file?id=@' "$(guid "$a")" "$(guid "$b")"
pair "one's own file" own GET '/ws/simple/file?id=@' "$(guid "$mine")" "$(guid "$a")"
pair "files given to it" q1 GET /ws/client/ji/@/inputs "$live_a" "$live_b"
pair "giving one" q1 POST /ws/client/ji/@/files/x.txt "$live_a" "$live_b" -d x
pair "priority" q1 POST /ws/client/ji/@/priority/5 "$live_a" "$live_b"
pair "a message" q1 POST /ws/client/ji/@/messages "$live_a" "$live_b" -d text=hello
pair "pausing what runs" q1 POST /ws/client/ji/running/paused/@ "$live_a" "$live_b"
pair "a queue's pause" q1 POST /ws/client/q/@/pause "$q1" "$q2"
pair "and its end" q1 DELETE /ws/client/q/@/pause "$q1" "$q2"
pair "a queue's state" q1 GET /ws/client/q/@/status "$q1" "$q2"
pair "its capacity" q1 GET /ws/client/q/@/enabled-capacity "$q1" "$q2"
is "a queue that is not named is not cleared" "$(as_code q1 POST "/ws/client/q/$q2/clear")" 404
is "what is said of a job outside is what is said of none" "$(as q1 GET "/ws/client/ji/$b" | jq -r .userReadableMessage | sed "s/$b/N/")" "$(as q1 GET /ws/client/ji/99999999 | jq -r .userReadableMessage | sed 's/99999999/N/')"
is "queues" "$(as q1 GET /ws/client/q | jq -c 'map(.name)')" '["Q1"]'
is "definitions of a queue" "$(as q1 GET /ws/client/jd | jq -c 'map(.applicationName)')" '["A1","A2"]'
is "named ones" "$(as defb GET /ws/client/jd | jq -c 'map(.applicationName)')" '["B1"]'
pair "one definition" defb GET /ws/client/jd/name/@ B1 A1

pair "an enqueue again" q1 POST /ws/client/ji/@ "$a" "$b"
is "an enqueue inside" "$(as_code q1 POST /ws/simple/ji -d applicationname=A1)" 200
refusal() { post q1 /ws/client/ji "$1" | jq -r .userReadableMessage; }
is "one of another definition: there is none" "$(refusal '{"applicationName":"B1"}')" 'there is no job definition "B1"'
is "as of one that is really not there" "$(refusal '{"applicationName":"B9"}')" 'there is no job definition "B9"'
is "nor through a queue of one's own" "$(refusal '{"applicationName":"B1","queueName":"Q1"}')" 'there is no job definition "B1"'
is "nor into another queue" "$(refusal '{"applicationName":"A1","queueName":"Q2"}')" 'there is no queue "Q2"'
is "nor behind another's job" "$(refusal "{\"applicationName\":\"A1\",\"waitFor\":[\"$live_b\"]}")" "waitFor: there is no job instance $live_b"
is "nor as its child" "$(refusal "{\"applicationName\":\"A1\",\"parentJobId\":$b}")" "parentJobId: there is no job instance $b"
is "a schedule is nobody's who has a limit" "$(as_code q1 POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"A1","recurrence":"0 0 1 1 *"}')" 403
is "nor is anything there is no limit for" "$(as_code q1 GET /ws/client/schedule) $(as_code q1 GET /ws/admin/node) $(as_code q1 GET /ws/admin/jd) $(as_code q1 GET /ws/admin/q)" '403 403 403 403'

state() { sql "SELECT state || ' ' || queue_name FROM jqm.live_job WHERE id = $1"; }
is "one order to many passes over those outside" "$(post q1 '/ws/client/ji/resumed?dryRun=true' "[$live_a,$live_b]")" 1
is "by numbers" "$(post q1 /ws/client/ji/killed "[$live_a,$live_b]")" 0
is "by a filter" "$(post defb '/ws/client/ji/resumed?dryRun=true' '{"applicationName":["A2","B1"]}')" 1
is "enqueued again is only what is inside" "$(post q1 /ws/client/ji/bulk "[$a,$b]" | jq length)" 1
other_a=$(held A1) other_b=$(held B1)
is "a job is not moved out of sight" "$(as_code q1 POST "/ws/client/q/$q2/$other_a")" 404
is "nor another's in" "$(as_code q1 POST "/ws/client/q/$q1/$other_b")" 404
is "nor many" "$(post q1 "/ws/client/q/$q2/bulk" "[$other_a,$other_b]")/$(post q1 "/ws/client/q/$q1/bulk" "[$other_a,$other_b]")" 0/1
default=$(sql 'SELECT id FROM jqm.queue WHERE default_queue')
is "two permissions together" "$(as_code mixed POST "/ws/client/q/$default/$other_a") $(state "$other_a")" '204 HOLDED DEFAULT'
is "reading all is not changing all" "$(as_code mixed GET "/ws/client/ji/$other_b") $(as_code mixed POST "/ws/client/ji/killed/$other_b") $(state "$other_b")" '200 404 HOLDED Q2'

# Who submitted it: the account, whatever the request says.
is "user is a tag" "$(json GET "/ws/client/ji/$mine" | jq -c '[.user, .submittedBy]')" '["root","own"]'
is "no member of a request changes who submitted it" "$(post own /ws/client/ji '{"applicationName":"A1","startState":"HOLDED","submittedBy":"root","submitter":"root","scope":null}' | jq -r '.id' | { read -r id; json GET "/ws/client/ji/$id" | jq -r .submittedBy; })" own
is "who enqueues again has submitted it" "$(as mixed GET "/ws/client/ji/$(as q1 POST "/ws/client/ji/$a" -H 'Accept: text/plain')" | jq -r .submittedBy)" q1
like "the command line shows it" "$("$JQM" job "$mine")" '^submitted +own$'

# A job's own token: what its account could enqueue, as long as that may log in.
define A3 'echo "$JQM_API_LOGIN $JQM_API_PASSWORD"; exec tail -f /dev/null'
sql "UPDATE jqm.job_def SET queue_id = $q1 WHERE name = 'A3'"
running=$(as q1 POST /ws/simple/ji -d applicationname=A3)
ok "a job that is limited to a queue runs" wait_for 20 sh -c "curl -sf -u '$AUTH' '$URL/ws/simple/stdout?id=$running' | grep -q ."
read -r token_login token <<<"$(api GET "/ws/simple/stdout?id=$running")"
by_token() { curl -sS -m 30 -u "$token_login:$token" "$URL$1" "${@:2}"; }
token_code() { by_token "$@" -o /dev/null -w '%{http_code}'; }
child=$(by_token /ws/simple/ji -d applicationname=A2 -d submitter=root)
like "it enqueues in that queue" "$child" '^[0-9]+$'
is "for its account" "$(json GET "/ws/client/ji/$child" | jq -r .submittedBy)" q1
like "and nowhere else: not by the definition" "$(by_token /ws/simple/ji -d applicationname=B1 | jq -r .userReadableMessage)" 'there is no job definition "B1"'
like "nor by the queue" "$(by_token /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"A1","queueName":"Q2"}' | jq -r .userReadableMessage)" 'there is no queue "Q2"'
like "nor many at a time" "$(by_token /ws/client/ji/bulk/requests -H 'Content-Type: application/json' -d '[{"applicationName":"A1"},{"applicationName":"B1"}]')" 'request \[1\]: there is no job definition'
as_root_child=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\":\"B1\",\"startState\":\"HOLDED\",\"parentJobId\":$running}" | jq .id)
is "a child that others gave it elsewhere is outside" "$(token_code "/ws/simple/status?id=$child") $(token_code "/ws/simple/status?id=$as_root_child")" '200 404'
sql "UPDATE jqm.job_instance SET queue_id = $q2 WHERE id = $running"
is "of itself it speaks wherever it is" "$(token_code "/ws/client/ji/$running/messages" -d text=hello) $(token_code "/ws/simple/status?id=$running")" '204 200'
sql "UPDATE jqm.role SET permissions = '{logs:read@queue=Q1}' WHERE name = 'role of q1'"
like "who may not enqueue any more has no job that may" "$(by_token /ws/simple/ji -d applicationname=A2)" 'account .*q1.*, for which this job works, does not have the permission .*job_instance:create'
sql "UPDATE jqm.role SET permissions = '{job_instance:*@queue=Q1}' WHERE name = 'role of q1'; UPDATE jqm.account SET login = 'q1bis' WHERE login = 'q1'"
is "under another login it is the same account" "$(as q1bis GET "/ws/client/ji/$(by_token /ws/simple/ji -d applicationname=A2)" | jq -r .submittedBy)" q1bis
sql "UPDATE jqm.account SET locked = true WHERE login = 'q1bis'"
is "a locked account's job speaks no more" "$(token_code "/ws/simple/status?id=$running")" 401
sql "UPDATE jqm.account SET locked = false, expiration_date = now() WHERE login = 'q1bis'"
is "nor one of an account that is over" "$(token_code "/ws/simple/status?id=$running")" 401
sql "UPDATE jqm.account SET expiration_date = NULL WHERE login = 'q1bis'"
is "then again it does" "$(token_code "/ws/simple/status?id=$running")" 200
sql "DELETE FROM jqm.account WHERE login = 'q1bis'"
is "nor one of an account that is gone" "$(token_code "/ws/simple/status?id=$running")" 401
code POST "/ws/client/ji/killed/$running" >/dev/null

# Whoever gets a login that was there before is somebody else.
is "its account sees its jobs" "$(as own GET "/ws/client/ji/$mine" | jq .id)" "$mine"
post own /ws/client/ji '{"applicationName":"A1","startState":"HOLDED","idempotencyKey":"mine"}' >/dev/null
sql "DELETE FROM jqm.account WHERE login = 'own'; DELETE FROM jqm.role WHERE name = 'role of own'"
account own 'job_instance:*@own' 'logs:read@own' 'files:read@own'
is "one of the same name sees none of them" "$(as own GET /ws/client/ji | ids) $(as_code own GET "/ws/client/ji/$mine") $(as_code own GET "/ws/client/ji/$mine/stdout")" '[] 404 404'
is "nor does a search" "$(post own /ws/client/ji/query '{"queryLiveInstances":true}' | jq -c '[(.instances | length), .resultSize]')" '[0,0]'
new=$(post own /ws/client/ji '{"applicationName":"A1","startState":"HOLDED","idempotencyKey":"mine"}' | jq .id)
is "nor do its keys mean old jobs" "$(as own GET /ws/client/ji | ids)" "[$new]"

# What may be limited, and how.
role() { # PERMISSION
	jq -nc --arg p "$1" '{name: "limits", description: "x", permissions: [$p]}'
}
refused "a limit there is none of" 400 'a limit is @own, @queue=NAME' POST /ws/admin/role "$(role 'job_instance:read@colour=red')"
refused "a limit without a name" 400 'a limit is' POST /ws/admin/role "$(role 'job_instance:read@queue=')"
refused "a permission that cannot be limited" 400 'for "node" cannot be limited' POST /ws/admin/role "$(role 'node:read@queue=Q1')"
refused "the administrator's, limited" 409 'cannot be removed or weakened' PUT "/ws/admin/role/$(sql "SELECT id FROM jqm.role WHERE name = 'administrator'")" '{"name":"administrator","description":"x","permissions":["*:*@own"]}'
is "a role with limits is read as it was written" "$(json GET /ws/admin/role | jq -c '.[] | select(.name == "role of own") | .permissions')" '["job_instance:*@own","logs:read@own","files:read@own"]'
is "so does the account itself" "$(as own GET /ws/admin/me | jq -c '.permissions | sort')" '["files:read@own","job_instance:*@own","logs:read@own"]'
done_testing
