# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # names of run.sh
# What must be true when all is over: the database's word (history) against the jobs' own (the record).

none() { # DESCRIPTION LINES: it holds when there are none
	is "$1" "$(printf '%s' "$2" | head -5)" ""
}
none_of() { none "$1" "$(sql "$2")"; }

# Files the checks read: sorted, one key a line.
gather() {
	sort -u "$accepted" >"$WORK/accepted.sorted"
	sql "SELECT id FROM jqm.history" | sort -u >"$WORK/history.sorted"
	sql "SELECT h.id || ' ' || d.name FROM jqm.history AS h JOIN jqm.job_def AS d ON d.id = h.job_def_id" >"$WORK/names"
	sql "SELECT id || ' ' || attempt FROM jqm.history WHERE state = 'ENDED' AND started_at IS NOT NULL" | sort >"$WORK/ended"
	sql "SELECT id || ' ' || attempt FROM (SELECT id, attempt, started_at, exit_code FROM jqm.history UNION ALL
		SELECT job_instance_id, attempt, started_at, exit_code FROM jqm.job_attempt) AS a
		WHERE started_at IS NOT NULL AND exit_code IS NOT NULL" | sort >"$WORK/exited"
	sql "SELECT a.id || ' ' || a.attempt || ' ' || coalesce(n.name, '-') || ' ' || floor(extract(epoch FROM coalesce(a.attributed_at, a.ended_at)))
		|| ' ' || ceil(extract(epoch FROM a.ended_at)) || ' ' || coalesce(a.exit_code::text, 'signal ' || a.signal, '-') || ' ' || coalesce(a.reason, '-')
		FROM (SELECT id, attempt, node_name_id, attributed_at, ended_at, exit_code, signal, reason FROM jqm.history UNION ALL
			SELECT job_instance_id, attempt, node_name_id, attributed_at, ended_at, exit_code, signal, reason FROM jqm.job_attempt) AS a
		LEFT JOIN jqm.name_snapshot AS n ON n.id = a.node_name_id" | sort >"$WORK/attempts"
	sed -n 's/^S //p' "$record" | sort >"$WORK/starts"
	for n in $(seq "$runners"); do echo "$(dir_of "$n")/joblogs"; done | xargs grep -rhs '^out ' | sed 's/^out //' | sort -u >"$WORK/outputs"
}
recorded() { sed -n "s/^$1 //p" "$record" | sort -u; } # WHAT

tell_counts() {
	echo "# deeds: $(sort "$WORK/deeds" | uniq -c | awk '{printf "%s %s, ", $1, $2}')"
	echo "# accepted $(wc -l <"$WORK/accepted.sorted"), history $(wc -l <"$WORK/history.sorted"), starts $(wc -l <"$WORK/starts")," \
		"$(sql "SELECT string_agg(state || ' ' || n, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM jqm.history GROUP BY 1) AS s")," \
		"attempts lost with their nodes $(sql "SELECT sum(node_losses) FROM jqm.history")," \
		"mails $(find "$WORK/mail" -name '*.eml' | wc -l)," \
		"slots $(sql "SELECT count(*) FROM jqm.schedule_slot WHERE outcome = 'FIRED'")"
}

check_history() {
	none "every accepted job is in history" "$(comm -23 "$WORK/accepted.sorted" "$WORK/history.sorted")"
	none_of "no job is there twice" "SELECT id FROM jqm.history GROUP BY 1 HAVING count(*) > 1"
	none_of "exit codes are those of the jobs" "SELECT h.id, d.name, h.exit_code FROM jqm.history AS h JOIN jqm.job_def AS d ON d.id = h.job_def_id
		WHERE h.exit_code IS NOT NULL AND h.state IN ('ENDED', 'CRASHED') AND h.reason IS DISTINCT FROM 'its keeper died'
		  AND h.exit_code <> CASE d.name WHEN 'Fails' THEN 3 ELSE 0 END AND NOT (d.name = 'Retries' AND h.exit_code = 1)"
	none_of "what waited for jobs was told of all of them" "SELECT * FROM jqm.job_dependency"
	none_of "each slot of the schedule fired once" "SELECT slot, job_instance_id FROM jqm.schedule_slot AS s WHERE outcome <> 'FIRED'
		OR NOT EXISTS (SELECT FROM jqm.history AS h WHERE h.id = s.job_instance_id)"
	is "and no job came of any other" "$(sql "SELECT count(*) FROM jqm.history WHERE from_schedule")" \
		"$(sql "SELECT count(DISTINCT job_instance_id) FROM jqm.schedule_slot")"
}

