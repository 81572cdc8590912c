-- SPDX-License-Identifier: Apache-2.0
-- A turn does the same with less: tests/bench/README.md says what it costs.
SET LOCAL ROLE jqm_owner;

-- ---- what each change of a job's row costs ----

/*
 * An entry less for each enqueue and each claim: what asks for the jobs of a definition are its deletion, which may read all
 * live jobs, and warn_late().
 */
DROP INDEX jqm.job_instance_job_def;
CREATE INDEX job_instance_not_late ON jqm.job_instance (job_def_id) WHERE state = 'RUNNING' AND NOT late;

/*
 * Whose hands a job is in is written by claims alone, which lock the node's row once for all jobs they take (claim_in_turn());
 * a foreign key did so for each of them.  Whoever deletes the node waits for that lock, then looks again.
 */
ALTER TABLE jqm.job_instance DROP CONSTRAINT job_instance_node_id_fkey;
CREATE TRIGGER node_deleted AFTER DELETE ON jqm.node FOR EACH ROW EXECUTE FUNCTION jqm.node_deletion();

-- As before; jobs that are new or were just taken are nearly all, and are through with the first look.
CREATE OR REPLACE FUNCTION jqm.job_makes_sense(j jqm.job_instance) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	-- An expression is made ready as a whole, however little of it is looked at, and this is short.
	IF num_nulls(j.node_id, j.incarnation, j.attributed_at, j.started_at, j.concurrency_key)
	   = (CASE j.state WHEN 'SUBMITTED' THEN 5 WHEN 'ATTRIBUTED' THEN 2 END) AND j.started_at IS NULL
	   AND j.concurrency_key IS NULL AND j.instruction = 'RUN' AND j.consumption = 1 AND j.items_wanted = 0
	   AND least(j.priority, j.effective_priority, j.waits_for) >= 0 AND greatest(j.priority, j.effective_priority) <= 10 THEN
		RETURN true;
	END IF;
	RETURN CASE j.state
	    WHEN 'SUBMITTED' THEN j.node_id IS NULL
	    WHEN 'HOLDED' THEN j.node_id IS NULL
	    WHEN 'SCHEDULED' THEN j.node_id IS NULL AND (j.run_after IS NOT NULL OR j.waits_for > 0)
	    WHEN 'ATTRIBUTED' THEN j.node_id IS NOT NULL AND j.started_at IS NULL
	    WHEN 'RUNNING' THEN j.node_id IS NOT NULL AND j.started_at IS NOT NULL
	    ELSE false END
	    AND (j.node_id IS NULL) = (j.incarnation IS NULL) AND (j.node_id IS NULL) = (j.attributed_at IS NULL)
	    AND (j.node_id IS NOT NULL OR j.started_at IS NULL)
	    AND j.instruction IN ('RUN', 'KILL', 'PAUSE') AND j.priority BETWEEN 0 AND 10
	    AND j.effective_priority BETWEEN 0 AND 10 AND j.waits_for >= 0 AND j.consumption > 0 AND j.items_wanted >= 0
	    AND (j.needs_care OR (j.consumption = 1 AND j.items_wanted = 0 AND j.concurrency_key IS NULL));
END
$$;

/*
 * Conditions of triggers are read from their text by each statement, a tenth of a microsecond for each word of it; so they
 * let through what the functions then look at.  A name compared with a text needs no conversion; what programs other than
 * the runner change (orders to jobs) is little.
 */
CREATE OR REPLACE FUNCTION jqm.audit_direct() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_stack text;
BEGIN
	IF session_user IN ('jqm_api', 'jqm_runner', 'jqm_client', 'jqm_notifier') THEN
		RETURN NULL;
	END IF;
	GET DIAGNOSTICS v_stack = PG_CONTEXT;
	-- The first line is this function.
	IF v_stack ~ E'\n(PL/pgSQL|SQL) function (?!inline_code_block)' THEN
		RETURN NULL; -- one of our functions does it, and tells what it does
	END IF;
	INSERT INTO audit (action, kind, object_id, name, changes) VALUES (lower(TG_OP), 'job', OLD.id, TG_TABLE_NAME,
	    CASE WHEN TG_OP = 'UPDATE' THEN (SELECT audit_fit(jsonb_agg(audit_change(o.key, NULL) ORDER BY o.key))
	      FROM jsonb_each(to_jsonb(OLD)) AS o WHERE to_jsonb(NEW) -> o.key IS DISTINCT FROM o.value) END);
	RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_direct AFTER UPDATE OR DELETE ON jqm.job_instance FOR EACH ROW
    WHEN (session_user <> 'jqm_runner') EXECUTE FUNCTION jqm.audit_direct();

/*
 * The same of events: that somebody has listened since events_let_go() is in the condition (a sequence that was not called
 * has no last value), until when in the functions.
 */
CREATE OR REPLACE FUNCTION jqm.note_job_event() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	j      jqm.job_instance := NEW;
	v_kind "char" := 'c';
