-- SPDX-License-Identifier: Apache-2.0
-- One row per job that is not over.  The transaction that ends a job moves its row to history: no
-- row is ever in both tables, or in neither.  Small and hot: nothing wide, nothing kept.
SET LOCAL ROLE jqm_owner;

CREATE TABLE jqm.job_instance (
	id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job_def_id     bigint      NOT NULL, -- it and the queue: job_references()
	queue_id       bigint      NOT NULL,
	state          text        NOT NULL,
	-- What the runner is to do with it: an order, apart from the state.
	instruction    text        NOT NULL DEFAULT 'RUN',
	instruction_by text,
	priority       int         NOT NULL DEFAULT 0,
	-- What it waits with: priority, raised by ageing.
	effective_priority int     NOT NULL DEFAULT 0,
	position       double precision NOT NULL,
	-- Fencing: (id, attempt, incarnation) stands in the WHERE of every write of a runner.
	attempt        int         NOT NULL DEFAULT 0,
	-- Whose hands a job is in is written by claims alone, which lock the node's row once for all jobs they take
	-- (claim_in_turn()); a foreign key did so for each of them.  Whoever deletes the node waits for that lock, then looks
	-- again (node_deleted).
	node_id        bigint,
	incarnation    bigint,
	enqueued_at    timestamptz NOT NULL DEFAULT now(),
	runnable_at    timestamptz NOT NULL DEFAULT now(), -- when it became SUBMITTED, if it is or was
	attributed_at  timestamptz,
	started_at     timestamptz,
	run_after      timestamptz,
	parent_id      bigint,
	highlander     boolean     NOT NULL,
	from_schedule  boolean     NOT NULL DEFAULT false,
	progress       int         NOT NULL DEFAULT 0,
	-- Snapshots are never deleted, so no foreign key: each enqueue would lock the same two rows, and 16
	-- at a time then spend a quarter of their time on sharing those locks.
	user_name_id   int,
	submitter_id   int, -- the account behind it, whatever user it names; a name of kind a
	snapshot_id    int         NOT NULL,
	session_key    varchar(255),
	email          varchar(255),
	application varchar(50), module varchar(50),
	keyword1 varchar(50), keyword2 varchar(50), keyword3 varchar(50),
	trace_id       varchar(2048),
	parameters     jsonb       NOT NULL DEFAULT '{}',
	-- What it needs to run: units of its mapping, items of its node, room under a cluster-wide limit.
	consumption    int         NOT NULL DEFAULT 1,
	items_wanted   int         NOT NULL DEFAULT 0,
	items          text[],
	concurrency_key varchar(100),
	needs_care     boolean     NOT NULL DEFAULT false, -- any of these is more than a free slot
	waits_for      int         NOT NULL DEFAULT 0, -- rows of job_dependency
	attempts_max   int         NOT NULL DEFAULT 1,
	failures       int         NOT NULL DEFAULT 0, -- attempts that failed; job_attempt has them
	node_losses    int         NOT NULL DEFAULT 0,
	-- As its definition said when it was claimed: its node was told then whether to end it in time.
	on_node_loss   text        NOT NULL DEFAULT 'CRASH',
	late           boolean     NOT NULL DEFAULT false, -- it was said that it runs too long
	schedule_id    bigint,
	-- Others have more of it, perhaps: message; job_waited_for, job_restart.  See mark_messages().
	has_messages   boolean     NOT NULL DEFAULT false,
	has_links      boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 70, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0.05,
        autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_threshold = 50000);

/*
 * Statistics are made anew again and again while jobs are brief, and were a fiftieth of all that a no-op job costs.  Of a table
 * whose rows live for seconds a sample of 3,000 says as much as one of 30,000.
 */
DO $$
BEGIN
	EXECUTE (SELECT 'ALTER TABLE jqm.job_instance ' || string_agg(format('ALTER %I SET STATISTICS 10', a.attname), ', ')
	  FROM pg_attribute AS a WHERE a.attrelid = 'jqm.job_instance'::regclass AND a.attnum > 0 AND NOT a.attisdropped);
