-- SPDX-License-Identifier: Apache-2.0
-- The one door to the queue: web API, runners (schedules), client library and psql all call enqueue().
-- Refusals have SQLSTATE JQ400 (the request is wrong), JQ404, JQ409 and a text made for the caller.
SET LOCAL ROLE jqm_owner;

CREATE FUNCTION jqm.refuse(p_code text, p_text text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '%', p_text USING ERRCODE = p_code;
END
$$;

-- Names the field that is too long.
CREATE FUNCTION jqm.check_length(p_field text, p_value text, p_max int) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF length(p_value) > p_max THEN
		RAISE EXCEPTION 'field "%" has % characters, at most % are allowed', p_field, length(p_value), p_max
		    USING ERRCODE = 'JQ400';
	END IF;
END
$$;

CREATE FUNCTION jqm.check_parameters(p jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v record;
BEGIN
	IF jsonb_typeof(p) <> 'object' THEN
		RAISE EXCEPTION 'parameters must be an object of texts' USING ERRCODE = 'JQ400';
	END IF;
	-- A runner reads them all before it can start the job, and whatever waits behind it waits.
	IF (SELECT count(*) FROM jsonb_object_keys(p)) > 1000 THEN
		RAISE EXCEPTION 'more than 1000 parameters' USING ERRCODE = 'JQ400';
	END IF;
	FOR v IN SELECT e.key, e.value #>> '{}' AS value, jsonb_typeof(e.value) AS type FROM jsonb_each(p) AS e LOOP
		IF length(v.key) NOT BETWEEN 1 AND 50 THEN
			RAISE EXCEPTION 'parameter key "%" must have 1 to 50 characters', left(v.key, 60)
			    USING ERRCODE = 'JQ400';
		ELSIF v.type <> 'string' OR length(v.value) NOT BETWEEN 1 AND 1000 THEN
			RAISE EXCEPTION 'value of parameter "%" must be a text of 1 to 1000 characters', v.key
			    USING ERRCODE = 'JQ400';
		END IF;
	END LOOP;
END
$$;

-- Class id of our advisory locks on queues ("JQMQ"); the second key is the queue's id.
CREATE FUNCTION jqm.queue_lock_class() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    'SELECT x''4a514d51''::int';

/*
 * Wake the runners that said they sleep; see jqm.runner_wait() for why nothing is ever missed.  The
 * lock is only tried: while a runner has it, or somebody who means no good, all runners are told.  Two
 * statements: the second must see what was committed before the lock was got.
 */
CREATE FUNCTION jqm.wake_runners(p_queue_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_locked boolean := pg_try_advisory_xact_lock_shared(queue_lock_class(), p_queue_id::int);
BEGIN
	IF NOT v_locked OR EXISTS (SELECT FROM runner_waiting WHERE queue_id = p_queue_id) THEN
		PERFORM pg_notify('jqm_queue', p_queue_id::text);
	END IF;
END
$$;

/*
 * Put one job into its queue; returns its id.  The job exists when the caller's transaction commits,
 * and never otherwise.  A highlander definition with a waiting job returns that job's id.
 * Precedence of parameters: definition < request; of queue and priority: request, else definition.
 */
CREATE FUNCTION jqm.enqueue(
	application_name text,
	parameters       jsonb       DEFAULT '{}',
	queue_name       text        DEFAULT NULL,
	priority         int         DEFAULT NULL,
	run_after        timestamptz DEFAULT NULL,
	held             boolean     DEFAULT false,
	user_name        text        DEFAULT NULL,
	session_id       text        DEFAULT NULL,
	application      text        DEFAULT NULL,
	module           text        DEFAULT NULL,
	keyword1         text        DEFAULT NULL,
	keyword2         text        DEFAULT NULL,
	keyword3         text        DEFAULT NULL,
	email            text        DEFAULT NULL,
	parent_id        bigint      DEFAULT NULL,
	trace_id         text        DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	v_def   job_def;
	v_queue bigint;
	v_id    bigint;
	v_state text := CASE WHEN run_after IS NOT NULL THEN 'SCHEDULED' WHEN held THEN 'HOLDED' ELSE 'SUBMITTED' END;
BEGIN
	IF coalesce(btrim(application_name), '') = '' THEN
		PERFORM refuse('JQ400', 'applicationName is missing');
	END IF;
	SELECT * INTO v_def FROM job_def AS d WHERE d.name = application_name;
	IF NOT FOUND THEN
		PERFORM refuse('JQ400', format('there is no job definition "%s"', left(application_name, 100)));
	END IF;
	IF parameters IS NOT NULL AND parameters <> '{}' THEN
		PERFORM check_parameters(parameters);
	END IF;
	-- Short all together, none is too long; else each is looked at (nine calls cost as much as the INSERT).
	IF length(concat(user_name, session_id, application, module, keyword1, keyword2, keyword3, email,
	    trace_id)) > 50 THEN
		PERFORM check_length('user', user_name, 100), check_length('sessionID', session_id, 255),
		        check_length('application', application, 50), check_length('module', module, 50),
		        check_length('keyword1', keyword1, 50), check_length('keyword2', keyword2, 50),
		        check_length('keyword3', keyword3, 50), check_length('email', email, 255),
		        check_length('traceId', trace_id, 2048);
	END IF;
	IF priority NOT BETWEEN 0 AND 10 THEN
		PERFORM refuse('JQ400', format('priority %s is outside 1 to 10', priority));
	END IF;
	-- Infinity is a date too, but none that a reader could be told.
	IF run_after NOT BETWEEN '0001-01-01 00:00Z' AND '9999-12-31 23:59:59.999999Z' THEN
		PERFORM refuse('JQ400', format('runAfter %s is outside the years 1 to 9999', run_after));
	END IF;
	v_queue := v_def.queue_id;
	IF queue_name IS NOT NULL THEN
		SELECT q.id INTO v_queue FROM queue AS q WHERE q.name = queue_name;
		IF NOT FOUND THEN
			PERFORM refuse('JQ400', format('there is no queue "%s"', left(queue_name, 50)));
		END IF;
	END IF;

	LOOP
		IF v_def.highlander AND v_state = 'SUBMITTED' THEN
			SELECT j.id INTO v_id FROM job_instance AS j
			 WHERE j.job_def_id = v_def.id AND j.highlander AND j.state = 'SUBMITTED';
			IF FOUND THEN
				RETURN v_id;
			END IF;
		END IF;
		INSERT INTO job_instance AS j (job_def_id, queue_id, state, priority, position, run_after,
		    parent_id, highlander, from_schedule, user_name_id, snapshot_id, session_key, email,
		    application, module, keyword1, keyword2, keyword3, trace_id, parameters)
		VALUES (v_def.id, v_queue, v_state, coalesce(nullif(priority, 0), v_def.priority, 0),
		    extract(epoch FROM clock_timestamp()) * 1000, run_after,
		    nullif(parent_id, 0), v_def.highlander, run_after IS NOT NULL,
		    name_snapshot_id('u', user_name), v_def.snapshot_id, session_id, email,
		    application, module, keyword1, keyword2, keyword3, trace_id,
		    v_def.parameters || coalesce(parameters, '{}'))
		ON CONFLICT (job_def_id) WHERE highlander AND state = 'SUBMITTED' DO NOTHING
		RETURNING j.id INTO v_id;
		EXIT WHEN v_id IS NOT NULL;
		-- Another session's highlander came first; its row is visible now, or gone again: look once more.
	END LOOP;
	IF v_state = 'SUBMITTED' THEN
		PERFORM wake_runners(v_queue);
	END IF;
	RETURN v_id;
END
$$;

-- Remember something about a live or past job; JQ404: of a future one nothing can be said.
CREATE FUNCTION jqm.add_message(p_id bigint, p_text text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM job_instance WHERE id = p_id UNION ALL SELECT FROM history WHERE id = p_id) THEN
		PERFORM refuse('JQ404', format('there is no job instance %s', p_id));
	END IF;
	INSERT INTO message (job_instance_id, text_message) VALUES (p_id, left(p_text, 1000));
END
$$;

-- Move a job that waits to history as CANCELLED.  JQ404 unknown, JQ409 when it no longer waits.
CREATE FUNCTION jqm.cancel(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_state text;
BEGIN
	PERFORM check_length('by', p_by, 100);
	IF archive_waiting(p_id, CASE WHEN p_by IS NULL THEN 'cancelled' ELSE 'cancelled by ' || p_by END) THEN
		RETURN;
	END IF;
	SELECT state INTO v_state FROM (SELECT state FROM job_instance WHERE id = p_id
	    UNION ALL SELECT state FROM history WHERE id = p_id) AS s;
	IF v_state IS NULL THEN
		PERFORM refuse('JQ404', format('there is no job instance %s', p_id));
	END IF;
	PERFORM refuse('JQ409', format('job instance %s is %s and can no longer be cancelled', p_id, v_state));
END
$$;

-- The live row of a waiting job becomes a history row; true when it was there.
CREATE FUNCTION jqm.archive_waiting(p_id bigint, p_reason text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH gone AS (
		DELETE FROM job_instance WHERE id = p_id AND state IN ('SUBMITTED', 'SCHEDULED', 'HOLDED')
		RETURNING *
	), kept AS (
		INSERT INTO history (id, job_def_id, queue_id, state, snapshot_id, user_name_id, queue_name_id,
		    priority, attempt, enqueued_at, ended_at, run_after, parent_id, highlander, from_schedule,
		    progress, session_key, email, application, module, keyword1, keyword2, keyword3, trace_id,
		    parameters, reason)
		SELECT g.id, g.job_def_id, g.queue_id, 'CANCELLED', g.snapshot_id, g.user_name_id, q.name_id,
		    g.priority, g.attempt, g.enqueued_at, now(), g.run_after, g.parent_id, g.highlander,
		    g.from_schedule, g.progress, g.session_key, g.email, g.application, g.module, g.keyword1,
		    g.keyword2, g.keyword3, g.trace_id, g.parameters, left(p_reason, 1000)
		  FROM gone AS g JOIN queue AS q ON q.id = g.queue_id
		RETURNING 1
	)
	SELECT EXISTS (SELECT FROM kept)
$$;

-- End a job wherever it is: waiting jobs are cancelled, a running one is killed by its node within a
-- second.  JQ404 unknown, JQ409 already over.
CREATE FUNCTION jqm.kill(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_node bigint;
BEGIN
	PERFORM check_length('by', p_by, 100);
	IF archive_waiting(p_id, CASE WHEN p_by IS NULL THEN 'cancelled' ELSE 'cancelled by ' || p_by END) THEN
		RETURN;
	END IF;
	UPDATE job_instance SET instruction = 'KILL', instruction_by = p_by
	 WHERE id = p_id AND state IN ('ATTRIBUTED', 'RUNNING') RETURNING node_id INTO v_node;
	IF v_node IS NULL THEN
		IF EXISTS (SELECT FROM history WHERE id = p_id) THEN
			PERFORM refuse('JQ409', format('job instance %s is already over', p_id));
		END IF;
		PERFORM refuse('JQ404', format('there is no job instance %s', p_id));
	END IF;
	PERFORM add_message(p_id, 'Kill attempt on the job');
	PERFORM pg_notify('jqm_order', v_node::text);
END
$$;

-- The next state of jobs whose date has come; returns how many.  A highlander that would be the second
-- waiting one stays until the first has started.
CREATE FUNCTION jqm.promote_due() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_queue bigint;
	v_n     int := 0;
BEGIN
	FOR v_queue IN
		WITH due AS MATERIALIZED (
			SELECT id, job_def_id, highlander FROM job_instance
			 WHERE state = 'SCHEDULED' AND run_after <= now() ORDER BY run_after, id LIMIT 1000
			   FOR UPDATE SKIP LOCKED
		), ready AS (
			SELECT id FROM due WHERE NOT highlander
			UNION ALL
			SELECT min(d.id) FROM due AS d WHERE d.highlander AND NOT EXISTS (SELECT FROM job_instance AS w
			    WHERE w.job_def_id = d.job_def_id AND w.highlander AND w.state = 'SUBMITTED')
			 GROUP BY d.job_def_id
		)
		UPDATE job_instance AS j SET state = 'SUBMITTED' FROM ready WHERE j.id = ready.id
		RETURNING j.queue_id
	LOOP
		v_n := v_n + 1;
		PERFORM pg_notify('jqm_queue', v_queue::text);
	END LOOP;
	RETURN v_n;
END
$$;
