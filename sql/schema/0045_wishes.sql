-- SPDX-License-Identifier: Apache-2.0
-- Requests of several callers in one transaction: as jqm.enqueue_together(), which programs of the release before call, but with less
-- to be made ready for it.  What an enqueue costs is how much there is of plans and expressions (tests/bench/README.md): so one INSERT
-- finds and makes the jobs, a second one notes them, requests come as rows and not as JSON, and what a definition alone decides was
-- decided when it was changed.
SET LOCAL ROLE jqm_owner;

-- Jobs of it may be ordinary ones (jqm.enqueue()), if what is asked is.
ALTER TABLE jqm.job_def ADD COLUMN is_ordinary boolean NOT NULL GENERATED ALWAYS AS (NOT highlander AND NOT has_secrets
    AND concurrency_key IS NULL AND parameter_types = '[]' AND NOT jqm.has_needs(parameters)) STORED;
-- It says nothing that the others do not, so the audit trail leaves it out.
SELECT jqm.audit_table('job_def', 'jd', 'id', 'name', 'last_modified,snapshot_id,is_ordinary');

-- Who asks: an account as its caller remembers it, and what the audit trail calls it.  tags: session, application, module,
-- keyword1 to keyword3, trace; NULL when there is none.
CREATE TYPE jqm.job_wish AS (account bigint, stamp bigint, definition text, user_name text, actor text, parameters jsonb, tags jsonb);

-- Fit to be a job's parameters, and none of them a secret or a need.
CREATE FUNCTION jqm.parameters_plain(p jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN parameters_ok(p) AND NOT has_needs(p) AND NOT p @? '$.*.secret';
END
$$;

-- So short that none of its texts is too long for a job.
CREATE FUNCTION jqm.tags_short(p jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN (SELECT coalesce(max(length(t.value)), 0) <= 50 FROM jsonb_each_text(p) AS t);
END
$$;

/*
 * Requests of several callers of the web API that came at the same moment, in one transaction, which costs little more than one of
 * them does alone.  Each is done, with its row of the audit trail, or left alone, as if the others were not there: {{place, id}, ...}
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
	-- Ids are given in the order of the array.
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
	)
	SELECT array_agg(ARRAY[((m.position - v_ms) * 1024)::bigint, m.id]), array_agg(m.queue_id) INTO v_made, v_queues FROM made AS m;
	IF v_made IS NULL THEN
		RETURN NULL;
	END IF;
	-- As wake_runners(): the locks were got before this statement.
	WITH noted AS (
		INSERT INTO audit (action, kind, object_id, name, actor)
		SELECT 'enqueue', 'job', v_made[n][2], p_wishes[v_made[n][1]].definition, p_wishes[v_made[n][1]].actor
		  FROM generate_subscripts(v_made, 1) AS n
	)
	SELECT EXISTS (SELECT FROM runner_waiting AS r WHERE r.queue_id = ANY (v_queues)) INTO v_wake;
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