check_record() {
	none "no attempt started twice" "$(uniq -d "$WORK/starts")"
	none "no job started more often than its attempts say" "$(awk '{n[$1]++} END {for (i in n) print i, n[i]}' "$WORK/starts" | sort >"$WORK/counts"
		sql "SELECT id || ' ' || attempt FROM jqm.history" | sort | join - "$WORK/counts" | awk '$3 > $2')"
	none "only jobs that may run twice started twice" "$(awk '$2 > 1 {print $1}' "$WORK/counts" | sort >"$WORK/twice"
		sql "SELECT h.id FROM jqm.history AS h JOIN jqm.job_def AS d ON d.id = h.job_def_id WHERE d.attempts_max = 1 AND d.on_node_loss = 'CRASH'" |
			sort | comm -12 - "$WORK/twice")"
	none "no attempt lived on when the next one had begun" "$(awk '$3 < last[$2] {print} {last[$2] = $3}' "$record")"
	none "no job ran that history does not know" "$(cut -d' ' -f1 "$WORK/starts" | sort -u | comm -23 - "$WORK/history.sorted")"
	none "what ENDED had reached its end" "$(recorded E | comm -23 "$WORK/ended" -)"
	none "and so had each attempt that exited, whatever its code" "$(recorded E | comm -23 "$WORK/exited" -)"
	check_exit_codes
	none "what ran had begun" "$(sort -u "$WORK/starts" | comm -23 "$WORK/exited" -)"
	check_orders
	none "two highlanders never lived at the same time" "$(awk 'NR == FNR {if ($2 == "Alone") alone[$1] = 1; next}
		$2 in alone && $2 != now {if ($2 in over) print "job " $2 " lives beside job " now; over[now] = 1; now = $2}' "$WORK/names" "$record")"
	none "no limit of the cluster was passed" "$(awk 'NR == FNR {if ($2 == "Keyed") keyed[$1] = 1; next}
		$2 in keyed {n++; key = $2 " " $3; if (!(key in first)) first[key] = n; last[key] = n}
		END {for (k in first) {begins[first[k]] = k; ends[last[k]] = k}
			for (i = 1; i <= n; i++) {if (i in begins && ++live > 2) print begins[i] " is one too many"; if (i in ends) live--}}' "$WORK/names" "$record")"
	none "a job that never ran left no trace" "$(sql "SELECT id FROM jqm.history WHERE attempt = 0" | sort | join - "$WORK/starts")"
}

# The other way round: an attempt that the record saw at its end has its exit code, but for what a deed took from us.
# Of WHAT (node, keeper), lines of attempts: those without such a deed to that node between claim and end, or just before.
without_deed() {
	awk -v what="$1" 'NR == FNR {if ($1 == what) {n++; name[n] = $2; from[n] = $3; to[n] = $4}; next}
		{for (i = 1; i <= n; i++) if ((name[i] == $3 || name[i] == "any") && from[i] <= $5 + 1 && to[i] >= $4 - 5) next; print}' "$WORK/losses" -
}
check_exit_codes() {
	touch "$WORK/losses"
	recorded E >"$WORK/came_to_end"
	awk 'NR == FNR {end[$0] = 1; next} ($1 " " $2) in end && $6 == "-"' "$WORK/came_to_end" "$WORK/attempts" >"$WORK/without_code"
	none "what came to its end is in history with that attempt" "$(cut -d' ' -f1,2 "$WORK/attempts" | sort | comm -13 - "$WORK/came_to_end")"
	none_of "what ENDED has exit code 0" "SELECT id FROM jqm.history WHERE state = 'ENDED' AND started_at IS NOT NULL AND exit_code IS DISTINCT FROM 0"
	# Of a job that was cancelled while it waited to be tried again there are two lines: how it ended, and how that attempt had.
	none "what came to its end has its exit code, unless its node was lost" "$(awk 'NR == FNR {if (/ its node "[^"]*" was lost$/) lost[$1 " " $2] = 1; next}
		!(($1 " " $2) in lost)' "$WORK/without_code" "$WORK/without_code")"
	none "and that node was killed, stopped or cut off then" "$(grep -E ' its node "[^"]*" was lost$' "$WORK/without_code" | without_deed node)"
	none "where a keeper died we had killed it" "$(grep -E ' its keeper died( |$)' "$WORK/attempts" | without_deed keeper)"
}

# Jobs and nodes that were told so, as the deeds wrote it down: no other is KILLED.
check_orders() {
	touch "$WORK/told_to_die" "$WORK/told_to_stop"
	none "what history says we killed or cancelled we did" "$(sql "SELECT id FROM jqm.history
		WHERE reason IN ('killed by torture', 'cancelled by torture')" | sort | comm -23 - <(sort -u "$WORK/told_to_die"))"
	none "all else that was KILLED was so by its node when that was told to stop" "$(sql "SELECT n.name || ' ' || h.id || ' ' || h.reason
		FROM jqm.history AS h LEFT JOIN jqm.name_snapshot AS n ON n.id = h.node_name_id
		WHERE h.state = 'KILLED' AND h.reason IS DISTINCT FROM 'killed by torture'" | sort >"$WORK/killed"
		sort -u "$WORK/told_to_stop" | join -v 1 "$WORK/killed" -
		grep -vE '^[^ ]+ [0-9]+ (node stopped|killed by its node)$' "$WORK/killed")"
}

