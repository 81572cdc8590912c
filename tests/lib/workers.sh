# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Source it behind tap.sh, which stack.sh does: in done_testing the logs of the web API below a directory must tell of no
# worker, and no enqueuer, that died.
#
#	workers_live_in DIR   for who starts a web API himself; stack_up has said it
#	WORKERS_DIE=N         for who kills N of them: so many died, and no more; any: for who kills at random
WORKERS_DIE=${WORKERS_DIE:-0}

workers_live_in() { at_done no_worker_died "$1"; }

# Where no log is left, nothing is said.
no_worker_died() { # DIR
	local kept deaths
	mapfile -t kept < <(find -L "$1" -type f \( -name '*fcgi.log*' -o -name 'fcgi.out' \) 2>/dev/null)
	[ "$WORKERS_DIE" != any ] && [ ${#kept[@]} -gt 0 ] || return 0
	deaths=$(grep -hE ' (worker|enqueuer)_died ' "${kept[@]}")
	if [ "$WORKERS_DIE" -eq 0 ]; then
		is "no worker of the web API died" "$deaths" ''
	else
		is "as many workers of the web API died as were killed: $WORKERS_DIE" "$(grep -c . <<<"$deaths")" "$WORKERS_DIE" ||
			diag "$deaths"
	fi
}
