#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A thousand who listen to events: they cost no worker and little memory, and nobody waits for one who does not read.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/events.sh"
stack_up
define Held 'true'
memory_kb=40960
case $JQM_BIN in */asan/*) memory_kb=1048576 ;; esac # of its shadow, mostly
python3 "$(dirname "$0")/../lib/listeners.py" "$PORT" "$AUTH" 1000 "$(cat "$HOME_DIR/run/jqm-events.pid")" "$memory_kb" \
	"$JQM" psql --home "$HOME_DIR" -XAtqc >"$WORK/tap" 2>"$WORK/trouble" || diag "$(cat "$WORK/trouble")"
results_of "$WORK/tap"
grep '^# ' "$WORK/tap"
like "it came to its end" "$(tail -1 "$WORK/tap")" '^1\.\.'

# One more than there may be.
sed -i '/^\[events\]/r '<(echo 'listeners_max = 2') "$HOME_DIR/conf/jqm.ini"
kill "$(cat "$HOME_DIR/run/jqm-events.pid")"
allows_two() { tail -3 "$HOME_DIR/log/jqm-events.log" | grep -q 'events_started listeners_max=2'; }
ok "jqm-events follows its setting when it is started again" wait_for 20 allows_two
listen one
listen two
third() { curl -sS -m 30 -u "$AUTH" -o "$WORK/third" -D "$WORK/third.head" "$URL/ws/client/events" && grep -q '^HTTP/1.1 503' "$WORK/third.head"; }
ok "a third listener is refused" third
like "and told why" "$(jq -r .userReadableMessage "$WORK/third")" '^2 listen already'
like "and when to come again" "$(cat "$WORK/third.head")" 'Retry-After: [0-9]+'
stop_listening one
freed() { ! third && listen three; }
third() { [ "$("$JQM_CURL" -sS -m 2 -u "$AUTH" -o /dev/null -w '%{http_code}' "$URL/ws/client/events" 2>/dev/null)" = 503 ]; }
ok "when one has left there is room again" wait_for 20 freed

# Nobody is there to tell.
rm "$(sed -n 's/^socket = "\(.*events\.sock\)"/\1/p' "$HOME_DIR/conf/jqm.ini")"
away=$(api GET /ws/client/events)
is "without jqm-events it is 503" "$(api_status)" 503
like "with words" "$(jq -r .userReadableMessage <<<"$away")" 'try again'
done_testing
