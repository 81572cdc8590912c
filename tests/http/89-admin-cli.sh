#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Configuration on the command line.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
jqm() { "$JQM" "$@"; }
fails() { # DESCRIPTION CODE PATTERN COMMAND...
	local said
	said=$("${@:4}" 2>&1 >/dev/null)
	is "$1: exit code" $? "$2"
	like "$1: says why" "$said" "$3"
}

ok "queue create" jqm queue create NIGHT description='long jobs' ageingSeconds=600
like "queue list" "$(jqm queue)" '^2 +NIGHT +false +long jobs$'
is "queue show --json is the server's document" "$(jqm queue show NIGHT --json)" '{"id":2,"name":"NIGHT","description":"long jobs","defaultQueue":false,"ageingSeconds":600}'
ok "queue set changes what is said" jqm queue set NIGHT description=
is "and nothing else" "$(jqm queue show NIGHT --json | jq -c '[.name,.description,.ageingSeconds]')" '["NIGHT","",600]'
ok "an empty value takes away" jqm queue set NIGHT ageingSeconds= description=d
is "it is gone" "$(jqm queue show NIGHT --json | jq .ageingSeconds)" null
ok "mapping create, by names" jqm mapping create node=alpha queue=NIGHT nbThread=3
is "mapping" "$(jqm mapping list --json | jq -c 'map([.nodeName,.queueName,.nbThread,.pollingInterval])[1]')" '["alpha","NIGHT",3,1000]'
ok "mapping set, by its number" jqm mapping set 2 enabled=false
like "mapping show" "$(jqm mapping show 2)" 'enabled +false'
ok "definition create" jqm definition create Hello queue=NIGHT jarPath='echo hello, world' parameters=a=1,b=2
ok "definition set" jqm definition set Hello attemptsMax=3 retryExitCodes=1,2 concurrencyKey=db
is "definition show" "$(jqm definition show Hello --json | jq -c '[.jarPath,.parameters,.attemptsMax,.retryExitCodes,.queueId]')" '["echo hello, world",[{"key":"a","value":"1"},{"key":"b","value":"2"}],3,[1,2],2]'
ok "mapping set: the node takes its jobs" jqm mapping set 2 enabled=true
is "the job runs" "$(jqm enqueue Hello --wait >/dev/null; echo $?)" 0
ok "schedule create" jqm schedule create definition=Hello cronExpression='0 4 * * *' timeZone=Europe/Paris
ok "schedule set" jqm schedule set 1 cronExpression='*/5 * * * *' overlap=SKIP misfire=ALL
like "schedule show" "$(jqm schedule show 1)" 'overlap +SKIP'
ok "limit create" jqm limit create db maxRunning=4
like "limit list" "$(jqm limit)" '^1 +db +0 +4'
jqm export >"$WORK/all.xml"
is "export is what import takes" "$(jqm import --json "$WORK/all.xml" | jq -c '.[0].report.objects | map([.kind,.name,.result])')" '[["definition","Hello","unchanged"]]'
is "export of one" "$(jqm export Hello)" "$(cat "$WORK/all.xml")"
fails "of one that is not there" 3 'there is no job definition "Nobody"' jqm export Nobody
ok "context create" jqm context create Shared childFirst=true
ok "context delete" jqm context delete Shared

(umask 077 && echo 'xv-drums-77-qk' >"$WORK/password")
ok "user create with roles and a password" jqm user create bob --role client -r 'config viewer' --password-file "$WORK/password" expirationDate=2033-01-01T00:00:00Z
is "it can log in and has them" "$(curl -sS -u bob:xv-drums-77-qk "$URL/ws/admin/me" | jq -c '.permissions | sort | .[0:3]')" '["cl:read","concurrency:read","jd:read"]'
ok "user set: another role" jqm user set bob --role 'client read only'
is "instead" "$(curl -sS -u bob:xv-drums-77-qk "$URL/ws/admin/me" | jq -c '.permissions | sort')" '["files:read","job_instance:read","logs:read","queue:read"]'
like "user list" "$(jqm user)" '^2 +bob +false +2033-01-01'
fails "a role that is not there" 3 'there is no role "boss"' jqm user set bob --role boss
fails "a password on the command line" 1 'passwords come from a file' jqm user set bob newPassword=x
fails "the last administrator" 1 'no administrator who can log in' jqm user set root locked=true
ok "user delete" jqm user delete bob
fails "user delete again" 3 'there is no user "bob"' jqm user delete bob
ok "role create" jqm role create viewer permissions=queue:read,node:read
is "role show" "$(jqm role show viewer --json | jq -c .permissions)" '["queue:read","node:read"]'
ok "role delete" jqm role delete viewer

ok "param set, with what looks like a field" jqm param set myKey 'a=b c'
is "param get" "$(jqm param get myKey)" 'a=b c'
like "param list" "$(jqm param)" 'myKey +a=b c$'
ok "param delete" jqm param delete myKey
fails "param get of none" 3 'there is no parameter "myKey"' jqm param get myKey
fails "param set of nothing" 2 'set takes a key and a value' jqm param set myKey

ok "node set" jqm node set alpha rootLogLevel=DEBUG
like "node show" "$(jqm node show alpha)" 'rootLogLevel +DEBUG'
fails "node delete of a living one" 1 'seen alive less than 10 minutes ago' jqm node delete alpha
like "node list is as ever" "$(jqm node)" 'alpha +up'

fails "an action that is none" 2 'is none of list, show, create, set, delete' jqm queue explode
fails "no name" 2 'which queue\?' jqm queue set
fails "nothing to set" 2 'what is to be set\?' jqm queue set NIGHT
fails "a field that is none" 1 'a queue has no "color" to set' jqm queue set NIGHT color=red
fails "a value that is none" 1 'field "ageingSeconds": "soon" is not a whole number' jqm queue set NIGHT ageingSeconds=soon
fails "a refusal of the server" 1 'field "ageingSeconds": 0 is outside' jqm queue set NIGHT ageingSeconds=0
done_testing
