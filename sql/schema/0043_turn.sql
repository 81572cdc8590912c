-- SPDX-License-Identifier: Apache-2.0
-- What a runner says and asks in one statement: jobs that started, jobs that ended, new ones.
SET LOCAL ROLE jqm_owner;

/*
 * What turn() consists of has the settings of who calls it:
 *	plan_cache_mode		statements are planned once in a session, which took longer than running them
 *	enable_...		a plan made while the table was small is right when it is large
 * They are set once for the whole turn, since the server looks at each of some 350 settings whenever a function that has
 * any returns.  claim(), mark_started() and finish() set the same: a plan that is made for one of them serves all.
 */

-- claim() of several queues, with room for p_room[i] units in p_queues[i]; ids in no order, NULL for none.  enable_sort is off.
CREATE FUNCTION jqm.claim_in_turn(p_node_id bigint, p_incarnation bigint, p_queues bigint[], p_room int[])
RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	v_careful boolean; -- are there any that need more than a free slot?
	v_paused  boolean; -- the runner may not know yet
	v_ids     bigint[];
BEGIN
	FOR i IN 1 .. cardinality(p_queues) LOOP
		SELECT EXISTS (SELECT FROM job_instance WHERE queue_id = p_queues[i] AND state = 'SUBMITTED' AND needs_care),
		       EXISTS (SELECT FROM queue_mapping WHERE node_id = p_node_id AND queue_id = p_queues[i] AND NOT enabled)
		  INTO v_careful, v_paused FROM node AS n
		 WHERE n.id = p_node_id AND n.incarnation = p_incarnation AND n.lease_until > now() AND n.enabled
		   AND NOT n.draining AND NOT n.stop;
		EXIT WHEN v_careful IS NULL;
		CONTINUE WHEN v_paused;
		v_ids := v_ids || CASE WHEN v_careful THEN claim_carefully(p_node_id, p_incarnation, p_queues[i], p_room[i])
		    ELSE claim_plainly(p_node_id, p_incarnation, p_queues[i], p_room[i]) END;
	END LOOP;
	-- From here to the commit nobody takes, gives up or deletes the node; what was done so before is seen now.
	-- take_back() or rescue() would not have seen these jobs.
	IF v_ids IS NOT NULL THEN
		PERFORM FROM node WHERE id = p_node_id AND incarnation = p_incarnation FOR KEY SHARE;
		IF NOT FOUND THEN
			PERFORM refuse('JQ409', 'another runner has taken this node');
		END IF;
	END IF;
	RETURN v_ids;
END
$$;

/*
 * Take waiting jobs of a queue for a node, by priority (raised by ageing), position, id, as long as
 * their units (1 of most jobs) fit into p_room, and 200 at most (the runner knows).  Jobs another session works on are skipped, never waited
 * for.  Nothing for a runner whose lease is over or whose incarnation is not the newest (JQ409 when that
 * comes to light after they were taken), and nothing for a node that is to take no more, nor from a queue that is paused there.
 */
CREATE FUNCTION jqm.claim(p_node_id bigint, p_incarnation bigint, p_queue_id bigint, p_room int)
RETURNS SETOF jqm.job_order
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
	v_ids bigint[] := claim_in_turn(p_node_id, p_incarnation, ARRAY[p_queue_id], ARRAY[p_room]);
BEGIN
	IF v_ids IS NOT NULL THEN
		RETURN QUERY SELECT o.* FROM job_order AS o WHERE o.id = ANY (v_ids) ORDER BY o.priority DESC, o.id;
	END IF;
END
$$;

-- Ids, NULL for none.  Not by "node_id =": see finish_in_turn().
CREATE FUNCTION jqm.mark_started_in_turn(p_node_id bigint, p_incarnation bigint, p_jobs jsonb) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	v_ids bigint[];
BEGIN
	WITH marked AS (
		UPDATE job_instance AS j
		   SET state = 'RUNNING', started_at = coalesce(j.started_at, now() - s.ago_ms * interval '1 ms')
		  FROM jsonb_to_recordset(p_jobs) AS s(id bigint, attempt int, ago_ms float8)
		 WHERE j.id = s.id AND j.attempt = s.attempt AND j.id = ANY (ARRAY (
			SELECT l.id FROM job_instance AS l
			 WHERE l.id = ANY (ARRAY (SELECT (e ->> 'id')::bigint FROM jsonb_array_elements(p_jobs) AS e))
			   AND l.node_id IS NOT DISTINCT FROM p_node_id AND l.incarnation = p_incarnation AND l.state IN ('ATTRIBUTED', 'RUNNING')
			   FOR UPDATE SKIP LOCKED))
		RETURNING j.id)
	SELECT array_agg(m.id) INTO v_ids FROM marked AS m;
	RETURN v_ids;
