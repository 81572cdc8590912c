#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The simple API as schedulers use it: enqueue, status, logs, files, engine log, health.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

define Deliver 'printf "one\ntwo\nthree\n"; echo oops >&2; printf "%s" "$1" > "$JQM_JI_DELIVERY_DIR/report 1.txt"'
id=$(enqueue Deliver text='hello "world"; $(id)')
like "enqueue answers the id, digits only" "$id" '^[0-9]+$'
ok "the job ends" wait_job "$id"
is "its state is ENDED" "$(job_state "$id")" ENDED
is "stdout is what it wrote" "$(api GET "/ws/simple/stdout?id=$id")" $'one\ntwo\nthree'
is "stderr is apart" "$(api GET "/ws/simple/stderr?id=$id")" oops

headers=$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/simple/stdout?id=$id")
like "stdout is octets" "$headers" 'Content-Type: application/octet-stream'
like "stdout has JQM's file name" "$headers" "Content-Disposition: attachment; filename=\"?$id.stdout.txt"
head=$(curl -sS -I -u "$AUTH" "$URL/ws/simple/stdout?id=$id")
like "HEAD tells the length" "$head" 'Content-Length: 14'
is "a byte range is those bytes" "$(api GET "/ws/simple/stdout?id=$id" -r 4-6)" two
is "a range answers 206" "$(code GET "/ws/simple/stdout?id=$id" -r 4-6)" 206
is "a range past the end answers 416" "$(code GET "/ws/simple/stdout?id=$id" -r 100-)" 416
is "with the object of an error" "$(api GET "/ws/simple/stdout?id=$id" -r 100- | jq -r .userReadableMessage)" "the range is outside the file"
etag=$(printf '%s' "$headers" | tr -d '\r' | sed -n 's/^ETag: //p')
like "files have an ETag" "$etag" '^"'
is "If-None-Match answers 304" "$(code GET "/ws/simple/stdout?id=$id" -H "If-None-Match: $etag")" 304

guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")
is "the delivered file comes by GUID, parameter text intact" \
	"$(api GET "/ws/simple/file?id=$guid")" 'hello "world"; $(id)'
row=$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $id")
headers=$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/simple/file?id=$guid")
like "its name is family.id.extension" "$headers" "filename=.*report.*1.*\.$row\.txt"
is "HEAD works on files" "$(curl -sS -I -o /dev/null -w '%{http_code}' -u "$AUTH" "$URL/ws/simple/file?id=$guid")" 200
sum=$(api GET "/ws/simple/file?id=$guid" | sha256sum | cut -d' ' -f1)
is "the stored SHA-256 is the file's" "$(sql "SELECT sha256 FROM jqm.deliverable WHERE id = $row")" "$sum"
is "the stored size is the file's" "$(sql "SELECT size_bytes FROM jqm.deliverable WHERE id = $row")" 20

# Parameters: the definition's, unless the request says otherwise.
define Show 'echo "$1 $2"'
sql "UPDATE jqm.job_def SET parameters = '{\"p1\": \"one\", \"p2\": \"two\"}' WHERE name = 'Show'" >/dev/null
id=$(enqueue Show p2=mine)
ok "a job whose definition has parameters ends" wait_job "$id"
is "a request's value wins, the other one stays" "$(api GET "/ws/simple/stdout?id=$id")" "one mine"

# A log that is still growing.
define Growing 'echo first; while [ ! -e "go-$JQM_JI_ID" ]; do sleep 0.05; done; echo last'
id=$(enqueue Growing)
ok "a growing log can be read" wait_for 10 sh -c "curl -sf -u '$AUTH' '$URL/ws/simple/stdout?id=$id' | grep -q first"
is "while the job runs" "$(job_state "$id")" RUNNING
is "its tail is asked for by range" "$(api GET "/ws/simple/stdout?id=$id" -r 0-4)" first
touch "$HOME_DIR/jobs/go-$id"
ok "and goes on" wait_job "$id"
is "to its end" "$(api GET "/ws/simple/stdout?id=$id" -r 6-)" last

is "a log of an unknown job is 404" "$(code GET '/ws/simple/stdout?id=999999')" 404
like "and says so" "$(api GET '/ws/simple/stdout?id=999999')" '"userReadableMessage":".*999999'
id=$(api POST /ws/client/ji -H 'Content-Type: application/json' -H 'Accept: application/json' \
	-d '{"applicationName":"Deliver","startState":"HOLDED"}' | jq .id)
is "a log of a job that never started is 404" "$(code GET "/ws/simple/stdout?id=$id")" 404
is "an unknown GUID is 404" "$(code GET '/ws/simple/file?id=00000000-0000-4000-8000-000000000000')" 404
is "a GUID that is none is 400" "$(code GET '/ws/simple/file?id=../../etc/passwd')" 400
is "a file without id is 400" "$(code GET '/ws/simple/file')" 400
is "an unknown job's status is 404" "$(code GET '/ws/simple/status?id=999999')" 404
is "an id that is no number is 400" "$(code GET '/ws/simple/status?id=abc')" 400

log=$(api GET '/ws/simple/enginelog?latest=5')
like "the engine log has lines" "$log" 'jqm-runner'
is "at most as many as asked" "$(printf '%s\n' "$log" | wc -l)" 5
is "none asked, none given" "$(api GET '/ws/simple/enginelog?latest=0')" ""
is "the node is well" "$(api GET /ws/simple/localnode/health)" "Pollers are polling"
is "internal locations are not reachable from outside" "$(code GET "/-/joblogs/0/0000000001.stdout.log")" 404
done_testing
