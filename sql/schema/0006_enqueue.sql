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
		ELSIF v.type = 'object' THEN
			IF NOT secret_ok(v.value::jsonb) THEN
				RAISE EXCEPTION 'parameter "%" is neither a text nor a sealed secret', v.key USING ERRCODE = 'JQ400';
			END IF;
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

-- The trace that a job belongs to, live or past: its children, if they name none of their own, belong to it too.
CREATE FUNCTION jqm.trace_of(p_id bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT trace_id FROM job_instance WHERE id = p_id UNION ALL SELECT trace_id FROM history WHERE id = p_id LIMIT 1
$$;

-- Fit to be a job's parameters (else JQ400, as check_parameters() says), and none of them a secret or a need.
CREATE FUNCTION jqm.parameters_ordinary(p jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_parameters(p);
	RETURN NOT (p @? '$.*.secret' OR has_needs(p));
END
$$;

/*
 * Put one job into its queue; returns its id.  The job exists when the caller's transaction commits,
 * and never otherwise.  A highlander definition with a waiting job returns that job's id.
 * Precedence of parameters: definition < schedule < request; of queue and priority: request, else
 * schedule, else definition.  With schedule_id the definition is the schedule's, whatever
 * application_name says.  wait_for: see read_wait_for(); the job is SCHEDULED until all has come true,
 * and CANCELLED when that can no longer be.  An empty tag is none.  idempotency_key: who enqueues again with
 * the same key (and the same idempotency_owner) within its life gets the id of the first time, see
 * keep_idempotency_key().  user_name is a tag; submitter is who asks, as the web API knows it: of any other
 * caller it is its session that counts.  scope limits what may be enqueued: see in_scope(); what it does not
 * cover is refused as if it did not exist.
 *
 * Three statements do an ordinary request: no date, schedule, highlander, needs, secrets, types, e-mail, scope or key of any kind,
 * and names that were seen before.  A transaction of one enqueue makes all expressions of a function ready anew, which
 * takes longer than what they do: so there are few of them here, and whatever is not ordinary, or not right, is
 * enqueue_special()'s.
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
	trace_id         text        DEFAULT NULL,
	wait_for         text[]      DEFAULT NULL,
	max_attempts     int         DEFAULT NULL,
	concurrency_key  text        DEFAULT NULL,
	schedule_id      bigint      DEFAULT NULL,
	idempotency_key  text        DEFAULT NULL,
	idempotency_owner text       DEFAULT NULL,
	submitter        text        DEFAULT NULL,
	scope            text[]      DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	v_def      bigint;
	v_queue    bigint;
	v_snapshot int;
	v_priority int;
	v_given    jsonb;
	v_attempts int;
	v_user     int;
	v_asker    int;
	v_locked   boolean;
	v_wake     boolean;
	v_id       bigint;
BEGIN
	IF num_nonnulls(queue_name, run_after, email, parent_id, wait_for, max_attempts, concurrency_key, schedule_id,
	       idempotency_key, scope) = 0
	   AND held IS NOT TRUE AND (priority IS NULL OR priority = 0) AND (parameters = '{}' OR parameters_ordinary(parameters))
	   AND length(concat(user_name, session_id, application, module, keyword1, keyword2, keyword3, trace_id)) <= 50
	   AND array_position(ARRAY[session_id, application, module, keyword1, keyword2, keyword3, trace_id], '') IS NULL
	THEN
		SELECT d.id, d.queue_id, d.snapshot_id, coalesce(d.priority, 0), d.parameters || parameters, d.attempts_max, u.id, b.id,
		       pg_try_advisory_xact_lock_shared(queue_lock_class(), d.queue_id::int)
		  INTO v_def, v_queue, v_snapshot, v_priority, v_given, v_attempts, v_user, v_asker, v_locked
		  FROM job_def AS d
		  JOIN name_snapshot AS b ON b.kind = 'a' AND b.name = concat((SELECT a.id FROM account AS a
		       WHERE a.login = submitter_name(submitter)), ':') || submitter_name(submitter)
		  LEFT JOIN name_snapshot AS u ON u.kind = 'u' AND u.name = user_name
		 WHERE d.name = application_name AND d.is_ordinary AND (user_name IS NULL OR u.id IS NOT NULL);
		IF FOUND THEN
			-- As wake_runners(): the lock was tried before this statement.
			INSERT INTO job_instance AS j (job_def_id, queue_id, state, priority, effective_priority, position, highlander,
			    user_name_id, submitter_id, snapshot_id, session_key, application, module, keyword1, keyword2, keyword3,
			    trace_id, parameters, attempts_max)
			VALUES (v_def, v_queue, 'SUBMITTED', v_priority, v_priority, date_part('epoch', clock_timestamp()) * 1000, false,
			    v_user, v_asker, v_snapshot, session_id, application, module, keyword1, keyword2, keyword3, trace_id,
			    v_given, v_attempts)
			RETURNING j.id, NOT v_locked OR EXISTS (SELECT FROM runner_waiting AS w WHERE w.queue_id = v_queue) INTO v_id, v_wake;
			IF v_wake THEN
				PERFORM pg_notify('jqm_queue', v_queue::text);
			END IF;
			IF v_id % 100000 = 0 THEN -- runners do it too, if there are any
				PERFORM history_extend_if_possible();
			END IF;
			INSERT INTO audit (action, kind, object_id, name) VALUES ('enqueue', 'job', v_id, application_name);
			RETURN v_id;
		END IF;
	END IF;
	RETURN enqueue_special(application_name, parameters, queue_name, priority, run_after, held, user_name, session_id,
	    application, module, keyword1, keyword2, keyword3, email, parent_id, trace_id, wait_for, max_attempts,
	    concurrency_key, schedule_id, idempotency_key, idempotency_owner, submitter, scope);
END
$$;

-- The same for any request, ordinary or not.
CREATE FUNCTION jqm.enqueue_special(
	application_name text,
	parameters jsonb,
	queue_name text,
	priority int,
	run_after timestamptz,
	held boolean,
	user_name text,
	session_id text,
	application text,
	module text,
	keyword1 text,
	keyword2 text,
	keyword3 text,
	email text,
	parent_id bigint,
	trace_id text,
	wait_for text[],
	max_attempts int,
	concurrency_key text,
	schedule_id bigint,
	idempotency_key text,
	idempotency_owner text,
	submitter text,
	scope text[]
) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	v_def      job_def;
	v_schedule schedule;
	v_given    jsonb := parameters;
	v_units    int := 1;
	v_items    int := 0;
	v_key      text;
	v_queue    bigint;
	v_priority int;
	v_id       bigint;
	v_user     int;
	v_locked   boolean;
	v_asker    text := submitter_name(submitter);
	v_account  text := (SELECT a.id FROM account AS a WHERE a.login = v_asker);
	v_state    text := CASE WHEN run_after IS NOT NULL THEN 'SCHEDULED' WHEN held THEN 'HOLDED' ELSE 'SUBMITTED' END;
BEGIN
	IF schedule_id IS NOT NULL THEN
		SELECT * INTO v_schedule FROM schedule AS s WHERE s.id = schedule_id AND scope IS NULL;
		IF NOT FOUND THEN
			PERFORM refuse('JQ400', format('there is no schedule %s', schedule_id));
		END IF;
		SELECT * INTO v_def FROM job_def AS d WHERE d.id = v_schedule.job_def_id;
		v_given := v_schedule.parameters || coalesce(parameters, '{}');
	ELSE
		IF coalesce(btrim(application_name), '') = '' THEN
			PERFORM refuse('JQ400', 'applicationName is missing');
		END IF;
		SELECT * INTO v_def FROM job_def AS d WHERE d.name = application_name;
		IF NOT FOUND OR scope IS NOT NULL AND NOT queue_id_in_scope(scope, v_def.queue_id, v_def.name, v_account) THEN
			PERFORM refuse('JQ400', format('there is no job definition "%s"', left(application_name, 100)));
		END IF;
	END IF;
	IF idempotency_key <> '' THEN
		v_id := keep_idempotency_key(idempotency_key, idempotency_owner, v_def.id);
		IF v_id IS NOT NULL THEN
			RETURN v_id;
		END IF;
	END IF;
	IF parameters IS NOT NULL AND parameters <> '{}' THEN
		PERFORM check_parameters(parameters);
	END IF;
	-- Short all together, none is too long; else each is looked at (nine calls cost as much as the INSERT).
	IF length(concat(user_name, session_id, application, module, keyword1, keyword2, keyword3, email,
	    trace_id, concurrency_key)) > 50 THEN
		PERFORM check_length('user', user_name, 255), check_length('sessionID', session_id, 255),
		        check_length('application', application, 50), check_length('module', module, 50),
		        check_length('keyword1', keyword1, 50), check_length('keyword2', keyword2, 50),
		        check_length('keyword3', keyword3, 50), check_length('email', email, 255),
		        check_length('traceId', trace_id, 2048), check_length('concurrencyKey', concurrency_key, 100);
	END IF;
	IF email <> '' THEN
		PERFORM check_email(email);
	END IF;
	IF priority NOT BETWEEN 0 AND 10 THEN
		PERFORM refuse('JQ400', format('priority %s is outside 1 to 10', priority));
	END IF;
	IF max_attempts NOT BETWEEN 1 AND 100 THEN
		PERFORM refuse('JQ400', format('maxAttempts %s is outside 1 to 100', max_attempts));
	END IF;
	-- Infinity is a date too, but none that a reader could be told.
	IF run_after NOT BETWEEN '0001-01-01 00:00Z' AND '9999-12-31 23:59:59.999999Z' THEN
		PERFORM refuse('JQ400', format('runAfter %s is outside the years 1 to 9999', run_after));
	END IF;
	v_queue := coalesce(v_schedule.queue_id, v_def.queue_id);
	IF queue_name IS NOT NULL THEN
		SELECT q.id INTO v_queue FROM queue AS q WHERE q.name = queue_name;
		IF NOT FOUND OR scope IS NOT NULL AND NOT in_scope(scope, queue_name, v_def.name, v_account) THEN
			PERFORM refuse('JQ400', format('there is no queue "%s"', left(queue_name, 50)));
		END IF;
	END IF;
	v_priority := coalesce(nullif(priority, 0), v_schedule.priority, v_def.priority, 0);
	IF v_def.has_secrets OR v_schedule.has_secrets OR v_given @? '$.*.secret' THEN
		v_given := with_secrets(with_secrets(v_def.parameters, v_schedule.parameters, true), parameters, false);
	ELSE
		v_given := v_def.parameters || coalesce(v_given, '{}');
	END IF;
	IF v_def.parameter_types <> '[]' THEN
		PERFORM check_typed_parameters(v_def.parameter_types, v_given);
	END IF;
	IF has_needs(v_given) THEN
		SELECT n.consumption, n.items_wanted INTO v_units, v_items FROM needs_of(v_given) AS n;
		PERFORM check_items(v_items);
	END IF;
	-- Nearly always they are there: a look costs half of what the function does.
	SELECT n.id INTO v_user FROM name_snapshot AS n WHERE n.kind = 'u' AND n.name = user_name;
	IF NOT FOUND THEN
		v_user := name_snapshot_id('u', user_name);
	END IF;
	v_key := coalesce(nullif(concurrency_key, ''), v_def.concurrency_key);
	IF cardinality(wait_for) > 0 AND v_state = 'SUBMITTED' THEN
		v_state := 'SCHEDULED';
	END IF;
	IF parent_id > 0 AND coalesce(trace_id, '') = '' THEN
		trace_id := trace_of(parent_id);
	END IF;

	LOOP
		IF v_def.highlander AND v_state = 'SUBMITTED' THEN
			SELECT j.id INTO v_id FROM job_instance AS j
			 WHERE j.job_def_id = v_def.id AND j.highlander AND j.state = 'SUBMITTED';
			IF FOUND THEN
				IF idempotency_key <> '' THEN
					PERFORM fill_idempotency_key(idempotency_key, idempotency_owner, v_id);
				END IF;
				RETURN v_id;
			END IF;
		END IF;
		INSERT INTO job_instance AS j (job_def_id, queue_id, state, priority, effective_priority, position,
		    run_after, parent_id, highlander, from_schedule, user_name_id, submitter_id, snapshot_id,
		    session_key, email, application, module, keyword1, keyword2, keyword3, trace_id, parameters, consumption,
		    items_wanted, concurrency_key, needs_care, attempts_max, schedule_id, waits_for)
		VALUES (v_def.id, v_queue, v_state, v_priority, v_priority,
		    extract(epoch FROM clock_timestamp()) * 1000, run_after,
		    nullif(parent_id, 0), v_def.highlander, run_after IS NOT NULL OR schedule_id IS NOT NULL,
		    v_user, name_snapshot_id('a', concat(v_account, ':') || v_asker),
		    v_def.snapshot_id, nullif(session_id, ''), nullif(email, ''),
		    nullif(application, ''), nullif(module, ''), nullif(keyword1, ''), nullif(keyword2, ''),
		    nullif(keyword3, ''), nullif(trace_id, ''), v_given, v_units,
		    v_items, v_key, v_units <> 1 OR v_items > 0 OR v_key IS NOT NULL,
		    coalesce(max_attempts, v_def.attempts_max), schedule_id, coalesce(cardinality(wait_for), 0))
		ON CONFLICT (job_def_id) WHERE highlander AND state = 'SUBMITTED' DO NOTHING
		RETURNING j.id INTO v_id;
		EXIT WHEN v_id IS NOT NULL;
		-- Another session's highlander came first; its row is visible now, or gone again: look once more.
	END LOOP;
	IF cardinality(wait_for) > 0 THEN
		PERFORM wait_for(v_id, wait_for);
	ELSIF v_state = 'SUBMITTED' THEN
		-- wake_runners(), without what calling it costs.
		v_locked := pg_try_advisory_xact_lock_shared(queue_lock_class(), v_queue::int);
		IF NOT v_locked OR EXISTS (SELECT FROM runner_waiting AS w WHERE w.queue_id = v_queue) THEN
			PERFORM pg_notify('jqm_queue', v_queue::text);
		END IF;
	END IF;
	IF v_units > 1 THEN
		PERFORM say_if_too_large(v_id, v_queue, v_units);
	END IF;
	IF v_id % 100000 = 0 THEN -- runners do it too, if there are any
		PERFORM history_extend_if_possible();
	END IF;
	IF idempotency_key <> '' THEN
		PERFORM fill_idempotency_key(idempotency_key, idempotency_owner, v_id);
	END IF;
	INSERT INTO audit (action, kind, object_id, name) VALUES ('enqueue', 'job', v_id, v_def.name);
	RETURN v_id;
END
$$;

/*
 * A permission may be limited: to the jobs of named queues or definitions, or to those the account
 * submitted.  Its limits are texts, any of which will do: 'queue=Q1', 'definition=D1', 'own=12'.  NULL: no
 * limit.  Names are compared as they are: those of past jobs as they were then.  p_account: the number of the account
 * behind a job; whoever has its login later is another one.
 */
CREATE FUNCTION jqm.in_scope(p_scope text[], p_queue text, p_definition text, p_account text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_scope IS NULL
	    OR p_scope && ARRAY['queue=' || p_queue, 'definition=' || p_definition, 'own=' || p_account]
$$;

CREATE FUNCTION jqm.queue_id_in_scope(p_scope text[], p_queue_id bigint, p_definition text, p_account text)
RETURNS boolean
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT in_scope(p_scope, (SELECT name FROM queue WHERE id = p_queue_id), p_definition, p_account)
$$;

-- Our own programs are believed when they say for whom they ask, no other session is.  No login has a colon.
CREATE FUNCTION jqm.submitter_name(p_claimed text) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN session_user IN ('jqm_api', 'jqm_runner', 'jqm_owner') THEN nullif(p_claimed, '')
	       ELSE 'sql:' || session_user END
$$;

-- Remember something about a live or past job; JQ404: of a future one nothing can be said.
CREATE FUNCTION jqm.add_message(p_id bigint, p_text text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM job_instance WHERE id = p_id UNION ALL SELECT FROM history WHERE id = p_id) THEN
		PERFORM refuse('JQ404', format('there is no job instance %s', p_id));
	END IF;
	INSERT INTO message (job_instance_id, text_message) VALUES (p_id, left(p_text, 1024));
END
$$;

-- Move a job that waits to history as CANCELLED.  JQ404 unknown, JQ409 when it no longer waits.
CREATE FUNCTION jqm.cancel(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_state text;
BEGIN
	PERFORM check_length('by', p_by, 255);
	LOOP
		IF archive_waiting(p_id, CASE WHEN p_by IS NULL THEN 'cancelled' ELSE 'cancelled by ' || p_by END) THEN
			PERFORM audit_job('cancel', p_id);
			RETURN;
		END IF;
		SELECT state INTO v_state FROM (SELECT state FROM job_instance WHERE id = p_id
		    UNION ALL SELECT state FROM history WHERE id = p_id) AS s;
		-- It may have gone back to its queue between the two (a retry).
		EXIT WHEN v_state IS NULL OR v_state NOT IN ('SUBMITTED', 'SCHEDULED', 'HOLDED');
	END LOOP;
	IF v_state IS NULL THEN
		PERFORM refuse('JQ404', format('there is no job instance %s', p_id));
	END IF;
	PERFORM refuse('JQ409', format('job instance %s is %s and can no longer be cancelled', p_id, v_state));
END
$$;

-- Live rows of waiting jobs become history rows, each with its reason; the ids of those that were there.
CREATE FUNCTION jqm.archive_rows(p_ids bigint[], p_reasons text[]) RETURNS SETOF bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off SET enable_bitmapscan = off AS $$
DECLARE
	v_ids        bigint[];
	v_states     text[];
	v_job_defs   bigint[];
	v_queues     bigint[];
	v_submitters int[];
BEGIN
	WITH gone AS (
		DELETE FROM job_instance AS j USING unnest(p_ids, p_reasons) AS w(id, reason)
		 WHERE j.id = w.id AND j.state IN ('SUBMITTED', 'SCHEDULED', 'HOLDED')
		RETURNING j.*, w.reason
	), waits_no_more AS (
		DELETE FROM job_dependency AS d USING gone AS g WHERE g.waits_for > 0 AND d.job_instance_id = g.id
	), told AS (
		INSERT INTO mail (job_instance_id, occasion, recipient)
		SELECT g.id, 'END', r.address FROM gone AS g CROSS JOIN LATERAL mail_recipients(g.email) AS r(address)
	), counted AS (
		INSERT INTO happened (what, queue_id, n) SELECT 'cancelled', g.queue_id, count(*) FROM gone AS g GROUP BY g.queue_id
	), past AS (
		INSERT INTO history (id, job_def_id, queue_id, state, snapshot_id, user_name_id, submitter_id,
		    queue_name_id, priority, attempt, enqueued_at, ended_at, run_after, parent_id, highlander, from_schedule,
		    progress, session_key, email, application, module, keyword1, keyword2, keyword3, trace_id,
		    parameters, concurrency_key, schedule_id, attempts_max, failures, node_losses, reason, has_messages, has_links)
		SELECT g.id, g.job_def_id, g.queue_id, 'CANCELLED', g.snapshot_id, g.user_name_id,
		    g.submitter_id, q.name_id, g.priority, g.attempt, g.enqueued_at, now(), g.run_after, g.parent_id, g.highlander,
		    g.from_schedule, g.progress, g.session_key, g.email, g.application, g.module, g.keyword1,
		    g.keyword2, g.keyword3, g.trace_id, g.parameters, g.concurrency_key, g.schedule_id,
		    g.attempts_max, g.failures, g.node_losses, left(g.reason, 1000), g.has_messages, g.has_links
		  FROM gone AS g JOIN queue AS q ON q.id = g.queue_id
	)
	SELECT array_agg(g.id), array_agg('CANCELLED'::text), array_agg(g.job_def_id), array_agg(g.queue_id),
	       array_agg(g.submitter_id) INTO v_ids, v_states, v_job_defs, v_queues, v_submitters FROM gone AS g;
	IF EXISTS (SELECT FROM webhook WHERE enabled) THEN
		PERFORM webhook_tell(v_ids, v_states, v_job_defs, v_queues, v_submitters);
	END IF;
	RETURN QUERY SELECT unnest(v_ids);
END
$$;

-- The same for one job, and what follows from it for those that wait for it; true when it was there.
CREATE FUNCTION jqm.archive_waiting(p_id bigint, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_ids bigint[] := ARRAY (SELECT archive_rows(ARRAY[p_id], ARRAY[p_reason]));
BEGIN
	PERFORM settle_dependents(v_ids);
	RETURN v_ids <> '{}';
END
$$;

-- End a job wherever it is: waiting jobs are cancelled, a running one is killed by its node within a
-- second.  JQ404 unknown, JQ409 already over.
CREATE FUNCTION jqm.kill(p_id bigint, p_by text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_node bigint;
	v_over boolean;
BEGIN
	PERFORM check_length('by', p_by, 255);
	LOOP
		IF archive_waiting(p_id, CASE WHEN p_by IS NULL THEN 'cancelled' ELSE 'cancelled by ' || p_by END) THEN
			PERFORM audit_job('kill', p_id);
			RETURN;
		END IF;
		UPDATE job_instance SET instruction = 'KILL', instruction_by = p_by, has_messages = true
		 WHERE id = p_id AND state IN ('ATTRIBUTED', 'RUNNING') RETURNING node_id INTO v_node;
		EXIT WHEN v_node IS NOT NULL;
		SELECT s.is_over INTO v_over FROM (SELECT false AS is_over FROM job_instance WHERE id = p_id
		    UNION ALL SELECT true FROM history WHERE id = p_id) AS s;
		IF v_over THEN
			PERFORM refuse('JQ409', format('job instance %s is already over', p_id));
		ELSIF v_over IS NULL THEN
			PERFORM refuse('JQ404', format('there is no job instance %s', p_id));
		END IF;
		-- It went back to its queue between the two (a retry).
	END LOOP;
	PERFORM add_message(p_id, 'Kill attempt on the job'), audit_job('kill', p_id);
	PERFORM pg_notify('jqm_order', v_node::text);
END
$$;

-- The next state of jobs whose date has come; returns how many.  A highlander whose twin waits is not
-- looked at: however many there are, they keep no other from its turn.
CREATE FUNCTION jqm.promote_due() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN promote(ARRAY (SELECT j.id FROM job_instance AS j
	    WHERE j.state = 'SCHEDULED' AND j.waits_for = 0 AND j.run_after <= now()
	      AND (NOT j.highlander OR NOT EXISTS (SELECT FROM job_instance AS w
	           WHERE w.job_def_id = j.job_def_id AND w.highlander AND w.state = 'SUBMITTED'))
	    ORDER BY j.run_after, j.id LIMIT 1000 FOR UPDATE OF j SKIP LOCKED), true);
END
$$;

-- The same for those of p_ids (locked by the caller, or its own) that are due.  They queue by the moment
-- they became due; p_is_date: that is since when they could run, else it is now.  Of a highlander one waits; the next one stays until that has started.
CREATE FUNCTION jqm.promote(p_ids bigint[], p_is_date boolean DEFAULT false) RETURNS int
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	v_queues bigint[];
	v_queue  bigint;
	v_id     bigint;
	v_n      int;
BEGIN
	WITH ready AS (
		UPDATE job_instance AS j SET state = 'SUBMITTED',
		    position = greatest(j.position, extract(epoch FROM j.run_after) * 1000),
		    runnable_at = CASE WHEN p_is_date THEN greatest(j.enqueued_at, j.run_after) ELSE now() END
		 WHERE j.id = ANY (p_ids) AND NOT j.highlander AND j.state = 'SCHEDULED' AND j.waits_for = 0
		   AND j.run_after <= now()
		RETURNING j.queue_id
	)
	SELECT count(*), coalesce(array_agg(DISTINCT queue_id), '{}') INTO v_n, v_queues FROM ready;
	FOR v_id IN
		SELECT DISTINCT ON (j.job_def_id) j.id FROM job_instance AS j
		 WHERE j.id = ANY (p_ids) AND j.highlander AND j.state = 'SCHEDULED' AND j.waits_for = 0
		   AND j.run_after <= now()
		 ORDER BY j.job_def_id, j.run_after, j.id
	LOOP
		v_queue := promote_highlander(v_id);
		IF v_queue IS NOT NULL THEN
			v_n := v_n + 1;
			v_queues := v_queues || v_queue;
		END IF;
	END LOOP;
	FOREACH v_queue IN ARRAY v_queues LOOP
		PERFORM wake_runners(v_queue);
	END LOOP;
	RETURN v_n;
END
$$;

-- One of them, if no twin waits; the queue, or NULL.  A session that has put in a twin and not said yet
-- whether it stays must not hold up the others: it is waited for very shortly.
CREATE FUNCTION jqm.promote_highlander(p_id bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET lock_timeout = '20ms'
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	v_queue bigint;
BEGIN
	UPDATE job_instance AS j SET state = 'SUBMITTED', runnable_at = now(),
	    position = greatest(j.position, extract(epoch FROM j.run_after) * 1000)
	 WHERE j.id = p_id AND NOT EXISTS (SELECT FROM job_instance AS w
	       WHERE w.job_def_id = j.job_def_id AND w.highlander AND w.state = 'SUBMITTED')
	RETURNING j.queue_id INTO v_queue;
	RETURN v_queue;
EXCEPTION WHEN unique_violation OR lock_not_available THEN
	RETURN NULL;
END
$$;
