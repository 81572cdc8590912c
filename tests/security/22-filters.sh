#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every text a caller can give to a search, a path, a form, a document or a limit of a permission is a value: what SQL
# and shells make of such characters, nobody here does.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Plain 'printf "%s\n" "$@"; env -0 | tr "\0" "\n" | grep -a evil'
other=$(enqueue Plain)
ok "there is a job nobody asks for" wait_job "$other"
schema() { sql "SELECT md5(string_agg(c.relname || c.relkind::text || coalesce(c.relacl::text, ''), ',' ORDER BY c.oid)) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'jqm' AND c.relname NOT LIKE 'history_%'"; }
things() { sql "SELECT (SELECT count(*) FROM jqm.account) || ' ' || (SELECT count(*) FROM jqm.role) || ' ' || (SELECT count(*) FROM jqm.job_def) || ' ' || (SELECT count(*) FROM jqm.queue)"; }
before="$(schema) $(things)"

texts=("' OR '1'='1" "' OR 1=1 --" "'; DROP TABLE jqm.history; --" "\\'; SELECT pg_sleep(9); --" '" OR ""="' '$1' '$$; DROP SCHEMA jqm CASCADE; $$' '{evil,"x"}' '{' '}' ',' '","' '\' '\\' '\"' "x' UNION SELECT password_hash FROM jqm.account --"
	'evil;id' '$(id)' '`id`' '%s%s%n' '%' '%%' '_' '*' '?' '(' 'NULL' 'null' 'true' '-1' '0x1' '../../x' '<x>&' "$(printf 'a\tb')" $'\u200b' 'ÿ')
members=(applicationName user sessionId jobDefKeyword1 jobDefKeyword2 jobDefKeyword3 jobDefModule jobDefApplication instanceKeyword1 instanceKeyword2 instanceKeyword3 instanceModule instanceApplication queueName nodeName)
known=$(json GET /ws/client/ji/query | jq -r 'keys[]')
used=()
for member in "${members[@]}"; do grep -qx "$member" <<<"$known" && used+=("$member"); done
ok "the query has the members this asks for" [ ${#used[@]} -ge 13 ]
diag "members: ${used[*]}"

# A member of its own each, and all in one statement; %-only texts mean anything, by design.
ask() { # JSON: status, and how many were found
	curl -sS -m 30 -u "$AUTH" -H 'Content-Type: application/json' -H 'Accept: application/json' -o "$WORK/answer" -w '%{http_code}' --data-binary "$1" "$URL/ws/client/ji/query"
	printf ' %s' "$(jq '.instances | length' "$WORK/answer" 2>/dev/null)"
}
wrong=''
for text in "${texts[@]}"; do
	for member in "${used[@]}"; do
		got=$(ask "$(jq -nc --arg m "$member" --arg t "$text" '{queryLiveInstances: true, queryHistoryInstances: true} + {($m): (if $m == "applicationName" then [$t] else $t end)}')")
		case "$got" in '200 0') ;; '200 1') [[ $text == % || $text == %% ]] || wrong="$wrong $member=$text:$got" ;; *) wrong="$wrong $member=$text:$got:$(head -c 200 "$WORK/answer")" ;; esac
	done
done
is "a search finds what is named so, and that is nothing" "$wrong" ''
wrong=''
for text in "${texts[@]}"; do
	got=$(ask "$(jq -nc --arg t "$text" '{statuses: [$t]}')")
	case "$got" in 400*) ;; *) wrong="$wrong statuses=$text:$got" ;; esac
	got=$(ask "$(jq -nc --arg t "$text" '{sortby: [{col: $t, order: $t}]}')")
	case "$got" in 400*) ;; *) wrong="$wrong sortby=$text:$got" ;; esac
done
is "a state or a column to sort by that is none is refused" "$wrong" ''

# Paths and query parameters.
encode() { jq -rn --arg t "$1" '$t | @uri'; }
wrong=''
for text in "${texts[@]}"; do
	e=$(encode "$text")
	for path in "client/user/$e/ji" "client/jd/$e" "client/jd/name/$e" "client/node/$e/log" "admin/node/$e/log" "simple/file?id=$e" "simple/status?id=$e" "simple/stdout?id=$e" "client/ji/$e" "client/ji?newest=$e" "client/ji?parent=$e" "client/ji/files/$e" \
		"client/ji/$other/inputs/$e" "client/schedule/$e" "client/cron?expression=$e&timeZone=$e" "simple/link?token=$e" "admin/q/$e" "admin/prm/$e" "admin/user/$e" "admin/stats/history?hours=$e" "client/q/$e/status"; do
		status=$(code GET "/ws/$path" -H 'Accept: application/json, */*' --path-as-is)
		case "$status" in 200 | 400 | 404) ;; *) wrong="$wrong $path:$status" ;; esac
		case "$status $path" in "200 client/ji/"* | "200 simple/"* | "200 client/jd/name/"*) [ "$text" = 0x1 ] || wrong="$wrong $path:$status" ;; esac
	done
