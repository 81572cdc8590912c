#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# "jqm up" in bad surroundings: descriptors missing, numbers of dead processes taken by strangers.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/workers.sh"
: "${JQM_BIN:=$(cd "$(dirname "$0")/../../build/bin" && pwd)}"
jqm=$JQM_BIN/jqm

work=$(scratch)
workers_live_in "$work"
at_exit rm -rf "$work"
home=$work/home
port=$(free_port)
at_exit "$jqm" down --home "$home"

"$jqm" up --detach --home "$home" --port "$port" <&- >&- 2>&-
is "up --detach with 0, 1 and 2 closed succeeds" $? 0
ok "status: all is up, the lock is held" "$jqm" status --home "$home"
nok "so a second up is refused" "$jqm" up --detach --home "$home" --port "$port"
unlike "no file of the home got words for a terminal" \
    "$(cat "$home/state/up.lock" "$home/run/jqm.pid")" '[A-Za-z]'
ok "down" "$jqm" down --home "$home"
nok "a closed standard output is a failure, not a success unseen" sh -c "'$jqm' version >&-"

# After a power failure the pid files name whoever has the number now: here another home's postgres.
cp "$(command -v sleep)" "$work/postgres"
# A shell lets its background ignore SIGQUIT, which is what a postgres of ours would be sent.
setsid env --default-signal=QUIT "$work/postgres" 600 &
stranger=$!
at_exit kill "$stranger"
ok "a stranger called postgres leads a session" wait_for 5 sh -c \
    "[ \"\$(ps -o comm=,sid= -p $stranger | tr -s ' ')\" = 'postgres $stranger' ]"
echo "$stranger" >"$home/run/postgres.pid"
ok "up beside it" "$jqm" up --detach --home "$home"
is "the stranger lives" "$(ps -o comm= -p "$stranger")" postgres
ok "down" "$jqm" down --home "$home"

# Workers of a nginx that was killed together with the supervisor hold the port.
ok "up" "$jqm" up --detach --home "$home"
supervisor=$(cat "$home/run/jqm.pid")
kill -9 "$supervisor" "$(cat "$home/run/nginx.pid")"
wait_for 5 sh -c "! kill -0 $supervisor" # the home is its as long as it has not ended
ok "up again" "$jqm" up --detach --home "$home"
ok "down" "$jqm" down --home "$home"

# A database that is started again while its pid file cannot be written (a full disk): listed when it can be.
ok "up" "$jqm" up --detach --home "$home"
rm "$home/run/postgres.pid" && mkdir -p "$home/run/postgres.pid/in-the-way"
kill -9 "$(head -1 "$home/db/postmaster.pid")"
serves() { curl -sf -o /dev/null -m 5 -u "root:$(cat "$home/root-password")" "http://127.0.0.1:$port/ws/simple/localnode/health"; }
is_told() { grep -q 'program_not_started program=postgres' "$home/log/jqm.log"; }
ok "it is told that it cannot be listed" wait_for 20 is_told
ok "it serves all the same" wait_for 40 serves
nok "status does not know it" "$jqm" status --home "$home"
rm -r "$home/run/postgres.pid"
ok "until it can be listed" wait_for 20 "$jqm" status --home "$home"
is "with its number" "$(cat "$home/run/postgres.pid")" "$(head -1 "$home/db/postmaster.pid")"
ok "down" "$jqm" down --home "$home"

is "psql --help is ours" "$("$jqm" psql --help | head -n 1)" "usage: jqm psql [--home D] [PSQL ARGUMENT]..."
"$jqm" psql --home 2>/dev/null
is "psql --home without a directory is a wrong command line" $? 2
done_testing