BEGIN
	IF pg_sequence_last_value('jqm.event_wanted_until') <= date_part('epoch', clock_timestamp()) THEN
		RETURN NULL; -- events_let_go() comes soon
	END IF;
	IF TG_OP = 'DELETE' THEN
		j := OLD;
		v_kind := 'e';
	ELSIF TG_OP = 'INSERT' OR (OLD.state, OLD.attempt) IS DISTINCT FROM (NEW.state, NEW.attempt) THEN
		v_kind := 's';
	ELSIF OLD.progress <> NEW.progress THEN
		v_kind := 'p';
	ELSIF (OLD.instruction, OLD.priority, OLD.queue_id, OLD.run_after, OLD.late)
	   IS NOT DISTINCT FROM (NEW.instruction, NEW.priority, NEW.queue_id, NEW.run_after, NEW.late) THEN
		RETURN NULL;
	END IF;
	INSERT INTO jqm.event (kind, job_id, state, instruction, priority, progress, attempt, run_after, queue_id, node_id,
	    snapshot_id, user_name_id, submitter_id, parent_id, session_key, application, module, keyword1, keyword2, keyword3)
	VALUES (v_kind, j.id, j.state, j.instruction, j.priority, j.progress, j.attempt, j.run_after, j.queue_id, j.node_id,
	    j.snapshot_id, j.user_name_id, j.submitter_id, j.parent_id, j.session_key, j.application, j.module, j.keyword1,
	    j.keyword2, j.keyword3);
	RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION jqm.note_message_event() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF pg_sequence_last_value('jqm.event_wanted_until') <= date_part('epoch', clock_timestamp()) THEN
		RETURN NULL;
	END IF;
	INSERT INTO jqm.event (kind, job_id, state, attempt, queue_id, node_id, snapshot_id, user_name_id, submitter_id, parent_id,
	    session_key, application, module, keyword1, keyword2, keyword3, text_message)
	SELECT 'm', j.id, j.state, j.attempt, j.queue_id, j.node_id, j.snapshot_id, j.user_name_id, j.submitter_id, j.parent_id,
	       j.session_key, j.application, j.module, j.keyword1, j.keyword2, j.keyword3, NEW.text_message
	  FROM jqm.job_instance AS j WHERE j.id = NEW.job_instance_id;
	IF NOT FOUND THEN
		INSERT INTO jqm.event (kind, job_id, state, attempt, queue_id, snapshot_id, user_name_id, submitter_id, parent_id,
		    session_key, application, module, keyword1, keyword2, keyword3, text_message)
		SELECT 'm', h.id, h.state, h.attempt, h.queue_id, h.snapshot_id, h.user_name_id, h.submitter_id, h.parent_id,
		       h.session_key, h.application, h.module, h.keyword1, h.keyword2, h.keyword3, NEW.text_message
		  FROM jqm.history AS h WHERE h.id = NEW.job_instance_id;
	END IF;
	RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER event_insert AFTER INSERT ON jqm.job_instance FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_job_event();
CREATE OR REPLACE TRIGGER event_update AFTER UPDATE ON jqm.job_instance FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_job_event();
CREATE OR REPLACE TRIGGER event_delete AFTER DELETE ON jqm.job_instance FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_job_event();
CREATE OR REPLACE TRIGGER event_message AFTER INSERT ON jqm.message FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_message_event();

-- Nobody listens any more: from now on changes of jobs do not call the functions above.  Not while somebody begins to
-- (events_keep() has the same lock); whoever has it is not waited for, there is a next time.
CREATE FUNCTION jqm.events_let_go() RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	IF pg_sequence_last_value('jqm.event_wanted_until') <= date_part('epoch', clock_timestamp()) THEN
		LOCK TABLE event_source IN SHARE ROW EXCLUSIVE MODE NOWAIT;
		IF pg_sequence_last_value('jqm.event_wanted_until') <= date_part('epoch', clock_timestamp()) THEN
			PERFORM setval('jqm.event_wanted_until', 0, false);
		END IF;
	END IF;
EXCEPTION WHEN lock_not_available THEN
	NULL;
END
$$;

