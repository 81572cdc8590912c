#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Dates in JSON: numbers, or with fcgi:json_dates = text what third-party readers of JQM 2.2 know.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Greet true
id=$(enqueue Greet)
ok "a job ends" wait_job "$id"
dates() { json GET "/ws/client/ji/$id" | jq -c '[.enqueueDate, .beganRunningDate, .endDate]'; }
described() { api GET /ws/openapi.json | jq -c '.components.schemas.jobInstance.properties.endDate | [.type, .format]'; }
numbers=$(dates)
like "dates are milliseconds since 1970" "$numbers" '^\[[0-9]{13},[0-9]{13},[0-9]{13}\]$'
before=$(described)

"$JQM" down --home "$HOME_DIR" >/dev/null
sed -i 's/^\[fcgi\]$/&\njson_dates = text/' "$HOME_DIR/conf/jqm.ini"
ok "with json_dates = text" "$JQM" up --detach --home "$HOME_DIR"
rm "$JQM_RECORD"/* # from here on answers are held against another description
api GET /ws/openapi.json >"$WORK/openapi.json"
texts=$(dates)
like "they are texts" "$texts" '^\["[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}(Z|[+-][0-9]{2}:[0-9]{2})",'
moments() { jq -r '.[]' <<<"$texts" | while read -r text; do date -u -d "$text" +%s%3N; done | jq -cs .; }
is "of the same moments" "$(moments)" "$numbers"
is "the description says so" "$before $(described)" '[["integer","null"],"int64"] [["string","null"],"date-time"]'
like "in the administration's objects too" "$(json GET /ws/admin/user/1 | jq -r .creationDate)" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'
found() { json POST /ws/client/ji/query -H 'Content-Type: application/json' -d "$1" | jq -c '[.instances[].id]'; }
is "a text that was answered is read" "$(found "{\"queryHistoryInstances\":true,\"queryLiveInstances\":false,\"endedAfter\":$(jq .[0] <<<"$texts")}")" "[$id]"
is "a number is read as ever" "$(found "{\"queryHistoryInstances\":true,\"queryLiveInstances\":false,\"endedBefore\":$(jq .[0] <<<"$numbers")}")" '[]'
done_testing
