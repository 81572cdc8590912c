#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jobs that wait for others, jobs that are tried again, parents and children: as callers see them.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
json() { api "$@" -H 'Accept: application/json'; }
post() { json POST /ws/client/ji -H 'Content-Type: application/json' -d "$1"; }
id_of() { jq .id; }
see() { json GET "/ws/client/ji/$1" | jq -c "$2"; }
sees() { [ "$(see "$1" "$2")" = "$3" ]; }
refused() { # DESCRIPTION BODY PATTERN
	local body
	body=$(post "$2")
	is "$1: status" "$(api_status)" 400
	like "$1: says why" "$body" "$3"
}

define Good 'true'
define Bad 'exit 3'
define Gate "while [ ! -e '$WORK/go' ]; do sleep 0.05; done"

# A chain, and every condition with every end.
a=$(post '{"applicationName":"Gate"}' | id_of)
answer=$(post "{\"applicationName\":\"Good\",\"waitFor\":[\"$a\"]}")
b=$(jq .id <<<"$answer")
is "the answer tells that it waits" "$(jq -c '[.state,.waitFor]' <<<"$answer")" "[\"SCHEDULED\",[\"$a\"]]"
c=$(post "{\"applicationName\":\"Good\",\"waitFor\":[\"success:$b\",\"end:$a\"]}" | id_of)
f=$(post "{\"applicationName\":\"Good\",\"waitFor\":[\"failure:$a\"]}" | id_of)
g=$(post "{\"applicationName\":\"Good\",\"waitFor\":[\"$f\"]}" | id_of)
h=$(post "{\"applicationName\":\"Good\",\"startState\":\"HOLDED\",\"waitFor\":[\"$a\"]}" | id_of)
is "a job that waits says for what" "$(see "$c" '[.state,.waitFor]')" "[\"SCHEDULED\",[\"end:$a\",\"success:$b\"]]"
is "held and waiting is held" "$(job_state "$h")" HOLDED
is "resumed it still waits" "$(code DELETE "/ws/client/ji/paused/$h") $(job_state "$h")" "204 SCHEDULED"
touch "$WORK/go"
ok "the last of the chain runs" wait_job "$c"
is "all of the chain ended" "$(job_state "$a") $(job_state "$b") $(job_state "$c")" "ENDED ENDED ENDED"
is "one after the other" "$(sql "SELECT a.ended_at <= b.started_at AND b.ended_at <= c.started_at FROM jqm.history AS a, jqm.history AS b, jqm.history AS c WHERE a.id = $a AND b.id = $b AND c.id = $c")" t
ok "the resumed one runs too" wait_job "$h"
is "what waited for a failure is cancelled, and what waited for that" "$(job_state "$f") $(job_state "$g")" "CANCELLED CANCELLED"
like "with the reason" "$(job_reason "$f")" "waited for the failure of job instance $a, which is ENDED"
like "and that of the other" "$(job_reason "$g")" "waited for the success of job instance $f, which is CANCELLED"
x=$(post '{"applicationName":"Bad"}' | id_of)
wait_job "$x"
y=$(post "{\"applicationName\":\"Good\",\"waitFor\":[\"failure:$x\"]}" | id_of)
ok "what waits for a failure that was runs" wait_job "$y"
is "well" "$(job_state "$y")" ENDED
answer=$(post "{\"applicationName\":\"Good\",\"waitFor\":[\"$x\"]}")
is "what waits for a success that cannot be any more is cancelled at once" "$(jq -r .state <<<"$answer")" CANCELLED
rm "$WORK/go"
a=$(enqueue Gate)
b=$(api POST /ws/simple/ji -d applicationname=Good -d "waitfor=$a" -d "waitfor=failure:$x" -d maxattempts=3 -d concurrencykey=k)
is "the form has them too" "$(see "$b" '[.waitFor,.maxAttempts,.concurrencyKey]')" "[[\"failure:$x\",\"success:$a\"],3,\"k\"]"
c=$("$JQM" enqueue Good --wait-for "$b")
like "and the command line" "$("$JQM" job "$c")" "waits for +success:$b"
is "cancel what is waited for" "$(code POST "/ws/client/ji/cancelled/$b")" 204
is "cancels who waits" "$(job_state "$c")" CANCELLED
touch "$WORK/go"

