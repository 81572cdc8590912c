-- SPDX-License-Identifier: Apache-2.0
-- What runners do, each as one statement.  Every write names (job, attempt, node, incarnation): a
-- runner that was replaced changes nothing and is told so by the rows that do not come back.
SET LOCAL ROLE jqm_owner;

/*
 * Register a node's runner and take its lease.  A new name makes the node with one mapping on the
 * default queue (5 jobs, 1,000 ms) and that level of its log.  JQ409 while another installation holds the lease; the same
 * installation (p_instance_id, proven by a file lock on the machine) takes over from itself at once.
 */
CREATE FUNCTION jqm.node_register(p_name text, p_instance_id uuid, p_lease_ms int, p_repo_job_def text,
	p_repo_deliverable text, p_repo_tmp text, p_dns text, p_port int, p_root_log_level text DEFAULT NULL)
RETURNS TABLE (node_id bigint, incarnation bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v_node node;
BEGIN
	INSERT INTO node (name, dns, port, repo_job_def, repo_deliverable, repo_tmp, root_log_level)
	VALUES (p_name, p_dns, p_port, p_repo_job_def, p_repo_deliverable, p_repo_tmp, 
	    coalesce(upper(p_root_log_level), 'INFO'))
	ON CONFLICT (name) DO NOTHING;
	SELECT * INTO v_node FROM node WHERE name = p_name FOR UPDATE;
	IF v_node.lease_until > now() AND v_node.instance_id IS DISTINCT FROM p_instance_id THEN
		PERFORM refuse('JQ409', format('node "%s" is served by another runner, seen %s s ago', p_name,
		    round(extract(epoch FROM now() - v_node.last_seen_alive))));
	END IF;
	IF v_node.incarnation = 0 THEN
		INSERT INTO queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)
		SELECT v_node.id, q.id, 5, 1000 FROM queue AS q WHERE q.default_queue
		ON CONFLICT DO NOTHING;
	END IF;
	RETURN QUERY UPDATE node AS n SET incarnation = n.incarnation + 1, instance_id = p_instance_id,
	    lease_ms = p_lease_ms, lease_until = now() + p_lease_ms * interval '1 ms', lease_since = now(),
	    last_seen_alive = now(), stop = false, draining = false, ordered_by = NULL,
	    repo_job_def = p_repo_job_def, repo_deliverable = p_repo_deliverable, repo_tmp = p_repo_tmp
	 WHERE n.id = v_node.id RETURNING n.id, n.incarnation;
END
$$;

