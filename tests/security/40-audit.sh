#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The audit trail is complete: each route that changes anything is called, and leaves exactly the rows that are written
# here, with who did it, how he was known, from where and in which request.  A route that is new must be written here.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
"$JQM_BIN/jqm-fcgi" --routes | cut -f1,2 --output-delimiter=' ' >"$WORK/routes"
: >"$WORK/called"
last() { sql "SELECT coalesce(max(id), 0) FROM jqm.audit"; }
# The API's rows since $mark: "enqueue:job kill:job", in their order.
rows_since() { sql "SELECT coalesce(string_agg(action || ':' || kind, ' ' ORDER BY tx, id), '-') FROM jqm.audit WHERE id > $1 AND db_user = 'jqm_api'"; }
whose_since() {
	sql "SELECT coalesce(string_agg(DISTINCT concat_ws(' ', nullif(split_part(actor, chr(31), 1), ''), nullif(split_part(actor, chr(31), 2), ''), split_part(actor, chr(31), 3),
		CASE WHEN split_part(actor, chr(31), 4) ~ '^[0-9a-f]{32}\$' THEN 'request' END), '; '), '-')
		FROM jqm.audit WHERE id > $1 AND db_user = 'jqm_api'"
}
# leaves METHOD ROUTE ROWS WHO STATUS CALLED...: CALLED is a command that prints a status.
who='root password 127.0.0.1 request'
leaves() {
	local method=$1 route=$2 rows=$3 whose=$4 status=$5 mark got
	shift 5
	echo "$method $route" >>"$WORK/called"
	mark=$(last)
	got=$("$@")
	is "$method $route: $status, and leaves $rows" "$got $(rows_since "$mark")" "$status $rows"
	[ "$rows" = - ] || is "$method $route: whose" "$(whose_since "$mark")" "$whose"
}
does() { leaves "$1" "$2" "$3" "$who" "${5:-204}" code "$1" "$4"; } # METHOD ROUTE ROWS PATH [STATUS]
sends() { leaves "$1" "$2" "$3" "$who" "${6:-204}" send_code "$1" "$4" "$5"; } # METHOD ROUTE ROWS PATH BODY [STATUS]

define Sleep 'sleep 600'
define Wait 'true'
define Fails 'exit 3'
define Leaves 'echo out; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
sql "INSERT INTO jqm.queue (name) VALUES ('IDLE'), ('OTHER'); UPDATE jqm.job_def SET queue_id = (SELECT id FROM jqm.queue WHERE name = 'IDLE') WHERE name = 'Wait'"
idle=$(sql "SELECT id FROM jqm.queue WHERE name = 'IDLE'") other=$(sql "SELECT id FROM jqm.queue WHERE name = 'OTHER'")
node=$(sql "SELECT id FROM jqm.node")
failed=$(enqueue Fails) left=$(enqueue Leaves) running=$(enqueue Sleep)
ok "jobs end" wait_job "$failed"
ok "another" wait_job "$left"
ok "and one runs" wait_for 20 job_is "$running" RUNNING
file=$(sql "SELECT id FROM jqm.deliverable LIMIT 1") guid=$(sql "SELECT random_id FROM jqm.deliverable LIMIT 1")
new() { enqueue Wait; }