# Of node NAME: where its files are.
store_of() { case $1 in t[0-9]*) echo "$WORK/n${1#t}/outputfiles" ;; *) echo "$HOME_DIR/outputfiles" ;; esac }
check_files() {
	local id node path found
	none "what an ENDED job could write is in its log" "$(recorded O | comm -12 "$WORK/ended" - | comm -23 - "$WORK/outputs")"
	sql "SELECT d.job_instance_id || ' ' || n.name || ' ' || d.path FROM jqm.deliverable AS d JOIN jqm.name_snapshot AS n ON n.id = d.node_name_id" >"$WORK/files"
	# The files of an attempt stay when its job is tried again.
	none "each attempt has its files once" "$(sql "SELECT h.id FROM jqm.deliverable AS f JOIN jqm.history AS h ON h.id = f.job_instance_id
		JOIN jqm.job_def AS d ON d.id = h.job_def_id GROUP BY h.id, h.attempt, d.name
		HAVING count(*) > CASE d.name WHEN 'Redelivers' THEN h.attempt ELSE 1 END")"
	none "no file of an ENDED job is missing" "$(recorded F | comm -12 "$WORK/ended" - | cut -d' ' -f1 | sort >"$WORK/wrote"
		cut -d' ' -f1 "$WORK/files" | sort | comm -23 "$WORK/wrote" -)"
	# One that died, or met a full disk, between making its file and writing it has left an empty one.
	comm -23 <(recorded S) <(recorded F) | cut -d' ' -f1 | sort -u >"$WORK/died-before"
	none "each file is what the job wrote" "$(sort "$WORK/files" | join - "$WORK/wrote" | while read -r id node path; do
		found=$(cat "$(store_of "$node")/$path" 2>&1)
		[ "$found" = "$id" ] || { [ -z "$found" ] && grep -qx "$id" "$WORK/died-before"; } || echo "$id $node $path: $found"
	done)"
}

no_mail_due() { [ "$(sql "SELECT count(*) FROM jqm.mail" 2>/dev/null)" = 0 ]; }
check_mails() {
	sql "UPDATE jqm.mail SET next_try_at = now(); NOTIFY jqm_mail" >/dev/null # not to wait for a back-off
	ok "no mail waits" wait_for 60 no_mail_due
	sed -n 's/^X-RcptTo: //p' "$WORK"/mail/*.eml 2>/dev/null | tr -d '\r' | sort -u >"$WORK/mailed"
	none "each address of a job had its mail" "$(sql "SELECT email FROM jqm.history WHERE email IS NOT NULL" | sort -u | comm -23 - "$WORK/mailed")"
}

no_directory() { [ -z "$(for n in $(seq "$runners"); do find "$(dir_of "$n")/tmp" -mindepth 1 -maxdepth 1 -name '[0-9]*'; done)" ]; }
# When all programs are down: each runner looked for what those before it left when it started, and again before its end.
left_in() { # SUBDIRECTORY FIND-ARG...
	local n
	for n in $(seq "$runners"); do find "$(dir_of "$n")/$1" -mindepth 1 "${@:2}"; done
}
check_directories() {
	none "nothing is left where jobs had their directories" "$(left_in tmp)"
	none "no log is half of one" "$(left_in joblogs '(' -name '*.cut' -o -name '*.new' ')')"
	none "no file is stored that no job owns" "$(left_in outputfiles -type f -printf '%P\n' | sort >"$WORK/stored"
		cut -d' ' -f3 "$WORK/files" | sort | comm -23 "$WORK/stored" -)"
}

# Of the jobs, whatever they call themselves: they have the record in their environment.
processes_of_jobs() { grep -lzsF "RECORD=$record" /proc/[0-9]*/environ; }
no_process_of_a_job() { ! processes_of_jobs; }
ours_left() { pgrep -af -- "$WORK/" | grep -v mail_server; }
none_of_ours() { ! ours_left; }
check_leftovers() {
	ok "no process of a job is left" wait_for 20 no_process_of_a_job
	ok "no directory of a job is left" wait_for 20 no_directory
	none "no node takes the audit trail for broken" "$(grep -h audit_trail_broken "$HOME_DIR"/log/jqm-runner.log* | head -3)"
	none_of "no session of ours keeps a transaction open" "SELECT application_name, query FROM pg_stat_activity
		WHERE state LIKE 'idle in transaction%' AND application_name LIKE 'jqm-%'"
	end_nodes
	ok "the home goes down" "$JQM" down --home "$HOME_DIR"
	ok "no program is left" wait_for 20 none_of_ours
	check_directories
}
