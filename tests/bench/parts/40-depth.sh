#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What grows must not slow what runs.  A claim with 100,000 jobs waiting against 100; the end of jobs, and no-op jobs as
# a whole, with $BENCH_HISTORY (5,000,000) rows of history against none; and no-op jobs while another session holds a
# snapshot open for $BENCH_SNAPSHOT_S (600) seconds, and after it.  Goals: 1.2 times the cost of a claim and of an end;
# 0.8 of the rate, 0.5, and 0.9 when it is over.
#
# A machine that others share is now half as fast, now twice, for minutes.  So all that is compared is measured in turn: both
# depths, and two homes, of which "none" never has a history or an open snapshot.  Of what a statement takes the least of all
# rounds counts (each is a session of its own and takes 0.30 or 0.41 ms, whatever waits); of rates the median.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

history=${BENCH_HISTORY:-5000000}
snapshot_s=${BENCH_SNAPSHOT_S:-600}
jobs=${BENCH_JOBS:-3000}
deep=${BENCH_WAITING:-100000}
kinds=20 users=1000
rounds=$((BENCH_ROUNDS * 2 + 1))

# Definitions, users and queues as a busy site has them.  Sets node and queue, the same in each fresh home.
as_a_site() {
	define BenchNoop true
	mapping_is 10
	node=$(sql "SELECT id FROM jqm.node WHERE NOT template")
	queue=$(sql "SELECT id FROM jqm.queue WHERE default_queue")
	sql "INSERT INTO jqm.queue (name) SELECT 'BENCH' || i FROM generate_series(1, 5) AS i;
	     INSERT INTO jqm.job_def (name, queue_id, path, path_type, module, application)
	     SELECT 'BenchKind' || i, $queue, 'true', 'DEFAULTSHELLCOMMAND', 'm' || i % 7, 'a' || i % 3 FROM generate_series(0, $kinds - 1) AS i;
	     INSERT INTO jqm.name_snapshot (kind, name) SELECT 'u', 'user' || i FROM generate_series(0, $users - 1) AS i" >/dev/null
}
# As the account jqm_runner, in one transaction that is taken back: what the owner does himself is looked at more
# closely, row by row.
as_runner() { as_owner psql -h "$SOCKETS" -U jqm_runner -d "$DATABASE" -XAtq -v ON_ERROR_STOP=1 -c "BEGIN; $1; ROLLBACK" | tail -1; }
incarnation() { sql "SELECT incarnation FROM jqm.node WHERE id = $node"; }
median_of_took="PERFORM set_config('bench.ms', (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FROM unnest(took) AS t)::numeric(10, 3)::text, false)"

# A mapping that is not there, for a claim takes nothing from a queue that is paused.
nobody_takes() {
	sql "DELETE FROM jqm.queue_mapping" >/dev/null
	wait_until 20 said_last 0
}
somebody_takes() {
	sql "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms) VALUES ($node, $queue, 10, 60000)" >/dev/null
	wait_until 20 said_last 10
}
said_last() { grep -h " mapping queue=$queue " "$HOME_DIR/log/jqm-runner.log" | tail -1 | grep -q "max_jobs=$1\$"; } # MAX_JOBS

