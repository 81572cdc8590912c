-- SPDX-License-Identifier: Apache-2.0
-- Jobs that wait for other jobs: how they are told to, and what happens when those end.
SET LOCAL ROLE jqm_owner;

/*
 * The conditions of a new job, as callers write them: "12", "success:12", "failure:12" (anything but
 * success), "end:12".  Of each job named: does it live, and how did it end?  Live ones are locked until
 * the caller commits, so that none ends unseen meanwhile.  JQ400 names what is wrong.
 */
CREATE FUNCTION jqm.read_wait_for(p_wait_for text[])
RETURNS TABLE (waits_for bigint, condition text, end_state text)
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v_text  text;
	v_parts text[];
	v_seen  bigint[] := '{}';
BEGIN
	IF cardinality(p_wait_for) > 100 THEN
		PERFORM refuse('JQ400', format('waitFor names %s jobs, at most 100 are allowed', cardinality(p_wait_for)));
	END IF;
	FOREACH v_text IN ARRAY p_wait_for LOOP
		v_parts := regexp_match(v_text, '^(?:(success|failure|end):)?([0-9]{1,18})$');
		IF v_parts IS NULL THEN
			PERFORM refuse('JQ400', format('waitFor "%s" is not the number of a job, or success:, failure: or end: and a number',
			    left(v_text, 60)));
		ELSIF v_parts[2]::bigint = ANY (v_seen) THEN
			PERFORM refuse('JQ400', format('waitFor names job instance %s twice', v_parts[2]));
		END IF;
		v_seen := v_seen || v_parts[2]::bigint;
	END LOOP;
	PERFORM FROM job_instance AS j WHERE j.id = ANY (v_seen) ORDER BY j.id FOR SHARE;
	FOR i IN 1 .. cardinality(v_seen) LOOP
		waits_for := v_seen[i];
		condition := coalesce((regexp_match(p_wait_for[i], '^([a-z]+):'))[1], 'success');
		SELECT s.state INTO end_state FROM (SELECT NULL AS state FROM job_instance AS j WHERE j.id = v_seen[i]
		    UNION ALL SELECT h.state FROM history AS h WHERE h.id = v_seen[i]) AS s;
		IF NOT FOUND THEN
			PERFORM refuse('JQ400', format('waitFor: there is no job instance %s', v_seen[i]));
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
	SELECT format('not run: it waited for the %s of job instance %s, which is %s', p_condition, p_waits_for, p_end_state)
$$;

-- A new job is told what it waits for; false: that can never come true, and it is history already.
CREATE FUNCTION jqm.wait_for(p_id bigint, p_wait_for text[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v     record;
	v_n   int := 0;
	v_why text;
BEGIN
	FOR v IN SELECT * FROM read_wait_for(p_wait_for) LOOP
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
		RETURN false;
	END IF;
	-- Nothing left to wait for: it is due, like a job whose date has come.
	UPDATE job_instance SET waits_for = v_n,
	    run_after = CASE WHEN v_n = 0 AND state = 'SCHEDULED' THEN coalesce(run_after, now()) ELSE run_after END
	 WHERE id = p_id;
	RETURN true;
END
$$;

/*
 * Jobs are over (or were deleted, which counts as cancelled): those that wait for them go on, or are
 * cancelled when they wait in vain, and so do those that wait for these.  Rows are taken by id, and
 * whoever waits is younger than what it waits for, so two sessions never wait for each other.
 */
CREATE FUNCTION jqm.settle_dependents(p_over bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v      record;
	v_over bigint[] := p_over;
	v_next bigint[];
	v_due  boolean := false;
BEGIN
	WHILE v_over <> '{}' LOOP
		v_next := '{}';
		FOR v IN SELECT j.id, d.waits_for, d.condition,
		                coalesce((SELECT h.state FROM history AS h WHERE h.id = d.waits_for), 'CANCELLED') AS end_state
		           FROM job_dependency AS d JOIN job_instance AS j ON j.id = d.job_instance_id
		          WHERE d.waits_for = ANY (v_over) ORDER BY j.id, d.waits_for FOR UPDATE OF j
		LOOP
			DELETE FROM job_dependency WHERE job_instance_id = v.id AND waits_for = v.waits_for;
			CONTINUE WHEN NOT FOUND; -- another session came first
			IF is_met(v.condition, v.end_state) THEN
				UPDATE job_instance SET waits_for = waits_for - 1,
				    position = CASE WHEN waits_for = 1 THEN extract(epoch FROM clock_timestamp()) * 1000 ELSE position END,
				    run_after = CASE WHEN waits_for = 1 AND state = 'SCHEDULED' THEN coalesce(run_after, now()) ELSE run_after END
				 WHERE id = v.id;
				v_due := true;
			ELSE
				v_next := v_next || ARRAY (SELECT archive_rows(ARRAY[v.id], not_met(v.waits_for, v.condition, v.end_state)));
			END IF;
		END LOOP;
		v_over := v_next;
	END LOOP;
	IF v_due THEN
		PERFORM promote_due();
	END IF;
END
$$;
