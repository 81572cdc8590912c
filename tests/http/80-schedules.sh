#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Schedules by HTTP: made by a request with a recurrence, read, changed, previewed, removed; refusals by name.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
post() { send POST /ws/client/ji "$1" -H 'Accept: application/json'; }
define Tick 'echo tick'
id=$(post '{"applicationName":"Tick","recurrence":"30 4 * * 1-5","timeZone":"Europe/Paris","priority":7,"overlap":"SKIP","misfire":"ALL","parameters":[{"key":"a","value":"b"}]}' | jq .id)
like "a request with a recurrence answers the schedule's number" "$id" '^[0-9]+$'
is "no job was made" "$(sql "SELECT count(*) FROM jqm.job_instance")" 0
is "it reads back" "$(json GET "/ws/client/schedule/$id" | jq -c '[.cronExpression,.timeZone,.dayRule,.priority,.queue,.enabled,.overlap,.misfire,.applicationName,.parameters[0].value]')" \
	'["30 4 * * 1-5","Europe/Paris","AND",7,null,true,"SKIP","ALL","Tick","b"]'
has_next() { [ "$(json GET "/ws/client/schedule/$id" | jq .nextFireDate)" != null ]; }
ok "a runner computes when it is due" wait_for 20 has_next
is "the list has it" "$(json GET /ws/client/schedule | jq -c 'map(.id)')" "[$id]"
is "its definition shows it" "$(json GET /ws/client/jd/name/Tick | jq -c '.schedules | map(.cronExpression)')" '["30 4 * * 1-5"]'
like "as XML, one element a schedule" "$(api GET /ws/client/jd/name/Tick -H 'Accept: application/xml')" '<schedules><id>[0-9]+</id><cronExpression>30 4 '
is "the next times can be asked" "$(json GET "/ws/client/schedule/$id/next?count=3" | jq length)" 3
is "too many cannot" "$(code GET "/ws/client/schedule/$id/next?count=101")" 400
is "an expression can be tried before" "$(json GET "/ws/client/cron?expression=0+0+1+1+*&count=2&timeZone=Asia/Tokyo" | jq -r '.[0][4:]')" '-01-01T00:00:00+09:00'
is "a wrong one is refused" "$(code GET "/ws/client/cron?expression=61+0+1+1+*")" 400
is "one is needed" "$(code GET /ws/client/cron)" 400
is "in the time of its zone" "$(json GET "/ws/client/schedule/$id/next?count=100" | jq -c 'map(.[10:]) - ["T04:30:00+01:00","T04:30:00+02:00"]')" '[]'
body=$(api GET "/ws/client/cron?expression=*+*+*+*+*&dayRule=XOR")
is "a day rule that is none: status" "$(api_status)" 400
like "a day rule that is none: says why" "$body" 'dayRule .*XOR.* is neither AND nor OR'

is "cron, with its slashes" "$(code POST "/ws/client/schedule/$id/cron/*/5%20*%20*%20*%20*")" 204
is "is changed" "$(json GET "/ws/client/schedule/$id" | jq -r .cronExpression)" '*/5 * * * *'
is "cron, slashes escaped" "$(code POST "/ws/client/schedule/$id/cron/*%2F7%20*%20*%20*%20*")" 204
is "is changed too" "$(json GET "/ws/client/schedule/$id" | jq -r .cronExpression)" '*/7 * * * *'
body=$(api POST "/ws/client/schedule/$id/cron/*%20*%20*%20*")
is "a wrong cron: status" "$(api_status)" 400
like "a wrong cron: says why" "$body" 'cronExpression: the cron pattern at character 1 has 4 fields instead of 5'
is "and nothing has changed" "$(json GET "/ws/client/schedule/$id" | jq -r .cronExpression)" '*/7 * * * *'
queue=$(json GET /ws/client/q | jq '.[0].id')
is "queue" "$(code POST "/ws/client/schedule/$id/queue/$queue")" 204
is "is changed" "$(json GET "/ws/client/schedule/$id" | jq .queue.id)" "$queue"
is "an unknown queue" "$(code POST "/ws/client/schedule/$id/queue/999")" 404
is "priority" "$(code POST "/ws/client/schedule/$id/priority/9")" 204
is "a wrong priority" "$(code POST "/ws/client/schedule/$id/priority/11")" 400
is "pause" "$(code POST "/ws/client/schedule/$id/pause")" 204
is "is off" "$(json GET "/ws/client/schedule/$id" | jq -c '[.enabled,.nextFireDate,.priority]')" '[false,null,9]'
is "resume" "$(code DELETE "/ws/client/schedule/$id/pause")" 204

# One occurrence now.
job=$(post "{\"scheduleId\":$id}" | jq .id)
ok "an occurrence now runs" wait_job "$job"
is "for its definition, with its parameters" "$(json GET "/ws/client/ji/$job" | jq -c '[.applicationName,.priority,.fromSchedule,.parameters[0].value]')" '["Tick",9,true,"b"]'

