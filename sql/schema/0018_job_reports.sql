-- SPDX-License-Identifier: Apache-2.0
-- What a job says of itself while it runs: progress and messages.  An attempt that is over says nothing more,
-- however late its processes speak: p_attempt is the attempt that speaks of itself, NULL when somebody else does.
SET LOCAL ROLE jqm_owner;

CREATE FUNCTION jqm.refuse_attempt(p_id bigint, p_attempt int) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM refuse('JQ409', format('attempt %s of job instance %s is over', p_attempt, p_id));
END
$$;

-- Any number the job likes, usually percent; history keeps the last one.  JQ409 when it does not run.
CREATE FUNCTION jqm.set_progress(p_id bigint, p_progress bigint, p_attempt int DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_range('progress', p_progress, 0, 2147483647);
	UPDATE job_instance SET progress = p_progress WHERE id = p_id AND state IN ('ATTRIBUTED', 'RUNNING')
	   AND attempt = coalesce(p_attempt, attempt);
	IF NOT FOUND AND p_attempt IS NOT NULL THEN
		PERFORM refuse_attempt(p_id, p_attempt);
	ELSIF NOT FOUND THEN
		PERFORM refuse_by_state(p_id, 'makes no progress');
	END IF;
	IF p_attempt IS NULL THEN -- what jobs say of themselves is no order
		PERFORM audit_job('set_progress', p_id, 'progress', p_progress::text);
	END IF;
END
$$;

-- A message of 1 to 1,000 characters, blanks at its ends not counted.  JQ409 for a job that has 10,000.
-- Somebody else may say it also of a job that is over.
CREATE FUNCTION jqm.say(p_id bigint, p_text text, p_attempt int DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_text text := btrim(p_text, E' \t\r\n');
BEGIN
	IF coalesce(v_text, '') = '' THEN
		PERFORM refuse('JQ400', 'field "text" is empty');
	END IF;
	PERFORM check_length('text', v_text, 1024);
	IF p_attempt IS NOT NULL THEN
		-- SHARE: whoever ends the attempt waits until this is committed.
		PERFORM FROM job_instance WHERE id = p_id AND attempt = p_attempt
		    AND state IN ('ATTRIBUTED', 'RUNNING') FOR SHARE;
		IF NOT FOUND THEN
			PERFORM refuse_attempt(p_id, p_attempt);
		END IF;
	END IF;
	IF (SELECT count(*) FROM (SELECT FROM message WHERE job_instance_id = p_id LIMIT 10000) AS m) >= 10000 THEN
		PERFORM refuse('JQ409', format('job instance %s has 10000 messages and gets no more', p_id));
	END IF;
	PERFORM add_message(p_id, v_text);
	IF p_attempt IS NULL THEN
		PERFORM audit_job('message', p_id);
	END IF;
END
$$;

GRANT EXECUTE ON FUNCTION jqm.set_progress, jqm.say TO jqm_api, jqm_client;
