-- SPDX-License-Identifier: Apache-2.0
-- What the admin API reads and writes: each kind of object as one JSON document, under the names its path and
-- its members have there.  What may be stored is decided by the tables (0021, 0022); here is only how documents
-- become rows and back, who has seen which state of them, and that a call is done as a whole or not at all.
SET LOCAL ROLE jqm_owner;

CREATE TABLE jqm.admin_kind (
	kind       text   PRIMARY KEY, -- in paths; view admin_<kind> has its documents
	table_name text   NOT NULL,
	noun       text   NOT NULL,
	fleeting   text[] NOT NULL DEFAULT '{}' -- members that change by themselves: no new state for an editor
);
INSERT INTO jqm.admin_kind VALUES
	('node', 'node', 'node', '{lastSeenAlive,reportsRunning,alive,runningJobs,draining}'),
	('q', 'queue', 'queue', '{}'),
	('qmapping', 'queue_mapping', 'queue mapping', '{}'),
	('jndi', 'jndi_resource', 'resource', '{}'),
	('prm', 'global_parameter', 'global parameter', '{}'),
	('jd', 'job_def', 'job definition', '{}'),
	('schedule', 'schedule', 'schedule', '{nextFireDate,problem}'),
	('cl', 'execution_context', 'execution context', '{}'),
	('user', 'account', 'account', '{}'),
	('role', 'role', 'role', '{}'),
	('concurrency', 'concurrency_limit', 'concurrency limit', '{running}');

CREATE FUNCTION jqm.milliseconds(p_moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN isfinite(p_moment) THEN floor(extract(epoch FROM p_moment) * 1000)::bigint END
$$;
-- {"a": "b"} as [{"key": "a", "value": "b"}]; a secret one with the mask for its value, and "secret": true
CREATE FUNCTION jqm.pairs(p jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(jsonb_agg(CASE jsonb_typeof(e.value)
	    WHEN 'object' THEN '{"value": "********", "secret": true}' ELSE jsonb_build_object('value', e.value) END
	    || jsonb_build_object('key', e.key) ORDER BY e.key), '[]') FROM jsonb_each(p) AS e
$$;

CREATE VIEW jqm.admin_node AS
SELECT n.id, n.name, n.dns, n.port, n.repo_deliverable AS "outputDirectory", nullif(n.repo_tmp, '') AS "tmpDirectory",
       n.repo_job_def AS "jobRepoDirectory", n.root_log_level AS "rootLogLevel",
       jqm.milliseconds(n.last_seen_alive) AS "lastSeenAlive", n.jmx_registry_port AS "jmxRegistryPort",
       n.jmx_server_port AS "jmxServerPort", n.stop, n.enabled, n.load_api_simple AS "loapApiSimple",
       n.load_api_client AS "loadApiClient", n.load_api_admin AS "loadApiAdmin",
       coalesce(n.lease_until > now(), false) AS "reportsRunning", n.template, n.draining,
       coalesce(n.lease_until > now(), false) AS alive,
       (SELECT count(*) FROM jqm.job_instance AS j WHERE j.node_id = n.id) AS "runningJobs"
  FROM jqm.node AS n;

CREATE VIEW jqm.admin_q AS
SELECT id, name, description, default_queue AS "defaultQueue", ageing_s AS "ageingSeconds" FROM jqm.queue;

CREATE VIEW jqm.admin_qmapping AS
SELECT m.id, m.node_id AS "nodeId", n.name AS "nodeName", m.queue_id AS "queueId", q.name AS "queueName",
       m.max_jobs AS "nbThread", m.polling_interval_ms AS "pollingInterval", m.enabled
  FROM jqm.queue_mapping AS m JOIN jqm.node AS n ON n.id = m.node_id JOIN jqm.queue AS q ON q.id = m.queue_id;

CREATE VIEW jqm.admin_jndi AS
SELECT id, name, auth, type, factory, description, singleton, template, jqm.pairs(parameters) AS parameters
  FROM jqm.jndi_resource;

CREATE VIEW jqm.admin_prm AS SELECT id, key, value FROM jqm.global_parameter;

CREATE VIEW jqm.admin_schedule AS
SELECT s.id, s.cron_expression AS "cronExpression", jqm.milliseconds(s.last_updated) AS "lastUpdated",
       s.queue_id AS queue, s.priority, jqm.pairs(s.parameters) AS parameters, s.job_def_id AS "jobDefId",
       s.time_zone AS "timeZone", s.day_rule AS "dayRule", s.enabled, s.overlap, s.misfire,
       s.misfire_window_s AS "misfireWindowSeconds", jqm.milliseconds(s.next_fire_at) AS "nextFireDate", s.problem
  FROM jqm.schedule AS s;

CREATE VIEW jqm.admin_jd AS
SELECT d.id, d.description, d.can_be_restarted AS "canBeRestarted", d.class_name AS "javaClassName",
       d.queue_id AS "queueId", d.name AS "applicationName", d.application, d.module, d.keyword1, d.keyword2,
       d.keyword3, d.highlander, d.enabled, d.path AS "jarPath", d.path_type AS "pathType",
       coalesce(d.alert_after_min, 0) AS "reasonableRuntimeLimitMinute", d.execution_context_id AS "classLoaderId",
       (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.id), '[]') FROM jqm.admin_schedule AS s
         WHERE s."jobDefId" = d.id) AS schedules,
       jqm.pairs(d.parameters) AS parameters, d.priority, d.external, d.java_opts AS "javaOpts",
       d.run_max_s AS "runMaxSeconds", d.grace_ms AS "graceMs", d.log_max_bytes AS "logMaxBytes",
       d.files_max_bytes AS "filesMaxBytes", d.files_max_count AS "filesMaxCount",
       d.memory_max_bytes AS "memoryMaxBytes", d.cpu_max_s AS "cpuMaxSeconds", d.processes_max AS "processesMax",
       (d.umask / 64)::text || d.umask / 8 % 8 || d.umask % 8 AS umask,
       d.working_directory AS "workingDirectory", d.attempts_max AS "attemptsMax", d.retry_backoff AS "retryBackoff",
       d.retry_delay_s AS "retryDelaySeconds", d.retry_delay_max_s AS "retryDelayMaxSeconds",
       to_jsonb(coalesce(d.retry_exit_codes, '{}')) AS "retryExitCodes", d.on_node_loss AS "onNodeLoss",
       d.node_losses_max AS "nodeLossesMax", d.concurrency_key AS "concurrencyKey", d.run_as AS "runAs", d.signature,
       d.parameter_types AS "parameterTypes"
  FROM jqm.job_def AS d;

