#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Logs and files that are not there, not here, or not what they should be: never sent, always said why.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Deliver 'echo out; echo data > "$JQM_JI_DELIVERY_DIR/a \"b\".c;d"'
id=$(enqueue Deliver)
ok "a job leaves a log and a file" wait_job "$id"
log=$HOME_DIR/joblogs/$((id / 1000))/$(printf '%010d' "$id").stdout.log
file=$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $id")
guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")
path=$HOME_DIR/outputfiles/$(sql "SELECT path FROM jqm.deliverable WHERE job_instance_id = $id")
is "the file is where its row says" "$(cat "$path")" data

define 'a..b' 'echo dots > "$JQM_JI_DELIVERY_DIR/x.txt"'
dots=$(enqueue 'a..b')
ok "a definition may have two dots in its name" wait_job "$dots"
is "its files are sent as any" \
    "$(api GET "/ws/client/ji/files/$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $dots")")" dots

missing() { # DESCRIPTION PATH PATTERN
	local body
	body=$(api GET "$2")
	is "$1: 404" "$(api_status)" 404
	like "$1: code 8 and why" "$body" "$3.*\"errorCode\":8"
}
headers=$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/simple/file?id=$guid")
is "a name from a job is one header line, encoded" "$(printf '%s' "$headers" | grep -ci '^content-disposition: attachment; filename=')" 1
unlike "without the job's quotes inside" "$headers" 'filename="[^"]*"[^;]'

secret=$WORK/secret
echo secret >"$secret"
mv "$log" "$log.kept"
missing "a log that was purged" "/ws/client/ji/$id/stdout" "stdout of job instance $id does not exist"
ln -s "$secret" "$log"
missing "a link in the log's place" "/ws/simple/stdout?id=$id" 'does not exist'
rm "$log"
mkdir "$log"
missing "a directory in the log's place" "/ws/simple/stdout?id=$id" 'does not exist'
rmdir "$log"
mv "$log.kept" "$log"
is "the log itself is sent again" "$(api GET "/ws/simple/stdout?id=$id")" out

mv "$path" "$path.kept"
missing "a file that was purged" "/ws/client/ji/files/$file" "file $file does not exist"
ln -s "$secret" "$path"
missing "a link in the file's place" "/ws/simple/file?id=$guid" 'does not exist'
rm "$path"
mv "$path.kept" "$path"

hostile() { # PATH: of a file's row, set by somebody who can write to the database
	sql "UPDATE jqm.deliverable SET path = '$1' WHERE id = $file" >/dev/null
	code GET "/ws/client/ji/files/$file"
}
is "a path out of the store is refused" "$(hostile '../../etc/passwd')" 500
is "an absolute one too" "$(hostile '/etc/passwd')" 500
is "and one with a line feed" "$(hostile "$(printf 'a\nX-Injected: 1')")" 500
is "an escape is no escape" "$(hostile '%2e%2e/%2e%2e/etc/passwd')" 404

missing "a job that waits" "/ws/client/ji/$(api POST /ws/client/ji -H 'Content-Type: application/json' -H 'Accept: application/json' -d '{"applicationName":"Deliver","startState":"HOLDED"}' | jq .id)/stdout" 'has not started yet'
sql "UPDATE jqm.history SET node_name_id = jqm.name_snapshot_id('n', 'elsewhere') WHERE id = $id" >/dev/null
missing "a log of a node that is gone" "/ws/client/ji/$id/stdout" 'on node ..elsewhere.*none of the cluster'
sql "INSERT INTO jqm.node (name, dns, port, repo_job_def, repo_deliverable) VALUES ('elsewhere', 'localhost', 1, '/j', '/o')" >/dev/null
missing "without TLS nothing goes from node to node" "/ws/client/ji/$id/stdout" 'on node ..elsewhere.*over TLS only'
is "nor by asking nginx" "$(code GET /-/node) $(code GET /-/node -H 'JQM-Node-Address: 127.0.0.1:1')" "404 404"
sql "SELECT jqm.add_message($id, 'one'), jqm.add_message($id, 'two \"2\"')" >/dev/null
is "what was said about a job is still there" "$(api GET "/ws/client/ji/$id/messages")" '["one","two \"2\""]'
is "nothing about a job there is not" "$(code GET /ws/client/ji/999999/messages)" 404
done_testing
