-- SPDX-License-Identifier: Apache-2.0
-- Who is logged in: sessions of browsers, second factors, where accounts log in from; accounts that are over go.
-- All of it begins with jqm.account, which dumps by jqm_backup leave out.
SET LOCAL ROLE jqm_owner;

-- A session is known by a random token, of which only the SHA-256 is here.  It is over at ends_at, and when
-- nobody used it for idle_s seconds.
CREATE TABLE jqm.account_session (
	id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- what lists call it; opens nothing
	token_hash   bytea       NOT NULL UNIQUE CHECK (length(token_hash) = 32),
	account_id   bigint      NOT NULL REFERENCES jqm.account (id) ON DELETE CASCADE,
	created_at   timestamptz NOT NULL DEFAULT now(),
	last_seen_at timestamptz NOT NULL DEFAULT now(), -- within a minute, or a tenth of idle_s
	idle_s       int         NOT NULL CHECK (idle_s > 0),
	ends_at      timestamptz NOT NULL,
	address      text        NOT NULL CHECK (length(address) <= 64),
	tls          boolean     NOT NULL -- made over TLS: only there it counts; one of a clear line may have been read
) WITH (fillfactor = 70);
CREATE INDEX account_session_account ON jqm.account_session (account_id);

-- The second factor of an account that has one (RFC 6238); it counts once confirmed.
CREATE TABLE jqm.account_totp (
	account_id bigint  PRIMARY KEY REFERENCES jqm.account (id) ON DELETE CASCADE,
	secret     bytea   NOT NULL CHECK (length(secret) = 20),
	confirmed  boolean NOT NULL DEFAULT false,
	last_step  bigint  NOT NULL DEFAULT 0,   -- of the newest code that was used: that and older ones are over
	recovery   bytea[] NOT NULL DEFAULT '{}', -- SHA-256 of the codes for a lost device that are left
	tries      int     NOT NULL DEFAULT 0,   -- codes tried since a right one came: totp_try()
	tried_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER rights_changed AFTER INSERT OR DELETE OR UPDATE OF account_id, confirmed ON jqm.account_totp
    FOR EACH ROW EXECUTE FUNCTION jqm.rights_changed();

-- Networks an account has logged in from with its password: there it need not wait for what strangers do elsewhere.
CREATE TABLE jqm.account_network (
	account_id bigint      NOT NULL REFERENCES jqm.account (id) ON DELETE CASCADE,
	network    text        NOT NULL CHECK (length(network) <= 64),
	last_login timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, network)
);
REVOKE ALL ON jqm.account_session, jqm.account_totp, jqm.account_network FROM jqm_backup;

CREATE FUNCTION jqm.session_alive(p jqm.account_session) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT p.ends_at > now() AND p.last_seen_at + p.idle_s * interval '1 s' > now()
$$;

/*
 * A session for who has just proved to be the account in that state: its number; NULL when the account is
 * another one by now, may not log in, or is a technical one.  Of many sessions the oldest end.
 */
