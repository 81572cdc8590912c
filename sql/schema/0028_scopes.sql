-- SPDX-License-Identifier: Apache-2.0
-- Limited permissions: which jobs, queues and definitions a caller may see or touch.  What a limit is, and how
-- it is compared: in_scope() (0006).  What it does to an enqueue is in enqueue(), to many jobs in do_to_all().
-- And links that open one file for whoever has them.
SET LOCAL ROLE jqm_owner;

-- Is there such a job, live or past, within the scope?  p_queue_id: and would it be if it were in that queue?
CREATE FUNCTION jqm.job_in_scope(p_id bigint, p_scope text[], p_queue_id bigint DEFAULT NULL) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT EXISTS (
		SELECT FROM (
			SELECT queue_name, definition_name, account FROM live_job WHERE id = p_id
			UNION ALL
			SELECT queue_name, definition_name, account FROM past_job WHERE id = p_id) AS j
		 WHERE in_scope(p_scope, j.queue_name, j.definition_name, j.account)
		   AND (p_queue_id IS NULL
		    OR queue_id_in_scope(p_scope, p_queue_id, j.definition_name, j.account)))
$$;

-- The same of a queue as a whole: it must be named.
CREATE FUNCTION jqm.queue_in_scope(p_queue_id bigint, p_scope text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT EXISTS (SELECT FROM queue WHERE id = p_queue_id AND in_scope(p_scope, name, NULL, NULL))
$$;

-- The ids in history's dictionaries that a scope means: 'q' for queues, 's' for definitions, 'u' for who
-- submitted.
CREATE FUNCTION jqm.scope_ids(p_scope text[]) RETURNS TABLE (kind "char", id int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT 'q', s.id FROM unnest(p_scope) AS l(text)
	  JOIN name_snapshot AS s ON s.kind = 'q' AND s.name = substr(l.text, 7) WHERE l.text LIKE 'queue=%'
	UNION ALL
	-- whatever it was called; the names of one account follow each other, from "12:" to below "12;"
	SELECT 'u', s.id FROM unnest(p_scope) AS l(text)
	  JOIN name_snapshot AS s ON s.kind = 'a' AND s.name >= substr(l.text, 5) || ':' AND s.name < substr(l.text, 5) || ';'
	 WHERE l.text LIKE 'own=%'
	UNION ALL
	SELECT 's', d.id FROM unnest(p_scope) AS l(text)
	  JOIN definition_snapshot AS d ON d.name = substr(l.text, 12) WHERE l.text LIKE 'definition=%'
$$;

GRANT EXECUTE ON FUNCTION jqm.in_scope, jqm.job_in_scope, jqm.queue_in_scope, jqm.scope_ids TO jqm_api;
GRANT EXECUTE ON FUNCTION jqm.in_scope, jqm.job_in_scope TO jqm_client;

-- ---- links to files ----

-- A link opens one file without an account until it expires, as long as its maker could open it.  No foreign
-- keys: a dump without accounts is to restore, and the end of a file or an account ends its links anyway.
CREATE TABLE jqm.file_link (
	id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	deliverable_id bigint      NOT NULL,
	account_id     bigint      NOT NULL, -- who made it
	created_at     timestamptz NOT NULL DEFAULT now(),
	expires_at     timestamptz NOT NULL
);
CREATE INDEX file_link_deliverable ON jqm.file_link (deliverable_id);
CREATE INDEX file_link_account ON jqm.file_link (account_id);
CREATE INDEX file_link_expires ON jqm.file_link (expires_at);
INSERT INTO jqm.cluster_secret VALUES ('file_link',
    decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- "<id>.<signature>": of all that the link says, by a key nobody reads (0003 says why twice).
CREATE FUNCTION jqm.file_link_token(p_link jqm.file_link) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT p_link.id || '.' || encode(sha256(s.value || sha256(s.value || convert_to(concat_ws('.', p_link.id,
	       p_link.deliverable_id, p_link.account_id, extract(epoch FROM p_link.expires_at)), 'UTF8'))), 'hex')
	  FROM cluster_secret AS s WHERE s.name = 'file_link'
$$;

-- Make one; the caller has seen that the account may read the file.  Takes some that are over along.
CREATE FUNCTION jqm.file_link_make(p_deliverable_id bigint, p_account_id bigint, p_seconds bigint)
RETURNS TABLE (token text, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
DECLARE
	v_link file_link;
BEGIN
	WITH old AS MATERIALIZED (
		SELECT l.id FROM file_link AS l WHERE l.expires_at <= now()
		 ORDER BY l.expires_at LIMIT 10 FOR UPDATE SKIP LOCKED
	)
	DELETE FROM file_link AS l USING old WHERE l.id = old.id;
	IF (SELECT count(*) FROM file_link AS l WHERE l.account_id = p_account_id) >= 10000 THEN
		PERFORM refuse('JQ409', 'you have 10000 links that have not expired: revoke some');
	END IF;
	INSERT INTO file_link AS l (deliverable_id, account_id, expires_at)
	VALUES (p_deliverable_id, p_account_id, date_trunc('second', now()) + p_seconds * interval '1 second')
	RETURNING * INTO v_link;
	RETURN QUERY SELECT file_link_token(v_link), v_link.expires_at;
END
$$;

-- What a link opens, and for whom: a row for each permission of its maker (NULL: none).  No row: it is none,
-- was revoked, has expired, or its maker cannot log in any more.  Hashes are compared: time tells nothing.
CREATE FUNCTION jqm.file_link_open(p_token text)
RETURNS TABLE (deliverable_id bigint, account_id bigint, login text, permission text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	SELECT l.deliverable_id, a.id, a.login, p.permission
	  FROM file_link AS l
	  JOIN account AS a ON a.id = l.account_id
	  LEFT JOIN LATERAL (SELECT DISTINCT unnest(r.permissions) AS permission
	      FROM account_role AS ar JOIN role AS r ON r.id = ar.role_id WHERE ar.account_id = a.id) AS p ON true
	 WHERE l.id = CASE WHEN p_token ~ '^[0-9]{1,18}[.][0-9a-f]{64}$' THEN split_part(p_token, '.', 1)::bigint END
	   AND sha256(convert_to(p_token, 'UTF8')) = sha256(convert_to(file_link_token(l), 'UTF8'))
	   AND l.expires_at > now() AND NOT a.locked AND (a.expiration_date IS NULL OR a.expiration_date > now())
$$;

-- Links to a file go: those the account made, or all of them (NULL).  How many.
CREATE FUNCTION jqm.file_link_revoke(p_deliverable_id bigint, p_account_id bigint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	WITH gone AS (
		DELETE FROM file_link WHERE deliverable_id = p_deliverable_id
		   AND (p_account_id IS NULL OR account_id = p_account_id) RETURNING 1
	)
	SELECT count(*) FROM gone
$$;

-- A new key: every link there is ends, at once.  For administrators, in psql.
CREATE FUNCTION jqm.file_link_revoke_all() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = jqm, pg_temp AS $$
	UPDATE cluster_secret SET value = decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
	 WHERE name = 'file_link';
	DELETE FROM file_link;
$$;

GRANT EXECUTE ON FUNCTION jqm.file_link_make, jqm.file_link_open, jqm.file_link_revoke TO jqm_api;
