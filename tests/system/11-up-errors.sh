#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What "jqm up" refuses, in words that help, leaving nothing behind.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/workers.sh"
: "${JQM_BIN:=$(cd "$(dirname "$0")/../../build/bin" && pwd)}"
jqm=$JQM_BIN/jqm

work=$(scratch)
workers_live_in "$work"
at_exit rm -rf "$work"
port=$(free_port)

# fails DESCRIPTION PATTERN HOME [ARG...]: up of HOME fails, says PATTERN and leaves no process.
fails() {
	local description=$1 pattern=$2 home=$3 output status
	shift 3
	output=$("$jqm" up --detach --home "$home" "$@" 2>&1)
	status=$?
	nok "$description: exit code is not 0" test $status -eq 0
	like "$description: the reason is named" "$output" "$pattern"
	is "$description: no process is left" "$(pgrep -f -- "$home/")" ""
}

for bad in 0 65536 -1 x "" 1789x 99999999999999999999; do
	output=$("$jqm" up --home "$work/never" --port "$bad" 2>&1)
	is "port \"$bad\" is a wrong command line" $? 2
	like "port \"$bad\" is named" "$output" "port \"$bad\" is not a number from 1 to 65535"
done
output=$("$jqm" up --home "$work/never" --node 'a b' 2>&1)
is "a node name with a blank is a wrong command line" $? 2
output=$("$jqm" up --home "$work/never" extra 2>&1)
is "an extra word is a wrong command line" $? 2
nok "nothing was made by any of these" test -e "$work/never"

