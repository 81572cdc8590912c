#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The description of the API, conditional requests, and whether an answer that is none of those described would be found.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
. "$(dirname "$0")/../lib/events.sh"
stack_up

is "it is there" "$(json GET /ws/openapi.json | jq -r .openapi) $(api_status)" "3.1.0 200"
is "as JSON" "$(curl -sS -u "$AUTH" -o /dev/null -w '%{content_type}' "$URL/ws/openapi.json")" application/json
is "for nobody without a login" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/openapi.json")" 401
send POST /ws/admin/user '{"login":"joe","newPassword":"joe-has-a-long-one-7","roles":[]}' >/dev/null
is "for a login without any permission" "$(curl -sS -o /dev/null -w '%{http_code}' -u joe:joe-has-a-long-one-7 "$URL/ws/openapi.json")" 200
is "a path tells its permissions" "$(json GET /ws/openapi.json | jq -c '.paths["/ws/client/ji/killed/{id}"].post["x-permission"]')" '["job_instance:create","job_instance:update"]'
is "pages by key are described" "$(json GET /ws/openapi.json | jq -r '[.paths["/ws/client/ji"].get.parameters[].name] | join(" ")')" "newest before parent waitsFor oldest after"

# Conditional requests.
for path in /ws/openapi.json /ws/admin/q /ws/admin/q/1 /ws/admin/role /ws/admin/prm; do
	old=$(etag "$path")
	is "$path: who has it is told so" "$(code GET "$path" -H "If-None-Match: $old") $(code HEAD "$path" -I -H "If-None-Match: \"x\", W/$old")" "304 304"
	is "$path: without a body" "$(api GET "$path" -H "If-None-Match: $old")" ""
	is "$path: with its ETag" "$(curl -sS -u "$AUTH" -o /dev/null -D - -H "If-None-Match: $old" "$URL$path" | tr -d '\r' | sed -n 's/^ETag: //p')" "$old"
	is "$path: who has another gets it" "$(code GET "$path" -H 'If-None-Match: "x"')" 200
done
old=$(etag /ws/admin/q)
send POST /ws/admin/q '{"name":"NEW","description":""}' >/dev/null
is "after a change it is answered anew" "$(code GET /ws/admin/q -H "If-None-Match: $old")" 200
old=$(etag /ws/admin/prm)
send POST /ws/admin/role '{"name":"looks","description":"","permissions":["job_instance:read"]}' >/dev/null
send PUT /ws/admin/user/2 '{"login":"joe","roles":[8]}' >/dev/null
is "who sees less has another answer" "$(curl -sS -o /dev/null -w '%{http_code}' -u joe:joe-has-a-long-one-7 -H "If-None-Match: $old" "$URL/ws/admin/prm")" 200
is "If-None-Match does nothing to a write" "$(send_code PUT /ws/admin/q/1 '{"name":"DEFAULT","description":"x","defaultQueue":true}' -H 'If-None-Match: *')" 204
is "a header of 5000 characters is refused" "$(code GET /ws/admin/q -H "If-None-Match: \"$(printf 'x%.0s' {1..5000})\"")" 400

# What is not as described is found, with the path and the reason.
judge() { # FILTER, of jq, that changes the document
	jq "$1" "$WORK/openapi.json" >"$WORK/changed.json" || return 2
	/usr/bin/python3 "$(dirname "$0")/../lib/answers.py" "$WORK/changed.json" "$JQM_RECORD"
}
mkdir "$WORK/some"
export JQM_RECORD=$WORK/some
define Hello 'echo hello'
id=$(enqueue Hello)
wait_job "$id"
json GET "/ws/client/ji/$id" >/dev/null
api GET "/ws/client/ji/$id" -H 'Accept: application/xml' >/dev/null
json GET /ws/client/q >/dev/null
json GET /ws/client/nothing >/dev/null
api GET "/ws/client/q/1/status" >/dev/null
api HEAD "/ws/client/q" -I >/dev/null
ok "answers as described pass" judge .
lies() { # DESCRIPTION FILTER PATTERN
	local said
	said=$(judge "$2")
	is "$1 is found" $? 1
	like "$1: path and reason are told" "$said" "$3"
}
lies "a path" 'del(.paths["/ws/client/q"])' 'GET /ws/client/q -> 200: the path or its method is not described'
lies "a status" 'del(.paths["/ws/client/q"].get.responses["200"])' 'GET /ws/client/q -> 200: /ws/client/q: the status is not described'
lies "a media type" 'del(.paths["/ws/client/q"].get.responses["200"].content["application/json"])' 'the media type "application/json" is not described'
lies "a member too many" 'del(.components.schemas.queue.properties.name)' "'name' was unexpected"
lies "a member too few" '.components.schemas.queue.required += ["x"]' "'x' is a required property"
lies "a type" '.components.schemas.jobInstance.properties.id.type = "string"' "GET /ws/client/ji/$id .*: [$].id: $id is not of type 'string'"
lies "a word" '.components.schemas.jobInstance.properties.state.enum = ["X"]' 'is not one of'
lies "a limit" '.components.schemas.queue.properties.name.maxLength = 3' 'is too long'
lies "an element of XML" 'del(.components.schemas.jobInstance.properties.progress)' 'the element <progress> in <jobInstance> is not described'
lies "a root of XML" '.components.schemas.jobInstance.xml.name = "x"' 'the root element <jobInstance> is not described'
lies "a number as text" '.paths["/ws/simple/ji"].post.responses["200"].content["text/plain"].schema.maximum = -1' 'POST /ws/simple/ji -> 200: .* is greater than'
lies "the object of an error" '.components.schemas.errorDto.required += ["x"]' "GET /ws/client/nothing -> 404: [$]: 'x' is a required property"
lies "a body where there is none" '.paths["/ws/client/q"].get.responses["200"] |= del(.content)' 'it has a body of'

