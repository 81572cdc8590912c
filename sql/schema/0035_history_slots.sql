-- SPDX-License-Identifier: Apache-2.0
-- How jobs ended, summed up in slots of five minutes: a month of a million jobs is told in milliseconds, also after they were
-- purged.
SET LOCAL ROLE jqm_owner;

-- Sums, in milliseconds, over those that ran; no row: nothing ended.
CREATE TABLE jqm.history_slot (
	slot        timestamptz PRIMARY KEY, -- its beginning
	ended       bigint NOT NULL,
	crashed     bigint NOT NULL,
	killed      bigint NOT NULL,
	cancelled   bigint NOT NULL,
	ran         bigint NOT NULL, -- of all these
	wait_ms     float8, -- since they could have begun
	wait_max_ms float8,
	run_ms      float8,
	run_max_ms  float8
);

-- One row: all that ended before is in history_slot, and counted there alone.
CREATE TABLE jqm.history_summed (
	one   boolean PRIMARY KEY DEFAULT true CHECK (one),
	up_to timestamptz NOT NULL
);
INSERT INTO jqm.history_summed (up_to) VALUES ('-infinity');

-- Slots as history has them, of those jobs of which p_which holds, a condition on history.  EXECUTE: with the times in its
-- text the planner knows how little of history that is.
CREATE FUNCTION jqm.history_slots_of(p_which text) RETURNS SETOF jqm.history_slot
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT date_bin('5 min', ended_at, timestamptz 'epoch'),
		       count(*) FILTER (WHERE state = 'ENDED'), count(*) FILTER (WHERE state = 'CRASHED'),
		       count(*) FILTER (WHERE state = 'KILLED'), count(*) FILTER (WHERE state = 'CANCELLED'),
		       count(ran), sum(waited), max(waited), sum(ran), max(ran)
		  FROM (SELECT state, ended_at, abs(extract(epoch FROM started_at - greatest(enqueued_at, run_after)))::float8 * 1000
		               AS waited, abs(extract(epoch FROM ended_at - started_at))::float8 * 1000 AS ran
		          FROM history WHERE %s) AS e
		 GROUP BY 1$q$, p_which);
END
$$;

/*
 * Sum up what ended more than an hour ago, up to the slot of the 20,000th job that is left, but one slot at least; one
 * session at a time, the others return.  What is told later than that adds itself (history_late()).  Slots are kept for
 * two months.
 */
CREATE FUNCTION jqm.history_sum_up() RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_slot  constant interval := '5 min';
	v_goal  constant timestamptz := date_bin(v_slot, now() - interval '1 h', timestamptz 'epoch');
	v_up_to timestamptz := (SELECT up_to FROM history_summed);
	v_to    timestamptz;
BEGIN
	IF v_up_to >= v_goal OR NOT pg_try_advisory_xact_lock(hashtext('jqm.history_slot')) THEN
		RETURN;
	END IF;
	v_up_to := (SELECT up_to FROM history_summed); -- another session may have been quicker
	IF v_up_to < v_goal - interval '31 d' THEN
		v_up_to := coalesce((SELECT date_bin(v_slot, min(ended_at), timestamptz 'epoch') FROM history
		    WHERE ended_at >= v_goal - interval '31 d' AND ended_at < v_goal), v_goal);
	END IF;
	IF v_up_to < v_goal THEN
		-- By numbers and not by the clock: on a busy machine the planning alone takes long.
		EXECUTE format('SELECT ended_at FROM history WHERE ended_at >= %L AND ended_at < %L ORDER BY ended_at OFFSET 20000 LIMIT 1',
		    v_up_to, v_goal) INTO v_to;
		v_to := CASE WHEN v_to IS NULL THEN v_goal
		    ELSE greatest(date_bin(v_slot, v_to, timestamptz 'epoch'), v_up_to + v_slot) END;
		INSERT INTO history_slot
		SELECT * FROM history_slots_of(format('ended_at >= %L AND ended_at < %L', v_up_to, v_to));
		v_up_to := v_to;
	END IF;
	UPDATE history_summed SET up_to = v_up_to;
	DELETE FROM history_slot WHERE slot < v_goal - interval '62 d';
