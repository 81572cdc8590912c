-- SPDX-License-Identifier: Apache-2.0
-- Live and past jobs in one shape, for readers.  One statement over both sees each job exactly once,
-- because ending a job is one transaction.
SET LOCAL ROLE jqm_owner;

CREATE VIEW jqm.live_job AS
SELECT j.id, s.name AS definition_name, j.parent_id, u.name AS user_name, j.session_key, j.state,
       j.position, j.priority, j.queue_id, q.name AS queue_name, j.keyword1, j.keyword2, j.keyword3,
       s.keyword1 AS definition_keyword1, s.keyword2 AS definition_keyword2,
       s.keyword3 AS definition_keyword3, s.module AS definition_module,
       s.application AS definition_application, j.module, j.email, j.application, j.parameters,
       j.progress, j.enqueued_at, j.attributed_at, j.started_at, NULL::timestamptz AS ended_at,
       j.run_after, n.name AS node_name, j.highlander, j.from_schedule, j.trace_id, j.attempt,
       NULL::int AS exit_code, NULL::int AS signal, NULL::text AS reason, j.concurrency_key,
       j.schedule_id, j.attempts_max, j.failures, j.node_losses, j.late,
       (SELECT string_agg(w.condition || ':' || w.waits_for, ' ' ORDER BY w.waits_for)
          FROM jqm.job_waited_for AS w WHERE w.job_instance_id = j.id) AS waited_for,
       (SELECT r.restart_of FROM jqm.job_restart AS r WHERE r.job_instance_id = j.id) AS restart_of,
       (SELECT substr(b.name, strpos(b.name, ':') + 1) FROM jqm.name_snapshot AS b WHERE b.id = j.submitter_id) AS submitted_by,
       (SELECT nullif(split_part(b.name, ':', 1), '') FROM jqm.name_snapshot AS b WHERE b.id = j.submitter_id) AS account
  FROM jqm.job_instance AS j
  JOIN jqm.definition_snapshot AS s ON s.id = j.snapshot_id
  JOIN jqm.queue AS q ON q.id = j.queue_id
  LEFT JOIN jqm.name_snapshot AS u ON u.id = j.user_name_id
  LEFT JOIN jqm.node AS n ON n.id = j.node_id;

CREATE VIEW jqm.past_job AS
SELECT h.id, s.name AS definition_name, h.parent_id, u.name AS user_name, h.session_key, h.state,
       0::double precision AS position, h.priority, q.id AS queue_id, qn.name AS queue_name,
       h.keyword1, h.keyword2, h.keyword3, s.keyword1 AS definition_keyword1,
       s.keyword2 AS definition_keyword2, s.keyword3 AS definition_keyword3,
       s.module AS definition_module, s.application AS definition_application, h.module, h.email,
       h.application, h.parameters, h.progress, h.enqueued_at, h.attributed_at, h.started_at, h.ended_at,
       h.run_after, nn.name AS node_name, h.highlander, h.from_schedule, h.trace_id, h.attempt,
       h.exit_code, h.signal, h.reason, h.concurrency_key, h.schedule_id, h.attempts_max, h.failures,
       h.node_losses, false AS late,
       (SELECT string_agg(w.condition || ':' || w.waits_for, ' ' ORDER BY w.waits_for)
          FROM jqm.job_waited_for AS w WHERE w.job_instance_id = h.id) AS waited_for,
       (SELECT r.restart_of FROM jqm.job_restart AS r WHERE r.job_instance_id = h.id) AS restart_of,
       (SELECT substr(b.name, strpos(b.name, ':') + 1) FROM jqm.name_snapshot AS b WHERE b.id = h.submitter_id) AS submitted_by,
       (SELECT nullif(split_part(b.name, ':', 1), '') FROM jqm.name_snapshot AS b WHERE b.id = h.submitter_id) AS account
  FROM jqm.history AS h
  JOIN jqm.definition_snapshot AS s ON s.id = h.snapshot_id
  JOIN jqm.name_snapshot AS qn ON qn.id = h.queue_name_id
  LEFT JOIN jqm.queue AS q ON q.id = h.queue_id
  LEFT JOIN jqm.name_snapshot AS u ON u.id = h.user_name_id
  LEFT JOIN jqm.name_snapshot AS nn ON nn.id = h.node_name_id;

