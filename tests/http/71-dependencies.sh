#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jobs that wait for the ends of others; parents and their children.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
request() { json POST /ws/client/ji -H 'Content-Type: application/json' -d "$1"; }
waiting() { request "{\"applicationName\":\"Greet\",\"waitFor\":[$1]}"; } # its waitFor, as JSON
job() { json GET "/ws/client/ji/$1" | jq -c "$2"; }
refused() { # DESCRIPTION PATTERN BODY
	local body
	body=$(request "$3")
	is "$1: status" "$(api_status)" 400
	like "$1: says why" "$body" "$2"
}

define Greet 'echo hello'
define Fails 'exit 3'
# Runs until its file is there, and ends as that says.
define Gate 'while [ ! -e "go-$JQM_JI_ID" ]; do sleep 0.02; done; exit $(cat "go-$JQM_JI_ID")'
gate() { enqueue Gate; }
open_gate() { echo "${2:-0}" >"$HOME_DIR/jobs/.go-$1" && mv "$HOME_DIR/jobs/.go-$1" "$HOME_DIR/jobs/go-$1"; } # ID [EXIT CODE]

# A chain.
a=$(gate)
answer=$(waiting "$a")
b=$(printf '%s' "$answer" | jq .id)
is "a job that waits is answered as SCHEDULED" "$(printf '%s' "$answer" | jq -c '[.state, .waitFor]')" "[\"SCHEDULED\",[\"success:$a\"]]"
c=$(waiting "\"success:$b\"" | jq .id)
is "it shows what it waits for" "$(job "$c" '[.state, .waitFor]')" "[\"SCHEDULED\",[\"success:$b\"]]"
ok "the first runs" wait_for 20 job_is "$a" RUNNING
is "the others wait" "$(job_state "$b") $(job_state "$c")" "SCHEDULED SCHEDULED"
open_gate "$a"
ok "the last of a chain runs when those before it are over" wait_job "$c"
is "all ended well" "$(job_state "$a") $(job_state "$b") $(job_state "$c")" "ENDED ENDED ENDED"
is "one after the other" "$(json GET /ws/client/ji | jq "map({key: (.id | tostring), value: .}) | from_entries
	| .[\"$a\"].endDate <= .[\"$b\"].beganRunningDate and .[\"$b\"].endDate <= .[\"$c\"].beganRunningDate")" true
is "what it waited for stays on record" "$(job "$c" .waitFor)" "[\"success:$b\"]"

# Each condition, met and not.
follows() { # CONDITION EXIT_CODE WANTED_STATE
	local first second
	first=$(gate)
	second=$(waiting "\"$1:$first\"" | jq .id)
	open_gate "$first" "$2"
	wait_job "$second"
	is "$1 of a job that exits with $2" "$(job_state "$second")" "$3"
	[ "$3" = ENDED ] || is "$1: the reason names the other job" "$(job_reason "$second")" \
		"not run: it waited for the $1 of job instance $first, which is $(job_state "$first")"
}
follows success 0 ENDED
follows success 3 CANCELLED
follows failure 3 ENDED
follows failure 0 CANCELLED
follows end 0 ENDED
follows end 3 ENDED
a=$(gate)
b=$(waiting "\"end:$a\"" | jq .id)
c=$(waiting "\"success:$a\"" | jq .id)
ok "a job runs" wait_for 20 job_is "$a" RUNNING
code POST "/ws/client/ji/killed/$a" >/dev/null
ok "killed is an end" wait_job "$b"
is "and runs what waits for that" "$(job_state "$b")" ENDED
is "but no success" "$(job_state "$c")" CANCELLED

# Jobs that are over already.
is "success of a killed job: the answer says that it will not run" "$(waiting "$a" | jq -c '[.state, .endReason]')" \
	"[\"CANCELLED\",\"not run: it waited for the success of job instance $a, which is KILLED\"]"
