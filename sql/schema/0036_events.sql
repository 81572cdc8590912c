-- SPDX-License-Identifier: Apache-2.0
-- What happens to jobs, for who listens (events/README.md).  Nothing is written while nobody does, and nobody waits for a
-- listener: a trigger leaves a row in an unlogged table, jqm-events looks there a few times a second.
SET LOCAL ROLE jqm_owner;

/*
 * Somebody listens until that second (since 1970).  A sequence, because what setval() does is seen at once by all, whatever
 * snapshot they have and whether or not it is committed: who gets its transaction number after that leaves its rows.
 */
CREATE UNLOGGED SEQUENCE jqm.event_wanted_until MINVALUE 0 START 0;

CREATE UNLOGGED TABLE jqm.event (
	id            bigint      GENERATED ALWAYS AS IDENTITY, -- in the order in which things happened to one job
	xid           xid8        NOT NULL DEFAULT pg_current_xact_id(),
	at            timestamptz NOT NULL DEFAULT clock_timestamp(),
	kind          "char"      NOT NULL CHECK (kind IN ('s', 'e', 'c', 'p', 'm')), -- state, its end, changed, progress, message
	job_id        bigint      NOT NULL,
	state         text,
	instruction   text,
	priority      int,
	progress      int,
	attempt       int,
	run_after     timestamptz,
	queue_id      bigint,
	node_id       bigint,
	snapshot_id   int,
	user_name_id  int,
	submitter_id  int,
	parent_id     bigint,
	session_key   text, application text, module text, keyword1 text, keyword2 text, keyword3 text,
	text_message  text
);
-- Serves events_between(); the oldest go from its beginning.
CREATE INDEX event_xid ON jqm.event (xid);

-- Since when nothing was left out: one row, or none.  Another source: somebody has to read afresh.
CREATE UNLOGGED TABLE jqm.event_source (
	epoch     text NOT NULL,
	begun     xid8 NOT NULL, -- an older transaction may have left out what it did before
	forgotten xid8 NOT NULL DEFAULT '0' -- no row of this transaction or an older one has to be there any more
);