# Jobs.
leaves POST /ws/simple/ji enqueue:job "$who" 200 code POST /ws/simple/ji -d applicationname=Wait
leaves POST /ws/client/ji enqueue:job "$who" 200 send_code POST /ws/client/ji '{"applicationName":"Wait"}'
leaves POST /ws/client/ji/bulk/requests 'enqueue:job enqueue:job' "$who" 200 send_code POST /ws/client/ji/bulk/requests '[{"applicationName":"Wait"},{"applicationName":"Wait"}]'
leaves POST /ws/client/ji/bulk 'enqueue:job enqueue_again:job bulk_enqueue_again:job' "$who" 200 send_code POST /ws/client/ji/bulk "[$failed]"
leaves POST /ws/client/ji/bulk - "$who" 200 send_code POST '/ws/client/ji/bulk?dryRun=true' "[$failed]"
a=$(new) b=$(new)
leaves POST /ws/client/ji/paused 'hold:job hold:job bulk_hold:job' "$who" 200 send_code POST /ws/client/ji/paused "[$a,$b,$failed]"
is "the order as a whole counts" "$(sql "SELECT jsonb_path_query_array(changes, '\$[*].after') FROM jqm.audit WHERE action = 'bulk_hold'")" '["3", "2"]'
leaves POST /ws/client/ji/resumed 'resume:job resume:job bulk_resume:job' "$who" 200 send_code POST /ws/client/ji/resumed "[$a,$b]"
leaves POST /ws/client/ji/killed 'kill:job kill:job bulk_kill:job' "$who" 200 send_code POST /ws/client/ji/killed "[$a,$b]"
c=$(enqueue Wait) && sql "UPDATE jqm.job_instance SET keyword1 = 'k1' WHERE id = $c"
leaves POST /ws/client/ji/killed 'kill:job bulk_kill:job' "$who" 200 send_code POST /ws/client/ji/killed '{"instanceKeyword1":"k1"}'
like "with its filter" "$(sql "SELECT changes FROM jqm.audit WHERE action = 'bulk_kill' ORDER BY id DESC LIMIT 1")" 'instanceKeyword1.*k1.*filter'
a=$(new)
does POST '/ws/client/ji/paused/{id}' hold:job "/ws/client/ji/paused/$a"
does DELETE '/ws/client/ji/paused/{id}' resume:job "/ws/client/ji/paused/$a"
does POST '/ws/client/ji/{id}/priority/{n}' set_priority:job "/ws/client/ji/$a/priority/7"
does POST '/ws/client/ji/{id}/position/{n}' set_position:job "/ws/client/ji/$a/position/1"
does POST '/ws/client/q/{queueId}/{jobId}' set_queue:job "/ws/client/q/$other/$a"
leaves POST '/ws/client/q/{id}/bulk' 'set_queue:job bulk_set_queue:job' "$who" 200 send_code POST "/ws/client/q/$idle/bulk" "[$a]"
leaves POST '/ws/client/q/{id}/jobs' 'set_queue:job bulk_set_queue:job' "$who" 200 send_code POST "/ws/client/q/$other/jobs" "[$a]"
leaves POST '/ws/client/ji/{id}/files/{name}' add_input_file:job "$who" 200 code POST "/ws/client/ji/$a/files/x" -H 'Content-Type: application/octet-stream' -d x
leaves GET '/ws/client/ji/{id}/inputs/{name}' read:inputfile "$who" 200 code GET "/ws/client/ji/$a/inputs/x"
does POST '/ws/client/ji/{id}/delay/{n}' set_run_after:job "/ws/client/ji/$a/delay/4102444800000"
leaves POST '/ws/client/ji/{id}/messages' message:job "$who" 204 code POST "/ws/client/ji/$a/messages" -d text=hello
does POST '/ws/client/ji/cancelled/{id}' cancel:job "/ws/client/ji/cancelled/$a"
a=$(new)
does DELETE '/ws/client/ji/waiting/{id}' delete:job "/ws/client/ji/waiting/$a"
does POST '/ws/client/ji/{id}/progress/{n}' set_progress:job "/ws/client/ji/$running/progress/5"
does POST '/ws/client/ji/running/paused/{id}' pause:job "/ws/client/ji/running/paused/$running"
does DELETE '/ws/client/ji/running/paused/{id}' unpause:job "/ws/client/ji/running/paused/$running"
does POST '/ws/client/ji/killed/{id}' kill:job "/ws/client/ji/killed/$running"
does POST '/ws/client/ji/{id}' 'enqueue:job enqueue_again:job' "/ws/client/ji/$left" 200
does DELETE '/ws/client/ji/crashed/{id}' 'enqueue:job restart:job' "/ws/client/ji/crashed/$failed" 200
leaves POST /ws/client/ji/query - "$who" 200 send_code POST /ws/client/ji/query '{"pageSize":1}'
leaves POST /ws/client/ji/query/ids - "$who" 200 send_code POST /ws/client/ji/query/ids '{"pageSize":1}'