# It fires: let the time have come.
json GET "/ws/client/schedule/$id" >/dev/null
sql "UPDATE jqm.schedule SET next_fire_at = date_trunc('minute', now()) - interval '5 min', cron_expression = '* * * * *', misfire = 'SKIP' WHERE id = $id" >/dev/null
sql "UPDATE jqm.schedule SET next_fire_at = date_trunc('minute', now())" >/dev/null
fired() { [ "$(sql "SELECT count(*) FROM jqm.past_job WHERE user_name = 'cron' AND schedule_id = $id")" -ge 1 ]; }
ok "a slot that has come makes a job that runs" wait_for 20 fired

is "its history tells of it" "$(sql "SELECT outcome FROM jqm.schedule_slot WHERE schedule_id = $id AND job_instance_id IS NOT NULL LIMIT 1")" FIRED

# A date instead of a schedule: to the millisecond, and flagged alike.
moment=$(($(date +%s%3N) + 6210))
job=$(post "{\"applicationName\":\"Tick\",\"runAfter\":$moment}" | jq .id)
is "a job with a date waits for it" "$(json GET "/ws/client/ji/$job" | jq -c '[.state,.fromSchedule,.runAfter]')" "[\"SCHEDULED\",true,$moment]"
ok "it runs" wait_job "$job"
is "not before" "$(json GET "/ws/client/ji/$job" | jq ".beganRunningDate >= $moment and .runAfter == $moment")" true

refused "a recurrence that is none" 400 'recurrence: day of week .*8.* is outside 0 to 7' POST /ws/client/ji '{"applicationName":"Tick","recurrence":"* * * * 8"}'
refused "one that is never due" 400 'is never due' POST /ws/client/ji '{"applicationName":"Tick","recurrence":"0 0 30 2 *"}'
refused "a zone that is none" 400 'timeZone: there is no time zone' POST /ws/client/ji '{"applicationName":"Tick","recurrence":"* * * * *","timeZone":"Mars/Base"}'
refused "an overlap rule that is none" 400 'overlap' POST /ws/client/ji '{"applicationName":"Tick","recurrence":"* * * * *","overlap":"MAYBE"}'
refused "a definition that is none" 400 'Nobody' POST /ws/client/ji '{"applicationName":"Nobody","recurrence":"* * * * *"}'
refused "a schedule that is none" 400 'no schedule 999' POST /ws/client/ji '{"scheduleId":999}'
refused "neither definition nor schedule" 400 'applicationName is missing' POST /ws/client/ji '{"scheduleId":0}'
refused "what is meant for a schedule, without one" 400 'overlap is of use with recurrence only' POST /ws/client/ji '{"applicationName":"Tick","overlap":"SKIP"}'
refused "a recurrence of a schedule" 400 'exclude each other' POST /ws/client/ji '{"applicationName":"Tick","recurrence":"* * * * *","scheduleId":1}'
refused "a window that is too long" 400 'misfireWindowSeconds' POST /ws/client/ji '{"applicationName":"Tick","recurrence":"* * * * *","misfireWindowSeconds":99999999}'
is "remove" "$(code DELETE "/ws/client/schedule/$id")" 204
is "is gone" "$(code GET "/ws/client/schedule/$id")" 404
is "its definition has none" "$(json GET /ws/client/jd/name/Tick | jq -c .schedules)" '[]'
is "remove again" "$(code DELETE "/ws/client/schedule/$id")" 404

# The same on the command line.
id=$("$JQM" enqueue Tick --cron '0 4 * * *' --zone Europe/Paris)
like "jqm enqueue --cron prints its number" "$id" '^[0-9]+$'
like "jqm schedule lists it" "$("$JQM" schedule)" "$id 0 4 \* \* \*"
like "jqm schedule show" "$("$JQM" schedule show "$id")" 'time zone +Europe/Paris'
is "jqm schedule next" "$("$JQM" schedule next "$id" | wc -l)" 10
ok "jqm schedule pause" "$JQM" schedule pause "$id"
like "is paused" "$("$JQM" schedule show "$id")" 'state +paused'
ok "jqm schedule resume" "$JQM" schedule resume "$id"
ok "jqm schedule delete" "$JQM" schedule delete "$id"
"$JQM" schedule show "$id" 2>/dev/null
is "then it is not found" $? 3
"$JQM" enqueue Tick --cron 'x' 2>/dev/null
is "a wrong expression fails" $? 1
"$JQM" enqueue Tick --zone Europe/Paris 2>/dev/null
is "a zone without a schedule is a wrong command line" $? 2
"$JQM" schedule show x 2>/dev/null
is "a wrong number is a wrong command line" $? 2
done_testing
