#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Searches over the web: filters, pages, totals, both formats, what a bad query is told.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Greet 'echo hello; [ "$1" != fail ] || exit 3'
define Forever 'exec tail -f /dev/null'
query() { json POST /ws/client/ji/query -H 'Content-Type: application/json' -d "$1"; }
ids() { json POST /ws/client/ji/query/ids -H 'Content-Type: application/json' -d "$1"; }
submit() { json POST /ws/client/ji -H 'Content-Type: application/json' -d "$1" | jq .id; }
is_over() { [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state <> 'HOLDED'")" -eq 0 ]; }

a=$(submit '{"applicationName":"Greet","user":"alice","sessionID":"s1","keyword1":"EU","keyword2":"k","module":"m","application":"app"}')
b=$(submit '{"applicationName":"Greet","user":"bob","keyword1":"EU","parameters":[{"key":"a","value":"fail"}]}')
c=$(submit "{\"applicationName\":\"Greet\",\"user\":\"alice\",\"parentJobId\":$a}")
ok "three jobs end" wait_for 20 is_over
h=$(submit '{"applicationName":"Forever","user":"alice","startState":"HOLDED"}')

blank=$(json GET "/ws/client/ji/query")
is "a blank query has JQM's defaults" "$(printf '%s' "$blank" | jq -c '[.pageSize, .queryLiveInstances, .queryHistoryInstances, .instances, .statuses, .sortby]')" '[50,false,true,[],[],[]]'
like "in XML under the name 3.5 knows" "$(api GET /ws/client/ji/query)" '<queryBaseImpl>.*<pageSize>50</pageSize>.*</queryBaseImpl>$'
is "a request to fill in" "$(json GET /ws/client/jr | jq -c '[.applicationName, .user, .priority, .parameters]')" '["appName","rsapi user",0,[]]'

is "no filter: history, oldest first" "$(query '{}' | jq -c '[.instances[].id]')" "[$a,$b,$c]"
is "the total is there though nobody asked" "$(query '{}' | jq -c '[.resultSize, .resultSizeEstimated]')" '[3,false]'
is "live only" "$(query '{"queryLiveInstances":true,"queryHistoryInstances":false}' | jq -c '[.instances[].id]')" "[$h]"
both='"queryLiveInstances":true,"queryHistoryInstances":true'
is "both, newest first, as the console asks" "$(query "{$both,\"firstRow\":0,\"pageSize\":2,\"sortby\":[{\"col\":\"ID\",\"order\":\"DESCENDING\"}]}" | jq -c '[.resultSize, [.instances[].id]]')" "[4,[$h,$c]]"
is "its second page" "$(query "{$both,\"firstRow\":2,\"pageSize\":2,\"sortby\":[{\"col\":\"ID\",\"order\":\"DESCENDING\"}]}" | jq -c '[.resultSize, [.instances[].id]]')" "[4,[$b,$a]]"
is "a page by key" "$(query "{$both,\"after\":$c,\"pageSize\":2,\"sortby\":[{\"col\":\"ID\",\"order\":\"DESCENDING\"}]}" | jq -c '[.resultSize, [.instances[].id]]')" "[null,[$b,$a]]"
is "with the exact total when wanted" "$(query "{$both,\"after\":$c,\"pageSize\":1,\"exactTotal\":true,\"sortby\":[{\"col\":\"ID\",\"order\":\"DESCENDING\"}]}" | jq -c '.resultSize')" 4
is "no row, but the total" "$(query '{"pageSize":0}' | jq -c '[.resultSize, .instances]')" '[3,[]]'
is "pageSize null is all" "$(query '{"pageSize":null}' | jq -c '.instances | length')" 3
found() { is "$1" "$(query "{$both,$2}" | jq -c '[.instances[].id]')" "$3"; }
found "by user" '"user":"alice"' "[$a,$c,$h]"
found "by wildcard" '"user":"%o%"' "[$b]"
found "by no session" '"sessionId":""' "[$b,$c,$h]"
found "by name, given as a plain text" '"applicationName":"For%"' "[$h]"
found "by names" '"applicationName":["Greet","x"]' "[$a,$b,$c]"
found "a null among the names is none" '"applicationName":[null,"Greet",null]' "[$a,$b,$c]"
found "nulls alone are no filter" '"applicationName":[null],"statuses":["CRASHED","HOLDED"]' "[$b,$h]"
found "by keyword, module, application" '"instanceKeyword1":"EU","instanceKeyword2":"k","instanceModule":"m","instanceApplication":"a%"' "[$a]"
found "by state" '"statuses":["CRASHED","HOLDED"]' "[$b,$h]"
found "by parent, as a text" "\"parentId\":\"$a\"" "[$c]"
found "by no parent" '"parentId":-1' "[$a,$b,$h]"
found "by number" "\"jobInstanceId\":\"$b\"" "[$b]"
found "an unknown number finds nothing" '"jobInstanceId":999999' "[]"
found "by queue's name and number" "\"queueName\":\"DEFAULT\",\"queueId\":$(sql "SELECT id FROM jqm.queue")" "[$a,$b,$c,$h]"
node=$(sql "SELECT name FROM jqm.node")
found "by node: what waits has none" "\"nodeName\":\"$node\"" "[$a,$b,$c]"
found "an unknown node has run nothing" '"nodeName":"nowhere"' "[]"
found "by an end date: what lives has none" '"endedAfter":"2020-01-01T00:00:00Z"' "[$a,$b,$c]"
end=$(json GET "/ws/client/ji/$a" | jq .endDate)
found "a bound includes its own moment, given as a number" "\"endedBefore\":$end,\"endedAfter\":$end,\"jobInstanceId\":$a" "[$a]"
found "sorted by user, then newest" '"sortby":[{"col":"USERNAME"},{"col":"ID","order":"DESCENDING"}]' "[$h,$c,$a,$b]"
is "end dates sort nothing among live jobs" "$(query '{"queryLiveInstances":true,"queryHistoryInstances":false,"sortby":[{"col":"DATEEND"}]}' | jq -c '[.instances[].id]')" "[$h]"
is "numbers only, in that order" "$(ids "{$both,\"sortby\":[{\"col\":\"ID\",\"order\":\"DESCENDING\"}],\"firstRow\":0,\"pageSize\":999999}")" "[$h,$c,$b,$a]"
is "the messages come along" "$(query "{\"jobInstanceId\":$b}" | jq -c '.instances[0] | [.exitCode, (.messages | type), .parameters]')" '[3,"array",[{"key":"a","value":"fail"}]]'
is "live jobs of a user, by wildcard" "$(json GET "/ws/client/user/al%25/ji" | jq -c '[.[].id]')" "[$h]"

