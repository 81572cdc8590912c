-- SPDX-License-Identifier: Apache-2.0
-- Configuration as files: what an import would do or did to which object, by name, and the import and export of
-- JQM's cluster configuration (docs/xml.md).  A whole import is one transaction at one snapshot (REPEATABLE READ),
-- so that the state before and after it differ by nothing but itself.
SET LOCAL ROLE jqm_owner;

-- Keys whose values neither a file nor a report shows: passwords and their like.
CREATE FUNCTION jqm.is_secret_key(p_key text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_key ~* 'passw|passphrase|secret|token|credential|(^|[^a-z])pwd|private.?key'
$$;

-- {"a": "b"} as {"parameters.a": "b"}: each parameter is a member of its own in what a report compares.
CREATE FUNCTION jqm.parameter_members(p jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(jsonb_object_agg('parameters.' || e.key, e.value), '{}') FROM jsonb_each(p) AS e
$$;

/*
 * Everything files can describe: kind, name, and its members under the names of the
 * admin API, with names in the place of numbers, without what changes by itself.
 */
CREATE VIEW jqm.transfer_object (kind, name, document) AS
SELECT 'node', v.name, to_jsonb(v) - k.fleeting - '{id,name,stop}'::text[]
  FROM jqm.admin_node AS v, jqm.admin_kind AS k WHERE k.kind = 'node'
UNION ALL
SELECT 'param', v.key, jsonb_build_object('value', v.value) FROM jqm.global_parameter AS v
UNION ALL
SELECT 'queue', v.name, to_jsonb(v) - '{id,name}'::text[] || jsonb_build_object('timeToLive', q.time_to_live)
  FROM jqm.admin_q AS v JOIN jqm.queue AS q ON q.id = v.id
UNION ALL
SELECT 'mapping', v."nodeName" || ' / ' || v."queueName",
       to_jsonb(v) - '{id,nodeId,nodeName,queueId,queueName}'::text[] FROM jqm.admin_qmapping AS v
UNION ALL
SELECT 'resource', v.name, to_jsonb(v) - '{id,name,parameters}'::text[] || jqm.parameter_members(r.parameters)
  FROM jqm.admin_jndi AS v JOIN jqm.jndi_resource AS r ON r.id = v.id
UNION ALL
SELECT 'context', v.name, to_jsonb(v) - '{id,name}'::text[] || jsonb_build_object('handlers', c.handlers)
  FROM jqm.admin_cl AS v JOIN jqm.execution_context AS c ON c.id = v.id
UNION ALL
SELECT 'definition', d.name, to_jsonb(v) - '{id,applicationName,queueId,classLoaderId,schedules,parameters}'::text[]
       || jsonb_build_object('queue', q.name, 'executionContext', c.name) || jqm.parameter_members(d.parameters)
  FROM jqm.admin_jd AS v JOIN jqm.job_def AS d ON d.id = v.id JOIN jqm.queue AS q ON q.id = d.queue_id
  LEFT JOIN jqm.execution_context AS c ON c.id = d.execution_context_id;

/*
 * Those of these kinds that an import may change: what its file names ({"queue": ["NIGHT"]}), and every queue, of which
 * another one may become the default.  Each kind is looked for by a statement of its own, planned for its names.
 */
CREATE FUNCTION jqm.transfer_objects(p_kinds text[], p_named jsonb)
RETURNS TABLE (kind text, name text, document jsonb)
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_kind text;
BEGIN
	FOREACH v_kind IN ARRAY p_kinds LOOP
		IF v_kind = 'queue' THEN
			RETURN QUERY SELECT o.kind, o.name, o.document FROM transfer_object AS o WHERE o.kind = 'queue';
		ELSE
			RETURN QUERY EXECUTE 'SELECT o.kind, o.name, o.document FROM transfer_object AS o
			    WHERE o.kind = $1 AND o.name = ANY ($2)'
			    USING v_kind, ARRAY (SELECT DISTINCT n FROM jsonb_array_elements_text(p_named -> v_kind) AS n);
		END IF;
	END LOOP;
END
$$;

-- [["queue", "NIGHT", {..}]]: these objects as they are now.  Put together as text: of 15,000 documents an aggregate
-- of jsonb takes four times as long.
CREATE FUNCTION jqm.transfer_state(p_kinds text[], p_named jsonb) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT '[' || coalesce(string_agg(format('[%s,%s,%s]', to_json(o.kind), to_json(o.name), o.document), ','), '') || ']'
	  FROM transfer_objects(p_kinds, p_named) AS o
$$;

-- A value as a report shows it.
CREATE FUNCTION jqm.transfer_value(p_secret boolean, p jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN coalesce(p, 'null') = 'null' THEN NULL WHEN p_secret OR p ? 'secret' THEN '(not shown)' ELSE p #>> '{}' END
$$;

/*
 * What became of the objects since p_before: those that are new or others now, and of the rest those a file named
 * (p_named, {"queue": ["NIGHT"]}): unchanged, or skipped when there is none.  A row for each member that changed;
 * field NULL: there is none.  named: a file did.
 */
CREATE FUNCTION jqm.transfer_changes(p_kinds text[], p_before jsonb, p_named jsonb)
RETURNS TABLE (kind text, name text, result text, field text, was text, becomes text, named boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH old AS (SELECT o ->> 0 AS kind, o ->> 1 AS name, o -> 2 AS document FROM jsonb_array_elements(p_before) AS o),
	     new AS (SELECT o.kind, o.name, o.document FROM transfer_objects(p_kinds, p_named) AS o),
	     named AS (SELECT DISTINCT k.key AS kind, n.name
	                 FROM jsonb_each(p_named) AS k, jsonb_array_elements_text(k.value) AS n(name)),
	     found AS (
	         SELECT kind, name, CASE WHEN n.document IS NULL AND o.document IS NULL THEN 'skipped'
	                WHEN o.document IS NULL THEN 'created' WHEN n.document <> o.document THEN 'updated'
	                ELSE 'unchanged' END AS result,
	                o.document AS old, n.document AS new, f.name IS NOT NULL AS is_named
	           FROM old AS o FULL JOIN new AS n USING (kind, name) FULL JOIN named AS f USING (kind, name))
	SELECT f.kind, f.name, f.result, c.member, transfer_value(c.secret, f.old -> c.member),
	       transfer_value(c.secret, f.new -> c.member), f.is_named
	  FROM found AS f LEFT JOIN LATERAL (
	         SELECT m.member, is_secret_key(m.member) OR (f.kind = 'param' AND is_secret_key(f.name)) AS secret
	           FROM jsonb_object_keys(CASE f.result WHEN 'updated' THEN f.old || f.new ELSE '{}' END) AS m(member)
	          WHERE f.old -> m.member IS DISTINCT FROM f.new -> m.member) AS c ON true
	 WHERE f.is_named OR f.result IN ('created', 'updated')
	 ORDER BY array_position('{node,param,queue,mapping,resource,context,definition}', f.kind), f.name, c.member
$$;

-- ---- job definitions ----

/*
 * Definitions (an array of records of jqm.job_def, as store/job_def_store.c writes them, with queue_name and context_name)
 * into the table, all by a few statements, whatever their number; no two of one name.  Each column of v_columns is replaced;
 * what a record does not say of the others stays.  A definition that is there keeps its queue, unless the global
 * parameter importMovesDefinitions is true, as in JQM 2.2; one that is new brings its own, made if need be, or gets the
 * default one.  What is like that already is not touched.  JQ400.
 */
CREATE FUNCTION jqm.definitions_put(p jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_columns text := 'name, description, path, path_type, class_name, application, module, keyword1, keyword2, keyword3,
	    highlander, can_be_restarted, alert_after_min, parameters, execution_context_id, run_max_s, grace_ms,
	    log_max_bytes, files_max_bytes, files_max_count, memory_max_bytes, cpu_max_s, processes_max, umask,
	    working_directory, attempts_max, retry_backoff, retry_delay_s, retry_delay_max_s, retry_exit_codes, on_node_loss,
	    node_losses_max, concurrency_key, run_as, parameter_types';
	v_moves   boolean := parameter_is_on('importMovesDefinitions', false);
	v_context text;
BEGIN
	SELECT e ->> 'context_name' INTO v_context FROM jsonb_array_elements(p) AS e
	 WHERE e ->> 'context_name' IS NOT NULL
	   AND NOT EXISTS (SELECT FROM execution_context AS c WHERE c.name = e ->> 'context_name') LIMIT 1;
	IF FOUND THEN
		PERFORM refuse('JQ400', format('there is no execution context "%s"', v_context));
	END IF;
	INSERT INTO queue (name, description)
	SELECT DISTINCT ON (e.doc ->> 'queue_name') e.doc ->> 'queue_name',
	       'created by the import of job definition ' || (e.doc ->> 'name')
	  FROM jsonb_array_elements(p) WITH ORDINALITY AS e(doc, place)
	 WHERE e.doc ->> 'queue_name' IS NOT NULL
	   AND (v_moves OR NOT EXISTS (SELECT FROM job_def AS d WHERE d.name = e.doc ->> 'name'))
	 ORDER BY e.doc ->> 'queue_name', e.place
	    ON CONFLICT (name) DO NOTHING;
	IF NOT EXISTS (SELECT FROM queue WHERE default_queue) AND EXISTS (
	    SELECT FROM jsonb_array_elements(p) AS e WHERE e ->> 'queue_name' IS NULL
	       AND NOT EXISTS (SELECT FROM job_def AS d WHERE d.name = e ->> 'name')) THEN
		PERFORM refuse('JQ400', 'it names no queue and there is no default queue');
	END IF;
	EXECUTE format('
		WITH given AS MATERIALIZED (
			SELECT e.doc ->> ''name'' AS name, e.doc || jsonb_build_object(''execution_context_id'', c.id) AS doc,
			       coalesce(q.id, o.id) AS queue_id, CASE WHEN $2 THEN q.id END AS moves_to
			  FROM jsonb_array_elements($1) AS e(doc)
			  LEFT JOIN execution_context AS c ON c.name = e.doc ->> ''context_name''
			  LEFT JOIN queue AS q ON q.name = e.doc ->> ''queue_name''
			  LEFT JOIN queue AS o ON o.default_queue
		), changed AS (
			UPDATE job_def AS d SET queue_id = coalesce(g.moves_to, d.queue_id), (%1$s, enabled, external, java_opts, priority, signature) =
			    (SELECT %1$s, coalesce(enabled, d.enabled), coalesce(external, d.external),
			            coalesce(java_opts, d.java_opts), nullif(coalesce(priority, d.priority), 0),
			            coalesce(signature, d.signature)
			       FROM jsonb_populate_record(NULL::job_def, g.doc))
			  FROM given AS g
			 WHERE d.name = g.name AND (g.moves_to <> d.queue_id OR EXISTS (
			    SELECT %1$s, coalesce(enabled, d.enabled), coalesce(external, d.external),
			           coalesce(java_opts, d.java_opts), nullif(coalesce(priority, d.priority), 0),
			            coalesce(signature, d.signature)
			      FROM jsonb_populate_record(NULL::job_def, g.doc)
			    EXCEPT SELECT %1$s, enabled, external, java_opts, priority, signature FROM (SELECT d.*) AS o))
		)
		INSERT INTO job_def (%1$s, enabled, external, java_opts, priority, signature, queue_id)
		SELECT %2$s, coalesce(r.enabled, true), coalesce(r.external, false), r.java_opts, nullif(r.priority, 0), r.signature,
		       g.queue_id
		  FROM given AS g, jsonb_populate_record(NULL::job_def, g.doc) AS r
		 WHERE NOT EXISTS (SELECT FROM job_def AS d WHERE d.name = g.name)
		    ON CONFLICT (name) DO NOTHING', v_columns, regexp_replace(v_columns, '(\w+)', 'r.\1', 'g')) USING p, v_moves;
	PERFORM check_schedules_of(e ->> 'name') FROM jsonb_array_elements(p) AS e WHERE e -> 'parameter_types' <> '[]';
END
$$;

-- The same; returns all that is wrong, one text for each definition that is, and then the transaction must not be committed.
CREATE FUNCTION jqm.definitions_import(p jsonb) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v jsonb;
BEGIN
	PERFORM definitions_put(p);
EXCEPTION WHEN SQLSTATE 'JQ400' OR SQLSTATE 'JQ404' OR SQLSTATE 'JQ409' THEN
	-- One by one: which are they?
	FOR v IN SELECT e FROM jsonb_array_elements(p) AS e LOOP
		BEGIN
			PERFORM definitions_put(jsonb_build_array(v));
		EXCEPTION WHEN SQLSTATE 'JQ400' OR SQLSTATE 'JQ404' OR SQLSTATE 'JQ409' THEN
			RETURN NEXT format('%sdefinition "%s": %s', 'line ' || nullif((v ->> 'line')::int, 0) || ': ', v ->> 'name',
			    SQLERRM);
		END;
	END LOOP;
END
$$;

-- ---- JQM's cluster configuration ----

-- What a configuration (a document of codec/configuration_doc.c) names, as transfer_changes() wants it.
CREATE FUNCTION jqm.configuration_names(p jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT jsonb_build_object(
	    'node', jsonb_path_query_array(p, '$.nodes[*].name'),
	    'param', jsonb_path_query_array(p, '$.globalParameters[*].key'),
	    'queue', jsonb_path_query_array(p, '$.queues[*].name'),
	    'mapping', (SELECT coalesce(jsonb_agg(m ->> 'nodeName' || ' / ' || (q ->> 'name')), '[]')
	        FROM jsonb_array_elements(p -> 'queues') AS q, jsonb_array_elements(q -> 'mappings') AS m),
	    'resource', jsonb_path_query_array(p, '$.resources[*].alias'),
	    'definition', jsonb_path_query_array(p, '$.queues[*].jobs[*]'))
$$;

/*
 * Make or change (p_id) one object, unless it is like that already.  NULL, or what is wrong with it; then it is as
 * before.
 */
CREATE FUNCTION jqm.transfer_put(p_kind text, p_id bigint, p jsonb, p_where text, p_by text) RETURNS text
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_kind admin_kind := admin_kind_of(p_kind);
	v_old  jsonb := CASE WHEN p_id IS NOT NULL THEN admin_document(v_kind, p_id) END;
BEGIN
	IF p_id IS NULL OR EXISTS (SELECT FROM jsonb_each(p) AS e WHERE v_old -> e.key IS DISTINCT FROM e.value) THEN
		PERFORM admin_store(v_kind, p_id, p, p_by);
	END IF;
	RETURN NULL;
EXCEPTION WHEN SQLSTATE 'JQ400' OR SQLSTATE 'JQ404' OR SQLSTATE 'JQ409' THEN
	RETURN p_where || ': ' || SQLERRM;
END
$$;

CREATE FUNCTION jqm.import_node(p jsonb, p_by text) RETURNS text
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	SELECT transfer_put('node', n.id, jsonb_build_object('name', p -> 'name', 'dns', p -> 'interface',
	    'port', p -> 'webPort', 'jmxRegistryPort', p -> 'jmxRegistryPort', 'jmxServerPort', p -> 'jmxServerPort',
	    'enabled', p -> 'enabled', 'loapApiSimple', p -> 'loadSimpleWebApi', 'loadApiClient', p -> 'loadClientWebApi',
	    'loadApiAdmin', p -> 'loadAdminWebApi', 'jobRepoDirectory', p -> 'jobDefDirectory',
	    'tmpDirectory', nullif(p -> 'tmpDirectory', '""'), 'outputDirectory', p -> 'deliverableDirectory',
	    'rootLogLevel', CASE p ->> 'logLevel' WHEN 'WARNING' THEN '"WARN"' ELSE p -> 'logLevel' END,
	    'template', p -> 'template', 'stop', coalesce(n.stop, false)),
	    format('line %s: node "%s"', p ->> 'line', p ->> 'name'), p_by)
	  FROM (SELECT) AS one LEFT JOIN node AS n ON n.name = p ->> 'name'
$$;

-- A value that is not said (an export does not tell secrets) stays as it is.
CREATE FUNCTION jqm.import_parameter(p jsonb, p_by text) RETURNS text
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	SELECT transfer_put('prm', g.id, jsonb_build_object('key', p -> 'key', 'value', p -> 'value'),
	    format('line %s: parameter "%s"', p ->> 'line', p ->> 'key'), p_by)
	  FROM (SELECT) AS one LEFT JOIN global_parameter AS g ON g.key = p ->> 'key' WHERE p ->> 'value' IS NOT NULL
$$;

CREATE FUNCTION jqm.import_queue(p jsonb, p_default text, p_by text) RETURNS text
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_queue   queue;
	v_problem text;
BEGIN
	SELECT * INTO v_queue FROM queue WHERE name = p ->> 'name';
	v_problem := transfer_put('q', v_queue.id, jsonb_build_object('name', p -> 'name', 'description', p -> 'description',
	    'defaultQueue', CASE WHEN p_default IS NULL THEN coalesce(v_queue.default_queue, false)
	        ELSE p ->> 'name' = p_default END)
	    || jsonb_strip_nulls(jsonb_build_object('ageingSeconds', p -> 'ageingSeconds')),
	    format('line %s: queue "%s"', p ->> 'line', p ->> 'name'), p_by);
	IF p ->> 'timeToLive' IS NOT NULL THEN
		UPDATE queue SET time_to_live = nullif((p ->> 'timeToLive')::int, 0) WHERE name = p ->> 'name'
		   AND time_to_live IS DISTINCT FROM nullif((p ->> 'timeToLive')::int, 0);
	END IF;
	RETURN v_problem;
END
$$;

CREATE FUNCTION jqm.import_mapping(p jsonb, p_queue text, p_by text) RETURNS text
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_node  bigint := (SELECT id FROM node WHERE name = p ->> 'nodeName');
	v_queue bigint := (SELECT id FROM queue WHERE name = p_queue);
	v_where text := format('line %s: mapping of queue "%s" to node "%s"', p ->> 'line', p_queue, p ->> 'nodeName');
BEGIN
	IF v_node IS NULL THEN
		RETURN v_where || ': there is no such node, in the file or else';
	ELSIF v_queue IS NULL THEN
		RETURN NULL; -- what is wrong with the queue has been said
	END IF;
	RETURN transfer_put('qmapping', (SELECT id FROM queue_mapping WHERE node_id = v_node AND queue_id = v_queue),
	    jsonb_build_object('nodeId', v_node, 'queueId', v_queue, 'nbThread', p -> 'maxThreads',
	        'pollingInterval', p -> 'pollingIntervalMs', 'enabled', p -> 'enabled'), v_where, p_by);
END
$$;

-- Parameters are replaced; one without a value keeps the one it has.
CREATE FUNCTION jqm.import_resource(p jsonb, p_by text) RETURNS text
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	SELECT transfer_put('jndi', r.id, jsonb_build_object('name', p -> 'alias', 'type', p -> 'type',
	    'factory', p -> 'factory', 'description', p -> 'description', 'singleton', p -> 'singleton',
	    'auth', coalesce(p ->> 'auth', 'CONTAINER'), 'template', coalesce(p ->> 'template', r.template),
	    'parameters', pairs((SELECT coalesce(jsonb_object_agg(e ->> 'key', coalesce(nullif(e -> 'value', 'null'),
	            r.parameters -> (e ->> 'key'))), '{}') FROM jsonb_array_elements(p -> 'parameters') AS e))),
	    format('line %s: resource "%s"', p ->> 'line', p ->> 'alias'), p_by)
	  FROM (SELECT) AS one LEFT JOIN jndi_resource AS r ON r.name = p ->> 'alias'
$$;

-- The default queue that the file wants, if any: nobody else is, whatever the order of the queues in it.
CREATE FUNCTION jqm.import_default_queue(p jsonb) RETURNS text
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_name text := p ->> 'defaultQueueName';
BEGIN
	IF v_name IS NULL THEN
		RETURN NULL;
	ELSIF NOT EXISTS (SELECT FROM queue WHERE name = v_name)
	   AND NOT jsonb_path_query_array(p, '$.queues[*].name') ? v_name THEN
		RETURN format('line %s: "defaultQueueName": there is no queue "%s", in the file or else',
		    p ->> 'defaultQueueLine', v_name);
	END IF;
	UPDATE queue SET default_queue = false WHERE default_queue AND name <> v_name;
	UPDATE queue SET default_queue = true WHERE NOT default_queue AND name = v_name;
	RETURN NULL;
END
$$;

/*
 * A configuration into the tables; p_node: the node whose web API that is.  Returns what is wrong, in the order of
 * the work; then the transaction must not be committed.
 */
CREATE FUNCTION jqm.configuration_import(p jsonb, p_node text, p_by text) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_default text := p ->> 'defaultQueueName';
	v         jsonb;
	v_open    boolean := admin_api_shut(p_node) IS NULL;
BEGIN
	RETURN QUERY SELECT w FROM jsonb_array_elements(p -> 'nodes') AS e, import_node(e, p_by) AS w WHERE w IS NOT NULL;
	RETURN QUERY SELECT w FROM jsonb_array_elements(p -> 'globalParameters') AS e, import_parameter(e, p_by) AS w
	    WHERE w IS NOT NULL;
	RETURN QUERY SELECT w FROM import_default_queue(p) AS w WHERE w IS NOT NULL;
	FOR v IN SELECT e FROM jsonb_array_elements(p -> 'queues') AS e LOOP
		RETURN QUERY SELECT w FROM import_queue(v, v_default, p_by) AS w WHERE w IS NOT NULL;
		RETURN QUERY SELECT w FROM jsonb_array_elements(v -> 'mappings') AS e,
		    import_mapping(e, v ->> 'name', p_by) AS w WHERE w IS NOT NULL;
		UPDATE job_def SET queue_id = q.id FROM queue AS q WHERE q.name = v ->> 'name' AND queue_id <> q.id
		   AND job_def.name IN (SELECT jsonb_array_elements_text(v -> 'jobs'));
	END LOOP;
	RETURN QUERY SELECT w FROM jsonb_array_elements(p -> 'resources') AS e, import_resource(e, p_by) AS w
	    WHERE w IS NOT NULL;
	IF v_open AND admin_api_shut(p_node) IS NOT NULL THEN
		RETURN NEXT admin_api_shut(p_node);
	END IF;
END
$$;

-- NULL while that node serves the admin API, as fcgi/api_switch.c sees it; else the refusal of a change that comes to this.
CREATE FUNCTION jqm.admin_api_shut(p_node text) RETURNS text
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT format('this would turn off the admin API of node "%s" (%s), and with it all administrators; who wants that '
	           'changes the node or the parameter by itself', p_node, s.what)
	  FROM (SELECT CASE WHEN parameter_is_on('disableWsApi', false) THEN 'parameter "disableWsApi"'
	               WHEN parameter_is_on('disableWsApiAdmin', false) THEN 'parameter "disableWsApiAdmin"'
	               WHEN EXISTS (SELECT FROM node WHERE name = p_node AND NOT load_api_admin)
	               THEN '"loadApiAdmin" of the node' END) AS s(what)
	 WHERE s.what IS NOT NULL
$$;

/*
 * The same document of what there is.  Parts as a file would have them (nodes, globalParameters, queues, mappings,
 * jobs, resources); p_id: only that queue or resource (JQ404).
 */
CREATE FUNCTION jqm.configuration_export(p_parts text[], p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p_id IS NOT NULL THEN
		PERFORM admin_document(admin_kind_of(CASE WHEN 'queues' = ANY (p_parts) THEN 'q' ELSE 'jndi' END), p_id);
	END IF;
	RETURN jsonb_build_object(
	    'defaultQueueName', (SELECT name FROM queue WHERE default_queue AND p_id IS NULL AND 'queues' = ANY (p_parts)),
	    'nodes', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', n.name, 'interface', n.dns, 'webPort', n.port,
	            'jmxRegistryPort', n.jmx_registry_port, 'jmxServerPort', n.jmx_server_port, 'enabled', n.enabled,
	            'loadSimpleWebApi', n.load_api_simple, 'loadClientWebApi', n.load_api_client,
	            'loadAdminWebApi', n.load_api_admin, 'jobDefDirectory', n.repo_job_def, 'tmpDirectory', n.repo_tmp,
	            'deliverableDirectory', n.repo_deliverable,
	            'logLevel', CASE n.root_log_level WHEN 'WARN' THEN 'WARNING' ELSE n.root_log_level END,
	            'template', n.template) ORDER BY n.name), '[]')
	        FROM node AS n WHERE 'nodes' = ANY (p_parts)),
	    'queues', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', q.name, 'description', q.description,
	            'timeToLive', coalesce(q.time_to_live, 0), 'ageingSeconds', q.ageing_s,
	            'mappings', (SELECT coalesce(jsonb_agg(jsonb_build_object('nodeName', n.name, 'maxThreads', m.max_jobs,
	                    'pollingIntervalMs', m.polling_interval_ms, 'enabled', m.enabled) ORDER BY n.name), '[]')
	                FROM queue_mapping AS m JOIN node AS n ON n.id = m.node_id
	               WHERE m.queue_id = q.id AND 'mappings' = ANY (p_parts)),
	            'jobs', (SELECT coalesce(jsonb_agg(d.name ORDER BY d.name), '[]') FROM job_def AS d
	               WHERE d.queue_id = q.id AND 'jobs' = ANY (p_parts))) ORDER BY q.name), '[]')
	        FROM queue AS q WHERE 'queues' = ANY (p_parts) AND (p_id IS NULL OR q.id = p_id)),
	    'globalParameters', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', g.key,
	            'value', CASE WHEN NOT is_secret_key(g.key) THEN g.value END) ORDER BY g.key), '[]')
	        FROM global_parameter AS g WHERE 'globalParameters' = ANY (p_parts)),
	    'resources', (SELECT coalesce(jsonb_agg(jsonb_build_object('alias', r.name, 'type', r.type, 'factory', r.factory,
	            'description', r.description, 'singleton', r.singleton, 'auth', nullif(r.auth, 'CONTAINER'),
	            'template', r.template, 'parameters', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', e.key,
	                    'value', CASE WHEN NOT is_secret_key(e.key) THEN e.value END) ORDER BY e.key), '[]')
	                FROM jsonb_each(r.parameters) AS e)) ORDER BY r.name), '[]')
	        FROM jndi_resource AS r WHERE 'resources' = ANY (p_parts) AND (p_id IS NULL OR r.id = p_id)));
