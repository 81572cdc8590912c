-- SPDX-License-Identifier: Apache-2.0
-- What a node that died left on its disks.
SET LOCAL ROLE jqm_owner;

/*
 * A runner found directories of jobs it does not have.  Of those that are over, or were deleted: the name of
 * the definition and the last attempt (NULL: no such job any more), and the files the database knows, a line
 * each.  No row for a job that is live, whoever has it, or whose id was never given out; nor for a runner that
 * was replaced.
 */
CREATE FUNCTION jqm.left_jobs(p_node_id bigint, p_incarnation bigint, p_ids bigint[])
RETURNS TABLE (id bigint, definition_name text, attempt int, paths text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT l.id, s.name, h.attempt, (SELECT string_agg(f.path, E'\n') FROM deliverable AS f WHERE f.job_instance_id = l.id)
	  FROM unnest(p_ids) AS l(id)
	  LEFT JOIN history AS h ON h.id = l.id
	  LEFT JOIN definition_snapshot AS s ON s.id = h.snapshot_id
	 WHERE EXISTS (SELECT FROM node AS n WHERE n.id = p_node_id AND n.incarnation = p_incarnation)
	   AND NOT EXISTS (SELECT FROM job_instance AS j WHERE j.id = l.id)
	   AND l.id BETWEEN 1 AND (SELECT last_value FROM job_instance_id_seq)
$$;

GRANT EXECUTE ON FUNCTION jqm.left_jobs TO jqm_runner;