done
is "a path or parameter is a value" "$wrong" ''
is "users that are named so have no jobs, but for a wildcard" "$(for text in "${texts[@]}"; do json GET "/ws/client/user/$(encode "$text")/ji" --path-as-is | jq 'if type == "array" then length else 0 end'; done | sort -u | tr '\n' ' ')" '0 '

# Stored, and given back as they are; a job gets them as arguments and in its environment, and no shell reads them.
wrong=''
for text in "${texts[@]}"; do
	id=$(send POST /ws/client/ji "$(jq -nc --arg t "$text" '{applicationName: "Plain", user: $t, keyword1: $t, module: $t, sessionID: $t, startState: "HOLDED", parameters: {p: $t}}')" -H 'Accept: application/json' | jq .id)
	case $id in '' | null) wrong="$wrong refused:$text" && continue ;; esac
	back=$(json GET "/ws/client/ji/$id" | jq -c --arg t "$text" '[.user, .keyword1, .module, .sessionID, .parameters.p] | map(. == $t) | all')
	[ "$back" = true ] || wrong="$wrong changed:$text:$back"
	[ "$(jq '.instances | map(.id)' <<<"$(send POST /ws/client/ji/query "$(jq -nc --arg t "$text" --argjson id "$id" '{jobInstanceId: $id, queryLiveInstances: true, instanceKeyword1: $t}')" -H 'Accept: application/json')" | jq -c)" = "[$id]" ] || wrong="$wrong not-found:$text"
done
is "what is stored comes back as it was, and is found by itself" "$wrong" ''
text="'; touch $WORK/evil; \$(touch $WORK/evil) \`touch $WORK/evil\` \"; touch $WORK/evil"
job=$(enqueue Plain "p=$text")
ok "a job with a hostile parameter ends" wait_job "$job"
is "which is its argument" "$(api GET "/ws/client/ji/$job/stdout" | head -1)" "$text"
nok "and no command" [ -e "$WORK/evil" ]

# Names of queues and definitions in the limits of a permission: they are names, whatever stands in them.
wrong=''
n=0
for text in "${texts[@]}"; do
	n=$((n + 1))
	send POST /ws/admin/role "$(jq -nc --arg t "$text" --arg n "limit $n" '{name: $n, description: "x", permissions: ["job_instance:read@queue=\($t)", "job_instance:create@definition=\($t)", "logs:read@definition=\($t)"]}')" >/dev/null
	role=$(sql "SELECT id FROM jqm.role WHERE name = 'limit $n'")
	[ -n "$role" ] || { wrong="$wrong no-role:$text" && continue; }
	sql "INSERT INTO jqm.account (login, password_hash) SELECT 'limit $n', password_hash FROM jqm.account WHERE login = 'root';
		INSERT INTO jqm.account_role SELECT id, $role FROM jqm.account WHERE login = 'limit $n'"
	seen() { curl -sS -m 30 -u "limit $n:${AUTH#*:}" -H 'Accept: application/json' "$@"; }
	[ "$(seen "$URL/ws/client/ji")" = '[]' ] || wrong="$wrong list:$text"
	[ "$(seen -H 'Content-Type: application/json' -d '{"queryLiveInstances":true}' "$URL/ws/client/ji/query" | jq -c '[.resultSize, (.instances | length)]')" = '[0,0]' ] || wrong="$wrong search:$text"
	[ "$(seen -o /dev/null -w '%{http_code}' "$URL/ws/client/ji/$other")" = 404 ] || wrong="$wrong one:$text"
	[ "$(seen -o /dev/null -w '%{http_code}' -d applicationname=Plain -H 'Accept: */*' "$URL/ws/simple/ji")" = 400 ] || wrong="$wrong enqueue:$text"
done
is "a limit by such a name covers nothing else" "$wrong" ''
sql "DELETE FROM jqm.account WHERE login LIKE 'limit %'; DELETE FROM jqm.role WHERE name LIKE 'limit %'"
is "tables and rights are what they were" "$(schema) $(things)" "$before"
unlike "the database never misunderstood a statement" "$(cat "$HOME_DIR"/log/postgres*.log "$HOME_DIR"/db/log/* 2>/dev/null)" 'syntax error|unterminated|malformed array'
unlike "nothing failed in jqm-fcgi" "$(cat "$HOME_DIR"/log/jqm-fcgi*.log)" 'error=internal|worker_died'
done_testing
