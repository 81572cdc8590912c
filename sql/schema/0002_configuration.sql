-- SPDX-License-Identifier: Apache-2.0
-- What administrators describe: parameters, queues, nodes, which node polls which queue, definitions.
SET LOCAL ROLE jqm_owner;

-- Names of queues, nodes and users as history shows them: immutable, never deleted, found by id.  Kind 'a': who asked for
-- a job, "<account's number>:<login>"; no number for who has no account.
CREATE TABLE jqm.name_snapshot (
	id   int    GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind "char" NOT NULL CHECK (kind IN ('q', 'n', 'u', 'a')),
	name text   COLLATE "C" NOT NULL,
	UNIQUE (kind, name)
);

-- The id of a name; made at first use.  Two sessions that meet the same new name get the same id.
CREATE FUNCTION jqm.name_snapshot_id(p_kind "char", p_name text) RETURNS int
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_id int;
BEGIN
	IF p_name IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT id INTO v_id FROM name_snapshot WHERE kind = p_kind AND name = p_name;
	IF v_id IS NULL THEN
		INSERT INTO name_snapshot (kind, name) VALUES (p_kind, p_name)
		    ON CONFLICT DO NOTHING RETURNING id INTO v_id;
		IF v_id IS NULL THEN
			SELECT id INTO v_id FROM name_snapshot WHERE kind = p_kind AND name = p_name;
		END IF;
	END IF;
	RETURN v_id;
END
$$;

-- A definition as it was when a job was enqueued (name and tags): history refers to it.
CREATE TABLE jqm.definition_snapshot (
	id          int  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text COLLATE "C" NOT NULL,
	application text, module text, keyword1 text, keyword2 text, keyword3 text,
	UNIQUE NULLS NOT DISTINCT (name, application, module, keyword1, keyword2, keyword3)
);

CREATE TABLE jqm.global_parameter (
	id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key           text        NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 255),
	value         text        NOT NULL CHECK (length(value) <= 1000),
	last_modified timestamptz NOT NULL DEFAULT now()
);

-- Is that switch of the cluster on?  True as in JQM: the word in any case; all else is false.
CREATE FUNCTION jqm.parameter_is_on(p_key text, p_when_absent boolean) RETURNS boolean
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT coalesce((SELECT lower(btrim(value)) = 'true' FROM global_parameter WHERE key = p_key), p_when_absent)
$$;

CREATE TABLE jqm.queue (
	id            bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name          text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
	description   text    NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
	default_queue boolean NOT NULL DEFAULT false,
	time_to_live  int,
	-- A job that waits gains one priority each time this many seconds have passed; NULL: never.
	ageing_s      int     CHECK (ageing_s BETWEEN 1 AND 31536000),
	aged_at       timestamptz,
	name_id       int     NOT NULL REFERENCES jqm.name_snapshot (id)
);
-- At most one default queue; none at all is a step between two, and enqueue says so.
CREATE UNIQUE INDEX queue_one_default ON jqm.queue ((true)) WHERE default_queue;

CREATE TABLE jqm.node (
	id              bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name            text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
	dns             text    NOT NULL DEFAULT 'localhost' CHECK (length(dns) BETWEEN 1 AND 255),
	port            int     NOT NULL DEFAULT 1789 CHECK (port BETWEEN 0 AND 65535),
	enabled         boolean NOT NULL DEFAULT true,
	stop            boolean NOT NULL DEFAULT false,
	draining        boolean NOT NULL DEFAULT false, -- takes no job any more, stops when the last has ended
	ordered_by      text    CHECK (length(ordered_by) <= 255), -- who ordered the stop or drain
	load_api_admin  boolean NOT NULL DEFAULT true,
	load_api_client boolean NOT NULL DEFAULT true,
	load_api_simple boolean NOT NULL DEFAULT true,
	template        boolean NOT NULL DEFAULT false, -- JQM's: a pattern for other nodes; stored, shown, not counted
	jmx_registry_port int   NOT NULL DEFAULT 0 CHECK (jmx_registry_port BETWEEN 0 AND 65535), -- JQM's; stored
	jmx_server_port int     NOT NULL DEFAULT 0 CHECK (jmx_server_port BETWEEN 0 AND 65535),
	root_log_level  text    NOT NULL DEFAULT 'INFO'
	                CHECK (root_log_level IN ('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL')),
	repo_job_def     text   NOT NULL CHECK (length(repo_job_def) <= 1024),
	repo_deliverable text   NOT NULL CHECK (length(repo_deliverable) <= 1024),
	repo_tmp         text   NOT NULL DEFAULT '' CHECK (length(repo_tmp) <= 1024),
	name_id         int     NOT NULL REFERENCES jqm.name_snapshot (id),
	-- The runner's lease.  incarnation counts the runners that ever served this node: every write of a
	-- runner names it.  instance_id tells the same installation restarted from another one that took
	-- the same name.
	incarnation     bigint  NOT NULL DEFAULT 0,
	instance_id     uuid,
	lease_ms        int,
	lease_until     timestamptz,
	lease_since     timestamptz, -- held without a gap since then
	last_seen_alive timestamptz
) WITH (fillfactor = 50);

