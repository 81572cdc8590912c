#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A home's life: first start, state, stop with nothing left, second start with everything kept.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/workers.sh"
: "${JQM_BIN:=$(cd "$(dirname "$0")/../../build/bin" && pwd)}"
jqm=$JQM_BIN/jqm

work=$(scratch)
workers_live_in "$work"
at_exit rm -rf "$work"
home=$work/home
at_exit "$jqm" down --home "$home"
port=$(free_port)
url=http://127.0.0.1:$port

# Every process that names the home on its command line, but not this script and what it runs.
processes() { pgrep -f -- "$work/home" | grep -vx "$$" || true; }
http_code() { curl -s -o /dev/null -w '%{http_code}' -m 10 "$@"; }
# What a home says to its root of whether it is well, at an address.
health() { http_code -u "root:$(cat "$1/root-password")" "$2/ws/simple/localnode/health"; }
sql() { "$jqm" psql --home "$home" -XAtqc "$1"; }
state() { "$jqm" status --home "$home" --json; }

output=$("$jqm" status --home "$home" 2>&1)
is "status of a home that does not exist is 3" $? 3
output=$("$jqm" down --home "$home" 2>&1)
is "down of it is a success" $? 0
like "down says that nothing ran" "$output" "was not running"

output=$("$jqm" up --home "$home" --port "$port" --detach 2>&1)
is "up --detach succeeds" $? 0
like "up names the address" "$output" "$url/"
like "up names the file of the password" "$output" "$home/root-password"
is "the first request after up is served" "$(health "$home" "$url")" 200
password=$(cat "$home/root-password")
like "the password has 24 characters or more" "$password" '^[A-Za-z0-9]{24,}$'
unlike "up does not print the password" "$output" "$password"
unlike "nor a link to log in by, where no terminal is" "$output" '#/login'
is "root can log in with it" "$(http_code -u "root:$password" "$url/ws/client/q")" 200
is "nobody can with another" "$(http_code -u "root:x$password" "$url/ws/client/q")" 401

is "status is 0 when all run" "$("$jqm" status --home "$home" >/dev/null; echo $?)" 0
is "status lists eight programs, all running" \
    "$(state | jq -r '[.state, (.programs | length), (.programs | map(.pid != null and .up_since != null) | all)] | join(" ")')" \
    "up 8 true"
for program in jqm postgres jqm-fcgi jqm-runner jqm-notifier jqm-events jqm-hooks nginx; do
	is "run/$program.pid is what status says" "$(cat "$home/run/$program.pid")" \
	    "$(state | jq -r ".programs[] | select(.name == \"$program\") | .pid")"
done
is "nothing in the home is open to others" \
    "$(find "$home" -maxdepth 1 -perm /077 ! -type l -printf '%f %m\n' | grep -v '^db ')" ""
is "the home itself is closed" "$(stat -c %a "$home")" 700
is "the database listens on no network" "$(sql 'SHOW listen_addresses')" ""
is "the database checks its pages" "$(sql 'SHOW data_checksums')" on
is "the database is in UTF-8" "$(sql 'SHOW server_encoding')" UTF8
is "psql takes a role" "$("$jqm" psql --home "$home" -XAtq -U jqm_api -c 'SELECT current_user')" jqm_api

ok "data is written" sql "CREATE TABLE kept AS SELECT 'yes' AS word"
echo "# an administrator's remark" >>"$home/conf/jqm.ini"
sed -i 's/^\[runner\]/[runner]\ngrace_ms = 1234/' "$home/conf/jqm.ini"

output=$("$jqm" up --home "$home" --port "$(free_port)" --detach 2>&1)
is "a second up of the same home fails" $? 1
like "and says who has it" "$output" "in use by .*process $(cat "$home/run/jqm.pid")"
is "and harms nobody" "$(health "$home" "$url")" 200

