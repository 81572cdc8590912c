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

