#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Nodes by the admin API: read, made, edited in both generations' ways, stopped, deleted when dead; log, numbers.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
id=$(json GET /ws/admin/node | jq '.[0].id')
node() { json GET "/ws/admin/node/${2:-$id}" | jq -c "[$1]"; }
whole() { json GET "/ws/admin/node/$id" | jq -c "$1"; }

is "all JQM's members are there" "$(json GET "/ws/admin/node/$id" | jq -c 'keys - ["alive","draining","runningJobs"]')" \
	'["dns","enabled","id","jmxRegistryPort","jmxServerPort","jobRepoDirectory","lastSeenAlive","loadApiAdmin","loadApiClient","loapApiSimple","name","outputDirectory","port","reportsRunning","rootLogLevel","stop","template","tmpDirectory"]'
is "a node is edited by the whole object (2.2)" "$(send_code POST /ws/admin/node "$(whole '.rootLogLevel = "DEBUG" | .lastSeenAlive = 5')")" 204
is "or by PUT of one object (3.5), with ports as texts" "$(send_code PUT /ws/admin/node "$(whole '.port = "1234" | .jmxServerPort = "77" | .template = true')")" 204
is "it is changed" "$(node .port,.rootLogLevel,.jmxServerPort,.template)" '[1234,"DEBUG",77,true]'
is "what is not the caller's to say is ignored" "$(node '.lastSeenAlive > 5, .alive, .reportsRunning')" '[true,true,true]'
is "PUT of an item" "$(send_code PUT "/ws/admin/node/$id" "$(whole '.template = false | del(.rootLogLevel)')") $(node .template,.rootLogLevel)" '204 [false,"DEBUG"]'
refused "without a name" 400 'field "name" is missing' PUT "/ws/admin/node/$id" "$(whole 'del(.name)')"
refused "a port that is none" 400 'field "port": 65536 is outside' PUT "/ws/admin/node/$id" "$(whole '.port = 65536')"
refused "a log level that is none" 400 'field "rootLogLevel" is "LOUD", not one of: TRACE' PUT "/ws/admin/node/$id" "$(whole '.rootLogLevel = "LOUD"')"
is "paused" "$(send_code PUT /ws/admin/node "$(whole '.enabled = false')") $(node .enabled)" '204 [false]'
is "and resumed" "$(send_code PUT /ws/admin/node "$(whole '.enabled = true')") $(node .enabled)" '204 [true]'
state_of() { etag "/ws/admin/node/$id" | cut -d. -f1; } # of its two parts (fcgi/conditional.h) the editors'
old=$(state_of)
answer=$(etag "/ws/admin/node/$id")
seen=$(sql "SELECT extract(epoch FROM last_seen_alive) FROM jqm.node WHERE id = $id")
is_seen_again() { [ "$(sql "SELECT extract(epoch FROM last_seen_alive) FROM jqm.node WHERE id = $id")" != "$seen" ]; }
ok "a heartbeat comes" wait_for 20 is_seen_again
is "which is no change for an editor" "$(state_of)" "$old"
is "but one for who has the answer from before" "$(code GET "/ws/admin/node/$id" -H "If-None-Match: $answer")" 200

