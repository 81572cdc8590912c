#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a newcomer sees: "jqm up --demo" runs a sample for real and shows its output and a file of it.
. "$(dirname "$0")/../lib/stack.sh"
# The demonstration uses the home's own address and account, not what its caller's environment says.
export JQM_URL=http://127.0.0.1:9 JQM_USER=nobody
FROM_NOTHING=1 stack_up --demo
output=$(cat "$WORK/up.log")

for definition in AccessReport DatabaseDump FailsWithThree LongCounter ShowParameters; do
	like "$definition is imported" "$output" "created definition $definition"
	is "$definition is in the database" "$(sql "SELECT count(*) FROM jqm.job_def WHERE name = '$definition'")" 1
done
like "the job's output is shown" "$output" '[0-9]+ paths, [0-9]+ lines not understood'
is "the job has really ended well" \
    "$(sql "SELECT state || ' ' || exit_code FROM jqm.past_job WHERE definition_name = 'AccessReport'" 2>&1)" "ENDED 0"
link=$(printf '%s\n' "$output" | sed -n 's|^  Log in  *http://127.0.0.1:[0-9]*/#/login/\([A-Za-z0-9]\{22\}\)$|\1|p')
enter() { curl -sS -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"link\":\"$link\"}" "$URL/ws/session"; }
is "a link that logs in once is printed at the end" "$(enter) $(enter)" "204 401"
file=$(printf '%s\n' "$output" | grep -o "$URL/ws/simple/file?id=[0-9a-f-]*")
like "the address of a file is shown" "$file" '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-'
like "the file is there for root" "$(curl -s -u "$AUTH" "$file")" '^path,requests,refused,failed,bytes'
is "and for nobody else" "$(curl -s -o /dev/null -w '%{http_code}' "$file")" 401
like "the server's address comes last" "$(printf '%s\n' "$output" | tail -n 7)" "Address +$URL/"
like "with the file of root's password" "$(printf '%s\n' "$output" | tail -n 7)" "Password .*$HOME_DIR/root-password"

echo mine >"$HOME_DIR/jobs/samples/mine.sh"
ok "down" "$JQM" down --home "$HOME_DIR"
output=$("$JQM" up --detach --demo --json --home "$HOME_DIR" 2>/dev/null)
is "once more, for a program: one JSON object and nothing else" \
    "$(printf '%s\n' "$output" | jq -r .url)" "$URL/"
is "the definitions are updated, not doubled" "$(sql "SELECT count(*) FROM jqm.job_def")" 5
is "a file of the user's is left alone" "$(cat "$HOME_DIR/jobs/samples/mine.sh")" mine
done_testing
