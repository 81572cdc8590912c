#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Global parameters, JQM's resources and limits of the cluster by the admin API.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
prm() { json GET /ws/admin/prm | jq -c "map(select(.key | startswith(\"my\"))) | map([.id,.key,.value])"; }

is "a parameter is made" "$(send_code POST /ws/admin/prm '{"key":"myKey","value":"1"}') $(prm)" '204 [[7,"myKey","1"]]'
is "read" "$(json GET /ws/admin/prm/7)" '{"id":7,"key":"myKey","value":"1"}'
is "POST of the same key changes it" "$(send_code POST /ws/admin/prm '{"key":"myKey","value":2}') $(prm)" '204 [[7,"myKey","2"]]'
is "PUT with another key renames it, which JQM 2.2 doubled" "$(send_code PUT /ws/admin/prm/7 '{"id":7,"key":"myOther","value":""}') $(prm)" '204 [[7,"myOther",""]]'
changed=$(sql "SELECT last_modified FROM jqm.global_parameter WHERE id = 7")
is "written as it is" "$(send_code PUT /ws/admin/prm/7 '{"key":"myOther","value":""}')" 204
is "it has not changed" "$(sql "SELECT last_modified FROM jqm.global_parameter WHERE id = 7")" "$changed"
refused "no value" 400 'field "value" is missing' POST /ws/admin/prm '{"key":"myNull","value":null}'
refused "no key" 400 'field "key" is empty' POST /ws/admin/prm '{"key":"","value":"x"}'
refused "256 characters" 400 'field "key": 256 characters' POST /ws/admin/prm "{\"key\":\"$(printf 'x%.0s' {1..256})\",\"value\":\"x\"}"
refused "1001 characters" 400 'field "value": 1001 characters' POST /ws/admin/prm "{\"key\":\"my\",\"value\":\"$(printf 'x%.0s' {1..1001})\"}"
refused "a rename to a key that is there" 409 '"disableWsApi" is already used' PUT /ws/admin/prm/7 '{"key":"disableWsApi","value":"x"}'
whole=$(json GET /ws/admin/prm)
is "the list as 2.2's console saves it: one renamed, one new, one by its key" "$(send_code PUT /ws/admin/prm "$(jq -c 'map(select(.id != 6) | if .id == 7 then .key = "myThird" else . end) + [{"key":"myNew","value":"n"},{"key":"enableInternalPki","value":"false"}]' <<<"$whole")") $(prm | sed 's/[0-9]*,"myNew/N,"myNew/') $(json GET /ws/admin/prm/6 | jq -r .value)" \
	'204 [[7,"myThird",""],[N,"myNew","n"]] false'
is "deleted" "$(code DELETE /ws/admin/prm/7) $(code DELETE /ws/admin/prm/7)" "204 404"
whole=$(json GET /ws/admin/prm)
with() { jq -c --arg k "$1" --arg v "$2" 'map(select(.key != $k and .key != "myNew")) + [{key: $k, value: $v}]' <<<"$whole"; }
for key in disableWsApi disableWsApiAdmin; do
	refused "a list that turns off the admin API it comes through is refused: $key" 409 \
		"would turn off the admin API of node \".*\" \(parameter \"$key\"\)" PUT /ws/admin/prm "$(with $key ' True ')"
	is "nothing of it is done: $key" "$(json GET /ws/admin/prm)" "$whole"
done
is "one that does not is done" "$(send_code PUT /ws/admin/prm "$(with disableWsApiAdmin no)") $(json GET /ws/admin/prm | jq -c 'map(select(.key == "disableWsApiAdmin" or .key == "myNew").value)')" '204 ["no"]'
send POST /ws/admin/role '{"name":"jobs only","description":"","permissions":["job_instance:read"]}' >/dev/null
send POST /ws/admin/user '{"login":"joe","newPassword":"xv-drums-77-qk","roles":[8]}' >/dev/null
is "who may only look at jobs sees the one parameter a console needs" "$(curl -sS -u joe:xv-drums-77-qk "$URL/ws/admin/prm" | jq -c 'map(.key)') $(curl -sS -o /dev/null -w '%{http_code}' -u joe:xv-drums-77-qk "$URL/ws/admin/prm/1")" '["logFilePerLaunch"] 403'

