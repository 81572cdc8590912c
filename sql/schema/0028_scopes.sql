-- SPDX-License-Identifier: Apache-2.0
-- Limited permissions: which jobs, queues and definitions a caller may see or touch.  What a limit is, and how
-- it is compared: in_scope() (0006).  What it does to an enqueue is in enqueue(), to many jobs in do_to_all().
SET LOCAL ROLE jqm_owner;

-- Is there such a job, live or past, within the scope?  p_queue_id: and would it be if it were in that queue?
CREATE FUNCTION jqm.job_in_scope(p_id bigint, p_scope text[], p_queue_id bigint DEFAULT NULL) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT EXISTS (
		SELECT FROM (
			SELECT queue_name, definition_name, submitted_by FROM live_job WHERE id = p_id
			UNION ALL
			SELECT queue_name, definition_name, submitted_by FROM past_job WHERE id = p_id) AS j
		 WHERE in_scope(p_scope, j.queue_name, j.definition_name, j.submitted_by)
		   AND (p_queue_id IS NULL
		    OR queue_id_in_scope(p_scope, p_queue_id, j.definition_name, j.submitted_by)))
$$;

-- The same of a queue as a whole: it must be named.
CREATE FUNCTION jqm.queue_in_scope(p_queue_id bigint, p_scope text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT EXISTS (SELECT FROM queue WHERE id = p_queue_id AND in_scope(p_scope, name, NULL, NULL))
$$;

-- The ids in history's dictionaries that a scope means: 'q' for queues, 's' for definitions, 'u' for who
-- submitted.
CREATE FUNCTION jqm.scope_ids(p_scope text[]) RETURNS TABLE (kind "char", id int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT s.kind, s.id FROM unnest(p_scope) AS l(text)
	  JOIN name_snapshot AS s ON s.kind = CASE WHEN l.text LIKE 'queue=%' THEN 'q'::"char" ELSE 'u'::"char" END
	   AND s.name = substr(l.text, strpos(l.text, '=') + 1)
	 WHERE l.text LIKE 'queue=%' OR l.text LIKE 'own=%'
	UNION ALL
	SELECT 's', d.id FROM unnest(p_scope) AS l(text)
	  JOIN definition_snapshot AS d ON d.name = substr(l.text, 12) WHERE l.text LIKE 'definition=%'
$$;

GRANT EXECUTE ON FUNCTION jqm.in_scope, jqm.job_in_scope, jqm.queue_in_scope, jqm.scope_ids TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.in_scope, jqm.job_in_scope TO jqm_client;
