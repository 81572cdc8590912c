#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Files given to a job before it runs: any bytes, under names that are names, fetched by the job itself.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Fetch 'curl -sS -u "$JQM_API_LOGIN:$JQM_API_PASSWORD" "$JQM_API_LOCAL_URL/ws/client/ji/$JQM_JI_ID/inputs/data.bin" | sha256sum | cut -d" " -f1'
held() { json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Fetch","startState":"HOLDED"}' | jq .id; }
give() { api POST "/ws/client/ji/$1/files/$2" -H 'Content-Type: application/octet-stream' --data-binary "$3"; }
refused() { # DESCRIPTION STATUS PATTERN ID NAME CONTENT
	local body
	body=$(give "$4" "$5" "$6")
	is "$1: status" "$(api_status)" "$2"
	like "$1: says why" "$(printf '%s' "$body" | jq -r .userReadableMessage)" "$3"
}
head -c 300000 /dev/urandom >"$WORK/data" && printf '\0\xff<&\0' >>"$WORK/data"
sum=$(sha256sum <"$WORK/data" | cut -d' ' -f1)

id=$(held)
like "a file is taken, its number answered as 3.5's client reads it" "$(give "$id" data.bin @"$WORK/data")" '^[0-9]+$'
like "or as JSON, for who takes nothing else" "$(json POST "/ws/client/ji/$id/files/data.bin" --data-binary @"$WORK/data" -w ' %{content_type}')" '^[0-9]+ application/json$'
is "every byte of it" "$(api GET "/ws/client/ji/$id/inputs/data.bin" | sha256sum | cut -d' ' -f1)" "$sum"
number=$(give "$id" 'a%20b%C3%A9.txt' one)
is "the same name again replaces it" "$(give "$id" 'a%20b%C3%A9.txt' two) $(api GET "/ws/client/ji/$id/inputs/a%20b%C3%A9.txt")" "$number two"
is "an empty one is one" "$(give "$id" empty '' | grep -c .) $(api GET "/ws/client/ji/$id/inputs/empty" | wc -c)" '1 0'
is "their names" "$(json GET "/ws/client/ji/$id/inputs" | jq -c .)" '["a bé.txt","data.bin","empty"]'
like "it is offered under its name" "$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/client/ji/$id/inputs/data.bin")" 'filename="data.bin"'
refused "a slash in the name" 400 'no name for a file' "$id" '..%2Fx' x
refused "a line end in the name" 400 'no name for a file' "$id" 'a%0Ab' x
refused "a name too long" 400 'name.*256' "$id" "$(head -c 256 /dev/zero | tr '\0' n)" x
is "dots" "$(code POST "/ws/client/ji/$id/files/%2e%2e" --path-as-is -d x)" 400
refused "no such job" 404 'no job instance 999999' 999999 x x
is "a file nobody gave" "$(code GET "/ws/client/ji/$id/inputs/none")" 404
is "files of no job" "$(code GET /ws/client/ji/999999/inputs)" 404
head -c 1048577 /dev/zero >"$WORK/big"
is "a body over the limit" "$(code POST "/ws/client/ji/$id/files/big" --data-binary @"$WORK/big")" 413
sql "INSERT INTO jqm.input_file (job_instance_id, name, content) SELECT $id, 'n' || g, '' FROM generate_series(1, 97) AS g" >/dev/null
refused "more than a hundred" 409 'enough' "$id" more x
like "one of the hundred is replaced all the same" "$(give "$id" empty x)" '^[0-9]+$'

is "the job goes on" "$(code DELETE "/ws/client/ji/paused/$id")" 204
ok "and ends" wait_job "$id"
is "it has fetched its file with its own token" "$(api GET "/ws/client/ji/$id/stdout")" "$sum"
refused "now it takes no more" 409 'takes no more files' "$id" late x
other=$(held)
is "who deletes a job deletes its files" "$(give "$other" f x >/dev/null; code DELETE "/ws/client/ji/waiting/$other"; sql "SELECT count(*) FROM jqm.input_file WHERE job_instance_id = $other")" 2040
sql "UPDATE jqm.input_file SET created_at = now() - interval '2 days'; UPDATE jqm.history SET ended_at = now() - interval '2 days'" >/dev/null
third=$(held)
give "$third" f x >/dev/null
is "those of jobs long over go, some with each new one" "$(sql "SELECT count(*) FROM jqm.input_file WHERE job_instance_id = $id")" 90
done_testing
