#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The other pages: set-up and people, looked at in both themes and narrow: pages.mjs.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up
export CONSOLE_PAGES="webhooks parameters resources contexts files users roles certificates certmappings audit account about api/post_client_ji?find=client"
browser_run pages.mjs 250
done_testing
