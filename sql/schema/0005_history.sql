-- SPDX-License-Identifier: Apache-2.0
-- One row per job that is over; partitioned by id, because ids follow time and a purge then drops
-- partitions.  Names are ids into the snapshot tables.
SET LOCAL ROLE jqm_owner;

-- Exit code or signal, never both; neither when it never ran.  A function: see job_makes_sense().
CREATE FUNCTION jqm.end_makes_sense(p_state text, p_exit_code int, p_signal int) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN p_state IN ('ENDED', 'CRASHED', 'CANCELLED', 'KILLED')
	    AND CASE WHEN p_exit_code IS NULL THEN p_signal IS NULL OR p_signal BETWEEN 1 AND 64
	        ELSE p_exit_code BETWEEN 0 AND 255 AND p_signal IS NULL END;
END
$$;

CREATE TABLE jqm.history (
	id             bigint      NOT NULL,
	job_def_id     bigint      NOT NULL,
	queue_id       bigint      NOT NULL,
	state          text        COLLATE "C" NOT NULL,
	snapshot_id    int         NOT NULL,
	user_name_id   int,
	submitter_id   int,
	queue_name_id  int         NOT NULL,
	node_name_id   int,
	priority       int         NOT NULL,
	attempt        int         NOT NULL,
	incarnation    bigint,
	enqueued_at    timestamptz NOT NULL,
	attributed_at  timestamptz,
	started_at     timestamptz,
	ended_at       timestamptz NOT NULL,
	run_after      timestamptz,
	parent_id      bigint,
	highlander     boolean     NOT NULL,
	from_schedule  boolean     NOT NULL,
	progress       int         NOT NULL,
	session_key    text COLLATE "C",
	email          text,
	application    text COLLATE "C",
	module         text COLLATE "C",
	keyword1       text COLLATE "C",
	keyword2       text COLLATE "C",
	keyword3       text COLLATE "C",
	trace_id       text,
	parameters     jsonb       NOT NULL,
	concurrency_key text,
	schedule_id    bigint,
	attempts_max   int         NOT NULL DEFAULT 1,
	failures       int         NOT NULL DEFAULT 0, -- earlier attempts that failed: job_attempt
	node_losses    int         NOT NULL DEFAULT 0,
	-- How it ended.
	exit_code      int,
	signal         int,
	reason         varchar(1000),
	user_ms        bigint,
	system_ms      bigint,
	max_rss_kb     bigint,
	has_messages   boolean     NOT NULL DEFAULT false, -- as in job_instance
	has_links      boolean     NOT NULL DEFAULT false,
	CONSTRAINT end_makes_sense CHECK (jqm.end_makes_sense(state, exit_code, signal)),
	CONSTRAINT history_pkey PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- One index for each filter of a search, with the id behind it where many rows share a value: the newest of
-- them are found without sorting.  Dates are sorted by as well as searched, and walked through without the rows.
CREATE INDEX history_snapshot ON jqm.history (snapshot_id, id);
CREATE INDEX history_user ON jqm.history (user_name_id, id);
CREATE INDEX history_submitter ON jqm.history (submitter_id, id);
CREATE INDEX history_queue ON jqm.history (queue_name_id, id);
CREATE INDEX history_queue_id ON jqm.history (queue_id, id);
CREATE INDEX history_node ON jqm.history (node_name_id, id) WHERE node_name_id IS NOT NULL;
CREATE INDEX history_state ON jqm.history (state, id) WHERE state <> 'ENDED';
CREATE INDEX history_ended ON jqm.history (ended_at, id);
CREATE INDEX history_enqueued ON jqm.history (enqueued_at, id);
CREATE INDEX history_started ON jqm.history (started_at, id);
CREATE INDEX history_session ON jqm.history (session_key) WHERE session_key IS NOT NULL;
CREATE INDEX history_parent ON jqm.history (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX history_keyword1 ON jqm.history (keyword1, id) WHERE keyword1 IS NOT NULL;
CREATE INDEX history_keyword2 ON jqm.history (keyword2) WHERE keyword2 IS NOT NULL;
CREATE INDEX history_keyword3 ON jqm.history (keyword3) WHERE keyword3 IS NOT NULL;
CREATE INDEX history_module ON jqm.history (module, id) WHERE module IS NOT NULL;
CREATE INDEX history_application ON jqm.history (application, id) WHERE application IS NOT NULL;

/*
 * The row of a job says whether other tables may have more of it, so that who reads one job need not look there: each look
 * costs as much as the row.  It is set by whoever adds the first, in the same transaction, and goes with the row into
 * history; a job that ends meanwhile is found there, by the statement that comes after its end.  A function that changes the row
 * and says so sets it with the change, or the row would be changed twice.
 */
CREATE FUNCTION jqm.mark_messages() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE jqm.job_instance SET has_messages = true WHERE id = NEW.job_instance_id AND NOT has_messages;
	IF NOT FOUND AND NOT EXISTS (SELECT FROM jqm.job_instance WHERE id = NEW.job_instance_id) THEN
		UPDATE jqm.history SET has_messages = true WHERE id = NEW.job_instance_id AND NOT has_messages;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER mark_messages AFTER INSERT ON jqm.message FOR EACH ROW EXECUTE FUNCTION jqm.mark_messages();

CREATE FUNCTION jqm.mark_links() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE jqm.job_instance SET has_links = true WHERE id = NEW.job_instance_id AND NOT has_links;
	IF NOT FOUND AND NOT EXISTS (SELECT FROM jqm.job_instance WHERE id = NEW.job_instance_id) THEN
		UPDATE jqm.history SET has_links = true WHERE id = NEW.job_instance_id AND NOT has_links;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER mark_links AFTER INSERT ON jqm.job_waited_for FOR EACH ROW EXECUTE FUNCTION jqm.mark_links();
CREATE TRIGGER mark_links AFTER INSERT ON jqm.job_restart FOR EACH ROW EXECUTE FUNCTION jqm.mark_links();

CREATE TABLE jqm.history_partition (
	lower_id bigint PRIMARY KEY,
	upper_id bigint NOT NULL CHECK (upper_id > lower_id),
	-- Taken out of history, its jobs up to this one are forgotten: it will be dropped (0020).  NULL: in use.
	purged_to bigint
);

-- Stragglers of purged ranges: a job may end long after its id's partition was dropped.
CREATE TABLE jqm.history_old PARTITION OF jqm.history FOR VALUES FROM (MINVALUE) TO (0)
    WITH (autovacuum_analyze_threshold = 10000, autovacuum_analyze_scale_factor = 1);

-- The partition of 250,000 ids that begins there, a multiple of as many (store/job_row.c finds it by its name).  Attached,
-- not created in place: that passes open readers.  Statistics of it are made anew whenever it has doubled.
CREATE FUNCTION jqm.history_add(p_lower bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_name  constant text := 'history_' || p_lower;
	v_upper constant bigint := p_lower + 250000;
BEGIN
	EXECUTE format('CREATE TABLE jqm.%I (LIKE jqm.history INCLUDING ALL)
	    WITH (autovacuum_analyze_threshold = 10000, autovacuum_analyze_scale_factor = 1)', v_name);
	-- Triggers of rows come with the attachment; this one of statements, made by 0032, does not.
	IF to_regproc('jqm.audit_direct_new') IS NOT NULL THEN
		EXECUTE format('CREATE TRIGGER audit_direct_new AFTER TRUNCATE ON jqm.%I FOR EACH STATEMENT
		    EXECUTE FUNCTION jqm.audit_direct_new()', v_name);
	END IF;
	EXECUTE format('ALTER TABLE jqm.history ATTACH PARTITION jqm.%I FOR VALUES FROM (%s) TO (%s)',
	    v_name, p_lower, v_upper);
	EXECUTE format('GRANT SELECT ON jqm.%I TO jqm_api', v_name); -- it reads one job where it is: 0008
	INSERT INTO history_partition VALUES (p_lower, v_upper);
END
$$;

-- Where the next partition begins: behind the last one, and behind history_old, were there no other.
CREATE FUNCTION jqm.history_end() RETURNS bigint
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT greatest((SELECT max(upper_id) FROM history_partition),
	    (SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$ TO \('?(\d+)'?\)$re$)::bigint
	       FROM pg_class AS c WHERE c.oid = to_regclass('jqm.history_old')), 0)
$$;

-- Keep p_ahead partitions beyond the newest id.  Returns how many were made, 50 at most: each takes some 40 of the
-- locks that a transaction can have, so who gets 50 calls again.  Called by upgrades, by runners every 5 minutes and when a
-- job found no partition, and by enqueue while no runner does.  Ids may be left out (after_restore()): partitions begin
-- where the last one ends.
CREATE FUNCTION jqm.history_extend(p_ahead int DEFAULT 20) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
	v_end   bigint;
	v_lower bigint;
	v_made  int := 0;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtext('jqm.history_extend')) THEN
		RETURN 0;
	END IF;
	v_lower := history_end();
	SELECT coalesce(max(last_value), 1) + p_ahead * 250000::bigint INTO v_end
	  FROM pg_sequences WHERE schemaname = 'jqm' AND sequencename = 'job_instance_id_seq';
	WHILE v_lower < v_end AND v_made < 50 LOOP
		PERFORM history_add(v_lower);
		v_lower := v_lower + 250000;
		v_made := v_made + 1;
	END LOOP;
	RETURN v_made;
END
$$;

-- The same, for whom it is no business of: that it fails, or waits for a lock, is no error.
CREATE FUNCTION jqm.history_extend_if_possible() RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM history_extend();
EXCEPTION WHEN OTHERS THEN
	NULL;
END
$$;
SELECT jqm.history_extend();
