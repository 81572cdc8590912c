-- SPDX-License-Identifier: Apache-2.0
-- Many jobs at once, the same request more than once, files for a job that waits.
SET LOCAL ROLE jqm_owner;

-- Keys of requests that may be sent again: whoever sends one again within its life gets the job of the
-- first time.  Only while that one's transaction is open is there no job.
CREATE TABLE jqm.idempotency_key (
	owner           text        NOT NULL, -- whose key it is: two callers may have the same
	key             text        NOT NULL,
	job_def_id      bigint      NOT NULL,
	job_instance_id bigint,
	expires_at      timestamptz NOT NULL,
	PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_key_expires ON jqm.idempotency_key (expires_at);

-- How long a key of a request, or of a job, counts: global parameter idempotencyKeyHours, a day when it is no number.
CREATE FUNCTION jqm.idempotency_life() RETURNS interval
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT coalesce((SELECT CASE WHEN value ~ '^ *[0-9]{1,4} *$' AND value::int > 0 THEN value::int * interval '1 hour' END
	       FROM global_parameter WHERE key = 'idempotencyKeyHours'), interval '1 day')
$$;

/*
 * The job the key has made already, or NULL: the key is the caller's now, as long as idempotency_life() says.
 * Who comes while another session has it and has not committed waits for that.  JQ409: it was used for
 * another definition.  Each new key takes two that are over with it, so the table does not grow.
 */
CREATE FUNCTION jqm.keep_idempotency_key(p_key text, p_owner text, p_job_def_id bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_owner text := coalesce(p_owner, '');
	v_key   idempotency_key;
BEGIN
	PERFORM check_length('idempotencyKey', p_key, 255);
	LOOP
		DELETE FROM idempotency_key WHERE owner = v_owner AND key = p_key AND expires_at <= now();
		INSERT INTO idempotency_key AS k (owner, key, job_def_id, expires_at)
		VALUES (v_owner, p_key, p_job_def_id, now() + idempotency_life()) ON CONFLICT DO NOTHING;
		EXIT WHEN FOUND;
		SELECT * INTO v_key FROM idempotency_key AS k WHERE k.owner = v_owner AND k.key = p_key;
		-- Not found: it was over, and somebody has removed it since: look once more.
		CONTINUE WHEN NOT FOUND;
		IF v_key.job_def_id <> p_job_def_id THEN
			PERFORM refuse('JQ409', format('idempotencyKey "%s" was used for job instance %s, of another definition',
			    p_key, v_key.job_instance_id));
		END IF;
		RETURN v_key.job_instance_id;
	END LOOP;
	WITH old AS MATERIALIZED (
		SELECT owner, key FROM idempotency_key WHERE expires_at <= now()
		 ORDER BY expires_at LIMIT 2 FOR UPDATE SKIP LOCKED
	)
	DELETE FROM idempotency_key AS k USING old WHERE k.owner = old.owner AND k.key = old.key;
	RETURN NULL;
END
$$;

CREATE FUNCTION jqm.fill_idempotency_key(p_key text, p_owner text, p_id bigint) RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	UPDATE idempotency_key SET job_instance_id = p_id WHERE owner = coalesce(p_owner, '') AND key = p_key
$$;

/*
 * One verb on many jobs, by id: kill (those held are spared, as in JQM), hold, resume, set_queue (to
 * p_number), enqueue_again (those cancelled are left out).  Those whose state forbids it, or that are not
 * there, or not in p_scope, are passed over.  Returns what came of it: the ids it was done to, or the new
 * jobs'.
 */
CREATE FUNCTION jqm.do_to_all(p_verb text, p_ids bigint[], p_by text, p_number bigint DEFAULT NULL,
    p_scope text[] DEFAULT NULL)
RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_id  bigint;
	v_new bigint;
BEGIN
	IF p_verb = 'set_queue' THEN
		PERFORM check_queue(coalesce(p_number, 0));
	END IF;
	FOR v_id IN SELECT id FROM jobs_open_to(p_verb, p_ids, p_number, p_scope) AS j(id) LOOP
		BEGIN
			v_new := v_id;
			CASE p_verb
			WHEN 'kill' THEN PERFORM kill(v_id, p_by);
			WHEN 'hold' THEN PERFORM hold(v_id, p_by);
			WHEN 'resume' THEN PERFORM resume(v_id, p_by);
			WHEN 'set_queue' THEN PERFORM set_queue(v_id, p_number);
			WHEN 'enqueue_again' THEN v_new := enqueue_again(v_id, p_by, p_scope);
			END CASE;
			RETURN NEXT v_new;
		EXCEPTION WHEN SQLSTATE 'JQ404' OR SQLSTATE 'JQ409' OR SQLSTATE 'JQ400' THEN
			NULL; -- it has changed since it was looked at
		END;
	END LOOP;
END
$$;

-- Those of p_ids whose state allows the verb now, by id; for enqueue_again in the order given.  p_number: the
-- queue they are to be moved to, where p_scope must still have them.
CREATE FUNCTION jqm.jobs_open_to(p_verb text, p_ids bigint[], p_number bigint DEFAULT NULL,
    p_scope text[] DEFAULT NULL) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p_verb = 'enqueue_again' THEN
		RETURN QUERY SELECT h.id FROM unnest(p_ids) WITH ORDINALITY AS w(id, place)
		    JOIN history AS h ON h.id = w.id WHERE h.state <> 'CANCELLED'
		   AND (p_scope IS NULL OR job_in_scope(h.id, p_scope)) ORDER BY w.place;
	ELSIF p_verb IN ('kill', 'hold', 'resume', 'set_queue') THEN
		RETURN QUERY SELECT j.id FROM job_instance AS j WHERE j.id = ANY (p_ids)
		   AND CASE p_verb
		       WHEN 'kill' THEN j.state <> 'HOLDED'
		       WHEN 'hold' THEN j.state = 'SUBMITTED'
		       WHEN 'resume' THEN j.state = 'HOLDED'
		       ELSE j.state IN ('SUBMITTED', 'SCHEDULED', 'HOLDED') END
		   AND (p_scope IS NULL OR job_in_scope(j.id, p_scope, p_number))
		 ORDER BY j.id;
	ELSE
		PERFORM refuse('JQ400', format('there is no verb "%s"', p_verb));
	END IF;
END
$$;

-- Fit to be a job's parameters, and none of them a secret or a need.
CREATE FUNCTION jqm.parameters_plain(p jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN parameters_ok(p) AND NOT has_needs(p) AND NOT p @? '$.*.secret';
END
$$;

/*
 * Enqueue many ordinary jobs with one INSERT, by the rules of jqm.enqueue(); their ids in the order of the requests.
 * No row: one of them is not ordinary, or not right, and nothing was done: call jqm.enqueue() for each, which does or
 * says what is to be done or said.  Ordinary: neither date, schedule, highlander, needs, secrets, e-mail, scope nor key of any kind.
 * p_requests: an array of objects of these members, absent ones as NULL there.
 */
CREATE FUNCTION jqm.enqueue_ordinary(p_requests jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_ids    bigint[];
	v_queues bigint[];
BEGIN
	WITH fit AS MATERIALIZED (
		SELECT r.*, d.id AS def_id, d.snapshot_id, coalesce(q.id, d.queue_id) AS queue_id,
		       coalesce(nullif(r.priority, 0), d.priority, 0) AS used_priority,
		       d.parameters || coalesce(r.parameters, '{}') AS all_parameters,
		       coalesce(r.max_attempts, d.attempts_max) AS attempts_max
		  FROM ROWS FROM (jsonb_to_recordset(p_requests) AS (name text, queue text, priority int, held boolean,
		           user_name text, session text, application text, module text, keyword1 text, keyword2 text,
		           keyword3 text, trace text, parent bigint, max_attempts int, submitter text, parameters jsonb))
		       WITH ORDINALITY AS r (name, queue, priority, held, user_name, session, application, module,
		           keyword1, keyword2, keyword3, trace, parent, max_attempts, submitter, parameters, place)
		  JOIN job_def AS d ON d.name = r.name
		  LEFT JOIN queue AS q ON q.name = r.queue
		 WHERE (d.is_ordinary OR NOT d.highlander AND d.concurrency_key IS NULL AND NOT d.has_secrets AND NOT has_needs(d.parameters)
		       AND typed_parameter_problem(d.parameter_types, d.parameters || coalesce(r.parameters, '{}')) IS NULL)
		   AND (q.id IS NOT NULL OR r.queue IS NULL)
		   AND coalesce(r.priority, 0) BETWEEN 0 AND 10 AND coalesce(r.max_attempts, 1) BETWEEN 1 AND 100
		   AND (coalesce(r.parameters, '{}') = '{}' OR parameters_plain(r.parameters))
		   AND length(concat(r.user_name, r.session, r.application, r.module, r.keyword1, r.keyword2, r.keyword3,
		           r.trace)) <= 50
	), users AS MATERIALIZED (
		SELECT u.user_name AS name, name_snapshot_id('u', u.user_name) AS id
		  FROM (SELECT DISTINCT f.user_name FROM fit AS f WHERE f.user_name <> '') AS u
	), askers AS MATERIALIZED ( -- as in jqm.enqueue()
		SELECT s.submitter AS claimed, name_snapshot_id('a', concat(a.id, ':') || submitter_name(s.submitter)) AS id
		  FROM (SELECT DISTINCT f.submitter FROM fit AS f) AS s
		  LEFT JOIN account AS a ON a.login = submitter_name(s.submitter)
	), made AS (
		INSERT INTO job_instance AS j (job_def_id, queue_id, state, priority, effective_priority, position,
		    parent_id, highlander, user_name_id, submitter_id, snapshot_id, session_key, application, module, keyword1,
		    keyword2, keyword3, trace_id, parameters, attempts_max)
		SELECT f.def_id, f.queue_id, CASE WHEN f.held THEN 'HOLDED' ELSE 'SUBMITTED' END, f.used_priority,
		       f.used_priority, extract(epoch FROM clock_timestamp()) * 1000, nullif(f.parent, 0), false, f.user_id,
		       f.asker_id, f.snapshot_id, nullif(f.session, ''), nullif(f.application, ''), nullif(f.module, ''),
		       nullif(f.keyword1, ''), nullif(f.keyword2, ''), nullif(f.keyword3, ''),
		       CASE WHEN f.trace <> '' THEN f.trace WHEN f.parent > 0 THEN trace_of(f.parent) END,
		       f.all_parameters, f.attempts_max
		  FROM (SELECT fit.*, users.id AS user_id, askers.id AS asker_id FROM fit
		          JOIN askers ON askers.claimed IS NOT DISTINCT FROM fit.submitter
		          LEFT JOIN users ON users.name = fit.user_name
		         ORDER BY fit.place) AS f
		 WHERE (SELECT count(*) FROM fit) = jsonb_array_length(p_requests)
		RETURNING j.id, j.queue_id, j.state
	)
	SELECT array_agg(m.id ORDER BY m.id), array_agg(DISTINCT m.queue_id) FILTER (WHERE m.state = 'SUBMITTED')
	  INTO v_ids, v_queues FROM made AS m;
	PERFORM wake_runners(q.id) FROM unnest(v_queues) AS q (id);
	IF v_ids[1] / 100000 <> v_ids[cardinality(v_ids)] / 100000 THEN -- as in jqm.enqueue()
		PERFORM history_extend_if_possible();
	END IF;
	INSERT INTO audit (action, kind, object_id, name)
	SELECT 'enqueue', 'job', i.id, p_requests -> (i.place - 1)::int ->> 'name' FROM unnest(v_ids) WITH ORDINALITY AS i(id, place);
	RETURN QUERY SELECT unnest(v_ids);
END
$$;

-- Who asks: an account as its caller remembers it, and what the audit trail calls it.  tags: session, application, module,
-- keyword1 to keyword3, trace; NULL when there is none.
CREATE TYPE jqm.job_wish AS (account bigint, stamp bigint, definition text, user_name text, actor text, parameters jsonb, tags jsonb);

-- So short that none of its texts is too long for a job.
CREATE FUNCTION jqm.tags_short(p jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN (SELECT coalesce(max(length(t.value)), 0) <= 50 FROM jsonb_each_text(p) AS t);
END
$$;

/*
 * Requests of several callers of the web API that came at the same moment, in one transaction, which costs little more than
 * one of them does alone.  Each is done, with its row of the audit trail, or left alone, as if the others were not there:
 * {{place, id}, ...} of those that were done, places from 1; NULL for none.  Left is what jqm.enqueue() would not do the short
 * way, that of an account that is not what its caller remembers (stamp; see jqm.rights_are_others()), and what is for a queue
 * whose lock somebody has (jqm.runner_wait()): ask for it alone.  It waits for no lock for long: then all are left, by an
 * error.  At most 1,000.
 *
 * A job's position, milliseconds, tells its place behind the point: nothing else leads from a new row back to what it was made of.
 */
CREATE FUNCTION jqm.enqueue_wishes(p_wishes jqm.job_wish[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '100ms'
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	v_ms     double precision := floor(date_part('epoch', clock_timestamp()) * 1000);
	v_made   bigint[];
	v_queues bigint[];
	v_wake   boolean;
BEGIN
	-- Ids are given in the order of the array, and places told by positions.
	WITH made AS (
		INSERT INTO job_instance AS j (job_def_id, queue_id, state, priority, effective_priority, position, highlander,
		    user_name_id, submitter_id, snapshot_id, session_key, application, module, keyword1, keyword2, keyword3,
		    trace_id, parameters, attempts_max)
		SELECT d.id, d.queue_id, 'SUBMITTED', coalesce(d.priority, 0), coalesce(d.priority, 0), v_ms + w.place / 1024.0::float8, false,
		       u.id, b.id, d.snapshot_id, w.tags ->> 'session', w.tags ->> 'application', w.tags ->> 'module',
		       w.tags ->> 'keyword1', w.tags ->> 'keyword2', w.tags ->> 'keyword3', w.tags ->> 'trace',
		       d.parameters || w.parameters, d.attempts_max
		  FROM unnest(p_wishes) WITH ORDINALITY AS w(account, stamp, definition, user_name, actor, parameters, tags, place)
		  JOIN account AS a ON a.id = w.account AND a.stamp = w.stamp AND NOT a.locked
		       AND (a.expiration_date IS NULL OR a.expiration_date > now())
		  JOIN job_def AS d ON d.name = w.definition AND d.is_ordinary
		  JOIN name_snapshot AS b ON b.kind = 'a' AND b.name = a.id || ':' || a.login
		  LEFT JOIN name_snapshot AS u ON u.kind = 'u' AND u.name = w.user_name
		 WHERE (u.id IS NOT NULL OR w.user_name IS NULL) AND (w.tags IS NULL OR tags_short(w.tags))
		   AND (w.parameters = '{}' OR parameters_plain(w.parameters))
		   AND pg_try_advisory_xact_lock_shared(queue_lock_class(), d.queue_id::int)
		RETURNING j.id, j.position, j.queue_id
	), noted AS (
		INSERT INTO audit (action, kind, object_id, name, actor)
		SELECT 'enqueue', 'job', m.id, (p_wishes[(m.position - v_ms) * 1024]).definition, (p_wishes[(m.position - v_ms) * 1024]).actor
		  FROM made AS m
	)
	SELECT array_agg(ARRAY[((m.position - v_ms) * 1024)::bigint, m.id]), array_agg(m.queue_id) INTO v_made, v_queues FROM made AS m;
	IF v_made IS NULL THEN
		RETURN NULL;
	END IF;
	-- As wake_runners(): the locks were got before this statement.
	v_wake := EXISTS (SELECT FROM runner_waiting AS r WHERE r.queue_id = ANY (v_queues));
	IF v_wake THEN
		PERFORM wake_runners(q.id) FROM (SELECT DISTINCT unnest(v_queues)) AS q(id);
	END IF;
	IF v_made[1][2] / 100000 <> v_made[cardinality(v_queues)][2] / 100000 OR v_made[1][2] % 100000 = 0 THEN -- as in jqm.enqueue()
		PERFORM history_extend_if_possible();
	END IF;
	RETURN v_made;
END
$$;

-- What enqueue_together() knows of a request that is fit.
CREATE TYPE jqm.job_to_be AS (doc jsonb, place bigint, def_id bigint, queue_id bigint, priority int, snapshot_id int,
    parameters jsonb, attempts_max int, user_id int, asker_id int);

/*
 * As enqueue_wishes(), which programs of the release before do not know: rows are those that were done, by their place, from 1;
 * where somebody has the lock of a queue, runners are told.  p_requests: an array of objects of the members that are read here,
 * absent ones as NULL.
 *
 * Each node of a plan sets up all columns that go through it, and there are many of a job: so they come together in the last one only.
 */
CREATE FUNCTION jqm.enqueue_together(p_requests jsonb) RETURNS TABLE (place bigint, id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '100ms'
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	v_jobs   jqm.job_to_be[];
	v_queues bigint[];
	v_ids    bigint[];
	v_locked boolean;
	v_wake   boolean;
BEGIN
	SELECT array_agg(ROW(r.doc, r.place, d.id, d.queue_id, coalesce(d.priority, 0), d.snapshot_id,
	           d.parameters || (r.doc -> 'parameters'), d.attempts_max, u.id, b.id)::job_to_be), array_agg(d.queue_id),
	       bool_and(pg_try_advisory_xact_lock_shared(queue_lock_class(), d.queue_id::int))
	  INTO v_jobs, v_queues, v_locked
	  FROM jsonb_array_elements(p_requests) WITH ORDINALITY AS r(doc, place)
	  JOIN account AS a ON a.id = (r.doc ->> 'account')::bigint AND a.stamp = (r.doc ->> 'stamp')::bigint AND NOT a.locked
	       AND (a.expiration_date IS NULL OR a.expiration_date > now())
	  JOIN job_def AS d ON d.name = r.doc ->> 'name' AND d.is_ordinary
	  JOIN name_snapshot AS b ON b.kind = 'a' AND b.name = a.id || ':' || a.login
	  LEFT JOIN name_snapshot AS u ON u.kind = 'u' AND u.name = r.doc ->> 'user_name'
	 WHERE (u.id IS NOT NULL OR r.doc ->> 'user_name' IS NULL)
	   AND (r.doc -> 'parameters' = '{}' OR parameters_ok(r.doc -> 'parameters') AND NOT has_needs(r.doc -> 'parameters')
	       AND NOT r.doc -> 'parameters' @? '$.*.secret')
	   AND length(concat(r.doc ->> 'user_name', r.doc ->> 'session', r.doc ->> 'application', r.doc ->> 'module', r.doc ->> 'keyword1',
	           r.doc ->> 'keyword2', r.doc ->> 'keyword3', r.doc ->> 'trace')) <= 50;
	IF v_jobs IS NULL THEN
		RETURN;
	END IF;
	-- As wake_runners(): the locks were tried before this statement.  Ids are given in the order of the array.
	WITH made AS (
		INSERT INTO job_instance AS j (job_def_id, queue_id, state, priority, effective_priority, position, highlander,
		    user_name_id, submitter_id, snapshot_id, session_key, application, module, keyword1, keyword2, keyword3,
		    trace_id, parameters, attempts_max)
		SELECT f.def_id, f.queue_id, 'SUBMITTED', f.priority, f.priority, date_part('epoch', clock_timestamp()) * 1000, false,
		       f.user_id, f.asker_id, f.snapshot_id, f.doc ->> 'session', f.doc ->> 'application', f.doc ->> 'module',
		       f.doc ->> 'keyword1', f.doc ->> 'keyword2', f.doc ->> 'keyword3', f.doc ->> 'trace', f.parameters, f.attempts_max
		  FROM unnest(v_jobs) AS f
		RETURNING j.id
	)
	SELECT array_agg(m.id ORDER BY m.id), NOT v_locked OR EXISTS (SELECT FROM runner_waiting AS w WHERE w.queue_id = ANY (v_queues))
	  INTO v_ids, v_wake FROM made AS m;
	INSERT INTO audit (action, kind, object_id, name, actor)
	SELECT 'enqueue', 'job', v_ids[f.n], f.doc ->> 'name', f.doc ->> 'actor' FROM unnest(v_jobs) WITH ORDINALITY AS f(doc, place,
	    def_id, queue_id, priority, snapshot_id, parameters, attempts_max, user_id, asker_id, n);
	IF v_wake THEN
		PERFORM wake_runners(q.id) FROM (SELECT DISTINCT unnest(v_queues)) AS q(id);
	END IF;
	IF v_ids[1] / 100000 <> v_ids[cardinality(v_ids)] / 100000 OR v_ids[1] % 100000 = 0 THEN -- as in jqm.enqueue()
		PERFORM history_extend_if_possible();
	END IF;
	RETURN QUERY SELECT v_jobs[n].place, v_ids[n] FROM generate_series(1, cardinality(v_ids)) AS n;
END
$$;

-- A file for a job, given before it runs, which it fetches itself.  Small ones: they are in the database, where
-- every node can get them.
CREATE TABLE jqm.input_file (
	id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job_instance_id bigint      NOT NULL,
	name            text        NOT NULL,
	content         bytea       NOT NULL,
	created_at      timestamptz NOT NULL DEFAULT now(),
	UNIQUE (job_instance_id, name)
);

/*
 * Give a job that waits a file; one of that name is replaced.  Returns its id.  JQ400: no name for a file;
 * JQ404, JQ409: no such job, it does not wait any more, or it has 100 files or 64 MB of them.  Each new file
 * takes along some of jobs that are over for a day, as long as their tokens live.
 */
CREATE FUNCTION jqm.add_input_file(p_id bigint, p_name text, p_content bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_n    bigint;
	v_size bigint;
	v_file bigint;
BEGIN
	IF p_name IS NULL OR p_name IN ('', '.', '..') OR p_name ~ '[/[:cntrl:]]' THEN
		PERFORM refuse('JQ400', format('"%s" is no name for a file', left(p_name, 100)));
	END IF;
	PERFORM check_length('name', p_name, 255);
	PERFORM FROM job_instance WHERE id = p_id AND state IN ('SUBMITTED', 'SCHEDULED', 'HOLDED') FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'takes no more files');
	END IF;
	SELECT count(*), coalesce(sum(length(content)), 0) INTO v_n, v_size
	  FROM input_file WHERE job_instance_id = p_id AND name <> p_name;
	IF v_n >= 100 OR v_size + length(p_content) > 67108864 THEN
		PERFORM refuse('JQ409', format('job instance %s has files enough: 100, or 64 MB', p_id));
	END IF;
	WITH old AS MATERIALIZED (
		SELECT f.id FROM input_file AS f JOIN history AS h ON h.id = f.job_instance_id
		 WHERE f.created_at < now() - interval '1 day' AND h.ended_at < now() - interval '1 day'
		 ORDER BY f.id LIMIT 10 FOR UPDATE OF f SKIP LOCKED
	)
	DELETE FROM input_file AS f USING old WHERE f.id = old.id;
	INSERT INTO input_file AS f (job_instance_id, name, content) VALUES (p_id, p_name, p_content)
	ON CONFLICT (job_instance_id, name) DO UPDATE SET content = excluded.content, created_at = now()
	RETURNING f.id INTO v_file;
	PERFORM audit_job('add_input_file', p_id, 'name', p_name);
	RETURN v_file;
END
$$;

GRANT SELECT ON jqm.input_file TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.add_input_file, jqm.enqueue_ordinary TO jqm_api, jqm_client;
-- Whose the requests are is in them, so this is for who is believed.
GRANT EXECUTE ON FUNCTION jqm.enqueue_together, jqm.enqueue_wishes TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.do_to_all, jqm.jobs_open_to TO jqm_api, jqm_client;
