#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/backup.md: a backup of a working JQM, the home destroyed, a new one from the backup; then a logical dump.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
pg_bin=$(dirname "$(readlink "/proc/$(cat "$HOME_DIR/run/postgres.pid")/exe")")
pg() { # PROGRAM ARG...: on the home's server
	local program=$1
	shift
	PGHOST=$(sql 'SHOW unix_socket_directories') PGPORT=5432 PGUSER=postgres "$pg_bin/$program" "$@"
}
history_of() { sql "SELECT coalesce(string_agg($2, ' '), 'none') FROM jqm.history WHERE id = $1"; }
starts_of() { grep -c "^$1 " "$HOME_DIR/jobs/starts"; }

define Quick 'echo "said $1"; echo "$1" > "$JQM_JI_DELIVERY_DIR/result.txt"'
define Long 'echo "$JQM_JI_ID $$" >> starts; exec tail -f /dev/null'
define Again 'echo "$JQM_JI_ID $$" >> starts; [ ! -e again ] || { echo done; exit 0; }; exec tail -f /dev/null'
sql "UPDATE jqm.job_def SET on_node_loss = 'REQUEUE' WHERE name = 'Again'"
sql "UPDATE jqm.queue_mapping SET max_jobs = 4"

# Of each kind one, and more that come and go while the backup is made.
ended=()
for n in 1 2 3; do ended+=("$(enqueue Quick "n=$n")"); done
for id in "${ended[@]}"; do wait_job "$id"; done
long=$(enqueue Long)
again=$(enqueue Again)
ok "two run" wait_for 10 sh -c "[ \$(wc -l <'$HOME_DIR/jobs/starts') = 2 ]"
ok "and are known to" wait_for 10 job_is "$again" RUNNING
ok "both of them" wait_for 10 job_is "$long" RUNNING
held=$(sql "SELECT jqm.enqueue('Quick', '{\"n\": \"held\"}', held => true)")
later=$(sql "SELECT jqm.enqueue('Quick', '{\"n\": \"later\"}', run_after => now() + interval '1 day')")
accepted=$(sql "SELECT string_agg(id::text, ',') FROM (SELECT jqm.enqueue('Quick', '{\"n\": \"many\"}') AS id FROM generate_series(1, 300)) AS e")
(while [ ! -e "$WORK/enough" ]; do enqueue Quick n=during >>"$WORK/during"; echo >>"$WORK/during"; done) &
traffic=$!

# The backup, in the order of the page: database, then files.
backup=$WORK/backup
mkdir "$backup" "$backup/state"
ok "a base backup is made while jobs run" pg pg_basebackup -D "$backup/db" -X stream -c fast
ok "and the files after it" cp -a "$HOME_DIR/outputfiles" "$HOME_DIR/joblogs" "$HOME_DIR/jobs" "$HOME_DIR/conf" "$HOME_DIR/root-password" "$backup"
cp -a "$HOME_DIR/state/rendered" "$backup/state"

# What comes later is lost: jobs that end, one that has the next ids.
touch "$WORK/enough"
wait $traffic
lost=$(enqueue Quick n=lost)
ok "a job after the backup ends" wait_job "$lost" 60

