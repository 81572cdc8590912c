#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Secret parameters: a job gets them, and nothing and nobody else does.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
jqm() { "$JQM" "$@"; }
fails() { # DESCRIPTION CODE PATTERN COMMAND...
	local said
	said=$("${@:4}" 2>&1)
	is "$1: exit code" $? "$2"
	like "$1: says why" "$said" "$3"
}
parameters() { json GET "/ws/admin/jd/$1" | jq -c .parameters; }
put() { # ID JQ: the definition as read, changed
	send_code PUT "/ws/admin/jd/$1" "$(json GET "/ws/admin/jd/$1" | jq -c "$2")"
}
submit() { json POST /ws/client/ji -H 'Content-Type: application/json' --data-binary "$1" | jq .id; }
output() { api GET "/ws/simple/stdout?id=$1"; }
KEYS=$HOME_DIR/conf/secrets.key
is "jqm up makes a key file that is its owner's only" "$(stat -c %a "$KEYS")" 600

# The values that must be found nowhere.
ONE=Zq7vTq1xW-of-the-definition TWO=Zq7vTq2xW-of-a-request THREE=Zq7vTq3xW-of-a-schedule
# What a job does with them: tells length and digest, so that the log of the job proves it had them.
define Digest 'printf %s "$JQM_PARAM_pw" | sha256sum | cut -c1-16; echo "args=$*"; env | grep -c ^JQM_ARG; tr "\0" " " </proc/$$/cmdline'
digest() { printf %s "$1" | sha256sum | cut -c1-16; }

