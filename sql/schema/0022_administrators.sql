-- SPDX-License-Identifier: Apache-2.0
-- Rules of accounts and roles, whatever door a change comes through; above all: there stays somebody who may
-- do everything.
SET LOCAL ROLE jqm_owner;

/*
 * "object:verb", or limited: "object:verb@own", "...@queue=NAME", "...@definition=NAME", of which the rest of
 * the text is the name.  JQ400 for a limit that would never mean anything: fcgi/authz.c knows these only.
 */
CREATE FUNCTION jqm.check_permission(p_permission text) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_at    int := strpos(p_permission, '@');
	v_limit text := substr(p_permission, v_at + 1);
	v_object text := btrim(split_part(left(p_permission, v_at - 1), ':', 1));
BEGIN
	IF v_at = 0 THEN
		RETURN;
	ELSIF v_limit !~ '^(own|queue=.+|definition=.+)$' THEN
		PERFORM refuse('JQ400', format('field "permissions": "%s": a limit is @own, @queue=NAME or @definition=NAME',
		    left(p_permission, 100)));
	ELSIF v_object !~* '^(\*|job_instance|logs|files|queue|queue_position|jd)$' THEN
		PERFORM refuse('JQ400', format('field "permissions": "%s": a permission for "%s" cannot be limited',
		    left(p_permission, 100), left(v_object, 50)));
	END IF;
END
$$;

CREATE FUNCTION jqm.role_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_permission text;
BEGIN
	PERFORM check_name('name', NEW.name, 255), check_present('description', NEW.description),
	        check_length('description', NEW.description, 254),
	        check_present('permissions', NEW.permissions::text);
	FOREACH v_permission IN ARRAY NEW.permissions LOOP
		PERFORM check_name('permissions', v_permission, 300), check_permission(v_permission);
	END LOOP;
	IF TG_OP = 'UPDATE' AND OLD.name = 'administrator'
	   AND (NEW.name <> 'administrator' OR NOT NEW.permissions @> ARRAY['*:*']) THEN
		PERFORM refuse('JQ409', 'role "administrator" cannot be removed or weakened');
	ELSIF TG_OP = 'UPDATE' AND OLD.built_in AND NEW.name <> OLD.name THEN
		PERFORM refuse('JQ409', format('role "%s" is built in: it cannot be renamed', OLD.name));
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER role_rules BEFORE INSERT OR UPDATE ON jqm.role FOR EACH ROW EXECUTE FUNCTION jqm.role_rules();

CREATE FUNCTION jqm.role_deletion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_count bigint;
BEGIN
	IF OLD.name = 'administrator' THEN
		PERFORM refuse('JQ409', 'role "administrator" cannot be removed or weakened');
	END IF;
	SELECT count(*) INTO v_count FROM account_role WHERE role_id = OLD.id;
	IF v_count > 0 THEN
		PERFORM refuse_as('JQ409', 'roleHasActiveUsers count=' || v_count,
		    format('role "%s" cannot be deleted: accounts that have it: %s', OLD.name, v_count));
	ELSIF OLD.built_in THEN
		PERFORM refuse('JQ409', format('role "%s" is built in: it cannot be deleted', OLD.name));
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER role_deletion BEFORE DELETE ON jqm.role FOR EACH ROW EXECUTE FUNCTION jqm.role_deletion();

-- A login of which HTTP's Basic form makes another one, or that means a job, could never be used.
CREATE FUNCTION jqm.account_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM check_name('login', NEW.login, 255), check_length('email', NEW.email, 254),
	        check_length('freeText', NEW.free_text, 254), check_present('locked', NEW.locked::text);
	IF NEW.login LIKE '%:%' THEN
		PERFORM refuse('JQ400', 'field "login" has a colon');
	ELSIF NEW.login = 'anonymous' THEN
		PERFORM refuse('JQ400', 'field "login": anonymous means nobody');
	ELSIF NEW.login ~ '^job-[0-9]+$' THEN
		PERFORM refuse('JQ400', 'field "login": job-<number> means a job');
	ELSIF TG_OP = 'UPDATE' AND OLD.built_in AND NEW.login <> OLD.login THEN
		PERFORM refuse('JQ409', format('account "%s" is built in: it cannot be renamed', OLD.login));
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER account_rules BEFORE INSERT OR UPDATE ON jqm.account
    FOR EACH ROW EXECUTE FUNCTION jqm.account_rules();

CREATE FUNCTION jqm.account_deletion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF OLD.built_in THEN
		PERFORM refuse('JQ409', format('account "%s" is built in: it can be locked, not deleted', OLD.login));
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER account_deletion BEFORE DELETE ON jqm.account FOR EACH ROW EXECUTE FUNCTION jqm.account_deletion();

/*
 * An administrator to rely on: may do everything, can log in, and will still be able to tomorrow.  One that
 * expires some day is none.
 */
