#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jqm log: of a job that writes more than is kept, and of one that is tried again.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

# 64 MB of numbered lines as fast as it can, and 128 KB of it are kept.
define Flood 'seq -f %063.0f 0 999999; echo end >&2'
sql "UPDATE jqm.job_def SET log_max_bytes = 131072" >/dev/null
"$JQM" enqueue Flood --follow >"$WORK/out" 2>"$WORK/err" </dev/null
is "a flood is followed to its end" $? 0
is "without a byte that was not written" "$(tr -dc '\0' <"$WORK/out" | wc -c)" 0
is "from its first line" "$(head -c 64 "$WORK/out")" "$(printf '%063d' 0)"
is "to its last" "$(tail -n 1 "$WORK/out")" "$(printf '%063d' 999999)"
# Where a piece was cut out a line may be: but none twice, and all in order.
grep -oE '^[0-9]{63}$' "$WORK/out" >"$WORK/lines"
ok "no line twice, in order" sort -cu "$WORK/lines"
like "what was missed is told" "$(cat "$WORK/err")" '[0-9]+ bytes were cut out here before they could be shown'
like "and nothing of standard error" "$(cat "$WORK/err")" '(^|[[:space:]])end$'
told=$(grep -oE '[0-9]+ bytes were cut' "$WORK/err" | awk '{n += $1} END {print n + 0}')
is "what was told and what was shown are all that was written" "$((told + $(stat -c %s "$WORK/out")))" 64000000
id=$(sed -n 's/^jqm enqueue: job //p' "$WORK/err")
"$JQM" log "$id" >"$WORK/out"
is "afterwards it is head, a line about the rest, and tail" "$(sed -n '1p;514p;$p' "$WORK/out" | cut -c 1-64)" "$(printf '%063d' 0)
[... 63868928 bytes cut out here by JQM: the log was longer than
$(printf '%063d' 999999)"

# Attempts 2 and 3 come and go while nobody looks: the follower has stopped there.
define Again 'n=$(cat n 2>/dev/null || echo 0); n=$((n + 1)); echo $n >n
for i in 1 2 3; do echo "attempt $n line $i"; done
case $n in 1) while [ ! -e go1 ]; do sleep 0.05; done ;; 4) while [ ! -e go4 ]; do sleep 0.05; done ;; esac; [ $n = 4 ]'
sql "UPDATE jqm.job_def SET attempts_max = 5, retry_delay_s = 0" >/dev/null
"$JQM" enqueue Again --follow >"$WORK/out" 2>"$WORK/err" </dev/null &
follower=$!
ok "a job that will be tried again is followed" wait_for 20 grep -q 'attempt 1 line 3' "$WORK/out"
kill -STOP $follower
touch "$HOME_DIR/jobs/go1"
ok "it comes to its fourth attempt" wait_for 20 grep -qx 4 "$HOME_DIR/jobs/n"
kill -CONT $follower
ok "all of them are shown" wait_for 20 grep -q 'attempt 4 line 3' "$WORK/out"
touch "$HOME_DIR/jobs/go4"
wait $follower
is "to the end of the last" $? 0
is "each attempt's output once, in order" "$(cat "$WORK/out")" "$(for n in 1 2 3 4; do printf "attempt $n line %d\n" 1 2 3; done)"
is "and where one ends is told" "$(grep -oE 'that was attempt [0-9]' "$WORK/err" | tr -dc '0-9')" 123
id=$(sed -n 's/^jqm enqueue: job //p' "$WORK/err")
is "afterwards the newest is shown" "$("$JQM" log "$id" | tail -n 1)" "attempt 4 line 3"
is "or the one that is asked for" "$("$JQM" log "$id" --attempt 1 | tail -n 1)" "attempt 1 line 3"
is "by its short name too" "$("$JQM" log -a2 "$id" | head -n 1)" "attempt 2 line 1"
"$JQM" log "$id" --attempt 7 >"$WORK/out" 2>"$WORK/err"
is "one that never was: not found" $? 3
like "and says so" "$(cat "$WORK/err")" 'there was no such attempt'
for wrong in "--attempt 0" "--attempt x" "--attempt 1 --follow"; do
	# shellcheck disable=SC2086
	"$JQM" log "$id" $wrong >"$WORK/out" 2>"$WORK/err"
	is "wrong on the command line: $wrong" $? 2
done

define Empties 'seq 1 1000; while [ ! -e empty ]; do sleep 0.05; done; echo anew >/dev/stdout; echo end'
"$JQM" enqueue Empties --follow >"$WORK/out" 2>"$WORK/err" </dev/null &
follower=$!
ok "a job that empties its log is followed" wait_for 20 grep -qx 1000 "$WORK/out"
touch "$HOME_DIR/jobs/empty"
wait $follower
is "to its end" $? 0
like "the user is told" "$(cat "$WORK/err")" 'emptied its log'
is "and shown on from the new beginning" "$(tail -n 3 "$WORK/out")" "1000
anew
end"
done_testing
