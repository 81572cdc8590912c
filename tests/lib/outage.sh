# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2154 # commands of jobs; names of stack.sh
# PostgreSQL goes away and comes back under two nodes: what runs, what waits and what callers were promised meanwhile.
# Behind stack.sh, which it starts; the scenario lies in WORK.
#
#	two_nodes_up          a primary and its standby, copied from the home's database, which nobody uses from then on; the home
#	                      (node near) and a second node (far) find both by one connection string.  A queue "both" of two places
#	                      at each node, beside the default queue, of five at each
#	begin NAME [PAUSE_S]  jobs run at both nodes and will not end by themselves, more wait for their places, others are enqueued
#	                      and run all the time, after PAUSE_S (0.1) again where they are refused; what is done next is the outage
#	jobs_end_meanwhile    those that run end now: to be called while it is away
#	let_jobs_end          the same, whenever
#	away_for SECONDS      goes on when it has been away for so long: the length of the outage is what is tested
#	back [WHICH]          it serves again, or WHICH of primary and standby does
#	over                  what must hold then, in which each node has each of its places taken once
#	pg WHICH VERB [ARG...]     pg_ctl on primary or standby;  sql(): at $now
#	is_refused            is a caller told 503?  The answer is in $WORK/answer
#
# Each job writes its number and its node into $WORK/starts, a file that is only added to, before it does anything else:
# what ran is told by that, and not by the database that was lost.

now=primary
feeders=()

as_account() {
	if [ "$(id -u)" -eq 0 ]; then setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups "$@"; else "$@"; fi
}
pg() { # WHICH VERB [ARG...]
	local which=$1
	shift
	as_account "$pg_bin/pg_ctl" -D "$WORK/$which/data" -l "$WORK/$which/log" -w -t 60 "$@" >/dev/null 2>&1 9>&-
}
outage_copy_of() { # SOURCE_DIRECTORY WHICH [ARG...]
	local source=$1 which=$2
	shift 2
	as_account mkdir -m 700 "$WORK/$which"
	as_account "$pg_bin/pg_basebackup" -h "$source" -U postgres -D "$WORK/$which/data" -c fast "$@" || return 1
	as_account tee -a "$WORK/$which/data/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$WORK/$which'
		hot_standby = on
	END
	pg "$which" start
}
outage_databases() {
	local source_dir
	echo "local replication all peer map=jqm" | as_account tee -a "$HOME_DIR/db/pg_hba.conf" >/dev/null
	"$JQM" psql --home "$HOME_DIR" -XAtqc "SELECT pg_reload_conf()" >/dev/null
	source_dir=$(sed -n 's/^conninfo = "host=\([^ ]*\) .*/\1/p' "$HOME_DIR/conf/jqm.ini")
	at_exit pg primary stop -m immediate
	at_exit pg standby stop -m immediate
	ok "a primary" outage_copy_of "$source_dir" primary
	ok "its standby" outage_copy_of "$WORK/primary" standby -R
	as_account sed -i "s|^conninfo = .*|conninfo = \"host=$WORK/primary,$WORK/standby dbname=jqm connect_timeout=5\"|" "$HOME_DIR/conf/jqm.ini"
	sql() { as_account "$pg_bin/psql" -h "$WORK/$now" -U postgres -d jqm -XAtqc "$1"; }
}
outage_second_node() {
	far=$WORK/far
	as_account mkdir -p "$far"/{state,run,jobs,outputfiles,tmp,log,joblogs}
	sed "s|\"$HOME_DIR/\([a-z]*\)\(/keeper.sock\)*\"\$|\"$far/\1\2\"|; s|^name = .*|name = \"far\"|
		s|^log_file = \".*/\(.*\)\"|log_file = \"$far/log/\1\"|" "$HOME_DIR/conf/jqm.ini" | as_account tee "$far/jqm.ini" >/dev/null
	as_account chmod 600 "$far/jqm.ini"
	as_account "$JQM_BIN/jqm-runner" --config "$far/jqm.ini" --pid-file "$far/run/jqm-runner.pid" >"$WORK/far.out" 2>&1 &
	outage_far=$!
	at_exit outage_end_second_node
}
outage_end_second_node() {
	kill "$(cat "$far/run/jqm-runner.pid")" "$(cat "$far/run/jqm-keeper.pid")"
	wait "$outage_far"
} 2>/dev/null
outage_definition() { # NAME QUEUE COMMAND
	sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type)
	     SELECT '$1', id, \$q\$echo \"\$JQM_JI_ID \$JQM_NODE_NAME\" >> $WORK/starts; $3\$q\$, 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE name = '$2'" >/dev/null
}
outage_programs() { # those that live
	local program
	{
		for program in jqm jqm-fcgi jqm-runner jqm-keeper jqm-notifier jqm-events nginx; do cat "$HOME_DIR/run/$program.pid"; done
		pgrep -P "$(cat "$HOME_DIR/run/jqm-fcgi.pid")" | sort
		cat "$far/run/jqm-runner.pid" "$far/run/jqm-keeper.pid"
	} | while read -r program; do [ ! -d "/proc/$program" ] || echo "$program"; done
}
outage_nodes_live() {
	[ "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM jqm.node WHERE lease_until > now()
		AND (name = 'far' OR incarnation > 1)")" = "far near" ] && healthy
}

