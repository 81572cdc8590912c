# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names of run.sh
# HOSTS=1: each node in a network namespace of its own (lib/hosts.sh), and deeds that are done to its cable.
# Sourced twice: by who makes the hosts, and by the same process on the host of the database, behind all others.

[ -n "${tap_n:-}" ] || . "$here/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$here/lib/hosts.sh"
runners=5 # node 1 is the home's, on the host of its database, and has no cable

move_to_hosts() {
	hosts_up $(seq 2 $runners)
	JQM_TORTURE_HOSTS=$$ exec ip netns exec "$net-db" bash "$here/torture/run.sh"
}
[ "${JQM_TORTURE_HOSTS:-}" != $$ ] || at_exit hosts_down

# jqm up lets its database listen on no network, with an option that no file overrides: a later one does.
database_of_the_home_listens() {
	local pg_bin program
	pg_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	export JQM_PG_BIN=$WORK/pg-bin
	mkdir "$JQM_PG_BIN"
	for program in "$pg_bin"/*; do ln -s "$program" "$JQM_PG_BIN/"; done
	rm "$JQM_PG_BIN/postgres"
	printf '#!/bin/sh\n[ "$1" = -D ] || exec "%s" "$@"\nexec "%s" "$@" -c listen_addresses=%s\n' "$pg_bin/postgres" "$pg_bin/postgres" "$db" \
		>"$JQM_PG_BIN/postgres"
	chmod 755 "$JQM_PG_BIN/postgres"
}
let_hosts_in() {
	database="host=$db dbname=jqm connect_timeout=2"
	on_host() { on "n$1" "${@:2}"; }
	echo "host jqm all 10.77.0.0/24 trust" >>"$HOME_DIR/db/pg_hba.conf"
	sql "SELECT pg_reload_conf()" >/dev/null
	at_exit put_all_back
}
# Of what answers, each node but the home's: its cable is the only way.
all_come_over_cables() {
	[ "$(sql "SELECT string_agg(DISTINCT host(client_addr), ' ' ORDER BY host(client_addr)) FROM pg_stat_activity
		WHERE application_name = 'jqm-runner' AND client_addr IS NOT NULL")" = "$(for n in $(seq 2 $runners); do echo "10.77.0.1$n"; done | xargs)" ]
}
put_all_back() { for n in $(seq 2 $runners); do put_back "$n"; done; }

for _ in 1 2 3 4 5 6; do deeds+=(link_cut); done
for _ in 1 2 3 4 5; do deeds+=(link_cut_long); done
off_until=() # by node, in microseconds
cut_off() { # NODE SECONDS
	local now=${EPOCHREALTIME/./}
	[ "$now" -gt "${off_until[$1]:-0}" ] || return 1
	off_until[$1]=$((now + ($2 + 1) * 1000000))
	pull "$1" && later "$2" put_back "$1"
}
some_cable() { echo $((${lot:-$RANDOM} % (runners - 1) + 2)); }
deed_link_cut() { cut_off "$(some_cable)" 1; }
# Others take its jobs; when it is heard again it must see that.
deed_link_cut_long() {
	local n
	n=$(some_cable)
	may_lose node "t$n" $((lease_ms / 1000 + 4)) && cut_off "$n" $((lease_ms / 1000 + 4))
}
# However short a run is, it has one of these.
first_deed() { deed_link_cut_long && echo link_cut_long >>"$WORK/deeds"; }
