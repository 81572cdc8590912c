#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One suite over both ways of the library: the web service, with a password, over TLS and with a certificate; the database.
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
DATABASE="postgresql:///jqm?host=$sockets&port=5432"
SUITE=$JQM_BIN/../tests/client/suite

suite() { # NAME
	CMOCKA_MESSAGE_OUTPUT=TAP "$SUITE" >"$WORK/suite.$1" 2>&1
	results_of "$WORK/suite.$1"
	like "$1: the suite came to its end" "$(cat "$WORK/suite.$1")" '^1\.\.[1-9]'
}
export JQM_SUITE_URL=$URL JQM_SUITE_USER=root JQM_SUITE_PASSWORD=${AUTH#*:}
suite web
unset JQM_SUITE_USER JQM_SUITE_PASSWORD
export JQM_SUITE_URL=$DATABASE
suite database

# --- what the database's way leaves behind ---
temporary="FROM jqm.account AS a WHERE a.internal"
is "one temporary account is made for a handle, of a day" \
	"$(sql "SELECT count(*), bool_and(expiration_date BETWEEN now() + interval '23 hours' AND now() + interval '24 hours') $temporary")" '1|t'
is "which may read files and logs, nothing else" \
	"$(sql "SELECT string_agg(array_to_string(r.permissions, ','), ' ') FROM jqm.role AS r JOIN jqm.account_role AS ar ON ar.role_id = r.id
	        WHERE ar.account_id IN (SELECT a.id $temporary)")" 'files:read,logs:read'
is "it is told in the audit trail who made it" \
	"$(sql "SELECT count(*) FROM jqm.audit WHERE kind = 'user' AND action = 'create' AND db_user = 'jqm_client'")" 1
is "jobs say who submitted them" "$(sql "SELECT count(*) > 3 FROM jqm.past_job WHERE submitted_by = 'sql:jqm_client'")" t

# --- over TLS ---
tls_up
export JQM_SUITE_URL=$URL JQM_SUITE_USER=root JQM_SUITE_PASSWORD=${AUTH#*:} JQM_SUITE_CA=$ROOTS
suite tls
unset JQM_SUITE_USER JQM_SUITE_PASSWORD
(umask 077 && "$JQM" certificate create root -o "$WORK/root.pem" >/dev/null)
export JQM_SUITE_CERTIFICATE=$WORK/root.pem
suite certificate
unset JQM_SUITE_CERTIFICATE JQM_SUITE_CA
export JQM_SUITE_URL=$DATABASE
suite database-tls
done_testing
