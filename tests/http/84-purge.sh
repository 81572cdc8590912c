#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Old history goes by HTTP and command line: counted, refused, done; what asks for a purged job is told so.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

define Leave 'echo out; printf hello > "$JQM_JI_DELIVERY_DIR/f"; exit $((JQM_JI_ID % 2))'
define Waits 'true'
a=$(enqueue Leave) b=$(enqueue Leave)
ok "two jobs end" wait_job "$b"
ok "both" wait_job "$a"
crashed=$(sql "SELECT id FROM jqm.history WHERE state = 'CRASHED'")
guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $crashed")
child=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\": \"Waits\", \"user\": \"bob\", \"parentJobId\": $crashed}" | jq .id)
ok "a child" wait_job "$child"
is "the file is there" "$(code GET "/ws/simple/file?id=$guid")" 200

for bad in "" "?olderThan=" "?olderThan=90" "?olderThan=0d" "?olderThan=-1d" "?olderThan=d" "?olderThan=9999999d" "?olderThan=90d&dryRun=perhaps"; do
	is "refused: $bad" "$(code DELETE "/ws/admin/history$bad")" 400
done
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'config', password_hash FROM jqm.account WHERE login = 'root';
	INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account AS a, jqm.role AS r WHERE a.login = 'config' AND r.name = 'config admin'" >/dev/null
is "an account without the permission" "$(curl -sS -m 30 -u "config:$(cat "$HOME_DIR/root-password")" -X DELETE -o /dev/null -w '%{http_code}' "$URL/ws/admin/history?olderThan=1s&dryRun=true")" 403
is "nothing is old" "$(json DELETE '/ws/admin/history?olderThan=90d')" '{"jobs":0,"dryRun":false}'
carried_out() { [ "$(sql "SELECT count(*) FROM jqm.purge_order")" = 0 ]; }
ok "that is carried out" wait_for 20 carried_out
sql "UPDATE jqm.history SET ended_at = now() - interval '91 days' WHERE id IN ($a, $b)" >/dev/null
is "counted" "$(json DELETE '/ws/admin/history?olderThan=90d&dryRun=true')" '{"jobs":2,"dryRun":true}'
is "counted on the command line" "$("$JQM" purge --older-than 90d --dry-run)" "2 jobs would be purged"
is "with JSON" "$("$JQM" purge --older-than 90d -n --json | jq -c .)" '{"jobs":2,"dryRun":true}'
is "and still there" "$(code GET "/ws/client/ji/$crashed")" 200
status_of() { "$@" >"$WORK/out" 2>"$WORK/err" </dev/null; echo $?; }
is "no age: usage" "$(status_of "$JQM" purge)" 2
is "no unit: usage" "$(status_of "$JQM" purge --older-than 90)" 2
like "says what is wanted" "$(cat "$WORK/err")" 'such as 90d'

is "purged" "$("$JQM" purge --older-than 90d)" "2 jobs are being purged"
gone() { [ "$(sql "SELECT count(*) FROM jqm.history WHERE id IN ($a, $b)") $(sql "SELECT count(*) FROM jqm.purged_job")" = "0 0" ]; }
ok "they go" wait_for 20 gone
is "no file of theirs is left" "$(find "$HOME_DIR" -path '*store*' -type f -name '*-*-*' 2>/dev/null | wc -l)" 0
is "no log either" "$(find "$HOME_DIR" -name "*$(printf %010d "$crashed").*.log" | wc -l)" 0
is "the job" "$(code GET "/ws/client/ji/$crashed")" 404
is "its file by GUID" "$(code GET "/ws/simple/file?id=$guid")" 404
is "its output" "$(code GET "/ws/client/ji/$crashed/stdout")" 404
is "its status" "$(code GET "/ws/simple/status?id=$crashed")" 404
is "restart" "$(code DELETE "/ws/client/ji/crashed/$crashed")" 404
is "enqueue again" "$(code POST "/ws/client/ji/$crashed")" 404
is "kill" "$(code POST "/ws/client/ji/killed/$crashed")" 404
is "a message about it" "$(code POST "/ws/client/ji/$crashed/messages" --data-urlencode text=x)" 404
is "its child still names it" "$(json GET "/ws/client/ji/$child" | jq .parent)" "$crashed"
is "its children are found" "$(json GET "/ws/client/ji?parent=$crashed" | jq length)" 1
like "nobody can wait for it" "$("$JQM" enqueue Waits --wait-for "$crashed" 2>&1)" "$crashed"
is "with a clear refusal" "$(status_of "$JQM" enqueue Waits --wait-for "$crashed")" 1
done_testing
