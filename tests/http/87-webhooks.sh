#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Webhooks by the admin API and the command line.  What is sent: tests/system/51-webhooks.sh.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Hello true
S=whsec_$(openssl rand -base64 32)
hooks() { json GET /ws/admin/webhook | jq -c "map($1)"; }
make() { # MORE-MEMBERS: one of name a
	send_code POST /ws/admin/webhook "{\"name\":\"a\",\"url\":\"https://example.org/\",\"newSecret\":\"$S\"${1:+,$1}}"
}
# What is about the address alone: quoted by jq.
to() { jq -nc --arg url "$1" --arg s "$S" '{name: "x", url: $url, newSecret: $s}'; }

is "no hooks" "$(json GET /ws/admin/webhook)" '[]'
is "one is made" "$(make '"description":"d"')" 204
is "and read, without its secret" "$(json GET /ws/admin/webhook/1)" \
	'{"id":1,"name":"a","description":"d","url":"https://example.org/","enabled":true,"states":["ENDED","CRASHED","KILLED","CANCELLED"],"jobDefId":null,"queueId":null,"accountId":null,"newSecret":null,"oldSecretUntil":null,"problem":null,"failingSince":null}'
like "in the database it is sealed" "$(sql 'SELECT secret FROM jqm.webhook')" '^1:[0-9a-f]{16}:'
is "it is changed, and keeps its secret" "$(send_code PUT /ws/admin/webhook/1 '{"name":"a","url":"https://example.org/b?x=y","states":["KILLED","CRASHED","KILLED"],"jobDefId":1,"queueId":1,"accountId":1,"enabled":false}') $(hooks '[.url,.states,.jobDefId,.queueId,.accountId,.enabled,.oldSecretUntil]')" \
	'204 [["https://example.org/b?x=y",["CRASHED","KILLED"],1,1,1,false,null]]'
is "what is not said is as it was; no filter is none" "$(send_code PUT /ws/admin/webhook/1 '{"name":"a","url":"https://example.org/"}') $(hooks '[.states,.jobDefId,.enabled]')" '204 [[["CRASHED","KILLED"],null,false]]'
is "another secret leaves the last one for a while" "$(send_code PUT /ws/admin/webhook/1 "{\"name\":\"a\",\"url\":\"https://example.org/\",\"newSecret\":\"$S\"}") $(hooks '.oldSecretUntil != null')" '204 [true]'
is "another name, with the secret" "$(send_code PUT /ws/admin/webhook/1 "{\"name\":\"b\",\"url\":\"https://example.org/\",\"newSecret\":\"$S\"}") $(hooks '[.name,.oldSecretUntil]')" '204 [["b",null]]'
refused "another name without" 409 'cannot get another name without its secret' PUT /ws/admin/webhook/1 '{"name":"c","url":"https://example.org/"}'
refused "a name that is taken" 409 '"b" is already used' POST /ws/admin/webhook "{\"name\":\"b\",\"url\":\"https://example.org/\",\"newSecret\":\"$S\"}"
refused "no secret" 400 'field "newSecret" is missing' POST /ws/admin/webhook '{"name":"x","url":"https://example.org/"}'
refused "what is none" 400 'field "newSecret": a secret is "whsec_" and 24 to 64 bytes' POST /ws/admin/webhook '{"name":"x","url":"https://example.org/","newSecret":"whsec_shortened"}'
unlike "is not told again" "$(send POST /ws/admin/webhook '{"name":"x","url":"https://example.org/","newSecret":"whsec_shortened"}')" shortened
refused "a sealed one from outside" 400 'field "newSecret"' POST /ws/admin/webhook '{"name":"x","url":"https://example.org/","newSecret":"1:0123456789abcdef:AAAA"}'
refused "no name" 400 'field "name" is missing' POST /ws/admin/webhook "{\"url\":\"https://example.org/\",\"newSecret\":\"$S\"}"
for url in '' ftp://example.org/ example.org file:///etc/passwd http:// 'https://user:pw@example.org/' 'https://example.org/#x' 'https://example.org/a b' \
	'https://exam ple.org/' 'http://[::1' 'javascript:x' 'HTTPS://example.org/' 'https://example.org:/' 'https://example.org\@evil.org/' 'https://exämple.org/' \
	$'http://example.org/\r\nX-Y: z' "https://example.org/$(printf 'x%.0s' {1..2000})"; do
	refused "no address: ${url:0:30}" 400 'field "url"' POST /ws/admin/webhook "$(to "$url")"
