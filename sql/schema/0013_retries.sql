-- SPDX-License-Identifier: Apache-2.0
-- Another attempt after one that failed, or whose node was lost.
SET LOCAL ROLE jqm_owner;

/*
 * Of the ends told to finish(), those after which there is another attempt: job_attempt has how this one
 * ended, the job goes back to its queue.  Returns their ids.
 *	the job failed (CRASHED)	while failures + 1 < attempts_max and its exit code is one of the
 *					definition's retry_exit_codes (or there are none): SCHEDULED after
 *					the definition's delay, and then behind those that queue already
 *	its node was lost		as the definition's on_node_loss said when this attempt was claimed,
 *					node_losses_max times at most: at its old place in the queue, or held.  A highlander whose twin waits
 *					comes after that one
 * Not when somebody wants it dead.
 */
CREATE FUNCTION jqm.try_again(p_node_id bigint, p_incarnation bigint, p_ends jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v       record;
	v_when  timestamptz;
	v_state text;
	v_due   bigint[] := '{}';
BEGIN
	-- NO KEY UPDATE: who has just enqueued a job that waits for this one is not waited for.
	FOR v IN
		SELECT e.*, coalesce(e.lost, false) AS is_lost, j.failures, j.queue_id, j.attributed_at, j.started_at,
		       j.highlander, j.job_def_id, j.concurrency_key, j.items IS NOT NULL AS has_items, n.name_id,
		       d.retry_backoff, d.retry_delay_s, d.retry_delay_max_s, j.on_node_loss
		  FROM jsonb_to_recordset(p_ends) AS e(id bigint, attempt int, state text, exit_code int,
		       signal int, reason text, started_ago_ms float8, ended_ago_ms float8, lost boolean,
		       messages jsonb, files jsonb)
		  JOIN job_instance AS j ON j.id = ANY (ARRAY[e.id]) AND j.attempt = e.attempt -- by its id: finish_in_turn()
		  JOIN job_def AS d ON d.id = j.job_def_id JOIN node AS n ON n.id = p_node_id
		 WHERE e.state = 'CRASHED' AND j.node_id IS NOT DISTINCT FROM p_node_id AND j.incarnation = p_incarnation
		   AND j.instruction <> 'KILL'
		   AND CASE WHEN e.lost THEN j.on_node_loss <> 'CRASH' AND j.node_losses < d.node_losses_max
		       ELSE j.failures + 1 < j.attempts_max
		            AND (d.retry_exit_codes IS NULL OR e.exit_code = ANY (d.retry_exit_codes)) END
		 ORDER BY j.id FOR NO KEY UPDATE OF j
	LOOP
		INSERT INTO job_attempt VALUES (v.id, v.attempt, v.name_id, v.attributed_at,
		    coalesce(v.started_at, now() - v.started_ago_ms * interval '1 ms'),
		    greatest(now() - coalesce(v.ended_ago_ms, 0) * interval '1 ms', v.started_at), v.exit_code, v.signal,
		    left(v.reason, 1000));
		v_state := CASE WHEN NOT v.is_lost THEN 'SCHEDULED' WHEN v.on_node_loss = 'HOLD' THEN 'HOLDED'
		    WHEN v.highlander THEN 'SCHEDULED' ELSE 'SUBMITTED' END;
		v_when := CASE WHEN v.is_lost THEN now()
		    ELSE now() + retry_delay(v.retry_backoff, v.retry_delay_s, v.retry_delay_max_s, v.failures) * interval '1 s' END;
		UPDATE job_instance AS j SET state = v_state,
		    run_after = CASE WHEN v_state = 'SCHEDULED' THEN v_when ELSE j.run_after END,
		    failures = j.failures + CASE WHEN v.is_lost THEN 0 ELSE 1 END,
		    node_losses = j.node_losses + CASE WHEN v.is_lost THEN 1 ELSE 0 END,
		    node_id = NULL, incarnation = NULL, attributed_at = NULL, started_at = NULL, items = NULL,
		    progress = 0, late = false, runnable_at = now(), has_messages = true
		 WHERE j.id = v.id;
		IF NOT v.is_lost THEN
			INSERT INTO happened (what, queue_id, n) VALUES ('retried', v.queue_id, 1);
		END IF;
		PERFORM keep_findings(v.id, v.name_id, v.messages, v.files),
		        add_message(v.id, format('attempt %s: %s; %s', v.attempt,
		            coalesce(v.reason, 'exit code ' || v.exit_code, 'signal ' || v.signal, 'failed'),
		            CASE WHEN NOT v.is_lost THEN format('another one in %s s', round(extract(epoch FROM v_when - now())))
		                 WHEN v.on_node_loss = 'HOLD' THEN 'held: resume it when you know that it does not run on there any more'
		                 ELSE 'queued again' END));
		PERFORM wake_waiting(CASE WHEN v.highlander THEN ARRAY[v.job_def_id] END, ARRAY[v.concurrency_key], v.has_items);
		IF v_state = 'SUBMITTED' THEN
			PERFORM wake_runners(v.queue_id);
		ELSIF v_state = 'SCHEDULED' AND v_when <= now() THEN
			v_due := v_due || v.id;
		END IF;
		RETURN NEXT v.id;
	END LOOP;
	IF v_due <> '{}' THEN
		PERFORM promote(v_due);
	END IF;
END
$$;

-- How long to wait before the next attempt, in seconds, after p_failures earlier ones that failed.
-- Exponential: doubled each time up to the most, then between half and all of it, so that jobs that failed
-- together do not come back together.
CREATE FUNCTION jqm.retry_delay(p_backoff text, p_first int, p_most int, p_failures int) RETURNS float8
LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN p_backoff = 'FIXED' THEN p_first
	    ELSE least(p_most, p_first * 2.0 ^ least(p_failures, 30)) * (0.5 + random() / 2) END
$$;

-- Messages and files of an attempt, as finish() is told them.
CREATE FUNCTION jqm.keep_findings(p_id bigint, p_node_name_id int, p_messages jsonb, p_files jsonb) RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	INSERT INTO message (job_instance_id, text_message)
	SELECT p_id, left(m.text, 1000) FROM jsonb_array_elements_text(coalesce(p_messages, '[]')) AS m(text)
	 WHERE m.text <> '';
	INSERT INTO deliverable (job_instance_id, node_name_id, random_id, path, original_file_name,
	    file_family, size_bytes, sha256)
	SELECT p_id, p_node_name_id, f.guid, f.path, f.name, coalesce(f.family, f.name), f.size, f.sha256
	  FROM jsonb_to_recordset(coalesce(p_files, '[]'))
	    AS f(guid uuid, path text, name text, family text, size bigint, sha256 text);
$$;
