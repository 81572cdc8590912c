#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Traces: header traceparent of an enqueue, in the job's environment, of its children, in history and on the wire.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
trace=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
# shellcheck disable=SC2016
define Tell 'echo "$TRACEPARENT|$JQM_TRACE_ID"'
# shellcheck disable=SC2016
define Parent 'curl -sS -u "$JQM_API_LOGIN:$JQM_API_PASSWORD" "$JQM_API_LOCAL_URL/ws/simple/ji" -d applicationname=Tell
	curl -sS -u "$JQM_API_LOGIN:$JQM_API_PASSWORD" -H "Content-Type: application/json" "$JQM_API_LOCAL_URL/ws/client/ji/bulk/requests" -d "[{\"applicationName\":\"Tell\"},{\"applicationName\":\"Tell\",\"traceId\":\"own\"}]" >/dev/null'
submit() { json POST /ws/client/ji -H 'Content-Type: application/json' -d "$@"; }
said() { wait_job "$1"; api GET "/ws/client/ji/$1/stdout"; }
trace_id() { json GET "/ws/client/ji/$1" | jq -r .traceId; }

told=$(submit '{"applicationName":"Tell"}' -H "traceparent: $trace")
is "the answer to an enqueue has it as JQM's traceId" "$(jq -r .traceId <<<"$told")" "$trace"
id=$(jq .id <<<"$told")
is "the job has it under both names" "$(said "$id")" "$trace|$trace"
is "history keeps it" "$(trace_id "$id") $(job_state "$id")" "$trace ENDED"
is "the simple API takes it, too" "$(said "$(api POST /ws/simple/ji -H "Traceparent: $trace" -d applicationname=Tell)")" "$trace|$trace"
is "and XML" "$(api POST /ws/client/ji -H "traceparent: $trace" -H 'Content-Type: application/xml' -d '<jobRequest><applicationName>Tell</applicationName></jobRequest>' | grep -o '<traceId>.*</traceId>')" "<traceId>$trace</traceId>"
ids=$(json POST /ws/client/ji/bulk/requests -H "traceparent: $trace" -H 'Content-Type: application/json' -d '[{"applicationName":"Tell"},{"applicationName":"Tell","traceId":"own"}]')
is "and a list; what names its own has its own" "$(trace_id "$(jq '.[0]' <<<"$ids")") $(trace_id "$(jq '.[1]' <<<"$ids")")" "$trace own"
is "so has a single one, which is no traceparent" "$(said "$(submit '{"applicationName":"Tell","traceId":"a1-77"}' -H "traceparent: $trace" | jq .id)")" "|a1-77"
is "a traceId that is one is" "$(said "$(submit "{\"applicationName\":\"Tell\",\"traceId\":\"$trace\"}" | jq .id)")" "$trace|$trace"
is "a later version is taken for what is known of it" "$(submit '{"applicationName":"Tell"}' -H "traceparent: cc-${trace#00-}-more" | jq -r .traceId)" "$trace"
for bad in nonsense "00-00000000000000000000000000000000-b7ad6b7169203331-01" "${trace^^}" "$trace, $trace" "$trace-x" "$(head -c 3000 /dev/zero | tr '\0' a)"; do
	id=$(submit '{"applicationName":"Tell"}' -H "traceparent: $bad" | jq .id)
	is "a bad one is as none: ${bad:0:60}" "$(api_status) $(trace_id "$id")" "200 null"
done
is "then the job has none" "$(said "$id")" "|"

parent=$(submit '{"applicationName":"Parent"}' -H "traceparent: $trace" | jq .id)
wait_job "$parent"
children() { sql "SELECT string_agg(coalesce(trace_id, '-'), ' ' ORDER BY id) FROM (SELECT id, parent_id, trace_id FROM jqm.live_job UNION ALL SELECT id, parent_id, trace_id FROM jqm.past_job) AS j WHERE parent_id = $1"; }
is "children inherit it, unless they name their own" "$(children "$parent")" "$trace $trace own"
submit "{\"applicationName\":\"Tell\",\"parentJobId\":$parent}" >/dev/null
is "also of a parent that is over" "$(children "$parent")" "$trace $trace own $trace"
plain=$(submit '{"applicationName":"Parent"}' | jq .id)
wait_job "$plain"
is "of one without a trace they have none" "$(children "$plain")" "- - own"
done_testing
