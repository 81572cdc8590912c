-- SPDX-License-Identifier: Apache-2.0
-- The schema, the accounts of our programs, and the table that tells which files were applied.
-- Run by a superuser, or by jqm_owner on a server where an administrator made the roles before.
-- Every later file starts with SET LOCAL ROLE jqm_owner, so that no object belongs to a superuser.
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['jqm_owner', 'jqm_api', 'jqm_runner', 'jqm_notifier', 'jqm_events', 'jqm_client',
	    'jqm_backup'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I LOGIN', r);
		END IF;
	END LOOP;
	IF NOT has_database_privilege('jqm_owner', current_database(), 'CREATE') THEN
		EXECUTE format('GRANT CREATE ON DATABASE %I TO jqm_owner', current_database());
	END IF;
	-- For figures about other sessions: jqm.metrics() alone uses it.
	BEGIN
		GRANT pg_read_all_stats TO jqm_owner;
	EXCEPTION WHEN insufficient_privilege THEN
		RAISE NOTICE 'jqm_owner sees no other sessions: the age of the oldest snapshot is told in transactions only';
	END;
	-- Misestimated plans reach the threshold of the just-in-time compiler and only lose by it.
	FOREACH r IN ARRAY ARRAY['jqm_api', 'jqm_runner', 'jqm_notifier', 'jqm_events', 'jqm_client'] LOOP
		BEGIN
			EXECUTE format('ALTER ROLE %I SET jit = off', r);
			EXECUTE format('ALTER ROLE %I SET statement_timeout = ''30s''', r);
			EXECUTE format('ALTER ROLE %I SET lock_timeout = ''10s''', r);
			EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', r);
		EXCEPTION WHEN insufficient_privilege THEN
			RAISE NOTICE 'role % keeps its settings', r;
		END;
	END LOOP;
END
$$;

CREATE SCHEMA jqm AUTHORIZATION jqm_owner;

SET LOCAL ROLE jqm_owner;
REVOKE ALL ON SCHEMA jqm FROM PUBLIC;
GRANT USAGE ON SCHEMA jqm TO jqm_api, jqm_runner, jqm_notifier, jqm_events, jqm_client, jqm_backup;
-- A function may be called by those it is granted to, not by everybody.
ALTER DEFAULT PRIVILEGES IN SCHEMA jqm REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE jqm.schema_version (
	version    int         PRIMARY KEY,
	name       text        NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
);