CREATE VIEW jqm.admin_cl AS
SELECT id, name, child_first AS "childFirst", hidden_classes AS "hiddenClasses", tracing AS "tracingEnabled",
       persistent, allowed_runners AS "allowedRunners", extra_classpath_dirs AS "extraClasspathDirs",
       excluded_class_prefixes AS "excludedClassPrefixes",
       (SELECT coalesce(jsonb_agg(h.doc || jsonb_build_object('parameters', jqm.pairs(h.doc -> 'parameters')) ORDER BY h.n), '[]')
          FROM jsonb_array_elements(handlers) WITH ORDINALITY AS h(doc, n)) AS handlers
  FROM jqm.execution_context;

CREATE VIEW jqm.admin_user AS
SELECT a.id, a.login, a.locked, a.internal, jqm.milliseconds(a.expiration_date) AS "expirationDate",
       jqm.milliseconds(a.creation_date) AS "creationDate", a.free_text AS "freeText", a.email,
       (SELECT coalesce(jsonb_agg(r.role_id ORDER BY r.role_id), '[]') FROM jqm.account_role AS r
         WHERE r.account_id = a.id) AS roles,
       a.password_hash IS NOT NULL AS "hasPassword", a.built_in AS "builtIn", a.version
  FROM jqm.account AS a;

CREATE VIEW jqm.admin_role AS
SELECT id, name, description, to_jsonb(permissions) AS permissions, built_in AS "builtIn" FROM jqm.role;

CREATE VIEW jqm.admin_concurrency AS
SELECT l.id, l.key, l.description, l.max_running AS "maxRunning", l.rate, l.rate_period_s AS "ratePeriodSeconds",
       (SELECT count(*) FROM jqm.job_instance AS j
         WHERE j.concurrency_key = l.key AND j.state IN ('ATTRIBUTED', 'RUNNING')) AS running
  FROM jqm.concurrency_limit AS l;
REVOKE ALL ON jqm.admin_user FROM jqm_backup;

/*
 * Which member goes to which column, and what it means that a member is not there:
 *	NULL	absent and null both store NULL, which the table refuses where a value is needed
 *	RESET	absent and null both store the column's default
 *	KEEP	absent leaves it as it is (JQM's consoles do not know it), null stores the column's default
 *	CREATE	as RESET when the row is made, never changed later
 * A form tells how the value is written in JSON: map (pairs), ms (since 1970), octal, none (0 and [] are none), hash, sealed.
 */