END
$$;

/*
 * ATTRIBUTED -> RUNNING for [{"id", "attempt", "ago_ms"}]; returns the ids that are ours, also of those
 * that were told before: the answer may have been lost.  Rows another session works on are skipped, never waited for: say it again.
 */
CREATE FUNCTION jqm.mark_started(p_node_id bigint, p_incarnation bigint, p_jobs jsonb)
RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off AS $$
BEGIN
	RETURN QUERY SELECT unnest(mark_started_in_turn(p_node_id, p_incarnation, p_jobs));
END
$$;

-- An end of which there is no more to say, as most are: as finish() has it.  Read as an array of rows it costs a third of what
-- the same costs as JSON.
CREATE TYPE jqm.plain_end AS (id bigint, attempt int, state text, exit_code int, signal int, started_ago_ms float8,
    ended_ago_ms float8, user_ms bigint, system_ms bigint, max_rss_kb bigint);

/*
 * What only few ends have: [{"id", "messages", "files", "email", "highlander" (its definition), "key", "items" (true), "late"
 * (true: told long after it ended), "state", "job_def", "queue", "submitter"}], of those ends that have any of it.  While
 * somebody is told of ends by webhooks these are all.
 */
CREATE FUNCTION jqm.finish_special(p_node_id bigint, p_ends jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v_ids         bigint[];
	v_late        bigint[];
	v_highlanders bigint[];
	v_keys        text[];
	v_items       boolean;
	v_states      text[]; -- and so on: of each of v_ids
	v_job_defs    bigint[];
	v_queues      bigint[];
	v_submitters  int[];
	v_to_mail     boolean;
	v_found       boolean; -- messages or files
BEGIN
	SELECT array_agg(s.id), array_agg(s.id) FILTER (WHERE s.late), array_agg(s.highlander) FILTER (WHERE s.highlander IS NOT NULL),
	       array_agg(DISTINCT s.key) FILTER (WHERE s.key IS NOT NULL), bool_or(s.items), array_agg(s.state),
	       array_agg(s.job_def), array_agg(s.queue), array_agg(s.submitter), bool_or(s.email IS NOT NULL),
	       bool_or(s.messages IS NOT NULL OR s.files IS NOT NULL)
	  INTO v_ids, v_late, v_highlanders, v_keys, v_items, v_states, v_job_defs, v_queues, v_submitters, v_to_mail, v_found
	  FROM jsonb_to_recordset(p_ends) AS s(id bigint, messages jsonb, files jsonb, email text, highlander bigint, key text,
	       items boolean, late boolean, state text, job_def bigint, queue bigint, submitter int);
	IF v_found THEN
		INSERT INTO message (job_instance_id, text_message)
		SELECT f.id, left(m.text, 1000) FROM jsonb_to_recordset(p_ends) AS f(id bigint, messages jsonb)
		 CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(f.messages, '[]')) AS m(text)
		 WHERE m.text <> '';
		INSERT INTO deliverable (job_instance_id, node_name_id, random_id, path, original_file_name,
		    file_family, size_bytes, sha256)
		SELECT f.id, (SELECT n.name_id FROM node AS n WHERE n.id = p_node_id), d.guid, d.path, d.name,
		    coalesce(d.family, d.name), d.size, d.sha256 FROM jsonb_to_recordset(p_ends) AS f(id bigint, files jsonb)
		 CROSS JOIN LATERAL jsonb_to_recordset(coalesce(f.files, '[]'))
		    AS d(guid uuid, path text, name text, family text, size bigint, sha256 text);
	END IF;
	IF v_to_mail THEN
		INSERT INTO mail (job_instance_id, occasion, recipient)
		SELECT t.id, 'END', r.address FROM jsonb_to_recordset(p_ends) AS t(id bigint, email text)
		 CROSS JOIN LATERAL mail_recipients(t.email) AS r(address);
	END IF;
	IF v_late IS NOT NULL THEN
		PERFORM history_late(v_late);
	END IF;
	IF v_highlanders IS NOT NULL OR v_keys IS NOT NULL OR v_items THEN
		PERFORM wake_waiting(v_highlanders, v_keys, v_items);
	END IF;
	IF EXISTS (SELECT FROM webhook WHERE enabled) THEN
		PERFORM webhook_tell(v_ids, v_states, v_job_defs, v_queues, v_submitters);
	END IF;
END
$$;

