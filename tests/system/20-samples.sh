#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The samples are real work: imported by jqm, run on the stack's own files, checked by content.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --demo
up=$(cat "$WORK/up.log")
like "the demo says where the server is" "$up" "$URL"
like "and where the password is" "$up" "root-password"
like "and the address of a delivered file" "$up" "$URL/ws/(simple/file\?id=|client/ji/files/)"
is "the password file is closed to others" "$(stat -Lc %a "$HOME_DIR/root-password")" 600
is "five definitions" "$(sql 'SELECT count(*) FROM jqm.job_def')" 5

for i in 1 2 3; do curl -s "$URL/robots.txt?<script>$i" >/dev/null; done
id=$("$JQM" enqueue AccessReport --json | jq .id)
ok "the access report ends" wait_job "$id"
is "well" "$(job_state "$id")" ENDED
names=$("$JQM" files "$id" --json | jq -r '.[].originalName' | sort | tr '\n' ' ')
like "it delivers a CSV and a page" "$names" '\.csv .*\.html'
row=$("$JQM" files "$id" --json | jq -r '.[] | select(.originalName | endswith(".csv")) | .id')
csv=$(api GET "/ws/client/ji/files/$row")
like "the CSV counts the calls just made" "$csv" 'robots'
row=$("$JQM" files "$id" --json | jq -r '.[] | select(.originalName | endswith(".html")) | .id')
unlike "the page does not run what visitors sent" "$(api GET "/ws/client/ji/files/$row")" '<script>[0-9]'

id=$("$JQM" enqueue DatabaseDump --json | jq .id)
ok "the dump ends" wait_job "$id" 60
is "well" "$(job_state "$id")" ENDED
row=$("$JQM" files "$id" --json | jq -r '.[0].id')
api GET "/ws/client/ji/files/$row" >"$WORK/dump.gz"
ok "it is whole" gzip -t "$WORK/dump.gz"
dump=$(gzip -dc "$WORK/dump.gz")
like "it holds the work" "$dump" 'job_def'
unlike "and no password" "$dump" '[$]scrypt[$]'

"$JQM" enqueue FailsWithThree --wait >/dev/null 2>&1
is "--wait ends with the job's exit code" $? 3
id=$(sql "SELECT max(id) FROM jqm.past_job WHERE definition_name = 'FailsWithThree'")
is "history has it" "$(sql "SELECT state || ' ' || exit_code || ' ' || reason FROM jqm.past_job WHERE id = $id")" "CRASHED 3 exit code 3"
like "its words are on stderr" "$(api GET "/ws/simple/stderr?id=$id")" '[a-z]+ [a-z]+'

out=$("$JQM" enqueue ShowParameters -p 'month=03' -p "evil=\$(id); 'x' \"y\"" --wait --follow)
like "parameters come through the environment" "$out" 'JQM_PARAM_month=03'
like "and as arguments, untouched by any shell" "$out" "\\\$\(id\); 'x' \"y\""
unlike "nothing was executed" "$out" 'uid='

id=$("$JQM" enqueue LongCounter -p count=600 --json | jq .id)
ok "the long one prints while it runs" wait_for 15 sh -c "'$JQM' log $id | grep -c . | grep -q '[2-9]'"
is "and runs" "$(job_state "$id")" RUNNING
ok "until it is killed" "$JQM" kill "$id"
ok "soon" wait_job "$id" 15
is "history says killed" "$(job_state "$id")" KILLED
done_testing