INSERT INTO jqm.cluster_secret VALUES ('events',
    decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- ---- rows ----

CREATE FUNCTION jqm.note_job_event() RETURNS trigger
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

CREATE FUNCTION jqm.note_message_event() RETURNS trigger
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

/*
 * The conditions are short, as that of audit_direct, and no function: one that is called costs more than what is looked at
 * here.  That somebody has listened since events_let_go() is in them (a sequence that was not called has no last value),
 * until when, and what an update has changed, in the functions.
 */
CREATE TRIGGER event_insert AFTER INSERT ON jqm.job_instance FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_job_event();
CREATE TRIGGER event_update AFTER UPDATE ON jqm.job_instance FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_job_event();
CREATE TRIGGER event_delete AFTER DELETE ON jqm.job_instance FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_job_event();
CREATE TRIGGER event_message AFTER INSERT ON jqm.message FOR EACH ROW
    WHEN (pg_sequence_last_value('jqm.event_wanted_until') IS NOT NULL) EXECUTE FUNCTION jqm.note_message_event();

-- ---- reading ----

/*
 * Somebody goes on listening, for half a minute.  Which source this is: another one than before when nobody had been
 * listening for a moment, or the rows were lost with a crash.  from_xid: rows of later transactions are there, p_max of
 * them at most.  Rows go when they are five minutes old, or there are a million.
 */
CREATE FUNCTION jqm.events_keep(p_max int) RETURNS TABLE (epoch text, begun text, from_xid text, key text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_until bigint;
	v_epoch text;
	v_begun xid8;
	v_xid   xid8;
BEGIN
	-- One at a time; no advisory lock, which anybody could take and keep.
	LOCK TABLE event_source IN SHARE ROW EXCLUSIVE MODE;
	SELECT s.epoch, s.begun INTO v_epoch, v_begun FROM event_source AS s;
	v_until := pg_sequence_last_value('jqm.event_wanted_until');
	PERFORM setval('jqm.event_wanted_until',
	    greatest(coalesce(v_until, 0), (date_part('epoch', clock_timestamp()) + 30)::bigint));
	-- Looked at afterwards: it never was over.
	IF v_epoch IS NULL OR coalesce(v_until, 0) <= date_part('epoch', clock_timestamp()) THEN
		v_begun := pg_current_xact_id(); -- whoever may not have seen what setval() did has an older one
		DELETE FROM event_source;
		DELETE FROM event;
		v_epoch := left(replace(gen_random_uuid()::text, '-', ''), 16);
		INSERT INTO event_source VALUES (v_epoch, v_begun);
	ELSIF (SELECT e.at < clock_timestamp() - interval '5 min'
	           OR e.id < (SELECT last_value FROM event_id_seq) - 1000000 FROM event AS e ORDER BY e.xid LIMIT 1) THEN
		WITH old AS MATERIALIZED (
			SELECT e.ctid, e.xid, e.at, e.id FROM event AS e ORDER BY e.xid LIMIT 50000
		), gone AS (
			DELETE FROM event AS e USING old WHERE e.ctid = old.ctid AND (old.at < clock_timestamp() - interval '5 min'
			    OR old.id < (SELECT last_value FROM event_id_seq) - 1000000)
			RETURNING e.xid
		)
		SELECT max(g.xid::text::bigint)::text::xid8 INTO v_xid FROM gone AS g;
		UPDATE event_source AS s SET forgotten = v_xid WHERE s.forgotten < v_xid;
	END IF;
	SELECT greatest(s.forgotten::text::bigint, (SELECT e.xid::text::bigint FROM event AS e
	    ORDER BY e.xid DESC OFFSET p_max LIMIT 1))::text INTO from_xid FROM event_source AS s;
	epoch := v_epoch;
	begun := v_begun::text;
	key := events_key();
	RETURN NEXT;
END
$$;

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

-- By which tickets of listeners are sealed.
CREATE FUNCTION jqm.events_key() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT encode(value, 'hex') FROM cluster_secret WHERE name = 'events'
$$;

-- How these jobs ended; none, at no cost, for none.  The plan is made once: past_job_of() says why.  A join, for
-- "= ANY (p_ids)" would look for each of them in each partition.
CREATE FUNCTION jqm.ends_of(p_ids bigint[]) RETURNS TABLE (id bigint, state text, node_name_id int, ended_at timestamptz,
    exit_code int, signal int, reason text, progress int)
LANGUAGE plpgsql STABLE ROWS 50 SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	IF cardinality(p_ids) > 0 THEN
		RETURN QUERY SELECT h.id, h.state, h.node_name_id, h.ended_at, h.exit_code, h.signal, h.reason::text, h.progress
		  FROM unnest(p_ids) AS p(id) JOIN jqm.history AS h ON h.id = p.id;
	END IF;
END
$$;

/*
 * What a statement sees now and did not see when p_seen was the snapshot: each event once, whatever was committed in which
 * order, and none is waited for.  Those of one job come in their order: its row was locked in between.  One row
 * more than there are events if there are none.  lost: there may have been others; more than p_max count as that.
 */
CREATE FUNCTION jqm.events_between(p_epoch text, p_seen pg_snapshot, p_max int) RETURNS TABLE (snapshot text, lost boolean,
    xid text, kind text, job_id bigint, state text, parent_id bigint, queue_id bigint, queue_name text,
    node_name text, definition_name text, user_name text, account text, session_key text, keyword1 text, keyword2 text,
    keyword3 text, module text, application text, definition_keyword1 text, definition_keyword2 text, definition_keyword3 text,
    definition_module text, definition_application text, data text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
	v_now  text := pg_current_snapshot()::text;
	v_open xid8[] := ARRAY(SELECT pg_snapshot_xip(p_seen));
	v_lost boolean := NOT EXISTS (SELECT FROM event_source AS s WHERE s.epoch = p_epoch
	    AND (p_seen IS NULL OR s.forgotten < pg_snapshot_xmin(p_seen)));
	v_new  event[];
BEGIN
	IF NOT v_lost AND p_seen IS NOT NULL THEN
		v_new := ARRAY(SELECT e FROM (SELECT e FROM event AS e WHERE e.xid >= pg_snapshot_xmax(p_seen)
		    UNION ALL SELECT e FROM event AS e WHERE e.xid = ANY (v_open)) AS n(e) LIMIT p_max + 1);
		IF cardinality(v_new) > p_max THEN
			v_lost := true;
			v_new := NULL;
		END IF;
	END IF;
	RETURN QUERY
	SELECT v_now, v_lost, e.xid::text, CASE e.kind WHEN 'm' THEN 'message' WHEN 'p' THEN 'progress' WHEN 'c' THEN 'change'
	       ELSE 'state' END, e.job_id, f.state, e.parent_id, e.queue_id, q.name::text, f.node_name, d.name::text, u.name,
	       nullif(split_part(b.name, ':', 1), ''), e.session_key, e.keyword1, e.keyword2, e.keyword3, e.module, e.application,
	       d.keyword1::text, d.keyword2::text, d.keyword3::text, d.module::text, d.application::text,
	       json_strip_nulls(json_build_object('event', e.id, 'date', floor(date_part('epoch', e.at) * 1000)::bigint,
	           'id', e.job_id, 'state', f.state, 'applicationName', d.name, 'queueName', q.name, 'nodeName', f.node_name,
	           'user', u.name, 'sessionID', e.session_key, 'parent', e.parent_id, 'attempt', e.attempt,
	           'progress', coalesce(h.progress, e.progress), 'priority', nullif(e.priority, 0),
	           'instruction', nullif(e.instruction, 'RUN'),
	           'runAfter', floor(date_part('epoch', e.run_after) * 1000)::bigint,
	           'endDate', floor(date_part('epoch', h.ended_at) * 1000)::bigint, 'exitCode', h.exit_code,
	           'signal', h.signal, 'endReason', h.reason, 'message', e.text_message))::text
	  FROM unnest(v_new) AS e
	  LEFT JOIN ends_of(ARRAY(SELECT n.job_id FROM unnest(v_new) AS n WHERE n.kind = 'e')) AS h
	       ON h.id = e.job_id AND e.kind = 'e'
	  LEFT JOIN definition_snapshot AS d ON d.id = e.snapshot_id
	  LEFT JOIN queue AS q ON q.id = e.queue_id
	  LEFT JOIN name_snapshot AS u ON u.id = e.user_name_id
	  LEFT JOIN name_snapshot AS b ON b.id = e.submitter_id
	 CROSS JOIN LATERAL (SELECT CASE WHEN e.kind <> 'e' THEN e.state ELSE coalesce(h.state, 'DELETED') END AS state,
	       CASE WHEN h.node_name_id IS NOT NULL THEN (SELECT n.name FROM name_snapshot AS n WHERE n.id = h.node_name_id)
	            ELSE (SELECT n.name::text FROM node AS n WHERE n.id = e.node_id) END AS node_name) AS f
	 ORDER BY e.id;
	IF NOT FOUND THEN
		snapshot := v_now;
		lost := v_lost;
		RETURN NEXT;
	END IF;
END
$$;

/*
 * Who may go on listening, as ones and zeros in the order of the arrays: the account is what it was when it came (its stamp),
 * and its session, if it came by one (not 0), lives.  Account 0: nobody need log in.  Nobody while that part of the web API is
 * turned off.
 */
CREATE FUNCTION jqm.events_may(p_accounts bigint[], p_stamps bigint[], p_sessions bigint[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT string_agg(CASE WHEN o.is_on AND CASE WHEN w.account = 0 THEN NOT parameter_is_on('enableWsApiAuth', true)
	    ELSE EXISTS (SELECT FROM account AS a WHERE a.id = w.account AND a.stamp = w.stamp AND NOT a.locked
	        AND (a.expiration_date IS NULL OR a.expiration_date > now()))
	     AND (w.session = 0 OR EXISTS (SELECT FROM account_session AS s WHERE s.id = w.session AND session_alive(s)))
	    END THEN '1' ELSE '0' END, '' ORDER BY w.n)
	  FROM unnest(p_accounts, p_stamps, p_sessions) WITH ORDINALITY AS w(account, stamp, session, n)
	 CROSS JOIN (SELECT NOT parameter_is_on('disableWsApi', false) AND NOT parameter_is_on('disableWsApiClient', false)) AS o(is_on)
$$;

GRANT EXECUTE ON FUNCTION jqm.events_keep, jqm.events_between, jqm.events_may TO jqm_events;
GRANT EXECUTE ON FUNCTION jqm.events_key TO jqm_api;
GRANT SELECT ON jqm.schema_version TO jqm_events;