-- JQM calls it deployment parameter: how many jobs of a queue a node may run, how often it looks.
CREATE TABLE jqm.queue_mapping (
	id                  bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	node_id             bigint  NOT NULL REFERENCES jqm.node (id) ON DELETE CASCADE,
	queue_id            bigint  NOT NULL REFERENCES jqm.queue (id) ON DELETE CASCADE,
	max_jobs            int     NOT NULL CHECK (max_jobs BETWEEN 0 AND 100000),
	polling_interval_ms int     NOT NULL CHECK (polling_interval_ms BETWEEN 1 AND 86400000),
	enabled             boolean NOT NULL DEFAULT true,
	last_modified       timestamptz NOT NULL DEFAULT now(),
	last_polled         timestamptz,
	UNIQUE (node_id, queue_id)
) WITH (fillfactor = 50);
CREATE INDEX queue_mapping_queue ON jqm.queue_mapping (queue_id);

-- Java class loading options: stored for descriptors that name them, never used by our runner.
CREATE TABLE jqm.execution_context (
	id              bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name            text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
	child_first     boolean NOT NULL DEFAULT false,
	tracing         boolean NOT NULL DEFAULT false,
	persistent      boolean NOT NULL DEFAULT true,
	hidden_classes  text    CHECK (length(hidden_classes) <= 1024),
	allowed_runners text    CHECK (length(allowed_runners) <= 1024),
	extra_classpath_dirs text CHECK (length(extra_classpath_dirs) <= 1024),
	excluded_class_prefixes text CHECK (length(excluded_class_prefixes) <= 1024),
	-- [{"className": .., "event": "JI_STARTING", "parameters": {..}}]
	handlers        jsonb   NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(handlers) = 'array')
);

