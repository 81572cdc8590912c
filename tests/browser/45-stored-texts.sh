#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Markup and what drives terminals, in every member of every object that takes a text, and in what jobs write:
# text in the console (stored.mjs looks at every page), and nothing to a terminal, whatever verb of jqm shows it.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up
words="<img src=x onerror=hit()>\"'><script>hit()</script>"
define Plain "printf '%s\\n' \"$words\" \"$words\" >&2; printf '%s\\033[2J\\n' \"$words\"; jqm message \"$words\"; echo x >\"\$JQM_JI_DELIVERY_DIR/\$(printf 'n\\033[31m')<img src=x onerror=hit()>\""
shown=$(enqueue Plain)
wait_job "$shown"
node=$(sql "SELECT id FROM jqm.node")
jq -nc --argjson port "$PORT" --arg password "${AUTH#*:}" --argjson jd "$(sql "SELECT id FROM jqm.job_def WHERE name = 'Plain'")" --argjson q "$(sql "SELECT id FROM jqm.queue WHERE default_queue")" \
	'{port: $port, password: $password, jobDefId: $jd, queueId: $q, accountId: 1}' >"$WORK/facts"
# shellcheck disable=SC2154 # here: set by stack.sh
/usr/bin/python3 "$here/security/stored_texts.py" "$WORK/facts" "$WORK/planted" >"$WORK/tap"
results_of "$WORK/tap"
diag "$(jq -r '"takes none: " + (.refused | join(" "))' "$WORK/planted")"
definition=$(sql "SELECT max(id) FROM jqm.job_def")

CONSOLE_IDS="$definition $node $shown $(jq -r '.jobs | map(tostring) | join(" ")' "$WORK/planted")"
export CONSOLE_IDS CONSOLE_PAGES="definitions definition queues nodes limits parameters resources contexts users roles audit run runs webhooks"
browser_run stored.mjs 200

# The same on a terminal.
terminal() { # COMMAND...: what it writes to one
	local line=
	printf -v line '%q ' "$@"
	script -qec "$line" /dev/null </dev/null 2>/dev/null
}
drives() { LC_ALL=C grep -caP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]'; }
job=$(jq '.jobs[0]' "$WORK/planted")
for verb in "queue list" "mapping list" "definition list" "context list" "limit list" "param list" "node list" "user list" "role list" \
	schedule "webhook list" "certmapping list" "certificate list" "audit list" jobs "job $job" "job $shown" "files $shown" "log $shown"; do
	for form in "" --json; do
		[ "${verb% *} $form" != "log --json" ] || continue
		# shellcheck disable=SC2086 # words
		text=$(terminal "$JQM" $verb $form)
		is "jqm ${verb%% [0-9]*} $form drives no terminal" "$(drives <<<"$text")" 0
	done
done
for verb in "queue list" "definition list" "param list" "node list" "user list" "role list" "context list" "audit list" "job $job"; do
	# shellcheck disable=SC2086 # words
	like "(jqm ${verb%% [0-9]*} shows what was stored)" "$(terminal "$JQM" $verb --json)" '<img src=x onerror=hit\(\)>'
done
done_testing
