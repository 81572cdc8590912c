#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a browser is told and what it may be made to do: every answer, whoever makes it, forbids to guess types, to be
# framed and to run code that is written into it; files are downloads; orders of other sites' pages are refused.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Leaves 'echo "<script>alert(1)</script>"; echo "<b>err</b>" >&2; echo "<script>alert(2)</script>" > "$JQM_JI_DELIVERY_DIR/page.html"'
define Runs 'echo "<script>alert(3)</script>"; exec tail -f /dev/null'
id=$(enqueue Leaves)
ok "a job left a page" wait_job "$id"
running=$(enqueue Runs)
ok "another runs" wait_for 20 job_is "$running" RUNNING
has_log() { api GET "/ws/client/ji/$running/stdout" | grep -q script; }
ok "and has written" wait_for 20 has_log
file=$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $id")
guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")
link=$(api POST "/ws/client/ji/files/$file/link" | jq -r .url)
held=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Leaves","startState":"HOLDED"}' | jq .id)
api POST "/ws/client/ji/$held/files/page.html" --data-binary '<script>' -H 'Content-Type: text/html' >/dev/null
head -c 20000000 /dev/zero >"$WORK/20m"

# Of each kind of answer the headers in lower case, sorted.
answer() { curl -sS -m 30 -o /dev/null -D - "$@" | tr -d '\r' | tr '[:upper:]' '[:lower:]'; }
one() { sed -n "s/^$1: //p" | sort -u; }
safe() { # DESCRIPTION STATUS CURL-ARG...
	local description=$1 status=$2 headers
	shift 2
	headers=$(answer "$@")
	is "$description: status" "$(sed -n '1s/^http[^ ]* \([0-9]*\).*/\1/p' <<<"$headers")" "$status"
	is "$description: types are not guessed" "$(one x-content-type-options <<<"$headers")" nosniff
	is "$description: no frames" "$(one x-frame-options <<<"$headers")" deny
	is "$description: no referrer" "$(one referrer-policy <<<"$headers")" no-referrer
	is "$description: no other site's images or scripts" "$(one cross-origin-resource-policy <<<"$headers")" same-origin
	is "$description: no code but files of ours" "$(one content-security-policy <<<"$headers" | grep -c "default-src 'self'.*frame-ancestors 'none'")" 1
	unlike "$description: nothing inline, nothing from elsewhere" "$(one content-security-policy <<<"$headers")" 'unsafe|\*|http'
	is "$description: no other site reads it" "$(one access-control-allow-origin <<<"$headers")" ''
	unlike "$description: no release of the server" "$(one server <<<"$headers")" '[0-9]'
}
auth=(-u "$AUTH")
safe "the page" 200 "$URL/"
safe "a page that is not there" 404 "$URL/nothing"
safe "an API answer" 200 "${auth[@]}" "$URL/ws/client/q"
safe "XML" 200 "${auth[@]}" -H 'Accept: application/xml' "$URL/ws/client/q"
safe "an order's" 204 "${auth[@]}" -X POST "$URL/ws/client/ji/$held/priority/3"
safe "a refusal without a login" 401 "$URL/ws/client/q"
safe "one of ours" 404 "${auth[@]}" "$URL/ws/client/ji/99999999"
safe "a method nginx refuses" 405 "${auth[@]}" -X PATCH "$URL/ws/client/q"
safe "a body nginx refuses" 413 "${auth[@]}" --data-binary @"$WORK/20m" "$URL/ws/client/ji"
safe "a path nginx refuses" 414 "$URL/$(head -c 9000 /dev/zero | tr '\0' a)"
safe "a request that is none" 400 -H 'Content-Length: x' "$URL/"
safe "a file" 200 "${auth[@]}" "$URL/ws/client/ji/files/$file"
safe "a part of it" 206 "${auth[@]}" -r 0-3 "$URL/ws/client/ji/files/$file"
safe "a part it has not" 416 "${auth[@]}" -r 99999- "$URL/ws/client/ji/files/$file"
safe "a file that has not changed" 304 "${auth[@]}" -H "If-Modified-Since: $(curl -sS "${auth[@]}" -o /dev/null -D - "$URL/ws/client/ji/files/$file" | tr -d '\r' | sed -n 's/^Last-Modified: //p')" "$URL/ws/client/ji/files/$file"
safe "a file by a link" 200 "$URL$link"
safe "a log" 200 "${auth[@]}" "$URL/ws/client/ji/$id/stdout"
safe "a growing log" 200 "${auth[@]}" "$URL/ws/client/ji/$running/stdout"
safe "a log's tail" 206 "${auth[@]}" -r -5 "$URL/ws/client/ji/$running/stdout?offsets=written"
safe "a file a job was given" 200 "${auth[@]}" "$URL/ws/client/ji/$held/inputs/page.html"
safe "a node's log" 200 "${auth[@]}" "$URL/ws/simple/enginelog?latest=1"
safe "an internal place" 404 "${auth[@]}" "$URL/-/deliverables/x"