# Milliseconds of a claim of ten that is taken back, by the server's own clock.
claim_ms() {
	as_runner "DO \$\$
	DECLARE
		begun timestamptz;
		took float8[] := '{}';
		n int;
	BEGIN
		FOR i IN 1 .. 200 LOOP
			begun := clock_timestamp();
			BEGIN
				SELECT count(*) INTO n FROM jqm.claim($node, $(incarnation), $queue, 10);
				took := took || extract(epoch FROM clock_timestamp() - begun) * 1000;
				ASSERT n = 10, 'a claim of ten took ' || n;
				RAISE EXCEPTION 'back' USING ERRCODE = 'JQBEN';
			EXCEPTION WHEN SQLSTATE 'JQBEN' THEN NULL;
			END;
		END LOOP;
		$median_of_took;
	END \$\$; SELECT current_setting('bench.ms')"
}
# Milliseconds of a turn that tells the ends of 20 running jobs and nothing else, as a busy runner does; 200 turns, each
# of other jobs.  Starts are told before, and claims made, outside of what is measured.
finish_ms() {
	as_runner "DO \$\$
	DECLARE
		begun timestamptz;
		took float8[] := '{}';
		ids bigint[] := '{}';
		ends jqm.plain_end[];
		n int;
	BEGIN
		FOR i IN 1 .. 40 LOOP
			ids := ids || ARRAY (SELECT id FROM jqm.claim($node, $(incarnation), $queue, 100));
			PERFORM jqm.turn($node, $(incarnation), (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt', 1, 'ago_ms', 5))
			    FROM unnest(ids[i * 100 - 99:]) AS id), NULL, NULL, NULL);
		END LOOP;
		FOR i IN 1 .. 200 LOOP
			ends := ARRAY (SELECT (id, 1, 'ENDED', 0, NULL, 5.125, 0.25, 1, 1, 1800)::jqm.plain_end FROM unnest(ids[i * 20 - 19:i * 20]) AS id);
			begun := clock_timestamp();
			SELECT count(*) INTO n FROM jqm.turn($node, $(incarnation), NULL, NULL, NULL, NULL, ends);
			took := took || extract(epoch FROM clock_timestamp() - begun) * 1000;
			ASSERT n = 20, 'of 20 ends counted ' || n;
		END LOOP;
		$median_of_took;
	END \$\$; SELECT current_setting('bench.ms')"
}
# 4,000 jobs of all definitions and users wait; then what their ends cost; then they are gone.  Live rows are new each
# time, so that history is all that differs.
end_of_many_ms() {
	sql "SELECT count(jqm.enqueue('BenchKind' || i * 7 % $kinds, user_name => 'user' || i * 37 % $users,
	            keyword1 => CASE WHEN i % 3 = 0 THEN 'k' || i % 500 END, session_id => CASE WHEN i % 5 = 0 THEN 's' || i END))
	       FROM generate_series(1, 4000) AS i" >/dev/null
	sql "VACUUM ANALYZE jqm.job_instance" >/dev/null
	finish_ms
	remove_jobs
	sql "VACUUM jqm.job_instance" >/dev/null
}
waiting_are() { # JOBS, of which some wait already
	sql "SELECT count(jqm.enqueue('BenchNoop')) FROM generate_series((SELECT count(*) FROM jqm.job_instance) + 1, $1)" >/dev/null
	sql "VACUUM ANALYZE jqm.job_instance" >/dev/null
}
figures() { median <<<"${1%$'\n'}"; } # LINES
least() { sort -n <<<"${1%$'\n'}" | head -1; } # LINES
all_of() { printf '(%s)' "$(list <<<"${1%$'\n'}")"; } # LINES

# The same in the home with history and in the one without, in turn; sets with and none, a line for each round.
with='' none=''
in_turn() { # TIMES COMMAND...
	local times=$1
	shift
	with='' none=''
	for _ in $(seq "$times"); do
		at_home home
		with+=$("$@")$'\n' || exit 1
		at_home none
		none+=$("$@")$'\n' || exit 1
	done
	at_home home
}
in_both() { at_home none; "$@"; at_home home; "$@"; } # COMMAND...

bench_up
as_a_site
another_home none
as_a_site
in_both nobody_takes

few='' many=''
for _ in $(seq "$rounds"); do
	waiting_are 100
	few+=$(claim_ms)$'\n' || exit 1
	waiting_are "$deep"
	many+=$(claim_ms)$'\n' || exit 1
	remove_jobs
	sql "VACUUM jqm.job_instance" >/dev/null
done
echo "claim of 10 with $deep waiting: $(least "$many") ms $(all_of "$many"); with 100: $(least "$few") ms $(all_of "$few"); ratio $(ratio "$(least "$many")" "$(least "$few")")"

