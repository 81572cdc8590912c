-- SPDX-License-Identifier: Apache-2.0
-- Secret parameters: what is put over what, and what stays when nobody tells the value again.
SET LOCAL ROLE jqm_owner;

/*
 * Parameters p_more over p_less, where some are secret.  A secret one without a value leaves the value that is there,
 * or without any has none yet, which only p_incomplete allows.  JQ400 for a text in place of a secret: who sends it does not
 * know, and everybody could read it.
 */
CREATE FUNCTION jqm.with_secrets(p_less jsonb, p_more jsonb, p_incomplete boolean) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_out jsonb := coalesce(p_less, '{}');
	v     record;
BEGIN
	FOR v IN SELECT e.key, e.value FROM jsonb_each(coalesce(p_more, '{}')) AS e LOOP
		IF v.value = '{"secret": ""}' THEN
			IF v_out -> v.key ? 'secret' THEN
				CONTINUE;
			END IF;
		ELSIF jsonb_typeof(v_out -> v.key) = 'object' AND jsonb_typeof(v.value) = 'string' THEN
			PERFORM refuse('JQ400', format('parameter "%s" is secret: say that its value is', v.key));
		END IF;
		v_out := v_out || jsonb_build_object(v.key, v.value);
	END LOOP;
	IF NOT p_incomplete AND v_out @? '$.*.secret ? (@ == "")' THEN
		PERFORM refuse('JQ400', format('parameter "%s" is secret and has no value: give one', e.key))
		   FROM jsonb_each(v_out) AS e WHERE e.value ->> 'secret' = '';
	END IF;
	RETURN v_out;
END
$$;

/*
 * Who changes a definition or schedule and does not tell a secret again keeps it: consoles get no secret to send back.
 * To make a secret a text it is taken away first.
 */
CREATE FUNCTION jqm.first_secrets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND OLD.has_secrets AND NEW.parameters IS DISTINCT FROM OLD.parameters THEN
		NEW.parameters := (SELECT coalesce(jsonb_object_agg(e.key, CASE
		    WHEN OLD.parameters -> e.key ? 'secret' AND e.value IN ('{"secret": ""}', '"********"') THEN OLD.parameters -> e.key
		    ELSE e.value END), '{}') FROM jsonb_each(NEW.parameters) AS e);
		PERFORM with_secrets(OLD.parameters, NEW.parameters, true);
	END IF;
	NEW.has_secrets := NEW.parameters @? '$.*.secret';
	RETURN NEW;
END
$$;
-- Their names make them the first of all triggers: what follows sees what is stored.
CREATE TRIGGER first_secrets BEFORE INSERT OR UPDATE OF parameters, has_secrets ON jqm.job_def FOR EACH ROW
    EXECUTE FUNCTION jqm.first_secrets();
CREATE TRIGGER first_secrets BEFORE INSERT OR UPDATE OF parameters, has_secrets ON jqm.schedule FOR EACH ROW
    EXECUTE FUNCTION jqm.first_secrets();

-- What is sealed is sealed for the definition's name: under another one nobody could open it.
CREATE FUNCTION jqm.keep_secrets_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF EXISTS (SELECT FROM jsonb_each(NEW.parameters) AS e WHERE e.value ->> 'secret' <> '' AND e.value = OLD.parameters -> e.key)
	    OR EXISTS (SELECT FROM schedule AS s WHERE s.job_def_id = OLD.id AND s.has_secrets)
	    OR EXISTS (SELECT FROM job_instance AS j WHERE j.job_def_id = OLD.id AND j.parameters @? '$.*.secret') THEN
		PERFORM refuse('JQ409', format('definition "%s" cannot get another name: it, its schedules or its jobs have secret parameters, '
		    'which are sealed for that name', OLD.name));
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER keep_secrets_owner BEFORE UPDATE OF name ON jqm.job_def FOR EACH ROW
    WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION jqm.keep_secrets_owner();

-- The sealed values a job had, for who shows its log without them; under the name its definition had then.
CREATE FUNCTION jqm.job_secrets(p_id bigint) RETURNS TABLE (definition text, key text, sealed text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT j.name, e.key, e.value ->> 'secret'
	  FROM (SELECT d.name, l.parameters FROM job_instance AS l JOIN job_def AS d ON d.id = l.job_def_id WHERE l.id = p_id
	        UNION ALL
	        SELECT n.name, h.parameters FROM history AS h JOIN definition_snapshot AS n ON n.id = h.snapshot_id
	         WHERE h.id = p_id) AS j, jsonb_each(j.parameters) AS e
	 WHERE e.value ->> 'secret' <> ''
$$;

GRANT EXECUTE ON FUNCTION jqm.job_secrets TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.secret_ok(jsonb), jqm.sealed_hex(jsonb) TO jqm_api, jqm_runner, jqm_client;