# JQM's resources.
is "a resource is made as it says" "$(send_code POST /ws/admin/jndi '{"name":"mail/x","type":"javax.mail.Session","factory":"f.M","auth":"APPLICATION","template":"mail","singleton":true,"parameters":[{"key":"port","value":25},{"key":"tls","value":true},{"key":"rate","value":1.50},{"key":"none","value":null}]}')" 204
is "and read, with what JQM forgot" "$(json GET /ws/admin/jndi/1)" '{"id":1,"name":"mail/x","auth":"APPLICATION","type":"javax.mail.Session","factory":"f.M","description":null,"singleton":true,"template":"mail","parameters":[{"key":"none","value":null},{"key":"port","value":"25"},{"key":"rate","value":"1.50"},{"key":"tls","value":"true"}]}'
is "changed by POST with its id" "$(send_code POST /ws/admin/jndi '{"id":1,"name":"mail/y","type":"jakarta.mail.Session","factory":"f.M","parameters":[]}') $(json GET /ws/admin/jndi | jq -c 'map([.name,.auth,.singleton,.template,.parameters])')" '204 [["mail/y","CONTAINER",false,null,[]]]'
is "changed by PUT" "$(send_code PUT /ws/admin/jndi/1 '{"name":"mail/z","type":"t","factory":"f"}')" 204
refused "an alias that is taken" 409 '"mail/z" is already used' POST /ws/admin/jndi '{"name":"mail/z","type":"t","factory":"f"}'
is "consoles get a key for it" "$(send POST /ws/admin/jndi '{"name":"mail/z","type":"t","factory":"f"}' | jq -r .userMessageKey)" jndiAliasAlreadyUsed
refused "no factory" 400 'field "factory" is missing' POST /ws/admin/jndi '{"name":"a","type":"t"}'
refused "a key of 256 characters" 400 'parameter key.* must have 1 to 255' POST /ws/admin/jndi "{\"name\":\"a\",\"type\":\"t\",\"factory\":\"f\",\"parameters\":[{\"key\":\"$(printf 'x%.0s' {1..256})\",\"value\":\"x\"}]}"
is "deleted, one and all" "$(send_code POST /ws/admin/jndi '{"name":"b","type":"t","factory":"f"}') $(code DELETE /ws/admin/jndi/1) $(send_code PUT /ws/admin/jndi '[]') $(json GET /ws/admin/jndi)" "204 204 204 []"

# Limits of the cluster.
limit() { json GET "/ws/admin/concurrency/$1" | jq -c '[.key,.description,.maxRunning,.rate,.ratePeriodSeconds,.running]'; }
is "a limit is made" "$(send_code POST /ws/admin/concurrency '{"key":"db","maxRunning":0}') $(limit 1)" '204 ["db","",0,null,null,0]'
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type, concurrency_key) SELECT 'Limited', id, 'true', 'DEFAULTSHELLCOMMAND', 'db' FROM jqm.queue" >/dev/null
job=$(enqueue Limited)
is "another key's has nothing to do with it" "$(send_code PUT /ws/admin/concurrency '[{"id":1,"key":"db","maxRunning":0},{"key":"other","rate":3,"ratePeriodSeconds":60}]') $(limit 2) $(job_state "$job")" '204 ["other","",null,3,60,0] SUBMITTED'
is "room" "$(send_code PUT /ws/admin/concurrency/1 '{"key":"db","maxRunning":2,"description":"the database"}')" 204
ok "counts at once" wait_job "$job" 5
refused "a rate without its time" 400 'fields "rate" and "ratePeriodSeconds" go together' PUT /ws/admin/concurrency/2 '{"key":"other","rate":3}'
refused "too much" 400 'field "maxRunning": 100001 is outside' PUT /ws/admin/concurrency/2 '{"key":"other","maxRunning":100001}'
refused "a key that is taken" 409 'field "key": "db" is already used' POST /ws/admin/concurrency '{"key":"db"}'
is "deleted" "$(code DELETE /ws/admin/concurrency/2) $(json GET /ws/admin/concurrency | jq -c 'map(.key)')" '204 ["db"]'
done_testing
