#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Machines whose clocks are wrong: the home's runner, keeper, web workers and other daemons are an hour ahead of the
# database, a second node an hour behind it.  They have their own wall clock by LD_PRELOAD (tests/preload/); the kernel
# has one for all of a machine, also in a time namespace.  The keeper, which is static, is linked anew for that: it
# and its runner are on one machine, and the runner takes differences of what both of them read.
. "$(dirname "$0")/../lib/stack.sh"
stack_dir
built=$JQM_BIN
preload=$built/../tests/preload
export JQM_TEST_MADE_ONCE=${JQM_TEST_MADE_ONCE:-$built/../made-once}
# The sanitizers' library wants to be the first one; it is told that something else may be.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0

# Programs as built; those that run on a node are behind a script that gives them their clock.
mkdir -p "$WORK/bin" "$WORK/programs"
ln -s "$(realpath "$built/../share")" "$WORK/share"
cp "$built"/jqm "$built"/jqm-* "$WORK/programs"
cp "$preload/jqm-keeper" "$WORK/programs/jqm-keeper"
cp "$built/jqm" "$WORK/bin/jqm"
clock_of() { # SECONDS FILE: run as that program of a machine whose clock is that far away
	printf '#!/bin/sh\nLD_PRELOAD=%s JQM_OTHER_CLOCK_S=%s exec "%s/programs/%s" "$@"\n' \
		"$(realpath "$preload/other_clock.so")" "$1" "$WORK" "${2##*/}" >"$2"
	chmod 755 "$2"
}
for program in "$built"/jqm-*; do
	clock_of 3600 "$WORK/bin/${program##*/}"
done
JQM_BIN=$WORK/bin
JQM=$JQM_BIN/jqm # of stack.sh
export JQM
stack_up --node ahead
begin=$(sql 'SELECT now()')

dir=$WORK/behind
mkdir -p "$dir"/{state,run,jobs,outputfiles,tmp,log,joblogs}
sed "s|\"$HOME_DIR/\([a-z]*\)\(/keeper.sock\)*\"\$|\"$dir/\1\2\"|; s|^name = .*|name = \"behind\"|
	s|^log_file = \".*/\(.*\)\"|log_file = \"$dir/log/\1\"|; s|^\[runner\]|[runner]\nlease_ms = 4000\nheartbeat_ms = 1000|" "$HOME_DIR/conf/jqm.ini" >"$dir/jqm.ini"
chmod 600 "$dir/jqm.ini"
clock_of -3600 "$dir/jqm-runner"
"$dir/jqm-runner" --config "$dir/jqm.ini" --pid-file "$dir/run/jqm-runner.pid" >"$dir/log/jqm-runner.log" 2>&1 &
behind=$!
# shellcheck disable=SC2317
stop_behind() {
	kill "$behind" "$(cat "$dir/run/jqm-keeper.pid")" 2>/dev/null
	wait "$behind" 2>/dev/null
}
at_exit stop_behind

served() { [ "$(sql 'SELECT count(*) FROM jqm.node WHERE lease_until > now()')" = 2 ]; }
ok "both nodes are served" wait_for 20 served
# The newest line of a log, in minutes from the machine's clock.
minutes_away() { # FILE
	local at
	at=$(sed -n 's/^\([0-9-]*T[0-9:.]*Z\) .*/\1/p' "$1" | tail -n 1)
	printf '%s' $((($(date -d "$at" +%s) - $(date +%s)) / 60))
}
like "the clock of one is an hour ahead" "$(minutes_away "$HOME_DIR/log/jqm-runner.log")" '^(59|60)$'
like "that of its keeper too" "$(minutes_away "$HOME_DIR/log/jqm-keeper.log")" '^(59|60)$'
like "the clock of the other is an hour behind" "$(minutes_away "$dir/log/jqm-runner.log")" '^-(60|61)$'
like "that of its keeper too" "$(minutes_away "$dir/log/jqm-keeper.log")" '^-(60|61)$'
like "that of the web workers is an hour ahead" "$(minutes_away "$HOME_DIR/log/jqm-fcgi.log")" '^(59|60)$'
is "leases are the database's" "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM jqm.node WHERE last_seen_alive
	BETWEEN now() - interval '1 min' AND now() AND lease_until - last_seen_alive = lease_ms * interval '1 ms'")" "ahead behind"

