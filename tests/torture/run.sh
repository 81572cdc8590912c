#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make torture SEED=n MINUTES=m: four runners on one database run jobs of all kinds while whatever can be
# killed, stopped, cut or filled is; then every accepted job must have exactly one end, agree with what the
# jobs themselves wrote down, and have run no more often than it was allowed to.  TAP; prints seed and counts.
#
# The seed decides what is done, in which order, to which node, disk, or place among the jobs and sessions there are,
# and what each client asks for, in which way.  It does not decide when: which jobs and sessions there are at that moment, which
# worker of jqm-fcgi has which pid, how long an answer takes, and so how many deeds and requests there will be.  SEED=seeds:
# those that found something, one after the other.  What a failed run leaves: build/torture-SEED.
#
# HOSTS=1 (as root): the home on a host of its own (a network namespace), and four more nodes, each on another one, whose
# cables are pulled, too.  They reach the database over TCP.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ "${SEED:-}" = seeds ]; then
	status=0
	while read -r seed minutes _; do
		SEED=$seed MINUTES=$minutes bash "$here/torture/run.sh" || status=1
	done < <(grep -v '^#' "$here/torture/seeds")
	exit $status
fi
has_hosts() { [ "${HOSTS:-}" = 1 ]; }
if has_hosts && [ "${JQM_TORTURE_HOSTS:-}" != $$ ]; then # not there yet
	# shellcheck source=tests/torture/hosts.sh
	. "$here/torture/hosts.sh"
	move_to_hosts
fi
# shellcheck source=tests/lib/stack.sh
. "$here/lib/stack.sh"
# shellcheck source=tests/torture/nodes.sh
. "$here/torture/nodes.sh"
# shellcheck source=tests/torture/jobs.sh
. "$here/torture/jobs.sh"
# shellcheck source=tests/torture/deeds.sh
. "$here/torture/deeds.sh"
# shellcheck source=tests/torture/account.sh
. "$here/torture/account.sh"
# shellcheck source=tests/torture/hosts.sh
! has_hosts || . "$here/torture/hosts.sh"
record_answers() { :; } # an hour of them, while all is torn down, is too much

seed=${SEED:-$RANDOM}
minutes=${MINUTES:-2}
RANDOM=$seed
echo "# torture: seed $seed, $minutes min, $runners nodes$(! has_hosts || echo " on hosts of their own")"

export WORKERS_DIE=any
stack_dir
record=$WORK/record
accepted=$WORK/accepted
smtp_port=$(free_port)
small_disk "$HOME_DIR" 600m
small_disk "$WORK/n2" "$(awk -v m="$minutes" 'BEGIN {print int(40 + 4 * m)}')m" # nothing is purged: logs of the jobs fill it as time goes by
[ ${#disks[@]} -gt 0 ] || absent "a disk that fills" "a file system of one's own needs root"
! has_hosts || database_of_the_home_listens
stack_up
account=$(stat -Lc %U "$HOME_DIR/db")
home_node=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$HOME_DIR/conf/jqm.ini" | head -n 1)
: >"$record"
: >"$accepted"
: >"$WORK/deeds"
: >"$WORK/go" # as long as it is there, the nodes are started again
chmod 666 "$record"
chown "$account" "$WORK" "$WORK/n2"
at_exit keep_failure # before all is removed

mkdir "$WORK/mail"
/usr/bin/python3 "$here/lib/mail_server.py" "$smtp_port" "$WORK/mail" 2>"$WORK/mail/log" &
mail_server=$!
at_exit end_mail_server
end_mail_server() { kill "$mail_server" && wait "$mail_server"; } 2>/dev/null
configure_home
at_exit end_nodes
! has_hosts || let_hosts_in
for n in $(seq 2 "$runners"); do start_node "$n"; done
keep_failure() {
	local to=$here/../build/torture-$seed n
	[ "$tap_failed" -gt 0 ] || [ "$tap_done" -eq 0 ] || return 0
	mkdir -p "$to" && diag "see $to"
	cp -r "$record" "$accepted" "$WORK/deeds" "$WORK"/out.* "$WORK/up.log" "$HOME_DIR/log" "$to" 2>/dev/null
	for n in $(seq 2 "$runners"); do cp "$WORK/n$n/log/jqm-keeper.log" "$to/keeper.$n.log" 2>/dev/null; done
	cp "$WORK/tables" "$WORK/losses" "$WORK/attempts" "$to" 2>/dev/null
}
ok "$runners nodes are up" wait_for 30 nodes_are $runners
! has_hosts || ok "each of those beside the home's asks the database over its cable" wait_for 30 all_come_over_cables

define_jobs
feeders=()
for n in 1 2 3; do
	feed $n &
	feeders+=($!)
done
at_exit touch "$WORK/enough"
until_s=$(($(date +%s) + $(awk -v m="$minutes" 'BEGIN {print int(m * 60)}')))
! has_hosts || first_deed
while [ "$(date +%s)" -lt $until_s ]; do
	read -rt "$((RANDOM % 2)).$((RANDOM % 9 + 1))" <> <(:)
	a_deed
done
touch "$WORK/enough"
wait "${feeders[@]}"
undo_deeds
ok "the home is up again" wait_for 60 home_is_up
# A server process killed last of all may take the database down once more.
ok "no slot of the schedule comes while we count" wait_for 60 sql "UPDATE jqm.schedule SET enabled = false"

if ! ok "no job is stuck" wait_for 120 none_live; then
	diag "$(sql "SELECT id, state, node_id, incarnation, attempt, instruction, run_after FROM jqm.job_instance LIMIT 20")"
fi
ok "all nodes are back" wait_for 60 nodes_are $runners
gather
tell_counts
sql "SELECT * FROM jqm.history; SELECT * FROM jqm.job_attempt; SELECT * FROM jqm.job_instance; SELECT * FROM jqm.node" >"$WORK/tables"
check_history
check_record
check_files
check_mails
check_leftovers
done_testing