before=$(processes)
like "processes of the home run" "$before" '[0-9]'
ok "down succeeds" "$jqm" down --home "$home"
is "no process of the home is left" "$(processes)" ""
like "the database was shut down, not cut off" "$(tail -n 1 "$home/log/postgres.log")" "database system is shut down"
unlike "and neither lost a client nor was in a hurry" "$(cat "$home/log/postgres.log")" "unexpected postmaster exit|immediate"
is "no pid file is left" "$(find "$home/run" -name "*.pid" -o -name "*.sock" -o -name "*PGSQL*")" ""
is "status is 3 afterwards" "$("$jqm" status --home "$home" >/dev/null; echo $?)" 3
is "nothing answers" "$(http_code "$url/")" 000

port=$(free_port)
url=http://127.0.0.1:$port
ok "it starts again, on another port" "$jqm" up --home "$home" --port "$port" --detach
is "it serves there" "$(health "$home" "$url")" 200
is "data was kept" "$(sql 'SELECT word FROM kept')" yes
is "the password was kept" "$(cat "$home/root-password")" "$password"
is "root can still log in" "$(http_code -u "root:$password" "$url/ws/client/q")" 200
like "the administrator's lines were kept" "$(cat "$home/conf/jqm.ini")" "an administrator's remark"
is "the administrator's setting was kept" "$(grep -c '^grace_ms = 1234$' "$home/conf/jqm.ini")" 1
is "the settings follow the port" "$(grep -c "http://127.0.0.1:$port\"" "$home/conf/jqm.ini")" 2
ok "down" "$jqm" down --home "$home"

ok "without --port it takes the port of the last time" "$jqm" up --home "$home" --detach
is "and serves there" "$(health "$home" "$url")" 200
ok "down" "$jqm" down --home "$home"

ok "a home can be moved" mv "$home" "$work/moved"
at_exit "$jqm" down --home "$work/moved"
ok "and started where it is now" "$jqm" up --home "$work/moved" --detach
is "with its data" "$("$jqm" psql --home "$work/moved" -XAtqc 'SELECT word FROM kept')" yes
is "and no word of where it was" "$(grep -c "$home/" "$work/moved/conf/jqm.ini" "$work/moved/conf/nginx.conf")" \
    "$work/moved/conf/jqm.ini:0
$work/moved/conf/nginx.conf:0"
ok "down" "$jqm" down --home "$work/moved"

# In the foreground, stopped as Ctrl-C and a service manager do.
for signal in INT TERM; do
	setsid "$jqm" up --home "$work/moved" >"$work/$signal.log" 2>&1 &
	pid=$!
	ok "up in the foreground serves (SIG$signal)" wait_for 30 grep -q "JQM is up" "$work/$signal.log"
	kill -s $signal $pid
	wait $pid
	is "it ends with 0 on SIG$signal" $? 0
	is "and leaves no process" "$(pgrep -f -- "$work/moved")" ""
done
# A first start that is interrupted is repeated from where it was.
setsid "$jqm" up --home "$work/late" --port "$(free_port)" >"$work/late.log" 2>&1 &
pid=$!
at_exit "$jqm" down --home "$work/late"
ok "a first start begins" wait_for 30 test -d "$work/late/db.new"
kill -TERM $pid
wait $pid
is "it ends with 1 when interrupted" $? 1
is "and leaves no process" "$(pgrep -f -- "$work/late")" ""
ok "the next start succeeds" "$jqm" up --home "$work/late" --detach --port "$(free_port)"
ok "down" "$jqm" down --home "$work/late"

# A path too long for sockets, with a blank in it.
long="$work/a home with blanks/$(printf 'x%.0s' $(seq 90))/home"
port=$(free_port)
at_exit "$jqm" down --home "$long"
ok "a long path with blanks is a home too" "$jqm" up --home "$long" --port "$port" --detach
is "it serves" "$(health "$long" "http://127.0.0.1:$port")" 200
is "psql finds its socket" "$("$jqm" psql --home "$long" -XAtqc 'SELECT 1')" 1
sockets=$("$jqm" psql --home "$long" -XAtqc 'SHOW unix_socket_directories')
is "the sockets' directory is closed to others" "$(stat -c %a "$sockets")" 700
ok "down" "$jqm" down --home "$long"
nok "the sockets' directory is gone" test -e "$sockets"
done_testing