# Logs and files: who read them, once for the same again.
does GET '/ws/client/ji/{id}/stdout' read:joblog "/ws/client/ji/$left/stdout" 200
does GET '/ws/client/ji/{id}/stdout' - "/ws/client/ji/$left/stdout" 200
does GET '/ws/client/ji/{id}/stderr' read:joblog "/ws/client/ji/$left/stderr" 200
does GET '/ws/client/ji/files/{fileId}' read:file "/ws/client/ji/files/$file" 200
leaves POST /ws/client/ji/files - "$who" 200 send_code POST /ws/client/ji/files "{\"id\":$file}"
does GET /ws/simple/file - "/ws/simple/file?id=$guid" 200
does GET /ws/simple/enginelog read:nodelog '/ws/simple/enginelog?latest=1' 200
does POST '/ws/client/ji/files/{fileId}/link' create:link "/ws/client/ji/files/$file/link" 200
link=$(json POST "/ws/client/ji/files/$file/link" | jq -r .url)
leaves GET /ws/simple/link read:file 'root link 127.0.0.2 request' 200 curl -sS --interface 127.0.0.2 -o /dev/null -w '%{http_code}' "$URL/${link#*/}"
does DELETE '/ws/client/ji/files/{fileId}/link' 'delete:link delete:link' "/ws/client/ji/files/$file/link" 200

# Queues, schedules.
does POST '/ws/client/q/{id}/pause' 'update:qmapping pause:q' /ws/client/q/1/pause
does DELETE '/ws/client/q/{id}/pause' 'update:qmapping resume:q' /ws/client/q/1/pause
sql "SELECT jqm.cancel(id) FROM jqm.job_instance WHERE queue_id IN ($idle, $other)" >/dev/null
a=$(new) b=$(new)
does POST '/ws/client/q/{id}/clear' 'clear:q cancel:job cancel:job' "/ws/client/q/$idle/clear"
schedule=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Wait","recurrence":"0 0 1 1 *"}' | jq -r .scheduleId)
[ "$schedule" != null ] || schedule=$(sql 'SELECT max(id) FROM jqm.schedule')
does POST '/ws/client/schedule/{id}/pause' update:schedule "/ws/client/schedule/$schedule/pause"
does DELETE '/ws/client/schedule/{id}/pause' update:schedule "/ws/client/schedule/$schedule/pause"
does POST '/ws/client/schedule/{id}/queue/{queueId}' update:schedule "/ws/client/schedule/$schedule/queue/$other"
does POST '/ws/client/schedule/{id}/priority/{n}' update:schedule "/ws/client/schedule/$schedule/priority/3"
does POST '/ws/client/schedule/{id}/cron/{expression*}' update:schedule "/ws/client/schedule/$schedule/cron/5%205%20*%20*%20*"
does DELETE '/ws/client/schedule/{id}' delete:schedule "/ws/client/schedule/$schedule"

