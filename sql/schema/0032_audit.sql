-- SPDX-License-Identifier: Apache-2.0
-- The audit trail: who did what, when and from where, whatever door it came through (docs/audit.md).  Rows are only
-- added.  A runner seals them in batches, each with the one before it, by a key that is not in the database: so
-- that whoever owns the database cannot change, remove or reorder what was sealed without being found out.
SET LOCAL ROLE jqm_owner;

/*
 * The number of this transaction, which orders the trail: what is smaller than the oldest one that runs is final.
 * The shift is what after_restore() adds: a database out of a dump counts its transactions anew.
 */
CREATE FUNCTION jqm.audit_shift() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 0::bigint';
CREATE FUNCTION jqm.audit_tx() RETURNS bigint LANGUAGE sql AS
    'SELECT pg_current_xact_id()::text::bigint + jqm.audit_shift()';

/*
 * Who does it: account, credential, address, id of the request, program, parted by U+001F.  The web API says so of
 * its callers before each statement (shared/db/db.h); of any other session it is what the server knows of it.
 */
CREATE FUNCTION jqm.audit_actor() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN session_user = 'jqm_api' THEN coalesce(current_setting('jqm.actor', true), '')
	       ELSE concat_ws(chr(31), '', 'database', coalesce(host(inet_client_addr()), 'local'), '',
	           translate(left(current_setting('application_name'), 64), chr(31), '')) END
$$;

CREATE SEQUENCE jqm.audit_id AS bigint;

-- The columns stand in this order for a reason: a row's transaction has its number before the row has its own.
CREATE TABLE jqm.audit (
	tx        bigint      NOT NULL DEFAULT jqm.audit_tx(),
	id        bigint      NOT NULL DEFAULT nextval('jqm.audit_id'),
	at        timestamptz NOT NULL DEFAULT clock_timestamp(),
	action    text        NOT NULL, -- enqueue, kill, create, update, delete, login, ...
	kind      text        NOT NULL, -- of the object: job, or as in paths of the admin API
	object_id bigint,
	name      text,
	actor     text        NOT NULL DEFAULT jqm.audit_actor(),
	db_user   text        NOT NULL DEFAULT session_user,
	changes   jsonb -- [{"field": "enabled", "before": "true", "after": "false"}, ...]; all three, or null
) PARTITION BY RANGE (at);
CREATE INDEX audit_order ON jqm.audit (tx, id);

-- What came at a time for which nobody has made a partition.
CREATE TABLE jqm.audit_rest PARTITION OF jqm.audit DEFAULT;

/*
 * A batch of rows: those behind the batch before it, up to (to_tx, to_id).  digest is the SHA-256 of the SHA-256 of
 * its rows' lines (audit_line()), one behind the other by id.  mac is of all that and of the mac before it
 * (shared/model/audit_seal.h); NULL: not signed yet.  ids and marks (4 bytes of each row's) only help to say which
 * row of a batch is not what it was; next_tx, when it was sealed, helps to find rows by time.
 */
CREATE TABLE jqm.audit_seal (
	no        bigint      PRIMARY KEY,
	to_tx     bigint      NOT NULL,
	to_id     bigint      NOT NULL,
	rows      bigint      NOT NULL CHECK (rows > 0),
	digest    text        NOT NULL,
	sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	previous  text        NOT NULL, -- '' for the first
	key_id    text,
	mac       text,
	next_tx   bigint      NOT NULL,
	ids       int8multirange NOT NULL,
	marks     bytea       NOT NULL
);
CREATE INDEX audit_seal_time ON jqm.audit_seal (sealed_at);

-- Up to this seal rows have been purged, by somebody who has the key; its seal is the first that is left.
CREATE TABLE jqm.audit_floor (
	only_one  boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
	no        bigint      NOT NULL,
	seal_mac  text        NOT NULL,
	rows      bigint      NOT NULL, -- that have gone, in all
	purged_at timestamptz NOT NULL,
	key_id    text        NOT NULL,
	mac       text        NOT NULL
);

-- Nobody changes or removes rows, not even their owner by accident; purge_audit() is the one that may.
CREATE FUNCTION jqm.audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
BEGIN
	IF TG_OP = 'DELETE' AND current_setting('jqm.audit_purge', true) = 'on' THEN
		RETURN OLD;
	END IF;
	RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = '42501';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON jqm.audit
    FOR EACH ROW EXECUTE FUNCTION jqm.audit_is_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON jqm.audit
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.audit_is_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON jqm.audit_rest
    FOR EACH STATEMENT EXECUTE FUNCTION jqm.audit_is_append_only();