two_nodes_up() {
	local default program
	stack_up --node near
	account=$(stat -Lc %U "$HOME_DIR/db")
	pg_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	chmod 755 "$WORK" && chown "$account" "$WORK"
	outage_databases
	for program in jqm-runner jqm-notifier jqm-events jqm-fcgi; do kill -9 "$(cat "$HOME_DIR/run/$program.pid")"; done
	outage_second_node
	ok "two nodes and all programs use them" wait_for 60 outage_nodes_live
	sql "WITH q AS (INSERT INTO jqm.queue (name) VALUES ('both') RETURNING id)
	     INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms) SELECT n.id, q.id, 2, 1000 FROM jqm.node AS n, q"
	default=$(sql 'SELECT name FROM jqm.queue WHERE default_queue')

	accepted=$WORK/accepted
	: >"$accepted"
	as_account touch "$WORK/starts" "$WORK/gate"
	exec 9<"$WORK/gate"
	outage_definition Short "$default" ':'
	outage_definition Gated both "flock -s $WORK/gate true; echo late > \"\$JQM_JI_DELIVERY_DIR/f\""
	outage_definition Held "$default" "flock -s $WORK/gate true"
	outage_definition Failing "$default" "flock -s $WORK/gate true; echo late > \"\$JQM_JI_DELIVERY_DIR/f\"; exit 5"
	programs_before=$(outage_programs)
	at_exit outage_end_feeding
}