# Configuration: made, changed, in a list changed, deleted.
configuration() { # KIND BODY CHANGED
	local kind=$1 path=/ws/admin/$1 id
	sends POST "$path" "create:$kind" "$path" "$2"
	id=$(json GET "$path" | jq 'map(.id) | max')
	sends PUT "$path/{id}" "update:$kind" "$path/$id" "$3"
	sends PUT "$path/{id}" - "$path/$id" "$3"
	sends PUT "$path" "update:$kind" "$path" "$(json GET "$path" | jq -c --argjson id "$id" --argjson b "$2" 'map(if .id == $id then . + $b else . end)')"
	does DELETE "$path/{id}" "delete:$kind" "$path/$id"
}
configuration q '{"name":"NIGHT","description":"a"}' '{"name":"NIGHT","description":"b"}'
configuration prm '{"key":"mailFrom","value":"a"}' '{"key":"mailFrom","value":"b"}'
configuration jndi '{"name":"jdbc/x","type":"t","factory":"f","description":"a"}' '{"name":"jdbc/x","type":"t","factory":"f","description":"b"}'
configuration cl '{"name":"ctx","childFirst":true}' '{"name":"ctx","childFirst":false}'
configuration concurrency '{"key":"lic","maxRunning":2}' '{"key":"lic","maxRunning":3}'
hook='"name":"h","url":"http://127.0.0.1:9/"'
configuration webhook "{$hook,\"newSecret\":\"whsec_$(openssl rand -base64 32)\"}" "{$hook,\"states\":[\"CRASHED\"]}"
send POST /ws/admin/webhook "{$hook,\"newSecret\":\"whsec_$(openssl rand -base64 32)\"}" >/dev/null
hook=$(json GET /ws/admin/webhook | jq '.[0].id')
does POST '/ws/admin/webhook/{id}/ping' ping:webhook "/ws/admin/webhook/$hook/ping" 200
sql "UPDATE jqm.webhook_delivery SET lease_until = NULL, next_try_at = now() + interval '1 h'" >/dev/null
does POST '/ws/admin/webhook/{id}/delivery/{deliveryId}/again' redeliver:webhook "/ws/admin/webhook/$hook/delivery/$(sql 'SELECT max(id) FROM jqm.webhook_delivery')/again"
is "not its secret" "$(sql "SELECT count(*) FROM jqm.audit WHERE kind = 'webhook' AND changes::text ~ '1:[0-9a-f]{16}:'")" 0
configuration role '{"name":"ops","description":"a","permissions":["queue:read"]}' '{"name":"ops","description":"a","permissions":["queue:read","node:read"]}'
configuration jd "{\"applicationName\":\"D1\",\"queueId\":1,\"jarPath\":\"true\",\"pathType\":\"DEFAULTSHELLCOMMAND\",\"javaClassName\":\"none\"}" \
	"{\"applicationName\":\"D1\",\"queueId\":1,\"jarPath\":\"false\",\"pathType\":\"DEFAULTSHELLCOMMAND\",\"javaClassName\":\"none\"}"
wait_id=$(sql "SELECT id FROM jqm.job_def WHERE name = 'Wait'")
configuration schedule "{\"jobDefId\":$wait_id,\"cronExpression\":\"1 1 1 1 *\"}" "{\"jobDefId\":$wait_id,\"cronExpression\":\"2 1 1 1 *\"}"
configuration node '{"name":"n9","dns":"n9.example.org","port":1789,"outputDirectory":"/o","jobRepoDirectory":"/r","tmpDirectory":"/t","enabled":true}' \
	'{"name":"n9","dns":"n8.example.org","port":1789,"outputDirectory":"/o","jobRepoDirectory":"/r","tmpDirectory":"/t","enabled":true}'
configuration qmapping "{\"nodeId\":$node,\"queueId\":$other,\"nbThread\":0,\"pollingInterval\":60000,\"enabled\":true}" \
	"{\"nodeId\":$node,\"queueId\":$other,\"nbThread\":0,\"pollingInterval\":50000,\"enabled\":true}"
configuration user '{"login":"eve","freeText":"a"}' '{"login":"eve","freeText":"b"}'
configuration certmapping '{"accountId":1,"form":"SAN","value":"DNS:a.example.org"}' '{"accountId":1,"form":"SAN","value":"DNS:b.example.org"}'
sends PUT '/ws/admin/user/{id}' 'update:user create:userrole' "/ws/admin/user/$(sql "INSERT INTO jqm.account (login) VALUES ('tom') RETURNING id")" \
	'{"login":"tom","newPassword":"seven brown birds went","roles":[4]}'
