#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pages of a search over HTTP on 5,000,000 history rows (BENCH_HISTORY), with each filter alone.  Goals: p95 under 50 ms
# with any one filter, under 10 ms for the first page without.  One request at a time, each filter's value another one.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

rows=${BENCH_HISTORY:-5000000}
times=${BENCH_TIMES:-40}
bench_up
define BenchHeld true
sql "INSERT INTO jqm.name_snapshot (kind, name) SELECT 'u', 'user' || n FROM generate_series(0, 999) AS n" >/dev/null
first=$(sql "SELECT greatest(max(id), 0) + 1 FROM (SELECT max(id) AS id FROM jqm.history) AS h")
sql "SELECT setval(pg_get_serial_sequence('jqm.job_instance', 'id'), $first + $rows); SELECT jqm.history_extend()" >/dev/null
for from in $(seq "$first" 250000 "$rows"); do
	sql "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, queue_name_id, node_name_id, user_name_id, priority, attempt,
	         enqueued_at, started_at, ended_at, highlander, from_schedule, progress, parameters, parent_id, session_key, keyword1, module)
	     SELECT g, d.id, q.id, CASE WHEN g % 50 = 0 THEN 'CRASHED' ELSE 'ENDED' END, d.snapshot_id, q.name_id, n.name_id, u.id, 0, 1,
	            now() - ($rows - g) * interval '1 second', now() - ($rows - g) * interval '1 second', now() - ($rows - g) * interval '1 second',
	            false, false, 0, '{}', nullif(g / 10, 0), 's' || g % 10000, 'k' || g % 1000, 'm' || g % 100
	       FROM generate_series($from, least($from + 249999, $rows)) AS g
	       JOIN jqm.name_snapshot AS u ON u.kind = 'u' AND u.name = 'user' || g % 1000, jqm.job_def AS d, jqm.queue AS q, jqm.node AS n" >/dev/null || fail "history"
done
sql "ANALYZE" >/dev/null

page() { # NAME QUERY-WITH-@: @ is a number, another one each time
	local i
	for i in $(seq "$times"); do
		curl -sS -m 60 -o /dev/null -w '%{time_total}\n' -u "root:$(cat "$HOME_DIR/root-password")" -H 'Content-Type: application/json' \
			-H 'Accept: application/json' --data-binary "${2//@/$((i * 13))}" "http://127.0.0.1:$PORT/ws/client/ji/query"
	done | sort -n | awk -v name="$1" '{v[NR] = $1 * 1000} END {printf "%-28s median %.1f ms, p95 %.1f ms\n", name, v[int((NR + 1) / 2)], v[int(NR * 0.95)]}'
}
echo "$rows rows of history"
page "first page, no filter" '{"pageSize":20,"sortby":[{"col":"ID","order":"DESCENDING"}]}'
page "page behind a key" '{"pageSize":20,"after":@000,"sortby":[{"col":"ID","order":"ASCENDING"}]}'
page "user" '{"pageSize":20,"user":"user@","sortby":[{"col":"ID","order":"DESCENDING"}]}'
page "users, wildcard" '{"pageSize":20,"user":"user@%","sortby":[{"col":"ID","order":"DESCENDING"}]}'
page "definition" '{"pageSize":20,"applicationName":["BenchHeld"],"firstRow":@}'
page "state" '{"pageSize":20,"statuses":["CRASHED"],"firstRow":@}'
page "session" '{"pageSize":20,"sessionId":"s@"}'
page "keyword" '{"pageSize":20,"instanceKeyword1":"k@"}'
page "module" '{"pageSize":20,"instanceModule":"m@"}'
page "parent" '{"pageSize":20,"parentId":@}'
page "id" '{"pageSize":20,"jobInstanceId":@}'
page "user that is not there" '{"pageSize":20,"user":"nobody@"}'
