# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the parts of make bench share.  Each part is a script of its own that sources this file, gets a
# stack of its own, and prints lines "what: figures; ratio".  Rounds of ours and of the floor alternate,
# medians are told with all rounds.
#
#	bench_up                     a stack in a fresh home; sets HOME_DIR PORT AUTH64 SOCKETS DATABASE ROLE CONNINFO WORK TOOLS
#	another_home NAME            a second one, of which all is from now on; at_home NAME: of that one ("home" is the first) again
#	sql STATEMENT                as the owner of the database
#	as_owner COMMAND...          as the account the stack runs as
#	define NAME COMMAND [QUEUE]  a shell job
#	mapping_is SLOTS             of the only node and queue of a fresh home
#	run_jobs NAME N              that many jobs of a definition to their end; prints how many a second
#	cpu_us                       processor time so far, see below
#	floor_up select|insert       http_floor.c behind a second nginx with the same configuration; sets FLOOR_PORT
#	rounds CONNECTIONS REQUESTS ARG...   http_load to the floor and to us in turn; sets FLOORS OURS
#	tell_rounds NAME             what they were
#	median ratio                 of numbers on stdin; A / B
#	remove_jobs [CONDITION]      live ones, past the audit trail, which would look at each row
#	wait_until SECONDS COMMAND   every half second, for asking costs what is measured; ends the part when time is over

set -u
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$bench/../.." && pwd)
export TOOLS=$source_dir/build/bench
JQM=$source_dir/build/bin/jqm
: "${BENCH_ROUNDS:=3}"
export FORM=application/x-www-form-urlencoded

fail() { echo "bench: $*" >&2; exit 1; }

bench_up() {
	WORK=$(mktemp -d)
	chmod 755 "$WORK"
	trap 'bench_down' EXIT
	another_home home
}
another_home() {
	local port=$((15000 + RANDOM % 17000))
	"$JQM" up --detach --home "$WORK/$1" --port "$port" >"$WORK/up.log" 2>&1 || { cat "$WORK/up.log"; exit 1; }
	PORTS[$1]=$port
	at_home "$1"
	# The password is computed once before many come with it at the same time.
	curl -sf -o /dev/null -H "Authorization: Basic $AUTH64" "http://127.0.0.1:$PORT/ws/admin/me"
}
declare -A PORTS
at_home() {
	HOME_DIR=$WORK/$1
	PORT=${PORTS[$1]}
	AUTH64=$(printf 'root:%s' "$(cat "$HOME_DIR/root-password")" | base64 -w0)
	SOCKETS=$(sql "SHOW unix_socket_directories")
	DATABASE=$(sql "SELECT current_database()")
	ROLE=$(sql "SELECT current_user")
	OWNER=$(stat -Lc %U "$HOME_DIR/db")
	CONNINFO="host=$SOCKETS dbname=$DATABASE user=$ROLE"
	PGBENCH=$(command -v pgbench || find /usr/lib/postgresql -name pgbench | tail -1)
	export CONNINFO AUTH64 PGBENCH
	fcgi=$(pid_of jqm-fcgi) postmaster=$(pid_of postgres) nginx=$(pid_of nginx)
}
bench_down() {
	local home
	[ -z "${FLOOR_PID-}" ] || { kill "$FLOOR_PID" && wait "$FLOOR_PID"; } 2>/dev/null
	[ -z "${FLOOR_NGINX-}" ] || { kill "$FLOOR_NGINX" && wait "$FLOOR_NGINX"; } 2>/dev/null
	for home in "${!PORTS[@]}"; do "$JQM" down --home "$WORK/$home" >/dev/null 2>&1; done
	rm -rf "$WORK"
}
sql() { "$JQM" psql --home "$HOME_DIR" -XAtqc "$1"; }
as_owner() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && setpriv --reuid "$OWNER" --regid "$(id -gn "$OWNER")" --clear-groups "$@")
	else
		"$@"
	fi
}
owned_dir() { # a directory of the account's own below $WORK
	mkdir -p "$WORK/$1" && chown "$OWNER" "$WORK/$1" && echo "$WORK/$1"
}
define() {
	local where=default_queue
	[ -z "${3:-}" ] || where="name = '$3'"
	sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type)
	     SELECT '$1', id, \$\$$2\$\$, 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE $where" >/dev/null
}
remove_jobs() { sql "SET session_replication_role = replica; DELETE FROM jqm.job_instance WHERE ${1:-true}" >/dev/null; }
mapping_is() { sql "UPDATE jqm.queue_mapping SET max_jobs = $1" >/dev/null; }
pid_of() { cat "$HOME_DIR/run/$1.pid"; }
backend_of_runner() { sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'jqm-runner'"; }
# Microseconds of processor time so far: of the runner, of the keeper, of what it has reaped, of the runner's backend.
cpu_us() {
	local tick=$((1000000 / $(getconf CLK_TCK)))
	{
		sed 's/.*) //' "/proc/$(pid_of jqm-runner)/stat"
		sed 's/.*) //' "/proc/$(pid_of jqm-keeper)/stat"
		sed 's/.*) //' "/proc/$(backend_of_runner)/stat"
	} | awk -v t="$tick" '{own[NR] = ($12 + $13) * t; reaped[NR] = ($14 + $15) * t}
	    END {print own[1], own[2], reaped[2], own[3]}'
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b > 0 ? a / b : 0)}'; }
list() { tr '\n' ' ' | sed 's/ $//'; }
wait_until() {
	local deadline=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$deadline" ] || fail "still not true: $*"
		read -rt 0.5 <> <(:) || true
	done
}
column() { awk -v c="$1" '{print $c}'; }
none_live() { [ "$(sql "SELECT count(*) FROM jqm.job_instance")" = 0 ]; }
# Asked again and again while something is measured: by one session that stays, since each new one takes as much as ten jobs.
history_has() { # LAST-ID JOBS
	local n
	if [ "${ASKER_OF-}" != "$BASHPID" ]; then # a round is a subshell of its own, of one home
		coproc ASKER { exec "$JQM" psql --home "$HOME_DIR" -XAtq; }
		ASKER_OF=$BASHPID
	fi
	echo "SELECT count(*) FROM jqm.history WHERE id > $1;" >&"${ASKER[1]}" && read -r n <&"${ASKER[0]}" && [ "$n" -ge "$2" ]
}
run_jobs() {
	local last
	last=$(last_id)
	sql "SELECT count(jqm.enqueue('$1')) FROM generate_series(1, $2)" >/dev/null
	wait_until 300 history_has "$last" "$2"
	rate_since "$last"
}
rate_since() { sql "SELECT round(count(*) / extract(epoch FROM max(ended_at) - min(attributed_at))) FROM jqm.history WHERE id > $1"; }
last_id() { sql "SELECT greatest((SELECT max(id) FROM jqm.job_instance), (SELECT max(id) FROM jqm.history), 0)"; }

