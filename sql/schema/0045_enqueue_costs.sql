-- SPDX-License-Identifier: Apache-2.0
-- The same enqueues with less to be made ready for them: what one costs is how much there is of statements, plans and expressions
-- (tests/bench/README.md).  What a definition alone decides is decided when it is changed; what jobs refer to is looked at once for
-- all that a statement makes; requests of several callers come as rows and not as JSON, and one INSERT finds and makes their jobs.
SET LOCAL ROLE jqm_owner;

-- Jobs of it may be ordinary ones (jqm.enqueue()), if what is asked is.
ALTER TABLE jqm.job_def ADD COLUMN is_ordinary boolean NOT NULL GENERATED ALWAYS AS (NOT highlander AND NOT has_secrets
    AND concurrency_key IS NULL AND parameter_types = '[]' AND NOT jqm.has_needs(parameters)) STORED;
-- It says nothing that the others do not, so the audit trail leaves it out.
SELECT jqm.audit_table('job_def', 'jd', 'id', 'name', 'last_modified,snapshot_id,is_ordinary');

-- Fit to be a job's parameters, and none of them a secret or a need.
CREATE FUNCTION jqm.parameters_plain(p jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN parameters_ok(p) AND NOT has_needs(p) AND NOT p @? '$.*.secret';
END
$$;

-- ---- what jobs refer to ----

/*
 * A job's definition and queue are there as long as it is.  Foreign keys looked at each new row by itself, a quarter of what a job in
 * bulk costs; this does what they did once for all rows of a statement: whoever makes a job locks both against deletion, and finds
 * them gone if that was committed before; whoever deletes one waits for such locks, then looks again.
 */
ALTER TABLE jqm.job_instance DROP CONSTRAINT job_instance_job_def_id_fkey, DROP CONSTRAINT job_instance_queue_id_fkey;

CREATE FUNCTION jqm.job_has_nothing(p_job_def bigint, p_queue bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a job needs job definition % and queue %, one of which is not there', p_job_def, p_queue USING ERRCODE = '23503';
END
$$;

-- Rows of new_jobs have what others of the same definition and queue have.
CREATE FUNCTION jqm.job_references() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	v record;
BEGIN
	SELECT j.job_def_id, j.queue_id INTO v FROM (SELECT DISTINCT n.job_def_id, n.queue_id FROM new_jobs AS n) AS j
	 WHERE NOT EXISTS (SELECT FROM jqm.job_def AS d, jqm.queue AS q WHERE d.id = j.job_def_id AND q.id = j.queue_id
	       FOR KEY SHARE);
	IF FOUND THEN
		PERFORM jqm.job_has_nothing(v.job_def_id, v.queue_id);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER refers_to AFTER INSERT ON jqm.job_instance REFERENCING NEW TABLE AS new_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.job_references();

-- One that moves to another queue.
CREATE FUNCTION jqm.job_references_others() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM jqm.job_def AS d, jqm.queue AS q WHERE d.id = NEW.job_def_id AND q.id = NEW.queue_id FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM jqm.job_has_nothing(NEW.job_def_id, NEW.queue_id);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER refers_to_others AFTER UPDATE OF job_def_id, queue_id ON jqm.job_instance
    FOR EACH ROW EXECUTE FUNCTION jqm.job_references_others();

-- The look must see what was committed while the row's lock was waited for: a snapshot of the whole transaction would not.
CREATE FUNCTION jqm.job_needs_it() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'only a transaction that is read committed may delete a row of "%"', TG_TABLE_NAME USING ERRCODE = '0A000';
	ELSIF TG_TABLE_NAME = 'queue' AND EXISTS (SELECT FROM job_instance WHERE queue_id = OLD.id)
	    OR TG_TABLE_NAME = 'job_def' AND EXISTS (SELECT FROM job_instance WHERE job_def_id = OLD.id) THEN
		RAISE EXCEPTION 'row % of "%" is needed by a job that is not over', OLD.id, TG_TABLE_NAME USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER jobs_need_it AFTER DELETE OR UPDATE OF id ON jqm.job_def FOR EACH ROW EXECUTE FUNCTION jqm.job_needs_it();
CREATE TRIGGER jobs_need_it AFTER DELETE OR UPDATE OF id ON jqm.queue FOR EACH ROW EXECUTE FUNCTION jqm.job_needs_it();

-- ---- many at once ----

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
 * As enqueue_together(), which programs of the release before call: requests of several callers of the web API that came at the same
 * moment, in one transaction, which costs little more than one of them does alone.  Each is done, with its row of the audit trail, or left alone, as if the others were not there: {{place, id}, ...}
 * of those that were done, places from 1; NULL for none.  Left is what jqm.enqueue() would not do the short way, that of
 * an account that is not what its caller remembers (stamp; see jqm.rights_are_others()), and what is for a queue whose lock somebody
 * has (jqm.runner_wait()): ask for it alone.  It waits for no lock for long: then all are left, by an error.  At most 1,000.
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

-- Whose the requests are is in them, so this is for who is believed.
GRANT EXECUTE ON FUNCTION jqm.enqueue_wishes TO jqm_api;

/*
 * As before: enqueue many ordinary jobs with one INSERT, by the rules of jqm.enqueue(); their ids in the order of the requests.
 * No row: one of them is not ordinary, or not right, and nothing was done: call jqm.enqueue() for each, which does or
 * says what is to be done or said.  Ordinary: neither date, schedule, highlander, needs, secrets, e-mail, scope nor key of any kind.
 * p_requests: an array of objects of these members, absent ones as NULL there.
 */
CREATE OR REPLACE FUNCTION jqm.enqueue_ordinary(p_requests jsonb) RETURNS SETOF bigint
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
