#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The console in a real browser, against the real stack: console.mjs says what it does there.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

# Somebody who may follow jobs and nothing else.
role=$(sql "SELECT id FROM jqm.role WHERE name = 'client read only'")
like "there is a role that reads" "$role" '^[0-9]+$'
is "somebody has it" "$(send_code POST /ws/admin/user "{\"login\":\"reader\",\"newPassword\":\"quiet-harbour-lantern\",\"roles\":[$role]}")" 204

define Colours "printf '\\033[31mred\\033[0m plain <b>&amp;</b>\\n'; seq 1 5000; echo made >\"\$JQM_JI_DELIVERY_DIR/made.txt\""
define Hostile "echo '<img src=x onerror=alert(1)>'; jqm message '<script>alert(1)</script>'"

shots=${JQM_TEST_SOURCE:-$here/..}/build/screenshots
mkdir -p "$shots"
web=$here/../web
[ -e "$web/node_modules/playwright-core" ] || bash "$web/build.sh" packages
profile=$(scratch)
sql "SELECT jqm.login_link_make('root', sha256('newcomers0token0of0link'), 900)" >/dev/null
CONSOLE_URL=$URL/ CONSOLE_LINK="$URL/#/login/newcomers0token0of0link" CONSOLE_PASSWORD_FILE=$HOME_DIR/root-password CONSOLE_SHOTS=$shots CONSOLE_PROFILE=$profile \
	timeout 250 node "$here/browser/console.mjs" >"$WORK/browser.tap" 2>"$WORK/browser.err"
status=$?
while IFS= read -r line; do
	case $line in
	'ok '*) tap_result 0 "${line#ok }" ;;
	'not ok '*) tap_result 1 "${line#not ok }" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$WORK/browser.tap"
is "the browser's run came to its end" "$status $(tail -c 2000 "$WORK/browser.err")" "0 "
done_testing
