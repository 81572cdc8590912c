-- SPDX-License-Identifier: Apache-2.0
-- Where jobs need more than a free slot, units, items, room under cluster-wide limits: asking for it, and claiming.
SET LOCAL ROLE jqm_owner;

-- How many items a node has to give; JQ400 for a job that wants more: it would wait for ever.
CREATE FUNCTION jqm.check_items(p_wanted int) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_n    int := cardinality(discrete_items());
BEGIN
	IF p_wanted > v_n THEN
		PERFORM refuse('JQ400', format('the job wants %s items of resource "%s", of which a node has %s (global parameter discreteRmList)',
		    p_wanted, discrete_name(), v_n));
	END IF;
END
$$;

-- The items of every node's discrete resource: global parameter discreteRmList, parted by commas.
CREATE FUNCTION jqm.discrete_items() RETURNS text[]
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(array_agg(DISTINCT i.name), '{}') FROM (
		SELECT btrim(unnest(string_to_array(value, ','))) AS name FROM global_parameter
		 WHERE key = 'discreteRmList') AS i WHERE i.name <> ''
$$;

-- A job that takes more units than any node gives its queue waits until an administrator gives more.
CREATE FUNCTION jqm.say_if_too_large(p_id bigint, p_queue_id bigint, p_consumption int) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_most int;
BEGIN
	SELECT max(max_jobs) INTO v_most FROM queue_mapping WHERE queue_id = p_queue_id;
	IF v_most < p_consumption THEN
		PERFORM add_message(p_id, format('waits: it takes %s units of its queue, and no node has more than %s',
		    p_consumption, v_most));
	END IF;
END
$$;

/*
 * claim(), one job after the other, where some need more than a free slot.
 *	units		a job that takes more than are free, but not more than the mapping has, holds its
 *			place: nothing behind it starts here before it, so that small jobs cannot starve it
 *	items		of the node's discrete resource; likewise, but only those that want items wait for it
 *	keys		jqm.concurrency_limit; a limit another session just works on counts as reached, and
 *			that session wakes the runners when it has left room
 * Whoever waits for an item or a key holds up nobody else, however many there are; nor does a job that
 * wants more than this node could ever give.
 */
CREATE FUNCTION jqm.claim_carefully(p_node_id bigint, p_incarnation bigint, p_queue_id bigint, p_room int)
RETURNS bigint[]
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_passed constant int := 200; -- that many could not start: let the query leave out their like
	v_in_vain int;
	v_room   int := p_room;
	v_whole  int := (SELECT max_jobs FROM queue_mapping WHERE node_id = p_node_id AND queue_id = p_queue_id);
	v_items  int := cardinality(discrete_items());
	v_free   text[];
	v_full   boolean := false; -- somebody waits for items
	v_closed text[] := closed_keys(p_queue_id);
	v_open   text[] := '{}'; -- limits that are ours now, with room
	v_ids    bigint[] := '{}';
	v_now    timestamptz; -- of each start: the moment its limit remembers
	c        record;
