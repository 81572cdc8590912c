#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make torture SEED=n MINUTES=m: four runners on one database run jobs of all kinds while whatever can be
# killed is killed; then every accepted job must have exactly one end, agree with what the jobs themselves
# wrote down, and have run no more often than it was allowed to.  TAP; prints seed and counts.
#
# The record: each job appends "S id attempt" when it starts, "E id attempt" when it ends by itself, and some
# "P id attempt" while they run, one write() of a line to one file that no program of ours touches.
#
# Started by root the whole home lies on a small disk of its own (tmpfs), which is filled and emptied.
# Without root nothing can be mounted: then that is left out, and said.  The same seed gives the same deeds in
# the same order; what they meet is another moment each time.  Seeds that found something are in seeds.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/lib/stack.sh
. "$here/lib/stack.sh"

if [ "${SEED:-}" = seeds ]; then # those that found something, one after the other
	trap - EXIT
	failed=0
	while read -r seed minutes _; do
		SEED=$seed MINUTES=$minutes bash "$0" || failed=1
	done < <(grep -v '^#' "$(dirname "$0")/seeds")
	exit $failed
fi
seed=${SEED:-$RANDOM}
minutes=${MINUTES:-2}
RANDOM=$seed
echo "# torture: seed $seed, $minutes min"
runners=4
lease_ms=6000

records=$(scratch) # of what happened: these files are ours, no deed is done to them
at_exit rm -rf "$records"
record=$records/record
accepted=$records/accepted
deeds=$records/deeds
: >"$record"
: >"$accepted"
disk=
if [ "$(id -u)" -eq 0 ]; then
	disk=$(scratch)
	at_exit rmdir "$disk"
	mount -t tmpfs -o size=600m,mode=1777 tmpfs "$disk" || exit 1
	at_exit umount "$disk"
	export TMPDIR=$disk
else
	absent "a disk that fills and empties" "needs root"
fi
stack_up
: >"$WORK/go" # as long as it is there, the runners are started again
chmod 666 "$record"
account=$(stat -Lc %U "$HOME_DIR/db")
chown "$account" "$WORK"
as_account() {
	if [ "$(id -u)" -eq 0 ]; then setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups "$@"; else "$@"; fi
}

# --- four nodes ------------------------------------------------------------------------------------
home_ini=$HOME_DIR/conf/jqm.ini
ini_of() { # N: the configuration of node N from that of the home
	sed -e "s|^name = .*|name = \"t$1\"|" -e "s|^state_dir = .*|state_dir = \"$WORK/n$1/state\"|" \
		-e "s|^keeper_socket = .*|keeper_socket = \"$WORK/n$1/k\"|" -e "s|^temp_dir = .*|temp_dir = \"$WORK/n$1/tmp\"|" \
		-e "s|^log_dir = .*|log_dir = \"$WORK/n$1/log\"|" -e "s|^joblog_dir = .*|joblog_dir = \"$WORK/n$1/joblogs\"|" \
		-e "s|^delivery_store = .*|delivery_store = \"$WORK/n$1/files\"|" "$home_ini"
}
as_account sed -i -e "s|^\[runner\]|[runner]\nlease_ms = $lease_ms\nheartbeat_ms = 1000\ngrace_ms = 1000|" \
	-e "s|^\[job_environment\]|[job_environment]\nrecord = \"$record\"|" "$home_ini"
kill -9 "$(cat "$HOME_DIR/run/jqm-runner.pid")" # it comes back with these
for n in $(seq 2 "$runners"); do
	as_account mkdir -p "$WORK/n$n"
	ini_of "$n" | as_account tee "$WORK/n$n/jqm.ini" >/dev/null
	as_account chmod 600 "$WORK/n$n/jqm.ini"
	# shellcheck disable=SC2016
	as_account setsid bash -c 'while [ -e "$1/go" ]; do
		"$2/jqm-runner" --config "$1/n$3/jqm.ini" --pid-file "$1/n$3/pid" >>"$1/n$3/out" 2>&1; read -rt 0.3 <> <(:); done' \
		torture "$WORK" "$JQM_BIN" "$n" >/dev/null 2>&1 &
done
pid_of() { cat "$([ "$1" = 1 ] && echo "$HOME_DIR/run/jqm-runner.pid" || echo "$WORK/n$1/pid")" 2>/dev/null; }
keeper_of() { cat "$([ "$1" = 1 ] && echo "$HOME_DIR/run/jqm-keeper.pid" || echo "$WORK/n$1/jqm-keeper.pid")" 2>/dev/null; }
end_runners() {
	local n pid
	rm -f "$WORK/go"
	for n in $(seq 2 "$runners"); do
		pid=$(pid_of "$n") && kill -TERM "$pid" 2>/dev/null
	done
	wait_for 30 no_runner_left
}
no_runner_left() {
	local n
	for n in $(seq 2 "$runners"); do ! kill -0 "$(pid_of "$n")" 2>/dev/null || return 1; done
}
at_exit end_runners
nodes_are() { [ "$(sql "SELECT count(*) FROM jqm.node WHERE lease_until > now()")" = "$1" ]; }
ok "$runners nodes are up" wait_for 30 nodes_are $runners