like "failure of a killed job: it goes on at once" "$(waiting "\"failure:$a\"" | jq -r .state)" 'SUBMITTED|ATTRIBUTED|RUNNING|ENDED'

# Several; held ones; a cancel that cascades.
a=$(gate)
b=$(gate)
c=$(waiting "$a,\"end:$b\"" | jq .id)
open_gate "$a"
ok "one of two is over" wait_job "$a"
is "the job waits for the other one" "$(job_state "$c")" SCHEDULED
open_gate "$b" 3
ok "and goes on with the last" wait_job "$c"
is "well" "$(job_state "$c")" ENDED
a=$(gate)
answer=$(request "{\"applicationName\":\"Greet\",\"startState\":\"HOLDED\",\"waitFor\":$a}")
b=$(printf '%s' "$answer" | jq .id)
is "a held job is held first" "$(printf '%s' "$answer" | jq -r .state)" HOLDED
is "resume" "$(code DELETE "/ws/client/ji/paused/$b")" 204
is "then it waits" "$(job_state "$b")" SCHEDULED
open_gate "$a"
ok "then it runs" wait_job "$b"
a=$(request '{"applicationName":"Greet","startState":"HOLDED"}' | jq .id)
b=$(waiting "$a" | jq .id)
c=$(waiting "$b" | jq .id)
is "a job is cancelled that another waits for" "$(code POST "/ws/client/ji/cancelled/$a")" 204
is "so are those that wait for it" "$(job_state "$b") $(job_state "$c")" "CANCELLED CANCELLED"
is "each says for whom" "$(job_reason "$c")" "not run: it waited for the success of job instance $b, which is CANCELLED"
a=$(request '{"applicationName":"Greet","startState":"HOLDED"}' | jq .id)
b=$(waiting "$a" | jq .id)
is "a job is deleted that another waits for" "$(code DELETE "/ws/client/ji/waiting/$a")" 204
is "that one says so" "$(job_reason "$b")" "not run: it waited for the success of job instance $a, which was deleted"

# What cannot be waited for.
count() { sql 'SELECT (SELECT count(*) FROM jqm.job_instance) + (SELECT count(*) FROM jqm.history)'; }
before=$(count)
next=$(sql 'SELECT last_value + 1 FROM jqm.job_instance_id_seq')
refused "an unknown job" 'waitFor: there is no job instance 999999' '{"applicationName":"Greet","waitFor":["999999"]}'
refused "itself" "waitFor: there is no job instance $next" "{\"applicationName\":\"Greet\",\"waitFor\":[$next]}"
refused "one that does not exist yet" "waitFor: there is no job instance $((next + 2))" "{\"applicationName\":\"Greet\",\"waitFor\":[$((next + 2))]}"
refused "a job twice" "waitFor names job instance $b twice" "{\"applicationName\":\"Greet\",\"waitFor\":[$b,\"end:$b\"]}"
refused "more than 100" 'waitFor names 101 jobs, at most 100' "{\"applicationName\":\"Greet\",\"waitFor\":[$(seq -s, 101)]}"
for wrong in '"x"' '""' '"done:1"' '-1' '1.5' 'true' '"end: 1"' '99999999999999999999'; do
	refused "waitFor $wrong" 'waitFor|not JSON' "{\"applicationName\":\"Greet\",\"waitFor\":[$wrong]}"
