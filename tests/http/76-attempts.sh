#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A job that is tried again: logs and files of each attempt can still be read.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

define Again 'n=$(cat "n-$JQM_JI_ID" 2>/dev/null || echo 0); n=$((n + 1)); echo $n >"n-$JQM_JI_ID"
echo "out $n"; echo "err $n" >&2; echo "file $n" >"$JQM_JI_DELIVERY_DIR/f.txt"
while [ $n = 2 ] && [ ! -e go ]; do sleep 0.05; done; [ $n = 3 ]'
sql "UPDATE jqm.job_def SET attempts_max = 5, retry_delay_s = 0" >/dev/null
id=$(enqueue Again)
newest_is() { [ "$(api GET "/ws/client/ji/$id/stdout")" = "$1" ]; }
ok "the newest attempt's log is the job's, while it runs" wait_for 20 newest_is "out 2"
is "an earlier one's can be asked for" "$(api GET "/ws/client/ji/$id/stdout?attempt=1")" "out 1"
is "the present one's by number too" "$(api GET "/ws/client/ji/$id/stdout?attempt=2")" "out 2"
is "there is no next one yet" "$(code GET "/ws/client/ji/$id/stdout?attempt=3")" 404
headers=$(api GET "/ws/client/ji/$id/stdout?attempt=1&offsets=written" -r 0- -D - -o /dev/null)
like "who follows the first is told of the second" "$headers" 'JQM-Newest-Attempt: 2'
touch "$HOME_DIR/jobs/go"
ok "the job ends" wait_job "$id"
is "well" "$(job_state "$id")" ENDED
for n in 1 2 3; do
	is "stdout of attempt $n" "$(api GET "/ws/client/ji/$id/stdout?attempt=$n")" "out $n"
	is "stderr of attempt $n" "$(api GET "/ws/client/ji/$id/stderr?attempt=$n")" "err $n"
	is "by the simple API" "$(api GET "/ws/simple/stdout?id=$id&attempt=$n") $(api GET "/ws/simple/stderr?id=$id&attempt=$n")" "out $n err $n"
done
is "without a number the last one's" "$(api GET "/ws/client/ji/$id/stdout") $(api GET "/ws/simple/stderr?id=$id")" "out 3 err 3"
like "a file of its own name" "$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/simple/stdout?id=$id&attempt=2")" "filename=\"?$id.2.stdout.txt"

is "an attempt that never was is 404" "$(code GET "/ws/client/ji/$id/stdout?attempt=4")" 404
like "and named" "$(api GET "/ws/client/ji/$id/stdout?attempt=4")" "stdout of attempt 4 of job instance $id does not exist: there was no such attempt"
like "with the code of missing files" "$(api GET "/ws/simple/stderr?id=$id&attempt=4")" '"errorCode":8'
for wrong in abc 0 -1 1.5 99999999999; do
	is "attempt $wrong is 400" "$(code GET "/ws/client/ji/$id/stdout?attempt=$wrong") $(code GET "/ws/simple/stdout?id=$id&attempt=$wrong")" "400 400"
done
like "and named" "$(api GET "/ws/client/ji/$id/stdout?attempt=abc")" 'query parameter \\"attempt\\": \\"abc\\" is not a number from 1'
is "an unknown job is 404" "$(code GET '/ws/client/ji/999999/stdout?attempt=1')" 404
is "nothing without a login" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/client/ji/$id/stdout?attempt=1")" 401

# As after an attempt that was given back before it began, or killed.
log=$HOME_DIR/joblogs/$((id / 1000))/$(printf '%010d' "$id")
mv "$log.3.stdout.log" "$log.aside"
is "where the newest attempt left none, the one before is shown" "$(api GET "/ws/client/ji/$id/stdout")" "out 2"
mv "$log.aside" "$log.3.stdout.log"

is "files of all attempts are there" "$(sql "SELECT count(*) FROM jqm.deliverable WHERE job_instance_id = $id")" 3
for n in 1 2 3; do
	guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id ORDER BY id OFFSET $((n - 1)) LIMIT 1")
	is "the file of attempt $n can be fetched" "$(api GET "/ws/simple/file?id=$guid")" "file $n"
done
done_testing