is "not the password" "$(sql "SELECT changes FROM jqm.audit WHERE action = 'update' AND kind = 'user' AND name = 'tom'")" '[{"after": "(not shown)", "field": "password_hash", "before": null}]'
xml() { code POST "$1" -H 'Content-Type: application/xml' --data-binary "$2"; } # PATH XML
queue_xml='<jqm><queues><queue><name>%s</name><description>d</description><timeToLive>7</timeToLive></queue></queues></jqm>'
# shellcheck disable=SC2059 # a template
leaves POST /ws/admin/q/xml 'create:q update:q' "$who" 200 xml /ws/admin/q/xml "$(printf "$queue_xml" X1)"
# shellcheck disable=SC2059
leaves POST /ws/admin/q/xml - "$who" 200 xml '/ws/admin/q/xml?dryRun=true' "$(printf "$queue_xml" X2)"

# Nodes.
does POST '/ws/admin/node/{id}/pause' update:node "/ws/admin/node/$node/pause"
does DELETE '/ws/admin/node/{id}/pause' update:node "/ws/admin/node/$node/pause"
does POST '/ws/admin/node/{id}/findings' examine:node "/ws/admin/node/$node/findings"
does POST '/ws/admin/node/{id}/copy' 'create:node update:node create:qmapping' "/ws/admin/node/$node/copy?name=twin"
does DELETE /ws/admin/history purge:history '/ws/admin/history?olderThan=3650d' 200
does DELETE /ws/admin/history - '/ws/admin/history?olderThan=3650d&dryRun=true' 200

# Accounts: logging in and out, passwords, second factors, certificates.
session='tom session 127.0.0.1 request' tom='tom password 127.0.0.1 request' tom_pw='seven brown birds went'
tom_id=$(sql "SELECT id FROM jqm.account WHERE login = 'tom'")
leaves POST /ws/session 'login_network:user login:user' "$tom" 204 log_in one tom "$tom_pw"
leaves POST /ws/session login:user "$tom" 204 log_in two tom "$tom_pw"
leaves POST /ws/session login_failed:user '127.0.0.1 request' 401 log_in three tom wrong
leaves POST /auth/login.html login:user "$tom" 302 curl -sS -o /dev/null -w '%{http_code}' -H "Origin: $URL" -d username=tom --data-urlencode "password=$tom_pw" "$URL/auth/login.html"
leaves DELETE /ws/session logout:user "$session" 204 session_code two DELETE /ws/session
log_in two tom "$tom_pw" >/dev/null
leaves DELETE '/ws/session/{id}' logout:user "$session" 204 session_code one DELETE "/ws/session/$(sql "SELECT max(id) FROM jqm.account_session")"
log_in two tom "$tom_pw" >/dev/null
leaves POST /ws/account/totp create:totp "$session" 200 session_code one POST /ws/account/totp -d "{\"password\":\"$tom_pw\"}"
secret=$(in_session one POST /ws/account/totp -d "{\"password\":\"$tom_pw\"}" | jq -r .secret)
leaves POST /ws/account/totp/confirm 'update:totp logout:user logout:user' "$session" 200 session_code one POST /ws/account/totp/confirm -d "{\"code\":\"$(totp "$secret")\"}"
leaves POST /ws/session login_failed:user '127.0.0.1 request' 401 log_in three tom "$tom_pw" 000000
leaves POST /ws/account/totp/disable delete:totp "$session" 204 session_code one POST /ws/account/totp/disable -d "{\"password\":\"$tom_pw\",\"code\":\"$(totp "$secret" 1)\"}"
leaves PUT /ws/account/password 'update:user logout:user login:user' "$session" 204 session_code one PUT /ws/account/password -d "{\"oldPassword\":\"$tom_pw\",\"newPassword\":\"eight brown birds went\"}"
log_in two tom 'eight brown birds went' >/dev/null
leaves DELETE /ws/session/all 'logout:user logout:user' "$session" 204 session_code one DELETE /ws/session/all
log_in one tom 'eight brown birds went' >/dev/null
does DELETE '/ws/admin/user/{id}/session' logout:user "/ws/admin/user/$tom_id/session"
sql "INSERT INTO jqm.account_totp (account_id, secret, confirmed) VALUES ($tom_id, decode(repeat('00', 20), 'hex'), true)"
does DELETE '/ws/admin/user/{id}/totp' delete:totp "/ws/admin/user/$tom_id/totp"
sends POST '/ws/admin/user/{id}/certificate' create:certificate "/ws/admin/user/$tom_id/certificate" '{}' 200
does GET '/ws/admin/user/{id}/certificate' create:certificate "/ws/admin/user/$tom_id/certificate" 200
does DELETE '/ws/admin/certificate/{id}' update:certificate "/ws/admin/certificate/$(sql 'SELECT max(id) FROM jqm.certificate')"