-- Attached, not created in place: that passes open readers and writers.  A week that has rows in audit_rest is left.
CREATE FUNCTION jqm.audit_week(p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
	v_from timestamptz := date_trunc('week', p_at);
	v_name text := 'audit_' || to_char(v_from, 'YYYYMMDD');
BEGIN
	IF to_regclass('jqm.' || v_name) IS NULL AND NOT EXISTS (
	    SELECT FROM audit_rest WHERE at >= v_from AND at < v_from + interval '7 days') THEN
		EXECUTE format('CREATE TABLE jqm.%I (LIKE jqm.audit INCLUDING ALL)', v_name);
		-- Triggers of rows come with the attachment, those of statements do not.
		EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON jqm.%I
		    FOR EACH STATEMENT EXECUTE FUNCTION jqm.audit_is_append_only()', v_name);
		EXECUTE format('ALTER TABLE jqm.audit ATTACH PARTITION jqm.%I FOR VALUES FROM (%L) TO (%L)', v_name, v_from,
		    v_from + interval '7 days');
	END IF;
END
$$;

-- This week and four more.  Called by upgrades and by runners that seal; nobody waits for it.
CREATE FUNCTION jqm.audit_extend() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	FOR v_week IN 0 .. 4 LOOP
		PERFORM audit_week(now() + v_week * interval '7 days');
	END LOOP;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
	NULL;
END
$$;
SELECT jqm.audit_extend();

-- ---- how a row reads ----

/*
 * The one form in which a row is sealed, listed and exported: a line of JSON.  What a column of a later release
 * holds must be left out where it is NULL: the lines of old rows stay what they were.
 */
CREATE FUNCTION jqm.audit_line(p jqm.audit) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT '{"id":' || p.id || ',"tx":' || p.tx
	    || ',"at":"' || to_char(p.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
	    || '","action":' || to_json(p.action) || ',"kind":' || to_json(p.kind)
	    || ',"object":' || coalesce(p.object_id::text, 'null') || ',"name":' || coalesce(to_json(p.name)::text, 'null')
	    || ',"account":' || coalesce(to_json(nullif(split_part(p.actor, chr(31), 1), ''))::text, 'null')
	    || ',"credential":' || coalesce(to_json(nullif(split_part(p.actor, chr(31), 2), ''))::text, 'null')
	    || ',"address":' || coalesce(to_json(nullif(split_part(p.actor, chr(31), 3), ''))::text, 'null')
	    || ',"request":' || coalesce(to_json(nullif(split_part(p.actor, chr(31), 4), ''))::text, 'null')
	    || ',"program":' || coalesce(to_json(nullif(split_part(p.actor, chr(31), 5), ''))::text, 'null')
	    || ',"databaseUser":' || to_json(p.db_user) || ',"changes":' || coalesce(p.changes::text, '[]') || '}'
$$;

/*
 * Rows by what they are, newest first: at most p_limit lines, of at most p_look rows that are looked at.  next: ask
 * for what is older than that row ("tx.id"); NULL: there is nothing more.  A NULL filter is none.
 */
CREATE FUNCTION jqm.audit_page(p_before text, p_from timestamptz, p_until timestamptz, p_account text, p_kind text,
	p_object bigint, p_action text, p_request text, p_limit int, p_look int, OUT lines text[], OUT next text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp SET jit = off SET enable_seqscan = off
SET enable_sort = off AS $$
DECLARE
	v         audit;
	v_from    jqm.audit_seal; -- no row of it or before it is as young as p_from
	v_tx      bigint := coalesce(split_part(p_before, '.', 1)::bigint, 9223372036854775807);
	v_id      bigint := coalesce(split_part(p_before, '.', 2)::bigint, 9223372036854775807);
	v_account text := p_account || chr(31);
	v_looked  int := 0;
	v_next    bigint;
BEGIN
	lines := '{}';
	SELECT * INTO v_from FROM audit_seal AS s WHERE s.sealed_at < p_from ORDER BY s.sealed_at DESC, s.no DESC LIMIT 1;
	-- Transactions numbered from there on began after p_until.
	SELECT s.next_tx INTO v_next FROM audit_seal AS s WHERE s.sealed_at > p_until ORDER BY s.sealed_at, s.no LIMIT 1;
	IF v_next <= v_tx THEN
		v_tx := v_next;
		v_id := 0;
	END IF;
	FOR v IN SELECT * FROM audit AS a WHERE (a.tx, a.id) < (v_tx, v_id)
	    AND (a.tx, a.id) > (coalesce(v_from.to_tx, 0), coalesce(v_from.to_id, 0)) ORDER BY a.tx DESC, a.id DESC LIMIT p_look + 1 LOOP
		v_looked := v_looked + 1;
		IF v_looked > p_look OR cardinality(lines) = p_limit THEN
			next := v_tx || '.' || v_id;
			RETURN;
		END IF;
		v_tx := v.tx;
		v_id := v.id;
		IF (p_from IS NULL OR v.at >= p_from) AND (p_until IS NULL OR v.at < p_until)
		   AND (p_account IS NULL OR starts_with(v.actor, v_account)) AND (p_kind IS NULL OR v.kind = p_kind)
		   AND (p_object IS NULL OR v.object_id = p_object) AND (p_action IS NULL OR v.action = p_action)
		   AND (p_request IS NULL OR split_part(v.actor, chr(31), 4) = p_request) THEN
			lines := lines || audit_line(v);
		END IF;
	END LOOP;
END
$$;

-- ---- writing ----

-- What is now of a field; what was is not told.
CREATE FUNCTION jqm.audit_change(p_field text, p_after text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT jsonb_build_object('field', p_field, 'before', NULL, 'after', p_after) $$;

-- A value as the trail shows it: at most 1,000 characters.
CREATE FUNCTION jqm.audit_text(p text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN length(p) > 1000 THEN left(p, 950) || format('... (%s characters)', length(p)) ELSE p END
$$;

-- At most 200 changes, 64 kB: what was changed is told in any case.
CREATE FUNCTION jqm.audit_fit(p jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = jqm, pg_temp AS $$
	SELECT CASE WHEN jsonb_array_length(p) <= 200 AND octet_length(p::text) <= 65536 THEN p
	       ELSE jsonb_build_array(audit_change('changes', jsonb_array_length(p)::text))
	         || coalesce((SELECT jsonb_agg(audit_change(e.c ->> 'field', NULL) ORDER BY e.n)
	              FROM jsonb_array_elements(p) WITH ORDINALITY AS e(c, n) WHERE e.n <= 200), '[]') END
$$;

/*
 * What the web API itself has to say: refusals, what was read, orders to many jobs.  p_pairs: field, value, field,
 * value, ...
 */
CREATE FUNCTION jqm.audit_note(p_action text, p_kind text, p_object bigint, p_name text, p_pairs text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	INSERT INTO audit (action, kind, object_id, name, changes)
	VALUES (left(p_action, 40), left(p_kind, 40), p_object, left(p_name, 300),
	    (SELECT audit_fit(jsonb_agg(audit_change(p_pairs[i], audit_text(p_pairs[i + 1])) ORDER BY i))
	       FROM generate_series(1, cardinality(p_pairs), 2) AS i))
$$;

-- A login that failed.  What is no login is not told: people type passwords there.
CREATE FUNCTION jqm.audit_login_failed(p_login text, p_why text, p_left_out bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	INSERT INTO audit (action, kind, object_id, name, changes)
	SELECT 'login_failed', 'user', a.id, coalesce(a.login, '(unknown)'),
	       jsonb_build_array(audit_change('reason', audit_text(p_why)))
	    || CASE WHEN p_left_out > 0 THEN jsonb_build_array(audit_change('left_out', p_left_out::text))
	            ELSE '[]' END
	  FROM (SELECT) AS one LEFT JOIN account AS a ON a.login = p_login
$$;

-- An order to one job, by the verbs of 0006, 0011, 0018.
CREATE FUNCTION jqm.audit_job(p_action text, p_id bigint, p_field text DEFAULT NULL, p_value text DEFAULT NULL) RETURNS void
LANGUAGE sql SET search_path = jqm, pg_temp AS $$
	INSERT INTO audit (action, kind, object_id, changes) VALUES (p_action, 'job', p_id,
	    CASE WHEN p_field IS NOT NULL THEN jsonb_build_array(audit_change(p_field, p_value)) END)
$$;

-- Columns whose values are nobody's business; besides, those whose names say so (is_secret_key()).
CREATE TABLE jqm.audit_secret (
	table_name  text NOT NULL,
	column_name text NOT NULL,
	PRIMARY KEY (table_name, column_name)
);
INSERT INTO jqm.audit_secret VALUES ('account', 'password_hash'), ('account_totp', 'secret'), ('account_totp', 'recovery'),
    ('cluster_secret', 'value'), ('pki_key', 'key');

-- A row with each member of a map as one of its own: {"parameters": {"a": "b"}} as {"parameters.a": "b"}.
CREATE FUNCTION jqm.audit_members(p jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = jqm, pg_temp AS $$
	SELECT CASE WHEN jsonb_typeof(p -> 'parameters') = 'object'
	       THEN p - 'parameters' || parameter_members(p -> 'parameters') ELSE p END
$$;

-- What differs between two rows of a table, without secrets: of these only that they were set or changed.
CREATE FUNCTION jqm.audit_changes(p_table text, p_old jsonb, p_new jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = jqm, pg_temp AS $$
DECLARE
	v_old    jsonb := audit_members(p_old);
	v_new    jsonb := audit_members(p_new);
	v_secret text[] := ARRAY (SELECT column_name FROM audit_secret WHERE table_name = p_table)
	    || CASE WHEN is_secret_key(coalesce(p_new ->> 'key', p_old ->> 'key', '')) THEN 'value' END;
BEGIN
	RETURN (SELECT jsonb_agg(jsonb_build_object('field', f.key,
	        'before', CASE WHEN f.secret AND f.old IS NOT NULL THEN '(not shown)' ELSE audit_text(f.old) END,
	        'after', CASE WHEN f.secret AND f.new IS NOT NULL THEN '(not shown)' ELSE audit_text(f.new) END) ORDER BY f.key)
	  FROM (SELECT key, o.value AS old, n.value AS new, coalesce(key = ANY (v_secret), false) OR is_secret_key(key)
	            -- as 0034 seals them; what was a text till it became a secret was that secret
	            OR coalesce(o.value LIKE '{"secret": "%' OR n.value LIKE '{"secret": "%', false) AS secret
	          FROM jsonb_each_text(coalesce(v_old, '{}')) AS o FULL JOIN jsonb_each_text(coalesce(v_new, '{}')) AS n USING (key)
	         WHERE o.value IS DISTINCT FROM n.value) AS f);
END
$$;

/*
 * Any change of configuration, by whatever door.  Arguments: kind, the column of its id, that of its name (or a
 * constant in quotes), columns that change by themselves (parted by commas).
 */
CREATE FUNCTION jqm.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_old     jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
	v_new     jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
	v_any     jsonb := coalesce(v_new, v_old);
	v_changes jsonb;
BEGIN
	-- The same password under another hash is no change.
	IF TG_TABLE_NAME = 'account' AND TG_OP = 'UPDATE' AND current_setting('jqm.same_password', true) = 'true' THEN
		v_old := v_old - 'password_hash';
		v_new := v_new - 'password_hash';
	END IF;
	v_changes := audit_changes(TG_TABLE_NAME, v_old - string_to_array(TG_ARGV[3], ','), v_new - string_to_array(TG_ARGV[3], ','));
	IF TG_OP <> 'UPDATE' OR v_changes IS NOT NULL THEN
		INSERT INTO audit (action, kind, object_id, name, changes)
		VALUES (CASE TG_OP WHEN 'INSERT' THEN 'create' ELSE lower(TG_OP) END, TG_ARGV[0], (v_any ->> TG_ARGV[1])::bigint,
		    v_any ->> TG_ARGV[2], audit_fit(v_changes));
	END IF;
	RETURN NULL;
END
$$;

CREATE FUNCTION jqm.audit_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	INSERT INTO audit (action, kind, name) VALUES ('truncate', TG_ARGV[0], TG_TABLE_NAME);
	RETURN NULL;
END
$$;

-- Hang both on a table.  What only a program changes (p_fleeting) fires nothing.  A later file that adds a column
-- calls this anew.
CREATE FUNCTION jqm.audit_table(p_table text, p_kind text, p_id text, p_name text, p_fleeting text DEFAULT '') RETURNS void
LANGUAGE plpgsql SET search_path = jqm, pg_temp AS $$
DECLARE
	v_columns text := (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
	    WHERE attrelid = format('jqm.%I', p_table)::regclass AND attnum > 0 AND NOT attisdropped
	      AND attname <> ALL (string_to_array(p_fleeting, ',')));
BEGIN
	EXECUTE format('CREATE OR REPLACE TRIGGER audit_row AFTER INSERT OR UPDATE OF %s OR DELETE ON jqm.%I FOR EACH ROW
	    EXECUTE FUNCTION jqm.audit_row(%L, %L, %L, %L)', v_columns, p_table, p_kind, p_id, p_name, p_fleeting);
	EXECUTE format('CREATE OR REPLACE TRIGGER audit_truncate AFTER TRUNCATE ON jqm.%I FOR EACH STATEMENT
	    EXECUTE FUNCTION jqm.audit_truncate(%L)', p_table, p_kind);
END
$$;
SELECT jqm.audit_table('global_parameter', 'prm', 'id', 'key', 'last_modified'),
       jqm.audit_table('queue', 'q', 'id', 'name', 'aged_at,name_id'),
       jqm.audit_table('node', 'node', 'id', 'name',
           'name_id,incarnation,instance_id,lease_ms,lease_until,lease_since,last_seen_alive'),
       jqm.audit_table('queue_mapping', 'qmapping', 'id', '', 'last_modified,last_polled'),
       jqm.audit_table('jndi_resource', 'jndi', 'id', 'name'),
       jqm.audit_table('execution_context', 'cl', 'id', 'name'),
       jqm.audit_table('job_def', 'jd', 'id', 'name', 'last_modified,snapshot_id,is_ordinary'), -- which the others say
       jqm.audit_table('schedule', 'schedule', 'id', 'cron_expression',
           'version,last_updated,next_fire_at,since,problem'),
       jqm.audit_table('concurrency_limit', 'concurrency', 'id', 'key', 'starts'),
       jqm.audit_table('account', 'user', 'id', 'login', 'version,stamp,last_modified'),
       jqm.audit_table('account_role', 'userrole', 'account_id', ''),
       jqm.audit_table('account_totp', 'totp', 'account_id', '', 'last_step,tries,tried_at'),
       jqm.audit_table('account_login_link', 'loginlink', 'account_id', ''),
       jqm.audit_table('role', 'role', 'id', 'name'),
       jqm.audit_table('certificate_mapping', 'certmapping', 'id', 'value'),
       jqm.audit_table('certificate', 'certificate', 'id', 'name'),
       jqm.audit_table('pki_root', 'root', 'id', 'state', 'crl,crl_number,crl_until,crl_stale,certificate'),
       jqm.audit_table('pki_key', 'rootkey', 'root_id', ''),
       jqm.audit_table('cluster_secret', 'secret', '', 'name'),
       jqm.audit_table('schema_version', 'schema', 'version', 'name');

-- Links to files; one that has expired is removed by whoever comes next, which is nothing he did.
CREATE TRIGGER audit_made AFTER INSERT OR UPDATE ON jqm.file_link FOR EACH ROW
    EXECUTE FUNCTION jqm.audit_row('link', 'deliverable_id', '', '');
CREATE TRIGGER audit_revoked AFTER DELETE ON jqm.file_link FOR EACH ROW WHEN (OLD.expires_at > now())
    EXECUTE FUNCTION jqm.audit_row('link', 'deliverable_id', '', '');

-- A session that could have gone on ends: logged out, by whoever or whatever did it.
CREATE FUNCTION jqm.audit_logout() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
BEGIN
	IF session_alive(OLD) THEN
		INSERT INTO audit (action, kind, object_id, name)
		VALUES ('logout', 'user', OLD.account_id, (SELECT login FROM account WHERE id = OLD.account_id));
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER audit_logout AFTER DELETE ON jqm.account_session FOR EACH ROW EXECUTE FUNCTION jqm.audit_logout();

/*
 * Jobs that somebody changes past our functions, which no role of a program can: of rows that were there each, of
 * new ones that there were some.  Our own programs pay for the look at who they are, and no more.
 */
CREATE FUNCTION jqm.audit_direct() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_stack text;
BEGIN
	IF session_user IN ('jqm_api', 'jqm_runner', 'jqm_client', 'jqm_notifier') THEN
		RETURN NULL;
	END IF;
	GET DIAGNOSTICS v_stack = PG_CONTEXT;
	-- The first line is this function.
	IF v_stack ~ E'\n(PL/pgSQL|SQL) function (?!inline_code_block)' THEN
		RETURN NULL; -- one of our functions does it, and tells what it does
	END IF;
	INSERT INTO audit (action, kind, object_id, name, changes) VALUES (lower(TG_OP), 'job', OLD.id, TG_TABLE_NAME,
	    CASE WHEN TG_OP = 'UPDATE' THEN (SELECT audit_fit(jsonb_agg(audit_change(o.key, NULL) ORDER BY o.key))
	      FROM jsonb_each(to_jsonb(OLD)) AS o WHERE to_jsonb(NEW) -> o.key IS DISTINCT FROM o.value) END);
	RETURN NULL;
END
$$;

/*
 * Whose session it is asks the function, not a condition of the trigger: a condition is read, and made ready, anew for each
 * statement, which would be a twentieth of an enqueue.
 */
CREATE FUNCTION jqm.audit_direct_new() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	v_stack text;
BEGIN
	IF session_user NOT IN ('jqm_api', 'jqm_runner', 'jqm_client', 'jqm_notifier') THEN
		GET DIAGNOSTICS v_stack = PG_CONTEXT;
		IF v_stack !~ E'\n(PL/pgSQL|SQL) function (?!inline_code_block)' THEN
			INSERT INTO jqm.audit (action, kind, name) VALUES (lower(TG_OP), 'job', TG_TABLE_NAME);
		END IF;
	END IF;
	RETURN NULL;
END
$$;

/*
 * Conditions of triggers are read from their text by each statement, a tenth of a microsecond for each word of it; so that of
 * a live job's row lets through what the function then looks at.  A name compared with a text needs no conversion; what
 * programs other than the runner change (orders to jobs) is little.
 */
CREATE TRIGGER audit_direct AFTER UPDATE OR DELETE ON jqm.job_instance FOR EACH ROW
    WHEN (session_user <> 'jqm_runner') EXECUTE FUNCTION jqm.audit_direct();
CREATE TRIGGER audit_direct_new AFTER INSERT OR TRUNCATE ON jqm.job_instance FOR EACH STATEMENT
    EXECUTE FUNCTION jqm.audit_direct_new();
-- The programs' names in one constant, for names are long.
CREATE TRIGGER audit_direct AFTER UPDATE OR DELETE ON jqm.history FOR EACH ROW
    WHEN (session_user::text <> ALL ('{jqm_api,jqm_runner,jqm_client,jqm_notifier}'::text[]))
    EXECUTE FUNCTION jqm.audit_direct();
CREATE TRIGGER audit_direct_new AFTER TRUNCATE ON jqm.history FOR EACH STATEMENT
    EXECUTE FUNCTION jqm.audit_direct_new();
-- Each partition by itself, too; history_extend() does so with new ones.
DO $$
DECLARE
	v text;
BEGIN
	FOR v IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'jqm.history'::regclass LOOP
		EXECUTE format('CREATE TRIGGER audit_direct_new AFTER TRUNCATE ON %s FOR EACH STATEMENT
		    EXECUTE FUNCTION jqm.audit_direct_new()', v);
	END LOOP;
END
$$;

-- Tables whose triggers were taken off or turned off: what is done to them meanwhile leaves no row.
CREATE FUNCTION jqm.audit_blind() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT coalesce(array_agg(t.name ORDER BY t.name), '{}') FROM (VALUES ('global_parameter', 2), ('queue', 2), ('node', 2),
	    ('queue_mapping', 2), ('jndi_resource', 2), ('execution_context', 2), ('job_def', 2), ('schedule', 2),
	    ('concurrency_limit', 2), ('account', 2), ('account_role', 2), ('account_totp', 2), ('account_login_link', 2), ('role', 2),
	    ('certificate_mapping', 2), ('certificate', 2), ('pki_root', 2), ('pki_key', 2), ('cluster_secret', 2),
	    ('schema_version', 2), ('file_link', 2), ('account_session', 1), ('webhook', 2), ('job_instance', 2), ('history', 2),
	    ('audit', 2)) AS t(name, n)
	 WHERE (SELECT count(*) FROM pg_trigger AS g WHERE g.tgrelid = to_regclass('jqm.' || t.name) AND NOT g.tgisinternal
	           AND g.tgenabled = 'O' AND g.tgname ~ '^(audit_|append_only)') <> t.n
$$;
