-- SPDX-License-Identifier: Apache-2.0
-- Who may do what: accounts, roles, permissions ("object:verb", * accepted), secrets of the cluster.
SET LOCAL ROLE jqm_owner;

CREATE TABLE jqm.role (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text   NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
	description text   NOT NULL DEFAULT '' CHECK (length(description) <= 254),
	permissions text[] NOT NULL DEFAULT '{}',
	built_in    boolean NOT NULL DEFAULT false -- ours: neither renamed nor deleted
);

CREATE TABLE jqm.account (
	id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	login           text        NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 255),
	-- crypto/password_hash.h; NULL: this account cannot log in by password
	password_hash   text        CHECK (length(password_hash) <= 500),
	locked          boolean     NOT NULL DEFAULT false,
	expiration_date timestamptz,
	creation_date   timestamptz NOT NULL DEFAULT now(),
	last_modified   timestamptz NOT NULL DEFAULT now(),
	email           text        CHECK (length(email) <= 254),
	free_text       text        CHECK (length(free_text) <= 254),
	internal        boolean     NOT NULL DEFAULT false,
	built_in        boolean     NOT NULL DEFAULT false, -- ours: neither renamed nor deleted
	-- Counts the changes: a verified password is remembered under (login, version) only.
	version         bigint      NOT NULL DEFAULT 1,
	-- Counts these and all else that decides what it may do: its roles, what they permit, a second factor; and what
	-- queues and nodes are called.  Who remembers any of it asks whether this is still the same.
	stamp           bigint      NOT NULL DEFAULT 1
);

CREATE TABLE jqm.account_role (
	account_id bigint NOT NULL REFERENCES jqm.account (id) ON DELETE CASCADE,
	role_id    bigint NOT NULL REFERENCES jqm.role (id),
	PRIMARY KEY (account_id, role_id)
);
CREATE INDEX account_role_role ON jqm.account_role (role_id);

CREATE FUNCTION jqm.account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	v_stamped boolean := NEW.stamp <> OLD.stamp;
BEGIN
	NEW.stamp := OLD.stamp;
	-- stamp_accounts() changes nothing of the account itself.
	IF NOT v_stamped OR NEW IS DISTINCT FROM OLD THEN
		NEW.version := OLD.version + 1;
		NEW.last_modified := now();
	END IF;
	NEW.stamp := OLD.stamp + 1;
	RETURN NEW;
END
$$;
CREATE TRIGGER account_changed BEFORE UPDATE ON jqm.account
    FOR EACH ROW EXECUTE FUNCTION jqm.account_changed();

-- What these accounts may do is another thing from this transaction on.  By id: whoever else does so waits, no deadlock.
CREATE FUNCTION jqm.stamp_accounts(p_ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM FROM account WHERE id = ANY (p_ids) ORDER BY id FOR NO KEY UPDATE;
	UPDATE account SET stamp = stamp + 1 WHERE id = ANY (p_ids);
END
$$;

-- Of any table with a column account_id.
CREATE FUNCTION jqm.rights_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM stamp_accounts(CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.account_id] WHEN 'DELETE' THEN ARRAY[OLD.account_id]
	    ELSE ARRAY[OLD.account_id, NEW.account_id] END);
	RETURN NULL;
END
$$;
CREATE TRIGGER rights_changed AFTER INSERT OR UPDATE OR DELETE ON jqm.account_role
    FOR EACH ROW EXECUTE FUNCTION jqm.rights_changed();

/*
 * Who gets a role waits for who changes it, and the other way round.  Else each would miss the other: the change would not stamp
 * the account, which was remembered in between with what the role gave before.
 */
CREATE FUNCTION jqm.role_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM FROM role WHERE id = NEW.role_id FOR SHARE;
	RETURN NEW;
END
$$;
CREATE TRIGGER role_stays BEFORE INSERT OR UPDATE ON jqm.account_role FOR EACH ROW EXECUTE FUNCTION jqm.role_stays();

CREATE FUNCTION jqm.role_rights_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM stamp_accounts(ARRAY (SELECT account_id FROM account_role WHERE role_id = NEW.id));
	RETURN NULL;
END
$$;
CREATE TRIGGER role_rights_changed AFTER UPDATE ON jqm.role FOR EACH ROW
    WHEN (OLD.permissions IS DISTINCT FROM NEW.permissions) EXECUTE FUNCTION jqm.role_rights_changed();

-- Of what counts for every account; for those too that somebody makes at the same moment, who waits, or is waited for.
CREATE FUNCTION jqm.all_stamps_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('jqm.account'));
	PERFORM stamp_accounts(ARRAY (SELECT id FROM account));
	RETURN NULL;
END
$$;

CREATE FUNCTION jqm.account_begins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(hashtext('jqm.account'));
	RETURN NULL;
END
$$;
CREATE TRIGGER account_begins BEFORE INSERT ON jqm.account FOR EACH STATEMENT EXECUTE FUNCTION jqm.account_begins();

-- An account that goes takes along what counts for every account: that lock comes before the account's row, for whoever
-- holds it wants all rows.  So it is for each statement that will need it, and may hold a row before it knows.
CREATE FUNCTION jqm.all_stamps_will_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('jqm.account'));
	RETURN NULL;
END
$$;
CREATE TRIGGER account_ends BEFORE DELETE ON jqm.account FOR EACH STATEMENT EXECUTE FUNCTION jqm.all_stamps_will_change();

-- What queues and nodes are called does, for who remembers names beside accounts (store/current_names.h): the question about the
-- account is then the only one.
CREATE TRIGGER names_changed AFTER UPDATE OF name ON jqm.queue FOR EACH ROW
    WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION jqm.all_stamps_change();
CREATE TRIGGER names_changed AFTER UPDATE OF name ON jqm.node FOR EACH ROW
    WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION jqm.all_stamps_change();
CREATE TRIGGER names_deleted AFTER DELETE ON jqm.queue FOR EACH STATEMENT EXECUTE FUNCTION jqm.all_stamps_change();
CREATE TRIGGER names_deleted AFTER DELETE ON jqm.node FOR EACH STATEMENT EXECUTE FUNCTION jqm.all_stamps_change();

-- Who remembers an account asks with each transaction (fcgi/known_account.c); JQ412 ends it.
CREATE FUNCTION jqm.rights_are_others() RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the rights of this account have changed' USING ERRCODE = 'JQ412';
END
$$;

-- Keys the cluster makes for itself; readable by no program, only by functions of the owner.
CREATE TABLE jqm.cluster_secret (
	name  text  PRIMARY KEY,
	value bytea NOT NULL
);
INSERT INTO jqm.cluster_secret VALUES ('job_token',
    decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- The secret a job gets to speak with the web API as "job-<id>": derived, so it costs no row.
-- HMAC-SHA-256 (RFC 2104) by hand would need pgcrypto; the nested form below is safe for a key of
-- our own and a message that cannot be extended (RFC 6151 discusses why one pass is not).
CREATE FUNCTION jqm.job_token_by(p_key bytea, p_job_id bigint, p_attempt int) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN encode(sha256(p_key || sha256(p_key || convert_to(p_job_id || '.' || p_attempt, 'UTF8'))), 'hex');
END
$$;
CREATE FUNCTION jqm.job_token(p_job_id bigint, p_attempt int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN (SELECT job_token_by(s.value, p_job_id, p_attempt) FROM cluster_secret AS s WHERE s.name = 'job_token');
END
$$;
