#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Three hosts: the database and two nodes, each in a network namespace of its own (and the nodes in time
# namespaces: machines that were booted at other times).  Cables are pulled and put back.
. "${JQM_TEST_SOURCE:?}/tests/lib/stack.sh"
. "$JQM_TEST_SOURCE/tests/lib/hosts.sh"
hosts_up
stack_up
database_over_there

# --- two nodes ---------------------------------------------------------------------------------------
lease_s=6
pulse=$WORK/pulse # what jobs say while they live
as_account touch "$pulse"
node() { # N [COMMAND...]: start its runner, behind the command
	local n=$1
	shift
	as_account mkdir -p "$WORK/n$n"
	sed -e "s|^name = .*|name = \"n$n\"|" -e "s|^state_dir = .*|state_dir = \"$WORK/n$n/state\"|" \
		-e "s|^keeper_socket = .*|keeper_socket = \"$WORK/n$n/k\"|" -e "s|^temp_dir = .*|temp_dir = \"$WORK/n$n/tmp\"|" \
		-e "s|^log_dir = .*|log_dir = \"$WORK/n$n/log\"|" -e "s|^joblog_dir = .*|joblog_dir = \"$WORK/n$n/joblogs\"|" \
		-e "s|^delivery_store = .*|delivery_store = \"$WORK/n$n/files\"|" \
		-e "s|^conninfo = .*|conninfo = \"host=$db dbname=jqm connect_timeout=2\"|" \
		-e "s|^\[runner\]|[runner]\nlease_ms = ${lease_s}000\nheartbeat_ms = 1000\ngrace_ms = 500|" \
		"$HOME_DIR/conf/jqm.ini" | as_account tee "$WORK/n$n/jqm.ini" >/dev/null
	as_account chmod 600 "$WORK/n$n/jqm.ini"
	(
		ip netns exec "$net-n$n" "$@" setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups \
			"$JQM_BIN/jqm-runner" --config "$WORK/n$n/jqm.ini" --pid-file "$WORK/n$n/pid" >>"$WORK/n$n/out" 2>&1
		echo $? >"$WORK/n$n/exit"
	) &
}
end_nodes() {
	local n
	for n in 1 2; do
		kill -TERM "$(cat "$WORK/n$n/pid" 2>/dev/null)" 2>/dev/null
		put_back "$n"
	done
	wait_for 30 no_keeper
}
no_keeper() { ! pgrep -f -- "^[^ ]*jqm-(keeper|runner) .*$WORK/n" >/dev/null; }
at_exit end_nodes
booted_later=(unshare --time --monotonic 1000000 --boottime 5000000)
nodes_are() { [ "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM jqm.node WHERE lease_until > now()")" = "$1" ]; }
start_node() { if [ "$1" = 2 ]; then node 2 "${booted_later[@]}"; else node "$1"; fi; }
start_node 1
start_node 2
ok "both nodes have their lease" wait_for 20 nodes_are "n1 n2"
have_leases_for_long() { [ "$(sql "SELECT count(*) FROM jqm.node WHERE lease_until > now() AND lease_since < now() - interval '$((lease_s + 2)) s'")" = 2 ]; }

live='while [ ! -e gate ]; do echo "$JQM_JI_ID $JQM_JI_ATTEMPT" >> '$pulse'; sleep 0.05; done; exit 5'
define() { # NAME COLUMNS
	sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT '$1', id, \$q\$$live\$q\$, 'DEFAULTSHELLCOMMAND'
	     FROM jqm.queue WHERE default_queue; UPDATE jqm.job_def SET $2 WHERE name = '$1'"
}
define Again "on_node_loss = 'REQUEUE'"
define Stays "on_node_loss = 'CRASH'"
# Jobs lie where the home had them: n1 and n2 share the repository, and its gate.
gate=$(sed -n 's/^job_repository = "\(.*\)"/\1/p' "$HOME_DIR/conf/jqm.ini")/gate
only() { # N: it alone takes jobs
	sql "UPDATE jqm.queue_mapping AS m SET polling_interval_ms = 200, max_jobs = CASE n.name WHEN 'n$1' THEN 5 ELSE 0 END
	     FROM jqm.node AS n WHERE n.id = m.node_id"
}
enqueue() { sql "SELECT jqm.enqueue('$1')"; }
state() { sql "SELECT coalesce((SELECT state FROM jqm.job_instance WHERE id = $1), (SELECT state FROM jqm.history WHERE id = $1))"; }
is_state() { [ "$(state "$1")" = "$2" ]; }
on_node() { [ "$(sql "SELECT n.name FROM jqm.job_instance AS j JOIN jqm.node AS n ON n.id = j.node_id WHERE j.id = $1 AND j.state = 'RUNNING'")" = "$2" ]; }
pulses() { grep -c "^$1 $2\$" "$pulse"; }
more_pulses() { [ "$(pulses "$1" "$2")" -gt "$3" ]; }
overlaps() { awk '$2 < last[$1] {print} $2 > last[$1] {last[$1] = $2}' "$pulse" | head -3; }
ended() { [ -s "$WORK/n$1/exit" ]; }

# Either node is the one that is cut off: the one that was booted at another time too.
for n in 1 2; do
	other=$((3 - n))
	rm -f "$gate"
	only "$n"
	ok "n$n: both nodes have their leases for long" wait_for 30 have_leases_for_long
	again=$(enqueue Again)
	stays=$(enqueue Stays)
	ok "n$n: it runs the job that may be tried again" wait_for 20 on_node "$again" "n$n"
	ok "n$n: and the one that may not" wait_for 20 on_node "$stays" "n$n"
	only "$other"
	rm -f "$WORK/n$n/exit"

	pull "$n"
	pulled=$EPOCHSECONDS
	ok "n$n: cut off, its job is started on the other node" wait_for 30 on_node "$again" "n$other"
	noticed=$((EPOCHSECONDS - pulled))
	ok "n$n: within the lease and what the other one and a busy machine add ($noticed s)" [ $noticed -le $((lease_s + 20)) ]
	ok "n$n: the other job counts as crashed" wait_for 5 is_state "$stays" CRASHED
	ok "n$n: the second attempt lives" wait_for 10 more_pulses "$again" 2 10
	is "n$n: and the first one had ended before" "$(overlaps)" ""
	before=$(pulses "$stays" 1)
	ok "n$n: what runs nowhere else lives on" wait_for 5 more_pulses "$stays" 1 "$before"

	put_back "$n"
	ok "n$n: healed, its runner sees that it was replaced and ends" wait_for 60 ended "$n"
	is "n$n: with exit code 1" "$(cat "$WORK/n$n/exit")" 1
	before=$(pulses "$stays" 1)
	start_node "$n"
	ok "n$n: it is back" wait_for 30 nodes_are "n1 n2"
	as_account touch "$gate"
	ok "n$n: the job ends on the other node" wait_for 20 is_state "$again" CRASHED
	is "n$n: with its own exit code, at its second attempt" "$(sql "SELECT exit_code, attempt, node_losses FROM jqm.history WHERE id = $again")" "5|2|1"
	is "n$n: what was left of the crashed one was ended with its runner" "$(pulses "$stays" 1)" "$before"
done

# --- a cable is pulled for less than the lease ----------------------------------------------------------
rm -f "$gate"
only 1
again=$(enqueue Again)
ok "short: a job runs" wait_for 20 on_node "$again" n1
pull 1
read -rt 1 <> <(:)
put_back 1
ok "short: the lease is renewed" wait_for 30 have_leases_for_long
as_account touch "$gate"
ok "short: the job ends" wait_for 40 is_state "$again" CRASHED
is "short: at its first attempt" "$(sql "SELECT exit_code, attempt, node_losses FROM jqm.history WHERE id = $again")" "5|1|0"

# --- cables that are pulled and put back again and again --------------------------------------------------
starts=$WORK/starts
as_account touch "$starts"
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type)
     SELECT 'Short', id, 'echo \$JQM_JI_ID >>$starts; sleep 0.2', 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE default_queue;
     UPDATE jqm.queue_mapping SET polling_interval_ms = 200, max_jobs = 5"
