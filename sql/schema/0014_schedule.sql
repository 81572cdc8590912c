-- SPDX-License-Identifier: Apache-2.0
-- Schedules: who makes them, and how a slot of one becomes exactly one job whatever runners do.
--
-- A runner that finds a schedule due (housekeeping()) computes in C which slots have come and which is
-- next, and says so here.  next_fire_at is compared and set: of several runners that say the same one is
-- heard; (schedule, slot) is unique besides.  The database's clock decides what is due.
SET LOCAL ROLE jqm_owner;

-- What became of a slot, for 30 days.  ABSORBED: its job was to be a highlander's that waits already.
CREATE TABLE jqm.schedule_slot (
	schedule_id     bigint      NOT NULL REFERENCES jqm.schedule (id) ON DELETE CASCADE,
	slot            timestamptz NOT NULL,
	outcome         text        NOT NULL CHECK (outcome IN ('FIRED', 'REPLACED', 'ABSORBED', 'OVERLAPPED', 'MISSED', 'REFUSED')),
	job_instance_id bigint,
	created_at      timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (schedule_id, slot)
);

-- Moments as runners write them: microseconds since 1970.  Exact, so that next_fire_at can be compared.
CREATE FUNCTION jqm.moment(p_us bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT timestamptz 'epoch' + p_us * interval '1 us' $$;
CREATE FUNCTION jqm.moments(p_us bigint[]) RETURNS timestamptz[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(array_agg(moment(u.us) ORDER BY u.n), '{}') FROM unnest(p_us) WITH ORDINALITY AS u(us, n)
$$;
CREATE FUNCTION jqm.microseconds(p_moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (extract(epoch FROM p_moment) * 1000000)::bigint $$;

-- Wrong values are refused by the names users know.  What changes when it is due is computed anew; the rest
-- takes effect with the next job; nothing has changed when all is what it was.
CREATE FUNCTION jqm.schedule_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_timing boolean := TG_OP = 'INSERT';
BEGIN
	PERFORM check_range('priority', NEW.priority, 1, 10),
	        check_choice('dayRule', NEW.day_rule, 'AND', 'OR'),
	        check_choice('overlap', NEW.overlap, 'ALLOW', 'SKIP', 'REPLACE'),
	        check_choice('misfire', NEW.misfire, 'SKIP', 'ONCE', 'ALL'),
	        check_range('misfireWindowSeconds', NEW.misfire_window_s, 60, 31536000),
	        check_length('cronExpression', NEW.cron_expression, 255), check_length('timeZone', NEW.time_zone, 64);
	IF NOT isfinite(NEW.next_fire_at) THEN
		PERFORM refuse('JQ400', 'next_fire_at must be a date');
	END IF;
	IF TG_OP = 'INSERT' OR NEW.parameters IS DISTINCT FROM OLD.parameters THEN
		PERFORM check_parameters(NEW.parameters);
		IF has_needs(NEW.parameters) THEN
			PERFORM needs_of(NEW.parameters);
		END IF;
		PERFORM check_typed_parameters(d.parameter_types, d.parameters || NEW.parameters) FROM job_def AS d
		  WHERE d.id = NEW.job_def_id AND d.parameter_types <> '[]';
	END IF;
	IF TG_OP = 'UPDATE' THEN
		v_timing := (NEW.cron_expression, NEW.time_zone, NEW.day_rule, NEW.enabled)
		    IS DISTINCT FROM (OLD.cron_expression, OLD.time_zone, OLD.day_rule, OLD.enabled);
		IF v_timing OR (NEW.job_def_id, NEW.queue_id, NEW.priority, NEW.parameters, NEW.overlap, NEW.misfire,
		    NEW.misfire_window_s) IS DISTINCT FROM (OLD.job_def_id, OLD.queue_id, OLD.priority, OLD.parameters,
		    OLD.overlap, OLD.misfire, OLD.misfire_window_s) THEN
			NEW.version := OLD.version + 1;
			NEW.last_updated := now();
		END IF;
	END IF;
	IF v_timing THEN
		NEW.next_fire_at := NULL;
		NEW.problem := NULL;
		NEW.since := now();
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER schedule_changed BEFORE INSERT OR UPDATE ON jqm.schedule
    FOR EACH ROW EXECUTE FUNCTION jqm.schedule_changed();

/*
 * Make a schedule; returns its id.  JQ400 names what is wrong.  That expression and zone are good, and that
 * it is ever due, is for the caller to see to (model/cron_expr.h): a runner notes the problem of one that
 * is not.
 */
CREATE FUNCTION jqm.schedule_create(
	application_name text,
	cron_expression  text,
	time_zone        text  DEFAULT NULL,
	day_rule         text  DEFAULT NULL,
	queue_name       text  DEFAULT NULL,
	priority         int   DEFAULT NULL,
	parameters       jsonb DEFAULT '{}',
	overlap          text  DEFAULT NULL,
	misfire          text  DEFAULT NULL,
	misfire_window_s int   DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	v_def   bigint;
	v_queue bigint;
	v_id    bigint;
BEGIN
	IF coalesce(btrim(application_name), '') = '' THEN
		PERFORM refuse('JQ400', 'applicationName is missing');
	END IF;
	SELECT d.id INTO v_def FROM job_def AS d WHERE d.name = application_name;
	IF NOT FOUND THEN
		PERFORM refuse('JQ400', format('there is no job definition "%s"', left(application_name, 100)));
	END IF;
	IF queue_name IS NOT NULL THEN
		SELECT q.id INTO v_queue FROM queue AS q WHERE q.name = queue_name;
		IF NOT FOUND THEN
			PERFORM refuse('JQ400', format('there is no queue "%s"', left(queue_name, 50)));
		END IF;
	END IF;
	PERFORM check_length('recurrence', cron_expression, 255);
	INSERT INTO schedule AS s (job_def_id, cron_expression, time_zone, day_rule, queue_id, priority, parameters,
	    overlap, misfire, misfire_window_s)
	VALUES (v_def, cron_expression, coalesce(time_zone, ''), coalesce(day_rule, 'AND'), v_queue,
	    nullif(priority, 0), coalesce(parameters, '{}'), coalesce(overlap, 'ALLOW'), coalesce(misfire, 'ONCE'),
	    coalesce(misfire_window_s, 86400))
	RETURNING s.id INTO v_id;
	RETURN v_id;
END
$$;

CREATE FUNCTION jqm.check_schedule(p_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM schedule WHERE id = p_id) THEN
		PERFORM refuse('JQ404', format('there is no schedule %s', coalesce(p_id::text, '(null)')));
	END IF;
END
$$;

CREATE FUNCTION jqm.schedule_set_cron(p_id bigint, p_cron text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_schedule(p_id);
	UPDATE schedule SET cron_expression = p_cron WHERE id = p_id;
END
$$;

-- NULL: the definition's.
CREATE FUNCTION jqm.schedule_set_queue(p_id bigint, p_queue_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_schedule(p_id);
	IF p_queue_id IS NOT NULL THEN
		PERFORM check_queue(p_queue_id);
	END IF;
	UPDATE schedule SET queue_id = p_queue_id WHERE id = p_id;
END
$$;

-- 0: the definition's.
CREATE FUNCTION jqm.schedule_set_priority(p_id bigint, p_priority int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_schedule(p_id), check_range('priority', p_priority, 0, 10);
	UPDATE schedule SET priority = nullif(p_priority, 0) WHERE id = p_id;
END
$$;

-- Also forgets a problem: a runner tries again.
CREATE FUNCTION jqm.schedule_set_enabled(p_id bigint, p_enabled boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_schedule(p_id);
	UPDATE schedule SET enabled = p_enabled, problem = NULL,
	    since = CASE WHEN next_fire_at IS NULL AND problem IS NOT NULL THEN now() ELSE since END WHERE id = p_id;
END
$$;

-- Its jobs stay.
CREATE FUNCTION jqm.schedule_delete(p_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_schedule(p_id);
	DELETE FROM schedule WHERE id = p_id;
END
$$;

/*
 * One job for a slot, or why not: the outcome.  A refusal harms no other slot or schedule.  What may go
 * better a second later (a lock, a disk, a deadlock) is no outcome but an error.
 */
CREATE FUNCTION jqm.schedule_fire_slot(p_schedule jqm.schedule, OUT outcome text, OUT job bigint, OUT problem text)
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_wait text[];
	v_id   bigint;
BEGIN
	outcome := 'FIRED';
	IF p_schedule.overlap = 'SKIP' AND EXISTS (SELECT FROM job_instance WHERE schedule_id = p_schedule.id) THEN
		outcome := 'OVERLAPPED';
		RETURN;
	ELSIF p_schedule.overlap = 'REPLACE' THEN
		-- Locked, so that none ends unseen; one that is being killed already is not told again.
		FOR v_id IN SELECT id FROM job_instance WHERE schedule_id = p_schedule.id ORDER BY id FOR UPDATE LOOP
			outcome := 'REPLACED';
			PERFORM kill(v_id, format('schedule %s', p_schedule.id)) FROM job_instance
			  WHERE id = v_id AND instruction <> 'KILL';
		END LOOP;
		v_wait := ARRAY (SELECT 'end:' || id FROM job_instance WHERE schedule_id = p_schedule.id ORDER BY id);
		IF cardinality(v_wait) > 100 THEN -- more than a job can wait for: the next slot will do
			outcome := 'OVERLAPPED';
			RETURN;
		END IF;
	END IF;
	job := enqueue(NULL, user_name => 'cron', schedule_id => p_schedule.id, wait_for => nullif(v_wait, '{}'));
	IF EXISTS (SELECT FROM job_instance WHERE id = job AND enqueued_at < now()) THEN
		outcome := 'ABSORBED';
	END IF;
EXCEPTION WHEN OTHERS THEN
	IF SQLSTATE ~ '^(40|53|55|57|58)' THEN
		RAISE;
	END IF;
	outcome := 'REFUSED';
	job := NULL;
	problem := left(SQLERRM, 1000);
END
$$;

/*
 * The slots p_slots (in order) of a schedule have come, p_next is the next one (NULL with p_problem: it
 * cannot be computed).  NULL when another runner said so before: the schedule is not at p_expected any
 * more, or was changed.  A slot that is over a minute old was missed, and its misfire rule decides:
 * SKIP: no job; ONCE: one for the newest, when all have come; ALL: each within the window.  Returns
 * how many jobs were made.  Waits for no lock longer than a moment: then nothing was done, and the schedule
 * is still due.
 */
CREATE FUNCTION jqm.schedule_fire(p_id bigint, p_version bigint, p_expected timestamptz, p_slots timestamptz[],
	p_next timestamptz, p_problem text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
	v        schedule;
	v_missed timestamptz := now() - interval '1 min';
	v_fire   boolean;
	v_done   record;
	v_jobs   bigint[] := '{}';
BEGIN
	SELECT * INTO v FROM schedule WHERE id = p_id AND version = p_version AND enabled
	   AND next_fire_at IS NOT DISTINCT FROM p_expected FOR UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	UPDATE schedule SET next_fire_at = p_next, problem = left(p_problem, 1000) WHERE id = p_id;
	FOR i IN 1 .. coalesce(cardinality(p_slots), 0) LOOP
		v_fire := p_slots[i] >= v_missed OR CASE v.misfire
		    WHEN 'ALL' THEN p_slots[i] >= now() - v.misfire_window_s * interval '1 s'
		    WHEN 'ONCE' THEN coalesce(p_next > now(), true) AND coalesce(p_slots[i + 1] >= v_missed, true)
		                     AND p_slots[i] >= now() - v.misfire_window_s * interval '1 s'
		    ELSE false END;
		INSERT INTO schedule_slot (schedule_id, slot, outcome) VALUES (p_id, p_slots[i], 'MISSED')
		    ON CONFLICT DO NOTHING;
		CONTINUE WHEN NOT FOUND OR NOT v_fire;
		v_done := schedule_fire_slot(v);
		IF v_done.job = ANY (v_jobs) THEN
			v_done.outcome := 'ABSORBED';
		ELSIF v_done.outcome IN ('FIRED', 'REPLACED') THEN
			v_jobs := v_jobs || v_done.job;
		END IF;
		UPDATE schedule_slot SET outcome = v_done.outcome, job_instance_id = v_done.job
		 WHERE schedule_id = p_id AND slot = p_slots[i];
		IF v_done.problem IS NOT NULL THEN
			UPDATE schedule SET problem = v_done.problem WHERE id = p_id;
		END IF;
	END LOOP;
	DELETE FROM schedule_slot WHERE schedule_id = p_id AND slot < now() - interval '30 days';
	RETURN cardinality(v_jobs);
END
$$;

-- Raise the priority of jobs that have waited long, in queues that want it; returns how many.
CREATE FUNCTION jqm.age_waiting() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_queue record;
	v_n     bigint := 0;
	v_aged  bigint;
BEGIN
	FOR v_queue IN UPDATE queue SET aged_at = now() WHERE id = ANY (ARRAY (SELECT q.id FROM queue AS q
	        WHERE q.ageing_s IS NOT NULL
	          AND (q.aged_at IS NULL OR q.aged_at <= now() - least(q.ageing_s, 10) * interval '1 s')
	        ORDER BY q.id FOR UPDATE SKIP LOCKED)) RETURNING id, ageing_s
	LOOP
		WITH old AS MATERIALIZED (
			SELECT id, least(10, priority + floor(extract(epoch FROM now() - greatest(enqueued_at, run_after))
			                                      / v_queue.ageing_s))::int AS aged
			  FROM job_instance WHERE queue_id = v_queue.id AND state = 'SUBMITTED' AND effective_priority < 10
			   FOR UPDATE SKIP LOCKED
		)
		UPDATE job_instance AS j SET effective_priority = old.aged FROM old
		 WHERE j.id = old.id AND j.effective_priority < old.aged;
		GET DIAGNOSTICS v_aged = ROW_COUNT;
		v_n := v_n + v_aged;
	END LOOP;
	RETURN v_n;
END
$$;

-- Say once of each job that it runs longer than its definition calls reasonable; returns how many.
CREATE FUNCTION jqm.warn_late() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_n bigint;
BEGIN
	WITH late AS (
		UPDATE job_instance AS j SET late = true, has_messages = true WHERE j.id = ANY (ARRAY (
			SELECT r.id FROM job_def AS d JOIN job_instance AS r ON r.job_def_id = d.id
			 WHERE d.alert_after_min > 0 AND r.state = 'RUNNING' AND NOT r.late
			   AND r.started_at <= now() - d.alert_after_min * interval '1 min'
			 ORDER BY r.id FOR UPDATE OF r SKIP LOCKED))
		RETURNING j.id, j.email, j.job_def_id
	), said AS (
		INSERT INTO message (job_instance_id, text_message)
		SELECT l.id, format('runs longer than %s min', d.alert_after_min)
		  FROM late AS l JOIN job_def AS d ON d.id = l.job_def_id
	), told AS (
		INSERT INTO mail (job_instance_id, occasion, recipient)
		SELECT l.id, 'LATE', r.address FROM late AS l CROSS JOIN LATERAL mail_recipients(l.email) AS r(address)
	)
	SELECT count(*) INTO v_n FROM late;
	RETURN v_n;
END
$$;

/*
 * What any runner does each second for the whole cluster: one statement, so that an idle runner stays
 * quiet.  At least one row; late: jobs found to run too long.  The rest of a row is a schedule to be
 * computed (schedule_fire()), NULL when there is none; times in microseconds since 1970.
 */
CREATE FUNCTION jqm.housekeeping()
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

GRANT EXECUTE ON FUNCTION jqm.schedule_create, jqm.schedule_set_cron, jqm.schedule_set_queue,
    jqm.schedule_set_priority, jqm.schedule_set_enabled, jqm.schedule_delete TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.schedule_fire, jqm.housekeeping, jqm.moment, jqm.moments TO jqm_runner;
GRANT SELECT ON jqm.schedule_slot TO jqm_api;
