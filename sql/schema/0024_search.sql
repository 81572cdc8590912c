-- SPDX-License-Identifier: Apache-2.0
-- What a search looks at: each filter of a query is a column here.  Live jobs are few, their names stand
-- beside their ids.  History has the ids alone: a statement that joins, even to what it does not use, is
-- planned without index-only scans of the partitions.
SET LOCAL ROLE jqm_owner;

CREATE VIEW jqm.live_job_key AS
SELECT j.id, j.parent_id, j.snapshot_id, s.name AS definition_name, s.keyword1 AS definition_keyword1,
       s.keyword2 AS definition_keyword2, s.keyword3 AS definition_keyword3,
       s.module AS definition_module, s.application AS definition_application,
       j.user_name_id, u.name AS user_name, j.submitter_id, j.queue_id, q.name COLLATE "C" AS queue_name,
       j.node_id, n.name COLLATE "C" AS node_name, j.state COLLATE "C" AS state,
       j.session_key::text COLLATE "C" AS session_key, j.keyword1::text COLLATE "C" AS keyword1,
       j.keyword2::text COLLATE "C" AS keyword2, j.keyword3::text COLLATE "C" AS keyword3,
       j.module::text COLLATE "C" AS module, j.application::text COLLATE "C" AS application,
       j.enqueued_at, j.attributed_at, j.started_at, NULL::timestamptz AS ended_at
  FROM jqm.job_instance AS j
  LEFT JOIN jqm.definition_snapshot AS s ON s.id = j.snapshot_id
  LEFT JOIN jqm.name_snapshot AS u ON u.id = j.user_name_id
  LEFT JOIN jqm.queue AS q ON q.id = j.queue_id
  LEFT JOIN jqm.node AS n ON n.id = j.node_id;

CREATE VIEW jqm.past_job_key AS
SELECT id, parent_id, snapshot_id, user_name_id, submitter_id, queue_id, queue_name_id, node_name_id, state, session_key,
       keyword1, keyword2, keyword3, module, application, enqueued_at, attributed_at, started_at, ended_at
  FROM jqm.history;

-- The ranges of ids history is partitioned by, from first_id up to but without end_id, by id; those ahead of
-- every id are one with the last.  A search by id looks at one range after the other until its page is full,
-- so that a wrong guess of the planner costs a range and not the table.
CREATE FUNCTION jqm.history_ranges() RETURNS TABLE (first_id bigint, end_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH bound AS (
		SELECT '-9223372036854775808'::bigint AS id
		UNION ALL
		SELECT lower_id FROM history_partition
		 WHERE lower_id <= coalesce((SELECT last_value FROM pg_sequences
		     WHERE schemaname = 'jqm' AND sequencename = 'job_instance_id_seq'), 0)
	)
	SELECT id, coalesce(lead(id) OVER (ORDER BY id), 9223372036854775807) FROM bound ORDER BY id
$$;

-- About how many jobs history has.
CREATE FUNCTION jqm.history_size() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
	  FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
	 WHERE i.inhparent = 'jqm.history'::regclass
$$;

GRANT SELECT ON jqm.live_job_key, jqm.past_job_key TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.history_ranges(), jqm.history_size() TO jqm_api;
