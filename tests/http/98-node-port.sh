#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The port of a node's row is where it is, from a moment after it was changed; what cannot be had changes nothing.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
log=$HOME_DIR/log/jqm.log
conf=$HOME_DIR/conf/nginx.conf
port_of_row() { sql "SELECT port FROM jqm.node WHERE name = 'alpha'"; }
is "a new node has the port it was started with" "$(port_of_row)" "$PORT"
port_is() { sql "UPDATE jqm.node SET port = $1 WHERE name = 'alpha'" >/dev/null; }
answers() { [ "$("$JQM_CURL" -sS -m 5 -u "$AUTH" -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1/ws/admin/me")" = 200 ]; }
at_home() { env -u JQM_URL -u JQM_USER -u JQM_PASSWORD_FILE "$JQM" --home "$HOME_DIR" "$@"; }

# --- while it runs ---
define Waits "while [ ! -e '$WORK/go' ]; do sleep 0.05; done; jqm progress 7 && echo heard"
job=$(enqueue Waits)
ok "a job runs" wait_for 20 job_is "$job" RUNNING
new=$(free_port)
port_is "$new"
ok "the node is at its new port" wait_for 20 answers "$new"
ok "the command line finds it there" wait_for 20 at_home jobs
like "and whoever asks where it is is told" "$("$JQM" status --home "$HOME_DIR")" "http://127.0.0.1:$new/"
touch "$WORK/go"
ok "the job that was running ends" wait_job "$job"
is "it was heard at the old port, on the loopback" "$(sql "SELECT progress FROM jqm.history WHERE id = $job")" 7
ok "who renders by hand" "$JQM" nginx render --home "$HOME_DIR"
is "does not shut it: it listens there and nowhere else" "$(sed -n 's/^[[:space:]]*listen //p' "$conf" | tr '\n' ' ')" "127.0.0.1:$new; 127.0.0.1:$PORT; "

# --- what cannot be had ---
taken=$(free_port)
/usr/bin/python3 -c 'import signal, socket, sys; s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); print("here", flush=True); signal.pause()' "$taken" >"$WORK/holds" &
holder=$!
at_exit kill $holder
ok "somebody else has a port" wait_for 20 grep -q here "$WORK/holds"
before=$(cat "$conf")
port_is "$taken"
ok "it is not taken, and why is told" wait_for 20 grep -q "web_unchanged.*port $taken of 127.0.0.1 cannot be taken" "$log"
ok "the node goes on where it was" answers "$new"
is "with the configuration it had" "$(cat "$conf")" "$before"
nok "by hand it is the same" "$JQM" nginx render --home "$HOME_DIR"
is "which changes nothing either" "$(cat "$conf")" "$before"
refused "a port that is none" 400 'field "port": 65536' PUT "/ws/admin/node/$(sql "SELECT id FROM jqm.node")" "$(json GET /ws/admin/node | jq '.[0] | .port = 65536')"
ok "it is stopped" "$JQM" down --home "$HOME_DIR"
nok "nor does it start there" "$JQM" up --detach --home "$HOME_DIR"
like "and says where it wanted to be" "$("$JQM" up --detach --home "$HOME_DIR" 2>&1)" "node \"alpha\" has port $taken in its row \(another one: --port N\)"
kill $holder
wait $holder 2>/dev/null
ok "it does when the port is free" "$JQM" up --detach --home "$HOME_DIR"
ok "there" answers "$taken"

# --- from start to start ---
is "one loopback port is enough then" "$(grep -c '^[[:space:]]*listen ' "$conf")" 1
ok "down" "$JQM" down --home "$HOME_DIR"
ok "up with another port" "$JQM" up --detach --home "$HOME_DIR" --port "$PORT"
is "which is in the row" "$(port_of_row)" "$PORT"
port_is 0
ok "port 0 is no port" "$JQM" down --home "$HOME_DIR"
ok "it keeps the one it had" "$JQM" up --detach --home "$HOME_DIR"
is "and says so" "$(port_of_row) $(answers "$PORT" && echo there)" "$PORT there"

# --- files of configuration ---
nok "jqm nginx render --config needs nginx:directory" "$JQM" nginx render --config "$HOME_DIR/conf/jqm.ini"
like "and says so" "$("$JQM" nginx render --config "$HOME_DIR/conf/jqm.ini" 2>&1)" 'nginx:directory'
like "jqm pki --config lists the roots" "$("$JQM" pki --config "$HOME_DIR/conf/jqm.ini")" 'CURRENT +[0-9a-f]{64}'
ok "jqm pki next --config" "$JQM" pki next --config "$HOME_DIR/conf/jqm.ini"
like "made one" "$("$JQM" pki list --config "$HOME_DIR/conf/jqm.ini")" 'NEXT'
done_testing