CREATE OR REPLACE FUNCTION jqm.housekeeping()
RETURNS TABLE (late bigint, schedule_id bigint, version bigint, cron_expression text, time_zone text, day_rule text,
	misfire_window_s int, next_fire_us bigint, since_us bigint, now_us bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM settle_left();
	IF random() < 0.05 THEN
		PERFORM find_unsettled(), forget_old_keys(), fold_happened(), events_let_go();
	END IF;
	PERFORM promote_due();
	PERFORM age_waiting();
	PERFORM wake_rated();
	PERFORM history_sum_up();
	RETURN QUERY SELECT l.n, s.id, s.version, s.cron_expression, s.time_zone, s.day_rule, s.misfire_window_s,
	       microseconds(s.next_fire_at), microseconds(s.since), microseconds(now())
	  FROM (SELECT warn_late() AS n) AS l
	  LEFT JOIN (SELECT * FROM schedule AS d WHERE d.enabled AND (d.next_fire_at IS NOT NULL OR d.problem IS NULL)
	                AND coalesce(d.next_fire_at, '-infinity') <= now()
	              ORDER BY coalesce(d.next_fire_at, '-infinity'), d.id LIMIT 100) AS s ON true;
END
$$;

/*
 * Statistics are made anew again and again while jobs are brief, and were a fiftieth of all that a no-op job costs.  Of a table
 * whose rows live for seconds a sample of 3,000 says as much as one of 30,000; what grows is looked at when it has doubled.
 */
DO $$
BEGIN
	EXECUTE (SELECT 'ALTER TABLE jqm.job_instance ' || string_agg(format('ALTER %I SET STATISTICS 10', a.attname), ', ')
	  FROM pg_attribute AS a WHERE a.attrelid = 'jqm.job_instance'::regclass AND a.attnum > 0 AND NOT a.attisdropped);
	EXECUTE (SELECT string_agg(format('ALTER TABLE %s SET (autovacuum_analyze_threshold = 10000,
	    autovacuum_analyze_scale_factor = 1)', i.inhrelid::regclass), '; ')
	  FROM pg_inherits AS i WHERE i.inhparent = 'jqm.history'::regclass);
END
$$;
ALTER TABLE jqm.job_instance SET (autovacuum_analyze_threshold = 50000);

-- Keep p_ahead partitions of 250,000 ids beyond the newest id.  Attached, not created in place:
-- that passes open readers.  Returns how many were made; called by upgrades, by runners every 5 minutes, and
-- by enqueue while no runner does.  Statistics of each are made anew whenever it has doubled.
CREATE OR REPLACE FUNCTION jqm.history_extend(p_ahead int DEFAULT 20) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
	v_step  constant bigint := 250000;
	v_top   bigint;
	v_lower bigint;
	v_made  int := 0;
	v_name  text;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtext('jqm.history_extend')) THEN
		RETURN 0;
	END IF;
	SELECT coalesce(max(upper_id), 0) INTO v_lower FROM history_partition;
	SELECT coalesce(last_value, 1) INTO v_top
	  FROM pg_sequences WHERE schemaname = 'jqm' AND sequencename = 'job_instance_id_seq';
	WHILE v_lower < coalesce(v_top, 1) + p_ahead * v_step LOOP
		v_name := 'history_' || v_lower;
		EXECUTE format('CREATE TABLE jqm.%I (LIKE jqm.history INCLUDING ALL)
		    WITH (autovacuum_analyze_threshold = 10000, autovacuum_analyze_scale_factor = 1)', v_name);
		-- Triggers of rows come with the attachment; this one of statements, made by 0032, does not.
		IF to_regproc('jqm.audit_direct_new') IS NOT NULL THEN
			EXECUTE format('CREATE TRIGGER audit_direct_new AFTER TRUNCATE ON jqm.%I FOR EACH STATEMENT
			    EXECUTE FUNCTION jqm.audit_direct_new()', v_name);
		END IF;
		EXECUTE format('ALTER TABLE jqm.history ATTACH PARTITION jqm.%I FOR VALUES FROM (%s) TO (%s)',
		    v_name, v_lower, v_lower + v_step);
		EXECUTE format('GRANT SELECT ON jqm.%I TO jqm_api', v_name); -- it reads one job where it is: 0008
		INSERT INTO history_partition VALUES (v_lower, v_lower + v_step);
		v_lower := v_lower + v_step;
		v_made := v_made + 1;
	END LOOP;
	RETURN v_made;
END
$$;

-- ---- the turn ----

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

DROP FUNCTION jqm.finish_in_turn(bigint, bigint, jsonb);
/*
 * finish(); ids, NULL for none.  p_plain: ends as well, none of them CRASHED.  One statement moves the rows, a second one asks for those that wait for them.  What
 * it costs is how many columns and nodes its plan has, for it is set up anew each time: so names come from subqueries and not
 * from joins, and what few ends have (finish_special()) is gathered in one place.
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
		 WHERE j.id = e.id AND j.attempt = e.attempt AND j.node_id = p_node_id
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

CREATE OR REPLACE VIEW jqm.job_order AS
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

-- claim() of several queues, with room for p_room[i] units in p_queues[i]; ids in no order, NULL for none.  enable_sort is off.
CREATE OR REPLACE FUNCTION jqm.claim_in_turn(p_node_id bigint, p_incarnation bigint, p_queues bigint[], p_room int[])
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

CREATE OR REPLACE FUNCTION jqm.claim(p_node_id bigint, p_incarnation bigint, p_queue_id bigint, p_room int)
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
DROP FUNCTION jqm.turn(bigint, bigint, jsonb, jsonb, bigint[], int[]);
-- As before, with p_plain; runners of the version before call it without.
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
GRANT EXECUTE ON FUNCTION jqm.turn(bigint, bigint, jsonb, jsonb, bigint[], int[], jqm.plain_end[]) TO jqm_runner;
