# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # names of run.sh
# The jobs of the torture, and who asks for them.
#
# The record: lines "WHAT id attempt", each one write() to one file that no program of ours touches, so their
# order is true: S at the start, P now and then while it lives, E when it comes to its end by itself, O when
# it could write its output, F when it could write its file.

pulses() { echo "for i in $(seq -s ' ' "$1"); do r P; sleep 0.2; done;"; }

define_jobs() {
	# shellcheck disable=SC2016
	local r='r() { printf "%s %s %s\n" "$1" "$JQM_JI_ID" "$JQM_JI_ATTEMPT" >>"$RECORD"; }; r S; echo "out $JQM_JI_ID $JQM_JI_ATTEMPT" && r O;'
	define Quick "$r r E"
	define Slow "$r sleep 0.\$((JQM_JI_ID % 10)); r E"
	define Long "$r $(pulses 15) r E"
	define Fails "$r r E; exit 3"
	define Retries "$r r E; [ \$JQM_JI_ATTEMPT -ge 3 ]"
	define Requeues "$r $(pulses 10) r E"
	define Deaf "$r trap '' TERM; $(pulses 20) r E"
	define Tree "$r (setsid sh -c 'while :; do printf \"P %s %s\\n\" \$JQM_JI_ID \$JQM_JI_ATTEMPT >>\$RECORD; sleep 0.2; done' &); sleep 2; r E"
	define Delivers "$r echo \$JQM_JI_ID >\"\$JQM_JI_DELIVERY_DIR/a.txt\" && r F; r E"
	define Redelivers "$r echo \$JQM_JI_ID >\"\$JQM_JI_DELIVERY_DIR/a.txt\" && r F; $(pulses 3) r E"
	define Forks "$r (setsid sleep 30 &) ; r E"
	define Alone "$r $(pulses 3) r E"
	define Keyed "$r $(pulses 3) r E"
	define Held "$r $(pulses 5) r E"
	define Tick "$r r E"
	sql "UPDATE jqm.job_def SET attempts_max = 20, retry_delay_s = 0 WHERE name = 'Retries';
	     UPDATE jqm.job_def SET on_node_loss = 'REQUEUE', node_losses_max = 10
	      WHERE name IN ('Requeues', 'Retries', 'Deaf', 'Tree', 'Redelivers');
	     UPDATE jqm.job_def SET on_node_loss = 'HOLD', node_losses_max = 10 WHERE name = 'Held';
	     UPDATE jqm.job_def SET highlander = true WHERE name = 'Alone';
	     UPDATE jqm.job_def SET concurrency_key = 'k' WHERE name = 'Keyed';
	     INSERT INTO jqm.concurrency_limit (key, max_running) VALUES ('k', 2);
	     UPDATE jqm.queue_mapping SET max_jobs = 6, polling_interval_ms = 500;
	     SELECT jqm.schedule_create('Tick', '* * * * *', misfire => 'ALL', misfire_window_s => 86400)" >/dev/null
}
kinds=(Quick Quick Quick Slow Slow Long Fails Retries Requeues Delivers Redelivers Forks Alone Keyed Held Deaf Tree)

# One request; prints the number of the job when that was the answer.
request() { # KIND WAY LAST ADDRESS
	local kind=$1 last=$3 email=$4 more=''
	case $2 in
	0) more=",\"parentJobId\":${last:-0}" ;;
	1) [ -z "$last" ] || more=",\"waitFor\":[\"end:$last\"]" ;;
	2) more=",\"email\":\"$email\"" ;;
	3)
		curl -s -m 10 -u "$AUTH" "$URL/ws/simple/ji" -d "applicationname=$kind" | grep -xE '[0-9]+'
		return
		;;
	4)
		sql "SELECT jqm.enqueue('$kind', email => '$email')" 2>/dev/null | grep -xE '[0-9]+'
		return
		;;
	esac
	curl -s -m 10 -u "$AUTH" -X POST "$URL/ws/client/ji" -H 'Content-Type: application/json' -H 'Accept: application/json' \
		-d "{\"applicationName\":\"$kind\"$more}" | sed -n 's/^{"id":\([0-9]*\),.*/\1/p'
}

# Ask until told to stop; what was answered with a number counts as accepted.
feed() { # NUMBER: part of the addresses it uses
	local id last='' n=0 kind way
	RANDOM=$((seed + $1)) # else a shell in the background begins anew with what the clock says
	while [ ! -e "$WORK/enough" ]; do
		n=$((n + 1))
		kind=${kinds[RANDOM % ${#kinds[@]}]}
		way=$((RANDOM % 6))
		id=$(request "$kind" "$way" "$last" "a$1.$n@example.org")
		if [ -n "$id" ]; then
			echo "$id" >>"$accepted"
			last=$id
		fi
		[ "$(wc -l <"$accepted")" -lt $(($(wc -l <"$record") / 5 + 300)) ] || read -rt 0.2 <> <(:)
	done
}

# What waits for a hand gets one, of somebody who has looked whether its lost node is really dead (runner/README.md).
lives() { grep -lzsF "RECORD=$record" /proc/[0-9]*/environ | xargs -r grep -lzsxF "JQM_JI_ID=$1" | grep -q .; }
release() {
	local id
	for id in $(sql "SELECT id FROM jqm.job_instance WHERE state = 'HOLDED'" 2>/dev/null); do
		lives "$id" || sql "SELECT jqm.resume($id)" >/dev/null 2>&1
	done
	sql "SELECT jqm.resume_running(id) FROM jqm.job_instance WHERE instruction = 'PAUSE'" >/dev/null 2>&1
}
none_live() {
	release
	[ "$(sql "SELECT count(*) FROM jqm.job_instance" 2>/dev/null)" = 0 ]
}
