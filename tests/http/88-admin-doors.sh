#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The admin API as its doors are: which permission opens which call, and what any of them answers to bodies and
# headers that nobody should send.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
stack_up
root_auth=$AUTH
probe=probe:xv-drums-77-qk

send POST /ws/admin/role '{"name":"probe","description":"","permissions":[]}' >/dev/null
send POST /ws/admin/user '{"login":"probe","newPassword":"xv-drums-77-qk","roles":[8]}' >/dev/null
allow() { # "object:verb,verb"; nothing: none
	local list='[]' verbs=${1:-}
	verbs=${verbs#*:}
	[ -z "${1:-}" ] || list="[\"${1%%:*}:${verbs//,/\",\"${1%%:*}:}\"]"
	AUTH=$root_auth
	send PUT /ws/admin/role/8 "{\"name\":\"probe\",\"description\":\"\",\"permissions\":$list}" >/dev/null
	AUTH=$probe
}
# A body that nothing comes of: what is asked is only who may come in.
call() { [ "$1" = GET ] && code "$1" "$2" || send_code "$1" "$2" '[5]'; }

while read -r method path permission; do
	allow
	without=$(call "$method" "$path")
	allow "$permission"
	with=$(call "$method" "$path")
	if [ -z "$permission" ]; then
		is "$method $path is for any account" "$without" 200
	else
		is "$method $path without a permission" "$without" 403
		unlike "$method $path with $permission" "$with" '^(401|403|5..)$'
	fi
	if [[ $permission = *,* ]]; then
		allow "${permission%%,*}"
		is "$method $path with one of them only" "$(call "$method" "$path")" 403
	fi
	AUTH=$root_auth
done <<'END'
GET /ws/admin/node node:read
POST /ws/admin/node node:create
PUT /ws/admin/node node:create,update,delete
GET /ws/admin/node/4242 node:read
PUT /ws/admin/node/4242 node:update
DELETE /ws/admin/node/4242 node:delete
GET /ws/admin/q queue:read
POST /ws/admin/q queue:create
PUT /ws/admin/q queue:create,update,delete
GET /ws/admin/q/4242 queue:read
PUT /ws/admin/q/4242 queue:update
DELETE /ws/admin/q/4242 queue:delete
GET /ws/admin/qmapping qmapping:read
POST /ws/admin/qmapping qmapping:create
PUT /ws/admin/qmapping qmapping:create,update,delete
GET /ws/admin/qmapping/4242 qmapping:read
PUT /ws/admin/qmapping/4242 qmapping:update
DELETE /ws/admin/qmapping/4242 qmapping:delete
GET /ws/admin/jndi jndi:read
POST /ws/admin/jndi jndi:create
PUT /ws/admin/jndi jndi:create,update,delete
GET /ws/admin/jndi/4242 jndi:read
PUT /ws/admin/jndi/4242 jndi:update
DELETE /ws/admin/jndi/4242 jndi:delete
GET /ws/admin/prm prm:read
POST /ws/admin/prm prm:create
PUT /ws/admin/prm prm:create,update,delete
GET /ws/admin/prm/4242 prm:read
PUT /ws/admin/prm/4242 prm:update
DELETE /ws/admin/prm/4242 prm:delete
GET /ws/admin/jd jd:read
POST /ws/admin/jd jd:create
PUT /ws/admin/jd jd:create,update,delete
GET /ws/admin/jd/4242 jd:read
PUT /ws/admin/jd/4242 jd:update
DELETE /ws/admin/jd/4242 jd:delete
GET /ws/admin/schedule jd:read
POST /ws/admin/schedule jd:create
PUT /ws/admin/schedule jd:create,update,delete
GET /ws/admin/schedule/4242 jd:read
PUT /ws/admin/schedule/4242 jd:update
DELETE /ws/admin/schedule/4242 jd:delete
GET /ws/admin/cl cl:read
POST /ws/admin/cl cl:create
PUT /ws/admin/cl cl:create,update,delete
GET /ws/admin/cl/4242 cl:read
PUT /ws/admin/cl/4242 cl:update
DELETE /ws/admin/cl/4242 cl:delete
GET /ws/admin/concurrency concurrency:read
POST /ws/admin/concurrency concurrency:create
PUT /ws/admin/concurrency concurrency:create,update,delete
GET /ws/admin/concurrency/4242 concurrency:read
PUT /ws/admin/concurrency/4242 concurrency:update
DELETE /ws/admin/concurrency/4242 concurrency:delete
GET /ws/admin/user user:read
POST /ws/admin/user user:create
PUT /ws/admin/user user:create,update,delete
GET /ws/admin/user/4242 user:read
PUT /ws/admin/user/4242 user:update
DELETE /ws/admin/user/4242 user:delete
GET /ws/admin/role role:read
POST /ws/admin/role role:create
PUT /ws/admin/role role:create,update,delete
GET /ws/admin/role/4242 role:read
PUT /ws/admin/role/4242 role:update
DELETE /ws/admin/role/4242 role:delete
GET /ws/admin/node/n/log node:read
GET /ws/admin/me
GET /ws/admin/version
GET /ws/admin/stats/usage
GET /ws/admin/stats/history?hours=1
END
allow jd:read
is "execution contexts are for who reads definitions" "$(code GET /ws/admin/cl) $(code GET /ws/admin/cl/1)" "200 404"
allow queue:create
is "POST that changes needs the permission to" "$(send_code POST /ws/admin/q '{"id":1,"name":"DEFAULT","description":"x"}') $(send_code POST /ws/admin/q '{"name":"N","description":""}')" "403 204"
allow prm:create
is "so does a parameter by its key; a new one does not" "$(send_code POST /ws/admin/prm '{"key":"disableWsApi","value":"true"}') $(send_code POST /ws/admin/prm '{"key":"fresh","value":"1"}')" "403 204"
AUTH=$root_auth
is "without a login nobody learns anything" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/admin/q") $(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/admin/nothing")" "401 401"

