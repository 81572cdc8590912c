# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Hosts for a scenario that runs as root: that of the database and those of nodes, each in a network namespace of its
# own, all on one switch.  Behind stack.sh (hosts_up: behind tap.sh).
#
#	hosts_up [N...]          makes them: db (10.77.0.1) and n1 (10.77.0.11), n2 (10.77.0.12), or those nN that are named;
#	                         or ends the scenario with a SKIP.  They go with the scenario, and whoever is still on them then,
#	                         even when it is killed
#	hosts_down               for who runs exec behind hosts_up: to be registered with at_exit once more
#	pull N    put_back N     the cable of a node
#	on HOST COMMAND [ARG...] as the account of JQM, on that host;  as_account: where we are
#	database_over_there      after stack_up: a copy of the home's database, without its node, listens on host db for all
#	                         roles; the home is down from then on, and sql() asks the copy

net=jqm$$
db=10.77.0.1
hosts_up() {
	local n
	[ $# -gt 0 ] || set -- 1 2
	if ! ip netns add "$net-db" 2>/dev/null; then
		printf 'ok %d - several hosts # SKIP network namespaces cannot be made here\n' $((tap_n += 1))
		done_testing
	fi
	at_exit hosts_down
	hosts_guard
	ip -n "$net-db" link set lo up
	ip -n "$net-db" link add br0 type bridge
	ip -n "$net-db" addr add "$db/24" dev br0
	ip -n "$net-db" link set br0 up
	for n; do
		ip netns add "$net-n$n" && ip -n "$net-n$n" link set lo up
		ip link add "port$n" netns "$net-db" type veth peer name eth0 netns "$net-n$n"
		ip -n "$net-db" link set "port$n" master br0 up
		ip -n "$net-n$n" addr add "10.77.0.$((10 + n))/24" dev eth0
		ip -n "$net-n$n" link set eth0 up
	done
}
hosts_of() { ip netns list 2>/dev/null | awk -v net="$1-" 'index($1, net) == 1 {print $1}'; }
hosts_down() { hosts_of "$net" | xargs -rn 1 ip netns del; } # their cables go with them
# Outlives a script that is killed, and ends what it had on its hosts.
hosts_guard() {
	export -f hosts_of
	# shellcheck disable=SC2016 # for the inner shell
	setsid bash -c 'tail --pid="$2" -f /dev/null
		for host in $(hosts_of "$1"); do
			while pids=$(ip netns pids "$host") && [ -n "$pids" ]; do kill -9 $pids; read -rt 0.1 <> <(:); done
			ip netns del "$host"
		done' guard "$net" $$ </dev/null >/dev/null 2>&1 &
	export -fn hosts_of
}
pull() { ip -n "$net-db" link set "port$1" down; }
put_back() { ip -n "$net-db" link set "port$1" up; }

account=
as_account() { setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups "$@"; }
on() { # HOST COMMAND [ARG...]
	local host=$1
	shift
	ip netns exec "$net-$host" setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups "$@"
}

database_over_there() {
	local source_dir pg_bin
	account=$(stat -Lc %U "$HOME_DIR/db")
	chown "$account" "$WORK"
	pg_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	source_dir=$(sed -n 's/^conninfo = "host=\([^ ]*\) .*/\1/p' "$HOME_DIR/conf/jqm.ini")
	psql_over_there=$pg_bin/psql
	as_account mkdir -m 700 "$WORK/pg"
	ok "a copy of the database" as_account "$pg_bin/pg_basebackup" -h "$source_dir" -U postgres -D "$WORK/pg/data" -c fast
	ok "the home is not needed any more" "$JQM" down --home "$HOME_DIR"
	printf "listen_addresses = '%s'\nunix_socket_directories = '%s'\n" "$db" "$WORK/pg" |
		as_account tee -a "$WORK/pg/data/postgresql.conf" >/dev/null
	echo "host jqm all 10.77.0.0/24 trust" | as_account tee -a "$WORK/pg/data/pg_hba.conf" >/dev/null
	at_exit on db "$pg_bin/pg_ctl" -D "$WORK/pg/data" -m immediate stop
	ok "it listens on its network" on db "$pg_bin/pg_ctl" -D "$WORK/pg/data" -l "$WORK/pg/log" -w start
	sql() { as_account "$psql_over_there" -h "$WORK/pg" -U postgres -d jqm -XAtqc "$1"; }
	sql "UPDATE jqm.node SET last_seen_alive = NULL, lease_until = NULL; DELETE FROM jqm.node"
}
