#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jobs that enqueue jobs, on three nodes: a chain of 11, a tree of 511, through the web API with each job's own token.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
all_over() { [ "$(sql 'SELECT count(*) FROM jqm.live_job')" = 0 ]; }

# Two more nodes on the same database, with homes of their own.
for node in beta gamma; do
	dir=$WORK/$node
	mkdir -p "$dir"/{state,run,jobs,outputfiles,tmp,log,joblogs}
	sed "s|\"$HOME_DIR/\([a-z]*\)\(/keeper.sock\)*\"\$|\"$dir/\1\2\"|; s|^name = .*|name = \"$node\"|" \
		"$HOME_DIR/conf/jqm.ini" >"$dir/jqm.ini"
	chmod 600 "$dir/jqm.ini"
	"$JQM_BIN/jqm-runner" --config "$dir/jqm.ini" --pid-file "$dir/run/jqm-runner.pid" >"$dir/log/jqm-runner.log" 2>&1 &
	pids+=($!)
done
stop_nodes() {
	kill "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
}
at_exit stop_nodes
three_alive() { [ "$(sql 'SELECT count(*) FROM jqm.node WHERE lease_until > now()')" = 3 ]; }
ok "three nodes are alive" wait_for 20 three_alive
is "as the command line says" "$("$JQM" node | awk 'NR > 1 {printf "%s %s ", $1, $2}')" "alpha up beta up gamma up "

# A chain: each job enqueues the next one with jqm.
# shellcheck disable=SC2016
define Chain '[ "$1" -le 1 ] || jqm enqueue Chain -p left=$(($1 - 1))'
first=$(enqueue Chain left=11)
chain_is_over() { [ "$(sql "SELECT count(*) FROM jqm.past_job WHERE definition_name = 'Chain'")" = 11 ]; }
ok "a chain of 11 comes to its end" wait_for 30 chain_is_over
is "all ended well" "$(sql "SELECT string_agg(DISTINCT state, ',') FROM jqm.past_job")" ENDED
is "each is the child of the one before" "$(sql "SELECT count(*) FROM jqm.past_job AS c JOIN jqm.past_job AS p ON p.id = c.parent_id
	WHERE (c.parameters ->> 'left')::int = (p.parameters ->> 'left')::int - 1")" 10
is "a parent's child is found" "$(api GET "/ws/client/ji?parent=$first" -H 'Accept: application/json' | jq -c 'map(.parent)')" "[$first]"

# A tree: each job enqueues two children with curl, nine generations deep.
# shellcheck disable=SC2016
define Tree 'echo "$JQM_JI_ID" >> '"$WORK"'/tree; [ "$1" -gt 1 ] || exit 0
child="-sf -o /dev/null -u $JQM_API_LOGIN:$JQM_API_PASSWORD -d applicationname=Tree -d parameterNames=left -d parameterValues=$(($1 - 1)) $JQM_API_LOCAL_URL/ws/simple/ji"
curl $child --next $child'
root=$(enqueue Tree left=9)
count() { sql "SELECT count(*) FROM jqm.past_job WHERE definition_name = 'Tree'"; }
n=0
while [ "$n" -lt 511 ] && wait_for 20 sh -c "[ \"\$('$JQM' psql --home '$HOME_DIR' -XAtqc \"SELECT count(*) > $n FROM jqm.past_job WHERE definition_name = 'Tree'\")\" = t ]"; do
	n=$(count)
done
is "a tree of 511 comes to its end" "$(count)" 511
ok "and nothing is left" wait_for 20 all_over
# A number of an attempt may be missing: brief jobs are claimed ahead, and go back when they have to wait (runner/slots.h).
is "all ended well, and none failed before" "$(sql "SELECT h.id, h.state, h.attempt, h.failures, h.node_losses, h.reason FROM jqm.history AS h
	JOIN jqm.job_def AS d ON d.id = h.job_def_id WHERE d.name = 'Tree' AND (h.state <> 'ENDED' OR h.failures + h.node_losses > 0)")" ""
is "each ran once" "$(sort "$WORK/tree" | uniq | wc -l) $(wc -l <"$WORK/tree")" "511 511"
is "every node ran some" "$(sql "SELECT count(DISTINCT node_name) FROM jqm.past_job WHERE definition_name = 'Tree'")" 3
is "every parent has two children, every leaf none" "$(sql "SELECT string_agg(n || ':' || jobs, ' ' ORDER BY n) FROM (
	SELECT n, count(*) AS jobs FROM (SELECT p.id, count(c.id) AS n FROM jqm.past_job AS p LEFT JOIN jqm.past_job AS c ON c.parent_id = p.id
	WHERE p.definition_name = 'Tree' GROUP BY p.id) AS f GROUP BY n) AS g")" "0:256 2:255"
is "the children of the root are found" "$(api GET "/ws/client/ji?parent=$root" -H 'Accept: application/json' | jq -c 'map(.parent)')" "[$root,$root]"
done_testing