# Who may not, and who is nobody.
is "a missing permission is refused" "$(curl -sS -u 'tom:eight brown birds went' -o /dev/null -w '%{http_code}' "$URL/ws/admin/user")" 403
is "and that is noted" "$(sql "SELECT name || ' ' || (changes -> 0 ->> 'after') FROM jqm.audit WHERE action = 'refused' ORDER BY id DESC LIMIT 1")" '/ws/admin/user GET /ws/admin/user'
mark=$(last)
curl -sS -o /dev/null "$URL/ws/admin/user"
is "who shows nothing leaves nothing" "$(rows_since "$mark")" -
curl -sS -u "$tom_pw:x" -o /dev/null "$URL/ws/admin/user"
is "what is no login may be a password, and is not told" "$(sql "SELECT name FROM jqm.audit WHERE action = 'login_failed' ORDER BY id DESC LIMIT 1")" '(unknown)'

# The trail itself.
does GET /ws/admin/audit/export export:audit '/ws/admin/audit/export?limit=1' 200
does GET /ws/admin/audit/chain read:audit '/ws/admin/audit/chain' 200

# The rest of what is configured from files, and orders that end the node.
leaves POST /ws/admin/jndi/xml create:jndi "$who" 200 xml /ws/admin/jndi/xml '<resources><resource name="jdbc/y" type="T" factory="F" singleton="true" password="hush"/></resources>'
api GET /ws/admin/jd/all/xml | sed 's/>Wait</>Waits</g' >"$WORK/jd.xml"
leaves POST /ws/admin/jd/xml create:jd "$who" 200 xml /ws/admin/jd/xml "@$WORK/jd.xml"
api GET /ws/admin/configuration/xml >"$WORK/all.xml"
leaves POST /ws/admin/configuration/xml - "$who" 200 xml /ws/admin/configuration/xml "@$WORK/all.xml"
# A node that drains ends with its last job, and then nobody can stop it any more.
last_job=$(enqueue Sleep)
ok "a job keeps the node" wait_for 20 job_is "$last_job" RUNNING
does POST '/ws/admin/node/{id}/drain' update:node "/ws/admin/node/$node/drain"
does POST '/ws/admin/node/{id}/stop' update:node "/ws/admin/node/$node/stop"

is "every route that can change something was called" "$(grep -v '^GET ' "$WORK/routes" | sort -u | comm -23 - <(sort -u "$WORK/called"))" ""
req=$(sql "SELECT split_part(actor, chr(31), 4) FROM jqm.audit WHERE kind = 'node' AND action = 'update' AND db_user = 'jqm_api' ORDER BY id DESC LIMIT 1")
is "one request has one id in the logs of nginx and fcgi and in the trail" \
	"$(grep -c "req=$req .*path=\"/ws/admin/node/$node/stop\"" "$HOME_DIR/log/nginx-access.log") $(grep -c "request req=$req .*path=\"/ws/admin/node/$node/stop\"" "$HOME_DIR/log/jqm-fcgi.log")" "1 1"
is "and is found by it" "$(json GET "/ws/admin/audit?request=$req" | jq -c '[.entries[] | [.action, .kind, .account]]')" '[["update","node","root"]]'
done_testing
