#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bodies, paths and connections that mean no good, at every door of the client API that takes a body: a clear
# error object, never a fault of ours, nothing made, no worker lost.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
stack_up
define Plain true
held=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Plain","startState":"HOLDED"}' | jq .id)
master=$(cat "$HOME_DIR/run/jqm-fcgi.pid")
workers() { pgrep -P "$master" | sort | tr '\n' ' '; }
before=$(workers)
everything() { sql "SELECT string_agg(id || state, ' ' ORDER BY id) FROM jqm.job_instance"; }
jobs=$(everything)

doors="ji ji/query ji/query/ids ji/files ji/bulk ji/bulk/requests ji/killed ji/paused ji/resumed q/1/bulk q/1/jobs"
cd "$WORK" || exit 1
bad_json json
bad_xml xml
for door in $doors; do
	is "$door refuses every bad JSON" "$(not_refused POST "/ws/client/$door" application/json json/*)" ''
	is "$door refuses every bad XML" "$(not_refused POST "/ws/client/$door" application/xml xml/*)" ''
	is "$door refuses other types" "$(code POST "/ws/client/$door" -H 'Content-Type: text/csv' -d 'a,b')" 415
	is "$door refuses a form" "$(code POST "/ws/client/$door" -d 'a=b')" 415
done
head -c 1048577 /dev/zero | tr '\0' ' ' >big
is "a body of a byte over the limit" "$(code POST /ws/client/ji/query -H 'Content-Type: application/json' --data-binary @big)" 413
is "one of 100 MB, the same in chunks, a small one behind one that was cut off" "$(too_much POST /ws/client/ji/query application/json)" "413 413 400"
is "a good body in chunks is a good body" "$(code POST /ws/client/ji/query -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' -d '{}')" 200
is "an instance that a query brings along is none" "$(json POST /ws/client/ji/query -H 'Content-Type: application/json' -d '{"instances":[{"id":5}]}' | jq -c .instances)" '[]'

for path in ji/1%2f2 ji/%2e%2e/x ji/1%00 ji/-1 ji/%2b1 ji/1e3 ji/0x10 ji/9223372036854775808 ji/99999999999999999999 'ji/ 1' ji/1/nothing ji/1/files/x/y ji/%ff ji/%zz ji/1%2fmessages \
	q/x/status q/1%2f2/status schedule/x user//ji ji/files/x ji/query/idss 'ji/1;a=b' "ji/$(head -c 5000 /dev/zero | tr '\0' 1)"; do
	like "GET ${path:0:40} is refused" "$(code GET "/ws/client/${path// /%20}" --path-as-is)" '^4(00|04|05|14)$'
done
for verb in FOO PROPFIND TRACE CONNECT PATCH get; do
	like "verb $verb is refused" "$(code "$verb" /ws/client/ji)" '^4(00|05)$'
done
# nginx has refused these before a worker, or any of 20 MB, is needed.
truncate -s 20M "$WORK/20m"
for path in ji/bulk ji/killed ji/paused ji/resumed q/1/bulk q/1/jobs; do
	said=$(json FOO "/ws/client/$path" -H 'Content-Type: application/json' -T "$WORK/20m" | jq -r .userReadableMessage)
	is "verb FOO is refused at the door of $path" "$(api_status) $said" "405 this method does nothing here"
done
is "a number that is none in a verb" "$(code POST "/ws/client/ji/$held/priority/high")" 404
is "a number too large in a verb" "$(code POST "/ws/client/ji/$held/priority/9223372036854775807")" 400
is "a date too late in a verb" "$(code POST "/ws/client/ji/$held/delay/9223372036854775807")" 400
is "a header of 100 kB" "$(code GET /ws/client/q -H "X-Long: $(head -c 100000 /dev/zero | tr '\0' x)")" 400
is "many parameters" "$(code GET "/ws/client/ji?$(for _ in $(seq 1500); do printf 'a&'; done)")" 400

# Straight to the socket.
basic=$(printf '%s' "$AUTH" | base64 -w0)
head="Host: x\r\nAuthorization: Basic $basic\r\nAccept: application/json\r\n"
is "two requests in one packet get two answers" "$(printf "GET /ws/client/q HTTP/1.1\r\n${head}\r\nGET /ws/client/jd HTTP/1.1\r\n${head}Connection: close\r\n\r\n" | raw 30 | statuses)" '200 200 '
is "behind a refused body the next request is answered" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 3\r\n\r\n{x}GET /ws/client/q HTTP/1.1\r\n${head}Connection: close\r\n\r\n" | raw 30 | statuses)" '400 200 '
like "a body longer than announced is a bad second request" "$(printf "POST /ws/client/ji/query HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}{\"user\":1}\r\n\r\n" | raw 30 | statuses)" '^200 400'
printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"applicationName\":\"Plain\"}" | raw_away
like "lengths that contradict each other are refused" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Length: 5\r\nContent-Length: 7\r\n\r\n{}" | raw 30 | head -1)" ' 400 '
like "so are a length and chunks" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" | raw 30 | head -1)" ' 400 '
like "a negative length" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Length: -5\r\n\r\n" | raw 30 | head -1)" ' 400 '
like "a chunk that is none" "$(printf "POST /ws/client/ji HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n" | raw 30 | head -1)" ' 400 '

is "nothing was made, nothing changed" "$(everything)" "$jobs"
is "the workers are those of the beginning" "$(workers)" "$before"
is "and all answer" "$(for _ in $(seq 20); do code GET /ws/client/q; printf ' '; done | tr ' ' '\n' | sort -u | tr -d '\n')" 200
done_testing
