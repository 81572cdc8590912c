#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The console's pages about jobs in a real browser: runs.mjs says what is done there.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up

define Quick "true"
define Held "true"
define Waits "while [ ! -e '$WORK/go' ]; do sleep 0.1; done"
define Quiet "true"
for _ in 1 2 3; do enqueue Quiet >/dev/null; done
define Fails "echo 'about to fail'; exit 3"
sql "UPDATE jqm.job_def SET retry_delay_s = 0 WHERE name = 'Fails'" >/dev/null
define Grows "printf 'plain \033[32mgreen\033[0m end\n'; while [ ! -e '$WORK/more' ]; do sleep 0.1; done; seq 1 20000; echo last-line; while [ ! -e '$WORK/over' ]; do sleep 0.1; done"
export CONSOLE_MORE=$WORK/more CONSOLE_OVER=$WORK/over
export CONSOLE_GO=$WORK/go
browser_run runs.mjs 250
done_testing
