#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bodies, paths and connections that mean no good, at every door of the client API that takes a body: a clear
# error object, never a fault of ours, nothing made, no worker lost.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Plain true
held=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Plain","startState":"HOLDED"}' | jq .id)
master=$(cat "$HOME_DIR/run/jqm-fcgi.pid")
workers() { pgrep -P "$master" | sort | tr '\n' ' '; }
before=$(workers)
everything() { sql "SELECT string_agg(id || state, ' ' ORDER BY id) FROM jqm.job_instance"; }
jobs=$(everything)

doors="ji ji/query ji/query/ids ji/files ji/bulk ji/bulk/requests ji/killed ji/paused ji/resumed q/1/bulk q/1/jobs"
mkdir "$WORK/json" "$WORK/xml"
repeat() { head -c "$2" /dev/zero | sed "s/\\x0/$1/g"; }
cd "$WORK/json" || exit 1
printf '' >empty
printf 'null' >null
printf 'true' >boolean
printf '"text"' >text
printf '1e999' >huge-real
printf '99999999999999999999' >huge-number
printf '[99999999999999999999]' >huge-in-list
printf '[null]' >list-of-null
printf '[[1]]' >list-of-lists
printf '[-1]' >negative
printf '[0]' >zero
printf '[1.5]' >fraction
printf '[true]' >list-of-booleans
printf '{"applicationName":' >cut-off
printf '{"applicationName":"Plain"}}' >trailing
printf '{"user":"a","user":"b"}' >twice
printf '{"applicationName":"\xff\xfe"}' >no-utf8
printf '{"applicationName":"Pl\0ain"}' >nul-byte
printf '{"applicationName":"Pl\\u0000ain","user":"\\u0000"}' >nul-escape
printf '{"applicationName":"\\ud800"}' >lone-surrogate
printf '{"applicationName":{"a":1},"id":{},"user":[1],"jobInstanceId":[]}' >objects
{ repeat '[' 1000; repeat ']' 1000; } >deep-lists
{ for _ in $(seq 1000); do printf '{"a":'; done; printf '1'; repeat '}' 1000; } >deep-objects
{ printf '['; repeat '0,' 700000; printf '0]'; } >long
cd "$WORK/xml" || exit 1
printf '' >empty
printf 'no xml' >text
printf '<jobRequest><applicationName>Plain</jobRequest>' >crossed
printf '<other/>' >root
printf '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;"><!ENTITY z "&y;&y;&y;&y;&y;&y;&y;&y;&y;&y;">]><jobRequest><applicationName>&z;&z;&z;</applicationName></jobRequest>' >bomb
printf '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><query><user>&x;</user></query>' >outside
printf '<jobRequest><applicationName>Pl\0ain</applicationName></jobRequest>' >nul-byte
printf '<jobRequest><applicationName>\xff\xfe</applicationName></jobRequest>' >no-utf8
printf '<?xml version="1.0" encoding="NONE-7"?><jobRequest/>' >encoding
{ repeat '<a>' 1000; repeat '<\/a>' 1000; } >deep
printf '<jobRequest><priority><a/></priority></jobRequest>' >elements
printf '<jobRequest><priority>1</priority><priority>2</priority></jobRequest>' >twice
cd "$WORK" || exit 1

# Of all answers those that are not "4xx with an error object".
not_refused() { # DOOR TYPE FILE...
	local door=$1 type=$2 file status
	shift 2
	for file in "$@"; do
		status=$(curl -sS -m 30 -u "$AUTH" -o "$WORK/answer" -w '%{http_code}' -H "Content-Type: $type" -H 'Accept: application/json' --data-binary "@$file" "$URL/ws/client/$door")
		case $status in
		4??) jq -e '.errorCode and (.userReadableMessage | length > 5)' "$WORK/answer" >/dev/null 2>&1 || echo "${file##*/}: $status without a reason" ;;
		*) echo "${file##*/}: $status $(head -c 300 "$WORK/answer")" ;;
		esac
	done
}
for door in $doors; do
	is "$door refuses every bad JSON" "$(not_refused "$door" application/json json/*)" ''
	is "$door refuses every bad XML" "$(not_refused "$door" application/xml xml/*)" ''
	is "$door refuses other types" "$(code POST "/ws/client/$door" -H 'Content-Type: text/csv' -d 'a,b')" 415
	is "$door refuses a form" "$(code POST "/ws/client/$door" -d 'a=b')" 415
