-- SPDX-License-Identifier: Apache-2.0
-- Figures for monitoring.  One look at them reads the live jobs once and nothing of history: what adds up over time is
-- counted when it happens, by the runners in their own memory, or below where no runner is about.
SET LOCAL ROLE jqm_owner;

/*
 * What each runner has counted since it was started, as it told last (runner/figures.h):
 *	[{"what": "claimed|refused|ended|waited|ran|loop|trips", "queue": id, "word": "CRASHED", "value": n, "counts": [n, ...]}]
 * with counts it is a histogram, and value the sum of it in microseconds.  Unlogged, as all here: after a crash of the
 * database the counters begin anew, which monitoring is used to.
 */
CREATE UNLOGGED TABLE jqm.node_figures (
	node_id     bigint      PRIMARY KEY REFERENCES jqm.node (id) ON DELETE CASCADE,
	figures     jsonb       NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 100);

CREATE FUNCTION jqm.node_tell(p_node_id bigint, p_incarnation bigint, p_figures jsonb) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '1s' AS $$
	INSERT INTO node_figures AS f (node_id, figures)
	SELECT id, p_figures FROM node WHERE id = p_node_id AND incarnation = p_incarnation
	ON CONFLICT (node_id) DO UPDATE SET figures = excluded.figures RETURNING f.node_id
$$;

/*
 * What happens to jobs without a runner: 'cancelled', 'retried', 'lost'.  Each transaction adds rows of its own, so that
 * none waits for another; housekeeping adds them up.
 */
CREATE UNLOGGED TABLE jqm.happened (
	what     text   NOT NULL,
	queue_id bigint NOT NULL,
	n        bigint NOT NULL
);
CREATE UNLOGGED TABLE jqm.happened_before (
	what     text   NOT NULL,
	queue_id bigint NOT NULL,
	n        bigint NOT NULL,
	PRIMARY KEY (what, queue_id)
);

CREATE FUNCTION jqm.fold_happened() RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	WITH part AS MATERIALIZED (
		SELECT ctid FROM happened LIMIT 10000 FOR UPDATE SKIP LOCKED
	), gone AS (
		DELETE FROM happened AS h USING part WHERE h.ctid = part.ctid RETURNING h.what, h.queue_id, h.n
	)
	INSERT INTO happened_before AS b (what, queue_id, n)
	SELECT what, queue_id, sum(n) FROM gone GROUP BY what, queue_id ORDER BY what, queue_id
	ON CONFLICT (what, queue_id) DO UPDATE SET n = b.n + excluded.n
$$;

/*
 * The age of the oldest snapshot that anything still holds: rows that died since are kept for it.  seconds: NULL when
 * other sessions may not be seen.
 */
CREATE FUNCTION jqm.oldest_snapshot(OUT seconds float8, OUT transactions bigint)
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT max(extract(epoch FROM clock_timestamp() - since)), max(age)
	  FROM (SELECT age(backend_xmin), xact_start FROM pg_stat_activity
	         WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
	           AND backend_type IS DISTINCT FROM 'autovacuum worker' -- nothing is kept for those
	        UNION ALL SELECT age(transaction), prepared FROM pg_prepared_xacts
	        UNION ALL SELECT greatest(age(xmin), age(catalog_xmin)), NULL FROM pg_replication_slots) AS s(age, since)
$$;

/*
 * One row for each figure: the name that monitoring knows it by, node, queue and one more word it is about (NULL: it is
 * about none), and its value in its unit.  With counts it is a histogram: counts of each class, value is the sum.
 */