BEGIN
	LOOP
		v_in_vain := 0;
		FOR c IN SELECT j.id, j.consumption, j.items_wanted, j.concurrency_key FROM job_instance AS j
		          WHERE j.queue_id = p_queue_id AND j.state = 'SUBMITTED'
		            AND j.consumption <= coalesce(v_whole, p_room)
		            AND j.items_wanted <= CASE WHEN v_full THEN 0 ELSE v_items END
		            AND (j.concurrency_key IS NULL OR j.concurrency_key <> ALL (v_closed))
		            AND (NOT j.highlander OR NOT EXISTS (SELECT FROM job_instance AS r
		                 WHERE r.job_def_id = j.job_def_id AND r.highlander AND r.state IN ('ATTRIBUTED', 'RUNNING')))
		          ORDER BY j.effective_priority DESC, j.position, j.id
		LOOP
			IF c.concurrency_key = ANY (v_closed) OR (v_full AND c.items_wanted > 0) THEN
				v_in_vain := v_in_vain + 1;
				EXIT WHEN v_in_vain >= v_passed;
				CONTINUE;
			END IF;
			IF c.items_wanted > 0 THEN
				v_free := coalesce(v_free, free_items(p_node_id));
				v_full := cardinality(v_free) < c.items_wanted;
				CONTINUE WHEN v_full;
			END IF;
			EXIT WHEN c.consumption > v_room; -- it holds its place
			-- A limit is taken last, so that whoever has it has a job for it.
			PERFORM FROM job_instance AS l WHERE l.id = c.id AND l.state = 'SUBMITTED' AND l.queue_id = p_queue_id
			    FOR UPDATE SKIP LOCKED;
			CONTINUE WHEN NOT FOUND;
			IF c.concurrency_key <> ALL (v_open) THEN
				CASE open_key(c.concurrency_key)
					WHEN 'free' THEN NULL;
					WHEN 'open' THEN v_open := v_open || c.concurrency_key;
					ELSE v_closed := v_closed || c.concurrency_key;
				END CASE;
				CONTINUE WHEN c.concurrency_key = ANY (v_closed);
			END IF;
			v_now := clock_timestamp();
			UPDATE job_instance AS j SET state = 'ATTRIBUTED', node_id = p_node_id, incarnation = p_incarnation,
			    attempt = j.attempt + 1, attributed_at = v_now,
			    on_node_loss = (SELECT d.on_node_loss FROM job_def AS d WHERE d.id = j.job_def_id),
			    items = CASE WHEN c.items_wanted > 0 THEN v_free[1:c.items_wanted] END
			 WHERE j.id = c.id;
			IF c.items_wanted > 0 THEN
				v_free := v_free[c.items_wanted + 1:];
			END IF;
			IF c.concurrency_key = ANY (v_open) AND NOT count_start(c.concurrency_key, v_now) THEN
				v_closed := v_closed || c.concurrency_key;
			END IF;
			v_ids := v_ids || c.id;
			v_room := v_room - c.consumption;
			EXIT WHEN v_room <= 0 OR cardinality(v_ids) >= 200;
		END LOOP;
		EXIT WHEN v_in_vain < v_passed;
	END LOOP;
	-- Room we leave under a limit while we have it is told to those who found it taken.
	v_open := ARRAY (SELECT unnest(v_open) EXCEPT SELECT unnest(v_closed));
	IF v_open <> '{}' THEN
		PERFORM wake_waiting('{}', v_open, false);
	END IF;
	RETURN nullif(v_ids, '{}');
END
$$;

-- What the discrete resource of a node has left, in order.
CREATE FUNCTION jqm.free_items(p_node_id bigint) RETURNS text[]
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(array_agg(i.name ORDER BY i.name), '{}') FROM unnest(discrete_items()) AS i(name)
	 WHERE NOT EXISTS (SELECT FROM job_instance AS j
	       WHERE j.node_id = p_node_id AND j.items_wanted > 0 AND i.name = ANY (j.items))
$$;

-- May one more job with the limit's key start now, as far as this session sees?
CREATE FUNCTION jqm.has_room(p_limit jqm.concurrency_limit) RETURNS boolean
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT (p_limit.max_running IS NULL OR p_limit.max_running > (SELECT count(*) FROM job_instance AS r
	        WHERE r.concurrency_key = p_limit.key AND r.state IN ('ATTRIBUTED', 'RUNNING')))
	   AND (p_limit.rate IS NULL OR p_limit.rate > (SELECT count(*) FROM unnest(p_limit.starts) AS s(at)
	        WHERE s.at > clock_timestamp() - p_limit.rate_period_s * interval '1 s'))
$$;

-- Keys that jobs of a queue wait with and that have no room: no need to look at those jobs one by one.
CREATE FUNCTION jqm.closed_keys(p_queue_id bigint) RETURNS text[]
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(array_agg(l.key), '{}') FROM concurrency_limit AS l
	 WHERE EXISTS (SELECT FROM job_instance AS j WHERE j.concurrency_key = l.key AND j.state = 'SUBMITTED'
	       AND j.queue_id = p_queue_id) AND NOT has_room(l)
$$;

-- 'free': the key has no limit; 'open': it has, with room, and nobody else changes that until we commit;
-- 'closed': there is no room, or another session has it.
CREATE FUNCTION jqm.open_key(p_key text) RETURNS text
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_limit concurrency_limit;
BEGIN
	SELECT * INTO v_limit FROM concurrency_limit WHERE key = p_key FOR NO KEY UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN CASE WHEN EXISTS (SELECT FROM concurrency_limit WHERE key = p_key) THEN 'closed' ELSE 'free' END;
	END IF;
	RETURN CASE WHEN has_room(v_limit) THEN 'open' ELSE 'closed' END;
