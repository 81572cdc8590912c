#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Parts of the API turned off, and authentication: within a second, without a restart, as if they were not there; and
# the way back.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
define Hello 'echo hello'
node=$(sql 'SELECT name FROM jqm.node')

set_parameter() { sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('$1', '$2') ON CONFLICT (key) DO UPDATE SET value = '$2'" >/dev/null; }
# Every answer to a request sent over a second after the change; many, since each worker must know.
within_a_second() { # DESCRIPTION WANT COMMAND...
	local want=$2 from=$((${EPOCHREALTIME/./} + 1000000)) seen='' late=0
	while [ $late -lt 30 ]; do
		if [ "${EPOCHREALTIME/./}" -ge $from ]; then
			late=$((late + 1))
			seen="$seen $("${@:3}")"
		else
			"${@:3}" >/dev/null
			read -rt 0.1 <> <(:) || true # workers are to have been asked before, not to be kept busy
		fi
	done
	is "$1" "$(tr ' ' '\n' <<<"$seen" | grep . | sort -u)" "$want"
}
anon() { curl -sS -m 30 -X "$1" -o /dev/null -w '%{http_code}' "$URL$2" "${@:3}"; }
words() { api "$1" "$2" | jq -r .userReadableMessage | sed 's/".*"/PATH/'; }

# Each of the three, by the cluster's parameter and by the node's flag.
hidden() { # NAME PATH OTHER-PATH
	set_parameter "disableWsApi$1" TRUE
	within_a_second "disableWsApi$1: within a second its paths are gone" 404 code GET "$2"
	is "disableWsApi$1: as if they never were" "$(words GET "$2")" "$(words GET "$2/no/such/path")"
	is "disableWsApi$1: to wrong methods and OPTIONS too" "$(code PUT "$2") $(code OPTIONS "$2")" "404 404"
	is "disableWsApi$1: without a login like any other path" "$(anon GET "$2")" "$(anon GET /ws/no/such/path)"
	is "disableWsApi$1: the others are there" "$(code GET "$3")" 200
	set_parameter "disableWsApi$1" no
	within_a_second "disableWsApi$1: anything but true brings them back" 200 code GET "$2"
}
hidden Simple /ws/simple/localnode/health /ws/client/q
hidden Client /ws/client/q /ws/admin/me
hidden Admin /ws/admin/me /ws/client/q
flag() { sql "UPDATE jqm.node SET $1 = $2 WHERE name = '$node'" >/dev/null; }
flag load_api_client false
within_a_second "loadApiClient: this node's only" 404 code GET /ws/client/q
flag load_api_client true
within_a_second "and back" 200 code GET /ws/client/q
flag load_api_simple false
flag load_api_admin false
within_a_second "loadApiSimple, loadApiAdmin" "404,404" eval 'echo "$(code GET "/ws/simple/status?id=1"),$(code GET /ws/admin/me)"'
is "who may use what is left logs in as before" "$(log_in one root "${AUTH#*:}") $(session_code one GET /ws/client/q)" "204 200"

# All of it, and the way back.
set_parameter disableWsApi true
within_a_second "disableWsApi: nothing is there, not even a login" "404,404,404" eval 'echo "$(code GET /ws/client/q),$(code POST /ws/session -d "{}" -H "Content-Type: application/json"),$(code GET /ws/simple/localnode/health)"'
ok "on the server everything is turned on again" "$JQM" db open-api --home "$HOME_DIR"
within_a_second "within a second" "200,200,200" eval 'echo "$(code GET /ws/client/q),$(code GET /ws/admin/me),$(code GET /ws/simple/localnode/health)"'

# The health check, for who cannot log in.
set_parameter enableAnonymousHealth true
within_a_second "enableAnonymousHealth: nobody needs to log in for that, and for nothing else" "200,401" eval 'echo "$(anon GET /ws/simple/localnode/health),$(anon GET /ws/client/q)"'
set_parameter enableAnonymousHealth false
within_a_second "turned off again" 401 anon GET /ws/simple/localnode/health

# By the API itself.
is "an administrator turns it off where he stands" "$(send_code POST /ws/admin/prm '{"key":"disableWsApiAdmin","value":"true"}')" 204
within_a_second "and is out" 404 code GET /ws/admin/prm
"$JQM" db open-api --home "$HOME_DIR"
within_a_second "and in again" 200 code GET /ws/admin/prm

# Authentication: whoever may turn it off may do everything.
account conf 'dusty lamp over the river' 'config admin'
as_conf() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -u 'conf:dusty lamp over the river' -X "$1" -H 'Content-Type: application/json' -d "$3" "$URL$2"; }
is "who may change parameters" "$(as_conf POST /ws/admin/prm '{"key":"some","value":"false"}')" 204
is "may not turn it off" "$(as_conf POST /ws/admin/prm '{"key":"enableWsApiAuth","value":"false"}') $(as_conf POST /ws/admin/prm '{"key":"openBeyondLoopback","value":"true"}')" "403 403"
is "nor by another's name, nor in a list" "$(as_conf PUT "/ws/admin/prm/$(sql "SELECT id FROM jqm.global_parameter WHERE key = 'some'")" '{"key":"openBeyondLoopback","value":"true"}') $(as_conf PUT /ws/admin/prm "$(json GET /ws/admin/prm | jq -c 'map(if .key == "enableWsApiAuth" then .value = "no" else . end)')")" "403 403"
as_conf_file() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -u 'conf:dusty lamp over the river' -H 'Content-Type: application/xml' -d "<jqm><globalParameters><parameter><key>$1</key><value>$2</value></parameter></globalParameters></jqm>" "$URL/ws/admin/configuration/xml"; }
is "nor in a file" "$(as_conf_file enableWsApiAuth false) $(as_conf_file openBeyondLoopback true) $(as_conf_file another 1)" "403 403 200"
is "but saves the list as it is" "$(as_conf PUT /ws/admin/prm "$(json GET /ws/admin/prm)")" 204
set_parameter enableWsApiAuth false
within_a_second "enableWsApiAuth=false: nobody needs to log in" 200 anon GET /ws/client/q
is "which consoles are told" "$(curl -sS "$URL/ws/admin/me")" '{"login":null,"enforced":false,"permissions":["*:*"]}'
like "a job is enqueued" "$(curl -sS -d applicationname=Hello "$URL/ws/simple/ji")" '^[0-9]+$'
is "who logs in is who he is" "$(api GET /ws/admin/me | jq -r .login) $(anon GET /ws/admin/me -u root:wrong)" "root 401"
is "a page of another site still gives no orders" "$(anon POST /ws/simple/ji -d applicationname=Hello -H 'Origin: http://evil.example')" 403
is "nor does one whose name was bound to this machine's address" "$(anon GET /ws/client/q -H "Host: evil.example:$PORT") $(anon POST /ws/simple/ji -d applicationname=Hello -H "Host: evil.example:$PORT" -H "Origin: http://evil.example:$PORT")" "401 401"
is "nobody has no account to change" "$(anon PUT /ws/account/password -H 'Content-Type: application/json' -d '{"oldPassword":"a","newPassword":"b"}')" 409
refused "and nobody is called so" 400 'anonymous means nobody' POST /ws/admin/user '{"login":"anonymous"}'
set_parameter openBeyondLoopback true
sql "UPDATE jqm.node SET dns = 'localhost.localdomain'" >/dev/null
within_a_second "openBeyondLoopback: under the node's own names, addresses and this machine's" "200,200,200" eval 'echo "$(anon GET /ws/client/q -H "Host: LocalHost.localdomain:$PORT"),$(anon GET /ws/client/q -H "Host: $(uname -n)"),$(anon GET /ws/client/q)"'
is "but under no other, which somebody may have bound to this address" "$(anon GET /ws/client/q -H "Host: evil.example:$PORT") $(anon POST /ws/simple/ji -d applicationname=Hello -H "Host: evil.example:$PORT" -H "Origin: http://evil.example:$PORT")" "401 401"
is "who logs in may call it as he likes" "$(code GET /ws/client/q -H "Host: evil.example")" 200
set_parameter openBeyondLoopback false
set_parameter enableWsApiAuth true
within_a_second "turned on again" 401 anon GET /ws/client/q
done_testing
