#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# "jqm up" in bad surroundings: descriptors missing, numbers of dead processes taken by strangers.
. "$(dirname "$0")/../lib/tap.sh"
: "${JQM_BIN:=$(cd "$(dirname "$0")/../../build/bin" && pwd)}"
jqm=$JQM_BIN/jqm

work=$(scratch)
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
kill -9 "$(cat "$home/run/jqm.pid")" "$(cat "$home/run/nginx.pid")"
ok "up again" "$jqm" up --detach --home "$home"
ok "down" "$jqm" down --home "$home"

is "psql --help is ours" "$("$jqm" psql --help | head -n 1)" "usage: jqm psql [--home D] [PSQL ARGUMENT]..."
"$jqm" psql --home 2>/dev/null
is "psql --home without a directory is a wrong command line" $? 2
done_testing
