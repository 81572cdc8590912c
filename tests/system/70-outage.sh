#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL stops for a while, restarts, stops twice in a row, crashes, fails over to a standby for good:
# nobody restarts anything of ours, what runs goes on, nothing accepted is lost, nothing runs twice.
# JQM_OUTAGE_S: how long the long outage takes (60 to see the real thing).
. "$(dirname "$0")/../lib/stack.sh"
long_s=${JQM_OUTAGE_S:-6}
stack_up
account=$(stat -Lc %U "$HOME_DIR/db")
chmod 755 "$WORK" && chown "$account" "$WORK"
as_account() {
	if [ "$(id -u)" -eq 0 ]; then setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups "$@"; else "$@"; fi
}
pg_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# --- a primary and its standby, copied from the home's own database, which nobody uses from then on ----
pg() { # WHICH VERB [ARG...]: pg_ctl on primary or standby
	local which=$1
	shift
	as_account "$pg_bin/pg_ctl" -D "$WORK/$which/data" -l "$WORK/$which/log" -w -t 60 "$@" >/dev/null 2>&1
}
at() { as_account "$pg_bin/psql" -h "$WORK/$1" -U postgres -d jqm -XAtqc "$2"; }
copy_of() { # SOURCE_DIRECTORY WHICH [ARG...]
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
echo "local replication all peer map=jqm" | as_account tee -a "$HOME_DIR/db/pg_hba.conf" >/dev/null
"$JQM" psql --home "$HOME_DIR" -XAtqc "SELECT pg_reload_conf()" >/dev/null
source_dir=$(sed -n 's/^conninfo = "host=\([^ ]*\) .*/\1/p' "$HOME_DIR/conf/jqm.ini")
at_exit pg primary stop -m immediate
at_exit pg standby stop -m immediate
ok "a primary" copy_of "$source_dir" primary
ok "its standby" copy_of "$WORK/primary" standby -R
as_account sed -i "s|^conninfo = .*|conninfo = \"host=$WORK/primary,$WORK/standby dbname=jqm connect_timeout=5\"|" "$HOME_DIR/conf/jqm.ini"
now=primary
sql() { at "$now" "$1"; }
define() {
	sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type)
	     SELECT '$1', id, \$q\$$2\$q\$, 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE default_queue" >/dev/null
}
for program in jqm-runner jqm-notifier jqm-events jqm-fcgi; do kill -9 "$(cat "$HOME_DIR/run/$program.pid")"; done
lives() { [ "$(sql "SELECT count(*) FROM jqm.node WHERE incarnation > 1 AND lease_until > now()")" = 1 ] && healthy; }
ok "all programs use it" wait_for 60 lives
programs() {
	for program in jqm jqm-fcgi jqm-runner jqm-keeper jqm-notifier jqm-events nginx; do cat "$HOME_DIR/run/$program.pid"; done
	pgrep -P "$(cat "$HOME_DIR/run/jqm-fcgi.pid")" | sort
}
programs_before=$(programs)

define Short 'echo "$JQM_JI_ID" >> ran'
define Gated ': '"$WORK"'; echo "$JQM_JI_ID" >> ran; while [ ! -e gate ]; do sleep 0.05; done; echo late > "$JQM_JI_DELIVERY_DIR/f"; exit 5'
gate=$HOME_DIR/jobs/gate
accepted=$WORK/accepted
: >"$accepted"
enqueue_durably() { # NAME
	local id
	id=$(curl -s -m 20 -u "$AUTH" "$URL/ws/simple/ji" -d "applicationname=$1" | grep -xE '[0-9]+') && echo "$id" | tee -a "$accepted"
}
feed() { while [ -e "$WORK/feeding" ]; do enqueue_durably Short >/dev/null || read -rt 0.1 <> <(:); done; }
goes_away() { gone_ms=$(date +%s%3N); }
tell() { printf '# %s: %s after %d ms\n' "$what" "$1" $(($(date +%s%3N) - gone_ms)); }
keep_away() { read -rt "$1" <> <(:); } # the length of the outage is what is tested

begin() {
	what=$1
	rm -f "$gate"
	gated=$(enqueue_durably Gated)
	ok "$what: a job runs" wait_for 20 job_is "$gated" RUNNING
	touch "$WORK/feeding"
	feed &
	feeder=$!
	keep_away 0.5 # jobs are under way
	goes_away
}
job_ends_meanwhile() {
	as_account touch "$gate"
	ok "$what: the job ends while it is away" wait_for 10 nothing_runs
	tell "the job has ended"
}
nothing_runs() { ! pgrep -u "$account" -f ": $WORK; .*while .* -e gate" >/dev/null; }
is_refused() {
	curl -s -m 20 -i -u "$AUTH" "$URL/ws/simple/ji" -d "applicationname=Short" >"$WORK/answer"
	head -1 "$WORK/answer" | grep -q '^HTTP[^ ]* 503 '
}
over() {
	tell "the database is back"
	ok "$what: it is served again" wait_for 40 healthy
	tell "healthy"
	ok "$what: and takes jobs" wait_for 40 enqueue_durably Short
	tell "takes jobs"
	rm -f "$WORK/feeding"
	wait "$feeder"
	ok "$what: everything accepted is done" wait_for 60 all_over
	tell "all $(wc -l <"$accepted") accepted so far have their end"
	is "$what: the job has its exit code, file and one attempt" "$(sql "SELECT h.state, h.exit_code, h.attempt, count(f.id)
		FROM jqm.history AS h LEFT JOIN jqm.deliverable AS f ON f.job_instance_id = h.id WHERE h.id = $gated GROUP BY 1, 2, 3")" 'CRASHED|5|1|1'
	is "$what: none lost" "$(sort -u "$accepted" | comm -23 - <(sql "SELECT id FROM jqm.history WHERE state IN ('ENDED', 'CRASHED')" | sort) | head -3)" ""
	is "$what: none twice" "$(sort "$HOME_DIR/jobs/ran" | uniq -d | head -3)" ""
	is "$what: no program was restarted" "$(programs)" "$programs_before"
}
all_over() { [ "$(sql 'SELECT count(*) FROM jqm.job_instance')" = 0 ]; }

begin "1 s"
pg primary stop -m fast
keep_away 1
pg primary start
as_account touch "$gate"
over

begin "$long_s s"
pg primary stop -m fast
ok "$what: callers are told 503" wait_for 10 is_refused
like "$what: and when to come again" "$(cat "$WORK/answer")" '^Retry-After: [0-9]+'
job_ends_meanwhile
keep_away "$long_s"
pg primary start
over

begin "restart"
pg primary restart -m immediate
as_account touch "$gate"
over

begin "two in a row"
pg primary stop -m immediate
keep_away 1
pg primary start
keep_away 0.3
pg primary stop -m fast
job_ends_meanwhile
pg primary start
over

# --- the primary is lost; no commit that was answered is, since the standby has them all -----------------
streams() { [ "$(sql "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')")" = 1 ]; }
sql "ALTER SYSTEM SET synchronous_standby_names = '*'" && sql "SELECT pg_reload_conf()" >/dev/null
ok "the standby has every commit" wait_for 30 streams
begin "failover"
kill -9 "$(head -1 "$WORK/primary/data/postmaster.pid")"
job_ends_meanwhile
ok "the standby is promoted" pg standby promote
now=standby
over
done_testing