# shellcheck disable=SC2016
for bad in "$work/a\"b" "$work/a\$b" "$work/a;b" "$work/a%b" "$work/a
b"; do
	fails "home $(printf '%q' "${bad##*/}")" "cannot stand in configuration files" "$bad"
	nok "home $(printf '%q' "${bad##*/}"): not made" test -e "$bad"
done

# The port belongs to somebody else.
ok "one home runs" "$jqm" up --detach --home "$work/one" --port "$port"
at_exit "$jqm" down --home "$work/one"
fails "port in use" "port $port is in use by nginx, process [0-9]+" "$work/two" --port "$port"
nok "port in use: nothing was made" test -e "$work/two"

# Two homes live side by side.
other=$(free_port)
ok "a second home on another port" "$jqm" up --detach --home "$work/two" --port "$other"
at_exit "$jqm" down --home "$work/two"
health() { # HOME PORT
	curl -s -o /dev/null -w '%{http_code} ' -u "root:$(cat "$work/$1/root-password")" "http://127.0.0.1:$2/ws/simple/localnode/health"
}
is "both serve" "$(health one "$port"; health two "$other")" "200 200 "
nok "their passwords differ" cmp -s "$work/one/root-password" "$work/two/root-password"
ok "one is stopped" "$jqm" down --home "$work/one"
is "the other serves on" "$(health two "$other")" "200 "
ok "so is the other" "$jqm" down --home "$work/two"

# A directory that is no home is not touched.
mkdir "$work/mine" && echo precious >"$work/mine/file"
fails "somebody's directory" "no home of jqm and not empty" "$work/mine" --port "$port"
is "somebody's directory: untouched" "$(find "$work/mine" | sort)" "$work/mine
$work/mine/file"
echo >"$work/file"
fails "a file" "Not a directory|could not open" "$work/file" --port "$port"
mkdir "$work/closed" && chmod 500 "$work/closed"
fails "a place that cannot be written" "Permission denied" "$work/closed/home" --port "$port"
nok "a place that cannot be written: nothing made" test -e "$work/closed/home"

# Programs that are missing.
export JQM_PG_BIN=$work/nowhere
fails "no PostgreSQL" "install package postgresql" "$work/new" --port "$port"
unset JQM_PG_BIN
export JQM_NGINX=$work/nowhere/nginx
fails "no nginx" "install package nginx" "$work/new" --port "$port"
unset JQM_NGINX
nok "missing programs: nothing was made" test -e "$work/new"
mkdir -p "$work/inst/bin" && cp "$jqm" "$work/inst/bin/"
output=$("$work/inst/bin/jqm" up --detach --home "$work/new" --port "$port" 2>&1)
is "no files of ours: exit code" $? 1
like "no files of ours: named" "$output" "share/jqm"
cp -R "$JQM_BIN/../share" "$work/inst/"
output=$("$work/inst/bin/jqm" up --detach --home "$work/new" --port "$port" 2>&1)
is "no jqm-fcgi: exit code" $? 1
like "no jqm-fcgi: named" "$output" "bin/jqm-fcgi\" is missing"

# A program of ours that cannot start: named, with its last words; the next start is not hindered.
cp "$JQM_BIN"/jqm-* "$work/inst/bin/"
printf '#!/bin/sh\necho the moon is full >&2\nexit 7\n' >"$work/inst/bin/jqm-runner.bad"
chmod 755 "$work/inst/bin/jqm-runner.bad"
mv "$work/inst/bin/jqm-runner" "$work/inst/bin/jqm-runner.good"
cp "$work/inst/bin/jqm-runner.bad" "$work/inst/bin/jqm-runner"
output=$("$work/inst/bin/jqm" up --detach --home "$work/new" --port "$port" 2>&1)
is "a runner that ends at once: exit code" $? 1
like "a runner that ends at once: named with its exit code" "$output" "jqm-runner could not start.*exit code 7"
like "a runner that ends at once: its last words" "$output" "the moon is full"
is "a runner that ends at once: no process is left" "$(pgrep -f -- "$work/new/")" ""
mv "$work/inst/bin/jqm-runner.good" "$work/inst/bin/jqm-runner"
ok "a failed first start does not hinder the next" \
    "$work/inst/bin/jqm" up --detach --home "$work/new" --port "$port"
at_exit "$jqm" down --home "$work/new"
ok "down" "$jqm" down --home "$work/new"

# Damage.
damage() { # DESCRIPTION PATTERN COMMAND...
	local description=$1 pattern=$2 copy=$work/damaged
	shift 2
	rm -rf "$copy"
	cp -a "$work/new" "$copy"
	(cd "$copy" && "$@")
	fails "$description" "$pattern" "$copy" --port "$port"
}
damage "no PG_VERSION" "damaged" rm db/PG_VERSION
damage "an empty PG_VERSION" "damaged" truncate -s 0 db/PG_VERSION
damage "a database of another version" "made by PostgreSQL 9, installed is .* install package postgresql-9" \
    sh -c 'echo 9 >db/PG_VERSION'
damage "no pg_control" "damaged" rm db/global/pg_control
damage "a broken pg_control" "postgres could not start" sh -c 'head -c 8192 /dev/zero >db/global/pg_control'
damage "a broken postgresql.conf" "postgres could not start" sh -c 'echo "nonsense" >>db/postgresql.conf'
damage "a configuration others can read" "jqm.ini.*chmod 600" chmod 644 conf/jqm.ini
damage "an unknown setting" "jqm.ini.*line [0-9]+" sh -c 'printf "\n[runner2]\nx = 1\n" >>conf/jqm.ini'
damage "a configuration that cannot be read" "jqm.ini" chmod 000 conf/jqm.ini

# Not damage: what a power failure or kill -9 leaves.
harmless() { # DESCRIPTION COMMAND...
	local description=$1 copy=$work/harmless
	shift
	rm -rf "$copy"
	cp -a "$work/new" "$copy"
	(cd "$copy" && "$@")
	ok "$description is no hindrance" "$jqm" up --detach --home "$copy" --port "$port"
	ok "$description: down" "$jqm" down --home "$copy"
}
# These pids belong to processes that live and are none of the home's.
harmless "a stale postmaster.pid" sh -c "printf '%s\n' $$ >db/postmaster.pid"
harmless "stale pid files" sh -c "for p in jqm nginx jqm-fcgi jqm-runner jqm-notifier jqm-events jqm-hooks postgres; do echo $$ >run/\$p.pid; done"
harmless "an unfinished db.new" sh -c 'mkdir db.new && echo 15 >db.new/PG_VERSION'
harmless "a missing run directory" rm -rf run
harmless "a missing log directory" rm -rf log
# A home without a database, as a first start that was killed leaves it.
harmless "an empty db" sh -c 'rm -rf db root-password && mkdir db'
ok "the process whose pid stood there lives" kill -0 $$
done_testing