is "a definition gets a secret parameter" "$(put 1 ".parameters = [{key: \"pw\", value: \"$ONE\", secret: true}, {key: \"plain\", value: \"seen\"}]")" 204
is "which shows as a mask" "$(parameters 1)" '[{"key":"plain","value":"seen"},{"key":"pw","value":"********","secret":true}]'
like "in the database it is sealed" "$(sql "SELECT parameters FROM jqm.job_def")" '"pw": \{"secret": "1:[0-9a-f]{16}:'
job=$(enqueue Digest)
wait_job "$job"
is "its job runs" "$(job_state "$job")" ENDED
like "the job has the value" "$(output "$job")" "^$(digest "$ONE")"
like "as no argument, and the plain one is one" "$(output "$job")" '^args=seen$'
is "the console's way: read, change something, send back" "$(put 1 '.description = "changed"')" 204
job=$(enqueue Digest)
wait_job "$job"
like "keeps the value" "$(output "$job")" "^$(digest "$ONE")"

job=$(submit "{\"applicationName\": \"Digest\", \"parameters\": [{\"key\": \"pw\", \"value\": \"$TWO\", \"secret\": true}]}")
wait_job "$job"
like "a request brings its own" "$(output "$job")" "^$(digest "$TWO")"
is "shown as a mask in its job" "$(json GET "/ws/client/ji/$job" | jq -c '.parameters | map(select(.key == "pw"))')" '[{"key":"pw","value":"********","secret":true}]'
(umask 077 && echo "$TWO" >"$WORK/two")
like "on the command line too, from a file" "$(jqm enqueue Digest --secret pw="$WORK/two" --follow 2>/dev/null)" "^$(digest "$TWO")"
chmod 644 "$WORK/two"
fails "a file others can read is refused" 2 'can be read by others' jqm enqueue Digest --secret pw="$WORK/two"
job=$(api POST /ws/simple/ji -d applicationname=Digest -d parameterNames=pw --data-urlencode parameterValues="$TWO" -d secretParameters=pw)
wait_job "$job"
like "and in a form" "$(output "$job")" "^$(digest "$TWO")"
api POST /ws/client/ji -H 'Content-Type: application/xml' --data-binary "<jobRequest><applicationName>Digest</applicationName><parameters><entry><key>pw</key><value>$TWO</value><secret>true</secret></entry></parameters></jobRequest>" -H 'Accept: application/xml' >"$WORK/answer.xml"
unlike "an answer in XML has the mask" "$(cat "$WORK/answer.xml")" "$TWO"
refused "a text in its place is refused: everybody could read it" 400 'parameter "pw" is secret: say that its value is' POST /ws/client/ji '{"applicationName": "Digest", "parameters": [{"key": "pw", "value": "x"}]}'
refused "in a definition too" 400 'parameter "pw" is secret' PUT /ws/admin/jd/1 "$(json GET /ws/admin/jd/1 | jq -c '.parameters = [{key: "pw", value: "x"}]')"
is "many at once" "$(send POST /ws/client/ji/bulk/requests "[{\"applicationName\": \"Digest\"}, {\"applicationName\": \"Digest\", \"parameters\": [{\"key\": \"pw\", \"value\": \"$TWO\", \"secret\": true}]}]" | jq length)" 2

schedule=$(submit "{\"applicationName\": \"Digest\", \"recurrence\": \"0 4 1 1 *\", \"parameters\": [{\"key\": \"pw\", \"value\": \"$THREE\", \"secret\": true}]}")
is "a schedule has one" "$(json GET "/ws/admin/schedule/$schedule" | jq -c .parameters)" '[{"key":"pw","value":"********","secret":true}]'
is "and keeps it when it is changed" "$(send_code PUT "/ws/admin/schedule/$schedule" "$(json GET "/ws/admin/schedule/$schedule" | jq -c '.cronExpression = "0 5 1 1 *"')")" 204
job=$(sql "SELECT jqm.enqueue(NULL, schedule_id => $schedule)")
wait_job "$job"
like "its jobs have it" "$(output "$job")" "^$(digest "$THREE")"
refused "the definition keeps its name: they are sealed for it" 409 'cannot get another name' PUT /ws/admin/jd/1 "$(json GET /ws/admin/jd/1 | jq -c '.applicationName = "Other"')"

# Logs: what a job prints of its secrets, also over the edges of what is asked for.
define Prints 'printf "%s\n" "before $JQM_PARAM_pw after" "$JQM_PARAM_pw$JQM_PARAM_pw" "$JQM_PARAM_plain" end; echo "error $JQM_PARAM_pw" >&2; :'
FOUR=Zq7vTq4xW-for-the-log stars='*********************'
prints=$(submit "{\"applicationName\": \"Prints\", \"parameters\": [{\"key\": \"pw\", \"value\": \"$FOUR\", \"secret\": true}, {\"key\": \"plain\", \"value\": \"shown\"}]}")
wait_job "$prints"
shown=$(printf '%s\n' "before $stars after" "$stars$stars" shown end)
is "a log is shown with asterisks in place of the values" "$(output "$prints")" "$shown"
is "its standard error too" "$(api GET "/ws/client/ji/$prints/stderr")" "error $stars"
is "no matter where a range begins" "$(api GET "/ws/client/ji/$prints/stdout?offsets=written" -H 'Range: bytes=12-')" "${shown:12}"
is "or ends" "$(api GET "/ws/client/ji/$prints/stdout?offsets=written" -H 'Range: bytes=3-40')" "${shown:3:38}"
is "nor when a range of nginx is asked for" "$(api GET "/ws/client/ji/$prints/stdout" -H 'Range: bytes=12-')" "$shown"
is "its length is told" "$(curl -sS -m 30 -u "$AUTH" -I "$URL/ws/client/ji/$prints/stdout" | tr -d '\r' | sed -n 's/^Content-Length: //pI')" "$((${#shown} + 1))"
is "jqm log shows the same" "$(jqm log "$prints")" "$shown"
define Again 'echo "try $JQM_PARAM_pw"; exit 3'
sql "UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 0, can_be_restarted = true WHERE name = 'Again'" >/dev/null
again=$(submit "{\"applicationName\": \"Again\", \"parameters\": [{\"key\": \"pw\", \"value\": \"$FOUR\", \"secret\": true}]}")
wait_job "$again"
is "that of an earlier attempt is shown so, too" "$(api GET "/ws/client/ji/$again/stdout?attempt=1"; api GET "/ws/simple/stdout?id=$again&attempt=1")" "try $stars"$'\n'"try $stars"
restarted=$(json DELETE "/ws/client/ji/crashed/$again" | jq .id)
wait_job "$restarted"
is "and that of a restart" "$(output "$restarted")" "try $stars"
like "which had the value" "$(cat "$HOME_DIR"/joblogs/*/*"$restarted".stdout.log)" "try $FOUR"
rm -f "$HOME_DIR"/joblogs/*/*{"$again","$restarted"}.*std*.log
like "the file is what the job wrote" "$(cat "$HOME_DIR"/joblogs/*/*"$prints".stdout.log)" "$FOUR"
sql "UPDATE jqm.history SET parameters = parameters || '{\"pw\": {\"secret\": \"1:0123456789abcdef:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}' WHERE id = $prints" >/dev/null
like "a log that may hold what is not known is not shown" "$(api GET "/ws/client/ji/$prints/stdout")" 'may hold secret parameter \\"pw\\", which is not known here, and is not shown'
sql "DELETE FROM jqm.history WHERE id = $prints" >/dev/null
rm -f "$HOME_DIR"/joblogs/*/*"$prints".std*.log

# Files.
jqm export >"$WORK/export.xml"
like "an export says that it is secret" "$(tr -d ' \n' <"$WORK/export.xml")" '<key>pw</key><secret>true</secret></parameter>'
is "import of it keeps what was there" "$(jqm import --json "$WORK/export.xml" | jq -c '.[0].report.objects | map(.result) | unique')" '["unchanged"]'
sed "s#<secret>true</secret>#<value>$TWO</value>&#" "$WORK/export.xml" >"$WORK/valued.xml"
unlike "a report of an import does not tell it" "$(jqm import --json "$WORK/valued.xml")" "$TWO|1:[0-9a-f]{16}:"
job=$(enqueue Digest)
wait_job "$job"
like "a file may bring a value" "$(output "$job")" "^$(digest "$TWO")"
sed -i 's#Digest</name>#Fresh</name>#' "$WORK/export.xml"
ok "where there is none" jqm import "$WORK/export.xml"
refused "a request must bring one" 400 'parameter "pw" is secret and has no value: give one' POST /ws/client/ji '{"applicationName": "Fresh"}'
(umask 077 && echo "$ONE" >"$WORK/one")
ok "or the definition gets one" jqm definition secret Fresh pw "$WORK/one"
job=$(enqueue Fresh)
wait_job "$job"
like "then its jobs have it" "$(output "$job")" "^$(digest "$ONE")"

# Somebody who writes the database.
sql "UPDATE jqm.job_def SET parameters = (SELECT parameters FROM jqm.job_def WHERE name = 'Digest') WHERE name = 'Fresh'" >/dev/null
job=$(enqueue Fresh)
wait_job "$job"
is "what was sealed for one definition is of no use to another" "$(job_state "$job")" CRASHED
like "it is said why" "$(job_reason "$job")" '^secret parameter "pw": it was sealed for another place, or somebody changed it$'
refused "no caller can send a sealed value" 400 'parameters' POST /ws/client/ji '{"applicationName": "Digest", "parameters": {"pw": {"secret": "1:0123456789abcdef:AAAA"}}}'

# Keys change.
waiting=$(submit "{\"applicationName\": \"Digest\", \"startState\": \"HOLDED\", \"parameters\": [{\"key\": \"pw\", \"value\": \"$TWO\", \"secret\": true}]}")
ok "a next key" jqm secrets next "$KEYS"
ok "seals from now on" jqm secrets switch "$KEYS"
like "what others sealed is counted" "$(jqm secrets status "$KEYS" --home "$HOME_DIR")" '^by others +[1-9]'
fails "the old key stays while it is needed" 1 'values are sealed with other keys: jqm secrets rotate .the first one: [a-z_]+ [0-9]+, parameter "pw", key [0-9a-f]{16}' jqm secrets retire "$KEYS" --home "$HOME_DIR"
fails "rotate seals all anew that can be opened" 4 '^[1-9][0-9]* sealed anew' jqm secrets rotate "$KEYS" --home "$HOME_DIR"
is "what cannot is taken away" "$(sql "WITH d AS (UPDATE jqm.job_def SET parameters = '{}' WHERE name = 'Fresh' RETURNING 1), h AS (DELETE FROM jqm.history WHERE id = $job RETURNING 1) SELECT (SELECT count(*) FROM d), (SELECT count(*) FROM h)")" "1|1"
is "and once those are gone" "$(jqm secrets rotate "$KEYS" --home "$HOME_DIR" 2>&1; echo $?)" "0 sealed anew"$'\n'0
like "nothing is by others" "$(jqm secrets status "$KEYS" --home "$HOME_DIR")" '^by others +0$'
is "the old key goes" "$(jqm secrets retire "$KEYS" --home "$HOME_DIR" 2>&1; echo $?)" 0
is "a job that has waited all that time goes on" "$(code DELETE "/ws/client/ji/paused/$waiting")" 204
wait_job "$waiting"
like "and has its value" "$(output "$waiting")" "^$(digest "$TWO")"
job=$(enqueue Digest)
wait_job "$job"
like "and jobs have their values" "$(output "$job")" "^$(digest "$TWO")"

# Without keys.
mv "$KEYS" "$WORK/kept.key"
job=$(enqueue Digest)
wait_job "$job"
is "without its key a job does not run" "$(job_state "$job")" CRASHED
like "it is said which is missing" "$(job_reason "$job")" '^secret parameter "pw": could not open key file'
ok "nothing of it ran" test ! -s "$(echo "$HOME_DIR"/joblogs/*/*"$job".stdout.log)"
is "nor is anything sealed" "$(send_code POST /ws/client/ji '{"applicationName": "Digest", "parameters": [{"key": "pw", "value": "x", "secret": true}]}')" 503
like "the log says why" "$(cat "$HOME_DIR/log/jqm-fcgi.log")" 'error jqm-fcgi secret_keys_unreadable .*could not open key file'
(umask 077 && jqm secrets keygen "$KEYS")
job=$(enqueue Digest)
wait_job "$job"
like "with a wrong one neither" "$(job_reason "$job")" '^secret parameter "pw": it is sealed with key [0-9a-f]{16}, which is not there$'
cp "$WORK/kept.key" "$KEYS" && chmod 644 "$KEYS"
job=$(enqueue Digest)
wait_job "$job"
like "nor with one that others can read" "$(job_reason "$job")" 'can be read by others: chmod 600 it$'
chmod 600 "$KEYS"

# Everything there is.
rm -f "$WORK"/one "$WORK"/two "$WORK/valued.xml"
"$JQM" psql --home "$HOME_DIR" -XAtqc "SELECT json_agg(j) FROM jqm.job_instance j; SELECT json_agg(h) FROM jqm.history h; SELECT json_agg(d) FROM jqm.job_def d; SELECT json_agg(s) FROM jqm.schedule s; SELECT json_agg(m) FROM jqm.message m; SELECT json_agg(a) FROM jqm.audit a; SELECT json_agg(e) FROM jqm.event e; SELECT json_agg(k) FROM jqm.request_key k" >"$WORK/rows"
unlike "no row has a value" "$(cat "$WORK/rows")" 'Zq7vTq'
is "no file of the home has one" "$(grep -rl Zq7vTq "$HOME_DIR" | head -5)" ""
answers=$(for path in ji jd schedule; do json GET "/ws/client/$path"; done; json GET /ws/admin/jd; json GET /ws/admin/schedule; api GET /ws/admin/jd/all/xml)
unlike "no answer has one" "$answers" 'Zq7vTq|1:[0-9a-f]{16}:'
done_testing