CREATE TABLE jqm.admin_field (
	kind        text NOT NULL REFERENCES jqm.admin_kind,
	member      text NOT NULL,
	column_name text NOT NULL,
	absent      text NOT NULL CHECK (absent IN ('NULL', 'RESET', 'KEEP', 'CREATE')),
	form        text CHECK (form IN ('map', 'ms', 'octal', 'none', 'hash', 'sealed')),
	PRIMARY KEY (kind, member)
);
INSERT INTO jqm.admin_field VALUES
	('node', 'name', 'name', 'NULL', NULL), ('node', 'dns', 'dns', 'NULL', NULL),
	('node', 'port', 'port', 'NULL', NULL), ('node', 'outputDirectory', 'repo_deliverable', 'NULL', NULL),
	('node', 'jobRepoDirectory', 'repo_job_def', 'NULL', NULL), ('node', 'tmpDirectory', 'repo_tmp', 'RESET', NULL),
	('node', 'rootLogLevel', 'root_log_level', 'KEEP', NULL),
	('node', 'jmxRegistryPort', 'jmx_registry_port', 'KEEP', NULL),
	('node', 'jmxServerPort', 'jmx_server_port', 'KEEP', NULL), ('node', 'stop', 'stop', 'RESET', NULL),
	('node', 'enabled', 'enabled', 'RESET', NULL), ('node', 'loapApiSimple', 'load_api_simple', 'KEEP', NULL),
	('node', 'loadApiClient', 'load_api_client', 'KEEP', NULL),
	('node', 'loadApiAdmin', 'load_api_admin', 'KEEP', NULL), ('node', 'template', 'template', 'KEEP', NULL),
	('q', 'name', 'name', 'NULL', NULL), ('q', 'description', 'description', 'NULL', NULL),
	('q', 'defaultQueue', 'default_queue', 'RESET', NULL), ('q', 'ageingSeconds', 'ageing_s', 'KEEP', NULL),
	('qmapping', 'nodeId', 'node_id', 'NULL', NULL), ('qmapping', 'queueId', 'queue_id', 'NULL', NULL),
	('qmapping', 'nbThread', 'max_jobs', 'NULL', NULL),
	('qmapping', 'pollingInterval', 'polling_interval_ms', 'NULL', NULL),
	('qmapping', 'enabled', 'enabled', 'RESET', NULL),
	('jndi', 'name', 'name', 'NULL', NULL), ('jndi', 'auth', 'auth', 'RESET', NULL),
	('jndi', 'type', 'type', 'NULL', NULL), ('jndi', 'factory', 'factory', 'NULL', NULL),
	('jndi', 'description', 'description', 'NULL', NULL), ('jndi', 'singleton', 'singleton', 'RESET', NULL),
	('jndi', 'template', 'template', 'NULL', NULL), ('jndi', 'parameters', 'parameters', 'RESET', 'map'),
	('prm', 'key', 'key', 'NULL', NULL), ('prm', 'value', 'value', 'NULL', NULL),
	('schedule', 'jobDefId', 'job_def_id', 'CREATE', NULL),
	('schedule', 'cronExpression', 'cron_expression', 'NULL', NULL), ('schedule', 'queue', 'queue_id', 'KEEP', NULL),
	('schedule', 'priority', 'priority', 'KEEP', 'none'), ('schedule', 'parameters', 'parameters', 'KEEP', 'map'),
	('schedule', 'timeZone', 'time_zone', 'KEEP', NULL), ('schedule', 'dayRule', 'day_rule', 'KEEP', NULL),
	('schedule', 'enabled', 'enabled', 'KEEP', NULL), ('schedule', 'overlap', 'overlap', 'KEEP', NULL),
	('schedule', 'misfire', 'misfire', 'KEEP', NULL),
	('schedule', 'misfireWindowSeconds', 'misfire_window_s', 'KEEP', NULL),
	('jd', 'description', 'description', 'RESET', NULL), ('jd', 'canBeRestarted', 'can_be_restarted', 'KEEP', NULL),
	('jd', 'javaClassName', 'class_name', 'NULL', NULL), ('jd', 'queueId', 'queue_id', 'NULL', NULL),
	('jd', 'applicationName', 'name', 'NULL', NULL), ('jd', 'application', 'application', 'NULL', NULL),
	('jd', 'module', 'module', 'NULL', NULL), ('jd', 'keyword1', 'keyword1', 'NULL', NULL),
	('jd', 'keyword2', 'keyword2', 'NULL', NULL), ('jd', 'keyword3', 'keyword3', 'NULL', NULL),
	('jd', 'highlander', 'highlander', 'RESET', NULL), ('jd', 'enabled', 'enabled', 'KEEP', NULL),
	('jd', 'jarPath', 'path', 'NULL', NULL), ('jd', 'pathType', 'path_type', 'NULL', NULL),
	('jd', 'reasonableRuntimeLimitMinute', 'alert_after_min', 'KEEP', 'none'),
	('jd', 'classLoaderId', 'execution_context_id', 'NULL', 'none'),
	('jd', 'parameters', 'parameters', 'RESET', 'map'), ('jd', 'priority', 'priority', 'KEEP', 'none'),
	('jd', 'external', 'external', 'KEEP', NULL), ('jd', 'javaOpts', 'java_opts', 'KEEP', NULL),
	('jd', 'runMaxSeconds', 'run_max_s', 'KEEP', NULL), ('jd', 'graceMs', 'grace_ms', 'KEEP', NULL),
	('jd', 'logMaxBytes', 'log_max_bytes', 'KEEP', NULL), ('jd', 'filesMaxBytes', 'files_max_bytes', 'KEEP', NULL),
	('jd', 'filesMaxCount', 'files_max_count', 'KEEP', NULL),
	('jd', 'memoryMaxBytes', 'memory_max_bytes', 'KEEP', NULL), ('jd', 'cpuMaxSeconds', 'cpu_max_s', 'KEEP', NULL),
	('jd', 'processesMax', 'processes_max', 'KEEP', NULL), ('jd', 'umask', 'umask', 'KEEP', 'octal'),
	('jd', 'workingDirectory', 'working_directory', 'KEEP', NULL), ('jd', 'attemptsMax', 'attempts_max', 'KEEP', NULL),
	('jd', 'retryBackoff', 'retry_backoff', 'KEEP', NULL), ('jd', 'retryDelaySeconds', 'retry_delay_s', 'KEEP', NULL),
	('jd', 'retryDelayMaxSeconds', 'retry_delay_max_s', 'KEEP', NULL),
	('jd', 'retryExitCodes', 'retry_exit_codes', 'KEEP', 'none'), ('jd', 'onNodeLoss', 'on_node_loss', 'KEEP', NULL),
	('jd', 'nodeLossesMax', 'node_losses_max', 'KEEP', NULL), ('jd', 'concurrencyKey', 'concurrency_key', 'KEEP', NULL),
	('jd', 'runAs', 'run_as', 'KEEP', NULL), ('jd', 'signature', 'signature', 'KEEP', NULL),
	('jd', 'parameterTypes', 'parameter_types', 'KEEP', NULL),
	('cl', 'name', 'name', 'NULL', NULL), ('cl', 'childFirst', 'child_first', 'RESET', NULL),
	('cl', 'hiddenClasses', 'hidden_classes', 'NULL', NULL), ('cl', 'tracingEnabled', 'tracing', 'RESET', NULL),
	('cl', 'persistent', 'persistent', 'KEEP', NULL), ('cl', 'allowedRunners', 'allowed_runners', 'NULL', NULL),
	('cl', 'extraClasspathDirs', 'extra_classpath_dirs', 'NULL', NULL),
	('cl', 'excludedClassPrefixes', 'excluded_class_prefixes', 'NULL', NULL),
	('user', 'login', 'login', 'NULL', NULL), ('user', 'newPassword', 'password_hash', 'KEEP', 'hash'),
	('user', 'locked', 'locked', 'RESET', NULL), ('user', 'internal', 'internal', 'CREATE', NULL),
	('user', 'expirationDate', 'expiration_date', 'NULL', 'ms'), ('user', 'freeText', 'free_text', 'NULL', NULL),
	('user', 'email', 'email', 'NULL', NULL),
	('role', 'name', 'name', 'NULL', NULL), ('role', 'description', 'description', 'NULL', NULL),
	('role', 'permissions', 'permissions', 'RESET', NULL),
	('concurrency', 'key', 'key', 'NULL', NULL), ('concurrency', 'description', 'description', 'RESET', NULL),
	('concurrency', 'maxRunning', 'max_running', 'NULL', NULL), ('concurrency', 'rate', 'rate', 'NULL', NULL),
	('concurrency', 'ratePeriodSeconds', 'rate_period_s', 'NULL', NULL);