END
$$;

-- One more job with that key starts, under a limit that is ours; is there still room?
CREATE FUNCTION jqm.count_start(p_key text, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_limit concurrency_limit;
BEGIN
	UPDATE concurrency_limit AS l SET starts = ARRAY (SELECT s.at FROM unnest(l.starts) AS s(at)
	    WHERE s.at > clock_timestamp() - l.rate_period_s * interval '1 s' ORDER BY s.at) || p_at
	 WHERE l.key = p_key AND l.rate IS NOT NULL;
	SELECT * INTO v_limit FROM concurrency_limit WHERE key = p_key;
	RETURN has_room(v_limit);
END
$$;

/*
 * A job that was claimed at that moment goes back unstarted: its start does not count for the rate.  A limit
 * that somebody has in hand for so long keeps it: that costs a start of the period, and holds up nobody.
 */
CREATE FUNCTION jqm.uncount_start(p_key text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET lock_timeout = '100ms' AS $$
BEGIN
	UPDATE concurrency_limit AS l SET starts = array_remove(l.starts, p_at)
	 WHERE l.key = p_key AND l.rate IS NOT NULL AND p_at = ANY (l.starts);
EXCEPTION WHEN lock_not_available THEN
	NULL;
END
$$;

/*
 * Wake the runners of queues in which jobs wait for what is free now: a highlander definition, room
 * under a limit, items.  However many wait: one look for each queue.
 */
CREATE FUNCTION jqm.wake_waiting(p_job_defs bigint[], p_keys text[], p_items boolean) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_queue bigint;
BEGIN
	FOR v_queue IN
		SELECT j.queue_id FROM job_instance AS j
		 WHERE j.job_def_id = ANY (p_job_defs) AND j.highlander AND j.state = 'SUBMITTED'
		UNION
		SELECT q.id FROM queue AS q WHERE EXISTS (SELECT FROM unnest(p_keys) AS k(key) JOIN job_instance AS j
		       ON j.concurrency_key = k.key AND j.state = 'SUBMITTED' AND j.queue_id = q.id)
		UNION
		SELECT q.id FROM queue AS q WHERE p_items AND EXISTS (SELECT FROM job_instance AS j
		       WHERE j.queue_id = q.id AND j.state = 'SUBMITTED' AND j.needs_care AND j.items_wanted > 0)
	LOOP
		PERFORM wake_runners(v_queue);
	END LOOP;
END
$$;

-- Limits of a rate that have room and jobs waiting: time alone has made it, so nobody was told.
CREATE FUNCTION jqm.wake_rated() RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_keys text[];
BEGIN
	SELECT array_agg(l.key) INTO v_keys FROM concurrency_limit AS l
	 WHERE l.rate IS NOT NULL AND has_room(l)
	   AND EXISTS (SELECT FROM job_instance AS j WHERE j.concurrency_key = l.key AND j.state = 'SUBMITTED');
	IF v_keys IS NOT NULL THEN
		PERFORM wake_waiting('{}', v_keys, false);
	END IF;
END
$$;

-- A limit an administrator changed may leave room.
CREATE FUNCTION jqm.concurrency_limit_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM wake_waiting('{}', ARRAY[OLD.key::text, NEW.key], false);
	RETURN NULL;
END
$$;
CREATE TRIGGER concurrency_limit_changed
    AFTER INSERT OR DELETE OR UPDATE OF key, max_running, rate, rate_period_s ON jqm.concurrency_limit
    FOR EACH ROW EXECUTE FUNCTION jqm.concurrency_limit_changed();

-- And so may another list of items.
CREATE FUNCTION jqm.items_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM wake_waiting('{}', '{}', true);
	RETURN NULL;
END
$$;
CREATE TRIGGER items_changed AFTER INSERT OR UPDATE ON jqm.global_parameter
    FOR EACH ROW WHEN (NEW.key = 'discreteRmList') EXECUTE FUNCTION jqm.items_changed();
