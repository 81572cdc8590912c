-- SPDX-License-Identifier: Apache-2.0
-- What a search looks at: each filter of a query is a column here, each name beside its id in a
-- dictionary.  Joins a statement does not use cost nothing (every one is LEFT, to a primary key).
SET LOCAL ROLE jqm_owner;

CREATE VIEW jqm.live_job_key AS
SELECT j.id, j.parent_id, j.snapshot_id, s.name AS definition_name, s.keyword1 AS definition_keyword1,
       s.keyword2 AS definition_keyword2, s.keyword3 AS definition_keyword3,
       s.module AS definition_module, s.application AS definition_application,
       j.user_name_id, u.name AS user_name, j.queue_id, q.name COLLATE "C" AS queue_name,
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
SELECT h.id, h.parent_id, h.snapshot_id, s.name AS definition_name, s.keyword1 AS definition_keyword1,
       s.keyword2 AS definition_keyword2, s.keyword3 AS definition_keyword3,
       s.module AS definition_module, s.application AS definition_application,
       h.user_name_id, u.name AS user_name, h.queue_id, h.queue_name_id, q.name AS queue_name,
       h.node_name_id, n.name AS node_name, h.state, h.session_key, h.keyword1, h.keyword2, h.keyword3,
       h.module, h.application, h.enqueued_at, h.attributed_at, h.started_at, h.ended_at
  FROM jqm.history AS h
  LEFT JOIN jqm.definition_snapshot AS s ON s.id = h.snapshot_id
  LEFT JOIN jqm.name_snapshot AS u ON u.id = h.user_name_id
  LEFT JOIN jqm.name_snapshot AS q ON q.id = h.queue_name_id
  LEFT JOIN jqm.name_snapshot AS n ON n.id = h.node_name_id;

-- Lower ends of the ranges of ids history is partitioned by, those ahead of every id left out: a search by
-- id looks at one range after the other until its page is full, so that a wrong guess of the planner costs
-- a range and not the table.  The last range has no end, the first one no beginning.
CREATE FUNCTION jqm.history_ranges() RETURNS TABLE (lower_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT p.lower_id FROM history_partition AS p
	 WHERE p.lower_id <= coalesce((SELECT last_value FROM pg_sequences
	     WHERE schemaname = 'jqm' AND sequencename = 'job_instance_id_seq'), 0)
	 ORDER BY p.lower_id
$$;

GRANT SELECT ON jqm.live_job_key, jqm.past_job_key TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.history_ranges() TO jqm_api;
