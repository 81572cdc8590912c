-- SPDX-License-Identifier: Apache-2.0
-- A link that logs in once, made on the server by who owns the database (jqm up): its token's SHA-256 is here, the token nowhere.
-- As all tables whose names begin with account it is in no dump by jqm_backup.
SET LOCAL ROLE jqm_owner;

CREATE TABLE jqm.account_login_link (
	account_id bigint      PRIMARY KEY REFERENCES jqm.account (id) ON DELETE CASCADE, -- the newest is the only one
	version    bigint      NOT NULL, -- of the account: another password, lock or role, and the link is over
	token_hash bytea       NOT NULL UNIQUE CHECK (length(token_hash) = 32),
	ends_at    timestamptz NOT NULL
);
REVOKE ALL ON jqm.account_login_link FROM jqm_backup;

-- JQ404: no such account; JQ409: it may not log in.
CREATE FUNCTION jqm.login_link_make(p_login text, p_token_hash bytea, p_seconds int) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_account account;
BEGIN
	SELECT * INTO v_account FROM account WHERE login = p_login;
	IF NOT FOUND THEN
		PERFORM refuse('JQ404', format('there is no account "%s"', left(p_login, 100)));
	END IF;
	IF v_account.locked OR v_account.internal OR v_account.expiration_date <= now() THEN
		PERFORM refuse('JQ409', format('account "%s" may not log in', left(p_login, 100)));
	END IF;
	INSERT INTO account_login_link AS l (account_id, version, token_hash, ends_at)
	VALUES (v_account.id, v_account.version, p_token_hash, now() + p_seconds * interval '1 s')
	ON CONFLICT (account_id) DO UPDATE SET version = excluded.version, token_hash = excluded.token_hash, ends_at = excluded.ends_at;
END
$$;

-- Whose link that is, if it is good: it was good this once.  NULL: no such link, over, or used.
CREATE FUNCTION jqm.login_link_use(p_token_hash bytea) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH used AS (DELETE FROM account_login_link WHERE token_hash = p_token_hash RETURNING account_id, version, ends_at)
	SELECT u.account_id FROM used AS u JOIN account AS a ON a.id = u.account_id AND a.version = u.version
	 WHERE u.ends_at > now()
$$;

GRANT EXECUTE ON FUNCTION jqm.login_link_use TO jqm_api;