# A program that stays, as the account the stack runs as; its number is in $!.
stay() { # COMMAND...
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && exec setpriv --reuid "$OWNER" --regid "$(id -gn "$OWNER")" --clear-groups "$@") &
	else
		(exec "$@") &
	fi
}
floor_up() {
	local dir
	dir=$(owned_dir floor)
	FLOOR_PORT=$((PORT + 1))
	sql "CREATE TABLE jqm.bench_floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now(), name text);
	     INSERT INTO jqm.bench_floor (name) SELECT 'row ' || n FROM generate_series(1, 1000) AS n" >/dev/null
	sed "s#$HOME_DIR/run/fcgi.sock#$dir/fcgi.sock#; s#$HOME_DIR/run/nginx#$dir/nginx#; s#$HOME_DIR/log#$dir#; s#127.0.0.1:$PORT;#127.0.0.1:$FLOOR_PORT;#" \
		"$HOME_DIR/conf/nginx.conf" >"$dir/nginx.conf"
	chmod 644 "$dir/nginx.conf"
	stay "$TOOLS/http_floor" "$dir/fcgi.sock" "$(workers | wc -l)" "$CONNINFO" "$1"
	FLOOR_PID=$!
	wait_until 20 test -S "$dir/fcgi.sock"
	stay nginx -e "$dir/nginx-error.log" -c "$dir/nginx.conf" -g 'daemon off;'
	FLOOR_NGINX=$!
	wait_until 20 curl -sf -o /dev/null "http://127.0.0.1:$FLOOR_PORT/ws/x"
}
children() { ps -o pid= --ppid "$1"; } # PARENT
workers() { pgrep -P "$fcgi" -x jqm-fcgi; }

# Processor time of a process's children so far, in us.
children_us() { # PARENT
	local pid
	for pid in $(children "$1"); do cat "/proc/$pid/schedstat" 2>/dev/null; done | awk '{t += $1} END {printf "%.0f\n", t / 1000}'
}
# One round: rate, p50, p99, and processor time per request (us) of the client, nginx, workers, database, and all of these.
round() { # PARENT-OF-WORKERS NGINX PORT CONNECTIONS REQUESTS ARG...
	local before figures
	before="$(children_us "$2") $(children_us "$1") $(children_us "$postmaster")"
	figures=$("$TOOLS/http_load" "$3" "$AUTH64" "${@:4}") || fail "http_load"
	echo "$before $(children_us "$2") $(children_us "$1") $(children_us "$postmaster") $5 $figures" |
		awk '{n = ($4 - $1) / $7; w = ($5 - $2) / $7; d = ($6 - $3) / $7
		      printf "%s %s %s %.1f %.1f %.1f %.1f %.1f\n", $8, $9, $10, $11, n, w, d, $11 + n + w + d}'
}
rounds() { # CONNECTIONS REQUESTS ARG...
	local _
	FLOORS='' OURS=''
	for _ in $(seq "$BENCH_ROUNDS"); do
		FLOORS+=$(round "$FLOOR_PID" "$FLOOR_NGINX" "$FLOOR_PORT" "$@")$'\n' || exit 1
		OURS+=$(round "$fcgi" "$nginx" "$PORT" "$@")$'\n' || exit 1
	done
}
middle() { printf %s "$1" | column "$2" | median; } # ROUNDS COLUMN
tell_rounds() { # NAME
	local what
	echo "$1: $(middle "$OURS" 1)/s; floor $(middle "$FLOORS" 1)/s; ratio $(ratio "$(middle "$OURS" 1)" "$(middle "$FLOORS" 1)"), by processor time $(ratio "$(middle "$FLOORS" 8)" "$(middle "$OURS" 8)")"
	for what in OURS FLOORS; do
		echo "    $what: p50 $(middle "${!what}" 2) ms, p99 $(middle "${!what}" 3) ms; us a request: $(middle "${!what}" 8): client $(middle "${!what}" 4), nginx $(middle "${!what}" 5), workers $(middle "${!what}" 6), database $(middle "${!what}" 7); rates $(printf %s "${!what}" | column 1 | list)"
	done
}
