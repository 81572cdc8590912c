#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command line as a person and as a script use it.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Greet 'echo "hello $1"; echo "on stderr" >&2; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
define Fails 'echo bad >&2; exit 42'
define Slow 'for i in 1 2 3 4 5; do echo "line $i"; sleep 0.2; done'
status_of() { "$@" >"$WORK/out" 2>"$WORK/err" </dev/null; echo $?; }

is "enqueue: exit code" "$(status_of "$JQM" enqueue Greet -p who=you)" 0
id=$(tr -dc 0-9 <"$WORK/out")
like "enqueue prints the id" "$id" '^[0-9]+$'
wait_job "$id"
is "job: exit code" "$(status_of "$JQM" job "$id")" 0
like "job shows the state" "$(cat "$WORK/out")" 'ENDED'
is "job --json is the API's object" "$("$JQM" job "$id" --json | jq -r .state)" ENDED
is "log" "$("$JQM" log "$id")" 'hello you'
is "log --stderr" "$("$JQM" log "$id" --stderr)" 'on stderr'
like "jobs is a table" "$("$JQM" jobs)" "$id.*Greet"
is "jobs --json" "$("$JQM" jobs --json | jq 'length')" 1
is "jobs are paged" "$("$JQM" jobs --limit 1 --before "$((id + 1))" --json | jq -c 'map(.id)')" "[$id]"
is "a wrong limit: usage" "$(status_of "$JQM" jobs --limit x)" 2
like "files" "$("$JQM" files "$id")" 'out\.csv'
guid=$("$JQM" files "$id" --json | jq -r '.[0].randomId')
(cd "$WORK" && "$JQM" get "$guid" -o got.csv) >/dev/null
is "get" "$(cat "$WORK/got.csv")" data
is "get to stdout" "$("$JQM" get "$guid" -o -)" data
is "--wait has the job's exit code" "$(status_of "$JQM" enqueue Fails --wait)" 42
is "--follow shows all of a growing log" "$("$JQM" enqueue Slow --wait --follow)" "line 1
line 2
line 3
line 4
line 5"
is "an unknown definition: failure" "$(status_of "$JQM" enqueue Nope)" 1
like "with the server's words" "$(cat "$WORK/err")" 'no job definition "Nope"'
is "an unknown job: not found" "$(status_of "$JQM" job 999999)" 3
is "wrong words: usage" "$(status_of "$JQM" enqueue)" 2
like "says how" "$(cat "$WORK/err")" 'jqm enqueue NAME'
is "an unknown verb: usage" "$(status_of "$JQM" frobnicate)" 2
is "a bad parameter: usage" "$(status_of "$JQM" enqueue Greet -p novalue)" 2
is "no server: exit code 4" "$(JQM_URL=http://127.0.0.1:1 status_of "$JQM" jobs)" 4
echo wrong >"$WORK/wrong"; chmod 600 "$WORK/wrong"
is "a wrong password: exit code 4" "$(JQM_PASSWORD_FILE=$WORK/wrong status_of "$JQM" jobs)" 4
chmod 644 "$WORK/wrong"
nok "a password file others can read is refused" env JQM_PASSWORD_FILE="$WORK/wrong" "$JQM" jobs
is "with the home instead of the environment" "$(env -u JQM_URL -u JQM_USER -u JQM_PASSWORD_FILE "$JQM" jobs --home "$HOME_DIR" --json | jq 'type')" '"array"'
is "help" "$(status_of "$JQM" help)" 0
is "no help is wider than 80 columns" "$("$JQM" help | awk 'NR > 2 && /^  / { print $1 }' | while read -r verb; do
	"$JQM" help "$verb" || echo "no help of $verb"
done | cat - <("$JQM" help) | awk 'length > 80 || /^no help/')" ""
verbs=$("$JQM" help | awk 'NR > 2 && /^  / { print $1 }')
is "each verb says how it is called, by --help and by -h" "$(for verb in $verbs; do for option in --help -h; do
	[ "$(status_of "$JQM" "$verb" "$option") $(head -c $((11 + ${#verb})) "$WORK/out")" = "0 usage: jqm $verb" ] || echo "$verb $option"
done; done)" ""
is "each refuses an option it does not know, by name, and says how it is called" "$(for verb in $verbs; do
	case $verb in help | psql) continue ;; esac # a verb is asked for; options are psql's
	[ "$(status_of "$JQM" "$verb" --frobnicate)" = 2 ] && grep -q "^jqm $verb: .*--frobnicate" "$WORK/err" && grep -q "^usage: jqm $verb" "$WORK/err" &&
		[ ! -s "$WORK/out" ] || echo "$verb"
done)" ""
"$JQM" param set colour blue >/dev/null
"$JQM" definition keygen "$WORK/key" >/dev/null
# One line a verb, and what is read only: whatever is asked for with --json is a document.
is "with --json each verb answers with a document" "$(while read -r line; do
	# shellcheck disable=SC2086 # words
	"$JQM" $line --json </dev/null 2>"$WORK/err" | jq -e . >/dev/null || echo "$line: $(head -1 "$WORK/err")"
done <<-END
	version
	enqueue Greet --wait
	job $id
	jobs
	files $id
	link $guid --for 1h
	get $guid -o $WORK/again.csv
	message hello --job $id
	schedule
	node
	node list
	node health
	purge --older-than 90d --dry-run
	queue
	queue show DEFAULT
	mapping
	definition
	definition verify Greet --trusted $WORK/key.pub
	definition keygen $WORK/key2
	context
	limit
	user
	user show root
	audit
	certificate
	certmapping
	webhook
	role
	param
	param get colour
	status --home $HOME_DIR
	doctor --home $HOME_DIR
	pki --home $HOME_DIR
	db upgrade --home $HOME_DIR
	nginx render --test --home $HOME_DIR
END
)" ""
"$JQM" enqueue Greet --held >/dev/null
"$JQM" enqueue Greet --held >/dev/null
is "--active obeys --limit" "$("$JQM" jobs --active --limit 1 --json | jq length) $("$JQM" jobs --active --json | jq length)" "1 2"
is "and knows no --before" "$(status_of "$JQM" jobs --active --before 5)" 2
is "priority 0 is none" "$(status_of "$JQM" enqueue Greet --priority 0)" 2
is "version" "$(status_of "$JQM" --version)" 0
printf '<jqm><jar>' >"$WORK/bad.xml"
is "a bad file: failure" "$(status_of "$JQM" import "$WORK/bad.xml")" 1
like "named with its line" "$(cat "$WORK/err")" 'bad\.xml.*line|line.*'
is "a file that is not there" "$(status_of "$JQM" import "$WORK/none.xml")" 1
done_testing
