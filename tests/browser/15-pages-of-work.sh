#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pages about jobs and what runs them, looked at in both themes and narrow: pages.mjs.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up
define Colours "printf '\\033[31mred\\033[0m plain <b>&amp;</b>\\n'; seq 1 5000; echo made >\"\$JQM_JI_DELIVERY_DIR/made.txt\""
job=$(enqueue Colours month=03)
ok "a job is over" wait_job "$job"
export CONSOLE_PAGES="home runs runs?view=timeline run/$job run/$job?view=stdout launch?definition=Colours definitions definition/1 queues nodes mappings limits"
browser_run pages.mjs 250
done_testing
