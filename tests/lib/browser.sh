# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Scripts of tests/browser in Debian's Chromium, after stack_up of tests/lib/stack.sh:
#
#	browser_run SCRIPT SECONDS     what it prints becomes our results; CONSOLE_... of the environment reach it

# shellcheck disable=SC2154 # here: set by stack.sh
browser_run() {
	local web=$here/../web status
	export CONSOLE_URL=${CONSOLE_URL:-$URL/} CONSOLE_PASSWORD_FILE=$HOME_DIR/root-password
	export CONSOLE_SHOTS=${JQM_TEST_SOURCE:-$here/..}/build/screenshots
	mkdir -p "$CONSOLE_SHOTS"
	[ -e "$web/node_modules/playwright-core" ] || bash "$web/build.sh" packages
	timeout "$2" node "$here/browser/$1" >"$WORK/$1.tap" 2>"$WORK/$1.err"
	status=$?
	results_of "$WORK/$1.tap"
	ok "what the browser got is kept to be looked at" grep -qr --include='*.browser' '"target":"/ws/' "$JQM_RECORD"
	is "the run of $1 came to its end" "$status $(tail -c 2000 "$WORK/$1.err")" "0 "
}
