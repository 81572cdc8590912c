#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every path there is, with something behind it, in it, or under a verb that it has not: nothing of that is the path
# itself.  paths.py asks; here is made what the paths name.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Plain true
held=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Plain","startState":"HOLDED"}' | jq .id)
code POST "/ws/client/ji/$held/files/given" -H 'Content-Type: application/octet-stream' -d x >/dev/null
send POST /ws/admin/webhook '{"name":"nowhere","url":"http://127.0.0.1:1/"}' >/dev/null
things() { sql "SELECT (SELECT string_agg(id || state, ' ' ORDER BY id) FROM jqm.job_instance), (SELECT count(*) FROM jqm.account), (SELECT count(*) FROM jqm.role), (SELECT count(*) FROM jqm.job_def), (SELECT count(*) FROM jqm.queue), (SELECT count(*) FROM jqm.webhook), (SELECT count(*) FROM jqm.global_parameter)"; }
before=$(things)
[ -e "$WORK/openapi.json" ] || api GET /ws/openapi.json >"$WORK/openapi.json"
jq -nc --argjson port "$PORT" --arg password "${AUTH#*:}" --arg job "$held" '{port: $port, password: $password, job: $job}' >"$WORK/facts"
python3 "$(dirname "$0")/paths.py" "$WORK/openapi.json" "$WORK/facts" >"$WORK/tap"
results_of "$WORK/tap"
is "it came to its end" "$(grep -c '^\(not \)\?ok ' "$WORK/tap")" 4
is "what there was is there, and nothing else" "$(things)" "$before"
done_testing
