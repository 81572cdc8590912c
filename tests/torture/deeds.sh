# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # names of run.sh
# What is done to the programs: each deed is a function deed_NAME; names with their weights below.

deeds=()
while read -r name weight; do
	for ((i = 0; i < weight; i++)); do deeds+=("$name"); done
done <<-'END'
	runner 10
	runner_stopped 3
	runner_term 2
	keeper 3
	job_killed 6
	job_paused 3
	backend 5
	backend_killed 2
	backend_stopped 2
	connections 2
	postmaster 2
	database_restarted 1
	fcgi_worker 4
	fcgi 2
	nginx 2
	notifier 3
	events 1
	supervisor 1
	slots 2
	disk 3
END

# Drawn for each deed in the main shell: a subshell's $RANDOM does not follow the seed.  All that a deed chooses comes of it.
lot=0
by_lot() { echo "ORDER BY md5($1 || '/$lot')"; } # COLUMN
kill9() { [ -z "$1" ] || kill -9 "$1" 2>/dev/null; }
some_node() { echo $((lot % runners + 1)); }
undone=() # processes that will undo a deed
later() { # SECONDS COMMAND [ARG...]
	(
		read -rt "$1" <> <(:)
		shift
		"$@"
	) >/dev/null 2>&1 &
	undone+=($!)
}
quietly_sql() { sql "$1" >/dev/null 2>&1; }
# What a node runs may be lost with it, or with its keeper, from now on and for SECONDS: account.sh asks why a job has no exit code.
name_of() { [ "$1" = 1 ] && echo "$home_node" || echo "t$1"; } # N
may_lose() { echo "$1 $2 $EPOCHSECONDS $((EPOCHSECONDS + $3))" >>"$WORK/losses"; } # WHAT NAME|any SECONDS
their="pid <> pg_backend_pid() AND backend_type = 'client backend'"

deed_runner() { may_lose node "$(name_of "$(some_node)")" 0 && kill9 "$(pid_of "$(some_node)")"; }
# Longer than its lease: others take its jobs, and when it wakes it must see that.
deed_runner_stopped() {
	local pid
	may_lose node "$(name_of "$(some_node)")" $((lease_ms / 1000 + 4))
	pid=$(pid_of "$(some_node)") && kill -STOP "$pid" 2>/dev/null && later $((lease_ms / 1000 + 4)) kill -CONT "$pid"
}
deed_runner_term() { # the home's would be up again too, but after its supervisor's back-off
	local n=$((lot % (runners - 1) + 2)) pid
	may_lose node "t$n" 0
	pid=$(pid_of $n) && echo "t$n" >>"$WORK/told_to_stop" && kill -TERM "$pid" 2>/dev/null
}
deed_keeper() { may_lose keeper "$(name_of "$(some_node)")" 0 && kill9 "$(keeper_of "$(some_node)")"; }
deed_job_killed() {
	local id
	for id in $(sql "SELECT id FROM jqm.job_instance WHERE state = 'RUNNING' $(by_lot id) LIMIT 2" 2>/dev/null); do
		echo "$id" >>"$WORK/told_to_die" # before: the answer to the order may be lost
		quietly_sql "SELECT jqm.kill($id, 'torture')"
	done
}
deed_job_paused() { quietly_sql "SELECT jqm.pause_running(id, 'torture') FROM jqm.job_instance WHERE state = 'RUNNING' $(by_lot id) LIMIT 2"; }
deed_backend() { quietly_sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $their $(by_lot pid) LIMIT 3"; }
some_backend() { sql "SELECT pid FROM pg_stat_activity WHERE $their AND application_name = 'jqm-runner' $(by_lot pid) LIMIT 1" 2>/dev/null; }
# PostgreSQL takes its memory for spoilt then: it ends all of its processes and recovers as after a crash.
deed_backend_killed() { kill9 "$(some_backend)"; }
# A server that is there and says nothing, for longer than a lease.
deed_backend_stopped() {
	local pid
	may_lose node any $((lease_ms / 1000 + 3)) # whose it is only that node knows
	pid=$(some_backend)
	[ -n "$pid" ] && kill -STOP "$pid" 2>/dev/null && later $((lease_ms / 1000 + 3)) kill -CONT "$pid"
}
deed_connections() { quietly_sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $their"; }
deed_postmaster() { kill9 "$(pid_of_program postgres)"; }
deed_database_restarted() {
	local pid
	pid=$(pid_of_program postgres) && kill -INT "$pid" 2>/dev/null
}
deed_fcgi_worker() {
	local master
	master=$(pid_of_program jqm-fcgi) && kill9 "$(pgrep -P "$master" | shuf -n 1 --random-source=<(yes "$lot"))"
}
deed_fcgi() { kill9 "$(pid_of_program jqm-fcgi)"; }
deed_nginx() { kill9 "$(pid_of_program nginx)"; }
deed_notifier() { kill9 "$(pid_of_program jqm-notifier)"; }
deed_events() { kill9 "$(pid_of_program jqm-events)"; }
# All of the home goes down with it, and is started anew.
deed_supervisor() {
	echo "$home_node" >>"$WORK/told_to_stop"
	may_lose node "$home_node" 0
	may_lose keeper "$home_node" 0
	kill9 "$(pid_of_program jqm)"
	"$JQM" up --detach --home "$HOME_DIR" --port "$PORT" >>"$WORK/up.log" 2>&1 &
	undone+=($!)
}
# Ten minutes in which no schedule fired.
deed_slots() { quietly_sql "UPDATE jqm.schedule SET next_fire_at = date_trunc('minute', now()) - interval '10 min'"; }
fill() { # DIRECTORY SECONDS
	local until=$((${EPOCHREALTIME/./} + $2 * 1000000))
	while [ "${EPOCHREALTIME/./}" -lt $until ]; do
		dd if=/dev/zero bs=64k 2>/dev/null >>"$1/filler"
		read -rt 0.1 <> <(:)
	done
	rm -f "$1/filler"
}
deed_disk() {
	[ ${#disks[@]} -gt 0 ] || return 1
	fill "${disks[lot % ${#disks[@]}]}" 3 &
	undone+=($!)
}

a_deed() {
	local name=${deeds[RANDOM % ${#deeds[@]}]}
	lot=$RANDOM
	"deed_$name" && echo "$name" >>"$WORK/deeds"
}
# Nothing is stopped or full any more; not for a subshell, which has nobody to wait for.
undo_deeds() {
	[ ${#undone[@]} -eq 0 ] || wait "${undone[@]}" # without a number it would wait for the nodes
	pid_of_program jqm >/dev/null || deed_supervisor
} 2>/dev/null
home_is_up() { "$JQM" status --home "$HOME_DIR"; }