CREATE FUNCTION jqm.has_administrator() RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = jqm, pg_temp AS $$
	SELECT EXISTS (SELECT FROM account AS a WHERE NOT a.locked AND a.expiration_date IS NULL
	       AND a.password_hash IS NOT NULL
	       AND EXISTS (SELECT FROM account_role AS ar JOIN role AS r ON r.id = ar.role_id
	           WHERE ar.account_id = a.id AND r.permissions && ARRAY['*:*', '*']))
$$;

/*
 * What it takes to undo a change of accounts, of that which an account has: NULL when it cannot log in.  As
 * fcgi/authz.c reads permissions; one with a limit is none here.
 */
CREATE FUNCTION jqm.administrator_rights(p_account bigint) RETURNS text[]
LANGUAGE sql STABLE SET search_path = jqm, pg_temp AS $$
	SELECT ARRAY(SELECT w FROM unnest(ARRAY['*:*', 'user:update', 'role:update']) AS w
	    WHERE EXISTS (SELECT FROM account_role AS ar JOIN role AS r ON r.id = ar.role_id,
	            unnest(r.permissions) AS p, lower(replace(p, ' ', '')) AS h
	        WHERE ar.account_id = a.id AND strpos(h, '@') = 0
	        AND string_to_array(split_part(h, ':', 1), ',') && ARRAY['*', split_part(w, ':', 1)]
	        AND (strpos(h, ':') = 0 OR string_to_array(split_part(h, ':', 2), ',') && ARRAY['*', split_part(w, ':', 2)])
	        AND split_part(h, ':', 3) IN ('', '*')))
	FROM account AS a WHERE a.id = p_account AND NOT a.locked AND (a.expiration_date IS NULL OR a.expiration_date > now())
$$;

-- The account that asks for a change by the web API, and has not to lock itself out; '' for all other doors.
CREATE FUNCTION jqm.asking_login() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN split_part(audit_actor(), chr(31), 1);
END
$$;

/*
 * Before the first statement of a transaction that may take the last one away it is noted whether there was
 * one; at its end there must be one, if so.  In between may be anything: accounts change places.  Two
 * transactions that each take one of the last two away meet at the row of the role, and the second is refused.
 * Who asks by the web API keeps what he has of administrator_rights(): he would find himself outside, and has another
 * administrator do it.
 */
CREATE FUNCTION jqm.note_administrator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF coalesce(current_setting('jqm.had_administrator', true), '') = '' THEN
		PERFORM set_config('jqm.had_administrator', has_administrator()::text, true),
		        set_config('jqm.asking_account', coalesce(a.id::text, ''), true),
		        set_config('jqm.asking_rights', coalesce(administrator_rights(a.id)::text, ''), true)
		FROM (VALUES (asking_login())) AS by (login) LEFT JOIN account AS a ON a.login = by.login;
	END IF;
	RETURN NULL;
END
$$;
CREATE FUNCTION jqm.keep_administrator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_rights text := nullif(current_setting('jqm.asking_rights', true), '');
	v_keeps  text[];
BEGIN
	IF current_setting('jqm.had_administrator', true) = 'true' THEN
		UPDATE role SET description = description WHERE name = 'administrator';
		IF NOT has_administrator() THEN
			PERFORM refuse('JQ409', 'this would leave no administrator who can log in, now and later');
		END IF;
	END IF;
	IF v_rights IS NOT NULL THEN
		v_keeps := administrator_rights(current_setting('jqm.asking_account')::bigint);
		IF v_keeps IS NULL OR NOT v_keeps @> v_rights::text[] THEN
			PERFORM refuse('JQ409', format('this would lock out account "%s", which asks for it: let another administrator do it',
			    asking_login()));
		END IF;
	END IF;
	RETURN NULL;
END
$$;

CREATE TRIGGER note_administrator BEFORE UPDATE OR DELETE ON jqm.account
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.note_administrator();
CREATE TRIGGER note_administrator BEFORE UPDATE OR DELETE ON jqm.account_role
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.note_administrator();
CREATE TRIGGER note_administrator BEFORE UPDATE OF permissions ON jqm.role
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.note_administrator();

CREATE CONSTRAINT TRIGGER keep_administrator AFTER UPDATE ON jqm.account DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.locked, OLD.expiration_date, OLD.password_hash IS NULL)
        IS DISTINCT FROM (NEW.locked, NEW.expiration_date, NEW.password_hash IS NULL))
    EXECUTE FUNCTION jqm.keep_administrator();
CREATE CONSTRAINT TRIGGER keep_administrator_deleted AFTER DELETE ON jqm.account DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION jqm.keep_administrator();
CREATE CONSTRAINT TRIGGER keep_administrator AFTER UPDATE OR DELETE ON jqm.account_role DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION jqm.keep_administrator();
CREATE CONSTRAINT TRIGGER keep_administrator AFTER UPDATE ON jqm.role DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.permissions IS DISTINCT FROM NEW.permissions)
    EXECUTE FUNCTION jqm.keep_administrator();
