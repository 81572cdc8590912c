-- SPDX-License-Identifier: Apache-2.0
-- Old history goes, and with it all the database has of its jobs; their nodes are told to remove logs and
-- files.  Runners do it in small transactions (node_purge()), so nothing is ever half done: a job is in
-- history, or is gone and its node still has to clear up (purged_job), or is gone.
SET LOCAL ROLE jqm_owner;

-- What was ordered (purge()); no row: nothing, or it is done.
CREATE TABLE jqm.purge_order (
	only_one   boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
	older_than timestamptz NOT NULL,
	ordered_at timestamptz NOT NULL DEFAULT now(),
	ordered_by text        CHECK (length(ordered_by) <= 255)
);

-- Jobs that are gone, whose logs and files that node still has to remove.
CREATE TABLE jqm.purged_job (
	node_name_id    int    NOT NULL,
	job_instance_id bigint NOT NULL,
	snapshot_id     int    NOT NULL,
	attempt         int    NOT NULL, -- the last one
	try_at          timestamptz NOT NULL DEFAULT '-infinity', -- something of it could not be removed: again then
	PRIMARY KEY (node_name_id, job_instance_id)
);
CREATE INDEX purged_job_try ON jqm.purged_job (node_name_id, try_at, job_instance_id);

-- Nobody will come to clear up on a node that was removed.
CREATE FUNCTION jqm.node_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	DELETE FROM purged_job WHERE node_name_id = OLD.name_id;
	RETURN NULL;
END
$$;
CREATE TRIGGER node_removed AFTER DELETE ON jqm.node FOR EACH ROW EXECUTE FUNCTION jqm.node_removed();

-- What ended before goes: as ordered, and as global parameter historyRetentionInDays says (a whole number;
-- 0, none or anything else: nothing goes by itself).  NULL: nothing.
CREATE FUNCTION jqm.purge_limit() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT greatest((SELECT older_than FROM purge_order),
	    (SELECT CASE WHEN value ~ '^ *[0-9]{1,5} *$' AND value::int > 0 THEN now() - value::int * interval '1 day' END
	       FROM global_parameter WHERE key = 'historyRetentionInDays'))
$$;

-- These jobs are not in history any more.
CREATE FUNCTION jqm.forget_jobs(p_ids bigint[], p_snapshots int[], p_nodes int[], p_attempts int[]) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	INSERT INTO purged_job (node_name_id, job_instance_id, snapshot_id, attempt)
	SELECT DISTINCT n.name_id, j.id, j.snapshot_id, j.attempt
	  FROM unnest(p_ids, p_snapshots, p_nodes, p_attempts) AS j(id, snapshot_id, node_name_id, attempt)
	 CROSS JOIN LATERAL (SELECT j.node_name_id UNION ALL
	     SELECT a.node_name_id FROM job_attempt AS a WHERE a.job_instance_id = j.id) AS place
	  JOIN node AS n ON n.name_id = place.node_name_id
	    ON CONFLICT DO NOTHING;
	DELETE FROM message WHERE job_instance_id = ANY (p_ids);
	DELETE FROM deliverable WHERE job_instance_id = ANY (p_ids);
	DELETE FROM job_attempt WHERE job_instance_id = ANY (p_ids);
	DELETE FROM job_waited_for WHERE job_instance_id = ANY (p_ids);
	DELETE FROM input_file WHERE job_instance_id = ANY (p_ids);
	DELETE FROM mail WHERE job_instance_id IN (SELECT unnest(p_ids));
	DELETE FROM webhook_delivery WHERE job_instance_id = ANY (p_ids);
	-- A crash is restarted once, so the link stays as long as either of the two.
	DELETE FROM job_restart AS r WHERE (r.restart_of = ANY (p_ids) OR r.job_instance_id = ANY (p_ids))
	   AND NOT EXISTS (SELECT FROM history AS h WHERE h.id IN (r.restart_of, r.job_instance_id))
	   AND NOT EXISTS (SELECT FROM job_instance AS l WHERE l.id = r.job_instance_id);
END
$$;

-- The oldest p_max jobs that ended before p_before; how many there were.
CREATE FUNCTION jqm.purge_rows(p_before timestamptz, p_max int) RETURNS int
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET jit = off AS $$
DECLARE
	v record;