before=$(sql "SELECT count(*) FROM jqm.history")
sql "SELECT jqm.enqueue('Short') FROM generate_series(1, 200)" >/dev/null
for n in 1 2 1 2 2 1 1 2; do
	pull $n
	read -rt 0.9 <> <(:)
	put_back $n
	read -rt 0.6 <> <(:)
done
all_over() { [ "$(sql "SELECT count(*) FROM jqm.job_instance")" = 0 ]; }
ok "shaky: all jobs are over" wait_for 60 all_over
is "shaky: all ended well" "$(sql "SELECT count(*) - $before, count(*) FILTER (WHERE state = 'ENDED') FROM jqm.history")" "200|200"
is "shaky: each ran once" "$(sort "$starts" | uniq -d | wc -l) $(sort -u "$starts" | wc -l)" "0 200"
is "shaky: no node was lost" "$(sql "SELECT sum(node_losses) FROM jqm.history AS h JOIN jqm.job_def AS d ON d.id = h.job_def_id WHERE d.name = 'Short'")" 0

# --- the database is cut off from everybody for longer than the lease ------------------------------------
rm -f "$gate"
only 1
stays=$(enqueue Stays)
ok "all: a job runs" wait_for 20 on_node "$stays" n1
incarnations() { sql "SELECT string_agg(incarnation::text, ' ' ORDER BY name) FROM jqm.node"; }
was=$(incarnations)
pull 1
pull 2
as_account touch "$gate"
read -rt $((lease_s + 4)) <> <(:)
put_back 1
put_back 2
ok "all: the job's end is told when it can be" wait_for 60 is_state "$stays" CRASHED
is "all: with its exit code" "$(sql "SELECT exit_code, attempt, reason FROM jqm.history WHERE id = $stays")" "5|1|exit code 5"
ok "all: both nodes are back" wait_for 60 nodes_are "n1 n2"
is "all: and none was given up" "$(incarnations)" "$was"
done_testing