# Bodies nobody should send: one clear error, nothing changed.
kinds="q qmapping jndi prm jd schedule cl concurrency user role webhook certmapping"
state() { for k in $kinds; do etag "/ws/admin/$k" | cut -d. -f1; done; } # what editors see (fcgi/conditional.h)
before=$(state)
mkdir "$WORK/bad" && cd "$WORK/bad" || exit 1
n=0
for body in '' 'x' '5' 'null' '"a"' '[]' '[[]]' '{' '{"id":{}}' '{"id":"x"}' '{"id":true}' '{"id":1.5}' '{"id":99999999999999999999}' \
	'{"id":9223372036854775807}' '{"id":-9223372036854775808}' '{"id":-1}' '{"id":0.0}' '{"name":[],"key":[],"login":[],"applicationName":[],"cronExpression":[],"nodeId":[]}' \
	'{"name":"a\u0000b","key":"a\u0000b","login":"a\u0000","applicationName":"\u0000"}' '{"name":"a","name":"b"}' '{}' $'{"name":"\xff\xfe"}' \
	'{"name":"\ud800","key":"\ud800"}' '{"parameters":5,"schedules":5,"roles":{},"permissions":{},"name":{},"key":{},"nodeId":"x"}'; do
	n=$((n + 1))
	printf '%s' "$body" >"$n.${body//[^a-zA-Z0-9]/_}"
done
mv 6.__ empty-list
{ repeat '[' 1000 && repeat ']' 1000; } >deep-lists
{ repeat '{"a":' 1000 && printf 1 && repeat '}' 1000; } >deep-objects
printf '{"name":"a\0b","key":"a\0b","login":"a\0b"}' >nul-byte
bad=("$WORK"/bad/[!e]*)
is "there are bad bodies" ${#bad[@]} 26
export REFUSED='^(400|404|409)$'
for k in node $kinds; do
	is "$k: bad bodies get a clear refusal" "$(not_refused POST "/ws/admin/$k" application/json empty-list "${bad[@]}")" ''
	is "$k: so they do at one of them" "$(not_refused PUT "/ws/admin/$k/1" application/json empty-list "${bad[@]}")" ''
	is "$k: and at all" "$(not_refused PUT "/ws/admin/$k" application/json "${bad[@]}")" '' # an empty list empties it
	is "$k: 100 MB, in chunks, cut off" "$(too_much POST "/ws/admin/$k" application/json)" "413 413 400"
done
is "and nothing has changed" "$(state)" "$before"
refused "names what is wrong in a list" 400 'name' PUT /ws/admin/q '[{"id":1,"name":"DEFAULT","description":""},{"name":{},"description":""}]'
is "XML is not read" "$(code POST /ws/admin/q -H 'Content-Type: application/xml' -d '<queue/>')" 415
is "nor a form" "$(code PUT /ws/admin/prm/1 -d 'key=a')" 415
is "a type with a parameter is" "$(code POST /ws/admin/q -H 'Content-Type: application/json;charset=utf-8' -d '{"name":"W","description":""}')" 204
is "XML is not written" "$(code GET /ws/admin/q -H 'Accept: application/xml') $(code GET /ws/admin/user/1 -H 'Accept: text/html')" "406 406"
is "what Angular asks for is" "$(code GET /ws/admin/q -H 'Accept: application/json, text/plain, */*')" 200
is "what has no such method" "$(code DELETE /ws/admin/q) $(code POST /ws/admin/q/1) $(code POST /ws/admin/stats/usage)" "405 405 405"
is "ids that are none" "$(code GET /ws/admin/q/abc) $(code GET /ws/admin/q/-1) $(code GET /ws/admin/q/0) $(code DELETE /ws/admin/q/99999999999999999999)" "404 404 404 404"
is "a slash at the end does no harm" "$(code GET /ws/admin/q/) $(code GET /ws/admin/q/1/)" "200 200"
is "If-Match that is none" "$(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":""}' -H 'If-Match: x')" 412
is "a page of another site changes nothing" "$(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":""}' -H 'Origin: http://evil.example' -H 'Sec-Fetch-Site: cross-site')" 403
done_testing
