#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Queues and mappings by the admin API: made, changed, replaced as a list, deleted; refusals by name.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
queue() { json GET "/ws/admin/q/$1" | jq -c "[.name,.description,.defaultQueue,.ageingSeconds]"; }
queues() { json GET /ws/admin/q | jq -c 'map([.id,.name,.defaultQueue])'; }
mapping() { json GET "/ws/admin/qmapping/$1" | jq -c '[.nodeName,.queueName,.nbThread,.pollingInterval,.enabled]'; }

is "a new installation has its queue" "$(json GET /ws/admin/q)" \
	'[{"id":1,"name":"DEFAULT","description":"default queue","defaultQueue":true,"ageingSeconds":null}]'
is "a queue is made" "$(send_code POST /ws/admin/q '{"name":"VIP","description":"fast jobs"}')" 204
headers=$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/admin/q" -H 'Content-Type: application/json' -d '{"id":null,"name":"SLOW","description":"","extra":{"a":1}}' | tr -d '\r')
like "a write tells where the object is" "$headers" '^Location: /ws/admin/q/3$'
is "and it is there" "$(queue 3)" '["SLOW","",false,null]'
is "POST with an id changes that one" "$(send_code POST /ws/admin/q '{"id":3,"name":"SLOW","description":"long jobs","ageingSeconds":600}')" 204
is "the id of the path counts, not the body's" "$(send_code PUT /ws/admin/q/3 '{"id":1,"name":"NIGHT","description":"at night"}')" 204
is "what a console does not know stays" "$(queue 3)" '["NIGHT","at night",false,600]'
is "null takes it away" "$(send_code PUT /ws/admin/q/3 '{"name":"NIGHT","description":"at night","ageingSeconds":null}') $(queue 3)" \
	'204 ["NIGHT","at night",false,null]'
refused "a name that is taken" 409 'field "name": "VIP" is already used' POST /ws/admin/q '{"name":"VIP","description":"x"}'
is "consoles get a key for it" "$(send PUT /ws/admin/q/3 '{"name":"VIP","description":"x"}' | jq -c '[.errorCode,.userMessageKey,.userMessageParams]')" \
	'[10,"nameAlreadyUsed",[{"key":"name","value":"VIP"}]]'
refused "a second default queue" 409 'queue "VIP" cannot be the default queue: "DEFAULT" is' PUT /ws/admin/q/2 '{"name":"VIP","description":"x","defaultQueue":true}'
is "the one that is can be edited" "$(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":"edited","defaultQueue":true}')" 204
refused "no name" 400 'field "name" is missing' POST /ws/admin/q '{"description":"x"}'
refused "a null description" 400 'field "description" is missing' POST /ws/admin/q '{"name":"x","description":null}'
refused "an empty name" 400 'field "name" is empty' POST /ws/admin/q '{"name":"","description":"x"}'
refused "256 characters" 400 'field "name": 256 characters, at most 255' POST /ws/admin/q "{\"name\":\"$(printf 'ä%.0s' {1..256})\",\"description\":\"x\"}"
refused "a name with a line break" 400 'field "name" has a control character' POST /ws/admin/q '{"name":"a\nb","description":"x"}'
refused "ageing of no time" 400 'field "ageingSeconds": 0 is outside 1 to' POST /ws/admin/q '{"name":"x","description":"","ageingSeconds":0}'
refused "a queue that is not there" 404 'there is no queue 99' PUT /ws/admin/q/99 '{"name":"x","description":""}'
refused "nor by POST" 404 'there is no queue 99' POST /ws/admin/q '{"id":99,"name":"x","description":""}'
is "255 characters of any kind will do" "$(send_code POST /ws/admin/q "{\"name\":\"$(printf 'ä%.0s' {1..255})\",\"description\":\"x\"}")" 204

# The list as a whole.
before=$(queues)
refused "a list with two defaults" 409 'cannot be the default queue' PUT /ws/admin/q '[{"id":1,"name":"DEFAULT","description":"","defaultQueue":true},{"id":2,"name":"VIP","description":"","defaultQueue":true}]'
refused "a list that names one twice" 400 'the list has a queue twice' PUT /ws/admin/q '[{"id":1,"name":"A","description":""},{"id":1,"name":"B","description":""}]'
refused "a list with an unknown one" 404 'there is no queue 77' PUT /ws/admin/q '[{"id":77,"name":"A","description":""}]'
refused "one object is no list" 400 'must be an array of objects' PUT /ws/admin/q '{"id":1,"name":"A","description":""}'
is "nothing has changed" "$(queues)" "$before"
is "the default moves, one goes, one comes" "$(send_code PUT /ws/admin/q '[{"id":3,"name":"NIGHT","description":"","defaultQueue":true},{"id":1,"name":"DEFAULT","description":""},{"name":"NEW","description":""}]')" 204
is "in one step" "$(queues | sed 's/\[[0-9]*,"NEW"/[N,"NEW"/')" '[[1,"DEFAULT",false],[3,"NIGHT",true],[N,"NEW",false]]'

