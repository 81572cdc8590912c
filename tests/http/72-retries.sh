#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attempts that fail and are followed by another one, as the definition or the request says.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
job() { json GET "/ws/client/ji/$1" | jq -c "$2"; }
import() { # NAME COMMAND RULES
	printf '<jqm><jar><path>%s</path><pathType>DEFAULTSHELLCOMMAND</pathType><jobdefinitions><jobDefinition><name>%s</name><description/><canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName><module/><highlander>false</highlander>%s</jobDefinition></jobdefinitions></jar></jqm>' \
		"$2" "$1" "$3" >"$WORK/import.xml"
	ok "definition $1 is imported" "$JQM" import "$WORK/import.xml"
}
# Fails until it is told to stop failing; says which attempt it is and leaves a file each time.
# shellcheck disable=SC2016
command='echo run &gt;&gt; "runs-$JQM_JI_ID"; n=$(wc -l &lt; "runs-$JQM_JI_ID"); echo "this is run $n"; echo "$n" &gt; "$JQM_JI_DELIVERY_DIR/run-$n.txt"; [ -e "well-$JQM_JI_ID" ] || exit 75'

import Later "$command" '<retry><attemptsMax>3</attemptsMax><delaySeconds>3600</delaySeconds><exitCodes>1, 75</exitCodes></retry>'
id=$(enqueue Later)
tried() { [ "$(job "$id" .failures)" = "$1" ]; }
ok "the first attempt fails" wait_for 20 tried 1
is "the job waits for the next one" "$(job "$id" '[.state, .attempt, .maxAttempts, .failures, .nodeName, .exitCode]')" '["SCHEDULED",1,3,1,null,null]'
is "the attempt is shown" "$(job "$id" '.attempts | map([.attempt, .exitCode, .signal, .beganRunningDate <= .endDate])')" '[[1,75,null,true]]'
is "with the node it ran on" "$(job "$id" '.attempts[0].nodeName')" "\"$(sql 'SELECT name FROM jqm.node')\""
is "and when the next one is due, to some seconds" "$(job "$id" '(.runAfter - .attempts[0].endDate) / 1000 | . >= 3600 and . < 3660')" true
like "a message says so" "$(job "$id" .messages)" 'attempt 1: .*75.*another one in 3600 s'
is "its output can be read" "$(api GET "/ws/client/ji/$id/stdout")" "this is run 1"
is "and its file" "$(json GET "/ws/client/ji/$id/files" | jq -c 'map(.originalName)')" '["run-1.txt"]'
shown=$("$JQM" job "$id")
like "jqm job shows attempts" "$shown" '^attempts    3$'
like "and each that failed" "$shown" '^attempt 1   20.* on .*: .*75'
like "in XML too" "$(api GET "/ws/client/ji/$id" -H 'Accept: application/xml')" '<attempts><attempt><attempt>1</attempt>.*<exitCode>75</exitCode>'
is "a job that has run is not deleted without a trace" "$(code DELETE "/ws/client/ji/waiting/$id")" 409
is "an impatient user need not wait" "$(code POST "/ws/client/ji/$id/delay/1000")" 204
ok "the second attempt fails as well" wait_for 20 tried 2
touch "$HOME_DIR/jobs/well-$id"
code POST "/ws/client/ji/$id/delay/1000" >/dev/null
ok "the third one" wait_job "$id"
is "ends well" "$(job "$id" '[.state, .attempt, .maxAttempts, .failures, .exitCode]')" '["ENDED",3,3,2,0]'
is "all attempts are on record" "$(job "$id" '.attempts | map(.attempt)')" '[1,2]'
is "and all files" "$(json GET "/ws/client/ji/$id/files" | jq -c 'map(.originalName)')" '["run-1.txt","run-2.txt","run-3.txt"]'
is "a list shows the same" "$(json GET '/ws/client/ji?newest=1' | jq -c '.[0].attempts | length')" 2

id=$(enqueue Later)
after=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\":\"Later\",\"waitFor\":[$id]}" | jq .id)
ok "an attempt fails" wait_for 20 tried 1
is "who waits for the job still waits" "$(job_state "$after")" SCHEDULED
is "the retry is cancelled" "$(code POST "/ws/client/ji/killed/$id")" 204
is "as any job that waits" "$(job "$id" '[.state, .failures, .endReason]')" '["CANCELLED",1,"cancelled by root"]'
is "its attempt stays on record" "$(job "$id" '.attempts | length')" 1
is "its output too" "$(api GET "/ws/client/ji/$id/stdout")" "this is run 1"
is "who waited does so no more" "$(job_state "$after")" CANCELLED

import AtOnce 'echo "try"; exit $1' '<retry><attemptsMax>3</attemptsMax><delaySeconds>0</delaySeconds><exitCodes>2</exitCodes></retry><parameters><parameter><key>code</key><value>2</value></parameter></parameters>'
id=$(enqueue AtOnce)
ok "three attempts without a pause" wait_job "$id"
is "all failed" "$(job "$id" '[.state, .attempt, .failures, .exitCode]')" '["CRASHED",3,2,2]'
id=$(enqueue AtOnce code=3)
ok "an exit code that is not worth another attempt" wait_job "$id"
is "crashes the job" "$(job "$id" '[.state, .attempt, .failures, .attempts]')" '["CRASHED",1,0,[]]'
id=$("$JQM" enqueue AtOnce --max-attempts 1)
ok "a request that wants one attempt" wait_job "$id"
is "gets one" "$(job "$id" '[.state, .attempt]')" '["CRASHED",1]'
id=$("$JQM" enqueue AtOnce --max-attempts 5)
ok "one that wants five" wait_job "$id"
is "gets five" "$(job "$id" '[.state, .attempt, (.attempts | length)]')" '["CRASHED",5,4]'
new=$(json DELETE "/ws/client/ji/crashed/$id" | jq .id)
ok "a restart of it" wait_job "$new"
is "is tried as its definition says" "$(job "$new" '[.restartOf, .attempt, .parameters[0].value]')" "[$id,3,\"2\"]"

# A killed job has had its last attempt.
import Stubborn 'exec tail -f /dev/null' '<retry><attemptsMax>3</attemptsMax><delaySeconds>0</delaySeconds></retry>'
id=$(enqueue Stubborn)
ok "a job runs" wait_for 20 job_is "$id" RUNNING
code POST "/ws/client/ji/killed/$id" >/dev/null
ok "it is killed" wait_job "$id"
is "once and for all" "$(job "$id" '[.state, .attempt, .failures]')" '["KILLED",1,0]'
done_testing
