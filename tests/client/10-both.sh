#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One suite over both ways of the library: the web service with a password, and the database.
. "$(dirname "$0")/suite.sh"
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

done_testing