done
refused "an object" 'waitFor' '{"applicationName":"Greet","waitFor":{"id":1}}'
refused "a schedule that waits" 'recurrence and waitFor exclude each other' "{\"applicationName\":\"Greet\",\"recurrence\":\"0 4 * * *\",\"waitFor\":[$b]}"
refused "null in the list" 'waitFor\[0\]' '{"applicationName":"Greet","waitFor":[null]}'
refused "no attempt" 'maxAttempts.*0 is outside 1 to 100' '{"applicationName":"Greet","maxAttempts":0}'
refused "too many attempts" 'maxAttempts.*101' '{"applicationName":"Greet","maxAttempts":101}'
refused "attempts that are no number" 'maxAttempts.*three' '{"applicationName":"Greet","maxAttempts":"three"}'
refused "a key over its size" 'concurrencyKey.*101 characters' "{\"applicationName\":\"Greet\",\"concurrencyKey\":\"$(head -c 101 /dev/zero | tr '\0' k)\"}"
for wrong in x 0 -1 1.5 100001 ''; do
	refused "units \"$wrong\"" 'com.enioka.jqm.rm.quantity.consumption' "{\"applicationName\":\"Greet\",\"parameters\":[{\"key\":\"com.enioka.jqm.rm.quantity.consumption\",\"value\":\"$wrong\"}]}"
done
form() { api POST /ws/simple/ji -d "applicationname=Greet&$1"; }
for wrong in waitfor=x waitfor=999999 'waitfor=1&waitfor=1' maxattempts=0 maxattempts=x maxattempts=101 "concurrencykey=$(head -c 101 /dev/zero | tr '\0' k)"; do
	body=$(form "$wrong")
	is "form, $wrong: status" "$(api_status)" 400
	like "form, $wrong: names the field" "$body" 'waitFor|maxattempts|maxAttempts|concurrencyKey'
done
is "nothing was enqueued by any of these" "$(count)" "$before"

# The other doors.
a=$(gate)
b=$(gate)
is "the form" "$(c=$(form "waitfor=$a&waitfor=end:$b&waitfor=&maxattempts=4&concurrencykey=db") && job "$c" '[.state, .waitFor, .maxAttempts, .concurrencyKey]')" \
	"[\"SCHEDULED\",[\"success:$a\",\"end:$b\"],4,\"db\"]"
like "XML" "$(api POST /ws/client/ji -H 'Content-Type: application/xml' -d "<jobRequest><applicationName>Greet</applicationName><waitFor><job>$a</job><job>failure:$b</job></waitFor></jobRequest>")" \
	"<state>SCHEDULED</state>.*<waitFor><job>success:$a</job><job>failure:$b</job></waitFor>"
c=$("$JQM" enqueue Greet --wait-for "$a" --wait-for "failure:$b" --max-attempts 3 --concurrency-key K)
is "jqm enqueue" "$(job "$c" '[.waitFor, .maxAttempts, .concurrencyKey]')" "[[\"success:$a\",\"failure:$b\"],3,\"K\"]"
like "jqm job shows it" "$("$JQM" job "$c" | tr '\n' '|')" "attempts    3\|.*waits for   success:$a\|waits for   failure:$b\|limited by  K\|"
nok "jqm enqueue refuses what is no job" "$JQM" enqueue Greet --wait-for last
nok "and no attempt at all" "$JQM" enqueue Greet --max-attempts 0
open_gate "$a"
open_gate "$b"
ok "all of them come to an end" wait_job "$c"
like "jqm job says why it did not run" "$("$JQM" job "$c" | tr '\n' '|')" \
	"\|reason      not run: it waited for the failure of job instance $b, which is ENDED\|.*\|waited for  success:$a\|"

# Parents and children, both ways.
define Family 'curl -sS -u "$JQM_API_LOGIN:$JQM_API_PASSWORD" -d applicationname=Greet "$JQM_API_LOCAL_URL/ws/simple/ji" >&2 &&
	first=$(curl -sS -u "$JQM_API_LOGIN:$JQM_API_PASSWORD" -d applicationname=Greet "$JQM_API_LOCAL_URL/ws/simple/ji") &&
	curl -sS -u "$JQM_API_LOGIN:$JQM_API_PASSWORD" -d "applicationname=Greet&waitfor=$first&waitfor=end:$JQM_JI_ID" "$JQM_API_LOCAL_URL/ws/simple/ji"'
