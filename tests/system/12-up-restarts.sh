#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What dies is started again; when the supervisor itself is killed, nothing stays in the way.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
jqm=$JQM

pid_of() { cat "$HOME_DIR/run/$1.pid" 2>/dev/null; }
all_up() { "$jqm" status --home "$HOME_DIR" >/dev/null && healthy; }
is_new() { [ -n "$(pid_of "$1")" ] && [ "$(pid_of "$1")" != "$2" ]; }

for program in nginx jqm-fcgi jqm-runner jqm-notifier jqm-events jqm-hooks postgres; do
	old=$(pid_of $program)
	kill -9 "$old"
	ok "$program is started again after kill -9" wait_for 20 is_new $program "$old"
	ok "and all is well" wait_for 30 all_up
	nok "the killed $program is gone" kill -0 "$old"
done

old=$(for p in nginx jqm-fcgi jqm-runner jqm-notifier jqm-events jqm-hooks postgres; do pid_of $p; done)
# shellcheck disable=SC2086
kill -9 $old
ok "all five at once: all is well again" wait_for 60 all_up
is "each runs once" "$(pgrep -f -c -- "nginx: master process.*$HOME_DIR/")" 1
is "nginx has no workers without a master" \
    "$(for p in $(pgrep -x nginx); do
	[ "$(ps -o ppid= -p "$p" | tr -d ' ')" = "$(pid_of jqm)" ] && echo "$p"
done)" "$(pid_of nginx)"
like "the log of the supervisor tells it" "$(cat "$HOME_DIR/log/jqm.log")" \
    'program_ended program=nginx pid=[0-9]+ how="signal 9"'

# The supervisor is killed: status tells, the next up cleans up.
kill -9 "$(pid_of jqm)"
is_incomplete() { ! "$jqm" status --home "$HOME_DIR"; }
ok "status tells that the supervisor is gone" wait_for 5 is_incomplete
ok "up after that succeeds" "$jqm" up --detach --home "$HOME_DIR" --port "$PORT"
ok "all is well" wait_for 10 all_up
kill -9 "$(pid_of jqm)" "$(pid_of nginx)"
ok "up after supervisor and nginx were killed succeeds" "$jqm" up --detach --home "$HOME_DIR" --port "$PORT"
kill -9 "$(pid_of jqm)" "$(pid_of postgres)" "$(pid_of jqm-fcgi)" "$(pid_of jqm-runner)" "$(pid_of jqm-notifier)" "$(pid_of jqm-events)" "$(pid_of jqm-hooks)" "$(pid_of nginx)"
ok "down after all were killed succeeds" "$jqm" down --home "$HOME_DIR"
is "nothing is left" "$(pgrep -f -- "$HOME_DIR/")" ""
ok "and it starts again" "$jqm" up --detach --home "$HOME_DIR" --port "$PORT"
ok "all is well" wait_for 10 all_up
ok "down" "$jqm" down --home "$HOME_DIR"
is "nothing is left" "$(pgrep -f -- "$HOME_DIR/")" ""
done_testing
