#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The process that enqueues for all workers stands still, dies, is told to end: nobody waits for long, nothing is lost, and who is told that it was
# done, for him it was.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
sql "INSERT INTO jqm.queue (name) VALUES ('HELD')" >/dev/null
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT 'Mine', id, 'true', 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE name = 'HELD'" >/dev/null
password=$(cat "$HOME_DIR/root-password")
master=$(cat "$HOME_DIR/run/jqm-fcgi.pid")
log=$HOME_DIR/log/jqm-fcgi.log
enqueuer() { pgrep -P "$master" -x jqm-enqueuer; }
ask() { # NUMBER: status and answer, beside the number
	echo "$1 $(curl -sS -m 60 -w ' %{http_code}' -u "root:$password" --data "applicationname=Mine&sessionid=s$1" "$URL/ws/simple/ji" | tr '\n' ' ')" >"$WORK/answer.$1"
}
asked=()
ask_all() { # FIRST LAST: at once; wait_all
	local n
	for n in $(seq "$1" "$2"); do
		ask "$n" &
		asked+=($!)
	done
}
wait_all() { wait "${asked[@]}"; asked=(); }
answers() { cat "$WORK"/answer.* | sort -n; }
told() { answers | awk '{print $NF}' | sort | uniq -c | xargs; }
forget() { rm -f "$WORK"/answer.*; }
jobs() { sql "SELECT count(*) FROM jqm.job_instance"; }
each_has_his_own() { # who was told a number has that job
	is "$1" "$(answers | awk '$NF == 200 {print $2, "s" $1}' | sort -n)" \
		"$(sql "SELECT id || ' ' || session_key FROM jqm.job_instance WHERE id IN (0$(answers | awk '$NF == 200 {printf ",%d", $2}')) ORDER BY id")"
}
wave=1
waves() { # from then on workers know the account
	ask_all $wave $((wave + 19))
	wait_all
	wave=$((wave + 20))
}

waves
waves
is "it serves" "$(told)" "40 200"
is "it is one process" "$(enqueuer | wc -l)" 1

forget
before=$(jobs)
kill -STOP "$(enqueuer)"
waves
is "it stands still: what it does not do is done" "$(told) $(($(jobs) - before))" "20 200 20"
each_has_his_own "each has his own"
forget
ask_all $wave $((wave + 19))
wave=$((wave + 20))
looks=0
for _ in $(seq 20); do looks=$((looks + $(curl -sS -m 60 -o /dev/null -w '%{http_code}' -u "root:$password" "$URL/ws/simple/status?id=1"))); done
wait_all
is "what comes meanwhile is answered, and so are they" "$looks $(told)" "4000 20 200"
kill -CONT "$(enqueuer)"
forget
waves
is "it goes on" "$(told)" "20 200"

forget
before=$(jobs)
died=0
for _ in 1 2 3 4 5 6; do
	ask_all $wave $((wave + 39))
	wave=$((wave + 40))
	if victim=$(enqueuer); then
		kill -9 "$victim"
		died=$((died + 1))
	fi
	wait_all
done
ok "it was killed" test "$died" -gt 3
export WORKERS_DIE=$died
sure=$(answers | awk '$NF == 200' | wc -l) unsure=$(answers | awk '$NF == 504' | wc -l) made=$(($(jobs) - before))
is "whoever asks is told that it was done, or that it is not known" "$((sure + unsure))" 240
ok "who is told it was done, for him it was: $sure, $unsure unknown, $made done" test "$sure" -le "$made" -a "$made" -le $((sure + unsure))
each_has_his_own "each has his own still"
deaths() { [ "$(grep -c ' enqueuer_died ' "$log")" = "$died" ]; }
ok "the log tells of each death" wait_for 20 deaths
is_there() { enqueuer >/dev/null; }
ok "and there is another one" wait_for 20 is_there
unlike "no worker died" "$(cat "$log")" 'worker_died'

forget
kill -STOP "$(enqueuer)"
before=$(jobs)
# Of 7 one may be on its way to each worker and not seen yet: all are connected before they are told to end.
ask_all $wave $((wave + 6))
connected() { [ "$(grep -c "$HOME_DIR/run/fcgi.sock" /proc/net/unix)" -ge 8 ]; }
ok "they wait" wait_for 20 connected
last=$(enqueuer)
kill -TERM "$master"
wait_all
kill -CONT "$last"
is "told to end, they answer first" "$(told) $(($(jobs) - before))" "7 200 7"
done_testing
