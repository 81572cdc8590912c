#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every page of the console, looked at in both themes and narrow: pages.mjs.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up
define Colours "printf '\\033[31mred\\033[0m plain <b>&amp;</b>\\n'; seq 1 5000; echo made >\"\$JQM_JI_DELIVERY_DIR/made.txt\""
CONSOLE_JOB=$(enqueue Colours month=03)
ok "a job is over" wait_job "$CONSOLE_JOB"
export CONSOLE_JOB
browser_run pages.mjs 250
done_testing