/*
 * One live job as its row is, for who reads one by its id again and again: names as ids, and whether there is more of it in
 * other tables.  Each join and each expression of a view costs as much as the row.  The same of a past job, and its names:
 * shared/store/job_row.c.
 */
CREATE VIEW jqm.live_row AS
SELECT j.id, j.parent_id, j.session_key, j.trace_id, j.state, j.position, j.priority, j.queue_id, j.keyword1, j.keyword2,
       j.keyword3, j.module, j.email, j.application, j.parameters, j.progress, j.enqueued_at, j.started_at,
       NULL::timestamptz AS ended_at, j.run_after, j.highlander, j.from_schedule, NULL::int AS exit_code,
       NULL::int AS signal, NULL::text AS reason, j.attempt, j.attempts_max, j.failures, j.node_losses, j.schedule_id,
       j.concurrency_key, j.late, j.snapshot_id, j.user_name_id, j.submitter_id,
       NULL::int AS queue_name_id, NULL::int AS node_name_id, j.node_id, j.has_messages, j.has_links,
       j.xmin AS row_by, j.ctid AS row_at -- another version of the row has others
  FROM jqm.job_instance AS j;

-- The past job of that id.  Among so many partitions a plan costs ten times what the row costs, and PostgreSQL would
-- make one each time, for each is cheaper than the one for all; so it is made once; and for all partitions, those that are
-- small now, too.
CREATE FUNCTION jqm.past_job_of(p_id bigint) RETURNS SETOF jqm.past_job
LANGUAGE plpgsql STABLE ROWS 1 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
	RETURN QUERY SELECT * FROM jqm.past_job WHERE id = p_id;
END
$$;

-- The same for many, in no order.
CREATE FUNCTION jqm.past_jobs_of(p_ids bigint[]) RETURNS SETOF jqm.past_job
LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	RETURN QUERY SELECT * FROM jqm.past_job WHERE id = ANY (p_ids);
END
$$;

-- Is p_id the job p_root or one of its descendants (at most 100 generations)?
CREATE FUNCTION jqm.in_subtree(p_root bigint, p_id bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH RECURSIVE up(id, depth) AS (
		SELECT p_id, 0
		UNION ALL
		SELECT p.parent_id, up.depth + 1 FROM up
		  JOIN LATERAL (SELECT parent_id FROM job_instance WHERE id = up.id
		      UNION ALL SELECT parent_id FROM history WHERE id = up.id) AS p ON true
		 WHERE up.id <> p_root AND p.parent_id IS NOT NULL AND up.depth < 100
	)
	SELECT EXISTS (SELECT FROM up WHERE id = p_root)
$$;

-- The job behind a token, whose user, whose work (an account, or the name of somebody without one) and which attempt: valid while that runs and, of the last one, 24 hours
-- longer.  No row: no such job or wrong token.  sha256 of both sides: the comparison's time tells nothing
-- about the token.
CREATE FUNCTION jqm.job_of_token(p_job_id bigint, p_token text) RETURNS TABLE (user_name text, attempt int,
    submitted_by text, account_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT j.user_name, j.attempt, j.submitted_by, j.account::bigint FROM (
		SELECT l.attempt, coalesce(l.user_name, '') AS user_name, l.submitted_by, l.account FROM live_job AS l
		 WHERE l.id = p_job_id AND l.state IN ('ATTRIBUTED', 'RUNNING')
		UNION ALL
		SELECT p.attempt, coalesce(p.user_name, ''), p.submitted_by, p.account FROM past_job AS p
		 WHERE p.id = p_job_id AND p.attempt > 0 AND p.ended_at > now() - interval '24 hours'
	) AS j
	WHERE sha256(convert_to(p_token, 'UTF8')) = sha256(convert_to(job_token(p_job_id, j.attempt), 'UTF8'))
$$;