done
for port in 0 65536 99999; do
	refused "no port: $port" 400 'field "url": a port is a number' POST /ws/admin/webhook "$(to "http://example.org:$port/")"
done
refused "no end" 400 'field "states" names no end' PUT /ws/admin/webhook/1 '{"name":"b","url":"https://example.org/","states":[]}'
refused "an end that is none" 400 '"RUNNING" is none of' PUT /ws/admin/webhook/1 '{"name":"b","url":"https://example.org/","states":["RUNNING"]}'
for field in jobDefId queueId accountId; do
	refused "$field of nothing" 400 "field \"$field\": there is no .* 4242" PUT /ws/admin/webhook/1 "{\"name\":\"b\",\"url\":\"https://example.org/\",\"$field\":4242}"
done
refused "one that is not there" 404 'there is no webhook 4242' PUT /ws/admin/webhook/4242 '{"name":"x","url":"https://example.org/"}'
is "what a hook is about" "$(send_code PUT /ws/admin/webhook/1 '{"name":"b","url":"https://example.org/","jobDefId":1}')" 204
refused "cannot be deleted" 409 'job definition "Hello" cannot be deleted: webhooks are about it: b' DELETE /ws/admin/jd/1 ''
etag=$(etag /ws/admin/webhook/1)
is "who edits an old state is told so" "$(send_code PUT /ws/admin/webhook/1 '{"name":"b","url":"https://example.org/"}') $(send_code PUT /ws/admin/webhook/1 '{"name":"b","url":"https://example.org/"}' -H "If-Match: $etag")" "204 412"

# Without keys there are no hooks.
mv "$HOME_DIR/conf/secrets.key" "$HOME_DIR/conf/kept.key"
is "a server that cannot read its keys takes no secret" "$(make '')" 503
is "but changes all else" "$(send_code PUT /ws/admin/webhook/1 '{"name":"b","url":"https://example.org/","enabled":true}')" 204
mv "$HOME_DIR/conf/kept.key" "$HOME_DIR/conf/secrets.key"

# Deliveries.  Nothing public is asked: what is sent goes to this machine, which is refused.
send PUT /ws/admin/webhook/1 '{"name":"b","url":"http://127.0.0.1:9/","states":["ENDED"]}' >/dev/null
tried() { [ "$(json GET /ws/admin/webhook/1/delivery/1 | jq '.attempts | length')" -ge "${1:-1}" ]; }
is "a ping is answered with its delivery" "$(json POST /ws/admin/webhook/1/ping | jq -c '[.id,.event,.jobId]')" '[1,"ping",null]'
ok "which is tried" wait_for 20 tried
is "the log tells" "$(json GET /ws/admin/webhook/1/delivery/1 | jq -c '[.state,.tries,(.body | fromjson | .data),(.attempts[0] | [.try,.status,.reason])]')" \
	'["PENDING",1,{"webhook":"b"},[1,null,"address 127.0.0.1 is not public, and setting hooks:allow does not allow it"]]'
