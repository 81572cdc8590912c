#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The node's log: set aside when it is large, followed when logrotate takes it, its level changed while it runs.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
log=$HOME_DIR/log/jqm-runner.log
define Fast true
runner_pid() { cat "$HOME_DIR/run/jqm-runner.pid"; }

# Level: counts within a second, in the direction of more and of less.
says() { grep -q "$1" "$log"; }
unlike "at first nothing is said of claims" "$(cat "$log")" ' job_claimed '
# level NEW OLD: from the commit to the runner's word in ms; a machine that is busy otherwise may be late: then once more
told_levels() { grep -c " log_level level=$1 was=$2\$" "$log"; }
is_told() { [ "$(told_levels "$1" "$2")" -gt "$3" ]; }
change_level() { # NEW OLD
	local before
	before=$(told_levels "$1" "$2")
	sql "UPDATE jqm.node SET root_log_level = '$1'" >/dev/null
	changed_ms=$(date +%s%3N)
	wait_for 20 is_told "$1" "$2" "$before"
}
level() { # NEW OLD
	local changed_ms took n
	for n in 1 2 3 4 5; do
		change_level "$1" "$2"
		took=$(($(date -d "$(grep " log_level level=$1 was=$2\$" "$log" | tail -n 1 | cut -d' ' -f1)" +%s%3N) - changed_ms))
		[ "$took" -ge 1000 ] && [ "$n" -lt 5 ] || break
		change_level "$2" "$1"
	done
	echo "$took"
}
took=$(level DEBUG INFO)
ok "a changed level counts within a second ($took ms)" [ "$took" -lt 1000 ]
id=$(enqueue Fast)
ok "a job ends" wait_job "$id"
ok "its claim is told" wait_for 5 says "job_claimed job=$id "
sql "UPDATE jqm.node SET root_log_level = 'WARN'"
define Level 'echo "$JQM_NODE_LOG_LEVEL"'
level_is() { local id; id=$(enqueue Level); wait_job "$id" && [ "$(api GET "/ws/simple/stdout?id=$id")" = "$1" ]; }
ok "jobs see the level, too" wait_for 5 level_is WARN
id=$(enqueue Fast)
ok "a job ends" wait_job "$id"
unlike "and nothing is said of it" "$(cat "$log")" " job=$id "
change_level DEBUG WARN
ok "more is told again" says ' log_level level=DEBUG was=WARN'

# logrotate: renamed, then a signal.
pid=$(runner_pid)
mv "$log" "$log.old"
kill -HUP "$pid"
ok "after a rename and HUP there is a new log" wait_for 5 says ' signal_hup '
is "of the same runner" "$(runner_pid)" "$pid"
kill -USR1 "$pid" && wait_for 10 sh -c "[ -s '$HOME_DIR/run/jqm-runner.pid' ] && [ \"\$(cat '$HOME_DIR/run/jqm-runner.pid')\" != $pid ]"
ok "the level outlives the runner" wait_for 10 says ' node_registered '
id=$(enqueue Fast)
ok "a job of the next runner ends" wait_job "$id"
ok "and its claim is told" wait_for 5 says "job_claimed job=$id "

# By size.
sed -i 's/^name = .*/&\nlog_max_bytes = 4k\nlog_keep = 3/' "$HOME_DIR/conf/jqm.ini"
ok "down" "$JQM" down --home "$HOME_DIR"
ok "up" "$JQM" up --detach --home "$HOME_DIR"
last=$(for _ in $(seq 60); do enqueue Fast; echo; done | tail -1)
ok "60 jobs end" wait_job "$last"
ok "the log was set aside" test -s "$log.1"
nok "no more of it is kept than was asked for" test -e "$log.4"
is "each was about as large as it may be" "$(stat -c '%s' "$log".[123] | awk '$1 < 4096 || $1 > 8192' | wc -l)" 0
ended() { api GET "/ws/simple/enginelog?latest=10000" | grep -o "job_ended job=[0-9]*" | cut -d= -f2; }
in_files() { cat "$log.3" "$log.2" "$log.1" "$log" | grep -o "job_ended job=[0-9]*" | cut -d= -f2; }
same_as_files() { [ "$(ended | sort -rn)" = "$(in_files | sort -rn)" ]; }
ok "the tail has what all the files have" wait_for 5 same_as_files
api GET '/ws/simple/enginelog?latest=10000' | cut -c1-24 >"$WORK/tail"
ok "the newest first, over the boundary" sort -rc "$WORK/tail"
n=$(($(wc -l <"$log") + 5))
is "and as many lines as were asked for" "$(api GET "/ws/simple/enginelog?latest=$n" | wc -l)" "$n"

# The workers of the web API share theirs.
seq 200 | xargs -I{} -P4 curl -sS -m 30 -o /dev/null -u "$AUTH" "$URL/ws/client/q?n={}"
ok "the web API's log was set aside, too" test -s "$HOME_DIR/log/jqm-fcgi.log.1"
nok "no more of it is kept than was asked for" test -e "$HOME_DIR/log/jqm-fcgi.log.4"
unlike "and no line is torn" "$(cat "$HOME_DIR"/log/jqm-fcgi.log*)" '^[^2]'

# The others: what says little is made large here.
fill() { yes "$1" | head -c 5000 >>"$HOME_DIR/log/$1.log"; }
is_aside() { test -s "$HOME_DIR/log/$1.log.1" && grep -q "^$1" "$HOME_DIR/log/$1.log.1" && ! grep -q "^$1" "$HOME_DIR/log/$1.log"; }
fill jqm-keeper
pid=$(runner_pid)
kill -USR1 "$pid"
ok "the keeper sets its log aside with the next line" wait_for 20 is_aside jqm-keeper
fill jqm-notifier
kill "$(cat "$HOME_DIR/run/jqm-notifier.pid")"
ok "so does the notifier" wait_for 20 is_aside jqm-notifier
ok "so does jqm up" wait_for 20 sh -c "yes jqm | head -c 5000 >>'$HOME_DIR/log/jqm.log'; kill \"\$(cat '$HOME_DIR/run/jqm-notifier.pid')\"; test -s '$HOME_DIR/log/jqm.log.1'"
for _ in 1 2; do # nobody is cut off, and it happens again
	rm -f "$HOME_DIR/log/postgres.log.1" "$HOME_DIR/log/nginx-access.log.1"
	fill postgres
	ok "PostgreSQL's log is set aside for it" wait_for 20 is_aside postgres
	sql "DO \$\$ BEGIN RAISE LOG 'said after that'; END \$\$"
	ok "and it goes on in a new one" wait_for 20 grep -q 'said after that' "$HOME_DIR/log/postgres.log"
	fill nginx-access
	ok "nginx's is, too" wait_for 20 is_aside nginx-access
	api GET /ws/client/after >/dev/null
	ok "and it goes on in a new one" wait_for 20 grep -q /ws/client/after "$HOME_DIR/log/nginx-access.log"
done
nok "no more of it is kept than was asked for" test -e "$HOME_DIR/log/nginx-access.log.4"
done_testing