/*
 * finish(), see below; ids, NULL for none.  p_plain: ends as well, none of them CRASHED.  One statement moves the rows, a
 * second one asks for those that wait for them.  What it costs is how many columns and nodes its plan has, for it is set up anew
 * each time: so names come from subqueries and not from joins, and what few ends have (finish_special()) is gathered in one place.
 * Each row is looked up by its id, in whatever state the table was when that was planned: by "node_id =" the index of all that a node
 * runs would do, whose rows, those of the past with them, were compared with each end; by "id =" it might be read as a whole.
 */
CREATE FUNCTION jqm.finish_in_turn(p_node_id bigint, p_incarnation bigint, p_ends jsonb, p_plain jqm.plain_end[] DEFAULT NULL)
RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	v_again   bigint[] := '{}';
	v_ids     bigint[];
	v_special jsonb;
BEGIN
	IF p_ends @? '$[*] ? (@.state == "CRASHED")' THEN
		v_again := ARRAY (SELECT try_again(p_node_id, p_incarnation, p_ends));
	END IF;
	WITH e AS MATERIALIZED (
		SELECT * FROM jsonb_to_recordset(p_ends) AS e(id bigint, attempt int, state text, exit_code int,
		    signal int, reason text, started_ago_ms float8, ended_ago_ms float8, user_ms bigint,
		    system_ms bigint, max_rss_kb bigint, progress int, messages jsonb, files jsonb)
		 WHERE e.id <> ALL (v_again)
		UNION ALL
		SELECT p.id, p.attempt, p.state, p.exit_code, p.signal, NULL, p.started_ago_ms, p.ended_ago_ms, p.user_ms,
		    p.system_ms, p.max_rss_kb, NULL, NULL, NULL FROM unnest(p_plain) AS p
	), gone AS (
		DELETE FROM job_instance AS j USING e
		 WHERE j.id = ANY (ARRAY[e.id]) AND j.attempt = e.attempt AND j.node_id IS NOT DISTINCT FROM p_node_id
		   AND j.incarnation = p_incarnation AND j.state IN ('ATTRIBUTED', 'RUNNING')
		-- What is looked at twice comes first: a row is taken apart up to there.
		RETURNING j.id, j.highlander, j.concurrency_key, j.items, j.email, e.messages, e.files, e.ended_ago_ms, e.state,
		    j.job_def_id, j.queue_id, j.submitter_id, e.exit_code, e.signal, e.reason, e.started_ago_ms, e.user_ms,
		    e.system_ms, e.max_rss_kb, coalesce(e.progress, j.progress) AS progress, j.snapshot_id, j.user_name_id,
		    j.priority, j.attempt, j.enqueued_at, j.attributed_at, j.started_at, j.run_after, j.parent_id, j.from_schedule,
		    j.session_key, j.application, j.module, j.keyword1, j.keyword2, j.keyword3, j.trace_id, j.parameters,
		    j.schedule_id, j.attempts_max, j.failures, j.node_losses, j.has_messages, j.has_links
	), past AS (
		INSERT INTO history (id, job_def_id, queue_id, state, snapshot_id, user_name_id, submitter_id,
		    queue_name_id, node_name_id, priority, attempt, incarnation, enqueued_at, attributed_at, started_at,
		    ended_at, run_after, parent_id, highlander, from_schedule, progress, session_key, email,
		    application, module, keyword1, keyword2, keyword3, trace_id, parameters, concurrency_key,
		    schedule_id, attempts_max, failures, node_losses, exit_code, signal, reason, user_ms, system_ms, max_rss_kb,
		    has_messages, has_links)
		SELECT g.id, g.job_def_id, g.queue_id, g.state, g.snapshot_id, g.user_name_id, g.submitter_id,
		    (SELECT q.name_id FROM queue AS q WHERE q.id = g.queue_id), (SELECT n.name_id FROM node AS n WHERE n.id = p_node_id),
		    g.priority, g.attempt, p_incarnation, g.enqueued_at, g.attributed_at,
		    coalesce(g.started_at, now() - g.started_ago_ms * interval '1 ms'),
		    greatest(now() - coalesce(g.ended_ago_ms, 0) * interval '1 ms', g.started_at), g.run_after, g.parent_id,
		    g.highlander, g.from_schedule, g.progress, g.session_key, g.email,
		    g.application, g.module, g.keyword1, g.keyword2, g.keyword3, g.trace_id, g.parameters,
		    g.concurrency_key, g.schedule_id, g.attempts_max, g.failures, g.node_losses, g.exit_code, g.signal,
		    left(g.reason, 1000), g.user_ms, g.system_ms, g.max_rss_kb,
		    g.has_messages OR g.messages IS NOT NULL, g.has_links
		  FROM gone AS g
	)
	SELECT array_agg(g.id), jsonb_agg(jsonb_build_object('id', g.id, 'messages', g.messages, 'files', g.files, 'email', g.email,
	       'highlander', CASE WHEN g.highlander THEN g.job_def_id END, 'key', g.concurrency_key, 'items', g.items IS NOT NULL,
	       'late', g.ended_ago_ms > 1800000, 'state', g.state, 'job_def', g.job_def_id, 'queue', g.queue_id,
	       'submitter', g.submitter_id))
	       FILTER (WHERE g.highlander OR g.concurrency_key IS NOT NULL OR g.items IS NOT NULL OR g.email IS NOT NULL
	           OR g.messages IS NOT NULL OR g.files IS NOT NULL OR g.ended_ago_ms > 1800000
	           OR EXISTS (SELECT FROM webhook AS w WHERE w.enabled))
	  INTO v_ids, v_special FROM gone AS g;
	IF v_special IS NOT NULL THEN
		PERFORM finish_special(p_node_id, v_special);
	END IF;
	-- After the rows have gone, which whoever waits for them had locked: now its dependency is seen.
	IF EXISTS (SELECT FROM job_dependency WHERE waits_for = ANY (v_ids)) THEN
		PERFORM settle_dependents(v_ids);
	END IF;
	RETURN nullif(v_again || v_ids, '{}');
