-- SPDX-License-Identifier: Apache-2.0
-- Who may do what: accounts, roles, permissions ("object:verb", * accepted), secrets of the cluster.
SET LOCAL ROLE jqm_owner;

CREATE TABLE jqm.role (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text   NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
	description text   NOT NULL DEFAULT '' CHECK (length(description) <= 254),
	permissions text[] NOT NULL DEFAULT '{}',
	built_in    boolean NOT NULL DEFAULT false -- ours: neither renamed nor deleted
);

CREATE TABLE jqm.account (
	id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	login           text        NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 100),
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
	version         bigint      NOT NULL DEFAULT 1
);

CREATE TABLE jqm.account_role (
	account_id bigint NOT NULL REFERENCES jqm.account (id) ON DELETE CASCADE,
	role_id    bigint NOT NULL REFERENCES jqm.role (id),
	PRIMARY KEY (account_id, role_id)
);
CREATE INDEX account_role_role ON jqm.account_role (role_id);

CREATE FUNCTION jqm.account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.version := OLD.version + 1;
	NEW.last_modified := now();
	RETURN NEW;
END
$$;
CREATE TRIGGER account_changed BEFORE UPDATE ON jqm.account
    FOR EACH ROW EXECUTE FUNCTION jqm.account_changed();

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
CREATE FUNCTION jqm.job_token(p_job_id bigint, p_attempt int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	RETURN (SELECT encode(sha256(s.value || sha256(s.value
	    || convert_to(p_job_id || '.' || p_attempt, 'UTF8'))), 'hex')
	  FROM cluster_secret AS s WHERE s.name = 'job_token');
END
$$;
