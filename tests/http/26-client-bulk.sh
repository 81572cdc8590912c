#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Many jobs with one call: enqueued, ended, held, resumed, moved, enqueued again; and a request sent twice.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Forever 'exec tail -f /dev/null'
define Plain true
post() { json POST "$1" -H 'Content-Type: application/json' -d "$2"; }
status() { code POST "$1" -H 'Content-Type: application/json' -H 'Accept: application/json' -d "$2"; }
jobs() { sql "SELECT count(*) FROM (SELECT id FROM jqm.live_job UNION ALL SELECT id FROM jqm.past_job) AS j"; }
held='{"applicationName":"Forever","startState":"HOLDED","user":"u1"}'

made=$(json POST /ws/client/ji/bulk/requests -H 'Content-Type: application/json' -d "[$held,$held,{\"applicationName\":\"Forever\",\"startState\":\"HOLDED\",\"user\":\"u2\",\"parameters\":[{\"key\":\"a\",\"value\":\"b\"}]}]")
is "three jobs with one call" "$(printf '%s' "$made" | jq -c 'map(. > 0)')" '[true,true,true]'
is "in the order of the requests" "$(sql "SELECT string_agg(user_name, ' ' ORDER BY id) FROM jqm.live_job")" 'u1 u1 u2'
is "an empty list makes none" "$(post /ws/client/ji/bulk/requests '[]')" '[]'
before=$(jobs)
refused() { # DESCRIPTION STATUS PATTERN PATH BODY
	local body
	body=$(post "$4" "$5")
	is "$1: status" "$(api_status)" "$2"
	like "$1: says why" "$(printf '%s' "$body" | jq -r .userReadableMessage)" "$3"
}
bulk=/ws/client/ji/bulk/requests
refused "an unknown definition in the middle" 400 'request \[1\]: .*no job definition' $bulk "[$held,{\"applicationName\":\"Nope\"},$held]"
refused "a member that is wrong" 400 '\[1\]\.priority' $bulk "[$held,{\"applicationName\":\"Plain\",\"priority\":\"high\"}]"
refused "a member over its limit" 400 '\[1\].*keyword1' $bulk "[$held,{\"applicationName\":\"Plain\",\"keyword1\":\"$(head -c 51 /dev/zero | tr '\0' k)\"}]"
refused "a name that is missing" 400 'request \[0\]: applicationName' $bulk '[{}]'
refused "a schedule among them" 400 'request \[1\].*recurrence' $bulk "[$held,{\"applicationName\":\"Plain\",\"recurrence\":\"* * * * *\"}]"
refused "one object" 400 'an array' $bulk "$held"
refused "a number among them" 400 '\[1\]' $bulk "[$held,5]"
is "XML is no list" "$(code POST $bulk -H 'Content-Type: application/xml' -d '<jobRequests/>')" 415
is "of all these nothing was made" "$(jobs)" "$before"

# A request that may be sent again.
key='{"applicationName":"Forever","startState":"HOLDED","user":"u3","idempotencyKey":"order-7"}'
first=$(post /ws/client/ji "$key" | jq .id)
is "the same key again is the same job" "$(post /ws/client/ji "$key" | jq -c '[.id, .state]')" "[$first,\"HOLDED\"]"
is "over the other door, too" "$(api POST /ws/simple/ji --data 'applicationname=Forever&idempotencykey=order-7')" "$first"
is "and twice in one list" "$(post $bulk "[$key,$key]")" "[$first,$first]"
refused "the same key for something else" 409 'idempotencyKey' /ws/client/ji '{"applicationName":"Plain","idempotencyKey":"order-7"}'
refused "a key for a schedule" 400 'idempotencyKey' /ws/client/ji '{"applicationName":"Plain","idempotencyKey":"k","recurrence":"* * * * *"}'
sql "UPDATE jqm.idempotency_key SET owner = 'other'" >/dev/null
nok "another caller's key is another key" test "$(post /ws/client/ji "$key" | jq .id)" = "$first"
sql "UPDATE jqm.idempotency_key SET expires_at = now()" >/dev/null
nok "a key's life ends" test "$(post /ws/client/ji "$key" | jq .id)" = "$first"
is "and it is gone then" "$(sql 'SELECT count(*) FROM jqm.idempotency_key WHERE expires_at <= now()')" 0
for n in 1 2 3 4 5 6; do
	curl -sS -m 30 -u "$AUTH" -H 'Accept: application/json' -H 'Content-Type: application/json' -d '{"applicationName":"Forever","startState":"HOLDED","user":"u4","idempotencyKey":"race"}' "$URL/ws/client/ji" -o "$WORK/race$n" &
done
wait
is "six at the same time are one job" "$(jq -s 'map(.id) | unique | length' "$WORK"/race?)" 1
is "in the database, too" "$(sql "SELECT count(*) FROM jqm.live_job WHERE user_name = 'u4'")" 1
sql "DELETE FROM jqm.job_instance WHERE user_name_id IN (SELECT id FROM jqm.name_snapshot WHERE name IN ('u3', 'u4'))" >/dev/null