END
$$;

/*
 * End attempts.  p_ends:
 *	[{"id", "attempt", "state": "ENDED|CRASHED|KILLED", "exit_code", "signal", "reason",
 *	  "started_ago_ms" (null: never started), "ended_ago_ms", "user_ms", "system_ms", "max_rss_kb",
 *	  "progress", "lost": true when the node and not the job failed, "messages": ["text"],
 *	  "files": [{"guid", "path", "name", "family", "size", "sha256"}]}]
 * Live row, history row, files, messages, mails and what webhooks tell in one transaction; then jobs that waited for these go
 * on.  An attempt that failed and has another one coming goes back to its queue instead (try_again()).
 * Times are distances from now, so that the database's clock decides; no end is before the begin that a busy database heard
 * of late.  Returns the ids that were ours: the others were ended before (a repeated finish) or belong to another runner by now.
 */
CREATE FUNCTION jqm.finish(p_node_id bigint, p_incarnation bigint, p_ends jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off AS $$
BEGIN
	RETURN QUERY SELECT unnest(finish_in_turn(p_node_id, p_incarnation, p_ends));
END
$$;

/*
 * All a busy runner has to say and to ask, with one commit for it (measured: the commits are what a
 * short job waits for): jobs that started, jobs that ended, and new ones of p_queues[i] for p_room[i].
 * NULL where there is nothing to say.  Runners of the version before call it without p_plain.  The row of an ended job is
 * waited for, a second at most: then nothing was done, and the ends should be told one by one.  Rows in state RUNNING and
 * ENDED name a job that was ours (id and nothing else); rows in state ATTRIBUTED are orders, as of claim().
 */
CREATE FUNCTION jqm.turn(p_node_id bigint, p_incarnation bigint, p_started jsonb, p_ends jsonb,
	p_queues bigint[], p_room int[], p_plain jqm.plain_end[] DEFAULT NULL) RETURNS SETOF jqm.job_order
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '1s'
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET enable_sort = on AS $$
DECLARE
	v_row    job_order;
	v_ids    bigint[];
	v_no_use text;
BEGIN
	IF p_started IS NOT NULL THEN
		v_row.state := 'RUNNING';
		FOREACH v_row.id IN ARRAY coalesce(mark_started_in_turn(p_node_id, p_incarnation, p_started), '{}') LOOP
			RETURN NEXT v_row;
		END LOOP;
	END IF;
	IF p_ends IS NOT NULL OR cardinality(p_plain) > 0 THEN
		v_row.state := 'ENDED';
		FOREACH v_row.id IN ARRAY coalesce(finish_in_turn(p_node_id, p_incarnation, p_ends, p_plain), '{}') LOOP
			RETURN NEXT v_row;
		END LOOP;
	END IF;
	IF cardinality(p_queues) > 0 THEN
		v_no_use := set_config('enable_sort', 'off', true); -- until we return, as for claim()
		v_ids := claim_in_turn(p_node_id, p_incarnation, p_queues, p_room);
		IF v_ids IS NOT NULL THEN
			RETURN QUERY SELECT o.* FROM job_order AS o WHERE o.id = ANY (v_ids) ORDER BY o.priority DESC, o.id;
		END IF;
	END IF;
END
$$;

GRANT EXECUTE ON FUNCTION jqm.claim(bigint, bigint, bigint, int), jqm.mark_started(bigint, bigint, jsonb),
    jqm.finish(bigint, bigint, jsonb), jqm.turn(bigint, bigint, jsonb, jsonb, bigint[], int[], jqm.plain_end[]) TO jqm_runner;