BEGIN
	WITH gone AS (
		DELETE FROM history WHERE ended_at < p_before AND id = ANY (ARRAY (SELECT h.id FROM history AS h
		    WHERE h.ended_at < p_before ORDER BY h.ended_at LIMIT p_max))
		RETURNING id, snapshot_id, node_name_id, attempt
	)
	SELECT array_agg(id) AS ids, array_agg(snapshot_id) AS snapshots, array_agg(node_name_id) AS nodes,
	       array_agg(attempt) AS attempts INTO v FROM gone;
	IF v.ids IS NOT NULL THEN
		PERFORM forget_jobs(v.ids, v.snapshots, v.nodes, v.attempts);
	END IF;
	RETURN coalesce(cardinality(v.ids), 0);
END
$$;

/*
 * Take the oldest partition out of history, if it is not the last one, behind which new ones begin, its ids have all been
 * given out and all in it, but for a thousand rows, ended before p_before: those move to the partition of stragglers, which reaches up to the next one from
 * then on.  What was taken out is worked off by purge_detached().  True: done.  Waits for readers of history as
 * long as lock_timeout says.
 */
CREATE FUNCTION jqm.purge_partition(p_before timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v       history_partition;
	v_young bigint;
BEGIN
	SELECT * INTO v FROM history_partition WHERE purged_to IS NULL ORDER BY lower_id LIMIT 1;
	IF NOT FOUND OR v.upper_id > (SELECT last_value FROM job_instance_id_seq)
	    OR NOT EXISTS (SELECT FROM history_partition AS later WHERE later.lower_id > v.lower_id) THEN
		RETURN false;
	END IF;
	EXECUTE format('SELECT count(*) FROM (SELECT FROM jqm.%I WHERE ended_at >= $1 LIMIT 1001) AS young',
	    'history_' || v.lower_id) INTO v_young USING p_before;
	IF v_young > 1000 THEN
		RETURN false;
	END IF;
	EXECUTE format('ALTER TABLE jqm.history DETACH PARTITION jqm.%I', 'history_' || v.lower_id);
	ALTER TABLE history DETACH PARTITION history_old;
	EXECUTE format('WITH young AS (DELETE FROM jqm.%I WHERE ended_at >= $1 RETURNING *)
	    INSERT INTO history_old SELECT * FROM young', 'history_' || v.lower_id) USING p_before;
	EXECUTE format('ALTER TABLE jqm.history ATTACH PARTITION jqm.history_old FOR VALUES FROM (MINVALUE) TO (%s)',
	    v.upper_id);
	-- Who looks for a job where it was finds no such table.
	EXECUTE format('ALTER TABLE jqm.%I RENAME TO %I', 'history_' || v.lower_id, 'purged_' || v.lower_id);
	UPDATE history_partition SET purged_to = v.lower_id - 1 WHERE lower_id = v.lower_id;
	RETURN true;
END
$$;

-- The next p_max jobs of a partition that was taken out; when there is none left it is dropped.  NULL: there is
-- no such partition.
CREATE FUNCTION jqm.purge_detached(p_max int) RETURNS int
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_part history_partition;
	v      record;
BEGIN
	SELECT * INTO v_part FROM history_partition WHERE purged_to IS NOT NULL ORDER BY lower_id LIMIT 1;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT max(id) AS last, array_agg(id) AS ids, array_agg(snapshot_id) AS snapshots,
	    array_agg(node_name_id) AS nodes, array_agg(attempt) AS attempts
	    FROM (SELECT * FROM jqm.%I WHERE id > $1 ORDER BY id LIMIT $2) AS h', 'purged_' || v_part.lower_id)
	   INTO v USING v_part.purged_to, p_max;
	IF v.ids IS NULL THEN
		EXECUTE format('DROP TABLE jqm.%I', 'purged_' || v_part.lower_id);
		DELETE FROM history_partition WHERE lower_id = v_part.lower_id;
		RETURN 0;
	END IF;
	PERFORM forget_jobs(v.ids, v.snapshots, v.nodes, v.attempts);
	UPDATE history_partition SET purged_to = v.last WHERE lower_id = v_part.lower_id;
	RETURN cardinality(v.ids);
END
$$;

-- One small step for the whole cluster, by one session at a time.  False: there was nothing to do, or another
-- session is at it.
CREATE FUNCTION jqm.purge_step(p_max int DEFAULT 200) RETURNS boolean
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
	v_before timestamptz;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtext('jqm.purge')) THEN
		RETURN false;
	END IF;
	BEGIN
		PERFORM account_purge();
	EXCEPTION WHEN lock_not_available OR deadlock_detected OR foreign_key_violation THEN
		NULL; -- history does not wait for accounts that cannot go now
	END;
	IF purge_detached(p_max) IS NOT NULL THEN
		RETURN true;
	END IF;
	v_before := purge_limit();
	IF v_before IS NULL THEN
		RETURN false;
	END IF;
	BEGIN
		IF purge_partition(v_before) THEN
			RETURN true;
		END IF;
	EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
		NULL; -- history is being read: row by row then
	END;
	IF purge_rows(v_before, p_max) > 0 THEN
		RETURN true;
	END IF;
	DELETE FROM purge_order WHERE older_than <= v_before;
	RETURN false;
END
$$;

/*
 * A runner has removed the logs and files of jobs p_done, and could not remove those of p_stuck, which it is told
 * of again in ten minutes; what else?  At least one row.  more: ask again soon.
 * Else a job, its definition and its last attempt; NULL when this node has nothing to remove.  No row: this
 * runner was replaced.
 */
CREATE FUNCTION jqm.node_purge(p_node_id bigint, p_incarnation bigint, p_done bigint[], p_stuck bigint[] DEFAULT '{}')
RETURNS TABLE (more boolean, id bigint, definition_name text, attempt int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v_name int;
	v_more boolean;
BEGIN
	SELECT n.name_id INTO v_name FROM node AS n WHERE n.id = p_node_id AND n.incarnation = p_incarnation;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	DELETE FROM purged_job AS p WHERE p.node_name_id = v_name AND p.job_instance_id = ANY (p_done);
	UPDATE purged_job AS p SET try_at = now() + interval '10 min'
	 WHERE p.node_name_id = v_name AND p.job_instance_id = ANY (p_stuck);
	-- Not faster than files go.
	v_more := (SELECT count(*) < 200 FROM (SELECT FROM purged_job AS p WHERE p.node_name_id = v_name
	    AND p.try_at <= now() LIMIT 200) AS left_here) AND purge_step();
	RETURN QUERY SELECT v_more, p.job_instance_id, s.name, p.attempt
	  FROM (SELECT) AS one
	  LEFT JOIN (SELECT * FROM purged_job AS q WHERE q.node_name_id = v_name AND q.try_at <= now()
	       ORDER BY q.try_at, q.job_instance_id LIMIT 200) AS p ON true
	  LEFT JOIN definition_snapshot AS s ON s.id = p.snapshot_id;
END
$$;

-- How many jobs in history ended before.
CREATE FUNCTION jqm.purge_count(p_before timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT count(*) FROM history WHERE ended_at < p_before
$$;

/*
 * Order that jobs that ended longer ago than p_age go, and tell the runners; returns how many these are.  A later
 * order with a smaller age goes further, an order is never taken back.  JQ400: an age that is not positive.
 */
CREATE FUNCTION jqm.purge(p_age interval, p_by text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_before timestamptz;
BEGIN
	IF p_age IS NULL OR p_age <= interval '0' OR p_age > interval '1000 years' THEN
		PERFORM refuse('JQ400', 'jobs are purged when they ended some time ago: give an age from 1 second to 1000 years');
	END IF;
	v_before := now() - p_age;
	INSERT INTO purge_order AS o (older_than, ordered_by) VALUES (v_before, left(p_by, 255))
	ON CONFLICT (only_one) DO UPDATE SET older_than = greatest(o.older_than, EXCLUDED.older_than), ordered_at = now(),
	    ordered_by = EXCLUDED.ordered_by;
	PERFORM pg_notify('jqm_order', n.id::text) FROM node AS n WHERE n.lease_until > now();
	INSERT INTO audit (action, kind, changes) VALUES ('purge', 'history', jsonb_build_array(
	    audit_change('older_than', v_before::text)));
	RETURN purge_count(v_before);
END
$$;

GRANT EXECUTE ON FUNCTION jqm.node_purge TO jqm_runner;
GRANT EXECUTE ON FUNCTION jqm.purge, jqm.purge_count TO jqm_api;
