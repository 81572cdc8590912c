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
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_variable
DECLARE
	v_text       text;
	v_parts      text[];
	v_ids        bigint[] := '{}';
	v_conditions text[] := '{}';
	v_live       bigint[];
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
	v_live := ARRAY (SELECT j.id FROM job_instance AS j WHERE j.id = ANY (v_ids) ORDER BY j.id FOR KEY SHARE);
	FOR i IN 1 .. cardinality(v_ids) LOOP
		waits_for := v_ids[i];
		condition := v_conditions[i];
		end_state := NULL;
		IF waits_for <> ALL (v_live) THEN
			SELECT h.state INTO end_state FROM history AS h WHERE h.id = waits_for;
		END IF;
		-- Only older jobs: neither itself nor a number somebody guessed.
		IF waits_for >= p_id OR (end_state IS NULL AND waits_for <> ALL (v_live)) THEN
			PERFORM refuse('JQ400', format('waitFor: there is no job instance %s', waits_for));
		END IF;
		RETURN NEXT;
	END LOOP;
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
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off SET enable_bitmapscan = off AS $$
DECLARE
	v_room int := 10000;
	v_over bigint[] := p_over;
	v_ends text[] := ARRAY (SELECT coalesce((SELECT h.state FROM history AS h WHERE h.id = o.id), 'DELETED')
	                          FROM unnest(p_over) WITH ORDINALITY AS o(id, n) ORDER BY o.n);
	v_mine  bigint[]; -- dependents, what they wait for and how that ended, pair by pair
	v_waits bigint[];
	v_how   text[];
	v_vain  bigint[];
	v_why   text[];
	v_free  bigint[];
	v_due   bigint[] := '{}';
	v_now   float8 := extract(epoch FROM clock_timestamp()) * 1000;
BEGIN
	WHILE EXISTS (SELECT FROM job_dependency WHERE waits_for = ANY (v_over)) LOOP
		SELECT coalesce(array_agg(m.id), '{}'), array_agg(m.waits_for), array_agg(m.state)
		  INTO v_mine, v_waits, v_how
		  FROM (SELECT j.id, d.waits_for, e.state FROM unnest(v_over, v_ends) AS e(id, state)
		          JOIN job_dependency AS d ON d.waits_for = e.id JOIN job_instance AS j ON j.id = d.job_instance_id
		         LIMIT v_room FOR UPDATE OF j SKIP LOCKED) AS m;
		v_room := v_room - cardinality(v_mine);
		-- A statement of its own: it sees what was committed before the rows were ours.
		WITH over AS (
			DELETE FROM job_dependency AS d USING unnest(v_mine, v_waits, v_how) AS m(id, waits_for, state)
			 WHERE d.job_instance_id = m.id AND d.waits_for = m.waits_for
			RETURNING m.id, m.waits_for, d.condition, m.state
		), judged AS MATERIALIZED (
			SELECT o.id, count(*) AS n, (array_agg(not_met(o.waits_for, o.condition, o.state)
			       ORDER BY o.waits_for) FILTER (WHERE NOT is_met(o.condition, o.state)))[1] AS why
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
		v_ends := array_fill('CANCELLED'::text, ARRAY[cardinality(v_over)]);
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