# Orders to many.
id() { printf '%s' "$made" | jq ".[$1]"; }
is "a dry run counts" "$(post '/ws/client/ji/resumed?dryRun=true' "$made")" 3
is "and does nothing" "$(sql "SELECT count(*) FROM jqm.live_job WHERE state = 'HOLDED'")" 3
other=$(sql "INSERT INTO jqm.queue (name) VALUES ('other') RETURNING id")
is "move two, one of them named twice" "$(post "/ws/client/q/$other/bulk" "[$(id 0),$(id 1),$(id 0),999999]")" 2
is "the same under the name 3.5's client has for it" "$(json POST "/ws/client/q/$other/jobs" -H 'Content-Type: application/json' -d "[\"$(id 2)\"]")" 1
is "they are there" "$(sql "SELECT count(*) FROM jqm.live_job WHERE queue_name = 'other'")" 3
is "to a queue that is not there" "$(status /ws/client/q/999999/bulk "[$(id 0)]")" 404
is "resume what is held" "$(post /ws/client/ji/resumed "$made")" 3
is "once" "$(post /ws/client/ji/resumed "$made")" 0
is "hold those of a filter" "$(post /ws/client/ji/paused '{"user":"u1"}')" 2
is "the third still waits" "$(job_state "$(id 2)")" SUBMITTED
is "held ones are not killed, as in JQM" "$(post /ws/client/ji/killed "$made")" 1
is "it has ended" "$(job_state "$(id 2)")" CANCELLED
is "an empty list is nothing to do" "$(post /ws/client/ji/killed '[]')" 0
# As many as a query finds.
many() { echo "[$(seq -s, "$1" "$2")]" >"$WORK/many.json"; } # FROM TO
bulk_of_many() { json POST "/ws/client/ji/$1" -H 'Content-Type: application/json' --data-binary "@$WORK/many.json"; }
held_id=$(post /ws/client/ji "$held" | jq .id)
many 1000000 1149998
sed -i "s/]$/,$held_id]/" "$WORK/many.json"
like "150000 numbers of seven digits are one order" "$(bulk_of_many resumed) $(job_state "$held_id")" '^1 (SUBMITTED|ATTRIBUTED|RUNNING)$'
many 9000000 9999999
sed -i "s/]$/,\"$held_id\"]/; s/\[9000000,/[/" "$WORK/many.json"
is "a million as well" "$(bulk_of_many 'killed?dryRun=true')" 1
many 9000000 10000000
refuses_many() { # DESCRIPTION PATTERN
	local body
	body=$(bulk_of_many killed)
	like "$1: 413 with the reason" "$(api_status) $(printf '%s' "$body" | jq -r .userReadableMessage)" "^413 $2"
}
refuses_many "one more" '1000001 ids, at most 1000000 are taken'
{ cat "$WORK/many.json"; head -c 18000000 /dev/zero | tr '\0' ' '; } >"$WORK/more.json" && mv "$WORK/more.json" "$WORK/many.json"
refuses_many "more than 24 MB" 'the body is too large'
printf '{"user":"u1","x":[%s0]}' "$(head -c 1200000 /dev/zero | sed 's/\x00/0,/g')" >"$WORK/many.json"
refuses_many "a filter over the limit of any body" 'the filter has [0-9]* bytes; at most 1048576'
many 1 200000
sed -i 's/,150000,/,{},/' "$WORK/many.json"
is "something else among many: status and place" "$(bulk_of_many killed | jq -r .userReadableMessage) $(api_status)" \
	"byte 938890, behind 149999 numbers: must be the number of a job, or the end of the list 400"

refused "an empty filter is refused" 400 'filter is empty' /ws/client/ji/killed '{"usr":"typing error"}'
refused "ids that are none" 400 '\[1\]' /ws/client/ji/killed '[1,-5]'
refused "ids that are texts of something" 400 '\[0\]' /ws/client/ji/killed '["abc"]'
refused "a dry run that is neither" 400 'dryRun' '/ws/client/ji/killed?dryRun=maybe' '[1]'
refused "a number for a list" 400 'object' /ws/client/ji/killed '5'
is "a filter in XML" "$(json POST '/ws/client/ji/resumed?dryRun=1' -H 'Content-Type: application/xml' -d '<query><user>u1</user></query>')" 2
is "ids in XML are not taken" "$(code POST /ws/client/ji/killed -H 'Content-Type: application/xml' -d '<ids/>')" 400

done_ids=$(post $bulk '[{"applicationName":"Plain","user":"p"},{"applicationName":"Plain","user":"p"}]')
all_over() { [ "$(sql "SELECT count(*) FROM jqm.past_job WHERE definition_name = 'Plain'")" -ge "$1" ]; }
ok "two jobs end" wait_for 20 all_over 2
again=$(post /ws/client/ji/bulk "$(printf '%s' "$done_ids" | jq -c ". + [999999, $(id 2)]")")
is "past jobs once more; one that never was and one cancelled are left out" "$(printf '%s' "$again" | jq length)" 2
ok "they run" wait_for 20 all_over 4
is "by filter" "$(post /ws/client/ji/bulk '{"user":"p","pageSize":1,"queryHistoryInstances":false}' | jq length)" 4
is "nothing to do again: an empty array" "$(post /ws/client/ji/bulk '[]')" '[]'
is "how many it would be" "$(post '/ws/client/ji/bulk?dryRun=true' '{"user":"u2"}')" 0

run=$(enqueue Forever)
ok "one runs" wait_for 20 job_is "$run" RUNNING
is "it is killed" "$(post /ws/client/ji/killed "{\"jobInstanceId\":$run}")" 1
ok "and ends" wait_job "$run"
done_testing
