#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jqm pause, resume, restart: on jobs that wait, that run, that are over.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Ticks 'exec bash -c "while :; do echo tick; read -rt 0.05 <> <(:); done"'
define Fails 'exit 3'
status_of() { "$@" >"$WORK/out" 2>"$WORK/err" </dev/null; echo $?; }
ticks() { "$JQM" log "$id" | wc -l; }
more_than() { [ "$(ticks)" -gt "$1" ]; }
stands_still() { local n; n=$(ticks); read -rt 0.5 <> <(:); [ "$(ticks)" -eq "$n" ]; }

id=$("$JQM" enqueue Ticks --held)
is "resume lets a held job run" "$(status_of "$JQM" resume "$id")" 0
ok "and it runs" wait_for 20 more_than 3
is "pause" "$(status_of "$JQM" pause "$id")" 0
ok "a running job stands still" wait_for 10 stands_still
n=$(ticks)
is "resume, with JSON" "$("$JQM" resume "$id" --json)" "{\"id\":$id,\"order\":\"resumed\"}"
ok "it goes on" wait_for 10 more_than "$n"
is "resume of what is not paused: failure" "$(status_of "$JQM" resume "$id")" 1
like "says the state" "$(cat "$WORK/err")" "jqm resume: job instance $id is RUNNING and not paused"
"$JQM" kill "$id"
ok "it is over" wait_job "$id" 15
is "pause of what is over: failure" "$(status_of "$JQM" pause "$id")" 1
like "says the state too" "$(cat "$WORK/err")" "is KILLED"

is "a killed job is restarted" "$(status_of "$JQM" restart "$id")" 0
new=$(cat "$WORK/out")
like "the new id is printed" "$new" '^[0-9]+$'
is "once" "$(status_of "$JQM" restart "$id")" 1
like "says as what" "$(cat "$WORK/err")" "already restarted as job instance $new"
like "the old one says so too" "$("$JQM" job "$id")" "restarted as job instance $new by root"
is "the new one can be killed" "$(status_of "$JQM" kill "$new")" 0

id=$("$JQM" enqueue Ticks --run-after 2099-01-01T00:00:00Z)
is "a job of the future cannot be held" "$(status_of "$JQM" pause "$id")" 1
is "an unknown job: not found" "$(status_of "$JQM" pause 999999)" 3
is "restart of an unknown job: not found" "$(status_of "$JQM" restart 999999)" 3
is "no id: usage" "$(status_of "$JQM" restart)" 2
id=$("$JQM" enqueue Fails --wait >/dev/null 2>&1; sql "SELECT max(id) FROM jqm.history")
is "restart, with JSON" "$("$JQM" restart "$id" --json | jq -r .applicationName)" Fails
done_testing