END
$$;

-- ---- a node like another one ----

/*
 * Node p_name, made when there is none (else JQ403 unless p_may_change), gets the properties of node p_id and copies
 * of its mappings, all enabled, in the place of its own.  p_dns NULL: also where it listens.  Its number.
 */
CREATE FUNCTION jqm.node_copy(p_id bigint, p_name text, p_dns text, p_may_change boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v    node := check_node(p_id);
	v_id bigint;
BEGIN
	IF p_name = v.name THEN
		PERFORM refuse('JQ400', format('node "%s" cannot be a copy of itself', v.name));
	END IF;
	SELECT id INTO v_id FROM node WHERE name = p_name FOR NO KEY UPDATE;
	IF v_id IS NOT NULL AND NOT p_may_change THEN
		PERFORM refuse('JQ403', 'to change a node that is there needs the permission to update nodes and mappings, and to '
		    'delete mappings');
	ELSIF v_id IS NULL THEN
		INSERT INTO node (name, repo_job_def, repo_deliverable) VALUES (p_name, v.repo_job_def, v.repo_deliverable)
		RETURNING id INTO v_id;
	END IF;
	UPDATE node SET dns = coalesce(p_dns, v.dns), port = v.port, enabled = v.enabled,
	       jmx_registry_port = v.jmx_registry_port, jmx_server_port = v.jmx_server_port, root_log_level = v.root_log_level,
	       load_api_simple = v.load_api_simple, load_api_client = v.load_api_client, load_api_admin = v.load_api_admin,
	       repo_job_def = v.repo_job_def, repo_deliverable = v.repo_deliverable, repo_tmp = v.repo_tmp
	 WHERE id = v_id;
	DELETE FROM queue_mapping AS m WHERE m.node_id = v_id
	   AND NOT EXISTS (SELECT FROM queue_mapping AS t WHERE t.node_id = p_id AND t.queue_id = m.queue_id);
	INSERT INTO queue_mapping AS m (node_id, queue_id, max_jobs, polling_interval_ms)
	SELECT v_id, t.queue_id, t.max_jobs, t.polling_interval_ms FROM queue_mapping AS t WHERE t.node_id = p_id
	    ON CONFLICT (node_id, queue_id) DO UPDATE SET max_jobs = excluded.max_jobs,
	       polling_interval_ms = excluded.polling_interval_ms, enabled = true
	    WHERE (m.max_jobs, m.polling_interval_ms, m.enabled)
	        IS DISTINCT FROM (excluded.max_jobs, excluded.polling_interval_ms, true);
	RETURN v_id;
END
$$;

GRANT EXECUTE ON FUNCTION jqm.definitions_import, jqm.transfer_state, jqm.transfer_changes, jqm.configuration_import, jqm.configuration_names,
    jqm.configuration_export, jqm.node_copy TO jqm_api;
