# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A stack with all that tests/client/suite needs; DATABASE is the other address of it.
#
#	suite NAME     run it as the environment says; its results are our own
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Greet 'echo "hello $1"'
define Fail 'exit 3'
define Wait 'while :; do sleep 0.1; done'
define Deliver 'printf "one\ntwo\nthree\n"; echo oops >&2; echo "the report" > "$JQM_JI_DELIVERY_DIR/report 1.txt"'
define ReadInput 'printf "user = \"%s:%s\"\n" "$JQM_API_LOGIN" "$JQM_API_PASSWORD" | curl -sf -K - "$JQM_API_LOCAL_URL/ws/client/ji/$JQM_JI_ID/inputs/in%20%26%20out.txt"'
sql "UPDATE jqm.job_def SET application = 'Some App' WHERE name = 'Greet';
     INSERT INTO jqm.queue (name) VALUES ('NOBODY'), ('OTHER')" >/dev/null # no node takes their jobs
sockets=$(sed -n 's/^conninfo = "host=\([^ ]*\).*/\1/p' "$HOME_DIR/conf/jqm.ini" | head -1)
export DATABASE="postgresql:///jqm?host=$sockets&port=5432"
SUITE=$JQM_BIN/../tests/client/suite

suite() { # NAME
	CMOCKA_MESSAGE_OUTPUT=TAP "$SUITE" >"$WORK/suite.$1" 2>&1
	results_of "$WORK/suite.$1"
	like "$1: the suite came to its end" "$(cat "$WORK/suite.$1")" '^1\.\.[1-9]'
}
