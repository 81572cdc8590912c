-- SPDX-License-Identifier: Apache-2.0
/*
 * What a definition says of its parameters (job_def.parameter_types, in the order in which people are asked): an array of
 *	{"key": "month", "type": "INTEGER", "required": true, "hint": "1 to 12", "choices": []}
 * with one for each key that has a type, whether it has a value of its own or not.  A definition that says nothing takes any text.
 * Sealed values nobody here can read, today or when the types change: a secret parameter is a text.
 */
SET LOCAL ROLE jqm_owner;

-- Which rule the value breaks, in words that go after "not"; NULL: none.
CREATE FUNCTION jqm.parameter_rule_broken(p_type text, p_choices jsonb, p_value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	v_date int[];
BEGIN
	CASE p_type
	WHEN 'TEXT' THEN
		RETURN NULL;
	WHEN 'INTEGER' THEN
		RETURN CASE WHEN p_value !~ '^[-+]?[0-9]{1,18}$' THEN 'a whole number of at most 18 digits' END;
	WHEN 'NUMBER' THEN
		RETURN CASE WHEN p_value !~ '^[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,3})?$'
		       THEN 'a number such as 12.5' END;
	WHEN 'BOOLEAN' THEN
		RETURN CASE WHEN p_value NOT IN ('true', 'false') THEN 'true or false' END;
	WHEN 'CHOICE' THEN
		RETURN CASE WHEN NOT p_choices ? p_value THEN 'one of ' || (SELECT string_agg(format('"%s"', left(c.word, 40)), ', ' ORDER BY c.n)
		    || CASE WHEN jsonb_array_length(p_choices) > 10 THEN ', ...' ELSE '' END
		  FROM jsonb_array_elements_text(p_choices) WITH ORDINALITY AS c(word, n) WHERE c.n <= 10) END;
	WHEN 'DATE' THEN
		IF p_value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
			v_date := string_to_array(p_value, '-')::int[];
			IF v_date[1] > 0 AND v_date[2] BETWEEN 1 AND 12 AND v_date[3] BETWEEN 1
			    AND extract(day FROM make_date(v_date[1], v_date[2], 1) + interval '1 month - 1 day') THEN
				RETURN NULL;
			END IF;
		END IF;
		RETURN 'a date such as 2026-11-30';
	END CASE;
END
$$;

/*
 * The first of a job's parameters (those of its definition and all that was given over them) that is not what the types ask for:
 * its key, and what is wrong in words.  p_complete: those that are required must be there.  No value of a key that speaks of a secret
 * is quoted.
 */
CREATE FUNCTION jqm.first_wrong_parameter(p_types jsonb, p_parameters jsonb, p_complete boolean, OUT key text, OUT problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = jqm, pg_temp AS $$
DECLARE
	t jsonb;
	v jsonb;
BEGIN
	FOR t IN SELECT e FROM jsonb_array_elements(p_types) AS e LOOP
		key := t ->> 'key';
		v := p_parameters -> key;
		IF v IS NULL THEN
			IF p_complete AND (t ->> 'required')::boolean THEN
				problem := format('parameter "%s" is missing: its definition requires it', key);
			END IF;
		ELSIF jsonb_typeof(v) = 'object' THEN
			IF t ->> 'type' <> 'TEXT' THEN
				problem := format('parameter "%s" is secret, so nobody can check what is sealed: its type must be TEXT, not %s', key, t ->> 'type');
			END IF;
		ELSE -- with no rule broken the whole is NULL
			problem := format('parameter "%s" is %s', key, CASE WHEN NOT is_secret_key(key)
			    THEN format('"%s", ', left(v #>> '{}', 60)) ELSE '' END)
			    || 'not ' || parameter_rule_broken(t ->> 'type', t -> 'choices', v #>> '{}');
		END IF;
		EXIT WHEN problem IS NOT NULL;
	END LOOP;
	key := CASE WHEN problem IS NOT NULL THEN key END;
END
$$;

CREATE FUNCTION jqm.typed_parameter_problem(p_types jsonb, p_parameters jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = jqm, pg_temp AS $$
	SELECT problem FROM first_wrong_parameter(p_types, p_parameters, true)
$$;

-- JQ400 names the parameter, its value and the rule; consoles get the key.
CREATE FUNCTION jqm.check_typed_parameters(p_types jsonb, p_parameters jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v record;
BEGIN
	SELECT * INTO v FROM first_wrong_parameter(p_types, p_parameters, true);
	IF v.problem IS NOT NULL THEN
		PERFORM refuse_as('JQ400', 'parameterWrong key=' || v.key, v.problem);
	END IF;
END
$$;

-- Can the jobs of a definition's schedules still be made?  A schedule may be stored with its definition, so this is asked behind both.
CREATE FUNCTION jqm.check_schedules_of(p_definition text) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v record;
BEGIN
	SELECT s.id, w.problem INTO v
	  FROM job_def AS d JOIN schedule AS s ON s.job_def_id = d.id
	 CROSS JOIN LATERAL typed_parameter_problem(d.parameter_types, d.parameters || s.parameters) AS w(problem)
	 WHERE d.name = p_definition AND d.parameter_types <> '[]' AND w.problem IS NOT NULL
	 ORDER BY s.id LIMIT 1;
	IF FOUND THEN
		PERFORM refuse('JQ400', format('schedule %s: %s', v.id, v.problem));
	END IF;
END
$$;

-- The texts of one description: JQ400 names what is wrong.  No control characters: they are edited in lines, and lists are kept as lines.
CREATE FUNCTION jqm.check_type_text(p_field text, p jsonb, p_least int, p_most int) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_text text := p #>> '{}';
BEGIN
	IF coalesce(jsonb_typeof(p), 'null') = 'null' AND p_least = 0 THEN
		RETURN;
	ELSIF coalesce(jsonb_typeof(p), 'null') = 'null' THEN
		PERFORM refuse('JQ400', format('field "%s" is missing', p_field));
	ELSIF jsonb_typeof(p) <> 'string' THEN
		PERFORM refuse('JQ400', format('field "%s" is no text', p_field));
	ELSIF length(v_text) < p_least THEN
		PERFORM refuse('JQ400', format('field "%s" is empty', p_field));
	ELSIF v_text ~ '[\x01-\x1f\x7f]' THEN
		PERFORM refuse('JQ400', format('field "%s" has a control character', p_field));
	END IF;
	PERFORM check_length(p_field, v_text, p_most), check_characters(p_field, v_text);
END
$$;

-- Those of a choice, which nothing else has.
CREATE FUNCTION jqm.check_choices(p_field text, p_type text, p_choices jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_n int := jsonb_array_length(p_choices);
BEGIN
	IF p_type <> 'CHOICE' AND v_n > 0 THEN
		PERFORM refuse('JQ400', format('field "%s" is for type CHOICE only, not for %s', p_field, p_type));
	ELSIF p_type = 'CHOICE' AND v_n NOT BETWEEN 1 AND 100 THEN
		PERFORM refuse('JQ400', format('field "%s" has %s values, 1 to 100 are allowed', p_field, v_n));
	END IF;
	PERFORM check_type_text(format('%s[%s]', p_field, c.n - 1), c.value, 1, 1000)
	   FROM jsonb_array_elements(p_choices) WITH ORDINALITY AS c(value, n);
	IF v_n > (SELECT count(DISTINCT c) FROM jsonb_array_elements(p_choices) AS c) THEN
		PERFORM refuse('JQ400', format('field "%s" has a value twice', p_field));
	END IF;
END
$$;

-- One description as it is stored: all five members, nothing else.  p_n: its place, from 0.
CREATE FUNCTION jqm.parameter_type_of(p jsonb, p_n bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_at       text := format('parameterTypes[%s]', p_n);
	v_type     jsonb := coalesce(nullif(p -> 'type', 'null'), '"TEXT"');
	v_required jsonb := coalesce(nullif(p -> 'required', 'null'), 'false');
	v_choices  jsonb := coalesce(nullif(p -> 'choices', 'null'), '[]');
BEGIN
	IF jsonb_typeof(p) <> 'object' THEN
		PERFORM refuse('JQ400', format('field "%s" is no object', v_at));
	END IF;
	PERFORM check_type_text(v_at || '.key', p -> 'key', 1, 50), check_type_text(v_at || '.hint', p -> 'hint', 0, 200),
	        check_type_text(v_at || '.type', v_type, 1, 50),
	        check_choice(v_at || '.type', v_type #>> '{}', 'TEXT', 'INTEGER', 'NUMBER', 'BOOLEAN', 'DATE', 'CHOICE');
	IF jsonb_typeof(v_required) <> 'boolean' THEN
		PERFORM refuse('JQ400', format('field "%s.required" is neither true nor false', v_at));
	ELSIF jsonb_typeof(v_choices) <> 'array' THEN
		PERFORM refuse('JQ400', format('field "%s.choices" is no list', v_at));
	END IF;
	PERFORM check_choices(v_at || '.choices', v_type #>> '{}', v_choices);
	RETURN jsonb_build_object('key', p -> 'key', 'type', v_type, 'required', v_required,
	    'hint', coalesce(nullif(p -> 'hint', '""'), 'null'), 'choices', v_choices);
END
$$;

-- What a definition's own parameters are must fit; one that is required may come from elsewhere.
CREATE FUNCTION jqm.parameter_type_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_key text;
	v     record;
BEGIN
	IF NEW.parameter_types = '[]' THEN
		RETURN NEW;
	ELSIF NEW.parameter_types IS NULL OR jsonb_typeof(NEW.parameter_types) <> 'array' THEN
		PERFORM refuse('JQ400', 'field "parameterTypes" is no list');
	ELSIF jsonb_array_length(NEW.parameter_types) > 1000 THEN
		PERFORM refuse('JQ400', 'field "parameterTypes" has more than 1000 types');
	END IF;
	NEW.parameter_types := (SELECT jsonb_agg(parameter_type_of(e.doc, e.n - 1) ORDER BY e.n)
	  FROM jsonb_array_elements(NEW.parameter_types) WITH ORDINALITY AS e(doc, n));
	SELECT e ->> 'key' INTO v_key FROM jsonb_array_elements(NEW.parameter_types) AS e GROUP BY 1 HAVING count(*) > 1 LIMIT 1;
	IF FOUND THEN
		PERFORM refuse('JQ400', format('field "parameterTypes" has key "%s" twice', v_key));
	END IF;
	SELECT * INTO v FROM first_wrong_parameter(NEW.parameter_types, NEW.parameters, false);
	IF v.problem IS NOT NULL THEN
		PERFORM refuse_as('JQ400', 'parameterWrong key=' || v.key, v.problem);
	END IF;
	RETURN NEW;
END
$$;
-- Its name comes behind first_secrets: secrets that stay are there.
CREATE TRIGGER parameter_type_rules BEFORE INSERT OR UPDATE OF parameter_types, parameters ON jqm.job_def
    FOR EACH ROW EXECUTE FUNCTION jqm.parameter_type_rules();

-- The same for programs without a parser: a line for each, its members parted by tabulators: key, type, "true" when it is required, hint,
-- and each choice.
CREATE FUNCTION jqm.parameter_type_lines(p jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = jqm, pg_temp AS $$
	SELECT string_agg(concat_ws(E'\t', e.doc ->> 'key', e.doc ->> 'type', e.doc ->> 'required', coalesce(e.doc ->> 'hint', ''),
	    (SELECT string_agg(c.word, E'\t' ORDER BY c.n) FROM jsonb_array_elements_text(e.doc -> 'choices') WITH ORDINALITY AS c(word, n))),
	    E'\n' ORDER BY e.n)
	  FROM jsonb_array_elements(p) WITH ORDINALITY AS e(doc, n)
$$;
GRANT EXECUTE ON FUNCTION jqm.parameter_type_lines TO jqm_api;