CREATE FUNCTION jqm.metrics()
RETURNS TABLE (name text, node text, queue text, word text, value float8, counts bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH live AS MATERIALIZED (
		SELECT queue_id, state, node_id, count(*) AS n, min(runnable_at) AS since, count(*) FILTER (WHERE late) AS late
		  FROM job_instance GROUP BY 1, 2, 3
	), told (name, what, is_seconds) AS (
		VALUES ('jqm_jobs_claimed_total', 'claimed', false), ('jqm_definitions_refused_total', 'refused', false),
		       ('jqm_job_attempts_ended_total', 'ended', false),
		       ('jqm_job_waiting_seconds', 'waited', true), ('jqm_job_running_seconds', 'ran', true),
		       ('jqm_loop_pass_seconds', 'loop', true), ('jqm_database_answer_seconds', 'trips', true)
	), counted (name, what) AS (
		VALUES ('jqm_jobs_cancelled_total', 'cancelled'), ('jqm_job_retries_total', 'retried'),
		       ('jqm_job_attempts_lost_total', 'lost')
	)
	SELECT 'jqm_jobs', NULL, q.name, s.state, coalesce(sum(l.n), 0)::float8, NULL::bigint[]
	  FROM queue AS q CROSS JOIN unnest('{SUBMITTED,SCHEDULED,HOLDED,ATTRIBUTED,RUNNING}'::text[]) AS s(state)
	  LEFT JOIN live AS l ON l.queue_id = q.id AND l.state = s.state GROUP BY q.name, s.state
	UNION ALL
	SELECT 'jqm_queue_lag_seconds', NULL, q.name, NULL, greatest(coalesce(extract(epoch FROM now() - min(l.since)), 0), 0)::float8, NULL
	  FROM queue AS q LEFT JOIN live AS l ON l.queue_id = q.id AND l.state = 'SUBMITTED' GROUP BY q.name
	UNION ALL
	SELECT 'jqm_queue_slots', n.name, q.name, NULL, CASE WHEN m.enabled AND n.enabled AND NOT n.draining THEN m.max_jobs ELSE 0 END, NULL
	  FROM queue_mapping AS m JOIN queue AS q ON q.id = m.queue_id JOIN node AS n ON n.id = m.node_id WHERE NOT n.template
	UNION ALL
	SELECT 'jqm_queue_jobs_in_hand', n.name, q.name, NULL, coalesce(sum(l.n), 0)::float8, NULL
	  FROM queue_mapping AS m JOIN queue AS q ON q.id = m.queue_id JOIN node AS n ON n.id = m.node_id
	  LEFT JOIN live AS l ON l.queue_id = m.queue_id AND l.node_id = m.node_id WHERE NOT n.template GROUP BY n.name, q.name
	UNION ALL
	SELECT 'jqm_queue_poll_age_seconds', n.name, q.name, NULL, extract(epoch FROM now() - m.last_polled)::float8, NULL
	  FROM queue_mapping AS m JOIN queue AS q ON q.id = m.queue_id JOIN node AS n ON n.id = m.node_id
	 WHERE m.last_polled IS NOT NULL AND m.enabled AND n.enabled AND NOT n.template
	UNION ALL
	SELECT f.name, n.name, NULL, NULL, f.value, NULL FROM node AS n
	 CROSS JOIN LATERAL (VALUES ('jqm_node_enabled', n.enabled::int::float8),
	       ('jqm_node_up', coalesce(n.lease_until > now(), false)::int),
	       ('jqm_node_draining', n.draining::int),
	       ('jqm_node_heartbeat_age_seconds', extract(epoch FROM now() - n.last_seen_alive)::float8)) AS f(name, value)
	 WHERE NOT n.template AND f.value IS NOT NULL
	UNION ALL
	SELECT t.name, n.name, q.name, x.word, CASE WHEN t.is_seconds THEN x.value / 1e6 ELSE x.value END, x.counts
	  FROM node_figures AS f JOIN node AS n ON n.id = f.node_id
	 CROSS JOIN LATERAL jsonb_to_recordset(f.figures) AS x(what text, queue bigint, word text, value float8, counts bigint[])
	  JOIN told AS t ON t.what = x.what LEFT JOIN queue AS q ON q.id = x.queue
	 WHERE x.queue IS NULL OR q.id IS NOT NULL
	UNION ALL
	SELECT c.name, NULL, q.name, NULL, coalesce(h.n, 0)::float8, NULL
	  FROM queue AS q CROSS JOIN counted AS c
	  LEFT JOIN (SELECT a.what, a.queue_id, sum(a.n) AS n
	               FROM (SELECT * FROM happened UNION ALL SELECT * FROM happened_before) AS a GROUP BY 1, 2) AS h
	    ON h.what = c.what AND h.queue_id = q.id
	UNION ALL
	SELECT 'jqm_job_numbers_total', NULL, NULL, NULL, coalesce(pg_sequence_last_value(pg_get_serial_sequence('jqm.job_instance', 'id')), 0)::float8, NULL
	UNION ALL
	SELECT 'jqm_jobs_late', NULL, NULL, NULL, (SELECT coalesce(sum(l.late), 0) FROM live AS l WHERE l.state = 'RUNNING')::float8, NULL
	UNION ALL
	SELECT 'jqm_schedules_enabled', NULL, NULL, NULL, (SELECT count(*) FROM schedule WHERE enabled)::float8, NULL
	UNION ALL
	SELECT f.name, NULL, NULL, w.name, f.value, NULL FROM webhook AS w
	 CROSS JOIN LATERAL (SELECT count(*) AS n, min(d.wanted_since) AS since FROM webhook_delivery AS d
	                      WHERE d.webhook_id = w.id AND d.next_try_at IS NOT NULL) AS d
	 CROSS JOIN LATERAL (VALUES ('jqm_webhook_deliveries_waiting', d.n::float8),
	       ('jqm_webhook_lag_seconds', CASE WHEN w.enabled THEN greatest(coalesce(extract(epoch FROM now() - d.since), 0), 0)::float8 END),
	       ('jqm_webhook_deliveries_given_up_total', w.given_up::float8)) AS f(name, value)
	 WHERE f.value IS NOT NULL
	UNION ALL
	SELECT 'jqm_database_dead_rows', NULL, NULL, regexp_replace(t.relname, '^history_.*', 'history'), sum(t.n_dead_tup)::float8, NULL
	  FROM pg_stat_all_tables AS t WHERE t.schemaname = 'jqm'
	   AND t.relname ~ '^(job_instance|history(_.*)?|message|deliverable|job_attempt|mail|node|queue_mapping|node_figures)$'
	 GROUP BY 4
	UNION ALL
	SELECT v.name, NULL, NULL, NULL, v.value, NULL FROM oldest_snapshot() AS o
	 CROSS JOIN LATERAL (VALUES ('jqm_database_oldest_snapshot_seconds', o.seconds),
	       ('jqm_database_oldest_snapshot_transactions', coalesce(o.transactions, 0)::float8)) AS v(name, value)
	 WHERE v.value IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION jqm.node_tell TO jqm_runner;
GRANT EXECUTE ON FUNCTION jqm.metrics TO jqm_api;