accept() { # NAME: enqueued; its number is kept once it was answered
	local id
	id=$(curl -s -m 20 -u "$AUTH" "$URL/ws/simple/ji" -d "applicationname=$1" | grep -xE '[0-9]+') && echo "$id" | tee -a "$accepted"
}
accept_many() { # NAME N: the same, N at once
	sql "SELECT jqm.enqueue('$1') FROM generate_series(1, $2)" | tee -a "$accepted"
}
outage_feed() { while [ -e "$WORK/feeding" ]; do accept Short >/dev/null || read -rt "$1" <> <(:); done; }
outage_end_feeding() {
	rm -f "$WORK/feeding"
	[ ${#feeders[@]} -eq 0 ] || wait "${feeders[@]}"
	feeders=()
}
ms_now() { printf '%s' $((${EPOCHREALTIME/./} / 1000)); }
tell() { printf '# %s: %s after %d ms\n' "$what" "$1" $(($(ms_now) - gone_ms)); }
outage_list() { paste -sd, <<<"$1"; } # a number in each line
# Where the jobs that wait for the gate are, by definition, node and state: is it WANTED?
placed() { # WANTED
	[ "$(sql "SELECT string_agg(concat_ws(' ', definition_name, node_name, state, n), ', ' ORDER BY definition_name, node_name, state)
		FROM (SELECT definition_name, node_name, state, count(*) AS n FROM jqm.live_job
		WHERE definition_name IN ('Gated', 'Held') GROUP BY 1, 2, 3) AS p")" = "$1" ]
}

begin() { # NAME [PAUSE_S]
	what=$1
	flock 9
	failing=$(accept Failing)
	gated=$(accept_many Gated 6)
	ok "$what: a job runs that will fail" wait_for 20 job_is "$failing" RUNNING
	ok "$what: two more run at each node, and two wait for either" wait_for 20 placed "Gated far RUNNING 2, Gated near RUNNING 2, Gated SUBMITTED 2"
	running=$(sql "SELECT id FROM jqm.live_job WHERE definition_name = 'Gated' AND state = 'RUNNING'")
	touch "$WORK/feeding"
	for _ in 1 2; do
		outage_feed "${2:-0.1}" 9<&- &
		feeders+=($!)
	done
	begun=$(wc -l <"$WORK/starts")
	ok "$what: others come and go" wait_for 20 outage_under_way
	gone_ms=$(ms_now)
	ended_ms=''
}
outage_under_way() { [ "$(wc -l <"$WORK/starts")" -ge $((begun + 10)) ]; }

let_jobs_end() { flock -u 9; }
jobs_end_meanwhile() {
	let_jobs_end
	ok "$what: the jobs that run end while it is away" wait_for 10 outage_nothing_runs
	ended_ms=$(ms_now)
	tell "they have ended"
	wait_until $((ended_ms + 1000)) # so that their ends and its return are told apart
}
outage_nothing_runs() { ! pgrep -u "$account" -f "flock -s $WORK/gate" >/dev/null; }
wait_until() { # MILLISECONDS of the clock
	while [ $((${EPOCHREALTIME/./} / 1000)) -lt "$1" ]; do read -rt 0.2 <> <(:); done
}
away_for() { wait_until $((gone_ms + $1 * 1000)); }
back() { # [WHICH]
	now=${1:-$now}
	back_ms=$(ms_now)
}
is_refused() {
	curl -s -m 20 -i -u "$AUTH" "$URL/ws/simple/ji" -d "applicationname=Short" >"$WORK/answer"
	head -1 "$WORK/answer" | grep -q '^HTTP[^ ]* 503 '
}

outage_all_over() { [ "$(sql 'SELECT count(*) FROM jqm.job_instance')" = 0 ]; }
# Numbers and nodes, as starts has them.
outage_history() { sql "SELECT id || ' ' || node_name FROM jqm.past_job ORDER BY id"; }
outage_first_starts() {
	local node ms
	while IFS='|' read -r node ms; do
		printf '# %s: %s began its first job after %d ms\n' "$what" "$node" "$ms"
	done < <(sql "SELECT node_name, (1000 * extract(epoch FROM min(started_at)))::bigint - $gone_ms FROM jqm.past_job
		WHERE started_at > to_timestamp($back_ms / 1000.0) GROUP BY 1 ORDER BY 1")
}
over() {
	tell "the database is back"
	ok "$what: it is served again" wait_for 40 healthy
	tell "healthy"
	ok "$what: and takes jobs" wait_for 40 accept Short
	tell "takes jobs"
	outage_end_feeding
	ok "$what: everything accepted is done" wait_for 60 outage_all_over
	tell "all $(wc -l <"$accepted") accepted so far have their end"
	outage_places_are_taken
	outage_first_starts
	is "$what: the job that fails has its exit code, file and one attempt" "$(sql "SELECT h.state, h.exit_code, h.attempt, count(f.id)
		FROM jqm.history AS h LEFT JOIN jqm.deliverable AS f ON f.job_instance_id = h.id WHERE h.id = $failing GROUP BY 1, 2, 3")" 'CRASHED|5|1|1'
	is "$what: those that ran at both nodes ENDED, each once, in their first attempt" "$(sql "SELECT node_name, state, attempt, count(*)
		FROM jqm.past_job WHERE id IN ($(outage_list "$running")) GROUP BY 1, 2, 3 ORDER BY 1")" $'far|ENDED|1|2\nnear|ENDED|1|2'
	is "$what: so did those that waited, and all have their file" "$(sql "SELECT h.state, count(DISTINCT h.id), count(f.id)
		FROM jqm.history AS h LEFT JOIN jqm.deliverable AS f ON f.job_instance_id = h.id WHERE h.id IN ($(outage_list "$gated")) GROUP BY 1")" 'ENDED|6|6'
	[ -z "$ended_ms" ] || is "$what: history has when they ended" "$(sql "SELECT count(*) FROM jqm.history WHERE ended_at
		BETWEEN to_timestamp($gone_ms / 1000.0) AND to_timestamp($back_ms / 1000.0) AND id IN ($(outage_list "$running"), $failing)")" 5
	is "$what: none lost" "$(sort -u "$accepted" | comm -23 - <(sql "SELECT id FROM jqm.history WHERE state IN ('ENDED', 'CRASHED')" | sort) | head -3)" ""
	is "$what: none started twice" "$(cut -d ' ' -f 1 "$WORK/starts" | sort | uniq -d | head -3)" ""
	is "$what: each start is in history, with its node, and nothing else is" "$(diff <(sort -n "$WORK/starts") <(outage_history))" ""
	is "$what: no program was restarted" "$(outage_programs)" "$programs_before"
}
# Each poller takes jobs: all places of all queues at both nodes.
outage_places_are_taken() {
	flock 9
	accept_many Held 10 >/dev/null
	accept_many Gated 4 >/dev/null
	ok "$what: each node takes new jobs of each queue" wait_for 20 placed \
		"Gated far RUNNING 2, Gated near RUNNING 2, Held far RUNNING 5, Held near RUNNING 5"
	tell "every place at both nodes is taken"
	let_jobs_end
	ok "$what: and they end" wait_for 20 outage_all_over
}