done
head -c 1048577 /dev/zero | tr '\0' ' ' >big
is "a body of a byte over the limit" "$(code POST /ws/client/ji/query -H 'Content-Type: application/json' --data-binary @big)" 413
truncate -s 100M huge
is "one of 100 MB" "$(code POST /ws/client/ji/query -H 'Content-Type: application/json' -H 'Expect:' --data-binary @huge 2>/dev/null)" 413
is "the same in chunks" "$(code POST /ws/client/ji/query -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' --data-binary @huge 2>/dev/null)" 413
is "a good body in chunks is a good body" "$(code POST /ws/client/ji/query -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' -d '{}')" 200
is "an instance that a query brings along is none" "$(json POST /ws/client/ji/query -H 'Content-Type: application/json' -d '{"instances":[{"id":5}]}' | jq -c .instances)" '[]'

for path in ji/1%2f2 ji/%2e%2e/x ji/1%00 ji/-1 ji/%2b1 ji/1e3 ji/0x10 ji/9223372036854775808 ji/99999999999999999999 'ji/ 1' ji/1/nothing ji/1/files/x/y ji/%ff ji/%zz ji/1%2fmessages \
	q/x/status q/1%2f2/status schedule/x user//ji ji/files/x ji/query/idss 'ji/1;a=b' "ji/$(head -c 5000 /dev/zero | tr '\0' 1)"; do
	like "GET ${path:0:40} is refused" "$(code GET "/ws/client/${path// /%20}" --path-as-is)" '^4(00|04|05|14)$'
done
for verb in FOO PROPFIND TRACE CONNECT PATCH get; do
	like "verb $verb is refused" "$(code "$verb" /ws/client/ji)" '^4(00|05)$'
done
is "a number that is none in a verb" "$(code POST "/ws/client/ji/$held/priority/high")" 404
is "a number too large in a verb" "$(code POST "/ws/client/ji/$held/priority/9223372036854775807")" 400
is "a date too late in a verb" "$(code POST "/ws/client/ji/$held/delay/9223372036854775807")" 400
is "a header of 100 kB" "$(code GET /ws/client/q -H "X-Long: $(head -c 100000 /dev/zero | tr '\0' x)")" 400
is "many parameters" "$(code GET "/ws/client/ji?$(for _ in $(seq 1500); do printf 'a&'; done)")" 400

# Straight to the socket.
raw() { # SECONDS: standard input is sent as it is, the answer printed, up to a pause of so long (its first word may take longer)
	local line
	exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return
	cat >&3 2>/dev/null
	if IFS= read -rt $(($1 * 6)) line <&3; then
		printf '%s\n' "$line"
		while IFS= read -rt "$1" line <&3; do printf '%s\n' "$line"; done
	fi
	exec 3>&-
}
statuses() { grep -ao 'HTTP/1.1 [0-9]*' | cut -d' ' -f2 | tr '\n' ' '; }
basic=$(printf '%s' "$AUTH" | base64 -w0)
head="Host: x\r\nAuthorization: Basic $basic\r\nAccept: application/json\r\n"
is "two requests in one packet get two answers" "$(printf "GET /ws/client/q HTTP/1.1\r\n${head}\r\nGET /ws/client/jd HTTP/1.1\r\n${head}Connection: close\r\n\r\n" | raw 30 | statuses)" '200 200 '
is "behind a refused body the next request is answered" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 3\r\n\r\n{x}GET /ws/client/q HTTP/1.1\r\n${head}Connection: close\r\n\r\n" | raw 30 | statuses)" '400 200 '
like "a body longer than announced is a bad second request" "$(printf "POST /ws/client/ji/query HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}{\"user\":1}\r\n\r\n" | raw 30 | statuses)" '^200 400'
printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"applicationName\":\"Plain\"}" | raw 1 >/dev/null # and away
like "lengths that contradict each other are refused" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Length: 5\r\nContent-Length: 7\r\n\r\n{}" | raw 30 | head -1)" ' 400 '
like "so are a length and chunks" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" | raw 30 | head -1)" ' 400 '
like "a negative length" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Length: -5\r\n\r\n" | raw 30 | head -1)" ' 400 '
like "a chunk that is none" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n" | raw 30 | head -1)" ' 400 '

is "nothing was made, nothing changed" "$(everything)" "$jobs"
is "the workers are those of the beginning" "$(workers)" "$before"
unlike "the master has counted no dead one" "$(cat "$HOME_DIR/log/jqm-fcgi.log")" 'worker_died|signal='
is "and all answer" "$(for _ in $(seq 20); do code GET /ws/client/q; printf ' '; done | tr ' ' '\n' | sort -u | tr -d '\n')" 200
done_testing