# Everything dies and is gone.
pids=$(cat "$HOME_DIR"/run/*.pid)
# shellcheck disable=SC2086 # several numbers
kill -9 $pids
# shellcheck disable=SC2046
kill -9 $(cut -d' ' -f2 "$HOME_DIR/jobs/starts") 2>/dev/null
old_home=$HOME_DIR
gone() { ! "$JQM" status --home "$old_home" >/dev/null 2>&1; }
ok "nothing of it runs" wait_for 20 gone
"$JQM" down --home "$old_home" >/dev/null 2>&1
rm -rf "$old_home"

HOME_DIR=$WORK/restored
mkdir -m 700 "$HOME_DIR" && cp -a "$backup"/* "$HOME_DIR"
PORT=$(free_port)
URL=http://127.0.0.1:$PORT
at_exit "$JQM" down --home "$HOME_DIR"
touch "$HOME_DIR/jobs/again"
ok "a new home comes up from the backup" sh -c "'$JQM' up --detach --home '$HOME_DIR' --port $PORT --restored >'$WORK/restored.log' 2>&1"
like "and says what it gave up" "$(cat "$WORK/restored.log")" '^Restored: [0-9]+ jobs that ran were given up; the next job is [0-9]+'
is "the password is the old one" "$(code GET /ws/client/q)" 200

settled() { [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state NOT IN ('HOLDED', 'SCHEDULED')")" = 0 ]; }
ok "all that waited has run" wait_for 120 settled
is "each job accepted before the backup has one end" \
	"$(sql "SELECT count(*) || ' ' || count(DISTINCT h.id) FROM jqm.history AS h WHERE h.id IN ($accepted)")" "300 300"
is "and is nowhere else" "$(sql "SELECT count(*) FROM jqm.job_instance WHERE id IN ($accepted)")" 0
is "what ran ended with the reason" "$(history_of "$long" "state || ': ' || reason")" \
	"CRASHED: was running when the backup was made from which the database was restored"
is "and was not started again" "$(starts_of "$long")" 1
is "but for the one whose definition says so" "$(history_of "$again" "state || ' ' || attempt")" "ENDED 2"
is "which was" "$(starts_of "$again")" 2
is "the held one is held" "$(job_state "$held")" HOLDED
is "the one for tomorrow is for tomorrow" "$(job_state "$later")" SCHEDULED
for n in 1 2 3; do
	id=${ended[n - 1]}
	is "job $n that had ended has its log" "$(api GET "/ws/simple/stdout?id=$id")" "said $n"
	is "and its file" "$(api GET "/ws/simple/file?id=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")")" "$n"
done
files_are_there() { # of all jobs in history that ended well
	local guid
	for guid in $(sql "SELECT random_id FROM jqm.deliverable"); do
		[ "$(code GET "/ws/simple/file?id=$guid")" = 200 ] || return 1
	done
}
ok "each file the database knows of is there" files_are_there
new=$(enqueue Quick n=new)
ok "a new job ends" wait_job "$new"
ok "its number is none of the lost time" test "$new" -gt "$((lost + 100000))"
is "its log is its own" "$(api GET "/ws/simple/stdout?id=$new")" "said new"
is "a job of the lost time is not known" "$(code GET "/ws/client/ji/$lost")" 404

nok "a home that works is not told it was restored" "$JQM" db restored --home "$HOME_DIR"
like "because of its runner" "$("$JQM" db restored --home "$HOME_DIR" 2>&1)" 'a runner is connected to this database'

# A dump and another database.
sql "UPDATE jqm.job_def SET on_node_loss = 'CRASH'"
running=$(enqueue Long)
ok "a job runs" wait_for 10 job_is "$running" RUNNING
ok "a dump is made while it runs" pg pg_dump -Fc -f "$WORK/dump" jqm
pg createdb other
ok "it is restored" pg pg_restore --exit-on-error -d other "$WORK/dump"
sed 's/dbname=jqm/dbname=other/' "$HOME_DIR/conf/jqm.ini" >"$WORK/other.ini" && chmod 600 "$WORK/other.ini"
ok "and told so" sh -c "'$JQM' db restored --paused --config '$WORK/other.ini' >'$WORK/out'"
is "one job was given up" "$(grep -o '^[0-9]*' "$WORK/out")" 1
other() { pg psql -XAtqc "$1" other; }
is "it is over there" "$(other "SELECT state FROM jqm.history WHERE id = $running")" CRASHED
is "and runs here" "$(job_state "$running")" RUNNING
is "no node takes a job there" "$(other "SELECT count(*) FROM jqm.node WHERE enabled")" 0
is "the past is the same" "$(other "SELECT count(*), sum(id) FROM jqm.history WHERE id <> $running")" \
	"$(sql "SELECT count(*), sum(id) FROM jqm.history")"
like "the programs may start on it" "$("$JQM_BIN/jqm-fcgi" --check --config "$WORK/other.ini")" '^ok: database$'
is "a dump by jqm_backup has no account in it" "$(pg pg_dump -U jqm_backup --schema=jqm -T jqm.account -T jqm.account_role -T jqm.cluster_secret jqm | grep -c 'COPY jqm.account')" 0
export JQM_URL=$URL JQM_PASSWORD_FILE=$HOME_DIR/root-password
ok "the job here is killed" "$JQM" kill "$running"
ok "and ends" wait_job "$running"
done_testing
