#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is exported and imported again is as it was, whatever texts stand in it: either no door takes a text, or every door
# does the same with it.  texts_there_and_back.py tries; here is what people are likely to meet.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
stack_up
queue=$(sql "SELECT id FROM jqm.queue WHERE default_queue")
jq -nc --argjson port "$PORT" --arg password "${AUTH#*:}" --argjson q "$queue" '{port: $port, password: $password, queueId: $q}' >"$WORK/facts"
/usr/bin/python3 "$(dirname "$0")/texts_there_and_back.py" "$WORK/facts" >"$WORK/tap"
results_of "$WORK/tap"
is "it came to its end" "$(grep -c '^\(not \)\?ok ' "$WORK/tap")" 10

post() { curl -sS -m 30 -u "$AUTH" -X POST -H 'Content-Type: application/xml' --data-binary @- "$URL$1"; } # PATH
changes() { jq -c '[.objects[] | select(.result != "unchanged")]'; }

# Blanks at the ends of what stands on a line of its own.
definition='{"applicationName":"J","javaClassName":" c ","queueId":'$queue',"pathType":"DEFAULTSHELLCOMMAND","jarPath":"echo a\r\necho b\r\n","workingDirectory":"/w ","description":" d\r\n"}'
is "a definition with blanks at its ends is taken" "$(send_code POST /ws/admin/jd "$definition")" 204
is "as a file would have it" "$(json GET /ws/admin/jd | jq -c '.[] | select(.applicationName == "J") | [.jarPath,.javaClassName,.workingDirectory,.description]')" '["echo a\r\necho b","c","/w"," d\r\n"]'
is "its export changes nothing" "$(api GET /ws/admin/jd/all/xml | post '/ws/admin/jd/xml?dryRun=true' | changes)" '[]'
refused "nothing but blanks is nothing" 400 'field "jarPath" is empty' POST /ws/admin/jd "${definition/'echo a\r\necho b'/ }"
refused "what no file can hold is refused with its name" 400 'field "description" has the character U\+FFFF, which no file can hold' POST /ws/admin/q '{"name":"x","description":"a￿b"}'
refused "in names too" 400 'field "name" has the character U\+FFFE' POST /ws/admin/q '{"name":"x￾","description":""}'
refused "in parameters" 400 'field "parameters" has the character U\+001B' POST /ws/admin/jndi '{"name":"r","type":"t","factory":"f","parameters":[{"key":"k","value":"\u001b"}]}'
refused "and in a node that is a copy" 400 'field "name" has the character U\+FFFF' POST "/ws/admin/node/1/copy?name=x%EF%BF%BF" ''

# A context that nothing uses, with its handlers.
context='<context><name>Lonely</name><runners>a.B</runners><eventHandlers><handler><className>a.Boot</className><event>JI_STARTING</event><parameters><parameter><key>k</key><value> v </value></parameter></parameters></handler></eventHandlers></context>'
post /ws/admin/jd/xml <<<"<jqm><jar><path>true</path><jobdefinitions><jobDefinition><name>K</name><description/><canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName><module/><highlander>false</highlander></jobDefinition></jobdefinitions></jar>$context</jqm>" >/dev/null
like "a context whose name is none is told with its line" "$(printf '<jqm><jar><path>true</path><jobdefinitions><jobDefinition><name>K</name><description/><canBeRestarted>true</canBeRestarted><javaClassName/><highlander>0</highlander></jobDefinition></jobdefinitions></jar>\n%s</jqm>' "$(sed 's/Lonely/Lone\&#9;ly/' <<<"$context")" | post /ws/admin/jd/xml | jq -r .userReadableMessage)" '^line 2: context "Lone.ly": field "name" has a control character$'
lonely=$(json GET /ws/admin/cl | jq -c '.[] | select(.name == "Lonely")')
is "a context shows its handlers" "$(jq -c .handlers <<<"$lonely")" '[{"className":"a.Boot","event":"JI_STARTING","parameters":[{"key":"k","value":" v "}]}]'
api GET /ws/admin/jd/all/xml >"$WORK/all.xml"
is "it is in the export of all" "$(grep -c '<className>a.Boot</className>' "$WORK/all.xml")" 1
id=$(json GET /ws/admin/jd | jq '.[] | select(.applicationName == "K") | .id')
is "not in that of a definition that does not use it" "$(api GET "/ws/admin/jd/$id/xml" | grep -c '<context>')" 0
id=$(jq .id <<<"$lonely")
is "a change of it leaves its handlers" "$(send_code PUT "/ws/admin/cl/$id" "$(jq -c '.persistent = false | .handlers = []' <<<"$lonely")") $(json GET "/ws/admin/cl/$id" | jq -c '[.persistent, (.handlers | length)]')" '204 [false,1]'
is "it is deleted" "$(code DELETE "/ws/admin/cl/$id")" 204
is "and comes back from the export as it was" "$(post /ws/admin/jd/xml <"$WORK/all.xml" | changes) $(json GET /ws/admin/cl | jq -c '.[] | select(.name == "Lonely") | del(.id)')" "[{\"kind\":\"context\",\"name\":\"Lonely\",\"result\":\"created\",\"changes\":[]}] $(jq -c 'del(.id)' <<<"$lonely")"
done_testing