-- What a check of a node's configuration asks; no row: the name is new.
CREATE FUNCTION jqm.node_look(p_name text)
RETURNS TABLE (enabled boolean, instance_id uuid, is_served boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT n.enabled, n.instance_id, coalesce(n.lease_until > now(), false) FROM node AS n WHERE n.name = p_name
$$;

/*
 * Nodes whose lease is over, as another one may judge that has held its own without a gap since
 * p_since: for one lease of theirs and a little more.  So after an outage of the database, in which
 * every lease ends, all nodes have the time to come back before any is given up.  Half a lease without a
 * heartbeat (two at least are missing) is a gap: who was heard last before an outage still has its lease when
 * that of another one is just over.
 */
CREATE FUNCTION jqm.lost_nodes(p_by bigint, p_since timestamptz) RETURNS SETOF jqm.node
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT * FROM node AS n WHERE n.id <> p_by AND n.lease_until < now()
	   AND p_since < now() - n.lease_ms * interval '1 ms' - interval '1 s'
$$;

-- Renew the lease.  No row: the lease went to somebody else, this runner must stop its jobs and itself.
-- others_lost: there are nodes to be given up, see rescue().  A mapping somebody has in hand is not waited
-- for: that must not cost the lease.
CREATE FUNCTION jqm.node_heartbeat(p_node_id bigint, p_incarnation bigint, p_lease_ms int, p_polled bigint[])
RETURNS TABLE (enabled boolean, stop boolean, root_log_level text, others_lost boolean, draining boolean,
	ordered_by text)
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '1s' AS $$
	UPDATE queue_mapping SET last_polled = now() WHERE id = ANY (ARRAY (SELECT m.id FROM queue_mapping AS m
	    WHERE m.node_id = p_node_id AND m.queue_id = ANY (p_polled) FOR NO KEY UPDATE SKIP LOCKED));
	UPDATE node SET lease_ms = p_lease_ms, lease_until = now() + p_lease_ms * interval '1 ms',
	    lease_since = CASE WHEN lease_until >= now() + p_lease_ms * interval '0.5 ms' THEN lease_since ELSE now() END,
	    last_seen_alive = now()
	 WHERE id = p_node_id AND incarnation = p_incarnation
	RETURNING enabled, stop, root_log_level, EXISTS (SELECT FROM lost_nodes(id, lease_since)), draining,
	    ordered_by
$$;

-- Whoever runs as this node is fenced from now on, and each job it had ends or goes on as its definition's
-- on_node_loss said when it was claimed.  The caller has the node's row; returns how many jobs.
CREATE FUNCTION jqm.give_up_node(p_node jqm.node, p_reason text) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_ends jsonb;
BEGIN
	UPDATE node SET incarnation = incarnation + 1, lease_until = NULL, lease_since = NULL WHERE id = p_node.id;
	DELETE FROM runner_waiting AS w WHERE w.node_id = p_node.id;
	UPDATE job_instance AS j SET incarnation = p_node.incarnation + 1 WHERE j.node_id = p_node.id;
	INSERT INTO happened (what, queue_id, n)
	SELECT 'lost', j.queue_id, count(*) FROM job_instance AS j WHERE j.node_id = p_node.id GROUP BY j.queue_id;
	SELECT jsonb_agg(jsonb_build_object('id', j.id, 'attempt', j.attempt, 'state', 'CRASHED', 'lost', true,
	    'ended_ago_ms', 0, 'reason', p_reason)) INTO v_ends
	  FROM job_instance AS j WHERE j.node_id = p_node.id;
	RETURN (SELECT count(*) FROM finish(p_node.id, p_node.incarnation + 1, coalesce(v_ends, '[]')));
END
$$;

/*
 * Give up the nodes that are lost: whoever may still run there is fenced from now on (its writes name an
 * old incarnation), and each job it had ends or goes on as its on_node_loss says.  A job
 * that was not RUNNING yet too: its process may have been started.  Returns the nodes and how many jobs.
 * Two sessions never work on the same node.
 */
CREATE FUNCTION jqm.rescue(p_node_id bigint, p_incarnation bigint)
RETURNS TABLE (node_name text, jobs bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v      node;
	v_self node;
BEGIN
	SELECT * INTO v_self FROM node WHERE id = p_node_id AND incarnation = p_incarnation AND lease_until > now();
	FOR v IN SELECT * FROM node WHERE id = ANY (ARRAY (SELECT l.id FROM lost_nodes(v_self.id, v_self.lease_since) AS l))
	          AND lease_until < now() ORDER BY id FOR UPDATE SKIP LOCKED
	LOOP
		node_name := v.name;
		jobs := give_up_node(v, format('its node "%s" was lost', v.name));
		RETURN NEXT;
	END LOOP;
END
$$;

-- A runner that stops cleanly gives its lease back: the next one need not wait.  Not when jobs are its own
-- still, whose claim it never heard of: they are rescued when the lease is over.
CREATE FUNCTION jqm.node_leave(p_node_id bigint, p_incarnation bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH mine AS (
		UPDATE node SET last_seen_alive = NULL, lease_until = CASE WHEN EXISTS (SELECT FROM job_instance AS j
		    WHERE j.node_id = p_node_id) THEN lease_until END
		 WHERE id = p_node_id AND incarnation = p_incarnation RETURNING id
	)
	DELETE FROM runner_waiting WHERE node_id = (SELECT id FROM mine)
$$;

-- The last job of a node that drains has ended: give the lease back, unless the drain was taken back before.
-- One row when it was given back: from now on this runner takes no job.
CREATE FUNCTION jqm.node_drained(p_node_id bigint, p_incarnation bigint) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	UPDATE node SET lease_until = NULL, last_seen_alive = NULL
	 WHERE id = p_node_id AND incarnation = p_incarnation AND draining
	   AND NOT EXISTS (SELECT FROM job_instance AS j WHERE j.node_id = p_node_id) RETURNING id
$$;

CREATE FUNCTION jqm.node_mappings(p_node_id bigint)
RETURNS TABLE (queue_id bigint, queue_name text, max_jobs int, polling_interval_ms int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT m.queue_id, q.name, CASE WHEN m.enabled AND n.enabled AND NOT n.draining THEN m.max_jobs ELSE 0 END,
	       m.polling_interval_ms
	  FROM queue_mapping AS m JOIN queue AS q ON q.id = m.queue_id JOIN node AS n ON n.id = m.node_id
	 WHERE m.node_id = p_node_id ORDER BY m.queue_id
$$;

-- Queues of a node in which jobs wait, whether they may start or not: one look for all that poll each second.
CREATE FUNCTION jqm.queues_with_work(p_node_id bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp SET enable_seqscan = off SET enable_sort = off AS $$
	SELECT m.queue_id FROM queue_mapping AS m
	 WHERE m.node_id = p_node_id AND m.enabled
	   -- From the end of the index: those that waited first have left their entries at its beginning.
	   AND (SELECT true FROM job_instance AS j WHERE j.queue_id = m.queue_id AND j.state = 'SUBMITTED'
	         ORDER BY j.effective_priority, j.position DESC, j.id DESC LIMIT 1)
$$;

/*
 * "I shall sleep: tell me of new jobs in these queues."  The flag is raised under the exclusive lock of
 * the queue that every enqueue tries shared, and keeps until its commit.  So an enqueue either committed
 * before (the caller must claim once more after this returns, and will see it), or sees the flag and
 * notifies, or finds the lock taken and notifies.
 * Only tries the lock: a queue whose lock was not free is not in the answer, poll it soon instead.
 * A runner that was replaced raises none, and lowers none (runner_wake()) of those that its successor has raised.
 */
CREATE FUNCTION jqm.runner_wait(p_node_id bigint, p_incarnation bigint, p_queue_ids bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_queue bigint;
BEGIN
	FOREACH v_queue IN ARRAY p_queue_ids LOOP
		IF pg_try_advisory_xact_lock(queue_lock_class(), v_queue::int) THEN
			INSERT INTO runner_waiting
			SELECT v_queue, n.id FROM node AS n WHERE n.id = p_node_id AND n.incarnation = p_incarnation
			ON CONFLICT DO NOTHING;
			RETURN NEXT v_queue;
		END IF;
	END LOOP;
END
$$;

CREATE FUNCTION jqm.runner_wake(p_node_id bigint, p_incarnation bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	DELETE FROM runner_waiting WHERE node_id = (SELECT n.id FROM node AS n
	    WHERE n.id = p_node_id AND n.incarnation = p_incarnation)
$$;

-- {"b": "2", "a": "1"} as "61=31 62=32": hexadecimal keys and values in byte order of the keys, so
-- that the reader needs no JSON and no quoting rule.  Of a secret one "61~", without its value.
CREATE FUNCTION jqm.parameters_hex(p jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	IF p @? '$.*.secret' THEN
		RETURN regexp_replace(jqm.sealed_hex(p), '~[0-9a-f]*', '~', 'g');
	END IF;
	RETURN (SELECT coalesce(string_agg(encode(convert_to(e.key, 'UTF8'), 'hex') || '='
	    || encode(convert_to(e.value, 'UTF8'), 'hex'), ' ' ORDER BY e.key COLLATE "C"), '')
	  FROM jsonb_each_text(p) AS e);
END
$$;

-- The same with the sealed value behind the ~ of a secret one: for the runner.
CREATE FUNCTION jqm.sealed_hex(p jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(string_agg(encode(convert_to(e.key, 'UTF8'), 'hex')
	    || CASE jsonb_typeof(e.value) WHEN 'object' THEN '~' ELSE '=' END
	    || encode(convert_to(coalesce(e.value ->> 'secret', e.value #>> '{}'), 'UTF8'), 'hex'),
	    ' ' ORDER BY e.key COLLATE "C"), '') FROM jsonb_each(p) AS e
$$;

-- For the runner, without what was meant for the resource managers: the job does not see those.  For each job of a
-- claim, so without settings of its own, and of its caller it needs none.
CREATE FUNCTION jqm.job_parameters_hex(p jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	IF p = '{}' THEN
		RETURN '';
	END IF;
	IF jqm.has_needs(p) THEN
		p := p - ARRAY (SELECT k FROM jsonb_object_keys(p) AS k WHERE starts_with(k, 'com.enioka.jqm.rm.'));
	END IF;
	RETURN CASE WHEN p @? '$.*.secret' THEN jqm.sealed_hex(p) ELSE jqm.parameters_hex(p) END;
END
$$;

-- All a runner must know to run a job; one shape for claims and for jobs taken back after a restart.  Single names are
-- no joins: each of those would be set up with all these columns, which takes longer than to look the name up.
CREATE VIEW jqm.job_order AS
SELECT j.id, j.attempt, j.state, j.node_id, j.incarnation, j.instruction, j.instruction_by, j.queue_id,
       (SELECT q.name FROM jqm.queue AS q WHERE q.id = j.queue_id) AS queue_name,
       d.name AS definition_name, d.path, d.path_type, d.enabled AS definition_enabled,
       coalesce(d.priority, 0) AS definition_priority, j.priority,
       d.module AS definition_module, d.keyword1 AS definition_keyword1,
       d.keyword2 AS definition_keyword2, d.keyword3 AS definition_keyword3,
       j.module, j.keyword1, j.keyword2, j.keyword3,
       (SELECT u.name FROM jqm.name_snapshot AS u WHERE u.id = j.user_name_id) AS user_name,
       coalesce(j.parent_id, 0) AS parent_id, j.trace_id,
       CASE WHEN j.parameters = '{}' THEN '' ELSE jqm.job_parameters_hex(j.parameters) END AS parameters_hex,
       jqm.job_token_by((SELECT s.value FROM jqm.cluster_secret AS s WHERE s.name = 'job_token'), j.id, j.attempt) AS token,
       j.consumption, array_to_string(j.items, ',') AS items,
       CASE WHEN j.items IS NOT NULL THEN jqm.discrete_name() END AS items_name, d.run_max_s, d.grace_ms, d.log_max_bytes,
       d.files_max_bytes, d.files_max_count, d.memory_max_bytes, d.cpu_max_s, d.processes_max, d.umask,
       d.working_directory,
       -- Once its node is given up it may be started elsewhere, or another one in its place that must not run
       -- beside it: its node ends it before that (keeper/README.md).  Said when it starts and never again, so
       -- nothing in it may change while it runs: a limit of its key may be made at any time.
       j.on_node_loss = 'REQUEUE' OR j.highlander OR j.concurrency_key IS NOT NULL AS lease_bound,
       d.signature,
       (extract(epoch FROM j.attributed_at - j.runnable_at) * 1000000)::bigint AS waited_us, d.run_as
  FROM jqm.job_instance AS j
  JOIN jqm.job_def AS d ON d.id = j.job_def_id;

/*
 * The jobs of a claim that need nothing but a place; settings are those of claim().
 *
 * While anybody holds a snapshot, the index of the claim keeps an entry of each job that was taken since, and the
 * walk to the first that waits grows with their number: 0.1 s for each claim after ten minutes of a busy node.  So
 * after a walk that was long the session remembers up to where nothing waited, for each priority, and the next
 * claims begin there, a second earlier for who was slow to commit.  From the beginning it walks again when twenty
 * times as long has gone by, two seconds at most: for jobs that came back to a place in front (resumed, aged, moved,
 * tried again), or could not be taken then (locked, highlanders).
 * The memory is a setting of the session: eleven positions, from priority 0 on, and the time of the next long walk.
 * The moment of a claim is the clock's, not now(): a claim that has waited takes jobs that came after it began.
 */
CREATE FUNCTION jqm.claim_plainly(p_node_id bigint, p_incarnation bigint, p_queue_id bigint, p_room int)
RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	v_name   text := 'jqm.claimed_from_' || p_queue_id;
	v_from   float8[] := nullif(current_setting(v_name, true), '')::float8[];
	v_begun  float8 := date_part('epoch', clock_timestamp());
	v_recent float8 := v_begun * 1000 - 1000; -- positions are milliseconds
	v_room   int := least(p_room, 200);
	v_walked bigint; -- entries of the index, those of the past with them
	v_took   float8;
	v_lowest int;
	v_last   float8;
	v_part   bigint[];
	v_ids    bigint[] := '{}';
BEGIN
	IF v_from IS NULL OR v_begun >= v_from[12] THEN
		v_walked := pg_stat_get_xact_tuples_returned('jqm.job_instance_claimable'::regclass);
		WITH taken AS (
			-- "= ANY (ARRAY (..))" keeps its plan whatever ANALYZE last saw in this table.
			UPDATE job_instance AS j SET state = 'ATTRIBUTED', node_id = p_node_id,
			    incarnation = p_incarnation, attempt = j.attempt + 1, attributed_at = clock_timestamp(),
			    on_node_loss = (SELECT d.on_node_loss FROM job_def AS d WHERE d.id = j.job_def_id)
			 WHERE j.id = ANY (ARRAY (
				SELECT c.id FROM job_instance AS c
				 WHERE c.queue_id = p_queue_id AND c.state = 'SUBMITTED' AND NOT c.needs_care
				   AND (NOT c.highlander OR NOT EXISTS (SELECT FROM job_instance AS r
				        WHERE r.job_def_id = c.job_def_id AND r.highlander
				          AND r.state IN ('ATTRIBUTED', 'RUNNING')))
				 ORDER BY c.effective_priority DESC, c.position, c.id LIMIT v_room
				   FOR UPDATE SKIP LOCKED))
			RETURNING j.id)
		SELECT array_agg(id) INTO v_ids FROM taken;
		v_walked := pg_stat_get_xact_tuples_returned('jqm.job_instance_claimable'::regclass) - v_walked;
		IF v_walked > 3000 THEN
			v_took := date_part('epoch', clock_timestamp()) - v_begun;
			SELECT j.effective_priority, max(j.position) INTO v_lowest, v_last FROM job_instance AS j
			 WHERE j.id = ANY (v_ids) GROUP BY j.effective_priority ORDER BY j.effective_priority LIMIT 1;
			IF coalesce(cardinality(v_ids), 0) < v_room THEN
				v_lowest := -1;
			END IF;
			v_from := ARRAY (SELECT CASE WHEN p > v_lowest THEN v_recent WHEN p = v_lowest THEN v_last - 1000
			    ELSE '-infinity' END FROM generate_series(0, 10) AS p) || (v_begun + v_took + least(v_took * 20, 2));
			PERFORM set_config(v_name, v_from::text, false);
		ELSIF v_from IS NOT NULL THEN
			PERFORM set_config(v_name, '', false);
		END IF;
		RETURN v_ids;
	END IF;
	FOR v_priority IN REVERSE 10 .. 0 LOOP
		WITH taken AS (
			UPDATE job_instance AS j SET state = 'ATTRIBUTED', node_id = p_node_id,
			    incarnation = p_incarnation, attempt = j.attempt + 1, attributed_at = clock_timestamp(),
			    on_node_loss = (SELECT d.on_node_loss FROM job_def AS d WHERE d.id = j.job_def_id)
			 WHERE j.id = ANY (ARRAY (
				SELECT c.id FROM job_instance AS c
				 WHERE c.queue_id = p_queue_id AND c.state = 'SUBMITTED' AND NOT c.needs_care
				   AND c.effective_priority = v_priority AND c.position >= v_from[v_priority + 1]
				   AND (NOT c.highlander OR NOT EXISTS (SELECT FROM job_instance AS r
				        WHERE r.job_def_id = c.job_def_id AND r.highlander
				          AND r.state IN ('ATTRIBUTED', 'RUNNING')))
				 ORDER BY c.position, c.id LIMIT v_room
				   FOR UPDATE SKIP LOCKED))
			RETURNING j.id, j.position)
		SELECT array_agg(id), max(position) INTO v_part, v_last FROM taken;
		v_room := v_room - coalesce(cardinality(v_part), 0);
		v_ids := v_ids || v_part;
		IF v_room > 0 THEN
			v_from[v_priority + 1] := greatest(v_from[v_priority + 1], v_recent);
		ELSE
			v_from[v_priority + 1] := greatest(v_from[v_priority + 1], v_last - 1000);
			EXIT;
		END IF;
	END LOOP;
	PERFORM set_config(v_name, v_from::text, false);
	RETURN nullif(v_ids, '{}');
END
$$;

-- Give back jobs that were taken but not started: [{"id", "attempt"}].  A highlander whose successor
-- waits already is absorbed by it, as enqueue would have done; one that was killed meanwhile is cancelled.
CREATE FUNCTION jqm.give_back(p_node_id bigint, p_incarnation bigint, p_jobs jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
	v     record;
	v_why text; -- it does not wait again
BEGIN
	FOR v IN SELECT j.id, j.job_def_id, j.queue_id, j.highlander, j.items, j.concurrency_key, j.instruction,
	                j.instruction_by, j.attributed_at
	           FROM jsonb_to_recordset(p_jobs) AS s(id bigint, attempt int)
	           JOIN job_instance AS j ON j.id = s.id AND j.attempt = s.attempt
	          WHERE j.node_id = p_node_id AND j.incarnation = p_incarnation AND j.state = 'ATTRIBUTED'
	          ORDER BY j.id FOR UPDATE OF j
	LOOP
		v_why := CASE WHEN v.instruction = 'KILL' THEN done_by('cancelled', v.instruction_by) END;
		LOOP
			v_why := coalesce(v_why, (SELECT format('absorbed by job instance %s, which waits already', w.id)
			    FROM job_instance AS w WHERE v.highlander AND w.job_def_id = v.job_def_id AND w.highlander
			     AND w.state = 'SUBMITTED'));
			BEGIN
				UPDATE job_instance SET state = CASE WHEN v_why IS NULL THEN 'SUBMITTED' ELSE 'HOLDED' END,
				    node_id = NULL, incarnation = NULL, attributed_at = NULL, items = NULL WHERE id = v.id;
				EXIT;
			EXCEPTION WHEN unique_violation THEN
				NULL; -- a twin came just now: look again
			END;
		END LOOP;
		IF v.concurrency_key IS NOT NULL THEN
			PERFORM uncount_start(v.concurrency_key, v.attributed_at);
		END IF;
		IF v_why IS NOT NULL THEN
			PERFORM archive_waiting(v.id, v_why);
		ELSE
			PERFORM wake_runners(v.queue_id);
		END IF;
		PERFORM wake_waiting(CASE WHEN v.highlander THEN ARRAY[v.job_def_id] END, ARRAY[v.concurrency_key]::text[],
		    v.items IS NOT NULL);
		RETURN NEXT v.id;
	END LOOP;
END
$$;

/*
 * A restarted runner takes its node's jobs back; one whose connection is new asks what it has.  p_known: [{"id", "attempt"}] of all
 * jobs in the keeper's table, or of its own runs.  Known ones come under the new incarnation and are returned in full.  Unknown ones
 * were never started (ATTRIBUTED: given back to the queue) or lost (RUNNING: history says so).
 */
CREATE FUNCTION jqm.take_back(p_node_id bigint, p_incarnation bigint, p_known jsonb)
RETURNS SETOF jqm.job_order
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM node WHERE id = p_node_id AND incarnation = p_incarnation) THEN
		PERFORM refuse('JQ409', 'another runner has taken this node');
	END IF;
	UPDATE job_instance SET incarnation = p_incarnation
	 WHERE node_id = p_node_id AND incarnation <> p_incarnation;
	PERFORM give_back(p_node_id, p_incarnation, coalesce((SELECT jsonb_agg(jsonb_build_object('id', j.id,
	    'attempt', j.attempt)) FROM job_instance AS j WHERE j.node_id = p_node_id AND j.state = 'ATTRIBUTED'
	    AND NOT EXISTS (SELECT FROM jsonb_to_recordset(p_known) AS k(id bigint, attempt int)
	        WHERE k.id = j.id AND k.attempt = j.attempt)), '[]'));
	INSERT INTO happened (what, queue_id, n)
	SELECT 'lost', j.queue_id, count(*) FROM job_instance AS j WHERE j.node_id = p_node_id AND j.state = 'RUNNING'
	   AND NOT EXISTS (SELECT FROM jsonb_to_recordset(p_known) AS k(id bigint, attempt int)
	        WHERE k.id = j.id AND k.attempt = j.attempt) GROUP BY j.queue_id;
	PERFORM finish(p_node_id, p_incarnation, coalesce((SELECT jsonb_agg(jsonb_build_object('id', j.id,
	    'attempt', j.attempt, 'state', 'CRASHED', 'ended_ago_ms', 0, 'lost', true,
	    'reason', 'lost: its node has no trace of its process'))
	    FROM job_instance AS j WHERE j.node_id = p_node_id AND j.state = 'RUNNING'
	    AND NOT EXISTS (SELECT FROM jsonb_to_recordset(p_known) AS k(id bigint, attempt int)
	        WHERE k.id = j.id AND k.attempt = j.attempt)), '[]'));
	RETURN QUERY SELECT o.* FROM job_order AS o WHERE o.node_id = p_node_id;
END
$$;

-- Orders for running jobs of a node: KILL (and, later, PAUSE).
CREATE FUNCTION jqm.node_orders(p_node_id bigint, p_incarnation bigint)
RETURNS TABLE (id bigint, attempt int, instruction text, instruction_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT j.id, j.attempt, j.instruction, j.instruction_by FROM job_instance AS j
	 WHERE j.node_id = p_node_id AND j.incarnation = p_incarnation AND j.instruction <> 'RUN'
$$;
