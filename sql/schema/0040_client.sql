-- SPDX-License-Identifier: Apache-2.0
-- What the client library reads and asks as jqm_client, which may only call functions: documents as the web API's JSON, so
-- that one reader knows both.  Whoever may connect as that role sees all jobs; no secret is in what it sees.
SET LOCAL ROLE jqm_owner;

-- Milliseconds since 1970, as the wire has moments.
CREATE FUNCTION jqm.client_moment(p_ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    'SELECT ''1970-01-01 00:00Z''::timestamptz + p_ms * interval ''1 ms''';

-- ---- jobs ----

-- Jobs of these ids, live or past, in no order.
CREATE FUNCTION jqm.client_jobs(p_ids bigint[]) RETURNS TABLE (id bigint, document jsonb)
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT j.id, jsonb_build_object('id', j.id, 'applicationName', j.definition_name, 'parent', coalesce(j.parent_id, 0),
	       'user', j.user_name, 'sessionID', j.session_key, 'traceId', j.trace_id, 'state', j.state,
	       'position', round(j.position)::bigint, 'priority', nullif(greatest(j.priority, 0), 0),
	       'queue', jsonb_build_object('id', coalesce(j.queue_id, 0), 'name', j.queue_name), 'queueName', j.queue_name,
	       'keyword1', j.keyword1, 'keyword2', j.keyword2, 'keyword3', j.keyword3,
	       'definitionKeyword1', j.definition_keyword1, 'definitionKeyword2', j.definition_keyword2,
	       'definitionKeyword3', j.definition_keyword3, 'module', j.module, 'email', j.email,
	       'application', j.application, 'parameters', pairs(j.parameters), 'progress', j.progress,
	       'enqueueDate', milliseconds(j.enqueued_at), 'beganRunningDate', milliseconds(j.started_at),
	       'endDate', milliseconds(j.ended_at), 'runAfter', milliseconds(j.run_after), 'nodeName', j.node_name,
	       'highlander', j.highlander, 'fromSchedule', j.from_schedule, 'exitCode', j.exit_code, 'signal', j.signal,
	       'endReason', j.reason, 'attempt', j.attempt, 'maxAttempts', j.attempts_max, 'failures', j.failures,
	       'nodeLosses', j.node_losses, 'scheduleId', j.schedule_id, 'restartOf', j.restart_of,
	       'concurrencyKey', j.concurrency_key, 'late', j.late, 'submittedBy', j.submitted_by,
	       'waitFor', coalesce(to_jsonb(string_to_array(j.waited_for, ' ')), '[]'),
	       'messages', (SELECT coalesce(jsonb_agg(m.text_message ORDER BY m.id), '[]')
	           FROM message AS m WHERE m.job_instance_id = j.id),
	       'attempts', (SELECT coalesce(jsonb_agg(jsonb_build_object('attempt', a.attempt, 'nodeName', n.name,
	               'beganRunningDate', milliseconds(a.started_at), 'endDate', milliseconds(a.ended_at),
	               'exitCode', a.exit_code, 'signal', a.signal, 'endReason', a.reason) ORDER BY a.attempt), '[]')
	           FROM job_attempt AS a LEFT JOIN name_snapshot AS n ON n.id = a.node_name_id
	          WHERE a.job_instance_id = j.id))
	  FROM (SELECT * FROM live_job AS l WHERE l.id = ANY (p_ids) UNION ALL SELECT * FROM past_jobs_of(p_ids)) AS j
$$;

CREATE FUNCTION jqm.client_job(p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v jsonb := (SELECT j.document FROM client_jobs(ARRAY[p_id]) AS j);
BEGIN
	IF v IS NULL THEN
		PERFORM refuse('JQ404', format('there is no job instance %s', coalesce(p_id::text, '(null)')));
	END IF;
	RETURN v;
END
$$;

-- Is a text what a query says (model/job_query.h)?
CREATE FUNCTION jqm.client_matches(p_text text, p_wanted text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_wanted = '' THEN coalesce(p_text, '') = ''
	       WHEN strpos(p_wanted, '%') > 0 THEN coalesce(p_text LIKE replace(p_wanted, '\', '\\'), false)
	       ELSE coalesce(p_text = p_wanted, false) END
$$;

-- The ids of names in the dictionary that are what a query says; NULL: it says nothing of them.
CREATE FUNCTION jqm.client_names(p_kind text, p_wanted text) RETURNS int[]
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT CASE WHEN p_wanted IS NOT NULL THEN
	    ARRAY (SELECT n.id FROM name_snapshot AS n WHERE n.kind = p_kind::"char" AND client_matches(n.name, p_wanted)) END
$$;

CREATE FUNCTION jqm.client_definition_names(q jsonb) RETURNS int[]
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT CASE WHEN q @? '$.applicationName[*]' OR coalesce(q ->> 'jobDefApplication', q ->> 'jobDefModule',
	    q ->> 'jobDefKeyword1', q ->> 'jobDefKeyword2', q ->> 'jobDefKeyword3') IS NOT NULL THEN
	    ARRAY (SELECT s.id FROM definition_snapshot AS s
	     WHERE (NOT q @? '$.applicationName[*]' OR EXISTS (SELECT FROM jsonb_array_elements_text(q -> 'applicationName') AS n(v)
	               WHERE client_matches(s.name, n.v)))
	       AND (q ->> 'jobDefApplication' IS NULL OR client_matches(s.application, q ->> 'jobDefApplication'))
	       AND (q ->> 'jobDefModule' IS NULL OR client_matches(s.module, q ->> 'jobDefModule'))
	       AND (q ->> 'jobDefKeyword1' IS NULL OR client_matches(s.keyword1, q ->> 'jobDefKeyword1'))
	       AND (q ->> 'jobDefKeyword2' IS NULL OR client_matches(s.keyword2, q ->> 'jobDefKeyword2'))
	       AND (q ->> 'jobDefKeyword3' IS NULL OR client_matches(s.keyword3, q ->> 'jobDefKeyword3'))) END
$$;

/*
 * The conditions of a query (codec/job_query_doc.c, model/job_query.h) on live_job_key or past_job_key as k.  Values are read
 * from $1, the query itself, and ids of names from $2 to $5 (definitions, users, queues, nodes): names that stand here become
 * part of a statement, and nothing the caller says does.
 */
CREATE FUNCTION jqm.client_conditions(q jsonb, p_past boolean) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_out    text := '';
	v_states text[];
	v        record;
BEGIN
	FOR v IN SELECT f.name, f.col, q ->> f.name AS value FROM (VALUES ('sessionId', 'session_key'),
	    ('instanceApplication', 'application'), ('instanceModule', 'module'), ('instanceKeyword1', 'keyword1'),
	    ('instanceKeyword2', 'keyword2'), ('instanceKeyword3', 'keyword3')) AS f(name, col) WHERE q ->> f.name IS NOT NULL LOOP
		v_out := v_out || ' AND ' || CASE
		    WHEN v.value = '' THEN format('(k.%1$I IS NULL OR k.%1$I = '''')', v.col)
		    WHEN strpos(v.value, '%') > 0 THEN format('k.%I LIKE replace($1 ->> %L, ''\'', ''\\'')', v.col, v.name)
		    ELSE format('k.%I = ($1 ->> %L)', v.col, v.name) END;
	END LOOP;
	FOR v IN SELECT f.name, f.col, f.live_col, f.place, q ->> f.name AS value FROM (VALUES ('user', 'user_name_id', 'user_name', 3),
	    ('queueName', 'queue_name_id', 'queue_name', 4), ('nodeName', 'node_name_id', 'node_name', 5))
	    AS f(name, col, live_col, place) WHERE q ->> f.name IS NOT NULL LOOP
		v_out := v_out || CASE
		    WHEN NOT p_past THEN format(' AND client_matches(k.%I, $1 ->> %L)', v.live_col, v.name)
		    WHEN v.value = '' THEN format(' AND (k.%1$I IS NULL OR k.%1$I = ANY ($%2$s))', v.col, v.place)
		    ELSE format(' AND k.%I = ANY ($%s)', v.col, v.place) END;
	END LOOP;
	IF client_definition_names(q) IS NOT NULL THEN
		v_out := v_out || ' AND k.snapshot_id = ANY ($2)';
	END IF;
	FOR v IN SELECT f.name, f.col, (q ->> f.name)::bigint AS value FROM (VALUES ('jobInstanceId', 'id'),
	    ('parentId', 'parent_id'), ('queueId', 'queue_id')) AS f(name, col) WHERE q ->> f.name IS NOT NULL LOOP
		v_out := v_out || CASE WHEN v.value <> -1 THEN format(' AND k.%I = ($1 ->> %L)::bigint', v.col, v.name)
		    WHEN v.col = 'queue_id' THEN ' AND NOT EXISTS (SELECT FROM queue AS q WHERE q.id = k.queue_id)'
		    ELSE format(' AND k.%I IS NULL', v.col) END;
	END LOOP;
	FOR v IN SELECT f.name, f.col, f.op FROM (VALUES ('enqueuedAfter', 'enqueued_at', '>='),
	    ('enqueuedBefore', 'enqueued_at', '<='), ('beganRunningAfter', 'started_at', '>='),
	    ('beganRunningBefore', 'started_at', '<='), ('endedAfter', 'ended_at', '>='), ('endedBefore', 'ended_at', '<='))
	    AS f(name, col, op) WHERE q ->> f.name IS NOT NULL LOOP
		v_out := v_out || format(' AND k.%I %s ($1 ->> %L)::timestamptz', v.col, v.op, v.name);
	END LOOP;
	IF q @? '$.statuses[*]' THEN
		v_states := ARRAY (SELECT jsonb_array_elements_text(q -> 'statuses'));
		IF NOT v_states <@ ARRAY['SUBMITTED', 'ATTRIBUTED', 'RUNNING', 'CRASHED', 'ENDED', 'KILLED', 'HOLDED', 'CANCELLED',
		    'SCHEDULED'] THEN
			PERFORM refuse('JQ400', 'statuses: there is no such state');
		END IF;
		v_out := v_out || format(' AND k.state = ANY (%L)', v_states); -- known ones, and known to the planner
	END IF;
	RETURN v_out;
END
$$;

/*
 * The ids of a page, sorted by id: live jobs, and past ones from one range of history after the other until there are enough, so
 * that a wrong guess of the planner costs a range and not the table.
 */
CREATE FUNCTION jqm.client_page_by_id(q jsonb, p_down boolean, p_first bigint, p_size bigint, p_definitions int[],
    p_users int[], p_queues int[], p_nodes int[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_after bigint := (q ->> 'after')::bigint;
	v_from  text := CASE WHEN v_after IS NOT NULL THEN
	    format(' AND k.id %s ($1 ->> ''after'')::bigint', CASE WHEN p_down THEN '<' ELSE '>' END) ELSE '' END;
	v_order text := CASE WHEN p_down THEN 'k.id DESC' ELSE 'k.id' END;
	v_live  bigint[] := '{}';
	v_past  bigint[] := '{}';
	v_more  bigint[];
	v_range record;
BEGIN
	IF (q ->> 'queryLiveInstances')::boolean THEN
		EXECUTE format('SELECT ARRAY (SELECT k.id FROM live_job_key AS k WHERE true%s ORDER BY %s LIMIT $6)',
		    client_conditions(q, false) || v_from, v_order)
		   INTO v_live USING q, p_definitions, p_users, p_queues, p_nodes, p_first + p_size;
	END IF;
	IF (q ->> 'queryHistoryInstances')::boolean THEN
		FOR v_range IN SELECT r.first_id, r.end_id FROM history_ranges() AS r
		    ORDER BY CASE WHEN p_down THEN -(r.first_id + 1) ELSE r.first_id END LOOP
			EXIT WHEN cardinality(v_past) >= p_first + p_size;
			CONTINUE WHEN CASE WHEN p_down THEN v_range.first_id >= v_after ELSE v_range.end_id <= v_after END;
			EXECUTE format('SELECT ARRAY (SELECT k.id FROM past_job_key AS k WHERE k.id >= %s AND k.id < %s%s ORDER BY %s LIMIT $6)',
			    v_range.first_id, v_range.end_id, client_conditions(q, true) || v_from, v_order)
			   INTO v_more USING q, p_definitions, p_users, p_queues, p_nodes, p_first + p_size - cardinality(v_past);
			v_past := v_past || v_more;
		END LOOP;
	END IF;
	RETURN ARRAY (SELECT i FROM unnest(v_live || v_past) AS i ORDER BY CASE WHEN p_down THEN -i ELSE i END
	    OFFSET p_first LIMIT p_size);
END
$$;

-- The same sorted by something else, and by id behind it.
CREATE FUNCTION jqm.client_page_by(q jsonb, p_column text, p_down boolean, p_first bigint, p_size bigint, p_definitions int[],
    p_users int[], p_queues int[], p_nodes int[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_order text := CASE WHEN p_down THEN 'value DESC, id' ELSE 'value, id' END;
	v_live  text := format('k.%I', p_column);
	v_past  text := CASE p_column WHEN 'definition_name' THEN '(SELECT s.name FROM definition_snapshot AS s WHERE s.id = k.snapshot_id)'
	    WHEN 'user_name' THEN '(SELECT n.name FROM name_snapshot AS n WHERE n.id = k.user_name_id)'
	    WHEN 'queue_name' THEN '(SELECT n.name FROM name_snapshot AS n WHERE n.id = k.queue_name_id)'
	    ELSE v_live END;
	v_collate text := CASE WHEN p_column IN ('definition_name', 'user_name', 'queue_name', 'state', 'session_key')
	    THEN ' COLLATE "C"' ELSE '' END;
	v_ids   bigint[];
BEGIN
	EXECUTE (SELECT format('SELECT ARRAY (SELECT u.id FROM (%s) AS u ORDER BY %s OFFSET $6 LIMIT $7)',
	        string_agg(format('(SELECT k.id, %s%s AS value FROM %I AS k WHERE true%s ORDER BY %s LIMIT $6 + $7)', s.value, v_collate,
	            s.source, client_conditions(q, s.past), v_order), ' UNION ALL '), v_order)
	   FROM (SELECT false AS past, 'live_job_key' AS source, v_live AS value WHERE (q ->> 'queryLiveInstances')::boolean
	         UNION ALL SELECT true, 'past_job_key', v_past WHERE (q ->> 'queryHistoryInstances')::boolean) AS s)
	   INTO v_ids USING q, p_definitions, p_users, p_queues, p_nodes, p_first, p_size;
	RETURN v_ids;
END
$$;

-- How many match.
CREATE FUNCTION jqm.client_total(q jsonb, p_definitions int[], p_users int[], p_queues int[], p_nodes int[]) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_live bigint := 0;
	v_past bigint := 0;
BEGIN
	IF (q ->> 'queryLiveInstances')::boolean THEN
		EXECUTE 'SELECT count(*) FROM live_job_key AS k WHERE true' || client_conditions(q, false)
		   INTO v_live USING q, p_definitions, p_users, p_queues, p_nodes;
	END IF;
	IF (q ->> 'queryHistoryInstances')::boolean THEN
		EXECUTE 'SELECT count(*) FROM past_job_key AS k WHERE true' || client_conditions(q, true)
		   INTO v_past USING q, p_definitions, p_users, p_queues, p_nodes;
	END IF;
	RETURN v_live + v_past;
END
$$;

/*
 * A page of jobs, and their total if exactTotal asks for it: {"resultSize", "instances"}.  Sorted by the first of sortby, and
 * by id behind it.
 */
CREATE FUNCTION jqm.client_query(q jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_column text := CASE coalesce(q #>> '{sortby,0,col}', 'ID') WHEN 'ID' THEN 'id' WHEN 'APPLICATIONNAME' THEN 'definition_name'
	    WHEN 'QUEUENAME' THEN 'queue_name' WHEN 'STATUS' THEN 'state' WHEN 'DATEENQUEUE' THEN 'enqueued_at'
	    WHEN 'DATEATTRIBUTION' THEN 'attributed_at' WHEN 'DATEEXECUTION' THEN 'started_at' WHEN 'DATEEND' THEN 'ended_at'
	    WHEN 'USERNAME' THEN 'user_name' WHEN 'PARENTID' THEN 'parent_id' WHEN 'SESSIONID' THEN 'session_key' END;
	v_down   boolean := coalesce(q #>> '{sortby,0,order}', '') = 'DESCENDING';
	v_first  bigint := coalesce((q ->> 'firstRow')::bigint, 0);
	v_size   bigint := coalesce((q ->> 'pageSize')::bigint, 50);
	v_definitions int[] := client_definition_names(q);
	v_users  int[] := client_names('u', q ->> 'user');
	v_queues int[] := client_names('q', q ->> 'queueName');
	v_nodes  int[] := client_names('n', q ->> 'nodeName');
	v_ids    bigint[];
BEGIN
	IF v_column IS NULL THEN
		PERFORM refuse('JQ400', 'sortby[0].col is no column');
	ELSIF v_size NOT BETWEEN 0 AND 20000 OR v_first NOT BETWEEN 0 AND 1000000000 THEN
		PERFORM refuse('JQ400', format('pageSize %s is outside 0 to 20000, or firstRow %s outside 0 to 1000000000', v_size, v_first));
	ELSIF NOT coalesce((q ->> 'queryLiveInstances')::boolean OR (q ->> 'queryHistoryInstances')::boolean, false) THEN
		PERFORM refuse('JQ400', 'queryLiveInstances and queryHistoryInstances are both false: there is nowhere to look');
	ELSIF v_column = 'id' THEN
		v_ids := client_page_by_id(q, v_down, v_first, v_size, v_definitions, v_users, v_queues, v_nodes);
	ELSE
		v_ids := client_page_by(q, v_column, v_down, v_first, v_size, v_definitions, v_users, v_queues, v_nodes);
	END IF;
	RETURN jsonb_build_object('resultSize', CASE WHEN (q ->> 'exactTotal')::boolean THEN
	        client_total(q, v_definitions, v_users, v_queues, v_nodes) END,
	    'instances', (SELECT coalesce(jsonb_agg(j.document ORDER BY p.place), '[]')
	        FROM unnest(v_ids) WITH ORDINALITY AS p(id, place) JOIN client_jobs(v_ids) AS j ON j.id = p.id));
END
$$;

-- Files a job left.
CREATE FUNCTION jqm.client_files(p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM job_instance AS j WHERE j.id = p_id UNION ALL SELECT FROM history AS h WHERE h.id = p_id) THEN
		PERFORM refuse('JQ404', format('there is no job instance %s', coalesce(p_id::text, '(null)')));
	END IF;
	RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('filePath', f.path, 'fileFamily', f.file_family, 'id', f.id,
	       'originalName', f.original_file_name, 'sizeBytes', f.size_bytes, 'sha256', f.sha256, 'randomId', f.random_id)
	       ORDER BY f.id), '[]') FROM deliverable AS f WHERE f.job_instance_id = p_id);
END
$$;

-- ---- configuration ----

CREATE FUNCTION jqm.client_queues() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'description', description) ORDER BY id), '[]')
	  FROM queue
$$;

-- One, or those of a definition, or all.
CREATE FUNCTION jqm.client_schedules(p_id bigint, p_job_def_id bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'cronExpression', s.cron_expression, 'priority', s.priority,
	       'queue', CASE WHEN q.id IS NOT NULL THEN
	           jsonb_build_object('id', q.id, 'name', q.name, 'description', q.description) END,
	       'parameters', pairs(s.parameters), 'applicationName', d.name, 'timeZone', s.time_zone, 'dayRule', s.day_rule,
	       'enabled', s.enabled, 'overlap', s.overlap, 'misfire', s.misfire, 'misfireWindowSeconds', s.misfire_window_s,
	       'nextFireDate', milliseconds(s.next_fire_at), 'problem', s.problem,
	       'lastUpdated', milliseconds(s.last_updated)) ORDER BY s.id), '[]')
	  FROM schedule AS s JOIN job_def AS d ON d.id = s.job_def_id LEFT JOIN queue AS q ON q.id = s.queue_id
	 WHERE (p_id IS NULL OR s.id = p_id) AND (p_job_def_id IS NULL OR d.id = p_job_def_id)
$$;

CREATE FUNCTION jqm.client_schedule(p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_schedule(p_id);
	RETURN client_schedules(p_id, NULL) -> 0;
END
$$;

-- Those of an application tag, or of a name, or all.
CREATE FUNCTION jqm.client_definitions(p_application text, p_name text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'description', d.description,
	       'canBeRestarted', d.can_be_restarted,
	       'queue', jsonb_build_object('id', q.id, 'name', q.name, 'description', q.description),
	       'applicationName', d.name, 'application', d.application, 'module', d.module, 'keyword1', d.keyword1,
	       'keyword2', d.keyword2, 'keyword3', d.keyword3, 'highlander', d.highlander,
	       'parameters', pairs(d.parameters), 'schedules', client_schedules(NULL, d.id)) ORDER BY d.name), '[]')
	  FROM job_def AS d JOIN queue AS q ON q.id = d.queue_id
	 WHERE (p_application IS NULL OR d.application = p_application) AND (p_name IS NULL OR d.name = p_name)
$$;

CREATE FUNCTION jqm.client_definition(p_name text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v jsonb := client_definitions(NULL, coalesce(p_name, '')) -> 0;
BEGIN
	IF v IS NULL THEN
		PERFORM refuse('JQ404', format('there is no job definition "%s"', left(p_name, 100)));
	END IF;
	RETURN v;
END
$$;

-- ---- new jobs ----

-- [{"key", "value"}] as {"a": "b"}.  A secret is sealed by the web API, which has the keys; nobody here has.
CREATE FUNCTION jqm.client_parameters(p jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p @? '$[*] ? (@.secret == true)' THEN
		PERFORM refuse('JQ400', 'a secret parameter is given through the web API, which seals it');
	END IF;
	RETURN (SELECT coalesce(jsonb_object_agg(e ->> 'key', e -> 'value'), '{}') FROM jsonb_array_elements(p) AS e);
END
$$;

-- A request as the web API takes it (codec/job_request_doc.c); the number of the job, or of the schedule when it has a
-- recurrence.  Who checks a cron expression is the caller: it needs the rules of time zones.
CREATE FUNCTION jqm.client_enqueue(p jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF btrim(coalesce(p ->> 'recurrence', '')) <> '' THEN
		RETURN schedule_create(p ->> 'applicationName', p ->> 'recurrence', p ->> 'timeZone', p ->> 'dayRule',
		    nullif(p ->> 'queueName', ''), (p ->> 'priority')::int, client_parameters(p -> 'parameters'), p ->> 'overlap',
		    p ->> 'misfire', (p ->> 'misfireWindowSeconds')::int);
	END IF;
	RETURN enqueue(application_name => p ->> 'applicationName', parameters => client_parameters(p -> 'parameters'),
	    queue_name => nullif(p ->> 'queueName', ''), priority => (p ->> 'priority')::int,
	    run_after => (p ->> 'runAfter')::timestamptz, held => coalesce(p ->> 'startState' = 'HOLDED', false),
	    user_name => p ->> 'user', session_id => p ->> 'sessionID', application => p ->> 'application',
	    module => p ->> 'module', keyword1 => p ->> 'keyword1', keyword2 => p ->> 'keyword2', keyword3 => p ->> 'keyword3',
	    email => p ->> 'email', parent_id => (p ->> 'parentJobId')::bigint, trace_id => p ->> 'traceId',
	    wait_for => nullif(ARRAY (SELECT jsonb_array_elements_text(p -> 'waitFor')), '{}'),
	    max_attempts => (p ->> 'maxAttempts')::int, concurrency_key => p ->> 'concurrencyKey',
	    schedule_id => nullif((p ->> 'scheduleId')::bigint, 0), idempotency_key => p ->> 'idempotencyKey',
	    idempotency_owner => 'sql:' || session_user);
END
$$;

-- An array of them, all or none: their numbers, in the same order.
CREATE FUNCTION jqm.client_enqueue_all(p jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_ids bigint[] := '{}';
	v_at  int;
BEGIN
	IF jsonb_array_length(p) > 10000 THEN
		PERFORM refuse('JQ413', 'more than 10000 requests');
	END IF;
	BEGIN
		FOR v_at IN 0 .. jsonb_array_length(p) - 1 LOOP
			v_ids := v_ids || client_enqueue(p -> v_at);
		END LOOP;
	EXCEPTION WHEN SQLSTATE 'JQ400' OR SQLSTATE 'JQ404' OR SQLSTATE 'JQ409' THEN
		PERFORM refuse(SQLSTATE, format('[%s]: %s', cardinality(v_ids), SQLERRM));
	END;
	RETURN to_jsonb(v_ids);
END
$$;

-- ---- files ----

/*
 * The web server of the node that has a file (p_kind 'file') or a log ('stdout', 'stderr'; p_attempt 0: of the newest attempt),
 * what to ask it for, and the authorities that vouch for it, as PEM; NULL: not the cluster's own.
 */
CREATE FUNCTION jqm.client_place(p_kind text, p_id bigint, p_attempt int, OUT url text, OUT path text, OUT roots text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_node text;
	v      node;
BEGIN
	IF p_kind = 'file' THEN
		SELECT n.name, '/ws/simple/file?id=' || f.random_id INTO v_node, path
		  FROM deliverable AS f JOIN name_snapshot AS n ON n.id = f.node_name_id WHERE f.id = p_id;
		IF NOT FOUND THEN
			PERFORM refuse('JQ404', format('there is no file %s', p_id));
		END IF;
	ELSE
		SELECT coalesce(CASE WHEN p_attempt IN (0, j.attempt) THEN j.node_name END,
		       (SELECT n.name FROM job_attempt AS a JOIN name_snapshot AS n ON n.id = a.node_name_id
		         WHERE a.job_instance_id = p_id AND (p_attempt = 0 OR a.attempt = p_attempt)
		         ORDER BY a.attempt DESC LIMIT 1)), format('/ws/simple/%s?id=%s&', p_kind, p_id)
		  INTO v_node, path
		  FROM (SELECT l.attempt, l.node_name FROM live_job AS l WHERE l.id = p_id
		        UNION ALL SELECT h.attempt, h.node_name FROM past_job_of(p_id) AS h) AS j;
		IF NOT FOUND THEN
			PERFORM refuse('JQ404', format('there is no job instance %s', p_id));
		ELSIF v_node IS NULL THEN
			PERFORM refuse('JQ404', format('there is no %s of job instance %s: no such attempt has started', p_kind, p_id));
		END IF;
	END IF;
	SELECT * INTO v FROM node WHERE name = v_node;
	IF NOT FOUND THEN
		PERFORM refuse('JQ404', format('it is on node "%s", which is none of the cluster''s (any more)', v_node));
	END IF;
	url := format('%s://%s:%s', CASE WHEN parameter_is_on('enableWsApiSsl', false) THEN 'https' ELSE 'http' END,
	    CASE WHEN strpos(v.dns, ':') > 0 THEN '[' || v.dns || ']' ELSE v.dns END, v.port);
	IF parameter_is_on('enableInternalPki', true) THEN
		roots := (SELECT string_agg(t.certificate, E'\n') FROM pki_trust() AS t);
	END IF;
END
$$;

/*
 * An account for whoever fetches files of nodes and has none: it may read files and logs, nothing else, and ends after 24
 * hours.  Login and password are the caller's own, made for this; only a hash of the password comes here.
 */
CREATE FUNCTION jqm.client_account(p_login text, p_password_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_role bigint;
BEGIN
	IF p_login IS NULL OR p_login !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
		PERFORM refuse('JQ400', 'the login of a temporary account is a GUID');
	ELSIF p_password_hash IS NULL OR p_password_hash !~ '^\$scrypt\$ln=1[4-6],r=8,p=1\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$' THEN
		PERFORM refuse('JQ400', 'the password of a temporary account comes as a hash of today''s make');
	END IF;
	DELETE FROM account WHERE internal AND NOT built_in AND expiration_date < now();
	IF (SELECT count(*) FROM account WHERE internal AND expiration_date IS NOT NULL) >= 10000 THEN
		PERFORM refuse('JQ409', 'there are 10000 temporary accounts: keep a handle, and its account with it');
	END IF;
	INSERT INTO role AS r (name, description, permissions, built_in)
	VALUES ('temporary file reader', 'of accounts that client libraries make for a day', '{files:read,logs:read}', true)
	ON CONFLICT (name) DO UPDATE SET permissions = excluded.permissions, built_in = true
	    WHERE r.permissions <> excluded.permissions OR NOT r.built_in;
	SELECT id INTO v_role FROM role WHERE name = 'temporary file reader';
	WITH a AS (
		INSERT INTO account (login, password_hash, internal, expiration_date, free_text)
		VALUES (p_login, p_password_hash, true, now() + interval '24 hours', left('fetches files for sql:' || session_user, 254))
		RETURNING id
	)
	INSERT INTO account_role SELECT a.id, v_role FROM a;
END
$$;

GRANT EXECUTE ON FUNCTION jqm.client_moment, jqm.client_job, jqm.client_query, jqm.client_files, jqm.client_queues,
    jqm.client_schedules, jqm.client_schedule, jqm.client_definitions, jqm.client_definition, jqm.client_enqueue,
    jqm.client_enqueue_all, jqm.client_place, jqm.client_account, jqm.schedule_delete, jqm.schedule_set_enabled,
    jqm.schedule_set_queue, jqm.schedule_set_priority, jqm.schedule_set_cron TO jqm_client;
