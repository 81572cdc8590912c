#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Outputs of jobs as one reads them in a real browser: over what a long one has lost, and without jumps: logs.mjs says what is done there.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up

# Lines of 64 bytes with their number; the limit keeps 16384 bytes of the beginning and 49152 of the end.
define Long "seq -f %063.0f 0 31249; while [ ! -e '$WORK/go' ]; do sleep 0.1; done; echo the-last-word"
sql "UPDATE jqm.job_def SET log_max_bytes = 65536 WHERE name = 'Long'" >/dev/null
define Large "seq -f %063.0f 0 99999; echo needle; seq -f %063.0f 100000 139999"
large=$(enqueue Large)
long=$(enqueue Long)
log=$HOME_DIR/joblogs/$((long / 1000))/$(printf '%010d' "$long").stdout.log
is_cut() { [ "$(stat -c %s "$log" 2>/dev/null)" = 2000000 ] && [ $(($(stat -c %b "$log") * 512)) -lt 100000 ]; }
ok "a log over its limit loses its middle while its job runs" wait_for 60 is_cut
ok "a job has printed much" wait_job "$large"
export CONSOLE_LONG=$long CONSOLE_LARGE=$large CONSOLE_GO=$WORK/go
browser_run logs.mjs 250
done_testing
