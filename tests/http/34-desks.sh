#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One worker with a request that waits to be enqueued with others: what comes meanwhile does not wait for it, nor it for that, whatever takes long.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
"$JQM" down --home "$HOME_DIR" >/dev/null
sed -i 's/^\[fcgi\]$/&\nworkers = 1/' "$HOME_DIR/conf/jqm.ini"
"$JQM" up --detach --home "$HOME_DIR" >"$WORK/up.log" 2>&1 || cat "$WORK/up.log"
sql "INSERT INTO jqm.queue (name) VALUES ('HELD')" >/dev/null
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT 'Mine', id, 'true', 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE name = 'HELD'" >/dev/null
master=$(cat "$HOME_DIR/run/jqm-fcgi.pid")
call() { curl -sS -m 20 -o /dev/null -w '%{http_code}' -u "$AUTH" "$@"; }
put() { call --data applicationname=Mine "$URL/ws/simple/ji"; }
look() { call "$URL/ws/simple/status?id=1"; }
slow() { call "$URL/ws/admin/cl"; }
jobs() { sql "SELECT count(*) FROM jqm.job_instance"; }
enqueuer() { pgrep -P "$master" -x jqm-enqueuer; }
backend() { sql "SELECT pid FROM pg_stat_activity WHERE query LIKE '%enqueue_wishes(\$1)%' AND pid <> pg_backend_pid()"; }
# The worker takes connections in the order they come.
connected() { [ "$(grep -c "$HOME_DIR/run/fcgi.sock" /proc/net/unix)" -gt "$1" ]; }
serves() { [ "$(put)" = 200 ] && [ -n "$(backend)" ]; }
ok "what comes is enqueued with others" wait_for 20 serves

before=$(jobs)
coproc LOCKER { "$JQM" psql --home "$HOME_DIR" -XAtq 2>&1; }
echo "BEGIN; LOCK TABLE jqm.execution_context; SELECT 'locked';" >&"${LOCKER[1]}"
read -r -t 20 said <&"${LOCKER[0]}"
is "somebody has a lock" "$said" locked
kill -STOP "$(enqueuer)"
put >"$WORK/put" &
putting=$!
ok "one is to be enqueued" wait_for 20 connected 1
slow >"$WORK/slow" &
wait "$putting"
is "nobody does it: its worker does, before what takes long" "$(cat "$WORK/put") $(($(jobs) - before)) $(cat "$WORK/slow")" "200 1 "
kill -CONT "$(enqueuer)"
printf 'COMMIT;\n\\q\n' >&"${LOCKER[1]}"
wait
is "which is answered when it can be" "$(cat "$WORK/slow")" 200
ok "it goes on" wait_for 20 serves

before=$(jobs)
held=$(backend)
kill -STOP "$held"
put >"$WORK/put" &
ok "one is being enqueued, and that takes long" wait_for 20 connected 1
is "what comes meanwhile is answered" "$(look) $(look) $(cat "$WORK/put")" "200 200 "
kill -CONT "$held"
wait
is "then it is answered, too" "$(cat "$WORK/put") $(($(jobs) - before))" "200 1"

sql "SELECT pg_terminate_backend($held)" >/dev/null
is "its connection is cut: nobody is told anything wrong" "$(put) $(put) $(($(jobs) - before))" "200 200 3"

ok "it goes on again" wait_for 20 serves
held=$(backend)
kill -STOP "$held"
put >"$WORK/put" &
putting=$!
ok "another one" wait_for 20 connected 1
is "it is taken, or what comes meanwhile would wait until its worker has done it" "$(look) $(cat "$WORK/put")" "200 "
kill -9 "$(enqueuer)"
export WORKERS_DIE=1
wait "$putting"
is "who does it dies: it may have been done" "$(cat "$WORK/put")" 504
kill -CONT "$held"
ok "there is another one" wait_for 20 serves
unlike "no worker died" "$(cat "$HOME_DIR/log/jqm-fcgi.log")" 'worker_died'
done_testing