is "again" "$(code POST /ws/admin/webhook/1/delivery/1/again)" 204
ok "is tried at once" wait_for 20 tried 2
job=$(enqueue Hello)
wait_job "$job"
is "the end of a job is told" "$(json GET '/ws/admin/webhook/1/delivery?newest=1' | jq -c 'map([.id,.event,.jobId])')" "[[2,\"job.ended\",$job]]"
is "page by page" "$(json GET '/ws/admin/webhook/1/delivery?before=2' | jq -c 'map(.id)')" '[1]'
for path in 1/delivery/3 1/delivery/0 4242/delivery/1 4242/delivery; do is "nothing: $path" "$(code GET "/ws/admin/webhook/$path")" 404; done
for path in 1/delivery/3/again 1/delivery/0/again 4242/delivery/1/again 4242/ping; do is "no order: $path" "$(code POST "/ws/admin/webhook/$path")" 404; done
for path in '1/delivery?newest=201' '1/delivery?newest=0' '1/delivery?before=x'; do is "wrong: $path" "$(code GET "/ws/admin/webhook/$path")" 400; done
send PUT /ws/admin/webhook/1 '{"name":"b","url":"http://127.0.0.1:9/","enabled":false}' >/dev/null
refused "a disabled one is not pinged" 409 'webhook "b" is disabled' POST /ws/admin/webhook/1/ping ''
refused "nor told again" 409 'webhook "b" is disabled' POST /ws/admin/webhook/1/delivery/1/again ''
is "deleted" "$(code DELETE /ws/admin/webhook/1) $(code GET /ws/admin/webhook/1/delivery)" "204 404"
is "as a list" "$(send_code PUT /ws/admin/webhook "[$(to http://127.0.0.1:9/),$(to http://127.0.0.1:9/ | jq -c '.name = "y"')]") $(hooks .name)" '204 ["x","y"]'
is "all away" "$(send_code PUT /ws/admin/webhook '[]') $(hooks .name)" '204 []'

# The command line.
jqm() { "$JQM" "$@"; }
echo "$S" >"$WORK/secret" && chmod 600 "$WORK/secret"
ok "jqm webhook create" jqm webhook create chat url=http://127.0.0.1:9/ --secret-file "$WORK/secret"
ok "set" jqm webhook set chat states=CRASHED,KILLED definition=Hello queue=DEFAULT user=root
is "by names" "$(hooks '[.states,.jobDefId,.queueId,.accountId]')" '[[["CRASHED","KILLED"],1,1,1]]'
ok "no filter" jqm webhook set chat definition= queue= user=
is "is none" "$(hooks '[.jobDefId,.queueId,.accountId]')" '[[null,null,null]]'
like "list" "$(jqm webhook list)" '^[0-9]+ +chat +true +CRASHED,KILLED +http://127\.0\.0\.1:9/$'
ok "another secret" jqm webhook set chat --secret-file "$WORK/secret"
like "show" "$(jqm webhook show chat)" '^oldSecretUntil +20'
unlike "no secret" "$(jqm webhook show chat; jqm webhook show chat --json)" "${S:6:20}"
chmod 644 "$WORK/secret"
like "a file others can read is refused" "$(jqm webhook set chat --secret-file "$WORK/secret" 2>&1)" 'can be read by others'
like "no secret in arguments" "$(jqm webhook set chat newSecret=x 2>&1)" 'secrets come from a file'
number=$(jqm webhook ping chat)
like "ping" "$number" '^[0-9]+$'
cli_tried() { jqm webhook delivery chat "$number" | grep -q '^reason '; }
ok "delivery" wait_for 20 cli_tried
like "all about it" "$(jqm webhook delivery chat "$number")" '^reason +address 127\.0\.0\.1 is not public'
like "deliveries" "$(jqm webhook deliveries chat -n 5)" "^ +$number +0 ping +PENDING +1 +0 20.* address 127"
is "as JSON" "$(jqm webhook deliveries chat --json | jq 'map(.id)[0]')" "$number"
ok "again" jqm webhook again chat "$number"
for wrong in 'ping' 'delivery chat' 'again chat x' 'ping chat 1' 'deliveries chat -n 201'; do
	# shellcheck disable=SC2086 # words
	is "jqm webhook $wrong: exit code" "$(jqm webhook $wrong >/dev/null 2>&1; echo $?)" 2
done
is "one that is not there" "$(jqm webhook ping nobody 2>&1; echo $?)" "$(printf 'jqm webhook: there is no webhook "nobody"\n3')"

# Keys of secrets.
KEYS=$HOME_DIR/conf/secrets.key
before=$(sql 'SELECT secret FROM jqm.webhook')
ok "another key" jqm secrets next "$KEYS" --home "$HOME_DIR"
ok "from now on" jqm secrets switch "$KEYS" --home "$HOME_DIR"
ok "seal anew" jqm secrets rotate "$KEYS" --home "$HOME_DIR"
is "another key seals it" "$(sql "SELECT split_part(secret, ':', 2) <> split_part('$before', ':', 2) AND split_part(old_secret, ':', 2) = split_part(secret, ':', 2) FROM jqm.webhook")" t
ok "the old one goes" jqm secrets retire "$KEYS" --home "$HOME_DIR"
number=$(jqm webhook ping chat)
ok "the secret can still be opened" wait_for 20 cli_tried
like "so that it is the address that is refused" "$(jqm webhook delivery chat "$number")" 'is not public'
done_testing