CREATE FUNCTION jqm.admin_kind_of(p_kind text) RETURNS jqm.admin_kind
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v admin_kind;
BEGIN
	SELECT * INTO v FROM admin_kind WHERE kind = p_kind;
	IF NOT FOUND THEN
		PERFORM refuse('JQ404', format('there is no kind of object "%s"', left(p_kind, 40)));
	END IF;
	RETURN v;
END
$$;

CREATE FUNCTION jqm.admin_refuse_unknown(p_kind jqm.admin_kind, p_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM refuse_as('JQ404', 'itemNotFound id=' || p_id, format('there is no %s %s', p_kind.noun, p_id));
END
$$;

-- The state of a document, or of a list of them, as editors see it.
CREATE FUNCTION jqm.admin_etag(p_kind jqm.admin_kind, p jsonb) RETURNS text
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT left(encode(sha256(convert_to(coalesce(string_agg((d.doc - p_kind.fleeting - 'schedules')::text
	    || coalesce((SELECT string_agg((s.doc - k.fleeting)::text, ',' ORDER BY s.n) FROM admin_kind AS k,
	           jsonb_array_elements(d.doc -> 'schedules') WITH ORDINALITY AS s(doc, n) WHERE k.kind = 'schedule'), ''),
	    ',' ORDER BY d.n), ''), 'UTF8')), 'hex'), 32)
	  FROM jsonb_array_elements(CASE jsonb_typeof(p) WHEN 'array' THEN p ELSE jsonb_build_array(p) END)
	       WITH ORDINALITY AS d(doc, n)
$$;

-- The document of one, or (p_id NULL) all of them by id.
CREATE FUNCTION jqm.admin_document(p_kind jqm.admin_kind, p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v jsonb;
BEGIN
	IF p_id IS NULL THEN
		EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(v) ORDER BY v.id), ''[]'') FROM %I AS v',
		    'admin_' || p_kind.kind) INTO v;
	ELSE
		EXECUTE format('SELECT to_jsonb(v) FROM %I AS v WHERE v.id = $1', 'admin_' || p_kind.kind) INTO v USING p_id;
		IF v IS NULL THEN
			PERFORM admin_refuse_unknown(p_kind, p_id);
		END IF;
	END IF;
	RETURN v;
