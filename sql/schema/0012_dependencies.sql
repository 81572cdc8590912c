-- SPDX-License-Identifier: Apache-2.0
-- Jobs that wait for the ends of others.  Nobody's lock is waited for when a job ends: what somebody
-- else has in hand is settled a second later.
SET LOCAL ROLE jqm_owner;

-- Jobs that are over and may have dependents still: those were in another session's hands, or too many
-- for one transaction.  settle_left() goes on with them.  A job may stand here several times.
CREATE TABLE jqm.job_unsettled (waits_for bigint NOT NULL);

/*
 * The conditions of the new job p_id, as callers write them: "12", "success:12", "failure:12" (anything
 * but success), "end:12".  Of each job named: how did it end?  NULL: it lives, and is locked until the
 * caller commits, so that it does not end unseen meanwhile.  JQ400 names what is wrong.
 */
CREATE FUNCTION jqm.read_wait_for(p_id bigint, p_wait_for text[])
RETURNS TABLE (waits_for bigint, condition text, end_state text)
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v_text       text;
	v_parts      text[];
	v_ids        bigint[] := '{}';
	v_conditions text[] := '{}';
	v_unknown    bigint;
BEGIN
	IF cardinality(p_wait_for) > 100 THEN
		PERFORM refuse('JQ400', format('waitFor names %s jobs, at most 100 are allowed', cardinality(p_wait_for)));
	END IF;
	FOREACH v_text IN ARRAY p_wait_for LOOP
		v_parts := regexp_match(v_text, '^(?:(success|failure|end):)?([0-9]{1,18})$');
		IF v_parts IS NULL THEN
			PERFORM refuse('JQ400', format('waitFor "%s" is not the number of a job, or success:, failure: or end: and a number',
			    left(v_text, 60)));
		ELSIF v_parts[2]::bigint = ANY (v_ids) THEN
			PERFORM refuse('JQ400', format('waitFor names job instance %s twice', v_parts[2]::bigint));
		END IF;
		v_ids := v_ids || v_parts[2]::bigint;
		v_conditions := v_conditions || coalesce(v_parts[1], 'success');
	END LOOP;
	-- KEY SHARE keeps them from ending, and from nothing else.
	PERFORM FROM job_instance AS j WHERE j.id = ANY (v_ids) ORDER BY j.id FOR KEY SHARE;
	-- Only older jobs: neither itself nor a number somebody guessed.
	SELECT w.id INTO v_unknown FROM unnest(v_ids) WITH ORDINALITY AS w(id, n)
	 WHERE w.id >= p_id OR NOT EXISTS (SELECT FROM job_instance AS j WHERE j.id = w.id
	       UNION ALL SELECT FROM history AS h WHERE h.id = w.id)
	 ORDER BY w.n LIMIT 1;
	IF FOUND THEN
		PERFORM refuse('JQ400', format('waitFor: there is no job instance %s', v_unknown));
	END IF;
	RETURN QUERY SELECT w.id, w.said, (SELECT h.state FROM history AS h WHERE h.id = w.id)
	               FROM unnest(v_ids, v_conditions) AS w(id, said);
END
$$;