CREATE FUNCTION jqm.session_start(p_account bigint, p_version bigint, p_token_hash bytea, p_idle_s int, p_max_s int,
	p_address text, p_tls boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_id bigint;
BEGIN
	-- Waits for a change that is under way; one that comes later finds the session and ends it.
	PERFORM FROM account AS a WHERE a.id = p_account AND a.version = p_version AND NOT a.locked AND NOT a.internal
	    AND (a.expiration_date IS NULL OR a.expiration_date > now()) FOR SHARE;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	DELETE FROM account_session AS s WHERE s.account_id = p_account AND (NOT session_alive(s) OR s.id IN (
	    SELECT o.id FROM account_session AS o WHERE o.account_id = p_account ORDER BY o.last_seen_at DESC, o.id DESC OFFSET 19));
	INSERT INTO account_session (token_hash, account_id, idle_s, ends_at, address, tls)
	VALUES (p_token_hash, p_account, p_idle_s, now() + p_max_s * interval '1 s', left(p_address, 64), p_tls)
	RETURNING id INTO v_id;
	INSERT INTO audit (action, kind, object_id, name) SELECT 'login', 'user', id, login FROM account WHERE id = p_account;
	RETURN v_id;
END
$$;

-- Another password, a lock, other roles: who is logged in as that account is so no more.
CREATE FUNCTION jqm.end_sessions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF TG_TABLE_NAME = 'account' THEN
		IF current_setting('jqm.same_password', true) IS DISTINCT FROM 'true' THEN
			DELETE FROM account_session WHERE account_id = NEW.id;
		END IF;
	ELSIF TG_OP = 'INSERT' THEN
		DELETE FROM account_session WHERE account_id = NEW.account_id;
	ELSE
		DELETE FROM account_session WHERE account_id = OLD.account_id;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER end_sessions AFTER UPDATE ON jqm.account FOR EACH ROW
    WHEN ((OLD.login, OLD.password_hash, OLD.locked) IS DISTINCT FROM (NEW.login, NEW.password_hash, NEW.locked))
    EXECUTE FUNCTION jqm.end_sessions();
CREATE TRIGGER end_sessions AFTER INSERT OR UPDATE OR DELETE ON jqm.account_role FOR EACH ROW
    EXECUTE FUNCTION jqm.end_sessions();

-- The same password under another hash, unless somebody has set another one meanwhile: the account's version
-- from now on, or NULL.
CREATE FUNCTION jqm.account_rehash(p_account bigint, p_old text, p_new text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_version bigint;
BEGIN
	PERFORM set_config('jqm.same_password', 'true', true);
	UPDATE account SET password_hash = p_new WHERE id = p_account AND password_hash = p_old RETURNING version INTO v_version;
	PERFORM set_config('jqm.same_password', '', true);
	RETURN v_version;
END
$$;

-- Another password, by who knew the one of p_old: the version from now on, or NULL when it is not that any more.
CREATE FUNCTION jqm.account_change_password(p_account bigint, p_old text, p_new text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	UPDATE account SET password_hash = p_new WHERE id = p_account AND password_hash = p_old RETURNING version
$$;

-- It has just logged in from that network; once a day that is news.
CREATE FUNCTION jqm.account_seen(p_account bigint, p_network text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	INSERT INTO account_network AS n (account_id, network) SELECT p_account, left(p_network, 64)
	ON CONFLICT (account_id, network) DO UPDATE SET last_login = now() WHERE n.last_login < now() - interval '1 day';
	IF FOUND THEN
		INSERT INTO audit (action, kind, object_id, name) SELECT 'login_network', 'user', id, login FROM account WHERE id = p_account;
	END IF;
END
$$;

-- What is over goes: sessions, networks nobody came from, technical accounts.
CREATE FUNCTION jqm.account_purge() RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	DELETE FROM account_session AS s WHERE NOT session_alive(s);
	DELETE FROM account_network WHERE last_login < now() - interval '30 days';
	DELETE FROM account WHERE internal AND NOT built_in AND expiration_date < now();
$$;

-- A new secret for a second factor; it replaces one that was not confirmed.  False: there is a confirmed one.
CREATE FUNCTION jqm.totp_enrol(p_account bigint, p_secret bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	INSERT INTO account_totp AS t (account_id, secret) VALUES (p_account, p_secret)
	ON CONFLICT (account_id) DO UPDATE SET secret = p_secret, last_step = 0 WHERE NOT t.confirmed;
	RETURN FOUND;
END
$$;
-- The code of that step was shown: the factor counts from now on, and who logged in without it elsewhere than in that
-- session has to log in again.  False: somebody was quicker, or there is none.
CREATE FUNCTION jqm.totp_confirm(p_account bigint, p_secret bytea, p_step bigint, p_recovery bytea[], p_session bigint)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	UPDATE account_totp SET confirmed = true, last_step = p_step, recovery = p_recovery
	 WHERE account_id = p_account AND secret = p_secret AND NOT confirmed;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	DELETE FROM account_session WHERE account_id = p_account AND id <> p_session;
	RETURN true;
END
$$;
/*
 * A code is about to be tried: 0, and the try counts until a right code comes; or the seconds to wait before the next,
 * from whatever address.  Who knows the password has ten tries, then one each half minute and ever fewer, down to one in a
 * quarter of an hour; a try is forgotten after six minutes.  Counted here, where no number of addresses pushes it out.
 */
CREATE FUNCTION jqm.totp_try(p_account bigint) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_tries int;
	v_since float8;
	v_wait  float8 := 0;
BEGIN
	SELECT tries, greatest(0, extract(epoch FROM now() - tried_at)) INTO v_tries, v_since
	  FROM account_totp WHERE account_id = p_account FOR UPDATE;
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	v_tries := greatest(0, v_tries - floor(v_since / 360)::int);
	IF v_tries >= 10 THEN
		v_wait := least(900, 30 * power(2, least(v_tries - 10, 10)));
	END IF;
	IF v_since < v_wait THEN
		RETURN ceil(v_wait - v_since);
	END IF;
	UPDATE account_totp SET tries = v_tries + 1, tried_at = now() WHERE account_id = p_account;
	RETURN 0;
END
$$;
-- Each code counts once: false for one that was used, or is older than one that was.
CREATE FUNCTION jqm.totp_use(p_account bigint, p_step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	UPDATE account_totp SET last_step = p_step, tries = 0
	 WHERE account_id = p_account AND confirmed AND last_step < p_step;
	RETURN FOUND;
END
$$;
CREATE FUNCTION jqm.totp_use_recovery(p_account bigint, p_hash bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	UPDATE account_totp SET recovery = array_remove(recovery, p_hash), tries = 0
	 WHERE account_id = p_account AND confirmed AND p_hash = ANY (recovery);
	RETURN FOUND;
END
$$;
CREATE FUNCTION jqm.totp_drop(p_account bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	DELETE FROM account_totp WHERE account_id = p_account;
	RETURN FOUND;
END
$$;

/*
 * On the server, by who owns the database (jqm user reset-password): root gets back what makes it root, of others
 * only the password changes and, if wanted, what keeps them out.  JQ404: no such account.
 */
CREATE FUNCTION jqm.account_reset_password(p_login text, p_hash text, p_unlock boolean, p_drop_factor boolean) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_root boolean := p_login = 'root';
	v_id   bigint;
BEGIN
	IF v_root THEN
		PERFORM ensure_defaults();
	END IF;
	UPDATE account SET password_hash = p_hash, locked = locked AND NOT (p_unlock OR v_root),
	       expiration_date = CASE WHEN NOT (p_unlock OR v_root) THEN expiration_date END
	 WHERE login = p_login RETURNING id INTO v_id;
	IF v_id IS NULL THEN
		PERFORM refuse('JQ404', format('there is no account "%s"', left(p_login, 100)));
	END IF;
	IF p_drop_factor THEN
		PERFORM totp_drop(v_id);
	END IF;
END
$$;

-- The way back for who turned off the API he would need to turn it on again (jqm db open-api).
CREATE FUNCTION jqm.open_api() RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	UPDATE global_parameter SET value = 'false'
	 WHERE key IN ('disableWsApi', 'disableWsApiSimple', 'disableWsApiClient', 'disableWsApiAdmin');
	UPDATE global_parameter SET value = 'true' WHERE key = 'enableWsApiAuth';
	UPDATE node SET load_api_simple = true, load_api_client = true, load_api_admin = true
	 WHERE NOT (load_api_simple AND load_api_client AND load_api_admin);
$$;

GRANT SELECT, DELETE ON jqm.account_session TO jqm_api;
GRANT UPDATE (last_seen_at) ON jqm.account_session TO jqm_api;
GRANT SELECT ON jqm.account_totp, jqm.account_network TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.session_alive, jqm.session_start, jqm.account_rehash, jqm.account_change_password,
    jqm.account_seen, jqm.totp_enrol, jqm.totp_confirm, jqm.totp_try, jqm.totp_use, jqm.totp_use_recovery,
    jqm.totp_drop TO jqm_api;