parent=$(enqueue Family)
ok "a parent enqueues three, the last of which waits for its sister and for itself" wait_job "$parent"
is "well" "$(job_state "$parent")" ENDED
youngest=$(api GET "/ws/client/ji/$parent/stdout")
ok "that one runs too" wait_job "$youngest"
is "each names its parent" "$(job "$youngest" .parent)" "$parent"
children=$(json GET "/ws/client/ji?parent=$parent" | jq -c 'map(.id)')
is "the parent's children, by id" "$(printf '%s' "$children" | jq -c '[length, . == sort, .[2]]')" "[3,true,$youngest]"
is "page by page" "$(json GET "/ws/client/ji?parent=$parent&after=$(printf '%s' "$children" | jq '.[1]')" | jq -c 'map(.id)')" "[$youngest]"
is "the newest first" "$(json GET "/ws/client/ji?parent=$parent&newest=2" | jq -c 'map(.id)')" "$(printf '%s' "$children" | jq -c '[.[2], .[1]]')"
is "a job without children" "$(json GET "/ws/client/ji?parent=$youngest")" '[]'
like "jqm job shows their numbers" "$("$JQM" job "$parent")" "children    $(printf '%s' "$children" | tr -d '[]' | tr ',' ' ')"
is "jqm jobs --parent" "$("$JQM" jobs --parent "$parent" --json | jq length)" 3
for wrong in parent=x parent=0 parent=-1 'parent=1&after=x' after=3 before=3 'parent=1&newest=2&after=3' 'parent=1&newest=1001'; do
	is "a list of ?$wrong is refused" "$(code GET "/ws/client/ji?$wrong")" 400
done

# Who waits for a job, live and past.
waiting_for() { json GET "/ws/client/ji?waitsFor=$1" | jq -c 'map(.id)'; }
a=$(gate)
b=$(waiting "$a" | jq .id)
c=$(waiting "\"end:$a\"" | jq .id)
last=$(waiting "\"failure:$a\",\"success:$b\"" | jq .id)
is "those that wait for a job, by id" "$(waiting_for "$a")" "[$b,$c,$last]"
is "page by page" "$(json GET "/ws/client/ji?waitsFor=$a&oldest=2" | jq -c 'map(.id)')$(json GET "/ws/client/ji?waitsFor=$a&oldest=2&after=$c" | jq -c 'map(.id)')" "[$b,$c][$last]"
is "each tells on what condition" "$(json GET "/ws/client/ji?waitsFor=$b" | jq -c 'map(.waitFor)')" "[[\"failure:$a\",\"success:$b\"]]"
is "one nobody waits for" "$(waiting_for "$last")" '[]'
open_gate "$a"
ok "it ends" wait_job "$c"
ok "and so do all" wait_job "$last"
is "they stay on record" "$(waiting_for "$a")" "[$b,$c,$last]"
for wrong in waitsFor=x waitsFor=0 'waitsFor=1&parent=1' 'waitsFor=1&newest=2' 'waitsFor=1&oldest=0' 'waitsFor=1&oldest=1001' oldest=3 'waitsFor=1&after=x'; do
	is "a list of ?$wrong is refused" "$(code GET "/ws/client/ji?$wrong")" 400
done

define Asks 'curl -sS -o /dev/null -w "%{http_code}" -u "$JQM_API_LOGIN:$JQM_API_PASSWORD" "$JQM_API_LOCAL_URL/ws/client/ji?waitsFor=$JQM_JI_ID"'
asks=$(enqueue Asks)
ok "a job asks who waits for it" wait_job "$asks"
is "which is not for it to know" "$(api GET "/ws/client/ji/$asks/stdout")" 403

# A restart is linked.
a=$(enqueue Fails)
ok "a job that fails" wait_job "$a"
is "is restarted as one that says of which" "$(json DELETE "/ws/client/ji/crashed/$a" | jq .restartOf)" "$a"
done_testing