# What jobs wrote is bytes to be saved, never a page.
for path in "client/ji/files/$file" "simple/file?id=$guid" "client/ji/$id/stdout" "client/ji/$id/stderr" "simple/stdout?id=$id" "client/ji/$running/stdout" "client/ji/$held/inputs/page.html" "${link#/ws/}"; do
	headers=$(answer "${auth[@]}" "$URL/ws/$path")
	like "a download: $path" "$(one content-disposition <<<"$headers")" '^attachment; filename='
	is "of no type a browser shows" "$(one content-type <<<"$headers")" application/octet-stream
done
for path in "ji/$id/messages" "ji/$id" "ji/99999999"; do
	like "JSON is never HTML: $path" "$(answer "${auth[@]}" -H 'Accept: application/json' "$URL/ws/client/$path" | one content-type)" '^application/json'
done
hostile=$(curl -sS "${auth[@]}" -H 'Accept: text/html' -o "$WORK/body" -w '%{content_type}' "$URL/ws/client/ji/%3Cscript%3E/stdout")
unlike "a refusal that quotes the path is no page" "$hostile" html

# Orders with a password that the browser remembers.
jobs() { sql 'SELECT max(id) FROM jqm.job_instance'; }
before=$(jobs)
form() { code POST /ws/simple/ji -d applicationname=Leaves "$@"; }
for site in cross-site same-site; do is "an order of a page: $site" "$(form -H "Sec-Fetch-Site: $site")" 403; done
for origin in null http://evil.example "http://127.0.0.1:$PORT.evil.example" "http://127.0.0.1" "http://evil.example:$PORT" "https://127.0.0.1" file:// "http://user@127.0.0.1:$PORT" "http://127.0.0.1:$PORT/" "http://127.0.0.1:$PORT http://evil.example" '://'; do
	is "an order of a page: Origin: $origin" "$(form -H "Origin: $origin")" 403
done
is "the verdict of the browser goes before the origin" "$(form -H 'Sec-Fetch-Site: cross-site' -H "Origin: $URL")" 403
for method in PUT DELETE POST; do
	is "$method of another site's page" "$(code $method /ws/admin/prm/1 -H 'Origin: http://evil.example')" 403
done
is "a form of plain text is no document" "$(code POST /ws/client/ji -H 'Content-Type: text/plain' -d '{"applicationName":"Leaves"}')" 415
is "a form is no document either" "$(code POST /ws/client/ji -d '{"applicationName":"Leaves"}')" 415
is "a preflight promises nothing" "$(curl -sS -m 30 -X OPTIONS -D - -o /dev/null "${auth[@]}" -H 'Origin: http://evil.example' -H 'Access-Control-Request-Method: PUT' "$URL/ws/admin/prm" | grep -ci '^access-control')" 0
is "nothing was enqueued" "$(jobs)" "$before"
for path in "ji/killed/$running" "ji/paused/$held" "ji/$id/priority/3" "q/1/pause" "q/1/clear"; do
	like "GET gives no order: $path" "$(code GET "/ws/client/$path")" '^40[45]$'
	like "neither does HEAD" "$(code HEAD "/ws/client/$path" -I)" '^40[45]$'
done
is "the job runs on" "$(job_state "$running")" RUNNING

# Terminals: what a job or a caller wrote does not drive the reader's.
define Noisy "printf 'a\\033[2Jb\\n\\033]0;title\\007\\n\\302\\2332J'; printf x > \"\$JQM_JI_DELIVERY_DIR/\$(printf 'n\\033[31m')\""
noisy=$(json POST /ws/client/ji -H 'Content-Type: application/json' \
	-d '{"applicationName":"Noisy","user":"u\u001b[31m","keyword1":"k\u009b2J","sessionID":"s\u202etxt","parameters":{"p\u001b[1m":"v\u0007"}}' | jq .id)
ok "a job with such texts ends" wait_job "$noisy"
api POST "/ws/client/ji/$noisy/messages" --data-urlencode $'text=m\e[31m' >/dev/null
terminal() { # COMMAND...: what it writes to a terminal
	local line=
	printf -v line '%q ' "$@"
	script -qec "$line" /dev/null </dev/null 2>/dev/null
}
drives() { LC_ALL=C grep -caP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]'; }
is "the check finds what drives a terminal" "$(printf 'a\033[2J' | drives)" 1
for verb in "job $noisy" "job $noisy --json" "jobs" "jobs --json" "log $noisy" "log $noisy --follow" "files $noisy" "files $noisy --json" "definition list" "schedule" "node" "link $(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $noisy")" "enqueue $(printf 'X\033[31m')" "job 999999"; do
	read -ra words <<<"$verb"
	text=$(terminal "$JQM" "${words[@]}")
	is "jqm ${verb//[^ -~]/?} drives no terminal" "$(drives <<<"$text")" 0
	like "and says something" "$text" '[[:alnum:]]'
done
text=$(cd "$WORK" && terminal "$JQM" get "$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $noisy")")
is "jqm get drives no terminal" "$(drives <<<"$text")" 0
is "nor does what is saved have such a name" "$(find "$WORK" -maxdepth 1 -name 'n*' | drives)" 0
code POST "/ws/client/ji/killed/$running" >/dev/null
done_testing
