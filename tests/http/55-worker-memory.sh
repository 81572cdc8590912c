#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A worker's memory does not grow with the number of requests it has answered.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/request_mix.sh"
stack_up
sed -i 's/^\[fcgi\]$/&\nworkers = 1/' "$HOME_DIR/conf/jqm.ini"
ok "down" "$JQM" down --home "$HOME_DIR"
ok "up with one worker" "$JQM" up --detach --home "$HOME_DIR"
define Mixed 'echo hello'
ok "a job ends" wait_job "$(enqueue Mixed)"
worker=$(worker_of "$HOME_DIR/run/jqm-fcgi.pid")
like "there is one" "$worker" '^[0-9]+$'

log=$HOME_DIR/log/jqm-fcgi.log
answered() { grep -c ' status=' "$log"; }
before=$(answered)
ok "requests of each kind" mix "$URL" "$AUTH" 25 "$WORK"
are_answered() { [ $(($(answered) - before)) -eq $((25 * MIX_KINDS)) ]; } # the last one is told behind its answer
ok "all were answered" wait_for 20 are_answered
like "among them such that are right, wrong, and for nothing" "$(grep -o ' status=[0-9]*' "$log" | sort -u | tr -d '\n')" '200.*400.*404'
first=$(private_kb "$worker")
ok "four times as many" mix "$URL" "$AUTH" 100 "$WORK"
echo "[$(seq -s, 9000000 9999999)]" >"$WORK/million.json"
order_a_million() { [ "$(json POST '/ws/client/ji/killed?dryRun=true' -H 'Content-Type: application/json' --data-binary "@$WORK/million.json")" = 0 ]; }
ok "an order to a million jobs" order_a_million
last=$(private_kb "$worker")
is "by the same worker" "$(worker_of "$HOME_DIR/run/jqm-fcgi.pid")" "$worker"
diag "private memory: $first kB, then $last kB"
if [ "${JQM_VARIANT:-release}" = asan ]; then
	absent "memory that stays the same" "the sanitizer keeps what is freed; it looks for what is lost at the end"
else
	ok "it is known" test "$first" -gt 1000 -a "$last" -gt 1000
	ok "it has not grown" test $((last - first)) -le 512
fi
done_testing
