#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make bench: what the stack does, against what this machine can do at best, in the same run.  Prints
# ratios; never fails on time.
set -u
cd "$(dirname "$0")/../.." || exit 1
conf/install-packages.sh check || exit 1
make -j"$(nproc)" all >/dev/null || exit 1
tools=$PWD/build/bench
mkdir -p $tools
for t in spawn_floor http_enqueue; do
	${CC:-cc} -O2 -std=c11 -D_GNU_SOURCE -o $tools/$t tests/bench/$t.c || exit 1
done
jqm=$PWD/build/bin/jqm
work=$(mktemp -d)
chmod 755 "$work"
home=$work/home
port=$((15000 + RANDOM % 17000))
trap '$jqm down --home "$home" >/dev/null 2>&1; rm -rf "$work"' EXIT
$jqm up --detach --home "$home" --port $port >"$work/up.log" 2>&1 || { cat "$work/up.log"; exit 1; }
sql() { $jqm psql --home "$home" -XAtqc "$1"; }
auth=$(printf 'root:%s' "$(cat "$home/root-password")" | base64 -w0)
rounds=${BENCH_ROUNDS:-3}
connections=16
in_flight=10
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b > 0 ? a / b : 0)}'; }
rss() {
	local p pid child
	for p in jqm-runner jqm-keeper jqm-fcgi nginx postgres; do
		pid=$(cat "$home/run/$p.pid" 2>/dev/null) || continue
		printf '  %-12s' $p
		for child in $pid $(pgrep -P "$pid"); do
			[ "$child" = "$pid" ] || [ $p = jqm-fcgi ] || [ $p = nginx ] || [ $p = postgres ] || continue
			awk '/^Rss:/ {r = $2} /^Pss:/ {p = $2} END {printf " %.1f/%.1f", r / 1024, p / 1024}' "/proc/$child/smaps_rollup" 2>/dev/null
		done | cut -c1-100
	done
}

echo "machine: $(nproc) cores, $(uname -r), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
echo "memory idle, MB resident/proportional, parent then children:"
rss

sql "INSERT INTO jqm.queue (name) VALUES ('BENCH');
     INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT 'BenchHeld', id, 'true', 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE name = 'BENCH';
     INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT 'BenchNoop', id, 'true', 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE default_queue;
     CREATE TABLE jqm.bench_floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now(), name text);" >/dev/null
sockets=$(sql "SHOW unix_socket_directories")
database=$(sql "SELECT current_database()")
role=$(sql "SELECT current_user")
owner=$(stat -Lc %U "$home/db")
as_owner() {
	if [ "$(id -u)" -eq 0 ]; then setpriv --reuid "$owner" --regid "$(id -gn "$owner")" --clear-groups "$@"; else "$@"; fi
}
pgbench=$(command -v pgbench || ls /usr/lib/postgresql/*/bin/pgbench | tail -1)
echo "INSERT INTO jqm.bench_floor (name) VALUES ('x');" >"$work/insert.sql"
chmod 644 "$work/insert.sql"

floors=() ours=() p50=() p99=()
for _ in $(seq "$rounds"); do
	floors+=("$(cd / && as_owner "$pgbench" -h "$sockets" -U "$role" -n -c $connections -j 2 -T 4 -M prepared -f "$work/insert.sql" "$database" 2>"$work/pgbench.err" | awk '/^tps/ {printf "%d", $3}')")
	read -r rate a b < <($tools/http_enqueue $port "$auth" $connections 12000 BenchHeld)
	ours+=("$rate") p50+=("$a") p99+=("$b")
done
floor=$(printf '%s\n' "${floors[@]}" | median)
rate=$(printf '%s\n' "${ours[@]}" | median)
echo "enqueue over HTTP, $connections connections: $rate/s (p50 $(printf '%s\n' "${p50[@]}" | median) ms, p99 $(printf '%s\n' "${p99[@]}" | median) ms); rounds: ${ours[*]}"
echo "floor, single-row durable inserts, $connections connections: $floor/s; rounds: ${floors[*]}"
echo "ratio enqueue: $(ratio "$rate" "$floor")"

floors=() ours=()
sql "UPDATE jqm.queue_mapping SET max_jobs = $in_flight" >/dev/null
for _ in $(seq "$rounds"); do
	mkdir "$work/floor" && floors+=("$($tools/spawn_floor 2000 $in_flight "$work/floor")")
	rm -rf "$work/floor"
	sql "UPDATE jqm.queue_mapping SET enabled = false" >/dev/null
	until [ "$(sql "SELECT count(*) FROM jqm.job_instance WHERE state IN ('ATTRIBUTED', 'RUNNING')")" = 0 ]; do :; done
	last=$(sql "SELECT greatest((SELECT max(id) FROM jqm.job_instance), (SELECT max(id) FROM jqm.history), 0)")
	sql "SELECT count(jqm.enqueue('BenchNoop')) FROM generate_series(1, 3000); UPDATE jqm.queue_mapping SET enabled = true" >/dev/null
	while [ "$(sql "SELECT count(*) FROM jqm.history WHERE id > $last")" -lt 3000 ]; do read -rt 0.2 <> <(:) || true; done
	ours+=("$(sql "SELECT round(count(*) / extract(epoch FROM max(ended_at) - min(attributed_at))) FROM jqm.history WHERE id > $last")")
done
floor=$(printf '%s\n' "${floors[@]}" | median)
rate=$(printf '%s\n' "${ours[@]}" | median)
echo "no-op shell jobs end to end, $in_flight in flight: $rate/s; rounds: ${ours[*]}"
echo "floor, sh -c true with session, directory and log, $in_flight in flight: $floor/s; rounds: ${floors[*]}"
echo "ratio jobs: $(ratio "$rate" "$floor")"
echo "memory loaded, MB resident/proportional:"
rss

last=$(sql "SELECT max(id) FROM jqm.history")
for _ in $(seq 200); do
	$tools/http_enqueue $port "$auth" 1 1 BenchNoop >/dev/null
	until [ "$(curl -s -u "root:$(cat "$home/root-password")" "http://127.0.0.1:$port/ws/client/ji/active" -H 'Accept: application/json' | grep -c BenchNoop)" = 0 ]; do :; done
done
echo "enqueue (commit) to start of the command, one at a time: $(sql "SELECT 'median ' || round(percentile_cont(0.5) WITHIN GROUP (ORDER BY d)::numeric, 2) || ' ms, p99 ' || round(percentile_cont(0.99) WITHIN GROUP (ORDER BY d)::numeric, 2) || ' ms, ' || count(*) || ' jobs' FROM (SELECT extract(epoch FROM started_at - enqueued_at) * 1000 AS d FROM jqm.history WHERE id > $last AND state = 'ENDED') AS x")"