# --- jobs of all kinds -----------------------------------------------------------------------------
say='printf "%s %s %s\n" S "$JQM_JI_ID" "$JQM_JI_ATTEMPT" >>"$RECORD";'
pulse='printf "%s %s %s\n" P "$JQM_JI_ID" "$JQM_JI_ATTEMPT" >>"$RECORD";'
done_='printf "%s %s %s\n" E "$JQM_JI_ID" "$JQM_JI_ATTEMPT" >>"$RECORD"'
define Quick "$say $done_"
define Slow "$say sleep 0.\$((JQM_JI_ID % 10)); $done_"
define Long "$say sleep 3; $done_"
define Fails "$say $done_; exit 3"
define Retries "$say $done_; [ \$JQM_JI_ATTEMPT -ge 3 ]"
define Requeues "$say for i in 1 2 3 4 5 6 7 8; do $pulse sleep 0.2; done; $done_"
define Delivers "$say echo \$JQM_JI_ID >\"\$JQM_JI_DELIVERY_DIR/a.txt\"; $done_"
define Forks "$say (setsid sleep 30 &) ; $done_"
define Alone "$say sleep 0.1; $done_"
sql "UPDATE jqm.job_def SET attempts_max = 20, retry_delay_s = 0 WHERE name = 'Retries';
     UPDATE jqm.job_def SET on_node_loss = 'REQUEUE', node_losses_max = 10 WHERE name IN ('Requeues', 'Retries');
     UPDATE jqm.job_def SET highlander = true WHERE name = 'Alone';
     UPDATE jqm.queue_mapping SET max_jobs = 6, polling_interval_ms = 500;" >/dev/null
kinds=(Quick Quick Quick Slow Slow Long Fails Retries Requeues Delivers Forks Alone Slow Quick)

# Enqueue until told to stop; what was answered with a number counts as accepted.
feed() {
	local kind last=
	while [ ! -e "$WORK/enough" ]; do
		kind=${kinds[RANDOM % ${#kinds[@]}]}
		if [ $((RANDOM % 4)) -eq 0 ] && [ -n "$last" ]; then
			last=$(curl -s -m 10 -u "$AUTH" -X POST "$URL/ws/client/ji" -H 'Content-Type: application/json' -H 'Accept: application/json' \
				-d "{\"applicationName\":\"$kind\",\"parentJobId\":$last}" | sed -n 's/^{"id":\([0-9]*\),.*/\1/p')
		else
			last=$(curl -s -m 10 -u "$AUTH" "$URL/ws/simple/ji" -d "applicationname=$kind" | grep -xE '[0-9]+')
		fi
		[ -z "$last" ] || echo "$last" >>"$accepted"
		[ "$(wc -l <"$accepted")" -lt $(($(wc -l <"$record") / 2 + 400)) ] || read -rt 0.2 <> <(:)
	done
}

# --- what is done to them --------------------------------------------------------------------------
pg_pid() { head -1 "$HOME_DIR/db/postmaster.pid" 2>/dev/null; }
count() { printf '%s\n' "$1" >>"$deeds"; }
kill9() { [ -n "$1" ] && kill -9 "$1" 2>/dev/null; }
pid_in() { cat "$HOME_DIR/run/$1.pid" 2>/dev/null; }
fill_disk() { # for some seconds
	dd if=/dev/zero of="$disk/filler" bs=1M 2>/dev/null
	read -rt "$1" <> <(:)
	rm -f "$disk/filler"
}
deed() {
	local n=$((RANDOM % runners + 1)) pid
	case $((RANDOM % 22)) in
	0 | 1 | 2 | 3 | 4) count runner; kill9 "$(pid_of "$n")" ;;
	5) count keeper; kill9 "$(keeper_of "$n")" ;;
	6 | 7 | 8) count backend; sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 3" >/dev/null 2>&1 ;;
	9) count connections; sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'" >/dev/null 2>&1 ;;
	10) count postmaster; kill9 "$(pg_pid)" ;;
	11 | 12) count fcgi-worker; pid=$(pid_in jqm-fcgi) && kill9 "$(pgrep -P "$pid" | shuf -n 1 --random-source=<(yes $RANDOM))" ;;
	13) count nginx; kill9 "$(pid_in nginx)" ;;
	14) count fcgi; kill9 "$(pid_in jqm-fcgi)" ;;
	15)
		count runner-stopped
		pid=$(pid_of "$n")
		if [ -n "$pid" ] && kill -STOP "$pid" 2>/dev/null; then
			(read -rt $((lease_ms / 1000 + 4)) <> <(:); kill -CONT "$pid" 2>/dev/null) &
		fi
		;;
	16 | 17 | 18) count job-killed; sql "SELECT jqm.kill(id, 'torture') FROM jqm.job_instance WHERE state = 'RUNNING' ORDER BY random() LIMIT 2" >/dev/null 2>&1 ;;
	19) count runner-term; pid=$(pid_of "$n") && [ "$n" != 1 ] && kill -TERM "$pid" 2>/dev/null ;;
	20) count notifier; kill9 "$(pid_in jqm-notifier)" ;;
	21)
		if [ -n "$disk" ] && [ ! -e "$disk/filler" ]; then
			count disk-full
			fill_disk $((RANDOM % 4 + 1)) &
		fi
		;;
	esac
}

