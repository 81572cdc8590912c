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
define Twice 'n=$(cat twice 2>/dev/null || echo 0); n=$((n + 1)); echo $n >twice; echo "attempt $n"; [ $n = 2 ] && rm twice'
define Long 'seq -f %07.0f 0 49999'
sql "UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 0 WHERE name = 'Twice';
     UPDATE jqm.job_def SET log_max_bytes = 131072 WHERE name = 'Long'" >/dev/null
sql "UPDATE jqm.job_def SET application = 'Some App' WHERE name = 'Greet';
     INSERT INTO jqm.queue (name) VALUES ('NOBODY'), ('OTHER')" >/dev/null # no node takes their jobs
sockets=$(sed -n 's/^conninfo = "host=\([^ ]*\).*/\1/p' "$HOME_DIR/conf/jqm.ini" | head -1)
export DATABASE="postgresql:///jqm?host=$sockets&port=5432"
SUITE=$JQM_BIN/../tests/client/suite

suite() { # NAME
	CMOCKA_MESSAGE_OUTPUT=TAP recorded "$SUITE" >"$WORK/suite.$1" 2>&1
	results_of "$WORK/suite.$1"
	like "$1: the suite came to its end" "$(cat "$WORK/suite.$1")" '^1\.\.[1-9]'
}
