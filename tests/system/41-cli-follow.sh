#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A log is followed byte for byte; interrupting who looks on does not touch the job; files are fetched whole.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

# A log that grows in bursts of megabytes, without a line feed at its end.
define Fast 'seq -f "line %.0f of a log that grows fast" 1 60000; echo half >&2; sleep 0.4
seq -f "line %.0f of a log that grows fast" 60001 120000; sleep 0.4
seq -f "line %.0f of a log that grows fast" 120001 200000; echo end >&2; printf last'
{ seq -f 'line %.0f of a log that grows fast' 1 200000; printf last; } >"$WORK/expected"
"$JQM" enqueue Fast --follow >"$WORK/out" 2>"$WORK/err" </dev/null
is "following ends with the job" $? 0
ok "each byte came once, in order" cmp "$WORK/expected" "$WORK/out"
is "standard error went to standard error" "$(grep -cxE 'half|end' "$WORK/err")" 2
id=$(sed -n 's/^jqm enqueue: job //p' "$WORK/err")
"$JQM" log "$id" >"$WORK/out"
ok "so does a log that is over" cmp "$WORK/expected" "$WORK/out"
is "and its end" "$("$JQM" log "$id" --follow | tail -c 4)" last

define Held 'echo waiting; tail -f /dev/null'
# A background job of a script ignores an interrupt unless told otherwise.
env --default-signal=INT "$JQM" enqueue Held --follow >"$WORK/out" 2>"$WORK/err" </dev/null &
follower=$!
ok "a running job is followed" wait_for 10 grep -q waiting "$WORK/out"
kill -INT $follower
wait $follower
is "an interrupt ends who looks on" $? 130
id=$(sed -n 's/^jqm enqueue: job //p' "$WORK/err")
like "and says that the job goes on" "$(cat "$WORK/err")" "job $id goes on"
is "which it does" "$(job_state "$id")" RUNNING
"$JQM" enqueue Held --held >"$WORK/id"
ok "a held job can be cancelled" "$JQM" cancel "$(cat "$WORK/id")"
is "once" "$("$JQM" cancel "$(cat "$WORK/id")" 2>/dev/null; echo $?)" 1
"$JQM" log "$(cat "$WORK/id")" --follow >"$WORK/out" 2>"$WORK/err"
is "its log is empty" "$(cat "$WORK/out")" ""
like "for a reason" "$(cat "$WORK/err")" 'never started'
"$JQM" kill "$id"
ok "the job ends when it is told to" wait_job "$id"
"$JQM" enqueue Held --wait >"$WORK/out" 2>"$WORK/err" </dev/null &
waiter=$!
ok "a job is waited for" wait_for 10 grep -qE '^[0-9]+$' "$WORK/out"
ok "until it runs" wait_for 10 job_is "$(cat "$WORK/out")" RUNNING
"$JQM" kill "$(cat "$WORK/out")"
wait $waiter
is "a killed job's exit code is its signal's" $? $((128 + 15))

define Leaves 'head -c 3000000 /dev/urandom | tee big.copy >"$JQM_JI_DELIVERY_DIR/big.bin"; : >"$JQM_JI_DELIVERY_DIR/empty"'
id=$("$JQM" enqueue Leaves)
ok "a job that leaves files" wait_job "$id"
guid() { "$JQM" files "$id" --json | jq -r ".[] | select(.originalName == \"$1\") | .randomId"; }
big=$(guid big.bin)
cd "$WORK" || exit 1
name=$("$JQM" get "$big")
ok "a file comes whole" cmp "$name" "$HOME_DIR/jobs/big.copy"
"$JQM" get "$big" >/dev/null 2>"$WORK/err"
is "it does not replace one that exists" $? 1
like "and says how it would" "$(cat "$WORK/err")" '--force'
ok "unless told so" "$JQM" get "$big" --force
mkdir there
ok "into a directory" "$JQM" get "$big" -o there
ok "under its name" cmp "there/$name" "$name"
ok "an empty file too" "$JQM" get "$(guid empty)" -o nothing
is "is a file" "$(stat -c %s nothing)" 0
is "no temporary file is left" "$(find . -name '.jqm-get-*' | wc -l)" 0
"$JQM" get 00000000-0000-0000-0000-000000000000 >/dev/null 2>&1
is "an unknown file: not found" $? 3
done_testing