END
$$;

-- The same for the API; p_id NULL: all.
CREATE FUNCTION jqm.admin_read(p_kind text, p_id bigint, OUT document jsonb, OUT etag text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_kind admin_kind := admin_kind_of(p_kind);
BEGIN
	document := admin_document(v_kind, p_id);
	etag := admin_etag(v_kind, document);
END
$$;

-- JQ412 unless one of the states is what If-Match (NULL: anything) asks for: *, or a list of "state".
CREATE FUNCTION jqm.admin_match(p_if_match text, p_noun text, VARIADIC p_etags text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p_if_match IS NOT NULL AND btrim(p_if_match) <> '*' AND NOT EXISTS (
	    SELECT FROM unnest(string_to_array(p_if_match, ',')) AS w(etag), unnest(p_etags) AS h(etag)
	     WHERE btrim(w.etag) = format('"%s"', h.etag)) THEN
		PERFORM refuse('JQ412', format('the %s was changed meanwhile: read it again', p_noun));
	END IF;
END
$$;

-- The table first, as the change will: who has a row of it and wants the table meets who has the table and wants the row.
CREATE FUNCTION jqm.admin_lock(p_kind jqm.admin_kind, p_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_found bigint;
BEGIN
	EXECUTE format('LOCK TABLE %I IN ROW EXCLUSIVE MODE', p_kind.table_name);
	EXECUTE format('SELECT id FROM %I WHERE id = $1 FOR NO KEY UPDATE', p_kind.table_name) INTO v_found USING p_id;
	IF v_found IS NULL THEN
		PERFORM admin_refuse_unknown(p_kind, p_id);
	END IF;
END
$$;

-- A member's value as the column wants it; JSON null stays.
CREATE FUNCTION jqm.admin_value(p_member text, p_form text, p jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	CASE
	WHEN p = 'null' OR p_form IS NULL THEN
		RETURN p;
	WHEN p_form = 'map' THEN
		RETURN CASE jsonb_typeof(p) WHEN 'object' THEN p ELSE (SELECT coalesce(jsonb_object_agg(e ->> 'key',
		    CASE WHEN e ->> 'secret' = 'true' THEN jsonb_build_object('secret', coalesce(e ->> 'value', ''))
		    ELSE e -> 'value' END), '{}') FROM jsonb_array_elements(p) AS e) END;
	WHEN p_form = 'ms' THEN
		RETURN to_jsonb(timestamptz 'epoch' + (p #>> '{}')::bigint * interval '1 ms');
	WHEN p_form = 'none' THEN
		RETURN CASE WHEN p #>> '{}' IN ('0', '[]') THEN 'null' ELSE p END;
	WHEN p_form = 'octal' THEN
		IF p #>> '{}' !~ '^0?[0-7]{1,3}$' THEN
			PERFORM refuse('JQ400', format('field "%s" is "%s", not an octal number from 0 to 777', p_member,
			    left(p #>> '{}', 40)));
		END IF;
		RETURN (SELECT to_jsonb(sum(d.digit::int * 8 ^ (d.n - 1))::int)
		  FROM regexp_split_to_table(reverse(p #>> '{}'), '') WITH ORDINALITY AS d(digit, n));
	WHEN p_form IN ('hash', 'sealed') THEN
		IF p #>> '{}' !~ (CASE p_form WHEN 'hash' THEN '^\$(scrypt|jqm-sha512)\$' ELSE '^1:[0-9a-f]{16}:[A-Za-z0-9+/]+=*$' END) THEN
			PERFORM refuse('JQ400', format('field "%s" is no %s', p_member, replace(p_form, 'hash', 'hash of a password')));
		END IF;
		RETURN p;
	END CASE;
END
$$;

-- Somebody has the name, the pair or the place that only one can have.
CREATE FUNCTION jqm.admin_refuse_duplicate(p_constraint text, p jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_field text := (SELECT m FROM unnest('{name,applicationName,login,key}'::text[]) AS m WHERE p ? m LIMIT 1);
BEGIN
	CASE p_constraint
	WHEN 'queue_one_default' THEN
		PERFORM refuse_as('JQ409', 'defaultQueueAlreadyExists', format('queue "%s" cannot be the default queue: "%s" is',
		    p ->> 'name', (SELECT name FROM queue WHERE default_queue)));
	WHEN 'queue_mapping_node_id_queue_id_key' THEN
		PERFORM refuse_as('JQ409', 'mappingAlreadyExists', format('queue %s is mapped to node %s already',
		    p ->> 'queueId', p ->> 'nodeId'));
	ELSE
		PERFORM refuse_as('JQ409', CASE p_constraint WHEN 'jndi_resource_name_key' THEN 'jndiAliasAlreadyUsed'
		    ELSE 'nameAlreadyUsed name=' || (p ->> v_field) END,
		    format('field "%s": "%s" is already used', v_field, p ->> v_field));
	END CASE;
END
$$;

-- The rows behind lists inside documents.
CREATE FUNCTION jqm.admin_store_roles(p_account bigint, p_roles jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_roles bigint[] := ARRAY (SELECT e::bigint FROM jsonb_array_elements_text(p_roles) AS e);
	v_role  bigint;
BEGIN
	IF cardinality(v_roles) > (SELECT count(DISTINCT r) FROM unnest(v_roles) AS r) THEN
		PERFORM refuse('JQ400', 'field "roles" names a role twice');
	END IF;
	FOREACH v_role IN ARRAY v_roles LOOP
		PERFORM check_reference('roles', 'role', 'role', v_role);
	END LOOP;
	DELETE FROM account_role WHERE account_id = p_account AND role_id <> ALL (v_roles);
	INSERT INTO account_role SELECT p_account, r FROM unnest(v_roles) AS r ON CONFLICT DO NOTHING;
END
$$;

-- A node's order to stop is one only for a runner that is there, and history will tell who gave it.
CREATE FUNCTION jqm.admin_stop(p_id bigint, p jsonb, p_by text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p_id IS NULL THEN
		RETURN p - 'stop';
	ELSIF p ->> 'stop' = 'true' AND NOT (SELECT stop FROM node WHERE id = p_id) THEN
		PERFORM node_stop(p_id, p_by);
	END IF;
	RETURN p;
END
$$;

-- Those of a definition that the list does not name go.
CREATE FUNCTION jqm.admin_store_schedules(p_job_def bigint, p_schedules jsonb, p_by text) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v    jsonb;
	v_id bigint;
BEGIN
	DELETE FROM schedule WHERE job_def_id = p_job_def AND id NOT IN (
	    SELECT (e ->> 'id')::bigint FROM jsonb_array_elements(p_schedules) AS e WHERE e ->> 'id' IS NOT NULL);
	FOR v IN SELECT e || jsonb_build_object('jobDefId', p_job_def) FROM jsonb_array_elements(p_schedules) AS e LOOP
		v_id := v ->> 'id';
		IF v_id IS NOT NULL AND NOT EXISTS (SELECT FROM schedule WHERE id = v_id AND job_def_id = p_job_def) THEN
			PERFORM refuse_as('JQ400', 'scheduledJobNotFound id=' || v_id,
			    format('field "schedules": the job definition has no schedule %s', v_id));
		END IF;
		PERFORM admin_store(admin_kind_of('schedule'), v_id, v, p_by);
	END LOOP;
END
$$;

/*
 * A document into its row, made when p_id is NULL: its id.  What a member that is not there means tells
 * admin_field; the rest is for the tables' own rules to say.
 */
CREATE FUNCTION jqm.admin_store(p_kind jqm.admin_kind, p_id bigint, p jsonb, p_by text) RETURNS bigint
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	f            admin_field;
	v_value      jsonb;
	v_row        jsonb := '{}';
	v_columns    text[] := '{}';
	v_sets       text[] := '{}';
	v_id         bigint := p_id;
	v_constraint text;
BEGIN
	IF p_kind.kind = 'node' THEN
		p := admin_stop(p_id, p, p_by);
	END IF;
	FOR f IN SELECT * FROM admin_field WHERE kind = p_kind.kind ORDER BY member LOOP
		v_value := p -> f.member;
		CONTINUE WHEN (v_value IS NULL AND f.absent = 'KEEP') OR (f.absent = 'CREATE' AND p_id IS NOT NULL)
		    OR (f.form IN ('hash', 'sealed') AND coalesce(v_value, 'null') IN ('null', '""'));
		v_value := admin_value(f.member, f.form, coalesce(v_value, 'null'));
		IF v_value = 'null' AND f.absent <> 'NULL' THEN
			v_sets := v_sets || format('%I = DEFAULT', f.column_name);
		ELSE
			v_row := v_row || jsonb_build_object(f.column_name, v_value);
			v_columns := v_columns || quote_ident(f.column_name);
			v_sets := v_sets || format('%1$I = r.%1$I', f.column_name);
		END IF;
	END LOOP;
	BEGIN
		IF p_id IS NULL THEN
			EXECUTE format('INSERT INTO %1$I (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1) RETURNING id',
			    p_kind.table_name, array_to_string(v_columns, ', ')) INTO v_id USING v_row;
		ELSE
			EXECUTE format('UPDATE %1$I AS t SET %2$s FROM jsonb_populate_record(NULL::%1$I, $1) AS r WHERE t.id = $2',
			    p_kind.table_name, array_to_string(v_sets, ', ')) USING v_row, p_id;
		END IF;
	EXCEPTION WHEN unique_violation THEN
		GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
		PERFORM admin_refuse_duplicate(v_constraint, p);
	END;
	IF p_kind.kind = 'user' THEN
		PERFORM admin_store_roles(v_id, coalesce(nullif(p -> 'roles', 'null'), '[]'));
	ELSIF p_kind.kind = 'jd' AND p ? 'schedules' THEN
		PERFORM admin_store_schedules(v_id, coalesce(nullif(p -> 'schedules', 'null'), '[]'), p_by);
	END IF;
	IF p_kind.kind = 'jd' THEN
		PERFORM check_schedules_of(p ->> 'applicationName');
	END IF;
	RETURN v_id;
END
$$;

-- Deferred rules are asked now, so that a refusal is the call's own.
CREATE FUNCTION jqm.admin_settle() RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	SET CONSTRAINTS jqm.keep_administrator, jqm.keep_administrator_deleted IMMEDIATE;
	SET CONSTRAINTS jqm.keep_administrator, jqm.keep_administrator_deleted DEFERRED;
END
$$;

-- The row a document means: the id it was addressed by, its own, or that of a global parameter's key.
CREATE FUNCTION jqm.admin_id_of(p_kind text, p_id bigint, p jsonb) RETURNS bigint
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(p_id, (p ->> 'id')::bigint,
	    CASE p_kind WHEN 'prm' THEN (SELECT g.id FROM global_parameter AS g WHERE g.key = p ->> 'key') END)
$$;

CREATE FUNCTION jqm.admin_lock_all(p_kind jqm.admin_kind) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', p_kind.table_name);
END
$$;

-- Before any row: a mapping, and an account that goes, change what counts for all accounts (all_stamps_change()).
CREATE FUNCTION jqm.admin_lock_accounts(p_kind text) RETURNS void
LANGUAGE sql VOLATILE SET search_path = jqm, pg_temp AS $$
	SELECT pg_advisory_xact_lock(hashtext('jqm.account')) WHERE p_kind IN ('user', 'certmapping')
$$;

/*
 * Make or change one object.  p_id NULL: the document's own id, and without one it is made (a global parameter
 * with a key that is there: changed; JQ403 unless p_may_change).  p_if_match: of the object or, when p_id is
 * NULL, of the whole list.
 */
CREATE FUNCTION jqm.admin_put(p_kind text, p_id bigint, p jsonb, p_if_match text, p_by text,
	p_may_change boolean DEFAULT true, OUT id bigint, OUT etag text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v_kind  admin_kind := admin_kind_of(p_kind);
	v_id    bigint := admin_id_of(p_kind, p_id, p);
	v_etags text[] := '{}';
BEGIN
	PERFORM admin_lock_accounts(nullif(p_kind, 'user'));
	IF p_if_match IS NOT NULL AND p_id IS NULL THEN
		PERFORM admin_lock_all(v_kind);
		v_etags := ARRAY[admin_etag(v_kind, admin_document(v_kind, NULL))];
	END IF;
	IF v_id IS NOT NULL THEN
		IF NOT p_may_change THEN
			PERFORM refuse('JQ403', format('to change a %s that is there needs the permission to update', v_kind.noun));
		ELSIF p_kind = 'user' AND p ->> 'newPassword' <> ''
		   AND NOT EXISTS (SELECT FROM account WHERE account.id = v_id) THEN
			PERFORM refuse_as('JQ404', 'userNotFound', format('there is no account %s', v_id));
		END IF;
		PERFORM admin_lock(v_kind, v_id);
		v_etags := v_etags || admin_etag(v_kind, admin_document(v_kind, v_id));
	END IF;
	PERFORM admin_match(p_if_match, CASE WHEN v_id IS NULL THEN 'list' ELSE v_kind.noun END, VARIADIC v_etags);
	admin_put.id := admin_store(v_kind, v_id, p, p_by);
	PERFORM admin_settle();
	admin_put.etag := admin_etag(v_kind, admin_document(v_kind, admin_put.id));
END
$$;

CREATE FUNCTION jqm.admin_delete(p_kind text, p_id bigint, p_if_match text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_kind admin_kind := admin_kind_of(p_kind);
BEGIN
	PERFORM admin_lock_accounts(p_kind), admin_lock(v_kind, p_id);
	PERFORM admin_match(p_if_match, v_kind.noun, admin_etag(v_kind, admin_document(v_kind, p_id)));
	EXECUTE format('DELETE FROM %I WHERE id = $1', v_kind.table_name) USING p_id;
	PERFORM admin_settle();
END
$$;

/*
 * Make the list what p says: what is not in it goes, the rest is changed or made, in its order; all or
 * nothing.  Nobody else changes the table meanwhile.  p_node: the node whose web API that is; its admin API stays
 * open (JQ409): who shuts it means to, and changes that one object.
 */
CREATE FUNCTION jqm.admin_sync(p_kind text, p jsonb, p_if_match text, p_node text, p_by text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_kind admin_kind := admin_kind_of(p_kind);
	v_open boolean;
	v_ids  bigint[];
	v_id   bigint;
	v      jsonb;
BEGIN
	PERFORM admin_lock_accounts(p_kind), admin_lock_all(v_kind);
	v_open := p_kind IN ('prm', 'node') AND admin_api_shut(p_node) IS NULL;
	PERFORM admin_match(p_if_match, 'list', admin_etag(v_kind, admin_document(v_kind, NULL)));
	v_ids := ARRAY (SELECT i FROM (SELECT admin_id_of(p_kind, NULL, e) FROM jsonb_array_elements(p) AS e) AS x(i)
	    WHERE i IS NOT NULL);
	IF cardinality(v_ids) > (SELECT count(DISTINCT i) FROM unnest(v_ids) AS i) THEN
		PERFORM refuse('JQ400', format('the list has a %s twice', v_kind.noun));
	END IF;
	FOREACH v_id IN ARRAY v_ids LOOP
		PERFORM admin_lock(v_kind, v_id);
	END LOOP;
	IF p_kind = 'q' THEN
		-- The default may go from one to another, in whatever order they stand.
		UPDATE queue SET default_queue = false WHERE default_queue AND id NOT IN (SELECT (e ->> 'id')::bigint
		  FROM jsonb_array_elements(p) AS e WHERE e ->> 'id' IS NOT NULL AND e ->> 'defaultQueue' = 'true');
	END IF;
	FOR v_id IN EXECUTE format('SELECT id FROM %I WHERE id <> ALL ($1) ORDER BY id', v_kind.table_name) USING v_ids LOOP
		EXECUTE format('DELETE FROM %I WHERE id = $1', v_kind.table_name) USING v_id;
	END LOOP;
	FOR v IN SELECT e FROM jsonb_array_elements(p) AS e LOOP
		PERFORM admin_store(v_kind, admin_id_of(p_kind, NULL, v), v, p_by);
	END LOOP;
	IF v_open AND admin_api_shut(p_node) IS NOT NULL THEN
		PERFORM refuse('JQ409', admin_api_shut(p_node));
	END IF;
	PERFORM admin_settle();
END
$$;

-- Counts for the home page of consoles.  A node counts while a runner serves it.
CREATE FUNCTION jqm.usage_stats(OUT active_nodes bigint, OUT queues bigint, OUT paused bigint, OUT submitted bigint,
	OUT running bigint, OUT scheduled bigint, OUT late bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT (SELECT count(*) FROM node WHERE enabled AND NOT stop AND NOT template AND lease_until > now()),
	       (SELECT count(*) FROM queue), count(*) FILTER (WHERE state = 'HOLDED'),
	       count(*) FILTER (WHERE state = 'SUBMITTED'), count(*) FILTER (WHERE state = 'RUNNING'),
	       count(*) FILTER (WHERE state = 'SCHEDULED'), count(*) FILTER (WHERE late AND state = 'RUNNING') FROM job_instance
$$;

-- What each queue has to do.  waiting_since: since when the one that waits longest could have begun.
CREATE FUNCTION jqm.queue_stats()
RETURNS TABLE (id bigint, name text, waiting bigint, running bigint, held bigint, scheduled bigint, waiting_since timestamptz,
	capacity bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT q.id, q.name, coalesce(j.waiting, 0), coalesce(j.running, 0), coalesce(j.held, 0), coalesce(j.scheduled, 0),
	       j.waiting_since, queue_capacity(q.id)
	  FROM queue AS q
	  LEFT JOIN (SELECT queue_id, count(*) FILTER (WHERE state = 'SUBMITTED') AS waiting,
	                    count(*) FILTER (WHERE state IN ('ATTRIBUTED', 'RUNNING')) AS running,
	                    count(*) FILTER (WHERE state = 'HOLDED') AS held, count(*) FILTER (WHERE state = 'SCHEDULED') AS scheduled,
	                    min(runnable_at) FILTER (WHERE state = 'SUBMITTED') AS waiting_since
	               FROM job_instance GROUP BY queue_id) AS j ON j.queue_id = q.id
	 ORDER BY q.name
$$;

GRANT EXECUTE ON FUNCTION jqm.admin_read, jqm.admin_put, jqm.admin_delete, jqm.admin_sync, jqm.usage_stats,
    jqm.queue_stats TO jqm_api;
-- What goes through functions needs no right on the tables.
REVOKE INSERT, UPDATE, DELETE ON jqm.role, jqm.account_role, jqm.concurrency_limit, jqm.global_parameter,
    jqm.queue_mapping FROM jqm_api;
REVOKE INSERT, UPDATE, DELETE ON jqm.account, jqm.node FROM jqm_api;