feed &
feeder=$!
at_exit touch "$WORK/enough"
until_s=$(($(date +%s) + $(awk -v m="$minutes" 'BEGIN {print int(m * 60)}')))
while [ "$(date +%s)" -lt $until_s ]; do
	read -rt "0.$((RANDOM % 9 + 1))" <> <(:)
	deed
done
touch "$WORK/enough"
wait $feeder
rm -f "$disk/filler" # unless there is none
echo "# deeds: $(sort "$deeds" | uniq -c | awk '{printf "%s %s, ", $1, $2}')"

# --- what must be true now -------------------------------------------------------------------------
none_live() { [ "$(sql "SELECT count(*) FROM jqm.job_instance" 2>/dev/null)" = 0 ]; }
if ! ok "no job is stuck" wait_for 120 none_live; then
	diag "$(sql "SELECT id, state, node_id, incarnation, attempt, instruction, run_after FROM jqm.job_instance LIMIT 20")"
fi
ok "all nodes are back" wait_for 60 nodes_are $runners
sort -u "$accepted" >"$records/accepted.sorted"
sql "SELECT id FROM jqm.history" | sort -u >"$records/history.sorted"
echo "# accepted $(wc -l <"$records/accepted.sorted"), history $(wc -l <"$records/history.sorted"), starts $(grep -c ^S "$record"): $(sql "SELECT string_agg(state || ' ' || n, ', ') FROM (SELECT state, count(*) AS n FROM jqm.history GROUP BY 1) AS s"), lost attempts $(sql "SELECT sum(node_losses) FROM jqm.history")"
is "every accepted job is in history" "$(comm -23 "$records/accepted.sorted" "$records/history.sorted" | head -5)" ""
is "no job is there twice" "$(sql "SELECT id FROM jqm.history GROUP BY 1 HAVING count(*) > 1 LIMIT 5")" ""
is "no attempt started twice" "$(grep ^S "$record" | sort | uniq -d | head -5)" ""
is "no job started more often than its attempts say" "$(awk '$1 == "S" {n[$2]++} END {for (i in n) print i, n[i]}' "$record" |
	sort >"$records/starts"; sql "SELECT id || ' ' || attempt FROM jqm.history" | sort |
	join - "$records/starts" | awk '$3 > $2' | head -5)" ""
is "only jobs that may run twice started twice" "$(awk '$2 > 1 {print $1}' "$records/starts" | sort >"$records/twice"
	sql "SELECT h.id FROM jqm.history AS h JOIN jqm.job_def AS d ON d.id = h.job_def_id WHERE d.attempts_max = 1 AND d.on_node_loss = 'CRASH'" |
		sort | comm -12 - "$records/twice" | head -5)" ""
is "what ENDED had reached its end" "$(grep ^E "$record" | awk '{print $2, $3}' | sort -u >"$records/ends"
	sql "SELECT id || ' ' || attempt FROM jqm.history WHERE state = 'ENDED' AND started_at IS NOT NULL" | sort | comm -23 - "$records/ends" | head -5)" ""
is "exit codes are those of the jobs" "$(sql "SELECT h.id, d.name, h.exit_code FROM jqm.history AS h JOIN jqm.job_def AS d ON d.id = h.job_def_id
	WHERE h.exit_code IS NOT NULL AND h.state <> 'KILLED' AND h.exit_code <> CASE d.name WHEN 'Fails' THEN 3 ELSE 0 END LIMIT 5")" ""
is "no attempt lived on while the next one ran" "$(awk '$3 < last[$2] {print $2, $3} $3 > last[$2] {last[$2] = $3}' "$record" | head -5)" ""
is "two highlanders never ran at the same time" "$(sql "SELECT id FROM jqm.history WHERE highlander" |
	awk 'NR == FNR {one[$1]; next} !($2 in one) {next} $1 == "S" {began[$2] = ++starts} $1 == "E" && starts > began[$2] {print $2}' - "$record" | head -5)" ""
is "nothing waits for a job that is over" "$(sql "SELECT count(*) FROM jqm.job_dependency")" "0"
is "no mail is without its job" "$(sql "SELECT count(*) FROM jqm.mail AS m WHERE NOT EXISTS (SELECT FROM jqm.history AS h WHERE h.id = m.job_instance_id)")" "0"
no_process() { ! pgrep -u "$account" | sed 's|.*|/proc/&/environ|' | xargs -r grep -lzxF "RECORD=$record" 2>/dev/null | grep -q .; }
ok "no process of a job is left" wait_for 20 no_process
no_directory() { [ -z "$(find "$HOME_DIR/tmp" "$WORK"/n*/tmp -mindepth 1 -maxdepth 1 -name '[0-9]*' 2>/dev/null)" ]; }
ok "no directory of a job is left" wait_for 20 no_directory
done_testing