END
$$;

-- Jobs whose end was told so late that their slot may have been summed up.
CREATE FUNCTION jqm.history_late(p_ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_up_to timestamptz;
BEGIN
	PERFORM pg_advisory_xact_lock_shared(hashtext('jqm.history_slot')); -- nothing is summed up before we commit
	SELECT s.up_to INTO v_up_to FROM history_summed AS s;
	INSERT INTO history_slot AS h
	SELECT * FROM history_slots_of(format('id = ANY (%L::bigint[]) AND ended_at < %L', p_ids, v_up_to))
	ON CONFLICT (slot) DO UPDATE SET ended = h.ended + excluded.ended, crashed = h.crashed + excluded.crashed,
	    killed = h.killed + excluded.killed, cancelled = h.cancelled + excluded.cancelled, ran = h.ran + excluded.ran,
	    wait_ms = coalesce(h.wait_ms + excluded.wait_ms, h.wait_ms, excluded.wait_ms),
	    wait_max_ms = greatest(h.wait_max_ms, excluded.wait_max_ms),
	    run_ms = coalesce(h.run_ms + excluded.run_ms, h.run_ms, excluded.run_ms),
	    run_max_ms = greatest(h.run_max_ms, excluded.run_max_ms);
END
$$;

/*
 * How jobs ended in the last 1 (12 slots of 5 minutes), 24 (of an hour) or 720 hours (30 of a day, UTC), oldest first; and of those
 * that ran how long they had waited since they could have begun, and how long they ran: means and the longest, in milliseconds, NULL
 * when there was none.
 */
CREATE FUNCTION jqm.history_stats(p_hours int)
RETURNS TABLE (slot_start text, ended bigint, crashed bigint, killed bigint, cancelled bigint, wait_ms bigint, wait_max_ms bigint,
	run_ms bigint, run_max_ms bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v_slot  constant interval := CASE p_hours WHEN 1 THEN '5 min' WHEN 24 THEN '1 h' ELSE '24 h' END;
	v_first constant timestamptz := date_bin(v_slot, now(), timestamptz 'epoch')
	    - v_slot * CASE p_hours WHEN 1 THEN 11 WHEN 24 THEN 23 ELSE 29 END;
	v_up_to constant timestamptz := (SELECT up_to FROM history_summed);
BEGIN
	RETURN QUERY
		SELECT to_char(s.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), coalesce(h.ended, 0), coalesce(h.crashed, 0),
		       coalesce(h.killed, 0), coalesce(h.cancelled, 0), h.wait_ms, h.wait_max_ms, h.run_ms, h.run_max_ms
		  FROM generate_series(v_first, now(), v_slot) AS s(at)
		  LEFT JOIN (SELECT date_bin(v_slot, e.slot, timestamptz 'epoch') AS at, sum(e.ended)::bigint AS ended,
		                    sum(e.crashed)::bigint AS crashed, sum(e.killed)::bigint AS killed,
		                    sum(e.cancelled)::bigint AS cancelled,
		                    (sum(e.wait_ms) / nullif(sum(e.ran), 0))::bigint AS wait_ms, max(e.wait_max_ms)::bigint AS wait_max_ms,
		                    (sum(e.run_ms) / nullif(sum(e.ran), 0))::bigint AS run_ms, max(e.run_max_ms)::bigint AS run_max_ms
		               FROM (SELECT * FROM history_slot WHERE slot >= v_first
		                     UNION ALL SELECT * FROM history_slots_of(format('ended_at >= %L', greatest(v_up_to, v_first)))) AS e
		              GROUP BY 1) AS h ON h.at = s.at
		 ORDER BY s.at;
END
$$;

GRANT EXECUTE ON FUNCTION jqm.history_stats TO jqm_api;
