#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What grows must not slow what runs: a claim with 100,000 jobs waiting against 100; no-op jobs with
# $BENCH_HISTORY (5,000,000) rows of history against none; and while another session holds a snapshot open for
# $BENCH_SNAPSHOT_S (600) seconds.  Goals: 0.8 of the speed, 0.8, 0.5.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

history=${BENCH_HISTORY:-5000000}
snapshot_s=${BENCH_SNAPSHOT_S:-600}
jobs=${BENCH_JOBS:-3000}

bench_up
define BenchNoop true
mapping_is 10
several() { for _ in $(seq "$BENCH_ROUNDS"); do run_jobs BenchNoop "$jobs"; done | median; }

# Milliseconds of a claim of ten that is taken back, by the server's own clock, N jobs waiting.
claim_ms() {
	sql "SET client_min_messages = error; DO \$\$
	DECLARE
		n jqm.node := (SELECT n FROM jqm.node AS n LIMIT 1);
		q bigint := (SELECT id FROM jqm.queue WHERE default_queue);
		begun timestamptz;
		took float8[] := '{}';
	BEGIN
		FOR i IN 1 .. 200 LOOP
			begun := clock_timestamp();
			BEGIN
				PERFORM jqm.claim(n.id, n.incarnation, q, 10);
				took := took || extract(epoch FROM clock_timestamp() - begun) * 1000;
				RAISE EXCEPTION 'back' USING ERRCODE = 'P0004';
			EXCEPTION WHEN assert_failure THEN NULL;
			END;
		END LOOP;
		PERFORM set_config('bench.ms', (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FROM unnest(took) AS t)::numeric(10, 3)::text, false);
	END \$\$; SELECT current_setting('bench.ms')" | tail -1
}
sql "UPDATE jqm.queue_mapping SET enabled = false; SELECT count(jqm.enqueue('BenchNoop')) FROM generate_series(1, 100)" >/dev/null
sql "VACUUM ANALYZE jqm.job_instance" >/dev/null
few=$(claim_ms)
sql "SELECT count(jqm.enqueue('BenchNoop')) FROM generate_series(1, 99900)" >/dev/null
sql "VACUUM ANALYZE jqm.job_instance" >/dev/null
many=$(claim_ms)
echo "claim of 10 with 100,000 waiting: $many ms; with 100: $few ms; ratio $(ratio "$many" "$few")"
remove_jobs
sql "VACUUM jqm.job_instance" >/dev/null
sql "UPDATE jqm.queue_mapping SET enabled = true" >/dev/null

empty=$(several)
# Ids are drawn for the past, so that its partitions are there and new jobs come behind it.
first=$(($(last_id) + 1))
sql "SELECT setval('jqm.job_instance_id_seq', $first + $history)" >/dev/null
while [ "$(sql "SELECT jqm.history_extend()")" != 0 ]; do :; done
columns=$(sql "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'jqm.history'::regclass AND attnum > 0 AND attname <> 'id' AND NOT attisdropped")
sql "INSERT INTO jqm.history (id, $columns) SELECT $first + i, $columns FROM (SELECT * FROM jqm.history ORDER BY id DESC LIMIT 1) AS h, generate_series(0, $history - 1) AS i" >/dev/null
sql "VACUUM ANALYZE jqm.history" >/dev/null
full=$(several)
echo "no-op jobs with $history rows of history: $full/s; with none: $empty/s; ratio $(ratio "$full" "$empty")"

sql "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jqm.job_instance; SELECT pg_sleep($snapshot_s); COMMIT" >/dev/null &
holder=$!
until_s=$(($(date +%s) + snapshot_s))
held=''
while [ "$(date +%s)" -lt $((until_s - 20)) ]; do held+=$(run_jobs BenchNoop "$jobs")$'\n'; done
wait $holder
last_held=$(printf %s "$held" | tail -1)
after=$(several)
echo "no-op jobs under a snapshot held for $snapshot_s s: $last_held/s at its end, median $(printf %s "$held" | median)/s; before $full/s; ratio $(ratio "$last_held" "$full"); after it $after/s"