xml() { api POST /ws/client/ji/query -H 'Content-Type: application/xml' -H 'Accept: text/html, image/gif, image/jpeg, */*; q=0.2' --data-binary "$1"; }
like "the 2.2 client is answered under its root name" "$(xml '<query><user>nobody</user></query>')" '<query><user>nobody</user>.*<resultSize>0</resultSize>.*<instances/></query>$'
like "the 3.5 client under its own" "$(xml "<queryBaseImpl><applicationName>For%</applicationName><applicationName>Greet</applicationName><statuses><status>CRASHED</status></statuses><firstRow>0</firstRow><pageSize>5</pageSize><sortby><sortitem><order>DESCENDING</order><col>DATEENQUEUE</col></sortitem></sortby><queryLiveInstances>true</queryLiveInstances><queryHistoryInstances>true</queryHistoryInstances></queryBaseImpl>")" \
	"<queryBaseImpl><applicationName>For%</applicationName>.*<instances><instance><id>$b</id>.*</instance></instances></queryBaseImpl>$"

refused() { # DESCRIPTION STATUS PATTERN BODY
	local body
	body=$(query "$4")
	is "$1: status" "$(api_status)" "$2"
	like "$1: says why" "$(printf '%s' "$body" | jq -r .userReadableMessage)" "$3"
}
refused "nowhere to look" 400 'both false' '{"queryHistoryInstances":false}'
refused "an unknown state" 400 'statuses\[1\].*NOPE' '{"statuses":["ENDED","NOPE"]}'
refused "an unknown column" 400 'col.*COLOUR' '{"sortby":[{"col":"COLOUR"}]}'
refused "a sort without a column" 400 'sortby\[0\].col is missing' '{"sortby":[{"order":"ASCENDING"}]}'
refused "a negative page" 400 'pageSize.*-1' '{"pageSize":-1}'
refused "a negative first row" 400 'firstRow.*-5' '{"firstRow":-5}'
refused "a number too large for any" 400 '"firstRow": "9*" is not a whole number' '{"firstRow":99999999999999999999}'
refused "a fraction" 400 'jobInstanceId' '{"jobInstanceId":1.5}'
refused "a date that is none" 400 'endedAfter' '{"endedAfter":"tomorrow"}'
refused "after with another order" 400 'after' '{"after":5,"sortby":[{"col":"USERNAME"}]}'
refused "after with a first row" 400 'after and firstRow' '{"after":5,"firstRow":5}'
refused "a filter that is an object" 400 'user' '{"user":{}}'
refused "a list of lists" 400 'applicationName\[0\]' '{"applicationName":[["a"]]}'
refused "a filter longer than anything" 400 'sessionId.*1001' "{\"sessionId\":\"$(head -c 1001 /dev/zero | tr '\0' x)\"}"
refused "too many names" 400 'applicationName.*1000' "{\"applicationName\":[$(seq -s, 1001)]}"
refused "a member twice" 400 'duplicate' '{"user":"a","user":"b"}'
is "quotes, backslashes and percent signs are texts" "$(query "{$both,\"user\":\"%\\\\'; DROP TABLE jqm.history; --\"}" | jq -c .instances)" '[]'
is "dates before the common era find what is later" "$(query '{"enqueuedAfter":"0000-01-01T00:00:00Z","enqueuedBefore":"9999-12-31T23:59:59.999Z"}' | jq .resultSize)" 3

# A file by its description, and the log of a node.
define Deliver 'echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
d=$(submit '{"applicationName":"Deliver"}')
ok "a job leaves a file" wait_job "$d"
file=$(json GET "/ws/client/ji/$d/files" | jq -c '.[0]')
is "the file by its description, as JQM's client asks" "$(api POST /ws/client/ji/files -H 'Content-Type: application/json' -d "$file")" data
is "the same in XML" "$(api POST /ws/client/ji/files -H 'Content-Type: application/xml' -d "<deliverable><filePath>x</filePath><id>$(printf '%s' "$file" | jq .id)</id></deliverable>")" data
is "a file nobody has left is 404" "$(code POST /ws/client/ji/files -H 'Content-Type: application/json' -d '{"id":999999}')" 404
is "the node's log has as many lines as wanted" "$(api GET "/ws/client/node/$node/log?latest=3" | wc -l)" 3
is "the same as JQM 3.5's client asks" "$(api GET "/ws/client/node/$node/log%3Flatest=2" | wc -l)" 2
is "an unknown node is 404" "$(code GET /ws/client/node/nowhere/log)" 404
is "anything else of a node is 404" "$(code GET "/ws/client/node/$node/logs")" 404
is "a number of lines that is none" "$(code GET "/ws/client/node/$node/log%3Flatest=x")" 400
done_testing