refused "no such job" '{"applicationName":"Good","waitFor":["999999"]}' 'waitFor: there is no job instance 999999'
refused "a job that will be: no circles" "{\"applicationName\":\"Good\",\"waitFor\":[\"$((c + 1))\"]}" 'waitFor: there is no job instance'
refused "no number" '{"applicationName":"Good","waitFor":["soon"]}' 'waitFor .*soon'
refused "no condition" "{\"applicationName\":\"Good\",\"waitFor\":[\"luck:$x\"]}" 'waitFor .*luck'
refused "twice" "{\"applicationName\":\"Good\",\"waitFor\":[\"$x\",\"end:$x\"]}" 'twice'
refused "too many" "{\"applicationName\":\"Good\",\"waitFor\":$(seq -s, 1 101 | sed 's/[0-9]*/"&"/g; s/^/[/; s/$/]/')}" 'at most 100'
refused "a text that is too long" "{\"applicationName\":\"Good\",\"waitFor\":[\"$(printf '1%.0s' $(seq 31))\"]}" 'waitFor'
refused "maxAttempts 0" '{"applicationName":"Good","maxAttempts":0}' 'maxAttempts'
refused "maxAttempts 101" '{"applicationName":"Good","maxAttempts":101}' 'maxAttempts'
refused "concurrencyKey too long" "{\"applicationName\":\"Good\",\"concurrencyKey\":\"$(printf 'k%.0s' $(seq 101))\"}" 'concurrencyKey'

# Retries.
define Third "echo \"attempt \$JQM_JI_ATTEMPT\"; [ \$JQM_JI_ATTEMPT -ge 3 ] || exit 7"
sql "UPDATE jqm.job_def SET attempts_max = 5, retry_delay_s = 0, retry_exit_codes = '{7}' WHERE name = 'Third'" >/dev/null
id=$(enqueue Third)
ok "a job that fails is tried again" wait_job "$id"
is "until it does well; each attempt is there" "$(see "$id" '[.state,.attempt,.maxAttempts,(.attempts|map([.attempt,.exitCode,.endReason]))]')" \
	'["ENDED",3,5,[[1,7,"exit code 7"],[2,7,"exit code 7"]]]'
like "the command line shows them" "$("$JQM" job "$id")" 'attempt 2 .*exit code 7'
id=$(post '{"applicationName":"Third","maxAttempts":2}' | id_of)
ok "a request says how often" wait_job "$id"
is "then it is enough" "$(see "$id" '[.state,.attempt,.exitCode]')" '["CRASHED",2,7]'
sql "UPDATE jqm.job_def SET retry_exit_codes = '{8}' WHERE name = 'Third'" >/dev/null
id=$(enqueue Third)
ok "another exit code" wait_job "$id"
is "is not worth a retry" "$(see "$id" '[.state,.attempt]')" '["CRASHED",1]'
new=$(json DELETE "/ws/client/ji/crashed/$id" | id_of)
ok "a crashed job is restarted" wait_job "$new"
is "and linked to the one before" "$(see "$new" .restartOf)" "$id"
sql "UPDATE jqm.job_def SET retry_exit_codes = NULL, retry_delay_s = 3600 WHERE name = 'Third'" >/dev/null
id=$(enqueue Third)
ok "one that waits for its next attempt is scheduled" wait_for 20 sees "$id" '[.state,(.attempts|length)]' '["SCHEDULED",1]'
is "can be cancelled" "$(code POST "/ws/client/ji/cancelled/$id") $(job_state "$id")" "204 CANCELLED"

# Parent and children, both ways.
p=$(enqueue Good)
wait_job "$p"
k1=$(post "{\"applicationName\":\"Good\",\"parentJobId\":$p}" | id_of)
k2=$(post "{\"applicationName\":\"Good\",\"parentJobId\":$p,\"startState\":\"HOLDED\"}" | id_of)
wait_job "$k1"
is "a child knows its parent" "$(see "$k1" .parent)" "$p"
is "a parent's children are found, live and past" "$(json GET "/ws/client/ji?parent=$p" | jq -c 'map(.id)')" "[$k1,$k2]"
is "parent 0 is none" "$(code GET '/ws/client/ji?parent=0')" 400
like "the command line lists them" "$("$JQM" jobs --parent "$p")" "$k2 HOLDED"
done_testing