-- A secret value: {"secret": "1:KEY:BOX"} (shared/crypto/secret_box.h) where others are a text.  "": none was given yet.
CREATE FUNCTION jqm.secret_ok(p jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT jsonb_typeof(p) = 'object' AND p - 'secret' = '{}' AND jsonb_typeof(p -> 'secret') = 'string'
	   AND p ->> 'secret' ~ '^(1:[0-9a-f]{16}:[A-Za-z0-9+/]{38}[A-Za-z0-9+/]*={0,2})?$' AND length(p ->> 'secret') <= 8000
$$;

-- Parameters of definitions, requests and jobs: {"key": "value"}, JQM's sizes, at most 1,000.
CREATE FUNCTION jqm.parameters_ok(p jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p = '{}' THEN true
	    WHEN jsonb_typeof(p) <> 'object' THEN false
	    WHEN (SELECT count(*) FROM jsonb_object_keys(p)) > 1000 THEN false
	    ELSE NOT EXISTS (SELECT FROM jsonb_each(p) AS e
	        WHERE length(e.key) NOT BETWEEN 1 AND 50
	           OR CASE jsonb_typeof(e.value) WHEN 'string' THEN length(e.value #>> '{}') NOT BETWEEN 1 AND 1000
	              ELSE NOT jqm.secret_ok(e.value) END) END
$$;

-- Could any of the parameters be one that needs_of() reads?  Cheap: each enqueue asks.
CREATE FUNCTION jqm.has_needs(p_parameters jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT p_parameters <> '{}' AND p_parameters::text LIKE '%com.enioka.jqm.rm.%' $$;

CREATE TABLE jqm.job_def (
	id               bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name             text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
	description      text    NOT NULL DEFAULT '' CHECK (length(description) <= 1024),
	queue_id         bigint  NOT NULL REFERENCES jqm.queue (id),
	path             text    NOT NULL CHECK (length(path) BETWEEN 1 AND 1024),
	path_type        text    NOT NULL CHECK (path_type IN ('FS', 'MAVEN', 'MEMORY',
	                         'DEFAULTSHELLCOMMAND', 'POWERSHELLCOMMAND', 'DIRECTEXECUTABLE')),
	class_name       text    NOT NULL DEFAULT 'none' CHECK (length(class_name) <= 100),
	highlander       boolean NOT NULL DEFAULT false,
	enabled          boolean NOT NULL DEFAULT true,
	external         boolean NOT NULL DEFAULT false,
	can_be_restarted boolean NOT NULL DEFAULT true,
	java_opts        text    CHECK (length(java_opts) <= 1024),
	priority         int,
	execution_context_id bigint REFERENCES jqm.execution_context (id),
	alert_after_min  int, -- running longer is said; 0 and NULL: never
	-- Limits of a run; NULL: the node's own, or none.  jqm.job_def_check() refuses wrong ones by name.
	run_max_s        int, -- then it is killed
	grace_ms         int, -- from TERM to KILL, whoever kills
	log_max_bytes    bigint, -- of each output; the middle of a longer one is cut out
	files_max_bytes  bigint, -- of all delivered files; 0: no limit
	files_max_count  int,
	memory_max_bytes bigint,
	cpu_max_s        int, -- seconds of processor time
	processes_max    int, -- with their threads
	umask            int,
	working_directory text, -- absolute, or below the node's job repository
	run_as           text, -- an account of the node's system, if its keeper may; NULL: the node's own
	-- A failed attempt is followed by another one while there are fewer than attempts_max.
	attempts_max     int     NOT NULL DEFAULT 1,
	retry_backoff    text    NOT NULL DEFAULT 'FIXED',
	retry_delay_s    int     NOT NULL DEFAULT 60,
	retry_delay_max_s int    NOT NULL DEFAULT 3600,
	retry_exit_codes int[], -- only after these; NULL: after any failure
	-- A job whose node was lost while it ran: CRASH, REQUEUE (node_losses_max times at most) or HOLD.
	on_node_loss     text    NOT NULL DEFAULT 'CRASH',
	node_losses_max  int     NOT NULL DEFAULT 2,
	concurrency_key  text, -- of jqm.concurrency_limit, unless the request names another
	application text CHECK (length(application) <= 50), module text CHECK (length(module) <= 50),
	keyword1 text CHECK (length(keyword1) <= 50), keyword2 text CHECK (length(keyword2) <= 50),
	keyword3 text CHECK (length(keyword3) <= 50),
	parameters       jsonb   NOT NULL DEFAULT '{}' CHECK (jqm.parameters_ok(parameters)),
	has_secrets      boolean NOT NULL DEFAULT false, -- kept by first_secrets()
	parameter_types  jsonb   NOT NULL DEFAULT '[]', -- see 0042
	-- Over what decides what is executed (shared/model/signed_definition.h), by a key that is never here.
	signature        text,
	snapshot_id      int     NOT NULL REFERENCES jqm.definition_snapshot (id),
	last_modified    timestamptz NOT NULL DEFAULT now(),
	-- Jobs of it may be ordinary ones (jqm.enqueue()), if what is asked is.
	is_ordinary      boolean NOT NULL GENERATED ALWAYS AS (NOT highlander AND NOT has_secrets
	                         AND concurrency_key IS NULL AND parameter_types = '[]' AND NOT jqm.has_needs(parameters)) STORED
);
CREATE INDEX job_def_queue ON jqm.job_def (queue_id);

CREATE FUNCTION jqm.job_def_snapshot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	SELECT id INTO NEW.snapshot_id FROM definition_snapshot AS s
	 WHERE s.name = NEW.name AND s.application IS NOT DISTINCT FROM NEW.application
	   AND s.module IS NOT DISTINCT FROM NEW.module
	   AND s.keyword1 IS NOT DISTINCT FROM NEW.keyword1
	   AND s.keyword2 IS NOT DISTINCT FROM NEW.keyword2
	   AND s.keyword3 IS NOT DISTINCT FROM NEW.keyword3;
	IF NOT FOUND THEN
		INSERT INTO definition_snapshot (name, application, module, keyword1, keyword2, keyword3)
		VALUES (NEW.name, NEW.application, NEW.module, NEW.keyword1, NEW.keyword2, NEW.keyword3)
		ON CONFLICT (name, application, module, keyword1, keyword2, keyword3)
		DO UPDATE SET name = EXCLUDED.name RETURNING id INTO NEW.snapshot_id;
	END IF;
	IF TG_OP = 'INSERT' OR NEW IS DISTINCT FROM OLD THEN
		NEW.last_modified := now();
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER job_def_snapshot BEFORE INSERT OR UPDATE ON jqm.job_def
    FOR EACH ROW EXECUTE FUNCTION jqm.job_def_snapshot();

CREATE FUNCTION jqm.set_name_id() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	NEW.name_id := name_snapshot_id(TG_ARGV[0]::"char", NEW.name);
	RETURN NEW;
END
$$;
CREATE TRIGGER queue_name_id BEFORE INSERT OR UPDATE OF name ON jqm.queue
    FOR EACH ROW EXECUTE FUNCTION jqm.set_name_id('q');
CREATE TRIGGER node_name_id BEFORE INSERT OR UPDATE OF name ON jqm.node
    FOR EACH ROW EXECUTE FUNCTION jqm.set_name_id('n');

-- What the discrete resource is called, in lower case: global parameter discreteRmName.
CREATE FUNCTION jqm.discrete_name() RETURNS text
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT coalesce((SELECT lower(value) FROM global_parameter WHERE key = 'discreteRmName'), 'ports')
$$;

/*
 * The parameters through which a job says what it needs of the resource managers, JQM's names:
 *	com.enioka.jqm.rm.quantity[.thread].consumption		of the mapping's number of jobs; default 1
 *	com.enioka.jqm.rm.discrete[.NAME].consumption		items of the cluster's list; default 0
 * NAME is global parameter discreteRmName (ports), the list discreteRmList.  The form with a name wins.
 * Every such parameter must be a number, whether it counts here or not: JQ400 names the one that is not.
 */
CREATE FUNCTION jqm.needs_of(p_parameters jsonb, OUT consumption int, OUT items_wanted int)
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v record;
BEGIN
	FOR v IN SELECT e.key, e.value FROM jsonb_each_text(p_parameters) AS e
	          WHERE e.key ~ '^com\.enioka\.jqm\.rm\.(quantity|discrete)\.(.*\.)?consumption$' LOOP
		-- 100,000 is the most a mapping may have.
		IF v.value !~ '^ *[0-9]{1,6} *$' OR v.value::int > 100000 OR (v.value::int = 0 AND v.key ~ 'quantity') THEN
			RAISE EXCEPTION 'parameter "%" is "%", not a number from % to 100000', v.key,
			    left(v.value, 40), CASE WHEN v.key ~ 'quantity' THEN 1 ELSE 0 END USING ERRCODE = 'JQ400';
		END IF;
	END LOOP;
	consumption := coalesce(p_parameters ->> 'com.enioka.jqm.rm.quantity.thread.consumption',
	    p_parameters ->> 'com.enioka.jqm.rm.quantity.consumption', '1');
	items_wanted := coalesce(
	    p_parameters ->> format('com.enioka.jqm.rm.discrete.%s.consumption', discrete_name()),
	    p_parameters ->> 'com.enioka.jqm.rm.discrete.consumption', '0');
END
$$;

-- JQ400 naming the field unless p_least <= p_value <= p_most; NULL is fine.
CREATE FUNCTION jqm.check_range(p_field text, p_value bigint, p_least bigint, p_most bigint) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF p_value NOT BETWEEN p_least AND p_most THEN
		RAISE EXCEPTION 'field "%" is %, outside % to %', p_field, p_value, p_least, p_most
		    USING ERRCODE = 'JQ400';
	END IF;
END
$$;

CREATE FUNCTION jqm.check_choice(p_field text, p_value text, VARIADIC p_choices text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF p_value <> ALL (p_choices) THEN
		RAISE EXCEPTION 'field "%" is "%", not one of: %', p_field, left(p_value, 40),
		    array_to_string(p_choices, ' ') USING ERRCODE = 'JQ400';
	END IF;
END
$$;

-- Everything of a definition that a runner would stumble over is refused here, by the name users know.
CREATE FUNCTION jqm.job_def_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_range('priority', NEW.priority, 1, 10),
	        check_range('reasonableRuntimeLimitMinute', NEW.alert_after_min, 0, 2147483647),
	        check_range('runMaxSeconds', NEW.run_max_s, 1, 31536000),
	        check_range('graceMs', NEW.grace_ms, 0, 3600000),
	        check_range('logMaxBytes', NEW.log_max_bytes, 65536, 1::bigint << 50),
	        check_range('filesMaxBytes', NEW.files_max_bytes, 0, 1::bigint << 50),
	        check_range('filesMaxCount', NEW.files_max_count, 0, 1000000),
	        check_range('memoryMaxBytes', NEW.memory_max_bytes, 1 << 20, 1::bigint << 50),
	        check_range('cpuMaxSeconds', NEW.cpu_max_s, 1, 31536000),
	        check_range('processesMax', NEW.processes_max, 1, 100000),
	        check_range('umask', NEW.umask, 0, 511),
	        check_range('attemptsMax', NEW.attempts_max, 1, 100),
	        check_range('retryDelaySeconds', NEW.retry_delay_s, 0, 604800),
	        check_range('retryDelayMaxSeconds', NEW.retry_delay_max_s, 0, 604800),
	        check_range('nodeLossesMax', NEW.node_losses_max, 0, 10),
	        check_choice('retryBackoff', NEW.retry_backoff, 'FIXED', 'EXPONENTIAL'),
	        check_choice('onNodeLoss', NEW.on_node_loss, 'CRASH', 'REQUEUE', 'HOLD');
	IF length(NEW.working_directory) NOT BETWEEN 1 AND 1024 THEN
		RAISE EXCEPTION 'field "workingDirectory" must have 1 to 1024 characters' USING ERRCODE = 'JQ400';
	ELSIF length(NEW.concurrency_key) NOT BETWEEN 1 AND 100 THEN
		RAISE EXCEPTION 'field "concurrencyKey" must have 1 to 100 characters' USING ERRCODE = 'JQ400';
	ELSIF NEW.run_as !~ '^[A-Za-z_][A-Za-z0-9_.-]{0,31}$' OR NEW.run_as = 'root' THEN
		RAISE EXCEPTION 'field "runAs" is "%", not the name of an account that jobs may run as',
		    left(NEW.run_as, 40) USING ERRCODE = 'JQ400';
	ELSIF NEW.signature !~ '^ed25519:[0-9a-f]{16}:[A-Za-z0-9+/]{86}==$' THEN
		RAISE EXCEPTION 'field "signature" is none: jqm definition sign makes one' USING ERRCODE = 'JQ400';
	ELSIF NEW.retry_backoff = 'EXPONENTIAL' AND NEW.retry_delay_s > NEW.retry_delay_max_s THEN
		RAISE EXCEPTION 'field "retryDelaySeconds" is %, more than retryDelayMaxSeconds, which is %',
		    NEW.retry_delay_s, NEW.retry_delay_max_s USING ERRCODE = 'JQ400';
	ELSIF cardinality(NEW.retry_exit_codes) NOT BETWEEN 1 AND 255
	   OR NOT 1 <= ALL (NEW.retry_exit_codes) OR NOT 255 >= ALL (NEW.retry_exit_codes)
	   OR array_position(NEW.retry_exit_codes, NULL) IS NOT NULL THEN
		RAISE EXCEPTION 'field "retryExitCodes" must be numbers from 1 to 255' USING ERRCODE = 'JQ400';
	END IF;
	IF has_needs(NEW.parameters) THEN
		PERFORM needs_of(NEW.parameters);
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER job_def_check BEFORE INSERT OR UPDATE ON jqm.job_def
    FOR EACH ROW EXECUTE FUNCTION jqm.job_def_check();

-- What a signature is over changed, and it did not: it is one no more.  That only tells people; nodes that want
-- signatures look at them themselves.  The columns are those of shared/model/signed_definition.c.
CREATE FUNCTION jqm.job_def_unsign() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NEW.signature = OLD.signature THEN
		NEW.signature := NULL;
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER job_def_unsign BEFORE UPDATE ON jqm.job_def FOR EACH ROW
    WHEN ((OLD.name, OLD.path, OLD.path_type, OLD.working_directory, OLD.run_max_s, OLD.grace_ms, OLD.log_max_bytes,
           OLD.files_max_bytes, OLD.files_max_count, OLD.memory_max_bytes, OLD.cpu_max_s, OLD.processes_max, OLD.umask,
           OLD.run_as)
        IS DISTINCT FROM
          (NEW.name, NEW.path, NEW.path_type, NEW.working_directory, NEW.run_max_s, NEW.grace_ms, NEW.log_max_bytes,
           NEW.files_max_bytes, NEW.files_max_count, NEW.memory_max_bytes, NEW.cpu_max_s, NEW.processes_max, NEW.umask,
           NEW.run_as))
    EXECUTE FUNCTION jqm.job_def_unsign();

/*
 * Limits for the whole cluster: at most max_running jobs with that key at a time, at most rate starts in
 * any rate_period_s seconds.  A key without a row is free.  Administrators edit the rows.
 */
CREATE TABLE jqm.concurrency_limit (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key           text   NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 100),
	description   text   NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
	max_running   int    CHECK (max_running BETWEEN 0 AND 100000),
	rate          int    CHECK (rate BETWEEN 1 AND 10000),
	rate_period_s int    CHECK (rate_period_s BETWEEN 1 AND 31536000),
	-- The last starts that still count for the rate, oldest first; ours.
	starts        timestamptz[] NOT NULL DEFAULT '{}',
	CONSTRAINT rate_has_period CHECK ((rate IS NULL) = (rate_period_s IS NULL))
) WITH (fillfactor = 50);

-- A recurring wish to run a definition.  What is NULL is the definition's.
CREATE TABLE jqm.schedule (
	id              bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	job_def_id      bigint  NOT NULL REFERENCES jqm.job_def (id) ON DELETE CASCADE,
	cron_expression text    NOT NULL CHECK (length(cron_expression) BETWEEN 1 AND 255),
	time_zone       text    NOT NULL DEFAULT '' CHECK (length(time_zone) <= 64), -- IANA name; '': the node's
	-- AND: day of month and day of week must both match (JQM); OR: one of them, when both are given (cron).
	day_rule        text    NOT NULL DEFAULT 'AND' CHECK (day_rule IN ('AND', 'OR')),
	queue_id        bigint  REFERENCES jqm.queue (id),
	priority        int     CHECK (priority BETWEEN 1 AND 10),
	parameters      jsonb   NOT NULL DEFAULT '{}' CHECK (jqm.parameters_ok(parameters)),
	has_secrets     boolean NOT NULL DEFAULT false, -- kept by first_secrets()
	enabled         boolean NOT NULL DEFAULT true,
	-- The job of an earlier slot is not over: start another one, none, or one in its place.
	overlap         text    NOT NULL DEFAULT 'ALLOW' CHECK (overlap IN ('ALLOW', 'SKIP', 'REPLACE')),
	-- Slots that passed while no node was there: none, one for all of them, or each that is not older.
	misfire         text    NOT NULL DEFAULT 'ONCE' CHECK (misfire IN ('SKIP', 'ONCE', 'ALL')),
	misfire_window_s int    NOT NULL DEFAULT 86400 CHECK (misfire_window_s BETWEEN 60 AND 31536000),
	next_fire_at    timestamptz, -- NULL: to be computed; with a problem: cannot be
	since           timestamptz NOT NULL DEFAULT now(), -- until then: slots after this count
	problem         text, -- why it cannot fire, or what went wrong the last time
	version         bigint  NOT NULL DEFAULT 1, -- counts the changes
	last_updated    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX schedule_job_def ON jqm.schedule (job_def_id);
CREATE INDEX schedule_queue ON jqm.schedule (queue_id) WHERE queue_id IS NOT NULL;
CREATE INDEX schedule_due ON jqm.schedule (coalesce(next_fire_at, '-infinity'), id)
    WHERE enabled AND (next_fire_at IS NOT NULL OR problem IS NULL);