# Mappings.
node=$(json GET /ws/admin/node | jq '.[0].id')
is "the node has its mapping" "$(json GET /ws/admin/qmapping | jq -c 'map([.id,.nbThread,.pollingInterval,.enabled])')" '[[1,5,1000,true]]'
is "a mapping is made as it says" "$(send_code POST /ws/admin/qmapping "{\"nodeId\":$node,\"queueId\":3,\"nbThread\":2,\"pollingInterval\":500,\"enabled\":false,\"nodeName\":\"x\"}")" 204
is "disabled too, which JQM did not heed" "$(mapping 2)" '["alpha","NIGHT",2,500,false]'
refused "a pair that is there" 409 "queue 3 is mapped to node $node already" POST /ws/admin/qmapping "{\"nodeId\":$node,\"queueId\":3,\"nbThread\":2,\"pollingInterval\":500}"
refused "no such queue" 400 'field "queueId": there is no queue 99' POST /ws/admin/qmapping "{\"nodeId\":$node,\"queueId\":99,\"nbThread\":2,\"pollingInterval\":500}"
refused "no node" 400 'field "nodeId" is missing' POST /ws/admin/qmapping '{"queueId":3,"nbThread":2,"pollingInterval":500}'
refused "too many at a time" 400 'field "nbThread": 100001 is outside 0 to 100000' PUT /ws/admin/qmapping/2 "{\"nodeId\":$node,\"queueId\":3,\"nbThread\":100001,\"pollingInterval\":500}"
refused "no interval" 400 'field "pollingInterval": 0 is outside 1 to' PUT /ws/admin/qmapping/2 "{\"nodeId\":$node,\"queueId\":3,\"nbThread\":1,\"pollingInterval\":0}"
refused "a number that no column holds" 400 'field "nbThread": 99999999999 is outside' PUT /ws/admin/qmapping/2 "{\"nodeId\":$node,\"queueId\":3,\"nbThread\":99999999999,\"pollingInterval\":1}"
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type) VALUES ('Greet', 3, 'echo hello', 'DEFAULTSHELLCOMMAND')" >/dev/null
job=$(enqueue Greet)
refused "a queue with jobs" 409 'queue "NIGHT" cannot be deleted: jobs in it' DELETE /ws/admin/q/3 ''
for _ in 1 2 3 4 5; do # a machine that is busy otherwise may be late: then once more
	is "enabled" "$(send_code PUT /ws/admin/qmapping/2 "{\"nodeId\":$node,\"queueId\":3,\"nbThread\":2,\"pollingInterval\":86400000,\"enabled\":true}")" 204
	changed_ms=$(date +%s%3N)
	ok "it counts at once: the job runs" wait_job "$job"
	took=$(sql "SELECT round(extract(epoch FROM attributed_at) * 1000) - $changed_ms FROM jqm.history WHERE id = $job")
	[ "$took" -ge 1000 ] || break
	send_code PUT /ws/admin/qmapping/2 "{\"nodeId\":$node,\"queueId\":3,\"nbThread\":2,\"pollingInterval\":500,\"enabled\":false}" >/dev/null
	wait_for 20 mapping_counts 3 0
	job=$(enqueue Greet)
done
ok "within a second, though the interval is a day ($took ms)" [ "$took" -lt 1000 ]
refused "a queue that a definition uses" 409 'queue "NIGHT" cannot be deleted: job definitions that use it: 1' DELETE /ws/admin/q/3 ''
is "a mapping is deleted, which JQM only said" "$(code DELETE /ws/admin/qmapping/2) $(code GET /ws/admin/qmapping/2)" "204 404"
is "the mappings as a list" "$(send_code PUT /ws/admin/qmapping "[{\"nodeId\":$node,\"queueId\":3,\"nbThread\":1,\"pollingInterval\":5}]") $(json GET /ws/admin/qmapping | jq -c 'map([.queueName,.nbThread])')" '204 [["NIGHT",1]]'
is "a queue is deleted with its mappings" "$(sql "UPDATE jqm.job_def SET queue_id = 1")$(code DELETE /ws/admin/q/3) $(json GET /ws/admin/qmapping)" "204 []"

# Who edited first.
old=$(etag /ws/admin/q/1)
is "an edit of the state one has seen" "$(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":"one"}' -H "If-Match: $old")" 204
refused "of one that is old" 412 'the queue was changed meanwhile' PUT /ws/admin/q/1 '{"name":"DEFAULT","description":"two"}' -H "If-Match: $old"
refused "a deletion too" 412 'the queue was changed meanwhile' DELETE /ws/admin/q/1 '' -H "If-Match: $old"
is "who asks for nothing is not asked" "$(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":"three"}')" 204
list=$(etag /ws/admin/q)
is "a list has a state too" "$(send_code POST /ws/admin/q '{"name":"LAST","description":""}' -H "If-Match: $list")" 204
refused "that a change of one of it ends" 412 'the list was changed meanwhile' PUT /ws/admin/q '[]' -H "If-Match: $list"
is "one of several, and any" "$(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":"4"}' -H "If-Match: \"x\", $(etag /ws/admin/q/1)") $(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":"5"}' -H 'If-Match: *')" "204 204"
done_testing
