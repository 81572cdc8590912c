# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A home's database, made once and copied from then on: "jqm up" takes seconds of the processor to make one, and a
# hundred scenarios begin with that.  Not for who is about how it is made.
#
#	made_once HOME     HOME/db as the first "jqm up" has it when nothing of it is of one home only: made, with its schema,
#	                   root without a password.  HOME may be there; HOME/db must not.  Where nothing can be kept beside
#	                   the programs nothing is done, and "jqm up" makes it
#
# What is copied is made by "jqm up" itself, in a home where root's password cannot be written: that is the first
# thing of one home only, and the start ends there, in order.  It lies beside JQM_BIN under a name that follows from
# all it is made of, and the day (nothing in it is to be old); one process makes it, the others wait; another name
# replaces it.  tests/system/15-made-once.sh compares it with one made from nothing.

made_once_place() { printf '%s\n' "${JQM_TEST_MADE_ONCE:-$JQM_BIN/../made-once}"; }

made_once_name() {
	local share=$JQM_BIN/../share/jqm/sql/schema
	{
		date +%F
		printf '%s\n' /usr/lib/postgresql/*/bin/postgres "$share"/*
		stat -Lc '%Y %s' /usr/lib/postgresql/*/bin/postgres
		cat "$JQM_BIN/jqm" "$share"/*
	} | sha256sum | cut -c 1-20
}

# In PLACE, which is locked, the database NAME in place of all others.
made_once_make() { # PLACE NAME
	local place=$1 name=$2 work controldata status=0
	work=$(mktemp -d "${TMPDIR:-/tmp}/jqm-test.XXXXXX") || return 1
	mkdir -p "$work/h/state" "$work/h/root-password"
	: >"$work/h/state/up.lock" # a home, of which one may say that it is not empty
	"$JQM_BIN/jqm" up --home "$work/h" --port "$(free_port)" >"$work/up.log" 2>&1 </dev/null
	controldata=$(printf '%s\n' /usr/lib/postgresql/*/bin/pg_controldata | sort -V | tail -n 1)
	if grep -q "root-password" "$work/up.log" && LC_ALL=C "$controldata" "$work/h/db" | grep -q ': *shut down$'; then
		find "$place" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} + &&
			cp -a "$work/h/db" "$place/$name.new" && mv "$place/$name.new" "$place/$name" || status=1
	else
		diag "no database could be made for later ones:" "$(cat "$work/up.log")"
		status=1
	fi
	rm -rf "$work"
	return $status
}

made_once() { # HOME
	local home=$1 place name lock status=0
	place=$(made_once_place)
	mkdir -p "$place" 2>/dev/null && [ -w "$place" ] || return 0
	name=$(made_once_name) && mkdir -p "$home" && chmod 700 "$home" || return 1
	exec {lock}>>"$place/lock" && flock "$lock" || return 1
	[ -d "$place/$name" ] || made_once_make "$place" "$name" {lock}>&- || status=1
	[ $status -ne 0 ] || cp -a --reflink=auto "$place/$name" "$home/db" || status=1
	exec {lock}>&-
	return $status
}