END
$$;

/*
 * A job in a runner's hands names node and incarnation, any other names none; what runs has started; what
 * is scheduled waits for a date or for other jobs.  A function, and lengths by type: every statement that
 * writes reads and plans the table's CHECKs anew, and as expressions these took a quarter of an enqueue.
 * Jobs that are new or were just taken are nearly all, and are through with the first look.
 */
CREATE FUNCTION jqm.job_makes_sense(j jqm.job_instance) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	-- An expression is made ready as a whole, however little of it is looked at, and this is short.
	IF num_nulls(j.node_id, j.incarnation, j.attributed_at, j.started_at, j.concurrency_key)
	   = (CASE j.state WHEN 'SUBMITTED' THEN 5 WHEN 'ATTRIBUTED' THEN 2 END) AND j.started_at IS NULL
	   AND j.concurrency_key IS NULL AND j.instruction = 'RUN' AND j.consumption = 1 AND j.items_wanted = 0
	   AND least(j.priority, j.effective_priority, j.waits_for) >= 0 AND greatest(j.priority, j.effective_priority) <= 10 THEN
		RETURN true;
	END IF;
	RETURN CASE j.state
	    WHEN 'SUBMITTED' THEN j.node_id IS NULL
	    WHEN 'HOLDED' THEN j.node_id IS NULL
	    WHEN 'SCHEDULED' THEN j.node_id IS NULL AND (j.run_after IS NOT NULL OR j.waits_for > 0)
	    WHEN 'ATTRIBUTED' THEN j.node_id IS NOT NULL AND j.started_at IS NULL
	    WHEN 'RUNNING' THEN j.node_id IS NOT NULL AND j.started_at IS NOT NULL
	    ELSE false END
	    AND (j.node_id IS NULL) = (j.incarnation IS NULL) AND (j.node_id IS NULL) = (j.attributed_at IS NULL)
	    AND (j.node_id IS NOT NULL OR j.started_at IS NULL)
	    AND j.instruction IN ('RUN', 'KILL', 'PAUSE') AND j.priority BETWEEN 0 AND 10
	    AND j.effective_priority BETWEEN 0 AND 10 AND j.waits_for >= 0 AND j.consumption > 0 AND j.items_wanted >= 0
	    AND (j.needs_care OR (j.consumption = 1 AND j.items_wanted = 0 AND j.concurrency_key IS NULL));
END
$$;
ALTER TABLE jqm.job_instance ADD CONSTRAINT job_makes_sense CHECK (jqm.job_makes_sense(job_instance));

-- Serves the claim: keep its columns in that query's order.
CREATE INDEX job_instance_claimable ON jqm.job_instance (queue_id, effective_priority DESC, position, id)
    WHERE state = 'SUBMITTED';
-- Is there any that needs more than a free slot?  And who uses what such jobs need.
CREATE INDEX job_instance_careful ON jqm.job_instance (queue_id) WHERE state = 'SUBMITTED' AND needs_care;
CREATE INDEX job_instance_key ON jqm.job_instance (concurrency_key, state, queue_id)
    WHERE concurrency_key IS NOT NULL;
CREATE INDEX job_instance_node ON jqm.job_instance (node_id) WHERE node_id IS NOT NULL;
-- Orders for running jobs: hardly any at a time, however many entries of past jobs are in the one above.
CREATE INDEX job_instance_ordered ON jqm.job_instance (node_id) WHERE instruction <> 'RUN';
CREATE INDEX job_instance_due ON jqm.job_instance (run_after) WHERE state = 'SCHEDULED' AND waits_for = 0;
CREATE INDEX job_instance_schedule ON jqm.job_instance (schedule_id) WHERE schedule_id IS NOT NULL;
CREATE INDEX job_instance_parent ON jqm.job_instance (parent_id, id) WHERE parent_id IS NOT NULL;
-- Highlander: there can be only one running, and one waiting; the index decides, no lock.
CREATE UNIQUE INDEX job_instance_highlander_running ON jqm.job_instance (job_def_id)
    WHERE highlander AND state IN ('ATTRIBUTED', 'RUNNING');