# Whoever asked: each alone.
barely() { printf '%s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\n%sConnection: close\r\n\r\n' "$1" "$(printf '%s' "$AUTH" | base64 -w0)" "${2-}" | raw 20; }
call() { JQM_CALL_USER=root JQM_CALL_PASSWORD=${AUTH#*:} recorded "$JQM_BIN/../tests/client/call" "$URL" "$1"; }
of() { # WHOM COMMAND...
	JQM_RECORD=$WORK/of
	rm -rf "$JQM_RECORD" && mkdir "$JQM_RECORD"
	"${@:2}" >"$WORK/out" 2>&1
	like "an answer to $1 is read, and as described" "$(judge .)" '^[1-9][0-9]* answers \([^,]*\), 0 not'
}
of "a bare socket" barely 'GET /ws/client/q' $'Accept: application/json\r\n'
lies "of a bare socket: a member too few" '.components.schemas.queue.required += ["x"]' "GET /ws/client/q -> 200: .* 'x' is a required property"
of "a bare socket, in pieces" barely 'GET /ws/openapi.json'
lies "of that: a status" 'del(.paths["/ws/openapi.json"].get.responses["200"])' 'GET /ws/openapi.json -> 200: .*: the status is not described'
of "a request that is none" barely 'GET /ws/client/q' $'Content-Length: x\r\n'
lies "of that: the object of an error" '.components.schemas.errorDto.required += ["x"]' "^- /ws/- -> 400: [$]: 'x' is a required property"
of "who listens" listen one
stop_listening one
lies "of who listens: the media type" '.paths["/ws/client/events"].get.responses["200"].content = {"text/plain":{}}' 'the media type "text/event-stream" is not described'
if [ "${JQM_VARIANT:-release}" = release ]; then # beside the sanitizers jqm is not recorded
	of "jqm" "$JQM" queue list
	lies "of jqm: a member too many" 'del(.components.schemas.admin_queue.properties.name)' "GET /ws/admin/q -> 200: .*'name' was unexpected"
	is "which says the same as ever" "$(cat "$WORK/out")" "$("$JQM_BIN/jqm" queue list 2>&1)"
	is "and hands nothing on to what it starts" "$("$JQM" psql --home "$HOME_DIR" -XAtqc '\! echo "($LD_PRELOAD)"')" '()'
	of "the client library" call queues
	lies "of the client library: a type" '.components.schemas.queue.properties.id.type = "string"' "GET /ws/client/q -> 200: .* is not of type 'string'"
fi
export JQM_RECORD=$WORK/answers

# A part of a file, and several.
define Leaves 'echo data >"$JQM_JI_DELIVERY_DIR/out.txt"'
leaves=$(enqueue Leaves)
wait_job "$leaves"
file=$(json GET "/ws/client/ji/$leaves/files" | jq '.[0].id')
is "parts of a file are described" "$(curl -sS -u "$AUTH" -o "$WORK/parts" -H 'Range: bytes=0-0,2-2' -w '%{http_code} %{content_type}' "$URL/ws/client/ji/files/$file" | cut -d';' -f1)" "206 multipart/byteranges"

# Examples: everywhere, as their schemas say, and such as this server takes.
examples() { /usr/bin/python3 "$(dirname "$0")/../lib/examples.py" "$@"; }
said=$(examples "$WORK/openapi.json") || diag "$said"
like "each parameter, body and answer has an example that is as its schema says" "$said" '^[1-9][0-9]{2,} examples$'
spoilt() { # DESCRIPTION FILTER PATTERN
	jq "$2" "$WORK/openapi.json" >"$WORK/changed.json"
	said=$(examples "$WORK/changed.json")
	is "$1 is found" $? 1
	like "$1: path and reason are told" "$said" "$3"
}
spoilt "an answer without one" 'del(.paths["/ws/client/q"].get.responses["200"].content["application/json"].examples)' '^GET /ws/client/q: 200 application/json: there is no example'
spoilt "a parameter without one" 'del(.paths["/ws/client/ji/{id}"].get.parameters[0].example)' '^GET /ws/client/ji/[{]id[}]: parameter id: there is no example'
spoilt "a body whose example is none" '.components.examples.jobRequestBaseImplInput.value.user = 7' "^POST /ws/client/ji: body application/json: [$].user: 7 is not of type"
spoilt "an answer's that lacks a member" 'del(.components.examples.jobInstance.value.id)' "^GET /ws/client/ji/[{]id[}]: 200 application/json: [$]: 'id' is a required property"
taken() { # METHOD PATH STATUS TYPE BODY
	is "$2 takes its own example as $4" "$(code "$1" "$2" -H "Content-Type: $4" --data-binary "$5")" "$3"
}
while IFS=$'\t' read -r method path kind body; do
	case "$method $path" in
	"POST /ws/client/ji" | "POST /ws/client/ji/query" | "POST /ws/client/ji/bulk/requests" | "POST /ws/client/ji/query/ids") taken POST "$path" 200 "$kind" "$body" ;;
	"POST /ws/admin/"*/xml) taken POST "$path?dryRun=true" 200 "$kind" "$(jq -r . <<<"$body")" ;;
	"POST /ws/admin/qmapping" | "POST /ws/admin/certmapping" | *"{"*) ;; # they need others, or are there
	"POST /ws/admin/"*) taken POST "$path" 204 "$kind" "$body" ;;
	esac
done < <(examples "$WORK/openapi.json" /ws/)
done_testing