-- Is what a job waited for come true, when the other one ended so?
CREATE FUNCTION jqm.is_met(p_condition text, p_end_state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_condition WHEN 'end' THEN true WHEN 'success' THEN p_end_state = 'ENDED'
	    ELSE p_end_state <> 'ENDED' END
$$;

CREATE FUNCTION jqm.not_met(p_waits_for bigint, p_condition text, p_end_state text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT format('not run: it waited for the %s of job instance %s, which %s', p_condition, p_waits_for,
	    CASE p_end_state WHEN 'DELETED' THEN 'was deleted' ELSE 'is ' || p_end_state END)
$$;

-- A new job is told what it waits for.  When that can never come true it is history already; when
-- nothing is left to wait for it is due, like a job whose date has come.
CREATE FUNCTION jqm.wait_for(p_id bigint, p_wait_for text[]) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v     record;
	v_n   int := 0;
	v_why text;
BEGIN
	FOR v IN SELECT * FROM read_wait_for(p_id, p_wait_for) LOOP
		INSERT INTO job_waited_for VALUES (p_id, v.waits_for, v.condition);
		IF v.end_state IS NULL THEN
			INSERT INTO job_dependency VALUES (p_id, v.waits_for, v.condition);
			v_n := v_n + 1;
		ELSIF NOT is_met(v.condition, v.end_state) THEN
			v_why := coalesce(v_why, not_met(v.waits_for, v.condition, v.end_state));
		END IF;
	END LOOP;
	IF v_why IS NOT NULL THEN
		PERFORM archive_waiting(p_id, v_why);
		RETURN;
	END IF;
	UPDATE job_instance SET waits_for = v_n,
	    run_after = CASE WHEN v_n = 0 AND state = 'SCHEDULED' THEN coalesce(run_after, now()) ELSE run_after END
	 WHERE id = p_id;
	IF v_n = 0 THEN
		PERFORM promote(ARRAY[p_id]);
	END IF;
END
$$;

/*
 * Jobs are over, or were deleted (which is no success): those that wait for them go on, or are cancelled
 * when they wait in vain, and so do those that wait for these, generation by generation.  Each that goes
 * on queues by this moment.  10,000 at most; the others, and those another session works on, are left to
 * settle_left(): no end of a job waits for anybody, or takes for ever.
 */
CREATE FUNCTION jqm.settle_dependents(p_over bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_room int := 10000;
	v_over bigint[] := p_over;
	v_mine bigint[];
	v_vain bigint[];
	v_why  text[];
	v_free bigint[];
	v_due  bigint[] := '{}';
	v_now  float8 := extract(epoch FROM clock_timestamp()) * 1000;
BEGIN
	WHILE EXISTS (SELECT FROM job_dependency WHERE waits_for = ANY (v_over)) LOOP
		v_mine := ARRAY (SELECT j.id FROM job_instance AS j WHERE j.id = ANY (ARRAY (
		    SELECT DISTINCT d.job_instance_id FROM job_dependency AS d WHERE d.waits_for = ANY (v_over)
		     ORDER BY 1 LIMIT v_room)) FOR UPDATE SKIP LOCKED);
		v_room := v_room - cardinality(v_mine);
		-- A statement of its own: it sees what was committed before the rows were ours.
		WITH over AS (
			DELETE FROM job_dependency AS d
			 WHERE d.waits_for = ANY (v_over) AND d.job_instance_id = ANY (v_mine)
			RETURNING d.job_instance_id AS id, d.waits_for, d.condition,
			    coalesce((SELECT h.state FROM history AS h WHERE h.id = d.waits_for), 'DELETED') AS end_state
		), judged AS MATERIALIZED (
			SELECT o.id, count(*) AS n, (array_agg(not_met(o.waits_for, o.condition, o.end_state)
			       ORDER BY o.waits_for) FILTER (WHERE NOT is_met(o.condition, o.end_state)))[1] AS why
			  FROM over AS o GROUP BY o.id
		), go_on AS (
			UPDATE job_instance AS j SET waits_for = j.waits_for - g.n,
			    position = CASE WHEN j.waits_for = g.n THEN v_now ELSE j.position END,
			    run_after = CASE WHEN j.waits_for = g.n AND j.state = 'SCHEDULED'
			        THEN coalesce(j.run_after, now()) ELSE j.run_after END
			  FROM judged AS g WHERE j.id = g.id AND g.why IS NULL
			RETURNING j.id, j.waits_for
		)
		SELECT array_agg(g.id), array_agg(g.why),
		       (SELECT array_agg(w.id) FROM go_on AS w WHERE w.waits_for = 0)
		  INTO v_vain, v_why, v_free FROM judged AS g WHERE g.why IS NOT NULL;
		v_due := v_due || v_free;
		INSERT INTO job_unsettled
		SELECT DISTINCT d.waits_for FROM job_dependency AS d WHERE d.waits_for = ANY (v_over);
		v_over := ARRAY (SELECT archive_rows(v_vain, v_why));
	END LOOP;
	IF v_due <> '{}' THEN
		PERFORM promote(v_due);
	END IF;
END
$$;

-- Go on where settle_dependents() could not; returns how many jobs were looked at.
CREATE FUNCTION jqm.settle_left() RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_over bigint[];
BEGIN
	WITH left_over AS (
		DELETE FROM job_unsettled WHERE ctid = ANY (ARRAY (
			SELECT ctid FROM job_unsettled LIMIT 10000 FOR UPDATE SKIP LOCKED))
		RETURNING waits_for
	)
	SELECT array_agg(DISTINCT waits_for) INTO v_over FROM left_over;
	IF v_over IS NULL THEN
		RETURN 0;
	END IF;
	PERFORM settle_dependents(v_over);
	RETURN cardinality(v_over);
END
$$;

-- Dependents of jobs that are not there any more, whatever the reason: a caller whose snapshot was older
-- than they (REPEATABLE READ), or a row removed by hand.  Reads all dependencies.
CREATE FUNCTION jqm.find_unsettled() RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	INSERT INTO job_unsettled
	SELECT DISTINCT d.waits_for FROM job_dependency AS d
	 WHERE NOT EXISTS (SELECT FROM job_instance AS j WHERE j.id = d.waits_for)
	   AND NOT EXISTS (SELECT FROM job_unsettled AS u WHERE u.waits_for = d.waits_for)
$$;
