#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every text a caller can give to a search, a path, a form, a document or a limit of a permission is a value: what SQL
# and shells make of such characters, nobody here does.  filters.py asks; here is looked at what became of the server.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Plain 'printf "%s\n" "$@"'
other=$(enqueue Plain)
ok "there is a job nobody asks for" wait_job "$other"
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'limit ' || n, password_hash FROM jqm.account, generate_series(0, 29) AS n WHERE login = 'root'"
schema() { sql "SELECT md5(string_agg(c.relname || c.relkind::text || coalesce(c.relacl::text, ''), ',' ORDER BY c.oid)) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'jqm' AND c.relname NOT LIKE 'history_%'"; }
things() { sql "SELECT (SELECT count(*) FROM jqm.account) || ' ' || (SELECT count(*) FROM jqm.role WHERE name NOT LIKE 'limit %') || ' ' || (SELECT count(*) FROM jqm.job_def) || ' ' || (SELECT count(*) FROM jqm.queue)"; }
before="$(schema) $(things)"
jq -nc --argjson port "$PORT" --arg password "${AUTH#*:}" --argjson other "$other" '{port: $port, password: $password, other: $other}' >"$WORK/facts"
/usr/bin/python3 "$(dirname "$0")/filters.py" "$WORK/facts" >"$WORK/tap"
results_of "$WORK/tap"
is "it came to its end" "$(grep -c '^\(not \)\?ok ' "$WORK/tap")" 6

text="'; touch $WORK/evil; \$(touch $WORK/evil) \`touch $WORK/evil\` \"; touch $WORK/evil"
job=$(enqueue Plain "p=$text")
ok "a job with a hostile parameter ends" wait_job "$job"
is "which is its argument" "$(api GET "/ws/client/ji/$job/stdout" | head -1)" "$text"
nok "and no command" [ -e "$WORK/evil" ]
is "tables and rights are what they were" "$(schema) $(things)" "$before"
unlike "the database never misunderstood a statement" "$(find "$HOME_DIR/log" "$HOME_DIR/db" -name '*.log' -exec cat {} + 2>/dev/null)" 'syntax error|unterminated|malformed array'
unlike "nothing failed in jqm-fcgi" "$(cat "$HOME_DIR"/log/jqm-fcgi*.log)" 'error=internal|worker_died'
done_testing