# Jobs of both, told of through the web worker.
define Short 'sleep 0.3'
for _ in {1..20}; do enqueue Short >/dev/null; done
all_over() { [ "$(sql "SELECT count(*) FROM jqm.live_job WHERE definition_name = '$1'")" = 0 ]; }
ok "jobs run at once" wait_for 30 all_over Short
is "at both nodes" "$(sql "SELECT string_agg(DISTINCT state || ' ' || node_name, ', ') FROM jqm.past_job")" "ENDED ahead, ENDED behind"
is "each time history has is the database's" "$(sql "SELECT count(*) FROM jqm.past_job WHERE enqueued_at BETWEEN '$begin' AND now()
	AND attributed_at BETWEEN enqueued_at AND now() AND started_at BETWEEN '$begin' AND ended_at AND ended_at <= now()
	AND ended_at - started_at BETWEEN interval '0.2 s' AND interval '1 min'")" 20

# A job with its token, at the web worker.
# shellcheck disable=SC2016
define Parent 'jqm enqueue Short'
wait_job "$(enqueue Parent)"
is "a job's token is good" "$(sql "SELECT string_agg(DISTINCT state, ',') FROM jqm.past_job WHERE definition_name = 'Parent'")" ENDED

# A date.
later=$(sql "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '3 s', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
dated=$(send POST /ws/client/ji "{\"applicationName\": \"Short\", \"runAfter\": \"$later\"}" -H 'Accept: application/json' | jq -r '.id? // .')
like "a job with a date is taken" "$dated" '^[0-9]+$'
ok "it runs" wait_job "$dated" 30
is "when it is that late in the database, and not an hour off" "$(sql "SELECT attributed_at BETWEEN run_after AND run_after + interval '1 min',
	run_after = '$later' FROM jqm.history WHERE id = $dated")" "t|t"

# Schedules.
define Tick 'true'
define Minute 'true'
sql "SELECT jqm.schedule_create('Tick', '0 0 29 2 *'), jqm.schedule_create('Minute', '* * * * *')" >/dev/null
planned() { [ "$(sql 'SELECT count(next_fire_at) FROM jqm.schedule')" = 2 ]; }
ok "schedules are planned" wait_for 20 planned
is "by the database's minute" "$(sql "SELECT next_fire_at BETWEEN now() - interval '10 s' AND now() + interval '60 s' FROM jqm.schedule
	WHERE cron_expression = '* * * * *'")" t
sql "UPDATE jqm.schedule SET next_fire_at = now() WHERE cron_expression <> '* * * * *'" >/dev/null
gone_on() { [ "$(sql "SELECT next_fire_at > now() FROM jqm.schedule WHERE cron_expression <> '* * * * *'")" = t ] && all_over Tick; }
ok "one that is due is fired" wait_for 20 gone_on
is "once" "$(sql "SELECT count(*) FROM jqm.past_job WHERE definition_name = 'Tick'")" 1

# Neither takes the other for dead while it lives, and the one that dies is noticed after its lease.
define Long 'sleep 300'
for _ in {1..10}; do enqueue Long >/dev/null; done
both_full() { [ "$(sql "SELECT count(*) FROM jqm.live_job WHERE state = 'RUNNING' AND definition_name = 'Long'")" = 10 ]; }
ok "both nodes are full of jobs" wait_for 20 both_full
since=$(sql 'SELECT clock_timestamp()')
three_leases() { [ "$(sql "SELECT bool_and(last_seen_alive > timestamptz '$since' + interval '12 s') FROM jqm.node")" = t ]; }
ok "they live for three leases" wait_for 30 three_leases
is "and nobody is given up" "$(sql "SELECT string_agg(DISTINCT incarnation::text, ',') || ' ' || (SELECT count(*) FROM jqm.live_job
	WHERE state = 'RUNNING' AND definition_name = 'Long') FROM jqm.node")" "1 10"
kill -9 "$behind" "$(cat "$dir/run/jqm-keeper.pid")"
given_up() { [ "$(sql "SELECT count(*) FROM jqm.past_job WHERE definition_name = 'Long' AND node_name = 'behind' AND reason = 'its node \"behind\" was lost'")" = 5 ]; }
ok "one that dies is given up when its lease is over" wait_for 20 given_up
is "the other goes on" "$(sql "SELECT count(*) FROM jqm.live_job WHERE state = 'RUNNING' AND node_name = 'ahead' AND definition_name = 'Long'")" 5
done_testing
