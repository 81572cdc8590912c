#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jobs that attack what runs them, under the very account of JQM, in a home.  What cannot be kept from such a job is in
# docs/security.md; jobs of accounts of their own are in tests/root/32-run-as.sh.
. "$(dirname "$0")/../lib/stack.sh"
mine=$(cd "$(dirname "$0")" && pwd)
stack_up
export WIRE_VERSION
WIRE_VERSION=$(sed -n 's/^#define KEEPER_WIRE_VERSION //p' "$mine/../../shared/wire/keeper_wire.h")
hostile() { /usr/bin/python3 "$mine/hostile_job.py" "$@"; }
# The same as a job.
job() { # ARG...
	local id
	define Hostile "WIRE_VERSION=$WIRE_VERSION /usr/bin/python3 $mine/hostile_job.py $*; echo over"
	id=$(enqueue Hostile)
	wait_job "$id" 30
	api GET "/ws/simple/stdout?id=$id" | sed '$d'
	[ "$(job_state "$id")" = ENDED ] || echo "(the job has not ended well)"
}
keeper_socket=$(sed -n 's/^keeper_socket = "\(.*\)"/\1/p' "$HOME_DIR/conf/jqm.ini")
fcgi_socket=$(sed -n '/^\[fcgi\]/,/^\[/s/^socket = "\(.*\)"/\1/p' "$HOME_DIR/conf/jqm.ini")

# The sockets that believe whoever connects: no job does.
is "a program of the account that is no job gets an answer of the web API" "$(hostile fcgi "$fcgi_socket")" answered
is "a job does not, whatever certificate it claims" "$(job fcgi "$fcgi_socket")" "refused (closed)"
like "the log says who tried" "$(cat "$HOME_DIR/log/jqm-fcgi.log")" 'stranger_refused reason="connection by a job"'
is "a job gives the keeper no orders" "$(job keeper "$keeper_socket")" "refused (closed)"
like "the keeper's log says who tried" "$(cat "$HOME_DIR/log/jqm-keeper.log")" 'stranger_refused reason="connection by a job"'
escape="setsid env -i WIRE_VERSION=$WIRE_VERSION PATH=/usr/bin:/bin sh -c"
define Escapes "$escape 'ulimit -H -x unlimited; /usr/bin/python3 $mine/hostile_job.py fcgi $fcgi_socket; /usr/bin/python3 $mine/hostile_job.py keeper $keeper_socket; unshare -Ur /usr/bin/python3 $mine/hostile_job.py fcgi $fcgi_socket || echo \"refused (no namespace)\"' 2>/dev/null"
id=$(enqueue Escapes)
wait_job "$id" 30
is "nor one that leaves its session, its environment, its namespace" \
	"$(api GET "/ws/simple/stdout?id=$id" | sed 's/ (.*//' | sort | uniq -c | tr -s ' ')" " 3 refused"
is "the web API serves on" "$(code GET /ws/admin/me)" 200

# Our processes: not traced, not read.
pids=$(for name in jqm jqm-runner jqm-keeper jqm-fcgi jqm-notifier; do cat "$HOME_DIR/run/$name.pid"; done)
pids="$pids $(ps -o ppid= -p "$(cat "$HOME_DIR/run/jqm-keeper.pid")") $(pgrep -P "$(cat "$HOME_DIR/run/jqm-fcgi.pid")" | head -1)"
# shellcheck disable=SC2086,SC2116 # on one line
pids=$(echo $pids)
if [ "${JQM_VARIANT:-}" = asan ]; then
	absent "that nobody looks into our processes" "a sanitizer traces them itself"
else
	looked=$(job look "$pids")
	is "seven processes, ten ways each" "$(wc -l <<<"$looked") $(wc -w <<<"$pids")" "70 7"
	is "none of them is open to a job" "$(grep -v ': refused (\(Permission denied\|Operation not permitted\))$' <<<"$looked")" ""
	# shellcheck disable=SC2086
	is "nor to another program of the account" "$(hostile look $pids | grep -v ': refused (')" ""
fi
(exec sleep 600) &
at_exit kill $!
like "(a program that does not mind is)" "$(hostile look $!)" 'environ: read'
is "all of them are still there" "$(for p in $pids; do kill -0 "$p" && echo here; done | sort | uniq -c | tr -s ' ')" " 7 here"
is "and work" "$(job look "" | wc -l)" 0

# Its token is its own: for its own subtree, and while it runs.
define Keeps 'echo "$JQM_API_LOGIN:$JQM_API_PASSWORD"; exec tail -f /dev/null'
define Plain 'echo plain'
other=$(enqueue Plain)
wait_job "$other"
id=$(enqueue Keeps)
has_token() { [ -n "$(api GET "/ws/simple/stdout?id=$id")" ]; }
ok "a job has a token" wait_for 20 has_token
token=$(api GET "/ws/simple/stdout?id=$id")
as_job() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -u "$token" "${@:2}" "$URL$1"; }
is "it sees itself with it, and no other job, no log of another, no configuration, no account" \
	"$(as_job "/ws/simple/status?id=$id") $(as_job "/ws/simple/status?id=$other") $(as_job "/ws/simple/stdout?id=$other") $(as_job /ws/admin/jd) $(as_job /ws/admin/user)" \
	"200 404 404 403 403"
is "it is not another job with it" "$(curl -sS -m 30 -o /dev/null -w '%{http_code}' -u "job-$other:${token#*:}" "$URL/ws/simple/status?id=$other")" 401
is "it is ended" "$(code POST "/ws/client/ji/killed/$id")" 204
wait_job "$id"
done_testing
