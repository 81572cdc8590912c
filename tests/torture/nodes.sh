# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # names of run.sh
# The nodes of the torture: the home's own, and others beside it that are started again whenever they end.
# Each has its directories in $WORK/nN; those of node 2 and the home are on small disks where that can be.

runners=4
lease_ms=6000

as_account() {
	if [ "$(id -u)" -eq 0 ]; then setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups "$@"; else "$@"; fi
}

# A file system of its own, small enough to be filled; not without root.
disks=()
small_disk() { # DIRECTORY SIZE
	mkdir -p "$1"
	[ "$(id -u)" -eq 0 ] || return 0
	mount -t tmpfs -o "size=$2,mode=755" tmpfs "$1" || exit 1
	at_exit umount -l "$1"
	disks+=("$1")
}

database= # as nodes beside the home's find it; empty: as it does
ini_of() { # N: the configuration of node N from that of the home
	sed -e "s|^name = .*|name = \"t$1\"|" -e "s|^state_dir = .*|state_dir = \"$WORK/n$1/state\"|" \
		-e "s|^keeper_socket = .*|keeper_socket = \"$WORK/n$1/k\"|" -e "s|^temp_dir = .*|temp_dir = \"$WORK/n$1/tmp\"|" \
		-e "s|^log_dir = .*|log_dir = \"$WORK/n$1/log\"|" -e "s|^joblog_dir = .*|joblog_dir = \"$WORK/n$1/joblogs\"|" \
		-e "s|^delivery_store = .*|delivery_store = \"$WORK/n$1/outputfiles\"|" \
		${database:+-e "s|^conninfo = .*|conninfo = \"$database\"|"} "$HOME_DIR/conf/jqm.ini"
}

# The home has its leases short and its mails sent; what runs takes that up.
configure_home() {
	as_account sed -i -e "s|^\[runner\]|[runner]\nlease_ms = $lease_ms\nheartbeat_ms = 1000\ngrace_ms = 1000|" \
		-e "s|^\[job_environment\]|[job_environment]\nrecord = \"$record\"|" "$HOME_DIR/conf/jqm.ini"
	printf '[mail]\nsmtp_host = 127.0.0.1\nsmtp_port = %d\nfrom = jqm@example.org\ntimeout_ms = 3000\n' "$smtp_port" >>"$HOME_DIR/conf/jqm.ini"
	kill -9 "$(pid_of 1)" "$(cat "$HOME_DIR/run/jqm-notifier.pid")"
}

on_host() { as_account "${@:2}"; } # N COMMAND [ARG...]: where node N is
# N: for as long as $WORK/go is there.
start_node() {
	as_account mkdir -p "$WORK/n$1"
	ini_of "$1" | as_account tee "$WORK/n$1/jqm.ini" >/dev/null
	as_account chmod 600 "$WORK/n$1/jqm.ini"
	# shellcheck disable=SC2016
	on_host "$1" setsid bash -c 'while [ -e "$1/go" ]; do
		"$2/jqm-runner" --config "$1/n$3/jqm.ini" --pid-file "$1/n$3/pid" >>"$1/out.$3" 2>&1; read -rt 0.3 <> <(:); done' \
		torture "$WORK" "$JQM_BIN" "$1" >/dev/null 2>&1 &
}

# Of node N; nothing when it is not a living program of ours: numbers in files may be somebody else's by now.
pid_in() { # FILE
	local pid
	pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$WORK/" && echo "$pid"
}
dir_of() { [ "$1" = 1 ] && echo "$HOME_DIR" || echo "$WORK/n$1"; }
pid_of() { pid_in "$([ "$1" = 1 ] && echo "$HOME_DIR/run/jqm-runner.pid" || echo "$WORK/n$1/pid")"; }
keeper_of() { pid_in "$([ "$1" = 1 ] && echo "$HOME_DIR/run/jqm-keeper.pid" || echo "$WORK/n$1/jqm-keeper.pid")"; }
pid_of_program() { pid_in "$HOME_DIR/run/$1.pid"; }

# All but the home's, and their jobs.
end_nodes() {
	local n pid
	rm -f "$WORK/go"
	for n in $(seq 2 "$runners"); do
		pid=$(pid_of "$n") && kill -TERM "$pid" 2>/dev/null
	done
	wait_for 40 no_node_left
}
no_node_left() {
	local n
	for n in $(seq 2 "$runners"); do ! pid_of "$n" && ! keeper_of "$n" || return 1; done
}
nodes_are() { [ "$(sql "SELECT count(*) FROM jqm.node WHERE lease_until > now()" 2>/dev/null)" = "$1" ]; }
