#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command line is a program on the library: its verbs of jobs say and do the same over both ways.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Greet 'echo "hello $1"; echo "on stderr" >&2; echo data >"$JQM_JI_DELIVERY_DIR/out.csv"; exit 7'
define Wait 'echo begun; while :; do sleep 0.1; done'
sockets=$(sed -n 's/^conninfo = "host=\([^ ]*\).*/\1/p' "$HOME_DIR/conf/jqm.ini" | head -1)
DATABASE="postgresql:///jqm?host=$sockets&port=5432"
password_file=$JQM_PASSWORD_FILE

status_of() { "$@" >"$WORK/out" 2>"$WORK/err" </dev/null; echo $?; }
is_running() { [ "$("$JQM" job "$1" --json | jq -r .state)" = RUNNING ]; }

verbs() { # WAY
	local id child held schedule file
	is "$1: a job is followed to its exit code" "$(status_of "$JQM" enqueue Greet -p who=you -p who=me --follow)" 7
	is "$1: and what it printed is shown, the later of two parameters counts" "$(cat "$WORK/out")" "hello me"
	like "$1: on both streams" "$(cat "$WORK/err")" '(^|[[:space:]])on stderr'
	id=$(sed -nE 's/^jqm enqueue: job ([0-9]+)$/\1/p' "$WORK/err")
	is "$1: a new job is JSON with its number" "$("$JQM" enqueue Greet --json --held | jq '.id > 0')" true
	is "$1: a job that ended is JSON as the API has it" \
		"$("$JQM" enqueue Greet -p who=you --wait --json | jq -c '[.state, .applicationName, .exitCode, .parameters[0].value]')" '["CRASHED","Greet",7,"you"]'
	like "$1: job" "$("$JQM" job "$id" | tr '\n' ' ')" "^job +$id definition +Greet state +CRASHED .*exit code +7 .*parameter +who=me "
	child=$("$JQM" enqueue Greet --parent "$id" --held --priority 3 --keyword1 k)
	like "$1: it has a child" "$("$JQM" job "$id")" "children +$child$"
	is "$1: which is listed" "$("$JQM" jobs --parent "$id" --json | jq -c 'map([.id, .state, .priority, .keyword1])')" "[[$child,\"HOLDED\",3,\"k\"]]"
	is "$1: jobs, newest first" "$("$JQM" jobs --limit 2 --before "$((child + 1))" | awk 'NR > 1 { print $1 }' | head -1)" "$child"
	is "$1: jobs that are not over, oldest first" "$("$JQM" jobs --active --json | jq 'length > 1 and map(.id) == (map(.id) | sort)')" true
	is "$1: a log" "$("$JQM" log "$id")" "hello me"
	is "$1: its other one" "$("$JQM" log "$id" --stderr)" "on stderr"
	is "$1: of an attempt that never was: not found" "$(status_of "$JQM" log "$id" --attempt 7)" 3
	file=$("$JQM" files "$id" --json | jq '.[0].id')
	like "$1: its files" "$("$JQM" files "$id")" 'out\.csv$'
	is "$1: and their bytes" "$("$JQM" get "$file" -o -)" data
	(cd "$WORK" && status_of "$JQM" get "$file" -o "$WORK/got.$1") >"$WORK/code"
	is "$1: into a file" "$(cat "$WORK/code" "$WORK/got.$1")" "0
data"
	is "$1: restart prints the number of a new one" "$("$JQM" restart "$id" --json | jq ".id > $id")" true
	is "$1: once" "$(status_of "$JQM" restart "$id")" 1
	is "$1: not found is 3" "$(status_of "$JQM" job 999999) $(status_of "$JQM" kill 999999) $(status_of "$JQM" log 999999) $(status_of "$JQM" files 999999)" "3 3 3 3"
	like "$1: an unknown definition, in the server's words" "$(status_of "$JQM" enqueue Nope) $(cat "$WORK/err")" '^1 .*no job definition "Nope"'
	held=$("$JQM" enqueue Wait --held)
	is "$1: a message is kept" "$("$JQM" message 'a & b' --job "$held"; "$JQM" job "$held" --json | jq -r '.messages[]')" "a & b"
	is "$1: resume lets it run" "$(status_of "$JQM" resume "$held")" 0
	ok "$1: which it does" wait_for 20 is_running "$held"
	is "$1: progress is kept" "$("$JQM" progress 40 --job "$held"; "$JQM" job "$held" --json | jq .progress)" 40
	is "$1: pause and resume of one that runs" "$(status_of "$JQM" pause "$held") $("$JQM" resume "$held" --json)" "0 {\"id\":$held,\"order\":\"resumed\"}"
	is "$1: kill" "$(status_of "$JQM" kill "$held")" 0
	wait_job "$held"
	is "$1: cancel, and once" "$(status_of "$JQM" cancel "$child") $(status_of "$JQM" cancel "$child")" "0 1"
	schedule=$("$JQM" enqueue Greet --cron '0 4 * * 1' --zone Europe/Paris)
	like "$1: a schedule is listed and shown" "$("$JQM" schedule) $("$JQM" schedule show "$schedule")" 'time zone +Europe/Paris'
	is "$1: with the times it is due" "$("$JQM" schedule next "$schedule" | grep -c 'T04:00:00+0[12]:00$') $("$JQM" schedule next "$schedule" --json | jq length)" "10 10"
	is "$1: paused, resumed, deleted" "$(status_of "$JQM" schedule pause "$schedule"; status_of "$JQM" schedule resume "$schedule"
		status_of "$JQM" schedule delete "$schedule"; status_of "$JQM" schedule show "$schedule")" "0
0
0
3"
}
verbs web
is "no account is made for it" "$(sql "SELECT count(*) FROM jqm.account WHERE internal")" 0

# --- the database, as jqm_client, with what stands in the address ---
export JQM_URL=$DATABASE
is "an account of the web service is not for a database" "$(status_of "$JQM" jobs)" 1
like "and is not sent there" "$(cat "$WORK/err")" '^jqm jobs: user, password and certificate are of the web service'
unset JQM_USER JQM_PASSWORD_FILE
verbs database
is "secrets are for a web service to seal" "$(status_of "$JQM" enqueue Greet --secret "word=$password_file")" 1
like "who says so" "$(cat "$WORK/err")" 'sealed by the web service'
is "files by GUID, too" "$(status_of "$JQM" get 00000000-0000-0000-0000-000000000000)" 1
for verb in "queue list" "param get x" "node" "audit" "purge --older-than 90d" "link 5" "webhook" "export"; do
	# shellcheck disable=SC2086 # words
	like "administration: ${verb%% *}" "$(status_of "$JQM" $verb) $(cat "$WORK/err")" "^1 jqm ${verb%% *}: the address is a database's, and this is for a web service to do"
done
unlike "a password in an address is in no words" \
	"$(JQM_URL="postgresql://u:hunter2@127.0.0.1:$(free_port)/jqm" "$JQM" jobs 2>&1; JQM_URL="postgresql://u:hunter2@h/jqm?nonsense=1" "$JQM" jobs 2>&1)" hunter2
is "a database that is not there: exit code 4" "$(JQM_URL="postgresql://127.0.0.1:$(free_port)/jqm" status_of "$JQM" jobs)" 4
done_testing
