-- SPDX-License-Identifier: Apache-2.0
-- Verbs on nodes.  The runner is told at once (jqm_order), and looks each second besides.  Refusals: JQ404
-- (no such node), JQ409 (no runner serves it, so nobody would obey).
SET LOCAL ROLE jqm_owner;

-- Whoever changes what a node is to do tells its runner, also by direct SQL.
CREATE FUNCTION jqm.node_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM pg_notify('jqm_order', NEW.id::text);
	RETURN NULL;
END
$$;
CREATE TRIGGER node_changed AFTER UPDATE OF enabled, stop, draining, root_log_level ON jqm.node
    FOR EACH ROW WHEN ((OLD.enabled, OLD.stop, OLD.draining, OLD.root_log_level)
                       IS DISTINCT FROM (NEW.enabled, NEW.stop, NEW.draining, NEW.root_log_level))
    EXECUTE FUNCTION jqm.node_changed();

CREATE FUNCTION jqm.mapping_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	-- One that was moved concerns two nodes.  Twice the same text in a transaction is sent once.
	PERFORM tell_node(OLD.node_id), tell_node(NEW.node_id);
	RETURN NULL;
END
$$;
CREATE TRIGGER mapping_added AFTER INSERT OR DELETE ON jqm.queue_mapping
    FOR EACH ROW EXECUTE FUNCTION jqm.mapping_changed();
CREATE TRIGGER mapping_changed AFTER UPDATE OF node_id, queue_id, max_jobs, polling_interval_ms, enabled
    ON jqm.queue_mapping
    FOR EACH ROW WHEN ((OLD.node_id, OLD.queue_id, OLD.max_jobs, OLD.polling_interval_ms, OLD.enabled)
        IS DISTINCT FROM (NEW.node_id, NEW.queue_id, NEW.max_jobs, NEW.polling_interval_ms, NEW.enabled))
    EXECUTE FUNCTION jqm.mapping_changed();

CREATE FUNCTION jqm.check_node(p_id bigint) RETURNS jqm.node
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v node;
BEGIN
	SELECT * INTO v FROM node WHERE id = p_id;
	IF NOT FOUND THEN
		PERFORM refuse('JQ404', format('there is no node %s', coalesce(p_id::text, '(null)')));
	END IF;
	RETURN v;
END
$$;

-- It takes no job any more; those that run go on.
CREATE FUNCTION jqm.node_pause(p_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_node(p_id);
	UPDATE node SET enabled = false WHERE id = p_id;
END
$$;

-- It takes jobs again; a drain that is not over yet is taken back.
CREATE FUNCTION jqm.node_resume(p_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_node(p_id);
	UPDATE node SET enabled = true, draining = false,
	    ordered_by = CASE WHEN stop THEN ordered_by END WHERE id = p_id;
END
$$;

CREATE FUNCTION jqm.check_served(p_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v node := check_node(p_id);
BEGIN
	IF v.lease_until IS NULL OR v.lease_until <= now() THEN
		PERFORM refuse('JQ409', format('node "%s" is not running', v.name));
	END IF;
END
$$;

-- Its runner ends its jobs (TERM, grace, KILL; history says "node stopped by" whom), then itself; nobody
-- starts it again by itself.  The order is for this runner: the next one resets it (node_register()).
CREATE FUNCTION jqm.node_stop(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_length('by', p_by, 255), check_served(p_id);
	UPDATE node SET stop = true, ordered_by = p_by WHERE id = p_id;
END
$$;

-- Its runner takes no job any more and ends itself when the last one has ended.
CREATE FUNCTION jqm.node_drain(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_length('by', p_by, 255), check_served(p_id);
	UPDATE node SET draining = true, ordered_by = CASE WHEN stop THEN ordered_by ELSE p_by END WHERE id = p_id;
END
$$;

GRANT EXECUTE ON FUNCTION jqm.node_pause, jqm.node_resume, jqm.node_stop, jqm.node_drain TO jqm_api;

-- ---- a database that came out of a backup ----

/*
 * Before the first program starts on it (docs/backup.md).  What ran when the backup was made may have ended
 * since, or run on: it is given up, as if its node were lost.  Jobs get new ids far beyond those of the time
 * that is lost, so that files and callers of then never meet another job; accounts get numbers
 * beyond those that jobs remember, which a dump without accounts has nowhere else.  p_paused: no known node takes a job until
 * it is resumed.  May be repeated.  JQ409 while a runner is connected, whose jobs it would end, and while history lacks
 * partitions for jobs that are there.  For the owner only.
 */
CREATE FUNCTION jqm.after_restore(p_paused boolean DEFAULT false, p_ids_ahead bigint DEFAULT 1000000)
RETURNS TABLE (jobs_lost bigint, next_id bigint)
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v      node;
	v_next bigint; -- the first id of the partition of next_id
BEGIN
	IF p_ids_ahead < 0 OR p_ids_ahead > 1000000000 THEN
		PERFORM refuse('JQ400', format('ids ahead must be from 0 to 1000000000, not %s', p_ids_ahead));
	END IF;
	IF EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'jqm-runner') THEN
		PERFORM refuse('JQ409', 'a runner is connected to this database, its jobs would be given up: end it first');
	END IF;
	PERFORM pg_advisory_xact_lock(hashtext('jqm.history_extend')), history_extend();
	SELECT s.last_value + p_ids_ahead + 1 INTO next_id FROM job_instance_id_seq AS s;
	IF history_end() < next_id - p_ids_ahead THEN
		PERFORM refuse('JQ409', 'history lacks partitions for the jobs that are there: '
		    'repeat "select jqm.history_extend()" until it answers 0');
	END IF;
	-- Jobs of before end in partitions that are there now.  A far jump leaves out those it passes: they would be too many.
	v_next := next_id / 250000 * 250000;
	IF v_next > history_end() THEN
		PERFORM history_add(v_next);
	END IF;
	-- As if that one had been given: pg_sequences, which history_extend() asks, knows no other last value.
	PERFORM setval('job_instance_id_seq', next_id - 1, true), history_extend();
	PERFORM setval('account_id_seq', greatest(q.last_value, (SELECT max(split_part(s.name, ':', 1)::bigint)
	    FROM name_snapshot AS s WHERE s.kind = 'a' AND s.name NOT LIKE ':%')), true) FROM account_id_seq AS q;
	jobs_lost := 0;
	FOR v IN SELECT * FROM node ORDER BY id FOR UPDATE LOOP
		jobs_lost := jobs_lost + give_up_node(v,
		    'was running when the backup was made from which the database was restored');
	END LOOP;
	IF p_paused THEN
		UPDATE node SET enabled = false;
	END IF;
	PERFORM audit_restored();
	RETURN NEXT;
END
$$;