CREATE UNIQUE INDEX job_instance_highlander_waiting ON jqm.job_instance (job_def_id)
    WHERE highlander AND state = 'SUBMITTED';
-- Serves warn_late().  One of all jobs of a definition would be an entry more for each enqueue and each claim: only its
-- deletion asks for those, and may read all live jobs.
CREATE INDEX job_instance_not_late ON jqm.job_instance (job_def_id) WHERE state = 'RUNNING' AND NOT late;

-- ---- what jobs refer to ----

/*
 * A job's definition and queue are there as long as it is.  Foreign keys looked at each new row by itself, a quarter of what a job in
 * bulk costs; this does what they did once for all rows of a statement: whoever makes a job locks both against deletion, and finds
 * them gone if that was committed before; whoever deletes one waits for such locks, then looks again.
 */
CREATE FUNCTION jqm.job_has_nothing(p_job_def bigint, p_queue bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a job needs job definition % and queue %, one of which is not there', p_job_def, p_queue USING ERRCODE = '23503';
END
$$;

-- Rows of new_jobs have what others of the same definition and queue have.
CREATE FUNCTION jqm.job_references() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	v record;
BEGIN
	SELECT j.job_def_id, j.queue_id INTO v FROM (SELECT DISTINCT n.job_def_id, n.queue_id FROM new_jobs AS n) AS j
	 WHERE NOT EXISTS (SELECT FROM jqm.job_def AS d, jqm.queue AS q WHERE d.id = j.job_def_id AND q.id = j.queue_id
	       FOR KEY SHARE);
	IF FOUND THEN
		PERFORM jqm.job_has_nothing(v.job_def_id, v.queue_id);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER refers_to AFTER INSERT ON jqm.job_instance REFERENCING NEW TABLE AS new_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.job_references();

-- One that moves to another queue.
CREATE FUNCTION jqm.job_references_others() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM jqm.job_def AS d, jqm.queue AS q WHERE d.id = NEW.job_def_id AND q.id = NEW.queue_id FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM jqm.job_has_nothing(NEW.job_def_id, NEW.queue_id);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER refers_to_others AFTER UPDATE OF job_def_id, queue_id ON jqm.job_instance
    FOR EACH ROW EXECUTE FUNCTION jqm.job_references_others();

-- The look must see what was committed while the row's lock was waited for: a snapshot of the whole transaction would not.
CREATE FUNCTION jqm.job_needs_it() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'only a transaction that is read committed may delete a row of "%"', TG_TABLE_NAME USING ERRCODE = '0A000';
	ELSIF TG_TABLE_NAME = 'queue' AND EXISTS (SELECT FROM job_instance WHERE queue_id = OLD.id)
	    OR TG_TABLE_NAME = 'job_def' AND EXISTS (SELECT FROM job_instance WHERE job_def_id = OLD.id) THEN
		RAISE EXCEPTION 'row % of "%" is needed by a job that is not over', OLD.id, TG_TABLE_NAME USING ERRCODE = '23503';
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER jobs_need_it AFTER DELETE OR UPDATE OF id ON jqm.job_def FOR EACH ROW EXECUTE FUNCTION jqm.job_needs_it();
CREATE TRIGGER jobs_need_it AFTER DELETE OR UPDATE OF id ON jqm.queue FOR EACH ROW EXECUTE FUNCTION jqm.job_needs_it();

-- ---- what goes with a job ----

-- Texts a job or the system said about it.  They follow the job into history untouched (same id).
CREATE TABLE jqm.message (
	id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job_instance_id bigint      NOT NULL,
	created_at      timestamptz NOT NULL DEFAULT now(),
	text_message    text        NOT NULL CHECK (length(text_message) BETWEEN 1 AND 1024)
);
CREATE INDEX message_job_instance ON jqm.message (job_instance_id);

-- A file a job left.  random_id is the handle of the simple API; path is relative to the node's store.
CREATE TABLE jqm.deliverable (
	id                 bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job_instance_id    bigint      NOT NULL,
	node_name_id       int         NOT NULL REFERENCES jqm.name_snapshot (id),
	random_id          uuid        NOT NULL UNIQUE,
	path               text        NOT NULL CHECK (length(path) BETWEEN 1 AND 1024),
	original_file_name text        NOT NULL CHECK (length(original_file_name) BETWEEN 1 AND 255),
	file_family        text        CHECK (length(file_family) <= 255),
	size_bytes         bigint      NOT NULL CHECK (size_bytes >= 0),
	sha256             text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
	created_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX deliverable_job_instance ON jqm.deliverable (job_instance_id);

-- "A runner of this node sleeps and wants to be told": enqueue looks here before it notifies.
-- Unlogged: after a crash nobody sleeps, runners raise it again.
CREATE UNLOGGED TABLE jqm.runner_waiting (
	queue_id bigint NOT NULL,
	node_id  bigint NOT NULL,
	PRIMARY KEY (queue_id, node_id)
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- What a job still waits for: job_instance.waits_for counts its rows, and they go with it (no foreign key:
-- the end of every job would pay for it).  Only older jobs can be waited for, so nothing waits in a circle.
CREATE TABLE jqm.job_dependency (
	job_instance_id bigint NOT NULL,
	waits_for       bigint NOT NULL,
	condition       text   NOT NULL CHECK (condition IN ('success', 'failure', 'end')),
	PRIMARY KEY (job_instance_id, waits_for),
	CONSTRAINT only_older CHECK (waits_for < job_instance_id)
);
CREATE INDEX job_dependency_waits_for ON jqm.job_dependency (waits_for);

-- What it was told to wait for, for readers, live or past.
CREATE TABLE jqm.job_waited_for (
	job_instance_id bigint NOT NULL,
	waits_for       bigint NOT NULL,
	condition       text   NOT NULL,
	PRIMARY KEY (job_instance_id, waits_for)
);
CREATE INDEX job_waited_for_waits_for ON jqm.job_waited_for (waits_for, job_instance_id);

-- Which job was enqueued in place of one that had crashed: a crash is restarted once.  The row belongs
-- to the new job wherever that one is, as its messages do.
CREATE TABLE jqm.job_restart (
	restart_of      bigint PRIMARY KEY,
	job_instance_id bigint NOT NULL UNIQUE
);

-- Attempts that failed and were followed by another one; the last one is in history.
CREATE TABLE jqm.job_attempt (
	job_instance_id bigint      NOT NULL,
	attempt         int         NOT NULL,
	node_name_id    int         NOT NULL,
	attributed_at   timestamptz NOT NULL,
	started_at      timestamptz,
	ended_at        timestamptz NOT NULL,
	exit_code       int,
	signal          int,
	reason          text        CHECK (length(reason) <= 1000),
	PRIMARY KEY (job_instance_id, attempt)
);

-- Mails to be sent about jobs; whoever sends one deletes its row.
CREATE TABLE jqm.mail (
	id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job_instance_id bigint      NOT NULL,
	occasion        text        NOT NULL CHECK (occasion IN ('END', 'LATE')),
	recipient       text        NOT NULL,
	created_at      timestamptz NOT NULL DEFAULT now(),
	tries           int         NOT NULL DEFAULT 0,
	next_try_at     timestamptz NOT NULL DEFAULT now(),
	last_error      text
);
CREATE INDEX mail_next_try ON jqm.mail (next_try_at);
