-- SPDX-License-Identifier: Apache-2.0
-- Verbs on jobs and queues that exist; enqueue, cancel and kill are in 0006.  Refusals: JQ400 (a value
-- is wrong), JQ404 (no such job or queue), JQ409 (the job's state forbids it; the text names the state).
SET LOCAL ROLE jqm_owner;

-- 'held', 'alice' -> 'held by alice'
CREATE FUNCTION jqm.done_by(p_done text, p_by text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_length('by', p_by, 255);
	RETURN p_done || CASE WHEN p_by IS NULL THEN '' ELSE ' by ' || p_by END;
END
$$;

-- After a verb found no row to change: JQ404, or JQ409 "job instance 5 is RUNNING and <why>".
CREATE FUNCTION jqm.refuse_by_state(p_id bigint, p_why text) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_state text;
BEGIN
	SELECT s.state INTO v_state FROM (SELECT state FROM job_instance WHERE id = p_id
	    UNION ALL SELECT state FROM history WHERE id = p_id) AS s;
	IF v_state IS NULL THEN
		PERFORM refuse('JQ404', format('there is no job instance %s', coalesce(p_id::text, '(null)')));
	END IF;
	PERFORM refuse('JQ409', format('job instance %s is %s and %s', p_id, v_state, p_why));
END
$$;

CREATE FUNCTION jqm.check_queue(p_queue_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM queue WHERE id = p_queue_id) THEN
		PERFORM refuse('JQ404', format('there is no queue %s', coalesce(p_queue_id::text, '(null)')));
	END IF;
END
$$;

-- ---- a job that waits ----

-- SUBMITTED -> HOLDED: no runner takes it until resume().
CREATE FUNCTION jqm.hold(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_said text := done_by('held', p_by);
BEGIN
	UPDATE job_instance SET state = 'HOLDED', has_messages = true WHERE id = p_id AND state = 'SUBMITTED';
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'cannot be held');
	END IF;
	PERFORM add_message(p_id, v_said), audit_job('hold', p_id);
END
$$;

-- HOLDED -> SUBMITTED, at the place it had; SCHEDULED when it waits for other jobs.  JQ409 also for a
-- highlander whose twin waits already.
CREATE FUNCTION jqm.resume(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_said  text := done_by('resumed', p_by);
	v_queue bigint;
BEGIN
	BEGIN
		UPDATE job_instance SET state = CASE WHEN waits_for > 0 THEN 'SCHEDULED' ELSE 'SUBMITTED' END,
		       runnable_at = now(), has_messages = true
		 WHERE id = p_id AND state = 'HOLDED' RETURNING queue_id INTO v_queue;
	EXCEPTION WHEN unique_violation THEN
		PERFORM refuse_by_state(p_id, 'cannot be resumed: another instance of its highlander definition waits');
	END;
	IF v_queue IS NULL THEN
		PERFORM refuse_by_state(p_id, 'cannot be resumed: it is not held');
	END IF;
	PERFORM add_message(p_id, v_said), audit_job('resume', p_id), wake_runners(v_queue);
END
$$;

-- Remove a job that waits, with its messages: nothing of it goes to history.  JQ409 when it has run
-- before (a retry waits): what it did and left stays on record.
CREATE FUNCTION jqm.delete(p_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	DELETE FROM job_instance
	 WHERE id = p_id AND state IN ('SUBMITTED', 'SCHEDULED', 'HOLDED') AND failures + node_losses = 0;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, CASE WHEN EXISTS (SELECT FROM job_attempt WHERE job_instance_id = p_id)
		    THEN 'cannot be deleted: it has run' ELSE 'can no longer be deleted' END);
	END IF;
	DELETE FROM message WHERE job_instance_id = p_id;
	DELETE FROM job_restart WHERE job_instance_id = p_id;
	DELETE FROM job_dependency WHERE job_instance_id = p_id;
	DELETE FROM job_waited_for WHERE job_instance_id = p_id;
	DELETE FROM input_file WHERE job_instance_id = p_id;
	PERFORM audit_job('delete', p_id), settle_dependents(ARRAY[p_id]);
END
$$;

-- Move a job that waits to another queue; its position stays.
CREATE FUNCTION jqm.set_queue(p_id bigint, p_queue_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_state text;
	v_units int;
BEGIN
	PERFORM check_queue(p_queue_id);
	UPDATE job_instance SET queue_id = p_queue_id
	 WHERE id = p_id AND state IN ('SUBMITTED', 'SCHEDULED', 'HOLDED') RETURNING state, consumption INTO v_state, v_units;
	IF v_state IS NULL THEN
		PERFORM refuse_by_state(p_id, 'can no longer change its queue');
	END IF;
	PERFORM audit_job('set_queue', p_id, 'queue_id', p_queue_id::text);
	IF v_units > 1 THEN
		PERFORM say_if_too_large(p_id, p_queue_id, v_units);
	END IF;
	IF v_state = 'SUBMITTED' THEN
		PERFORM wake_runners(p_queue_id);
	END IF;
END
$$;

-- 1 to 10, 10 first; 0: none, behind all others.  Of any job that is not over.
CREATE FUNCTION jqm.set_priority(p_id bigint, p_priority int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p_priority IS NULL OR p_priority NOT BETWEEN 0 AND 10 THEN
		PERFORM refuse('JQ400', format('priority %s is outside 1 to 10', coalesce(p_priority::text, '(null)')));
	END IF;
	UPDATE job_instance SET priority = p_priority, effective_priority = p_priority WHERE id = p_id;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'can no longer change its priority');
	END IF;
	PERFORM audit_job('set_priority', p_id, 'priority', p_priority::text);
END
$$;

-- SUBMITTED or SCHEDULED -> SCHEDULED, not before that moment; one that is past already is due at once.
CREATE FUNCTION jqm.set_run_after(p_id bigint, p_run_after timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	-- As in enqueue(): infinity is a date that no reader could be told.
	IF p_run_after IS NULL
	   OR p_run_after NOT BETWEEN '0001-01-01 00:00Z' AND '9999-12-31 23:59:59.999999Z' THEN
		PERFORM refuse('JQ400', format('runAfter %s is outside the years 1 to 9999',
		    coalesce(p_run_after::text, '(null)')));
	END IF;
	UPDATE job_instance SET state = 'SCHEDULED', run_after = p_run_after
	 WHERE id = p_id AND state IN ('SUBMITTED', 'SCHEDULED');
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'cannot be delayed');
	END IF;
	PERFORM audit_job('set_run_after', p_id, 'run_after', p_run_after::text);
END
$$;

/*
 * Make a SUBMITTED job the p_place-th (1: first; beyond the end: last) of those of its queue and
 * priority.  Its new position lies between those of its neighbours; where no number is left between
 * them, the jobs before it are pushed to lower ones, as few as possible.
 */
CREATE FUNCTION jqm.set_position(p_id bigint, p_place bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_me     job_instance;
	v_before double precision;
	v_behind double precision;
	v_new    double precision;
BEGIN
	IF p_place IS NULL OR p_place < 1 THEN
		PERFORM refuse('JQ400', format('position %s: the first is 1', coalesce(p_place::text, '(null)')));
	END IF;
	SELECT * INTO v_me FROM job_instance WHERE id = p_id AND state = 'SUBMITTED' FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'has no place in its queue that could be changed');
	END IF;
	SELECT j.position INTO v_behind FROM job_instance AS j
	 WHERE j.queue_id = v_me.queue_id AND j.state = 'SUBMITTED' AND j.effective_priority = v_me.effective_priority AND j.id <> p_id
	 ORDER BY j.position, j.id OFFSET p_place - 1 LIMIT 1;
	IF v_behind IS NULL THEN
		SELECT max(j.position) INTO v_before FROM job_instance AS j
		 WHERE j.queue_id = v_me.queue_id AND j.state = 'SUBMITTED' AND j.effective_priority = v_me.effective_priority AND j.id <> p_id;
		v_new := greatest(v_before + 1, extract(epoch FROM clock_timestamp()) * 1000);
	ELSIF p_place = 1 THEN
		v_new := v_behind - 1;
	ELSE
		SELECT j.position INTO v_before FROM job_instance AS j
		 WHERE j.queue_id = v_me.queue_id AND j.state = 'SUBMITTED' AND j.effective_priority = v_me.effective_priority AND j.id <> p_id
		 ORDER BY j.position, j.id OFFSET p_place - 2 LIMIT 1;
		v_new := v_before + (v_behind - v_before) / 2;
		IF NOT (v_before < v_new AND v_new < v_behind) THEN
			PERFORM push_before(v_me, p_place - 1, v_behind - 1);
			v_new := v_behind - 0.5;
		END IF;
	END IF;
	UPDATE job_instance SET position = v_new WHERE id = p_id;
	PERFORM audit_job('set_position', p_id, 'position', p_place::text);
END
$$;

-- The last of the first p_count jobs of p_me's queue and priority goes to p_top or below, the one before
-- it to p_top - 1 or below, and so on.  Jobs another session works on keep their number: nobody waits.
CREATE FUNCTION jqm.push_before(p_me jqm.job_instance, p_count bigint, p_top double precision) RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	WITH placed AS (
		SELECT j.id, p_top - p_count + row_number() OVER (ORDER BY j.position, j.id) AS most
		  FROM job_instance AS j
		 WHERE j.queue_id = p_me.queue_id AND j.state = 'SUBMITTED' AND j.effective_priority = p_me.effective_priority
		   AND j.id <> p_me.id ORDER BY j.position, j.id LIMIT p_count
	), mine AS MATERIALIZED (
		SELECT j.id, p.most FROM job_instance AS j JOIN placed AS p ON p.id = j.id
		 WHERE j.position > p.most ORDER BY j.id FOR UPDATE OF j SKIP LOCKED
	)
	UPDATE job_instance AS j SET position = m.most FROM mine AS m WHERE j.id = m.id
$$;

-- ---- a job that runs ----

-- There is an order for a job of this node; nobody to tell while no node has the job.
CREATE FUNCTION jqm.tell_node(p_node_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p_node_id IS NOT NULL THEN
		PERFORM pg_notify('jqm_order', p_node_id::text);
	END IF;
END
$$;

-- Let a running job stand still (its processes get SIGSTOP); one that does not run yet will when it does.
CREATE FUNCTION jqm.pause_running(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_said text := done_by('paused', p_by);
	v_me   job_instance;
BEGIN
	SELECT * INTO v_me FROM job_instance WHERE id = p_id FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'can no longer be paused');
	ELSIF v_me.instruction = 'KILL' THEN
		PERFORM refuse_by_state(p_id, 'is being killed');
	ELSIF v_me.instruction <> 'PAUSE' THEN
		UPDATE job_instance SET instruction = 'PAUSE', instruction_by = p_by, has_messages = true WHERE id = p_id;
		PERFORM add_message(p_id, v_said), audit_job('pause', p_id), tell_node(v_me.node_id);
	END IF;
END
$$;

-- Take a pause back.  JQ409 when there is none.
CREATE FUNCTION jqm.resume_running(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_said text := done_by('resumed', p_by);
	v_node bigint;
BEGIN
	UPDATE job_instance SET instruction = 'RUN', instruction_by = NULL, has_messages = true
	 WHERE id = p_id AND instruction = 'PAUSE' RETURNING node_id INTO v_node;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'not paused');
	END IF;
	PERFORM add_message(p_id, v_said), audit_job('unpause', p_id), tell_node(v_node);
END
$$;

-- ---- a job that is over ----

-- Enqueue what a past job was, through enqueue() and its highlander rule: definition, tags, user, parent,
-- concurrency key and parameters of then; queue, priority and command of the definition of today.  JQ409
-- when not over.  It is submitted by p_by.
CREATE FUNCTION jqm.enqueue_past(p_id bigint, p_held boolean, p_by text, p_scope text[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_past history;
	v_user text;
	v_name text;
BEGIN
	SELECT * INTO v_past FROM history WHERE id = p_id;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'not over');
	END IF;
	SELECT name INTO v_name FROM job_def WHERE id = v_past.job_def_id;
	IF NOT FOUND THEN
		SELECT name INTO v_name FROM definition_snapshot WHERE id = v_past.snapshot_id;
	END IF;
	SELECT name INTO v_user FROM name_snapshot WHERE id = v_past.user_name_id;
	RETURN enqueue(v_name, v_past.parameters, held => p_held, user_name => v_user,
	    session_id => v_past.session_key, application => v_past.application, module => v_past.module,
	    keyword1 => v_past.keyword1, keyword2 => v_past.keyword2, keyword3 => v_past.keyword3,
	    email => v_past.email, parent_id => v_past.parent_id, concurrency_key => v_past.concurrency_key,
	    submitter => p_by, scope => p_scope);
END
$$;

-- One more of a job that is over; returns its id, or that of a waiting highlander.  p_scope: see enqueue().
CREATE FUNCTION jqm.enqueue_again(p_id bigint, p_by text DEFAULT NULL, p_scope text[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_said text := done_by(format('enqueued again after job instance %s', p_id), p_by);
	v_new  bigint := enqueue_past(p_id, false, p_by, p_scope);
BEGIN
	-- A waiting highlander was there before, and may be somebody else's.
	PERFORM add_message(v_new, v_said) FROM job_instance WHERE id = v_new AND enqueued_at = now();
	PERFORM audit_job('enqueue_again', p_id, 'job', v_new::text);
	RETURN v_new;
END
$$;

/*
 * A new job in place of one that ended CRASHED or KILLED, with exactly its parameters; returns its id.
 * The old one stays in history; both say so in their messages, job_restart links them.  JQ409 when it
 * did not crash, was restarted before, or is a highlander of which another instance waits.
 */
CREATE FUNCTION jqm.restart_crashed(p_id bigint, p_by text DEFAULT NULL, p_scope text[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_past  history;
	v_new   bigint;
	v_queue bigint;
BEGIN
	SELECT * INTO v_past FROM history WHERE id = p_id AND state IN ('CRASHED', 'KILLED');
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'cannot be restarted: it has not crashed');
	END IF;
	v_new := enqueue_past(p_id, true, p_by, p_scope);
	-- Waits for another session that restarts the same job.
	INSERT INTO job_restart VALUES (p_id, v_new) ON CONFLICT (restart_of) DO NOTHING;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, format('was already restarted as job instance %s',
		    (SELECT job_instance_id FROM job_restart WHERE restart_of = p_id)));
	END IF;
	BEGIN
		UPDATE job_instance SET state = 'SUBMITTED', parameters = v_past.parameters WHERE id = v_new
		RETURNING queue_id INTO v_queue;
	EXCEPTION WHEN unique_violation THEN
		PERFORM refuse_by_state(p_id, 'cannot be restarted: another instance of its highlander definition waits');
	END;
	PERFORM add_message(p_id, done_by(format('restarted as job instance %s', v_new), p_by)),
	        add_message(v_new, done_by(format('restart of job instance %s', p_id), p_by)),
	        audit_job('restart', p_id, 'job', v_new::text), wake_runners(v_queue);
	RETURN v_new;
END
$$;

-- ---- queues ----

-- Disable, or enable, all mappings of a queue, on every node.  Running jobs go on.
CREATE FUNCTION jqm.queue_enable(p_queue_id bigint, p_enabled boolean) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_queue(p_queue_id);
	UPDATE queue_mapping SET enabled = p_enabled, last_modified = now()
	 WHERE queue_id = p_queue_id AND enabled <> p_enabled;
	INSERT INTO audit (action, kind, object_id, name) SELECT CASE WHEN p_enabled THEN 'resume' ELSE 'pause' END, 'q', id, name
	  FROM queue WHERE id = p_queue_id;
END
$$;

CREATE FUNCTION jqm.queue_pause(p_queue_id bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS 'SELECT queue_enable(p_queue_id, false)';

CREATE FUNCTION jqm.queue_resume(p_queue_id bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS 'SELECT queue_enable(p_queue_id, true)';

-- Cancel every job that waits in a queue, due or not, held or not; returns how many.
CREATE FUNCTION jqm.queue_clear(p_queue_id bigint, p_by text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_reason text := done_by('cancelled: queue cleared', p_by);
	v_ids    bigint[];
BEGIN
	PERFORM check_queue(p_queue_id);
	SELECT coalesce(array_agg(w.id) FILTER (WHERE archive_waiting(w.id, v_reason)), '{}') INTO v_ids FROM (
		SELECT id FROM job_instance
		 WHERE queue_id = p_queue_id AND state IN ('SUBMITTED', 'SCHEDULED', 'HOLDED')
		 ORDER BY id FOR UPDATE) AS w;
	INSERT INTO audit (action, kind, object_id, name, changes) SELECT 'clear', 'q', id, name, jsonb_build_array(
	    audit_change('jobs', cardinality(v_ids)::text)) FROM queue WHERE id = p_queue_id;
	INSERT INTO audit (action, kind, object_id) SELECT 'cancel', 'job', unnest(v_ids);
	RETURN cardinality(v_ids);
END
$$;

-- RUNNING: all mappings are enabled and have room; PAUSED: none, or there is no mapping.
CREATE FUNCTION jqm.queue_status(p_queue_id bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_all bigint;
	v_on  bigint;
BEGIN
	PERFORM check_queue(p_queue_id);
	SELECT count(*), count(*) FILTER (WHERE enabled AND max_jobs > 0) INTO v_all, v_on
	  FROM queue_mapping WHERE queue_id = p_queue_id;
	RETURN CASE WHEN v_on = 0 THEN 'PAUSED' WHEN v_on = v_all THEN 'RUNNING' ELSE 'PARTIALLY_RUNNING' END;
END
$$;

-- How many of its jobs may run at the same time: enabled mappings on enabled nodes.
CREATE FUNCTION jqm.queue_capacity(p_queue_id bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_queue(p_queue_id);
	RETURN (SELECT coalesce(sum(m.max_jobs), 0) FROM queue_mapping AS m JOIN node AS n ON n.id = m.node_id
	         WHERE m.queue_id = p_queue_id AND m.enabled AND n.enabled AND NOT n.draining);
END
$$;

GRANT EXECUTE ON FUNCTION jqm.hold(bigint, text), jqm.resume(bigint, text), jqm.delete(bigint),
    jqm.set_queue(bigint, bigint), jqm.set_priority(bigint, int), jqm.set_run_after(bigint, timestamptz),
    jqm.set_position(bigint, bigint), jqm.pause_running(bigint, text), jqm.resume_running(bigint, text),
    jqm.enqueue_again, jqm.restart_crashed, jqm.queue_pause(bigint),
    jqm.queue_resume(bigint), jqm.queue_clear(bigint, text), jqm.queue_status(bigint),
    jqm.queue_capacity(bigint)
    TO jqm_api, jqm_client;
