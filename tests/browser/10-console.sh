#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The console in a real browser, against the real stack: console.mjs says what it does there.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up

# Somebody who may follow jobs and nothing else.
role=$(sql "SELECT id FROM jqm.role WHERE name = 'client read only'")
like "there is a role that reads" "$role" '^[0-9]+$'
is "somebody has it" "$(send_code POST /ws/admin/user "{\"login\":\"reader\",\"newPassword\":\"quiet-harbour-lantern\",\"roles\":[$role]}")" 204

define Colours "printf '\\033[31mred\\033[0m plain <b>&amp;</b>\\n'; seq 1 5000; echo made >\"\$JQM_JI_DELIVERY_DIR/made.txt\""
define Hostile "echo '<img src=x onerror=alert(1)>'; jqm message '<script>alert(1)</script>'"

script=$(curl -sS "$URL/" | grep -o 'assets/console-[A-Z0-9]*\.js')
headers=$(curl -sS -H 'Accept-Encoding: gzip' -D - -o "$WORK/script.gz" "$URL/$script" | tr -d '\r')
like "its script comes compressed" "$headers" '^Content-Encoding: gzip$'
like "and may be kept for ever" "$headers" '^Cache-Control: max-age=[0-9]{9}$'
like "its page is asked for each time" "$(curl -sS -D - -o /dev/null "$URL/" | tr -d '\r')" '^Cache-Control: no-cache$'
ok "all of it is below 150 kB" [ "$(stat -c %s "$WORK/script.gz")" -lt 140000 ]

sql "SELECT jqm.login_link_make('root', sha256('newcomers0token0of0link'), 900)" >/dev/null
export CONSOLE_LINK=$URL/#/login/newcomers0token0of0link
browser_run console.mjs 250
done_testing
