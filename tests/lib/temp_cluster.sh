#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# temp_cluster.sh start DIR   make a private PostgreSQL cluster in DIR (not there yet) and start it
# temp_cluster.sh stop DIR    stop it and remove DIR; nothing to do is success
# temp_cluster.sh guard DIR   start, print "ready", wait for the end of standard input, stop
#
# The cluster listens on a unix socket in DIR/s only, which nobody but its account can enter, and
# asks the kernel who is calling (peer).  Connect with host=DIR/s, as any of the roles below.
# Started by root it runs as JQM_TEST_ACCOUNT (default jqm), since PostgreSQL refuses root.
set -eu

die() {
	echo "temp_cluster.sh: $*" >&2
	exit 1
}

[ $# -eq 2 ] || die "usage: temp_cluster.sh start|stop|guard DIR"
verb=$1
dir=$2
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
# The kernel cuts a socket's path at 107 bytes.
[ ${#dir} -le 85 ] || die "path too long for a socket: $dir"

me=$(id -un)
account=$me
[ "$(id -u)" -ne 0 ] || account=${JQM_TEST_ACCOUNT:-jqm}

as_account() {
	if [ "$account" = "$me" ]; then
		"$@"
	else
		setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups \
		    env HOME="$dir" "$@"
	fi
}

find_bin() {
	newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	if [ -x "$newest/pg_ctl" ]; then
		echo "$newest"
	else
		dirname "$(command -v pg_ctl)" || die "no PostgreSQL server found"
	fi
}

start() {
	bin=$(find_bin)
	mkdir -m 700 "$dir"
	mkdir -m 700 "$dir/s"
	[ "$account" = "$me" ] || chown "$account" "$dir" "$dir/s"
	cd "$dir"
	as_account "$bin/initdb" -D "$dir/data" -U postgres -E UTF8 --locale=C.UTF-8 \
	    --auth-local=peer --auth-host=reject -N >"$dir/initdb.log" 2>&1 ||
	    { cat "$dir/initdb.log" >&2; die "initdb failed"; }
	as_account tee -a "$dir/data/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$dir/s'
		unix_socket_permissions = 0700
		max_connections = 100
		shared_buffers = 64MB
		deadlock_timeout = 200ms
		jit = off
		# It need not survive a power cut.
		fsync = off
		jit = off
		full_page_writes = off
		autovacuum_naptime = 10min
		log_min_messages = fatal
		log_min_error_statement = panic
	END
	echo "local all all peer map=jqm_test" | as_account tee "$dir/data/pg_hba.conf" >/dev/null
	for caller in $(printf '%s\n' root "$account" "$me" | sort -u); do
		for role in postgres jqm_owner jqm_api jqm_runner jqm_notifier jqm_events jqm_client jqm_backup; do
			echo "jqm_test $caller $role"
		done
	done | as_account tee "$dir/data/pg_ident.conf" >/dev/null
	as_account "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start \
	    >"$dir/pg_ctl.log" 2>&1 </dev/null ||
	    { cat "$dir/pg_ctl.log" "$dir/server.log" >&2; die "could not start"; }
}

stop() {
	[ -d "$dir" ] || return 0
	if [ -e "$dir/data/postmaster.pid" ]; then
		cd /
		as_account "$(find_bin)/pg_ctl" -D "$dir/data" -m immediate -w -t 60 stop \
		    >/dev/null 2>&1 || die "could not stop the cluster in $dir"
	fi
	rm -rf "$dir"
}

case $verb in
start) start ;;
stop) stop ;;
guard)
	trap 'stop' EXIT
	trap 'exit 1' HUP INT TERM PIPE
	start
	echo ready
	# The end comes when the process that started us is gone, however it went.
	cat >/dev/null
	;;
*) die "unknown verb $verb" ;;
esac
