-- SPDX-License-Identifier: Apache-2.0
-- What administrators describe: parameters, queues, nodes, which node polls which queue, definitions.
SET LOCAL ROLE jqm_owner;

-- Names of queues, nodes and users as history shows them: immutable, never deleted, found by id.
CREATE TABLE jqm.name_snapshot (
	id   int    GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind "char" NOT NULL CHECK (kind IN ('q', 'n', 'u')),
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
	key           text        NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 50),
	value         text        NOT NULL CHECK (length(value) <= 1000),
	last_modified timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE jqm.queue (
	id            bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name          text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 50),
	description   text    NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
	default_queue boolean NOT NULL DEFAULT false,
	time_to_live  int,
	name_id       int     NOT NULL REFERENCES jqm.name_snapshot (id)
);
-- At most one default queue; none at all is a step between two, and enqueue says so.
CREATE UNIQUE INDEX queue_one_default ON jqm.queue ((true)) WHERE default_queue;

CREATE TABLE jqm.node (
	id              bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name            text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
	dns             text    NOT NULL DEFAULT 'localhost' CHECK (length(dns) BETWEEN 1 AND 255),
	port            int     NOT NULL DEFAULT 1789 CHECK (port BETWEEN 0 AND 65535),
	enabled         boolean NOT NULL DEFAULT true,
	stop            boolean NOT NULL DEFAULT false,
	load_api_admin  boolean NOT NULL DEFAULT true,
	load_api_client boolean NOT NULL DEFAULT true,
	load_api_simple boolean NOT NULL DEFAULT true,
	root_log_level  text    NOT NULL DEFAULT 'INFO'
	                CHECK (root_log_level IN ('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL')),
	repo_job_def     text   NOT NULL CHECK (length(repo_job_def) <= 1024),
	repo_deliverable text   NOT NULL CHECK (length(repo_deliverable) <= 1024),
	repo_tmp         text   NOT NULL CHECK (length(repo_tmp) <= 1024),
	name_id         int     NOT NULL REFERENCES jqm.name_snapshot (id),
	-- The runner's lease.  incarnation counts the runners that ever served this node: every write of a
	-- runner names it.  instance_id tells the same installation restarted from another one that took
	-- the same name.
	incarnation     bigint  NOT NULL DEFAULT 0,
	instance_id     uuid,
	lease_until     timestamptz,
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
	name            text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
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

-- Parameters of definitions, requests and jobs: {"key": "value"}, JQM's sizes, at most 1,000.
CREATE FUNCTION jqm.parameters_ok(p jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p = '{}' THEN true
	    WHEN jsonb_typeof(p) <> 'object' THEN false
	    WHEN (SELECT count(*) FROM jsonb_object_keys(p)) > 1000 THEN false
	    ELSE NOT EXISTS (SELECT FROM jsonb_each(p) AS e
	        WHERE length(e.key) NOT BETWEEN 1 AND 50
	           OR jsonb_typeof(e.value) <> 'string'
	           OR length(e.value #>> '{}') NOT BETWEEN 1 AND 1000) END
$$;

CREATE TABLE jqm.job_def (
	id               bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name             text    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
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
	priority         int     CHECK (priority BETWEEN 1 AND 10),
	execution_context_id bigint REFERENCES jqm.execution_context (id),
	alert_after_min  int     CHECK (alert_after_min >= 0),
	application text CHECK (length(application) <= 50), module text CHECK (length(module) <= 50),
	keyword1 text CHECK (length(keyword1) <= 50), keyword2 text CHECK (length(keyword2) <= 50),
	keyword3 text CHECK (length(keyword3) <= 50),
	parameters       jsonb   NOT NULL DEFAULT '{}' CHECK (jqm.parameters_ok(parameters)),
	snapshot_id      int     NOT NULL REFERENCES jqm.definition_snapshot (id),
	last_modified    timestamptz NOT NULL DEFAULT now()
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
	NEW.last_modified := now();
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