# Another node, that nobody serves.
is "a node is made" "$(send_code POST /ws/admin/node '{"name":"beta","dns":"localhost","port":1,"outputDirectory":"/o","jobRepoDirectory":"/j","stop":true}')" 204
beta=$(json GET /ws/admin/node | jq '.[] | select(.name == "beta").id')
is "it is enabled and not to stop" "$(node .enabled,.stop,.tmpDirectory,.lastSeenAlive,.reportsRunning "$beta")" '[true,false,null,null,false]'
refused "a name that is taken" 409 'field "name": "beta" is already used' POST /ws/admin/node '{"name":"beta","dns":"localhost","port":1,"outputDirectory":"/o","jobRepoDirectory":"/j"}'
refused "an order to stop that nobody would hear" 409 'node "beta" is not running' PUT "/ws/admin/node/$beta" '{"name":"beta","dns":"localhost","port":1,"outputDirectory":"/o","jobRepoDirectory":"/j","stop":true}'
is "only nodes that are there are counted" "$(json GET /ws/admin/stats/usage)" '{"activeNodes":1,"queues":1,"pausedJobs":0,"submittedJobs":0,"runningJobs":0,"scheduledJobs":0,"lateJobs":0}'
before=$(json GET /ws/admin/node | jq -c 'map([.name, .port, .loadApiAdmin])')
off() { json GET /ws/admin/node | jq -c --arg name "$1" 'map(.port = 4321 | if .name == $name then .loadApiAdmin = false else . end)'; }
refused "a list that turns off the admin API of the node that is asked" 409 'would turn off the admin API of node "alpha" \("loadApiAdmin" of the node\)' PUT /ws/admin/node "$(off alpha)"
is "changes nothing" "$(json GET /ws/admin/node | jq -c 'map([.name, .port, .loadApiAdmin])')" "$before"
is "one that turns off another's is done" "$(send_code PUT /ws/admin/node "$(off beta)") $(json GET /ws/admin/node | jq -c 'map([.name, .port, .loadApiAdmin])')" '204 [["alpha",4321,true],["beta",4321,false]]'
refused "a list without the living one" 409 'node "alpha" cannot be deleted: it was seen alive less than 10 minutes ago' PUT /ws/admin/node '[]'
is "a list without the dead one" "$(send_code PUT /ws/admin/node "[$(whole .)]") $(json GET /ws/admin/node | jq -c 'map(.name)')" '204 ["alpha"]'
refused "the living one is not deleted" 409 'seen alive' DELETE "/ws/admin/node/$id" ''
is "consoles get a key for it" "$(api DELETE "/ws/admin/node/$id" | jq -r .userMessageKey)" nodeRecentlyActive
sql "INSERT INTO jqm.node (name, repo_job_def, repo_deliverable, last_seen_alive) VALUES ('gamma', '/j', '/o', now() - interval '9 min'), ('delta', '/j', '/o', now() - interval '11 min')" >/dev/null
sql "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms) SELECT n.id, q.id, 1, 1000 FROM jqm.node AS n, jqm.queue AS q WHERE n.name = 'delta'" >/dev/null
number() { sql "SELECT id FROM jqm.node WHERE name = '$1'"; }
is "9 minutes ago is lately" "$(code DELETE "/ws/admin/node/$(number gamma)")" 409
delta=$(number delta)
is "11 are not: it goes with its mappings" "$(code DELETE "/ws/admin/node/$delta") $(code GET "/ws/admin/node/$delta") $(sql "SELECT count(*) FROM jqm.queue_mapping")" "204 404 1"
define Wait "while [ ! -e '$WORK/go' ]; do sleep 0.05; done"
job=$(enqueue Wait)
ok "a job runs" wait_for 20 job_is "$job" RUNNING
is "and is seen" "$(node .runningJobs) $(json GET /ws/admin/stats/usage | jq .runningJobs)" "[1] 1"
is "its node has jobs" "$(api DELETE "/ws/admin/node/$id" | jq -r .userMessageKey)" nodeHasRunningJobs
touch "$WORK/go"
ok "it ends" wait_job "$job"

# Its log, and what it did.
is "the log" "$(api GET "/ws/admin/node/alpha/log?latest=2" | wc -l)" 2
like "is to be saved under its name" "$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/admin/node/alpha/log?latest=1")" 'attachment; filename="alpha.log"'
is "of no such node" "$(code GET "/ws/admin/node/nobody/log?latest=1")" 404
is "of the last hour: 12 slots" "$(json GET "/ws/admin/stats/history?hours=1" | jq -c '[length, (map(.ended) | add), (.[0].slotStart | test("^[0-9-]+T[0-9:]+:00Z$"))]')" '[12,1,true]'
is "of the last day: 24" "$(json GET "/ws/admin/stats/history?hours=24" | jq -c '[length, .[23].ended + .[22].ended, .[0].crashed + .[0].killed + .[0].cancelled]')" '[24,1,0]'
is "of the last 30 days: 30, with how long they had waited and ran" "$(json GET "/ws/admin/stats/history?hours=720" | jq -c '[length, .[29].ended + .[28].ended, (map(.runMs // 0) | add > 0), .[0].waitMs]')" '[30,1,true,null]'
is "what a queue has to do" "$(json GET /ws/admin/stats/queues | jq -c 'map([.name, .scheduled, .capacity > 0])')" '[["DEFAULT",0,true]]'
is "of no other time" "$(code GET "/ws/admin/stats/history?hours=2") $(code GET /ws/admin/stats/history) $(code GET "/ws/admin/stats/history?hours=x")" "400 400 400"
like "the server's version" "$(json GET /ws/admin/version)" '^\{"mavenVersion":"[0-9.]+'

# The order to stop, as JQM's console of 2.2 gives it.
job=$(rm "$WORK/go"; enqueue Wait)
ok "a job runs again" wait_for 20 job_is "$job" RUNNING
is "stop: true" "$(send_code POST /ws/admin/node "$(whole '.stop = true')")" 204
ok "ends it" wait_job "$job"
is "history tells by whom" "$(job_reason "$job")" "node stopped by root"
done_testing
