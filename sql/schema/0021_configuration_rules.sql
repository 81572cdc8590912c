-- SPDX-License-Identifier: Apache-2.0
-- What configuration may look like, whatever door it comes through: each refusal names the field as users of
-- the web API know it.  Wrong values are JQ400, what is still in use JQ409.
SET LOCAL ROLE jqm_owner;

-- A refusal with a key of JQM's consoles' translations: "itemNotFound id=4".
CREATE FUNCTION jqm.refuse_as(p_code text, p_key text, p_text text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '%', p_text USING ERRCODE = p_code, DETAIL = p_key;
END
$$;

-- Those that are called for each field of many rows set no search_path, which would cost more than they do.
CREATE FUNCTION jqm.check_present(p_field text, p_value text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF p_value IS NULL THEN
		PERFORM jqm.refuse('JQ400', format('field "%s" is missing', p_field));
	END IF;
END
$$;

CREATE FUNCTION jqm.check_text(p_field text, p_value text, p_most int) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM jqm.check_present(p_field, p_value), jqm.check_length(p_field, p_value, p_most);
	IF p_value = '' THEN
		PERFORM jqm.refuse('JQ400', format('field "%s" is empty', p_field));
	END IF;
END
$$;

-- What people type and see in lists: nothing that cannot be seen.
CREATE FUNCTION jqm.check_name(p_field text, p_value text, p_most int) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM jqm.check_text(p_field, p_value, p_most);
	IF p_value ~ '^\s|\s$' THEN
		PERFORM jqm.refuse('JQ400', format('field "%s" begins or ends with a blank', p_field));
	ELSIF p_value ~ '[\x01-\x1f\x7f]' THEN
		PERFORM jqm.refuse('JQ400', format('field "%s" has a control character', p_field));
	END IF;
	PERFORM jqm.check_characters(p_field, p_value);
END
$$;

-- Texts that an export carries (field, text, field, text..): none of the characters that no XML file can hold, or
-- something else would come back.
CREATE FUNCTION jqm.check_characters(VARIADIC p text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	c_none CONSTANT text := '[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]';
BEGIN
	IF array_to_string(p, '') !~ c_none THEN
		RETURN;
	END IF;
	FOR i IN 1 .. cardinality(p) - 1 BY 2 LOOP
		IF p[i + 1] ~ c_none THEN
			PERFORM jqm.refuse('JQ400', format('field "%s" has the character U+%s, which no file can hold', p[i],
			    upper(lpad(to_hex(ascii(substring(p[i + 1] FROM c_none))), 4, '0'))));
		END IF;
	END LOOP;
END
$$;

-- Keys and values of parameters as one text; secrets, which no file has, come as they are sealed.
CREATE FUNCTION jqm.parameters_text(p jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT string_agg(concat(e.key, e.value #>> '{}'), '') FROM jsonb_each(p) AS e
$$;

-- What files have in elements of a line of their own: the blanks around it mean nothing, whatever door it comes through.
CREATE FUNCTION jqm.trimmed(p_value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT btrim(p_value, E' \t\r\n')
$$;

-- A number that must be there.
CREATE FUNCTION jqm.check_number(p_field text, p_value bigint, p_least bigint, p_most bigint) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM jqm.check_present(p_field, p_value::text), jqm.check_range(p_field, p_value, p_least, p_most);
END
$$;

-- Does the row a field refers to exist?  NULL is fine.
CREATE FUNCTION jqm.check_reference(p_field text, p_table regclass, p_noun text, p_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_found boolean;
BEGIN
	IF p_id IS NULL THEN
		RETURN;
	END IF;
	EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE id = $1)', p_table) INTO v_found USING p_id;
	IF NOT v_found THEN
		PERFORM refuse('JQ400', format('field "%s": there is no %s %s', p_field, p_noun, p_id));
	END IF;
END
$$;

-- What JQM's resources need to be made by Java; stored for its consoles, never used by our runner.
CREATE TABLE jqm.jndi_resource (
	id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text    NOT NULL UNIQUE,
	type        text    NOT NULL,
	factory     text    NOT NULL,
	auth        text    NOT NULL DEFAULT 'CONTAINER',
	description text,
	singleton   boolean NOT NULL DEFAULT false,
	template    text,
	parameters  jsonb   NOT NULL DEFAULT '{}' -- values may be null
);

CREATE FUNCTION jqm.queue_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_name('name', NEW.name, 255), check_present('description', NEW.description),
	        check_length('description', NEW.description, 1000),
	        check_present('defaultQueue', NEW.default_queue::text),
	        check_range('ageingSeconds', NEW.ageing_s, 1, 31536000), check_characters('description', NEW.description);
	RETURN NEW;
END
$$;
CREATE TRIGGER queue_rules BEFORE INSERT OR UPDATE OF name, description, default_queue, ageing_s ON jqm.queue
    FOR EACH ROW EXECUTE FUNCTION jqm.queue_rules();

CREATE FUNCTION jqm.queue_deletion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_count bigint;
BEGIN
	SELECT count(*) INTO v_count FROM job_instance WHERE queue_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse_as('JQ409', 'queueHasRunningInstances',
		    format('queue "%s" cannot be deleted: jobs in it that are not over: %s', OLD.name, v_count));
	END IF;
	SELECT count(*) INTO v_count FROM job_def WHERE queue_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse('JQ409', format('queue "%s" cannot be deleted: job definitions that use it: %s', OLD.name, v_count));
	END IF;
	SELECT count(*) INTO v_count FROM schedule WHERE queue_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse('JQ409', format('queue "%s" cannot be deleted: schedules that use it: %s', OLD.name, v_count));
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER queue_deletion BEFORE DELETE ON jqm.queue FOR EACH ROW EXECUTE FUNCTION jqm.queue_deletion();

CREATE FUNCTION jqm.is_address(p_value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN p_value::inet IS NOT NULL;
EXCEPTION WHEN invalid_text_representation THEN
	RETURN false;
END
$$;

-- A host's name or an address, in a form that can stand in nginx's configuration, a certificate and a URL.
CREATE FUNCTION jqm.check_host(p_field text, p_value text) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	IF p_value !~ '^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?([.][A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*[.]?$'
	   AND (p_value !~ '^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$' OR NOT is_address(p_value)) THEN
		PERFORM refuse('JQ400', format('field "%s": "%s" is neither the name of a host nor an address', p_field,
		    left(p_value, 100)));
	END IF;
END
$$;

-- Heartbeats touch none of these columns.
CREATE FUNCTION jqm.node_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_name('name', NEW.name, 255), check_name('dns', NEW.dns, 255),
	        check_host('dns', NEW.dns), check_number('port', NEW.port, 0, 65535),
	        check_text('outputDirectory', NEW.repo_deliverable, 1024),
	        check_text('jobRepoDirectory', NEW.repo_job_def, 1024),
	        check_present('tmpDirectory', NEW.repo_tmp), check_length('tmpDirectory', NEW.repo_tmp, 1024),
	        check_number('jmxRegistryPort', NEW.jmx_registry_port, 0, 65535),
	        check_number('jmxServerPort', NEW.jmx_server_port, 0, 65535),
	        check_present('rootLogLevel', NEW.root_log_level),
	        check_choice('rootLogLevel', NEW.root_log_level, 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'),
	        check_characters('outputDirectory', NEW.repo_deliverable, 'jobRepoDirectory', NEW.repo_job_def,
	            'tmpDirectory', NEW.repo_tmp);
	RETURN NEW;
END
$$;
CREATE TRIGGER node_rules BEFORE INSERT OR UPDATE OF name, dns, port, repo_deliverable, repo_job_def, repo_tmp,
    jmx_registry_port, jmx_server_port, root_log_level ON jqm.node
    FOR EACH ROW EXECUTE FUNCTION jqm.node_rules();

-- A node that may come back, or whose jobs nobody has judged yet, stays.
CREATE FUNCTION jqm.node_deletion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_count bigint;
BEGIN
	SELECT count(*) INTO v_count FROM job_instance WHERE node_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse_as('JQ409', 'nodeHasRunningJobs',
		    format('node "%s" cannot be deleted: jobs in its hands: %s', OLD.name, v_count));
	ELSIF OLD.lease_until > now() OR OLD.last_seen_alive > now() - interval '10 minutes' THEN
		PERFORM refuse_as('JQ409', 'nodeRecentlyActive',
		    format('node "%s" cannot be deleted: it was seen alive less than 10 minutes ago', OLD.name));
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER node_deletion BEFORE DELETE ON jqm.node FOR EACH ROW EXECUTE FUNCTION jqm.node_deletion();
-- Once more when claims that had locked its row are through: see job_instance.node_id.
CREATE TRIGGER node_deleted AFTER DELETE ON jqm.node FOR EACH ROW EXECUTE FUNCTION jqm.node_deletion();

CREATE FUNCTION jqm.mapping_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_present('nodeId', NEW.node_id::text), check_reference('nodeId', 'node', 'node', NEW.node_id),
	        check_present('queueId', NEW.queue_id::text), check_reference('queueId', 'queue', 'queue', NEW.queue_id),
	        check_number('nbThread', NEW.max_jobs, 0, 100000),
	        check_number('pollingInterval', NEW.polling_interval_ms, 1, 86400000),
	        check_present('enabled', NEW.enabled::text);
	NEW.last_modified := now();
	RETURN NEW;
END
$$;
CREATE TRIGGER mapping_rules BEFORE INSERT OR UPDATE OF node_id, queue_id, max_jobs, polling_interval_ms, enabled
    ON jqm.queue_mapping FOR EACH ROW EXECUTE FUNCTION jqm.mapping_rules();

CREATE FUNCTION jqm.parameter_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_name('key', NEW.key, 255), check_present('value', NEW.value), check_length('value', NEW.value, 1000),
	        check_characters('value', NEW.value);
	IF TG_OP = 'INSERT' OR NEW.key <> OLD.key OR NEW.value <> OLD.value THEN
		NEW.last_modified := now();
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER parameter_rules BEFORE INSERT OR UPDATE ON jqm.global_parameter
    FOR EACH ROW EXECUTE FUNCTION jqm.parameter_rules();

CREATE FUNCTION jqm.resource_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v record;
BEGIN
	PERFORM check_name('name', NEW.name, 255), check_text('type', NEW.type, 1000),
	        check_text('factory', NEW.factory, 1000), check_text('auth', NEW.auth, 20),
	        check_length('description', NEW.description, 250), check_present('singleton', NEW.singleton::text),
	        check_length('template', NEW.template, 50), check_present('parameters', NEW.parameters::text),
	        check_characters('type', NEW.type, 'factory', NEW.factory, 'auth', NEW.auth, 'description', NEW.description,
	            'template', NEW.template, 'parameters', parameters_text(NEW.parameters));
	FOR v IN SELECT e.key, e.value #>> '{}' AS value FROM jsonb_each(NEW.parameters) AS e LOOP
		PERFORM check_text('parameters', v.key, 255), check_length('parameters', v.value, 1000);
	END LOOP;
	RETURN NEW;
END
$$;
CREATE TRIGGER resource_rules BEFORE INSERT OR UPDATE ON jqm.jndi_resource
    FOR EACH ROW EXECUTE FUNCTION jqm.resource_rules();

CREATE FUNCTION jqm.context_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	NEW.hidden_classes := trimmed(NEW.hidden_classes);
	NEW.allowed_runners := trimmed(NEW.allowed_runners);
	NEW.extra_classpath_dirs := trimmed(NEW.extra_classpath_dirs);
	NEW.excluded_class_prefixes := trimmed(NEW.excluded_class_prefixes);
	PERFORM check_name('name', NEW.name, 255), check_present('childFirst', NEW.child_first::text),
	        check_present('tracingEnabled', NEW.tracing::text), check_present('persistent', NEW.persistent::text),
	        check_length('hiddenClasses', NEW.hidden_classes, 1024),
	        check_length('allowedRunners', NEW.allowed_runners, 1024),
	        check_length('extraClasspathDirs', NEW.extra_classpath_dirs, 1024),
	        check_length('excludedClassPrefixes', NEW.excluded_class_prefixes, 1024),
	        check_characters('hiddenClasses', NEW.hidden_classes, 'allowedRunners', NEW.allowed_runners,
	            'extraClasspathDirs', NEW.extra_classpath_dirs, 'excludedClassPrefixes', NEW.excluded_class_prefixes);
	RETURN NEW;
END
$$;
CREATE TRIGGER context_rules BEFORE INSERT OR UPDATE ON jqm.execution_context
    FOR EACH ROW EXECUTE FUNCTION jqm.context_rules();

CREATE FUNCTION jqm.context_deletion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_count bigint;
BEGIN
	SELECT count(*) INTO v_count FROM job_def WHERE execution_context_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse('JQ409',
		    format('execution context "%s" cannot be deleted: job definitions that use it: %s', OLD.name, v_count));
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER context_deletion BEFORE DELETE ON jqm.execution_context
    FOR EACH ROW EXECUTE FUNCTION jqm.context_deletion();

-- The part of a definition's rules that descriptors check under names of their own; the rest is job_def_check().
CREATE FUNCTION jqm.definition_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	NEW.path := trimmed(NEW.path);
	NEW.class_name := trimmed(NEW.class_name);
	NEW.working_directory := trimmed(NEW.working_directory);
	NEW.concurrency_key := trimmed(NEW.concurrency_key);
	NEW.run_as := trimmed(NEW.run_as);
	NEW.signature := trimmed(NEW.signature);
	PERFORM check_name('applicationName', NEW.name, 255), check_present('description', NEW.description),
	        check_length('description', NEW.description, 1024),
	        check_present('queueId', NEW.queue_id::text), check_text('jarPath', NEW.path, 1024),
	        check_present('javaClassName', NEW.class_name), check_length('javaClassName', NEW.class_name, 100),
	        check_present('pathType', NEW.path_type),
	        check_choice('pathType', NEW.path_type, 'FS', 'MAVEN', 'MEMORY', 'DEFAULTSHELLCOMMAND',
	            'POWERSHELLCOMMAND', 'DIRECTEXECUTABLE'),
	        check_length('javaOpts', NEW.java_opts, 1024),
	        check_length('application', NEW.application, 50), check_length('module', NEW.module, 50),
	        check_length('keyword1', NEW.keyword1, 50), check_length('keyword2', NEW.keyword2, 50),
	        check_length('keyword3', NEW.keyword3, 50), check_parameters(NEW.parameters),
	        check_characters('description', NEW.description, 'jarPath', NEW.path, 'javaClassName', NEW.class_name,
	            'javaOpts', NEW.java_opts, 'application', NEW.application, 'module', NEW.module,
	            'keyword1', NEW.keyword1, 'keyword2', NEW.keyword2, 'keyword3', NEW.keyword3,
	            'workingDirectory', NEW.working_directory, 'concurrencyKey', NEW.concurrency_key,
	            'parameters', parameters_text(NEW.parameters));
	-- Looked for here first: check_reference() has its statement planned each time, and of these there may be thousands.
	IF NOT EXISTS (SELECT FROM queue WHERE id = NEW.queue_id) THEN
		PERFORM check_reference('queueId', 'queue', 'queue', NEW.queue_id);
	ELSIF NEW.execution_context_id IS NOT NULL THEN
		PERFORM check_reference('classLoaderId', 'execution_context', 'execution context', NEW.execution_context_id);
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER definition_rules BEFORE INSERT OR UPDATE ON jqm.job_def
    FOR EACH ROW EXECUTE FUNCTION jqm.definition_rules();

CREATE FUNCTION jqm.definition_deletion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_count bigint;
BEGIN
	SELECT count(*) INTO v_count FROM job_instance WHERE job_def_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse_as('JQ409', 'jobDefHasRunningInstances',
		    format('job definition "%s" cannot be deleted: jobs of it that are not over: %s', OLD.name, v_count));
	END IF;
	SELECT count(*) INTO v_count FROM schedule WHERE job_def_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse_as('JQ409', 'jobDefHasActiveSchedules',
		    format('job definition "%s" cannot be deleted: schedules of it: %s', OLD.name, v_count));
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER definition_deletion BEFORE DELETE ON jqm.job_def
    FOR EACH ROW EXECUTE FUNCTION jqm.definition_deletion();

-- The rest of a schedule's rules is schedule_changed().
CREATE FUNCTION jqm.schedule_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_present('jobDefId', NEW.job_def_id::text),
	        check_reference('jobDefId', 'job_def', 'job definition', NEW.job_def_id),
	        check_text('cronExpression', NEW.cron_expression, 255),
	        check_reference('queue', 'queue', 'queue', NEW.queue_id);
	RETURN NEW;
END
$$;
CREATE TRIGGER schedule_rules BEFORE INSERT OR UPDATE OF job_def_id, cron_expression, queue_id ON jqm.schedule
    FOR EACH ROW EXECUTE FUNCTION jqm.schedule_rules();

-- Starts are counted without a look at these.
CREATE FUNCTION jqm.limit_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_name('key', NEW.key, 100), check_present('description', NEW.description),
	        check_length('description', NEW.description, 1000), check_range('maxRunning', NEW.max_running, 0, 100000),
	        check_range('rate', NEW.rate, 1, 10000), check_range('ratePeriodSeconds', NEW.rate_period_s, 1, 31536000);
	IF (NEW.rate IS NULL) <> (NEW.rate_period_s IS NULL) THEN
		PERFORM refuse('JQ400', 'fields "rate" and "ratePeriodSeconds" go together');
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER limit_rules BEFORE INSERT OR UPDATE OF key, description, max_running, rate, rate_period_s
    ON jqm.concurrency_limit FOR EACH ROW EXECUTE FUNCTION jqm.limit_rules();