# Half a year: each row's definition, queue, user and node by chance, most of what runs at the same time of the same few;
# nine of ten ended well.  Ids follow time and are drawn for the past, so that its partitions are there and new jobs come
# behind it, into one that is partly full.
first=$(($(last_id) + 1))
sql "SELECT setval('jqm.job_instance_id_seq', $first + $history)" >/dev/null
while [ "$(sql "SELECT jqm.history_extend()")" != 0 ]; do :; done
begun=$EPOCHSECONDS
sql "SET synchronous_commit = off;
     WITH kind AS MATERIALIZED (
	SELECT array_agg(id ORDER BY id) AS ids, array_agg(snapshot_id ORDER BY id) AS snapshots FROM jqm.job_def WHERE name LIKE 'BenchKind%'
     ), place AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids, array_agg(name_id ORDER BY id) AS names FROM jqm.queue
     ), who AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM jqm.name_snapshot WHERE kind = 'u'
     ), asker AS MATERIALIZED (SELECT min(id) AS id FROM jqm.name_snapshot WHERE kind = 'a'
     ), node AS MATERIALIZED (SELECT name_id FROM jqm.node WHERE id = $node)
     INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, user_name_id, submitter_id, queue_name_id, node_name_id,
	    priority, attempt, incarnation, enqueued_at, attributed_at, started_at, ended_at, highlander, from_schedule, progress,
	    session_key, application, module, keyword1, keyword2, parent_id, parameters, exit_code, signal, reason, user_ms, system_ms, max_rss_kb)
     SELECT $first + i, kind.ids[k], place.ids[q], s.state, kind.snapshots[k], who.ids[u], asker.id, place.names[q],
	    CASE WHEN s.state <> 'CANCELLED' THEN node.name_id END, i % 4, 1, 1, t.at, r.began, r.began, coalesce(r.began, t.at) + e.d,
	    false, i % 4 = 0, 0, CASE WHEN i % 5 = 0 THEN 's' || i / 20 END, CASE WHEN i % 2 = 0 THEN 'a' || i % 50 END,
	    CASE WHEN i % 3 = 0 THEN 'm' || i % 70 END, CASE WHEN i % 3 = 0 THEN 'k' || u % 500 END, CASE WHEN i % 10 = 0 THEN 'kk' || i % 9973 END,
	    CASE WHEN i % 6 = 0 THEN $first + i - 1 - u % 5 END,
	    CASE WHEN i % 2 = 0 THEN '{}' ELSE jsonb_build_object('month', i % 12, 'file', 'in-' || i) END,
	    CASE s.state WHEN 'ENDED' THEN 0 WHEN 'CRASHED' THEN 1 + i % 3 END, CASE s.state WHEN 'KILLED' THEN 15 END,
	    CASE s.state WHEN 'KILLED' THEN 'killed by user' || u WHEN 'CANCELLED' THEN 'cancelled' END, i % 900, i % 90, 1800 + i % 9000
       FROM generate_series(0, $history - 1) AS i
      CROSS JOIN LATERAL (SELECT abs(hashint8(i)::bigint) AS h) AS x
      CROSS JOIN LATERAL (SELECT 1 + (h % $kinds * (h / 64 % $kinds) / $kinds)::int AS k, 1 + (h % 11 * (h / 512 % 5) / 10)::int AS q,
	    1 + (h % $users * (h / 4096 % $users) / $users)::int AS u) AS c
      CROSS JOIN LATERAL (SELECT CASE WHEN h % 100 < 90 THEN 'ENDED' WHEN h % 100 < 96 THEN 'CRASHED' WHEN h % 100 < 99 THEN 'KILLED' ELSE 'CANCELLED' END AS state) AS s
      CROSS JOIN LATERAL (SELECT now() - ($history - i) * interval '180 days' / $history AS at) AS t
      CROSS JOIN LATERAL (SELECT CASE WHEN s.state <> 'CANCELLED' THEN t.at + h % 60000 * interval '1 ms' END AS began) AS r
      CROSS JOIN LATERAL (SELECT power(1.0001, h % 100000) * interval '1 ms' AS d) AS e,
	    kind, place, who, asker, node" >/dev/null || fail "history"
sql "VACUUM ANALYZE jqm.history" >/dev/null
sql "CHECKPOINT" >/dev/null
made=$(sql "SELECT count(*) FROM jqm.history WHERE id >= $first")
[ "$made" = "$history" ] || fail "$made rows of history"
echo "$history rows of half a year, $kinds definitions, $users users, made in $((EPOCHSECONDS - begun)) s"

in_turn "$rounds" end_of_many_ms
echo "20 ends in one turn with $history rows of history: $(least "$with") ms $(all_of "$with"); with none: $(least "$none") ms $(all_of "$none"); ratio $(ratio "$(least "$with")" "$(least "$none")")"
in_both somebody_takes
in_turn "$rounds" run_jobs BenchNoop "$jobs"
before=$(ratio "$(figures "$with")" "$(figures "$none")")
echo "no-op jobs with $history rows of history: $(figures "$with")/s $(all_of "$with"); with none: $(figures "$none")/s $(all_of "$none"); ratio $before"

# For two thirds of the time it only works; then it is compared, to the end.
sql "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jqm.job_instance; SELECT pg_sleep($snapshot_s); COMMIT" >/dev/null &
holder=$!
began_s=$EPOCHSECONDS
alone=''
while [ "$EPOCHSECONDS" -lt $((began_s + snapshot_s * 2 / 3)) ]; do alone+=$(run_jobs BenchNoop "$jobs")$'\n' || exit 1; done
under='' others=''
while [ "$EPOCHSECONDS" -lt $((began_s + snapshot_s - 10)) ]; do
	in_turn 1 run_jobs BenchNoop "$jobs"
	under+=$with others+=$none
done
kill -0 $holder || fail "the snapshot was gone too early"
wait $holder
echo "no-op jobs under a snapshot held for $snapshot_s s: at its end $(figures "$under")/s $(all_of "$under"); where none is held, at the same time: $(figures "$others")/s $(all_of "$others"); ratio $(ratio "$(ratio "$(figures "$under")" "$(figures "$others")")" "$before") of what it was before; $(figures "$alone")/s in the time before that"
in_turn "$rounds" run_jobs BenchNoop "$jobs"
echo "no-op jobs after it: $(figures "$with")/s $(all_of "$with"); where none was held: $(figures "$none")/s $(all_of "$none"); ratio $(ratio "$(ratio "$(figures "$with")" "$(figures "$none")")" "$before") of what it was before"
